"""A sheet of the template as data: cells, prompts, names, print set-up. Rows and columns count from 0."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

Data = dict[str, Any]
Spans = Sequence[tuple[int, int]]
"""The columns of one line: (first column, how many are merged)."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, merged over `rows` × `cols`.

    `value` is what is shipped: a text or number, or the cached value of `formula` (without its equals sign).
    `prompt` names an entry of prompts.yaml: what may be typed and what is said on selecting the cell.
    """

    row: int
    col: int
    value: str | int | float = ""
    look: str = "label"
    rows: int = 1
    cols: int = 1
    formula: str = ""
    open: bool = False
    prompt: str = ""
    note: str = ""

    @property
    def address(self) -> str:
        return str(xl_rowcol_to_cell(self.row, self.col))


@dataclass(frozen=True, slots=True)
class Print:
    """Print set-up: the last column that prints, rows repeated on every page, orientation, pages high (0: any)."""

    last_col: int
    repeat: tuple[int, int] | None = None
    landscape: bool = False
    pages_high: int = 0


@dataclass(slots=True)
class Sheet:
    """A sheet ready to be written. `heights` are fixed row heights; rows in `growing` fit what is typed in them."""

    name: str
    code: str
    widths: Sequence[float]
    cells: list[Cell] = field(default_factory=list)
    heights: dict[int, float] = field(default_factory=dict)
    growing: set[int] = field(default_factory=set)
    form: str = ""
    print: Print | None = None
    freeze: tuple[int, int] = (0, 0)
    names: dict[str, str] = field(default_factory=dict)
    long_texts: list[str] = field(default_factory=list)
    hidden: bool = False
    protected: bool = True
    tab: str = ""

    def add(self, cells: Iterable[Cell]) -> None:
        self.cells.extend(cells)

    @property
    def bottom(self) -> int:
        """The row under the last cell."""
        return max((cell.row + cell.rows for cell in self.cells), default=0)


def line(row: int, spans: Spans, values: Sequence[str], look: str, **more: Any) -> Iterator[Cell]:
    """Yield one line of labels; values that are left off at the end are empty cells, for they have borders too."""
    for index, (col, cols) in enumerate(spans):
        yield Cell(row, col, values[index] if index < len(values) else "", look, cols=cols, **more)


def area(top: int, left: int, bottom: int, right: int) -> str:
    """An A1 range, all four edges included."""
    return f"{xl_rowcol_to_cell(top, left)}:{xl_rowcol_to_cell(bottom, right)}"


def letters(col: int) -> str:
    return str(xl_col_to_name(col))
