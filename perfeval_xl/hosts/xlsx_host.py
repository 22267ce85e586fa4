"""The host for .xlsx and .xlsm: everything the grid can hold, in one pass over each sheet.

openpyxl reads the package's structure: relationships and workbook. Sheets, shared strings and number formats
go through one expat pass each instead of openpyxl's own readers, because its cell reader gives values or
formulas but not both, repaints the borders of merged ranges (two thirds of its time on our forms), trusts a
wrong ``<dimension>`` when read-only, and builds a tree node for every formatted-but-empty cell; and its style
reader gives up on the empty ``<fill/>`` WPS writes.
"""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import IO, cast
from xml.parsers import expat

from openpyxl.packaging.relationship import RelationshipList, get_dependents
from openpyxl.xml.functions import fromstring

from perfeval_xl.grid import LAST_COLUMN, LAST_ROW, Area, Book, Cell, Grid, SheetState, Value, a1
from perfeval_xl.hosts.limits import Damaged, Limits, TooMuch
from perfeval_xl.hosts.parts import Parts, feed, make_parser
from perfeval_xl.numberformat import (
    BUILTIN_FORMATS,
    GENERAL,
    as_decimal,
    as_moment,
    is_date,
    is_duration,
    make_cell,
)


@dataclass(frozen=True, slots=True)
class _Format:
    """A cell style, as far as values go."""

    code: str
    date: bool
    duration: bool


@dataclass(slots=True)
class _Budget:
    """What the rest of the workbook may still take of the limits."""

    cells: int
    text: int
    merges: int
    columns: int

    def spend(self, value: object, formula: str | None) -> None:
        """Count one cell; TooMuch beyond the limits."""
        self.cells -= 1
        if isinstance(value, str):
            self.text -= len(value)
        if formula is not None:
            self.text -= len(formula)
        if self.cells < 0:
            raise TooMuch("有内容的单元格太多")
        if self.text < 0:
            raise TooMuch("文字太多")


@dataclass(frozen=True, slots=True)
class _Workbook:
    """What all sheets share."""

    strings: list[str]
    formats: list[_Format]
    date1904: bool
    budget: _Budget


def read(name: str, data: bytes, limits: Limits) -> Book:
    """The workbook in the bytes of an .xlsx or .xlsm file.

    TooMuch, Forbidden, ExpatError and BadZipFile speak of the file; anything else means that its structure is
    not what the standard says.
    """
    with Parts(data) as package:
        part = _workbook_part(package, limits)
        root = fromstring(_structure(package, part, limits))
        relations = _relations(package, part, limits)
        properties = root.find("{*}workbookPr")
        shared = _Workbook(
            _strings(package, _target(relations, "sharedStrings"), limits),
            _formats(package, _target(relations, "styles"), limits),
            properties is not None and properties.get("date1904") in {"1", "true"},
            _Budget(limits.cells, limits.text, limits.merges, limits.columns),
        )
        targets = {relation.Id: relation for relation in relations}
        grids: list[Grid] = []
        notes: list[str] = []
        for sheet in root.iterfind("{*}sheets/{*}sheet"):
            title = str(sheet.get("name", ""))
            relation = targets.get(next((v for k, v in sheet.attrib.items() if str(k).endswith("}id")), ""))
            if relation is None or relation.Target not in package:
                notes.append(f"工作表“{title}”的内容缺失，没有读取")
            elif str(relation.Type).endswith("/worksheet"):
                with package.open(relation.Target) as stream:
                    grids.append(_sheet(stream, title, _state(sheet.get("state")), shared))
        if not grids:
            raise ValueError("no worksheet")
        return Book.of(name, grids, notes)


# --- structure -----------------------------------------------------------


def _workbook_part(package: Parts, limits: Limits) -> str:
    target = _target(_relations(package, "", limits), "officeDocument")
    return target if target in package else "xl/workbook.xml"


def _relations(package: Parts, part: str, limits: Limits) -> RelationshipList:
    """What a part (``""``: the package) refers to, with targets as part names; none if that is not stored."""
    folder, name = posixpath.split(part)
    stored = posixpath.join(folder, "_rels", f"{name}.rels")
    if stored not in package:
        return RelationshipList()
    _structure(package, stored, limits)
    # openpyxl would only warn of a damaged part, and see no relations.
    with warnings.catch_warnings(action="error"):
        return get_dependents(package, stored)


def _target(relations: RelationshipList, kind: str) -> str:
    """Part of the first relationship of a kind (in the transitional or the strict namespace), or ``""``."""
    return next((str(r.Target) for r in relations if str(r.Type).endswith(f"/{kind}")), "")


def _structure(package: Parts, part: str, limits: Limits) -> bytes:
    """The bytes of a part that becomes a tree in memory."""
    if package.getinfo(part).file_size > limits.structure_bytes:
        raise TooMuch("工作簿的结构信息（名称、关系等）过大")
    return package.read(part)


def _state(state: str | None) -> SheetState:
    return cast(SheetState, state) if state in {"hidden", "veryHidden"} else "visible"


# --- expat ---------------------------------------------------------------

Attributes = Mapping[str, str]


_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


def _unescaped(text: str) -> str:
    """Text with ``_x000D_`` escapes resolved and line breaks as ``\\n``; halves of surrogate pairs stay."""
    if "_x" in text:
        text = _ESCAPE.sub(
            lambda m: m[0] if m[1][0] in "dD" and m[1][1] in "89abcdefABCDEF" else chr(int(m[1], 16)), text
        )
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


class _Text:
    """Collects the text of one string item: its runs, without the phonetic guides Japanese and Chinese
    input methods leave (``rPh``)."""

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
        return _unescaped(text)


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
    return _Format(code, is_date(code), is_duration(code))


def _integer(text: str) -> int:
    """A number given in an attribute; 0, the default, for what is none."""
    return int(text) if text.isascii() and text.isdigit() else 0


def _sheet(stream: IO[bytes], title: str, state: SheetState, shared: _Workbook) -> Grid:
    reader = _SheetReader(shared)
    try:
        feed(reader.parser, stream)
    except (ValueError, LookupError) as error:  # an address, an index or a size that is none
        raise Damaged(f"工作表“{title}”第 {reader.row} 行附近的内容已损坏") from error
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
    """Handlers of one sheet part. A cell becomes a ``Cell`` only if it has a value or a formula."""

    def __init__(self, shared: _Workbook) -> None:
        self.shared = shared
        self.cells: dict[tuple[int, int], Cell] = {}
        self.merges: list[Area] = []
        self.hidden_rows: list[int] = []
        self.hidden_columns: set[tuple[int, int]] = set()
        self.parser = make_parser(self._root, self._end)
        self.row = 0  # where the pass is
        self._reference = ""  # the last reference given in this row …
        self._since = 0  # … and how many cells without one came after it
        self._cell: Attributes = {}
        self._value: list[str] | None = None
        self._formula: list[str] | None = None
        self._formula_attributes: Attributes = {}
        self._masters: dict[str, str] = {}

    def _root(self, name: str, _: Attributes) -> None:
        prefix = _prefix(name)
        self._c, self._v, self._f, self._is = prefix + "c", prefix + "v", prefix + "f", prefix + "is"
        self._starts: dict[str, Callable[[dict[str, str]], None]] = {
            self._c: self._start_cell,
            self._v: self._start_value,
            self._f: self._start_formula,
            self._is: self._start_inline,
            prefix + "row": self._start_row,
            prefix + "mergeCell": self._merge,
            prefix + "col": self._columns,
        }
        self._text = _Text(prefix)
        self.parser.StartElementHandler = self._start

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        handler = self._starts.get(name)
        if handler is not None:
            handler(attributes)

    def _end(self, name: str) -> None:
        if name == self._c:
            if self._value is not None or self._formula is not None:
                self._finish_cell()
        elif name == self._v or name == self._f:
            self.parser.CharacterDataHandler = None
        elif name == self._is:
            self._value = [self._text.take()]
            self.parser.StartElementHandler = self._start
            self.parser.EndElementHandler = self._end

    def _start_row(self, attributes: Attributes) -> None:
        number = attributes.get("r")
        self.row = int(float(number)) if number else self.row + 1
        self._reference, self._since = "", 0
        if _hidden(attributes, "ht"):
            self.hidden_rows.append(self.row)

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

    def _start_cell(self, attributes: Attributes) -> None:
        self._cell = attributes
        self._value = self._formula = None
        reference = attributes.get("r")
        if reference:
            self._reference, self._since = reference, 0
        else:
            self._since += 1

    def _start_value(self, _: Attributes) -> None:
        self._value = []
        self.parser.CharacterDataHandler = self._value.append

    def _start_formula(self, attributes: Attributes) -> None:
        self._formula = []
        self._formula_attributes = attributes
        self.parser.CharacterDataHandler = self._formula.append

    def _start_inline(self, _: Attributes) -> None:
        text, parser, inline = self._text, self.parser, self._is

        def end(name: str) -> None:
            if name == inline:
                self._end(name)
            else:
                text.end(parser, name)

        parser.StartElementHandler = lambda name, _: text.start(parser, name)
        parser.EndElementHandler = end

    def _finish_cell(self) -> None:
        row, column = self._place()
        formula = (
            None if self._formula is None else self._formula_text("".join(self._formula), a1(row, column))
        )
        raw = None if self._value is None else "".join(self._value)
        number_format = self._format(self._cell.get("s", "0"))
        kind = self._cell.get("t", "n")
        value = None if raw is None else _value(kind, raw, number_format, self.shared)
        if value is None and formula is None:
            return
        if value == "" and formula is None:
            return  # a blank stored as text
        self.shared.budget.spend(value, formula)
        self.cells[row, column] = make_cell(row, column, value, number_format.code, formula, kind == "e")

    def _format(self, style: str) -> _Format:
        index = _integer(style)
        return self.shared.formats[index] if index < len(self.shared.formats) else _GENERAL

    def _place(self) -> tuple[int, int]:
        """Row and column of the current cell; ValueError for what is no address."""
        letters = self._reference.rstrip("0123456789")
        row = int(self._reference[len(letters) :]) if self._reference else self.row
        column = (_column(letters) if self._reference else 0) + self._since
        if not (1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN):
            raise ValueError(f"no such cell: {self._reference!r}")
        return row, column

    def _formula_text(self, text: str, address: str) -> str:
        """``=SUM(A1:A3)``; a cell sharing a formula stored elsewhere names the cell that stores it."""
        shared = self._formula_attributes.get("si", "")
        if text:
            if shared:
                self._masters.setdefault(shared, address)
            return "=" + _unescaped(text)
        return f"=…（与 {self._masters[shared]} 同一公式）" if shared in self._masters else "=…"


_GENERAL = _Format(GENERAL, date=False, duration=False)


def _hidden(attributes: Attributes, size: str) -> bool:
    """Whether a row or column is hidden, or has no height or width."""
    return attributes.get("hidden") in {"1", "true"} or attributes.get(size) in {"0", "0.0"}


_columns_by_letters: dict[str, int] = {}


def _column(letters: str) -> int:
    """1-based column of its letters; ValueError if they are none. Remembered: a sheet repeats a few."""
    column = _columns_by_letters.get(letters)
    if column is None:
        if not re.fullmatch("[A-Za-z]{1,3}", letters):
            raise ValueError(f"no column: {letters!r}")
        column = 0
        for letter in letters.upper():
            column = column * 26 + ord(letter) - ord("A") + 1
        _columns_by_letters[letters] = column
    return column


def _value(kind: str, raw: str, number_format: _Format, shared: _Workbook) -> Value:
    """The value of a cell of type ``kind``. ``None``: never calculated."""
    match kind:
        case "s":
            return _shared_string(shared.strings, int(raw)) if raw else None
        case "str":
            return _unescaped(raw)
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
        number = as_decimal(Decimal(raw))
    except (InvalidOperation, ValueError):
        return raw
    if number_format.date:
        try:
            return as_moment(number, duration=number_format.duration, date1904=date1904)
        except ValueError:
            return number  # Excel shows ####; the number is all there is
    return number


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
