"""Hand-made workbooks: the smallest packages, so that each test shows the one thing it is about."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_RELS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"

CONTENT_TYPES = """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"""


def parts(
    data: str = "",
    *,
    before: str = "",
    after: str = "",
    strings: str | None = None,
    styles: str | None = None,
    date1904: bool = False,
    strict: bool = False,
) -> dict[str, str]:
    """The parts of a one-sheet workbook whose ``<sheetData>`` holds ``data``."""
    main, rels = (STRICT_MAIN, STRICT_RELS) if strict else (MAIN, RELS)
    relations = [("sheet1", "worksheet", "worksheets/sheet1.xml")]
    out = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": relationships([("rId1", "officeDocument", "xl/workbook.xml")], rels),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rels}">'
        f'<workbookPr date1904="{int(date1904)}"/><sheets><sheet name="附件1" sheetId="1" r:id="sheet1"/></sheets>'
        "</workbook>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}">{before}<sheetData>{data}</sheetData>{after}'
        "</worksheet>",
    }
    if strings is not None:
        relations.append(("strings", "sharedStrings", "sharedStrings.xml"))
        out["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{strings}</sst>'
    if styles is not None:
        relations.append(("styles", "styles", "styles.xml"))
        out["xl/styles.xml"] = f'<styleSheet xmlns="{main}">{styles}</styleSheet>'
    out["xl/_rels/workbook.xml.rels"] = relationships(relations, rels)
    return out


def relationships(relations: list[tuple[str, str, str]], namespace: str = RELS) -> str:
    items = "".join(
        f'<Relationship Id="{key}" Type="{namespace}/{kind}" Target="{target}"/>'
        for key, kind, target in relations
    )
    return f'<Relationships xmlns="{PACKAGE_RELS}">{items}</Relationships>'


def packed(data: str, strings: str | None = None) -> bytes:
    """The bytes of such a workbook."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in parts(data, strings=strings).items():
            archive.writestr(name, text)
    return stream.getvalue()


def write(path: Path, content: Mapping[str, str | bytes]) -> Path:
    """The package on disk."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return path
