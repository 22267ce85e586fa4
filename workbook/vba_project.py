"""Writes vbaProject.bin (MS-OVBA) from VBA sources, on any system and without Office: same sources, same bytes.

What Office caches in a project (compiled code) is left out: version 0xFFFF in ``_VBA_PROJECT`` says so, and Office
compiles the sources when it opens them. Sources are ASCII only, since a project has one ANSI code page: what a
clerk reads comes from sheets, the ribbon and Python.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import compound_file

Kind = Literal["standard", "class", "workbook", "sheet"]

#: Any fixed identifier will do; the encrypted lines of PROJECT depend on it.
PROJECT_ID = "{8A4F3C52-6D0E-4B57-9C1B-5E7A0D2F9E61}"
CODE_PAGE = 1252
LONGEST_LINE = 1023
MOST_CONTINUATIONS = 24

#: The class a module that is an object is based on.
_BASE: dict[Kind, str] = {
    "class": "0{FCFB3D2A-A0FA-1068-A738-08002B3371B5}",
    "workbook": "0{00020819-0000-0000-C000-000000000046}",
    "sheet": "0{00020820-0000-0000-C000-000000000046}",
}
_REFERENCES = (
    ("stdole", r"*\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\Windows\System32\stdole2.tlb#OLE Automation"),
    (
        "Office",
        r"*\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0#C:\Program Files\Common Files\Microsoft Shared\OFFICE16"
        r"\MSO.DLL#Microsoft Office 16.0 Object Library",
    ),
)  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Names the editor refuses for a module: statements, types and functions of the language.
FORBIDDEN_NAMES = _words(
    """abs and any array as attribute boolean byref byte byval call case cbool cbyte ccur cdate cdbl cint circle clng
    close const csng cstr currency cvar cverr date debug decimal declare defbool defint deflng defstr dim dir do
    doevents double each else elseif empty end enum eqv erase error event exit false fix for friend function get
    global gosub goto if imp implements in input instr int integer is lbound len let like line local lock long loop
    lset me mid mod name new next not nothing null object on open option optional or paramarray preserve print private
    property pset public put raiseevent redim rem resume return rset scale seek select set sgn shared single spc
    static step stop string sub tab then time to true type typeof ubound unlock until variant vb wend while with
    withevents write xor"""
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")
_NAME_LINE = re.compile(r'Attribute VB_Name = "([^"]*)"\r\n')
_CLASS_HEADER = re.compile(r"VERSION 1\.0 CLASS\r\nBEGIN\r\n.*?^END\r\n", re.DOTALL | re.MULTILINE)


class ProjectError(ValueError):
    """A source cannot become a module; the message names module and line."""


@dataclass(frozen=True, slots=True)
class Module:
    """A module with the text that is stored: CRLF, ``Attribute VB_Name`` first, no header of a .cls file."""

    name: str
    source: str
    kind: Kind = "standard"


def read_module(text: str) -> Module:
    """The module of an exported .bas or .cls file, whatever its line ends; ProjectError without a VB_Name line."""
    text = re.sub(r"\r\n|\r|\n", "\r\n", text)
    body = _CLASS_HEADER.sub("", text, count=1)
    name = _NAME_LINE.match(body)
    if name is None:
        raise ProjectError('a source must begin with Attribute VB_Name = "..."')
    if body == text:
        return Module(name[1], text)
    base = f'Attribute VB_Base = "{_BASE["class"]}"\r\n'
    rest = body[name.end() :]
    missing = "".join(
        f"Attribute {attribute} = False\r\n"
        for attribute in ("VB_TemplateDerived", "VB_Customizable")
        if attribute not in rest
    )
    last = max(
        (match.end() for match in re.finditer(r"^Attribute VB_\w+ = (?:True|False)\r\n", rest, re.MULTILINE)),
        default=0,
    )
    return Module(name[1], name[0] + base + rest[:last] + missing + rest[last:], "class")


def document(name: str, kind: Kind, code: str = "") -> Module:
    """The module of the workbook or of a sheet; ``name`` is the code name that its part states."""
    flags = {
        "GlobalNameSpace": False, "Creatable": False, "PredeclaredId": True, "Exposed": True,
        "TemplateDerived": False, "Customizable": True,
    }  # fmt: skip
    head = f'Attribute VB_Name = "{name}"\r\nAttribute VB_Base = "{_BASE[kind]}"\r\n'
    return Module(
        name,
        head + "".join(f"Attribute VB_{flag} = {value}\r\n" for flag, value in flags.items()) + code,
        kind,
    )


def build_project(
    modules: Sequence[Module], documents: Sequence[str | Module], name: str = "VBAProject"
) -> bytes:
    """vbaProject.bin with the code modules and the documents' own modules, in this order.

    ``documents`` are the code names of the workbook, which comes first, and of every sheet; a ``Module`` (see
    ``document``) in place of a name gives it code. ProjectError for what Office would not load.
    """
    whole = [
        item if isinstance(item, Module) else document(item, "sheet" if index else "workbook")
        for index, item in enumerate(documents)
    ]
    if not whole or whole[0].kind != "workbook" or any(item.kind != "sheet" for item in whole[1:]):
        raise ProjectError("documents must be the workbook and then its sheets")
    everything = [*whole, *modules]
    _check_names([name, *(module.name for module in everything)])
    for module in everything:
        _check_source(module)
    storage = {
        "_VBA_PROJECT": bytes.fromhex("CC61FFFF000100"),
        "dir": compressed(_directory(everything, name)),
    }
    storage |= {module.name: compressed(module.source.encode("ascii")) for module in everything}
    return compound_file.write(
        {"VBA": storage, "PROJECT": _project_text(everything, name), "PROJECTwm": _name_map(everything)}
    )


# --- refusing what Office would refuse, silently or with a repair -------------------------------------------------


def _check_names(names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        lower = name.lower()
        if not _NAME.fullmatch(name) or lower in FORBIDDEN_NAMES or lower in ("dir", "_vba_project"):
            raise ProjectError(f"{name!r} cannot be the name of a module")
        if lower in seen:
            raise ProjectError(f"{name!r} names two modules, or a module and the project")
        seen.add(lower)


def _check_source(module: Module) -> None:
    lines = module.source.split("\r\n")
    if not module.source.startswith(f'Attribute VB_Name = "{module.name}"\r\n') or lines[-1]:
        raise ProjectError(f"{module.name}: the text must begin with its VB_Name and end with a line end")
    continued = 0
    for number, line in enumerate(lines, 1):
        where = f"{module.name}, line {number}"
        if not line.isascii():
            raise ProjectError(f"{where}: only ASCII is allowed in VBA sources")
        if "\n" in line or "\r" in line:
            raise ProjectError(f"{where}: lines must end with CR LF")
        if len(line) > LONGEST_LINE:
            raise ProjectError(f"{where}: longer than {LONGEST_LINE} characters")
        continued = continued + 1 if line.endswith(" _") else 0
        if continued > MOST_CONTINUATIONS:
            raise ProjectError(f"{where}: more than {MOST_CONTINUATIONS} continued lines")


# --- the streams ---------------------------------------------------------------------------------------------


def _record(kind: int, content: bytes | str = b"") -> bytes:
    data = content.encode("ascii") if isinstance(content, str) else content
    return struct.pack("<HL", kind, len(data)) + data


def _twice(kind: int, unicode_kind: int, text: str) -> bytes:
    """A text in the project's code page and again in Unicode."""
    return _record(kind, text) + _record(unicode_kind, text.encode("utf-16-le"))


def _short(number: int) -> bytes:
    return struct.pack("<H", number)


def _long(number: int) -> bytes:
    return struct.pack("<L", number)


def _directory(modules: Sequence[Module], name: str) -> bytes:
    """The dir stream (MS-OVBA 2.3.4.2): about the project, its references, its modules."""
    parts = [
        _record(0x01, _long(3)), _record(0x02, _long(0x409)), _record(0x14, _long(0x409)), _record(0x03, _short(CODE_PAGE)),
        _record(0x04, name), _twice(0x05, 0x40, ""), _record(0x06), _record(0x3D), _record(0x07, _long(0)), _record(0x08, _long(0)),
        _short(0x09) + _long(4) + _long(1) + _short(1), _twice(0x0C, 0x3C, ""),
    ]  # fmt: skip
    for label, library in _REFERENCES:
        registered = _long(len(library)) + library.encode("ascii") + _long(0) + _short(0)
        parts += [_twice(0x16, 0x3E, label), _record(0x0D, registered)]
    parts += [_record(0x0F, _short(len(modules))), _record(0x13, _short(0xFFFF))]
    for module in modules:
        parts += [
            _twice(0x19, 0x47, module.name), _twice(0x1A, 0x32, module.name), _twice(0x1C, 0x48, ""),
            _record(0x31, _long(0)), _record(0x1E, _long(0)), _record(0x2C, _short(0xFFFF)),
            _record(0x21 if module.kind == "standard" else 0x22), _record(0x2B),
        ]  # fmt: skip
    return b"".join([*parts, _record(0x10)])


def _project_text(modules: Sequence[Module], name: str) -> bytes:
    """The PROJECT stream: what the editor shows, and that nothing is locked."""
    lines = [f'ID="{PROJECT_ID}"', *(_project_line(module) for module in modules)]
    lines += [f'Name="{name}"', 'HelpContextID="0"', 'VersionCompatible32="393222000"']
    protection = (("CMG", b"\0\0\0\0", 0x31), ("DPB", b"\0", 0x53), ("GC", b"\xff", 0x75))
    lines += [f'{key}="{_encrypted(data, seed)}"' for key, data, seed in protection]
    lines += [
        "",
        "[Host Extender Info]",
        "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000",
        "",
    ]
    lines += ["[Workspace]", *(f"{module.name}=0, 0, 0, 0, C" for module in modules), ""]
    return "\r\n".join(lines).encode("ascii")


def _project_line(module: Module) -> str:
    match module.kind:
        case "standard":
            return f"Module={module.name}"
        case "class":
            return f"Class={module.name}"
    return f"Document={module.name}/&H00000000"


def _name_map(modules: Sequence[Module]) -> bytes:
    """The PROJECTwm stream: every name in both encodings."""
    return (
        b"".join(
            module.name.encode("ascii") + b"\0" + module.name.encode("utf-16-le") + b"\0\0"
            for module in modules
        )
        + b"\0\0"
    )


def _encrypted(data: bytes, seed: int) -> str:
    """Data encryption of MS-OVBA 2.4.3.2 with a fixed seed, as hexadecimal text."""
    key = sum(PROJECT_ID.encode("ascii")) & 0xFF
    out = [seed, seed ^ 2, seed ^ key]
    clear, last, before = key, seed ^ key, seed ^ 2
    ignored = b"\0" * ((seed & 6) // 2)
    for byte in ignored + _long(len(data)) + data:
        coded = byte ^ ((before + clear) & 0xFF)
        out.append(coded)
        before, last, clear = last, coded, byte
    return bytes(out).hex().upper()


# --- compression (MS-OVBA 2.4.1) ------------------------------------------------------------------------------

_CHUNK = 4096
_CANDIDATES = 48


def compressed(data: bytes) -> bytes:
    """A compressed container. Chunks are always of tokens: the editor does not load raw ones."""
    return b"\x01" + b"".join(
        _compressed_chunk(data[start : start + _CHUNK]) for start in range(0, len(data), _CHUNK)
    )


def _compressed_chunk(chunk: bytes) -> bytes:
    out = bytearray()
    tokens = _tokens(chunk)
    group = [token for _, token in zip(range(8), tokens, strict=False)]
    while group:
        out.append(sum(1 << bit for bit, token in enumerate(group) if len(token) == 2))
        out += b"".join(group)
        group = [token for _, token in zip(range(8), tokens, strict=False)]
    if len(out) > _CHUNK:
        raise ProjectError("a source does not get smaller by compression")
    return _short(len(out) - 1 | 0x3000 | 0x8000) + bytes(out)


def _tokens(chunk: bytes) -> Iterator[bytes]:
    """Literals (one byte) and copies of what stands before (two bytes)."""
    seen: dict[bytes, list[int]] = {}
    position = 0
    while position < len(chunk):
        bits = max(4, (position - 1).bit_length()) if position else 4
        offset, length = _longest_match(chunk, position, (0xFFFF >> bits) + 3, seen)
        step = length if length >= 3 else 1
        if step > 1:
            yield _short((offset - 1) << (16 - bits) | (length - 3))
        else:
            yield chunk[position : position + 1]
        for index in range(position, position + step):
            seen.setdefault(chunk[index : index + 3], []).append(index)
        position += step


def _longest_match(chunk: bytes, position: int, most: int, seen: dict[bytes, list[int]]) -> tuple[int, int]:
    """How far back and how long the longest copy is that may stand here; the nearest of equals."""
    best = (0, 0)
    limit = min(most, len(chunk) - position)
    for start in reversed(seen.get(chunk[position : position + 3], [])[-_CANDIDATES:]):
        length = 3
        while length < limit and chunk[start + length] == chunk[position + length]:
            length += 1
        if limit >= 3 and length > best[1]:
            best = (position - start, length)
    return best
