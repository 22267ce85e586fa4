"""PE5xx: indicators of one form against those of another, and the rates that forms state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from perfeval_xl import patterns as re
from perfeval_xl.equations import HUNDRED, Ratio, Term, per_cent, quantum, rounded, same_figure, written_rates
from perfeval_xl.forms.records import Field, Form, IndicatorForm
from perfeval_xl.records import replace
from perfeval_xl.rules.cells import GENERIC, shown, title_of
from perfeval_xl.rules.context import Context, Judged
from perfeval_xl.rules.registry import Claim, Result, rule
from perfeval_xl.text import clean, plain

from .projects import NO_OVERALL, NO_PROJECTS


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
        yield NO_OVERALL if context.overall is None else NO_PROJECTS
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
            dict.fromkeys(
                field.place
                for field in (there, ours.target, ours.actual, theirs.target, theirs.actual)
                if field.place != here.place
            )
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
        yield NO_OVERALL
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
    for now in (first, final):  # what has become of the money counts everywhere
        share = _share(now, last)
        if share is not None:
            yield share - HUNDRED
            yield HUNDRED - share


def _share(part: Field | None, whole: Field | None) -> Decimal | None:
    if part is None or whole is None or part.number is None or not whole.number:
        return None
    return part.number / whole.number * HUNDRED
