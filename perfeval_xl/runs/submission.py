"""Several files as one submission: their sheets in one book, and what was found told by file again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from perfeval_xl.findings import Finding, Report
from perfeval_xl.grid import Book, Grid, Place


def together(books: Iterable[tuple[str, Book]]) -> tuple[Book, dict[str, str]]:
    """One book of the sheets of several files, and the file of each sheet. A sheet whose name another file has already is
    told apart by its file: "Sheet1(报告.docx)"."""
    files: dict[str, str] = {}
    grids: list[Grid] = []
    notes: list[str] = []
    for file, book in books:
        for grid in book.grids:
            sheet, number = grid.sheet, 1
            while sheet in files:
                sheet = f"{grid.sheet}({file}{'' if number == 1 else f' {number}'})"
                number += 1
            files[sheet] = file
            grids.append(grid if sheet == grid.sheet else replace(grid, sheet=sheet))
        notes += [f"{file}：{note}" for note in book.notes]
    return Book.of("、".join(dict.fromkeys(files.values())), grids, notes), files


def in_files(report: Report, files: Mapping[str, str]) -> Report:
    """The report of a submission with the file of every place."""

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
    """The part of a submission's report that is about one of its files."""
    return replace(
        report,
        workbook=file,
        findings=tuple(one for one in report.findings if one.place is not None and one.place.file == file),
        summaries=tuple(form for form in report.summaries if form.file == file),
    )
