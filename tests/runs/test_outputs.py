"""Where outputs go: what stands there is never lost, what was written there by us and left alone is replaced."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from perfeval_xl.cli import COMMANDS, main
from perfeval_xl.cli.check import EXTENSIONS
from perfeval_xl.hosts import libreoffice
from perfeval_xl.runs.checking import check
from perfeval_xl.runs.outputs import marked_ours, output
from tests.cli.test_cli import write_book
from tests.live import REQUIRED
from tests.report.samples import EXAMPLE
from tests.rules.test_rules import BASE
from tests.support import changed

Capture = pytest.CaptureFixture[str]

#: Options and places of the command line that name a file to be written.
_OUTPUTS = {"output", "highlight", "unmark", "new"}
#: How a command is called that writes there; {given}, {word} … are inputs, {out} is the output. An output of a command that is
#: not in here fails the tests: whatever the parser knows is tried.
CALLS = {
    ("check", "output"): "check {given} -o {out}",
    ("check", "highlight"): "check {given} --highlight {out}",
    ("check", "unmark"): "check {marked} --unmark {out}",
    ("compare", "output"): "compare {given} {corrected} -o {out}",
    ("recalc", "output"): "recalc {given} -o {out}",
    ("undo", "output"): "undo {corrected} -o {out}",
    ("judge", "output"): "judge --csv {csv} -o {out}",
    ("rules", "new"): "rules --new {out}",
    ("rules", "output"): "rules --book {book} -o {out}",
    ("new", "output"): "new {out} --unit 某局",
    ("import", "output"): "import {given} -o {out}",
    ("export", "output"): "export {given} -o {out}",
    ("page", "output"): "page {out}",
}
#: Where the kind of input goes with the kind of output.
_OF_WORD = {("check", "highlight", ".docx"): "check {word} --highlight {out}"}
#: PDF takes LibreOffice (its mark is tried below), the page a built one (tests/cli/test_page.py); a copy of a workbook with macros
#: has the same mark as one without.
_ELSEWHERE = {".pdf", ".htm", ".log", ".ndjson"}


def _cases() -> Iterator[tuple[str, str, str]]:
    """Every output that a parser knows, in every format: command, name of the argument, extension."""
    for name, command in COMMANDS.items():
        for action in command.parser().added:
            if action.dest not in _OUTPUTS:
                continue
            endings = re.findall(r"\.[a-z]+", str(action.metavar))
            if (name, action.dest) == ("check", "output"):
                endings = [ending for some in EXTENSIONS.values() for ending in some]
            if (name, action.dest) in (("recalc", "output"), ("undo", "output")):
                endings = [".xlsx"]
            for ending in endings:
                if ending not in _ELSEWHERE and not (
                    name == "page" or (action.dest, ending) == ("highlight", ".xlsm")
                ):
                    yield name, action.dest, ending


CASES = list(_cases())


def test_every_output_is_tried() -> None:
    writing = {
        name
        for name, command in COMMANDS.items()
        if any(one.dest == "force" for one in command.parser().added)
    }
    into_folders = {"batch", "demo"}
    assert {name for name, _ in CALLS} | into_folders == writing
    assert {(name, dest) for name, dest, _ in CASES} | {("page", "output")} == CALLS.keys()


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("收件")
    wrong = changed(BASE, {"附件2 / 年度资金总额 / 执行率": "12.00%"})
    given = write_book(folder / "单位.xlsx", wrong)
    table = folder / "指标.csv"
    table.write_text("target,actual\n≥100人,374人\n", encoding="utf-8")
    for call in (
        ["recalc", str(given), "-o", str(folder / "更正.xlsx")],
        ["export", str(given), "-o", str(folder / "报告.docx")],
        ["check", str(given), "--highlight", str(folder / "标注.xlsx")],
        ["rules", "--new", str(folder / "规则.xlsx")],
    ):
        assert main(call) in (0, 1)
    names = {"corrected": "更正.xlsx", "word": "报告.docx", "marked": "标注.xlsx", "book": "规则.xlsx"}
    return {"given": given, "csv": table, **{key: folder / name for key, name in names.items()}}


@pytest.fixture(scope="module")
def fresh(inputs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., bytes]:
    """What a command writes where nothing stands, worked out once."""

    @cache
    def made(name: str, dest: str, ending: str) -> bytes:
        path = tmp_path_factory.mktemp("出") / f"出{ending}"
        assert main(call_of((name, dest, ending), inputs, path)) in (0, 1, 3)
        return path.read_bytes()

    return made


def call_of(case: tuple[str, str, str], inputs: dict[str, Path], out: Path) -> list[str]:
    words = _OF_WORD.get(case, CALLS[case[:2]])
    return [word.format(**inputs, out=out) for word in words.split()]


@pytest.fixture(params=CASES, ids=" ".join)
def written(
    request: pytest.FixtureRequest, inputs: dict[str, Path], fresh: Callable[..., bytes], tmp_path: Path
) -> tuple[list[str], Path]:
    """A command, and its output as it writes it."""
    path = tmp_path / f"出{request.param[2]}"
    path.write_bytes(fresh(*request.param))
    return call_of(request.param, inputs, path), path


def test_a_fresh_output_is_replaced(written: tuple[list[str], Path]) -> None:
    call, path = written
    assert main(call) in (0, 1, 3)
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def in_one_line(call: list[str], capsys: Capture) -> str:
    """What a call that is refused says."""
    capsys.readouterr()
    assert main(call) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1, error
    return error


def test_a_folder_that_takes_nothing(
    written: tuple[list[str], Path], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, path = written
    before, real = path.read_bytes(), os.access
    monkeypatch.setattr(os, "access", lambda at, mode: Path(at) != path.parent and real(at, mode))
    assert "没有写入权限" in in_one_line(call, capsys)
    assert path.read_bytes() == before


def test_a_full_disk(
    written: tuple[list[str], Path], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, path = written
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    assert "磁盘空间不足" in in_one_line(call, capsys)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def foreign(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 another unit's workbook")


def linked(path: Path) -> None:
    other = path.with_name("别人的")
    other.write_bytes(b"another unit's")
    path.unlink()
    path.symlink_to(other)


def edited(path: Path) -> None:
    """Whatever a person may do to it: a cell, a word, a line."""
    if path.suffix in (".xlsx", ".xlsm"):
        book = openpyxl.load_workbook(path, keep_vba=path.suffix == ".xlsm")
        sheet = next(one for one in book if one.sheet_state == "visible" and one.title != "校验结果")
        sheet.cell(sheet.max_row + 1, 1).value = "补充"
        book.save(path)
    elif path.suffix == ".docx":
        import docx

        document = docx.Document(str(path))
        document.add_paragraph("补充")
        document.save(str(path))
    elif path.suffix == ".html":
        path.write_bytes(path.read_bytes().replace(b"</main>", "<p>补充</p></main>".encode()))
    else:
        path.write_text("我的笔记\n", encoding="utf-8")


@pytest.mark.parametrize("done", [foreign, linked, edited])
def test_what_would_be_lost_is_not_overwritten(
    written: tuple[list[str], Path], done: Callable[[Path], None], capsys: Capture
) -> None:
    call, path = written
    done(path)
    before = path.read_bytes()
    error = in_one_line(call, capsys)
    assert "没有写入" in error
    assert "--force" in error
    assert path.read_bytes() == before
    assert main([*call, "--force"]) in (0, 1, 3)
    assert path.read_bytes() != before


def test_an_input_is_no_place_even_with_force(inputs: dict[str, Path], capsys: Capture) -> None:
    before = inputs["given"].read_bytes()
    assert main(["recalc", str(inputs["given"]), "-o", str(inputs["given"]), "--force"]) == 2
    assert "被检查的文件从不改动" in capsys.readouterr().err
    assert inputs["given"].read_bytes() == before


def test_a_fault_of_the_place_is_said_before_the_work(
    inputs: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def worked(*_: object, **__: object) -> None:
        raise AssertionError("worked before looking")

    monkeypatch.setattr("perfeval_xl.runs.checking.check", worked)
    assert main(["check", str(inputs["given"]), "-o", str(tmp_path / "没有" / "出.html")]) == 2
    assert main(["check", str(inputs["given"]), "-o", str(tmp_path / "出.doc")]) == 2
    assert main(["check", str(inputs["given"]), "--format", "html", "-o", str(tmp_path / "出.json")]) == 2


# -- 说明 -----------------------------------------------------------------------------------------------------


def explained(path: Path, text: str) -> str:
    """Type a 说明 beside the first warning of a marked copy; its fingerprint."""
    book = openpyxl.load_workbook(path)
    sheet = book["校验结果"]
    head = next(row for row in sheet.iter_rows() if row[0].value == "序号")
    columns = {str(cell.value): int(cell.column or 0) for cell in head}
    row = next(
        row
        for row in range(int(head[0].row or 0) + 1, sheet.max_row)
        if "核实" in str(sheet.cell(row, columns["级别"]).value)
    )
    sheet.cell(row, columns["说明"]).value = text
    book.save(path)
    return str(sheet.cell(row, columns["指纹"]).value)


def test_what_was_written_in_a_marked_copy_is_handed_on(tmp_path: Path) -> None:
    copy = tmp_path / "已标注.xlsx"
    call = ["check", str(EXAMPLE), "--highlight", str(copy)]
    main(call)
    key = explained(copy, "县里批准过")
    main(call)
    found = {finding.fingerprint: finding.accepted for finding in check(copy).findings}
    assert found[key] == "县里批准过"


def test_a_reason_that_nothing_answers_to_is_kept(tmp_path: Path) -> None:
    given, copy = tmp_path / "单位.xlsx", tmp_path / "已标注.xlsx"
    write_book(given, changed(BASE, {"附件2 / 年度资金总额 / 执行率": "12.00%"}))
    call = ["check", str(given), "--highlight", str(copy)]
    main(call)
    book = openpyxl.load_workbook(copy)
    sheet = book["校验结果"]
    head = next(row for row in sheet.iter_rows() if row[0].value == "序号")
    column = next(int(cell.column or 0) for cell in head if cell.value == "说明")
    sheet.cell(int(head[0].row or 0) + 1, column).value = "四舍五入"
    book.save(copy)
    write_book(given, BASE)
    for _ in range(2):
        assert main(call) in (0, 3)
        texts = {
            str(cell.value) for row in openpyxl.load_workbook(copy)["校验结果"].iter_rows() for cell in row
        }
        assert "四舍五入" in texts
        assert "说明已失效" in texts


def test_taking_marks_off_writes_over_nothing_newer(tmp_path: Path, capsys: Capture) -> None:
    given, copy = tmp_path / "单位.xlsx", tmp_path / "已标注.xlsx"
    write_book(given, BASE)
    main(["check", str(given), "--highlight", str(copy)])
    assert main(["check", str(copy), "--unmark", str(given)]) == 0  # itself
    write_book(given, changed(BASE, {"附件2 / 年度资金总额 / 全年执行数": 300}))
    newer = given.read_bytes()
    assert main(["check", str(copy), "--unmark", str(given)]) == 2
    assert "没有写入" in capsys.readouterr().err
    assert given.read_bytes() == newer


# -- the mark -------------------------------------------------------------------------------------------------


def test_a_marked_pdf_is_still_one() -> None:
    data = marked_ours(b"%PDF-1.7\nbody\n%%EOF\n", ".pdf")
    assert data.startswith(b"%PDF-1.7")
    assert data != marked_ours(b"%PDF-1.7\nother\n%%EOF\n", ".pdf")


@pytest.mark.skipif(libreoffice.program() is None and not REQUIRED, reason="LibreOffice is not installed")
def test_an_office_that_saves_changes_nothing(inputs: dict[str, Path], tmp_path: Path) -> None:
    made = {
        "标注.xlsx": ["check", str(EXAMPLE), "--highlight"],
        "更正.xlsx": ["recalc", str(inputs["given"]), "-o"],
        "新.xlsx": ["new"],
        "审核.docx": ["check", str(EXAMPLE), "-o"],
    }
    for name, call in made.items():
        assert main([*call, str(tmp_path / name)]) in (0, 1)
    saved = tmp_path / "存过"
    program = libreoffice.program()
    assert program is not None
    for ending in ("xlsx", "docx"):
        files = [str(path) for path in tmp_path.glob(f"*.{ending}")]
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        subprocess.run(
            [program, profile, "--headless", "--convert-to", ending, "--outdir", str(saved), *files],
            check=True, capture_output=True, timeout=300,
        )  # fmt: skip
    for name in made:
        shutil.copy(saved / name, tmp_path / name)
        output(tmp_path / name)
