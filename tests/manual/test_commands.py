"""Every command line of the pages for users is run, in a folder that has the files the pages speak of: by a clerk's first and second
press of the return key, on a console of code page 936, and with the words that PowerShell, the command prompt and bash
make of it."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from perfeval_xl.cli import COMMANDS, main
from perfeval_xl.cli.ending import FOUND, INCOMPLETE, OK, UNUSABLE
from perfeval_xl.errors import PerfevalError
from perfeval_xl.runs.paging import built_page
from tests import word
from tests.manual.shells import Misread, agreed, in_bash
from tests.support import ROOT
from tests.test_documents import code_in

PAGES = (
    "README.md", "README.en.md", "docs/使用手册.md", "docs/审核公式.md", "docs/targets.md", "docs/rules.md", "docs/page.md",
    "docs/precision.md", "docs/cluster.md", "docs/calc-engine.md",
)  # fmt: skip
#: How the lines begin that somebody types; the README's test command is for bash alone.
_TYPED = re.compile(r"(?:perfeval-xl|python|pip|certutil) \S")
_FOR_BASH = re.compile(r"^python3 -m venv ")
#: The pages cut a fingerprint short.
_CUT = "3f2a…"
#: A living office, or a cluster, answers these.
_NOT_HERE = ("live", "--scheduler", "postgresql://")
EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
NEEDS_OFFICE = pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")


def lines() -> list[str]:
    """Every line that is typed, once."""
    found = (
        code.strip()
        for page in PAGES
        for code in code_in(page)
        if _TYPED.match(code.strip()) and not _FOR_BASH.match(code.strip())
    )
    return list(dict.fromkeys(found))


def test_there_are_many() -> None:
    assert len(lines()) > 50


@pytest.mark.parametrize("line", lines())
def test_every_shell_hands_over_the_same_words(line: str) -> None:
    assert in_bash([line]) == [agreed(line)]


@pytest.mark.parametrize(
    "line",
    [
        "pip install 'perfeval-xl[excel]'",
        "perfeval-xl demo && perfeval-xl doctor",
        "perfeval-xl check 单位.xlsx   # 在屏幕上看",
        "perfeval-xl judge ≤55% $x",
        'perfeval-xl check "%USERPROFILE%/单位.xlsx"',
        "perfeval-xl check 单位(1).xlsx",
        "perfeval-xl check a,b.xlsx",
        'perfeval-xl judge "≤55% 100%',
        "perfeval-xl check {a,b}.xlsx",
    ],
)
def test_what_one_shell_reads_otherwise_is_noticed(line: str) -> None:
    with pytest.raises((Misread, ValueError)):
        agreed(line)


# --- running them --------------------------------------------------------------------------------------------


def answered(words: Sequence[str], encoding: str = "utf-8") -> tuple[object, str]:
    """The exit code, and what a console of that encoding showed, standard error included."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n", write_through=True)
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        try:
            code: object = main(words)
        except SystemExit as ended:
            code = ended.code
    stream.flush()
    data = stream.buffer.getvalue()
    return code, data.decode(encoding if not data.startswith((b"{", b"[")) else "utf-8", "replace")


def made_by(*words: str) -> Callable[[Path], None]:
    """The file is what this call writes."""
    return lambda _path: _done(words)


def _done(words: Sequence[str]) -> None:
    code, told = answered(words)
    assert code in (OK, FOUND, INCOMPLETE), told


def copied(source: Path) -> Callable[[Path], None]:
    return lambda path: _copied(source, path)


def _copied(source: Path, path: Path) -> None:
    shutil.copyfile(source, path)


def said(text: str) -> Callable[[Path], None]:
    return lambda path: _said(path, text)


def _said(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def tables(path: Path) -> None:
    """The example's forms without its report."""
    import openpyxl

    book = openpyxl.load_workbook(EXAMPLE)
    del book["自评报告"]
    book.save(path)


def report(path: Path) -> None:
    path.write_bytes(word.build("before", clean=False))


def old_book(path: Path) -> None:
    """A workbook of Excel 97's format, which is WPS's .et too."""
    folder = path.absolute().parent / "convert"
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "xls",
         "--outdir", str(folder), str(EXAMPLE)], check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    shutil.move(folder / f"{EXAMPLE.stem}.xls", path)
    shutil.rmtree(folder)


def inbox(path: Path) -> None:
    """A folder of what has come in: one unit's workbook, another's two files."""
    (path / "乙单位").mkdir(parents=True)
    shutil.copyfile(EXAMPLE, path / "甲单位.xlsx")
    tables(path / "乙单位" / "表格.xlsx")
    report(path / "乙单位" / "报告.docx")


def unit_list(path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.create_sheet("名单", 0)
    for row in (("单位名称",), ("甲县图书馆",)):
        sheet.append(row)
    book.save(path)


#: How the files come about that the pages speak of, by the beginning of their names; the first that fits.
_FILES: tuple[tuple[str, Callable[[Path], None]], ...] = (
    (r"单位-已标注\.xlsx", made_by("check", str(EXAMPLE), "--highlight", "单位-已标注.xlsx")),
    (r"(?:单位-已更正|corrected)\.xlsx", lambda path: _corrected(path)),
    (r"(?:单位|unit)\.xlsm", lambda path: _done(("import", str(EXAMPLE), "-o", path.name))),
    (r"(?:表格|附件|tables)\.xlsx", tables),
    (r"退回通知模板\.docx", lambda path: _done(("notice", path.name))),
    (r".*报告\.docx|report\.docx", report),
    (r"项目\d\.(?:xls|et)", old_book),
    (r".*审核规则\.xlsx|BOOK\.xlsx", lambda path: _done(("rules", "--new", path.name))),
    (r"审核规则\.toml", lambda path: _rules_as_toml(path)),
    (r"指标\.csv", said("target,actual,indicator,weight\n≤55%,100%,满意度,5\n")),
    (r"说明\.toml", said('[[accepted]]\nfingerprint = "0000000000000000"\nreason = "年中追加采购预算"\n')),
    (r"名单\.xlsx", unit_list),
    (r"收件|INTAKE|上年文件夹", inbox),
    (r"标注|更正|审核报告", lambda path: path.mkdir()),
    (r"202\d\.xlsx|.*\.xlsx", copied(EXAMPLE)),
)


def _corrected(path: Path) -> None:
    _done(("recalc", str(EXAMPLE), "-o", path.name, "--apply", fingerprint()))


def _rules_as_toml(path: Path) -> None:
    _done(("rules", "--new", "一.xlsx"))
    _done(("rules", "--book", "一.xlsx", "-o", path.name))


#: Where a command writes, by option; of these commands the file in front.
_WRITTEN = {"-o", "--out", "--highlight", "--unmark", "--new", "--output"}
_MAKES_ITS_FILE = {"new", "page", "notice"}


def needed(words: Sequence[str]) -> Iterator[str]:
    """The names among a command's words that have to be there before."""
    command = words[0]
    for position, (before, name) in enumerate(zip(("", *words), words, strict=False)):
        written = before in _WRITTEN or (command in _MAKES_ITS_FILE and position == 1)
        folder = name in ("标注", "更正", "审核报告")
        if folder or (not written and not name.startswith("-") and before != "--unit"):
            yield name


def prepared(words: Sequence[str]) -> None:
    """The files a command speaks of, in the folder that is current."""
    for name in needed(words):
        wanted = [Path("甲.xlsx"), Path("乙.xlsx")] if name == "*.xlsx" else [Path(name)]
        make = next((make for pattern, make in _FILES if re.fullmatch(pattern, wanted[0].name)), None)
        for path in wanted if make is not None else ():
            assert make is not None
            if not path.exists():
                make(path)


def runnable() -> Iterator[object]:
    for line in lines():
        if (
            not line.startswith("perfeval-xl ")
            or "…" in line.replace(_CUT, "")
            or any(one in line for one in _NOT_HERE)
        ):
            continue
        marks = [NEEDS_OFFICE] if re.search(r"\.(?:pdf|xls|et|doc)\b(?!x)", line) else []
        yield pytest.param(line, marks=marks, id=line)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_folder: Path) -> None:
    """An empty folder of a clerk whose home is empty, too."""
    place = tmp_path / "我的 文件"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setenv("HOME", str(log_folder.parent))
    monkeypatch.setenv("COLUMNS", "100")


@pytest.mark.parametrize("line", list(runnable()))
@pytest.mark.usefixtures("folder")
def test_it_runs_as_it_stands_twice_and_is_readable_on_a_chinese_console(line: str) -> None:
    words = agreed(line)[1:]
    prepared(words)
    if _CUT in words:
        words[words.index(_CUT)] = fingerprint()
    first, told = answered(words, "cp936")
    assert first in expected(words), told
    assert "?" not in told, told
    assert "Traceback" not in told
    again, told = answered(words, "cp936")
    assert again in expected(words), told


def expected(words: Sequence[str]) -> tuple[int, ...]:
    """The exit codes with which a command has done what its page says."""
    if words[0] == "page" and not page_was_built():
        return (UNUSABLE,)
    checks = words[0] in ("check", "demo") and not {"--help", "--unmark"} & {*words}
    return (FOUND,) if checks else (OK,)  # the example has errors


def page_was_built() -> bool:
    try:
        built_page()
    except PerfevalError:
        return False
    return True


def fingerprint() -> str:
    """That of a finding which proposes something."""
    _done(("check", str(EXAMPLE), "--format", "json", "-o", "全部.json"))
    findings = json.loads(Path("全部.json").read_text(encoding="utf-8"))["findings"]
    return next(str(one["fingerprint"]) for one in findings if one["fix"])


def test_every_command_is_run_or_said_not_to_be() -> None:
    run = {agreed(line)[1] for line in lines() if agreed(line)[0] == "perfeval-xl"}
    assert {name for name in COMMANDS if name not in run} == set()
