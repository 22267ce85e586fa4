"""How much of a submission is looked at: bounds that hold whatever is in a file. What is beyond them is not read, and said."""

from __future__ import annotations

from .records import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a form, a text, a submission and a report may be. The largest published tables and a report of 300 pages
    need less than half of each."""

    form_rows: int = 1_500
    """Rows of a form that hold anything; a table beyond is not checked (未查全)."""
    form_letters: int = 300_000
    """Letters of a form, of the whole 自评报告 too; beyond, it is not checked (未查全)."""
    sheet_forms: int = 300
    """Forms on a sheet; a file with more is refused, since sums over some of its forms would be wrong."""
    forms: int = 600
    """Forms of a submission; one with more is refused."""
    name_letters: int = 5_000
    """Letters of a name, a target, a reason: of an entry in a table; a longer one is not read (未查全)."""
    paragraph_letters: int = 40_000
    """Letters of a paragraph of a report; a longer one is not read (未查全)."""
    digits: int = 100
    """Digits in a row in a text; a text with more is not read (未查全)."""
    figures: int = 7_500
    """Figures of a report, which are held against each other and the forms; one with more is not checked (未查全)."""
    findings: int = 5_000
    """Findings of a report; the first of them in working order are told, and how many more there were (未查全)."""


BOUNDS = Bounds()
