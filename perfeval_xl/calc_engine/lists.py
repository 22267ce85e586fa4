"""How a list looks that is written into an open book: lines, filter buttons, folded rows, the page it prints on.

xlwings has no words for these; ranges and sheets here are this engine's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .office import Uno, enum, struct

if TYPE_CHECKING:
    from .books import Book, Sheet
    from .ranges import Range

_THIN = 18  # hundredths of a millimetre
_EDGES = ("TopLine", "BottomLine", "LeftLine", "RightLine", "HorizontalLine", "VerticalLine")
#: Names of what is made in the document and goes with its sheet.
_PAGE, _FILTER = "perfeval-xl 清单", "PE_LIST"


def draw_lines(cells: Range, colour: str | None) -> None:
    """Thin lines around and between cells; None takes them away."""
    line = struct("table.BorderLine2")
    if colour is not None:
        line.Color, line.OuterLineWidth, line.LineWidth = int(colour[1:], 16), _THIN, _THIN
    border = struct("table.TableBorder2")
    for edge in _EDGES:
        setattr(border, edge, line)
        setattr(border, f"Is{edge}Valid", True)
    cells.xl.TableBorder2 = border


def filter_buttons(cells: Range, name: str = _FILTER) -> None:
    """Filter buttons on the first row of a range, which is called ``name`` from now on."""
    known = cells.sheet.book.doc.DatabaseRanges
    address = cells.xl.RangeAddress
    if known.hasByName(name):
        known.getByName(name).setDataArea(address)
    else:
        known.addNewByName(name, address)
    known.getByName(name).AutoFilter = True


def fold_rows(sheet: Sheet, first: int, last: int) -> None:
    """Fold rows away behind a button on the margin."""
    rows = sheet.xl.getCellRangeByPosition(0, first - 1, 0, last - 1).RangeAddress
    sheet.xl.group(rows, enum("table.TableOrientation", "ROWS"))
    sheet.xl.hideDetail(rows)


def unfold(sheet: Sheet) -> None:
    """Show folded rows again and take the buttons away."""
    sheet.xl.showLevel(9, enum("table.TableOrientation", "ROWS"))
    sheet.xl.clearOutline()


def print_wide(sheet: Sheet, header: int) -> None:
    """Print a sheet across the page, as wide as one, with the row of the headings on each."""
    styles = sheet.book.doc.StyleFamilies.getByName("PageStyles")
    if not styles.hasByName(_PAGE):
        styles.insertByName(_PAGE, sheet.book.doc.createInstance("com.sun.star.style.PageStyle"))
    page: Uno = styles.getByName(_PAGE)
    if not page.IsLandscape:
        page.IsLandscape, page.Width, page.Height = True, 29_700, 21_000
    page.LeftMargin = page.RightMargin = page.TopMargin = page.BottomMargin = 1_000
    page.HeaderIsOn = False
    page.ScaleToPagesX, page.ScaleToPagesY = 1, 0
    sheet.xl.PageStyle = _PAGE
    sheet.xl.PrintTitleRows = True
    sheet.xl.TitleRows = sheet.xl.getCellRangeByPosition(0, header - 1, 0, header - 1).RangeAddress


def forget(book: Book) -> None:
    """Remove what was made for a list whose sheet is gone."""
    ranges, styles = book.doc.DatabaseRanges, book.doc.StyleFamilies.getByName("PageStyles")
    if ranges.hasByName(_FILTER):
        ranges.removeByName(_FILTER)
    if styles.hasByName(_PAGE) and not styles.getByName(_PAGE).isInUse():
        styles.removeByName(_PAGE)
