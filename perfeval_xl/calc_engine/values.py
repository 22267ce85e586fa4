"""Cell values: what Calc stores, what Excel's programming interface would give, and the way back."""

from __future__ import annotations

import datetime as dt
import math
import numbers
import re
from collections.abc import Callable, Sequence
from typing import Any

Raw = float | bool | str | int | dt.datetime | None
Rows = tuple[tuple[Raw, ...], ...]

# Excel gives an error value as one of these integers; every number is a float, so they cannot be mistaken.
ERRORS: dict[int, str] = {
    -2146826288: "#NULL!",
    -2146826281: "#DIV/0!",
    -2146826273: "#VALUE!",
    -2146826265: "#REF!",
    -2146826259: "#NAME?",
    -2146826252: "#NUM!",
    -2146826246: "#N/A",
}
_BY_TEXT = {text: code for code, text in ERRORS.items()}
# Calc's own error codes; every other one is a #VALUE! in the files it writes.
_OF_CALC = {
    503: "#NUM!",
    521: "#NULL!",
    523: "#NUM!",
    524: "#REF!",
    525: "#NAME?",
    532: "#DIV/0!",
    32767: "#N/A",
}
# Bits of com.sun.star.util.NumberFormat.
DATE, TIME, TEXT, LOGICAL = 2, 4, 256, 1024

EPOCH = dt.datetime(1899, 12, 30)
_DAY = 86_400_000_000  # microseconds


def error_code(calc: int) -> int:
    """Excel's integer for an error code of Calc."""
    return _BY_TEXT[_OF_CALC.get(calc, "#VALUE!")]


def moment(serial: float, epoch: dt.datetime = EPOCH) -> dt.datetime | float:
    """The date and time of a serial day number, to the millisecond; the number where there is none."""
    try:
        # Excel itself keeps milliseconds; a binary fraction of a day is never exact.
        return epoch + dt.timedelta(milliseconds=round(serial * 86_400_000))
    except (OverflowError, ValueError):
        return serial


def serial(value: dt.datetime | dt.date, epoch: dt.datetime = EPOCH) -> float:
    """The serial day number of a date or date and time."""
    if not isinstance(value, dt.datetime):
        value = dt.datetime(value.year, value.month, value.day)
    delta = value.replace(tzinfo=None) - epoch
    return delta.days + (delta.seconds * 1_000_000 + delta.microseconds) / _DAY


_PERCENT = re.compile(r"[-+]?[0-9,]*(\.?)[0-9]*%")
_LIKE_DATE = re.compile(r"[0-9]+[-/.][0-9A-Za-z]+([-/.][0-9]+)?")
_LIKE_TIME = re.compile(r"[0-9]+:[0-9]+(:[0-9.]+)?")


def pattern_of(value: object) -> str | None:
    """The number format a cell takes on when ``value`` is typed into it; None if it keeps its own."""
    if isinstance(value, dt.datetime):
        return "YYYY-MM-DD" if value.time() == dt.time.min else "YYYY-MM-DD HH:MM:SS"
    if not isinstance(value, str):
        return None
    text = value.strip()
    if match := _PERCENT.fullmatch(text):
        return "0.00%" if match[1] else "0%"
    if _LIKE_TIME.fullmatch(text):
        return "HH:MM:SS"
    day, _, time = text.partition(" ")
    if _LIKE_DATE.fullmatch(day):
        return "YYYY-MM-DD HH:MM:SS" if _LIKE_TIME.fullmatch(time) else "YYYY-MM-DD"
    return None


def clean_read(
    data: Sequence[Sequence[Any]],
    datetime_builder: Callable[..., Any],
    empty_as: Any,
    number_builder: Callable[[float], Any] | None,
    err_to_str: bool,
) -> list[list[Any]]:
    """Raw values as xlwings hands them to its user."""

    def cleaned(value: Any) -> Any:
        if value is None or value == "":
            return empty_as
        if isinstance(value, dt.datetime):
            return datetime_builder(
                year=value.year,
                month=value.month,
                day=value.day,
                hour=value.hour,
                minute=value.minute,
                second=value.second,
                microsecond=value.microsecond,
                tzinfo=None,
            )
        if isinstance(value, float) and number_builder is not None:
            return number_builder(value)
        if isinstance(value, int) and not isinstance(value, bool) and value in ERRORS:
            return ERRORS[value] if err_to_str else None
        return value

    return [[cleaned(value) for value in row] for row in data]


def prepare(value: Any) -> Any:
    """One value of the user's as the engine stores it: "" for what is missing, dates as datetime."""
    if value is None:
        return ""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, dt.datetime):
        return "" if value != value else value.replace(tzinfo=None)  # NaT is not equal to itself
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)
    if isinstance(value, numbers.Number):
        number = float(value)  # type: ignore[arg-type]  # any real number, numpy's included
        return "" if math.isnan(number) else number
    if type(value).__module__.startswith(("numpy", "pandas")):
        return _prepare_foreign(value)
    return value


def _prepare_foreign(value: Any) -> Any:
    """A scalar of numpy or pandas, without importing either."""
    if type(value).__name__ == "NAType" or value != value:
        return ""
    if type(value).__name__ == "datetime64":
        return dt.datetime.fromisoformat(str(value.astype("datetime64[us]")))
    item = value.item() if hasattr(value, "item") else value
    return item if type(item) is type(value) else prepare(item)


# --- number formats ------------------------------------------------------------------------------------------

_PIECE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|AM/PM|A/P|General|Standard|[^"\\\[]', re.IGNORECASE)
_DATE_LETTERS = set("YMDHS")


def excel_format(code: str, kind: int) -> str:
    """A number format of Calc as Excel writes it: the letters of dates are small."""
    if not kind & (DATE | TIME):
        return code
    return "".join(_small(piece) for piece in _PIECE.findall(code))


def _small(piece: str) -> str:
    if piece.upper() in _DATE_LETTERS or re.fullmatch(r"\[[HMS]+\]", piece):
        return piece.lower()
    return piece
