"""New files an action makes: written beside the open workbook, never over another file unasked, and opened."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import Any

from perfeval_xl import patterns as re
from perfeval_xl.errors import LiveError, OutputError
from perfeval_xl.hosts.live import office_api
from perfeval_xl.hosts.live.office_api import FileKind
from perfeval_xl.hosts.live.reading import copy_on_disk
from perfeval_xl.runs.outputs import Output, free_output, output

from .session import Session

log = logging.getLogger("perfeval_xl")

#: Characters no Windows file name may have, and what a name may not end with.
_REFUSED = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_LONGEST_NAME = 80


def folder_of(book: Any) -> Path | None:
    """The folder of an open workbook on this computer or in its network; None where it was never saved or lies in the
    cloud."""
    with suppress(Exception):  # xlwings has no one error for an address in the cloud it cannot place
        path = Path(book.fullname)
        if path.is_absolute() and path.parent.is_dir():
            return path.parent
    return None


def file_name(text: str, suffix: str) -> str:
    """A file name that says ``text`` as far as a file may be called so."""
    return f"{_REFUSED.sub('', text).strip(' .')[:_LONGEST_NAME] or '新建'}{suffix}"


def write_new(session: Session, name: str, kind: FileKind, data: bytes) -> Path | None:
    """Write a new file and say where it is; None where the clerk cancelled.

    It goes beside the open workbook under ``name``, or one like it where nothing is lost; where there is no such folder or
    nothing can be written there, where the clerk says.
    """
    if session.folder is not None:
        try:
            place = _free(session, session.folder / name)
            place.write(data)
        except OutputError as error:
            log.info("%s", error)
        else:
            return place.path
    chosen = session.save_as("另存为", kind, name)
    if chosen is not None:
        write_chosen(session, chosen, data)
    return chosen


def write_named(session: Session, title: str, name: str, kind: FileKind, data: bytes) -> Path | None:
    """Write a new file where the clerk says, ``name`` beside the open workbook being suggested; None where they cancelled.

    Where the application has no window to ask in, it goes beside the open workbook.
    """
    if not office_api.can_choose_files(session.book.app):
        return write_new(session, name, kind, data)
    chosen = session.save_as(title, kind, name)
    if chosen is not None:
        write_chosen(session, chosen, data)
    return chosen


def write_chosen(session: Session, path: Path, data: bytes) -> None:
    """Write to the path ``Session.save_as`` gave; LiveError where that is a workbook which is open."""
    if any(is_open_as(book, path) for book in session.book.app.books):
        raise LiveError(f"“{path.name}”正打开着，不能覆盖：请换一个文件名，或先关闭它再点一次")
    output(path, force=True).write(data)  # the window asked whether what is there may be replaced


def _free(session: Session, path: Path) -> Output:
    """The path, or one with a number, where nothing is lost, and that no open workbook has: no two of one name can be open."""
    opened = {book.name.lower() for book in session.book.app.books}
    candidates = chain([path], (path.with_stem(f"{path.stem}({number})") for number in count(2)))
    return free_output(one for one in candidates if one.name.lower() not in opened)


def is_open_as(book: Any, path: Path) -> bool:
    """Whether an open workbook is that file."""
    with suppress(Exception):  # as in ``folder_of``
        return Path(book.fullname).samefile(path)
    return False


def open_beside(session: Session, path: Path) -> Any:
    """Open a workbook in the application of the open one and bring it to the front; the ``xlwings.Book``."""
    app = session.book.app
    with app.properties(enable_events=True):  # its own start: what it tells Excel about its functions
        book = app.books.open(path)
    book.activate()
    return book


@contextmanager
def as_it_stands(session: Session) -> Iterator[Path]:
    """The open workbook with what is typed and not saved, as a file for as long as the block runs.

    LiveError where the application can write no copy.
    """
    if not office_api.can_save_copy(session.book):
        raise LiveError("这里不能取得工作簿的副本：请另存为 .xlsx，再在另存的文件里点这个按钮")
    session.progress("正在读取工作簿")
    with copy_on_disk(session.book) as path:
        yield path
