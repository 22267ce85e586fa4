"""What the store says of a round, as rows of ``desk``: all that summaries are made of.

Every answer is in a fixed order, the same from every database, and is read bit by bit: memory hardly grows with what was handed in.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, cast

from sqlalchemy import Connection, Row, Select, func, select

from perfeval_xl import desk
from perfeval_xl.comparing import LEFT_OUT, Known, Seen, Spotted, became, label_of, sides
from perfeval_xl.desk import (
    MADE_WORD,
    Change,
    FigureKind,
    FigureRow,
    FindingRow,
    IndicatorRow,
    LeftOut,
    MissingForm,
    RoundRow,
    RuleCount,
    SheetText,
    UnitIndicator,
    UnitRow,
)
from perfeval_xl.findings import Severity, State, Verdict
from perfeval_xl.forms.records import FORM_WORD, Kind
from perfeval_xl.grid import coordinates
from perfeval_xl.records import dataclass, field
from perfeval_xl.store import tables
from perfeval_xl.store.tables import (
    Acceptance,
    Content,
    Due,
    Figure,
    File,
    Finding,
    Form,
    Indicator,
    Listed,
    Output,
    Result,
    Round,
    Submission,
)

from .cells import unpacked
from .units import assigned, same_name

#: Rows that are fetched, and submissions whose parts are looked up, at a time.
_AT_A_TIME = 500
#: So many submissions of the same unit, or of the same files, are named with each of them.
_MOST_ALIKE = 12
_NOT_CHECKED: tuple[State, ...] = ("empty", "missing", "unread")


# -- rounds ----------------------------------------------------------------------------------------------------


def rounds(connection: Connection, of: str = "") -> tuple[RoundRow, ...]:
    """The rounds of a desk, the first one first."""
    found = connection.execute(select(Round.__table__).where(Round.desk == of).order_by(Round.number))
    return tuple(
        RoundRow(row.id, row.number, row.started, row.finished or "", row.policy, row.version)
        for row in found
    )


def left_out(connection: Connection, round_id: int) -> tuple[LeftOut, ...]:
    """The files that were found and not checked."""
    found = connection.execute(
        select(tables.LeftOut.path, tables.LeftOut.reason)
        .where(tables.LeftOut.round == round_id)
        .order_by(tables.LeftOut.position)
    )
    return tuple(LeftOut(path, reason) for path, reason in found)


def expected(connection: Connection, round_id: int) -> tuple[str, ...]:
    """The units that were to hand in (``--units``), in their order; none where no list was given."""
    return tuple(
        connection.scalars(select(Listed.name).where(Listed.round == round_id).order_by(Listed.position))
    )


def not_handed_in(connection: Connection, round_id: int) -> tuple[str, ...]:
    """The expected units of which there is no submission."""
    units = expected(connection, round_id)
    there = set(assigned(units, _stated(connection, round_id)).values())
    return tuple(unit for unit in units if unit not in there)


def not_expected(connection: Connection, round_id: int) -> tuple[str, ...]:
    """The submissions that are of none of the expected units; none where no list was given."""
    units = expected(connection, round_id)
    stated = _stated(connection, round_id) if units else []
    known = assigned(units, stated)
    return tuple(name for name, _ in stated if name not in known)


def _stated(connection: Connection, round_id: int) -> list[tuple[str, str | None]]:
    """The submissions of a round with the unit that each states."""
    found = connection.execute(
        select(Submission.name, Result.unit)
        .join(Result, Result.key == Submission.key, isouter=True)
        .where(Submission.round == round_id)
        .order_by(Submission.position)
    )
    return [(name, unit) for name, unit in found]


# -- submissions -----------------------------------------------------------------------------------------------


def units(connection: Connection, round_id: int, of: str = "") -> Iterator[UnitRow]:
    """The submissions of a round in their order, each with all that a line of the summary says; ``of`` is the desk, whose list
    names the marked copies."""
    same_unit = _same_unit(connection, round_id)
    same_files = _alike(_fingerprints(connection, round_id))
    made = _made(connection, of)
    for rows in _results(connection, round_id):
        parts = _Parts(connection, rows)
        for row in rows:
            yield UnitRow(
                position=row.position,
                submission=row.name,
                unit=row.unit or row.name,
                year=row.year,
                key=row.key,
                verdict=cast(Verdict, row.verdict),
                headline=row.headline,
                reason=row.reason,
                policy=row.policy_id,
                files=parts.files.get(row.key, ()),
                forms=parts.forms.get(row.key, ()),
                missing=parts.missing.get(row.key, ()),
                errors=row.errors,
                warnings=row.warnings,
                infos=row.infos,
                accepted=row.accepted,
                first=parts.first.get(row.key),
                figures=parts.figures.get(row.key, {}),
                projects=sum(kind == "project" for kind in parts.forms.get(row.key, ())),
                made={kind: paths for kind in MADE_WORD if (paths := made.get((row.key, kind)))},
                same_unit=_others(same_unit, row.name),
                same_files=_others(same_files, row.name),
            )


def same_units(connection: Connection, round_id: int) -> tuple[tuple[str, ...], ...]:
    """The submissions of which several state the same unit, those of one unit together."""
    return tuple(sorted({tuple(sorted(alike)) for alike in _same_unit(connection, round_id).values()}))


def _same_unit(connection: Connection, round_id: int) -> Mapping[str, tuple[str, ...]]:
    stated = _stated(connection, round_id)
    return _alike((name, same_name(unit)) for name, unit in stated if unit is not None)


def verdicts(connection: Connection, round_id: int) -> Counter[Verdict]:
    """How many submissions of a round have which verdict."""
    found = connection.execute(
        select(Result.verdict, func.count())
        .join(Submission, Submission.key == Result.key)
        .where(Submission.round == round_id)
        .group_by(Result.verdict)
    )
    return Counter({cast(Verdict, verdict): count for verdict, count in found})


def _results(connection: Connection, round_id: int) -> Iterator[list[Row[Any]]]:
    """The submissions of a round with their results, some at a time."""
    columns = [column for column in Result.__table__.c if column.name != "key"]
    selected = (
        select(Submission.position, Submission.name, Submission.key, *columns)
        .join(Result, Result.key == Submission.key)
        .where(Submission.round == round_id)
        .order_by(Submission.position)
        .limit(_AT_A_TIME)
    )
    last = -1
    while rows := list(connection.execute(selected.where(Submission.position > last))):
        last = rows[-1].position
        yield rows


def _alike(names: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    """For each name all that have the same mark, itself among them; those that are alone are not in it."""
    marks: dict[str, list[str]] = {}
    for name, mark in names:
        marks.setdefault(mark, []).append(name)
    groups = (tuple(names) for names in marks.values() if len(names) > 1)
    return {name: group for group in groups for name in group}


def _others(alike: Mapping[str, tuple[str, ...]], name: str) -> tuple[str, ...]:
    """The first of those that are like a name."""
    return tuple(islice((other for other in alike.get(name, ()) if other != name), _MOST_ALIKE))


def _fingerprints(connection: Connection, round_id: int) -> Iterator[tuple[str, str]]:
    """The submissions with what their files are, whatever they are called."""
    found: dict[str, list[str]] = {}
    for name, sha256 in connection.execute(
        select(Submission.name, File.sha256)
        .join(File, File.key == Submission.key)
        .where(Submission.round == round_id, File.sha256 != "")
        .order_by(Submission.position, File.sha256)
    ):
        found.setdefault(name, []).append(sha256)
    return ((name, " ".join(hashes)) for name, hashes in found.items())


def _made(connection: Connection, of: str) -> Mapping[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], list[str]] = {}
    for path, kind, key in connection.execute(
        select(Output.path, Output.kind, Output.key).where(Output.desk == of, Output.key != "")
    ):
        found.setdefault((key, kind), []).append(path)
    return {key: tuple(sorted(paths)) for key, paths in found.items()}


class _Parts:
    """What stands in other tables of some results, by their keys."""

    def __init__(self, connection: Connection, results: Iterable[Row[Any]]) -> None:
        named = {row.key: (row.name, row.unit or row.name) for row in results}
        keys = list(named)

        def gathered(selected: Select[tuple[str, Any]]) -> dict[str, tuple[Any, ...]]:
            found: dict[str, list[Any]] = {}
            for key, value in connection.execute(selected):
                found.setdefault(key, []).append(value)
            return {key: tuple(values) for key, values in found.items()}

        def of(column: Any, table: Any) -> Select[tuple[str, Any]]:
            return select(table.key, column).where(table.key.in_(keys)).order_by(table.key, table.position)

        self.files: Mapping[str, tuple[str, ...]] = gathered(of(File.name, File))
        self.forms: Mapping[str, tuple[str, ...]] = gathered(of(Form.kind, Form))
        self.missing: dict[str, tuple[str, ...]] = {}
        for row in connection.execute(
            select(Due.__table__)
            .where(Due.key.in_(keys), Due.state.in_(_NOT_CHECKED))
            .order_by(Due.key, Due.position)
        ):
            self.missing[row.key] = (*self.missing.get(row.key, ()), _form_word(row.form, row.name))
        self.figures: dict[str, dict[FigureKind, Any]] = {}
        for row in connection.execute(
            select(Figure.__table__)
            .where(Figure.key.in_(keys), Figure.form == "overall")
            .order_by(Figure.key, Figure.position.desc())
        ):
            self.figures.setdefault(row.key, {})[cast(FigureKind, row.kind)] = row.value
        foremost = (
            select(Finding.key, func.min(Finding.working_order).label("least"))
            .where(Finding.key.in_(keys), Finding.opened)
            .group_by(Finding.key)
            .subquery()
        )
        self.first = {
            row.key: _finding(row, *named[row.key])
            for row in connection.execute(
                _with_reasons().join(
                    foremost,
                    (foremost.c.key == Finding.key) & (foremost.c.least == Finding.working_order),
                )
            )
        }


def _form_word(form: str, name: str | None) -> str:
    word = FORM_WORD[cast(Kind, form)]
    return f"{word}（{name}）" if name else word


# -- findings --------------------------------------------------------------------------------------------------


def _with_reasons() -> Select[Any]:
    return select(Finding.__table__, Acceptance.reason).join(
        Acceptance,
        (Acceptance.key == Finding.key) & (Acceptance.position == Finding.position),
        isouter=True,
    )


def _finding(row: Row[Any], submission: str, unit: str) -> FindingRow:
    return FindingRow(
        submission=submission,
        unit=unit,
        position=row.position,
        rule=row.rule,
        family=row.family,
        severity=cast(Severity, row.severity),
        file=row.file,
        sheet=row.sheet,
        cell=row.cell,
        title=row.title,
        message=row.message,
        expected=row.expected,
        actual=row.actual,
        difference=row.difference,
        explain=row.explain,
        basis=row.basis,
        suggestion=row.suggestion,
        order=row.working_order,
        group=row.kind,
        fingerprint=row.fingerprint,
        accepted=row.reason,
        open=row.opened,
        form=row.form,
        row_label=row.row_label,
    )


def findings(connection: Connection, round_id: int) -> Iterator[FindingRow]:
    """All findings of a round: submission by submission, in the order to work in; settled ones (``open`` false) among them."""
    selected = (
        _with_reasons()
        .add_columns(Submission.name.label("submission"), Result.unit)
        .join(Submission, Submission.key == Finding.key)
        .join(Result, Result.key == Finding.key)
        .where(Submission.round == round_id)
        .order_by(Submission.position, Finding.working_order, Finding.position)
    )
    for row in _streamed(connection, selected):
        yield _finding(row, row.submission, row.unit or row.submission)


def findings_of(
    connection: Connection, key: str, submission: str = "", unit: str = ""
) -> tuple[FindingRow, ...]:
    """The findings of one result in the order to work in, under the names that are given."""
    selected = _with_reasons().where(Finding.key == key).order_by(Finding.working_order, Finding.position)
    return tuple(_finding(row, submission, unit) for row in connection.execute(selected))


def rule_counts(connection: Connection, round_id: int) -> tuple[RuleCount, ...]:
    """How often each rule spoke, the most frequent first; findings that a 说明 settled are not counted."""
    selected = (
        select(
            Finding.rule, Finding.family, Finding.severity, Submission.name,
            func.min(Finding.title).label("title"), func.count().label("count"),
        )
        .join(Submission, Submission.key == Finding.key)
        .where(Submission.round == round_id, Finding.opened)
        .group_by(Finding.rule, Finding.family, Finding.severity, Submission.name, Submission.position)
        .order_by(Submission.position)
    )  # fmt: skip
    found: dict[tuple[str, str, str], _Spoken] = {}
    names: dict[str, str] = {}  # each once in memory
    for row in _streamed(connection, cast("Select[Any]", selected)):
        spoken = found.setdefault((row.rule, row.family, row.severity), _Spoken(row.title))
        spoken.title = min(spoken.title, row.title)
        spoken.findings += row[-1]
        spoken.submissions.append(names.setdefault(row.name, row.name))
    counts = [
        RuleCount(rule, family, cast(Severity, severity), one.title, one.findings, tuple(one.submissions))
        for (rule, family, severity), one in found.items()
    ]
    return tuple(sorted(counts, key=lambda one: (-one.findings, one.rule, one.severity)))


@dataclass
class _Spoken:
    """What is counted of a rule."""

    title: str
    findings: int = 0
    submissions: list[str] = field(default_factory=list)


def missing_forms(connection: Connection, round_id: int) -> Iterator[MissingForm]:
    """The forms that were due and are not there, are empty, or could not be read."""
    selected = (
        select(Due.__table__, Submission.name.label("submission"), Result.unit)
        .join(Submission, Submission.key == Due.key)
        .join(Result, Result.key == Due.key)
        .where(Submission.round == round_id, Due.state.in_(_NOT_CHECKED))
        .order_by(Submission.position, Due.position)
    )
    for row in _streamed(connection, selected):
        yield MissingForm(
            row.submission,
            row.unit or row.submission,
            FORM_WORD[cast(Kind, row.form)],
            row.name,
            cast(State, row.state),
            row.reason or "",
        )


# -- figures ---------------------------------------------------------------------------------------------------


def figures(connection: Connection, round_id: int) -> Iterator[FigureRow]:
    """The figures to compare: of every submission those of 附件2, then of each 附件3."""
    for row in _streamed(connection, _of_round(Figure, round_id)):
        figure = desk.Figure(cast(FigureKind, row.kind), row.form, row.project, row.value)
        yield FigureRow(row.submission, row.said or row.submission, figure)


def indicators(connection: Connection, round_id: int) -> Iterator[UnitIndicator]:
    """Every indicator of every submission as it was filled in."""
    for row in _streamed(connection, _of_round(Indicator, round_id)):
        indicator = IndicatorRow(
            row.form, row.project, row.level1, row.level2, row.name, row.target, row.actual,
            row.weight, row.score, row.due, row.ratio,
        )  # fmt: skip
        yield UnitIndicator(row.submission, row.said or row.submission, indicator)


def _of_round(table: Any, round_id: int) -> Select[Any]:
    return (
        select(table.__table__, Submission.name.label("submission"), Result.unit.label("said"))
        .join(Submission, Submission.key == table.key)
        .join(Result, Result.key == table.key)
        .where(Submission.round == round_id)
        .order_by(Submission.position, table.position)
    )


# -- one round against those before ----------------------------------------------------------------------------


def changes(connection: Connection, round_id: int, of: str = "") -> Iterator[tuple[UnitRow, Change]]:
    """The submissions of a round that were there before, each with what became of its last one: by its name, else by the unit it
    states where one submission alone did."""
    before = _before(connection, round_id, of)
    for unit in units(connection, round_id, of):
        stated = "" if unit.unit == unit.submission else same_name(unit.unit)
        last = before.by_name.get(unit.submission) or before.by_unit.get(stated)
        if last is not None:
            yield unit, _change(connection, unit, *last)


def _change(connection: Connection, unit: UnitRow, number: int, key: str) -> Change:
    names = (unit.submission, unit.unit)
    now = findings_of(connection, unit.key, *names)
    if key == unit.key:
        left = tuple(finding for finding in now if finding.open)
        return Change(number, key, unit.verdict, (), left, (), ())
    before, after = (json.loads(report(connection, one)) for one in (key, unit.key))
    found = became(
        _with_known(findings_of(connection, key, *names), before),
        _with_known(now, after),
        lambda one: one[1],
        _seen(after),
        lambda: sides(sheets(connection, key), sheets(connection, unit.key)),
    )
    return Change(
        round=number,
        key=key,
        verdict=before["verdict"],
        mended=tuple(one for one, _ in found.mended if one.open),
        left=tuple(one for _, (one, _) in found.still if one.open),
        new=tuple(one for one, _ in found.come if one.open),
        lapsed=tuple(
            one for (then, _), (one, _) in found.still if then.accepted is not None and one.accepted is None
        ),
        unchecked=tuple(one for one, _ in found.unchecked if one.open),
    )


def _with_known(rows: Iterable[FindingRow], reported: Mapping[str, Any]) -> list[tuple[FindingRow, Known]]:
    """Findings with that by which they are known again; their report says what else they rest on."""
    found = []
    for row in rows:
        own = {"file": row.file, "sheet": row.sheet, "cell": row.cell}
        related = reported["findings"][row.position]["related"]
        known = Known(
            row.fingerprint,
            row.rule,
            _spotted(own) if row.cell is not None else None,
            tuple(map(_spotted, related)),
            label_of(row.form, row.row_label),
        )
        found.append((row, known))
    return found


def _spotted(place: Mapping[str, Any]) -> Spotted:
    """A place of report/2."""
    return place.get("file"), place["sheet"], coordinates(place["cell"])


def _seen(reported: Mapping[str, Any]) -> Seen:
    """What a submission was checked for, from its report."""
    return Seen(
        reported["verdict"] != "unreadable",
        frozenset(form["sheet"] for form in reported["forms"]),
        tuple((gap["sheet"], gap["cell"], tuple(gap["rules"])) for gap in reported["coverage"]["gaps"]),
        frozenset(skip["rule"] for skip in reported["skipped"] if skip["why"] in LEFT_OUT),
    )


class _Before:
    """Round and key of the last result of each submission, and of each unit, in the rounds before one."""

    def __init__(self) -> None:
        self.by_name: dict[str, tuple[int, str]] = {}
        self.by_unit: dict[str, tuple[int, str]] = {}


def _before(connection: Connection, round_id: int, of: str) -> _Before:
    found = _Before()
    number = connection.scalar(select(Round.number).where(Round.id == round_id))
    earlier = connection.execute(
        select(Round.id, Round.number)
        .where(Round.desk == of, Round.number < number, Round.finished.is_not(None))
        .order_by(Round.number)
    )
    for other, other_number in earlier.all():
        stated: dict[str, list[str]] = {}
        for name, key, unit in connection.execute(
            select(Submission.name, Submission.key, Result.unit)
            .join(Result, Result.key == Submission.key)
            .where(Submission.round == other)
        ):
            found.by_name[name] = (other_number, key)
            if unit:
                stated.setdefault(same_name(unit), []).append(key)
        for unit, keys in stated.items():
            if len(keys) == 1:
                found.by_unit[unit] = (other_number, keys[0])
    return found


# -- whole reports ---------------------------------------------------------------------------------------------


def reports(connection: Connection, round_id: int) -> Iterator[str]:
    """The reports of a round (report/2), each on a line of JSON, in the order of its submissions."""
    selected = (
        select(Content.report)
        .join(Submission, Submission.key == Content.key)
        .where(Submission.round == round_id)
        .order_by(Submission.position)
    )
    for row in _streamed(connection, selected):
        yield _text(row.report)


def report(connection: Connection, key: str) -> str:
    """The report of one result (report/2) as JSON."""
    return _text(connection.execute(select(Content.report).where(Content.key == key)).scalar_one())


def sheets(connection: Connection, key: str) -> tuple[SheetText, ...]:
    """What the sheets of one result show, for comparing two of them cell by cell."""
    return unpacked(connection.execute(select(Content.sheets).where(Content.key == key)).scalar_one())


def _text(data: bytes) -> str:
    return zlib.decompress(data).decode("utf-8")


def _streamed(connection: Connection, selected: Select[Any]) -> Iterator[Row[Any]]:
    """Rows as they come, not all of them at once."""
    with connection.execute(selected, execution_options={"yield_per": _AT_A_TIME}) as rows:
        yield from rows
