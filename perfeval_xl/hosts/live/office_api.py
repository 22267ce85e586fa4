"""The one place that goes past xlwings' common interface, to what Excel and Calc each call their own way.

Everything else in the product uses xlwings' documented objects; a test refuses ``.api`` and ``.impl`` anywhere else.
Ranges, sheets, books and apps here are xlwings'.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from perfeval_xl.calc_engine import lists
from perfeval_xl.calc_engine.office import OfficeError, OfficeGone
from perfeval_xl.calc_engine.values import ERRORS
from perfeval_xl.grid import Area, SheetState
from perfeval_xl.hosts.marks.results import Look
from perfeval_xl.records import dataclass

Rows = list[list[Any]]

N_COM_ATTEMPTS = 50
"""How often a call Excel does not take at once is repeated; without a bound xlwings repeats it for ever."""
# Excel is busy with something of its own: a cell being edited, a dialog. RPC_E_CALL_REJECTED,
# RPC_E_SERVERCALL_RETRYLATER, VBA_E_IGNORE.
_BUSY = {-2147418111, -2147417846, -2146777998}
# RPC_E_DISCONNECTED, RPC_S_SERVER_UNAVAILABLE, RPC_S_CALL_FAILED.
_GONE = {-2147417848, -2147023174, -2147023170}
_LONGEST_ADDRESS = 250  # Excel takes 255 characters
_EXCEL_EDGES = (-4131, -4152, -4160, -4107)  # xlLeft, xlRight, xlTop, xlBottom: those of a conditional format
_EXCEL_LINES = {"thin": 1, "dashed": -4115, "dotted": -4118}
_CALC_LINES = {"thin": 0, "dashed": 2, "dotted": 1}
_EXCEL_STATES: dict[int, SheetState] = {0: "hidden", 2: "veryHidden"}
_ESCAPE_KEY = 0x1B


def is_calc(app: Any) -> bool:
    return bool(app.engine.name == "calc")


def bound_attempts() -> None:
    """Let xlwings give up on a busy Excel after ``N_COM_ATTEMPTS``."""
    if sys.platform.startswith("win"):
        import xlwings._xlwindows

        xlwings._xlwindows.N_COM_ATTEMPTS = N_COM_ATTEMPTS  # type: ignore[attr-defined]


def has_caller() -> bool:
    """Whether a workbook called: by starting this process, through a Python that runs already, or in a test."""
    import xlwings as xw

    started = any(argument.startswith("--from_xl") for argument in sys.argv[1:])
    served = sys.platform.startswith("win") and xw._xlwindows.BOOK_CALLER is not None  # type: ignore[attr-defined,unused-ignore]
    return started or served or hasattr(xw.Book, "_mock_caller")


# --- what an error of the office means -------------------------------------------------------------------------


def _codes(error: BaseException) -> set[int]:
    codes = {getattr(error, "hresult", None)}
    details = getattr(error, "excepinfo", None)
    if details:
        codes.add(details[5])
    return {code for code in codes if isinstance(code, int)}


def is_busy(error: BaseException) -> bool:
    """Excel takes no call now: most likely a cell is being edited."""
    return bool(_codes(error) & _BUSY) or type(error).__name__ == "ExcelBusyError"


def is_gone(error: BaseException) -> bool:
    """The office ended."""
    return isinstance(error, OfficeGone) or bool(_codes(error) & _GONE)


def is_office_error(error: BaseException) -> bool:
    """Whether the office, not this program, refused something."""
    return isinstance(error, OfficeError) or type(error).__name__ in (
        "com_error",
        "ExcelBusyError",
        "CommandError",
    )


# --- reading ---------------------------------------------------------------------------------------------------


def values(area: Any) -> Rows:
    """The stored values of a range in one call: dates as serial numbers, errors as Excel's integers, "" or None
    for empty cells."""
    if is_calc(area.sheet.book.app):
        stored = area.impl.value2
    elif sys.platform.startswith("win"):
        stored = area.api.Value2
    else:
        return [list(row) for row in area.options(ndim=2, err_to_str=True).value]
    return rows_of(stored, area.shape)


def rows_of(stored: Any, shape: tuple[int, int]) -> Rows:
    """A block as the office gives it (a single value, one row, or rows) as rows."""
    if shape == (1, 1):
        while isinstance(stored, list | tuple):
            stored = stored[0]
        return [[stored]]
    rows = [list(row) if isinstance(row, list | tuple) else [row] for row in stored]
    if shape[0] == 1 and len(rows) != 1:
        return [[value for row in rows for value in row]]
    return rows


def error_text(value: object) -> str | None:
    """The name of an error value; None for any other value."""
    return ERRORS.get(value) if isinstance(value, int) and not isinstance(value, bool) else None


def counts_from_1904(book: Any) -> bool:
    if is_calc(book.app):
        return bool(book.api.NullDate.Year == 1904)
    return sys.platform.startswith("win") and bool(book.api.Date1904)


def state(sheet: Any) -> SheetState:
    if is_calc(sheet.book.app) or not sys.platform.startswith("win"):
        return "visible" if sheet.visible else "hidden"
    # xlwings hands Excel's own number on, by which a very hidden sheet would count as visible.
    return _EXCEL_STATES.get(sheet.api.Visible, "visible")


def can_save_copy(book: Any) -> bool:
    """Whether the office can write a copy of the open book that the file reader reads in full."""
    if is_calc(book.app):
        return True
    old = book.name.lower().endswith((".xls", ".xlsb", ".csv", ".et"))
    return sys.platform.startswith("win") and not old


def save_copy(book: Any, path: str) -> None:
    """Write what the book holds now to another file; the book, its name and its own file stay as they are."""
    if is_calc(book.app):
        book.impl.save_copy(path)
    else:
        book.api.SaveCopyAs(path)


def is_saved(book: Any) -> bool:
    """Whether the open book is known to be as when it was last saved."""
    if is_calc(book.app):
        return not book.api.isModified()
    return sys.platform.startswith("win") and bool(book.api.Saved)


# --- protection ------------------------------------------------------------------------------------------------


def is_protected(sheet: Any) -> bool:
    if is_calc(sheet.book.app):
        return bool(sheet.impl.protected)
    return sys.platform.startswith("win") and bool(sheet.api.ProtectContents)


def cannot_mark(book: Any) -> str | None:
    """Why no sheet can be coloured; None if most can. Calc changes no cell style while any sheet is protected."""
    if is_calc(book.app) and any(is_protected(sheet) for sheet in book.sheets):
        return "工作簿里有受保护的工作表，LibreOffice 因此不能给格子标色；问题已全部列在“校验结果”里"
    return None


def is_read_only(book: Any) -> bool:
    """Whether nothing can be written, not even in memory. Excel always can; Calc cannot into a read-only book."""
    return is_calc(book.app) and bool(book.impl.read_only)


def has_fixed_sheets(book: Any) -> bool:
    """Whether sheets can neither be added nor removed."""
    if is_calc(book.app):
        return bool(book.api.isProtected())
    return sys.platform.startswith("win") and bool(book.api.ProtectStructure)


_ALLOWED = (
    "AllowFormattingCells",
    "AllowFormattingColumns",
    "AllowFormattingRows",
    "AllowInsertingColumns",
    "AllowInsertingRows",
    "AllowInsertingHyperlinks",
    "AllowDeletingColumns",
    "AllowDeletingRows",
    "AllowSorting",
    "AllowFiltering",
    "AllowUsingPivotTables",
)


@contextlib.contextmanager
def unprotected(sheet: Any) -> Iterator[None]:
    """Lift a protection without a password, and put it back as it was; the office's error if there is one."""
    if not is_protected(sheet):
        yield
    elif is_calc(sheet.book.app):
        sheet.api.unprotect("")
        if is_protected(sheet):
            raise OfficeError(f"“{sheet.name}”设有保护密码")
        try:
            yield
        finally:
            sheet.api.protect("")
    else:
        allowed = {name: getattr(sheet.api.Protection, name) for name in _ALLOWED}
        drawings, scenarios = sheet.api.ProtectDrawingObjects, sheet.api.ProtectScenarios
        sheet.api.Unprotect("")
        try:
            yield
        finally:
            sheet.api.Protect(DrawingObjects=drawings, Contents=True, Scenarios=scenarios, **allowed)


# --- marks -----------------------------------------------------------------------------------------------------


def add_mark(sheet: Any, areas: Sequence[Area], formula: str, look: Look) -> None:
    """One conditional format over all areas, before those that are there."""
    groups = joined(map(str, areas))
    spec = {
        "fill_color": f"#{look.fill[2:]}",
        "font_color": f"#{look.text[2:]}",
        "font_bold": look.letters == "bold" or None,
        "font_italic": look.letters == "italic" or None,
        "stop_if_true": True,
    }
    if is_calc(sheet.book.app):
        # Calc takes an address of any length, and the whole look with it.
        more = {"underline": look.letters == "underline", "border": _calc_line(look)}
        cells = sheet.range(",".join(groups)).impl
        cells.conditional_formats.add_custom({"formula": formula, **spec, **more})
        return
    rule = sheet.range(groups[0]).conditional_formats.add_custom(formula, **spec)
    if sys.platform.startswith("win"):
        _finish_in_excel(sheet, rule.api, groups, look)


# --- the looks of a list of ours -------------------------------------------------------------------------------
# What xlwings has no word for. In Excel for macOS these say nothing: the list is read without them.

_EXCEL_NONE, _EXCEL_LANDSCAPE, _EXCEL_CONTINUOUS = -4142, 2, 1


def draw_lines(cells: Any, colour: str | None) -> None:
    """Thin lines around and between cells in a colour (``#RRGGBB``); None takes them away."""
    if is_calc(cells.sheet.book.app):
        lists.draw_lines(cells.impl, colour)
    elif sys.platform.startswith("win"):
        borders = cells.api.Borders
        borders.LineStyle = _EXCEL_NONE if colour is None else _EXCEL_CONTINUOUS
        if colour is not None:
            borders.Color = _excel_colour(f"FF{colour[1:]}")


def fold_rows(sheet: Any, first: int, last: int) -> None:
    """Fold rows away behind a button on the margin."""
    if is_calc(sheet.book.app):
        lists.fold_rows(sheet.impl, first, last)
    elif sys.platform.startswith("win"):
        rows = sheet.api.Rows(f"{first}:{last}")
        rows.Group()
        rows.Hidden = True


def unfold(sheet: Any) -> None:
    """Show folded rows again and take the buttons away."""
    if is_calc(sheet.book.app):
        lists.unfold(sheet.impl)
    elif sys.platform.startswith("win"):
        sheet.api.Outline.ShowLevels(8)
        sheet.api.Cells.ClearOutline()


def hide_column(sheet: Any, column: int) -> None:
    if is_calc(sheet.book.app):
        sheet.range((1, column)).impl.column_hidden = True
    elif sys.platform.startswith("win"):
        sheet.api.Columns(column).Hidden = True


def filter_buttons(sheet: Any, top: int, bottom: int, columns: int) -> None:
    """Filter buttons on the headings in row ``top`` of a list."""
    area = sheet.range((top, 1), (bottom, columns))
    if is_calc(sheet.book.app):
        lists.filter_buttons(area.impl)
    elif sys.platform.startswith("win"):
        sheet.api.AutoFilterMode = False
        area.api.AutoFilter()


def print_wide(sheet: Any, header: int) -> None:
    """Print a sheet across the page, as wide as one, the row of the headings on each. A computer without a printer lets Excel
    set nothing of a page: then it prints as Excel thinks fit."""
    if is_calc(sheet.book.app):
        lists.print_wide(sheet.impl, header)
    elif sys.platform.startswith("win"):
        setup = sheet.api.PageSetup
        with contextlib.suppress(Exception):
            setup.Orientation = _EXCEL_LANDSCAPE
            setup.Zoom, setup.FitToPagesWide, setup.FitToPagesTall = False, 1, False
            setup.PrintTitleRows = f"${header}:${header}"


def tidy(book: Any) -> None:
    """Remove what Calc keeps of marks and of a list that are gone; Excel keeps nothing."""
    if is_calc(book.app):
        lists.forget(book.impl)
        book.impl.drop_unused_styles()


def joined(addresses: Iterable[str]) -> list[str]:
    """Addresses in lists as long as Excel takes them."""
    groups = [""]
    for area in addresses:
        if groups[-1] and len(groups[-1]) + len(area) >= _LONGEST_ADDRESS:
            groups.append("")
        groups[-1] += f",{area}" if groups[-1] else area
    return groups


def _finish_in_excel(sheet: Any, rule: Any, groups: Sequence[str], look: Look) -> None:
    whole = sheet.api.Range(groups[0])
    for group in groups[1:]:
        whole = sheet.book.app.api.Union(whole, sheet.api.Range(group))
    if len(groups) > 1:
        rule.ModifyAppliesToRange(whole)
    if look.letters == "underline":
        rule.Font.Underline = 2
    for edge in _EXCEL_EDGES:
        rule.Borders(edge).LineStyle = _EXCEL_LINES[look.border]
        rule.Borders(edge).Color = _excel_colour(look.text)


def _calc_line(look: Look) -> Any:
    from perfeval_xl.calc_engine.office import struct

    return struct("table.BorderLine2", int(look.text[2:], 16), 0, 18, 0, _CALC_LINES[look.border], 18)


def _excel_colour(argb: str) -> int:
    red, green, blue = (int(argb[at : at + 2], 16) for at in (2, 4, 6))
    return red | green << 8 | blue << 16


def hide_name(name: Any, book: Any) -> None:
    """Keep a name out of the clerk's list of names. Calc has no such thing."""
    if not is_calc(book.app) and sys.platform.startswith("win"):
        name.api.Visible = False


def resize_table(sheet: Any, name: str, area: Any) -> None:
    """Let an Excel table cover ``area``; in Calc it is the range that its filter buttons stand over."""
    if is_calc(sheet.book.app):
        lists.filter_buttons(area.impl, name)
    else:
        sheet.tables[name].resize(area)


# --- choosing files ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file in a window where one is chosen: what the clerk reads, and its suffixes (``.xlsx`` …)."""

    label: str
    suffixes: tuple[str, ...]


def can_choose_files(app: Any) -> bool:
    """Whether the application has windows in which files are chosen. Excel for macOS hands out none to a program."""
    return is_calc(app) or sys.platform.startswith("win")


def choose_file(app: Any, title: str, kinds: Sequence[FileKind], folder: Path | None) -> str | None:
    """The path or, of a file in the cloud, the address the clerk chose; None where they cancelled.

    Excel shows the folder it showed last.
    """
    if is_calc(app):
        from perfeval_xl.calc_engine import dialogs

        chosen = dialogs.choose_file(app, title, _filters(kinds), folder)
        return None if chosen is None else str(chosen)
    return _chosen(app.api.GetOpenFilename(_excel_filter(kinds), 1, title))


def choose_where(
    app: Any, title: str, kind: FileKind, folder: Path | None, name: str
) -> tuple[str, bool] | None:
    """The path or address under which the clerk wants a file saved, and whether they agreed to replace what is there.

    ``name`` is suggested. Calc asks that itself, Excel does not.
    """
    if is_calc(app):
        from perfeval_xl.calc_engine import dialogs

        chosen = dialogs.choose_where(app, title, _filters([kind]), folder, name)
        return None if chosen is None else (str(chosen), True)
    suggested = name if folder is None else str(folder / name)
    path = _chosen(app.api.GetSaveAsFilename(suggested, _excel_filter([kind]), 1, title))
    return None if path is None else (path, False)


def _chosen(answer: object) -> str | None:
    """Excel answers with False where the window was closed."""
    return answer if isinstance(answer, str) and answer else None


def _filters(kinds: Sequence[FileKind]) -> dict[str, tuple[str, ...]]:
    return {f"{kind.label} ({_patterns(kind)})": kind.suffixes for kind in kinds}


def _excel_filter(kinds: Sequence[FileKind]) -> str:
    return ",".join(f"{kind.label} ({_patterns(kind)}),{_patterns(kind)}" for kind in kinds)


def _patterns(kind: FileKind) -> str:
    return ";".join(f"*{suffix}" for suffix in kind.suffixes)


# --- the person at the keyboard ----------------------------------------------------------------------------------


def escape_pressed() -> bool:
    """Whether the Esc key is held down (Windows)."""
    if not sys.platform.startswith("win"):
        return False
    return bool(ctypes.windll.user32.GetAsyncKeyState(_ESCAPE_KEY) & 0x8000)  # type: ignore[attr-defined,unused-ignore]
