"""The host for .xls, .xlsb and .ods: the same values and merges as the reference host, in a bounded child."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from perfeval_xl.errors import Unreadable
from perfeval_xl.grid import Book, Knowledge
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.reading.loading import read_book
from tests.hosts.hostfiles import parts, write

REQUIRED = bool(os.environ.get("PERFEVAL_REQUIRE_LIVE"))
needs_libreoffice = pytest.mark.skipif(
    shutil.which("soffice") is None and not REQUIRED, reason="LibreOffice (soffice) is not installed"
)


@pytest.fixture(scope="module")
def formats(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One workbook as .xlsx, and as LibreOffice saves it in the other formats."""
    folder = tmp_path_factory.mktemp("格式 对照")
    source = folder / "单位 自评.xlsx"
    with xlsxwriter.Workbook(source) as book:
        sheet = book.add_worksheet("附件1")
        sheet.write(3, 2, "编制数")
        sheet.write(3, 3, 207.36000000000001, book.add_format({"num_format": "#,##0.00"}))
        sheet.write(4, 2, 0.985, book.add_format({"num_format": "0.0%"}))
        sheet.write_datetime(5, 2, dt.datetime(2023, 12, 31), book.add_format({"num_format": "yyyy/m/d"}))
        stamp = book.add_format({"num_format": "yyyy/m/d h:mm"})
        sheet.write_datetime(5, 3, dt.datetime(2023, 12, 31, 8, 30), stamp)
        sheet.write_datetime(5, 4, dt.time(8, 30), book.add_format({"num_format": "h:mm"}))
        sheet.write(5, 5, 1.5, book.add_format({"num_format": "[h]:mm"}))
        sheet.write(6, 2, "第一行\n第二行")
        sheet.write_formula(6, 3, "=D4*2", None, 414.72)
        sheet.merge_range("C10:E11", "合并")
        sheet.merge_range("G10:G12", 3)
        book.add_worksheet("附件2 （空）")
        book.add_worksheet("附件3-1").write(0, 0, -1)
    for extension in ("xls", "ods"):
        if shutil.which("soffice") is not None:
            _convert(source, extension)
    return {path.suffix: path for path in folder.iterdir()}


def _convert(source: Path, extension: str) -> None:
    profile = (source.parent / "profile").as_uri()
    subprocess.run(
        ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", extension, source.name],
        cwd=source.parent,
        check=True,
        capture_output=True,
        timeout=120,
    )


def values(book: Book) -> list[tuple[str, dict[tuple[int, int], object]]]:
    return [(grid.sheet, {place: cell.value for place, cell in grid.cells.items()}) for grid in book.grids]


@needs_libreoffice
@pytest.mark.parametrize("extension", [".xls", ".ods"])
def test_one_workbook_reads_the_same_in_every_format(formats: dict[str, Path], extension: str) -> None:
    reference, other = read_book(formats[".xlsx"]), read_book(formats[extension])
    assert values(other) == values(reference)
    knows_merges = extension == ".xls"
    for expected, grid in zip(reference.grids, other.grids, strict=True):
        assert set(grid.merges) == (set(expected.merges) if knows_merges else set())
        assert grid.knows == Knowledge(formulas=False, formats=False, hidden=False, merges=knows_merges)


def test_both_hosts_read_an_xlsx_alike(formats: dict[str, Path]) -> None:
    reference, other = (read_book(formats[".xlsx"], host) for host in ("openpyxl", "calamine"))
    assert values(other) == values(reference)
    assert [set(grid.merges) for grid in other.grids] == [set(grid.merges) for grid in reference.grids]


@needs_libreoffice
def test_content_decides_not_the_extension(formats: dict[str, Path], tmp_path: Path) -> None:
    for extension, name in (
        (".xls", "其实是xls.xlsx"),
        (".xls", "wps.et"),
        (".ods", "其实是ods.xls"),
        (".xlsx", "a.xls"),
    ):
        shutil.copy(formats[extension], tmp_path / name)
        assert values(read_book(tmp_path / name)) == values(read_book(formats[".xlsx"]))


@needs_libreoffice
def test_openpyxl_cannot_be_forced_on_another_format(formats: dict[str, Path]) -> None:
    with pytest.raises(Unreadable, match="openpyxl"):
        read_book(formats[".xls"], "openpyxl")


def test_a_far_corner_ends_the_child_not_us(tmp_path: Path) -> None:
    path = write(
        tmp_path / "角.xlsx",
        parts('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'),
    )
    with pytest.raises(Unreadable, match="离表格太远"):
        read_book(path, "calamine")


def test_a_wide_gap_is_refused_before_it_is_copied(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.xlsx",
        parts('<row r="1"><c r="A1"><v>1</v></c></row><row r="20000"><c r="XFD20000"><v>2</v></c></row>'),
    )
    with pytest.raises(Unreadable, match="离表格太远"):
        read_book(path, "calamine")


def test_the_child_has_a_time_limit(formats: dict[str, Path]) -> None:
    with pytest.raises(Unreadable, match="已停止"):
        read_book(formats[".xlsx"], "calamine", Limits(seconds=0))


@pytest.mark.parametrize(
    ("limits", "reason"), [(Limits(cells=3), "单元格太多"), (Limits(text=3), "文字太多")]
)
@pytest.mark.parametrize("host", ["xlsx", "calamine"])
def test_both_hosts_keep_the_limits(formats: dict[str, Path], host: str, limits: Limits, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read_book(formats[".xlsx"], host, limits)


def test_modules_in_the_current_folder_are_not_imported(
    formats: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(7)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert read_book(formats[".xlsx"], "calamine").grids


def test_what_openpyxl_cannot_read_falls_back_to_values_with_a_note(
    formats: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from perfeval_xl.hosts.reading import xlsx

    def fail(*_: object) -> Book:
        raise TypeError("something unusual")

    monkeypatch.setattr(xlsx, "read", fail)
    book = read_book(formats[".xlsx"])
    assert "样式无法读取" in book.notes[0]
    assert book.grids[0].cells[4, 4].value == Decimal("207.36")
    assert not book.grids[0].knows.formulas
    with pytest.raises(Unreadable):
        read_book(formats[".xlsx"], "xlsx", LIMITS)
