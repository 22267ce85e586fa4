"""Sheets of a package: what their cells hold, and inserted rows, with which everything below moves as in Excel."""

from __future__ import annotations

from decimal import Decimal

import pytest

from perfeval_xl.grid import Area
from perfeval_xl.hosts.limits import LIMITS
from perfeval_xl.hosts.package.sheets import Scalar, SheetPart, shifted
from perfeval_xl.hosts.package.workbook import Workbook
from perfeval_xl.hosts.package.xml import local_name
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.reading import xlsx
from perfeval_xl.hosts.template.template import Template, shipped
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
    part = sheet(data)
    read = xlsx.read("", data, LIMITS).grids[0].cells
    for place in ((1, 1), (1, 2)):
        assert part.value(*place) == text
        assert (read[place].value if place in read else "") == text.replace("\r\n", "\n")


def sheet(data: bytes) -> SheetPart:
    workbook = Workbook(Package(data))
    return SheetPart(workbook.package, workbook.sheets[0].part or "", workbook.shared_strings())


def written(part: SheetPart) -> str:
    """What stands between the tags of the worksheet, once saved."""
    part.save()
    content = part.package.read(part.part).decode()
    return content.partition("<worksheet")[2].partition(">")[2].removesuffix("</worksheet>")


def test_cells_without_addresses_stand_behind_the_one_before() -> None:
    """As the host that reads files finds them; of a row without a number likewise."""
    data = packed(
        '<row><c><v>1</v></c><c r="D1"><v>2</v></c><c><v>3</v></c></row><row r="4"><c><v>4</v></c></row>'
        "<row><c><v>5</v></c></row>"
    )
    found = {place: stored.value for place, stored in sheet(data).stored().items()}
    assert found == {(1, 1): 1, (1, 4): 2, (1, 5): 3, (4, 1): 4, (5, 1): 5}
    assert found == {place: cell.value for place, cell in xlsx.read("", data, LIMITS).grids[0].cells.items()}


def test_new_rows_and_cells_stand_in_their_order() -> None:
    part = sheet(
        packed(
            '\n<row r="2">\n <c r="B2"><v>1</v></c>\n <c r="D2"><v>2</v></c><extLst/>\n</row>\n<row r="5"/>\n'
        )
    )
    for place in ((2, 5), (2, 3), (2, 1), (4, 1), (9, 1), (1, 1)):
        part.set(*place, 0.5)
    new = '<c r="{}"><v>0.5</v></c>'.format
    row = '<row r="{}">{}</row>'.format
    second = f'\n {new("A2")}<c r="B2"><v>1</v></c>\n {new("C2")}<c r="D2"><v>2</v></c>{new("E2")}<extLst/>\n'
    assert written(part) == (
        f'<sheetData>\n{row(1, new("A1"))}{row(2, second)}\n{row(4, new("A4"))}<row r="5"/>\n'
        f"{row(9, new('A9'))}</sheetData>"
    )


def test_cells_of_a_sheet_without_any_come_in_the_schema_s_place() -> None:
    package = Package(packed(""))
    part = Workbook(package).sheets[0].part or ""
    content = package.read(part).replace(b"<sheetData></sheetData>", b"<sheetViews/><pageMargins/>")
    package.put(part, content)
    page = sheet(package.to_bytes())
    page.set(1, 1, "字")
    text = '<is><t xml:space="preserve">字</t></is>'
    cells = f'<sheetData><row r="1"><c r="A1" t="inlineStr">{text}</c></row></sheetData>'
    assert written(page) == f"<sheetViews/>{cells}<pageMargins/>"


@pytest.mark.parametrize(
    ("value", "kind", "text", "element"),
    [
        (None, "", None, ""),
        ("", "str", "", ""),
        ("=1", "str", "=1", '<is><t xml:space="preserve">=1</t></is>'),
        ("_x0041_", "str", "_x005F_x0041_", '<is><t xml:space="preserve">_x005F_x0041_</t></is>'),
        (True, "b", "1", "<v>1</v>"),
        (5.0, "", "5", "<v>5</v>"),
        (0.1 + 0.2, "", "0.30000000000000004", "<v>0.30000000000000004</v>"),
        (Decimal("1234567890123456.70"), "", "1234567890123456.70", "<v>1234567890123456.70</v>"),
    ],
)
def test_a_value_is_given_by_the_cell_s_formula_or_typed_over_it(
    value: Scalar | Decimal, kind: str, text: str | None, element: str
) -> None:
    part = sheet(packed('<row r="1"><c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'))
    part.cache(1, 1, value)
    cell = part.cells[1, 1]
    assert cell.get("t", "") == kind
    assert [(local_name(inner), inner.text) for inner in cell] == [
        ("f", "1/0"), *([] if text is None else [("v", text)]),
    ]  # fmt: skip
    part.set(1, 1, value)
    typed = f' t="{"b" if kind == "b" else "inlineStr"}"' if kind and element else ""
    whole = f'<c r="A1"{typed}>{element}</c>' if element else '<c r="A1"/>'
    assert written(part) == f'<sheetData><row r="1">{whole}</row></sheetData>'


def test_who_shares_a_formula_keeps_it_when_it_is_typed_over() -> None:
    part = sheet(
        packed(
            '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">B1*2</f></c></row>'
            '<row r="2"><c r="A2"><f t="shared" si="0"/></c></row><row r="3"><c r="A3"><f t="shared" si="1"/></c></row>'
        )
    )
    part.set(1, 1, 1.0)
    assert [part.stored()[row, 1].formula for row in (1, 2, 3)] == [None, "B2*2", ""]


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
    parent = next(row for row, text in before.items() if text.startswith("3、本级"))
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
