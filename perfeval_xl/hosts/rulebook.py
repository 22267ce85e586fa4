"""Writes a rule book as a workbook: a sheet of rows to type in, with lists to choose from, and sheets to read."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Iterable, Mapping, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from perfeval_xl.grid import column_letters
from perfeval_xl.records import dataclass
from perfeval_xl.text import cell_text
from perfeval_xl.widths import columns as letters

#: Rows that are ready to be typed in beyond those that are filled.
_READY = 200
_HEAD = PatternFill("solid", fgColor="1F4E79")
_BAND = PatternFill("solid", fgColor="F2F6FA")
_LINE = Border(*(Side("thin", color="BFC8D2"),) * 4)
_FONT = "宋体"
_DATE = dt.datetime(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Column:
    """A column to type in: its heading and width, what is shown beside the cell, what may be chosen (other things may be
    typed, too)."""

    name: str
    width: float
    prompt: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet to read: its name, headings, widths and rows."""

    name: str
    headings: tuple[str, ...]
    widths: tuple[float, ...]
    rows: Sequence[Sequence[str]]


def workbook_of(
    sheet: str,
    title: str,
    hint: str,
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, str]],
    pages: Sequence[Page],
) -> bytes:
    """The workbook's bytes: the sheet of rules with frozen headings, then the pages."""
    book = Workbook()
    book.properties.created = book.properties.modified = _DATE
    book.properties.creator = "perfeval-xl"
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = sheet
    _rules(first, title, hint, columns, list(rows))
    for page in pages:
        _page(book.create_sheet(page.name), page)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _put(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    cell.value = cell_text(text) or None
    if cell.value is not None:
        cell.data_type = "s"  # whatever it begins with
    cell.number_format = "@"
    return cell


def _height(texts: Iterable[tuple[str, float]]) -> float:
    """The points that a row needs: its texts wrapped in the widths of their columns (in letters)."""
    lines = max((math.ceil(letters(text) / (room - 1)) for text, room in texts), default=1)
    return 6 + 13.5 * max(1, lines)


def _heading(cell: Cell) -> None:
    cell.fill, cell.border = _HEAD, _LINE
    cell.font = Font(_FONT, bold=True, color="FFFFFF", size=11)
    cell.alignment = Alignment("center", "center", wrap_text=True)


def _rules(
    sheet: Worksheet, title: str, hint: str, columns: Sequence[Column], rows: Sequence[Mapping[str, str]]
) -> None:
    top = _put(sheet, 1, 1, title)
    top.font = Font(_FONT, bold=True, size=14)
    told = _put(sheet, 2, 1, hint)
    told.font, told.alignment = (
        Font(_FONT, size=10, color="5F6B7A"),
        Alignment(wrap_text=True, vertical="center"),
    )
    last = len(columns)
    for row, height in ((1, 26), (2, 32)):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=last)
        sheet.row_dimensions[row].height = height
    for number, column in enumerate(columns, 1):
        _heading(_put(sheet, 3, number, column.name))
        sheet.column_dimensions[column_letters(number)].width = column.width
    sheet.row_dimensions[3].height = 24
    for row in range(4, 4 + len(rows) + _READY):
        given = rows[row - 4] if row - 4 < len(rows) else {}
        for number, column in enumerate(columns, 1):
            cell = _put(sheet, row, number, given.get(column.name, ""))
            cell.font, cell.border = Font(_FONT, size=10), _LINE
            cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.row_dimensions[row].height = _height((given.get(one.name, ""), one.width) for one in columns)
    bottom = 3 + len(rows) + _READY
    for number, column in enumerate(columns, 1):
        letter = column_letters(number)
        _choices(sheet, column, f"{letter}4:{letter}{bottom}")
    sheet.freeze_panes = "C4"
    _as_wide_as_paper(sheet, 3)
    sheet.page_setup.paperSize = 8  # A3


def _as_wide_as_paper(sheet: Worksheet, headings: int) -> None:
    """Printed landscape, all columns on a page, the headings on every one."""
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = (
        "landscape",
        1,
        0,
    )
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{headings}:{headings}"


def _choices(sheet: Worksheet, column: Column, cells: str) -> None:
    """The list of a column and what is shown beside its cells; what is not on the list may be typed all the same."""
    chosen = f'"{",".join(column.choices)}"' if column.choices else None
    rule = DataValidation(
        type="list" if chosen else None, formula1=chosen, allow_blank=True, showErrorMessage=False
    )
    rule.promptTitle, rule.prompt, rule.showInputMessage = (
        column.name,
        column.prompt[:255],
        bool(column.prompt),
    )
    rule.add(cells)
    sheet.add_data_validation(rule)


def _page(sheet: Worksheet, page: Page) -> None:
    for number, (heading, width) in enumerate(zip(page.headings, page.widths, strict=True), 1):
        _heading(_put(sheet, 1, number, heading))
        sheet.column_dimensions[column_letters(number)].width = width
    before, banded = "", False
    for row, texts in enumerate(page.rows, 2):
        banded = banded != (texts[0] != before)
        before = texts[0]
        for number, text in enumerate(texts, 1):
            cell = _put(sheet, row, number, text)
            cell.font, cell.border = Font(_FONT, size=10), _LINE
            cell.alignment = Alignment(wrap_text=True, vertical="center")
            if banded:
                cell.fill = _BAND
        sheet.row_dimensions[row].height = _height(zip(texts, page.widths, strict=True))
    sheet.freeze_panes = "A2"
    _as_wide_as_paper(sheet, 1)
    if page.rows:
        sheet.auto_filter.ref = sheet.dimensions
