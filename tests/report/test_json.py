"""The JSON report keeps its contract, whatever was checked."""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

from perfeval_xl.findings import Report, Skipped, to_dict, to_json
from perfeval_xl.grid import Place
from tests.report import samples

SCHEMA = json.loads(files("perfeval_xl.report").joinpath("report-2.schema.json").read_text(encoding="utf-8"))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "make", [samples.example, samples.county, samples.empty, samples.hostile, samples.report]
)
@pytest.mark.parametrize("indent", [2, None])
def test_every_report_keeps_the_contract(make: object, indent: int | None) -> None:
    report = make()  # type: ignore[operator]
    assert isinstance(report, Report)
    text = to_json(report, indent)
    again = json.loads(text)
    Draft202012Validator(SCHEMA).validate(again)
    assert again == to_dict(report)
    if indent is None:
        assert len(text.split("\n")) == 1


@pytest.mark.parametrize("where", ["", "summary", "tool", "policy"])
def test_the_schema_is_strict(where: str) -> None:
    validator = Draft202012Validator(SCHEMA)
    data = to_dict(samples.county())
    target = data[where] if where else data
    target["more"] = 1
    assert not validator.is_valid(data)
    del target["more"]
    assert validator.is_valid(data)
    target.popitem()
    assert not validator.is_valid(data)


def test_the_schema_is_strict_about_findings() -> None:
    validator = Draft202012Validator(SCHEMA)
    for name, value in (
        ("severity", "fatal"),
        ("cell", "5D"),
        ("rule", 101),
        ("order", 0),
        ("fix", None),
        ("accepted", "因"),
        ("more", 1),
    ):
        data = to_dict(samples.county())
        data["findings"][1][name] = value
        assert not validator.is_valid(data), name


def test_the_example_as_json() -> None:
    data = to_dict(samples.example())
    assert data["verdict"] == "fail"
    assert data["policy"]["id"] == "hunan-2023"
    assert data["year"] == 2023
    assert data["workbook"] == str(samples.EXAMPLE)
    assert {form["kind"] for form in data["forms"]} >= {"basic", "overall", "project"}
    found = Counter(finding["severity"] for finding in data["findings"])
    summary = data["summary"]
    assert {severity: summary[severity] for severity in found} == found
    assert summary["skipped"] == len(data["skipped"])
    assert summary["checked"] > 100
    assert summary["accepted"] == 0
    prints = [finding["fingerprint"] for finding in data["findings"]]
    assert len(set(prints)) == len(prints)


def test_no_figure_is_a_binary_number() -> None:
    def floats(value: object) -> bool:
        if isinstance(value, dict):
            return any(floats(item) for item in value.values())
        if isinstance(value, list):
            return any(floats(item) for item in value)
        return isinstance(value, float)

    assert not floats(to_dict(samples.example()))


def test_the_summary_counts_open_findings_only() -> None:
    report = samples.report(
        samples.finding(severity="error"),
        samples.finding(severity="error", accepted="已核", acceptable=True),
        samples.finding(severity="error", accepted="说了也算", acceptable=False),
        samples.finding(severity="warning", accepted="已核"),
        samples.finding(severity="info"),
        skipped=(Skipped("PE101", "附件1", "没有"), Skipped("PE102", "附件1", "没有")),
    )
    data = to_dict(report)
    assert data["summary"] == {
        "error": 2,
        "warning": 0,
        "info": 1,
        "checked": 9,
        "skipped": 2,
        "accepted": 2,
    }
    assert [finding["accepted"] for finding in data["findings"]] == [
        None,
        {"reason": "已核"},
        {"reason": "说了也算"},
        {"reason": "已核"},
        None,
    ]
    assert data["verdict"] == "fail"


def test_places() -> None:
    of_file = samples.finding(None)
    of_cell = samples.finding(Place("附件1", 5, 28), related=(Place("附件2", 6, 5),))
    first, second = to_dict(samples.report(of_file, of_cell))["findings"]
    assert (first["sheet"], first["cell"]) == (None, None)
    assert (second["sheet"], second["cell"]) == ("附件1", "AB5")
    assert second["related"] == [{"file": None, "sheet": "附件2", "cell": "E6"}]


def test_chinese_is_written_as_it_is() -> None:
    assert "合计不符" in to_json(samples.report(samples.finding()))
