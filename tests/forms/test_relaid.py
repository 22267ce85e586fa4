"""One content in drawn layouts: every row is read as it was written, and the clean form is silent."""

from __future__ import annotations

import pytest

from perfeval_xl.grid import Book
from perfeval_xl.runs.checking import check_book
from tests.relaid import HABITS, Laid, books, misread

LAYOUTS = list(books(40, seed=3))


@pytest.mark.parametrize(("book", "laid"), [one[1:] for one in LAYOUTS], ids=[name for name, _, _ in LAYOUTS])
def test_a_drawn_layout_is_read_and_silent(book: Book, laid: Laid) -> None:
    assert misread(book, laid) == []
    findings = check_book(book, policy="national-2020").findings
    assert [f"{one.rule} {one.place}" for one in findings if one.severity != "info"] == []


def test_the_layouts_differ() -> None:
    drawn = {tuple(sorted(laid.drawn.values())) for _, _, laid in LAYOUTS}
    assert len(drawn) == len(LAYOUTS)
    assert {habit for habit in HABITS if not any(habit in laid.drawn for _, _, laid in LAYOUTS)} == set()
