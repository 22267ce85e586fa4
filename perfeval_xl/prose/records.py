"""What is read from a paragraph of report prose: its figures, which are listed as parts of which, and where they stand."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from perfeval_xl.records import dataclass

Bound = Literal["", "about", "floor", "ceiling"]
Dimension = Literal["money", "share", "count", "points", "other"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the text.

    ``words`` is how it is written ("299.66万元"), ``name`` what stands in front of it and ``after`` behind it, each up
    to the next boundary. ``value`` with ``decimals`` is in ``unit``; ``size`` turns it into 元 for money. ``year`` is
    the year the text last named, None where it named none. ``clause`` is all that stands in front of it since the last
    comma, a list with 、 included. ``scope`` holds "plan", "change", "other_year", "each".
    ``sentence`` counts the sentences of the paragraph; ``bracket`` is the opening bracket of the list it stands in.
    """

    start: int
    end: int
    words: str
    name: str
    after: str
    value: Decimal
    decimals: int
    unit: str
    dimension: Dimension
    size: Decimal
    bound: Bound
    year: int | None
    scope: frozenset[str]
    sentence: int
    bracket: int | None
    clause: str = ""

    @property
    def base(self) -> Decimal:
        """The figure as it is compared: money in 万元, else without 万 or 亿."""
        return self.wan if self.dimension == "money" else self.value * self.size

    @property
    def base_decimals(self) -> int:
        """Decimals of ``base``."""
        return self.wan_decimals if self.dimension == "money" else self.decimals - self.size.adjusted()

    @property
    def wan(self) -> Decimal:
        """Money in 万元."""
        return self.value * self.size / 10_000

    @property
    def wan_decimals(self) -> int:
        """Decimals of the figure in 万元 (negative where it is coarser than 万元)."""
        return self.decimals - (self.size / 10_000).adjusted()


#: What a figure is said as: a level; the level it is compared with; a change and the change in per cent; a share of a
#: whole, another rate; what is allowed or aimed at (不超过); an amount for each; anything else (points, 个百分点).
Role = Literal["level", "before", "change", "growth", "share", "rate", "limit", "each", "other"]


@dataclass(frozen=True, slots=True)
class Said:
    """What a figure is said as.

    ``sign`` is the direction of a change, ``of`` what a share or a rate is said to be of, ``lead`` the words between the
    figure before it in its sentence and itself, ``cut`` where the word of the change or the share begins there.
    ``adjusted`` says that the text compares other figures than it writes (同口径, 剔除…后).
    """

    role: Role
    sign: int = 1
    of: str = ""
    lead: str = ""
    cut: int = 0
    adjusted: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A figure and the figures listed as its parts, as places among the paragraph's figures: amounts, persons, changes.

    ``bracketed`` lists stand in the brackets behind their sum, those with ``behind`` in front of it (甲、乙，共). The words of
    a ``partial`` one say that more could be named; a part of a ``nested`` one is broken down further in the same sentence,
    and where that ends is not sure. Of a list that is not ``sure`` something else may be
    the whole, or more may belong to it.
    """

    whole: int
    parts: tuple[int, ...]
    bracketed: bool
    partial: bool
    nested: bool = False
    behind: bool = False
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph without white space, its figures in order, and its brackets by where they open.

    ``lists`` says which figures are listed as parts of which, ``wholes`` the one that a part belongs to, ``by_whole`` the
    lists that a figure is the whole of, all by places among ``figures``; ``said`` what each figure is said as.
    """

    text: str
    figures: tuple[Figure, ...]
    brackets: dict[int, int]
    lists: tuple[Listing, ...]
    wholes: dict[int, int]
    by_whole: dict[int, list[Listing]]
    said: tuple[Said, ...] = ()

    def quote(self, first: Figure, last: Figure | None = None) -> str:
        """The words of the text from the name of one figure to the end of another."""
        start = self.text.rfind(first.name, 0, first.start) if first.name else first.start
        return self.text[start if start >= 0 else first.start : (last or first).end]


#: A figure of a text of several paragraphs: which paragraph, which figure of it.
Ref = tuple[int, int]
#: Figures with their signs, +1 or −1.
Signed = tuple[tuple[int, Ref], ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """A figure equals the signed sum of others."""

    total: Ref
    parts: Signed


@dataclass(frozen=True, slots=True)
class Quotient:
    """A rate in per cent is one signed sum of figures over another."""

    rate: Ref
    top: Signed
    bottom: Signed


#: One way to read an assertion: all of it must hold.
Reading = tuple[Sum | Quotient, ...]
Subject = Literal["change", "direction", "side", "share", "whole", "rate", "balance"]


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a text asserts of its own figures: true if one of its ``readings`` (the likeliest first) holds.

    ``firm`` says that the first reading is certain: where none holds, the text contradicts itself. ``first`` and ``last``
    are the figures to quote from and to. A contradiction in words alone ("direction": 减少…，增长…) has no arithmetic, nor
    have two shares that make one unwritten whole two amounts ("whole", quotients without a bottom), or figures of which the ``words`` behind them say which is more ("side": 决算数大于预算数).
    """

    subject: Subject
    readings: tuple[Reading, ...]
    firm: bool
    first: Ref
    last: Ref
    words: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """By how much a sum or a quotient is off: a total by ``gap`` more than its parts, a quotient by ``gap`` more than its
    rate; what is written allows from ``least`` to ``most``, and ``near`` more is a digit cut off or rounded otherwise."""

    gap: Decimal
    least: Decimal
    most: Decimal
    near: Decimal
