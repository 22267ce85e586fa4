"""kill -9 at random moments of a batch: of the program, of a worker, of a Dask worker, of the database's connections. What the next
run leaves behind must equal what an undisturbed one does, to the row.

``python -m tests.kills`` does each 20 times on 24 submissions and prints how each ended; ``--times``, ``--only parent,worker`` and
``--seed`` say otherwise. It ends with 1 where one differs.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from perfeval_xl.store.opening import open_store
from perfeval_xl.store.tables import Base
from tests import postgres
from tests.live import processes_with
from tests.runs.desk.cluster import Cluster, cluster
from tests.runs.desk.intake import desk

_WORKER = "perfeval_xl.runs.desk.worker"
#: What differs from run to run although nothing is wrong: times, the folder, and numbers that PostgreSQL left out after a lost connection.
_VARYING = {"started", "finished", "desk", "id", "round"}
State = dict[str, list[tuple[Any, ...]]]


@dataclass
class Scene:
    """Where a batch is run: what was handed in, where results go, and what it is called with besides."""

    folder: Path
    out: Path
    store: str
    scheduler: str = ""

    def start(self) -> subprocess.Popen[bytes]:
        words = ["batch", str(self.folder), "--out", str(self.out), "--store", self.store, "--jobs", "2"]
        words += ["--marked"] + (["--scheduler", self.scheduler] if self.scheduler else [])
        return subprocess.Popen(
            [sys.executable, "-m", "perfeval_xl", *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def run(self) -> None:
        """To its end, undisturbed."""
        code = self.start().wait()
        if code:
            raise AssertionError(f"the batch ended with {code}")

    def state(self) -> State:
        """Every row of the database but for its times, and what was written."""
        store = open_store(self.store)
        found: State = {}
        with store.reading() as connection:
            for table in Base.metadata.sorted_tables:
                columns = [column for column in table.c if column.name not in _VARYING]
                found[table.name] = sorted(
                    (tuple(row) for row in connection.execute(select(*columns))), key=repr
                )
        store.close()
        found["lines"] = [((self.out / "结果.jsonl").read_bytes(),)]
        found["copies"] = sorted((path.name,) for path in (self.out / "标注").rglob("*") if path.is_file())
        return found


def kill_parent(process: subprocess.Popen[bytes], _: Scene) -> None:
    """The program itself."""
    process.kill()


def kill_worker(process: subprocess.Popen[bytes], _: Scene) -> None:
    """One of its processes."""
    for worker in processes_with(_WORKER):
        if _parent(worker) == process.pid:
            os.kill(worker, signal.SIGKILL)
            return


def _parent(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


Kill = Callable[[subprocess.Popen[bytes], Scene], None]


def disturbed(scene: Scene, kill: Kill, after: float) -> None:
    """A batch with one kill so many seconds after its start, then the next run."""
    process = scene.start()
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        kill(process, scene)
    process.wait()
    scene.run()


def seconds_of(scene: Scene) -> float:
    """How long an undisturbed batch takes."""
    start = time.monotonic()
    scene.run()
    return time.monotonic() - start


def trials(
    kind: str, folder: Path, times: int, seed: int, stack: ExitStack
) -> Iterator[tuple[float, list[str]]]:
    """After how many seconds each kill came, and what was not as it should be in the end: tables, lines, copies."""
    submissions = desk(folder / "收件", 24)
    choose = random.Random(seed)
    server, running = _around(kind, folder, stack)
    urls = (f"sqlite:///{folder / f'{number}.db'}" for number in range(times + 1))

    def scene(name: str) -> Scene:
        url = server.new_database() if server is not None else next(urls)
        return Scene(submissions, folder / name, url, running.address if running is not None else "")

    calm = scene("calm")
    long = seconds_of(calm)
    wanted = calm.state()
    for number in range(times):
        one, after = scene(f"disturbed{number}"), choose.uniform(0, long)
        disturbed(one, _kill(kind, server, running), after)
        found = one.state()
        yield after, [name for name in wanted if found[name] != wanted[name]]


def _around(kind: str, folder: Path, stack: ExitStack) -> tuple[postgres.Server | None, Cluster | None]:
    """What else has to run for a kind of kill."""
    server = running = None
    if kind == "database":
        # A short path, that the server's own account may enter.
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pe-pg-")))
        server = next(serving := postgres.started(place))
        stack.callback(serving.close)
    if kind == "dask":
        running = stack.enter_context(cluster(folder / "cluster"))
    return server, running


def _kill(kind: str, server: postgres.Server | None, running: Cluster | None) -> Kill:
    if kind == "database":
        assert server is not None
        return lambda _process, _scene: server.end_connections()
    if kind == "dask":
        assert running is not None

        def kill(_process: subprocess.Popen[bytes], _scene: Scene) -> None:
            running.add_worker()
            running.kill_worker()

        return kill
    return {"parent": kill_parent, "worker": kill_worker}[kind]


KINDS = ("parent", "worker", "dask", "database")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--only", default=",".join(KINDS))
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    wrong = 0
    for kind in options.only.split(","):
        with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
            for after, other in trials(kind, Path(place), options.times, options.seed, stack):
                wrong += bool(other)
                print(f"{kind:9} after {after:5.1f} s  {'、'.join(other) or 'equal'}", flush=True)
    print(f"{wrong} different")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
