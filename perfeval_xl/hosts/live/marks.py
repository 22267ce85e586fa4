"""Writes findings into an open workbook, finds them there again, and takes them away.

In our template only the table in 校验结果 is written; what colours the cells ships with the template. Any other
workbook gets a sheet 校验结果 and one conditional format a severity and sheet, known by their names for ever.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from perfeval_xl import patterns as re
from perfeval_xl.errors import LiveError
from perfeval_xl.findings import SEVERITIES, SEVERITY_LEVEL, Finding, Report, Severity
from perfeval_xl.grid import Book, Grid, Place, column_letters, coordinates, quoted
from perfeval_xl.hosts.marks import results
from perfeval_xl.own_sheets import RESULTS_SHEET
from perfeval_xl.text import plain_text

from . import office_api
from .reading import Progress, silent

KEYS, TOP, STATE = "PE_KEYS", "PE_RESULTS_TOP", "PE_STATE"
CHECKED, CHECKSUM = "PE_CHECKED", "PE_CHECKSUM"
TABLE = "PE_Results"
_FORM_ID = re.compile(r"FJ\d+(-\d+)?")
_HEADER = 7
_LOWEST_HEADER = 20
_WIDE = len(results.COLUMNS)
_HEADER_FILL = "#44546A"
_VERDICT_SIZE = 16
_DAMAGED = "“校验结果”表已被改动，没有写入任何内容；请用 perfeval-xl new 新建一份，把内容复制过去"
_LEGEND = (2, 7, 10)
"""The columns of the severities in the legend, each before its meaning."""
_SHOWN = _WIDE - sum(heading in results.HIDDEN for heading, _ in results.COLUMNS)
_ROOM = sum(width for heading, width in results.COLUMNS if heading not in results.HIDDEN)


@dataclass(frozen=True, slots=True)
class Listed:
    """A finding as 校验结果 lists it: its row there, its level and cell, the problem, and what the clerk wrote; ``done`` where
    that was ticked."""

    row: int
    level: str
    place: Place | None
    problem: str
    status: str
    reason: str
    done: bool = False


# --- what is in the book -----------------------------------------------------------------------------------------


def is_template(book: Any) -> bool:
    return all(name in book.names for name in (KEYS, TOP, STATE))


def results_sheet(book: Any) -> Any | None:
    """The sheet our findings stand in, whatever it is called now; None if there is none. A name of ours may point to any
    sheet: ours has the headings of the list."""
    name = TOP if is_template(book) else results.SHEET_NAME
    if name not in book.names:
        return None
    try:
        sheet = book.names[name].refers_to_range.sheet
        head = sheet.range((1, 1), (_LOWEST_HEADER, _WIDE)).options(ndim=2).value
        return sheet if any(results.is_header(map(str, line)) for line in head) else None
    except Exception as error:
        if office_api.is_office_error(error) or isinstance(error, ValueError):
            return None  # the sheet was deleted, the name is left
        raise


def listed(book: Any) -> list[Listed]:
    """The findings as they stand in 校验结果, read in one call."""
    sheet = results_sheet(book)
    if sheet is None:
        return []
    used = sheet.used_range
    rows = used.options(ndim=2).value
    head, columns = _heading(rows)
    if head is None:
        return []
    found = []
    for offset, row in enumerate(rows[head + 1 :], head + 1):
        level = str(row[columns["级别"]] or "")
        if not any(level == known for known in SEVERITY_LEVEL.values()):
            continue
        place = _place(row[columns["表"]], row[columns[results.LINK]])
        problem, status, reason = (
            str(row[columns[heading]] or "").strip() for heading in ("问题", "状态", "说明")
        )
        done = "完成" in columns and bool(str(row[columns["完成"]] or "").strip())
        found.append(Listed(used.row + offset, level, place, problem, status, reason, done))
    return found


def _heading(rows: Sequence[Sequence[Any]]) -> tuple[int | None, dict[str, int]]:
    needed = {"级别", "表", results.LINK, "问题", "状态", "说明"}
    for number, row in enumerate(rows):
        columns = {value: column for column, value in enumerate(row) if isinstance(value, str)}
        if needed <= columns.keys():
            return number, columns
    return None, {}


def _place(sheet: Any, cell: Any) -> Place | None:
    try:
        return Place(str(sheet), *coordinates(str(cell)))
    except ValueError:
        return None


def with_own_sheet(book: Any, read: Book) -> Book:
    """What was read, with our list under its own name even where the clerk gave it another: it is no form, and the
    written 说明 in it count."""
    sheet = results_sheet(book)
    if sheet is None or sheet.name == RESULTS_SHEET:
        return read
    own = sheet.name
    grids = [
        replace(grid, sheet=RESULTS_SHEET) if grid.sheet == own else grid
        for grid in read.grids
        if grid.sheet != RESULTS_SHEET
    ]
    return Book.of(read.name, grids, read.notes)


# --- marking -------------------------------------------------------------------------------------------------------


def mark(book: Any, report: Report, progress: Progress = silent) -> tuple[str, ...]:
    """List and colour the findings of ``report``; what could not be coloured is told in lines.

    LiveError where the workbook allows no list at all; nothing is changed then. Marking twice is as marking once.
    """
    refuse_read_only(book)
    if is_template(book):
        progress("正在写入校验结果")
        _fill_template(book, report)
        return ()
    sheet = results_sheet(book)
    if sheet is None and office_api.has_fixed_sheets(book):
        raise LiveError("工作簿的结构受保护，不能新增“校验结果”表：请先撤销保护（审阅 → 保护工作簿）再校验")
    if sheet is not None and office_api.is_protected(sheet):
        raise LiveError(f"“{sheet.name}”受保护，不能写入：请先撤销保护（审阅 → 撤销工作表保护）再校验")
    progress("正在写入校验结果")
    if sheet is None:
        sheet = new_sheet(
            book, RESULTS_SHEET, results.SHEET_NAME, [width for _, width in results.COLUMNS], _HEADER
        )
    else:
        sheet.clear()
    _write_page(sheet, report, {known.name for known in book.sheets})
    for name in results.MARK_NAME.values():
        define(book, name, "=TRUE")
    progress("正在标色")
    return tuple(_colour(book, sheet, report))


def refuse_read_only(book: Any) -> None:
    """LiveError where the office lets nothing be written."""
    if office_api.is_read_only(book):
        raise LiveError("工作簿是以只读方式打开的，不能写入：请点“编辑文档”，或另存一份再校验")


def clear(book: Any) -> tuple[str, ...]:
    """Take away the list and the colours, and nothing else; what could not be taken away is told in lines."""
    refuse_read_only(book)
    if is_template(book):
        _empty_template(book)
        return ()
    notes = [note for sheet in book.sheets for note in _unmark(sheet)]
    sheet = results_sheet(book)
    if sheet is not None:
        if office_api.has_fixed_sheets(book):
            raise LiveError("工作簿的结构受保护，不能删除“校验结果”表：请先撤销保护（审阅 → 保护工作簿）")
        if len(book.sheets) > 1:
            sheet.delete()
    for name in (results.SHEET_NAME, *([] if notes else results.MARK_NAME.values())):
        if name in book.names:
            book.names[name].delete()
    office_api.tidy(book)
    return tuple(notes)


def define(book: Any, name: str, refers_to: str) -> None:
    """Give a name of ours its meaning; the clerk does not see it where the office can hide names."""
    if name in book.names:
        book.names[name].refers_to = refers_to
    else:
        office_api.hide_name(book.names.add(name, refers_to), book)


# --- any other workbook ----------------------------------------------------------------------------------------------


def new_sheet(book: Any, title: str, mark: str, widths: Sequence[int], header: int) -> Any:
    """A sheet of ours at the end, its headings frozen, known for ever by the name ``mark``."""
    taken = {known.name.lower() for known in book.sheets}
    name, number = title, 2
    while name.lower() in taken:
        name, number = f"{title}({number})", number + 1
    sheet = book.sheets.add(name, after=book.sheets[len(book.sheets) - 1])
    define(book, mark, f"={quoted(name)}!$A$1")
    for number, width in enumerate(widths, 1):
        sheet.range((1, number)).column_width = width + 0.7
    sheet.freeze_panes.freeze_at(f"1:{header}")
    return sheet


def _write_page(sheet: Any, report: Report, known: set[str]) -> None:
    """The whole page in one block, then its looks."""
    listed = results.lines(report, results.texts)
    page = _head(report)
    page += [list(line.texts.values()) for line in listed]
    bottom = len(page)
    if not listed:
        page.append([results.nothing_line(report)])
    page += _unchecked(report)
    for row, line in enumerate(listed, _HEADER):
        if line.finding is not None:
            page[row][_column(results.LINK) - 1] = _cell_link(line.finding, known)
    write_lines(sheet, 1, page, _WIDE)
    _dress(sheet, len(page), bottom, results.first_text(report))
    _fold(sheet, _HEADER, results.folded_lines(listed))
    levels = {severity: _levels(listed, severity) for severity in SEVERITIES}
    for severity, rows in levels.items():
        column = "ABCDEFGHIJ"[_LEGEND[SEVERITIES.index(severity)] - 1]
        _paint(sheet, [f"{column}{_HEADER - 2}", *(f"B{row}" for row in rows)], results.LOOK[severity])


def _head(report: Report) -> list[list[str]]:
    legend = [""] * _WIDE
    legend[0] = "图例"
    for severity, column in zip(SEVERITIES, _LEGEND, strict=True):
        legend[column - 1], legend[column] = SEVERITY_LEVEL[severity], results.MEANING[severity]
    lines = (results.TITLE, results.verdict_line(report), results.source_line(report))
    return [
        *([line] for line in (*lines, results.policy_line(report))),
        legend,
        [results.first_text(report)],
        [text for text, _ in results.COLUMNS],
    ]


def _unchecked(report: Report) -> list[list[str]]:
    lines = list(results.unchecked_lines(report))
    if not lines:
        return []
    return [[], ["未能读取或检查的内容"], *([["", *line] for line in lines])]


def _levels(listed: Sequence[results.Line], severity: Severity) -> list[int]:
    rows = ((row, line.finding) for row, line in enumerate(listed, _HEADER + 1))
    return [row for row, found in rows if found is not None and found.open and found.severity == severity]


def _fold(sheet: Any, header: int, folded: tuple[int, int] | None) -> None:
    """Fold lines of the list under its ``header``, counted from 0."""
    if folded is not None:
        first, last = (header + 1 + index for index in folded)
        office_api.fold_rows(sheet, first, last)


def _column(heading: str) -> int:
    return [text for text, _ in results.COLUMNS].index(heading) + 1


def _dress(sheet: Any, rows: int, bottom: int, text: str) -> None:
    # The list's own rows are dressed below, once.
    dress_list(sheet, rows, _HEADER, _HEADER, _WIDE)
    sheet["A2"].font.bold, sheet["A2"].font.size = True, _VERDICT_SIZE
    sheet["A2"].row_height = results.row_height("结论", _ROOM, _VERDICT_SIZE)
    for column, width in zip(_LEGEND, results.LEGEND_SPANS, strict=True):
        sheet.range((_HEADER - 2, column + 1), (_HEADER - 2, column + width)).merge()
    first = sheet.range((_HEADER - 1, 1), (_HEADER - 1, _SHOWN))
    first.merge()
    first.wrap_text, first.font.bold = True, True
    _fit_first(first, text, _ROOM)
    office_api.print_wide(sheet, _HEADER)
    for column in range(_SHOWN + 1, _WIDE + 1):
        office_api.hide_column(sheet, column)
    if bottom > _HEADER:
        _dress_rows(sheet, _HEADER + 1, bottom, [heading for heading, _ in results.COLUMNS])
        office_api.filter_buttons(sheet, _HEADER, bottom, _WIDE)


def _dress_rows(sheet: Any, first: int, last: int, headings: Sequence[str]) -> None:
    """Let lines of the list look as they do in a file: lined, wrapped, as high as their texts. What colours the levels of our
    template is a conditional format, so no format is copied or cleared."""
    table = sheet.range((first, 1), (last, len(headings)))
    table.font.size, table.wrap_text = 10, True
    table.vertical_alignment, table.horizontal_alignment = "center", "left"
    office_api.draw_lines(table, f"#{results.LINE_COLOUR[2:]}")
    for cells in _columns(sheet, first, last, headings, results.CENTRED):
        cells.horizontal_alignment = "center"
    for cells in _columns(sheet, first, last, headings, (results.LINK,)):
        cells.font.color = f"#{results.LINK_COLOUR[2:]}"
    for cells in _columns(sheet, first, last, headings, results.TO_FILL):
        cells.color = f"#{results.TO_FILL_COLOUR[2:]}"
    table.rows.autofit()


def _columns(
    sheet: Any, first: int, last: int, headings: Sequence[str], wanted: Collection[str]
) -> Iterator[Any]:
    """The columns of some headings, from one row to another, in as few ranges as can be: the host takes each look at a time."""
    letters = [column_letters(at) for at, heading in enumerate(headings, 1) if heading in wanted]
    return (
        sheet.range(group)
        for group in office_api.joined(f"{at}{first}:{at}{last}" for at in letters)
        if group
    )


def dress_list(sheet: Any, rows: int, header: int, bottom: int, width: int) -> None:
    """The looks of a sheet of ours: its title, and a list from the headings in row ``header`` to row ``bottom``."""
    whole = sheet.range((1, 1), (rows, width))
    whole.font.size = 10
    whole.vertical_alignment = "center"
    sheet["A1"].font.size = 16
    sheet["A1"].font.bold = True
    head = sheet.range((header, 1), (header, width))
    head.color, head.font.color, head.font.bold = _HEADER_FILL, "#FFFFFF", True
    head.horizontal_alignment = "center"
    if bottom > header:
        table = sheet.range((header + 1, 1), (bottom, width))
        table.wrap_text = True
        table.rows.autofit()


def _paint(sheet: Any, addresses: Sequence[str], look: results.Look) -> None:
    """Let cells of our own sheet look like a severity."""
    for group in office_api.joined(addresses):
        cells = sheet.range(group)
        cells.color, cells.font.color = f"#{look.fill[2:]}", f"#{look.text[2:]}"
        cells.font.bold, cells.font.italic = look.letters == "bold", look.letters == "italic"


def _colour(book: Any, own: Any, report: Report) -> Iterator[str]:
    marked = results.marked_areas(report)
    reason = office_api.cannot_mark(book)
    if reason is not None and marked:
        marked = {}
        yield reason
    for sheet in book.sheets:
        name = sheet.name
        areas = marked.pop(name, {})
        if sheet == own:
            continue
        failed = list(_unmark(sheet))
        if areas and not failed and office_api.is_protected(sheet):
            failed = [f"工作表“{name}”受保护，其中的问题没有标色，已列在“校验结果”里"]
        yield from failed
        if failed:
            continue
        # The last one added stands first, so the worst comes last.
        for severity in reversed(SEVERITIES):
            cells = sorted(
                (area for area, worst in areas.items() if worst == severity),
                key=lambda area: (area.top, area.left),
            )
            if cells:
                office_api.add_mark(sheet, cells, f"={results.MARK_NAME[severity]}", results.LOOK[severity])


def _unmark(sheet: Any) -> Iterator[str]:
    """Remove our conditional formats from a sheet, known by their formula, and no others."""
    formulas = {f"={name}" for name in results.MARK_NAME.values()}
    rules = [rule for rule in sheet.cells.conditional_formats if rule.formula in formulas]
    if rules and office_api.is_protected(sheet):
        yield f"工作表“{sheet.name}”受保护，上面原有的标色没有去掉：请先撤销保护（审阅 → 撤销工作表保护）"
        return
    for rule in reversed(rules):
        rule.delete()


# --- our template ------------------------------------------------------------------------------------------------------


def _fill_template(book: Any, report: Report) -> None:
    sheet, header, columns, room = _empty_template(book)
    ids = _own_ids(book, form_ids(report.grids))
    listed = results.lines(report, results.template_texts)
    lines = [_template_line(line, ids) for line in listed]
    if not listed:
        lines.append({"问题": results.nothing_line(report)})
    if len(lines) > room:
        lines[room - 1 :] = [{"问题": f"还有 {len(lines) - room + 1} 条没有列出，请先改正以上问题再校验"}]
    table = len(lines)
    lines += _template_unchecked(report)
    write_lines(
        sheet, header + 1, [[line.get(heading, "") for heading in columns] for line in lines], len(columns)
    )
    _resize(sheet, header, table, len(columns))
    _dress_rows(sheet, header + 1, header + table, columns)
    if table == len(listed):
        _fold(sheet, header, results.folded_lines(listed))
    state = _on(sheet, book, STATE)
    source = results.source_line(report, dt.datetime.now())
    summary = (results.verdict_line(report), source, results.policy_line(report))
    write_lines(sheet, state.row - len(summary), [[line] for line in summary], 1)
    if CHECKED in book.names and CHECKSUM in book.names:
        _on(sheet, book, CHECKED).value = book.names[CHECKSUM].refers_to_range.value
    _write_first(sheet, book, results.first_text(report))


def _write_first(sheet: Any, book: Any, text: str) -> None:
    """What to mend first, in the row above the table; workbooks made from a template without such a row have none."""
    if results.FIRST in book.names:
        cell = _on(sheet, book, results.FIRST)
        cell.value = typed(text)
        _fit_first(cell, text, sum(column.column_width for column in cell.merge_area.columns))


def _fit_first(cell: Any, text: str, room: float) -> None:
    """Let the row of what to mend first show all of its lines, in so many characters."""
    cell.row_height = results.row_height(text, int(room)) if text else results.EMPTY_HEIGHT


def _template_line(line: results.Line, ids: dict[str, FormId]) -> dict[str, str]:
    finding = line.finding
    if finding is None or finding.place is None or finding.place.sheet not in ids:
        return line.texts
    place = finding.place
    formulas = {results.LINK: _Formula(results.link_formula(place))}
    if finding.open:
        formulas["键"] = _Formula(results.key_formula(ids[place.sheet].where, place, finding.severity))
    return {**line.texts, **formulas}


def _template_unchecked(report: Report) -> list[dict[str, str]]:
    """What could not be read or checked, under the table and apart from it."""
    lines = [
        {"级别": f"{what} {rule}".strip(), "表": name, "问题": reason}
        for what, rule, name, reason in results.unchecked_lines(report)
    ]
    return [{}, {"级别": "未能读取或检查的内容"}, *lines] if lines else []


@dataclass(frozen=True, slots=True)
class FormId:
    """A form's id and the cell of its sheet's first row that keeps it."""

    sheet: str
    column: int
    text: str

    @property
    def where(self) -> str:
        return f"{quoted(self.sheet)}!${column_letters(self.column)}$1"


def form_ids(grids: Sequence[Grid]) -> dict[str, FormId]:
    """The ids the template's sheets carry in their first row, by the sheets' names of today."""
    return {
        grid.sheet: FormId(grid.sheet, column, str(cell.value))
        for grid in grids
        for (row, column), cell in grid.cells.items()
        if row == 1 and isinstance(cell.value, str) and _FORM_ID.fullmatch(cell.value)
    }


def _own_ids(book: Any, ids: dict[str, FormId]) -> dict[str, FormId]:
    """The ids, with one of its own for every sheet the clerk copied by hand: else its twin would be coloured too."""
    taken: set[str] = set()
    own = {}
    for name, known in ids.items():
        if known.text in taken:
            free = next(
                f"FJ3-{n}"
                for n in itertools.count(1)
                if f"FJ3-{n}" not in {i.text for i in ids.values()} | taken
            )
            with office_api.unprotected(book.sheets[name]):
                book.sheets[name].range((1, known.column)).value = f"'{free}"
            known = replace(known, text=free)
        taken.add(known.text)
        own[name] = known
    return own


def _empty_template(book: Any) -> tuple[Any, int, list[str], int]:
    """Empty the table and what stands under it; its sheet, the row of its header, its headings, how many rows it may
    have."""
    top = book.names[TOP].refers_to_range
    sheet, header = top.sheet, top.row
    if office_api.is_protected(sheet):
        raise LiveError(f"“{sheet.name}”受保护，不能写入：请先撤销保护（审阅 → 撤销工作表保护）再校验")
    line = sheet.range((header, 1), (header, 40)).options(ndim=1).value
    columns = [str(text) for text in line[: line.index(None)]]
    if not results.is_header(columns):
        raise LiveError(_DAMAGED)
    keys = _on(sheet, book, KEYS)
    _resize(sheet, header, 1, len(columns))
    used = sheet.used_range
    bottom = max(keys.row + keys.shape[0] - 1, used.row + used.shape[0] - 1)
    office_api.unfold(sheet)
    sheet.range((header + 1, 1), (bottom, len(columns))).clear_contents()
    spare = sheet.range((header + 2, 1), (bottom, len(columns)))
    office_api.draw_lines(spare, None)
    spare.color = None
    _write_first(sheet, book, "")
    state = _on(sheet, book, STATE)
    sheet.range((state.row - 3, 1), (state.row - 1, 1)).value = [[""], [""], [""]]
    if CHECKED in book.names:
        _on(sheet, book, CHECKED).clear_contents()
    return sheet, header, columns, keys.shape[0]


def _on(sheet: Any, book: Any, name: str) -> Any:
    """The range a name refers to; LiveError where it lies on another sheet than our list: what is there is not ours."""
    found = book.names[name].refers_to_range
    if found.sheet.name != sheet.name:
        raise LiveError(_DAMAGED)
    return found


def _resize(sheet: Any, header: int, rows: int, columns: int) -> None:
    office_api.resize_table(sheet, TABLE, sheet.range((header, 1), (header + max(1, rows), columns)))


# --- writing text ------------------------------------------------------------------------------------------------------


def write_lines(sheet: Any, row: int, lines: Sequence[Sequence[str]], width: int) -> None:
    """Write lines from column A on in one call; every text stays text, whatever it looks like."""
    block = [[typed(text) for text in line] + [""] * (width - len(line)) for line in lines]
    if block:
        sheet.range((row, 1), (row + len(block) - 1, width)).value = block


def typed(text: str) -> str:
    """What to write so that the cell holds ``text``; only a formula of ours is one."""
    if isinstance(text, _Formula):
        return str(text)
    return f"'{plain_text(text)}" if text else ""


class _Formula(str):
    """A formula of ours, not a text."""

    __slots__ = ()


def _cell_link(finding: Finding, known: set[str]) -> str:
    """A link to the finding's cell, or what stands there instead."""
    place = finding.place
    if place is None or place.sheet not in known or not results.exists(place):
        return "—" if place is None else place.cell
    target = f"#{quoted(place.sheet)}!{place.cell}".replace('"', '""')
    return _Formula(f'=HYPERLINK("{target}","{place.cell}")')
