"""How exactly a figure of a text is written: the interval it stands for, and what sums and quotients of such figures may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from perfeval_xl.records import dataclass

from .records import Assertion, Figure, Quotient, Reading, Room, Signed, Sum

_HALF = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``low`` to ``high``, both included."""

    low: Decimal
    high: Decimal

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def over(self, other: Interval) -> Interval | None:
        """The quotients of two intervals, in per cent; None where the divisor may be 0."""
        if other.low <= 0:
            return None
        ends = [top / bottom * 100 for top in (self.low, self.high) for bottom in (other.low, other.high)]
        return Interval(min(ends), max(ends))


def unit_of(figure: Figure) -> Decimal:
    """One unit of the last digit, in the unit figures are compared in (万元, pieces, per cent)."""
    return Decimal(1).scaleb(-figure.base_decimals)


def is_exact(figure: Figure) -> bool:
    """Persons and things are counted one by one: 81人 is no 80.6."""
    return figure.dimension == "count" and figure.size == 1 and not figure.decimals and not figure.bound


def interval(figure: Figure) -> Interval:
    """The figures that one may stand for: half a unit of its last digit to either side; 约, 余, 近 a whole unit of the
    last digit that is not 0."""
    base = figure.base
    if figure.bound:
        last = base.normalize().as_tuple().exponent
        unit = max(Decimal(1).scaleb(last if isinstance(last, int) else 0), unit_of(figure))
        return Interval(base - unit, base + unit)
    half = Decimal(0) if is_exact(figure) else unit_of(figure) * _HALF
    return Interval(base - half, base + half)


def signed_sum(figures: Iterable[tuple[int, Figure]]) -> Interval:
    """The sum of figures with their signs."""
    total = Interval(Decimal(0), Decimal(0))
    for sign, figure in figures:
        total += interval(figure) if sign > 0 else -interval(figure)
    return total


def gap(total: Interval, added: Interval) -> Decimal:
    """How far two intervals lie apart: 0 where they meet, above 0 where the sum is more."""
    if added.low > total.high:
        return added.low - total.high
    return min(Decimal(0), added.high - total.low)


def adds_up(total: Figure, parts: Sequence[Figure], signs: Sequence[int] | None = None) -> bool:
    """Whether parts give a total within what is written."""
    signed = zip(signs or (1,) * len(parts), parts, strict=True)
    return gap(interval(total), signed_sum(signed)) == 0


def prefixes_that_add_up(total: Figure, parts: Sequence[Figure], signs: Sequence[int]) -> list[int]:
    """How many of the first parts give a total, for every number of them that does."""
    wanted = interval(total)
    added = Interval(Decimal(0), Decimal(0))
    found = []
    for count, (sign, part) in enumerate(zip(signs, parts, strict=True), start=1):
        added += interval(part) if sign > 0 else -interval(part)
        if gap(wanted, added) == 0:
            found.append(count)
    return found


def off(one: Sum | Quotient, figures: Sequence[Sequence[Figure]]) -> int:
    """0 where arithmetic holds as written, 1 where it is off by one unit of the last digit at most, else 2."""
    found = room(one, figures)
    if found is None:
        return 2
    if found.least <= found.gap <= found.most:
        return 0
    return 1 if found.least - found.near <= found.gap <= found.most + found.near else 2


def implied(part: Figure, share: Figure) -> Interval | None:
    """What a part and its share in per cent make the whole, a digit cut off or rounded otherwise allowed for; None where that
    is without bounds."""
    own, rate, unit = interval(part), interval(share), unit_of(share)
    if own.low <= 0 or rate.low <= unit:
        return None
    return Interval(own.low / (rate.high + unit) * 100, own.high / (rate.low - unit) * 100)


def told(assertion: Assertion, figures: Sequence[Sequence[Figure]]) -> Reading | None:
    """The reading that an assertion is taken in: one that holds, else one that is off by the last digit only, else, where
    that is certain, the first; None where it cannot be told.

    Where the first is certain, another one excuses it only if it holds as written.
    """
    rated = [
        (max((off(one, figures) for one in reading), default=0), reading) for reading in assertion.readings
    ]
    exact = next((reading for rate, reading in rated if not rate), None)
    if exact is not None or not rated:
        return exact
    if assertion.firm:
        return assertion.readings[0]
    return next((reading for rate, reading in rated if rate == 1), None)


def room(one: Sum | Quotient, figures: Sequence[Sequence[Figure]]) -> Room | None:
    """How far arithmetic is off and may be; None where it cannot be reckoned (a divisor that may be 0)."""

    def signed(side: Signed) -> list[tuple[int, Figure]]:
        return [(sign, figures[paragraph][place]) for sign, (paragraph, place) in side]

    if isinstance(one, Sum):
        total = figures[one.total[0]][one.total[1]]
        parts = signed(one.parts)
        own, added = interval(total), signed_sum(parts)
        exact = sum((sign * part.base for sign, part in parts), Decimal(0))
        least = -(own.high - total.base) - (exact - added.low)
        most = (total.base - own.low) + (added.high - exact)
        near = Decimal(0) if all(map(is_exact, (total, *(part for _, part in parts)))) else unit_of(total)
        return Room(total.base - exact, least, most, near)
    rate = figures[one.rate[0]][one.rate[1]]
    top, bottom = signed(one.top), signed(one.bottom)
    between = signed_sum(top).over(signed_sum(bottom))
    divisor = sum((sign * part.base for sign, part in bottom), Decimal(0))
    if between is None or divisor <= 0:
        return None
    exact = sum((sign * part.base for sign, part in top), Decimal(0)) / divisor * 100
    own = interval(rate)
    least = -(rate.base - own.low) - (between.high - exact)
    most = (own.high - rate.base) + (exact - between.low)
    return Room(exact - rate.base, least, most, unit_of(rate))
