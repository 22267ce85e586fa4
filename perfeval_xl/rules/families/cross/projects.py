"""PE5xx: the projects of 附件3 against 附件1 and 附件2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from perfeval_xl.equations import Equation, Term
from perfeval_xl.findings import Fix
from perfeval_xl.forms.records import BudgetLine, Field, Form, IndicatorForm
from perfeval_xl.rules.cells import COLUMN_NAMES, basis_of, factor, has_number, shown, title_of
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.matching import Matching
from perfeval_xl.rules.missing import left_out
from perfeval_xl.rules.registry import Claim, Result, Skip, rule
from perfeval_xl.text import clean, plain

#: By how much amounts of two forms, in 万元, may differ and still be the same.
CENT = Decimal("0.01")
NO_BASIC = Skip("工作簿中没有附件1基础数据表")
NO_OVERALL = Skip("工作簿中没有附件2整体支出自评表")
NO_PROJECTS = Skip("工作簿中没有附件3项目支出自评表")


def term(form: Form, field: Field, name: str) -> Term:
    """A money cell in 万元, named with its form."""
    return Term(field, f"{form.caption}{name}", factor=factor(form.money_unit))


def _projects_total(context: Context) -> tuple[Form, Field, str] | None:
    """The stated 项目支出 of the year: 附件2's, else 附件1's."""
    if context.overall is not None:
        field = context.overall.nature("projects")
        if field is not None and field.number is not None:
            return context.overall, field, "项目支出"
    if context.basic is not None:
        line = context.basic.line("projects")
        if line is not None and "final" in line.cells and line.cells["final"].number is not None:
            return context.basic, line.cells["final"], f"项目支出（{title_of(context.basic, 'final')}）"
    return None


@rule(
    "PE501",
    "cross.projects",
    "error",
    "附件1与附件2的项目支出不一致",
    basis="表间勾稽：附件1项目支出（决算）＝附件2项目支出",
)
def projects_agree(context: Context) -> Iterator[Result]:
    """附件1项目支出决算数与附件2项目支出核对。

    说明：两张表的项目支出是同一个数。附件2按全年预算口径填的，不与决算数比较。
    错误示例：附件1项目支出决算673.65，附件2项目支出637.65。
    正确示例：两张表都是673.65。
    如何改：对照决算报表，改正录错的一张表。
    """
    basic, overall = context.basic, context.overall
    if basic is None or overall is None:
        yield NO_BASIC if basic is None else NO_OVERALL
        return
    line, stated = basic.line("projects"), overall.nature("projects")
    field = line.cells.get("final") if line is not None else None
    if field is None or stated is None or field.number is None or stated.number is None:
        yield Skip("附件1或附件2没有填项目支出")
        return
    if basis_of(overall) == "budget":
        yield Skip("附件2按支出性质填的是全年预算数，不与决算数比较")
        return
    yield Equation(
        "PE501",
        "附件1/附件2",
        term(overall, stated, "项目支出"),
        (term(basic, field, f"项目支出（{title_of(basic, 'final')}）"),),
        (1,),
        "附件2项目支出应与附件1项目支出决算数一致",
        stated_twice=True,
    )


@rule(
    "PE502",
    "cross.executed",
    "error",
    "各项目全年执行数之和与项目支出不符",
    basis="表间勾稽：各附件3全年执行数之和＝项目支出",
)
def executed_sum(context: Context) -> Iterator[Result]:
    """各附件3全年执行数之和与附件2（没有附件2的与附件1）项目支出核对。

    说明：附件3齐全时，全年执行数之和应等于项目支出；不齐全时只查超过的。
    错误示例：项目支出673.65，各项目执行数加起来680.96。
    正确示例：项目支出673.65，各项目执行数加起来673.65。
    如何改：核对各附件3的全年执行数，改正录错的一个。
    """
    total = _projects_total(context)
    terms = project_terms(context, "executed", "全年执行数")
    if total is None or not terms:
        yield NO_PROJECTS if not context.projects else Skip("没有项目支出合计或各项目没有填全年执行数")
        return
    if context.overall is not None and total[0] is context.overall and basis_of(context.overall) == "budget":
        yield Skip("附件2按支出性质填的是全年预算数")
        return
    form, field, name = total
    equation = Equation(
        "PE502",
        "附件3",
        term(form, field, name),
        tuple(terms),
        (1,) * len(terms),
        f"{form.caption}{name}应等于各附件3全年执行数之和",
        rounding=field.decimals < 2,
    )
    if (
        context.complete and len(terms) == len(context.projects)
    ) or equation.sum > equation.total.value + equation.slack:
        yield equation
    else:
        yield Skip("附件3不齐全，或与附件1的项目对不上，不能核对合计")


def project_terms(context: Context, column: str, name: str) -> list[Term]:
    return [
        term(project, field, name)
        for project in context.projects
        if (field := project.amount(column)) is not None and field.number is not None
    ]


def _lines_field(lines: Sequence[BudgetLine], column: str) -> list[Field]:
    return [line.cells[column] for line in lines if column in line.cells]


def _budget_column(context: Context, matching: Matching) -> str:
    """Which of 附件3's columns 附件1's 预算 column equals: the one more projects agree with."""
    agreeing = {"initial": 0, "budget": 0}
    assert context.basic is not None
    for project, lines in zip(matching.projects, matching.lines, strict=True):
        fields = _lines_field(lines, "budget")
        value = sum((field.number or Decimal(0) for field in fields), Decimal(0)) * factor(
            context.basic.money_unit
        )
        for column in agreeing:
            stated = project.amount(column)
            if fields and stated is not None and stated.number is not None:
                agreeing[column] += abs(stated.number * factor(project.money_unit) - value) <= CENT
    return max(agreeing, key=lambda column: (agreeing[column], column == "initial"))


@rule(
    "PE503",
    "cross.project_lines",
    "error",
    "附件3与附件1同一项目的数不一致",
    basis="表间勾稽：附件3的预算、执行数＝附件1对应项目",
)
def project_lines(context: Context) -> Iterator[Result]:
    """每个附件3的预算数、执行数与附件1对应行核对。

    说明：附件3的全年执行数应等于附件1对应项目的决算数；年初（或全年）预算数应等于附件1的预算数。一个附件3名称里列了几个项目的，按几行之和核对。
    错误示例：附件1重大公共卫生服务决算62.64，附件3全年执行数62.46。
    正确示例：两张表都是62.64。
    如何改：对照指标文件和决算，改正录错的一张表。
    """
    basic = context.basic
    if basic is None:
        yield NO_BASIC
        return
    matching = context.matching
    if matching is None or not any(matching.lines):
        yield NO_PROJECTS if not context.projects else Skip("附件3与附件1的项目名称对不上")
        return
    found = False
    columns = {"final": "executed", "budget": _budget_column(context, matching)}
    for project, lines in zip(matching.projects, matching.lines, strict=True):
        if _shared(matching, lines):
            continue
        for column, own in columns.items():
            fields = _lines_field(lines, column)
            stated = project.amount(own)
            if (
                not fields
                or stated is None
                or stated.number is None
                or not all(field.known for field in fields)
            ):
                continue
            found = True
            parts = tuple(
                term(basic, field, f"“{line.name}”{title_of(basic, column)}")
                for line, field in zip(lines, fields, strict=True)
            )
            yield Equation(
                "PE503",
                project.caption,
                term(project, stated, COLUMN_NAMES[own]),
                parts,
                (1,) * len(parts),
                f"{project.caption}{COLUMN_NAMES[own]}应与附件1“{'、'.join(line.name for line in lines)}”的{title_of(basic, column)}一致",
                stated_twice=len(parts) == 1,
                rounding=False,
            )
    if not found:
        yield Skip("没有可以核对的金额")


def _shared(matching: Matching, lines: Sequence[BudgetLine]) -> bool:
    """Whether several project forms are about the same line (PE507 says it)."""
    return any(sum(1 for found in matching.lines for other in found if other is line) > 1 for line in lines)


@rule(
    "PE504",
    "cross.budget",
    "error",
    "各项目预算数之和与附件1项目支出预算不符",
    basis="表间勾稽：各附件3预算数之和＝附件1项目支出（预算）",
)
def budget_sum(context: Context) -> Iterator[Result]:
    """各附件3预算数之和与附件1项目支出预算数核对。

    说明：附件3齐全时，年初预算数（或全年预算数，各项目一致）之和应等于附件1项目支出的预算数。
    错误示例：附件1项目支出预算321，各项目年初预算加起来231。
    正确示例：附件1项目支出预算321，各项目年初预算加起来321。
    如何改：核对各附件3的预算数和附件1项目支出预算数。
    """
    basic = context.basic
    if basic is None:
        yield NO_BASIC
        return
    line = basic.line("projects")
    field = line.cells.get("budget") if line is not None else None
    if field is None or field.number is None:
        yield Skip("附件1没有填项目支出预算数")
        return
    matching = context.matching
    if matching is None or not matching.complete:
        yield Skip("附件3不齐全，或与附件1的项目对不上，不能核对合计")
        return
    column = _budget_column(context, matching)
    terms = project_terms(context, column, "年初预算数" if column == "initial" else "全年预算数")
    if len(terms) != len(context.projects):
        yield Skip("有的附件3没有填预算数")
        return
    yield Equation(
        "PE504",
        "附件3",
        term(basic, field, f"项目支出（{title_of(basic, 'budget')}）"),
        tuple(terms),
        (1,) * len(terms),
        "附件1项目支出预算数应等于各附件3预算数之和",
        rounding=False,
    )


@rule(
    "PE505",
    "cross.basic_budget",
    "error",
    "推算的基本支出预算小于基本支出",
    basis="表间勾稽：附件2全年预算－各附件3全年预算＝基本支出预算，不应小于基本支出",
)
def basic_budget(context: Context) -> Iterator[Result]:
    """由附件2和附件3推算基本支出的预算。

    说明：附件2全年预算数减去各附件3全年预算数，就是基本支出的全年预算，它不能小于已经支出的基本支出。
    错误示例：附件2全年预算1034.36，各项目全年预算680.96，余353.40，而基本支出为360.71。
    正确示例：附件2全年预算1034.36，各项目全年预算673.65，余360.71，基本支出360.71。
    如何改：核对各附件3的全年预算数（年中调减的要用调整后的数）和附件2全年预算数。
    """
    overall = context.overall
    if overall is None:
        yield NO_OVERALL
        return
    budget, basic = overall.amount("budget"), overall.nature("basic")
    terms = project_terms(context, "budget", "全年预算数")
    if not has_number(budget) or not has_number(basic) or not terms:
        yield Skip("附件2没有填全年预算数或基本支出，或没有附件3")
        return
    if not context.complete or len(terms) != len(context.projects):
        yield Skip("附件3不齐全，不能推算基本支出预算")
        return
    assert budget is not None
    assert basic is not None
    total, stated = term(overall, budget, "全年预算数"), term(overall, basic, "基本支出")
    implied = total.value - sum((term.value for term in terms), Decimal(0))
    gap = stated.value - implied
    if basis_of(overall) == "budget" and _differs_from_executed(overall):
        yield Equation(
            "PE505",
            overall.caption,
            total,
            (stated, *terms),
            (1,) * (len(terms) + 1),
            "附件2全年预算数应等于基本支出与各附件3全年预算数之和",
            rounding=False,
        )
    elif gap > CENT:
        yield _short_of_basic(context, total, stated, terms, implied, gap)


def _differs_from_executed(form: IndicatorForm) -> bool:
    budget, executed = form.amount("budget"), form.amount("executed")
    return budget is not None and executed is not None and budget.number != executed.number


def _short_of_basic(
    context: Context, total: Term, stated: Term, terms: Sequence[Term], implied: Decimal, gap: Decimal
) -> Claim:
    """The claim of PE505; a project whose unspent budget is exactly the gap is where to look first."""
    unspent = [
        project
        for project in context.projects
        if (left := _unspent(project)) is not None and abs(left - gap) <= CENT
    ]
    place, suggestion = (
        total.field.place,
        "核对附件2全年预算数和各附件3全年预算数，年中调减的项目要填调整后的数。",
    )
    accused = ""
    expected, actual = f"≥{plain(total.value + gap)}", shown(total.field)
    fixes: tuple[Fix, ...] = ()
    if len(unspent) == 1:
        budget, executed = unspent[0].amount("budget"), unspent[0].amount("executed")
        assert budget is not None
        assert executed is not None
        assert executed.number is not None
        place = budget.place
        fixes = tuple(Fix(cell.place, executed.number) for cell in (budget, *_same_part(unspent[0], budget)))
        also = "".join(f"，{fix.place.cell} 同改" for fix in fixes[1:])
        expected, actual = executed.text, shown(budget)
        accused = (
            f"{place.sheet} {place.cell}（“{clean(unspent[0].name)}”的全年预算数）最可能没有按调整后的数填："
            f"把 {shown(budget)} 改为 {executed.text}{also}，此处即一致。"
        )
        suggestion = (
            f"核对指标文件，确认后把 {place.cell} 改为 {executed.text}{also}，并重算执行率和得分。"
            "把握中等：只有这个项目没有执行完的预算正好等于差额。"
        )
    figures = " − ".join((plain(total.value), *(plain(term.value) for term in terms)))
    related = [total.field.place, stated.field.place, *(term.field.place for term in terms)]
    return Claim(
        place,
        f"{accused}附件2全年预算减去各附件3全年预算，只剩 {plain(implied)} 万元，小于基本支出 {plain(stated.value)} 万元，差 {plain(gap)} 万元。",
        expected=expected,
        actual=actual,
        explain=f"{figures} = {plain(implied)}",
        suggestion=suggestion,
        related=tuple(other for other in related if other != place),
        uses=tuple(related),
        label="基本支出预算",
        figures=(plain(total.value), plain(stated.value), *(plain(term.value) for term in terms)),
        fixes=fixes,
    )


def _same_part(project: IndicatorForm, budget: Field) -> list[Field]:
    """The one source that the whole budget comes from, which must change with it."""
    rows = project.funds.parts if project.funds is not None else ()
    parts = [cell for row in rows if (cell := row.cells.get("budget")) is not None and cell.number]
    return parts if len(parts) == 1 and parts[0].number == budget.number else []


def _unspent(project: IndicatorForm) -> Decimal | None:
    budget, executed = project.amount("budget"), project.amount("executed")
    if budget is None or executed is None or budget.number is None or executed.number is None:
        return None
    return (budget.number - executed.number) * factor(project.money_unit)


@rule(
    "PE507", "cross.coverage", "warning", "附件1的项目与附件3对不上", basis="每个一级项目填一张项目支出自评表"
)
def coverage(context: Context) -> Iterator[Result]:
    """附件1的每个项目有没有附件3，附件3有没有重复。

    说明：附件1本年有金额的项目都应有附件3（一张附件3可以包括几个项目）；附件3在附件1找不到的要核实；同一个项目填了两张的是错误。
    错误示例：附件1“编外用工人员经费”决算90，没有对应的附件3。
    正确示例：附件3项目名称“区级专项资金（编外用工人员经费）”。
    如何改：补填附件3，或把项目名称改得与附件1一致。
    """
    basic = context.basic
    if basic is None or not context.projects:
        yield NO_BASIC if basic is None else NO_PROJECTS
        return
    matching = context.matching
    if matching is None or not any(line.role == "project_line" for line in basic.lines):
        yield Skip("附件1没有列项目")
        return
    together = _gap_of_missing(context, matching)
    if len(matching.unmatched) > 5:
        yield _many_unmatched(matching.unmatched, together)
    for line in matching.unmatched if len(matching.unmatched) <= 5 else ():
        figures = [
            f"{title_of(basic, column)} {shown(line.cells[column])}"
            for column in ("budget", "final")
            if column in line.cells and line.cells[column].number
        ]
        yield Claim(
            line.label.place,
            f"附件1的“{line.name}”有{'、'.join(figures)}，没有找到对应的附件3。"
            + (together if line is matching.unmatched[0] else ""),
            suggestion="补填附件3，或把附件3的项目名称改得与附件1一致。",
            label=line.name,
            figures=tuple(figures),
        )
    told = {id(project) for entry in left_out(context) for project in entry.projects}
    for project, lines in zip(matching.projects, matching.lines, strict=True):
        name = project.head.get("project")
        if id(project) in told:
            continue  # PE103 and PE104 say which row lacks it
        if not lines and name is not None and not name.blank:
            yield Claim(
                name.place,
                f"附件3“{clean(project.name)}”在附件1中找不到对应的项目。",
                suggestion="核对项目名称；附件1漏列的补上。",
                label=project.name,
                figures=(),
            )
    yield from _duplicates(matching)


def _gap_of_missing(context: Context, matching: Matching) -> str:
    """That the projects without a form are just what the forms' sum falls short of 项目支出, as a sentence; "" where not."""
    total = _projects_total(context)
    spent = [line.cells["final"].number for line in matching.unmatched if "final" in line.cells]
    assert context.basic is not None
    missing = sum((number or Decimal(0) for number in spent), Decimal(0)) * factor(context.basic.money_unit)
    if total is None or total[1].number is None or not missing or matching.partial:
        return ""
    form, field, name = total
    terms = project_terms(context, "executed", "全年执行数")
    stated = (field.number or Decimal(0)) * factor(form.money_unit)
    gap = stated - sum((one.value for one in terms), Decimal(0))
    if abs(gap - missing) > CENT:
        return ""
    return f"没有附件3的 {len(spent)} 个项目决算数合计 {plain(missing)} 万元，正好是{form.caption}{name}比各附件3之和多出的数，别的数不用改。"


def _many_unmatched(lines: Sequence[BudgetLine], together: str) -> Claim:
    """Many lines without a form are told once."""
    names = "、".join(line.name for line in lines[:5])
    return Claim(
        lines[0].label.place,
        f"附件1有 {len(lines)} 个本年有金额的项目没有找到对应的附件3：{names} 等。{together}",
        suggestion="补填附件3，或把附件3的项目名称改得与附件1一致。",
        related=tuple(line.label.place for line in lines[1:]),
        label="缺附件3",
        figures=(str(len(lines)),),
    )


def _duplicates(matching: Matching) -> Iterator[Claim]:
    seen: dict[str, IndicatorForm] = {}
    for project in matching.projects:
        key = clean(project.name)
        name = project.head.get("project")
        if not key or name is None:
            continue
        if key in seen:
            other = seen[key].head["project"]
            yield Claim(
                name.place,
                f"项目“{key}”填了两张附件3（另一张在 {other.place}）。",
                suggestion="删去重复的一张，或改正项目名称。",
                related=(other.place,),
                severity="error",
                label=key,
                figures=(),
            )
        else:
            seen[key] = project
