"""PE5xx: the money of 附件2 against 附件1 and 附件4."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from perfeval_xl.equations import Equation
from perfeval_xl.forms.records import BasicForm, IndicatorForm
from perfeval_xl.grid import Place
from perfeval_xl.rules.cells import basis_of, factor, shown
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, Skip, rule
from perfeval_xl.text import plain

from .projects import CENT, NO_BASIC, NO_OVERALL, project_terms, term


@rule(
    "PE509",
    "cross.gov_fund",
    "error",
    "附件4与附件2的政府性基金不一致",
    basis="表间勾稽：附件4政府性基金支出＝附件2政府性基金拨款",
)
def gov_fund(context: Context) -> Iterator[Result]:
    """附件4合计与附件2政府性基金拨款核对。

    说明：附件4政府性基金的支出合计（按全年预算口径的，是收入或支出合计）应与附件2“政府性基金拨款”一致，空着按0算。
    错误示例：附件2政府性基金拨款20，附件4合计0。
    正确示例：附件2政府性基金拨款为空，附件4合计0。
    如何改：核对政府性基金的收支，补填漏填的一张表。
    """
    if context.overall is None:
        yield NO_OVERALL
        return
    table = next((form for form in context.forms.funds if form.kind == "gov_fund"), None)
    if table is None or table.total is None:
        yield Skip("工作簿中没有附件4政府性基金表或没有合计行")
        return
    line = next((line for line in context.overall.income if line.role == "gov_fund"), None)
    spent = table.total.cells.get("spending")
    if line is None or spent is None or not line.amount.known or not spent.known:
        yield Skip("附件2没有政府性基金拨款一行，或附件4没有支出一栏")
        return
    stated = (line.amount.number or Decimal(0)) * factor(context.overall.money_unit)
    if basis_of(context.overall) == "budget":
        carried = [table.total.cells.get(role) for role in ("carry_in", "income")]
        available = sum((field.number or Decimal(0) for field in carried if field is not None), Decimal(0))
        if abs(available * factor(table.money_unit) - stated) <= CENT:
            return
    yield Equation(
        "PE509",
        context.overall.caption,
        term(context.overall, line.amount, "政府性基金拨款"),
        (term(table, spent, "支出合计"),),
        (1,),
        "附件2政府性基金拨款应与附件4支出合计一致",
        stated_twice=True,
    )


@rule(
    "PE510",
    "cross.public",
    "error",
    "公用经费、预算调整与附件2不符",
    basis="公用经费是基本支出的一部分；基本支出预算调整与年初、全年预算相衔接",
)
def public_within_basic(context: Context) -> Iterator[Result]:
    """公用经费与基本支出、基本支出预算调整与年初和全年预算核对。

    说明：附件1公用经费不能大于附件2基本支出；“部门基本支出预算调整”可以填调整额，也可以填调整前后的总数，但要能与附件2、附件3的年初和全年预算对上。
    错误示例：基本支出60，公用经费61.05。
    正确示例：基本支出360.71，公用经费61.05。
    如何改：核对两张表，改正录错的一个。
    """
    basic, overall = context.basic, context.overall
    if basic is None or overall is None:
        yield NO_BASIC if basic is None else NO_OVERALL
        return
    public, stated = basic.line("public"), overall.nature("basic")
    field = public.cells.get("final") if public is not None else None
    if field is not None and stated is not None and field.number is not None and stated.number is not None:
        yield Equation(
            "PE510",
            overall.caption,
            term(overall, stated, "基本支出"),
            (term(basic, field, "公用经费"),),
            (1,),
            "公用经费不大于基本支出",
            leeway=(-CENT, None),
            words=f"附件1公用经费 {shown(field)} 大于附件2基本支出 {plain(stated.number)}，公用经费是基本支出的一部分",
        )
    else:
        yield Skip("没有填公用经费或基本支出")
    yield from _adjustment(context, basic, overall)


def _adjustment(context: Context, basic: BasicForm, overall: IndicatorForm) -> Iterator[Result]:
    line = basic.line("adjustment")
    final = line.cells.get("final") if line is not None else None
    if line is None or final is None or final.number is None:
        return
    initial, budget = overall.amount("initial"), overall.amount("budget")
    if (
        not context.complete
        or initial is None
        or budget is None
        or initial.number is None
        or budget.number is None
    ):
        yield Skip("附件3不齐全，或附件2没有填年初、全年预算，不能核对预算调整")
        return
    unit = factor(overall.money_unit)
    before = [term.value for term in project_terms(context, "initial", "年初预算数")]
    after = [term.value for term in project_terms(context, "budget", "全年预算数")]
    if len(before) != len(context.projects) or len(after) != len(context.projects):
        return
    whole = (initial.number * unit, budget.number * unit)
    own = (whole[0] - sum(before, Decimal(0)), whole[1] - sum(after, Decimal(0)))
    factor_basic = factor(basic.money_unit)
    planned = line.cells.get("budget")
    pair = (
        ((planned.number if planned is not None else None) or Decimal(0)) * factor_basic,
        final.number * factor_basic,
    )
    if _reconciles(pair, whole) or _reconciles(pair, own):
        return
    change = own[1] - own[0]
    yield Claim(
        final.place,
        f"“{line.name}”填 {shown(final)}，与附件2、附件3对不上：按两表推算，基本支出年初 {plain(own[0])}、全年 {plain(own[1])}，调整 {plain(change)} 万元。",
        expected=plain(change / factor_basic),
        actual=shown(final),
        explain=f"({plain(whole[1])} − {plain(sum(after, Decimal(0)))}) − ({plain(whole[0])} − {plain(sum(before, Decimal(0)))}) = {plain(change)}",
        suggestion="核对附件2年初、全年预算数与本行，填调整额或调整前后的总数都可以，但要能对上。",
        related=(initial.place, budget.place),
        uses=(final.place, initial.place, budget.place, *_budget_cells(context)),
        severity="warning",
        label=line.name,
        figures=(shown(final), plain(own[0]), plain(own[1])),
    )


def _budget_cells(context: Context) -> list[Place]:
    cells = [project.amount(column) for project in context.projects for column in ("initial", "budget")]
    return [cell.place for cell in cells if cell is not None]


def _reconciles(pair: tuple[Decimal, Decimal], totals: tuple[Decimal, Decimal]) -> bool:
    """Whether a 预算调整 row, as amount or as totals before and after, fits the budgets of the other forms."""
    change = totals[1] - totals[0]
    pairs = ((pair[1], change), (pair[1] - pair[0], change), (pair[1], totals[1]))
    return any(abs(stated - reckoned) <= CENT for stated, reckoned in pairs)
