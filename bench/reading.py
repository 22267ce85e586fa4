#!/usr/bin/env python3
"""How fast a workbook is read and how much memory it takes, beside what others need for the same file.

The file is a unit's year: twelve bordered and merged forms of 60 rows and 10 columns with formulas, comments and
validations. The baseline is what no reader in Python can do without: unpack every part and pass it through expat with
no handler. Times are processor time, minima of one run, for what else the machine does only adds to them; nothing
here is asserted.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import openpyxl
import pandas
import python_calamine
import xlsxwriter
from timing import fastest, floor

from perfeval_xl.cli.demo import example
from perfeval_xl.hosts.marks.workbook import highlight, unmark
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.runs.checking import check

SHEETS, ROWS, COLUMNS = 12, 60, 10
ROUNDS = 9


def forms(path: Path, sheets: int = SHEETS, rows: int = ROWS) -> Path:
    """A workbook shaped like a unit's, as Excel would save it."""
    with xlsxwriter.Workbook(path) as book:
        cell = book.add_format({"border": 1, "text_wrap": True, "align": "center"})
        money = book.add_format({"border": 1, "num_format": "#,##0.00"})
        rate = book.add_format({"border": 1, "num_format": "0.00%"})
        for number in range(sheets):
            sheet = book.add_worksheet(f"附件3-{number + 1}")
            sheet.merge_range(0, 0, 0, COLUMNS - 1, f"{2023}年度项目支出绩效自评表（{number + 1}）", cell)
            for row in range(1, rows):
                spent = number * 100 + row * 1.37
                if row % 3 == 0:
                    sheet.merge_range(row, 0, row, 1, f"数量指标 {row}", cell)
                    sheet.merge_range(row, 2, row, 3, f"完成第 {number}-{row} 项工作", cell)
                else:
                    sheet.write_row(
                        row, 0, [f"一级 {row}", f"二级 {row}", f"三级 {number}-{row}", "≥90%"], cell
                    )
                sheet.write_row(row, 4, [spent * 1.25, spent, number + row], money)
                sheet.write_formula(row, 7, f"=IF(E{row + 1}=0,0,F{row + 1}/E{row + 1})", rate, 0.96)
                sheet.write_row(row, 8, ["10", "无偏差"], cell)
            sheet.write_comment(2, 4, "按决算数填写")
            sheet.data_validation(1, 8, rows, 8, {"validate": "decimal", "criteria": ">=", "value": 0})
    return path


def calamine(path: Path) -> None:
    book = python_calamine.CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        sheet.to_python(skip_empty_area=False), sheet.merged_cell_ranges


def openpyxl_read_only(path: Path) -> None:
    book = openpyxl.load_workbook(path, read_only=True)
    for sheet in book.worksheets:
        for _ in sheet.iter_rows():
            pass
    book.close()


def readers(path: Path) -> None:
    rows: dict[str, tuple[Callable[[], object], int]] = {
        "unpack and expat (baseline)": (lambda: floor(path), ROUNDS),
        "perfeval-xl: values, formulas, formats, merges": (lambda: read_book(path), ROUNDS),
        "perfeval-xl: whole check in process": (lambda: check(path), ROUNDS),
        "calamine: values, merges": (lambda: calamine(path), ROUNDS),
        "pandas (calamine): values": (lambda: pandas.read_excel(path, sheet_name=None, engine="calamine"), 5),
        "openpyxl read-only: values, formats": (lambda: openpyxl_read_only(path), 3),
        "openpyxl: formulas, formats, merges": (lambda: openpyxl.load_workbook(path), 3),
        "pandas (openpyxl): values": (lambda: pandas.read_excel(path, sheet_name=None, engine="openpyxl"), 3),
    }
    seconds = {name: fastest(run, rounds) for name, (run, rounds) in rows.items()}
    base = seconds["unpack and expat (baseline)"]
    print(f"{SHEETS} forms of {ROWS} × {COLUMNS} cells, {path.stat().st_size // 1000} kB")
    for name, value in seconds.items():
        print(f"  {name:48} {value * 1000:8.1f} ms   {value / base:6.1f} × baseline")


def growth(folder: Path) -> None:
    print("\ntime of reading by size, as a ratio to a proportional growth of the smallest")
    for what, sizes in (
        ("sheets", [(n, ROWS) for n in (6, 12, 48, 192)]),
        ("rows", [(1, n) for n in (300, 1200, 4800, 19200)]),
    ):
        times = []
        for sheets, rows in sizes:
            path = forms(folder / f"{sheets}-{rows}.xlsx", sheets, rows)
            times.append((sheets * rows, fastest(partial(read_book, path), 3)))
        least, first = times[0]
        shown = "  ".join(
            f"{rows:6} rows {value * 1000:7.1f} ms ({value / first / (rows / least):.2f})"
            for rows, value in times
        )
        print(f"  by {what:7} {shown}")


def memory(path: Path) -> None:
    """Peak memory of a check in a process of its own, above the interpreter with everything imported."""
    code = (
        "import json, re, sys\n"
        "import perfeval_xl.runs.checking, perfeval_xl.hosts.reading.xlsx\n"
        # Not getrusage, which counts what the parent had when it made the child.
        "peak = lambda: int(re.search('VmHWM:\\\\s+(\\\\d+)', open('/proc/self/status').read())[1])\n"
        "before = peak(); perfeval_xl.runs.checking.check(sys.argv[1]); print(json.dumps([before, peak()]))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, check=True)
    before, after = json.loads(done.stdout)
    print(f"  {path.name:24} {(after - before) / 1000:6.1f} MB above {before / 1000:.0f} MB")


def copies(path: Path) -> None:
    report = check(path)
    marked = highlight(path, report).data
    base = fastest(lambda: check(path), ROUNDS)
    print("\nmarked copies of the example, beside its check (baseline)")
    for name, run in (("mark", lambda: highlight(path, report)), ("unmark", lambda: unmark(marked))):
        value = fastest(run, ROUNDS)
        print(f"  {name:10} {value * 1000:8.1f} ms   {value / base:5.2f} × baseline")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = forms(folder / "twelve-forms.xlsx")
        readers(path)
        growth(folder)
        print("\npeak memory of a check")
        for each in (path, example(), folder / "192-60.xlsx"):
            memory(each)
    copies(example())


if __name__ == "__main__":
    main()
