"""A workbook in LibreOffice Calc with the buttons Excel has: opened, checked and marked, then left to the clerk.

All of it is in memory. A workbook with macros is opened as a new one without a file, since Calc would spoil its macros
by saving it.
"""

from __future__ import annotations

import os
import queue
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from perfeval_xl import calc_engine
from perfeval_xl.records import dataclass, field
from perfeval_xl.runs.opening import read_book

from .actions import ACTIONS, TAB
from .documents import folder_of
from .running import run_action

_MACRO_SUFFIXES = (".xlsm", ".xltm", ".xlsb", ".xlam")
_COPY = {
    "macros": (
        "这个工作簿含有宏。LibreOffice 保存会改坏其中的宏，所以打开的是它的副本，原文件不会改动。\n"
        "要改正，请在 Excel 或 WPS 里改原文件；要在这里改，请另存为 .xlsx。"
    ),
    "read only": "这个文件是只读的，所以打开的是它的副本，原文件不会改动。要在这里改，请另存到别处。",
}
_SECONDS = 0.4
#: What is pressed most.
_BIG = ("check_all", "next")


@dataclass(frozen=True, slots=True)
class Served:
    """A workbook and the window of buttons that act on it."""

    book: Any
    panel: Any


@dataclass(frozen=True, slots=True)
class Live:
    """An open workbook with its buttons, and those that were made from it.

    ``folder`` is that of the file, also where a copy of it is open.
    """

    app: Any
    book: Any
    folder: Path
    copied: bool
    served: list[Served] = field(default_factory=list)
    pressed: queue.SimpleQueue[tuple[str, Any]] = field(default_factory=queue.SimpleQueue)

    @property
    def panel(self) -> Any:
        """The buttons of the workbook itself."""
        return self.served[0].panel

    def serve(self, book: Any) -> None:
        """Give a workbook its window of buttons."""
        from perfeval_xl.calc_engine.panel import Panel

        def press(action: str) -> None:
            self.pressed.put((action, book))

        self.served.append(Served(book, Panel(book, TAB, _told(), press, _BIG)))

    def step(self, seconds: float = _SECONDS) -> bool:
        """Wait for a button and do what it says; False once every workbook that has some was closed."""
        if not self.is_open():
            return False
        with suppress(calc_engine.OfficeError):
            for one in self._open():
                one.panel.listen_in_sheet({action.label: action.id for action in ACTIONS})
        try:
            action, book = self.pressed.get(timeout=seconds)
        except queue.Empty:
            return self.is_open()
        self._carry_out(action, book)
        # Pressed again while it ran (a double click): it has been done.
        with suppress(queue.Empty):
            while True:
                self.pressed.get_nowait()
        return self.is_open()

    def _carry_out(self, action: str, book: Any) -> None:
        before = list(self.app.books)
        run_action(action, book, folder_of(book) or self.folder)
        with suppress(calc_engine.OfficeError):
            for made in [one for one in self.app.books if one not in before]:
                self.serve(made)

    def _open(self) -> list[Served]:
        with suppress(calc_engine.OfficeError):
            books = list(self.app.books)
            return [one for one in self.served if _is_among(one.book, books)]
        return []

    def is_open(self) -> bool:
        return bool(self._open())

    def has_books(self) -> bool:
        """Whether the clerk still has something open in this office."""
        with suppress(calc_engine.OfficeError):
            return len(self.app.books) > 0
        return False


def _is_among(book: Any, books: list[Any]) -> bool:
    """Whether a workbook is one of those; a closed one has not even a name any more."""
    with suppress(calc_engine.OfficeError):
        return book in books
    return False


@contextmanager
def opened(path: Path, *, visible: bool = True) -> Iterator[Live]:
    """The workbook, open and checked. Unreadable for what is no workbook, OfficeError where LibreOffice cannot be used.

    Afterwards the office is gone; where the clerk has something open in it still, they are asked about it first.
    """
    calc_engine.register()
    if visible and not _has_screen():
        raise calc_engine.OfficeError(
            "这里没有图形界面，打不开 LibreOffice 的窗口：请在桌面上运行，或用 perfeval-xl check 检查"
        )
    read_book(path)  # what cannot be read safely is not handed on
    app = calc_engine.start(visible=visible)
    try:
        session = _open(app, path)
    except BaseException:
        app.quit()
        raise
    try:
        yield session
    finally:
        if visible and session.has_books():
            calc_engine.leave(app)  # also where the command was interrupted: nothing typed is thrown away
        else:
            app.quit()


def _open(app: Any, path: Path) -> Live:
    reason = _why_a_copy(path)
    book = calc_engine.open_as_new(app, str(path), path.name) if reason else app.books.open(path)
    session = Live(app, book, path.absolute().parent, reason is not None)
    session.serve(book)
    if reason is not None:
        app.alert(_COPY[reason], TAB)
    run_action("check_all", book)
    calc_engine.mark_saved(book)  # closing it at once asks nothing: marks alone are nothing to save
    return session


def _why_a_copy(path: Path) -> str | None:
    """Why a file is not opened itself; None if it is."""
    if path.suffix.lower() in _MACRO_SUFFIXES:
        return "macros"
    return None if os.access(path, os.W_OK) else "read only"


def _told() -> dict[str, tuple[str, str]]:
    """The actions' labels and tips by id."""
    return {action.id: (action.label, action.supertip) for action in ACTIONS}


def _has_screen() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def live(path: Path) -> None:
    """Open, check and mark a workbook in LibreOffice, and serve its buttons until it is closed.

    OfficeGone where LibreOffice ended otherwise.
    """
    with opened(path) as session:
        while session.step():
            pass
        if calc_engine.crashed(session.app):
            raise calc_engine.OfficeGone
