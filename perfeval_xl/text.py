"""What clerks type, made comparable: cleaned text, labels without notes, figures with their units.

Everything here is pure, never raises on any text, and takes time linear in its length.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

_BLANKS = re.compile(r"[\s\u200b-\u200f\u2028-\u202f\u2060\ufeff\u00ad]+")
_NOTE = re.compile(r"\([^()]*\)")
_OPEN_NOTE = re.compile(r"\([^()]*$")
_DASHES = frozenset({"-", "—", "——", "--", "–", "/", "\\", "无", "―", "_", "・"})
#: Other ways to write the four signs, longest first.
_SIGNS = (
    (">=", "≥"), ("=>", "≥"), ("≧", "≥"), ("⩾", "≥"), ("<=", "≤"), ("=<", "≤"), ("≦", "≤"), ("⩽", "≤"),
    ("═", "="), ("﹥", ">"), ("﹤", "<"), ("≮", "≥"), ("≯", "≤"), ("＝", "="),
)  # fmt: skip
#: A figure is not longer than this; a longer text is prose.
_LONGEST_FIGURE = 48
_FIGURE = re.compile(
    r"(?P<minus>[-−])?¥?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)\.?(?P<unit>[^\d.,:;()<>≥≤=]{0,12})"
)
_MULTIPLIERS = {"万": 10_000, "亿": 100_000_000}


@lru_cache(maxsize=8192)
def _short_clean(text: str) -> str:
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text))


def clean(text: str) -> str:
    """NFKC without any white space, line breaks and zero-width characters."""
    return _short_clean(text) if len(text) <= 200 else _BLANKS.sub("", unicodedata.normalize("NFKC", text))


def label(text: str) -> str:
    """A label: cleaned, without colons at its end."""
    return clean(text).rstrip(":")


def without_notes(text: str) -> str:
    """A text without what stands in brackets, wherever it stands; an unclosed bracket runs to the end."""
    text = clean(text)
    for _ in range(4):  # brackets in labels are never nested deeper
        text = _NOTE.sub("", text)
    return _OPEN_NOTE.sub("", text)


def is_dash(text: str) -> bool:
    """A cell that says "nothing": —, /, 无."""
    return clean(text) in _DASHES


def with_plain_signs(text: str) -> str:
    """The text with every way of writing ≥ ≤ = > < as that one character."""
    for written, sign in _SIGNS:
        text = text.replace(written, sign)
    return text


@dataclass(frozen=True, slots=True)
class Number:
    """A figure as typed: ``value`` as written with ``decimals`` decimals, the unit behind it, and whether that is %.

    ``multiplier`` is 10 000 for 万, 100 000 000 for 亿 in front of the unit; ``value`` does not contain it.
    """

    value: Decimal
    decimals: int
    unit: str
    percent: bool
    multiplier: int


def read_number(text: str) -> Number | None:
    """The figure a cell holds and nothing else, with its unit: "1,034.36", "３５００人", "2.38 万元", "102.59%".

    None for everything else: prose, signs ("≥100"), dashes, two figures.
    """
    if len(text) > 4 * _LONGEST_FIGURE:
        return None
    cleaned = clean(text)
    negative = False
    if (
        cleaned.startswith("(")
        and cleaned.endswith(")")
        and cleaned[1:-1].replace(".", "").replace(",", "").isdigit()
    ):
        cleaned, negative = cleaned[1:-1], True
    if not cleaned or len(cleaned) > _LONGEST_FIGURE:
        return None
    match = _FIGURE.fullmatch(cleaned)
    if match is None or not match["digits"].isascii():
        return None
    digits = match["digits"].replace(",", "")
    value = Decimal(digits)
    unit = match["unit"]
    multiplier = _MULTIPLIERS.get(unit[:1], 1)
    return Number(
        value=-value if negative or match["minus"] else value,
        decimals=len(digits.partition(".")[2]),
        unit=unit,
        percent=unit in ("%", "百分比"),
        multiplier=multiplier,
    )
