#!/usr/bin/env python3
"""How long an export takes beside what a check of the same workbook takes, its reading included, and how it grows with
the number of projects; of the first, what a marked copy takes beside its check.

    python bench/exporting.py

The example in the template (12 forms), then plain workbooks of 25 to 200 projects. Numbers are printed, never asserted.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import openpyxl
from timing import median

from perfeval_xl.cli.demo import example
from perfeval_xl.forms import read_forms
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.hosts.template.filling import fill
from perfeval_xl.hosts.template.template import Template, shipped
from perfeval_xl.runs.checking import check
from perfeval_xl.runs.exporting import export
from perfeval_xl.runs.marking import marked_copy
from perfeval_xl.runs.opening import open_source

PROJECTS = (25, 50, 100, 200)


def in_template(path: Path) -> Path:
    """The example in the template."""
    template = Template(shipped(".xlsm"))
    fill(template, read_forms(read_book(example())))
    path.write_bytes(template.to_bytes())
    return path


def with_projects(path: Path, count: int) -> Path:
    """The example with so many copies of its first project."""
    book = openpyxl.load_workbook(example())
    for number in range(len([name for name in book.sheetnames if name.startswith("附件3-")]) + 1, count + 1):
        sheet = book.copy_worksheet(book["附件3-1"])
        sheet.title = f"附件3-{number}"
        sheet["A1"] = f"附件3-{number}"
    book.save(path)
    return path


def checked_and_marked(path: Path) -> bytes:
    """What ``check --highlight`` does."""
    source = open_source(path)
    return marked_copy(source, check(source)).data


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = in_template(folder / "模板.xlsm")
        checking, exporting, marking = (
            median(lambda run=run: run(path))  # type: ignore[misc]
            for run in (check, lambda path: export(path, ".docx"), checked_and_marked)
        )
        print(f"template, 12 forms: {exporting * 1000:7.0f} ms  {exporting / checking:5.2f} × checking it")
        print(f"with marked copy:   {marking * 1000:7.0f} ms  {marking / checking:5.2f} × checking it")
        smallest = None
        for count in PROJECTS:
            path = with_projects(folder / f"{count}.xlsx", count)
            checking = median(lambda path=path: check(path), 3)  # type: ignore[misc]
            exporting = median(lambda path=path: export(path, ".docx"), 3)  # type: ignore[misc]
            smallest = smallest or exporting
            print(
                f"{count:4} projects:      {exporting * 1000:7.0f} ms  {exporting / checking:5.2f} × checking it  "
                f"{exporting / smallest:5.2f} × {PROJECTS[0]} projects"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
