"""How long the template takes: a new one, filled from the example, marked. Ratios against openpyxl's mere loading.

python bench/template.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import openpyxl

from perfeval_xl.forms import read_forms
from perfeval_xl.hosts.marks.workbook import highlight
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.hosts.template.filling import fill
from perfeval_xl.hosts.template.template import Template, shipped
from perfeval_xl.runs.checking import check
from perfeval_xl.runs.new import new_workbook

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
ROUNDS = 5


def best(action: Callable[[], object]) -> float:
    """Seconds of the fastest of some rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def filled() -> bytes:
    template = Template(shipped(".xlsx"))
    fill(template, read_forms(read_book(EXAMPLE)))
    return template.to_bytes()


def main() -> None:
    report = check(EXAMPLE, policy="hunan-2023")
    data = filled()
    baseline = best(lambda: openpyxl.load_workbook(shipped(".xlsx")))
    measured = {
        "new": best(lambda: new_workbook(".xlsx", unit="甲县图书馆", year=2025)),
        "fill from the example": best(filled),
        "mark": best(lambda: highlight(data, report)),
    }
    print(f"openpyxl loads the empty template: {baseline * 1000:.0f} ms")
    for name, seconds in measured.items():
        print(f"{name}: {seconds * 1000:.0f} ms, {seconds / baseline:.1f} times that")


if __name__ == "__main__":
    main()
