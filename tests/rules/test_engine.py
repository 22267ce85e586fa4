"""The engine: rules that crash, lack their data, or follow from one another."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from perfeval_xl.findings import Report
from perfeval_xl.forms import read_forms
from perfeval_xl.grid import Book, Knowledge
from perfeval_xl.policy import load_policy
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.engine import gather, run
from perfeval_xl.rules.registry import RULES, Claim, Result, Rule
from perfeval_xl.runs.checking import check_book
from tests.published.rendered import rendered
from tests.rules.test_rules import BASE
from tests.support import ROOT, book_of, cell_name, changed, check_rows, place_of


def rules_of(report: Report) -> list[str]:
    return [finding.rule for finding in report.findings if finding.severity != "info"]


def broken(_context: Context) -> Iterator[Result]:
    yield Claim(None, "第一条")
    raise KeyError("内部")


def test_a_rule_that_crashes_is_said_and_the_others_run() -> None:
    book = book_of(BASE)
    context = Context(read_forms(book), load_policy("national-2020"), book.grids)
    bad = Rule("PE999", "test.broken", "error", "坏规则", "", (), broken)
    outcome = run(context, [bad, RULES["PE204"]])
    crashed = [finding for finding in outcome.findings if finding.rule == "PE903"]
    assert len(crashed) == 1
    assert "PE999" in crashed[0].message
    assert outcome.checked >= len(context.forms.projects)


def test_a_rule_switched_off_by_policy_does_not_run() -> None:
    sheets = changed(BASE, {"附件1 / 政府采购金额 / 2023年决算数": 75})
    policy = dataclasses.replace(load_policy("national-2020"), severity={"PE209": "off"})
    assert "PE209" in rules_of(check_rows(sheets, policy="national-2020"))
    assert "PE209" not in rules_of(check_rows(sheets, policy=policy))


def test_related_cells_stand_in_the_order_of_the_form() -> None:
    """And not in that of a set, which differs from run to run."""
    sheets = changed(
        BASE, {"附件3-1 / 办证数 / 年度指标值": "≥500个", "附件3-1 / 办证数 / 实际完成值": "550个"}
    )
    report = check_rows(sheets, policy="national-2020", select="PE506")
    (finding,) = report.findings
    overall = [place_of(sheets, f"附件2 / 办证数 / {column}") for column in ("年度指标值", "实际完成值")]
    own = place_of(sheets, "附件3-1 / 办证数 / 实际完成值")
    assert [str(place) for place in finding.related] == [cell_name(place) for place in (*overall, own)]


@pytest.mark.parametrize("stem", ["chizhou_tangxi", "linhe_jiuye"])
def test_the_same_report_whatever_the_hash_seed(stem: str, tmp_path: Path) -> None:
    (tmp_path / "单位.xlsx").write_bytes(rendered(stem))
    said = [
        subprocess.run(
            [
                sys.executable,
                "-m",
                "perfeval_xl",
                "check",
                "单位.xlsx",
                "--format",
                "json",
                "-o",
                f"{seed}.json",
            ],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
            check=False,
        )
        for seed in ("1", "2")
    ]
    assert said[0].returncode == said[1].returncode
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()


def test_a_policy_changes_a_severity() -> None:
    sheets = changed(BASE, {"附件1 / 政府采购金额 / 2023年决算数": 75})
    policy = dataclasses.replace(load_policy("national-2020"), severity={"PE209": "error"})
    assert check_rows(sheets, policy=policy).verdict == "fail"


def test_one_slip_that_breaks_four_equations_is_one_finding() -> None:
    report = check_rows(changed(BASE, {"附件3-1 / 年度资金总额 / 全年执行数": 5}), policy="national-2020")
    loud = [finding for finding in report.findings if finding.severity != "info"]
    assert [str(finding.place) for finding in loud] == ["附件3-1!E6"]
    assert "同时消除" in loud[0].message
    assert "把握大" in (loud[0].suggestion or "")
    assert {place.sheet for place in loud[0].related} >= {"附件1", "附件2", "附件3-1"}


def test_a_total_row_of_zeros_is_one_finding() -> None:
    zeros = {f"附件3-2 / 年度资金总额 / {column}": 0 for column in ("年初预算数", "全年预算数", "全年执行数")}
    report = check_rows({"附件3-2": changed(BASE, zeros)["附件3-2"]}, policy="national-2020")
    assert [finding.rule for finding in report.findings if finding.rule == "PE108"] == ["PE108"]


def test_hidden_figures_are_told_where_the_host_can_see_them() -> None:
    book = book_of(BASE)
    grids = tuple(
        dataclasses.replace(grid, hidden_rows=frozenset({6})) if grid.sheet == "附件3-2" else grid
        for grid in book.grids
    )
    report = check_book(Book.of("a", grids), policy="national-2020")
    assert [str(finding.place) for finding in report.findings if finding.rule == "PE904"] == ["附件3-2!C6"]
    blind = tuple(dataclasses.replace(grid, knows=Knowledge(hidden=False)) for grid in grids)
    report = check_book(Book.of("a", blind), policy="national-2020")
    assert not [finding for finding in report.findings if finding.rule == "PE904"]
    assert any(skip.rule == "PE904" and "隐藏" in skip.reason for skip in report.skipped)


def test_an_empty_form_gives_one_info_not_a_hundred_errors() -> None:
    rows = [row[:3] if index in (5, 6) else row for index, row in enumerate(BASE["附件3-2"])]
    rows = [
        [cell if column < 4 or index < 12 else None for column, cell in enumerate(row)]
        for index, row in enumerate(rows)
    ]
    rows[5] = [None, "年度资金总额"]
    rows[6] = [None, "其中：当年财政拨款"]
    rows[7] = [None, "上年结转资金"]
    report = check_rows({"附件3-2": rows}, policy="national-2020")
    assert [(finding.rule, finding.severity) for finding in report.findings] == [("PE701", "info")]
    assert all("还没有填写" in skip.reason for skip in report.skipped if skip.sheet)


def test_checking_twice_gives_the_same() -> None:
    sheets = changed(
        BASE, {"附件1 / 三公经费 / 2023年决算数": 2.4, "附件2 / 新书上架时间 / 实际完成值": "45天"}
    )
    assert check_rows(sheets).findings == check_rows(sheets).findings


def declared_of_text(text: str, formula: str | None) -> list[str]:
    book = book_of(changed(BASE, {"自评报告 / A5": text}))
    grids = []
    for grid in book.grids:
        cells = dict(grid.cells)
        if grid.sheet == "自评报告":
            cells[5, 1] = cells[5, 1]._replace(formula=formula)
        grids.append(dataclasses.replace(grid, cells=cells))
    context = Context(read_forms(Book.of(book.name, grids)), load_policy("national-2020"), tuple(grids))
    return [one.rule for one in gather(context).declared if one.rule == "PE601"]


def test_a_text_that_a_formula_makes_of_the_cells_is_no_witness() -> None:
    """It agrees whatever they are; where it does not, it is told all the same."""
    formula = '="本单位基本支出"&附件2!C7&"万元。"'
    assert declared_of_text("本单位基本支出210万元。", None) == ["PE601"]
    assert declared_of_text("本单位基本支出210万元。", formula) == []
    assert declared_of_text("本单位基本支出201万元。", formula) == ["PE601"]


def test_the_report_says_which_of_two_tables_is_wrong() -> None:
    """附件1 and 附件2 state two amounts; the report has 附件2's."""
    wrong = {"附件1 / 公用经费 / 2023年决算数": 265, "附件1 / 公用经费 / 2023年预算数": 270}
    said = {"自评报告 / A5": "本单位公用经费26.5万元。"}
    report = check_rows(changed(BASE, wrong | said), select=["PE510", "PE601"])
    (finding,) = report.findings
    assert str(finding.place) == "附件1!D20"
    assert "改为 26.5" in finding.message


def test_a_wrong_total_that_the_report_repeats_is_told_with_the_sentence() -> None:
    """The clerk may take the cell's correction; the sentence is told and left alone, and nothing is recomputed behind it."""
    said = {"附件1 / 三公经费 / 2023年决算数": Decimal("2.4"), "自评报告 / A5": "三公经费决算2.4万元。"}
    (finding,) = check_rows(changed(BASE, said), select=["PE101", "PE601"]).findings
    assert str(finding.place) == "附件1!D7"
    assert "自评报告 A5 的“2.4万元” 改为 4.2万元" in finding.message
    assert [(str(fix.place), fix.value, fix.computed) for fix in finding.fixes] == [
        ("附件1!D7", Decimal("4.2"), False)
    ]
