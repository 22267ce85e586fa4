"""The list of units that are to hand in, and who of them has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath

from perfeval_xl import patterns as re
from perfeval_xl.errors import BatchError
from perfeval_xl.grid import Grid
from perfeval_xl.hosts.limits import Limits
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.text import clean, one_line

_HEADING = re.compile(
    "(?:(?:预算|填报|被评价|评价|部门|一级|二级|基层|主管)*(?:单位|部门)(?:\\(单位\\)|\\(部门\\))?(?:名称|全称)?)"
)
#: A row of a list that is no unit.
_NO_UNIT = re.compile("合计|总计|小计|共?\\d+[个家]?|(?:填表|制表|联系)人.*|备注.*|说明.*|注[:：].*")
_ASIDE = re.compile("\\((?:本级|本部|机关|汇总)\\)")


def listed_units(path: Path, limits: Limits) -> tuple[str, ...]:
    """The units of a list, once each: what stands in the first column headed 单位, 单位名称 … of each of its sheets.

    Unreadable where the file cannot be read, BatchError where there is no such column or nothing in it.
    """
    book = read_book(path, None, limits)
    found = dict.fromkeys(unit for grid in book.grids for unit in _in_sheet(grid))
    if not found:
        raise BatchError(f"{path.name}：没有找到单位名单，请在一列的第一行写“单位名称”，下面每行一个单位")
    return tuple(found)


def _in_sheet(grid: Grid) -> Iterator[str]:
    column = None
    for _, cells in grid.rows():
        if column is None:
            column = next((cell.column for cell in cells if _HEADING.fullmatch(clean(cell.text))), None)
            continue
        for cell in cells:
            if cell.column == column and not _NO_UNIT.fullmatch(clean(cell.text)):
                yield one_line(cell.text)


def same_name(name: str) -> str:
    """A name as names are compared: without spaces, without 本级, whatever its brackets."""
    return _ASIDE.sub("", clean(name)).casefold()


def assigned(units: Sequence[str], submissions: Iterable[tuple[str, str | None]]) -> Mapping[str, str]:
    """Which of the expected ``units`` each submission is of, by its name; ``submissions`` are names with the unit they state. What
    states or is called exactly like a unit is of that one; else the longest unit that is part of either."""
    by_name = {same_name(unit): unit for unit in units}
    longest_first = sorted((name for name in by_name if name), key=lambda name: (-len(name), name))
    found = {}
    for submission, stated in submissions:
        called = [same_name(stated or ""), same_name(PurePath(submission).stem), same_name(submission)]
        exact = next((by_name[name] for name in called if name in by_name), None)
        within = next((by_name[name] for name in longest_first if any(name in one for one in called)), None)
        unit = exact or within
        if unit is not None:
            found[submission] = unit
    return found
