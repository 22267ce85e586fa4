"""The published tables as workbooks."""

from __future__ import annotations

import io

from openpyxl import Workbook

from tests.support import TESTS, read_yaml


def rendered(stem: str) -> bytes:
    """A published table as .xlsx, typed as the bureau typed it."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in read_yaml(TESTS / "published" / f"{stem}.yaml")["sheets"]:
        page = book.create_sheet(sheet["name"])
        for row, values in enumerate(sheet["rows"], 1):
            for column, value in enumerate(values, 1):
                if value is not None:
                    cell = page.cell(row, column)
                    cell.value = value
                    if isinstance(value, str):
                        cell.data_type = "s"
        for merge in sheet.get("merges") or ():
            page.merge_cells(merge)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
