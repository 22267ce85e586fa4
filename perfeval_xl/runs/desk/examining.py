"""One submission examined: opened, checked, its figures taken, marked copies made. Whatever its files are, there is an outcome."""

from __future__ import annotations

import datetime as dt
import hashlib
import traceback
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from perfeval_xl.coverage import headline
from perfeval_xl.desk import Ending, HandedIn, Made, Outcome
from perfeval_xl.errors import Exhausted, PerfevalError, Unreadable
from perfeval_xl.findings import Gap, Report
from perfeval_xl.forms.records import Unread
from perfeval_xl.hosts.bounding import bounded_time
from perfeval_xl.hosts.reading.loading import Source, judged, read_source
from perfeval_xl.policy import load_policy
from perfeval_xl.records import dataclass, replace
from perfeval_xl.report.notice import Posting, is_due
from perfeval_xl.runs.accepted import handed_on
from perfeval_xl.runs.auditing import audit_report
from perfeval_xl.runs.checking import check, unreadable
from perfeval_xl.runs.marking import marked_copy
from perfeval_xl.runs.noticing import Notice, letter
from perfeval_xl.runs.outputs import marked_ours
from perfeval_xl.runs.submission import of_file

from .cells import packed, shown
from .figures import figures_of
from .submissions import Submission
from .terms import Terms

NO_MEMORY = "内存超过限制，没有检查完。请删去无关的工作表和内容，另存后再试；确实要检查的，放宽限制：--limit memory_bytes=4000000000"
OUR_FAULT = "程序出错，没有检查完（{}），请把日志发给管理员"


@dataclass
class _Opened:
    """The files of a submission: those that can be checked, all of them as handed in, and why some cannot be."""

    sources: list[Source]
    files: list[HandedIn]
    refused: dict[str, str]


def handed_in(submission: Submission, terms: Terms) -> tuple[HandedIn, ...]:
    """The files of a submission with their hashes, nothing of them looked at."""
    return tuple(_opened(submission, terms, judge=False).files)


def examine(submission: Submission, terms: Terms) -> Outcome:
    """Check a submission in this process, within the time its ``terms`` allow; there is an outcome whatever happens, short of the end
    of the process."""
    opened = _Opened([], [], {})
    fault = ""
    try:
        with bounded_time(terms.limits, submission.name):
            opened = _opened(submission, terms)
            return _outcome(submission, terms, opened, _checked(submission, terms, opened))
    except Exhausted as error:
        reason = str(error)
    except PerfevalError as error:
        reason = str(error)
    except MemoryError:
        reason = f"{submission.name}：{NO_MEMORY}"
    except Exception as error:  # a fault of ours in one submission leaves the others alone
        reason = f"{submission.name}：{OUR_FAULT.format(type(error).__name__)}"
        fault = traceback.format_exc()
    outcome = not_examined(submission.name, terms, opened.files, reason, fault=fault)
    if terms.notice is None or fault:  # what we did wrong is no matter of the unit's
        return outcome
    report = _not_read(submission.name, terms, opened.files, reason)
    return replace(outcome, made=(_notice(submission.name, report, terms.notice, opened, ()),))


def not_examined(
    name: str,
    terms: Terms,
    files: Sequence[HandedIn],
    reason: str,
    *,
    ending: Ending = "examined",
    fault: str = "",
) -> Outcome:
    """The outcome of a submission that could not be checked: why, in one Chinese line."""
    report = _not_read(name, terms, files, reason)
    return Outcome(
        key=terms.key(name, files),
        submission=name,
        ending=ending,
        verdict=report.verdict,
        headline=headline(report),
        report=report.to_json(None),
        files=tuple(files),
        fault=fault,
    )


def _not_read(name: str, terms: Terms, files: Sequence[HandedIn], reason: str) -> Report:
    return replace(unreadable(name, reason, terms.policy), files=tuple(file.name for file in files))


def _opened(submission: Submission, terms: Terms, *, judge: bool = True) -> _Opened:
    found = _Opened([], [], {})
    for piece in submission.pieces:
        try:
            data = piece.content(terms.limits)
        except Unreadable as error:
            found.files.append(HandedIn(piece.name, "", 0))
            found.refused[piece.name] = str(error)
            continue
        found.files.append(HandedIn(piece.name, hashlib.sha256(data).hexdigest(), len(data)))
        if judge:
            try:
                found.sources.append(judged(piece.name, data, terms.limits))
            except Unreadable as error:
                found.refused[piece.name] = str(error)
    return found


def _checked(submission: Submission, terms: Terms, opened: _Opened) -> Report:
    """The report of the files that can be read; what cannot be is a gap. Unreadable where none can."""
    try:
        report = _together(submission, terms, opened)
    except Unreadable:
        if len(opened.sources) < 2:
            raise
        _refuse_unreadable(opened, terms)
        report = _together(submission, terms, opened)
    for file, reason in opened.refused.items():
        report = replace(
            report,
            unread=(*report.unread, Unread("", reason, file, hides=True)),
            coverage=replace(
                report.coverage, gaps=(*report.coverage.gaps, Gap(None, None, reason, file=file))
            ),
        )
    return report if report.files else replace(report, files=tuple(file.name for file in opened.files))


def _together(submission: Submission, terms: Terms, opened: _Opened) -> Report:
    sources = opened.sources
    if not sources:
        raise PerfevalError("；".join(opened.refused.values()))
    return check(
        sources if len(submission.pieces) > 1 else sources[0],
        name=submission.name,
        policy=terms.policy,
        limits=terms.limits,
        rules=terms.rules,
    )


def _refuse_unreadable(opened: _Opened, terms: Terms) -> None:
    """Move the files that are no workbooks within the limits from the sources to the refused."""
    kept = []
    for source in opened.sources:
        try:
            read_source(source, None, terms.limits, whole=True)
            kept.append(source)
        except Unreadable as error:
            opened.refused[source.name] = str(error)
    opened.sources = kept


def _outcome(submission: Submission, terms: Terms, opened: _Opened, report: Report) -> Outcome:
    policy = terms.policy if terms.policy is not None else load_policy(report.policy_id)
    figures, indicators = figures_of(report, policy)
    notes: list[str] = []
    made = list(_made(submission, report, terms, opened, notes))
    return Outcome(
        key=terms.key(submission.name, opened.files),
        submission=submission.name,
        ending="examined",
        verdict=report.verdict,
        headline=headline(report),
        report=report.to_json(None),
        settled=frozenset(index for index, finding in enumerate(report.findings) if not finding.open),
        rows=tuple((finding.form, finding.row_label) for finding in report.findings),
        files=tuple(opened.files),
        figures=figures,
        indicators=indicators,
        sheets=packed(shown(report)),
        made=tuple(made),
        notes=tuple(notes),
    )


def _made(
    submission: Submission, report: Report, terms: Terms, opened: _Opened, notes: list[str]
) -> Iterator[Made]:
    """What is asked for of a submission: the letter last, since it names the others."""
    enclosed: list[str] = []
    if terms.marked and report.summaries:
        shown = handed_on(report, submission.carried)
        for source in opened.sources:
            copy = _marked(source, shown, terms, notes)
            if copy is not None:
                enclosed.append(copy.name)
                yield copy
    if terms.audit and report.summaries:
        paper = _audit(submission.name, report, terms, opened)
        enclosed.append(paper.name)
        yield paper
    if terms.notice is not None and is_due(report.verdict):
        yield _notice(submission.name, report, terms.notice, opened, enclosed)


def _stem(name: str, opened: _Opened) -> str:
    """How files that are made of a whole submission begin: its name, of a loose file without the extension."""
    return PurePath(name).stem if [file.name for file in opened.files] == [name] else name


def _notice(name: str, report: Report, notice: Notice, opened: _Opened, enclosed: Sequence[str]) -> Made:
    posting = Posting(name, dt.date.today(), notice.deadline, enclosed)
    data = marked_ours(letter(report, posting, notice.template), ".docx")
    return Made("notice", f"{_stem(name, opened)}-退回通知.docx", data)


def _audit(name: str, report: Report, terms: Terms, opened: _Opened) -> Made:
    data = audit_report(
        report,
        ".docx",
        when=dt.datetime.now(),
        hashes=[source.sha256 for source in opened.sources],
        limits=terms.limits,
    )
    return Made("audit", f"{_stem(name, opened)}-审核报告.docx", marked_ours(data, ".docx"))


def _marked(source: Source, report: Report, terms: Terms, notes: list[str]) -> Made | None:
    """A marked copy of a file; where there can be none (an old Word document without LibreOffice) that is said."""
    own = of_file(report, source.file_name) if len(report.files) > 1 else report
    try:
        copy = marked_copy(source, own, terms.limits)
    except PerfevalError as error:
        notes.append(f"{source.file_name}：没有标注副本：{error}")
        return None
    name = f"{PurePath(source.file_name).stem}-已标注{copy.suffix}"
    return Made("marked", name, marked_ours(copy.data, copy.suffix))
