"""The same work on a Dask cluster: files go there by content, outcomes come back, and are kept as those of this machine are."""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator, Hashable, Iterable, Iterator
from concurrent.futures import CancelledError
from typing import cast

from distributed import Client, Future, KilledWorker, as_completed
from distributed.comm.core import CommClosedError

from perfeval_xl.desk import Outcome
from perfeval_xl.errors import BatchError, Unreadable
from perfeval_xl.records import replace
from perfeval_xl.version import __version__

from .examining import handed_in, not_examined
from .submissions import Submission
from .terms import Terms
from .workers import Child

#: So many submissions wait on the cluster for each of its threads: none is idle, and the memory of this machine is bounded.
_AHEAD = 4
_SECONDS_TO_CONNECT = 30
_KEPT = "已完成的都保存着，再运行一次接着做"


def examine_on(
    address: str, submissions: Iterable[tuple[int, Submission]], terms: Terms
) -> Generator[tuple[int, Outcome], None, None]:
    """The outcomes of numbered submissions, in the order in which the cluster of this scheduler has done them.

    BatchError where there is no scheduler, it has no workers, these have another version, or the connection is lost.
    """
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what goes wrong is told in our words
    client = _connected(address)
    here = Child(terms)
    try:
        yield from _examined(client, iter(submissions), terms, here)
    except (CancelledError, CommClosedError, TimeoutError):
        raise BatchError(f"与集群 {address} 的连接断了：{_KEPT}") from None
    finally:
        here.close()
        client.close()


def _connected(address: str) -> Client:
    try:
        client = Client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, TimeoutError, ValueError):
        raise BatchError(f"连不上集群 {address}：请检查地址（主机:端口），调度程序是否在运行") from None
    try:
        client.wait_for_workers(1, timeout=_SECONDS_TO_CONNECT)
    except TimeoutError:
        client.close()
        raise BatchError(f"集群 {address} 里没有工作进程：请先在各台机器上启动 dask worker") from None
    return client


def _examined(
    client: Client, waiting: Iterator[tuple[int, Submission]], terms: Terms, here: Child
) -> Iterator[tuple[int, Outcome]]:
    running: dict[Hashable, tuple[int, Submission]] = {}
    done = as_completed([], loop=client.loop)

    def more() -> Iterator[tuple[int, Outcome]]:
        """Send what there is room for; what cannot be sent is examined here."""
        while len(running) < _AHEAD * max(1, sum(client.nthreads().values())):
            one = next(waiting, None)
            if one is None:
                return
            number, submission = one
            sent = _by_content(submission, terms)
            if sent is None:
                yield number, here.examine(submission)
                continue
            future = client.submit(_there, sent, terms, __version__, pure=False)
            running[future.key] = one
            done.add(future)

    yield from more()
    for future in cast(Iterable[Future], done):
        number, submission = running.pop(future.key)
        outcome = _outcome(future, submission, terms)
        future.release()
        yield number, outcome
        yield from more()


def _by_content(submission: Submission, terms: Terms) -> Submission | None:
    """The submission with the bytes of its files; None where one of them cannot be opened."""
    try:
        pieces = [replace(piece, data=piece.content(terms.limits)) for piece in submission.pieces]
    except Unreadable:
        return None
    return replace(submission, pieces=tuple(pieces))


def _outcome(future: Future, submission: Submission, terms: Terms) -> Outcome:
    """What the cluster says; a submission whose workers ended again and again is told as one whose process died."""
    try:
        return cast(Outcome, future.result())
    except KilledWorker:
        reason = str(Unreadable(submission.name, "集群上检查它的机器几次中断", "请单独检查这一份"))
        files = handed_in(submission, terms)
        return not_examined(submission.name, terms, files, reason, ending="died")


# -- on the cluster ----------------------------------------------------------------------------------------------

_mine = threading.local()


def _there(submission: Submission, terms: Terms, version: str) -> Outcome:
    """Examine a submission in a process of its own, as on a single machine: what harms it does not harm the cluster's worker."""
    if version != __version__:
        raise BatchError(f"集群上的程序是 {__version__} 版，这里是 {version} 版：请先升级成一样的")
    child: Child | None = getattr(_mine, "child", None)
    if child is None or child.terms != terms:
        if child is not None:
            child.close()
        child = _mine.child = Child(terms)
    return child.examine(submission)
