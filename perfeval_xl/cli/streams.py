"""Standard output and error as they happen to be: of any encoding, closed, full, or with nobody reading any more."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from typing import Any, TextIO, cast


class Unheard(Exception):
    """Standard output takes nothing more. ``reason`` is a Chinese word or two, or None where whoever read it has gone:
    that is no fault (``… | head``)."""

    def __init__(self, reason: str | None) -> None:
        super().__init__(reason)
        self.reason = reason


class _Guarded:
    """A stream that replaces what its encoding lacks, and says Unheard where it takes nothing more."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(_shown(text, self._stream))
        except OSError as error:
            raise _unheard(error) from error

    def write_utf8(self, text: str) -> None:
        try:
            self._stream.flush()
            self._stream.buffer.write(text.encode("utf-8", "replace"))
        except OSError as error:
            raise _unheard(error) from error

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            raise _unheard(error) from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def guarded() -> Iterator[None]:
    """Inside, ``sys.stdout`` takes any text. Unheard, at the end at the latest, where not all of it could be written; nothing
    of it then troubles the interpreter when it ends."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # it was closed, and the next file opened would get its number
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    stream = sys.stdout
    try:
        with redirect_stdout(cast(TextIO, _Guarded(stream))):
            try:
                yield
            finally:
                sys.stdout.flush()
    except Unheard:
        _let_go(stream)
        raise


def say(text: str) -> None:
    """A line, or several, on standard output."""
    sys.stdout.write(f"{text}\n")


def give(data: str) -> None:
    """JSON and pages on standard output: UTF-8 whatever the console is, since that is what programs read them as."""
    stream = sys.stdout
    if isinstance(stream, _Guarded) and hasattr(stream, "buffer"):
        stream.write_utf8(data)
    else:
        stream.write(data)


def complain(message: str) -> None:
    """One line on standard error, in whatever it can show; names from files hold no control characters."""
    from perfeval_xl.report.plain import harmless

    try:
        sys.stderr.write(_shown(harmless(message), sys.stderr) + "\n")
        sys.stderr.flush()
    except OSError:
        _let_go(sys.stderr)


def _shown(text: str, stream: TextIO) -> str:
    from perfeval_xl.report.plain import shown_on

    return shown_on(stream, text)


def _unheard(error: OSError) -> Unheard:
    # Windows says EINVAL of a pipe that nobody reads.
    gone = isinstance(error, BrokenPipeError) or (sys.platform == "win32" and error.errno == errno.EINVAL)
    if gone:
        return Unheard(None)
    from perfeval_xl.files import why_unwritten

    return Unheard(why_unwritten(error))


def _let_go(stream: TextIO) -> None:
    """What the stream still holds goes nowhere, else the interpreter fails to write it when it ends."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, stream.fileno())
        finally:
            os.close(nowhere)
