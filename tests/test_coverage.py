"""What is due and what of it was not checked: silence is never taken for approval, and what is complete is never called incomplete."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perfeval_xl.coverage import checked_in_one_line, gaps_in_one_line
from perfeval_xl.findings import Report
from perfeval_xl.forms.records import FORM_WORD
from perfeval_xl.forms.required import KINDS
from perfeval_xl.rules.families.resting import ALL_PROJECTS, AMOUNTS_OF, RESTS_ON
from perfeval_xl.rules.registry import RULES
from perfeval_xl.runs.checking import check
from perfeval_xl.runs.new import new_workbook
from tests import erased
from tests.published.test_published import TABLES
from tests.rules.test_rules import BASE
from tests.support import changed, check_rows, read_yaml

PROJECTS = [name for name in BASE if name.startswith("附件3")]
FUNDS = ["附件4", "附件5", "附件6"]


def without(*names: str) -> dict[str, Any]:
    return {name: rows for name, rows in BASE.items() if name not in names}


def hunan(sheets: Any, **more: Any) -> Report:
    return check_rows(sheets, policy="hunan-2023", **more)


# -- what must never pass -------------------------------------------------------------------------------------


def test_no_required_cell_can_be_taken_away() -> None:
    found = list(erased.cells())
    assert len(found) >= 150
    assert [one for one in found if not erased.is_right(one)] == []


def test_no_sheet_can_be_taken_away() -> None:
    found = list(erased.sheets())
    assert len(found) >= 72
    assert [(one.sheet, one.how, one.report.verdict) for one in found if not erased.is_right(one)] == []


def test_every_kind_of_required_cell_has_its_rules() -> None:
    assert set(RESTS_ON) == set(KINDS)
    named = {code for codes in (*RESTS_ON.values(), *AMOUNTS_OF.values(), ALL_PROJECTS) for code in codes}
    assert named <= set(RULES)


@pytest.mark.parametrize("policy", ["national-2020", "hunan-2023", None])
@pytest.mark.parametrize("partial", [False, True])
def test_an_untouched_new_workbook(policy: str | None, partial: bool, tmp_path: Path) -> None:
    path = tmp_path / "新.xlsx"
    path.write_bytes(new_workbook(".xlsx"))
    report = check(path, policy=policy, partial=partial)
    assert report.verdict == "incomplete"
    assert "缺" in gaps_in_one_line(report) or "还没有填写" in gaps_in_one_line(report)


# -- what is due ----------------------------------------------------------------------------------------------


def test_the_policy_says_what_must_be_there() -> None:
    assert hunan(BASE).coverage.gaps == ()
    report = hunan(without("附件1", "自评报告"))
    assert report.verdict == "incomplete"
    assert gaps_in_one_line(report).startswith("缺附件1、自评报告")
    assert {due.form: due.state for due in report.coverage.due}["basic"] == "missing"
    assert check_rows(without("附件1", "自评报告"), policy="national-2020").verdict != "incomplete"


@pytest.mark.parametrize("kept", ["附件1", "附件2", PROJECTS[0], "自评报告"])
@pytest.mark.parametrize("options", [{"policy": "national-2020"}, {"policy": "hunan-2023", "partial": True}])
def test_one_complete_form_is_complete(kept: str, options: dict[str, Any]) -> None:
    report = check_rows({kept: BASE[kept]}, **options)
    assert report.coverage.gaps == ()
    assert checked_in_one_line(report) == kept


def test_units_that_file_project_forms_only() -> None:
    projects = {name: BASE[name] for name in PROJECTS}
    assert hunan(projects).verdict == "incomplete"
    said = {"填报说明": [["本次上报哪些表", "附件3"], ["评价政策", "hunan-2023"]], **projects}
    assert check_rows(said).coverage.gaps == ()


def test_the_cell_of_the_workbook_can_ask_for_more_than_the_policy() -> None:
    said = {"填报说明": [["本次上报哪些表", "附件1至附件4"]], **without("附件4")}
    assert gaps_in_one_line(check_rows(said, policy="national-2020")) == "缺附件4"
    nothing = {"填报说明": [["本次上报哪些表", "按政策规定"]], **without("附件4")}
    assert check_rows(nothing, policy="national-2020").coverage.gaps == ()


def test_funds_without_money_need_no_form() -> None:
    assert hunan(without(*FUNDS)).coverage.gaps == ()
    stated = changed(without(*FUNDS), {"附件2 / 政府性基金拨款：": "政府性基金拨款：25"})
    assert gaps_in_one_line(hunan(stated)) == "缺附件4"


def test_the_report_states_money_of_a_fund() -> None:
    text = "2023年政府性基金预算支出50万元，全部用于公共文化设施维修。"
    rows = [*BASE["自评报告"], [text]]
    report = hunan({**without(*FUNDS), "自评报告": rows})
    assert "缺附件4" in gaps_in_one_line(report)
    assert (
        hunan({**without(*FUNDS), "自评报告": [*BASE["自评报告"], [text.replace("50", "0")]]}).coverage.gaps
        == ()
    )


def test_a_project_without_form_is_a_gap_until_it_is_explained() -> None:
    first = hunan(without(PROJECTS[-1]))
    named = [finding for finding in first.findings if finding.rule == "PE507"]
    assert named
    lines = [due for due in first.coverage.due if due.form == "project" and due.state == "missing"]
    assert bool(lines) == (first.verdict == "incomplete")
    again = hunan(without(PROJECTS[-1]), reasons={finding.fingerprint: "并入其他项目" for finding in named})
    assert [due for due in again.coverage.due if due.state == "missing"] == []


def test_a_sheet_that_has_a_forms_name_and_is_none() -> None:
    report = check_rows({**without("附件2"), "附件2": [["见扫描件"]]}, policy="national-2020")
    assert report.verdict == "incomplete"
    assert "附件2" in gaps_in_one_line(report)
    assert check_rows({**BASE, "台账": [["见扫描件"]]}, policy="national-2020").coverage.gaps == ()


def test_published_tables_that_are_clean_are_complete() -> None:
    complete = 0
    for path in TABLES:
        data = read_yaml(path)
        report = check_rows(
            {sheet["name"]: sheet["rows"] for sheet in data["sheets"]},
            policy="hunan-2023",
            partial=True,
            merges={sheet["name"]: sheet.get("merges") or () for sheet in data["sheets"]},
        )
        if report.count("error") == 0:
            assert report.coverage.gaps == (), path.stem
            complete += 1
    assert complete >= 20


def test_a_workbook_of_an_older_template_is_checked_and_said_to_be_old() -> None:
    old = {"填报说明": [["评价政策", "national-2020"], ["模板版本：0.1.0"]], **BASE}
    report = check_rows(old)
    assert report.coverage.gaps == ()
    assert [unread.reason for unread in report.unread if "旧版模板" in unread.reason]
    new = {**old, "填报说明": [*old["填报说明"], ["本次上报哪些表", "按政策规定"]]}
    assert not [unread.reason for unread in check_rows(new).unread if "旧版模板" in unread.reason]


# -- a choice of rules ----------------------------------------------------------------------------------------


def test_a_run_that_leaves_rules_out_never_passes() -> None:
    report = hunan(BASE, select=["PE4*"])
    assert (report.verdict, report.reason) == ("incomplete", "只查了所选规则")
    assert {skip.why for skip in report.skipped if not skip.rule.startswith("PE4")} == {"deselected"}
    assert hunan(BASE, ignore=["PE101"]).verdict == "incomplete"
    assert hunan(BASE, select=["PE*"]).reason is None


# -- in words -------------------------------------------------------------------------------------------------


def test_one_line_says_where_and_what() -> None:
    sheets = changed(without("自评报告"), {"附件2 / 年度资金总额 / 全年执行数": "见附件"})
    report = hunan(sheets)
    line = gaps_in_one_line(report)
    assert line.startswith("缺自评报告；附件2 ")
    assert line.endswith("不是数字")
    gap = next(gap for gap in report.coverage.gaps if gap.cell is not None)
    assert "PE204" in gap.rules
    assert {skip.why for skip in report.skipped if skip.rule == "PE608"} <= {"missing"}


def test_many_gaps_are_counted() -> None:
    report = hunan({"附件2": BASE["附件2"]})
    assert gaps_in_one_line(report) == "缺附件1、附件3、自评报告"
    blank = replace(report.coverage, gaps=report.coverage.gaps * 9)
    assert "等27张" in gaps_in_one_line(replace(report, coverage=blank))


def test_every_form_has_a_word() -> None:
    report = hunan(BASE)
    assert {due.form for due in report.coverage.due} <= set(FORM_WORD)
    cells = report.coverage.cells
    assert cells.due == cells.filled == cells.read > 60
