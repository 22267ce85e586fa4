"""The sheets of a workbook that are ours and no forms: what they are called, and which they are.

The names stand in workbooks that clerks keep, in macros and in manuals: they do not change.
"""

from __future__ import annotations

from perfeval_xl.grid import Grid

GUIDE_SHEET = "填报说明"
RESULTS_SHEET = "校验结果"
CORRECTIONS_SHEET = "更正记录"
IMPORT_SHEET = "导入记录"
CARRIED_SHEET = "沿用记录"
#: A bureau's own rules, in a book of their own or in a clerk's workbook.
RULES_SHEET = "审核公式"
OWN_SHEETS = (RESULTS_SHEET, CORRECTIONS_SHEET, IMPORT_SHEET, CARRIED_SHEET, GUIDE_SHEET, RULES_SHEET)

#: The template's project sheets stand between these two; a new one is made from the third.
FIRST_GUARD, LAST_GUARD, MASTER = "项目起", "项目止", "附件3空白表"
SETTINGS_SHEET = "xlwings.conf"
#: What the macros say: VBA itself is free of Chinese.
TEXTS_SHEET = "PE_Texts"
#: Ours as long as they are hidden, as the template ships them.
HIDDEN_SHEETS = (SETTINGS_SHEET, TEXTS_SHEET, FIRST_GUARD, LAST_GUARD, MASTER)


def is_own_sheet(grid: Grid) -> bool:
    """A sheet of ours, which is no form; also where it had to take an ordinal: 校验结果(2)."""
    hidden = grid.state != "visible" and grid.sheet in HIDDEN_SHEETS
    return hidden or grid.sheet.partition("(")[0] in OWN_SHEETS
