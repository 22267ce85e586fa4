#!/usr/bin/env python3
"""What becomes of a folder of strange files: read or refused and why, marked and unmarked, in which time and memory.

    python bench/odd_workbooks.py FOLDER [--commands [--office]] [--reference] [--validate] [--markdown]

Each file gets a process of its own, so that a crash, a hang or a hunger for memory counts for one file only.
``--commands`` gives it to every command that reads a file (check, --highlight, --unmark, recalc, undo, import, export) under the
bounds of the command line: exit codes, tracebacks, whether marks come off byte for byte, what is left behind. LibreOffice
takes part with ``--office`` alone: it needs seconds for a file.
``--reference`` compares the cells with what openpyxl reads, by cause; ``--validate`` holds marked copies against the
Open XML schemas and lists what the original did not have. Files are read where they lie, never copied.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import io
import multiprocessing
import os
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

SECONDS, PATIENCE = 60, 60
#: Several commands on a busy machine.
MANY = 5
#: Loaded before the clock starts, once for all files.
PRELOADED = [
    "perfeval_xl.runs.correcting", "perfeval_xl.runs.exporting", "perfeval_xl.runs.importing", "perfeval_xl.runs.marking",
    "perfeval_xl.hosts.reading.reference", "perfeval_xl.hosts.reading.xlsx", "perfeval_xl.hosts.reading.word",
    "perfeval_xl.hosts.marks.workbook", "perfeval_xl.hosts.marks.word", "perfeval_xl.cli",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of every file."""

    commands: bool
    office: bool
    reference: bool
    validate: bool


# --- in the child --------------------------------------------------------------------------------------------------


def examine(path: Path, wanted: Wanted) -> dict[str, Any]:
    """Everything about one file; the process is this file's alone."""
    import resource

    from perfeval_xl.errors import Unreadable
    from perfeval_xl.hosts import libreoffice
    from perfeval_xl.hosts.reading.loading import open_source
    from perfeval_xl.runs.checking import check

    if not wanted.office:
        libreoffice.program = lambda: None

    def memory() -> int:
        return max(
            resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )

    before, start = memory(), time.perf_counter()
    found: dict[str, Any] = {}
    try:
        source = open_source(path)
        report = check(source)
    except Unreadable as error:
        found = {"outcome": "refused", "reason": str(error).partition("：")[2]}
    else:
        found = {"outcome": "read", "sheets": len(report.grids)}
    found |= _cost(start, memory() - before)
    if found["outcome"] == "read" and source.kind == "xlsx":
        found |= _marked(path, report, wanted.validate)
        if wanted.reference:
            found["differences"] = _differences(path)
    if wanted.commands:
        found["commands"] = _commands(path)
        found |= {"megabytes": round((memory() - before) / 1000)}
    return found


def _commands(path: Path) -> dict[str, str]:
    """What every command says of a file: its exit code, or the traceback that it kept in the log."""
    from perfeval_xl.hosts.bounding import bound_memory
    from perfeval_xl.hosts.limits import LIMITS

    bound_memory(LIMITS.memory_bytes)
    before = path.read_bytes()
    said: dict[str, str] = {}
    with _own_folder() as folder:

        def run(name: str, given: Path, *arguments: str) -> bool:
            outs = [folder / one for one in arguments if one.startswith("out")]
            command = [name.split()[0], str(given)]
            said[name] = _said(
                command + [str(folder / one) if one.startswith("out") else one for one in arguments]
            )
            return all(out.exists() for out in outs)

        suffix = path.suffix.lower() if path.suffix.lower() in (".xlsx", ".xlsm", ".docx") else ".xlsx"
        marked, changed = f"out-marked{suffix}", f"out-changed{suffix}"
        if run("check", path, "--format", "json", "-o", "out.json", "--highlight", marked):
            off = f"out-unmarked{suffix}"
            if run("check --unmark", folder / marked, "--unmark", off) and path.suffix.lower() == suffix:
                said["unmarked"] = "same" if (folder / off).read_bytes() == before else "DIFFERS"
        if run("recalc", path, "-o", changed):
            run("undo", folder / changed, "-o", f"out-undone{suffix}")
        else:
            run("undo", path, "-o", f"out-undone{suffix}")
        run("import", path, "-o", "out-imported.xlsm")
        run("export", path, "-o", "out-exported.docx")
        said["left"] = ", ".join(
            sorted(one.name for one in folder.rglob("*") if not one.name.startswith("out"))
        )
    said["input"] = "same" if path.read_bytes() == before else "CHANGED"
    return said


@contextlib.contextmanager
def _own_folder() -> Iterator[Path]:
    """A folder for outputs that the commands use as the one for temporary files too; the log is elsewhere."""
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as log:
        os.environ["XDG_STATE_HOME"] = log
        tempfile.tempdir = name
        yield Path(name)
        tempfile.tempdir = None


def _said(arguments: list[str]) -> str:
    from perfeval_xl.cli import main
    from perfeval_xl.installing.machine import this_machine

    log = this_machine().log
    log.unlink(missing_ok=True)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as complaints:
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 2
        except BaseException:
            return f"TRACEBACK {traceback.format_exc()[-900:]}"
    if "程序出错" in complaints.getvalue():
        return (
            f"TRACEBACK {log.read_text(encoding='utf-8')[-900:] if log.exists() else complaints.getvalue()}"
        )
    return f"{code}"


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


CONTEXT = multiprocessing.get_context("forkserver")


def _child(sender: Connection, path: Path, wanted: Wanted) -> None:
    try:
        sender.send(examine(path, wanted))
    except BaseException:
        sender.send({"outcome": "crash", "reason": traceback.format_exc()[-900:]})


def run(path: Path, wanted: Wanted) -> dict[str, Any]:
    """What a process of its own finds out about a file."""
    receiver, sender = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=_child, args=(sender, path, wanted))
    start = time.perf_counter()
    process.start()
    sender.close()
    many = MANY if wanted.commands or wanted.reference or wanted.validate else 1
    try:
        found = receiver.recv() if receiver.poll(SECONDS * many) else {"outcome": "hang"}
    except EOFError:
        process.join()
        found = {"outcome": "crash", "reason": f"the process died ({process.exitcode})"}
    process.kill()
    process.join()
    return {**found, "process": round(time.perf_counter() - start, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--commands", action="store_true")
    parser.add_argument("--office", action="store_true")
    parser.add_argument("--reference", action="store_true")
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    wanted = Wanted(options.commands, options.office, options.reference, options.validate)
    files = sorted(path for path in options.folder.rglob("*") if path.is_file() and path.suffix != ".csv")
    CONTEXT.set_forkserver_preload(PRELOADED)
    with ThreadPoolExecutor(2) as pool:
        outcomes = []
        for path, outcome in zip(files, pool.map(lambda path: run(path, wanted), files), strict=True):
            _print(path.name, outcome, options.markdown)
            outcomes.append(outcome)
    _print_summary(outcomes)


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
    print("| " + " | ".join(cells) + " |" if markdown else "  ".join(cells), flush=True)
    for command, said in outcome.get("commands", {}).items():
        if said.startswith(("TRACEBACK", "DIFFERS", "CHANGED")) or (command == "left" and said):
            print(f"    {command}: {said}")


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
        causes.update(f"{name}: {said.split()[0]}" for name, said in each.get("commands", {}).items() if said)
    for cause, count in causes.most_common():
        print(f"{count:7}  {cause}")


if __name__ == "__main__":
    main()
