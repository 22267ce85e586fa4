"""A few of the faults that ``python -m tests.faults`` injects into every command."""

from __future__ import annotations

import random
import sys

import pytest

from tests import faults

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("highlight", "killed"), ("judge", "full disk"), ("recalc", "full disk"), ("drop", "full disk"), ("report", "link"),
        ("highlight", "link to the input"), ("judge", "the input's second name"), ("new", "existing file"),
    ],
)  # fmt: skip
def test_nothing_is_lost_and_nothing_left(command: str, fault: str) -> None:
    faults.FAULTS[fault](faults.COMMANDS[command], 1, random.Random(0))


def test_every_writing_command_is_disturbed() -> None:
    from perfeval_xl.cli import COMMANDS

    disturbed = {writing.arguments[0] for writing in faults.COMMANDS.values()}
    only_shown = {"policy", "rules", "doctor", "live", "uninstall", "page"}
    assert COMMANDS.keys() - only_shown <= disturbed
