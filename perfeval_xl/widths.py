"""How much room text takes where every column is as wide as the others: a Chinese character or sign takes two."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from . import patterns as re

#: What is never torn apart: a word, or one Chinese character, with the signs that must not end or begin a line.
_PIECE = re.compile(r"\s+|[“（《]*(?:[!-~]+|[^\s!-~])[，。；：、）”》…]*")


def columns(text: str) -> int:
    """The columns of a fixed-width font that ``text`` takes."""
    return len(text) if text.isascii() else sum(map(_column, text))


@lru_cache(maxsize=16_384)
def _column(sign: str) -> int:
    return 2 if unicodedata.east_asian_width(sign) in "WFA" else 1


def wrapped(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` columns, but for a word that is longer than that."""
    lines = [""]
    taken = 0
    for piece in _PIECE.findall(text):
        if lines[-1] and taken + columns(piece.rstrip()) > width:
            lines.append("")
            taken = 0
        added = piece if lines[-1] else piece.lstrip()
        lines[-1] += added
        taken += columns(added)
    return [line.rstrip() for line in lines]
