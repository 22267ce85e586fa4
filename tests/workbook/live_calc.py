"""Steps in a LibreOffice of its own (in_calc.py), from the tests' Python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
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
    """What each step answered; ``folder`` takes the list of steps, ``settings`` go into the environment."""
    listed = folder / "steps.json"
    listed.write_text(json.dumps(steps), encoding="utf-8")
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [str(PYTHON), str(SCRIPT), str(path), str(listed)],
        env={**clean, **(settings or {})}, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))
