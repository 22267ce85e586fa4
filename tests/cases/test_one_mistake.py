"""One mistake, said once, at the cell that is wrong: one_mistake.yaml, in the layouts of published tables.

A case changes cells of a published table (表: its file; 改: cells by their address, null empties one) and names everything
that is then said and was not said before (添), each as "规则 级别 格", or nothing (添: []). 含 is a text that is said; 报告 adds a report of these lines.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from perfeval_xl.findings import Report
from perfeval_xl.grid import coordinates
from perfeval_xl.runs.checking import check_book
from tests import slips_elsewhere
from tests.support import TESTS, check_rows, read_yaml

KEYS = {"情形", "表", "改", "报告", "添", "含"}
CASES: dict[str, list[dict[str, Any]]] = read_yaml(TESTS / "cases" / "one_mistake.yaml")


def report_of(table: str, changes: dict[str, Any], narrative: list[str] | None) -> Report:
    """A published table with cells changed: "C5" on its first sheet, "表名!C5" on another."""
    sheets = read_yaml(TESTS / "published" / f"{table}.yaml")["sheets"]
    rows = {sheet["name"]: [list(row) for row in sheet["rows"]] for sheet in sheets}
    for where, value in changes.items():
        name, _, address = where.rpartition("!")
        row, column = coordinates(address)
        cells = rows[name or sheets[0]["name"]]
        while len(cells) < row:
            cells.append([])
        cells[row - 1].extend([None] * (column - len(cells[row - 1])))
        cells[row - 1][column - 1] = value
    merges = {sheet["name"]: sheet.get("merges") or () for sheet in sheets}
    if narrative is not None:
        rows["自评报告"] = [[line] for line in narrative]
    return check_rows(rows, policy="national-2020", merges=merges)


def lines(report: Report) -> Counter[str]:
    return Counter(f"{finding.rule} {finding.severity} {finding.place}" for finding in report.findings)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{kind}-{case['表']}-{case['情形']}")
        for kind, cases in CASES.items()
        for case in cases
    ],
)
def test_case(case: dict[str, Any]) -> None:
    assert set(case) <= KEYS, f"unknown keys {set(case) - KEYS}"
    report = report_of(case["表"], case["改"], case.get("报告"))
    new = lines(report) - lines(report_of(case["表"], {}, None))
    everything = "\n".join(f"{finding.rule} {finding.place} {finding.message}" for finding in report.findings)
    assert sorted(new.elements()) == sorted(case["添"]), everything
    told = everything + "".join(finding.suggestion or "" for finding in report.findings)
    assert str(case.get("含", "")) in told


@pytest.mark.parametrize("kind", list(CASES))
def test_every_kind_is_held_in_other_layouts(kind: str) -> None:
    layouts = {read_yaml(TESTS / "published" / f"{case['表']}.yaml")["layout"] for case in CASES[kind]}
    assert len(CASES[kind]) >= 5
    assert len(layouts) >= 4


@pytest.mark.parametrize(
    "case", read_yaml(TESTS / "cases" / "small_forms.yaml"), ids=lambda case: case["情形"]
)
def test_small_form(case: dict[str, Any]) -> None:
    sheets = {sheet["名"]: sheet["行"] for sheet in case["表"]}
    report = check_rows(sheets, merges={sheet["名"]: sheet["并"] for sheet in case["表"]})
    assert [f"{finding.rule} {finding.severity} {finding.place}" for finding in report.findings] == case["报"]


@pytest.mark.parametrize(
    "table", ["suixi_minzheng", "yongde_minglang_school", "jinzhai_chagu", "shidian_nongjing"]
)
def test_slips_of_judgement_are_told_in_other_layouts(table: str) -> None:
    """A sample of ``python -m tests.slips_elsewhere``; years are its weak side."""
    book = dict(slips_elsewhere.books())[table]
    before = slips_elsewhere.said(check_book(book, policy="national-2020").findings)
    planted = [slip for slip in slips_elsewhere.slips(book) if slip.kind != "年份"]
    results = [slips_elsewhere.outcome(table, book, slip, before) for slip in planted]
    assert len(results) >= 5
    assert [str(row.slip) for row in results if not row.pointed] == []
    assert [str(finding.place) for row in results for finding in row.unrelated] == []


@pytest.mark.parametrize("kind", [kind for kind in slips_elsewhere.KINDS[6:] if kind != "颠倒"])
def test_what_reviewers_object_to_is_told_in_other_layouts(kind: str) -> None:
    """One slip of each kind a table; where the table says the same already, nothing new can be told."""
    results = []
    for table, book in slips_elsewhere.books():
        slip = next((one for one in slips_elsewhere.slips(book) if one.kind == kind), None)
        if slip is not None:
            before = slips_elsewhere.said(check_book(book, policy="national-2020").findings)
            results.append(slips_elsewhere.outcome(table, book, slip, before))
    assert len(results) >= 5
    assert sum(row.pointed for row in results) >= len(results) * FLOORS.get(kind, 0.95)


#: Kinds that some tables say of themselves, or whose rows print their unit, so that fewer can be told.
FLOORS = {"填分值": 0.9, "少5分": 0.8, "成本下限": 0.8, "钱没花": 0.9, "口号": 0.9}
