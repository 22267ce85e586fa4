"""One line a step or a finding about the computer: √ in order, ▲ worth knowing, × to be mended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from perfeval_xl.records import dataclass

Level = Literal["ok", "note", "bad"]
#: Beside × and x: what the same encoding can show for "in order".
_TICKS = {"×": "√", "x": "+"}


@dataclass(frozen=True, slots=True)
class Line:
    """A level and one Chinese sentence: what is, and what to do."""

    level: Level
    text: str


def rendered(lines: Iterable[Line], encoding: str | None) -> str:
    """The lines as text, in signs that an encoding has."""
    from perfeval_xl.report.plain import harmless
    from perfeval_xl.report.terminal import symbols_for

    symbols = symbols_for(encoding)
    signs = {"ok": _TICKS[symbols["error"]], "note": symbols["warning"], "bad": symbols["error"]}
    return "".join(f"{signs[line.level]} {harmless(line.text)}\n" for line in lines)
