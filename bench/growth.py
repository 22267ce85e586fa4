#!/usr/bin/env python3
"""How processor time grows with the size of a submission: for each shape the seconds of a check, of so many rows or forms,
and their ratio to growth in proportion (at most 1.3 is aimed at).

``growth.py`` runs all shapes, ``growth.py rows funds`` those named; ``--most N`` ends at N. Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from typing import Any

from perfeval_xl.grid import Book
from perfeval_xl.runs.checking import check_book
from tests.support import TESTS, book_of, read_yaml

Sheets = dict[str, list[list[Any]]]


def base() -> Sheets:
    """The whole submission that the tests of rules change."""
    given = read_yaml(TESTS / "rules/base.yaml")
    return {name: [list(row) for row in rows] for name, rows in given.items()}


def at(rows: list[list[Any]], label: str) -> int:
    """The first row that holds a label."""
    return next(index for index, row in enumerate(rows) if any(str(cell) == label for cell in row))


def lines(number: int) -> Sheets:
    """附件1 with so many lines under 专项资金."""
    sheets = base()
    name = next(iter(sheets))
    rows = sheets[name]
    here = at(rows, "阅读推广")
    more = [[f"专项{one}", *rows[here][1:-3], one % 97, one % 97, one % 97] for one in range(number)]
    rows[here + 1 : here + 1] = more
    return sheets


def indicators(number: int, name: Callable[[int], str] = "培训人数{}".format) -> Sheets:
    """附件2 with so many indicators more."""
    sheets = base()
    rows = next(rows for sheet, rows in sheets.items() if sheet.startswith("附件2"))
    here = at(rows, "办证数")
    more = []
    for one in range(number):
        row = list(rows[here])
        row[row.index("办证数")] = name(one)
        more.append(row)
    rows[here + 1 : here + 1] = more
    return sheets


def funds(number: int) -> Sheets:
    """附件4 with so many rows."""
    sheets = base()
    rows = next(rows for sheet, rows in sheets.items() if sheet.startswith("附件4"))
    here = at(rows, "合计")
    rows[here:here] = [[str(2_000_000 + one), f"基金{one}", 1, 2, 3, 4, 5, 6] for one in range(number)]
    return sheets


def forms(number: int) -> Sheets:
    """So many 附件3 under each other on one sheet."""
    sheets = base()
    name = next(sheet for sheet in sheets if sheet.startswith("附件3"))
    one = sheets[name]
    sheets[name] = [row for _ in range(number) for row in (*one, [])]
    return sheets


def prose(number: int) -> Sheets:
    """A report of so many paragraphs, each with figures."""
    sheets = base()
    name = next(sheet for sheet in sheets if "报告" in sheet)
    text = "其中：维修费{}万元，培训{}人次，其他支出5万元（含办公费3万元）；较2022年增加2万元。"
    sheets[name] += [[text.format(one % 89, one)] for one in range(number)]
    return sheets


def named(number: int) -> Sheets:
    """So many indicators, and a report that names each of them."""
    sheets = indicators(number)
    rows = next(rows for sheet, rows in sheets.items() if "报告" in sheet)
    rows += [[f"完成培训人数{one}共1100个。"] for one in range(number)]
    return sheets


ROWS = (250, 500, 1_000, 2_000, 4_000, 8_000, 16_000)
FORMS = (10, 50, 250, 500, 1_000, 2_000)
SHAPES: dict[str, tuple[Callable[[int], Sheets], tuple[int, ...]]] = {
    "lines": (lines, ROWS),
    "indicators": (indicators, ROWS),
    "equal-names": (lambda number: indicators(number, lambda _: "办证数"), ROWS),
    "funds": (funds, ROWS),
    "forms": (forms, FORMS),
    "prose": (prose, ROWS),
    "named": (named, ROWS),
}


def seconds(book: Book) -> float:
    """Processor time of one check."""
    start = time.process_time()
    check_book(book)
    return time.process_time() - start


def grown(shape: str, most: int) -> Iterator[tuple[int, float, float]]:
    """Size, seconds, and how many times more than in proportion to the size before; what an empty submission takes is
    taken off."""
    make, sizes = SHAPES[shape]
    idle = seconds(book_of(base()))
    before: tuple[int, float] | None = None
    for size in (size for size in sizes if size <= most):
        took = seconds(book_of(make(size)))
        own = max(took - idle, 0.001)
        yield size, took, own / before[1] / (size / before[0]) if before else 1.0
        before = size, own


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shapes", nargs="*", choices=[*SHAPES, []])
    parser.add_argument("--most", type=int, default=16_000)
    options = parser.parse_args()
    check_book(book_of(base()))  # everything is loaded
    for shape in options.shapes or SHAPES:
        for size, took, ratio in grown(shape, options.most):
            print(f"{shape:12} {size:6} {took:8.2f} s  × {ratio:.2f}", flush=True)


if __name__ == "__main__":
    main()
