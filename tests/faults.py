"""Commands that write, disturbed: killed at any moment, on a full disk, told to write where a link, the input, a read-only
folder or another file is.

    python -m tests.faults [--rounds 5] [COMMAND …]

Whatever happens: the input stays as it is, byte for byte; an output is whole or absent; what stood there is whole or replaced;
and after the next run nothing temporary is left. A line for each command and fault; exit code 1 where one of these is untrue.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support import ROOT

EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
INPUT, TABLE, CHANGED = "单位.xlsx", "指标.csv", "更正.xlsx"
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
#: So few bytes a file may have on the "full" disk: less than any output.
FULL = 4_096
#: What a program says that was stopped, or that could not write.
STOPPED, REFUSED = {-signal.SIGKILL, 143, 130, -signal.SIGTERM, -signal.SIGINT}, 2


@dataclass(frozen=True, slots=True)
class Writing:
    """A command that writes: its arguments, and its outputs by name; ``into`` says that these are names in a folder of its
    own choosing. "{out}" stands for the output."""

    arguments: Sequence[str]
    outputs: Sequence[str]
    into: bool = False
    module: str = "perfeval_xl"


COMMANDS: Mapping[str, Writing] = {
    "highlight": Writing(["check", INPUT, "--format", "json", "--highlight", "{out}"], ["out.xlsx"]),
    "report": Writing(["check", INPUT, "--format", "json", "-o", "{out}"], ["out.json"]),
    "audit": Writing(["check", INPUT, "-o", "{out}"], ["out.docx"]),
    "recalc": Writing(["recalc", INPUT, "-o", "{out}"], ["out.xlsx"]),
    "undo": Writing(["undo", CHANGED, "-o", "{out}"], ["out.xlsx"]),
    "export": Writing(["export", INPUT, "-o", "{out}"], ["out.docx"]),
    "import": Writing(["import", INPUT, "-o", "{out}"], ["out.xlsm"]),
    "new": Writing(["new", "{out}"], ["out.xlsx"]),
    "judge": Writing(["judge", "--csv", TABLE, "-o", "{out}"], ["out.csv"]),
    "rules": Writing(["rules", "--new", "{out}"], ["out.xlsx"]),
    "notice": Writing(["notice", "{out}"], ["out.docx"]),
    "compare": Writing(["compare", INPUT, CHANGED, "-o", "{out}"], ["out.html"]),
    "batch": Writing(["batch", INPUT, "--out", "desk"], ["desk/结果.jsonl", "desk/汇总.xlsx"], into=True),
    "demo": Writing(["demo", "--out", "demo"], ["demo/校验报告.html", "demo/示例-已标注.xlsx"], into=True),
    "install": Writing(["install", "--folder", "绩效"], [], into=True),
    "drop": Writing(
        [INPUT], ["单位-已标注.xlsx", "单位-校验报告.html"], into=True, module="perfeval_xl.drop"
    ),
}


class Fault(AssertionError):
    """Something was lost, changed or left behind."""


# --- a place to work in --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with inputs, one for temporary files, one for settings and the log."""

    folder: Path
    temporary: Path
    state: Path

    def start(self, writing: Writing, out: str = "", full: bool = False) -> subprocess.Popen[bytes]:
        """The command at work; on a "full" disk no file grows beyond a few bytes."""
        arguments = [word.replace("{out}", out or (*writing.outputs, "")[0]) for word in writing.arguments]
        home = {
            "HOME": self.state,
            "USERPROFILE": self.state,
            "XDG_STATE_HOME": self.state,
            "TMPDIR": self.temporary,
        }
        return subprocess.Popen(
            [sys.executable, "-m", writing.module, *arguments],
            cwd=self.folder,
            env={**os.environ, **{name: str(path) for name, path in home.items()}, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=_fill_the_disk if full else None,
        )

    def inputs(self) -> dict[str, bytes]:
        return {name: (self.folder / name).read_bytes() for name in (INPUT, TABLE, CHANGED)}

    def temporaries(self) -> list[str]:
        """What is there that only a run at work may have."""
        here = [path.name for path in self.folder.rglob(".perfeval-*")]
        return here + [path.name for path in self.temporary.iterdir()]

    def age(self) -> None:
        """Make what is left as old as what the next run clears."""
        for path in (*self.folder.rglob(".perfeval-*"), *self.temporary.iterdir()):
            os.utime(path, (time.time() - 3600,) * 2, follow_symlinks=False)


def _fill_the_disk() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (FULL, FULL))


@cache
def _inputs() -> dict[str, bytes]:
    from perfeval_xl.runs.correcting import recalc
    from tests.runs.test_correcting import BASE, RATE, written
    from tests.support import changed

    table = "年度指标值,实际完成值\n" + "≥100人,374人\n" * 20_000
    with tempfile.TemporaryDirectory() as folder:
        wrong = recalc(written(Path(folder) / INPUT, changed(BASE, {RATE: "77%"})))
    return {INPUT: EXAMPLE.read_bytes(), TABLE: table.encode("utf-8-sig"), CHANGED: wrong.data}


@contextlib.contextmanager
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as name:
        found = Place(*(Path(name) / part for part in ("文件", "临时", "设置")))
        for folder in (found.folder, found.temporary, found.state):
            folder.mkdir()
        for file, data in _inputs().items():
            (found.folder / file).write_bytes(data)
        yield found


def finished(process: subprocess.Popen[bytes]) -> int:
    """The exit code of a process, which said nothing unforeseen."""
    said = b"".join(process.communicate(timeout=300)).decode("utf-8", "replace")
    _hold("Traceback" not in said and "程序出错" not in said, f"it said {said[-500:]}")
    return process.returncode


def _hold(true: bool, otherwise: str) -> None:
    if not true:
        raise Fault(otherwise)


def whole(path: Path) -> bool:
    """Whether an output is complete, as far as its kind tells."""
    data = path.read_bytes()
    match path.suffix:
        case ".json":
            return "findings" in json.loads(data)
        case ".csv":
            return data.count(b"\n") == 20_001
        case ".html":
            return data.rstrip().endswith(b"</html>")
    with zipfile.ZipFile(path) as archive:
        return archive.testzip() is None


def _kept(at: Place, writing: Writing, before: Mapping[str, bytes]) -> None:
    _hold(at.inputs() == before, "an input was changed")
    for name in writing.outputs:
        path = at.folder / name
        _hold(not path.exists() or whole(path), f"{name} is not whole")


def _cleared(at: Place, writing: Writing) -> None:
    """After the next run nothing temporary is left, and its output is there."""
    at.age()
    for name in writing.outputs if writing.arguments[0] in ("new", "import") else ():
        (at.folder / name).unlink(missing_ok=True)  # these never write over a file
    code = finished(at.start(writing))
    _hold(code in (0, 1, 3), f"the next run ended with {code}")
    missing = [name for name in writing.outputs if not (at.folder / name).exists()]
    _hold(not missing, f"the next run did not write {missing}")
    _hold(not at.temporaries(), f"left behind: {at.temporaries()}")


# --- faults --------------------------------------------------------------------------------------------------------


def killed(writing: Writing, rounds: int, chance: random.Random) -> str:
    """Stopped by each signal at moments of the time that an undisturbed run takes, most of them late, where it writes."""
    took = _time(writing)
    stopped = 0
    for number in (number for number in SIGNALS for _ in range(rounds)):
        with place() as at:
            before, process = at.inputs(), at.start(writing)
            time.sleep(took * chance.uniform(0.2, 1.05))
            process.send_signal(number)
            code = finished(process)
            stopped += code in STOPPED
            _hold(code in {0, 1, 3, *STOPPED}, f"it ended with {code} after {number.name}")
            _kept(at, writing, before)
            _hold(number is signal.SIGKILL or not at.temporaries(), f"{number.name} left {at.temporaries()}")
            _cleared(at, writing)
    return f"{stopped} of {rounds * len(SIGNALS)} stopped"


def _time(writing: Writing) -> float:
    with place() as at:
        start = time.monotonic()
        code = finished(at.start(writing))
        _hold(code in (0, 1, 3), f"undisturbed it ended with {code}")
        return time.monotonic() - start


def full_disk(writing: Writing, _rounds: int, _chance: random.Random) -> str:
    """No room for the output."""
    with place() as at:
        before = at.inputs()
        code = finished(at.start(writing, full=True))
        _hold(code == REFUSED, f"it ended with {code}")
        _kept(at, writing, before)
        written = [name for name in writing.outputs if (at.folder / name).exists()]
        _hold(not written, f"it wrote {written}")
        _hold(not at.temporaries(), f"left behind: {at.temporaries()}")
    return "refused"


def existing(writing: Writing, _rounds: int, _chance: random.Random) -> str:
    """Another file stands where the output goes: whole as it was, or replaced by a whole one."""
    return _over(writing, lambda path, _: path.write_bytes(b"mine"))


def link(writing: Writing, _rounds: int, _chance: random.Random) -> str:
    """The output is a link to another file: the link stays one."""

    def make(path: Path, at: Place) -> None:
        (at.folder / "mine").write_bytes(b"mine")
        path.symlink_to("mine")

    return _over(writing, make)


def link_to_input(writing: Writing, _rounds: int, _chance: random.Random) -> str:
    """The output is a link to the input: refused."""
    return _over(writing, lambda path, _: path.symlink_to(_input_of(writing)), refused=True)


def second_name(writing: Writing, _rounds: int, _chance: random.Random) -> str:
    """The output is the input under another name: refused."""
    return _over(writing, lambda path, at: path.hardlink_to(at.folder / _input_of(writing)), refused=True)


def _input_of(writing: Writing) -> str:
    return next((word for word in writing.arguments if word in (INPUT, TABLE, CHANGED)), INPUT)


def _over(writing: Writing, make: Callable[[Path, Place], object], refused: bool = False) -> str:
    if writing.into:
        return "names its outputs itself"
    with place() as at:
        before, path = at.inputs(), at.folder / writing.outputs[0]
        make(path, at)
        linked = path.is_symlink()
        code = finished(at.start(writing))
        _hold(at.inputs() == before, "an input was changed")
        _hold(path.is_symlink() == linked, "the link is none any more")
        _hold(not at.temporaries(), f"left behind: {at.temporaries()}")
        if code == REFUSED:
            _hold(refused or path.read_bytes() == b"mine", "refused, and changed all the same")
            return "refused"
        _hold(not refused, f"it ended with {code}")
        _hold(whole(_target(path)), "not whole")
        return "replaced"


def _target(path: Path) -> Path:
    """A file under a name that says its kind."""
    if not path.is_symlink():
        return path
    copy = path.with_name(f"copy{path.suffix}")
    shutil.copyfile(path, copy)
    return copy


def read_only(writing: Writing, _rounds: int, _chance: random.Random) -> str:
    """The folder of the output takes nothing."""
    if writing.into:
        return "names its outputs itself"
    with place() as at, _unwritable(at.folder / "只读") as folder:
        if folder is None:
            return "no such folder can be made here"
        before = at.inputs()
        code = finished(at.start(writing, out=f"{folder}/{writing.outputs[0]}"))
        _hold(code == REFUSED, f"it ended with {code}")
        _hold(at.inputs() == before, "an input was changed")
        _hold(list(folder.iterdir()) == [], "something was written")
    return "refused"


@contextlib.contextmanager
def _unwritable(folder: Path) -> Iterator[Path | None]:
    """A folder in which nothing can be written, by root neither: there it takes a mount."""
    folder.mkdir()
    if os.getuid() != 0:
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)
        return
    mount = ["mount", "-t", "tmpfs", "-o", "ro,size=64k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


FAULTS: Mapping[str, Callable[[Writing, int, random.Random], str]] = {
    "killed": killed, "full disk": full_disk, "existing file": existing, "link": link,
    "link to the input": link_to_input, "the input's second name": second_name, "read-only folder": read_only,
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "commands", nargs="*", choices=[*COMMANDS, []], metavar="COMMAND", help=", ".join(COMMANDS)
    )
    parser.add_argument("--rounds", type=int, default=5, help="so often each signal")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance, bad = random.Random(options.seed), 0
    for name in options.commands or COMMANDS:
        for fault, inject in FAULTS.items():
            try:
                said = inject(COMMANDS[name], options.rounds, chance)
            except Fault as error:
                bad, said = bad + 1, f"FAULT: {error}"
            print(f"{name:10} {fault:24} {said}", flush=True)
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
