"""Several files as one submission: their sheets in one book, and what was found told by file again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from perfeval_xl.findings import Report, as_named_in_files, relocated
from perfeval_xl.grid import Book, Grid, Place
from perfeval_xl.records import dataclass, replace


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
    located = relocated(report, lambda sheet, _: (sheet, files.get(sheet)))
    return replace(located, files=tuple(dict.fromkeys(files.values())), sheets=submission.sheets)


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
