"""Word documents: the same findings as the workbook, in every way a document can be laid out; nothing lost in silence."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest

from perfeval_xl.errors import Unreadable
from perfeval_xl.findings import Report
from perfeval_xl.grid import Area, Book
from perfeval_xl.hosts import libreoffice
from perfeval_xl.hosts.limits import LIMITS
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.runs.checking import check
from tests import word
from tests.test_example import LISTED

W = word._W
HEAD = f'<w:document xmlns:w="{W}"><w:body>'
TAIL = "</w:body></w:document>"


def package(body: str, **parts: str) -> bytes:
    """The smallest document with this body; further parts by name, "/" written as "__"."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", HEAD + body + TAIL)
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return target.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def table(*rows: str, columns: int = 2) -> str:
    return f"<w:tbl><w:tblGrid>{'<w:gridCol/>' * columns}</w:tblGrid>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"


def read(tmp_path: Path, data: bytes, name: str = "报告.docx", **options: Any) -> Book:
    path = tmp_path / name
    path.write_bytes(data)
    return read_book(path, **options)


def texts(book: Book) -> dict[str, dict[str, str]]:
    from perfeval_xl.grid import a1

    return {
        grid.sheet: {
            a1(row, column): item.text for (row, column), item in sorted(grid.cells.items()) if row > 0
        }
        for grid in book.grids
    }


# -- the example ----------------------------------------------------------------------------------------------


def report_of(tmp_path: Path, layout: word.Layout, clean: bool) -> Report:
    path = tmp_path / "示例.docx"
    path.write_bytes(word.build(layout, clean))
    return check(path, policy="hunan-2023")


@pytest.mark.parametrize("layout", word.LAYOUTS)
def test_the_example_has_the_findings_of_the_workbook_one_by_one(tmp_path: Path, layout: word.Layout) -> None:
    report = report_of(tmp_path, layout, False)
    told = sorted(
        (finding.rule, finding.severity, finding.place.sheet, finding.place.cell)
        for finding in report.findings
        if finding.place is not None
    )
    wanted = sorted(
        (entry["rule"], entry["severity"], *word.where(entry["sheet"], entry["cell"], layout))
        for entry in LISTED["wrong"]
    )
    assert told == wanted
    assert report.unread == ()


@pytest.mark.parametrize("layout", ["before", "split"])
def test_the_clean_twin_is_silent(tmp_path: Path, layout: word.Layout) -> None:
    report = report_of(tmp_path, layout, True)
    assert [finding.message for finding in report.findings if finding.severity != "info"] == []
    assert report.verdict == "pass"


# -- tables ---------------------------------------------------------------------------------------------------


def test_merged_cells_keep_the_grid(tmp_path: Path) -> None:
    data = package(
        paragraph("附件3-1")
        + table(
            cell("甲", '<w:gridSpan w:val="2"/>') + cell("乙", '<w:vMerge w:val="restart"/>'),
            cell("1.50") + cell("92%") + cell("", "<w:vMerge/>"),
            '<w:trPr><w:gridBefore w:val="1"/></w:trPr>' + cell("丙") + cell("1,034.36"),
            columns=3,
        )
    )
    (grid,) = read(tmp_path, data).grids
    assert grid.sheet == "附件3-1"
    assert texts(read(tmp_path, data)) == {
        "附件3-1": {"A1": "甲", "C1": "乙", "A2": "1.50", "B2": "92%", "B3": "丙", "C3": "1,034.36"}
    }
    assert set(grid.merges) == {Area(1, 1, 1, 2), Area(1, 3, 2, 3)}
    assert str(grid.cells[(2, 2)].value) == "0.92"


def test_a_nested_table_is_a_table_of_its_own(tmp_path: Path) -> None:
    inner = table(cell("内甲") + cell("内乙"))
    data = package(paragraph("附件1") + table(f"<w:tc>{paragraph('外')}{inner}<w:p/></w:tc>", columns=1))
    assert list(texts(read(tmp_path, data)).values()) == [{"A1": "外"}, {"A1": "内甲", "B1": "内乙"}]


def test_a_table_goes_on_after_a_page_break_and_a_repeated_header_counts_once(tmp_path: Path) -> None:
    head = cell("一级指标") + cell("三级指标") + cell("年度指标值")
    first = table(head, cell("产出") + cell("甲") + cell("1个"), columns=3)
    second = table(head, cell("效益") + cell("乙") + cell("2个"), columns=3)
    data = package(paragraph("附件2") + first + '<w:p><w:r><w:br w:type="page"/></w:r></w:p>' + second)
    assert texts(read(tmp_path, data)) == {
        "附件2": {
            "A1": "一级指标",
            "B1": "三级指标",
            "C1": "年度指标值",
            "A2": "产出",
            "B2": "甲",
            "C2": "1个",
            "A4": "效益",
            "B4": "乙",
            "C4": "2个",
        }
    }


def test_a_heading_of_the_text_stays_in_the_text(tmp_path: Path) -> None:
    data = package(
        paragraph("2023年度甲局整体支出绩效自评报告")
        + paragraph("（二）项目支出情况")
        + table(cell("甲") + cell("1"))
    )
    assert texts(read(tmp_path, data)) == {
        "自评报告": {"A1": "2023年度甲局整体支出绩效自评报告", "A2": "（二）项目支出情况"},
        "表1": {"A1": "甲", "B1": "1"},
    }


def test_a_list_of_annexes_stays_in_the_text_and_a_caption_may_share_its_line(tmp_path: Path) -> None:
    lines = (
        "附件：",
        "1、单位整体支出绩效评价基础数据表",
        "2、单位整体支出绩效自评表",
        "附件2  2023年度部门整体支出绩效自评表",
        "单位：万元",
    )
    book = read(tmp_path, package("".join(map(paragraph, lines)) + table(cell("甲") + cell("乙"))))
    assert texts(book) == {
        "自评报告": {"A1": "附件：", "A2": lines[1], "A3": lines[2]},
        "附件2": {"A1": "甲", "B1": "乙"},
    }


def test_two_forms_of_one_caption_are_told_apart(tmp_path: Path) -> None:
    data = package((paragraph("附件3") + table(cell("甲") + cell("乙"))) * 2)
    assert list(texts(read(tmp_path, data))) == ["附件3", "附件3(2)"]


# -- text -----------------------------------------------------------------------------------------------------


def test_deleted_and_hidden_text_is_not_read_and_inserted_text_is(tmp_path: Path) -> None:
    body = (
        "<w:p><w:r><w:t>基本支出</w:t></w:r><w:del><w:r><w:delText>300</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>360.71</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>秘密</w:t></w:r>"
        "<w:r><w:instrText>PAGE</w:instrText><w:t>万元</w:t><w:br/><w:t>次行</w:t></w:r></w:p>"
    )
    assert texts(read(tmp_path, package(body))) == {"自评报告": {"A1": "基本支出360.71万元\n次行"}}


NUMBERING = (
    f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="7">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="（%2）"/></w:lvl>'
    '</w:abstractNum><w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num></w:numbering>'
)


def listed(text: str, level: int) -> str:
    properties = f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="3"/></w:numPr></w:pPr>'
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def test_the_numbers_word_puts_in_front_are_read(tmp_path: Path) -> None:
    body = "".join(
        (
            listed("概况", 0),
            listed("甲", 1),
            listed("乙", 1),
            listed("支出", 0),
            listed("丙", 1),
            *(listed("丁", 0) for _ in range(9)),
        )
    )
    lines = list(
        texts(read(tmp_path, package(body, **{"word__numbering.xml": NUMBERING})))["自评报告"].values()
    )
    assert lines[:5] == ["一、概况", "（1）甲", "（2）乙", "二、支出", "（1）丙"]
    assert lines[-1] == "十一、丁"


def test_headers_pictures_macros_and_links_are_said_and_footnotes_are_read(tmp_path: Path) -> None:
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://x/image" Target="http://192.0.2.1/a.png" TargetMode="External"/></Relationships>'
    )
    data = package(
        paragraph("正文"),
        **{
            "word__header1.xml": f'<w:hdr xmlns:w="{W}">{paragraph("内部资料注意保存")}</w:hdr>',
            "word__footnotes.xml": f'<w:footnotes xmlns:w="{W}"><w:footnote>{paragraph("含上年结转5万元")}</w:footnote></w:footnotes>',
            "word__media__image1.png": "x",
            "word__vbaProject.bin": "x",
            "word___rels__document.xml.rels": rels,
        },
    )
    book = read(tmp_path, data)
    assert texts(book) == {"自评报告": {"A1": "正文", "A2": "含上年结转5万元"}}
    assert len(book.notes) == 4
    for word_said in ("宏", "外部", "图片", "页眉"):
        assert any(word_said in note for note in book.notes)


# -- hostile and broken files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (package("").replace(b"PK\x05\x06", b"PK\x05\x07"), "损坏"),
        (package(paragraph("甲" * 10) + "<w:p>"), "XML"),
        (package(table(cell("甲", '<w:gridSpan w:val="9999"/>'))), "列数"),
        (package("<w:p><w:r><w:t>" + "甲" * 3_000_000 + "</w:t></w:r></w:p>"), "压缩"),
    ],
    ids=["cut", "broken", "columns", "bomb"],
)
def test_bad_documents_get_one_line(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said) as raised:
        read(tmp_path, data)
    assert "\n" not in str(raised.value)


def test_entities_are_refused(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml",
            '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + HEAD + paragraph("&x;") + TAIL,
        )
    with pytest.raises(Unreadable, match="DTD"):
        read(tmp_path, target.getvalue())


def test_too_many_cells_are_refused(tmp_path: Path) -> None:
    limits = LIMITS.changed(["cells=10"])
    with pytest.raises(Unreadable, match="太多"):
        read(tmp_path, package(table(*(cell("甲") + cell("乙") for _ in range(20)))), limits=limits)


def test_old_documents_come_through_libreoffice(tmp_path: Path) -> None:
    try:
        made = libreoffice.convert(word.build("before", False), ".docx", "doc", LIMITS)
    except libreoffice.OfficeError as error:
        pytest.skip(f"LibreOffice Writer is needed: {error}")
    path = tmp_path / "报告.doc"
    path.write_bytes(made)
    report = check(path, policy="hunan-2023")
    assert any(".doc" in unread.reason for unread in report.unread)
    told = {(finding.rule, str(finding.place)) for finding in report.findings}
    assert told == {
        (finding.rule, str(finding.place)) for finding in report_of(tmp_path, "before", False).findings
    }


def test_old_documents_without_libreoffice_get_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libreoffice, "program", lambda: None)
    from tests.hosts.reading.test_loading import ole

    with pytest.raises(Unreadable, match="另存为"):
        read(tmp_path, ole("WordDocument"), "报告.doc")


def test_the_file_is_never_written(tmp_path: Path) -> None:
    path = tmp_path / "报告.docx"
    path.write_bytes(word.build("before", False))
    before = path.read_bytes()
    check(path)
    assert path.read_bytes() == before


def test_what_word_itself_would_write_is_read(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("一、单位基本情况", level=1)
    document.add_paragraph("本单位编制20人。")
    target = io.BytesIO()
    document.save(target)
    assert texts(read(tmp_path, target.getvalue())) == {
        "自评报告": {"A1": "一、单位基本情况", "A2": "本单位编制20人。"}
    }
