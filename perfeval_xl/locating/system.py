"""Declarations as linear rows over integers: each cell in its own smallest unit, each row with its written precision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm

from perfeval_xl.equations import (
    HALF,
    HUNDRED,
    Declaration,
    Equation,
    Figure,
    Leeway,
    Ratio,
    Term,
    main_term,
    of_text,
    quantum,
    widened,
    written_rates,
)
from perfeval_xl.grid import Place
from perfeval_xl.policy.records import Trust
from perfeval_xl.records import dataclass, field


@dataclass(slots=True)
class Variable:
    """A cell: its value and bounds as integers in units of 10^-``decimals`` of its own unit."""

    index: int
    term: Term
    decimals: int
    value: int
    low: int | None
    high: int | None
    weight: int
    rate: bool = False

    def figure(self, units: int) -> Decimal:
        return Decimal(units).scaleb(-self.decimals)


@dataclass(frozen=True, slots=True)
class Row:
    """``low`` ≤ Σ coefficient × cell ≤ ``high``; ``rate`` is the cell whose change makes the row void, ``exact`` what the
    declaration says its tolerance aside, None for a bound."""

    cells: Mapping[int, int]
    low: int | None
    high: int | None
    source: int
    rate: int | None = None
    exact: int | None = None

    def holds(self, values: Mapping[int, int], variables: Sequence[Variable]) -> bool:
        total = sum(factor * values.get(cell, variables[cell].value) for cell, factor in self.cells.items())
        return (self.low is None or total >= self.low) and (self.high is None or total <= self.high)


@dataclass(frozen=True, slots=True)
class Aim:
    """What a declaration says exactly, its tolerance aside: Σ coefficient × cell = ``value``. ``firm`` for an equation:
    a rate is written so coarsely that what it says exactly is no evidence, and a bound is met at its edge for want of better."""

    cells: Mapping[int, int]
    value: Fraction
    firm: bool


@dataclass(slots=True)
class System:
    """Declarations as rows over the cells they name. ``void`` are rates that are to be changed anyway: whatever their
    two cells are, they will fit."""

    declarations: Sequence[Declaration]
    trust: Trust
    variables: list[Variable] = field(default_factory=list)
    of_figure: dict[Figure, int] = field(default_factory=dict)
    at: dict[Place, int] = field(default_factory=dict)
    rows: list[list[Row]] = field(default_factory=list)
    aims: list[Aim | None] = field(default_factory=list)
    touching: list[list[int]] = field(default_factory=list)
    violated: list[int] = field(default_factory=list)
    void: frozenset[int] = frozenset()
    _cells: list[frozenset[int]] = field(default_factory=list)
    _finest: list[int] = field(default_factory=list)
    _telling: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        outcomes = [declaration.check() for declaration in self.declarations]
        # Once for each declaration: one of a thousand rows is asked for each of its cells.
        self._finest = [max(term.decimals for term in one.terms()) for one in self.declarations]
        self._telling = [_tells(one) for one in self.declarations]
        uses: dict[Figure, list[tuple[int, Term]]] = {}
        for number, declaration in enumerate(self.declarations):
            for term in declaration.terms():
                if term.field.known and not term.constant:
                    uses.setdefault(term.figure, []).append((number, term))
        for figure, terms in uses.items():
            self._add(figure, terms, outcomes)
        for number, (declaration, outcome) in enumerate(zip(self.declarations, outcomes, strict=True)):
            if isinstance(declaration, Ratio):
                rows = _ratio_rows(self, number, declaration, outcome)
            else:
                rows = _equation_rows(self, number, declaration, outcome)
            self.rows.append(list(rows))
            found = (self.of(term) for term in declaration.terms() if not term.constant)
            self._cells.append(frozenset(cell for cell in found if cell is not None))
            self.aims.append(_aim(self, declaration, self.rows[-1]))
            if outcome in ("warning", "error"):
                self.violated.append(number)

    def _add(self, figure: Figure, uses: Sequence[tuple[int, Term]], outcomes: Sequence[str]) -> None:
        terms = [term for _, term in uses]
        rate = any(
            isinstance(self.declarations[number], Ratio) and main_term(self.declarations[number]) is term
            for number, term in uses
        )
        whole = any(term.whole for term in terms)
        decimals = 0 if whole else max(2, *(self._own_decimals(number, term) for number, term in uses))
        cell = max(terms, key=lambda term: (term.hint is not None, len(term.kin)))
        lows = [term.low for term in terms if term.low is not None]
        highs = [term.high for term in terms if term.high is not None]
        self.of_figure[figure] = len(self.variables)
        if cell.quotation is None:
            self.at.setdefault(figure[0], len(self.variables))
        self.touching.append(sorted({number for number, _ in uses}))
        self.variables.append(
            Variable(
                len(self.variables), cell, decimals,
                int((cell.field.number or Decimal(0)).scaleb(decimals)),
                int(max(lows).scaleb(decimals)) if len(lows) == len(terms) else None,
                int(min(highs).scaleb(decimals)) if highs else None,
                self._weight(uses, outcomes), rate,
            )
        )  # fmt: skip

    def _weight(self, uses: Sequence[tuple[int, Term]], outcomes: Sequence[str]) -> int:
        """What changing a cell costs, in hundredths, so that weights stay integers."""
        trust = self.trust
        if any(term.quotation is not None for _, term in uses):
            return int(trust.narrative * 100)
        if all(term.field.number is None for _, term in uses):
            return int(trust.empty * 100)
        computed = any(
            main_term(self.declarations[number]) is term and not stated_twice(self.declarations[number])
            for number, term in uses
        )
        weight = trust.computed if computed else trust.typed
        if any(not term.possible for _, term in uses):
            return int(weight * 50)  # it is wrong by itself: a score above its weight
        spoken_for = any(term.hint is not None and term.hint == term.field.number for _, term in uses)
        held = any(outcomes[number] == "holds" and self._telling[number] for number, _ in uses)
        return int((weight + (trust.confirmed if spoken_for or held else 0)) * 100)

    def _own_decimals(self, number: int, term: Term) -> int:
        """To how many decimals of its own unit a cell's value may have to be given to let a declaration hold."""
        if isinstance(self.declarations[number], Ratio):
            return term.field.decimals
        return max(term.field.decimals, min(6, self._finest[number] + term.factor.adjusted()))

    def of(self, term: Term) -> int | None:
        """The variable of a term; None for one that is not changed."""
        return self.of_figure.get(term.figure)

    def rows_of(self, cells: Iterable[int]) -> list[Row]:
        """The rows that the cells stand in."""
        numbers = dict.fromkeys(number for cell in cells for number in self.touching[cell])
        return [row for number in numbers for row in self.rows[number]]

    def cells_of(self, number: int) -> frozenset[int]:
        """The cells of a declaration that may be changed."""
        return self._cells[number]

    def together(self, one: int, other: int) -> bool:
        """Whether two cells stand in one declaration."""
        return not set(self.touching[one]).isdisjoint(self.touching[other])


def stated_twice(declaration: Declaration) -> bool:
    return isinstance(declaration, Equation) and len(declaration.parts) == 1


def _tells(declaration: Declaration) -> bool:
    """Whether that it holds says something: an equation of nothing but zeros and blanks does not, nor a bound, and what a
    text repeats costs its own change."""
    if declaration.leeway is not None and None in declaration.leeway:
        return False
    return not of_text(declaration) and any(term.field.number for term in declaration.terms())


def _equation_rows(system: System, number: int, equation: Equation, outcome: str) -> Iterator[Row]:
    least, most = _leeway(equation, outcome)
    exponents = [bound.as_tuple().exponent for bound in (least, most) if bound is not None]
    factors: list[tuple[Term, Decimal]] = [(equation.total, equation.total.factor)]
    factors += [
        (part, -sign * part.factor) for sign, part in zip(equation.signs, equation.parts, strict=True)
    ]
    units: dict[int, Decimal] = {}
    fixed = Decimal(0)
    for term, factor in factors:
        cell = system.of(term)
        if cell is None or term.constant:
            fixed += factor * (term.field.number or Decimal(0))
            continue
        unit = factor.scaleb(-system.variables[cell].decimals)
        units[cell] = units.get(cell, Decimal(0)) + unit
        exponents.append(unit.as_tuple().exponent)
    exponents.append(fixed.as_tuple().exponent)
    finest = max(0, *(-int(exponent) for exponent in exponents))
    low, high = (None if bound is None else int((bound - fixed).scaleb(finest)) for bound in (least, most))
    cells = {cell: int(unit.scaleb(finest)) for cell, unit in units.items() if unit}
    known = equation.leeway is not None or (low is not None and high is not None)
    exact = -int(fixed.scaleb(finest)) if known else None
    yield Row(cells, low, high, number, exact=exact)


def _leeway(equation: Equation, outcome: str) -> Leeway:
    """By how much the total may be more than the sum, at least and at most."""
    if equation.leeway is not None:
        return widened(equation.leeway, equation.near) if outcome == "info" else equation.leeway
    gap = equation.slack
    if outcome == "info":  # taken as it is, so not worse than it is
        gap = max(gap, abs(equation.total.value - equation.sum))
    return -gap, None if equation.below == "info" else gap


def _aim(system: System, declaration: Declaration, rows: Sequence[Row]) -> Aim | None:
    if isinstance(declaration, Equation):
        row = rows[0]
        if row.exact is None:
            return None
        return Aim(row.cells, Fraction(row.exact), row.low is not None and row.high is not None)
    if not rows:
        return None
    units = {
        cell: Fraction(unit)
        for cell, unit in _ratio_units(system, declaration, _reading(declaration)[0]).items()
    }
    scale = lcm(*(unit.denominator for unit in units.values()))
    return Aim({cell: int(unit * scale) for cell, unit in units.items()}, Fraction(0), False)


def _ratio_units(system: System, ratio: Ratio, share: Decimal) -> dict[int, Decimal]:
    """The coefficients of numerator × 100 − share × denominator; a rate of 0 leaves the denominator free."""
    units: dict[int, Decimal] = {}
    for weight, side in ((HUNDRED, ratio.top), (-share, ratio.bottom)):
        for sign, term in side:
            cell = system.of(term)
            assert cell is not None
            unit = weight * sign * term.factor.scaleb(-system.variables[cell].decimals)
            units[cell] = units.get(cell, Decimal(0)) + unit
    return {cell: unit for cell, unit in units.items() if unit}


def _reading(ratio: Ratio) -> tuple[Decimal, int]:
    """What a rate cell most likely says, in per cent, with its decimals."""
    return min(written_rates(ratio.rate.field), key=lambda reading: abs(reading[0] - HUNDRED))


def _ratio_rows(system: System, number: int, ratio: Ratio, outcome: str) -> Iterator[Row]:
    """A rate as written: numerator − low × denominator ≥ 0 and numerator − high × denominator ≤ 0."""
    cells = [system.of(term) for _, term in (*ratio.top, *ratio.bottom)]
    rate = system.of(ratio.rate)
    if ratio.rate.field.number is None or None in cells or len(set(cells)) < 2:
        return
    for share, upper in zip(_shares(ratio, outcome), (False, True), strict=True):
        if share is None:
            continue
        units = _ratio_units(system, ratio, share)
        finest = max([0, *(-int(unit.as_tuple().exponent) for unit in units.values())])
        whole = {cell: int(unit.scaleb(finest)) for cell, unit in units.items()}
        yield Row(whole, None if upper else 0, 0 if upper else None, number, rate)


def _shares(ratio: Ratio, outcome: str) -> Leeway:
    """Between which rates the exact ratio may lie."""
    value, decimals = _reading(ratio)
    if ratio.leeway is not None:
        leeway = widened(ratio.leeway, ratio.near) if outcome == "info" else ratio.leeway
        least, most = (None if bound is None else value + bound for bound in leeway)
        return least, most
    half = quantum(decimals) * HALF
    if ratio.capped and outcome == "holds" and ratio.exact > HUNDRED and value == HUNDRED:
        return value - half, None  # more was spent than planned, and the rate capped
    return value - half, value + (2 * half if outcome == "info" else half)
