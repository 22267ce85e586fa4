"""Text from a checked file, made harmless for a terminal or a page."""

from __future__ import annotations

import os
import sys
import unicodedata
from typing import Any

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


#: What a Chinese console (GBK, code page 936) has for signs it lacks. Else the form that Unicode holds for compatible is
#: tried: ｡ is 。, ⁄ is /, ³ is 3.
_STANDS_FOR = {
    "−": "-", "‑": "-", "¥": "￥", "•": "·", "・": "·", "⩾": "≥", "⩽": "≤", "≦": "≤", "≧": "≥",
    "✖": "×", "✗": "×", "☒": "×", "✔": "√", "✓": "√", "☑": "√", "↔": "→", "\xa0": " ", "▪": "■", "▸": "→", "▾": "▼", "❖": "◆", "➢": "→", "∇": "▽",
    "„": "“", "⁄": "/",
}  # fmt: skip


def shown_on(stream: Any, text: str) -> str:
    """The text as a stream can show it: the nearest sign for one it lacks, ``?`` only where it could not be written at all."""
    shows, takes = encoding_of(stream), stream.encoding or "utf-8"
    if _fits(text, shows):
        return text
    return "".join(_nearest(letter, shows, takes) for letter in text)


def _nearest(letter: str, shows: str, takes: str) -> str:
    alike = (letter, _STANDS_FOR.get(letter, letter), unicodedata.normalize("NFKC", letter))
    found = next((candidate for candidate in alike if _fits(candidate, shows)), letter)
    return found if _fits(found, takes) else "?"


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def encoding_of(stream: Any) -> str:
    """Whose characters a stream can show: its own encoding's; of Windows' old console, which takes any text and draws a box for
    what its Chinese font lacks, those of the Chinese code page."""
    encoding: str = getattr(stream, "encoding", None) or "utf-8"
    if sys.platform == "win32" and stream.isatty() and not os.environ.get("WT_SESSION"):
        return encoding if encoding.lower() not in ("utf-8", "utf8") else "gbk"
    return encoding
