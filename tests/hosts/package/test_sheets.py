"""Sheets of a package: what their cells hold, and inserted rows, with which everything below moves as in Excel."""

from __future__ import annotations

import pytest

from perfeval_xl.grid import Area
from perfeval_xl.hosts.limits import LIMITS
from perfeval_xl.hosts.package.sheets import SheetPart, shifted
from perfeval_xl.hosts.package.workbook import Workbook
from perfeval_xl.hosts.package.xml import local_name
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.reading import xlsx
from perfeval_xl.hosts.template.template import Template, shared_strings, shipped
from tests.hosts.hostfiles import packed


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("<t>填报表</t>", "填报表"),
        ("<r><t>填</t></r><r><rPr><b/></rPr><t>报表</t></r>", "填报表"),
        ('<t>填报表</t><rPh sb="0" eb="1"><t>ZZ</t></rPh><phoneticPr fontId="1"/>', "填报表"),
        ('<r><t>填</t></r><rPh sb="0" eb="1"><t>ZZ</t></rPh><r><t>报表</t></r>', "填报表"),
        ('<t xml:space="preserve"> 填 </t>', " 填 "),
        ("<t>填_x0041_报_x005F_x0041_</t>", "填A报_x0041_"),
        ("<t>填_x000D_\n报</t>", "填\r\n报"),
        ("<t>填_xD800_</t>", "填_xD800_"),
        ("<t/>", ""),
        ("", ""),
    ],
)
def test_a_cell_s_text_is_its_runs_and_not_their_phonetic_guides(item: str, text: str) -> None:
    """In the table of shared strings and in the cell itself; and the host that reads files says the same, but that
    a line break is one letter there: Excel's formulas see two."""
    data = packed(
        f'<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is>{item}</is></c></row>',
        f"<si>{item}</si>",
    )
    package = Package(data)
    workbook = Workbook(package)
    part = SheetPart(package, workbook.sheets[0].part or "", shared_strings(package, workbook))
    read = xlsx.read("", data, LIMITS).grids[0].cells
    for place in ((1, 1), (1, 2)):
        assert part.value(*place) == text
        assert (read[place].value if place in read else "") == text.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("formula", "own", "expected"),
    [
        ("SUM(D5:D9)", True, "SUM(D5:D11)"),
        ("SUM(D5:D6)", True, "SUM(D5:D6)"),
        ("D7+$D$8", True, "D9+$D$10"),
        ("D7", False, "D7"),
        ("'附件1'!D7&\"D7\"", False, "'附件1'!D9&\"D7\""),
        ("附件1!D7", False, "附件1!D9"),
        ("'附件2'!D7", True, "'附件2'!D7"),
        ("起:止!$F$8", True, "起:止!$F$8"),
        ("PE_YEAR+COLUMN($A$1:$BL$1)", True, "PE_YEAR+COLUMN($A$1:$BL$1)"),
        ('ISNUMBER(MATCH($H$1&"!"&ADDRESS(ROW(),COLUMN(),4),PE_KEYS,0))', True,
         'ISNUMBER(MATCH($H$1&"!"&ADDRESS(ROW(),COLUMN(),4),PE_KEYS,0))'),
    ],
)  # fmt: skip
def test_references_move(formula: str, own: bool, expected: str) -> None:
    assert shifted(formula, own, "附件1", 7, 2) == expected


@pytest.fixture
def template() -> Template:
    return Template(shipped(".xlsx"))


def test_a_row_in_a_list_brings_formats_merges_prompts_and_notes(template: Template) -> None:
    part = template.parts["附件1"]
    before = dict(part.texts(1))
    parent = next(row for row, text in before.items() if text.startswith("3、区级"))
    last = parent + 6  # the last of the six rows that are shipped, above the thin one
    heights = {row: part.rows[row].get("ht") for row in part.rows}
    template.insert_rows("附件1", last, 3)
    assert {text: row for row, text in part.texts(1).items()} == {
        text: row if row < last else row + 3 for row, text in before.items()
    }
    for row in range(parent + 1, last + 4):
        assert Area(row, 2, row, 3) in part.merges
        assert part.cells[row, 1].get("s") == part.cells[parent + 1, 1].get("s")
    assert part.rows[last + 4].get("ht") == heights[last + 1]
    assert (
        part.stored()[parent, 6].formula
        == f'IF(COUNT(F{parent + 1}:G{last + 4})=0,"",ROUND(SUM(F{parent + 1}:G{last + 4}),6))'
    )
    prompts = " ".join(
        element.get("sqref", "") for element in part.root.iter() if local_name(element) == "dataValidation"
    )
    assert f"A{parent + 1}:A{last + 3}" in prompts
    notes = template.package.read("xl/comments1.xml").decode()
    public = next(row for row, text in part.texts(1).items() if text == "公用经费")
    assert f'ref="A{public}"' in notes
    drawing = template.package.read("xl/drawings/vmlDrawing1.vml").decode()
    assert f"<x:Row>{public - 1}</x:Row>" in drawing
    assert template.names["PE_A1_PUBLIC"] == f"'附件1'!$F${public}"


def test_inserted_rows_of_a_fund_table_bring_their_formulas(template: Template) -> None:
    template.insert_rows("附件4", 10, 2)
    part = template.parts["附件4"]
    for row in range(7, 17):
        assert part.stored()[row, 5].formula == f'IF(COUNT(F{row},G{row})=0,"",ROUND(SUM(F{row},G{row}),6))'
    assert "C7:C17" in (part.stored()[6, 3].formula or "")
