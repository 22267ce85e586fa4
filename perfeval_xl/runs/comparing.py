"""The same unit's file before and after it was sent back: both checked under the same terms, and compared."""

from __future__ import annotations

from perfeval_xl import comparing
from perfeval_xl.comparing import Comparison
from perfeval_xl.desk import SheetText
from perfeval_xl.findings import Report
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.word import pages as word
from perfeval_xl.hosts.word.pages import Pages
from perfeval_xl.policy import Policy
from perfeval_xl.report import comparison as model

from .auditing import SHADE, add_section
from .checking import Given, check
from .desk.cells import shown


def compare(
    old: Given, new: Given, *, policy: str | Policy | None = None, limits: Limits = LIMITS
) -> Comparison:
    """What became of a unit's file: findings mended, left and new, cells changed, 说明 that lapsed.

    ``old`` and ``new`` are files of any kind ``check`` reads, not necessarily of the same one; ``policy`` as there, for both. Unreadable for a
    file that cannot be read.
    """
    before, now = (check(one, policy=policy, limits=limits) for one in (old, new))
    return comparing.compare(before, now, _texts(before), _texts(now))


def _texts(report: Report) -> tuple[SheetText, ...]:
    return tuple(shown(report))


def to_docx(comparison: Comparison) -> bytes:
    """The comparison as a Word document; the same comparison gives the same bytes."""
    said = model.said(comparison)
    pages = Pages(said.title)
    pages.foot(said.footer)
    pages.title(said.title)
    boxes = {(0, 0): word.Box("", fill=SHADE)}
    for column, name in enumerate(said.sides, 1):
        boxes[0, column] = word.Box(name, bold=True, fill=SHADE)
    for row, (name, *values) in enumerate(said.facts, 1):
        boxes[row, 0] = word.Box(name, fill=SHADE)
        for column, value in enumerate(values, 1):
            boxes[row, column] = word.Box(value, align="left")
    pages.table(word.Table((26, 65, 65), 1 + len(said.facts), boxes, low=7))
    pages.paragraph(said.summary, word.SMALL)
    for section in said.sections:
        add_section(pages, section)
    return pages.to_bytes()
