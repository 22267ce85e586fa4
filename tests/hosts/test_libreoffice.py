"""LibreOffice as calculator and converter: right values, nothing run, nothing fetched, nothing left behind."""

from __future__ import annotations

import http.server
import io
import os
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from perfeval_xl.cli import main
from perfeval_xl.grid import Book, Cell
from perfeval_xl.hosts import libreoffice
from perfeval_xl.hosts.limits import LIMITS
from perfeval_xl.hosts.marks.converted import as_xlsx
from perfeval_xl.hosts.marks.workbook import unmark
from perfeval_xl.hosts.reading.loading import read_book
from tests.support import example_builder

REQUIRED = bool(os.environ.get("PERFEVAL_REQUIRE_LIVE"))
needs_libreoffice = pytest.mark.skipif(
    libreoffice.program() is None and not REQUIRED, reason="LibreOffice (soffice) is not installed"
)
no_libreoffice = pytest.mark.usefixtures("without_libreoffice")


@pytest.fixture
def without_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libreoffice, "program", lambda: None)


@pytest.fixture
def own_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for all temporary files, to see what stays in it."""
    folder = tmp_path / "临时 文件"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A web server and what was asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"5")

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", asked
        running.shutdown()


def uncalculated(
    tmp_path: Path, formulas: Mapping[str, str | int | float], formats: dict[str, str] | None = None
) -> Path:
    """A workbook as a script writes it: formulas without results."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "附件 1"
    for place, value in formulas.items():
        sheet[place] = value
    for place, code in (formats or {}).items():
        sheet[place].number_format = code
    path = tmp_path / "没算过.xlsx"
    book.save(path)
    return path


def cell(book: Book, row: int) -> Cell:
    return book.grids[0].cells[(row, 1)]


@needs_libreoffice
def test_formulas_without_results_get_them(tmp_path: Path, own_temporary: Path) -> None:
    path = uncalculated(
        tmp_path,
        {
            "A1": 107.96, "A2": 101, "A3": "=SUM(A1:A2)", "A4": "=A1/A3", "A5": "=A1/0", "A6": "=PE_RATE(A1,A2)",
            "A7": '=IF(A1>0,"","无")', "A8": "=A3&\"万元\"", "A9": "=_xlfn.XLOOKUP(1,A1:A2,A1:A2)",
        },
        {"A4": "0.00%"},
    )  # fmt: skip
    before = path.read_bytes()
    book = read_book(path, recalculate=True)
    assert cell(book, 3) == Cell(3, 1, Decimal("208.96"), "208.96", formula="=SUM(A1:A2)")
    assert cell(book, 4).text == "51.67%"
    assert cell(book, 4).decimals == 2
    assert (cell(book, 5).value, cell(book, 5).error) == ("#DIV/0!", True)
    assert (cell(book, 7).value, cell(book, 7).uncached) == ("", False)
    assert cell(book, 8).value == "208.96万元"
    assert cell(book, 6).uncached, "a function of an add-in is unknown, not wrong"
    assert cell(book, 9).uncached, "a function LibreOffice lacks is unknown, not wrong"
    assert "5 个原来没有结果" in book.notes[-1]
    assert path.read_bytes() == before
    assert list(own_temporary.iterdir()) == []


@needs_libreoffice
def test_results_that_a_script_made_up_are_calculated_anew(tmp_path: Path) -> None:
    """XlsxWriter saves 0 for every formula; LibreOffice by itself would believe it."""
    path = tmp_path / "零.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("附件1")
        sheet.write_column(0, 0, [1, 2])
        sheet.write_formula(2, 0, "=A1+A2")
        sheet.write_formula(3, 0, "=A1+1", None, 2)
    assert cell(read_book(path), 3).value == 0
    book_read = read_book(path, recalculate=True)
    assert cell(book_read, 3).value == 3
    assert "1 个结果与保存的不同" in book_read.notes[-1]


@needs_libreoffice
def test_nothing_is_fetched_and_nothing_runs(tmp_path: Path, server: tuple[str, list[str]]) -> None:
    address, asked = server
    touched = tmp_path / "touched"
    path = uncalculated(
        tmp_path,
        {
            "A1": 1,
            "A2": f'=WEBSERVICE("{address}/webservice")',
            "A3": f"='{address}/[book.xlsx]Sheet1'!A1",
            "A4": f'=DDE("soffice","{address}/dde","a")',
            "A5": f'=HYPERLINK("{address}/link")',
            "A6": f"=cmd|'/c touch {touched}'!A0",
            "A7": "=A1+1",
        },
    )
    assert cell(read_book(path, recalculate=True), 7).value == 2
    assert asked == []
    assert not touched.exists()


@no_libreoffice
def test_without_libreoffice_the_check_goes_on_and_says_so(tmp_path: Path) -> None:
    path = uncalculated(tmp_path, {"A1": "=1+1"})
    book = read_book(path, recalculate=True)
    assert cell(book, 1).uncached
    assert book.notes == ("没有找到 LibreOffice，公式没有重算",)


@no_libreoffice
def test_a_workbook_without_formulas_does_not_need_libreoffice(tmp_path: Path) -> None:
    assert read_book(uncalculated(tmp_path, {"A1": 1}), recalculate=True).notes == ()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for LibreOffice")
def test_a_program_that_hangs_is_ended_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_temporary: Path
) -> None:
    fake = tmp_path / "soffice"
    fake.write_text(
        "#!/bin/sh\nsleep 300 &\necho $! > " + str(tmp_path / "child") + "\nwait\n", encoding="utf-8"
    )
    fake.chmod(0o755)
    monkeypatch.setattr(libreoffice, "program", lambda: str(fake))
    with pytest.raises(libreoffice.OfficeError, match="超过 1 秒"):
        libreoffice.convert(b"", ".xls", "xlsx", LIMITS.changed(["office_seconds=1"]))
    child = int((tmp_path / "child").read_text(encoding="utf-8"))
    status = Path(f"/proc/{child}/stat")
    assert not status.exists() or status.read_text(encoding="utf-8").split()[2] == "Z"
    assert list(own_temporary.iterdir()) == []


# --- other formats ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def old_format(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as .ods."""
    path = tmp_path_factory.mktemp("旧 格式") / "单位 自评.ods"
    path.write_bytes(libreoffice.convert(example_builder().build("own", False), ".xlsx", "ods", LIMITS))
    return path


@needs_libreoffice
def test_a_marked_copy_of_another_format_is_an_xlsx_that_says_so(
    old_format: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "标注.xlsx"
    before = old_format.read_bytes()
    assert main(["check", str(old_format), "--highlight", str(out)]) == 1
    assert "原文件是 .ods 格式" in capsys.readouterr().err
    assert old_format.read_bytes() == before
    marked = openpyxl.load_workbook(out)
    assert marked.sheetnames[-1] == "校验结果"
    assert marked["附件1"].merged_cells.ranges
    plain = openpyxl.load_workbook(io.BytesIO(unmark(out).data))
    assert plain.sheetnames == marked.sheetnames[:-1]


@needs_libreoffice
def test_the_copy_has_the_same_cells_with_and_without_libreoffice(
    old_format: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, data = read_book(old_format), old_format.read_bytes()
    converted, said = as_xlsx(data, ".ods", book.grids)
    monkeypatch.setattr(libreoffice, "program", lambda: None)
    plain, other = as_xlsx(data, ".ods", book.grids)
    assert "LibreOffice 转换" in said
    assert "只有数值和文字" in other
    for data in (converted, plain):
        copy = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        assert copy.sheetnames == [grid.sheet for grid in book.grids]
        for grid in book.grids:
            sheet = copy[grid.sheet]
            if grid.knows.merges:
                assert {str(area) for area in sheet.merged_cells.ranges} == {
                    str(area) for area in grid.merges
                }
            for (row, column), one in grid.cells.items():
                value = sheet.cell(row, column).value
                expected = float(one.value) if isinstance(one.value, Decimal) else one.value
                assert value == pytest.approx(expected) if isinstance(expected, float) else value == expected


@no_libreoffice
def test_text_stays_text_in_a_copy_of_values(tmp_path: Path) -> None:
    path = uncalculated(tmp_path, {"A1": "x"})
    book = read_book(path)
    grid = book.grids[0]
    cells = {(1, 1): Cell(1, 1, "=cmd|'/c calc'!A0", ""), (2, 1): Cell(2, 1, "坏\x01字\ufffe", "")}
    data, _ = as_xlsx(path.read_bytes(), ".xls", [type(grid)(grid.sheet, cells)])
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert (sheet["A1"].data_type, sheet["A1"].value) == ("s", "=cmd|'/c calc'!A0")
    assert sheet["A2"].value == "坏字"
