"""The shipped template as an object: its named cells, forms, project sheets, and the values its formulas give.

``Template`` edits a copy of template.xlsx or template.xlsm through the package editor, so that macros, ribbon,
buttons, prompts and marks stay as they are; every formula's cached value is what Excel would show.
"""

from __future__ import annotations

import datetime as dt
from copy import deepcopy
from pathlib import Path
from typing import TypeVar

from perfeval_xl import patterns as re
from perfeval_xl.errors import TemplateError
from perfeval_xl.grid import coordinates
from perfeval_xl.hosts.package.sheets import Scalar, SheetPart, shift_workbook
from perfeval_xl.hosts.package.tree import Element
from perfeval_xl.hosts.package.workbook import Sheet, Workbook
from perfeval_xl.hosts.package.xml import child, children, local_name
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.own_sheets import FIRST_GUARD, GUIDE_SHEET, LAST_GUARD, MASTER

from .checksum import checksum, is_checksum
from .evaluating import EPOCH, CellError, Evaluator

#: The forms there is one sheet of; the projects stand between the guard sheets.
SINGLE_FORMS = ("附件1", "附件2", "附件4", "附件5", "附件6", "自评报告")
PROJECT = "附件3-{}"
_PROJECT_NAME = re.compile(r"附件3-(\d+)")
E = TypeVar("E", bound=Evaluator)


def shipped(suffix: str) -> Path:
    """The template of a kind (``.xlsx`` or ``.xlsm``): in the installed package, or in a checkout."""
    package = Path(__file__).resolve().parents[2]
    for place in (package / "data", package.parent / "workbook"):
        if (place / f"template{suffix}").is_file():
            return place / f"template{suffix}"
    raise TemplateError(f"安装不完整：找不到自带的模板 template{suffix}，请重新安装 perfeval-xl")


class Template:
    """A copy of the template being edited; places are 1-based (row, column)."""

    def __init__(self, source: Path | bytes) -> None:
        self.package = Package.open(source)
        self.workbook = Workbook(self.package)
        self._strings = self.workbook.shared_strings()
        self.parts: dict[str, SheetPart] = {}
        for sheet in self.workbook.sheets:
            if sheet.part is not None:
                self.parts[sheet.name] = SheetPart(self.package, sheet.part, self._strings)
        if GUIDE_SHEET not in self.parts or MASTER not in self.parts:
            raise TemplateError(f"这不是本工具的填报模板（没有“{GUIDE_SHEET}”等工作表）")

    # -- places -----------------------------------------------------------------------------------------------

    @property
    def names(self) -> dict[str, str]:
        """The references of the workbook's own defined names."""
        return self.workbook.own_names

    def place(self, name: str) -> tuple[str, int, int]:
        """Sheet, row and column of a defined name's first cell."""
        sheet, _, cells = self.names[name].rpartition("!")
        return (sheet.strip("'"), *coordinates(cells.partition(":")[0]))

    def named(self, name: str) -> Scalar:
        """What the cell holds that a name names."""
        sheet, row, column = self.place(name)
        return self.parts[sheet].value(row, column)

    def set_name(self, name: str, value: Scalar) -> None:
        """Type a value into the cell that a name names."""
        sheet, row, column = self.place(name)
        self.parts[sheet].set(row, column, value)

    @property
    def projects(self) -> list[str]:
        """The project sheets, in their order."""
        listed = [sheet.name for sheet in self.workbook.sheets]
        return listed[listed.index(FIRST_GUARD) + 1 : listed.index(LAST_GUARD)]

    # -- structure --------------------------------------------------------------------------------------------

    def insert_rows(self, sheet: str, at: int, count: int, like: int | None = None) -> None:
        """Insert rows above row ``at`` of a sheet, each like that row or another; all that points below moves."""
        if count > 0:
            shift_workbook(self.workbook, self.parts, sheet, at, count)
            self.parts[sheet].insert_rows(at, count, at if like is None else like)

    def add_project(self) -> str:
        """A new project sheet, made from the hidden master, after the last; its name."""
        numbers = [int(match[1]) for name in self.parts if (match := _PROJECT_NAME.fullmatch(name))]
        ordinal = max(numbers, default=0) + 1
        name = PROJECT.format(ordinal)
        master = self.parts[MASTER]
        root = deepcopy(master.root)
        _made_a_project(root)
        sheet = self.workbook.add_sheet(name, root)
        self._move_before(sheet, LAST_GUARD)
        self._local_names(name)
        part = SheetPart(self.package, sheet.part or "", self._strings)
        self.parts[name] = part
        part.set(1, 1, name)
        row, column = next(place for place, stored in part.stored().items() if stored.value == "FJ3")
        part.set(row, column, f"FJ3-{ordinal}")
        return name

    def add_sheet(self, name: str, root: Element, before: str) -> None:
        """A sheet of any content in front of another."""
        sheet = self.workbook.add_sheet(name, root)
        self._move_before(sheet, before)
        self.parts[name] = SheetPart(self.package, sheet.part or "", self._strings)

    def _move_before(self, sheet: Sheet, before: str) -> None:
        """Move a sheet that was appended; names that belong to the sheets after it are renumbered."""
        listed = child(self.workbook.document.root, "sheets")
        assert listed is not None
        elements = children(listed, "sheet")
        at = next(index for index, element in enumerate(elements) if element.get("name") == before)
        elements[at].addprevious(elements[sheet.index])
        for element in self.workbook.names():
            local = element.get("localSheetId")
            if local is not None and int(local) >= at:
                element.set("localSheetId", str(int(local) + 1))

    def _local_names(self, name: str) -> None:
        """Give a project sheet the print area and the repeated rows of the master."""
        order = {sheet.name: sheet for sheet in self.workbook.sheets}
        for element in list(self.workbook.names()):
            if element.get("localSheetId") == str(order[MASTER].index):
                text = (element.text or "").replace(MASTER, name)
                self.workbook.add_name(element.get("name", ""), text, sheet=order[name])

    # -- values -----------------------------------------------------------------------------------------------

    def evaluator(self) -> Evaluator:
        """The values of all cells as they stand now."""
        return self.evaluated_by(Evaluator)

    def evaluated_by(self, kind: type[E]) -> E:
        """The same, by an evaluator that looks at the values in its own way."""
        order = [sheet.name for sheet in self.workbook.sheets if sheet.name in self.parts]
        cells = {name: self.parts[name].stored() for name in order}
        return kind(cells, self.names, _special)

    def recalculate(self) -> None:
        """Write into every formula cell what it gives now."""
        evaluator = self.evaluator()
        for name, cells in evaluator.sheets.items():
            for (row, column), stored in cells.items():
                if stored.formula is None:
                    continue
                try:
                    value = evaluator.value(name, row, column)
                except CellError as error:
                    self.parts[name].cache_error(row, column, str(error))
                    continue
                if isinstance(value, str) or value is None or value != stored.value:
                    self.parts[name].cache(row, column, value)

    def to_bytes(self) -> bytes:
        """The workbook; Excel reckons it anew on opening."""
        for part in self.parts.values():
            part.save()
        self.workbook.save()
        return self.package.to_bytes()


#: A user-defined function of the template: blank until Excel asks Python.
_USER_FUNCTION = re.compile(r"PE_[A-Z_]+\(")


def is_asked(formula: str) -> bool:
    """Whether a formula asks Python: blank until Excel does so."""
    return _USER_FUNCTION.search(formula) is not None


def _special(evaluator: Evaluator, sheet: str, formula: str) -> Scalar:
    """The value of a formula that is not worked out by its language: a checksum, or what asks Python."""
    if is_asked(formula):
        return ""
    if is_checksum(formula):
        try:
            return checksum(formula, lambda row, column: evaluator.value(sheet, row, column))
        except CellError:
            return 0.0
    return None


def _made_a_project(root: Element) -> None:
    """Take off the copy of the master what a workbook may have only once: its code name and being selected."""
    properties = child(root, "sheetPr")
    if properties is not None:
        properties.attrib.pop("codeName", "")
    for view in root.iter():
        if local_name(view) == "sheetView":
            view.attrib.pop("tabSelected", "")


def excel_date(date: dt.date) -> float:
    """A date as cells store it."""
    return float((date - EPOCH).days)
