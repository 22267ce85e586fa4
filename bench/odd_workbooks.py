#!/usr/bin/env python3
"""What becomes of a folder of strange files: read or refused and why, marked and unmarked, in which time and memory.

    python bench/odd_workbooks.py FOLDER [--reference] [--validate] [--markdown]

Each file gets a process of its own, so that a crash, a hang or a hunger for memory counts for one file only.
``--reference`` compares the cells with what openpyxl reads, by cause; ``--validate`` holds marked copies against the
Open XML schemas and lists what the original did not have. Files are read where they lie, never copied.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import io
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

SECONDS, PATIENCE = 60, 60


# --- in the child --------------------------------------------------------------------------------------------------


def examine(path: Path, reference: bool, validate: bool) -> dict[str, Any]:
    """Everything about one file; the process is this file's alone."""
    import resource

    from perfeval_xl.errors import Unreadable
    from perfeval_xl.hosts.reading.loading import open_source
    from perfeval_xl.runs.checking import check

    for module in ("reading.reference", "reading.xlsx", "marks.workbook"):  # before the clock starts
        importlib.import_module(f"perfeval_xl.hosts.{module}")

    def memory() -> int:
        return max(
            resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )

    before, start = memory(), time.perf_counter()
    try:
        source = open_source(path)
        report = check(source)
    except Unreadable as error:
        return {
            "outcome": "refused",
            "reason": str(error).partition("：")[2],
            **_cost(start, memory() - before),
        }
    found = {"outcome": "read", "sheets": len(report.grids), **_cost(start, memory() - before)}
    if source.kind == "xlsx":
        found |= _marked(path, report, validate)
        if reference:
            found["differences"] = _differences(path)
    return found


def _cost(start: float, memory: int) -> dict[str, float]:
    return {"seconds": round(time.perf_counter() - start, 3), "megabytes": round(memory / 1000)}


def _marked(path: Path, report: Any, validate: bool) -> dict[str, Any]:
    """Mark the file with a finding on every sheet, take the marks off again; which parts came through."""
    import dataclasses
    import zipfile

    from perfeval_xl.errors import PackageError
    from perfeval_xl.findings import Finding
    from perfeval_xl.grid import Place
    from perfeval_xl.hosts.marks.workbook import highlight, unmark
    from perfeval_xl.hosts.package.zip import Package

    finding = Finding(
        rule="PE101", family="totals", severity="error", place=None, related=(), title="试", message="试",
        expected=None, actual=None, explain=None, basis="", suggestion=None, fingerprint="试",
    )  # fmt: skip
    findings = [
        dataclasses.replace(finding, place=Place(grid.sheet, *min(grid.cells, default=(1, 1))))
        for grid in report.grids
    ]
    before = path.read_bytes()
    try:
        marked = highlight(before, dataclasses.replace(report, findings=tuple(findings))).data
    except PackageError as error:
        return {"marking": str(error)}
    old, new = Package(before), Package(marked)
    changed = [name for name in old.names if name in new and old.read(name) != new.read(name)]
    lost = [name for name in old.names if name not in new]
    return {
        "lost": lost,
        "changed": changed,
        "unmarked": unmark(marked).data == before,
        "invalid": sorted(_invalid(marked, path.suffix) - _invalid(before, path.suffix)) if validate else [],
        "marking": "marked" if zipfile.ZipFile(io.BytesIO(marked)).testzip() is None else "broken",
    }


def _invalid(data: bytes, suffix: str) -> set[str]:
    """What the Open XML schemas object to."""
    from openxml_audit import OpenXmlValidator

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        path.write_bytes(data)
        return {
            f"{error.part_uri}: {error.description}"
            for error in OpenXmlValidator(max_errors=0).validate(path).errors
        }


def _differences(path: Path) -> dict[str, int]:
    """The cells and ranges on which openpyxl disagrees, counted by cause; "" is a cause nobody has found yet."""
    from perfeval_xl.errors import Unreadable
    from perfeval_xl.hosts.reading.loading import read_book

    signal.signal(signal.SIGALRM, _out_of_patience)
    signal.alarm(PATIENCE)  # openpyxl takes minutes for some
    try:
        fast, slow = read_book(path, "xlsx"), read_book(path, "openpyxl")
    except Unreadable:
        # An alarm is raised inside the library, and becomes this too.
        return {"openpyxl 读不了，或一分钟没有读完": 1}
    finally:
        signal.alarm(0)
    causes: Counter[str] = Counter()
    for one, other in zip(fast.grids, slow.grids, strict=True):
        for place in one.cells.keys() | other.cells.keys():
            if one.cells.get(place) != other.cells.get(place):
                causes[_cause(one.cells.get(place), other.cells.get(place))] += 1
        for part in ("sheet", "merges", "hidden_rows", "hidden_columns", "state"):
            causes[part] += getattr(one, part) != getattr(other, part)
    return {cause: count for cause, count in causes.items() if count}


def _out_of_patience(*_: object) -> None:
    raise TimeoutError


def _cause(fast: Any, slow: Any) -> str:
    if fast is not None and slow is not None:
        if fast.formula and "同一公式" in fast.formula and fast.value == slow.value:
            return "共用公式：openpyxl 展开，我们指出存放处"
        if fast.value == "" and slow.value is None and fast.formula:
            return "公式结果为空文本：openpyxl 不区分没有结果"
        if str(slow.value).startswith(("http", "mailto", "'", "file", "..")):
            return "超链接：openpyxl 把地址当作值"
        if "_x0" in str(slow.value):
            return "转义字符：openpyxl 不还原公式结果里的"
        if isinstance(fast.value, Decimal) and isinstance(slow.value, Decimal):
            return "第15位有效数字：我们按文件里写的取舍，openpyxl 按二进制"
        if {type(fast.value), type(slow.value)} & {dt.datetime, dt.date, dt.time, dt.timedelta}:
            return "日期、时长格式下的负数和时长：openpyxl 换算不同"
    if fast is None and str(slow.value).startswith(("http", "mailto", "file")):
        return "超链接：openpyxl 把地址当作值"
    return f"? {fast} | {slow}"[:300]


# --- the parent ----------------------------------------------------------------------------------------------------


def run(path: Path, reference: bool, validate: bool) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", str(path)]
    command += ["--reference"] * reference + ["--validate"] * validate
    start = time.perf_counter()
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=SECONDS * (5 if reference or validate else 1), check=False
        )
    except subprocess.TimeoutExpired:
        return {"outcome": "hang"}
    if done.returncode:
        return {"outcome": "crash", "reason": done.stderr.decode(errors="replace")[-400:]}
    return {**json.loads(done.stdout.splitlines()[-1]), "process": round(time.perf_counter() - start, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--one", type=Path)
    parser.add_argument("--reference", action="store_true")
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    if options.one is not None:
        print(json.dumps(examine(options.one, options.reference, options.validate)))
        return
    files = sorted(path for path in options.folder.rglob("*") if path.is_file() and path.suffix != ".csv")
    with ThreadPoolExecutor(2) as pool:
        found = dict(
            zip(
                files,
                pool.map(lambda path: run(path, options.reference, options.validate), files),
                strict=True,
            )
        )
    for path, outcome in found.items():
        _print(path.name, outcome, options.markdown)
    _print_summary(list(found.values()))


def _print(name: str, outcome: dict[str, Any], markdown: bool) -> None:
    what = outcome["outcome"] + (f" {outcome['sheets']} sheets" if "sheets" in outcome else "")
    rest = outcome.get("reason") or outcome.get("marking", "")
    flags = "".join(f" LOST {part}" for part in outcome.get("lost", ()))
    flags += "".join(f" INVALID {error}" for error in outcome.get("invalid", ()))
    flags += "" if outcome.get("unmarked", True) else " NOT RESTORED"
    flags += f" {outcome['differences']}" if outcome.get("differences") else ""
    cells = (
        name,
        what,
        f"{outcome.get('seconds', 0):.2f} s",
        f"{outcome.get('megabytes', 0)} MB",
        rest + flags,
    )
    print("| " + " | ".join(cells) + " |" if markdown else "  ".join(cells))


def _print_summary(outcomes: list[dict[str, Any]]) -> None:
    read = [each for each in outcomes if each["outcome"] == "read"]
    marked = [each for each in read if each.get("marking") == "marked"]
    print(
        f"\n{len(outcomes)} files: {dict(Counter(each['outcome'] for each in outcomes))}\n"
        f"slowest {max(each.get('seconds', 0) for each in outcomes)} s, "
        f"most memory {max(each.get('megabytes', 0) for each in outcomes)} MB above the start\n"
        f"marked {len(marked)}, with lost parts {sum(bool(each['lost']) for each in marked)}, "
        f"restored byte for byte {sum(each['unmarked'] for each in marked)}"
    )
    causes: Counter[str] = Counter()
    for each in outcomes:
        causes.update(each.get("differences", {}))
    for cause, count in causes.most_common():
        print(f"{count:7}  {cause}")


if __name__ == "__main__":
    main()
