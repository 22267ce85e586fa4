"""The sheet 审核公式 of a workbook as the rows of a book."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from perfeval_xl.grid import Cell, Grid
from perfeval_xl.own_sheets import RULES_SHEET
from perfeval_xl.text import clean, one_line

from .records import COLUMNS, Book, Remark
from .rows import book_of, unknown_columns

#: In how many of the first rows the headings are looked for.
_HEADINGS_WITHIN = 15
_EXCEL = "成了 Excel 公式，请把这一栏设为文本，不要以 = 开头"


def sheet_of(grids: tuple[Grid, ...]) -> Grid | None:
    """The sheet of rules; a workbook with one sheet that has the headings needs no other name."""
    named = next((grid for grid in grids if clean(grid.sheet) == RULES_SHEET), None)
    if named is not None or len(grids) != 1:
        return named
    return grids[0] if _headings(grids[0]) is not None else None


def read_sheet(grid: Grid, identity: str, sha256: str) -> Book:
    """The book that a sheet holds; what is above the headings is its title."""
    found = _headings(grid)
    if found is None:
        text = f"“{grid.sheet}”里没有找到表头：要有 {'、'.join(COLUMNS)} 这些栏（至少 编号、公式）"
        return Book(identity, identity, sha256, (), (Remark(0, "", text),))
    row, columns = found
    title = _title(grid, row)
    headings = [name for _, name in sorted(columns.items())]
    before = tuple(unknown_columns(headings, row))
    given = list(_rows(grid, row, columns))
    formulas = [
        Remark(number, name, _EXCEL)
        for number, cells in given
        for name, cell in cells.items()
        if cell.formula is not None
    ]
    rows = ((number, _texts(cells)) for number, cells in given)
    return book_of(identity, title or identity, sha256, rows, (*before, *formulas))


def rows_of_sheet(grid: Grid, identity: str) -> tuple[str, list[Mapping[str, str]]]:
    """The title of the book that a sheet holds and its rows as they are written."""
    found = _headings(grid)
    if found is None:
        return identity, []
    title = _title(grid, found[0]) or identity
    return title, [_texts(cells) for _, cells in _rows(grid, *found)]


def _title(grid: Grid, headings: int) -> str:
    """What stands above the headings first."""
    return next((one_line(cell.text) for row, cells in grid.rows() if row < headings for cell in cells), "")


def _headings(grid: Grid) -> tuple[int, Mapping[int, str]] | None:
    """The row of the headings and what each column is."""
    for number, (row, cells) in enumerate(grid.rows()):
        if number >= _HEADINGS_WITHIN:
            break
        names = {cell.column: clean(cell.text) for cell in cells}
        if len(set(names.values()) & set(COLUMNS)) >= 2:
            return row, names
    return None


def _rows(grid: Grid, headings: int, columns: Mapping[int, str]) -> Iterator[tuple[int, Mapping[str, Cell]]]:
    """The rows below the headings in which anything but 启用 stands."""
    for row, cells in grid.rows():
        if row <= headings:
            continue
        own = {
            columns[cell.column]: cell
            for cell in cells
            if columns.get(cell.column) in COLUMNS and cell.text.strip() + (cell.formula or "")
        }
        if own.keys() - {"启用", "容差", "级别"}:
            yield row, own


def _texts(cells: Mapping[str, Cell]) -> dict[str, str]:
    """What a row says; a number or per cent as it is shown, an Excel formula nothing (it is told)."""
    return {name: cell.text for name, cell in cells.items() if cell.formula is None}
