#!/usr/bin/env python3
"""What a bureau's own rules cost beside the check of the example: 200 rules, and 200 whose forms are not there.

    python bench/rule_book.py [--rules 200] [--rounds 7]

Prints the seconds of the check alone, of the check with each book, and the share that a book adds; nothing is asserted.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from perfeval_xl.forms import read_forms
from perfeval_xl.rules.book.records import Book
from perfeval_xl.rules.book.rows import book_of
from perfeval_xl.runs.checking import check_read
from perfeval_xl.runs.opening import read_book
from perfeval_xl.runs.rulebook import texts_of

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
BOOKS = (
    ROOT / "tests" / "rules" / "book" / "thirty.toml",
    ROOT / "tests" / "rules" / "book" / "thirty_more.toml",
)
ABSENT: Mapping[str, str] = {"公式": "目标表[年度资金申请总额] = 附件3-99[全年预算数]", "级别": "核实"}


def of_size(size: int, given: Iterable[Mapping[str, str]]) -> Book:
    """A book of so many rules, the given ones over and over under other numbers."""
    rows = list(given)
    numbered = [(number + 2, {**rows[number % len(rows)], "编号": f"量{number}"}) for number in range(size)]
    return book_of("量", "量一量", "0" * 64, numbered)


def seconds(rounds: int, books: tuple[Book, ...]) -> float:
    """The median processor time of a check of the example, which was read before."""
    workbook = read_book(EXAMPLE)
    forms = read_forms(workbook)
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        check_read(workbook, forms, rules=books)
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description="What a rule book costs beside the check of the example")
    parser.add_argument("--rules", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    rows = [row for path in BOOKS for row in texts_of(path)[1]]
    start = time.process_time()
    book = of_size(options.rules, rows)
    print(f"{options.rules} rules read in {time.process_time() - start:.3f} s, once a run")
    start = time.process_time()
    workbook = read_book(EXAMPLE)
    read_forms(workbook)
    reading = time.process_time() - start
    alone = reading + seconds(options.rounds, ())
    print(f"check of the example: {alone:.3f} s")
    for name, one in (
        ("rules of all kinds", book),
        ("rules whose forms are absent", of_size(options.rules, [ABSENT])),
    ):
        taken = reading + seconds(options.rounds, (one,))
        print(f"with {options.rules} {name}: {taken:.3f} s, {100 * (taken - alone) / alone:+.0f} %")


if __name__ == "__main__":
    main()
