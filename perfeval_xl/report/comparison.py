"""What a comparison of two states of a submission says, in which order: what has still to be mended before what was. One wording for the terminal, the
page, the Word document; and the workbook, which holds all of it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.resources import files
from itertools import takewhile
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from perfeval_xl.comparing import CellChange, Comparison, RowChange, State, Still
from perfeval_xl.findings import (
    SEVERITIES,
    SEVERITY_LEVEL,
    SEVERITY_WORD,
    VERDICT_WORD,
    Finding,
)
from perfeval_xl.records import dataclass, replace
from perfeval_xl.text import cell_text, shortened

from .audit import NAMELESS, WHOLE_FILE, Cell, Column, Line, Section, Table
from .plain import harmless

if TYPE_CHECKING:
    from rich.console import Console

TITLE = "退回前后对照"
SIDES = "退回前", "重报后"
NOTHING = "两份文件没有不同，问题也一样。"
#: So many are listed for people to read; a workbook holds all.
MOST = 300
#: So many of each part are told on a screen, so long a line of it.
_TOLD, _LONGEST = 6, 52
#: A longer text is shown where it differs, with so many letters around.
_SHORT, _AROUND = 60, 12
_NUMERALS = "一二三四五六七八九十"
_EMPTY = "（空）"


@dataclass(frozen=True, slots=True)
class Said:
    """A comparison in words. ``facts`` are rows of a name and what holds before and now; ``sides`` head these; ``summary`` is the result in a
    sentence, and ``sections`` are what there is to list, none that is empty."""

    title: str
    sides: tuple[str, str]
    facts: tuple[tuple[str, str, str], ...]
    summary: str
    sections: tuple[Section, ...]
    footer: str


def said(comparison: Comparison) -> Said:
    """The comparison for people. Text of the files is made harmless."""
    sections = tuple(
        replace(section, heading=f"{number}、{section.heading}")
        for number, section in zip(_NUMERALS, _sections(comparison), strict=False)
    )
    return Said(
        title=TITLE,
        sides=SIDES,
        facts=tuple(_facts(comparison.before, comparison.now)),
        summary=summary(comparison),
        sections=sections,
        footer=harmless(
            comparison.now.unit or comparison.before.unit or PurePath(comparison.now.workbook).name
        ),
    )


def summary(comparison: Comparison) -> str:
    """ "改好 5 处，没有改的 2 处，新出现 1 处；改动 12 格。"."""
    changed = sum(one.changed for one in comparison.left)
    parts = (
        ("改好", len(comparison.mended), ""),
        ("还没有改好", len(comparison.left), f"（其中 {changed} 处数改过，还是不对）" if changed else ""),
        ("新出现", len(comparison.new), ""),
        ("没有再查到", len(comparison.unchecked), "（不能算改好）"),
        ("写了说明", len(comparison.explained), ""),
        ("说明失效", len(comparison.lapsed), ""),
    )
    told = "，".join(f"{word} {count} 处{more}" for word, count, more in parts if count)
    rows = len(comparison.rows)
    edits = "，".join(
        filter(
            None,
            (
                f"改动 {len(comparison.cells)} 格" if comparison.cells else "",
                f"增删、移动 {rows} 行" if rows else "",
            ),
        )
    )
    return "；".join(filter(None, (told, edits))) + "。" if told or edits else NOTHING


def _facts(before: State, now: State) -> Iterator[tuple[str, str, str]]:
    """What each of the two is, the name of the fact first."""

    def open_ones(state: State) -> str:
        return "、".join(f"{SEVERITY_WORD[each]} {state.counts[each]}" for each in SEVERITIES)

    facts: tuple[tuple[str, Callable[[State], str]], ...] = (
        ("单位", lambda one: harmless(one.unit or NAMELESS)),
        ("年度", lambda one: f"{one.year}年度" if one.year else "（未读到年度）"),
        ("文件", lambda one: harmless(PurePath(one.workbook).name)),
        ("结论", lambda one: VERDICT_WORD[one.verdict]),
        ("未处理的问题", open_ones),
        ("已说明", lambda one: f"{one.accepted} 处"),
        ("查了什么", lambda one: harmless(one.headline) or "—"),
    )
    for name, of in facts:
        yield name, of(before), of(now)


# -- what there is to list ------------------------------------------------------------------------------------------


def _sections(comparison: Comparison) -> Iterator[Section]:
    left, lapsed = comparison.left, comparison.lapsed
    parts = (
        ("还没有改好的", "退回前就有，现在还在。", [(one.now, _still(one)) for one in left]),
        ("新出现的", "退回前没有：改动带来的，或者补报的表里的。", [(one, _now(one)) for one in comparison.new]),
        ("没有再查到的", "原来的行、表没有了，或者有关的格子空了，不能算改好。", [(one, _now(one)) for one in comparison.unchecked]),
        ("说明失效的", "写说明以后数又改过，要重新写明原因或改正。", [(one.finding, f"原说明：{one.reason}") for one in lapsed]),
        ("写了说明的", "单位写明了原因，不再计数；是否成立由审核人判断。", [(one, one.accepted or "") for one in comparison.explained]),
        ("改好的", "退回前有，现在没有了。", [(one, _now(one)) for one in comparison.mended]),
    )  # fmt: skip
    for name, lead, items in parts:
        if items:
            yield _findings(name, lead, sorted(items, key=lambda one: SEVERITIES.index(one[0].severity)))
    if comparison.cells:
        yield _cells(comparison.cells)
    if comparison.rows:
        yield _rows(comparison.rows)
    if comparison.sheets_gone or comparison.sheets_come:
        told = [("没有了", one) for one in comparison.sheets_gone]
        told += [("新加", one) for one in comparison.sheets_come]
        rows = tuple((_plain(word), _plain(name)) for word, name in told)
        columns = Column("怎样", 26, centred=True), Column("表", 130)
        yield Section(f"增删的表（{len(rows)} 张）", "", Table(columns, rows))


def _findings(name: str, lead: str, items: Sequence[tuple[Finding, str]]) -> Section:
    columns = (
        Column("级别", 16, centred=True),
        Column("位置", 26, centred=True),
        Column("问题", 74),
        Column("应为、实为，或说明", 40),
    )
    rows = [
        (
            _plain(SEVERITY_LEVEL[finding.severity]),
            _plain(_where(finding)),
            (
                Line(f"{harmless(finding.title)}（{finding.rule}）", strong=True),
                *_plain(finding.message if finding.message != finding.title else ""),
            ),
            _plain(more or "—"),
        )
        for finding, more in items[:MOST]
    ]
    return Section(f"{name}（{len(items)} 处）", lead + _cut(len(items)), Table(columns, tuple(rows)))


def _where(finding: Finding) -> str:
    if finding.place is None:
        return WHOLE_FILE
    return f"{finding.place.sheet} {finding.place.cell}"


def _now(finding: Finding) -> str:
    return "，".join(
        f"{word} {text}" for word, text in (("应为", finding.expected), ("实为", finding.actual)) if text
    )


def _still(one: Still) -> str:
    """What it is now, and what it was before it was changed."""
    was, now = _now(one.before), _now(one.now)
    if not one.changed:
        return f"没有改；{now}" if now else "没有改"
    return f"改过，还是不对：{now or '见左'}" + (f"（原来{was}）" if was and was != now else "")


def _cells(cells: Sequence[CellChange]) -> Section:
    columns = (
        Column("格", 28, centred=True),
        Column("哪一项", 44),
        Column(SIDES[0], 42),
        Column(SIDES[1], 42),
    )
    rows = [
        (
            _plain(_cell(one)),
            _plain(item(one)),
            *(_plain(text or _EMPTY) for text in excerpts(one.old, one.new)),
        )
        for one in cells[:MOST]
    ]
    return Section(f"改动的格子（{len(cells)} 格）", _cut(len(cells)), Table(columns, tuple(rows)))


def excerpts(old: str, new: str) -> tuple[str, str]:
    """Of two long texts the part in which they differ, with some letters around it."""
    if min(len(old), len(new)) <= _SHORT:
        return old, new
    start = _agreeing(old, new)
    end = min(_agreeing(old[::-1], new[::-1]), min(len(old), len(new)) - start)
    first = max(0, start - _AROUND)
    return _part(old, first, len(old) - end + _AROUND), _part(new, first, len(new) - end + _AROUND)


def _agreeing(first: str, second: str) -> int:
    """How many letters are the same from the start."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def _part(text: str, first: int, last: int) -> str:
    return ("…" if first else "") + text[first:last] + ("…" if last < len(text) else "")


def _cell(one: CellChange) -> str:
    """ "附件2 F15", and where it stood before if its row is another now."""
    at = f"{one.now.sheet} {one.now.cell}"
    return at if one.before.cell == one.now.cell else f"{at}（原 {one.before.cell}）"


def item(one: CellChange) -> str:
    """Row and column as the form names them."""
    same = one.row in (one.old, one.new)
    return " / ".join(filter(None, ("" if same else one.row, one.column))) or "—"


def _rows(rows: Sequence[RowChange]) -> Section:
    columns = Column("表", 26, centred=True), Column("怎样", 40, centred=True), Column("这一行", 90)
    told = [(_plain(one.sheet), _plain(what(one)), _plain(one.text)) for one in rows[:MOST]]
    return Section(f"增删和移动的行（{len(rows)} 行）", _cut(len(rows)), Table(columns, tuple(told)))


def what(one: RowChange) -> str:
    """What became of a row."""
    if one.now is None:
        return f"删去原第 {one.before} 行"
    return f"新加第 {one.now} 行" if one.before is None else f"第 {one.before} 行移到第 {one.now} 行"


def _cut(count: int) -> str:
    return f"只列前 {MOST} 处，全部的用 -o 文件.xlsx 写成 Excel。" if count > MOST else ""


def _plain(text: str) -> Cell:
    return (Line(harmless(text)),) if text else ()


# -- on a terminal, as a page -----------------------------------------------------------------------------------------


def print_comparison(comparison: Comparison, console: Console) -> None:
    """A screen: both verdicts, the sentence, and the first few of every part."""
    from rich.text import Text

    told = said(comparison)
    before, now = comparison.before, comparison.now
    name = harmless(now.unit or before.unit or NAMELESS)
    console.print(Text(f"{name}  {TITLE}", style="bold"))
    verdicts = f"{VERDICT_WORD[before.verdict]} → {VERDICT_WORD[now.verdict]}"
    console.print(Text(f"结论：{verdicts}　{told.summary}"), soft_wrap=True)
    for section in told.sections:
        console.print()
        console.print(Text(section.heading, style="bold"))
        table = section.table
        rows = table.rows if table is not None else ()
        for row in rows[:_TOLD]:
            console.print(Text(_screen_line(row)), soft_wrap=True)
        if len(rows) > _TOLD:
            console.print(Text(f"  ……共 {len(rows)} 行，看全部用 -o 对照.html", style="dim"))


def _screen_line(row: Iterable[Cell]) -> str:
    """The first line of each cell: where, what, how."""
    return "  " + "  ".join(shortened(cell[0].text, _LONGEST) for cell in row if cell)


def to_html(comparison: Comparison) -> str:
    """One self-contained page; text of the files is escaped, nothing is loaded from anywhere."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    source = files("perfeval_xl.report").joinpath("templates/comparison.html.j2").read_text(encoding="utf-8")
    return environment.from_string(source).render(
        said=said(comparison), before=comparison.before.verdict, now=comparison.now.verdict
    )


# -- as a workbook ----------------------------------------------------------------------------------------------------


def to_xlsx(comparison: Comparison) -> bytes:
    """Four sheets: 对照, 问题, 改动的格子, 增删的行和表. Needs XlsxWriter (extra ``batch``). Nothing in it can become a formula or a link."""
    from xlsxwriter import Workbook

    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = Workbook(stream, options)
    look = _Look(book)
    told = said(comparison)
    look.sheet("对照", ("", *told.sides), told.facts, (14, 44, 44))
    look.below(told.summary)
    headings = ("怎样", "级别", "表", "格", "问题", "规则", "详细", "应为", "实为", "说明")
    look.sheet("问题", headings, list(_problems(comparison)), (12, 8, 14, 8, 36, 8, 60, 18, 18, 30))
    cells = [
        (one.now.sheet, one.now.cell, one.before.cell, one.row, one.column, one.old, one.new)
        for one in comparison.cells
    ]
    look.sheet(
        "改动的格子", ("表", "格", "原来的格", "行", "栏", *told.sides), cells, (14, 8, 9, 34, 16, 40, 40)
    )
    rows = [(one.sheet, what(one), one.name, one.text) for one in comparison.rows]
    rows += [(one, "整张表没有了", "", "") for one in comparison.sheets_gone]
    rows += [(one, "整张表是新加的", "", "") for one in comparison.sheets_come]
    look.sheet("增删的行和表", ("表", "怎样", "名称", "这一行"), rows, (16, 24, 30, 90))
    book.close()
    return stream.getvalue()


def _problems(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    lapsed = {id(one.finding): one.reason for one in comparison.lapsed}
    kinds: tuple[tuple[str, Iterable[Finding]], ...] = (
        ("没有改", (one.now for one in comparison.left if not one.changed)),
        ("改了仍不对", (one.now for one in comparison.left if one.changed)),
        ("新出现", comparison.new),
        ("没有再查到", comparison.unchecked),
        ("写了说明", comparison.explained),
        ("改好", comparison.mended),
    )
    for word, findings in kinds:
        for one in findings:
            reason = lapsed.get(id(one))
            yield (
                word,
                SEVERITY_WORD[one.severity],
                one.place.sheet if one.place is not None else "",
                one.place.cell if one.place is not None else WHOLE_FILE,
                one.title,
                one.rule,
                one.message,
                one.expected or "",
                one.actual or "",
                f"（失效）{reason}" if reason is not None else one.accepted or "",
            )


class _Look:
    """Sheets that look alike: a shaded, frozen heading with filters, wrapped texts, printed on the width of a page."""

    def __init__(self, book: Any) -> None:
        self._book = book
        base = {"font_name": "宋体", "font_size": 10.5, "valign": "vcenter", "border": 1, "text_wrap": True}
        self._head = book.add_format({**base, "bold": True, "bg_color": "#EDEDED", "align": "center"})
        self._text = book.add_format(base)
        self._free = book.add_format({"font_name": "宋体", "font_size": 11, "bold": True})
        self._rows = 0

    def sheet(
        self, name: str, headings: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]
    ) -> None:
        """A list; widths are in letters."""
        self._sheet = self._book.add_worksheet(name)
        self._rows = len(rows)
        for column, (heading, width) in enumerate(zip(headings, widths, strict=True)):
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, heading, self._head)
        for number, row in enumerate(rows, 1):
            for column, text in enumerate(row):
                self._sheet.write_string(number, column, cell_text(text), self._text)
        self._sheet.freeze_panes(1, 0)
        if headings[0]:
            self._sheet.autofilter(0, 0, len(rows), len(headings) - 1)
        self._sheet.set_landscape()
        self._sheet.set_paper(9)
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(0)

    def below(self, text: str) -> None:
        """A line under the list of the last sheet."""
        self._sheet.write_string(self._rows + 2, 0, cell_text(text), self._free)
