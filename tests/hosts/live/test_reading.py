"""Reading an open workbook: the same grid and findings as from its file, edits included, in few calls."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

pytest.importorskip("xlwings")

from perfeval_xl.errors import Cancelled, LiveError
from perfeval_xl.grid import Area
from perfeval_xl.hosts.live import office_api
from perfeval_xl.hosts.live.reading import halved, read_open_book
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.runs.checking import check_book
from tests.support import ROOT, example_builder

WAYS = ("copy", "blocks")


@pytest.fixture(params=["own", "stacked", "text"])
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "测试 目录"
    folder.mkdir()
    path = folder / f"示例 {request.param}.xlsx"
    path.write_bytes(example_builder().build(request.param, False))
    return path


def test_the_same_findings_as_from_the_file(calc: Any, example: Path) -> None:
    headless = check_book(read_book(example), policy="hunan-2023")
    live = check_book(read_open_book(calc.books.open(example)), policy="hunan-2023")
    assert live.findings == headless.findings
    assert live.skipped == headless.skipped
    assert len(live.findings) > 30


def odd_workbook(path: Path) -> Path:
    """Every kind of value, format, merge and hiding on few cells."""
    book = xlsxwriter.Workbook(path)
    formats = {
        code: book.add_format({"num_format": code})
        for code in ("0.00%", "yyyy-mm-dd", "[h]:mm", "@", "#,##0.0")
    }
    sheet = book.add_worksheet("附件 1")
    sheet.write("B2", 0.9235, formats["0.00%"])
    sheet.write_datetime("C2", dt.datetime(2023, 5, 1), formats["yyyy-mm-dd"])
    sheet.write("D2", 1.5, formats["[h]:mm"])
    sheet.write_string("E2", "007", formats["@"])
    sheet.write("B3", 12345.678, formats["#,##0.0"])
    # No boolean: Calc makes =TRUE() of one in a file.
    sheet.write_string("D3", "=不是公式")
    sheet.write_formula("E3", "=B3*2", None, 24691.356)
    sheet.write_formula("F3", "=1/0", None, "#DIV/0!")
    sheet.write_string("B4", "两行\n文字")
    sheet.merge_range("B5:D7", "合并")
    sheet.merge_range("F5:F6", 3)
    sheet.write("H9", 1)
    sheet.set_row(7, None, None, {"hidden": True})
    sheet.set_column("G:G", None, None, {"hidden": True})
    book.add_worksheet("空表")
    hidden = book.add_worksheet("隐藏")
    hidden.write("A1", "x")
    hidden.hide()
    book.close()
    return path


@pytest.mark.parametrize("way", WAYS)
def test_the_same_grid_as_from_the_file(way: Any, calc: Any, tmp_path: Path) -> None:
    path = odd_workbook(tmp_path / "各种 值.xlsx")
    expected, live = read_book(path), read_open_book(calc.books.open(path), way=way)
    assert [grid.sheet for grid in live.grids] == [grid.sheet for grid in expected.grids]
    for grid, reference in zip(live.grids, expected.grids, strict=True):
        assert dict(grid.cells) == dict(reference.cells)
        assert set(grid.merges) == set(reference.merges)
        assert (grid.hidden_rows, grid.hidden_columns) == (reference.hidden_rows, reference.hidden_columns)
        assert grid.state == reference.state


@pytest.mark.parametrize("way", WAYS)
def test_edits_are_seen_before_they_are_saved(way: Any, calc: Any, tmp_path: Path) -> None:
    path = odd_workbook(tmp_path / "单位.xlsx")
    before = path.read_bytes()
    book = calc.books.open(path)
    book.sheets[0]["B3"].value = 5
    grid = read_open_book(book, way=way).grids[0]
    assert (grid.cells[3, 2].text, grid.cells[3, 5].text) == ("5.0", "10")
    assert path.read_bytes() == before


@pytest.mark.parametrize("way", WAYS)
def test_a_book_that_was_never_saved(way: Any, calc: Any) -> None:
    book = calc.books.add()
    book.sheets[0]["A1"].value = [["附件1", "基础数据表"]]
    read = read_open_book(book, way=way)
    assert read.name == book.name
    assert [cell.text for cell in read.grids[0].cells.values()] == ["附件1", "基础数据表"]


def test_where_no_copy_can_be_read_the_cells_are(
    calc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = calc.books.open(odd_workbook(tmp_path / "单位.xlsx"))

    def encrypting(_: Any, path: str) -> None:
        Path(path).write_bytes(b"%TSD-Header-###%")

    monkeypatch.setattr(office_api, "save_copy", encrypting)
    assert read_open_book(book).grids[0].cells[2, 2].text == "92.35%"


# --- how many calls ------------------------------------------------------------------------------------------------


def counted(monkeypatch: pytest.MonkeyPatch, calc: Any, path: Path) -> int:
    """The calls xlwings makes of the engine's ranges while a book is read in blocks."""
    from perfeval_xl.calc_engine.ranges import Range

    count = 0
    book = calc.books.open(path)
    with monkeypatch.context() as patch:
        for name in (
            "value2",
            "formula",
            "number_format",
            "merge_cells",
            "merge_area",
            "row_hidden",
            "column_hidden",
        ):
            known = getattr(Range, name)

            def asked(self: Any, known: Any = known) -> Any:
                nonlocal count
                count += 1
                return known.fget(self)

            patch.setattr(Range, name, property(asked, known.fset))
        read_open_book(book, way="blocks")
    book.close()
    return count


def uniform(path: Path, rows: int, sheets: int = 1) -> Path:
    book = xlsxwriter.Workbook(path)
    percent = book.add_format({"num_format": "0.00%"})
    for _ in range(sheets):
        sheet = book.add_worksheet()
        sheet.merge_range("A1:D1", "标题")
        for row in range(1, rows):
            sheet.write_row(row, 0, [row, row * 2, "文字"])
            sheet.write(row, 3, row / 100, percent)
    book.close()
    return path


def test_calls_depend_on_blocks_and_sheets_never_on_cells(
    calc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many, sheets = (
        counted(monkeypatch, calc, uniform(tmp_path / f"{rows}-{number}.xlsx", rows, number))
        for rows, number in ((32, 1), (512, 1), (32, 6))
    )
    assert many <= few + 40  # sixteen times the cells: only the halving goes deeper
    assert sheets == 6 * few
    assert few < 100


def test_halving_asks_about_every_part_once() -> None:
    area = Area(1, 1, 7, 5)
    odd = (5, 4)
    asked: list[Area] = []

    def probe(part: Area) -> str | None:
        asked.append(part)
        alone = (part.top, part.left, part.bottom, part.right) == (*odd, *odd)
        return "odd" if alone else None if odd in part else "even"

    found = dict(halved(area, probe))
    places = [
        (r, c)
        for part in found
        for r in range(part.top, part.bottom + 1)
        for c in range(part.left, part.right + 1)
    ]
    assert sorted(places) == [(r, c) for r in range(1, 8) for c in range(1, 6)]
    assert found[Area(*odd, *odd)] == "odd"
    assert len(asked) == len(set(asked)) < 15


def test_a_block_of_any_shape_becomes_rows() -> None:
    assert office_api.rows_of(5.0, (1, 1)) == [[5.0]]
    assert office_api.rows_of(((5.0,),), (1, 1)) == [[5.0]]
    assert office_api.rows_of((1, 2), (1, 2)) == [[1, 2]]
    assert office_api.rows_of(((1,), (2,)), (2, 1)) == [[1], [2]]


def test_nothing_but_the_adapter_goes_past_xlwings() -> None:
    import re

    beyond = re.compile(r"\.(api|impl)\b")
    allowed = {"hosts/live/office_api.py"}
    for path in (ROOT / "perfeval_xl").rglob("*.py"):
        name = path.relative_to(ROOT / "perfeval_xl").as_posix()
        if name in allowed or name.startswith("calc_engine/"):
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        assert not [line for line in lines if beyond.search(line)], name


def test_progress_may_cancel(calc: Any, tmp_path: Path) -> None:
    def press_escape(_: str) -> None:
        raise Cancelled

    book = calc.books.open(odd_workbook(tmp_path / "单位.xlsx"))
    with pytest.raises(LiveError, match="已取消"):
        read_open_book(book, progress=press_escape)
