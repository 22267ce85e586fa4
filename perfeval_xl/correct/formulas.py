"""What a workbook's own formulas give, where they are plain arithmetic: so that values that depend on a corrected cell
are written too. Nothing is executed: a formula is read into tokens and reckoned with decimals, or not understood.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, DecimalException
from functools import lru_cache
from typing import Any

from perfeval_xl.equations import rounded
from perfeval_xl.grid import Area, Book, Cell, Place
from perfeval_xl.numberformat import as_decimal

Value = Decimal | str | bool
_MOST_CELLS, _DEEPEST = 20_000, 60


class NotUnderstood(Exception):
    """The formula holds something that is not reckoned here."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A range on a sheet; of a whole column or row as far as cells can lie."""

    sheet: str
    area: Area

    def __contains__(self, place: object) -> bool:
        return (
            isinstance(place, Place) and place.sheet == self.sheet and (place.row, place.column) in self.area
        )


@lru_cache(maxsize=4096)
def _tokens(formula: str) -> tuple[Any, ...]:
    from openpyxl.formula import Tokenizer

    try:
        return tuple(token for token in Tokenizer(formula).items if token.type != "WHITE-SPACE")
    except Exception as error:  # the tokenizer raises whatever a broken formula makes it trip over
        raise NotUnderstood(formula) from error


def own_formula(cell: Cell, cells: Mapping[tuple[int, int], Cell]) -> str | None:
    """A cell's formula; of one that shares another cell's, that one moved to its place. None if it cannot be told."""
    formula = cell.formula
    if formula is None or not formula.startswith("=…"):
        return formula
    from openpyxl.formula.translate import Translator

    from perfeval_xl.grid import a1, coordinates

    try:
        origin = formula.split("与", 1)[1].split()[0]
        master = cells[coordinates(origin)].formula or ""
        return str(Translator(master, origin=origin).translate_formula(a1(cell.row, cell.column)))
    except Exception:  # the sharing cell is gone, or its formula is beyond the translator
        return None


Named = Callable[[str], Sequence[Reference] | None]
"""What a text that is no plain range stands for; None where that is not known."""


def references(formula: str, sheet: str, named: Named = lambda _: None) -> list[Reference] | None:
    """The ranges a formula names; None where it may depend on anything (a name that ``named`` does not know, INDIRECT,
    another workbook)."""
    try:
        tokens = _tokens(formula)
    except NotUnderstood:
        return None
    found: list[Reference] = []
    for token in tokens:
        if token.type == "FUNC" and token.value.rstrip("(").upper() in ("INDIRECT", "OFFSET"):
            return None
        if token.type == "OPERAND" and token.subtype == "RANGE":
            reference = plain_reference(token.value, sheet)
            more = named(token.value) if reference is None else [reference]
            if more is None:
                return None
            found += more
    return found


def plain_reference(text: str, sheet: str) -> Reference | None:
    """A reference to one range, as a formula on ``sheet`` writes it; None for anything else."""
    name, separator, cells = text.rpartition("!")
    if separator:
        sheet = name[1:-1].replace("''", "'") if name.startswith("'") else name
    if "[" in sheet:
        return None
    try:
        return Reference(sheet, Area.of(cells.replace("$", "")))
    except ValueError:
        return None


@dataclass(slots=True)
class _Reckoner:
    """Reads tokens from the left; one method a level of precedence."""

    tokens: Sequence[Any]
    sheet: str
    look: Callable[[Reference], list[Value | None]]
    at: int = 0
    depth: int = field(default=0)

    def result(self) -> Value:
        value = self.comparison()
        if self.at < len(self.tokens):
            raise NotUnderstood(self.tokens[self.at].value)
        return value

    def peek(self, kind: str, *values: str) -> bool:
        if self.at >= len(self.tokens):
            return False
        token = self.tokens[self.at]
        return token.type == kind and (not values or token.value in values)

    def take(self) -> Any:
        if self.at >= len(self.tokens):
            raise NotUnderstood("…")
        self.at += 1
        return self.tokens[self.at - 1]

    def comparison(self) -> Value:
        left = self.joined()
        while self.peek("OPERATOR-INFIX", *_COMPARE):
            sign = self.take().value
            right = self.joined()
            if isinstance(left, str) != isinstance(right, str):
                raise NotUnderstood("text compared with a number")
            left = _COMPARE[sign](left, right)
        return left

    def joined(self) -> Value:
        left = self.sum()
        while self.peek("OPERATOR-INFIX", "&"):
            self.take()
            left = _text(left) + _text(self.sum())
        return left

    def sum(self) -> Value:
        left = self.product()
        while self.peek("OPERATOR-INFIX", "+", "-"):
            sign = self.take().value
            right = self.product()
            left = _number(left) + _number(right) if sign == "+" else _number(left) - _number(right)
        return left

    def product(self) -> Value:
        left = self.signed()
        while self.peek("OPERATOR-INFIX", "*", "/"):
            sign = self.take().value
            right = _number(self.signed())
            number = _number(left)
            left = number * right if sign == "*" else _divided(number, right)
        return left

    def signed(self) -> Value:
        if self.peek("OPERATOR-PREFIX"):
            sign = self.take().value
            number = _number(self.signed())
            return -number if sign == "-" else number
        value = self.operand()
        while self.peek("OPERATOR-POSTFIX"):
            self.take()
            value = _number(value) / 100
        return value

    def operand(self) -> Value:
        token = self.take()
        if token.type == "OPERAND":
            return self.literal(token)
        if token.type == "PAREN" and token.subtype == "OPEN":
            value = self.deeper(self.comparison)
            self.take()
            return value
        if token.type == "FUNC" and token.subtype == "OPEN":
            return self.deeper(lambda: self.function(token.value.rstrip("(").upper()))
        raise NotUnderstood(token.value)

    def deeper(self, read: Callable[[], Value]) -> Value:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise NotUnderstood("nested too deep")
        value = read()
        self.depth -= 1
        return value

    def literal(self, token: Any) -> Value:
        if token.subtype == "NUMBER":
            return Decimal(token.value)
        if token.subtype == "TEXT":
            return str(token.value[1:-1].replace('""', '"'))
        if token.subtype == "LOGICAL":
            return bool(token.value.upper() == "TRUE")
        values = self.range(token)
        if len(values) != 1:
            raise NotUnderstood("a range where one value belongs")
        return Decimal(0) if values[0] is None else values[0]

    def range(self, token: Any) -> list[Value | None]:
        reference = plain_reference(token.value, self.sheet) if token.subtype == "RANGE" else None
        if reference is None:
            raise NotUnderstood(token.value)
        return self.look(reference)

    def function(self, name: str) -> Value:
        if name not in _FUNCTIONS:
            raise NotUnderstood(name)
        arguments: list[list[Value | None] | Exception] = []
        while not self.peek("FUNC", ")"):
            if self.peek("SEP"):
                self.take()
                continue
            arguments.append(self.argument())
        self.take()
        return _FUNCTIONS[name](arguments)

    def argument(self) -> list[Value | None] | Exception:
        """The values of an argument: of a range all, blanks as None; a division by zero is kept for IFERROR."""
        start = self.at
        token = self.tokens[start] if start < len(self.tokens) else None
        after = self.tokens[start + 1] if start + 1 < len(self.tokens) else None
        alone = after is not None and (
            after.type == "SEP" or (after.type == "FUNC" and after.subtype == "CLOSE")
        )
        if token is not None and token.type == "OPERAND" and token.subtype == "RANGE" and alone:
            return self.range(self.take())
        try:
            return [self.comparison()]
        except ZeroDivisionError as error:
            self.at = start
            self.skip()
            return error

    def skip(self) -> None:
        """Go on behind an argument that could not be reckoned."""
        level = 0
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if level == 0 and (token.type == "SEP" or (token.type == "FUNC" and token.subtype == "CLOSE")):
                return
            if token.type in ("FUNC", "PAREN"):
                level += 1 if token.subtype == "OPEN" else -1
            self.at += 1


def _text(value: Value) -> str:
    return value if isinstance(value, str) else format(_number(value), "f")


def _number(value: Value | None) -> Decimal:
    if isinstance(value, str):
        raise NotUnderstood("text in arithmetic")
    return Decimal(0) if value is None else Decimal(value)


def _divided(left: Decimal, right: Decimal) -> Decimal:
    if not right:
        raise ZeroDivisionError
    return left / right


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip
_Arguments = Sequence[list[Value | None] | Exception]


def _figures(arguments: _Arguments) -> Iterator[Decimal]:
    """The numbers among the arguments, as SUM sees them: texts and blanks in ranges do not count."""
    for argument in arguments:
        if isinstance(argument, Exception):
            raise argument
        yield from (Decimal(value) for value in argument if isinstance(value, Decimal))


def _one(arguments: _Arguments, index: int) -> Value:
    argument = arguments[index] if index < len(arguments) else NotUnderstood("argument missing")
    if isinstance(argument, Exception):
        raise argument
    if len(argument) != 1:
        raise NotUnderstood("a range where one value belongs")
    return Decimal(0) if argument[0] is None else argument[0]


def _round(arguments: _Arguments) -> Value:
    value, decimals = _number(_one(arguments, 0)), int(_number(_one(arguments, 1)))
    return rounded(abs(value), decimals).copy_sign(value)


def _if(arguments: _Arguments) -> Value:
    test = _one(arguments, 0)
    if isinstance(test, str):
        raise NotUnderstood("text as a condition")
    return _one(arguments, 1 if test else 2)


def _iferror(arguments: _Arguments) -> Value:
    return _one(arguments, 1) if isinstance(arguments[0], ZeroDivisionError) else _one(arguments, 0)


_FUNCTIONS: Mapping[str, Callable[[_Arguments], Value]] = {
    "SUM": lambda arguments: sum(_figures(arguments), Decimal(0)),
    "MAX": lambda arguments: max(_figures(arguments), default=Decimal(0)),
    "MIN": lambda arguments: min(_figures(arguments), default=Decimal(0)),
    "ABS": lambda arguments: abs(_number(_one(arguments, 0))),
    "N": lambda arguments: _number(_one(arguments, 0)),
    "ROUND": _round,
    "IF": _if,
    "IFERROR": _iferror,
}


def reckoned(formula: str, sheet: str, book: Book) -> Value:
    """What a formula gives. NotUnderstood where it is more than arithmetic, or rests on what is not known."""
    grids = {grid.sheet: grid for grid in book.grids}

    def look(reference: Reference) -> list[Value | None]:
        grid, area = grids.get(reference.sheet), reference.area
        size = (area.bottom - area.top + 1) * (area.right - area.left + 1)
        if grid is None or size > _MOST_CELLS:
            raise NotUnderstood(str(reference))
        return [
            _held(grid.cells.get((row, column)))
            for row in range(area.top, area.bottom + 1)
            for column in range(area.left, area.right + 1)
        ]

    try:
        value = _Reckoner(_tokens(formula), sheet, look).result()
        return as_decimal(value) if isinstance(value, Decimal) else value
    except (ZeroDivisionError, DecimalException, ValueError, OverflowError) as error:
        raise NotUnderstood(formula) from error


def _held(cell: Cell | None) -> Value | None:
    if cell is None or (cell.value is None and cell.formula is None):
        return None
    if cell.error or not isinstance(cell.value, Decimal | str | bool):
        raise NotUnderstood(f"{cell.row}:{cell.column}")
    return cell.value


@dataclass(frozen=True, slots=True)
class Language:
    """How formulas are understood: what one gives, and what it rests on (None: maybe on anything), each by formula,
    sheet and book. ``reckon`` raises NotUnderstood."""

    reckon: Callable[[str, str, Book], Value] = reckoned
    refer: Callable[[str, str, Book], list[Reference] | None] = lambda formula, sheet, _: references(
        formula, sheet
    )


PLAIN = Language()
