"""The text rules judged: slips in the clean text are found, other bureaus' true texts and tricky ones stay silent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from perfeval_xl.runs.checking import check
from tests.narrative import altered, mutations, related, rendered, slips_in_published
from tests.narrative.published import REPORTS, report_of
from tests.rules.test_rules import BASE
from tests.support import TESTS, changed, check_rows, read_yaml
from tests.word import LAYOUTS, Layout, build

EXAMPLE = read_yaml(TESTS / "narrative" / "example.yaml")
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


def test_slips_in_published_texts_are_found() -> None:
    results = slips_in_published.measure()
    assert len(results) >= 240
    assert sum(told for _, told in results) / len(results) >= 0.65


def test_reports_written_from_published_tables_are_silent_and_wrong_ones_are_told() -> None:
    false, wrong = rendered.measure()
    assert false == []
    assert len(wrong) >= 100
    assert sum(caught for *_, caught in wrong) / len(wrong) >= 0.92


def test_enough_published_reports_of_many_provinces() -> None:
    assert len(REPORTS) >= 80
    assert len({entry["province"] for entry in REPORTS if "province" in entry}) >= 18


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_example_in_word_contradicts_its_tables_where_a_reader_says_so(
    layout: Layout, tmp_path: Path
) -> None:
    path = tmp_path / "报告.docx"
    path.write_bytes(build(layout, False))
    found = [finding for finding in check(path).findings if finding.rule.startswith("PE60")]
    wanted = EXAMPLE["contradictions"]
    assert [(finding.rule, finding.place.sheet if finding.place else "") for finding in found] == [
        (item["rule"], item["sheet"]) for item in wanted
    ]
    for finding, item in zip(found, wanted, strict=True):
        assert item["words"] in finding.message
    assert not [item for item in EXAMPLE["agree"] for finding in found if item["words"] in finding.message]


@pytest.mark.parametrize("text", TRICKY["silent"])
def test_what_only_looks_like_a_contradiction_is_none(text: str) -> None:
    report = check_rows(changed(BASE, {"自评报告 / A5": text}), select=["PE6*"])
    assert [finding.message for finding in report.findings] == []


@pytest.mark.parametrize("entry", TRICKY["told"], ids=lambda entry: str(entry["text"]))
def test_contradictions_in_many_phrasings_are_told(entry: dict[str, str]) -> None:
    report = check_rows(changed(BASE, {"自评报告 / A5": entry["text"]}), select=["PE6*"])
    assert [finding.rule for finding in report.findings] == [entry["rule"]]


CASES = read_yaml(TESTS / "narrative" / "cases.yaml")


@pytest.mark.parametrize("entry", CASES, ids=lambda entry: str(entry["name"]))
def test_every_kind_of_passage_is_told_as_a_reader_would(entry: dict[str, Any]) -> None:
    if "in" in entry:
        report = check_rows(changed(BASE, {entry["in"]: entry["text"]}), select=["PE6*", "PE513"])
    else:
        report = altered.report_of({"year": entry["year"], "text": [entry["text"]]})
    assert [f"{finding.rule} {finding.severity}" for finding in report.findings] == entry["told"]


PASSAGES = altered.PASSAGES
#: Every second passage was used while the reading was made; of the others every second one again (``q1``), the rest never.
LOOKED_AT = [entry for number, entry in enumerate(PASSAGES) if number % 4 != 3]
HARMLESS = read_yaml(TESTS / "narrative" / "harmless.yaml")


def test_passages_without_a_contradiction_are_silent() -> None:
    clean = [entry for entry in LOOKED_AT if not entry["contradictions"]]
    told = [altered.loud(altered.report_of(entry)) for entry in clean]
    assert len(clean) >= 100
    assert [messages for messages in told if messages] == []


def test_contradictions_of_passages_are_told() -> None:
    wrong = [entry for entry in LOOKED_AT if entry["contradictions"]]
    told = [bool(altered.loud(altered.report_of(entry))) for entry in wrong]
    assert len(wrong) >= 14
    assert sum(told) / len(told) >= 0.6


def test_harmless_sentences_give_no_error() -> None:
    reports = [
        check_rows(changed(BASE, {"自评报告 / A5": entry["text"]}), select=["PE6*"]) for entry in HARMLESS
    ]
    found = [finding for report in reports for finding in report.findings]
    assert len(HARMLESS) >= 240
    assert [finding.message for finding in found if finding.severity == "error"] == []
    assert len([finding for finding in found if finding.severity == "warning"]) <= 1


def test_figures_altered_in_true_statements_are_told() -> None:
    shares = altered.shares(altered.measure(PASSAGES[:60:2]))
    told, every = (sum(found[side] for found in shares.values()) for side in (0, 1))
    assert every >= 80
    assert told / every >= 0.8


def test_passages_gathered_later_are_told_as_labelled() -> None:
    looked_at = altered.chosen("mended")
    told = [
        (bool(altered.loud(altered.report_of(entry))), bool(entry["contradictions"])) for entry in looked_at
    ]
    assert len(looked_at) >= 60
    assert [found for found, wrong in told if found and not wrong] == []
    assert sum(found for found, wrong in told if wrong) >= 5


def test_true_sentences_are_silent_and_told_once_a_figure_is_wrong() -> None:
    year: dict[str, Any] = {"year": 2022}
    told = [altered.loud(altered.report_of(year, (entry["text"],))) for entry in altered.WORDINGS]
    assert [messages for messages in told if messages] == []
    for found, every in altered.shares(altered.measure_wordings()).values():
        assert found / every >= 0.8


def test_relations_a_reader_wrote_down_are_told_once_a_figure_in_them_is_wrong() -> None:
    looked_at = related.chosen("mended")
    told, wrong, false, clean = related.told_as_labelled(looked_at)
    assert (false, told) == (0, wrong - 1)
    assert clean >= 35
    found = altered.shares(related.measure(looked_at))
    assert sum(one[1] for one in found.values()) >= 300
    for kind in ("share", "change", "sum", "balance", "direction"):
        assert found[kind][0] / found[kind][1] >= 0.9, kind
