"""The command batch as a reviewer calls it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from perfeval_xl.cli import main
from perfeval_xl.cli.ending import INTERRUPTED, OK, UNUSABLE
from tests.runs.desk.intake import desk

Capture = pytest.CaptureFixture[str]


def test_what_a_reviewer_reads(tmp_path: Path, capsys: Capture) -> None:
    folder = desk(tmp_path / "收件", 2)
    (folder / "~$单位1.xlsx").write_bytes(b"lock")
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04")
    words = ["batch", str(folder), "--out", str(tmp_path / "结果"), "--policy", "hunan-2023", "--jobs", "1"]
    assert main(words) == OK
    said = capsys.readouterr()
    assert said.err == ""
    lines = said.out.splitlines()
    assert lines[0].startswith("第 1 轮：3 份报送，")
    assert lines[0].endswith("无法检查 1")
    assert lines[1] == "本次检查 3 份"
    assert "没有检查的文件（1）：~$单位1.xlsx（打开文件时产生的锁文件）" in lines
    assert "同一个单位报了几份（1）：单位1.xlsx、单位2" in lines
    assert (tmp_path / "结果" / "结果.db").is_file()
    assert main(words) == OK
    assert "没有变化，结果文件保持原样" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["没有", "--out", "x"], "找不到这个文件夹或文件"),
        (["{desk}", "--out", "x", "--store", "mysql://a/b"], "结果库只能用 SQLite 或 PostgreSQL"),
        (["{desk}", "--out", "x", "--jobs", "0"], "应是 1 到 1024 之间的整数"),
        (["{desk}", "--out", "x", "--policy", "没有"], "没有政策"),
        (["{desk}", "--out", "x", "--limit", "nothing=1"], "没有限制项"),
        (["{desk}", "--out", "{desk}/单位1.xlsx"], "无法建立文件夹"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    words: list[str], said: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = desk(tmp_path / "收件", 1)
    try:
        code = main(["batch", *(word.format(desk=folder) for word in words)])
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else -1
    assert code == UNUSABLE
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    """A Python that cannot import SQLAlchemy, as where the extra is not installed."""
    folder = desk(tmp_path / "收件", 1)
    call = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "from perfeval_xl.cli import main\n"
        f"sys.exit(main(['batch', {str(folder)!r}, '--out', {str(tmp_path / '结果')!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", call], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == UNUSABLE
    assert done.stderr.splitlines() == ['batch 还缺组件，请先安装：pip install "perfeval-xl[batch]"']


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_an_interruption_keeps_what_was_done(tmp_path: Path) -> None:
    folder, out = desk(tmp_path / "收件", 30), tmp_path / "结果"
    # Where tests run in the background, the shell has them ignore the signal.
    heeding = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    call = f"{heeding}from perfeval_xl.cli import main; sys.exit(main())"
    words = [sys.executable, "-c", call, "batch", str(folder), "--out", str(out), "--jobs", "1"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    while not (out / "结果.db").is_file() or _kept(out) < 3:
        assert process.poll() is None
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=120)
    assert process.returncode == INTERRUPTED
    assert error.startswith("已中断：已检查 ")
    assert len(error.splitlines()) == 1
    kept = _kept(out)
    assert 3 <= kept < 30
    done = subprocess.run(words, capture_output=True, encoding="utf-8", check=True)
    assert f"本次检查 {30 - kept} 份" in done.stdout
    reports = [json.loads(line) for line in (out / "结果.jsonl").read_text("utf-8").splitlines()]
    assert [report["workbook"] for report in reports][:3] == ["单位1.xlsx", "单位2", "单位3.xlsx"]
    assert len(reports) == 30


def _kept(out: Path) -> int:
    import sqlite3

    connection = sqlite3.connect(out / "结果.db", timeout=30)
    try:
        return int(connection.execute("SELECT count(*) FROM result").fetchone()[0])
    except sqlite3.OperationalError:  # the tables are being made
        return 0
    finally:
        connection.close()
