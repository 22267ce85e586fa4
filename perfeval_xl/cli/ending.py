"""How the programs end: exit codes by name, and for whatever goes wrong one Chinese line, never a traceback."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from perfeval_xl.errors import Exhausted, PerfevalError

from .streams import Unheard, complain, guarded

if TYPE_CHECKING:
    from perfeval_xl.findings import Report

#: Done; for a check: nothing open of the severity that counts.
OK = 0
#: A check found what counts.
FOUND = 1
#: Not done: wrong usage, a file that cannot be read or written, no form in it, an error of ours.
UNUSABLE = 2
#: A check found nothing that counts, but something that was due is missing, empty or could not be read.
INCOMPLETE = 3
#: Interrupted at the keyboard, as shells say it; by another signal 128 and its number.
INTERRUPTED = 130

_OUT_OF_MEMORY = (
    "内存超过限制，没有做完，原文件没有改动。"
    "请删去无关的工作表和内容，另存后再试；确实要做的，放宽限制：--limit memory_bytes=4000000000"
)
_WORST_FIRST = (UNUSABLE, FOUND, INCOMPLETE, OK)


def worst(codes: Iterable[int]) -> int:
    """The exit code of several checks together."""
    return min(codes, key=_WORST_FIRST.index, default=OK)


def code_of(report: Report, fail_on: str = "error") -> int:
    """The exit code of a check; ``fail_on`` is the least severity that counts, or "never"."""
    from perfeval_xl.findings import SEVERITIES

    if not report.summaries:
        return UNUSABLE
    if fail_on == "never":
        return OK
    counted = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    if any(report.count(severity) for severity in counted):
        return FOUND
    # Whoever leaves rules out knows that not everything was checked.
    return INCOMPLETE if report.coverage.gaps and report.reason is None else OK


def ended(work: Callable[[], int]) -> int:
    """Do the work of a program; its exit code, whatever happens. A SystemExit of ``work`` passes through. What a killed
    run left is cleared first."""
    from perfeval_xl import scratch

    scratch.clear()
    try:
        with guarded(), _stoppable():
            return work()
    except Unheard as error:
        if error.reason is None:
            return OK
        complain(f"结果写不出去：{error.reason}")
    except KeyboardInterrupt as error:
        complain("已中断")
        return error.args[0] if error.args else INTERRUPTED
    except (Exception, Exhausted) as error:
        complain(told(error))
    return UNUSABLE


@contextmanager
def _stoppable() -> Iterator[None]:
    """Inside, whoever asks the program to end (SIGTERM, a closed terminal) is answered as Ctrl+C is: nothing is left behind.
    A signal that was to be ignored (nohup) still is. In the main thread only."""

    def stop(number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    numbers = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def told(error: Exception | Exhausted) -> str:
    """What a user reads of an error, in one line; what nobody foresaw goes to the log in full."""
    if isinstance(error, PerfevalError | Exhausted):
        return str(error)
    if isinstance(error, MemoryError):
        return _OUT_OF_MEMORY
    if isinstance(error, OSError) and error.filename is not None:
        from perfeval_xl.files import why_unread

        return f"{error.filename} 读不了或写不了：{why_unread(error)}"
    from perfeval_xl.installing.log import recorded

    return f"程序出错，没有做完（{type(error).__name__}），原文件没有改动。{recorded(error)}"
