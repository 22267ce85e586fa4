"""Processes: whatever a file does to one, the other submissions get their results."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from perfeval_xl.desk import Outcome
from perfeval_xl.runs.desk import workers
from perfeval_xl.runs.desk.examining import examine
from perfeval_xl.runs.desk.submissions import Submission, find
from perfeval_xl.runs.desk.terms import Terms
from tests.live import processes_with

from .intake import desk

#: Taken for the worker by tests: what a hostile file might do to a process, by the name of the submission.
_SPOILT = """
import ctypes, os, sys, time
from perfeval_xl.runs.desk import examining, worker

def examine(submission, terms, check=examining.examine):
    if "崩溃" in submission.name:
        ctypes.string_at(0)
    if "退出" in submission.name:
        os._exit(7)
    if "挂起" in submission.name:
        time.sleep(3600)
    if "内存" in submission.name:
        bytearray(4_000_000_000)
    if "循环" in submission.name:
        from perfeval_xl.hosts.bounding import bounded_time
        from perfeval_xl.errors import Exhausted
        try:
            with bounded_time(terms.limits, submission.name):
                while True:
                    pass
        except Exhausted as error:
            return examining.not_examined(submission.name, terms, (), str(error))
    print("a library that prints")
    return check(submission, terms)

worker.examine = examine
worker.main()
"""


@pytest.fixture
def spoilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers in which some submissions do harm."""
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "spoilt_worker.py").write_text(_SPOILT, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setattr(workers, "_MODULE", "spoilt_worker")


def outcomes(submissions: list[Submission], terms: Terms, jobs: int = 2) -> dict[str, Outcome]:
    return {
        outcome.submission: outcome for _, outcome in workers.examine_all(enumerate(submissions), terms, jobs)
    }


def test_outcomes_of_processes_are_those_of_this_one(tmp_path: Path) -> None:
    terms = Terms(marked=True)
    submissions = list(find([desk(tmp_path / "收件")], tmp_path / "结果").submissions)
    found = outcomes(submissions, terms)
    assert len(found) == 4
    for submission in submissions:
        here, there = examine(submission, terms), found[submission.name]
        assert (here.key, here.report, here.figures, here.indicators, here.sheets) == (
            there.key, there.report, there.figures, there.indicators, there.sheets
        )  # fmt: skip
        assert [made.name for made in there.made] == [made.name for made in here.made] != []


@pytest.mark.usefixtures("spoilt")
def test_a_file_that_harms_its_process_harms_nothing_else(tmp_path: Path) -> None:
    folder = desk(tmp_path / "收件")
    data = (folder / "单位1.xlsx").read_bytes()
    for name in ("崩溃", "退出", "挂起", "内存", "循环"):
        (folder / f"{name}.xlsx").write_bytes(data)
    terms = Terms(limits=Terms().limits.changed(["cpu_seconds=2"]), wall_seconds=20)
    submissions = list(find([folder], tmp_path / "结果").submissions)
    found = outcomes(submissions, terms)
    assert {name: found[f"{name}.xlsx"].ending for name in ("崩溃", "退出", "挂起", "内存", "循环")} == {
        "崩溃": "died", "退出": "died", "挂起": "hung", "内存": "died", "循环": "examined",
    }  # fmt: skip
    said = {
        name: json.loads(found[f"{name}.xlsx"].report)["reason"] for name in ("崩溃", "退出", "挂起", "循环")
    }
    assert "信号 SIGSEGV" in said["崩溃"]
    assert "退出码 7" in said["退出"]
    assert "20 秒没有检查完" in said["挂起"]
    assert "处理器时间超过 2 秒" in said["循环"]
    for submission in (one for one in submissions if one.name.startswith("单位")):
        assert found[submission.name].report == examine(submission, terms).report


def test_no_process_is_left_behind(tmp_path: Path) -> None:
    running = workers.examine_all(
        enumerate(find([desk(tmp_path / "收件")], tmp_path / "结果").submissions), Terms(), 2
    )
    next(running)
    mine = own_workers()
    assert mine
    running.close()
    assert not mine & own_workers()


def own_workers() -> set[int]:
    """The workers that this very process started: other tests run beside it."""
    own = str(os.getpid())
    return {
        number
        for number in processes_with(workers._MODULE)
        if (stat := Path(f"/proc/{number}/stat")).exists()
        and stat.read_text().rpartition(")")[2].split()[1] == own
    }


def test_a_worker_ends_with_the_program_that_started_it(tmp_path: Path) -> None:
    child = workers.Child(Terms())
    folder = desk(tmp_path / "收件", 1)
    (submission,) = find([folder], tmp_path / "结果").submissions
    assert child.examine(submission).verdict
    process = child._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()  # as the system does where the program is killed
    assert process.wait(20) == 0
    child.close()


def test_a_worker_that_is_killed_once_is_no_matter(tmp_path: Path) -> None:
    submissions = list(find([desk(tmp_path / "收件", 8)], tmp_path / "结果").submissions)
    calm = {name: outcome.report for name, outcome in outcomes(submissions, Terms()).items()}
    running = workers.examine_all(enumerate(submissions), Terms(), 2)
    first = next(running)
    for process in processes_with(workers._MODULE):
        if _parent_of(process) == os.getpid():
            os.kill(process, signal.SIGKILL)
            break
    rest = dict([first, *running])
    assert {outcome.submission: outcome.report for outcome in rest.values()} == calm


def _parent_of(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def test_time_on_the_clock_is_bounded(tmp_path: Path) -> None:
    folder = desk(tmp_path / "收件", 1)
    (submission,) = find([folder], tmp_path / "结果").submissions
    child = workers.Child(Terms(wall_seconds=0.01))
    assert child.examine(submission).ending == "hung"
    child.close()
