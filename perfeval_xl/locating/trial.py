"""Whether a set of cells can be given values that let every row they stand in hold: Fourier–Motzkin elimination.

Where it cannot, the declarations that contradict each other are told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor, gcd

from perfeval_xl.records import dataclass, field
from perfeval_xl.typing_errors import could_have_meant, typing_error

from .system import System, Variable

#: Bounds on one cell that are still combined; real forms have a few.
MOST_BOUNDS = 200


class TooHard(Exception):
    """The wrong cells were not found within bounds."""


@dataclass(frozen=True, slots=True)
class _Bound:
    """Σ coefficient × cell ≤ ``most``, with the declarations it was derived from."""

    cells: Mapping[int, int]
    most: Fraction
    origin: frozenset[int]


@dataclass(frozen=True, slots=True)
class Trial:
    """Whether a set of cells can be given values: the values, or the declarations that contradict each other."""

    values: Mapping[int, int] | None
    cores: tuple[frozenset[int], ...] = ()


def attempt(system: System, cells: frozenset[int]) -> Trial:
    """Values for the cells that let every row they stand in hold, all other cells as they are."""
    values: dict[int, int] = {}
    cores: list[frozenset[int]] = []
    for group in _groups(system, cells):
        bounds = list(_bounds(system, group))
        found = _tried(system, bounds, group)
        if found is None:
            found = _all_eliminated(system, bounds, group)
        if isinstance(found, dict):
            values.update(found)
        else:
            cores.extend(found)
    return Trial(None, tuple(cores)) if cores else Trial(values)


def _tried(
    system: System, bounds: Sequence[_Bound], group: frozenset[int]
) -> dict[int, int] | list[frozenset[int]] | None:
    """The cheap way, enough for nearly all: what each cell may be by itself, and whether the likeliest values do.

    Returns values that do, or what contradicts itself for single cells, or None where that does not decide it.
    """
    alone: dict[int, list[_Bound]] = {cell: [] for cell in group}
    for bound in bounds:
        if len(bound.cells) == 1:
            alone[next(iter(bound.cells))].append(bound)
    ranges = {cell: _interval(found, cell, {}) for cell, found in alone.items()}
    cores = [
        origin for low, high, origin in ranges.values() if low is not None and high is not None and ceil(low) > floor(high)
    ]  # fmt: skip
    if cores:
        return cores
    values: dict[int, int] = {}
    for cell in sorted(group, key=lambda cell: (len(alone[cell]) < 2, cell)):
        low, high, _ = ranges[cell]
        value = _value(system, cell, low, high, values, group)
        if value is None:
            return None
        values[cell] = value
    if all(
        sum(factor * values[cell] for cell, factor in bound.cells.items()) <= bound.most for bound in bounds
    ):
        return values
    return None


def _all_eliminated(
    system: System, bounds: Sequence[_Bound], group: frozenset[int]
) -> dict[int, int] | list[frozenset[int]]:
    """The exact way: values, or all contradictions that have no declaration in common."""
    cores: list[frozenset[int]] = []
    left = list(bounds)
    while True:
        found = _eliminated(system, left, group)
        if isinstance(found, dict):
            return cores or found
        cores.append(found)
        if not found:
            return cores
        left = [bound for bound in left if not bound.origin & found]


def _groups(system: System, cells: frozenset[int]) -> Iterator[frozenset[int]]:
    """The cells by connection: those that stand in one row together are tried together."""
    left = set(cells)
    while left:
        group = {left.pop()}
        waiting = list(group)
        while waiting:
            for number in system.touching[waiting.pop()]:
                near = left & system.cells_of(number)
                left -= near
                group |= near
                waiting.extend(near)
        yield frozenset(group)


def _bounds(system: System, group: frozenset[int]) -> Iterator[_Bound]:
    variables = system.variables
    for row in system.rows_of(group):
        if row.rate in group or row.rate in system.void:
            continue
        free = {cell: factor for cell, factor in row.cells.items() if cell in group}
        fixed = sum(factor * variables[cell].value for cell, factor in row.cells.items() if cell not in group)
        origin = frozenset((row.source,))
        if row.high is not None:
            yield _Bound(free, Fraction(row.high - fixed), origin)
        if row.low is not None:
            negative = {cell: -factor for cell, factor in free.items()}
            yield _Bound(negative, Fraction(fixed - row.low), origin)
    for cell in group:
        low, high = variables[cell].low, variables[cell].high
        if high is not None:
            yield _Bound({cell: 1}, Fraction(high), frozenset())
        if low is not None:
            yield _Bound({cell: -1}, Fraction(-low), frozenset())


def _eliminated(
    system: System, bounds: Sequence[_Bound], group: frozenset[int]
) -> dict[int, int] | frozenset[int]:
    """Fourier–Motzkin: one cell after another is eliminated, then values are chosen in the reverse order.

    Returns the values, or the origins of bounds that contradict each other.
    """
    kept = _Kept()
    for bound in bounds:
        kept.add(bound)
    stages: list[tuple[int, list[_Bound]]] = []
    for cell in sorted(group, key=lambda cell: (len(kept.of_cell.get(cell, ())), cell)):
        if kept.contradiction is not None:
            break
        with_cell = kept.take(cell)
        stages.append((cell, with_cell))
        if len(with_cell) > MOST_BOUNDS:
            raise TooHard
        for bound in _combined(with_cell, cell):
            kept.add(bound)
    if kept.contradiction is not None:
        return kept.contradiction
    values: dict[int, int] = {}
    for cell, with_cell in reversed(stages):
        low, high, origin = _interval(with_cell, cell, values)
        value = _value(system, cell, low, high, values, group)
        if value is None:
            return origin
        values[cell] = value
    return values


def _combined(bounds: Sequence[_Bound], cell: int) -> Iterator[_Bound]:
    """Every upper bound of a cell with every lower one: the cell drops out."""
    for one in bounds:
        for other in bounds:
            if one.cells[cell] < 0 or other.cells[cell] > 0:
                continue
            first, second = -other.cells[cell], one.cells[cell]
            cells = {name: first * factor for name, factor in one.cells.items()}
            for name, factor in other.cells.items():
                cells[name] = cells.get(name, 0) + second * factor
            free = {name: factor for name, factor in cells.items() if factor}
            yield _Bound(free, first * one.most + second * other.most, one.origin | other.origin)


_Direction = tuple[tuple[int, int], ...]


@dataclass(slots=True)
class _Kept:
    """Of bounds in the same direction only the tightest, found by their cells; and the origin of one that cannot hold."""

    by_direction: dict[_Direction, _Bound] = field(default_factory=dict)
    of_cell: dict[int, set[_Direction]] = field(default_factory=dict)
    contradiction: frozenset[int] | None = None

    def add(self, bound: _Bound) -> None:
        if not bound.cells:
            shorter = self.contradiction is None or len(bound.origin) < len(self.contradiction)
            if bound.most < 0 and shorter:
                self.contradiction = bound.origin
            return
        divisor = gcd(*bound.cells.values())
        if divisor > 1:
            cells = {cell: factor // divisor for cell, factor in bound.cells.items()}
            bound = _Bound(cells, bound.most / divisor, bound.origin)
        direction = tuple(sorted(bound.cells.items()))
        known = self.by_direction.get(direction)
        if known is None:
            for cell in bound.cells:
                self.of_cell.setdefault(cell, set()).add(direction)
        if known is None or bound.most < known.most:
            self.by_direction[direction] = bound

    def take(self, cell: int) -> list[_Bound]:
        """All bounds on a cell, which are kept no longer."""
        taken = []
        for direction in sorted(self.of_cell.pop(cell, ())):
            bound = self.by_direction.pop(direction)
            for other in bound.cells:
                if other != cell:
                    self.of_cell[other].discard(direction)
            taken.append(bound)
        return taken


def _interval(
    bounds: Sequence[_Bound], cell: int, values: Mapping[int, int]
) -> tuple[Fraction | None, Fraction | None, frozenset[int]]:
    """What a cell may be, given the others, and where its two ends come from."""
    low: Fraction | None = None
    high: Fraction | None = None
    origins: dict[bool, frozenset[int]] = {}
    for bound in bounds:
        own = bound.cells[cell]
        fixed = sum(factor * values[other] for other, factor in bound.cells.items() if other != cell)
        end = (bound.most - fixed) / own
        if own > 0 and (high is None or end < high):
            high, origins[True] = end, bound.origin
        elif own < 0 and (low is None or end > low):
            low, origins[False] = end, bound.origin
    return low, high, origins.get(True, frozenset()) | origins.get(False, frozenset())


def _value(
    system: System,
    cell: int,
    low: Fraction | None,
    high: Fraction | None,
    values: Mapping[int, int],
    group: frozenset[int],
) -> int | None:
    """The integer to propose: what the equations say exactly, what something else speaks for, a typical slip undone."""
    variable = system.variables[cell]
    if variable.rate:
        return variable.value  # reckoned from its two cells when everything else is known
    least = None if low is None else ceil(low)
    most = None if high is None else floor(high)
    if least is not None and least == most:
        return least
    if least is not None and most is not None and least > most:
        return None
    aims = list(_aimed(system, cell, values, group))
    firm = [units for units, sure in aims if sure]
    wanted = [units for units, _ in aims] or [_middle(variable, least, most)]

    def merit(units: int) -> tuple[int, bool, int, int]:
        hinted = variable.term.hint == variable.figure(units)
        return (firm.count(units), hinted, _alike(variable, units), -min(abs(units - aim) for aim in wanted))

    open_ended = variable.term.quotation is not None and (least is None or most is None)
    options = {*wanted, *(() if open_ended and aims else _options(variable, least, most))}
    inside = [
        units for units in sorted(options)
        if (least is None or units >= least) and (most is None or units <= most)
    ]  # fmt: skip
    return max(inside, key=merit) if inside else _middle(variable, least, most)


def _aimed(
    system: System, cell: int, values: Mapping[int, int], group: frozenset[int]
) -> Iterator[tuple[int, bool]]:
    """What each declaration says of a cell exactly, where all its other cells are known; and whether that is firm."""
    for number in system.touching[cell]:
        aim = system.aims[number]
        if aim is None or cell not in aim.cells or any(row.rate in group for row in system.rows[number]):
            continue
        others = [other for other in aim.cells if other != cell]
        if any(other in group and other not in values for other in others):
            continue
        known = sum(aim.cells[other] * values.get(other, system.variables[other].value) for other in others)
        yield round((aim.value - known) / aim.cells[cell]), aim.firm


def _options(variable: Variable, least: int | None, most: int | None) -> Iterator[int]:
    """Values worth a thought: all of a short range; else what is hinted at, and what the figure may be a slip of."""
    if least is not None and most is not None and most - least <= 4:
        yield from range(least, most + 1)
        return
    if variable.term.hint is not None:
        yield int(variable.term.hint.scaleb(variable.decimals))
    for figure in could_have_meant(variable.figure(variable.value), variable.term.field.decimals):
        units = figure.scaleb(variable.decimals)
        if units == int(units) and int(units) != variable.value:
            yield int(units)


def _middle(variable: Variable, least: int | None, most: int | None) -> int:
    """The middle of a range; of an open one the value nearest to what stands there."""
    if least is not None and most is not None:
        return (least + most) // 2
    if least is not None:
        return max(variable.value, least)
    return variable.value if most is None else min(variable.value, most)


def _alike(variable: Variable, units: int) -> int:
    found = typing_error(
        variable.figure(variable.value), variable.figure(units), variable.term.field.decimals
    )
    return found.strength if found is not None else 0
