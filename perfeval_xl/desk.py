"""The finance bureau's desk: what one submission gave, and the rows that summaries are made of. Records only.

A *submission* is what one unit hands in, a *round* what lay on the desk at one time. Amounts are in 万元, scores in 分, rates in
per cent; every figure is a ``Decimal`` as the form states it, None where the form does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal

from .findings import Severity, State, Verdict
from .records import dataclass, field

#: What reviewers compare: of 附件2, and of every 附件3.
FigureKind = Literal["budget", "executed", "execution_rate", "score", "score_due", "satisfaction"]
FIGURE_WORD: Mapping[FigureKind, str] = {
    "budget": "全年预算数",
    "executed": "全年执行数",
    "execution_rate": "执行率",
    "score": "自评得分",
    "score_due": "应得分",
    "satisfaction": "满意度",
}
FIGURE_UNIT: Mapping[FigureKind, str] = {
    "budget": "万元",
    "executed": "万元",
    "execution_rate": "%",
    "score": "分",
    "score_due": "分",
    "satisfaction": "%",
}
#: What is made of a submission beside its result.
MadeKind = Literal["marked", "audit", "notice"]
MADE_WORD: Mapping[MadeKind, str] = {"marked": "标注副本", "audit": "审核报告", "notice": "退回通知"}
#: How a submission ended: by its own content, or because its process died or never answered. The latter may have had
#: another cause than the files, so the next run tries again.
Ending = Literal["examined", "died", "hung"]


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A file of a submission: its name there, the SHA-256 of its bytes and their number (both empty for one that cannot be
    opened)."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure to compare: ``form`` is "overall" or "project", ``project`` its name ("" for 附件2)."""

    kind: FigureKind
    form: str
    project: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """An indicator as it was filled in; ``due`` is the score that follows from target and actual, None where it is a matter of
    degree; ``ratio`` is completion (1 = reached)."""

    form: str
    project: str
    level1: str
    level2: str
    name: str
    target: str
    actual: str
    weight: Decimal | None
    score: Decimal | None
    due: Decimal | None
    ratio: Decimal | None


@dataclass(frozen=True, slots=True)
class SheetText:
    """What a sheet of a submission shows: texts by 1-based row and column; what its forms call their rows."""

    file: str | None
    sheet: str
    cells: Mapping[tuple[int, int], str]
    labels: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was made of a submission: under which folder of the output it belongs, and its bytes."""

    kind: MadeKind
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that checking one submission gave, without the workbook itself.

    ``key`` is the hash of what went in (files, policy, rule books, limits, version); ``report`` the report/2 object as one line of JSON;
    ``headline`` what was not checked, in one line; ``fault`` the traceback of an error of ours, "" where there was none.
    """

    key: str
    submission: str
    ending: Ending
    verdict: Verdict
    headline: str
    report: str
    settled: frozenset[int] = frozenset()
    """Which of the report's findings, by their position, a 说明 has settled."""
    rows: tuple[tuple[str, str], ...] = ()
    """Of each of the report's findings the form and the label of the row it is about."""
    files: tuple[HandedIn, ...] = ()
    figures: tuple[Figure, ...] = ()
    indicators: tuple[IndicatorRow, ...] = ()
    sheets: bytes = b""
    """``SheetText`` records, packed (``runs.desk.cells``)."""
    made: tuple[Made, ...] = ()
    notes: tuple[str, ...] = ()
    fault: str = ""


# -- rows of the summaries ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round: its number on this desk (from 1), when it began and ended (UTC, ISO; "" while it is under way), under which policy
    ("" where each workbook names its own) and version."""

    id: int
    number: int
    started: str
    finished: str
    policy: str
    version: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding of a unit: the fields of report/2, with the submission and the unit it belongs to."""

    submission: str
    unit: str
    position: int
    rule: str
    family: str
    severity: Severity
    file: str | None
    sheet: str | None
    cell: str | None
    title: str
    message: str
    expected: str | None
    actual: str | None
    difference: str | None
    explain: str | None
    basis: str
    suggestion: str | None
    order: int
    group: str
    fingerprint: str
    accepted: str | None
    open: bool
    form: str = ""
    row_label: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A submission against the same unit's in the last round it was in (its number, the ``key`` of the result there, the verdict): the open findings mended, left and
    new, those whose 说明 no longer holds because the figures changed, and those gone that nothing checked any more."""

    round: int
    key: str
    verdict: Verdict
    mended: tuple[FindingRow, ...]
    left: tuple[FindingRow, ...]
    new: tuple[FindingRow, ...]
    lapsed: tuple[FindingRow, ...]
    unchecked: tuple[FindingRow, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A submission of a round. ``unit`` is the unit it names, else the submission's name; ``year`` the year it is about.

    ``forms`` are the kinds of forms that were read, ``missing`` what is due and is not there, in words; ``first`` is the open finding to
    mend first; ``figures`` are those of 附件2; ``made`` are the paths of what was made of it, relative to the output;
    ``same_unit`` and ``same_files`` the first other submissions of the round by the same unit, or with the very same files;
    ``reason`` says why it could not be read.
    """

    position: int
    submission: str
    unit: str
    year: int | None
    key: str
    verdict: Verdict
    headline: str
    reason: str | None
    policy: str
    files: tuple[str, ...]
    forms: tuple[str, ...]
    missing: tuple[str, ...]
    errors: int
    warnings: int
    infos: int
    accepted: int
    first: FindingRow | None
    figures: Mapping[FigureKind, Decimal]
    projects: int
    made: Mapping[MadeKind, tuple[str, ...]]
    same_unit: tuple[str, ...]
    same_files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MissingForm:
    """A form that was due and is not there, is empty, or could not be read: its word (附件1), for a project its name, what became of
    it and why."""

    submission: str
    unit: str
    form: str
    project: str | None
    state: State
    reason: str


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often a rule spoke in a round: open findings and the submissions they are in; ``title`` as the rule has it."""

    rule: str
    family: str
    severity: Severity
    title: str
    findings: int
    submissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure of a submission."""

    submission: str
    unit: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class UnitIndicator:
    """An indicator of a submission."""

    submission: str
    unit: str
    indicator: IndicatorRow


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that was found and not checked, with the reason in Chinese."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnitChange:
    """What a line about a submission and the last round says: its ``position`` and unit, the verdicts then and now, how many findings were
    mended, are left, are new, how many 说明 no longer hold, how many findings are gone unchecked, and of those that are left and new the ones to mend first."""

    position: int
    unit: str
    before: Verdict
    now: Verdict
    mended: int
    left: int
    new: int
    lapsed: int
    unchecked: int
    first_left: FindingRow | None
    first_new: FindingRow | None

    @classmethod
    def of(cls, unit: UnitRow, change: Change) -> UnitChange:
        """The line of a submission."""
        return cls(
            unit.position, unit.unit, change.verdict, unit.verdict,
            len(change.mended), len(change.left), len(change.new), len(change.lapsed), len(change.unchecked),
            next(iter(change.left), None), next(iter(change.new), None),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RoundSummary:
    """All that the summaries of a round show, in the order of its submissions. What there is much of is asked for whenever it is
    iterated, and never stands in memory at once. ``findings`` are those of a submission behind each other, in the order to work in."""

    round: RoundRow
    verdicts: Mapping[Verdict, int]
    units: Iterable[UnitRow]
    findings: Iterable[FindingRow]
    rules: tuple[RuleCount, ...]
    missing: Iterable[MissingForm]
    indicators: Iterable[UnitIndicator]
    changes: tuple[UnitChange, ...]
    not_handed_in: tuple[str, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def count(self) -> int:
        """How many submissions there are."""
        return sum(self.verdicts.values())
