"""What a changed copy remembers of the file it was made of.

A custom XML part lists which members of the package the copy shares with its original, and holds the bytes of all
the rest. While nothing else has changed, the original comes back byte for byte. Whoever sends a file can write such a
part too: what it says is used only where it is the copy's own content without our marks.
"""

from __future__ import annotations

import base64
import binascii

from perfeval_xl.errors import PackageError, Unreadable
from perfeval_xl.grid import Grid
from perfeval_xl.hosts.limits import Limits
from perfeval_xl.hosts.package.relationships import relationships_part
from perfeval_xl.hosts.package.tree import Element
from perfeval_xl.hosts.package.workbook import Workbook
from perfeval_xl.hosts.package.xml import Document, append_new, children, new_root
from perfeval_xl.hosts.package.zip import CONTENT_TYPES, Package
from perfeval_xl.hosts.reading.loading import Source, read_source
from perfeval_xl.records import dataclass

_SPACE = "urn:perfeval-xl:original:1"
_KIND = "customXml"
#: What the first member of a zip file begins with.
_FIRST = b"PK\3\4"
_DISBELIEVED = (
    "副本里留存的“标注前的文件”与副本现在的内容不符（可能被改动过），没有采用，只按通常办法去掉了旧标注"
)


@dataclass(frozen=True, slots=True)
class Original:
    """The file a copy was made of, or None; ``notes`` say so where the copy names one that is not to be believed."""

    data: bytes | None = None
    notes: tuple[str, ...] = ()


def remember(workbook: Workbook) -> bytes:
    """The package with its changes, and in it what its source was. ``workbook`` is saved already."""
    package = workbook.package
    record = _free_part(package)
    pieces = package.origin()
    package.relate(workbook.part, f"{workbook.office}/{_KIND}", record)
    package.put(record, b"<original/>", "application/xml")
    digest = Package(package.to_bytes()).digest(record)
    package.put(record, _written(pieces, digest))
    return package.to_bytes()


def _free_part(package: Package) -> str:
    ordinal = 1
    while (part := f"customXml/item{ordinal}.xml") in package:
        ordinal += 1
    return part


def _written(pieces: list[str | bytes], digest: str) -> Document:
    root = new_root("original", _SPACE)
    root.set("marked", digest)
    for piece in pieces:
        if isinstance(piece, str):
            append_new(root, "member", name=piece)
        else:
            append_new(root, "bytes").text = base64.b64encode(piece).decode("ascii")
    return Document.new(root)


def original(workbook: Workbook, own: Ours, limits: Limits) -> Original:
    """The file a copy was made of; none if it is no such copy or was changed since. ``own`` tells what marking added."""
    package, record = workbook.package, _record(workbook)
    if record is None:
        return Original()
    root = package.document(record).root
    if root.get("marked") != package.digest(record):
        return Original()
    try:
        data = _joined(package, root, limits)
        believed = _is_below(workbook, Workbook(Package(data, limits)), own) and _same_figures(
            package.source, data, own.sheet, limits
        )
    except (binascii.Error, ValueError, PackageError, Unreadable):
        believed = False
    return Original(data) if believed else Original(None, (_DISBELIEVED,))


@dataclass(frozen=True, slots=True)
class Ours:
    """What marking added to a workbook: the name of its sheet, and defined names."""

    sheet: str | None
    names: frozenset[str]


def _joined(package: Package, root: Element, limits: Limits) -> bytes:
    """The pieces of a record as one file; ValueError where they are more than a copy can need. As no member counts twice,
    the file is never longer than the copy and its record."""
    pieces = children(root)
    named = [name for piece in pieces if (name := piece.get("name")) is not None]
    if len(set(named)) < len(named) or len(pieces) > 2 * len(package.names) + 1:
        raise ValueError("a member twice, or more pieces than there are members")
    data = b"".join(
        package.raw(name)
        if (name := piece.get("name")) is not None
        else base64.b64decode(piece.text or "", validate=True)
        for piece in pieces
    )
    if len(data) > limits.file_bytes or not data.startswith(_FIRST):
        raise ValueError("larger than any file that is read, or something stands in front of the zip file")
    return data


def _is_below(copy: Workbook, source: Workbook, own: Ours) -> bool:
    """Whether a workbook has no part, link or name that its marked copy lacks, and differs only in parts that are marked.

    Every part is compared as it reads: which bytes a name of the record stands for, its own directory decides."""
    marked = {CONTENT_TYPES, copy.part, relationships_part(copy.part)}
    marked |= {sheet.part for sheet in copy.sheets if sheet.part is not None}
    marked |= {part for part in [copy.package.related(copy.part, "styles")] if part is not None}
    return (
        source.part == copy.part
        and all(
            name in marked or (name in copy.package and copy.package.read(name) == source.package.read(name))
            for name in source.package.names
        )
        and _links(source) <= _links(copy)
        and _names(source, own) == _names(copy, own)
    )


def _links(workbook: Workbook) -> set[tuple[str, str, bool]]:
    related = workbook.package.relationships(workbook.part)
    return {(each.kind, each.target, each.external) for each in related}


def _names(workbook: Workbook, own: Ours) -> list[tuple[str, str | None, str]]:
    """Defined names that are not ours, each with the sheet it belongs to and what it refers to."""
    sheets = {str(sheet.index): sheet.name for sheet in workbook.sheets}
    found = [
        (element.get("name", ""), sheets.get(element.get("localSheetId", "")), element.text or "")
        for element in workbook.names()
    ]
    return [each for each in found if each[0] not in own.names and (each[1] is None or each[1] != own.sheet)]


def _same_figures(copy: bytes, source: bytes, own: str | None, limits: Limits) -> bool:
    """Whether two workbooks show the same, the sheet of the marks aside."""
    return _shown(copy, own, limits) == _shown(source, None, limits)


def _shown(data: bytes, own: str | None, limits: Limits) -> list[Grid]:
    book = read_source(Source("", data, "xlsx"), limits=limits)
    return [grid for grid in book.grids if grid.sheet != own]


def forget(workbook: Workbook) -> bool:
    """Remove what the copy remembers; whether there was any. Excel may have given the part properties of its own."""
    record = _record(workbook)
    if record is None:
        return False
    package = workbook.package
    for relationship in package.relationships(record):
        package.remove(relationship.target)
    package.remove(relationships_part(record))
    package.remove(record)
    package.unrelate(workbook.part, record)
    return True


def _record(workbook: Workbook) -> str | None:
    """The part in which a marked copy remembers its original."""
    package = workbook.package
    for relationship in package.relationships(workbook.part):
        is_item = relationship.kind.endswith(f"/{_KIND}") and relationship.target in package
        if is_item and _SPACE.encode() in package.read(relationship.target):
            return relationship.target
    return None
