"""A marked copy of whatever kind of file was checked, and the file without its marks again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from perfeval_xl.errors import NoMarks
from perfeval_xl.findings import Report
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.marks import word as docx_highlight
from perfeval_xl.hosts.marks import workbook as highlight
from perfeval_xl.hosts.marks.converted import as_docx, as_xlsx
from perfeval_xl.hosts.marks.workbook import Unmarked
from perfeval_xl.hosts.package.workbook import Workbook
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.reading.loading import Source, open_source
from perfeval_xl.records import dataclass


@dataclass(frozen=True, slots=True)
class MarkedCopy:
    """The copy's bytes, the extension it must have, and what the user should know of it."""

    data: bytes
    suffix: str
    notes: tuple[str, ...]


def marked_copy(source: Source, report: Report, limits: Limits = LIMITS) -> MarkedCopy:
    """The very file that was checked with the findings of its ``report`` marked; formats that cannot be marked are
    converted first.

    OfficeError for an old Word document where LibreOffice is missing.
    """
    notes: list[str] = []
    data = source.data
    if source.kind == "doc":
        data, note = as_docx(data, limits)
        notes.append(note)
    elif source.kind == "other":
        data, note = as_xlsx(data, source.suffix, report.grids, limits)
        notes.append(note)
    if source.kind in ("docx", "doc"):
        word = docx_highlight.highlight(data, report, limits)
        return MarkedCopy(word.data, word.suffix, (*notes, *word.notes))
    book = highlight.highlight(data, report, limits, when=dt.datetime.now())
    return MarkedCopy(book.data, book.suffix, (*notes, *book.notes))


def suffix_of(source: Source) -> str:
    """The extension that a marked copy of a file has."""
    if source.kind in ("docx", "doc"):
        return docx_highlight.suffix_of(Package(source.data)) if source.kind == "docx" else ".docx"
    return ".xlsm" if source.kind == "xlsx" and Workbook(Package(source.data)).macro_enabled else ".xlsx"


def unmarked(path: Path, limits: Limits = LIMITS) -> Unmarked:
    """A marked workbook without its marks; NoMarks where there are none or the file is none."""
    source = open_source(path, limits)
    if source.kind != "xlsx":
        raise NoMarks("只有 .xlsx/.xlsm 的标注副本可以去掉标注")
    return highlight.unmark(source.data, limits)
