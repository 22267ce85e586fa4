"""What the writers of the forms share: places of the template, figures as the source shows them, what went where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

from perfeval_xl import patterns as re
from perfeval_xl.equations import HUNDRED, rounded, written_rates
from perfeval_xl.forms.records import YUAN, Field, Form, Signature
from perfeval_xl.grid import Place, coordinates
from perfeval_xl.hosts.package.sheets import Scalar, SheetPart
from perfeval_xl.hosts.package.tree import Element
from perfeval_xl.hosts.package.xml import child, number
from perfeval_xl.hosts.template.evaluating import CellError, Evaluator
from perfeval_xl.hosts.template.template import Template, excel_date
from perfeval_xl.records import dataclass, field, replace
from perfeval_xl.text import clean

from .formats import Formats
from .heights import fit_rows

_DATE = re.compile(r"(20\d\d)[.年/-](\d{1,2})[.月/-](\d{1,2})日?")
_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Move:
    """What was written where: a cell of the source, what it showed, and the cell of the template that took it up."""

    source: Place
    text: str
    target: Place
    written: str


@dataclass(frozen=True, slots=True)
class _Said:
    """What a form says in a cell that the template computes."""

    sheet: str
    cell: Element
    value: Field
    rate: bool

    @property
    def place(self) -> tuple[str, int, int]:
        return (self.sheet, *coordinates(self.cell.get("r", "A1")))


@dataclass
class Filler:
    """A template being filled. ``taken`` are cells of the source that say what the template says by itself,
    ``taken_rows`` rows (sheet and number) that were taken up as a whole, ``taken_texts`` what was of a row; ``notes`` say what a clerk should know."""

    template: Template
    notes: list[str] = field(default_factory=list)
    taken: set[Place] = field(default_factory=set)
    taken_rows: set[tuple[str, int]] = field(default_factory=set)
    taken_texts: set[tuple[str, int, str]] = field(default_factory=set)
    _said: list[_Said] = field(default_factory=list)
    _written: list[tuple[str, Element]] = field(default_factory=list)
    _moved: list[tuple[Field, str, Element]] = field(default_factory=list)
    formats: Formats = field(init=False)

    def __post_init__(self) -> None:
        self.formats = Formats(self.template.package, self.template.workbook)

    @property
    def moves(self) -> tuple[Move, ...]:
        """What was written where, by the cells as they stand now."""
        found = []
        for source, sheet, cell in self._moved:
            row, column = coordinates(cell.get("r", "A1"))
            value = self.template.parts[sheet].value(row, column)
            found.append(Move(source.place, source.text, Place(sheet, row, column), shown(value)))
        return tuple(found)

    def moved(self, sheet: str, row: int, column: int, source: Field) -> None:
        """Remember that a cell takes up a field of the source, wherever rows inserted later move it."""
        self._moved.append((source, sheet, self.template.parts[sheet].cells[row, column]))

    # -- writing ----------------------------------------------------------------------------------------------

    def text(self, sheet: str, row: int, column: int, text: str, *sources: Field) -> None:
        """Write a text that was taken from one or several fields."""
        part = self.template.parts[sheet]
        part.set(row, column, text)
        self._written.append((sheet, part.rows[row]))
        for source in sources:
            self.moved(sheet, row, column, source)

    def put(self, sheet: str, row: int, column: int, value: Field | None) -> None:
        """Type a form's field into a cell; a blank one leaves the cell alone, one never calculated is left over."""
        if value is None or value.state in ("blank", "unknown"):
            return
        part = self.template.parts[sheet]
        if value.number is None and value.state != "error":
            self.text(sheet, row, column, value.text, value)
            return
        self._type(part, row, column, value, exactly=False)
        self.moved(sheet, row, column, value)

    def write(self, sheet: str, row: int, column: int, value: Field | None, rate: bool = False) -> None:
        """Type a field into a cell, or where the template computes that cell compare the two in the end."""
        part = self.template.parts[sheet]
        cell = part.cells.get((row, column))
        if cell is None or child(cell, "f") is None:
            self.put(sheet, row, column, value)
        elif value is not None and value.state not in ("blank", "unknown"):
            self._said.append(_Said(sheet, cell, value, rate))
            self.moved(sheet, row, column, value)

    def _type(self, part: SheetPart, row: int, column: int, value: Field, *, exactly: bool) -> None:
        """Type a figure; where the cell's format would show another one, the cell gets a format that shows it."""
        if value.state == "error":
            part.set_error(row, column, value.text)
            return
        if value.number is None:
            part.set(row, column, value.text)
            return
        stored = _stored(value)
        part.set(row, column, float(stored))
        style = self.formats.showing(part.cells[row, column].get("s", "0"), stored, value, exactly)
        part.style(row, column, style)

    # -- what all forms have ----------------------------------------------------------------------------------

    def heading(self, sheet: str, form: Form, unit: tuple[int, int] | None, before: str = "") -> None:
        """Title and unit of a form: the template's formulas say them, unless the form says something else. ``before`` is
        what stands before the unit in its cell."""
        year = self.template.named("PE_YEAR")
        if form.year is not None and form.year != year:
            self.text(sheet, 2, 1, form.title.text, form.title)
        named = form.unit_name
        if unit is None or named is None or not named.filled:
            return
        if clean(named.text) == clean(str(self.template.named("PE_UNIT"))):
            self.taken.add(named.place)
        else:
            self.text(sheet, *unit, before + named.text, named)

    # -- the end ----------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Work out all formulas, and type over those that give something else than the form says, the deepest first:
        once one is typed over, what rests on it may agree."""
        settling = self.template.evaluated_by(_Settling)
        settling.said = {said.place: said for said in self._said}
        for place in sorted(settling.said):
            settling.settle(*place)
        for place in settling.differing:
            said = settling.said[place]
            self._type(self.template.parts[said.sheet], *place[1:], said.value, exactly=True)
        by_sheet: dict[str, set[int]] = {}
        for sheet, row in self._written:
            by_sheet.setdefault(sheet, set()).add(number(row.get("r")))
        for sheet, rows in by_sheet.items():
            fit_rows(self.template.parts[sheet], rows)
        self.formats.save()
        self.template.recalculate()


@dataclass
class _Settling(Evaluator):
    """Works out the cells that forms say something about; where the two differ, what the form says counts from then on."""

    said: Mapping[tuple[str, int, int], _Said] = field(default_factory=dict)
    differing: list[tuple[str, int, int]] = field(default_factory=list)
    _met: set[tuple[str, int, int]] = field(default_factory=set)

    def settle(self, sheet: str, row: int, column: int) -> None:
        try:
            self.value(sheet, row, column)
        except CellError:
            return

    def value(self, sheet: str, row: int, column: int) -> Scalar:
        place = (sheet, row, column)
        said = self.said.get(place)
        if said is None or place in self._met:
            return super().value(sheet, row, column)
        self._met.add(place)
        try:
            agrees = _agrees(super().value(sheet, row, column), said.value, said.rate)
        except CellError as error:
            agrees = said.value.state == "error" and str(error) == said.value.text
        if not agrees:
            self.differing.append(place)
            self._errors.pop(place, None)
            self._known[place] = said.value.text if said.value.number is None else float(_stored(said.value))
            if said.value.state == "error":
                del self._known[place]
                self._errors[place] = CellError(said.value.text)
        return super().value(sheet, row, column)


def in_ten_thousands(form: Form) -> Decimal:
    """The factor from a form's money to 万元, the template's unit; a form that names no unit is taken to be in it."""
    return YUAN[form.money_unit or "万元"] / YUAN["万元"]


def scaled(value: Field | None, factor: Decimal) -> Field | None:
    """An amount in the template's unit, exact to its last digit."""
    return None if value is None else value.scaled(factor)


def row_of(texts: Mapping[int, str], wanted: str) -> int:
    """The row of a label of the template."""
    return next(row for row, text in texts.items() if clean(text) == wanted)


def row_number(line: Element) -> int:
    """Where a row stands now."""
    return number(line.get("r"))


def date_of(text: str) -> float | None:
    """A date as written (2024.5.30, 2024年5月30日), as cells store it."""
    match = _DATE.fullmatch(clean(text))
    try:
        return excel_date(dt.date(*(int(part) for part in match.groups()))) if match is not None else None
    except ValueError:
        return None


#: Other words for those who sign.
_SIGNED_AS = {
    "单位负责人": "单位负责人签字",
    "填报人": "填表人",
    "经办人": "填表人",
    "填表日期": "填报日期",
}


def signature_parts(signed: Signature) -> dict[str, str]:
    """Who signed and when, by the template's labels; of two that are the same label the first."""
    parts: dict[str, str] = {}
    for label, text in signed.parts.items():
        parts.setdefault(_SIGNED_AS.get(label, label), text)
    return parts


def shown(value: Scalar) -> str:
    """A stored value as a text, for a log."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return value if isinstance(value, str) else "" if value is None else f"{value:.15g}"


def amount_behind_label(value: Field) -> Field:
    """A figure that stood behind a label in one cell, as a figure of its own."""
    return replace(value, as_text=False)


def _stored(value: Field) -> Decimal:
    """A figure as cells store it."""
    assert value.number is not None
    return value.number / 100 if value.percent else value.number


def _agrees(computed: Scalar, value: Field, rate: bool) -> bool:
    """Whether a form's figure is what the formula gives: an amount to two decimals at least; a rate as far as it is
    written, in any way in which the checks read it (92% or 92 or 0.92 for 91.83%, but not 0.1 for 14.46%)."""
    if value.number is None:
        return computed in ("", None) and value.state != "text"
    if not isinstance(computed, float | int):
        return False
    exact = Decimal(f"{computed:.15g}")
    if rate:
        return any(rounded(exact * HUNDRED, decimals) == given for given, decimals in written_rates(value))
    return rounded(exact * (HUNDRED if value.percent else 1), max(value.decimals, _DECIMALS)) == value.number


def first_of_each(items: Iterable[tuple[str, Element]]) -> dict[str, Element]:
    """The first element of every role."""
    found: dict[str, Element] = {}
    for role, element in items:
        found.setdefault(role, element)
    return found
