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
_COLUMNS = 2
_BIG_WIDTH, _BIG_HEIGHT, _BIG_FONT = _COLUMNS * (_WIDTH + _GAP) - _GAP, 26, 15.0
_EDGE = 16  # pixels: what frames of windows take
_POSITION, _ALL = 3, 15  # com.sun.star.awt.PosSize


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
    """A window of buttons beside a book, which makes room for it. ``press`` gets the key of a button that was pressed, from
    another thread."""

    def __init__(
        self,
        book: Any,
        title: str,
        buttons: Mapping[str, tuple[str, str]],
        press: Callable[[str], None],
        big: Sequence[str] = (),
    ) -> None:
        """``book`` is an ``xlwings.Book``; ``buttons`` are (label, help text) by key, those of ``big`` stand large on top."""
        self.book = book.impl
        self.press = press
        self._in_sheets: dict[str, _Listener] = {}
        office = self.book.app.office
        model = office.service("awt.UnoControlDialogModel")
        model.Title = title
        model.Width = _BIG_WIDTH + 2 * _GAP
        small = [key for key in buttons if key not in big]
        top = _GAP
        for key in big:
            self._add(model, key, buttons[key], (_GAP, top, _BIG_WIDTH, _BIG_HEIGHT)).FontHeight = _BIG_FONT
            top += _BIG_HEIGHT + _GAP
        for number, key in enumerate(small):
            line, column = divmod(number, _COLUMNS)
            at = (_GAP + column * (_WIDTH + _GAP), top + line * (_HEIGHT + _GAP), _WIDTH, _HEIGHT)
            self._add(model, key, buttons[key], at)
        model.Height = top + -(-len(small) // _COLUMNS) * (_HEIGHT + _GAP)
        self.dialog = office.service("awt.UnoControlDialog")
        self.dialog.setModel(model)
        self.dialog.setVisible(False)
        toolkit = office.service("awt.Toolkit")
        self.dialog.createPeer(toolkit, self.book.window)
        for key in buttons:
            self._listen(self.dialog.getControl(key), key)
        self._stand_beside(toolkit.getWorkArea())
        self.dialog.setVisible(True)

    def _add(self, model: Uno, key: str, told: tuple[str, str], at: tuple[int, int, int, int]) -> Uno:
        button = model.createInstance("com.sun.star.awt.UnoControlButtonModel")
        button.Name, (button.Label, button.HelpText) = key, told
        button.PositionX, button.PositionY, button.Width, button.Height = at
        model.insertByName(key, button)
        return button

    def _stand_beside(self, screen: Uno) -> None:
        """Let the book's window end where the panel begins, at the right edge of the screen, so that it covers no cell."""
        window, panel = self.book.window, self.dialog.getPosSize()
        if window.IsMaximized:
            window.IsMaximized = False
        width = max(panel.Width, screen.Width - panel.Width - _EDGE)
        window.setPosSize(screen.X, screen.Y, width, screen.Height, _ALL)
        self.dialog.setPosSize(window.getPosSize().Width + _EDGE // 2, 0, 0, 0, _POSITION)

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
