"""The cells of a submission as they are kept in the store: texts by sheet, packed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping

from perfeval_xl.desk import SheetText
from perfeval_xl.grid import Grid
from perfeval_xl.own_sheets import is_own_sheet

#: A third of the time of the usual level, and a fifth larger.
_FAST = 1


def shown(grids: Iterable[Grid], named: Mapping[str, tuple[str, str]]) -> Iterator[SheetText]:
    """What the sheets show, less those that are ours; ``named`` are file and own name of a sheet, where there are several files."""
    for grid in grids:
        if not is_own_sheet(grid):
            file, sheet = named[grid.sheet] if named else (None, grid.sheet)
            yield SheetText(file, sheet, {spot: cell.text for spot, cell in grid.cells.items() if cell.text})


def packed(sheets: Iterable[SheetText]) -> bytes:
    """Sheets as the store keeps them."""
    listed = [
        {
            "file": one.file,
            "sheet": one.sheet,
            "cells": [[row, column, text] for (row, column), text in one.cells.items()],
        }
        for one in sheets
    ]
    return zlib.compress(json.dumps(listed, ensure_ascii=False).encode("utf-8", "replace"), _FAST)


def unpacked(data: bytes) -> tuple[SheetText, ...]:
    """The sheets again; none for a submission that could not be read."""
    if not data:
        return ()
    return tuple(
        SheetText(
            sheet["file"], sheet["sheet"], {(row, column): text for row, column, text in sheet["cells"]}
        )
        for sheet in json.loads(zlib.decompress(data))
    )
