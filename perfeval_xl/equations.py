"""Declared arithmetic: equations over the cells of the forms, and their tolerance.

A rule declares which cells must add up or agree; this module checks every declaration the same way and words its
explanation ("107.96 + 101 + 444.69 + 20 = 673.65"); which cell is the wrong one where some fail is worked out in
locating.py. When two figures are equal is defined here and nowhere else:

* amounts of a money table carry the finest decimals written in that form, never coarser than 0.01 of its unit;
  a sum off by at most one such unit is right, by at most half a unit a term it is rounding (info), and where
  every term is a whole number half of one a term may be rounding (warning); a term written more coarsely than the
  finest of its form (5372.58 beside 5372.5833) carries half of its own last digit;
* a figure stated twice agrees when the finer rounds to the coarser;
* a rate is right when it is the exact ratio rounded to the decimals written; cut off instead of rounded is info.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Literal

from .findings import Severity
from .forms.records import Field
from .grid import Place
from .records import dataclass
from .text import plain

HALF = Decimal("0.5")
HUNDRED = Decimal(100)
#: Amounts are never taken to be coarser than this, in their form's unit: 101 beside 107.96 is 101.00.
COARSEST = Decimal("0.01")

Outcome = Literal["holds", "info", "warning", "error"]


def quantum(decimals: int) -> Decimal:
    """One unit of the last of so many decimals."""
    return Decimal(1).scaleb(-decimals)


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Half up, as Excel and clerks round; any number of digits."""
    try:
        return value.quantize(quantum(decimals), rounding=ROUND_HALF_UP)
    except InvalidOperation:  # more digits than arithmetic keeps
        digits = max(1, value.adjusted() + decimals + 2)
        return value.quantize(quantum(decimals), rounding=ROUND_HALF_UP, context=Context(prec=digits))


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


#: What is one figure: a place, which of the figures there ("" for a cell that is one figure), and the number.
Figure = tuple[Place, str, Decimal | None]
#: By how much two sides may differ, at least and at most; None for any amount.
Leeway = tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True, slots=True)
class Quotation:
    """A figure of a text, which stands among words: ``words`` is how it is written ("299.66万元"), ``sentence`` what is
    quoted around it, ``start`` where it stands.

    ``measured`` is the cell it is compared with: what one text says twice of one measure is one figure, and ``source``
    names the text. ``added`` is what the figure leaves unsaid (超额8% is 108 %); ``coarse`` that it was rounded and is to be restated so.
    """

    words: str
    sentence: str
    start: int
    source: str = ""
    measured: Place | None = None
    added: Decimal = Decimal(0)
    coarse: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A cell in an equation, or a figure of a text: its field, what a clerk calls it, the factor to the equation's common
    unit.

    ``low`` and ``high`` bound what the cell can sensibly hold; ``hint`` is a value that something else in its
    row speaks for (the weight of a row whose score is full …); ``kin`` are the figures of the same row in other
    columns, which tell how likely an empty cell was meant to hold a value. ``whole`` says that it counts persons,
    ``constant`` that nothing stands there to be wrong: the full 100 points where a form states no total. ``usual`` is the
    value that custom would put there; it says where to look first and proves nothing. ``quotation`` is given for a figure of a
    text.
    """

    field: Field
    label: str
    factor: Decimal = Decimal(1)
    low: Decimal | None = Decimal(0)
    high: Decimal | None = None
    hint: Decimal | None = None
    kin: tuple[Decimal, ...] = ()
    whole: bool = False
    constant: bool = False
    usual: Decimal | None = None
    quotation: Quotation | None = None

    @property
    def figure(self) -> Figure:
        """What tells the figure from all others."""
        quotation, number = self.quotation, self.field.number
        if quotation is None:
            return self.field.place, "", number
        if quotation.measured is not None:
            return quotation.measured, f"{quotation.source} {self.field.unit}", number
        return self.field.place, f"+{quotation.start}", number

    def restated(self, value: Decimal) -> str:
        """Another value in the cell's own unit, as it is told; of a text with the unit, rounded where the text rounds."""
        quotation = self.quotation
        if quotation is None:
            return plain(value)
        decimals = self.field.decimals
        coarse = quotation.coarse and rounded(value, decimals) not in (self.field.number, 0)
        told = rounded(value, decimals) if coarse else value
        return f"{plain(told - quotation.added)}{self.field.unit}"

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

    @property
    def possible(self) -> bool:
        """Whether what stands in the cell lies within its bounds."""
        own = self.field.number
        return own is None or (
            (self.low is None or own >= self.low) and (self.high is None or own <= self.high)
        )

    def likely_filled(self, value: Decimal) -> int:
        """How likely an empty cell was meant to hold a value: 3 where its row holds about as much in another column,
        2 where the row holds nothing at all, 1 else."""
        if value > 0 and any(abs(value - other) <= other / 4 for other in self.kin):
            return 3
        return 1 if any(self.kin) or value <= 0 else 2


@dataclass(frozen=True, slots=True)
class Equation:
    """``total`` equals the signed sum of ``parts``: a sum, or a figure stated twice (one part).

    ``decimals`` is the precision of the money tables concerned; ``tolerance`` overrides it for scores and
    weights. ``severity`` is what a violation counts; ``below`` where the parts give less than the total.

    ``leeway`` says by how much the total may be more than the sum, in the common unit, where that is not the usual: a
    figure of a text may be rounded, or a bound; what is off by no more than ``near`` besides is worth a look only. ``words``
    tell the violation where a text is quoted, ``advice`` what else may be the cause.

    ``alike`` says that the parts are of one kind (weights), each as good as the other: where nothing speaks against one of
    them, the row of the total is named.
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
    leeway: Leeway | None = None
    near: Decimal = Decimal(0)
    words: str = ""
    advice: str = ""
    alike: bool = False

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
            return max(unit, self._coarseness) if self.rounding else unit
        decimals = [term.decimals for term in self.terms() if term.field.number is not None]
        return quantum(min(decimals)) * HALF if len(set(decimals)) > 1 else Decimal(0)

    @property
    def _coarseness(self) -> Decimal:
        """What terms leave open that are written more coarsely than the finest of their form: half of their last digit each."""
        steps = [
            min(quantum(term.field.decimals), COARSEST) * term.factor
            for term in self.terms()
            if term.field.number is not None
        ]
        finest = min((*steps, quantum(self.decimals) * self.total.factor))
        return sum((step * HALF for step in steps if step > finest), Decimal(0))

    def check(self) -> Outcome:
        if self.leeway is not None:
            return _outcome(self.total.value - self.sum, self.leeway, self.near, self.severity)
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

    def explain(self) -> str:
        """Both sides with their numbers: of a sum how it is reckoned, of a figure stated twice who says what."""
        if len(self.parts) == 1:
            part = self.parts[0]
            if self.total.quotation is not None:
                return f"{part.label} {part.text}，报告写 {self.total.field.text}"
            return f"{part.label} {plain(self.sum / self.total.factor)}，{self.total.label} {self.total.text}"
        shown = [
            (sign, part)
            for sign, part in zip(self.signs, self.parts, strict=True)
            if part.field.number is not None
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


def _within(gap: Decimal, leeway: Leeway) -> bool:
    least, most = leeway
    return (least is None or gap >= least) and (most is None or gap <= most)


def widened(leeway: Leeway, near: Decimal) -> Leeway:
    """A leeway with so much more to either side."""
    least, most = leeway
    return (None if least is None else least - near), (None if most is None else most + near)


def _outcome(gap: Decimal, leeway: Leeway, near: Decimal, severity: Severity) -> Outcome:
    if _within(gap, leeway):
        return "holds"
    return "info" if _within(gap, widened(leeway, near)) else severity


def written_rates(rate: Field) -> list[tuple[Decimal, int]]:
    """What a rate cell can mean, in per cent, with its decimals: 92, "92%" and 0.92 are the same."""
    if rate.number is None:
        return []
    if rate.percent or rate.unit == "%":
        return [(rate.number, rate.decimals)]
    return [(rate.number, rate.decimals), (rate.number * HUNDRED, max(0, rate.decimals - 2))]


@dataclass(frozen=True, slots=True)
class Ratio:
    """``rate`` is ``numerator`` ÷ ``denominator``, as written (92% stands for 91.5…92.5).

    ``above`` and ``below`` are further figures, with their signs, that are added to the numerator and the denominator: what
    grew by 2 to 12 grew by 2 ÷ (12 − 2). ``leeway`` says by how many points the exact ratio may be more than the rate, where
    that is not the usual; ``near``, ``words`` and ``advice`` as of an equation.
    """

    rule: str
    owner: str
    rate: Term
    numerator: Term
    denominator: Term
    what: str
    severity: Severity = "error"
    capped: bool = False
    leeway: Leeway | None = None
    near: Decimal = Decimal(0)
    above: tuple[tuple[int, Term], ...] = ()
    below: tuple[tuple[int, Term], ...] = ()
    words: str = ""
    advice: str = ""

    def terms(self) -> Iterator[Term]:
        """The rate, then every other figure once."""
        yield self.rate
        yield from {term.figure: term for _, term in (*self.top, *self.bottom)}.values()

    @property
    def top(self) -> tuple[tuple[int, Term], ...]:
        """All of the numerator, with signs."""
        return ((1, self.numerator), *self.above)

    @property
    def bottom(self) -> tuple[tuple[int, Term], ...]:
        """All of the denominator, with signs."""
        return ((1, self.denominator), *self.below)

    @property
    def exact(self) -> Decimal:
        """The ratio in per cent."""
        top, bottom = (sum(sign * term.value for sign, term in side) for side in (self.top, self.bottom))
        return per_cent(Decimal(top), Decimal(bottom))

    def check(self) -> Outcome:
        if self.leeway is not None:
            number = self.rate.field.number or Decimal(0)
            return _outcome(self.exact - number, self.leeway, self.near, self.severity)
        cut = False
        for value, decimals in written_rates(self.rate.field):
            half = quantum(decimals) * HALF
            if abs(self.exact - value) <= half or (self.capped and self.exact > HUNDRED and value == HUNDRED):
                return "holds"
            cut = cut or 0 <= self.exact - value < 2 * half
        return "info" if cut else self.severity

    def as_written(self, exact: Decimal) -> Decimal:
        """A ratio in per cent as the rate cell would state it: as a percentage or a fraction, to two decimals at least."""
        rate = self.rate.field
        if self.rate.quotation is not None:
            return rounded(exact, rate.decimals)
        if rate.number is None or rate.percent or rate.unit == "%" or abs(rate.number) > Decimal("1.5"):
            return rounded(exact, max(rate.decimals, 2))
        return rounded(exact / HUNDRED, max(rate.decimals, 4))

    @property
    def expected(self) -> str:
        rate = self.rate.field
        if self.rate.quotation is not None:
            return self.rate.restated(self.as_written(self.exact))
        if rate.number is None or rate.percent or rate.unit == "%" or abs(rate.number) > Decimal("1.5"):
            return f"{plain(rounded(self.exact, max(rate.decimals, 2) if rate.decimals else 2))}%"
        return f"{plain(rounded(self.exact, 2))}%"

    def explain(self) -> str:
        decimals = max(2, self.rate.field.decimals) if self.above or self.below else 2
        return f"{_side(self.top)} ÷ {_side(self.bottom)} = {plain(rounded(self.exact, decimals))}%"


def _side(terms: tuple[tuple[int, Term], ...]) -> str:
    """A side of a ratio as it is reckoned: 12.5, (12.5 − 8)."""
    text = terms[0][1].text + "".join(f" {'+' if sign > 0 else '−'} {term.text}" for sign, term in terms[1:])
    return text if len(terms) == 1 else f"({text})"


Declaration = Equation | Ratio


def main_term(declaration: Declaration) -> Term:
    """The cell that states what the others give: the total, the rate."""
    return declaration.rate if isinstance(declaration, Ratio) else declaration.total


def of_text(declaration: Declaration) -> bool:
    """Whether a figure of a text stands in a declaration."""
    return any(term.quotation is not None for term in declaration.terms())
