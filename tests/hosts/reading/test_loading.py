"""The door: every bad file becomes one clear Chinese line; nothing is written, nothing is resolved."""

from __future__ import annotations

import io
import os
import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from perfeval_xl.errors import Unreadable
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.reading.loading import read_book
from tests.hosts.hostfiles import parts, write

GOOD = parts('<row r="1"><c r="A1"><v>1</v></c></row>')


def package(content: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def ole(*streams: str) -> bytes:
    """The start of an OLE file and a directory naming the streams."""
    out = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0")
    for stream in ("Root Entry", *streams):
        name = (stream + "\0").encode("utf-16-le")
        out += name.ljust(64, b"\0") + struct.pack("<HB", len(name), 2) + bytes(61)
    return out.ljust(4096, b"\0")


def refusal(path: Path, host: str | None = None, limits: Limits | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        read_book(path, host, limits or LIMITS)
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(path.name + "：")
    assert line.endswith("。")
    assert not re.search(r"[A-Za-z]+Error|Traceback|0x|errno", line, re.IGNORECASE)
    return line


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "0 字节"),
    "zeros": (bytes(5000), "全是零"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
    "rtf": (b"{\\rtf1\\ansi", "RTF"),
    "png": (b"\x89PNG\r\n\x1a\n\0\0", "图片"),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF", "图片"),
    "rar": (b"Rar!\x1a\x07\0", "压缩包"),
    "csv utf-8": ("单位,编制数\n财政局,10\n".encode(), "CSV"),
    "csv gb18030": ("单位,编制数\n财政局,10\n".encode("gb18030"), "CSV"),
    "csv utf-16": ("单位\t编制数\n".encode("utf-16"), "CSV"),
    "html": (b"\xef\xbb\xbf\r\n<HTML><body><table>", "HTML"),
    "html gbk": ('<!DOCTYPE html><meta charset="gbk"><title>自评表'.encode("gbk"), "HTML"),
    "html table": (b"<table border=1><tr><td>1</td></tr></table>", "HTML"),
    "mht": (b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n", "MHT"),
    "xml 2003": (
        b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook>',
        "XML 表格 2003",
    ),
    "xml": (b'<?xml version="1.0"?><data/>', "XML"),
    "biff2": (b"\x09\x00\x04\x00\x02\x00\x10\x00", "旧工作簿"),
    "binary": (bytes(range(256)) * 20, "认不出"),
    "ole encrypted": (ole("EncryptionInfo", "EncryptedPackage"), "密码"),
    "ole ppt": (ole("PowerPoint Document"), "PPT"),
    "ole other": (ole("Contents"), "没有工作簿"),
    "ole workbook of nothing": (ole("Workbook"), "损坏"),
    "pptx": (package({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<d/>"}), "PPT"),
    "ofd": (package({"OFD.xml": "<d/>"}), "OFD"),
    "odt": (package({"mimetype": "application/vnd.oasis.opendocument.text"}), "OpenDocument"),
    "ods with password": (
        package(
            {
                "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
                "META-INF/manifest.xml": "<m:manifest xmlns:m='urn:m'><m:encryption-data/></m:manifest>",
            }
        ),
        "密码",
    ),
    "ods of nothing": (package({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "损坏"),
    "xlsb of nothing": (package({"xl/workbook.bin": "x"}), "损坏"),
    "zip": (package({"a.txt": "a"}), "压缩包"),
    "empty zip": (package({}), "压缩包"),
    "opc of nothing": (package({"[Content_Types].xml": "<Types/>"}), "没有工作簿"),
    "truncated": (package(GOOD)[: len(package(GOOD)) // 2], "没有传完"),
    "only a signature": (b"PK\x03\x04", "没有传完"),
    "workbook that is no xml": (package({**GOOD, "xl/workbook.xml": "no xml"}), "损坏"),
    "workbook without sheets": (package({**GOOD, "xl/workbook.xml": "<workbook/>"}), "没有工作表"),
    "styles that are no xml": (package({**GOOD, **parts(styles="<oops>")}), "损坏"),
    "unknown encoding": (
        package({**GOOD, "xl/worksheets/sheet1.xml": "<?xml version='1.0' encoding='UT-1F-8'?><worksheet/>"}),
        "损坏",
    ),
    "damaged relationships": (
        package(
            {
                **GOOD,
                "xl/_rels/workbook.xml.rels": "<Relationships><Relationship Target='a' No='1'/></Relationships>",
            }
        ),
        "",
    ),
    "sheet cut off": (package({**GOOD, "xl/worksheets/sheet1.xml": "<worksheet><sheetData>"}), "损坏"),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("extension", ["xlsx", "xls"])
def test_bad_content(tmp_path: Path, kind: str, extension: str) -> None:
    content, reason = BAD[kind]
    path = tmp_path / f"自评 表.{extension}"
    path.write_bytes(content)
    assert reason in refusal(path)


def test_bytes_that_changed_on_the_way(tmp_path: Path) -> None:
    content = bytearray(package(GOOD))
    place = content.index(b"xl/worksheets/sheet1.xml") + 40
    content[place : place + 20] = bytes(20)
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert "损坏" in refusal(path)


def test_nothing_there(tmp_path: Path) -> None:
    assert "找不到" in refusal(tmp_path / "没有.xlsx")


def test_a_folder(tmp_path: Path) -> None:
    assert "文件夹" in refusal(tmp_path)


def test_impossible_paths(tmp_path: Path) -> None:
    for name in ("长" * 300 + ".xlsx", "a\0b.xlsx"):
        with pytest.raises(Unreadable):
            read_book(tmp_path / name)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="everything is readable here")
def test_no_permission(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", GOOD)
    path.chmod(0)
    assert "没有权限" in refusal(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.xlsx")
    assert "不是普通文件" in refusal(tmp_path / "a.xlsx")


def test_a_lock_file(tmp_path: Path) -> None:
    path = tmp_path / "~$自评表.xlsx"
    path.write_bytes(b"\x0c" + b"clerk" * 33)
    assert "锁文件" in refusal(path)


def test_a_name_with_a_line_break_stays_one_line(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        read_book(tmp_path / "a\nb.xlsx")
    assert "\n" not in str(caught.value)


# --- hostile packages ----------------------------------------------------


def test_a_zip_bomb(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", {**GOOD, "xl/media/zeros.bin": bytes(20_000_000)})
    assert "压缩炸弹" in refusal(path)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(file_bytes=100), "文件太大"),
        (Limits(unpacked_bytes=1_000), "展开后太大"),
        (Limits(part_bytes=100), "展开后太大"),
        (Limits(parts=3), "部件太多"),
    ],
)
def test_limits(tmp_path: Path, limits: Limits, reason: str) -> None:
    assert reason in refusal(write(tmp_path / "a.xlsx", GOOD), limits=limits)


def test_a_part_that_unpacks_to_more_than_it_says(tmp_path: Path) -> None:
    content = bytearray(
        package({**GOOD, "xl/worksheets/sheet1.xml": "<worksheet>" + " " * 300_000 + "</worksheet>"})
    )
    size = struct.pack("<L", 11 + 300_000 + 12)
    place = content.index(size)
    while place >= 0:
        content[place : place + 4] = struct.pack("<L", 30)
        place = content.find(size, place + 4)
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert "损坏" in refusal(path)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "part",
    [
        "[Content_Types].xml",
        "_rels/.rels",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "xl/worksheets/sheet1.xml",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_are_refused_everywhere(tmp_path: Path, part: str, encoding: str) -> None:
    before = parts("<row/>", strings="<si><t>a</t></si>", styles="<cellXfs/>")
    content: dict[str, str | bytes] = {**before}
    xml = f'<?xml version="1.0" encoding="{encoding}"?><!-- {"x" * 9_000} -->{BOMB}{before[part]}'
    content[part] = xml.encode(encoding)
    assert "DTD" in refusal(write(tmp_path / "a.xlsx", content))


def test_external_entities_are_never_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    content = parts(strings="<si><t>&x;</t></si>")
    doctype = f'<!DOCTYPE sst [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    content["xl/sharedStrings.xml"] = doctype + content["xl/sharedStrings.xml"]
    assert "DTD" in refusal(write(tmp_path / "a.xlsx", content))


def test_each_parser_refuses_document_types_by_itself(tmp_path: Path) -> None:
    """Were the check at the door passed by, no parser behind it would resolve an entity."""
    from perfeval_xl.hosts.limits import Forbidden
    from perfeval_xl.hosts.package.relationships import relationships
    from perfeval_xl.hosts.package.tree import fromstring
    from perfeval_xl.hosts.reading.xlsx import read

    content = parts("<row/>")
    content["xl/worksheets/sheet1.xml"] = BOMB + content["xl/worksheets/sheet1.xml"]
    with pytest.raises(Forbidden):
        read("a.xlsx", package(content), Limits())
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    document = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><a>&x;</a>'.encode()
    with pytest.raises(Forbidden):
        fromstring(document)
    with pytest.raises(Forbidden):
        relationships("", document)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_parts_of_one_name_are_ambiguous(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", GOOD)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/worksheets/Sheet1.xml", "<worksheet/>")
    assert "重名" in refusal(path)


def test_an_encrypted_zip(tmp_path: Path) -> None:
    content = bytearray(package(GOOD))
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert "密码" in refusal(path)


# --- the rest of the contract --------------------------------------------


def test_the_input_is_never_written(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", GOOD)
    before, times = path.read_bytes(), path.stat().st_mtime_ns
    path.chmod(0o444)
    for host in ("openpyxl", "calamine"):
        read_book(path, host)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, times)
    assert [each.name for each in tmp_path.iterdir()] == ["a.xlsx"]


def test_an_unknown_host_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="openpyxl, calamine"):
        read_book(tmp_path / "a.xlsx", "excel")


def test_importing_the_door_imports_no_library() -> None:
    code = (
        "import sys, perfeval_xl.hosts.reading.loading; "
        "print([name for name in ('openpyxl', 'python_calamine', 'lxml') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
