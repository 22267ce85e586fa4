"""xlwings' file of settings (``"KEY","VALUE"`` a line), which also belongs to whatever else uses xlwings."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .machine import Machine

_LINE = re.compile(r'\s*"?(?P<key>[^",]*)"?\s*,\s*"?(?P<value>[^"]*)"?\s*')
UDF_MODULE = "perfeval_xl.excel.udfs"
_UDF_KEY = "UDF MODULES"


def wanted(machine: Machine, present: Mapping[str, str]) -> dict[str, str]:
    """The settings our macros need; modules of functions that others use stay listed before ours.

    UnicodeEncodeError where Excel could not read where Python is.
    """
    others = [name for name in present.get(_UDF_KEY, "").split(";") if name and name != UDF_MODULE]
    return {
        f"INTERPRETER_{'MAC' if machine.mac else 'WIN'}": machine.spelt(machine.python, machine.ansi),
        "ADD_WORKBOOK_TO_PYTHONPATH": "false",
        _UDF_KEY: ";".join([*others, UDF_MODULE]),
    }


def parsed(text: str) -> dict[str, str]:
    """Values by key in capitals; of a key that comes twice the first, as VBA reads it."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if match := _LINE.fullmatch(line):
            found.setdefault(match["key"].strip().upper(), match["value"])
    return found


def changed(text: str, values: Mapping[str, str | None]) -> str:
    """The text with these values; None takes a key away. Every other line stays, except blank ones, at which VBA trips."""
    left = dict(values)
    lines: list[str] = []
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        key = match["key"].strip().upper() if match else ""
        if key not in values:
            lines += [line] if line.strip() else []
        elif key in left:
            value = left.pop(key)
            lines += [] if value is None else [_line(key, value)]
    lines += [_line(key, value) for key, value in left.items() if value is not None]
    return "".join(f"{line}\n" for line in lines)


def _line(key: str, value: str) -> str:
    return f'"{key}","{value}"'
