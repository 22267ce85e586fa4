"""An imported workbook in a live LibreOffice: what it reckons anew is what the file says, whatever the source was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from perfeval_xl.grid import a1
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.runs.importing import import_files
from tests import word
from tests.published.rendered import rendered
from tests.workbook.live_calc import Steps, needs_calc

pytestmark = needs_calc


@pytest.mark.parametrize(
    "source", ["example.docx", "linhe_jiuye", "hengshan_guantang", "cq_kexuecheng_media"]
)
def test_what_calc_reckons_anew_is_what_the_file_says(
    source: str, tmp_path: Path, shared_calc: Steps
) -> None:
    path = tmp_path / (source if source.endswith(".docx") else f"{source}.xlsx")
    path.write_bytes(word.build("before", clean=False) if source.endswith(".docx") else rendered(source))
    out = tmp_path / "导入.xlsx"
    out.write_bytes(import_files([path], ".xlsx").data)
    book = read_book(out)
    formulas = [(grid.sheet, cell) for grid in book.grids for cell in grid.cells.values() if cell.formula]
    steps: list[list[Any]] = [["recalculate"]]
    steps += [["figure", sheet, a1(cell.row, cell.column)] for sheet, cell in formulas]
    _, *shown = [answer for answer in shared_calc(out, steps) if answer is not None]
    different = [
        (sheet, a1(cell.row, cell.column), cell.value, value)
        for (sheet, cell), value in zip(formulas, shown, strict=True)
        if not _same(cell.value, value)
    ]
    assert len(formulas) > 100
    assert different == []


def _same(ours: Any, shown: Any) -> bool:
    if isinstance(shown, str):
        return bool(shown == ours)
    return not isinstance(ours, str) and abs(float(ours) - shown) < 1e-6 * max(1.0, abs(shown))
