"""The project sheets (附件3) of an open workbook made from our template: listed, and one added."""

from __future__ import annotations

from typing import Any

from perfeval_xl import patterns as re
from perfeval_xl.errors import LiveError
from perfeval_xl.hosts.template.template import PROJECT
from perfeval_xl.own_sheets import FIRST_GUARD, LAST_GUARD, MASTER

from . import office_api
from .marks import refuse_read_only

_PROJECT = re.compile(r"附件3-(\d+)")
_MASTER_ID = "FJ3"


def project_names(book: Any) -> list[str]:
    """The project sheets in their order; LiveError where the workbook is not our template, or nothing can be written."""
    refuse_read_only(book)
    names: list[str] = book.sheet_names
    if not {FIRST_GUARD, LAST_GUARD, MASTER} <= set(names):
        raise LiveError("这不是本工具的填报模板，不能增减项目表。可用 perfeval-xl new 新建一份模板")
    return names[names.index(FIRST_GUARD) + 1 : names.index(LAST_GUARD)]


def refuse_fixed(book: Any, what: str) -> None:
    """LiveError where a workbook is protected against what is to be done with its sheets (``what``: 新增)."""
    if office_api.has_fixed_sheets(book):
        raise LiveError(f"工作簿的结构受保护，不能{what}表：请先撤销保护（审阅 → 保护工作簿）")


def add_project(book: Any) -> str:
    """An empty project sheet after the last one, made from the hidden blank; its name."""
    numbers = [int(match[1]) for name in book.sheet_names if (match := _PROJECT.fullmatch(name))]
    number = max(numbers, default=0) + 1
    name = PROJECT.format(number)
    master = book.sheets[MASTER]
    where = next(place for place, text in _first_row(master).items() if text == _MASTER_ID)
    sheet = master.copy(before=book.sheets[LAST_GUARD], name=name)
    with office_api.unprotected(sheet):
        sheet.range((1, 1)).value = f"'{name}"
        sheet.range((1, where)).value = f"'{_MASTER_ID}-{number}"
    sheet.visible = True
    return name


def _first_row(sheet: Any) -> dict[int, Any]:
    values = sheet.range((1, 1), (1, 60)).options(ndim=1).value
    return dict(enumerate(values, 1))
