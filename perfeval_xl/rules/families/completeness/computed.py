"""The cells that the template computes, each with what its formula gives for the form's present figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from perfeval_xl.equations import HUNDRED
from perfeval_xl.forms.records import BasicForm, Field, Form, FundTable, IndicatorForm
from perfeval_xl.records import dataclass
from perfeval_xl.rules.cells import COLUMN_NAMES, row_name, title_of
from perfeval_xl.rules.context import Context


@dataclass(frozen=True, slots=True)
class Computed:
    """A computed cell: what it is, what its formula gives, and which cells the formula rests on."""

    field: Field
    name: str
    due: Decimal
    parts: tuple[Field, ...]

    @property
    def differs(self) -> bool:
        """A figure was typed that is not what the formula gives, to the decimals that are shown."""
        if self.field.formula or self.field.number is None:
            return False
        # To one unit of the last decimal: what is rounded, or cut off, or reckoned from rounded figures agrees.
        unit = Decimal(1).scaleb(-self.field.decimals)
        return abs(self.field.number - self.due) >= max(unit, Decimal("0.005"))


def computed_cells(form: Form, context: Context) -> Iterator[Computed]:
    """The computed cells of one form that have something to be computed from."""
    if isinstance(form, BasicForm):
        yield from _basic(form)
    elif isinstance(form, IndicatorForm):
        yield from _funds(form)
        yield from _nature(form, context)
        yield from _total(form)
    elif isinstance(form, FundTable):
        yield from _fund_table(form)


def _sum(field: Field | None, name: str, parts: Iterable[Field | None]) -> Iterator[Computed]:
    """A sum; nothing is computed while no part is filled."""
    figures = tuple(part for part in parts if part is not None and part.number is not None)
    if field is not None and figures:
        total = sum((part.number for part in figures if part.number is not None), Decimal(0))
        yield Computed(field, name, total, figures)


def _rate(field: Field | None, name: str, part: Field | None, whole: Field | None) -> Iterator[Computed]:
    if field is None or part is None or whole is None or part.number is None or not whole.number:
        return
    due = part.number / whole.number
    yield Computed(field, name, due * HUNDRED if field.percent else due, (part, whole))


def _basic(form: BasicForm) -> Iterator[Computed]:
    if form.staff is not None:
        yield from _rate(form.staff.rate, "控制率", form.staff.actual, form.staff.quota)
    for line in form.lines:
        if line.role not in ("sangong", "vehicles", "projects", "project_line"):
            continue
        children = form.children(line)
        for column, field in line.cells.items():
            parts = [child.cells.get(column) for child in children]
            yield from _sum(field, f"“{line.name}”的{title_of(form, column)}", parts)
    for building in form.buildings:
        cells = building.cells
        yield from _rate(cells.get("rate"), "规模控制率", cells.get("actual"), cells.get("approved"))
        yield from _rate(cells.get("cost_rate"), "投资概算控制率", cells.get("spent"), cells.get("budget"))


def _funds(form: IndicatorForm) -> Iterator[Computed]:
    """The total row: sums of the parts in 附件3, the rate in both. Its score is PE304's, which knows roundings."""
    if form.funds is None or form.funds.total is None:
        return
    total = form.funds.total.cells
    if form.kind == "project":
        for column, title in COLUMN_NAMES.items():
            parts = [row.cells.get(column) for row in form.funds.parts]
            yield from _sum(total.get(column), f"年度资金总额的{title}", parts)
    yield from _rate(total.get("rate"), "执行率", total.get("executed"), total.get("budget"))


def _nature(form: IndicatorForm, context: Context) -> Iterator[Computed]:
    if form.kind != "overall":
        return
    parts = [line.amount for line in form.income if line.role != "income"]
    yield from _sum(form.nature("income"), "按收入性质分", parts)
    yield from _sum(form.nature("spending"), "按支出性质分", [form.nature("basic"), form.nature("projects")])
    yield from _sum(
        form.nature("projects"), "项目支出", [project.amount("executed") for project in context.projects]
    )


def _total(form: IndicatorForm) -> Iterator[Computed]:
    if form.total is None:
        return
    weights = [form.amount("weight"), *(row.weight for row in form.indicators)]
    scores = [form.amount("score"), *(row.score for row in form.indicators)]
    yield from _sum(form.total.weight, "总分的分值", weights)
    yield from _sum(form.total.score, "总分", scores)


def _fund_table(form: FundTable) -> Iterator[Computed]:
    lines = [row for row in form.rows if not row.total]
    if form.total is not None and lines:
        for column, field in form.total.cells.items():
            yield from _sum(field, f"合计的{form.columns[column]}", [row.cells.get(column) for row in lines])
    for row in lines:
        if "basic" in row.cells or "projects" in row.cells:
            parts = [row.cells.get("basic"), row.cells.get("projects")]
            yield from _sum(row.cells.get("spending"), f"“{row_name(row.label)}”的小计", parts)
