"""Rule books as files: new, both ways through TOML, loaded for a check, named, tried on a folder."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import openpyxl
import pytest

from perfeval_xl.cli import main
from perfeval_xl.errors import RuleBookError
from perfeval_xl.rules.book.records import COLUMNS
from perfeval_xl.runs.checking import check
from perfeval_xl.runs.rulebook import (
    as_toml,
    as_workbook,
    dry_run,
    load_books,
    names_of,
    new_book,
    read_rule_book,
    try_samples,
)
from tests.support import ROOT, TESTS

EXAMPLE_FILE = ROOT / "workbook" / "example-2023.xlsx"
THIRTY = TESTS / "rules" / "book" / "thirty.toml"


@pytest.fixture
def new(tmp_path: Path) -> Path:
    path = tmp_path / "审核规则.xlsx"
    path.write_bytes(new_book())
    return path


def test_a_new_book_is_right_and_none_of_its_rules_is_on(new: Path) -> None:
    book = read_rule_book(new)
    assert book.remarks == ()
    assert not any(rule.enabled for rule in book.rules)
    assert try_samples(book) == ([], 2 * len(book.rules))
    assert book.sha256 == hashlib.sha256(new.read_bytes()).hexdigest()


def test_a_new_book_has_lists_frozen_headings_and_texts(new: Path) -> None:
    sheets = openpyxl.load_workbook(new)
    sheet = sheets["审核公式"]
    assert sheets.sheetnames == ["审核公式", "名称表", "变更记录"]
    assert [cell.value for cell in sheet[3]] == list(COLUMNS)
    assert sheet.freeze_panes == "C4"
    assert {cell.number_format for cell in sheet[20]} == {"@"}
    lists = {rule.promptTitle: rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert set(lists) == set(COLUMNS)
    assert lists["级别"] == '"错误,核实,提示,错误（可说明）"'


def test_every_name_of_the_list_is_understood(new: Path) -> None:
    """名称表 is made of the tables by which formulas are read: what stands there can be written."""
    from perfeval_xl.rules.book.grammar import parse

    written = [row[1].value for row in openpyxl.load_workbook(new)["名称表"].iter_rows(min_row=2)]
    assert len(written) > 150
    for name in written:
        for one in str(name).split("、计数")[:1]:
            assert "…" in one or parse(f"{one} = 1")


def test_toml_and_workbook_are_the_same_book(tmp_path: Path) -> None:
    workbook, again = tmp_path / "县.xlsx", tmp_path / "县2.toml"
    workbook.write_bytes(as_workbook(THIRTY))
    again.write_bytes(as_toml(workbook))
    first, second, third = (read_rule_book(path) for path in (THIRTY, workbook, again))
    for book in (second, third):
        assert [
            (rule.code, rule.formula, rule.condition, rule.scope.form, rule.severity) for rule in book.rules
        ] == [
            (rule.code, rule.formula, rule.condition, rule.scope.form, rule.severity) for rule in first.rules
        ]
        assert book.title == first.title
    assert third.usable


def test_a_book_that_cannot_be_used_is_refused_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "坏.toml"
    path.write_text('[[rule]]\ncode = "县01"\nformula = "附件13[x] > 0"\n', encoding="utf-8")
    with pytest.raises(RuleBookError, match="第1行“公式”：没有“附件13”") as refused:
        load_books([path])
    assert "\n" not in str(refused.value)
    for missing in (tmp_path / "没有.toml", tmp_path / "没有.xlsx"):
        with pytest.raises(Exception, match="找不到"):
            load_books([missing])
    with pytest.raises(RuleBookError, match="不是审核规则"):
        load_books([EXAMPLE_FILE])


def test_two_books_may_not_use_one_number(tmp_path: Path) -> None:
    other = tmp_path / "另一本.toml"
    other.write_text(
        'title = "另一本"\n[[rule]]\ncode = "县01"\nformula = "附件2[项目支出] > 0"\n', encoding="utf-8"
    )
    with pytest.raises(RuleBookError, match="编号 县01 在“某县审核规则”和“另一本”里都有"):
        load_books([THIRTY, other])


def test_a_check_speaks_the_rules_of_its_books() -> None:
    report = check(EXAMPLE_FILE, policy="hunan-2023", rules=[THIRTY])
    own = [finding for finding in report.findings if finding.family == "bureau"]
    assert {finding.rule for finding in own} >= {"县05", "县09", "县13", "县14", "县19"}
    assert all(finding.place is not None and finding.fingerprint for finding in own)
    stamp = report.to_dict()["rules"]
    assert stamp == [
        {"id": "县", "title": "某县审核规则", "sha256": hashlib.sha256(THIRTY.read_bytes()).hexdigest()}
    ]
    without = check(EXAMPLE_FILE, policy="hunan-2023")
    built_in = {finding.fingerprint for finding in without.findings}
    assert built_in <= {finding.fingerprint for finding in report.findings}


def test_rules_of_a_book_can_be_chosen() -> None:
    report = check(EXAMPLE_FILE, policy="hunan-2023", rules=[THIRTY], select="县05")
    assert [finding.rule for finding in report.findings] == ["县05"]
    report = check(EXAMPLE_FILE, policy="hunan-2023", rules=[THIRTY], ignore="bureau")
    assert not any(finding.family == "bureau" for finding in report.findings)


def test_names_of_a_workbook_are_told_with_what_stands_there() -> None:
    found = {one.name: one.value for one in names_of(EXAMPLE_FILE)}
    assert found["附件2[项目支出]"] == "673.65"
    assert found["附件1[三公经费, 预算数]"] == "3"
    assert found["附件3-1[全年执行数]"] == "107.96"


def test_a_dry_run_says_how_often_each_rule_spoke_and_on_whom(tmp_path: Path) -> None:
    (tmp_path / "甲单位.xlsx").write_bytes(EXAMPLE_FILE.read_bytes())
    (tmp_path / "坏的.xlsx").write_bytes(b"PK\x03\x04")
    found = dry_run(load_books([THIRTY])[0], tmp_path)
    lines = {one.rule.code: one.line for one in found.tried}
    assert found.files == 2
    assert len(found.unread) == 1
    assert lines["县05"].endswith("用了 1 次，报了 1 次：甲单位.xlsx 1 次")
    assert lines["县02"].endswith("用了 1 次，没有报过")
    assert lines["县25"].endswith("从来没有用上（没有目标表）")


def test_the_command_makes_reads_and_tries_a_book(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["rules", "--new", "书.xlsx"]) == 0
    assert main(["rules", "--new", "书.xlsx"]) == 0  # as it was written: nothing is lost
    sheets = openpyxl.load_workbook("书.xlsx")
    sheets["审核公式"]["B4"] = "我的规则"
    sheets.save("书.xlsx")
    assert main(["rules", "--new", "书.xlsx"]) == 2
    assert main(["rules", "--new", "书.xlsx", "--force"]) == 0
    assert main(["rules", "--book", "书.xlsx", "--test", "-o", "书.toml"]) == 0
    assert "样例 10 个，0 处不符" in capsys.readouterr().out
    assert main(["rules", "--book", "书.toml", "-o", "书2.xlsx"]) == 0
    assert io.BytesIO(Path("书2.xlsx").read_bytes()).read(2) == b"PK"
    text = Path("书.toml").read_text(encoding="utf-8").replace("11.86, 17.22", "11.86, 18.22")
    Path("错.toml").write_text(text, encoding="utf-8")
    capsys.readouterr()
    assert main(["rules", "--book", "错.toml", "--test"]) == 1
    assert "应过样例没有通过：11.86 + 18.22 = 30.08，写的是 29.08" in capsys.readouterr().out
    Path("坏.toml").write_text(text.replace("附件2[项目支出] =", "附件13[项目支出] ="), encoding="utf-8")
    assert main(["rules", "--book", "坏.toml"]) == 2
    assert "没有“附件13”" in capsys.readouterr().out
    assert main(["check", str(EXAMPLE_FILE), "--rules", "坏.toml"]) == 2
    assert main(["check", str(EXAMPLE_FILE), "--rules", "书.toml", "--format", "json"]) == 1
