"""What a worksheet of an .xlsx or .xlsm looks like, as far as a drawing of its forms needs it: widths, heights, and of each
cell its number format, alignment, weight, size and fill. Cells are read elsewhere (``xlsx``); nothing here decides a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeVar

from perfeval_xl import patterns as re
from perfeval_xl.grid import coordinates
from perfeval_xl.hosts.limits import Limits, TooMuch
from perfeval_xl.hosts.package.parts import Parts, feed, make_parser
from perfeval_xl.numberformat import BUILTIN_FORMATS, GENERAL
from perfeval_xl.records import dataclass, field, replace

from . import xlsx

Across = Literal["left", "center", "right", ""]
Attributes = Mapping[str, str]
_Item = TypeVar("_Item")
_ACROSS: Mapping[str, Across] = {
    "left": "left", "center": "center", "centerContinuous": "center", "distributed": "center", "right": "right",
}  # fmt: skip
_COLOUR = re.compile("[0-9A-Fa-f]{8}")
#: Excel's own width of a column, in characters.
STANDARD_WIDTH = 8.43


@dataclass(frozen=True, slots=True)
class Look:
    """A cell's format: ``size`` in points, ``fill`` as RRGGBB ("" for none, also for colours of a theme)."""

    number_format: str = GENERAL
    bold: bool = False
    size: float = 11
    across: Across = ""
    fill: str = ""


@dataclass(slots=True)
class SheetLooks:
    """Widths of columns in characters and heights of rows in points, where they are set; formats of cells."""

    widths: dict[int, float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    standard_width: float = STANDARD_WIDTH
    cells: dict[tuple[int, int], Look] = field(default_factory=dict)
    columns: dict[int, Look] = field(default_factory=dict)
    date1904: bool = False

    def of(self, row: int, column: int) -> Look:
        """The format of a cell, that of its column where it has none of its own."""
        return self.cells.get((row, column)) or self.columns.get(column) or _PLAIN


_PLAIN = Look()


def sheet_looks(data: bytes, sheet: str, last: tuple[int, int], limits: Limits) -> SheetLooks:
    """How one sheet looks, up to the row and column ``last``. KeyError where there is no such sheet; else errors as for
    ``xlsx.read``."""
    with Parts(data) as package:
        where = xlsx.located(package, limits)
        found = SheetLooks(date1904=where.date1904)
        reader = _SheetReader(found, _styles(package, where.styles, limits), last, limits)
        with package.open(where.worksheets[sheet]) as stream:
            feed(make_parser(reader.start), stream)
    return found


class _SheetReader:
    def __init__(
        self, found: SheetLooks, styles: Sequence[Look], last: tuple[int, int], limits: Limits
    ) -> None:
        self.found, self.styles, self.last, self.left = found, styles, last, limits.columns
        self.row = self.column = 0
        self.readers: Mapping[str, Callable[[Attributes], None]] = {
            "c": self._cell, "row": self._row, "col": self._columns, "sheetFormatPr": self._standard,
        }  # fmt: skip

    def start(self, name: str, attributes: Attributes) -> None:
        reader = self.readers.get(name.rpartition(":")[2])
        if reader is not None:
            reader(attributes)

    def _standard(self, attributes: Attributes) -> None:
        width = _size(attributes, "defaultColWidth")
        self.found.standard_width = self.found.standard_width if width is None else width

    def _columns(self, attributes: Attributes) -> None:
        first, last = int(attributes["min"]), min(int(attributes["max"]), self.last[1])
        self.left -= max(0, last - first + 1)
        if self.left < 0:
            raise TooMuch("列设置太多")
        width, look = _size(attributes, "width"), self._look(attributes, "style")
        for column in range(first, last + 1):
            if width is not None:
                self.found.widths[column] = width
            if look is not None:
                self.found.columns[column] = look

    def _row(self, attributes: Attributes) -> None:
        number = attributes.get("r")
        self.row, self.column = int(float(number)) if number else self.row + 1, 0
        height = _size(attributes, "ht")
        if height is not None and self.row <= self.last[0]:
            self.found.heights[self.row] = height

    def _cell(self, attributes: Attributes) -> None:
        reference = attributes.get("r")
        self.column = coordinates(reference)[1] if reference else self.column + 1
        look = self._look(attributes, "s")
        if look is not None and self.row <= self.last[0] and self.column <= self.last[1]:
            self.found.cells[self.row, self.column] = look

    def _look(self, attributes: Attributes, name: str) -> Look | None:
        index = attributes.get(name, "")
        return self.styles[int(index)] if index.isdecimal() and int(index) < len(self.styles) else None


def _size(attributes: Attributes, name: str) -> float | None:
    """A width or height that is given and can be drawn."""
    try:
        size = float(attributes[name])
    except (KeyError, ValueError):
        return None
    return size if 0 <= size <= 2000 else None


@dataclass(slots=True)
class _Styles:
    """What the styles part says, in the order it says it."""

    formats: dict[str, str] = field(default_factory=dict)
    fonts: list[Look] = field(default_factory=list)
    fills: list[str] = field(default_factory=list)
    cells: list[Look] = field(default_factory=list)


class _StylesReader:
    """Reads fonts, fills and cell formats, whatever else is damaged."""

    def __init__(self, limits: Limits) -> None:
        self.said, self.limits, self.inside = _Styles(), limits, ""

    def start(self, name: str, attributes: Attributes) -> None:
        local = name.rpartition(":")[2]
        if local in ("fonts", "fills", "cellXfs", "cellStyleXfs", "dxfs", "borders", "numFmts"):
            self.inside = local
        reader = getattr(self, f"_{self.inside}", None)
        if reader is not None:
            reader(local, attributes)

    def _numFmts(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt" and len(self.said.formats) < self.limits.formats:
            self.said.formats.setdefault(
                attributes.get("numFmtId", ""), attributes.get("formatCode", GENERAL)
            )

    def _fonts(self, name: str, attributes: Attributes) -> None:
        fonts = self.said.fonts
        if name == "font":
            fonts.append(_PLAIN)
        elif name == "b" and fonts:
            fonts[-1] = replace(fonts[-1], bold=attributes.get("val", "1") not in ("0", "false"))
        elif name == "sz" and fonts:
            size = _size(attributes, "val")
            fonts[-1] = replace(fonts[-1], size=fonts[-1].size if size is None else size)

    def _fills(self, name: str, attributes: Attributes) -> None:
        if name == "fill":
            self.said.fills.append("")
        elif name == "fgColor" and self.said.fills:
            colour = attributes.get("rgb", "")
            self.said.fills[-1] = colour[2:].upper() if _COLOUR.fullmatch(colour) else ""

    def _cellXfs(self, name: str, attributes: Attributes) -> None:
        said = self.said
        if name == "xf":
            if len(said.cells) >= self.limits.styles:
                raise TooMuch("单元格样式太多")
            font = _at(said.fonts, attributes.get("fontId"), _PLAIN)
            number = attributes.get("numFmtId", "0")
            built_in = BUILTIN_FORMATS.get(int(number), GENERAL) if number.isdecimal() else GENERAL
            said.cells.append(
                replace(
                    font,
                    number_format=said.formats.get(number, built_in),
                    fill=_at(said.fills, attributes.get("fillId"), ""),
                )
            )
        elif name == "alignment" and said.cells:
            across = _ACROSS.get(attributes.get("horizontal", ""), "")
            said.cells[-1] = replace(said.cells[-1], across=across)


def _at(items: Sequence[_Item], index: str | None, default: _Item) -> _Item:
    return items[int(index)] if index and index.isdecimal() and int(index) < len(items) else default


def _styles(package: Parts, part: str, limits: Limits) -> Sequence[Look]:
    if part not in package:
        return ()
    reader = _StylesReader(limits)
    with package.open(part) as stream:
        feed(make_parser(reader.start), stream)
    return reader.said.cells
