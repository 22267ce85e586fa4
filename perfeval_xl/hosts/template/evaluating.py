"""Works out the template's own formulas, so that whoever writes an input can also write what depends on it.

Only what the template uses: signs, references (also over sheets: ``'a:b'!A1``), defined names and the functions of
``FUNCTIONS``, in Excel's floats. Nothing of a foreign file is ever evaluated: ``Template`` alone calls this, on
formulas it shipped itself; what it cannot work out is said by ``Unknown``.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

from perfeval_xl import equations
from perfeval_xl.formulas import (
    COMPARISONS,
    Call,
    Chain,
    Error,
    FormulaError,
    Missing,
    Name,
    Node,
    Number,
    Percent,
    Range,
    Signed,
    Text,
    Truth,
    compared,
    parse,
)
from perfeval_xl.grid import Area
from perfeval_xl.hosts.package.sheets import Scalar, Stored
from perfeval_xl.numberformat import make_cell
from perfeval_xl.records import dataclass, field

#: More than any formula of the template reaches over.
_MOST_CELLS, _LAST_ROW = 1 << 17, 1 << 17
EPOCH = dt.date(1899, 12, 30)


class Unknown(Exception):
    """The formula uses what is not worked out here."""


class CellError(Exception):
    """The formula gives an error value, such as #DIV/0!."""


@dataclass(frozen=True, slots=True)
class Table:
    """The values of a range, row by row."""

    rows: tuple[tuple[Scalar, ...], ...]

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
        try:
            found = one(_Visitor(self, sheet).value(parse(formula)))
        except FormulaError as error:
            raise Unknown(formula) from error
        return 0.0 if found is None else found

    def cells(self, sheet: str, node: Range | Name) -> Table:
        """The values of a range as a formula on ``sheet`` names it."""
        if isinstance(node, Name):
            named = parse(self.names[node.text]) if node.text in self.names and not node.sheet else None
            if not isinstance(named, Range):
                raise Unknown(node.text)
            node = named
        area, first = node.area, node.sheet or sheet
        if (area.bottom - area.top) * (area.right - area.left) > _MOST_CELLS or area.bottom > _LAST_ROW:
            raise Unknown(str(area))
        if first not in self.sheets or (node.last or first) not in self.sheets:
            raise Unknown(f"{first}:{node.last}")
        if not node.last:
            return self._area(first, area)
        order = list(self.sheets)
        start, end = sorted((order.index(first), order.index(node.last)))
        tables = [self._area(name, area) for name in order[start : end + 1]]
        return Table(tuple(row for table in tables for row in table.rows))

    def _area(self, sheet: str, area: Area) -> Table:
        rows = tuple(
            tuple(self.value(sheet, row, column) for column in range(area.left, area.right + 1))
            for row in range(area.top, area.bottom + 1)
        )
        return Table(rows)


# -- the language ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Visitor:
    """What trees give on a sheet; what IF does not choose is never looked at."""

    evaluator: Evaluator
    sheet: str

    def value(self, node: Node) -> Scalar | Table:
        match node:
            case Range() | Name():
                table = self.evaluator.cells(self.sheet, node)
                return table.first if len(table.rows) == len(table.rows[0]) == 1 else table
            case Call(name, arguments):
                return self.call(name, arguments)
            case Chain(first, rest):
                left = self.value(first)
                for sign, operand in rest:
                    left = _each2(_sign(sign), left, self.value(operand))
                return left
            case Signed(sign, operand):
                return _each(lambda item: -number(item) if sign == "-" else item, self.value(operand))
            case Percent(operand):
                return _each(lambda item: number(item) / 100, self.value(operand))
        return _constant(node)

    def call(self, name: str, arguments: Sequence[Node]) -> Scalar | Table:
        match name, arguments:
            case "IF", [test, then]:
                return self.value(then) if truth(one(self.value(test))) else False
            case "IF", [test, then, other]:
                return self.value(then if truth(one(self.value(test))) else other)
            case "IFERROR", [tried, other]:
                try:
                    return self.value(tried)
                except CellError:
                    return self.value(other)
        if name not in FUNCTIONS:
            raise Unknown(name)
        given = [0.0 if isinstance(argument, Missing) else self.value(argument) for argument in arguments]
        try:
            return FUNCTIONS[name](given)
        except (LookupError, ValueError, ArithmeticError) as error:
            raise Unknown(
                name
            ) from error  # too few arguments, ranges of other shapes, figures without bounds


def _constant(node: Node) -> Scalar:
    match node:
        case Number(figure):
            return float(figure)
        case Text(letters):
            return letters
        case Truth(value):
            return value
        case Missing():
            return None
        case Error(code):
            raise CellError(code)
    raise Unknown(type(node).__name__)


def _sign(sign: str) -> Callable[[Scalar, Scalar], Scalar]:
    """What a sign makes of the two operands it stands between."""
    if sign in COMPARISONS:
        return lambda left, right: compared(sign, left, right)
    if sign == "&":
        return lambda left, right: text(left) + text(right)
    if sign not in _ARITHMETIC:
        raise Unknown(sign)
    reckon = _ARITHMETIC[sign]
    return lambda left, right: reckon(number(left), number(right))


def _divided(left: float, right: float) -> float:
    if right == 0:
        raise CellError("#DIV/0!")
    return left / right


def _power(left: float, right: float) -> float:
    if left == 0 and right <= 0:
        raise CellError("#DIV/0!" if right else "#NUM!")
    try:
        found = left**right
    except OverflowError:
        raise CellError("#NUM!") from None
    if isinstance(found, complex):
        raise Unknown("a root of a negative figure")
    return float(found)


_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": _divided, "^": _power,
}  # fmt: skip


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

    if not (
        {len(one.rows), len(two.rows)} <= {1, height} and {len(one.rows[0]), len(two.rows[0])} <= {1, width}
    ):
        raise Unknown("arrays of other shapes")
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
    return float(equations.rounded(Decimal(f"{value:.15g}"), digits))


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
