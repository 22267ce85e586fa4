"""The same unit's submission before and after it was sent back: which findings were mended, which are left, which are new, and which
cells were changed. Pure; the texts of cells are as the sheets show them.

Silence is never taken for mending: a finding that is gone because what it was about is gone, or was not checked, is *unchecked*.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Generic, TypeVar

from .aligning import Alignment, Labels, align
from .coverage import headline
from .desk import SheetText
from .findings import SEVERITIES, Finding, Report, Severity, Verdict, Why, finding_dict
from .forms.records import BasicForm, Field, Form, Forms, FundTable, IndicatorForm
from .grid import Place, a1
from .records import dataclass
from .text import clean, one_line, read_number

SCHEMA = "perfeval-xl/comparison/1"
#: Sheets of different names are the same where at least so much of what they say is.
_SAME_SHEET = 0.5

T = TypeVar("T")
Spot = tuple[int, int]
"""A 1-based row and column."""
Spotted = tuple[str | None, str, Spot]
"""A cell: file, sheet, spot."""
#: Why a rule was skipped that was not to be asked.
LEFT_OUT: Collection[Why] = ("deselected", "policy")


@dataclass(frozen=True, slots=True)
class State:
    """What one of the two files was found to be: its name, unit and year, the verdict, what was not checked in one line, the open
    findings by severity and the settled ones."""

    workbook: str
    unit: str | None
    year: int | None
    verdict: Verdict
    headline: str
    counts: Mapping[Severity, int]
    accepted: int


@dataclass(frozen=True, slots=True)
class Still:
    """A finding that was there and is there; ``changed`` says that the figures it rests on are others now."""

    before: Finding
    now: Finding

    @property
    def changed(self) -> bool:
        return self.before.fingerprint != self.now.fingerprint


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A 说明 that no longer holds, since the figures changed: the finding as it is now, and what was written."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that says something else: where it was, where its row stands now, the row's and the column's name, what it showed and
    shows. Of a row that was added or taken out there is a ``RowChange``."""

    before: Place
    now: Place
    row: str
    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that was added (``before`` None), taken out (``now`` None), or moved past others: its 1-based numbers, its name, and what it
    says in a line."""

    sheet: str
    before: int | None
    now: int | None
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Open findings that are ``mended``, ``left``, ``new``; ``explained`` by a 说明 that was given since; ``unchecked``: gone, but what
    they were about was not checked; ``lapsed`` 说明. ``cells`` and ``rows`` are what was changed in sheets that both files have;
    ``sheets_gone`` and ``sheets_come`` the others."""

    before: State
    now: State
    mended: tuple[Finding, ...]
    left: tuple[Still, ...]
    new: tuple[Finding, ...]
    explained: tuple[Finding, ...]
    unchecked: tuple[Finding, ...]
    lapsed: tuple[Lapsed, ...]
    cells: tuple[CellChange, ...]
    rows: tuple[RowChange, ...]
    sheets_gone: tuple[str, ...]
    sheets_come: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain dicts and lists (schema ``perfeval-xl/comparison/1``); findings are those of report/2."""
        return to_dict(self)


@dataclass(frozen=True)
class Sides:
    """Which sheet of the one is which of the other, and in these which row."""

    sheets: Mapping[tuple[str | None, str], tuple[str | None, str]]
    rows: Mapping[tuple[str | None, str], Alignment]

    def now(self, file: str | None, sheet: str, spot: Spot) -> tuple[str | None, str, Spot] | None:
        """Where a cell stands in the new submission; None where its row or sheet is no longer there."""
        other = self.sheets.get((file, sheet))
        row = self.rows[file, sheet].rows.get(spot[0]) if other is not None else None
        return None if other is None or row is None else (*other, (row, spot[1]))


# -- what is shared with the rounds of a desk -----------------------------------------------------------------------


def paired(
    old: Sequence[T], new: Sequence[T], *keys: tuple[Callable[[T], Hashable], Callable[[T], Hashable]]
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """What was there with what it is now, what is gone, and what was not there. ``keys`` are asked one after the other: each gives the
    key of an old one and of a new one; None is like nothing."""
    pairs: list[tuple[T, T]] = []
    for of_old, of_new in keys:
        more, old, new = _matched(old, new, of_old, of_new)
        pairs += more
    return pairs, list(old), list(new)


def _matched(
    old: Sequence[T], new: Sequence[T], of_old: Callable[[T], Hashable], of_new: Callable[[T], Hashable]
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    waiting: dict[Hashable, list[T]] = {}
    for one in old:
        waiting.setdefault(of_old(one), []).append(one)
    waiting.pop(None, None)
    pairs, come = [], []
    for one in new:
        kept = waiting.get(of_new(one))
        if kept:
            pairs.append((kept.pop(0), one))
        else:
            come.append(one)
    matched = {id(was) for was, _ in pairs}
    return pairs, [one for one in old if id(one) not in matched], come


@dataclass(frozen=True, slots=True)
class Known:
    """By what a finding is known again: fingerprint, rule, where it is (None where it is about the file) and what else it rests on; the
    ``label`` of its row where it has one."""

    fingerprint: str
    rule: str
    place: Spotted | None
    related: tuple[Spotted, ...] = ()
    label: Hashable = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a submission was checked for: whether it could be read, the sheets of its forms, what was not checked in which sheet
    (and cell), and the rules that were left out."""

    readable: bool
    sheets: frozenset[str]
    gaps: tuple[tuple[str | None, str | None, tuple[str, ...]], ...]
    left_out: frozenset[str]


@dataclass(frozen=True, slots=True)
class Became(Generic[T]):
    """What became of findings: those still there, each with what it is now; those gone because they were ``mended``, and those that nothing
    checked any more; those that were not there before."""

    still: tuple[tuple[T, T], ...]
    mended: tuple[T, ...]
    unchecked: tuple[T, ...]
    come: tuple[T, ...]


def became(
    old: Sequence[T], new: Sequence[T], known: Callable[[T], Known], seen: Seen, aside: Callable[[], Sides]
) -> Became[T]:
    """What became of the ``old`` findings of a submission. First the same fingerprint, then the same rule in the cell that it became, then
    in the row of the same label. ``aside`` lays both side by side, and is asked only where that is needed."""
    pairs, gone, come = paired(old, new, (_by_fingerprint(known), _by_fingerprint(known)))
    if not gone:
        return Became(tuple(pairs), (), (), tuple(come))
    there = aside()
    if come:
        more, gone, come = paired(
            gone, come,
            (lambda one: _now(known(one), there), lambda one: _here(known(one))),
            (lambda one: _labelled(known(one)), lambda one: _labelled(known(one))),
        )  # fmt: skip
        pairs += more
    mended = [_is_covered(known(one), seen, there) for one in gone]
    return Became(
        tuple(pairs),
        tuple(one for one, covered in zip(gone, mended, strict=True) if covered),
        tuple(one for one, covered in zip(gone, mended, strict=True) if not covered),
        tuple(come),
    )


def _by_fingerprint(known: Callable[[T], Known]) -> Callable[[T], Hashable]:
    return lambda one: known(one).fingerprint


def _now(one: Known, aside: Sides) -> Hashable:
    now = None if one.place is None else aside.now(*one.place)
    return None if now is None else (one.rule, now)


def _here(one: Known) -> Hashable:
    return None if one.place is None else (one.rule, one.place)


def _labelled(one: Known) -> Hashable:
    return None if one.label is None else (one.rule, one.label)


def _is_covered(one: Known, seen: Seen, aside: Sides) -> bool:
    """Whether a finding that is gone would have been found again."""
    if not seen.readable or one.rule in seen.left_out:
        return False
    if one.place is None:
        return True
    other = aside.sheets.get(one.place[:2])
    return (
        other is not None
        and other[1] in seen.sheets
        and not any(_in_a_gap(one.rule, place, seen, aside) for place in (one.place, *one.related))
    )


def _in_a_gap(rule: str, place: Spotted, seen: Seen, aside: Sides) -> bool:
    """What a rule needs of it is not there any more, or cannot be read."""
    other = aside.sheets.get(place[:2])
    if other is None:
        return True
    now = aside.now(*place)
    return any(
        sheet == other[1] and (rule in rules if cell is None else now is not None and a1(*now[2]) == cell)
        for sheet, cell, rules in seen.gaps
    )


def sides(old: Iterable[SheetText], new: Iterable[SheetText]) -> Sides:
    """Two submissions side by side."""
    before = {(one.file, one.sheet): one for one in old}
    after = {(one.file, one.sheet): one for one in new}
    sheets = _same_sheets(before, after)
    return Sides(
        sheets,
        {
            one: align(before[one].cells, after[other].cells, before[one].labels, after[other].labels)
            for one, other in sheets.items()
        },
    )


def _same_sheets(
    before: Mapping[tuple[str | None, str], SheetText], after: Mapping[tuple[str | None, str], SheetText]
) -> dict[tuple[str | None, str], tuple[str | None, str]]:
    """Sheets of one name, wherever they lie; then those that say the same for the most part."""
    pairs, gone, come = paired(
        list(before),
        list(after),
        (lambda one: one, lambda one: one),
        (lambda one: clean(one[1]), lambda one: clean(one[1])),
    )
    said = {key: _said(sheet) for key, sheet in (*before.items(), *after.items()) if key in (*gone, *come)}
    likes = sorted(
        ((_overlap(said[was], said[now]), was, now) for was in gone for now in come),
        key=lambda one: -one[0],
    )
    found = dict(pairs)
    for like, was, now in likes:
        if like >= _SAME_SHEET and was not in found and now not in found.values():
            found[was] = now
    return found


def _said(sheet: SheetText) -> frozenset[str]:
    return frozenset(filter(None, map(clean, sheet.cells.values())))


def _overlap(first: frozenset[str], second: frozenset[str]) -> float:
    return 2 * len(first & second) / (len(first) + len(second)) if first or second else 0.0


# -- two reports ----------------------------------------------------------------------------------------------------


def compare(
    old: Report, new: Report, old_sheets: Sequence[SheetText], new_sheets: Sequence[SheetText]
) -> Comparison:
    """What became of a submission; ``sheets`` are what the two files show."""
    names = _Names(old.forms), _Names(new.forms)
    aside = sides(old_sheets, new_sheets)
    found = became(old.findings, new.findings, known_of, seen_of(new), lambda: aside)
    kept = [(was, now) for was, now in found.still if not now.open]
    return Comparison(
        before=_state(old),
        now=_state(new),
        mended=tuple(finding for finding in found.mended if finding.open),
        left=tuple(Still(was, now) for was, now in found.still if now.open),
        new=tuple(finding for finding in found.come if finding.open),
        explained=(
            *(now for was, now in kept if was.open),
            *(one for one in found.come if not one.open),
        ),
        unchecked=tuple(finding for finding in found.unchecked if finding.open),
        lapsed=tuple(_lapsed(found.still, dict(new.lapsed))),
        cells=tuple(_cells(aside, old_sheets, new_sheets, names)),
        rows=tuple(_rows(aside, old_sheets, new_sheets, names)),
        sheets_gone=tuple(_named(one) for one in _keys(old_sheets) if one not in aside.sheets),
        sheets_come=tuple(_named(one) for one in _keys(new_sheets) if one not in aside.sheets.values()),
    )


def _state(report: Report) -> State:
    return State(
        workbook=report.workbook,
        unit=report.unit,
        year=report.year,
        verdict=report.verdict,
        headline=headline(report),
        counts={severity: report.count(severity) for severity in SEVERITIES},
        accepted=report.accepted,
    )


def known_of(finding: Finding) -> Known:
    """By what a finding of a report is known again."""
    return Known(
        finding.fingerprint,
        finding.rule,
        None if finding.place is None else _spotted(finding.place),
        tuple(map(_spotted, finding.related)),
        label_of(finding.form, finding.row_label),
    )


def label_of(form: str, row_label: str) -> Hashable:
    """What tells a row from the others; None where it has no label."""
    return (form, row_label) if row_label else None


def _spotted(place: Place) -> Spotted:
    return (place.file, place.sheet, (place.row, place.column))


def seen_of(report: Report) -> Seen:
    """What a report was made of."""
    return Seen(
        report.verdict != "unreadable",
        frozenset(form.sheet for form in report.summaries),
        tuple((gap.sheet, gap.cell, gap.rules) for gap in report.coverage.gaps),
        frozenset(skip.rule for skip in report.skipped if skip.why in LEFT_OUT),
    )


def _lapsed(pairs: Iterable[tuple[Finding, Finding]], written: Mapping[str, str]) -> Iterator[Lapsed]:
    """A 说明 of the old finding, or one that stands in the new file under its fingerprint, that the new one does not have."""
    for was, now in pairs:
        reason = was.accepted or written.get(was.fingerprint)
        if reason is not None and now.accepted is None:
            yield Lapsed(now, reason)


# -- cells and rows -------------------------------------------------------------------------------------------------


_INDICATOR_WORD = {
    "name": "指标名称", "target": "年度指标值", "actual": "实际完成值",
    "weight": "分值", "score": "得分", "reason": "偏差原因",
}  # fmt: skip
_FUND_WORD = {
    "initial": "年初预算数", "budget": "全年预算数", "executed": "全年执行数", "weight": "分值",
    "rate": "执行率", "score": "得分", "reason": "偏差原因",
}  # fmt: skip


def row_labels(forms: Forms) -> Mapping[str, Labels]:
    """What forms call their rows, by sheet."""
    return _Names(forms).labels


class _Names:
    """What forms call their rows and the cells in them."""

    def __init__(self, forms: Forms) -> None:
        self.labels: dict[str, dict[int, str]] = {}
        self.columns: dict[tuple[str, int, int], str] = {}
        for form in forms:
            for label, cells in _labelled_rows(form):
                self._put(label, cells)

    def _put(self, label: Field, cells: Mapping[str, Field]) -> None:
        if label.place.row > 0 and label.text:
            self.labels.setdefault(label.place.sheet, {}).setdefault(label.place.row, one_line(label.text))
        for word, field in cells.items():
            place = field.place
            self.columns[place.sheet, place.row, place.column] = one_line(word)

    def row(self, lines: _Lines, row: int) -> str:
        """The form's name of a row, else the first words that stand in it."""
        named = self.labels.get(lines.sheet.sheet, {}).get(row)
        return named if named is not None else lines.first_words(row)


class _Lines:
    """The rows of a sheet as lines."""

    def __init__(self, sheet: SheetText) -> None:
        self.sheet = sheet
        self._texts: dict[int, list[str]] = {}
        for (row, _), shown in sorted(sheet.cells.items()):
            if text := one_line(shown):
                self._texts.setdefault(row, []).append(text)

    def first_words(self, row: int) -> str:
        return next((text for text in self._texts.get(row, ()) if read_number(text) is None), "")

    def line(self, row: int) -> str:
        return " | ".join(self._texts.get(row, ()))


def _labelled_rows(form: Form) -> Iterator[tuple[Field, Mapping[str, Field]]]:
    if isinstance(form, IndicatorForm):
        for one in form.funds.rows if form.funds is not None else ():
            yield one.label, {_FUND_WORD.get(key, ""): field for key, field in one.cells.items()}
        for indicator in form.indicators:
            for row in (indicator, *indicator.parts):
                fields = {word: getattr(row, key) for key, word in _INDICATOR_WORD.items()}
                yield row.name, {word: field for word, field in fields.items() if field is not None}
    elif isinstance(form, BasicForm):
        for line in form.lines:
            yield line.label, {form.columns.get(key, ""): field for key, field in line.cells.items()}
    elif isinstance(form, FundTable):
        for each in form.rows:
            yield each.label, {form.columns.get(key, ""): field for key, field in each.cells.items()}


def _keys(sheets: Iterable[SheetText]) -> list[tuple[str | None, str]]:
    return [(one.file, one.sheet) for one in sheets]


def _named(key: tuple[str | None, str]) -> str:
    return key[1] if key[0] is None else f"{key[0]}：{key[1]}"


def _both(
    aside: Sides, old: Iterable[SheetText], new: Iterable[SheetText]
) -> Iterator[tuple[_Lines, _Lines, Alignment]]:
    """The sheets that are in both, each with what it was, and which rows are the same."""
    after = {(one.file, one.sheet): one for one in new}
    for one in old:
        other = aside.sheets.get((one.file, one.sheet))
        if other is not None:
            yield _Lines(one), _Lines(after[other]), aside.rows[one.file, one.sheet]


def _cells(
    aside: Sides, old: Sequence[SheetText], new: Sequence[SheetText], names: tuple[_Names, _Names]
) -> Iterator[CellChange]:
    """The cells that say something else, of rows that are still there, in the order of the new sheets."""
    for before, now, alignment in _both(aside, old, new):
        was, back = before.sheet, {there: row for row, there in alignment.rows.items()}
        spots = {(alignment.rows[row], column) for row, column in was.cells if row in alignment.rows}
        spots |= {spot for spot in now.sheet.cells if spot[0] in back}
        for row, column in sorted(spots):
            texts = was.cells.get((back[row], column), ""), now.sheet.cells.get((row, column), "")
            if not _says_the_same(*texts):
                yield CellChange(
                    before=Place(was.sheet, back[row], column, was.file),
                    now=Place(now.sheet.sheet, row, column, now.sheet.file),
                    row=names[1].row(now, row) or names[0].row(before, back[row]),
                    column=names[1].columns.get((now.sheet.sheet, row, column), ""),
                    old=texts[0],
                    new=texts[1],
                )


def _says_the_same(old: str, new: str) -> bool:
    """However it is formatted: 1,234.50 is 1234.5, 92% is 0.92."""
    return clean(old) == clean(new) or ((value := _figure(old)) is not None and value == _figure(new))


def _figure(text: str) -> tuple[Decimal, str] | None:
    number = read_number(text)
    if number is None:
        return None
    return (number.value.scaleb(-2), "") if number.percent else (number.value, number.unit)


def _rows(
    aside: Sides, old: Sequence[SheetText], new: Sequence[SheetText], names: tuple[_Names, _Names]
) -> Iterator[RowChange]:
    """Rows taken out, added, and moved past others."""
    for before, now, alignment in _both(aside, old, new):
        sheet = _named((now.sheet.file, now.sheet.sheet))
        for row in alignment.gone:
            yield RowChange(sheet, row, None, names[0].row(before, row), before.line(row))
        for row in alignment.come:
            yield RowChange(sheet, None, row, names[1].row(now, row), now.line(row))
        for row in sorted(alignment.moved):
            there = alignment.rows[row]
            yield RowChange(sheet, row, there, names[1].row(now, there), now.line(there))


# -- as plain data --------------------------------------------------------------------------------------------------


def to_dict(comparison: Comparison) -> dict[str, Any]:
    """The contract's object."""
    return {
        "schema": SCHEMA,
        "before": _state_dict(comparison.before),
        "now": _state_dict(comparison.now),
        "mended": [finding_dict(one) for one in comparison.mended],
        "left": [
            {"before": finding_dict(one.before), "now": finding_dict(one.now), "changed": one.changed}
            for one in comparison.left
        ],
        "new": [finding_dict(one) for one in comparison.new],
        "explained": [finding_dict(one) for one in comparison.explained],
        "unchecked": [finding_dict(one) for one in comparison.unchecked],
        "lapsed": [{"finding": finding_dict(one.finding), "reason": one.reason} for one in comparison.lapsed],
        "cells": [
            {
                "before": {"sheet": one.before.sheet, "cell": one.before.cell},
                "now": {"sheet": one.now.sheet, "cell": one.now.cell},
                "row": one.row,
                "column": one.column,
                "old": one.old,
                "new": one.new,
            }
            for one in comparison.cells
        ],
        "rows": [
            {"sheet": one.sheet, "before": one.before, "now": one.now, "name": one.name, "text": one.text}
            for one in comparison.rows
        ],
        "sheets": {"gone": list(comparison.sheets_gone), "come": list(comparison.sheets_come)},
    }


def _state_dict(state: State) -> dict[str, Any]:
    return {
        "workbook": state.workbook,
        "unit": state.unit,
        "year": state.year,
        "verdict": state.verdict,
        "headline": state.headline,
        "summary": {**state.counts, "accepted": state.accepted},
    }
