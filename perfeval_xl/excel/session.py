"""What an action works on, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from perfeval_xl.hosts.live.office_api import FileKind
from perfeval_xl.hosts.live.reading import Progress, silent
from perfeval_xl.records import dataclass

Ask = Callable[[str], bool]
"""A question to the clerk; True for yes."""
ChooseFile = Callable[[str, Sequence[FileKind]], Path | None]
"""Lets the clerk choose a file: a title, kinds of file; None where they cancel."""
SaveAs = Callable[[str, FileKind, str], Path | None]
"""Lets the clerk say where a new file goes: a title, its kind, a name to suggest; None where they cancel. What is
already there may be replaced: they were asked."""


@dataclass(frozen=True, slots=True)
class Session:
    """What an action works on: the open workbook (``xlwings.Book``), ways to show progress and to ask, and the folder
    new files go to (the workbook's own; None where it has none on this computer)."""

    book: Any
    progress: Progress = silent
    ask: Ask = lambda _: True
    choose_file: ChooseFile = lambda *_: None
    save_as: SaveAs = lambda *_: None
    folder: Path | None = None


def few(lines: Sequence[str], most: int, rest: str) -> list[str]:
    """The first of many lines for a message box, and how many there are besides: "……另有 3 条" (``rest`` is "条")."""
    more = [f"……另有 {len(lines) - most} {rest}"] if len(lines) > most else []
    return [*lines[:most], *more]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the clerk is told: in a message box, or in one line at the foot of the window."""

    message: str = ""
    status: str = ""
    mode: Literal["info", "critical"] = "info"
