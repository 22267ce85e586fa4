"""Bounds on this process: how much processor time and memory a run may take, whatever is in the files it reads.

POSIX has timers and limits for that. Windows has a job object for the memory; its time is watched by a thread.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType

from perfeval_xl.errors import Exhausted

from .limits import Limits

#: After so much more time a process ends without a word, should the interpreter not get to say one.
_GRACE = 10


@contextlib.contextmanager
def bounded_time(limits: Limits, name: str = "") -> Iterator[None]:
    """Inside, so much processor time may be spent (``limits.cpu_seconds``), what others do on the machine not counted.

    Exhausted, naming ``name``, where it is passed. Within another bound, that one waits. In the main thread only.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    error = Exhausted(_out_of_time(name, limits.cpu_seconds))
    with (
        _watched(limits.cpu_seconds, error) if sys.platform == "win32" else _timed(limits.cpu_seconds, error)
    ):
        yield


def _out_of_time(name: str, seconds: int) -> str:
    where = f"{name}：" if name else ""
    return (
        f"{where}处理器时间超过 {seconds} 秒，已停止，原文件没有改动。"
        f"请删去无关的工作表和内容，另存后再试；确实要做的，放宽限制：--limit cpu_seconds={seconds * 4}"
    )


@contextlib.contextmanager
def _timed(seconds: int, error: Exhausted) -> Iterator[None]:
    def raised(_signal: int, _frame: FrameType | None) -> None:
        raise error

    before = signal.signal(signal.SIGPROF, raised)
    # Again and again: an exception in a destructor goes nowhere.
    waiting = signal.setitimer(signal.ITIMER_PROF, seconds, 1)
    _last_resort(seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, *waiting)
        signal.signal(signal.SIGPROF, before)
        _last_resort(None)


def _last_resort(seconds: int | None) -> None:
    """The system ends the process where one call (a search, a parser) never returns to the interpreter."""
    import resource

    with contextlib.suppress(ValueError, OSError):  # a lower limit was set from outside
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        used = resource.getrusage(resource.RUSAGE_SELF)
        most = hard if seconds is None else int(used.ru_utime + used.ru_stime) + seconds + _GRACE
        resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


@contextlib.contextmanager
def _watched(seconds: int, error: Exhausted) -> Iterator[None]:
    """As ``_timed`` where there are no timers: a thread looks twice a second, and raises in this one."""
    done, end, main = threading.Event(), time.process_time() + seconds, threading.get_ident()

    def look() -> None:
        while not done.wait(0.5):
            if time.process_time() > end:
                # A class: it is made an exception only where it is raised.
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(main), ctypes.py_object(Exhausted))
                return

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    except Exhausted as raised:
        raise (raised if raised.args else error) from None
    finally:
        done.set()
        watcher.join()


@contextlib.contextmanager
def without_collection() -> Iterator[None]:
    """No search for cyclic garbage while a document is read: what is made is kept, and looking through all of it again and
    again makes the time of large ones grow faster than their size."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _but_of_memory(fault: sys.UnraisableHookArgs) -> None:
    """A generator that cannot be closed for want of memory says nothing: whoever ran out of it says so, in one line."""
    if not issubclass(fault.exc_type, MemoryError):
        sys.__unraisablehook__(fault)


def bound_memory(size: int) -> None:
    """From now on this process gets no more than so many bytes of address space; MemoryError where it asks for more."""
    # numpy, where it is installed, comes with openpyxl and keeps a store for each core: it needs none here.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.unraisablehook = _but_of_memory
    if sys.platform == "win32":
        _bound_by_job(size)
        return
    import resource

    with contextlib.suppress(ValueError, OSError):  # macOS refuses some limits
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(
            resource.RLIMIT_AS, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard)
        )
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextlib.contextmanager
def unbounded() -> Iterator[None]:
    """What is started inside (LibreOffice) does not inherit this process's limits."""
    if sys.platform == "win32":
        yield  # the job lets its children break away
        return
    import resource

    kept = {kind: resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU)}
    try:
        for kind, (_, hard) in kept.items():
            resource.setrlimit(kind, (hard, hard))
        yield
    finally:
        for kind, limit in kept.items():
            resource.setrlimit(kind, limit)


class _Basic(ctypes.Structure):
    _fields_ = (
        ("PerProcessUserTimeLimit", ctypes.c_int64),
        ("PerJobUserTimeLimit", ctypes.c_int64),
        ("LimitFlags", ctypes.c_uint32),
        ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", ctypes.c_uint32),
        ("Affinity", ctypes.c_size_t),
        ("PriorityClass", ctypes.c_uint32),
        ("SchedulingClass", ctypes.c_uint32),
    )


class _Extended(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("BasicLimitInformation", _Basic),
        ("IoInfo", ctypes.c_uint64 * 6),
        ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t),
        ("PeakJobMemoryUsed", ctypes.c_size_t),
    )


_EXTENDED_LIMITS, _PROCESS_MEMORY, _SILENT_BREAKAWAY = 9, 0x100, 0x1000


def _bound_by_job(size: int) -> None:
    """A job of this process alone: what it starts leaves the job at once. Where the system refuses, there is no bound."""
    system = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined, unused-ignore]
    system.CreateJobObjectW.restype = system.GetCurrentProcess.restype = ctypes.c_void_p
    system.CreateJobObjectW.argtypes = (ctypes.c_void_p, ctypes.c_wchar_p)
    system.SetInformationJobObject.argtypes = (
        ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32,
    )  # fmt: skip
    system.AssignProcessToJobObject.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    job = system.CreateJobObjectW(None, None)
    wanted = _Extended()
    wanted.BasicLimitInformation.LimitFlags = _PROCESS_MEMORY | _SILENT_BREAKAWAY
    wanted.ProcessMemoryLimit = size
    if job and system.SetInformationJobObject(
        job, _EXTENDED_LIMITS, ctypes.byref(wanted), ctypes.sizeof(wanted)
    ):
        system.AssignProcessToJobObject(job, system.GetCurrentProcess())
