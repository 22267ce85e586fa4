"""The published report: what the workbook says, word for word and figure for figure, and nothing it should not say."""

from __future__ import annotations

import dataclasses
import io
import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openxml_audit import OpenXmlValidator

from perfeval_xl.cli import main
from perfeval_xl.errors import ExportError
from perfeval_xl.forms import read_forms
from perfeval_xl.forms.records import Field, Forms, Narrative
from perfeval_xl.grid import Book
from perfeval_xl.hosts import libreoffice
from perfeval_xl.hosts.limits import LIMITS
from perfeval_xl.hosts.reading import word as docx_host
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.hosts.template.filling import fill
from perfeval_xl.hosts.template.template import Template, shipped
from perfeval_xl.runs.checking import check_book
from perfeval_xl.runs.exporting import Exported, export, export_book
from perfeval_xl.text import clean
from tests import slips
from tests.published.test_published import TABLES
from tests.rules.test_rules import BASE
from tests.support import book_of, changed, example_builder, read_yaml

REQUIRED = bool(os.environ.get("PERFEVAL_REQUIRE_LIVE"))
#: What a place, a layout or a kind of file decides, and not what the form says; a printed group without rows is not published.
NOT_SAID = {
    "place",
    "sheet",
    "area",
    "caption",
    "row",
    "rows",
    "as_text",
    "formula",
    "covered",
    "text",
    "empty",
}


def said(forms: Forms) -> Any:
    """All that the forms say, without where and how it stands."""
    return [_said(form) for form in forms]


def _said(value: Any) -> Any:
    match value:
        case Field():
            return (clean(value.text), value.state, value.number, value.unit, value.percent)
        case Narrative():
            headings = [clean(heading.text) for heading in value.headings]
            return (clean(value.title.text), clean(value.text), headings)
        case _ if dataclasses.is_dataclass(value):
            fields = (field.name for field in dataclasses.fields(value) if field.compare)
            return {name: _said(getattr(value, name)) for name in fields if name not in NOT_SAID}
        case dict():
            return {key: _said(one) for key, one in value.items()}
        case tuple() | list():
            return [_said(one) for one in value]
        case str():
            return clean(value)
    return value


def findings(book: Book, policy: str) -> Counter[tuple[str, ...]]:
    """What is found, without the addresses, which are other ones in a document."""
    report = check_book(book, policy=policy)
    sheets = "|".join(re.escape(clean(grid.sheet)) for grid in book.grids)
    address = re.compile(rf"(?:{sheets})?(?<![A-Z])[A-Z]\d+")
    return Counter(
        (
            found.rule,
            found.severity,
            found.expected or "",
            found.actual or "",
            address.sub("#", clean(found.message)),
        )
        for found in report.findings
    )


def back(done: Exported) -> Book:
    return docx_host.read("导出.docx", done.data, LIMITS)


def in_template(book: Book, suffix: str = ".xlsx") -> bytes:
    template = Template(shipped(suffix))
    fill(template, read_forms(book))
    return template.to_bytes()


@pytest.fixture(scope="session")
def filled_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up unit's workbook, made from the template."""
    path = tmp_path_factory.mktemp("export") / "甲县图书馆.xlsm"
    path.write_bytes(in_template(book_of(BASE), ".xlsm"))
    return path


def with_texts(source: Path, target: Path, **texts: str) -> Path:
    """A copy of a template's workbook with texts typed into 自评报告 (``A4=…``)."""
    template = Template(source)
    for address, text in texts.items():
        template.parts["自评报告"].set(int(address[1:]), 1, text)
    target.write_bytes(template.to_bytes())
    return target


def paragraphs(done: Exported) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(io.BytesIO(done.data)).paragraphs]


# -- what is published is what the workbook says ----------------------------------------------------------------


def books() -> Iterator[Any]:
    for layout in slips.LAYOUTS:
        for twin in (False, True):
            yield pytest.param(lambda a=layout, b=twin: example_builder().build(a, b), id=f"{layout}-{twin}")
    original = example_builder().committed
    for twin in (False, True):
        yield pytest.param(
            lambda b=twin: in_template(read_book(original(b))), id=f"template-{'clean' if twin else 'wrong'}"
        )


@pytest.mark.parametrize("made", list(books()))
def test_the_document_says_what_the_workbook_says_and_is_found_fault_with_alike(
    made: Any, tmp_path: Path
) -> None:
    path = tmp_path / "单位.xlsx"
    path.write_bytes(made())
    book, again = read_book(path), back(export(path, ".docx"))
    assert said(read_forms(again)) == said(read_forms(book))
    assert findings(again, "hunan-2023") == findings(book, "hunan-2023")


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_tables_of_any_layout_are_kept(path: Path) -> None:
    data = read_yaml(path)
    book = book_of(
        {sheet["name"]: sheet["rows"] for sheet in data["sheets"]},
        {sheet["name"]: sheet.get("merges") or () for sheet in data["sheets"]},
    )
    again = back(export_book(book, ".docx"))
    assert said(read_forms(again)) == said(read_forms(book))
    assert findings(again, "national-2020") == findings(book, "national-2020")


FIGURES = st.decimals(min_value=0, max_value=10**9, places=2).map(lambda number: number.normalize() + 0)
PROSE = st.text(
    "馆舍经费完成率年度1205.％%，。；：“”（）()万元人次同比 \n\t<&>'\"=-一二〇２{}\x07",
    min_size=1,
    max_size=80,
)


@settings(max_examples=25, deadline=None)
@given(
    figures=st.lists(FIGURES, min_size=12, max_size=12),
    texts=st.lists(PROSE.filter(lambda text: text.strip("\x07 \t\n{}")), min_size=5, max_size=5),
    names=st.lists(
        PROSE.filter(lambda text: len(clean(text.replace("\x07", ""))) > 3), min_size=2, max_size=2
    ),
)
def test_any_figures_and_texts_come_back(figures: list[Decimal], texts: list[str], names: list[str]) -> None:
    sheets = changed(BASE, {})
    numbers = [
        (name, row, column)
        for name, rows in BASE.items()
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
        if isinstance(cell, Decimal)
    ]
    for place, figure in zip(numbers[:: len(numbers) // 12], figures, strict=False):
        sheets[place[0]][place[1]][place[2]] = figure
    sheets["附件2"][10][1], sheets["附件2"][10][4] = f"目标：{texts[0]}", f"完成：{texts[1]}"
    sheets["附件2"][12][3], sheets["附件3-1"][12][3] = f"指标{names[0]}", f"指标{names[1]}"
    sheets["自评报告"][2][0], sheets["自评报告"][4][0] = f"本单位{texts[2]}。", f"支出{texts[3]}。"
    sheets["附件1"][26][1] = f"措施{texts[4]}"
    for rows in sheets.values():
        for cells in rows:
            for column, cell in enumerate(cells):
                # {{ is a name to be filled in, and has tests of its own.
                cells[column] = re.sub(r"[{}]", "", cell) if isinstance(cell, str) else cell
    book = book_of(sheets)
    plain = Book.of(book.name, [_legal(grid) for grid in book.grids])
    assert said(read_forms(back(export_book(book, ".docx")))) == said(read_forms(plain))


def _legal(grid: Any) -> Any:
    """The sheet without the characters no document can hold."""
    cells = {
        place: cell._replace(text=cell.text.replace("\x07", ""), value=cell.value.replace("\x07", ""))
        if isinstance(cell.value, str)
        else cell
        for place, cell in grid.cells.items()
    }
    return dataclasses.replace(grid, cells=cells)


# -- the document -----------------------------------------------------------------------------------------------


def test_the_report_comes_first_then_the_forms_each_with_its_caption_and_title(filled_in: Path) -> None:
    done = export(filled_in, ".docx")
    lines = paragraphs(done)
    assert lines[0].replace("\n", "") == "2023年度甲县图书馆整体支出绩效自评报告"
    captions = [line for line in lines if re.fullmatch(r"附件\d(-\d)?", line)]
    assert captions == [
        "附件1",
        "附件2",
        "附件3-1",
        "附件3-2",
        "附件3-3",
        "附件3-4",
        "附件4",
        "附件5",
        "附件6",
    ]
    styles = {p.text: p.style.name for p in docx.Document(io.BytesIO(done.data)).paragraphs if p.style}
    assert (styles["附件1"], styles["2023年度项目支出绩效自评表"]) == ("Caption", "附表标题")
    assert (styles["一、单位基本情况"], styles["预算编制还不够细。"]) == ("Heading 1", "Body Text")


def test_figures_read_as_the_sheet_shows_them_and_nothing_of_the_tool_is_published(filled_in: Path) -> None:
    document = docx.Document(io.BytesIO(export(filled_in, ".docx").data))
    texts = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert {"50.00", "100%", "≥80000人次"} <= texts
    everything = "".join(texts) + "".join(p.text for p in document.paragraphs)
    assert not re.search("核对|应得|校验结果|更正记录|填报五步|FJ0", everything)


def test_spare_rows_and_groups_without_an_indicator_are_left_out(filled_in: Path) -> None:
    book = back(export(filled_in, ".docx"))
    project = next(grid for grid in book.grids if grid.sheet == "附件3-1")
    assert "经济效益指标" not in {clean(cell.text) for cell in project.cells.values()}
    rows = {row for row, _ in project.cells}
    assert rows == set(range(min(rows), max(rows) + 1))


def test_an_empty_fund_table_says_so(filled_in: Path) -> None:
    lines = paragraphs(export(filled_in, ".docx"))
    assert lines.count("注：本表无数据。") == 2  # 附件4 states zeros


def test_the_file_is_valid_and_the_same_twice_and_names_nobody(filled_in: Path, tmp_path: Path) -> None:
    done = export(filled_in, ".docx")
    assert export(filled_in, ".docx").data == done.data
    path = tmp_path / "报告.docx"
    path.write_bytes(done.data)
    assert [str(error) for error in OpenXmlValidator().validate(path).errors] == []
    properties = docx.Document(str(path)).core_properties
    assert (properties.author, properties.last_modified_by) == ("", "")
    assert properties.title == "2023年度甲县图书馆整体支出绩效自评报告"


def test_a_document_exported_once_more_is_the_same(filled_in: Path, tmp_path: Path) -> None:
    path = tmp_path / "报告.docx"
    path.write_bytes(export(filled_in, ".docx").data)
    assert export(path, ".docx").data == path.read_bytes()


def test_texts_stay_texts_whatever_stands_in_them() -> None:
    hostile = '=HYPERLINK("http://x","y")<w:p/>&amp; { PAGE } \x00\x1f\ufffe]]>' + "长" * 40_000
    sheets = changed(BASE, {"自评报告 / A3": hostile, "附件2 / B11": hostile})
    done = export_book(
        book_of(sheets), ".docx", limits=LIMITS.changed(["name_letters=50000", "paragraph_letters=50000"])
    )
    with zipfile.ZipFile(io.BytesIO(done.data)) as package:
        document = package.read("word/document.xml").decode()
        assert not [
            name for name in package.namelist() if "rels" in name and b"External" in package.read(name)
        ]
    assert not re.search("w:instrText|w:hyperlink|w:fldSimple", document)
    assert "长" * 40_000 in "".join(paragraphs(done))


def test_a_table_that_no_document_can_hold_is_refused_at_once() -> None:
    wide = [["项目支出绩效自评表"], ["三级指标", "年度指标值", "实际完成值", *[f"{at}" for at in range(80)]]]
    with pytest.raises(ExportError, match="有 83 列，Word 的表最多 63 列"):
        export_book(book_of({"附件3": [*wide, ["一", "1", "1"]]}), ".docx")
    high = [["项目支出绩效自评表"], ["三级指标", "年度指标值", "实际完成值", *[f"{at}" for at in range(50)]]]
    rows = [[f"指标{at}", "1", "1"] for at in range(10_000)]
    with pytest.raises(ExportError, match="太大"):
        export_book(book_of({"附件3": [*high, *rows]}), ".docx", limits=LIMITS.changed(["form_rows=20000"]))


def test_overlapping_and_endless_merges_cost_nothing() -> None:
    rows = [["项目支出绩效自评表"], ["三级指标", "年度指标值", "实际完成值"]]
    rows += [[f"指标{at}", "1", "1"] for at in range(1000)]
    merges = [f"A{3 + at % 900}:{'XFD' if at % 2 else 'C'}1048576" for at in range(5000)]
    tables = docx.Document(
        io.BytesIO(export_book(book_of({"附件3": rows}, {"附件3": merges}), ".docx").data)
    ).tables
    assert {len(table.columns) for table in tables} == {3}


def test_what_is_hidden_is_not_published_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "单位.xlsx"
    book = openpyxl.load_workbook(example_builder().committed(True))
    book["附件2"].row_dimensions[6].hidden = True
    book["附件1"].sheet_state = "hidden"
    report = book["自评报告"]
    secret = next(row[0] for row in report.iter_rows(min_row=3) if len(str(row[0].value or "")) > 100)
    assert secret.row is not None
    report.row_dimensions[secret.row].hidden = True
    book.create_sheet("台账")["A1"] = "内部资料"
    book.save(path)
    done = export(path, ".docx")
    assert "工作表“附件2”有1 行是隐藏的，没有导出" in done.notes
    assert "工作表“台账”没有识别为附表，没有导出" in done.notes
    assert "工作表“附件1”是隐藏的，没有导出" in done.notes
    text = "".join(paragraphs(done))
    assert "内部资料" not in text
    assert str(secret.value)[:50] not in text
    assert "工作表“自评报告”有1 行是隐藏的，没有导出" in done.notes
    assert "附件1" not in paragraphs(done)


# -- the text follows the forms ---------------------------------------------------------------------------------


def test_stale_values_are_worked_out_anew(filled_in: Path, tmp_path: Path) -> None:
    template = Template(filled_in)
    template.parts["附件3-1"].set(7, 6, 61.5)  # 业务工作经费 executed; nothing that rests on it is
    path = tmp_path / "没有重算.xlsm"
    path.write_bytes(template.to_bytes())
    forms = read_forms(back(export(path, ".docx")))
    assert [form.nature("projects").text for form in forms.overall] == ["121.50"]  # type: ignore[union-attr]
    assert [form.funds.total.cells["rate"].text for form in forms.projects[:1]] == ["123.00%"]  # type: ignore[union-attr]


def test_a_workbook_that_lost_sheets_of_the_template_is_exported_as_it_is_stored(
    filled_in: Path, tmp_path: Path
) -> None:
    path = tmp_path / "改过.xlsx"
    book = openpyxl.load_workbook(filled_in, data_only=True)
    del book["填报说明"]
    book.save(path)
    assert "附件3-4" in paragraphs(export(path, ".docx"))


def test_the_templates_own_sentences_say_what_the_forms_say(tmp_path: Path) -> None:
    """The text of a workbook whose report was not typed."""
    sheets = {name: rows for name, rows in BASE.items() if name != "自评报告"}
    path = tmp_path / "单位.xlsx"
    path.write_bytes(in_template(book_of(sheets)))
    text = "".join(paragraphs(export(path, ".docx")))
    assert "本单位基本支出210.00万元，其中人员经费183.50万元，日常公用经费26.50万元。" in text
    assert "2023年项目支出110.00万元" in text


NAMED = [
    ("本单位基本支出{{基本支出}}万元。", "本单位基本支出210.00万元。"),
    ("{{单位名称}}{{年度}}年三公经费预算{{三公经费 预算数}}万元", "甲县图书馆2023年三公经费预算4.50万元"),
    ("古籍修复{{县级专项资金（古籍修复） 全年执行数}}万元", "古籍修复25.00万元"),
    ("执行率{{附件3-3 执行率}}，{{执行率}}", "执行率100%，100%"),
    ("｛｛人员经费｝｝万元，自评{{总分}}分", "183.50万元，自评100分"),
    ("接待{{接待读者人次}}，目标{{接待读者人次 年度指标值}}", "接待86000人次，目标≥80000人次"),
]


@pytest.mark.parametrize(("typed", "wanted"), NAMED)
def test_names_in_a_typed_text_are_filled_in(
    typed: str, wanted: str, filled_in: Path, tmp_path: Path
) -> None:
    path = with_texts(filled_in, tmp_path / "单位.xlsm", A4=typed)
    assert wanted in paragraphs(export(path, ".docx"))


WRONG = [
    ("{{基本支处}}万元", "自评报告!A4：没有“基本支处”这个名称，相近的有：基本支出"),
    ("{{等级}}", "没有“等级”这个名称"),
    ("{{附件4 本年支出}", "没有成对"),
    ("{{社会保险基金支出}}", "还没有填"),
    ("{{附件3-1 图书分编合格率 分值}}", "没有“附件3-1 图书分编合格率 分值”这个名称"),
]


@pytest.mark.parametrize(("typed", "wanted"), WRONG)
def test_a_name_that_cannot_be_filled_in_stops_the_export(
    typed: str, wanted: str, filled_in: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = with_texts(filled_in, tmp_path / "单位.xlsm", A4=typed), tmp_path / "报告.docx"
    assert main(["export", str(path), "-o", str(out)]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert wanted in message
    assert "自评报告!A4" in message
    assert not out.exists()


def test_a_name_for_two_different_figures_is_not_guessed() -> None:
    sheets = changed(
        BASE, {"附件2 / B7": None, "附件2 / E7": "其中：基本支出：210", "附件2 / E8": "项目支出：111"}
    )
    sheets["自评报告"][2][0] = "项目支出{{项目支出}}万元，{{附件1 项目支出}}万元。"
    with pytest.raises(ExportError, match=r"有不同的数：附件1!D13 是 110、附件2!E8 是 项目支出|是 111"):
        export_book(book_of(sheets), ".docx")


def test_a_formula_without_a_value_is_not_published_as_nothing() -> None:
    sheets = changed(BASE, {"附件1 / 三公经费 / 2023年决算数": "=SUM(D8:D12)"})
    with pytest.raises(ExportError, match="附件1!D7的公式没有保存计算结果"):
        export_book(book_of(sheets), ".docx")


def test_a_name_in_the_text_is_checked_as_what_it_will_say(filled_in: Path, tmp_path: Path) -> None:
    text = "本单位基本支出{{基本支出}}万元，其中人员经费{{人员经费}}万元；{{业务工作经费 全年执行数}}万元用于业务工作。"
    plain, named = read_book(filled_in), read_book(with_texts(filled_in, tmp_path / "单位.xlsm", A6=text))
    assert findings(named, "national-2020") == findings(plain, "national-2020")


# -- what must not be published ---------------------------------------------------------------------------------

PHONE, LANDLINE, ID, CARD = "13800001234", "0730-8888888", "430602199001011235", "6222020000000000000"


def private_book() -> Book:
    sheets = changed(
        BASE,
        {
            "附件2 / A22": f"单位负责人签字：　填表人：×××　联系电话：{PHONE}　填报日期：2024.5.20",
            "自评报告 / A3": f"联系电话：{LANDLINE}，手机１３８００００ １２３４，开户银行账号：{CARD}。",
        },
    )
    return book_of(sheets)


def test_private_numbers_are_listed_and_left() -> None:
    done = export_book(private_book(), ".docx")
    assert [str(one) for one in done.private] == [
        "附件2!A22：手机号 138****1234",
        "自评报告!A3：手机号 138****1234",
        "自评报告!A3：银行账号 6222****0000",
    ]
    assert PHONE in "".join(paragraphs(done))


def test_redact_masks_them_everywhere_and_leaves_landlines_and_figures() -> None:
    done = export_book(private_book(), ".docx", redact=True)
    with zipfile.ZipFile(io.BytesIO(done.data)) as package:
        everything = "".join(package.read(name).decode() for name in package.namelist())
    text = "".join(paragraphs(done))
    assert PHONE not in everything
    assert CARD not in everything
    assert "１３８" not in everything
    assert f"联系电话：{LANDLINE}，手机138****1234，开户银行账号：6222****0000。" in text
    assert "联系电话：138****1234" in text
    plain = said(read_forms(back(export_book(book_of(BASE), ".docx"))))
    again = said(read_forms(back(done)))
    assert [form for form in again if form not in plain] == [again[1], again[-1]]


# -- the command line -------------------------------------------------------------------------------------------


def test_the_input_is_never_written(
    filled_in: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "报告.docx"
    path.write_bytes(export(filled_in, ".docx").data)
    before = path.read_bytes()
    assert main(["export", str(path), "-o", str(path)]) == 2
    assert path.read_bytes() == before
    assert "从不改动" in capsys.readouterr().err
    assert main(["export", str(filled_in), "-o", str(tmp_path / "报告.txt")]) == 2
    assert "应以 .docx 或 .pdf 结尾" in capsys.readouterr().err


def test_a_file_without_forms_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "名册.xlsx"
    openpyxl.Workbook().save(path)
    assert main(["export", str(path), "-o", str(tmp_path / "报告.docx")]) == 2
    assert capsys.readouterr().err == "名册.xlsx：没有找到绩效自评表或自评报告，没有可以导出的内容\n"


def test_without_libreoffice_a_pdf_is_refused_with_what_to_do(
    filled_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(libreoffice, "program", lambda: None)
    assert main(["export", str(filled_in), "-o", str(tmp_path / "报告.pdf")]) == 2
    assert "请导出为 .docx，在 Word 或 WPS 里另存为 PDF" in capsys.readouterr().err


needs_writer = pytest.mark.skipif(
    libreoffice.program() is None and not REQUIRED, reason="LibreOffice (soffice) is not installed"
)


@needs_writer
def test_a_pdf_has_the_pages_of_the_document_and_says_which_fonts_are_missing(
    filled_in: Path, tmp_path: Path
) -> None:
    path = tmp_path / "报告.pdf"
    assert main(["export", str(filled_in), "-o", str(path), "--redact"]) == 0
    data = path.read_bytes()
    assert data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", data)) >= 10
    fonts = libreoffice.installed_fonts()
    if fonts is not None and not fonts & {"仿宋", "仿宋_GB2312", "FangSong"}:
        assert any("没有仿宋等公文字体" in note for note in export(filled_in, ".pdf").notes)
