"""The log an engineer asks for: what the buttons did, and every unforeseen error in full. Buttons, command line and drop
program write the same one."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from .machine import LOG_NAME, this_machine

_BYTES = 1_000_000
_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"

log = logging.getLogger("perfeval_xl")


class _Quiet(RotatingFileHandler):
    """Where the log itself cannot be written (a full disk), nobody is told by a traceback."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Nothing more can be done."""


def keep() -> Path | None:
    """Write the log from now on, once in a process: to its place, else to the folder for temporary files. Where it
    is; None where neither can be written."""
    kept = next((handler for handler in log.handlers if isinstance(handler, RotatingFileHandler)), None)
    if kept is not None:
        return Path(kept.baseFilename)
    for path in _places():
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handler = _Quiet(path, maxBytes=_BYTES, backupCount=1, encoding="utf-8")
            handler.setFormatter(logging.Formatter(_FORMAT))
            log.addHandler(handler)
            log.setLevel(logging.INFO)
            return path
    return None


def _places() -> Iterator[Path]:
    with suppress(RuntimeError):  # a user without a home
        yield this_machine().log
    with suppress(OSError):  # a computer without a folder for temporary files
        yield Path(tempfile.gettempdir(), LOG_NAME)


def recorded(error: Exception, gap: str = "") -> str:
    """Write an error with its traceback to the log; what a clerk does with that, in Chinese, ``gap`` before its place."""
    path = keep()
    if path is None:
        return "请把这句话告诉管理员（记录写不成）"
    log.error("unforeseen", exc_info=error)
    return f"请把这份记录发给管理员：{gap}{path}"
