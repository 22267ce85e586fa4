"""Small workbooks as a sheets' builder would hand them over: code names, buttons, Chinese names."""

from __future__ import annotations

import io
from datetime import datetime

import xlsxwriter
from assemble import add_texts


def plain_sheets(count: int = 3, *, code_names: bool = True) -> bytes:
    """A workbook of so many sheets, with two buttons and functions for cells on the first."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as workbook:
        workbook.set_properties({"created": datetime(2024, 5, 30)})
        if code_names:
            workbook.set_vba_name("ThisWorkbook")
        for number in range(1, count + 1):
            sheet = workbook.add_worksheet(f"附件{number}")
            if code_names:
                sheet.set_vba_name(f"Sheet{number}")
        first = workbook.worksheets()[0]
        for row, (macro, caption) in enumerate((("PE_check_all", "一键校验"), ("PE_next", "下一条"))):
            first.insert_button(2 * row, 3, {"macro": macro, "caption": caption, "width": 100, "height": 30})
        first.write_formula("A5", '=IFERROR(PE_RATE(A1,A2),"")', None, "")
        first.write_formula("A6", "=PE_JUDGE(A1,A2)", None, "")
        if code_names:
            add_texts(workbook, "twin")
    return stream.getvalue()
