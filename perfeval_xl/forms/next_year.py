"""Last year's forms as the beginning of this year's: what stays, what becomes last year's, what has to be confirmed.

Nothing is asserted for the new year: its own figures are empty, and whatever is only likely to hold again stands there
with ``TO_CONFIRM`` behind it, as text, so that no sum counts it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from perfeval_xl.grid import Place
from perfeval_xl.records import dataclass, replace
from perfeval_xl.text import TO_CONFIRM, awaits, clean, one_line, plain, shortened

from .records import (
    YUAN,
    BasicForm,
    BudgetLine,
    Field,
    Forms,
    FundBlock,
    FundTable,
    FundTableRow,
    Indicator,
    IndicatorForm,
    Signature,
)

_NAMED = ("project_line", "detail", "public_part", "other")


@dataclass(frozen=True, slots=True)
class NextYear:
    """``forms`` of the new year; lines a clerk reads: what was ``carried``, what is ``waiting`` for them, what was
    ``left`` behind."""

    forms: Forms
    carried: tuple[str, ...]
    waiting: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(slots=True)
class _Told:
    carried: list[str]
    waiting: list[str]
    left: list[str]


def year_of(forms: Forms) -> int | None:
    """The year most of the forms are of."""
    years = [form.year for form in forms if form.year is not None]
    return max(dict.fromkeys(years), key=years.count, default=None)


def next_year(forms: Forms, last: int, year: int, unit: str = "") -> NextYear:
    """The forms of ``year``, in 万元, as far as those of the year ``last`` tell; ``unit`` if it is called otherwise now."""
    told = _Told([], [], [])
    named = next((form.unit_name for form in forms if form.unit_name and form.unit_name.filled), None)
    if unit:
        before = "" if named is None else clean(named.text)
        named = Field(next(iter(forms)).title.place if named is None else named.place, unit, "text")
        forms = replace(forms, projects=tuple(_renamed(form, before, named) for form in forms.projects))
    every: dict[str, Any] = {"year": year, "unit_name": named, "money_unit": "万元"}
    rolled = Forms(
        basic=tuple(replace(_basic(form, last, told), **every) for form in forms.basic[:1]),
        overall=tuple(replace(_indicators(form, last, told), **every) for form in forms.overall[:1]),
        projects=tuple(replace(_indicators(form, last, told), **every) for form in forms.projects),
        funds=tuple(replace(_fund_table(form, told), **every) for form in forms.funds),
    )
    extra = [*forms.basic[1:], *forms.overall[1:]]
    told.left += [f"{form.caption}（{form.sheet}）：同样的表不止一张，只沿用了第一张" for form in extra]
    told.left += [f"{one.title.text}：没有读出来（{one.reason}）" for one in forms.unreadable]
    if forms.narratives:
        told.left.append("自评报告：没有沿用上年的文字，新表里的报告按今年的表自动写出")
    return NextYear(rolled, tuple(told.carried), tuple(told.waiting), tuple(told.left))


def _renamed(form: IndicatorForm, before: str, unit: Field) -> IndicatorForm:
    """A project whose departments are called by the unit's new name where they bore the old one."""
    head = {
        role: unit if before and clean(field.text) == before else field for role, field in form.head.items()
    }
    return replace(form, head=head)


# -- 附件1 ----------------------------------------------------------------------------------------------------


def _basic(form: BasicForm, last: int, told: _Told) -> BasicForm:
    """Last year's 决算 becomes the column 上年决算; this year's columns are empty."""
    factor = _factor(form)
    kept = [index for index, line in enumerate(form.lines) if _lives_on(line)]
    moved = {index: number for number, index in enumerate(kept)}
    lines = []
    for index in kept:
        line = form.lines[index]
        final = line.cells.get("final")
        cells = {} if final is None or not _usable(final) else {"last_final": final.scaled(factor)}
        parent = moved.get(line.parent) if line.parent is not None else None
        lines.append(replace(line, parent=parent, cells=cells))
    figures = sum(1 for line in lines if any(cell.number is not None for cell in line.cells.values()))
    told.carried.append(f"{form.caption}：{last}年决算数 {figures} 个，成为“{last}年决算数”一栏")
    _tell_basic(form, [form.lines[index] for index in moved], last, told)
    return replace(
        form,
        columns={},
        lines=tuple(lines),
        staff=None if form.staff is None else replace(form.staff, rate=None),
        buildings=(),
    )


def _tell_basic(form: BasicForm, kept: list[BudgetLine], last: int, told: _Told) -> None:
    where = form.caption
    if not any("final" in line.cells for line in form.lines):
        told.waiting.append(f"{where}：上年的表里没有{last}年决算数，这一栏请自己填")
    for line in form.lines:
        final = line.cells.get("final")
        if final is not None and not final.known:
            told.waiting.append(f"{where}“{line.name}”：上年的决算数读不出来（公式没有结果或出错），请自己填")
    if form.staff is not None:
        shown = "、".join(
            f"{name} {field.text}"
            for name, field in (("编制数", form.staff.quota), ("实际在职人数", form.staff.actual))
            if field.filled
        )
        told.waiting.append(f"{where}：{shown or '编制、在职人数'}照上年，请核对今年是否有变化")
    if form.thrift is not None and form.thrift.filled:
        told.waiting.append(f"{where}：“厉行节约保障措施”照上年，请核对")
    details = [line for line in kept if line.role == "detail"]
    if details:
        names = "、".join(shortened(one_line(line.name), 16) for line in details)
        told.waiting.append(
            f"{where}：专项明细 {len(details)} 行（{names}），今年没有的只留上年决算数，新增的加行"
        )
    dropped = [line.name for line in form.lines if not _lives_on(line)]
    if dropped:
        told.left.append(
            f"{where}：{last}年没有预算也没有决算的明细没有沿用：{'、'.join(map(one_line, dropped))}"
        )
    if any(cell.number for building in form.buildings for cell in building.cells.values()):
        told.left.append(f"{where}：楼堂馆所控制情况是上年完工的项目，没有沿用")


def _lives_on(line: BudgetLine) -> bool:
    """Details of a list without a figure last year are of the year before; every other line is the form's own."""
    if line.role != "detail":
        return True
    return any(cell.number for role, cell in line.cells.items() if role in ("budget", "final"))


def _usable(field: Field) -> bool:
    return field.number is not None or field.state == "dash"


def _factor(form: BasicForm | IndicatorForm | FundTable) -> Decimal:
    """From the form's money unit to the template's, 万元."""
    return YUAN[form.money_unit or "万元"] / YUAN["万元"]


# -- 附件2 and 附件3 ------------------------------------------------------------------------------------------


def _indicators(form: IndicatorForm, last: int, told: _Told) -> IndicatorForm:
    """Names, targets and weights stay; money, actuals, scores and reasons are empty."""
    rows = tuple(_indicator(row) for row in form.indicators if row.name.filled or row.target_text)
    where = form.caption if not form.name else f"{form.caption}“{one_line(form.name)}”"
    if rows:
        told.carried.append(
            f"{where}：指标 {len(rows)} 条的名称、分值、年度指标值；完成值、得分、偏差原因空着"
        )
    else:
        told.left.append(f"{where}：上年的表里没有读出指标，请自己填")
    _tell_indicators(form, rows, where, last, told)
    goals = {role: fields for role, fields in form.goals.items() if role == "expected"}
    signed = {} if form.signature is None else form.signature.parts
    return replace(
        form,
        funds=_funds(form, where, last, told),
        income=(),
        spending=(),
        goals={role: tuple(map(_to_confirm, fields)) for role, fields in goals.items()},
        indicators=rows,
        total=None,
        signature=Signature(
            form.title.place if form.signature is None else form.signature.place,
            "",
            {label: text for label, text in signed.items() if "日期" not in label and "负责人" not in label},
        ),
    )


def _indicator(row: Indicator) -> Indicator:
    return replace(
        row,
        target=_to_confirm(row.target),
        target_text=_marked(row.target_text),
        actual=Field(row.actual.place),
        actual_text="",
        score=None,
        reason=None,
        extra={},
    )


def _to_confirm(field: Field) -> Field:
    return field if field.blank else replace(field, text=_marked(field.text), state="text", number=None)


def _marked(text: str) -> str:
    return f"{text.rstrip()}{TO_CONFIRM}" if text.strip() and not awaits(text) else text


def _tell_indicators(
    form: IndicatorForm, rows: Iterable[Indicator], where: str, last: int, told: _Told
) -> None:
    targets = [row for row in rows if row.target_text]
    if targets:
        told.waiting.append(
            f"{where}：年度指标值 {len(targets)} 个标着“{TO_CONFIRM}”，逐个核对后删去这几个字"
        )
    dated = [
        shortened(one_line(row.name.text), 20)
        for row in rows
        if re.search(rf"{last}[年./-]", clean(f"{row.name.text}；{row.target_text}"))
    ]
    if dated:
        told.waiting.append(f"{where}：这些指标写着{last}年，请改：{'、'.join(dated)}")
    if form.kind == "project":
        told.waiting.append(f"{where}：{_lasting(form, last)}")


def _lasting(form: IndicatorForm, last: int) -> str:
    """Whether the project looks like one that has ended."""
    initial, budget = form.amount("initial"), form.amount("budget")
    added = initial is not None and not initial.number and budget is not None and bool(budget.number)
    if str(last) in form.name:
        return f"名称里写着{last}年，可能是一次性项目；今年不再实施的，删去这张表（删除项目表）"
    if added:
        return "上年是年中追加的（年初没有预算），可能是一次性项目；今年不再实施的，删去这张表（删除项目表）"
    return "今年不再实施的，删去这张表（删除项目表）"


def _funds(form: IndicatorForm, where: str, last: int, told: _Told) -> FundBlock | None:
    """The fund rows without money; what last year left is offered as 上年结转."""
    if form.funds is None:
        return None
    left = _left(form)
    rows = []
    for row in form.funds.rows:
        cells: Mapping[str, Field] = {}
        if row.role == "total":
            cells = {role: cell for role, cell in row.cells.items() if role == "weight"}
        rows.append(replace(row, cells=cells))
    if left is None:
        return replace(form.funds, rows=tuple(rows))
    amount, source = left
    shown = plain(amount)
    if form.kind == "overall":
        told.waiting.append(
            f"{where}：{last}年全年预算减全年执行剩 {shown} 万元；确实结转的，计入今年的全年预算数"
        )
        return replace(form.funds, rows=tuple(rows))
    told.waiting.append(
        f"{where}：{last}年剩 {shown} 万元，写在上年结转资金的全年预算数，标着“{TO_CONFIRM}”；"
        "确实结转的只留数字（年初已批复的，年初预算数也填），没有结转的清空"
    )
    offered = Field(source, f"{shown}{TO_CONFIRM}", "text")
    rows = [row for row in rows if row.role != "carryover"]
    label = Field(source, "上年结转资金", "text")
    rows.append(replace(form.funds.rows[0], label=label, role="carryover", cells={"budget": offered}))
    return replace(form.funds, rows=tuple(rows))


def _left(form: IndicatorForm) -> tuple[Decimal, Place] | None:
    """What last year's budget left, in 万元, and the cell of what was spent."""
    budget, executed = form.amount("budget"), form.amount("executed")
    if budget is None or executed is None or budget.number is None or executed.number is None:
        return None
    left = (budget.number - executed.number) * _factor(form)
    return (left, executed.place) if left > 0 else None


# -- 附件4 to 6 -----------------------------------------------------------------------------------------------


def _fund_table(form: FundTable, told: _Told) -> FundTable:
    """The subjects stay; 年末结转 is told, for the clerk to enter as 上年结转."""
    rows = []
    for row in form.rows:
        if row.total:
            continue
        rows.append(FundTableRow(row.label, row.code, row.total, {}))
        carried = row.cells.get("carry_out") or row.cells.get("rolled_out")
        if carried is not None and carried.number:
            amount = plain(carried.number * _factor(form))
            told.waiting.append(
                f"{form.caption}“{one_line(row.label.text)}”：上年年末结转 {amount} 万元，请核对后填到上年结转"
            )
    if rows:
        told.carried.append(f"{form.caption}：科目 {len(rows)} 行，金额空着")
    return replace(form, rows=tuple(rows))
