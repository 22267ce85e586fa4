"""Writes corrections into any unit's workbook and takes them back: the touched cells change, and the sheet 更正记录.

Everything else of the package stays byte for byte. The log says of every cell what it showed, what it shows now, by which
rule, when and why; and keeps, in its last column, what the cell held before, so that undoing restores value and formula.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from lxml import etree

from perfeval_xl.correct import Change
from perfeval_xl.grid import Book, Place, a1, coordinates
from perfeval_xl.hosts.limits import LIMITS
from perfeval_xl.hosts.package import log_sheet
from perfeval_xl.hosts.package.workbook import Sheet, Workbook, quoted, signature_note
from perfeval_xl.hosts.package.xml import (
    WORKBOOK_ORDER,
    Document,
    append_new,
    child,
    children,
    insert_new,
    new_root,
    read_text,
    write_text,
)
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.reading import xlsx as xlsx_host
from perfeval_xl.numberformat import as_decimal
from perfeval_xl.text import cell_text

from .log import ATTRIBUTE, DONE, LOG, LOG_NAME, LOG_SHEET, UNDONE, Entry, log_grid, read_log, to_take_back


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


def names(source: bytes) -> dict[str, str]:
    """A workbook's defined names with what they refer to, as formulas."""
    listed = Workbook(Package.open(source)).names()
    return {
        element.get("name", ""): f"={element.text}"
        for element in listed
        if element.get("localSheetId") is None
    }


def undo(source: bytes, book: Book) -> Written:
    """A copy with everything taken back that the log lists and nobody has changed since."""
    entries = list(read_log(book))
    editor = _Editor(source)
    undone, notes = to_take_back(entries, book)
    for index, held in undone:
        editor.restore(entries[index].place, held)
        entries[index] = replace(entries[index], status=UNDONE)
    notes += signature_note(editor.package, "撤销后的副本")
    return Written(editor.finish(book, entries), tuple(notes))


"""What a cell held before it was changed: the attributes and texts of its element."""


# -- cells ----------------------------------------------------------------------------------------------------


class _Editor:
    """The sheets of a package, opened as they are needed."""

    def __init__(self, source: bytes) -> None:
        self.package = Package.open(source)
        self.workbook = Workbook(self.package)
        self.sheets = {sheet.name: sheet for sheet in self.workbook.sheets if sheet.part is not None}
        self.open: dict[str, _SheetPart] = {}
        self.strings = _shared_strings(self.workbook)

    def part(self, sheet: str) -> _SheetPart:
        if sheet not in self.open:
            part = self.sheets[sheet].part or ""
            self.open[sheet] = _SheetPart(part, self.package.document(part))
        return self.open[sheet]

    def before(self, place: Place) -> str:
        """What a cell holds, as JSON; a text of the shared table with its index and, should that table move, itself."""
        cell = self.part(place.sheet).cell(place.row, place.column)
        if cell is None:
            return "{}"
        held: dict[str, str] = {name: cell.get(name, "") for name in ("t", "s") if cell.get(name) is not None}
        formula, value = child(cell, "f"), child(cell, "v")
        if formula is not None:
            held["f"] = formula.text or ""
            own = ((str(key), str(text)) for key, text in formula.attrib.items())
            held |= {ATTRIBUTE + key: text for key, text in own if not key.startswith("{")}
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
        part = self.part(change.place.sheet)
        cell = part.made(change.place.row, change.place.column)
        formula = child(cell, "f")
        if formula is not None and formula.get("t") in ("array", "dataTable"):
            return False
        if change.formula is None and formula is not None:
            part.unshare(formula)
            cell.remove(formula)
            formula = None
            self.workbook.drop_calculation_chain()
        elif change.formula is not None and formula is None:
            formula = append_new(cell, "f")
            formula.text = change.formula.removeprefix("=")
        _put(cell, change.value, typed=formula is None)
        return True

    def restore(self, place: Place, held: Mapping[str, str]) -> None:
        """Give a cell back what it held; its style was never touched."""
        part = self.part(place.sheet)
        cell = part.made(place.row, place.column)
        _empty(cell)
        if not held:
            part.drop(cell)
            return
        if "f" in held:
            marks = {
                name.removeprefix(ATTRIBUTE): text
                for name, text in held.items()
                if name.startswith(ATTRIBUTE)
            }
            append_new(cell, "f", **marks).text = held["f"] or None
            self.workbook.drop_calculation_chain()
        kind = held.get("t")
        if kind == "inlineStr" or (kind == "s" and self._shared(held.get("v", "")) != held.get("text")):
            _put(cell, held.get("text", ""), typed=True)
            return
        if kind is not None:
            cell.set("t", kind)
        if "v" in held:
            append_new(cell, "v").text = held["v"]

    def _keep(self) -> None:
        for part in self.open.values():
            self.package.put(part.name, part.document)

    def texts(self) -> dict[Place, str]:
        """What the cells show by now, in their own number formats."""
        self._keep()
        read = xlsx_host.read("", self.package.to_bytes(), LIMITS)
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


class _SheetPart:
    """One worksheet part with its cells by place, also where a writer left addresses out."""

    def __init__(self, name: str, document: Document) -> None:
        self.name = name
        self.document = document
        data = child(document.root, "sheetData")
        self.data = data if data is not None else append_new(document.root, "sheetData")
        self.rows: dict[int, etree._Element] = {}
        self.cells: dict[tuple[int, int], etree._Element] = {}
        number = 0
        for row in children(self.data, "row"):
            number = int(row.get("r") or number + 1)
            self.rows[number] = row
            column = 0
            for cell in children(row, "c"):
                column = coordinates(cell.get("r") or "")[1] if cell.get("r") else column + 1
                self.cells[number, column] = cell

    def cell(self, row: int, column: int) -> etree._Element | None:
        return self.cells.get((row, column))

    def made(self, row: int, column: int) -> etree._Element:
        """The cell's element, added in its place where there is none."""
        found = self.cell(row, column)
        if found is not None:
            return found
        line = self.rows.get(row)
        if line is None:
            line = append_new(self.data, "row", r=str(row))
            after = [number for number in self.rows if number < row]
            self.data.insert(list(self.data).index(self.rows[max(after)]) + 1 if after else 0, line)
            self.rows[row] = line
        cell = append_new(line, "c", r=a1(row, column))
        before = [other for at, other in self.cells if at == row and other < column]
        line.insert(list(line).index(self.cells[row, max(before)]) + 1 if before else 0, cell)
        self.cells[row, column] = cell
        return cell

    def drop(self, cell: etree._Element) -> None:
        """Take out a cell that was not there before."""
        parent = cell.getparent()
        if parent is not None:
            parent.remove(cell)
        self.cells = {place: other for place, other in self.cells.items() if other is not cell}

    def unshare(self, formula: etree._Element) -> None:
        """Where others share a formula that goes, they get it written out."""
        if formula.get("t") != "shared" or not formula.text:
            return
        from openpyxl.formula.translate import Translator

        origin = next(a1(*place) for place, cell in self.cells.items() if child(cell, "f") is formula)
        for place, cell in self.cells.items():
            other = child(cell, "f")
            if other is None or other is formula or other.get("si") != formula.get("si"):
                continue
            moved = Translator(f"={formula.text}", origin=origin).translate_formula(a1(*place))
            other.attrib.clear()
            other.text = str(moved).removeprefix("=")


def _empty(cell: etree._Element) -> None:
    """Nothing left in a cell but its address and its style."""
    if "t" in cell.attrib:
        del cell.attrib["t"]
    for part in list(cell):
        cell.remove(part)


def _put(cell: etree._Element, value: Decimal | str | bool | None, *, typed: bool) -> None:
    """Give a cell its value, keeping formula and style; a text is written where it stands, whatever it begins with."""
    formula = child(cell, "f")
    _empty(cell)
    if formula is not None:
        cell.append(formula)
    match value:
        case None:
            return
        case bool():
            cell.set("t", "b")
            append_new(cell, "v").text = "1" if value else "0"
        case Decimal():
            append_new(cell, "v").text = format(as_decimal(value), "f")
        case str() if typed:
            write_text(cell, value)
        case _:
            cell.set("t", "str")
            append_new(cell, "v").text = cell_text(value)


def _shared_strings(workbook: Workbook) -> list[str]:
    """The texts of the shared table, their runs joined, phonetic readings left out."""
    part = workbook.package.related(workbook.part, "sharedStrings")
    if part is None or part not in workbook.package:
        return []
    items = children(workbook.package.document(part).root, "si")
    return [read_text(item) for item in items]


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
    empty = next((grid for grid in book.grids if grid.sheet == LOG_SHEET and not grid.cells), None)
    grid = known or empty
    for sheet in workbook.sheets:
        if grid is not None and sheet.name == grid.sheet and sheet.part is not None:
            return sheet
    return workbook.add_sheet(workbook.free_name(LOG_SHEET), new_root("worksheet", workbook.space))
