"""How a corrected figure is written: as the cell was, with its decimals, its % and its unit; text stays text."""

from __future__ import annotations

from decimal import Decimal

from perfeval_xl import patterns as re
from perfeval_xl.equations import HUNDRED, rounded
from perfeval_xl.findings import Fix
from perfeval_xl.grid import Cell
from perfeval_xl.records import dataclass
from perfeval_xl.text import plain

_FIGURE = re.compile(r"[-−－]?[0-9０-９](?:[0-9０-９,，]*[0-9０-９])?(?:[.．][0-9０-９]+)?")
_HALF_WIDTH = str.maketrans("０１２３４５６７８９，．－−", "0123456789,.--")


@dataclass(frozen=True, slots=True)
class Restated:
    """What a cell is to show and to hold."""

    text: str
    value: Decimal | str


def restated(cell: Cell | None, fix: Fix) -> Restated | None:
    """A fix as the cell would state it; None for a cell whose way of writing a figure is not understood."""
    if isinstance(fix.value, str):
        return Restated(fix.value, fix.value)
    if cell is None or cell.value is None or (isinstance(cell.value, str) and not cell.value.strip()):
        value = rounded(fix.value, 2) if fix.kind == "rate" else fix.value
        return Restated(plain(value), value.normalize() + 0)
    written = _written(cell)
    if cell.error or written is None:
        return None
    before, figure, behind = written
    number = Decimal(figure.translate(_HALF_WIDTH).replace(",", ""))
    decimals = _decimals(cell, figure, number, fix)
    value = _in_its_way(cell, number, fix)
    new = format(rounded(value, decimals), "f")
    if "," in figure.translate(_HALF_WIDTH):
        new = format(rounded(value, decimals), ",f")
    if cell.decimals is None and isinstance(cell.value, Decimal):
        new = plain(Decimal(new.replace(",", "")))
    elif cell.decimals is not None:
        new = _without_optional_zeros(new, _digits_behind(figure))
    text = before + new + behind
    if isinstance(cell.value, str):
        return Restated(text, text if cell.text == cell.value else cell.value.replace(figure, new))
    stored = Decimal(new.replace(",", "")) / (HUNDRED if cell.percent else 1)
    return Restated(text, stored)


def _written(cell: Cell) -> tuple[str, str, str] | None:
    """The text around the one figure that a cell shows; None where it shows none, several or something scaled."""
    if not isinstance(cell.value, Decimal | str):
        return None
    found = list(_FIGURE.finditer(cell.text))
    if len(found) != 1:
        return None
    figure = found[0].group()
    if isinstance(cell.value, Decimal):
        shown = Decimal(figure.translate(_HALF_WIDTH).replace(",", ""))
        stored = cell.value * (HUNDRED if cell.percent else 1)
        if abs(abs(stored) - abs(shown)) > Decimal(1).scaleb(-_digits_behind(figure)):
            return None
    return cell.text[: found[0].start()], figure, cell.text[found[0].end() :]


def _digits_behind(figure: str) -> int:
    return len(figure.translate(_HALF_WIDTH).partition(".")[2])


def _decimals(cell: Cell, figure: str, number: Decimal, fix: Fix) -> int:
    """The decimals to round to: those the number format shows, else those written, and as many as the figure needs."""
    if cell.decimals is not None:
        return cell.decimals
    own = _digits_behind(figure)
    if fix.kind == "rate":
        return max(own, 2) if _as_fraction(cell, number) else own
    assert isinstance(fix.value, Decimal)
    return max(own, len(plain(fix.value).partition(".")[2]))


def _as_fraction(cell: Cell, number: Decimal) -> bool:
    """A rate written as 0.92, not as 92 or 92%."""
    return (
        not cell.percent and "%" not in cell.text and "％" not in cell.text and abs(number) <= Decimal("1.5")
    )


def _without_optional_zeros(new: str, own: int) -> str:
    """A number format such as 0.00## shows its last decimals only where they are not zero."""
    whole, point, behind = new.partition(".")
    kept = behind[:own] + behind[own:].rstrip("0")
    return f"{whole}{point}{kept}" if kept else whole


def _in_its_way(cell: Cell, number: Decimal, fix: Fix) -> Decimal:
    assert isinstance(fix.value, Decimal)
    return fix.value / HUNDRED if fix.kind == "rate" and _as_fraction(cell, number) else fix.value


def with_value(cell: Cell | None, row: int, column: int, new: Restated, formula: str | None) -> Cell:
    """The cell as it will read."""
    if cell is None:
        return Cell(row, column, new.value, new.text, formula=formula)
    return cell._replace(value=new.value, text=new.text, formula=formula, error=False)
