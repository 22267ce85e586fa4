"""One submission given as bytes, as an open file, or as several files."""

from __future__ import annotations

import hashlib
import io
import json
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from docx import Document

import perfeval_xl
from perfeval_xl import PolicyError, Unreadable, check, judge, to_dict, to_json
from perfeval_xl.cli import main
from tests.cli.test_cli import write_book
from tests.rules.test_rules import BASE
from tests.support import changed

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return write_book(tmp_path / "全.xlsx", BASE)


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """The tables in one file, the report in another; the money of the report is wrong."""
    rows = changed(BASE, {"附件2 / 年度资金总额 / 全年执行数": 300})
    tables = {name: cells for name, cells in rows.items() if name != "自评报告"}
    return [
        write_book(tmp_path / "表.xlsx", tables),
        write_book(tmp_path / "报告.xlsx", {"自评报告": rows["自评报告"]}),
    ]


def test_bytes_and_files_are_checked_as_paths_are(whole: Path) -> None:
    by_path = to_dict(check(whole, policy="hunan-2023"))
    data = whole.read_bytes()
    for report in (
        check(data, name=str(whole), policy="hunan-2023"),
        check(io.BytesIO(data), name=str(whole), policy="hunan-2023"),
    ):
        assert report.to_dict() == by_path
        assert json.loads(report.to_json()) == json.loads(to_json(report)) == by_path
    with whole.open("rb") as file:
        assert check(file, policy="hunan-2023").workbook == str(whole)


def test_bytes_that_are_no_workbook() -> None:
    with pytest.raises(Unreadable, match=r"扫描件\.xlsx"):
        check(b"%PDF-1.4", name="扫描件.xlsx")


def test_several_files_are_one_submission(parts: list[Path]) -> None:
    alone = check(parts[0], policy="hunan-2023")
    assert "缺自评报告" in [gap.reason for gap in alone.coverage.gaps]
    report = check(parts, policy="hunan-2023")
    assert report.coverage.gaps == ()
    assert report.files == ("表.xlsx", "报告.xlsx")
    assert {form.sheet: form.file for form in report.summaries}["自评报告"] == "报告.xlsx"
    places = [place for one in report.findings for place in (one.place, *one.related) if place is not None]
    assert {place.file for place in places} <= {"表.xlsx", "报告.xlsx"}
    assert all(place.file == ("报告.xlsx" if place.sheet == "自评报告" else "表.xlsx") for place in places)
    assert {finding.rule for finding in report.findings} >= {finding.rule for finding in alone.findings} - {
        "PE212"
    }


def test_sheets_of_one_name_are_told_apart(tmp_path: Path) -> None:
    first = write_book(tmp_path / "甲.xlsx", {"Sheet1": BASE["附件1"]})
    second = write_book(tmp_path / "乙.xlsx", {"Sheet1": BASE["附件2"]})
    report = check([first, second], policy="national-2020")
    assert [(form.kind, form.sheet, form.file) for form in report.summaries] == [
        ("basic", "Sheet1", "甲.xlsx"),
        ("overall", "Sheet1(乙.xlsx)", "乙.xlsx"),
    ]
    assert [(form["sheet"], form["file"]) for form in report.to_dict()["forms"]] == [
        ("Sheet1", "甲.xlsx"),
        ("Sheet1", "乙.xlsx"),
    ]


def test_marks_of_sheets_of_one_name_stand_in_their_own_file(tmp_path: Path, capsys: Capture) -> None:
    wrong = changed(BASE, {"附件2 / 年度资金总额 / 执行率": "12.00%"})
    write_book(tmp_path / "甲.xlsx", {"Sheet1": BASE["附件1"]})
    write_book(tmp_path / "乙.xlsx", {"Sheet1": wrong["附件2"]})
    folder = tmp_path / "标注"
    folder.mkdir()
    files = [str(tmp_path / name) for name in ("甲.xlsx", "乙.xlsx")]
    main(["check", *files, "--together", "--format", "json", "--highlight", str(folder)])
    found = [one for one in json.loads(capsys.readouterr().out)["findings"] if one["rule"] == "PE204"]
    assert [(one["file"], one["sheet"]) for one in found] == [("乙.xlsx", "Sheet1")]
    listed = openpyxl.load_workbook(folder / "乙-已标注.xlsx")["校验结果"]
    assert "Sheet1" in {cell.value for row in listed.iter_rows() for cell in row}


def test_the_audit_of_a_submission_names_every_file(parts: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "审核报告.docx"
    main(["check", *map(str, parts), "--together", "-o", str(out)])
    text = "".join(
        cell.text for table in Document(str(out)).tables for row in table.rows for cell in row.cells
    )
    for path in parts:
        assert path.name in text
        assert hashlib.sha256(path.read_bytes()).hexdigest() in text


def test_a_submission_is_recomputed_file_by_file(tmp_path: Path, capsys: Capture) -> None:
    wrong = changed(
        BASE, {"附件2 / 年度资金总额 / 执行率": "12.00%", "附件3-1 / 年度资金总额 / 执行率": "3.00%"}
    )
    overall = {name: rows for name, rows in wrong.items() if not name.startswith("附件3")}
    projects = {name: rows for name, rows in wrong.items() if name.startswith("附件3")}
    files = [write_book(tmp_path / "总.xlsx", overall), write_book(tmp_path / "项目.xlsx", projects)]
    folder = tmp_path / "更正"
    assert main(["recalc", *map(str, files), "-o", str(folder)]) == 2
    folder.mkdir()
    assert main(["recalc", *map(str, files), "-o", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "总.xlsx：附件2!" in said
    assert "项目.xlsx：附件3-1!" in said
    copies = [folder / "总-已更正.xlsx", folder / "项目-已更正.xlsx"]
    assert sorted(folder.iterdir()) == sorted(copies)
    assert {one.rule for one in check(copies).findings} & {"PE204"} == set()
    assert "PE204" in {one.rule for one in check(files).findings}


def test_two_workbooks_of_the_template_are_no_submission(tmp_path: Path, capsys: Capture) -> None:
    files = [tmp_path / "甲.xlsx", tmp_path / "乙.xlsx"]
    for path in files:
        assert main(["new", str(path)]) == 0
    assert main(["recalc", *map(str, files), "-o", str(tmp_path)]) == 2
    assert "一次更正一个" in capsys.readouterr().err


def test_together_on_the_command_line(parts: list[Path], tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "标注"
    call = ["check", *map(str, parts), "--together", "--policy", "hunan-2023", "--highlight", str(folder)]
    assert main(call) == 2
    folder.mkdir()
    capsys.readouterr()
    assert main([*call, "--format", "json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["files"] == ["表.xlsx", "报告.xlsx"]
    assert {finding["file"] for finding in data["findings"]} <= {"表.xlsx", "报告.xlsx", None}
    assert sorted(path.name for path in folder.iterdir()) == ["报告-已标注.xlsx", "表-已标注.xlsx"]


def test_judge_takes_what_a_cell_may_hold() -> None:
    assert judge(100, 95, weight=10).due == judge("100", "95", weight=Decimal(10)).due == Decimal("9.5")
    assert judge("≥100人", None).outcome == judge("≥100人", "").outcome == "blank"
    assert judge("≥100人", "374人", policy="hunan-2023").outcome == "exceeded"
    with pytest.raises(PolicyError):
        judge("≥100人", "374人", policy="没有的政策")


def test_everything_that_is_promised_can_be_imported() -> None:
    for name in perfeval_xl.__all__:
        assert getattr(perfeval_xl, name) is not None
