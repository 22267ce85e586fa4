"""The engine xlwings talks to, and the running offices ("apps")."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from xlwings import base_classes

from . import values
from .books import Books
from .office import (
    HEADLESS_VARIABLE,
    PIPE_VARIABLE,
    Office,
    Uno,
    connect,
    enum,
    find_soffice,
    guarded,
    start,
    struct,
)

# xlwings compares versions with those of Excel; below 15 it would take the ways of Excel 2011 on macOS.
EXCEL_VERSION = "16.0"

_BUTTONS: dict[str, tuple[int, dict[int, str]]] = {
    "ok": (1, {}),
    "ok_cancel": (2, {0: "cancel", 1: "ok"}),
    "yes_no": (3, {2: "yes", 3: "no"}),
    "yes_no_cancel": (4, {0: "cancel", 2: "yes", 3: "no"}),
}
_BOXES = {"info": "INFOBOX", "critical": "ERRORBOX"}


class Engine:
    """What ``xlwings.Engine(impl=…)`` takes; there is one in a process."""

    name = "calc"
    type = "desktop"

    def __init__(self) -> None:
        self.apps = Apps(self)

    @staticmethod
    def prepare_xl_data_element(value: Any, options: Any) -> Any:  # noqa: ARG004  (xlwings calls it so)
        return values.prepare(value)

    @staticmethod
    def clean_value_data(
        data: Any,
        datetime_builder: Callable[..., Any],
        empty_as: Any,
        number_builder: Callable[[float], Any] | None,
        err_to_str: bool,
    ) -> list[list[Any]]:
        return values.clean_read(data, datetime_builder, empty_as, number_builder, err_to_str)


@guarded
class Apps(base_classes.Apps):
    """The offices this process knows, the active one first."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._apps: list[App] = []
        self._looked = False

    def add(
        self,
        spec: object = None,  # noqa: ARG002
        add_book: bool | None = None,
        xl: Office | None = None,
        visible: bool | None = None,
    ) -> App:
        """Start an office, or take one that runs (``xl``)."""
        app = App(self, start(visible=bool(visible)) if xl is None else xl)
        self._apps.insert(0, app)
        if xl is None and add_book is not False:
            app.books.add()
        return app

    def attach(self, pipe: str, *, headless: bool = False) -> App:
        """The office that listens at ``pipe``, found again if it is known."""
        known = next((app for app in self._apps if app.office.pipe == pipe and app.office.alive()), None)
        return known or self.add(xl=connect(pipe, headless=headless))

    def _alive(self) -> list[App]:
        pipe = os.environ.get(PIPE_VARIABLE)
        if pipe and not self._looked:
            self._looked = True
            self.attach(pipe, headless=bool(os.environ.get(HEADLESS_VARIABLE)))
        for app in list(self._apps):
            if not app.office.alive():
                app.office.kill()
                self._apps.remove(app)
        return list(self._apps)

    def forget(self, app: App) -> None:
        if app in self._apps:
            self._apps.remove(app)

    def activate(self, app: App) -> None:
        self.forget(app)
        self._apps.insert(0, app)

    def keys(self) -> list[int]:
        return [app.pid for app in self._alive()]

    @staticmethod
    def cleanup() -> None:
        """Every app ends its own process; there is nothing else to look for."""

    def __iter__(self) -> Iterator[App]:
        return iter(self._alive())

    def __len__(self) -> int:
        return len(self._alive())

    def __getitem__(self, pid: int) -> App:
        for app in self._alive():
            if app.pid == pid:
                return app
        raise KeyError(pid)


@guarded
class App(base_classes.App):
    """One running office."""

    def __init__(self, apps: Apps, office: Office) -> None:
        self.apps = apps
        self.office = office
        self.clipboard: Any = None
        self.macros: Literal[0, 4] = 0
        """``MacroExecutionMode`` of the books opened from now on: 0 never runs what a file brings along."""
        self.answered: list[str] = []
        """What was asked or told while nobody could see it."""
        self._properties: dict[str, Any] = {
            "screen_updating": True,
            "display_alerts": True,
            "enable_events": True,
            "interactive": True,
            "calculation": "automatic",
            "status_bar": False,
            "cut_copy_mode": False,
        }
        self._locked: list[Uno] = []
        self._indicator: Uno = None

    @property
    def engine(self) -> Engine:
        return self.apps.engine

    @property
    def api(self) -> Uno:
        """The desktop."""
        return self.office.desktop

    @property
    def pid(self) -> int:
        return self.office.pid

    @property
    def version(self) -> str:
        return EXCEL_VERSION

    @property
    def office_version(self) -> str:
        """LibreOffice's own version, such as 7.4.7."""
        provider = self.office.service("configuration.ConfigurationProvider")
        node = struct("beans.NamedValue", "nodepath", "/org.openoffice.Setup/Product")
        access = provider.createInstanceWithArguments(
            "com.sun.star.configuration.ConfigurationAccess", (node,)
        )
        return str(access.getByName("ooSetupVersionAboutBox"))

    @property
    def hwnd(self) -> None:
        return None

    @property
    def path(self) -> str:
        return str(Path(find_soffice() or "").resolve().parent)

    @property
    def startup_path(self) -> str:
        return self.path

    @property
    def books(self) -> Books:
        return Books(self)

    @property
    def selection(self) -> Any:
        book = self.books.active_or_none
        return None if book is None else book.selection

    def activate(self, steal_focus: bool = False) -> None:  # noqa: ARG002
        self.apps.activate(self)

    def quit(self) -> None:
        """End the office if this process started it; one that was merely attached to runs on."""
        self.apps.forget(self)
        self.office.quit()

    def kill(self) -> None:
        self.apps.forget(self)
        self.office.kill()

    # --- state ---------------------------------------------------------------------------------------------

    @property
    def visible(self) -> bool:
        return not self.office.headless

    @visible.setter
    def visible(self, visible: bool) -> None:
        for book in self.books:
            window = book.window
            if window is not None:
                window.setVisible(visible)
        self.office.headless = not visible

    @property
    def screen_updating(self) -> bool:
        return bool(self._properties["screen_updating"])

    @screen_updating.setter
    def screen_updating(self, value: bool) -> None:
        if value != self.screen_updating:
            # The very documents that were locked are unlocked, whatever was opened or closed in between.
            if value:
                locked, self._locked = self._locked, []
                for document in locked:
                    _quietly(document.removeActionLock)
                    _quietly(document.unlockControllers)
            else:
                self._locked = [book.doc for book in self.books]
                for document in self._locked:
                    document.lockControllers()
                    document.addActionLock()  # rows are not fitted after every single change either
        self._properties["screen_updating"] = bool(value)

    @property
    def display_alerts(self) -> bool:
        return bool(self._properties["display_alerts"])

    @display_alerts.setter
    def display_alerts(self, value: bool) -> None:
        self._properties["display_alerts"] = bool(value)

    @property
    def enable_events(self) -> bool:
        return bool(self._properties["enable_events"])

    @enable_events.setter
    def enable_events(self, value: bool) -> None:
        self._properties["enable_events"] = bool(value)

    @property
    def interactive(self) -> bool:
        return bool(self._properties["interactive"])

    @interactive.setter
    def interactive(self, value: bool) -> None:
        self._properties["interactive"] = bool(value)

    @property
    def calculation(self) -> str:
        return str(self._properties["calculation"])

    @calculation.setter
    def calculation(self, value: str) -> None:
        if value not in ("automatic", "manual", "semiautomatic"):
            raise ValueError(f"unknown calculation mode {value!r}")
        for book in self.books:
            book.doc.enableAutomaticCalculation(value != "manual")
        self._properties["calculation"] = value

    def calculate(self) -> None:
        for book in self.books:
            book.doc.calculate()

    @property
    def status_bar(self) -> str | bool:
        return self._properties["status_bar"]  # type: ignore[no-any-return]

    @status_bar.setter
    def status_bar(self, value: str | bool) -> None:
        book = self.books.active_or_none
        if self._indicator is None and value and book is not None and book.controller is not None:
            self._indicator = book.controller.StatusIndicator
            self._indicator.start(str(value), 100)
        elif self._indicator is not None and value:
            _quietly(lambda: self._indicator.setText(str(value)))
        elif self._indicator is not None:
            _quietly(self._indicator.end)
            self._indicator = None
        self._properties["status_bar"] = value or False

    @property
    def cut_copy_mode(self) -> bool | str:
        return "copy" if self.clipboard is not None else False

    @cut_copy_mode.setter
    def cut_copy_mode(self, value: bool) -> None:
        if not value:
            self.clipboard = None

    def run(self, macro: str, args: Any) -> Any:
        raise NotImplementedError("macros of a workbook are not run")

    def alert(
        self,
        prompt: str,
        title: str | None,
        buttons: str,
        mode: str | None,
        callback: Any,  # noqa: ARG002
    ) -> str:
        """A message box; where nobody sees it (headless, no alerts) the first button is taken as pressed."""
        kind, answers = _BUTTONS[buttons or "ok"]
        book = self.books.active_or_none
        window = None if book is None else book.window
        if self.office.headless or not self.display_alerts or window is None:
            self.answered.append(prompt)
            return {"yes_no": "yes", "yes_no_cancel": "yes"}.get(buttons, "ok")
        box = enum("awt.MessageBoxType", _BOXES.get(mode or "", "QUERYBOX" if kind > 1 else "INFOBOX"))
        dialog = self.office.service("awt.Toolkit").createMessageBox(window, box, kind, title or "", prompt)
        try:
            return answers.get(int(dialog.execute()), "ok")
        finally:
            dialog.dispose()


def _quietly(call: Callable[[], object]) -> None:
    """Undo something of a document that may have been closed meanwhile."""
    with contextlib.suppress(Exception):
        call()
