"""Runs an action for a button: finds the workbook, keeps the application's state, and turns whatever happens into
one message a clerk can read."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from perfeval_xl.calc_engine.office import PIPE_VARIABLE
from perfeval_xl.errors import Cancelled, LiveError, PerfevalError
from perfeval_xl.hosts.live import office_api
from perfeval_xl.hosts.live.office_api import FileKind
from perfeval_xl.installing.log import keep, log, recorded
from perfeval_xl.report.plain import shown_on

from .commands import COMMANDS
from .documents import folder_of
from .session import Outcome, Session

TITLE = "绩效自评"
_BUSY = "Excel 正忙，多半是有格子还在编辑：请按回车或 Esc 结束编辑（或关掉打开着的对话框），再点一次。"
_GONE = "表格程序已经关闭或没有响应，这次操作没有完成。磁盘上的文件没有改动，请重新打开后再试。"
_NO_EXCEL = "没有找到正在运行的 Excel：请先打开要校验的工作簿。"


def run_action(action: str, book: Any = None, folder: Path | None = None) -> None:
    """Carry out an action in ``book`` (by default the caller's, else the active one) and tell how it went.

    ``folder`` is where its new files go (by default the book's own).
    """
    keep()
    app = None
    try:
        office_api.bound_attempts()
        book = target_book() if book is None else book
        app = book.app
        log.info("%s: %s", action, book.name)
        outcome = _carried_out(COMMANDS[action], book, folder or folder_of(book))
    except Exception as error:
        outcome = Outcome(_told(error), mode="critical")
        if office_api.is_gone(error):
            app = None
    _tell(app, outcome)


def _carried_out(command: Callable[[Session], Outcome], book: Any, folder: Path | None) -> Outcome:
    app = book.app

    def progress(line: str) -> None:
        if office_api.escape_pressed():
            raise Cancelled
        app.status_bar = f"{TITLE}：{line}……（按住 Esc 取消）"

    def ask(question: str) -> bool:
        with attended(app):
            return bool(app.alert(question, TITLE, buttons="yes_no") == "yes")

    def choose_file(title: str, kinds: Sequence[FileKind]) -> Path | None:
        _refuse_without_windows(app)
        with attended(app):
            chosen = office_api.choose_file(app, title, kinds, folder)
        return None if chosen is None else _on_this_computer(chosen)

    def save_as(title: str, kind: FileKind, name: str) -> Path | None:
        _refuse_without_windows(app)
        while True:
            with attended(app):
                chosen = office_api.choose_where(app, title, kind, folder, name)
            if chosen is None:
                return None
            path, agreed = _on_this_computer(chosen[0]), chosen[1]
            if path.suffix.lower() not in kind.suffixes:
                path, agreed = path.with_name(f"{path.name}{kind.suffixes[0]}"), False
            if agreed or not path.exists() or ask(f"“{path.name}”已经存在，要替换它吗？"):
                return path

    with kept(app):
        return command(Session(book, progress, ask, choose_file, save_as, folder))


def _refuse_without_windows(app: Any) -> None:
    if not office_api.can_choose_files(app):
        raise LiveError("macOS 的 Excel 不能从这里选文件：请在“终端”里用 perfeval-xl 命令（见使用手册）")


def _on_this_computer(chosen: str) -> Path:
    """What was chosen as a path; LiveError for an address in the cloud."""
    if "://" in chosen:
        raise LiveError(
            "选的是 OneDrive 或网站上的位置，这里不能直接使用：请先把文件存到本机文件夹（如“文档”），再选一次"
        )
    return Path(chosen)


@contextmanager
def kept(app: Any) -> Iterator[None]:
    """Whatever happens, the application is afterwards as it was; nothing flickers and no event runs meanwhile."""
    app.status_bar = False
    with app.properties(screen_updating=False, enable_events=False, display_alerts=False):
        try:
            yield
        finally:
            app.status_bar = False


@contextmanager
def attended(app: Any) -> Iterator[None]:
    """While somebody is asked something they see it, and the window behind it as it is."""
    with app.properties(screen_updating=True, display_alerts=True):
        yield


# --- which workbook ------------------------------------------------------------------------------------------------


def target_book() -> Any:
    """The workbook whose button was pressed; for an add-in, and outside of Excel, the active one.

    LiveError where there is none.
    """
    import xlwings as xw

    if os.environ.get(PIPE_VARIABLE):
        from perfeval_xl import calc_engine

        calc_engine.register()
    if xw.engines.active is None or not len(xw.apps):
        raise LiveError(_NO_EXCEL)
    book = xw.Book.caller() if office_api.has_caller() else None
    if book is not None and not book.name.lower().endswith((".xlam", ".xla")):
        return book
    if not len(xw.books):
        raise LiveError("没有打开的工作簿：请先打开要校验的工作簿")
    return xw.books.active


# --- telling -------------------------------------------------------------------------------------------------------


def _told(error: Exception) -> str:
    """What the clerk reads about an error; what an engineer needs goes to the log."""
    if isinstance(error, PerfevalError) and not office_api.is_office_error(error):
        log.info("%s", error)
        return str(error)
    advice = recorded(error, gap="\n")
    if office_api.is_gone(error):
        return _GONE
    if office_api.is_busy(error):
        return _BUSY
    if office_api.is_office_error(error):
        return f"表格程序没有完成这次操作，您填的内容没有改动。请再点一次；仍不行，{advice}"
    return f"程序出错了，这次操作没有完成，您填的内容没有改动。{advice}"


def _tell(app: Any, outcome: Outcome) -> None:
    try:
        if app is not None and outcome.status:
            app.status_bar = f"{TITLE}：{outcome.status}"
        if outcome.message and app is not None:
            app.alert(outcome.message, TITLE, buttons="ok", mode=outcome.mode)
        elif outcome.message:
            _tell_alone(outcome.message)
    except Exception:
        log.exception("the outcome could not be told")
        _tell_alone(outcome.message)


def _tell_alone(message: str) -> None:
    """Without the office: a box of Windows' own, or a line on stderr."""
    if sys.platform.startswith("win"):
        import ctypes

        ctypes.windll.user32.MessageBoxW(0, message, TITLE, 0x30)  # type: ignore[attr-defined,unused-ignore]
    elif sys.stderr is not None:
        with suppress(OSError, ValueError):
            sys.stderr.write(shown_on(sys.stderr, message) + "\n")
