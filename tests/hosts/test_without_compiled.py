"""Reading, marking, correcting and taking back need no compiled library: the same code runs in a web page."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

from tests.support import ROOT, changed

#: What there is none of for WebAssembly, or what these commands have no use for.
MISSING = ("lxml", "docx", "python_calamine", "pandas", "numpy", "xlwings", "markupsafe._speedups")

RUN = """
import json, sys
for name in {missing!r}:
    sys.modules[name] = None
from perfeval_xl.cli import main

codes = []
for arguments in json.loads(sys.argv[1]):
    try:
        codes.append(main(arguments))
    except SystemExit as leaving:
        codes.append(leaving.code)
print(json.dumps(codes))
"""


def run(commands: list[list[str]], missing: tuple[str, ...]) -> list[int]:
    code = RUN.format(missing=missing)
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(commands)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    codes: list[int] = json.loads(done.stdout.splitlines()[-1])
    return codes


def test_outputs_are_the_same_where_nothing_compiled_is_installed(tmp_path: Path) -> None:
    correcting = importlib.import_module("tests.runs.test_correcting")
    wrong = tmp_path / "wrong.xlsx"
    correcting.written(wrong, changed(correcting.BASE, {correcting.RATE: "77%"}))
    word = tmp_path / "word.docx"
    word.write_bytes(importlib.import_module("tests.word").build("before", False))
    example = str(ROOT / "workbook" / "example-2023.xlsx")
    made = []
    for folder, missing in (("with", ()), ("without", MISSING)):
        out = tmp_path / folder
        out.mkdir()
        commands = [
            ["check", example, "--format", "json", "-o", f"{out}/a.json", "--highlight", f"{out}/a.xlsx"],
            ["check", f"{out}/a.xlsx", "--unmark", f"{out}/b.xlsx"],
            ["check", str(wrong), "--format", "html", "-o", f"{out}/w.html", "--highlight", f"{out}/w.xlsx"],
            ["recalc", str(wrong), "-o", f"{out}/r.xlsx"],
            ["undo", f"{out}/r.xlsx", "-o", f"{out}/u.xlsx"],
            ["new", f"{out}/n.xlsm"],
            ["import", str(word), "-o", f"{out}/i.xlsm"],
            ["check", f"{out}/i.xlsm", "--highlight", f"{out}/i-marked.xlsm", "--format", "json", "-o", f"{out}/i.json"],
            ["check", str(word), "--format", "jsonl", "-o", f"{out}/d.jsonl", "--highlight", f"{out}/d.docx"],
        ]  # fmt: skip
        codes = run(commands, missing)
        # The workbooks with a log tell the time of the run.
        files = {path.name: path.read_bytes() for path in sorted(out.iterdir())}
        timed = {"r.xlsx", "u.xlsx", "i.xlsm", "i-marked.xlsm", "w.html", "i.json"}
        made.append((codes, sorted(files), {name: data for name, data in files.items() if name not in timed}))
    with_all, without = made
    assert with_all == without
    assert with_all[0] == [1, 0, 1, 0, 0, 0, 0, 1, 1]
    assert len(with_all[1]) == 13
