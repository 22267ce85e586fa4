"""Bounds on forms: what is beyond one is not read, and said; what is within is read as ever."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from perfeval_xl.bounds import BOUNDS, Bounds
from perfeval_xl.errors import CarryError, ExportError, ImportFailure, Unreadable
from perfeval_xl.findings import Report
from perfeval_xl.forms import read_forms
from perfeval_xl.forms.within import PUT_ASIDE
from perfeval_xl.hosts.limits import LIMITS
from perfeval_xl.runs.checking import check_book
from perfeval_xl.runs.exporting import export_book
from perfeval_xl.runs.importing import import_files
from perfeval_xl.runs.new import from_last_year
from tests.cli.test_cli import write_book
from tests.published.test_published import TABLES
from tests.support import TESTS, book_of, read_yaml

BASE: dict[str, list[list[Any]]] = read_yaml(TESTS / "rules/base.yaml")
OVERALL = next(name for name in BASE if name.startswith("附件2"))
PROJECT = next(name for name in BASE if name.startswith("附件3"))
REPORT = next(name for name in BASE if "报告" in name)


def copy() -> dict[str, list[list[Any]]]:
    return {name: [list(row) for row in rows] for name, rows in BASE.items()}


def checked(sheets: dict[str, list[list[Any]]], **bounds: int) -> Report:
    return check_book(book_of(sheets), bounds=dataclasses.replace(BOUNDS, **bounds), partial=True)


def unread(report: Report, sheet: str) -> list[str]:
    return [one.reason for one in report.unread if one.sheet == sheet and one.limit]


@pytest.mark.parametrize("sheet", [OVERALL, PROJECT])
def test_rows_of_a_form(sheet: str) -> None:
    rows = sum(
        any(cell is not None for cell in row) for row in BASE[sheet][1:]
    )  # 附件N stands above the form
    assert unread(checked(copy(), form_rows=rows), sheet) == []
    report = checked(copy(), form_rows=rows - 1)
    (said,) = unread(report, sheet)
    assert f"有 {rows} 行，一张表最多查 {rows - 1} 行，整张没有检查" in said
    assert said.endswith(f"--limit form_rows={rows}")
    assert sheet not in {form.sheet for form in report.summaries}
    assert any(gap.sheet == sheet for gap in report.coverage.gaps)
    assert report.verdict in ("incomplete", "fail")


def test_letters_of_a_report_count_and_its_rows_do_not() -> None:
    sheets = copy()
    sheets[REPORT] += [["甲"]] * 300
    letters = sum(len(str(cell)) for row in sheets[REPORT] for cell in row if cell is not None)
    assert unread(checked(sheets, form_letters=max(letters, 5_000), form_rows=100), REPORT) == []
    sheets[REPORT] += [["甲" * 5_000]]
    (said,) = unread(checked(sheets, form_letters=5_000), REPORT)
    assert "个字，一张表或一份报告最多查 5000 个字" in said


@pytest.mark.parametrize(
    ("text", "figures"),
    [("支出5万元。", 1), ("支出1,234.5万元占百分之五。", 2), ("三千五百人", 1), ("一、一般", 0)],
)
def test_a_report_of_too_many_figures_is_not_read(text: str, figures: int) -> None:
    sheets = copy()
    sheets[REPORT] = [
        *sheets[REPORT][:1],
        *([text] for _ in range(1_000)),
    ]  # the title has one figure, its year
    number = 1_000 * figures + 1
    assert unread(checked(sheets, figures=number), REPORT) == []
    said = unread(checked(sheets, figures=number - 1), REPORT) if figures else []
    assert [f"有 {number} 个数字，一份报告最多查 {number - 1} 个" in one for one in said] == [True] * bool(
        figures
    )
    assert all(one.endswith(f"--limit figures={number}") for one in said)


@pytest.mark.parametrize(
    ("sheet", "limit", "most", "text"),
    [
        (PROJECT, "name_letters", 200, "甲" * 201),
        (REPORT, "paragraph_letters", 500, "甲" * 501),
        (PROJECT, "digits", 40, "1" * 41),
        (REPORT, "digits", 40, f"支出{'1' * 41}万元。"),
    ],
)
def test_a_text_too_long_is_put_aside(sheet: str, limit: str, most: int, text: str) -> None:
    for last, found in ((text[:-2] if text[-1] == "。" else text[:-1], 0), (text, 1)):
        sheets = copy()
        row = len(sheets[sheet]) - 1 if sheet == REPORT else row_of_an_indicator()
        column = 0 if sheet == REPORT else 2
        sheets[sheet][row][column] = last.replace("1" * 41, "1" * 40) if not found else last
        bounds = dataclasses.replace(Bounds(name_letters=10_000), **{limit: most})
        report = check_book(book_of(sheets), bounds=bounds, partial=True)
        said = unread(report, sheet)
        assert len(said) == found
        assert all(one.endswith(f"--limit {limit}={len(text) if limit != 'digits' else 41}") for one in said)
        assert (report.verdict in ("incomplete", "fail")) or not found
        held = repr(report.forms)
        assert (PUT_ASIDE in held) == bool(found)
        assert all(text not in finding.message for finding in report.findings)


def row_of_an_indicator() -> int:
    forms = read_forms(book_of(copy()))
    return next(form for form in forms.projects if form.sheet == PROJECT).indicators[0].row - 1


def test_too_many_forms_are_refused_in_a_line() -> None:
    sheets = copy()
    sheets[PROJECT] = [row for _ in range(6) for row in (*BASE[PROJECT], [])]
    assert checked(sheets, sheet_forms=6).summaries
    with pytest.raises(Unreadable, match=rf"“{PROJECT}”里有 6 张表，一张工作表最多查 5 张.*sheet_forms=6"):
        checked(sheets, sheet_forms=5)
    number = len(checked(sheets).summaries)
    assert checked(sheets, forms=number).summaries
    with pytest.raises(Unreadable, match=rf"共有 {number} 张表，一次最多查 {number - 1} 张.*分成几个文件"):
        checked(sheets, forms=number - 1)


def test_the_first_findings_in_working_order_are_told() -> None:
    sheets = copy()
    first = read_forms(book_of(copy())).overall[0].indicators[0].row - 1
    for number in range(3):
        sheets[OVERALL][first + number][2] = None
        sheets[PROJECT][row_of_an_indicator()][5] = 99
    whole = checked(sheets)
    most = len(whole.findings) - 1
    assert most > 1
    report = checked(sheets, findings=most)
    assert {finding.order for finding in report.findings} == set(range(1, most + 1))
    (said,) = unread(report, "")
    assert f"共有 {most + 1} 个问题，只列出前 {most} 个" in said
    assert report.coverage.gaps
    assert checked(sheets, findings=most + 1).findings == whole.findings


def test_nothing_is_made_of_a_file_that_is_not_read_whole(tmp_path: Path) -> None:
    sheets = copy()
    sheets[REPORT][-1][0] = "甲" * 600
    limits = LIMITS.changed(["paragraph_letters=500"])
    path = write_book(tmp_path / "a.xlsx", sheets)
    with pytest.raises(ExportError, match=r"没有导出：.*没有读"):
        export_book(book_of(sheets), ".docx", limits=limits)
    with pytest.raises(ImportFailure, match=r"没有导入任何内容：.*没有读"):
        import_files([path], ".xlsx", limits=limits)
    with pytest.raises(CarryError, match=r"没有沿用任何内容：.*没有读"):
        from_last_year(path, ".xlsx", limits=limits)


def test_no_published_table_needs_half_of_a_bound() -> None:
    half = Bounds(**{one.name: getattr(BOUNDS, one.name) // 2 for one in dataclasses.fields(BOUNDS)})
    for path in TABLES:
        book = book_of({sheet["name"]: sheet["rows"] for sheet in read_yaml(path)["sheets"]})
        assert read_forms(book, half).beyond is None, path.stem


def test_bounds_are_limits() -> None:
    changed = LIMITS.changed(["form_rows=7", "cells=8"])
    assert (changed.form_rows, changed.cells) == (7, 8)
    assert all(getattr(LIMITS, one.name) == getattr(BOUNDS, one.name) for one in dataclasses.fields(BOUNDS))
