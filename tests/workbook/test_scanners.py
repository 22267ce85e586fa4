"""What scanners of macros find in what is handed out: each finding is one that a button needs, listed with that button."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from oletools.mraptor import MacroRaptor
from oletools.olevba import VBA_Parser

from tests.support import ROOT, TESTS, read_yaml

FILES = [ROOT / "workbook" / name for name in ("template.xlsm", "perfeval.xlam")]
LISTED = read_yaml(TESTS / "workbook" / "scanned.yaml")


@cache
def found(path: Path) -> dict[str, str]:
    """What olevba has found, by keyword, with its kind."""
    return {keyword: kind for kind, keyword, _ in VBA_Parser(str(path)).analyze_macros()}


@cache
def code(path: Path) -> str:
    return "\n".join(text for *_, text in VBA_Parser(str(path)).extract_macros())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_finding_is_listed_with_the_button_that_needs_it(path: Path) -> None:
    assert found(path).keys() == LISTED.keys()
    assert all("button" in why for why in LISTED.values())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_runs_by_itself(path: Path) -> None:
    assert "AutoExec" not in found(path).values()
    raptor = MacroRaptor(code(path))
    raptor.scan()
    assert (raptor.suspicious, raptor.autoexec) == (False, False)
    # "SetAttr" is a method of xlwings' Python, which sets which workbook was meant: nothing is written by VBA.
    assert raptor.matches == ["SetAttr", "run"]
    assert code(path).count("SetAttr") == code(path).count("XLPy.SetAttr") == 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_code_says_no_address(path: Path) -> None:
    assert "http" not in code(path)
