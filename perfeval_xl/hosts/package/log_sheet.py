"""A log as a worksheet: title, a line that says what it is, headings, rows of text; 更正记录 and 导入记录 look alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from perfeval_xl.grid import Area, a1, column_letters, quoted
from perfeval_xl.records import dataclass

from .tree import Element
from .workbook import Sheet, Workbook
from .xml import append_new, children, new_root, write_text

HEADER_ROW = 3


@dataclass(frozen=True, slots=True)
class Log:
    """What a log is: its title, its hint, the headings of its columns with their widths in characters, and how many of
    the last of them are hidden."""

    title: str
    hint: str
    columns: tuple[tuple[str, int], ...]
    hidden: int = 0


def worksheet(
    workbook: Workbook, log: Log, rows: Sequence[Sequence[str]], old: Element | None = None
) -> Element:
    """The worksheet of a log. ``old`` is the sheetPr of the sheet it replaces: it keeps the name its macros know it
    by, and the colour of its tab."""
    styles = workbook.styles()
    looks = {
        name: str(styles.index("cellXfs", _xf(styles.index, name))) for name in ("title", "head", "body")
    }
    styles.save()
    root = new_root("worksheet", workbook.space)
    last = HEADER_ROW + len(rows)
    _head(root, log, last, old)
    data = append_new(root, "sheetData")
    _line(data, 1, (log.title,), looks["title"], 26)
    _line(data, 2, (log.hint,), "0", 18)
    _line(data, HEADER_ROW, [name for name, _ in log.columns], looks["head"], 20)
    shown = log.columns[: len(log.columns) - log.hidden]
    for row, texts in enumerate(rows, HEADER_ROW + 1):
        lines = max(_lines(text, width - 1) for text, (_, width) in zip(texts, shown, strict=False))
        _line(data, row, texts, looks["body"], min(409, 5 + 14 * max(1, lines)))
    append_new(root, "autoFilter", ref=str(Area(HEADER_ROW, 1, last, len(log.columns))))
    sides = {"left": "0.4", "right": "0.4", "top": "0.5", "bottom": "0.5", "header": "0.3", "footer": "0.3"}
    append_new(root, "pageMargins", **sides)
    append_new(root, "pageSetup", paperSize="9", orientation="landscape", fitToHeight="0")
    return root


def append(workbook: Workbook, log: Log, rows: Sequence[Sequence[str]], printed: int) -> None:
    """Append a log to a workbook that has none of its title; only the first ``printed`` of its rows go on paper."""
    sheet = workbook.add_sheet(log.title, worksheet(workbook, log, rows))
    name_filter(workbook, sheet, log, len(rows))
    last = column_letters(len(log.columns))
    area = f"{quoted(sheet.name)}!$A$1:${last}${HEADER_ROW + printed}"
    workbook.add_name("_xlnm.Print_Area", area, sheet=sheet)


def name_filter(workbook: Workbook, sheet: Sheet, log: Log, rows: int) -> None:
    """The hidden name that Excel wants for the filter over a log's rows; an older one goes."""
    workbook.remove_names(
        lambda element: (
            element.get("localSheetId") == str(sheet.index) and element.get("name") == "_xlnm._FilterDatabase"
        )
    )
    last = column_letters(len(log.columns))
    table = f"{quoted(sheet.name)}!$A${HEADER_ROW}:${last}${HEADER_ROW + rows}"
    workbook.add_name("_xlnm._FilterDatabase", table, sheet=sheet, hidden=True)


def _head(root: Element, log: Log, last: int, old: Element | None) -> None:
    """What stands before the rows: size, frozen headings, widths."""
    properties = append_new(root, "sheetPr")
    if old is not None:
        properties.attrib.update({"codeName": old.get("codeName", "")} if old.get("codeName") else {})
        properties.extend(children(old, "tabColor"))
    append_new(properties, "pageSetUpPr", fitToPage="1")
    append_new(root, "dimension", ref=str(Area(1, 1, last, len(log.columns))))
    view = append_new(append_new(root, "sheetViews"), "sheetView", showGridLines="0", workbookViewId="0")
    pane = append_new(view, "pane", ySplit=str(HEADER_ROW), topLeftCell=f"A{HEADER_ROW + 1}")
    pane.set("activePane", "bottomLeft")
    pane.set("state", "frozen")
    append_new(root, "sheetFormatPr", defaultRowHeight="15")
    columns = append_new(root, "cols")
    for index, (_, width) in enumerate(log.columns, 1):
        column = append_new(columns, "col", min=str(index), max=str(index), width=f"{width + 0.7:g}")
        column.set("customWidth", "1")
        if index > len(log.columns) - log.hidden:
            column.set("hidden", "1")


def _lines(text: str, room: int) -> int:
    """How many lines a text takes in so many characters."""
    return sum(max(1, -(-_width(line) // room)) for line in text.split("\n"))


def _width(text: str) -> int:
    return sum(1 if sign.isascii() else 2 for sign in text)


def _line(data: Element, row: int, texts: Iterable[str], look: str, height: float) -> None:
    line = append_new(data, "row", r=str(row), ht=f"{height:g}", customHeight="1")
    for column, text in enumerate(texts, 1):
        write_text(append_new(line, "c", r=a1(row, column), s=look), text)


def _xf(index: object, look: str) -> str:
    """The cell format of the title, the headings or the rows."""
    assert callable(index)
    bold, size, colour = {"title": ("<b/>", 16, "FF000000"), "head": ("<b/>", 10, "FFFFFFFF")}.get(
        look, ("", 10, "FF000000")
    )
    font = index("fonts", f'<font>{bold}<sz val="{size}"/><color rgb="{colour}"/><name val="宋体"/></font>')
    fill = 0
    if look == "head":
        solid = (
            '<patternFill patternType="solid"><fgColor rgb="FF44546A"/><bgColor indexed="64"/></patternFill>'
        )
        fill = index("fills", f"<fill>{solid}</fill>")
    lines = "".join(
        f'<{side} style="thin"><color rgb="FFBFBFBF"/></{side}>'
        for side in ("left", "right", "top", "bottom")
    )
    border = 0 if look == "title" else index("borders", f"<border>{lines}<diagonal/></border>")
    wrap = "0" if look == "title" else "1"
    return (
        f'<xf numFmtId="49" fontId="{font}" fillId="{fill}" borderId="{border}" xfId="0" quotePrefix="1" '
        'applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1">'
        f'<alignment vertical="center" wrapText="{wrap}"/></xf>'
    )
