"""PE512: this year's file against last year's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from perfeval_xl.equations import same_figure
from perfeval_xl.forms.records import BasicForm, BudgetLine, Field, IndicatorForm
from perfeval_xl.rules.cells import GENERIC, factor, shown
from perfeval_xl.rules.context import Context, Judged
from perfeval_xl.rules.matching import stem
from perfeval_xl.rules.registry import Claim, Result, Skip, rule
from perfeval_xl.targets import Measure
from perfeval_xl.text import awaits, clean, plain

from .projects import CENT

#: A target below this share of what last year reached is worth a look (our convention).
FAR_BELOW = Decimal("0.8")


@rule(
    "PE512",
    "cross.last_year",
    "error",
    "与上年文件不一致",
    basis="附件1的上年决算数应与上年报送的决算数一致，上年结转不应大于上年剩余",
    against="previous",
)
def last_year(context: Context) -> Iterator[Result]:
    """与上年的文件核对（检查时用 --previous 给出上年文件）。

    说明：附件1的上年决算数，应等于上年文件附件1的本年决算数；附件3的上年结转，不应大于上年文件同一项目的全年预算减全年执行；数量指标的年度指标值比上年实际完成值低两成以上的，只提示。
    错误示例：上年文件三公经费决算2.58，今年附件1的上年决算数填2.85。
    正确示例：两处都是2.58。
    如何改：对照上年已报送的决算，改正今年的表；上年报错的，按规定更正并说明。
    """
    previous = context.previous
    if previous is None:
        yield Skip("没有给出上年的文件（--previous）")
        return
    if context.year is not None and previous.year is not None and previous.year != context.year - 1:
        yield Skip(f"给出的上年文件是{previous.year}年度的，本文件是{context.year}年度的")
        return
    projects = [
        (form, before) for form in context.projects if (before := _same_project(form, previous)) is not None
    ]
    if (context.basic is None or previous.basic is None) and context.overall is None and not projects:
        yield Skip("上年文件里没有可以核对的表")
        return
    if context.basic is not None and previous.basic is not None:
        yield from _finals(context.basic, previous.basic)
    for form, before in projects:
        yield from _carried(form, before)
    yield from _lower_targets(context, previous)


# -- 上年决算 -------------------------------------------------------------------------------------------------


def _finals(form: BasicForm, before: BasicForm) -> Iterator[Claim]:
    """Every line's 上年决算 against the 决算 of last year's line of the same name."""
    lines = _by_name(before)
    scale, scale_before = factor(form.money_unit), factor(before.money_unit)
    for key, line in _by_name(form).items():
        now = line.cells.get("last_final")
        there = lines[key].cells.get("final") if key in lines else None
        if now is None or there is None or now.number is None or there.number is None:
            continue
        own, old = now.number * scale, there.number * scale_before
        if same_figure(own, now.decimals - scale.adjusted(), old, there.decimals - scale_before.adjusted()):
            continue
        yield Claim(
            now.place,
            f"“{line.name}”的上年决算数填 {shown(now)}，上年文件{before.caption}（{there.place}）的决算数是 {shown(there)}，两处不一致。",
            expected=plain(old / scale),
            actual=shown(now),
            suggestion="对照上年已报送的决算，改正今年的表。",
            uses=(now.place,),
            label=line.name,
            figures=(shown(now), shown(there)),
        )


def _by_name(form: BasicForm) -> dict[tuple[str, str, str], BudgetLine]:
    """The lines by role, name, and the name of the line they are a part of; names that stand twice left out."""
    found: dict[tuple[str, str, str], BudgetLine] = {}
    twice = set()
    for line in form.lines:
        parent = stem(form.lines[line.parent].name) if line.parent is not None else ""
        named = line.role in ("project_line", "detail", "public_part", "other")
        key = (line.role, stem(line.name) if named else "", parent if line.role == "detail" else "")
        if key in found:
            twice.add(key)
        found[key] = line
    return {key: line for key, line in found.items() if key not in twice}


# -- 上年结转 -------------------------------------------------------------------------------------------------


def _same_project(form: IndicatorForm, previous: Context) -> IndicatorForm | None:
    named = [before for before in previous.projects if stem(before.name) == stem(form.name)]
    return named[0] if len(named) == 1 and clean(form.name) else None


def _carried(form: IndicatorForm, before: IndicatorForm) -> Iterator[Claim]:
    """上年结转 above what last year left: 全年预算 − 全年执行."""
    budget, executed = before.amount("budget"), before.amount("executed")
    if budget is None or executed is None or budget.number is None or executed.number is None:
        return
    left = (budget.number - executed.number) * factor(before.money_unit)
    for field in _carryover(form):
        assert field.number is not None
        carried = field.number * factor(form.money_unit)
        if carried > max(left, Decimal(0)) + CENT:
            yield Claim(
                field.place,
                f"上年结转填 {shown(field)}，上年文件{before.caption}全年预算 {shown(budget)}、执行 {shown(executed)}，"
                f"只剩 {plain(left)} 万元。",
                expected=f"≤{plain(max(left, Decimal(0)))}",
                actual=shown(field),
                explain=f"{shown(budget)} − {shown(executed)} = {plain(left)}",
                suggestion="核对结转指标文件；不是这个项目结转的，填到对应的项目。",
                uses=(field.place,),
                label="上年结转",
                figures=(shown(field), shown(budget), shown(executed)),
            )
            return


def _carryover(form: IndicatorForm) -> Iterator[Field]:
    rows = form.funds.rows if form.funds is not None else ()
    for row in rows:
        if row.role == "carryover":
            cells = (row.cells.get(column) for column in ("initial", "budget"))
            yield from (cell for cell in cells if cell is not None and cell.number is not None)


# -- 指标值 ---------------------------------------------------------------------------------------------------


def _lower_targets(context: Context, previous: Context) -> Iterator[Claim]:
    """A target that asks for far less than what last year reached."""
    for form in (*context.forms.overall, *context.projects):
        before = _reached_before(form, previous)
        for judged in context.judged(form):
            name = _plain_name(judged)
            old = before.get(name)
            target = judged.judgement.target
            if old is None or judged.shifted or GENERIC.match(name) or not _asks_less(judged, target, old):
                continue
            if awaits(judged.indicator.target_text):
                continue  # PE704 says that it is still to be looked at
            yield Claim(
                judged.indicator.target.place,
                f"“{clean(judged.indicator.name.text)}”的年度指标值 {clean(judged.indicator.target_text)}，比上年实际完成的"
                f" {old.text} 低两成以上，请确认。",
                actual=clean(judged.indicator.target_text),
                suggestion="上年完成得好的，一般不低于上年；确有原因的，在报告里说明。",
                severity="info",
                label=name,
                figures=(clean(judged.indicator.target_text), old.text),
            )


def _plain_name(judged: Judged) -> str:
    return re.sub(r"20\d\d年(?:度)?|[的、,，()“”\"]", "", clean(judged.indicator.name.text))


def _reached_before(form: IndicatorForm, previous: Context) -> dict[str, Measure]:
    """What last year's form of the same kind, or project, reached by indicator; names that stand twice left out."""
    if form.kind == "overall":
        forms = list(previous.forms.overall)
    else:
        same = _same_project(form, previous)
        forms = [same] if same is not None else []
    rows = [judged for before in forms for judged in previous.judged(before) if not judged.shifted]
    names = [_plain_name(judged) for judged in rows]
    return {
        name: judged.judgement.actual
        for name, judged in zip(names, rows, strict=True)
        if names.count(name) == 1 and judged.judgement.actual.kind == "number"
    }


def _asks_less(judged: Judged, target: Measure, old: Measure) -> bool:
    """A count that is asked for at far less than it was reached; slightly less is usual, shares and times vary."""
    same = target.kind == "number" and target.dimension == old.dimension == "count"
    if not same or (target.unit, target.per) != (old.unit, old.per) or target.growth or old.growth:
        return False
    return judged.judgement.direction == "floor" and target.base < old.base * FAR_BELOW
