"""Cells that must hold a figure, and which of them hold something else.

What a clerk may write around a figure (￥96, 约96, 96（含结转20）, △3, 96万元) is taken off; a word that says that nothing is due
(不适用) counts as a dash. Whatever else is no figure: its cell is a *misfit*, whose value is unknown, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping

from perfeval_xl import patterns as re
from perfeval_xl.records import replace
from perfeval_xl.text import awaits, clean, read_number, without_notes

from .misread import PREFIXES, UNITS, Quantity, looks_mistyped
from .records import (
    BasicForm,
    BudgetLine,
    Field,
    Form,
    FundBlock,
    FundTable,
    Indicator,
    IndicatorForm,
    NatureLine,
    TotalRow,
)
from .sheet import in_money

_GRADE = re.compile(r"[(,、;:/]*(等级|评价等级)?:?(优秀|优|良好|良|中等|中|合格|差)\)?$")
_BEHIND = re.compile(r"^[多余]|(左右|上下|整|多|余)$")
_NEGATIVE = re.compile(r"^[△▲](?=[\d.])")
#: Says that nothing is due here.
_VOID = re.compile(
    r"(本项目|本年度?|该项)?(不适用|不涉及|不计分|不评分|不打分|取消|已取消|暂无|没有|无此项|未安排)"
)
_MONEY_COLUMNS = ("initial", "budget", "executed")
_COLUMNS: Mapping[str, Quantity] = {
    **dict.fromkeys(_MONEY_COLUMNS, "money"),
    "weight": "points",
    "rate": "rate",
    "score": "points",
}


def settled(form: Form) -> Form:
    """A form whose cells for figures are told apart: figures, dashes, misfits."""
    match form:
        case IndicatorForm():
            return _indicator_form(form)
        case BasicForm():
            return _basic_form(form)
        case FundTable():
            rows = tuple(
                replace(row, cells={role: _settled(cell, "money", form) for role, cell in row.cells.items()})
                for row in form.rows
            )
            return replace(form, rows=rows)
    return form


def _indicator_form(form: IndicatorForm) -> IndicatorForm:
    def line(item: NatureLine) -> NatureLine:
        return replace(item, amount=_settled(item.amount, "money", form))

    return replace(
        form,
        funds=None if form.funds is None else _funds(form.funds, form),
        income=tuple(map(line, form.income)),
        spending=tuple(map(line, form.spending)),
        indicators=tuple(_row(item, form) for item in form.indicators),
        total=None if form.total is None else _total(form.total, form),
    )


def _funds(block: FundBlock, form: Form) -> FundBlock:
    """Only the total row must state points and a rate: of the parts only what was meant as a figure is told."""
    rows = []
    for row in block.rows:
        cells = {}
        for column, cell in row.cells.items():
            quantity = _COLUMNS.get(column)
            due = column in _MONEY_COLUMNS or row.role == "total" or looks_mistyped(cell.text)
            cells[column] = cell if quantity is None or not due else _settled(cell, quantity, form)
        rows.append(replace(row, cells=cells))
    return replace(block, rows=tuple(rows))


def _row(item: Indicator, form: Form) -> Indicator:
    return replace(
        item, weight=_optional(item.weight, "points", form), score=_optional(item.score, "points", form)
    )


def _total(total: TotalRow, form: Form) -> TotalRow:
    """A grade may stand behind the total ("96分，优")."""
    weight, score = (
        cell
        if cell is None
        else _settled(cell, "points", form, _GRADE.sub("", clean(cell.text)) or cell.text)
        for cell in (total.weight, total.score)
    )
    return replace(total, weight=weight, score=score)


def _basic_form(form: BasicForm) -> BasicForm:
    staff = form.staff
    if staff is not None:
        staff = replace(
            staff,
            quota=_settled(staff.quota, "persons", form),
            actual=_settled(staff.actual, "persons", form),
            rate=_optional(staff.rate, "rate", form),
        )
    return replace(form, staff=staff, lines=tuple(_line(line, form) for line in form.lines))


def _line(line: BudgetLine, form: Form) -> BudgetLine:
    """预算调整 may be told in words."""
    return replace(
        line,
        cells={
            column: cell
            if line.role == "adjustment" and not looks_mistyped(cell.text)
            else _settled(cell, "money", form)
            for column, cell in line.cells.items()
        },
    )


def _optional(field: Field | None, quantity: Quantity, form: Form) -> Field | None:
    return None if field is None else _settled(field, quantity, form)


def _settled(field: Field, quantity: Quantity, form: Form, text: str = "") -> Field:
    """The field of a cell for a figure; ``text`` where only a part of what stands there is the figure."""
    if awaits(field.text):  # last year's figure is none of this year's until the clerk has confirmed it
        return field
    units = UNITS[quantity]
    if field.state not in ("number", "text") or (
        field.state == "number" and (not field.unit or field.unit in units)
    ):
        return field
    words = clean(text or field.text)
    if _VOID.fullmatch(without_notes(words)):
        return replace(field, state="dash", number=None)
    number = read_number(_bare(words))
    unit = "" if number is None else _BEHIND.sub("", number.unit)
    if number is None or (unit and unit not in units):
        return replace(field, state="misfit", number=None, decimals=0, unit="", percent=False)
    read = replace(
        field,
        state="number",
        number=number.value,
        decimals=number.decimals,
        unit=unit,
        percent=number.percent,
        as_text=True,
    )
    return in_money(read, form.money_unit) if quantity == "money" else read


def _bare(words: str) -> str:
    """A figure without what may stand around it."""
    bare = PREFIXES.sub("", _NEGATIVE.sub("-", without_notes(words) or words))
    return _BEHIND.sub("", bare)
