"""The host for workbooks that are open in Excel or Calc, through xlwings: what stands in them now, saved or not.

Where the office can write a copy, that is one call, and the file's own reader does the rest. Otherwise each sheet's
values and formulas come in one call each, and number formats, merged and hidden cells by halving: an area that is
uniform is asked once, however many cells it has.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeVar

from perfeval_xl import scratch
from perfeval_xl.errors import Unreadable
from perfeval_xl.grid import Area, Book, Cell, Grid
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.numberformat import GENERAL, as_decimal, dated, is_date, make_cell
from perfeval_xl.records import replace

from . import office_api

log = logging.getLogger(__name__)

Way = Literal["copy", "blocks"]
Progress = Callable[[str], None]
T = TypeVar("T")


def silent(_: str) -> None:
    """No progress shown."""


def read_open_book(
    book: Any, *, way: Way | None = None, progress: Progress = silent, limits: Limits = LIMITS
) -> Book:
    """The open workbook (an ``xlwings.Book``) as a ``Book`` with its name.

    ``way`` forces a copy or blocks; without it a copy is taken where that works. ``progress`` gets a line for each
    step and may raise ``Cancelled``. Unreadable for a book beyond the limits; errors of the office as they come.
    """
    progress("正在读取工作簿")
    if way == "copy" or (way is None and office_api.can_save_copy(book)):
        try:
            return _read_copy(book, limits)
        except Exception as error:
            # Some offices encrypt whatever is saved, some disks are full; the cells can be read all the same.
            if way is not None or office_api.is_busy(error) or office_api.is_gone(error):
                raise
            log.info("no copy of the open book could be read, it is read in blocks", exc_info=True)
    return _read_blocks(book, progress, limits)


def _read_copy(book: Any, limits: Limits) -> Book:
    with copy_on_disk(book) as path:
        read = read_book(path, limits=limits)
    return Book(book.name, read.grids, read.notes)


@contextmanager
def copy_on_disk(book: Any) -> Iterator[Path]:
    """A file that holds what stands in the open workbook now, saved or not; gone afterwards.

    Only where ``office_api.can_save_copy``; errors of the office as they come.
    """
    suffix = Path(book.name).suffix.lower()
    name = f"book{suffix if suffix in ('.xlsx', '.xlsm') and not office_api.is_calc(book.app) else '.xlsx'}"
    with scratch.folder() as folder:
        path = folder / name
        office_api.save_copy(book, str(path))
        yield path


# --- in blocks -----------------------------------------------------------------------------------------------------


def _read_blocks(book: Any, progress: Progress, limits: Limits) -> Book:
    date1904 = office_api.counts_from_1904(book)
    grids = []
    left = limits.cells
    for sheet in book.sheets:
        name = sheet.name
        progress(f"正在读取 {name}")
        grid = _read_sheet(sheet, name, date1904, left, book.name)
        left -= len(grid.cells)
        grids.append(grid)
    return Book.of(book.name, grids)


def _read_sheet(sheet: Any, name: str, date1904: bool, left: int, book: str) -> Grid:
    used = sheet.used_range
    rows, columns = used.shape
    if rows * columns > LIMITS.places:
        raise Unreadable(book, f"工作表“{name}”的使用范围太大", "请删去表格以外的空行和格式后再检查")
    area = Area(used.row, used.column, used.row + rows - 1, used.column + columns - 1)
    stored = office_api.values(used)
    formulas = office_api.rows_of(used.formula, used.shape)
    filled = _filled(area, stored, formulas)
    if len(filled) > left:
        raise Unreadable(book, "有内容的单元格太多", "请删去无关的工作表后再检查")
    if not filled:
        return Grid(name, {}, state=office_api.state(sheet))
    formats = _formats(sheet, area, filled)
    cells = {
        place: _cell(place, value, formula, formats.get(place), date1904)
        for place, (value, formula) in filled.items()
    }
    return Grid(
        name,
        cells,
        tuple(_merges(sheet, area)),
        frozenset(_hidden(sheet, area, of_rows=True)),
        frozenset(_hidden(sheet, area, of_rows=False)),
        office_api.state(sheet),
    )


def _filled(
    area: Area, stored: office_api.Rows, formulas: office_api.Rows
) -> dict[tuple[int, int], tuple[Any, str | None]]:
    """Value and formula of the cells that have one, by (row, column)."""
    filled = {}
    for row, (values, texts) in enumerate(zip(stored, formulas, strict=True), area.top):
        for column, (value, text) in enumerate(zip(values, texts, strict=True), area.left):
            # Text that begins with an equals sign is its own formula; a formula never is.
            formula = text if isinstance(text, str) and text.startswith("=") and value != text else None
            if value not in (None, "") or formula is not None:
                filled[row, column] = (value, formula)
    return filled


def _cell(
    place: tuple[int, int], value: Any, formula: str | None, number_format: str | None, date1904: bool
) -> Cell:
    error = office_api.error_text(value)
    if error is not None:
        return make_cell(*place, error, number_format, formula, error=True)
    if isinstance(value, float | int | Decimal) and not isinstance(value, bool):
        number = as_decimal(value)
        code = number_format or GENERAL
        value = dated(number, code, date1904) if is_date(code) else number
    return make_cell(*place, value, number_format, formula)


def _formats(
    sheet: Any, area: Area, filled: dict[tuple[int, int], tuple[Any, str | None]]
) -> dict[tuple[int, int], str]:
    """The number formats of the filled cells."""
    formats: dict[tuple[int, int], str] = {}
    columns: dict[int, list[int]] = {}
    for row, column in filled:
        columns.setdefault(row, []).append(column)

    def places(part: Area) -> Iterator[tuple[int, int]]:
        for row in range(part.top, part.bottom + 1):
            for column in columns.get(row, ()):
                if part.left <= column <= part.right:
                    yield row, column

    def probe(part: Area) -> str | None:
        code: str | None = _range(sheet, part).number_format
        return code

    for part, code in halved(area, probe, lambda part: any(True for _ in places(part))):
        if code is not None:
            formats.update(dict.fromkeys(places(part), code))
    return formats


def _merges(sheet: Any, area: Area) -> list[Area]:
    merges: dict[Area, None] = {}

    def probe(part: Area) -> Area | bool | None:
        """The merged area a part lies in, False for none, None to look closer."""
        if any((part.top, part.left) in merge and (part.bottom, part.right) in merge for merge in merges):
            return False
        merged = _range(sheet, part).merge_cells
        if not merged:
            return False if merged is False else None
        found = _area_of(_range(sheet, Area(part.top, part.left, part.top, part.left)).merge_area)
        if (part.bottom, part.right) not in found:
            return None
        merges[found] = None
        return found

    for _ in halved(area, probe):
        pass
    return list(merges)


def _hidden(sheet: Any, area: Area, *, of_rows: bool) -> Iterator[int]:
    def probe(part: Area) -> bool | None:
        lines = _range(sheet, part)
        hidden: bool | None = lines.rows.hidden if of_rows else lines.columns.hidden
        return hidden

    bottom, right = (area.bottom, area.left) if of_rows else (area.top, area.right)
    strip = Area(area.top, area.left, bottom, right)
    for part, hidden in halved(strip, probe):
        if hidden:
            yield from range(part.top, part.bottom + 1) if of_rows else range(part.left, part.right + 1)


def halved(
    area: Area,
    probe: Callable[[Area], T | None],
    wanted: Callable[[Area], bool] = lambda _: True,
    *,
    across: bool = True,
) -> Iterator[tuple[Area, T | None]]:
    """Parts of ``area`` that ``probe`` finds uniform (not None), each with what was found; those that are not are
    halved, columns (``across``) and rows in turn, down to single cells. Parts that are not ``wanted`` are left out,
    unasked.

    In turn, since what is uniform in tables is now a column, now a row: halving the longer side first would cut long
    columns into small pieces before it tells them apart.
    """
    if not wanted(area):
        return
    found = probe(area)
    rows, columns = area.bottom - area.top + 1, area.right - area.left + 1
    if found is not None or rows == columns == 1:
        yield area, found
        return
    if columns > 1 and (across or rows == 1):
        middle = area.left + columns // 2
        parts = (replace(area, right=middle - 1), replace(area, left=middle))
    else:
        middle = area.top + rows // 2
        parts = (replace(area, bottom=middle - 1), replace(area, top=middle))
    for part in parts:
        yield from halved(part, probe, wanted, across=not across)


def _range(sheet: Any, area: Area) -> Any:
    return sheet.range((area.top, area.left), (area.bottom, area.right))


def _area_of(cells: Any) -> Area:
    rows, columns = cells.shape
    return Area(cells.row, cells.column, cells.row + rows - 1, cells.column + columns - 1)
