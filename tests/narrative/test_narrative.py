"""The text rules judged: slips in the clean text are found, other bureaus' true texts and tricky ones stay silent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.narrative import mutations, rendered
from tests.narrative.published import REPORTS, report_of
from tests.rules.test_rules import BASE
from tests.support import TESTS, changed, check_rows, read_yaml

TRICKY = read_yaml(TESTS / "narrative" / "tricky.yaml")


def test_slips_in_the_text_are_found_and_no_table_is_blamed_or_changed_for_them() -> None:
    results = mutations.measure()
    assert len(results) >= 150
    assert sum(mutations.caught(*row) for row in results) / len(results) >= 0.97
    assert [finding for row in results for finding in mutations.blamed(*row)] == []


@pytest.mark.parametrize("entry", REPORTS, ids=lambda entry: str(entry["bureau"]))
def test_findings_on_published_reports_are_those_read_by_eye(entry: dict[str, Any]) -> None:
    found = [f"{finding.rule} {finding.severity} {finding.place}" for finding in report_of(entry).findings]
    assert found == [item["finding"] for item in entry["findings"]]
    assert all(item["right"] for item in entry["findings"])


def test_reports_written_from_published_tables_are_silent_and_wrong_ones_are_told() -> None:
    false, wrong = rendered.measure()
    assert false == []
    assert len(wrong) >= 100
    assert sum(caught for *_, caught in wrong) / len(wrong) >= 0.92


def test_enough_published_reports() -> None:
    assert len(REPORTS) >= 10


@pytest.mark.parametrize("text", TRICKY["silent"])
def test_what_only_looks_like_a_contradiction_is_none(text: str) -> None:
    report = check_rows(changed(BASE, {"自评报告 / A5": text}), select=["PE6*"])
    assert [finding.message for finding in report.findings] == []


@pytest.mark.parametrize("entry", TRICKY["told"], ids=lambda entry: str(entry["text"]))
def test_contradictions_in_many_phrasings_are_told(entry: dict[str, str]) -> None:
    report = check_rows(changed(BASE, {"自评报告 / A5": entry["text"]}), select=["PE6*"])
    assert [finding.rule for finding in report.findings] == [entry["rule"]]
