"""A few of the files that ``python -m tests.attacks`` gives to every command: those that once did harm."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .__main__ import ATTACKS, tried

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="what a process took is asked as POSIX has it"
)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("names of two letters, all in the report", "--highlight"), ("parts and sums", "--highlight"), ("cells repeated, long", "--highlight"),
        ("merged ranges over each other", "export"), ("codes of 附件4 without end", "recalc"), ("a forged log", "undo BAD"),
        ("boxes far within boxes", "--highlight"), ("members twice", "import BAD"), ("a list within lists", "--policy"),
    ],
)  # fmt: skip
def test_what_did_harm_is_bounded(
    name: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    runs = list(tried(name, tmp_path, command))
    assert runs
    # Processor time too grows on a busy machine: what is square passes the bound of the process itself, and ends with 2.
    assert [fault for _, _, found in runs for fault in found if fault != "too slow"] == []
    assert [done.said for _, done, _ in runs if "处理器时间超过" in done.said] == []


def test_there_is_a_file_for_every_command_that_reads_one() -> None:
    said = {words.split()[0] for _, _, commands in ATTACKS.values() for words in commands}
    assert said == {
        "check",
        "recalc",
        "undo",
        "import",
        "export",
        "new",
        "compare",
        "batch",
        "rules",
        "judge",
        "policy",
    }
