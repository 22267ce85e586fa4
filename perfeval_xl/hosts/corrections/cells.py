"""Writes corrections into any unit's workbook and takes them back: the touched cells change, and the sheet 更正记录.

Everything else of the package stays byte for byte. The log says of every cell what it showed, what it shows now, by which
rule, when and why; and keeps, in its last column, what the cell held before, so that undoing restores value and formula.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal

from perfeval_xl.correct import Change
from perfeval_xl.grid import Book, Place, quoted
from perfeval_xl.hosts.limits import LIMITS
from perfeval_xl.hosts.package import log_sheet
from perfeval_xl.hosts.package.sheets import SheetPart
from perfeval_xl.hosts.package.workbook import Sheet, Workbook, signature_note
from perfeval_xl.hosts.package.xml import (
    WORKBOOK_ORDER,
    Document,
    append_new,
    child,
    insert_new,
    new_root,
    read_text,
    write_text,
)
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.reading import xlsx
from perfeval_xl.numberformat import as_decimal
from perfeval_xl.own_sheets import CORRECTIONS_SHEET
from perfeval_xl.records import dataclass, replace

from .log import DONE, LOG, LOG_NAME, UNDONE, Entry, Held, log_grid, read_log, to_take_back, unlike


@dataclass(frozen=True, slots=True)
class Written:
    """A corrected copy, what could not be carried out, and the changes made with the texts the cells show now."""

    data: bytes
    notes: tuple[str, ...]
    changes: tuple[Change, ...] = ()


def correct(source: bytes, book: Book, changes: Sequence[Change], when: dt.datetime) -> Written:
    """A copy of a workbook with the changes made and logged; without any it is the source itself."""
    if not changes:
        return Written(source, ())
    editor = _Editor(source)
    notes: list[str] = []
    made: list[tuple[Change, str]] = []
    for change in changes:
        before = editor.before(change.place)
        if editor.set(change):
            made.append((change, before))
        else:
            notes.append(f"{change.place} 没有更正：它是数组公式的一部分，请手工修改")
    texts = editor.texts()
    entries = list(read_log(book))
    told = [replace(change, new=texts.get(change.place, "")) for change, _ in made]
    for change, (_, before) in zip(told, made, strict=True):
        said = (change.old, change.new, change.rule, change.why, DONE, before)
        entries.append(Entry(f"{when:%Y-%m-%d %H:%M:%S}", change.place, *said))
    notes += signature_note(editor.package, "更正后的副本")
    return Written(editor.finish(book, entries), tuple(notes), tuple(told))


def undo(source: bytes, book: Book) -> Written:
    """A copy with everything taken back that the log lists and nobody has changed since, as far as the log is to be
    believed: what a cell shows then is the old value that the log shows for it."""
    entries = list(read_log(book))
    undone, notes = to_take_back(entries, book)
    editor = _taken_back(source, entries, undone)
    shown = editor.texts()
    # The last comes first: of a cell that was corrected twice, the value before both counts.
    old = {entries[index].place: entries[index].old for index, _ in undone}
    others = {place: text for place, text in old.items() if shown.get(place, "") != text}
    if others:
        notes += [unlike(place, text) for place, text in others.items()]
        undone = [(index, held) for index, held in undone if entries[index].place not in others]
        editor = _taken_back(source, entries, undone)
    changes = []
    for index, _ in undone:
        entry = entries[index]
        changes.append(Change(entry.place, entry.new, entry.old, None, entry.rule, "撤销"))
        entries[index] = replace(entry, status=UNDONE)
    notes += signature_note(editor.package, "撤销后的副本")
    return Written(editor.finish(book, entries), tuple(notes), tuple(changes))


def _taken_back(source: bytes, entries: Sequence[Entry], undone: Sequence[tuple[int, Held]]) -> _Editor:
    editor = _Editor(source)
    for index, held in undone:
        editor.restore(entries[index].place, held)
    return editor


# -- cells ----------------------------------------------------------------------------------------------------


class _Editor:
    """The sheets of a package, opened as they are needed."""

    def __init__(self, source: bytes) -> None:
        self.package = Package.open(source)
        self.workbook = Workbook(self.package)
        self.sheets = {sheet.name: sheet for sheet in self.workbook.sheets if sheet.part is not None}
        self.open: dict[str, SheetPart] = {}
        self.strings = self.workbook.shared_strings()

    def part(self, sheet: str) -> SheetPart:
        if sheet not in self.open:
            self.open[sheet] = SheetPart(self.package, self.sheets[sheet].part or "", self.strings)
        return self.open[sheet]

    def before(self, place: Place) -> str:
        """What a cell holds, as JSON; a text of the shared table with its index and, should that table move, itself."""
        cell = self.part(place.sheet).cells.get((place.row, place.column))
        if cell is None:
            return "{}"
        held: dict[str, str] = {name: cell.get(name, "") for name in ("t", "s") if cell.get(name) is not None}
        formula, value = self.part(place.sheet).formula(place.row, place.column), child(cell, "v")
        if formula is not None:
            held["f"] = formula
        if value is not None:
            held["v"] = value.text or ""
        if cell.get("t") == "s":
            held["text"] = self._shared(held.get("v", "")) or ""
        if cell.get("t") == "inlineStr":
            inline = child(cell, "is")
            held["text"] = "" if inline is None else read_text(inline)
        return json.dumps(held, ensure_ascii=False)

    def _shared(self, index: str) -> str | None:
        """The text of the shared table that a cell's value names."""
        known = index.isascii() and index.isdigit() and int(index) < len(self.strings)
        return self.strings[int(index)] if known else None

    def set(self, change: Change) -> bool:
        """Make a change; False for a cell of an array formula, which cannot change alone."""
        part, at = self.part(change.place.sheet), (change.place.row, change.place.column)
        formula = child(part.made(*at), "f")
        if formula is not None and formula.get("t") in ("array", "dataTable"):
            return False
        value = as_decimal(change.value) if isinstance(change.value, Decimal) else change.value
        if change.formula is None:
            part.set(*at, value)
            if formula is not None:
                self.workbook.drop_calculation_chain()
        elif formula is None:
            part.set_formula(*at, change.formula.removeprefix("="), value)
        else:
            part.cache(*at, value)
        return True

    def restore(self, place: Place, held: Held) -> None:
        """Give a cell back what it held; its style was never touched."""
        part, at = self.part(place.sheet), (place.row, place.column)
        formula = held.get("f")
        kept = child(part.made(*at), "f") if formula is not None and part.formula(*at) == formula else None
        if kept is None:
            part.set(*at, None)
        cell = part.emptied(*at)
        if not held:
            part.drop(*at)
            return
        if kept is not None:
            cell.append(kept)
        elif formula is not None:
            append_new(cell, "f").text = formula
            self.workbook.drop_calculation_chain()
        kind = held.get("t")
        if kind == "inlineStr" or (kind == "s" and self._shared(held.get("v", "")) != held.get("text")):
            write_text(cell, held.get("text", ""))
            return
        if kind is not None:
            cell.set("t", kind)
        if held.get("v"):
            append_new(cell, "v").text = held["v"]

    def _keep(self) -> None:
        for part in self.open.values():
            part.save()

    def texts(self) -> dict[Place, str]:
        """What the cells show by now, in their own number formats."""
        self._keep()
        read = xlsx.read("", self.package.to_bytes(), LIMITS)
        return {Place(grid.sheet, *key): cell.text for grid in read.grids for key, cell in grid.cells.items()}

    def finish(self, book: Book, entries: Sequence[Entry]) -> bytes:
        """The package with the log written and a full calculation asked for on opening."""
        self._keep()
        _write_log(self.workbook, book, entries)
        root = self.workbook.document.root
        settings = child(root, "calcPr")
        if settings is None:
            settings = insert_new(root, "calcPr", WORKBOOK_ORDER)
        settings.set("fullCalcOnLoad", "1")
        self.workbook.save()
        return self.package.to_bytes()


# -- the sheet 更正记录 ---------------------------------------------------------------------------------------


def _write_log(workbook: Workbook, book: Book, entries: Sequence[Entry]) -> None:
    """Write the whole log anew, into the sheet it stands in or a new one."""
    sheet = _log_sheet(workbook, book)
    rows = [(str(ordinal), *entry.texts) for ordinal, entry in enumerate(entries, 1)]
    old = child(workbook.package.document(sheet.part or "").root, "sheetPr")
    workbook.package.put(sheet.part or "", Document.new(log_sheet.worksheet(workbook, LOG, rows, old)))
    log_sheet.name_filter(workbook, sheet, LOG, len(rows))
    workbook.remove_names(lambda element: element.get("name") == LOG_NAME)
    workbook.add_name(LOG_NAME, f"{quoted(sheet.name)}!$A$1", hidden=True)


def _log_sheet(workbook: Workbook, book: Book) -> Sheet:
    """The sheet of the log: the one with its headings, an empty one of its name, else a new one."""
    known = log_grid(book)
    empty = next((grid for grid in book.grids if grid.sheet == CORRECTIONS_SHEET and not grid.cells), None)
    grid = known or empty
    for sheet in workbook.sheets:
        if grid is not None and sheet.name == grid.sheet and sheet.part is not None:
            return sheet
    return workbook.add_sheet(workbook.free_name(CORRECTIONS_SHEET), new_root("worksheet", workbook.space))
