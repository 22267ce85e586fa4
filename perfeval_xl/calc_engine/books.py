"""Workbooks and their sheets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from .addresses import LAST_COLUMN, LAST_ROW, Area, area_between, parse, split_sheet
from .office import OfficeError, Uno, components, guarded, load_uno, properties
from .parts import FreezePanes, Names, Note, PageSetup, drop_unused_styles, no_objects
from .ranges import Range

if TYPE_CHECKING:
    from .app import App

_FILTERS = {
    ".xlsx": "Calc MS Excel 2007 XML",
    ".xls": "MS Excel 97",
    ".ods": "calc8",
    ".csv": "Text - txt - csv (StarCalc)",
}
_MACRO_SUFFIXES = (".xlsm", ".xltm", ".xlsb", ".xlam")


@guarded
class Books(base_classes.Books):
    def __init__(self, app: App) -> None:
        self.app = app

    @property
    def api(self) -> Uno:
        return self.app.office.desktop.Components

    def _documents(self) -> list[Uno]:
        return list(components(self.app.office.desktop))

    @property
    def active_or_none(self) -> Book | None:
        documents = self._documents()
        current = self.app.office.desktop.getCurrentComponent()
        if current is not None and any(document == current for document in documents):
            return Book(self.app, current)
        return Book(self.app, documents[-1]) if documents else None

    @property
    def active(self) -> Book:
        book = self.active_or_none
        if book is None:
            raise OfficeError("LibreOffice 里没有打开的工作簿，请先打开要检查的工作簿")
        return book

    def __call__(self, name_or_index: str | int) -> Book:
        if isinstance(name_or_index, str):
            for book in self:
                if book.name.lower() == name_or_index.lower():
                    return book
            raise KeyError(name_or_index)
        return Book(self.app, self._documents()[int(name_or_index) - 1])

    def __len__(self) -> int:
        return len(self._documents())

    def __iter__(self) -> Iterator[Book]:
        return (Book(self.app, document) for document in self._documents())

    def __contains__(self, name: object) -> bool:
        return any(book.name == name for book in self)

    def add(self) -> Book:
        return self._load("private:factory/scalc", {})

    def open(
        self,
        fullname: str,
        update_links: bool | None = None,  # noqa: ARG002
        read_only: bool | None = None,
        format: str | None = None,  # noqa: ARG002
        password: str | None = None,
        *_: object,
        **__: object,
    ) -> Book:
        """Open a file. What it brings along in macros does not run unless ``App.macros`` says so."""
        options: dict[str, Any] = {"MacroExecutionMode": self.app.macros, "UpdateDocMode": 0}
        if read_only:
            options["ReadOnly"] = True
        if password:
            options["Password"] = password
        path = os.path.abspath(fullname)
        self.app.office.opened.add(Path(path))
        return self._load(load_uno().systemPathToFileUrl(path), options)

    def open_as_new(self, path: str, title: str) -> Book:
        """What a file holds, as a new book that has no file yet: the file cannot be saved over."""
        options = {"MacroExecutionMode": self.app.macros, "UpdateDocMode": 0, "AsTemplate": True}
        book = self._load(load_uno().systemPathToFileUrl(os.path.abspath(path)), options)
        book.doc.setTitle(title)
        return book

    def _load(self, url: str, options: dict[str, Any]) -> Book:
        try:
            document = self.app.office.desktop.loadComponentFromURL(url, "_blank", 0, properties(**options))
        except load_uno().getClass("com.sun.star.io.IOException"):
            document = None
        except load_uno().getClass("com.sun.star.lang.IllegalArgumentException"):
            document = None
        if document is None:
            raise OfficeError(
                "LibreOffice 打不开这个文件：可能有密码、已损坏，或正被别的程序打开（旁边有 .~lock 开头的锁文件）"
            )
        book = Book(self.app, document)
        if self.app.calculation == "manual":
            document.enableAutomaticCalculation(False)
        book.activate()
        return book


@guarded
class Book(base_classes.Book):
    def __init__(self, app: App, document: Uno) -> None:
        self.app_impl = app
        self.doc = document

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Book) and bool(self.doc == other.doc)

    def __hash__(self) -> int:
        return hash(self.fullname)

    @property
    def api(self) -> Uno:
        """The document."""
        return self.doc

    @property
    def app(self) -> App:
        return self.app_impl

    @property
    def controller(self) -> Uno:
        return self.doc.CurrentController

    @property
    def window(self) -> Uno:
        controller = self.controller
        return None if controller is None else controller.Frame.ContainerWindow

    @property
    def name(self) -> str:
        return os.path.basename(self._path) or str(self.doc.getTitle())

    @property
    def fullname(self) -> str:
        """The path; for a book that was never saved its name."""
        return self._path or str(self.doc.getTitle())

    @property
    def _path(self) -> str:
        url = self.doc.URL
        return str(load_uno().fileUrlToSystemPath(url)) if url.startswith("file:") else ""

    @property
    def sheets(self) -> Sheets:
        return Sheets(self)

    @property
    def names(self) -> Names:
        return Names(self, None)

    @property
    def selection(self) -> Range | None:
        controller = self.controller
        chosen = None if controller is None else controller.getSelection()
        if chosen is None or not hasattr(chosen, "RangeAddress"):
            return None
        address = chosen.RangeAddress
        area = area_between(
            (address.StartRow + 1, address.StartColumn + 1), (address.EndRow + 1, address.EndColumn + 1)
        )
        return Range(self.sheets(address.Sheet + 1), area)

    @property
    def read_only(self) -> bool:
        return bool(self.doc.isReadonly())

    def activate(self) -> None:
        self.app.activate()
        controller = self.controller
        if controller is not None:
            controller.Frame.activate()
            if not self.app.office.headless:
                controller.Frame.ContainerWindow.toFront()

    def close(self) -> None:
        """Close without saving and without asking."""
        self.doc.setModified(False)
        self.doc.close(True)

    def save(self, path: str | None = None, password: str | None = None) -> None:
        """Save. A workbook with macros is refused: Calc would write its VBA anew, and not as it was."""
        target = Path(path or self._path or f"{Path(self.name).stem}.xlsx").absolute()
        if target.suffix.lower() in _MACRO_SUFFIXES:
            raise OfficeError(
                f"{target.name}：含宏的工作簿不能由 LibreOffice 保存（会改坏其中的宏），请用 Excel 保存"
            )
        if target.suffix.lower() not in _FILTERS:
            raise OfficeError(f"{target.name}：不能存成 {target.suffix or '没有后缀的'} 文件，请用 .xlsx")
        self.app.office.opened.add(target)
        options: dict[str, Any] = {"FilterName": _FILTERS[target.suffix.lower()], "Overwrite": True}
        if password:
            options["Password"] = password
        self.doc.storeAsURL(load_uno().systemPathToFileUrl(str(target)), properties(**options))

    def save_copy(self, path: str) -> None:
        """Write what the book holds now to another .xlsx; the book, its name and its file stay as they are."""
        options = properties(FilterName=_FILTERS[".xlsx"], Overwrite=True)
        self.doc.storeToURL(load_uno().systemPathToFileUrl(os.path.abspath(path)), options)

    def drop_unused_styles(self) -> None:
        """Remove the cell styles that were made for conditional formats which are gone."""
        drop_unused_styles(self.doc)

    def to_pdf(self, path: str, quality: str) -> None:  # noqa: ARG002
        options = properties(FilterName="calc_pdf_Export")
        self.doc.storeToURL(load_uno().systemPathToFileUrl(os.path.abspath(path)), options)


@guarded
class Sheets(base_classes.Sheets):
    def __init__(self, book: Book) -> None:
        self.book = book

    @property
    def api(self) -> Uno:
        return self.book.doc.Sheets

    @property
    def active(self) -> Sheet:
        controller = self.book.controller
        sheet = self.api.getByIndex(0) if controller is None else controller.ActiveSheet
        return Sheet(self.book, sheet)

    def __call__(self, name_or_index: str | int) -> Sheet:
        if not isinstance(name_or_index, str):
            return Sheet(self.book, self.api.getByIndex(int(name_or_index) - 1))
        for name in self.api.ElementNames:
            if name.lower() == name_or_index.lower():
                return Sheet(self.book, self.api.getByName(name))
        raise KeyError(name_or_index)

    def __len__(self) -> int:
        return int(self.api.Count)

    def __iter__(self) -> Iterator[Sheet]:
        return (self(number) for number in range(1, len(self) + 1))

    def __contains__(self, name: object) -> bool:
        return name in self.api.ElementNames

    def add(self, before: Sheet | None = None, after: Sheet | None = None, name: str | None = None) -> Sheet:
        if before is not None:
            position = before.index - 1
        elif after is not None:
            position = after.index
        else:
            position = self.active.index - 1
        title = name or self._free("Sheet{}")
        self.api.insertNewByName(title, position)
        sheet = self(title)
        sheet.activate()
        return sheet

    def _free(self, pattern: str, first: int = 1) -> str:
        taken = {name.lower() for name in self.api.ElementNames}
        number = first
        while pattern.format(number).lower() in taken:
            number += 1
        return pattern.format(number)


@guarded
class Sheet(base_classes.Sheet):
    def __init__(self, book: Book, xl: Uno) -> None:
        self.book_impl = book
        self.xl = xl

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sheet) and bool(self.xl == other.xl)

    def __hash__(self) -> int:
        return hash((self.book_impl, self.name))

    @property
    def api(self) -> Uno:
        """The sheet's ``XSpreadsheet``."""
        return self.xl

    @property
    def name(self) -> str:
        return str(self.xl.Name)

    @name.setter
    def name(self, value: str) -> None:
        self.xl.Name = value

    @property
    def book(self) -> Book:
        return self.book_impl

    @property
    def index(self) -> int:
        return int(self.xl.RangeAddress.Sheet) + 1

    @property
    def names(self) -> Names:
        return Names(self.book, self)

    @property
    def notes(self) -> list[Note]:
        annotations = self.xl.Annotations
        places = (annotations.getByIndex(number).Position for number in range(annotations.Count))
        return [Note(self, place.Row + 1, place.Column + 1) for place in places]

    @property
    def page_setup(self) -> PageSetup:
        return PageSetup(self)

    @property
    def freeze_panes(self) -> FreezePanes:
        return FreezePanes(self)

    charts = shapes = tables = pictures = property(no_objects)

    @property
    def protected(self) -> bool:
        return bool(self.xl.isProtected())

    # --- ranges --------------------------------------------------------------------------------------------

    def range(self, arg1: Any, arg2: Any = None) -> Range:
        """By address or name, by corners, or by (row, column, rows, columns)."""
        if isinstance(arg1, tuple) and len(arg1) == 4:
            return Range(self, Area(*arg1))
        if arg2 is None and isinstance(arg1, str):
            return self._by_text(arg1)
        first = self._area(arg1)
        last = first if arg2 is None else self._area(arg2)
        corners = [(area.row, area.column) for area in (first, last)]
        corners += [(area.bottom, area.right) for area in (first, last)]
        top, left = (min(corner[side] for corner in corners) for side in (0, 1))
        bottom, right = (max(corner[side] for corner in corners) for side in (0, 1))
        return Range(self, area_between((top, left), (bottom, right)))

    def _area(self, given: Any) -> Area:
        if isinstance(given, tuple):
            row, column = given[:2]
            if len(given) == 4:
                return Area(*given)
            return area_between((row, column), (row, column))
        if isinstance(given, Range):
            return given.area
        return self._by_text(given).area

    def _by_text(self, text: str) -> Range:
        sheet, rest = split_sheet(text)
        if sheet is not None and sheet.lower() in map(str.lower, self.book.sheets.api.ElementNames):
            return self.book.sheets(sheet)._by_text(rest)
        areas = [parse(part.strip()) for part in text.split(",")]
        known = [area for area in areas if area is not None]
        if len(known) == len(areas):
            return Range(self, known[0], tuple(known), text)
        for names in (self.names, self.book.names):
            if names.contains(text):
                return names(text).refers_to_range
        raise ValueError(f"no address and no name: {text!r}")

    @property
    def cells(self) -> Range:
        return Range(self, Area(1, 1, LAST_ROW, LAST_COLUMN))

    @property
    def used_range(self) -> Range:
        cursor = self.xl.createCursor()
        cursor.gotoStartOfUsedArea(False)
        cursor.gotoEndOfUsedArea(True)
        address = cursor.RangeAddress
        first = (address.StartRow + 1, address.StartColumn + 1)
        return Range(self, area_between(first, (address.EndRow + 1, address.EndColumn + 1)))

    # --- the sheet itself ----------------------------------------------------------------------------------

    def activate(self) -> None:
        controller = self.book.controller
        if controller is not None:
            controller.setActiveSheet(self.xl)

    def select(self) -> None:
        self.activate()

    def clear_contents(self) -> None:
        self.used_range.clear_contents()

    def clear_formats(self) -> None:
        self.cells.clear_formats()

    def clear(self) -> None:
        self.cells.clear()

    def autofit(self, axis: str | None = None) -> None:
        self.used_range.autofit(axis)

    def delete(self) -> None:
        self.book.sheets.api.removeByName(self.name)

    def copy(self, before: Sheet | None = None, after: Sheet | None = None) -> None:
        neighbour = before or after
        book = self.book if neighbour is None else neighbour.book
        position = (
            len(book.sheets) if neighbour is None else neighbour.index - (0 if after is not None else 1)
        )
        if book == self.book:
            title = book.sheets._free(self.name.replace("{", "{{").replace("}", "}}") + " ({})", 2)
            book.sheets.api.copyByName(self.name, title, position)
            book.sheets(title).activate()
        else:
            number = book.sheets.api.importSheet(self.book.doc, self.name, position)
            book.sheets(number + 1).activate()

    def move(self, before: Sheet | None = None, after: Sheet | None = None) -> None:
        neighbour = before or after
        if neighbour is not None:
            self.book.sheets.api.moveByName(self.name, neighbour.index - (0 if after is not None else 1))

    @property
    def visible(self) -> bool:
        return bool(self.xl.IsVisible)

    @visible.setter
    def visible(self, value: bool) -> None:
        self.xl.IsVisible = bool(value)
