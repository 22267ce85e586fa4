"""Files of other kinds made to hurt: old formats, tables of indicators, settings."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from tests.hosts.reading.hostile import stored

_CDF = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"


def _compound(sector: Callable[[int], int], stream: bytes) -> bytes:
    """A compound file of one stream "Workbook" whose sectors go on as a function says."""
    size = 512
    count = 120
    table = struct.pack(f"<{size // 4}I", *(sector(one) & 0xFFFFFFFF for one in range(size // 4)))
    name = "Workbook".encode("utf-16-le")
    entry = name.ljust(64, b"\0") + struct.pack("<HBBIII", len(name) + 2, 2, 1, *[0xFFFFFFFF] * 3) + bytes(36)
    entry += struct.pack("<III", 2, 0x7FFFFFFF, 0)
    root = "Root Entry".encode("utf-16-le")
    first = (
        root.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(root) + 2, 5, 1, 0xFFFFFFFF, 0xFFFFFFFF, 1)
        + bytes(36)
    )
    first += struct.pack("<III", 0xFFFFFFFE, 0, 0)
    directory = (first + entry).ljust(size, b"\0")
    head = _CDF + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<I", 0)
    head = head.ljust(size, b"\xff")
    return head + table + directory + stream.ljust(size * count, b"\0")


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


_BOF = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
#: Strings that are not there, a sheet that lies elsewhere, a cell in the last corner.
_BIFF = (
    _BOF + _record(0xFC, struct.pack("<II", 0x7FFFFFFF, 0x7FFFFFFF) + b"\xff\xff\0" + bytes(60))
    + _record(0x85, struct.pack("<IBBBB", 0x7FFFFFFF, 0, 0, 2, 0) + b"ab") + _record(0x203, struct.pack("<HHHd", 0xFFFF, 0xFF, 0, 1.0)) + _record(0xA, b"")
)  # fmt: skip


def _ods(table: str) -> bytes:
    name = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(f'xmlns:{prefix}="{name}:{prefix}:1.0"' for prefix in ("office", "table", "text"))
    return stored(
        {
            "mimetype": _ODS,
            "content.xml": f'<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="附件1">{table}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{name}:manifest:1.0"/>',
        }
    )


def _ods_cell(more: str, text: str = "附件1") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def _xlsb(body: bytes) -> bytes:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    space = "http://schemas.openxmlformats.org/package/2006/relationships"

    def links(target: str, name: str) -> str:
        return f'<Relationships xmlns="{space}"><Relationship Id="rId1" Type="{kind}/{name}" Target="{target}"/></Relationships>'

    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="bin" '
        'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
    )
    sheet = (
        struct.pack("<II", 0, 1)
        + struct.pack("<I", 4)
        + "rId1".encode("utf-16-le")
        + struct.pack("<I", 3)
        + "附件1".encode("utf-16-le")
    )
    book = b"\x83\x01\0\x8f\x01\0\x9c\x01" + bytes([len(sheet)]) + sheet + b"\x90\x01\0\x84\x01\0"
    return stored(
        {
            "[Content_Types].xml": types, "_rels/.rels": links("xl/workbook.bin", "officeDocument"), "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": links("worksheets/sheet1.bin", "worksheet"), "xl/worksheets/sheet1.bin": body,
        }
    )  # fmt: skip


_ROWS = b"\x81\x01\0\x91\x01\0"
_REAL = b"\x05\x10" + struct.pack("<IId", 0, 0, 1.5)

#: By name: the suffix and the bytes.
OLD: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "sectors in a circle": (".xls", lambda: _compound(lambda one: (one % 3) + 1, _BIFF)),
    "sectors that end": (".xls", lambda: _compound(lambda _: -2, _BIFF)),
    "records of .xls": (".xls", lambda: _compound(lambda one: one + 1, _BIFF)),
    "a signature alone": (".xls", lambda: _CDF + bytes(4_000)),
    "rows repeated": (".ods", lambda: _ods('<table:table-row table:number-rows-repeated="1048576">' + _ods_cell('table:number-columns-repeated="16384"') + "</table:table-row>")),
    "rows repeated beyond numbers": (".ods", lambda: _ods(f'<table:table-row table:number-rows-repeated="{"9" * 40}">{_ods_cell("")}</table:table-row>')),
    "cells repeated, long": (".ods", lambda: _ods("<table:table-row>" + _ods_cell('table:number-columns-repeated="16384"', "长" * 9_000) + "</table:table-row>")),
    "elements of .ods": (".ods", lambda: _ods("<table:table-row>" + "<text:p>" * 90_000 + "</text:p>" * 90_000 + "</table:table-row>")),
    "cells of .xlsb in the corner": (".xlsb", lambda: _xlsb(_ROWS + b"\0\x04" + struct.pack("<I", 0x7FFFFFFF) + _REAL + b"\x92\x01\0\x82\x01\0")),
    "cells of .xlsb without end": (".xlsb", lambda: _xlsb(_ROWS + _REAL * 1_500_000 + b"\x92\x01\0\x82\x01\0")),
    "a length of .xlsb": (".xlsb", lambda: _xlsb(_ROWS + b"\x06\xff\xff\xff\x7f" + bytes(90))),
}  # fmt: skip

#: Tables for ``judge --csv``.
TABLES: Mapping[str, Callable[[], bytes]] = {
    "a field of 9 MB": lambda: ("target,actual\n" + "5" * 9_000_000 + ",6\n").encode(),
    "columns without end": lambda: ("target,actual" + ",a" * 400_000 + "\n" + "5,6" + ",1" * 400_000 + "\n").encode(),
    "quotes without end": lambda: ('target,actual\n"' + '""' * 2_000_000).encode(),
    "rows of nothing": lambda: b"target,actual\n" + b",\n" * 200_000,
    "zeros": lambda: b"target,actual\n" + b"\0" * 900_000,
    "GB18030 that is cut": lambda: "年度指标值,实际完成值\n≥5人,六".encode("gb18030")[:-1],
    "targets without end": lambda: ("target,actual\n" + "≥5个，" * 300_000 + ",六\n").encode(),
}  # fmt: skip

#: Settings, for ``--policy`` and ``--accept``.
SETTINGS: Mapping[str, Callable[[], bytes]] = {
    "tables of settings": lambda: b"".join(b"[a%d]\n" % one for one in range(60_000)),
    "keys of settings": lambda: b"[severity]\n" + b"".join(b'PE%d = "off"\n' % one for one in range(60_000)),
    "accepted without end": lambda: b'[[accepted]]\nfingerprint = "0123456789abcdef"\nreason = "a"\n' * 20_000,
    "a list within lists": lambda: b"a = " + b"[" * 90_000 + b"]" * 90_000,
    "a key of dots": lambda: b"a" + b".a" * 60_000 + b" = 1",
    "a figure of digits": lambda: b"[execution]\nfloor = " + b"9" * 300_000,
    "a date that is none": lambda: b"[valid]\nfrom = 9999-12-31T23:59:60.999999999999999+99:99\n",
}  # fmt: skip
