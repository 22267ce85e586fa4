"""Word pages we write: valid, the same twice, read back as they were meant, and never anything but text."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from openxml_audit import OpenXmlValidator

from perfeval_xl.grid import Area
from perfeval_xl.hosts.limits import LIMITS
from perfeval_xl.hosts.reading import word
from perfeval_xl.hosts.word.pages import CAPTION, LYING_MM, SMALL, TABLE_TITLE, Box, Pages, Span, Table

TABLE = Table(
    (20, 60, 40, 36),
    4,
    {
        (0, 0): Box("一级指标", bold=True, fill="E9EEF5"),
        (0, 1): Box("三级指标", bold=True),
        (0, 2): Box("指标值", columns=2),
        (1, 0): Box("产出指标\n（50分）", rows=3),
        (1, 1): Box("培训人数", align="left"),
        (1, 2): Box("≥100人"),
        (1, 3): Box("1,034.36"),
        (3, 2): Box("合计", columns=2, open=("left",)),
    },
    header=1,
    splitting=frozenset({2}),
)


def sample() -> Pages:
    pages = Pages("试排")
    pages.title("2023年度整体支出绩效自评报告")
    pages.heading(1, "一、基本情况")
    pages.heading(2, "（一）机构")
    pages.heading(3, "1.人员")
    pages.paragraph([Span("编制"), Span("15", bold=True), Span("人。")])
    pages.page()
    pages.paragraph("附件3-1", CAPTION)
    pages.paragraph("2023年度项目支出绩效自评表", TABLE_TITLE)
    pages.table(TABLE)
    pages.table(TABLE)
    pages.page(lying=True)
    pages.paragraph("附件4", CAPTION)
    pages.table(Table((LYING_MM / 2, LYING_MM / 2), 1, {(0, 0): Box("合计")}, header=1))
    pages.paragraph("填表人：×××  联系电话：", SMALL)
    pages.page()
    pages.table(TABLE)
    return pages


@pytest.fixture(scope="module")
def made() -> bytes:
    return sample().to_bytes()


def opened(data: bytes) -> Any:
    return docx.Document(io.BytesIO(data))


def test_the_file_keeps_to_the_format(made: bytes, tmp_path: Path) -> None:
    path = tmp_path / "made.docx"
    path.write_bytes(made)
    assert [str(error) for error in OpenXmlValidator().validate(path).errors] == []


def test_the_same_calls_give_the_same_bytes_without_a_trace_of_who_made_them(made: bytes) -> None:
    assert sample().to_bytes() == made
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = opened(made).core_properties
    assert (properties.title, properties.author, properties.last_modified_by) == ("试排", "", "")


def test_pages_stand_upright_or_lie_with_the_margins_of_official_papers(made: bytes) -> None:
    upright, lying, again = opened(made).sections
    assert [round(upright.page_width.mm), round(upright.page_height.mm)] == [210, 297]
    assert [
        round(margin.mm)
        for margin in (upright.top_margin, upright.bottom_margin, upright.left_margin, upright.right_margin)
    ] == [37, 35, 28, 26]
    assert again.page_width == upright.page_width
    assert lying.orientation == WD_ORIENT.LANDSCAPE
    assert lying.page_width.mm - lying.left_margin.mm - lying.right_margin.mm == pytest.approx(
        LYING_MM, abs=0.1
    )


def test_every_section_has_its_page_number_at_the_outer_edge(made: bytes) -> None:
    for section in opened(made).sections:
        for footer, align in ((section.footer, "right"), (section.even_page_footer, "left")):
            paragraph = footer.paragraphs[0]._p
            assert "".join(paragraph.xpath(".//w:t/text()")) == "— 1 —"
            assert paragraph.find(f".//{qn('w:jc')}").get(qn("w:val")) == align
            assert paragraph.find(qn("w:fldSimple")).get(qn("w:instr")).strip() == "PAGE"


def test_headings_and_table_titles_stand_in_the_navigation_pane(made: bytes) -> None:
    document = opened(made)
    levels = {
        style.style_id: style._element.find(f".//{qn('w:outlineLvl')}").get(qn("w:val"))
        for style in document.styles
        if style._element.find(f".//{qn('w:outlineLvl')}") is not None
    }
    assert levels == {
        "Title": "0",
        "Heading1": "0",
        "Heading2": "1",
        "Heading3": "2",
        "Caption": "0",
        "TableTitle": "1",
    }
    assert [p.style.name for p in document.paragraphs[:5]] == [
        "Title", "Heading 1", "Heading 2", "Heading 3", "Body Text",
    ]  # fmt: skip


def test_tables_read_back_as_they_were_meant(made: bytes) -> None:
    book = word.read("made.docx", made, LIMITS)
    form = next(grid for grid in book.grids if grid.sheet == "附件3-1")
    texts = {place: cell.text for place, cell in form.cells.items() if 1 <= place[0] <= 4}
    assert texts == {(row + 1, column + 1): box.text for (row, column), box in TABLE.boxes.items()}
    assert Area(1, 3, 1, 4) in form.merges
    assert Area(2, 1, 4, 1) in form.merges


def test_header_rows_are_repeated_and_rows_stay_whole(made: bytes) -> None:
    rows = opened(made).tables[0]._tbl.tr_lst
    assert [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows] == [
        True,
        False,
        False,
        False,
    ]
    assert [row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows] == [
        True,
        True,
        False,
        True,
    ]


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60))
def test_any_text_stays_text(text: str) -> None:
    pages = Pages(text)
    pages.paragraph(text)
    pages.table(Table((50,), 1, {(0, 0): Box(text)}))
    document = opened(pages.to_bytes())
    assert not list(document.element.body.iter(qn("w:fldSimple"), qn("w:instrText"), qn("w:hyperlink")))
    assert document.paragraphs[0].text == document.tables[0].cell(0, 0).text
    assert set(document.paragraphs[0].text) <= set(text) | {"\n"}
    if text.isprintable():
        assert document.paragraphs[0].text == text


def test_the_library_is_loaded_only_when_a_page_is_made() -> None:
    code = "import sys, perfeval_xl.hosts.word.pages; assert 'docx' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
