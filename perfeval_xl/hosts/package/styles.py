"""Cell formats and conditional formats of a package: looked up, and appended where there is none like it."""

from __future__ import annotations

from .tree import Element, fromstring
from .xml import COMPATIBILITY, child, insert_new, namespace, words
from .zip import Package

_STYLES_ORDER = words(
    "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst"
)

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


def _shape(element: Element) -> _Shape:
    """What an element says, whatever its prefixes and the order of its attributes."""
    inner = tuple(_shape(part) for part in element if part.tag)
    attributes = tuple(sorted(element.attrib.items()))
    return element.tag, (element.text or "").strip(), attributes, inner


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

    def _holder(self, collection: str) -> Element:
        root = self._document.root
        holder = child(root, collection)
        return insert_new(root, collection, _STYLES_ORDER) if holder is None else holder

    def _items(self, collection: str) -> list[Element]:
        """The entries as readers count them: of mc:AlternateContent one branch."""
        items: list[Element] = []
        for entry in self._holder(collection):
            if entry.tag == f"{{{COMPATIBILITY}}}AlternateContent":
                items.extend(list(entry[-1]) if len(entry) else [])
            elif entry.tag:
                items.append(entry)
        return items

    def _entry(self, xml: str) -> Element:
        return fromstring(f'<_ xmlns="{namespace(self._document.root)}">{xml}</_>')[0]

    def _append(self, collection: str, entry: Element) -> int:
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
