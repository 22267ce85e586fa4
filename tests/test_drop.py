"""The drop program: results beside each file, one line each, nothing of the clerk's overwritten, never a traceback."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from perfeval_xl.drop import Desk, dropped, main, run, words
from perfeval_xl.installing.install import drop_script
from perfeval_xl.installing.machine import Machine
from perfeval_xl.runs.checking import check
from tests.runs.test_outputs import edited, explained
from tests.support import ROOT

EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"


@pytest.fixture
def desk() -> Desk:
    return Desk({}, False, io.StringIO(), None, None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "甲 单位&科"
    folder.mkdir()
    return Path(shutil.copy(EXAMPLE, folder / "示例.xlsx"))


def text(desk: Desk) -> str:
    assert isinstance(desk.output, io.StringIO)
    return desk.output.getvalue()


def names(file: Path) -> set[str]:
    return {path.name for path in file.parent.iterdir()}


def test_copy_and_page_come_to_lie_beside_the_file(desk: Desk, file: Path) -> None:
    before = file.read_bytes()
    assert run(desk, [str(file)]) == 1
    assert names(file) == {"示例.xlsx", "示例-已标注.xlsx", "示例-校验报告.html"}
    assert file.read_bytes() == before
    report = check(file)
    assert f"示例.xlsx：不通过 错误 {report.count('error')} 条" in text(desk)
    assert check(file.parent / "示例-已标注.xlsx").count("error") == report.count("error")


def test_our_own_results_are_renewed_and_changed_ones_kept(desk: Desk, file: Path) -> None:
    run(desk, [str(file)])
    run(desk, [str(file)])
    assert len(names(file)) == 3
    copy = file.parent / "示例-已标注.xlsx"
    edited(copy)
    before = copy.read_bytes()
    run(desk, [str(file)])
    assert names(file) == {"示例.xlsx", "示例-已标注.xlsx", "示例-已标注（2）.xlsx", "示例-校验报告.html"}
    assert copy.read_bytes() == before


def test_what_was_written_in_the_copy_is_handed_on(desk: Desk, file: Path) -> None:
    run(desk, [str(file)])
    copy = file.parent / "示例-已标注.xlsx"
    key = explained(copy, "县里批准过")
    run(desk, [str(file)])
    assert len(names(file)) == 3
    assert {one.fingerprint: one.accepted for one in check(copy).findings}[key] == "县里批准过"


def test_a_marked_copy_that_is_dropped_is_itself_never_written(desk: Desk, file: Path) -> None:
    run(desk, [str(file)])
    copy = file.parent / "示例-已标注.xlsx"
    before = copy.read_bytes()
    run(desk, [str(copy)])
    assert copy.read_bytes() == before
    assert {"示例-已标注（2）.xlsx", "示例-已标注-校验报告.html"} <= names(file)


def test_two_files_of_one_name_do_not_share_results(desk: Desk, file: Path) -> None:
    other = Path(shutil.copy(ROOT / "workbook" / "template.xlsm", file.with_suffix(".xlsm")))
    run(desk, [str(file), str(other)])
    made = {f"示例（{kind}）-已标注.{kind}" for kind in ("xlsx", "xlsm")}
    made |= {f"示例（{kind}）-校验报告.html" for kind in ("xlsx", "xlsm")}
    assert names(file) == {"示例.xlsx", "示例.xlsm", *made}


def test_a_bad_file_is_one_line_and_the_next_is_checked(desk: Desk, file: Path, tmp_path: Path) -> None:
    bad = tmp_path / "坏.xlsx"
    bad.write_text("x")
    assert run(desk, [str(bad), str(tmp_path / "没有.xlsx"), str(tmp_path), str(file)]) == 2
    shown = text(desk)
    assert shown.count("×") == 4
    assert "示例-已标注.xlsx" in names(file)
    assert "Traceback" not in shown
    assert shown.splitlines()[-1] == "▲ 共 4 个文件：有错误 1 个，没有查全 0 个，没有错误 0 个，无法检查 3 个"


def test_an_error_of_ours_is_one_line_and_stands_in_the_log(
    desk: Desk,
    file: Path,
    log_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("perfeval_xl.runs.checking.check", broken)
    assert run(desk, [str(file)]) == 2
    assert text(desk).count("\n") == 1
    assert "程序出错" in text(desk)
    log = log_folder / "perfeval-xl.log"
    assert str(log) in text(desk)
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")
    assert capsys.readouterr().err == ""


def test_a_folder_that_cannot_be_written(desk: Desk, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr("os.replace", refuse)
    assert run(desk, [str(file)]) == 2
    assert "没有写入权限" in text(desk)
    assert names(file) == {"示例.xlsx"}


def test_a_few_pages_are_opened_and_many_are_not(desk: Desk, file: Path) -> None:
    opened: list[Path] = []
    window = replace(desk, open_page=opened.append)
    run(window, [str(file)])
    assert [path.name for path in opened] == ["示例-校验报告.html"]
    run(window, [str(file)] * 4)
    assert len(opened) == 1


def test_dropped_into_the_window(desk: Desk, file: Path) -> None:
    assert run(replace(desk, windows=True, ask=lambda _: f'"{file}"'), []) == 1
    assert run(replace(desk, ask=lambda _: ""), []) == 2
    assert "没有文件" in text(desk)


def test_the_whole_line_of_the_prompt_is_read(tmp_path: Path) -> None:
    """As Windows hands it over: an unquoted & is part of a name; names with spaces are quoted."""
    folder = tmp_path / "a&b"
    folder.mkdir()
    plain, spaced = folder / "甲^1%.xlsx", folder / "乙 2!.xlsx"
    plain.touch()
    spaced.touch()
    line = f'C:\\Windows\\system32\\cmd.exe /c ""D:\\绩效 自评\\把文件拖到这里检查.cmd" {plain} "{spaced}""'
    cut = [f"{tmp_path}/a"]
    assert dropped(cut, {"PERFEVAL_DROPPED": line}) == [plain, spaced]
    alone = f'cmd.exe /c ""D:\\把文件拖到这里检查.cmd" {plain}"'
    assert dropped(cut, {"PERFEVAL_DROPPED": alone}) == [plain]
    assert dropped([str(plain)], {"PERFEVAL_DROPPED": "C:\\Windows\\system32\\cmd.exe"}) == [plain]
    assert dropped([str(plain)], {}) == [plain]


def test_names_as_each_system_quotes_them() -> None:
    assert words('"C:\\甲 乙.xlsx" D:\\丙.xlsx', windows=True) == ["C:\\甲 乙.xlsx", "D:\\丙.xlsx"]
    assert words("'/甲 乙.xlsx' /丙\\ 丁.xlsx", windows=False) == ["/甲 乙.xlsx", "/丙 丁.xlsx"]
    assert words("/it's.xlsx", windows=False) == ["/it's.xlsx"]


def test_the_script_that_is_put_in_place_loads_nothing_beside_the_file(file: Path, tmp_path: Path) -> None:
    """The real script of a Mac, which any shell runs, started where a file wants to be loaded in a library's place."""
    machine = Machine("darwin", {}, tmp_path, Path(sys.executable))
    script = tmp_path / "拖放.command"
    script.write_bytes(drop_script(machine))
    for name in ("openpyxl.py", "lxml.py", "json.py", "perfeval_xl.py"):
        (file.parent / name).write_text("raise SystemExit('loaded')", encoding="utf-8")
    environ = os.environ | {
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "s"),
    }
    done = subprocess.run(
        ["sh", str(script), file.name],
        cwd=file.parent,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    assert done.returncode == 1, done.stderr.decode()
    assert "示例-已标注.xlsx" in names(file)


def test_the_program_itself_on_a_console_of_its_own_encoding(file: Path, tmp_path: Path) -> None:
    environ = os.environ | {
        "PYTHONIOENCODING": "gbk",
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "s"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "perfeval_xl.drop", "--wait", str(file)],
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    assert done.returncode == 1
    assert done.stdout.decode("gbk").startswith("× 示例.xlsx：不通过")
    assert done.stderr == b""


def test_an_error_around_the_files_is_one_line_too(
    log_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("perfeval_xl.drop.this_desk", broken)
    assert main(["a.xlsx"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert str(log_folder / "perfeval-xl.log") in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_behind_its_output(file: Path, tmp_path: Path) -> None:
    environ = os.environ | {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "s")}
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "perfeval_xl.drop", str(file)],
            cwd=ROOT,
            env=environ | {"PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert done.returncode == 2
    assert done.stderr.decode() == "结果写不出去：磁盘空间不足\n"
