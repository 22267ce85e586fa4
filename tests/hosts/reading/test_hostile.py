"""Files made to hurt: one line, exit code 2, bounded memory; each in a process of its own under a hard limit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hosts.reading.hostile import HOSTILE

#: Peak memory above that of the imported program, and the hard limits no file may come near.
MEMORY = 300_000_000
ADDRESS_SPACE, CPU_SECONDS = 1_500_000_000, 60

CHILD = f"""
import json, re, resource, sys
import openpyxl, perfeval_xl.runs.checking, perfeval_xl.findings, perfeval_xl.hosts.reading.xlsx
from perfeval_xl.cli import main
resource.setrlimit(resource.RLIMIT_AS, ({ADDRESS_SPACE}, {ADDRESS_SPACE}))
resource.setrlimit(resource.RLIMIT_CPU, ({CPU_SECONDS}, {CPU_SECONDS}))
# getrusage would count what the process that started this one had.
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
before = peak()
code = main(["check", sys.argv[1], "--format", "json"])
used = peak() - before
children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print()
print(json.dumps({{"code": code, "memory": 1024 * used, "child": 1024 * children}}))
"""


def checked(path: Path, child: str = CHILD) -> tuple[dict[str, int], str]:
    """What a bounded process tells of checking a file: exit code and memory, and what it wrote to stderr."""
    done = subprocess.run(
        [sys.executable, "-c", child, str(path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        env={"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(Path(__file__).parents[3]), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    outcome = json.loads(done.stdout.rsplit("\n", 2)[-2])
    return outcome, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="limits and peaks are read as Linux has them")
@pytest.mark.parametrize("what", HOSTILE)
def test_hostile(tmp_path: Path, what: str) -> None:
    build, reason = HOSTILE[what]
    path = tmp_path / "自评表.xlsx"
    path.write_bytes(build())
    outcome, stderr = checked(path)
    lines = stderr.splitlines()
    assert outcome["code"] == 2
    assert len(lines) == 1, stderr
    assert (reason or "没有找到绩效自评表") in lines[0]
    assert "Traceback" not in stderr
    assert outcome["memory"] <= MEMORY
    assert outcome["child"] <= MEMORY
    assert [each.name for each in tmp_path.iterdir()] == ["自评表.xlsx"]
