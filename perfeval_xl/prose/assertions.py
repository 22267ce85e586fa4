"""What a text asserts of its own figures, as arithmetic: changes, shares, rates, balances.

"支出9.07万元，比上年的9.78万元减少0.71万元，下降7.26%" asserts 9.07 = 9.78 − 0.71 and 7.26 % = 0.71 ÷ 9.78. A text leaves much unsaid: what
is compared, what a share is of. Each assertion therefore has *readings*, the likeliest first; it is true if one of them
holds, and told as wrong only where the first is certain (``firm``).
"""

from __future__ import annotations

from collections.abc import Sequence

from .balances import balances
from .changes import changes
from .items import Text
from .precision import off
from .rates import rates
from .records import Assertion, Figure, Prose, Reading
from .shares import shares


def assertions(paragraphs: Sequence[Prose]) -> tuple[Assertion, ...]:
    """Everything that paragraphs of one text assert of their own figures, in order. Time is linear in their length."""
    text = Text(paragraphs)
    return (*changes(text), *shares(text), *rates(text), *balances(text))


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
