"""A few of the kills of ``python -m tests.kills``."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.kills import trials
from tests.postgres import Server


@pytest.mark.parametrize("kind", ["parent", "worker"])
def test_after_a_kill_the_next_run_ends_as_an_undisturbed_one(kind: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        assert [other for _, other in trials(kind, tmp_path, 2, 7, stack)] == [[], []]


def test_lost_connections_lose_nothing(tmp_path: Path, postgres: Server) -> None:
    assert postgres.folder  # there is a server to be had
    with ExitStack() as stack:
        assert [other for _, other in trials("database", tmp_path, 2, 7, stack)] == [[], []]
