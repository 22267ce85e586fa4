"""Where a reader gives up: as much as a limit allows is read, one more is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfeval_xl.errors import Unreadable
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.hosts.reading.word_numbers import formatted
from tests.hosts.hostfiles import parts, write

CELLS = "".join(f'<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>' for row in (1, 2, 3))
MERGES = "".join(f'<mergeCell ref="A{row}:B{row}"/>' for row in (1, 2, 3))
STRINGS = "<si><t>甲</t></si><si><t>乙</t></si><si><t>丙</t></si>"


@pytest.mark.parametrize("name", ["cells", "merges", "strings"])
def test_as_much_as_a_limit_allows_is_read(tmp_path: Path, name: str) -> None:
    content = parts(CELLS, after=f"<mergeCells>{MERGES}</mergeCells>", strings=STRINGS)
    path = write(tmp_path / "a.xlsx", content)
    assert len(read_book(path, "xlsx", Limits(**{name: 3})).grids[0].merges) == 3
    with pytest.raises(Unreadable, match="太多"):
        read_book(path, "xlsx", Limits(**{name: 2}))


def test_a_limit_is_above_nothing() -> None:
    assert LIMITS.changed(["cells=1"]).cells == 1
    with pytest.raises(ValueError, match="正整数"):
        LIMITS.changed(["cells=0"])


def test_small_numbers_are_written_in_chinese() -> None:
    style = "chineseCounting"
    assert (formatted(99, style), formatted(100, style)) == ("九十九", "100")
