"""Edits cells and rows of one worksheet part: values, cached values, inserted rows. Knows no template and no form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from decimal import Decimal

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token
from openpyxl.formula.translate import Translator

from perfeval_xl import patterns as re
from perfeval_xl.grid import Area, a1, coordinates
from perfeval_xl.records import dataclass
from perfeval_xl.text import cell_text, unescaped

from .tree import Element
from .workbook import Workbook
from .xml import (
    WORKSHEET_ORDER,
    append_new,
    child,
    children,
    insert_new,
    local_name,
    number,
    read_text,
    write_text,
)
from .zip import Package

_REFERENCE = re.compile(r"(?P<sheet>.*!)?(?P<first>\$?[A-Z]{1,3}\$?\d+)(?::(?P<last>\$?[A-Z]{1,3}\$?\d+))?")
#: The sign behind a sheet's name; between quotes it is a text.
_NAMES_SHEET = re.compile(r'[^"]!')
_CELL = re.compile(r"(\$?[A-Z]{1,3}\$?)(\d+)")

Scalar = float | str | bool | None


@dataclass(frozen=True, slots=True)
class Stored:
    """What stands in a cell: a typed value, or a formula (without its equals sign); ``error`` says that the value is an
    error such as #DIV/0!."""

    value: Scalar = None
    formula: str | None = None
    error: bool = False


class SheetPart:
    """One worksheet: its rows and cells by place (1-based), also where a writer left addresses out. Changes count once
    ``save``d."""

    def __init__(self, package: Package, part: str, strings: list[str]) -> None:
        self.package, self.part, self.strings = package, part, strings
        self.document = package.document(part)
        self.root = self.document.root
        data = child(self.root, "sheetData")
        self.data = insert_new(self.root, "sheetData", WORKSHEET_ORDER) if data is None else data
        self._names_others: bool | None = None
        self._shared: dict[str, tuple[str, str]] | None = None
        self._index()

    def _index(self) -> None:
        self.rows: dict[int, Element] = {}
        self.cells: dict[tuple[int, int], Element] = {}
        row = 0
        for line in children(self.data, "row"):
            row = number(line.get("r"), row + 1)
            self.rows[row] = line
            self.cells.update(_placed(line, row))

    def save(self) -> None:
        self.package.put(self.part, self.document)

    # -- cells ------------------------------------------------------------------------------------------------

    def stored(self) -> dict[tuple[int, int], Stored]:
        """What stands in every cell."""
        return {place: self._stored(cell) for place, cell in self.cells.items()}

    def texts(self, column: int) -> dict[int, str]:
        """The texts of one column by row, from the top."""
        found = {}
        places = sorted(row for row, at in self.cells if at == column)
        for row in places:
            value = self._stored(self.cells[row, column]).value
            if isinstance(value, str) and value:
                found[row] = value
        return found

    def all_texts(self) -> Iterable[str]:
        """Every text of the sheet, those that formulas give included."""
        for cell in self.cells.values():
            value = self._stored(cell).value
            if isinstance(value, str) and value:
                yield value

    def value(self, row: int, column: int) -> Scalar:
        """What one cell holds; a formula's cached value."""
        cell = self.cells.get((row, column))
        return None if cell is None else self._stored(cell).value

    def _stored(self, cell: Element) -> Stored:
        formula, value = child(cell, "f"), child(cell, "v")
        text = None if value is None else value.text or ""
        kind = cell.get("t", "n")
        shown: Scalar = None
        if kind == "s" and text:
            shown = self.strings[int(text)]
        elif kind == "inlineStr":
            inline = child(cell, "is")
            shown = "" if inline is None else read_text(inline)
        elif kind == "str":
            shown = None if text is None else unescaped(text)
        elif kind == "b":
            shown = text == "1"
        elif kind == "e":
            shown = text
        elif text:
            shown = float(text)
        return Stored(shown, None if formula is None else formula.text or "", kind == "e")

    def set(self, row: int, column: int, value: Scalar | Decimal) -> None:
        """Type a value into a cell; a formula that stood there is gone, and a text is one whatever it begins with."""
        cell = self._typed_over(row, column)
        if isinstance(value, str):
            if value:
                write_text(cell, value)
        elif value is not None:
            _write_figure(cell, value)

    def set_error(self, row: int, column: int, error: str) -> None:
        """Put an error value such as #DIV/0! into a cell."""
        cell = self._typed_over(row, column)
        cell.set("t", "e")
        append_new(cell, "v").text = error

    def cache_error(self, row: int, column: int, error: str) -> None:
        """Write that a cell's formula gives an error."""
        self.cache(row, column, error)
        self.cells[row, column].set("t", "e")

    def set_formula(self, row: int, column: int, formula: str, value: Scalar | Decimal) -> None:
        """Put a formula (without its equals sign) into a cell, with the value it gives."""
        self._names_others = None
        append_new(self._typed_over(row, column), "f").text = formula
        self.cache(row, column, value)

    def cache(self, row: int, column: int, value: Scalar | Decimal) -> None:
        """Write what a cell's formula gives; None where nobody can tell."""
        cell = self.cells[row, column]
        formula = child(cell, "f")
        _empty(cell)
        if formula is not None:
            cell.append(formula)
        if isinstance(value, str):
            cell.set("t", "str")
            append_new(cell, "v").text = cell_text(value)
        elif value is not None:
            _write_figure(cell, value)

    def made(self, row: int, column: int) -> Element:
        """The cell's element, added in its place where there is none."""
        cell = self.cells.get((row, column))
        if cell is None:
            line = self._line(row)
            cell = append_new(line, "c", r=a1(row, column))
            left = [other for (_, at), other in _placed(line, row) if at < column]
            line.insert(line.index(left[-1]) + 1 if left else 0, cell)
            self.cells[row, column] = cell
        return cell

    def _line(self, row: int) -> Element:
        line = self.rows.get(row)
        if line is None:
            line = append_new(self.data, "row", r=str(row))
            above = max((at for at in self.rows if at < row), default=None)
            self.data.insert(0 if above is None else self.data.index(self.rows[above]) + 1, line)
            self.rows[row] = line
        return line

    def emptied(self, row: int, column: int) -> Element:
        """The cell's element with nothing left but its address and its style."""
        cell = self.made(row, column)
        _empty(cell)
        return cell

    def drop(self, row: int, column: int) -> None:
        """Take out a cell that is there."""
        cell = self.cells.pop((row, column))
        line = cell.getparent()
        if line is not None:
            line.remove(cell)

    def _typed_over(self, row: int, column: int) -> Element:
        """The cell's element, emptied for good: others that share its formula get it written out."""
        formula = child(self.made(row, column), "f")
        if formula is not None and formula.get("t") == "shared" and formula.text:
            self._unshare(formula, a1(row, column))
        return self.emptied(row, column)

    def _unshare(self, formula: Element, origin: str) -> None:
        for place, cell in self.cells.items():
            other = child(cell, "f")
            if other is None or other is formula or other.get("si") != formula.get("si"):
                continue
            moved = Translator(f"={formula.text}", origin=origin).translate_formula(a1(*place))
            other.attrib.clear()
            other.text = str(moved).removeprefix("=")

    def formula(self, row: int, column: int) -> str | None:
        """A cell's formula, written out where it shares another's; None where there is none, or nobody has it."""
        cell = self.cells.get((row, column))
        formula = None if cell is None else child(cell, "f")
        if formula is None or formula.get("t") != "shared" or formula.text:
            return None if formula is None else formula.text
        if self._shared is None:
            self._shared = dict(self._origins())
        origin, text = self._shared.get(formula.get("si", ""), ("", ""))
        if not text:
            return None
        return str(Translator(f"={text}", origin=origin).translate_formula(a1(row, column))).removeprefix("=")

    def _origins(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """The formulas that others share, with the address of their cell, by their number."""
        for place, cell in self.cells.items():
            formula = child(cell, "f")
            if formula is not None and formula.get("t") == "shared" and formula.text:
                yield formula.get("si", ""), (a1(*place), formula.text)

    def style(self, row: int, column: int, index: str) -> None:
        self.made(row, column).set("s", index)

    def height(self, row: int, points: float) -> None:
        """A row's height as Excel fits it to the text, which it will do again on the next change."""
        self.rows[row].set("ht", f"{points:g}")
        self.rows[row].attrib.pop("customHeight", "")

    @property
    def merges(self) -> list[Area]:
        return [Area.of(merge.get("ref", "A1")) for merge in self._merge_cells()]

    def _merge_cells(self) -> list[Element]:
        holder = child(self.root, "mergeCells")
        return [] if holder is None else children(holder, "mergeCell")

    def merge_anew(self, within: Area, areas: Iterable[Area]) -> None:
        """Undo every merge that begins inside a range, and merge other areas (single cells are none)."""
        holder = child(self.root, "mergeCells")
        assert holder is not None  # every sheet of the template has merged cells
        for merge in self._merge_cells():
            area = Area.of(merge.get("ref", "A1"))
            if (area.top, area.left) in within:
                holder.remove(merge)
        for area in areas:
            if (area.top, area.left) != (area.bottom, area.right):
                append_new(holder, "mergeCell", ref=str(area))
        holder.set("count", str(len(holder)))

    # -- rows -------------------------------------------------------------------------------------------------

    def insert_rows(self, at: int, count: int, like: int) -> None:
        """Insert rows above row ``at``, each like row ``like``: formats, heights, what is merged within that row;
        its formulas too where that is the row the new ones stand above.

        Everything of this sheet that names cells moves along, except formulas: ``shift_workbook`` must have moved
        these before.
        """
        pattern = deepcopy(self.rows[like])
        for row in sorted((row for row in self.rows if row >= at), reverse=True):
            _renumber(self.rows[row], row + count)
        for offset in range(count):
            line = deepcopy(pattern)
            _renumber(line, at + offset)
            for cell in children(line, "c"):
                _blank(cell, count - offset if like == at else None)
            self.rows[at].addprevious(line)
        self._move_merges(at, count, like)
        self._move_ranges(at, count)
        if like != at:
            self._extend_ranges(like + count if like >= at else like, at, count)
        self._move_notes(at, count)
        self._index()

    def _move_merges(self, at: int, count: int, like: int) -> None:
        holder = child(self.root, "mergeCells")
        if holder is None:
            return
        for merge in children(holder, "mergeCell"):
            area = Area.of(merge.get("ref", "A1"))
            if area.top == area.bottom == like:
                for offset in range(count):
                    row = at + offset
                    append_new(holder, "mergeCell", ref=str(Area(row, area.left, row, area.right)))
            merge.set("ref", _moved(merge.get("ref", "A1"), at, count))
        holder.set("count", str(len(holder)))

    def _move_ranges(self, at: int, count: int) -> None:
        for element in self.root.iter():
            if local_name(element) in (
                "dataValidation",
                "conditionalFormatting",
                "protectedRange",
                "ignoredError",
            ):
                parts = element.get("sqref", "").split()
                element.set("sqref", " ".join(_moved(part, at, count) for part in parts))
            elif local_name(element) in ("dimension", "hyperlink", "autoFilter"):
                element.set("ref", _moved(element.get("ref", "A1"), at, count))

    def _extend_ranges(self, like: int, at: int, count: int) -> None:
        """Let prompts and formats that hold for a row hold for the new ones that are like it."""
        for element in self.root.iter():
            if local_name(element) not in ("dataValidation", "conditionalFormatting"):
                continue
            parts = element.get("sqref", "").split()
            areas = [Area.of(part) for part in parts]
            for area in areas:
                if area.top <= like <= area.bottom and not area.top <= at <= area.bottom:
                    parts.append(str(Area(at, area.left, at + count - 1, area.right)))
            element.set("sqref", " ".join(parts))

    def _move_notes(self, at: int, count: int) -> None:
        """Move the notes of cells: their list, and the boxes that are drawn for them."""
        comments = self.package.related(self.part, "comments")
        drawing = self.package.related(self.part, "vmlDrawing")
        if comments is not None:
            document = self.package.document(comments)
            for element in document.root.iter():
                if local_name(element) == "comment":
                    element.set("ref", _moved(element.get("ref", "A1"), at, count))
            self.package.put(comments, document)
        if drawing is not None:
            vml = self.package.read(drawing).decode()
            vml = re.sub(r"(<x:Row>)(\d+)(</x:Row>)", lambda m: _vml_row(m, at, count), vml)
            vml = re.sub(r"<x:Anchor>([^<]*)</x:Anchor>", lambda m: _vml_anchor(m, at, count), vml)
            self.package.put(drawing, vml.encode())

    @property
    def names_others(self) -> bool:
        """Whether a formula of this sheet names another one: only those are looked at when rows move there."""
        if self._names_others is None:
            self._names_others = any(_NAMES_SHEET.search(element.text or "") for element in self.formulas())
        return self._names_others

    def formulas(self) -> Iterable[Element]:
        """Every element of this sheet that holds a formula: of cells, conditional formats and validations."""
        for element in self.root.iter():
            if local_name(element) in ("f", "formula", "formula1", "formula2") and element.text:
                yield element


def _placed(line: Element, row: int) -> Iterator[tuple[tuple[int, int], Element]]:
    """The cells of a row with their places; one without an address stands behind the one before it."""
    column = 0
    for cell in children(line, "c"):
        address = cell.get("r")
        row, column = coordinates(address) if address else (row, column + 1)
        yield (row, column), cell


def _empty(cell: Element) -> None:
    cell.attrib.pop("t", "")
    for part in list(cell):
        cell.remove(part)


def _write_figure(cell: Element, value: float | Decimal) -> None:
    """Give an emptied cell a figure or a truth."""
    if isinstance(value, bool):
        cell.set("t", "b")
    append_new(cell, "v").text = _figure(value)


def _figure(value: float | Decimal) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    return f"{int(value)}" if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def _renumber(line: Element, row: int) -> None:
    line.set("r", str(row))
    for cell in children(line, "c"):
        cell.set("r", a1(row, coordinates(cell.get("r", "A1"))[1]))


def _blank(cell: Element, up: int | None) -> None:
    """Empty a copied cell; its formula stays, moved ``up`` as far as it was copied, unless that is None."""
    formula = child(cell, "f")
    kept = formula.text if formula is not None else None
    for old in list(cell):
        cell.remove(old)
    cell.attrib.pop("t", "")
    if kept and up is not None:
        row, column = coordinates(cell.get("r", "A1"))
        moved = Translator(f"={kept}", origin=a1(row + up, column)).translate_formula(a1(row, column))
        append_new(cell, "f").text = moved[1:]


def _moved(reference: str, at: int, count: int) -> str:
    first, _, last = reference.partition(":")
    move = _mover(at, count)
    return f"{move(first)}:{move(last)}" if last else move(first)


def _mover(at: int, count: int) -> Callable[[str], str]:
    def move(cell: str) -> str:
        match = _CELL.fullmatch(cell)
        if match is None or int(match[2]) < at:
            return cell
        return f"{match[1]}{int(match[2]) + count}"

    return move


def _vml_row(match: re.Match[str], at: int, count: int) -> str:
    row = int(match[2])
    return f"{match[1]}{row + count if row + 1 >= at else row}{match[3]}"


def _vml_anchor(match: re.Match[str], at: int, count: int) -> str:
    numbers = [int(item) for item in match[1].split(",")]
    if numbers[2] + 1 >= at:
        numbers[2] += count
        numbers[6] += count
    return f"<x:Anchor>{', '.join(map(str, numbers))}</x:Anchor>"


def shifted(formula: str, own: bool, sheet: str, at: int, count: int) -> str:
    """A formula after rows were inserted on ``sheet``; ``own``: the formula stands there itself."""
    tokens = Tokenizer(f"={formula}").items
    move = _mover(at, count)
    for token in tokens:
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            match = _REFERENCE.fullmatch(token.value)
            if match is None:
                continue
            where = match["sheet"]
            named = where[:-1].strip("'").replace("''", "'") if where else None
            if named == sheet or (named is None and own):
                last = f":{move(match['last'])}" if match["last"] else ""
                token.value = f"{where or ''}{move(match['first'])}{last}"
    return "".join(token.value for token in tokens)


def shift_workbook(workbook: Workbook, parts: dict[str, SheetPart], sheet: str, at: int, count: int) -> None:
    """Move the references of all formulas and names that point below the rows inserted on ``sheet``."""
    for name, part in parts.items():
        if name != sheet and not part.names_others:
            continue
        for element in part.formulas():
            if name == sheet or sheet in (element.text or ""):
                element.text = shifted(element.text or "", name == sheet, sheet, at, count)
    for element in workbook.names():
        if sheet not in (element.text or ""):
            continue
        element.text = ",".join(
            shifted(piece, False, sheet, at, count) for piece in (element.text or "").split(",")
        )
