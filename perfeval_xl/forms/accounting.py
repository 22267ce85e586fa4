"""What of a source no form's reader and writer took up: every cell that says something is accounted for.

A cell is *used* where its content was written somewhere, a *label* where a form's own print says the same (titles,
captions, headings, names of rows), and *left* otherwise.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Set
from dataclasses import dataclass
from functools import lru_cache

from perfeval_xl import patterns as re
from perfeval_xl.grid import Cell, Grid, Place
from perfeval_xl.text import clean, is_dash, one_line

from . import labels
from .basic_form import YEAR_COLUMN
from .indicator_form import FILLER
from .segments import ATTACHMENT, title_kind
from .sheet import money_unit

#: Tables of labels with the roles whose columns or rows no template has: their headings are content.
_TABLES: tuple[tuple[labels.Table, frozenset[str]], ...] = (
    (labels.INDICATOR_COLUMNS, frozenset({"other", "completion", "adjusted", "coefficient", "row_rule"})),
    (labels.FUND_COLUMNS, frozenset({"other", "reason"})),
    (labels.FUND_ROWS, frozenset()),
    (labels.INCOME_LINES, frozenset()),
    (labels.SPENDING_LINES, frozenset()),
    (labels.HEAD, frozenset()),
    (labels.GOALS, frozenset()),
    (labels.TOTAL_ROW, frozenset()),
    (labels.STAFF_COLUMNS, frozenset()),
    (labels.BUILDING_COLUMNS, frozenset()),
    (labels.BUDGET_LINES, frozenset()),
    (labels.FUND_TABLE_COLUMNS, frozenset()),
)
_YEAR_LINE = re.compile(r"\(?20\d\d年?度?\)?")
_ORDINALS = "序号"
#: What other bureaus' forms call their blocks: 年度总体目标完成情况, 部门预算执行情况, 年初绩效目标.
_BLOCK = re.compile(
    "(年度|当年|全年|年初|预期|部门|项目)*(总体|整体|绩效|预算|资金)*(目标|指标|执行|资金|支出)(实际)?(完成|执行|使用)?(情况)?"
)
#: The number or the year before the name of a line or a column.
_BEFORE_NAME = re.compile(r"^(\(?\d{1,2}\)?[、.．]|20\d\d年?度?)")


@dataclass(frozen=True, slots=True)
class Left:
    """A cell that found no place: what it shows, what its row and its column are called, and why, where that is known."""

    place: Place
    text: str
    row_label: str = ""
    column_label: str = ""
    reason: str = ""

    def __str__(self) -> str:
        around = "，".join(
            f"{name}“{label}”" for name, label in (("行", self.row_label), ("列", self.column_label)) if label
        )
        told = f"（{around}）" if around else ""
        why = f"：{self.reason}" if self.reason else ""
        return f"{self.place}{told}　{one_line(self.text) or '（空）'}{why}"


def left_over(
    grids: Iterable[Grid], used: Set[Place], sheets: Collection[str], words: Collection[str]
) -> Iterator[Left]:
    """The cells of ``grids`` that are neither used nor labels, in order.

    ``sheets`` are those that hold forms: on others nothing counts as a label. ``words`` are what the template prints.
    """
    plain_words = frozenset(labels.plain(word) for word in words)
    for grid in grids:
        yield from _left_on(grid, used, plain_words if grid.sheet in sheets else None)


def _left_on(grid: Grid, used: Set[Place], words: frozenset[str] | None) -> Iterator[Left]:
    around = _Around(grid)
    for row, cells in grid.rows():
        for cell in cells:
            if _says_nothing(cell) or Place(grid.sheet, row, cell.column) in used:
                continue
            if words is not None and (is_label(cell, words) or around.ordinal(cell)):
                continue
            reason = "公式没有计算结果" if cell.uncached else ""
            yield Left(
                Place(grid.sheet, row, cell.column), cell.text.strip(), around.row_label(cell, cells),
                around.column_label(cell), reason,
            )  # fmt: skip


def _says_nothing(cell: Cell) -> bool:
    """Blank, a dash, or the dots and ordinals that a printed form has for rows not filled in."""
    if cell.uncached:
        return False
    text = clean(cell.text)
    return not text or is_dash(text) or FILLER.match(text) is not None


def is_label(cell: Cell, words: frozenset[str]) -> bool:
    """Whether a cell of a form holds what the form's print says: a title, caption, heading or name of a row."""
    return isinstance(cell.value, str) and _is_label(cell.text, words)


@lru_cache(maxsize=4096)
def _is_label(text: str, words: frozenset[str]) -> bool:
    cleaned = clean(text)
    if title_kind(text) is not None or ATTACHMENT.match(cleaned) or _YEAR_LINE.fullmatch(cleaned):
        return True
    if labels.plain(text) in words or cleaned == _ORDINALS or YEAR_COLUMN.match(cleaned):
        return True
    if _BLOCK.fullmatch(labels.plain(text)):
        return True
    if len(cleaned) <= 12 and money_unit([text]) is not None:
        return True
    name = _BEFORE_NAME.sub("", labels.plain(text))
    return any(
        (role := labels.role_of(name, table)) is not None and role not in lacking
        for table, lacking in _TABLES
    )


class _Around:
    """What the rows and columns of a sheet are called: the nearest short texts to the left and above."""

    def __init__(self, grid: Grid) -> None:
        self.headings: dict[int, list[tuple[int, str]]] = {}
        for cell in sorted(grid.cells.values()):
            if isinstance(cell.value, str) and _may_head(cell.text):
                self.headings.setdefault(cell.column, []).append((cell.row, one_line(cell.text)))

    def column_label(self, cell: Cell) -> str:
        found = self.headings.get(cell.column, [])
        at = bisect_left(found, (cell.row, ""))
        return found[at - 1][1] if at else ""

    def row_label(self, cell: Cell, cells: Iterable[Cell]) -> str:
        before = [
            other
            for other in cells
            if other.column < cell.column and isinstance(other.value, str) and len(clean(other.text)) <= 40
        ]
        named = [other for other in before if not any(sign.isdigit() for sign in other.text)]
        return one_line((named or before)[-1].text) if before else ""

    def ordinal(self, cell: Cell) -> bool:
        """A running number under 序号."""
        return clean(cell.text).isdigit() and clean(self.column_label(cell)) == _ORDINALS


def _may_head(text: str) -> bool:
    """A text that may be the heading of a column."""
    cleaned = clean(text)
    if not 1 < len(cleaned) <= 20:
        return False
    return (
        cleaned == _ORDINALS
        or any(labels.role_of(text, table) is not None for table, _ in _TABLES)
        or bool(YEAR_COLUMN.match(cleaned))
    )
