"""What is read from a paragraph of report prose: its figures, which are listed as parts of which, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class Listing:
    """An amount and the amounts listed as its parts, as places among the paragraph's figures.

    ``bracketed`` lists stand in the brackets behind their sum. The words of a ``partial`` one say that more could be
    named; a part of a ``nested`` one is broken down further in the same sentence, and what follows is not in it.
    """

    whole: int
    parts: tuple[int, ...]
    bracketed: bool
    partial: bool
    nested: bool = False


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph without white space, its figures in order, and its brackets by where they open.

    ``lists`` says which amounts are listed as parts of which, ``wholes`` the amount that a part belongs to, both by
    places among ``figures``.
    """

    text: str
    figures: tuple[Figure, ...]
    brackets: dict[int, int]
    lists: tuple[Listing, ...]
    wholes: dict[int, int]

    def quote(self, first: Figure, last: Figure | None = None) -> str:
        """The words of the text from the name of one figure to the end of another."""
        start = self.text.rfind(first.name, 0, first.start) if first.name else first.start
        return self.text[start if start >= 0 else first.start : (last or first).end]
