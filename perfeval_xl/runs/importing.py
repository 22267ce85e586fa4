"""`perfeval-xl import`: any readable sources into a copy of the template, and an account of every cell of theirs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from perfeval_xl.errors import ImportFailure, Unreadable
from perfeval_xl.forms import accounting, narrative, particulars, read_forms
from perfeval_xl.forms.records import Field, Form, Forms, Narrative
from perfeval_xl.forms.segments import Segment
from perfeval_xl.forms.sheet import Sheet
from perfeval_xl.grid import Book, Place
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.hosts.reading.word import TEXT_SHEET
from perfeval_xl.hosts.template import import_record
from perfeval_xl.hosts.template.filling import Filler, Move, fill_in
from perfeval_xl.hosts.template.template import Template, shipped
from perfeval_xl.own_sheets import GUIDE_SHEET, HIDDEN_SHEETS, is_own_sheet
from perfeval_xl.policy import DEFAULT_POLICY, load_policy
from perfeval_xl.records import dataclass, replace
from perfeval_xl.text import clean

#: Between a source's name and its sheet's, where there are several sources.
_BETWEEN = "｜"
#: 校验结果 and 更正记录 as the template ships them hold no more cells than this.
_BARE = 40


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of one form: its kind and caption in the source, the sheets that took it up, how many cells."""

    caption: str
    source: str
    target: str
    cells: int


@dataclass(frozen=True, slots=True)
class Imported:
    """A filled template. ``placed`` are the cells that were taken up, ``unplaced`` say of every other cell of the sources
    where it is and what it holds; ``notes`` what else the clerk should know."""

    data: bytes
    placed: tuple[Move, ...]
    unplaced: tuple[str, ...]
    notes: tuple[str, ...]
    forms: tuple[Summary, ...]


def import_files(
    paths: Sequence[Path], suffix: str, *, policy: str | None = None, limits: Limits = LIMITS
) -> Imported:
    """Fill a copy of the template (``.xlsx`` or ``.xlsm``) from one or several sources, in their order.

    All or nothing: ImportFailure where a source cannot be read or none holds a form. ``policy`` is what 填报说明 names;
    without it what the sources name, else what a check of them would go by.
    """
    books = _books(paths, limits)
    book = _joined(books)
    forms = read_forms(book, limits)
    if forms.beyond is not None:
        raise ImportFailure(f"没有导入任何内容：{forms.beyond}")
    untitled = () if forms.narratives else tuple(_untitled_reports(book, forms))
    forms = replace(forms, narratives=forms.narratives + untitled)
    if not forms:
        raise ImportFailure(f"{_names(paths)}：没有找到绩效自评表或自评报告，没有导入任何内容")
    template = Template(shipped(suffix))
    words = [text for part in template.parts.values() for text in part.all_texts()]
    given = _particulars(books)
    notes = [f"“{form.sheet}”没有标题，正文当作自评报告放入" for form in untitled]
    notes += [*book.notes, *_choose_policy(template, given, policy)]
    filler = fill_in(template, forms, given, {grid.sheet: grid for grid in book.grids})
    order = {grid.sheet: index for index, grid in enumerate(book.grids)}
    moves = tuple(sorted(filler.moves, key=lambda move: (order.get(move.source.sheet, -1), move.source)))
    used = {move.source for move in moves} | filler.taken | _taken_along(book, filler)
    left = list(accounting.left_over(book.grids, used, {form.sheet for form in forms}, words))
    notes += [*filler.notes, *_own_logs(books)]
    import_record.write(template, moves, left, notes)
    summaries = tuple(_summaries(forms, moves))
    return Imported(template.to_bytes(), moves, tuple(map(str, left)), tuple(notes), summaries)


def _books(paths: Sequence[Path], limits: Limits) -> list[Book]:
    """Every source, or ImportFailure that names each that cannot be read."""
    books: list[Book] = []
    failures: list[str] = []
    seen: set[str] = set()
    for path in paths:
        real = os.path.realpath(path)  # a circle of links, too, has one
        if real in seen:
            raise ImportFailure(f"{path}：同一个文件写了两次，没有导入任何内容")
        seen.add(real)
        try:
            books.append(read_book(path, None, limits))
        except Unreadable as error:
            failures.append(str(error))
    if failures:
        others = f"（共 {len(failures)} 个文件读不了）" if len(failures) > 1 else ""
        raise ImportFailure(f"{failures[0]}{others}没有导入任何内容。")
    return books


def _names(paths: Sequence[Path]) -> str:
    return "、".join(path.name for path in paths)


def _joined(books: Sequence[Book]) -> Book:
    """The sources as one book, without our own sheets; where there are several, each sheet is named with its file."""
    grids = [
        grid if len(books) == 1 else replace(grid, sheet=f"{book.name}{_BETWEEN}{grid.sheet}")
        for book in books
        for grid in book.grids
        if not is_own_sheet(grid)
    ]
    notes = [note for book in books for note in book.notes]
    return Book.of("、".join(book.name for book in books), grids, notes)


#: So many paragraphs with a sentence make a text a report, though it has no title.
_PROSE = 3


def _untitled_reports(book: Book, forms: Forms) -> Iterator[Narrative]:
    """The text of a Word file that is prose without the title of a report."""
    unread = {item.sheet for item in forms.unread}
    for grid in book.grids:
        if grid.sheet.rpartition(_BETWEEN)[2] != TEXT_SHEET or grid.sheet not in unread:
            continue
        cells = sorted(grid.cells.values())
        if sum("。" in cell.text for cell in cells) >= _PROSE:
            segment = Segment("narrative", cells[0].row - 1, cells[-1].row, cells[0], TEXT_SHEET)
            yield narrative.read(Sheet(grid), segment)
            return


def _particulars(books: Sequence[Book]) -> dict[str, Field]:
    """What the sources' own 填报说明 state, the first that says it."""
    found: dict[str, Field] = {}
    for book in books:
        for name, value in particulars(book).items():
            if value.filled:
                found.setdefault(name, value)
    return found


def _choose_policy(template: Template, given: Mapping[str, Field], policy: str | None) -> list[str]:
    """Name the policy that was asked for, or that a check of a source without one goes by; one that a source names is
    among the ``given`` and stays."""
    if policy is None and "PE_POLICY" in given:
        return []
    template.set_name("PE_POLICY", policy or DEFAULT_POLICY)
    return (
        []
        if policy
        else [f"源文件没有写明评价政策，“填报说明”里填的是{load_policy(DEFAULT_POLICY).title}，请核对"]
    )


def _own_logs(books: Sequence[Book]) -> list[str]:
    """Our own lists of an earlier file are not carried over: which, and the reasons a clerk wrote there."""
    return [
        f"{book.name} 的“{grid.sheet}”是程序写的，没有带过来，需要时请看原文件"
        for book in books
        for grid in book.grids
        if is_own_sheet(grid) and grid.sheet not in (GUIDE_SHEET, *HIDDEN_SHEETS) and len(grid.cells) > _BARE
    ]


def _taken_along(book: Book, filler: Filler) -> set[Place]:
    """The cells of rows that were taken up as a whole, and those whose text was."""
    rows, texts = filler.taken_rows, filler.taken_texts
    return {
        Place(grid.sheet, cell.row, cell.column)
        for grid in book.grids
        for cell in grid.cells.values()
        if (grid.sheet, cell.row) in rows or (grid.sheet, cell.row, clean(cell.text)) in texts
    }


def _summaries(forms: Forms, moves: Sequence[Move]) -> Iterator[Summary]:
    """Every form of the sources in their order, with what took it up."""
    of_sheet: dict[str, list[Move]] = {}
    for move in moves:
        of_sheet.setdefault(move.source.sheet, []).append(move)
    for form in forms:
        found = [move for move in of_sheet.get(form.sheet, ()) if _is_of(move.source, form)]
        sheets = dict.fromkeys(move.target.sheet for move in found if move.target.sheet != GUIDE_SHEET)
        yield Summary(form.caption, form.sheet, "、".join(sheets), len(found))


def _is_of(place: Place, form: Form) -> bool:
    return place.sheet == form.sheet and form.area.top <= place.row <= form.area.bottom
