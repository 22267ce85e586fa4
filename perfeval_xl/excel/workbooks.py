"""The actions that make a new workbook from a file the clerk chooses: last year's, or one in Word.

It is written beside the open workbook and opened; neither the open one nor the chosen file is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfeval_xl.errors import LiveError
from perfeval_xl.hosts.live import marks as xlwings_marks
from perfeval_xl.hosts.live import office_api
from perfeval_xl.hosts.live.office_api import FileKind
from perfeval_xl.text import shortened

from .documents import as_it_stands, file_name, is_open_as, open_beside, write_new
from .session import Outcome, Session, few

if TYPE_CHECKING:
    from perfeval_xl.runs.new import CarriedOver

_BOOKS = (".xlsx", ".xlsm", ".xls", ".et", ".xlsb", ".ods")
_WORD = (".docx", ".doc")
LAST_YEAR = (FileKind("上年的自评文件", (*_BOOKS, *_WORD)),)
SOURCE = (FileKind("Word 文件", _WORD), FileKind("Excel、WPS 表格", _BOOKS))
_MOST_TOLD = 6


def carry_over(session: Session) -> Outcome:
    """A new year's workbook from last year's file."""
    chosen = session.choose_file("选择上年的自评文件", LAST_YEAR)
    if chosen is None:
        return Outcome()
    session.progress("正在沿用上年的内容")
    suffix = _suffix(session)
    with _source(session, chosen) as path:
        done = _carried(path, suffix, session.book)
    new = _opened(session, f"{done.unit}{done.year}年绩效自评", suffix, done.data)
    if new is None:
        return Outcome("没有新建。")
    lines = [f"已新建{done.year}年度的填报工作簿，并已打开：\n{new}", *_few("● 请核对　", done.waiting)]
    lines += _few("▲ 没有沿用　", done.left)
    return Outcome("\n".join([*lines, "全部列在新工作簿的“沿用记录”里。"]))


def _carried(path: Path, suffix: str, book: Any) -> CarriedOver:
    from perfeval_xl.errors import CarryError, YearUnknown
    from perfeval_xl.runs.new import from_last_year

    try:
        try:
            return from_last_year(path, suffix)
        except YearUnknown:
            year = _year(book)
            if year is None:
                raise LiveError(
                    f"“{path.name}”看不出是哪一年的：请先在填报模板的“填报说明”里填今年的评价年度，再从那里点“沿用上年”"
                ) from None
            return from_last_year(path, suffix, year=year)
    except CarryError as error:
        raise LiveError(str(error)) from error


def _year(book: Any) -> int | None:
    """The year the open workbook is for, if it is our template and says so."""
    if not xlwings_marks.is_template(book):
        return None
    value = book.names["PE_YEAR"].refers_to_range.value
    return int(value) if isinstance(value, float) else None


def import_word(session: Session) -> Outcome:
    """A workbook made from our template and filled from a Word document, or any other file that can be read."""
    from perfeval_xl.errors import ImportFailure
    from perfeval_xl.runs.importing import import_files

    chosen = session.choose_file("选择要导入的文件", SOURCE)
    if chosen is None:
        return Outcome()
    session.progress("正在导入")
    suffix = _suffix(session)
    with _source(session, chosen) as path:
        try:
            done = import_files([path], suffix)
        except ImportFailure as error:
            raise LiveError(str(error)) from error
    new = _opened(session, f"{chosen.stem}-导入", suffix, done.data)
    if new is None:
        return Outcome("没有导入。")
    lines = [f"已导入到新的填报工作簿，并已打开：\n{new}"]
    lines += _few(
        "", [f"{form.caption} → {form.target or '没有放进表里'}：{form.cells} 格" for form in done.forms]
    )
    lines += _few("● ", done.notes)
    lines += _few("▲ 没有放进表里　", done.unplaced)
    return Outcome("\n".join([*lines, "每一格的去处都列在新工作簿的“导入记录”里，请核对。"]))


def _suffix(session: Session) -> str:
    """With macros where they work: Calc would not save them."""
    return ".xlsx" if office_api.is_calc(session.book.app) else ".xlsm"


@contextmanager
def _source(session: Session, chosen: Path) -> Iterator[Path]:
    """The chosen file; where it is the open workbook, with what is typed in it and not saved."""
    if is_open_as(session.book, chosen):
        with as_it_stands(session) as path:
            yield path
    else:
        yield chosen


def _opened(session: Session, name: str, suffix: str, data: bytes) -> Path | None:
    """Write the new workbook and open it; None where the clerk cancelled."""
    kind = FileKind("填报工作簿", (suffix,))
    path = write_new(session, file_name(name, suffix), kind, data)
    if path is not None:
        session.progress("正在打开新的工作簿")
        open_beside(session, path)
    return path


def _few(before: str, lines: Sequence[str]) -> list[str]:
    return few([f"{before}{shortened(line, 60)}" for line in lines], _MOST_TOLD, "条")
