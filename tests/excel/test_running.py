"""Buttons: the right workbook, the application as it was, one message and never a traceback, also from a process
started as Excel starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("xlwings")

from perfeval_xl.calc_engine import OfficeError
from perfeval_xl.excel import commands, run, running
from perfeval_xl.excel.reading import checked
from perfeval_xl.excel.session import Session
from perfeval_xl.findings import SEVERITY_LEVEL
from perfeval_xl.hosts.live.marks import listed
from perfeval_xl.runs.checking import check
from tests.live import start_calc
from tests.support import example_builder

pytestmark = pytest.mark.usefixtures("log_folder")


def example(path: Path, clean: bool = False) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(example_builder().build("own", clean))
    return path


def press(book: Any, office: Any, action: str) -> subprocess.CompletedProcess[str]:
    """Start what Excel's RunPython starts."""
    code = f"import perfeval_xl.excel; perfeval_xl.excel.run('{action}')"
    environment = {
        **os.environ,
        "CALC_ENGINE_PIPE": office.impl.office.pipe,
        "CALC_ENGINE_HEADLESS": "1",
    }
    command = [sys.executable, "-B", "-c", code, f"--wb={book.name}", "--from_xl=1", "--hwnd=0"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_a_button_checks_the_workbook_it_is_in(calc: Any, tmp_path: Path, log_folder: Path) -> None:
    path = example(tmp_path / "测试 目录" / "甲 单位.xlsx")
    path.chmod(0o444)
    mine = calc.books.open(path)
    other = calc.books.open(example(tmp_path / "乙单位.xlsx", clean=True))
    mine.sheets["附件2"]["E6"].value = "改过"
    assert calc.books.active == other
    done = press(mine, calc, "check_all")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(listed(mine)) >= len(check(path).findings)
    assert listed(other) == []
    assert "check_all: 甲 单位.xlsx" in (log_folder / "perfeval-xl.log").read_text(encoding="utf-8")


def test_unsaved_edits_are_seen(calc: Any, tmp_path: Path) -> None:
    path = example(tmp_path / "单位.xlsx", clean=True)
    book = calc.books.open(path)
    running.run_action("check_all", book)
    assert not [entry for entry in listed(book) if entry.level == SEVERITY_LEVEL["error"]]
    column = book.sheets["附件1"].used_range.columns[1]
    total = next(cell for cell in column if isinstance(cell.value, float) and cell.value > 1)
    total.value = total.value + 1000
    running.run_action("check_all", book)
    errors = [entry for entry in listed(book) if entry.level == SEVERITY_LEVEL["error"]]
    assert errors
    assert errors[0].place is not None
    assert errors[0].place.sheet == "附件1"


def test_the_application_is_left_as_it_was(
    calc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = calc.books.open(example(tmp_path / "单位.xlsx"))
    seen: list[Any] = []

    def crashing(session: Session) -> Any:
        session.progress("正在检查")
        seen.append((calc.screen_updating, calc.display_alerts, calc.status_bar))
        raise RuntimeError("boom")

    monkeypatch.setitem(commands.COMMANDS, "check_all", crashing)
    running.run_action("check_all", book)
    assert seen == [(False, False, "绩效自评：正在检查……（按住 Esc 取消）")]
    assert (calc.screen_updating, calc.display_alerts, calc.enable_events, calc.status_bar) == (
        True,
        True,
        True,
        False,
    )
    message = calc.impl.answered[-1]
    assert message.startswith("程序出错了，这次操作没有完成")
    log = Path(message.splitlines()[-1])
    assert "RuntimeError: boom" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (type("com_error", (Exception,), {"hresult": -2147418111})(), "请按回车或 Esc 结束编辑"),
        (
            type(
                "com_error", (Exception,), {"hresult": -2147352567, "excepinfo": (0, 0, 0, 0, 0, -2146777998)}
            )(),
            "请按回车或 Esc",
        ),
        (type("com_error", (Exception,), {"hresult": -2147352567})(), "没有完成这次操作"),
        (OfficeError("不行"), "没有完成这次操作"),
    ],
)
def test_refusals_of_the_office(
    error: Exception, message: str, calc: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Session) -> Any:
        raise error

    book = calc.books.add()
    monkeypatch.setitem(commands.COMMANDS, "next", refused)
    running.run_action("next", book)
    assert message in calc.impl.answered[-1]


def test_what_is_asked_is_asked_in_a_box(calc: Any, tmp_path: Path) -> None:
    book = calc.books.open(example(tmp_path / "单位.xlsx"))
    running.run_action("check_all", book)
    book.sheets["校验结果"].range((listed(book)[0].row, 15)).value = "已核对"
    running.run_action("clear", book)
    assert any("1 条您写的说明" in question for question in calc.impl.answered)


def test_nothing_open(calc: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(calc.books) == 0
    monkeypatch.setattr(sys, "argv", ["python"])
    run("check_all")
    assert capsys.readouterr().err == "没有打开的工作簿：请先打开要校验的工作簿\n"


def test_an_unknown_action_is_no_traceback(calc: Any, capsys: pytest.CaptureFixture[str]) -> None:
    running.run_action("no_such_action", calc.books.add())
    assert "程序出错了" in calc.impl.answered[-1]
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="process groups")
def test_the_office_is_killed_in_the_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = start_calc()
    path = example(tmp_path / "单位.xlsx")
    before = path.read_bytes()
    book = app.books.open(path)
    usual = checked

    def killing(session: Session) -> Any:
        report = usual(session)
        os.killpg(app.pid, signal.SIGKILL)
        time.sleep(0.3)
        return report

    monkeypatch.setattr(commands, "checked", killing)
    running.run_action("check_all", book)
    assert "磁盘上的文件没有改动" in capsys.readouterr().err
    assert path.read_bytes() == before
    app.kill()
    assert [left.name for left in tmp_path.iterdir() if left.name.startswith(".~lock")] == []
