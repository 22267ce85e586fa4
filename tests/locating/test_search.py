"""The smallest sets, against an oracle that tries every set of cells and every small change of their values."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfeval_xl.equations import Equation, Term
from perfeval_xl.forms.records import Field
from perfeval_xl.grid import Place
from perfeval_xl.locating.search import Contradiction, smallest_sets
from perfeval_xl.locating.system import System
from tests.support import TRUST

#: A system: the figures (in 分), and equations as (total, parts, signs, stated twice).
Sketch = tuple[list[int], list[tuple[int, tuple[int, ...], tuple[int, ...]]]]


def term(cell: int, cents: int) -> Term:
    number = Decimal(cents).scaleb(-2)
    field = Field(Place("表", cell + 1, 1), str(number), "number", number, 2)
    return Term(field, f"第{cell}格", low=None)


def equations(sketch: Sketch) -> list[Equation]:
    figures, rows = sketch
    return [
        Equation(
            "PE101", "表", term(total, figures[total]), tuple(term(part, figures[part]) for part in parts), signs, "和",
            stated_twice=len(parts) == 1 and signs == (1,), rounding=False,
        )
        for total, parts, signs in rows
    ]  # fmt: skip


@st.composite
def sketches(draw: st.DrawFn) -> Sketch:
    """Up to six cells, up to five equations over them; figures near each other, so that changes can cancel."""
    count = draw(st.integers(2, 6))
    figures = [draw(st.integers(0, 4)) * 500 for _ in range(count)]
    rows = []
    for _ in range(draw(st.integers(1, 5))):
        cells = draw(st.lists(st.integers(0, count - 1), min_size=2, max_size=min(4, count), unique=True))
        signs = tuple(draw(st.sampled_from((1, 1, -1))) for _ in cells[1:])
        rows.append((cells[0], tuple(cells[1:]), signs))
    return figures, rows


def solvable(sketch: Sketch, free: Sequence[int]) -> bool:
    """Whether the equations can hold with these cells free: Gauss's elimination over rationals.

    The figures are multiples of 5 元, so that slacks of a 分 decide nothing.
    """
    figures, rows = sketch
    matrix: list[list[Fraction]] = []
    for total, parts, signs in rows:
        factors: dict[int, int] = {total: 1}
        for part, sign in zip(parts, signs, strict=True):
            factors[part] = factors.get(part, 0) - sign
        fixed = sum(factor * figures[cell] for cell, factor in factors.items() if cell not in free)
        matrix.append([Fraction(factors.get(cell, 0)) for cell in free] + [Fraction(-fixed)])
    for column in range(len(free)):
        pivot = next((row for row in matrix if row[column] and not any(row[:column])), None)
        if pivot is None:
            continue
        for row in matrix:
            if row is not pivot and row[column]:
                scale = row[column] / pivot[column]
                row[:] = [one - scale * other for one, other in zip(row, pivot, strict=True)]
    return all(any(row[:-1]) or abs(row[-1]) < 30 for row in matrix)


def oracle(sketch: Sketch, weights: Mapping[int, int]) -> set[frozenset[int]]:
    """All sets of the least weight whose change lets every equation hold."""
    cells = sorted(weights)
    best: int | None = None
    found: set[frozenset[int]] = set()
    for size in range(len(cells) + 1):
        for free in itertools.combinations(cells, size):
            cost = sum(weights[cell] for cell in free)
            if (best is None or cost <= best) and solvable(sketch, free):
                found = {frozenset(free)} if best is None or cost < best else found | {frozenset(free)}
                best = cost
    return found


@settings(max_examples=400, deadline=None)
@given(sketches())
def test_the_smallest_sets_are_those_of_brute_force(sketch: Sketch) -> None:
    declarations = equations(sketch)
    system = System(declarations, TRUST)
    row_of = {variable.index: variable.term.field.place.row - 1 for variable in system.variables}
    weights = {row_of[variable.index]: variable.weight for variable in system.variables}
    wanted = oracle(sketch, weights)
    found = smallest_sets(system, system.violated, most=10_000)
    if not system.violated:
        assert wanted == {frozenset()}
        return
    assert {frozenset(row_of[cell] for cell in one) for one in found} == wanted
    for repair in found:
        assert all(row.holds(repair, system.variables) for rows in system.rows for row in rows)


def test_amounts_up_to_a_billion_yuan_are_exact() -> None:
    """10^12 in 元 with two decimals: no figure is rounded on the way."""
    figures = [10**14 + 1, 10**14 - 8_00, 8_01, 10**14 - 7_00]
    sketch: Sketch = (figures, [(0, (1, 2), (1, 1)), (3, (1,), (1,))])
    system = System(equations(sketch), TRUST)
    (repair,) = smallest_sets(system, system.violated)
    assert list(repair.values()) in ([10**14 - 8_00], [10**14 - 7_00])
    three: Sketch = (figures[:3], [(0, (1, 2), (1, 1))])
    assert not System(equations(three), TRUST).violated


def test_what_contradicts_itself_has_no_set() -> None:
    """A cell that must be 100 and 200, both figures being fixed by what the form prints."""
    printed = [Term(Field(Place("表", row, 9), text, "number", Decimal(text)), "印的", constant=True)
               for row, text in ((1, "100"), (2, "200"))]  # fmt: skip
    cell = term(0, 150_00)
    declarations = [Equation("PE301", "表", constant, (cell,), (1,), "应等于") for constant in printed]
    system = System(declarations, TRUST)
    with pytest.raises(Contradiction) as told:
        smallest_sets(system, system.violated)
    assert told.value.declarations == {0, 1}
