"""The test twin in a living Calc: it compiles, its buttons are bound, macros guard, start and report, functions
remember a failure, and blank cells cost nothing."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import macros
import pytest
from assemble import PROJECT_PART, PROJECT_RELATION, PROJECT_TYPE, macro_enabled
from vba_project import build_project

from perfeval_xl.excel.actions import ACTIONS
from perfeval_xl.hosts.package.zip import Package
from tests.workbook.live_calc import in_calc, needs_calc
from tests.workbook.plain_book import plain_sheets

pytestmark = needs_calc
CHECK_ALL = "import perfeval_xl.excel; perfeval_xl.excel.run('check_all')"

Live = Callable[..., list[Any]]


@pytest.fixture
def live(tmp_path: Path) -> Live:
    """Does steps in a twin, which lies in a folder with a Chinese name and a space if nothing else is said."""
    folder = tmp_path / "测试 目录"
    folder.mkdir()

    def do(
        *steps: list[Any], package: bytes | None = None, name: str = "某单位 2023.xlsm", **environment: str
    ) -> list[Any]:
        path = folder / name
        path.write_bytes(package or macro_enabled(plain_sheets(), "twin"))
        settings = {f"PERFEVAL_TWIN_{key.upper()}": value for key, value in environment.items()}
        settings = {
            "PERFEVAL_TWIN_INTERPRETER": "/bin/sh",
            "PERFEVAL_TWIN_LOG": str(folder / "记录.log"),
        } | settings
        return in_calc(path, list(steps), folder, settings)

    return do


def test_it_compiles_and_its_buttons_are_bound(live: Live) -> None:
    modules, buttons, text = live(["modules"], ["buttons"], ["run", "xlwings.TwinStarts"])
    documents = ["ThisWorkbook", "Sheet1", "Sheet2", "Sheet3", "PEWords"]
    assert modules == sorted([*(module.name for module in macros.modules("twin")), *documents])
    assert [(label, script.partition(":")[2].partition("?")[0]) for _, label, script in buttons] == [
        ("一键校验", "VBAProject.PE_Actions.PE_check_all"),
        ("下一条", "VBAProject.PE_Actions.PE_next"),
    ]
    assert text == 0


def test_a_plain_path_works_as_well_as_a_chinese_one(live: Live) -> None:
    results = live(["press", "下一条"], ["wait", 1], ["run", "xlwings.TwinCommand"], name="unit.xlsm")
    assert results[2] == CHECK_ALL.replace("check_all", "next")


def test_the_systems_own_module_compiles_too(live: Live) -> None:
    """Calc passes over lines that begin with # and so compiles both systems' branches; the last one counts."""
    own = {module.name: module for module in macros.modules("template")}["PE_System"]
    there = "Public Function WScript() As Object\r\nEnd Function\r\n"
    modules = [
        own if module.name == "PE_System" else replace(module, source=module.source + there) if module.name == "xlwings" else module
        for module in macros.modules("twin")
    ]  # fmt: skip
    package = Package(plain_sheets())
    package.put(
        PROJECT_PART,
        build_project(modules, ["ThisWorkbook", "Sheet1", "Sheet2", "Sheet3", "PEWords"]),
        PROJECT_TYPE,
    )
    package.relate("xl/workbook.xml", PROJECT_RELATION, PROJECT_PART)
    names = ["PE_InterpreterKey", "PE_ReportsLate", "PE_HasServer", "PE_LibraryName", "PE_Office"]
    results = live(*(["run", f"PE_System.{name}"] for name in names), package=package.to_bytes())
    assert results == ["INTERPRETER_WIN", False, True, "xlwings32-twin.dll", "calc"]


def test_pressing_a_button_starts_python_with_the_workbooks_name(live: Live, tmp_path: Path) -> None:
    starter, said = tmp_path / "python", tmp_path / "said.txt"
    starter.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >"{said}"\n')
    starter.chmod(starter.stat().st_mode | stat.S_IXUSR)
    _, _, command, shown = live(
        ["press", "一键校验"], ["wait", 2], ["run", "xlwings.TwinCommand"], ["run", "PE_System.TwinShown"],
        python=str(starter),
    )  # fmt: skip
    assert command == CHECK_ALL
    assert shown == ""
    end = time.monotonic() + 20
    while not said.exists() and time.monotonic() < end:
        time.sleep(0.2)
    assert said.read_text(encoding="utf-8").splitlines() == [
        "-B", "-c", CHECK_ALL, "--wb=某单位 2023.xlsm", "--from_xl=1", "--hwnd=0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "key", "starts"),
    [
        ({"interpreter": ""}, "not_set_up", 0),
        ({"interpreter": "/nowhere/python"}, "python_gone", 0),
        ({"fails": "Traceback\nModuleNotFoundError: No module named 'perfeval_xl'"}, "not_installed", 1),
        ({"fails": "AttributeError: module 'perfeval_xl' has no attribute 'excel'"}, "version", 1),
        ({"fails": "Traceback (most recent call last)"}, "failed", 1),
        ({"raises": "70"}, "blocked", 1),
        ({"raises": "5"}, "failed", 1),
        ({"office": "wps"}, "wps", 0),
        ({"office": "calc"}, "calc", 0),
    ],
)
def test_every_failure_gives_one_chinese_line(
    live: Live, tmp_path: Path, environment: dict[str, str], key: str, starts: int
) -> None:
    _, shown, count = live(
        ["run", "PE_Actions.PE_check_all"],
        ["run", "PE_System.TwinShown"],
        ["run", "xlwings.TwinStarts"],
        **environment,
    )
    line, *rest = shown.split("\r\n")
    assert line == macros.MESSAGES[key]
    assert count == starts
    assert "Traceback" not in shown
    log = tmp_path / "测试 目录" / "记录.log"
    assert rest == ([f"{macros.MESSAGES['log']}{log}"] if "fails" in environment else [])


def test_every_macro_runs_and_asks_for_its_action(live: Live) -> None:
    names = [action.macro for action in ACTIONS]
    steps = [
        step for name in names for step in (["run", f"PE_Actions.{name}"], ["run", "xlwings.TwinCommand"])
    ]
    results = live(*steps)
    assert results[1::2] == [CHECK_ALL.replace("check_all", action.id) for action in ACTIONS]


def test_functions_remember_the_first_failure_and_blank_cells_ask_nobody(live: Live) -> None:
    connections = ["run", "xlwings.TwinConnections"]
    results = live(
        ["value", "附件1", "A6"], connections,
        ["set", "附件1", "A1", 3], ["value", "附件1", "A6"], connections,
        ["set", "附件1", "A2", 4], ["value", "附件1", "A6"], connections,
        ["formula", "附件1", "B1", "=PE_RATE(A1;A2)"], ["set", "附件1", "A1", 5], ["value", "附件1", "B1"], connections,
    )  # fmt: skip
    assert results[0:2] == ["", 0]
    assert results[3:5] == ["", 0]
    assert results[6:8] == ["Error 2042", 1]
    assert results[10:12] == ["Error 2042", 1]


def test_after_a_failure_functions_ask_no_more_but_buttons_try_again(live: Live) -> None:
    results = live(
        ["run", "PE_Actions.PE_check_all"], ["set", "附件1", "A1", 3], ["set", "附件1", "A2", 4],
        ["value", "附件1", "A6"], ["run", "xlwings.TwinConnections"],
        ["run", "PE_Actions.PE_next"], ["run", "xlwings.TwinStarts"],
        fails="Traceback (most recent call last)",
    )  # fmt: skip
    assert results[3:5] == ["Error 2042", 0]
    assert results[6] == 2
