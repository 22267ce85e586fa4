#!/usr/bin/env python3
"""Whether two checkouts give the same outputs, byte for byte: what must hold when modules move and nothing else.

    python bench/same_outputs.py OLD_CHECKOUT NEW_CHECKOUT [FOLDER…] [--only KIND]

Inputs are the bundled example, its clean twin and other layouts, the empty templates and the published tables of the
tests, all made once from OLD_CHECKOUT, and every file in each FOLDER, read where it lies. Each checkout does everything
in one process, with the same files under the same names, by nothing but the command line and the library's public names.
Office packages are compared part by part, then as a whole; refusals by exit code and line. The time of the run is
masked wherever an output tells it, and hashes have one seed, for what has no order may not seem different. Both
checkouts must have the same version number, which outputs name. Prints what was compared and each output that differs;
the exit code is 1 if any does.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import hashlib
import importlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

#: The commands of one kind on one input may take so many seconds of the processor, and so many of the clock.
SECONDS, PATIENCE = 20, 120
LAYOUTS = ("own", "stacked", "text")
SHIPPED = ("example-2023.xlsx", "template.xlsx", "template.xlsm", "perfeval.xlam")
OUT_OF_TIME, CRASH = "out of time", "crash"

#: What an output holds, by the name of the piece (exit code, stdout, a file, a part of a package): its SHA-256.
Pieces = dict[str, str]
#: Pieces by "kind · input".
Snapshot = dict[str, Pieces]
Command = tuple[str, ...]

#: Commands on one input, in an empty folder; every file they leave there is compared. Of every file:
EVERY: Mapping[str, tuple[Command, ...]] = {
    "json": (("check", "{file}", "--format", "json", "-o", "findings.json"),),
    "html": (("check", "{file}", "--format", "html", "-o", "page.html"),),
    "marked": (
        ("check", "{file}", "--format", "jsonl", "-o", "lines.jsonl", "--highlight", "marked{suffix}"),
    ),
    "recalc": (("recalc", "{file}", "-o", "recalculated{suffix}"),),
}
#: … and of the inputs that are forms.
FORMS: Mapping[str, tuple[Command, ...]] = {
    "text": (("check", "{file}", "-v"),),
    "import": (
        ("import", "{file}", "-o", "imported.xlsx", "-v"),
        ("check", "imported.xlsx", "--policy", "hunan-2023", "--highlight", "imported-marked.xlsx"),
        ("recalc", "imported.xlsx", "-o", "imported-recalculated.xlsx"),
    ),
    "export": (("export", "{file}", "-o", "exported.docx", "--redact"),),
}
#: … and of the example, in every layout, and the templates: outputs of one command are what another reads.
EXAMPLES: Mapping[str, tuple[Command, ...]] = {
    "policy": (("check", "{file}", "--policy", "hunan-2023", "--format", "jsonl"),),
    "audit": (("check", "{file}", "-o", "audit.docx"),),
    "unmark": (
        ("check", "{file}", "--highlight", "marked{suffix}"),
        ("check", "marked{suffix}", "--unmark", "plain{suffix}"),
    ),
    "undo": (
        ("recalc", "{file}", "-o", "recalculated{suffix}"),
        ("undo", "recalculated{suffix}", "-o", "undone{suffix}"),
    ),
    "word": (
        ("export", "{file}", "-o", "exported.docx"),
        ("check", "exported.docx", "--highlight", "exported-marked.docx"),
        ("import", "exported.docx", "-o", "imported.xlsm"),
        ("check", "imported.xlsm", "--highlight", "imported-marked.xlsm"),
    ),
    "new": (("new", "next.xlsm", "--from", "{file}"),),
}
COMMANDS = ("check", "recalc", "undo", "policy", "judge", "rules", "new", "import", "export", "live", "demo")
JUDGED = (
    ("≥100人", "374人"), ("100%", "98.5%"), ("≤5万元", "6.2万元"), ("2023年12月底前", "2024年1月"), ("≥90%", "良好"),
    ("1次", ""), ("有效提升", "有效提升"), ("≥5.5公里/年", "5.4公里"), ("不低于3批次", "3批"), ("10", "二十"),
)  # fmt: skip
#: Commands that need no input.
ALONE: Mapping[str, tuple[Command, ...]] = {
    "help": (("--version",), ("--help",), *((command, "--help") for command in COMMANDS)),
    "rules": (
        *(("rules", "--format", name) for name in ("text", "json", "markdown")),
        ("rules", "PE401"),
        ("rules", "PE000"),
    ),
    "policy": (("policy",), ("policy", "national-2020"), ("policy", "hunan-2023"), ("policy", "none")),
    "judge": (
        ("judge", "--csv", "{judged}"),
        ("judge", "--csv", "{judged}", "-o", "judged.csv"),
        *(("judge", *pair, "--weight", "5", "--format", "json") for pair in JUDGED),
        *(("judge", *pair, "--group", "成本指标", "--policy", "hunan-2023") for pair in JUDGED),
    ),
    "new": (("new", "new.xlsx", "--unit", "甲县图书馆", "--year", "2025"), ("new", "new.xlsm")),
    "demo": (("demo", "--out", "demo"),),
}
KINDS = tuple(dict.fromkeys((*EVERY, *FORMS, *EXAMPLES, *ALONE, "library", "shipped")))


# --- in the old checkout: the inputs --------------------------------------------------------------------------------


def make_inputs(folder: Path, checkout: Path) -> None:
    """The examples into ``folder``/examples, the published tables into ``folder``/published."""
    examples, published = folder / "examples", folder / "published"
    for place in (examples, published):
        place.mkdir()
    for name in ("example-2023.xlsx", "template.xlsx", "template.xlsm"):
        shutil.copyfile(checkout / "workbook" / name, examples / name)
    support = importlib.import_module("tests.support")
    builder = support.example_builder()
    for layout in LAYOUTS:
        (examples / f"clean-{layout}.xlsx").write_bytes(builder.build(layout, True))
        if layout != "own":  # that is the bundled one
            (examples / f"example-{layout}.xlsx").write_bytes(builder.build(layout, False))
    correcting, changed = importlib.import_module("tests.runs.test_correcting"), support.changed
    wrong = changed(correcting.BASE, {correcting.TOTAL: Decimal("111.11"), correcting.RATE: "77%"})
    correcting.written(examples / "wrong-figures.xlsx", wrong)
    (examples / "example-word.docx").write_bytes(importlib.import_module("tests.word").build("before", False))
    rendered: Callable[[str], bytes] = importlib.import_module("tests.published.rendered").rendered
    for path in sorted((checkout / "tests" / "published").glob("*.yaml")):
        if path.stem != "reviewed":
            (published / f"{path.stem}.xlsx").write_bytes(rendered(path.stem))
    lines = ["年度指标值,实际完成值,分值", *(f"{target},{actual},5" for target, actual in JUDGED)]
    (folder / "judged.csv").write_text("\n".join(lines), encoding="utf-8")


# --- in each checkout: the outputs ----------------------------------------------------------------------------------


class OutOfTime(BaseException):
    """Not an Exception: nothing that copes with errors may catch it."""


class Recorder:
    """Runs commands in the working folder, which is empty before and after, and keeps what they gave."""

    def __init__(self, job: Mapping[str, Any]) -> None:
        self.only: Sequence[str] = job["only"]
        self.judged: str = job["judged"]
        self.mask = _time_of_run()
        self.checkout = str(job["checkout"]).encode()
        self.snapshot: Snapshot = {}

    def record(self, kind: str, name: str, commands: Sequence[Command], file: str = "") -> None:
        given = {"file": file, "suffix": Path(file).suffix, "judged": self.judged}

        def run() -> Pieces:
            pieces: Pieces = {}
            for number, command in enumerate(commands, 1):
                pieces |= self._called(f"{number} {command[0]}", [part.format(**given) for part in command])
            return pieces

        self._keep(kind, name, run)

    def record_library(self, name: str, file: str) -> None:
        """What the public names give, as far as the command line does not show it."""

        def run() -> Pieces:
            import perfeval_xl

            report = perfeval_xl.check(file, policy="hunan-2023")
            pieces = {"findings": _hash(repr(report.findings)), "verdict": report.verdict}
            proposed = [finding.fingerprint for finding in report.findings if finding.rule == "PE505"]
            corrected, undone = (f"{step}{Path(file).suffix}" for step in ("corrected", "undone"))
            try:
                changes = perfeval_xl.recalc(file, corrected, apply=proposed, policy="hunan-2023").changes
                pieces["changes"] = _hash(repr(changes))
                pieces["taken back"] = _hash(repr(perfeval_xl.undo(corrected, undone).changes))
            except Exception as error:
                pieces["refused"] = self._told(error)
            return pieces

        self._keep("library", name, run)

    def _keep(self, kind: str, name: str, run: Callable[[], Pieces]) -> None:
        if self.only and kind not in self.only:
            return
        late: list[bool] = []

        def stop(*_: object) -> None:
            late.append(True)  # also for code that catches everything
            raise OutOfTime

        for alarm in (signal.SIGPROF, signal.SIGALRM):
            signal.signal(alarm, stop)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        signal.alarm(PATIENCE)
        try:
            pieces = run()
        except OutOfTime:
            pieces = {}
        except Exception as error:
            pieces = {CRASH: self._told(error)}
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.alarm(0)
        left = self._left_behind()
        self.snapshot[f"{kind} · {name}"] = {OUT_OF_TIME: OUT_OF_TIME} if late else pieces | left

    def _called(self, name: str, arguments: Sequence[str]) -> Pieces:
        from perfeval_xl.cli import main as command_line

        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code: object = command_line(arguments)
            except SystemExit as leaving:
                code = leaving.code
            except Exception as error:
                code = f"{CRASH}: {self._told(error)}"
        pieces = {f"{name}: exit code": str(code)}
        for title, stream in (("stdout", out), ("stderr", err)):
            stream.flush()
            pieces[f"{name}: {title}"] = self._text(stream.buffer.getvalue())
        return pieces

    def _left_behind(self) -> Pieces:
        """The files the commands wrote, which are removed."""
        pieces: Pieces = {}
        for path in sorted(Path().rglob("*")):
            if path.is_file():
                pieces |= self._file(str(path), path.read_bytes())
        for path in Path().iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        return pieces

    def _file(self, name: str, data: bytes) -> Pieces:
        try:
            pieces = self._package(data)
        except Exception:  # no package, or one that Python cannot read
            return {name: self._text(data)}
        return {f"{name}: {piece}": value for piece, value in pieces.items()}

    def _package(self, data: bytes) -> Pieces:
        """Parts, their order, and the package as it is stored, but for the parts that tell the time of the run."""
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            members = package.infolist()
            parts = [(member, package.read(member)) for member in members]
        pieces = {member.filename: self._text(part) for member, part in parts}
        pieces["order of parts"] = _hash("\n".join(member.filename for member in members))
        timed = {member.header_offset for member, part in parts if self.mask.search(part)}
        stored = b"".join(_stored(data, member) for member in members if member.header_offset not in timed)
        headers = [
            (member.filename, member.date_time, member.compress_type, member.flag_bits, member.extra,
             member.create_system, member.create_version, member.external_attr, member.comment)
            for member in members
        ]  # fmt: skip
        pieces["bytes as stored"] = _hash(stored + repr(headers).encode() if timed else data)
        return pieces

    def _told(self, error: Exception) -> str:
        return f"{type(error).__name__}: {error}".replace(self.checkout.decode(), "(checkout)")

    def _text(self, data: bytes) -> str:
        """The text without the time of the run and the place of the checkout."""
        return _hash(self.mask.sub(b"(time of the run)", data.replace(self.checkout, b"(checkout)")))


def _hash(data: str | bytes) -> str:
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode("utf-8", "replace")).hexdigest()


def _stored(data: bytes, member: zipfile.ZipInfo) -> bytes:
    """A member's compressed bytes."""
    start = member.header_offset
    lengths = (int.from_bytes(data[start + at : start + at + 2], "little") for at in (26, 28))
    start += 30 + sum(lengths)
    return data[start : start + member.compress_size]


def _time_of_run() -> re.Pattern[bytes]:
    """Today's or, past midnight, tomorrow's date with a time of day; other times belong to the inputs and count."""
    today = dt.date.today()
    days = (today, today + dt.timedelta(days=1))
    written = [
        spelt for day in days for spelt in (f"{day:%Y-%m-%d}", f"{day.year}年{day.month}月{day.day}日")
    ]
    return re.compile(f"(?:{'|'.join(written)})[ T]\\d\\d:\\d\\d(?::\\d\\d)?".encode())


def take_snapshot(target: Path, job: Mapping[str, Any]) -> None:
    import perfeval_xl

    recorder = Recorder(job)
    for kind, commands in ALONE.items():
        recorder.record(kind, "no input", commands)
    for group, name, file in job["files"]:
        kinds = dict(EVERY)
        kinds |= FORMS if group != "given" else {}
        kinds |= EXAMPLES if group == "examples" else {}
        for kind, commands in kinds.items():
            recorder.record(kind, name, commands, file)
        if group != "given":
            recorder.record_library(name, file)
    told = {"package": str(Path(str(perfeval_xl.__file__)).resolve()), "snapshot": recorder.snapshot}
    target.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


# --- the parent -----------------------------------------------------------------------------------------------------


def child(mode: str, target: Path, checkout: Path, scratch: Path, job: Mapping[str, Any]) -> None:
    """This script in a process whose package is the checkout's; nothing is written into the checkout.

    The package is found by a link, so that its path is of the same length in both (lines are wrapped).
    """
    work, link = scratch / "work", scratch / "checkout"
    work.mkdir(parents=True, exist_ok=True)
    link.symlink_to(checkout, target_is_directory=True)
    settings = os.environ | {
        "PYTHONPATH": str(link),
        "PYTHONPYCACHEPREFIX": str(scratch / "bytecode"),
        "PYTHONWARNINGS": "ignore",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "COLUMNS": "100",
    }
    command = [sys.executable, str(Path(__file__).resolve()), mode, str(target)]
    given = json.dumps({**job, "checkout": str(link)}).encode()
    if subprocess.run(command, cwd=work, env=settings, input=given, check=False).returncode:
        raise SystemExit(f"{checkout}: did not run to the end")


def snapshot_of(checkout: Path, job: Mapping[str, Any], scratch: Path) -> Snapshot:
    target = scratch / "snapshot.json"
    child("--snapshot", target, checkout, scratch, job)
    told = json.loads(target.read_text(encoding="utf-8"))
    if not Path(told["package"]).is_relative_to(checkout):
        raise SystemExit(f"{checkout}: the package that ran was {told['package']}")
    snapshot: Snapshot = told["snapshot"]
    return snapshot


def shipped(checkout: Path) -> Snapshot:
    """The bundled files as they lie in the checkout."""
    files = {name: checkout / "workbook" / name for name in SHIPPED}
    return {
        f"shipped · {name}": {"bytes": _hash(path.read_bytes()) if path.is_file() else "missing"}
        for name, path in files.items()
    }


def files_to_read(inputs: Path, folders: Sequence[Path]) -> list[tuple[str, str, str]]:
    """Group, name in the table, and path."""
    found = [
        (group, f"{group}/{path.name}", str(path))
        for group in ("examples", "published")
        for path in sorted((inputs / group).iterdir())
    ]
    for folder in folders:
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        found += [("given", str(path), str(path.resolve())) for path in paths]
    return found


def differences(old: Snapshot, new: Snapshot) -> dict[str, list[str]]:
    """The pieces that differ, by kind and input."""
    found = {}
    for name in old | new:
        before, after = old.get(name, {}), new.get(name, {})
        pieces = [piece for piece in before | after if before.get(piece) != after.get(piece)]
        if pieces:
            found[name] = pieces
    return found


def print_table(old: Snapshot, new: Snapshot, different: Mapping[str, Sequence[str]]) -> None:
    inputs, outputs, wrong = Counter[str](), Counter[str](), Counter[str]()
    for name in old | new:
        kind = name.partition(" · ")[0]
        inputs[kind] += 1
        outputs[kind] += len(old.get(name, {}) | new.get(name, {}))
        wrong[kind] += len(different.get(name, ()))
    print(f"{'kind':10}{'inputs':>8}{'outputs':>9}{'different':>11}")
    for kind in inputs:
        print(f"{kind:10}{inputs[kind]:8}{outputs[kind]:9}{wrong[kind]:11}")
    print(f"{'all':10}{inputs.total():8}{outputs.total():9}{wrong.total():11}")
    for name, pieces in different.items():
        more = f" and {len(pieces) - 6} more" if len(pieces) > 6 else ""
        print(f"different: {name}: {'; '.join(pieces[:6])}{more}")


def print_failures(old: Snapshot, new: Snapshot) -> None:
    """What ran out of time or crashed in both is the same, and proves nothing."""
    for name, pieces in old.items():
        for piece, value in pieces.items():
            failed = piece in (OUT_OF_TIME, CRASH) or value.startswith(f"{CRASH}: ")
            if failed and value == new.get(name, {}).get(piece):
                print(f"the same failure in both: {name}: {value}")


def compare(old: Path, new: Path, folders: Sequence[Path], only: Sequence[str]) -> int:
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name).resolve()
        inputs = scratch / "inputs"
        inputs.mkdir()
        child("--inputs", inputs, old, scratch / "made", {})
        files = files_to_read(inputs, folders)
        job = {"files": files, "only": only, "judged": str(inputs / "judged.csv")}
        with ThreadPoolExecutor(2) as pool:
            before, after = pool.map(
                lambda at: snapshot_of(at[1], job, scratch / at[0]), (("old", old), ("new", new))
            )
    if not only or "shipped" in only:
        before, after = before | shipped(old), after | shipped(new)
    different = differences(before, after)
    print_table(before, after, different)
    print_failures(before, after)
    print(f"{len(files)} files, {time.perf_counter() - start:.0f} s")
    return 1 if different else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("old", metavar="OLD_CHECKOUT", type=Path, nargs="?")
    parser.add_argument("new", metavar="NEW_CHECKOUT", type=Path, nargs="?")
    parser.add_argument("folders", metavar="FOLDER", type=Path, nargs="*")
    parser.add_argument("--only", metavar="KIND", choices=KINDS, action="append", help=", ".join(KINDS))
    parser.add_argument("--inputs", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--snapshot", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inputs is not None:
        make_inputs(options.inputs, Path(json.load(sys.stdin)["checkout"]))
        return 0
    if options.snapshot is not None:
        take_snapshot(options.snapshot, json.load(sys.stdin))
        return 0
    if options.new is None:
        parser.error("two checkouts are needed")
    for folder in (options.old, options.new, *options.folders):
        if not folder.is_dir():
            parser.error(f"{folder} is no folder")
    return compare(options.old.resolve(), options.new.resolve(), options.folders, options.only or [])


if __name__ == "__main__":
    sys.exit(main())
