#!/usr/bin/env python3
"""Try template and add-in in real Excel on Windows, step by step; a release is not made before all steps pass.

    python workbook/smoke_windows.py            works in a temporary folder, changes nothing beside it

Needs Windows with Excel, ``pip install perfeval-xl[excel]`` and ``perfeval-xl install``, and no other workbook open.
Message boxes that the actions show wait for a click on 确定. One line a step: ok, FAILED with the reason, or skipped.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from perfeval_xl.cli.demo import example
from perfeval_xl.excel.actions import BY_ID
from perfeval_xl.own_sheets import RESULTS_SHEET
from perfeval_xl.runs.checking import check

HERE = Path(__file__).resolve().parent
#: Modules that must be in the template, and how many cells of code Excel must have taken from each.
MODULES = ("PE_Actions", "PE_Guard", "PE_Settings", "PE_System", "xlwings", "xlwings_udfs")
Found = set[tuple[str, str]]


class Skip(Exception):
    """A step that cannot be done on this machine; the message says why."""


class Smoke:
    """Excel with the files of one run, and the steps in their order."""

    def __init__(self, folder: Path) -> None:
        import xlwings

        self.folder = folder
        self.app = xlwings.App(visible=True, add_book=False)
        self.template: Any = None
        self.example: Any = None

    def steps(self) -> list[Callable[[], str]]:
        return [
            self.open_template, self.list_modules, self.call_function, self.press_on_template, self.save_and_read_again,
            self.load_addin, self.press_on_example, self.compare_with_headless, self.clear_marks,
        ]  # fmt: skip

    def _copy(self, source: Path, name: str) -> Path:
        return Path(shutil.copy(source, self.folder / name))

    def open_template(self) -> str:
        """Excel opens the template without offering a repair, and calls it by its own name."""
        self.template = self.app.books.open(str(self._copy(HERE / "template.xlsm", "测试 单位.xlsm")))
        if "[" in self.app.api.Caption:  # "[Repaired]", "[已修复]"
            raise AssertionError(f"Excel repaired the file: {self.app.api.Caption}")
        return f"{len(self.template.sheets)} sheets, Excel {self.app.version}"

    def list_modules(self) -> str:
        """Every module is there and was compiled from its source."""
        try:
            components = list(self.template.api.VBProject.VBComponents)
        except Exception as error:
            raise Skip("tick “Trust access to the VBA project object model” to try this") from error
        lines = {component.Name: component.CodeModule.CountOfLines for component in components}
        missing = [name for name in MODULES if not lines.get(name)]
        if missing:
            raise AssertionError(f"modules missing or empty: {missing}")
        return f"{len(lines)} modules"

    def call_function(self) -> str:
        """A function answers in a cell, by value, by text and for a blank."""
        book = self.app.books.add()
        try:
            cell = book.sheets[0]["A1"]
            name = f"'{self.template.name}'!"
            answers = []
            for formula in ("PE_RATE(92.05,100)", 'PE_JUDGE("≥100人","374人")', 'PE_GRADE("")'):
                cell.formula = f"={name}{formula}"
                answers.append(cell.value)
        finally:
            book.close()
        if answers[0] != 0.9205 or not str(answers[1]).startswith("达标") or answers[2] not in ("", None):
            raise AssertionError(f"answers: {answers}")
        return str(answers)

    def press_on_template(self) -> str:
        """一键校验 on the template runs and fills 校验结果."""
        return self._press(self.template, self.template.name)

    def _press(self, book: Any, home: str) -> str:
        book.activate()
        start = time.perf_counter()
        self.app.api.Run(f"'{home}'!{BY_ID['check_all'].macro}")
        seconds = time.perf_counter() - start
        if RESULTS_SHEET not in [sheet.name for sheet in book.sheets]:
            raise AssertionError(f"no sheet {RESULTS_SHEET} after 一键校验")
        return f"{seconds:.1f} s"

    def save_and_read_again(self) -> str:
        """What Excel saves still holds macros and ribbon, and headless finds the same in it as the button did."""
        shown = listed(self.template.sheets[RESULTS_SHEET].used_range.value)
        path = Path(self.template.fullname)
        self.template.save()
        self.template.close()
        with zipfile.ZipFile(path) as package:
            names = set(package.namelist())
        lost = {"xl/vbaProject.bin", "customUI/customUI14.xml"} - names
        if lost:
            raise AssertionError(f"lost on saving: {lost}")
        return same(shown, headless(path))

    def load_addin(self) -> str:
        """The add-in opens as one: no window, no repair."""
        self.app.api.Workbooks.Open(str(self._copy(HERE / "perfeval.xlam", "perfeval.xlam")))
        addin = self.app.api.Workbooks("perfeval.xlam")
        if not addin.IsAddin:
            raise AssertionError("Excel does not take perfeval.xlam for an add-in")
        return "loaded"

    def press_on_example(self) -> str:
        """一键校验 of the add-in on a workbook that is not ours."""
        self.example = self.app.books.open(str(self._copy(example(), "示例 2023.xlsx")))
        return self._press(self.example, "perfeval.xlam")

    def compare_with_headless(self) -> str:
        """The button found what the command line finds, cell by cell."""
        shown = listed(self.example.sheets[RESULTS_SHEET].used_range.value)
        return same(shown, headless(self.folder / "示例 2023.xlsx"))

    def clear_marks(self) -> str:
        """清除标记 takes away what 一键校验 added, and nothing else."""
        self.app.api.Run(f"'perfeval.xlam'!{BY_ID['clear'].macro}")
        names = [sheet.name for sheet in self.example.sheets]
        if RESULTS_SHEET in names:
            raise AssertionError(f"{RESULTS_SHEET} is still there")
        rules = sum(sheet.api.Cells.FormatConditions.Count for sheet in self.example.sheets)
        if rules:
            raise AssertionError(f"{rules} conditional formats are still there")
        return f"{len(names)} sheets as before"

    def close(self) -> None:
        for book in list(self.app.books):
            book.close()
        self.app.quit()


def listed(rows: list[list[Any]]) -> Found:
    """Sheet and cell of every line of 校验结果."""
    texts = [[str(value or "").strip() for value in row] for row in rows]
    header = next((row for row in texts if "单元格" in row and "表" in row), None)
    if header is None:
        raise AssertionError(f"{RESULTS_SHEET} has no columns 表 and 单元格")
    sheet, cell = header.index("表"), header.index("单元格")
    return {(row[sheet], row[cell]) for row in texts if re.fullmatch(r"[A-Z]{1,3}\d+", row[cell])}


def headless(path: Path) -> Found:
    """Sheet and cell of every finding of the command line."""
    return {
        (finding.place.sheet, finding.place.cell)
        for finding in check(path).findings
        if finding.place is not None
    }


def same(shown: Found, expected: Found) -> str:
    if shown != expected:
        raise AssertionError(
            f"only in Excel: {sorted(shown - expected)}; only headless: {sorted(expected - shown)}"
        )
    return f"{len(shown)} cells"


def main() -> int:
    if sys.platform != "win32":
        print("this needs Excel on Windows", file=sys.stderr)
        return 2
    failed = 0
    with tempfile.TemporaryDirectory(prefix="绩效 自评 ", ignore_cleanup_errors=True) as folder:
        smoke = Smoke(Path(folder))
        try:
            for step in smoke.steps():
                try:
                    print(f"ok       {step.__name__}: {step()}")
                except Skip as reason:
                    print(f"skipped  {step.__name__}: {reason}")
                except Exception as error:  # one step that fails must not hide the others
                    failed += 1
                    print(f"FAILED   {step.__name__}: {error}")
        finally:
            smoke.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
