"""The reference host: values, formulas, formats, merges and hidden parts, from ordinary and strange files."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.styles import Border, Side

from perfeval_xl.errors import Unreadable
from perfeval_xl.grid import Area, Cell, Grid, Knowledge
from perfeval_xl.hosts.reading.loading import read_book
from tests.hosts.hostfiles import parts, write
from tests.timing import STEEP, growth

STYLES = (
    '<numFmts count="1"><numFmt numFmtId="170" formatCode="0.0&quot;倍&quot;"/></numFmts>'
    '<cellXfs count="6"><xf numFmtId="0"/><xf numFmtId="9"/><xf numFmtId="10"/><xf numFmtId="14"/>'
    '<xf numFmtId="31"/><xf numFmtId="170"/></cellXfs>'
)


def grid(tmp_path: Path, data: str = "", **options: object) -> Grid:
    path = write(tmp_path / "手 工.xlsx", parts(data, **options))  # type: ignore[arg-type]
    book = read_book(path)
    assert book.name == "手 工.xlsx"
    assert book.notes == ()
    return book.grids[0]


def only(found: Grid) -> Cell:
    (cell,) = found.cells.values()
    return cell


def test_everything_at_once_from_xlsxwriter(tmp_path: Path) -> None:
    path = tmp_path / "全.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("附件1")
        sheet.write(0, 0, "编制数")
        sheet.write(0, 1, 207.36000000000001, book.add_format({"num_format": "0.00"}))
        sheet.write(0, 2, 1, book.add_format({"num_format": "0%"}))
        sheet.write_formula(0, 3, "=B1*2", None, 414.72)
        sheet.write_formula(1, 0, "=1/0", None, "#DIV/0!")
        sheet.write(1, 1, True)
        sheet.write_datetime(1, 2, dt.datetime(2023, 12, 31), book.add_format({"num_format": "yyyy年m月d日"}))
        sheet.write_rich_string(1, 3, book.add_format({"bold": True}), "加粗", "普通")
        sheet.merge_range("A4:C5", "合并")
        sheet.set_row(5, None, None, {"hidden": True})
        sheet.set_column("B:C", None, None, {"hidden": True})
        sheet.write(6, 0, "末行")
        book.add_worksheet("隐藏").hide()
        book.add_worksheet("深藏").very_hidden()
    book_read = read_book(path)
    first = book_read.grids[0]
    assert [(each.sheet, each.state) for each in book_read.grids] == [
        ("附件1", "visible"),
        ("隐藏", "hidden"),
        ("深藏", "veryHidden"),
    ]
    assert list(first.cells.values()) == [
        Cell(1, 1, "编制数", "编制数"),
        Cell(1, 2, Decimal("207.36"), "207.36", 2),
        Cell(1, 3, Decimal(1), "100%", 0, True),
        Cell(1, 4, Decimal("414.72"), "414.72", formula="=B1*2"),
        Cell(2, 1, "#DIV/0!", "#DIV/0!", formula="=1/0", error=True),
        Cell(2, 2, True, "TRUE"),
        Cell(2, 3, dt.date(2023, 12, 31), "2023年12月31日"),
        Cell(2, 4, "加粗普通", "加粗普通"),
        Cell(4, 1, "合并", "合并"),
        Cell(7, 1, "末行", "末行"),
    ]
    assert first.merges == (Area.of("A4:C5"),)
    assert first.hidden_rows == {6}
    assert first.hidden_columns == {2, 3}
    assert first.knows == Knowledge()


def test_a_formula_without_cached_value_is_uncached_not_blank(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = "=SUM(B1:B3)"
    book.save(tmp_path / "a.xlsx")
    cell = only(read_book(tmp_path / "a.xlsx").grids[0])
    assert cell == Cell(1, 1, None, "", formula="=SUM(B1:B3)")
    assert cell.uncached


def test_a_formula_whose_value_is_empty_text_is_calculated(tmp_path: Path) -> None:
    cell = only(grid(tmp_path, '<row r="1"><c r="A1" t="str"><f>IF(B1="","",1)</f><v></v></c></row>'))
    assert (cell.value, cell.uncached) == ("", False)


def test_shared_formulas_name_the_cell_that_holds_the_text(tmp_path: Path) -> None:
    found = grid(
        tmp_path,
        '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">B1*2</f><v>2</v></c></row>'
        '<row r="2"><c r="A2"><f t="shared" si="0"/></c></row>'
        '<row r="3"><c r="A3"><f t="dataTable" ref="A3:A4"/><v>3</v></c></row>',
    )
    assert found.cells[1, 1].formula == "=B1*2"
    assert found.cells[2, 1].uncached
    assert "A1" in str(found.cells[2, 1].formula)
    assert found.cells[3, 1].formula


def test_a_wrong_dimension_is_ignored(tmp_path: Path) -> None:
    found = grid(
        tmp_path,
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="44"><c r="J44"><v>2</v></c></row>',
        before='<dimension ref="A1"/>',
    )
    assert set(found.cells) == {(1, 1), (44, 10)}


def test_cells_and_rows_without_references_are_counted(tmp_path: Path) -> None:
    found = grid(
        tmp_path,
        "<row><c><v>1</v></c><c/><c><v>3</v></c></row>"
        '<row r="5"><c r="C5"><v>4</v></c><c><v>5</v></c></row><row><c><v>6</v></c></row>',
    )
    assert {place: cell.text for place, cell in found.cells.items()} == {
        (1, 1): "1",
        (1, 3): "3",
        (5, 3): "4",
        (5, 4): "5",
        (6, 1): "6",
    }


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("<t>编制</t>", "编制"),
        ("<r><t>编</t></r><r><rPr><b/></rPr><t>制</t></r>", "编制"),
        ('<t>編制</t><rPh sb="0" eb="2"><t>ヘンセイ</t></rPh><phoneticPr fontId="1"/>', "編制"),
        ("<t>一_x000D_\n二</t>", "一\n二"),
        ("<t>_x005F_x000D_</t>", "_x000D_"),
        ("<t>半个_xD83D_字</t>", "半个_xD83D_字"),
        ('<t xml:space="preserve"> 空格 </t>', " 空格 "),
    ],
)
@pytest.mark.parametrize("inline", [True, False])
def test_text(tmp_path: Path, item: str, text: str, inline: bool) -> None:
    if inline:
        found = grid(tmp_path, f'<row r="1"><c r="A1" t="inlineStr"><is>{item}</is></c></row>')
    else:
        found = grid(tmp_path, '<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings=f"<si>{item}</si>")
    assert only(found) == Cell(1, 1, text, text)


def test_blank_text_is_no_cell(tmp_path: Path) -> None:
    data = '<row r="1"><c r="A1" t="inlineStr"><is><t/></is></c><c r="B1" t="s"><v>0</v></c><c r="C1"/></row>'
    assert grid(tmp_path, data, strings="<si><t></t></si>").cells == {}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<c r="A1" s="1"><v>0.985</v></c>', Cell(1, 1, Decimal("0.985"), "99%", 0, True)),
        ('<c r="A1" s="2"><v>0.98765</v></c>', Cell(1, 1, Decimal("0.98765"), "98.77%", 2, True)),
        ('<c r="A1" s="3"><v>45291</v></c>', Cell(1, 1, dt.date(2023, 12, 31), "2023/12/31")),
        ('<c r="A1" s="4"><v>45291</v></c>', Cell(1, 1, dt.date(2023, 12, 31), "2023年12月31日")),
        ('<c r="A1" s="5"><v>2.25</v></c>', Cell(1, 1, Decimal("2.25"), "2.3倍", 1)),
        ('<c r="A1" s="3"><v>-1</v></c>', Cell(1, 1, Decimal(-1), "-1")),
        ('<c r="A1" s="99"><v>1.5</v></c>', Cell(1, 1, Decimal("1.5"), "1.5")),
        ('<c r="A1" s=""><v>1.5</v></c>', Cell(1, 1, Decimal("1.5"), "1.5")),
        ('<c r="A1" t="b"><v>0</v></c>', Cell(1, 1, False, "FALSE")),
        ('<c r="A1" t="e"><v>#N/A</v></c>', Cell(1, 1, "#N/A", "#N/A", error=True)),
        (
            '<c r="A1" t="d"><v>2023-12-31T08:30:00Z</v></c>',
            Cell(1, 1, dt.datetime(2023, 12, 31, 8, 30), "2023/12/31 8:30"),
        ),
        ('<c r="A1"><v>1.1000000000000001</v></c>', Cell(1, 1, Decimal("1.1"), "1.1")),
        ('<c r="A1"><v>1E+400</v></c>', Cell(1, 1, "1E+400", "1E+400")),
        ('<c r="A1"><v>NaN</v></c>', Cell(1, 1, "NaN", "NaN")),
    ],
)
def test_values(tmp_path: Path, cell: str, expected: Cell) -> None:
    assert only(grid(tmp_path, f'<row r="1">{cell}</row>', styles=STYLES)) == expected


def test_dates_of_the_1904_system(tmp_path: Path) -> None:
    found = grid(tmp_path, '<row r="1"><c r="A1" s="3"><v>43829</v></c></row>', styles=STYLES, date1904=True)
    assert only(found).value == dt.date(2023, 12, 31)


def test_cells_behind_a_merge_stay_only_if_they_hold_something(tmp_path: Path) -> None:
    found = grid(
        tmp_path,
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1" s="1"/><c r="C1"><v>7</v></c></row>',
        after='<mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="E1:E1"/></mergeCells>',
    )
    assert set(found.cells) == {(1, 1), (1, 3)}
    assert found.merges == (Area.of("A1:C1"),)


def test_hidden_rows_and_columns_end_with_the_content(tmp_path: Path) -> None:
    found = grid(
        tmp_path,
        '<row r="1" hidden="1"/><row r="2" ht="0"/><row r="3"><c r="D3"><v>1</v></c></row><row r="4" hidden="1"/>',
        before='<cols><col min="2" max="3" hidden="1"/><col min="3" max="16384" hidden="true"/></cols>',
    )
    assert found.hidden_rows == {1, 2}
    assert found.hidden_columns == {2, 3, 4}


def test_prefixed_strict_and_utf16_parts(tmp_path: Path) -> None:
    content: dict[str, str | bytes] = {**parts(strict=True)}
    sheet = (
        '<?xml version="1.0" encoding="UTF-16"?><x:worksheet xmlns:x="urn:x"><x:sheetData><x:row r="1">'
        '<x:c r="A1" t="inlineStr"><x:is><x:t>字</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>'
    )
    content["xl/worksheets/sheet1.xml"] = sheet.encode("utf-16")
    book = read_book(write(tmp_path / "a.xlsx", content))
    assert only(book.grids[0]).value == "字"


def test_parts_are_found_as_office_finds_them(tmp_path: Path) -> None:
    content = parts('<row r="1"><c r="A1"><v>1</v></c></row>')
    content["XL\\Worksheets\\Sheet1.xml"] = content.pop("xl/worksheets/sheet1.xml")
    assert only(read_book(write(tmp_path / "a.xlsx", content)).grids[0]).text == "1"


def test_an_empty_fill_as_wps_writes_costs_nothing(tmp_path: Path) -> None:
    path = write(
        tmp_path / "wps.xlsx",
        parts(
            '<row r="1"><c r="A1" s="1"><f>B1</f><v>1</v></c></row>',
            styles='<fills><fill/></fills><cellXfs><xf numFmtId="0"/><xf numFmtId="9"/></cellXfs>',
        ),
    )
    with pytest.raises(TypeError):
        openpyxl.load_workbook(path)
    book = read_book(path)
    assert book.notes == ()
    assert only(book.grids[0]) == Cell(1, 1, Decimal(1), "100%", 0, True, "=B1")


def test_a_missing_sheet_part_is_noted(tmp_path: Path) -> None:
    content = parts("<row><c><v>1</v></c></row>")
    content["xl/workbook.xml"] = content["xl/workbook.xml"].replace(
        "</sheets>", '<sheet name="附件2" sheetId="2" r:id="nowhere"/></sheets>'
    )
    book = read_book(write(tmp_path / "a.xlsx", content))
    assert [each.sheet for each in book.grids] == ["附件1"]
    assert "附件2" in book.notes[0]


@pytest.mark.parametrize(
    "data",
    [
        '<row r="1"><c r="A"><v>1</v></c></row>',
        '<row r="1"><c r="1"><v>1</v></c></row>',
        '<row r="1"><c r="XFE1"><v>1</v></c></row>',
        '<row r="1048577"><c r="A1048577"><v>1</v></c></row>',
        '<row r="x"><c><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>5</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>-1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></row>',
    ],
)
def test_a_sheet_that_contradicts_itself_is_unreadable(tmp_path: Path, data: str) -> None:
    with pytest.raises(Unreadable, match="损坏"):
        grid(tmp_path, data, strings="<si><t>a</t></si>")


def test_far_corners_are_two_cells(tmp_path: Path) -> None:
    found = grid(
        tmp_path,
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>',
    )
    assert set(found.cells) == {(1, 1), (1_048_576, 16_384)}


def test_a_million_formatted_empty_rows(tmp_path: Path) -> None:
    paths = {}
    for size in (1_048_576 // 4, 1_048_576):
        rows = "".join(f'<row r="{row}" s="1"><c r="A{row}" s="1"/></row>' for row in range(1, size + 1))
        first = '<row r="1"><c r="A1"><v>1</v></c></row>'
        paths[size] = write(tmp_path / f"{size}.xlsx", parts(first + rows))

    def run(size: int) -> None:
        assert len(read_book(paths[size]).grids[0].cells) == 1

    assert growth(run, 1_048_576, tries=1) < STEEP


def test_many_merges_and_many_sheets(tmp_path: Path) -> None:
    def run(size: int) -> None:
        merges = "".join(f'<mergeCell ref="A{row}:B{row}"/>' for row in range(1, size + 1))
        assert len(grid(tmp_path, after=f"<mergeCells>{merges}</mergeCells>").merges) == size

    assert growth(run, 65_000, tries=1) < STEEP
    with xlsxwriter.Workbook(tmp_path / "b.xlsx") as book:
        for number in range(200):
            book.add_worksheet(f"附件3-{number}").write(0, 0, number)
    assert len(read_book(tmp_path / "b.xlsx").grids) == 200


def test_same_cells_as_openpyxl_reads_in_full(tmp_path: Path) -> None:
    """The oracle: plain openpyxl, twice, on bordered merges, formulas and formats it wrote itself."""
    source = openpyxl.Workbook()
    sheet = source.worksheets[0]
    thin = Side("thin")
    border = Border(thin, thin, thin, thin)
    for row in range(1, 40):
        for column in range(1, 9):
            cell = sheet.cell(row, column, row * column / 7 if column % 2 else f"指标{row}")
            cell.border = border
            cell.number_format = ("General", "0.00", "0.0%", "yyyy-mm-dd")[row % 4]
        sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=3)
    sheet["H1"] = "=SUM(A1:A9)"
    source.save(tmp_path / "a.xlsx")
    values = openpyxl.load_workbook(tmp_path / "a.xlsx", data_only=True).worksheets[0]
    formulas = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    found = read_book(tmp_path / "a.xlsx").grids[0]
    expected = {}
    for place, stored in formulas._cells.items():
        if stored.value is None:
            continue
        value = values._cells[place].value
        expected[place] = (
            Decimal(f"{value:.15g}") if isinstance(value, float) else value,
            stored.data_type == "f",
        )
    dates = {place for place, (value, _) in expected.items() if isinstance(value, dt.date | dt.time)}
    assert {
        place: (cell.value, cell.formula is not None)
        for place, cell in found.cells.items()
        if place not in dates
    } == {place: cell for place, cell in expected.items() if place not in dates}
    assert all(
        abs(_moment(found.cells[place].value) - _moment(expected[place][0])) < dt.timedelta(milliseconds=2)
        for place in dates
    )
    assert {str(area) for area in found.merges} == {str(area) for area in values.merged_cells.ranges}


def _moment(value: object) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.time):
        return dt.datetime.combine(dt.date(1900, 1, 1), value)
    assert isinstance(value, dt.date)
    return dt.datetime.combine(value, dt.time())


def test_a_flood_of_number_formats_is_refused(tmp_path: Path) -> None:
    formats = "".join(
        f'<numFmt numFmtId="{number}" formatCode="0.0_{number}"/>' for number in range(200, 20_000)
    )
    with pytest.raises(Unreadable, match="数字格式太多"):
        grid(tmp_path, styles=f"<numFmts>{formats}</numFmts>")
