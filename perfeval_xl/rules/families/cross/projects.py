"""PE5xx cross: form against form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from perfeval_xl.equations import (
    HUNDRED,
    Equation,
    Ratio,
    Term,
    per_cent,
    quantum,
    rounded,
    same_figure,
    written_rates,
)
from perfeval_xl.findings import Fix
from perfeval_xl.forms.records import BasicForm, BudgetLine, Field, Form, IndicatorForm
from perfeval_xl.grid import Place
from perfeval_xl.rules.context import Context, Judged, factor
from perfeval_xl.rules.families.targets import GENERIC
from perfeval_xl.rules.families.totals import basis_of, title_of
from perfeval_xl.rules.matching import Matching
from perfeval_xl.rules.registry import Claim, Result, Skip, has_number, rule, shown
from perfeval_xl.text import clean, plain

_CENT = Decimal("0.01")
_NO_BASIC = Skip("工作簿中没有附件1基础数据表")
_NO_OVERALL = Skip("工作簿中没有附件2整体支出自评表")
_NO_PROJECTS = Skip("工作簿中没有附件3项目支出自评表")


def _term(form: Form, field: Field, name: str) -> Term:
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
        yield _NO_BASIC if basic is None else _NO_OVERALL
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
        _term(overall, stated, "项目支出"),
        (_term(basic, field, f"项目支出（{title_of(basic, 'final')}）"),),
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
    terms = _project_terms(context, "executed", "全年执行数")
    if total is None or not terms:
        yield _NO_PROJECTS if not context.projects else Skip("没有项目支出合计或各项目没有填全年执行数")
        return
    if context.overall is not None and total[0] is context.overall and basis_of(context.overall) == "budget":
        yield Skip("附件2按支出性质填的是全年预算数")
        return
    form, field, name = total
    equation = Equation(
        "PE502",
        "附件3",
        _term(form, field, name),
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


def _project_terms(context: Context, column: str, name: str) -> list[Term]:
    return [
        _term(project, field, name)
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
                agreeing[column] += abs(stated.number * factor(project.money_unit) - value) <= _CENT
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
        yield _NO_BASIC
        return
    matching = context.matching
    if matching is None or not any(matching.lines):
        yield _NO_PROJECTS if not context.projects else Skip("附件3与附件1的项目名称对不上")
        return
    found = False
    columns = {"final": "executed", "budget": _budget_column(context, matching)}
    names = {"executed": "全年执行数", "initial": "年初预算数", "budget": "全年预算数"}
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
                _term(basic, field, f"“{line.name}”{title_of(basic, column)}")
                for line, field in zip(lines, fields, strict=True)
            )
            yield Equation(
                "PE503",
                project.caption,
                _term(project, stated, names[own]),
                parts,
                (1,) * len(parts),
                f"{project.caption}{names[own]}应与附件1“{'、'.join(line.name for line in lines)}”的{title_of(basic, column)}一致",
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
        yield _NO_BASIC
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
    terms = _project_terms(context, column, "年初预算数" if column == "initial" else "全年预算数")
    if len(terms) != len(context.projects):
        yield Skip("有的附件3没有填预算数")
        return
    yield Equation(
        "PE504",
        "附件3",
        _term(basic, field, f"项目支出（{title_of(basic, 'budget')}）"),
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
        yield _NO_OVERALL
        return
    budget, basic = overall.amount("budget"), overall.nature("basic")
    terms = _project_terms(context, "budget", "全年预算数")
    if not has_number(budget) or not has_number(basic) or not terms:
        yield Skip("附件2没有填全年预算数或基本支出，或没有附件3")
        return
    if not context.complete or len(terms) != len(context.projects):
        yield Skip("附件3不齐全，不能推算基本支出预算")
        return
    assert budget is not None
    assert basic is not None
    total, stated = _term(overall, budget, "全年预算数"), _term(overall, basic, "基本支出")
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
    elif gap > _CENT:
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
        if (left := _unspent(project)) is not None and abs(left - gap) <= _CENT
    ]
    place, suggestion = (
        total.field.place,
        "核对附件2全年预算数和各附件3全年预算数，年中调减的项目要填调整后的数。",
    )
    accused = ""
    fixes: tuple[Fix, ...] = ()
    if len(unspent) == 1:
        budget, executed = unspent[0].amount("budget"), unspent[0].amount("executed")
        assert budget is not None
        assert executed is not None
        assert executed.number is not None
        place = budget.place
        fixes = tuple(Fix(cell.place, executed.number) for cell in (budget, *_same_part(unspent[0], budget)))
        also = "".join(f"，{fix.place.cell} 同改" for fix in fixes[1:])
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
        expected=f"≥{plain(stated.value)}",
        actual=plain(implied),
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


# -- indicators -----------------------------------------------------------------------------------------------


def _indicator_name(name: str) -> str:
    return re.sub(r"[的、,，()“”\"]|20\d\d年(度)?", "", clean(name))


@rule(
    "PE506",
    "cross.indicators",
    "error",
    "同一指标在附件2和附件3中不一致",
    basis="表间勾稽：同一指标在整体表和项目表中应一致",
)
def same_indicators(context: Context) -> Iterator[Result]:
    """附件2与附件3同名指标核对。

    说明：同一个指标（名称、单位相同）在附件2和附件3里，指标值和完成值应一致；只有一样不同的是错误，两样都不同的可能口径不同，只提示。附件2等于各附件3之和的不算错。
    错误示例：档案管理数在附件2是≥5500份、完成5500份，在附件3是≥5000份、完成5500份。
    正确示例：两张表都是≥5000份、完成5500份。
    如何改：以批复的绩效目标为准，把两张表改为一致。
    """
    if context.overall is None or not context.projects:
        yield _NO_OVERALL if context.overall is None else _NO_PROJECTS
        return
    named: dict[str, list[tuple[IndicatorForm, int]]] = {}
    for project in context.projects:
        for index, judged in enumerate(context.judged(project)):
            if not judged.shifted:
                named.setdefault(_indicator_name(judged.indicator.name.text), []).append((project, index))
    for judged in context.judged(context.overall):
        name = _indicator_name(judged.indicator.name.text)
        rows = [context.judged(project)[index] for project, index in named.get(name, ())]
        if not rows or judged.shifted or not name or GENERIC.match(name):
            continue
        if len(rows) > 1 and _is_sum(judged, rows):
            continue
        for row in rows:
            yield from _compared(judged, row)


def _is_sum(judged: Judged, rows: Sequence[Judged]) -> bool:
    """附件2's actual is the sum of the 附件3 rows of that name."""
    total = judged.judgement.actual
    parts = [row.judgement.actual for row in rows]
    if total is None or total.value is None or any(part is None or part.value is None for part in parts):
        return False
    return total.value == sum(
        (part.value for part in parts if part is not None and part.value is not None), Decimal(0)
    )


def _compared(judged: Judged, row: Judged) -> Iterator[Claim]:
    ours, theirs = judged.indicator, row.indicator
    target, actual = _agree(judged, row, "target"), _agree(judged, row, "actual")
    if target is None or actual is None or (target and actual):
        return
    side = "target" if not target else "actual"
    here = theirs.target if side == "target" else theirs.actual
    there = ours.target if side == "target" else ours.actual
    what = "年度指标值" if side == "target" else "实际完成值"
    both = not target and not actual
    yield Claim(
        here.place,
        f"“{theirs.name.text}”的{what}，附件2填 {shown(there)}，本表填 {shown(here)}"
        + ("，指标值和完成值都不同，请确认口径。" if both else "，两张表不一致。"),
        expected=shown(there),
        actual=shown(here),
        suggestion="口径不同的请在名称中写明；相同的改为一致。"
        if both
        else "以批复的绩效目标和实际数为准，把两张表改为一致。",
        related=tuple(
            {there.place, ours.target.place, ours.actual.place, theirs.target.place, theirs.actual.place}
            - {here.place}
        ),
        severity="info" if both else None,
        label=theirs.name.text,
        figures=(ours.target_text, ours.actual_text, theirs.target_text, theirs.actual_text),
    )


def _agree(judged: Judged, row: Judged, side: str) -> bool | None:
    """Whether two rows state the same target or actual; None where they are not comparable figures."""
    first, second = getattr(judged.judgement, side), getattr(row.judgement, side)
    if first is None or second is None or first.value is None or second.value is None:
        return None
    if first.unit != second.unit and first.unit and second.unit:
        return None
    return first.value * first.multiplier == second.value * second.multiplier or same_figure(
        first.value, first.decimals, second.value, second.decimals
    )


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
        yield _NO_BASIC if basic is None else _NO_PROJECTS
        return
    matching = context.matching
    if matching is None or not any(line.role == "project_line" for line in basic.lines):
        yield Skip("附件1没有列项目")
        return
    if len(matching.unmatched) > 5:
        yield _many_unmatched(matching.unmatched)
    for line in matching.unmatched if len(matching.unmatched) <= 5 else ():
        figures = [
            f"{title_of(basic, column)} {shown(line.cells[column])}"
            for column in ("budget", "final")
            if column in line.cells and line.cells[column].number
        ]
        yield Claim(
            line.label.place,
            f"附件1的“{line.name}”有{'、'.join(figures)}，没有找到对应的附件3。",
            suggestion="补填附件3，或把附件3的项目名称改得与附件1一致。",
            label=line.name,
            figures=tuple(figures),
        )
    for project, lines in zip(matching.projects, matching.lines, strict=True):
        name = project.head.get("project")
        if not lines and name is not None and not name.blank:
            yield Claim(
                name.place,
                f"附件3“{clean(project.name)}”在附件1中找不到对应的项目。",
                suggestion="核对项目名称；附件1漏列的补上。",
                label=project.name,
                figures=(),
            )
    yield from _duplicates(matching)


def _many_unmatched(lines: Sequence[BudgetLine]) -> Claim:
    """Many lines without a form are told once."""
    names = "、".join(line.name for line in lines[:5])
    return Claim(
        lines[0].label.place,
        f"附件1有 {len(lines)} 个本年有金额的项目没有找到对应的附件3：{names} 等。",
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


# -- names, dates ---------------------------------------------------------------------------------------------


@rule(
    "PE508",
    "cross.identity",
    "warning",
    "单位名称、年度或填报日期前后不一致",
    basis="同一套表的单位名称、年度应一致",
)
def identity(context: Context) -> Iterator[Result]:
    """各表的单位名称、年度、填报日期核对。

    说明：同一套表的单位名称（简称、带上级地名都可以）、年度应一致；填报日期的年份应一致，日子不同只提示。
    错误示例：附件1是2023年度，附件3-2是2022年度。
    正确示例：各表都是2023年度。
    如何改：改正写错的一张表。
    """
    forms = [form for form in context.forms if form.kind != "narrative"]
    if len(forms) < 2:
        yield Skip("只有一张表")
        return
    yield from _years(forms)
    yield from _unit_names(forms)
    yield from _dates([form for form in forms if isinstance(form, IndicatorForm)])


def _odd_ones(values: Sequence[tuple[Form, str]]) -> Iterator[tuple[Form, str, str, Form]]:
    """Forms whose value differs from what most forms say: form, its value, the usual value, a form with it."""
    counts: dict[str, int] = {}
    for _, value in values:
        counts[value] = counts.get(value, 0) + 1
    if len(counts) < 2:
        return
    usual = max(counts, key=lambda value: counts[value])
    witness = next(form for form, value in values if value == usual)
    for form, value in values:
        if value != usual:
            yield form, value, usual, witness


def _years(forms: Sequence[Form]) -> Iterator[Claim]:
    stated = [(form, str(form.year)) for form in forms if form.year is not None]
    for form, value, usual, witness in _odd_ones(stated):
        yield Claim(
            form.title.place,
            f"本表写的是 {value} 年度，其他表（如{witness.caption}）是 {usual} 年度。",
            expected=usual,
            actual=value,
            suggestion="改正年度。",
            related=(witness.title.place,),
            label=f"{form.caption}/年度",
            figures=(value, usual),
        )


def _unit_names(forms: Sequence[Form]) -> Iterator[Claim]:
    stated = [
        (form, form.unit_name) for form in forms if form.unit_name is not None and form.unit_name.filled
    ]
    if len(stated) < 2:
        return
    names = [_unit(field.text) for _, field in stated]
    longest = max(names, key=len)
    for (form, field), name in zip(stated, names, strict=True):
        if form.kind in ("basic", "overall") or (
            form.kind == "project" and "office" not in getattr(form, "head", {})
        ):
            related = [
                other
                for (other_form, other), known in zip(stated, names, strict=True)
                if known != name and other_form is not form and not _short_form(name, known)
            ]
            near = [other for other in related if _misspelt(name, _unit(other.text))]
            if near and len(near) * 2 > len(stated) - 1:
                yield _unit_claim(form, field, near[0])
        elif not _short_form(name, longest) and _misspelt(name, longest):
            other = next(field for (_, field), known in zip(stated, names, strict=True) if known == longest)
            yield _unit_claim(form, field, other)


def _unit_claim(form: Form, field: Field, other: Field) -> Claim:
    return Claim(
        field.place,
        f"单位名称“{_unit(field.text)}”与{other.place}的“{_unit(other.text)}”不一致。",
        expected=_unit(other.text),
        actual=_unit(field.text),
        suggestion="改正写错的单位名称。",
        related=(other.place,),
        label=f"{form.caption}/单位",
        figures=(_unit(field.text), _unit(other.text)),
    )


def _unit(text: str) -> str:
    return re.sub(r"^[\d\-]+", "", clean(text))


def _short_form(first: str, second: str) -> bool:
    """One is the other with less of the place in front, or in letters spread over it (区人社局)."""
    short, long = sorted((first, second), key=len)
    if short in long:
        return True
    letters = iter(long)
    return (
        len(short) < len(long)
        and all(letter in letters for letter in short)
        and long[-1] == short[-1]
        and len(short) * 2 <= len(long) + 4
    )


def _misspelt(first: str, second: str) -> bool:
    """Nearly the same name: one slip of up to three letters in a name of eight or more."""
    from difflib import SequenceMatcher

    if min(len(first), len(second)) < 6:
        return False
    tail = min(len(first), len(second))
    return (
        first[-tail:] != second[-tail:]
        and SequenceMatcher(None, first[-tail:], second[-tail:], autojunk=False).ratio() >= 0.75
    )


def _dates(forms: Sequence[IndicatorForm]) -> Iterator[Claim]:
    stated = [
        (form, date)
        for form in forms
        if form.signature is not None and (date := clean(form.signature.parts.get("填报日期", "")))
    ]
    dates: list[tuple[Form, str]] = [(form, date) for form, date in stated]
    for form, value, usual, witness in _odd_ones(dates):
        assert isinstance(form, IndicatorForm)
        assert isinstance(witness, IndicatorForm)
        assert form.signature is not None
        assert witness.signature is not None
        other_year = value[:4] != usual[:4]
        yield Claim(
            form.signature.place,
            f"填报日期 {value} 与{witness.caption}的 {usual} 不一致。",
            expected=usual,
            actual=value,
            suggestion="改正填报日期。",
            related=(witness.signature.place,),
            severity=None if other_year else "info",
            label=f"{form.caption}/填报日期",
            figures=(value, usual),
        )


# -- funds, basic expenditure, stated rates -------------------------------------------------------------------


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
        yield _NO_OVERALL
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
        if abs(available * factor(table.money_unit) - stated) <= _CENT:
            return
    yield Equation(
        "PE509",
        context.overall.caption,
        _term(context.overall, line.amount, "政府性基金拨款"),
        (_term(table, spent, "支出合计"),),
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
        yield _NO_BASIC if basic is None else _NO_OVERALL
        return
    public, stated = basic.line("public"), overall.nature("basic")
    field = public.cells.get("final") if public is not None else None
    if field is not None and stated is not None and field.number is not None and stated.number is not None:
        yield Equation(
            "PE510",
            overall.caption,
            _term(overall, stated, "基本支出"),
            (_term(basic, field, "公用经费"),),
            (1,),
            "公用经费不大于基本支出",
            leeway=(-_CENT, None),
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
    before = [term.value for term in _project_terms(context, "initial", "年初预算数")]
    after = [term.value for term in _project_terms(context, "budget", "全年预算数")]
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
    return any(abs(stated - reckoned) <= _CENT for stated, reckoned in pairs)


#: Indicators that state a rate which the tables give: name, and how it is reckoned from 附件1 or 附件2.
STATED_RATES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile("^(在职|财政供养)人员控制率$"), "staff"),
    (re.compile("^“?三公”?经费控制率$"), "sangong"),
    (re.compile("^“?三公”?经费变动率$"), "sangong_change"),
    (re.compile("^公用经费控制率$"), "public"),
    (re.compile("^政府采购执行率$"), "procurement"),
    (re.compile("^(部门|整体支出)?预算执行率$"), "execution"),
)


@rule(
    "PE511",
    "cross.stated_rates",
    "error",
    "指标中的比率与基础数据不符",
    basis="控制率、变动率、执行率按附件1、附件2的数字复算",
)
def stated_rates(context: Context) -> Iterator[Result]:
    """指标里填的控制率、变动率、执行率与表中数字核对。

    说明：附件2、附件3把在职人员控制率、三公经费控制率、政府采购执行率等作为指标的，完成值应与附件1、附件2的数字复算一致。
    错误示例：附件1在职136人、编制143人，指标“在职人员控制率”完成值100%。
    正确示例：指标“在职人员控制率”完成值95.10%。
    如何改：按附件1、附件2的数字重算完成值。
    """
    if context.overall is None:
        yield _NO_OVERALL
        return
    for judged in context.judged(context.overall):
        name = re.sub('[“”"]', "", clean(judged.indicator.name.text))
        kind = next((kind for pattern, kind in STATED_RATES if pattern.match(name)), None)
        if kind is None or judged.indicator.actual.number is None:
            continue
        if kind == "sangong_change":
            yield from _changed(judged, context)
        elif (pair := _rate_cells(kind, context)) is not None:
            yield _stated_rate(context.overall, judged, *pair)


def _stated_rate(overall: IndicatorForm, judged: Judged, part: Term, whole: Term) -> Ratio:
    """That an indicator states the rate which two cells give, by one unit of its last decimal at most."""
    field = judged.indicator.actual
    exact = per_cent(part.value, whole.value)
    value, decimals = min(written_rates(field), key=lambda reading: abs(reading[0] - exact))
    rate = Term(replace(field, number=value, decimals=decimals, percent=True), judged.indicator.name.text)
    what = f"“{judged.indicator.name.text}”的完成值应等于{part.label}除以{whole.label}"
    unit = quantum(decimals)
    return Ratio("PE511", overall.caption, rate, part, whole, what, leeway=(-unit, unit))


def _changed(judged: Judged, context: Context) -> Iterator[Claim]:
    """三公经费变动率: counties reckon it in several ways, so that no one pair of cells is to be set against it."""
    exact = list(_changes(context))
    if not exact or any(_is_rate(judged.indicator.actual, rate) for rate in exact):
        return
    right = f"{plain(rounded(exact[0], 2))}%"
    yield Claim(
        judged.indicator.actual.place,
        f"“{judged.indicator.name.text}”完成值填 {shown(judged.indicator.actual)}，按附件1、附件2的数字复算为 {right}。",
        expected=right,
        actual=shown(judged.indicator.actual),
        suggestion="按附件1、附件2的数字重算完成值。",
        label=judged.indicator.name.text,
        figures=(shown(judged.indicator.actual), plain(rounded(exact[0], 2))),
    )


def _is_rate(field: Field, exact: Decimal) -> bool:
    return any(abs(value - exact) <= quantum(decimals) for value, decimals in written_rates(field))


def _rate_cells(kind: str, context: Context) -> tuple[Term, Term] | None:
    """The two cells whose share a rate is."""
    basic, overall = context.basic, context.overall
    form: Form
    if kind == "execution" and overall is not None:
        form, part, whole = overall, overall.amount("executed"), overall.amount("budget")
        names = ("全年执行数", "全年预算数")
    elif basic is None:
        return None
    elif kind == "staff":
        if basic.staff is None:
            return None
        form, part, whole = basic, basic.staff.actual, basic.staff.quota
        names = ("实际在职人数", "编制数")
    else:
        line = basic.line(kind)
        if line is None:
            return None
        form, part, whole = basic, line.cells.get("final"), line.cells.get("budget")
        names = (f"“{line.name}”{title_of(basic, 'final')}", f"“{line.name}”{title_of(basic, 'budget')}")
    if part is None or whole is None or part.number is None or not whole.number:
        return None
    return Term(part, f"{form.caption}{names[0]}"), Term(whole, f"{form.caption}{names[1]}")


def _changes(context: Context) -> Iterator[Decimal]:
    """三公经费变动率 in per cent, in every way that counties reckon it."""
    line = context.basic.line("sangong") if context.basic is not None else None
    if line is None:
        return
    final, budget, last = (line.cells.get(column) for column in ("final", "budget", "last_final"))
    first = budget if context.policy.sangong_basis == "budget" else final
    for now in (first, final, budget):
        share = _share(now, last)
        if share is not None:
            yield share - HUNDRED
            yield HUNDRED - share


def _share(part: Field | None, whole: Field | None) -> Decimal | None:
    if part is None or whole is None or part.number is None or not whole.number:
        return None
    return part.number / whole.number * HUNDRED
