"""What the cells of the forms are called in a rule: by the words that stand on them, a row's and a column's.

Two tables are made of the same words: of what a form of a kind may have (``words_of``), by which a book is checked without any
workbook, and of the cells that a form has (``cells_of_form``, ``cells_of_row``). A label that may be left out (年度资金总额, where it
is the row of the total) is marked so. What stands in a form under another heading is found by that heading, too.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache, lru_cache
from typing import Literal

from perfeval_xl.forms import labels
from perfeval_xl.forms.named import NATURE_NAMES, YEAR_NAMES
from perfeval_xl.forms.records import (
    BasicForm,
    BudgetLine,
    Field,
    Form,
    FundRow,
    FundTable,
    FundTableRow,
    Indicator,
    IndicatorForm,
    Kind,
)
from perfeval_xl.rules.cells import stated_total
from perfeval_xl.rules.context import real_reason
from perfeval_xl.text import clean, one_line, without_notes

#: What a value is: money (万元), a rate (per cent), points, a count of persons or things, a bare number, a text, yes or no;
#: of a paper that is not read nobody knows.
Sort = Literal["money", "rate", "points", "count", "number", "text", "truth", "any"]
SORT_WORD: Mapping[Sort, str] = {
    "money": "万元", "rate": "百分比", "points": "分", "count": "个数", "number": "数", "text": "文字", "truth": "是或否", "any": "值",
}  # fmt: skip
#: Kinds of rows that a rule may go through, by the word behind the form: 附件3*.指标.
RowWord = Literal["指标", "资金", "项目", "科目"]
Row = Indicator | FundRow | BudgetLine | FundTableRow
ROW_WORDS: Mapping[Kind, tuple[RowWord, ...]] = {
    "basic": ("项目",),
    "overall": ("指标", "资金"),
    "project": ("指标", "资金"),
    "gov_fund": ("科目",),
    "state_capital": ("科目",),
    "social_insurance": ("科目",),
}


@dataclass(frozen=True, slots=True)
class Label:
    """One of the labels of a cell, under all names it goes by, the usual first; ``optional`` where it may be left out."""

    names: tuple[str, ...]
    optional: bool = False


@lru_cache(maxsize=8192)
def _label(names: tuple[str, ...], optional: bool = False) -> Label:
    """A label, the same one for the same names: forms are full of them."""
    return Label(names, optional)


@dataclass(frozen=True, slots=True)
class Named:
    """A cell with its labels and what it holds; ``field`` is None in the table of words; ``beside`` are the amounts of its row."""

    labels: tuple[Label, ...]
    sort: Sort
    field: Field | None = None
    beside: tuple[Field, ...] = ()

    @property
    def kin(self) -> tuple[Decimal, ...]:
        """The figures of the same row in the other columns of amounts."""
        others = (cell for cell in self.beside if cell is not self.field)
        return tuple(cell.number for cell in others if cell.number is not None)

    @property
    def name(self) -> tuple[str, ...]:
        """The labels as they are usually written, all of them."""
        return tuple(label.names[0] for label in self.labels)

    @property
    def short(self) -> tuple[str, ...]:
        """Without those that may be left out."""
        return tuple(label.names[0] for label in self.labels if not label.optional) or self.name


@dataclass(frozen=True, slots=True)
class Table:
    """Cells by their labels. ``open`` are columns of rows that may have any name: indicators, lines of 附件1."""

    entries: tuple[Named, ...]
    open: Mapping[str, Sort] = field(default_factory=dict)
    _places: Mapping[str, Sequence[tuple[int, int]]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        places: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for index, entry in enumerate(self.entries):
            for position, label in enumerate(entry.labels):
                for name in _all_keys(label.names):
                    places[name].append((index, position))
        object.__setattr__(self, "_places", places)

    def find(self, given: Sequence[str]) -> tuple[Named, ...]:
        """Every cell that all the given labels are labels of, none of its own left out but optional ones."""
        return tuple(
            self.entries[index]
            for index, taken in self._touched(given)
            if all(label.optional or at in taken for at, label in enumerate(self.entries[index].labels))
        )

    def beginning(self, given: Sequence[str]) -> tuple[Named, ...]:
        """Every cell that the given labels name in part: a label that may not be left out is missing."""
        return tuple(self.entries[index] for index, _ in self._touched(given))

    def _touched(self, given: Sequence[str]) -> Iterator[tuple[int, set[int]]]:
        found: dict[int, list[set[int]]] = {}
        for number, label in enumerate(given):
            at: dict[int, set[int]] = {}
            for key in keys(label):
                for index, position in self._places.get(key, ()):
                    at.setdefault(index, set()).add(position)
            for index, positions in at.items():
                if number == 0 or len(found.get(index, ())) == number:
                    found.setdefault(index, []).append(positions)
        for index, choices in found.items():
            if len(choices) == len(given):
                taken = _matched(choices)
                if taken is not None:
                    yield index, taken

    def nearest(self, given: str, most: int = 3) -> list[str]:
        """Names like a label, for a message."""
        names = dict.fromkeys(name for entry in self.entries for one in entry.labels for name in one.names)
        wanted = clean(given)
        long = [name for name in names if len(name) > 2]
        inside = [name for name in long if wanted in name or name in wanted]
        near = difflib.get_close_matches(wanted, long, most, 0.4)
        return list(dict.fromkeys((*near, *inside)))[:most]


def _matched(choices: Sequence[set[int]]) -> set[int] | None:
    """Positions, a different one for each label (there are at most three); None where that cannot be."""
    if not choices:
        return set()
    for position in sorted(choices[0]):
        rest = _matched([others - {position} for others in choices[1:]])
        if rest is not None:
            return rest | {position}
    return None


@lru_cache(maxsize=8192)
def keys(name: str) -> tuple[str, ...]:
    """The ways in which a label is compared: as it stands, and without notes in brackets, ordinals, 其中."""
    return tuple(dict.fromkeys(key for key in (clean(name).rstrip(":"), labels.plain(name)) if key))


@lru_cache(maxsize=8192)
def _all_keys(names: tuple[str, ...]) -> tuple[str, ...]:
    """The ways in which any of some names is compared."""
    return tuple(dict.fromkeys(key for name in names for key in keys(name)))


# -- words ----------------------------------------------------------------------------------------------------

_YEARS: Mapping[str, tuple[str, ...]] = {
    "final": ("本年决算数", "决算数"),
    "budget": ("预算数", "本年预算数"),
    "last_final": YEAR_NAMES["last_final"],
}
_RATE_NAMES = labels.FUND_COLUMNS["rate"]
_FUND_MONEY = ("initial", "budget", "executed")
#: Columns of an indicator row, and what they hold; the last two are worked out.
INDICATOR_ROW: Mapping[str, tuple[tuple[str, ...], Sort]] = {
    "level1": (("一级指标",), "text"),
    "level2": (("二级指标",), "text"),
    "name": (("三级指标", "指标名称", "名称"), "text"),
    "target": (labels.INDICATOR_COLUMNS["target"], "text"),
    "actual": (labels.INDICATOR_COLUMNS["actual"], "text"),
    "weight": (labels.INDICATOR_COLUMNS["weight"], "points"),
    "score": (labels.INDICATOR_COLUMNS["score"], "points"),
    "reason": (("偏差原因", *labels.INDICATOR_COLUMNS["reason"]), "text"),
    "completion": (("完成率",), "rate"),
    "met": (("达标",), "truth"),
}
_REASON = INDICATOR_ROW["reason"][0]
_NAME = ("名称", "项目名称", "科目名称", "资金来源")
#: Whether a line of 附件1 is a part of the line above it, which no cell says.
DETAIL = Named((_label(("明细",)),), "truth")


def _fund_sort(column: str) -> Sort:
    return {"rate": "rate", "weight": "points", "score": "points", "reason": "text"}.get(column, "money")  # type: ignore[return-value]


def _fund_row(names: tuple[str, ...], total: bool, cells: Mapping[str, Field | None]) -> Iterator[Named]:
    """A row of the funds. The row of the total is what a column alone means; its points belong to the execution rate."""
    for column in (*_FUND_MONEY, "rate", "weight", "score"):
        if column in cells:
            points = column in ("weight", "score")
            row = _label((*_RATE_NAMES, *names) if total and points else names, total and not points)
            beside = _amounts(cells, _FUND_MONEY) if column in _FUND_MONEY else ()
            yield Named((row, _label(labels.FUND_COLUMNS[column])), _fund_sort(column), cells[column], beside)
    if total and "score" in cells:
        yield Named((_label(("执行率得分", "预算执行得分")),), "points", cells["score"])


def _amounts(cells: Mapping[str, Field | None], columns: Iterable[str]) -> tuple[Field, ...]:
    return tuple(cell for column in columns if (cell := cells.get(column)) is not None)


def _nature(heads: tuple[str, ...], names: tuple[str, ...], cell: Field | None) -> Named:
    if names == heads:
        return Named((_label(names),), "money", cell)
    return Named((_label(heads, optional=True), _label(names)), "money", cell)


def _indicator(names: tuple[str, ...], cells: Mapping[str, Field | None]) -> Iterator[Named]:
    """A row of the indicators: named by itself and a column."""
    for column in ("target", "actual", "weight", "score", "reason"):
        if column in cells:
            words, sort = INDICATOR_ROW[column]
            yield Named((_label(names), _label(words)), sort, cells[column])


def _total(
    score: Field | None, weight: Field | None, grade: Field | None, has: frozenset[str]
) -> Iterator[Named]:
    names = ("总分", "自评总分", "总得分")
    if "score" in has:
        yield Named(
            (_label(names), _label(labels.INDICATOR_COLUMNS["score"], optional=True)), "points", score
        )
    if "weight" in has:
        yield Named((_label(names), _label(labels.INDICATOR_COLUMNS["weight"])), "points", weight)
    if "grade" in has:
        yield Named((_label(labels.GRADE["grade"]),), "text", grade)


_HEAD: Mapping[str, tuple[str, ...]] = {
    role: labels.HEAD[role] for role in ("project", "unit", "department", "office")
}
_GOALS: Mapping[str, tuple[str, ...]] = {
    "expected": labels.GOALS["expected"],
    "achieved": labels.GOALS["achieved"],
}
_REMARKS = ("偏差原因", "原因", "未完成原因")


def _line(
    names: tuple[str, ...], headings: Mapping[str, str], cells: Mapping[str, Field | None]
) -> Iterator[Named]:
    for column, words in _YEARS.items():
        if column in cells:
            own = tuple(filter(None, [one_line(headings.get(column, ""))]))
            heading = _label(tuple(dict.fromkeys((*words, *own))))
            yield Named((_label(names), heading), "money", cells[column], _amounts(cells, _YEARS))


_BUILDING_SORTS: Mapping[str, Sort] = {
    "approved": "number", "actual": "number", "rate": "rate", "budget": "money", "spent": "money", "cost_rate": "rate",
}  # fmt: skip


def _staff(cells: Mapping[str, Field | None]) -> Iterator[Named]:
    for role, cell in cells.items():
        yield Named((_label(labels.STAFF_COLUMNS[role]),), "rate" if role == "rate" else "count", cell)


def _building(cells: Mapping[str, Field | None]) -> Iterator[Named]:
    for role, cell in cells.items():
        yield Named((_label(labels.BUILDING_COLUMNS[role]),), _BUILDING_SORTS[role], cell)


def _table_row(
    names: tuple[str, ...], total: bool, headings: Mapping[str, str], cells: Mapping[str, Field | None]
) -> Iterator[Named]:
    for role, cell in cells.items():
        if role in labels.FUND_TABLE_COLUMNS and role not in ("code", "name"):
            own = tuple(filter(None, [one_line(headings.get(role, ""))]))
            words = tuple(dict.fromkeys((*own, *labels.FUND_TABLE_COLUMNS[role])))
            yield Named((_label(names, optional=total), _label(words)), "money", cell)


@cache
def words_of(kind: Kind) -> Table:
    """What a form of a kind may have, by the words it is read by."""
    match kind:
        case "basic":
            return Table(tuple(_basic_words()), dict.fromkeys(_all_names(_YEARS.values()), "money"))
        case "overall" | "project":
            columns = {name: INDICATOR_ROW[role] for role in _OPEN for name in INDICATOR_ROW[role][0]}
            return Table(tuple(_indicator_words(kind)), {name: sort for name, (_, sort) in columns.items()})
        case "narrative":
            return Table(())
        case _:
            cells: dict[str, Field | None] = dict.fromkeys(labels.FUND_TABLE_COLUMNS)
            words = tuple(_table_row(("合计", "总计"), True, {}, cells))
            names = _all_names(labels.FUND_TABLE_COLUMNS.values())
            return Table(words, dict.fromkeys(names, "money"))


_OPEN = ("target", "actual", "weight", "score", "reason")


def _all_names(groups: Iterable[tuple[str, ...]]) -> list[str]:
    return [name for names in groups for name in names]


def _basic_words() -> Iterator[Named]:
    yield from _staff(dict.fromkeys(labels.STAFF_COLUMNS))
    for names in labels.BUDGET_LINES.values():
        yield from _line(names, {}, dict.fromkeys(_YEARS))
    yield from _building(dict.fromkeys(labels.BUILDING_COLUMNS))


def _indicator_words(kind: Kind) -> Iterator[Named]:
    cells: dict[str, Field | None] = dict.fromkeys(labels.FUND_COLUMNS)
    for role, names in labels.FUND_ROWS.items():
        yield from _fund_row(names, role == "total", cells)
    if kind == "overall":
        for table, side in ((labels.INCOME_LINES, "income"), (labels.SPENDING_LINES, "spending")):
            for names in table.values():
                yield _nature(table[side], names, None)
    yield from _total(None, None, None, frozenset(("score", "weight", "grade")))
    for names in (*_HEAD.values(), *_GOALS.values(), _REMARKS):
        yield Named((_label(names),), "text")


@cache
def columns_of(word: RowWord) -> Table:
    """The columns that rows of a word may have."""
    named: Iterable[Named]
    if word == "指标":
        return Table(tuple(Named((_label(names),), sort) for names, sort in INDICATOR_ROW.values()))
    if word == "资金":
        columns = [role for role in labels.FUND_COLUMNS if role != "other"]
        named = (Named((_label(labels.FUND_COLUMNS[role]),), _fund_sort(role)) for role in columns)
    elif word == "项目":
        named = (*(Named((_label(names),), "money") for names in _YEARS.values()), DETAIL)
    else:
        roles = [role for role in labels.FUND_TABLE_COLUMNS if role not in ("code", "name")]
        named = (Named((_label(labels.FUND_TABLE_COLUMNS[role]),), "money") for role in roles)
    return Table((Named((_label(_NAME),), "text"), *named))


# -- cells ----------------------------------------------------------------------------------------------------


def cells_of_form(form: Form) -> Table:
    """Every cell of a form that a rule may speak of."""
    match form:
        case BasicForm():
            return Table(tuple(_of_basic(form)))
        case IndicatorForm():
            return Table(tuple(_of_indicators(form)))
        case FundTable():
            return Table(tuple(_of_table(form)))
        case _:
            return Table(())


def _with_own(names: tuple[str, ...], own: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, *filter(None, (one_line(own),)))))


def _of_basic(form: BasicForm) -> Iterator[Named]:
    if form.staff is not None:
        staff = {"quota": form.staff.quota, "actual": form.staff.actual, "rate": form.staff.rate}
        yield from _staff({role: cell for role, cell in staff.items() if cell is not None})
    for line in form.lines:
        yield from _line(_line_names(line), form.columns, line.cells)
    for building in form.buildings:
        yield from _building({role: cell for role, cell in building.cells.items() if role in _BUILDING_SORTS})


def _line_names(line: BudgetLine) -> tuple[str, ...]:
    return _with_own(labels.BUDGET_LINES.get(line.role, ()), line.name)


def _of_indicators(form: IndicatorForm) -> Iterator[Named]:
    for row in form.funds.rows if form.funds is not None else ():
        own = _with_own(labels.FUND_ROWS.get(row.role, ()), labels.plain(row.label.text))
        yield from _fund_row(own, row.role == "total", row.cells)
    for lines, table, side in (
        (form.income, labels.INCOME_LINES, "income"),
        (form.spending, labels.SPENDING_LINES, "spending"),
    ):
        for line in lines:
            names = table.get(line.role, NATURE_NAMES.get(line.role, ()))
            heads = table[side]
            yield _nature(heads, heads if line.role == side else _with_own(names, line.label), line.amount)
    for indicator in form.indicators:
        name = one_line(indicator.name.text)
        if name:
            yield from _indicator((name,), _stated(indicator))
    yield from _of_total(form)
    for role, names in _HEAD.items():
        cell = form.unit_name if role == "unit" else form.head.get(role)
        if cell is not None:
            yield Named((_label(names),), "text", cell)
    for role, names in _GOALS.items():
        if form.goals.get(role):
            yield Named((_label(names),), "text", _joined(form.goals[role]))
    yield Named((_label(_REMARKS),), "text", _reasons(form))


def _of_total(form: IndicatorForm) -> Iterator[Named]:
    total, score = form.total, stated_total(form)
    if score is None and total is not None:
        score = total.score
    weight, grade = (total.weight, total.grade) if total is not None else (None, None)
    has = {"score": score, "weight": weight, "grade": grade}
    yield from _total(score, weight, grade, frozenset(name for name, cell in has.items() if cell is not None))


def _joined(cells: Sequence[Field]) -> Field:
    """The first of some cells with the text of all."""
    return replace(cells[0], text="\n".join(cell.text for cell in cells))


def _reasons(form: IndicatorForm) -> Field:
    """Every reason that stands in a form, wherever it has room for one, told at the reason cell of its funds, else at what
    the reasons are about."""
    rows = form.funds.rows if form.funds is not None else ()
    funds = [cell for row in rows if (cell := row.cells.get("reason")) is not None]
    own = [cell for one in form.indicators if (cell := one.reason) is not None]
    total = [form.total.reason] if form.total is not None and form.total.reason is not None else []
    given = [text for cell in (*funds, *own, *total, *form.remarks) if (text := real_reason(cell))]
    where = funds[0].place if funds else (form.amount("rate") or form.amount("executed") or form.title).place
    return Field(where, "\n".join(given), "text" if given else "blank")


def _of_table(form: FundTable) -> Iterator[Named]:
    for row in form.rows:
        own = tuple(filter(None, (one_line(row.label.text), without_notes(row.label.text), row.code)))
        names = ("合计", "总计", *own) if row.total else own
        if names:
            yield from _table_row(names, row.total, form.columns, row.cells)


def rows_of(form: Form, word: RowWord) -> tuple[Row, ...]:
    """The rows of a form that a rule goes through."""
    if isinstance(form, IndicatorForm):
        if word == "指标":
            return form.indicators
        return form.funds.rows if form.funds is not None else ()
    if isinstance(form, BasicForm):
        return tuple(line for line in form.lines if line.role in ("project_line", "detail"))
    return form.rows if isinstance(form, FundTable) else ()


def row_fields(row: Row) -> dict[str, Field]:
    """The cells of a row by the role of their column; of an indicator the whole target and actual value."""
    if not isinstance(row, Indicator):
        return {"name": row.label, **row.cells}
    return {
        "name": row.name,
        "level1": replace(row.name, text=labels.plain(row.level1), state="text" if row.level1 else "blank"),
        "level2": replace(row.name, text=labels.plain(row.level2), state="text" if row.level2 else "blank"),
        **_stated(row),
    }


def _stated(row: Indicator) -> dict[str, Field]:
    """What an indicator's own cells say, the target and actual value with their units."""
    own = {"weight": row.weight, "score": row.score, "reason": row.reason}
    return {
        "target": _reading(row.target, row.target_text),
        "actual": _reading(row.actual, row.actual_text),
        **{role: cell for role, cell in own.items() if cell is not None},
    }


def _reading(cell: Field, text: str) -> Field:
    return cell if not text or text == cell.text else replace(cell, text=text)


def columns_of_row(form: Form, row: Row) -> Mapping[str, Named]:
    """The columns of rows like this one, by role: their labels, with the form's own headings."""
    if isinstance(row, Indicator):
        return {role: Named((_label(names),), sort) for role, (names, sort) in INDICATOR_ROW.items()}
    headings: Mapping[str, str] = form.columns if isinstance(form, BasicForm | FundTable) else {}
    words: Mapping[str, tuple[str, ...]] = _YEARS
    if not isinstance(row, BudgetLine):
        words = labels.FUND_COLUMNS if isinstance(row, FundRow) else labels.FUND_TABLE_COLUMNS
    found = {"name": Named((_label(_NAME),), "text")}
    if isinstance(row, BudgetLine):
        found["detail"] = DETAIL
    for role in row.cells:
        names = _with_own(words.get(role, ()), headings.get(role, ""))
        sort = _fund_sort(role) if isinstance(row, FundRow) else "money"
        if names:
            found[role] = Named((_label(names),), sort)
    return found


def row_name_of(row: Row) -> str:
    """What a row is called in a message."""
    if isinstance(row, BudgetLine):
        return row.name
    label = row.name if isinstance(row, Indicator) else row.label
    return one_line(label.text)
