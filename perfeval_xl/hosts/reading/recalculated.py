"""A workbook with the values that LibreOffice works out for its formulas."""

from __future__ import annotations

import dataclasses

from perfeval_xl.grid import Book, Cell, Grid
from perfeval_xl.hosts.libreoffice import convert
from perfeval_xl.hosts.limits import Limits

from . import xlsx


def recalculated(book: Book, data: bytes, suffix: str, limits: Limits) -> Book:
    """The book with the values LibreOffice calculates for its formulas; a note says what came of it.

    A function it does not know leaves the cell as it was. OfficeError as for ``convert``.
    """
    if not any(cell.formula is not None for grid in book.grids for cell in grid.cells.values()):
        return book
    calculated = xlsx.read(book.name, convert(data, suffix, "xlsx", limits), limits)
    by_name = {grid.sheet: grid for grid in calculated.grids}
    grids = [_with_values(grid, by_name.get(grid.sheet)) for grid in book.grids]
    pairs = [
        (old, new.cells[place])
        for grid, new in zip(book.grids, grids, strict=True)
        for place, old in grid.cells.items()
        if new.cells[place] is not old
    ]
    filled = sum(old.uncached for old, _ in pairs)
    notes = [f"已用 LibreOffice 重算公式：{filled} 个原来没有结果，{len(pairs) - filled} 个结果与保存的不同"]
    return Book.of(book.name, grids, (*book.notes, *notes))


def _with_values(grid: Grid, calculated: Grid | None) -> Grid:
    if calculated is None:
        return grid
    cells = {place: _with_value(cell, calculated.cells.get(place)) for place, cell in grid.cells.items()}
    return dataclasses.replace(grid, cells=cells)


def _with_value(cell: Cell, calculated: Cell | None) -> Cell:
    if cell.formula is None or calculated is None or calculated.value is None:
        return cell
    unknown = calculated.error and (calculated.value == "#NAME?" or not cell.uncached)
    if unknown or calculated.value == cell.value:
        return cell
    return calculated._replace(formula=cell.formula)
