#!/usr/bin/env python3
"""From file to findings, step by step: what each costs beside the floor, which is to unpack every part and pass it through
expat without a handler.

``whole.py`` prints, for the example, a file of one form, a workbook of 200 sheets and a long Word report, the least processor
time of each step and its ratio to the floor of the same file, how often the functions are called that everything goes through,
and what the commands cost beside ``python -c pass``. ``whole.py OLD_CHECKOUT`` puts another checkout beside it, turn by turn in
the same run. Nothing is asserted; ``tests/test_counts.py`` holds the counts.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from timing import fastest, floor

ROOT = Path(__file__).resolve().parent.parent
# The counting is this checkout's; what is counted is that of the one that is asked for.
sys.path.insert(0, str(ROOT))
from tests.counting import HOT, counted  # noqa: E402

sys.path.remove(str(ROOT))

SHEETS, PARAGRAPHS = 200, 400
STEPS = ("floor", "read", "forms", "rules", "check", "json", "page")


def inputs(folder: Path) -> dict[str, Path]:
    """The files, by what they are."""
    sys.path.insert(0, str(ROOT))
    from perfeval_xl.cli.demo import example
    from tests.sizes import base, packed

    example_file = folder / "example.xlsx"
    example_file.write_bytes(Path(example()).read_bytes())
    sheets = base()
    project = next(rows for name, rows in sheets.items() if name.startswith("附件3"))
    files: dict[str, Any] = {
        "one form": packed({"附件3-1": project}),
        f"{SHEETS} sheets": packed({f"附件3-{number + 1}": project for number in range(SHEETS)}),
    }
    made = {"example": example_file}
    for name, data in files.items():
        made[name] = folder / f"{name}.xlsx"
        made[name].write_bytes(data)
    made["Word report"] = folder / "report.docx"
    made["Word report"].write_bytes(_report())
    return made


def _report() -> bytes:
    """A long report in Word: the example's text, again and again."""
    import docx

    from perfeval_xl.cli.demo import example
    from perfeval_xl.forms import read_forms
    from perfeval_xl.hosts.reading.loading import read_book

    texts = [
        one.text for form in read_forms(read_book(Path(example()))).narratives for one in form.paragraphs
    ]
    document = docx.Document()
    document.add_paragraph("2023年度部门整体支出绩效自评报告")
    for number in range(PARAGRAPHS):
        document.add_paragraph(texts[number % len(texts)])
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def steps(path: Path) -> dict[str, Callable[[], object]]:
    """Each step of a check, by itself."""
    from perfeval_xl.findings import to_json
    from perfeval_xl.forms import read_forms
    from perfeval_xl.hosts.reading.loading import read_book
    from perfeval_xl.report.html import to_html
    from perfeval_xl.runs.checking import check, check_read

    book = read_book(path)
    forms = read_forms(book)
    report = check(path)
    return {
        "floor": lambda: floor(path),
        "read": lambda: read_book(path),
        "forms": lambda: read_forms(book),
        "rules": lambda: check_read(book, forms),
        "check": lambda: check(path),
        "json": lambda: to_json(report),
        "page": lambda: to_html(report),
    }


def measured(files: Mapping[str, Path], rounds: int) -> dict[str, Any]:
    """The seconds and counts of every file in this process."""
    found: dict[str, Any] = {}
    for name, path in files.items():
        todo = steps(path)
        found[name] = {
            "seconds": {step: fastest(run, rounds + 1) for step, run in todo.items()},
            "calls": counted(todo["check"]),
        }
    return found


# -- processes ------------------------------------------------------------------------------------------------


def processor(command: list[str], checkout: Path) -> float:
    """Processor seconds of a process, its children's too."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=checkout, env=_settings(checkout), capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _settings(checkout: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(checkout)}


def commands(files: Mapping[str, Path], checkout: Path, rounds: int) -> dict[str, float]:
    """Least processor seconds of whole commands; the first of each fills what Python keeps of modules."""
    check = [sys.executable, "-m", "perfeval_xl", "check"]
    rows = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "perfeval-xl --help": [sys.executable, "-m", "perfeval_xl", "--help"],
        "check one form": [*check, str(files["one form"])],
        "check example": [*check, str(files["example"])],
        "check example, json": [*check, str(files["example"]), "--format", "json"],
    }
    return {name: min(processor(row, checkout) for _ in range(rounds + 1)) for name, row in rows.items()}


def in_checkout(checkout: Path, files: Mapping[str, Path], rounds: int) -> dict[str, Any]:
    """``measured`` by the code of a checkout, in a process of its own."""
    job = json.dumps({"files": {name: str(path) for name, path in files.items()}, "rounds": rounds})
    done = subprocess.run(
        [sys.executable, __file__, "--child"],
        cwd=checkout, env=_settings(checkout), input=job, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def least(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Of two turns of the same checkout the lesser seconds."""
    for name, found in one.items():
        for step, seconds in other[name]["seconds"].items():
            found["seconds"][step] = min(found["seconds"][step], seconds)
    return one


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("old", metavar="OLD_CHECKOUT", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--only", action="append", help="a part of the name of a file; the commands need none"
    )
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        job = json.load(sys.stdin)
        files = {name: Path(path) for name, path in job["files"].items()}
        print(json.dumps(measured(files, job["rounds"])))
        return
    checkouts = [ROOT] if options.old is None else [options.old.resolve(), ROOT]
    with tempfile.TemporaryDirectory() as folder:
        files = inputs(Path(folder))
        chosen = {
            name: path
            for name, path in files.items()
            if options.only is None or any(word in name for word in options.only)
        }
        turns = [[in_checkout(one, chosen, options.rounds) for one in checkouts] for _ in range(2)]
        found = [least(first, second) for first, second in zip(*turns, strict=True)]
        whole = [commands(files, one, options.rounds) for one in checkouts]
    for name in chosen:
        _print_file(name, [one[name] for one in found])
    _print_rows("commands", whole, "python -c pass")


def _print_file(name: str, found: list[dict[str, Any]]) -> None:
    _print_rows(name, [one["seconds"] for one in found], "floor")
    for function in HOT:
        print(f"    calls of {function:18}" + "".join(f"{one['calls'][function]:>12}" for one in found))


def _print_rows(title: str, columns: list[dict[str, float]], floor_row: str) -> None:
    """Milliseconds and ratios to the floor, of each checkout; the new one's share of the old one's."""
    print(title)
    for row in columns[0]:
        cells = "".join(f"{one[row] * 1000:9.1f} ms {one[row] / one[floor_row]:7.1f} ×" for one in columns)
        share = f"   {columns[-1][row] / columns[0][row]:5.2f} of the old" if len(columns) > 1 else ""
        print(f"    {row:22}{cells}{share}")


if __name__ == "__main__":
    main()
