"""What a cell holds once a clerk has typed a text into it: read as a spreadsheet reads it, kept in the cell's own format."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from perfeval_xl import patterns as re
from perfeval_xl.errors import CorrectError
from perfeval_xl.grid import Cell, Place
from perfeval_xl.numberformat import GENERAL, as_decimal, dated, is_date, make_cell, shown
from perfeval_xl.records import dataclass
from perfeval_xl.text import plain, plain_text

_HALF_WIDTH = str.maketrans("０１２３４５６７８９，．＋－−％", "0123456789,.+--%")
_NUMBER = re.compile(r"(?P<sign>[-+]?)(?P<digits>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?P<percent>%?)")
_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日)")
_LONGEST_NUMBER = 40
#: A rate that a cell without % in its format holds as a fraction is no larger.
_LARGEST_FRACTION = Decimal("1.5")
_FIRST_DAY, _FIRST_DAY_1904 = dt.date(1899, 12, 30), dt.date(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class Entered:
    """The cell as it will read (None: empty), and the value a file stores for it (of a date its number)."""

    cell: Cell | None
    stored: Decimal | str | None


def entered(
    text: str, place: Place, old: Cell | None, number_format: str = GENERAL, date1904: bool = False
) -> Entered:
    """What ``text`` becomes at a place where ``old`` stood, under the cell's number format.

    A number is one with or without grouping, full-width or not; 92 and 92% are the same in a cell that shows per cent, and a
    cell that holds rates as fractions takes 92% for 0.92. Anything else is text, also behind an apostrophe. CorrectError
    for a formula, and in a cell that a formula gives.
    """
    if old is not None and old.formula is not None:
        raise CorrectError(
            f"{place} 是公式算出来的，不能直接改成数：请改它引用的格子，或在 Excel、WPS 里改公式"
        )
    typed = plain_text(text).strip()
    if not typed:
        return Entered(None, None)
    if typed.startswith(("=", "＝")):
        raise CorrectError(f"{place}：这里只填数或文字，公式请在 Excel、WPS 里写")
    value = None if number_format == "@" or typed.startswith("'") else _value(typed, old, number_format)
    if value is None and is_date(number_format):
        value = _day(typed, date1904)
    if value is None:
        words = typed.removeprefix("'")
        return Entered(make_cell(place.row, place.column, words, number_format), words)
    held = dated(value, number_format, date1904) if is_date(number_format) else value
    return Entered(make_cell(place.row, place.column, held, number_format), value)


def as_typed(cell: Cell | None) -> str:
    """What is typed to get a cell as it is: a figure with all its digits, however it is shown; "" for an empty cell."""
    if cell is None or cell.value is None:
        return ""
    if isinstance(cell.value, Decimal):
        return f"{plain(cell.value * 100)}%" if cell.percent else plain(cell.value)
    if not isinstance(cell.value, str):
        return cell.text
    figure = _NUMBER.fullmatch(cell.value.translate(_HALF_WIDTH)) is not None
    return f"'{cell.value}" if figure or cell.value.startswith(("'", "=", "＝")) else cell.value


def _value(typed: str, old: Cell | None, number_format: str) -> Decimal | None:
    """The number that was typed; None for what is text in this cell."""
    match = _NUMBER.fullmatch(typed.translate(_HALF_WIDTH)) if len(typed) <= _LONGEST_NUMBER else None
    if match is None or (is_date(number_format) and match["percent"]):
        return None
    number = as_decimal(Decimal(match["digits"].replace(",", ""))) * (-1 if match["sign"] == "-" else 1)
    if shown(Decimal(0), number_format).percent:
        return as_decimal(number / 100)
    if not match["percent"]:
        return number
    if old is not None and isinstance(old.value, Decimal) and abs(old.value) <= _LARGEST_FRACTION:
        return as_decimal(number / 100)
    return None


def _day(typed: str, date1904: bool) -> Decimal | None:
    """The number of a day typed as 2024-3-15, 2024/3/15, 2024.3.15 or 2024年3月15日."""
    match = _DATE.fullmatch(typed)
    if match is None:
        return None
    try:
        day = dt.date(*(int(part) for part in match.groups() if part))
    except ValueError:
        return None
    return Decimal((day - (_FIRST_DAY_1904 if date1904 else _FIRST_DAY)).days)
