"""What a round is written as: each output by its name, made of what the store says of the round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from sqlalchemy import Connection

from . import queries
from .submissions import LINES


@dataclass(frozen=True, slots=True)
class RoundOutput:
    """A file of the output folder: its name, and what writes it, given a round and its desk."""

    name: str
    write: Callable[[Connection, int, str, IO[bytes]], None]


def _write_lines(connection: Connection, round_id: int, _desk: str, stream: IO[bytes]) -> None:
    for line in queries.reports(connection, round_id):
        stream.write(f"{line}\n".encode("utf-8", "replace"))


#: In the order in which they are written.
OUTPUTS = (RoundOutput(LINES, _write_lines),)
