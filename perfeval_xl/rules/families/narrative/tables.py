"""Tables that a report in Word holds besides the forms: the columns whose total row does not give the rows above it, the shares
and the changes that do not follow from the amounts beside them.

Such a table is no form, so what its columns and rows mean is not known. A column is taken to be one of amounts or numbers only
where its total shows it: another column of the table adds up, or one mistyped digit explains why this one does not. Shares
and changes are taken for such where most rows of the column are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TypeVar

from perfeval_xl import patterns as re
from perfeval_xl.equations import Equation, Ratio, Term
from perfeval_xl.findings import Severity
from perfeval_xl.forms.records import Field
from perfeval_xl.forms.sheet import field_of
from perfeval_xl.grid import Cell, Grid
from perfeval_xl.records import dataclass, replace
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
_SHARE = re.compile("占比|比重|占.*(?:比例|百分比|%)")
_RATE = re.compile("^(?!.*(?:增|减|降|满意|合格)).*(?:执行|完成|到位|使用|支出|支付|拨付)(?:进度|率|比例)")
_DIFFERENCE = re.compile(
    "^(?!.*(?:率|幅|%|比例)).*(?:增减|增加|减少|变动|差)(?:额|数|情况|值)?(?:[(].*[)])?$"
)
_GROWTH = re.compile("(?:增减|增长|增幅|降幅|变动|同比|下降).*(?:率|幅|%)|增幅")
#: Columns that hold no amounts: differences and rates.
_NO_AMOUNT = re.compile("率|比|%|增|减|差|幅|序号|编号|备注|单价")
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
    for grid in _own_tables(context):
        yield from _of_table(grid)


def shares(context: Context) -> Iterator[Ratio]:
    """That the shares of a report's own tables are those of the amounts in the column in front of them."""
    for grid in _own_tables(context):
        lines = _lines(grid)
        totals = [line for line in lines if _TOTAL.match(line.name)]
        if len(totals) != 1:
            continue
        for column in _titled(lines, _SHARE):
            amounts = _in_front(lines, column, 1)
            if amounts and (total := totals[0].fields.get(amounts[0])) is not None:
                yield from _mostly(_share_of(grid, line, column, amounts[0], total) for line in lines)


def changes(context: Context) -> Iterator[Equation | Ratio]:
    """That the changes of a report's own tables, in amounts and in per cent, are those of the two columns of amounts in front
    of them."""
    for grid in _own_tables(context):
        lines = _lines(grid)
        for column in _titled(lines, _DIFFERENCE):
            yield from _likeliest(
                _differences(grid, lines, column, *order) for order in _orders(lines, column)
            )
        for column in _titled(lines, _GROWTH):
            yield from _likeliest(_growths(grid, lines, column, *order) for order in _orders(lines, column))


def rates(context: Context) -> Iterator[Ratio]:
    """That the rates of a report's own tables (执行率, 完成率) are one of the two columns of amounts in front of them over the
    other."""
    for grid in _own_tables(context):
        lines = _lines(grid)
        for column in _titled(lines, _RATE):
            yield from _likeliest(_rates(grid, lines, column, *order) for order in _orders(lines, column))


def _orders(lines: Sequence[_Line], column: int) -> list[tuple[int, int]]:
    """The two columns of amounts in front of one, either way round; none where there are not two."""
    pair = _in_front(lines, column, 2)
    return [(pair[0], pair[1]), (pair[1], pair[0])] if len(pair) == len(_OLD_AND_NEW) else []


def _likeliest(options: Iterable[list[Declared]]) -> list[Declared]:
    """Of several readings of a column the one that most rows bear out, where most do."""
    best: list[Declared] = max(options, key=_holding, default=[])
    return _mostly(best)


def _differences(grid: Grid, lines: Sequence[_Line], column: int, old: int, new: int) -> list[Equation]:
    found = []
    for line in lines:
        delta, before, now = (line.fields.get(one) for one in (column, old, new))
        if delta is None or before is None or now is None:
            continue
        terms = [_term(grid, line, one, field) for one, field in ((new, now), (old, before))]
        declared = Equation(
            "PE610",
            grid.sheet,
            _term(grid, line, column, delta),
            tuple(terms),
            (1, -1),
            f"{grid.sheet}的增减额等于两个数之差",
            decimals=max(field.decimals for field in (delta, before, now)),
        )
        title = line.titles.get(column, "")
        words = f"报告中{grid.sheet}“{line.name}”{title}写的是 {delta.text}，{declared.explain()}"
        found.append(replace(declared, words=words))
    return found


def _rates(grid: Grid, lines: Sequence[_Line], column: int, whole: int, part: int) -> list[Ratio]:
    found = []
    for line in lines:
        rate, bottom, top = (line.fields.get(one) for one in (column, whole, part))
        if rate is None or bottom is None or top is None or not bottom.number:
            continue
        terms = [
            _term(grid, line, one, field) for one, field in ((column, rate), (part, top), (whole, bottom))
        ]
        title = line.titles.get(column, "")
        declared = Ratio(
            "PE612", grid.sheet, terms[0], terms[1], terms[2], f"{grid.sheet}的{title}等于两个数相除"
        )
        found.append(_told(declared, line))
    return found


def _growths(grid: Grid, lines: Sequence[_Line], column: int, old: int, new: int) -> list[Ratio]:
    found = (_growth_of(grid, line, column, old, new) for line in lines)
    return [one for one in found if one is not None]


def _holding(declared: Sequence[Equation | Ratio]) -> int:
    return sum(one.check() == "holds" for one in declared)


Declared = TypeVar("Declared", Equation, Ratio)
_OLD_AND_NEW = ("old", "new")


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of a table: its name, its figures by column, and the titles of the columns."""

    name: str
    fields: dict[int, Field]
    titles: dict[int, str]


def _own_tables(context: Context) -> Iterator[Grid]:
    if not context.forms.narratives:
        return
    unread = {one.sheet for one in context.forms.unread if _SHEET.match(one.sheet)}
    yield from (grid for grid in context.grids if grid.sheet in unread)


def _lines(grid: Grid) -> list[_Line]:
    """The rows that hold figures, under the titles of the rows above them."""
    rows = [(number, cells) for number, cells in grid.rows()]
    first = next((place for place, one in enumerate(rows) if _has_figure(grid, *one)), len(rows))
    titles: dict[int, str] = {}
    for _, cells in rows[:first]:
        for cell in cells:
            titles[cell.column] = titles.get(cell.column, "") + clean(cell.text)
    found = []
    for number, cells in rows[first:]:
        fields = {cell.column: field_of(grid.sheet, number, cell.column, cell) for cell in cells}
        written = {column: field for column, field in fields.items() if field.number is not None}
        label = _label(cells)
        found.append(_Line(clean((label or _name_cell(cells)).text), written, titles))
    return found


def _titled(lines: Sequence[_Line], pattern: re.Pattern[str]) -> list[int]:
    return [column for column, title in lines[0].titles.items() if pattern.search(title)] if lines else []


def _in_front(lines: Sequence[_Line], column: int, number: int) -> tuple[int, ...]:
    """So many columns of amounts right in front of one, the nearest last; of differences and rates none."""
    titles = lines[0].titles
    found = [one for one in titles if one < column and not _NO_AMOUNT.search(titles[one])]
    filled = [one for one in found if sum(one in line.fields for line in lines) >= _LEAST_ROWS]
    return tuple(filled[-number:])


def _share_of(grid: Grid, line: _Line, column: int, amounts: int, total: Field) -> Ratio | None:
    rate, part = line.fields.get(column), line.fields.get(amounts)
    if rate is None or part is None or not total.number or _TOTAL.match(line.name):
        return None
    terms = (_term(grid, line, column, rate), _term(grid, line, amounts, part))
    whole = Term(total, f"{grid.sheet}合计", low=None)
    return _told(Ratio("PE611", grid.sheet, *terms, whole, f"{grid.sheet}的占比等于各行除以合计"), line)


def _growth_of(grid: Grid, line: _Line, column: int, old: int, new: int) -> Ratio | None:
    rate, before, now = (line.fields.get(one) for one in (column, old, new))
    if rate is None or before is None or now is None or not before.number:
        return None
    own, was, now_is = (
        _term(grid, line, one, field) for one, field in ((column, rate), (old, before), (new, now))
    )
    what = f"{grid.sheet}的增减幅度等于增减额除以前一个数"
    return _told(Ratio("PE610", grid.sheet, own, now_is, was, what, above=((-1, was),)), line)


def _term(grid: Grid, line: _Line, column: int, field: Field) -> Term:
    return Term(field, f"{grid.sheet}“{line.name}”{line.titles.get(column, '')}", low=None)


def _told(ratio: Ratio, line: _Line) -> Ratio:
    title = line.titles.get(ratio.rate.field.place.column, "")
    words = f"报告中{ratio.owner}“{line.name}”{title}写的是 {ratio.rate.field.text}，{ratio.explain()}"
    return replace(ratio, words=words)


def _mostly(found: Iterable[Declared | None]) -> list[Declared]:
    """Declarations of which most hold, two at least."""
    declared = [one for one in found if one is not None]
    holding = _holding(declared)
    return declared if holding >= _LEAST_ROWS and holding * 2 > len(declared) else []


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


def _name_cell(cells: Sequence[Cell]) -> Cell:
    """The cell that names a row: the first, but for a number in front of the name."""
    named = (cell for cell in cells[:2] if not _NUMBER.fullmatch(clean(cell.text)))
    return next(named, cells[0])


_NUMBER = re.compile(r"\d*[.、]?")


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
