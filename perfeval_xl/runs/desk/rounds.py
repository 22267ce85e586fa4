"""Rounds in the store: when one begins, what belongs to it, when it is done; and the list of what a desk wrote."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from perfeval_xl.desk import LeftOut, MadeKind
from perfeval_xl.records import dataclass
from perfeval_xl.store import tables
from perfeval_xl.store.tables import Attempt, Output, Round, Submission, storable


@dataclass(frozen=True, slots=True)
class Begun:
    """The round that a run works on. ``unchanged`` says that the last one is done and is about the very same files."""

    id: int
    number: int
    unchanged: bool


@dataclass(frozen=True, slots=True)
class Members:
    """What lies on the desk: names and keys of submissions in their order, the units that are expected, what was left out."""

    submissions: tuple[tuple[str, str], ...]
    units: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def begin(
    connection: Connection, desk: str, members: Members, *, policy: str, version: str, now: str
) -> Begun:
    """The round of these members: the last one where it is not done, or where nothing has changed since; else a new one."""
    last = connection.execute(
        select(Round).where(Round.desk == desk).order_by(Round.number.desc()).limit(1)
    ).first()
    if last is not None and last.finished is not None and _members(connection, last.id) == _stored(members):
        return Begun(last.id, last.number, unchanged=True)
    if last is None or last.finished is not None:
        number = 1 if last is None else last.number + 1
        round_id = connection.execute(
            insert(Round)
            .values(desk=desk, number=number, started=now, policy=policy, version=version)
            .returning(Round.id)
        ).scalar_one()
    else:
        number, round_id = last.number, last.id
        connection.execute(update(Round).where(Round.id == round_id).values(policy=policy, version=version))
    _put(connection, round_id, members)
    return Begun(round_id, number, unchanged=False)


def reopen(connection: Connection, round_id: int) -> None:
    """A round that was done is worked on again."""
    connection.execute(update(Round).where(Round.id == round_id).values(finished=None))


def set_keys(connection: Connection, round_id: int, keys: Mapping[int, str]) -> None:
    """Other keys for some submissions of a round, by their position."""
    for position, key in keys.items():
        connection.execute(
            update(Submission)
            .where(Submission.round == round_id, Submission.position == position)
            .values(key=key)
        )


def finish(connection: Connection, round_id: int, now: str) -> None:
    """Everything of a round is in the store, and its outputs are written."""
    connection.execute(update(Round).where(Round.id == round_id).values(finished=now))


def _members(connection: Connection, round_id: int) -> Members:
    """As they are in the store."""

    def rows(table: type[tables.Base], *columns: str) -> list[Row[Any]]:
        names = table.__table__.c
        return list(
            connection.execute(
                select(*(names[column] for column in columns))
                .where(names.round == round_id)
                .order_by(names.position)
            )
        )

    return Members(
        tuple((row.name, row.key) for row in rows(Submission, "name", "key")),
        tuple(row.name for row in rows(tables.Listed, "name")),
        tuple(LeftOut(row.path, row.reason) for row in rows(tables.LeftOut, "path", "reason")),
    )


def _stored(members: Members) -> Members:
    """As the store will give them back."""
    return Members(
        tuple((storable(name), key) for name, key in members.submissions),
        tuple(map(storable, members.units)),
        tuple(LeftOut(storable(one.path), storable(one.reason)) for one in members.left_out),
    )


def _put(connection: Connection, round_id: int, members: Members) -> None:
    rows: tuple[tuple[type[tables.Base], list[dict[str, str]]], ...] = (
        (Submission, [{"name": name, "key": key} for name, key in members.submissions]),
        (tables.Listed, [{"name": name} for name in members.units]),
        (tables.LeftOut, [{"path": one.path, "reason": one.reason} for one in members.left_out]),
    )
    for table, found in rows:
        connection.execute(delete(table).where(table.__table__.c.round == round_id))
        if found:
            connection.execute(
                insert(table),
                [{"round": round_id, "position": position, **row} for position, row in enumerate(found)],
            )


# -- what a desk wrote -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    """A file of the output: its path there ("标注/甲/表-已标注.xlsx"), its kind, and what it was made of: a result of a submission, or the
    whole round."""

    path: str
    kind: str
    round: int
    key: str = ""
    submission: str = ""


def written(connection: Connection, desk: str) -> dict[str, Written]:
    """The list of a desk, by path."""
    found = connection.execute(
        select(Output.path, Output.kind, Output.round, Output.key, Output.submission).where(
            Output.desk == desk
        )
    )
    return {row.path: Written(*row) for row in found}


def put_down(connection: Connection, desk: str, files: Sequence[Written]) -> None:
    """Add to the list, before the files themselves are written: then a kill leaves none that is not on it."""
    strike_out(connection, desk, (file.path for file in files))
    if files:
        connection.execute(
            insert(Output),
            [
                {
                    "desk": desk, "path": file.path, "kind": file.kind, "round": file.round, "key": file.key,
                    "submission": file.submission,
                }
                for file in files
            ],
        )  # fmt: skip


def attempted(connection: Connection, desk: str) -> dict[tuple[str, str], str]:
    """What was made for a desk, as far as it can be: the hash of what it rests on, by the result's key and the kind."""
    found = connection.execute(
        select(Attempt.key, Attempt.kind, Attempt.rests_on).where(Attempt.desk == desk)
    )
    return {(row.key, row.kind): row.rests_on for row in found}


def put_attempts(
    connection: Connection, desk: str, keys: Collection[str], makes: Mapping[MadeKind, str]
) -> None:
    """Everything of ``makes`` was made of these results."""
    if not makes or not keys:
        return
    connection.execute(
        delete(Attempt).where(Attempt.desk == desk, Attempt.key.in_(keys), Attempt.kind.in_(makes))
    )
    connection.execute(
        insert(Attempt),
        [
            {"desk": desk, "key": key, "kind": kind, "rests_on": rests_on}
            for key in keys
            for kind, rests_on in makes.items()
        ],
    )


def strike_out(connection: Connection, desk: str, paths: Iterable[str]) -> None:
    """Take files off the list."""
    for path in paths:
        connection.execute(delete(Output).where(Output.desk == desk, Output.path == path))
