"""XML trees on expat, held against lxml: the same refusals, the same content, written as it was."""

from __future__ import annotations

import copy
import importlib
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from perfeval_xl.hosts.limits import Forbidden, TooMuch
from perfeval_xl.hosts.package import tree
from perfeval_xl.hosts.package.tree import DEPTH, Element, Malformed, fromstring, parse, to_bytes
from tests.support import ROOT

STRICT = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, strip_cdata=False)
BOOKS = ("example-2023.xlsx", "template.xlsx", "template.xlsm", "perfeval.xlam")


def canonical(content: bytes) -> bytes:
    return bytes(etree.tostring(etree.fromstring(content, STRICT), method="c14n"))


def all_parts() -> Iterator[tuple[str, bytes]]:
    books = {name: (ROOT / "workbook" / name).read_bytes() for name in BOOKS}
    books["word"] = importlib.import_module("tests.word").build("before", False)
    for book, data in books.items():
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                if name.endswith((".xml", ".rels", ".vml")):
                    yield f"{book}: {name}", archive.read(name)


def test_every_part_of_the_bundled_files_is_written_as_through_lxml() -> None:
    names = []
    for name, content in all_parts():
        expected = etree.tostring(etree.fromstring(content, STRICT), encoding="UTF-8", xml_declaration=False)
        assert to_bytes(parse(content).root) == expected, name
        # What is sealed stays as it is, where lxml writes <c></c> as <c/>.
        for seal in ("sheetData", "body"):
            assert canonical(to_bytes(parse(content, seal).root)) == canonical(content), (name, seal)
        names.append(name)
    assert len(names) > 100


# --- anything that is well formed ----------------------------------------------------------------------------

SPACES = {"a": "urn:a", "b": "urn:b", "c": "urn:a"}
LETTERS = st.text(st.sampled_from("甲乙 x<&>\"'\n\t]"), max_size=6)


def _quoted(text: str) -> str:
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), ('"', "&quot;"), ("\n", "&#10;"), ("\t", "&#9;")):
        text = text.replace(sign, name)
    return text


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("]", "&#93;")


NAMES = st.sampled_from(("x", "a:x", "b:y", "c:z", "sheetData", "a:sheetData"))
ATTRIBUTES = st.dictionaries(st.sampled_from(("r", "a:r", "b:s", "xml:space")), LETTERS, max_size=3).map(
    lambda found: "".join(f' {name}="{_quoted(value)}"' for name, value in found.items())
)
LEAVES = st.one_of(
    LETTERS.map(_text),
    LETTERS.map(lambda text: f"<![CDATA[{text.replace(']', '')}]]>"),
    LETTERS.map(lambda text: f"<!--{_text(text)}-->"),
    LETTERS.map(lambda text: f"<?pi {text.replace('?', '').replace('>', '').strip()}?>".replace(" ?>", "?>")),
)


def _element(name: str, attributes: str, declared: str, inside: list[str]) -> str:
    return f"<{name}{declared}{attributes}>{''.join(inside)}</{name}>"


DECLARED = st.sampled_from(("", "", ' xmlns="urn:b"', ' xmlns:b="urn:c"', ' xmlns=""'))
INSIDE = st.recursive(
    LEAVES, lambda inner: st.builds(_element, NAMES, ATTRIBUTES, DECLARED, st.lists(inner, max_size=4)), max_leaves=12
)  # fmt: skip
DOCUMENTS = st.builds(
    lambda attributes, inside: (
        f"<root{''.join(f' xmlns:{key}={chr(34)}{uri}{chr(34)}' for key, uri in SPACES.items())}{attributes}>"
        f"{''.join(inside)}</root>"
    ),
    ATTRIBUTES,
    st.lists(INSIDE, max_size=5),
)


@given(DOCUMENTS)
def test_what_is_written_means_what_was_read(document: str) -> None:
    content = document.encode()
    assert canonical(to_bytes(parse(content).root)) == canonical(content)
    assert canonical(to_bytes(parse(content, "sheetData").root)) == canonical(content)
    assert canonical(to_bytes(copy.deepcopy(parse(content).root))) == canonical(content)


@given(DOCUMENTS)
def test_the_same_is_seen_as_through_lxml(document: str) -> None:
    ours = fromstring(document)
    theirs = etree.fromstring(document.encode(), STRICT)
    for one, other in zip(ours.iter(), theirs.iter(), strict=True):
        assert (one.text, one.tail) == (other.text, other.tail) or not one.tag
        assert one.tag == (other.tag if isinstance(other.tag, str) else "")
        assert list(one.attrib.items()) == list(other.attrib.items())
        assert [above.tag for above in one.iterancestors()] == [above.tag for above in other.iterancestors()]


@given(
    DOCUMENTS, st.integers(0), st.integers(0), st.sampled_from(("append", "addprevious", "addnext", "remove"))
)
def test_moving_elements_gives_what_lxml_gives(document: str, first: int, second: int, how: str) -> None:
    results = []
    roots: tuple[Any, Any] = (fromstring(document), etree.fromstring(document.encode(), STRICT))
    for root in roots:
        found = [one for one in root.iter() if isinstance(one.tag, str) and one.tag]
        one, other = found[first % len(found)], found[second % len(found)]
        above = one.getparent()
        if above is None or one is other or one in list(other.iterancestors()) or other.getparent() is None:
            return
        if how == "remove":
            above.remove(one)
        else:
            getattr(other, how)(one)
        results.append(
            to_bytes(root) if isinstance(root, Element) else etree.tostring(root, encoding="UTF-8")
        )
    ours, theirs = (etree.fromstring(result) for result in results)
    # An empty CDATA section is written as nothing by one of the two.
    assert [(item.tag, item.text or None, item.tail or None) for item in ours.iter("*")] == [
        (item.tag, item.text or None, item.tail or None) for item in theirs.iter("*")
    ]


# --- sealed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inside",
    [
        "<sheetData><row><c/></row></sheetData>",
        "<sheetData a='&gt;'><row/></sheetData ><x/>",
        "<sheetData a='>'><row/></sheetData>",
        "<sheetData/><x/>",
        "<sheetData></sheetData>",
        "<x><sheetData><row/></sheetData></x>",
        "<sheetData><sheetData/></sheetData>",
        "<sheetData><row/></sheetData><sheetData><row/></sheetData>",
        "<!-- <sheetData> --><x/><!-- </sheetData> -->",
        "<!-- <sheetData> --><x/><!-- </sheetData> --><sheetData><row/></sheetData>",
        "<sheetData><row/></sheetData><!-- </sheetData> -->",
        "<![CDATA[<sheetData>]]><x/><![CDATA[</sheetData>]]>",
        "<sheetData><?perfeval-sealed?></sheetData>",
        "<!--<sheetData>--><y><?perfeval-sealed?></y><!--</sheetData>-->",
        "<sheetDataX/><sheetData>text<row/></sheetData>",
        '<p:sheetData xmlns:p="urn:p"><p:row p:a="1"/></p:sheetData>',
        "<sheetData></_><_></sheetData>",
        "<sheetData><row></sheetData>",
        "<sheetData><q:row/></sheetData>",
        "<sheetData>&x;</sheetData>",
        "<sheetData>]]></sheetData>",
        "<sheetData><row/></sheetDat>",
    ],
)
def test_a_sealed_element_changes_nothing_of_what_is_written_or_refused(inside: str) -> None:
    content = f"<root>{inside}</root>".encode()
    try:
        expected = canonical(content)
    except etree.XMLSyntaxError:
        for seal in ("", "sheetData"):
            with pytest.raises(Malformed):
                parse(content, seal)
        return
    assert canonical(to_bytes(parse(content, "sheetData").root)) == expected
    assert canonical(to_bytes(parse(content).root)) == expected


def test_what_is_sealed_is_no_tree_and_takes_no_room_of_one() -> None:
    rows = b"<row>" + b"<c r='A1'   ></c>" * 9 + b"</row>"
    content = b"<w><a/><sheetData>" + rows + b"</sheetData><b/></w>"
    with pytest.raises(TooMuch):
        parse(content, most=len(content) - 1)
    root = parse(content, "sheetData", most=len(content) - len(rows)).root
    with pytest.raises(TooMuch):
        parse(content, "sheetData", most=len(content) - len(rows) - 1)
    assert [len(child) for child in root] == [0, 0, 0]
    root.remove(root[2])
    assert to_bytes(root) == b"<w><a/><sheetData>" + rows + b"</sheetData></w>"


# --- refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
@pytest.mark.parametrize(
    "doctype", ["<!DOCTYPE a>", '<!DOCTYPE a [<!ENTITY b "c">]>', '<!DOCTYPE a SYSTEM "file:///etc/passwd">']
)
def test_document_types_are_refused(encoding: str, doctype: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}<a><sheetData>x</sheetData></a>'
    for seal in ("", "sheetData"):
        with pytest.raises(Forbidden):
            parse(text.encode(encoding), seal)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<a>", b"<a/><b/>", b"<a b='1' b='2'/>", b"<a>&b;</a>", b"<p:a/>", b"<a>\x01</a>", b"<a>\xff</a>",
        b'<?xml version="1.0" encoding="utf-99"?><a/>', b"\xff\xfe<\0",
    ],
)  # fmt: skip
def test_what_is_no_xml_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        parse(content)
    with pytest.raises(Malformed):
        list(tree.events(io.BytesIO(content), ("a",)))


def test_elements_in_elements_without_end_are_refused() -> None:
    assert len(list(fromstring("<a>" * DEPTH + "</a>" * DEPTH).iter())) == DEPTH
    with pytest.raises(Malformed, match="deep"):
        fromstring("<a>" * (DEPTH + 1) + "</a>" * (DEPTH + 1))


@pytest.mark.parametrize("sign", ["\0", "\x1f", "\ufffe", "\ud800"])
def test_what_xml_cannot_hold_is_never_written(sign: str) -> None:
    root = Element("a")
    root.text = f"甲{sign}"
    with pytest.raises(ValueError, match="XML"):
        to_bytes(root)
    root.text = None
    root.set("b", sign)
    with pytest.raises(ValueError, match="XML"):
        to_bytes(root)


# --- namespaces of what is new ---------------------------------------------------------------------------------


def test_new_names_take_a_prefix_that_is_there_or_get_one() -> None:
    root = fromstring('<x:a xmlns:x="urn:x" xmlns:r="urn:r"/>')
    known, strange = Element("{urn:x}b"), Element("{urn:y}c")
    known.set("{urn:r}id", "1")
    strange.set("{urn:z}id", "2")
    root.extend([known, strange])
    written = to_bytes(root)
    assert b'<x:b r:id="1"/>' in written
    again = etree.fromstring(written)
    assert [(child.tag, dict(child.attrib)) for child in again] == [
        ("{urn:x}b", {"{urn:r}id": "1"}),
        ("{urn:y}c", {"{urn:z}id": "2"}),
    ]


def test_a_default_namespace_does_not_swallow_what_has_none() -> None:
    root = fromstring('<a xmlns="urn:x"/>')
    root.append(Element("b"))
    assert etree.fromstring(to_bytes(root))[0].tag == "b"


# --- while a stream is read --------------------------------------------------------------------------------------


def test_events_come_in_order_and_what_was_read_can_be_forgotten() -> None:
    many = 20_000
    stream = io.BytesIO(b"<body>" + b"<p><r>x</r></p>" * many + b"</body>")
    depths, most = [], 0
    for event, element in tree.events(stream, ("p",)):
        if event == "end":
            assert element[0].text == "x"
            element.forget()
            above = element.getparent()
            assert above is not None
            most = max(most, len(above))
        depths.append(1 if event == "start" else -1)
    assert len(depths) == 2 * many
    assert set(depths[::2]) == {1}
    assert most < many / 2


def test_a_walk_over_a_tree_gives_the_events_of_a_stream() -> None:
    content = b"<a><p><q/><p/></p>t<q><p>x</p></q></a>"
    streamed = [(event, one.tag) for event, one in tree.events(io.BytesIO(content), ("p", "q"))]
    walked = [(event, one.tag) for event, one in tree.walk(fromstring(content), ("p", "q"))]
    assert streamed == walked
    assert len(walked) == 10
