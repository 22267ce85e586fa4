"""Findings and the report: the one record type every rule yields and every renderer renders."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from . import patterns as re
from .forms.records import Forms, FormSummary, Kind, Unread
from .frames import frame
from .grid import Cell, Grid, Place
from .text import canonical, clean, plain, read_number

if TYPE_CHECKING:
    import pandas

Severity = Literal["error", "warning", "info"]
#: Another file that a rule may compare with: last year's.
Against = Literal["previous"]
Verdict = Literal["pass", "review", "incomplete", "fail", "unreadable"]
#: Why a rule was skipped: what it is about is not there, or was not due; what it needs is missing, or was not readable; it
#: was left out of the run, or switched off by the policy. Only ``missing`` and ``unread`` make gaps.
Why = Literal["absent", "not_due", "missing", "unread", "deselected", "policy"]
#: What became of a form that was due.
State = Literal["checked", "partly", "empty", "missing", "unread"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
SEVERITY_WORD: dict[Severity, str] = {"error": "错误", "warning": "核实", "info": "提示"}
#: In GBK and in every Chinese font, so that nothing prints as a box.
SEVERITY_SYMBOL: dict[Severity, str] = {"error": "×", "warning": "▲", "info": "●"}
#: As lists and legends show it.
SEVERITY_LEVEL: dict[Severity, str] = {
    name: f"{SEVERITY_SYMBOL[name]} {SEVERITY_WORD[name]}" for name in SEVERITIES
}
#: What every output calls the parts of a finding.
PART_WORD: dict[str, str] = {
    "expected": "应为",
    "actual": "实为",
    "difference": "差额",
    "explain": "为什么",
    "suggestion": "怎么改",
    "related": "相关",
    "basis": "依据",
    "accepted": "说明",
}
#: What findings are that a 说明 settles, what is said of one that counts although it has one, and of sheets passed over.
SETTLED_WORD, STILL_COUNTS = "已说明", "（错误，仍然计数）"
SETTLED_HEADING, UNREAD_HEADING = "已说明、不再计数的", "没有当作自评表检查的"
#: The families of rules (PE1xx to PE9xx), in the order of their codes; a bureau's own rules come last.
FAMILY_WORD: dict[str, str] = {
    "totals": "表内合计",
    "rates": "比率",
    "scores": "分值与得分",
    "targets": "指标值与完成值",
    "cross": "表与表之间",
    "narrative": "报告文字",
    "completeness": "填写是否完整",
    "reading": "读取",
    "bureau": "审核公式",
}
VERDICT_WORD: dict[Verdict, str] = {
    "pass": "通过",
    "review": "需核实",
    "incomplete": "未查全",
    "fail": "不通过",
    "unreadable": "无法检查",
}
SCHEMA = "perfeval-xl/report/2"


@dataclass(frozen=True, slots=True)
class Fix:
    """A cell and what would mend a finding there: a figure in the cell's own unit, the exact rate in per cent, or a word.

    ``computed`` says that the cell states what others give (a rate, a total, a score that follows from figures), so that
    recomputing may write it; everything else is changed by a clerk's choice only, which is asked for where the proposal is
    ``sure``; ``confidence`` says how likely it is.
    """

    place: Place
    value: Decimal | str
    kind: Literal["figure", "rate", "word"] = "figure"
    computed: bool = False
    sure: bool = False
    confidence: Literal["high", "medium", "low"] = "medium"


@dataclass(frozen=True, slots=True)
class Finding:
    """One anomaly: where it is, what is wrong, what it should be, why, and what to do.

    ``place`` is the cell a clerk should look at first (``None`` for one about the file); ``row_label`` names
    the row in the clerk's own words and, with ``figures``, keeps the fingerprint free of addresses. ``fixes`` are the
    cells to change, where one is likely enough the wrong one. ``uncalculated`` says that nothing is wrong but that formulas
    have no stored result yet. ``difference`` is by how much ``actual`` is off; ``order`` is
    the place in the order to work in (from 1), ``group`` is equal for findings of one kind that one sentence can say;
    ``mends`` is how many failures are gone once it is mended; ``former`` is the fingerprint it had before.
    """

    rule: str
    family: str
    severity: Severity
    place: Place | None
    title: str
    message: str
    related: tuple[Place, ...] = ()
    expected: str | None = None
    actual: str | None = None
    explain: str | None = None
    basis: str = ""
    suggestion: str | None = None
    form: str = ""
    row_label: str = ""
    figures: tuple[str, ...] = ()
    fingerprint: str = ""
    former: str = field(default="", repr=False)
    accepted: str | None = None
    acceptable: bool = True
    fixes: tuple[Fix, ...] = ()
    uncalculated: bool = field(default=False, repr=False)
    difference: str | None = None
    order: int = 0
    group: str = ""
    mends: int = 1

    @property
    def open(self) -> bool:
        """Still counts: not accepted, or of a kind that no 说明 settles."""
        return self.accepted is None or not self.acceptable

    def near(self, place: Place) -> str:
        """A related cell, named without its sheet where that is the finding's own."""
        return place.cell if self.place is not None and place.sheet == self.place.sheet else str(place)


def keyed(parts: Iterable[str], ordinal: int) -> str:
    """The fingerprint of a finding by what it rests on; equal ones within one workbook are told apart by their ordinal, so
    that inserted rows change nothing."""
    return _hashed((*parts, str(ordinal)))


def rests_on(finding: Finding, look: Callable[[Place], Cell | None]) -> tuple[str, ...]:
    """What a finding is known again by: rule, form, row label, and the values of the cells it rests on, never an address.

    ``look`` gives the cell of a place. What a cell holds counts, not how it is shown; of a text its figures. Of the figures the
    finding itself names those count that no cell holds: quoted from a text, or in words.
    """
    places = dict.fromkeys((finding.place, *finding.related))
    cells = [cell for place in places if place is not None and (cell := look(place)) is not None]
    held = {clean(cell.text): canonical(cell.value) for cell in cells if isinstance(cell.value, Decimal)}
    quoted = finding.place is not None and _is_prose(look(finding.place))
    named = [_with_values(text, held) for text in finding.figures]
    return (
        finding.rule,
        clean(finding.form),
        _with_values(finding.row_label, {}),
        *sorted(map(_held, cells)),  # in whatever order the sheets stand
        *(text for text in named if quoted or not _FIGURE.fullmatch(text)),
    )


def former_fingerprint(finding: Finding, ordinal: int) -> str:
    """The key that findings had up to version 0.1: of the text shown. A 说明 given under it holds for two releases."""
    return _hashed((finding.rule, finding.form, finding.row_label, *finding.figures, str(ordinal)))


def _hashed(parts: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


#: A longer text is prose: what a finding rests on there is what it quotes.
_PROSE = 60
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def _is_prose(cell: Cell | None) -> bool:
    return cell is not None and len(clean(cell.text)) > _PROSE


def _held(cell: Cell) -> str:
    """What a cell holds, of a short text its figures."""
    if isinstance(cell.value, Decimal):
        return canonical(cell.value)
    number = read_number(cell.text)
    if number is not None:
        return canonical(number.value.scaleb(-2) if number.percent else number.value)
    return "" if _is_prose(cell) else " ".join(map(_plain_number, _NUMBER.findall(clean(cell.text))))


def _plain_number(text: str) -> str:
    return canonical(Decimal(text.replace(",", "")))


def _with_values(text: str, held: Mapping[str, str]) -> str:
    """A text with what cells show replaced by what they hold, and every other figure without needless zeros."""
    text = clean(text).replace("¥", "")
    if text and text in held:
        return held[text]
    there = sorted((one for one in held if one and one in text), key=len, reverse=True)
    shown = [rf"(?<![\d.]){re.escape(one)}(?![\d.])" for one in there]
    return re.sub(
        "|".join((*shown, _NUMBER.pattern)), lambda match: held.get(match[0]) or _plain_number(match[0]), text
    )


@dataclass(frozen=True, slots=True)
class Skipped:
    """A rule that could not be checked on a form, with the reason; ``against`` is the other file it compares with, ``file``
    as of ``Place``."""

    rule: str
    sheet: str
    reason: str
    why: Why = "absent"
    against: Against | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A form that was due: its kind, for a project its ``name``, what became of it, and why it was not checked whole."""

    form: Kind
    name: str | None
    state: State
    sheet: str | None = None
    reason: str | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that was due and was not checked: a whole form (``cell`` None, ``sheet`` None where there is none) or a
    cell; ``rules`` are those that could not be checked for it."""

    sheet: str | None
    cell: str | None
    reason: str
    rules: tuple[str, ...] = ()
    file: str | None = None


@dataclass(frozen=True, slots=True)
class CellCounts:
    """Of the cells that had to be filled in: how many were filled, and how many of these could be read."""

    due: int = 0
    filled: int = 0
    read: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was due, what was not checked of it, and how many cells that were."""

    due: tuple[Due, ...] = ()
    gaps: tuple[Gap, ...] = ()
    cells: CellCounts = CellCounts()


@dataclass(frozen=True, slots=True)
class RuleBook:
    """A bureau's own rules that took part in a check: id, title, SHA-256 of what they were read from."""

    id: str
    title: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Report:
    """The result of checking one submission; renderers only render it.

    ``papers`` are other papers of the cycle, named and not checked; ``files`` are its files where there are several, and
    ``sheets`` for every sheet its file and how that calls it; ``read`` are the sheets as the file holds them, ``grids`` with
    what its texts will say; ``lapsed`` are written 说明, with their fingerprints, that no finding answers to any more; ``reason`` says why it could not be checked, or not whole
    (rules were left out); ``done`` are the fingerprints that were ticked as done in the list.
    """

    workbook: str
    version: str
    policy_id: str
    policy_title: str
    unit: str | None
    year: int | None
    summaries: tuple[FormSummary, ...]
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    unread: tuple[Unread, ...]
    checked: int
    forms: Forms
    grids: tuple[Grid, ...] = field(default=(), repr=False)
    coverage: Coverage = Coverage()
    rules: tuple[RuleBook, ...] = ()
    files: tuple[str, ...] = ()
    reason: str | None = None
    papers: tuple[FormSummary, ...] = ()
    sheets: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    read: tuple[Grid, ...] = field(default=(), repr=False)
    lapsed: tuple[tuple[str, str], ...] = ()
    done: frozenset[str] = frozenset()

    @property
    def verdict(self) -> Verdict:
        if not self.summaries:
            return "unreadable"
        severities = {finding.severity for finding in self.findings if finding.open}
        if "error" in severities:
            return "fail"
        if self.coverage.gaps or self.reason is not None:
            return "incomplete"
        return "review" if "warning" in severities else "pass"

    @property
    def unchecked(self) -> tuple[Skipped, ...]:
        """The skipped rules less those that nobody asked for."""
        return tuple(skip for skip in self.skipped if skip.why not in ("deselected", "policy"))

    def count(self, severity: Severity) -> int:
        """Open findings of one severity."""
        return sum(1 for finding in self.findings if finding.severity == severity and finding.open)

    @property
    def accepted(self) -> int:
        return sum(1 for finding in self.findings if not finding.open)

    def to_dict(self) -> dict[str, Any]:
        """The report as ``--format json`` gives it (report/2), as plain dicts and lists."""
        return to_dict(self)

    def to_json(self, indent: int | None = 2) -> str:
        """``to_dict`` as text; on one line where ``indent`` is None."""
        return to_json(self, indent)

    def to_frame(self) -> pandas.DataFrame:
        """The findings as a pandas DataFrame, one row each (needs the ``pandas`` extra)."""

        return findings_frame(self)


def by_place(findings: Iterable[Finding], sheets: Iterable[str]) -> list[Finding]:
    """Findings in the order of the workbook: sheet, severity's cell row, column, rule; the file's own first."""
    order = {sheet: index for index, sheet in enumerate(sheets)}

    def key(finding: Finding) -> tuple[int, int, int, str]:
        if finding.place is None:
            return (-1, 0, 0, finding.rule)
        place = finding.place
        return (order.get(place.sheet, len(order)), place.row, place.column, finding.rule)

    return sorted(findings, key=key)


_FIGURE = re.compile(r"(-?\d+(?:\.\d+)?)([^\d.]*)")


def difference(expected: str | None, actual: str | None) -> str | None:
    """By how much a figure is off what it should be, in its own unit; None where either says more than one figure."""
    first, second = _FIGURE.fullmatch(expected or ""), _FIGURE.fullmatch(actual or "")
    if first is None or second is None or first[2] != second[2]:
        return None
    return plain(abs(Decimal(first[1]) - Decimal(second[1]))) + first[2]


def in_working_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings, left where they are, with their ``order`` and ``group``: errors before warnings before infos, in each
    what mends most first, then what most forms have a part in, else as they stand."""

    def urgency(index: int) -> tuple[int, int, int, int]:
        finding = findings[index]
        return SEVERITIES.index(finding.severity), -finding.mends, -_forms_touched(finding), index

    rank = {index: order for order, index in enumerate(sorted(range(len(findings)), key=urgency), 1)}
    return tuple(
        replace(finding, order=rank[index], group=f"{finding.rule}/{finding.severity}")
        for index, finding in enumerate(findings)
    )


def _forms_touched(finding: Finding) -> int:
    return len(
        {(place.file, place.sheet) for place in (finding.place, *finding.related) if place is not None}
    )


FINDING_COLUMNS = (
    "rule", "family", "severity", "sheet", "cell", "title", "message", "expected", "actual", "explain", "basis",
    "suggestion", "related", "fingerprint", "accepted",
)  # fmt: skip


def findings_frame(report: Report) -> pandas.DataFrame:
    """One row a finding; ``related`` is a text of cells."""
    return frame(
        (
            {
                **{name: getattr(finding, name) for name in FINDING_COLUMNS if hasattr(finding, name)},
                "sheet": finding.place.sheet if finding.place is not None else None,
                "cell": finding.place.cell if finding.place is not None else None,
                "related": ", ".join(str(place) for place in finding.related),
            }
            for finding in report.findings
        ),
        FINDING_COLUMNS,
    )


# -- as JSON: the contract ``perfeval-xl/report/2`` (report/report-2.schema.json) --------------------------------


#: A sheet's name and its file.
Where = tuple[str, str | None]
_Listed = TypeVar("_Listed", FormSummary, Skipped, Unread, Due, Gap)


def relocated(report: Report, at: Callable[[str, str | None], Where]) -> Report:
    """The report with every sheet's name and file as ``at`` gives them for those it has now; what is on no sheet stays."""

    def placed(place: Place) -> Place:
        sheet, file = at(place.sheet, place.file)
        return replace(place, sheet=sheet, file=file)

    def found(finding: Finding) -> Finding:
        return replace(
            finding,
            place=None if finding.place is None else placed(finding.place),
            related=tuple(map(placed, finding.related)),
            fixes=tuple(replace(fix, place=placed(fix.place)) for fix in finding.fixes),
        )

    def listed(one: _Listed) -> _Listed:
        if one.sheet is None:
            return one
        sheet, file = at(one.sheet, one.file)
        return replace(one, sheet=sheet, file=file)

    coverage = report.coverage
    return replace(
        report,
        findings=tuple(map(found, report.findings)),
        summaries=tuple(map(listed, report.summaries)),
        papers=tuple(map(listed, report.papers)),
        skipped=tuple(map(listed, report.skipped)),
        unread=tuple(map(listed, report.unread)),
        coverage=replace(
            coverage, due=tuple(map(listed, coverage.due)), gaps=tuple(map(listed, coverage.gaps))
        ),
    )


def as_named_in_files(report: Report) -> Report:
    """The report with every sheet by the name it has in its own file."""
    if all(sheet == name for sheet, (_, name) in report.sheets.items()):
        return report

    own = {sheet: name for sheet, (_, name) in report.sheets.items()}
    return relocated(report, lambda sheet, file: (own.get(sheet, sheet), file))


def to_dict(report: Report) -> dict[str, Any]:
    """The contract's object; counts of severities are of open findings."""
    report = as_named_in_files(report)
    return {
        "schema": SCHEMA,
        "tool": {"name": "perfeval-xl", "version": report.version},
        "policy": {"id": report.policy_id, "title": report.policy_title},
        "rules": [{"id": book.id, "title": book.title, "sha256": book.sha256} for book in report.rules],
        "verdict": report.verdict,
        "reason": report.reason,
        "workbook": report.workbook,
        "files": list(report.files or (report.workbook,)),
        "unit": report.unit,
        "year": report.year,
        "forms": [
            {
                "kind": form.kind,
                "file": form.file,
                "sheet": form.sheet,
                "range": form.range,
                "title": form.title,
            }
            for form in (*report.summaries, *report.papers)
        ],
        "coverage": _coverage(report.coverage, report),
        "summary": {
            **{severity: report.count(severity) for severity in SEVERITIES},
            "checked": report.checked,
            "skipped": len(report.skipped),
            "accepted": report.accepted,
        },
        "findings": [finding_dict(finding) for finding in report.findings],
        "skipped": [
            {
                "rule": skip.rule,
                "file": skip.file,
                "sheet": skip.sheet,
                "reason": skip.reason,
                "why": skip.why,
            }
            for skip in report.skipped
        ],
        "unread": [
            {"file": unread.file, "sheet": unread.sheet, "reason": unread.reason} for unread in report.unread
        ],
    }


def _coverage(coverage: Coverage, report: Report) -> dict[str, Any]:
    return {
        "due": [
            {
                "form": due.form,
                "name": due.name,
                "state": due.state,
                "file": due.file,
                "sheet": due.sheet,
                "reason": due.reason,
            }
            for due in coverage.due
        ],
        "cells": {
            "due": coverage.cells.due,
            "filled": coverage.cells.filled,
            "read": coverage.cells.read,
        },
        "rules": {"checked": report.checked, "skipped": len(report.skipped)},
        "gaps": [
            {
                "file": gap.file,
                "sheet": gap.sheet,
                "cell": gap.cell,
                "reason": gap.reason,
                "rules": list(gap.rules),
            }
            for gap in coverage.gaps
        ],
    }


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "sheet": place.sheet, "cell": place.cell}


def _fix(fix: Fix) -> dict[str, Any]:
    value = fix.value if isinstance(fix.value, str) else plain(fix.value)
    return {**_place(fix.place), "value": value, "confidence": fix.confidence}


def finding_dict(finding: Finding) -> dict[str, Any]:
    """A finding as report/2 has it."""
    place = finding.place
    return {
        "rule": finding.rule,
        "family": finding.family,
        "severity": finding.severity,
        "file": place.file if place is not None else None,
        "sheet": place.sheet if place is not None else None,
        "cell": place.cell if place is not None else None,
        "related": [_place(other) for other in finding.related],
        "title": finding.title,
        "message": finding.message,
        "expected": finding.expected,
        "actual": finding.actual,
        "difference": finding.difference,
        "explain": finding.explain,
        "basis": finding.basis,
        "suggestion": finding.suggestion,
        "fix": [_fix(fix) for fix in finding.fixes],
        "order": finding.order,
        "group": finding.group,
        "fingerprint": finding.fingerprint,
        "accepted": None if finding.accepted is None else {"reason": finding.accepted},
    }


def to_json(report: Report, indent: int | None = 2) -> str:
    """The object as text; one line where ``indent`` is None."""
    return json.dumps(to_dict(report), ensure_ascii=False, indent=indent)
