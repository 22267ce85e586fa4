"""A workbook of another format (.xls, .et, .xlsb, .ods) with its number formats, formulas and hidden rows, by way of LibreOffice."""

from __future__ import annotations

import dataclasses

from perfeval_xl.grid import Book, Cell, Grid
from perfeval_xl.hosts.libreoffice import convert
from perfeval_xl.hosts.limits import Limits

from . import xlsx


def with_formats(book: Book, data: bytes, suffix: str, limits: Limits) -> Book:
    """The book as LibreOffice converts it. ``book`` is what the file itself says: its values hold where LibreOffice knows none.

    OfficeError as for ``convert``; ValueError where the copy has other sheets or has lost cells.
    """
    made = xlsx.read(book.name, convert(data, suffix, "xlsx", limits), limits)
    if [grid.sheet for grid in made.grids] != [grid.sheet for grid in book.grids]:
        raise ValueError("other sheets")
    grids = [_checked(own, new) for own, new in zip(book.grids, made.grids, strict=True)]
    note = f"原文件是 {suffix} 格式，由 LibreOffice 转换后检查"
    return Book.of(book.name, grids, (*book.notes, note))


def _checked(own: Grid, new: Grid) -> Grid:
    lost = [place for place, cell in own.cells.items() if cell.text.strip() and place not in new.cells]
    if lost:
        raise ValueError("cells are lost")
    cells = {place: _cell(own.cells.get(place), cell) for place, cell in new.cells.items()}
    return dataclasses.replace(new, cells=cells)


def _cell(own: Cell | None, new: Cell) -> Cell:
    """The converted cell; of a function that LibreOffice does not know, the value that was stored."""
    if own is None or not (new.error or new.uncached) or own.error:
        return new
    return own._replace(formula=new.formula)
