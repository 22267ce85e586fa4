"""The smallest workbook that is a template to the actions: the names, guards and tables they rest on, two forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xlsxwriter

COLUMNS = (
    "序号",
    "级别",
    "表",
    "单元格",
    "问题",
    "应为",
    "实为",
    "依据",
    "建议",
    "状态",
    "说明",
    "键",
    "指纹",
)
HEADER, ROOM = 8, 40
SPACER = 10  # the column of the form ids, "K"
PROTECTION = {"insert_rows": True, "select_locked_cells": True}


def template(path: Path, projects: int = 1) -> Path:
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("填报说明").write("A1", "填报说明")
    look = book.add_format({"bg_color": "#FF9999"})
    book.add_worksheet("项目起").hide()
    for number in range(1, projects + 1):
        _project(book, f"附件3-{number}", f"FJ3-{number}", look)
    book.add_worksheet("项目止").hide()
    _results(book)
    _project(book, "附件3空白表", "FJ3", look).hide()
    book.close()
    return path


def _project(
    book: xlsxwriter.Workbook, name: str, form: str, look: xlsxwriter.format.Format
) -> xlsxwriter.worksheet.Worksheet:
    sheet = book.add_worksheet(name)
    unlocked = book.add_format({"locked": False})
    rows: list[list[Any]] = [
        [name],
        ["项目支出绩效自评表"],
        ["项目名称", "道路维护"],
        [
            "一级指标",
            "二级指标",
            "三级指标",
            "年度指标值",
            "实际完成值",
            "分值",
            "得分",
            "偏差原因分析及改进措施",
        ],
        ["产出指标", "数量指标", "培训人数", "≥100人", "80人", 50, 50, None],
        ["效益指标", "社会效益指标", "维护里程", "≥10公里", "12公里", 50, 50, None],
        ["总分", None, None, None, None, 100, 100, None],
    ]
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if value is not None:
                sheet.write(row, column, value, unlocked)
    sheet.write(0, SPACER, form)
    key = '$K$1&"!"&ADDRESS(ROW(),COLUMN(),4)&"|错误"'
    options = {"type": "formula", "criteria": f"=ISNUMBER(MATCH({key},PE_KEYS,0))", "format": look}
    sheet.conditional_format(0, 0, 20, 7, options)
    sheet.protect("", PROTECTION)
    return sheet


def _results(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("校验结果")
    sheet.write("A1", "绩效自评校验结果")
    for row in (1, 2, 3, 4):
        sheet.merge_range(row, 0, row, 10, "")
    sheet.write_formula("M5", "=SUM(项目起:项目止!$F$1:$F$20)", None, 0)
    sheet.write_row(HEADER - 1, 0, COLUMNS)
    names = {
        "PE_KEYS": f"$L${HEADER + 1}:$L${HEADER + ROOM}",
        "PE_CHECKED": "$L$5",
        "PE_CHECKSUM": "$M$5",
        "PE_STATE": "$A$5",
        "PE_RESULTS_TOP": f"$A${HEADER}",
    }
    for name, cells in names.items():
        book.define_name(name, f"=校验结果!{cells}")
