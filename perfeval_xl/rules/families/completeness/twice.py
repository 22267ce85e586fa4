"""PE718: one form handed in twice."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import zip_longest

from perfeval_xl.forms.records import Field, Form, IndicatorForm, Narrative
from perfeval_xl.grid import Grid, Place
from perfeval_xl.rules.cells import all_cells, shown
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, Skip, rule
from perfeval_xl.text import clean, shortened

#: So much of a cell is told.
_TOLD = 20


@rule(
    "PE718",
    "completeness.twice",
    "error",
    "同一张表交了两份，内容不一样",
    basis="每张表只报一份",
)
def twice(context: Context) -> Iterator[Result]:
    """同一单位、同一年度、同一名称的表有两份而内容不同。

    说明：附件1、附件2、附件4至附件6和自评报告，同一单位同一年度只应有一份。有两份而内容不同的，不知道以哪一份为准。隐藏的表、上年的表、二级单位的表不算；项目支出自评表按项目名称另行核对。
    错误示例：“附件2”和“附件2 副本”全年执行数分别是918.9和981.9。
    正确示例：只保留定稿的一份。
    如何改：删去作废的一份。
    """
    grids = {grid.sheet: grid for grid in context.grids}
    first: dict[tuple[str, str, int | None, str], Form] = {}
    counted = [form for form in context.forms if form.kind != "project" and _counts(form, grids, context)]
    for form in counted:
        before = first.setdefault(_key(form), form)
        if before is form or (isinstance(form, Narrative) and before.sheet == form.sheet):
            continue
        apart = _apart(before, form)
        if apart is None:
            continue
        place, theirs, ours = apart
        yield Claim(
            place,
            f"“{form.sheet}”与“{before.sheet}”是同一张表（{before.caption}），内容不一样：这里是 {ours}，那里是 {theirs}。",
            actual=ours,
            suggestion="只留定稿的一份，删去另一份。",
            related=(before.title.place,),
            label=form.sheet,
            figures=(ours, theirs),
        )
    if len(counted) < 2:
        yield Skip("没有两份同样的表")


def _counts(form: Form, grids: dict[str, Grid], context: Context) -> bool:
    grid = grids.get(form.sheet)
    return grid is not None and grid.state == "visible" and not context.is_empty(form)


def _key(form: Form) -> tuple[str, str, int | None, str]:
    unit = "" if form.unit_name is None else clean(form.unit_name.text)
    return form.kind, unit, form.year, clean(form.title.text)


def _apart(one: Form, other: Form) -> tuple[Place, str, str] | None:
    """The first cell in which two forms differ as they are read: where, and what stands in each."""
    for ours, theirs in zip_longest(_read(other), _read(one)):
        if _content(ours) != _content(theirs):
            said = ["（空）" if field is None else shortened(shown(field), _TOLD) for field in (theirs, ours)]
            return (ours or other.title).place, said[0], said[1]
    return None


def _read(form: Form) -> list[Field]:
    """What a form says, in its own order, wherever it stands on the sheet."""
    if isinstance(form, Narrative):
        return [field for field in form.paragraphs if not field.blank]
    goals = list(form.goal_fields) if isinstance(form, IndicatorForm) else []
    return sorted((*all_cells(form), *goals), key=lambda field: (field.place.row, field.place.column))


def _content(field: Field | None) -> Decimal | str:
    """What a cell says however it is shown: a figure as its value, a text without spaces; a blank, a dash and 0 are nothing."""
    if field is None or field.blank:
        return ""
    return clean(field.text) if field.number is None else field.number.normalize() or ""
