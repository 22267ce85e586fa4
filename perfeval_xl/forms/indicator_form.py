"""Reader of 附件2 (整体支出自评表) and 附件3-N (项目支出自评表)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise, takewhile

from perfeval_xl import patterns as re
from perfeval_xl.grid import Cell, Place
from perfeval_xl.records import replace
from perfeval_xl.text import clean, plain, read_number, with_plain_signs, without_notes

from . import fund_block, labels
from .records import (
    Field,
    Indicator,
    IndicatorForm,
    Level,
    Signature,
    TotalRow,
)
from .segments import Segment, is_indicator_header
from .sheet import Band, Sheet, band, field_of, head_pairs, labelled, money_unit

_YEAR = re.compile(r"(20\d\d)\s*年|\(\s*(20\d\d)\s*\)")
_NUMBER = r"(?<![\d.])(\d{1,4}(?:\.\d{1,4})?)"
_LEVEL_WEIGHT = re.compile(rf"{_NUMBER}(?:\s{{0,3}}[-~—]\s{{0,3}}{_NUMBER})?\)?分")
#: What a printed form has in rows that are not filled in.
FILLER = re.compile(r"^(指标\d*[:：]?|[.…。]+|\.{2,})$")
_SIGNED = ("单位负责人", "填表人", "填报人", "填报日期", "联系电话", "经办人")
_SIGNED_PARTS = re.compile(r"(单位负责人(?:签字)?|填表人|填报人|联系电话|填报日期|经办人|填表日期)[:：]")
#: How far under the last indicator the total row may stand, with remarks between.
WITHIN_REMARKS = 4
#: So many rows of goals are read.
_MOST_GOALS = 12
#: So many rows under the last indicator are looked through for remarks.
_MOST_REMARKS = 8
#: From so many letters on a text above a form tells something.
_SUMMARY_FROM = 30
#: A sign that stands in a column of its own.
_SIGN = re.compile("^([≥≤><=≧≦═⩾⩽]{1,2}|不低于|不少于|不超过|不高于|大于|小于|大于等于|小于等于|等于)$")
_BARE = re.compile(r"[≥≤><=≧≦]{1,2}\d[\d,]*(?:\.\d+)?")
_GRADES = ("优", "优秀", "良", "良好", "中", "合格", "差", "较差", "不合格", "一般", "中等")


def year_in(texts: Sequence[str]) -> int | None:
    """The first year that a title or head names."""
    for text in texts:
        match = _YEAR.search(clean(text))
        if match is not None:
            return int(match[1] or match[2])
    return None


def read(sheet: Sheet, segment: Segment) -> IndicatorForm | str:
    """The form of a segment, or what was looked for in vain."""
    header = _indicator_header(sheet)
    if isinstance(header, str):
        if fund_block.fund_top(sheet, segment.top, segment.bottom + 1) is None:
            return header
        header = Band(segment.bottom + 1, segment.bottom + 1, {})  # only the fund block can be read
    funds_row = fund_block.fund_top(sheet, segment.top, header.top)
    above = header.top - 1
    head_bottom = (funds_row or _goals_row(sheet, segment.top, above) or header.top) - 1
    head = head_pairs(sheet, segment.top, head_bottom)
    unit = money_unit([cell.text for row, cells in sheet.rows if row <= header.top for cell in cells])
    goals_row = _goals_row(sheet, funds_row or segment.top, above)
    funds, income, spending = fund_block.read(
        sheet, funds_row, (goals_row or header.top) - 1, segment.kind, unit
    )
    body, total_row, end = (
        _body(sheet, header, segment.bottom) if header.columns else ([], None, segment.bottom)
    )
    indicators, levels = _indicators(sheet, header, body)
    total = None if total_row is None else _total(sheet, header, total_row)
    if total is not None and not (segment.titled or head or funds) and not _adds_up(total, indicators):
        total = None  # the end of a table that begins elsewhere: its total counts rows that are not here
    title = field_of(sheet.name, segment.top, segment.title.column, segment.title)
    texts = [
        cell.text
        for row, cells in sheet.rows
        if row <= segment.top + 4
        for cell in cells
        if len(cell.text) < 60
    ]
    signature = _signature(sheet, end, segment.bottom)
    bottom = signature.place.row if signature is not None else end
    return IndicatorForm(
        kind="overall" if segment.kind == "overall" else "project",
        sheet=sheet.name,
        area=sheet.area(segment.top, bottom),
        title=title,
        year=year_in(texts),
        unit_name=head.get("unit") or head.get("office"),
        money_unit=unit,
        caption=segment.caption,
        head=head,
        funds=funds,
        income=income,
        spending=spending,
        goals=_goals(sheet, goals_row, header.top),
        columns=_columns(header, indicators),
        indicators=indicators,
        levels=levels,
        total=total,
        signature=signature,
        unread="" if header.columns else "指标表头（三级指标、年度指标值、实际完成值）",
        remarks=(
            *_management(sheet, funds_row, (goals_row or header.top) - 1),
            *_remarks(sheet, body[-1] if body else end, segment.bottom),
            *_above(sheet, segment.top),
        ),
        heading=_heading(sheet, header, tuple(row.row for row in indicators)),
    )


def _columns(header: Band, indicators: Sequence[Indicator]) -> frozenset[str]:
    """The columns the form has; points in its labels are as good as a column of weights."""
    printed = any(row.weight is not None and row.weight.printed for row in indicators)
    return frozenset(header.columns) | ({"weight"} if printed else set())


def _indicator_header(sheet: Sheet) -> Band | str:
    """The header band of the indicators, or what was looked for in vain."""
    row = next((row for row, cells in sheet.rows if is_indicator_header(cells)), None)
    if row is None:
        return "指标表头（三级指标、年度指标值、实际完成值）"
    header = band(sheet, _band_top(sheet, row), labels.INDICATOR_COLUMNS, labels.INDICATOR_ENDINGS)
    header = header and _with_name(sheet, header)
    if header is None or "name" not in header:
        return "指标表头中的“三级指标”或“指标名称”"
    if "actual" in header:
        return header
    if {"weight", "score"} <= header.columns.keys() and "target" not in header:
        return _by_their_levels(sheet, header)  # a form that scores the process against printed standards
    return "指标表头中的“实际完成值”"


def _with_name(sheet: Sheet, header: Band) -> Band:
    """The header with the column of names by its place, where its heading says something else: the one directly behind the levels."""
    levels = [header.columns[role] for role in ("level1", "level2") if role in header]
    if "name" in header or not levels:
        return header
    after = max(right for _, right in levels) + 1
    taken = {left for role, (left, _) in header.columns.items() if role != "other"}
    if after in taken or not any(after in sheet.labels(row) for row in (header.top, header.bottom)):
        return header
    right = min((left - 1 for left in taken if left > after), default=after)
    return replace(header, columns={**header.columns, "name": (after, right)})


def _by_their_levels(sheet: Sheet, header: Band) -> Band:
    """The header of a form in which every level has its own 分值: the weight of a row is the one behind its name."""
    roles = {
        column: labels.role_of(text, labels.INDICATOR_COLUMNS)
        for row in range(header.top, header.bottom + 1)
        for column, text in sheet.labels(row).items()
    }
    edges = sorted(roles)
    last = {edge: following - 1 for edge, following in pairwise(edges)}
    columns = dict(header.columns)
    for before, column in pairwise(edges):
        if roles[column] == "weight" and roles[before] in ("level1", "level2", "name"):
            role = {"name": "weight"}.get(str(roles[before]), f"weight of {roles[before]}")
            columns[role] = (column, last.get(column, column + 3))
    return replace(header, columns=columns)


def _band_top(sheet: Sheet, row: int) -> int:
    """The first row of the indicator header: the row above belongs to it when it labels columns too, and holds no figure."""
    if any(read_number(cell.text) is not None for cell in sheet.cells(row - 1)):
        return row
    above = {
        role
        for text in sheet.labels(row - 1).values()
        if (role := labels.role_of(text, labels.INDICATOR_COLUMNS))
    }
    return row - 1 if len(above & {"target", "actual", "weight", "score", "reason"}) >= 2 else row


def _goals_row(sheet: Sheet, top: int, bottom: int) -> int | None:
    for row, cells in sheet.rows:
        if top <= row <= bottom and len(labels.roles((cell.text for cell in cells), labels.GOALS)) == 2:
            return row
    return None


def _goals(sheet: Sheet, row: int | None, header: int) -> Mapping[str, tuple[Field, ...]]:
    """预期目标 and 实际完成情况: what stands under their labels, a goal a row where they are written so."""
    if row is None:
        return {}
    places = {
        role: column
        for column, text in sheet.labels(row).items()
        if (role := labels.role_of(text, labels.GOALS))
    }
    edges = sorted(places.values())
    bottom = min(header, row + 1 + _MOST_GOALS)
    beside = (1, edges[0] - 1) if edges and edges[0] > 1 else None
    end = next(
        (below for below in range(row + 2, bottom) if beside and sheet.at(below, beside).filled), bottom
    )
    goals = {}
    for role, column in places.items():
        right = next((edge - 1 for edge in edges if edge > column), 1 << 14)
        under = [sheet.at(below, (column, right)) for below in range(row + 1, end)]
        goals[role] = tuple(field for field in under if not field.blank) or (sheet.field(row + 1, column),)
    return goals


def _body(sheet: Sheet, header: Band, bottom: int) -> tuple[list[int], int | None, int]:
    """The indicator rows, the total row if there is one, and the last row of the table.

    The total may stand under a remark (其他需要说明事项); a header repeated over a second block is passed over.
    """
    rows: list[int] = []
    last = header.bottom
    ended = False
    for row, cells in sheet.below(header.bottom):
        if row > bottom or (ended and row > last + WITHIN_REMARKS):
            break
        if _is_total(cells, header):
            return rows, row, row
        first = cells[0]
        ended = ended or (isinstance(first.value, str) and clean(first.text).startswith(labels.TABLE_ENDINGS))
        if not ended and not is_indicator_header(cells):
            rows.append(row)
            last = row
    return rows, None, last


def _is_total(cells: Sequence[Cell], header: Band) -> bool:
    right = header.columns["name"][1]
    return any(labels.role_of(cell.text, labels.TOTAL_ROW) for cell in cells if cell.column <= right)


def _indicators(
    sheet: Sheet, header: Band, rows: Sequence[int]
) -> tuple[tuple[Indicator, ...], tuple[Level, ...]]:
    indicators: list[Indicator] = []
    levels: list[tuple[Field, list[int]]] = []
    level1 = ""
    group: Field | None = None
    groups: dict[Place, list[Field]] = {}
    for row in rows:
        for role in ("level1", "level2"):
            if role not in header:
                continue
            field = sheet.at(row, header.columns[role])
            if field.blank:
                continue
            if role == "level1":
                again = bool(levels) and clean(levels[-1][0].text) == clean(
                    field.text
                )  # printed in every row
                if not again:
                    level1, group = field.text, None
                    levels.append((field, []))
            else:
                group = field
                if levels:
                    groups.setdefault(levels[-1][0].place, []).append(field)
        indicator = _indicator(sheet, header, row, level1, group)
        if indicator is not None:
            indicators.append(indicator)
            if levels:
                levels[-1][1].append(row)
    indicators = _with_parts(indicators)
    own = {indicator.row for indicator in indicators}
    filled = {one.group.place for one in indicators if one.group is not None}
    found = [
        replace(
            _level(sheet, header, field, [row for row in rows if row in own]),
            empty=tuple(one for one in groups.get(field.place, ()) if one.place not in filled),
        )
        for field, rows in levels
    ]
    if "weight" not in header and "score" in header:
        indicators = _with_printed_points(indicators, found)
    return tuple(indicators), tuple(found)


def _with_parts(indicators: Sequence[Indicator]) -> list[Indicator]:
    """The indicators, rows that only break one down put into it: without weight and score, and named 其中…, or adding up to it."""
    kept: list[Indicator] = []
    index = 0
    while index < len(indicators):
        indicator = indicators[index]
        run = list(takewhile(_unscored, indicators[index + 1 :]))
        index += 1
        if _scored(indicator) and run and _breaks_down(indicator, run):
            indicator = replace(indicator, parts=tuple(run))
            index += len(run)
        kept.append(indicator)
    return kept


def _scored(indicator: Indicator) -> bool:
    return any(field is not None and field.figure for field in (indicator.weight, indicator.score))


def _unscored(indicator: Indicator) -> bool:
    """A row that has the columns of weight and score and holds nothing there."""
    fields = (indicator.weight, indicator.score)
    return all(field is not None and field.missing for field in fields) and not indicator.name.blank


def _breaks_down(whole: Indicator, run: Sequence[Indicator]) -> bool:
    name = run[0].name.text
    if any(
        labels.PART_OF_ABOVE.match(text) for text in (clean(name), name.strip())
    ):  # ① is 1 once it is cleaned
        return True
    targets = [read_number(with_plain_signs(clean(one.target_text)).lstrip("≥≤=><")) for one in (whole, *run)]
    if len(run) < 2 or any(number is None for number in targets):
        return False
    first, *rest = (number for number in targets if number is not None)
    same = all(number.unit == first.unit for number in rest)
    return same and not first.percent and sum(number.value for number in rest) == first.value


def _with_printed_points(indicators: Sequence[Indicator], levels: Sequence[Level]) -> list[Indicator]:
    """The indicators of a form without a weight column, with the points that its labels print.

    The finest label counts: the row's own name, its level 2, its level 1. A label over one row is that row's weight; where the
    rows under it have all its points together, each has its own in full. Else it is not known who has how many.
    """
    groups: dict[Place, tuple[Field, Decimal, list[Indicator]]] = {}
    for indicator in indicators:
        level = next((one.label for one in levels if indicator.row in one.rows), None)
        for label in (indicator.name, indicator.group, level):
            points = None if label is None else _printed(label.text)
            if label is not None and points is not None and points[0] == points[1]:
                groups.setdefault(label.place, (label, points[0], []))[2].append(indicator)
                break
    weights: dict[int, Field] = {}
    for label, points_of, rows in groups.values():
        scores = [row.score.number for row in rows if row.score is not None and row.score.number is not None]
        in_full = len(scores) == len(rows) and sum(scores) == points_of
        for row in rows:
            own = points_of if len(rows) == 1 else row.score.number if in_full and row.score else None
            place = Place(
                label.place.sheet, row.row, label.place.column
            )  # beside the row, in the label's own cell
            weights[row.row] = (
                Field(place, state="unknown", printed=True)
                if own is None
                else Field(place, text=plain(own), state="number", number=own, printed=True)
            )
    unsaid = {
        one.row: Field(one.name.place, state="unknown", printed=True) for one in indicators if weights
    }  # a row that prints none where others do
    return [replace(one, weight=weights.get(one.row, unsaid.get(one.row))) for one in indicators]


def _level(sheet: Sheet, header: Band, field: Field, rows: Sequence[int]) -> Level:
    text = clean(field.text)
    if "weight of level1" in header:
        stated = sheet.at(field.place.row, header.columns["weight of level1"])
        points = None if stated.number is None else (stated.number, stated.number)
        return Level(field, without_notes(text) or text, points, tuple(rows), stated)
    return Level(field, without_notes(text) or text, _printed(text), tuple(rows))


def _heading(sheet: Sheet, header: Band, rows: tuple[int, ...]) -> Level | None:
    """The label beside the column heads, if it prints the points of all indicators."""
    if not header.columns:
        return None
    first = min(left for left, _ in header.columns.values())
    for cell in sheet.cells(header.top):
        points = _printed(cell.text) if cell.column < first and isinstance(cell.value, str) else None
        if points is not None:
            label = field_of(sheet.name, header.top, cell.column, cell)
            return Level(label, without_notes(clean(cell.text)), points, rows)
    return None


def _printed(text: str) -> tuple[Decimal, Decimal] | None:
    """The points, or the range of points, that a label prints: "产出指标(50分)", "(0-20)分"."""
    match = _LEVEL_WEIGHT.search(clean(text))
    if match is None:
        return None
    low = Decimal(match[1])
    return low, Decimal(match[2]) if match[2] else low


def _indicator(sheet: Sheet, header: Band, row: int, level1: str, group: Field | None) -> Indicator | None:
    cells = {role: sheet.at(row, span) for role, span in header.columns.items()}
    name = cells["name"]
    if name.missing or name.covered:
        name = sheet.merged_from(row, header.columns["name"]) or name
    blank = Field(name.place)
    target, actual = cells.get("target", blank), cells.get("actual", blank)
    if "adjusted" in cells and not cells["adjusted"].blank:
        target = cells["adjusted"]
    rest = [cells.get(role) for role in ("weight", "score")]
    if _filler(name) and all(field is None or field.blank for field in (target, actual, *rest)):
        return None
    if name.blank and all(field is None or field.blank for field in (target, actual, *rest)):
        return None
    target, actual = _shares(sheet, cells.get("unit"), target, actual)
    used = {"name", "target", "actual", "weight", "score", "reason", "level1", "level2"}
    return Indicator(
        row=row,
        level1=labels.plain(level1),
        level2="" if group is None else labels.plain(group.text),
        name=replace(name, text=_name(name.text)),
        target=target,
        actual=actual,
        target_text=_joined(cells.get("sign"), target, cells.get("unit")),
        actual_text=_with_unit(actual, cells.get("unit")),
        weight=cells.get("weight"),
        score=cells.get("score"),
        reason=cells.get("reason"),
        extra={role: field for role, field in cells.items() if role not in used},
        group=group,
    )


def _shares(sheet: Sheet, unit: Field | None, target: Field, actual: Field) -> tuple[Field, Field]:
    """Target and actual beside a unit column "%" in a file without number formats, where 95 % may be stored as 0.95: each is read
    so that the two come nearest to each other."""
    bare = [
        field
        for field in (target, actual)
        if field.state == "number" and not field.percent and not field.unit
    ]
    if sheet.grid.knows.formats or unit is None or clean(unit.text) not in _PER_CENT or len(bare) < 2:
        return target, actual
    low = [field.number is not None and abs(field.number) <= _MOST_AS_FRACTION for field in (target, actual)]
    if all(low):
        return _hundredfold(target), _hundredfold(actual)
    if low[1] and _nearer(target, actual):
        return target, _hundredfold(actual)
    if low[0] and _nearer(actual, target):
        return _hundredfold(target), actual
    return target, actual


#: How a unit column says per cent; up to this a figure may be a stored share.
_PER_CENT = ("%", "百分比", "百分之")
_MOST_AS_FRACTION = Decimal("1.5")


def _nearer(known: Field, doubtful: Field) -> bool:
    """Whether a hundred times the doubtful figure is nearer to the known one than itself, by their ratio."""
    assert known.number is not None
    assert doubtful.number is not None
    one, other = abs(known.number), abs(doubtful.number)
    return (
        not one or not other or max(one / other, other / one) >= max(one / (other * 100), other * 100 / one)
    )


def _hundredfold(field: Field) -> Field:
    scaled = field.scaled(Decimal(100))
    return scaled if scaled.number is None else replace(scaled, text=plain(scaled.number))


def _filler(name: Field) -> bool:
    return bool(FILLER.match(clean(name.text)))


def _name(text: str) -> str:
    """An indicator's name on one line, without 指标N:."""
    return re.sub(r"^指标\s*\d+[:：.．、]\s*", "", "".join(text.split()))


def _joined(sign: Field | None, target: Field, unit: Field | None) -> str:
    """The target in one text where sign, value and unit stand in three cells."""
    before = clean(sign.text) if sign is not None and not sign.blank else ""
    if not _SIGN.match(before):
        before = ""  # 定量, 正向 … say what kind it is
    return before + _with_unit(target, unit) if not target.blank else target.text


def _with_unit(value: Field, unit: Field | None) -> str:
    """A value with the unit of its own column, where the value itself is a bare number, or one with its sign."""
    if unit is None or unit.blank or value.unit or value.percent:
        return value.text
    if value.state != "number" and not _BARE.fullmatch(clean(value.text)):
        return value.text
    written = clean(unit.text)
    return value.text + ("%" if written in _PER_CENT else written)


def _total(sheet: Sheet, header: Band, row: int) -> TotalRow:
    """总分: weight and score under their columns, else the first two figures of the row."""
    cells = sheet.cells(row)
    label = next(cell for cell in cells if labels.role_of(cell.text, labels.TOTAL_ROW))
    weight = sheet.at(row, header.columns["weight"]) if "weight" in header else None
    score = sheet.at(row, header.columns["score"]) if "score" in header else None
    fields = [field_of(sheet.name, row, cell.column, cell) for cell in cells if cell.column > label.column]
    figures = [field for field in fields if field.figure]
    if (weight is None or weight.blank) and (score is None or score.blank) and figures:
        weight, score = (figures[0], figures[1]) if len(figures) > 1 else (weight, figures[0])
    grade = next((field for field in fields if clean(field.text) in _GRADES), None) or _grade_below(
        sheet, row
    )
    reason = sheet.at(row, header.columns["reason"]) if "reason" in header else None
    return TotalRow(field_of(sheet.name, row, label.column, label), weight, score, grade, reason)


def _management(sheet: Sheet, funds_row: int | None, bottom: int) -> tuple[Field, ...]:
    """What the rows of 资金管理情况 say, under 情况说明 and 存在问题和改进措施."""
    column: int | None = None
    told: list[Field] = []
    for row, cells in sheet.below(funds_row) if funds_row is not None else ():
        heads = [cell.column for cell in cells if labels.MANAGEMENT.match(clean(cell.text))]
        if row > bottom:
            break
        if heads:
            column = min(heads)
        elif column is not None:
            texts = (cell for cell in cells if cell.column >= column and isinstance(cell.value, str))
            told.extend(field_of(sheet.name, row, cell.column, cell) for cell in texts)
    return tuple(told)


def _adds_up(total: TotalRow, indicators: Sequence[Indicator]) -> bool:
    """Whether the weights above a total are all that it counts."""
    weights = [
        row.weight.number for row in indicators if row.weight is not None and row.weight.number is not None
    ]
    return total.weight is None or total.weight.number is None or sum(weights) == total.weight.number


def _grade_below(sheet: Sheet, row: int) -> Field | None:
    """The grade in a row of its own below the total: 评价等级 | 优, or 评价等级：优."""
    for number, cells in sheet.below(row, WITHIN_REMARKS):
        for index, cell in enumerate(cells):
            field = field_of(sheet.name, number, cell.column, cell)
            inside = labelled(field)
            if labels.role_of(inside[0] if inside is not None else cell.text, labels.GRADE) is None:
                continue
            beside = [field_of(sheet.name, number, one.column, one) for one in cells[index + 1 : index + 2]]
            for value in (*([inside[1]] if inside is not None else []), *beside):
                if clean(value.text) in _GRADES:
                    return value
    return None


def _remarks(sheet: Sheet, end: int, bottom: int) -> tuple[Field, ...]:
    """The texts beside labels such as 未完成原因分析 or 存在问题 in the rows under the indicators."""
    return tuple(
        field_of(sheet.name, row, cell.column, cell)
        for row, (label, *rest) in sheet.below(end, _MOST_REMARKS)
        if row <= bottom and labels.REMARKS.search(clean(label.text))
        for cell in rest or (label,)
        if isinstance(cell.value, str)
    )


def _above(sheet: Sheet, top: int) -> tuple[Field, ...]:
    """The texts above the first title of a sheet, where nothing but texts stands there: a summary of the self-evaluation."""
    cells = sorted((cell for cell in sheet.grid.cells.values() if cell.row < top), key=lambda cell: cell.row)
    if len({cell.row for cell in cells}) != len(cells) or not all(
        isinstance(one.value, str) for one in cells
    ):
        return ()
    return tuple(
        field_of(sheet.name, cell.row, cell.column, cell) for cell in cells if len(cell.text) > _SUMMARY_FROM
    )


def _signature(sheet: Sheet, end: int, bottom: int) -> Signature | None:
    for row, cells in sheet.below(end, 8):
        if row > bottom:
            return None
        text = "  ".join(cell.text for cell in cells)
        if not any(word in clean(text) for word in _SIGNED):
            continue
        parts = _SIGNED_PARTS.split(re.sub(r"[ \t]+", " ", text))
        named = {label: value.strip() for label, value in zip(parts[1::2], parts[2::2], strict=True)}
        cell = next((cell for cell in cells if "日期" in cell.text), cells[0])
        return Signature(field_of(sheet.name, row, cell.column, cell).place, " ".join(text.split()), named)
    return None
