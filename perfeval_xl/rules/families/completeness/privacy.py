"""PE710: what must not be published: mobile numbers, ID numbers, bank accounts."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from perfeval_xl import patterns as re
from perfeval_xl.grid import Cell, Grid, Place
from perfeval_xl.records import dataclass
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, rule
from perfeval_xl.text import clean

_MOBILE = re.compile(r"(?<![\d.])(?:\+?86-?)?(1[3-9]\d)-?(\d{4})-?(\d{4})(?![\d.]*\d)")
_ID = re.compile(r"(?<!\d)([1-9]\d{5})((?:19|20)\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(\d{3})([\dXx])(?!\d)")
_ACCOUNT = re.compile(r"(?<![\d.])(\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{3,4}(?:[ -]?\d{3})?)(?![\d.]*\d)")
_MANY_DIGITS = re.compile(r"\d(?:[ -]?\d){9}")
#: A number of as many digits as a mobile number has.
_LEAST, _MOST = Decimal(10**10), Decimal(2 * 10**10)
_ACCOUNT_WORDS = re.compile("账号|账户|帐号|帐户|卡号|开户|银行")
_PHONE_WORDS = re.compile("电话|手机|联系")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


@rule(
    "PE710",
    "completeness.privacy",
    "info",
    "公开前要遮盖的号码",
    basis="公开的报告不应有个人手机号、身份证号和银行账号",
)
def private_numbers(context: Context) -> Iterator[Result]:
    """文件里的手机号、身份证号、银行账号。

    说明：自评报告要向社会公开。手机号、身份证号（校验码正确的）、银行账号公开前应遮盖或删去，办公座机不算。
    错误示例：填表人：×××  联系电话：13800001234
    正确示例：填表人：×××  联系电话：138****1234
    如何改：公开的那一份，把中间几位改成 *，或删去。
    """
    for grid in context.form_grids:
        for (row, column), cell in grid.cells.items():
            text = clean(cell.text) if len(cell.text) >= 11 and may_be_private(grid, cell) else ""
            # Nearly no cell has so many digits together, and every cell is looked at.
            for kind, masked in found_in(text) if text and _MANY_DIGITS.search(text) else ():
                yield Claim(
                    Place(grid.sheet, row, column),
                    f"这里有{kind} {masked}，公开前请遮盖。",
                    suggestion="公开的那一份，把中间几位改成 *，或删去。",
                    label=kind,
                    figures=(masked,),
                )


def may_be_private(grid: Grid, cell: Cell) -> bool:
    """Whether a cell may hold a private number: any text, a figure only where its row or column speaks of a telephone.

    Funds of a whole province in 元 have as many digits as a mobile number has.
    """
    if not isinstance(cell.value, Decimal):
        return isinstance(cell.value, str)
    if not (_LEAST < cell.value < _MOST and cell.value == cell.value.to_integral_value()):
        return False
    return any(
        _PHONE_WORDS.search(other.text)
        for (row, column), other in grid.cells.items()
        if (row == cell.row and column < cell.column) or (column == cell.column and row < cell.row)
    )


def found_in(text: str) -> Iterator[tuple[str, str]]:
    """Kind and masked form of every private number of a text without white space, each once."""
    yield from dict.fromkeys((found.kind, found.masked) for found in _numbers(text))


@dataclass(frozen=True, slots=True)
class _Number:
    """A private number from ``start`` to ``end`` of a text; ``masked`` is how it may be shown."""

    kind: str
    start: int
    end: int
    masked: str


def _numbers(text: str) -> Iterator[_Number]:
    seen: set[str] = set()
    for match in _ID.finditer(text):
        digits = zip(match[0][:17], _WEIGHTS, strict=True)
        if _CHECK[sum(int(digit) * weight for digit, weight in digits) % 11] == match[6].upper():
            seen.add(match[0])
            yield _Number("身份证号", *match.span(), f"{match[0][:6]}********{match[0][-4:]}")
    for match in _ACCOUNT.finditer(text):
        number = re.sub(r"\D", "", match[1])
        near = text[max(0, match.start() - 20) : match.start()]
        if number not in seen and (
            _ACCOUNT_WORDS.search(near) or (number.startswith("62") and _luhn(number))
        ):
            yield _Number("银行账号", *match.span(), f"{number[:4]}****{number[-4:]}")
    for match in _MOBILE.finditer(text):
        yield _Number("手机号", *match.span(), f"{match[1]}****{match[3]}")


def masked(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A text with every private number masked, all else as it was; and kind and masked form of each."""
    if len(text) < 11 or not any(sign.isdigit() for sign in text):
        return text, ()
    # Numbers are found in the cleaned text; each of its letters knows where it came from.
    letters = [(letter, at) for at, sign in enumerate(text) for letter in clean(sign)]
    numbers = sorted(_numbers("".join(letter for letter, _ in letters)), key=lambda found: found.start)
    pieces: list[str] = []
    done = 0
    for number in numbers:
        start, end = letters[number.start][1], letters[number.end - 1][1] + 1
        if start >= done:
            pieces += (text[done:start], number.masked)
            done = end
    return "".join(pieces) + text[done:], tuple(
        dict.fromkeys((number.kind, number.masked) for number in numbers)
    )


def _luhn(digits: str) -> bool:
    """The check sum of payment cards."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
