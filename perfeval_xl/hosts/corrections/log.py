"""The sheet 更正记录: what was corrected, read back from it, and what of it can be taken back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from perfeval_xl.correct.formulas import NotUnderstood, own_formula, reckoned, references
from perfeval_xl.errors import CorrectError
from perfeval_xl.grid import LAST_COLUMN, LAST_ROW, Book, Cell, Grid, Place, coordinates
from perfeval_xl.hosts.package import log_sheet
from perfeval_xl.numberformat import as_decimal
from perfeval_xl.own_sheets import CORRECTIONS_SHEET, is_own_sheet
from perfeval_xl.records import dataclass, replace
from perfeval_xl.text import cell_text, one_line, shortened, unescaped

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
    why. The log is a sheet that anybody can write: a formula it names is believed where the cell has it today, or
    where plain arithmetic gives the very figure that the log says the cell held."""
    cells = {Place(grid.sheet, *key): cell for grid in book.grids for key, cell in grid.cells.items()}
    texts = {place: cell.text for place, cell in cells.items()}
    sheets = {grid.sheet for grid in book.grids if not is_own_sheet(grid)}
    undone: list[tuple[int, Held]] = []
    notes: list[str] = []
    absent = 0
    for index in range(len(entries) - 1, -1, -1):
        entry = entries[index]
        if entry.status != DONE:
            continue
        if texts.get(entry.place, "") != entry.new:
            notes.append(f"{entry.place} 更正后又改过（现为 {texts.get(entry.place, '空')}），没有撤销")
            continue
        held = _held(entry.before)
        absent += entry.place not in cells
        if (
            held is None
            or entry.place.sheet not in sheets
            or not _exists(entry.place)
            or absent > _MOST_ABSENT
        ):
            notes.append(f"{entry.place} 没有撤销：更正记录里的还原信息被改动过，或工作表已不在")
            continue
        undone.append((index, held))
        texts[entry.place] = entry.old
    return _believed(undone, entries, book, notes), notes


def unlike(place: Place, old: str) -> str:
    """What is told of a cell that would not show again what the log shows for it."""
    return f"{place} 没有撤销：更正记录里的还原信息与原值“{shortened(one_line(old), 30)}”不符"


def _exists(place: Place) -> bool:
    return place.row <= LAST_ROW and place.column <= LAST_COLUMN


def _believed(
    undone: Sequence[tuple[int, Held]], entries: Sequence[Entry], book: Book, notes: list[str]
) -> list[tuple[int, Held]]:
    """Those whose formulas are to be believed; ``notes`` are told of the others."""
    before = _restored(book, {entries[index].place: held for index, held in undone})
    now = {grid.sheet: grid for grid in book.grids}
    believed: list[tuple[int, Held]] = []
    reckoned_ones = 0
    for index, held in undone:
        place = entries[index].place
        formula = f"={held['f'].removeprefix('=')}" if "f" in held else None
        grid = now[place.sheet]
        cell = grid.cells.get((place.row, place.column))
        if formula is not None and (cell is None or own_formula(cell, grid.cells) != formula):
            reckoned_ones += 1
            if reckoned_ones > _MOST_FORMULAS or not _gives(formula, held, place, before):
                notes.append(_not_proved(entries[index], formula))
                continue
        believed.append((index, held))
    return believed


#: So many cells that are blank by now get back what they held: few corrections leave a cell blank.
_MOST_ABSENT = 500
#: So many formulas are worked out before they are written back.
_MOST_FORMULAS = 1_000


def _not_proved(entry: Entry, formula: str) -> str:
    return (
        f"{entry.place} 没有撤销：更正记录说这里原来是公式 {shortened(one_line(formula), 200)}，程序不能证实它算出的是原值"
        f" {shortened(one_line(entry.old), 30) or '空'}；确是原来的公式的，请自行填写"
    )


def _gives(formula: str, held: Held, place: Place, book: Book) -> bool:
    """Whether a formula is plain arithmetic, not on its own cell, that gives the value it is said to have given, to the digits
    Excel keeps."""
    if any(place in reference for reference in references(formula, place.sheet) or ()):
        return False
    try:
        value = reckoned(formula, place.sheet, book)
    except NotUnderstood:
        return False
    said = _value(held)
    if isinstance(value, Decimal) and isinstance(said, Decimal):
        return abs(value - said) <= abs(said) * _DIGITS
    return type(value) is type(said) and value == said


#: Two figures that differ by less than this part of them are one to Excel.
_DIGITS = Decimal("1e-12")


def _value(held: Held) -> Decimal | str | bool | None:
    """The value a cell held; None for a blank one and for an error."""
    match held.get("t", "n"):
        case "n":
            return as_decimal(Decimal(held["v"])) if held.get("v") else None
        case "b":
            return held["v"] == "1"
        case "s" | "inlineStr":
            return held["text"]
        case "str":
            return unescaped(held.get("v", ""))
    return None


def _restored(book: Book, held: Mapping[Place, Held]) -> Book:
    """The book with the values that cells held; the earliest where a cell is named more than once."""
    by_sheet: dict[str, dict[tuple[int, int], Cell]] = {}
    for place, each in held.items():
        cell = Cell(place.row, place.column, _value(each), "", error=each.get("t") == "e")
        by_sheet.setdefault(place.sheet, {})[place.row, place.column] = cell
    return Book.of(
        book.name,
        (
            replace(grid, cells={**grid.cells, **by_sheet[grid.sheet]}) if grid.sheet in by_sheet else grid
            for grid in book.grids
        ),
    )


def read_log(book: Book) -> Iterator[Entry]:
    """The rows of 更正记录, found by its headings. CorrectError for more of them than correcting ever wrote."""
    grid = log_grid(book)
    head = None if grid is None else headings(grid)
    if grid is None or head is None:
        return
    first, columns = head
    if len({row for row, _ in grid.cells}) - first > MOST_ENTRIES:
        raise CorrectError(
            f"“{grid.sheet}”超过 {MOST_ENTRIES} 行，不像是本程序写的，没有照它改；请从没有更正过的原文件重新更正"
        )
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


#: A submission of 200 projects with every figure recomputed stays below.
MOST_ENTRIES = 5_000

#: What may stand in the value of a cell, by its type; of any other type anything may.
_VALUES = {
    "n": r"([-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]{1,3})?)?",
    "s": r"[0-9]{1,9}",
    "b": r"[01]",
    "e": r"#(DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!|GETTING_DATA)",
    "d": r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]{5,16}Z?)?",
}
#: Types whose text stands beside the value; a formula gives none of them.
_TEXTS = ("s", "inlineStr")


def _held(before: str) -> Held | None:
    """What a cell held, as the log says; None where someone has changed that into what no cell holds."""
    try:
        held = json.loads(before)
    except (ValueError, RecursionError):
        return None
    if not isinstance(held, dict) or not all(
        (name in ("t", "s", "v", "f", "text") or re.fullmatch(ATTRIBUTE + "[a-z]+[A-Za-z0-9]*", name))
        and isinstance(text, str)
        and cell_text(text) == text
        for name, text in held.items()
    ):
        return None
    return held if _is_cell(held) else None


def _is_cell(held: Held) -> bool:
    """Whether a cell can hold that."""
    kind, formula = held.get("t", "n"), held.get("f")
    if kind in _TEXTS:
        return formula is None and "text" in held and (kind != "s" or _fits(kind, held.get("v", "")))
    if kind not in (*_VALUES, "str") or formula == "" or not _fits(kind, held.get("v", "")):
        return False
    try:
        _value(held)
    except ValueError:  # no figure that Excel can hold
        return False
    return True


def _fits(kind: str, value: str) -> bool:
    return kind not in _VALUES or re.fullmatch(_VALUES[kind], value) is not None
