"""Modules of rules register by being there, also where no folder can be listed, and only once rules are wanted."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from perfeval_xl.rules.families import load
from tests.support import ROOT

LOADED = "import json, sys; print(json.dumps([name for name in sys.modules if '.families.' in name]))"


def said_by(code: str, folder: Path, *path: Path) -> Any:
    """What a Python of its own prints as JSON on its last line, with ``path`` in front of where it looks for modules."""
    names = [str(place) for place in path]
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", f"import sys; sys.path[:0] = {names!r}\n{code}"],
        cwd=folder, capture_output=True, check=True, text=True, encoding="utf-8",
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def zipped(target: Path, more: Sequence[tuple[str, str]] = ()) -> Path:
    """The package's modules in a zip file, as a frozen program keeps them; ``more`` are modules added to them."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted((ROOT / "perfeval_xl").rglob("*.py")):
            archive.write(path, path.relative_to(ROOT).as_posix())
        for name, text in more:
            archive.writestr(name, text)
    return target


def test_all_rules_are_found_in_a_zip_file(tmp_path: Path) -> None:
    code = (
        "import json; from perfeval_xl.rules import families\n"
        "print(json.dumps([families.__file__, sorted(families.load())]))"
    )
    place, codes = said_by(code, tmp_path, zipped(tmp_path / "program.zip"))
    assert "program.zip" in place
    assert codes == sorted(load())


def test_a_module_that_is_there_is_named_nowhere(tmp_path: Path) -> None:
    text = (
        "from perfeval_xl.rules.registry import rule\n"
        "@rule('PE199', 'totals.new', 'info', '新规则', basis='')\n"
        "def new(context):\n    return iter(())\n"
    )
    program = zipped(tmp_path / "program.zip", [("perfeval_xl/rules/families/extra/__init__.py", ""),
                                                ("perfeval_xl/rules/families/extra/new.py", text)])  # fmt: skip
    code = "import json; from perfeval_xl.rules import engine, registry; print(json.dumps(sorted(registry.RULES)))"
    assert set(said_by(code, tmp_path, program)) == {*load(), "PE199"}


@pytest.mark.parametrize(
    "done_first",
    [
        "import perfeval_xl",
        "import perfeval_xl; perfeval_xl.judge('≥100人', '374人')",
        "from perfeval_xl.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass",
        "from perfeval_xl.cli import main; main(['policy'])",
    ],
)
def test_rules_load_only_when_they_are_wanted(done_first: str, tmp_path: Path) -> None:
    assert said_by(f"{done_first}\n{LOADED}", tmp_path, ROOT) == []


def test_a_check_loads_them(tmp_path: Path) -> None:
    assert "perfeval_xl.rules.families.totals" in said_by(
        f"from perfeval_xl import check\n{LOADED}", tmp_path, ROOT
    )
