"""The package editor: what is not touched stays as it lies in the file."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval_xl.errors import PackageError
from perfeval_xl.hosts.limits import Limits
from perfeval_xl.hosts.package import zip as module
from perfeval_xl.hosts.package.styles import Styles
from perfeval_xl.hosts.package.tree import fromstring, to_bytes
from perfeval_xl.hosts.package.workbook import Workbook
from perfeval_xl.hosts.package.xml import (
    WORKBOOK_ORDER,
    WORKSHEET_ORDER,
    Document,
    children,
    insert_new,
    local_name,
)
from perfeval_xl.hosts.package.zip import Package

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)


def zipped(parts: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, (2019, 5, 6, 7, 8, 10))
            info.compress_type = method
            info.comment = b"kept"
            archive.writestr(info, content)
        archive.comment = b"archive comment"
    return target.getvalue()


def relationships(*items: tuple[str, str, str]) -> str:
    inner = "".join(f'<Relationship Id="{i}" Type="{t}" Target="{target}"/>' for i, t, target in items)
    return f'<Relationships xmlns="{RELS}">{inner}</Relationships>'


def parts(workbook: str = "xl/workbook.xml", target: str = "worksheets/sheet1.xml") -> dict[str, str | bytes]:
    folder, _, base = workbook.rpartition("/")
    prefix = f"{folder}/" if folder else ""
    return {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": relationships(("rId1", f"{OFFICE}/officeDocument", workbook)),
        workbook: f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="附件1" sheetId="7" r:id="rId1"/></sheets></workbook>',
        f"{prefix}_rels/{base}.rels": relationships(("rId1", f"{OFFICE}/worksheet", target)),
        f"{prefix}worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>',
        "customXml/item1.xml": b"\x00any bytes\xff" * 50,
    }


def test_without_changes_the_file_is_the_same() -> None:
    data = zipped(parts())
    assert Package(data).to_bytes() == data


@given(
    st.dictionaries(st.text("ab附/", min_size=1, max_size=6), st.binary(max_size=200), min_size=1, max_size=6)
)
def test_any_archive_is_copied_as_it_lies(content: dict[str, bytes]) -> None:
    data = zipped(dict(content))
    assert Package(data).to_bytes() == data


def test_a_replaced_part_leaves_the_records_of_others_alone() -> None:
    data = zipped(parts())
    package = Package(data)
    package.put("xl/worksheets/sheet1.xml", b"<new/>")
    before, after = zipfile.ZipFile(io.BytesIO(data)), zipfile.ZipFile(io.BytesIO(package.to_bytes()))
    assert after.testzip() is None
    assert after.namelist() == before.namelist()
    assert after.comment == b"archive comment"
    assert after.read("xl/worksheets/sheet1.xml") == b"<new/>"
    for old, new in zip(before.infolist(), after.infolist(), strict=True):
        assert (old.date_time, old.comment, old.external_attr) == (
            new.date_time,
            new.comment,
            new.external_attr,
        )
        if old.filename != "xl/worksheets/sheet1.xml":
            assert (old.CRC, old.compress_size, old.extra) == (new.CRC, new.compress_size, new.extra)


def test_streamed_members_keep_their_data_descriptors() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts().items():
            archive.writestr(name, content)
    data = pipe.getvalue()
    package = Package(data)
    assert package.to_bytes() == data
    package.put("xl/workbook.xml", b"<x/>")
    result = zipfile.ZipFile(io.BytesIO(package.to_bytes()))
    assert result.testzip() is None
    assert result.read("customXml/item1.xml") == parts()["customXml/item1.xml"]


def test_offsets_in_zip64_fields_are_moved_there() -> None:
    head = struct.Struct("<4s6H3L5H2L")
    extra = struct.pack("<HH", 9, 2) + b"ab" + struct.pack("<HHQQ", 1, 16, 5, 77)
    fields = (b"PK\1\2", 45, 45, 0, 8, 0, 0, 1, 3, 0xFFFFFFFF, 1, len(extra), 0, 0, 0, 0, 0xFFFFFFFF)
    moved = module._moved(head.pack(*fields) + b"n" + extra, 1234)
    assert moved[-16:] == struct.pack("<QQ", 5, 1234)
    assert head.unpack_from(moved) == fields


def test_add_and_remove_keep_the_content_types_in_step() -> None:
    package = Package(zipped(parts()))
    package.put("xl/new.xml", b"<n/>", "application/x-new+xml")
    assert package.content_type("xl/new.xml") == "application/x-new+xml"
    assert package.content_type("xl/workbook.xml") == "application/xml"
    package.remove("xl/new.xml")
    assert "xl/new.xml" not in package
    assert package.content_type("xl/new.xml") == "application/xml"
    package.remove("customXml/item1.xml")
    assert "customXml/item1.xml" not in zipfile.ZipFile(io.BytesIO(package.to_bytes())).namelist()


def test_new_relationship_ids_do_not_collide() -> None:
    package = Package(zipped(parts()))
    first = package.relate("xl/workbook.xml", f"{OFFICE}/styles", "xl/styles.xml")
    second = package.relate("xl/worksheets/sheet1.xml", f"{OFFICE}/comments", "xl/comments1.xml")
    assert (first, second) == ("rId2", "rId1")
    assert package.related("xl/workbook.xml", "styles") == "xl/styles.xml"
    assert package.related("xl/worksheets/sheet1.xml", "comments") == "xl/comments1.xml"
    package.unrelate("xl/workbook.xml", "xl/styles.xml")
    assert package.related("xl/workbook.xml", "styles") is None


@pytest.mark.parametrize(
    ("workbook", "target"),
    [
        ("xl/workbook.xml", "worksheets/sheet1.xml"),
        ("xl/workbook.xml", "/xl/worksheets/sheet1.xml"),
        ("xl/workbook.xml", "./../xl/worksheets/sheet1.xml"),
        ("xl/workbook.xml", "worksheets/Sheet1.xml"),
        ("workbook.xml", "worksheets/sheet1.xml"),
        ("somewhere/else/book.xml", "worksheets/sheet1.xml"),
    ],
)
def test_parts_are_found_through_relationships(workbook: str, target: str) -> None:
    book = Workbook(Package(zipped(parts(workbook, target))))
    sheet = book.add_sheet("校验结果", fromstring(f'<worksheet xmlns="{MAIN}"/>'))
    book.save()
    again = Workbook(Package(book.package.to_bytes()))
    assert [(one.name, one.sheet_id) for one in again.sheets] == [("附件1", 7), ("校验结果", 8)]
    assert again.sheets[1] == sheet
    assert all(one.part in again.package for one in again.sheets if one.part)


def _broken(change: dict[str, str | bytes]) -> bytes:
    return zipped({**parts(), **change})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "不是有效的"),
        (b"not a zip", "不是有效的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "加密"),
        (zipped(parts())[:-400], "不是有效的"),
        (zipped({"a.txt": "x"}), "不是有效的"),
        (_broken({"_rels/.rels": "<oops"}), "不是有效的 XML"),
        (_broken({"xl/workbook.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}), "DTD"),
        (
            _broken({"xl/workbook.xml": "<!DOCTYPE a SYSTEM 'http://127.0.0.1/x.dtd'><a/>".encode("utf-16")}),
            "DTD",
        ),
        (_broken({"xl/workbook.xml": "<document/>"}), "不是 Excel"),
        (zipped(parts("xl/workbook.bin")), "xlsb"),
    ],
)
def test_what_cannot_be_edited_is_refused_in_one_line(data: bytes, message: str) -> None:
    with pytest.raises(PackageError, match=message) as caught:
        Workbook(Package.open(data))
    assert "\n" not in str(caught.value)


def test_overlapping_members_are_refused() -> None:
    data = bytearray(zipped({"a": "x" * 100, "b": "y" * 100}))
    second = data.rindex(b"PK\1\2")
    data[second + 42 : second + 46] = bytes(4)
    with pytest.raises(PackageError, match="重叠"):
        Package(bytes(data))


def test_a_part_beyond_all_measure_is_refused() -> None:
    package = Package(zipped({"a.xml": bytes(1001)}), Limits(part_bytes=1000))
    with pytest.raises(PackageError, match="超过"):
        package.read("a.xml")


def test_a_part_too_large_for_a_tree_is_refused_and_can_still_be_read() -> None:
    package = Package(zipped({"a.xml": b"<a>" + bytes(1000) + b"</a>"}), Limits(structure_bytes=1000))
    assert len(package.read("a.xml")) == 1007
    with pytest.raises(PackageError, match="内存"):
        package.document("a.xml")


def test_back_slashes_and_leading_slashes_are_part_names_too() -> None:
    content = {name.replace("/", "\\"): part for name, part in parts().items()}
    content["/" + "[Content_Types].xml"] = content.pop("[Content_Types].xml")
    book = Workbook(Package(zipped(content)))
    book.add_sheet("校验结果", fromstring(f'<worksheet xmlns="{MAIN}"/>'))
    book.save()
    written = zipfile.ZipFile(io.BytesIO(book.package.to_bytes()))
    assert set(content) < {info.orig_filename for info in written.infolist()}
    again = Workbook(Package(book.package.to_bytes()))
    assert [sheet.name for sheet in again.sheets] == ["附件1", "校验结果"]


def test_a_missing_file_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="打不开"):
        Package.open(tmp_path / "none.xlsx")


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<a xmlns="u"><b/></a>',
        "<?xml version='1.0' encoding='utf-8'?><a xmlns=\"u\"><b/></a>",
        '\ufeff<?xml version="1.0" encoding="utf-8"?><a xmlns="u" xmlns:mc="m" xmlns:x14="x" mc:Ignorable="x14"/>',
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- before --><x:a xmlns:x="u"><x:b><![CDATA[<]]></x:b> tail</x:a>',
    ],
)
def test_a_document_is_written_as_it_was(text: str) -> None:
    assert Document.parse(text.encode(), "p").to_bytes().decode() == text


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030"])
def test_other_encodings_become_utf8(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><a>附件</a>'
    written = Document.parse(text.encode(encoding), "p").to_bytes()
    assert fromstring(written).text == "附件"
    assert b"UTF-8" in written


@given(st.sets(st.sampled_from(WORKSHEET_ORDER)), st.sampled_from(WORKSHEET_ORDER))
def test_new_elements_stand_where_the_schema_wants_them(there: set[str], name: str) -> None:
    inner = "".join(f"<{one}/>" for one in sorted(there, key=WORKSHEET_ORDER.index))
    root = fromstring(f'<worksheet xmlns="{MAIN}">{inner}</worksheet>')
    insert_new(root, name, WORKSHEET_ORDER)
    ranks = [WORKSHEET_ORDER.index(local_name(element)) for element in root]
    assert ranks == sorted(ranks)


def test_alternate_content_counts_as_what_it_holds_and_prefixes_stay() -> None:
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    root = fromstring(
        f'<x:workbook xmlns:x="{MAIN}" xmlns:mc="{mc}"><x:workbookPr/><mc:AlternateContent><mc:Choice Requires="q">'
        '<q:absPath xmlns:q="q"/></mc:Choice></mc:AlternateContent><x:sheets/><mc:AlternateContent>'
        '<mc:Choice Requires="q"><x:calcPr/></mc:Choice></mc:AlternateContent><x:extLst/></x:workbook>'
    )
    insert_new(root, "definedNames", WORKBOOK_ORDER)
    names = [local_name(element) for element in root]
    assert names == ["workbookPr", "AlternateContent", "sheets", "definedNames", "AlternateContent", "extLst"]
    assert b"<x:definedNames/>" in to_bytes(root)


def _styles(xml: str) -> tuple[Package, Styles]:
    package = Package(zipped({**parts(), "xl/styles.xml": xml}))
    return package, Styles(package, "xl/styles.xml")


def test_styles_are_appended_once_and_never_changed() -> None:
    font = '<font><b/><sz val="9"/></font>'
    xml = f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="12"/></font></fonts></styleSheet>'
    package, styles = _styles(xml)
    assert [styles.index("fonts", font), styles.index("fonts", font)] == [1, 1]
    styles.save()
    assert Styles(package, "xl/styles.xml").index("fonts", font) == 1
    root = package.document("xl/styles.xml").root
    assert [local_name(one) for one in root] == [
        "fonts",
        "fills",
        "borders",
        "cellStyleXfs",
        "cellXfs",
        "dxfs",
    ]
    assert root[0].get("count") == "2"


def test_fills_that_excel_reserves_are_never_ours() -> None:
    _, styles = _styles(f'<styleSheet xmlns="{MAIN}"/>')
    assert styles.index("fills", '<fill><patternFill patternType="gray125"/></fill>') == 2


def test_alternate_content_in_styles_counts_once() -> None:
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    either = (
        f'<mc:AlternateContent xmlns:mc="{mc}"><mc:Choice Requires="h"><font/></mc:Choice>'
        "<mc:Fallback><font/></mc:Fallback></mc:AlternateContent>"
    )
    _, styles = _styles(f'<styleSheet xmlns="{MAIN}"><fonts><font/>{either}</fonts></styleSheet>')
    assert styles.index("fonts", "<font><b/></font>") == 2


def test_the_calculation_chain_goes_with_its_relationship() -> None:
    content = parts()
    content["xl/_rels/workbook.xml.rels"] = relationships(
        ("rId1", f"{OFFICE}/worksheet", "worksheets/sheet1.xml"),
        ("rId2", f"{OFFICE}/calcChain", "calcChain.xml"),
    )
    content["xl/calcChain.xml"] = f'<calcChain xmlns="{MAIN}"><c r="A1" i="7"/></calcChain>'
    book = Workbook(Package(zipped(content)))
    book.drop_calculation_chain()
    assert "xl/calcChain.xml" not in book.package
    assert book.package.related("xl/workbook.xml", "calcChain") is None
    assert len(children(book.document.root, "sheets")) == 1


def test_a_workbook_s_own_names_are_not_those_of_its_sheets() -> None:
    book = Workbook(Package(zipped(parts())))
    assert book.own_names == {}
    book.add_name("PE_YEAR", "'附件1'!$B$5", sheet=book.sheets[0])
    book.add_name("PE_YEAR", "'附件1'!$B$6")
    book.add_name("PE_UNIT", "'附件1'!$B$7", sheet=book.sheets[0])
    assert book.own_names == {"PE_YEAR": "'附件1'!$B$6"}
