"""Excel's formulas as trees: one parser, one table of precedence. What a tree gives is for its readers to say.

``parse`` takes a formula as files store it (English names, commas between arguments) and gives a ``Node``. It is bounded:
no formula makes it, or whoever goes down its tree, recurse deeper than ``MOST_DEEP``, and its time grows with the letters.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache, wraps
from typing import Any, TypeVar

from perfeval_xl.grid import LAST_COLUMN, LAST_ROW, Area

from . import patterns as re
from .records import dataclass

MOST_LETTERS = 1 << 14
"""Excel takes half of that; files spell some functions with prefixes besides."""
MOST_DEEP = 100
"""Excel nests 64 functions; some of them may stand in sums."""
#: Of ten, as far as a cell can hold a figure.
_LARGEST_EXPONENT = 308
_MOST_KEPT, _LONGEST_KEPT = 4096, 256


T = TypeVar("T")


class FormulaError(ValueError):
    """The text is no formula of Excel's, or one beyond ``MOST_LETTERS`` or ``MOST_DEEP``."""


# -- the tree -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """A figure as it is written: no sign, no per cent."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Text:
    """A text between quotes, without them."""

    value: str


@dataclass(frozen=True, slots=True)
class Truth:
    """``TRUE`` or ``FALSE``."""

    value: bool


@dataclass(frozen=True, slots=True)
class Error:
    """An error value written down: ``#N/A``, ``表!#REF!``."""

    code: str


@dataclass(frozen=True, slots=True)
class Missing:
    """An argument left out, as the second of ``IF(A1,,2)``: a blank that counts, so that the least of ``MIN(5,)`` is 0."""


@dataclass(frozen=True, slots=True)
class Range:
    """Cells: ``B2``, ``$A$1:C3``, ``A:C``, ``3:5``. ``sheet`` is empty for the formula's own; ``last`` ends a range over
    sheets (``一:三!A1``); a sheet of another workbook has that in brackets (``[1]表``)."""

    area: Area
    sheet: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """A defined name, a table's column (``表[列]``), or a word that is nothing else; ``sheet`` as of ``Range``."""

    text: str
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """``-`` or ``+`` before its operand."""

    sign: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Percent:
    """A hundredth of its operand: ``5%``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Chain:
    """Operands with signs of equal binding between them, to be taken from the left: ``a-b+c`` is a, then (-, b), (+, c).

    The signs are the keys of ``BINDING`` but %; a blank is the intersection of ranges, a comma their union.
    """

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; its name in capitals, without the prefix that files give newer functions."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Array:
    """``{1,2;3,4}``, row by row."""

    rows: tuple[tuple[Node, ...], ...]


Node = Number | Text | Truth | Error | Missing | Range | Name | Signed | Percent | Chain | Call | Array


def parts(node: Node) -> tuple[Node, ...]:
    """What a node is made of, from the left."""
    match node:
        case Signed(_, operand) | Percent(operand):
            return (operand,)
        case Chain(first, rest):
            return (first, *(operand for _, operand in rest))
        case Call(_, arguments):
            return arguments
        case Array(rows):
            return tuple(item for row in rows for item in row)
    return ()


def walk(tree: Node) -> Iterator[Node]:
    """All nodes of a tree, each before its parts, from the left."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(parts(node)))


# -- the language ---------------------------------------------------------------------------------------------

BINDING: Mapping[str, int] = {
    "=": 1, "<": 1, ">": 1, "<=": 1, ">=": 1, "<>": 1,
    "&": 2,
    "+": 3, "-": 3,
    "*": 4, "/": 4,
    "^": 5,
    "%": 6,
    ",": 8, " ": 9, ":": 10,
}  # fmt: skip
"""How tightly the signs bind that follow an operand. Of equals the left one is taken first, of powers too."""

#: Of a sign before its operand: -2^2 is 4, -A1:B2 the negatives of a range.
_SIGN = 7

_ERRORS = (
    "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!",
    "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!",
)  # fmt: skip

#: A letter of a name; whatever separates others is none.
_LETTER = r"""[^\s"'(){}\[\],;:!+\-*/^&=<>%#]"""
_BOOK = r"\[[^\[\]]*+\]"
_SHEET = rf"""(?:'[^']*+'(?:'[^']*+')*|(?:{_BOOK})?{_LETTER}++(?::{_LETTER}++)?|{_BOOK})!"""
_CELL, _COLUMN, _ROW = r"\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}", r"\$?[A-Za-z]{1,3}", r"\$?[1-9][0-9]{0,6}"
_AREA = rf"(?:{_CELL}(?::{_CELL})?|{_COLUMN}:{_COLUMN}|{_ROW}:{_ROW})(?!{_LETTER}|[!(\[])"
_TABLE = r"\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]"
#: Every alternative is told by its first letters, so that a formula made to mislead them costs no more than another.
_TOKEN = re.compile(
    rf"""
    (?P<blank>[ \t\r\n]++)
    | (?P<text>"[^"]*+"(?:"[^"]*+")*)
    | (?P<number>(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[Ee][+-]?[0-9]++)?)(?!{_LETTER}|!|:\$?[0-9])
    | (?P<sheet>{_SHEET})?(?:
        (?P<area>{_AREA})
        | (?P<error>{"|".join(map(re.escape, _ERRORS))})(?:(?<=\#REF!){_AREA})?
        | (?P<call>{_LETTER}++)\(
        | (?P<name>(?:{_LETTER}++|{_TABLE})+)
      )
    | (?P<sign><=|>=|<>|[-+*/^&=<>%:,;(){{}}])
    """,
    re.VERBOSE | re.DOTALL,
)
_PREFIX = re.compile(r"(?:_xlfn\.|_xlws\.)+", re.IGNORECASE)
_TRUTHS = {"TRUE": Truth(True), "FALSE": Truth(False)}


def kept(read: Callable[[str], T]) -> Callable[[str], T]:
    """Remembers what a reading of formulas gave; of short ones only, so that little is kept whatever a file holds."""
    remembered = lru_cache(maxsize=_MOST_KEPT)(read)

    @wraps(read)
    def reading(formula: str) -> T:
        return remembered(formula) if len(formula) <= _LONGEST_KEPT else read(formula)

    return reading


@kept
def parse(formula: str) -> Node:
    """The tree of a formula, with or without its equals sign; FormulaError."""
    if len(formula) > MOST_LETTERS:
        raise FormulaError("too long")
    tree = _Parser(formula.removeprefix("=")).tree()
    if len(formula) > MOST_DEEP and _is_deep(tree):  # what is shorter cannot be
        raise FormulaError("nested too deep")
    return tree


def _is_deep(tree: Node) -> bool:
    level = [tree]
    for _ in range(MOST_DEEP):
        level = [part for node in level for part in parts(node)]
        if not level:
            return False
    return True


class _Parser:
    """Reads from the left, one token ahead; ``expression`` is the whole grammar of signs."""

    def __init__(self, formula: str) -> None:
        self.formula = formula
        self.at = self.depth = 0
        self.advance()

    def advance(self) -> None:
        """On to the next token: its ``kind`` (empty at the end), ``text`` and ``sheet``, and whether it is ``spaced`` from
        the last one."""
        self.spaced = False
        while self.at < len(self.formula):
            match = _TOKEN.match(self.formula, self.at)
            if match is None or match.lastgroup is None:
                raise FormulaError(f"not a formula from letter {self.at + 1} on")
            self.at = match.end()
            if match.lastgroup != "blank":
                self.kind, self.text = match.lastgroup, match[match.lastgroup]
                self.sheet = match["sheet"] or ""
                return
            self.spaced = True
        self.kind = self.text = self.sheet = ""

    def tree(self) -> Node:
        tree = self.expression(0)
        if self.kind:
            raise FormulaError(f"{self.text} does not belong here")
        return tree

    def expression(self, least: int, unites: bool = False) -> Node:
        """An operand with all that binds it more tightly than ``least``; ``unites``: a comma is the union of ranges here,
        not the end of an argument."""
        self.depth += 1
        if self.depth > MOST_DEEP:
            raise FormulaError("nested too deep")
        left = self.operand(unites)
        while (binding := BINDING.get(sign := self.sign(unites), 0)) > least:
            if sign == "%":
                self.advance()
                left = Percent(left)
            else:
                left = Chain(left, tuple(self.others(binding, unites)))
        self.depth -= 1
        return left

    def others(self, binding: int, unites: bool) -> Iterator[tuple[str, Node]]:
        """The further operands of a chain, each with the sign before it."""
        while BINDING.get(sign := self.sign(unites), 0) == binding:
            if sign != " ":
                self.advance()
            yield sign, self.expression(binding, unites)

    def sign(self, unites: bool) -> str:
        """The sign that follows an operand, a blank between ranges included; empty where none does."""
        if self.kind == "sign" and self.text != "(":
            return "" if self.text == "," and not unites else self.text
        return " " if self.spaced and self.kind in ("sign", "area", "call", "name") else ""

    def operand(self, unites: bool) -> Node:
        kind, text, sheet = self.kind, self.text, self.sheet
        self.advance()
        match kind:
            case "number":
                return _number(text)
            case "text":
                return Text(text[1:-1].replace('""', '"'))
            case "area":
                return _range(text, sheet)
            case "error":
                return Error(text)
            case "name":
                return _name(text, sheet)
            case "call":
                return Call(sheet + _PREFIX.sub("", text).upper(), tuple(self.arguments()))
        match text:
            case "-" | "+":
                return Signed(text, self.expression(_SIGN, unites))
            case "(":
                inner = self.expression(0, unites=True)
                self.close(")")
                return inner
            case "{":
                return self.array()
        raise FormulaError(f"{text or 'the end'} where an operand belongs")

    def arguments(self) -> Iterator[Node]:
        if self.takes(")"):
            return
        while True:
            is_left_out = self.kind == "sign" and self.text in (",", ")")
            yield Missing() if is_left_out else self.expression(0)
            if not self.takes(","):
                break
        self.close(")")

    def array(self) -> Node:
        rows = [[self.expression(0)]]
        while not self.takes("}"):
            if self.takes(";"):
                rows.append([])
            else:
                self.close(",")
            rows[-1].append(self.expression(0))
        return Array(tuple(map(tuple, rows)))

    def takes(self, sign: str) -> bool:
        """Whether this sign is next; it is passed."""
        found = self.kind == "sign" and self.text == sign
        if found:
            self.advance()
        return found

    def close(self, sign: str) -> None:
        if not self.takes(sign):
            raise FormulaError(f"{self.text or 'the end'} where {sign} belongs")


def _number(text: str) -> Number:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise FormulaError(f"{text} is no number") from None
    if value and value.adjusted() > _LARGEST_EXPONENT:
        raise FormulaError(f"{text} is more than a cell holds")
    return Number(value)


def _range(cells: str, prefix: str) -> Range | Name:
    area, sheet = Area.of(cells), _sheet(prefix)
    if area.bottom > LAST_ROW or area.right > LAST_COLUMN:
        return Name(cells, sheet)
    if "[" in sheet:  # a folder may have a colon in it
        return Range(area, sheet)
    first, _, last = sheet.partition(":")
    return Range(area, first, last)


def _name(text: str, prefix: str) -> Name | Truth:
    truth = _TRUTHS.get(text.upper()) if not prefix else None
    return truth or Name(text, _sheet(prefix))


def _sheet(prefix: str) -> str:
    """The sheet before ``!``, without quotes."""
    sheet = prefix[:-1]
    return sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet


# -- comparing ------------------------------------------------------------------------------------------------

Value = Decimal | float | str | bool | None
"""What a cell may hold for a formula; None is blank."""

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip
"""The signs that bind least."""


def compared(sign: str, left: Value, right: Value) -> bool:
    """As Excel compares: a blank as what it is compared with, figures before texts before truths, letters whatever their
    case. Texts are ordered by their codes, not as a language would."""
    return COMPARISONS[sign](_rank(left, right), _rank(right, left))


def _rank(value: Value, other: Value) -> tuple[int, Decimal | float | str]:
    match value, other:
        case (bool(), _) | (None, bool()):
            return 2, bool(value)
        case str(), _:
            return 1, value.casefold()
        case None, str():
            return 1, ""
    return 0, value or 0
