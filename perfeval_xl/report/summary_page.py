"""汇总.html: a round of submissions on one self-contained page: who lacks what, who failed, where the faults lie, what stands out, and
every unit.

A reviewer's first screen is the same for fifty units and for a thousand: counts, and the few that need a hand first; the table of all
comes last. The page is given in pieces, and what it rests on is read as it is written.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from importlib.resources import files
from itertools import groupby, islice

from perfeval_xl.desk import MADE_WORD, FindingRow, RoundSummary, UnitChange, UnitIndicator, UnitRow
from perfeval_xl.findings import FAMILY_WORD, SEVERITIES, SEVERITY_WORD, VERDICT_WORD
from perfeval_xl.records import dataclass, field
from perfeval_xl.text import clean, plain

from .drawing import SYMBOLS
from .plain import harmless
from .summary_workbook import first_line

#: So many findings of a unit are listed on the page; the workbook and the marked copy have all of them.
_MOST_FINDINGS = 8
#: So many of a kind are named above the table of all units.
_NAMED, _MOST_NAMES, _MOST_CHANGES = 10, 40, 30
_MOST_KINDS, _MOST_UNITS, _MOST_OUTLIERS = 15, 12, 40
#: An indicator is compared over at least so many units; beyond these multiples of the median it stands out.
_COMPARED, _LOW, _HIGH = 5, Decimal("0.5"), Decimal(2)
#: Ratios are kept to four decimals.
_RATIO = Decimal(10_000)
_FULL, _SLOW = Decimal("99.5"), Decimal(80)
_BINS = 10
_SHADES = (1, 2, 4, 8, 16)
#: Pieces of a page that go out together.
_TOGETHER = 200


@dataclass(frozen=True, slots=True)
class ShownUnit:
    """A unit as the page shows it: the counts of the heat map, each family's with how dark it is (0 to 5), and the findings to mend first."""

    row: UnitRow
    heats: tuple[tuple[int, int], ...]
    findings: tuple[FindingRow, ...]
    more: int


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

    submission: str
    why: str


@dataclass(frozen=True, slots=True)
class Named:
    """A unit that is named somewhere on the page: its place in the table, and its name."""

    position: int
    unit: str


@dataclass
class Overview:
    """What stands above the table of all units: the first that lack something (and how many do), those with the most errors, the spread of
    scores and rates, what stands out, and the units that are named."""

    lacking: list[UnitRow] = field(default_factory=list)
    lack: int = 0
    worst: list[UnitRow] = field(default_factory=list)
    distributions: tuple[Distribution, ...] = ()
    outliers: list[Outlier] = field(default_factory=list)
    named: dict[str, Named] = field(default_factory=dict)


def summary_page(summary: RoundSummary) -> Iterator[str]:
    """The page, in pieces. Text of checked files is escaped; nothing is loaded from anywhere."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["harmless"] = harmless
    source = files("perfeval_xl.report").joinpath("templates/summary.html.j2").read_text(encoding="utf-8")
    families = _families(summary)
    stream = environment.from_string(
        source
    ).stream(
        summary=summary,
        verdicts=[
            (verdict, word, count)
            for verdict, word in reversed(VERDICT_WORD.items())  # what needs a hand first
            if (count := summary.verdicts.get(verdict))
        ],
        families=[(name, FAMILY_WORD.get(name, name)) for name in families],
        units=_shown(summary, families),
        kinds=[(one, one.submissions[:_MOST_UNITS]) for one in summary.rules[:_MOST_KINDS]],
        changes=_changed(summary.changes),
        not_handed_in=summary.not_handed_in[:_MOST_NAMES],
        overview=overview(summary),
        first_line=first_line,
        symbols=SYMBOLS,
        severity_words=SEVERITY_WORD,
        verdict_words=VERDICT_WORD,
        made_words=MADE_WORD,
        plain=plain,
    )
    stream.enable_buffering(_TOGETHER)
    return stream


def _families(summary: RoundSummary) -> list[str]:
    """The families that found something, in their order; those of a bureau's own behind."""
    found = {one.family for one in summary.rules}
    return [name for name in FAMILY_WORD if name in found] + sorted(found - set(FAMILY_WORD))


def _changed(changes: Sequence[UnitChange]) -> list[UnitChange]:
    """The submissions whose last round is worth a line: those where something new or a lapsed 说明 came first, then what was mended."""
    moved = [
        one
        for one in changes
        if one.mended or one.new or one.lapsed or one.unchecked or one.before != one.now
    ]
    return sorted(moved, key=lambda one: (-(one.new + one.lapsed), -one.mended, one.position))[:_MOST_CHANGES]


def _shown(summary: RoundSummary, families: Sequence[str]) -> Iterator[ShownUnit]:
    """Every unit with its findings: both come in the order of the submissions."""
    of_each = groupby(summary.findings, lambda one: one.submission)
    following = next(of_each, None)
    for unit in summary.units:
        rows: list[FindingRow] = []
        if following is not None and following[0] == unit.submission:
            rows = [one for one in following[1] if one.open]
            following = next(of_each, None)
        rows.sort(key=lambda one: (SEVERITIES.index(one.severity), one.order))
        counts = dict.fromkeys(families, 0)
        for one in rows:
            counts[one.family] += one.severity != "info"
        heats = tuple((count, _shade(count)) for count in counts.values())
        yield ShownUnit(unit, heats, tuple(rows[:_MOST_FINDINGS]), max(0, len(rows) - _MOST_FINDINGS))


def _shade(count: int) -> int:
    """Of a square of the heat map: a few more are seen to be more, however many the worst unit has."""
    return sum(count >= least for least in _SHADES)


# -- what stands above the table ------------------------------------------------------------------------------


def overview(summary: RoundSummary) -> Overview:
    """All of it, from one look at every unit, and two at every indicator."""
    found = Overview(outliers=list(islice(_of_indicators(summary.indicators), _MOST_OUTLIERS)))
    wanted = {name for rule in summary.rules[:_MOST_KINDS] for name in rule.submissions[:_MOST_UNITS]}
    wanted |= {one.submission for one in found.outliers}
    scores, rates = _Spread("自评得分"), _Spread("预算执行率（%）")
    worst: list[tuple[int, int, UnitRow]] = []
    own: list[Outlier] = []
    for unit in summary.units:
        scores.add(unit.figures.get("score"))
        rates.add(unit.figures.get("execution_rate"))
        if unit.missing or unit.verdict in ("incomplete", "unreadable"):
            found.lack += 1
            if len(found.lacking) < _NAMED:
                found.lacking.append(unit)
        if unit.errors:
            put = heapq.heappush if len(worst) < _NAMED else heapq.heappushpop
            put(worst, (unit.errors, -unit.position, unit))
        if len(own) < _MOST_OUTLIERS:
            told = list(_of_unit(unit))
            own += told
            wanted |= {unit.submission} if told else set()
        if unit.submission in wanted:
            found.named[unit.submission] = Named(unit.position, unit.unit)
    found.worst = [unit for *_, unit in sorted(worst, reverse=True)]
    found.distributions = (scores.done(), rates.done())
    found.outliers = [*own, *found.outliers][:_MOST_OUTLIERS]
    return found


class _Spread:
    """How figures are spread, in tens; what lies outside stands in the end bars."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._counts = [0] * _BINS

    def add(self, value: Decimal | None) -> None:
        if value is not None:
            self._counts[min(_BINS - 1, max(0, int(value // 10)))] += 1

    def done(self) -> Distribution:
        most = max(self._counts) or 1
        bars = tuple(
            Bar(str(10 * at), str(10 * at + 10), count, round(100 * count / most))
            for at, count in enumerate(self._counts)
        )
        return Distribution(self._title, bars, sum(self._counts))


def _of_unit(unit: UnitRow) -> Iterator[Outlier]:
    """Full marks beside money that was not spent; a score far above the one that follows."""
    score, rate, due = (unit.figures.get(kind) for kind in ("score", "execution_rate", "score_due"))
    if score is not None and rate is not None and score >= _FULL and rate < _SLOW:
        yield Outlier(unit.submission, f"自评 {plain(score)} 分，预算只执行了 {plain(rate)}%")
    if score is not None and due is not None and score - due >= 5:
        yield Outlier(unit.submission, f"自评 {plain(score)} 分，按填报的数应得 {plain(due)} 分")


@dataclass
class _Ratios:
    """The completions of all indicators of one name, in ten thousandths, and how many submissions have it."""

    ratios: array[int] = field(default_factory=lambda: array("q"))
    submissions: int = 0
    last: str | None = None

    @property
    def median(self) -> Decimal:
        ordered = sorted(self.ratios)
        half = len(ordered) // 2
        return Decimal(ordered[half] + ordered[~half]) / 2 / _RATIO


def _of_indicators(indicators: Iterable[UnitIndicator]) -> Iterator[Outlier]:
    """Indicators far from what other units state of the same."""
    by_name: dict[str, _Ratios] = {}
    for one in indicators:
        if one.indicator.ratio is not None and one.indicator.name and abs(one.indicator.ratio) < _MOST_RATIO:
            of_name = by_name.setdefault(clean(one.indicator.name), _Ratios())
            of_name.ratios.append(int(one.indicator.ratio * _RATIO))
            of_name.submissions += of_name.last != one.submission
            of_name.last = one.submission
    middles = {
        name: (middle, len(one.ratios))
        for name, one in by_name.items()
        if one.submissions >= _COMPARED and (middle := one.median)
    }
    for one in indicators if middles else ():
        ratio, name = one.indicator.ratio, one.indicator.name
        if ratio is None or (known := middles.get(clean(name))) is None:
            continue
        middle, count = known
        if not _LOW <= ratio / middle <= _HIGH:
            why = f"“{name}”完成 {_percent(ratio)}，{count} 处同名指标的中位数是 {_percent(middle)}"
            yield Outlier(one.submission, why)


#: No completion is larger; what is, was misread.
_MOST_RATIO = Decimal(10) ** 12


def _percent(ratio: Decimal) -> str:
    return f"{plain((ratio * 100).quantize(Decimal('0.1')))}%"
