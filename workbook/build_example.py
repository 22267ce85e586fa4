#!/usr/bin/env python3
"""Build the bundled example and its clean twin from `workbook/example/*.yaml`.

    python workbook/build_example.py              writes example-2023.xlsx and example/clean-2023.xlsx
    python workbook/build_example.py --out DIR    writes both in all three layouts to DIR

The example is a real unit's 2023 report with the clerk's mistakes; the clean twin is the same with the cells of
`mended.yaml` replaced. Each form is laid out once, as a list of `Cell`s; the three layouts only write these lists
differently, so that a test can expect the same findings from all of them:

    own      a sheet per form, numbers typed as numbers
    stacked  all forms one under another on one sheet
    text     a sheet per form, everything typed as text

Same sources, same bytes: nothing here reads a clock, and the document's date is fixed.
"""

from __future__ import annotations

import argparse
import copy
import io
import math
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import xlsxwriter
import yaml
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_cell_to_rowcol, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

Layout = Literal["own", "stacked", "text"]
Data = dict[str, Any]

LAYOUTS: tuple[Layout, ...] = get_args(Layout)
HERE = Path(__file__).resolve().parent
SOURCES = HERE / "example"
MENDED = "mended.yaml"
STACKED_SHEET = "Sheet1"
STACKED_WIDTHS = (22.0, 9.0, 9.0, 20.0, 11.5, 11.5, 9.0, 9.0, 14.0)
BLANK_ROWS_BETWEEN = 2
CREATED = datetime(2024, 5, 30, 9, 0, 0)


# ---------------------------------------------------------------------------------------------------------- cells


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as typed, `rows` × `cols` big when merged; row and column count from 0."""

    row: int
    col: int
    value: str
    style: str
    rows: int = 1
    cols: int = 1

    @property
    def address(self) -> str:
        return str(xl_rowcol_to_cell(self.row, self.col))


@dataclass(frozen=True, slots=True)
class Form:
    """One form laid out from its own row 0, with the print set-up its own sheet gets."""

    sheet: str
    cells: tuple[Cell, ...]
    widths: tuple[float, ...]
    landscape: bool = False
    one_page: bool = False
    repeat_row: int | None = None

    @property
    def height(self) -> int:
        return max(cell.row + cell.rows for cell in self.cells)


Spans = Sequence[tuple[int, int]]
"""The columns of one line of a form: (first column, how many are merged)."""


def line(
    row: int, spans: Spans, values: Sequence[str], styles: str | Sequence[str] = "centre"
) -> Iterator[Cell]:
    """Yield one line; values that the source leaves off at the end are empty cells, for they have borders too."""
    for index, (col, cols) in enumerate(spans):
        value = values[index] if index < len(values) else ""
        style = styles if isinstance(styles, str) else styles[index]
        yield Cell(row, col, value, style, cols=cols)


def heading(form: Data, columns: int) -> Iterator[Cell]:
    """Yield the two lines above every table: 附件N, left, and the title over the whole width."""
    yield Cell(0, 0, form["attachment"], "attachment")
    yield Cell(1, 0, form["title"], "title", cols=columns)


# ------------------------------------------------------------------------------------------------------- 附件1

BASIC_WIDTHS = (30.0, 9.5, 9.5, 9.5, 9.5, 9.5, 9.5)
BASIC_LINE: Spans = ((0, 1), (1, 2), (3, 2), (5, 2))
BASIC_BUILDINGS: Spans = tuple((col, 1) for col in range(1, 7))


def basic_form(form: Data) -> Form:
    """Lay out 附件1. Three year columns of two grid columns each, because 楼堂馆所 below needs six."""
    return Form(form["sheet"], tuple(_basic_cells(form)), BASIC_WIDTHS, one_page=True)


def _basic_cells(form: Data) -> Iterator[Cell]:
    yield from heading(form, 7)
    yield from line(2, ((0, 1), (1, 6)), form["unit"])
    staff, money, buildings = form["staff"], form["money"], form["buildings"]
    yield Cell(3, 0, staff["label"], "centre", rows=2)
    yield from line(3, BASIC_LINE[1:], staff["header"])
    yield from line(4, BASIC_LINE[1:], staff["values"])
    yield from line(5, BASIC_LINE, [money["label"], *money["header"]])
    row = 6
    for values, style in _money_lines(money["rows"]):
        yield from line(row, BASIC_LINE, values, [style, "centre", "centre", "centre"])
        row += 1
    yield Cell(row, 0, buildings["label"], "centre", rows=2)
    yield from line(row, BASIC_BUILDINGS, buildings["header"])
    yield from line(row + 1, BASIC_BUILDINGS, buildings["values"])
    yield from line(
        row + 2, ((0, 1), (1, 6)), [form["thrift"]["label"], form["thrift"]["text"]], ["centre", "prose"]
    )
    yield Cell(row + 3, 0, form["note"], "note", cols=7)


def _money_lines(rows: Iterable[Data]) -> Iterator[tuple[list[str], str]]:
    """Flatten rows and their details; the indent shows the depth, as on the printed form."""
    for entry in rows:
        yield entry["row"], "label1" if re.match(r"\d、", entry["row"][0]) else "label0"
        for detail in entry.get("details", []):
            yield detail, "label2"


# ----------------------------------------------------------------------------------------------- 附件2 and 附件3

INDICATOR_WIDTHS = (9.0, 9.0, 9.0, 20.0, 11.5, 11.5, 6.0, 8.0, 14.0)
FUND_LINE: Spans = ((1, 2), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (8, 1))
HALVES: Spans = ((1, 4), (5, 4))
DEPARTMENTS: Spans = ((0, 1), (1, 3), (4, 1), (5, 4))
INDICATOR_ROW: Spans = tuple((col, 1) for col in range(3, 9))
TOTAL_LINE: Spans = ((0, 6), (6, 1), (7, 1), (8, 1))


def overall_form(form: Data) -> Form:
    """Lay out 附件2: it has the unit's line, and the money again by source and by kind."""
    top = list(line(2, ((0, 1), (1, 8)), form["unit"]))
    return _indicator_form(form, top, one_page=False)


def project_form(form: Data) -> Form:
    """Lay out an 附件3: the project's name and the two departments stand where 附件2 has the unit."""
    top = [*line(2, ((0, 1), (1, 8)), form["project"]), *line(3, DEPARTMENTS, form["departments"])]
    return _indicator_form(form, top, one_page=True)


def _indicator_form(form: Data, top: list[Cell], *, one_page: bool) -> Form:
    """Join the blocks that 附件2 and 附件3 share below their own first lines."""
    cells = [*heading(form, 9), *top]
    cells += _fund_block(form["fund"], _below(cells))
    cells += _goals(form["goals"], _below(cells))
    indicators_row = _below(cells)
    cells += _indicators(form["indicators"], indicators_row)
    if "signature" in form:
        cells.append(Cell(_below(cells), 0, form["signature"], "signature", cols=9))
    return Form(form["sheet"], tuple(cells), INDICATOR_WIDTHS, one_page=one_page, repeat_row=indicators_row)


def _below(cells: Sequence[Cell]) -> int:
    return max(cell.row + cell.rows for cell in cells)


def _fund_block(fund: Data, top: int) -> Iterator[Cell]:
    nature = fund.get("nature", [])
    yield Cell(top, 0, fund["label"], "centre", rows=1 + len(fund["rows"]) + len(nature))
    yield from line(top, FUND_LINE, fund["header"])
    row = top + 1
    for values in fund["rows"]:
        yield from line(row, FUND_LINE, values, ["label0", *["centre"] * 6])
        row += 1
    for values in nature:
        yield from line(row, HALVES, values, "label0")
        row += 1


def _goals(goals: Data, top: int) -> Iterator[Cell]:
    yield Cell(top, 0, goals["label"], "centre", rows=2)
    yield from line(top, HALVES, goals["header"])
    yield from line(top + 1, HALVES, [goals["expected"], goals["actual"]], "prose")


def _indicators(block: Data, top: int) -> Iterator[Cell]:
    """Yield the indicator table: levels 1 and 2 are merged downwards over their rows, the label over everything."""
    yield from line(top, tuple((col, 1) for col in range(1, 9)), block["header"])
    row = top + 1
    for group in block["groups"]:
        group_top = row
        for part in group["level2"]:
            yield Cell(row, 2, part["name"], "centre", rows=len(part["rows"]))
            for values in part["rows"]:
                yield from line(row, INDICATOR_ROW, values)
                row += 1
        yield Cell(group_top, 1, group["level1"], "centre", rows=row - group_top)
    yield Cell(top, 0, block["label"], "centre", rows=row - top)
    yield from line(row, TOTAL_LINE, block["total"])


# ------------------------------------------------------------------------------------------------- 附件4, 5 and 6


FUND_LABEL_WIDTHS = (18.0, 22.0)


def fund_form(form: Data) -> Form:
    """Lay out one of the three fund tables, whatever columns it has."""
    leaves = sum(len(_children(column)) or 1 for column in form["columns"])
    labels = int(form["labels"])
    widths = (*FUND_LABEL_WIDTHS[:labels], *[14.0] * (leaves - labels))
    return Form(form["sheet"], tuple(_fund_cells(form, leaves)), widths, landscape=True, one_page=True)


def _children(column: str | Data) -> list[str]:
    return [] if isinstance(column, str) else next(iter(column.values()))


def _fund_cells(form: Data, leaves: int) -> Iterator[Cell]:
    yield from heading(form, leaves)
    yield Cell(2, 0, form["unit"], "caption", cols=leaves - 2)
    yield Cell(2, leaves - 2, form["money_unit"], "caption_right", cols=2)
    deep = any(_children(column) for column in form["columns"])
    col = 0
    for column in form["columns"]:
        children = _children(column)
        if children:
            yield Cell(3, col, next(iter(column)), "centre", cols=len(children))
            yield from line(4, [(col + index, 1) for index in range(len(children))], children)
        else:
            yield Cell(3, col, column, "centre", rows=2 if deep else 1)
        col += len(children) or 1
    labels = int(form["labels"])
    total_row = 5 if deep else 4
    spans = [(0, labels), *((col, 1) for col in range(labels, leaves))]
    yield from line(total_row, spans, form["total"])
    for row in range(total_row + 1, total_row + 1 + int(form["blank_rows"])):
        yield from line(row, [(col, 1) for col in range(leaves)], [])


# ------------------------------------------------------------------------------------------------------- 自评报告

REPORT_WIDTH = 76.0


def narrative(form: Data) -> Form:
    """Lay out the report: one paragraph a cell down column A, as text pasted from Word lands in a sheet."""
    styles = {"heading": "heading", "text": "paragraph"}
    cells = [Cell(0, 0, form["title"], "title")]
    for row, entry in enumerate(form["lines"], start=1):
        ((kind, value),) = entry.items()
        cells.append(Cell(row, 0, value, styles[kind]))
    return Form(form["sheet"], tuple(cells), (REPORT_WIDTH,))


LAYOUT_OF_KIND: dict[str, Callable[[Data], Form]] = {
    "basic": basic_form,
    "overall": overall_form,
    "project": project_form,
    "gov_fund": fund_form,
    "state_capital": fund_form,
    "social_insurance": fund_form,
    "narrative": narrative,
}


# ------------------------------------------------------------------------------------------ sources and mended cells


class MendError(Exception):
    """An entry of mended.yaml does not fit the example."""


def load_yaml(path: Path) -> Any:
    """Read a source with every scalar as text: 9.20 must stay 9.20, and 2024.5.30 is no date."""
    return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)


@cache
def example_forms() -> tuple[Form, ...]:
    """Lay out all forms of the example; the file names sort as the forms are filed."""
    sources = [load_yaml(path) for path in sorted(SOURCES.glob("*.yaml")) if path.name != MENDED]
    return tuple(LAYOUT_OF_KIND[source["kind"]](source) for source in sources)


@cache
def mended_cells() -> dict[tuple[str, str], Data]:
    """What the clean twin has in place of the example's, by sheet and cell."""
    return {(entry["sheet"], entry["cell"]): entry for entry in load_yaml(SOURCES / MENDED)}


def mended_forms(entries: dict[tuple[str, str], Data]) -> tuple[Form, ...]:
    """Lay out the example with some of its cells mended. An entry that no longer meets what it mends stops the build."""
    strays = entries.keys() - {(form.sheet, cell.address) for form in example_forms() for cell in form.cells}
    if strays:
        raise MendError(f"{MENDED}: no such cell: {sorted(strays)}")
    return tuple(
        replace(form, cells=tuple(_mended(form.sheet, cell, entries) for cell in form.cells))
        for form in example_forms()
    )


def _mended(sheet: str, cell: Cell, entries: dict[tuple[str, str], Data]) -> Cell:
    """Return the cell with what its entry, if there is one, puts in its place."""
    entry = entries.get((sheet, cell.address))
    if entry is None:
        return cell
    if entry["was"] != cell.value:
        raise MendError(f"{MENDED}: {sheet}!{cell.address} is {cell.value!r}, not {entry['was']!r}")
    return replace(cell, value=entry["becomes"])


def stacked_rows() -> dict[str, int]:
    """Tell at which row of the stacked sheet each form starts."""
    starts: dict[str, int] = {}
    row = 0
    for form in example_forms():
        starts[form.sheet] = row
        row += form.height + BLANK_ROWS_BETWEEN
    return starts


def where(sheet: str, cell: str) -> tuple[str, str]:
    """Map a cell of the own-sheets layout to the stacked layout: only rows move."""
    row, col = xl_cell_to_rowcol(cell)
    return STACKED_SHEET, str(xl_rowcol_to_cell(row + stacked_rows()[sheet], col))


# ------------------------------------------------------------------------------------------------------------ looks

BODY = {"font_name": "宋体", "font_size": 10.5, "valign": "vcenter", "text_wrap": True}
BOXED = {**BODY, "border": 1}
STYLES: dict[str, dict[str, Any]] = {
    "attachment": {"font_name": "仿宋", "font_size": 14, "valign": "vcenter"},
    "title": {**BODY, "font_size": 16, "bold": True, "align": "center"},
    "caption": {**BODY, "text_wrap": False},
    "caption_right": {**BODY, "align": "right"},
    "centre": {**BOXED, "align": "center"},
    "label0": {**BOXED, "align": "left"},
    "label1": {**BOXED, "align": "left", "indent": 1},
    "label2": {**BOXED, "align": "left", "indent": 2},
    "prose": {**BOXED, "align": "left"},
    "note": {**BODY, "align": "left"},
    "signature": {**BODY, "align": "left"},
    "heading": {"font_name": "黑体", "font_size": 14, "valign": "vcenter", "text_wrap": True},
    "paragraph": {"font_name": "仿宋", "font_size": 14, "valign": "top", "text_wrap": True, "align": "left"},
}
CHINESE_EXCEL = {
    # What Chinese Excel starts a new workbook with; column widths count digits of this font.
    "default_format_properties": {"font_name": "宋体", "font_size": 11},
    "default_row_height": 18,
    "default_column_width": 72,
    "in_memory": True,
}
LOWEST_ROW = {"attachment": 22.0, "title": 36.0, "signature": 36.0, "heading": 28.0, "paragraph": 24.0}
ROW_HEIGHT = 18.0
HIGHEST_ROW = 409.0  # Excel's own limit, in points
LINE_SPACING = 1.4
POINTS_PER_WIDTH = 6.0  # a column's width counts digits of the workbook's font: 8 pixels in 宋体 11

NUMBER = re.compile(r"-?\d+(?:\.(\d+))?(%?)")


def typed(value: str) -> tuple[float, str] | None:
    """Return number and number format of a text that Excel would take as a number, as the form shows it.

    General shows a number as typed, except that it drops a zero at the end: 9.20 needs 0.00.
    """
    match = NUMBER.fullmatch(value)
    if match is None:
        return None
    decimals, percent = match.group(1) or "", match.group(2)
    if percent:
        # Through text, as Excel does: 72.2 / 100 in binary is not always the nearest double to 0.722.
        return float(f"{value[:-1]}e-2"), "0." + "0" * len(decimals) + "%" if decimals else "0%"
    return float(value), "0." + "0" * len(decimals) if decimals.endswith("0") else "General"


def text_width(text: str, size: float) -> float:
    """Points a text takes in a font of this size: full-width characters are square, others about half."""
    return sum(size if unicodedata.east_asian_width(sign) in "WFA" else 0.55 * size for sign in text)


def needed_height(cell: Cell, widths: Sequence[float]) -> float:
    """Points the cell's wrapped text needs; Excel does not fit merged cells by itself, so we reckon."""
    look = STYLES[cell.style]
    size = look["font_size"]
    lowest = LOWEST_ROW.get(cell.style, ROW_HEIGHT)
    if not look.get("text_wrap"):
        return lowest
    room = sum(widths[cell.col : cell.col + cell.cols]) * POINTS_PER_WIDTH - 6 - 9 * look.get("indent", 0)
    lines = sum(max(1, math.ceil(text_width(part, size) / room)) for part in cell.value.split("\n"))
    return float(max(lowest, lines * size * LINE_SPACING + 3))


def row_heights(cells: Iterable[Cell], widths: Sequence[float]) -> dict[int, float]:
    """Reckon all row heights: first from cells of one row, then what cells merged downwards still lack."""
    heights: dict[int, float] = {}
    tall: list[Cell] = []
    for cell in cells:
        if cell.rows > 1:
            tall.append(cell)
        else:
            heights[cell.row] = max(heights.get(cell.row, 0.0), needed_height(cell, widths))
    for cell in sorted(tall, key=lambda tall_cell: tall_cell.rows):
        rows = range(cell.row, cell.row + cell.rows)
        lacking = needed_height(cell, widths) - sum(heights.get(row, ROW_HEIGHT) for row in rows)
        if lacking > 0:
            for row in rows:
                heights[row] = heights.get(row, ROW_HEIGHT) + lacking / cell.rows
    return {row: min(HIGHEST_ROW, math.ceil(height)) for row, height in sorted(heights.items())}


# ---------------------------------------------------------------------------------------------------------- writing


class Writer:
    """Writes cell lists into one XlsxWriter workbook; holds the formats, one for each look and number format."""

    def __init__(self, book: xlsxwriter.Workbook, *, as_text: bool) -> None:
        self._book = book
        self._as_text = as_text
        self._formats: dict[tuple[str, str], Format] = {}

    def sheet(self, name: str, cells: Sequence[Cell], widths: Sequence[float]) -> Worksheet:
        """Add a sheet with these cells, column widths and fitting row heights."""
        sheet = self._book.add_worksheet(name)
        for col, width in enumerate(widths):
            sheet.set_column(col, col, width)
        for row, height in row_heights(cells, widths).items():
            sheet.set_row(row, height)
        for cell in cells:
            self._put(sheet, cell)
        return sheet

    def _put(self, sheet: Worksheet, cell: Cell) -> None:
        number = typed(cell.value)
        look = self._look(cell.style, "General" if number is None else "@" if self._as_text else number[1])
        if cell.rows > 1 or cell.cols > 1:
            last_row, last_col = cell.row + cell.rows - 1, cell.col + cell.cols - 1
            sheet.merge_range(cell.row, cell.col, last_row, last_col, "", look)
        if number and not self._as_text:
            sheet.write_number(cell.row, cell.col, number[0], look)
        elif cell.value:
            sheet.write_string(cell.row, cell.col, cell.value, look)
        else:
            sheet.write_blank(cell.row, cell.col, None, look)

    def _look(self, style: str, number_format: str) -> Format:
        key = (style, number_format)
        if key not in self._formats:
            self._formats[key] = self._book.add_format({**STYLES[style], "num_format": number_format})
        return self._formats[key]


def set_up_print(sheet: Worksheet, *, landscape: bool, pages_high: int) -> None:
    """Set A4, fitted to its width; `pages_high` 0 is as many pages as it takes."""
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, pages_high)
    sheet.set_footer("&C— &P —")


def write_own(writer: Writer, forms: Iterable[Form]) -> None:
    """Write a sheet for each form."""
    for form in forms:
        sheet = writer.sheet(form.sheet, form.cells, form.widths)
        set_up_print(sheet, landscape=form.landscape, pages_high=1 if form.one_page else 0)
        if form.repeat_row is not None and not form.one_page:
            sheet.repeat_rows(form.repeat_row)


def write_stacked(writer: Writer, forms: Iterable[Form]) -> None:
    """Write all forms on one sheet. They share columns, so the report's cells are merged over the whole width."""
    starts = stacked_rows()
    cells: list[Cell] = []
    for form in forms:
        wide = len(STACKED_WIDTHS) if len(form.widths) == 1 else None
        cells += (
            replace(cell, row=cell.row + starts[form.sheet], cols=wide or cell.cols) for cell in form.cells
        )
    sheet = writer.sheet(STACKED_SHEET, cells, STACKED_WIDTHS)
    set_up_print(sheet, landscape=False, pages_high=0)
    sheet.set_h_pagebreaks([start for start in starts.values() if start])


def build(layout: Layout, clean: bool) -> bytes:
    """Build the example, or its clean twin, in one of the layouts and return the xlsx file."""
    return written(layout, mended_forms(mended_cells()) if clean else example_forms())


def written(layout: Layout, forms: Sequence[Form]) -> bytes:
    """The forms in one of the layouts, as an xlsx file."""
    if layout not in LAYOUTS:
        raise ValueError(f"unknown layout {layout!r}: one of {', '.join(LAYOUTS)}")
    target = io.BytesIO()
    # A copy: the library writes what it derives into what it is given.
    book = xlsxwriter.Workbook(target, copy.deepcopy(CHINESE_EXCEL))
    book.set_properties({"created": CREATED})
    writer = Writer(book, as_text=layout == "text")
    write = write_stacked if layout == "stacked" else write_own
    write(writer, forms)
    book.close()
    return target.getvalue()


def file_name(clean: bool, layout: Layout | None = None) -> str:
    """Name of a built file; the two committed ones do not say their layout."""
    return f"{'clean' if clean else 'example'}-2023{f'-{layout}' if layout else ''}.xlsx"


def committed(clean: bool) -> Path:
    """Path of the committed workbook: the example is what users get, the twin serves tests only."""
    return (SOURCES if clean else HERE) / file_name(clean)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the committed pair, or with --out all six."""
    parser = argparse.ArgumentParser(description="Build the bundled example workbook and its clean twin.")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="write both in all layouts to this folder instead"
    )
    out: Path | None = parser.parse_args(arguments).out
    targets: list[tuple[Path, Layout, bool]]
    if out is None:
        targets = [(committed(clean), "own", clean) for clean in (False, True)]
    else:
        out.mkdir(parents=True, exist_ok=True)
        targets = [(out / file_name(c, layout), layout, c) for layout in LAYOUTS for c in (False, True)]
    for path, layout, clean in targets:
        path.write_bytes(build(layout, clean))
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
