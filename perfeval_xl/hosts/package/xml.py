"""XML of a package as trees: read safely, changed in schema order, written with the marks it came with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from perfeval_xl.errors import PackageError
from perfeval_xl.text import cell_text, unescaped

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

# Also as UTF-16, with a zero byte between the letters.
_DOCTYPE = re.compile(rb"<\0?!\0?D\0?O\0?C\0?T\0?Y\0?P\0?E")


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


def read_text(item: etree._Element) -> str:
    """The text of a string item (``si`` of the shared ones, ``is`` of a cell's own): its runs, without the phonetic
    guides that input methods leave. ``reading.xlsx`` says the same of a stream."""
    found = item.iter(_tag(item, "t"))
    return unescaped("".join(text.text or "" for text in found if _above(text) != "rPh"))


def _above(element: etree._Element) -> str:
    parent = element.getparent()
    return "" if parent is None else local_name(parent)


def _tag(parent: etree._Element, name: str) -> str:
    space = namespace(parent)
    return f"{{{space}}}{name}" if space else name


def _rank(element: etree._Element, order: Sequence[str]) -> int:
    """The element's place in ``order``, -1 for a stranger; mc:AlternateContent stands for what it holds."""
    if element.tag == f"{{{COMPATIBILITY}}}AlternateContent":
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
