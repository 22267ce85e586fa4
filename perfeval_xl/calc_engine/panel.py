"""Buttons for a person in front of Calc that lead back into this process: a small window of them, and those that
stand in the sheets.

They are listened to from outside, in memory only: nothing is written into the book, and no macro need be allowed.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .office import Uno, guarded, load_uno

_WIDTH, _HEIGHT, _GAP = 46, 15, 3  # in units of the dialog's font


class _Listener:
    """A ``com.sun.star.awt.XActionListener`` that hands over the name of the button's model."""

    def __init__(self, pressed: Callable[[], None]) -> None:
        self.pressed = pressed

    def getTypes(self) -> tuple[Any, ...]:
        names = ("lang.XTypeProvider", "awt.XActionListener")
        return tuple(load_uno().getTypeByName(f"com.sun.star.{name}") for name in names)

    def getImplementationId(self) -> Any:
        return load_uno().ByteSequence(b"")

    def actionPerformed(self, event: Any) -> None:  # noqa: ARG002
        self.pressed()

    def disposing(self, event: Any) -> None:
        """The button is gone; there is nothing to release."""


@guarded
class Panel:
    """A window of buttons beside a book. ``press`` gets the key of a button that was pressed, from another thread."""

    def __init__(
        self,
        book: Any,
        title: str,
        rows: Sequence[Mapping[str, tuple[str, str]]],
        press: Callable[[str], None],
    ) -> None:
        """``book`` is an ``xlwings.Book``; ``rows`` hold (label, help text) by key."""
        self.book = book.impl
        self.press = press
        self._in_sheets: dict[str, _Listener] = {}
        office = self.book.app.office
        model = office.service("awt.UnoControlDialogModel")
        model.Title = title
        model.Width = _GAP + max(map(len, rows)) * (_WIDTH + _GAP)
        model.Height = _GAP + len(rows) * (_HEIGHT + _GAP)
        model.PositionX, model.PositionY = 20, 60
        for line, row in enumerate(rows):
            for number, (key, (label, tip)) in enumerate(row.items()):
                button = model.createInstance("com.sun.star.awt.UnoControlButtonModel")
                button.Name, button.Label, button.HelpText = key, label, tip
                button.Width, button.Height = _WIDTH, _HEIGHT
                button.PositionX = _GAP + number * (_WIDTH + _GAP)
                button.PositionY = _GAP + line * (_HEIGHT + _GAP)
                model.insertByName(key, button)
        self.dialog = office.service("awt.UnoControlDialog")
        self.dialog.setModel(model)
        self.dialog.setVisible(False)
        self.dialog.createPeer(office.service("awt.Toolkit"), self.book.window)
        for row in rows:
            for key in row:
                self._listen(self.dialog.getControl(key), key)
        self.dialog.setVisible(True)

    def _listen(self, control: Uno, key: str) -> None:
        control.addActionListener(_Listener(functools.partial(self.press, key)))

    def listen_in_sheet(self, keys: Mapping[str, str]) -> None:
        """Let the buttons in the active sheet, known by their labels, do the same as those of the window.

        To be repeated now and then: a sheet's buttons are made anew whenever the window shows it. Saying so twice is
        as saying it once.
        """
        controller = self.book.controller
        forms = controller.ActiveSheet.DrawPage.Forms
        for form in (forms.getByIndex(number) for number in range(forms.Count)):
            for model in (form.getByIndex(number) for number in range(form.Count)):
                key = keys.get(str(getattr(model, "Label", "")).strip())
                if key is not None:
                    listener = self._in_sheets.setdefault(key, _Listener(functools.partial(self.press, key)))
                    control = controller.getControl(model)
                    control.removeActionListener(listener)
                    control.addActionListener(listener)

    def click(self, key: str) -> None:
        """Press a button of the window as a hand or a screen reader would."""
        self.dialog.getControl(key).getAccessibleContext().doAccessibleAction(0)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.dialog.dispose()
