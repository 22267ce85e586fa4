"""The page of ``--help``: sections of two columns, in lines that fit the window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from perfeval_xl.widths import columns, wrapped

_INDENT, _GAP = "  ", 2
#: What is wider than this has its text on the next line.
_WIDEST_LEFT = 28
_NARROWEST, _WIDEST = 60, 110


class Section(NamedTuple):
    """A heading, and below it what can be written beside what it means."""

    title: str
    rows: Sequence[tuple[str, str]]


def page(head: str, sections: Sequence[Section], foot: str = "") -> str:
    """Lines above, the sections, all with the same two columns, and lines below."""
    import shutil

    width = max(_NARROWEST, min(shutil.get_terminal_size().columns - 1, _WIDEST))
    widths = [columns(left) for section in sections for left, _ in section.rows]
    room = max((one for one in widths if one <= _WIDEST_LEFT), default=0)
    parts = [_filled(head, width)]
    for section in sections:
        rows = (line for row in section.rows for line in _lines(*row, room, width))
        parts.append("\n".join([f"{section.title}：", *rows]))
    parts.append(_filled(foot, width))
    return "\n\n".join(part for part in parts if part) + "\n"


def _filled(text: str, width: int) -> str:
    return "\n".join(line for given in text.splitlines() for line in wrapped(given, width))


def _lines(left: str, right: str, room: int, width: int) -> Iterator[str]:
    hanging = " " * (len(_INDENT) + room + _GAP)
    first, *others = wrapped(right, width - len(hanging))
    if columns(left) > room:
        yield _INDENT + left
        yield hanging + first
    else:
        yield _INDENT + left + " " * (room - columns(left) + _GAP) + first
    yield from (hanging + line for line in others)
