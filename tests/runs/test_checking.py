"""The whole run: which policy holds, what the report says of the workbook, the library's front door."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import perfeval_xl
from perfeval_xl.policy import PolicyError
from tests.rules.test_rules import BASE
from tests.support import ROOT, changed, check_rows

EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
#: 三公经费 that do not add up, and a rate reckoned wrongly.
WRONG = {"附件1 / 三公经费 / 2023年决算数": 2.4, "附件1 / D5": "105.26%"}


def with_policy(name: str) -> dict[str, Any]:
    return {"填报说明": [["评价政策", name]], **BASE}


def test_the_policy_named_in_the_workbook_holds() -> None:
    assert check_rows(with_policy("hunan-2023")).policy_id == "hunan-2023"
    assert check_rows(BASE).policy_id == "national-2020"
    assert check_rows(with_policy("hunan-2023"), policy="national-2020").policy_id == "national-2020"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/hosts.toml", "没有这个政策"])
def test_a_workbook_cannot_name_a_path(name: str) -> None:
    assert check_rows(with_policy(name)).policy_id == "national-2020"


def test_a_policy_that_does_not_exist_is_said() -> None:
    with pytest.raises(PolicyError):
        check_rows(BASE, policy="没有")


def test_unit_year_and_forms() -> None:
    report = perfeval_xl.check(EXAMPLE, policy="hunan-2023")
    assert report.unit == "岳阳市岳阳楼区人力资源和社会保障局"
    assert report.year == 2023
    kinds = [form.kind for form in report.summaries]
    assert kinds.count("project") == 7
    assert {"basic", "overall", "gov_fund", "state_capital", "social_insurance", "narrative"} <= set(kinds)
    assert report.verdict == "fail"


def test_select_and_ignore_take_patterns() -> None:
    report = perfeval_xl.runs.checking.check(EXAMPLE, select=["PE4*"], ignore=["PE405"])
    rules = {finding.rule for finding in report.findings}
    assert rules
    assert all(rule.startswith("PE4") and rule != "PE405" for rule in rules)


def test_rules_are_chosen_by_name_and_family_in_a_text_or_a_list() -> None:
    expected = check_rows(changed(BASE, WRONG), select=["PE101", "PE102", "PE201"]).findings
    assert {finding.rule for finding in expected} == {"PE101", "PE201"}
    assert check_rows(changed(BASE, WRONG), select="totals, rates.staff").findings == expected
    assert check_rows(changed(BASE, WRONG), select=["TOTALS", "PE201"]).findings == expected
    with pytest.raises(perfeval_xl.ChoiceError, match=r"rate\.staff.*rates\.staff"):
        check_rows(BASE, ignore="rate.staff")


def test_the_librarys_front_door() -> None:
    judgement = perfeval_xl.judge("≥100人", "374人", indicator="职称评定数", weight=Decimal(2))
    assert judgement.outcome == "exceeded"
    assert judgement.due == Decimal(2)
    with pytest.raises(AttributeError):
        _ = perfeval_xl.nothing


def test_every_finding_says_where_what_and_what_to_do() -> None:
    report = perfeval_xl.check(EXAMPLE, policy="hunan-2023")
    for finding in report.findings:
        assert finding.place is not None
        assert finding.message.endswith(("。", "）"))
        assert finding.suggestion
        assert finding.basis
        assert len(finding.fingerprint) == 16
        assert finding.place not in finding.related
    fingerprints = [finding.fingerprint for finding in report.findings]
    assert len(set(fingerprints)) == len(fingerprints)
