"""Reads one side of an indicator: 年度指标值 or 实际完成值 as a quantity, a date, or words.

A quantity is read from the front (said how, changed how, sign, figure, upper figure), then from the back (what was
done, sign), and what is left must be a unit of the tables; a date likewise. Nothing is guessed: a text with
figures that is neither is ``unknown``. Long texts are prose and only their beginning is looked at, so that the
time is linear in the text's length.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Literal

from perfeval_xl import patterns as re
from perfeval_xl.text import clean, confirmed, is_dash, is_no_answer, with_plain_signs, without_notes

from . import tables
from .tables import Direction, Growth

Kind = Literal["number", "range", "date", "words", "degree", "yes_no", "reference", "unknown", "blank"]
#: Kinds that are a quantity, and kinds that are words.
QUANTITIES = frozenset({"number", "range"})
WORDY = frozenset({"words", "degree", "yes_no"})

#: A longer text is prose; only its beginning is kept.
LONGEST = 120

Day = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Measure:
    """One side of an indicator.

    ``value`` is as written (``high`` the upper end of a range) with ``decimals`` decimals, in ``multiplier`` ×
    ``unit``; ``size`` turns it into the base unit of its ``dimension``: money, share, time, area …, ``count`` for
    things counted, None for a bare number. ``per`` holds the denominators of a compound unit ("人·月").
    ``direction`` is what was written, ``explicit`` whether something was. ``about`` says 左右 or 约, ``growth`` that
    the figure is a change. A date means a day from ``since`` to ``date``, each (year, month, day) with 0 for a year
    that is not said; ``closing`` says that it was written as a last day ("12月31日前").
    """

    kind: Kind
    text: str
    value: Decimal | None = None
    high: Decimal | None = None
    decimals: int = 0
    unit: str = ""
    multiplier: int = 1
    dimension: str | None = None
    per: str = ""
    size: Decimal = Decimal(1)
    direction: Direction | None = None
    explicit: bool = False
    strict: bool = False
    about: bool = False
    growth: Growth | None = None
    since: Day | None = None
    date: Day | None = None
    closing: bool = False

    @property
    def base(self) -> Decimal:
        """The value in the base unit of its dimension."""
        return (self.value or Decimal(0)) * self.size

    @property
    def top(self) -> Decimal:
        """The upper end of a range, else the value, in the base unit."""
        return (self.value or Decimal(0) if self.high is None else self.high) * self.size

    @property
    def quantum(self) -> Decimal:
        """One unit of the last decimal written, in the base unit."""
        return self.size.scaleb(-self.decimals)


def read(text: str) -> Measure:
    """The measure a text states; ``unknown`` where it holds figures but is not understood. Never raises."""
    text = confirmed(text)
    return _read(text if len(text) <= 4 * LONGEST else clean(text)[: LONGEST + 1])


@lru_cache(maxsize=4096)
def _read(text: str) -> Measure:
    cleaned = with_plain_signs(clean(text)).rstrip("。;,.、")
    if not cleaned or (is_dash(cleaned) and cleaned != "无") or is_no_answer(cleaned):
        return Measure("blank", cleaned)
    figures = _DIGIT.search(cleaned) is not None
    if len(cleaned) > LONGEST:
        return Measure("unknown" if figures else "words", cleaned[:LONGEST])
    plain = _spelt_out(cleaned) if figures else _with_digits(cleaned)
    if plain is not None:
        found = _date(plain) or _quantity(plain, known_units_only=not figures)
        if found is not None and "±" in cleaned and found.kind == "range":
            return replace(found, text=cleaned, direction="equal", explicit=True)
        if found is not None:
            return found if found.text == cleaned else replace(found, text=cleaned)
    return Measure("unknown", cleaned) if figures else _words(cleaned)


# -- words ----------------------------------------------------------------------------------------------------


def _words(text: str) -> Measure:
    date = _date(text)
    if date is not None:
        return date
    if any(word in text for word in tables.REFERENCE) and any(word in text for word in tables.REFERRED):
        return Measure("reference", text, direction="ceiling", explicit=True)
    if text.startswith(tables.FLOOR_REFERENCE) and any(word in text for word in tables.REFERRED):
        return Measure("reference", text, direction="floor", explicit=True)
    if text.endswith(tables.LEVELS):
        return Measure("reference", text)
    return Measure(_kind_of(text), text)


def _kind_of(text: str) -> Kind:
    if (
        text in tables.ON_TIME
        or text in tables.DONE
        or text in tables.NOT_DONE
        or says_nothing_happened(text)
    ):
        return "yes_no"
    if text in _GRADE_WORDS or text.startswith(tables.PARTLY_DONE):
        return "degree"
    return "words"


def denies(text: str) -> bool:
    """尚未开展, 未有效提升, 提升不明显: that something was not done, or had no effect to speak of."""
    return (
        (_DENIAL.match(text) is not None and not text.endswith("率"))
        or text.endswith(tables.WITHOUT_EFFECT)
        or text.startswith(tables.GOES_ON)
    )


@lru_cache(maxsize=1024)
def degree(text: str) -> str:
    """The core of a stated degree of achievement, without what official wordings hang on it."""
    rest = clean(text)
    for word in _FILLERS:
        rest = rest.replace(word, "")
    return rest or clean(text)


def says_nothing_happened(text: str) -> bool:
    """零事故, 无投诉, 未发生, 无: that none of it happened."""
    if text in tables.NOTHING:
        return True
    return text.startswith(tables.NOTHING_BEGINS) and any(word in text for word in tables.HAPPENINGS)


# -- scanning -------------------------------------------------------------------------------------------------


def _any(words: Iterable[str]) -> str:
    """A pattern for one of some words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


_DIGIT = re.compile(r"\d")
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_DASH = r"(?:--?|~|—+|–|－|至|到)"
_FILLERS = sorted(tables.DEGREE_FILLERS, key=len, reverse=True)
_DENIAL = re.compile(
    rf"(?:截至目前|目前|至今)?,?(?:{_any(tables.DENIALS)})(?:{_any(tables.DENIED_HOW)})*(?:{_any(tables.DENIED_DEEDS)})"
)
_GRADE_WORDS = frozenset(word for scale in tables.GRADES for rank in scale for word in rank)
_BEFORE: Mapping[str, Direction] = {**tables.SIGNS_BEFORE, **tables.WEAK_SIGNS}

#: [name] [said how] [per what] [compared] [changed] [signs] figure [% or unit to figure]; the rest is read from its end.
_FRONT = re.compile(
    rf"(?P<named>(?:[\u4e00-\u9fff]{{0,10}}(?:率|度|人数|数量|面积|金额)|[\u4e00-\u9fff]{{2,12}}(?=[≥≤<>=]))?)"
    rf"(?:{_any(tables.LEADS)})*"
    rf"(?P<per>(?:每(?:{_any(tables.PER)}))*)"
    rf"(?:{_any(tables.COMPARED)})?(?:{_any(tables.LEADS)})?"
    rf"(?P<growth>(?:{_any(tables.GROWTH)})?)(?P<level>(?:到|至)?)"
    rf"(?P<signs>(?:{_any(_BEFORE)}){{0,3}})(?:{_any(tables.LEADS)})*"
    rf"(?P<points>(?:百分之)?)(?P<value>[-−+]?(?:{_NUMBER}))"
    rf"(?:(?P<first>[^\d,;:()]{{0,5}}?){_DASH}(?P<high>{_NUMBER}))?"
)
#: A name in front of the figure ("群众满意度≥95%") must not hold what belongs to the figure.
_NOT_IN_NAMES = (*tables.GROWTH, *(sign for sign in _BEFORE if len(sign) > 1), "每", "未", "其中")
_SIGN = re.compile(_any(_BEFORE))
_DENOMINATORS = re.compile(r"[/每·*、.]+")


def _ends(text: str, endings: tuple[str, ...]) -> str | None:
    """The first of some endings, longest first, that a text has in front of which something stands."""
    if not text.endswith(endings):
        return None
    return next(ending for ending in endings if text.endswith(ending))


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


_COUNTS = frozenset(tables.COUNTS)
_MEASURED = _longest_first(unit for units in tables.UNITS.values() for unit in units)
_TAILS = _longest_first(tables.TAILS)
_AFTER = _longest_first(tables.SIGNS_AFTER)


# -- quantities -----------------------------------------------------------------------------------------------


def _quantity(text: str, *, known_units_only: bool = False) -> Measure | None:
    """A single figure or range with its signs and unit; None if the text is anything else."""
    text_read, excluded = _without_exclusion(text)
    bare = (without_notes(text_read) or text_read) if "(" in text_read else text_read
    front = _FRONT.match(bare)
    if front is None:
        return None
    if any(word in front["named"] for word in _NOT_IN_NAMES):
        return None
    unit, behind = _peeled(bare[front.end() :])
    first = front["first"] or ""
    if front["high"] is not None and first and first != unit and not unit.startswith(first):
        return None
    signs = _SIGN.findall(front["signs"])
    direction = _written_direction(signs, behind)
    if direction == "conflict":
        return None
    if front["points"]:
        unit = "%" + unit
    found = _unit(unit, _per(front["per"]), known_units_only)
    if found is None:
        return None
    value, decimals, negative = _decimal(front["value"])
    return replace(
        found,
        kind="number" if front["high"] is None else "range",
        text=text,
        value=-value if negative else value,
        high=None if front["high"] is None else _decimal(front["high"])[0],
        decimals=decimals,
        direction=direction,
        explicit=direction is not None,
        strict=excluded or (bool(signs) and signs[0] in tables.STRICT),
        about=any(sign in tables.ABOUT for sign in (*signs, *behind)),
        growth=None if front["level"] else tables.GROWTH.get(front["growth"]),  # 提高到90% is a level
    )


#: 80%以上(不含80%), 5人以下(不含本数): the figure itself is excluded. 不含税 says something else.
_EXCLUDED = re.compile(r"[,;]?\(?不(?:含|包括|包含)(?:本数|\d+(?:\.\d+)?[^\d()]{0,4}|(?=\)))\)?$")


def _without_exclusion(text: str) -> tuple[str, bool]:
    """A text without the words that exclude the figure itself, and whether it had them."""
    found = _EXCLUDED.search(text)
    return (text, False) if found is None or found.start() == 0 else (text[: found.start()], True)


#: What a spreadsheet keeps; a longer fraction is noise of binary arithmetic (207.36000000000001).
_STORED = Context(prec=15, rounding=ROUND_HALF_UP)


def _decimal(text: str) -> tuple[Decimal, int, bool]:
    """The absolute value of a figure, its decimals as written, and whether it is negative."""
    digits = text.replace(",", "").lstrip("-−+")
    value, decimals = Decimal(digits), len(digits.partition(".")[2])
    if decimals and len(digits) > _STORED.prec + 1:
        value = Decimal(f"{_STORED.plus(value).normalize(_STORED):f}")
        decimals = max(0, -int(value.as_tuple().exponent))
    return value, decimals, text[0] in "-−"


def _peeled(rest: str) -> tuple[str, list[str]]:
    """The unit, and the signs that stood behind it, without the words that change nothing."""
    behind: list[str] = []
    for _ in range(4):
        if (tail := _ends(rest, _TAILS)) is not None:
            rest = rest[: -len(tail)]
        elif (sign := _ends(rest, _AFTER)) is not None:
            rest = rest[: -len(sign)]
            behind.append(sign)
        else:
            break
    return rest.strip(",;"), behind


def _written_direction(signs: list[str], behind: list[str]) -> Direction | Literal["conflict"] | None:
    """The direction that signs in front and behind say together; the weak ones (达到, 控制在) give way."""
    strong = {tables.SIGNS_BEFORE[sign] for sign in signs if sign in tables.SIGNS_BEFORE}
    strong |= {tables.SIGNS_AFTER[sign] for sign in behind}
    said = strong - {"equal"} or {tables.WEAK_SIGNS[sign] for sign in signs if sign in tables.WEAK_SIGNS} - {
        "equal"
    }
    if len(said) > 1:
        return "conflict"
    return next(iter(said), None)


def _per(text: str) -> tuple[str, ...]:
    """The denominators in front of a figure: 每人每月."""
    return tuple(part for part in text.split("每") if part)


@lru_cache(maxsize=2048)
def _unit(text: str, per: tuple[str, ...], known_units_only: bool) -> Measure | None:
    """Unit, multiplier, dimension and size as a measure without a value; None if the text is no unit."""
    if "/" in text or "每" in text:
        text, *below = _DENOMINATORS.split(text)
        per = (*per, *(part for part in below if part))
        if not all(map(_is_denominator, per)):
            return None
    simple = _simple_unit(text, known_units_only)
    if simple is None or not per:
        return simple
    return replace(simple, per="·".join(sorted({tables.PER_NAMES.get(part, part) for part in per})))


_MULTIPLE = re.compile(tables.MULTIPLE_OF_DENOMINATOR)


def _is_denominator(part: str) -> bool:
    multiple = _MULTIPLE.match(part)
    name = part[multiple.end() :] if multiple is not None else part
    return len(name or part) <= tables.LONGEST_DENOMINATOR and ((name or part).isalpha() or name == "m2")


def _simple_unit(text: str, known_units_only: bool) -> Measure | None:
    """A unit without denominators, with 万 or 亿 in front of it."""
    name = text.lower()
    for dimension, units in tables.UNITS.items():
        size = units.get(name)
        if size is not None:
            multiplier = int(size) if dimension == "money" else 1
            shown = "%" if text == "百分比" else text
            return Measure("number", "", unit=shown, multiplier=multiplier, dimension=dimension, size=size)
    for word, factor in tables.MULTIPLIERS.items():
        if name.startswith(word) and text[len(word) :] not in _NOT_MULTIPLIED:
            rest = _simple_unit(text[len(word) :], known_units_only)
            return None if rest is None else _multiplied(rest, factor)
    if not text:
        return None if known_units_only else Measure("number", "")
    if not _is_count(text, known_units_only):
        return None
    return Measure("number", "", unit=text, dimension="count")


#: 千 and 百 in front of these belong to the unit (千克 is in the tables; 百分 is not 100 points).
_NOT_MULTIPLIED = frozenset({"分", "分之"})


def _multiplied(rest: Measure, factor: int) -> Measure | None:
    if rest.multiplier > 1 and rest.dimension != "money":
        return None  # 万亿 and the like: not in these forms
    return replace(rest, multiplier=factor * rest.multiplier, size=rest.size * factor)


def _is_count(text: str, known_only: bool) -> bool:
    """A classifier, alone or with a noun; "元奖励" and "吨稻谷" are neither, and not guessed at."""
    if known_only or text in _COUNTS:
        return text in _COUNTS
    longest = tables.LONGEST_COUNTED if text.startswith(tables.COUNTS) else tables.LONGEST_COUNT_UNIT
    if len(text) > longest or (text.startswith(_MEASURED) and not text.startswith(tables.COUNTS)):
        return False
    return all("\u4e00" <= letter <= "\u9fff" or (letter.isascii() and letter.isalpha()) for letter in text)


# -- Chinese numerals -----------------------------------------------------------------------------------------

_NUMERAL = f"[{''.join(tables.CHINESE_DIGITS)}{''.join(tables.CHINESE_UNITS)}]+"
_CHINESE = re.compile(_NUMERAL)
_PER_CENT = re.compile(f"百分之({_NUMERAL})")


#: a±b, and a fraction with a sign or 以上 (without one, 2/3 may be a date).
_PLUS_MINUS = re.compile(r"(\d+(?:\.\d+)?)±(\d+(?:\.\d+)?)")
_FRACTION = re.compile(r"(?:(?<=[≥≤><=])(\d{1,3})/(\d{1,3})$|^(\d{1,3})/(\d{1,3})(?=以上|以下|以内))")
_PARTS_OF = re.compile(rf"(\d{{1,3}}|{_NUMERAL})分之(\d{{1,3}}|{_NUMERAL})")
_PRECISE = Context(prec=8)


def _spelt_out(text: str) -> str:
    """A text with 5±1 as 4-6 and a written fraction in per cent: ≥2/3 is ≥66.666667%."""
    around = _PLUS_MINUS.search(text)
    if around is not None:
        middle, width = Decimal(around[1]), Decimal(around[2])
        return text.replace(around[0], f"{middle - width}-{middle + width}", 1) if width <= middle else text
    found = _FRACTION.search(text)
    if found is not None:
        top, bottom = (found[1], found[2]) if found[1] is not None else (found[3], found[4])
        return _with_share(text, found[0], int(top), int(bottom))
    parts = _PARTS_OF.search(text)
    return text if parts is None else _with_parts(text, parts) or text


def _with_parts(text: str, parts: re.Match[str]) -> str | None:
    """三分之二 and 3分之2 in per cent; 百分之 is read elsewhere."""
    bottom, top = (int(part) if part.isdigit() else chinese_number(part) for part in parts.groups())
    return None if not bottom or top is None else _with_share(text, parts[0], top, bottom)


def _with_share(text: str, written: str, top: int, bottom: int) -> str:
    if not 0 < top <= bottom:
        return text
    share = _PRECISE.divide(Decimal(100 * top), Decimal(bottom))
    return text.replace(written, f"{share:f}%", 1)


def _with_digits(text: str) -> str | None:
    """A text without figures with its one Chinese numeral as figures (三百二十人 → 320人, 百分之九十 → 90%); None
    where there is none or several: 三区两通道 is a name."""
    share = _PER_CENT.search(text)
    if share is not None:
        value = chinese_number(share[1])
        return None if value is None else text.replace(share[0], f"{value}%", 1)
    parts = _PARTS_OF.search(text)
    if parts is not None:
        return _with_parts(text, parts)
    found = [] if text.startswith("十分") else _CHINESE.findall(text)
    value = chinese_number(found[0]) if len(found) == 1 else None
    return None if value is None else text.replace(found[0], str(value), 1)


def chinese_number(text: str) -> int | None:
    """三百二十 → 320, 十五 → 15, 二〇二三 → 2023; None for what is no numeral."""
    if all(letter in tables.CHINESE_DIGITS for letter in text):
        return (
            int("".join(str(tables.CHINESE_DIGITS[letter]) for letter in text)) if 0 < len(text) < 9 else None
        )
    total, digit, last = 0, 0, 10_000
    for letter in text:
        if letter in tables.CHINESE_DIGITS:
            digit = tables.CHINESE_DIGITS[letter]
            continue
        size = tables.CHINESE_UNITS.get(letter)
        if size is None or size >= last:
            return None
        total, digit, last = total + (digit or 1) * size, 0, size
    return total + digit


# -- dates ----------------------------------------------------------------------------------------------------

_DAY = r"(?:(?P<year>20\d\d)年度?)?(?:(?P<month>\d{1,2})月份?)?(?:(?P<day>\d{1,2})[日号])?"
#: The beginning of a span leaves out what its end says: 1-12月, 2023-2025年.
_FIRST_DAY = r"(?:(?P<year0>20\d\d)年?)?(?:(?P<month0>\d{1,2})月?份?)?(?:(?P<day0>\d{1,2})[日号])?"
_DATE = re.compile(
    rf"(?:{_any(tables.DATE_LEADS)})*"
    rf"(?:{_FIRST_DAY}(?P<dash>{_DASH}))?"
    rf"(?P<this>(?:{_any(tables.THIS_YEAR)})?)"
    rf"{_DAY}"
    rf"(?:第?(?P<part>{_any(tables.PARTS_OF_YEAR)}))?(?P<third>(?:{_any(tables.PARTS_OF_MONTH)})?)"
    rf"(?P<closing>(?:{_any(tables.CLOSING)})?)(?:{_any(tables.DATE_TAILS)})*(?P<late_closing>(?:{_any(tables.CLOSING)})?)"
)
_NUMERIC_DATE = re.compile(
    rf"(?:{_any(tables.DATE_LEADS)})*(?P<year>20\d\d)[-./](?P<month>\d{{1,2}})(?:[-./](?P<day>\d{{1,2}}))?"
    rf"(?P<closing>(?:{_any(tables.CLOSING)})?)(?:{_any(tables.DATE_TAILS)})*"
)


def _date(text: str) -> Measure | None:
    """A day, a month, a part of a year, or a deadline; None if the text is no date ("12个月", "2年" are durations)."""
    numeric = _NUMERIC_DATE.fullmatch(text)
    if numeric is not None and (numeric["day"] or "." not in text):  # 2045.12 is an amount
        month, day = int(numeric["month"]), int(numeric["day"] or 0)
        return _dated(
            text, int(numeric["year"]), (month, month), (day or 1, day or 31), bool(numeric["closing"])
        )
    found = _DATE.fullmatch(text)
    if found is None or not _says_a_date(found):
        return None
    year = int(found["year"] or found["year0"] or 0)
    months, days = _months(found), _days(found)
    if found["dash"]:
        months = (int(found["month0"] or 1), months[1])
        days = (int(found["day0"] or 1), days[1])
        if found["month"] is None and found["day"] is not None:
            months = (months[0], months[0])
    closing = bool(found["closing"] or found["late_closing"])
    return _dated(text, year, months, days, closing, since_year=int(found["year0"] or 0))


def _says_a_date(found: re.Match[str]) -> bool:
    """Whether enough of a date is there: a bare year, a month, a part of the year or "this year" with its end."""
    if found["dash"]:
        ends = found["month"] or (found["year"] and found["year0"]) or (found["day"] and found["day0"])
        return bool(ends) and bool(found["year0"] or found["month0"] or found["day0"])
    if found["year"] or found["month"] or found["part"]:
        return True
    if found["day"]:
        return False
    this, end = found["this"], found["third"] or found["closing"] or found["late_closing"]
    return bool(this) and (this != "年" or bool(end)) and (this != "年度" or bool(end))


def _months(found: re.Match[str]) -> tuple[int, int]:
    if found["month"]:
        month = int(found["month"])
        return month, month
    if found["part"]:
        return tables.PARTS_OF_YEAR[found["part"]]
    if found["third"] and not found["day"]:
        return {"初": (1, 3), "中": (5, 7)}.get(found["third"], (12, 12))
    return 1, 12


def _days(found: re.Match[str]) -> tuple[int, int]:
    if found["day"]:
        day = int(found["day"])
        return day, day
    if found["third"] and found["month"]:
        return tables.PARTS_OF_MONTH[found["third"]]
    return 1, 31


def _dated(
    text: str,
    year: int,
    months: tuple[int, int],
    days: tuple[int, int],
    closing: bool,
    *,
    since_year: int = 0,
) -> Measure | None:
    if not all(1 <= month <= 12 for month in months) or not all(1 <= day <= 31 for day in days):
        return None
    return Measure(
        "date",
        text,
        direction="ceiling",
        explicit=True,
        since=(since_year or year, months[0], days[0]),
        date=(year, months[1], days[1]),
        closing=closing,
    )
