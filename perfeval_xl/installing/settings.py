"""xlwings' file of settings (``"KEY","VALUE"`` a line), which also belongs to whatever else uses xlwings."""

from __future__ import annotations

import codecs
from collections.abc import Mapping

from perfeval_xl import patterns as re

from .machine import Machine

_LINE = re.compile(r'\s*"?(?P<key>[^",]*)"?\s*,\s*"?(?P<value>[^"]*)"?\s*')
UDF_MODULE = "perfeval_xl.excel.udfs"
#: Whether the folder of a workbook is searched for code.
SEARCHED_KEY = "ADD_WORKBOOK_TO_PYTHONPATH"


def wanted(machine: Machine, former: Mapping[str, str]) -> dict[str, str]:
    """The settings to write where ``former`` ones were.

    Where somebody already used xlwings, only the interpreter: the template brings the rest itself, and it would keep other
    workbooks from finding their code. UnicodeEncodeError where Excel could not read where Python is.
    """
    interpreter = {interpreter_key(machine): _readable(machine)}
    return interpreter if former else interpreter | {SEARCHED_KEY: "false"}


def _readable(machine: Machine) -> str:
    """Where Python is, in characters that every code page and UTF-8 read alike where that can be: VBA goes by the code
    page of the day, xlwings' Python by its own mode."""
    try:
        return machine.spelt(machine.python, "ascii")
    except UnicodeEncodeError:
        return (
            machine.spelt(machine.python, machine.ansi)
            .encode(machine.ansi)
            .decode("ascii", "surrogateescape")
        )


def readable_everywhere(values: Mapping[str, str]) -> bool:
    """Whether every code page reads these values alike."""
    return all(value.isascii() for value in values.values())


def decoded(data: bytes) -> str:
    """The file's text, whatever code page it was written in: what is not ASCII stands as it is, as lone surrogates. UnicodeError
    for UTF-16, which VBA cannot read."""
    if b"\0" in data:
        raise UnicodeError("the settings are not of one byte a letter")
    return data.removeprefix(codecs.BOM_UTF8).decode("ascii", "surrogateescape").replace("\r\n", "\n")


def encoded(text: str, machine: Machine) -> bytes:
    """The bytes of such a text."""
    ended = text.replace("\n", "\r\n") if machine.windows else text
    return ended.encode("ascii", "surrogateescape")


def as_path(value: str, machine: Machine) -> str:
    """A value as Excel's VBA reads it; as UTF-8 where that is what it must be."""
    data = value.encode("ascii", "surrogateescape")
    try:
        return data.decode(machine.ansi)
    except UnicodeError:
        return data.decode("utf-8", "replace")


def interpreter_key(machine: Machine) -> str:
    """Under which key the macros look for Python."""
    return f"INTERPRETER_{'MAC' if machine.mac else 'WIN'}"


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
