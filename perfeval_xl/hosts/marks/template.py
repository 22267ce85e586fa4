"""Findings in a workbook made from the template: into its own 校验结果 table, whose keys its own formats colour by.

A key is form id, address and severity, written as a formula over the cell it is about, so that colour and link
move with inserted rows; what names a deleted cell colours nothing and reads 已删除.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from copy import deepcopy

from perfeval_xl import patterns as re
from perfeval_xl.errors import PackageError
from perfeval_xl.findings import SEVERITY_WORD, Report
from perfeval_xl.grid import LAST_COLUMN, LAST_ROW, Area, a1, column_letters, coordinates, quoted
from perfeval_xl.hosts.package.seal import break_seal, seal_workbook
from perfeval_xl.hosts.package.sheets import SheetPart, Stored
from perfeval_xl.hosts.package.tree import Element
from perfeval_xl.hosts.package.workbook import Workbook
from perfeval_xl.hosts.package.xml import child, children
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.template.checksum import Read, checksum, is_checksum
from perfeval_xl.hosts.template.template import SINGLE_FORMS
from perfeval_xl.own_sheets import FIRST_GUARD, LAST_GUARD, MASTER, RESULTS_SHEET
from perfeval_xl.records import dataclass
from perfeval_xl.written import content_hash

from .results import (
    EMPTY_HEIGHT,
    FIRST,
    HIDDEN,
    LINK,
    Highlighted,
    Line,
    first_text,
    folded_lines,
    is_header,
    key_formula,
    lines,
    link_formula,
    nothing_line,
    policy_line,
    row_height,
    source_line,
    template_texts,
    unchecked_lines,
    verdict_line,
)

_NAMES = ("PE_KEYS", "PE_CHECKED", "PE_STATE", "PE_RESULTS_TOP")
_CELL = r"\$[A-Z]{1,3}\$[1-9]\d{0,5}"
_PLACE = re.compile(f"'?{RESULTS_SHEET}'?!{_CELL}(:{_CELL})?")
_DAMAGED = "模板的工作表已损坏，无法写入校验结果；请用 perfeval-xl new 新建一份，把内容复制过去"
_FORM_ID = re.compile(r"FJ\d+(-\d+)?")
_VERDICT_ROW, _SOURCE_ROW, _POLICY_ROW = 2, 3, 4
_KEY = "键"
_SAME, _NEVER = "校验后没有改动", "尚未校验"
#: What the template takes for a difference between two checksums.
_SMALLEST = 0.01


def is_template(workbook: Workbook) -> bool:
    """Whether the workbook was made from the template: its names and its table are there."""
    names = {name for name, text in workbook.own_names.items() if _PLACE.fullmatch(text)}
    sheets = {sheet.name for sheet in workbook.sheets if sheet.part is not None}
    return names.issuperset(_NAMES) and {RESULTS_SHEET, MASTER, FIRST_GUARD, LAST_GUARD} <= sheets


def mark(
    package: Package, workbook: Workbook, report: Report, when: dt.datetime | None = None
) -> Highlighted:
    """The workbook with the findings of ``report`` in its own table; cells of forms stay as they are.

    PackageError for a workbook that only looks as if it were made from the template.
    """
    try:
        return _marked(package, workbook, report, when)
    except (ValueError, KeyError, IndexError, StopIteration) as error:
        raise PackageError(_DAMAGED) from error


def _marked(package: Package, workbook: Workbook, report: Report, when: dt.datetime | None) -> Highlighted:
    strings = workbook.shared_strings()
    parts = {
        sheet.name: SheetPart(package, sheet.part, strings)
        for sheet in workbook.sheets
        if sheet.part is not None
    }
    ids = _form_ids(parts)
    results = parts[RESULTS_SHEET]
    top = _top(workbook)
    listed = lines(report, template_texts)
    notes = [
        f"工作表“{sheet}”中的问题没有标色：它不是模板里的表"
        for sheet in sorted(
            {finding.place.sheet for finding in report.findings if finding.place is not None} - ids.keys()
        )
    ]
    _Rows(results, top, ids).write(listed, report)
    _head(results, report, when)
    _first(workbook, results, first_text(report))
    _remember(workbook, parts)
    _resize(package, results, top, max(1, len(listed)))
    results.save()
    workbook.drop_calculation_chain()
    seal_workbook(workbook, content_hash(report.read))
    workbook.save()
    return Highlighted(package.to_bytes(), tuple(notes), ".xlsm" if workbook.macro_enabled else ".xlsx")


def clear(package: Package, workbook: Workbook) -> bytes | None:
    """The workbook with an empty table, as it was before the first check; None where there was no check."""
    try:
        return _cleared(package, workbook)
    except (ValueError, KeyError, IndexError, StopIteration) as error:
        raise PackageError(_DAMAGED) from error


def _cleared(package: Package, workbook: Workbook) -> bytes | None:
    strings = workbook.shared_strings()
    sheet = next(sheet for sheet in workbook.sheets if sheet.name == RESULTS_SHEET)
    results = SheetPart(package, sheet.part or "", strings)
    checked = _reference(workbook, "PE_CHECKED")
    if results.value(*checked) in ("", None):
        return None
    top = _top(workbook)
    _Rows(results, top, {}).write([], None)
    for row in (_VERDICT_ROW, _SOURCE_ROW, _POLICY_ROW):
        results.set(row, 1, "")
    results.set(*checked, "")
    results.cache(*_reference(workbook, "PE_STATE"), _NEVER)
    _first(workbook, results, "")
    _resize(package, results, top, 1)
    results.save()
    workbook.drop_calculation_chain()
    break_seal(workbook)
    workbook.save()
    return package.to_bytes()


def _top(workbook: Workbook) -> int:
    """The row of the table's header."""
    return _reference(workbook, "PE_RESULTS_TOP")[0]


# -- form ids -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _FormId:
    """Where a form keeps its id, as a reference, and the id."""

    where: str
    text: str


def _form_ids(parts: Mapping[str, SheetPart]) -> dict[str, _FormId]:
    """The id of every form sheet; a sheet copied by hand gets one of its own."""
    places: dict[str, _FormId] = {}
    taken: set[str] = set()
    for name, part in parts.items():
        for (row, column), stored in part.stored().items():
            if row != 1 or not isinstance(stored.value, str) or not _FORM_ID.fullmatch(stored.value):
                continue
            identifier = stored.value
            if identifier in taken and name != MASTER:
                identifier = _free(taken, parts)
                part.set(row, column, identifier)
                part.save()
            taken.add(identifier)
            places[name] = _FormId(f"{quoted(name)}!${column_letters(column)}$1", identifier)
    places.pop(MASTER, None)
    return places


def _free(taken: set[str], parts: Mapping[str, SheetPart]) -> str:
    used = taken | {
        stored.value
        for part in parts.values()
        for stored in part.stored().values()
        if isinstance(stored.value, str)
    }
    ordinal = 1
    while f"FJ3-{ordinal}" in used:
        ordinal += 1
    return f"FJ3-{ordinal}"


# -- the table ------------------------------------------------------------------------------------------------


@dataclass
class _Rows:
    """Writes the table's rows, each like the first."""

    part: SheetPart
    top: int
    ids: Mapping[str, _FormId]

    def write(self, listed: Sequence[Line], report: Report | None) -> None:
        headings = _headings(self.part, self.top)
        pattern = deepcopy(self.part.rows[self.top + 1])
        for row in [row for row in self.part.rows if row > self.top]:
            self.part.data.remove(self.part.rows.pop(row))
        self.part.cells = {place: cell for place, cell in self.part.cells.items() if place[0] <= self.top}
        rows = [self._line(pattern, self.top + ordinal) for ordinal in range(1, max(1, len(listed)) + 1)]
        for row, line in zip(rows, listed, strict=False):
            self._fill(row, line, headings)
        if report is not None:
            if not listed:
                self.part.set(rows[0], headings.index("问题") + 1, nothing_line(report))
            self._unchecked(rows[-1] + 2, report)
        self._fold(folded_lines(listed))

    def _line(self, pattern: Element, row: int) -> int:
        line = deepcopy(pattern)
        line.set("r", str(row))
        for attribute in ("spans", "outlineLevel", "hidden", "collapsed"):
            line.attrib.pop(attribute, "")
        for cell in children(line, "c"):
            column = coordinates(cell.get("r", "A1"))[1]
            cell.set("r", a1(row, column))
            cell.attrib.pop("t", "")
            for old in list(cell):
                cell.remove(old)
            self.part.cells[row, column] = cell
        self.part.data.append(line)
        self.part.rows[row] = line
        return row

    def _fill(self, row: int, line: Line, headings: Sequence[str]) -> None:
        finding = line.finding
        place = None if finding is None else finding.place
        for column, heading in enumerate(headings, 1):
            text = line.texts.get(heading, "")
            self.part.set(row, column, float(text) if heading == "序号" and text else text)
        if finding is not None and place is not None and place.sheet in self.ids:
            link, key = headings.index(LINK) + 1, headings.index(_KEY) + 1
            self.part.set_formula(row, link, link_formula(place).removeprefix("="), place.cell)
            if finding.open:
                form = self.ids[place.sheet]
                formula = key_formula(form.where, place, finding.severity).removeprefix("=")
                word = SEVERITY_WORD[finding.severity]
                self.part.set_formula(row, key, formula, f"{form.text}!{place.cell}|{word}")
        widths = _widths(self.part)
        shown = {
            column: line.texts.get(heading, "")
            for column, heading in enumerate(headings, 1)
            if heading not in HIDDEN
        }
        self.part.height(
            row, max(row_height(text, int(widths.get(column, 9))) for column, text in shown.items())
        )

    def _fold(self, folded: tuple[int, int] | None) -> None:
        """Fold lines of the table, counted from 0, so that one press on the margin shows them."""
        format_of_rows = child(self.part.root, "sheetFormatPr")
        if format_of_rows is not None:
            format_of_rows.attrib.pop("outlineLevelRow", "")
        if folded is None:
            return
        if format_of_rows is not None:
            format_of_rows.set("outlineLevelRow", "1")
        first, last = (self.top + 1 + index for index in folded)
        for row in range(first, last + 1):
            self.part.rows[row].set("outlineLevel", "1")
            self.part.rows[row].set("hidden", "1")

    def _unchecked(self, row: int, report: Report) -> None:
        """What could not be read or checked, under the table and apart from it."""
        lines = [
            (f"{what} {rule}".strip(), sheet, reason) for what, rule, sheet, reason in unchecked_lines(report)
        ]
        if lines:
            self.part.set(row, 2, "未能读取或检查的内容")
        for offset, (what, sheet, reason) in enumerate(lines, 1):
            for column, text in ((2, what), (3, sheet), (5, reason)):
                self.part.set(row + offset, column, text)


def _headings(part: SheetPart, top: int) -> list[str]:
    """The table's headings; those of workbooks made from an earlier template are fewer. ValueError where it is another table."""
    texts: list[str] = []
    while isinstance(text := part.value(top, len(texts) + 1), str) and text:
        texts.append(text)
    if not is_header(texts) or _KEY not in texts:
        raise ValueError(f"no headings of a list of findings: {texts}")
    return texts


def _widths(part: SheetPart) -> dict[int, float]:
    holder = child(part.root, "cols")
    return {
        int(column.get("min", "1")): float(column.get("width", "9"))
        for column in ([] if holder is None else children(holder, "col"))
    }


def _head(part: SheetPart, report: Report, when: dt.datetime | None) -> None:
    """Verdict and counts, what was checked, by which policy and version."""
    part.set(_VERDICT_ROW, 1, verdict_line(report))
    part.set(_SOURCE_ROW, 1, source_line(report, when))
    part.set(_POLICY_ROW, 1, policy_line(report))


def _first(workbook: Workbook, part: SheetPart, text: str) -> None:
    """What to mend first, in the row above the table; workbooks made from a template without such a row have none."""
    if FIRST in workbook.own_names:
        row, column = _reference(workbook, FIRST)
        part.set(row, column, text)
        shown = _headings(part, _top(workbook)).index(_KEY)
        room = sum(width for at, width in _widths(part).items() if at <= shown)
        part.height(row, row_height(text, int(room)) if text else EMPTY_HEIGHT)


def _remember(workbook: Workbook, parts: Mapping[str, SheetPart]) -> None:
    """Store the checksum of what was checked, and say that nothing was changed since."""
    results = parts[RESULTS_SHEET]
    total = 0.0
    for name in _summed(workbook):
        part = parts[name]
        stored = part.stored()
        for (row, column), cell in stored.items():
            if row == 1 and cell.formula and is_checksum(cell.formula):
                value = checksum(cell.formula, _reader(stored))
                if not isinstance(cell.value, float) or abs(cell.value - value) >= _SMALLEST:
                    part.cache(row, column, value)
                    part.save()
                total += value
    row, column = _reference(workbook, "PE_CHECKED")
    results.set(row, column, total)
    results.cache(*_reference(workbook, "PE_CHECKSUM"), total)
    state = _reference(workbook, "PE_STATE")
    results.cache(*state, _SAME)


def _summed(workbook: Workbook) -> list[str]:
    """The sheets whose checksums the template adds up: the forms, and the projects between the guard sheets."""
    order = [sheet.name for sheet in workbook.sheets if sheet.part is not None]
    first, last = order.index(FIRST_GUARD), order.index(LAST_GUARD)
    single = [name for name in order if name in SINGLE_FORMS]
    return single + order[first + 1 : last]


def _reader(stored: Mapping[tuple[int, int], Stored]) -> Read:
    return lambda row, column: stored.get((row, column), Stored()).value


def _reference(workbook: Workbook, name: str) -> tuple[int, int]:
    """The cell a name refers to; ValueError for one that no sheet has."""
    row, column = coordinates(workbook.own_names[name].rpartition("!")[2])
    if row > LAST_ROW or column > LAST_COLUMN:
        raise ValueError(f"no such cell: {name}")
    return row, column


def _resize(package: Package, part: SheetPart, top: int, rows: int) -> None:
    """Let the Excel table reach over its rows."""
    table = package.related(part.part, "table")
    if table is None:
        return
    document = package.document(table)
    columns = len(_headings(part, top))
    area = str(Area(top, 1, top + rows, columns))
    document.root.set("ref", area)
    for filtered in children(document.root, "autoFilter"):
        filtered.set("ref", area)
        for kept in list(filtered):
            filtered.remove(kept)
    package.put(table, document)
    dimension = child(part.root, "dimension")
    if dimension is not None:
        dimension.set("ref", str(Area(1, 1, max(part.rows), columns)))
