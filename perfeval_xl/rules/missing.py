"""Lines that 附件1 lacks: a sum falls short by just what a 附件3 without a line states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from perfeval_xl.equations import COARSEST
from perfeval_xl.forms.records import BasicForm, BudgetLine, IndicatorForm
from perfeval_xl.records import dataclass

from .cells import COLUMN_NAMES, factor
from .context import Context

#: Of more projects without a line a gap is the sum of some by accident.
_MOST = 4
#: The columns of 附件3 by the column of 附件1 that states the same.
_SAME = {"final": ("executed",), "budget": ("initial", "budget")}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row of 附件1 that is more than the rows under it in a year column, by ``gap`` (in the form's unit), which is what
    ``projects`` without a line of their own state as ``stated``."""

    whole: BudgetLine
    column: str
    gap: Decimal
    projects: tuple[IndicatorForm, ...]
    stated: str


def left_out(context: Context) -> tuple[LeftOut, ...]:
    """What 附件1 leaves out, at most one entry a row."""
    return context.once("left out", lambda: tuple(_found(context)))


def _found(context: Context) -> Iterator[LeftOut]:
    basic, matching = context.basic, context.matching
    if basic is None or matching is None:
        return
    unlisted = [form for form, lines in zip(matching.projects, matching.lines, strict=True) if not lines]
    if not unlisted or len(unlisted) > _MOST:
        return
    for whole, parts in _sums(basic):
        found = (
            entry
            for column, names in _SAME.items()
            for name in names
            if (entry := _explained(basic, whole, parts, column, name, unlisted)) is not None
        )
        entry = next(found, None)
        if entry is not None:
            yield entry


def _sums(basic: BasicForm) -> Iterator[tuple[BudgetLine, Sequence[BudgetLine]]]:
    total = basic.line("projects")
    lines = [line for line in basic.lines if line.role == "project_line"]
    if total is not None and lines:
        yield total, lines
    for line in lines:
        if basic.children(line):
            yield line, basic.children(line)


def _explained(
    basic: BasicForm,
    whole: BudgetLine,
    parts: Sequence[BudgetLine],
    column: str,
    name: str,
    unlisted: Sequence[IndicatorForm],
) -> LeftOut | None:
    stated = whole.cells.get(column)
    figures = [part.cells[column].number or Decimal(0) for part in parts if column in part.cells]
    if stated is None or stated.number is None:
        return None
    gap = stated.number - sum(figures, Decimal(0))
    amounts = {id(form): _amount(form, name, basic) for form in unlisted}
    if gap <= 0 or not any(figures):
        return None
    for count in range(1, len(unlisted) + 1):
        for some in combinations(unlisted, count):
            if all(amounts[id(form)] for form in some):
                summed = sum((amounts[id(form)] for form in some), Decimal(0))
                if abs(summed - gap) <= COARSEST:
                    return LeftOut(whole, column, gap, some, COLUMN_NAMES[name])
    return None


def _amount(form: IndicatorForm, name: str, basic: BasicForm) -> Decimal:
    field = form.amount(name)
    number = field.number if field is not None else None
    return (number or Decimal(0)) * factor(form.money_unit) / factor(basic.money_unit)
