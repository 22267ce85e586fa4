#!/usr/bin/env python3
"""What a bureau's own rules cost beside the check of the example: 200 rules, and 200 whose forms are not there.

    python bench/rule_book.py [--rules 200] [--rounds 15]

Prints the processor time of reading and checking the example in a running program, and of the whole command, without a book and
with each, and the share that a book adds; nothing is asserted. Garbage is not collected meanwhile, as in the command.
"""

from __future__ import annotations

import argparse
import gc
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from perfeval_xl.forms import read_forms
from perfeval_xl.rules.book.records import Book
from perfeval_xl.rules.book.rows import book_of
from perfeval_xl.rules.book.toml import write_toml
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


#: A number behind a sign, words behind 包含 and its like.
_NUMBER, _WORDS = re.compile(r"([≤≥<>] \d+)(?![\d.])"), re.compile(r"((?:包含|匹配|属于) \"[^\"]+)\"")


def varied(row: Mapping[str, str], number: int) -> dict[str, str]:
    """A rule under a number, its bounds and words a little different: no bureau writes the same rule twice."""
    texts = {"编号": f"量{number}"}
    for column in ("条件", "公式"):
        text = _NUMBER.sub(rf"\g<1>.{number:04}", row.get(column, ""))
        texts[column] = _WORDS.sub(rf'\g<1>|量{number}"', text)
    return {**row, **texts}


def of_size(size: int, given: Iterable[Mapping[str, str]]) -> Book:
    """A book of so many rules, the given ones over and over."""
    rows = list(given)
    numbered = [(number + 2, varied(rows[number % len(rows)], number)) for number in range(size)]
    return book_of("量", "量一量", "0" * 64, numbered)


def seconds(work: Callable[[], object]) -> float:
    """The processor time of something, of the processes that it started too."""
    before = used()
    work()
    return used() - before


def used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def least(rounds: int, works: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """The least time that each of some works takes, taken in turn, so that a busy machine is the same for all."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(seconds(work))
    return {name: min(found) for name, found in taken.items()}


def printed(title: str, taken: Mapping[str, float]) -> None:
    alone = taken[""]
    print(f"{title}: {alone:.3f} s")
    for name in filter(None, taken):
        print(f"  with {name}: {taken[name]:.3f} s, {100 * (taken[name] - alone) / alone:+.0f} %")


def check(book: Book | None) -> None:
    workbook = read_book(EXAMPLE)
    check_read(workbook, read_forms(workbook), rules=() if book is None else (book,))


def command(folder: Path, rows: Sequence[Mapping[str, str]] | None) -> None:
    given: list[str] = []
    if rows is not None:
        path = folder / "量.toml"
        path.write_text(write_toml("量", "量一量", list(rows)), encoding="utf-8")
        given = ["--rules", str(path)]
    call = [sys.executable, "-m", "perfeval_xl", "check", str(EXAMPLE), *given]
    subprocess.run(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def main() -> None:
    parser = argparse.ArgumentParser(description="What a rule book costs beside the check of the example")
    parser.add_argument("--rules", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    rows = [row for path in BOOKS for row in texts_of(path)[1]]
    every, absent = f"{options.rules} rules of all kinds", f"{options.rules} rules whose forms are absent"
    books = {"": None, every: of_size(options.rules, rows), absent: of_size(options.rules, [ABSENT])}
    gc.disable()
    works = {name: partial(check, book) for name, book in books.items()}
    printed("reading and checking the example", least(options.rounds, works))
    with tempfile.TemporaryDirectory() as folder:
        written = [varied(rows[number % len(rows)], number) for number in range(options.rules)]
        given = {"": None, every: written}
        calls = {name: partial(command, Path(folder), one) for name, one in given.items()}
        printed("the whole command", least(max(3, options.rounds // 4), calls))


if __name__ == "__main__":
    main()
