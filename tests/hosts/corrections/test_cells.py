"""Corrections written into packages: shared and array formulas, missing addresses, logs that someone has tampered with."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from perfeval_xl.correct import Change
from perfeval_xl.errors import CorrectError
from perfeval_xl.grid import Book, Cell, Grid, Place
from perfeval_xl.hosts.corrections import log
from perfeval_xl.hosts.corrections.cells import correct, undo
from perfeval_xl.hosts.corrections.log import Entry, read_log
from perfeval_xl.hosts.package.workbook import Workbook
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.own_sheets import CORRECTIONS_SHEET
from tests.hosts.hostfiles import packed

WHEN = dt.datetime(2024, 5, 30, 14, 3, 22)


def book_of(data: bytes, tmp_path: Path) -> Book:
    path = tmp_path / "一.xlsx"
    path.write_bytes(data)
    return read_book(path)


def change(
    cell: tuple[int, int], old: str, new: str, value: Decimal | str | None, formula: str | None = None
) -> Change:
    return Change(Place("附件1", *cell), old, new, value, "PE103", "合计不符", formula)


def shown(book: Book) -> dict[tuple[int, int], tuple[object, str | None]]:
    grid = next(grid for grid in book.grids if grid.sheet == "附件1")
    return {place: (cell.value, cell.formula) for place, cell in grid.cells.items()}


def test_only_the_touched_parts_change(tmp_path: Path) -> None:
    data = packed('<row r="1"><c r="A1" s="0"><v>5</v></c></row>')
    written = correct(data, book_of(data, tmp_path), [change((1, 1), "5", "6", Decimal(6))], WHEN)
    before, after = Package(data), Package(written.data)
    assert shown(book_of(written.data, tmp_path)) == {(1, 1): (Decimal(6), None)}
    kept = [name for name in before.names if before.read(name) == after.read(name)]
    assert "_rels/.rels" in kept
    assert [sheet.name for sheet in Workbook(after).sheets] == ["附件1", CORRECTIONS_SHEET]


def test_cells_without_addresses_and_cells_that_are_not_there(tmp_path: Path) -> None:
    data = packed("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>")
    changes = [
        change((1, 2), "2", "9", Decimal(9)),
        change((2, 3), "", "7", Decimal(7)),
        change((5, 1), "", "字", "字"),
    ]
    book = book_of(data, tmp_path)
    written = correct(data, book, changes, WHEN)
    corrected = book_of(written.data, tmp_path)
    assert {place: value for place, (value, _) in shown(corrected).items()} == {
        (1, 1): 1, (1, 2): 9, (2, 1): 3, (2, 3): 7, (5, 1): "字",
    }  # fmt: skip
    assert shown(book_of(undo(written.data, corrected).data, tmp_path)) == shown(book)


def test_a_formula_that_others_share_is_written_out_for_them(tmp_path: Path) -> None:
    data = packed(
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f t="shared" ref="B1:B2" si="0">A1*2</f><v>2</v></c></row>'
        '<row r="2"><c r="A2"><v>4</v></c><c r="B2"><f t="shared" si="0"/><v>8</v></c></row>'
    )
    book = book_of(data, tmp_path)
    written = correct(data, book, [change((1, 2), "2", "3", Decimal(3))], WHEN)
    corrected = book_of(written.data, tmp_path)
    assert shown(corrected)[1, 2] == (Decimal(3), None)
    assert shown(corrected)[2, 2] == (Decimal(8), "=A2*2")
    assert shown(book_of(undo(written.data, corrected).data, tmp_path))[1, 2] == (Decimal(2), "=A1*2")


def test_a_cell_of_an_array_formula_is_left(tmp_path: Path) -> None:
    data = packed('<row r="1"><c r="A1"><f t="array" ref="A1:A2">B1:B2</f><v>5</v></c></row>')
    written = correct(data, book_of(data, tmp_path), [change((1, 1), "5", "6", Decimal(6))], WHEN)
    assert "数组公式" in written.notes[0]
    assert shown(book_of(written.data, tmp_path))[1, 1][0] == Decimal(5)


def test_shared_texts_come_back_as_they_were(tmp_path: Path) -> None:
    data = packed(
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row>', "<si><r><t>12</t></r><r><t>万元</t></r></si>"
    )
    book = book_of(data, tmp_path)
    written = correct(data, book, [change((1, 1), "12万元", "13万元", "13万元")], WHEN)
    corrected = book_of(written.data, tmp_path)
    assert shown(corrected)[1, 1][0] == "13万元"
    back = undo(written.data, corrected)
    assert b'<c r="A1" t="s"><v>0</v></c>' in Package(back.data).read("xl/worksheets/sheet1.xml")


def test_a_text_comes_back_without_its_phonetic_guides(tmp_path: Path) -> None:
    inline = '<is>\n<t>12万元</t><rPh sb="2" eb="3"><t>ZZ</t></rPh>\n</is>'
    data = packed(f'<row r="1"><c r="A1" t="inlineStr">{inline}</c></row>')
    book = book_of(data, tmp_path)
    written = correct(data, book, [change((1, 1), "12万元", "13万元", "13万元")], WHEN)
    back = undo(written.data, book_of(written.data, tmp_path))
    assert shown(book_of(back.data, tmp_path)) == shown(book) == {(1, 1): ("12万元", None)}


def test_a_text_like_a_formula_stays_text(tmp_path: Path) -> None:
    data = packed('<row r="1"><c r="A1"><v>5</v></c></row>')
    written = correct(data, book_of(data, tmp_path), [change((1, 1), "5", "=1+1", "=1+1")], WHEN)
    corrected = book_of(written.data, tmp_path)
    assert shown(corrected)[1, 1] == ("=1+1", None)
    assert all(cell.formula is None for grid in corrected.grids for cell in grid.cells.values())


def with_log(data: bytes, old: str, new: str) -> bytes:
    """The file with a text in its log changed."""
    package = Package(data)
    part = Workbook(package).sheets[-1].part or ""
    text = package.read(part).decode()
    written = [old, escape(old), escape(old, {'"': "&quot;"})]
    assert any(each in text for each in written)
    for each in written:
        text = text.replace(f">{each}<", f">{escape(new)}<")
    package.put(part, text.encode())
    return package.to_bytes()


def cells_of(data: bytes, tmp_path: Path) -> list[object]:
    return [grid.cells for grid in book_of(data, tmp_path).grids if grid.sheet != CORRECTIONS_SHEET]


#: A cell that held 5 and now holds 6, beside a 2 and a 3.
SOURCE = packed('<row r="1"><c r="A1"><v>5</v></c><c r="B1"><v>2</v></c><c r="C1"><v>3</v></c></row>')
HELD = '{"v": "5"}'

TAMPERED = (
    "", "[]", "{", "[" * 20_000, "9" * 5_000, '{"t": "x"}', '{"v": 5}', '{"f": "1", "f_{x}": "1"}', '{"onload": "1"}',
    '{"v": "1e999"}', '{"v": "5 "}', '{"v": "１"}', '{"t": "b", "v": "2"}', '{"t": "e", "v": "=1"}', '{"t": "s", "v": "99999"}',
    '{"t": "s", "v": "-1", "text": "5"}', '{"t": "inlineStr", "text": "5", "f": "HYPERLINK(A1)"}', '{"v": "5", "f": ""}',
    '{"t": "d", "v": "x"}',
)  # fmt: skip


@pytest.mark.parametrize("before", TAMPERED, ids=range(len(TAMPERED)))
def test_a_log_that_was_tampered_with_is_told(before: str, tmp_path: Path) -> None:
    written = correct(SOURCE, book_of(SOURCE, tmp_path), [change((1, 1), "5", "6", Decimal(6))], WHEN)
    tampered = with_log(written.data, HELD, before)
    back = undo(tampered, book_of(tampered, tmp_path))
    assert "被改动过" in back.notes[0]
    assert back.changes == ()
    assert shown(book_of(back.data, tmp_path))[1, 1][0] == Decimal(6)


FORMULAS = (
    'HYPERLINK("http://example.org","5")', "WEBSERVICE(A2)", "cmd|' /C calc'!A0", "[1]Sheet1!A1", "B1+C1+1", "IF(B1=2,5,INDIRECT(C1))+1",
    "SUM(A1:XFD1048576)", "5" + "+0" * 4000 + "+", '"5"', "更正记录!A1", "A1",
)  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS, ids=range(len(FORMULAS)))
def test_a_formula_that_stood_nowhere_is_not_written(formula: str, tmp_path: Path) -> None:
    written = correct(SOURCE, book_of(SOURCE, tmp_path), [change((1, 1), "5", "6", Decimal(6))], WHEN)
    tampered = with_log(written.data, HELD, json.dumps({"v": "5", "f": formula}))
    back = undo(tampered, book_of(tampered, tmp_path))
    assert "不能证实" in back.notes[0]
    assert cells_of(back.data, tmp_path) == cells_of(tampered, tmp_path)


def test_arithmetic_that_gives_the_old_value_comes_back(tmp_path: Path) -> None:
    data = packed(
        '<row r="1"><c r="A1"><f>B1+C1</f><v>5</v></c><c r="B1"><v>2</v></c><c r="C1"><v>3</v></c></row>'
    )
    changes = [change((1, 2), "2", "4", Decimal(4)), change((1, 1), "5", "6", Decimal(6))]
    written = correct(data, book_of(data, tmp_path), changes, WHEN)
    back = undo(written.data, book_of(written.data, tmp_path))
    assert back.notes == ()
    assert cells_of(back.data, tmp_path) == cells_of(data, tmp_path)


@pytest.mark.parametrize(
    "before", ['{"v": "7"}', '{"t": "inlineStr", "text": "五"}', "{}", '{"t": "str", "v": "=5"}']
)
def test_what_the_log_hides_is_what_it_shows(before: str, tmp_path: Path) -> None:
    written = correct(SOURCE, book_of(SOURCE, tmp_path), [change((1, 1), "5", "6", Decimal(6))], WHEN)
    tampered = with_log(written.data, HELD, before)
    back = undo(tampered, book_of(tampered, tmp_path))
    assert "与原值“5”不符" in back.notes[0]
    assert cells_of(back.data, tmp_path) == cells_of(tampered, tmp_path)


@pytest.mark.parametrize(
    ("cell", "sheet"),
    [("XFE1", "附件1"), ("A1048577", "附件1"), ("ZZZ9999999", "附件1"), ("A1", "更正记录"), ("A1", "无")],
)
def test_a_place_that_no_form_has_is_not_written(cell: str, sheet: str, tmp_path: Path) -> None:
    written = correct(SOURCE, book_of(SOURCE, tmp_path), [change((1, 1), "5", "6", Decimal(6))], WHEN)
    tampered = with_log(
        with_log(with_log(written.data, "A1", cell), "附件1", sheet),
        "6",
        "更正记录" if sheet == "更正记录" else "",
    )
    back = undo(tampered, book_of(tampered, tmp_path))
    assert back.notes
    assert back.changes == ()
    assert cells_of(back.data, tmp_path) == cells_of(tampered, tmp_path)


def test_attributes_and_styles_of_the_log_go_nowhere(tmp_path: Path) -> None:
    written = correct(SOURCE, book_of(SOURCE, tmp_path), [change((1, 1), "5", "6", Decimal(6))], WHEN)
    held = {"v": "5", "s": "99999", "f": "B1+C1", "f_t": "array", "f_ref": "A1:XFD1048576", "f_si": "0"}
    tampered = with_log(written.data, HELD, json.dumps(held))
    back = undo(tampered, book_of(tampered, tmp_path))
    assert b'<c r="A1"><f>B1+C1</f><v>5</v></c>' in Package(back.data).read("xl/worksheets/sheet1.xml")


def test_a_cell_that_shares_a_formula_comes_back_with_its_own(tmp_path: Path) -> None:
    data = packed(
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f t="shared" ref="B1:B2" si="0">A1*2</f><v>2</v></c></row>'
        '<row r="2"><c r="A2"><v>4</v></c><c r="B2"><f t="shared" si="0"/><v>8</v></c></row>'
    )
    changes = [change((2, 2), "8", "9", Decimal(9)), change((1, 2), "2", "3", Decimal(3))]
    written = correct(data, book_of(data, tmp_path), changes, WHEN)
    back = undo(written.data, book_of(written.data, tmp_path))
    assert shown(book_of(back.data, tmp_path)) == {
        (1, 1): (1, None), (1, 2): (2, "=A1*2"), (2, 1): (4, None), (2, 2): (8, "=A2*2"),
    }  # fmt: skip


def test_the_log_grows_and_keeps_its_sheet(tmp_path: Path) -> None:
    data = packed('<row r="1"><c r="A1"><v>5</v></c></row>')
    for old, new in ((5, 6), (6, 7)):
        data = correct(
            data, book_of(data, tmp_path), [change((1, 1), str(old), str(new), Decimal(new))], WHEN
        ).data
    entries: list[Entry] = list(read_log(book_of(data, tmp_path)))
    assert [(entry.old, entry.new) for entry in entries] == [("5", "6"), ("6", "7")]
    assert len(Workbook(Package(data)).sheets) == 2
    assert shown(book_of(undo(data, book_of(data, tmp_path)).data, tmp_path))[1, 1][0] == Decimal(5)


def test_a_signed_file_is_told_that_its_copy_is_not(tmp_path: Path) -> None:
    data = packed('<row r="1"><c r="A1"><v>5</v></c></row>')
    stream = io.BytesIO(data)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("_xmlsignatures/sig1.xml", "<Signature/>")
    signed = stream.getvalue()
    written = correct(signed, book_of(signed, tmp_path), [change((1, 1), "5", "6", Decimal(6))], WHEN)
    assert ["数字签名" in note and "更正后的副本" in note for note in written.notes] == [True]
    undone = undo(written.data, book_of(written.data, tmp_path))
    assert ["撤销后的副本" in note for note in undone.notes] == [True]


def test_the_log_tells_what_the_cell_shows(tmp_path: Path) -> None:
    """A value that was planned with other decimals than the number format shows can be taken back all the same."""
    data = packed('<row r="1"><c r="A1"><v>5</v></c></row>')
    written = correct(data, book_of(data, tmp_path), [change((1, 1), "5", "6.000000", Decimal(6))], WHEN)
    assert [made.new for made in written.changes] == ["6"]
    assert undo(written.data, book_of(written.data, tmp_path)).notes == ()


def test_a_log_longer_than_any_of_ours_is_refused() -> None:
    heads = {(1, column): Cell(1, column, name, name) for column, (name, _) in enumerate(log.COLUMNS, 1)}
    rows = {(row, 1): Cell(row, 1, "1", "1") for row in range(2, log.MOST_ENTRIES + 3)}
    with pytest.raises(CorrectError, match="超过 5000 行"):
        list(log.read_log(Book("", (Grid("更正记录", heads | rows),))))
