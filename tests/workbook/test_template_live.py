"""The template in a live LibreOffice: formulas compute, inserted rows and project sheets count, marks follow."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from perfeval_xl.checking import check
from perfeval_xl.forms import read_forms
from perfeval_xl.hosts.filling import fill
from perfeval_xl.hosts.highlight import highlight
from perfeval_xl.hosts.loading import read_book
from perfeval_xl.hosts.template import Template
from tests.support import ROOT

SYSTEM_PYTHON = "/usr/bin/python3"
AVAILABLE = shutil.which("soffice") is not None and (
    Path(SYSTEM_PYTHON).exists()
    and subprocess.run([SYSTEM_PYTHON, "-c", "import uno"], capture_output=True, check=False).returncode == 0
)
pytestmark = pytest.mark.skipif(
    not AVAILABLE and not os.environ.get("PERFEVAL_REQUIRE_LIVE"),
    reason="LibreOffice and python3-uno are not installed",
)
Run = Callable[[list[list[Any]]], list[Any]]
EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Carries out steps in a LibreOffice of its own; the answers of the steps that have one."""

    def carry_out(steps: list[list[Any]]) -> list[Any]:
        pipe = f"perfeval{uuid.uuid4().hex[:10]}"
        profile = (tmp_path / f"profile{uuid.uuid4().hex[:6]}").as_uri()
        office = subprocess.Popen(
            ["soffice", f"-env:UserInstallation={profile}", "--headless", "--norestore", "--nologo", "--nodefault",
             f"--accept=pipe,name={pipe};urp;"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            done = subprocess.run(
                [SYSTEM_PYTHON, str(Path(__file__).with_name("calc_session.py")), pipe],
                input=json.dumps(steps), capture_output=True, text=True, timeout=180, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            return list(json.loads(done.stdout))
        finally:
            office.terminate()
            office.wait(30)

    return carry_out


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled example's data in the template."""
    path = tmp_path_factory.mktemp("filled") / "填好.xlsx"
    template = Template(ROOT / "workbook" / "template.xlsx")
    assert fill(template, read_forms(read_book(EXAMPLE))) == ()
    path.write_bytes(template.to_bytes())
    return path


@pytest.fixture(scope="module")
def marked(filled: Path) -> Path:
    path = filled.with_name("已标注.xlsx")
    path.write_bytes(highlight(filled, check(filled)).data)
    return path


def row_of(part: Any, text: str, column: int = 1) -> int:
    return next(row for row, found in part.texts(column).items() if "".join(found.split()).startswith(text))


def test_the_buttons_are_on_the_first_sheet(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    from tests.workbook.template_builder import built

    path = tmp_path / "按钮.xlsx"
    path.write_bytes(built(True))
    assert run([["open", path.as_uri()], ["buttons", "填报说明"]]) == [["一键校验", "帮助"]]


def test_what_calc_reckons_anew_is_what_the_file_says(filled: Path, marked: Path, run: Run) -> None:
    for path in (filled, marked):
        book = read_book(path)
        formulas = [(grid.sheet, cell) for grid in book.grids for cell in grid.cells.values() if cell.formula]
        assert len(formulas) > 150
        steps = [["open", path.as_uri()], ["calculate"]]
        steps += [["show", sheet, _address(cell)] for sheet, cell in formulas]
        _, *shown = run(steps)
        different = [
            (sheet, _address(cell), cell.value, value)
            for (sheet, cell), value in zip(formulas, shown, strict=True)
            if not _same(cell.value, value)
        ]
        assert different == []


def _address(cell: Any) -> str:
    from perfeval_xl.grid import a1

    return a1(cell.row, cell.column)


def _same(ours: Any, shown: Any) -> bool:
    if isinstance(shown, str):
        return shown == ours
    return not isinstance(ours, str) and abs(float(ours) - shown) < 1e-6 * max(1.0, abs(shown))


def test_rows_and_projects_added_in_calc_count(filled: Path, run: Run, tmp_path: Path) -> None:
    part = Template(filled).parts["附件1"]
    district, transfer = row_of(part, "3、区级专项资金"), row_of(part, "4、上级转移支付")
    guard = transfer - 1  # the thin row under the list
    projects = row_of(part, "项目支出")
    steps: list[list[Any]] = [["open", filled.as_uri()], ["unprotect"], ["calculate"]]
    steps += [["show", "附件1", f"F{district}"], ["show", "附件1", f"F{projects}"], ["show", "附件2", "I8"]]
    steps += [["insert_rows", "附件1", guard, 2], ["insert_rows", "附件1", district + 3, 1]]
    for row, amount in ((guard + 1, 10), (guard + 2, 5.5), (district + 3, 1)):
        steps += [["put", "附件1", f"A{row}", "新专项"], ["put", "附件1", f"F{row}", amount]]
    for ordinal in range(8, 13):
        name = f"附件3-{ordinal}"
        steps += [["copy_sheet", "附件3空白表", name, "项目止"], ["put", name, "F7", 3]]
    steps += [["remove_sheet", "附件3-7"], ["calculate"]]
    steps += [["show", "附件1", f"F{district}"], ["show", "附件1", f"F{projects}"], ["show", "附件2", "I8"]]
    steps += [["names"], ["save", (tmp_path / "改后.xlsx").as_uri()]]
    _, before_district, before_projects, before_spent, _, *after, names = run(steps)
    assert (before_district, before_projects, before_spent) == (444.69, 673.65, 673.65)
    assert after == pytest.approx([444.69 + 16.5, 673.65 + 16.5, 673.65 - 20 + 15])
    assert len([name for name in names if name.startswith("附件3-")]) == 11
    report = check(tmp_path / "改后.xlsx", policy="hunan-2023")
    assert {form.sheet for form in report.summaries if form.kind == "project"} == {
        *(f"附件3-{ordinal}" for ordinal in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12))
    }
    assert "PE901" not in {finding.rule for finding in report.findings}


def test_marks_and_links_follow_inserted_and_deleted_rows(marked: Path, run: Run) -> None:
    results = Template(marked).parts["校验结果"]
    found = {row: (results.value(row, 4), results.value(row, 12)) for row in range(9, 47)}
    row = next(row for row, (cell, key) in found.items() if key == "FJ02!F15|核实")
    steps: list[list[Any]] = [["open", marked.as_uri()], ["unprotect"], ["calculate"]]
    steps += [["show", "校验结果", "A5"], ["show", "校验结果", f"L{row}"], ["show", "校验结果", f"D{row}"]]
    steps += [["insert_rows", "附件2", 15, 3], ["rename_sheet", "附件2", "整体自评"]]
    # What the conditional formats ask of a cell, asked of the cell that was marked and of the one now in its place.
    for scratch, asked in (("P1", "F18"), ("P2", "F15")):
        question = f'ISNUMBER(MATCH($J$1&"!"&ADDRESS(ROW({asked});COLUMN({asked});4)&"|核实";PE_KEYS;0))'
        steps += [["formula", "整体自评", scratch, f'=IF({question};"标色";"不标")']]
    steps += [["calculate"], ["show", "整体自评", "P1"], ["show", "整体自评", "P2"]]
    steps += [["show", "校验结果", "A5"], ["show", "校验结果", f"L{row}"], ["show", "校验结果", f"D{row}"]]
    steps += [["remove_rows", "整体自评", 18, 1], ["calculate"]]
    steps += [["show", "校验结果", f"L{row}"], ["show", "校验结果", f"D{row}"]]
    answers = [answer for answer in run(steps) if not isinstance(answer, float)]
    assert answers == [
        "校验后没有改动", "FJ02!F15|核实", "F15",
        "标色", "不标", "已修改，请重新校验", "FJ02!F18|核实", "F18",
        "已删除", "已删除",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sheet", "address", "value"),
    [("附件1", "F14", 107.97), ("附件2", "E30", "≥55%"), ("附件3-4", "F5", "是"), ("自评报告", "A17", "改")],
)
def test_any_edit_since_the_check_is_said(
    marked: Path, run: Run, sheet: str, address: str, value: Any
) -> None:
    answers = run(
        [["open", marked.as_uri()], ["put", sheet, address, value], ["calculate"], ["show", "校验结果", "A5"]]
    )
    assert answers[-1] == "已修改，请重新校验"


def test_a_workbook_that_calc_saved_still_is_the_template(filled: Path, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "另存.xlsx"
    run([["open", filled.as_uri()], ["calculate"], ["save", path.as_uri()]])
    report = check(path)
    assert len(report.findings) == len(check(filled).findings)
    marked = highlight(path, report)
    assert marked.notes == ()
    part = Template(marked.data).parts["校验结果"]
    assert part.value(5, 1) == "校验后没有改动"
    assert part.value(9, 12) == "FJ01!F47|核实"
