"""Makes a macro-enabled workbook of plain sheets: puts VBA project and ribbon into the package, reproducibly.

The sheets' builder only has to give every sheet and the workbook an ASCII code name (XlsxWriter: ``set_vba_name``)
and its buttons the macros of ``perfeval_xl.excel.actions``.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import macros
import openpyxl
import xlsxwriter
from ribbon import ribbon_xml
from vba_project import PROJECT_ID, build_project

from perfeval_xl.hosts.package.xml import child, children
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.own_sheets import SETTINGS_SHEET, TEXTS_SHEET

#: The code name of the sheet that holds what the macros say.
TEXTS_CODE = "PEWords"
PROJECT_PART = "xl/vbaProject.bin"
RIBBON_PART = "customUI/customUI14.xml"
PROJECT_TYPE = "application/vnd.ms-office.vbaProject"
PROJECT_RELATION = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
_RIBBON_RELATION = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
_WORKBOOK_TYPE = "application/vnd.ms-excel.{}.macroEnabled.main+xml"
_R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class AssemblyError(ValueError):
    """The sheets cannot carry macros; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class CodeNames:
    """The names under which the project knows the workbook and its sheets, in the order of the tabs."""

    workbook: str
    sheets: tuple[str, ...]


def macro_enabled(sheets: bytes, edition: macros.Edition) -> bytes:
    """The package of an .xlsm (or .xlam) from that of an .xlsx, with project, ribbon and content type.

    Same input, same bytes. AssemblyError where the workbook or a sheet has no code name, or macros already.
    """
    package = Package(sheets)
    workbook = package.related("", "officeDocument")
    if workbook is None or package.related(workbook, "vbaProject") is not None:
        raise AssemblyError("not a plain workbook: no workbook part, or it has macros already")
    _check_settings(sheets)
    names = code_names(package)
    if TEXTS_CODE not in names.sheets:
        raise AssemblyError(f"no sheet {TEXTS_SHEET}: the macros would have nothing to say")
    documents = [names.workbook, *names.sheets]
    project = "PerfEvalAddin" if edition == "addin" else "VBAProject"
    package.put(PROJECT_PART, build_project(macros.modules(edition), documents, project), PROJECT_TYPE)
    package.relate(workbook, PROJECT_RELATION, PROJECT_PART)
    package.put(RIBBON_PART, ribbon_xml(addin=edition == "addin"))
    package.relate("", _RIBBON_RELATION, RIBBON_PART)
    _mark(package, workbook, addin=edition == "addin")
    return package.to_bytes()


def add_texts(workbook: xlsxwriter.Workbook, edition: macros.Edition) -> None:
    """The hidden sheet that holds what the macros say, as the last of a workbook."""
    sheet = workbook.add_worksheet(TEXTS_SHEET)
    sheet.set_vba_name(TEXTS_CODE)
    sheet.hide()
    for row, entry in enumerate(macros.texts(edition).items()):
        sheet.write_row(row, 0, entry)


def _check_settings(sheets: bytes) -> None:
    """xlwings' settings sheet goes before the user's own settings: one that names an interpreter would shut it out."""
    book = openpyxl.load_workbook(io.BytesIO(sheets), read_only=True)
    if SETTINGS_SHEET not in book.sheetnames:
        return
    keys = [str(key).upper() for key, *_ in book[SETTINGS_SHEET].iter_rows(values_only=True)]
    if shut := [key for key in keys if key.startswith(("INTERPRETER", "PYTHONPATH", "CONDA"))]:
        raise AssemblyError(
            f"sheet {SETTINGS_SHEET} sets {shut[0]}, which belongs to each user's own settings"
        )


def code_names(package: Package) -> CodeNames:
    """The code names that the parts state."""
    workbook = package.related("", "officeDocument") or ""
    root = package.document(workbook).root
    properties, listed = child(root, "workbookPr"), child(root, "sheets")
    parts = {relation.id: relation.target for relation in package.relationships(workbook)}
    sheets = [] if listed is None else children(listed)
    found = [
        _sheet_name(package, parts.get(sheet.get(_R_ID, ""), ""), sheet.get("name", "")) for sheet in sheets
    ]
    own = None if properties is None else properties.get("codeName")
    if not own or not found:
        raise AssemblyError("the workbook has no code name: call set_vba_name() on it")
    return CodeNames(own, tuple(found))


def _sheet_name(package: Package, part: str, title: str) -> str:
    properties = child(package.document(part).root, "sheetPr")
    name = None if properties is None else properties.get("codeName")
    if not name:
        raise AssemblyError(f"sheet {title} has no code name: call set_vba_name(...) on it")
    return name


def _mark(package: Package, workbook: str, *, addin: bool) -> None:
    """Say in the workbook part that it has macros, and of an add-in that it has no window."""
    document = package.document(workbook)
    version, views = child(document.root, "fileVersion"), child(document.root, "bookViews")
    if version is not None:
        version.set("codeName", PROJECT_ID)
    if addin and views is not None:
        for view in children(views):
            view.set("visibility", "hidden")
    package.put(workbook, document, _WORKBOOK_TYPE.format("addin" if addin else "sheet"))
