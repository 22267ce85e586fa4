"""Recomputing over planted slips: nothing it writes may make a new finding, and undoing gives the file that was.

Slips of the hand (tests.slips) and slips of typing: letters for digits, marks, words and units where a figure is due.
``python -m tests.recalc`` runs them all in three layouts; the suite takes a sample.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from perfeval_xl import recalc, undo
from perfeval_xl.findings import SEVERITIES, Finding
from perfeval_xl.forms import read_forms
from perfeval_xl.forms.records import Field, Forms, IndicatorForm
from perfeval_xl.grid import Book, Cell, Place
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.own_sheets import CORRECTIONS_SHEET
from perfeval_xl.rules.cells import all_cells
from perfeval_xl.runs.checking import check_book
from perfeval_xl.runs.correcting import planner
from tests.slips import LAYOUTS, Slip, clean_book, planted, slips

POLICY = "hunan-2023"
#: How a figure is mistyped, by kind; {} is the figure.
TYPING: Mapping[str, tuple[str, ...]] = {
    "字母": ("{O}", "{l}"),
    "标点": ("{},50", "{}。0", "{}..5", "{}、5"),
    "单位": ("{}亩", "{}平方米", "{}公里"),
    "算式": ("{}+0", "{}E+00"),
    "文字": ("见附件", "优秀", "满分", "玖拾陆", "九十六"),
    "占位": ("/", "——", "无", "N/A"),
}


@dataclass(frozen=True, slots=True)
class Tried:
    """What recomputing did to a slip: how many cells it changed, and what came up anew."""

    slip: Slip
    changes: int
    new: tuple[Finding, ...]


def typing_slips(forms: Forms, dice: random.Random) -> Iterator[Slip]:
    """Every figure of the tables that a total, a rate or a score rests on, mistyped in a way or two."""
    for form in (*forms.basic, *forms.overall, *forms.projects):
        for field in _figures(form):
            for kind in dice.sample(sorted(TYPING), 2):
                way = dice.choice(TYPING[kind])
                yield Slip(kind, field.place, ((field.place, _mistyped(way, field.text)),))


def _figures(form: object) -> Iterator[Field]:
    texts: set[Place] = set()
    if isinstance(form, IndicatorForm):
        texts = {field.place for row in form.indicators for field in (row.name, row.target, row.actual)}
        texts |= {row.reason.place for row in form.indicators if row.reason is not None}
    for field in all_cells(form):  # type: ignore[arg-type]
        if field.number and field.place not in texts and ":" not in field.text and "：" not in field.text:
            yield field


def _mistyped(way: str, text: str) -> str:
    figure = text.rstrip("%")
    if way == "{O}":
        return figure.replace("0", "O") if "0" in figure else figure + "O"
    if way == "{l}":
        return figure.replace("1", "l") if "1" in figure else "l" + figure
    return way.format(figure)


def tried(book: Book, slip: Slip, clean: Sequence[Finding] = (), policy: str = POLICY) -> Tried:
    """Recompute a workbook with a slip in it, and check what came out; what ``clean`` says of the workbook without the slip is
    nothing new."""
    wrong = planted(book, slip)
    before = check_book(wrong, policy=policy).findings
    planned = planner(wrong, None, policy=policy)(())
    after = check_book(planned.book, policy=policy).findings if planned.changes else before
    return Tried(slip, len(planned.changes), tuple(made_worse((*before, *clean), after)))


def made_worse(before: Iterable[Finding], after: Iterable[Finding]) -> Iterator[Finding]:
    """Findings of a rule at a cell that none of that rule named before, or that count more."""
    named: dict[tuple[str, Place | None], int] = {}
    for finding in before:
        for place in (finding.place, *finding.related):
            rank = SEVERITIES.index(finding.severity)
            named[finding.rule, place] = min(rank, named.get((finding.rule, place), rank))
    for finding in after:
        if SEVERITIES.index(finding.severity) < named.get((finding.rule, finding.place), len(SEVERITIES)):
            yield finding


def undone(data: bytes, slip: Slip, folder: Path) -> bool | None:
    """Whether undoing what recomputing a file did gives its cells again; None where nothing was done."""
    source, out, back = (folder / f"{name}.xlsx" for name in ("错", "出", "回"))
    source.write_bytes(data)
    book = openpyxl.load_workbook(source)
    for place, value in slip.changes:
        book[place.sheet].cell(place.row, place.column).value = value
    book.save(source)
    if not recalc(source, out, policy=POLICY).changes:
        return None
    undo(out, back)
    return _cells(read_book(back)) == _cells(read_book(source))


def _cells(book: Book) -> dict[Place, Cell]:
    return {
        Place(grid.sheet, *key): cell
        for grid in book.grids
        if grid.sheet != CORRECTIONS_SHEET
        for key, cell in grid.cells.items()
    }


def chosen(layout: str, hand: int | None, typing: int | None) -> tuple[Book, list[Slip]]:
    """A layout's clean workbook and its slips, so many of each sort."""
    book = clean_book(layout)
    forms, dice = read_forms(book), random.Random(20240530)
    by_hand, typed = list(slips(forms)), list(typing_slips(forms, dice))
    return book, [
        *(by_hand if hand is None else dice.sample(by_hand, min(hand, len(by_hand)))),
        *(typed if typing is None else dice.sample(typed, min(typing, len(typed)))),
    ]


def main() -> int:
    from tests.support import example_builder

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--undo", type=int, default=20, help="so many files a layout are undone too")
    many = parser.parse_args().undo
    worse = 0
    for layout in LAYOUTS:
        book, every = chosen(layout, None, None)
        clean = check_book(book, policy=POLICY).findings
        results = [tried(book, slip, clean) for slip in every]
        changed = [row for row in results if row.changes]
        bad = [row for row in results if row.new]
        data = example_builder().build(layout, True)
        picked = random.Random(3).sample(changed, min(many, len(changed)))
        with tempfile.TemporaryDirectory() as folder:
            back = [undone(data, row.slip, Path(folder)) for row in picked]
        worse += len(bad) + back.count(False)
        print(layout, len(every), "slips,", len(changed), "recomputed,", len(bad), "made worse;", end=" ")
        print("undone", back.count(True), "of", len([one for one in back if one is not None]))
        for row in bad:
            print("  ", row.slip, [f"{one.rule} {one.severity} {one.place}" for one in row.new])
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
