"""The host-neutral picture of a workbook: sparse cells, merged ranges, and what the host could not tell.

Coordinates are 1-based ``(row, column)`` pairs throughout, as a clerk counts them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from . import patterns as re
from .records import dataclass, field

Value = Decimal | str | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None
SheetState = Literal["visible", "hidden", "veryHidden"]

_A1 = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]*)")


def column_letters(column: int) -> str:
    """Letters of a 1-based column: 1 → A, 27 → AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def a1(row: int, column: int) -> str:
    """The A1 address of a 1-based row and column; a line above a table of a text document (rows 0, -1 …) is A1."""
    return f"{column_letters(column)}{row}" if row > 0 else "A1"


def quoted(sheet: str) -> str:
    """A sheet's name as references write it."""
    return "'" + sheet.replace("'", "''") + "'"


def coordinates(address: str) -> tuple[int, int]:
    """Row and column of an A1 address; ValueError if it is none."""
    match = _A1.fullmatch(address)
    if match is None:
        raise ValueError(f"not an A1 address: {address!r}")
    return int(match[2]), _column(match[1])


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""The size of an Excel sheet."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A cell of what was checked, by sheet and 1-based row and column; ``file`` only where several files were checked
    as one submission."""

    sheet: str
    row: int
    column: int
    file: str | None = None

    @property
    def cell(self) -> str:
        return a1(self.row, self.column)

    def __str__(self) -> str:
        return f"{self.file}：{self.sheet}!{self.cell}" if self.file else f"{self.sheet}!{self.cell}"


@dataclass(frozen=True, slots=True, order=True)
class Area:
    """A rectangle of cells, all four edges included; ordered as read, from the top, then from the left."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def of(cls, reference: str) -> Area:
        """The rectangle an A1 reference names (``"A1:C3"``, ``"B2"``, whole columns ``"A:B"``, whole rows ``"3:5"``)."""
        first, _, last = reference.partition(":")
        if not first[-1:].isdigit():
            first, last = f"{first}1", f"{last}{LAST_ROW}"
        elif first.lstrip("$").isdigit():
            first, last = f"A{first}", f"{column_letters(LAST_COLUMN)}{last}"
        top, left = coordinates(first)
        bottom, right = coordinates(last or first)
        return cls(min(top, bottom), min(left, right), max(top, bottom), max(left, right))

    def __contains__(self, place: object) -> bool:
        match place:
            case (int() as row, int() as column):
                return self.top <= row <= self.bottom and self.left <= column <= self.right
        return False

    def __str__(self) -> str:
        first, last = a1(self.top, self.left), a1(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"


class Cell(NamedTuple):
    """One non-empty cell. A named tuple, for they are made by the thousand: a third of a frozen record's time.

    ``value`` is the stored value (numbers as ``Decimal`` cleaned to 15 digits), ``None`` where a formula has
    no cached value. ``text`` is what the sheet shows. ``decimals`` is the number of decimals the number format
    shows (of the percentage where ``percent``), ``None`` where the host cannot tell or the format is General.
    ``error`` says that ``value`` is an Excel error such as ``"#DIV/0!"``.
    """

    row: int
    column: int
    value: Value
    text: str
    decimals: int | None = None
    percent: bool = False
    formula: str | None = None
    error: bool = False

    @property
    def uncached(self) -> bool:
        """A formula that was never calculated: its value is unknown, neither blank nor zero."""
        return self.formula is not None and self.value is None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the host can tell of a workbook; a rule that needs what is missing is skipped with that reason."""

    formulas: bool = True
    formats: bool = True
    hidden: bool = True
    merges: bool = True


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: sparse cells by ``(row, column)``, merged areas, hidden rows and columns; ``instead`` names what stands on it
    that is no cell (图片, 嵌入对象)."""

    sheet: str
    cells: Mapping[tuple[int, int], Cell]
    merges: tuple[Area, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    state: SheetState = "visible"
    knows: Knowledge = field(default_factory=Knowledge)
    instead: str = field(default="", compare=False)

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Non-empty rows from the top, each with its cells from the left."""
        by_row: dict[int, list[Cell]] = {}
        for cell in self.cells.values():
            by_row.setdefault(cell.row, []).append(cell)
        for row in sorted(by_row):
            yield row, sorted(by_row[row], key=lambda cell: cell.column)


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook as read: its sheets in their order."""

    name: str
    grids: tuple[Grid, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, grids: Iterable[Grid], notes: Iterable[str] = ()) -> Book:
        return cls(name, tuple(grids), tuple(notes))
