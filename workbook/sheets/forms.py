"""附件1 to 附件6 laid out from forms.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfeval_xl.own_sheets import FIRST_GUARD, LAST_GUARD

from . import formulas
from .model import Cell, Data, Print, Sheet, Spans, area, letters, line

TITLE_ROW, HEAD_ROW = 1, 2
GUARD_HEIGHT = 4.5
ROW, LIST_ROW = 21.0, 24.0
TINTS = {"data": "2E75B6", "project": "548235", "fund": "7F6000"}


def a1(row: int, col: int, *, absolute: bool = False) -> str:
    return f"${letters(col)}${row + 1}" if absolute else f"{letters(col)}{row + 1}"


def title(text: str, last_col: int, caption: str, *, open: bool = False) -> Iterator[Cell]:
    """The two lines above every table: 附件N, left, and the title over the whole width."""
    yield Cell(0, 0, caption, "attachment", open=open)
    yield Cell(
        TITLE_ROW,
        0,
        f"    {text}",
        "title",
        cols=last_col + 1,
        formula=f'IF(PE_YEAR="","    ",PE_YEAR)&"{text}"',
    )


def unit_cell(row: int, col: int, cols: int, look: str = "computed_text") -> Cell:
    return Cell(row, col, "", look, cols=cols, formula='IF(PE_UNIT="","",PE_UNIT)')


# ------------------------------------------------------------------------------------------------------- 附件1

BASIC_WIDTHS = (34.0, 10.5, 10.5, 10.5, 10.5, 10.5, 10.5)
BASIC_YEARS: Spans = ((1, 2), (3, 2), (5, 2))
BASIC_LAST = 6


def annex1(form: Data) -> Sheet:
    """附件1: three year columns of two grid columns each, because 楼堂馆所 below needs six."""
    sheet = Sheet(form["caption"], "FJ01", BASIC_WIDTHS, form="FJ01", tab=TINTS["data"], freeze=(3, 1))
    sheet.add(title(form["title"], BASIC_LAST, form["caption"]))
    sheet.add([Cell(HEAD_ROW, 0, form["unit"], "label_centre"), unit_cell(HEAD_ROW, 1, 6)])
    _staff(sheet, form["staff"])
    row = _money(sheet, form["money"], 5)
    row = _buildings(sheet, form["buildings"], row)
    sheet.add(
        [
            Cell(row, 0, form["thrift"], "label_centre"),
            Cell(row, 1, "", "input_prose", cols=6, open=True, prompt="thrift"),
        ]
    )
    sheet.long_texts.append(f"{a1(row, 1, absolute=True)}:{a1(row, 1, absolute=True)}")
    sheet.names["PE_THRIFT"] = a1(row, 1, absolute=True)
    sheet.add([Cell(row + 1, 0, form["note"], "note", cols=7)])
    sheet.heights |= {0: 22, TITLE_ROW: 36, HEAD_ROW: 26, row: 96, row + 1: 22}
    sheet.print = Print(BASIC_LAST, pages_high=1)
    return sheet


def _staff(sheet: Sheet, staff: Data) -> None:
    quota, actual, rate = staff["header"]
    top = HEAD_ROW + 1
    sheet.add([Cell(top, 0, staff["label"], "label_centre", rows=2)])
    sheet.add([Cell(top, 1, quota, "header", cols=2)])
    sheet.add([Cell(top, 3, actual, "header", cols=2, formula=formulas.dated(actual, ""))])
    sheet.add([Cell(top, 5, rate, "header", cols=2)])
    for col in (1, 3):
        sheet.add([Cell(top + 1, col, "", "input", cols=2, open=True, prompt="people")])
    quota_cell, actual_cell = a1(top + 1, 1), a1(top + 1, 3)
    sheet.add([Cell(top + 1, 5, "", "rate", cols=2, formula=formulas.ratio(actual_cell, quota_cell))])
    sheet.names |= {"PE_QUOTA": a1(top + 1, 1, absolute=True), "PE_STAFF": a1(top + 1, 3, absolute=True)}
    sheet.heights |= {top: ROW, top + 1: ROW}


def _money(sheet: Sheet, money: Data, top: int) -> int:
    """The budget lines; the row under them."""
    sheet.add([Cell(top, 0, money["label"], "label_centre")])
    for (col, cols), (text, word, offset) in zip(
        BASIC_YEARS, (("决算数", "上年", -1), ("预算数", "本年", 0), ("决算数", "本年", 0)), strict=True
    ):
        sheet.add(
            [Cell(top, col, word + text, "header", cols=cols, formula=formulas.dated(text, word, offset))]
        )
    sheet.heights[top] = ROW + 3
    rows, guards = _placed(money["rows"], top + 1)
    last = max((*rows.values(), *guards.values()))
    projects = rows["projects"] + 1, max(guards.values())
    for entry in money["rows"]:
        row = rows[entry["key"]]
        name_look = f"label{entry.get('indent', 0)}"
        if entry.get("rename"):
            name_look += "_open"
        sheet.add(
            [
                Cell(
                    row,
                    0,
                    entry["label"],
                    name_look,
                    open=bool(entry.get("rename")),
                    note=money["notes"].get(entry["key"], ""),
                )
            ]
        )
        sheet.growing.add(row)
        for col, cols in BASIC_YEARS:
            sheet.add([_amount(entry, row, col, cols, rows, guards, projects)])
        if entry["kind"] == "list":
            _details(sheet, row + 1, guards[entry["key"]])
    sheet.names |= {f"PE_A1_{key.upper()}": a1(row, 5, absolute=True) for key, row in rows.items()}
    sheet.names["PE_PROJECT_NAMES"] = (
        f"{a1(projects[0], 0, absolute=True)}:{a1(projects[1], 0, absolute=True)}"
    )
    return last + 1


def _placed(entries: Sequence[Data], top: int) -> tuple[dict[str, int], dict[str, int]]:
    """The row of every entry and, for a list, of the guard row under its details."""
    rows: dict[str, int] = {}
    guards: dict[str, int] = {}
    row = top
    for entry in entries:
        rows[entry["key"]] = row
        if entry["kind"] == "list":
            row += int(entry["details"]) + 1
            guards[entry["key"]] = row
        row += 1
    return rows, guards


def _amount(
    entry: Data,
    row: int,
    col: int,
    cols: int,
    rows: dict[str, int],
    guards: dict[str, int],
    projects: tuple[int, int],
) -> Cell:
    match entry["kind"]:
        case "sum":
            formula = formulas.total(",".join(a1(rows[key], col) for key in entry["of"]))
        case "lines":
            first, last = projects
            names = f"{a1(first, 0, absolute=True)}:{a1(last, 0, absolute=True)}"
            formula = formulas.numbered_total(names, area(first, col, last, col))
        case "list":
            # Over both grid columns of a year: a row inserted by hand is not merged, and may be filled in either.
            formula = formulas.total(area(row + 1, col, guards[entry["key"]], col + cols - 1))
        case _:
            return Cell(
                row, col, "", "money_input", cols=cols, open=True, prompt=entry.get("prompt", "money")
            )
    return Cell(row, col, "", "money", cols=cols, formula=formula, open=True)


def _details(sheet: Sheet, first: int, guard: int) -> None:
    for row in range(first, guard):
        sheet.add([Cell(row, 0, "", "input_indented", open=True, prompt="fund_name")])
        sheet.add(
            Cell(row, col, "", "money_input", cols=cols, open=True, prompt="money")
            for col, cols in BASIC_YEARS
        )
        sheet.growing.add(row)
    sheet.add([Cell(guard, 0, "", "guard")])
    sheet.add(Cell(guard, col, "", "guard", cols=cols) for col, cols in BASIC_YEARS)
    sheet.heights[guard] = GUARD_HEIGHT


def _buildings(sheet: Sheet, buildings: Data, row: int) -> int:
    text = buildings["label"]
    before, after = text.split("%s")
    before = before.replace("\n", '"&CHAR(10)&"')
    sheet.add(
        [
            Cell(
                row, 0, text.replace("%s", "本年"), "label_centre", rows=2,
                formula=f'"{before}"&IF(PE_YEAR="","本年",PE_YEAR&"年")&"{after}"',
            )
        ]
    )  # fmt: skip
    sheet.add(line(row, [(col, 1) for col in range(1, 7)], buildings["header"], "header"))
    for col in (1, 2, 4, 5):
        sheet.add([Cell(row + 1, col, "", "money_input", open=True, prompt="size" if col < 4 else "money")])
    for col in (3, 6):
        whole, part = a1(row + 1, col - 2), a1(row + 1, col - 1)
        sheet.add([Cell(row + 1, col, "", "rate", formula=formulas.ratio(part, whole))])
    sheet.heights |= {row: 34, row + 1: ROW + 3}
    return row + 2


# ----------------------------------------------------------------------------------------------- 附件2 and 附件3

INDICATOR_WIDTHS = (9.0, 9.5, 10.0, 22.0, 13.0, 13.0, 7.5, 9.0, 17.0)
INDICATOR_LAST = 8
FUND_SPANS: Spans = ((1, 2), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (8, 1))
HALVES: Spans = ((1, 4), (5, 4))
EXECUTION_WEIGHT = 10
PROJECT_FUND_ROW = 5
"""The row of 年度资金总额 in every 附件3: 附件2 adds it up over all project sheets."""


def annex2(form: Data) -> Sheet:
    """附件2: has the unit's line, and the money again by source and by kind."""
    sheet = Sheet(form["caption"], "FJ02", INDICATOR_WIDTHS, form="FJ02", tab=TINTS["data"], freeze=(3, 0))
    sheet.add(title(form["title"], INDICATOR_LAST, form["caption"]))
    sheet.add([Cell(HEAD_ROW, 0, form["unit"], "label_centre", cols=2), unit_cell(HEAD_ROW, 2, 7)])
    row = _fund(sheet, form["fund"], HEAD_ROW + 1, project=False)
    row = _nature(sheet, form["nature"], row)
    sheet.add([Cell(HEAD_ROW + 1, 0, form["fund"]["label"], "label_centre", rows=row - HEAD_ROW - 1)])
    _rest(sheet, form, row)
    total = HEAD_ROW + 2
    sheet.names |= {
        "PE_A2_INITIAL": a1(total, 3, absolute=True),
        "PE_A2_BUDGET": a1(total, 4, absolute=True),
        "PE_A2_EXECUTED": a1(total, 5, absolute=True),
        "PE_A2_RATE": a1(total, 7, absolute=True),
        "PE_A2_BASIC": a1(total + 2, 8, absolute=True),
        "PE_A2_PROJECTS": a1(total + 3, 8, absolute=True),
    }
    return sheet


def annex3(form: Data, *, name: str, code: str, form_id: str, hidden: bool = False) -> Sheet:
    """An 附件3: the project's name and the two departments stand where 附件2 has the unit."""
    sheet = Sheet(
        name, code, INDICATOR_WIDTHS, form=form_id, tab=TINTS["project"], hidden=hidden, freeze=(4, 0)
    )
    sheet.add(title(form["title"], INDICATOR_LAST, form["caption"], open=True))
    sheet.add([Cell(HEAD_ROW, 0, form["project"], "label_centre")])
    sheet.add([Cell(HEAD_ROW, 1, "", "input", cols=8, open=True, prompt="project")])
    department, office = form["departments"]
    row = HEAD_ROW + 1
    sheet.add(
        [
            Cell(row, 0, department, "label_centre"),
            unit_cell(row, 1, 3),
            Cell(row, 4, office, "label_centre"),
            unit_cell(row, 5, 4),
        ]
    )
    sheet.cells = [_opened(cell) if cell.row == row and cell.formula else cell for cell in sheet.cells]
    sheet.heights[row] = 30
    below = _fund(sheet, form["fund"], row + 1, project=True)
    sheet.add([Cell(row + 1, 0, form["fund"]["label"], "label_centre", rows=below - row - 1)])
    _rest(sheet, form, below)
    return sheet


def _opened(cell: Cell) -> Cell:
    return Cell(cell.row, cell.col, cell.value, cell.look, cell.rows, cell.cols, cell.formula, open=True)


def _rest(sheet: Sheet, form: Data, row: int) -> None:
    """What 附件2 and 附件3 share below the money: goals, indicators, total, signature."""
    row = _goals(sheet, form["goals"], row)
    fund_row = next(cell.row for cell in sheet.cells if cell.value == "年度资金总额")
    bottom = _indicators(sheet, form["indicators"], row, fund_row, form["total"])
    _signature(sheet, form["signature"], bottom)
    sheet.heights |= {0: 22, TITLE_ROW: 36, HEAD_ROW: 30}
    sheet.print = Print(INDICATOR_LAST, repeat=(row, row))


def _fund(sheet: Sheet, fund: Data, top: int, *, project: bool) -> int:
    """The fund block: its header, 年度资金总额 and, in 附件3, the parts it is the sum of; the row below."""
    sheet.add(line(top, FUND_SPANS, fund["header"], "header"))
    rows = range(top + 1, top + 1 + len(fund["rows"]))
    sheet.heights |= {top: 24, **dict.fromkeys(rows, ROW + 2)}
    for index, (row, label) in enumerate(zip(rows, fund["rows"], strict=True)):
        sheet.add([Cell(row, 1, label, f"label{min(index, 2)}", cols=2)])
        for col in (3, 4, 5):
            parts = area(row + 1, col, rows[-1], col)
            if index == 0 and project:
                sheet.add([Cell(row, col, "", "money", formula=formulas.total(parts), open=True)])
            else:
                sheet.add([Cell(row, col, "", "money_input", open=True, prompt="money")])
        if index:
            sheet.add(line(row, FUND_SPANS[4:], [], "blank"))
    row = rows[0]
    budget, executed, weight = a1(row, 4), a1(row, 5), a1(row, 6)
    sheet.add([Cell(row, 6, EXECUTION_WEIGHT, "score_input", open=True, prompt="weight")])
    sheet.add([Cell(row, 7, "", "rate", formula=formulas.ratio(executed, budget))])
    sheet.add(
        [Cell(row, 8, "", "score", formula=formulas.execution_score(executed, budget, weight), open=True)]
    )
    return rows[-1] + 1


def _nature(sheet: Sheet, nature: Data, top: int) -> int:
    """附件2: the money by source, left, and by kind, right; each label with its figure beside it."""
    left, right = nature["left"], nature["right"]
    for index, label in enumerate(left):
        row = top + index
        look = "tag0" if index == 0 else "tag1"
        sheet.add([Cell(row, 1, label, look, cols=3)])
        if index == 0:
            total = formulas.total(area(row + 1, 4, top + len(left) - 1, 4))
            sheet.add([Cell(row, 4, "", "tagged", formula=total, open=True)])
        else:
            sheet.add([Cell(row, 4, "", "tagged_input", open=True, prompt="money")])
        sheet.add([Cell(row, 5, right[index] if index < len(right) else "", look, cols=3)])
        sheet.add([_spending(row, index, top, len(right))])
        sheet.heights[row] = ROW
    return top + len(left)


def _spending(row: int, index: int, top: int, count: int) -> Cell:
    match index:
        case 0:
            formula = formulas.total(area(top + 1, 8, top + count - 1, 8))
        case 1:
            return Cell(row, 8, "", "tagged_input", open=True, prompt="money")
        case 2:
            formula = formulas.total(f"{FIRST_GUARD}:{LAST_GUARD}!{a1(PROJECT_FUND_ROW, 5, absolute=True)}")
        case _:
            return Cell(row, 8, "", "tagged_end")
    return Cell(row, 8, "", "tagged", formula=formula, open=True)


# Letters only: LibreOffice reads a sum over sheets only where their names need no quotes.


def _goals(sheet: Sheet, goals: Data, top: int) -> int:
    sheet.add([Cell(top, 0, goals["label"], "label_centre", rows=2)])
    sheet.add(line(top, HALVES, goals["header"], "header"))
    for col, cols in HALVES:
        sheet.add([Cell(top + 1, col, "", "input_prose", cols=cols, open=True, prompt="goal")])
        place = a1(top + 1, col, absolute=True)
        sheet.long_texts.append(f"{place}:{place}")
    sheet.heights |= {top: ROW, top + 1: 110}
    return top + 2


def _indicators(sheet: Sheet, block: Data, top: int, fund_row: int, total: str) -> int:
    """The indicator table with its guard row and 总分; the row below."""
    sheet.add(line(top, [(col, 1) for col in range(1, 9)], block["header"], "header"))
    sheet.heights[top] = 34
    row = top + 1
    for group in block["groups"]:
        row = _group(sheet, group, row, last=group is block["groups"][-1])
    guard = row - 1
    sheet.add([Cell(top, 0, block["label"], "label_centre_open", rows=row - top, open=True)])
    weights, scores = area(top + 1, 6, guard, 6), area(top + 1, 7, guard, 7)
    fund_weight, fund_score = a1(fund_row, 6), a1(fund_row, 8)
    sheet.add([Cell(row, 0, total, "label_bold", cols=6)])
    for col, cells, fund in ((6, weights, fund_weight), (7, scores, fund_score)):
        formula = f'IF(COUNT({cells})=0,"",ROUND(N({fund})+SUM({cells}),2))'
        sheet.add([Cell(row, col, "", "total_score", formula=formula, open=True)])
    sheet.add([Cell(row, 8, "", "input", open=True)])
    sheet.heights[row] = 24
    return row + 1


def _group(sheet: Sheet, group: Data, top: int, *, last: bool) -> int:
    """A level-1 group: its level-2 cells merged over their rows; the last one ends in the guard row."""
    row = top
    names = list(group["level2"])
    for name in names:
        ends = last and name == names[-1]
        count = int(group["level2"][name])
        sheet.add([Cell(row, 2, name, "label_centre_open", rows=count + ends, open=True, prompt="level2")])
        for _ in range(count):
            sheet.add(_indicator(row, degrees=bool(group.get("degrees"))))
            sheet.growing.add(row)
            row += 1
        if ends:
            sheet.add(Cell(row, col, "", "guard") for col in range(3, 9))
            sheet.heights[row] = GUARD_HEIGHT
            row += 1
    sheet.add([Cell(top, 1, group["level1"], "label_centre_open", rows=row - top, open=True)])
    return row


def _indicator(row: int, *, degrees: bool) -> Iterator[Cell]:
    prompts = (
        "indicator",
        "degree" if degrees else "target",
        "degree" if degrees else "actual",
        "weight",
        "score",
        "reason",
    )
    looks = ("input_text", "input_value", "input_value", "score_input", "score_input", "input_text")
    for col, prompt, look in zip(range(3, 9), prompts, looks, strict=True):
        yield Cell(row, col, "", look, open=True, prompt=prompt)


SIGNATURE: Spans = ((0, 3), (3, 1), (4, 2), (6, 3))


def _signature(sheet: Sheet, labels: Sequence[str], row: int) -> None:
    """The line under the form; who fills it in, and when, stands on 填报说明."""
    for (col, cols), label in zip(SIGNATURE, labels, strict=True):
        formula = {
            "填表人": '"填表人："&PE_PERSON',
            "联系电话": '"联系电话："&PE_PHONE',
            "填报日期": '"填报日期："&IF(PE_DATE="","",TEXT(PE_DATE,"yyyy.m.d"))',
        }.get(label, "")
        sheet.add([Cell(row, col, f"{label}：", "signature", cols=cols, formula=formula, open=True)])
    sheet.heights[row] = 34


# ------------------------------------------------------------------------------------------------- 附件4, 5 and 6

FUND_TABLE_TOP = 3


def fund_table(form: Data, code: str) -> Sheet:
    """One of the three fund tables: labels, money columns with their formulas, total above, lines below."""
    labels, columns = form["labels"], form["columns"]
    leaves = [leaf for column in columns for leaf in column.get("parts", [column])]
    roles = {leaf["role"]: len(labels) + index for index, leaf in enumerate(leaves)}
    last = len(labels) + len(leaves) - 1
    widths = (*((22.0, 26.0) if len(labels) == 2 else (34.0,)), *[16.0] * len(leaves))
    sheet = Sheet(form["caption"], code, widths, form=code, tab=TINTS["fund"])
    sheet.add(title(form["title"], last, form["caption"]))
    unit = '"预算单位名称："&IF(PE_UNIT="","",PE_UNIT)'
    sheet.add(
        [
            Cell(HEAD_ROW, 0, "预算单位名称：", "caption", cols=last, formula=unit),
            Cell(HEAD_ROW, last, "单位：万元", "caption_right"),
        ]
    )
    deep = 2 if any("parts" in column for column in columns) else 1
    _fund_header(sheet, labels, columns, deep)
    total = FUND_TABLE_TOP + deep
    first, guard = total + 1, total + 1 + int(form["rows"])
    sheet.add([Cell(total, 0, "合计", "label_bold", cols=len(labels))])
    for col in roles.values():
        sheet.add(
            [Cell(total, col, "", "money", formula=formulas.total(area(first, col, guard, col)), open=True)]
        )
    for row in range(first, guard):
        for col in range(len(labels)):
            prompt = "code" if len(labels) == 2 and col == 0 else "subject"
            sheet.add(
                [Cell(row, col, "", "input" if prompt == "code" else "input_text", open=True, prompt=prompt)]
            )
        sheet.add(_fund_cell(row, role, roles) for role in roles)
    sheet.add(Cell(guard, col, "", "guard") for col in range(last + 1))
    sheet.growing |= set(range(first, guard))
    sheet.heights |= {0: 22, TITLE_ROW: 38, HEAD_ROW: 24, total: 26, guard: GUARD_HEIGHT}
    sheet.heights |= dict.fromkeys(range(FUND_TABLE_TOP, total), 26)
    sheet.names[f"PE_{code}_SPENT"] = a1(
        total, roles.get("spending", roles.get("outgo", last)), absolute=True
    )
    sheet.freeze = (total, 0)
    sheet.print = Print(last, repeat=(FUND_TABLE_TOP, total - 1), landscape=True)
    return sheet


def _fund_header(sheet: Sheet, labels: Sequence[str], columns: Sequence[Data], deep: int) -> None:
    sheet.add(Cell(FUND_TABLE_TOP, col, label, "header", rows=deep) for col, label in enumerate(labels))
    col = len(labels)
    for column in columns:
        parts = column.get("parts", [])
        if parts:
            sheet.add([Cell(FUND_TABLE_TOP, col, column["label"], "header", cols=len(parts))])
            sheet.add(
                Cell(FUND_TABLE_TOP + 1, col + index, part["label"], "header")
                for index, part in enumerate(parts)
            )
        else:
            sheet.add([Cell(FUND_TABLE_TOP, col, column["label"], "header", rows=deep)])
        col += len(parts) or 1


def _fund_cell(row: int, role: str, roles: dict[str, int]) -> Cell:
    at = {name: a1(row, col) for name, col in roles.items()}
    formula = ""
    if role == "spending":
        formula = formulas.total(",".join(at[part] for part in ("basic", "projects") if part in at))
    elif role == "carry_out":
        formula = formulas.difference([at["carry_in"], at["income"]], at["spending"])
    elif role == "balance":
        formula = formulas.difference([at["income"]], at["outgo"])
    elif role == "rolled_out":
        formula = formulas.total(f"{at['rolled_in']},{at['balance']}")
    if formula:
        return Cell(row, roles[role], "", "money", formula=formula, open=True)
    return Cell(row, roles[role], "", "money_input", open=True, prompt="money")
