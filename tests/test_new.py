"""`perfeval-xl new`: a workbook for one unit, ready to be filled in."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfeval_xl.checking import check
from perfeval_xl.cli import main
from perfeval_xl.hosts.loading import read_book
from perfeval_xl.hosts.package import Package
from perfeval_xl.hosts.template import Template, shipped


def test_unit_and_year_stand_in_every_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "新 单位.xlsx"
    assert (
        main(["new", str(path), "--unit", "甲县图书馆", "--year", "2025", "--policy", "national-2020"]) == 0
    )
    assert str(path) in capsys.readouterr().out
    report = check(path)
    assert (report.unit, report.year, report.policy_id, report.verdict) == (
        "甲县图书馆",
        2025,
        "national-2020",
        "pass",
    )
    assert {(found.rule, found.severity, found.row_label) for found in report.findings} == {
        ("PE701", "info", "尚未填写")
    }
    assert all(form.year == 2025 for form in report.forms)
    assert all(
        form.unit_name is not None and "图书馆" in form.unit_name.text
        for form in report.forms
        if form.kind != "narrative"
    )
    texts = {cell.text for grid in read_book(path).grids for cell in grid.cells.values()}
    assert {
        "2024年决算数",
        "2025年预算数",
        "2025年实际在职人数",
        "2025年度甲县图书馆整体支出绩效自评报告",
    } <= texts


def test_the_macro_variant_keeps_its_macros_and_ribbon(tmp_path: Path) -> None:
    path = tmp_path / "新单位.xlsm"
    assert main(["new", str(path), "--unit", "甲县图书馆", "--year", "2025"]) == 0
    before, after = Package.open(shipped(".xlsm")), Package.open(path)
    assert after.names == before.names
    for name in (
        "xl/vbaProject.bin",
        "customUI/customUI14.xml",
        "[Content_Types].xml",
        "xl/drawings/vmlDrawing1.vml",
    ):
        assert after.read(name) == before.read(name)
    report = check(path)
    assert (report.unit, report.year, report.verdict) == ("甲县图书馆", 2025, "pass")
    assert {found.row_label for found in report.findings} == {"尚未填写"}


def test_without_options_it_is_the_template(tmp_path: Path) -> None:
    path = tmp_path / "空.xlsx"
    assert main(["new", str(path)]) == 0
    written, template = Template(path), Template(shipped(".xlsx"))
    for name, part in template.parts.items():
        ours = {place: stored for place, stored in written.parts[name].stored().items() if place[0] > 1}
        theirs = {place: stored for place, stored in part.stored().items() if place[0] > 1}
        if name != "校验结果":
            assert ours == theirs, name


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["坏.docx"], "应以 .xlsm 或 .xlsx 结尾"),
        (["有.xlsx"], "已经存在，没有覆盖"),
        (["新.xlsx", "--year", "25"], "评价年度应是"),
        (["新.xlsx", "--policy", "没有"], "没有自带的政策"),
        (["没有的文件夹/新.xlsx"], "文件夹不存在"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "有.xlsx").write_bytes(b"")
    assert main(["new", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "新.xlsx"
    assert main(["new", str(path), "--unit", "=HYPERLINK(1)", "--year", "2025"]) == 0
    cells = [
        cell for grid in read_book(path).grids for cell in grid.cells.values() if "HYPERLINK" in cell.text
    ]
    assert cells
    assert all(cell.formula is None or not cell.formula.startswith("=HYPERLINK") for cell in cells)
