"""The workbook of a package: its sheets, its defined names, whether it is signed."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from perfeval_xl.errors import PackageError
from perfeval_xl.records import dataclass

from .relationships import relationships_part
from .styles import Styles
from .tree import Element
from .xml import (
    WORKBOOK_ORDER,
    Document,
    append_new,
    child,
    children,
    insert_new,
    local_name,
    namespace,
    new_root,
    number,
    read_text,
)
from .zip import Package

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

_STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"

# The namespace of r:id and the stem of relationship types, by the namespace of the workbook part.
_OFFICE = {
    _MAIN: "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    _STRICT_MAIN: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}

_SPREADSHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.{}+xml"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as the workbook lists it; ``part`` is ``None`` for chart sheets and what else has no cells."""

    index: int
    name: str
    sheet_id: int
    part: str | None


def _relationship_id(element: Element) -> str:
    # Writers exist that mix the flavours, so either namespace will do.
    return next((value for office in _OFFICE.values() if (value := element.get(f"{{{office}}}id"))), "")


def _detach(element: Element) -> None:
    """Remove an element from its parent, and the parent too if it holds nothing else and must not be empty."""
    parent = element.getparent()
    if parent is None:
        return
    parent.remove(element)
    if not len(parent) and local_name(parent) == "definedNames":
        _detach(parent)


class Workbook:
    """The workbook part of a package; changes count once it is ``save``d."""

    def __init__(self, package: Package) -> None:
        part = package.related("", "officeDocument")
        if part is None:
            raise PackageError("文件不是有效的 .xlsx/.xlsm 工作簿，或已损坏")
        if part.lower().endswith(".bin"):
            raise PackageError("不支持 .xlsb 二进制工作簿，请另存为 .xlsx 或 .xlsm 后再试")
        self.package = package
        self.part = part
        self.document = package.document(part)
        self.space = namespace(self.document.root)
        if self.space not in _OFFICE or local_name(self.document.root) != "workbook":
            raise PackageError("文件不是 Excel 工作簿")

    @property
    def office(self) -> str:
        """The namespace of ``r:id`` in this workbook's flavour (transitional or strict)."""
        return _OFFICE[self.space]

    @property
    def macro_enabled(self) -> bool:
        return "macroEnabled" in self.package.content_type(self.part)

    def save(self) -> None:
        self.package.put(self.part, self.document)

    def _sheet_elements(self) -> list[Element]:
        sheets = child(self.document.root, "sheets")
        return [] if sheets is None else children(sheets, "sheet")

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        worksheets = {
            relationship.id: relationship.target
            for relationship in self.package.relationships(self.part)
            if relationship.kind.endswith("/worksheet") and relationship.target in self.package
        }
        return tuple(
            Sheet(
                index,
                element.get("name", ""),
                number(element.get("sheetId")),
                worksheets.get(_relationship_id(element)),
            )
            for index, element in enumerate(self._sheet_elements())
        )

    def free_name(self, wanted: str) -> str:
        """``wanted``, or that with the first ordinal that no sheet has yet."""
        taken = {sheet.name.casefold() for sheet in self.sheets}
        name, ordinal = wanted, 1
        while name.casefold() in taken:
            ordinal += 1
            name = f"{wanted}({ordinal})"
        return name

    def add_sheet(self, name: str, root: Element) -> Sheet:
        """Append a worksheet; ``name`` must be free."""
        folder = posixpath.join(posixpath.dirname(self.part), "worksheets")
        ordinal = 1
        while (part := posixpath.join(folder, f"sheet{ordinal}.xml")) in self.package:
            ordinal += 1
        self.package.put(part, Document.new(root), _SPREADSHEET_TYPE.format("worksheet"))
        identifier = self.package.relate(self.part, f"{self.office}/worksheet", part)
        listed = self._sheet_elements()
        sheet_id = max((number(element.get("sheetId")) for element in listed), default=0) + 1
        parent = child(self.document.root, "sheets")
        if parent is None:
            raise PackageError("工作簿中没有工作表清单，文件可能已损坏")
        element = append_new(parent, "sheet", name=name, sheetId=str(sheet_id))
        element.set(f"{{{self.office}}}id", identifier)
        return Sheet(len(listed), name, sheet_id, part)

    def remove_sheet(self, sheet: Sheet) -> None:
        """Take a sheet out, with what belongs to it alone; what counts sheets by their place counts anew."""
        element = self._sheet_elements()[sheet.index]
        _detach(element)
        for name in list(self.names()):
            place = number(name.get("localSheetId"), -1)
            if place == sheet.index:
                _detach(name)
            elif place > sheet.index:
                name.set("localSheetId", str(place - 1))
        for view in self.document.root.iter(f"{{{self.space}}}workbookView"):
            for attribute in ("activeTab", "firstSheet"):
                place = number(view.get(attribute))
                if place >= max(sheet.index, 1):
                    view.set(attribute, str(place - 1))
        if sheet.part is not None:
            self.package.remove(relationships_part(sheet.part))
            self.package.remove(sheet.part)
            self.package.unrelate(self.part, sheet.part)

    def remove_names(self, wanted: Callable[[Element], bool]) -> bool:
        """Take out the names whose element is ``wanted``; whether there were any."""
        found = [element for element in self.names() if wanted(element)]
        for element in found:
            _detach(element)
        return bool(found)

    def names(self) -> Iterator[Element]:
        """The definedName elements."""
        holder = child(self.document.root, "definedNames")
        yield from [] if holder is None else children(holder, "definedName")

    @property
    def own_names(self) -> dict[str, str]:
        """What the workbook's own names refer to, without equals sign; those of single sheets are left out."""
        return {
            element.get("name", ""): element.text or ""
            for element in self.names()
            if element.get("localSheetId") is None
        }

    def add_name(self, name: str, text: str, *, sheet: Sheet | None = None, hidden: bool = False) -> None:
        """Define a name, of the workbook or of one sheet."""
        holder = child(self.document.root, "definedNames")
        if holder is None:
            holder = insert_new(self.document.root, "definedNames", WORKBOOK_ORDER)
        element = append_new(holder, "definedName", name=name)
        if sheet is not None:
            element.set("localSheetId", str(sheet.index))
        if hidden:
            element.set("hidden", "1")
        element.text = text

    def shared_strings(self) -> list[str]:
        """The texts that cells refer to by their number."""
        part = self.package.related(self.part, "sharedStrings")
        if part is None or part not in self.package:
            return []
        return [read_text(item) for item in children(self.package.document(part).root, "si")]

    def drop_calculation_chain(self) -> None:
        """Remove the list of formula cells, which must not name a cell whose formula is gone; Excel rebuilds it."""
        chain = self.package.related(self.part, "calcChain")
        if chain is not None:
            self.package.unrelate(self.part, chain)
            self.package.remove(chain)

    def styles(self) -> Styles:
        """The styles part, added if the workbook has none."""
        part = self.package.related(self.part, "styles")
        if part is None or part not in self.package:
            part = posixpath.join(posixpath.dirname(self.part), "styles.xml")
            self.package.put(
                part, Document.new(new_root("styleSheet", self.space)), _SPREADSHEET_TYPE.format("styles")
            )
            self.package.relate(self.part, f"{self.office}/styles", part)
        return Styles(self.package, part)


def signature_note(package: Package, copy: str) -> list[str]:
    """What is to be said of a copy (``copy``: what it is called) of a signed file."""
    signed = package.related("", "origin") or any(
        name.startswith("_xmlsignatures/") for name in package.names
    )
    return [f"原文件带有数字签名；{copy}的内容已变，签名不再有效，报送请用原文件"] if signed else []
