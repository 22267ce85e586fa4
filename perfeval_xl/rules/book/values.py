"""What a part of a formula gives: an amount that remembers its cells, a text, yes or no; and that it cannot be known."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from perfeval_xl.equations import HUNDRED, Term, rounded
from perfeval_xl.findings import Against, Why
from perfeval_xl.forms.records import YUAN, Field, Form
from perfeval_xl.records import dataclass
from perfeval_xl.text import plain

from .names import Sort

#: A rate without a % sign that is not above this is a fraction: 0.92.
_FRACTION = Decimal("1.5")


class Lacking(Exception):
    """What a formula needs is not there: in Chinese what; ``why`` as of a skipped rule, ``against`` the other file."""

    def __init__(self, reason: str, why: Why = "absent", against: Against | None = None) -> None:
        super().__init__(reason)
        self.why: Why = why
        self.against = against


class Blank(Lacking):
    """A cell that a formula needs is empty."""


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A cell as a formula takes it: what it is called in a message, what it holds, ``factor`` to 万元."""

    field: Field
    label: str
    sort: Sort
    form: Form | None = None
    factor: Decimal = Decimal(1)
    kin: tuple[Decimal, ...] = ()
    term: Term | None = None

    def as_term(self) -> Term:
        """The cell as a term of declared arithmetic; of a figure of the report its own."""
        if self.term is not None:
            return self.term
        return Term(self.field, self.label, self.factor, kin=self.kin, whole=self.sort == "count")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in the base unit of its sort: 万元, per cent, points, a count.

    ``terms`` are the cells it is a sum of, with what each is multiplied by, ``constant`` the number that is added; None where
    it is no sum of cells. ``ratio`` is what was divided by what. ``cells`` are all cells it rests on.
    """

    number: Decimal
    sort: Sort
    cells: tuple[Taken, ...] = ()
    terms: tuple[tuple[Decimal, Taken], ...] | None = None
    constant: Decimal = Decimal(0)
    ratio: tuple[Amount, Amount] | None = None

    @property
    def single(self) -> Taken | None:
        """The cell that the amount is, where it is one cell and nothing else."""
        if self.terms is None or len(self.terms) != 1 or self.constant or self.terms[0][0] != 1:
            return None
        return self.terms[0][1]

    @property
    def shown(self) -> str:
        """As a message says it: a rate with its sign, a cell as it is written where that is the same number."""
        if self.sort == "rate":
            return plain(rounded(self.number, 2)) + "%"
        return plain(rounded(self.number, 2 if self.terms is None else 6))


@dataclass(frozen=True, slots=True)
class Words:
    """A text and the cells it stands in; ``whole`` for the report, which no single cell is."""

    text: str
    cells: tuple[Taken, ...] = ()
    whole: bool = False

    @property
    def shown(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Truth:
    value: bool
    cells: tuple[Taken, ...] = ()

    @property
    def shown(self) -> str:
        return "是" if self.value else "否"


Value = Amount | Words | Truth


def amount_of(taken: Taken, *, blanks: bool) -> Amount:
    """A cell's number; ``blanks`` says that an empty one counts 0. Lacking where it holds none."""
    field = taken.field
    if not field.known:
        raise Lacking(
            f"{taken.label}不是能算的数（{field.text or '公式没有算出结果'}）",
            "unread" if field.state == "unknown" else "absent",
        )
    if field.number is None:
        if not field.blank:
            raise Lacking(f"{taken.label}填的不是数（{field.text}）")
        if not blanks:
            raise Blank(f"{taken.label}没有填")
    number = (field.number or Decimal(0)) * taken.factor
    if taken.sort == "rate":
        return Amount(_per_cent(field), "rate", (taken,), ((Decimal(1), taken),))
    return Amount(number, taken.sort, (taken,), ((Decimal(1), taken),))


def _per_cent(field: Field) -> Decimal:
    number = field.number or Decimal(0)
    fraction = not (field.percent or field.unit == "%") and abs(number) <= _FRACTION
    return number * HUNDRED if fraction else number


def literal(value: Decimal, unit: str) -> Amount:
    """A number of a formula."""
    if unit in YUAN:
        value = value * YUAN[unit] / YUAN["万元"]
        return Amount(value, "money", terms=(), constant=value)
    sort: Sort = "rate" if unit == "%" else "number"
    return Amount(value, sort, terms=(), constant=value)


def added(parts: tuple[tuple[int, Amount], ...]) -> Amount:
    """Amounts with their signs together."""
    terms: list[tuple[Decimal, Taken]] = []
    linear = True
    for sign, part in parts:
        linear = linear and part.terms is not None
        terms += [(sign * factor, taken) for factor, taken in part.terms or ()]
    number = sum((sign * part.number for sign, part in parts), Decimal(0))
    constant = sum((sign * part.constant for sign, part in parts), Decimal(0))
    return Amount(
        number, _sort(part for _, part in parts), _cells(parts), tuple(terms) if linear else None, constant
    )


def _sort(parts: Iterable[Amount]) -> Sort:
    found = [part.sort for part in parts if part.sort != "number"]
    return found[0] if found else "number"


def _cells(parts: tuple[tuple[int, Amount], ...]) -> tuple[Taken, ...]:
    return tuple(dict.fromkeys(taken for _, part in parts for taken in part.cells))


def multiplied(first: Amount, second: Amount) -> Amount:
    """A product; a sum of cells stays one where the other side is a number. A per cent of something is a hundredth of it."""
    left, right = _as_factor(first, second), second.number
    if left == first.number:
        right = _as_factor(second, first)
    cells = tuple(dict.fromkeys((*first.cells, *second.cells)))
    sort = _sort_of_product(first, second)
    for sums, number, value in ((first, second, right), (second, first, left)):
        if sums.terms and not number.cells and sums.sort != "rate":
            terms = tuple((factor * value, taken) for factor, taken in sums.terms)
            return Amount(left * right, sort, cells, terms, sums.constant * value)
    return Amount(
        left * right, sort, cells, () if not cells else None, left * right if not cells else Decimal(0)
    )


def divided(first: Amount, second: Amount) -> Amount:
    """A quotient; Lacking where the divisor is 0."""
    if not second.number:
        raise Lacking("除数是 0")
    if not second.cells:
        return multiplied(first, Amount(1 / _as_factor(second, first), "number", terms=()))
    cells = tuple(dict.fromkeys((*first.cells, *second.cells)))
    sort: Sort = first.sort if second.sort in ("number", "rate", "count") else "number"
    return Amount(first.number / _as_factor(second, first), sort, cells)


def _sort_of_product(first: Amount, second: Amount) -> Sort:
    sorts = [one.sort for one in (first, second) if not _is_bare(one)] or ["number"]
    return next((sort for sort in sorts if sort != "rate"), "rate")


def _as_factor(amount: Amount, other: Amount) -> Decimal:
    """The number as a factor of another: of a per cent its hundredth, but where the other is a bare number, which leaves it a per
    cent."""
    return amount.number / HUNDRED if amount.sort == "rate" and not _is_bare(other) else amount.number


def _is_bare(amount: Amount) -> bool:
    """A number as it stands in a formula, of nothing."""
    return amount.sort == "number" and not amount.cells
