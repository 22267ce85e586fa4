"""Reader of the fund block of 附件2 and 附件3: a table of sources, or its figures one under or beside the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from perfeval_xl import patterns as re
from perfeval_xl.grid import Cell, Place
from perfeval_xl.records import replace
from perfeval_xl.text import clean

from . import labels
from .misread import looks_mistyped
from .records import Field, FundBlock, FundRow, MoneyUnit, NatureLine
from .sheet import Band, Sheet, band, field_of, in_money, labelled

MONEY_COLUMNS = ("initial", "budget", "executed")
#: What the row of the whole is called where the form prints no label beside it.
WHOLE = "年度资金总额"
_POINTS = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,2})?)分")


def fund_top(sheet: Sheet, top: int, bottom: int) -> int | None:
    """The row in which the fund block begins, between two rows."""
    header = _header(sheet, top, bottom)
    if header is not None:
        return header
    return next(
        (row for row, _ in sheet.rows if top < row < bottom and _written_out(sheet, row, bottom)), None
    )


def read(
    sheet: Sheet, row: int | None, bottom: int, kind: str, unit: MoneyUnit | None
) -> tuple[FundBlock | None, tuple[NatureLine, ...], tuple[NatureLine, ...]]:
    """The fund block that begins in a row and, in 附件2, the lines by 收入性质 and 支出性质 under it."""
    if row is None:
        return None, (), ()
    written_out = None if row == _header(sheet, row - 1, row + 1) else _written_out(sheet, row, bottom + 1)
    if written_out is not None:
        rows, end = written_out
        nature = _nature(sheet, end, bottom, kind, unit)
        rows = tuple(replace(one, cells=_converted(one.cells, unit)) for one in rows)
        columns = frozenset(role for one in rows for role in one.cells)
        return FundBlock(columns, rows), *nature
    header = band(sheet, row, labels.FUND_COLUMNS, depth=1)
    assert header is not None  # the row was found by its labels
    header = _with_own_budget(sheet, row, header)
    rows_found: list[FundRow] = []
    last = row
    for number, cells in sheet.below(row):
        if number > bottom or _ends(cells) or _by_nature(kind, cells):
            break
        last = number
        fund = _fund_row(sheet, header, number, unit, first=not rows_found)
        if fund is not None:
            rows_found.append(fund)
    points = None if "weight" in header or "score" not in header else _points(sheet, row)
    rows_of = _with_lent(_by_budget([_with_points(one, points) for one in rows_found]))
    columns = frozenset(header.columns) | ({"weight"} if points is not None else set())
    return FundBlock(columns, rows_of), *_nature(sheet, last, bottom, kind, unit)


def _header(sheet: Sheet, top: int, bottom: int) -> int | None:
    """The row that heads a table of sources: two of its columns are named and no figure stands between them."""
    for row, cells in sheet.rows:
        if not top < row < bottom:
            continue
        found = labels.roles((cell.text for cell in cells), labels.FUND_COLUMNS)
        if len(found & set(MONEY_COLUMNS)) >= 2 and not any(
            isinstance(cell.value, Decimal) for cell in cells
        ):
            return row
    return None


def _with_own_budget(sheet: Sheet, row: int, header: Band) -> Band:
    """The header of a form whose one budget column is headed 年初预算数(A) and whose rate is B/A: that is what it is executed
    against, whatever it is called."""
    texts = {labels.role_of(text, labels.FUND_COLUMNS): clean(text) for text in sheet.labels(row).values()}
    if "budget" in header or "initial" not in header or "(A)" not in texts.get("initial", ""):
        return header
    if "B/A" not in texts.get("rate", ""):
        return header
    columns = {("budget" if role == "initial" else role): span for role, span in header.columns.items()}
    return replace(header, columns=columns)


def _ends(cells: Sequence[Cell]) -> bool:
    """A row that tells how the money was managed, or begins another block."""
    texts = [cell.text for cell in cells if isinstance(cell.value, str)]
    return any(
        labels.OF_INDICATORS.match(labels.plain(text))
        or any(labels.role_of(text, table) for table in (labels.MANAGEMENT_ROWS, labels.GOALS))
        for text in texts
    )


def _by_nature(kind: str, cells: Sequence[Cell]) -> bool:
    return kind == "overall" and any("性质" in cell.text for cell in cells)


# -- a table of sources -----------------------------------------------------------------------------------------


def _fund_row(sheet: Sheet, header: Band, row: int, unit: MoneyUnit | None, first: bool) -> FundRow | None:
    cells = _converted(
        {role: sheet.at(row, span) for role, span in header.columns.items() if role != "other"}, unit
    )
    amounts = [cells[column] for column in MONEY_COLUMNS if column in cells]
    before = [cell for cell in sheet.cells(row) if cell.column < header.first and isinstance(cell.value, str)]
    if not before:
        if first and sum(field.figure for field in amounts) >= 2:
            # A block of one row needs no label: it is the whole.
            place = Place(sheet.name, row, header.first)
            return FundRow(Field(place, text=WHOLE, state="text"), "total", cells)
        return None
    named = [cell for cell in before if labels.role_of(cell.text, labels.FUND_ROWS) is not None]
    cell = (named or before)[-1]
    role = labels.role_of(cell.text, labels.FUND_ROWS) or "part"
    if role == "part" and not any(field.figure or field.state == "dash" for field in amounts):
        return None
    return FundRow(field_of(sheet.name, row, cell.column, cell), role, cells)  # type: ignore[arg-type]


def _converted(cells: Mapping[str, Field], unit: MoneyUnit | None) -> dict[str, Field]:
    return {role: in_money(field, unit) if role in MONEY_COLUMNS else field for role, field in cells.items()}


def _points(sheet: Sheet, row: int) -> Field | None:
    """The points of the execution rate where only a label tells them: "得分(20分*执行率)", "预算执行情况(20分)"."""
    for cell in reversed(sheet.cells(row)):
        match = _POINTS.search(clean(cell.text))
        if match is not None and len(cell.text) < 40:
            place = Place(sheet.name, row, cell.column)
            return Field(place, text=match[1], state="number", number=Decimal(match[1]), printed=True)
    return None


def _with_points(row: FundRow, points: Field | None) -> FundRow:
    if points is None or row.role != "total":
        return row
    return replace(row, cells={**row.cells, "weight": points})


def _by_budget(rows: Sequence[FundRow]) -> list[FundRow]:
    """The rows with those marked that break the source above them down by budget: 财政拨款, under it 一般公共预算 and 政府性基金."""
    found: list[FundRow] = []
    for row in rows:
        budget = labels.role_of(row.label.text, labels.BUDGETS)
        above = found[-1] if found else None
        begins = budget == "public" and above is not None and _is_fiscal_whole(above)
        goes_on = budget is not None and above is not None and above.role == "detail"
        found.append(replace(row, role="detail") if begins or goes_on else row)
    return found


def _is_fiscal_whole(row: FundRow) -> bool:
    return row.role != "total" and labels.plain(row.label.text) in labels.FISCAL_WHOLE


def _with_lent(rows: Sequence[FundRow]) -> tuple[FundRow, ...]:
    """The rows of a form that prints weight, rate and score beside its one source, with them in the row of the whole."""
    whole = next((row for row in rows if row.role == "total"), None)
    if whole is None or not any(_amounts(whole)):
        return tuple(rows)
    lent = [role for role in _JUDGED if role in whole.cells and whole.cells[role].blank]
    source = next((row for row in rows if row.role == "fiscal" and _amounts(row) == _amounts(whole)), None)
    if lent != [role for role in _JUDGED if role in whole.cells] or source is None:
        return tuple(rows)
    if not all(source.cells[role].figure for role in lent):
        return tuple(rows)
    given = replace(whole, cells={**whole.cells, **{role: source.cells[role] for role in lent}})
    emptied = {role: cell for role, cell in source.cells.items() if role not in lent}
    kept = replace(source, cells=emptied)
    return tuple(given if row is whole else kept if row is source else row for row in rows)


#: What is said of the execution, in the row of the whole.
_JUDGED = ("weight", "rate", "score")


def _amounts(row: FundRow) -> list[Decimal | None]:
    return [row.cells[column].number for column in MONEY_COLUMNS if column in row.cells]


# -- figures one under or beside the other ----------------------------------------------------------------------


def _written_out(sheet: Sheet, row: int, bottom: int) -> tuple[tuple[FundRow, ...], int] | None:
    """The rows of a block without a header of columns that begins in a row, and its last row; None where there is none.

    Three ways: 年初预算数, 全年预算数 … one under the other with the figures beside them, of several sources where these head
    the columns; label and figure in turn in one row or two; "预算数：2.38" with the figure in the cell of the label.
    """
    return _upright(sheet, row, bottom) or _in_turn(sheet, row, bottom)


def _upright(sheet: Sheet, row: int, bottom: int) -> tuple[tuple[FundRow, ...], int] | None:
    for column, text in sheet.labels(row).items():
        if labels.role_of(text, labels.FUND_COLUMNS) not in MONEY_COLUMNS:
            continue
        found: dict[str, int] = {}
        for number in range(row, min(bottom, row + 8)):
            role = labels.role_of(sheet.labels(number).get(column, ""), labels.FUND_COLUMNS)
            if role is None or role in found:
                break
            found[role] = number
        if len(found.keys() & set(MONEY_COLUMNS)) < 2:
            continue
        sources = {
            at: text
            for at, text in sheet.labels(row - 1).items()
            if at > column and labels.role_of(text, labels.FUND_ROWS) is not None
        }
        rows = tuple(_upright_rows(sheet, row, column, found, sources))
        return (rows, max(found.values())) if rows else None
    return None


def _upright_rows(
    sheet: Sheet, row: int, column: int, found: Mapping[str, int], sources: Mapping[int, str]
) -> Iterator[FundRow]:
    edges = [*sorted(sources), 1 << 14]
    if not sources:
        cells = {role: sheet.at(at, (column + 1, 1 << 14)) for role, at in found.items()}
        yield FundRow(Field(Place(sheet.name, row, column), text=WHOLE, state="text"), "total", cells)
        return
    for left, right in pairwise(edges):
        role = labels.role_of(sources[left], labels.FUND_ROWS)
        cells = {name: sheet.at(at, (left, right - 1)) for name, at in found.items() if name != "other"}
        label = sheet.field(row - 1, left)
        yield FundRow(label, role, cells)  # type: ignore[arg-type]


def _in_turn(sheet: Sheet, row: int, bottom: int) -> tuple[tuple[FundRow, ...], int] | None:
    cells: dict[str, Field] = {}
    end = row
    for number in range(row, min(bottom, row + 3)):
        here = _pairs(sheet, number)
        if not here or here.keys() & cells.keys():
            break
        cells.update(here)
        end = number
    if len(cells.keys() & set(MONEY_COLUMNS)) < 2 or not any(field.figure for field in cells.values()):
        return None
    first = sheet.cells(row)[0].column
    return (FundRow(Field(Place(sheet.name, row, first), text=WHOLE, state="text"), "total", cells),), end


def _pairs(sheet: Sheet, row: int) -> dict[str, Field]:
    """Label and figure beside each other, or in one cell, by the label's role."""
    cells = sheet.cells(row)
    pairs: dict[str, Field] = {}
    for index, cell in enumerate(cells):
        field = field_of(sheet.name, row, cell.column, cell)
        inside = labelled(field)
        name = inside[0] if inside is not None else cell.text
        role = labels.role_of(name, labels.FUND_COLUMNS)
        if role is None or role == "other":
            continue
        value = inside[1] if inside is not None else Field(field.place)
        if value.missing and index + 1 < len(cells):
            after = cells[index + 1]
            beside = field_of(sheet.name, row, after.column, after)
            if labels.role_of(after.text, labels.FUND_COLUMNS) is None and labelled(beside) is None:
                value = beside
        pairs.setdefault(role, value)
    return pairs


# -- lines by nature --------------------------------------------------------------------------------------------


def _nature(
    sheet: Sheet, row: int, bottom: int, kind: str, unit: MoneyUnit | None
) -> tuple[tuple[NatureLine, ...], tuple[NatureLine, ...]]:
    """The lines by 收入性质 and by 支出性质 below a row."""
    if kind != "overall":
        return (), ()
    found: list[NatureLine] = []
    begun = False
    for number, cells in sheet.below(row):
        if number > bottom:
            break
        begun = begun or _by_nature(kind, cells)
        if begun:
            found.extend(_nature_lines(sheet, number, cells, unit))
    income = tuple(line for line in found if line.role not in labels.SPENDING_LINES)
    spending = tuple(line for line in found if line.role in labels.SPENDING_LINES)
    return income, spending


def _nature_lines(sheet: Sheet, row: int, cells: Sequence[Cell], unit: MoneyUnit | None) -> list[NatureLine]:
    """Income and spending lines of a row: "其中：基本支出：360.71", or the figure in the next cell."""
    lines = []
    for index, cell in enumerate(cells):
        if not isinstance(cell.value, str):
            continue
        inside = labelled(field_of(sheet.name, row, cell.column, cell))
        name = inside[0] if inside is not None else cell.text
        role = labels.role_of(name, labels.SPENDING_LINES) or labels.role_of(name, labels.INCOME_LINES)
        if role is None:
            continue
        value = inside[1] if inside is not None else Field(field_of(sheet.name, row, cell.column, cell).place)
        if value.missing and index + 1 < len(cells):
            beside = field_of(sheet.name, row, cells[index + 1].column, cells[index + 1])
            value = beside if beside.state != "text" or looks_mistyped(beside.text) else value
        lines.append(NatureLine(labels.plain(name), role, in_money(value, unit)))
    return lines
