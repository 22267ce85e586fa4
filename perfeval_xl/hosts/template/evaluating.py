"""Works out the template's own formulas, so that whoever writes an input can also write what depends on it.

Only what the template uses: operators, references (also over sheets: ``'a:b'!A1``), defined names and the
functions of ``FUNCTIONS``. Nothing of a foreign file is ever evaluated: ``Template`` alone calls this, on
formulas it shipped itself; what it cannot work out is said by ``Unknown``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token

from perfeval_xl.grid import Area
from perfeval_xl.hosts.package.sheets import Scalar, Stored
from perfeval_xl.numberformat import make_cell

#: More than any formula of the template reaches over.
_MOST_CELLS, _LAST_ROW = 1 << 17, 1 << 17
EPOCH = dt.date(1899, 12, 30)


class Unknown(Exception):
    """The formula uses what is not worked out here."""


class CellError(Exception):
    """The formula gives an error value, such as #DIV/0!."""


@dataclass(frozen=True, slots=True)
class Table:
    """The values of a range, row by row; ``area`` where it is a reference."""

    rows: tuple[tuple[Scalar, ...], ...]
    area: Area | None = None

    @property
    def first(self) -> Scalar:
        return self.rows[0][0]

    def flat(self) -> Iterator[Scalar]:
        for row in self.rows:
            yield from row


Cells = Mapping[tuple[int, int], Stored]
Special = Callable[["Evaluator", str, str], Scalar]


@dataclass
class Evaluator:
    """The values of one workbook's cells; ``special`` may answer for a formula itself."""

    sheets: Mapping[str, Cells]
    names: Mapping[str, str]
    special: Special | None = None
    _known: dict[tuple[str, int, int], Scalar] = field(default_factory=dict)
    _errors: dict[tuple[str, int, int], CellError] = field(default_factory=dict)

    def value(self, sheet: str, row: int, column: int) -> Scalar:
        """What a cell shows; CellError where that is an error, Unknown where it cannot be worked out."""
        key = (sheet, row, column)
        if key in self._errors:
            raise self._errors[key]
        if key not in self._known:
            stored = self.sheets[sheet].get((row, column), Stored())
            if stored.formula is None and stored.error:
                self._errors[key] = CellError(stored.value)
                raise self._errors[key]
            if stored.formula is None:
                self._known[key] = stored.value
                return stored.value
            self._known[key] = ""  # a circle ends here
            try:
                self._known[key] = self._formula(sheet, stored.formula)
            except CellError as error:
                self._errors[key] = error
                del self._known[key]
                raise
        return self._known[key]

    def _formula(self, sheet: str, formula: str) -> Scalar:
        answer = self.special(self, sheet, formula) if self.special is not None else None
        if answer is not None:
            return answer
        result = _Parser(self, sheet, formula).result()
        found = result.first if isinstance(result, Table) else result
        return 0.0 if found is None else found

    def reference(self, sheet: str, text: str) -> Table:
        """The values of a reference as a formula on ``sheet`` writes it."""
        if text in self.names:
            return self.reference(sheet, self.names[text])
        prefix, _, cells = text.rpartition("!")
        where = prefix.strip("'").replace("''", "'") or sheet
        try:
            area = Area.of(cells.replace("$", ""))
        except ValueError:
            raise Unknown(text) from None
        if (area.bottom - area.top) * (area.right - area.left) > _MOST_CELLS or area.bottom > _LAST_ROW:
            raise Unknown(text)
        if where in self.sheets:
            return self._area(where, area)
        first, _, last = where.partition(":")
        order = list(self.sheets)
        if first not in order or last not in order:
            raise Unknown(text)
        tables = [self._area(name, area) for name in order[order.index(first) : order.index(last) + 1]]
        return Table(tuple(row for table in tables for row in table.rows))

    def _area(self, sheet: str, area: Area) -> Table:
        rows = tuple(
            tuple(self.value(sheet, row, column) for column in range(area.left, area.right + 1))
            for row in range(area.top, area.bottom + 1)
        )
        return Table(rows, area)


# -- the language ---------------------------------------------------------------------------------------------

_BINDING = {"=": 1, "<": 1, ">": 1, "<=": 1, ">=": 1, "<>": 1, "&": 2, "+": 3, "-": 3, "*": 4, "/": 4}
Thunk = Callable[[], "Scalar | Table"]


class _Parser:
    """Reads a formula's tokens into thunks: what IF does not choose is never looked at."""

    def __init__(self, evaluator: Evaluator, sheet: str, formula: str) -> None:
        self.evaluator, self.sheet, self.formula = evaluator, sheet, formula
        tokens = Tokenizer(f"={formula}").items
        self.tokens = [token for token in tokens if token.type != Token.WSPACE]
        self.at = 0

    def result(self) -> Scalar | Table:
        thunk = self._expression(0)
        if self.at < len(self.tokens):
            raise Unknown(self.formula)
        return thunk()

    def _peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _next(self) -> Token:
        token = self._peek()
        if token is None:
            raise Unknown(self.formula)
        self.at += 1
        return token

    def _expression(self, least: int) -> Thunk:
        left = self._operand()
        while (token := self._peek()) is not None and token.type == Token.OP_IN:
            binding = _BINDING.get(token.value)
            if binding is None:
                raise Unknown(self.formula)
            if binding <= least:
                break
            self.at += 1
            left = _binary(token.value, left, self._expression(binding))
        return left

    def _operand(self) -> Thunk:
        token = self._next()
        if token.type == Token.OP_PRE:
            inner, sign = self._expression(5), -1.0 if token.value == "-" else 1.0
            return lambda: _each(lambda value: sign * number(value), inner())
        if token.type == Token.PAREN and token.subtype == Token.OPEN:
            inner = self._expression(0)
            self._next()
            return inner
        if token.type == Token.FUNC and token.subtype == Token.OPEN:
            return self._call(token.value.rstrip("(").removeprefix("_xlfn.").upper())
        if token.type != Token.OPERAND:
            raise Unknown(self.formula)
        return self._constant(token)

    def _constant(self, token: Token) -> Thunk:
        match token.subtype:
            case Token.NUMBER:
                figure = float(token.value)
                return lambda: figure
            case Token.TEXT:
                text = token.value[1:-1].replace('""', '"')
                return lambda: text
            case Token.LOGICAL:
                truth = token.value == "TRUE"
                return lambda: truth
            case Token.RANGE:
                return lambda: self._reference(token.value)
        raise Unknown(self.formula)

    def _reference(self, text: str) -> Scalar | Table:
        table = self.evaluator.reference(self.sheet, text)
        return table.first if len(table.rows) == len(table.rows[0]) == 1 else table

    def _call(self, name: str) -> Thunk:
        arguments: list[Thunk] = []
        while (token := self._peek()) is not None and not (
            token.type == Token.FUNC and token.subtype == Token.CLOSE
        ):
            if token.type == Token.SEP:
                self.at += 1
                continue
            arguments.append(self._expression(0))
        self._next()
        if name == "IF":
            return lambda: _if(arguments)
        if name == "IFERROR":
            return lambda: _if_error(arguments)
        if name not in FUNCTIONS:
            raise Unknown(f"{name}: {self.formula}")
        function = FUNCTIONS[name]
        return lambda: function([argument() for argument in arguments])


def _if(arguments: Sequence[Thunk]) -> Scalar | Table:
    if truth(one(arguments[0]())):
        return arguments[1]()
    return arguments[2]() if len(arguments) > 2 else False


def _if_error(arguments: Sequence[Thunk]) -> Scalar | Table:
    try:
        return arguments[0]()
    except CellError:
        return arguments[1]()


def _binary(operator: str, left: Thunk, right: Thunk) -> Thunk:
    return lambda: _each2(lambda one, two: _operate(operator, one, two), left(), right())


def _operate(operator: str, left: Scalar, right: Scalar) -> Scalar:
    if operator == "&":
        return text(left) + text(right)
    if operator in ("=", "<", ">", "<=", ">=", "<>"):
        return _compare(operator, left, right)
    one, two = number(left), number(right)
    match operator:
        case "+":
            return one + two
        case "-":
            return one - two
        case "*":
            return one * two
    if two == 0:
        raise CellError("#DIV/0!")
    return one / two


def _compare(operator: str, left: Scalar, right: Scalar) -> bool:
    """As Excel compares: a blank as what it is compared with, figures before texts, letters whatever their case."""
    if left is None:
        left = "" if isinstance(right, str) else 0.0
    if right is None:
        right = "" if isinstance(left, str) else 0.0
    one, two = _rank(left), _rank(right)
    return {
        "=": one == two,
        "<>": one != two,
        "<": one < two,
        ">": one > two,
        "<=": one <= two,
        ">=": one >= two,
    }[operator]


def _rank(value: Scalar) -> tuple[int, float, str]:
    if isinstance(value, bool):
        return (2, float(value), "")
    return (1, 0.0, value.casefold()) if isinstance(value, str) else (0, float(value or 0), "")


def _each(apply: Callable[[Scalar], Scalar], value: Scalar | Table) -> Scalar | Table:
    if not isinstance(value, Table):
        return apply(value)
    return Table(tuple(tuple(_or_error(apply, item) for item in row) for row in value.rows))


def _or_error(apply: Callable[[Scalar], Scalar], item: Scalar) -> Scalar:
    """In an array an error is an item like others: here a text that no figure and no comparison is made of."""
    try:
        return apply(item)
    except CellError as error:
        return str(error)


def _each2(
    apply: Callable[[Scalar, Scalar], Scalar], left: Scalar | Table, right: Scalar | Table
) -> Scalar | Table:
    if not isinstance(left, Table) and not isinstance(right, Table):
        return apply(left, right)
    one = left if isinstance(left, Table) else Table(((left,),))
    two = right if isinstance(right, Table) else Table(((right,),))
    height, width = max(len(one.rows), len(two.rows)), max(len(one.rows[0]), len(two.rows[0]))

    def item(table: Table, row: int, column: int) -> Scalar:
        line = table.rows[row if len(table.rows) > 1 else 0]
        return line[column if len(line) > 1 else 0]

    return Table(
        tuple(tuple(apply(item(one, r, c), item(two, r, c)) for c in range(width)) for r in range(height))
    )


# -- values ---------------------------------------------------------------------------------------------------


def one(value: Scalar | Table) -> Scalar:
    return value.first if isinstance(value, Table) else value


def number(value: Scalar) -> float:
    """A value as a figure; CellError for a text that is none."""
    if isinstance(value, str):
        if re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", value):
            return float(value)
        raise CellError("#VALUE!")
    return float(value or 0)


def text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    return "" if value is None else f"{value:.15g}"


def truth(value: Scalar) -> bool:
    return number(value) != 0


def rounded(value: float, digits: int) -> float:
    """As ROUND does: half away from zero, of the figure as it is shown with 15 digits."""
    exact = Decimal(f"{value:.15g}")
    return float(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def _figures(arguments: Sequence[Scalar | Table]) -> Iterator[float]:
    """What COUNT counts and SUM adds: the figures among the cells of ranges; texts and blanks pass."""
    for argument in arguments:
        for item in argument.flat() if isinstance(argument, Table) else (argument,):
            if isinstance(item, float | int) and not isinstance(item, bool):
                yield float(item)


def _sum_product(arguments: Sequence[Scalar | Table]) -> Scalar:
    tables = [item if isinstance(item, Table) else Table(((item,),)) for item in arguments]
    total = 0.0
    for items in zip(*(table.flat() for table in tables), strict=True):
        product = 1.0
        for item in items:
            # A truth counts in a sum of products only once something was reckoned with it.
            product *= float(item) if isinstance(item, float | int) else 0.0
        total += product
    return total


def _formatted(arguments: Sequence[Scalar | Table]) -> Scalar:
    value, code = number(one(arguments[0])), text(one(arguments[1]))
    if re.match("y+", code):
        day = EPOCH + dt.timedelta(days=int(value))
        return make_cell(1, 1, dt.datetime.combine(day, dt.time()), code, None, False).text
    return make_cell(1, 1, Decimal(f"{value:.15g}"), code, None, False).text


def _mid(arguments: Sequence[Scalar | Table]) -> Scalar | Table:
    start, length = int(number(one(arguments[1]))), int(number(one(arguments[2])))
    return _each(lambda value: text(value)[start - 1 : start - 1 + length], arguments[0])


def _left(arguments: Sequence[Scalar | Table]) -> Scalar | Table:
    length = int(number(one(arguments[1])))
    return _each(lambda value: text(value)[:length], arguments[0])


def _is_number(arguments: Sequence[Scalar | Table]) -> Scalar | Table:
    return _each(lambda value: isinstance(value, float | int) and not isinstance(value, bool), arguments[0])


def _n(arguments: Sequence[Scalar | Table]) -> Scalar:
    value = one(arguments[0])
    return 0.0 if isinstance(value, str) else number(value)


Function = Callable[[Sequence["Scalar | Table"]], "Scalar | Table"]
FUNCTIONS: Mapping[str, Function] = {
    "ABS": lambda given: abs(number(one(given[0]))),
    "AND": lambda given: all(truth(one(item)) for item in given),
    "CHAR": lambda given: chr(int(number(one(given[0])))),
    "COUNT": lambda given: float(sum(1 for _ in _figures(given))),
    "ISNUMBER": _is_number,
    "LEFT": _left,
    "MID": _mid,
    "MIN": lambda given: min(_figures(given), default=0.0),
    "N": _n,
    "OR": lambda given: any(truth(one(item)) for item in given),
    "ROUND": lambda given: rounded(number(one(given[0])), int(number(one(given[1])))),
    "SUM": lambda given: sum(_figures(given)),
    "SUMPRODUCT": _sum_product,
    "TEXT": _formatted,
}
