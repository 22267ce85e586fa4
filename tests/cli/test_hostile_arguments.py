"""Every command with every kind of thing that is no good file, figure or setting: one Chinese line, exit code 2, no traceback."""

from __future__ import annotations

import os
import random
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from perfeval_xl.cli import main
from tests.sizes import base, packed

Capture = pytest.CaptureFixture[str]
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="devices and links of Linux")


def _rotten(data: bytes) -> bytes:
    """Sixty bytes changed, the signature not."""
    chance, bad = random.Random(1), bytearray(data)
    for _ in range(60):
        bad[chance.randrange(4, len(bad))] = chance.randrange(256)
    return bytes(bad)


def _with_directory_elsewhere(data: bytes) -> bytes:
    at = data.rfind(b"PK\5\6") + 16
    return data[:at] + b"\xff\xff\xff\x7f" + data[at + 4 :]


def _with_wrong_checksums(data: bytes) -> bytes:
    """What the directory says of every member is another one's."""
    return re.sub(rb"(PK\x01\x02.{12}).{4}", rb"\g<1>abcd", data, flags=re.DOTALL)


#: What a file can be that is none: by name, how it is made at a path.
NO_FILES: dict[str, Callable[[Path, bytes], object]] = {
    "fifo": lambda path, _: os.mkfifo(path),
    "loop": lambda path, _: path.symlink_to(path),
    "folder": lambda path, _: path.mkdir(),
    "empty": lambda path, _: path.write_bytes(b""),
    "zeros": lambda path, _: path.write_bytes(bytes(1000)),
    "half": lambda path, data: path.write_bytes(data[: len(data) // 2]),
    "rotten": lambda path, data: path.write_bytes(_rotten(data)),
    "directory elsewhere": lambda path, data: path.write_bytes(_with_directory_elsewhere(data)),
    "wrong checksums": lambda path, data: path.write_bytes(_with_wrong_checksums(data)),
    "a device": lambda path, _: path.symlink_to("/dev/zero"),
    "nothing there": lambda path, _: path.with_suffix(".xlsx~"),
    "a link to nothing": lambda path, _: path.symlink_to("没有.xlsx"),
}
#: Calls that read a file: what stands for it is BAD; GOOD is a workbook, OUT a folder.
READING = (
    "check BAD", "check BAD --format jsonl", "check BAD --highlight OUT/m.xlsx", "check BAD --unmark OUT/n.xlsx", "check BAD -o OUT/a.docx",
    "check BAD --recalculate", "check GOOD BAD --together", "check GOOD --policy BAD", "check GOOD --accept BAD", "recalc BAD -o OUT/r.xlsx",
    "undo BAD -o OUT/u.xlsx", "import BAD -o OUT/i.xlsx", "export BAD -o OUT/e.docx", "export BAD -o OUT/e.pdf", "new OUT/new.xlsx --from BAD",
    "policy BAD", "judge --csv BAD",
)  # fmt: skip


@pytest.fixture(scope="module")
def good() -> bytes:
    return packed(base())


def refused(words: list[str], capsys: Capture) -> str:
    """The one line that a call is answered."""
    try:
        code: object = main(words)
    except SystemExit as end:
        code = end.code
    said = capsys.readouterr().err
    assert code == 2, said
    assert said.count("\n") == 1, said
    assert "Traceback" not in said
    assert "程序出错" not in said
    return said


@on_linux
@pytest.mark.parametrize("call", READING)
@pytest.mark.parametrize("kind", NO_FILES)
def test_a_file_that_is_none(kind: str, call: str, good: bytes, tmp_path: Path, capsys: Capture) -> None:
    bad, out = tmp_path / "坏.xlsx", tmp_path / "出"
    NO_FILES[kind](bad, good)
    out.mkdir()
    (tmp_path / "好.xlsx").write_bytes(good)
    stand = {"BAD": str(bad), "GOOD": str(tmp_path / "好.xlsx")}
    words = [stand.get(word, word.replace("OUT", str(out))) for word in call.split()]
    if (kind, call) != ("empty", "check GOOD --accept BAD"):  # a list of nothing
        refused(words, capsys)
    assert [*out.iterdir()] == []


#: Calls that write: TO is where.
WRITING = (
    "check GOOD -o TO.html --format html", "check GOOD -o TO.json --format json", "check GOOD --highlight TO.xlsx", "recalc GOOD -o TO.xlsx",
    "import GOOD -o TO.xlsx", "export GOOD -o TO.docx", "new TO.xlsx", "judge --csv TABLE -o TO.csv",
)  # fmt: skip
NO_PLACES: dict[str, Callable[[Path], object]] = {
    "fifo": lambda path: os.mkfifo(path),
    "loop": lambda path: path.symlink_to(path),
    "folder": lambda path: path.mkdir(),
    "full": lambda path: path.symlink_to("/dev/full"),
    "no folder": lambda path: path.symlink_to("没有/没有/x"),
}


@on_linux
@pytest.mark.parametrize("call", WRITING)
@pytest.mark.parametrize("kind", NO_PLACES)
def test_a_place_that_takes_nothing(
    kind: str, call: str, good: bytes, tmp_path: Path, capsys: Capture
) -> None:
    words = call.split()
    place = next(word for word in words if word.startswith("TO"))
    to = tmp_path / place
    NO_PLACES[kind](to)
    (tmp_path / "好.xlsx").write_bytes(good)
    (tmp_path / "表.csv").write_text("target,actual\n≥5人,6人\n", encoding="utf-8")
    stand = {"GOOD": str(tmp_path / "好.xlsx"), "TABLE": str(tmp_path / "表.csv"), place: str(to)}
    refused([stand.get(word, word) for word in words], capsys)


SETTINGS = {
    "nested": "a=" + "[" * 5000,
    "nested tables": "a=" + "{b=" * 5000,
    "dotted": ".".join("a" * 5000) + "=1",
    "huge": 'a="' + "x" * 3_000_000 + '"',
    "digits": "[overshoot]\nratio=" + "9" * 5000,
    "not finite": "id='x'\ntitle='x'\n[overshoot]\nratio=inf\nmin_gap=nan",
    "dates": "id=2020-01-01\ntitle=12:00:00",
    "itself": "id='x'\ntitle='x'\ninherits='x'",
    "elsewhere": "id='x'\ntitle='x'\ninherits='../../../../etc/passwd'",
    "controls": "id='x'\ntitle='\x1b[2J'",
    "twice": "id='x'\nid='y'",
}


@pytest.mark.parametrize(
    "call", ["check GOOD --policy T", "check GOOD --accept T", "policy T", "judge a b --policy T"]
)
@pytest.mark.parametrize("kind", SETTINGS)
def test_settings_nobody_writes(kind: str, call: str, good: bytes, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "设.toml").write_text(SETTINGS[kind], encoding="utf-8")
    (tmp_path / "好.xlsx").write_bytes(good)
    stand = {"T": str(tmp_path / "设.toml"), "GOOD": str(tmp_path / "好.xlsx")}
    refused([stand.get(word, word) for word in call.split()], capsys)


FIGURES = (
    "9" * 27, "9" * 28 + "." + "9" * 28, "9" * 5000, "-" * 1000 + "5", "(" * 1000 + "5" + ")" * 1000, "1e999", "NaN", "≥" * 1000 + "5", "%" * 1000,
    "万" * 1000 + "元", "5" + ".5" * 1000, "٣" * 30, "5e" + "9" * 20, "1/" * 1000 + "1", "²" * 30, "〇" * 1000, "一亿" * 500, "≤" + "9" * 30 + "%",
    "9" * 27 + "万亿元", "0" * 5000 + "1", "5." + "0" * 5000,
)  # fmt: skip


@pytest.mark.parametrize("figure", FIGURES, ids=range(len(FIGURES)))
def test_figures_nobody_types_are_judged(figure: str, tmp_path: Path, capsys: Capture) -> None:
    table = tmp_path / "表.csv"
    table.write_text(
        f"target,actual,weight\n{figure},{figure},{figure}\n≥5人,{figure},10\n", encoding="utf-8"
    )
    calls = [
        ["--csv", str(table)],
        ["--format", "json", "--", figure, figure],
        ["--weight=5", "--", "≥5人", figure],
    ]
    for words in calls:
        assert main(["judge", *words]) == 0
        assert capsys.readouterr().err == ""


@pytest.mark.parametrize("figure", FIGURES, ids=range(len(FIGURES)))
def test_figures_nobody_types_go_through_every_run(figure: str, tmp_path: Path, capsys: Capture) -> None:
    """In the places of a figure, as text, and as a number where it is one."""
    sheets = base()
    for name, row, column in (
        ("附件1", 4, 1),
        ("附件1", 12, 3),
        ("附件2", 4, 2),
        ("附件2", 13, 4),
        ("附件2", 13, 5),
        ("附件3-1", 5, 4),
    ):
        sheets[name][row][column] = figure
    sheets["附件1"][12][1] = 1e27
    sheets["自评报告"].append([f"培训{figure}人次，支出{figure}万元。"])
    source, out = tmp_path / "自评.xlsx", tmp_path / "出.xlsx"
    source.write_bytes(packed(sheets))
    for words in (
        ["check", str(source), "--format", "json", "--highlight", str(tmp_path / "标.xlsx")],
        ["recalc", str(source), "-o", str(out)],
        ["import", str(source), "-o", str(tmp_path / "入.xlsx")],
        ["new", str(tmp_path / "新.xlsx"), "--from", str(source)],
        ["export", str(source), "-o", str(tmp_path / "文.docx")],
    ):
        code, told = main(words), capsys.readouterr()
        # What is beyond all bounds is not read; a workbook that would lose it is not made, which is said in a line.
        assert code in (0, 1, 3) or ("放宽限制" in told.err and told.err.count("\n") == 1), told.err
        assert "程序出错" not in told.err
        assert "PE903" not in told.out
