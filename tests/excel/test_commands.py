"""The actions, each in an open workbook: any bureau's own, and one like our template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("xlwings")

from perfeval_xl.errors import LiveError
from perfeval_xl.excel import commands
from perfeval_xl.excel.commands import COMMANDS
from perfeval_xl.excel.reading import checked
from perfeval_xl.excel.session import Outcome, Session
from perfeval_xl.findings import SEVERITY_LEVEL
from perfeval_xl.grid import Grid, Place
from perfeval_xl.hosts.live.marks import listed
from perfeval_xl.hosts.live.reading import read_open_book
from perfeval_xl.hosts.marks.workbook import highlight
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.runs.checking import check
from perfeval_xl.runs.new import new_workbook
from perfeval_xl.worklist import in_list
from tests.excel.standin import HEADER, template
from tests.support import example_builder


def act(book: Any, action: str, *, yes: bool = True) -> Outcome:
    return COMMANDS[action](Session(book, ask=lambda _: yes))


def selected(book: Any) -> str:
    return f"{book.sheets.active.name}!{book.app.selection.address.replace('$', '')}"


# --- any bureau's workbook -----------------------------------------------------------------------------------------


def test_check_all_lists_what_the_file_check_lists_and_selects_the_first_error(book: Any, path: Path) -> None:
    outcome = act(book, "check_all")
    report = check(path)
    ordered = in_list(report)
    assert [(entry.level, entry.place) for entry in listed(book)] == [
        (SEVERITY_LEVEL[finding.severity], finding.place) for finding in ordered
    ]
    first = next(finding for finding in ordered if finding.severity == "error" and finding.place)
    assert outcome.message.startswith(f"不通过：× 错误 {report.count('error')} 条")
    assert f"已选中第一条：{first.place}　{first.title}" in outcome.message
    assert selected(book).split(":")[0] == str(first.place)


def test_check_sheet_lists_the_active_sheet_only(book: Any) -> None:
    book.sheets["附件2"].activate()
    outcome = act(book, "check_sheet")
    assert outcome.message.startswith("“附件2”：")
    assert {entry.place.sheet for entry in listed(book) if entry.place} == {"附件2"}
    assert "只列出“附件2”的问题" in book.sheets["校验结果"]["A3"].value
    book.sheets["校验结果"].activate()
    with pytest.raises(LiveError, match="请先点到要检查的那张表"):
        act(book, "check_sheet")


def test_next_and_previous_go_round(book: Any) -> None:
    act(book, "check_all")
    places = [entry.place for entry in listed(book) if entry.place]
    distinct = [str(place) for place in dict.fromkeys(places)]
    book.sheets[0].activate()
    book.sheets[0]["A1"].select()
    first = next(place for place in places if place.sheet == book.sheets[0].name)
    book.sheets[0].range((first.row, 1)).select()  # in its row is where the clerk is
    start, seen = distinct.index(str(first)), []
    for _ in range(5):
        act(book, "next")
        seen.append(selected(book).split(":")[0])
    assert seen == [distinct[(start + step) % len(distinct)] for step in range(1, 6)]
    act(book, "previous")
    assert selected(book).split(":")[0] == distinct[(start + 4) % len(distinct)]
    last = places[-1]
    book.sheets[last.sheet].activate()
    book.sheets[last.sheet].range((last.row, last.column)).select()
    act(book, "next")
    assert selected(book).split(":")[0] == distinct[0]
    outcome = act(book, "previous")
    assert selected(book).split(":")[0] == distinct[-1]
    assert outcome.status.startswith(f"第 {len(distinct)}/{len(distinct)} 格")


def test_what_is_ticked_is_passed_over_and_the_tick_stays(book: Any) -> None:
    act(book, "check_all")
    first, second = list(dict.fromkeys(entry.place for entry in listed(book) if entry.place))[:2]
    for entry in listed(book):
        if entry.place == second:
            book.sheets["校验结果"].range((entry.row, 14)).value = "√"
    act(book, "check_all")
    assert selected(book).split(":")[0] == str(first)
    assert {entry.place for entry in listed(book) if entry.done} == {second}
    act(book, "next")
    assert selected(book).split(":")[0] not in (str(first), str(second))


def test_from_the_list_next_goes_to_the_line_pointed_at(book: Any) -> None:
    act(book, "check_all")
    entry = listed(book)[4]
    act(book, "results")
    assert book.sheets.active.name == "校验结果"
    book.sheets.active.range((entry.row, 6)).select()
    act(book, "next")
    assert selected(book).split(":")[0] == str(entry.place)


def test_before_the_first_check_that_is_what_to_do(book: Any) -> None:
    for action in ("next", "previous", "results"):
        assert "请先点“一键校验”" in act(book, action).message
    assert act(book, "clear").message == "没有可清除的标记。"


def test_clear_asks_where_a_reason_would_be_lost(book: Any) -> None:
    names = book.sheet_names
    act(book, "check_all")
    entry = listed(book)[0]
    book.sheets["校验结果"].range((entry.row, 15)).value = "已与财政核对"
    act(book, "clear", yes=False)
    assert len(listed(book)) > 0
    assert "没有改动" in act(book, "clear").message
    assert book.sheet_names == names
    assert not [rule for sheet in book.sheets for rule in sheet.cells.conditional_formats]


def test_a_reason_settles_a_finding_at_the_next_check(book: Any) -> None:
    act(book, "check_all")
    entry = next(entry for entry in listed(book) if entry.level == SEVERITY_LEVEL["warning"])
    book.sheets["校验结果"].range((entry.row, 15)).value = "年中追加，有批复"
    act(book, "check_all")
    again = [entry for entry in listed(book) if entry.reason]
    assert [(entry.status, entry.reason) for entry in again] == [("已说明", "年中追加，有批复")]


def test_a_clean_workbook_has_no_error(calc: Any, tmp_path: Path) -> None:
    path = tmp_path / "干净.xlsx"
    path.write_bytes(example_builder().build("own", True))
    book = calc.books.open(path)
    assert act(book, "check_all").message.startswith("通过：● 提示")
    assert {entry.level for entry in listed(book)} == {SEVERITY_LEVEL["info"]}


def test_no_form_at_all(calc: Any) -> None:
    book = calc.books.add()
    book.sheets[0]["A1"].value = "工资表"
    assert "没有认出任何附件表" in act(book, "check_all").message


def test_projects_belong_to_the_template(book: Any) -> None:
    for action in ("add_project", "remove_project"):
        with pytest.raises(LiveError, match="不是本工具的填报模板"):
            act(book, action)


def test_help_names_version_and_log(book: Any) -> None:
    message = act(book, "help").message
    assert "版本：perfeval-xl" in message
    assert "perfeval-xl.log" in message


# --- our template --------------------------------------------------------------------------------------------------


def test_in_the_template_only_the_table_is_written(calc: Any, tmp_path: Path) -> None:
    book = calc.books.open(template(tmp_path / "模板.xlsx"))
    before = {sheet.name: sheet.used_range.formula for sheet in book.sheets if sheet.name != "校验结果"}
    rules = [rule.formula for sheet in book.sheets for rule in sheet.cells.conditional_formats]
    outcome = act(book, "check_all")
    assert outcome.message.startswith("不通过")
    sheet = book.sheets["校验结果"]
    keys = [value for value in sheet["L9:L48"].value if value]
    assert any(key.startswith("FJ3-1!") and key.endswith("|错误") for key in keys)
    assert sheet["L5"].value == sheet["M5"].value
    assert sheet["A2"].value.startswith("结论：不通过")
    assert next(entry.place.sheet for entry in listed(book) if entry.place) == "附件3-1"
    assert {name: book.sheets[name].used_range.formula for name in before} == before
    assert [rule.formula for one in book.sheets for rule in one.cells.conditional_formats] == rules
    act(book, "clear")
    assert listed(book) == []
    assert sheet["L5"].value is None
    assert sheet.range((HEADER, 1), (HEADER, 13)).value[-1] == "指纹"


def test_the_shipped_templates_table_is_the_same_live_and_in_a_file(calc: Any, tmp_path: Path) -> None:
    path, marked = tmp_path / "某局.xlsx", tmp_path / "某局-已标注.xlsx"
    path.write_bytes(new_workbook(".xlsx", unit="某局", year=2023, policy=None))
    marked.write_bytes(highlight(path, check(path)).data)
    book = calc.books.open(path)
    act(book, "add_project")
    book.sheets["附件3-2"].activate()
    act(book, "remove_project")
    act(book, "check_all")
    live, file = (
        next(grid for grid in read.grids if grid.sheet == "校验结果")
        for read in (read_open_book(book), read_book(marked))
    )
    assert table(live) == table(file)
    assert len(listed(book)) > 2


def table(grid: Grid) -> dict[tuple[int, int], str]:
    """What the list shows, without the lines on file and time."""
    return {place: cell.text for place, cell in grid.cells.items() if place[0] in (2, 4) or place[0] > 5}


def test_a_renamed_form_keeps_its_marks(calc: Any, tmp_path: Path) -> None:
    book = calc.books.open(template(tmp_path / "模板.xlsx"))
    book.sheets["附件3-1"].name = "道路维护项目"
    act(book, "check_all")
    entry = next(entry for entry in listed(book) if entry.place)
    assert entry.place is not None
    assert entry.place.sheet == "道路维护项目"
    assert book.sheets["校验结果"].range((entry.row, 12)).value.startswith("FJ3-1!")


def test_marks_and_links_move_with_their_cells(calc: Any, tmp_path: Path) -> None:
    book = calc.books.open(template(tmp_path / "模板.xlsx"))
    act(book, "check_all")
    entry = next(entry for entry in listed(book) if entry.place and entry.place.row > 2)
    assert entry.place is not None
    results_sheet, form = book.sheets["校验结果"], book.sheets[entry.place.sheet]
    before = results_sheet.range((entry.row, 12)).value
    form.impl.xl.unprotect("")
    form["2:2"].insert(shift="down")
    after = results_sheet.range((entry.row, 12)).value
    column = entry.place.cell.rstrip("0123456789")
    assert before == f"FJ3-1!{column}{entry.place.row}|{entry.level[2:]}"
    assert after == f"FJ3-1!{column}{entry.place.row + 1}|{entry.level[2:]}"
    moved = next(one for one in listed(book) if one.row == entry.row)
    assert moved.place == Place(entry.place.sheet, entry.place.row + 1, entry.place.column)


def test_a_form_copied_by_hand_gets_marks_of_its_own(calc: Any, tmp_path: Path) -> None:
    book = calc.books.open(template(tmp_path / "模板.xlsx"))
    book.sheets["附件3-1"].copy(after=book.sheets["附件3-1"], name="附件3-1 (2)")
    act(book, "check_all")
    assert (book.sheets["附件3-1"]["K1"].value, book.sheets["附件3-1 (2)"]["K1"].value) == ("FJ3-1", "FJ3-2")
    assert book.sheets["附件3-1 (2)"].impl.protected
    keys = {value.partition("!")[0] for value in book.sheets["校验结果"]["L9:L48"].value if value}
    assert keys >= {"FJ3-1", "FJ3-2"}


def test_more_findings_than_room_are_told(calc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    book = calc.books.open(template(tmp_path / "模板.xlsx"))
    usual = checked

    def many(session: Session) -> Any:
        report = usual(session)
        return dataclasses.replace(report, findings=report.findings[:1] * 60, unread=())

    monkeypatch.setattr(commands, "checked", many)
    act(book, "check_all")
    column = book.sheets["校验结果"]["E9:E60"].value
    assert column[39] == "还有 21 条没有列出，请先改正以上问题再校验"
    assert column[40:42] == [None, None]


def test_projects_come_and_go(calc: Any, tmp_path: Path) -> None:
    book = calc.books.open(template(tmp_path / "模板.xlsx"))
    act(book, "add_project", yes=False)
    assert "附件3-2" not in book.sheet_names
    assert act(book, "add_project").message == "已在“附件3-1”后面新增“附件3-2”。"
    added = book.sheets["附件3-2"]
    assert (added.visible, added["A1"].value, added["K1"].value) == (True, "附件3-2", "FJ3-2")
    assert added.impl.protected
    assert book.sheet_names.index("附件3-2") + 1 == book.sheet_names.index("项目止")
    assert not book.sheets["附件3空白表"].visible
    assert selected(book) == "附件3-2!A1"
    act(book, "check_all")
    assert {entry.place.sheet for entry in listed(book) if entry.place} >= {"附件3-1", "附件3-2"}

    added.activate()
    act(book, "remove_project", yes=False)
    assert "附件3-2" in book.sheet_names
    assert act(book, "remove_project").message.startswith("已删除“附件3-2”")
    book.sheets["附件3-1"].activate()
    with pytest.raises(LiveError, match="只剩这一张"):
        act(book, "remove_project")
    book.sheets["填报说明"].activate()
    with pytest.raises(LiveError, match="请先点到要删除的那张"):
        act(book, "remove_project")


def test_every_action_is_here() -> None:
    known = {
        "check_all",
        "check_sheet",
        "previous",
        "next",
        "results",
        "clear",
        "add_project",
        "remove_project",
        "help",
    }
    assert set(COMMANDS) >= known


def test_places_of_a_hidden_sheet_are_told(book: Any) -> None:
    act(book, "check_all")
    entry = listed(book)[1]
    assert entry.place is not None
    assert entry.place == Place(entry.place.sheet, entry.place.row, entry.place.column)
    book.sheets[entry.place.sheet].visible = False
    book.sheets["校验结果"].activate()
    book.sheets["校验结果"].range((entry.row, 1)).select()
    with pytest.raises(LiveError, match="被隐藏了"):
        act(book, "next")
