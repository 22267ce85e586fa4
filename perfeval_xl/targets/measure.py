"""Reads one side of an indicator: 年度指标值 or 实际完成值 as a quantity, a date, or words.

One small tokenizer over the tables; linear in the text's length and silent on anything it does not know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from ..text import clean, is_dash, with_plain_signs, without_notes
from . import tables
from .tables import Direction

Kind = Literal["number", "range", "date", "words", "reference", "unknown", "blank"]

#: A longer text is prose; only its beginning is kept.
LONGEST = 120
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_RANGE = re.compile(r"(?:-|~|—|–|－|至|到)(?=\d)")
_DIGIT = re.compile(r"\d")
_DATE_PART = r"(?:(20\d\d)年)?(?:(\d{1,2})月)?(?:份)?(?:(\d{1,2})[日号])?"
_DATE = re.compile(
    rf"(?:{_DATE_PART}(?:-|~|—|–|至|到)+)?{_DATE_PART}(?:全年|年度)?(上旬|中旬|下旬)?(底|末|初)?"
    r"(?:前|之前|以前|内|之内|以内|期间)?(?:已|全部|按时|按期|按|如期)?(?:完成|支付|到位|完工|结束|竣工|发放|执行|交付|前)?(?:完成|到位|完毕)?"
)
_NUMERIC_DATE = re.compile(r"(20\d\d)[-./](\d{1,2})(?:[-./](\d{1,2}))?(?:前|之前|以前)?(?:完成)?")
_YEAR_WORDS = re.compile(
    r"(?:本|当)?年(?:度)?(?:内|底|底前|末|末前|底之前)(?:前)?(?:完成|到位|支付)?|全年|当年|本年度"
)


@dataclass(frozen=True, slots=True)
class Measure:
    """One side of an indicator.

    ``value`` is as written (``high`` the upper end of a range), in ``multiplier`` × ``unit``; ``dimension`` is money,
    share, time, area …, ``count`` for things counted, ``per:…`` for compound units, None for a bare number.
    ``date`` is (year, month, day) of the latest day meant, 0 where not said. ``explicit`` says that the direction
    was written, not concluded.
    """

    kind: Kind
    text: str
    value: Decimal | None = None
    high: Decimal | None = None
    decimals: int = 0
    unit: str = ""
    multiplier: int = 1
    dimension: str | None = None
    size: Decimal = Decimal(1)
    direction: Direction | None = None
    explicit: bool = False
    date: tuple[int, int, int] | None = None

    @property
    def base(self) -> Decimal:
        """The value in the base unit of its dimension."""
        return (self.value or Decimal(0)) * self.size


@lru_cache(maxsize=4096)
def read(text: str) -> Measure:
    """The measure a text states; ``unknown`` where it holds figures but is not understood."""
    cleaned = with_plain_signs(clean(text[: 4 * LONGEST])).rstrip("。;；,，.")
    if not cleaned or (is_dash(cleaned) and cleaned != "无"):
        return Measure("blank", cleaned)
    if len(cleaned) > LONGEST:
        return Measure("unknown" if _DIGIT.search(cleaned) else "words", cleaned[:LONGEST])
    if not _DIGIT.search(cleaned):
        return _words(cleaned)
    date = _date(cleaned)
    if date is not None:
        return Measure("date", cleaned, date=date, direction="ceiling", explicit=True)
    return _quantity(cleaned) or Measure("unknown", cleaned)


def _words(text: str) -> Measure:
    if _YEAR_WORDS.fullmatch(text):
        return Measure("date", text, date=(0, 12, 31), direction="ceiling", explicit=True)
    if any(word in text for word in tables.REFERENCE) and any(word in text for word in tables.REFERRED):
        return Measure("reference", text, direction="ceiling", explicit=True)
    return Measure("words", text)


def _date(text: str) -> tuple[int, int, int] | None:
    """The latest day a date or deadline means; None if the text is no date ("12个月", "2年" are durations)."""
    numeric = _NUMERIC_DATE.fullmatch(text)
    if numeric is not None:
        return int(numeric[1]), int(numeric[2]), int(numeric[3] or 31)
    bare = text
    for sign, _ in tables.SIGNS_BEFORE:
        if bare.startswith(sign):
            bare = bare[len(sign) :]
            break
    match = _DATE.fullmatch(bare)
    if match is None:
        return None
    year, month, day = match[4] or match[1], match[5], match[6]
    if year is None and day is None and not (month and re.search(r"\d月", bare)):
        return None
    if month is not None and not 1 <= int(month) <= 12:
        return None
    if year is None and month is not None and day is None and bare.endswith("月"):
        return 0, int(month), 31
    latest = {"上旬": 10, "中旬": 20}.get(match[7] or "", 31)
    return int(year or 0), int(month or 12), int(day or latest)


def _quantity(text: str) -> Measure | None:
    """[sign] number [to number] [multiplier] [unit] [sign behind]."""
    rest, direction = _sign_before(without_notes(text) or text)
    first = _NUMBER.match(rest)
    if first is None:
        return None
    value, rest = _decimal(first[0]), rest[first.end() :]
    high = None
    between = _RANGE.match(rest)
    if rest[:1] in ("%", "‰") and (ahead := _RANGE.match(rest[1:])) is not None:
        rest, between = rest[1:], ahead
    if between is not None:
        second = _NUMBER.match(rest, between.end())
        if second is None:
            return None
        high, rest = _decimal(second[0]), rest[second.end() :]
    unit, behind = _sign_behind(rest)
    if _DIGIT.search(unit) and not any(unit in units for units in tables.UNITS.values()):
        return None
    found = _unit(unit)
    if found is None:
        return None
    name, multiplier, dimension, size = found
    direction = direction or behind
    return Measure(
        "number" if high is None else "range",
        text,
        value=value,
        high=high,
        decimals=len(first[0].partition(".")[2]),
        unit=name,
        multiplier=multiplier,
        dimension=dimension,
        size=size,
        direction=None if direction == "equal" else direction,
        explicit=direction in ("floor", "ceiling"),
    )


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _sign_before(text: str) -> tuple[str, Direction | None]:
    for sign, direction in tables.SIGNS_BEFORE:
        if text.startswith(sign):
            return text[len(sign) :], direction
    return text, None


def _sign_behind(text: str) -> tuple[str, Direction | None]:
    direction: Direction | None = None
    for tail in tables.TAILS:
        if text.endswith(tail) and text != tail:
            text = text[: -len(tail)]
            break
    for sign, meant in tables.SIGNS_AFTER:
        if text.endswith(sign):
            text, direction = text[: -len(sign)], meant
            break
    return text, direction


def _unit(text: str) -> tuple[str, int, str | None, Decimal] | None:
    """Unit, multiplier, dimension and size in the dimension's base unit; None if the text is no unit."""
    if not text:
        return "", 1, None, Decimal(1)
    for dimension, units in tables.UNITS.items():
        if text in units:
            multiplier = int(units[text]) if dimension == "money" else 1
            return ("%" if text == "百分比" else text), multiplier, dimension, units[text]
    multiplier = tables.MULTIPLIERS.get(text[0], 1)
    rest = text[1:] if multiplier > 1 else text
    if not rest:
        return "", multiplier, None, Decimal(multiplier)
    if multiplier > 1 and (known := _unit(rest)) is not None:
        return known[0], multiplier, known[2], known[3] * multiplier
    if "/" in rest or "每" in rest:
        return rest, multiplier, "per:" + rest.replace("每", "/"), Decimal(multiplier)
    if len(rest) > tables.LONGEST_COUNT_UNIT or any(mark in rest for mark in "、,，;；和:"):
        return None
    return rest, multiplier, "count", Decimal(multiplier)
