"""The sheet 更正记录: what was corrected, read back from it, and what of it can be taken back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from perfeval_xl.grid import Book, Grid, Place, coordinates
from perfeval_xl.hosts.package import log_sheet
from perfeval_xl.own_sheets import CORRECTIONS_SHEET
from perfeval_xl.text import cell_text

LOG_NAME = "PE_CORRECTIONS"

DONE, UNDONE = "已更正", "已撤销"

#: Before the names of a formula's attributes in what a cell held.
ATTRIBUTE = "f_"

#: Headings of the log with the width of their columns in characters.
COLUMNS = (
    ("序号", 6), ("时间", 21), ("工作表", 14), ("单元格", 8), ("原值", 14), ("新值", 14), ("规则", 8), ("原因", 44),
    ("状态", 9), ("还原信息", 12),
)  # fmt: skip

HINT = "程序改过的格子都记在这里；要全部改回原样，点“撤销更正”，或用 perfeval-xl undo。隐藏的最后一列供撤销用，请勿改动。"

LOG = log_sheet.Log(CORRECTIONS_SHEET, HINT, COLUMNS, hidden=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the log. ``before`` is what the cell held, as JSON (type, value, formula, style index); ``row`` is the
    row of the sheet it was read from, 0 for one not written yet."""

    when: str
    place: Place
    old: str
    new: str
    rule: str
    why: str
    status: str
    before: str
    row: int = 0

    @property
    def texts(self) -> tuple[str, ...]:
        return (
            self.when, self.place.sheet, self.place.cell, self.old, self.new, self.rule, self.why, self.status,
            self.before,
        )  # fmt: skip


Held = Mapping[str, str]


def to_take_back(entries: Sequence[Entry], book: Book) -> tuple[list[tuple[int, Held]], list[str]]:
    """Which entries can be taken back, the last first, by their index and with what the cell held; and which cannot, and
    why."""
    cells = {Place(grid.sheet, *key): cell.text for grid in book.grids for key, cell in grid.cells.items()}
    sheets = {grid.sheet for grid in book.grids}
    undone: list[tuple[int, Held]] = []
    notes: list[str] = []
    for index in range(len(entries) - 1, -1, -1):
        entry = entries[index]
        if entry.status != DONE:
            continue
        if cells.get(entry.place, "") != entry.new:
            notes.append(f"{entry.place} 更正后又改过（现为 {cells.get(entry.place, '空')}），没有撤销")
            continue
        held = _held(entry.before)
        if held is None or entry.place.sheet not in sheets:
            notes.append(f"{entry.place} 没有撤销：更正记录里的还原信息被改动过，或工作表已不在")
            continue
        undone.append((index, held))
        cells[entry.place] = entry.old
    return undone, notes


def read_log(book: Book) -> Iterator[Entry]:
    """The rows of 更正记录, found by its headings."""
    grid = log_grid(book)
    head = None if grid is None else headings(grid)
    if grid is None or head is None:
        return
    first, columns = head
    for row, _ in grid.rows():
        texts = {
            name: cell.text if (cell := grid.cells.get((row, column))) is not None else ""
            for name, column in columns.items()
        }
        try:
            place = Place(texts["工作表"], *coordinates(texts["单元格"]))
        except ValueError:
            continue
        if row > first:
            yield Entry(
                texts["时间"], place, texts["原值"], texts["新值"], texts["规则"], texts["原因"], texts["状态"],
                texts["还原信息"], row,
            )  # fmt: skip


def log_grid(book: Book) -> Grid | None:
    """The sheet of the log, known by its name and headings; None if there is none."""
    logs = [grid for grid in book.grids if grid.sheet.partition("(")[0] == CORRECTIONS_SHEET]
    return next((grid for grid in logs if headings(grid) is not None), None)


def headings(grid: Grid) -> tuple[int, Mapping[str, int]] | None:
    """The row of the log's headings, and their columns."""
    wanted = {name for name, _ in COLUMNS}
    for row, cells in grid.rows():
        found = {cell.text.strip(): cell.column for cell in reversed(cells)}
        if wanted <= found.keys():
            return row, {name: found[name] for name in wanted}
    return None


def _held(before: str) -> Mapping[str, str] | None:
    """What a cell held, as the log says; None where someone has changed that."""
    try:
        held = json.loads(before)
    except ValueError:
        return None
    names = isinstance(held, dict) and all(
        name in ("t", "s", "v", "f", "text") or re.fullmatch(ATTRIBUTE + "[a-z]+[A-Za-z0-9]*", name)
        for name in held
    )
    if not names or held.get("t", "n") not in ("n", "s", "str", "b", "e", "d", "inlineStr"):
        return None
    texts = all(isinstance(text, str) and cell_text(text) == text for text in held.values())
    return held if texts else None
