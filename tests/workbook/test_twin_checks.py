"""The whole way of a button: pressed in a living Calc, its macro starts the Python Excel would start, which checks the
workbook that is open and marks it. The same findings and colours as the file's check gives."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from assemble import macro_enabled

from perfeval_xl.findings import Severity
from perfeval_xl.worklist import in_list
from tests.workbook.plain_book import plain_sheets

pytest.importorskip("xlwings")

from perfeval_xl.findings import SEVERITY_LEVEL
from perfeval_xl.hosts.live.marks import listed
from perfeval_xl.hosts.marks import results
from perfeval_xl.runs.checking import check
from tests.live import start_calc
from tests.support import example_builder

PATIENCE = 60.0


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A LibreOffice whose twin starts this Python, with macros allowed."""
    monkeypatch.setenv("PERFEVAL_TWIN_INTERPRETER", "/bin/sh")
    monkeypatch.setenv("PERFEVAL_TWIN_PYTHON", sys.executable)
    monkeypatch.setenv("PERFEVAL_TWIN_LOG", str(tmp_path / "记录.log"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    app = start_calc()
    app.impl.macros = 4
    yield app
    app.quit()


def press(book: Any, label: str) -> None:
    book.sheets[0].activate()
    document = book.impl.doc
    forms = document.Sheets.getByIndex(0).DrawPage.Forms
    models = [
        form.getByIndex(n) for form in map(forms.getByIndex, range(forms.Count)) for n in range(form.Count)
    ]
    model = next(model for model in models if model.Label == label)
    document.CurrentController.getControl(model).getAccessibleContext().doAccessibleAction(0)


def test_a_pressed_button_checks_and_marks_as_the_files_check_does(app: Any, tmp_path: Path) -> None:
    folder = tmp_path / "测试 目录"
    folder.mkdir()
    twin_path, example_path = folder / "某单位 2023.xlsm", folder / "示例.xlsx"
    twin_path.write_bytes(macro_enabled(plain_sheets(1), "twin"))
    example_path.write_bytes(example_builder().build("own", False))
    before = twin_path.read_bytes()
    twin = app.books.open(twin_path)
    other = app.books.open(example_path)
    twin.sheets[0].name = "封面"
    source = openpyxl.load_workbook(example_path)
    for sheet in source:
        fill(twin.sheets.add(sheet.title, after=twin.sheets[len(twin.sheets) - 1]), sheet)
    other.activate()  # the button's own workbook is checked, whichever is in front

    press(twin, "一键校验")
    end = time.monotonic() + PATIENCE
    while not any(colours(twin).values()) and time.monotonic() < end:  # the last that is written
        time.sleep(0.3)
    time.sleep(1)

    report = check(example_path)
    expected = in_list(report)
    assert [(entry.level, entry.place) for entry in listed(twin)] == [
        (SEVERITY_LEVEL[finding.severity], finding.place) for finding in expected
    ]
    assert colours(twin) == {
        sheet: {
            (row, column): severity
            for area, severity in areas.items()
            for row in range(area.top, area.bottom + 1)
            for column in range(area.left, area.right + 1)
        }
        for sheet, areas in results.marked_areas(report).items()
    }
    assert listed(other) == []
    assert twin_path.read_bytes() == before


def fill(sheet: Any, source: Any) -> None:
    """Type what a sheet of the file holds into a sheet of the open workbook."""
    formats: dict[str, list[str]] = {}
    for row in source.iter_rows():
        for cell in row:
            if cell.value is not None:
                formats.setdefault(cell.number_format, []).append(cell.coordinate)
    for code, cells in formats.items():
        if code != "General":
            sheet.range(",".join(cells)).number_format = code
    rows = [
        [f"'{v}" if isinstance(v, str) and not v.startswith("=") else v for v in row]
        for row in source.iter_rows(values_only=True)
    ]
    sheet["A1"].value = rows
    for merged in source.merged_cells.ranges:
        sheet.range(merged.coord).merge()


def colours(book: Any) -> dict[str, dict[tuple[int, int], Severity]]:
    """The cells our conditional formats colour, by sheet, each with its severity."""
    severities = {f"={name}": severity for severity, name in results.MARK_NAME.items()}
    found = {
        sheet.name: {
            (row, column): severities[rule.formula]
            for rule in sheet.cells.conditional_formats
            if rule.formula in severities
            for area in rule.impl.areas
            for row in range(area.row, area.bottom + 1)
            for column in range(area.column, area.right + 1)
        }
        for sheet in book.sheets
    }
    return {sheet: marks for sheet, marks in found.items() if marks}
