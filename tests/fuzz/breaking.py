"""Good files broken at random, where a format breaks: elements, attributes, texts, parts, zip records, bytes.

A seed makes the same file every time.
"""

from __future__ import annotations

import io
import random
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from lxml import etree

from perfeval_xl.errors import Unreadable
from perfeval_xl.hosts.limits import LIMITS
from perfeval_xl.hosts.marks.workbook import highlight
from perfeval_xl.hosts.reading.loading import judged
from perfeval_xl.runs.checking import check
from tests.hosts.hostfiles import parts

Parts = dict[str, bytes]

_NASTY = (
    "", " ", "0", "-1", "1", "65536", "1048577", "99999999999999999999", "1e309", "-1e-400", "NaN", "inf", "١", "A0",
    "XFE1", "A1:", ":", "A1:XFD1048576", "B3:A1", "A1:A1 C3", "$A$1", "#REF!", "rId0", "rId999", "../../a", "/xl/a.xml",
    "true", "s", "str", "inlineStr", "e", "x", "_x0000_", "_xD800_", "附件1", "≥100人", "100%", "=cmd|'/c calc'!A0",
    "é" * 300, "9" * 400, "0." + "0" * 400 + "1", "[h]:mm", "0.00;;;@", '"', "[$-F800]", "yyyy", "?/?", "''!", "{0}",
)  # fmt: skip


@cache
def sources() -> tuple[bytes, ...]:
    """Good workbooks to start from: small ones of the raw format, the example, and a marked copy."""
    from tests.cli.test_cli import BASE, write_book
    from tests.support import example_builder

    small = parts(
        '<row r="1" hidden="1" ht="15"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>45291</v></c></row>'
        '<row r="2"><c r="A2" s="2"><f t="shared" ref="A2:A3" si="0">B1*2</f><v>0.985</v></c>'
        '<c r="B2" t="inlineStr"><is><r><t>编</t></r><rPh sb="0" eb="1"><t>bian</t></rPh></is></c></row>'
        '<row r="3"><c r="A3"><f t="shared" si="0"/></c><c t="e"><v>#DIV/0!</v></c><c t="b"><v>1</v></c></row>',
        before='<dimension ref="A1"/><cols><col min="1" max="2" hidden="1"/></cols>',
        after='<mergeCells><mergeCell ref="A5:C6"/></mergeCells><conditionalFormatting sqref="A1"><cfRule '
        'type="expression" priority="1"><formula>A1&gt;0</formula></cfRule></conditionalFormatting>',
        strings="<si><t>编制数</t></si>",
        styles='<numFmts><numFmt numFmtId="170" formatCode="0.0%"/></numFmts><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="14"/><xf numFmtId="170"/></cellXfs>',
    )
    packed = _packed({name: part.encode() for name, part in small.items()})
    with tempfile.TemporaryDirectory() as folder:
        forms = write_book(Path(folder) / "a.xlsm", BASE).read_bytes()
    example = example_builder().build("stacked", False)
    marked = highlight(forms, check(forms, name="a.xlsm")).data
    return packed, packed, forms, forms, marked, example


@cache
def documents() -> tuple[bytes, ...]:
    """Good Word documents to start from: the example in two of the ways such files differ."""
    from tests.word import build

    return build("inside", False), build("boxed", False)


def _packed(parts: Parts, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return target.getvalue()


def _unpacked(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


# --- breaking ------------------------------------------------------------------------------------------------------


def broken(seed: int) -> bytes:
    """A good workbook broken once to four times."""
    chance = random.Random(seed)
    return _broken(chance.choice(sources()), chance)


def broken_more(data: bytes, most: int, seed: int) -> bytes:
    """A package of at most so many bytes made of one that may be broken already; what is none is broken as bytes."""
    chance = random.Random(seed)
    try:
        judged("a.xlsx", data, LIMITS)  # nothing is unpacked that bombs
        made = _broken(data, chance)
    except (Unreadable, zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError):
        made = _with_noise(data, chance)
    return made if len(made) <= most else data[:most]


def _broken(data: bytes, chance: random.Random) -> bytes:
    content = _unpacked(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        chance.choice(_ON_PARTS)(content, chance)
    data = _packed(content, chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)))
    return chance.choice(_ON_FILE)(data, chance) if chance.random() < 0.2 else data


def _break_tree(content: Parts, chance: random.Random) -> None:
    """Change one place in the tree of a part."""
    names = [name for name in content if name.endswith((".xml", ".rels")) and content[name]]
    name = chance.choice(names)
    try:
        root = etree.fromstring(content[name])
    except etree.XMLSyntaxError:
        return  # broken before
    element = chance.choice(list(root.iter("*")))
    chance.choice((_break_attribute, _break_attribute, _break_text, _break_place, _break_name))(
        element, chance
    )
    content[name] = etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _break_attribute(element: etree._Element, chance: random.Random) -> None:
    keys = [str(key) for key in element.attrib]
    if not keys or chance.random() < 0.1:
        element.set(
            chance.choice(("r", "s", "t", "ref", "id", "name", "hidden", "min")), chance.choice(_NASTY)
        )
        return
    key = chance.choice(keys)
    if chance.random() < 0.3:
        del element.attrib[key]
    else:
        element.set(key, chance.choice(_NASTY))


def _break_text(element: etree._Element, chance: random.Random) -> None:
    element.text = chance.choice(_NASTY)


def _break_place(element: etree._Element, chance: random.Random) -> None:
    """Remove the element, or put copies of it somewhere."""
    parent = element.getparent()
    if parent is None:
        return
    copies = [
        etree.fromstring(etree.tostring(element, with_tail=False)) for _ in range(chance.choice((0, 1, 50)))
    ]
    above = parent.getparent()
    where = chance.choice([parent, element, parent if above is None else above])
    if not copies or chance.random() < 0.3:
        parent.remove(element)
    for copied in copies:
        where.insert(chance.randrange(len(where) + 1), copied)


def _break_name(element: etree._Element, chance: random.Random) -> None:
    space, _, _ = str(element.tag).rpartition("}")
    wanted = chance.choice(
        ("row", "c", "v", "f", "is", "t", "sheet", "xf", "cellXfs", "mergeCell", "Relationship", "si")
    )
    element.tag = chance.choice((f"{space}}}" if space else "", "", "{urn:x}")) + wanted


def _break_bytes(content: Parts, chance: random.Random) -> None:
    """Change bytes of one part, so that its XML or its encoding breaks."""
    name = chance.choice(list(content))
    content[name] = _with_noise(content[name], chance)


def _break_parts(content: Parts, chance: random.Random) -> None:
    """Lose, rename, swap or add parts."""
    name, other = chance.choice(list(content)), chance.choice(list(content))
    match chance.randrange(5):
        case 0 if len(content) > 1:
            del content[name]
        case 1:
            wanted = chance.choice(
                (name.upper(), "/" + name, name.replace("/", "\\"), "../" + name, name + "/")
            )
            content[wanted] = content.pop(name)
        case 2:
            content[name], content[other] = content[other], content[name]
        case 3:
            text = content[name].decode("utf-8", "replace")
            content[name] = text.encode(chance.choice(("utf-16", "utf-16-le", "gb18030", "utf-8-sig")))
        case _:
            content[f"xl/worksheets/sheet{chance.randrange(30)}.xml"] = content[other]


def _with_noise(data: bytes, chance: random.Random) -> bytes:
    if not data:
        return b"x"
    at = chance.randrange(len(data))
    match chance.randrange(5):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + data[at + chance.randrange(1, 40) :]
        case 2:
            return data[:at] + chance.randbytes(chance.randrange(1, 9)) + data[at + 1 :]
        case 3:
            return data[:at] + data[at : at + 60] * chance.choice((2, 500)) + data[at:]
        case _:
            return (
                data[:at]
                + chance.choice((b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"]]>", b"<", b"&b;", b"\0"))
                + data[at:]
            )


def _break_directory(data: bytes, chance: random.Random) -> bytes:
    """Change a byte of a zip record, where readers differ most."""
    marks = [b"PK\1\2", b"PK\3\4", b"PK\5\6"]
    starts = [at for mark in marks for at in _all(data, mark)]
    at = chance.choice(starts) + chance.randrange(4, 46)
    return data[:at] + chance.randbytes(1) + data[at + 1 :]


def _all(data: bytes, mark: bytes) -> Iterator[int]:
    at = data.find(mark)
    while at >= 0:
        yield at
        at = data.find(mark, at + 1)


_ON_PARTS: tuple[Callable[[Parts, random.Random], None], ...] = (
    _break_tree, _break_tree, _break_tree, _break_tree, _break_bytes, _break_parts,
)  # fmt: skip
_ON_FILE: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _with_noise,
    _break_directory,
    _break_directory,
)
