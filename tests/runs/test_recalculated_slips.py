"""Recomputing over a sample of planted slips (``python -m tests.recalc`` runs them all), and what is said of mistyped figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfeval_xl.runs.checking import check_book
from tests.recalc import POLICY, chosen, made_worse, tried, undone
from tests.slips import LAYOUTS, planted
from tests.support import example_builder


@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_recomputed_makes_a_new_finding(layout: str) -> None:
    book, every = chosen(layout, 10, 5)
    clean = check_book(book, policy=POLICY).findings
    assert [str(row.slip) for slip in every if (row := tried(book, slip, clean)).new] == []


def test_what_was_recomputed_is_undone(tmp_path: Path) -> None:
    book, every = chosen("own", 40, 0)
    slip = next(slip for slip in every if tried(book, slip).changes)
    assert undone(example_builder().build("own", True), slip, tmp_path) is True


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_mistyped_figure_is_the_one_finding(layout: str) -> None:
    """Whatever it is typed as, and in whatever layout: it is named, and nothing that merely follows from it."""
    book, every = chosen(layout, 0, 24)
    before = check_book(book, policy=POLICY).findings
    mistyped = [slip for slip in every if slip.kind != "占位"]
    assert len(mistyped) > 12
    for slip in mistyped:
        findings = check_book(planted(book, slip), policy=POLICY).findings
        new = [finding for finding in made_worse(before, findings) if finding.severity != "info"]
        assert [(finding.rule, finding.place) for finding in new] == [("PE715", slip.place)], slip
