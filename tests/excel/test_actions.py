"""The table of actions: complete, unique, and fit for ribbon, macros and Python alike."""

from __future__ import annotations

import subprocess
import sys

import pytest

from perfeval_xl.excel.actions import ACTIONS, BY_ID, Action
from perfeval_xl.excel.udfs import UDFS
from tests.support import ROOT


def test_ids_macros_labels_and_keytips_are_unique() -> None:
    for values in (
        [action.id for action in ACTIONS],
        [action.macro.lower() for action in ACTIONS],
        [action.label for action in ACTIONS],
    ):
        assert len(values) == len(set(values))
    assert len(BY_ID) == len(ACTIONS)


def test_no_keytip_begins_another() -> None:
    tips = [action.keytip for action in ACTIONS]
    assert all(tip.isascii() and tip.isalnum() and tip == tip.upper() and len(tip) <= 3 for tip in tips)
    assert not [(one, two) for one in tips for two in tips if one is not two and two.startswith(one)]


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_an_action_reads_well(action: Action) -> None:
    assert action.id.isidentifier()
    assert action.id.isascii()
    assert len(action.macro) <= 31
    assert action.supertip.endswith("。")
    assert 2 <= len(action.label) <= 6
    assert action.icon.isalnum()


def test_a_group_stands_together_and_one_button_is_large() -> None:
    groups = [action.group for action in ACTIONS]
    changes = [group for index, group in enumerate(groups) if index == 0 or groups[index - 1] != group]
    assert len(changes) == len(set(changes))
    assert [action.id for action in ACTIONS if action.large] == ["check_all"]


def test_the_first_sheet_has_the_main_actions_and_the_addin_no_forms() -> None:
    assert BY_ID["check_all"].first_sheet
    assert {action.group for action in ACTIONS if not action.in_addin} == {"填报"}


def test_the_manual_explains_every_action_and_function() -> None:
    manual = (ROOT / "docs" / "使用手册.md").read_text(encoding="utf-8")
    assert [action.label for action in ACTIONS if action.label not in manual] == []
    assert [name for name in UDFS if f"`{name}(" not in manual] == []


def test_the_table_imports_nothing_heavy() -> None:
    code = "import sys, perfeval_xl.excel.actions; print(sorted({'xlwings', 'lxml', 'openpyxl'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
