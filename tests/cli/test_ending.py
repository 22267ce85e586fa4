"""How the programs end: whatever happens one Chinese line, a code with a name, and the traceback in the log alone."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from perfeval_xl.cli import main
from perfeval_xl.cli.ending import FOUND, INTERRUPTED, OK, UNUSABLE, ended, told, worst
from perfeval_xl.cli.streams import complain, say
from perfeval_xl.errors import Unreadable
from perfeval_xl.hosts.reading.loading import Source
from perfeval_xl.runs import checking
from tests.cli.walking import latin
from tests.support import ROOT

EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
Capture = pytest.CaptureFixture[str]
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="devices of Linux")


def one_line(text: str) -> str:
    assert text.endswith("\n")
    assert text.count("\n") == 1, text
    assert "Traceback" not in text
    return text


def raising(error: BaseException) -> Callable[..., NoReturn]:
    def raises(*_: object, **__: object) -> NoReturn:
        raise error

    return raises


# -- exit codes -----------------------------------------------------------------------------------------------


def test_the_worst_of_several_codes() -> None:
    assert worst([OK, FOUND, UNUSABLE, FOUND]) == UNUSABLE
    assert worst([OK, FOUND, OK]) == FOUND
    assert worst([OK]) == worst([]) == OK
    assert (OK, FOUND, UNUSABLE, INTERRUPTED) == (0, 1, 2, 130)


def test_an_interruption(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr(checking, "check", raising(KeyboardInterrupt()))
    assert main(["check", str(EXAMPLE)]) == INTERRUPTED
    assert one_line(capsys.readouterr().err) == "已中断\n"


# -- what nobody foresaw --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [ZeroDivisionError("by\nzero"), RecursionError(), KeyError("x"), BrokenPipeError()],
)
def test_an_error_of_ours_is_a_line_and_2_and_stands_in_the_log(
    error: Exception, log_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(checking, "check", raising(error))
    for command in (["check", str(EXAMPLE)], ["demo", "--out", str(log_folder.parent / "demo")]):
        assert main(command) == UNUSABLE
        out, err = capsys.readouterr()
        assert out == ""
        assert "程序出错" in one_line(err)
        log = log_folder / "perfeval-xl.log"
        assert str(log) in err
        assert latin(err.replace(str(log), ""), [type(error).__name__]) == []
        text = log.read_text(encoding="utf-8")
        assert "Traceback" in text
        assert f"{type(error).__name__}" in text
        log.write_text("", encoding="utf-8")


@pytest.mark.usefixtures("log_folder")
def test_an_error_of_ours_in_one_file_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture, tmp_path: Path
) -> None:
    usual = checking.check
    bad = tmp_path / "坏.xlsx"
    bad.write_bytes(EXAMPLE.read_bytes())

    def sometimes(source: Source, **options: object) -> object:
        if Path(source.name).name == bad.name:
            raise ZeroDivisionError
        return usual(source, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(checking, "check", sometimes)
    assert main(["check", str(bad), str(EXAMPLE), "--format", "jsonl"]) == UNUSABLE
    out, err = capsys.readouterr()
    first, second = (json.loads(line) for line in out.splitlines())
    assert (first["workbook"], first["verdict"]) == (str(bad), "unreadable")
    assert "程序出错" in first["reason"]
    assert second["workbook"] == str(EXAMPLE)
    assert "程序出错" in one_line(err)


def test_the_same_in_a_process(tmp_path: Path) -> None:
    """Never 1: that would say the file has errors. Never a traceback on either stream."""
    code = (
        "import sys\n"
        "from perfeval_xl.cli import main\n"
        "from perfeval_xl.runs import checking\n"
        "checking.check = None\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    done = run(code, "check", str(EXAMPLE), XDG_STATE_HOME=str(tmp_path), LOCALAPPDATA=str(tmp_path))
    assert done.returncode == UNUSABLE
    assert done.stdout == b""
    assert str(tmp_path / "perfeval-xl" / "perfeval-xl.log") in one_line(done.stderr.decode())


def test_a_file_that_the_system_refuses_is_named(capsys: Capture) -> None:
    assert ended(raising(PermissionError(13, "Permission denied", "/甲/乙.xlsx"))) == UNUSABLE
    line = one_line(capsys.readouterr().err)
    assert "/甲/乙.xlsx" in line
    assert "没有权限" in line
    assert latin(line, ["xlsx"]) == []


def test_an_error_for_users_is_told_as_it_stands() -> None:
    assert told(Unreadable("a", "坏了", "请重发")) == "a：坏了。请重发。"


# -- files that are none --------------------------------------------------------------------------------------


@pytest.fixture
def no_waiting() -> Iterator[None]:
    """Whatever waits for more than a few seconds is ended."""
    signal.signal(signal.SIGALRM, lambda *_: pytest.fail("it waits"))
    signal.setitimer(signal.ITIMER_REAL, 20)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def circle(path: Path) -> None:
    path.symlink_to(path.name)


def beyond_a_file(path: Path) -> None:
    path.with_name("x").write_bytes(b"")
    path.symlink_to("x/y")


def long_name(path: Path) -> None:
    path.symlink_to("长" * 200)


NO_FILES = [pipe, device, Path.mkdir, circle, beyond_a_file, long_name]
READ = [
    "check {x}.xlsx",
    "check {x}.docx --unmark {folder}/y.docx",
    "check {example} --previous {x}.xlsx",
    "check {example} --policy {x}.toml",
    "check {example} --accept {x}.toml",
    "recalc {x}.xlsx -o {folder}/y.xlsx",
    "recalc {example} -o {folder}/y.xlsx --policy {x}.toml",
    "undo {x}.xlsx -o {folder}/y.xlsx",
    "policy {x}.toml",
    "judge --csv {x}.csv",
    "judge 1 2 --policy {x}.toml",
    "new {folder}/y.xlsx --from {x}.xlsx",
    "import {x}.xlsx -o {folder}/y.xlsx",
    "export {x}.xlsx -o {folder}/y.docx",
    "live {x}.xlsx",
]
WRITTEN = [
    "check {example} -o {x}.txt",
    "check {example} -o {x}.docx --format docx",
    "check {example} --format json --highlight {x}.xlsx",
    "recalc {example} -o {x}.xlsx",
    "judge --csv {table} -o {x}.csv",
    "new {x}.xlsx",
    "import {example} -o {x}.xlsx",
    "export {example} -o {x}.docx",
    "demo --out {x}",
]


@on_linux
@pytest.mark.usefixtures("no_waiting", "log_folder")
@pytest.mark.parametrize("make", NO_FILES)
@pytest.mark.parametrize("call", READ)
def test_what_is_no_file_is_not_read(
    call: str, make: Callable[[Path], None], tmp_path: Path, capsys: Capture
) -> None:
    refused(call, make, tmp_path, capsys)
    assert not list(tmp_path.glob("y.*"))


@on_linux
@pytest.mark.usefixtures("no_waiting", "log_folder")
@pytest.mark.parametrize("make", [pipe, device, Path.mkdir, circle])
@pytest.mark.parametrize("call", WRITTEN)
def test_what_is_no_file_is_not_written(
    call: str, make: Callable[[Path], None], tmp_path: Path, capsys: Capture
) -> None:
    if make is Path.mkdir and (call.startswith("demo") or "--format docx" in call):
        pytest.skip("a folder is what is wanted")
    refused(call, make, tmp_path, capsys)


def refused(call: str, make: Callable[[Path], None], folder: Path, capsys: Capture) -> None:
    """A call where ``{x}`` is made so: 2, one line, and it is still what it was."""
    words = call.split()
    place = folder / "特别"
    suffix = next((Path(word).suffix for word in words if word.startswith("{x}")), "")
    make(path := place.with_suffix(suffix))
    before = stat.S_IFMT(path.lstat().st_mode)
    table = folder / "表.csv"
    table.write_text("target,actual\n≥1,2\n", encoding="utf-8")
    names = {"x": place, "folder": folder, "example": EXAMPLE, "table": table}
    assert main([word.format(**names) for word in words]) == UNUSABLE
    line = one_line(capsys.readouterr().err)
    assert "程序出错" not in line
    assert "系统报告" not in line
    assert stat.S_IFMT(path.lstat().st_mode) == before


# -- the streams ----------------------------------------------------------------------------------------------

SAYING = [
    ["--help"],
    ["--version"],
    ["check", "--help"],
    ["rules"],
    ["rules", "--format", "json"],
    ["policy"],
    ["judge", "1", "2"],
]
CHECKS = [["check", str(EXAMPLE), *more] for more in ([], ["--format", "json"], ["--format", "html"])]


def run(code: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **variables}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        env=environment,
        timeout=120,
        check=False,
    )


def started(arguments: list[str], redirection: str) -> subprocess.CompletedProcess[bytes]:
    """The command in a process whose streams a shell has redirected."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    script = f'"$@" {redirection}'
    words = ["sh", "-c", script, "sh", sys.executable, "-m", "perfeval_xl", *arguments]
    return subprocess.run(words, capture_output=True, env=environment, timeout=120, check=False)


@on_linux
@pytest.mark.parametrize("arguments", SAYING + CHECKS, ids=" ".join)
def test_a_full_disk_on_standard_output(arguments: list[str]) -> None:
    done = started(arguments, ">/dev/full")
    assert done.returncode == UNUSABLE
    assert one_line(done.stderr.decode()) == "结果写不出去：磁盘空间不足\n"


@on_linux
@pytest.mark.parametrize("arguments", SAYING + CHECKS, ids=" ".join)
def test_nobody_reads_standard_output(arguments: list[str]) -> None:
    piped = subprocess.Popen(
        [sys.executable, "-m", "perfeval_xl", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert piped.stdout is not None
    piped.stdout.close()
    assert piped.stderr is not None
    assert piped.stderr.read() == b""
    assert piped.wait(timeout=120) == OK


@on_linux
@pytest.mark.parametrize("streams", [">&-", "2>&-", ">&- 2>&-", "2>/dev/full", "<&- >&- 2>&-"])
def test_closed_streams_change_no_code(streams: str) -> None:
    assert started(["judge", "1", "2"], streams).returncode == OK
    assert started(["judge", "1"], streams).returncode == UNUSABLE
    assert started(["chek"], streams).returncode == UNUSABLE
    assert started(["check", str(EXAMPLE)], streams).returncode == FOUND


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "cp437", "utf-16", "utf-8"])
def test_any_encoding_of_a_console(encoding: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": f"{encoding}:strict"}
    for arguments, code in (
        (["--help"], OK),
        (["check", "--help"], OK),
        (["chek"], UNUSABLE),
        (["check", "\u2713.xlsx"], UNUSABLE),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "perfeval_xl", *arguments],
            capture_output=True,
            env=environment,
            timeout=120,
        )
        assert done.returncode == code
        assert b"Traceback" not in done.stderr
        shown = (done.stdout + done.stderr).decode(encoding)
        assert ("perfeval-xl" in shown) == ("\u2713.xlsx" not in arguments)
        if encoding == "gbk":
            assert "?" not in shown.replace("?.xlsx", "")


def test_what_is_said_outside_a_program_is_said(capsys: Capture) -> None:
    say("甲")
    complain("乙\n丙\x1b[2J")
    assert capsys.readouterr() == ("甲\n", "乙 丙 [2J\n")


def test_out_of_memory_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checking, "check", raising(MemoryError()))
    assert main(["check", str(EXAMPLE)]) == UNUSABLE
    assert "内存超过限制" in one_line(capsys.readouterr().err)
