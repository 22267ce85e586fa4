"""A workbook of another format (.xls, .et, .xlsb, .ods) as .xlsx, so that it can be marked."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal

from perfeval_xl.grid import Grid, column_letters
from perfeval_xl.hosts.libreoffice import OfficeError, convert
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.text import legal

_CONVERTED = "原文件是 {suffix} 格式，标注副本由 LibreOffice 转换成 .xlsx，版式可能略有出入，报送请用原文件"
_VALUES_ONLY = (
    "原文件是 {suffix} 格式，{problem}，标注副本只有数值和文字，没有原来的格式和公式，报送请用原文件"
)


def as_xlsx(data: bytes, suffix: str, grids: Sequence[Grid], limits: Limits = LIMITS) -> tuple[bytes, str]:
    """A workbook that was read as ``grids`` as .xlsx with the same sheets and cells, and one Chinese line on what the
    copy is; ``suffix`` is that of the file's name (".ods")."""
    try:
        return convert(data, suffix, "xlsx", limits), _CONVERTED.format(suffix=suffix)
    except OfficeError as error:
        return _values_only(grids), _VALUES_ONLY.format(suffix=suffix, problem=error)


def as_docx(data: bytes, limits: Limits = LIMITS) -> tuple[bytes, str]:
    """An old Word document (.doc) as .docx, and one Chinese line on what the copy is; OfficeError without LibreOffice."""
    note = "原文件是 .doc 格式，标注副本由 LibreOffice 转换成 .docx，版式可能略有出入，报送请用原文件"
    return convert(data, ".doc", "docx", limits), note


def _values_only(grids: Sequence[Grid]) -> bytes:
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for grid in grids:
        sheet = workbook.create_sheet(grid.sheet)
        sheet.sheet_state = grid.state
        for (row, column), cell in grid.cells.items():
            written = sheet.cell(row, column)
            if isinstance(cell.value, str):
                written.value = legal(cell.value)
                written.data_type = "s"  # as text whatever it begins with
            else:
                written.value = float(cell.value) if isinstance(cell.value, Decimal) else cell.value
        for area in grid.merges:
            sheet.merge_cells(str(area))
        for column in range(1, 1 + max((column for _, column in grid.cells), default=0)):
            sheet.column_dimensions[column_letters(column)].width = 16
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()
