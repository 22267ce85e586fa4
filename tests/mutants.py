"""``python -m tests.mutants``: whether a boundary that is moved by one is noticed by the tests of its room.

Each mutant of mutants.yaml is a small change of a comparison, a condition or a number. It is made in a copy of the
repository, and its tests run there: a mutant is killed where one of them fails. ``--only WORD…`` takes those whose room,
name or file holds one of the words, ``-j 2`` runs two at once, ``--list`` runs nothing. Exit code 1 where a mutant lives,
2 where one is stale: its text is no longer in its file, or the tests fail without it.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Literal

from tests.support import ROOT, TESTS, read_yaml

Fate = Literal["killed", "living", "equivalent", "stale"]
_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "*.egg-info")
#: What pytest returns when tests ran and passed, and when some failed.
_PASSED, _FAILED = 0, 1


@dataclass(frozen=True, slots=True)
class Mutant:
    """``old``, which stands once in ``file``, becomes ``new``; ``why`` says what the boundary is good for, ``tests`` are
    pytest's arguments. ``equivalent`` is the reason why no test can tell the two apart."""

    room: str
    name: str
    file: str
    old: str
    new: str
    why: str
    tests: str
    equivalent: str = ""

    @property
    def title(self) -> str:
        return f"{self.room}: {self.name}"

    def stale(self, root: Path) -> str:
        """Why the mutant cannot be made any more; "" where it can."""
        path = root / self.file
        if not path.is_file():
            return f"there is no {self.file}"
        found = path.read_text(encoding="utf-8").count(self.old)
        if found != 1:
            return f"its text stands {found} times in {self.file}"
        missing = [part for part in self.arguments if part.startswith("tests") and not (root / part).exists()]
        return f"there is no {', '.join(missing)}" if missing else ""

    @property
    def arguments(self) -> list[str]:
        return shlex.split(self.tests)


def mutants() -> tuple[Mutant, ...]:
    return tuple(Mutant(**entry) for entry in read_yaml(TESTS / "mutants.yaml"))


class Copy:
    """A copy of the repository in which one mutant at a time is made.

    Python takes compiled code for current by the time and the size of its source: every text gets a time of its own.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder
        shutil.copytree(ROOT, folder, ignore=_LEFT_OUT, dirs_exist_ok=True)
        self._made = 0

    def fate(self, mutant: Mutant) -> tuple[Fate, str]:
        """What becomes of a mutant, and the test that killed it or the reason."""
        reason = mutant.stale(self.root)
        if reason:
            return "stale", reason
        if mutant.equivalent:
            return "equivalent", mutant.equivalent
        path = self.root / mutant.file
        text = path.read_text(encoding="utf-8")
        self._write(path, text.replace(mutant.old, mutant.new))
        try:
            done = self._run(mutant.arguments)
        finally:
            self._write(path, text)
        if done.returncode == _PASSED:
            return "living", mutant.why
        failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
        if done.returncode != _FAILED or not failed:
            return "stale", f"the tests did not run: {' '.join((done.stdout + done.stderr).split())[-300:]}"
        return "killed", failed[0].removeprefix("FAILED ").partition(" - ")[0]

    def failing(self, tests: Sequence[str]) -> str:
        """Which of some tests fails while nothing is changed, so that it proves nothing; "" where all pass."""
        done = self._run(tests) if tests else None
        return "" if done is None or done.returncode == _PASSED else done.stdout[-500:]

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")
        self._made += 1
        os.utime(path, (10**9 + self._made, 10**9 + self._made))

    def _run(self, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
        pytest = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-p",
            "no:cacheprovider",
            "--no-header",
            "--tb=no",
            "-rf",
        ]
        return subprocess.run(
            [*pytest, *tests],
            cwd=self.root,
            env=os.environ | {"PYTHONPATH": str(self.root)},
            capture_output=True,
            text=True,
            check=False,
        )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[""], metavar="WORD")
    parser.add_argument("-j", "--jobs", type=int, default=1)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args(arguments)
    chosen = [one for one in mutants() if any(word in f"{one.title} {one.file}" for word in options.only)]
    if options.list:
        print(*(f"{one.title}\n  {one.file}\n  {one.why}" for one in chosen), sep="\n")
        return 0
    if hasattr(os, "nice"):
        os.nice(5)
    with tempfile.TemporaryDirectory() as folder:
        copies = [Copy(Path(folder) / str(number)) for number in range(options.jobs)]
        found = _run_all(chosen, copies)
        fates = [fate for fate, _ in found]
        failing = copies[0].failing([said for fate, said in found if fate == "killed"])
    if failing:
        print(f"stale      a test fails without any mutant, so that it kills none:\n{failing}")
    counted = Counter(fates)
    meant = len(fates) - counted["equivalent"]
    print(
        f"{counted['killed']} of {meant} killed, {counted['living']} living, {counted['stale']} stale, "
        f"{counted['equivalent']} equivalent"
    )
    return 2 if counted["stale"] or failing else int(bool(counted["living"]))


def _run_all(chosen: Sequence[Mutant], copies: Sequence[Copy]) -> list[tuple[Fate, str]]:
    """The fate of each mutant with what is said of it, told as soon as it is known; as many at once as there are copies."""
    free: Queue[Copy] = Queue()
    for copy in copies:
        free.put(copy)

    def one(mutant: Mutant) -> tuple[Fate, str]:
        copy = free.get()
        try:
            fate, said = copy.fate(mutant)
        finally:
            free.put(copy)
        print(f"{fate:10} {mutant.title}\n           {said}", flush=True)
        return fate, said

    with ThreadPoolExecutor(len(copies)) as pool:
        return list(pool.map(one, chosen))


if __name__ == "__main__":
    sys.exit(main())
