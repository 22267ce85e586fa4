"""Broken files, the same ones in every run, and every input that once brought out a fault; ``python -m tests.fuzz`` goes on
where these end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import breaking
from tests.fuzz.targets import TARGETS, kept, run

#: Files that once brought out a fault, and the first of an endless row.
SEEDS = (1_000_149, 1_000_528, 1_000_675, 5_001_368, *range(160))


@pytest.mark.parametrize("first", range(0, len(SEEDS), 9))
def test_nothing_but_a_report_or_one_line_comes_of_a_broken_file(first: int) -> None:
    for seed in SEEDS[first : first + 9]:
        became = run(TARGETS["workbook"], breaking.broken(seed))
        assert became in {"refused", "read", "marked"}, seed


@pytest.mark.parametrize("name", TARGETS)
def test_good_inputs_are_good(name: str) -> None:
    """A target whose inputs all come to nothing would find nothing."""
    became = {run(TARGETS[name], seed) for seed in TARGETS[name].seeds()}
    assert became - {"refused", "none", "unreadable", "0 of 0", "Unknown"}


@pytest.mark.parametrize(
    ("name", "path"),
    [(name, path) for name in TARGETS for path in kept(name)],
    ids=lambda one: getattr(one, "name", one),
)
def test_what_once_brought_out_a_fault(name: str, path: Path) -> None:
    run(TARGETS[name], path.read_bytes())


def test_the_same_seed_breaks_the_same_way() -> None:
    assert breaking.broken(7) == breaking.broken(7)
    assert len({breaking.broken(seed) for seed in range(20)}) == 20
    data = breaking.sources()[2]
    assert breaking.broken_more(data, 200_000, 7) == breaking.broken_more(data, 200_000, 7) != data
    assert len(breaking.broken_more(b"no package", 5, 7)) <= 5
