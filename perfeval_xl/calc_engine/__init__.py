"""An engine for xlwings over LibreOffice Calc: the code that drives Excel drives Calc.

    import xlwings as xw
    from perfeval_xl import calc_engine

    calc_engine.register()                    # xw.apps, xw.books, xw.Book … now speak to Calc
    with xw.App(visible=False) as app:        # a LibreOffice of its own, profile and all
        book = app.books.open("单位.xlsx")
        rows = book.sheets[0].used_range.options(ndim=2).value

It needs xlwings, LibreOffice and its Python bridge (Debian: ``libreoffice-calc python3-uno``), and the Python that
bridge was built for; ``OfficeError`` says in one line what is missing. docs/calc-engine.md lists what is offered.
"""

from __future__ import annotations

from typing import Any

from .office import OfficeError, OfficeGone, load_uno

__all__ = [
    "OfficeError",
    "OfficeGone",
    "attach",
    "crashed",
    "leave",
    "load_uno",
    "mark_saved",
    "open_as_new",
    "register",
    "start",
]

_registered: list[Any] = []


def register() -> Any:
    """Add the engine to xlwings, once, and make it the active one; the ``xlwings.Engine``.

    OfficeError where xlwings or UNO are missing.
    """
    load_uno()
    try:
        import xlwings
    except ImportError:
        raise OfficeError('没有安装 xlwings：请运行 pip install "perfeval-xl[excel]"') from None
    if not _registered:
        from .app import Engine

        engine = xlwings.Engine(impl=Engine())
        xlwings.engines.add(engine)
        _registered.append(engine)
    _registered[0].activate()
    return _registered[0]


def start(*, visible: bool = False) -> Any:
    """A new LibreOffice with an own profile and no book open, as ``xlwings.App``. End it with ``quit()``."""
    engine = register()
    return engine.apps.add(add_book=False, visible=visible)


def open_as_new(app: Any, path: str, title: str) -> Any:
    """What a file holds as a book without a file, as ``xlwings.Book``: saving asks for a new name."""
    import xlwings

    return xlwings.Book(impl=app.impl.books.open_as_new(path, title))


def mark_saved(book: Any) -> None:
    """Let a book (``xlwings.Book``) count as unchanged, as ``Workbook.Saved = True`` does in Excel."""
    book.impl.doc.setModified(False)


def crashed(app: Any) -> bool:
    """Whether an office this process started has ended otherwise than by being closed."""
    process = app.impl.office.process
    return process is not None and process.poll() not in (None, 0)


def leave(app: Any) -> None:
    """Leave an office to the person in front of it: it asks about what is not saved, and ends."""
    app.impl.apps.forget(app.impl)
    app.impl.office.leave()


def attach(pipe: str, *, headless: bool = False) -> Any:
    """The LibreOffice that listens at a pipe (``soffice --accept=pipe,name=…;urp;``), as ``xlwings.App``."""
    import xlwings

    return xlwings.App(impl=register().impl.apps.attach(pipe, headless=headless))
