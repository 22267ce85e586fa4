"""PE701: what must be filled in and is empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from perfeval_xl.forms.records import BasicForm, Field, Form, Indicator, IndicatorForm, Kind
from perfeval_xl.rules.cells import COLUMN_NAMES, row_name, shown, title_of
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, rule

FORMS: tuple[Kind, ...] = ("basic", "overall", "project")
#: A cell that must be filled in, and what it is called.
Required = tuple[Field, str]


@rule(
    "PE701",
    "completeness.required",
    "error",
    "必填的单元格空着",
    basis="已填报的表，必填项不应空缺",
    forms=(*FORMS, "narrative"),
    on_empty=True,
)
def required(form: Form, context: Context) -> Iterator[Result]:
    """已经填了的表里，必填的格子空着。

    说明：单位名称、年度、合计行金额、分值、年度指标值、实际完成值、得分等必须填。整张表都没填的，只提示“尚未填写”。
    错误示例：年度指标值400人，实际完成值空着，得分2。
    正确示例：年度指标值400人，实际完成值447人，得分2。
    如何改：补填空着的格子；确实没有的填0或“无”。
    """
    if context.is_empty(form):
        yield Claim(
            form.title.place,
            "这张表还没有填写。",
            suggestion="填写后再校验；用不着的表可以不填。",
            severity="info",
            label="尚未填写",
        )
        return
    yield from _left_out(form)
    missing = list(_missing(form))
    if len(missing) > 5:
        names = "、".join(name for _, name in missing[:5])
        yield Claim(
            missing[0][0].place,
            f"有 {len(missing)} 个必填的格子空着：{names} 等。",
            suggestion="补填空着的格子。",
            related=tuple(field.place for field, _ in missing[1:]),
            label=f"{form.caption}/空缺",
            figures=(str(len(missing)),),
        )
        return
    for field, name in missing:
        yield Claim(
            field.place,
            f"{name}空着，应当填写。",
            expected="填写",
            actual="（空）",
            suggestion=f"补填{name}。",
            label=f"{form.caption}/{name}",
        )


def _left_out(form: Form) -> Iterator[Claim]:
    """Details that are empty in one column only, while the total of that column is not: filled in elsewhere."""
    for total, details in _details(form):
        for column, whole in total.items():
            parts = [(name, cells) for name, cells in details if column in cells]
            if not whole.number or not parts or not all(cells[column].missing for _, cells in parts):
                continue
            used = [(name, cells) for name, cells in parts if any(cell.number for cell in cells.values())]
            if not used:
                continue
            name, cells = used[0]
            yield Claim(
                cells[column].place,
                f"合计填了 {shown(whole)}，下面的分项都空着，“{name}”在别的栏里有数，这一栏可能漏填。",
                expected="填写",
                actual="（空）",
                suggestion=f"补填“{name}”等分项。",
                severity="warning",
                related=(whole.place, *(cells[column].place for _, cells in used[1:])),
                label=f"{form.caption}/{name}/{column}",
                figures=(shown(whole),),
            )


Details = tuple[Mapping[str, Field], list[tuple[str, Mapping[str, Field]]]]


def _details(form: Form) -> Iterator[Details]:
    """Totals with the rows they are made of, by column."""
    if isinstance(form, BasicForm):
        for role in ("sangong", "vehicles", "projects"):
            line = form.line(role)
            if line is not None:
                yield line.cells, [(child.name, child.cells) for child in form.children(line)]
    elif isinstance(form, IndicatorForm) and form.funds is not None and form.funds.total is not None:
        money = ("initial", "budget", "executed")
        yield (
            {column: cell for column, cell in form.funds.total.cells.items() if column in money},
            [
                (row_name(row.label), {column: cell for column, cell in row.cells.items() if column in money})
                for row in form.funds.parts
            ],
        )


def _missing(form: Form) -> Iterator[Required]:
    for field, name in _required(form):
        if field.missing:
            yield field, name


def _required(form: Form) -> Iterator[Required]:
    if form.unit_name is not None:
        yield form.unit_name, "单位名称"
    if isinstance(form, IndicatorForm):
        yield from _required_head(form)
        yield from _required_funds(form)
        for indicator in form.indicators:
            yield from _required_row(form, indicator)
        yield from _required_total(form)
    elif isinstance(form, BasicForm):
        yield from _required_basic(form)


def _required_head(form: IndicatorForm) -> Iterator[Required]:
    if form.kind == "project" and "project" in form.head:
        yield form.head["project"], "项目名称"
    goals = form.goals
    if len(goals) == 2 and any(field.filled for field in form.goal_fields):
        yield goals["expected"][0], "预期目标"
        yield goals["achieved"][0], "实际完成情况"


def _required_funds(form: IndicatorForm) -> Iterator[Required]:
    total = form.funds.total if form.funds is not None else None
    if total is None:
        return
    names = {
        **COLUMN_NAMES,
        "weight": "分值",
        "rate": "执行率",
        "score": "得分",
    }
    given = [column for column in names if column in total.cells and not total.cells[column].missing]
    if not given:
        return
    executed, budget = total.cells.get("executed"), total.cells.get("budget")
    nothing = all(field is None or not field.number for field in (executed, budget))
    over = executed is not None and budget is not None and (executed.number or 0) > (budget.number or 0)
    for column, name in names.items():
        if (
            column not in total.cells
            or (column in ("rate", "score") and nothing)
            or (column == "score" and over)
        ):
            continue
        if column == "initial" and _initial_unused(form):
            continue
        yield total.cells[column], f"年度资金总额的{name}"


def _initial_unused(form: IndicatorForm) -> bool:
    """The 年初预算数 column is blank in every row: the project was added during the year."""
    if form.kind != "project":
        return False
    rows = form.funds.rows if form.funds is not None else ()
    return all(row.cells["initial"].blank for row in rows)


def _required_row(form: IndicatorForm, indicator: Indicator) -> Iterator[Required]:
    name = indicator.name.text or "（无名称）"
    weight, score = indicator.weight, indicator.score
    if indicator.name.blank:
        return  # PE707 says it
    unused = (
        indicator.target.blank
        and indicator.actual.blank
        and all(field is None or not field.number for field in (weight, score))
    )
    if unused:
        return
    if "target" in form.columns:
        yield indicator.target, f"“{name}”的年度指标值"
    yield indicator.actual, f"“{name}”的实际完成值"
    if weight is not None and any(row.weight is not None and row.weight.filled for row in form.indicators):
        yield weight, f"“{name}”的分值"
    if score is not None and any(row.score is not None and row.score.filled for row in form.indicators):
        yield score, f"“{name}”的得分"


def _required_total(form: IndicatorForm) -> Iterator[Required]:
    total = form.total
    scored = any(row.score is not None and row.score.filled for row in form.indicators)
    if total is not None and total.score is not None and scored:
        yield total.score, "总分"


def _required_basic(form: BasicForm) -> Iterator[Required]:
    if form.staff is not None:
        yield form.staff.quota, "编制数"
        yield form.staff.actual, "实际在职人数"
        if form.staff.rate is not None and (form.staff.quota.number or not form.staff.quota.blank):
            yield form.staff.rate, "在职人员控制率"
    for role in ("sangong", "projects", "public", "procurement"):
        line = form.line(role)
        if line is not None and any(cell.filled for cell in line.cells.values()):
            for column, cell in line.cells.items():
                yield cell, f"{line.name}的{title_of(form, column)}"
