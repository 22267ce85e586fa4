"""Marking an open workbook: everything of the clerk's stays, marks and 校验结果 come, come once, and go."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

pytest.importorskip("xlwings")

from perfeval_xl.errors import LiveError
from perfeval_xl.findings import Finding, Report, Severity
from perfeval_xl.grid import Place
from perfeval_xl.hosts.live.marks import clear, listed, mark, with_own_sheet
from perfeval_xl.hosts.live.reading import read_open_book
from perfeval_xl.hosts.marks import results
from perfeval_xl.runs.checking import check_book
from tests.support import example_builder

SHEETS = ("附件1", "O'Brien 的 表", '带"引号" (新)')


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A workbook with formats of its own."""
    path = tmp_path / "某 单位.xlsx"
    book = xlsxwriter.Workbook(path)
    green = book.add_format({"bg_color": "#00B050"})
    for name in SHEETS:
        sheet = book.add_worksheet(name)
        sheet.merge_range("B5:C6", 673.65)
        sheet.write_column("A7", range(9))
        sheet.write_formula("D8", "=A8+1", None, 2)
        sheet.write_comment("A8", "批注")
        sheet.conditional_format("B2:D9", {"type": "formula", "criteria": "=$A2>5", "format": green})
    book.define_name("单位名称", f"={SHEETS[0]}!$A$7")
    book.close()
    return path


def finding(severity: Severity, place: Place | None, **more: Any) -> Finding:
    given: dict[str, Any] = {
        "title": "合计不符",
        "message": "=1+1",
        "expected": "1/2",
        "actual": "-5",
        "fingerprint": "00e1",
    }
    return Finding("PE101", "totals", severity, place, **{**given, **more})


def report_on(book: Any, *findings: Finding, **more: Any) -> Report:
    read = with_own_sheet(book, read_open_book(book))
    return dataclasses.replace(check_book(read), findings=findings, **more)


def usual(book: Any) -> Report:
    return report_on(
        book,
        finding("error", Place(SHEETS[0], 5, 2), explain="@SUM(1)"),
        finding("warning", Place(SHEETS[0], 5, 2)),
        finding("warning", Place(SHEETS[2], 8, 4), message="'＝带撇号"),
        finding("info", Place(SHEETS[1], 7, 1)),
        finding("error", Place(SHEETS[1], 9, 1), accepted="年中追加"),
        finding("info", None),
    )


def formats(book: Any) -> dict[str, list[tuple[str, list[str]]]]:
    return {
        sheet.name: [
            (rule.formula, [area.address(False, False) for area in rule.impl.areas])
            for rule in sheet.cells.conditional_formats
        ]
        for sheet in book.sheets
    }


def everything(book: Any) -> Any:
    """All that a clerk has in a book."""
    return cells_of(book), {name.name: name.refers_to for name in book.names}, formats(book)


def cells_of(book: Any) -> dict[str, Any]:
    """What stands in the clerk's sheets."""
    sheets = [sheet for sheet in book.sheets if sheet.name in SHEETS]
    return {
        sheet.name: (sheet.used_range.formula, sheet["B5"].color, sheet["A8"].note.text) for sheet in sheets
    }


def test_marks_come_and_go_and_leave_nothing(calc: Any, path: Path) -> None:
    book = calc.books.open(path)
    before = everything(book)
    assert mark(book, usual(book)) == ()
    ours = {name: [rule for rule in rules if "PE_MARK" in rule[0]] for name, rules in formats(book).items()}
    assert ours[SHEETS[0]] == [
        ("=PE_MARK_ERROR", ["B5:C6"])
    ]  # the worst on a cell, over all of its merged range
    assert ours[SHEETS[1]] == [("=PE_MARK_INFO", ["A7"])]  # an accepted finding is not coloured
    assert ours[SHEETS[2]] == [("=PE_MARK_WARNING", ["D8"])]
    assert cells_of(book) == before[0]
    assert clear(book) == ()
    assert everything(book) == before


def test_twice_is_as_once(calc: Any, path: Path) -> None:
    book = calc.books.open(path)
    mark(book, usual(book))
    once = (formats(book), [sheet.name for sheet in book.sheets], book.sheets[-1].used_range.value)
    book.sheets[-1].name = "改了名"
    mark(book, dataclasses.replace(usual(book), lapsed=()))
    assert book.sheets[-1].used_range.value == once[2]
    assert [sheet.name for sheet in book.sheets] == [*SHEETS, "改了名"]
    assert [formats(book)[name] for name in SHEETS] == [once[0][name] for name in SHEETS]


def test_text_stays_text_and_the_list_reads_as_in_a_file(calc: Any, path: Path) -> None:
    book = calc.books.open(path)
    report = usual(book)
    mark(book, report)
    sheet = book.sheets["校验结果"]
    page = sheet.used_range.options(ndim=2).value
    assert page[5][0] == results.first_text(report)
    assert sheet["A6"].row_height == pytest.approx(results.row_height(page[5][0], 229), abs=0.5)
    assert page[6] == [text for text, _ in results.COLUMNS]
    for line, expected in zip(page[7:], results.lines(report, results.texts), strict=False):
        assert [value or "" for value in line] == list(expected.texts.values())
    links = [row[0] for row in sheet["E8:E13"].formula]
    assert links[0] == '=HYPERLINK("#\'附件1\'!B5","B5")'
    assert any("O''Brien" in link for link in links)
    assert [entry.place for entry in listed(book)][:2] == [Place(SHEETS[0], 5, 2)] * 2


def test_the_list_looks_as_in_a_file(calc: Any, path: Path) -> None:
    book = calc.books.open(path)
    mark(book, usual(book))
    sheet = book.sheets["校验结果"]
    rows = sheet.range((8, 1), (13, 15))
    assert (rows.wrap_text, sheet["E10"].horizontal_alignment, sheet["A2"].font.size) == (True, "center", 16)
    for row in range(8, 14):
        assert sheet.range((row, 6)).impl.xl.TableBorder2.BottomLine.OuterLineWidth > 0
        assert sheet.range((row, 14)).color == sheet.range((row, 15)).color == (0xF1, 0xF8, 0xEC)
    assert sheet["P8"].impl.column_hidden
    folded = [entry.row for entry in listed(book) if sheet.range((entry.row, 1)).impl.row_hidden]
    assert folded == [entry.row for entry in listed(book) if entry.level == "● 提示"]
    filtered = book.impl.doc.DatabaseRanges.getByName("PE_LIST")
    assert (filtered.AutoFilter, filtered.DataArea.StartRow, filtered.DataArea.EndRow) == (True, 6, 12)
    clear(book)
    assert not book.impl.doc.DatabaseRanges.hasByName("PE_LIST")


def test_what_a_clerk_has_by_that_name_is_left_alone(calc: Any, path: Path) -> None:
    book = calc.books.open(path)
    book.sheets.add("校验结果")["A1"].value = "我自己的表"
    mark(book, usual(book))
    assert book.sheets[-1].name == "校验结果(2)"
    assert book.sheets["校验结果"]["A1"].value == "我自己的表"
    clear(book)
    assert book.sheets["校验结果"]["A1"].value == "我自己的表"
    assert "校验结果(2)" not in book.sheet_names


def test_protected_sheets_are_told(calc: Any, path: Path) -> None:
    book = calc.books.open(path)
    book.sheets[0].impl.xl.protect("x")
    notes = mark(book, usual(book))
    assert [note for note in notes if "没有标色" in note or "不能给格子标色" in note] == list(notes)
    assert len(notes) == 1
    assert len(listed(book)) == 6


def test_a_fixed_structure_is_refused_before_anything_changes(calc: Any, path: Path) -> None:
    book = calc.books.open(path)
    before = everything(book)
    book.impl.doc.protect("x")
    with pytest.raises(LiveError, match="结构受保护"):
        mark(book, usual(book))
    assert everything(book) == before


def test_marks_are_there_for_other_readers(calc: Any, path: Path, tmp_path: Path) -> None:
    book = calc.books.open(path)
    mark(book, usual(book))
    copy = tmp_path / "另存.xlsx"
    book.save(copy)
    saved = openpyxl.load_workbook(copy)
    rules = {
        rule.formula[0]: rule.dxf.fill.bgColor.rgb
        for block in saved[SHEETS[0]].conditional_formatting
        for rule in block.rules
    }
    assert rules["PE_MARK_ERROR"][2:] == "FF9999"
    assert saved["校验结果"]["F8"].data_type == "s"


def test_thirty_sheets(calc: Any, tmp_path: Path) -> None:
    path = tmp_path / "三十张.xlsx"
    book = xlsxwriter.Workbook(path)
    for number in range(30):
        book.add_worksheet(f"表{number}").write("A1", number)
    book.close()
    live = calc.books.open(path)
    mark(live, report_on(live, *(finding("error", Place(f"表{number}", 1, 1)) for number in range(30))))
    assert len(listed(live)) == 30
    assert all(rules for name, rules in formats(live).items() if name != "校验结果")


def test_many_cells_in_one_format(calc: Any, path: Path) -> None:
    book = calc.books.open(path)
    findings = [
        finding("warning", Place(SHEETS[0], row, column)) for row in range(20, 60) for column in (2, 5, 9)
    ]
    mark(book, report_on(book, *findings))
    ours = [rule for rule in formats(book)[SHEETS[0]] if rule[0] == "=PE_MARK_WARNING"]
    assert len(ours) == 1
    assert sheet_colours(book, SHEETS[0]) == 3 * 40


def sheet_colours(book: Any, name: str) -> int:
    areas = [
        area
        for rule in book.sheets[name].cells.conditional_formats
        if "PE_MARK" in rule.formula
        for area in rule.impl.areas
    ]
    return sum(area.rows * area.columns for area in areas)


def test_the_example_is_marked_as_it_is_in_a_file(calc: Any, tmp_path: Path) -> None:
    path = tmp_path / "示例.xlsx"
    path.write_bytes(example_builder().build("own", False))
    book = calc.books.open(path)
    report = check_book(read_open_book(book), policy="hunan-2023")
    mark(book, report)
    again = check_book(read_open_book(book), policy="hunan-2023")
    assert again.findings == report.findings
    row = listed(book)[0].row
    book.sheets["校验结果"].range((row, 15)).value = "已与财政核对"
    assert [f.accepted for f in check_book(read_open_book(book), policy="hunan-2023").findings].count(
        "已与财政核对"
    ) == 1
