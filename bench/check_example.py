#!/usr/bin/env python3
"""How long a check of the bundled example takes, beside what openpyxl alone needs to load the file.

Prints medians of one run and their ratios to openpyxl's load; nothing here is asserted. Command-line times are whole
processes, start-up included.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import openpyxl
from timing import median

from perfeval_xl.cli.demo import example
from perfeval_xl.hosts.marks.workbook import highlight
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.report.html import to_html
from perfeval_xl.runs.checking import check, check_book


def process(*arguments: str) -> Callable[[], object]:
    """A whole Python process."""
    return lambda: subprocess.run([sys.executable, *arguments], capture_output=True, check=False)


def main() -> None:
    path = example()
    book = read_book(path)
    report = check(path)
    baseline = median(lambda: openpyxl.load_workbook(path))
    load_alone = f"import openpyxl; openpyxl.load_workbook({str(path)!r})"
    rows = {
        "openpyxl.load_workbook (baseline)": baseline,
        "read (usual host)": median(lambda: read_book(path)),
        "read (--host openpyxl)": median(lambda: read_book(path, "openpyxl"), 3),
        "forms and rules": median(lambda: check_book(book)),
        "check, in process": median(lambda: check(path)),
        "HTML page": median(lambda: to_html(report)),
        "highlighted copy": median(lambda: highlight(path, report)),
        "import openpyxl and load, process": median(process("-c", load_alone), 3),
        "perfeval-xl check, process": median(
            process("-m", "perfeval_xl", "check", str(path), "--format", "json"), 3
        ),
        "perfeval-xl --help, process": median(process("-m", "perfeval_xl", "--help"), 5),
    }
    for name, seconds in rows.items():
        print(f"{name:36} {seconds * 1000:8.1f} ms   {seconds / baseline:5.2f} × baseline")


if __name__ == "__main__":
    main()
