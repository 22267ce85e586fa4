"""Reader of the 自评报告: its paragraphs and headings."""

from __future__ import annotations

from perfeval_xl import patterns as re
from perfeval_xl.text import clean

from .indicator_form import year_in
from .records import Narrative
from .segments import Segment
from .sheet import Sheet, field_of

_HEADING = re.compile(r"^([一二三四五六七八九十]+、|\(?[一二三四五六七八九十]+\)|\d+[、.．])")


#: A cell that holds so much is a passage of a text.
_PASSAGE = 60


def is_table(sheet: Sheet) -> bool:
    """Whether what a report's title stands over is a table: most rows hold several cells, and none a passage of text."""
    rows = [cells for _, cells in sheet.rows]
    several = sum(len(cells) > 1 for cells in rows)
    passages = any(
        "。" in cell.text and len(clean(cell.text)) >= _PASSAGE for cells in rows for cell in cells
    )
    return several >= 4 and several * 2 > len(rows) and not passages


def read(sheet: Sheet, segment: Segment) -> Narrative:
    """The narrative of a segment; every non-empty cell is a paragraph."""
    paragraphs = [
        field_of(sheet.name, row, cell.column, cell)
        for row, cells in sheet.rows
        if row > segment.top
        for cell in cells
    ]
    title = field_of(sheet.name, segment.top, segment.title.column, segment.title)
    headings = [
        paragraph
        for paragraph in paragraphs
        if _HEADING.match(clean(paragraph.text))
        and len(clean(paragraph.text)) <= 30
        and "。" not in paragraph.text
    ]
    return Narrative(
        kind="narrative",
        sheet=sheet.name,
        area=sheet.area(segment.top, segment.bottom),
        title=title,
        year=year_in([title.text]),
        unit_name=None,
        money_unit=None,
        caption=segment.caption,
        paragraphs=tuple(paragraphs),
        headings=tuple(headings),
    )
