#!/usr/bin/env python3
"""What an import costs beside the check of the same workbook, and how both grow with the number of projects.

    python bench/importing.py

Numbers are printed, never asserted.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import openpyxl
from timing import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from perfeval_xl.runs.checking import check  # noqa: E402
from perfeval_xl.runs.importing import import_files  # noqa: E402

EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
PROJECTS = (7, 50, 200)


def workbook(projects: int, folder: Path) -> Path:
    """The example with that many project sheets."""
    book = openpyxl.load_workbook(EXAMPLE)
    for number in range(8, projects + 1):
        sheet = book.copy_worksheet(book[f"附件3-{1 + number % 7}"])
        sheet.title = f"附件3-{number}"
        sheet["A1"] = sheet.title
    path = folder / f"{projects}.xlsx"
    book.save(path)
    return path


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for projects in PROJECTS:
            path = workbook(projects, Path(folder))
            checking = median(lambda: check(path), 3)  # noqa: B023
            importing = median(lambda: import_files([path], ".xlsx"), 3)  # noqa: B023
            print(
                f"{projects:4} projects: check {checking:6.2f} s, import {importing:6.2f} s, "
                f"ratio {importing / checking:.1f}, {1000 * importing / projects:.0f} ms a project"
            )


if __name__ == "__main__":
    main()
