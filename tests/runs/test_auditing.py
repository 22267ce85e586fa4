"""The 审核报告 as a document: valid, A4, the same twice, plain text, linear, and readable without colour."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from openxml_audit import OpenXmlValidator

from perfeval_xl.findings import Report
from perfeval_xl.hosts import libreoffice
from perfeval_xl.hosts.libreoffice import OfficeError
from perfeval_xl.runs import auditing
from tests.live import REQUIRED
from tests.report import samples

WHEN = dt.datetime(2024, 5, 3, 9, 7)
HASH = "0123456789abcdef" * 4


def made(report: Report, suffix: str = ".docx", **more: Any) -> bytes:
    return auditing.audit_report(report, suffix, **{"when": WHEN, "hashes": [HASH], **more})


def repeated(times: int) -> Report:
    report = samples.example()
    return dataclasses.replace(
        report, findings=tuple(dataclasses.replace(item) for _ in range(times) for item in report.findings)
    )


@pytest.mark.parametrize(
    "make", [samples.example, samples.county, samples.empty, samples.hostile, samples.report]
)
def test_the_file_keeps_to_the_format(make: Any, tmp_path: Path) -> None:
    path = tmp_path / "made.docx"
    path.write_bytes(made(make()))
    assert [str(error) for error in OpenXmlValidator().validate(path).errors] == []


def test_the_same_check_gives_the_same_bytes() -> None:
    assert made(samples.county()) == made(samples.county())


def test_a4_upright_and_no_table_wider_than_the_text() -> None:
    document = docx.Document(io.BytesIO(made(samples.example())))
    (section,) = document.sections
    width, height = section.page_width, section.page_height
    left, right = section.left_margin, section.right_margin
    assert width is not None
    assert height is not None
    assert left is not None
    assert right is not None
    assert [round(width.mm), round(height.mm)] == [210, 297]
    room = width - left - right
    widths = [sum(column.width or 0 for column in table.columns) for table in document.tables]
    assert len(widths) >= 6
    assert all(abs(wide - room) < 20_000 for wide in widths)  # half a millimetre


def test_headings_of_lists_are_repeated_and_rows_stay_whole() -> None:
    document = docx.Document(io.BytesIO(made(samples.example())))
    lists = [table for table in document.tables if table.cell(0, 0).text == "序号"]
    assert len(lists) == 2
    for table in lists:
        for index, row in enumerate(table._tbl.tr_lst):
            assert (row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None) == (index == 0)
            assert row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None
            assert (next(row.iter(qn("w:keepNext")), None) is not None) == (index == 0)


def test_every_page_says_whose_it_is_and_how_many_there_are() -> None:
    (section,) = docx.Document(io.BytesIO(made(samples.county()))).sections
    for footer in (section.footer, section.even_page_footer):
        text = "".join(footer._element.xpath(".//w:t/text()"))
        assert text == "某县图书馆　2023年度　校验码 0123456789ab　第 1 页　共 1 页"
        fields = [field.get(qn("w:instr")).strip() for field in footer._element.iter(qn("w:fldSimple"))]
        assert fields == ["PAGE", "NUMPAGES"]


def test_room_to_sign() -> None:
    table = next(
        table
        for table in docx.Document(io.BytesIO(made(samples.county()))).tables
        if "退回改正" in table.cell(0, 0).text
    )
    cells = [[cell.text for cell in row.cells] for row in table.rows[1:]]
    assert cells == [["审核人", "", "复核人", ""], ["单位负责人", "", "日期", "年　　月　　日"]]


def test_hostile_text_is_plain_text() -> None:
    with zipfile.ZipFile(io.BytesIO(made(samples.hostile()))) as package:
        body = package.read("word/document.xml").decode()
        rest = b"".join(package.read(name) for name in package.namelist() if name != "word/document.xml")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body
    assert "<script" not in body + rest.decode("utf-8", "replace")
    assert not re.search(r"w:(hyperlink|instrText|fldSimple|object|drawing)\b", body)


def test_no_meaning_by_colour() -> None:
    """One light grey behind names and headings, and black for all the rest."""
    with zipfile.ZipFile(io.BytesIO(made(samples.county()))) as package:
        body = package.read("word/document.xml").decode()
    assert set(re.findall(r'w:fill="(\w+)"', body)) == {"EDEDED"}
    assert "<w:color " not in body
    assert "<w:highlight " not in body


def test_five_hundred_findings_grow_the_document_in_proportion() -> None:
    """Counted, not timed: every finding takes the same number of elements."""

    def elements(times: int) -> int:
        document = docx.Document(io.BytesIO(made(repeated(times))))
        return sum(1 for _ in document.element.body.iter())

    few, more, most = elements(3), elements(6), elements(12)
    assert len(repeated(12).findings) > 500
    # Only the first of each rule says its basis in full, which takes as many elements as the reference to it.
    assert most - more == pytest.approx(2 * (more - few), rel=0.02)


def test_names_beside_the_checked_file() -> None:
    assert auditing.file_name("C/某 单位.2023.xlsx", ".docx") == "某 单位.2023-审核报告.docx"
    assert auditing.file_name(Path("a.docx"), ".pdf", 2) == "a-审核报告（2）.pdf"


@pytest.mark.skipif(libreoffice.program() is None and not REQUIRED, reason="LibreOffice is not installed")
def test_pdf_of_many_findings(tmp_path: Path) -> None:
    path = tmp_path / "报告.pdf"
    path.write_bytes(made(repeated(12), ".pdf"))
    pages = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    texts = pages.stdout.decode().split("\f")[:-1]
    first, *lists = [text.replace(" ", "") for text in texts]
    assert "三、审核意见" in first
    assert "单位负责人" in first
    assert "四、先改这几处" in lists[0]
    assert "五、错误" in lists[0] + lists[1]
    assert all(f"第{number}页" in text for number, text in enumerate(lists, 2))
    assert sum("序号" in text for text in lists) > len(lists) * 0.9


def test_without_libreoffice_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libreoffice, "program", lambda: None)
    with pytest.raises(OfficeError, match=r"没有找到 LibreOffice，不能生成 PDF.*\.docx"):
        made(samples.county(), ".pdf")
