"""Files and folders for the time of a run. Each is held by a lock that the system lets go with the process, so that what a
killed run left behind is known by being held no more: the next run clears it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_BEGIN, _END = "perfeval-", ".tmp"
_LOCK = ".held"
#: Younger ones may just be being made.
_SECONDS = 60


def beside(target: Path) -> Path:
    """The name of a temporary file in the folder of ``target``; whoever writes it holds it."""
    return target.with_name(f".{_BEGIN}{secrets.token_hex(8)}{_END}")


def hold(stream: IO[bytes]) -> None:
    """Hold an open file until it is closed. On Windows an open file cannot be removed by others as it is."""
    if sys.platform != "win32":
        import fcntl

        with contextlib.suppress(OSError):  # a file system without locks: nothing there is ever cleared
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def folder() -> Iterator[Path]:
    """A folder of this run's own, of this user's alone; gone afterwards with all that is in it."""
    path = Path(tempfile.mkdtemp(prefix=_BEGIN))
    try:
        with open(path / _LOCK, "xb") as lock:
            hold(lock)
            yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def clear(where: Path | None = None) -> None:
    """Remove what killed runs of this user left in a folder, by default in that for temporary files. Whatever cannot be
    removed, or may still be in use, stays."""
    place = Path(tempfile.gettempdir()) if where is None else where
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        left = [Path(entry) for entry in entries if _is_named(entry.name)]
        for path in left:
            with contextlib.suppress(OSError):
                _clear(path)


def _is_named(name: str) -> bool:
    return name.startswith((_BEGIN, f".{_BEGIN}"))


def _clear(path: Path) -> None:
    about = path.lstat()
    if hasattr(os, "getuid") and about.st_uid != os.getuid():
        return
    if time.time() - about.st_mtime < _SECONDS:
        return
    if stat.S_ISREG(about.st_mode) and path.name.startswith(".") and path.name.endswith(_END):
        if not _is_held(path):
            path.unlink()
    elif stat.S_ISDIR(about.st_mode) and (path / _LOCK).is_file() and not _is_held(path / _LOCK):
        shutil.rmtree(path, ignore_errors=True)


def _is_held(lock: Path) -> bool:
    """Whether the process that made a file still has it open. OSError where that cannot be told."""
    if sys.platform == "win32":
        try:
            lock.rename(lock)
        except PermissionError:
            return True
        return False
    import fcntl

    with open(lock, "rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
