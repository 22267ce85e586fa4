"""Addresses and formulas as Excel writes them, and as Calc's programming interface does."""

from __future__ import annotations

import re
from typing import NamedTuple

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]+)")
_COLUMNS = re.compile(r"\$?([A-Za-z]{1,3}):\$?([A-Za-z]{1,3})")
_ROWS = re.compile(r"\$?([0-9]+):\$?([0-9]+)")


class Area(NamedTuple):
    """A rectangle: 1-based first row and column, number of rows and columns."""

    row: int
    column: int
    rows: int
    columns: int

    @property
    def bottom(self) -> int:
        return self.row + self.rows - 1

    @property
    def right(self) -> int:
        return self.column + self.columns - 1

    def address(self, row_absolute: bool = True, column_absolute: bool = True) -> str:
        """``$A$1:$B$2``; one address for a single cell, ``$A:$B`` and ``$1:$2`` for whole columns and rows."""
        row_sign, column_sign = "$" if row_absolute else "", "$" if column_absolute else ""
        first, last = (column_sign + letters(column) for column in (self.column, self.right))
        top, bottom = f"{row_sign}{self.row}", f"{row_sign}{self.bottom}"
        if self.rows == LAST_ROW and self.columns < LAST_COLUMN:
            return f"{first}:{last}"
        if self.columns == LAST_COLUMN and self.rows < LAST_ROW:
            return f"{top}:{bottom}"
        if self.rows == self.columns == 1:
            return first + top
        return f"{first}{top}:{last}{bottom}"


def letters(column: int) -> str:
    """1 → A, 27 → AA."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def column_number(text: str) -> int:
    """A → 1, AA → 27."""
    number = 0
    for letter in text.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def area_between(first: tuple[int, int], last: tuple[int, int]) -> Area:
    """The rectangle with two corners in any order; IndexError where a sheet has no such cell."""
    (row1, column1), (row2, column2) = first, last
    for row, column in (first, last):
        if not (1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN):
            raise IndexError(f"no such cell: row {row}, column {column} (rows and columns count from 1)")
    top, left = min(row1, row2), min(column1, column2)
    return Area(top, left, abs(row2 - row1) + 1, abs(column2 - column1) + 1)


def parse(address: str) -> Area | None:
    """The rectangle of an A1 address, of ``A:C`` or of ``2:5``; None for what is none, such as a name."""
    if match := _COLUMNS.fullmatch(address):
        return area_between((1, column_number(match[1])), (LAST_ROW, column_number(match[2])))
    if match := _ROWS.fullmatch(address):
        return area_between((int(match[1]), 1), (int(match[2]), LAST_COLUMN))
    corners = [_CELL.fullmatch(part) for part in address.split(":", 1)]
    cells = [(int(match[2]), column_number(match[1])) for match in corners if match]
    if len(cells) != len(corners) or any(column > LAST_COLUMN for _, column in cells):
        return None
    return area_between(cells[0], cells[-1])


def split_sheet(reference: str) -> tuple[str | None, str]:
    """``'My sheet'!A1`` → (My sheet, A1); no sheet → (None, the reference)."""
    sheet, mark, rest = reference.rpartition("!")
    if not mark:
        return None, reference
    if sheet.startswith("'") and sheet.endswith("'"):
        sheet = sheet[1:-1].replace("''", "'")
    return sheet, rest


def quoted(sheet: str) -> str:
    """A sheet's name as a formula writes it, always in quotes."""
    return "'" + sheet.replace("'", "''") + "'"


# --- formulas ----------------------------------------------------------------------------------------------

# One token of a formula; whatever matches none is copied.
_CALC = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")
      | \$?(?P<sheet>'(?:[^']|'')*'|[\w.]*[^\W\d][\w]*)\.(?=\$?[A-Za-z]{1,3}\$?[0-9]|\#REF!)
      | (?P<sign>[;~|{}!])
    """,
    re.VERBOSE,
)
_EXCEL = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")
      | (?P<sheet>'(?:[^']|'')*'|[\w.]+)!(?=\$?[A-Za-z]{1,3}\$?[0-9]|\#REF!)
      | (?P<error>\#[A-Z0-9/]+[!?])
      | (?P<sign>[,;{}])
    """,
    re.VERBOSE,
)


def to_excel(formula: str) -> str:
    """A formula of Calc's programming interface (``;`` between arguments, ``$Sheet.A1``) as Excel writes it."""
    depth = 0

    def change(match: re.Match[str]) -> str:
        nonlocal depth
        if match["text"] is not None:
            return match[0]
        if match["sheet"] is not None:
            return f"{match['sheet']}!"
        sign = match["sign"]
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if sign in "{}":
            return sign
        if depth:
            return {";": ",", "|": ";"}.get(sign, sign)
        return {";": ",", "~": ",", "!": " "}.get(sign, sign)

    # An error value ends in the sign that also means an intersection.
    pieces = re.split(r"(\#[A-Z0-9/]+[!?])", formula)
    return "".join(piece if index % 2 else _CALC.sub(change, piece) for index, piece in enumerate(pieces))


def to_calc(formula: str) -> str:
    """A formula as Excel writes it, for Calc's programming interface."""
    depth = 0

    def change(match: re.Match[str]) -> str:
        nonlocal depth
        if match["text"] is not None or match["error"] is not None:
            return match[0]
        if match["sheet"] is not None:
            return f"${match['sheet']}."
        sign = match["sign"]
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if sign in "{}":
            return sign
        if depth:
            return {",": ";", ";": "|"}[sign]
        return ";"

    return _EXCEL.sub(change, formula)
