"""The formulas of the template in a workbook made from it: what they give, and where one belongs that was typed over.

Only formulas of the template's own wording are evaluated, cell by cell on the values that were read; whatever else stands
in the workbook is a value here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache

from perfeval_xl import patterns as re
from perfeval_xl.correct.formulas import (
    Language,
    NotUnderstood,
    Reference,
    Value,
    own_formula,
    placed,
    reckoned,
    references,
)
from perfeval_xl.formulas import Name, Range, parse
from perfeval_xl.grid import Area, Book, Cell, Grid, Place, a1
from perfeval_xl.hosts.package.sheets import Scalar, Stored
from perfeval_xl.numberformat import as_decimal
from perfeval_xl.own_sheets import FIRST_GUARD, LAST_GUARD, MASTER
from perfeval_xl.records import dataclass, field

from .checksum import is_checksum
from .evaluating import CellError, Evaluator, Table, Unknown
from .template import Template, excel_date, is_asked, shipped

_FORM_ID = re.compile(r"(FJ\d+)(-\d+)?")
_NAME = re.compile(r"=?'?([^'!]+)'?!(\$[A-Z]{1,3}\$[1-9]\d{0,6}(?::\$[A-Z]{1,3}\$[1-9]\d{0,6})?)")
_ROW_NUMBER = re.compile(r"(?<=[A-Z])\$?\d+")
#: A cell or range on the formula's own sheet.
_OWN_RANGE = re.compile(
    r"(?<![!A-Za-z_\d$.:])(\$?[A-Z]{1,2}\$?)(\d+)(?::(\$?[A-Z]{1,2}\$?)(\d+))?(?![\d_A-Za-z(!:])"
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a workbook's formulas: those that belong into computed cells, and how all are understood."""

    formulas: Mapping[Place, str]
    language: Language


def known(book: Book, names: Callable[[], Mapping[str, str]]) -> Known | None:
    """What is known of a workbook made from the template; None for any other. ``names`` gives its defined names with
    what they refer to (``附件1!$B$5``, with or without an equals sign before it)."""
    if not is_template(book):
        return None
    reader = _Reader(_areas(names()))
    return Known(_Belonging(book), Language(reader.reckon, reader.refer))


def is_template(book: Book) -> bool:
    """Whether a workbook was made from the template."""
    return {FIRST_GUARD, LAST_GUARD, MASTER} <= {grid.sheet for grid in book.grids}


def _areas(names: Mapping[str, str]) -> dict[str, str]:
    """The ranges that the template's own names stand for."""
    return {
        name: f"'{match[1]}'!{match[2]}"
        for name, text in names.items() if name.startswith("PE_") and (match := _NAME.fullmatch(text))
    }  # fmt: skip


# -- what formulas give ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reader:
    names: Mapping[str, str]

    def reckon(self, formula: str, sheet: str, book: Book) -> Value:
        text = formula.removeprefix("=")
        if _wording(text) not in _shipped_wordings():
            return reckoned(formula, sheet, book)
        if is_asked(text):
            return ""
        cells = {grid.sheet: _Values(grid) for grid in book.grids}
        place = (0, 0)  # no cell has it
        try:
            value = Evaluator(
                {**cells, sheet: _With(cells[sheet], place, Stored(formula=text))}, self.names
            ).value(sheet, *place)
        except (Unknown, CellError, KeyError, ArithmeticError, ValueError, RecursionError) as error:
            raise NotUnderstood(formula) from error
        return value if isinstance(value, str | bool) else as_decimal(Decimal(0) if value is None else value)

    def refer(self, formula: str, sheet: str, book: Book) -> list[Reference] | None:
        if is_checksum(formula.removeprefix("=")):
            return []  # it is reckoned whenever it is asked for
        return references(formula, sheet, lambda node: self._named(node, [grid.sheet for grid in book.grids]))

    def _named(self, node: Range | Name, order: Sequence[str]) -> list[Reference] | None:
        """A name of the template's, or a range over its project sheets."""
        if isinstance(node, Name):
            known = self.names.get(node.text) if not node.sheet else None
            reference = None if known is None else placed(parse(known), "")
            return None if reference is None else [reference]
        if node.sheet not in order or node.last not in order:
            return None
        start, end = sorted((order.index(node.sheet), order.index(node.last)))
        return [Reference(sheet, node.area) for sheet in order[start : end + 1]]


#: So many cells may all formulas of a workbook look at; those of 400 projects look at a tenth.
_MOST_LOOKED_AT = 4_000_000


class _Bounded(Evaluator):
    """An evaluator that does not work for ever on a workbook somebody else has changed."""

    looked_at = 0

    def _area(self, sheet: str, area: Area) -> Table:
        self.looked_at += (area.bottom - area.top + 1) * (area.right - area.left + 1)
        if self.looked_at > _MOST_LOOKED_AT:
            raise Unknown(str(area))
        return super()._area(sheet, area)


def refreshed(data: bytes, book: Book) -> bytes:
    """A workbook made from the template with what its formulas give by now, whatever values were stored with them.

    Only formulas of the template's wording; of a clerk's own the stored value holds.
    """
    template = Template(data)
    formulas = {grid.sheet: dict(_shipped_in(grid)) for grid in book.grids}
    cells = {grid.sheet: _Values(grid, formulas[grid.sheet]) for grid in book.grids}
    evaluator = _Bounded(cells, _areas(template.names))
    changed = False
    for grid in book.grids:
        for row, column in formulas[grid.sheet]:
            try:
                value = evaluator.value(grid.sheet, row, column)
            except (Unknown, CellError, KeyError, ArithmeticError, ValueError, RecursionError):
                continue
            part = template.parts.get(grid.sheet)
            if part is None or (row, column) not in part.cells:
                continue
            if not _is_shown(grid.cells[row, column], value):
                part.cache(row, column, value)
                changed = True
    return template.to_bytes() if changed else data


def _shipped_in(grid: Grid) -> Iterator[tuple[tuple[int, int], str]]:
    """The formulas of a sheet that are the template's and give what is to be seen."""
    for place, cell in grid.cells.items():
        text = own_formula(cell, grid.cells)
        formula = text.removeprefix("=") if text else ""
        if not formula or is_asked(formula) or is_checksum(formula):
            continue
        if _wording(formula) in _shipped_wordings():
            yield place, formula


def _is_shown(cell: Cell, value: Scalar) -> bool:
    """Whether a cell's stored value is the one its formula gives."""
    if isinstance(value, str | bool) or value is None:
        return cell.value == value
    return isinstance(cell.value, Decimal) and cell.value == as_decimal(value)


@dataclass(frozen=True, slots=True)
class _Values(Mapping[tuple[int, int], Stored]):
    """A sheet's values for the evaluator, made as they are asked for; formulas where those are to be worked out."""

    grid: Grid
    formulas: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def __getitem__(self, place: tuple[int, int]) -> Stored:
        formula = self.formulas.get(place)
        return Stored(_scalar(self.grid.cells[place])) if formula is None else Stored(formula=formula)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self.grid.cells)

    def __len__(self) -> int:
        return len(self.grid.cells)


@dataclass(frozen=True, slots=True)
class _With(Mapping[tuple[int, int], Stored]):
    """The same with one more cell."""

    others: Mapping[tuple[int, int], Stored]
    place: tuple[int, int]
    more: Stored

    def __getitem__(self, place: tuple[int, int]) -> Stored:
        return self.more if place == self.place else self.others[place]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        yield from (*self.others, self.place)

    def __len__(self) -> int:
        return len(self.others) + 1


def _scalar(cell: Cell) -> Scalar:
    if cell.error:
        raise CellError(cell.text)
    match cell.value:
        case None if cell.formula is not None:
            raise Unknown(cell.text)
        case Decimal():
            return float(cell.value)
        case dt.datetime():
            return excel_date(cell.value.date())
        case dt.date():
            return excel_date(cell.value)
        case None | str() | bool():
            return cell.value
    raise Unknown(cell.text)


def _wording(formula: str) -> str:
    """A formula without its row numbers and the blanks and quotes that programs write as they like."""
    return _ROW_NUMBER.sub("#", formula.replace(" ", "").replace("'", ""))


@cache
def _shipped_wordings() -> frozenset[str]:
    forms = _shipped_forms(".xlsm").values()  # with macros there are the functions too
    return frozenset(_wording(formula) for form in forms for formula in form.formulas.values())


# -- where formulas belong ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Form:
    """A form as it is shipped: its formulas and its texts by (row, column)."""

    formulas: Mapping[tuple[int, int], str]
    texts: Mapping[tuple[int, int], str]


@cache
def _shipped_forms(suffix: str) -> Mapping[str, _Form]:
    """The forms of the shipped template by their ids."""
    forms = {}
    for part in Template(shipped(suffix)).parts.values():
        stored = part.stored()
        for (row, _), cell in stored.items():
            if row == 1 and isinstance(cell.value, str) and _FORM_ID.fullmatch(cell.value):
                formulas = {place: one.formula for place, one in stored.items() if one.formula is not None}
                texts = {
                    place: _label(one.value)
                    for place, one in stored.items()
                    if isinstance(one.value, str) and one.value.strip() and one.formula is None
                }
                forms[cell.value] = _Form(formulas, texts)
    return forms


class _Belonging(Mapping[Place, str]):
    """The formulas of the shipped forms, where their rows are by now; worked out for a sheet when it is asked about.

    Where the labels around do not tell it, the cell's neighbours do: of a row of totals or a column of balances, each
    has the same formula moved.
    """

    def __init__(self, book: Book) -> None:
        self.grids = {grid.sheet: grid for grid in book.grids}
        self.told: dict[str, dict[tuple[int, int], str]] = {}

    def __getitem__(self, place: Place) -> str:
        grid = self.grids[place.sheet]
        if place.sheet not in self.told:
            self.told[place.sheet] = dict(_by_labels(grid))
        at = (place.row, place.column)
        formula = self.told[place.sheet].get(at) or _by_neighbours(grid, *at)
        if formula is None:
            raise KeyError(place)
        return formula

    def __iter__(self) -> Iterator[Place]:
        for grid in self.grids.values():
            places = (Place(grid.sheet, *key) for key in grid.cells)
            yield from (place for place in places if place in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _by_labels(grid: Grid) -> Iterator[tuple[tuple[int, int], str]]:
    """The formulas of a sheet's form, moved with the labels above and below."""
    form = _form_of(grid)
    if form is None:
        return
    rows = _Rows(_anchors(form, grid))
    for (row, column), formula in form.formulas.items():
        now, moved = rows.now(row), rows.moved(formula)
        if now is not None and moved is not None and not is_checksum(formula):
            yield (now, column), f"={moved}"


def _form_of(grid: Grid) -> _Form | None:
    """The shipped form that a sheet is, by the id in its first row; a project sheet's is the blank one's."""
    forms = _shipped_forms(".xlsx")
    ids = (cell.value for (row, _), cell in grid.cells.items() if row == 1 and isinstance(cell.value, str))
    match = next(filter(None, map(_FORM_ID.fullmatch, ids)), None)
    return None if match is None else forms.get(match[0], forms.get(match[1]))


def _by_neighbours(grid: Grid, row: int, column: int) -> str | None:
    """A formula of the template's wording that a cell of the same row, or one above or below, has in its own place."""
    from openpyxl.formula.translate import Translator, TranslatorError

    if _form_of(grid) is None:
        return None
    beside = sorted((at for at in grid.cells if at[0] == row), key=lambda at: abs(at[1] - column))
    for at in (*beside, (row + 1, column), (row - 1, column)):
        cell = grid.cells.get(at)
        formula = own_formula(cell, grid.cells) if cell is not None and at != (row, column) else None
        if formula is None or _wording(formula.removeprefix("=")) not in _shipped_wordings():
            continue
        if at[0] != row and ":" in formula:
            continue  # a total is no line of its list
        try:
            moved = str(Translator(formula, origin=a1(*at)).translate_formula(a1(row, column)))
        except TranslatorError:  # it would reach over the sheet's edge
            continue
        if _wording(moved.removeprefix("=")) in _shipped_wordings():
            return moved
    return None


def _anchors(form: _Form, grid: Grid) -> list[tuple[int, int]]:
    """Rows that carry the shipped texts, before and now, from the top."""
    texts: dict[int, dict[int, str]] = {}
    for (row, column), text in form.texts.items():
        texts.setdefault(row, {})[column] = text
    found: list[tuple[int, int]] = []
    bottom = max((row for row, _ in grid.cells), default=0)
    for row in sorted(texts):
        if row == 1:
            continue
        wanted = texts[row].items()
        now = next(
            (
                now
                for now in range(found[-1][1] + 1 if found else 1, bottom + 1)
                if all(_text(grid.cells.get((now, column))) == text for column, text in wanted)
            ),
            None,
        )
        if now is not None:
            found.append((row, now))
    return found


def _text(cell: Cell | None) -> str:
    return _label(cell.text) if cell is not None else ""


def _label(text: str) -> str:
    """A label without blanks, and without the hint in brackets that clerks write their own way."""
    whole = "".join(text.split())
    return re.split(r"[(（]", whole)[0] or whole


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where rows are by now, told by the anchors above and below them."""

    anchors: Sequence[tuple[int, int]]

    def above(self, row: int) -> int:
        """By how much the last anchor down to a row has moved."""
        return next((now - was for was, now in reversed(self.anchors) if was <= row), 0)

    def below(self, row: int) -> int | None:
        """By how much the first anchor from a row on has moved; None under the last one, where rows may be gone."""
        return next((now - was for was, now in self.anchors if was >= row), None)

    def now(self, row: int) -> int | None:
        above, below = self.above(row), self.below(row)
        return row + above if above == below else None

    def moved(self, formula: str) -> str | None:
        """A formula with its rows moved. A list grows inside: its first row moves with what is above, its last with
        what is below. None where a row cannot be told."""
        unknown = False

        def one(match: re.Match[str]) -> str:
            nonlocal unknown
            column, first, other, last = match[1], int(match[2]), match[3], match[4]
            if last is None:
                now = self.now(first)
                unknown |= now is None
                return f"{column}{now}"
            below = self.below(int(last))
            unknown |= below is None
            return f"{column}{first + self.above(first)}:{other}{int(last) + (below or 0)}"

        text = _OWN_RANGE.sub(one, formula)
        return None if unknown else text
