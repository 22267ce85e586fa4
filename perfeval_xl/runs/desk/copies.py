"""Files that are made of submissions, in the output folder: marked copies, 审核报告, 退回通知. Only what the desk's own list names is
replaced, and of that nothing that somebody changed; 说明 in marked copies are handed on (``runs.outputs``)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path, PurePath

from perfeval_xl import patterns as re
from perfeval_xl.desk import MadeKind, Outcome
from perfeval_xl.errors import OutputError
from perfeval_xl.files import write_atomically
from perfeval_xl.runs.accepted import NOTHING, Remarks
from perfeval_xl.runs.outputs import output
from perfeval_xl.store.opening import Store

from . import rounds
from .rounds import Written
from .submissions import AUDITS, MARKED, NOTICES

#: Where what is made of submissions lies in the output folder.
FOLDERS: Mapping[MadeKind, str] = {"marked": MARKED, "audit": AUDITS, "notice": NOTICES}
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST_NAME = 120


class Copies:
    """The files of one desk: its list, and the folder they are in."""

    def __init__(self, store: Store, desk: str, out: Path, *, force: bool) -> None:
        self._store = store
        self._desk = desk
        self._out = out
        self._force = force
        with store.reading() as connection:
            self.listed = rounds.written(connection, desk)

    def incomplete(
        self, keys: Iterable[str], makes: Mapping[MadeKind, str], made: Mapping[tuple[str, str], str]
    ) -> set[str]:
        """Results of which something that is asked for was not ``made``, or from something else, or is no longer there."""
        gone = {
            (one.key, one.kind)
            for one in self.listed.values()
            if one.kind in makes and not (self._out / one.path).is_file()
        }
        return {
            key
            for key in keys
            for kind, rests_on in makes.items()
            if made.get((key, kind)) != rests_on or (key, kind) in gone
        }

    def remarks(self) -> Callable[[str], Remarks]:
        """What gives what somebody wrote into the marked copies of a submission."""
        paths: dict[str, list[str]] = {}
        for path, one in self.listed.items():
            if one.kind == "marked":
                paths.setdefault(one.submission, []).append(path)

        def of(submission: str) -> Remarks:
            targets = (self._out / path for path in paths.get(submission, ()))
            standing = (output(target, force=True).written for target in targets if target.is_file())
            return functools.reduce(Remarks.__or__, standing, NOTHING)

        return of

    def write(self, outcomes: Sequence[Outcome], round_id: int) -> list[str]:
        """Write what was made of submissions, and take away what was made of their former files; what the user should know. A file that
        somebody changed since stays as it is."""
        wanted: dict[str, bytes] = {}
        files: dict[str, Written] = {}
        notes: list[str] = []
        for outcome in outcomes:
            for made in outcome.made:
                path = self._place(_path(outcome, made.kind, made.name), outcome.submission, files)
                if self._may_go(path, notes):
                    files[path] = Written(path, made.kind, round_id, outcome.key, outcome.submission)
                    wanted[path] = made.data
        current = {outcome.submission: outcome.key for outcome in outcomes}
        stale = [
            path
            for path, one in self.listed.items()
            if one.submission in current and one.key != current[one.submission] and path not in files
        ]
        if files:
            self._store.write(
                lambda connection: rounds.put_down(connection, self._desk, list(files.values()))
            )
        for path, data in wanted.items():
            write_atomically(self._out / path, data)
        self.listed.update(files)
        self._take_away(stale, notes)
        return notes

    def of_others(self, submissions: Collection[str]) -> list[str]:
        """The letters and papers of submissions that are not among these: of another round, and no longer true."""
        return sorted(
            path
            for path, one in self.listed.items()
            if one.submission and one.submission not in submissions and (self._out / path).is_file()
        )

    def _may_go(self, path: str, notes: list[str]) -> bool:
        """Whether nothing is lost with what stands there; that something would be is noted."""
        target = self._out / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            output(target, force=self._force)
        except OutputError as error:
            notes.append(str(error))
            return False
        return True

    def _take_away(self, paths: Sequence[str], notes: list[str]) -> None:
        for path in paths:
            if (self._out / path).is_file() and self._may_go(path, notes):
                (self._out / path).unlink(missing_ok=True)
            del self.listed[path]
        if paths:
            self._store.write(lambda connection: rounds.strike_out(connection, self._desk, paths))

    def _place(self, path: str, submission: str, files: dict[str, Written]) -> str:
        """The path, numbered where another submission has it."""
        whole, number = PurePath(path), 1
        while (one := files.get(path) or self.listed.get(path)) and one.submission != submission:
            number += 1
            path = whole.with_name(f"{whole.stem}（{number}）{whole.suffix}").as_posix()
        return path


def _path(outcome: Outcome, kind: MadeKind, name: str) -> str:
    """What there is one of, beside the others; copies of the files of a folder in a folder of its name."""
    loose = kind != "marked" or [file.name for file in outcome.files] == [outcome.submission]
    folder = "" if loose else f"{_safe(outcome.submission)}/"
    return f"{FOLDERS[kind]}/{folder}{_safe(name)}"


def _safe(name: str) -> str:
    """A name as every file system takes it; a long one keeps its ending."""
    whole = PurePath(_UNSAFE.sub("_", name).strip(" ."))
    stem = whole.stem[: _LONGEST_NAME - len(whole.suffix)].strip(" .") or "_"
    safe = f"{stem}{whole.suffix}"
    return f"_{safe}" if _RESERVED.fullmatch(safe) else safe
