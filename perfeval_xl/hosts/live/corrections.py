"""Makes corrections in an open workbook, keeps the log in its sheet 更正记录, and takes corrections back.

The log is the one that files have (``correcting``): what was corrected in a file can be taken back in the open workbook,
and the other way round. Only the planned cells are written; formulas that depend on them follow by themselves.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from decimal import Decimal
from typing import Any

from perfeval_xl.correct import Change
from perfeval_xl.correct.formulas import own_formula
from perfeval_xl.errors import LiveError
from perfeval_xl.grid import Book, Cell, Place
from perfeval_xl.hosts.corrections.log import (
    COLUMNS,
    DONE,
    HINT,
    LOG_NAME,
    UNDONE,
    Entry,
    Held,
    headings,
    log_grid,
    read_log,
    to_take_back,
    unlike,
)
from perfeval_xl.hosts.package.log_sheet import HEADER_ROW
from perfeval_xl.numberformat import as_decimal
from perfeval_xl.own_sheets import CORRECTIONS_SHEET
from perfeval_xl.records import dataclass

from . import office_api
from .marks import dress_list, is_template, new_sheet, refuse_read_only, typed, write_lines

_STATUS = "状态"
Read = Callable[[], Book]
"""Reads the open workbook anew."""


@dataclass(frozen=True, slots=True)
class Done:
    """The cells that were changed, whatever follows by formula left out; what was left, in lines; the book as it is."""

    places: tuple[Place, ...]
    notes: tuple[str, ...]
    book: Book


def correct(book: Any, before: Book, changes: Sequence[Change], when: dt.datetime, read: Read) -> Done:
    """Make the changes planned on ``before`` and log them.

    LiveError where a sheet is protected or no log can be kept, errors of the office as they come; nothing is changed then.
    """
    own = [change for change in changes if not change.follows]
    cells = _cells(before)
    contents = {change.place: _content(change, cells) for change in own}
    with _writable(book, before, contents), _all_or_nothing(book, before, contents):
        for place, content in contents.items():
            _put(book, place, content)
        book.app.calculate()
        after = read()
        shown = _cells(after)
        entries = [_entry(change, before, cells, shown, when) for change in changes]
        _append(book, before, entries)
    return Done(tuple(change.place for change in own), (), after)


def undo(book: Any, before: Book, read: Read) -> Done:
    """Take back what the log lists and nobody has changed since. Errors as with ``correct``."""
    entries = list(read_log(before))
    undone, notes = to_take_back(entries, before)
    cells = _cells(before)
    restored: dict[Place, Any] = {}
    believed: list[Entry] = []
    for index, held in undone:
        entry = entries[index]
        content = _restored(held, _formula(cells.get(entry.place), before, entry.place))
        if content is _UNKNOWN:
            notes.append(
                f"{entry.place} 没有撤销：原来的公式与别的格子共用，请存盘后用 perfeval-xl undo 撤销"
            )
            continue
        believed.append(entry)
        if content is not _AS_IT_IS:
            restored[entry.place] = content
    if not believed:
        return Done((), tuple(notes), before)
    old = {entry.place: entry.old for entry in believed}  # the last comes first: the value before both counts
    with _writable(book, before, restored), _all_or_nothing(book, before, restored):
        for place, content in restored.items():
            _put(book, place, content)
        book.app.calculate()
        after = read()
        shown = _cells(after)
        others = {place for place in restored if (shown[place].text if place in shown else "") != old[place]}
        if others:
            _put_back(book, before, others)
            book.app.calculate()
            after = read()
        notes += [unlike(place, old[place]) for place in others]
        _mark_undone(book, before, [entry.row for entry in believed if entry.place not in others])
    return Done(tuple(place for place in restored if place not in others), tuple(notes), after)


# --- cells -------------------------------------------------------------------------------------------------------

_AS_IT_IS, _UNKNOWN = object(), object()


def _cells(book: Book) -> dict[Place, Cell]:
    return {Place(grid.sheet, *key): cell for grid in book.grids for key, cell in grid.cells.items()}


def _formula(cell: Cell | None, book: Book, place: Place) -> str | None:
    """The formula a cell has, also where a file would let it share another's."""
    grid = next((grid for grid in book.grids if grid.sheet == place.sheet), None)
    return own_formula(cell, grid.cells) if cell is not None and grid is not None else None


def _content(change: Change, cells: dict[Place, Cell]) -> Any:
    """What to write for a change; a formula that stays is left alone, the office reckons it."""
    if change.formula is None:
        return change.value
    cell = cells.get(change.place)
    return _AS_IT_IS if cell is not None and cell.formula is not None else _Formula(change.formula)


class _Formula(str):
    """A formula, not a text."""

    __slots__ = ()


def _restored(held: Held, now: str | None) -> Any:
    """What to write so that a cell holds again what it held."""
    if "f" in held:
        formula = f"={held['f'].removeprefix('=')}"
        if now is not None and formula in ("=", now):
            return _AS_IT_IS
        return _UNKNOWN if formula == "=" else _Formula(formula)
    match held.get("t", "n"):
        case "s" | "inlineStr":
            return held.get("text", "")
        case "b":
            return held.get("v") == "1"
        case "n":
            return as_decimal(Decimal(held["v"])) if held.get("v") else None
        case _:
            return held.get("v", "")


def _held_by(cell: Cell | None, formula: str | None) -> str:
    """What a cell holds, as the log keeps it."""
    if cell is None:
        return "{}"
    held: dict[str, str] = {}
    match cell.value:
        case bool():
            held = {"t": "b", "v": "1" if cell.value else "0"}
        case Decimal():
            held = {"v": format(cell.value, "f")}
        case str():
            held = (
                {"t": "str", "v": cell.value}
                if formula is not None
                else {"t": "inlineStr", "text": cell.value}
            )
        case _:
            pass
    if formula is not None:
        held["f"] = formula.removeprefix("=")
    return json.dumps(held, ensure_ascii=False)


@contextmanager
def _all_or_nothing(book: Any, before: Book, places: Iterable[Place]) -> Iterator[None]:
    """Where anything goes wrong, the cells get back what they held."""
    try:
        yield
    except BaseException:
        _put_back(book, before, places)
        raise


def _put_back(book: Any, before: Book, places: Iterable[Place]) -> None:
    """Give cells what they held before, as far as the office allows it."""
    cells = _cells(before)
    for place in places:
        with suppress(Exception):
            cell = cells.get(place)
            formula = _formula(cell, before, place)
            content = None if cell is None else cell.value
            _put(book, place, content if formula is None else _Formula(formula))


def _put(book: Any, place: Place, content: Any) -> None:
    if content is _AS_IT_IS:
        return
    target = book.sheets[place.sheet].range((place.row, place.column))
    match content:
        case None:
            target.clear_contents()
        case _Formula():
            target.formula = str(content)
        case str():
            target.value = typed(content)
        case Decimal():
            target.value = float(content)
        case _:
            target.value = content


# --- protection --------------------------------------------------------------------------------------------------


@contextmanager
def _writable(book: Any, before: Book, places: Iterable[Place]) -> Iterator[None]:
    """Lift the protection of the template's own sheets; LiveError for what the clerk protected."""
    refuse_read_only(book)
    log = log_grid(before)
    if log is None and office_api.has_fixed_sheets(book):
        raise LiveError(
            f"工作簿的结构受保护，不能新增“{CORRECTIONS_SHEET}”表：请先撤销保护（审阅 → 保护工作簿）再更正"
        )
    if log is not None:
        _refuse_protected(book.sheets[log.sheet])
    own = is_template(book)
    with ExitStack() as lifted:
        for name in dict.fromkeys(place.sheet for place in places):
            sheet = book.sheets[name]
            if own:
                _lift(lifted, sheet)
            _refuse_protected(sheet)
        yield


def _lift(lifted: ExitStack, sheet: Any) -> None:
    """Take off a protection that has no password, until ``lifted`` ends."""
    try:
        lifted.enter_context(office_api.unprotected(sheet))
    except Exception as error:
        other = office_api.is_gone(error) or office_api.is_busy(error)
        if other or not office_api.is_office_error(error):
            raise


def _refuse_protected(sheet: Any) -> None:
    if office_api.is_protected(sheet):
        raise LiveError(
            f"“{sheet.name}”受保护，不能更正，什么都没有改动：请先撤销保护（审阅 → 撤销工作表保护）再点一次"
        )


# --- the log -----------------------------------------------------------------------------------------------------


def _append(book: Any, before: Book, entries: Sequence[Entry]) -> None:
    """Write the entries under the log in one block; without a log, a sheet for it first."""
    grid = log_grid(before)
    found = None if grid is None else headings(grid)
    wide = len(COLUMNS)
    if grid is None or found is None:
        sheet = new_sheet(book, CORRECTIONS_SHEET, LOG_NAME, [width for _, width in COLUMNS], HEADER_ROW)
        write_lines(sheet, 1, [[CORRECTIONS_SHEET], [HINT], [name for name, _ in COLUMNS]], wide)
        sheet.range((1, wide)).columns.hidden = True
        header = last = HEADER_ROW
        order: Mapping[str, int] = {name: at for at, (name, _) in enumerate(COLUMNS, 1)}
    else:
        sheet, (header, order) = book.sheets[grid.sheet], found
        last = max(row for row, _ in grid.rows())
    width = max(order.values())
    lines = []
    for ordinal, entry in enumerate(entries, last - header + 1):
        texts = dict(zip((name for name, _ in COLUMNS), (str(ordinal), *entry.texts), strict=True))
        by_column = {column: texts[name] for name, column in order.items()}
        lines.append([by_column.get(column, "") for column in range(1, width + 1)])
    write_lines(sheet, last + 1, lines, width)
    dress_list(sheet, last + len(lines), header, last + len(lines), width - 1)  # the last one is hidden


def _entry(
    change: Change, before: Book, cells: dict[Place, Cell], shown: dict[Place, Cell], when: dt.datetime
) -> Entry:
    """What the log says of a change; the new value is what the cell shows by now."""
    place = change.place
    old, new = cells.get(place), shown.get(place)
    held = _held_by(old, _formula(old, before, place))
    texts = (change.rule, change.why, DONE, held)
    return Entry(f"{when:%Y-%m-%d %H:%M:%S}", place, change.old, new.text if new is not None else "", *texts)


def _mark_undone(book: Any, before: Book, rows: Sequence[int]) -> None:
    """Let the log say which of its rows were taken back."""
    grid = log_grid(before)
    found = None if grid is None else headings(grid)
    assert grid is not None
    assert found is not None
    column = found[1][_STATUS]
    sheet = book.sheets[grid.sheet]
    for row in rows:
        sheet.range((row, column)).value = typed(UNDONE)
