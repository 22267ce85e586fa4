"""What Word documents hold besides plain paragraphs and tables, kind by kind, several variants of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from perfeval_xl.findings import Report
from perfeval_xl.grid import Book
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.runs.checking import check
from tests.hosts.reading.test_word import package, paragraph

MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
OLE = '<w:p><w:r><w:object><o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office" Type="Embed" ProgID="{}"/></w:object></w:r></w:p>'
PICTURE = '<w:p><w:r><w:drawing><a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"/></w:drawing></w:r></w:p>'
BREAK = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'


def run(inner: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr>{inner}</w:r>"


def text(words: str) -> str:
    return f'<w:t xml:space="preserve">{words}</w:t>'


def cell(words: Any, span: int = 1, more: str = "") -> str:
    inner = str(words) if str(words).startswith("<w:") else paragraph("" if words is None else str(words))
    return f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/>{more}</w:tcPr>{inner}</w:tc>'


def row(*cells: Any) -> str:
    return (
        "<w:tr>" + "".join(one if str(one).startswith("<w:tc>") else cell(one) for one in cells) + "</w:tr>"
    )


def table(*rows: str, widths: tuple[int, ...] = ()) -> str:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return f"<w:tbl><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def read(tmp_path: Path, body: str) -> Book:
    path = tmp_path / "文件.docx"
    path.write_bytes(package(body))
    return read_book(path)


def checked(tmp_path: Path, body: str) -> Report:
    path = tmp_path / "文件.docx"
    path.write_bytes(package(body))
    return check(path, partial=True)


def lines(book: Book) -> list[str]:
    return [one.text for grid in book.grids for one in grid.cells.values()]


# -- paragraphs ---------------------------------------------------------------------------------------------------

SYMBOLS = {
    "w:sym of Symbol": (run('<w:sym w:font="Symbol" w:char="F0A3"/>') + run(text("120场")), "≤120场"),
    "a code without F0": (run('<w:sym w:font="Symbol" w:char="00B3"/>') + run(text("5")), "≥5"),
    "letters in the font": (
        run(text("³"), '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>') + run(text("95%")),
        "≥95%",
    ),
    "letters of the private use": (run(text("\uf0a3 30天")), "≤ 30天"),
    "times and plus or minus": (
        run('<w:sym w:font="Symbol" w:char="F0B4"/><w:sym w:font="Symbol" w:char="F0B1"/>'),
        "×±",
    ),
    "boxes of Wingdings": (
        run('<w:sym w:font="Wingdings" w:char="F0FE"/>')
        + run(text("整体"))
        + run('<w:sym w:font="Wingdings" w:char="F0A8"/>'),
        "☑整体□",
    ),
    "boxes of Wingdings 2": (run('<w:sym w:font="Wingdings 2" w:char="F052"/>') + run(text("是")), "☑是"),
    "Chinese in the font stays": (
        run(text("共3个"), '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>'),
        "共3个",
    ),
    "no number of a symbol": (run('<w:sym w:font="Symbol" w:char="zz"/>') + run(text("5")), "5"),
}

EQUATIONS = {
    "a run": ("<m:r><m:t>≥95%</m:t></m:r>", "≥95%"),
    "runs": ("<m:r><m:t>≤</m:t></m:r><m:r><m:t>30天</m:t></m:r>", "≤30天"),
    "a fraction": (
        "<m:f><m:fPr/><m:num><m:r><m:t>90</m:t></m:r></m:num><m:den><m:r><m:t>100</m:t></m:r></m:den></m:f>",
        "90/100",
    ),
    "a square": (
        "<m:r><m:t>50</m:t></m:r><m:sSup><m:e><m:r><m:t>m</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>",
        "50m²",
    ),
    "a root": ("<m:rad><m:deg/><m:e><m:r><m:t>4</m:t></m:r></m:e></m:rad>", "√4"),
    "brackets": ("<m:d><m:dPr/><m:e><m:r><m:t>1</m:t></m:r></m:e></m:d>", "(1)"),
}

HIDDEN = {
    "off by 0": ('<w:vanish w:val="0"/>', True),
    "off by false": ('<w:vanish w:val="false"/>', True),
    "off by off": ('<w:vanish w:val="off"/>', True),
    "on": ("<w:vanish/>", False),
    "on by 1": ('<w:vanish w:val="1"/>', False),
    "on by true": ('<w:vanish w:val="true"/>', False),
}


@pytest.mark.parametrize(("inner", "shown"), SYMBOLS.values(), ids=SYMBOLS)
def test_symbols(tmp_path: Path, inner: str, shown: str) -> None:
    assert lines(read(tmp_path, f"<w:p>{inner}</w:p>")) == [shown]


@pytest.mark.parametrize(("inner", "shown"), EQUATIONS.values(), ids=EQUATIONS)
def test_equations(tmp_path: Path, inner: str, shown: str) -> None:
    assert lines(read(tmp_path, f"<w:p><m:oMath {MATH}>{inner}</m:oMath></w:p>")) == [shown]
    apart = f"<w:p>{run(text('目标'))}<m:oMathPara {MATH}><m:oMath>{inner}</m:oMath></m:oMathPara></w:p>"
    assert lines(read(tmp_path, apart)) == ["目标" + shown]


@pytest.mark.parametrize(("properties", "shown"), HIDDEN.values(), ids=HIDDEN)
def test_hidden_text(tmp_path: Path, properties: str, shown: bool) -> None:
    book = read(tmp_path, f"<w:p>{run(text('共'))}{run(text('918.9'), properties)}</w:p>")
    assert lines(book) == ["共918.9" if shown else "共"]


def test_a_deleted_paragraph_mark_joins_the_next(tmp_path: Path) -> None:
    deleted = f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{run(text('基本支出'))}</w:p>"
    assert lines(read(tmp_path, deleted + paragraph("412.4万元"))) == ["基本支出412.4万元"]
    assert lines(read(tmp_path, table(row(cell(deleted + paragraph("412.4万元")), "乙", "丙")))) == [
        "基本支出412.4万元", "乙", "丙",
    ]  # fmt: skip


def test_phonetic_guides_are_no_text(tmp_path: Path) -> None:
    ruby = f"<w:p><w:r><w:ruby><w:rt>{run(text('chu'))}</w:rt><w:rubyBase>{run(text('支出'))}</w:rubyBase></w:ruby></w:r></w:p>"
    assert lines(read(tmp_path, ruby)) == ["支出"]


# -- contents pages -------------------------------------------------------------------------------------------------


def _field(words: str, page: str, code: str = " PAGEREF _Toc1 \\h ") -> str:
    return (
        f"<w:p>{run(text(words))}{run('<w:tab/>')}{run('<w:fldChar w:fldCharType=&quot;begin&quot;/>'.replace('&quot;', chr(34)))}"
        f"{run(f'<w:instrText>{code}</w:instrText>')}{run(text(page))}</w:p>"
    )


CONTENTS = {
    "PAGEREF": _field("一、单位基本情况", "3"),
    "the field itself": _field("一、单位基本情况", "3", ' TOC \\o "1-3" '),
    "style TOC1": f'<w:p><w:pPr><w:pStyle w:val="TOC1"/></w:pPr>{run(text("一、单位基本情况3"))}</w:p>',
    "style 目录2": f'<w:p><w:pPr><w:pStyle w:val="目录2"/></w:pPr>{run(text("一、单位基本情况3"))}</w:p>',
    "a gallery": "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val='Table of Contents'/></w:docPartObj></w:sdtPr>"
    f"<w:sdtContent>{paragraph('一、单位基本情况')}</w:sdtContent></w:sdt>",
    "typed with dots": paragraph("一、单位基本情况……………………3"),
    "typed with points": paragraph("一、单位基本情况........................ 3"),
    "typed with a tab": f"<w:p>{run(text('一、单位基本情况'))}{run('<w:tab/>')}{run(text('3'))}</w:p>",
}


@pytest.mark.parametrize("entry", CONTENTS.values(), ids=CONTENTS)
def test_a_contents_page_is_no_text(tmp_path: Path, entry: str) -> None:
    body = paragraph("目  录") + entry + paragraph("一、单位基本情况") + paragraph("核定编制10人。")
    assert lines(read(tmp_path, body)) == ["一、单位基本情况", "核定编制10人。"]


def test_a_sentence_that_refers_to_a_page_is_text(tmp_path: Path) -> None:
    said = f"<w:p>{run(text('数字见第'))}{run('<w:instrText> PAGEREF a </w:instrText>')}{run(text('3页。'))}</w:p>"
    assert lines(read(tmp_path, said + paragraph("全年支出912.4"))) == ["数字见第3页。", "全年支出912.4"]


# -- tables that go on ------------------------------------------------------------------------------------------------

HEADER = ("指标", "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分")
TOP = (
    row(cell("2023年度项目支出绩效自评表", 8)),
    row(cell("项目名称", 2), cell("水利维护", 6)),
    row(*HEADER),
    row("绩效", "产出指标", "数量指标", "维护水闸", "≥10座", "10座", 30, 30),
)
REST = (
    ("绩效", "产出指标", "质量指标", "验收合格率", "100%", "100%", 30, 30),
    ("绩效", "满意度指标", "服务对象满意度指标", "群众满意度", "≥90%", "95%", 40, 40),
)
TOTAL = row(cell("总分", 6), 100, 100)
FIRST = table(*TOP, widths=(500,) * 8)
SECOND = table(*(row(*values) for values in REST), TOTAL, widths=(500,) * 8)
NARROW = table(*(row(*values[1:]) for values in REST), row(cell("总分", 5), 100, 100), widths=(500,) * 7)
FINE = table(
    *(row(*values[:-1], cell(values[-1], 2)) for values in REST), row(cell("总分", 6), 100, cell(100, 2)),
    widths=(500,) * 7 + (250, 250),
)  # fmt: skip
AGAIN = table(row(*HEADER), *(row(*values) for values in REST), TOTAL, widths=(500,) * 8)
NARROW_AGAIN = table(
    row(*HEADER[1:]),
    *(row(*values[1:]) for values in REST),
    row(cell("总分", 5), 100, 100),
    widths=(500,) * 7,
)
MARKED = table(
    row(cell("续表", 8)), row(*HEADER), *(row(*values) for values in REST), TOTAL, widths=(500,) * 8
)

GOES_ON = {
    "a page break": FIRST + BREAK + SECOND,
    "续表": FIRST + BREAK + paragraph("续表") + SECOND,
    "（续上表）": FIRST + paragraph("（续上表）") + AGAIN,
    "附件3-1（续）": paragraph("附件3-1") + FIRST + paragraph("附件3-1（续）") + AGAIN,
    "the title 续": FIRST + paragraph("2023年度项目支出绩效自评表（续）") + paragraph("单位：万元") + AGAIN,
    "续表 in the table": FIRST + BREAK + MARKED,
    "fewer columns, header again": FIRST + BREAK + NARROW_AGAIN,
    "fewer columns, 续表": FIRST + paragraph("续表：") + NARROW_AGAIN,
    "fewer columns": FIRST + BREAK + NARROW,
    "more columns": FIRST + BREAK + FINE,
    "more columns, 续表": FIRST + paragraph("接上页") + FINE,
}


@pytest.mark.parametrize("body", GOES_ON.values(), ids=GOES_ON)
def test_a_table_goes_on(tmp_path: Path, body: str) -> None:
    report = checked(tmp_path, body)
    assert [finding.rule for finding in report.findings if finding.severity != "info"] == []
    (form,) = report.forms.projects
    assert [one.name.text for one in form.indicators] == ["维护水闸", "验收合格率", "群众满意度"]
    assert form.total is not None
    assert form.total.score is not None
    assert form.total.score.number == 100


@pytest.mark.parametrize("body", GOES_ON.values(), ids=GOES_ON)
def test_a_slip_in_what_goes_on_is_found(tmp_path: Path, body: str) -> None:
    report = checked(tmp_path, body.replace("<w:t>95%</w:t>", "<w:t>85%</w:t>"))
    assert "PE401" in {finding.rule for finding in report.findings}


HALVES = {
    "the end alone": NARROW_AGAIN,
    "text between": FIRST + paragraph("全年工作情况良好，没有其他需要说明的事项。") + AGAIN,
    "the beginning alone": FIRST,
    "the end with other lines": paragraph("以下为指标。") + AGAIN,
    "two ends": AGAIN + paragraph("以下为另一张表的指标。") + NARROW_AGAIN,
}


@pytest.mark.parametrize("body", HALVES.values(), ids=HALVES)
def test_half_a_table_has_no_wrong_total(tmp_path: Path, body: str) -> None:
    rules = {
        finding.rule for finding in checked(tmp_path, body.replace("<w:t>30</w:t>", "<w:t>20</w:t>")).findings
    }
    assert not rules & {"PE301", "PE305"}


# -- text and tables inside cells ---------------------------------------------------------------------------------------

SAID = "本单位基本支出421.4万元，主要用于人员经费和日常运转。"
FORM = FIRST.replace("</w:tbl>", "") + "".join(row(*values) for values in REST) + TOTAL + "</w:tbl>"
IN_CELLS = {
    "one cell": table(row(SAID)),
    "two paragraphs": table(row(cell(paragraph("一、基本情况") + paragraph(SAID)))),
    "a column": table(row("一、基本情况"), row(SAID)),
    "heading and text": table(
        row("基本情况", SAID), row("存在问题", "支出进度偏慢，年底集中支付，需要改进。")
    ),
    "a form in a cell": table(row(cell(paragraph("附件3-1") + FORM + paragraph(SAID)))),
    "cell in cell": table(row(cell(table(row(SAID)) + paragraph("")))),
}


@pytest.mark.parametrize("body", IN_CELLS.values(), ids=IN_CELLS)
def test_text_in_cells_is_text(tmp_path: Path, body: str) -> None:
    book = read(tmp_path, paragraph("2023年度自评报告") + body)
    (narrative,) = [grid for grid in book.grids if grid.sheet == "自评报告"]
    assert SAID in [one.text for one in narrative.cells.values()]


def test_a_form_in_a_cell_keeps_its_name(tmp_path: Path) -> None:
    assert "附件3-1" in [grid.sheet for grid in read(tmp_path, IN_CELLS["a form in a cell"]).grids]


# -- pictures and embedded tables -----------------------------------------------------------------------------------------

HEAD = paragraph("附件4") + paragraph("2023年度政府性基金预算支出情况表") + paragraph("单位：万元")
INSTEAD = {
    "Excel": (HEAD + OLE.format("Excel.Sheet.12"), "附件4", "是嵌入对象"),
    "WPS": (HEAD + OLE.format("ET.Sheet.6"), "附件4", "是嵌入对象"),
    "old Excel": (HEAD + OLE.format("Excel.Sheet.8") + paragraph("以上数字已核对。"), "附件4", "是嵌入对象"),
    "no caption": (paragraph("收支情况见下。") + OLE.format("Excel.Sheet.12"), "嵌入对象", "是嵌入对象"),
    "a picture": (HEAD + PICTURE, "附件4", "是图片"),
    "a picture of a project": (
        paragraph("附件3-2") + paragraph("项目支出绩效自评表") + PICTURE,
        "附件3-2",
        "是图片",
    ),
}


@pytest.mark.parametrize(("body", "sheet", "said"), INSTEAD.values(), ids=INSTEAD)
def test_what_stands_in_place_of_a_form_is_named(tmp_path: Path, body: str, sheet: str, said: str) -> None:
    report = checked(tmp_path, paragraph("附件3-1") + FORM + body)
    assert [finding.rule for finding in report.findings if finding.severity != "info"] == []
    assert any(one.sheet == sheet and said in one.reason and one.hides for one in report.unread)
    assert report.verdict == "incomplete"


SILENT = {
    "a seal under a form": FORM + PICTURE,
    "a picture in the text": paragraph("工作照片如下。") + PICTURE + paragraph("以上。"),
    "a logo above a form": paragraph("附件3-2") + PICTURE + FORM,
    "an equation object": paragraph("执行率按下式计算。") + OLE.format("Equation.3"),
    "a MathType object": HEAD.replace("附件4", "说明：") + OLE.format("Equation.DSMT4"),
}


@pytest.mark.parametrize("body", SILENT.values(), ids=SILENT)
def test_other_pictures_and_objects_hide_nothing(tmp_path: Path, body: str) -> None:
    report = checked(
        tmp_path, paragraph("附件3-1") + FORM + paragraph("2023年度自评报告") + paragraph(SAID) + body
    )
    assert not any(one.hides for one in report.unread)
    assert not report.coverage.gaps
