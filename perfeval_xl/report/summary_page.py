"""汇总.html: a round of submissions on one self-contained page: who passed, who lacks what, where the faults lie, what stands out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from importlib.resources import files
from statistics import median

from perfeval_xl.desk import FindingRow, RoundSummary, UnitIndicator, UnitRow
from perfeval_xl.findings import FAMILY_WORD, SEVERITIES, SEVERITY_WORD, VERDICT_WORD
from perfeval_xl.records import dataclass
from perfeval_xl.text import clean, plain

from .drawing import SYMBOLS
from .plain import harmless
from .summary_workbook import first_line

#: So many findings of a unit are listed on the page; the workbook and the marked copy have all of them.
_MOST_FINDINGS = 8
_MOST_KINDS, _MOST_UNITS, _MOST_OUTLIERS = 15, 12, 40
#: An indicator is compared over at least so many units; beyond these multiples of the median it stands out.
_COMPARED, _LOW, _HIGH = 5, Decimal("0.5"), Decimal(2)
_FULL, _SLOW = Decimal("99.5"), Decimal(80)
_BINS = 10
_SHADES = (1, 2, 4, 8, 16)


@dataclass(frozen=True, slots=True)
class Heat:
    """A square of the heat map: how many open findings a unit has in a family, and how dark it is (0 to 5)."""

    count: int
    shade: int


@dataclass(frozen=True, slots=True)
class ShownUnit:
    """A unit as the page shows it."""

    row: UnitRow
    words: str
    heats: tuple[Heat, ...]
    findings: tuple[FindingRow, ...]
    more: int
    search: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a distribution: from, to (the last one included), how many, its height in per cent of the highest."""

    low: str
    high: str
    count: int
    height: int


@dataclass(frozen=True, slots=True)
class Distribution:
    title: str
    bars: tuple[Bar, ...]
    counted: int


@dataclass(frozen=True, slots=True)
class Outlier:
    """Something that stands out: the submission, and why in one line."""

    position: int
    unit: str
    why: str


def summary_page(summary: RoundSummary) -> str:
    """The page. Text of checked files is escaped; nothing is loaded from anywhere."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["harmless"] = harmless
    source = files("perfeval_xl.report").joinpath("templates/summary.html.j2").read_text(encoding="utf-8")
    families = [
        name for name in FAMILY_WORD if any(one.open and one.family == name for one in summary.findings)
    ]
    families += sorted({one.family for one in summary.findings if one.open} - set(families))
    return environment.from_string(source).render(
        summary=summary,
        verdicts=[
            (verdict, word, count)
            for verdict, word in VERDICT_WORD.items()
            if (count := sum(unit.verdict == verdict for unit in summary.units))
        ],
        families=[(name, FAMILY_WORD.get(name, name)) for name in families],
        units=tuple(_shown(summary, families)),
        kinds=[(one, one.submissions[:_MOST_UNITS]) for one in summary.rules[:_MOST_KINDS]],
        distributions=[one for one in distributions(summary.units) if one.counted],
        outliers=outliers(summary),
        lacking=[
            unit for unit in summary.units if unit.missing or unit.verdict in ("incomplete", "unreadable")
        ],
        positions={unit.submission: unit.position for unit in summary.units},
        first_line=first_line,
        symbols=SYMBOLS,
        severity_words=SEVERITY_WORD,
        verdict_words=VERDICT_WORD,
        plain=plain,
    )


def _shown(summary: RoundSummary, families: Sequence[str]) -> Iterable[ShownUnit]:
    by_unit: dict[str, list[FindingRow]] = {}
    for finding in summary.findings:
        if finding.open:
            by_unit.setdefault(finding.submission, []).append(finding)
    for unit in summary.units:
        rows = sorted(
            by_unit.get(unit.submission, []), key=lambda one: (SEVERITIES.index(one.severity), one.order)
        )
        heats = tuple(Heat(count, _shade(count)) for count in (_count(rows, name) for name in families))
        words = VERDICT_WORD[unit.verdict]
        search = clean(f"{unit.unit} {unit.submission} {words} {' '.join(unit.missing)}").lower()
        yield ShownUnit(
            unit, words, heats, tuple(rows[:_MOST_FINDINGS]), max(0, len(rows) - _MOST_FINDINGS), search
        )


def _shade(count: int) -> int:
    """Of a square of the heat map: a few more are seen to be more, however many the worst unit has."""
    return sum(count >= least for least in _SHADES)


def _count(rows: Iterable[FindingRow], family: str) -> int:
    return sum(row.family == family and row.severity != "info" for row in rows)


# -- figures --------------------------------------------------------------------------------------------------


def distributions(units: Sequence[UnitRow]) -> tuple[Distribution, ...]:
    """How scores and execution rates of 附件2 are spread, in tens; what lies outside stands in the end bars."""
    scores = [value for unit in units if (value := unit.figures.get("score")) is not None]
    rates = [value for unit in units if (value := unit.figures.get("execution_rate")) is not None]
    return (_spread("自评得分", scores), _spread("预算执行率（%）", rates))


def _spread(title: str, values: Sequence[Decimal]) -> Distribution:
    counts = [0] * _BINS
    for value in values:
        counts[min(_BINS - 1, max(0, int(value // 10)))] += 1
    most = max(counts, default=0) or 1
    bars = tuple(
        Bar(str(10 * at), str(10 * at + 10), count, round(100 * count / most))
        for at, count in enumerate(counts)
    )
    return Distribution(title, bars, len(values))


def outliers(summary: RoundSummary) -> tuple[Outlier, ...]:
    """Full marks beside money that was not spent; satisfaction of all 100; indicators far from what other units state."""
    positions = {unit.submission: unit.position for unit in summary.units}
    found = [one for unit in summary.units for one in _of_unit(unit)]
    by_name: dict[str, list[UnitIndicator]] = {}
    for one in summary.indicators:
        if one.indicator.ratio is not None and one.indicator.name:
            by_name.setdefault(clean(one.indicator.name), []).append(one)
    for name, rows in by_name.items():
        ratios = [row.indicator.ratio for row in rows if row.indicator.ratio is not None]
        if len({row.submission for row in rows}) < _COMPARED or not (middle := median(ratios)):
            continue
        for row in rows:
            ratio = row.indicator.ratio
            assert ratio is not None
            if not _LOW <= ratio / middle <= _HIGH:
                why = f"“{name}”完成 {_percent(ratio)}，{len(rows)} 处同名指标的中位数是 {_percent(middle)}"
                found.append(Outlier(positions.get(row.submission, 0), row.unit, why))
    return tuple(found[:_MOST_OUTLIERS])


def _of_unit(unit: UnitRow) -> Iterable[Outlier]:
    score, rate, due = (unit.figures.get(kind) for kind in ("score", "execution_rate", "score_due"))
    if score is not None and rate is not None and score >= _FULL and rate < _SLOW:
        yield Outlier(unit.position, unit.unit, f"自评 {plain(score)} 分，预算只执行了 {plain(rate)}%")
    if score is not None and due is not None and score - due >= 5:
        yield Outlier(unit.position, unit.unit, f"自评 {plain(score)} 分，按填报的数应得 {plain(due)} 分")


def _percent(ratio: Decimal) -> str:
    return f"{plain((ratio * 100).quantize(Decimal('0.1')))}%"
