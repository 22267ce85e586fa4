"""The work of a check grows in proportion to its submission, whichever way that grows."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import pytest

from perfeval_xl.runs.checking import check_book
from tests.sizes import SHAPES, Sheets, base, cost, drawn, faults, grown, packed
from tests.support import book_of

#: The smaller of two sizes; those of a shape that is costly in itself are smaller.
SIZE = {
    "forms": 16,
    "heads": 16,
    "projects": 16,
    "long-names": 1_000,
    "long-texts": 1_000,
    "digits": 2_000,
    "goals": 400,
}


def calls(sheets: Sheets) -> int:
    """How many functions are called in a check of a submission: a measure that no other process disturbs."""
    book = book_of(sheets)
    count = 0

    def called(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(called)
    try:
        check_book(book)
    finally:
        sys.setprofile(None)
    return count


@pytest.fixture(scope="module")
def idle() -> int:
    """What a submission takes that did not grow, once everything is loaded."""
    check_book(book_of(base()))
    return calls(base())


@pytest.mark.parametrize("shape", SHAPES)
def test_work_grows_in_proportion(shape: str, idle: int) -> None:
    """Twice the size takes twice the calls, and a little more; a square takes four times."""
    size = SIZE.get(shape, 80)
    one, two = (calls(grown(shape, number)) - idle for number in (size, 2 * size))
    assert two <= 2.6 * max(one, idle // 10)


@pytest.mark.skipif(sys.platform == "win32", reason="what a process took is asked as POSIX has it")
@pytest.mark.parametrize("seed", [1, 2])
def test_a_drawn_workbook_is_judged_in_bounds(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "自评表.xlsx"
    path.write_bytes(packed(drawn(seed)[1]))
    done = cost("check", str(path), "--format", "json", "--highlight", str(tmp_path / "标注.xlsx"))
    assert [fault for fault in faults(done) if fault != "too slow"] == []
    assert done.code in (1, 3)
