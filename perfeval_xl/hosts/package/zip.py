"""An editor of OOXML packages that changes the named parts only.

Members that nobody put or removed are copied as they lie in the zip file: header, compressed bytes and
directory record. So form controls, drawings, ribbon, macros and cached values survive, whatever they are.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import struct
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from urllib.parse import quote

from perfeval_xl.errors import PackageError
from perfeval_xl.files import why_unread
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.records import dataclass

from .parts import part_name
from .relationships import Relationship, relationships_part
from .xml import Document, append_new, children, new_root

CONTENT_TYPES = "[Content_Types].xml"
_CT = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_RELS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"


# --- the zip file -------------------------------------------------------------------------------------------

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
# The end of the directory, its ZIP64 form, and a signature of the directory.
_AFTER_DIRECTORY = (b"PK\5\6", b"PK\6\6", b"PK\5\5")
_FULL = 0xFFFFFFFF
_UTF8_NAME = 0x800


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the source: its zip record as it lies there."""

    info: zipfile.ZipInfo
    local: slice
    central: bytes

    @property
    def name(self) -> str:
        # Not info.filename, which Windows rewrites. Some writers put back-slashes or a slash in front.
        return self.info.orig_filename.replace("\\", "/").lstrip("/")


def _members(data: bytes, archive: zipfile.ZipFile) -> list[Member]:
    """The members in the order of the directory; PackageError where records overlap or are broken."""
    infos = archive.infolist()
    starts = sorted(info.header_offset for info in infos)
    ends = dict(zip(starts, [*starts[1:], archive.start_dir], strict=True))
    if len(ends) < len(infos):
        raise PackageError("压缩包结构异常（成员重叠），无法修改")
    if not all(info.orig_filename.isprintable() for info in infos):
        # A damaged directory: one record's name has swallowed others.
        raise PackageError("压缩包结构异常（成员名称损坏），无法修改")
    members = []
    position = archive.start_dir
    for info in infos:
        fields = _CENTRAL.unpack_from(data, position)
        length = _CENTRAL.size + sum(fields[10:13])
        start, end = info.header_offset, ends[info.header_offset]
        if start + _LOCAL.size + info.compress_size > end:
            raise PackageError("压缩包结构异常（成员重叠），无法修改")
        members.append(Member(info, slice(start, end), data[position : position + length]))
        position += length
    if data[position : position + 4] not in _AFTER_DIRECTORY:
        raise PackageError("压缩包结构异常（目录长度不对），无法修改")
    return members


def _moved(central: bytes, offset: int) -> bytes:
    """A directory record that says its member lies at ``offset``; all else as it was."""
    fields = list(_CENTRAL.unpack_from(central))
    if fields[-1] != _FULL:
        fields[-1] = offset
        return _CENTRAL.pack(*fields) + central[_CENTRAL.size :]
    # The offset stands in the ZIP64 field, after the sizes that stand there too.
    at = _CENTRAL.size + fields[10]
    while central[at : at + 2] != b"\1\0":
        at += 4 + struct.unpack_from("<H", central, at + 2)[0]
    at += 4 + 8 * (fields[8:10].count(_FULL))
    return central[:at] + struct.pack("<Q", offset) + central[at + 8 :]


def _stored(name: bytes, flags: int, when: tuple[int, int], content: bytes) -> tuple[bytes, tuple[int, ...]]:
    """A new local record of ``content``, and the fields it shares with its directory record."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = deflate.compress(content) + deflate.flush()
    shared = (
        20,
        flags,
        zipfile.ZIP_DEFLATED,
        *when,
        zlib.crc32(content),
        len(packed),
        len(content),
        len(name),
    )
    return _LOCAL.pack(b"PK\3\4", *shared, 0) + name + packed, shared


# --- the package --------------------------------------------------------------------------------------------


class Package:
    """The parts of a zip package, by name without leading slash; names compare without regard to case.

    ``limits`` bound what is unpacked and what becomes a tree.
    """

    def __init__(self, data: bytes, limits: Limits = LIMITS) -> None:
        self._data = data
        self._limits = limits
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            self._members = _members(data, self._archive)
        except (zipfile.BadZipFile, struct.error, NotImplementedError, ValueError) as error:
            raise PackageError(_not_a_zip(data)) from error
        # The last of several members of one name counts, as it does for Python's zipfile.
        self._index = {part_name(member.name): index for index, member in enumerate(self._members)}
        self._changed: dict[int, bytes | None] = {}
        self._added: dict[str, bytes] = {}

    @classmethod
    def open(cls, source: Path | bytes, limits: Limits = LIMITS) -> Package:
        """The package in ``source``; PackageError if it is none, is encrypted, or is beyond all measure."""
        if isinstance(source, bytes):
            return cls(source, limits)
        try:
            if source.stat().st_size > limits.file_bytes:
                raise PackageError(f"文件超过 {limits.file_bytes // 1_000_000} MB，不予处理")
            return cls(source.read_bytes(), limits)
        except OSError as error:
            raise PackageError(f"文件打不开：{why_unread(error)}") from error

    @property
    def source(self) -> bytes:
        """The zip file as it was opened."""
        return self._data

    @property
    def names(self) -> tuple[str, ...]:
        """Part names in the order of the zip file, folders left out."""
        kept = [
            member.name
            for index, member in enumerate(self._members)
            if self._changed.get(index, b"") is not None
        ]
        return tuple(name for name in (*kept, *self._added) if not name.endswith("/"))

    def __contains__(self, name: str) -> bool:
        index = self._index.get(part_name(name))
        return name in self._added or (index is not None and self._changed.get(index, b"") is not None)

    def read(self, name: str) -> bytes:
        """The bytes of a part; PackageError if there is none, or if it is encrypted, broken or too large."""
        if name in self._added:
            return self._added[name]
        index = self._index.get(part_name(name))
        if index is None or name not in self:
            raise PackageError(f"文件中缺少部件 {name}，文件可能已损坏")
        changed = self._changed.get(index)
        return self._extract(self._members[index]) if changed is None else changed

    def _extract(self, member: Member) -> bytes:
        info = member.info
        if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise PackageError(f"部件 {member.name} 已加密或压缩方式不合规范，无法读取")
        try:
            with self._archive.open(info) as stream:
                content = stream.read(self._limits.part_bytes + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError) as error:
            raise PackageError(f"部件 {member.name} 已损坏，无法读取") from error
        if len(content) > self._limits.part_bytes:
            raise PackageError(f"部件 {member.name} 超过 {self._limits.part_bytes // 1_000_000} MB，不予处理")
        return content

    def document(self, name: str, seal: str = "") -> Document:
        """A part as a tree of its own, but for one element that is ``seal``ed: changes count once it is ``put``."""
        return Document.parse(self.read(name), name, seal, self._limits.structure_bytes)

    def _register(self, name: str, tag: str) -> Document:
        """One of the package's own parts, to be added to; PackageError where its root is not what readers look for."""
        document = self.document(name)
        if document.root.tag != tag:
            raise PackageError(f"部件 {name} 不合规范，无法修改")
        return document

    def put(self, name: str, content: bytes | Document, content_type: str | None = None) -> None:
        """Replace a part, or add it with its ``content_type``."""
        data = content.to_bytes() if isinstance(content, Document) else content
        index = self._index.get(part_name(name))
        if index is None:
            self._added[name] = data
        elif name not in self or self.read(name) != data:
            self._changed[index] = data
        if content_type is not None and self.content_type(name) != content_type:
            self._override(name, content_type)

    def remove(self, name: str) -> None:
        """Take a part out of the package, with its content type; who points to it is the caller's business."""
        if self._added.pop(name, None) is None and name in self:
            self._changed[self._index[part_name(name)]] = None
        types = self.document(CONTENT_TYPES)
        for override in children(types.root, "Override"):
            if override.get("PartName", "").lower() == f"/{name}".lower():
                types.root.remove(override)
                self.put(CONTENT_TYPES, types)

    def content_type(self, name: str) -> str:
        """The content type of a part by its Override, else by the Default of its extension; may be empty."""
        root = self.document(CONTENT_TYPES).root
        for override in children(root, "Override"):
            if override.get("PartName", "").lower() == f"/{name}".lower():
                return override.get("ContentType", "")
        extension = name.rpartition(".")[2].lower()
        for default in children(root, "Default"):
            if default.get("Extension", "").lower() == extension:
                return default.get("ContentType", "")
        return ""

    def _override(self, name: str, content_type: str) -> None:
        types = self._register(CONTENT_TYPES, f"{{{_CT}}}Types")
        for override in children(types.root, "Override"):
            if override.get("PartName", "").lower() == f"/{name}".lower():
                override.set("ContentType", content_type)
                break
        else:
            append_new(types.root, "Override", PartName=f"/{name}", ContentType=content_type)
        self.put(CONTENT_TYPES, types)

    def relationships(self, source: str) -> tuple[Relationship, ...]:
        """What ``source`` points to (the package itself if empty); ``kind`` is the full type."""
        rels = relationships_part(source)
        if rels not in self:
            return ()
        elements = children(self.document(rels).root, "Relationship")
        return tuple(Relationship.of(source, element.attrib) for element in elements)

    def related(self, source: str, kind: str) -> str | None:
        """The first part that ``source`` relates to by the last word of a type, such as ``"styles"``."""
        for relationship in self.relationships(source):
            if relationship.kind.endswith(f"/{kind}") and not relationship.external:
                return relationship.target
        return None

    def relate(self, source: str, kind: str, target: str) -> str:
        """Let ``source`` point to the part ``target`` by the full type ``kind``; the id that is new."""
        rels = relationships_part(source)
        document = (
            self._register(rels, f"{{{_RELS}}}Relationships") if rels in self else _empty_relationships()
        )
        taken = {element.get("Id") for element in document.root}
        ordinal = 1
        while f"rId{ordinal}" in taken:
            ordinal += 1
        relative = quote(posixpath.relpath(f"/{target}", posixpath.join("/", posixpath.dirname(source))))
        append_new(document.root, "Relationship", Id=f"rId{ordinal}", Type=kind, Target=relative)
        self.put(rels, document, _RELS_TYPE)
        return f"rId{ordinal}"

    def unrelate(self, source: str, target: str) -> None:
        """Let ``source`` point to the part ``target`` no more."""
        document = self.document(relationships_part(source))
        for relationship in self.relationships(source):
            if relationship.target == target and not relationship.external:
                for element in list(document.root):
                    if element.get("Id") == relationship.id:
                        document.root.remove(element)
        self.put(relationships_part(source), document)

    def origin(self) -> list[str | bytes]:
        """The source file in pieces: the names of members it shares with ``to_bytes``, and all other bytes."""
        names = Counter(member.name for member in self._members)
        places = sorted(enumerate(self._members), key=lambda each: each[1].local.start)
        pieces: list[str | bytes] = []
        position = 0
        for index, member in places:
            shared = index not in self._changed and names[member.name] == 1
            pieces += [self._data[position : member.local.start], member.name if shared else self.raw(member)]
            position = member.local.stop
        return [piece for piece in (*pieces, self._data[position:]) if piece]

    def raw(self, member: str | Member) -> bytes:
        """A member of the source as it lies there, header and packed content; PackageError if there is none."""
        if isinstance(member, str):
            index = self._index.get(part_name(member))
            if index is None:
                raise PackageError(f"文件中缺少部件 {member}，文件可能已损坏")
            member = self._members[index]
        return self._data[member.local]

    def digest(self, without: str = "") -> str:
        """What tells this source from any other, whatever one part holds: a hash over names, sizes and checksums."""
        listed = sorted(
            f"{member.name}\n{member.info.file_size}\n{member.info.CRC}"
            for member in self._members
            if member.name != without
        )
        return hashlib.sha256("\n".join(listed).encode("utf-8", "surrogateescape")).hexdigest()

    def to_bytes(self) -> bytes:
        """The package as a zip file; without changes the records are those of the source."""
        body, directory = io.BytesIO(), []
        for index, member in enumerate(self._members):
            changed = self._changed.get(index, b"")
            if changed is None:
                continue
            offset = body.tell()
            if index not in self._changed:
                body.write(self._data[member.local])
                directory.append(_moved(member.central, offset))
            else:
                directory.append(_rewrite(member, changed, body))
        directory.extend(self._append(name, content, body) for name, content in self._added.items())
        start, records = body.tell(), b"".join(directory)
        if len(directory) >= 0xFFFF or start + len(records) >= _FULL:
            raise PackageError("文件太大，无法写出")
        comment = self._archive.comment
        size = (len(directory), len(directory), len(records), start, len(comment))
        body.write(records + _END.pack(b"PK\5\6", 0, 0, *size) + comment)
        return body.getvalue()

    def _append(self, name: str, content: bytes, body: io.BytesIO) -> bytes:
        # Dated like the first member: the same input gives the same bytes, at any hour.
        fields = _CENTRAL.unpack_from(self._members[0].central)
        encoded = name.encode()
        flags = 0 if name.isascii() else _UTF8_NAME
        offset = body.tell()
        record, shared = _stored(encoded, flags, (fields[5], fields[6]), content)
        body.write(record)
        return _CENTRAL.pack(b"PK\1\2", 20, *shared, 0, 0, 0, 0, 0, offset) + encoded


def _rewrite(member: Member, content: bytes, body: io.BytesIO) -> bytes:
    """Write a member's new content; its directory record, with date, attributes and comment as they were."""
    fields = _CENTRAL.unpack_from(member.central)
    name = member.central[_CENTRAL.size :][: fields[10]]
    offset = body.tell()
    # Extra fields go: a ZIP64 one would now be wrong.
    record, shared = _stored(name, fields[3] & _UTF8_NAME, (fields[5], fields[6]), content)
    body.write(record)
    comment = member.central[len(member.central) - fields[12] :]
    head = _CENTRAL.pack(b"PK\1\2", fields[1], *shared, 0, len(comment), 0, *fields[14:16], offset)
    return head + name + comment


def _not_a_zip(data: bytes) -> str:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return "文件已加密，或是旧版 .xls 格式，请去掉打开密码并另存为 .xlsx 后再试"
    return "文件不是有效的 .xlsx/.xlsm 工作簿，或已损坏"


def _empty_relationships() -> Document:
    return Document.new(new_root("Relationships", _RELS))
