"""A process that examines submissions one after the other: ``python -m perfeval_xl.runs.desk.worker``.

It is started by ``workers`` and talks over its standard input and output: a length, then a pickled object. First come the ``Terms``, then
``Submission`` after ``Submission``; each is answered by an ``Outcome``. It ends when its input does, also in the middle of a file, so that
none is left behind where the program that started it was killed.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import threading
from typing import IO, Any, cast

from perfeval_xl.hosts.bounding import bound_memory

from .examining import examine
from .submissions import Submission
from .terms import Terms

_LENGTH = 8
#: Objects that may be made before those in circles are looked for: a check makes many, and most go as they came.
_ALLOCATED = 20_000


def send(stream: IO[bytes], record: Any) -> None:
    """Write one object; OSError where nobody reads any more."""
    data = pickle.dumps(record, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(len(data).to_bytes(_LENGTH, "little"))
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Read one object; EOFError where there is none, or only the beginning of one."""
    length = int.from_bytes(_exactly(stream, _LENGTH), "little")
    return pickle.loads(_exactly(stream, length))


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def main() -> None:
    """Examine whatever comes in."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program that started this one
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    questions = _Questions()
    terms = cast(Terms, questions.next())
    bound_memory(terms.limits.memory_bytes)
    gc.freeze()  # what is loaded by now stays
    gc.set_threshold(_ALLOCATED)
    while True:
        send(answers, examine(cast(Submission, questions.next()), terms))


class _Questions:
    """What comes in, read by a thread of its own: it sees the end of the input while a file is being examined."""

    def __init__(self) -> None:
        self._stream = os.fdopen(os.dup(0), "rb")
        self._there = threading.Semaphore(0)
        self._waiting: list[Any] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while True:
                self._waiting.append(receive(self._stream))
                self._there.release()
        except BaseException:
            os._exit(0)

    def next(self) -> Any:
        self._there.acquire()
        return self._waiting.pop(0)


if __name__ == "__main__":
    main()
