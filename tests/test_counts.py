"""How often the functions are called that everything goes through: what is worked out twice is seen here without a clock.

The bounds are what ``bench/whole.py`` counted, and a quarter more: calls a cell of the example, not seconds.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from perfeval_xl.cli.demo import example
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.runs.checking import check
from tests.counting import counted

#: At most so many calls a filled cell.
MOST = {
    "clean": 15.6,
    "read_number": 1.4,
    "field_of": 1.9,
    "plain": 0.7,
    "is_empty": 0.6,
    "replace": 1.1,
}


@pytest.fixture(scope="module")
def calls() -> dict[str, float]:
    """Calls a filled cell of the example."""
    path = Path(example())
    cells = sum(len(grid.cells) for grid in read_book(path).grids)
    return {name: count / cells for name, count in counted(lambda: check(path)).items()}


@pytest.mark.parametrize("name", MOST)
def test_nothing_is_worked_out_more_often_than_it_was(name: str, calls: dict[str, float]) -> None:
    assert 0 < calls[name] <= MOST[name]
