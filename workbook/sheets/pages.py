"""The sheets that are no tables of figures: 填报说明, 自评报告, 校验结果, 更正记录, and the hidden ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from perfeval_xl.hosts.corrections import log as log_of
from perfeval_xl.hosts.marks.results import EMPTY_HEIGHT, FIRST
from perfeval_xl.hosts.package import log_sheet
from perfeval_xl.own_sheets import (
    CORRECTIONS_SHEET,
    FIRST_GUARD,
    GUIDE_SHEET,
    LAST_GUARD,
    RESULTS_SHEET,
)

from . import formulas
from .model import Cell, Data, Print, Sheet, letters

# ------------------------------------------------------------------------------------------------------- 填报说明

GUIDE_WIDTHS = (2.0, 19.0, 34.0, 14.0, 32.0, 2.0)
GUIDE_LAST = 5
#: Heights in points: all down to the legend shows on one screen (1080 lines), basics and buttons on a small one.
_HEAD, _GAP = 22, 4


def guide(page: Data, *, macros: bool, version: str) -> Sheet:
    """The first sheet: what to do, what the colours mean, and the unit's particulars that all forms take up."""
    sheet = Sheet(GUIDE_SHEET, "PEGuide", GUIDE_WIDTHS, tab="C00000")
    sheet.add([Cell(0, 1, page["title"], "guide_title", cols=4)])
    sheet.heights |= {0: 32}
    row = 1
    sheet.add([Cell(row, 1, "一、基本情况（填一次，各表自动带出）", "guide_head", cols=4)])
    for index, entry in enumerate(page["basics"]):
        at, col = row + 1 + index // 2, 1 + 2 * (index % 2)
        look = "guide_date" if entry["prompt"] == "date" else "guide_input"
        sheet.add([Cell(at, col, entry["label"], "guide_label")])
        alone = col == 1 and entry is page["basics"][-1]  # the last of an odd number has its row to itself
        value = Cell(
            at,
            col + 1,
            entry.get("value", ""),
            look,
            cols=3 if alone else 1,
            open=True,
            prompt=entry["prompt"],
        )
        sheet.add([value])
        sheet.names[entry["name"]] = f"${'ABCDEF'[col + 1]}${at + 1}"
        sheet.heights[at] = 21
    row += 1 + (len(page["basics"]) + 1) // 2
    sheet.heights[row] = _GAP
    row += 1
    if macros:  # within the first screen, whatever stands below
        sheet.add([Cell(row, 1, "二、按钮", "guide_head", cols=4)])
        sheet.names["PE_BUTTONS"] = f"$B${row + 2}"
        sheet.heights |= dict.fromkeys(range(row + 1, row + 4), 30)
        sheet.heights |= {row: _HEAD, row + 4: _GAP}
        row += 5
    row = _steps(sheet, page, row, "macros" if macros else "plain")
    row = _legend(sheet, page, row, "四" if macros else "三")
    for note in page["notes"]:
        sheet.add([Cell(row, 1, f"· {note}", "guide_note", cols=4)])
        sheet.heights[row] = 30 if len(note) > 46 else 18
        row += 1
    sheet.add([Cell(row, 1, f"模板版本：{version}", "guide_version", cols=4)])
    sheet.heights |= dict.fromkeys((1,), _HEAD)
    sheet.print = Print(GUIDE_LAST, pages_high=1)
    return sheet


def _steps(sheet: Sheet, page: Data, row: int, kind: str) -> int:
    sheet.add([Cell(row, 1, f"{'三' if kind == 'macros' else '二'}、填报五步", "guide_head", cols=4)])
    sheet.heights[row] = _HEAD
    fill = {2: page["add_project"][kind], 4: page["check"][kind]}
    for number, (name, text) in enumerate(page["steps"]):
        row += 1
        sheet.add([Cell(row, 1, f"{number + 1}　{name}", "guide_step")])
        sheet.add([Cell(row, 2, text.replace("%s", fill.get(number, "")), "guide_text", cols=3)])
        sheet.heights[row] = 30
    sheet.heights[row + 1] = _GAP
    return row + 2


def _legend(sheet: Sheet, page: Data, row: int, ordinal: str) -> int:
    sheet.add([Cell(row, 1, f"{ordinal}、{page['legend_title']}", "guide_head", cols=4)])
    sheet.heights[row] = _HEAD
    for look, word, meaning in page["legend"]:
        row += 1
        sheet.add([Cell(row, 1, word, f"legend_{look}"), Cell(row, 2, meaning, "guide_text", cols=3)])
        sheet.heights[row] = 18
    sheet.heights[row + 1] = _GAP
    return row + 2


# ------------------------------------------------------------------------------------------------------- 自评报告

REPORT_WIDTH = 76.0


def report(page: Data) -> Sheet:
    """自评报告: a paragraph a cell, those with figures as formulas over the forms."""
    sheet = Sheet("自评报告", "FJ07", (REPORT_WIDTH,), form="FJ07", tab="7030A0", freeze=(1, 0))
    before, after = page["title"].split("%s")
    formula = f'IF(PE_YEAR="","    ",PE_YEAR)&"{before}"&PE_UNIT&"{after}"'
    sheet.add([Cell(0, 0, f"    {before}{after}", "report_title", formula=formula)])
    sheet.heights[0] = 56
    sheet.add(_paragraphs(page["lines"]))
    for cell in sheet.cells[1:]:
        sheet.heights[cell.row] = 28
        if cell.look.startswith("paragraph"):
            sheet.growing.add(cell.row)
    sheet.long_texts.append(f"$A$2:$A${sheet.bottom}")
    sheet.print = Print(0)
    return sheet


def _paragraphs(lines: list[Data]) -> Iterator[Cell]:
    row = 1
    for entry in lines:
        ((kind, value),) = entry.items()
        for _ in range(int(value) if kind == "blank" else 1):
            match kind:
                case "formula":
                    yield Cell(
                        row,
                        0,
                        "",
                        "paragraph_computed",
                        formula=SENTENCES[value],
                        open=True,
                        prompt="figures",
                    )
                case "blank":
                    yield Cell(row, 0, "", "paragraph", open=True, prompt="paragraph")
                case "heading":
                    yield Cell(row, 0, value, "heading", open=True)
                case _:
                    yield Cell(row, 0, value, "attachment_line", open=True)
            row += 1


def _spent(cell: str, name: str) -> str:
    """A fund table's sentence: the amount, or that there was none, once 附件2 is filled in."""
    nothing = f'PE_YEAR&"年度本单位没有{name}安排的支出。"'
    something = f'PE_YEAR&"年{name}支出"&{formulas.money_text(cell)}&"万元。"'
    return f'IF(COUNT(PE_A2_EXECUTED)=0,"",IF(N({cell})=0,{nothing},{something}))'


def _part(name: str, cell: str) -> str:
    return f'IF(N({cell})=0,"","、{name}"&{formulas.money_text(cell)}&"万元")'


_PROJECT_PARTS = "&".join(
    _part(name, cell)
    for name, cell in (
        ("业务工作经费", "PE_A1_WORK"),
        ("运行维护经费", "PE_A1_RUNNING"),
        ("本级专项资金", "PE_A1_DISTRICT"),
        ("上级转移支付", "PE_A1_TRANSFER"),
        ("市级专项资金", "PE_A1_CITY"),
    )
)
SENTENCES = {
    "staff": 'IF(COUNT(PE_QUOTA,PE_STAFF)=0,"","本单位编制"&N(PE_QUOTA)&"人，年末在职"&N(PE_STAFF)&"人。")',
    "basic": (
        'IF(COUNT(PE_A2_BASIC)=0,"","本单位基本支出"&' + formulas.money_text("PE_A2_BASIC") + '&"万元"&'
        'IF(COUNT(PE_A1_PUBLIC)=0,"","，其中人员经费"&TEXT(N(PE_A2_BASIC)-N(PE_A1_PUBLIC),' + formulas.MONEY
        + ')&"万元，日常公用经费"&' + formulas.money_text("PE_A1_PUBLIC") + '&"万元")&"。")'
    ),
    "projects": (
        'IF(COUNT(PE_A1_PROJECTS)=0,"",PE_YEAR&"年项目支出"&' + formulas.money_text("PE_A1_PROJECTS")
        + '&"万元"&IF(N(PE_A1_PROJECTS)=0,"","，其中："&MID(' + _PROJECT_PARTS + ',2,200))&"。")'
    ),
    "gov_fund": _spent("PE_FJ04_SPENT", "政府性基金预算"),
    "state_capital": _spent("PE_FJ05_SPENT", "国有资本经营预算"),
    "social_insurance": _spent("PE_FJ06_SPENT", "社会保险基金预算"),
    "execution": (
        'IF(COUNT(PE_A2_EXECUTED,PE_A2_BUDGET)<2,"","全年预算"&' + formulas.money_text("PE_A2_BUDGET")
        + '&"万元，实际执行"&' + formulas.money_text("PE_A2_EXECUTED")
        + '&"万元"&IF(PE_A2_RATE="","","，预算执行率"&TEXT(PE_A2_RATE,"0.00%"))&"。")'
    ),
}  # fmt: skip


# ------------------------------------------------------------------------------------------- 校验结果 and 更正记录

RESULTS_HEADER = 7
RESULTS_ROWS = 2000
"""How many rows the names over 校验结果 reach: more findings than a clerk can work off."""
(
    RESULTS_TITLE,
    RESULTS_VERDICT,
    RESULTS_SOURCE,
    RESULTS_POLICY,
    RESULTS_STATE,
    RESULTS_LEGEND,
    RESULTS_FIRST,
) = range(7)


def results(page: Data, form_sheets: list[str]) -> Sheet:
    """校验结果: empty until a check writes into it. `form_sheets` hold a checksum each in their first row."""
    widths = [width for _, width in page["columns"]]
    sheet = Sheet(
        RESULTS_SHEET, "PEResults", widths, protected=False, tab="C00000", freeze=(RESULTS_HEADER + 1, 0)
    )
    last = len(widths) - 1 - len(page["hidden"])
    sheet.add([Cell(RESULTS_TITLE, 0, page["title"], "results_title", cols=last + 1)])
    sheet.add(
        Cell(row, 0, "", look, cols=last + 1)
        for row, look in (
            (RESULTS_VERDICT, "verdict"),
            (RESULTS_SOURCE, "results_text"),
            (RESULTS_POLICY, "results_text"),
            (RESULTS_FIRST, "results_first"),
        )
    )
    sheet.add(
        [
            Cell(
                RESULTS_STATE,
                0,
                page["state"]["never"],
                "state",
                cols=last + 1,
                formula=_state(page["state"]),
            )
        ]
    )
    sheet.add([Cell(RESULTS_LEGEND, 0, "图例", "results_text")])
    for index, (look, word, meaning) in enumerate(page["legend"]):
        col = (1, 5, 9)[index]
        sheet.add([Cell(RESULTS_LEGEND, col, word, f"legend_{look}")])
        sheet.add([Cell(RESULTS_LEGEND, col + 1, meaning, "results_note", cols=(3, 3, 1)[index])])
    sheet.add(
        [
            Cell(RESULTS_STATE, last + 1, "", "hidden"),
            Cell(RESULTS_STATE, last + 2, 0, "hidden", formula=_checksums(form_sheets)),
        ]
    )
    key = letters(last + 1)
    names = {
        "PE_KEYS": f"${key}${RESULTS_HEADER + 2}:${key}${RESULTS_HEADER + 1 + RESULTS_ROWS}",
        "PE_CHECKED": f"${key}${RESULTS_STATE + 1}",
        "PE_CHECKSUM": f"${letters(last + 2)}${RESULTS_STATE + 1}",
        "PE_STATE": f"$A${RESULTS_STATE + 1}",
        FIRST: f"$A${RESULTS_FIRST + 1}",
        "PE_RESULTS_TOP": f"$A${RESULTS_HEADER + 1}",
    }
    sheet.names |= names
    sheet.heights |= {
        0: 40,
        1: 34,
        2: 18,
        3: 18,
        4: 20,
        5: 22,
        RESULTS_FIRST: EMPTY_HEIGHT,
        RESULTS_HEADER: 24,
    }
    sheet.print = Print(last, repeat=(RESULTS_HEADER, RESULTS_HEADER), landscape=True)
    return sheet


def _state(words: Data) -> str:
    return (
        f'IF(PE_CHECKED="","{words["never"]}",'
        f'IF(ABS(PE_CHECKED-PE_CHECKSUM)<0.01,"{words["same"]}","{words["changed"]}"))'
    )


def _checksums(form_sheets: list[str]) -> str:
    """The sum of the forms' checksums, the projects' through their guard sheets."""
    return "+".join([*form_sheets, f"SUM({FIRST_GUARD}:{LAST_GUARD}!$K$1)"])


def log() -> Sheet:
    """更正记录: what 一键更正 changed; laid out as whoever writes into it expects."""
    widths = [width for _, width in log_of.COLUMNS]
    header = log_sheet.HEADER_ROW - 1
    sheet = Sheet(CORRECTIONS_SHEET, "PELog", widths, protected=False, tab="7F7F7F", freeze=(header + 1, 0))
    shown = len(widths) - 1  # the last column is hidden
    sheet.add([Cell(0, 0, CORRECTIONS_SHEET, "results_title", cols=shown)])
    sheet.add([Cell(1, 0, log_of.HINT, "results_note", cols=shown)])
    sheet.add(Cell(header, col, heading, "results_header") for col, (heading, _) in enumerate(log_of.COLUMNS))
    sheet.names[log_of.LOG_NAME] = "$A$1"
    sheet.heights |= {0: 40, 1: 18, header: 24}
    sheet.print = Print(len(widths) - 1, repeat=(header, header), landscape=True)
    return sheet


def entries(name: str, code: str, values: Mapping[str, str]) -> Sheet:
    """A hidden sheet of keys and values, for the macros."""
    sheet = Sheet(name, code, (30.0, 60.0), hidden=True, protected=False)
    for row, (key, value) in enumerate(values.items()):
        sheet.add([Cell(row, 0, key, "plain"), Cell(row, 1, value, "plain")])
    return sheet


def guard_sheet(name: str, code: str) -> Sheet:
    """An empty sheet at one end of the project sheets: 附件2 adds up whatever stands between the two."""
    return Sheet(name, code, (10.0,), hidden=True)
