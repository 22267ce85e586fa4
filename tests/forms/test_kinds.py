"""Layouts of forms kind by kind, several variants of each: what is read of them and what a check says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from perfeval_xl.forms.records import IndicatorForm
from tests.support import TESTS, changed, check_rows, read_yaml

KINDS: dict[str, list[dict[str, Any]]] = read_yaml(TESTS / "forms" / "layouts.yaml")


def _cases() -> Iterator[Any]:
    for kind, cases in KINDS.items():
        for number, case in enumerate(cases, 1):
            yield pytest.param(case, id=f"{kind}-{number}")


def sheets_of(case: dict[str, Any]) -> dict[str, Any]:
    sheets = case["表"] if "表" in case else sheets_of(case["源"])
    return changed(sheets, case.get("改", {}))


@pytest.mark.parametrize("case", list(_cases()))
def test_a_layout(case: dict[str, Any]) -> None:
    report = check_rows(sheets_of(case))
    loud = [finding for finding in report.findings if finding.severity != "info"]
    rules = {finding.rule for finding in loud}
    said = [f"{finding.rule} {finding.place.cell if finding.place else ''}" for finding in loud]
    if "报" in case:
        assert said == case["报"]
    assert set(case.get("含", ())) <= rules, said
    assert not set(case.get("不含", ())) & rules, said
    assert "PE901" not in rules
    forms = [form for form in report.forms if isinstance(form, IndicatorForm)]
    if "部分" in case:
        assert forms[0].funds is not None
        assert [row.label.text.removeprefix("其中:") for row in forms[0].funds.parts] == case["部分"]
    if "指标" in case:
        assert [row.name.text for row in forms[0].indicators] == case["指标"]
    if "种类" in case:
        assert [summary.kind for summary in report.summaries] == case["种类"]
    if "其他" in case:
        assert [paper.kind for paper in report.papers] == case["其他"]
        assert len(report.unread) >= len(case["其他"])
    if "判" in case:
        assert report.verdict == case["判"]
        if case.get("其他"):
            assert report.reason is not None
            assert "不是自评表" in report.reason


def test_a_kind_has_variants_enough() -> None:
    assert {kind for kind, cases in KINDS.items() if len(cases) < 5} == set()
