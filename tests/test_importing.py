"""Import: the same findings before and after, every cell accounted for, all or nothing."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from perfeval_xl.checking import check
from perfeval_xl.cli import main
from perfeval_xl.findings import Report
from perfeval_xl.hosts.loading import read_book
from perfeval_xl.importing import Imported, ImportFailure, import_files
from tests import word
from tests.support import ROOT

EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
CLEAN = ROOT / "workbook" / "example" / "clean-2023.xlsx"


@pytest.fixture(scope="session")
def layouts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The example and its clean twin in every layout, as workbooks and as Word files."""
    folder = tmp_path_factory.mktemp("layouts")
    builder = ROOT / "workbook" / "build_example.py"
    subprocess.run([sys.executable, str(builder), "--out", str(folder)], check=True, capture_output=True)
    for layout in word.LAYOUTS:
        for clean in (False, True):
            name = f"{'clean' if clean else 'example'}-2023-{layout}.docx"
            (folder / name).write_bytes(word.build(layout, clean))
    return {path.name: path for path in folder.iterdir()}


NAMES = [
    f"{which}-2023-{layout}"
    for which in ("example", "clean")
    for layout in ("own.xlsx", "stacked.xlsx", "text.xlsx", *(f"{layout}.docx" for layout in word.LAYOUTS))
]


def said(report: Report) -> Counter[tuple[Any, ...]]:
    return Counter(
        (found.rule, found.severity, found.row_label, found.expected, found.actual)
        for found in report.findings
    )


def imported(folder: Path, *sources: Path, suffix: str = ".xlsx", **options: Any) -> tuple[Imported, Path]:
    done = import_files(sources, suffix, **options)
    path = folder / f"导入{suffix}"
    path.write_bytes(done.data)
    return done, path


# -- parity ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_check_finds_the_same_before_and_after(name: str, layouts: dict[str, Path], tmp_path: Path) -> None:
    done, path = imported(tmp_path, layouts[name])
    before, after = check(layouts[name]), check(path)
    assert said(after) == said(before)
    assert (after.unit, after.year, after.policy_id) == (before.unit, before.year, before.policy_id)
    assert done.unplaced == ()


# -- nothing is dropped ---------------------------------------------------------------------------------------


def test_what_stands_beside_the_forms_is_listed_in_the_workbook_too(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.load_workbook(EXAMPLE)
    book["附件1"]["J9"] = "另有代管资金12.5万元"
    book["附件3-2"]["L12"] = 77
    book.create_sheet("车辆台账").append(["车牌", "里程"])
    source = tmp_path / "单位.xlsx"
    book.save(source)
    done, path = imported(tmp_path, source)
    assert [text.partition("（")[0].partition("　")[0] for text in done.unplaced] == [
        "附件1!J9", "附件3-2!L12", "车辆台账!A1", "车辆台账!B1",
    ]  # fmt: skip
    log = next(grid for grid in read_book(path).grids if grid.sheet == "导入记录")
    kept = [[log.cells[row, column].text for column in (3, 4, 5)] for row in range(4, 8)]
    assert kept == [
        ["附件1", "J9", "另有代管资金12.5万元"],
        ["附件3-2", "L12", "77"],
        ["车辆台账", "A1", "车牌"],
        ["车辆台账", "B1", "里程"],
    ]
    assert said(check(path)) == said(check(EXAMPLE))  # the record is no form


# -- the command line -----------------------------------------------------------------------------------------


def test_the_command_says_what_went_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "单位.xlsm"
    assert main(["import", str(EXAMPLE), "-o", str(out)]) == 0
    text = capsys.readouterr().out
    assert "附件3-7 附件3-7 → 附件3-7：" in text
    assert "没有遗漏" in text
    assert check(out).policy_id == "national-2020"


@pytest.mark.parametrize(
    ("sources", "out", "line"),
    [
        (["没有.xlsx"], "单位.xlsx", "没有.xlsx：找不到这个文件"),
        (["好.xlsx", "坏.xlsx", "没有.docx"], "单位.xlsx", "（共 2 个文件读不了）没有导入任何内容"),
        (["好.xlsx", "好.xlsx"], "单位.xlsx", "同一个文件写了两次"),
        (["无关.xlsx"], "单位.xlsx", "无关.xlsx：没有找到绩效自评表或自评报告"),
        (["好.xlsx"], "好.xlsx", "已经存在，没有覆盖"),
        (["好.xlsx"], "单位.docx", "新文件应以 .xlsm 或 .xlsx 结尾"),
    ],
)
def test_bad_input_gets_one_line_and_nothing_is_written(
    sources: list[str], out: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import openpyxl

    (tmp_path / "好.xlsx").write_bytes(EXAMPLE.read_bytes())
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04")
    openpyxl.Workbook().save(tmp_path / "无关.xlsx")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert main(["import", *(str(tmp_path / name) for name in sources), "-o", str(tmp_path / out)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert line in said.err
    assert said.err.count("\n") == 1
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_several_sources_make_one_workbook(tmp_path: Path) -> None:
    import openpyxl

    tables = openpyxl.load_workbook(EXAMPLE)
    del tables["自评报告"]
    tables.save(tmp_path / "附件.xlsx")
    report = openpyxl.load_workbook(EXAMPLE)
    for name in report.sheetnames:
        if name != "自评报告":
            del report[name]
    report.save(tmp_path / "报告.xlsx")
    done, path = imported(tmp_path, tmp_path / "报告.xlsx", tmp_path / "附件.xlsx")
    assert said(check(path)) == said(check(EXAMPLE))
    assert done.unplaced == ()
    assert {form.source for form in done.forms} >= {"报告.xlsx｜自评报告", "附件.xlsx｜附件1"}


def test_nothing_is_imported_from_an_empty_list_of_forms(tmp_path: Path) -> None:
    import openpyxl

    openpyxl.Workbook().save(tmp_path / "空.xlsx")
    with pytest.raises(ImportFailure, match="没有找到绩效自评表"):
        import_files([tmp_path / "空.xlsx"], ".xlsx")
