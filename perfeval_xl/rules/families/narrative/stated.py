"""What the forms state that a report may state too: amounts by role and by project, staff, indicators; each by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from perfeval_xl.equations import Term
from perfeval_xl.forms.records import BasicForm, BudgetLine, Field, Form, FundTable, IndicatorForm
from perfeval_xl.prose import Figure, Prose, read, tables
from perfeval_xl.prose.naming import Names, kind_of, names_whole, variants, without_note
from perfeval_xl.records import dataclass, replace
from perfeval_xl.rules.cells import basis_of, factor, title_of
from perfeval_xl.targets import Measure
from perfeval_xl.text import clean

if TYPE_CHECKING:
    from perfeval_xl.rules.context import Context, Judged

#: ``done`` is what was spent or reached, ``plan`` a budget or a target.
Side = Literal["done", "plan"]
PassageKind = Literal["report", "achieved", "expected"]
_FUND_CELLS = ("spending", "basic", "projects")


@dataclass(frozen=True, slots=True)
class Statement:
    """A figure that a form states, in 万元, as a bare count or in per cent. ``role`` is a key of the prose tables' ROLES, ""
    for a project's and an indicator's; ``factor`` turns what stands in the cell into ``value``, ``whole`` says that it
    counts things."""

    name: str
    label: str
    field: Field
    value: Decimal
    decimals: int
    side: Side
    role: str = ""
    factor: Decimal = Decimal(1)
    whole: bool = False

    @property
    def term(self) -> Term:
        return Term(self.field, self.label, self.factor, whole=self.whole)

    @property
    def single(self) -> bool:
        """Whether the cell alone states the value, not several added up."""
        return (self.field.number or Decimal(0)) * self.factor == self.value


@dataclass(frozen=True, slots=True)
class Passage:
    """A text of the workbook: a paragraph of the report, or a goals cell of 附件2 or 附件3.

    ``names`` are the names every figure may go by, best first; ``roles`` the role of the forms' amounts that one of
    them is a name of, None for counts and other amounts. ``alone`` says that the form's goals stand in no other cell.
    """

    form: Form
    field: Field
    prose: Prose
    kind: PassageKind
    names: tuple[tuple[str, ...], ...]
    roles: tuple[str | None, ...]
    alone: bool = True

    @classmethod
    def of(cls, form: Form, field: Field, kind: PassageKind, *, alone: bool = True) -> Passage:
        prose = read(field.text)
        names = tuple(_names(prose.figures))
        roles = tuple(
            _role(figure, found) if figure.dimension == "money" else None
            for figure, found in zip(prose.figures, names, strict=True)
        )
        return cls(form, field, prose, kind, names, roles, alone)

    @property
    def figures(self) -> tuple[Figure, ...]:
        return self.prose.figures


_ROLE_OF = {name: role for role, names in tables.ROLES.items() for name in names}


def _role(figure: Figure, names: tuple[str, ...]) -> str | None:
    known = (*names, *variants(without_note(figure.name)))
    exact = next((_ROLE_OF[name] for name in known if name in _ROLE_OF), None)
    return exact or next((role for name in known if (role := _qualified(name)) is not None), None)


#: Roles that are the same whatever money pays for them.
_ANY_MONEY = ("sangong", "vehicles", "vehicle_purchase", "vehicle_upkeep", "abroad", "reception")


def _qualified(name: str) -> str | None:
    """The role of a name that only says besides which money pays: 一般公共预算财政拨款安排的“三公”经费."""
    ends = ((role, end) for role in _ANY_MONEY for end in tables.ROLES[role] if name.endswith(end))
    role, end = max(ends, key=lambda found: len(found[1]), default=(None, ""))
    return role if names_whole(name.removesuffix(end), besides=0) else None


def _names(figures: tuple[Figure, ...]) -> Iterator[tuple[str, ...]]:
    """The names of every figure: the words in front of it, or, where those name nothing, behind it, or, where they
    only say which figure is meant (决算数), those of the figure before it."""
    last: tuple[str, ...] = ()
    before: Figure | None = None
    for figure in figures:
        found = variants(figure.name)
        names_nothing = not found or found[0] in tables.QUALIFIERS or len(found[-1]) < 2
        names_nothing = names_nothing or found[-1] in tables.QUALIFIERS
        if names_nothing and not any(name in _ROLE_OF for name in found):
            carried = (
                before is not None
                and (before.sentence, before.bracket) == (figure.sentence, figure.bracket)
                and bool(set(found) & set(tables.QUALIFIERS))
            )
            carried_on = last if carried else ()
            found = carried_on if figure.dimension == "money" else _named_behind(figure)
        yield found
        last, before = found, figure


def _named_behind(figure: Figure) -> tuple[str, ...]:
    """完成121册古籍的修复: the words behind a count."""
    if figure.dimension != "count" or figure.after.startswith(("中", "里", "以")):
        return ()
    return variants(figure.after.removeprefix("的"))


@dataclass(frozen=True, slots=True)
class Reached:
    """An indicator row with the measure of its actual value."""

    form: IndicatorForm
    judged: Judged
    actual: Measure

    @property
    def name(self) -> str:
        return self.judged.indicator.name.text

    @property
    def label(self) -> str:
        return f"{self.form.caption}“{clean(self.name)}”"

    @property
    def kind(self) -> str:
        """What a figure of the text must be to be compared: "share", "money", or what its unit counts."""
        return kind_of(self.actual.dimension or "", self.actual.unit) + self.actual.per

    @property
    def reached(self) -> Statement:
        indicator = self.judged.indicator
        return self._stated(self.actual, indicator.actual, indicator.actual_text, "的实际完成值", "done")

    @property
    def aimed(self) -> Statement | None:
        """The target, where it is a single figure."""
        target, indicator = self.judged.judgement.target, self.judged.indicator
        if target is None or target.value is None:
            return None
        return self._stated(target, indicator.target, indicator.target_text, "的年度指标值", "plan")

    def _stated(self, measure: Measure, cell: Field, text: str, title: str, side: Side) -> Statement:
        """A measure with its cell, which may hold a sign and a unit besides, or leave the unit to another."""
        assert measure.value is not None
        size = measure.size / 10_000 if measure.dimension == "money" else measure.size
        field = replace(
            cell, text=clean(text), state="number", number=measure.value, decimals=measure.decimals
        )
        decimals = measure.decimals - size.adjusted()
        whole = measure.dimension == "count" and not measure.decimals
        return Statement(
            self.name,
            f"{self.label}{title}",
            field,
            measure.value * size,
            decimals,
            side,
            factor=size,
            whole=whole,
        )


def passages(context: Context) -> tuple[Passage, ...]:
    """Every text that may state figures: the report's paragraphs and the goals cells of 附件2 and 附件3, read, in order."""
    return context.once(passages, lambda: tuple(_passages(context)))


def _passages(context: Context) -> Iterator[Passage]:
    for narrative in context.forms.narratives:
        for paragraph in narrative.paragraphs:
            yield Passage.of(narrative, paragraph, "report")
    for form in (*context.forms.overall, *context.projects):
        for role, kind in _GOALS:
            texts = [field for field in form.goals.get(role, ()) if field.state == "text"]
            for field in texts:
                yield Passage.of(form, field, kind, alone=len(texts) == 1)


_GOALS: tuple[tuple[str, PassageKind], ...] = (("achieved", "achieved"), ("expected", "expected"))


def of_amount(
    form: Form, field: Field | None, name: str, label: str, side: Side, role: str = ""
) -> Iterator[Statement]:
    """The statement of a money cell that holds a figure."""
    if field is None or field.number is None:
        return
    scale = factor(form.money_unit)
    yield Statement(
        name, label, field, field.number * scale, field.decimals - scale.adjusted(), side, role, scale
    )


def amounts(context: Context) -> tuple[Statement, ...]:
    """Every amount by role and by project that a form states and a text may name."""
    return context.once(amounts, lambda: tuple(_amounts(context)))


def amount_names(context: Context) -> tuple[Names, Mapping[str, list[Statement]]]:
    """The names of the amounts without a role, and what each is a name of."""
    return context.once(amount_names, lambda: _by_name(one for one in amounts(context) if not one.role))


def _by_name(statements: Iterable[Statement]) -> tuple[Names, Mapping[str, list[Statement]]]:
    by_name: dict[str, list[Statement]] = {}
    for statement in statements:
        by_name.setdefault(statement.name, []).append(statement)
    return Names(by_name), by_name


def _amounts(context: Context) -> Iterator[Statement]:
    if context.basic is not None:
        yield from _of_basic(context.basic)
    if context.overall is not None:
        yield from _of_overall(context.overall)
    for form in context.projects:
        for column, title, side in _COLUMNS:
            label = f"{form.caption}{title}"
            yield from of_amount(form, form.amount(column), form.name, label, side)
    yield from _of_funds(context)


_COLUMNS: tuple[tuple[str, str, Side], ...] = (
    ("executed", "全年执行数", "done"), ("budget", "全年预算数", "plan"), ("initial", "年初预算数", "plan"),
)  # fmt: skip
_SIDES: tuple[tuple[str, Side], ...] = (("final", "done"), ("budget", "plan"))
_BASIC_ROLES = frozenset(
    ("basic", "public", "projects", "sangong", "vehicles", "vehicle_purchase", "vehicle_upkeep", "abroad", "reception", "procurement")
)  # fmt: skip


def _of_basic(form: BasicForm) -> Iterator[Statement]:
    for line in form.lines:
        role = line.role if line.role in _BASIC_ROLES else ""
        if not role and line.role not in ("project_line", "detail"):
            continue
        for column, side in _SIDES:
            label = f"{form.caption}“{line.name}”{title_of(form, column)}"
            yield from of_amount(form, line.cells.get(column), _line_name(line), label, side, role)


def _line_name(line: BudgetLine) -> str:
    return clean(line.name).partition("(一个专项一行")[0]


def _of_overall(form: IndicatorForm) -> Iterator[Statement]:
    if basis_of(form) == "executed":
        for role, name in (("basic", "基本支出"), ("projects", "项目支出")):
            yield from of_amount(form, form.nature(role), name, f"{form.caption}{name}", "done", role)
    for column, title, side in _COLUMNS:
        yield from of_amount(form, form.amount(column), "整体支出", f"{form.caption}{title}", side, "total")


def _of_funds(context: Context) -> Iterator[Statement]:
    """The spending of 附件4–6; a table left empty states 0."""
    for table in context.forms.funds:
        found = fund_spending(table)
        if found is not None:
            field, value = found
            scale = factor(table.money_unit)
            yield Statement(
                table.kind,
                f"{table.caption}支出合计",
                field,
                value,
                field.decimals - scale.adjusted(),
                "done",
                table.kind,
                scale,
            )
    if context.overall is not None and not any(table.kind == "gov_fund" for table in context.forms.funds):
        stated = context.overall.nature("gov_fund")
        label = f"{context.overall.caption}政府性基金拨款"
        yield from of_amount(context.overall, stated, "政府性基金", label, "done", "gov_fund")


def fund_spending(table: FundTable) -> tuple[Field, Decimal] | None:
    """The cell of a fund table's total spending and its value in 万元; None where that cannot be told."""
    rows = [table.total] if table.total is not None else list(table.rows)
    cells = [row.cells[key] for row in rows for key in _FUND_CELLS if key in row.cells]
    if not cells or not all(cell.known for cell in cells):
        return None
    spending = [row.cells["spending"] for row in rows if "spending" in row.cells] or cells
    filled = [cell for cell in spending if cell.number is not None] or [
        cell for cell in cells if cell.number is not None
    ]
    value = sum((cell.number or Decimal(0) for cell in filled), Decimal(0)) * factor(table.money_unit)
    return (filled or spending)[0], value


def reached(context: Context) -> tuple[Reached, ...]:
    """Every indicator whose actual value is a single figure and whose name says what it counts."""
    return context.once(reached, lambda: tuple(_reached(context)))


def indicator_names(context: Context) -> Mapping[str, tuple[Names, Mapping[str, list[Reached]]]]:
    """By kind of figure: the names of ``reached``, and what each is a name of."""
    return context.once(indicator_names, lambda: _by_kind(reached(context)))


def _by_kind(found: Iterable[Reached]) -> Mapping[str, tuple[Names, Mapping[str, list[Reached]]]]:
    kinds: dict[str, dict[str, list[Reached]]] = {}
    for item in found:
        kinds.setdefault(item.kind, {}).setdefault(item.name, []).append(item)
    return {kind: (Names(by_name), by_name) for kind, by_name in kinds.items()}


def _reached(context: Context) -> Iterator[Reached]:
    for form in (*context.forms.overall, *context.projects):
        for judged in context.judged(form):
            actual = judged.judgement.actual
            if judged.shifted or actual is None or actual.kind != "number" or actual.value is None:
                continue
            if actual.explicit or actual.growth or clean(judged.indicator.name.text) in tables.TOO_GENERAL:
                continue
            yield Reached(form, judged, actual)
