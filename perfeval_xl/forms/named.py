"""{{名称}} in a typed text: figures of the forms by the names clerks call them, filled in as their cells show them.

A name is what stands in the form, and where a form has several columns the column's too: ``{{三公经费 预算数}}``,
``{{业务工作经费 执行率}}``, ``{{附件3-2 总分}}``. Blanks in a name do not count. A name that fits two different figures, or an
empty cell, is filled in nowhere.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from perfeval_xl import patterns as re
from perfeval_xl.grid import Book, Cell, Grid, Place
from perfeval_xl.own_sheets import is_own_sheet
from perfeval_xl.records import dataclass, replace
from perfeval_xl.text import clean, without_notes

from . import read_again
from .records import BasicForm, Field, Forms, FundTable, IndicatorForm

_NAMED = re.compile(r"[{｛]{2}([^{}｛｝\n]{1,80})[}｝]{2}")
#: For so many wrong names similar ones are looked for, which takes time.
_SUGGESTED = 3
_BRACE = re.compile(r"[{｛]{2}|[}｝]{2}")

#: Columns and cells of 附件2 and 附件3 by the name they are called in a text.
FUND_NAMES: Mapping[str, tuple[str, ...]] = {
    "initial": ("年初预算数", "年初预算"),
    "budget": ("全年预算数", "全年预算"),
    "executed": ("全年执行数", "全年执行", "实际执行数"),
    "rate": ("执行率", "预算执行率"),
    "score": ("执行率得分", "预算执行得分"),
}
NATURE_NAMES: Mapping[str, tuple[str, ...]] = {
    "basic": ("基本支出",),
    "projects": ("项目支出",),
    "public_budget": ("一般公共预算", "一般公共预算拨款"),
    "gov_fund": ("政府性基金拨款", "政府性基金"),
    "special_account": ("纳入专户管理的非税收入拨款",),
    "other_income": ("其他资金",),
}
#: Columns of 附件1; the first is the one a bare name means.
YEAR_NAMES: Mapping[str, tuple[str, ...]] = {
    "final": ("", "决算数", "本年决算数"),
    "budget": ("预算数", "本年预算数"),
    "last_final": ("上年决算数",),
}
STAFF_NAMES: Mapping[str, tuple[str, ...]] = {
    "quota": ("编制数",),
    "actual": ("实际在职人数", "在职人数"),
    "rate": ("控制率", "在职人员控制率"),
}
FUND_TABLE_NAMES: Mapping[str, tuple[str, ...]] = {
    "gov_fund": ("政府性基金预算", "政府性基金"),
    "state_capital": ("国有资本经营预算", "国有资本经营"),
    "social_insurance": ("社会保险基金预算", "社会保险基金"),
}


@dataclass(frozen=True, slots=True)
class Misnamed:
    """A {{名称}} that cannot be filled in: its cell, and in Chinese why."""

    place: Place
    reason: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A workbook whose texts say the forms' figures; ``problems`` are left as they were typed."""

    book: Book
    forms: Forms
    problems: tuple[Misnamed, ...]


def filled(book: Book, forms: Forms) -> Filled:
    """The workbook with every {{名称}} of its forms' typed texts filled in; what was given where there is none. Of the
    forms only those on sheets that say something else now are read again."""
    waiting = [
        (index, cell)
        for index, grid in enumerate(book.grids)
        if not is_own_sheet(grid)
        for cell in grid.cells.values()
        if isinstance(cell.value, str) and cell.formula is None and _BRACE.search(cell.text)
    ]
    if not waiting:
        return Filled(book, forms, ())
    named = figures(forms)
    problems: list[Misnamed] = []
    changed: dict[int, dict[tuple[int, int], Cell]] = {}
    for index, cell in waiting:
        place = Place(book.grids[index].sheet, cell.row, cell.column)
        text = _filled_text(cell.text, place, named, problems)
        if text != cell.text:
            changed.setdefault(index, {})[cell.row, cell.column] = cell._replace(value=text, text=text)
    if not changed:
        return Filled(book, forms, tuple(problems))
    grids = [_changed(grid, changed.get(index)) for index, grid in enumerate(book.grids)]
    new = Book.of(book.name, grids, book.notes)
    return Filled(new, read_again(new, book, forms), tuple(problems))


def _changed(grid: Grid, cells: Mapping[tuple[int, int], Cell] | None) -> Grid:
    return grid if cells is None else replace(grid, cells={**grid.cells, **cells})


def _filled_text(text: str, place: Place, named: Figures, problems: list[Misnamed]) -> str:
    def one(match: re.Match[str]) -> str:
        found = named.find(match[1], suggest=len(problems) < _SUGGESTED)
        if isinstance(found, Field):
            return found.text
        problems.append(Misnamed(place, found))
        return match[0]

    done = _NAMED.sub(one, text)
    left = _NAMED.sub("", done)
    if _BRACE.search(left):
        problems.append(Misnamed(place, "有 {{ 或 }} 没有成对，应写成 {{名称}}"))
    return done


# -- figures by name ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of all forms under every name they go by, without blanks."""

    by_name: Mapping[str, tuple[Field, ...]]

    def find(self, name: str, *, suggest: bool = True) -> Field | str:
        """The one figure of a name, or in Chinese why there is none; ``suggest`` looks for names like it."""
        fields = self.by_name.get(_key(name), ())
        if not fields:
            near = difflib.get_close_matches(_key(name), self.by_name, 3, 0.5) if suggest else []
            return f"没有“{name.strip()}”这个名称" + (f"，相近的有：{'、'.join(near)}" if near else "")
        empty = [field for field in fields if not field.filled]
        known = _distinct(field for field in fields if field.filled)
        if not known:
            return f"“{name.strip()}”所指的 {empty[0].place} 还没有填"
        if len(known) > 1:
            said = "、".join(f"{field.place} 是 {field.text}" for field in known[:3])
            return f"“{name.strip()}”有不同的数：{said}，请写明是哪张表的哪一栏"
        return known[0]


def _distinct(fields: Iterable[Field]) -> list[Field]:
    """One field for each different figure or text."""
    found: dict[object, Field] = {}
    for field in fields:
        found.setdefault(
            (field.number, field.unit, field.percent) if field.number is not None else clean(field.text),
            field,
        )
    return list(found.values())


def _key(name: str) -> str:
    return re.sub(r"[·•.,，、|/]", "", clean(name))


def figures(forms: Forms) -> Figures:
    """Every figure that a typed text may name."""
    found: dict[str, list[Field]] = {}
    for names, field in _all(forms):
        for name in names:
            found.setdefault(_key(name), []).append(field)
    found.pop("", None)
    return Figures({name: tuple(fields) for name, fields in found.items()})


Named = tuple[Iterable[str], Field]


def _all(forms: Forms) -> Iterator[Named]:
    yield from _particulars(forms)
    for basic in forms.basic:
        yield from _basic(basic)
    for overall in forms.overall:
        yield from _indicator_form(overall, ["", overall.caption])
    for project in forms.projects:
        names = [name for name in (project.name, without_notes(project.name), project.caption) if name]
        yield from _indicator_form(project, list(dict.fromkeys(names)))
    for table in forms.funds:
        yield from _fund_table(table)
    yield from _staff_spending(forms)


def _particulars(forms: Forms) -> Iterator[Named]:
    for form in forms:
        if form.unit_name is not None and form.kind != "project":
            yield ("单位名称", "预算单位名称"), form.unit_name
        if form.year is not None:
            year = Decimal(form.year)
            place = form.title.place
            yield ("年度", "本年"), Field(place, str(year), "number", year)
            yield ("上年度", "上年"), Field(place, str(year - 1), "number", year - 1)


def _with(names: Iterable[str], columns: Iterable[str]) -> list[str]:
    return [name + column for name in names for column in columns]


def _basic(form: BasicForm) -> Iterator[Named]:
    if form.staff is not None:
        for role, names in STAFF_NAMES.items():
            field = getattr(form.staff, role)
            if field is not None:
                yield names, field
    for line in form.lines:
        called = list(dict.fromkeys((line.name, without_notes(line.name))))
        for year, field in line.cells.items():
            headings = [*YEAR_NAMES.get(year, ()), *filter(None, [form.columns.get(year)])]
            yield _with(_with(("", form.caption), called), headings), field


def _indicator_form(form: IndicatorForm, scopes: list[str]) -> Iterator[Named]:
    total = form.funds.total if form.funds is not None else None
    for role, names in FUND_NAMES.items():
        if total is not None and role in total.cells:
            yield _with(scopes, names), total.cells[role]
    for line in (*form.income, *form.spending):
        yield _with(scopes, (*NATURE_NAMES.get(line.role, ()), line.label)), line.amount
    if form.total is not None:
        for names, field in (
            (("总分", "自评总分", "自评得分"), form.total.score),
            (("等级", "自评等级"), form.total.grade),
        ):
            if field is not None:
                yield _with(scopes, names), field
    for indicator in form.indicators:
        actual = replace(indicator.actual, text=indicator.actual_text or indicator.actual.text)
        target = replace(indicator.target, text=indicator.target_text or indicator.target.text)
        named = _with(scopes, (indicator.name.text,))
        yield _with(named, ("", "实际完成值")), actual
        yield _with(named, ("年度指标值", "指标值")), target
        if indicator.score is not None:
            yield _with(named, ("得分", "自评得分")), indicator.score


def _fund_table(form: FundTable) -> Iterator[Named]:
    if form.total is None:
        return
    scopes = (*FUND_TABLE_NAMES[form.kind], form.caption)
    for role, field in form.total.cells.items():
        heading = without_notes(form.columns.get(role, ""))
        names = {heading, heading.removeprefix("本年")}
        if role == "spending":
            names |= {"支出", "本年支出"}
        yield _with(scopes, [name for name in names if name]), field


def _staff_spending(forms: Forms) -> Iterator[Named]:
    """人员经费: what 基本支出 is beyond 公用经费."""
    overall = next(iter(forms.overall), None)
    basic = next(iter(forms.basic), None)
    if overall is None or basic is None or overall.money_unit != basic.money_unit:
        return
    whole, line = overall.nature("basic"), basic.line("public")
    public = line.cells.get("final") if line is not None else None
    if whole is None or public is None or whole.number is None or public.number is None:
        return
    number = whole.number - public.number
    decimals = max(whole.decimals, public.decimals)
    yield ("人员经费",), Field(whole.place, f"{number:.{decimals}f}", "number", number, decimals)
