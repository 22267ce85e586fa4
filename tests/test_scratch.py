"""What a killed run leaves behind is cleared by the next; what is in use, young, or another user's stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from perfeval_xl import scratch
from tests.support import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

_CHILD = """
import sys, time
from pathlib import Path
from perfeval_xl import scratch
from perfeval_xl.files import atomically
with scratch.folder() as folder, atomically(Path(sys.argv[1])) as stream:
    (folder / "copy").write_bytes(b"x")
    stream.write(b"half")
    stream.flush()
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "临时"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def started(place: Path, out: Path) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(out)],
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(place), "PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    return child


def aged(place: Path) -> list[Path]:
    """What is in a folder, made as old as what is cleared."""
    left = list(place.iterdir())
    for path in left:
        os.utime(path, (time.time() - 120,) * 2, follow_symlinks=False)
    return left


def test_what_is_in_use_stays_and_what_a_killed_run_left_goes(place: Path, tmp_path: Path) -> None:
    outputs = tmp_path / "结果"
    outputs.mkdir()
    child = started(place, outputs / "a.xlsx")
    try:
        assert len(aged(place)) == len(aged(outputs)) == 1
        for folder in (place, outputs):
            scratch.clear(folder)
            assert len(list(folder.iterdir())) == 1, "it is in use"
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    for folder in (place, outputs):
        scratch.clear(folder)
        assert list(folder.iterdir()) == []


def test_what_is_young_or_none_of_ours_stays(place: Path) -> None:
    names = (".perfeval-0.tmp", ".perfeval-1.txt", "perfeval-2.tmp", "other.tmp", ".perfeval-")
    for name in names:
        (place / name).write_bytes(b"x")
    (place / "perfeval-folder").mkdir()
    (place / "elsewhere").mkdir()
    (place / "perfeval-link").symlink_to(place / "elsewhere", target_is_directory=True)
    (place / ".perfeval-link.tmp").symlink_to(place / "other.tmp")
    before = {path.name for path in place.iterdir()}
    scratch.clear()
    assert {path.name for path in place.iterdir()} == before, "all of it is young"
    aged(place)
    scratch.clear()
    assert {path.name for path in place.iterdir()} == before - {".perfeval-0.tmp"}


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give files away")
def test_what_is_another_users_stays(place: Path) -> None:
    path = place / ".perfeval-0.tmp"
    path.write_bytes(b"x")
    os.chown(path, 12345, -1)
    aged(place)
    scratch.clear()
    assert path.exists()


def test_a_folder_that_is_not_there_is_nothing_to_clear(tmp_path: Path) -> None:
    scratch.clear(tmp_path / "nowhere")
