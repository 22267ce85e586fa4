"""What a workbook's own formulas give, where they are plain arithmetic: so that values that depend on a corrected cell
are written too. Nothing is executed: a formula is parsed and reckoned with decimals, or not understood.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, DecimalException

from perfeval_xl.equations import rounded
from perfeval_xl.formulas import (
    COMPARISONS,
    Call,
    Chain,
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
    kept,
    parse,
    walk,
)
from perfeval_xl.grid import Area, Book, Cell, Place
from perfeval_xl.numberformat import as_decimal
from perfeval_xl.records import dataclass

Value = Decimal | str | bool
_MOST_CELLS = 20_000


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


Named = Callable[[Range | Name], Sequence[Reference] | None]
"""What a name, or a range that is not on one sheet of this book, stands for; None where that is not known."""


def references(formula: str, sheet: str, named: Named = lambda _: None) -> list[Reference] | None:
    """The ranges a formula names; None where it may depend on anything (a name that ``named`` does not know, INDIRECT,
    another workbook)."""
    mentioned = _mentioned(formula)
    if mentioned is None:
        return None
    found: list[Reference] = []
    for node in mentioned:
        reference = placed(node, sheet)
        more = named(node) if reference is None else [reference]
        if more is None:
            return None
        found += more
    return found


@kept
def _mentioned(formula: str) -> tuple[Range | Name, ...] | None:
    """The ranges and names in a formula, each once; None where it may rest on more."""
    try:
        nodes = tuple(walk(parse(formula)))
    except FormulaError:
        return None
    if any(_is_computed(node) for node in nodes):
        return None
    return tuple(dict.fromkeys(node for node in nodes if isinstance(node, Range | Name)))


def _is_computed(node: Node) -> bool:
    """Whether a node is a range that is worked out: by a function, or as ``A1:INDEX(…)``."""
    match node:
        case Call("INDIRECT" | "OFFSET"):
            return True
        case Chain(_, ((":", _), *_)):
            return True
    return False


def placed(node: Node, sheet: str) -> Reference | None:
    """The range that a formula on ``sheet`` names, where it is one on one sheet of this book."""
    if not isinstance(node, Range) or node.last or "[" in node.sheet:
        return None
    return Reference(node.sheet or sheet, node.area)


@dataclass(frozen=True, slots=True)
class _Reckoner:
    """What trees give on a sheet, exactly; ``look`` gives the values of a range. What IF does not choose is never looked
    at."""

    sheet: str
    look: Callable[[Reference], list[Value | None]]

    def value(self, node: Node) -> Value | None:
        match node:
            case Number(written) | Text(written) | Truth(written):
                return written
            case Missing():
                return None
            case Range():
                return _single(self.values(node))
            case Signed(sign, operand):
                value = self.value(operand)
                return -_number(value) if sign == "-" else value
            case Percent(operand):
                return _number(self.value(operand)) / 100
            case Chain(first, rest):
                left = self.value(first)
                for sign, operand in rest:
                    left = _operated(sign, left, self.value(operand))
                return left
            case Call(name, arguments) if name in _FUNCTIONS:
                return _FUNCTIONS[name](self, arguments)
        raise NotUnderstood(type(node).__name__)

    def number(self, node: Node) -> Decimal:
        return _number(self.value(node))

    def values(self, node: Node) -> list[Value | None]:
        """The values of an argument: of a range all, blanks as None."""
        if isinstance(node, Missing):
            return [Decimal(0)]
        if not isinstance(node, Range):
            return [self.value(node)]
        reference = placed(node, self.sheet)
        if reference is None:
            raise NotUnderstood(str(node))
        return self.look(reference)

    def figures(self, arguments: _Arguments) -> Iterator[Decimal]:
        """The numbers among the arguments, as SUM sees them: texts and blanks in ranges do not count."""
        for argument in arguments:
            for value in self.values(argument):
                if isinstance(value, Decimal):
                    yield value


_Arguments = tuple[Node, ...]


def _single(values: Sequence[Value | None]) -> Value | None:
    if len(values) != 1:
        raise NotUnderstood("a range where one value belongs")
    return values[0]


def _operated(sign: str, left: Value | None, right: Value | None) -> Value:
    if sign in COMPARISONS:
        if isinstance(left, str) and isinstance(right, str) and sign not in ("=", "<>"):
            raise NotUnderstood("the order of texts")  # Excel's depends on the language
        return compared(sign, left, right)
    if sign == "&":
        return _text(left) + _text(right)
    if sign not in _ARITHMETIC:
        raise NotUnderstood(sign)
    return _ARITHMETIC[sign](_number(left), _number(right))


def _text(value: Value | None) -> str:
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case Decimal():
            return format(as_decimal(value), "f")
    return value or ""


def _number(value: Value | None) -> Decimal:
    if isinstance(value, str):
        raise NotUnderstood("text in arithmetic")
    return Decimal(0) if value is None else Decimal(value)


def _divided(left: Decimal, right: Decimal) -> Decimal:
    if not right:
        raise ZeroDivisionError
    return left / right


def _power(left: Decimal, right: Decimal) -> Decimal:
    if not left and right < 0:
        raise ZeroDivisionError
    return left**right


_ARITHMETIC: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": _divided, "^": _power,
}  # fmt: skip


# -- functions ------------------------------------------------------------------------------------------------


def _given(arguments: _Arguments, least: int, most: int) -> _Arguments:
    if not least <= len(arguments) <= most:
        raise NotUnderstood("too many arguments, or too few")
    return arguments


def _round(reckoner: _Reckoner, arguments: _Arguments) -> Value:
    value, decimals = map(reckoner.number, _given(arguments, 2, 2))
    return rounded(abs(value), int(decimals)).copy_sign(value)


def _if(reckoner: _Reckoner, arguments: _Arguments) -> Value | None:
    test, *branches = _given(arguments, 2, 3)
    holds = reckoner.value(test)
    if isinstance(holds, str):
        raise NotUnderstood("text as a condition")
    if holds:
        return reckoner.value(branches[0])
    return reckoner.value(branches[1]) if len(branches) > 1 else False


def _iferror(reckoner: _Reckoner, arguments: _Arguments) -> Value | None:
    tried, other = _given(arguments, 2, 2)
    try:
        return reckoner.value(tried)
    except ZeroDivisionError:
        return reckoner.value(other)


_FUNCTIONS: Mapping[str, Callable[[_Reckoner, _Arguments], Value | None]] = {
    "SUM": lambda reckoner, arguments: sum(reckoner.figures(arguments), Decimal(0)),
    "MAX": lambda reckoner, arguments: max(reckoner.figures(arguments), default=Decimal(0)),
    "MIN": lambda reckoner, arguments: min(reckoner.figures(arguments), default=Decimal(0)),
    "ABS": lambda reckoner, arguments: abs(reckoner.number(*_given(arguments, 1, 1))),
    "N": lambda reckoner, arguments: reckoner.number(*_given(arguments, 1, 1)),
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
        value = _Reckoner(sheet, look).value(parse(formula))
        return as_decimal(value or Decimal(0)) if value is None or isinstance(value, Decimal) else value
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
