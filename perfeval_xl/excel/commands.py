"""The actions behind the buttons, each a function of the open workbook. What a clerk reads comes back as an Outcome."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from perfeval_xl.correct import Change, Plan
from perfeval_xl.errors import LiveError
from perfeval_xl.findings import Finding, Report
from perfeval_xl.grid import Book, Place
from perfeval_xl.hosts.live import corrections as xlwings_correcting
from perfeval_xl.hosts.live import marks as xlwings_marks
from perfeval_xl.hosts.live import office_api, projects
from perfeval_xl.installing.machine import this_machine
from perfeval_xl.own_sheets import CORRECTIONS_SHEET
from perfeval_xl.records import replace
from perfeval_xl.runs.correcting import planner, to_undo
from perfeval_xl.version import __version__
from perfeval_xl.worklist import in_list

from .papers import audit_report, export_pdf, export_word
from .reading import NO_FORM, checked, read, verdict
from .session import Outcome, Session, few
from .workbooks import carry_over, import_word

_MOST_NOTES, _MOST_ASKED = 5, 8

# --- checking ----------------------------------------------------------------------------------------------------


def check_all(session: Session) -> Outcome:
    """Check the whole workbook as it stands, list and colour the findings, and select the first error."""
    report = checked(session)
    return _shown(session, report, "")


def check_sheet(session: Session) -> Outcome:
    """Check the whole workbook, but list only what is on the active sheet."""
    name = session.book.sheets.active.name
    report = checked(session)
    own = xlwings_marks.results_sheet(session.book)
    if own is not None and own.name == name:
        raise LiveError("请先点到要检查的那张表，再点“校验本表”")
    here = tuple(finding for finding in report.findings if finding.place and finding.place.sheet == name)
    only = replace(
        report,
        workbook=f"{report.workbook}（只列出“{name}”的问题）",
        findings=here,
        skipped=tuple(skip for skip in report.skipped if skip.sheet == name),
        unread=tuple(unread for unread in report.unread if unread.sheet == name),
    )
    return _shown(session, only, f"“{name}”：")


def _shown(session: Session, report: Report, where: str) -> Outcome:
    notes = xlwings_marks.mark(session.book, report, session.progress)
    if not report.summaries:
        return Outcome(NO_FORM)
    first = _first(report)
    if first is not None and first.place is not None:
        _go(session.book, first.place)
    lines = [where + verdict(report)]
    if first is not None:
        lines.append(f"已选中第一条：{first.place}　{first.title}")
        lines.append("全部问题列在“校验结果”里，点“下一条”逐条查看。")
    lines += few(notes, _MOST_NOTES, "张表没有标色")
    return Outcome("\n".join(lines))


def _first(report: Report) -> Finding | None:
    """The open finding with a cell that is to be mended first."""
    placed = (one for one in in_list(report) if one.open and one.place is not None)
    return next(placed, None)


# --- correcting ---------------------------------------------------------------------------------------------------


def correct(session: Session) -> Outcome:
    """Recompute rates, totals and scores a check objects to, and take the proposals the clerk chooses; logged, and checked
    again."""
    xlwings_marks.refuse_read_only(session.book)
    before = read(session)
    session.progress("正在重算")
    planned, chosen = _chosen(session, before)
    own = [change for change in planned.changes if not change.follows]
    if not own:
        nothing = "没有需要更正的格子。" if not planned.notes else "没有可以代为更正的格子。"
        return Outcome("\n".join([nothing, *_uncorrected(planned.notes)]))
    if not session.ask(_question(own, chosen)):
        return Outcome("没有更正，什么都没有改动。")
    session.progress("正在更正")
    done = xlwings_correcting.correct(
        session.book, before, planned.changes, dt.datetime.now(), lambda: read(session)
    )
    told = [f"已更正 {len(own)} 格，都记在“{CORRECTIONS_SHEET}”里；要改回原样，点“撤销更正”。"]
    told += _uncorrected((*planned.notes, *done.notes))
    return _again(session, done.book, told)


def undo_correct(session: Session) -> Outcome:
    """Take back what 更正记录 lists, and check again."""
    xlwings_marks.refuse_read_only(session.book)
    before = read(session)
    listed = len(to_undo(before))
    if not listed:
        return Outcome(f"“{CORRECTIONS_SHEET}”里没有可以撤销的更正。")
    if not session.ask(f"把“{CORRECTIONS_SHEET}”里的 {listed} 条更正全部改回原样。确定撤销吗？"):
        return Outcome("没有撤销，什么都没有改动。")
    session.progress("正在撤销更正")
    done = xlwings_correcting.undo(session.book, before, lambda: read(session))
    return _again(session, done.book, [f"已改回 {len(done.places)} 格。", *_uncorrected(done.notes)])


def _chosen(session: Session, before: Book) -> tuple[Plan, int]:
    """The plan, with those proposals for input figures that are sure and that the clerk takes, asked one by one."""
    plan_with = planner(before, _names(session.book) if xlwings_marks.is_template(session.book) else None)
    planned = plan_with(())
    chosen: list[str] = []
    declined: set[str] = set()
    for _ in range(_MOST_ASKED):
        offer = next((one for one in planned.offers if one.fingerprint not in declined), None)
        if offer is None:
            break
        if session.ask(_offered(offer)):
            chosen.append(offer.fingerprint)
            planned = plan_with(chosen)
        else:
            declined.add(offer.fingerprint)
    return planned, len(chosen)


def _names(book: Any) -> Callable[[], dict[str, str]]:
    """The defined names of an open workbook, asked for when they are needed."""
    return lambda: {name.name: name.refers_to for name in book.names}


def _offered(finding: Finding) -> str:
    """A proposal for what the clerk typed."""
    advice = f"{finding.suggestion}\n" if finding.suggestion else ""
    return (
        f"{finding.message}\n{advice}这是您录入的数，由您决定：采用这条建议吗？\n"
        "点“是”采用（改动前还会再列出一次），点“否”不改这个数。"
    )


def _question(changes: Sequence[Change], chosen: int) -> str:
    """What is about to be changed."""
    inputs = f"您采用了 {chosen} 条建议，别的录入的数不改" if chosen else "不改您录入的数"
    lines = [f"将更正 {len(changes)} 格（算出来的比率、合计、得分；{inputs}）："]
    changed = [f"{one.place}：{one.old or '（空）'} → {one.new or '（空）'}" for one in changes]
    lines += few(changed, _MOST_ASKED, "格")
    return "\n".join([*lines, "确定更正吗？"])


def _uncorrected(notes: Sequence[str]) -> list[str]:
    return few(notes, _MOST_NOTES, "处没有更正")


def _again(session: Session, read: Book, told: Sequence[str]) -> Outcome:
    """What was done, and what the check of the workbook says now."""
    outcome = _shown(session, checked(session, read), "现在校验：")
    return replace(outcome, message="\n".join([*told, outcome.message]))


# --- going about -------------------------------------------------------------------------------------------------


def next_finding(session: Session) -> Outcome:
    """Go to the place that is to be mended next, in the order of the list, from where the clerk is; from the last to the
    first."""
    return _step(session, 1)


def previous_finding(session: Session) -> Outcome:
    """Go to the place before that."""
    return _step(session, -1)


def _step(session: Session, towards: Literal[1, -1]) -> Outcome:
    book = session.book
    sheets = book.sheet_names
    stops: dict[Place, list[xlwings_marks.Listed]] = {}
    for entry in xlwings_marks.listed(book):
        if entry.place is not None and entry.place.sheet in sheets and entry.status != "已说明":
            stops.setdefault(entry.place, []).append(entry)
    undone = [place for place, entries in stops.items() if not all(entry.done for entry in entries)]
    if not undone:
        return _nothing_listed(book)
    place = _next_stop(book, stops, undone, towards)
    _go(book, place)
    entries = [entry for entry in stops[place] if not entry.done]
    problem = entries[0].problem.replace("\n", "　")
    more = f"　（这一格还有 {len(entries) - 1} 条）" if len(entries) > 1 else ""
    where = f"第 {undone.index(place) + 1}/{len(undone)} 格"
    return Outcome(status=f"{where}　{entries[0].level}　{place}　{problem}{more}")


def _next_stop(
    book: Any,
    stops: Mapping[Place, Sequence[xlwings_marks.Listed]],
    undone: Sequence[Place],
    towards: Literal[1, -1],
) -> Place:
    """Where to go: the line the clerk points at in the list; else on from the listed cell they are at or next to."""
    here, selected = book.sheets.active.name, book.app.selection
    row, column = (1, 1) if selected is None else (selected.row, selected.column)
    order, ends = list(stops), (undone[0], undone[-1])
    own = xlwings_marks.results_sheet(book)
    if own is not None and own.name == here:
        rows = {entry.row: place for place, entries in stops.items() for entry in entries}
        if rows.get(row) in undone:
            return rows[row]
        above = [order.index(place) for at, place in rows.items() if at < row]
        now = max(above, default=-1) if towards > 0 else max(above, default=-1) + 1
    else:
        near = [place for place in order if place.sheet == here]
        if not near:
            return ends[towards < 0]
        now = order.index(min(near, key=lambda one: (abs(one.row - row), abs(one.column - column))))
    after = [place for place in undone if (order.index(place) - now) * towards > 0]
    return ends[towards < 0] if not after else after[0] if towards > 0 else after[-1]


def _go(book: Any, place: Place) -> None:
    sheet = book.sheets[place.sheet]
    if office_api.state(sheet) != "visible":
        raise LiveError(f"“{place.sheet}”被隐藏了：请先取消隐藏（右键点表的标签 → 取消隐藏）")
    sheet.activate()
    sheet.range((place.row, place.column)).select()


def _nothing_listed(book: Any) -> Outcome:
    if xlwings_marks.results_sheet(book) is None:
        return Outcome("还没有校验过，请先点“一键校验”。")
    return Outcome("“校验结果”里没有待处理的问题。填表有改动的话，请再点“一键校验”。")


def show_results(session: Session) -> Outcome:
    """Go to the list of findings."""
    sheet = xlwings_marks.results_sheet(session.book)
    if sheet is None:
        return _nothing_listed(session.book)
    if office_api.state(sheet) != "visible":
        sheet.visible = True
    sheet.activate()
    return Outcome()


def clear(session: Session) -> Outcome:
    """Take away list and colours; asks first where that would lose a 说明 the clerk wrote."""
    if xlwings_marks.results_sheet(session.book) is None:
        return Outcome("没有可清除的标记。")
    written = sum(1 for entry in xlwings_marks.listed(session.book) if entry.reason)
    if written and not session.ask(f"“校验结果”里有 {written} 条您写的说明，清除后就没有了。确定清除吗？"):
        return Outcome()
    session.progress("正在清除标记")
    notes = xlwings_marks.clear(session.book)
    return Outcome("\n".join(notes) or "标记已清除，您填的内容和格式没有改动。")


# --- project sheets ----------------------------------------------------------------------------------------------


def add_project(session: Session) -> Outcome:
    """Add an empty 附件3 after the last one, made from the template's hidden blank, after asking."""
    book = session.book
    names = projects.project_names(book)
    projects.refuse_fixed(book, "新增")
    question = f"已有 {len(names)} 张项目表（附件3）。再新增一张空白的吗？"
    if not session.ask(question):
        return Outcome()
    name = projects.add_project(book)
    _go(book, Place(name, 1, 1))
    return Outcome(f"已在“{names[-1]}”后面新增“{name}”。" if names else f"已新增“{name}”。")


def remove_project(session: Session) -> Outcome:
    """Delete the active 附件3, after asking; one always stays."""
    book = session.book
    names = projects.project_names(book)
    name = book.sheets.active.name
    if name not in names:
        raise LiveError("请先点到要删除的那张附件3（项目支出绩效自评表），再点“删除项目表”")
    if len(names) == 1:
        raise LiveError("只剩这一张项目表了，不能删除。没有项目的话，把它空着就可以")
    projects.refuse_fixed(book, "删除")
    if not session.ask(f"确定删除“{name}”吗？里面填的内容会一起删除，不能恢复。"):
        return Outcome()
    book.sheets[name].delete()
    return Outcome(f"已删除“{name}”。请再点“一键校验”。")


# --- help --------------------------------------------------------------------------------------------------------


def show_help(session: Session) -> Outcome:  # noqa: ARG001
    """What the buttons do, the version, and where the log is."""
    lines = (
        "一键校验：检查全部附件和自评报告，问题列在“校验结果”，有问题的格子会变色。",
        "× 错误要改正；▲ 核实要改正或在“说明”栏写明原因；● 提示看一看。",
        "上一条、下一条：逐条跳到有问题的格子。清除标记：去掉颜色和清单。",
        "校验不改动您填的任何内容，没有保存的改动也会检查到。",
        "",
        f"版本：perfeval-xl {__version__}",
        f"运行记录：{this_machine().log}",
    )
    return Outcome("\n".join(lines))


COMMANDS: dict[str, Callable[[Session], Outcome]] = {
    "check_all": check_all,
    "check_sheet": check_sheet,
    "previous": previous_finding,
    "next": next_finding,
    "results": show_results,
    "correct": correct,
    "undo_correct": undo_correct,
    "clear": clear,
    "add_project": add_project,
    "remove_project": remove_project,
    "carry_over": carry_over,
    "import_word": import_word,
    "export_word": export_word,
    "export_pdf": export_pdf,
    "audit_report": audit_report,
    "help": show_help,
}
"""By the ids of the table of actions."""
