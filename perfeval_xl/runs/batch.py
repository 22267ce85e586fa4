"""A batch: everything on the desk examined, kept in the store, and summed up.

A run is one round, or goes on with the one that was interrupted. What is in the store under the hash of what went in is not examined
again. Results are kept as they come, a few at a time: whatever ends the program, the next run goes on from there.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path

from sqlalchemy import Connection

from perfeval_xl.desk import LeftOut, Outcome
from perfeval_xl.errors import OutputError
from perfeval_xl.files import atomically, why_unwritten
from perfeval_xl.findings import Verdict
from perfeval_xl.records import dataclass, field, replace
from perfeval_xl.store.opening import Store, open_store, sqlite_url
from perfeval_xl.store.saving import final_keys, save
from perfeval_xl.version import __version__

from .desk import queries, rounds
from .desk.copies import FOLDERS, Copies
from .desk.examining import handed_in
from .desk.outputs import OUTPUTS, RoundOutput, RoundView
from .desk.rounds import Begun, Members, Written
from .desk.submissions import DATABASE, Intake, Submission, find
from .desk.terms import Terms
from .desk.units import listed_units
from .desk.workers import examine_all
from .outputs import output

#: So many results, or those of so many seconds, are kept in one transaction: no more is lost where everything ends at once.
_TOGETHER, _SECONDS = 16, 1.0


@dataclass(frozen=True, slots=True)
class Job:
    """What a batch is to do. ``given`` are folders, zips and files; ``out`` the folder of the results; ``store`` a database's URL, None for a
    file in ``out``; ``jobs`` how many processes, or ``scheduler`` the address (host:port) of a Dask cluster's scheduler; ``again`` examines what is in the store, too; ``force`` replaces files that the desk did
    not write."""

    given: Sequence[Path]
    out: Path
    terms: Terms = field(default_factory=Terms)
    units: Path | None = None
    each_file: bool = False
    jobs: int = 0
    store: str | None = None
    scheduler: str | None = None
    again: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is: of ``total`` submissions ``done``, ``kept`` of them from the store."""

    done: int
    total: int
    kept: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a batch. ``examined`` submissions were checked in this run, the others were in the store; ``unchanged`` says that nothing was
    to be done and the outputs were left as they are; ``folders`` hold what was made of each; ``notes`` what the user should know, ``faults`` tracebacks of errors of ours."""

    round: int
    submissions: int
    examined: int
    verdicts: Counter[Verdict]
    left_out: tuple[LeftOut, ...]
    not_handed_in: tuple[str, ...]
    not_expected: tuple[str, ...]
    same_unit: tuple[tuple[str, ...], ...]
    unchanged: bool
    outputs: tuple[Path, ...]
    folders: tuple[Path, ...]
    notes: tuple[str, ...]
    faults: tuple[str, ...]


def batch(job: Job, progress: Callable[[Progress], None] = lambda _: None) -> Summary:
    """Run a batch; its results stand in the store and in ``job.out``.

    BatchError where it cannot be run as asked for, StoreError where the database cannot be used, OutputError where results cannot be
    written. An interruption passes through; what was done is kept.
    """
    jobs = job.jobs or _cores()
    intake = find(job.given, job.out, each_file=job.each_file)
    expected = listed_units(job.units, job.terms.limits) if job.units is not None else ()
    try:
        job.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"无法建立文件夹 {job.out}：{why_unwritten(error)}，请换一个位置") from None
    store = open_store(job.store or sqlite_url(job.out / DATABASE))
    try:
        return _Batch(job, store, intake, expected).run(jobs, progress)
    finally:
        store.close()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Batch:
    """One run: what it works on, and what it has to tell at its end."""

    def __init__(self, job: Job, store: Store, intake: Intake, expected: tuple[str, ...]) -> None:
        self.job = job
        self.store = store
        self.intake = intake
        self.expected = expected
        self.desk = "" if job.store is None else str(job.out.resolve())
        self.copies = Copies(store, self.desk, job.out, force=job.force)
        self.keys: Sequence[str] = ()
        self.notes: list[str] = []
        self.faults: list[str] = []

    def run(self, jobs: int, progress: Callable[[Progress], None]) -> Summary:
        """All of it: what is new, its results, the outputs."""
        keys = [
            self.job.terms.key(one.name, handed_in(one, self.job.terms)) for one in self.intake.submissions
        ]
        begun = self._begin(keys)
        self.keys = keys
        todo = self._todo(keys)
        self._refuse_others()
        total, kept = len(keys), len(keys) - len(todo)
        if todo and begun.unchanged:
            self.store.write(lambda connection: rounds.reopen(connection, begun.id))
        progress(Progress(kept, total, kept))
        for done, outcome in enumerate(self._kept_as_they_come(todo, jobs, begun), kept + 1):
            progress(Progress(done, total, kept, outcome.submission))
        return self._ended(begun, len(todo))

    def _begin(self, keys: Sequence[str]) -> Begun:
        names = (one.name for one in self.intake.submissions)
        members = Members(tuple(zip(names, keys, strict=True)), self.expected, self.intake.left_out)
        policy = self.job.terms.policy
        return self.store.write(
            lambda connection: rounds.begin(
                connection,
                self.desk,
                members,
                policy=policy.id if policy is not None else "",
                version=__version__,
                now=_now(),
            )
        )

    def _todo(self, keys: Sequence[str]) -> list[tuple[int, Submission]]:
        """The submissions without a result, or without the copies that are asked for, with their positions."""
        with self.store.reading() as connection:
            known = set() if self.job.again else final_keys(connection, keys)
            if self.job.terms.makes and known:
                made = rounds.attempted(connection, self.desk)
                known -= self.copies.incomplete(known, self.job.terms.makes, made)
        return [
            (position, one)
            for position, (one, key) in enumerate(zip(self.intake.submissions, keys, strict=True))
            if key not in known
        ]

    # -- results ----------------------------------------------------------------------------------------------

    def _kept_as_they_come(
        self, todo: Sequence[tuple[int, Submission]], jobs: int, begun: Begun
    ) -> Iterator[Outcome]:
        """The outcomes, each once it is certain to be kept in a moment; at the end, however it comes, all of them are."""
        waiting: list[tuple[int, Outcome]] = []
        since = time.monotonic()
        examined = self._examined(self._with_remarks(todo), jobs)
        try:
            for one in examined:
                waiting.append(one)
                yield one[1]
                if len(waiting) >= _TOGETHER or time.monotonic() - since > _SECONDS:
                    self._keep(waiting, begun)
                    waiting, since = [], time.monotonic()
        finally:
            examined.close()
            self._keep(waiting, begun)

    def _with_remarks(self, todo: Sequence[tuple[int, Submission]]) -> Sequence[tuple[int, Submission]]:
        """The submissions with what was written into the marked copies which are to be replaced."""
        if not self.job.terms.marked:
            return todo
        remarks = self.copies.remarks()
        return [(position, replace(one, carried=remarks(one.name))) for position, one in todo]

    def _examined(
        self, todo: Sequence[tuple[int, Submission]], jobs: int
    ) -> Generator[tuple[int, Outcome], None, None]:
        if self.job.scheduler is None or not todo:
            return examine_all(todo, self.job.terms, min(jobs, len(todo)))
        from .desk.cluster import examine_on

        return examine_on(self.job.scheduler, todo, self.job.terms)

    def _keep(self, numbered: Sequence[tuple[int, Outcome]], begun: Begun) -> None:
        """Copies before results: a result in the store has all that was made of it. A file that was changed since its hash was
        taken has another key now."""
        if not numbered:
            return
        outcomes = [outcome for _, outcome in numbered]
        changed = {number: one.key for number, one in numbered if one.key != self.keys[number]}
        self.notes += self.copies.write(outcomes, begun.id)

        def put(connection: Connection) -> None:
            save(connection, outcomes)
            rounds.put_attempts(connection, self.desk, {one.key for one in outcomes}, self.job.terms.makes)
            rounds.set_keys(connection, begun.id, changed)

        self.store.write(put)
        for outcome in outcomes:
            self.notes += [f"{outcome.submission}：{note}" for note in outcome.notes]
            self.faults += [outcome.fault] if outcome.fault else []

    # -- outputs ----------------------------------------------------------------------------------------------

    def _refuse_others(self) -> None:
        """Said before anything is examined: where an output goes stands a file that would be lost."""
        for each in OUTPUTS:
            if each.name not in self.copies.listed:
                output(self.job.out / each.name, force=self.job.force)

    def _ended(self, begun: Begun, examined: int) -> Summary:
        others = self.copies.of_others({one.name for one in self.intake.submissions})
        if others:
            self.notes.append(f"这一轮没有再报的，以前生成的 {len(others)} 份文件还在，如 {others[0]}")
        there = [one for one in OUTPUTS if self._stands(one, begun)]
        unchanged = begun.unchanged and not examined and len(there) == len(OUTPUTS)
        if not unchanged:
            self._write(OUTPUTS, begun)
            self.store.write(lambda connection: rounds.finish(connection, begun.id, _now()))
        with self.store.reading() as connection:
            return Summary(
                round=begun.number,
                submissions=len(self.intake.submissions),
                examined=examined,
                verdicts=queries.verdicts(connection, begun.id),
                left_out=self.intake.left_out,
                not_handed_in=queries.not_handed_in(connection, begun.id),
                not_expected=queries.not_expected(connection, begun.id),
                same_unit=queries.same_units(connection, begun.id),
                unchanged=unchanged,
                outputs=tuple(self.job.out / one.name for one in OUTPUTS),
                folders=tuple(
                    folder
                    for kind in self.job.terms.makes
                    if (folder := self.job.out / FOLDERS[kind]).is_dir()
                ),
                notes=tuple(self.notes),
                faults=tuple(self.faults),
            )

    def _stands(self, each: RoundOutput, begun: Begun) -> bool:
        """Whether an output of this very round is there."""
        one = self.copies.listed.get(each.name)
        return one is not None and one.round == begun.id and (self.job.out / each.name).is_file()

    def _write(self, outputs: Sequence[RoundOutput], begun: Begun) -> None:
        files = [Written(each.name, "summary", begun.id) for each in outputs]
        self.store.write(lambda connection: rounds.put_down(connection, self.desk, files))
        with self.store.reading() as connection:
            view = RoundView(connection, begun.id, self.desk)
            for each in outputs:
                with atomically(self.job.out / each.name) as stream:
                    each.write(view, stream)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
