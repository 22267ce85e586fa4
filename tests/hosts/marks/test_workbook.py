"""A marked copy: everything that was there stays, marks and the sheet 校验结果 come, and come once."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from openpyxl.workbook.defined_name import DefinedName
from openxml_audit import OpenXmlValidator

from perfeval_xl.errors import NoMarks, PackageError
from perfeval_xl.findings import Finding, Report, Severity, Skipped
from perfeval_xl.forms.records import FormSummary, Unread
from perfeval_xl.grid import Area, Grid, Place
from perfeval_xl.hosts.marks.results import MARK_NAME, first_text
from perfeval_xl.hosts.marks.workbook import Unmarked, highlight, unmark
from perfeval_xl.hosts.package.workbook import Workbook
from perfeval_xl.hosts.package.xml import append_new
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.runs.checking import check
from perfeval_xl.text import cell_text
from tests.support import ROOT

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMES = ("附件1", "O'Brien 的 表", "附件 3-1(新)")
TOUCHED = {
    "[Content_Types].xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
    "xl/worksheets/sheet1.xml",
    "xl/worksheets/sheet2.xml",
}


def office_file(names: Sequence[str] = NAMES, *, macros: bool = False) -> bytes:
    """A workbook with much that other tools lose."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    green = book.add_format({"bg_color": "#00B050"})
    for name in names:
        sheet = book.add_worksheet(name)
        sheet.merge_range("B5:C6", 673.65)
        for row in range(6, 12):
            sheet.write_row(row, 0, ["项目", row, row * 2.5])
        sheet.write_formula("D8", "=B8+C8", None, 24.5)
        sheet.write_comment("A8", "批注")
        sheet.insert_button("F2", {"macro": "PE_Validate", "caption": "一键校验"})
        sheet.data_validation("B8:B9", {"validate": "list", "source": ["是", "否"]})
        sheet.conditional_format("B2:D9", {"type": "cell", "criteria": ">", "value": 0, "format": green})
        sheet.conditional_format("C7:C9", {"type": "data_bar", "data_bar_2010": True})
        sheet.write_url("A12", "https://example.org/")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": [names[0], 6, 1, 9, 1]})
    sheet.insert_chart("F10", chart)
    sheet.protect("secret")
    book.define_name("单位名称", f"='{names[0]}'!$A$1")
    if macros:
        book.add_vba_project(io.BytesIO(b"\xd0\xcf\x11\xe0 any bytes"), is_stream=True)
    book.close()
    return with_extras(target.getvalue())


def with_extras(data: bytes, changes: dict[str, tuple[str, str]] | None = None) -> bytes:
    """The file with a ribbon, a custom part and a control in AlternateContent; ``changes`` replace text."""
    control = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        '<mc:Choice Requires="x14"><controls><control shapeId="1025" name="Button 1"/></controls></mc:Choice>'
        "</mc:AlternateContent></worksheet>"
    )
    target = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(data))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</worksheet>", control.encode())
            for old, new in (changes or {}).values():
                content = content.replace(old.encode(), new.encode())
            archive.writestr(info, content)
        for name in ("customUI/customUI14.xml", "customXml/item1.xml"):
            if name not in source.namelist():
                archive.writestr(name, f"<any>{name}</any>")
    return target.getvalue()


def finding(severity: Severity, sheet: str | None, row: int = 8, column: int = 2, **more: Any) -> Finding:
    place = None if sheet is None else Place(sheet, row, column)
    return Finding(f"PE{row}01", "totals", severity, place, "合计不符", "三项之和不等于合计", **more)


def report(*findings: Finding, sheets: Iterable[str] = NAMES, **more: Any) -> Report:
    merges = (Area.of("B5:C6"),)
    values: dict[str, Any] = {
        "workbook": "单位.xlsx",
        "version": "0.1.0",
        "policy_id": "hunan-2023",
        "policy_title": "湖南省 2023",
        "unit": "某局",
        "year": 2023,
        "summaries": (FormSummary("basic", "附件1", "A1:D9", "基础数据表"),),
        "findings": findings,
        "skipped": (),
        "unread": (),
        "checked": 9,
        "forms": cast(Any, object()),
        "grids": tuple(Grid(sheet, {}, merges) for sheet in sheets),
    }
    return Report(**{**values, **more})


USUAL = report(
    finding("info", NAMES[0], 5, 2),
    finding(
        "error", NAMES[0], 6, 3, related=(Place(NAMES[1], 9, 9),), expected="1", actual="2", explain="1+0=1"
    ),
    finding("warning", NAMES[0], 8, 2),
    finding("warning", NAMES[1], 8, 3),
    finding("error", NAMES[1], 9, 3, accepted="年中追加"),
    finding("error", NAMES[1], 10, 3, accepted="四舍五入", acceptable=False),
    finding("info", None),
)


def contents(data: bytes) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


def marks(data: bytes, sheet: str) -> dict[str, str]:
    """Our conditional formats of a sheet: formula and range."""
    formats = openpyxl.load_workbook(io.BytesIO(data))[sheet].conditional_formatting
    return {
        rule.formula[0]: str(block.sqref)
        for block in formats
        for rule in block.rules
        if rule.formula and rule.formula[0] in MARK_NAME.values()
    }


def result_rows(data: bytes, sheet: str = "校验结果") -> list[list[Any]]:
    return [
        [cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(data))[sheet].iter_rows()
    ]


def test_untouched_parts_are_identical() -> None:
    source = office_file(macros=True)
    marked = highlight(source, USUAL)
    before, after = contents(source), contents(marked.data)
    assert marked.suffix == ".xlsm"
    assert list(after)[: len(before)] == list(before)
    assert list(after)[len(before) :] == ["xl/worksheets/sheet4.xml", "customXml/item2.xml"]
    assert {name for name in before if before[name] != after[name]} == TOUCHED
    old, new = (zipfile.ZipFile(io.BytesIO(data)).infolist() for data in (source, marked.data))
    for one, other in zip(old, new, strict=False):
        assert (one.date_time, one.external_attr) == (other.date_time, other.external_attr)


def test_the_marked_sheet_differs_only_in_its_conditional_formats() -> None:
    source = office_file()
    before, after = (
        contents(data)["xl/worksheets/sheet1.xml"] for data in (source, highlight(source, USUAL).data)
    )

    def without_formats(content: bytes) -> bytes:
        root = etree.fromstring(content)
        for element in list(root.iter(f"{{{MAIN}}}conditionalFormatting")):
            root.remove(element)
        for rule in root.iter("{*}cfRule"):
            if "priority" in rule.attrib:
                del rule.attrib["priority"]
        return etree.tostring(root)

    assert without_formats(before) == without_formats(after)
    assert before.split(b"<worksheet")[0] == after.split(b"<worksheet")[0]


def _active(book: openpyxl.Workbook) -> str:
    assert book.active is not None
    return book.active.title


def test_the_workbook_keeps_its_names_protection_and_calculation() -> None:
    source = office_file()
    marked = openpyxl.load_workbook(io.BytesIO(highlight(source, USUAL).data))
    original = openpyxl.load_workbook(io.BytesIO(source))
    assert marked.sheetnames == [*NAMES, "校验结果"]
    assert _active(marked) == _active(original)
    assert marked.defined_names["单位名称"].value == original.defined_names["单位名称"].value
    assert marked.calculation.calcId == original.calculation.calcId
    assert marked[NAMES[2]].protection.sheet
    assert not marked["校验结果"].sheet_view.tabSelected


def test_cells_get_their_worst_severity_over_the_whole_merged_area() -> None:
    data = highlight(office_file(), USUAL).data
    assert marks(data, NAMES[0]) == {"PE_MARK_ERROR": "B5:C6", "PE_MARK_WARNING": "B8"}
    # Accepted findings are listed only, except where no 说明 settles them.
    assert marks(data, NAMES[1]) == {"PE_MARK_WARNING": "C8", "PE_MARK_ERROR": "C10"}
    assert marks(data, NAMES[2]) == {}


def test_marks_come_first_and_priorities_stay_distinct() -> None:
    data = highlight(office_file(), USUAL).data
    root = etree.fromstring(contents(data)["xl/worksheets/sheet1.xml"])
    rules = list(root.iter(f"{{{MAIN}}}cfRule"))
    by_formula = {rule.findtext(f"{{{MAIN}}}formula"): rule for rule in rules}
    priorities = [int(rule.get("priority", "0")) for rule in rules]
    assert len(set(priorities)) == len(priorities)
    assert by_formula["PE_MARK_ERROR"].get("priority") == "1"
    assert by_formula["PE_MARK_WARNING"].get("priority") == "2"
    assert min(int(rule.get("priority", "0")) for rule in rules if rule.findtext("{*}formula") == "0") > 3
    assert by_formula["PE_MARK_ERROR"].get("stopIfTrue") == "1"
    # LibreOffice takes the first in the file.
    assert rules[0].findtext(f"{{{MAIN}}}formula") in MARK_NAME.values()


def test_formats_of_a_pivot_table_keep_the_numbers_its_part_knows() -> None:
    source = with_extras(
        office_file(),
        {
            "pivot": (
                '<conditionalFormatting sqref="B2:D9">',
                '<conditionalFormatting pivot="1" sqref="B2:D9">',
            )
        },
    )
    root = etree.fromstring(contents(highlight(source, USUAL).data)["xl/worksheets/sheet1.xml"])
    pivot = next(block for block in root if block.get("pivot") == "1")
    assert pivot[0].get("priority") == "1"
    ours = [rule for rule in root.iter("{*}cfRule") if rule.findtext("{*}formula") in MARK_NAME.values()]
    assert all(int(rule.get("priority", "0")) > 2 for rule in ours)


def test_three_looks_differ_also_in_grey() -> None:
    data = highlight(
        office_file(), report(*(finding(s, NAMES[0], i + 7) for i, s in enumerate(MARK_NAME)))
    ).data
    book = openpyxl.load_workbook(io.BytesIO(data))
    rules = [rule for block in book[NAMES[0]].conditional_formatting for rule in block.rules]
    looks = {
        rule.formula[0]: rule.dxf for rule in rules if rule.formula and rule.formula[0] in MARK_NAME.values()
    }

    def grey(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (2, 4, 6))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    fills = [grey(looks[name].fill.bgColor.rgb) for name in MARK_NAME.values()]
    assert fills[0] + 15 < fills[1] < fills[2] - 15
    assert len({looks[name].border.left.style for name in MARK_NAME.values()}) == 3
    assert looks["PE_MARK_ERROR"].font.b
    assert looks["PE_MARK_WARNING"].font.i
    assert looks["PE_MARK_INFO"].font.u


def test_the_result_sheet_lists_everything() -> None:
    listed = dataclasses.replace(
        USUAL, skipped=(Skipped("PE601", "自评报告", "没有自评报告"),), unread=(Unread("杂项", "不是附件"),)
    )
    data = highlight(office_file(), listed).data
    rows = result_rows(data)
    assert rows[0][0] == "绩效自评校验结果"
    assert "不通过" in rows[1][0]
    assert "× 错误 2" in rows[1][0]
    assert "已说明 1" in rows[1][0]
    assert "湖南省 2023（hunan-2023）" in rows[3][0]
    assert "perfeval-xl 0.1.0" in rows[3][0]
    assert {"× 错误", "▲ 核实", "● 提示"} <= set(rows[4])
    assert rows[5][0] == first_text(listed)
    assert rows[5][0].startswith("先改这几处（改完一条，在“完成”栏打 √）：\n1. ")
    assert rows[5][0].endswith("另有 2 条提示，收起在表的末尾：点左边的“+”展开。")
    assert (
        "|".join(rows[6])
        == "序号|级别|规则|表|单元格|问题|应为|实为|差额|为什么|依据|怎么改|状态|完成|说明|指纹"
    )
    table = rows[7 : 7 + len(USUAL.findings)]
    error = table[0]
    assert error[1] == "× 错误"
    assert (
        error[5] == "合计不符\n三项之和不等于合计\n同一种问题共 5 格：附件1 B5、C6、B8；O'Brien 的 表 C8、C10"
    )
    assert error[9] == "1+0=1\n相关：O'Brien 的 表!I9"
    assert {(row[12], row[14]) for row in table} == {
        ("待处理", None), ("已说明", "年中追加"), ("有说明，仍须改正", "四舍五入")
    }  # fmt: skip
    rest = [cell for row in rows[14:] for cell in row if cell]
    assert {"PE601", "没有自评报告", "杂项", "不是附件"} <= set(rest)


def test_links_filter_freeze_and_print_set_up() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(highlight(office_file(), USUAL).data))["校验结果"]
    links = {cell.value: cell.hyperlink.location for (cell,) in sheet["E8:E14"] if cell.hyperlink}
    assert links["C10"] == "'O''Brien 的 表'!C10"
    assert links["B5"] == "'附件1'!B5"
    assert sheet.freeze_panes == "A8"
    assert sheet.auto_filter.ref == "A7:P14"
    assert sheet.column_dimensions["P"].hidden
    folded = [row for row in range(8, 15) if sheet.row_dimensions[row].hidden]
    assert {sheet.cell(row, 2).value for row in folded} == {"● 提示"}
    assert all(sheet.row_dimensions[row].outlineLevel == 1 for row in folded)
    assert sheet.data_validations.dataValidation[0].sqref == "N8:N14"
    assert sheet.print_title_rows == "$7:$7"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr is not None
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert all(row.height for row in (sheet.row_dimensions[at] for at in range(1, 15)))


def test_marking_twice_is_marking_once() -> None:
    once = highlight(office_file(macros=True), USUAL).data
    assert contents(highlight(once, USUAL).data) == contents(once)


def test_later_marks_replace_earlier_ones() -> None:
    source = office_file()
    other = report(finding("info", NAMES[2], 9, 3))
    again = highlight(highlight(source, USUAL).data, other).data
    assert marks(again, NAMES[0]) == {}
    assert marks(again, NAMES[2]) == {"PE_MARK_INFO": "C9"}
    assert openpyxl.load_workbook(io.BytesIO(again)).sheetnames == [*NAMES, "校验结果"]


def test_our_sheet_is_known_by_another_name_and_place() -> None:
    once = with_extras(highlight(office_file(), USUAL).data, {"sheet": ("校验结果", "旧结果")})
    again = highlight(once, USUAL).data
    assert openpyxl.load_workbook(io.BytesIO(again)).sheetnames == [*NAMES, "旧结果"]


def invalid(data: bytes, folder: Path) -> set[str]:
    """What the Open XML schemas say against a file."""
    path = folder / ("a.xlsm" if b"vbaProject" in data else "a.xlsx")
    path.write_bytes(data)
    return {f"{error.part_uri}: {error.description}" for error in OpenXmlValidator().validate(path).errors}


def test_the_open_xml_schemas_find_nothing_that_was_not_there(tmp_path: Path) -> None:
    example = ROOT / "workbook" / "example-2023.xlsx"
    marked = highlight(example, check(example)).data
    assert invalid(marked, tmp_path) == set()
    package = Package(marked)
    sheet = package.document("xl/worksheets/sheet1.xml")
    sheet.root.append(next(sheet.root.iter(f"{{{MAIN}}}conditionalFormatting")))
    package.put("xl/worksheets/sheet1.xml", sheet)
    assert invalid(package.to_bytes(), tmp_path), "the schemas would see a mark in the wrong place"
    source = office_file(macros=True)
    assert invalid(highlight(source, USUAL).data, tmp_path) <= invalid(source, tmp_path)


def test_unmarking_gives_back_the_file_that_was_marked_byte_for_byte() -> None:
    for source in (
        office_file(),
        office_file(macros=True),
        with_extras(office_file(), {"a": ("附件", "表格")}),
    ):
        once = highlight(source, USUAL).data
        assert unmark(once) == Unmarked(source, True, ".xlsm" if b"vbaProject" in source else ".xlsx")
        other = highlight(once, report(finding("info", NAMES[2], 9, 3))).data
        assert unmark(other).data == source


def test_a_marked_copy_that_excel_saved_keeps_what_was_done_to_it() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(highlight(office_file(), USUAL).data))
    workbook[NAMES[0]]["A8"] = "改过"
    workbook.move_sheet("校验结果", -2)
    workbook.active = 3
    workbook.defined_names["单位"] = DefinedName("单位", attr_text=f"'{NAMES[0]}'!$A$8")
    workbook[NAMES[2]].print_title_rows = "1:2"
    target = io.BytesIO()
    workbook.save(target)
    plain = unmark(target.getvalue())
    assert not plain.exact
    left = openpyxl.load_workbook(io.BytesIO(plain.data))
    assert left.sheetnames == list(NAMES)
    assert left[NAMES[0]]["A8"].value == "改过"
    assert _active(left) == NAMES[2]
    assert "单位" in left.defined_names
    assert left[NAMES[2]].print_title_rows == "$1:$2"
    assert not any(name.startswith("PE_MARK") for name in left.defined_names)
    assert marks(plain.data, NAMES[0]) == {}
    assert "校验结果" not in plain.data.decode("latin-1")
    with pytest.raises(NoMarks):
        unmark(plain.data)


def test_work_on_a_marked_copy_by_other_tools_of_ours_is_never_thrown_away() -> None:
    """Only the marked sheet changes, and it is one whose original the copy remembers."""
    package = Package(highlight(office_file(), USUAL).data)
    sheet = package.document("xl/worksheets/sheet1.xml")
    next(sheet.root.iter(f"{{{MAIN}}}v")).text = "84.69"
    package.put("xl/worksheets/sheet1.xml", sheet)
    plain = unmark(package.to_bytes())
    assert not plain.exact
    assert b"84.69" in contents(plain.data)["xl/worksheets/sheet1.xml"]
    assert "customXml/item2.xml" not in contents(plain.data)
    again = highlight(package.to_bytes(), USUAL).data
    assert not unmark(again).exact
    assert b"84.69" in contents(unmark(again).data)["xl/worksheets/sheet1.xml"]


def test_a_record_that_lies_gives_no_file() -> None:
    package = Package(highlight(office_file(), USUAL).data)
    record = package.document("customXml/item2.xml")
    for piece in record.root:
        if piece.get("name") is not None:
            piece.set("name", "no/such/part.xml")
    package.put("customXml/item2.xml", record)
    assert not unmark(package.to_bytes()).exact


def test_nothing_to_unmark() -> None:
    with pytest.raises(NoMarks, match="没有本工具的标注"):
        unmark(office_file())


def test_a_foreign_sheet_of_that_name_is_left_alone() -> None:
    names = ("附件1", "校验结果", "表")
    source = office_file(names)
    data = highlight(source, report(finding("error", "附件1"), sheets=names)).data
    assert openpyxl.load_workbook(io.BytesIO(data)).sheetnames == [*names, "校验结果(2)"]
    assert contents(data)["xl/worksheets/sheet2.xml"] == contents(source)["xl/worksheets/sheet2.xml"]


def test_what_was_hung_on_our_sheet_goes_with_its_content() -> None:
    package = Package(highlight(office_file(), USUAL).data)
    package.relate("xl/worksheets/sheet4.xml", f"{OFFICE}/comments", "xl/comments9.xml")
    again = Package(highlight(package.to_bytes(), USUAL).data)
    assert again.relationships("xl/worksheets/sheet4.xml") == ()


def test_formulas_someone_wrote_into_our_sheet_leave_no_dead_calculation_chain() -> None:
    once = highlight(office_file(), USUAL).data
    package = Package(once)
    sheet = package.document("xl/worksheets/sheet4.xml")
    cell = next(sheet.root.iter(f"{{{MAIN}}}c"))
    append_new(cell, "f").text = "1+1"
    package.put("xl/worksheets/sheet4.xml", sheet)
    package.put("xl/calcChain.xml", f'<calcChain xmlns="{MAIN}"><c r="A1" i="4"/></calcChain>'.encode())
    package.relate("xl/workbook.xml", f"{OFFICE}/calcChain", "xl/calcChain.xml")
    again = highlight(package.to_bytes(), USUAL).data
    assert "xl/calcChain.xml" not in contents(again)
    assert Package(again).related("xl/workbook.xml", "calcChain") is None


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", '=HYPERLINK("x","y")']
)
def test_no_text_becomes_a_formula(text: str) -> None:
    bad = Finding("PE101", "totals", "error", Place(NAMES[0], 2, 2), text, text, expected=text, actual=text)
    data = highlight(office_file(), report(bad, workbook=text, unit=text, policy_title=text)).data
    content = contents(data)["xl/worksheets/sheet4.xml"]
    root = etree.fromstring(content)
    assert next(root.iter(f"{{{MAIN}}}f"), None) is None
    assert {cell.get("t") for cell in root.iter(f"{{{MAIN}}}c") if len(cell)} == {"inlineStr"}
    assert text in [node.text for node in root.iter(f"{{{MAIN}}}t")]


@given(st.text())
def test_any_text_fits_in_a_cell(text: str) -> None:
    element = etree.Element("t")
    element.text = cell_text(text)
    assert etree.fromstring(etree.tostring(element, encoding="UTF-8")).text == (element.text or None)


def test_hard_texts() -> None:
    assert cell_text("a\x00\x0b\ud800\uffffb\r\nc\rd") == "ab\nc\nd"
    assert cell_text("_x000D_") == "_x005F_x000D_"
    assert len(cell_text("长" * 40000)) == 32767


def test_a_clean_report_says_so() -> None:
    data = highlight(office_file(), report()).data
    assert [row[0] for row in result_rows(data)][6:] == ["未发现问题"]
    assert openpyxl.load_workbook(io.BytesIO(data))["校验结果"].auto_filter.ref is None


def test_a_report_without_forms_does_not_say_that_all_is_well() -> None:
    data = highlight(office_file(), report(summaries=())).data
    assert [row[0] for row in result_rows(data)][6:] == ["没有认出任何附件表，未能检查"]


def test_findings_on_sheets_that_are_not_there_are_listed_and_noted() -> None:
    marked = highlight(office_file(), report(finding("error", "不存在")))
    assert marked.notes == ("工作表“不存在”中的问题没有标色：工作簿里没有这个工作表，或它没有单元格",)
    assert result_rows(marked.data)[7][3:5] == ["不存在", "B8"]


def test_a_signature_is_mentioned() -> None:
    package = Package(office_file())
    package.put("_xmlsignatures/sig1.xml", b"<s/>", "application/xml")
    (note,) = highlight(package.to_bytes(), USUAL).notes
    assert "签名" in note


def test_a_workbook_without_styles_gets_them() -> None:
    package = Package(office_file())
    package.unrelate("xl/workbook.xml", "xl/styles.xml")
    package.remove("xl/styles.xml")
    data = highlight(package.to_bytes(), USUAL).data
    assert marks(data, NAMES[0])["PE_MARK_ERROR"] == "B5:C6"
    assert contents(highlight(data, USUAL).data) == contents(data)


def test_strict_files_stay_strict() -> None:
    strict = {
        "main": (MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
        "office": (OFFICE, "http://purl.oclc.org/ooxml/officeDocument/relationships"),
    }
    data = highlight(with_extras(office_file(), strict), USUAL).data
    book = Workbook(Package(data))
    assert [sheet.name for sheet in book.sheets] == [*NAMES, "校验结果"]
    for part in ("xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet4.xml"):
        assert MAIN.encode() not in contents(data)[part]
    # The same file in the usual flavour can be read by openpyxl.
    usual = with_extras(data, {key: (new, old) for key, (old, new) in strict.items()})
    assert marks(usual, NAMES[0]) == {"PE_MARK_ERROR": "B5:C6", "PE_MARK_WARNING": "B8"}


def test_the_source_is_a_path_or_bytes_and_never_written(tmp_path: Path) -> None:
    path = tmp_path / "单位 自评.xlsx"
    source = office_file()
    path.write_bytes(source)
    assert highlight(path, USUAL).data == highlight(source, USUAL).data
    assert path.read_bytes() == source


def test_no_workbook_no_copy() -> None:
    with pytest.raises(PackageError):
        highlight(b"PK", USUAL)
