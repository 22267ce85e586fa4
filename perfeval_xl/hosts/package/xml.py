"""XML of a package as trees: read safely, changed in schema order, written with the marks it came with."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from functools import lru_cache

from perfeval_xl import patterns as re
from perfeval_xl.errors import PackageError
from perfeval_xl.hosts.limits import Forbidden, TooMuch
from perfeval_xl.records import dataclass
from perfeval_xl.text import cell_text, unescaped

from . import tree
from .tree import Element

#: Says of a text element that blanks at its ends are part of the text.
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# The schema's order of child elements; Excel calls a file broken that does not keep to it.
WORKSHEET_ORDER = words(
    """sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges
    scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting
    dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks
    customProperties cellWatches ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture
    oleObjects controls webPublishItems tableParts extLst"""
)

WORKBOOK_ORDER = words(
    """fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences
    definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing
    fileRecoveryPr webPublishObjects extLst"""
)

_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[^>]*\?>\s*")

_UTF8 = re.compile(rb"encoding\s*=\s*[\"']utf-8[\"']", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Document:
    """A part as a tree, with what stands before its root (the XML declaration it came with, comments) and behind it."""

    root: Element
    prolog: bytes
    behind: bytes = b""

    @classmethod
    def new(cls, root: Element) -> Document:
        return cls(root, b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n')

    @classmethod
    def parse(cls, content: bytes, name: str, seal: str = "", most: int | None = None) -> Document:
        """The tree of ``content``, with one element ``seal``ed; PackageError for broken XML, for any document type, and where
        more than ``most`` bytes would become a tree."""
        # A document type is never needed here and is how XML bombs and file inclusion begin.
        try:
            parsed = tree.parse(content, seal, most)
        except Forbidden:
            raise PackageError(f"部件 {name} 含有 DTD 声明，出于安全不予处理") from None
        except TooMuch:
            size = (most or 0) // 1_000_000
            raise PackageError(f"部件 {name} 超过 {size} MB，改动它要占用太多内存，不予处理") from None
        except tree.Malformed as error:
            raise PackageError(f"部件 {name} 不是有效的 XML，文件可能已损坏") from error
        declaration = _PROLOG.match(parsed.before)
        if declaration is None:
            # No declaration: written as UTF-8, which then needs none but may have one.
            before = parsed.before.removeprefix(codecs.BOM_UTF8)
            return cls(parsed.root, cls.new(parsed.root).prolog + before, parsed.behind)
        prolog = parsed.before
        if not _UTF8.search(declaration[0]):
            prolog = re.sub(rb"encoding\s*=\s*([\"']).*?\1", b'encoding="UTF-8"', prolog, count=1)
        return cls(parsed.root, prolog, parsed.behind)

    def to_bytes(self) -> bytes:
        return b"".join((self.prolog, tree.to_bytes(self.root), self.behind))


def new_root(name: str, space: str) -> Element:
    """A root element in the namespace ``space``, which is its default namespace."""
    root = Element(f"{{{space}}}{name}")
    root.spaces = {None: space}
    return root


def local_name(element: Element) -> str:
    """The tag without its namespace; empty for comments and the like."""
    return element.tag.rpartition("}")[2]


def namespace(element: Element) -> str:
    return element.tag.rpartition("}")[0][1:]


def children(element: Element, name: str | None = None) -> list[Element]:
    """Child elements in the element's own namespace, all or those of one name."""
    if name is None:
        space = namespace(element)
        return [one for one in element if one.tag and namespace(one) == space]
    tag = _tag(element.tag, name)
    return [one for one in element if one.tag == tag]


def child(element: Element, name: str) -> Element | None:
    tag = _tag(element.tag, name)
    return next((one for one in element if one.tag == tag), None)


def number(text: str | None, default: int = 0) -> int:
    """An integer attribute; ``default`` where it is absent or is none."""
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,10}", text) else default


def append_new(parent: Element, tag: str, /, **attributes: str) -> Element:
    """A new last child in the parent's namespace."""
    element = Element(_tag(parent.tag, tag), parent.prefix, attributes)
    parent.append(element)
    return element


def write_text(cell: Element, text: str) -> None:
    """Let a new cell hold ``text`` as text, whatever it begins with."""
    cell.set("t", "inlineStr")
    holder = append_new(append_new(cell, "is"), "t")
    holder.set(XML_SPACE, "preserve")
    holder.text = cell_text(text)


def read_text(item: Element) -> str:
    """The text of a string item (``si`` of the shared ones, ``is`` of a cell's own): its runs, without the phonetic
    guides that input methods leave. ``reading.xlsx`` says the same of a stream."""
    found = item.iter(_tag(item.tag, "t"))
    return unescaped("".join(text.text or "" for text in found if _above(text) != "rPh"))


def _above(element: Element) -> str:
    parent = element.getparent()
    return "" if parent is None else local_name(parent)


@lru_cache(maxsize=1024)
def _tag(other: str, name: str) -> str:
    """A name in the namespace of another tag."""
    return f"{other[: other.rindex('}') + 1]}{name}" if other.startswith("{") else name


def _rank(element: Element, order: Sequence[str]) -> int:
    """The element's place in ``order``, -1 for a stranger; mc:AlternateContent stands for what it holds."""
    if element.tag == f"{{{COMPATIBILITY}}}AlternateContent":
        held = [inner for branch in element for inner in branch if local_name(inner) in order]
        return order.index(local_name(held[0])) if held else -1
    name = local_name(element)
    return order.index(name) if name in order else -1


def insert_new(parent: Element, name: str, order: Sequence[str]) -> Element:
    """A new child placed as the schema's ``order`` wants it, after what is there of the same name."""
    rank = order.index(name)
    before = [index for index, sibling in enumerate(parent) if 0 <= _rank(sibling, order) <= rank]
    # Made as a child of its parent, so that it takes the parent's prefix.
    element = append_new(parent, name)
    parent.insert(before[-1] + 1 if before else 0, element)
    return element
