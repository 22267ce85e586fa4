"""Corrections written into a copy, and the log they are taken back from."""
