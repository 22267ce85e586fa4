"""The rooms of hosts as packages: naming one loads nothing of it, so that a command that reads no file starts quickly."""

from __future__ import annotations

import subprocess
import sys

from tests.support import ROOT

ROOMS = sorted(
    f"perfeval_xl.hosts.{folder.name}"
    for folder in (ROOT / "perfeval_xl" / "hosts").iterdir()
    if (folder / "__init__.py").is_file()
)


def test_naming_a_room_loads_nothing() -> None:
    assert len(ROOMS) >= 7
    code = f"import sys, {', '.join(ROOMS)}\nprint(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = done.stdout.split()
    assert [name for name in loaded if name.startswith("perfeval_xl.hosts.")] == ROOMS
    heavy = ("lxml", "openpyxl", "docx", "xlwings", "python_calamine", "jinja2", "rich")
    assert not [name for name in loaded if name in heavy]
