"""The template in a live LibreOffice: formulas compute, inserted rows and project sheets count, marks follow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import macros
import pytest
from assemble import macro_enabled

from perfeval_xl.excel.actions import ACTIONS
from perfeval_xl.forms import read_forms
from perfeval_xl.hosts.marks.workbook import highlight
from perfeval_xl.hosts.package.sheets import SheetPart
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.hosts.template.filling import fill
from perfeval_xl.hosts.template.template import Template
from perfeval_xl.runs.checking import check
from tests.support import ROOT
from tests.workbook.live_calc import Steps, needs_calc
from tests.workbook.template_builder import built

pytestmark = needs_calc
EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"


@pytest.fixture
def run(shared_calc: Steps) -> Steps:
    """Carries out steps in a workbook; the answers of the steps that have one."""

    def carry_out(path: Path, steps: list[list[Any]]) -> list[Any]:
        return [answer for answer in shared_calc(path, steps) if answer is not None]

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


def row_of(part: SheetPart, text: str, column: int = 1) -> int:
    return next(row for row, found in part.texts(column).items() if "".join(found.split()).startswith(text))


def test_the_templates_twin_compiles_and_its_buttons_are_bound(run: Steps, tmp_path: Path) -> None:
    path = tmp_path / "替身.xlsm"
    path.write_bytes(macro_enabled(built(True), "twin"))
    modules, buttons, starts = run(path, [["modules"], ["buttons"], ["run", "xlwings.TwinStarts"]])
    assert {"PE_Actions", "ThisWorkbook", "PEGuide", "PEResults", "PEMaster"} <= set(modules)
    assert [
        (sheet, label, script.partition(":")[2].partition("?")[0]) for sheet, label, script in buttons
    ] == [
        ("填报说明", "一键校验", "VBAProject.PE_Actions.PE_check_all"),
        ("填报说明", "帮助", "VBAProject.PE_Actions.PE_help"),
    ]
    assert starts == 0


def test_what_calc_reckons_anew_is_what_the_file_says(filled: Path, marked: Path, run: Steps) -> None:
    for path in (filled, marked):
        book = read_book(path)
        formulas = [(grid.sheet, cell) for grid in book.grids for cell in grid.cells.values() if cell.formula]
        assert len(formulas) > 150
        steps: list[list[Any]] = [["recalculate"]]
        steps += [["figure", sheet, _address(cell)] for sheet, cell in formulas]
        _, *shown = run(path, steps)
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
        return bool(shown == ours)
    return not isinstance(ours, str) and abs(float(ours) - shown) < 1e-6 * max(1.0, abs(shown))


def test_rows_and_projects_added_in_calc_count(filled: Path, run: Steps, tmp_path: Path) -> None:
    part = Template(filled).parts["附件1"]
    district, transfer = row_of(part, "3、区级专项资金"), row_of(part, "4、上级转移支付")
    guard = transfer - 1  # the thin row under the list
    projects = row_of(part, "项目支出")
    steps: list[list[Any]] = [["unprotect"], ["recalculate"]]
    steps += [
        ["figure", "附件1", f"F{district}"],
        ["figure", "附件1", f"F{projects}"],
        ["figure", "附件2", "I8"],
    ]
    steps += [["insert_rows", "附件1", guard, 2], ["insert_rows", "附件1", district + 3, 1]]
    for row, amount in ((guard + 1, 10), (guard + 2, 5.5), (district + 3, 1)):
        steps += [["set", "附件1", f"A{row}", "新专项"], ["set", "附件1", f"F{row}", amount]]
    for ordinal in range(8, 13):
        name = f"附件3-{ordinal}"
        steps += [["copy_sheet", "附件3空白表", name, "项目止"], ["set", name, "F7", 3]]
    steps += [["remove_sheet", "附件3-7"], ["recalculate"]]
    steps += [
        ["figure", "附件1", f"F{district}"],
        ["figure", "附件1", f"F{projects}"],
        ["figure", "附件2", "I8"],
    ]
    steps += [["sheets"], ["save", str(tmp_path / "改后.xlsx")]]
    _, before_district, before_projects, before_spent, _, *after, names = run(filled, steps)
    assert (before_district, before_projects, before_spent) == (444.69, 673.65, 673.65)
    assert after == pytest.approx([444.69 + 16.5, 673.65 + 16.5, 673.65 - 20 + 15])
    assert len([name for name in names if name.startswith("附件3-")]) == 11
    report = check(tmp_path / "改后.xlsx", policy="hunan-2023")
    assert {form.sheet for form in report.summaries if form.kind == "project"} == {
        *(f"附件3-{ordinal}" for ordinal in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12))
    }
    assert "PE901" not in {finding.rule for finding in report.findings}


def test_marks_and_links_follow_inserted_and_deleted_rows(marked: Path, run: Steps) -> None:
    results = Template(marked).parts["校验结果"]
    found = {row: (results.value(row, 4), results.value(row, 13)) for row in range(9, 47)}
    row = next(row for row, (cell, key) in found.items() if key == "FJ02!F15|核实")
    steps: list[list[Any]] = [["unprotect"], ["recalculate"]]
    steps += [
        ["figure", "校验结果", "A5"],
        ["figure", "校验结果", f"M{row}"],
        ["figure", "校验结果", f"D{row}"],
    ]
    steps += [["insert_rows", "附件2", 15, 3], ["rename_sheet", "附件2", "整体自评"]]
    # What the conditional formats ask of a cell, asked of the cell that was marked and of the one now in its place.
    for scratch, asked in (("P1", "F18"), ("P2", "F15")):
        question = f'ISNUMBER(MATCH($J$1&"!"&ADDRESS(ROW({asked});COLUMN({asked});4)&"|核实";PE_KEYS;0))'
        steps += [["formula", "整体自评", scratch, f'=IF({question};"标色";"不标")']]
    steps += [["recalculate"], ["figure", "整体自评", "P1"], ["figure", "整体自评", "P2"]]
    steps += [
        ["figure", "校验结果", "A5"],
        ["figure", "校验结果", f"M{row}"],
        ["figure", "校验结果", f"D{row}"],
    ]
    steps += [["remove_rows", "整体自评", 18, 1], ["recalculate"]]
    steps += [["figure", "校验结果", f"M{row}"], ["figure", "校验结果", f"D{row}"]]
    answers = [answer for answer in run(marked, steps) if not isinstance(answer, float)]
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
    marked: Path, run: Steps, sheet: str, address: str, value: Any
) -> None:
    answers = run(marked, [["set", sheet, address, value], ["recalculate"], ["figure", "校验结果", "A5"]])
    assert answers[-1] == "已修改，请重新校验"


def test_a_workbook_that_calc_saved_still_is_the_template(filled: Path, run: Steps, tmp_path: Path) -> None:
    path = tmp_path / "另存.xlsx"
    run(filled, [["recalculate"], ["save", str(path)]])
    report = check(path)
    assert len(report.findings) == len(check(filled).findings)
    marked = highlight(path, report)
    assert marked.notes == ()
    part = Template(marked.data).parts["校验结果"]
    assert part.value(5, 1) == "校验后没有改动"
    assert "FJ01!F47|核实" in part.texts(13).values()


def test_in_libreoffice_every_button_says_how_it_is_used_there(shared_calc: Steps, tmp_path: Path) -> None:
    """The whole project compiles in Calc, too: a module that did not would leave every button dead, without a word."""
    path = tmp_path / "单位.xlsm"
    path.write_bytes((ROOT / "workbook" / "template.xlsm").read_bytes())
    pressed = [["run", f"PE_Actions.{action.macro}"] for action in ACTIONS]
    problem, ready, *answers = shared_calc(
        path, [["run", "PE_Guard.PE_Problem"], ["run", "PE_Guard.PE_Ready"], *pressed]
    )
    assert problem == "calc"
    assert "perfeval-xl live" in macros.MESSAGES[problem]
    assert ready is False
    assert answers == [None] * len(ACTIONS)
