"""What a file of ours held when it was written: its values and formulas as one hash, whatever office has saved it since.

Not the bytes: an office that opens a file and saves it writes every part anew and changes nothing. Left out is the list
校验结果, whose 说明 and 完成 columns are the clerk's to fill in and are handed on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from decimal import Decimal

from . import patterns as re
from .grid import Cell, Grid
from .own_sheets import RESULTS_SHEET
from .text import canonical

_BLANK = re.compile(r"\s+")
#: What offices write in different ways: quotes of sheets' names, blanks, prefixes of newer functions.
_FORMULA = re.compile(r"[\s'=]|_xl\w+\.", re.IGNORECASE)
#: One cell as a range, as LibreOffice writes a reference through several sheets.
_ONE_CELL = re.compile(r"(\$?[A-Z]{1,3}\$?\d+):\1(?!\d)")


def content_hash(grids: Iterable[Grid]) -> str:
    """The hash (32 hexadecimal digits) of what a workbook holds; equal for equal values and formulas at equal places."""
    return _hashed(
        f"{grid.sheet}\x1f{row}\x1f{column}\x1f{held}"
        for grid in grids
        if grid.sheet.partition("(")[0] != RESULTS_SHEET
        for (row, column), cell in sorted(grid.cells.items())
        if (held := _held(cell))
    )


def text_hash(grids: Iterable[Grid]) -> str:
    """The same of a text document: its words in their order. How its tables are called and cut is the reader's view."""
    return _hashed(
        held
        for grid in grids
        for _, cell in sorted(grid.cells.items())
        if (held := _BLANK.sub("", cell.text))
    )


def _hashed(texts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"{text}\x1e".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]


def _held(cell: Cell) -> str:
    if cell.formula:
        return "=" + _ONE_CELL.sub(r"\1", _FORMULA.sub("", cell.formula).upper())
    if isinstance(cell.value, Decimal):
        return canonical(cell.value)
    if isinstance(cell.value, dt.date):
        return cell.value.isoformat()
    return _BLANK.sub("", cell.text)
