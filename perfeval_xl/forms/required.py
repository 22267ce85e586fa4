"""Which cells of a form that is filled in must be filled in, by kind; what belongs there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from perfeval_xl import patterns as re
from perfeval_xl.records import dataclass
from perfeval_xl.text import clean, is_no_answer, one_line

from .records import BasicForm, Field, Form, FundTable, Indicator, IndicatorForm

#: What a cell must hold: a figure; an answer in figures or words; a name or a text.
Content = Literal["figure", "answer", "text"]

#: Every kind of required cell, with what belongs there.
KINDS: Mapping[str, Content] = {
    "unit": "text",
    "project": "text",
    "expected": "text",
    "achieved": "text",
    "initial": "figure",
    "budget": "figure",
    "executed": "figure",
    "fund weight": "figure",
    "rate": "figure",
    "fund score": "figure",
    "target": "answer",
    "actual": "answer",
    "weight": "figure",
    "score": "figure",
    "total": "figure",
    "quota": "figure",
    "staff": "figure",
    "staff rate": "figure",
    "line": "figure",
}


@dataclass(frozen=True, slots=True)
class Required:
    """A cell that must be filled in: its kind (a key of ``KINDS``) and what a clerk calls it."""

    field: Field
    name: str
    kind: str

    @property
    def content(self) -> Content:
        return KINDS[self.kind]


#: Columns of the fund block's total row: how a clerk calls them, and their kind.
_FUND_COLUMNS: Mapping[str, tuple[str, str]] = {
    "initial": ("年初预算数", "initial"),
    "budget": ("全年预算数", "budget"),
    "executed": ("全年执行数", "executed"),
    "weight": ("分值", "fund weight"),
    "rate": ("执行率", "rate"),
    "score": ("得分", "fund score"),
}
_MONEY = ("initial", "budget", "executed")
#: Lines of 附件1 whose years must all be filled in once one of them is.
_LINES = ("sangong", "projects", "public", "procurement")


#: Answers that say a row does not count.
_VOID = re.compile("不适用|取消|不计分|不涉及")
_NONE_DUE = re.compile(r"无|零|≤|<|不超过|不高于|不大于|(?<![\d.])0(?![\d.])")
_NONE_HAPPENED = frozenset({"无", "没有", "未发生"})


def is_void(row: Indicator) -> bool:
    """Whether a row says that it does not count."""
    return any(_VOID.search(clean(field.text)) for field in row.fields())


def is_mark(cell: Required, form: Form) -> bool:
    """Whether a mark for nothing ("/", "—", "无", "N/A") stands in a required cell, and nothing says that none is due."""
    text = clean(cell.field.text)
    if cell.field.state == "misfit" or (cell.field.state != "dash" and not is_no_answer(text)):
        return False
    return not (cell.kind == "actual" and text in _NONE_HAPPENED and _none_is_due(cell.field, form))


def _none_is_due(field: Field, form: Form) -> bool:
    """Whether a target allows that nothing happened, or the row says why nothing did."""
    rows = form.indicators if isinstance(form, IndicatorForm) else ()
    row = next((row for row in rows if row.actual.place == field.place), None)
    if row is None:
        return False
    return _NONE_DUE.search(clean(row.target_text)) is not None or (
        row.reason is not None and row.reason.state == "text"
    )


def required(form: Form) -> Iterator[Required]:
    """The required cells of a form in which something was typed, as far as the form has them."""
    if form.unit_name is not None:
        yield Required(form.unit_name, "单位名称", "unit")
    if isinstance(form, IndicatorForm):
        yield from _head(form)
        yield from _funds(form)
        for indicator in form.indicators:
            yield from _row(form, indicator)
        yield from _total(form)
    elif isinstance(form, BasicForm):
        yield from _basic(form)


def amounts(form: Form) -> Iterator[Field]:
    """Every cell of a form that holds an amount where it holds anything."""
    match form:
        case IndicatorForm():
            for row in form.funds.rows if form.funds is not None else ():
                yield from (row.cells[column] for column in _MONEY if column in row.cells)
            yield from (line.amount for line in (*form.income, *form.spending))
        case BasicForm():
            for line in form.lines:
                yield from line.cells.values()
        case FundTable():
            for entry in form.rows:
                yield from entry.cells.values()


def _head(form: IndicatorForm) -> Iterator[Required]:
    if form.kind == "project" and "project" in form.head:
        yield Required(form.head["project"], "项目名称", "project")
    goals = form.goals
    if len(goals) == 2:
        yield Required(goals["expected"][0], "预期目标", "expected")
        yield Required(goals["achieved"][0], "实际完成情况", "achieved")


def _funds(form: IndicatorForm) -> Iterator[Required]:
    total = form.funds.total if form.funds is not None else None
    if total is None:
        return
    given = [column for column in _FUND_COLUMNS if column in total.cells and not total.cells[column].missing]
    if not given:
        return
    executed, budget = total.cells.get("executed"), total.cells.get("budget")
    nothing = all(field is None or not field.number for field in (executed, budget))
    over = executed is not None and budget is not None and (executed.number or 0) > (budget.number or 0)
    for column, (name, kind) in _FUND_COLUMNS.items():
        if (
            column not in total.cells
            or (column in ("rate", "score") and nothing)
            or (column == "score" and over)
        ):
            continue
        if total.cells[column].printed:
            continue
        if column == "initial" and budget is not None and not budget.blank:
            continue
        yield Required(total.cells[column], f"年度资金总额的{name}", kind)


def _row(form: IndicatorForm, indicator: Indicator) -> Iterator[Required]:
    name = indicator.name.text or "（无名称）"
    weight, score = indicator.weight, indicator.score
    if indicator.name.blank or is_void(indicator):
        return  # a nameless row is told by a rule of its own
    unused = (
        indicator.target.blank
        and indicator.actual.blank
        and all(field is None or not field.number for field in (weight, score))
    )
    if unused:
        return
    if "target" in form.columns:
        yield Required(indicator.target, f"“{name}”的年度指标值", "target")
    if "actual" in form.columns:
        yield Required(indicator.actual, f"“{name}”的实际完成值", "actual")
    if (
        weight is not None
        and not weight.printed
        and any(row.weight is not None and row.weight.filled for row in form.indicators)
    ):
        yield Required(weight, f"“{name}”的分值", "weight")
    if score is not None and any(row.score is not None and row.score.filled for row in form.indicators):
        yield Required(score, f"“{name}”的得分", "score")


def _total(form: IndicatorForm) -> Iterator[Required]:
    total = form.total
    scored = any(row.score is not None and row.score.filled for row in form.indicators)
    if total is not None and total.score is not None and scored:
        yield Required(total.score, "总分", "total")


def _basic(form: BasicForm) -> Iterator[Required]:
    if form.staff is not None:
        yield Required(form.staff.quota, "编制数", "quota")
        yield Required(form.staff.actual, "实际在职人数", "staff")
        if form.staff.rate is not None and (form.staff.quota.number or not form.staff.quota.blank):
            yield Required(form.staff.rate, "在职人员控制率", "staff rate")
    for role in _LINES:
        line = form.line(role)
        if line is not None and any(cell.filled for cell in line.cells.values()):
            for column, cell in line.cells.items():
                heading = one_line(form.columns.get(column, column))
                yield Required(cell, f"{line.name}的{heading}", "line")
