"""Every rule against its cases: tests/rules/PExxx.yaml, readable by someone who knows the forms.

A case changes cells of the clean workbook (base.yaml), named "表 / 行 / 栏", and says what must be reported (应报)
or that nothing is (不报). 表 adds or replaces whole sheets, 删 removes some. 级别 is 错误, 核实 or 提示; 含 is a text that
the finding must hold; 上年 gives last year's file: the clean workbook a year earlier, with these cells changed; 规则 names the rule that says it where the case is about folding.

A case that begins with 界 is a boundary: with the cells of 未到 the rule is silent for the last time (or says no more than
未到应报), with those of 过了, one step further, it reports 应报. Every rule has one, but for those that
no_boundary.yaml gives the reason of.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest

from perfeval_xl.findings import SEVERITY_WORD, Finding
from perfeval_xl.rules.families import load
from perfeval_xl.rules.registry import PAGE
from tests.support import TESTS, book_of, cell_name, changed, check_rows, place_of, read_yaml

FOLDER = TESTS / "rules"
BASE = read_yaml(FOLDER / "base.yaml")
RULES = load()
KEYS = {"情形", "改", "删", "表", "应报", "不报", "政策", "上年"}
SIDES = {"界", "未到", "过了", "未到应报"}
#: Rules that have no number to be moved, each with the reason.
NO_BOUNDARY: dict[str, str] = read_yaml(FOLDER / "no_boundary.yaml")
#: Rules whose cases need a host or a failing rule and stand in tests of their own.
ELSEWHERE = {"PE903", "PE904"}


def cases() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("PE*.yaml")):
        data = read_yaml(path)
        for case in chain.from_iterable(map(sides, data["cases"])):
            yield pytest.param(data["rule"], case, id=f"{data['rule']}-{case['情形']}")


def sides(case: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """A case; of a boundary the case before it and the one behind it."""
    if "界" not in case:
        return (case,)
    shared = {key: value for key, value in case.items() if key not in SIDES}
    given = case.get("改") or {}
    before = shared | {"情形": f"界-{case['界']}-未到", "改": given | case["未到"]}
    if "未到应报" in case:
        before["应报"] = case["未到应报"]
    else:
        del before["应报"]
        before["不报"] = True
    return before, shared | {"情形": f"界-{case['界']}-过了", "改": given | case["过了"]}


def a_year_earlier(sheets: dict[str, Any]) -> dict[str, Any]:
    """The workbook as it was filed a year before: its 决算 are the 上年决算 of this one."""
    earlier: dict[str, Any] = {}
    for name, rows in sheets.items():
        earlier[name] = [[_earlier(cell) for cell in row] for row in rows]
    for row, now in zip(earlier["附件1"], sheets["附件1"], strict=True):
        if len(now) == 4 and not isinstance(now[1], str):
            row[3] = now[1]
    return earlier


def _earlier(cell: Any) -> Any:
    return cell.replace("2022", "2021").replace("2023", "2022") if isinstance(cell, str) else cell


def text_of(finding: Finding) -> str:
    parts = (finding.message, finding.expected, finding.actual, finding.explain, finding.suggestion)
    return " ".join(part for part in parts if part)


@pytest.mark.parametrize(("code", "case"), list(cases()))
def test_case(code: str, case: dict[str, Any]) -> None:
    assert set(case) <= KEYS, f"unknown keys {set(case) - KEYS}"
    sheets = {name: rows for name, rows in BASE.items() if name not in case.get("删", ())}
    sheets |= case.get("表") or {}
    sheets = changed(sheets, case.get("改") or {})
    previous = None if "上年" not in case else book_of(changed(a_year_earlier(BASE), case["上年"]))
    report = check_rows(sheets, policy=case.get("政策", "national-2020"), previous=previous)
    assert [finding.message for finding in report.findings if finding.rule == "PE903"] == []
    if case.get("不报"):
        found = [finding for finding in report.findings if finding.rule == code]
        assert not found, [f"{finding.place} {finding.message}" for finding in found]
        return
    wanted = sorted(
        (cell_name(place_of(sheets, entry["格"])), entry["级别"], entry.get("规则", code))
        for entry in case["应报"]
    )
    rules = {rule for _, _, rule in wanted}
    found = [finding for finding in report.findings if finding.rule in rules]
    said = sorted((str(finding.place), SEVERITY_WORD[finding.severity], finding.rule) for finding in found)
    everything = "\n".join(f"{finding.rule} {finding.place} {finding.message}" for finding in report.findings)
    assert said == wanted, everything
    for entry in case["应报"]:
        place = cell_name(place_of(sheets, entry["格"]))
        texts = [text_of(finding) for finding in found if str(finding.place) == place]
        assert any(str(entry.get("含", "")) in text for text in texts), texts


def test_the_clean_workbook_is_silent() -> None:
    report = check_rows(BASE, policy="national-2020")
    loud = [
        f"{finding.rule} {finding.place} {finding.message}"
        for finding in report.findings
        if finding.severity != "info"
    ]
    assert loud == []


@pytest.mark.parametrize("code", sorted(set(RULES) - ELSEWHERE))
def test_a_rule_has_cases_that_fire_and_cases_that_stay_silent(code: str) -> None:
    path = FOLDER / f"{code}.yaml"
    assert path.is_file(), f"{code} has no cases"
    found = read_yaml(path)["cases"]
    assert any(case.get("应报") for case in found), f"{code}: no case that fires"
    assert any(case.get("不报") for case in found), f"{code}: no case that stays silent"


@pytest.mark.parametrize("code", sorted(set(RULES) - ELSEWHERE))
def test_a_rule_has_its_boundary_or_the_reason_why_it_has_none(code: str) -> None:
    found = [case["界"] for case in read_yaml(FOLDER / f"{code}.yaml")["cases"] if "界" in case]
    if code in NO_BOUNDARY:
        assert not found, f"{code} has a boundary: take it out of no_boundary.yaml"
    else:
        assert found, f"{code}: write a case 界 with 未到 and 过了, or its reason into no_boundary.yaml"


def test_reasons_are_of_rules_there_are() -> None:
    assert set(NO_BOUNDARY) <= set(RULES) - ELSEWHERE
    assert all(NO_BOUNDARY.values())


@pytest.mark.parametrize("code", sorted(RULES))
def test_a_rule_has_its_page(code: str) -> None:
    page = RULES[code].page
    assert list(page) == list(PAGE), f"{code}: {list(page)}"
    assert all(page.values())
