"""Slips of the hand: whether a figure can be another one, mistyped.

The model of typing errors is Scholtus' (2009, "Automatic correction of simple typing errors in numerical data with
balance edits", as in the R package ``deductive``): two digits interchanged, one digit changed, added or left out, the
sign turned round; with what clerks of 万元 tables do besides: the decimal point moved, 元 typed for 万元. Evidence is
``strength``: how unlikely such a likeness is by chance; a figure of one or two digits is like many others.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from .records import dataclass
from .text import plain

#: Strengths. A typical slip outweighs that a cell is typed and not computed; a weak one only breaks ties.
TYPICAL, LIKELY, WEAK = 5, 3, 1


@dataclass(frozen=True, slots=True)
class TypingError:
    """What the hand did, in a clerk's words, and how much it speaks for itself (0 to 5)."""

    name: str
    strength: int


def typing_error(typed: Decimal, meant: Decimal, decimals: int = 0) -> TypingError | None:
    """The slip by which ``meant`` was typed as ``typed``, the most telling one; None where they are not alike.

    ``decimals`` are those ``typed`` was written with, zeros at its end included.
    """
    if typed == meant or typed == 0 or meant == 0:
        return None
    if typed == -meant:
        return TypingError("正负号填反", TYPICAL)
    if (typed < 0) != (meant < 0):
        return None
    old, new = _digits(typed, meant)
    if old.strip("0") == new.strip("0"):
        return _moved(typed / meant, len(old.strip("0")))
    more = _one_more(plain(abs(typed)), plain(abs(meant)))
    if more is not None or _written(meant) > max(_written(typed), decimals):
        return more  # whoever changes a digit writes as many
    return _exchanged(old, new)


def _written(value: Decimal) -> int:
    """The decimals that a figure needs."""
    return len(plain(value).partition(".")[2])


def _digits(typed: Decimal, meant: Decimal) -> tuple[str, str]:
    """The digits of both, without point, in the same length, without the zeros both end in: they tell nothing."""
    decimals = max(0, *(-int(value.normalize().as_tuple().exponent) for value in (typed, meant)))
    old, new = (str(int(abs(value).scaleb(decimals))) for value in (typed, meant))
    zeros = min(len(old) - len(old.rstrip("0")), len(new) - len(new.rstrip("0")))
    old, new = old.zfill(len(new)), new.zfill(len(old))
    return old[: len(old) - zeros], new[: len(new) - zeros]


def _moved(ratio: Decimal, digits: int) -> TypingError:
    if ratio == 10000:
        return TypingError("按元填写", TYPICAL)
    return TypingError("小数点移位", TYPICAL if digits > 1 else LIKELY)


def _exchanged(old: str, new: str) -> TypingError | None:
    """Two digits interchanged, or one changed."""
    differing = [index for index, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
    if len(differing) == 1:
        return TypingError("录错一位数字", LIKELY if len(old) > 2 else WEAK)
    if len(differing) == 2 and sorted(old) == sorted(new):
        if differing[1] - differing[0] == 1:
            return TypingError("相邻两位数字录反", TYPICAL if len(old) > 2 else LIKELY)
        return TypingError("两位数字录反", LIKELY)
    return None


def _one_more(old: str, new: str) -> TypingError | None:
    """One digit too many, or one left out; the figures as they are written, with their point."""
    short, long = sorted((old, new), key=len)
    places = [
        index
        for index in range(len(long))
        if long[index].isdigit() and long[:index] + long[index + 1 :] == short
    ]
    if len(long) - len(short) != 1 or not places:
        return None
    strength = LIKELY if len(short) > 2 else WEAK
    if old is short:
        return TypingError("漏录一位数字", strength)
    doubled = any(
        long[index] in (long[:index].replace(".", "")[-1:], long[index + 1 :].replace(".", "")[:1])
        for index in places
    )
    return TypingError("重复录了一位数字" if doubled else "多录一位数字", strength)


def could_have_meant(typed: Decimal, decimals: int) -> Iterator[Decimal]:
    """The figures of which ``typed`` would be a typical slip: sign, point, 元 for 万元, neighbouring digits.

    ``decimals`` are those the figure is written with.
    """
    yield -typed
    for power in (1, -1, 2, -2, -4):
        yield typed.scaleb(power)
    digits = str(int(abs(typed).scaleb(decimals)))
    for index in range(len(digits) - 1):
        if digits[index] != digits[index + 1]:
            swapped = digits[:index] + digits[index + 1] + digits[index] + digits[index + 2 :]
            yield Decimal(swapped).scaleb(-decimals).copy_sign(typed)
