"""How much room text takes where every column is as wide as the others: a Chinese character or sign takes two."""

from __future__ import annotations

import unicodedata

from . import patterns as re

#: What is never torn apart: a word, or one Chinese character, with the signs that must not end or begin a line.
_PIECE = re.compile(r"\s+|[“（《]*(?:[!-~]+|[^\s!-~])[，。；：、）”》…]*")


def columns(text: str) -> int:
    """The columns of a fixed-width font that ``text`` takes."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


def wrapped(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` columns, but for a word that is longer than that."""
    lines = [""]
    for piece in _PIECE.findall(text):
        if lines[-1] and columns(lines[-1]) + columns(piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]
