"""The 审核报告 as a Word document or a PDF: what it says (``report.audit``) on an office's page (``docx_writing``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from perfeval_xl.findings import Report
from perfeval_xl.hosts.libreoffice import as_pdf, installed_fonts
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.word import pages as word
from perfeval_xl.hosts.word.pages import Box, Pages, Span
from perfeval_xl.report import audit as model
from perfeval_xl.report.audit import Audit, Cell, Circumstances, Section
from perfeval_xl.rules import families

SUFFIXES = (".docx", ".pdf")
#: Names of facts, headings of columns: light enough for a copier.
SHADE = "EDEDED"
#: Points of a letter, mm of the lowest row.
_LIST_SIZE, _COUNTS_SIZE, _LOW = 9.0, 10.0, 5.5
_OPINION_LINES = 2


def file_name(source: str | Path, suffix: str, number: int = 1) -> str:
    """What the 审核报告 of a file is called; ``number`` tells those of files of the same name apart."""
    return f"{Path(source).stem}-审核报告{f'（{number}）' if number > 1 else ''}{suffix}"


def audit_report(
    report: Report,
    suffix: str,
    *,
    when: dt.datetime,
    hashes: Sequence[str] = (),
    previous: str = "",
    only: str = "",
    limits: Limits = LIMITS,
) -> bytes:
    """The 审核报告 of a check (``suffix`` ".docx" or ".pdf"); see ``Circumstances`` for what else it says.

    The same arguments give the same .docx. OfficeError for a PDF where LibreOffice is missing or fails.
    """
    titles = {code: rule.title for code, rule in families.load().items()}
    said = model.audit(report, Circumstances(when, tuple(hashes), previous, only, titles))
    if suffix == ".docx":
        return to_docx(said)
    return as_pdf(to_docx(said, word.stand_ins(installed_fonts())), limits)


def to_docx(audit: Audit, fonts: Mapping[str, str] | None = None) -> bytes:
    """The pages: the first one to be signed, the lists on those behind it; ``fonts`` in the place of the official ones."""
    pages = Pages(audit.title, fonts)
    pages.foot(audit.footer)
    pages.title(audit.title)
    _first_page(pages, audit)
    pages.page()
    for section in audit.sections:
        add_section(pages, section)
    return pages.to_bytes()


def _first_page(pages: Pages, audit: Audit) -> None:
    pages.heading(1, model.FACTS)
    pages.table(_facts(audit.facts))
    pages.heading(1, f"{model.CONCLUSION}：{audit.verdict}")
    pages.table(_table(audit.counts, _COUNTS_SIZE, above=audit.conclusion))
    pages.heading(1, model.OPINION)
    pages.table(_signed(audit))
    pages.paragraph(audit.disclaimer, word.SMALL)


def _facts(rows: Sequence[Sequence[model.Fact]]) -> word.Table:
    """Names shaded, values beside them: one or two in a row."""
    widths = (32, 46, 22, 56)
    boxes: dict[tuple[int, int], Box] = {}
    for row, facts in enumerate(rows):
        for column, (name, value) in zip((0, 2), facts, strict=False):
            boxes[row, column] = Box(name, fill=SHADE)
            boxes[row, column + 1] = Box(value, align="left", columns=1 if len(facts) > 1 else 3)
    return word.Table(widths, len(rows), boxes, low=6)


def _signed(audit: Audit) -> word.Table:
    """Room for the reviewer's hand: what they think of it, and who signs."""
    boxes = {(0, 0): Box(audit.opinions + "\n" * _OPINION_LINES, align="left", columns=4)}
    for index, (name, value) in enumerate(audit.signatures):
        row, column = 1 + index // 2, index % 2 * 2
        boxes[row, column] = Box(name, fill=SHADE)
        boxes[row, column + 1] = Box(value, align="right")
    return word.Table((26, 52, 26, 52), 1 + (len(audit.signatures) + 1) // 2, boxes, low=9)


def add_section(pages: Pages, section: Section) -> None:
    """A part with its heading, its sentence and its table."""
    pages.heading(1, section.heading)
    if section.lead:
        pages.paragraph(section.lead, word.SMALL, keep=section.table is not None)
    if section.table is not None:
        pages.table(_table(section.table, _LIST_SIZE))


def _table(table: model.Table, size: float, above: str = "") -> word.Table:
    """A list whose headings are repeated on every page, and whose rows stay whole; a text may stand above it all."""
    top = 1 if above else 0
    boxes = {(0, 0): Box(above, align="left", columns=len(table.columns))} if above else {}
    for column, each in enumerate(table.columns):
        boxes[top, column] = Box(each.heading, bold=True, fill=SHADE)
        for row, cells in enumerate(table.rows, top + 1):
            boxes[row, column] = Box(tuple(_spans(cells[column])), align="center" if each.centred else "left")
    widths = [column.width for column in table.columns]
    return word.Table(widths, top + 1 + len(table.rows), boxes, header=top + 1, size=size, low=_LOW)


def _spans(cell: Cell) -> Iterator[Span]:
    for index, line in enumerate(cell):
        yield Span("\n" + line.text if index else line.text, bold=line.strong)
