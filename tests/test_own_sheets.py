"""The names of our sheets: they stand in one place, and stay what workbooks that were handed out call them."""

from __future__ import annotations

import ast

import pytest

from perfeval_xl import own_sheets
from perfeval_xl.grid import Grid, SheetState
from tests.support import ROOT

NAMES = {
    "填报说明",
    "校验结果",
    "更正记录",
    "导入记录",
    "沿用记录",
    "审核公式",
    "项目起",
    "项目止",
    "附件3空白表",
    "xlwings.conf",
    "PE_Texts",
}
HOME = ROOT / "perfeval_xl" / "own_sheets.py"
#: A button that is called like the sheet it opens; a file of xlwings that is called like its sheet.
ALSO = {
    ("perfeval_xl/findings.py", "审核公式"),  # the family of rules that such a sheet holds
    ("perfeval_xl/excel/actions.py", "校验结果"),
    ("perfeval_xl/installing/machine.py", "xlwings.conf"),
}


def test_the_names_are_what_they_were() -> None:
    assert {*own_sheets.OWN_SHEETS, *own_sheets.HIDDEN_SHEETS} == NAMES


def test_the_names_stand_nowhere_else() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), node.value)
        for folder in ("perfeval_xl", "workbook")
        for path in (ROOT / folder).rglob("*.py")
        if path != HOME
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in NAMES
    }
    assert found == ALSO


@pytest.mark.parametrize(
    ("sheet", "state", "own"),
    [
        ("校验结果", "visible", True),
        ("更正记录(2)", "visible", True),
        ("校验结果表", "visible", False),
        ("项目起", "hidden", True),
        ("附件3空白表", "veryHidden", True),
        ("附件3空白表", "visible", False),
        ("附件3-1", "hidden", False),
    ],
)
def test_own_sheets(sheet: str, state: SheetState, own: bool) -> None:
    assert own_sheets.is_own_sheet(Grid(sheet, {}, (), frozenset(), frozenset(), state)) is own
