"""The cells of a submission as they are kept in the store: texts by sheet, packed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator

from perfeval_xl.comparing import row_labels
from perfeval_xl.desk import SheetText
from perfeval_xl.findings import Report
from perfeval_xl.own_sheets import is_own_sheet

#: A third of the time of the usual level, and a fifth larger.
_FAST = 1


def shown(report: Report) -> Iterator[SheetText]:
    """What the sheets of a submission show, less those that are ours."""
    labels = row_labels(report.forms)
    for grid in report.grids:
        if not is_own_sheet(grid):
            file, sheet = report.sheets[grid.sheet] if report.sheets else (None, grid.sheet)
            cells = {spot: cell.text for spot, cell in grid.cells.items() if cell.text}
            yield SheetText(file, sheet, cells, labels.get(grid.sheet, {}))


def packed(sheets: Iterable[SheetText]) -> bytes:
    """Sheets as the store keeps them."""
    listed = [
        {
            "file": one.file,
            "sheet": one.sheet,
            "cells": [[row, column, text] for (row, column), text in one.cells.items()],
            "labels": list(one.labels.items()),
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
            sheet["file"],
            sheet["sheet"],
            {(row, column): text for row, column, text in sheet["cells"]},
            dict(sheet.get("labels", ())),
        )
        for sheet in json.loads(zlib.decompress(data))
    )
