"""LibreOffice is tied to who started it: it dies with them, and what it wrote goes with the run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from perfeval_xl import scratch
from perfeval_xl.calc_engine.office import tied
from tests.hosts.test_libreoffice import needs_libreoffice
from tests.support import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

_CONVERTS = """
import sys
from perfeval_xl.hosts.libreoffice import convert
from perfeval_xl.hosts.limits import LIMITS
print("started", flush=True)
convert(open(sys.argv[1], "rb").read(), ".xlsx", "pdf", LIMITS)
"""


def until(true: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def naming(word: str) -> list[int]:
    """The living processes in whose command line a word stands."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            state = (
                (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
            )
        except OSError:
            continue
        if word.encode() in command and state != "Z":
            found.append(int(folder.name))
    return found


@needs_libreoffice
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_office_dies_with_who_started_it(tmp_path: Path, number: signal.Signals) -> None:
    temporary = tmp_path / "临时"
    temporary.mkdir()
    child = subprocess.Popen(
        [sys.executable, "-c", _CONVERTS, str(ROOT / "workbook" / "example-2023.xlsx")],
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)},
    )
    assert until(lambda: any(temporary.glob("perfeval-*/tmp/*"))), (
        "the office is at work, in the run's own folder"
    )
    (own,) = temporary.glob("perfeval-*")
    assert naming(own.name)
    child.send_signal(number)
    child.wait()
    assert until(lambda: naming(own.name) == [], 10), "nothing of it lives"
    assert {path.name for path in temporary.iterdir()} == {own.name}, "all of it is in one folder"
    os.utime(own, (time.time() - 3600,) * 2)
    scratch.clear(temporary)
    assert list(temporary.iterdir()) == []


@needs_libreoffice
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_program_that_is_asked_to_end_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    temporary = tmp_path / "临时"
    temporary.mkdir()
    example = ROOT / "workbook" / "example-2023.xlsx"
    child = subprocess.Popen(
        [sys.executable, "-m", "perfeval_xl", "export", str(example), "-o", str(tmp_path / "报告.pdf")],
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)},
    )
    assert until(lambda: any(temporary.glob("perfeval-*/tmp/*")))
    child.send_signal(number)
    _, said = child.communicate(timeout=60)
    assert (child.returncode, said.decode()) == (128 + number, "已中断\n")
    assert list(temporary.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == [temporary.name]
    assert naming(str(temporary)) == []


def test_children_of_what_is_tied_die_with_it(tmp_path: Path) -> None:
    """The wrapper of an office starts the office proper."""
    code = (
        "import subprocess, sys, time\n"
        "from pathlib import Path\n"
        "from perfeval_xl.calc_engine.office import tied\n"
        "tie = tied(['sh', '-c', 'sleep 3141 & wait'], Path(sys.argv[1]), subprocess.DEVNULL)\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "tmp")],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert until(lambda: len(naming("sleep\0003141")) == 1)
    child.kill()
    child.wait()
    assert until(lambda: naming("sleep\0003141") == [], 10)


def test_what_ends_by_itself_is_waited_for(tmp_path: Path) -> None:
    tie = tied(["sh", "-c", "echo $TMPDIR; exit 3"], tmp_path / "tmp", subprocess.PIPE)
    output, _ = tie.process.communicate(timeout=20)
    tie.end()
    assert (tie.process.returncode, output.decode().strip()) == (3, str(tmp_path / "tmp"))
    with pytest.raises(FileNotFoundError):
        tied(["/nowhere/soffice"], tmp_path / "tmp", subprocess.PIPE)
