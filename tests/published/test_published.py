"""Real published tables of other bureaus: every finding was read by eye, and stands in reviewed.yaml with the verdict.

A finding that is not listed there is new: read it, and either list it with why it is true, or mend the rule.
``python -m tests.published.test_published`` prints all findings and how many of them are true.
"""

from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from perfeval_xl.findings import Report
from perfeval_xl.grid import Area
from tests.support import TESTS, check_rows, read_yaml

FOLDER = TESTS / "published"
TABLES = sorted(path for path in FOLDER.glob("*.yaml") if path.stem != "reviewed")
NEW = sorted(path for path in (FOLDER / "new").glob("*.yaml") if path.stem not in ("reviewed", "labels"))
REVIEWED: dict[str, list[dict[str, Any]]] = read_yaml(FOLDER / "reviewed.yaml")
REVIEWED_NEW: dict[str, list[dict[str, Any]]] = read_yaml(FOLDER / "new" / "reviewed.yaml")


def report_of(path: Path) -> Report:
    data = read_yaml(path)
    return check_rows(
        {sheet["name"]: sheet["rows"] for sheet in data["sheets"]},
        policy="national-2020",
        merges={sheet["name"]: sheet.get("merges") or () for sheet in data["sheets"]},
    )


def lines(report: Report) -> list[str]:
    return [f"{finding.rule} {finding.severity} {finding.place}" for finding in report.findings]


@pytest.mark.parametrize("path", [*TABLES, *NEW], ids=lambda path: path.stem)
def test_every_finding_was_read_by_eye(path: Path) -> None:
    entries = {**REVIEWED, **REVIEWED_NEW}
    reviewed = [entry["finding"] for entry in entries.get(path.stem, [])]
    assert lines(report_of(path)) == reviewed


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_the_form_is_recognised(path: Path) -> None:
    report = report_of(path)
    assert report.summaries, f"no form was read: {report.unread}"


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_merged_cells_of_a_transcript_hide_nothing(path: Path) -> None:
    for sheet in read_yaml(path)["sheets"]:
        taken = Counter(
            place
            for area in map(Area.of, sheet.get("merges") or ())
            for place in product(range(area.top, area.bottom + 1), range(area.left, area.right + 1))
        )
        tops = {(area.top, area.left) for area in map(Area.of, sheet.get("merges") or ())}
        filled = {
            (row, column)
            for row, cells in enumerate(sheet["rows"], 1)
            for column, value in enumerate(cells, 1)
            if value is not None
        }
        assert [place for place, times in taken.items() if times > 1] == []
        assert filled & (set(taken) - tops) == set()


def test_no_false_alarm_at_warning_or_above_is_left() -> None:
    entries = [entry for found in REVIEWED.values() for entry in found]
    loud = [entry for entry in entries if " info " not in entry["finding"]]
    assert len(loud) >= 50
    assert [entry for entry in loud if entry["right"] is not True] == []


def test_nothing_false_is_said_of_the_labelled_tables() -> None:
    entries = [entry for found in REVIEWED_NEW.values() for entry in found]
    assert len(entries) >= 60
    assert [entry for entry in entries if entry["right"] not in (True, "debatable")] == []


def test_enough_bureaus_and_layouts() -> None:
    layouts = {read_yaml(path)["layout"] for path in TABLES}
    assert len(TABLES) >= 30
    assert len(layouts) >= 14


if __name__ == "__main__":
    counts: Counter[str] = Counter()
    for table in TABLES:
        for finding in report_of(table).findings:
            print(table.stem, finding.rule, finding.severity, finding.place, finding.message)
            counts[finding.severity] += 1
    print(dict(counts))
