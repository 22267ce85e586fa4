"""Workbooks saved as .xls and .ods: the same findings by way of LibreOffice; without it what could not be known is said."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from perfeval_xl.findings import Report
from perfeval_xl.forms import read_forms
from perfeval_xl.grid import Area, Book, Knowledge
from perfeval_xl.hosts import libreoffice
from perfeval_xl.runs.checking import check
from tests.support import TESTS, example_builder, grid_of, read_yaml

SOFFICE = shutil.which("soffice")
#: Rules that need to know whether a cell shows 1 or 100%, or a year, a day.
NEED_FORMATS = {"PE403", "PE417", "PE506"}
needs_libreoffice = pytest.mark.skipif(
    SOFFICE is None and not os.environ.get("PERFEVAL_REQUIRE_LIVE"), reason="LibreOffice converts the files"
)
PUBLISHED = (
    "yongde_minglang_school",
    "zhongjiang_water",
    "huanggang_shuibao",
    "yinchuan_liuzhong",
    "huoshan_yibao",
    "qingshen_fgj",
    "lingling_cdc",
    "daying_sifa",
    "county_form_2018",
    "fukang_tjj",
)


def told(report: Report) -> set[tuple[str, str, str]]:
    return {(finding.rule, finding.severity, str(finding.place)) for finding in report.findings}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the example, its clean twin and published tables, each as .xlsx, .xls and .ods."""
    assert SOFFICE is not None, "LibreOffice is required here"
    folder = tmp_path_factory.mktemp("格式")
    for name, clean in (("示例", False), ("清白", True)):
        (folder / f"{name}.xlsx").write_bytes(example_builder().build("own", clean))
    for stem in PUBLISHED:
        write(folder / f"{stem}.xlsx", read_yaml(TESTS / "published" / f"{stem}.yaml")["sheets"])
    sources = sorted(map(str, folder.glob("*.xlsx")))
    for suffix in ("xls", "ods"):
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [SOFFICE, profile, "--headless", "--convert-to", suffix, "--outdir", str(folder), *sources]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder


def write(path: Path, sheets: Sequence[Mapping[str, Any]]) -> None:
    """Published tables as a workbook, figures as numbers."""
    with xlsxwriter.Workbook(path) as book:
        for sheet in sheets:
            made = book.add_worksheet(sheet["name"])
            values = {
                (row, column): float(value) if isinstance(value, Decimal) else value
                for row, cells in enumerate(sheet["rows"])
                for column, value in enumerate(cells)
                if value is not None
            }
            for area in map(Area.of, sheet.get("merges") or ()):
                top, left = area.top - 1, area.left - 1
                made.merge_range(top, left, area.bottom - 1, area.right - 1, values.get((top, left), ""))
            for place, value in values.items():
                made.write(*place, value)


@needs_libreoffice
@pytest.mark.parametrize("suffix", ["xls", "ods"])
@pytest.mark.parametrize("name", ["示例", "清白", *PUBLISHED])
def test_the_same_findings_in_another_format(saved: Path, name: str, suffix: str) -> None:
    usual, other = (check(saved / f"{name}.{one}", policy="hunan-2023") for one in ("xlsx", suffix))
    assert told(other) == told(usual)
    assert other.verdict == usual.verdict
    assert any("由 LibreOffice 转换后检查" in one.reason for one in other.unread)


@needs_libreoffice
@pytest.mark.parametrize("suffix", ["xls", "ods"])
@pytest.mark.parametrize("name", ["示例", "清白", *PUBLISHED])
def test_without_libreoffice_what_is_not_known_is_said(
    saved: Path, name: str, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libreoffice, "program", lambda: None)
    usual, other = (check(saved / f"{name}.{one}", policy="hunan-2023") for one in ("xlsx", suffix))
    assert told(other) <= told(usual)
    assert {rule for rule, _, _ in told(usual) - told(other)} <= NEED_FORMATS
    note = next(one.reason for one in other.unread if "没有读到" in one.reason)
    assert all(sheet in note for sheet in {form.sheet for form in other.forms})
    assert other.verdict in ("incomplete", "fail")
    if other.forms.overall or other.forms.projects:
        assert "这种格式的文件读不出数字格式，分不清1和100%" in {gap.reason for gap in other.coverage.gaps}


UNIT_COLUMN = (
    ["2023年度项目支出绩效自评表"],
    ["项目名称", "粮食应急保供"],
    ["一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位", "完成值", "权重", "得分"],
)


@pytest.mark.parametrize(
    ("sign", "target", "actual", "shown"),
    [
        ("≥", 90, "0.95", "95%"),
        ("=", 100, 1, "100%"),
        ("≥", 90, 96, "96%"),
        ("≤", 5, "0.95", "0.95%"),
        ("≥", "0.9", "0.95", "95%"),
        ("≥", "0.9", 95, "95%"),
        ("≤", 0, 0, "0%"),
        ("≥", 99, "0.985", "98.5%"),
    ],
)
def test_a_share_beside_a_column_of_units(sign: str, target: Any, actual: Any, shown: str) -> None:
    figures = [Decimal(str(value)) for value in (target, actual)]
    row = ["产出指标", "质量指标", "合格率", sign, figures[0], "%", figures[1], 10, 10]
    grid = grid_of("Sheet1", [*UNIT_COLUMN, row])
    unformatted = replace(grid, knows=Knowledge(formulas=False, formats=False, hidden=False))
    (form,) = read_forms(Book.of("甲.xls", [unformatted])).projects
    assert form.indicators[0].actual_text == shown
