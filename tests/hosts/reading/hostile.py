"""Files made to hurt: what each is, and what the door says of it ("" where it is read like any other)."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping

from tests.hosts.hostfiles import MAIN, parts

GOOD = parts('<row r="1"><c r="A1"><v>1</v></c></row>')
SHEET = "xl/worksheets/sheet1.xml"
Content = Mapping[str, str | bytes]


def zipped(content: Content, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return target.getvalue()


def stored(content: Content) -> bytes:
    """Not packed at all, so that no ratio gives the file away."""
    return zipped(content, zipfile.ZIP_STORED)


def _good(**changes: str | bytes) -> Content:
    """The smallest good workbook with parts of its own; ``sheet1`` stands for the sheet's part."""
    named = {"sheet1": SHEET, "strings": "xl/sharedStrings.xml", "styles": "xl/styles.xml"}
    base = parts("<row/>", strings="<si><t>a</t></si>", styles="<cellXfs/>")
    return {**base, **{named.get(key, key): value for key, value in changes.items()}}


def _rows(cells: Iterator[str]) -> Content:
    return parts("".join(cells))


def _directory_of_millions() -> bytes:
    """A file that is nearly all directory: 200,000 records of one empty member."""
    name = b"a"
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 33, 0, 0, 0, len(name), 0) + name
    record = (
        struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 33, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0)
        + name
    )
    directory = record * 200_000
    end64 = struct.pack(
        "<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 200_000, 200_000, len(directory), len(local)
    )
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(local) + len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return local + directory + end64 + locator + end


def _nested(depth: int) -> str:
    return "<a>" * depth + "</a>" * depth


def _many_parts() -> bytes:
    return zipped({**GOOD, **{f"x/{number}.bin": b"" for number in range(2_100)}})


def _swollen_in_all() -> bytes:
    """Five parts of 50 MB, each packed no better than real sheets are."""
    block = bytes(range(256)) * 40 + bytes(30_000)
    part = block * 1_250
    return zipped({**GOOD, **{f"xl/media/{number}.bin": part for number in range(5)}})


def _far_corner_ods() -> bytes:
    name = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(f'xmlns:{prefix}="{name}:{prefix}:1.0"' for prefix in ("office", "table", "text"))
    cell = '<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>'
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="附件1"><table:table-row>{cell}</table:table-row>'
        '<table:table-row table:number-rows-repeated="1048574"><table:table-cell/></table:table-row>'
        f'<table:table-row><table:table-cell table:number-columns-repeated="16383"/>{cell}</table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    return stored(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{name}:manifest:1.0"/>',
        }
    )


_BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


def _cells(count: int, cell: str) -> Content:
    return _rows(f'<row r="{row}">{cell * 50}</row>' for row in range(1, count // 50 + 1))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a part that unpacks a thousandfold": (
        lambda: zipped({**GOOD, "xl/media/a.bin": bytes(40_000_000)}),
        "压缩炸弹",
    ),
    "a sheet that unpacks a thousandfold": (lambda: zipped(_good(sheet1=bytes(60_000_000))), "压缩炸弹"),
    "parts that are too much together": (_swollen_in_all, "展开后太大"),
    "thousands of parts": (_many_parts, "部件太多"),
    "a directory of hundreds of thousands": (_directory_of_millions, "部件太多"),
    "entities that multiply": (
        lambda: zipped(_good(strings=f'{_BOMB}<sst xmlns="{MAIN}"><si><t>&i;</t></si></sst>')),
        "DTD",
    ),
    "a file outside as an entity": (
        lambda: zipped(
            _good(strings=f'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst xmlns="{MAIN}"/>')
        ),
        "DTD",
    ),
    "two cells in opposite corners": (
        lambda: zipped(
            parts(
                '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
            )
        ),
        "",
    ),
    "two cells in opposite corners of an .ods": (_far_corner_ods, "损坏"),
    "65,000 merged ranges": (
        lambda: zipped(
            parts(
                after="<mergeCells>"
                + "".join(f'<mergeCell ref="A{row}:B{row}"/>' for row in range(1, 65_001))
                + "</mergeCells>"
            )
        ),
        "",
    ),
    "a merged range over the whole sheet, often": (
        lambda: stored(
            parts(after="<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 50_000 + "</mergeCells>")
        ),
        "",
    ),
    "merged ranges without end": (
        lambda: stored(parts(after="<mergeCells>" + '<mergeCell ref="A1:B1"/>' * 300_000 + "</mergeCells>")),
        "合并单元格太多",
    ),
    "a shared string that is not there": (
        lambda: zipped(parts('<row r="1"><c r="A1" t="s"><v>99</v></c></row>', strings="<si><t>a</t></si>")),
        "损坏",
    ),
    "a million formatted rows": (
        lambda: stored(_rows(f'<row r="{row}" s="1" ht="15"/>' for row in range(1, 1_000_001))),
        "",
    ),
    "a million hidden rows": (
        lambda: stored(
            _rows(
                (
                    f'<row r="{row}" hidden="1"/>'
                    if row < 1_000_000
                    else f'<row r="{row}"><c><v>1</v></c></row>'
                )
                for row in range(1, 1_000_001)
            )
        ),
        "",
    ),
    "cells without end": (lambda: stored(_cells(600_000, "<c><v>1.5</v></c>")), "单元格太多"),
    "formulas without end": (
        lambda: stored(_cells(75_000, f"<c><f>{'A1+' * 250}A1</f><v>1.5</v></c>")),
        "文字太多",
    ),
    "one string in every cell": (
        lambda: zipped({**_cells(2_000, '<c t="s"><v>0</v></c>'), **parts_of_strings(["长" * 30_000])}),
        "文字太多",
    ),
    "shared strings without end": (
        lambda: stored(_good(strings=f'<sst xmlns="{MAIN}">' + "<si><t>a</t></si>" * 1_000_000 + "</sst>")),
        "文字太多",
    ),
    "a million cell styles": (
        lambda: stored(_good(styles=f'<s xmlns="{MAIN}"><cellXfs>' + "<xf/>" * 1_000_000 + "</cellXfs></s>")),
        "样式太多",
    ),
    "column settings without end": (
        lambda: stored(
            parts(
                before="<cols>"
                + "".join(
                    f'<col min="{n % 16000 + 1}" max="{n % 16000 + n // 16000 + 2}" hidden="1"/>'
                    for n in range(150_000)
                )
                + "</cols>"
            )
        ),
        "列设置太多",
    ),
    "one tag of 20 MB": (lambda: stored(_good(sheet1='<worksheet a="' + "ab c" * 5_000_000 + '"/>')), ""),
    "one comment of 20 MB": (
        lambda: stored(_good(sheet1="<!--" + "ab c" * 5_000_000 + "-->" + GOOD[SHEET])),
        "",
    ),
    "a hundred thousand attributes": (
        lambda: zipped(_good(sheet1="<worksheet " + " ".join(f'a{n}=""' for n in range(100_000)) + "/>")),
        "",
    ),
    "elements a million deep": (lambda: stored(_good(sheet1=_nested(1_000_000))), ""),
    "a workbook part a million deep": (
        lambda: stored(_good(**{"xl/workbook.xml": _nested(1_000_000)})),
        "损坏",
    ),
    "a number of a million digits": (
        lambda: stored(parts('<row r="1"><c r="A1"><v>' + "9" * 1_000_000 + "</v></c></row>")),
        "",
    ),
    "a number beyond all exponents": (
        lambda: zipped(
            parts('<row r="1"><c r="A1"><v>1e999999999</v></c><c r="B1"><v>-1e-999999999</v></c></row>')
        ),
        "",
    ),
    "a row number beyond all exponents": (
        lambda: zipped(parts('<row r="1e999"><c><v>1</v></c></row>')),
        "损坏",
    ),
    "a number format of a million signs": (
        lambda: stored(
            parts(
                '<row r="1"><c r="A1" s="0"><v>1.5</v></c></row>',
                styles='<numFmts><numFmt numFmtId="170" formatCode="'
                + "[red]0.0_(" * 100_000
                + '"/></numFmts><cellXfs><xf numFmtId="170"/></cellXfs>',
            )
        ),
        "",
    ),
    "a cell of a million characters": (
        lambda: stored(
            parts('<row r="1"><c r="A1" t="inlineStr"><is><t>' + "1万元，" * 250_000 + "</t></is></c></row>")
        ),
        "",
    ),
    "part names that lead out of the package": (
        lambda: zipped({**GOOD, "../../../tmp/a.txt": "a", "C:\\a.txt": "a", "/etc/a.txt": "a"}),
        "",
    ),
    "a formula that would start a program": (
        lambda: zipped(
            parts(
                '<row r="1"><c r="A1" t="str"><f>cmd|\'/c calc\'!A0</f><v>=cmd|\'/c calc\'!A0</v></c></row>'
            )
        ),
        "",
    ),
}


def parts_of_strings(strings: list[str]) -> dict[str, str]:
    """The shared strings of a workbook, and the relationships that name them."""
    made = parts(strings="".join(f"<si><t>{text}</t></si>" for text in strings))
    return {name: made[name] for name in ("xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels")}
