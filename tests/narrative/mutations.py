"""Figures of the clean twin's text changed one at a time: how many of those that a form also states are caught.

Which figures those are is listed by hand in ``stated.yaml``, by their paragraph and their words.
``python -m tests.narrative.mutations`` prints the recall, every figure that was missed, and every finding that blames a
table for it or would correct one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from perfeval_xl.findings import Finding
from perfeval_xl.grid import Book, Place
from perfeval_xl.prose import read
from perfeval_xl.prose.reading import plain_text
from perfeval_xl.runs.checking import check_book
from tests.slips import changed_digit, clean_book, moved_point, swapped_digits
from tests.support import TESTS, read_yaml

KINDS = {"数字录反": swapped_digits, "小数点移位": moved_point, "录错一位": changed_digit}
LISTED = TESTS / "narrative" / "stated.yaml"


@dataclass(frozen=True, slots=True)
class Mutation:
    """A figure of a text and what is written in its place."""

    place: Place
    words: str
    kind: str
    text: str


def stated() -> list[tuple[str, str, str]]:
    """Sheet, cell and words of every figure of the clean text that a form also states."""
    return [
        (entry["sheet"], entry["cell"], words) for entry in read_yaml(LISTED) for words in entry["figures"]
    ]


def mutations(book: Book) -> Iterator[Mutation]:
    """Every listed figure with every kind of slip that changes it."""
    dice = random.Random(20231231)
    grids = {grid.sheet: grid for grid in book.grids}
    for sheet, cell, words in stated():
        found = next(
            item for item in grids[sheet].cells.values() if Place(sheet, item.row, item.column).cell == cell
        )
        text = plain_text(found.text)
        name, _, figure = words.rpartition("|")
        start = text.index(f"{name}{figure}") + len(name)
        number = next(item for item in read(text).figures if item.start == start)
        digits = figure[: len(figure) - len(number.unit)]
        for kind, change in KINDS.items():
            changed = "3" if Decimal(digits) == 0 else change(digits, dice)
            if changed is None or Decimal(changed) == Decimal(digits):
                continue
            new = text[:start] + changed + text[start + len(digits) :]
            yield Mutation(Place(sheet, found.row, found.column), words, f"{kind} → {changed}", new)


def planted(book: Book, mutation: Mutation) -> Book:
    grids = []
    for grid in book.grids:
        if grid.sheet == mutation.place.sheet:
            cells = dict(grid.cells)
            key = (mutation.place.row, mutation.place.column)
            cells[key] = cells[key]._replace(value=mutation.text, text=mutation.text)
            grid = replace(grid, cells=cells)
        grids.append(grid)
    return Book.of(book.name, grids)


def measure() -> list[tuple[Mutation, tuple[Finding, ...]]]:
    """Every mutation and what is found."""
    book = clean_book("own")
    results = []
    for mutation in mutations(book):
        report = check_book(planted(book, mutation), policy="hunan-2023")
        loud = tuple(finding for finding in report.findings if finding.severity != "info")
        results.append((mutation, loud))
    return results


def caught(mutation: Mutation, findings: Sequence[Finding]) -> bool:
    """Whether the text's cell was told."""
    return any(finding.place == mutation.place for finding in findings)


def blamed(mutation: Mutation, findings: Sequence[Finding]) -> list[Finding]:
    """What is said of another cell, or would change one."""
    return [finding for finding in findings if finding.place != mutation.place or finding.fixes]


if __name__ == "__main__":
    rows = measure()
    for mutation, findings in rows:
        if not caught(mutation, findings):
            print("missed", mutation.place, mutation.words, mutation.kind)
        for finding in blamed(mutation, findings):
            print("blamed", mutation.words, mutation.kind, finding.place, finding.message)
    count = sum(caught(*row) for row in rows)
    print(f"{count} of {len(rows)}: {count / len(rows):.4f}")
