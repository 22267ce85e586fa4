"""A Dask cluster on this machine for tests: a scheduler and workers, each a process of its own that can be killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Cluster:
    """A scheduler's address and its workers."""

    address: str
    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add_worker(self) -> None:
        """One more worker of one thread, without a nanny that would start it again."""
        words = [
            "worker",
            self.address,
            "--nthreads",
            "1",
            "--no-nanny",
            "--no-dashboard",
            "--memory-limit",
            "0",
        ]
        self.workers.append(_started(words, self.folder / f"worker{len(self.workers)}.log", self.folder))

    def kill_worker(self) -> None:
        """The first worker ends at once, whatever it is at."""
        worker = self.workers.pop(0)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()


def _started(words: list[str], log: Path, folder: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as stream:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *words], stdout=stream, stderr=stream, cwd=folder
        )


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """A scheduler on loopback with so many workers."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "scheduler.log"
    scheduler = _started(["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"], log, folder)
    running = Cluster("", folder)
    try:
        while not (found := re.search(r"tcp://(127\.0\.0\.1:\d+)", log.read_text())):
            assert scheduler.poll() is None, log.read_text()
            time.sleep(0.1)
        running.address = found[1]
        for _ in range(workers):
            running.add_worker()
        yield running
    finally:
        for process in (*running.workers, scheduler):
            process.kill()
            process.wait()
