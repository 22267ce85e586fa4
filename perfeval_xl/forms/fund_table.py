"""Reader of 附件4–6: 政府性基金, 国有资本经营, 社会保险基金."""

from __future__ import annotations

from perfeval_xl.text import clean

from . import labels
from .indicator_form import year_in
from .records import FundTable, FundTableRow, MoneyUnit
from .segments import Segment
from .sheet import Band, Sheet, band, field_of, head_pairs, in_money, money_unit

_LABELS = ("code", "name")


def read(sheet: Sheet, segment: Segment) -> FundTable | str:
    """The table of a segment, or what was looked for in vain."""
    header = _header(sheet)
    if header is None:
        return "表头（上年结转、本年收入、本年支出、年末结转等）"
    unit = (
        money_unit([cell.text for row, cells in sheet.rows if row <= header.bottom for cell in cells])
        or "万元"
    )
    rows = [
        row
        for number, _ in sheet.below(header.bottom)
        if (row := _row(sheet, header, number, unit)) is not None
    ]
    title = field_of(sheet.name, segment.top, segment.title.column, segment.title)
    texts = [
        cell.text
        for row, cells in sheet.rows
        if row <= header.bottom
        for cell in cells
        if len(cell.text) < 60
    ]
    return FundTable(
        kind=segment.kind,  # type: ignore[arg-type]
        sheet=sheet.name,
        area=sheet.area(segment.top, segment.bottom),
        title=title,
        year=year_in(texts),
        unit_name=head_pairs(sheet, segment.top, header.top - 1).get("unit"),
        money_unit=unit,
        caption=segment.caption,
        columns={role: _heading(sheet, header, span[0]) for role, span in header.columns.items()},
        rows=tuple(rows),
    )


def _header(sheet: Sheet) -> Band | None:
    """The header band: a row with at least two column labels besides the names, and the row under it."""
    for row, cells in sheet.rows:
        found = labels.roles((cell.text for cell in cells), labels.FUND_TABLE_COLUMNS) - set(_LABELS)
        if len(found) >= 2:
            return band(sheet, row, labels.FUND_TABLE_COLUMNS)
    return None


def _heading(sheet: Sheet, header: Band, column: int) -> str:
    """What heads a column: the finer label of the lower header row, where it has one."""
    return sheet.field(header.bottom, column).text or sheet.field(header.top, column).text


def _row(sheet: Sheet, header: Band, number: int, unit: MoneyUnit | None) -> FundTableRow | None:
    figures = {
        role: in_money(sheet.at(number, span), unit)
        for role, span in header.columns.items()
        if role not in _LABELS
    }
    money_from = min(header.columns[role][0] for role in figures)
    names = [cell for cell in sheet.cells(number) if cell.column < money_from]
    if not names or all(field.state == "text" for field in figures.values()):
        return None
    if not any(field.figure or field.state == "blank" for field in figures.values()):
        return None
    total = any(clean(cell.text).strip(":") in ("合计", "总计") for cell in names)
    filled = any(not field.missing for field in figures.values())
    if not filled and not total:
        return None
    code = next((clean(cell.text) for cell in names if clean(cell.text).isdigit()), "")
    return FundTableRow(field_of(sheet.name, number, names[-1].column, names[-1]), code, total, figures)
