"""Good submissions whose package is made to hurt: parts, structures and records of the format, in numbers or depths that no
office writes, or forged."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping

from tests.hosts.hostfiles import MAIN
from tests.hosts.reading.hostile import zipped
from tests.sizes import Sheets, base, packed

Parts = dict[str, bytes]
SHEET, BOOK, STYLES = "xl/worksheets/sheet{}.xml", "xl/workbook.xml", "xl/styles.xml"
STRINGS, TYPES, LINKS = "xl/sharedStrings.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
_SPACE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def unpacked(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def _inserted(content: bytes, before: str, what: str) -> bytes:
    """``what`` before the last place where a text stands."""
    head, mark, tail = content.rpartition(before.encode())
    assert mark, before
    return head + what.encode() + mark + tail


def _with(
    *changes: tuple[str, str, Callable[[], str]], sheets: Callable[[], Sheets] = base
) -> Callable[[], bytes]:
    """Part, the text before which something is put, and what."""

    def build() -> bytes:
        parts = unpacked(packed(sheets()))
        for part, before, what in changes:
            parts[part] = _inserted(parts[part], before, what())
        return zipped(parts)

    return build


def _each(count: int, text: str) -> Callable[[], str]:
    """A text so many times, with its number."""
    return lambda: "".join(text.replace("#", str(one)) for one in range(1, count + 1))


def _within(tag: str, count: int, text: str) -> Callable[[], str]:
    return lambda: f"<{tag}>{_each(count, text)()}</{tag}>"


def _nested(depth: int, text: str = "") -> str:
    return "<a>" * depth + text + "</a>" * depth


_ONE, _TWO, _FOUR = SHEET.format(1), SHEET.format(2), SHEET.format(4)
_END, _DATA = "</worksheet>", "<sheetData>"
_MARGINS = "<pageMargins"


def _strings_of(text: str) -> Callable[[], bytes]:
    """The first shared string is replaced by one of so many runs."""

    def build() -> bytes:
        parts = unpacked(packed(base()))
        parts[STRINGS] = parts[STRINGS].replace(b"<si><t>", f"<si>{text}<t>".encode(), 1)
        return zipped(parts)

    return build


def _comments(count: int) -> Callable[[], bytes]:
    """So many comments on a form, with the drawing that shows them."""

    def build() -> bytes:
        parts = unpacked(packed(base()))
        comment = '<comment ref="B#" authorId="0"><text><r><t>问</t></r></text></comment>'
        parts["xl/comments1.xml"] = (
            f'<comments xmlns="{MAIN}"><authors><author>甲</author></authors><commentList>{_each(count, comment)()}</commentList></comments>'
        ).encode()
        parts["xl/worksheets/_rels/sheet2.xml.rels"] = (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{_SPACE}/comments" Target="../comments1.xml"/></Relationships>'
        ).encode()
        return zipped(parts)

    return build


def _tiny_sheets() -> Sheets:
    return {**base(), **{f"表{one}": [[one]] for one in range(900)}}


def _form_sheets() -> Sheets:
    sheets = base()
    form = sheets["附件3-1"]
    return {**sheets, **{f"附件3-{one}": [list(row) for row in form] for one in range(5, 400)}}


def _hidden() -> bytes:
    parts = unpacked(packed(_form_sheets()))
    parts[BOOK] = parts[BOOK].replace(b"<sheet name=", b'<sheet state="veryHidden" name=')
    return zipped(parts)


def _one_part_for_all() -> bytes:
    """A thousand sheets that are all the same part."""
    parts = unpacked(packed(base()))
    parts[BOOK] = _inserted(
        parts[BOOK], "</sheets>", _each(1_000, '<sheet name="表#" sheetId="1#" r:id="rId2"/>')()
    )
    return zipped(parts)


def _names_that_name(count: int) -> Callable[[], bytes]:
    def build() -> bytes:
        parts = unpacked(packed(base()))
        names = "".join(
            f'<definedName name="N{one}">N{one + 1}+N{one + 2}</definedName>' for one in range(count)
        )
        parts[BOOK] = parts[BOOK].replace(b"<calcPr", f"<definedNames>{names}</definedNames><calcPr".encode())
        return zipped(parts)

    return build


def _formulas(text: Callable[[int], str], stored: str = "") -> Callable[[], bytes]:
    """A formula for every figure of 附件1, by its number."""

    def build() -> bytes:
        parts = unpacked(packed(base()))
        pieces = parts[_ONE].split(b"<v>")
        made = [pieces[0]]
        for number, piece in enumerate(pieces[1:]):
            made.append(
                f"<f>{text(number)}</f>".encode()
                + (b"<v>" + piece if stored else piece.partition(b"</v>")[2])
            )
        parts[_ONE] = b"".join(made).replace(b' t="s"', b' t="str"')
        return zipped(parts)

    return build


def _from_template(change: Callable[[Parts], None]) -> Callable[[], bytes]:
    """A workbook of our template, altered."""

    def build() -> bytes:
        from tests.support import ROOT

        parts = unpacked((ROOT / "workbook/template.xlsx").read_bytes())
        change(parts)
        return zipped(parts)

    return build


def _names_of_ours(parts: Parts) -> None:
    """Every name of the template points at a whole sheet."""
    parts[BOOK] = re.sub(
        "(<definedName[^>]*>)[^<]*", r"\1'附件1'!$A$1:$XFD$1048576", parts[BOOK].decode()
    ).encode()


def _log_of(rows: int, hidden: str) -> Callable[[], bytes]:
    """A 更正记录 that nobody of us wrote."""

    def build() -> bytes:
        sheets = base()
        sheets["更正记录"] = [
            ["序号", "时间", "工作表", "单元格", "原值", "新值", "规则", "原因", "状态", "还原信息"],
            *(
                [
                    one,
                    "2024-01-01 00:00:00",
                    "附件1",
                    f"B{one % 27 + 1}",
                    "1",
                    "2",
                    "PE101",
                    "=1+1",
                    "已更正",
                    hidden,
                ]
                for one in range(rows)
            ),
        ]
        parts = unpacked(packed(sheets))
        name = '<definedName name="PE_CORRECTIONS" hidden="1">\'更正记录\'!$A$1</definedName>'
        parts[BOOK] = parts[BOOK].replace(b"<calcPr", f"<definedNames>{name}</definedNames><calcPr".encode())
        return zipped(parts)

    return build


def _results() -> bytes:
    """A 校验结果 of thousands of rows, with 说明 for each."""
    sheets = base()
    heads = [
        "序号",
        "级别",
        "工作表",
        "单元格",
        "问题",
        "应为",
        "实际",
        "建议",
        "依据",
        "规则",
        "说明",
        "编号",
    ]
    sheets["校验结果"] = [
        heads,
        *(
            [one, "错误", "附件1", "B5", "=1", "2", "3", "", "", "PE101", "说" * 40, f"{one:016x}"]
            for one in range(4_000)
        ),
    ]
    parts = unpacked(packed(sheets))
    name = '<definedName name="PE_MARKS" hidden="1">\'校验结果\'!$A$1</definedName>'
    parts[BOOK] = parts[BOOK].replace(b"<calcPr", f"<definedNames>{name}</definedNames><calcPr".encode())
    return zipped(parts)


# --- zip -----------------------------------------------------------------------------------------------------------


def _twice() -> bytes:
    """Every member twice, the second of another workbook."""
    first, second = unpacked(packed(base())), unpacked(packed({"附件1": [["别的"]]}))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library says that they are twice
        for parts in (first, second):
            for name, content in parts.items():
                archive.writestr(zipfile.ZipInfo(name), content)
    return target.getvalue()


def _directory(pattern: bytes, at: int, value: bytes) -> Callable[[], bytes]:
    """The same bytes in every record of a kind."""

    def build() -> bytes:
        data = bytearray(packed(base()))
        start = data.find(pattern)
        while start >= 0:
            data[start + at : start + at + len(value)] = value
            start = data.find(pattern, start + 4)
        return bytes(data)

    return build


def _more_bytes(before: bytes, after: bytes) -> Callable[[], bytes]:
    return lambda: before + packed(base()) + after


def _zip64() -> bytes:
    """Sizes in records of zip64 that are not those of the members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in unpacked(packed(base())).items():
            info = zipfile.ZipInfo(name)
            info.extra = struct.pack("<HHQQ", 1, 16, 2**40, 2**40)
            archive.writestr(info, content)
    return target.getvalue()


def _names(change: Callable[[str], str]) -> Callable[[], bytes]:
    return lambda: zipped({change(name): content for name, content in unpacked(packed(base())).items()})


def _part(name: str, text: Callable[[], str | bytes]) -> Callable[[], bytes]:
    """A part replaced."""
    return lambda: zipped({**unpacked(packed(base())), name: text()})


_ENTITIES = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip

PACKAGES: Mapping[str, Callable[[], bytes]] = {
    "merged ranges over each other": _with((_TWO, _MARGINS, _within("mergeCells", 50_000, '<mergeCell ref="A1:Z#"/>'))),
    "merged ranges in the form": _with((_TWO, _MARGINS, _within("mergeCells", 1_000, '<mergeCell ref="B#:C#"/>'))),
    "conditional formats": _with(
        (_TWO, _MARGINS, _each(20_000, '<conditionalFormatting sqref="A1:Z99"><cfRule type="expression" priority="#"><formula>A1&gt;#</formula></cfRule></conditionalFormatting>'))
    ),
    "a conditional format of many places": _with(
        (_TWO, _MARGINS, lambda: f'<conditionalFormatting sqref="{_each(60_000, "A# ")()}"><cfRule type="expression" priority="1"><formula>1</formula></cfRule></conditionalFormatting>')
    ),
    "data validations": _with((_TWO, _MARGINS, _within("dataValidations", 30_000, '<dataValidation type="list" sqref="A#"><formula1>"是,否"</formula1></dataValidation>'))),
    "hyperlinks": _with((_TWO, _MARGINS, _within("hyperlinks", 60_000, '<hyperlink ref="A#" location="附件1!A1"/>'))),
    "extensions within extensions": _with((_TWO, _END, lambda: f"<extLst>{_nested(3_000)}</extLst>")),
    "elements within a cell": _with((_TWO, _END, lambda: _nested(60_000))),
    "elements within the workbook": _with((BOOK, "</workbook>", lambda: _nested(60_000))),
    "elements within a string": _strings_of(_nested(100_000)),
    "runs of a string": _strings_of("<r><rPr><b/></rPr><t>附</t></r>" * 30_000),
    "phonetic runs of a string": _strings_of('<rPh sb="0" eb="1"><t>fu</t></rPh>' * 60_000),
    "comments": _comments(40_000),
    "tiny sheets": _with(sheets=_tiny_sheets),
    "sheets of forms": _with(sheets=_form_sheets),
    "hidden sheets of forms": _hidden,
    "one part for all sheets": _one_part_for_all,
    "names that name names": _names_that_name(30_000),
    "number formats": _with((STYLES, "<fonts", _within("numFmts", 9_000, '<numFmt numFmtId="1#" formatCode="[红色][&lt;#]0.00_);[&gt;#](0.0);@"/>'))),
    "a number format of everything": _with((STYLES, "<fonts", lambda: f'<numFmts><numFmt numFmtId="170" formatCode="{"[=1]0;" * 30_000}"/></numFmts>')),
    "cell styles": _with((STYLES, "</cellXfs>", lambda: "<xf/>" * 150_000)),
    "colours of marks": _with((STYLES, "<tableStyles", lambda: f"<dxfs>{'<dxf/>' * 150_000}</dxfs>")),
    "rows without cells": _with((_TWO, "</sheetData>", lambda: "".join(f'<row r="{one}" ht="15"/>' for one in range(100, 400_000)))),
    "rows that go back": _with((_TWO, "</sheetData>", lambda: '<row r="5"><c r="B5"><v>1</v></c></row>' * 60_000)),
    "cells of nothing": _with((_TWO, "</sheetData>", lambda: "".join(f'<row r="{one}">{"<c/>" * 50}</row>' for one in range(100, 20_000)))),
    "the same cell": _with((_TWO, "</sheetData>", lambda: '<row r="99">' + '<c r="B99"><v>1</v></c>' * 100_000 + "</row>")),
    "figures beside the form": _with((_TWO, "</sheetData>", lambda: "".join(f'<row r="{one}"><c r="Z{one}"><v>{one}</v></c></row>' for one in range(100, 60_000)))),
    "column settings": _with((_TWO, _DATA, _within("cols", 90_000, '<col min="1" max="16384" hidden="1"/>'))),
    "formulas of brackets": _formulas(lambda _: "(" * 4_000 + "1" + ")" * 4_000),
    "formulas of one another": _formulas(lambda number: f"SUM(A1:XFD1048576)+B{number}"),
    "formulas of signs": _formulas(lambda _: "-" * 8_000 + "1"),
    "formulas of texts": _formulas(lambda _: 'REPT("甲",1E9)&amp;REPT(REPT("乙",32767),32767)', stored="kept"),
    "formulas of powers": _formulas(lambda _: "9^9^9^9^9"),
    "the template's names": _from_template(_names_of_ours),
    "a forged log": _log_of(4_900, '{"f": "cmd|\'/c calc\'!A0", "s": "99999999", "t": "str"}'),
    "a forged log of depth": _log_of(300, "[" * 9_000),
    "a forged log of digits": _log_of(900, '{"v": "' + "9" * 9_000 + '"}'),
    "a forged list of findings": _results,
    "members twice": _twice,
    "sizes of zip64": _zip64,
    "sizes that are lies": _directory(b"PK\1\2", 24, b"\xff\xff\xff\x00"),
    "sizes of nothing": _directory(b"PK\1\2", 20, bytes(8)),
    "places that are lies": _directory(b"PK\1\2", 42, b"\x10\0\0\0"),
    "methods that are none": _directory(b"PK\1\2", 10, b"\x63\0"),
    "members with a password": _directory(b"PK\1\2", 8, b"\1\0"),
    "names that are longer": _directory(b"PK\3\4", 26, b"\xff\xff"),
    "bytes before the file": _more_bytes(b"MZ" + bytes(60_000), b""),
    "bytes behind the file": _more_bytes(b"", b"PK\5\6" + bytes(60_000)),
    "part names that lead away": _names(lambda name: "../" * 20 + name),
    "part names in capitals": _names(str.upper),
    "part names of Windows": _names(lambda name: name.replace("/", "\\")),
    "entities in a sheet": _part(_TWO, lambda: f'{_ENTITIES}<worksheet xmlns="{MAIN}"><sheetData>&i;</sheetData></worksheet>'),
    "entities in the styles": _part(STYLES, lambda: f'{_ENTITIES}<styleSheet xmlns="{MAIN}">&i;</styleSheet>'),
    "entities in the types": _part(TYPES, lambda: f"{_ENTITIES}<Types>&i;</Types>"),
    "a relationship to itself": _part(LINKS, lambda: unpacked(packed(base()))[LINKS].replace(b"worksheets/sheet2.xml", b"workbook.xml")),
    "a relationship to the outside": _part(LINKS, lambda: unpacked(packed(base()))[LINKS].replace(b"worksheets/sheet2.xml", b"file:///dev/zero")),
    "relationships without end": _part(LINKS, lambda: _inserted(unpacked(packed(base()))[LINKS], "</Relationships>", _each(60_000, '<Relationship Id="x#" Type="x" Target="y#"/>')())),
    "a sheet in UTF-16": _part(_TWO, lambda: unpacked(packed(base()))[_TWO].decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")),
}  # fmt: skip
