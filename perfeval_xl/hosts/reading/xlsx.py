"""The host for .xlsx and .xlsm: everything the grid can hold, in one pass over each sheet.

Sheets, shared strings and number formats go through one expat pass each instead of openpyxl's readers, because its
cell reader gives values or formulas but not both, repaints the borders of merged ranges (two thirds of its time on our
forms), trusts a wrong ``<dimension>`` when read-only, and builds a tree node for every formatted-but-empty cell; its style
reader gives up on the empty ``<fill/>`` WPS writes; and to load it takes longer than to read and check a form.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import IO, cast
from xml.parsers import expat

from perfeval_xl.grid import LAST_COLUMN, LAST_ROW, Area, Book, Cell, Grid, SheetState, Value, a1, coordinates
from perfeval_xl.hosts.bounding import without_collection
from perfeval_xl.hosts.limits import Damaged, Limits, TooMuch
from perfeval_xl.hosts.package.parts import Parts, feed, make_parser
from perfeval_xl.hosts.package.relationships import Relationship, relationships, relationships_part
from perfeval_xl.hosts.package.tree import Element, fromstring
from perfeval_xl.hosts.package.xml import child, children
from perfeval_xl.numberformat import (
    BUILTIN_FORMATS,
    GENERAL,
    dated,
    is_date,
    make_cell,
    number_of,
    shown,
    shows_text_as_it_is,
)
from perfeval_xl.records import dataclass, field, replace
from perfeval_xl.text import unescaped


@dataclass(frozen=True, slots=True)
class _Format:
    """A cell style, as far as values go."""

    code: str
    date: bool
    plain_text: bool
    """Text is shown as it is."""


@dataclass(slots=True)
class _Budget:
    """What the rest of the workbook may still take of the limits."""

    cells: int
    text: int
    merges: int
    columns: int

    def spend(self, text: str) -> None:
        """Count a text or a formula; TooMuch beyond the limit."""
        self.text -= len(text)
        if self.text < 0:
            raise TooMuch("文字太多")


@dataclass(frozen=True, slots=True)
class _Workbook:
    """What all sheets share."""

    strings: list[str]
    formats: list[_Format]
    date1904: bool
    budget: _Budget
    by_style: dict[str, _Format] = field(default_factory=dict)
    """The formats by the number cells give, as they write it."""
    numbers: dict[tuple[str | None, str], tuple[Value, str, int | None, bool]] = field(default_factory=dict)
    """What is known of a number by how it is written and its style: four in five numbers of a form come again."""

    def format_of(self, style: str) -> _Format:
        """The format of a cell's style; General for a style that is not there."""
        found = self.by_style.get(style)
        if found is None:
            index = _integer(style)
            found = self.formats[index] if index < len(self.formats) else _GENERAL
            self.by_style[style] = found
        return found


def read(name: str, data: bytes, limits: Limits) -> Book:
    """The workbook in the bytes of an .xlsx or .xlsm file.

    TooMuch, Forbidden, ExpatError and BadZipFile speak of the file; anything else means that its structure is
    not what the standard says.
    """
    with Parts(data) as package, without_collection():
        part = _workbook_part(package, limits)
        root = fromstring(_structure(package, part, limits))
        relations = _relations(package, part, limits)
        shared = _Workbook(
            _strings(package, _target(relations, "sharedStrings"), limits),
            _formats(package, _target(relations, "styles"), limits),
            _date1904(root),
            _Budget(limits.cells, limits.text, limits.merges, limits.columns),
        )
        grids: list[Grid] = []
        notes: list[str] = []
        for title, state, target in _listed(root, relations, package):
            if target is None:
                notes.append(f"工作表“{title}”的内容缺失，没有读取")
                continue
            with package.open(target) as stream:
                grid = _sheet(stream, title, state, shared)
            grids.append(replace(grid, instead=drawn(package, target, limits)))
        if not grids:
            raise ValueError("no worksheet")
        return Book.of(name, grids, notes)


def _listed(
    root: Element, relations: list[Relationship], package: Parts
) -> Iterator[tuple[str, SheetState, str | None]]:
    """The worksheets that a workbook lists: name, state, and the part they stand in (None: it is not there)."""
    targets = {relation.id: relation for relation in relations}
    sheets = child(root, "sheets")
    for sheet in [] if sheets is None else children(sheets, "sheet"):
        title = sheet.get("name", "")
        relation = targets.get(next((v for k, v in sheet.attrib.items() if k.endswith("}id")), ""))
        if relation is None or relation.target not in package:
            yield title, "visible", None
        elif relation.kind.endswith("/worksheet"):
            yield title, _state(sheet.get("state")), relation.target


@dataclass(frozen=True, slots=True)
class Located:
    """Where a workbook keeps its worksheets, by their names, and its styles; whether it counts days from 1904."""

    worksheets: Mapping[str, str]
    styles: str
    date1904: bool


def located(package: Parts, limits: Limits) -> Located:
    """The parts of a workbook; errors as for ``read``."""
    part = _workbook_part(package, limits)
    root = fromstring(_structure(package, part, limits))
    relations = _relations(package, part, limits)
    sheets = {title: target for title, _, target in _listed(root, relations, package) if target is not None}
    return Located(sheets, _target(relations, "styles"), _date1904(root))


def _date1904(root: Element) -> bool:
    properties = child(root, "workbookPr")
    return properties is not None and properties.get("date1904") in {"1", "true"}


# --- structure -----------------------------------------------------------


def _workbook_part(package: Parts, limits: Limits) -> str:
    target = _target(_relations(package, "", limits), "officeDocument")
    return target if target in package else "xl/workbook.xml"


def _relations(package: Parts, part: str, limits: Limits) -> list[Relationship]:
    """What a part (``""``: the package) refers to, with targets as part names; none if that is not stored."""
    stored = relationships_part(part)
    return relationships(part, _structure(package, stored, limits)) if stored in package else []


def drawn(package: Parts, part: str, limits: Limits) -> str:
    """What a sheet shows that is no cell: an embedded object, a picture; "" for neither (charts and shapes are none)."""
    try:
        relations = _relations(package, part, limits)
    except Exception:  # what cannot be followed shows nothing; the cells are read all the same
        return ""
    kinds = {relation.kind.rpartition("/")[2] for relation in relations}
    if kinds & {"oleObject", "package"}:
        return "嵌入对象"
    drawings = [relation.target for relation in relations if relation.kind.endswith("/drawing")]
    if any(_has_picture(package, target, limits) for target in drawings if target in package):
        return "图片"
    return ""


def _has_picture(package: Parts, part: str, limits: Limits) -> bool:
    return package.getinfo(part).file_size > limits.structure_bytes or b":pic>" in package.read(part)


def _target(relations: list[Relationship], kind: str) -> str:
    """Part of the first relationship of a kind (in the transitional or the strict namespace), or ``""``."""
    return next((one.target for one in relations if one.kind.endswith(f"/{kind}")), "")


def _structure(package: Parts, part: str, limits: Limits) -> bytes:
    """The bytes of a part that becomes a tree in memory."""
    if package.getinfo(part).file_size > limits.structure_bytes:
        raise TooMuch("工作簿的结构信息（名称、关系等）过大")
    return package.read(part)


def _state(state: str | None) -> SheetState:
    return cast(SheetState, state) if state in {"hidden", "veryHidden"} else "visible"


# --- expat ---------------------------------------------------------------

Attributes = Mapping[str, str]


def _typed(text: str) -> str:
    """A text of the file as somebody typed it: without escapes, and line breaks as ``\\n``."""
    text = unescaped(text)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


class _Text:
    """Collects the text of one string item: its runs, without the phonetic guides Japanese and Chinese
    input methods leave (``rPh``). What ``package.xml.read_text`` says of a tree, said of a stream: tables of 100 MB
    must not become one."""

    def __init__(self, prefix: str) -> None:
        self.run, self.phonetic = prefix + "t", prefix + "rPh"
        self.pieces: list[str] = []
        self.in_phonetic = False

    def start(self, parser: expat.XMLParserType, name: str) -> None:
        if name == self.phonetic:
            self.in_phonetic = True
        elif name == self.run and not self.in_phonetic:
            parser.CharacterDataHandler = self.pieces.append

    def end(self, parser: expat.XMLParserType, name: str) -> None:
        if name == self.phonetic:
            self.in_phonetic = False
        elif name == self.run:
            parser.CharacterDataHandler = None

    def take(self) -> str:
        text = "".join(self.pieces)
        self.pieces.clear()
        return _typed(text)


def _prefix(root: str) -> str:
    """``"x:"`` of a root ``x:worksheet``: all elements of its vocabulary carry it."""
    before, colon, _ = root.rpartition(":")
    return before + colon


def _strings(package: Parts, part: str, limits: Limits) -> list[str]:
    """The shared strings in their order."""
    strings: list[str] = []
    left = limits.text
    if part not in package:
        return strings
    item, text = "", _Text("")

    def start(name: str, _: Attributes) -> None:
        nonlocal item, text
        if not item:
            item, text = _prefix(name) + "si", _Text(_prefix(name))
        else:
            text.start(parser, name)

    def end(name: str) -> None:
        nonlocal left
        text.end(parser, name)
        if name == item:
            strings.append(text.take())
            left -= len(strings[-1])
            if left < 0 or len(strings) > limits.strings:
                raise TooMuch("文字太多")

    parser = make_parser(start, end)
    with package.open(part) as stream:
        feed(parser, stream)
    return strings


def _formats(package: Parts, part: str, limits: Limits) -> list[_Format]:
    """The number format of each cell style. Fills, fonts and borders are not looked at, so that a damaged
    one (WPS writes an empty ``<fill/>``) and tens of thousands of them (copied sheets) cost nothing."""
    if part not in package:
        return []
    own: dict[str, str] = {}
    numbers: list[str] = []
    in_cell_styles = False

    def start(name: str, attributes: Attributes) -> None:
        nonlocal in_cell_styles
        match name.rpartition(":")[2]:
            case "numFmt" if "numFmtId" in attributes:
                # Differential styles at the end of the part repeat ids with formats of their own.
                if len(own) >= limits.formats:
                    raise TooMuch("自定义数字格式太多")
                own.setdefault(attributes["numFmtId"], attributes.get("formatCode", GENERAL))
            case "cellXfs":
                in_cell_styles = True
            case "xf" if in_cell_styles:
                if len(numbers) >= limits.styles:
                    raise TooMuch("单元格样式太多")
                numbers.append(attributes.get("numFmtId", "0"))

    def end(name: str) -> None:
        nonlocal in_cell_styles
        if name.endswith("cellXfs"):
            in_cell_styles = False

    with package.open(part) as stream:
        feed(make_parser(start, end), stream)
    known = {
        number: _format(own.get(number) or BUILTIN_FORMATS.get(_integer(number), GENERAL))
        for number in set(numbers)
    }
    return [known[number] for number in numbers]


def _format(code: str) -> _Format:
    return _Format(code, is_date(code), shows_text_as_it_is(code))


def _integer(text: str) -> int:
    """A number given in an attribute; 0, the default, for what is none."""
    return int(text) if text.isascii() and text.isdigit() else 0


def _sheet(stream: IO[bytes], title: str, state: SheetState, shared: _Workbook) -> Grid:
    reader = _SheetReader(shared)
    try:
        feed(reader.parser, stream)
    except (ValueError, LookupError) as error:  # an address, an index or a size that is none
        raise Damaged(f"工作表“{title}”第 {reader.row} 行附近的内容已损坏") from error
    shared.budget.cells -= len(reader.cells)
    if shared.budget.cells < 0:
        raise TooMuch("有内容的单元格太多")
    last_row = max((row for row, _ in reader.cells), default=0)
    last_column = max((column for _, column in reader.cells), default=0)
    return Grid(
        title,
        reader.cells,
        tuple(sorted(reader.merges)),
        # Beyond the last cell nothing can be hidden; WPS and Excel like to hide all the rest of a sheet.
        frozenset(row for row in reader.hidden_rows if row <= last_row),
        frozenset(_covered(reader.hidden_columns, last_column)),
        state,
    )


def _covered(ranges: Iterable[tuple[int, int]], last: int) -> set[int]:
    """All numbers up to ``last`` in overlapping ranges, each visited once."""
    covered: set[int] = set()
    done = 0
    for low, high in sorted(ranges):
        covered.update(range(max(low, done + 1), min(high, last) + 1))
        done = max(done, min(high, last))
    return covered


class _SheetReader:
    """Reads one sheet part. A cell becomes a ``Cell`` only if it has a value or a formula.

    The handlers of cells are closures over plain variables: they run for every element of a sheet, and an
    attribute of ``self`` costs a third of what else they do.
    """

    def __init__(self, shared: _Workbook) -> None:
        self.shared = shared
        self.cells: dict[tuple[int, int], Cell] = {}
        self.merges: list[Area] = []
        self.hidden_rows: list[int] = []
        self.hidden_columns: set[tuple[int, int]] = set()
        self.row = 0  # where the pass is
        self._formula_attributes: Attributes = {}
        self._masters: dict[str, str] = {}  # where the formulas of a sheet that are shared are stored
        self.parser = make_parser(self._root)

    def _root(self, name: str, _: Attributes) -> None:
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._handlers(_prefix(name))

    def _handlers(self, prefix: str) -> tuple[Callable[[str, Attributes], None], Callable[[str], None]]:
        """What to do at the start and the end of an element."""
        c, v, f = prefix + "c", prefix + "v", prefix + "f"
        known_columns = _known_columns
        pieces: list[str] = []  # the text since the last tag
        row_text = reference = ""  # the row's number as written; the last reference given in this row …
        since = 0  # … and how many cells without one came after it
        cell: Attributes = {}
        value: str | None = None
        formula: str | None = None

        def start(name: str, attributes: Attributes) -> None:
            nonlocal reference, since, cell, value, formula
            pieces.clear()
            if name == v:
                return
            if name == c:
                cell = attributes
                value = formula = None
                if given := attributes.get("r"):
                    reference, since = given, 0
                else:
                    since += 1
            elif name in others:
                others[name](attributes)

        def start_row(attributes: Attributes) -> None:
            nonlocal row_text, reference, since
            row_text, reference, since = self._start_row(attributes), "", 0

        def end(name: str) -> None:
            nonlocal value, formula
            if name == v:
                value = "".join(pieces)
            elif name == f:
                formula = "".join(pieces)
            elif name == c and (value is not None or formula is not None):
                letters = reference.removesuffix(row_text)
                column = None if since or letters == reference else known_columns.get(letters)
                place = (self.row, column) if column else _place(reference, self.row, since)
                self._keep(place, cell.get("t", "n"), cell.get("s", "0"), value, formula)

        def end_of_inline(text: str) -> None:
            nonlocal value
            value = text
            self.parser.StartElementHandler, self.parser.EndElementHandler = start, end
            self.parser.CharacterDataHandler = pieces.append

        others: dict[str, Callable[[Attributes], None]] = {
            prefix + "row": start_row,
            f: self._start_formula,
            prefix + "is": lambda _: self._read_inline(prefix, end_of_inline),
            prefix + "mergeCell": self._merge,
            prefix + "col": self._columns,
        }
        self.parser.CharacterDataHandler = pieces.append
        return start, end

    def _start_row(self, attributes: Attributes) -> str:
        """Note the row; its number as cells of this row write it."""
        if len(self.cells) > self.shared.budget.cells:
            raise TooMuch("有内容的单元格太多")
        number = attributes.get("r")
        self.row = int(float(number)) if number else self.row + 1
        if _hidden(attributes, "ht"):
            self.hidden_rows.append(self.row)
        return str(self.row) if 1 <= self.row <= LAST_ROW else ""

    def _start_formula(self, attributes: Attributes) -> None:
        self._formula_attributes = attributes

    def _columns(self, attributes: Attributes) -> None:
        self.shared.budget.columns -= 1
        if self.shared.budget.columns < 0:
            raise TooMuch("列设置太多")
        if _hidden(attributes, "width"):
            self.hidden_columns.add((int(attributes["min"]), int(attributes["max"])))

    def _merge(self, attributes: Attributes) -> None:
        self.shared.budget.merges -= 1
        if self.shared.budget.merges < 0:
            raise TooMuch("合并单元格太多")
        area = Area.of(attributes["ref"])
        if (area.top, area.left) != (area.bottom, area.right):
            self.merges.append(area)

    def _read_inline(self, prefix: str, done: Callable[[str], None]) -> None:
        """Let the text of an ``<is>`` go to ``done``, without its phonetic guides."""
        text, parser, inline = _Text(prefix), self.parser, prefix + "is"

        def end(name: str) -> None:
            if name == inline:
                done(text.take())
            else:
                text.end(parser, name)

        parser.CharacterDataHandler = None
        parser.StartElementHandler = lambda name, _: text.start(parser, name)
        parser.EndElementHandler = end

    def _keep(
        self, place: tuple[int, int], kind: str, style: str, raw: str | None, written: str | None
    ) -> None:
        """Make the cell at ``place``, unless it holds nothing."""
        shared, (row, column) = self.shared, place
        formula = None
        if written is not None:
            formula = self._formula_text(written, place)
            shared.budget.spend(formula)
        known = shared.numbers.get((raw, style)) if kind == "n" else None
        if known is not None:
            value, text, decimals, percent = known
            self.cells[place] = Cell(row, column, value, text, decimals, percent, formula)
            return
        number_format = shared.format_of(style)
        value = None if raw is None else _value(kind, raw, number_format, shared)
        if formula is None and (value is None or value == ""):
            return  # a blank stored as text
        if type(value) is str:
            shared.budget.spend(value)
        if type(value) is str and number_format.plain_text:
            self.cells[place] = Cell(row, column, value, value, None, False, formula, kind == "e")
        elif type(value) is Decimal:
            text, decimals, percent = shown(value, number_format.code)
            shared.numbers[raw, style] = value, text, decimals, percent
            self.cells[place] = Cell(row, column, value, text, decimals, percent, formula)
        else:
            self.cells[place] = make_cell(row, column, value, number_format.code, formula, kind == "e")

    def _formula_text(self, written: str, place: tuple[int, int]) -> str:
        """``=SUM(A1:A3)``; a cell sharing a formula stored elsewhere names the cell that stores it."""
        shared = self._formula_attributes.get("si", "")
        if written:
            if shared:
                self._masters.setdefault(shared, a1(*place))
            return "=" + _typed(written)
        return f"=…（与 {self._masters[shared]} 同一公式）" if shared in self._masters else "=…"


def _place(reference: str, row: int, since: int) -> tuple[int, int]:
    """Row and column of a cell ``since`` columns after the last reference; ValueError for what is no address."""
    letters = reference.rstrip("0123456789")
    row = int(reference[len(letters) :]) if reference else row
    column = (_column(letters) if reference else 0) + since
    if not (1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN):
        raise ValueError(f"no such cell: {reference!r}")
    return row, column


_GENERAL = _Format(GENERAL, date=False, plain_text=True)


def _hidden(attributes: Attributes, size: str) -> bool:
    """Whether a row or column is hidden, or has no height or width."""
    return attributes.get("hidden") in {"1", "true"} or attributes.get(size) in {"0", "0.0"}


# Remembered, for a sheet repeats a few; only columns there are.
_known_columns: dict[str, int] = {}


def _column(letters: str) -> int:
    """1-based column of its letters; ValueError if they are none."""
    if not re.fullmatch("[A-Za-z]{1,3}", letters):
        raise ValueError(f"no column: {letters!r}")
    column = coordinates(f"{letters}1")[1]
    if column <= LAST_COLUMN:
        _known_columns[letters] = column
    return column


def _value(kind: str, raw: str, number_format: _Format, shared: _Workbook) -> Value:
    """The value of a cell of type ``kind``. ``None``: never calculated."""
    if kind == "n":
        return _number(raw, number_format, shared.date1904) if raw and not raw.isspace() else None
    if kind == "s":
        return _shared_string(shared.strings, int(raw)) if raw else None
    match kind:
        case "str":
            return _typed(raw)
        case "inlineStr":
            return raw
        case "b":
            return raw.strip() in {"1", "true"} if raw else None
        case "e":
            return raw or None
        case "d":
            return _iso_date(raw) if raw else None
    return _number(raw, number_format, shared.date1904) if raw.strip() else None


def _number(raw: str, number_format: _Format, date1904: bool) -> Value:
    """A number or, under a date format, a date; what is neither stays text."""
    try:
        number = number_of(raw)
    except (InvalidOperation, ValueError):
        return raw
    return dated(number, number_format.code, date1904) if number_format.date else number


def _shared_string(strings: list[str], index: int) -> str:
    if not 0 <= index < len(strings):
        raise IndexError(f"no shared string {index}")
    return strings[index]


def _iso_date(raw: str) -> Value:
    for kind in (dt.datetime, dt.time):
        try:
            return kind.fromisoformat(raw.removesuffix("Z")).replace(tzinfo=None)
        except ValueError:
            continue
    return raw
