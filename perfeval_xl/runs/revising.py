"""Mending a submission step by step before anything is written: values typed, proposals taken, 一键更正, 说明; every step is
checked at once and can be taken back. Files come in as bytes and go out as bytes; the clerk's own are never written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache, partial

from perfeval_xl.correct import Change, CorrectError, as_typed, changed, entered, followed, net, plan, take
from perfeval_xl.errors import Unreadable
from perfeval_xl.findings import Finding, Report
from perfeval_xl.forms import read_again, read_forms
from perfeval_xl.forms.records import Forms
from perfeval_xl.grid import Book, Cell, Grid, Place
from perfeval_xl.hosts.corrections import cells as correcting
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.package.workbook import Workbook
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.reading.loading import Source, judged, read_source
from perfeval_xl.hosts.reading.looks import SheetLooks as SheetLooks
from perfeval_xl.hosts.reading.looks import sheet_looks
from perfeval_xl.hosts.template.formulas import Known
from perfeval_xl.records import dataclass, field, replace
from perfeval_xl.rules.book.records import Book as RuleBook

from . import accepted
from .accepted import NOTHING
from .checking import check_read
from .correcting import understood
from .marking import MarkedCopy, marked_copy
from .rulebook import book_of, load_books
from .submission import Submission, in_files, of_file, together

#: Rows and columns beyond the last cell of a sheet whose formats are known, for what is typed there.
_AROUND = 50, 20
#: A sheet's looks never change here, and are asked for with every step.
_looks = lru_cache(maxsize=64)(partial(sheet_looks, limits=LIMITS))
#: What 更正记录 says of a value that was typed.
TYPED = "填表人在检查页面中修改"


@dataclass(frozen=True)
class OpenFile:
    """A file of a submission: as it was opened, as it was read, and the names its sheets have there and in the submission."""

    source: Source
    book: Book
    sheets: Mapping[str, str]

    @property
    def editable(self) -> bool:
        """Only workbooks whose package can be patched are mended in place."""
        return self.source.kind == "xlsx"

    @cached_property
    def known(self) -> Known:
        """How the formulas of this file are understood."""
        return understood(self.book, lambda: Workbook(Package.open(self.source.data)).own_names)


@dataclass(frozen=True)
class Step:
    """One thing that was done: what, in the clerk's words; the cells it changed; the 说明 that hold after it; the submission
    as it reads then."""

    what: str
    changes: tuple[Change, ...]
    reasons: Mapping[str, str]
    book: Book


@dataclass(frozen=True)
class Revision:
    """A submission and what was done to it: ``done`` in order, ``undone`` the last first. Every method gives another one."""

    open_files: tuple[OpenFile, ...]
    original: Book
    forms: Forms = field(repr=False)
    whole: Submission | None = None
    policy: str | None = None
    rules: tuple[RuleBook, ...] = ()
    done: tuple[Step, ...] = ()
    undone: tuple[Step, ...] = ()

    # -- as it stands -----------------------------------------------------------------------------------------

    @property
    def book(self) -> Book:
        return self.done[-1].book if self.done else self.original

    @property
    def reasons(self) -> Mapping[str, str]:
        """The 说明 written here, by fingerprint."""
        return self.done[-1].reasons if self.done else {}

    @property
    def changes(self) -> tuple[Change, ...]:
        """One change a cell of all that was done."""
        return net((change for step in self.done for change in step.changes), self.original)

    @cached_property
    def report(self) -> Report:
        """What a check of it says."""
        return self._report(self.book)

    def _report(self, book: Book) -> Report:
        own = NOTHING
        for open_file in self.open_files if self.whole is not None else ():
            own |= accepted.in_workbook(open_file.book)
        report = check_read(
            book,
            read_again(book, self.original, self.forms),
            policy=self.policy,
            rules=self.rules,
            carried=own,
            reasons=self.reasons,
            name="、".join(open_file.source.name for open_file in self.open_files),
        )
        return report if self.whole is None else in_files(report, self.whole)

    def open_file(self, sheet: str) -> OpenFile:
        """The file that a sheet of the submission stands in; CorrectError where there is no such sheet."""
        open_file = next((open_file for open_file in self.open_files if sheet in open_file.sheets), None)
        if open_file is None:
            raise CorrectError(f"没有工作表“{sheet}”")
        return open_file

    def looks(self, sheet: str) -> SheetLooks | None:
        """How a sheet looks, as far as anything stands on it; None for a file that says nothing of it."""
        open_file = self.open_file(sheet)
        if not open_file.editable:
            return None
        places = _grid(self.original, sheet).cells
        last = (
            max((row for row, _ in places), default=0) + _AROUND[0],
            max((column for _, column in places), default=0) + _AROUND[1],
        )
        return _looks(open_file.source.data, open_file.sheets[sheet], last)

    def as_typed(self, place: Place) -> str:
        """What is typed to get a cell as it is."""
        return as_typed(_cell(self.book, place))

    # -- what is done -----------------------------------------------------------------------------------------

    def typed(self, place: Place, text: str) -> Revision:
        """A text typed into a cell; CorrectError for one that cannot be typed into, itself where nothing changes."""
        open_file = self._editable(place.sheet)
        old = _cell(self.book, place)
        looks = self.looks(place.sheet)
        assert looks is not None
        look = looks.of(place.row, place.column)
        new = entered(text, place, old, look.number_format, looks.date1904)
        if (old and (old.value, old.text)) == (new.cell and (new.cell.value, new.cell.text)):
            return self
        shown = old.text if old is not None else "", new.cell.text if new.cell is not None else ""
        change = Change(place, *shown, new.stored, "", TYPED)
        made = followed(self.book, [change], open_file.known.language)
        book = _with_cell(changed(self.book, made), place, new.cell)
        return self._after(f"修改 {place.sheet} {place.cell}", made, book)

    def taken(self, fingerprint: str) -> Revision:
        """The proposal of a finding; CorrectError where it has none that can be carried out."""
        finding = next((one for one in self.report.findings if one.fingerprint == fingerprint), None)
        if finding is None or not finding.fixes:
            raise CorrectError("这条问题没有可以直接采用的建议，请手工修改")
        known = [self._editable(fix.place.sheet).known for fix in finding.fixes]
        made = take(self.book, self._findings, fingerprint, known[0].formulas, known[0].language)
        at = finding.place or finding.fixes[0].place
        return self._after(f"采用建议 {at.sheet} {at.cell}", made, changed(self.book, made))

    def corrected(self) -> tuple[Revision, tuple[str, ...]]:
        """一键更正 of every workbook, and what was left and why; itself where nothing can be recomputed."""
        made: list[Change] = []
        notes: list[str] = []
        book = self.book
        for open_file in self.open_files:
            if open_file.editable:
                planned = plan(book, self._findings, (), open_file.known.formulas, open_file.known.language)
                made += planned.changes
                notes += [note for note in planned.notes if note not in notes]
                book = planned.book
        return (self._after("一键更正", tuple(made), book) if made else self), tuple(notes)

    def explained(self, fingerprint: str, reason: str) -> Revision:
        """A 说明 written for a finding; an empty one takes it away."""
        finding = next((one for one in self.report.findings if one.fingerprint == fingerprint), None)
        if finding is None:
            raise CorrectError("这条问题已经不在了，说明没有保存")
        reasons = {**self.reasons, fingerprint: reason.strip()}
        if not reason.strip():
            del reasons[fingerprint]
        where = f" {finding.place.sheet} {finding.place.cell}" if finding.place is not None else ""
        step = Step(f"写说明{where}", (), reasons, self.book)
        return replace(self, done=(*self.done, step), undone=())

    def under(self, policy: str | None) -> Revision:
        """The same, judged by another policy; None: the one the workbook names."""
        return replace(self, policy=policy)

    def back(self) -> Revision:
        """Without the last step; itself where there is none."""
        return replace(self, done=self.done[:-1], undone=(*self.undone, *self.done[-1:]))

    def again(self) -> Revision:
        """With the step that was taken back last."""
        return replace(self, done=(*self.done, *self.undone[-1:]), undone=self.undone[:-1])

    def _after(self, what: str, changes: tuple[Change, ...], book: Book) -> Revision:
        return replace(self, done=(*self.done, Step(what, changes, self.reasons, book)), undone=())

    def _findings(self, book: Book) -> Sequence[Finding]:
        return (self.report if book is self.book else self._report(book)).findings

    def _editable(self, sheet: str) -> OpenFile:
        open_file = self.open_file(sheet)
        if not open_file.editable:
            raise CorrectError(
                f"{open_file.source.file_name} 不能在这里改：Word 文件请在 Word、WPS 里按建议修改，旧格式的表格请另存为 .xlsx"
            )
        return open_file

    # -- what comes of it -------------------------------------------------------------------------------------

    def mended(self, file: str, when: dt.datetime) -> tuple[Source, tuple[str, ...]]:
        """One of the files with everything that was done to it, logged in 更正记录, and what could not be; the very file
        where nothing was."""
        open_file = next(open_file for open_file in self.open_files if open_file.source.file_name == file)
        own = [
            replace(
                change, place=replace(change.place, sheet=open_file.sheets[change.place.sheet], file=None)
            )
            for change in self.changes
            if change.place.sheet in open_file.sheets
        ]
        if not own:
            return open_file.source, ()
        written = correcting.correct(open_file.source.data, open_file.book, own, when)
        return replace(open_file.source, data=written.data), written.notes

    def marked(self, file: str, when: dt.datetime) -> MarkedCopy:
        """A marked copy of one of the files, with everything that was done to it."""
        source, notes = self.mended(file, when)
        report = self.report if self.whole is None else of_file(self.report, file)
        copy = marked_copy(source, report)
        return replace(copy, notes=(*notes, *copy.notes))


def opened(
    files: Sequence[tuple[str, bytes]], policy: str | None = None, limits: Limits = LIMITS
) -> Revision:
    """The files of one submission, each with its name, ready to be mended; a bureau's rule books among them are rules to
    check by. Unreadable for a file that cannot be read, RuleBookError for a book that cannot be used."""
    names = [name for name, _ in files]
    for name in names:
        if names.count(name) > 1:
            raise Unreadable(name, "几个文件同名，分不清", "请改名后再检查")
    read: list[tuple[Source, Book]] = []
    rules: list[RuleBook] = []
    for name, data in files:
        source = judged(name, data, limits)
        book = read_source(source, None, limits, whole=True)
        rule_book = book_of(source, book)
        if rule_book is None:
            read.append((source, book))
        else:
            rules.append(rule_book)
    if not read:
        raise Unreadable(names[0], "这是审核规则，不是自评表", "请和要检查的工作簿一起选")
    return replace(_revision(read, policy), rules=load_books(rules))


def _revision(read: Sequence[tuple[Source, Book]], policy: str | None) -> Revision:
    sources, books = [source for source, _ in read], [book for _, book in read]
    if len(books) == 1:
        own = {grid.sheet: grid.sheet for grid in books[0].grids}
        return Revision((OpenFile(sources[0], books[0], own),), books[0], read_forms(books[0]), policy=policy)
    whole = together((source.file_name, book) for source, book in zip(sources, books, strict=True))
    open_files = [
        OpenFile(
            source,
            book,
            {sheet: own for sheet, (file, own) in whole.sheets.items() if file == source.file_name},
        )
        for source, book in zip(sources, books, strict=True)
    ]
    return Revision(tuple(open_files), whole.book, read_forms(whole.book), whole, policy)


def _grid(book: Book, sheet: str) -> Grid:
    grid = next((grid for grid in book.grids if grid.sheet == sheet), None)
    if grid is None:
        raise CorrectError(f"没有工作表“{sheet}”")
    return grid


def _cell(book: Book, place: Place) -> Cell | None:
    return _grid(book, place.sheet).cells.get((place.row, place.column))


def _with_cell(book: Book, place: Place, cell: Cell | None) -> Book:
    """The book with the very cell at a place: dates and formats are more than a change says."""
    grid = _grid(book, place.sheet)
    cells = {**grid.cells, (place.row, place.column): cell} if cell is not None else grid.cells
    new = replace(grid, cells=cells)
    return replace(book, grids=tuple(new if one is grid else one for one in book.grids))
