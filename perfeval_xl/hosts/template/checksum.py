"""The number that tells whether a form was edited since the last check: what the template's checksum formula gives.

The formula weighs every figure by its place and every letter of every text by its place and its position in the
text. Here the same is worked out from the cells; ranges and widths are read from the formula itself, so that
inserted rows are no matter.
"""

from __future__ import annotations

from collections.abc import Callable

from perfeval_xl import patterns as re
from perfeval_xl.grid import Area

_FIGURES = re.compile(r"SUMPRODUCT\(ROW\((?P<area>[$A-Z0-9:]+)\)\*31\+COLUMN\((?P=area)\),(?P=area)\)")
_LETTERS = re.compile(
    r"SUMPRODUCT\(ISTEXT\((?P<area>[$A-Z0-9:]+)\)\*_xlfn\.UNICODE\(MID\((?P=area)&REPT\(\" \",(?P<width>\d+)\)"
)
#: More than the template's formulas reach over: a formula that asks for more is not one of ours.
_MOST_CELLS, _WIDEST = 200_000, 1000
_LAST_LETTER = 0xFFFF
Read = Callable[[int, int], "float | str | bool | None"]


def is_checksum(formula: str) -> bool:
    """Whether a formula is one of the template's checksums."""
    return _FIGURES.search(formula) is not None and "UNICODE(" in formula


def checksum(formula: str, read: Read) -> float:
    """What the formula gives; ``read`` tells what a cell (row, column) holds: a figure, a text, or nothing.

    ValueError for a formula that reaches further than the template's own do.
    """
    total = 0.0
    for match in _FIGURES.finditer(formula):
        for row, column in _places(match["area"]):
            value = read(row, column)
            if isinstance(value, float | int) and not isinstance(value, bool):
                total += (row * 31 + column) * float(value)
    for match in _LETTERS.finditer(formula):
        if len(match["width"]) > 4 or int(match["width"]) > _WIDEST:
            raise ValueError(f"too wide: {match['width']}")
        for row, column in _places(match["area"]):
            value = read(row, column)
            if isinstance(value, str):
                if any(ord(sign) > _LAST_LETTER for sign in value[: int(match["width"])]):
                    return 0.0  # Excel reads such a letter in halves, which is an error; the formula then gives 0
                total += _letters(value, row, column, int(match["width"]))
    return total


def _places(reference: str) -> list[tuple[int, int]]:
    area = Area.of(reference)
    if (area.bottom - area.top + 1) * (area.right - area.left + 1) > _MOST_CELLS:
        raise ValueError(f"too many cells: {reference}")
    return [
        (row, column)
        for row in range(area.top, area.bottom + 1)
        for column in range(area.left, area.right + 1)
    ]


def _letters(text: str, row: int, column: int, width: int) -> int:
    codes = [ord(sign) for sign in text[:width]]
    codes += [ord(" ")] * (width - len(codes))
    place = row * 3 + column
    return sum((position + place) * code for position, code in enumerate(codes, 1))
