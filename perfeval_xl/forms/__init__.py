"""Forms: found by their labels, read into typed records that keep their cells."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator

from perfeval_xl import patterns as re
from perfeval_xl.bounds import BOUNDS, Bounds
from perfeval_xl.grid import Book, Grid
from perfeval_xl.own_sheets import GUIDE_SHEET, is_own_sheet
from perfeval_xl.text import clean, one_line

from . import basic_form, fund_table, indicator_form, narrative
from .figures import settled
from .records import (
    FORM_WORD,
    BasicForm,
    Field,
    Form,
    Forms,
    FormSummary,
    FundTable,
    IndicatorForm,
    Kind,
    Missed,
    Narrative,
    Unread,
)
from .segments import PAPERS, Segment, segments, title_kind
from .sheet import Sheet, field_of
from .within import readable, refuse_many, too_large

__all__ = [
    "BasicForm",
    "Form",
    "Forms",
    "FundTable",
    "IndicatorForm",
    "Narrative",
    "particulars",
    "read_again",
    "read_forms",
]

log = logging.getLogger(__name__)

#: What 填报说明 asks for, by its labels: the names of the cells beside them.
PARTICULARS = {
    "预算单位名称": "PE_UNIT",
    "评价年度": "PE_YEAR",
    "评价政策": "PE_POLICY",
    "政策": "PE_POLICY",
    "填表人": "PE_PERSON",
    "联系电话": "PE_PHONE",
    "填报日期": "PE_DATE",
    "本次上报哪些表": "PE_FORMS",
}

_READERS: dict[str, Callable[[Sheet, Segment], Form | str]] = {
    "basic": basic_form.read,
    "overall": indicator_form.read,
    "project": indicator_form.read,
    "gov_fund": fund_table.read,
    "state_capital": fund_table.read,
    "social_insurance": fund_table.read,
    "narrative": narrative.read,
}
#: What stands on a sheet: a form, what looks like one, what holds none.
_Item = Form | Missed | Unread | FormSummary


def read_forms(book: Book, bounds: Bounds = BOUNDS) -> Forms:
    """Every form of a workbook. What looks like a form and cannot be read is listed with what was missed; so is what is
    beyond the ``bounds``. Unreadable for a workbook of more forms than these allow."""
    return _sorted(book, (item for grid in book.grids for item in _read_grid(grid, bounds)), bounds)


def read_again(book: Book, before: Book, forms: Forms) -> Forms:
    """The forms of a workbook that was made of one whose ``forms`` were read, as ``read_forms`` gives them.

    Only sheets that are not the very ones of ``before`` are read.
    """
    same = {grid.sheet: grid for grid in before.grids}
    if len(same) < len(before.grids):  # two of one name: what was read does not say which it stands in
        return read_forms(book, forms.bounds)
    known: dict[str, list[_Item]] = {}
    for item in (*forms, *forms.unreadable, *forms.unread, *forms.papers):
        known.setdefault(item.sheet, []).append(item)
    return _sorted(
        book,
        (
            item
            for grid in book.grids
            for item in (
                known.get(grid.sheet, ()) if same.get(grid.sheet) is grid else _read_grid(grid, forms.bounds)
            )
        ),
        forms.bounds,
    )


def _sorted(book: Book, items: Iterable[_Item], bounds: Bounds) -> Forms:
    """What was read, sheet after sheet, by its kind."""
    read = list(items)
    refuse_many(book.name, [form for form in read if isinstance(form, Form)], bounds)
    own = particulars(book)
    return Forms(
        basic=tuple(form for form in read if isinstance(form, BasicForm)),
        overall=tuple(form for form in read if isinstance(form, IndicatorForm) and form.kind == "overall"),
        projects=tuple(form for form in read if isinstance(form, IndicatorForm) and form.kind == "project"),
        funds=tuple(form for form in read if isinstance(form, FundTable)),
        narratives=tuple(form for form in read if isinstance(form, Narrative)),
        unreadable=tuple(form for form in read if isinstance(form, Missed)),
        unread=tuple(form for form in read if isinstance(form, Unread)),
        papers=tuple(form for form in read if isinstance(form, FormSummary)),
        policy=own["PE_POLICY"].text.strip() if "PE_POLICY" in own else None,
        reported=_reported(own["PE_FORMS"].text) if "PE_FORMS" in own else None,
        bounds=bounds,
    )


def _read_grid(grid: Grid, bounds: Bounds) -> list[_Item]:
    """All that a sheet holds; one of ours is none of the forms."""
    return [] if is_own_sheet(grid) else _read_sheet(grid, bounds) or [_unread(grid)]


#: Names that sheets of forms have; names that tell nothing.
_FORM_SHEET = re.compile(r"^附[件表]\d|自评(报告|表)|基础数据表")
_NO_NAME = re.compile(r"^(Sheet|工作表|嵌入对象)\d*(\(\d+\))?$", re.IGNORECASE)


def _unread(grid: Grid) -> Unread:
    named = _FORM_SHEET.search(clean(grid.sheet)) is not None
    visible = grid.state == "visible"
    instead = _instead(grid)
    if instead:
        titled = any(title_kind(cell.text) for cell in grid.cells.values())
        hides = visible and (
            named or titled or (_NO_NAME.match(clean(grid.sheet)) is not None and len(grid.cells) < 4)
        )
        return Unread(grid.sheet, f"是{instead}，不是表格，没有读", hides=hides)
    if not grid.cells:
        return Unread(grid.sheet, "空表")
    return Unread(grid.sheet, "没有找到绩效自评表的标题或表头", hides=visible and named)


def _instead(grid: Grid) -> str:
    """What a sheet shows in place of cells; a picture in a cell is a formula of WPS."""
    in_cells = any(cell.formula is not None and "DISPIMG" in cell.formula for cell in grid.cells.values())
    return grid.instead or ("图片" if in_cells else "")


_FROM_TO = re.compile(r"附件([1-6])[-—~至到](?:附件)?([1-6])")


def _reported(text: str) -> frozenset[Kind] | None:
    """The kinds of forms that a text names ("附件1、附件3", "附件1至附件3和自评报告"); None where it names none."""
    text = clean(text)
    for first, last in _FROM_TO.findall(text):
        text += "".join(f"附件{number}" for number in range(int(first), int(last) + 1))
    return frozenset(kind for kind, word in FORM_WORD.items() if word in text) or None


def _read_sheet(grid: Grid, bounds: Bounds) -> list[_Item]:
    sheet = Sheet(grid)
    if not sheet.rows:
        return []
    return [result for segment in segments(sheet) for result in _read_segment(sheet, segment, bounds)]


def _read_segment(sheet: Sheet, segment: Segment, bounds: Bounds) -> Iterator[_Item]:
    part = sheet.part(segment.top, segment.bottom)
    if segment.kind in PAPERS:
        area = str(sheet.area(segment.top, segment.bottom))
        yield FormSummary(segment.kind, sheet.name, area, one_line(segment.title.text))
        yield Unread(sheet.name, f"{segment.caption}：这是{PAPERS[segment.kind]}，不是自评表，没有检查")
        return
    if segment.kind == "narrative" and len(part.rows) < 2:
        return
    if segment.kind == "narrative" and narrative.is_table(part):
        yield Unread(
            sheet.name, f"{segment.caption}：题目是报告，内容是表格，没有自评表的表头，没有读出来", hides=True
        )
        return
    large = too_large(part, segment, bounds)
    if large is not None:
        yield large
        return
    part, aside = readable(part, segment, bounds)
    yield from aside
    kind: Kind = segment.kind  # type: ignore[assignment]  # other papers went above
    title = field_of(sheet.name, segment.title.row, segment.title.column, segment.title)
    try:
        result = _READERS[segment.kind](part, segment)
    except MemoryError:
        raise
    except Exception:  # one form must not keep the others from being checked
        log.debug("cannot read the form at %s", title.place, exc_info=True)
        yield Missed(title, "程序读这张表时出错，请把文件发给维护人员", kind)
        return
    if not isinstance(result, str):
        yield settled(result)
        if isinstance(result, IndicatorForm) and result.unread:
            yield Missed(result.title, f"找不到{result.unread}", kind)
    elif len(part.rows) > 2 and not _instead(sheet.grid):  # else the picture or object is the form
        yield Missed(title, f"找不到{result}", kind)


def particulars(book: Book) -> dict[str, Field]:
    """What a workbook says of itself on 填报说明: the fields to the right of their labels, by the names of their cells."""
    found: dict[str, Field] = {}
    for grid in book.grids:
        if grid.sheet != GUIDE_SHEET:
            continue
        for cell in grid.cells.values():
            name = PARTICULARS.get(clean(cell.text).rstrip(":"))
            beside = grid.cells.get((cell.row, cell.column + 1))
            if name is not None and beside is not None:
                found.setdefault(name, field_of(grid.sheet, beside.row, beside.column, beside))
    return found
