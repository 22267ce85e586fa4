"""The command line: exit codes, one clear line for what cannot be done, and inputs that stay as they were."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import docx
import openpyxl
import pytest
import xlsxwriter
from jsonschema import Draft202012Validator

from perfeval_xl.cli import main
from perfeval_xl.hosts import libreoffice
from perfeval_xl.rules import engine  # noqa: F401  (registers the rules)
from perfeval_xl.rules.registry import RULES
from perfeval_xl.version import __version__
from tests import word
from tests.support import ROOT, TESTS, Rows, changed, read_yaml

EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
BASE = read_yaml(TESTS / "rules" / "base.yaml")
SCHEMA = json.loads((ROOT / "perfeval_xl/report/report-2.schema.json").read_text(encoding="utf-8"))
SETTLE = "附件1 / 项目支出： / 2023年决算数"

Capture = pytest.CaptureFixture[str]


def write_book(path: Path, sheets: Mapping[str, Rows]) -> Path:
    """A workbook of rows, as a clerk's Excel would save it; with a macro if it is an .xlsm."""
    book = xlsxwriter.Workbook(str(path))
    if path.suffix == ".xlsm":
        book.add_vba_project(io.BytesIO(b"\xd0\xcf\x11\xe0 any bytes"), is_stream=True)
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                if isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif value is not None:
                    sheet.write_number(row, column, float(value))
    book.close()
    return path


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """Only an info (one project was added during the year)."""
    return write_book(tmp_path / "干净.xlsx", BASE)


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """One error: 项目支出 of 附件1 is not the sum of its parts."""
    return write_book(tmp_path / "有错.xlsx", changed(BASE, {SETTLE: 111}))


@pytest.fixture
def noted(tmp_path: Path) -> Path:
    """A warning or two and no error."""
    return write_book(
        tmp_path / "需核实.xlsx",
        changed(BASE, {"附件2 / 读者满意度 / 年度指标值": "较高", "附件2 / 读者满意度 / 实际完成值": "98%"}),
    )


def only_line(capture: Capture) -> str:
    """Nothing on stdout, and the one line of stderr."""
    out, err = capture.readouterr()
    assert out == ""
    assert err.endswith("\n")
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    return err


# -- exit codes -----------------------------------------------------------------------------------------------


def severities(path: Path, capture: Capture) -> dict[str, int]:
    main(["check", str(path), "--format", "json", "--fail-on", "never"])
    summary = json.loads(capture.readouterr().out)["summary"]
    return {severity: summary[severity] for severity in ("error", "warning", "info")}


@pytest.mark.parametrize("name", ["clean", "noted", "wrong", "example"])
@pytest.mark.parametrize("fail_on", ["error", "warning", "info", "never", None])
def test_exit_codes(name: str, fail_on: str | None, request: pytest.FixtureRequest, capsys: Capture) -> None:
    path = EXAMPLE if name == "example" else request.getfixturevalue(name)
    counts = severities(path, capsys)
    first = {"clean": "info", "noted": "warning", "wrong": "error", "example": "error"}[name]
    assert next(severity for severity, count in counts.items() if count) == first
    levels = ["error", "warning", "info"]
    wanted = fail_on != "never" and levels.index(first) <= levels.index(fail_on or "error")
    options = ["--fail-on", fail_on] if fail_on else []
    assert main(["check", str(path), *options]) == int(wanted)
    assert capsys.readouterr().err == ""


def test_the_default_says_what_is_wrong(wrong: Path, capsys: Capture) -> None:
    assert main(["check", str(wrong)]) == 1
    out = capsys.readouterr().out
    assert "【附件1】" in out
    assert "结论：不通过" in out
    assert "甲县图书馆 2023年度" in out


# -- what cannot be read --------------------------------------------------------------------------------------


def nothing(path: Path) -> None:
    path.unlink(missing_ok=True)


def folder(path: Path) -> None:
    path.mkdir()


def empty_file(path: Path) -> None:
    path.write_bytes(b"")


def text_file(path: Path) -> None:
    path.write_text("这是一个文本文件，改了名。\n" * 20, encoding="utf-8")


def csv_file(path: Path) -> None:
    path.write_bytes("编制数,实有人数\n20,19\n".encode("gb18030"))


def truncated(path: Path) -> None:
    path.write_bytes(EXAMPLE.read_bytes()[:-4000])


def truncated_early(path: Path) -> None:
    path.write_bytes(EXAMPLE.read_bytes()[:1000])


def zeros(path: Path) -> None:
    path.write_bytes(EXAMPLE.read_bytes()[:2000] + bytes(20_000))


def word_file(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName='
            '"/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml'
            '.document.main+xml"/></Types>',
        )
        archive.writestr("word/document.xml", "<document/>")


def plain_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")


def old_encrypted(path: Path) -> None:
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"EncryptedPackage" * 200)


def pdf_file(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7\n" + b"x" * 500)


def no_form(path: Path) -> None:
    write_book(path, {"工资表": [["姓名", "金额"], ["甲", 1]], "空\u202e表": []})


BAD: list[Callable[[Path], None]] = [
    nothing, folder, empty_file, text_file, csv_file, truncated, truncated_early, zeros, word_file, plain_zip,
    old_encrypted, pdf_file, no_form,
]  # fmt: skip


@pytest.mark.parametrize("make", BAD)
def test_what_cannot_be_checked_is_one_line_and_2(
    make: Callable[[Path], None], tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / "某单位 表.xlsx"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    assert main(["check", str(path)]) == 2
    line = only_line(capsys)
    assert "某单位 表.xlsx" in line
    assert any("\u4e00" <= char <= "\u9fff" for char in line.replace("某单位", "").replace("表", ""))
    assert (path.read_bytes() if path.is_file() else None) == before
    assert main(["check", str(path), "--fail-on", "never"]) == 2


@pytest.mark.parametrize("make", [text_file, no_form])
def test_what_cannot_be_checked_leaves_no_output(
    make: Callable[[Path], None], tmp_path: Path, capsys: Capture
) -> None:
    path, out = tmp_path / "表.xlsx", tmp_path / "报告.txt"
    make(path)
    out.write_text("上次的报告", encoding="utf-8")
    assert main(["check", str(path), "-o", str(out)]) == 2
    only_line(capsys)
    assert out.read_text(encoding="utf-8") == "上次的报告"


@pytest.mark.skipif(os.name == "nt", reason="file names without control characters")
@pytest.mark.parametrize("make", [text_file, no_form])
def test_names_send_no_control_characters_to_the_terminal(
    make: Callable[[Path], None], tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / "\x1b[2J\u202e表\x9b.xlsx"
    make(path)
    assert main(["check", str(path)]) == 2
    line = only_line(capsys)
    assert not {"\x1b", "\x9b", "\u202e"} & set(line)
    assert "表" in line


def test_a_workbook_without_forms_as_json(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "工资.xlsx"
    no_form(path)
    assert main(["check", str(path), "--format", "json"]) == 2
    out, err = capsys.readouterr()
    data = json.loads(out)
    Draft202012Validator(SCHEMA).validate(data)
    assert data["verdict"] == "unreadable"
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--policy", "没有这个政策"],
        ["--policy", "没有.toml"],
        ["--accept", "没有.toml"],
    ],
)
def test_options_that_name_nothing(arguments: list[str], clean: Path, capsys: Capture) -> None:
    assert main(["check", str(clean), *arguments]) == 2
    assert "没有" in only_line(capsys)


@pytest.mark.parametrize("arguments", [[], ["check"], ["nonsense"], ["check", "x", "--fail-on", "maybe"]])
def test_usage_errors_are_2(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_version(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert __version__ in capsys.readouterr().out


# -- several files --------------------------------------------------------------------------------------------


def test_jsonl_is_one_object_a_line_and_the_worst_code(clean: Path, wrong: Path, capsys: Capture) -> None:
    assert main(["check", str(wrong), str(clean), "--format", "jsonl"]) == 1
    lines = capsys.readouterr().out.splitlines()
    found = [json.loads(line) for line in lines]
    assert [data["workbook"] for data in found] == [str(wrong), str(clean)]
    assert [data["verdict"] for data in found] == ["fail", "pass"]
    for data in found:
        Draft202012Validator(SCHEMA).validate(data)


def test_one_unreadable_file_does_not_stop_the_others(
    clean: Path, wrong: Path, tmp_path: Path, capsys: Capture
) -> None:
    missing = tmp_path / "没有.xlsx"
    assert main(["check", str(clean), str(missing), str(wrong), "--format", "jsonl"]) == 2
    out, err = capsys.readouterr()
    assert err.count("\n") == 1
    assert "没有.xlsx" in err
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["verdict"] for line in lines] == [lines[0]["verdict"], "unreadable", "fail"]
    assert lines[1]["workbook"] == str(missing)
    assert "没有.xlsx" in lines[1]["reason"]
    for line in lines:
        Draft202012Validator(SCHEMA).validate(line)


@pytest.mark.parametrize("format", ["json", "html"])
def test_one_object_for_several_files_is_refused(
    format: str, clean: Path, wrong: Path, capsys: Capture
) -> None:
    assert main(["check", str(clean), str(wrong), "--format", format]) == 2
    assert "jsonl" in only_line(capsys)


def test_several_as_text(clean: Path, wrong: Path, capsys: Capture) -> None:
    assert main(["check", str(clean), str(wrong)]) == 1
    out = capsys.readouterr().out
    assert out.count("结论：") == 2


def test_what_is_incomplete_has_a_code_of_its_own(clean: Path, wrong: Path, capsys: Capture) -> None:
    one = ["check", str(clean), "--policy", "hunan-2023"]
    assert main(one) == 0
    due = write_book(
        clean.parent / "缺表.xlsx", {name: rows for name, rows in BASE.items() if name != "附件1"}
    )
    missing = ["check", str(due), "--policy", "hunan-2023"]
    capsys.readouterr()
    assert main(missing) == 3
    assert "未查全：缺附件1" in capsys.readouterr().out.splitlines()[1]
    assert main([*missing, "--fail-on", "never"]) == 0
    assert main([*missing, "--partial"]) == 0
    assert main([*missing, "--select", "PE1*"]) == 0
    assert main(["check", str(clean), *missing[1:]]) == 3
    assert main(["check", str(wrong), *missing[1:]]) == 1
    assert main(["check", str(wrong), "没有.xlsx", *missing[1:]]) == 2
    capsys.readouterr()
    assert main([*missing, "--format", "json", "--partial"]) == 0
    assert json.loads(capsys.readouterr().out)["coverage"]["gaps"] == []


# -- outputs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["text", "json", "jsonl", "html"])
def test_output_to_a_file(format: str, clean: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "出 处" / "报告"
    out.parent.mkdir()
    for _ in range(2):
        assert main(["check", str(clean), "--format", format, "-o", str(out)]) == 0
        assert capsys.readouterr() == ("", f"已写：{out}；结论：通过（提示 2）\n")
    assert "甲县图书馆" in out.read_text(encoding="utf-8")
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_several_to_one_file(clean: Path, wrong: Path, tmp_path: Path) -> None:
    out = tmp_path / "all.jsonl"
    assert main(["check", str(clean), str(wrong), "--format", "jsonl", "-o", str(out)]) == 1
    assert len([json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]) == 2


@pytest.mark.parametrize("option", ["-o", "--highlight"])
def test_the_input_is_never_written(option: str, wrong: Path, tmp_path: Path, capsys: Capture) -> None:
    before = wrong.read_bytes()
    link = tmp_path / "链接.xlsx"
    link.symlink_to(wrong)
    for output in (wrong, link, tmp_path / "x" / ".." / wrong.name):
        (tmp_path / "x").mkdir(exist_ok=True)
        assert main(["check", str(wrong), option, str(output)]) == 2
        out, err = capsys.readouterr()
        assert err.count("\n") == 1
        assert ("被检查的文件" if option == "--highlight" else "扩展名") in err
        assert (out == "") or option == "--highlight"
        assert wrong.read_bytes() == before
    assert link.is_symlink()


def test_the_second_input_is_not_written_either(clean: Path, wrong: Path, capsys: Capture) -> None:
    before = wrong.read_bytes()
    assert main(["check", str(clean), str(wrong), "--format", "jsonl", "-o", str(wrong)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert wrong.read_bytes() == before


def test_the_accepted_file_is_not_written(clean: Path, tmp_path: Path) -> None:
    reasons = tmp_path / "说明.toml"
    reasons.write_text('[[accepted]]\nfingerprint = "0"\nreason = "因"\n', encoding="utf-8")
    before = reasons.read_bytes()
    assert main(["check", str(clean), "--accept", str(reasons), "-o", str(reasons)]) == 2
    assert reasons.read_bytes() == before


def test_highlight_writes_a_copy(wrong: Path, tmp_path: Path, capsys: Capture) -> None:
    before = wrong.read_bytes()
    out = tmp_path / "标注.xlsx"
    assert main(["check", str(wrong), "--highlight", str(out)]) == 1
    assert wrong.read_bytes() == before
    assert "标注.xlsx" in capsys.readouterr().err
    assert "校验结果" in openpyxl.load_workbook(out).sheetnames
    assert main(["check", str(out)]) == 1


def test_unmark_gives_back_the_checked_file(wrong: Path, tmp_path: Path, capsys: Capture) -> None:
    marked, plain = tmp_path / "标注.xlsx", tmp_path / "原样.xlsx"
    main(["check", str(wrong), "--highlight", str(marked)])
    capsys.readouterr()
    assert main(["check", str(marked), "--unmark", str(plain)]) == 0
    assert "逐字节相同" in only_line(capsys)
    assert plain.read_bytes() == wrong.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["{wrong}", "--unmark", "{out}.xlsx"], "没有本工具的标注"),
        (["{wrong}", "{wrong}", "--unmark", "{out}.xlsx"], "一次只能处理一个文件"),
        (["{wrong}", "--unmark", "{out}.xlsx", "--highlight", "{out}2.xlsx"], "不能和"),
        (["{marked}", "--unmark", "{out}.xlsm"], "扩展名 .xlsx"),
        (["{marked}", "--unmark", "{marked}"], "被检查的文件"),
        (["{wrong}", "--limit", "cells=0"], "正整数"),
        (["{wrong}", "--limit", "格=5"], "没有限制项"),
        (["{wrong}", "--limit", "cells=5"], "单元格太多"),
    ],
)
def test_what_cannot_be_done_with_a_copy(
    arguments: list[str], reason: str, wrong: Path, tmp_path: Path, capsys: Capture
) -> None:
    marked = tmp_path / "标注.xlsx"
    main(["check", str(wrong), "--highlight", str(marked)])
    capsys.readouterr()
    names = {"wrong": wrong, "marked": marked, "out": tmp_path / "出"}
    assert main(["check", *(argument.format(**names) for argument in arguments)]) == 2
    assert reason in only_line(capsys)
    assert not list(tmp_path.glob("出*"))


def test_a_copy_with_macros_keeps_the_extension_excel_wants(tmp_path: Path, capsys: Capture) -> None:
    source = write_book(tmp_path / "带宏.xlsm", BASE)
    assert main(["check", str(source), "--highlight", str(tmp_path / "标注.xlsx"), "--fail-on", "never"]) == 0
    assert "标注副本改用扩展名 .xlsm" in capsys.readouterr().err
    assert (tmp_path / "标注.xlsm").is_file()
    assert not (tmp_path / "标注.xlsx").exists()


def test_the_report_and_the_copy_are_two_files(clean: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "同一个.xlsx"
    assert main(["check", str(clean), "-o", str(out), "--highlight", str(out)]) == 2
    only_line(capsys)
    assert not out.exists()


def test_highlight_takes_one_file(clean: Path, wrong: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "标注.xlsx"
    assert main(["check", str(clean), str(wrong), "--highlight", str(out)]) == 2
    only_line(capsys)
    assert not out.exists()


@pytest.mark.parametrize("option", ["-o", "--highlight"])
@pytest.mark.parametrize("kind", ["missing folder", "folder", "file as folder"])
def test_outputs_that_cannot_be_written(
    option: str, kind: str, clean: Path, tmp_path: Path, capsys: Capture
) -> None:
    output = {
        "missing folder": tmp_path / "没有" / "a",
        "folder": tmp_path,
        "file as folder": clean / "a",
    }[kind]
    if kind != "folder":
        output = output.with_suffix(".xlsx" if option == "--highlight" else ".html")
    assert main(["check", str(clean), option, str(output)]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "无法写入" in err


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root writes anywhere")
@pytest.mark.parametrize("option", ["-o", "--highlight"])
def test_a_read_only_folder_is_one_line(option: str, clean: Path, tmp_path: Path, capsys: Capture) -> None:
    closed = tmp_path / "只读"
    closed.mkdir(mode=0o555)
    assert main(["check", str(clean), option, str(closed / "a.xlsx")]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "写入权限" in err


# -- 审核报告 -------------------------------------------------------------------------------------------------


def audited(path: Path) -> str:
    """All text of an 审核报告 in Word."""
    document = docx.Document(str(path))
    return "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)


@pytest.mark.parametrize("given", [["--format", "docx"], []])
def test_an_audit_report_in_word(given: list[str], wrong: Path, tmp_path: Path, capsys: Capture) -> None:
    target = tmp_path / "报告.docx"
    assert main(["check", str(wrong), *given, "-o", str(target)]) == 1
    assert only_line(capsys).startswith(f"已写审核报告：{target}；结论：不通过（错误 1")
    text = audited(target)
    assert "有错.xlsx" in text
    assert hashlib.sha256(wrong.read_bytes()).hexdigest() in text
    assert "项目支出合计不等于" in text or "PE103" in text


def test_an_audit_report_of_chosen_rules_says_so(wrong: Path, tmp_path: Path) -> None:
    target = tmp_path / "报告.docx"
    main(["check", str(wrong), "-o", str(target), "--select", "PE1*", "--ignore", "PE111"])
    assert "只检查规则 PE1*；不检查规则 PE111" in audited(target)


def test_audit_reports_of_several_files_go_into_a_folder(
    clean: Path, wrong: Path, tmp_path: Path, capsys: Capture
) -> None:
    folder, other = tmp_path / "审核报告", tmp_path / "另一处"
    folder.mkdir()
    other.mkdir()
    again = shutil.copy(clean, other)
    broken = tmp_path / "坏.xlsx"
    broken.write_bytes(b"")
    files = [str(clean), str(broken), str(wrong), str(again)]
    assert main(["check", *files, "--format", "docx", "-o", str(folder)]) == 2
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["干净-审核报告.docx", "有错-审核报告.docx", "干净-审核报告（2）.docx"]
    )
    assert capsys.readouterr().err.count("\n") == 4


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--format", "docx"], "加 -o 报告.docx"),
        (["--format", "pdf"], "加 -o 报告.pdf"),
        (["--format", "pdf", "-o", "a.docx"], "扩展名 .pdf"),
        (["second.xlsx", "--format", "docx", "-o", "a.docx"], "请先建立文件夹"),
        (["second.xlsx", "-o", "a.pdf"], "请先建立文件夹"),
    ],
)
def test_an_audit_report_that_has_no_place(
    arguments: list[str], reason: str, wrong: Path, capsys: Capture, tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    assert main(["check", str(wrong), *arguments]) == 2
    assert reason in only_line(capsys)
    assert sorted(tmp_path.iterdir()) == before


def test_an_audit_report_never_replaces_the_checked_file(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "自评报告.docx"
    path.write_bytes(word.build("before", False))
    before = path.read_bytes()
    assert main(["check", str(path), "-o", str(path)]) == 2
    assert "从不改动" in only_line(capsys)
    assert path.read_bytes() == before


def test_no_audit_report_of_a_file_without_forms(tmp_path: Path, capsys: Capture) -> None:
    path = write_book(tmp_path / "无表.xlsx", {"Sheet1": [["电话簿"]]})
    target = tmp_path / "报告.docx"
    assert main(["check", str(path), "-o", str(target)]) == 2
    assert "没有找到绩效自评表" in only_line(capsys)
    assert not target.exists()


def test_an_audit_report_as_pdf_without_libreoffice(
    wrong: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libreoffice, "program", lambda: None)
    assert main(["check", str(wrong), "-o", str(tmp_path / "报告.pdf")]) == 2
    assert "没有找到 LibreOffice，不能生成 PDF" in only_line(capsys)
    monkeypatch.setattr(libreoffice, "program", lambda: str(tmp_path / "没有这个程序"))
    assert main(["check", str(wrong), "-o", str(tmp_path / "报告.pdf")]) == 2
    assert "启动不了" in only_line(capsys)


# -- choosing rules and policies ------------------------------------------------------------------------------


def rules_of(capture: Capture) -> set[str]:
    return {finding["rule"] for finding in json.loads(capture.readouterr().out)["findings"]}


def test_select_and_ignore(capsys: Capture) -> None:
    common = ["check", str(EXAMPLE), "--policy", "hunan-2023", "--format", "json"]
    main(common)
    everything = rules_of(capsys)
    assert {rule[:3] for rule in everything} >= {"PE1", "PE2", "PE4", "PE7"}
    main([*common, "--select", "PE1*，PE702"])
    assert rules_of(capsys) == {rule for rule in everything if rule.startswith("PE1") or rule == "PE702"}
    main([*common, "--ignore", "PE1*, PE702"])
    assert rules_of(capsys) == {rule for rule in everything if not rule.startswith("PE1") and rule != "PE702"}
    main([*common, "--select", "PE1*", "--ignore", "PE1*"])
    assert rules_of(capsys) == set()
    main([*common, "--select", "totals,completeness.shifted"])
    assert rules_of(capsys) == {rule for rule in everything if rule.startswith("PE1") or rule == "PE702"}
    main([*common, "--ignore", "pe1*,Completeness"])
    assert rules_of(capsys) == {rule for rule in everything if rule[:3] not in ("PE1", "PE7")}


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_a_word_that_fits_no_rule_is_refused_before_anything_is_read(option: str, capsys: Capture) -> None:
    assert main(["check", "没有.xlsx", "也没有.xlsx", option, "PE101,rate.staff"]) == 2
    said = only_line(capsys)
    assert "rate.staff" in said
    assert "rates.staff" in said
    assert "没有.xlsx" not in said


def test_the_policy_that_is_named_holds(clean: Path, capsys: Capture) -> None:
    main(["check", str(clean), "--policy", "hunan-2023", "--format", "json"])
    assert json.loads(capsys.readouterr().out)["policy"]["id"] == "hunan-2023"
    main(["check", str(clean), "--format", "json"])
    assert json.loads(capsys.readouterr().out)["policy"]["id"] == "national-2020"


def test_policy(tmp_path: Path, capsys: Capture) -> None:
    assert main(["policy"]) == 0
    listed = capsys.readouterr().out
    assert "national-2020" in listed
    assert "hunan-2023" in listed
    assert main(["policy", "hunan-2023"]) == 0
    assert "hunan-2023" in capsys.readouterr().out
    assert main(["policy", "nowhere-1999"]) == 2
    assert "nowhere-1999" in only_line(capsys)
    bad = tmp_path / "坏.toml"
    bad.write_text("id = 3\nsurprise = true\n", encoding="utf-8")
    assert main(["policy", str(bad)]) == 2
    assert "坏.toml" in only_line(capsys)


def test_rules(capsys: Capture) -> None:
    assert main(["rules"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == sorted(RULES)
    assert main(["rules", "pe401"]) == 0
    assert "如何改" in capsys.readouterr().out
    assert main(["rules", "--format", "json"]) == 0
    assert {rule["code"] for rule in json.loads(capsys.readouterr().out)} == set(RULES)
    assert main(["rules", "PE101", "--format", "markdown"]) == 0
    assert capsys.readouterr().out.startswith("### PE101 ")
    assert main(["rules", "rates.staff"]) == 0
    assert capsys.readouterr().out.startswith("PE201  ")
    assert main(["rules", "totals,PE9*"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == sorted(code for code in RULES if code[:3] in ("PE1", "PE9"))
    for format in ("text", "json", "markdown"):
        assert main(["rules", "PE000", "--format", format]) == 2
        assert "PE000" in only_line(capsys)


def test_judge(capsys: Capture) -> None:
    assert main(["judge", "≥100人", "374人", "--indicator", "职称评定数", "--weight", "2"]) == 0
    assert "374" in capsys.readouterr().out
    assert main(["judge", "≤30天", "45天", "--weight", "5", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert set(data) == {"outcome", "ratio", "due", "explain"}
    assert data["outcome"] == "not_met"
    assert main(["judge", "≥100人", "80人", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["due"] is None


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["", ""], "年度指标值是空的"),
        (["　", "5"], "年度指标值是空的"),
        (["≥5", " "], "实际完成值是空的"),
        (["≥5", "5", "--weight", "-1"], "分值不能是负数：-1"),
        (["≥5", "5", "--weight", "-0.01"], "分值不能是负数：-0.01"),
    ],
)
def test_judge_refuses_what_cannot_be_judged(values: list[str], reason: str, capsys: Capture) -> None:
    assert main(["judge", *values, "--format", "json"]) == 2
    assert reason in only_line(capsys)


def test_a_weight_of_zero_is_one(capsys: Capture) -> None:
    assert main(["judge", "≥5", "5", "--weight", "0"]) == 0
    assert "应得 0 分" in capsys.readouterr().out


@pytest.mark.parametrize("weight", ["很多", "", "1/2", "NaN", "Infinity"])
def test_judge_refuses_a_weight_that_is_no_number(weight: str, capsys: Capture) -> None:
    assert main(["judge", "≥100人", "50人", "--weight", weight]) == 2
    assert "不是数字" in only_line(capsys)


def test_judge_refuses_an_unknown_policy(capsys: Capture) -> None:
    assert main(["judge", "≥1", "2", "--policy", "nowhere"]) == 2
    only_line(capsys)


def test_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.chdir(tmp_path)
    before = EXAMPLE.read_bytes()
    assert main(["demo"]) == 1
    assert "结论：不通过" in capsys.readouterr().out
    page = tmp_path / "perfeval-demo" / "校验报告.html"
    assert "不通过" in page.read_text(encoding="utf-8")
    assert "校验结果" in openpyxl.load_workbook(tmp_path / "perfeval-demo" / "示例-已标注.xlsx").sheetnames
    assert EXAMPLE.read_bytes() == before


def test_demo_where_a_file_stands(tmp_path: Path, capsys: Capture) -> None:
    place = tmp_path / "挡路"
    place.write_text("x", encoding="utf-8")
    assert main(["demo", "--out", str(place)]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "挡路" in err


# -- streams, paths, processes --------------------------------------------------------------------------------


class Gbk(io.TextIOWrapper):
    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="gbk", write_through=True)


@pytest.mark.parametrize(
    ("command", "code", "encoding", "word"),
    [
        ("check {example}", 1, "gbk", "附件1"),
        ("check {example} --format json", 1, "utf-8", "附件1"),
        ("check {example} --format jsonl", 1, "utf-8", "附件1"),
        ("check {example} --format html", 1, "utf-8", "附件1"),
        ("rules PE401", 0, "gbk", "说明"),
        ("rules PE401 --format json", 0, "utf-8", "说明"),
        ("judge ≥100人 374人", 0, "gbk", "374"),
        ("judge ≥100人 374人 --format json", 0, "utf-8", "完成"),
    ],
)
def test_a_gbk_console_in_process(
    command: str, code: int, encoding: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What people read is in the console's encoding; what programs read is UTF-8."""
    stream = Gbk()
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(command.format(example=EXAMPLE).split()) == code
    data = stream.buffer.getvalue()  # type: ignore[attr-defined]
    assert word in data.decode(encoding)
    if " --format json" in command:
        assert [json.loads(text) for text in ([data] if "jsonl" not in command else data.splitlines())]


def test_a_chinese_path_with_spaces(tmp_path: Path, capsys: Capture) -> None:
    place = tmp_path / "某某 单位（2023年）" / "绩效 自评.xlsx"
    place.parent.mkdir()
    write_book(place, BASE)
    assert main(["check", str(place), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["workbook"] == str(place)


@pytest.mark.skipif(sys.platform != "linux", reason="file names that are no text")
@pytest.mark.parametrize("format", ["text", "json", "html"])
def test_a_file_name_that_is_no_text(format: str, tmp_path: Path, capsys: Capture) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xce\xc4.xlsx"))
    write_book(tmp_path / "a.xlsx", BASE).rename(path)
    out = tmp_path / "out"
    assert main(["check", str(path), "--format", format, "-o", str(out)]) == 0
    assert "甲县图书馆" in out.read_text(encoding="utf-8")
    assert main(["check", str(path), "--format", format]) == 0
    capsys.readouterr()


def run(*arguments: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, cwd=cwd, env=environment, timeout=120, check=False
    )


def test_a_gbk_console(tmp_path: Path) -> None:
    path = write_book(tmp_path / "甲 单位.xlsx", changed(BASE, {SETTLE: 111}))
    done = run("-m", "perfeval_xl", "check", str(path), cwd=tmp_path, PYTHONIOENCODING="gbk")
    assert done.returncode == 1, done.stderr
    assert done.stderr == b""
    text = done.stdout.decode("gbk")
    assert "× 错误" in text
    assert "甲 单位.xlsx" in text


def test_an_unreadable_file_in_a_process(tmp_path: Path) -> None:
    text_file(tmp_path / "表.xlsx")
    done = run("-m", "perfeval_xl", "check", "表.xlsx", cwd=tmp_path, PYTHONIOENCODING="utf-8")
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.count(b"\n") == 1
    assert "表.xlsx" in done.stderr.decode("utf-8")


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    done = run("-X", "importtime", "-m", "perfeval_xl", "--help", cwd=tmp_path, PYTHONIOENCODING="utf-8")
    assert done.returncode == 0
    assert "check" in done.stdout.decode("utf-8")
    lines = done.stderr.decode("utf-8").splitlines()
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in lines if "|" in line}
    assert "perfeval_xl" in loaded
    assert not loaded & {"openpyxl", "lxml", "jinja2", "rich", "pandas", "numpy", "python_calamine"}


def test_last_years_file_of_another_year_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, same = ROOT / "workbook" / "example-2023.xlsx", tmp_path / "同年.xlsx"
    same.write_bytes(path.read_bytes())
    assert main(["check", str(path), "--previous", str(same), "--select", "PE512"]) == 0
    assert "没有与上年文件核对：给出的上年文件是2023年度的" in capsys.readouterr().err
    assert main(["check", str(path), str(path), "--previous", str(path), "--format", "jsonl"]) == 2
    assert "--previous" in capsys.readouterr().err
    assert main(["check", str(path), "--previous", str(tmp_path / "没有.xlsx")]) == 2
    assert "找不到" in capsys.readouterr().err
