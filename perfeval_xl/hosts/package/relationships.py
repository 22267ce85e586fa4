"""What the parts of a package point to."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote
from xml.parsers import expat

from .parts import make_parser
from .tree import Malformed, utf8


class Relationship(NamedTuple):
    """What a part points to; ``target`` is a part name, or as written where it is ``external``; ``kind`` is the full type."""

    id: str
    kind: str
    target: str
    external: bool

    @classmethod
    def of(cls, source: str, attributes: Mapping[str, str]) -> Relationship:
        """From the attributes of an element in the relationships of ``source``."""
        target, external = attributes.get("Target", ""), attributes.get("TargetMode") == "External"
        resolved = target if external else _resolved(source, target)
        return cls(attributes.get("Id", ""), attributes.get("Type", ""), resolved, external)


def relationships_part(source: str) -> str:
    """The name of the part that holds the relationships of ``source`` (the package itself if empty)."""
    folder, base = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{base}.rels")


def relationships(source: str, content: bytes) -> list[Relationship]:
    """What ``source`` points to by the part with its relationships. Malformed for no XML, Forbidden for a document type."""
    found: list[Relationship] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            found.append(Relationship.of(source, attributes))

    try:
        make_parser(start, encoding="utf-8").Parse(utf8(content), True)
    except expat.ExpatError as error:
        raise Malformed(str(error)) from error
    return found


def _resolved(source: str, target: str) -> str:
    joined = posixpath.join("/", posixpath.dirname(source), unquote(target))
    return posixpath.normpath(joined).lstrip("/")
