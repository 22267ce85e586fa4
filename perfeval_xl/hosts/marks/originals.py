"""What a changed copy remembers of the file it was made of.

A custom XML part lists which members of the package the copy shares with its original, and holds the bytes of all
the rest. While nothing else has changed, the original comes back byte for byte.
"""

from __future__ import annotations

import base64
import binascii

from perfeval_xl.errors import PackageError
from perfeval_xl.hosts.package.workbook import Workbook
from perfeval_xl.hosts.package.xml import Document, append_new, children, new_root
from perfeval_xl.hosts.package.zip import Package, relationships_part

_SPACE = "urn:perfeval-xl:original:1"
_KIND = "customXml"


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


def original(workbook: Workbook) -> bytes | None:
    """The file a copy was made of; None if it is no such copy or was changed since."""
    package, record = workbook.package, _record(workbook)
    if record is None:
        return None
    root = package.document(record).root
    if root.get("marked") != package.digest(record):
        return None
    try:
        return b"".join(
            package.raw(name)
            if (name := piece.get("name")) is not None
            else base64.b64decode(piece.text or "", validate=True)
            for piece in children(root)
        )
    except (binascii.Error, ValueError, PackageError):
        return None


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
