"""A marked copy of any unit's workbook: its own package plus one sheet and conditional formats.

Cells, formats, comments and formulas stay as they are; what is added can be recognised by the names
``PE_MARKS`` (the sheet) and ``PE_MARK_…`` (the formulas of our conditional formats), also after Excel has
saved the copy and renumbered everything else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from perfeval_xl.errors import NoMarks, Unreadable
from perfeval_xl.findings import SEVERITIES, SEVERITY_LEVEL, Report, Severity
from perfeval_xl.forms import read_forms
from perfeval_xl.grid import Area, Book, column_letters, quoted
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.package import seal
from perfeval_xl.hosts.package.relationships import relationships_part
from perfeval_xl.hosts.package.seal import break_seal, seal_workbook
from perfeval_xl.hosts.package.styles import Styles
from perfeval_xl.hosts.package.tree import Element
from perfeval_xl.hosts.package.workbook import Sheet, Workbook, signature_note
from perfeval_xl.hosts.package.xml import (
    WORKSHEET_ORDER,
    Document,
    append_new,
    children,
    insert_new,
    local_name,
    new_root,
    number,
    write_text,
)
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.reading.loading import Source, read_source
from perfeval_xl.own_sheets import RESULTS_SHEET
from perfeval_xl.records import dataclass, field, replace
from perfeval_xl.text import cell_text
from perfeval_xl.written import content_hash

from . import originals
from .results import (
    CENTRED,
    COLUMNS,
    HIDDEN,
    LEGEND_SPANS,
    LINE_COLOUR,
    LINK,
    LINK_COLOUR,
    LOOK,
    MARK_NAME,
    MEANING,
    SHEET_NAME,
    TICK,
    TITLE,
    TO_FILL,
    TO_FILL_COLOUR,
    Highlighted,
    Line,
    Look,
    exists,
    first_text,
    folded_lines,
    is_header,
    lines,
    marked_areas,
    nothing_line,
    policy_line,
    row_height,
    source_line,
    texts,
    unchecked_lines,
    verdict_line,
)

#: What marks never touch stays as the bytes it is, however many cells there are.
_CELLS = "sheetData"


@dataclass(frozen=True, slots=True)
class Unmarked:
    """A file without marks; ``exact`` if it is the one that was marked, byte for byte. ``notes`` are for the user."""

    data: bytes
    exact: bool
    suffix: str
    notes: tuple[str, ...] = ()


def unmark(source: Path | bytes, limits: Limits = LIMITS) -> Unmarked:
    """The file without our marks: the original while the marked copy is as it was made, else all that was done
    since without the marks. NoMarks if there are none; PackageError if it is no package."""
    from . import template

    package = Package.open(source, limits)
    workbook = Workbook(package)
    suffix = _suffix(workbook)
    earlier = _earlier_sheet(workbook)
    remembered = originals.original(workbook, _ours(earlier), limits)
    if remembered.data is not None:
        return Unmarked(remembered.data, True, suffix)
    if template.is_template(workbook):
        cleared = template.clear(package, workbook)
        if cleared is None:
            raise NoMarks("文件还没有校验过，没有标注可去")
        return Unmarked(cleared, False, suffix, remembered.notes)
    if not _take_off(workbook, earlier):
        raise NoMarks("文件里没有本工具的标注，不用去掉")
    workbook.save()
    return Unmarked(package.to_bytes(), False, suffix, remembered.notes)


def _take_off(workbook: Workbook, earlier: Sheet | None) -> bool:
    """Remove our sheet, names and conditional formats from the tree; whether there were any."""
    found = originals.forget(workbook)
    if earlier is not None:
        workbook.remove_sheet(earlier)
    for sheet in workbook.sheets:
        if sheet.part is not None and _may_bear_marks(workbook.package.read(sheet.part)):
            document = workbook.package.document(sheet.part, _CELLS)
            if _unmark(document.root):
                workbook.package.put(sheet.part, document)
                found = True
    found = workbook.remove_names(_is_ours) or found or earlier is not None
    if found:
        break_seal(workbook)
    return found


_OWN_NAMES = frozenset((SHEET_NAME, *MARK_NAME.values()))


def _is_ours(name: Element) -> bool:
    return name.get("name") in _OWN_NAMES


def _ours(sheet: Sheet | None) -> originals.Ours:
    return originals.Ours(None if sheet is None else sheet.name, _OWN_NAMES | {seal.NAME})


def _suffix(workbook: Workbook) -> str:
    return ".xlsm" if workbook.macro_enabled else ".xlsx"


def highlight(
    source: Path | bytes, report: Report, limits: Limits = LIMITS, *, when: dt.datetime | None = None
) -> Highlighted:
    """A copy of ``source`` with the findings of ``report`` listed and coloured; PackageError if it is no package.

    Marking a marked copy again replaces the marks: twice is as once. ``when`` is the time of the check, if it is to
    be told (in our template).
    """
    from . import template

    package = Package.open(source, limits)
    workbook = Workbook(package)
    earlier = _earlier_sheet(workbook)
    remembered = originals.original(workbook, _ours(earlier), limits)
    if remembered.data is not None:
        package = Package(remembered.data, limits)
        workbook, earlier = Workbook(package), None
    if template.is_template(workbook):
        marked = template.mark(package, workbook, report, when)
        return replace(marked, notes=(*remembered.notes, *marked.notes))
    styles = workbook.styles()
    target = earlier or _new_sheet(workbook)
    known = {sheet.name: sheet for sheet in workbook.sheets if sheet.part is not None}
    notes = [
        *remembered.notes,
        *signature_note(package, "标记副本"),
        *_mark_sheets(workbook, styles, report, known),
    ]

    content = _Page(workbook, styles, known).write(report)
    _replace_sheet(workbook, target, content.root)
    _define_names(workbook, target, content)
    styles.save()
    seal_workbook(workbook, content_hash(report.read))
    workbook.save()
    # Of a marked copy that was worked on since, there is no original to go back to.
    worked_on = originals.forget(workbook) or earlier is not None
    data = package.to_bytes() if worked_on else originals.remember(workbook)
    return Highlighted(data, tuple(notes), _suffix(workbook))


# --- our own sheet, found again -----------------------------------------------------------------------------


def _earlier_sheet(workbook: Workbook) -> Sheet | None:
    """The sheet an earlier run added, by the name that refers to it and by what it says, whatever it is called now."""
    referred = {element.text for element in workbook.names() if element.get("name") == SHEET_NAME}
    for sheet in workbook.sheets if referred else ():
        if sheet.part is not None and f"{quoted(sheet.name)}!$A$1" in referred and _is_list(workbook, sheet):
            return sheet
    return None


def _is_list(workbook: Workbook, sheet: Sheet) -> bool:
    """Whether a sheet is a list of findings and no form: a name may point to any sheet, and what stands there is replaced."""
    try:
        book = read_source(Source("", workbook.package.source, "xlsx"))
    except Unreadable:
        return False
    found = [grid for grid in book.grids if grid.sheet == sheet.name]
    if not any(is_header(cell.text for cell in cells) for grid in found for _, cells in grid.rows()):
        return False
    forms = read_forms(Book.of("", found))  # a sheet that checks pass over has none
    return not any((*forms, *forms.unreadable, *forms.papers))


def _new_sheet(workbook: Workbook) -> Sheet:
    return workbook.add_sheet(workbook.free_name(RESULTS_SHEET), new_root("worksheet", workbook.space))


def _replace_sheet(workbook: Workbook, sheet: Sheet, root: Element) -> None:
    part = sheet.part or ""
    old = workbook.package.document(part).root
    if next(old.iter(f"{{{workbook.space}}}f"), None) is not None:
        workbook.drop_calculation_chain()
    # What someone hung on the old sheet (notes, a printer's settings) has nothing to refer to any more.
    workbook.package.remove(relationships_part(part))
    workbook.package.put(part, Document.new(root))


def _define_names(workbook: Workbook, sheet: Sheet, page: _Written) -> None:
    workbook.remove_names(lambda name: _is_ours(name) or name.get("localSheetId") == str(sheet.index))
    reference = quoted(sheet.name)
    if page.table is not None:
        table = f"{reference}!{_absolute(page.table)}"
        workbook.add_name("_xlnm._FilterDatabase", table, sheet=sheet, hidden=True)
    workbook.add_name("_xlnm.Print_Titles", f"{reference}!${page.header}:${page.header}", sheet=sheet)
    workbook.add_name(SHEET_NAME, f"{reference}!$A$1", hidden=True)
    for name in MARK_NAME.values():
        workbook.add_name(name, "TRUE", hidden=True)


def _absolute(area: Area) -> str:
    return f"${column_letters(area.left)}${area.top}:${column_letters(area.right)}${area.bottom}"


# --- the marks ----------------------------------------------------------------------------------------------

_LETTERS = {"bold": "<b/>", "italic": "<i/>", "underline": "<u/>"}


def _borders(look: Look) -> str:
    return "".join(
        f'<{name} style="{look.border}"><color rgb="{look.text}"/></{name}>'
        for name in ("left", "right", "top", "bottom")
    )


def _dxf(look: Look) -> str:
    # In a dxf a solid fill shows its background colour, other than in a cell's format.
    return (
        f'<dxf><font>{_LETTERS[look.letters]}<color rgb="{look.text}"/></font><fill>'
        f'<patternFill patternType="solid"><fgColor rgb="{look.fill}"/><bgColor rgb="{look.fill}"/></patternFill>'
        f"</fill><border>{_borders(look)}</border></dxf>"
    )


def _mark_sheets(
    workbook: Workbook, styles: Styles, report: Report, known: Mapping[str, Sheet]
) -> Iterable[str]:
    """Renew the conditional formats of all sheets; what findings could not be coloured is yielded as a note."""
    marked = marked_areas(report)
    for sheet in sorted(known.values(), key=lambda sheet: sheet.index):
        _mark_sheet(workbook, styles, sheet, marked.pop(sheet.name, {}))
    for name in sorted(marked):
        yield f"工作表“{name}”中的问题没有标色：工作簿里没有这个工作表，或它没有单元格"


def _mark_sheet(workbook: Workbook, styles: Styles, sheet: Sheet, areas: Mapping[Area, Severity]) -> None:
    package, part = workbook.package, sheet.part or ""
    if not areas and not _may_bear_marks(package.read(part)):
        return
    document = package.document(part, _CELLS)
    changed = _unmark(document.root)
    if areas:
        first = _first_priority(document.root)
        for offset, severity in enumerate(SEVERITIES):
            cells = [area for area, worst in areas.items() if worst == severity]
            if cells:
                _add_format(document.root, styles, severity, first + offset, cells)
    if areas or changed:
        package.put(part, document)


def _may_bear_marks(content: bytes) -> bool:
    mark = "PE_MARK_"
    return any(mark.encode(encoding) in content for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def _unmark(root: Element) -> bool:
    """Remove our conditional formats, known by their formula, and no others; whether there were any."""
    found = False
    for block in children(root, "conditionalFormatting"):
        for rule in children(block, "cfRule"):
            if any((formula.text or "") in MARK_NAME.values() for formula in children(rule, "formula")):
                block.remove(rule)
                found = True
        if not len(block):
            root.remove(block)
    return found


def _first_priority(root: Element) -> int:
    """The priority of our worst mark, after making room for all of ours above the formats that are there."""
    # Rules of the 2010 extension share the numbers, so all cfRule elements count, whatever their namespace.
    rules = [rule for rule in root.iter() if local_name(rule) == "cfRule" and number(rule.get("priority"))]
    priorities = [number(rule.get("priority")) for rule in rules]
    # A pivot table names its formats by their priority, in a part of its own: these must not move.
    if any(block.get("pivot") in ("1", "true") for block in children(root, "conditionalFormatting")):
        return max(priorities, default=0) + 1
    shift = max(0, len(SEVERITIES) + 1 - min(priorities, default=len(SEVERITIES) + 1))
    for rule, priority in zip(rules, priorities, strict=True):
        rule.set("priority", str(priority + shift))
    return 1


def _add_format(
    root: Element, styles: Styles, severity: Severity, priority: int, cells: Sequence[Area]
) -> None:
    block = insert_new(root, "conditionalFormatting", WORKSHEET_ORDER)
    # Where formats of two blocks meet, LibreOffice goes by their order in the file, not by priority.
    first = children(root, "conditionalFormatting")[0]
    if first is not block:
        first.addprevious(block)
    cells = sorted(cells, key=lambda area: (area.top, area.left))
    block.set("sqref", " ".join(map(str, cells)))
    rule = append_new(
        block, "cfRule", type="expression", dxfId=str(styles.index("dxfs", _dxf(LOOK[severity])))
    )
    rule.set("priority", str(priority))
    rule.set("stopIfTrue", "1")
    append_new(rule, "formula").text = MARK_NAME[severity]


# --- the sheet 校验结果 --------------------------------------------------------------------------------------

_LINK_COLUMN = [text for text, _ in COLUMNS].index(LINK) + 1
_LAST = len(COLUMNS)


@dataclass(frozen=True, slots=True)
class _Written:
    """The finished sheet: its tree, the row of the table's header, the table with its header if it has rows."""

    root: Element
    header: int
    table: Area | None


@dataclass(slots=True)
class _Page:
    """Writes the sheet from top to bottom."""

    workbook: Workbook
    styles: Styles
    known: Mapping[str, Sheet]
    root: Element = field(init=False)
    data: Element = field(init=False)
    row: int = 0
    formats: dict[str, str] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    folded: tuple[int, int] | None = None

    def write(self, report: Report) -> _Written:
        space = self.workbook.space
        self.root = new_root("worksheet", space)
        self.data = Element(f"{{{space}}}sheetData")
        self._head(report)
        header = self._line([(text, "header", 1) for text, _ in COLUMNS])
        table = self._findings(report, header)
        self._unchecked(report)
        self._assemble(header, table)
        return _Written(self.root, header, table)

    def _head(self, report: Report) -> None:
        self._line([(TITLE, "title", _LAST)])
        self._line([(verdict_line(report), "verdict", _LAST)])
        for line in (source_line(report), policy_line(report)):
            self._line([(line, "plain", _LAST)])
        legend: list[tuple[str, str, int]] = [("图例", "plain", 1)]
        for severity, width in zip(SEVERITIES, LEGEND_SPANS, strict=True):
            legend += [(SEVERITY_LEVEL[severity], severity, 1), (MEANING[severity], "plain", width)]
        self._line(legend)
        if first := first_text(report):
            self._line([(first, "first", _LAST)])

    def _findings(self, report: Report, header: int) -> Area | None:
        listed = lines(report, texts)
        self.folded = folded_lines(listed)
        for line in listed:
            self._listed(line)
        if listed:
            return Area(header, 1, self.row, _LAST)
        self._line([(nothing_line(report), "body", _LAST)])
        return None

    def _listed(self, listed: Line) -> None:
        finding = listed.finding
        place = None if finding is None else finding.place
        linked = place is not None and place.sheet in self.known and exists(place)
        styles = {heading: "centre" if heading in CENTRED else "body" for heading in listed.texts}
        styles |= dict(zip(TO_FILL, ("done", "state"), strict=True))
        if finding is not None and finding.open:
            styles["级别"] = finding.severity
        if linked:
            styles[LINK] = "link"
        row = self._line([(text, styles[heading], 1) for heading, text in listed.texts.items()])
        if listed.folded:
            self.data[-1].set("outlineLevel", "1")
            self.data[-1].set("hidden", "1")
        if place is not None and linked:
            self.links.append((f"{column_letters(_LINK_COLUMN)}{row}", f"{quoted(place.sheet)}!{place.cell}"))

    def _unchecked(self, report: Report) -> None:
        lines = list(unchecked_lines(report))
        if lines:
            self.row += 1
            self._line([("未能读取或检查的内容", "part", _LAST)])
        for what, rule, sheet, reason in lines:
            cells = [("", "body", 1), (what, "centre", 1), (rule, "centre", 1), (sheet, "body", 1)]
            self._line([*cells, (reason, "body", _LAST - 4)])

    def _line(self, cells: Iterable[tuple[str, str, int]]) -> int:
        """Write the next row from (text, style, columns it spans); its number."""
        self.row += 1
        line = append_new(self.data, "row", r=str(self.row))
        column, height = 1, 0.0
        for text, style, width in cells:
            last = column + width - 1
            xf = self._format(style)
            for position in range(column, last + 1):
                cell = append_new(line, "c", r=f"{column_letters(position)}{self.row}", s=xf)
                if position == column and text:
                    write_text(cell, text)
            if width > 1:
                self.merges.append(Area(self.row, column, self.row, last))
            room = sum(wide for heading, wide in COLUMNS[column - 1 : last] if heading not in HIDDEN)
            height = max(height, row_height(text, room, _FONT_SIZE.get(style, 10)))
            column = last + 1
        line.set("ht", f"{height:g}")
        line.set("customHeight", "1")
        return self.row

    def _format(self, style: str) -> str:
        if style not in self.formats:
            self.formats[style] = str(self.styles.index("cellXfs", _xf(self.styles, style)))
        return self.formats[style]

    def _assemble(self, header: int, table: Area | None) -> None:
        properties = append_new(self.root, "sheetPr")
        append_new(properties, "pageSetUpPr", fitToPage="1")
        append_new(self.root, "dimension", ref=str(Area(1, 1, self.row, _LAST)))
        view = append_new(
            append_new(self.root, "sheetViews"), "sheetView", showGridLines="0", workbookViewId="0"
        )
        corner = f"A{header + 1}"
        append_new(
            view, "pane", ySplit=str(header), topLeftCell=corner, activePane="bottomLeft", state="frozen"
        )
        append_new(view, "selection", pane="bottomLeft", activeCell=corner, sqref=corner)
        rows = append_new(self.root, "sheetFormatPr", defaultRowHeight="15")
        if self.folded is not None:
            rows.set("outlineLevelRow", "1")
        columns = append_new(self.root, "cols")
        for index, (heading, width) in enumerate(COLUMNS, 1):
            span = {"min": str(index), "max": str(index)}
            column = append_new(columns, "col", **span, width=f"{width + 0.7:g}", customWidth="1")
            if heading in HIDDEN:
                column.set("hidden", "1")
        self.root.append(self.data)
        if table is not None:
            append_new(self.root, "autoFilter", ref=str(table))
        merged = append_new(self.root, "mergeCells", count=str(len(self.merges)))
        for area in self.merges:
            append_new(merged, "mergeCell", ref=str(area))
        if table is not None:
            ticks = append_new(append_new(self.root, "dataValidations", count="1"), "dataValidation")
            done = column_letters([text for text, _ in COLUMNS].index(TO_FILL[0]) + 1)
            for name, value in {"type": "list", "allowBlank": "1", "showErrorMessage": "0"}.items():
                ticks.set(name, value)
            ticks.set("sqref", f"{done}{table.top + 1}:{done}{table.bottom}")
            append_new(ticks, "formula1").text = f'"{TICK}"'
        if self.links:
            links = append_new(self.root, "hyperlinks")
            for cell, location in self.links:
                append_new(links, "hyperlink", ref=cell, location=location, display=location)
        append_new(self.root, "printOptions", horizontalCentered="1")
        margins = {
            "left": "0.4",
            "right": "0.4",
            "top": "0.5",
            "bottom": "0.6",
            "header": "0.3",
            "footer": "0.3",
        }
        append_new(self.root, "pageMargins", **margins)
        append_new(self.root, "pageSetup", paperSize="9", orientation="landscape", fitToHeight="0")
        footer = append_new(self.root, "headerFooter")
        append_new(footer, "oddFooter").text = "&L绩效自评校验结果&R第 &P 页 / 共 &N 页"


_FONT_SIZE = {"title": 16, "verdict": 16, "part": 12, "done": 12}
_GRID_LINES = "".join(
    f'<{side} style="thin"><color rgb="{LINE_COLOUR}"/></{side}>'
    for side in ("left", "right", "top", "bottom")
)
_NO_LINES = "<left/><right/><top/><bottom/>"


def _xf(styles: Styles, style: str) -> str:
    """The cell format of one of the page's styles, its font, fill and border found or added."""
    look = next((LOOK[severity] for severity in SEVERITIES if severity == style), None)
    colour = {"header": "FFFFFFFF", "link": LINK_COLOUR}.get(style, "FF000000")
    letters = {
        "title": "<b/>",
        "verdict": "<b/>",
        "part": "<b/>",
        "first": "<b/>",
        "header": "<b/>",
        "link": "<u/>",
    }.get(style, "")
    fill = {"header": "FF44546A", "done": TO_FILL_COLOUR, "state": TO_FILL_COLOUR}.get(style)
    lines = _NO_LINES if style in ("title", "verdict", "part", "plain", "first") else _GRID_LINES
    if look is not None:
        colour, letters, fill, lines = look.text, _LETTERS[look.letters], look.fill, _borders(look)
    # Every part in the order that Excel itself writes.
    name = quoteattr(cell_text(styles.font_name) or "宋体")
    size = _FONT_SIZE.get(style, 10)
    bold, underline = letters.replace("<u/>", ""), "<u/>" if "<u/>" in letters else ""
    font = f'<font>{bold}{underline}<sz val="{size}"/><color rgb="{colour}"/><name val={name}/></font>'
    font_id = styles.index("fonts", font)
    fill_id = 0 if fill is None else styles.index("fills", _solid(fill))
    border_id = styles.index("borders", f"<border>{lines}<diagonal/></border>")
    centred = style in (*SEVERITIES, "header", "centre", "link", "done")
    horizontal = "center" if centred else "left"
    return (
        f'<xf numFmtId="0" fontId="{font_id}" fillId="{fill_id}" borderId="{border_id}" xfId="0" quotePrefix="1" '
        f'applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1">'
        f'<alignment horizontal="{horizontal}" vertical="center" wrapText="1"/></xf>'
    )


def _solid(colour: str) -> str:
    return f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/><bgColor indexed="64"/></patternFill></fill>'
