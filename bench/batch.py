#!/usr/bin/env python3
"""What a batch costs beside mere checks: processes, memory of the program, a second run, what is kept.

``python bench/batch.py --count 1000`` makes so many distinct submissions from all published layouts (each with other figures), then runs, in
one go: checks in this process; a batch with one process and with two; a second run without changes; a batch of a quarter of
them. Costs are processor time, of the program and of its processes: the clock tells of the machine's other work too. What the
summaries cost is told apart: a submission costs what examining and keeping it does. Checks in this process run twice, before and after
the batches, since a machine that does other work is not equally fast all the time. Prints figures and ratios; nothing is asserted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter

from perfeval_xl.policy import load_policy
from perfeval_xl.runs.checking import check
from perfeval_xl.runs.desk.terms import Terms
from tests.published.test_published import TABLES
from tests.support import read_yaml

#: The batch as the command line runs it, with what it cost at the end.
_MEASURED = """
import dataclasses, json, resource, sys, time
from perfeval_xl.cli import main
from perfeval_xl.runs import batch

outputs = {}

def timed(one):
    def write(view, stream):
        start = time.process_time()
        one.write(view, stream)
        outputs[one.name] = time.process_time() - start
    return dataclasses.replace(one, write=write)

batch.OUTPUTS = tuple(map(timed, batch.OUTPUTS))
start = time.monotonic()
code = main(sys.argv[1:])
own, processes = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps({"code": code, "clock": time.monotonic() - start, "own": own.ru_utime + own.ru_stime,
                  "processes": processes.ru_utime + processes.ru_stime, "memory": own.ru_maxrss / 1024, "outputs": outputs}))
"""
_FIGURE = re.compile(r"\d+(?:\.\d+)?")


class Cost(NamedTuple):
    """Seconds on the clock, of the program, of its processes; megabytes of the program at most; seconds of the program for each of its
    outputs."""

    clock: float
    own: float
    processes: float
    memory: float
    outputs: dict[str, float]

    @property
    def cpu(self) -> float:
        return self.own + self.processes

    @property
    def examining(self) -> float:
        """Without the summaries."""
        return self.cpu - sum(self.outputs.values())


def submissions(folder: Path, count: int, seed: int = 1) -> Path:
    """Distinct workbooks of all published layouts in turn, about one figure in eight another one."""
    folder.mkdir(parents=True)
    choose = random.Random(seed)
    tables = [read_yaml(path)["sheets"] for path in TABLES]
    for number in range(count):
        _written(folder / f"单位{number + 1:05}.xlsx", tables[number % len(tables)], choose)
    return folder


def _written(path: Path, sheets: list[dict[str, Any]], choose: random.Random) -> None:
    book = xlsxwriter.Workbook(str(path))
    for sheet in sheets:
        page = book.add_worksheet(sheet["name"])
        for row, column, value in _cells(sheet):
            if isinstance(value, str):
                page.write_string(row, column, _altered(value, choose))
            else:
                page.write_number(row, column, float(_altered(str(value), choose)))
    book.close()


def _cells(sheet: dict[str, Any]) -> Iterator[tuple[int, int, Any]]:
    for row, values in enumerate(sheet["rows"]):
        for column, value in enumerate(values):
            if value is not None:
                yield row, column, value


def _altered(text: str, choose: random.Random) -> str:
    """The text with another last digit in its first figure, mostly not."""
    found = _FIGURE.search(text)
    if found is None or choose.random() > 0.125:
        return text
    return f"{text[: found.end() - 1]}{choose.randrange(10)}{text[found.end() :]}"


def run(folder: Path, out: Path, *words: str) -> Cost:
    """A batch in a process of its own."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            _MEASURED,
            "batch",
            str(folder),
            "--out",
            str(out),
            "--policy",
            "national-2020",
            *words,
        ],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    if found["code"]:
        raise SystemExit(f"the batch ended with {found['code']}: {done.stderr}")
    return Cost(found["clock"], found["own"], found["processes"], found["memory"], found["outputs"])


def in_process(paths: list[Path]) -> float:
    """Processor seconds of mere checks, one after the other in this process; the first one is not counted."""
    policy = Terms(load_policy("national-2020")).policy
    check(paths[0], policy=policy)
    start = time.process_time()
    for path in paths:
        check(path, policy=policy)
    return time.process_time() - start


def contents(folder: Path) -> dict[str, str]:
    """The hashes of the outputs, byte for byte; the database aside, which notes that it was asked."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.suffix != ".db"
    }


def bound(cost: Cost) -> float:
    """How much faster two idle cores can be than one: the processes share them with what the program does beside them, the summaries
    are written by one."""
    summaries = sum(cost.outputs.values())
    return cost.cpu / ((cost.cpu - summaries) / 2 + summaries)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as place:
        top = Path(place)
        folder = submissions(top / "in", count)
        few = submissions(top / "few", count // 4)
        one_file = submissions(top / "one", 1)
        paths = sorted(folder.iterdir())
        before = in_process(paths)
        one = run(folder, top / "one-process", "--jobs", "1")
        two = run(folder, top / "two-processes", "--jobs", "2")
        first = contents(top / "two-processes")
        again = run(folder, top / "two-processes", "--jobs", "2")
        same = contents(top / "two-processes") == first
        quarter = run(few, top / "quarter", "--jobs", "2")
        run(one_file, top / "start")
        start = run(one_file, top / "start")
        bare = (before + in_process(paths)) / 2 / count
        kept = sum(path.stat().st_size for path in (top / "two-processes").iterdir())
        handed_in = sum(path.stat().st_size for path in paths)
    print(
        f"{count} submissions, {handed_in / count / 1000:.1f} kB each; results {kept / count / 1000:.1f} kB each"
    )
    print(f"check in this process          {bare * 1000:8.1f} ms of processor a submission")
    for name, cost in (("one process", one), ("two processes", two)):
        print(
            f"batch, {name:22} {cost.cpu / count * 1000:9.1f} ms   {cost.cpu / count / bare:.2f} × the mere check"
            f"   ({cost.own / count * 1000:.1f} ms of it the program's own; {cost.clock:.1f} s on the clock)"
        )
    more = (two.examining - quarter.examining) / (count - count // 4)
    print(
        f"each one more, start-up apart  {more * 1000:8.1f} ms   {more / bare:.2f} × the mere check, summaries apart"
    )
    for name, seconds in two.outputs.items():
        print(f"{name:27} {seconds / count * 1000:9.1f} ms   {seconds / two.cpu:.1%} of the run")
    print(f"two processes against one      {one.clock / two.clock:8.2f} × as fast on the clock")
    alone = two.own / two.cpu
    print(
        f"what the program does alone    {alone:8.1%} of the run: two idle cores cannot be more than {bound(two):.2f} × as fast"
    )
    print(
        f"second run, start-up apart     {(again.cpu - start.cpu) / two.cpu:8.1%} of the first ({again.cpu:.2f} s, start-up {start.cpu:.2f} s);"
        f" outputs {'unchanged' if same else 'CHANGED'}"
    )
    print(
        f"memory of the program          {two.memory:8.0f} MB   with a quarter of them {quarter.memory:.0f} MB"
    )


if __name__ == "__main__":
    main()
