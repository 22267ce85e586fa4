"""New files of an action: beside the open workbook, never over another one unasked; and the open one as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("xlwings")

from perfeval_xl.errors import LiveError
from perfeval_xl.excel import commands, documents, running
from perfeval_xl.excel.documents import (
    as_it_stands,
    file_name,
    folder_of,
    open_beside,
    write_chosen,
    write_new,
)
from perfeval_xl.excel.session import Outcome, Session
from perfeval_xl.hosts.live import office_api
from perfeval_xl.hosts.live.office_api import FileKind
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.runs.new import new_workbook
from tests.support import example_builder

BOOK = FileKind("填报工作簿", (".xlsx",))


@pytest.fixture
def book(calc: Any, tmp_path: Path) -> Any:
    path = tmp_path / "甲 单位.xlsx"
    path.write_bytes(example_builder().build("own", False))
    return calc.books.open(path)


def test_a_new_file_goes_beside_the_open_one_and_over_none(book: Any, tmp_path: Path) -> None:
    session = Session(book, folder=folder_of(book))
    assert session.folder == tmp_path
    before = Path(book.fullname).read_bytes()
    (tmp_path / "丙.xlsx").write_bytes(b"mine")
    wanted = (book.name, "乙.xlsx", "乙.xlsx", "丙.xlsx")
    paths = [write_new(session, name, BOOK, new_workbook(".xlsx")) for name in wanted]
    # Its own that nobody changed is replaced; any other is not.
    assert [path.name for path in paths if path] == ["甲 单位(2).xlsx", "乙.xlsx", "乙.xlsx", "丙(2).xlsx"]
    assert (tmp_path / "丙.xlsx").read_bytes() == b"mine"
    assert Path(book.fullname).read_bytes() == before


def test_a_name_that_is_open_elsewhere_is_not_taken(book: Any, calc: Any, tmp_path: Path) -> None:
    other = tmp_path / "别处"
    other.mkdir()
    (other / "乙.xlsx").write_bytes(example_builder().build("own", True))
    calc.books.open(other / "乙.xlsx")
    path = write_new(Session(book, folder=tmp_path), "乙.xlsx", BOOK, new_workbook(".xlsx"))
    assert path == tmp_path / "乙(2).xlsx"
    opened = open_beside(Session(book), path)
    assert calc.books.active == opened
    assert "附件1" in opened.sheet_names


def test_where_nothing_can_be_written_the_clerk_says_where(book: Any, tmp_path: Path) -> None:
    asked = []

    def save_as(title: str, kind: FileKind, name: str) -> Path:
        asked.append((title, kind, name))
        return tmp_path / "选的.xlsx"

    for folder in (None, tmp_path / "没有"):
        session = Session(book, save_as=save_as, folder=folder)
        assert write_new(session, "新.xlsx", BOOK, new_workbook(".xlsx")) == tmp_path / "选的.xlsx"
    assert asked == [("另存为", BOOK, "新.xlsx")] * 2
    assert write_new(Session(book), "新.xlsx", BOOK, new_workbook(".xlsx")) is None


def test_an_open_workbook_is_never_written_over(book: Any) -> None:
    before = Path(book.fullname).read_bytes()
    with pytest.raises(LiveError, match="正打开着"):
        write_chosen(Session(book), Path(book.fullname), b"new")
    assert Path(book.fullname).read_bytes() == before


def test_a_workbook_that_was_never_saved_has_no_folder(calc: Any) -> None:
    assert folder_of(calc.books.add()) is None


def test_what_is_typed_and_not_saved_is_in_the_copy(book: Any) -> None:
    before = Path(book.fullname).read_bytes()
    book.sheets["附件1"]["A1"].value = "改过没存"
    with as_it_stands(Session(book)) as path:
        assert read_book(path).grids[0].cells[1, 1].text == "改过没存"
    assert not path.exists()
    assert Path(book.fullname).read_bytes() == before


def test_where_there_is_no_copy_that_is_said(book: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_api, "can_save_copy", lambda _: False)
    with pytest.raises(LiveError, match="不能取得工作簿的副本"), as_it_stands(Session(book)):
        pass


@pytest.mark.parametrize(
    ("text", "name"),
    [("甲/乙:丙*局 ", "甲乙丙局.x"), ("..", "新建.x"), ("单" * 200, "单" * 80 + ".x"), ("a\tb", "ab.x")],
)
def test_a_name_any_system_takes(text: str, name: str) -> None:
    assert file_name(text, ".x") == name


# --- what the clerk is asked ---------------------------------------------------------------------------------------


def act(book: Any, monkeypatch: pytest.MonkeyPatch, command: Any) -> list[Any]:
    got: list[Any] = []

    def run(session: Session) -> Outcome:
        got.append(command(session))
        return Outcome()

    monkeypatch.setitem(commands.COMMANDS, "help", run)
    monkeypatch.setattr(running, "keep", lambda: None)
    running.run_action("help", book)
    return got


def test_while_something_is_asked_the_window_is_seen(
    book: Any, calc: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def looked(*_: object, **__: object) -> str:
        seen.append((calc.screen_updating, calc.display_alerts))
        return "yes"

    monkeypatch.setattr(type(calc.impl), "alert", looked)
    monkeypatch.setattr(office_api, "choose_file", looked)

    def command(session: Session) -> None:
        session.ask("？")
        session.choose_file("选择文件", [BOOK])
        seen.append((calc.screen_updating, calc.display_alerts))

    act(book, monkeypatch, command)
    assert seen == [(True, True), (True, True), (False, False)]


def test_before_a_file_is_replaced_the_clerk_is_asked(
    book: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "有.xlsx").write_bytes(b"")
    chosen = [(str(tmp_path / "有.xlsx"), False), (str(tmp_path / "有"), True), (str(tmp_path / "新"), True)]
    answers = iter(["no", "no"])
    questions = []

    def alert(_: object, question: str, *__: object) -> str:
        questions.append(question)
        return next(answers)

    monkeypatch.setattr(type(book.app.impl), "alert", alert)
    monkeypatch.setattr(office_api, "choose_where", lambda *_: chosen.pop(0))
    got = act(book, monkeypatch, lambda session: session.save_as("另存为", BOOK, "有.xlsx"))
    assert questions == ["“有.xlsx”已经存在，要替换它吗？"] * 2
    assert got == [tmp_path / "新.xlsx"]


def test_a_place_in_the_cloud_is_refused_in_one_line(
    book: Any, calc: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office_api, "choose_file", lambda *_: "https://d.docs.live.net/1/去年.xlsx")
    assert act(book, monkeypatch, lambda session: session.choose_file("选择文件", [BOOK])) == []
    assert "请先把文件存到本机文件夹" in calc.impl.answered[-1]


def test_a_full_disk_is_told_in_one_line(book: Any, calc: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_api, "choose_where", lambda *_: ("/没有这个文件夹/新.xlsx", True))

    def command(session: Session) -> Path | None:
        return documents.write_new(Session(book, save_as=session.save_as), "新.xlsx", BOOK, b"new")

    assert act(book, monkeypatch, command) == []
    assert "文件夹不存在" in calc.impl.answered[-1]
