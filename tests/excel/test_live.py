"""A workbook in LibreOffice with its buttons: pressed as a screen reader would press them."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

pytest.importorskip("xlwings")

from perfeval_xl import calc_engine, cli
from perfeval_xl.errors import Unreadable
from perfeval_xl.excel import live as live_module
from perfeval_xl.excel.actions import ACTIONS
from perfeval_xl.excel.commands import COMMANDS
from perfeval_xl.excel.documents import open_beside, write_new
from perfeval_xl.excel.session import Outcome, Session
from perfeval_xl.hosts.live import office_api
from perfeval_xl.hosts.live.marks import listed
from perfeval_xl.hosts.live.office_api import FileKind
from tests.live import processes_with
from tests.support import example_builder


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def usable(office: Any) -> None:
    """LibreOffice can be used here."""
    assert office


def macro_example(path: Path) -> Path:
    """The example with macros: what a template filled in Excel is to Calc."""
    source = zipfile.ZipFile(io.BytesIO(example_builder().build("own", False)))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "[Content_Types].xml":
                content = content.replace(
                    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                )
            target.writestr(name, content)
    return path


def test_every_action_has_its_function() -> None:
    assert {action.id for action in ACTIONS} <= set(COMMANDS)


@pytest.mark.usefixtures("usable")
def test_opened_checked_and_served_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "某 单位.xlsx"
    path.write_bytes(example_builder().build("own", False))
    before = path.read_bytes()
    with live_module.opened(path, visible=False) as session:
        profile = session.app.impl.office.profile
        assert session.book.name == path.name
        assert session.app.impl.answered[0].startswith("不通过")
        assert not session.book.impl.doc.isModified()
        places = list(dict.fromkeys(entry.place for entry in listed(session.book) if entry.place))
        window, panel = session.book.impl.window.getPosSize(), session.panel.dialog.getPosSize()
        assert window.Width <= panel.X  # no cell is covered
        session.panel.click("next")
        assert session.step(5)
        assert session.book.sheets.active.name == places[1].sheet
        session.panel.click("clear")
        assert session.step(5)
        assert listed(session.book) == []
        assert session.step(0)
        session.book.close()
        assert not session.step(0)
    assert path.read_bytes() == before
    assert not profile.exists()
    assert not processes_with(profile.name)
    assert not list(tmp_path.glob(".~lock*"))


@pytest.mark.usefixtures("usable")
def test_a_workbook_an_action_opens_has_buttons_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "某单位.xlsx"
    path.write_bytes(example_builder().build("own", False))

    def make(session: Session) -> Outcome:
        new = write_new(session, "新.xlsx", FileKind("工作簿", (".xlsx",)), path.read_bytes())
        assert new is not None
        open_beside(session, new)
        return Outcome(str(new))

    monkeypatch.setitem(COMMANDS, "help", make)
    with live_module.opened(path, visible=False) as session:
        session.panel.click("help")
        assert session.step(5)
        assert session.app.impl.answered[-1] == str(tmp_path / "新.xlsx")
        assert [one.book.name for one in session.served] == [path.name, "新.xlsx"]
        assert session.app.books.active.name == "新.xlsx"
        session.served[1].panel.click("check_all")
        assert session.step(5)
        assert len(listed(session.served[1].book)) > 30
        session.book.close()
        assert session.step(0)  # the other one is served on
        session.served[1].book.close()
        assert not session.step(0)


@pytest.mark.usefixtures("usable")
def test_last_year_is_carried_over_at_the_press_of_a_button(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = macro_example(tmp_path / "单位 2023.xlsm")
    before = path.read_bytes()
    monkeypatch.setattr(office_api, "choose_file", lambda *_: str(path))
    with live_module.opened(path, visible=False) as session:
        session.panel.click("carry_over")
        assert session.step(30)
        assert "已新建2024年度的填报工作簿" in session.app.impl.answered[-1]
        new = session.served[1]
        assert Path(new.book.fullname).parent == tmp_path
        assert new.book.sheets["附件1"]["A2"].value == "2024年度预算单位整体支出绩效评价基础数据表"
        new.panel.click("check_all")
        assert session.step(30)
        assert session.app.impl.answered[-1].startswith("未查全：所有的表都还没有填写")
    assert path.read_bytes() == before


@pytest.mark.usefixtures("usable")
def test_a_workbook_with_macros_is_a_copy_without_a_file(tmp_path: Path) -> None:
    path = macro_example(tmp_path / "单位 2023.xlsm")
    before = path.read_bytes()
    with live_module.opened(path, visible=False) as session:
        assert session.copied
        assert session.folder == tmp_path
        assert "原文件不会改动" in session.app.impl.answered[0]
        assert session.book.name == path.name
        assert session.book.impl.doc.URL == ""
        assert len(listed(session.book)) > 30
        with pytest.raises(calc_engine.OfficeError, match="含宏"):
            session.book.save(path)
    assert path.read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="process groups")
@pytest.mark.usefixtures("usable")
def test_libreoffice_is_killed_in_the_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "某单位.xlsx"
    path.write_bytes(example_builder().build("own", False))
    before = path.read_bytes()
    usual = live_module.opened

    @contextlib.contextmanager
    def short_lived(path: Path) -> Iterator[live_module.Live]:
        with usual(path, visible=False) as session:
            os.killpg(session.app.pid, signal.SIGKILL)
            time.sleep(0.3)
            yield session

    monkeypatch.setattr(live_module, "opened", short_lived)
    assert cli.main(["live", str(path)]) == 2
    line = capsys.readouterr().err
    assert line.startswith("LibreOffice 已经退出")
    assert line.count("\n") == 1
    assert path.read_bytes() == before
    assert [left.name for left in tmp_path.iterdir() if left.is_file()] == [path.name]


@pytest.mark.usefixtures("usable")
def test_buttons_in_a_sheet_do_the_same(tmp_path: Path) -> None:
    path = tmp_path / "带按钮.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("填报说明")
    sheet.insert_button("B2", {"macro": "PE_results", "caption": "校验结果"})
    sheet.insert_button("B6", {"macro": "Other", "caption": "别的"})
    book.close()
    with live_module.opened(path, visible=False) as session:
        session.book.sheets["填报说明"].activate()
        assert session.step(0)
        assert session.step(0)  # the buttons are looked for again and again
        document = session.book.impl.doc
        form = document.Sheets.getByIndex(0).DrawPage.Forms.getByIndex(0)
        for number in range(form.Count):
            control = document.CurrentController.getControl(form.getByIndex(number))
            control.getAccessibleContext().doAccessibleAction(0)
        assert session.step(5)
        assert session.book.sheets.active.name == "校验结果"
        assert session.pressed.empty()


@pytest.mark.usefixtures("usable")
def test_a_read_only_file_is_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "只读.xlsx"
    path.write_bytes(example_builder().build("own", False))
    may = os.access
    monkeypatch.setattr(os, "access", lambda at, mode: mode != os.W_OK and may(at, mode))
    with live_module.opened(path, visible=False) as session:
        assert "只读" in session.app.impl.answered[0]
        assert len(listed(session.book)) > 30


@pytest.mark.usefixtures("usable")
def test_what_cannot_be_read_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    path = tmp_path / "空.xlsx"
    path.write_bytes(b"")
    with pytest.raises(Unreadable):
        live_module.live(path)
    assert cli.main(["live", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.usefixtures("usable")
def test_without_a_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert cli.main(["live", str(tmp_path / "a.xlsx")]) == 2
    assert "没有图形界面" in capsys.readouterr().err


def test_without_libreoffice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise calc_engine.OfficeError("没有找到 LibreOffice：请先安装")

    monkeypatch.setattr(calc_engine, "register", missing)
    assert cli.main(["live", str(tmp_path / "a.xlsx")]) == 2
    assert capsys.readouterr().err == "没有找到 LibreOffice：请先安装\n"


# com.sun.star.accessibility.AccessibleRole: the window of a document, a field to type in.
_DOCUMENT, _TEXT = 49, 60


class Person(threading.Thread):
    """Somebody in front of the screen who reads every box, types where a file name is asked for, and presses the button
    of one of these names."""

    def __init__(self, office: Any, *buttons: str, types: str = "") -> None:
        super().__init__(daemon=True)
        self.office, self.buttons, self.types = office, buttons, types
        self.read: list[str] = []
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.2):
            with contextlib.suppress(Exception):  # a window that closes while it is looked at
                self._look()

    def _look(self) -> None:
        toolkit = self.office.service("awt.Toolkit")
        for number in range(toolkit.getTopWindowCount()):
            window = toolkit.getTopWindow(number)
            box = None if window is None else window.getAccessibleContext()
            if box is None or box.getAccessibleRole() == _DOCUMENT:
                continue
            parts = list(_parts(box))
            buttons = [part for part in parts if part.getAccessibleName() in self.buttons]
            if buttons:
                self.read += [name for part in parts if (name := part.getAccessibleName())]
                if self.types:
                    _folder, name, *_ = (part for part in parts if part.getAccessibleRole() == _TEXT)
                    name.setText(self.types)
                buttons[0].doAccessibleAction(0)


def _parts(context: Any, depth: int = 0) -> Iterator[Any]:
    yield context
    for number in range(min(context.getAccessibleChildCount(), 20) if depth < 8 else 0):
        yield from _parts(context.getAccessibleChild(number).getAccessibleContext(), depth + 1)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a screen in memory")
@pytest.mark.usefixtures("usable")
def test_message_boxes_as_a_person_sees_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """With windows, though on a screen that exists in memory only."""
    monkeypatch.setenv("SAL_USE_VCLPLUGIN", "svp")
    app = calc_engine.start(visible=True)
    try:
        app.books.add()
        for names, buttons, answer in (
            (("OK", "确定"), "ok", "ok"),
            (("Yes", "是"), "yes_no", "yes"),
            (("No", "否"), "yes_no", "no"),
        ):
            with doing(person := Person(app.impl.office, *names)):
                assert app.alert("确定删除“附件3-2”吗？", "绩效自评", buttons=buttons) == answer
            assert {"绩效自评", "确定删除“附件3-2”吗？"} <= set(person.read)
    finally:
        app.quit()


@contextlib.contextmanager
def doing(*people: Person) -> Iterator[None]:
    for person in people:
        person.start()
    try:
        yield
    finally:
        for person in people:
            person.done.set()
            person.join(5)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a screen in memory")
@pytest.mark.usefixtures("usable")
def test_files_are_chosen_as_a_person_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAL_USE_VCLPLUGIN", "svp")
    (tmp_path / "去年 的.xlsx").write_bytes(b"")
    kinds = [FileKind("绩效自评文件", (".xlsx", ".docx")), FileKind("所有文件", (".*",))]
    app = calc_engine.start(visible=True)
    try:
        app.books.add()
        office = app.impl.office
        with doing(person := Person(office, "Open", "打开", types="去年 的.xlsx")):
            chosen = office_api.choose_file(app, "选择上年的文件", kinds, tmp_path)
        assert chosen == str(tmp_path / "去年 的.xlsx")
        assert "选择上年的文件" in person.read
        with doing(Person(office, "Cancel", "取消")):
            assert office_api.choose_file(app, "选择上年的文件", kinds, tmp_path) is None
        with doing(Person(office, "Save", "保存")):
            new = office_api.choose_where(app, "另存为", kinds[0], tmp_path, "今年.xlsx")
        assert new == (str(tmp_path / "今年.xlsx"), True)
        with doing(Person(office, "Save", "保存", types="去年 的.xlsx"), Person(office, "Yes", "是")):
            new = office_api.choose_where(app, "另存为", kinds[0], tmp_path, "今年.xlsx")
        assert new == (str(tmp_path / "去年 的.xlsx"), True)
    finally:
        app.quit()
