"""汇总.xlsx: a round of submissions as a workbook that a reviewer filters, sorts and prints.

Every text is written as text: whatever a file says, nothing here can become a formula. Figures are numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain, groupby
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from perfeval_xl.desk import FIGURE_WORD, MADE_WORD, FigureKind, FindingRow, RoundSummary, UnitRow
from perfeval_xl.findings import FAMILY_WORD, SEVERITY_LEVEL, VERDICT_WORD
from perfeval_xl.forms.records import FORM_WORD
from perfeval_xl.grid import LAST_ROW
from perfeval_xl.records import dataclass, field
from perfeval_xl.text import cell_text, live
from perfeval_xl.widths import columns as letters

from .plain import harmless

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_FONT = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
_FIGURES: tuple[FigureKind, ...] = (
    "budget",
    "executed",
    "execution_rate",
    "score",
    "score_due",
    "satisfaction",
)
#: Verdicts as cells show them: letters, ground.
_VERDICT_LOOK = {
    "通过": ("#1D7A3D", "#E6F4EA"),
    "需核实": ("#8A5A00", "#FFEFC7"),
    "未查全": ("#6B3FA0", "#EFE7F7"),
    "不通过": ("#B3261E", "#FBE0DD"),
    "无法检查": ("#4A5260", "#E3E6EA"),
}
#: How long a text of a cell may be, so that a row stays readable; 结果.jsonl has all of it.
_LONGEST = 500
_CHARTED = 15
#: So many columns of a line stay empty, where a word or sign does not fit.
_TORN = 2
_FORMS: Mapping[str, str] = {str(kind): word for kind, word in FORM_WORD.items()}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its width in characters, whether its cells wrap."""

    heading: str
    width: float
    wraps: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet: its name, a line above the table, its columns and rows; a cell is a text, a figure, a link (path, text) or None."""

    name: str
    lead: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Any]]
    bars: tuple[str, ...] = field(default=())
    """Headings of the columns whose figures are drawn as bars."""


def summary_workbook(summary: RoundSummary, stream: IO[bytes], scratch: Path) -> None:
    """Write the workbook of a round (needs the extra ``batch``), row by row through files in the folder ``scratch``: memory does not grow
    with the round."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "tmpdir": str(scratch),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": "绩效自评审核汇总", "comments": f"perfeval-xl {summary.round.version}"})
        looks = _Looks.of(book)
        for table in tables(summary):
            sheet = _write(book, looks, table)
            if table.name == "规则频次" and summary.rules:
                _chart(book, sheet, table, len(summary.rules))


def tables(summary: RoundSummary) -> tuple[Table, ...]:
    """The sheets of the workbook, in their order."""
    return (
        _units(summary),
        _findings(
            "问题清单",
            "一行一个问题，按先改后改的次序；可以筛选。",
            (one for one in summary.findings if one.open),
        ),
        _rules(summary),
        _missing(summary),
        _unreadable(summary),
        _findings(
            "已说明",
            "写了说明、不再计数的问题。",
            (one for one in summary.findings if not one.open),
            reasons=True,
        ),
        _changes(summary),
    )


# -- sheets ---------------------------------------------------------------------------------------------------


def _units(summary: RoundSummary) -> Table:
    lead = f"第 {summary.round.number} 轮，共 {summary.count} 份：" + "，".join(
        f"{word} {count}"
        for verdict, word in VERDICT_WORD.items()
        if (count := summary.verdicts.get(verdict))
    )
    if summary.not_handed_in:
        lead += f"；还没有报 {len(summary.not_handed_in)} 个单位（见“缺表”）"
    columns = (
        Column("序号", 6), Column("单位", 22, True), Column("年度", 6), Column("结论", 9), Column("错误", 6), Column("核实", 6),
        Column("提示", 6), Column("已说明", 7), Column("缺什么", 18, True), Column("先改什么", 36, True),
        *(Column(f"{FIGURE_WORD[kind]}", 10) for kind in _FIGURES), Column("项目数", 7),
        *(Column(word, 9) for word in MADE_WORD.values()),
        Column("报送", 16, True), Column("备注", 22, True),
    )  # fmt: skip
    return Table(
        "单位汇总",
        lead,
        columns,
        (_unit(number, unit) for number, unit in enumerate(summary.units, 1)),
        ("错误", "核实"),
    )


def _unit(number: int, unit: UnitRow) -> list[Any]:
    notes = [unit.reason or ""]
    notes += [f"与 {_few_others(unit.same_unit)} 是同一单位"] if unit.same_unit else []
    notes += [f"与 {_few_others(unit.same_files)} 的文件完全相同"] if unit.same_files else []
    return [
        number, unit.unit, unit.year, VERDICT_WORD[unit.verdict], unit.errors, unit.warnings, unit.infos, unit.accepted,
        "、".join(unit.missing), "" if unit.first is None else first_line(unit.first),
        *(unit.figures.get(kind) for kind in _FIGURES), unit.projects,
        *((unit.made[kind][0], "打开") if kind in unit.made else None for kind in MADE_WORD), unit.submission, "；".join(filter(None, notes)),
    ]  # fmt: skip


def _few_others(names: Sequence[str], most: int = 3) -> str:
    return "、".join(names[:most]) + (" 等" if len(names) > most else "")


def first_line(finding: FindingRow) -> str:
    """ "附件2 F30：指标没有完成却得满分，应为 ≤55%"."""
    where = f"{finding.sheet} {finding.cell}" if finding.cell else finding.sheet or "整个文件"
    return f"{where}：{finding.title}" + (f"，应为 {finding.expected}" if finding.expected else "")


def _findings(name: str, lead: str, rows: Iterable[FindingRow], *, reasons: bool = False) -> Table:
    columns = (
        Column("单位", 24, True), Column("先后", 7), Column("级别", 9), Column("规则", 9), Column("类别", 14), Column("表", 14),
        Column("单元格", 9), Column("问题", 60, True), Column("应为", 16, True), Column("实为", 16, True), Column("差额", 12),
        Column("怎么改", 40, True), *([Column("说明", 30, True)] if reasons else []), Column("同类处数", 9), Column("文件", 20, True),
    )  # fmt: skip
    lines = (
        [
            one.unit, one.order, SEVERITY_LEVEL[one.severity], one.rule, FAMILY_WORD.get(one.family, one.family), one.sheet,
            one.cell, one.message if one.message.startswith(one.title) else f"{one.title}：{one.message}", one.expected,
            one.actual, one.difference, one.suggestion, *([one.accepted] if reasons else []), alike,
            one.file or one.submission,
        ]
        for one, alike in _with_alike(rows)
    )  # fmt: skip
    return Table(name, lead, columns, lines)


def _with_alike(rows: Iterable[FindingRow]) -> Iterator[tuple[FindingRow, int]]:
    """Each finding with how many of its submission are of its kind."""
    for _, of_one in groupby(rows, lambda one: one.submission):
        found = list(of_one)
        alike = Counter(one.group for one in found)
        yield from ((one, alike[one.group]) for one in found)


def _rules(summary: RoundSummary) -> Table:
    columns = (
        Column("规则", 9), Column("级别", 9), Column("类别", 14), Column("问题", 44, True), Column("处数", 9),
        Column("份数", 9), Column("哪些报送", 80, True),
    )  # fmt: skip
    rows = [
        [
            one.rule, SEVERITY_LEVEL[one.severity], FAMILY_WORD.get(one.family, one.family), one.title, one.findings,
            len(one.submissions), _few(one.submissions),
        ]
        for one in summary.rules
    ]  # fmt: skip
    return Table("规则频次", "最常见的问题在前。", columns, rows, ("处数", "份数"))


def _few(names: Sequence[str], most: int = 12) -> str:
    return "、".join(names[:most]) + (f" 等 {len(names)} 份" if len(names) > most else "")


def _missing(summary: RoundSummary) -> Table:
    rows = chain(
        ([unit, "", "还没有报送", ""] for unit in summary.not_handed_in),
        (
            [
                one.unit,
                _FORMS.get(one.form, one.form) + (f"（{one.project}）" if one.project else ""),
                one.reason,
                one.submission,
            ]
            for one in summary.missing
        ),
    )
    columns = (
        Column("单位", 30, True),
        Column("表", 30, True),
        Column("怎么了", 40, True),
        Column("报送", 30, True),
    )
    return Table("缺表", "应当上报而没有、空着或读不出来的；先列还没有报送的单位。", columns, rows)


def _unreadable(summary: RoundSummary) -> Table:
    rows = chain(
        ([unit.submission, unit.reason or ""] for unit in summary.units if unit.verdict == "unreadable"),
        ([one.path, one.reason] for one in summary.left_out),
    )
    return Table(
        "未能读取",
        "没有能检查的报送，和跳过的文件。",
        (Column("报送或文件", 50, True), Column("原因", 70, True)),
        rows,
    )


def _changes(summary: RoundSummary) -> Table:
    columns = (
        Column("单位", 28, True), Column("上次结论", 11), Column("这次结论", 11), Column("已改好", 9), Column("还在", 9),
        Column("新出现", 9), Column("说明失效", 10), Column("没有再查到", 11), Column("还在的先改", 46, True), Column("新出现的", 46, True),
    )  # fmt: skip
    rows = [
        [
            one.unit, VERDICT_WORD[one.before], VERDICT_WORD[one.now], one.mended, one.left, one.new, one.lapsed,
            one.unchecked,
            *("" if first is None else first_line(first) for first in (one.first_left, one.first_new)),
        ]
        for one in summary.changes
    ]  # fmt: skip
    return Table(
        "差异",
        "与上一轮相比；这一轮才有的不在这里。“没有再查到”的是行、表删掉了或空着，不算改好。",
        columns,
        rows,
        ("已改好", "新出现"),
    )


# -- writing --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Looks:
    lead: Format
    head: Format
    text: Format
    wrapped: Format
    quoted: Format
    number: Format
    link: Format
    empty: Format
    verdicts: Mapping[str, Format]

    @classmethod
    def of(cls, book: Workbook) -> _Looks:
        edge = {"border": 1, "border_color": "#C9D0DA"}
        return cls(
            book.add_format({**_FONT, "font_size": 11, "bold": True}),
            book.add_format(
                {**_FONT, **edge, "bold": True, "bg_color": "#E9EEF4", "align": "center", "text_wrap": True}
            ),
            book.add_format({**_FONT, **edge}),
            book.add_format({**_FONT, **edge, "text_wrap": True}),
            # Stays a text where someone edits the cell, too.
            book.add_format({**_FONT, **edge, "text_wrap": True, "quote_prefix": True}),
            book.add_format({**_FONT, **edge, "align": "right"}),
            book.add_format({**_FONT, **edge, "font_color": "#1F5FA8", "underline": 1}),
            book.add_format(edge),
            {
                word: book.add_format({"font_color": letters, "bg_color": ground, "bold": True})
                for word, (letters, ground) in _VERDICT_LOOK.items()
            },
        )


_HEAD_ROW = 1
#: Behind it one row is left, to say that there is more.
_LAST_ROW = LAST_ROW - 2
_A3, _A4 = 8, 9
#: Columns of a sheet that stays readable on A4.
_WIDEST_A4 = 220


def _write(book: Workbook, looks: _Looks, table: Table) -> Worksheet:
    sheet = book.add_worksheet(table.name)
    sheet.write_string(0, 0, table.lead, looks.lead)
    sheet.set_row(_HEAD_ROW, 22)
    for at, column in enumerate(table.columns):
        sheet.set_column(at, at, column.width)
        sheet.write_string(_HEAD_ROW, at, column.heading, looks.head)
    row = _HEAD_ROW
    for row, cells in enumerate(table.rows, _HEAD_ROW + 1):
        if row > _LAST_ROW:
            sheet.write_string(row, 0, "表格只有这么多行，其余的见 结果.jsonl", looks.text)
            break
        shown = [_shown(value) if isinstance(value, str) and value else value for value in cells]
        sheet.set_row(row, _height(shown, table.columns))
        for at, (value, column) in enumerate(zip(shown, table.columns, strict=True)):
            _cell(sheet, row, at, value, looks, column)
    last = max(row, _HEAD_ROW + 1)
    # Cells without content need not be written to have their lines.
    whole = (_HEAD_ROW + 1, 0, last, len(table.columns) - 1)
    sheet.conditional_format(*whole, {"type": "blanks", "format": looks.empty})
    sheet.autofilter(_HEAD_ROW, 0, last, len(table.columns) - 1)
    sheet.freeze_panes(_HEAD_ROW + 1, 2)
    for heading in table.bars:
        at = [column.heading for column in table.columns].index(heading)
        sheet.conditional_format(
            _HEAD_ROW + 1, at, last, at, {"type": "data_bar", "bar_solid": True, "bar_color": "#E7A6A1"}
        )
    for at, column in enumerate(table.columns):
        for word, look in looks.verdicts.items() if "结论" in column.heading else ():
            rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": look}
            sheet.conditional_format(_HEAD_ROW + 1, at, last, at, rule)
    sheet.set_landscape()
    wide = sum(column.width for column in table.columns) > _WIDEST_A4
    sheet.set_paper(_A3 if wide else _A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEAD_ROW)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    return sheet


def _shown(value: str) -> str:
    text = cell_text(harmless(value))
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _height(cells: Sequence[Any], columns: Sequence[Column]) -> float:
    """The height that shows a row's wrapped texts whole: about as many lines as they have letters for."""
    lines = max(
        (
            -(-letters(value) // max(4, int(column.width) - _TORN))
            for value, column in zip(cells, columns, strict=True)
            if column.wraps and isinstance(value, str)
        ),
        default=1,
    )
    return min(400.0, 13.5 * max(1, lines) + 3)


def _cell(sheet: Worksheet, row: int, at: int, value: Any, looks: _Looks, column: Column) -> None:
    if isinstance(value, tuple):
        path, text = value
        path = path.replace("%", "%25").replace("#", "%23")  # which would begin a place inside the file
        # A path longer than a link may be is told instead.
        if sheet.write_url(row, at, f"external:{path}", looks.link, text) != 0:
            sheet.write_string(row, at, harmless(path)[:_LONGEST], looks.text)
    elif isinstance(value, int | Decimal):
        sheet.write_number(row, at, float(value), looks.number)
    elif value:
        look = looks.quoted if live(value) else looks.wrapped if column.wraps else looks.text
        sheet.write_string(row, at, value, look)


def _chart(book: Workbook, sheet: Worksheet, table: Table, rows: int) -> None:
    """The most frequent kinds as bars, beside the table."""
    count = min(_CHARTED, rows)
    chart = book.add_chart({"type": "bar"})
    first, last = _HEAD_ROW + 1, _HEAD_ROW + count
    chart.add_series(
        {
            "name": "处数",
            "categories": [table.name, first, 3, last, 3],
            "values": [table.name, first, 4, last, 4],
            "fill": {"color": "#B3261E"},
        }
    )
    chart.set_title({"name": "最常见的问题", "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}})
    chart.set_size({"width": 760, "height": 120 + 26 * count})
    sheet.insert_chart(_HEAD_ROW + 1, len(table.columns) + 1, chart)
