#!/usr/bin/env python3
"""How processor time grows with the size of a submission: for each shape the seconds of a check, of so many rows or forms,
and how many times more than in proportion that is: to the size before, and to the smallest (at most 1.3 is aimed at).

``growth.py`` runs all shapes, ``growth.py rows funds`` those named; ``--most N`` ends at N. Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace

from perfeval_xl.bounds import BOUNDS
from perfeval_xl.grid import Book
from perfeval_xl.runs.checking import check_book
from tests.sizes import base, grown
from tests.support import book_of

ROWS = (250, 500, 1_000, 2_000, 4_000, 8_000, 16_000)
FORMS = (10, 50, 250, 500, 1_000, 2_000)
#: Every shape that grows by rows or forms; those of ``tests.sizes`` that grow by letters have no such table.
SIZES = {
    "lines": ROWS, "indicators": ROWS, "equal-names": ROWS, "scores": ROWS, "funds": ROWS, "forms": FORMS,
    "heads": FORMS, "projects": FORMS, "prose": ROWS, "named": ROWS,
}  # fmt: skip


#: Far beyond what is read without being asked for.
WIDE = replace(
    BOUNDS, form_rows=100_000, form_letters=100_000_000, sheet_forms=10_000, forms=10_000, findings=1_000_000
)


def seconds(book: Book) -> float:
    """Processor time of one check, without the bounds that spare it."""
    start = time.process_time()
    check_book(book, bounds=WIDE)
    return time.process_time() - start


def table(shape: str, most: int) -> Iterator[tuple[int, float, float, float]]:
    """Size, seconds, and how many times more than in proportion to the size before and to the first; what an empty submission
    takes is taken off."""
    idle = seconds(book_of(base()))
    each: list[float] = []
    for size in (size for size in SIZES[shape] if size <= most):
        took = seconds(book_of(grown(shape, size)))
        each.append(max(took - idle, 0.001) / size)
        yield size, took, each[-1] / each[-2:][0], each[-1] / each[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shapes", nargs="*", choices=[*SIZES, []])
    parser.add_argument("--most", type=int, default=16_000)
    options = parser.parse_args()
    check_book(book_of(base()))  # everything is loaded
    for shape in options.shapes or SIZES:
        for size, took, step, whole in table(shape, options.most):
            print(f"{shape:12} {size:6} {took:8.2f} s  × {step:.2f}  × {whole:.2f}", flush=True)


if __name__ == "__main__":
    main()
