"""What the rules of targets share: the rows whose columns are in place, and a claim about one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from perfeval_xl import patterns as re
from perfeval_xl.findings import Severity
from perfeval_xl.forms.records import IndicatorForm, Kind
from perfeval_xl.grid import Place
from perfeval_xl.rules.cells import shown
from perfeval_xl.rules.context import Context, Judged
from perfeval_xl.rules.registry import Claim, Skip
from perfeval_xl.text import clean

BOTH: tuple[Kind, ...] = ("overall", "project")
NO_SCORES = Skip("没有分值或得分一栏")
#: Letters of a value or a reason that stands beside others in one sentence.
QUOTED = 24


def claim(
    judged: Judged,
    message: str,
    *,
    at: str = "actual",
    expected: str | None = None,
    actual: str | None = None,
    explain: str | None = None,
    suggestion: str | None = None,
    severity: Severity | None = None,
    related: Iterable[Place] = (),
) -> Claim:
    """A claim about an indicator row; ``at`` names the cell to look at (name, target, actual, score or reason)."""
    indicator = judged.indicator
    cells = {
        "name": indicator.name,
        "target": indicator.target,
        "actual": indicator.actual,
        "score": indicator.score,
        "reason": indicator.reason,
    }
    field = cells[at] or indicator.actual
    others = tuple(
        cell.place
        for key, cell in cells.items()
        if key in ("target", "actual", "score") and cell is not None and cell is not field
    )
    own = (indicator.extra["coefficient"].place,) if judged.coefficient is not None else ()
    score = shown(indicator.score) if indicator.score is not None else ""
    return Claim(
        field.place,
        f"“{indicator.name.text or '（无名称）'}”" + message,
        expected=expected,
        actual=shown(field) if actual is None else actual,
        explain=explain,
        suggestion=suggestion,
        related=(*others, *own, *related),
        uses=(indicator.target.place, indicator.actual.place, *judged.points, *own),
        severity=severity,
        label=indicator.name.text,
        figures=(indicator.target_text, indicator.actual_text, score),
    )


def rows_of(form: IndicatorForm, context: Context) -> Iterator[Judged]:
    """The rows whose columns are in place."""
    return (judged for judged in context.judged(form) if not judged.shifted)


def scored(form: IndicatorForm) -> bool:
    return {"weight", "score"} <= form.columns


#: 已完成100%, 完成率100%: how much of it was done, whatever was to be done.
_COMPLETION = re.compile(
    r"(?:已|均|全部|全面|目标|任务)*(?:完成|达成|实现)(?:率|度)?(?:为|达)?\d{1,3}(?:\.\d+)?%"
)


def told_as_completion(form: IndicatorForm, context: Context) -> tuple[Judged, ...]:
    """The rows answered by a completion rate in place of what was measured, of a form that answers most of them so."""
    rows = [judged for judged in rows_of(form, context) if judged.judgement.outcome != "blank"]
    told = tuple(judged for judged in rows if _is_completion(judged))
    return told if len(told) >= 3 and len(told) * 2 > len(rows) else ()


def _is_completion(judged: Judged) -> bool:
    if judged.judgement.outcome == "unit_mismatch":
        return "%" in judged.indicator.actual_text
    worded = _COMPLETION.fullmatch(clean(judged.indicator.actual_text)) is not None
    return worded and judged.judgement.target.dimension != "share"
