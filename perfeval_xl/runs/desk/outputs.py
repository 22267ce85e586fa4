"""What a round is written as: each output by its name, made of what the store says of the round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from sqlalchemy import Connection

from perfeval_xl.desk import RoundSummary
from perfeval_xl.report.summary_page import summary_page
from perfeval_xl.report.summary_workbook import summary_workbook

from . import queries
from .submissions import LINES, PAGE, SUMMARY


@dataclass(frozen=True, slots=True)
class RoundOutput:
    """A file of the output folder: its name, and what writes it, given a round and its desk."""

    name: str
    write: Callable[[Connection, int, str, IO[bytes]], None]


def _write_lines(connection: Connection, round_id: int, _desk: str, stream: IO[bytes]) -> None:
    for line in queries.reports(connection, round_id):
        stream.write(f"{line}\n".encode("utf-8", "replace"))


def summary_of(connection: Connection, round_id: int, of: str) -> RoundSummary:
    """What the store says of a round, for the summaries."""
    return RoundSummary(
        round=next(row for row in queries.rounds(connection, of) if row.id == round_id),
        units=tuple(queries.units(connection, round_id, of)),
        findings=tuple(queries.findings(connection, round_id)),
        rules=queries.rule_counts(connection, round_id),
        missing=tuple(queries.missing_forms(connection, round_id)),
        indicators=tuple(queries.indicators(connection, round_id)),
        changes=tuple(queries.changes(connection, round_id, of)),
        not_handed_in=queries.not_handed_in(connection, round_id),
        left_out=queries.left_out(connection, round_id),
    )


def _write_workbook(connection: Connection, round_id: int, of: str, stream: IO[bytes]) -> None:
    summary_workbook(summary_of(connection, round_id, of), stream)


def _write_page(connection: Connection, round_id: int, of: str, stream: IO[bytes]) -> None:
    stream.write(summary_page(summary_of(connection, round_id, of)).encode("utf-8", "replace"))


#: In the order in which they are written.
OUTPUTS = (
    RoundOutput(LINES, _write_lines),
    RoundOutput(SUMMARY, _write_workbook),
    RoundOutput(PAGE, _write_page),
)
