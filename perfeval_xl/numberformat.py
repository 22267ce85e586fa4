"""What a sheet shows of a value under a number format, computed in ``Decimal``; and the one maker of cells.

A number format is parsed once into sections of tokens (cached by its text); showing a number then picks the
section, scales, rounds half up as Excel does, and places the digits on the section's ``0 # ?`` marks.
Padding (``_x``, ``*x``) and colours are layout, not content: they leave no trace in the text.

One file although it is long: one grammar, read and carried out; its parts know each other's tokens.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from typing import Literal, NamedTuple

from . import patterns as re
from .grid import Cell, Value
from .records import dataclass

GENERAL = "General"

Moment = dt.datetime | dt.date | dt.time | dt.timedelta
Raw = Value | int | float

_YEAR_MONTH = 'yyyy"年"m"月"'
_MONTH_DAY = 'm"月"d"日"'
_YEAR_MONTH_DAY = 'yyyy"年"m"月"d"日"'
_HALF_DAY = '上午/下午h"时"mm"分"'
_HALF_DAY_SECONDS = '上午/下午h"时"mm"分"ss"秒"'

# ECMA-376 18.8.30 with the zh-CN column for the ids that follow the language (14, 22, 27–36, 50–58): a file
# names them by id alone, and a Chinese Excel or WPS uses them for the dates clerks type.
BUILTIN_FORMATS: Mapping[int, str] = {
    0: GENERAL,
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: '"¥"#,##0;"¥"-#,##0',
    6: '"¥"#,##0;[Red]"¥"-#,##0',
    7: '"¥"#,##0.00;"¥"-#,##0.00',
    8: '"¥"#,##0.00;[Red]"¥"-#,##0.00',
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "yyyy/m/d",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy/m/d h:mm",
    27: _YEAR_MONTH,
    28: _MONTH_DAY,
    29: _MONTH_DAY,
    30: "m-d-yy",
    31: _YEAR_MONTH_DAY,
    32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"',
    34: _HALF_DAY,
    35: _HALF_DAY_SECONDS,
    36: _YEAR_MONTH,
    37: "#,##0;-#,##0",
    38: "#,##0;[Red]-#,##0",
    39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;[Red]-#,##0.00",
    41: '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ',
    42: '_ "¥"* #,##0_ ;_ "¥"* -#,##0_ ;_ "¥"* "-"_ ;_ @_ ',
    43: '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ',
    44: '_ "¥"* #,##0.00_ ;_ "¥"* -#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ ',
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
    50: _YEAR_MONTH,
    51: _MONTH_DAY,
    52: _YEAR_MONTH,
    53: _MONTH_DAY,
    54: _MONTH_DAY,
    55: _HALF_DAY,
    56: _HALF_DAY_SECONDS,
    57: _YEAR_MONTH,
    58: _MONTH_DAY,
}

# Excel keeps 15 significant digits; what a binary float adds beyond them is noise.
_FIFTEEN = Context(prec=15, rounding=ROUND_HALF_UP)
# Room for every digit of the largest Excel number (1e308) under the longest row of percent signs.
_WIDE = Context(prec=1000, rounding=ROUND_HALF_UP)
_LARGEST_EXPONENT = 308
_SHORT = 15
_ONE, _TEN = Decimal(1), Decimal(10)
_MOST_DECIMALS = 30  # Excel's own limit for a number format
_QUANTA = tuple(Decimal(1).scaleb(-decimals) for decimals in range(_MOST_DECIMALS + 1))


class Shown(NamedTuple):
    """A number as its cell shows it; ``decimals`` is ``None`` where the format fixes none (General, dates,
    fractions, powers of ten, thousands)."""

    text: str
    decimals: int | None
    percent: bool


def as_decimal(number: float | int | Decimal) -> Decimal:
    """The number Excel means, to 15 significant digits: ``207.36000000000001`` → ``207.36``.

    Never in exponent notation for what has no decimals. ValueError for NaN, infinities and what lies beyond
    Excel's range.
    """
    value = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
    if not value.is_finite() or value.adjusted() > _LARGEST_EXPONENT:
        raise ValueError(f"not a number Excel can hold: {number!r}")
    if value.adjusted() < -_LARGEST_EXPONENT:
        return Decimal(0)
    value = value.normalize(_FIFTEEN)
    if value.is_zero():
        return Decimal(0)
    in_tens = value.adjusted() > 0 and not _WIDE.remainder(value, _TEN)
    return value.quantize(_ONE, context=_WIDE) if in_tens else value


def number_of(written: str) -> Decimal:
    """The number a file writes, as ``as_decimal`` gives it. InvalidOperation and ValueError for what is none."""
    # Most numbers are short and end in no zero after the point: nothing is left to clean.
    short = len(written) <= _SHORT and (
        written.isdigit() or (written[-1] != "0" and written.replace(".", "", 1).isdigit())
    )
    return Decimal(written) if short else as_decimal(Decimal(written))


# --- parsing ------------------------------------------------------------

Kind = Literal["number", "fraction", "scientific", "date", "general", "text"]
Token = tuple[str, str]  # (what it is, its text)

_TOKEN = re.compile(
    r"""
      "(?P<quoted>[^"]*)"?
    | [\\!](?P<escaped>.)
    | (?P<layout>[_*].)
    | \[(?P<elapsed>h+|m+|s+)\]
    | \[(?P<condition>(?:<=|>=|<>|<|>|=)\s*-?[0-9.]+(?:E[+-]?[0-9]+)?)\]
    | \[\$(?P<currency>[^\]-]*)(?:-(?P<locale>[^\]]*))?\]
    | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General|G/通用格式)
    | (?P<half>AM/PM|A/P|上午/下午)
    | (?P<power>E[+-])
    | (?P<date>y+|m+|d+|h+|s+|e+|g+|aaaa?|b+)
    | (?P<digit>[0#?])
    | (?P<point>\.)
    | (?P<comma>,)
    | (?P<percent>%)
    | (?P<slash>/)
    | (?P<at>@)
    | (?P<end>;)
    | (?P<literal>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_LAYOUT = {"layout", "bracket"}
_SYSTEM_FORMATS = {
    "F800": _YEAR_MONTH_DAY,
    "X-SYSDATE": _YEAR_MONTH_DAY,
    "F400": "h:mm:ss",
    "X-SYSTIME": "h:mm:ss",
}
_LONGEST_FORMAT = 255  # Excel's limit; a longer one is no number format


@dataclass(frozen=True, slots=True)
class _Section:
    """One ``;`` part of a format. ``decimals``, ``percents`` and ``thousands`` speak of its digit marks.

    ``plain`` is (text before, text after) where the marks are the usual ``0.00`` or ``#,##0.00``.
    """

    kind: Kind
    tokens: tuple[Token, ...]
    condition: tuple[str, Decimal] | None = None
    decimals: int = 0
    percents: int = 0
    thousands: int = 0
    grouped: bool = False
    plain: tuple[str, str] | None = None
    digits: bool = False


@dataclass(frozen=True, slots=True)
class _Format:
    sections: tuple[_Section, ...]
    conditional: bool

    @property
    def text_section(self) -> _Section | None:
        if len(self.sections) > 3:
            return self.sections[3]
        return self.sections[-1] if self.sections[-1].kind == "text" else None


@lru_cache(maxsize=16_384)  # above what a host lets a workbook have, so that no format is parsed twice
def _parsed(number_format: str) -> _Format:
    usable = 0 < len(number_format) <= _LONGEST_FORMAT
    sections = [_section(tokens) for tokens in _split(number_format if usable else GENERAL)]
    return _Format(tuple(sections), any(section.condition for section in sections))


def _split(number_format: str) -> Iterator[list[Token]]:
    """The tokens of each section, literals already merged under one name."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(number_format):
        name = match.lastgroup or "literal"
        if name == "locale":
            system = _SYSTEM_FORMATS.get(match["locale"].upper())
            if system is not None:
                yield next(_split(system))
                return
            name = "currency"
        if name == "end":
            yield tokens
            tokens = []
        elif name in {"quoted", "escaped", "currency", "literal"}:
            tokens.append(("literal", match[name]))
        elif name not in _LAYOUT:
            tokens.append((name, match[name]))
    yield tokens


def _section(tokens: list[Token]) -> _Section:
    conditions = [_condition(text) for name, text in tokens if name == "condition"]
    condition = conditions[0] if conditions else None
    tokens = [token for token in tokens if token[0] != "condition"]
    names = {name for name, _ in tokens}
    if "general" in names:
        return _Section("general", _literals(tokens, "general"), condition)
    if names & {"date", "elapsed", "half"}:
        return _Section("date", tuple(_with_minutes(tokens)), condition)
    if "at" in names:
        return _Section("text", _literals(tokens, "at"), condition)
    if "digit" not in names:
        return _Section("number", _literals(tokens, "digit"), condition, percents=_count(tokens, "percent"))
    return _number_section(tokens, condition)


def _condition(text: str) -> tuple[str, Decimal] | None:
    operator = text.rstrip("0123456789.-+eE ")
    try:
        return operator, Decimal(text[len(operator) :].strip())
    except InvalidOperation:
        return None


def _count(tokens: list[Token], name: str) -> int:
    return sum(token[0] == name for token in tokens)


def _literals(tokens: list[Token], kept: str) -> tuple[Token, ...]:
    """Everything but the ``kept`` mark as it stands."""
    return tuple(token if token[0] == kept else ("literal", token[1]) for token in tokens)


def _number_section(tokens: list[Token], condition: tuple[str, Decimal] | None) -> _Section:
    digits = [index for index, (name, _) in enumerate(tokens) if name == "digit"]
    slashes = [index for index, (name, _) in enumerate(tokens) if name == "slash"]
    denominator = "".join(text for _, text in tokens[slashes[0] + 1 :]).strip() if slashes else ""
    if slashes and digits[0] < slashes[0] and denominator[:1] in set("0#?123456789"):
        return _Section("fraction", tuple(tokens), condition, percents=_count(tokens, "percent"))
    names = [name for name, _ in tokens]
    power = names.index("power") if "power" in names else len(tokens)
    point = names.index("point") if "point" in names[:power] else power
    # A comma among the whole digits groups them; one after the last digit of either part divides by 1000.
    whole = [index for index in digits if index < point]
    decimals = [index for index in digits if point < index < power][:_MOST_DECIMALS]
    ends = {part[-1] for part in (whole, decimals) if part}
    marked: list[Token] = []
    thousands, grouped, after_digit = 0, False, False
    for index, (name, text) in enumerate(tokens):
        if name == "digit":
            part = "whole" if index < point else "exponent" if index > power else "decimal"
            marked.append((part, text))
            after_digit = index in ends
        elif name == "comma" and after_digit:
            thousands += 1
        elif name == "comma" and whole and whole[0] < index < whole[-1]:
            grouped = True
        elif name in {"point", "power"} and index in {point, power}:
            marked.append((name, text))
            after_digit = False
        else:
            marked.append(("literal", text))
            after_digit = False
    return _Section(
        "scientific" if power < len(tokens) else "number",
        tuple(marked),
        condition,
        len(decimals),
        _count(tokens, "percent"),
        thousands,
        grouped,
        _plain(marked),
        digits=True,
    )


_PLAIN = re.compile(r"((?:#*0)(?:\.0+)?)")


def _plain(marked: list[Token]) -> tuple[str, str] | None:
    """The literals around the digit marks, if these stand together and say nothing but width and decimals."""
    digits = [index for index, (name, _) in enumerate(marked) if name != "literal"]
    first, last = digits[0], digits[-1] + 1
    if not _PLAIN.fullmatch("".join(text for _, text in marked[first:last])) or last - first != len(digits):
        return None
    before, after = ("".join(text for _, text in part) for part in (marked[:first], marked[last:]))
    return before, after


def _with_minutes(tokens: list[Token]) -> Iterator[Token]:
    """Date tokens under one-letter names; an ``m`` next to hours or seconds is a minute (named ``n``)."""
    units = [text[0].lower() if name in {"date", "elapsed"} else "" for name, text in tokens]
    previous = ""
    fraction = False
    for index, (name, text) in enumerate(tokens):
        following = next((unit for unit in units[index + 1 :] if unit), "")
        unit = units[index]
        if unit:
            if unit == "m" and (previous == "h" or following == "s"):
                unit = "n"
            previous = units[index]
            yield ("elapsed " + unit if name == "elapsed" else unit), text.lower()
        elif name == "half":
            yield "half", text
        elif name == "point" and previous == "s" and tokens[index + 1 : index + 2] == [("digit", "0")]:
            fraction = True
        elif name == "digit" and fraction:
            yield "fraction", text
        else:
            fraction = False
            yield "literal", text


def is_date(number_format: str) -> bool:
    """Whether numbers under this format are shown as a date, a time or a duration."""
    return _parsed(number_format).sections[0].kind == "date"


def is_duration(number_format: str) -> bool:
    """Whether it shows elapsed time such as ``[h]:mm``."""
    section = _parsed(number_format).sections[0]
    return section.kind == "date" and any(name.startswith("elapsed") for name, _ in section.tokens)


# --- numbers ------------------------------------------------------------


class _Usual(NamedTuple):
    """A format that shows numbers from 0 up in one simple way: General, or marks such as ``#,##0.00``."""

    quantum: Decimal | None
    """None for General."""
    digits: str
    before: str
    after: str
    scale: int
    decimals: int | None
    percent: bool
    zero_apart: bool
    """Zero has a section of its own."""


@lru_cache(maxsize=16_384)
def _usual(number_format: str) -> _Usual | None:
    """How a format shows numbers from 0 up, if that is simple."""
    parsed = _parsed(number_format)
    section = parsed.sections[0]
    if parsed.conditional:
        return None
    zero_apart = len(parsed.sections) - (parsed.sections[-1].kind == "text") > 2
    if section.kind == "general" and [name for name, _ in section.tokens] == ["general"]:
        return _Usual(None, "f", "", "", 0, None, False, zero_apart)
    if section.kind != "number" or section.plain is None or not section.digits or section.thousands:
        return None
    before, after = section.plain
    return _Usual(
        _QUANTA[section.decimals],
        ",f" if section.grouped else "f",
        before.lstrip(),
        after.rstrip(),
        2 * section.percents,
        section.decimals,
        section.percents > 0,
        zero_apart,
    )


def shown(value: Decimal, number_format: str) -> Shown:
    """What Excel shows of a number under a number format, and the decimals that format fixes."""
    usual = _usual(number_format)
    if usual is None or value.is_signed() or (usual.zero_apart and not value):
        return _shown(value, number_format)
    if usual.quantum is None:
        return Shown(_general(value), None, False)
    scaled = value.scaleb(usual.scale) if usual.scale else value
    text = f"{scaled.quantize(usual.quantum, context=_WIDE):{usual.digits}}"
    return Shown(f"{usual.before}{text}{usual.after}", usual.decimals, usual.percent)


def _shown(value: Decimal, number_format: str) -> Shown:
    """``shown`` for any number and format."""
    parsed = _parsed(number_format)
    index, negative = _choice(value, parsed)
    section = parsed.sections[index]
    text = _shown_in(section, value, negative).strip()
    # A zero shown as "-" says nothing of the decimals the column is kept in: the first section does.
    measure = parsed.sections[0] if value.is_zero() else section
    fixed = measure.kind == "number" and measure.digits and not measure.thousands
    return Shown(text, measure.decimals if fixed else None, measure.kind == "number" and measure.percents > 0)


def _choice(value: Decimal, parsed: _Format) -> tuple[int, bool]:
    """The section for a value and whether a minus sign goes before it."""
    sections = parsed.sections[:3]
    if sections[-1].kind == "text" and len(sections) > 1:
        sections = sections[:-1]
    negative = value < 0
    if parsed.conditional:
        for index, section in enumerate(sections):
            if section.condition is None or _holds(value, section.condition):
                covers_negatives_only = section.condition is not None and _only_negative(section.condition)
                return index, negative and not covers_negatives_only
        return len(sections) - 1, negative
    if negative and len(sections) > 1:
        return 1, False
    if value.is_zero() and len(sections) > 2:
        return 2, False
    return 0, negative


def _holds(value: Decimal, condition: tuple[str, Decimal]) -> bool:
    operator, bound = condition
    return {
        "<": value < bound,
        "<=": value <= bound,
        ">": value > bound,
        ">=": value >= bound,
        "=": value == bound,
        "<>": value != bound,
    }[operator]


def _only_negative(condition: tuple[str, Decimal]) -> bool:
    operator, bound = condition
    return (operator == "<" and bound <= 0) or (operator in {"<=", "="} and bound < 0)


def _shown_in(section: _Section, value: Decimal, negative: bool) -> str:
    sign = "-" if negative else ""
    match section.kind:
        case "general" | "text":
            return sign + "".join(
                text if name == "literal" else _general(abs(value)) for name, text in section.tokens
            )
        case "date":
            try:
                moment = as_moment(
                    value, duration=any(name.startswith("elapsed") for name, _ in section.tokens)
                )
            except ValueError:
                return _general(value)
            return _dated(section, moment)
        case "fraction":
            return sign + _fraction(section, abs(value))
        case "scientific":
            return sign + _scientific(section, abs(value))
    scaled = abs(value).scaleb(2 * section.percents - 3 * section.thousands)
    if section.plain is not None:
        before, after = section.plain
        rounded = scaled.quantize(_QUANTA[section.decimals], context=_WIDE)
        return f"{sign}{before}{rounded:{',f' if section.grouped else 'f'}}{after}"
    return sign + _placed(section, _rounded(scaled, section.decimals))


def _rounded(value: Decimal, decimals: int) -> tuple[str, str]:
    """Whole digits (none for zero) and decimal digits of a value ≥ 0, rounded half up."""
    digits = f"{value.quantize(_QUANTA[decimals], context=_WIDE):f}"
    whole, _, decimal = digits.partition(".")
    return whole.lstrip("0"), decimal


def _general(value: Decimal) -> str:
    """General: up to 15 digits, an exponent only beyond 20 digits before or 9 zeros after the point."""
    value = _FIFTEEN.plus(value)
    if value.is_zero():
        return "0"
    if -10 < value.adjusted() < 20:
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa = f"{value.scaleb(-value.adjusted()):f}"
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}E{value.adjusted():+03d}"


def _placed(section: _Section, digits: tuple[str, str]) -> str:
    """The digits on a section's marks. Whole digits fill from the right, the leftmost mark takes the rest."""
    whole, decimal = digits
    marks = [text for name, text in section.tokens if name == "decimal"]
    kept = min(len(marks), len(decimal))
    while kept and marks[kept - 1] != "0" and decimal[kept - 1] == "0":
        kept -= 1
    wholes = _whole_marks([text for name, text in section.tokens if name == "whole"], whole, section.grouped)
    decimals = iter(decimal[:kept])
    out: list[str] = []
    for name, text in section.tokens:
        if name == "whole":
            out.append(next(wholes))
        elif name == "decimal":
            out.append(next(decimals, ""))
        elif name == "point":
            out.append(next(wholes, "") + ".")  # ".00" has no whole mark: its digits stand before the point
        else:
            out.append(text)
    return "".join(out)


def _whole_marks(marks: list[str], digits: str, grouped: bool) -> Iterator[str]:
    """What each whole mark shows, from the left, group commas included."""
    zeros = next((len(marks) - index for index, mark in enumerate(marks) if mark == "0"), 0)
    digits = digits.rjust(zeros, "0")
    # A separator belongs to the digit before it, so that a literal between marks stays outside the group.
    parts = [
        digit + ("," if grouped and rest and rest % 3 == 0 else "")
        for digit, rest in zip(digits, range(len(digits) - 1, -1, -1), strict=True)
    ]
    count = max(len(marks), 1)
    spare = len(parts) - count
    if spare >= 0:
        yield "".join(parts[: spare + 1])
        yield from parts[spare + 1 :]
    else:
        yield from [""] * -spare
        yield from parts


def _fraction(section: _Section, value: Decimal) -> str:
    """``# ?/?``: the nearest fraction the denominator's marks allow (a number there fixes it)."""
    shape = "".join(text for name, text in section.tokens if name in {"digit", "slash", "literal"})
    before, _, after = shape.partition("/")
    after = after.strip()
    mixed = " " in before.strip()
    fixed = int(after) if after.isdigit() and after.strip("0") else 0
    exact = Fraction(value)
    whole = int(exact) if mixed else 0
    if fixed:
        numerator, denominator = round((exact - whole) * fixed), fixed
    else:
        nearest = (exact - whole).limit_denominator(10 ** max(1, min(len(after), 7)) - 1)
        numerator, denominator = nearest.numerator, nearest.denominator
    if mixed and numerator == denominator:
        whole, numerator = whole + 1, 0
    if mixed and not numerator:
        return str(whole)
    return f"{whole} {numerator}/{denominator}" if whole else f"{numerator}/{denominator}"


def _scientific(section: _Section, value: Decimal) -> str:
    """``0.00E+00``: the exponent is a multiple of the number of whole marks (``##0.0E+0``)."""
    step = max(1, sum(name == "whole" for name, _ in section.tokens))
    exponent = value.adjusted() // step * step if value else 0
    digits = _rounded(value.scaleb(-exponent, context=_WIDE), section.decimals)
    if len(digits[0]) > step:
        exponent += step
        digits = _rounded(value.scaleb(-exponent, context=_WIDE), section.decimals)
    width = sum(name == "exponent" for name, _ in section.tokens)
    plus = any(name == "power" and text.endswith("+") for name, text in section.tokens)
    sign = "-" if exponent < 0 else "+" if plus else ""
    mantissa = tuple(token for token in section.tokens if token[0] in {"whole", "point", "decimal"})
    shape = _Section("number", mantissa, None, section.decimals)
    return f"{_placed(shape, digits)}E{sign}{abs(exponent):0{max(width, 1)}d}"


# --- dates ------------------------------------------------------------

_DAY_MILLISECONDS = 86_400_000
_EPOCH_1900 = dt.datetime(1899, 12, 30)
_EPOCH_1904 = dt.datetime(1904, 1, 1)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def as_moment(serial: Decimal, *, duration: bool = False, date1904: bool = False) -> Moment:
    """The date of a serial day number; a time below one day; a ``timedelta`` where a duration is shown.

    Excel counts a 29 February 1900, so days before it are one further from the epoch. ValueError for what
    Excel shows as ``####`` (negative, or beyond the year 9999).
    """
    if abs(serial) > 3_000_000:
        raise ValueError(f"no date: {serial}")
    milliseconds = int((serial * _DAY_MILLISECONDS).to_integral_value(ROUND_HALF_UP))
    if duration:
        return dt.timedelta(milliseconds=milliseconds)
    if milliseconds < 0:
        raise ValueError(f"no date: {serial}")
    if milliseconds < _DAY_MILLISECONDS:
        return (dt.datetime.min + dt.timedelta(milliseconds=milliseconds)).time()
    leap = dt.timedelta(days=int(not date1904 and serial < 60))
    try:
        moment = (_EPOCH_1904 if date1904 else _EPOCH_1900) + dt.timedelta(milliseconds=milliseconds) + leap
    except OverflowError:
        raise ValueError(f"no date: {serial}") from None
    return _whole_day(moment)


def dated(number: Decimal, number_format: str, date1904: bool = False) -> Decimal | Moment:
    """What a number means in a cell with a format for dates; the number where there is no such date (####)."""
    try:
        return as_moment(number, duration=is_duration(number_format), date1904=date1904)
    except ValueError:
        return number


def _whole_day(moment: Moment) -> Moment:
    """A ``date`` for a midnight, so that every host gives the same value for a day."""
    if isinstance(moment, dt.datetime) and moment.time() == dt.time.min:
        return moment.date()
    return moment


def _default_format(moment: Moment) -> str:
    match moment:
        case dt.datetime():
            return "yyyy/m/d h:mm:ss" if moment.second else "yyyy/m/d h:mm"
        case dt.date():
            return "yyyy/m/d"
        case dt.time():
            return "h:mm:ss" if moment.second else "h:mm"
    return "[h]:mm:ss"


def _shown_moment(moment: Moment, number_format: str) -> str:
    section = _parsed(number_format).sections[0]
    if section.kind != "date":
        section = _parsed(_default_format(moment)).sections[0]
    return _dated(section, moment).strip()


def _dated(section: _Section, moment: Moment) -> str:
    """A moment under a date section; a time or duration counts from Excel's day 0, shown as 1900/1/0."""
    day = moment if isinstance(moment, dt.date) else None
    elapsed = _milliseconds(moment)
    half = any(name == "half" for name, _ in section.tokens)
    out: list[str] = []
    for (name, _), group in groupby(section.tokens, key=lambda token: (token[0], token[0] == "fraction")):
        for text in (
            ["".join(text for _, text in group)] if name == "fraction" else [text for _, text in group]
        ):
            out.append(_date_part(name, text, day, elapsed, half))
    sign = "-" if elapsed < 0 else ""
    return sign + "".join(out)


def _milliseconds(moment: Moment) -> int:
    match moment:
        case dt.timedelta():
            return round(moment / dt.timedelta(milliseconds=1))
        case dt.datetime() | dt.time():
            seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
            return seconds * 1000 + round(moment.microsecond / 1000)
    return 0


def _date_part(name: str, text: str, day: dt.date | None, elapsed: int, half: bool) -> str:
    seconds, milliseconds = divmod(abs(elapsed), 1000)
    width = len(text)
    match name:
        case "y" | "e" | "m" | "d" | "a":
            return _day_part(name, width, day)
        case "h":
            hour = seconds // 3600 % 24
            return f"{(hour % 12 or 12) if half else hour:0{min(width, 2)}d}"
        case "n":
            return f"{seconds // 60 % 60:0{min(width, 2)}d}"
        case "s":
            return f"{seconds % 60:0{min(width, 2)}d}"
        case "elapsed h" | "elapsed n" | "elapsed m" | "elapsed s":
            unit = {"h": 3600, "n": 60, "m": 60, "s": 1}[name[-1]]
            return f"{seconds // unit:0{width}d}"
        case "fraction":
            return "." + f"{milliseconds:03d}"[:width]
        case "half":
            morning, afternoon = text.split("/")
            return morning if seconds // 3600 % 24 < 12 else afternoon
        case "g" | "b":
            return ""
    return text


def _day_part(name: str, width: int, day: dt.date | None) -> str:
    year, month, number = (day.year, day.month, day.day) if day else (1900, 1, 0)
    weekday = day.weekday() if day else 5
    match name:
        case "y":
            return f"{year % 100:02d}" if width < 3 else f"{year:04d}"
        case "e":
            return str(year)
        case "m":
            names = {3: _MONTHS[month - 1][:3], 5: _MONTHS[month - 1][:1]}
            return f"{month:0{width}d}" if width < 3 else names.get(width, _MONTHS[month - 1])
        case "d":
            return f"{number:0{width}d}" if width < 3 else _DAYS[weekday][: 3 if width == 3 else None]
    return ("星期" if width == 4 else "") + "一二三四五六日"[weekday]


# --- cells ------------------------------------------------------------


def make_cell(
    row: int,
    column: int,
    value: Raw,
    number_format: str | None,
    formula: str | None = None,
    error: bool = False,
) -> Cell:
    """The cell every host makes of a raw value.

    ``number_format`` None means that the host cannot tell it: numbers then show as General. Numbers become
    ``Decimal``, midnights become dates, line breaks in text become ``\\n``. ValueError for a number Excel
    cannot hold.
    """
    if value is None:
        return Cell(row, column, None, "", formula=formula)
    if isinstance(value, bool):
        return Cell(row, column, value, "TRUE" if value else "FALSE", formula=formula)
    if isinstance(value, str):
        if "\r" in value:
            value = value.replace("\r\n", "\n").replace("\r", "\n")
        text = value if error or number_format is None else _shown_text(value, number_format)
        return Cell(row, column, value, text, formula=formula, error=error)
    if isinstance(value, int | float | Decimal):
        number = as_decimal(value)
        return Cell(row, column, number, *shown(number, number_format or GENERAL), formula)
    moment = _whole_day(value)
    return Cell(row, column, moment, _shown_moment(moment, number_format or GENERAL), formula=formula)


def shows_text_as_it_is(number_format: str) -> bool:
    """Whether text under this format is shown unchanged, as under all but a few."""
    return _parsed(number_format).text_section is None


def _shown_text(value: str, number_format: str) -> str:
    section = _parsed(number_format).text_section
    if section is None:
        return value
    return (
        "".join(value if name == "at" else text for name, text in section.tokens).strip()
        if section.tokens
        else ""
    )
