"""How much a file may ask of the machine, and what a reader says of a file that asks more or is at fault."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from perfeval_xl.bounds import Bounds
from perfeval_xl.records import dataclass


@dataclass(frozen=True, slots=True)
class Limits(Bounds):
    """How much a file may ask of the machine. A year's 自评 workbook of 30 projects needs about 2 % of each.

    Together with the bounds on forms they keep any file below 300 MB of memory and a few seconds, whatever is in it.
    """

    file_bytes: int = 100_000_000
    """Size on disk."""
    unpacked_bytes: int = 200_000_000
    """All parts of a package together."""
    part_bytes: int = 64_000_000
    """One part of a package."""
    parts: int = 2_000
    """Number of parts."""
    ratio: int = 200
    """Unpacked to packed size of a part above ``ratio_from`` bytes (real sheets stay below 50)."""
    ratio_from: int = 1_000_000
    """Size from which the ratio counts."""
    structure_bytes: int = 24_000_000
    """A part that becomes a tree in memory: workbook, relationships, and what a marked copy changes."""
    cells: int = 250_000
    """Non-empty cells of a workbook."""
    text: int = 50_000_000
    """Characters of text in the cells of a workbook, repetitions counted, and of its shared strings."""
    strings: int = 500_000
    """Shared strings of a workbook."""
    merges: int = 200_000
    """Merged ranges of a workbook."""
    columns: int = 100_000
    """Column settings of a workbook (a sheet of Excel's has at most 16,384)."""
    formats: int = 10_000
    """Number formats of a workbook's own (Excel allows some 250)."""
    styles: int = 200_000
    """Cell styles of a workbook (Excel allows 65,490)."""
    places: int = 2_000_000
    """Cells of the rectangle around a sheet's content, all of which calamine fills."""
    seconds: int = 5
    """Processor time for the child process that reads through calamine."""
    cpu_seconds: int = 30
    """Processor time for a file with all that is made of it (report, marked copy); of the command line."""
    reader_bytes: int = 300_000_000
    """Address space of that child."""
    memory_bytes: int = 1_000_000_000
    """Address space of the command line; several times what it really takes (300 MB at most)."""
    office_seconds: int = 60
    """Time for LibreOffice to open and convert a file, its start included."""

    def changed(self, settings: Iterable[str]) -> Limits:
        """These limits with ``NAME=NUMBER`` settings applied; ValueError, in Chinese, for a bad one."""
        known = {field.name for field in dataclasses.fields(self)}
        values: dict[str, int] = {}
        for setting in settings:
            name, _, value = setting.partition("=")
            if name not in known:
                raise ValueError(f"没有限制项“{name}”，可用的有 {'、'.join(sorted(known))}")
            if not (value.isascii() and value.isdigit() and int(value)):
                raise ValueError(f"限制项 {name} 要写成 {name}=正整数")
            values[name] = int(value)
        return dataclasses.replace(self, **values)

    def to_dict(self) -> Mapping[str, int]:
        """By name, for a child process."""
        return dataclasses.asdict(self)


LIMITS = Limits()


class TooMuch(Exception):
    """A limit was passed while reading; the message names what there is too much of, in Chinese."""


class Damaged(Exception):
    """What was read contradicts itself; the message says where, in Chinese."""


class Protected(Exception):
    """A password is needed to read the content."""


class Forbidden(Exception):
    """XML with a document type declaration: entities can blow up or reach outside the file."""
