"""An editor of OOXML packages that changes the named parts only.

Members that nobody put or removed are copied as they lie in the zip file: header, compressed bytes and
directory record. So form controls, drawings, ribbon, macros and cached values survive, whatever they are.
``Package`` knows parts, content types and relationships; ``Workbook`` and ``Styles`` know SpreadsheetML.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from lxml import etree

from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.marks.results import cell_text

from .parts import part_name

#: Says of a text element that blanks at its ends are part of the text.
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_CONTENT_TYPES = "[Content_Types].xml"
_CT = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_RELS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"
_MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
# The namespace of r:id and the stem of relationship types, by the namespace of the workbook part.
_OFFICE = {
    _MAIN: "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    _STRICT_MAIN: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
_SPREADSHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.{}+xml"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# The schema's order of child elements; Excel calls a file broken that does not keep to it.
WORKSHEET_ORDER = _words(
    """sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges
    scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting
    dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks
    customProperties cellWatches ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture
    oleObjects controls webPublishItems tableParts extLst"""
)
WORKBOOK_ORDER = _words(
    """fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences
    definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing
    fileRecoveryPr webPublishObjects extLst"""
)
_STYLES_ORDER = _words(
    "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst"
)

_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[^>]*\?>\s*")
_UTF8 = re.compile(rb"encoding\s*=\s*[\"']utf-8[\"']", re.IGNORECASE)
# Also as UTF-16, with a zero byte between the letters.
_DOCTYPE = re.compile(rb"<\0?!\0?D\0?O\0?C\0?T\0?Y\0?P\0?E")


class PackageError(Exception):
    """The file is no package we can edit safely; the message is one line for the user."""


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


# --- XML ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Document:
    """A part as a tree, with the XML declaration it came with."""

    tree: etree._ElementTree
    prolog: bytes

    @classmethod
    def new(cls, root: etree._Element) -> Document:
        prolog = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
        return cls(etree.ElementTree(root), prolog)

    @classmethod
    def parse(cls, content: bytes, name: str) -> Document:
        """The tree of ``content``; PackageError for broken XML and for any document type."""
        # A document type is never needed here and is how XML bombs and file inclusion begin.
        refused = PackageError(f"部件 {name} 含有 DTD 声明，出于安全不予处理")
        if _DOCTYPE.search(content):
            raise refused
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, strip_cdata=False
        )
        try:
            root = etree.fromstring(content, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise PackageError(f"部件 {name} 不是有效的 XML，文件可能已损坏") from error
        tree = root.getroottree()
        if tree.docinfo.internalDTD is not None:
            raise refused
        declaration = _PROLOG.match(content)
        if declaration is None:
            # UTF-16, or no declaration at all: written as UTF-8, which then needs none but may have one.
            return cls(tree, cls.new(root).prolog)
        prolog = declaration[0]
        if not _UTF8.search(prolog):
            prolog = re.sub(rb"encoding\s*=\s*([\"']).*?\1", b'encoding="UTF-8"', prolog)
        return cls(tree, prolog)

    @property
    def root(self) -> etree._Element:
        return self.tree.getroot()

    def to_bytes(self) -> bytes:
        return self.prolog + etree.tostring(self.tree, encoding="UTF-8", xml_declaration=False)


def new_root(name: str, space: str) -> etree._Element:
    """A root element in the namespace ``space``, which is its default namespace."""
    return etree.fromstring(f'<{name} xmlns="{space}"/>')


def local_name(element: etree._Element) -> str:
    """The tag without its namespace; empty for comments and the like."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def namespace(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[0][1:]


def children(element: etree._Element, name: str | None = None) -> list[etree._Element]:
    """Child elements in the element's own namespace, all or those of one name."""
    space = namespace(element)
    wanted = "*" if name is None else name
    return list(element.iterchildren(f"{{{space}}}{wanted}" if space else wanted))


def child(element: etree._Element, name: str) -> etree._Element | None:
    return next(iter(children(element, name)), None)


def number(text: str | None, default: int = 0) -> int:
    """An integer attribute; ``default`` where it is absent or is none."""
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,10}", text) else default


def append_new(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    """A new last child in the parent's namespace."""
    element = etree.SubElement(parent, _tag(parent, tag))
    for key, value in attributes.items():
        element.set(key, value)
    return element


def write_text(cell: etree._Element, text: str) -> None:
    """Let a new cell hold ``text`` as text, whatever it begins with."""
    cell.set("t", "inlineStr")
    holder = append_new(append_new(cell, "is"), "t")
    holder.set(XML_SPACE, "preserve")
    holder.text = cell_text(text)


def _tag(parent: etree._Element, name: str) -> str:
    space = namespace(parent)
    return f"{{{space}}}{name}" if space else name


def _rank(element: etree._Element, order: Sequence[str]) -> int:
    """The element's place in ``order``, -1 for a stranger; mc:AlternateContent stands for what it holds."""
    if element.tag == f"{{{_MC}}}AlternateContent":
        held = [inner for branch in element for inner in branch if local_name(inner) in order]
        return order.index(local_name(held[0])) if held else -1
    name = local_name(element)
    return order.index(name) if name in order else -1


def insert_new(parent: etree._Element, name: str, order: Sequence[str]) -> etree._Element:
    """A new child placed as the schema's ``order`` wants it, after what is there of the same name."""
    rank = order.index(name)
    before = [index for index, sibling in enumerate(parent) if 0 <= _rank(sibling, order) <= rank]
    # Made as a child of its parent, so that it takes the parent's prefix.
    element = append_new(parent, name)
    parent.insert(before[-1] + 1 if before else 0, element)
    return element


# --- the package --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Relationship:
    """What a part points to; ``target`` is a part name, or as written where it is ``external``."""

    id: str
    kind: str
    target: str
    external: bool


def relationships_part(source: str) -> str:
    """The name of the part that holds the relationships of ``source``."""
    folder, base = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{base}.rels")


def _resolved(source: str, target: str) -> str:
    joined = posixpath.join("/", posixpath.dirname(source), unquote(target))
    return posixpath.normpath(joined).lstrip("/")


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
            raise PackageError(f"文件打不开：{error.strerror or error}") from error

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

    def document(self, name: str) -> Document:
        """A part as a tree of its own: changes count once it is ``put``."""
        content = self.read(name)
        if len(content) > self._limits.structure_bytes:
            size = self._limits.structure_bytes // 1_000_000
            raise PackageError(f"部件 {name} 超过 {size} MB，改动它要占用太多内存，不予处理")
        return Document.parse(content, name)

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
        types = self.document(_CONTENT_TYPES)
        for override in children(types.root, "Override"):
            if override.get("PartName", "").lower() == f"/{name}".lower():
                types.root.remove(override)
                self.put(_CONTENT_TYPES, types)

    def content_type(self, name: str) -> str:
        """The content type of a part by its Override, else by the Default of its extension; may be empty."""
        root = self.document(_CONTENT_TYPES).root
        for override in children(root, "Override"):
            if override.get("PartName", "").lower() == f"/{name}".lower():
                return override.get("ContentType", "")
        extension = name.rpartition(".")[2].lower()
        for default in children(root, "Default"):
            if default.get("Extension", "").lower() == extension:
                return default.get("ContentType", "")
        return ""

    def _override(self, name: str, content_type: str) -> None:
        types = self._register(_CONTENT_TYPES, f"{{{_CT}}}Types")
        for override in children(types.root, "Override"):
            if override.get("PartName", "").lower() == f"/{name}".lower():
                override.set("ContentType", content_type)
                break
        else:
            append_new(types.root, "Override", PartName=f"/{name}", ContentType=content_type)
        self.put(_CONTENT_TYPES, types)

    def relationships(self, source: str) -> tuple[Relationship, ...]:
        """What ``source`` points to (the package itself if empty); ``kind`` is the full type."""
        rels = relationships_part(source)
        if rels not in self:
            return ()
        found = []
        for element in self.document(rels).root.iterchildren(f"{{{_RELS}}}Relationship"):
            target = element.get("Target", "")
            external = element.get("TargetMode") == "External"
            resolved = target if external else _resolved(source, target)
            found.append(Relationship(element.get("Id", ""), element.get("Type", ""), resolved, external))
        return tuple(found)

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


# --- the workbook -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as the workbook lists it; ``part`` is ``None`` for chart sheets and what else has no cells."""

    index: int
    name: str
    sheet_id: int
    part: str | None


def _relationship_id(element: etree._Element) -> str:
    # Writers exist that mix the flavours, so either namespace will do.
    return next((value for office in _OFFICE.values() if (value := element.get(f"{{{office}}}id"))), "")


def _detach(element: etree._Element) -> None:
    """Remove an element from its parent, and the parent too if it holds nothing else and must not be empty."""
    parent = element.getparent()
    if parent is None:
        return
    parent.remove(element)
    if not len(parent) and local_name(parent) == "definedNames":
        _detach(parent)


def quoted(sheet: str) -> str:
    """A sheet's name as references write it."""
    return "'" + sheet.replace("'", "''") + "'"


class Workbook:
    """The workbook part of a package; changes count once it is ``save``d."""

    def __init__(self, package: Package) -> None:
        part = package.related("", "officeDocument")
        if part is None:
            raise PackageError("文件不是有效的 .xlsx/.xlsm 工作簿，或已损坏")
        if part.lower().endswith(".bin"):
            raise PackageError("不支持 .xlsb 二进制工作簿，请另存为 .xlsx 或 .xlsm 后再试")
        self.package = package
        self.part = part
        self.document = package.document(part)
        self.space = namespace(self.document.root)
        if self.space not in _OFFICE or local_name(self.document.root) != "workbook":
            raise PackageError("文件不是 Excel 工作簿")

    @property
    def office(self) -> str:
        """The namespace of ``r:id`` in this workbook's flavour (transitional or strict)."""
        return _OFFICE[self.space]

    @property
    def macro_enabled(self) -> bool:
        return "macroEnabled" in self.package.content_type(self.part)

    def save(self) -> None:
        self.package.put(self.part, self.document)

    def _sheet_elements(self) -> list[etree._Element]:
        sheets = child(self.document.root, "sheets")
        return [] if sheets is None else children(sheets, "sheet")

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        worksheets = {
            relationship.id: relationship.target
            for relationship in self.package.relationships(self.part)
            if relationship.kind.endswith("/worksheet") and relationship.target in self.package
        }
        return tuple(
            Sheet(
                index,
                element.get("name", ""),
                number(element.get("sheetId")),
                worksheets.get(_relationship_id(element)),
            )
            for index, element in enumerate(self._sheet_elements())
        )

    def free_name(self, wanted: str) -> str:
        """``wanted``, or that with the first ordinal that no sheet has yet."""
        taken = {sheet.name.casefold() for sheet in self.sheets}
        name, ordinal = wanted, 1
        while name.casefold() in taken:
            ordinal += 1
            name = f"{wanted}({ordinal})"
        return name

    def add_sheet(self, name: str, root: etree._Element) -> Sheet:
        """Append a worksheet; ``name`` must be free."""
        folder = posixpath.join(posixpath.dirname(self.part), "worksheets")
        ordinal = 1
        while (part := posixpath.join(folder, f"sheet{ordinal}.xml")) in self.package:
            ordinal += 1
        self.package.put(part, Document.new(root), _SPREADSHEET_TYPE.format("worksheet"))
        identifier = self.package.relate(self.part, f"{self.office}/worksheet", part)
        listed = self._sheet_elements()
        sheet_id = max((number(element.get("sheetId")) for element in listed), default=0) + 1
        parent = child(self.document.root, "sheets")
        if parent is None:
            raise PackageError("工作簿中没有工作表清单，文件可能已损坏")
        element = append_new(parent, "sheet", name=name, sheetId=str(sheet_id))
        element.set(f"{{{self.office}}}id", identifier)
        return Sheet(len(listed), name, sheet_id, part)

    def remove_sheet(self, sheet: Sheet) -> None:
        """Take a sheet out, with what belongs to it alone; what counts sheets by their place counts anew."""
        element = self._sheet_elements()[sheet.index]
        _detach(element)
        for name in list(self.names()):
            place = number(name.get("localSheetId"), -1)
            if place == sheet.index:
                _detach(name)
            elif place > sheet.index:
                name.set("localSheetId", str(place - 1))
        for view in self.document.root.iter(f"{{{self.space}}}workbookView"):
            for attribute in ("activeTab", "firstSheet"):
                place = number(view.get(attribute))
                if place >= max(sheet.index, 1):
                    view.set(attribute, str(place - 1))
        if sheet.part is not None:
            self.package.remove(relationships_part(sheet.part))
            self.package.remove(sheet.part)
            self.package.unrelate(self.part, sheet.part)

    def remove_names(self, wanted: Callable[[etree._Element], bool]) -> bool:
        """Take out the names whose element is ``wanted``; whether there were any."""
        found = [element for element in self.names() if wanted(element)]
        for element in found:
            _detach(element)
        return bool(found)

    def names(self) -> Iterator[etree._Element]:
        """The definedName elements."""
        holder = child(self.document.root, "definedNames")
        yield from [] if holder is None else children(holder, "definedName")

    def add_name(self, name: str, text: str, *, sheet: Sheet | None = None, hidden: bool = False) -> None:
        """Define a name, of the workbook or of one sheet."""
        holder = child(self.document.root, "definedNames")
        if holder is None:
            holder = insert_new(self.document.root, "definedNames", WORKBOOK_ORDER)
        element = append_new(holder, "definedName", name=name)
        if sheet is not None:
            element.set("localSheetId", str(sheet.index))
        if hidden:
            element.set("hidden", "1")
        element.text = text

    def drop_calculation_chain(self) -> None:
        """Remove the list of formula cells, which must not name a cell whose formula is gone; Excel rebuilds it."""
        chain = self.package.related(self.part, "calcChain")
        if chain is not None:
            self.package.unrelate(self.part, chain)
            self.package.remove(chain)

    def styles(self) -> Styles:
        """The styles part, added if the workbook has none."""
        part = self.package.related(self.part, "styles")
        if part is None or part not in self.package:
            part = posixpath.join(posixpath.dirname(self.part), "styles.xml")
            self.package.put(
                part, Document.new(new_root("styleSheet", self.space)), _SPREADSHEET_TYPE.format("styles")
            )
            self.package.relate(self.part, f"{self.office}/styles", part)
        return Styles(self.package, part)


# What must stand at the head of each collection: index 0 is what cells without a style get, and Excel takes
# fills 0 and 1 for "none" and "gray125" whatever stands there.
_HEADS = {
    "fonts": ('<font><sz val="11"/><name val="宋体"/></font>',),
    "fills": (
        '<fill><patternFill patternType="none"/></fill>',
        '<fill><patternFill patternType="gray125"/></fill>',
    ),
    "borders": ("<border><left/><right/><top/><bottom/><diagonal/></border>",),
    "cellStyleXfs": ('<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>',),
    "cellXfs": ('<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',),
    "dxfs": (),
}

_Shape = tuple[str, str, tuple[tuple[str, str], ...], tuple["_Shape", ...]]


def _shape(element: etree._Element) -> _Shape:
    """What an element says, whatever its prefixes and the order of its attributes."""
    inner = tuple(_shape(part) for part in element if isinstance(part.tag, str))
    attributes = tuple(sorted((str(key), str(value)) for key, value in element.attrib.items()))
    return str(element.tag), (element.text or "").strip(), attributes, inner


class Styles:
    """The styles part: entries are found or appended, never changed; counts once it is ``save``d."""

    def __init__(self, package: Package, part: str) -> None:
        self._package = package
        self._part = part
        self._document = package.document(part)
        # By collection, where each shape stands; files with 60,000 formats occur, so it is computed once.
        self._known: dict[str, dict[_Shape, int]] = {}
        for collection, heads in _HEADS.items():
            for head in heads[len(self._items(collection)) :]:
                self._append(collection, self._entry(head))

    def save(self) -> None:
        self._package.put(self._part, self._document)

    def _holder(self, collection: str) -> etree._Element:
        root = self._document.root
        holder = child(root, collection)
        return insert_new(root, collection, _STYLES_ORDER) if holder is None else holder

    def _items(self, collection: str) -> list[etree._Element]:
        """The entries as readers count them: of mc:AlternateContent one branch."""
        items: list[etree._Element] = []
        for entry in self._holder(collection):
            if entry.tag == f"{{{_MC}}}AlternateContent":
                items.extend(list(entry[-1]) if len(entry) else [])
            elif isinstance(entry.tag, str):
                items.append(entry)
        return items

    def _entry(self, xml: str) -> etree._Element:
        return etree.fromstring(f'<_ xmlns="{namespace(self._document.root)}">{xml}</_>')[0]

    def _append(self, collection: str, entry: etree._Element) -> int:
        holder, index = self._holder(collection), len(self._items(collection))
        holder.append(entry)
        holder.set("count", str(index + 1))
        return index

    def index(self, collection: str, xml: str) -> int:
        """The index of the entry ``xml`` (without namespace) in ``fonts``, ``cellXfs``, ``dxfs`` …"""
        if collection not in self._known:
            first = len(_HEADS[collection])
            entries = enumerate(self._items(collection)[first:], first)
            known: dict[_Shape, int] = {}
            for index, entry in entries:
                known.setdefault(_shape(entry), index)
            self._known[collection] = known
        entry = self._entry(xml)
        shape = _shape(entry)
        if shape not in self._known[collection]:
            self._known[collection][shape] = self._append(collection, entry)
        return self._known[collection][shape]

    @property
    def font_name(self) -> str:
        """The name of the workbook's default font, empty if unknown."""
        named = child(self._items("fonts")[0], "name")
        return "" if named is None else named.get("val", "")
