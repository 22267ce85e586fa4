"""Row heights: Excel does not fit merged cells to their text, and nobody else fits any."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from perfeval_xl.hosts.package.sheets import SheetPart
from perfeval_xl.hosts.package.xml import child, children

_POINTS_PER_WIDTH = 6.0
_LINE_SPACING = 1.35
_HIGHEST = 409.0
#: A first column wider than this is the report's, which is set larger.
_REPORT_WIDTH = 60.0


def fit_rows(part: SheetPart, rows: Iterable[int]) -> None:
    """Give rows the height their wrapped texts need: Excel does not fit merged cells, and nobody else fits any."""
    widths = _widths(part)
    spans = {(area.top, area.left): area for area in part.merges}
    wanted = set(rows)
    needed: dict[int, float] = {}
    for (row, column), stored in part.stored().items():
        area = spans.get((row, column))
        if (
            row not in wanted
            or not isinstance(stored.value, str)
            or (area is not None and area.bottom > area.top)
        ):
            continue
        right = area.right if area is not None else column
        size = 14.0 if widths.get(1, 0) > _REPORT_WIDTH else 10.5
        room = sum(widths.get(at, 9.0) for at in range(column, right + 1)) * _POINTS_PER_WIDTH - 8
        lines = sum(max(1, -(-int(_width(piece, size)) // int(room))) for piece in stored.value.split("\n"))
        needed[row] = max(needed.get(row, 0.0), lines * size * _LINE_SPACING + 6)
    for row, points in needed.items():
        if points > float(part.rows[row].get("ht", "18")):
            part.height(row, min(_HIGHEST, points))


def _widths(part: SheetPart) -> dict[int, float]:
    holder = child(part.root, "cols")
    widths = {}
    for column in [] if holder is None else children(holder, "col"):
        for at in range(int(column.get("min", "1")), int(column.get("max", "1")) + 1):
            widths[at] = float(column.get("width", "9"))
    return widths


def _width(text: str, size: float) -> float:
    """Points a text takes: full-width characters are square, others about half."""
    return sum(size if unicodedata.east_asian_width(sign) in "WFA" else 0.55 * size for sign in text)
