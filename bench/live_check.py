#!/usr/bin/env python3
"""How long the live check of the bundled example takes in LibreOffice, beside the headless check and one read a sheet.

Prints medians of one run; nothing is asserted. "one read a sheet" is what the values and formulas of all sheets cost
when each comes in one call. The live check reads the open book, checks it, and writes marks and list.
"""

from __future__ import annotations

import functools
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import timing

from perfeval_xl import calc_engine
from perfeval_xl.cli.demo import example
from perfeval_xl.excel.running import run_action
from perfeval_xl.hosts.live.marks import mark
from perfeval_xl.hosts.live.reading import read_open_book
from perfeval_xl.runs.checking import check, check_book

median = functools.partial(timing.median, rounds=5)


def read_each_sheet(book: Any) -> None:
    for sheet in book.sheets:
        used = sheet.used_range
        used.options(ndim=2, err_to_str=True).value  # noqa: B018
        used.formula  # noqa: B018


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "单位.xlsx")
        shutil.copy(example(), path)
        start = time.perf_counter()
        app = calc_engine.start()
        started = time.perf_counter() - start
        try:
            book = app.books.open(path)
            headless = median(lambda: check(path))
            reads = median(lambda: read_each_sheet(book))
            report = check_book(read_open_book(book))
            rows = {
                "start LibreOffice, own profile": started,
                "headless check (baseline)": headless,
                "one read a sheet": reads,
                "read the open book": median(lambda: read_open_book(book)),
                "read the open book in blocks": median(lambda: read_open_book(book, way="blocks"), rounds=1),
                "live: read and check": median(lambda: check_book(read_open_book(book))),
                "write list and marks": median(lambda: mark(book, report)),
                "live: whole button": median(lambda: run_action("check_all", book)),
            }
        finally:
            app.quit()
    for name, seconds in rows.items():
        print(f"{name:36} {seconds * 1000:8.1f} ms   {seconds / headless:5.2f} × headless check")
    allowed = 3 * headless + reads
    print(f"{'3 × headless + one read a sheet':36} {allowed * 1000:8.1f} ms")


if __name__ == "__main__":
    main()
