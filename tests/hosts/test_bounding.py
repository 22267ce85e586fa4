"""A run is stopped when its time or memory is used up, with one line; what it starts is not bound."""

from __future__ import annotations

import ctypes
import dataclasses
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from perfeval_xl.cli.ending import UNUSABLE, ended
from perfeval_xl.errors import Exhausted
from perfeval_xl.hosts import bounding
from perfeval_xl.hosts.limits import LIMITS
from tests.hosts.hostfiles import parts
from tests.hosts.reading.hostile import zipped

posix = pytest.mark.skipif(sys.platform == "win32", reason="has no such limits")


def spent(seconds: float) -> None:
    """Spend processor time, and swallow what is no fault of time."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        with suppress(Exception):
            sum(range(1000))


def test_time_is_bounded_and_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        with bounding.bounded_time(dataclasses.replace(LIMITS, cpu_seconds=1), "甲.xlsx"):
            spent(5)
        return 0

    assert ended(work) == UNUSABLE
    said = capsys.readouterr().err
    assert said.startswith("甲.xlsx：处理器时间超过 1 秒，已停止")
    assert said.count("\n") == 1


def test_the_bound_ends_with_its_block() -> None:
    with bounding.bounded_time(dataclasses.replace(LIMITS, cpu_seconds=1)):
        spent(0.1)
    spent(1.2)


def test_where_there_are_no_timers_a_thread_watches() -> None:
    error = Exhausted("到时了")
    with pytest.raises(Exhausted, match="到时了"), bounding._watched(0, error):
        spent(20)


def test_the_record_of_a_job_is_laid_out_as_windows_has_it() -> None:
    assert ctypes.sizeof(bounding._Extended) == (144 if ctypes.sizeof(ctypes.c_void_p) == 8 else 112)


@posix
def test_a_program_out_of_memory_says_so(tmp_path: Path) -> None:
    file = tmp_path / "大.xlsx"
    file.write_bytes(zipped(parts("".join(f'<row r="{n}"><c><v>1</v></c></row>' for n in range(1, 200_000)))))
    # Not enough to load all that a check needs, let alone the cells.
    command = [sys.executable, "-m", "perfeval_xl", "check", str(file), "--limit", "memory_bytes=150000000"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == UNUSABLE
    assert done.stderr.count("\n") == 1
    assert "内存" in done.stderr


@posix
def test_what_is_started_is_not_bound() -> None:
    code = (
        "import resource, subprocess, sys\n"
        "from perfeval_xl.hosts import bounding\n"
        "from perfeval_xl.hosts.limits import LIMITS\n"
        "before = resource.getrlimit(resource.RLIMIT_AS)\n"
        "bounding.bound_memory(LIMITS.memory_bytes)\n"
        "assert resource.getrlimit(resource.RLIMIT_AS) != before\n"
        "with bounding.unbounded():\n"
        "    assert resource.getrlimit(resource.RLIMIT_AS)[0] == before[1]\n"
        "assert resource.getrlimit(resource.RLIMIT_AS)[0] == LIMITS.memory_bytes\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
