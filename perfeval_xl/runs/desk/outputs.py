"""What a round is written as: each output by its name, made of what the store says of the round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import Connection

from perfeval_xl.findings import SCHEMA

from . import queries
from .submissions import LINES


@dataclass(frozen=True, slots=True)
class Output:
    """A file of the output folder: its name, what writes it (round and desk are given), and how to tell that a file that stands there is ours."""

    name: str
    write: Callable[[Connection, int, str, IO[bytes]], None]
    is_ours: Callable[[Path], bool]


def _write_lines(connection: Connection, round_id: int, _desk: str, stream: IO[bytes]) -> None:
    for line in queries.reports(connection, round_id):
        stream.write(f"{line}\n".encode("utf-8", "replace"))


def _starts_with_a_report(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(200)
    return not head or head.startswith(f'{{"schema": "{SCHEMA}"'.encode())


#: In the order in which they are written.
OUTPUTS = (Output(LINES, _write_lines, _starts_with_a_report),)
