"""XML as a tree that is written as it was read: prefixes, declarations, order of attributes, comments, CDATA sections.

On the standard library's expat alone, so that the same code runs where there is no compiler, in a web page too. Elements
are named as ``{namespace}name``; comments and processing instructions are children too, without a name.

A big element can be ``sealed``: its content is then checked to be well formed and kept as the bytes it is, not as a tree.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from typing import IO, overload
from xml.parsers import expat

from perfeval_xl import patterns as re
from perfeval_xl.hosts.bounding import without_collection
from perfeval_xl.hosts.limits import Forbidden, TooMuch
from perfeval_xl.records import dataclass

from .parts import feeding

#: Elements that stand in each other deeper than this are nobody's document; it bounds every recursion.
DEPTH = 256

_XML = "http://www.w3.org/XML/1998/namespace"
_SEAL = "perfeval-sealed"
_IN_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_IN_ATTRIBUTE = _IN_TEXT | {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}
_OF_TEXT = str.maketrans(_IN_TEXT)
_OF_ATTRIBUTE = str.maketrans(_IN_ATTRIBUTE)
#: What no XML can hold, not even as a reference.
_ILLEGAL = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_TEXT_NEEDS = re.compile(f"[&<>\r{_ILLEGAL}]")
_ATTRIBUTE_NEEDS = re.compile(f'[&<>\r"\n\t{_ILLEGAL}]')
_NEVER = re.compile(f"[{_ILLEGAL}]")


class Malformed(ValueError):
    """The bytes are no well-formed XML."""


class Name(str):
    """The name of an element or attribute with the prefix it was written with (None without any)."""

    __slots__ = ("prefix",)
    prefix: str | None

    @classmethod
    def written(cls, given: str) -> Name:
        """From what expat tells: ``uri}name}prefix``, ``uri}name`` or ``name``."""
        space, _, rest = given.partition("}")
        local, _, prefix = rest.partition("}")
        name = cls(f"{{{space}}}{local}" if rest else given)
        name.prefix = prefix or None
        return name


class _Sections(str):
    """A text that holds CDATA sections, with the XML it was written as."""

    __slots__ = ("xml",)
    xml: str


class Element:
    """An element with what is inside. ``spaces`` are the namespaces declared on it, by prefix (None: the default one);
    ``text`` stands before its first child, ``tail`` behind its end. Moving an element takes its tail along."""

    __slots__ = ("_above", "_inside", "attrib", "content", "prefix", "spaces", "tag", "tail", "text")

    def __init__(self, tag: str, prefix: str | None = None, attrib: dict[str, str] | None = None) -> None:
        self.tag = tag
        self.prefix = prefix
        self.attrib: dict[str, str] = {} if attrib is None else attrib
        self.text: str | None = None
        self.tail: str | None = None
        self.spaces: Mapping[str | None, str] | None = None
        self.content: bytes | memoryview | None = None
        """What a sealed element holds, or the whole of a comment or processing instruction."""
        self._above: Element | None = None
        self._inside: list[Element] = []

    # -- attributes -------------------------------------------------------------------------------------------

    @overload
    def get(self, name: str) -> str | None: ...
    @overload
    def get(self, name: str, default: str) -> str: ...
    def get(self, name: str, default: str | None = None) -> str | None:
        return self.attrib.get(name, default)

    def set(self, name: str, value: str) -> None:
        self.attrib[name] = value

    # -- looking around ---------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._inside)

    def __iter__(self) -> Iterator[Element]:
        return iter(self._inside)

    def __getitem__(self, index: int) -> Element:
        return self._inside[index]

    def index(self, child: Element) -> int:
        """The place of a child; ValueError if it is none."""
        return self._inside.index(child)

    def getparent(self) -> Element | None:
        return self._above

    def iterancestors(self) -> Iterator[Element]:
        """The elements around this one, the nearest first."""
        above = self._above
        while above is not None:
            yield above
            above = above._above

    def iter(self, tag: str | None = None) -> Iterator[Element]:
        """This element and all inside it in the order of the document; all, or those of one name."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            if tag is None or element.tag == tag:
                yield element
            waiting.extend(reversed(element._inside))

    # -- changing ---------------------------------------------------------------------------------------------

    def append(self, child: Element) -> None:
        child._taken_by(self)
        self._inside.append(child)

    def extend(self, children: Iterable[Element]) -> None:
        for child in list(children):
            self.append(child)

    def insert(self, index: int, child: Element) -> None:
        child._taken_by(self)
        self._inside.insert(index, child)

    def remove(self, child: Element) -> None:
        """Take a child out with its tail; ValueError if it is none."""
        self._inside.remove(child)
        child._above = None

    def addprevious(self, other: Element) -> None:
        """Put another element in front of this one, which has a parent."""
        other._taken_by(self._parent)
        self._parent._inside.insert(self._parent.index(self), other)

    def addnext(self, other: Element) -> None:
        """Put another element right behind this one's end, which has a parent; the text that followed follows both."""
        other._taken_by(self._parent)
        self._parent._inside.insert(self._parent.index(self) + 1, other)
        if self.tail:
            other.tail, self.tail = (other.tail or "") + self.tail, None

    @property
    def _parent(self) -> Element:
        if self._above is None:
            raise ValueError("the root of a tree has no siblings")
        return self._above

    def _taken_by(self, parent: Element) -> None:
        if self._above is not None:
            self._above._inside.remove(self)
        self._above = parent

    def forget(self) -> None:
        """Drop what is inside and what came before this element in its parent: it was read and is not needed again."""
        self.text, self._inside, self.attrib = None, [], {}
        if self._above is not None:
            del self._above._inside[: self._above.index(self)]

    def __copy__(self) -> Element:
        return self.__deepcopy__({})

    def __deepcopy__(self, _: object) -> Element:
        """A copy of all of it that stands in no tree."""
        copied = Element(self.tag, self.prefix, dict(self.attrib))
        copied.text, copied.tail = self.text, self.tail
        copied.spaces, copied.content = self.spaces, self.content
        for child in self._inside:
            copied.append(child.__deepcopy__(_))
        return copied


# --- reading ------------------------------------------------------------------------------------------------


class _Names(dict[str, Name]):
    """The names met so far, as expat tells them."""

    def __missing__(self, given: str) -> Name:
        self[given] = name = Name.written(given)
        return name


class _Builder:
    """Makes elements of what expat tells. ``started`` and ``ended`` are told of each."""

    def __init__(
        self,
        started: Callable[[Element], object] | None = None,
        ended: Callable[[Element], object] | None = None,
        encoding: str | None = None,
        sealing: bool = False,
    ) -> None:
        self.root: Element | None = None
        #: Where the root begins in what was parsed, and what stands behind its end.
        self.begin = 0
        self.behind: list[bytes] = []
        #: The elements that hold the mark of what was put aside.
        self.sealed: list[Element] = []
        self._sealing = sealing
        self._started, self._ended = started, ended
        self._open: list[Element] = []
        self._last: Element | None = None
        self._spaces: dict[str | None, str] = {}
        self._names = _Names()
        self._text: list[str] = []
        self._marks: list[int] = []
        self.parser = parser = expat.ParserCreate(encoding, "}")
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._forbid
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._close
        parser.CharacterDataHandler = self._text.append
        parser.StartNamespaceDeclHandler = self._declare
        parser.CommentHandler = self._comment
        parser.ProcessingInstructionHandler = self._instruction
        parser.StartCdataSectionHandler = parser.EndCdataSectionHandler = self._mark

    def _forbid(self, *_: object) -> None:
        raise Forbidden

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self._spaces[prefix] = uri or ""

    def _start(self, given: str, attributes: dict[str, str]) -> None:
        names = self._names
        name = names[given]
        element = Element(name, name.prefix, {names[key]: attributes[key] for key in attributes})
        if self._spaces:
            element.spaces, self._spaces = self._spaces, {}
        if not self._open:
            self.root, self.begin = element, self.parser.CurrentByteIndex
        else:
            self._place(element)
            if len(self._open) >= DEPTH:
                raise Malformed(f"elements stand in each other more than {DEPTH} deep")
        self._open.append(element)
        self._last = None
        if self._started is not None:
            self._started(element)

    def _place(self, node: Element) -> None:
        if self._text or self._marks:
            self._flush()
        parent = self._open[-1]
        node._above = parent
        parent._inside.append(node)

    def _close(self, _: str) -> None:
        if self._text or self._marks:
            self._flush()
        element = self._last = self._open.pop()
        if self._ended is not None:
            self._ended(element)

    def _flush(self) -> None:
        pieces = self._text
        text = pieces[0] if len(pieces) == 1 else "".join(pieces)
        if self._marks:
            text = self._sections()
        pieces.clear()
        if self._last is not None:
            self._last.tail = text
        elif self._open:
            self._open[-1].text = text

    def _mark(self) -> None:
        if self._open:
            self._marks.append(len(self._text))

    def _sections(self) -> _Sections:
        """The text as written, where every other mark begins a CDATA section."""
        text = _Sections("".join(self._text))
        edges = [0, *self._marks, len(self._text)]
        self._marks.clear()
        written = []
        for number, (low, high) in enumerate(pairwise(edges)):
            piece = "".join(self._text[low:high])
            written.append(f"<![CDATA[{piece}]]>" if number % 2 else _escaped(piece))
        text.xml = "".join(written)
        return text

    def _comment(self, text: str) -> None:
        self._node(f"<!--{text}-->")

    def _instruction(self, target: str, text: str) -> None:
        if target == _SEAL and self._sealing:
            self.sealed.append(self._open[-1])
        else:
            self._node(f"<?{target} {text}?>" if text else f"<?{target}?>")

    def _node(self, written: str) -> None:
        """A comment or processing instruction; what stands before the root is kept as it was."""
        if self.root is not None and not self._open:
            self.behind.append(written.encode())
        elif self._open:
            node = Element("")
            node.content = written.encode()
            self._place(node)
            self._last = node


@dataclass(frozen=True, slots=True)
class Parsed:
    """A tree, and the bytes before and behind its root (behind it comments and instructions only)."""

    root: Element
    before: bytes
    behind: bytes
    aside: int = 0
    """How many bytes are sealed."""


def parse(content: bytes, seal: str = "", most: int | None = None) -> Parsed:
    """The tree of a whole document. A child of the root with the local name ``seal`` keeps its content as bytes, where it
    is the only one. Malformed for anything that is no well-formed XML, Forbidden for a document type, TooMuch where more
    than ``most`` bytes would become a tree."""
    content = utf8(content)
    found = _with_sealed(content, seal) if seal else None
    if most is not None and len(content) - (0 if found is None else found.aside) > most:
        raise TooMuch("a part becomes a tree that is too big")
    return found or _parsed(content)


def fromstring(content: str | bytes) -> Element:
    """The root of a whole document; errors as of ``parse``."""
    return parse(content.encode() if isinstance(content, str) else content).root


def events(stream: IO[bytes], wanted: Collection[str]) -> Iterator[tuple[str, Element]]:
    """ "start" and "end" of the elements with one of these names, while a stream is read. Whoever reads ``forget``s what he
    is done with, else the tree grows. Malformed and Forbidden as of ``parse``."""
    met: list[tuple[str, Element]] = []

    def meet(event: str, element: Element) -> None:
        if element.tag in wanted:
            met.append((event, element))

    builder = _Builder(partial(meet, "start"), partial(meet, "end"))
    try:
        for _ in feeding(builder.parser, stream):
            yield from met
            met.clear()
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: of encodings
        raise Malformed(str(error)) from error


def walk(root: Element, wanted: Collection[str]) -> Iterator[tuple[str, Element]]:
    """The same of a tree that is there."""
    waiting = [("start", root)]
    while waiting:
        event, element = waiting.pop()
        if element.tag in wanted:
            yield event, element
        if event == "start":
            waiting.append(("end", element))
            waiting.extend(("start", child) for child in reversed(element._inside))


def _parsed(content: bytes) -> Parsed:
    builder = _built(content)
    assert builder.root is not None  # a document without any is not well formed
    return Parsed(builder.root, content[: builder.begin], b"".join(builder.behind))


def _built(content: bytes, sealing: bool = False) -> _Builder:
    builder = _Builder(encoding="utf-8", sealing=sealing)
    try:
        with without_collection():
            builder.parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Malformed(str(error)) from error
    return builder


_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_UTF16 = {
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}


def utf8(content: bytes) -> bytes:
    """The same document in UTF-8, whatever its declaration says; Malformed where nobody can tell."""
    encoding = _UTF16.get(content[:2])
    if encoding is None:
        declared = _DECLARED.match(content)
        encoding = declared[1].decode().lower() if declared is not None else "utf-8"
    if encoding == "utf-8":
        return content
    try:
        return content.decode(encoding).encode()
    except (LookupError, ValueError) as error:
        raise Malformed(str(error)) from error


def _with_sealed(content: bytes, seal: str) -> Parsed | None:
    """The tree with one element sealed; None where there is none to be sealed, or more, or anything is unusual.

    What stands between the first opening and the last closing tag of that name is put aside. Where the rest is well
    formed with the tags at that very place, and so is what was put aside, the whole is.
    """
    opening = re.search(rb"<((?:[A-Za-z_][\w.-]*:)?%s)(?:\s[^<>]*)?(?<!/)>" % seal.encode(), content)
    if opening is None or _SEAL.encode() in content:
        return None
    begin, end = opening.end(), content.rfind(b"</" + opening[1])
    if end < begin:
        return None
    try:
        builder = _built(b"%s<?%s?>%s" % (content[:begin], _SEAL.encode(), content[end:]), True)
    except Malformed:
        return None
    match builder.sealed:
        case [element] if element._above is builder.root and element.text is None and not len(element):
            inside = memoryview(content)[begin:end]
        case _:
            return None
    if builder.root is None or not _well_formed(inside, spaces_of(element)):
        return None
    element.content = inside
    return Parsed(builder.root, content[: builder.begin], b"".join(builder.behind), len(inside))


def spaces_of(element: Element) -> dict[str | None, str]:
    """The namespaces that hold inside an element, by prefix."""
    found: dict[str | None, str] = {}
    for around in (element, *element.iterancestors()):
        for prefix, space in (around.spaces or {}).items():
            found.setdefault(prefix, space)
    return found


def _well_formed(inside: memoryview, spaces: Mapping[str | None, str]) -> bool:
    parser = expat.ParserCreate("utf-8", "}")
    try:
        parser.Parse(f"<_{_declarations(spaces)}>".encode(), False)
        parser.Parse(inside, False)
        parser.Parse(b"</_>", True)
    except expat.ExpatError:
        return False
    return True


# --- writing ------------------------------------------------------------------------------------------------


def to_bytes(root: Element) -> bytes:
    """An element with all inside it as a document in UTF-8, without declaration and tail; ValueError for a character that
    XML cannot hold."""
    writer = _Writer()
    writer.element(root, _Scope({"xml": _XML}))
    return writer.all()


def _escaped(text: str) -> str:
    return _translated(text, _OF_TEXT) if _TEXT_NEEDS.search(text) else text


def _attribute(text: str) -> str:
    return _translated(text, _OF_ATTRIBUTE) if _ATTRIBUTE_NEEDS.search(text) else text


def _translated(text: str, table: Mapping[int, str]) -> str:
    if _NEVER.search(text):
        raise ValueError("a control character or half a surrogate pair, which XML cannot hold")
    return text.translate(table)


def _declarations(spaces: Mapping[str | None, str]) -> str:
    return "".join(
        f' xmlns="{_attribute(space)}"' if prefix is None else f' xmlns:{prefix}="{_attribute(space)}"'
        for prefix, space in spaces.items()
    )


class _Scope:
    """The namespaces that hold at a place, and how names are written there."""

    def __init__(self, spaces: Mapping[str | None, str]) -> None:
        self.spaces = spaces
        self._tags: dict[tuple[str, str | None], str | None] = {}
        self._attributes: dict[str, str | None] = {}

    def tag(self, tag: str, prefix: str | None) -> str | None:
        """An element's name with its prefix, or with another that is bound to its namespace; None without any."""
        key = (tag, prefix)
        if key not in self._tags:
            space, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
            bound = self.spaces.get(prefix, "") == space
            found = (prefix,) if bound else [key for key in self.spaces if self.spaces[key] == space]
            self._tags[tag, prefix] = _joined(found[0], local) if found else None
        return self._tags[key]

    def attribute(self, name: str) -> str | None:
        """The same of an attribute, which is in no namespace without a prefix."""
        written = getattr(name, "prefix", None)
        if written is not None and self._bound(written, name):
            return f"{written}:{name.rpartition('}')[2]}"
        if name not in self._attributes:
            prefix = next((key for key in self.spaces if key is not None and self._bound(key, name)), None)
            self._attributes[name] = None if prefix is None else _joined(prefix, name.rpartition("}")[2])
        return self._attributes[name]

    def _bound(self, prefix: str, name: str) -> bool:
        return self.spaces.get(prefix) == name[1:].rpartition("}")[0]

    def declaring(self, element: Element) -> dict[str | None, str]:
        """Declarations that an element still needs here for itself and its attributes."""
        found: dict[str | None, str] = {}
        missing = [name for name in element.attrib if name.startswith("{") and self.attribute(name) is None]
        for name in missing:
            space = name[1:].rpartition("}")[0]
            if space not in found.values():
                found[self._free(found)] = space
        if self.tag(element.tag, element.prefix) is None:
            space = element.tag[1:].rpartition("}")[0] if element.tag.startswith("{") else ""
            found[None if not space else self._free(found)] = space
        return found

    def _free(self, taken: Collection[str | None]) -> str:
        number = 0
        while (prefix := f"ns{number}") in self.spaces or prefix in taken:
            number += 1
        return prefix


def _joined(prefix: str | None, local: str) -> str:
    return local if prefix is None else f"{prefix}:{local}"


class _Writer:
    """Collects what a tree is written as."""

    def __init__(self) -> None:
        self._done: list[bytes | memoryview] = []
        self._pieces: list[str] = []

    def all(self) -> bytes:
        self._settle()
        return b"".join(self._done)

    def _settle(self) -> None:
        self._done.append("".join(self._pieces).encode())
        self._pieces.clear()

    def element(self, element: Element, scope: _Scope) -> None:
        """Write an element, or whatever else stands in a tree, without its tail."""
        if not element.tag:
            self._bytes(element.content)
            return
        if element.spaces:
            scope = _Scope({**scope.spaces, **element.spaces})
        written = self._begin(element, scope, element.spaces or {})
        if written is None:
            spaces = {**(element.spaces or {}), **scope.declaring(element)}
            scope = _Scope({**scope.spaces, **spaces})
            written = self._begin(element, scope, spaces)
        self._inside(element, scope, written or "")

    def _begin(self, element: Element, scope: _Scope, spaces: Mapping[str | None, str]) -> str | None:
        """Write the opening tag, still open; the name, None where a namespace has no prefix here."""
        tag = scope.tag(element.tag, element.prefix)
        attributes = []
        for name, value in element.attrib.items():
            written = scope.attribute(name) if name.startswith("{") else name
            if written is None or tag is None:
                return None
            attributes.append(f' {written}="{_attribute(value)}"')
        if tag is not None:
            self._pieces.append(f"<{tag}{_declarations(spaces)}{''.join(attributes)}")
        return tag

    def _inside(self, element: Element, scope: _Scope, tag: str) -> None:
        pieces = self._pieces
        if not element._inside and not element.text and not element.content:
            pieces.append("/>")
            return
        pieces.append(">")
        self._text(element.text)
        if element.content is not None:
            self._bytes(element.content)
        for child in element._inside:
            self.element(child, scope)
            self._text(child.tail)
        pieces.append(f"</{tag}>")

    def _text(self, text: str | None) -> None:
        if text:
            self._pieces.append(text.xml if isinstance(text, _Sections) else _escaped(text))

    def _bytes(self, content: bytes | memoryview | None) -> None:
        self._settle()
        self._done.append(content or b"")
