"""The 核对 column of template.xlsm: what the UDFs say beside every indicator and total."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .forms import a1
from .model import Cell, Sheet


@dataclass(frozen=True, slots=True)
class Check:
    """A cell beside a form: a heading, or a formula that is blank where Python is not there to answer."""

    row: int
    text: str
    heading: bool = False
    offset: int = 0


def beside(sheet: Sheet) -> Iterator[Check]:
    """The checks of one form."""
    header = {cell.value: cell for cell in sheet.cells if cell.look == "header"}
    if "三级指标" in header:
        yield from _indicators(sheet, header)
    elif "编制数" in header:
        yield from _basic(sheet, header)
    else:
        first = min(cell.row for cell in header.values())
        yield Check(first, "核对", heading=True)
        yield from _totals(sheet)


def _indicators(sheet: Sheet, header: dict[str | int | float, Cell]) -> Iterator[Check]:
    fund = next(cell.row for cell in sheet.cells if cell.value == "年度资金总额")
    yield Check(fund - 1, "核对", heading=True)
    yield Check(fund - 1, "应得", heading=True, offset=1)
    executed, budget, weight = a1(fund, 5), a1(fund, 4), a1(fund, 6)
    yield Check(
        fund, f'IF(PE_RATE({executed},{budget})="","","执行率"&TEXT(PE_RATE({executed},{budget}),"0.00%"))'
    )
    yield Check(fund, f"PE_EXEC_SCORE({executed},{budget},{weight})", offset=1)
    top = header["三级指标"].row
    yield Check(top, "核对", heading=True)
    yield Check(top, "应得", heading=True, offset=1)
    for row in sorted(cell.row for cell in sheet.cells if cell.prompt == "indicator"):
        target, actual, weight = a1(row, 4), a1(row, 5), a1(row, 6)
        yield Check(row, f"PE_JUDGE({target},{actual})")
        yield Check(row, f"PE_SCORE({target},{actual},{weight})", offset=1)
    total = next(cell.row for cell in sheet.cells if cell.value == "总分")
    score = a1(total, 7)
    yield Check(total, f'IF(N({score})=0,"","等级："&PE_GRADE({score}))')


def _basic(sheet: Sheet, header: dict[str | int | float, Cell]) -> Iterator[Check]:
    staff = header["编制数"].row
    yield Check(staff, "核对", heading=True)
    rate = f"PE_RATE({a1(staff + 1, 3)},{a1(staff + 1, 1)})"
    yield Check(staff + 1, f'IF({rate}="","","控制率"&TEXT({rate},"0.00%"))')
    yield Check(staff + 2, "核对（本年决算）", heading=True)
    yield from _totals(sheet, 5)


def _totals(sheet: Sheet, only: int | None = None) -> Iterator[Check]:
    """Whether a total still is the sum of its cells, reckoned anew by Python."""
    told: set[int] = set()
    for cell in sheet.cells:
        summed = cell.formula.startswith("IF(COUNT(") and "ROUND(SUM(" in cell.formula
        if not summed or cell.row in told or (only is not None and cell.col != only):
            continue
        told.add(cell.row)
        inside = cell.formula[len("IF(COUNT(") : cell.formula.index(")=0")]
        parts = "+".join(f"N(PE_SUM({part}))" for part in inside.split(","))
        yield Check(
            cell.row,
            f'IF(COUNT({cell.address})=0,"",IF(ABS({parts}-{cell.address})<0.005,"相符","与明细不符"))',
        )
