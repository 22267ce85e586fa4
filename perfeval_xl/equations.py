"""Declared arithmetic: equations over the cells of the forms, their tolerance, and which cell is likely wrong.

A rule declares which cells must add up or agree; this module checks every declaration the same way, words its
explanation ("107.96 + 101 + 444.69 + 20 = 673.65") and, where several fail, looks for the one cell whose change
lets them all hold. When two figures are equal is defined here and nowhere else:

* amounts of a money table carry the finest decimals written in that form, never coarser than 0.01 of its unit;
  a sum off by at most one such unit is right, by at most half a unit a term it is rounding (info), and where
  every term is a whole number half of one a term may be rounding (warning);
* a figure stated twice agrees when the finer rounds to the coarser;
* a rate is right when it is the exact ratio rounded to the decimals written; cut off instead of rounded is info.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from .findings import Place, Severity
from .forms.records import Field
from .text import plain

HALF = Decimal("0.5")
HUNDRED = Decimal(100)

Outcome = Literal["holds", "info", "warning", "error"]


def quantum(decimals: int) -> Decimal:
    """One unit of the last of so many decimals."""
    return Decimal(1).scaleb(-decimals)


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Half up, as Excel and clerks round."""
    return value.quantize(quantum(decimals), rounding=ROUND_HALF_UP)


def per_cent(numerator: Decimal, denominator: Decimal) -> Decimal:
    """The exact rate in per cent; the denominator is not 0."""
    return numerator / denominator * HUNDRED


def execution_due(rate: Decimal, weight: Decimal, decimals: int = 2) -> Decimal:
    """The score of an execution rate (in per cent): rate × weight, at most the weight."""
    return rounded(min(rate, HUNDRED) * weight / HUNDRED, decimals)


def same_figure(first: Decimal, first_decimals: int, second: Decimal, second_decimals: int) -> bool:
    """Whether a figure stated twice agrees: the finer, rounded to the coarser, equals it."""
    coarser = min(first_decimals, second_decimals)
    return rounded(first, coarser) == rounded(second, coarser) and (
        first_decimals == second_decimals or abs(first - second) <= quantum(coarser) * HALF
    )


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed range of values."""

    low: Decimal
    high: Decimal

    def __and__(self, other: Interval) -> Interval | None:
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Interval(low, high) if low <= high else None

    def __contains__(self, value: object) -> bool:
        return isinstance(value, Decimal) and self.low <= value <= self.high

    @property
    def middle(self) -> Decimal:
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class Term:
    """A cell in an equation: its field, what a clerk calls it, the factor to the equation's common unit.

    ``low`` and ``high`` bound what the cell can sensibly hold; ``hint`` is a value that something else in its
    row speaks for (the weight of a row whose score is full …); ``kin`` are the figures of the same row in other
    columns, which tell how likely an empty cell was meant to hold a value. ``whole`` says that it counts persons.
    """

    field: Field
    label: str
    factor: Decimal = Decimal(1)
    low: Decimal | None = Decimal(0)
    high: Decimal | None = None
    hint: Decimal | None = None
    kin: tuple[Decimal, ...] = ()
    whole: bool = False

    @property
    def value(self) -> Decimal:
        """The value in the common unit; blank counts 0."""
        return (self.field.number or Decimal(0)) * self.factor

    @property
    def decimals(self) -> int:
        return max(0, self.field.decimals - self.factor.adjusted())

    @property
    def text(self) -> str:
        return plain(self.field.number) if self.field.number is not None else "0"

    def allows(self, value: Decimal) -> bool:
        own = value / self.factor
        return (self.low is None or own >= self.low) and (self.high is None or own <= self.high)


@dataclass(frozen=True, slots=True)
class Equation:
    """``total`` equals the signed sum of ``parts``: a sum, or a figure stated twice (one part).

    ``decimals`` is the precision of the money tables concerned; ``tolerance`` overrides it for scores and
    weights. ``severity`` is what a violation counts; ``below`` where the parts give less than the total.
    """

    rule: str
    owner: str
    total: Term
    parts: tuple[Term, ...]
    signs: tuple[int, ...]
    what: str
    decimals: int = 2
    stated_twice: bool = False
    severity: Severity = "error"
    below: Severity | None = None
    rounding: bool = True

    def terms(self) -> Iterator[Term]:
        yield self.total
        yield from self.parts

    @property
    def sum(self) -> Decimal:
        return sum((sign * part.value for sign, part in zip(self.signs, self.parts, strict=True)), Decimal(0))

    @property
    def slack(self) -> Decimal:
        """By how much the two sides may differ and still be equal."""
        unit = quantum(self.decimals) * self.total.factor
        if not self.stated_twice:
            return unit
        decimals = [term.decimals for term in self.terms() if term.field.number is not None]
        return quantum(min(decimals)) * HALF if len(set(decimals)) > 1 else Decimal(0)

    def check(self) -> Outcome:
        gap = abs(self.total.value - self.sum)
        if gap <= self.slack:
            return "holds"
        filled = [term for term in self.terms() if term.field.number is not None]
        if self.rounding and not self.stated_twice:
            terms = len(filled)
            if gap <= quantum(self.decimals) * self.total.factor * HALF * terms:
                return "info"
            whole = all(term.value == term.value.to_integral_value() for term in filled)
            if whole and self.severity == "error" and gap <= HALF * terms * self.total.factor:
                return "warning"
        if self.below is not None and self.sum < self.total.value:
            return self.below
        return self.severity

    def implied(self, term: Term) -> Interval | None:
        """The values of one term that would let the equation hold, in the common unit."""
        if term is self.total:
            centre = self.sum
        else:
            index = self.parts.index(term)
            rest = self.sum - self.signs[index] * term.value
            centre = (self.total.value - rest) * self.signs[index]
        return Interval(centre - self.slack, centre + self.slack)

    def explain(self) -> str:
        shown = [
            (sign, part)
            for sign, part in zip(self.signs, self.parts, strict=True)
            if part.field.number is not None or len(self.parts) == 1
        ]
        if not shown:
            return "0"
        text = ""
        for sign, part in shown:
            joint = " + " if sign > 0 else " − "
            value = plain(part.value / self.total.factor)
            text += (joint if text else ("" if sign > 0 else "−")) + (
                f"({value})" if value[0] == "-" else value
            )
        right = plain(self.sum / self.total.factor)
        return text if len(shown) == 1 else f"{text} = {right}"

    @property
    def expected(self) -> str:
        return plain(self.sum / self.total.factor)


def written_rates(rate: Field) -> list[tuple[Decimal, int]]:
    """What a rate cell can mean, in per cent, with its decimals: 92, "92%" and 0.92 are the same."""
    if rate.number is None:
        return []
    if rate.percent or rate.unit == "%":
        return [(rate.number, rate.decimals)]
    return [(rate.number, rate.decimals), (rate.number * HUNDRED, max(0, rate.decimals - 2))]


@dataclass(frozen=True, slots=True)
class Ratio:
    """``rate`` is ``numerator`` ÷ ``denominator``, as written (92% stands for 91.5…92.5)."""

    rule: str
    owner: str
    rate: Term
    numerator: Term
    denominator: Term
    what: str
    severity: Severity = "error"
    capped: bool = False

    def terms(self) -> Iterator[Term]:
        yield self.rate
        yield self.numerator
        yield self.denominator

    @property
    def exact(self) -> Decimal:
        """The ratio in per cent."""
        return per_cent(self.numerator.value, self.denominator.value)

    def check(self) -> Outcome:
        cut = False
        for value, decimals in written_rates(self.rate.field):
            half = quantum(decimals) * HALF
            if abs(self.exact - value) <= half or (self.capped and self.exact > HUNDRED and value == HUNDRED):
                return "holds"
            cut = cut or 0 <= self.exact - value < 2 * half
        return "info" if cut else self.severity

    def implied(self, term: Term) -> Interval | None:
        if term is self.rate:
            return Interval(self.exact, self.exact)
        readings = written_rates(self.rate.field)
        if not readings:
            return None
        value, decimals = min(readings, key=lambda reading: abs(reading[0] - HUNDRED))
        half = quantum(decimals) * HALF
        low, high = value - half, value + half
        if term is self.numerator:
            return Interval(low / HUNDRED * self.denominator.value, high / HUNDRED * self.denominator.value)
        if low <= 0:
            return None
        return Interval(self.numerator.value / high * HUNDRED, self.numerator.value / low * HUNDRED)

    @property
    def expected(self) -> str:
        rate = self.rate.field
        if rate.number is None or rate.percent or rate.unit == "%" or abs(rate.number) > Decimal("1.5"):
            return f"{plain(rounded(self.exact, max(rate.decimals, 2) if rate.decimals else 2))}%"
        return f"{plain(rounded(self.exact, 2))}%"

    def explain(self) -> str:
        return f"{self.numerator.text} ÷ {self.denominator.text} = {plain(rounded(self.exact, 2))}%"


Declaration = Equation | Ratio


@dataclass(frozen=True, slots=True)
class Suspect:
    """A cell that is likely wrong: the value that would mend the violated equations it stands in.

    ``rivals`` are empty cells that could as well be the one that was left out.
    """

    term: Term
    value: Decimal | None
    mends: tuple[Declaration, ...]
    sure: bool
    rivals: tuple[Place, ...] = ()


@dataclass(slots=True)
class _Candidate:
    term: Term
    value: Decimal
    mends: list[Declaration] = field(default_factory=list)
    breaks: int = 0

    def rank(self, first: Declaration) -> tuple[int, int, int, int]:
        """The better candidate has the greater rank: what it mends and breaks, how like a slip, how usual."""
        usual = 2 if self.term is _usual(first) else 0
        own = self.value / self.term.factor
        hinted = 4 if self.term.hint is not None and self.term.hint == own else 0
        likely = filled_in(self.term, own) if self.term.field.number is None else slip(self.term.field, own)
        return (len(self.mends) - self.breaks, hinted + likely, usual, -self.breaks)


def _usual(declaration: Declaration) -> Term:
    """The cell to look at where nothing else tells: the computed one."""
    return declaration.rate if isinstance(declaration, Ratio) else declaration.total


def filled_in(term: Term, value: Decimal) -> int:
    """How likely an empty cell was meant to hold a value: 3 where its row holds about as much in another column,
    2 where the row holds nothing at all, 1 else."""
    if value <= 0:
        return 0
    if any(abs(value - other) <= other / 4 for other in term.kin):
        return 3
    return 1 if any(term.kin) else 2


def slip(cell: Field, value: Decimal) -> int:
    """How much a correction looks like the undoing of a typing slip: 0 not at all, 4 very much."""
    if cell.number is None:
        return 0
    old, new = _digits(cell.number), _digits(value)
    if cell.number == 0 or value == 0:
        return 0
    if old.strip("0") == new.strip("0") and cell.number != value:
        return 4
    if -cell.number == value:
        return 3
    if len(old) == len(new):
        differing = [index for index in range(len(old)) if old[index] != new[index]]
        if len(differing) == 2 and sorted(old) == sorted(new):
            return 4 if differing[1] - differing[0] == 1 else 3
        if len(differing) == 1:
            return 2
    if abs(len(old) - len(new)) == 1 and _one_digit_more(*sorted((old, new), key=len)):
        return 2
    return 0


def _digits(value: Decimal) -> str:
    """The digits of a figure with two decimals at least, without its point and sign."""
    decimals = max(2, -int(value.normalize().as_tuple().exponent))
    return format(abs(rounded(value, decimals)), "f").replace(".", "").lstrip("0") or "0"


def _one_digit_more(short: str, long: str) -> bool:
    return any(long[:index] + long[index + 1 :] == short for index in range(len(long)))


def check(declarations: Iterable[Declaration]) -> tuple[list[tuple[Declaration, Outcome]], list[Suspect]]:
    """Check all declarations; for the violated ones, the cells that are likely wrong.

    Returns those that are only rounded (outcome info), and a smallest-first explanation of the violated ones:
    each suspect mends some of them, together all.
    """
    rounding: list[tuple[Declaration, Outcome]] = []
    violated: list[tuple[Declaration, Outcome]] = []
    holding: dict[Place, list[tuple[Declaration, Term]]] = {}
    for declaration in declarations:
        outcome = declaration.check()
        if outcome == "holds":
            for term in declaration.terms():
                holding.setdefault(term.field.place, []).append((declaration, term))
        elif outcome == "info":
            rounding.append((declaration, outcome))
        else:
            violated.append((declaration, outcome))
    return rounding, _suspects([declaration for declaration, _ in violated], holding)


def _suspects(
    violated: Sequence[Declaration], holding: dict[Place, list[tuple[Declaration, Term]]]
) -> list[Suspect]:
    suspects = []
    left = list(violated)
    while left:
        candidates = list(_candidates(left, holding))
        best = max(candidates, key=lambda candidate: candidate.rank(candidate.mends[0]), default=None)
        if best is None:
            first = left.pop(0)
            suspects.append(Suspect(_usual(first), None, (first,), sure=False))
            continue
        ranks = sorted((candidate.rank(candidate.mends[0])[:2] for candidate in candidates), reverse=True)
        alone = len(ranks) == 1 or ranks[0] > ranks[1]
        rivals = _rivals(best, candidates) if best.term.field.number is None else ()
        suspects.append(Suspect(best.term, best.value, tuple(best.mends), alone, rivals))
        left = [
            declaration for declaration in left if not any(declaration is mended for mended in best.mends)
        ]
    return suspects


def _rivals(best: _Candidate, candidates: Sequence[_Candidate]) -> tuple[Place, ...]:
    """Other empty cells that would mend as much, at most six."""
    first = best.mends[0]
    rank = best.rank(first)[0]
    equal = (
        other.term.field.place
        for other in candidates
        if other is not best and other.term.field.number is None and other.rank(first)[0] == rank
    )
    return tuple(equal)[:6]


def _candidates(
    violated: Sequence[Declaration], holding: dict[Place, list[tuple[Declaration, Term]]]
) -> Iterator[_Candidate]:
    """For every cell of the violated equations, the value that mends most of them and breaks fewest others."""
    by_place: dict[Place, list[tuple[Declaration, Term]]] = {}
    for declaration in violated:
        for term in declaration.terms():
            if term.field.known:
                by_place.setdefault(term.field.place, []).append((declaration, term))
    for place, uses in by_place.items():
        candidate = _best_value(uses)
        if candidate is None:
            continue
        own = candidate.value / candidate.term.factor
        for declaration, term in holding.get(place, ()):
            interval = declaration.implied(term)
            if interval is not None and own * term.factor not in interval:
                candidate.breaks += 1
        yield candidate


def _best_value(uses: Sequence[tuple[Declaration, Term]]) -> _Candidate | None:
    """The value of a cell in which most of its violated equations meet."""
    best: _Candidate | None = None
    for first, first_term in uses:
        interval = first.implied(first_term)
        if interval is None:
            continue
        meeting = Interval(interval.low / first_term.factor, interval.high / first_term.factor)
        mends = [first]
        for other, term in uses:
            if other is first or (implied := other.implied(term)) is None:
                continue
            common = meeting & Interval(implied.low / term.factor, implied.high / term.factor)
            if common is not None:
                meeting = common
                mends.append(other)
        value = _nice(meeting, first_term)
        if first_term.whole and value != value.to_integral_value():
            continue
        if not first_term.allows(value * first_term.factor):
            continue
        if best is None or len(mends) > len(best.mends):
            mends.sort(key=lambda declaration: declaration.rule)
            best = _Candidate(first_term, value * first_term.factor, mends)
    return best


def _nice(interval: Interval, term: Term) -> Decimal:
    """The value of an interval with the fewest decimals, no finer than needed."""
    middle = interval.middle
    for decimals in range(max(0, min(term.field.decimals, 2)), 7):
        value = rounded(middle, decimals)
        if value in interval:
            return value
    return middle
