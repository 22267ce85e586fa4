"""Tables that a report in Word holds besides the forms: the columns whose total row does not give the rows above it.

Such a table is no form, so what its columns and rows mean is not known. A column is taken to be one of amounts or numbers only
where its total shows it: another column of the table adds up, or one mistyped digit explains why this one does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from perfeval_xl.equations import Equation, Term
from perfeval_xl.findings import Severity
from perfeval_xl.forms.records import Field
from perfeval_xl.forms.sheet import field_of
from perfeval_xl.grid import Cell, Grid
from perfeval_xl.rules.context import Context
from perfeval_xl.text import clean, plain
from perfeval_xl.typing_errors import LIKELY, typing_error

#: What Word's tables without a caption are called.
_SHEET = re.compile(r"^表\d*$")
_TOTAL = re.compile("^(?:合计|总计|共计|总额)(?:\\(.*\\))?$")
#: Rows that are parts of a row above, so that the column would count them twice.
_INNER = re.compile("^(?:其中|小计|\\(?[1-9]\\d?[.、)]|\\([一二三四五六七八九十]\\))")
_OUTER = re.compile("^[一二三四五六七八九十]+、")
#: Columns that have no sum.
_NO_SUM = re.compile(
    "率|比|%|单价|均|增长|增幅|进度|标准|等级|序号|排名|年度$|时间|日期|代码|编[号码]|幅度|电话"
)
#: Fewer rows make no table to add up.
_LEAST_ROWS = 2


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of figures: its title, its total, the figures of the other rows with the rows' names."""

    title: str
    total: Field
    items: tuple[tuple[str, Field], ...]


def sums(context: Context) -> Iterator[Equation]:
    """That the columns of a report's own tables give their totals."""
    if not context.forms.narratives:
        return
    unread = {one.sheet for one in context.forms.unread if _SHEET.match(one.sheet)}
    for grid in context.grids:
        if grid.sheet in unread:
            yield from _of_table(grid)


def _of_table(grid: Grid) -> Iterator[Equation]:
    declared = [_equation(grid, column) for column in _columns(grid)]
    holds = any(one.check() == "holds" for one in declared)
    for one in declared:
        if holds or _is_slip(one):
            yield one


def _columns(grid: Grid) -> Iterator[_Column]:
    rows = [(row, cells, clean(cells[0].text)) for row, cells in grid.rows()]
    totals = [place for place, (_, cells, _) in enumerate(rows) if _label(cells) is not None]
    if len(totals) != 1:
        return
    row, cells, _ = rows[totals[0]]
    figures = {cell.column: field for cell in cells if (field := _figure(grid, row, cell)) is not None}
    first = next(
        (place for place, (number, line, _) in enumerate(rows) if _has_figure(grid, number, line)), None
    )
    if first is None or totals[0] not in (first, len(rows) - 1):
        return
    others = [one for place, one in enumerate(rows) if place >= first and place != totals[0]]
    names = [name for _, _, name in others]
    if any(_INNER.match(name) for name in names) and any(
        not _INNER.match(name) or _OUTER.match(name) for name in names
    ):
        return
    for column, total in figures.items():
        title = clean(
            "".join(cell.text for _, line, _ in rows[:first] for cell in line if cell.column == column)
        )
        items = tuple(
            (name, field)
            for number, line, name in others
            for cell in line
            if cell.column == column and (field := _figure(grid, number, cell)) is not None
        )
        if len(items) >= _LEAST_ROWS and not _NO_SUM.search(title):
            yield _Column(title, total, items)


def _label(cells: Sequence[Cell]) -> Cell | None:
    """The cell of a row that says it is the total."""
    return next((cell for cell in cells[:2] if _TOTAL.match(clean(cell.text))), None)


def _has_figure(grid: Grid, row: int, cells: Sequence[Cell]) -> bool:
    return any(_figure(grid, row, cell) is not None for cell in cells[1:])


def _figure(grid: Grid, row: int, cell: Cell) -> Field | None:
    field = field_of(grid.sheet, row, cell.column, cell)
    return field if field.number is not None and not field.percent and field.unit != "年" else None


def _equation(grid: Grid, column: _Column, severity: Severity = "error") -> Equation:
    decimals = max(field.decimals for field in (column.total, *(field for _, field in column.items)))
    title = f"“{column.title}”" if column.title else ""
    parts = tuple(Term(field, f"{grid.sheet}“{name}”", low=None) for name, field in column.items)
    added = plain(sum((part.value for part in parts), Decimal(0)))
    return Equation(
        "PE602",
        grid.sheet,
        Term(column.total, f"{grid.sheet}合计", low=None),
        parts,
        (1,) * len(parts),
        f"{grid.sheet}{title}各行之和等于合计",
        decimals=decimals,
        severity=severity,
        words=f"报告中{grid.sheet}{title}的合计是 {plain(column.total.number or Decimal(0))}，各行加起来是 {added}",
    )


def _is_slip(equation: Equation) -> bool:
    """A likely slip in the total, or in one row, explains why a column does not add up."""
    off = equation.sum - equation.total.value
    options = [(equation.total, off), *((part, -off) for part in equation.parts)]
    found = (
        typing_error(term.value, term.value + gap, equation.decimals)
        for term, gap in options
        if term.value + gap > 0
    )
    return any(slip is not None and slip.strength >= LIKELY for slip in found)
