"""Broken files, the same ones in every run; ``python -m tests.hosts.reading.fuzz`` goes on where these end."""

from __future__ import annotations

import pytest

from tests.hosts.reading import fuzz

#: Files that once brought out a fault, and the first of the endless row.
SEEDS = (1_000_149, 1_000_528, 1_000_675, 5_001_368, *range(160))


@pytest.mark.parametrize("first", range(0, len(SEEDS), 9))
def test_nothing_but_a_report_or_one_line_comes_of_a_broken_file(first: int) -> None:
    for seed in SEEDS[first : first + 9]:
        with fuzz.time_limit(fuzz.SECONDS):
            assert fuzz.outcome(fuzz.broken(seed)) in {"refused", "read", "marked"}, seed


def test_the_same_seed_breaks_the_same_way() -> None:
    assert fuzz.broken(7) == fuzz.broken(7)
    assert len({fuzz.broken(seed) for seed in range(20)}) == 20
