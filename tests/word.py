"""The bundled example as Word documents, built from the same sources as the workbook, in the ways Word files differ."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal

import docx
from docx.enum.text import WD_BREAK

from perfeval_xl.grid import a1, coordinates
from tests.support import example_builder

#: before: caption and title as paragraphs; inside: as the table's first rows; split: every table broken in two by a page
#: break, the indicator header repeated; boxed: caption in a text box, text in content controls and tracked insertions.
Layout = Literal["before", "inside", "split", "boxed"]
LAYOUTS: tuple[Layout, ...] = ("before", "inside", "split", "boxed")

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OUTSIDE = {"attachment", "title", "caption", "caption_right", "signature", "note"}


@lru_cache(maxsize=16)
def build(layout: Layout, clean: bool) -> bytes:
    """The example, or its clean twin, as a .docx."""
    builder = example_builder()
    document = docx.Document()
    for form in builder.mended_forms(builder.mended_cells()) if clean else builder.example_forms():
        if len(form.widths) == 1:
            for cell in form.cells:
                document.add_paragraph(cell.value)
        else:
            _add_form(document, form, layout)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _add_form(document: Any, form: Any, layout: Layout) -> None:
    inside = [cell for cell in form.cells if cell.style not in _OUTSIDE]
    if layout == "inside":
        inside = [cell for cell in form.cells if cell.style not in ("signature", "note")]
    top = min(cell.row for cell in inside)
    for cell in _lines(form, before=top):
        if layout == "boxed" and cell.style == "attachment":
            _add_box(document.add_paragraph(), cell.value)
        else:
            document.add_paragraph(cell.value)
    bottom = max(cell.row + cell.rows for cell in inside)
    breaks = [top, bottom]
    header = next((cell.row for cell in inside if cell.value == "三级指标"), None)
    if layout == "split" and header is not None:
        breaks = [top, header + 4, bottom]
    for start, end in pairwise(breaks):
        again = [cell for cell in inside if cell.row == header and cell.value] if start != top else []
        _add_table(document, inside, start, end, len(form.widths), again)
        if end != bottom:
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    for cell in _lines(form, after=bottom):
        document.add_paragraph(cell.value)


def _lines(form: Any, before: int = 0, after: int = 1 << 30) -> list[Any]:
    return [
        cell
        for cell in form.cells
        if cell.style in _OUTSIDE and cell.value and (cell.row < before or cell.row >= after)
    ]


def _add_table(
    document: Any, cells: Sequence[Any], start: int, end: int, columns: int, again: Sequence[Any]
) -> None:
    """The rows from start to end; a cell merged over the break goes on below it."""
    extra = 1 if again else 0
    table = document.add_table(rows=end - start + extra, cols=columns, style="Table Grid")
    grid = table._cells  # table.cell() lays the whole grid out anew at every call
    for cell in again:
        grid[cell.col].text = cell.value
    for cell in cells:
        top, bottom = max(cell.row, start), min(cell.row + cell.rows, end)
        if top >= bottom:
            continue
        place = grid[(top - start + extra) * columns + cell.col]
        if bottom - top > 1 or cell.cols > 1:
            place = place.merge(grid[(bottom - 1 - start + extra) * columns + cell.col + cell.cols - 1])
        if cell.row >= start:
            place.text = cell.value


def _add_box(paragraph: Any, text: str) -> None:
    """A text box with its copy for old programs, as Word writes both."""
    from docx.oxml import parse_xml

    inner = f"<w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent>"
    paragraph._p.append(
        parse_xml(
            f'<w:r xmlns:w="{_W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
            'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml">'
            f'<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:wsp><wps:txbx>{inner}</wps:txbx></wps:wsp></w:drawing>'
            f"</mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>{inner}</v:textbox></v:shape></w:pict></mc:Fallback>"
            "</mc:AlternateContent></w:r>"
        )
    )


def where(sheet: str, cell: str, layout: Layout) -> tuple[str, str]:
    """Where a cell of the workbook's own layout stands in the document."""
    form = next(form for form in example_builder().example_forms() if form.sheet == sheet)
    row, column = coordinates(cell)
    if len(form.widths) == 1 or layout == "inside":
        return sheet, cell
    inside = [each for each in form.cells if each.style not in _OUTSIDE]
    row -= min(each.row for each in inside)
    header = next((each.row for each in inside if each.value == "三级指标"), None)
    if layout == "split" and header is not None and row + min(each.row for each in inside) > header + 4:
        row += 1
    return sheet, a1(row, column)
