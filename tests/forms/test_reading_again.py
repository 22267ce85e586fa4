"""Forms of a changed workbook, of which only the changed sheets are read, are those of the whole workbook read anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perfeval_xl.forms import read_again, read_forms
from perfeval_xl.grid import Book, Grid
from perfeval_xl.hosts.reading.loading import read_book
from tests.rules.test_rules import BASE
from tests.support import ROOT, book_of, changed, grid_of

EXAMPLE = read_book(ROOT / "workbook" / "example-2023.xlsx")
NO_FORM = grid_of("附件1", [["通讯录"], ["张三", 1]])
#: It looks like a form, and its columns are missing.
MISSED = grid_of("附件2", [["部门整体支出绩效自评表"], ["甲"], ["乙"], ["丙"]])


def with_grids(*grids: Grid) -> Book:
    """The example with sheets of its own in the place of those of their names."""
    by_name = {grid.sheet: grid for grid in grids}
    return replace(EXAMPLE, grids=tuple(by_name.get(grid.sheet, grid) for grid in EXAMPLE.grids))


def rewritten(sheet: str) -> Book:
    """The example with one sheet's texts changed."""
    (grid,) = [grid for grid in EXAMPLE.grids if grid.sheet == sheet]
    cells = {
        place: cell._replace(text=cell.text.replace("2023", "2024").replace("绩效", "绩 效"))
        for place, cell in grid.cells.items()
    }
    return with_grids(replace(grid, cells=cells))


@pytest.mark.parametrize("sheet", [grid.sheet for grid in EXAMPLE.grids])
def test_one_sheet_changed(sheet: str) -> None:
    before, after = read_forms(EXAMPLE), rewritten(sheet)
    again = read_again(after, EXAMPLE, before)
    assert again == read_forms(after)
    kept = {form.sheet for form in again for known in before if form is known}
    assert kept == {form.sheet for form in before} - {sheet}


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(EXAMPLE, id="nothing"),
        pytest.param(with_grids(NO_FORM), id="a form became none"),
        pytest.param(with_grids(MISSED), id="a form lost its columns"),
        pytest.param(replace(EXAMPLE, grids=EXAMPLE.grids[2:]), id="sheets are gone"),
        pytest.param(replace(EXAMPLE, grids=EXAMPLE.grids[::-1]), id="the other way round"),
        pytest.param(
            replace(EXAMPLE, grids=(grid_of("填报说明", [["评价政策", "hunan-2023"]]), *EXAMPLE.grids)),
            id="with a policy",
        ),
        pytest.param(book_of(BASE), id="another workbook"),
    ],
)
def test_sheets_come_go_and_move(after: Book) -> None:
    assert read_again(after, EXAMPLE, read_forms(EXAMPLE)) == read_forms(after)
    assert read_again(EXAMPLE, after, read_forms(after)) == read_forms(EXAMPLE)


def test_two_sheets_of_one_name() -> None:
    first, second = book_of(BASE).grids[0], book_of(changed(BASE, {"附件1 / A1": "附件1（二）"})).grids[0]
    double = Book.of("双.xlsx", [first, second, EXAMPLE.grids[1]])
    after = replace(double, grids=(first, *double.grids[1:]))
    assert read_again(after, double, read_forms(double)) == read_forms(after)
    assert len(read_forms(double).basic) == 2
