"""What the adapter says to Excel, word for word: a stand-in records it, since there is no Excel here."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from perfeval_xl.grid import Area
from perfeval_xl.hosts.live import office_api
from perfeval_xl.hosts.marks.results import LOOK


@pytest.fixture(autouse=True)
def on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")


def excel_sheet(**api: Any) -> Any:
    app = MagicMock()
    app.engine.name = "excel"
    sheet = MagicMock()
    sheet.book.app = app
    for name, value in api.items():
        setattr(sheet.api, name, value)
    return sheet


@pytest.mark.parametrize(("number", "state"), [(-1, "visible"), (0, "hidden"), (2, "veryHidden")])
def test_a_very_hidden_sheet_is_not_visible(number: int, state: str) -> None:
    assert office_api.state(excel_sheet(Visible=number)) == state


@pytest.mark.parametrize("saved", [True, False])
def test_whether_a_book_is_saved_is_known_on_windows_only(
    saved: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = excel_sheet().book
    book.api.Saved = saved
    assert office_api.is_saved(book) is saved
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not office_api.is_saved(book)


def test_values_come_from_value2() -> None:
    cells = excel_sheet()
    area = SimpleNamespace(
        sheet=cells, shape=(1, 3), api=SimpleNamespace(Value2=((45047.0, -2146826281, None),))
    )
    assert office_api.values(area) == [[45047.0, -2146826281, None]]
    assert office_api.error_text(-2146826281) == "#DIV/0!"
    assert office_api.error_text(True) is None
    assert office_api.error_text(5.0) is None


def test_one_rule_for_more_cells_than_an_address_holds() -> None:
    sheet = excel_sheet()
    areas = [Area(row, 28, row, 30) for row in range(1000, 1100)]
    office_api.add_mark(sheet, areas, "=PE_MARK_INFO", LOOK["info"])
    addresses = [call.args[0] for call in sheet.api.Range.call_args_list]
    assert ",".join(addresses).split(",") == [str(area) for area in areas]
    assert max(map(len, addresses)) <= 255
    assert sheet.range.call_args_list[0].args == (addresses[0],)
    formats = sheet.range.return_value.conditional_formats
    assert formats.add_custom.call_count == 1
    rule = formats.add_custom.return_value.api
    assert sheet.book.app.api.Union.call_count == len(addresses) - 1
    rule.ModifyAppliesToRange.assert_called_once_with(sheet.book.app.api.Union.return_value)
    assert rule.Font.Underline == 2
    assert [call.args[0] for call in rule.Borders.call_args_list][::2] == [-4131, -4152, -4160, -4107]


def test_a_protection_is_put_back_as_it_was() -> None:
    sheet = excel_sheet(ProtectContents=True, ProtectDrawingObjects=False, ProtectScenarios=True)
    allowed = {name: name == "AllowSorting" for name in office_api._ALLOWED}
    sheet.api.Protection = SimpleNamespace(**allowed)

    def fail() -> None:
        with office_api.unprotected(sheet):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    sheet.api.Unprotect.assert_called_once_with("")
    sheet.api.Protect.assert_called_once_with(DrawingObjects=False, Contents=True, Scenarios=True, **allowed)


def test_a_copy_is_taken_of_what_the_file_reader_reads_in_full() -> None:
    book = excel_sheet().book
    for name, can in (
        ("单位.xlsx", True),
        ("单位.xlsm", True),
        ("工作簿1", True),
        ("单位.xls", False),
        ("a.XLSB", False),
    ):
        book.name = name
        assert office_api.can_save_copy(book) is can
    office_api.save_copy(book, "C:\\t\\book.xlsx")
    book.api.SaveCopyAs.assert_called_once_with("C:\\t\\book.xlsx")


def test_tables_names_and_structure() -> None:
    sheet = excel_sheet()
    office_api.resize_table(sheet, "PE_Results", "area")
    sheet.tables["PE_Results"].resize.assert_called_once_with("area")
    name = MagicMock()
    office_api.hide_name(name, sheet.book)
    assert name.api.Visible is False
    sheet.book.api.ProtectStructure = True
    assert office_api.has_fixed_sheets(sheet.book)


@pytest.mark.parametrize(
    ("hresult", "scode", "busy", "gone"),
    [
        (-2147418111, None, True, False),
        (-2147352567, -2146777998, True, False),
        (-2147023174, None, False, True),
        (-2147352567, -2146827284, False, False),
    ],
)
def test_what_errors_of_excel_mean(hresult: int, scode: int | None, busy: bool, gone: bool) -> None:
    error = type("com_error", (Exception,), {})()
    error.hresult = hresult
    error.excepinfo = None if scode is None else (0, "Excel", "", "", 0, scode)
    assert (office_api.is_busy(error), office_api.is_gone(error)) == (busy, gone)
    assert office_api.is_office_error(error)


def test_waiting_for_excel_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = SimpleNamespace(N_COM_ATTEMPTS=0)
    monkeypatch.setitem(sys.modules, "xlwings._xlwindows", windows)
    xlwings = pytest.importorskip("xlwings")
    monkeypatch.setattr(xlwings, "_xlwindows", windows, raising=False)
    office_api.bound_attempts()
    assert windows.N_COM_ATTEMPTS == office_api.N_COM_ATTEMPTS > 0


def test_a_workbook_may_call_in_three_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    xlwings = pytest.importorskip("xlwings")
    monkeypatch.setattr(sys, "argv", ["python"])
    monkeypatch.setattr(xlwings, "_xlwindows", SimpleNamespace(BOOK_CALLER=None), raising=False)
    monkeypatch.delattr(xlwings.Book, "_mock_caller", raising=False)
    assert not office_api.has_caller()
    monkeypatch.setattr(sys, "argv", ["python", "--wb=单位.xlsm", "--from_xl=1", "--hwnd=0"])
    assert office_api.has_caller()
    monkeypatch.setattr(sys, "argv", ["python"])
    monkeypatch.setattr(xlwings._xlwindows, "BOOK_CALLER", object())
    assert office_api.has_caller()


def test_files_are_chosen_in_windows_of_excel(tmp_path: Path) -> None:
    app = excel_sheet().book.app
    kinds = [
        office_api.FileKind("绩效自评文件", (".xlsx", ".docx")),
        office_api.FileKind("所有文件", (".*",)),
    ]
    app.api.GetOpenFilename.return_value = r"\\server\报表\去年.xlsx"
    assert office_api.choose_file(app, "选择上年的文件", kinds, tmp_path) == r"\\server\报表\去年.xlsx"
    app.api.GetOpenFilename.assert_called_once_with(
        "绩效自评文件 (*.xlsx;*.docx),*.xlsx;*.docx,所有文件 (*.*),*.*", 1, "选择上年的文件"
    )
    app.api.GetOpenFilename.return_value = False
    assert office_api.choose_file(app, "选择上年的文件", kinds, None) is None
    app.api.GetSaveAsFilename.return_value = "https://d.docs.live.net/1/今年.xlsx"
    chosen = office_api.choose_where(app, "另存为", kinds[0], tmp_path, "今年.xlsx")
    assert chosen == ("https://d.docs.live.net/1/今年.xlsx", False)
    app.api.GetSaveAsFilename.assert_called_once_with(
        str(tmp_path / "今年.xlsx"), "绩效自评文件 (*.xlsx;*.docx),*.xlsx;*.docx", 1, "另存为"
    )
    app.api.GetSaveAsFilename.return_value = False
    assert office_api.choose_where(app, "另存为", kinds[0], None, "今年.xlsx") is None
    assert app.api.GetSaveAsFilename.call_args.args[0] == "今年.xlsx"


def test_excel_for_macos_has_no_such_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    app = excel_sheet().book.app
    assert office_api.can_choose_files(app)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not office_api.can_choose_files(app)
    app.engine.name = "calc"
    assert office_api.can_choose_files(app)
