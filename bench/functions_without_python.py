#!/usr/bin/env python3
"""What the functions for cells cost where there is no Python: opening and recalculating in Calc, with and without them.

Prints the medians of one run and the ratios of opening: a sheet of 600 rows with native formulas alone (baseline), the same
with three functions a row over blank cells, and over filled ones; and how often Python was asked for. Calc's Basic is
slower than Excel's by far; what counts is that filled cells cost what blank ones do. Needs LibreOffice with python3-uno.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import xlsxwriter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "workbook"))

from assemble import add_texts, macro_enabled  # noqa: E402

ROWS = 600
ROUNDS = 3
FUNCTIONS = (
    'IFERROR(PE_JUDGE(A{0},B{0}),"")',
    'IFERROR(PE_SCORE(A{0},B{0},C{0}),"")',
    'IFERROR(PE_RATE(B{0},C{0}),"")',
)


def workbook(*, functions: bool, filled: bool) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        book.set_vba_name("ThisWorkbook")
        sheet = book.add_worksheet("附件2")
        sheet.set_vba_name("Sheet1")
        for row in range(1, ROWS + 1):
            if filled:
                sheet.write_row(row - 1, 0, [5, 4, 2])
            sheet.write_formula(row - 1, 3, f'=IF(N(C{row})=0,"",ROUND(B{row}/C{row},4))', None, "")
            for column, function in enumerate(FUNCTIONS if functions else ()):
                sheet.write_formula(row - 1, 4 + column, "=" + function.format(row), None, "")
        add_texts(book, "twin")
    return macro_enabled(stream.getvalue(), "twin")


def seconds(package: bytes, folder: Path) -> tuple[float, float, int]:
    """Medians of opening and of one recalculation of everything; how often Python was asked for."""
    path, steps = folder / "book.xlsm", folder / "steps.json"
    path.write_bytes(package)
    steps.write_text(json.dumps([["opened"], ["recalculate"], ["run", "xlwings.TwinConnections"]]))
    script = ROOT / "tests" / "workbook" / "in_calc.py"
    # An interpreter that is set up but cannot be reached: the dearest case.
    settings = os.environ | {"PERFEVAL_TWIN_INTERPRETER": "/bin/sh"}
    command = ["/usr/bin/python3", str(script), str(path), str(steps)]
    runs = [
        json.loads(subprocess.run(command, env=settings, capture_output=True, check=True).stdout)
        for _ in range(ROUNDS)
    ]
    return (
        statistics.median(run[0] for run in runs),
        statistics.median(run[1] for run in runs),
        max(run[2] for run in runs),
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = {
            "native formulas (baseline)": seconds(workbook(functions=False, filled=True), Path(folder)),
            f"and {ROWS * len(FUNCTIONS)} functions, blank": seconds(
                workbook(functions=True, filled=False), Path(folder)
            ),
            f"and {ROWS * len(FUNCTIONS)} functions, filled": seconds(
                workbook(functions=True, filled=True), Path(folder)
            ),
        }
    base = next(iter(rows.values()))[0]
    print(f"{'':36}{'open':>8}{'ratio':>7}{'recalculate':>13}{'asked':>7}")
    for name, (opened, recalculated, asked) in rows.items():
        print(f"{name:36}{opened:7.2f}s{opened / base:7.1f}{recalculated:12.2f}s{asked:7}")


if __name__ == "__main__":
    main()
