"""Processes that examine submissions. A file that crashes, hangs or takes too much takes its process with it, and nothing else."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, cast

from perfeval_xl.desk import Ending, Outcome
from perfeval_xl.errors import Unreadable

from .examining import handed_in, not_examined
from .submissions import Submission
from .terms import Terms
from .worker import receive, send

_MODULE = "perfeval_xl.runs.desk.worker"
#: How often a submission is tried whose process died: it may have been killed for another's sake (out of memory).
_TRIES = 2
#: Seconds that a process which closed its output may take to end.
_LAST_WORDS = 2
#: How often whoever waits for an outcome looks up, in seconds: Windows lets nobody interrupt a wait.
_LOOKS_UP = 0.5


class Child:
    """One process, started when it is needed and again where it has ended. For one thread at a time."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._lock = threading.Lock()

    def examine(self, submission: Submission) -> Outcome:
        """The outcome of a submission, whatever becomes of the process."""
        death = ""
        for _ in range(_TRIES):
            process = self._running()
            late = threading.Event()
            timer = threading.Timer(self.terms.wall_seconds, _end_late, (process, late))
            timer.daemon = True
            timer.start()
            try:
                send(_input(process), submission)
                return cast(Outcome, receive(_output(process)))
            except (EOFError, OSError):
                death = self._ended(process)
            finally:
                timer.cancel()
            if late.is_set():
                what = f"{self.terms.wall_seconds:g} 秒没有检查完，已停止"
                return self._failed(submission, "hung", what)
            if self._closed:
                break
        return self._failed(submission, "died", f"检查它的进程意外终止（{death}）")

    def close(self) -> None:
        """End the process, also one that is at work."""
        self._closed = True
        with self._lock:
            process = self._process
        if process is not None:
            process.kill()
            process.wait()

    def _failed(self, submission: Submission, ending: Ending, what: str) -> Outcome:
        reason = str(Unreadable(submission.name, what, "请用 Excel 或 WPS 打开它，另存为 .xlsx 后再检查"))
        files = handed_in(submission, self.terms)
        return not_examined(submission.name, self.terms, files, reason, ending=ending)

    def _running(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._process is None:
                self._process = _started()
                with contextlib.suppress(OSError):  # it ended at once: the answer will not come either
                    send(_input(self._process), self.terms)
                if self._closed:
                    self._process.kill()
            return self._process

    def _ended(self, process: subprocess.Popen[bytes]) -> str:
        """Clear away a process that answers no more; how it ended, in words."""
        with self._lock:
            self._process = None
        try:
            status = process.wait(_LAST_WORDS)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        for stream in (_input(process), _output(process)):
            with contextlib.suppress(OSError):  # what it had not read yet goes nowhere
                stream.close()
        return _death(status)


def _input(process: subprocess.Popen[bytes]) -> IO[bytes]:
    return cast(IO[bytes], process.stdin)


def _output(process: subprocess.Popen[bytes]) -> IO[bytes]:
    return cast(IO[bytes], process.stdout)


def _started() -> subprocess.Popen[bytes]:
    # -P: the folder of the files may hold an openpyxl.py; only our own package's folder joins the search path.
    own = str(Path(__file__).resolve().parents[3])
    search = os.pathsep.join(filter(None, (own, os.environ.get("PYTHONPATH", ""))))
    return subprocess.Popen(
        [sys.executable, "-P", "-m", _MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": search},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _end_late(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _death(status: int | None) -> str:
    """How a process ended, in words."""
    if status is not None and status < 0:
        try:
            return f"信号 {signal.Signals(-status).name}"
        except ValueError:
            return f"信号 {-status}"
    return f"退出码 {status}"


class _Stop:
    """The end of the work, as it lies in the queue of outcomes."""


def examine_all(
    submissions: Iterable[tuple[int, Submission]], terms: Terms, jobs: int
) -> Generator[tuple[int, Outcome], None, None]:
    """The outcomes of numbered submissions, in the order in which they are done, ``jobs`` at a time. Whoever stops asking ends the
    processes."""
    waiting = iter(submissions)
    lock = threading.Lock()
    done: queue.Queue[tuple[int, Outcome] | _Stop | BaseException] = queue.Queue(maxsize=2 * jobs)
    stopped = threading.Event()
    children = [Child(terms) for _ in range(jobs)]

    def next_one() -> tuple[int, Submission] | None:
        with lock:
            return None if stopped.is_set() else next(waiting, None)

    def work(child: Child) -> None:
        try:
            while (one := next_one()) is not None:
                outcome = child.examine(one[1])
                if not stopped.is_set():
                    done.put((one[0], outcome))
            done.put(_Stop())
        except BaseException as error:  # told where it can be dealt with
            done.put(error)

    threads = [threading.Thread(target=work, args=(child,), daemon=True) for child in children]
    for thread in threads:
        thread.start()
    try:
        yield from _until_stopped(done, len(threads))
    finally:
        stopped.set()
        for child in children:
            child.close()
        _drained(done, threads)


def _until_stopped(
    done: queue.Queue[tuple[int, Outcome] | _Stop | BaseException], working: int
) -> Iterator[tuple[int, Outcome]]:
    while working:
        try:
            one = done.get(timeout=_LOOKS_UP)
        except queue.Empty:
            continue
        if isinstance(one, _Stop):
            working -= 1
        elif isinstance(one, BaseException):
            raise one
        else:
            yield one


def _drained(
    done: queue.Queue[tuple[int, Outcome] | _Stop | BaseException], threads: Sequence[threading.Thread]
) -> None:
    """Threads that wait to be heard are let go."""
    for thread in threads:
        while thread.is_alive():
            try:
                done.get(timeout=0.05)
            except queue.Empty:
                continue
