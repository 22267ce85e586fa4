"""The one door of the page: calls by name, JSON and files in, JSON and perhaps a file out. Knows no browser; runs on CPython too.

An answer is ``{"ok": …}`` or ``{"error": one Chinese line}``. ``open`` takes the files of a submission; ``type``, ``take``,
``correct``, ``explain``, ``policy``, ``undo`` and ``redo`` change what is open, and like it give its state (``_state``); ``sheet`` gives a
form as it is drawn (``_drawing``); ``save`` gives a file. ``check`` looks at files without opening them and gives report/2.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from perfeval_xl.coverage import headline
from perfeval_xl.errors import PerfevalError
from perfeval_xl.findings import PART_WORD, SEVERITY_WORD, STILL_COUNTS, VERDICT_WORD, Finding, Report
from perfeval_xl.grid import Place, coordinates
from perfeval_xl.policy import bundled, load_policy
from perfeval_xl.records import dataclass, replace
from perfeval_xl.report.drawing import (
    SYMBOLS,
    WORDS,
    DrawnCell,
    DrawnRow,
    DrawnSheet,
    drawn_sheets,
    kind_of,
    sheets_to_draw,
)
from perfeval_xl.report.html import to_html
from perfeval_xl.rules import families
from perfeval_xl.runs.checking import check
from perfeval_xl.runs.opening import Source
from perfeval_xl.runs.outputs import marked_ours
from perfeval_xl.runs.revising import Revision, SheetLooks, opened
from perfeval_xl.version import __version__
from perfeval_xl.worklist import ALL_KINDS, HEADING, kind_lines, step_line, worklist

log = logging.getLogger(__name__)

Given = Mapping[str, Any]
Answer = tuple[str, bytes | None]
#: Pixels of a character of width, and around it; of a point of height.
_CHARACTER, _PADDING, _POINT = 7, 5, 4 / 3
_NARROWEST, _WIDEST, _HIGHEST = 24, 620, 600


@dataclass(slots=True)
class Desk:
    """What is open, if anything is."""

    revision: Revision | None = None

    @property
    def open(self) -> Revision:
        if self.revision is None:
            raise PerfevalError("还没有打开文件，请先选择文件")
        return self.revision


_DESK = Desk()


def call(name: str, given: str, files: Sequence[Any] = (), desk: Desk = _DESK) -> Answer:
    """Answer one call; never raises."""
    try:
        said, file = _CALLS[name](desk, json.loads(given), [_bytes(one) for one in files])
        answer: Mapping[str, Any] = {"ok": said}
    except PerfevalError as error:
        answer, file = {"error": str(error)}, None
    except (MemoryError, RecursionError):
        answer, file = {"error": "内存不够，没有做完，原文件没有改动。请关掉别的网页、程序后再试"}, None
    except Exception as error:  # the page lives on, whatever is in a file
        log.exception("call %s", name)
        line = f"出了意外，没有做完，原文件没有改动（{type(error).__name__}）。请换一个文件，或把情况告诉技术支持"
        answer, file = {"error": line}, None
    return json.dumps(answer, ensure_ascii=False), file


def _bytes(given: Any) -> bytes:
    """The bytes of a file; a browser's buffer is copied."""
    return given if isinstance(given, bytes) else bytes(given.to_py())


# -- calls ----------------------------------------------------------------------------------------------------

Said = tuple[Any, bytes | None]


def _about(_desk: Desk, _given: Given, _files: list[bytes]) -> Said:
    """What there is to choose from, and the words and symbols of severities and of the parts of a finding."""
    families.load()
    policies = [{"id": name, "title": load_policy(name).title} for name in bundled()]
    kinds = {kind: {"word": WORDS[kind], "symbol": SYMBOLS[kind]} for kind in WORDS}
    words = {"first": HEADING, "kinds": ALL_KINDS, "counts": STILL_COUNTS, "parts": PART_WORD}
    return {"version": __version__, "policies": policies, "kinds": kinds, "words": words}, None


def _check(_desk: Desk, given: Given, files: list[bytes]) -> Said:
    names = list(given["names"])
    revision = opened(list(zip(names, files, strict=True)))
    many: list[Source] = [one.source for one in revision.open_files]
    policy = given.get("policy")
    return check(many if len(many) > 1 else many[0], policy=policy, rules=revision.rules).to_dict(), None


def _open(desk: Desk, given: Given, files: list[bytes]) -> Said:
    desk.revision = opened(list(zip(given["names"], files, strict=True)), given.get("policy"))
    return _state(desk.revision), None


def _close(desk: Desk, _given: Given, _files: list[bytes]) -> Said:
    desk.revision = None
    return None, None


def _type(desk: Desk, given: Given, _files: list[bytes]) -> Said:
    desk.revision = desk.open.typed(_place(given), str(given["text"]))
    return _state(desk.revision), None


def _take(desk: Desk, given: Given, _files: list[bytes]) -> Said:
    desk.revision = desk.open.taken(str(given["fingerprint"]))
    return _state(desk.revision), None


def _correct(desk: Desk, _given: Given, _files: list[bytes]) -> Said:
    desk.revision, notes = desk.open.corrected()
    return {**_state(desk.revision), "notes": notes}, None


def _explain(desk: Desk, given: Given, _files: list[bytes]) -> Said:
    desk.revision = desk.open.explained(str(given["fingerprint"]), str(given["reason"]))
    return _state(desk.revision), None


def _policy(desk: Desk, given: Given, _files: list[bytes]) -> Said:
    chosen = given.get("policy")
    if chosen is not None and chosen not in bundled():
        raise PerfevalError(f"没有政策“{chosen}”")
    desk.revision = desk.open.under(chosen)
    return _state(desk.revision), None


def _undo(desk: Desk, _given: Given, _files: list[bytes]) -> Said:
    desk.revision = desk.open.back()
    return _state(desk.revision), None


def _redo(desk: Desk, _given: Given, _files: list[bytes]) -> Said:
    desk.revision = desk.open.again()
    return _state(desk.revision), None


def _sheet(desk: Desk, given: Given, _files: list[bytes]) -> Said:
    revision, name = desk.open, str(given["sheet"])
    sheet = next(iter(drawn_sheets(revision.report, (name,))), None)
    if sheet is None:
        raise PerfevalError(f"没有工作表“{name}”")
    return _drawing(revision, sheet), None


def _save(desk: Desk, given: Given, _files: list[bytes]) -> Said:
    """A file to be downloaded: ``corrected``, ``marked``, ``html`` or ``json``; with what the clerk should know of it."""
    revision, what, when = desk.open, str(given["what"]), dt.datetime.now()
    name = str(given.get("file") or revision.open_files[0].source.file_name)
    stem = PurePath(name).stem
    if what == "corrected":
        source, notes = revision.mended(name, when)
        suffix = PurePath(name).suffix
        untouched = any(source is one.source for one in revision.open_files)
        data = source.data if untouched else marked_ours(source.data, suffix)
        return {"name": f"{stem}-已修改{suffix}", "notes": notes}, data
    if what == "marked":
        copy = revision.marked(name, when)
        return {"name": f"{stem}-已标注{copy.suffix}", "notes": copy.notes}, marked_ours(
            copy.data, copy.suffix
        )
    if what == "html":
        return {"name": f"{stem}-校验报告.html", "notes": ()}, marked_ours(
            to_html(revision.report).encode(), ".html"
        )
    if what == "json":
        return {"name": f"{stem}-检查结果.json", "notes": ()}, revision.report.to_json().encode()
    raise PerfevalError(f"没有这种下载：{what}")


def _place(given: Given) -> Place:
    try:
        return Place(str(given["sheet"]), *coordinates(str(given["cell"])))
    except ValueError:
        raise PerfevalError("这一格不能在这里改") from None


_CALLS: Mapping[str, Callable[[Desk, Given, list[bytes]], Said]] = {
    "about": _about, "check": _check, "open": _open, "close": _close, "type": _type, "take": _take, "correct": _correct,
    "explain": _explain, "policy": _policy, "undo": _undo, "redo": _redo, "sheet": _sheet, "save": _save,
}  # fmt: skip

# -- what is shown --------------------------------------------------------------------------------------------


def _state(revision: Revision) -> dict[str, Any]:
    """What is open: the report (report/2) and, for the screens, what it says in words, its forms, what can be taken back."""
    report = revision.report
    return {
        "report": replace(
            report, sheets={}
        ).to_dict(),  # sheets by their names in the submission, which are all different
        "verdict": VERDICT_WORD[report.verdict],
        "headline": _without_verdict(headline(report)),
        "first": [
            {"text": step_line(step), "findings": [one.fingerprint for one in step.findings]}
            for step in worklist(report).first
        ],
        "kinds": kind_lines(report),
        "more": {finding.fingerprint: _more(revision, finding) for finding in report.findings},
        "sheets": [_tab(revision, name) for name in sheets_to_draw(report)],
        "files": [_file(revision, one.source) for one in revision.open_files],
        "rules": [book.title for book in revision.rules],
        "changes": [
            {"sheet": one.place.sheet, "cell": one.place.cell, "old": one.old, "new": one.new}
            for one in revision.changes
        ],
        "undo": revision.done[-1].what if revision.done else None,
        "redo": revision.undone[-1].what if revision.undone else None,
        "computed": _computed(report),
    }


def _without_verdict(line: str) -> str:
    """The line without the verdict it begins with, which the screens show apart."""
    word, _, rest = line.partition("：")
    return rest if word in VERDICT_WORD.values() else line


def _computed(report: Report) -> int:
    """How many findings 一键更正 would try."""
    return sum(
        bool(one.fixes) and one.open and one.severity != "info" and all(fix.computed for fix in one.fixes)
        for one in report.findings
    )


def _more(revision: Revision, finding: Finding) -> dict[str, Any]:
    """What the screens need of a finding beside report/2: how it is drawn, and what can be done about it here."""
    kind = kind_of(finding)
    takes = bool(finding.fixes) and all(revision.open_file(fix.place.sheet).editable for fix in finding.fixes)
    return {
        "kind": kind,
        "level": SEVERITY_WORD[finding.severity],
        "takes": takes,
        "label": finding.row_label,
        "explainable": finding.severity != "error" or finding.acceptable,
    }


def _tab(revision: Revision, name: str) -> dict[str, Any]:
    one = revision.open_file(name)
    return {"name": name, "file": one.source.file_name, "editable": one.editable}


def _file(revision: Revision, source: Source) -> dict[str, Any]:
    changed = sum(revision.open_file(one.place.sheet).source is source for one in revision.changes)
    return {"name": source.file_name, "kind": source.kind, "suffix": source.suffix, "changes": changed}


def _drawing(revision: Revision, sheet: DrawnSheet) -> dict[str, Any]:
    """A form: columns with their widths, rows with heights and cells; looks by index; findings by their fingerprints."""
    findings = revision.report.findings
    columns = [coordinates(f"{column.letters}1")[1] for column in sheet.columns]
    looks = revision.looks(sheet.name)
    kept: dict[tuple[Any, ...], int] = {}

    def look(address: str) -> int:
        if looks is None:
            return -1
        one = looks.of(*coordinates(address))
        return kept.setdefault((one.bold, one.size, one.across, one.fill), len(kept))

    def typed(cell: DrawnCell) -> str | None:
        if looks is None:
            return None
        text = revision.as_typed(Place(sheet.name, *coordinates(cell.address)))
        return None if text == cell.text else text

    def cells(row: DrawnRow) -> list[list[Any]]:
        return [
            [
                cell.address, cell.text, cell.rowspan, cell.colspan, cell.classes, look(cell.address),
                [findings[mark.finding].fingerprint for mark in cell.marks], typed(cell),
            ]
            for cell in row.cells
        ]  # fmt: skip

    return {
        "name": sheet.name,
        "notes": sheet.notes,
        "editable": looks is not None,
        "columns": [
            {"letters": one.letters, "gap": one.gap, "hidden": one.hidden, "width": _width(looks, column)}
            for one, column in zip(sheet.columns, columns, strict=True)
        ],
        "rows": [
            {
                "row": row.row,
                "gap": row.gap,
                "hidden": row.hidden,
                "height": _height(looks, row.row),
                "cells": cells(row),
            }
            for row in sheet.rows
        ],
        "looks": [list(one) for one in kept],
        "covered": {f"{row},{column}": list(first) for (row, column), first in sheet.covered.items()},
    }


def _width(looks: SheetLooks | None, column: int) -> int | None:
    if looks is None:
        return None
    characters = looks.widths.get(column, looks.standard_width)
    return min(_WIDEST, max(_NARROWEST, round(characters * _CHARACTER + _PADDING)))


def _height(looks: SheetLooks | None, row: int) -> int | None:
    points = None if looks is None else looks.heights.get(row)
    return None if points is None else min(_HIGHEST, round(points * _POINT))
