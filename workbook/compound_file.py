"""Writes a compound file (MS-CFB, version 3): storages and streams in sectors of 512 bytes.

Same content, same bytes: no time, no class identifier, entries in the order the format prescribes. Only what a
VBA project needs: one level of storages under the root, at most 109 FAT sectors (7 MB).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

SECTOR = 512
MINI_SECTOR = 64
#: Shorter streams lie in the mini stream.
MINI_CUTOFF = 4096
MOST_FAT_SECTORS = 109

_FREE, _END_OF_CHAIN, _FAT_SECTOR, _NO_ENTRY = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_STORAGE, _STREAM, _ROOT, _BLACK = 1, 2, 5, 1
_HEADER = struct.Struct("<8s16s5H6s9L109L")
_ENTRY = struct.Struct("<64sHBB3L16sLQQLQ")
_UNUSED_ENTRY = _ENTRY.pack(b"", 0, 0, 0, *[_NO_ENTRY] * 3, b"", 0, 0, 0, 0, 0)
_NUMBERS_A_SECTOR = SECTOR // 4

Streams = Mapping[str, bytes]


@dataclass(slots=True)
class _Entry:
    """An entry of the directory; links are the numbers of other entries."""

    name: str
    kind: int
    content: bytes = b""
    children: list[_Entry] = field(default_factory=list)
    number: int = 0
    left: int = _NO_ENTRY
    right: int = _NO_ENTRY
    top_child: int = _NO_ENTRY
    start: int = 0
    size: int = 0

    def pack(self) -> bytes:
        name = self.name.encode("utf-16-le") + b"\0\0"
        links = (self.left, self.right, self.top_child)
        return _ENTRY.pack(name, len(name), self.kind, _BLACK, *links, b"", 0, 0, 0, self.start, self.size)


def write(tree: Mapping[str, bytes | Streams]) -> bytes:
    """A compound file of streams (bytes) and storages (mappings of streams), by name.

    ValueError for a name of more than 31 characters, or more content than 109 FAT sectors address.
    """
    root = _Entry("Root Entry", _ROOT, children=[_entry(name, content) for name, content in tree.items()])
    entries = list(_numbered(root))
    for entry in entries:
        entry.top_child = _linked(sorted(entry.children, key=_order))
    return _Sectors().file(root, entries)


def _entry(name: str, content: bytes | Streams) -> _Entry:
    if len(name) > 31:
        raise ValueError(f"{name}: a name in a compound file has at most 31 characters")
    if isinstance(content, bytes):
        return _Entry(name, _STREAM, content, size=len(content))
    return _Entry(name, _STORAGE, children=[_entry(inner, data) for inner, data in content.items()])


def _numbered(root: _Entry) -> Iterator[_Entry]:
    """All entries, numbered as they stand in the directory."""
    waiting = [root]
    for number, entry in enumerate(waiting):
        entry.number = number
        waiting.extend(entry.children)
        yield entry


def _order(entry: _Entry) -> tuple[int, str]:
    return len(entry.name), entry.name.upper()


def _linked(siblings: Sequence[_Entry]) -> int:
    """Link sorted siblings to a search tree of least height; the number of its top. All black is a valid colouring."""
    if not siblings:
        return _NO_ENTRY
    middle = len(siblings) // 2
    top = siblings[middle]
    top.left, top.right = _linked(siblings[:middle]), _linked(siblings[middle + 1 :])
    return top.number


class _Chains:
    """Content cut into blocks of one size, with the table that says which block follows which."""

    def __init__(self, block: int) -> None:
        self.block = block
        self.body = bytearray()
        self.next: list[int] = []

    def add(self, content: bytes) -> int:
        """Append content as one chain; the number of its first block."""
        if not content:
            return _END_OF_CHAIN
        start, count = len(self.next), -(-len(content) // self.block)
        self.next += [*range(start + 1, start + count), _END_OF_CHAIN]
        self.body += content.ljust(count * self.block, b"\0")
        return start


def _table(numbers: Sequence[int]) -> bytes:
    """A table of block numbers, filled up to whole sectors."""
    count = -(-len(numbers) // _NUMBERS_A_SECTOR) * _NUMBERS_A_SECTOR
    return struct.pack(f"<{count}L", *numbers, *[_FREE] * (count - len(numbers)))


class _Sectors:
    """The sectors behind the header."""

    def __init__(self) -> None:
        self.sectors = _Chains(SECTOR)
        self.mini = _Chains(MINI_SECTOR)

    def file(self, root: _Entry, entries: Sequence[_Entry]) -> bytes:
        for entry in entries:
            if entry.kind == _STREAM:
                home = self.mini if entry.size < MINI_CUTOFF else self.sectors
                entry.start = home.add(entry.content)
        root.start, root.size = self.sectors.add(bytes(self.mini.body)), len(self.mini.body)
        mini_table = _table(self.mini.next)
        first_mini = self.sectors.add(mini_table)
        directory = b"".join(entry.pack() for entry in entries)
        directory += _UNUSED_ENTRY * (-len(entries) % (SECTOR // _ENTRY.size))
        first_directory = self.sectors.add(directory)
        fat = self._add_fat()
        counts = (
            0,
            len(fat),
            first_directory,
            0,
            MINI_CUTOFF,
            first_mini,
            len(mini_table) // SECTOR,
            _END_OF_CHAIN,
            0,
        )
        places = [*fat, *[_FREE] * (MOST_FAT_SECTORS - len(fat))]
        signature = bytes.fromhex("D0CF11E0A1B11AE1")
        header = _HEADER.pack(signature, b"", 0x3E, 3, 0xFFFE, 9, 6, b"", *counts, *places)
        return header + bytes(self.sectors.body)

    def _add_fat(self) -> range:
        """Append the FAT, which lists its own sectors too; where it lies."""
        used, count = len(self.sectors.next), 0
        while count * _NUMBERS_A_SECTOR < used + count:
            count += 1
        if count > MOST_FAT_SECTORS:
            raise ValueError("a compound file of more than 7 MB is not supported")
        self.sectors.next += [_FAT_SECTOR] * count
        self.sectors.body += _table(self.sectors.next)
        return range(used, used + count)
