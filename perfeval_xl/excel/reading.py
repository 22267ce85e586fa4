"""The open workbook read and checked as it stands, and what the check came to in one line."""

from __future__ import annotations

from perfeval_xl.coverage import headline
from perfeval_xl.findings import SEVERITIES, SEVERITY_LEVEL, VERDICT_WORD, Report
from perfeval_xl.grid import Book
from perfeval_xl.hosts.live import marks as xlwings_marks
from perfeval_xl.hosts.live.reading import read_open_book
from perfeval_xl.runs.checking import check_book

from .session import Session

NO_FORM = "没有认出任何附件表，未能检查。请确认表头有三级指标、年度指标值、实际完成值等文字。"


def read(session: Session) -> Book:
    """What stands in the open workbook now, saved or not."""
    book = read_open_book(session.book, progress=session.progress)
    return xlwings_marks.with_own_sheet(session.book, book)


def checked(session: Session, book: Book | None = None) -> Report:
    """The check of the open workbook, or of what was read of it."""
    book = read(session) if book is None else book
    session.progress("正在检查")
    return check_book(book, name=session.book.name)


def verdict(report: Report) -> str:
    """Verdict and counts of open findings; before these what was not checked."""
    first = headline(report)
    return f"{first}。\n{_counted(report)}" if first else _counted(report)


def _counted(report: Report) -> str:
    if report.verdict == "incomplete" and not any(finding.open for finding in report.findings):
        return "已查的部分没有发现问题。"
    if not any(finding.open for finding in report.findings):
        return "没有发现问题。" if not report.accepted else f"没有待处理的问题，已说明 {report.accepted} 条。"
    counts = "，".join(
        f"{SEVERITY_LEVEL[severity]} {report.count(severity)} 条"
        for severity in SEVERITIES
        if report.count(severity)
    )
    what = "已查的部分" if report.verdict == "incomplete" else VERDICT_WORD[report.verdict]
    return f"{what}：{counts}。"
