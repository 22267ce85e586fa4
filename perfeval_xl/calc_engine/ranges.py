"""Ranges: values, formulas and formats of cells, each read and written for the whole range at once.

One file although it is long: xlwings asks one class for all of this, and its parts share the cell addresses of a range.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from . import values
from .addresses import LAST_COLUMN, LAST_ROW, Area, area_between, quoted, to_calc, to_excel
from .office import Uno, enum, guarded, properties, struct
from .parts import ConditionalFormats, Font, Name, Note, any_colour, rgb

if TYPE_CHECKING:
    from .books import Sheet

_CONTENTS = 1 | 2 | 4 | 16  # com.sun.star.sheet.CellFlags: VALUE, DATETIME, STRING, FORMULA
_FORMATS = 32 | 64 | 128 | 256  # HARDATTR, STYLES, OBJECTS (drawn), EDITATTR
_ERROR_RESULTS = 4
# Excel gives sizes in points, widths of columns in characters of 7 pixels beside a margin of 5.
_POINT = 2540 / 72
_PIXEL = 2540 / 96
_DIRECTIONS = {
    "up": (-1, 0),
    "down": (1, 0),
    "left": (0, -1),
    "right": (0, 1),
    "u": (-1, 0),
    "d": (1, 0),
    "l": (0, -1),
    "r": (0, 1),
}
_HORIZONTAL = {
    "general": "STANDARD",
    "left": "LEFT",
    "center": "CENTER",
    "right": "RIGHT",
    "justify": "BLOCK",
    "fill": "REPEAT",
}
_VERTICAL = {"top": 1, "center": 2, "bottom": 3}


@guarded
class Range(base_classes.Range):
    """A rectangle of one sheet; ``areas`` has more than one where an address lists several."""

    max_cells_per_read: int | None = None
    max_cells_per_write: int | None = None

    def __init__(
        self, sheet: Sheet, area: Area, areas: tuple[Area, ...] = (), arg1_input: str | None = None
    ) -> None:
        self.sheet = sheet
        self.area = area
        self.areas = areas or (area,)
        self.arg1_input = arg1_input or area.address(False, False)
        self.options: dict[str, Any] = {}  # xlwings keeps its own here
        self._xl: Uno = None

    # --- where ---------------------------------------------------------------------------------------------

    @property
    def xl(self) -> Uno:
        """The first area's ``XCellRange``."""
        if self._xl is None:
            area = self.area
            self._xl = self.sheet.xl.getCellRangeByPosition(
                area.column - 1, area.row - 1, area.right - 1, area.bottom - 1
            )
        return self._xl

    @property
    def api(self) -> Uno:
        return self.xl

    @property
    def cell_ranges(self) -> Uno:
        """All areas as one ``XSheetCellRanges``."""
        return self._cell_ranges(self.areas)

    def _cell_ranges(self, areas: Sequence[Area]) -> Uno:
        number = self.sheet.index - 1
        ranges = self.sheet.book.doc.createInstance("com.sun.star.sheet.SheetCellRanges")
        addresses = tuple(
            struct("table.CellRangeAddress", number, a.column - 1, a.row - 1, a.right - 1, a.bottom - 1)
            for a in areas
        )
        ranges.addRangeAddresses(addresses, False)
        return ranges

    @property
    def everywhere(self) -> Uno:
        """The range, or all its areas."""
        return self.xl if len(self.areas) == 1 else self.cell_ranges

    @property
    def _first_address(self) -> Uno:
        """The first cell's ``com.sun.star.table.CellAddress``."""
        return struct("table.CellAddress", self.sheet.index - 1, self.column - 1, self.row - 1)

    @property
    def coords(self) -> tuple[str, int, int, int, int]:
        return (self.sheet.name, self.row, self.column, *self.shape)

    def __len__(self) -> int:
        return self.area.rows * self.area.columns

    @property
    def row(self) -> int:
        return self.area.row

    @property
    def column(self) -> int:
        return self.area.column

    @property
    def shape(self) -> tuple[int, int]:
        return self.area.rows, self.area.columns

    @property
    def address(self) -> str:
        return ",".join(area.address() for area in self.areas)

    def get_address(self, row_absolute: bool, col_absolute: bool, external: bool) -> str:
        text = self.area.address(row_absolute, col_absolute)
        if not external:
            return text
        return quoted(f"[{self.sheet.book.name}]{self.sheet.name}") + "!" + text

    def __call__(self, arg1: int, arg2: int | None = None) -> Range:
        """The cell at a row and column of the range, or the nth by rows; also outside of it."""
        if arg2 is None:
            row, column = divmod(arg1 - 1, self.area.columns)
        else:
            row, column = arg1 - 1, arg2 - 1
        place = (self.area.row + row, self.area.column + column)
        return Range(self.sheet, area_between(place, place))

    def _part(self, area: Area) -> Range:
        return Range(self.sheet, area)

    @property
    def rows(self) -> list[Range]:
        first = self.area
        return [self._part(Area(first.row + n, first.column, 1, first.columns)) for n in range(first.rows)]

    @property
    def columns(self) -> list[Range]:
        first = self.area
        return [self._part(Area(first.row, first.column + n, first.rows, 1)) for n in range(first.columns)]

    # --- reading values ------------------------------------------------------------------------------------

    @property
    def value2(self) -> values.Rows:
        """Rows of values: numbers (dates as serial numbers), text, booleans, Excel's integers for errors;
        "" for empty cells."""
        return self._read(dates=False)

    @property
    def raw_value(self) -> Any:
        rows = self._read(dates=True)
        return rows[0][0] if len(self) == 1 else rows

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        """Write as Excel does: text is taken as typed (numbers, dates, formulas), except into text cells."""
        rows = self._matrix(data)
        # Before anything is written: an apostrophe in what is typed makes a text cell of its own.
        text_cells = [area for kind, areas in self._kinds() if kind & values.TEXT for area in areas]
        if all(
            isinstance(value, float | int) and not isinstance(value, bool) for row in rows for value in row
        ):
            self.xl.setDataArray(tuple(tuple(map(float, row)) for row in rows))
        else:
            self.xl.setFormulaArray(tuple(tuple(self._typed(value) for value in row) for row in rows))
        for area in text_cells:
            self._write_text(area, rows)
        self._format_as_typed(rows)

    def _read(self, dates: bool) -> values.Rows:
        used = self._used()
        if used is None:
            return self._padded([])
        xl = used.xl
        data: list[list[Any]] = [list(row) for row in xl.getDataArray()]
        used._type_numbers(data, dates)
        if any(value is None for row in data for value in row):
            used._name_errors(data)
        return self._padded(data)

    def _used(self) -> Range | None:
        """The part with content; for whole columns or a whole sheet that is what there is to read."""
        if len(self) <= 1_000:
            return self
        used = self.sheet.used_range.area
        bottom, right = min(self.area.bottom, used.bottom), min(self.area.right, used.right)
        if bottom < self.area.row or right < self.area.column:
            return None
        return self._part(area_between((self.area.row, self.area.column), (bottom, right)))

    def _padded(self, data: list[list[Any]]) -> values.Rows:
        rows, columns = self.shape
        wide = tuple(tuple(row) + ("",) * (columns - len(row)) for row in data)
        return wide + (("",) * columns,) * (rows - len(wide))

    def _type_numbers(self, data: list[list[Any]], dates: bool) -> None:
        """Make booleans and, if asked for, dates of the numbers that are shown as such."""
        wanted = values.LOGICAL | (values.DATE | values.TIME if dates else 0)
        epoch = None
        for kind, areas in self._kinds():
            if not kind & wanted:
                continue
            if not kind & values.LOGICAL and epoch is None:
                null = self.sheet.book.doc.NullDate
                epoch = dt.datetime(null.Year, null.Month, null.Day)
            for row, column in self._places(areas):
                value = data[row][column]
                if isinstance(value, float):
                    data[row][column] = bool(value) if epoch is None else values.moment(value, epoch)

    def _kinds(self) -> Iterator[tuple[int, list[Area]]]:
        """The kinds of number format (bits of ``com.sun.star.util.NumberFormat``) with their areas."""
        for key, areas in self._format_keys():
            yield int(self.sheet.book.doc.NumberFormats.getByKey(key).Type), areas

    def _format_keys(self) -> list[tuple[int, list[Area]]]:
        """Keys of number formats with the areas that have them: a few calls for each look, none for a cell."""
        if len(self) == 1 or not self._mixed("NumberFormat"):
            return [(int(self.xl.NumberFormat), [self.area])]
        groups = self.xl.getUniqueCellFormatRanges()
        by_key: dict[int, list[Area]] = {}
        for number in range(groups.Count):
            group = groups.getByIndex(number)
            areas = [_area(address) for address in group.RangeAddresses]
            by_key.setdefault(int(group.NumberFormat), []).extend(areas)
        return list(by_key.items())

    def _places(self, areas: Sequence[Area]) -> Iterator[tuple[int, int]]:
        """0-based places inside this range of the cells of some areas."""
        for area in areas:
            for row in range(max(area.row, self.row), min(area.bottom, self.area.bottom) + 1):
                for column in range(max(area.column, self.column), min(area.right, self.area.right) + 1):
                    yield row - self.row, column - self.column

    def _name_errors(self, data: list[list[Any]]) -> None:
        for address in self.xl.queryFormulaCells(_ERROR_RESULTS).RangeAddresses:
            for row, column in self._places([_area(address)]):
                cell = self.sheet.xl.getCellByPosition(self.column - 1 + column, self.row - 1 + row)
                data[row][column] = values.error_code(int(cell.getError()))

    # --- writing values ------------------------------------------------------------------------------------

    def _matrix(self, data: Any) -> list[list[Any]]:
        """The data in the range's shape; a single value fills it. ValueError where rows differ in length."""
        if not isinstance(data, list | tuple):
            return [[data] * self.area.columns for _ in range(self.area.rows)]
        rows = [list(row) for row in data] if data and isinstance(data[0], list | tuple) else [list(data)]
        if any(len(row) != self.area.columns for row in rows) or len(rows) != self.area.rows:
            raise ValueError("the rows of the values must be as long as the range is wide")
        return rows

    def _typed(self, value: Any) -> str:
        """A value as it would be typed into a cell."""
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, dt.datetime):
            null = self.sheet.book.doc.NullDate
            return repr(values.serial(value, dt.datetime(null.Year, null.Month, null.Day)))
        if isinstance(value, str):
            return to_calc(value) if value.startswith("=") else value
        return repr(float(value)) if isinstance(value, int | float) else str(value)

    def _write_text(self, area: Area, rows: list[list[Any]]) -> None:
        """Put into cells of the text format exactly what was given; the interface would parse it there too."""
        part = [
            tuple(
                _as_text(rows[row - self.row][column - self.column])
                for column in range(area.column, area.right + 1)
            )
            for row in range(area.row, area.bottom + 1)
        ]
        self._part(area).xl.setDataArray(tuple(part))

    def _format_as_typed(self, rows: list[list[Any]]) -> None:
        """Show dates and percentages as such where the cells had no format of their own, as typing does."""
        patterns = {
            (r, c): pattern
            for r, row in enumerate(rows)
            for c, value in enumerate(row)
            if (pattern := values.pattern_of(value)) is not None
        }
        if not patterns:
            return
        stored = self.xl.getDataArray()
        plain = {
            place
            for key, areas in self._format_keys()
            if key % 10_000 == 0  # General, in whatever language
            for place in self._places(areas)
        }
        for pattern in sorted(set(patterns.values())):
            areas = [
                Area(self.row + r, self.column + c, 1, 1)
                for (r, c), wanted in patterns.items()
                if wanted == pattern and (r, c) in plain and isinstance(stored[r][c], float)
            ]
            if areas:
                self._cell_ranges(areas).NumberFormat = self._key(pattern)

    # --- formulas ------------------------------------------------------------------------------------------

    @property
    def formula(self) -> Any:
        """Formulas, and constants as text; "" for empty cells. A single cell gives a single text."""
        used = self._used()
        rows = [] if used is None else [list(row) for row in used.xl.getFormulaArray()]
        if used is not None and any(text.startswith("'") for row in rows for text in row):
            _unquote(rows, used.xl.getDataArray())
        for row in rows:
            row[:] = [to_excel(text) if text.startswith("=") else text for text in row]
        if len(self) == 1:
            return rows[0][0]
        return self._padded(rows)

    @formula.setter
    def formula(self, value: Any) -> None:
        if isinstance(value, str) and value.startswith("=") and len(self) > 1:
            # One formula for a range: its references move along, as they do when it is copied.
            self(1, 1).formula = value
            self._spread()
        else:
            self.raw_value = value

    formula2 = formula

    def _spread(self) -> None:
        down, right = enum("sheet.FillDirection", "TO_BOTTOM"), enum("sheet.FillDirection", "TO_RIGHT")
        if self.area.rows > 1:
            self._part(self.area._replace(columns=1)).xl.fillAuto(down, 1)
        if self.area.columns > 1:
            self.xl.fillAuto(right, 1)

    @property
    def formula_array(self) -> str:
        text = str(self.xl.getArrayFormula())
        return to_excel(text.removeprefix("{").removesuffix("}"))

    @formula_array.setter
    def formula_array(self, value: str) -> None:
        self.xl.setArrayFormula(to_calc(value))

    @property
    def has_array(self) -> bool:
        return bool(self.xl.getArrayFormula())

    # --- contents ------------------------------------------------------------------------------------------

    def clear_contents(self) -> None:
        self.everywhere.clearContents(_CONTENTS)

    def clear_formats(self) -> None:
        self.everywhere.clearContents(_FORMATS)

    def clear(self) -> None:
        self.everywhere.clearContents(_CONTENTS | _FORMATS)

    def insert(self, shift: str | None = None, copy_origin: str | None = None) -> None:  # noqa: ARG002
        towards = "RIGHT" if self.area.rows > self.area.columns else "DOWN"
        mode = self._mode("Insert", {"right": "RIGHT", "down": "DOWN"}.get(shift or "", towards))
        self.sheet.xl.insertCells(self.xl.RangeAddress, mode)

    def delete(self, shift: str | None = None) -> None:
        towards = "LEFT" if self.area.rows >= self.area.columns else "UP"
        mode = self._mode("Delete", {"left": "LEFT", "up": "UP"}.get(shift or "", towards))
        self.sheet.xl.removeRange(self.xl.RangeAddress, mode)

    def _mode(self, action: str, towards: str) -> Any:
        """How the neighbours move: whole rows and columns stay whole."""
        if self.area.columns == LAST_COLUMN:
            towards = "ROWS"
        elif self.area.rows == LAST_ROW:
            towards = "COLUMNS"
        return enum(f"sheet.Cell{action}Mode", towards)

    def copy(self, destination: Range | None = None) -> None:
        if destination is None:
            self.sheet.book.app.clipboard = self
        elif destination.sheet.book == self.sheet.book:
            destination.sheet.xl.copyRange(destination._first_address, self.xl.RangeAddress)
        else:
            raise NotImplementedError("cells are copied within a book only")

    def paste(
        self,
        paste: str | None = None,
        operation: str | None = None,
        skip_blanks: bool = False,
        transpose: bool = False,
    ) -> None:
        source = self.sheet.book.app.clipboard
        if source is None or operation or skip_blanks or transpose or paste not in (None, "all", "values"):
            raise NotImplementedError("only all or the values of what was copied can be pasted")
        if paste == "values":
            area = Area(self.row, self.column, *source.shape)
            self._part(area).xl.setDataArray(source.xl.getDataArray())
        else:
            source.copy(self)

    # --- moving about --------------------------------------------------------------------------------------

    def end(self, direction: str) -> Range:
        """Where Ctrl and an arrow key lead from the first cell."""
        down, right = _DIRECTIONS[direction]
        row, column = self.row, self.column
        used = self.sheet.used_range.area
        if down:
            last = 1 if down < 0 else max(used.bottom, row)
            line = self._part(area_between((row, column), (last, column)))
            filled = [value[0] != "" for value in line.xl.getDataArray()]
        else:
            last = 1 if right < 0 else max(used.right, column)
            line = self._part(area_between((row, column), (row, last)))
            filled = [value != "" for value in line.xl.getDataArray()[0]]
        if down < 0 or right < 0:
            filled.reverse()
        steps = _steps(filled)
        if steps is None:
            edge = {(-1, 0): (1, column), (0, -1): (row, 1), (1, 0): (LAST_ROW, column)}
            place = edge.get((down, right), (row, LAST_COLUMN))
        else:
            place = (row + down * steps, column + right * steps)
        return self._part(area_between(place, place))

    @property
    def current_region(self) -> Range:
        cursor = self.sheet.xl.createCursorByRange(self.xl)
        cursor.collapseToCurrentRegion()
        return self._part(_area(cursor.RangeAddress))

    def select(self) -> None:
        self.sheet.activate()
        controller = self.sheet.book.controller
        if controller is not None:
            controller.select(self.everywhere)

    # --- looks ---------------------------------------------------------------------------------------------

    def _mixed(self, name: str) -> bool:
        return bool(self.xl.getPropertyState(name).value == "AMBIGUOUS_VALUE")

    def common(self, name: str) -> Any:
        """A property of all cells, None where they differ."""
        if len(self) > 1 and self._mixed(name):
            return None
        return getattr(self.xl, name)

    @property
    def number_format(self) -> str | None:
        """The format all cells have, as Excel writes it; None where they differ."""
        key = self.common("NumberFormat")
        if key is None:
            keys = {self._code(key) for key, _ in self._format_keys()}
            return keys.pop() if len(keys) == 1 else None
        return self._code(int(key))

    @number_format.setter
    def number_format(self, value: str) -> None:
        self.everywhere.NumberFormat = self._key(value)

    def _code(self, key: int) -> str:
        known = self.sheet.book.doc.NumberFormats.getByKey(key)
        return values.excel_format(str(known.FormatString), int(known.Type))

    def _key(self, code: str) -> int:
        formats, locale = self.sheet.book.doc.NumberFormats, struct("lang.Locale", "en", "US", "")
        key = int(formats.queryKey(code, locale, False))
        return key if key >= 0 else int(formats.addNew(code, locale))

    @property
    def color(self) -> tuple[int, int, int] | None:
        colour = self.common("CellBackColor")
        return None if colour is None else rgb(int(colour))

    @color.setter
    def color(self, value: Any) -> None:
        self.everywhere.CellBackColor = any_colour(value)

    @property
    def font(self) -> Font:
        return Font(self)

    def set_colors(self, colors: Sequence[Sequence[Any]]) -> None:
        """A colour for each cell, the cells of one colour in one call."""
        by_colour: dict[int, list[Area]] = {}
        for r, row in enumerate(colors):
            for c, colour in enumerate(row):
                number = any_colour(colour)
                by_colour.setdefault(number, []).append(Area(self.row + r, self.column + c, 1, 1))
        for number, areas in by_colour.items():
            self._cell_ranges(areas).CellBackColor = number

    @property
    def wrap_text(self) -> bool | None:
        wrapped = self.common("IsTextWrapped")
        return None if wrapped is None else bool(wrapped)

    @wrap_text.setter
    def wrap_text(self, value: bool) -> None:
        self.everywhere.IsTextWrapped = bool(value)

    @property
    def horizontal_alignment(self) -> str | None:
        kind = self.common("HoriJustify")
        return None if kind is None else _named(_HORIZONTAL, str(kind.value))

    @horizontal_alignment.setter
    def horizontal_alignment(self, value: str) -> None:
        self.everywhere.HoriJustify = enum("table.CellHoriJustify", _HORIZONTAL[value])

    @property
    def vertical_alignment(self) -> str | None:
        kind = self.common("VertJustify")
        return None if kind is None else _named(_VERTICAL, int(kind) or 3)

    @vertical_alignment.setter
    def vertical_alignment(self, value: str) -> None:
        self.everywhere.VertJustify = _VERTICAL[value]

    @property
    def conditional_formats(self) -> ConditionalFormats:
        return ConditionalFormats(self)

    # --- merged cells --------------------------------------------------------------------------------------

    def _extended(self) -> Area:
        """The range and all merged areas it touches."""
        cursor = self.sheet.xl.createCursorByRange(self.xl)
        cursor.collapseToMergedArea()
        return _area(cursor.RangeAddress)

    @property
    def merge_area(self) -> Range:
        """The merged area the first cell is in, or that cell."""
        first = self(1, 1)
        return self._part(first._extended())

    @property
    def merge_cells(self) -> bool | None:
        """True within one merged area, False where none is touched, else None, as Excel has it for both."""
        extended = self._extended()
        if extended == self.area and not self.xl.IsMerged:
            return False
        return (
            True
            if self(1, 1)._extended() == extended and extended != Area(self.row, self.column, 1, 1)
            else None
        )

    def merge(self, across: bool = False) -> None:
        # Calc leaves areas that overlap as they are; Excel lets the new one win.
        self.unmerge()
        for part in self.rows if across else [self]:
            part.xl.merge(True)

    def unmerge(self) -> None:
        self._part(self._extended()).xl.merge(False)

    # --- sizes ---------------------------------------------------------------------------------------------

    @property
    def column_width(self) -> float | None:
        lines = self.xl.Columns
        widths = {lines.getByIndex(number).Width for number in range(min(lines.Count, 1_024))}
        if len(widths) > 1:
            return None
        return round(max(0.0, (float(widths.pop()) / _PIXEL - 5) / 7), 2)

    @column_width.setter
    def column_width(self, value: float) -> None:
        self.xl.Columns.Width = round((value * 7 + 5) * _PIXEL)

    @property
    def row_height(self) -> float | None:
        lines = self.xl.Rows
        heights = {lines.getByIndex(number).Height for number in range(min(lines.Count, 1_024))}
        return _points(heights.pop()) if len(heights) == 1 else None

    @row_height.setter
    def row_height(self, value: float) -> None:
        self.xl.Rows.Height = round(value * _POINT)

    @property
    def row_hidden(self) -> bool | None:
        """Whether all rows are hidden; None where only some are."""
        return self._hidden(Area(self.row, 1, self.area.rows, LAST_COLUMN), of_rows=True)

    @row_hidden.setter
    def row_hidden(self, value: bool) -> None:
        self.xl.Rows.IsVisible = not value

    @property
    def column_hidden(self) -> bool | None:
        """Whether all columns are hidden; None where only some are."""
        return self._hidden(Area(1, self.column, LAST_ROW, self.area.columns), of_rows=False)

    @column_hidden.setter
    def column_hidden(self, value: bool) -> None:
        self.xl.Columns.IsVisible = not value

    def _hidden(self, lines: Area, of_rows: bool) -> bool | None:
        visible = [_area(address) for address in self._part(lines).xl.queryVisibleCells().RangeAddresses]
        seen = {
            number
            for area in visible
            for number in (
                range(area.row, area.bottom + 1) if of_rows else range(area.column, area.right + 1)
            )
        }
        if not seen:
            return True
        return False if len(seen) == (lines.rows if of_rows else lines.columns) else None

    @property
    def width(self) -> float:
        # The next cell's place less this one's: sizes alone are rounded differently than places.
        after = self.area.right + 1
        if after > LAST_COLUMN:
            return _points(self.xl.Size.Width)
        return round(self._part(Area(self.row, after, 1, 1)).left - self.left, 1)

    @property
    def height(self) -> float:
        return _points(self.xl.Size.Height)

    @property
    def left(self) -> float:
        return _points(self.xl.Position.X)

    @property
    def top(self) -> float:
        return _points(self.xl.Position.Y)

    def autofit(self, axis: str | None = None) -> None:
        if axis in (None, "columns", "c"):
            self.xl.Columns.OptimalWidth = True
        if axis in (None, "rows", "r"):
            self.xl.Rows.OptimalHeight = True

    # --- what hangs on cells -------------------------------------------------------------------------------

    @property
    def name(self) -> Name | None:
        """The name that refers to exactly this range."""
        for _, name in self.sheet.book.names.snapshot():
            cells = name.api.getReferredCells()
            address = None if cells is None else cells.RangeAddress
            if address is not None and (address.Sheet + 1, _area(address)) == (self.sheet.index, self.area):
                return name
        return None

    @name.setter
    def name(self, value: str) -> None:
        self.sheet.book.names.add(value, f"={quoted(self.sheet.name)}!{self.area.address()}")

    @property
    def note(self) -> Note | None:
        note = Note(self.sheet, self.row, self.column)
        return note if note.text else None

    def add_note(self, text: str) -> Note:
        self.sheet.xl.Annotations.insertNew(self._first_address, text)
        return Note(self.sheet, self.row, self.column)

    @property
    def table(self) -> None:
        """Calc has no tables as Excel has."""
        return None

    @property
    def hyperlink(self) -> str:
        fields = self._cell.getTextFields().createEnumeration()
        if not fields.hasMoreElements():
            raise Exception("The cell doesn't seem to contain a hyperlink!")
        url = str(fields.nextElement().URL)
        return "#" + to_excel(url[1:]).lstrip("$") if url.startswith("#") else url

    @property
    def _cell(self) -> Uno:
        return self.sheet.xl.getCellByPosition(self.column - 1, self.row - 1)

    def add_hyperlink(
        self,
        address: str,
        text_to_display: str | None = None,
        screen_tip: str | None = None,  # noqa: ARG002
    ) -> None:
        """Put a link into the first cell: a web address, or ``#'Sheet'!A1`` for a place in the book."""
        if address.startswith("#"):
            url = "#" + to_calc(address[1:]).lstrip("$")
        else:
            url = address if ":" in address else f"http://{address}"
        cell = self._cell
        field = self.sheet.book.doc.createInstance("com.sun.star.text.TextField.URL")
        field.URL = url
        field.Representation = text_to_display if text_to_display is not None else address
        cell.setString("")
        cell.insertTextContent(cell.createTextCursor(), field, False)

    def to_pdf(self, path: str, quality: str) -> None:  # noqa: ARG002
        document = self.sheet.book.doc
        filters = properties(Selection=self.everywhere)
        from .office import load_uno

        data = load_uno().Any("[]com.sun.star.beans.PropertyValue", filters)
        document.storeToURL(
            load_uno().systemPathToFileUrl(str(path)),
            properties(FilterName="calc_pdf_Export", FilterData=data),
        )


def _area(address: Uno) -> Area:
    """The area of a UNO range address."""
    rows, columns = address.EndRow - address.StartRow + 1, address.EndColumn - address.StartColumn + 1
    return Area(address.StartRow + 1, address.StartColumn + 1, rows, columns)


def _points(hundredths: int) -> float:
    """Points of a length in hundredths of a millimetre."""
    return round(hundredths / _POINT, 1)


def _as_text(value: Any) -> Any:
    """What Excel keeps of a value written into a cell of the text format."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        return repr(values.serial(value))
    if isinstance(value, float | int):
        return f"{value:.15g}"
    # Excel takes one apostrophe in front for the sign that says "text".
    return value[1:] if value.startswith("'") else value


def _unquote(rows: list[list[str]], data: Sequence[Sequence[Any]]) -> None:
    """Take away the apostrophe the interface puts before text that would otherwise be read as something else."""
    for row, stored in zip(rows, data, strict=True):
        for column, text in enumerate(row):
            if text.startswith("'") and stored[column] == text[1:]:
                row[column] = text[1:]


def _named(names: dict[str, Any], value: Any) -> str | None:
    return next((name for name, known in names.items() if known == value), None)


def _steps(filled: Sequence[bool]) -> int | None:
    """How far Ctrl and an arrow go along cells that are filled or not; None: to the edge of the sheet."""
    if len(filled) < 2:
        return None
    if filled[0] and filled[1]:
        run = next((number for number, full in enumerate(filled) if not full), len(filled))
        return run - 1
    return next((number for number, full in enumerate(filled) if full and number), None)
