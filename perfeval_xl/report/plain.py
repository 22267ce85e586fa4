"""Text from a checked file, made harmless for a terminal or a page."""

from __future__ import annotations

from perfeval_xl import patterns as re

#: C0 and C1 controls, and the marks that turn the writing direction round.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
LONGEST = 600


def harmless(text: str) -> str:
    """One line without control characters, cut where it is very long."""
    line = " ".join(_CONTROL.sub(" ", text).split())
    return line if len(line) <= LONGEST else line[:LONGEST] + "…"


def harmless_lines(text: str) -> str:
    """The same with its line breaks, and uncut: for a cell drawn as it stands."""
    return "\n".join(_CONTROL.sub(" ", line) for line in text.splitlines())
