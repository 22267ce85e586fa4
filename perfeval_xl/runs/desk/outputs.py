"""What a round is written as: each output by its name, made of what the store says of the round."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import IO, Generic, TypeVar

from sqlalchemy import Connection

from perfeval_xl import scratch
from perfeval_xl.desk import RoundSummary, UnitChange
from perfeval_xl.records import dataclass
from perfeval_xl.report.summary_page import summary_page
from perfeval_xl.report.summary_workbook import summary_workbook

from . import queries
from .submissions import LINES, PAGE, SUMMARY

T = TypeVar("T")


class _Asked(Generic[T]):
    """Rows that are asked for anew whenever they are iterated."""

    def __init__(self, ask: Callable[[], Iterator[T]]) -> None:
        self._ask = ask

    def __iter__(self) -> Iterator[T]:
        return self._ask()


@dataclass(frozen=True)
class RoundView:
    """A round of a desk as the store has it."""

    connection: Connection
    round_id: int
    desk: str

    @cached_property
    def summary(self) -> RoundSummary:
        """What the summaries show; what is small is asked for once."""
        connection, round_id, of = self.connection, self.round_id, self.desk
        return RoundSummary(
            round=next(row for row in queries.rounds(connection, of) if row.id == round_id),
            verdicts=queries.verdicts(connection, round_id),
            units=_Asked(lambda: queries.units(connection, round_id, of)),
            findings=_Asked(lambda: queries.findings(connection, round_id)),
            rules=queries.rule_counts(connection, round_id),
            missing=_Asked(lambda: queries.missing_forms(connection, round_id)),
            indicators=_Asked(lambda: queries.indicators(connection, round_id)),
            changes=tuple(UnitChange.of(*one) for one in queries.changes(connection, round_id, of)),
            not_handed_in=queries.not_handed_in(connection, round_id),
            left_out=queries.left_out(connection, round_id),
        )


@dataclass(frozen=True, slots=True)
class RoundOutput:
    """A file of the output folder: its name, and what writes it."""

    name: str
    write: Callable[[RoundView, IO[bytes]], None]


def _write_lines(view: RoundView, stream: IO[bytes]) -> None:
    for line in queries.reports(view.connection, view.round_id):
        stream.write(f"{line}\n".encode("utf-8", "replace"))


def _write_workbook(view: RoundView, stream: IO[bytes]) -> None:
    with scratch.folder() as place:
        summary_workbook(view.summary, stream, place)


def _write_page(view: RoundView, stream: IO[bytes]) -> None:
    for piece in summary_page(view.summary):
        stream.write(piece.encode("utf-8", "replace"))


#: In the order in which they are written.
OUTPUTS = (
    RoundOutput(LINES, _write_lines),
    RoundOutput(SUMMARY, _write_workbook),
    RoundOutput(PAGE, _write_page),
)
