"""The reference host for .xlsx and .xlsm: openpyxl's own reading, twice (values, formulas), slow and plain.

``--host openpyxl`` uses it, and the tests compare every other host with it. Imported only when used.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell as WorkbookCell
from openpyxl.cell.cell import MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from perfeval_xl.grid import Area, Book, Cell, Grid, Value
from perfeval_xl.hosts.limits import Limits, TooMuch
from perfeval_xl.numberformat import BUILTIN_FORMATS, as_decimal, make_cell

ERRORS = "e"
_SINGLE = {"columns": 1, "rows": 1}


def read(name: str, data: bytes, limits: Limits) -> Book:
    """The workbook in the bytes of an .xlsx or .xlsm file, as openpyxl reads it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl does not support, a checker of figures does not need
        values = load_workbook(io.BytesIO(data), data_only=True)
        formulas = load_workbook(io.BytesIO(data))
    if not values.worksheets:
        raise ValueError("openpyxl finds no worksheet")  # as in files of the strict flavour
    left = limits.cells
    grids = []
    for sheet in values.worksheets:
        cells = {(cell.row, cell.column): cell for cell in _cells(sheet, formulas[sheet.title])}
        left -= len(cells)
        if left < 0:
            raise TooMuch("有内容的单元格太多")
        grids.append(_grid(sheet, cells))
    return Book.of(name, grids)


def _grid(sheet: Worksheet, cells: dict[tuple[int, int], Cell]) -> Grid:
    last_row = max((row for row, _ in cells), default=0)
    last_column = max((column for _, column in cells), default=0)
    hidden_columns = {
        column
        for dimension in sheet.column_dimensions.values()
        if dimension.hidden or dimension.width == 0
        for column in range(dimension.min or 1, min(dimension.max or 1, last_column) + 1)
    }
    return Grid(
        sheet=sheet.title,
        cells=cells,
        merges=tuple(
            sorted(Area.of(str(merge)) for merge in sheet.merged_cells.ranges if merge.size != _SINGLE)
        ),
        hidden_rows=frozenset(
            row
            for row, size in sheet.row_dimensions.items()
            if (size.hidden or size.height == 0) and row <= last_row
        ),
        hidden_columns=frozenset(hidden_columns),
        state=sheet.sheet_state,
    )


def _cells(values: Worksheet, formulas: Worksheet) -> Iterator[Cell]:
    """Cells with something in them; openpyxl's sparse store is walked, never the used range."""
    for (row, column), stored in formulas._cells.items():
        formula = _formula(stored)
        cell = values._cells.get((row, column))
        value = _value(getattr(cell, "value", None))
        if value in (None, "") and formula is None:
            continue
        error = getattr(cell, "data_type", "") == ERRORS
        yield make_cell(row, column, value, _format(stored), formula=formula, error=error)


def _format(cell: WorkbookCell | MergedCell) -> str:
    """The number format; a built-in one as a Chinese Office shows it, which openpyxl gives in its American form."""
    styled: Any = cell
    return BUILTIN_FORMATS.get(styled._style.numFmtId, cell.number_format)


def _formula(cell: WorkbookCell | MergedCell) -> str | None:
    """The formula of a cell, None where it holds a plain value; array formulas give their text."""
    if cell.data_type != "f":
        return None
    text = getattr(cell.value, "text", cell.value)
    return str(text) if text else "="


def _value(value: object) -> Value:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return as_decimal(value)
    if value is None or isinstance(value, str):
        return value
    return value  # type: ignore[return-value]  # openpyxl's dates and times are the grid's
