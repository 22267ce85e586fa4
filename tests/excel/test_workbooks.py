"""沿用上年 and 导入Word in an open workbook: the new one beside it, opened, and nothing else touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("xlwings")

from perfeval_xl.errors import LiveError
from perfeval_xl.excel.commands import COMMANDS
from perfeval_xl.excel.documents import folder_of
from perfeval_xl.excel.session import Outcome, Session
from perfeval_xl.excel.workbooks import _year
from perfeval_xl.hosts.live import office_api
from perfeval_xl.runs.checking import check
from perfeval_xl.runs.new import new_workbook
from tests.support import example_builder
from tests.word import build

KINDS = {".xlsx", ".xlsm", ".xls", ".et", ".xlsb", ".ods", ".docx", ".doc"}


@pytest.fixture
def book(calc: Any, tmp_path: Path) -> Any:
    path = tmp_path / "甲 单位.xlsx"
    path.write_bytes(new_workbook(".xlsx", unit="甲单位", year=2024))
    return calc.books.open(path)


def act(book: Any, action: str, chosen: Path | None) -> Outcome:
    def choose(title: str, kinds: Any) -> Path | None:
        assert {suffix for kind in kinds for suffix in kind.suffixes} == KINDS
        assert title.startswith("选择")
        return chosen

    return COMMANDS[action](Session(book, choose_file=choose, folder=folder_of(book)))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".~")}


def test_last_year_is_carried_over_into_a_new_workbook(book: Any, calc: Any, tmp_path: Path) -> None:
    last = tmp_path / "上年"
    last.mkdir()
    (last / "2023.docx").write_bytes(build("own", False))
    before = files(last) | {book.name: Path(book.fullname).read_bytes()}
    outcome = act(book, "carry_over", last / "2023.docx")
    new = calc.books.active
    assert new.name == "岳阳市岳阳楼区人力资源和社会保障局2024年绩效自评.xlsx"
    assert str(tmp_path / new.name) in outcome.message
    assert "● 请核对　附件1：编制数 15" in outcome.message
    assert "▲ 没有沿用　自评报告" in outcome.message
    assert "沿用记录" in new.sheet_names
    assert check(tmp_path / new.name).verdict == "incomplete"
    assert files(last) | {book.name: Path(book.fullname).read_bytes()} == before
    again = act(book, "carry_over", last / "2023.docx")
    assert "2024年绩效自评(2).xlsx" in again.message


def test_the_open_workbook_itself_may_be_last_years(calc: Any, tmp_path: Path) -> None:
    path = tmp_path / "去年.xlsx"
    path.write_bytes(example_builder().build("own", False))
    book = calc.books.open(path)
    place = next(cell for cell in book.sheets["附件1"].used_range if cell.value == 61.05)
    place.value = 77.77
    act(book, "carry_over", path)
    new = calc.books.active
    assert new != book
    assert 77.77 in [value for row in new.sheets["附件1"].used_range.value for value in row]


def test_a_word_document_is_imported_into_a_new_workbook(book: Any, calc: Any, tmp_path: Path) -> None:
    source = tmp_path / "报告 终稿.docx"
    source.write_bytes(build("own", False))
    outcome = act(book, "import_word", source)
    new = calc.books.active
    assert new.name == "报告 终稿-导入.xlsx"
    assert "附件1 → 附件1：" in outcome.message
    assert "导入记录" in outcome.message
    assert "导入记录" in new.sheet_names
    assert check(tmp_path / new.name).year == 2023


@pytest.mark.parametrize("action", ["carry_over", "import_word"])
def test_cancelled_or_useless(action: str, book: Any, calc: Any, tmp_path: Path) -> None:
    assert act(book, action, None) == Outcome()
    (tmp_path / "别的.xlsx").write_bytes(_other(tmp_path))
    before = files(tmp_path)
    with pytest.raises(LiveError, match="没有"):
        act(book, action, tmp_path / "别的.xlsx")
    assert files(tmp_path) == before
    assert len(calc.books) == 1


def _other(folder: Path) -> bytes:
    import openpyxl

    other = openpyxl.Workbook()
    other.worksheets[0]["A1"] = "工资表"
    other.save(folder / "x")
    data = (folder / "x").read_bytes()
    (folder / "x").unlink()
    return data


def test_a_file_without_its_year_takes_that_of_the_open_template(book: Any, tmp_path: Path) -> None:
    import openpyxl

    undated = openpyxl.Workbook()
    rows: list[list[Any]] = [
        ["项目支出绩效自评表"],
        ["项目名称", "道路维护"],
        ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"],
        ["产出指标", "数量指标", "培训人数", "≥100人", "120人", 50, 50],
        ["效益指标", "社会效益指标", "维护里程", "≥10公里", "12公里", 50, 50],
    ]
    for row in rows:
        undated.worksheets[0].append(row)
    undated.save(tmp_path / "无年度.xlsx")
    assert _year(book) == 2024
    assert "2024年度" in act(book, "carry_over", tmp_path / "无年度.xlsx").message
    book.sheets["填报说明"].range(book.names["PE_YEAR"].refers_to_range.address).value = None
    with pytest.raises(LiveError, match="看不出是哪一年的"):
        act(book, "carry_over", tmp_path / "无年度.xlsx")


def test_in_excel_the_new_workbook_has_macros(monkeypatch: pytest.MonkeyPatch, book: Any) -> None:
    from perfeval_xl.excel.workbooks import _suffix

    assert _suffix(Session(book)) == ".xlsx"
    monkeypatch.setattr(office_api, "is_calc", lambda _: False)
    assert _suffix(Session(book)) == ".xlsm"
