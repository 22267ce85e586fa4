"""Findings shown in a copy of a document, and taken off again."""
