"""Every required cell of the clean twin, and every sheet, taken away in several ways: never 通过.

``python -m tests.erased`` takes every cell; ``tests/test_coverage.py`` one of each kind a form.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from perfeval_xl.findings import Report
from perfeval_xl.forms import read_forms
from perfeval_xl.forms.required import required
from perfeval_xl.grid import Book, Cell, Grid, Place
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.runs.checking import check_book
from tests.support import example_builder

#: What stands in the cell afterwards.
INSTEAD = {"emptied": None, "slash": "/", "dash": "——", "words": "见附件", "mark": "N/A"}
#: Sheets that may go without a word: funds without money, and what runs the unit (no project that needs a form).
MAY_GO = frozenset({"附件4", "附件5", "附件6"})
RUNNING_COSTS = frozenset({"附件3-1", "附件3-2"})


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done: the sheet, the kind of cell (or of loss of the whole sheet), the cell, how, and what came of it."""

    sheet: str
    kind: str
    cell: str
    how: str
    report: Report


@lru_cache(maxsize=1)
def twin() -> Book:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "示例.xlsx"
        path.write_bytes(example_builder().build("own", True))
        return read_book(path)


def _checked(book: Book) -> Report:
    return check_book(book, policy="hunan-2023")


def with_sheet(book: Book, name: str, grid: Grid | None) -> Book:
    """A book with one sheet replaced, or left out."""
    grids = (grid if one.sheet == name else one for one in book.grids)
    return Book.of(book.name, (one for one in grids if one is not None), book.notes)


def with_cell(book: Book, place: Place, text: str | None) -> Book:
    grid = next(one for one in book.grids if one.sheet == place.sheet)
    at = (place.row, place.column)
    cells = {key: cell for key, cell in grid.cells.items() if key != at}
    if text is not None:
        cells[at] = Cell(*at, text, text)
    return with_sheet(book, place.sheet, replace(grid, cells=cells))


def cells(every: bool = False) -> Iterator[Erased]:
    """Required cells: one of each kind a form (of the projects, one form in turn), or every one."""
    done: set[tuple[str, str]] = set()
    for form in read_forms(twin()):
        if form.sheet in MAY_GO:
            continue
        for cell in required(form):
            key = (form.kind, cell.kind)
            if key in done and not every:
                continue
            done.add(key)
            for how, text in INSTEAD.items():
                report = _checked(with_cell(twin(), cell.field.place, text))
                yield Erased(form.sheet, cell.kind, cell.field.place.cell, how, report)


def sheets() -> Iterator[Erased]:
    """Every sheet of a form: deleted, emptied, only its title left, a picture in its place (also under its title), renamed."""
    for form in read_forms(twin()):
        grid = next(one for one in twin().grids if one.sheet == form.sheet)
        title = {at: cell for at, cell in grid.cells.items() if at[0] <= form.title.place.row}
        for how, left in (
            ("deleted", None),
            ("emptied", replace(grid, cells={})),
            ("title only", replace(grid, cells=title)),
            ("picture", replace(grid, cells={}, instead="图片")),
            ("picture under its title", replace(grid, cells=title, instead="图片")),
            ("renamed", replace(grid, sheet="新建表")),
        ):
            yield Erased(form.sheet, "sheet", "", how, _checked(with_sheet(twin(), form.sheet, left)))


def is_right(erased: Erased) -> bool:
    """Never 通过; without an error or a gap only where the contract says so, or where the form is there under another name."""
    verdict = erased.report.verdict
    if erased.how == "renamed" and verdict == "pass":
        return "新建表" in {form.sheet for form in erased.report.summaries}
    if erased.kind == "sheet" and erased.how in ("deleted", "emptied"):
        if erased.sheet in MAY_GO:
            return verdict == "pass"
        if erased.sheet in RUNNING_COSTS:
            return verdict == "review"
    return verdict in ("incomplete", "fail")


def main() -> None:
    found = [*cells(every=True), *sheets()]
    for erased in found:
        if not is_right(erased):
            print(erased.sheet, erased.cell, erased.kind, erased.how, erased.report.verdict)
    print(
        len(found),
        "tried,",
        sum(map(is_right, found)),
        "right:",
        dict(Counter(f"{one.how}: {one.report.verdict}" for one in found)),
    )


if __name__ == "__main__":
    main()
