"""The office's own windows in which a person chooses a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .office import Office, Uno, load_uno, translated

# com.sun.star.ui.dialogs.TemplateDescription: FILEOPEN_SIMPLE, FILESAVE_SIMPLE.
_OPEN, _SAVE = 0, 1
_OK = 1


@translated
def choose_file(
    app: Any, title: str, filters: Mapping[str, tuple[str, ...]], folder: Path | None
) -> Path | None:
    """A file a person chooses in ``app`` (``xlwings.App``); None where they cancel, or nobody sees the office.

    ``filters`` are suffixes (``.xlsx`` …) by what the person reads; the first is set. ``folder`` is shown first.
    """
    office: Office = app.impl.office
    return None if office.headless else _asked(_picker(office, _OPEN, title, filters, folder))


@translated
def choose_where(
    app: Any, title: str, filters: Mapping[str, tuple[str, ...]], folder: Path | None, name: str
) -> Path | None:
    """Where a person wants a file saved; ``name`` is suggested. The window asks before a file is replaced."""
    office: Office = app.impl.office
    if office.headless:
        return None
    picker = _picker(office, _SAVE, title, filters, folder)
    picker.setDefaultName(name)
    return _asked(picker)


def _picker(
    office: Office, kind: int, title: str, filters: Mapping[str, tuple[str, ...]], folder: Path | None
) -> Uno:
    uno = load_uno()
    picker = office.service("ui.dialogs.FilePicker")
    uno.invoke(picker, "initialize", ((uno.Any("short", kind),),))
    picker.setTitle(title)
    for label, suffixes in filters.items():
        picker.appendFilter(label, ";".join(f"*{suffix}" for suffix in suffixes))
    if filters:
        picker.setCurrentFilter(next(iter(filters)))
    if folder is not None:
        picker.setDisplayDirectory(uno.systemPathToFileUrl(str(folder)))
    return picker


def _asked(picker: Uno) -> Path | None:
    if picker.execute() != _OK:
        return None
    chosen = picker.getSelectedFiles()
    return Path(load_uno().fileUrlToSystemPath(chosen[0])) if chosen else None
