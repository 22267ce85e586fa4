"""The list of repair causes finds each defect that is planted, and nothing in a sound workbook."""

from __future__ import annotations

import io
import zipfile
from functools import cache

import pytest
import xlsxwriter
from assemble import add_texts, macro_enabled

from tests.workbook.repair import repair_causes


@cache
def sound() -> bytes:
    """A workbook with one of everything: names, table, merges, formats, validation, buttons, macros, ribbon."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        book.set_vba_name("ThisWorkbook")
        first, second = (book.add_worksheet(name) for name in ("附件1", "校验 结果"))
        first.set_vba_name("Sheet1")
        second.set_vba_name("Sheet2")
        book.define_name("PE_KEY", "='校验 结果'!$A$2:$A$5")
        first.merge_range("A1:C1", "标题", book.add_format({"bold": True, "num_format": "0.00"}))
        first.write_formula("A2", '=IF(B2=0,"","a(b")&\'校验 结果\'!A2', None, "")
        first.set_column(0, 2, 12)
        first.set_footer("&C&P")
        first.conditional_format(
            "A2:C9",
            {
                "type": "formula",
                "criteria": "=ISNUMBER(MATCH(A2,PE_KEY,0))",
                "format": book.add_format({"bold": True}),
            },
        )
        first.data_validation(
            "B2:B9",
            {
                "validate": "decimal",
                "criteria": ">=",
                "value": 0,
                "input_title": "预算数",
                "input_message": "填数",
            },
        )
        first.write_url("C2", "internal:'校验 结果'!A1", string="看")
        first.insert_button("E2", {"macro": "PE_check_all", "caption": "一键校验"})
        second.add_table("A1:B5", {"name": "T_Findings", "columns": [{"header": "序号"}, {"header": "问题"}]})
        add_texts(book, "template")
    return macro_enabled(stream.getvalue(), "template")


def replaced(part: str, old: str, new: str) -> bytes:
    """The sound workbook with one text of a part changed; it must be there."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sound())) as source, zipfile.ZipFile(out, "w") as target:
        for info in source.infolist():
            data = source.read(info).decode("latin-1")
            if info.filename == part:
                assert old.encode().decode("latin-1") in data, f"{old} is not in {part}"
                data = data.replace(old.encode().decode("latin-1"), new.encode().decode("latin-1"), 1)
            target.writestr(info.filename, data.encode("latin-1"))
    return out.getvalue()


def test_a_sound_workbook_has_nothing_to_repair() -> None:
    assert repair_causes(sound()) == []


SHEET1, SHEET2, BOOK = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/workbook.xml"
DEFECTS = [
    ("[Content_Types].xml", 'PartName="/xl/styles.xml"', 'PartName="/xl/gone.xml"', "xl/gone.xml, which is not there"),
    ("[Content_Types].xml", 'PartName="/xl/styles.xml"', 'PartName="/xl/workbook.xml"', "two content types"),
    ("[Content_Types].xml", 'Extension="vml"', 'Extension="vmx"', "no content type for xl/drawings/vmlDrawing1.vml"),
    ("xl/_rels/workbook.xml.rels", 'Id="rId2"', 'Id="rId1"', "relationship rId1"),
    ("xl/_rels/workbook.xml.rels", 'Target="styles.xml"', 'Target="style.xml"', "points to xl/style.xml"),
    ("xl/_rels/workbook.xml.rels", 'Target="styles.xml"', 'Target="theme/theme1.xml"', "nothing points to xl/styles.xml"),
    (BOOK, 'name="校验 结果"', 'name="附件1"', "two sheets are called"),
    (BOOK, 'name="校验 结果"', 'name="校验/结果"', "cannot be the name of a sheet"),
    (BOOK, 'sheetId="2"', 'sheetId="1"', "two sheets have the sheetId"),
    (BOOK, 'r:id="rId2"', 'r:id="rId77"', "uses the relationship rId77"),
    (BOOK, 'name="PE_KEY"', 'name="PE1"', "cannot be a defined name"),
    (BOOK, 'name="PE_KEY"', 'name="T_Findings"', "has the name of a defined name"),
    (BOOK, "'校验 结果'!$A$2", "'核对'!$A$2", "points to the sheet 核对"),
    (BOOK, 'sheetId="1"', 'sheetId="1" state="hidden"', "activeTab"),
    (BOOK, "<calcPr", "<bookViews/><calcPr", "wrong order"),
    (BOOK, 'codeName="ThisWorkbook"', "", "code names"),
    (SHEET1, 'codeName="Sheet1"', 'codeName="Sheet9"', "documents"),
    (SHEET2, 'codeName="Sheet2"', 'codeName="Sheet1"', "two sheets have the code name"),
    (SHEET1, 'ref="A1:C1"', 'ref="A1:C1"/><mergeCell ref="B1:D1"', "merged cells overlap"),
    (SHEET1, 'ref="A1:C1"', 'ref="C1:A1"', "mergeCell has the range"),
    (SHEET1, 'sqref="A2:C9"', 'sqref="#REF!"', "conditionalFormatting has the range"),
    (SHEET1, 'dxfId="0"', 'dxfId="9"', "uses the format 9"),
    (SHEET1, 'priority="1"', 'priority="0"', "without priority"),
    (SHEET1, "MATCH(A2,PE_KEY,0)", "MATCH(A2,附件1!A1,0)", "names another sheet"),
    (SHEET1, "MATCH(A2,PE_KEY,0))", "MATCH(A2,PE_KEY,0)", "cannot be read"),
    (SHEET1, 'promptTitle="预算数"', f'promptTitle="{"预" * 33}"', "promptTitle"),
    (SHEET1, 'sqref="B2:B9"', 'sqref="B2:B9 B9:B12"', "validations overlap"),
    (SHEET1, '<dataValidations count="1"', '<dataValidations count="2"', "count of validations"),
    (SHEET1, '<c r="A1" s="1"', '<c r="A1" s="99"', "style 99"),
    (SHEET1, '<c r="C2"', '<c r="A2"', "out of order"),
    (SHEET1, '<row r="2"', '<row r="1"', "row 1"),
    (SHEET1, "<v>0</v>", "<v>999</v>", "shared string 999"),
    (SHEET1, "<f>IF(", "<f>=IF(", "cannot be read"),
    (SHEET1, "'校验 结果'!A2", "'没有'!A2", "points to the sheet 没有"),
    (SHEET1, "&amp;C&amp;P", "&amp;C" + "页" * 256, "longer than 255"),
    (SHEET1, '<col min="1"', '<col min="5"', "columns 5-3"),
    ("xl/styles.xml", '<cellXfs count="', '<cellXfs count="9', "says 9"),
    ("xl/styles.xml", 'fontId="1"', 'fontId="7"', "fontId 7"),
    ("xl/tables/table1.xml", 'name="问题"', 'name="序号"', "two columns 序号"),
    ("xl/tables/table1.xml", 'name="问题"', 'name="毛病"', "is headed"),
    ("xl/tables/table1.xml", 'ref="A1:B5"', 'ref="A1:C5"', "has 2 columns"),
    ("xl/tables/table1.xml", 'displayName="T_Findings"', 'displayName="T1"', "cannot be the name of a table"),
    ("customUI/customUI14.xml", 'id="next"', 'id="previous"', "two ribbon controls"),
    ("customUI/customUI14.xml", 'onAction="PE_Ribbon"', 'onAction="PE_Gone"', "the ribbon calls PE_Gone"),
    ("customUI/customUI14.xml", 'keytip="JX"', 'keytip="JXHD"', "key tip"),
    ("customUI/customUI14.xml", "2009/07/customui", "2006/01/customui", "another version"),
    ("xl/drawings/vmlDrawing1.vml", "PE_check_all", "PE_gone", "calls PE_gone"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "old", "new", "says"), DEFECTS, ids=[defect[3] for defect in DEFECTS])
def test_a_planted_defect_is_found(part: str, old: str, new: str, says: str) -> None:
    causes = repair_causes(replaced(part, old, new))
    assert any(says in cause for cause in causes), causes


def test_a_part_twice_and_a_damaged_file_are_found() -> None:
    twice = io.BytesIO(sound())
    with zipfile.ZipFile(twice, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("docProps/app.xml", archive.read("docProps/app.xml"))
    assert repair_causes(twice.getvalue()) == ["part docprops/app.xml stands twice in the zip file"]
    assert repair_causes(b"PK")[0].startswith("the package does not open")
    assert "does not open" in repair_causes(replaced(BOOK, "</workbook>", ""))[0]
