"""Writes sheets with XlsxWriter, and mends what it cannot express."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_cell_to_rowcol
from xlsxwriter.worksheet import Worksheet

from perfeval_xl.grid import quoted
from perfeval_xl.hosts.marks.results import TICK

from . import formulas
from .checks import Check
from .looks import LOOKS, SEVERITY, SEVERITY_WORDS
from .model import Cell, Data, Sheet, area, letters

CREATED = datetime(2026, 1, 1, 0, 0, 0)
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
AUTHOR = "perfeval-xl"
#: Stands for a blank text while XlsxWriter writes, which has no way to say that a formula gave one.
BLANK = "PE-BLANK"
_IGNORED = (
    "number_stored_as_text",
    "formula_unlocked",
    "formula_range",
    "formula_differs",
    "two_digit_text_year",
)
SPACER_WIDTH, CHECK_WIDTHS = 1.5, (20.0, 9.0)
_TABLE_LOOKS = {
    **dict.fromkeys(
        ("序号", "级别", "表", "应为", "实为", "状态", "规则", "时间", "原值", "新值"), "results_centre"
    ),
    "单元格": "results_link",
    "完成": "results_done",
    "说明": "results_state",
}
MARK_ROWS = 400
"""How far under the last row of a form the marks reach, so that rows added by hand are coloured too."""

OPTIONS = {
    # What Chinese Excel starts a new workbook with; column widths count digits of this font.
    "default_format_properties": {"font_name": "宋体", "font_size": 11},
    "default_row_height": 18,
    "default_column_width": 72,
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
}
PROTECTION = dict.fromkeys(("objects", "scenarios", "format_cells", "format_columns", "format_rows", "insert_rows", "insert_hyperlinks", "delete_rows", "sort", "autofilter", "select_locked_cells", "select_unlocked_cells"), True)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Button:
    """A push button on 填报说明: the macro it runs and what stands on it."""

    macro: str
    label: str


class Writer:
    """One workbook in the making; holds a format for each look, open and locked."""

    def __init__(self, prompts: Data, policies: Sequence[str], *, macros: bool) -> None:
        self._target = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._target, deepcopy(OPTIONS))  # it changes what it is given
        self._book.set_properties(
            {"created": CREATED, "author": AUTHOR, "title": "部门整体支出绩效自评填报表"}
        )
        self._book.set_calc_mode("auto")
        self._prompts, self._policies, self._macros = prompts, policies, macros
        self._formats: dict[tuple[str, bool], Format] = {}
        self._growing: list[set[int]] = []
        self._marks = {name: self._book.add_format(_mark(look)) for name, look in SEVERITY.items()}
        if macros:
            self._book.set_vba_name("ThisWorkbook")

    def write(self, sheet: Sheet, checks: Iterable[Check] = ()) -> Worksheet:
        """Add a sheet with all that belongs to it."""
        page = self._book.add_worksheet(sheet.name)
        self._growing.append(sheet.growing)
        if self._macros:
            page.set_vba_name(sheet.code)
        for col, width in enumerate(sheet.widths):
            page.set_column(col, col, width)
        heights = dict.fromkeys(sheet.growing, 24.0) | sheet.heights
        for row, height in sorted(heights.items()):
            page.set_row(row, height)
        for cell in sheet.cells:
            self._put(page, cell)
        self._validate(page, sheet.cells)
        self._set_up(page, sheet)
        for name, place in sheet.names.items():
            first, _, last = place.partition(":")
            self._book.define_name(name, f"={quoted(sheet.name)}!{first}{':' + last if last else ''}")
        if sheet.form:
            self._equip(page, sheet, list(checks) if self._macros else [])
        return page

    def close(self) -> bytes:
        """The finished file."""
        self._book.close()
        return _finished(self._target.getvalue(), self._growing)

    def look(self, name: str, *, unlocked: bool = False) -> Format:
        key = (name, unlocked)
        if key not in self._formats:
            self._formats[key] = self._book.add_format({**LOOKS[name], "locked": not unlocked})
        return self._formats[key]

    def name(self, name: str, reference: str) -> None:
        self._book.define_name(name, f"={reference}")

    def _put(self, page: Worksheet, cell: Cell) -> None:
        look = self.look(cell.look, unlocked=cell.open)
        if cell.rows > 1 or cell.cols > 1:
            page.merge_range(cell.row, cell.col, cell.row + cell.rows - 1, cell.col + cell.cols - 1, "", look)
        if cell.formula:
            value = BLANK if cell.value == "" else cell.value
            page.write_formula(cell.row, cell.col, f"={cell.formula}", look, value)
        elif isinstance(cell.value, int | float):
            page.write_number(cell.row, cell.col, cell.value, look)
        elif cell.value:
            page.write_string(cell.row, cell.col, cell.value, look)
        else:
            page.write_blank(cell.row, cell.col, None, look)
        if cell.note:
            page.write_comment(
                cell.row, cell.col, cell.note,
                {"author": AUTHOR, "width": 230, "height": 18 + 18 * (1 + len(cell.note) // 15), "font_name": "宋体", "font_size": 9},
            )  # fmt: skip

    def _validate(self, page: Worksheet, cells: Iterable[Cell]) -> None:
        """One validation a prompt, over all its cells."""
        by_prompt: dict[str, list[Cell]] = {}
        for cell in cells:
            if cell.prompt:
                by_prompt.setdefault(cell.prompt, []).append(cell)
        for prompt, where in by_prompt.items():
            options = _validation(self._prompts[prompt], self._policies)
            blocks = _blocks(where)
            first, rest = blocks[0], blocks[1:]
            if rest:
                options["other_cells"] = rest
            page.data_validation(*first, options)

    def _set_up(self, page: Worksheet, sheet: Sheet) -> None:
        if sheet.freeze != (0, 0):
            page.freeze_panes(*sheet.freeze)
        page.hide_gridlines(2)
        if sheet.tab:
            page.set_tab_color(f"#{sheet.tab}")
        if sheet.hidden:
            page.hide()
        if sheet.protected:
            page.protect("", PROTECTION)
        if sheet.print is None:
            return
        page.set_paper(9)
        if sheet.print.landscape:
            page.set_landscape()
        page.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
        page.center_horizontally()
        page.fit_to_pages(1, sheet.print.pages_high)
        page.set_footer('&C&"宋体,常规"&10第 &P 页 / 共 &N 页')
        if sheet.protected:  # 校验结果 and 更正记录 grow: all of them prints
            page.print_area(0, 0, sheet.bottom - 1, sheet.print.last_col)
        if sheet.print.repeat:
            page.repeat_rows(*sheet.print.repeat)

    def _equip(self, page: Worksheet, sheet: Sheet, checks: list[Check]) -> None:
        """Give a form its id, its checksum, its marks and, with macros, its 核对 column, all beside the print area."""
        assert sheet.print is not None
        last = sheet.print.last_col
        spacer, column = last + 1, last + 2
        page.set_column(spacer, spacer, SPACER_WIDTH)
        page.write_string(0, spacer, sheet.form, self.look("hidden"))
        bottom = sheet.bottom - 1
        checksum = formulas.checksum(0, bottom, last, sheet.long_texts)
        page.write_formula(0, column, f"={checksum}", self.look("hidden"), 0)
        for check in checks:
            look = self.look(check.look, unlocked=not check.heading)
            at = column + check.offset
            if check.heading:
                page.write_string(check.row, at, check.text, look)
            else:
                page.write_formula(check.row, at, f'=IFERROR({check.text},"")', look, BLANK)
        if checks:
            for offset, width in enumerate(CHECK_WIDTHS):
                page.set_column(column + offset, column + offset, width)
        self._mark(page, bottom + MARK_ROWS, last, letters(spacer))
        # Targets are texts on purpose, and computed cells may be typed over: no green corners for that.
        everything = area(0, 0, bottom + MARK_ROWS, column + len(CHECK_WIDTHS) - 1)
        page.ignore_errors(dict.fromkeys(_IGNORED, everything))

    def _mark(self, page: Worksheet, bottom: int, last: int, form_column: str) -> None:
        """Colour whatever cells 校验结果 names: its keys are form id, address and severity."""
        for name, look in self._marks.items():
            key = f'${form_column}$1&"!"&ADDRESS(ROW(),COLUMN(),4)&"|{SEVERITY_WORDS[name]}"'
            options = {
                "type": "formula",
                "criteria": f"=ISNUMBER(MATCH({key},PE_KEYS,0))",
                "format": look,
                "stop_if_true": True,
            }
            page.conditional_format(0, 0, bottom, last, options)

    # -- the two tables ---------------------------------------------------------------------------------------

    def table(
        self,
        page: Worksheet,
        top: int,
        name: str,
        columns: Sequence[Sequence[Any]],
        hidden: Sequence[str],
        rows: int,
    ) -> None:
        """An Excel table with one empty row under its header, ``rows`` at most."""
        last = len(columns) - 1
        names = [column[0] for column in columns]
        header = self.look("results_header")
        page.add_table(
            top, 0, top + 1, last,
            {"name": name, "style": None, "columns": [{"header": text, "header_format": header} for text in names]},
        )  # fmt: skip
        for col, text in enumerate(names):
            page.write_blank(top + 1, col, None, self.look(_TABLE_LOOKS.get(text, "results_cell")))
            if text == "完成":
                said = {
                    "input_title": text,
                    "input_message": f"改好了，或核实好了，就选 {TICK}；再校验时保留。",
                }
                ticks = {"validate": "list", "source": [TICK], "show_error": False, **said}
                page.data_validation(top + 1, col, top + rows, col, ticks)
            if text in hidden:
                page.set_column(col, col, 9, None, {"hidden": True})

    def filtered(self, page: Worksheet, top: int, last: int) -> None:
        """A list that is no table: a filter over its headings, its last column hidden."""
        page.autofilter(top, 0, top, last)
        page.set_column(last, last, 12, None, {"hidden": True})

    def mark_levels(self, page: Worksheet, top: int, bottom: int) -> None:
        """Colour the level column of 校验结果 and its line on what was changed since."""
        for look, symbol in zip(self._marks.values(), "×▲●", strict=True):
            options = {
                "type": "formula",
                "criteria": f'=AND(LEFT($B{top + 1},1)="{symbol}",$J{top + 1}<>"已说明")',
                "format": look,
            }
            page.conditional_format(top, 1, bottom, 1, options)

    def state_format(self, page: Worksheet, row: int, changed: str) -> None:
        red = self._book.add_format({"font_color": "#FFFFFF", "bg_color": "#C00000", "bold": True})
        page.conditional_format(
            row, 0, row, 0, {"type": "formula", "criteria": f'=$A${row + 1}="{changed}"', "format": red}
        )

    def buttons(self, page: Worksheet, place: str, buttons: Sequence[Button]) -> None:
        """Push buttons from a cell on, five in a line."""
        row, _ = xl_cell_to_rowcol(place.replace("$", ""))
        for index, button in enumerate(buttons):
            page.insert_button(
                row + index // 5, 1,
                {"macro": button.macro, "caption": button.label, "width": 132, "height": 32,
                 "x_offset": 4 + index % 5 * 148, "y_offset": 4},
            )  # fmt: skip


def _mark(look: Data) -> Data:
    return {key: value for key, value in look.items() if key != "font_name"}


def _blocks(cells: Sequence[Cell]) -> list[list[int]]:
    """The areas the cells take, those under one another joined."""
    blocks: list[list[int]] = []
    for cell in sorted(cells, key=lambda cell: (cell.col, cell.row)):
        bottom, right = cell.row + cell.rows - 1, cell.col + cell.cols - 1
        if blocks and blocks[-1][1] == cell.col and blocks[-1][3] == right and blocks[-1][2] == cell.row - 1:
            blocks[-1][2] = bottom
        else:
            blocks.append([cell.row, cell.col, bottom, right])
    return blocks


def _validation(entry: Data, policies: Sequence[str]) -> dict[str, Any]:
    """XlsxWriter's options of a prompt; what clerks may have reason to type otherwise is asked, not refused."""
    options: dict[str, Any] = {"input_title": entry["title"], "input_message": entry["text"]}
    if "error" in entry:
        options |= {"error_type": "warning", "error_title": entry["title"], "error_message": entry["error"]}
    match entry["kind"]:
        case "amount":
            return options | {"validate": "decimal", "criteria": ">=", "value": 0}
        case "number":
            return options | {"validate": "decimal", "criteria": "between", "minimum": -1e9, "maximum": 1e9}
        case "whole":
            return options | {"validate": "integer", "criteria": ">=", "value": 0}
        case "score":
            return options | {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 100}
        case "year":
            return options | {"validate": "integer", "criteria": "between", "minimum": 2015, "maximum": 2099}
        case "date":
            within = '=OR(PE_YEAR="",AND(PE_DATE>=DATE(PE_YEAR,12,1),PE_DATE<=DATE(PE_YEAR+1,12,31)))'
            return options | {"validate": "custom", "value": within}
        case "policy":
            return options | {"validate": "list", "source": list(policies), "show_error": False}
        case "names":
            return options | {"validate": "list", "source": f"={entry['names']}", "show_error": False}
        case "list":
            return options | {"validate": "list", "source": entry["choices"], "show_error": False}
    return options | {"validate": "any"}


# -- what XlsxWriter cannot say -------------------------------------------------------------------------------

_IGNORED_AGAIN = re.compile(r'/><ignoredError sqref="[A-Z0-9:]+" ')
_ROW = re.compile(r'<row r="(\d+)"([^>]*?) customHeight="1"')


def _finished(data: bytes, growing: Sequence[set[int]]) -> bytes:
    """The same package with blank texts as cached values, rows that grow with their text, and fixed dates."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for info in source.infolist():
            content = source.read(info)
            sheet = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", info.filename)
            if sheet is not None:
                content = _mended(content.decode(), growing[int(sheet[1]) - 1]).encode()
            entry = zipfile.ZipInfo(info.filename, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            out.writestr(entry, content)
    return target.getvalue()


def _mended(xml: str, growing: set[int]) -> str:
    def row(match: re.Match[str]) -> str:
        keep = int(match[1]) - 1 not in growing
        return match[0] if keep else f'<row r="{match[1]}"{match[2]}'

    # One element for one range, as Excel itself writes them.
    together = _IGNORED_AGAIN.sub(" ", _ROW.sub(row, xml))
    return together.replace(f"<v>{BLANK}</v>", "<v></v>")


__all__ = ["Button", "Writer", "area"]
