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
    offset: int = 0
    look: str = "check"

    @property
    def heading(self) -> bool:
        return self.look == "check_head"


def beside(sheet: Sheet) -> Iterator[Check]:
    """The checks of one form."""
    header = {cell.value: cell for cell in sheet.cells if cell.look == "header"}
    if "三级指标" in header:
        yield from _indicators(sheet, header)
    elif "编制数" in header:
        yield from _basic(sheet, header)
    else:
        first = min(cell.row for cell in header.values())
        yield Check(first, "核对", look="check_head")
        yield from _totals(sheet)


def _indicators(sheet: Sheet, header: dict[str | int | float, Cell]) -> Iterator[Check]:
    fund = next(cell.row for cell in sheet.cells if cell.value == "年度资金总额")
    yield from _heading(fund - 1)
    executed, budget, weight = a1(fund, 5), a1(fund, 4), a1(fund, 6)
    yield Check(fund, f"PE_RATE({executed},{budget})", look="check_rate")
    yield Check(fund, f"PE_EXEC_SCORE({executed},{budget},{weight})", offset=1)
    yield from (check for check in _totals(sheet) if check.row != fund)
    yield from _heading(header["三级指标"].row)
    groups = [cell for cell in sheet.cells if cell.prompt == "level2"]
    for row in sorted(cell.row for cell in sheet.cells if cell.prompt == "indicator"):
        group = next(cell for cell in groups if cell.row <= row < cell.row + cell.rows)
        name, target, actual, weight = (a1(row, col) for col in range(3, 7))
        rest = f"{name},{a1(group.row, 2, absolute=True)},PE_POLICY"
        yield Check(row, f"PE_JUDGE({target},{actual},{rest})")
        yield Check(row, f"PE_SCORE({target},{actual},{weight},{rest})", offset=1)
    total = next(cell.row for cell in sheet.cells if cell.value == "总分")
    score = a1(total, 7)
    # Not the grade alone: that would read as the grade the unit gave itself.
    yield Check(total, f'IF(N({score})=0,"","等级："&PE_GRADE({score},PE_POLICY))')


def _heading(row: int) -> Iterator[Check]:
    yield Check(row, "核对", look="check_head")
    yield Check(row, "应得", look="check_head", offset=1)


def _basic(sheet: Sheet, header: dict[str | int | float, Cell]) -> Iterator[Check]:
    staff = header["编制数"].row
    yield Check(staff, "核对", look="check_head")
    yield Check(staff + 1, f"PE_RATE({a1(staff + 1, 3)},{a1(staff + 1, 1)})", look="check_rate")
    yield Check(staff + 2, "核对（本年决算）", look="check_head")
    yield from _totals(sheet, 5)


def _totals(sheet: Sheet, only: int | None = None) -> Iterator[Check]:
    """Whether a total still is the sum of its cells, reckoned anew by Python."""
    told: set[int] = set()
    for cell in sheet.cells:
        summed = cell.formula.startswith("IF(COUNT(") and "ROUND(SUM(" in cell.formula
        if not summed or "!" in cell.formula or cell.row in told or (only is not None and cell.col != only):
            continue
        told.add(cell.row)
        inside = cell.formula[len("IF(COUNT(") : cell.formula.index(")=0")]
        parts = "+".join(f"N(PE_SUM({part}))" for part in inside.split(","))
        yield Check(
            cell.row,
            f'IF(COUNT({cell.address})=0,"",IF(ABS({parts}-{cell.address})<0.005,"相符","与明细不符"))',
        )
