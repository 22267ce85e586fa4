"""The figures of a submission that reviewers compare: money, execution, scores, satisfaction, and every indicator as filled in."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from perfeval_xl.desk import Figure, FigureKind, IndicatorRow
from perfeval_xl.equations import execution_due, per_cent, rounded
from perfeval_xl.findings import Report
from perfeval_xl.forms.records import Field, IndicatorForm
from perfeval_xl.policy import Execution, Policy
from perfeval_xl.rules.cells import factor, stated_total
from perfeval_xl.rules.context import Context, Judged
from perfeval_xl.text import one_line

_SATISFACTION = "满意"
_WHOLE = Decimal(100)
#: Outcomes whose due score follows from the figures.
_RECKONED = frozenset(("met", "exceeded", "not_met", "vacuous"))


def figures_of(report: Report, policy: Policy) -> tuple[tuple[Figure, ...], tuple[IndicatorRow, ...]]:
    """The figures of 附件2 and of every 附件3, and their indicators; ``policy`` is the one the report was made under."""
    context = Context(report.forms, policy, report.grids)
    figures: list[Figure] = []
    indicators: list[IndicatorRow] = []
    for form in (*report.forms.overall, *report.forms.projects):
        judged = context.judged(form)
        project = one_line(form.name) if form.kind == "project" else ""
        figures += [
            Figure(kind, form.kind, project, value)
            for kind, value in _figures(form, judged, policy.execution)
            if value is not None
        ]
        indicators += [_indicator(form.kind, project, one) for one in judged]
    return tuple(figures), tuple(indicators)


def _figures(
    form: IndicatorForm, judged: tuple[Judged, ...], execution: Execution
) -> Iterator[tuple[FigureKind, Decimal | None]]:
    budget, executed = _money(form, "budget"), _money(form, "executed")
    yield "budget", budget
    yield "executed", executed
    yield "execution_rate", None if not budget or executed is None else rounded(per_cent(executed, budget), 2)
    yield "score", _number(stated_total(form))
    yield "score_due", _due(form, judged, execution)
    yield (
        "satisfaction",
        min((rate for one in judged if (rate := _satisfaction(one)) is not None), default=None),
    )


def _number(field: Field | None) -> Decimal | None:
    return None if field is None else field.number


def _money(form: IndicatorForm, column: str) -> Decimal | None:
    """年度资金总额 in 万元."""
    number = _number(form.amount(column))
    return None if number is None else number * factor(form.money_unit)


def _due(form: IndicatorForm, judged: tuple[Judged, ...], execution: Execution) -> Decimal | None:
    """The total that follows: of an indicator in figures what its target and actual give, of one that is a matter of degree its own
    score, of the money what the rate gives. None where one of them is not known, or they are not worth 100 points together: then
    not all of them were read."""
    budget, executed, weight = (_number(form.amount(column)) for column in ("budget", "executed", "weight"))
    parts = [_due_of(one) for one in judged]
    weight = weight or execution.weight or None
    if weight is not None:
        parts.append(
            execution_due(execution.share(per_cent(executed, budget), weight), weight)
            if budget and executed is not None
            else None
        )
    known = [part for part in parts if part is not None]
    if sum((one.numbers[0] or Decimal(0) for one in judged), weight or Decimal(0)) != _WHOLE:
        return None
    return sum(known, Decimal(0)) if known and len(known) == len(parts) else None


def _due_of(judged: Judged) -> Decimal | None:
    weight, score = judged.numbers
    if judged.judgement.outcome in _RECKONED and not judged.shifted and judged.judgement.due is not None:
        return judged.judgement.due
    return None if weight is None or score is None else max(Decimal(0), min(score, weight))


def _satisfaction(judged: Judged) -> Decimal | None:
    """What a satisfaction indicator says was reached, in per cent."""
    indicator, actual = judged.indicator, judged.judgement.actual
    if _SATISFACTION not in f"{indicator.level1}{indicator.level2}{indicator.name.text}":
        return None
    if actual.dimension != "share" or actual.value is None:
        return None
    return actual.value * (actual.multiplier * actual.size)


def _indicator(form: str, project: str, judged: Judged) -> IndicatorRow:
    indicator = judged.indicator
    weight, score = judged.numbers
    ratio = judged.judgement.ratio
    return IndicatorRow(
        form=form,
        project=project,
        level1=one_line(indicator.level1),
        level2=one_line(indicator.level2),
        name=one_line(indicator.name.text),
        target=one_line(indicator.target_text),
        actual=one_line(indicator.actual_text),
        weight=weight,
        score=score,
        due=judged.judgement.due if not judged.shifted else None,
        ratio=None if ratio is None or judged.shifted else rounded(ratio, 4),
    )
