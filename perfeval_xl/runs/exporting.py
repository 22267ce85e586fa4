"""A workbook as the report that is published: a Word document or PDF of its 自评报告 and its forms.

The figures of the text come from the forms: the template's sentences are worked out anew, and every {{名称}} is filled
in. Nothing is published that says a figure nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from perfeval_xl import patterns as re
from perfeval_xl.bounds import BOUNDS, Bounds
from perfeval_xl.errors import ExportError, PackageError, PageError, TemplateError
from perfeval_xl.forms import read_again, read_forms
from perfeval_xl.forms.named import Misnamed, filled
from perfeval_xl.forms.records import Forms, Narrative
from perfeval_xl.grid import Book, Cell, Grid, Place
from perfeval_xl.hosts import libreoffice
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.reading import xlsx as xlsx_host
from perfeval_xl.hosts.reading.loading import open_source, read_source
from perfeval_xl.hosts.template import formulas as template_formulas
from perfeval_xl.hosts.word import forms as form_pages
from perfeval_xl.hosts.word.pages import Pages, stand_ins
from perfeval_xl.own_sheets import is_own_sheet
from perfeval_xl.records import dataclass, replace
from perfeval_xl.rules.families.completeness.privacy import masked, may_be_private
from perfeval_xl.text import TO_CONFIRM, awaits

from .checking import check_read

SUFFIXES = (".docx", ".pdf")


@dataclass(frozen=True, slots=True)
class Private:
    """A number that must not be published: its cell, what it is, and how it may be shown."""

    place: Place
    kind: str
    masked: str

    def __str__(self) -> str:
        return f"{self.place}：{self.kind} {self.masked}"


@dataclass(frozen=True, slots=True)
class Exported:
    """The document; the private numbers in it (masked there where that was asked for); what the user should know."""

    data: bytes
    private: tuple[Private, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A workbook whose texts say its figures, its private numbers, and the same workbook ``without`` them."""

    book: Book
    forms: Forms
    private: tuple[Private, ...]
    without: Book


def export(path: Path, suffix: str, *, redact: bool = False, limits: Limits = LIMITS) -> Exported:
    """The report of a workbook as a ``.docx`` or ``.pdf``.

    Unreadable for a file that cannot be read, ExportError for one that cannot be published as it is (no form in it, an
    unknown {{名称}}, a formula without a value), OfficeError where LibreOffice is missing for a PDF or fails.
    """
    return export_book(_current(path, limits), suffix, redact=redact, limits=limits)


def export_book(book: Book, suffix: str, *, redact: bool = False, limits: Limits = LIMITS) -> Exported:
    """The same of a workbook that a host has read."""
    return export_prepared(prepare(book, limits), suffix, redact=redact, limits=limits)


def prepare(book: Book, bounds: Bounds = BOUNDS) -> Prepared:
    """A workbook ready to be published, and what of it is private; ExportError where it cannot be."""
    done = filled(book, read_forms(book, bounds))
    if done.forms.beyond is not None:
        raise ExportError(f"{book.name}：没有导出：{done.forms.beyond}")
    _refuse(book.name, done.forms, done.problems)
    _refuse_unknown(book.name, done.book)
    private, without = _masked(done.book)
    return Prepared(done.book, done.forms, tuple(private), without)


def export_prepared(
    ready: Prepared, suffix: str, *, redact: bool = False, limits: Limits = LIMITS
) -> Exported:
    """The document of a prepared workbook."""
    if suffix not in SUFFIXES:
        raise ValueError(f"unknown format {suffix!r}, use one of {', '.join(SUFFIXES)}")
    hide = redact and bool(ready.private)
    shown = ready.without if hide else ready.book
    forms = read_again(shown, ready.book, ready.forms)
    fonts = stand_ins(libreoffice.installed_fonts()) if suffix == ".pdf" else {}
    data, notes = _document(shown, forms, fonts)
    notes += [*_unconfirmed(ready.book), *_wrong(ready), *ready.book.notes]
    if suffix == ".pdf":
        data, more = _pdf(data, limits)
        notes += more
    return Exported(data, ready.private, tuple(notes))


def _current(path: Path, limits: Limits) -> Book:
    """The workbook with what its formulas give by now, where it is one of the template's."""
    source = open_source(path, limits)
    book = read_source(source, None, limits)
    if not template_formulas.is_template(book):
        return book
    try:
        new = template_formulas.refreshed(source.data, book)
    except (TemplateError, PackageError):  # sheets of the template are gone: the stored values hold
        return book
    return book if new is source.data else xlsx_host.read(source.file_name, new, limits)


def _refuse(name: str, forms: Forms, problems: Sequence[Misnamed]) -> None:
    if not forms:
        raise ExportError(f"{name}：没有找到绩效自评表或自评报告，没有可以导出的内容")
    if problems:
        said = "；".join(f"{problem.place}：{problem.reason}" for problem in problems[:3])
        more = f"；另有 {len(problems) - 3} 处" if len(problems) > 3 else ""
        raise ExportError(f"{name}：文字里的 {{{{名称}}}} 填不上，没有导出。{said}{more}")


def _refuse_unknown(name: str, book: Book) -> None:
    """A figure that nobody has calculated must not come out as an empty cell."""
    unknown = [
        Place(grid.sheet, cell.row, cell.column)
        for grid in book.grids
        for cell in _published(grid)
        if cell.uncached
    ]
    if unknown:
        more = f" 等 {len(unknown)} 格" if len(unknown) > 1 else ""
        raise ExportError(
            f"{name}：{unknown[0]}{more}的公式没有保存计算结果，导出会缺数。请在 Excel 或 WPS 里打开，保存后再导出"
        )


def _unconfirmed(book: Book) -> Iterator[str]:
    """What was carried over from last year and is not confirmed is no statement of this year's."""
    waiting = [
        Place(grid.sheet, cell.row, cell.column)
        for grid in book.grids
        for cell in _published(grid)
        if awaits(cell.text)
    ]
    if waiting:
        yield f"还有 {len(waiting)} 处沿用上年的内容标着“{TO_CONFIRM}”（如 {waiting[0]}），确认后再公开"


def _wrong(ready: Prepared) -> Iterator[str]:
    """What a check calls an error is better mended before it is published."""
    findings = check_read(ready.book, ready.forms).findings
    errors = [finding for finding in findings if finding.severity == "error" and finding.open]
    if errors:
        where = next((f"（如 {finding.place}）" for finding in errors if finding.place is not None), "")
        yield f"校验还有 {len(errors)} 处错误{where}，改正后再公开"


def _published(grid: Grid) -> Iterator[Cell]:
    """The cells of a sheet that may come into the document."""
    if grid.state == "visible" and not is_own_sheet(grid):
        for cell in grid.cells.values():
            if cell.row not in grid.hidden_rows and cell.column not in grid.hidden_columns:
                yield cell


# -- private numbers --------------------------------------------------------------------------------------------


def _masked(book: Book) -> tuple[list[Private], Book]:
    """The private numbers of the forms and the report, and the book without them."""
    private: list[Private] = []
    grids = []
    for grid in book.grids:
        cells: dict[tuple[int, int], Cell] = {}
        for cell in _published(grid):
            text, found = masked(cell.text) if may_be_private(grid, cell) else (cell.text, ())
            if found:
                private += [Private(Place(grid.sheet, cell.row, cell.column), *one) for one in found]
                cells[cell.row, cell.column] = cell._replace(value=text, text=text)
        grids.append(replace(grid, cells={**grid.cells, **cells}) if cells else grid)
    return private, Book.of(book.name, grids, book.notes)


# -- the document -----------------------------------------------------------------------------------------------


def _document(book: Book, forms: Forms, fonts: Mapping[str, str]) -> tuple[bytes, list[str]]:
    """The report first, then the forms in their order; ``fonts`` in the place of the official ones."""
    found, notes = form_pages.regions(book, forms)
    notes += _hidden(region.grid for region in found)
    pages = Pages(_title(forms), fonts)
    template = template_formulas.is_template(book)
    reports = [region for region in found if isinstance(region.form, Narrative)]
    tables = [region for region in found if not isinstance(region.form, Narrative)]
    if not reports:
        notes.append("没有自评报告的文字，只导出附表")
    for region in (*reports, *tables):
        try:
            form_pages.write(pages, region, spare=template)
        except PageError as error:
            raise ExportError(f"{book.name}：{error}，没有导出") from None
    return pages.to_bytes(), notes


def _title(forms: Forms) -> str:
    titled = (*forms.narratives, *forms.overall, *forms)
    return next(("".join(form.title.text.split()) for form in titled), "")


def _hidden(grids: Iterable[Grid]) -> Iterator[str]:
    """Hidden rows and columns that hold something are not published, which is said once a sheet."""
    for grid in {grid.sheet: grid for grid in grids}.values():
        rows = {row for row, _ in grid.cells} & grid.hidden_rows
        columns = {column for _, column in grid.cells} & grid.hidden_columns
        counted = [f"{len(lines)} {word}" for lines, word in ((rows, "行"), (columns, "列")) if lines]
        if counted:
            yield f"工作表“{grid.sheet}”有{'、'.join(counted)}是隐藏的，没有导出"


# -- PDF --------------------------------------------------------------------------------------------------------

_FONT = re.compile(rb"/BaseFont\s*/(?:[A-Z]{6}\+)?([^\s/<>\[\]()]+)")
#: Beginnings of the names that fonts of the body have inside a PDF, without marks of style.
_BODY_FONTS = ("fangsong", "simfang", "stfangsong", "仿宋", "fz", "方正")


def can_make_pdf() -> bool:
    """Whether this computer has the LibreOffice that makes the PDF."""
    return libreoffice.program() is not None


def _pdf(document: bytes, limits: Limits) -> tuple[bytes, list[str]]:
    data = libreoffice.as_pdf(document, limits)
    used = {match.decode("latin-1").lower() for match in _FONT.findall(data)}
    if any(name.startswith(_BODY_FONTS) for name in used):
        return data, []
    return data, [
        "本机没有仿宋等公文字体，PDF 用了别的字体代替，版面会有出入；正式公布请导出 .docx，在装有这些字体的电脑上另存为 PDF"
    ]
