"""Reader of 附件1, the 基础数据表: staff, budget lines as a tree, 楼堂馆所, 厉行节约."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from perfeval_xl import patterns as re
from perfeval_xl.grid import Cell
from perfeval_xl.records import replace
from perfeval_xl.text import clean

from . import labels
from .indicator_form import year_in
from .records import BasicForm, BudgetLine, Building, Field, MoneyUnit, Staff
from .segments import Segment
from .sheet import Band, Sheet, band, field_of, head_pairs, in_money, money_unit

YEAR_COLUMN = re.compile(r"^(?:(20\d\d)年?度?|上年度?|本年度?|上一年度?)(决算数?|预算数?|决算|预算)$")
_NUMBER = re.compile(
    r"^(?:(\d{1,2}|[一二三四五六七八九十]{1,2})[、.．]|(\(\d+\)|\([一二三四五六七八九十]+\)|[①-⑨])[、.．]?)(?=\D)"
)
_SANGONG_ROLES = ("vehicles", "abroad", "reception")
_VEHICLE_ROLES = ("vehicle_purchase", "vehicle_upkeep")
_SECTION_ROLES = ("sangong", "projects", "public", "procurement", "adjustment", "basic")


#: Rows that go on naming projects in brackets, one each: "3、专项资金(校舍维修)", "(高考奖)", "(保安费)".
_IN_BRACKETS = re.compile(r"\([^()]{2,}\)$")


def read(sheet: Sheet, segment: Segment) -> BasicForm | str:
    """The form of a segment, or what was looked for in vain."""
    found = next(
        ((row, columns) for row, cells in sheet.rows if len(columns := _year_columns(cells)) >= 2), None
    )
    if found is None:
        return "经费控制情况表头（××年决算数、××年预算数）"
    row, columns = found
    unit = (
        money_unit([cell.text for number, cells in sheet.rows if number <= row for cell in cells]) or "万元"
    )
    buildings_row = next(
        (number for number, cells in sheet.below(row) if len(_building_roles(cells)) >= 3), None
    )
    lines = _lines(sheet, row, buildings_row or segment.bottom + 1, columns, unit)
    if not lines:
        return "经费控制情况中的“三公经费”“项目支出”等行"
    title = field_of(sheet.name, segment.top, segment.title.column, segment.title)
    years = [cell.text for number, cells in sheet.rows if number <= row for cell in cells]
    finals = [int(match[1]) for text in years if (match := YEAR_COLUMN.match(clean(text))) and match[1]]
    head = head_pairs(sheet, segment.top, row - 1)
    thrift = _thrift(sheet, row)
    return BasicForm(
        kind="basic",
        sheet=sheet.name,
        area=sheet.area(segment.top, segment.bottom),
        title=title,
        year=year_in([title.text]) or (max(finals) if finals else None),
        unit_name=head.get("unit"),
        money_unit=unit,
        caption=segment.caption,
        staff=_staff(sheet, segment.top, row),
        columns={role: sheet.field(row, span[0]).text for role, span in columns.items()},
        lines=tuple(lines),
        buildings=tuple(_buildings(sheet, buildings_row)),
        thrift=thrift,
    )


def _year_columns(cells: Sequence[Cell]) -> dict[str, tuple[int, int]]:
    """The year columns a header row names: the earlier 决算 is last year's."""
    finals: list[tuple[str, int]] = []
    budgets: list[tuple[str, int]] = []
    for cell in cells:
        match = YEAR_COLUMN.match(clean(cell.text))
        if match is not None:
            year = match[1] or ("0" if clean(cell.text).startswith("上") else "9")
            (finals if match[2].startswith("决算") else budgets).append((year, cell.column))
    columns: dict[str, int] = {}
    finals.sort()
    if finals:
        columns["final"] = finals[-1][1]
    if len(finals) > 1:
        columns["last_final"] = finals[0][1]
    if budgets:
        columns["budget"] = max(budgets)[1]
    edges = sorted(columns.values())
    after = {edge: following - 1 for edge, following in pairwise(edges)}
    return {role: (column, after.get(column, column + 3)) for role, column in columns.items()}


def _staff(sheet: Sheet, top: int, bottom: int) -> Staff | None:
    """编制数, 在职人数 and 控制率: the first row with a figure under their labels."""
    for row, cells in sheet.rows:
        if not top <= row < bottom:
            continue
        found = band(sheet, row, _with_years(cells), depth=1)
        if found is None or "quota" not in found or "actual" not in found:
            continue
        under = [number for number, _ in sheet.below(row, 3) if number < bottom]
        values = next((number for number in under if _has_figures(sheet, number, found)), None)
        if values is None:
            values = row + 1
        rate = sheet.at(values, found.columns["rate"]) if "rate" in found else None
        return Staff(
            sheet.at(values, found.columns["quota"]), sheet.at(values, found.columns["actual"]), rate
        )
    return None


def _with_years(cells: Sequence[Cell]) -> labels.Table:
    """The staff labels, also with a year in front ("2023年实际在职人数")."""
    dated = {cell.text: re.sub(r"^20\d\d年?度?", "", labels.plain(cell.text)) for cell in cells}
    return {
        role: (*names, *(labels.plain(text) for text, name in dated.items() if name in names))
        for role, names in labels.STAFF_COLUMNS.items()
    }


def _has_figures(sheet: Sheet, row: int, header: Band) -> bool:
    return any(sheet.at(row, header.columns[role]).figure for role in header.columns)


def _lines(
    sheet: Sheet, header: int, end: int, columns: dict[str, tuple[int, int]], unit: MoneyUnit | None
) -> list[BudgetLine]:
    """The budget lines in order, each with its parent by the form's own hierarchy."""
    lines: list[BudgetLine] = []
    first = min(left for left, _ in columns.values())
    context: dict[str, int] = {}
    section = ""
    for row, cells in sheet.below(header):
        before = [cell for cell in cells if cell.column < first and isinstance(cell.value, str)]
        if row >= end or any("厉行节约" in cell.text or "批复规模" in clean(cell.text) for cell in before):
            break
        if not before:
            continue
        cell = before[-1]
        number, name = _numbered(cell.text)
        role = labels.role_of(name, labels.BUDGET_LINES) or ""
        if section == "projects" and role in ("public", "basic") and number:
            role = ""
        if role in _SECTION_ROLES:
            section = role
            context = {}
        figures = {key: in_money(sheet.at(row, span), unit) for key, span in columns.items()}
        if not role and not number and not _may_stand_alone(section, name, figures):
            continue
        role, parent = _role_and_parent(role, number, section, context, cell.text)
        context[role] = len(lines)
        label = field_of(sheet.name, row, cell.column, cell)
        lines.append(BudgetLine(label, name, role, number, parent, figures))
    return lines


def _may_stand_alone(section: str, name: str, figures: Mapping[str, Field]) -> bool:
    """A row of no known role: a detail of 项目支出 or a part of 公用经费, or any other row with a figure."""
    return (
        section == "projects"
        or (section == "public" and bool(name))
        or any(not field.missing for field in figures.values())
    )


def _numbered(text: str) -> tuple[str, str]:
    """The number in front of a line's label and the label without it."""
    name = labels.plain(text)
    match = _NUMBER.match(name)
    if match is None:
        return "", name or clean(text).strip("()")  # nothing but a name in brackets
    return match[1] or match[2], labels.plain(name[match.end() :])


def _role_and_parent(
    role: str, number: str, section: str, context: dict[str, int], text: str
) -> tuple[str, int | None]:
    """What a line is and the index of the line it is a part of.

    In 项目支出 a numbered row is a line of its own and a row without a number a detail of the line above it;
    where no row is numbered, every row that is not 其中 is a line, and so are those
    that go on naming projects in brackets as the numbered row does.
    """
    if role in _SANGONG_ROLES:
        return role, context.get("sangong")
    if role in _VEHICLE_ROLES:
        return role, context.get("vehicles", context.get("sangong"))
    if role in _SECTION_ROLES:
        return role, None
    if section == "projects":
        line = context.get("project_line")
        part = clean(text).startswith("其中")
        if not number and "bracketed" in context and _IN_BRACKETS.fullmatch(clean(text)):
            context["bracketed"] = 1
        if (
            number
            or (line is None and not part)
            or (not part and "numbered" not in context and "detail" not in context)
            or (not part and context.get("bracketed"))
        ):
            if number:
                context["numbered"] = 1
                context.pop("bracketed", None)
                if _IN_BRACKETS.search(clean(text)):
                    context["bracketed"] = 0
            return "project_line", context.get("projects")
        return "detail", line
    if section == "public":
        return "public_part", context.get("public")
    return "other", None


def _building_roles(cells: Sequence[Cell]) -> set[str]:
    return labels.roles((cell.text for cell in cells), labels.BUILDING_COLUMNS)


def _buildings(sheet: Sheet, row: int | None) -> list[Building]:
    if row is None:
        return []
    header = band(sheet, row, labels.BUILDING_COLUMNS, depth=1)
    assert header is not None  # the row was found by its labels
    found = []
    for number, cells in sheet.below(header.bottom, 12):
        if any("厉行节约" in cell.text for cell in cells):
            break
        values = {role: sheet.at(number, span) for role, span in header.columns.items()}
        if any(field.figure for field in values.values()):
            found.append(Building(values))
    return found


def _thrift(sheet: Sheet, row: int) -> Field | None:
    for number, cells in sheet.below(row):
        for index, cell in enumerate(cells):
            if "厉行节约" in clean(cell.text) and len(clean(cell.text)) < 20:
                if index + 1 < len(cells):
                    return field_of(sheet.name, number, cells[index + 1].column, cells[index + 1])
                return replace(sheet.field(number, cell.column + 1))
    return None
