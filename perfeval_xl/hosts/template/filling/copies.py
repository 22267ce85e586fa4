"""Forms that the template has one sheet of and a source more: each is copied as it is, to a sheet of its own."""

from __future__ import annotations

from decimal import Decimal

from perfeval_xl.forms.records import Field, Form
from perfeval_xl.forms.sheet import field_of
from perfeval_xl.grid import Area, Cell, Grid, a1
from perfeval_xl.hosts.package.tree import Element
from perfeval_xl.hosts.package.xml import append_new, new_root, write_text
from perfeval_xl.own_sheets import RESULTS_SHEET

from .filler import Filler

_NAMES = {
    "basic": "附件1", "overall": "附件2", "gov_fund": "附件4", "state_capital": "附件5", "social_insurance": "附件6",
    "narrative": "自评报告",
}  # fmt: skip
_WIDTH = "14.7"


def copy_form(filler: Filler, form: Form, grid: Grid) -> None:
    """Append a sheet with the cells of a form at their own places, in front of 校验结果."""
    template = filler.template
    name = template.workbook.free_name(_NAMES[form.kind])
    rows = {row: cells for row, cells in grid.rows() if form.area.top <= row <= form.area.bottom}
    shift = 1 - form.area.top
    root = new_root("worksheet", template.workbook.space)
    append_new(root, "sheetFormatPr", defaultRowHeight="18")
    columns = append_new(root, "cols")
    last = max((cell.column for cells in rows.values() for cell in cells), default=1)
    append_new(columns, "col", min="1", max=str(last), width=_WIDTH, customWidth="1")
    data = append_new(root, "sheetData")
    looks = _looks(filler)
    copied = []
    for row, cells in rows.items():
        line = append_new(data, "row", r=str(row + shift))
        for cell in cells:
            field = field_of(grid.sheet, row, cell.column, cell)
            element = append_new(line, "c", r=a1(row + shift, cell.column))
            _write(filler, element, cell, field, looks)
            copied.append((field, cell.column, row + shift))
    _merge(root, grid, form.area, shift)
    template.add_sheet(name, root, RESULTS_SHEET)
    for field, column, row in copied:
        if field.state not in ("blank", "unknown"):
            filler.moved(name, row, column, field)
    filler.notes.append(f"多出的{form.caption}照原样放在“{name}”表")


def _looks(filler: Filler) -> tuple[str, str]:
    """The styles of a label and of a figure in 附件1."""
    cells = filler.template.parts["附件1"].cells
    return cells[7, 1].get("s", "0"), cells[9, 2].get("s", "0")


def _write(filler: Filler, element: Element, cell: Cell, field: Field, looks: tuple[str, str]) -> None:
    if isinstance(cell.value, Decimal) and field.number is not None and not cell.error:
        element.set("s", filler.formats.showing(looks[1], cell.value, field, True))
        append_new(element, "v").text = format(cell.value, "f")
        return
    element.set("s", looks[0])
    if cell.error:
        element.set("t", "e")
        append_new(element, "v").text = cell.text
    elif not cell.uncached:
        write_text(element, cell.text)


def _merge(root: Element, grid: Grid, area: Area, shift: int) -> None:
    inside = [merge for merge in grid.merges if area.top <= merge.top and merge.bottom <= area.bottom]
    if inside:
        holder = append_new(root, "mergeCells", count=str(len(inside)))
        for merge in inside:
            moved = Area(merge.top + shift, merge.left, merge.bottom + shift, merge.right)
            append_new(holder, "mergeCell", ref=str(moved))
