"""Typed records of the forms; every figure keeps its cell.

Amounts are in the money unit of their form (``money_unit``, 万元 or 元); rates are as written
(92 with ``percent`` for "92%", 0.92 without).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal

from perfeval_xl.bounds import BOUNDS, Bounds
from perfeval_xl.frames import frame
from perfeval_xl.grid import Area, Place
from perfeval_xl.records import dataclass, field, replace

if TYPE_CHECKING:
    import pandas

State = Literal["blank", "dash", "number", "text", "misfit", "error", "unknown"]
Kind = Literal["basic", "overall", "project", "gov_fund", "state_capital", "social_insurance", "narrative"]
#: How a clerk calls the forms.
FORM_WORD: Mapping[Kind, str] = {
    "basic": "附件1",
    "overall": "附件2",
    "project": "附件3",
    "gov_fund": "附件4",
    "state_capital": "附件5",
    "social_insurance": "附件6",
    "narrative": "自评报告",
}
MoneyUnit = Literal["元", "千元", "万元", "亿元"]

#: How many 元 one unit is.
YUAN: Mapping[str, Decimal] = {
    "元": Decimal(1),
    "千元": Decimal(1000),
    "万元": Decimal(10000),
    "亿元": Decimal(100000000),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One place of a form and what stands there.

    ``number`` is the figure as written with ``decimals`` decimals; ``unit`` what stands behind it;
    ``state`` is ``unknown`` for a formula without a cached value (never blank, never zero), ``misfit`` for something else
    where a figure belongs ("1OO", "见附件": unknown too) and ``dash`` for "—", "/", "无". ``as_text`` says that a figure is
    typed as text; ``covered`` that the place lies under a cell merged downwards from a row above, so that it is not empty by
    the clerk's doing; ``printed`` that the figure stands in a label ("满意度指标(10分)"), where nobody fills anything in and
    nothing is ever written.
    """

    place: Place
    text: str = ""
    state: State = "blank"
    number: Decimal | None = None
    decimals: int = 0
    unit: str = ""
    percent: bool = False
    as_text: bool = False
    formula: bool = False
    covered: bool = False
    printed: bool = False

    @property
    def blank(self) -> bool:
        """Nothing stands here: empty or a dash."""
        return self.state in ("blank", "dash")

    @property
    def missing(self) -> bool:
        """The clerk left the cell empty."""
        return self.state == "blank" and not self.covered

    @property
    def filled(self) -> bool:
        """Something the clerk typed stands here (or a formula that gave something)."""
        return self.state in ("number", "text", "misfit")

    @property
    def figure(self) -> bool:
        """A figure stands here, or a formula or error in its place."""
        return self.state in ("number", "unknown", "error")

    @property
    def known(self) -> bool:
        """Its value can be reckoned with: neither an error value nor a formula never calculated, nor words for a figure."""
        return self.state not in ("error", "unknown", "misfit")

    def scaled(self, factor: Decimal) -> Field:
        """The same field in another unit (factor a power of ten); decimals follow."""
        if self.number is None or factor == 1:
            return self
        exponent = factor.adjusted()
        return replace(self, number=self.number * factor, decimals=max(0, self.decimals - exponent))


@dataclass(frozen=True, slots=True)
class FormSummary:
    """A form that was read: its kind, its sheet and range, its title; ``file`` as of ``Place``."""

    kind: str
    sheet: str
    range: str
    title: str
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A sheet that was not read as a form, with the reason; ``file`` as of ``Place``.

    ``hides`` says that it may hold a form all the same (its name is a form's, a picture stands in a form's place), so that
    not everything was checked; ``limit`` names the bound that it, or a text on it, is beyond.
    """

    sheet: str
    reason: str
    file: str | None = None
    hides: bool = False
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What every form has. ``area`` is the range its cells take; ``caption`` names it for a clerk."""

    kind: Kind
    sheet: str
    area: Area
    title: Field
    year: int | None
    unit_name: Field | None
    money_unit: MoneyUnit | None
    caption: str

    @property
    def summary(self) -> FormSummary:
        return FormSummary(self.kind, self.sheet, str(self.area), self.title.text)


@dataclass(frozen=True, slots=True)
class FundRow:
    """A row of the fund block: its label, its role, its cells by column role. A ``detail`` breaks the source above it down."""

    label: Field
    role: Literal["total", "fiscal", "carryover", "other", "part", "detail"]
    cells: Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class FundBlock:
    """年度预算申请 / 项目资金: columns among initial, budget, executed, weight, rate, score, reason."""

    columns: frozenset[str]
    rows: tuple[FundRow, ...]

    @property
    def total(self) -> FundRow | None:
        return next((row for row in self.rows if row.role == "total"), None)

    @property
    def sources(self) -> tuple[FundRow, ...]:
        """Every row below the whole."""
        return tuple(row for row in self.rows if row.role != "total")

    @property
    def parts(self) -> tuple[FundRow, ...]:
        """The sources that add up to the whole."""
        return tuple(row for row in self.sources if row.role != "detail")

    def details(self, source: FundRow) -> tuple[FundRow, ...]:
        """The rows directly below a source that break it down."""
        below = self.rows[self.rows.index(source) + 1 :]
        return tuple(takewhile(lambda row: row.role == "detail", below))


@dataclass(frozen=True, slots=True)
class NatureLine:
    """A line of 按收入性质分 / 按支出性质分: 一般公共预算, 基本支出 … with the amount it states."""

    label: str
    role: str
    amount: Field


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator row; ``target_text`` joins sign, value and unit where a form splits them, ``group`` is the cell of
    its level-2 name. ``parts`` are rows below that break it down (其中…) and have no weight and score of their own. A form
    that prints points in its labels alone gives ``weight`` as far as they tell it (unknown where several rows share them)."""

    row: int
    level1: str
    level2: str
    name: Field
    target: Field
    actual: Field
    target_text: str
    actual_text: str
    weight: Field | None
    score: Field | None
    reason: Field | None
    extra: Mapping[str, Field] = field(default_factory=dict)
    group: Field | None = None
    parts: tuple[Indicator, ...] = ()

    def fields(self) -> Iterator[Field]:
        """Every cell of the row that the form has."""
        yield self.name
        yield self.target
        yield self.actual
        yield from (item for item in (self.weight, self.score, self.reason) if item is not None)


@dataclass(frozen=True, slots=True)
class Level:
    """A level-1 cell and the weight, or range of weights, printed in it: "产出指标(50分)"; ``stated`` is the cell of the
    weight where it has a column of its own, ``empty`` are the level-2 cells without an indicator."""

    label: Field
    name: str
    weight: tuple[Decimal, Decimal] | None
    rows: tuple[int, ...]
    stated: Field | None = None
    empty: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class TotalRow:
    """The row of the totals; ``reason`` is what stands in its cell of the reason column, if the form has one."""

    label: Field
    weight: Field | None
    score: Field | None
    grade: Field | None
    reason: Field | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """The line under a form: 单位负责人, 填表人, 联系电话, 填报日期; the date as written."""

    place: Place
    text: str
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IndicatorForm(Form):
    """附件2 (kind ``overall``) or 附件3-N (kind ``project``).

    ``columns`` are the indicator columns the form has (name, target, actual, weight, score, reason …);
    ``income`` and ``spending`` are 附件2's lines by nature. ``unread`` names the header that was looked for in
    vain where only the fund block could be read. ``remarks`` are the reasons, problems and explanations written under
    the table, in the rows of 资金管理情况 beneath the funds, and above the title.
    ``heading`` is the label over all indicators where it prints their points together: "年度绩效目标(80分)".
    """

    head: Mapping[str, Field]
    funds: FundBlock | None
    income: tuple[NatureLine, ...]
    spending: tuple[NatureLine, ...]
    goals: Mapping[str, tuple[Field, ...]]
    columns: frozenset[str]
    indicators: tuple[Indicator, ...]
    levels: tuple[Level, ...]
    total: TotalRow | None
    signature: Signature | None
    unread: str = ""
    remarks: tuple[Field, ...] = ()
    heading: Level | None = None

    @property
    def name(self) -> str:
        """The project's name (empty for 附件2)."""
        named = self.head.get("project")
        return named.text if named is not None else ""

    def amount(self, column: str) -> Field | None:
        """The 年度资金总额 cell of a fund column, where the form has one."""
        if self.funds is None or self.funds.total is None:
            return None
        return self.funds.total.cells.get(column)

    @property
    def goal_fields(self) -> tuple[Field, ...]:
        """All cells of the goals, expected and achieved."""
        return tuple(field for fields in self.goals.values() for field in fields)

    def nature(self, role: str) -> Field | None:
        """The amount of a line by nature (``basic``, ``projects``, ``gov_fund`` …)."""
        for line in (*self.income, *self.spending):
            if line.role == role:
                return line.amount
        return None


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A line of 附件1's budget block; ``parent`` is the index of the line it is a part of."""

    label: Field
    name: str
    role: str
    number: str
    parent: int | None
    cells: Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Staff:
    quota: Field
    actual: Field
    rate: Field | None


@dataclass(frozen=True, slots=True)
class Building:
    """A 楼堂馆所 row: cells by approved, actual, rate, budget, spent, cost_rate."""

    cells: Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class BasicForm(Form):
    """附件1 基础数据表; year columns are ``last_final``, ``budget`` and ``final``."""

    staff: Staff | None
    columns: Mapping[str, str]
    lines: tuple[BudgetLine, ...]
    buildings: tuple[Building, ...]
    thrift: Field | None
    _children: Mapping[int, tuple[BudgetLine, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found: dict[int, list[BudgetLine]] = {}
        for line in self.lines:
            if line.parent is not None:
                found.setdefault(id(self.lines[line.parent]), []).append(line)
        object.__setattr__(self, "_children", {key: tuple(lines) for key, lines in found.items()})

    def line(self, role: str) -> BudgetLine | None:
        return next((line for line in self.lines if line.role == role), None)

    def children(self, line: BudgetLine) -> tuple[BudgetLine, ...]:
        """The lines that are parts of one of this form's lines."""
        return self._children.get(id(line), ())


@dataclass(frozen=True, slots=True)
class FundTableRow:
    label: Field
    code: str
    total: bool
    cells: Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class FundTable(Form):
    """附件4–6; column roles carry_in, income, spending, basic, projects, carry_out, balance …"""

    columns: Mapping[str, str]
    rows: tuple[FundTableRow, ...]

    @property
    def total(self) -> FundTableRow | None:
        return next((row for row in self.rows if row.total), None)


@dataclass(frozen=True, slots=True)
class Narrative(Form):
    """自评报告: its paragraphs in order; ``headings`` are those of them that head a section."""

    paragraphs: tuple[Field, ...]
    headings: tuple[Field, ...]

    @property
    def text(self) -> str:
        return "\n".join(paragraph.text for paragraph in self.paragraphs)


@dataclass(frozen=True, slots=True)
class Missed:
    """A sheet that looks like a form and could not be read: its title and, in Chinese, why; the kind its title says."""

    title: Field
    reason: str
    kind: Kind | None = None

    @property
    def sheet(self) -> str:
        return self.title.place.sheet


@dataclass(frozen=True, slots=True)
class Forms:
    """All forms of a workbook, in its order; ``policy`` and ``reported`` (which kinds are handed in) are what it says of
    itself. ``papers`` are other papers of the cycle (kinds ``target``, ``monitor``, ``review``), named and not checked;
    ``bounds`` are those within which they were read."""

    basic: tuple[BasicForm, ...] = ()
    overall: tuple[IndicatorForm, ...] = ()
    projects: tuple[IndicatorForm, ...] = ()
    funds: tuple[FundTable, ...] = ()
    narratives: tuple[Narrative, ...] = ()
    unreadable: tuple[Missed, ...] = ()
    unread: tuple[Unread, ...] = ()
    papers: tuple[FormSummary, ...] = ()
    policy: str | None = None
    reported: frozenset[Kind] | None = None
    bounds: Bounds = BOUNDS

    def __iter__(self) -> Iterator[Form]:
        yield from self.basic
        yield from self.overall
        yield from self.projects
        yield from self.funds
        yield from self.narratives

    def __bool__(self) -> bool:
        return any(True for _ in self)

    @property
    def beyond(self) -> str | None:
        """Why something was not read that is beyond a bound; None where all is within."""
        return next((f"{one.sheet}：{one.reason}" for one in self.unread if one.limit), None)

    def to_frames(self) -> dict[str, pandas.DataFrame]:
        """The forms as pandas DataFrames by name (needs the ``pandas`` extra)."""

        return forms_frames(self)


def forms_frames(forms: Forms) -> dict[str, pandas.DataFrame]:
    """``lines`` (附件1), ``funds`` (fund rows of 附件2 and 3), ``indicators``, ``tables`` (附件4–6).

    Figures are ``Decimal`` as written, in their form's money unit; blank and unknown cells are None.
    """
    return {
        "lines": frame(_lines(forms.basic), ("form", "role", "line", "last_final", "budget", "final")),
        "funds": frame(_funds((*forms.overall, *forms.projects)), _FUND_COLUMNS),
        "indicators": frame(_indicators((*forms.overall, *forms.projects)), _INDICATOR_COLUMNS),
        "tables": frame(_tables(forms.funds), ("form", "row", "column", "value")),
    }


_FUND_COLUMNS = ("form", "project", "row", "initial", "budget", "executed", "weight", "rate", "score")


_INDICATOR_COLUMNS = (
    "form", "project", "level1", "level2", "name", "target", "actual", "weight", "score", "reason", "cell",
)  # fmt: skip


def _number(field: Field | None) -> Any:
    return None if field is None else field.number


def _lines(forms: Iterable[BasicForm]) -> Iterable[Mapping[str, Any]]:
    for form in forms:
        for line in form.lines:
            figures = {column: _number(cell) for column, cell in line.cells.items()}
            yield {"form": form.caption, "role": line.role, "line": line.name, **figures}


def _funds(forms: Iterable[IndicatorForm]) -> Iterable[Mapping[str, Any]]:
    for form in forms:
        for row in form.funds.rows if form.funds is not None else ():
            figures = {column: _number(cell) for column, cell in row.cells.items()}
            yield {"form": form.caption, "project": form.name, "row": row.label.text, **figures}


def _indicators(forms: Iterable[IndicatorForm]) -> Iterable[Mapping[str, Any]]:
    for form in forms:
        for item in form.indicators:
            yield {
                "form": form.caption, "project": form.name, "level1": item.level1, "level2": item.level2,
                "name": item.name.text, "target": item.target_text, "actual": item.actual_text,
                "weight": _number(item.weight), "score": _number(item.score),
                "reason": item.reason.text if item.reason is not None else None, "cell": item.name.place.cell,
            }  # fmt: skip


def _tables(forms: Iterable[FundTable]) -> Iterable[Mapping[str, Any]]:
    for form in forms:
        for row in form.rows:
            for role, cell in row.cells.items():
                yield {
                    "form": form.caption,
                    "row": row.label.text,
                    "column": form.columns[role],
                    "value": cell.number,
                }
