"""A marked copy of whatever kind of file was checked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from perfeval_xl.findings import Report
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.marks import word as docx_highlight
from perfeval_xl.hosts.marks import workbook as highlight
from perfeval_xl.hosts.marks.converted import as_docx, as_xlsx
from perfeval_xl.hosts.reading.loading import kind_of


@dataclass(frozen=True, slots=True)
class MarkedCopy:
    """The copy's bytes, the extension it must have, and what the user should know of it."""

    data: bytes
    suffix: str
    notes: tuple[str, ...]


def marked_copy(source: Path, report: Report, limits: Limits = LIMITS) -> MarkedCopy:
    """The file with its findings marked; formats that cannot be marked are converted first.

    OfficeError for an old Word document where LibreOffice is missing.
    """
    notes: list[str] = []
    content: Path | bytes = source
    kind = kind_of(source, limits)
    if kind in ("other", "doc"):
        content, note = as_docx(source, limits) if kind == "doc" else as_xlsx(source, report.grids, limits)
        notes.append(note)
    if kind in ("docx", "doc"):
        word = docx_highlight.highlight(content, report, limits)
        return MarkedCopy(word.data, word.suffix, (*notes, *word.notes))
    book = highlight.highlight(content, report, limits, when=dt.datetime.now())
    return MarkedCopy(book.data, book.suffix, (*notes, *book.notes))
