"""The cells of a submission as they are kept in the store: texts by sheet, packed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping

from perfeval_xl.desk import SheetText
from perfeval_xl.grid import Grid
from perfeval_xl.own_sheets import is_own_sheet

#: A third of the time of the usual level, and a fifth larger.
_FAST = 1


def packed(grids: Iterable[Grid], named: Mapping[str, tuple[str, str]]) -> bytes:
    """What the sheets show, less those that are ours; ``named`` are file and own name of a sheet, where there are several files."""
    sheets = [
        {
            "file": named[grid.sheet][0] if named else None,
            "sheet": named[grid.sheet][1] if named else grid.sheet,
            "cells": [[row, column, cell.text] for (row, column), cell in grid.cells.items() if cell.text],
        }
        for grid in grids
        if not is_own_sheet(grid)
    ]
    return zlib.compress(json.dumps(sheets, ensure_ascii=False).encode("utf-8", "replace"), _FAST)


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
