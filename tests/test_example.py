"""The bundled example and its clean twin: every anomaly listed by hand, and nothing else; in all three layouts."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

import pytest

from perfeval_xl.findings import Report
from perfeval_xl.runs.checking import check
from tests import slips
from tests.support import TESTS, example_builder, read_yaml

LISTED = read_yaml(TESTS / "example_findings.yaml")


@lru_cache(maxsize=8)
def report_of(layout: str, clean: bool) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "示例.xlsx"
        path.write_bytes(example_builder().build(layout, clean))
        return check(path, policy="hunan-2023")


def told(report: Report) -> set[tuple[str, str, str, str]]:
    return {
        (finding.rule, finding.severity, finding.place.sheet, finding.place.cell)
        for finding in report.findings
        if finding.place is not None
    }


def wanted(layout: str) -> set[tuple[str, str, str, str]]:
    """The list by hand, its cells moved to where the layout puts them."""
    found = set()
    for entry in LISTED["wrong"]:
        sheet, cell = entry["sheet"], entry["cell"]
        if layout == "stacked":
            sheet, cell = example_builder().where(sheet, cell)
        found.add((entry["rule"], entry["severity"], sheet, cell))
    return found


@pytest.mark.parametrize("layout", slips.LAYOUTS)
def test_exactly_what_was_listed_by_hand_is_found(layout: str) -> None:
    assert told(report_of(layout, False)) == wanted(layout)


@pytest.mark.parametrize("layout", slips.LAYOUTS)
def test_what_only_looks_wrong_is_not_told(layout: str) -> None:
    cells = set()
    for entry in LISTED["only looks wrong"]:
        where = (entry["sheet"], entry["cell"])
        cells.add(example_builder().where(*where) if layout == "stacked" else where)
    found = {(sheet, cell) for _, _, sheet, cell in told(report_of(layout, False))}
    assert not found & cells


@pytest.mark.parametrize("layout", slips.LAYOUTS)
def test_the_clean_twin_is_silent(layout: str) -> None:
    report = report_of(layout, True)
    assert [finding for finding in report.findings if finding.severity != "info"] == []
    assert report.verdict == "pass"


@pytest.mark.parametrize("layout", slips.LAYOUTS)
def test_planted_slips_are_found_at_their_cells(layout: str) -> None:
    """A sample of what ``python -m tests.slips`` measures in full."""
    shares = slips.shares(slips.measure(layout, limit=120))
    assert shares["slips"] >= 110
    assert shares["recall"] >= 0.99
    assert shares["cell"] >= 0.8
    assert shares["cell or related"] >= 0.95
    assert shares["median related"] <= 6


def test_enough_slips_of_enough_kinds() -> None:
    from perfeval_xl.forms import read_forms

    made = [slip for layout in slips.LAYOUTS for slip in slips.slips(read_forms(slips.clean_book(layout)))]
    assert len(made) >= 300
    assert len({slip.kind for slip in made}) >= 20
