"""Several files as one submission: their sheets in one book, and what was found told by file again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from perfeval_xl.findings import Finding, Report, as_named_in_files
from perfeval_xl.grid import Book, Grid, Place


@dataclass(frozen=True, slots=True)
class Submission:
    """The sheets of several files in one book, and for each its file and how that calls it."""

    book: Book
    sheets: Mapping[str, tuple[str, str]]

    def in_its_file(self, place: Place) -> Place:
        """A place of the book as its own file calls it."""
        file, sheet = self.sheets[place.sheet]
        return replace(place, sheet=sheet, file=file)


def together(books: Iterable[tuple[str, Book]]) -> Submission:
    """One book of the sheets of several files. A sheet whose name another file has already is told apart by its file:
    "Sheet1(报告.docx)"."""
    sheets: dict[str, tuple[str, str]] = {}
    grids: list[Grid] = []
    notes: list[str] = []
    for file, book in books:
        for grid in book.grids:
            sheet, number = grid.sheet, 1
            while sheet in sheets:
                sheet = f"{grid.sheet}({file}{'' if number == 1 else f' {number}'})"
                number += 1
            sheets[sheet] = file, grid.sheet
            grids.append(grid if sheet == grid.sheet else replace(grid, sheet=sheet))
        notes += [f"{file}：{note}" for note in book.notes]
    names = dict.fromkeys(file for file, _ in sheets.values())
    return Submission(Book.of("、".join(names), grids, notes), sheets)


def in_files(report: Report, submission: Submission) -> Report:
    """The report of a submission with the file of every place."""
    files = {sheet: file for sheet, (file, _) in submission.sheets.items()}

    def at(place: Place) -> Place:
        return replace(place, file=files.get(place.sheet))

    def of(finding: Finding) -> Finding:
        return replace(
            finding,
            place=None if finding.place is None else at(finding.place),
            related=tuple(map(at, finding.related)),
            fixes=tuple(replace(fix, place=at(fix.place)) for fix in finding.fixes),
        )

    coverage = report.coverage
    return replace(
        report,
        files=tuple(dict.fromkeys(files.values())),
        sheets=submission.sheets,
        findings=tuple(map(of, report.findings)),
        summaries=tuple(replace(form, file=files.get(form.sheet)) for form in report.summaries),
        papers=tuple(replace(paper, file=files.get(paper.sheet)) for paper in report.papers),
        skipped=tuple(replace(skip, file=files.get(skip.sheet)) for skip in report.skipped),
        unread=tuple(replace(unread, file=files.get(unread.sheet)) for unread in report.unread),
        coverage=replace(
            coverage,
            due=tuple(replace(due, file=files.get(due.sheet or "")) for due in coverage.due),
            gaps=tuple(replace(gap, file=files.get(gap.sheet or "")) for gap in coverage.gaps),
        ),
    )


def of_file(report: Report, file: str) -> Report:
    """The part of a submission's report that is about one of its files, whose sheets go by their own names again."""
    own = {sheet: name for sheet, (its, name) in report.sheets.items() if its == file}
    grids = tuple(replace(grid, sheet=own[grid.sheet]) for grid in report.grids if grid.sheet in own)
    report = as_named_in_files(report)
    return replace(
        report,
        workbook=file,
        findings=tuple(one for one in report.findings if one.place is not None and one.place.file == file),
        summaries=tuple(form for form in report.summaries if form.file == file),
        grids=grids,
        read=tuple(replace(grid, sheet=own[grid.sheet]) for grid in report.read if grid.sheet in own),
    )
