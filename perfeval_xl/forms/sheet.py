"""A sheet as the form readers look at it: rows of cells, fields by place, header bands by their labels."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from perfeval_xl import patterns as re
from perfeval_xl.grid import Area, Cell, Grid, Place
from perfeval_xl.text import clean, is_dash, read_number

from . import labels
from .records import YUAN, Field, MoneyUnit

_MONEY_UNIT = re.compile(r"(亿元|万元|千元|元)")
_LABELLED = re.compile(r"^(?:其中:?)?(?P<label>[^:]*?):(?P<value>.*)$", re.DOTALL)


def field_of(sheet: str, row: int, column: int, cell: Cell | None) -> Field:
    """The field of one cell, read from what the sheet shows."""
    place = Place(sheet, row, column)
    if cell is None:
        return Field(place)
    if cell.uncached:
        return Field(place, state="unknown", formula=True)
    formula = cell.formula is not None
    if cell.error:
        return Field(place, text=cell.text, state="error", formula=formula)
    field = text_field(place, cell.text, cell)
    return replace(field, formula=True) if formula else field


def text_field(place: Place, text: str, cell: Cell | None = None) -> Field:
    """The field of a text as shown; ``cell`` where it is a whole cell (its stored number helps then)."""
    text = text.strip()
    if not clean(text):
        return Field(place)
    number = read_number(text)
    stored = cell.value if cell is not None and isinstance(cell.value, Decimal) else None
    if number is not None:
        return Field(
            place,
            text=text,
            state="number",
            number=number.value,
            decimals=number.decimals,
            unit=number.unit,
            percent=number.percent,
            as_text=cell is not None and stored is None,
        )
    if stored is not None:
        return Field(place, text=text, state="number", number=stored, decimals=max(0, -_exponent(stored)))
    return Field(place, text=text, state="dash" if is_dash(text) else "text")


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


@dataclass(frozen=True, slots=True)
class Band:
    """A header row, or two: where each role's columns begin and end, and the last row of the band."""

    top: int
    bottom: int
    columns: Mapping[str, tuple[int, int]]

    @property
    def first(self) -> int:
        """The first column that is read (columns that only look alike are labelled too)."""
        return min(left for role, (left, _) in self.columns.items() if role != "other")

    def __contains__(self, role: str) -> bool:
        return role in self.columns


#: Beyond every row of a sheet.
_FAR = 1 << 31


def _number(row: tuple[int, list[Cell]]) -> int:
    return row[0]


class Sheet:
    """Random and row-wise access to one grid, restricted to some rows."""

    def __init__(self, grid: Grid, whole: Sheet | None = None, top: int = -_FAR, bottom: int = _FAR) -> None:
        self.grid = grid
        self.name = grid.sheet
        self.top = top
        self.bottom = bottom
        # What is sorted and covered is found out once: a sheet may hold a thousand forms.
        self._rows = list(_rows(grid)) if whole is None else whole._between(top, bottom)
        self._by_row = dict(self._rows)
        self._covered: Mapping[tuple[int, int], tuple[int, int]] = (
            _covered(grid.merges) if whole is None else whole._covered
        )

    @property
    def rows(self) -> Sequence[tuple[int, list[Cell]]]:
        """Non-empty rows with their non-empty cells, in order."""
        return self._rows

    def part(self, top: int, bottom: int) -> Sheet:
        """The same sheet restricted to some of its rows."""
        return Sheet(self.grid, self, max(top, self.top), min(bottom, self.bottom))

    def with_cells(self, cells: Iterable[Cell]) -> Sheet:
        """The same rows with other cells in some places."""
        other = {**self.grid.cells, **{(cell.row, cell.column): cell for cell in cells}}
        return Sheet(replace(self.grid, cells=other)).part(self.top, self.bottom)

    def _between(self, top: int, bottom: int) -> list[tuple[int, list[Cell]]]:
        """The non-empty rows between two rows, both included."""
        first = bisect_left(self._rows, top, key=_number)
        return self._rows[first : bisect_right(self._rows, bottom, first, key=_number)]

    def cells(self, row: int) -> list[Cell]:
        return self._by_row.get(row, [])

    def below(self, row: int, within: int = _FAR) -> Iterator[tuple[int, list[Cell]]]:
        """Non-empty rows under a row, at most ``within`` rows down."""
        yield from self._between(row + 1, row + within)

    def field(self, row: int, column: int) -> Field:
        return field_of(self.name, row, column, self.grid.cells.get((row, column)))

    def at(self, row: int, span: tuple[int, int]) -> Field:
        """The field of a column span in a row: its first non-empty cell, else its blank first cell."""
        left, right = span
        for cell in self._by_row.get(row, ()):
            if left <= cell.column <= right:
                return field_of(self.name, row, cell.column, cell)
        top = self._covered.get((row, left))
        field = self.field(row, left)
        covered = top is not None and top[0] < row and top[1] == left
        return replace(field, covered=True) if covered else field

    def merged_from(self, row: int, span: tuple[int, int]) -> Field | None:
        """The field of the cell that is merged downwards over this place, if one is."""
        top = self._covered.get((row, span[0]))
        return self.at(top[0], span) if top is not None and top[0] < row else None

    def labels(self, row: int) -> dict[int, str]:
        """The texts of a row by column."""
        return {cell.column: cell.text for cell in self._by_row.get(row, ()) if isinstance(cell.value, str)}

    def area(self, top: int, bottom: int) -> Area:
        """The range that the cells between two rows take."""
        cells = [cell for _, cells in self._between(top, bottom) for cell in cells]
        if not cells:
            return Area(top, 1, top, 1)
        return Area(
            top,
            min(cell.column for cell in cells),
            max(cell.row for cell in cells),
            max(cell.column for cell in cells),
        )


def _rows(grid: Grid) -> Iterator[tuple[int, list[Cell]]]:
    """Rows with something in them; a cell of blanks only is as good as none."""
    for row, cells in grid.rows():
        kept = [cell for cell in cells if cell.uncached or cell.text.strip()]
        if kept:
            yield row, kept


def _covered(merges: Iterable[Area]) -> dict[tuple[int, int], tuple[int, int]]:
    """For the left edge of every merge, which cell covers the places under it."""
    covered = {}
    for area in merges:
        if area.bottom - area.top > 2000:
            continue
        for row in range(area.top + 1, area.bottom + 1):
            covered[(row, area.left)] = (area.top, area.left)
    return covered


def band(
    sheet: Sheet, row: int, table: labels.Table, endings: labels.Table | None = None, depth: int = 2
) -> Band | None:
    """The header band that starts in a row: every labelled column up to the next labelled one.

    A second row belongs to the band when most of what stands in it are labels of the same table; where both
    rows label a column, the lower one is the finer.
    """
    found: dict[int, str | None] = {}
    bottom = row
    for number in range(row, row + depth):
        here = {column: labels.role_of(text, table) for column, text in sheet.labels(number).items()}
        known = [role for role in here.values() if role is not None]
        if number > row and (len(known) < 2 or len(known) * 2 < len(sheet.cells(number))):
            break
        found.update(here)
        bottom = number
    if endings is not None:
        _fill_by_ending(sheet, row, bottom, found, endings)
    edges = sorted(found)
    last = {edge: following - 1 for edge, following in pairwise(edges)}
    columns: dict[str, tuple[int, int]] = {}
    for column in edges:
        role = found[column]
        if role is not None and role not in columns:
            columns[role] = (column, last.get(column, column + 3))
    return Band(row, bottom, columns) if columns else None


def _fill_by_ending(
    sheet: Sheet, top: int, bottom: int, found: dict[int, str | None], endings: labels.Table
) -> None:
    """Roles for the columns that no table has, by how their headings end, then by the words in them."""
    taken = set(found.values())
    headings = [
        (column, text) for row in range(top, bottom + 1) for column, text in sheet.labels(row).items()
    ]
    for role_of in (lambda text: labels.role_by_ending(text, endings), labels.role_by_words):
        for column, text in headings:
            role = role_of(text) if found.get(column) is None else None
            if role is not None and role not in taken:
                found[column] = role
                taken.add(role)


def labelled(field: Field) -> tuple[str, Field] | None:
    """Label and value of a cell that holds both ("其中：基本支出：360.71"); None if it holds no colon.

    The value's field has the label cell's place; it is blank where nothing follows the colon.
    """
    if field.state != "text":
        return None
    match = _LABELLED.match(clean(field.text))
    if match is None:
        return None
    return match["label"], text_field(field.place, match["value"])


def head_pairs(sheet: Sheet, top: int, bottom: int) -> dict[str, Field]:
    """The label and value pairs of a form's head, by role: beside each other, or in one cell with a colon."""
    pairs: dict[str, Field] = {}
    for row in range(top, bottom + 1):
        cells = sheet.cells(row)
        for index, cell in enumerate(cells):
            if not isinstance(cell.value, str):
                continue
            field = field_of(sheet.name, row, cell.column, cell)
            role = labels.role_of(cell.text, labels.HEAD)
            if role is not None:
                pairs.setdefault(role, _beside(sheet, row, cells, index))
                continue
            inside = labelled(field)
            if inside is not None and (role := labels.role_of(inside[0], labels.HEAD)) is not None:
                value = inside[1] if not inside[1].missing else _beside(sheet, row, cells, index)
                pairs.setdefault(role, value)
    return pairs


def _beside(sheet: Sheet, row: int, cells: Sequence[Cell], index: int) -> Field:
    """The value to the right of a label: the next cell, unless that is a label itself or the unit of money.

    Where the place beside the label is a blank merged cell of its own, the value is that blank.
    """
    first = _right_edge(sheet, row, cells[index].column) + 1
    after = cells[index + 1] if index + 1 < len(cells) else None
    blank = sheet.field(row, _as_in_next_row(sheet, row, cells[index].column, first, after))
    if after is None or labels.is_head_label(after.text):
        return blank
    if money_unit([after.text]) is not None:
        return Field(Place(sheet.name, row, cells[index].column))
    if after.column > first and any((row, first) in area for area in sheet.grid.merges):
        return blank
    return field_of(sheet.name, row, after.column, after)


def _as_in_next_row(sheet: Sheet, row: int, label: int, first: int, after: Cell | None) -> int:
    """The column in which the value beside a label is missing: where the row above or below has its own, between the label
    and what stands behind it."""
    for near in (row + 1, row - 1):
        columns = [cell.column for cell in sheet.cells(near)]
        if label in columns[:-1]:
            column = columns[columns.index(label) + 1]
            if first <= column and (after is None or column < after.column):
                return column
    return first


#: Labels of a head are merged alike: so many rows away one tells how wide another is.
_ALIKE = 3


def _right_edge(sheet: Sheet, row: int, column: int) -> int:
    """The last column that a label takes; of one that is not merged, that of the labels above and below it."""
    starting = {
        area.top: area.right
        for area in sheet.grid.merges
        if area.left == column and abs(area.top - row) <= _ALIKE and area.right - column <= _ALIKE
    }
    for area in sheet.grid.merges:
        if (row, column) in area:
            return area.right
    near = min(starting, key=lambda top: abs(top - row), default=None)
    return column if near is None else starting[near]


def money_unit(texts: Iterable[str]) -> MoneyUnit | None:
    """The money unit that a block's labels name: "项目资金(元)", "单位：万元"."""
    for text in texts:
        cleaned = clean(text)
        if len(cleaned) > 60:
            continue
        match = re.search(r"[(:](?:单位:?)?(亿元|万元|千元|元)\)?", cleaned)
        if match is not None:
            unit: MoneyUnit = match[1]  # type: ignore[assignment]
            return unit
    return None


def in_money(field: Field, unit: MoneyUnit | None) -> Field:
    """A money field in its form's unit: "150万" is 150 in a 万元 form, 1500000 in a 元 form."""
    written = _MONEY_UNIT.fullmatch(field.unit + "元" if field.unit in ("万", "亿", "千") else field.unit)
    if field.number is None or written is None or unit is None or written[1] == unit:
        return field
    return field.scaled(YUAN[written[1]] / YUAN[unit])
