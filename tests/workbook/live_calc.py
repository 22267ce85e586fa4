"""Steps in a LibreOffice (in_calc.py), from the tests' Python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("in_calc.py")


def uno_python() -> str | None:
    """A Python that can talk to LibreOffice: the system's own, where python3-uno belongs."""
    for candidate in ("/usr/bin/python3", shutil.which("python3")):
        if candidate and Path(candidate).exists():
            found = subprocess.run([candidate, "-c", "import uno"], capture_output=True, check=False)
            if found.returncode == 0:
                return candidate
    return None


PYTHON = uno_python()
needs_calc = pytest.mark.skipif(
    (PYTHON is None or shutil.which("soffice") is None) and not os.environ.get("PERFEVAL_REQUIRE_LIVE"),
    reason="needs LibreOffice with python3-uno",
)


def in_calc(
    path: Path, steps: list[list[Any]], folder: Path, settings: Mapping[str, str] | None = None
) -> list[Any]:
    """What each step answered, in a LibreOffice of its own; ``folder`` takes the list of steps, ``settings`` go into the
    environment. Where the environment is no matter, ``shared_calc`` takes a second less."""
    listed = folder / "steps.json"
    listed.write_text(json.dumps(steps), encoding="utf-8")
    done = subprocess.run(
        [str(PYTHON), str(SCRIPT), str(path), str(listed)],
        env={**_environment(), **(settings or {})}, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}


Steps = Callable[[Path, list[list[Any]]], list[Any]]


def shared() -> Iterator[Steps]:
    """One LibreOffice for many workbooks, each opened and closed again: what each step answered."""
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(
            [str(PYTHON), str(SCRIPT)], env=_environment(),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, text=True,
        ) as server,
    ):  # fmt: skip
        assert server.stdin is not None
        assert server.stdout is not None
        asked, answers = server.stdin, server.stdout

        def carry_out(path: Path, steps: list[list[Any]]) -> list[Any]:
            print(json.dumps({"file": str(path), "steps": steps}), file=asked, flush=True)
            line = answers.readline()
            if not line:
                complaints.seek(0)
                pytest.fail(f"the shared LibreOffice has ended: {complaints.read()}")
            answer = json.loads(line)
            assert isinstance(answer, list), answer
            return answer

        yield carry_out
        asked.close()
        server.wait(60)


@pytest.fixture(scope="session")
def shared_calc() -> Iterator[Steps]:
    """See ``shared``."""
    yield from shared()
