"""A Word document with {{fields}}, filled in: a letter that somebody laid out in Word, written once for each who gets it.

A field may stand anywhere in a paragraph of text, table, header or footer, however Word has cut it into runs; it takes the looks of
its first letter. A paragraph with a list is repeated for each line of it; one with a field that says nothing is left out. Texts are written as
plain text: nothing of them becomes markup, and no field of theirs is filled in.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence

from perfeval_xl import patterns as re
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.package.tree import Element
from perfeval_xl.hosts.package.xml import XML_SPACE, child, children, local_name
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.reading.word import main_part
from perfeval_xl.records import dataclass
from perfeval_xl.text import legal

#: Fields that number: the paragraphs that are left (一、二、三), the lines of a list (1, 2, 3).
PARAGRAPHS, LINES = "序", "号"
_FIELD = re.compile(r"[{｛]{2}([^{}｛｝\n]{1,40})[}｝]{2}")
_BRACE = re.compile(r"[{｛]{2}|[}｝]{2}")
_DIGITS = "零一二三四五六七八九"
_AROUND = ("/header", "/footer")


@dataclass(frozen=True, slots=True)
class Fields:
    """The names of the fields of a document, blanks left away, and the paragraphs in which a brace has no counterpart."""

    names: tuple[str, ...]
    unpaired: tuple[str, ...]


def fields_of(data: bytes, limits: Limits = LIMITS) -> Fields:
    """The fields of a document; PackageError where it is no Word document."""
    package = Package(data, limits)
    names: dict[str, None] = {}
    unpaired = []
    for part in _parts(package):
        for paragraph in _paragraphs(package.document(part).root):
            text = _text(paragraph)
            names |= dict.fromkeys(_named(match) for match in _FIELD.finditer(text))
            if _BRACE.search(_FIELD.sub("", text)):
                unpaired.append(text)
    return Fields(tuple(names), tuple(unpaired))


def filled(data: bytes, values: Mapping[str, str | Sequence[str]], limits: Limits = LIMITS) -> bytes:
    """The document with its fields filled in; a field that has no value stays as it is."""
    package = Package(data, limits)
    for part in _parts(package):
        document = package.document(part)
        numbers = iter(range(1, 100))
        changed = False
        for paragraph in list(_paragraphs(document.root)):
            if _FIELD.search(_text(paragraph)):
                _fill(paragraph, values, numbers)
                changed = True
        if changed:
            package.put(part, document)
    return package.to_bytes()


def _parts(package: Package) -> list[str]:
    """The document, its headers and footers."""
    main = main_part(package)
    around = [
        relation.target
        for relation in package.relationships(main)
        if relation.kind.endswith(_AROUND) and not relation.external and relation.target in package
    ]
    return [main, *dict.fromkeys(around)]


# -- one paragraph --------------------------------------------------------------------------------------------------


def _paragraphs(root: Element) -> Iterator[Element]:
    return (element for element in root.iter() if local_name(element) == "p")


def _pieces(paragraph: Element) -> list[Element]:
    """The pieces of text of a paragraph, those of paragraphs inside it (boxes) left out."""
    found: list[Element] = []
    for element in paragraph:
        if local_name(element) == "t":
            found.append(element)
        elif local_name(element) != "p":
            found += _pieces(element)
    return found


def _text(paragraph: Element) -> str:
    return "".join(piece.text or "" for piece in _pieces(paragraph))


def _named(match: re.Match[str]) -> str:
    return "".join(match[1].split())


def _fill(paragraph: Element, values: Mapping[str, str | Sequence[str]], numbers: Iterator[int]) -> None:
    """Fill a paragraph in, once or for each line of its lists; or take it away."""
    names = [_named(match) for match in _FIELD.finditer(_text(paragraph))]
    given = [values[name] for name in names if name in values]
    lists = [value for value in given if not isinstance(value, str)]
    lines = min((len(value) for value in lists), default=1)
    if not lines or any(value == "" for value in given):
        _take_away(paragraph)
        return
    number = _in_words(next(numbers)) if PARAGRAPHS in names else ""
    others = [copy.deepcopy(paragraph) for _ in range(lines - 1)]
    last = paragraph
    for other in others:
        _without_identity(other)
        last.addnext(other)
        last = other
    for index, one in enumerate((paragraph, *others)):
        here = {
            name: value if isinstance(value, str) else value[index]
            for name, value in values.items()
            if name in names
        }
        _put(one, {**here, PARAGRAPHS: number, LINES: str(index + 1)})


def _put(paragraph: Element, texts: Mapping[str, str]) -> None:
    """The texts in the place of their fields, from the last field to the first, so that places hold."""
    pieces = _pieces(paragraph)
    for match in reversed(list(_FIELD.finditer(_text(paragraph)))):
        text = texts.get(_named(match))
        if text is not None:
            _replace(pieces, *match.span(), legal(text))


def _replace(pieces: Iterable[Element], start: int, end: int, text: str) -> None:
    """The letters from ``start`` to ``end`` of the joined pieces become ``text``, which goes where the first one stood."""
    at = 0
    for piece in pieces:
        own = piece.text or ""
        first, last = max(0, start - at), max(0, end - at)
        if first < len(own) and last > 0:
            piece.text = own[:first] + (text if at <= start else "") + own[last:]
            piece.set(XML_SPACE, "preserve")
        at += len(own)


def _take_away(paragraph: Element) -> None:
    """Out of its document; only its words, where it ends a section or is all that a cell has."""
    parent = paragraph.getparent()
    properties = child(paragraph, "pPr")
    if (
        parent is None
        or (properties is not None and child(properties, "sectPr") is not None)
        or (local_name(parent) != "body" and len(children(parent, "p")) == 1)
    ):
        for piece in _pieces(paragraph):
            piece.text = ""
    else:
        parent.remove(paragraph)


def _without_identity(paragraph: Element) -> None:
    """A copy has no bookmarks and no number of its own: both stand once in a document."""
    for element in list(paragraph.iter()):
        for name in [name for name in element.attrib if name.endswith(("}paraId", "}textId"))]:
            del element.attrib[name]
        parent = element.getparent()
        if (
            parent is not None
            and element is not paragraph
            and local_name(element) in ("bookmarkStart", "bookmarkEnd")
        ):
            parent.remove(element)


def _in_words(number: int) -> str:
    """1 to 99 as headings are numbered: 一, 十, 十二, 二十."""
    tens, ones = divmod(number, 10)
    return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones else "")
