"""A form reads the same wherever it stands: moved, with or without merges, with other blanks and line breaks."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from perfeval_xl.forms import read_forms
from perfeval_xl.forms.records import Forms
from perfeval_xl.grid import Area, Book, Cell, Grid, Place
from perfeval_xl.text import clean
from tests.slips import clean_book

BLANKS = ("", " ", "\n", "\u00a0", "\u3000", " \n ")


def moved(book: Book, down: int, right: int) -> Book:
    """The same workbook with every cell moved."""

    def grid(old: Grid) -> Grid:
        cells = {
            (row + down, column + right): cell._replace(row=row + down, column=column + right)
            for (row, column), cell in old.cells.items()
        }
        merges = tuple(
            Area(area.top + down, area.left + right, area.bottom + down, area.right + right)
            for area in old.merges
        )
        return Grid(old.sheet, cells, merges)

    return Book.of(book.name, (grid(old) for old in book.grids))


def without_merges(book: Book) -> Book:
    return Book.of(book.name, (Grid(grid.sheet, grid.cells) for grid in book.grids))


def respaced(book: Book, blank: str) -> Book:
    """Labels with other white space in front and behind, and in place of their line breaks."""

    def cell(old: Cell) -> Cell:
        if not isinstance(old.value, str) or len(old.text) > 20 or not clean(old.text):
            return old
        text = blank + old.text.replace("\n", blank or "") + blank
        return old._replace(value=text, text=text)

    return Book.of(
        book.name,
        (
            Grid(grid.sheet, {key: cell(old) for key, old in grid.cells.items()}, grid.merges)
            for grid in book.grids
        ),
    )


def comparable(item: Any, down: int = 0, right: int = 0, *, texts: bool = True) -> Any:
    """A record as plain data: its cells moved back; texts without white space where those were changed."""
    if isinstance(item, Place):
        return (item.sheet, item.row - down, item.column - right)
    if isinstance(item, Area):
        return (item.top - down, item.left - right, item.bottom - down, item.right - right)
    if dataclasses.is_dataclass(item) and not isinstance(item, type):
        skipped = {"covered"} if texts else {"covered", "summary"}
        return {
            field.name: (
                getattr(item, field.name) - down
                if field.name == "row" and isinstance(getattr(item, field.name), int)
                else comparable(getattr(item, field.name), down, right, texts=texts)
            )
            for field in dataclasses.fields(item)
            if field.compare
            and field.name not in skipped
            and not (field.name == "rows" and type(item).__name__ == "Level")
        }
    if isinstance(item, Mapping):
        return {key: comparable(value, down, right, texts=texts) for key, value in item.items()}
    if isinstance(item, tuple | list):
        return [comparable(value, down, right, texts=texts) for value in item]
    if isinstance(item, str) and not texts:
        return clean(item)
    return item


def forms_of(book: Book) -> Forms:
    return read_forms(book)


@settings(max_examples=12, deadline=None)
@given(down=st.integers(0, 40), right=st.integers(0, 15))
def test_moved_by_any_rows_and_columns(down: int, right: int) -> None:
    book = clean_book("own")
    assert comparable(forms_of(moved(book, down, right)), down, right) == comparable(forms_of(book))


def test_with_and_without_merges() -> None:
    for layout in ("own", "stacked", "text"):
        book = clean_book(layout)
        assert comparable(forms_of(without_merges(book))) == comparable(forms_of(book))


@settings(max_examples=len(BLANKS), deadline=None)
@given(blank=st.sampled_from(BLANKS))
def test_with_other_blanks_and_line_breaks(blank: str) -> None:
    book = clean_book("own")
    assert comparable(forms_of(respaced(book, blank)), texts=False) == comparable(forms_of(book), texts=False)


def test_all_three_layouts_read_alike() -> None:
    def figures(layout: str) -> list[Any]:
        forms = forms_of(clean_book(layout))
        return [
            [
                (row.name.text, row.target_text, row.actual_text, row.weight and row.weight.number)
                for row in form.indicators
            ]
            for form in (*forms.overall, *forms.projects)
        ] + [
            [{key: cell.number for key, cell in line.cells.items()} for line in form.lines]
            for form in forms.basic
        ]

    assert figures("own") == figures("stacked") == figures("text")
