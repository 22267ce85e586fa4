"""What hangs on books, sheets and ranges: names, notes, conditional formats, print areas, panes."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from .addresses import LAST_COLUMN, LAST_ROW, Area, area_between, parse, split_sheet, to_calc, to_excel
from .office import Uno, enum, guarded, struct

if TYPE_CHECKING:
    from .books import Book, Sheet
    from .ranges import Range


def no_objects(_: Any) -> Any:
    raise NotImplementedError("charts, shapes, tables and pictures are not offered")


# --- names ---------------------------------------------------------------------------------------------------


@guarded
class Names(base_classes.Names):
    """The names of a sheet or, without one, all names of a book."""

    def __init__(self, book: Book, sheet: Sheet | None) -> None:
        self.book = book
        self.sheet = sheet

    @property
    def api(self) -> Uno:
        return (self.sheet.xl if self.sheet is not None else self.book.doc).NamedRanges

    def snapshot(self) -> list[tuple[str, Name]]:
        names = [Name(self.book, self.sheet, name) for name in self.api.ElementNames]
        if self.sheet is None:
            for sheet in self.book.sheets:
                names += [Name(self.book, sheet, name) for name in sheet.xl.NamedRanges.ElementNames]
        return [(name.name, name) for name in names]

    def _found(self, name: str) -> Name | None:
        sheet, bare = split_sheet(name)
        scope = self.sheet if sheet is None else self.book.sheets(sheet)
        collection = self.book.doc.NamedRanges if scope is None else scope.xl.NamedRanges
        exact = next((known for known in collection.ElementNames if known.lower() == bare.lower()), None)
        return None if exact is None else Name(self.book, scope, exact)

    def __call__(self, name_or_index: str | int) -> Name:
        if not isinstance(name_or_index, str):
            return self.snapshot()[int(name_or_index) - 1][1]
        name = self._found(name_or_index)
        if name is None:
            raise KeyError(name_or_index)
        return name

    def contains(self, name_or_index: str | int) -> bool:
        if not isinstance(name_or_index, str):
            return 1 <= int(name_or_index) <= len(self)
        return self._found(name_or_index) is not None

    def __len__(self) -> int:
        return len(self.snapshot())

    def add(self, name: str, refers_to: str) -> Name:
        """Define a name; one that exists gets the new definition. ``Sheet1!x`` and a sheet's own are local."""
        sheet, bare = split_sheet(name)
        scope = self.sheet if sheet is None else self.book.sheets(sheet)
        collection = self.book.doc.NamedRanges if scope is None else scope.xl.NamedRanges
        content = to_calc(refers_to.removeprefix("="))
        if bare in collection.ElementNames:
            collection.getByName(bare).Content = content
        else:
            collection.addNewByName(bare, content, struct("table.CellAddress", 0, 0, 0), 0)
        return Name(self.book, scope, bare)


@guarded
class Name(base_classes.Name):
    def __init__(self, book: Book, sheet: Sheet | None, bare: str) -> None:
        self.book = book
        self.sheet = sheet
        self.bare = bare

    @property
    def api(self) -> Uno:
        return self._collection.getByName(self.bare)

    @property
    def _collection(self) -> Uno:
        return (self.sheet.xl if self.sheet is not None else self.book.doc).NamedRanges

    def delete(self) -> None:
        self._collection.removeByName(self.bare)

    @property
    def name(self) -> str:
        if self.sheet is None:
            return self.bare
        title = self.sheet.name
        plain = title.isascii() and title.isidentifier()
        return f"{title}!{self.bare}" if plain else "'" + title.replace("'", "''") + f"'!{self.bare}"

    @name.setter
    def name(self, value: str) -> None:
        self.api.Name = split_sheet(value)[1]
        self.bare = split_sheet(value)[1]

    @property
    def refers_to(self) -> str:
        return "=" + to_excel(str(self.api.Content))

    @refers_to.setter
    def refers_to(self, value: str) -> None:
        self.api.Content = to_calc(value.removeprefix("="))

    @property
    def refers_to_range(self) -> Range:
        from .ranges import Range

        cells = self.api.getReferredCells()
        if cells is None:
            raise ValueError(f"the name {self.name} refers to no range: {self.refers_to}")
        return Range(self.book.sheets(cells.RangeAddress.Sheet + 1), _area_of(cells.RangeAddress))


def _area_of(address: Uno) -> Area:
    return area_between(
        (address.StartRow + 1, address.StartColumn + 1), (address.EndRow + 1, address.EndColumn + 1)
    )


# --- notes ---------------------------------------------------------------------------------------------------


@guarded
class Note(base_classes.Note):
    def __init__(self, sheet: Sheet, row: int, column: int) -> None:
        self.sheet = sheet
        self.row, self.column = row, column

    @property
    def api(self) -> Uno:
        return self._cell.Annotation

    @property
    def _cell(self) -> Uno:
        return self.sheet.xl.getCellByPosition(self.column - 1, self.row - 1)

    @property
    def text(self) -> str:
        return str(self.api.String)

    @text.setter
    def text(self, value: str) -> None:
        self.api.String = value

    @property
    def author(self) -> str:
        return str(self.api.Author)

    @property
    def location(self) -> Range:
        return self.sheet.range((self.row, self.column))

    def delete(self) -> None:
        annotations = self.sheet.xl.Annotations
        for number in range(annotations.Count):
            place = annotations.getByIndex(number).Position
            if (place.Row + 1, place.Column + 1) == (self.row, self.column):
                annotations.removeByIndex(number)
                return


# --- conditional formats ---------------------------------------------------------------------------------------

_STYLE = "ConditionalFormat "
_EXPRESSION = 24  # com.sun.star.sheet.ConditionFormatOperator.EXPRESSION


@guarded
class ConditionalFormats(base_classes.ConditionalFormats):
    """The conditional formats that touch a range; only those with a formula are made."""

    def __init__(self, area: Range) -> None:
        self.range = area

    @property
    def api(self) -> Uno:
        return self.range.sheet.xl.ConditionalFormats

    def _formats(self) -> list[Uno]:
        mine = self.range.areas
        return [
            known
            for known in self.api.getConditionalFormats()
            if any(_meet(_area_of(address), area) for address in known.Range.RangeAddresses for area in mine)
        ]

    def _rules(self) -> list[ConditionalFormat]:
        return [
            ConditionalFormat(self, known, number)
            for known in self._formats()
            for number in range(known.Count)
        ]

    def __iter__(self) -> Iterator[ConditionalFormat]:
        return iter(self._rules())

    def __len__(self) -> int:
        return len(self._rules())

    def __call__(self, key: int) -> ConditionalFormat:
        return self._rules()[int(key) - 1]

    def add_custom(self, spec: dict[str, Any]) -> ConditionalFormat:
        """A rule over all areas of the range. Beside xlwings' own, ``spec`` may hold ``underline`` (bool) and
        ``border``: a ``com.sun.star.table.BorderLine2`` for all four edges."""
        style = self._style(spec)
        formats = self.api
        identifier = formats.createByRange(self.range.cell_ranges)
        made = next(known for known in reversed(formats.getConditionalFormats()) if identifier == known.ID)
        made.createEntry(0, 0)
        entry = made.getByIndex(0)
        entry.Operator = _EXPRESSION
        entry.Formula1 = to_calc(spec["formula"].removeprefix("="))
        entry.StyleName = style
        return ConditionalFormat(self, made, 0)

    def _style(self, spec: dict[str, Any]) -> str:
        """The style for a look: Calc's rules name styles. Rules that look alike share one."""
        look = sorted(
            (key, str(value)) for key, value in spec.items() if key not in ("formula", "stop_if_true")
        )
        name = _STYLE + hashlib.sha256(repr(look).encode()).hexdigest()[:12]
        document = self.range.sheet.book.doc
        styles = document.StyleFamilies.getByName("CellStyles")
        if styles.hasByName(name):
            return name
        style = document.createInstance("com.sun.star.style.CellStyle")
        styles.insertByName(name, style)
        try:
            _dress(style, spec)
        except Exception:
            styles.removeByName(name)
            raise
        return name

    def clear(self) -> None:
        for known in self._formats():
            self.api.removeByID(known.ID)


def _dress(style: Uno, spec: dict[str, Any]) -> None:
    if spec.get("fill_color") is not None:
        style.CellBackColor = any_colour(spec["fill_color"])
    if spec.get("font_color") is not None:
        style.CharColor = any_colour(spec["font_color"])
    if spec.get("font_bold"):
        style.CharWeight = 150.0
    if spec.get("font_italic"):
        style.CharPosture = enum("awt.FontSlant", "ITALIC")
    if spec.get("underline"):
        style.CharUnderline = 1
    if spec.get("border") is not None:
        for side in ("Left", "Right", "Top", "Bottom"):
            setattr(style, f"{side}Border", spec["border"])


@guarded
class ConditionalFormat(base_classes.ConditionalFormat):
    def __init__(self, parent: ConditionalFormats, xl: Uno, number: int) -> None:
        self.parent = parent
        self.xl = xl
        self.number = number

    @property
    def api(self) -> Uno:
        return self.xl

    @functools.cached_property
    def _entry(self) -> Uno:
        return self.xl.getByIndex(self.number)

    @property
    def type(self) -> str:
        return "custom" if self.formula is not None else "unknown"

    @property
    def formula(self) -> str | None:
        entry = self._entry
        if entry.Type != 0 or entry.Operator != _EXPRESSION:
            return None
        return "=" + to_excel(str(entry.Formula1))

    @property
    def style(self) -> Uno:
        """The cell style that gives the rule its look."""
        styles = self.parent.range.sheet.book.doc.StyleFamilies.getByName("CellStyles")
        return styles.getByName(self._entry.StyleName)

    @property
    def fill_color(self) -> tuple[int, int, int] | None:
        return rgb(self.style.CellBackColor)

    @property
    def areas(self) -> list[Area]:
        return [_area_of(address) for address in self.xl.Range.RangeAddresses]

    def delete(self) -> None:
        """Remove the rule, and its format once it has no other. ``Book.drop_unused_styles`` removes its style."""
        if self.xl.Count == 1:
            self.parent.api.removeByID(self.xl.ID)
        else:
            self.xl.removeByIndex(self.number)


def _meet(one: Area, other: Area) -> bool:
    return (
        one.row <= other.bottom
        and other.row <= one.bottom
        and one.column <= other.right
        and other.column <= one.right
    )


def colour_number(colour: tuple[int, int, int]) -> int:
    """Red, green and blue as Calc stores a colour."""
    red, green, blue = colour
    return red << 16 | green << 8 | blue


def rgb(colour: int) -> tuple[int, int, int] | None:
    """Red, green and blue of a colour of Calc; None for none."""
    return None if colour < 0 else (colour >> 16 & 255, colour >> 8 & 255, colour & 255)


def drop_unused_styles(document: Uno) -> None:
    """Remove the styles that were made for rules and that no rule names any more."""
    used = {
        known.getByIndex(number).StyleName
        for sheet in (document.Sheets.getByIndex(index) for index in range(document.Sheets.Count))
        for known in sheet.ConditionalFormats.getConditionalFormats()
        for number in range(known.Count)
        if known.getByIndex(number).Type == 0
    }
    styles = document.StyleFamilies.getByName("CellStyles")
    for name in styles.ElementNames:
        if name.startswith(_STYLE) and name not in used:
            styles.removeByName(name)


# --- fonts -----------------------------------------------------------------------------------------------------


@guarded
class Font(base_classes.Font):
    """The font of a range; what differs within it is None."""

    def __init__(self, area: Range) -> None:
        self.range = area

    @property
    def api(self) -> Uno:
        return self.range.xl

    @property
    def bold(self) -> bool | None:
        weight = self.range.common("CharWeight")
        return None if weight is None else weight > 100.0

    @bold.setter
    def bold(self, value: bool) -> None:
        weight = 150.0 if value else 100.0
        self.range.everywhere.CharWeight = weight
        self.range.everywhere.CharWeightAsian = weight  # Chinese text goes by its own

    @property
    def italic(self) -> bool | None:
        posture = self.range.common("CharPosture")
        return None if posture is None else bool(posture.value == "ITALIC")

    @italic.setter
    def italic(self, value: bool) -> None:
        self.range.everywhere.CharPosture = enum("awt.FontSlant", "ITALIC" if value else "NONE")

    @property
    def size(self) -> float | None:
        size = self.range.common("CharHeight")
        return None if size is None else float(size)

    @size.setter
    def size(self, value: float) -> None:
        self.range.everywhere.CharHeight = float(value)
        self.range.everywhere.CharHeightAsian = float(value)

    @property
    def color(self) -> tuple[int, int, int] | None:
        colour = self.range.common("CharColor")
        return None if colour is None else rgb(int(colour))

    @color.setter
    def color(self, value: Any) -> None:
        self.range.everywhere.CharColor = any_colour(value)

    @property
    def name(self) -> str | None:
        name = self.range.common("CharFontName")
        return None if name is None else str(name)

    @name.setter
    def name(self, value: str) -> None:
        self.range.everywhere.CharFontName = self.range.everywhere.CharFontNameAsian = value


def any_colour(value: Any) -> int:
    """A colour as Calc stores it, of a tuple, ``"#RRGGBB"``, Excel's integer, or None for automatic."""
    if value is None:
        return -1
    if isinstance(value, str):
        return int(value.removeprefix("#"), 16)
    if isinstance(value, int):  # red in the lowest byte
        return (value & 255) << 16 | value & 0xFF00 | value >> 16 & 255
    return colour_number(value)


# --- page and panes --------------------------------------------------------------------------------------------


@guarded
class PageSetup(base_classes.PageSetup):
    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    @property
    def api(self) -> Uno:
        return self.sheet.xl

    @property
    def print_area(self) -> str | None:
        areas = self.sheet.xl.getPrintAreas()
        return ",".join(_area_of(area).address() for area in areas) or None

    @print_area.setter
    def print_area(self, value: str | None) -> None:
        areas = [parse(part.strip()) for part in value.split(",")] if value else []
        number = self.sheet.index - 1
        self.sheet.xl.setPrintAreas(
            tuple(
                struct("table.CellRangeAddress", number, a.column - 1, a.row - 1, a.right - 1, a.bottom - 1)
                for a in areas
                if a is not None
            )
        )


@guarded
class FreezePanes(base_classes.FreezePanes):
    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def freeze_at(self, frozen_range: str) -> None:
        """Freeze the rows and columns of an address that begins at the sheet's edge."""
        area = self.sheet.range(frozen_range).area
        self.sheet.activate()
        columns = 0 if area.columns == LAST_COLUMN else area.right
        rows = 0 if area.rows == LAST_ROW else area.bottom
        self.sheet.book.controller.freezeAtPosition(columns, rows)

    def unfreeze(self) -> None:
        self.sheet.activate()
        self.sheet.book.controller.freezeAtPosition(0, 0)
