"""What a text asserts of its own figures, as arithmetic: changes, shares, rates, balances.

"支出9.07万元，比上年的9.78万元减少0.71万元，下降7.26%" asserts 9.07 = 9.78 − 0.71 and 7.26 % = 0.71 ÷ 9.78. A text leaves much unsaid: what
is compared, what a share is of. Each assertion therefore has *readings*, the likeliest first; it is true if one of them
holds, and told as wrong only where the first is certain (``firm``).
"""

from __future__ import annotations

from collections.abc import Sequence

from .balances import balances
from .changes import changes, sides, unchanged
from .items import Text
from .rates import rates
from .records import Assertion, Prose
from .shares import shares


def assertions(paragraphs: Sequence[Prose]) -> tuple[Assertion, ...]:
    """Everything that paragraphs of one text assert of their own figures, in order. Time is linear in their length."""
    text = Text(paragraphs)
    of_wholes = tuple(shares(text))
    certain = {one.last for one in of_wholes if one.firm}
    return (
        *changes(text),
        *unchanged(text),
        *sides(text),
        *of_wholes,
        *(one for one in rates(text) if one.last not in certain),
        *balances(text),
    )
