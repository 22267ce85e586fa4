"""The engine against a running LibreOffice, through xlwings' public interface."""

from __future__ import annotations

import builtins
import datetime as dt
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("xlwings")

import xlwings as xw

from perfeval_xl import calc_engine
from perfeval_xl.calc_engine import office as office_module
from tests.live import processes_with, start_calc


@pytest.fixture
def sheet(calc: Any) -> Any:
    return calc.books.add().sheets[0]


def typed(sheet: Any, address: str) -> Any:
    return sheet[address].options(ndim=2, err_to_str=True).value


# --- values ----------------------------------------------------------------------------------------------------


def test_values_come_back_with_their_types(sheet: Any) -> None:
    rows = [
        ["单位", 673.65, True, dt.datetime(2023, 5, 1, 8, 30)],
        [None, -5, False, dt.datetime(2023, 5, 1)],
    ]
    sheet["B2"].value = rows
    assert typed(sheet, "B2:E3") == rows
    assert sheet["A1:A2"].value == [None, None]
    assert sheet["E3"].number_format == "yyyy-mm-dd"


def test_errors_are_named(sheet: Any) -> None:
    sheet["A1"].value = [["=1/0", "=NA()", "=10^400", '=VALUE("x")', "=没有这个名称"]]
    assert typed(sheet, "A1:E1") == [["#DIV/0!", "#N/A", "#NUM!", "#VALUE!", "#NAME?"]]
    assert sheet["A1:E1"].value == [None] * 5


def test_text_is_taken_as_typed_except_in_text_cells(sheet: Any) -> None:
    typed_in = ["23%", "=1+1", "2024-05-01", "-5", "'-5", "≥100人", "1,5"]
    sheet["A1"].value = typed_in
    assert typed(sheet, "A1:F1") == [[0.23, 2.0, dt.datetime(2024, 5, 1), -5.0, "-5", "≥100人"]]
    sheet["A2:G2"].number_format = "@"
    sheet["A2"].value = typed_in
    assert typed(sheet, "A2:G2") == [[*typed_in[:4], "-5", *typed_in[5:]]]
    sheet["A3:A4"].number_format = "@"
    sheet["A3"].value = [[12.5, "=1+1"], ["12.50", "=1+1"]]
    assert typed(sheet, "A3:B4") == [["12.5", 2.0], ["12.50", 2.0]]


def test_formulas_are_written_and_read_as_excel_does(sheet: Any) -> None:
    sheet.book.sheets.add("附件 2", after=sheet)["A1"].value = 7
    formulas = [["='附件 2'!$A$1*2", '=IF(A1>1,"a;b",{1,2;3,4})', "12.5", "'=1", ""]]
    sheet["A1"].formula = formulas
    assert sheet["A1:E1"].formula == (("='附件 2'!$A$1*2", '=IF(A1>1,"a;b",{1,2;3,4})', "12.5", "=1", ""),)
    assert sheet["A1"].value == 14
    assert sheet["D1"].value == "=1"
    sheet["A2:A3"].formula = "=A1+1"
    assert sheet["A2:A3"].formula == (("=A1+1",), ("=A2+1",))


def test_whole_columns_cost_what_is_in_them(sheet: Any) -> None:
    sheet["A1"].value = [[1], [2]]
    assert len(sheet["A:B"]) == 2 * 1_048_576
    sheet["A:A"].clear_contents()
    assert sheet["A1:A2"].value == [None, None]


# --- looks -----------------------------------------------------------------------------------------------------


def test_what_differs_is_none(sheet: Any) -> None:
    sheet["A1:B2"].number_format = "0.00%"
    sheet["A1"].color = (255, 153, 153)
    assert sheet["A1:B2"].number_format == "0.00%"
    assert sheet["A1:C2"].number_format is None
    assert sheet["A1:B2"].color is None
    assert sheet["A1"].color == (255, 153, 153)
    sheet["A1:B1"].impl.set_colors([[(1, 2, 3), None]])
    assert (sheet["A1"].color, sheet["B1"].color) == ((1, 2, 3), None)


def test_merged_cells_are_seen_as_excel_sees_them(sheet: Any) -> None:
    sheet["B2:C4"].merge()
    assert sheet["B2:C4"].merge_cells is True
    assert sheet["C4"].merge_cells is True
    assert sheet["C4"].merge_area.address == "$B$2:$C$4"
    assert sheet["A1:D5"].merge_cells is None
    assert sheet["A1:A5"].merge_cells is False
    assert sheet["B2:B3"].merge_cells is True
    sheet["B2"].unmerge()
    assert sheet["A1:D5"].merge_cells is False


def test_hidden_rows_and_columns(sheet: Any) -> None:
    sheet["2:3"].rows.hidden = True
    sheet["B:B"].columns.hidden = True
    assert [sheet[address].rows.hidden for address in ("A1:A9", "A2:A3", "A4:A9")] == [None, True, False]
    assert [sheet[address].columns.hidden for address in ("A1:C1", "B1", "C1:D1")] == [None, True, False]


def test_conditional_formats_come_and_go_alone(sheet: Any) -> None:
    own = sheet["A1:B9"].conditional_formats.add_custom("=$A1>5", fill_color=(0, 176, 80))
    sheet.book.names.add("PE_ON", "=TRUE")
    ours = sheet["A2,B4:B5"].conditional_formats.add_custom(
        "=PE_ON", fill_color=(255, 153, 153), font_bold=True
    )
    assert ours.fill_color == (255, 153, 153)
    assert [area.address(False, False) for area in ours.impl.areas] == ["A2", "B4:B5"]
    assert sorted(rule.formula for rule in sheet["A1:C9"].conditional_formats) == ["=$A1>5", "=PE_ON"]
    ours.delete()
    left = list(sheet["A1:C9"].conditional_formats)
    assert [(rule.formula, rule.fill_color) for rule in left] == [("=$A1>5", (0, 176, 80))]
    assert own.formula == "=$A1>5"


def test_notes_links_and_names(sheet: Any) -> None:
    sheet["B2"].add_note("批注")
    assert [(note.text, note.location.address) for note in sheet.notes] == [("批注", "$B$2")]
    sheet.book.sheets.add("附件 2", after=sheet)
    sheet["A1"].add_hyperlink("#'附件 2'!B3", "去那一格")
    assert sheet["A1"].hyperlink == "#'附件 2'!B3"
    assert sheet["A1"].value == "去那一格"
    sheet["C3:D4"].name = "区域"
    assert sheet.book.names["区域"].refers_to == "=Sheet1!$C$3:$D$4"
    assert sheet["区域"].address == "$C$3:$D$4"


# --- books and the application -----------------------------------------------------------------------------------


def test_state_is_restored_after_an_error(calc: Any, sheet: Any) -> None:
    with (
        pytest.raises(calc_engine.OfficeError, match="没有完成"),
        calc.properties(screen_updating=False, calculation="manual"),
    ):
        sheet.delete()  # a book keeps one
    assert not sheet.book.impl.doc.hasControllersLocked()
    assert (calc.calculation, calc.screen_updating) == ("automatic", True)


def test_books_are_told_apart(calc: Any, tmp_path: Path) -> None:
    folder = tmp_path / "测试 目录"
    folder.mkdir()
    paths = [folder / "甲 单位.xlsx", folder / "乙#单位.xlsx"]
    for path in paths:
        book = calc.books.add()
        book.sheets[0]["A1"].value = path.stem
        book.save(path)
        book.close()
    first, second = (calc.books.open(path) for path in paths)
    assert (first.fullname, second.name) == (str(paths[0]), "乙#单位.xlsx")
    assert calc.books.active == second
    first.activate()
    assert calc.books.active == first
    assert xw.Book("乙#单位.xlsx").sheets[0]["A1"].value == "乙#单位"
    assert [book.name for book in calc.books] == [path.name for path in paths]


def test_a_macro_workbook_is_never_saved(calc: Any, tmp_path: Path) -> None:
    book = calc.books.add()
    with pytest.raises(calc_engine.OfficeError, match="含宏"):
        book.save(tmp_path / "a.xlsm")
    assert not list(tmp_path.iterdir())


def test_a_broken_file_is_told(calc: Any, tmp_path: Path) -> None:
    path = tmp_path / "坏.xlsx"
    path.write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(calc_engine.OfficeError, match="打不开"):
        calc.books.open(path)


def test_an_alert_nobody_sees_is_kept(calc: Any) -> None:
    assert calc.alert("删除？", "绩效自评", buttons="yes_no") == "yes"
    assert calc.impl.answered[-1] == "删除？"


# --- the process -------------------------------------------------------------------------------------------------


def test_the_interpreter_is_left_as_it_was(calc: Any) -> None:
    assert calc.impl.office.alive()
    assert builtins.__import__.__module__ == "builtins"
    try:
        __import__("no_such_module_at_all")
    except ImportError:
        assert "no_such_module_at_all" in traceback.format_exc()


def test_the_office_is_ended_with_everything_it_had() -> None:
    app = start_calc()
    profile = app.impl.office.profile
    app.books.add()
    app.quit()
    assert not profile.exists()
    assert not processes_with(profile.name)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="process groups")
def test_killed_in_the_middle(tmp_path: Path) -> None:
    app = start_calc()
    path = tmp_path / "单位.xlsx"
    app.books.add().save(path)
    before, profile = path.read_bytes(), app.impl.office.profile
    sheet = app.books.active.sheets[0]
    os.killpg(app.pid, signal.SIGKILL)
    time.sleep(0.2)
    with pytest.raises(calc_engine.OfficeGone, match="没有改动"):
        sheet["A1:C3"].options(ndim=2).value  # noqa: B018
    assert app not in list(xw.apps)
    assert path.read_bytes() == before
    assert not profile.exists()
    assert not processes_with(profile.name)


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("os")
    monkeypatch.setattr(office_module, "uno_python", lambda: (3, 4))
    monkeypatch.delitem(sys.modules, "uno", raising=False)
    with pytest.raises(calc_engine.OfficeError, match=r"只能用 Python 3\.4，现在运行的是 Python 3\.\d+"):
        office_module.load_uno()
    monkeypatch.setattr(office_module, "uno_python", lambda: None)
    monkeypatch.setattr(office_module, "_UNO_PLACES", ())
    monkeypatch.setitem(sys.modules, "pyuno", None)
    with pytest.raises(calc_engine.OfficeError, match="python3-uno"):
        office_module.load_uno()


def test_another_package_of_that_name_is_passed_over(
    calc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package index has a "uno" that has nothing to do with LibreOffice."""
    real = office_module.load_uno()
    (tmp_path / "uno.py").write_text("cards = []\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "uno")
    monkeypatch.setattr(office_module, "_UNO_PLACES", ())
    with pytest.raises(calc_engine.OfficeError, match="python3-uno"):
        office_module.load_uno()
    monkeypatch.setitem(sys.modules, "uno", real)
    assert calc.impl.office.alive()


def test_no_libreoffice(calc: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert calc
    monkeypatch.setattr(office_module, "find_soffice", lambda: None)
    with pytest.raises(calc_engine.OfficeError, match="没有找到 LibreOffice"):
        office_module.start()


def test_chinese_text_takes_size_and_weight_too(calc: Any) -> None:
    cell = calc.books.add().sheets[0]["A1"]
    cell.value = "更正记录"
    cell.font.size, cell.font.bold = 16, True
    held = cell.impl.xl
    assert (held.CharHeight, held.CharHeightAsian) == (16.0, 16.0)
    assert (held.CharWeight, held.CharWeightAsian) == (150.0, 150.0)
