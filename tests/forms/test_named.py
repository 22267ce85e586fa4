"""Figures by the names clerks call them: one figure or none, never a guess."""

from __future__ import annotations

import time

import pytest

from perfeval_xl.forms import read_forms
from perfeval_xl.forms.named import figures, filled
from perfeval_xl.forms.records import Field
from tests.rules.test_rules import BASE
from tests.support import book_of, changed

NAMES = {
    "单位名称": "甲县图书馆",
    "年度": "2023",
    "上年": "2022",
    "编制数": "20",
    "在职人数": "19",
    "三公经费": "4.2",
    "三公经费 预算数": "4.5",
    "三公经费 2022年决算数": "5",
    "公务接待 上年决算数": "2",
    "古籍修复": "25",
    "基本支出": "210",
    "附件2基本支出": "210",
    "人员经费": "183.5",
    "全年预算": "320",
    "执行率": "100%",
    "总分": "100",
    "接待读者人次": "86000人次",
    "接待读者人次·年度指标值": "≥80000人次",
    "业务工作经费 年初预算数": "50",
    "县级专项资金（古籍修复） 全年执行数": "25",
    "附件3-2 设备完好率": "96%",
    "运行维护经费 总分": "100",
    "政府性基金 支出": "0",
}


@pytest.mark.parametrize(("name", "text"), NAMES.items())
def test_a_name_finds_its_figure(name: str, text: str) -> None:
    found = figures(read_forms(book_of(BASE))).find(name)
    assert isinstance(found, Field), found
    assert found.text == text


REFUSED = {
    "基本": "没有“基本”这个名称",
    "": "没有“”这个名称",
    "群众满意度": "没有“群众满意度”这个名称，相近的有：",
    "其他资金": "附件2!B10 还没有填",
    "出国经费": "还没有填",
}


@pytest.mark.parametrize(("name", "reason"), REFUSED.items())
def test_what_is_unknown_or_empty_is_said(name: str, reason: str) -> None:
    found = figures(read_forms(book_of(BASE))).find(name)
    assert isinstance(found, str)
    assert reason in found


def test_one_name_for_two_figures_is_none_and_for_the_same_figure_is_one() -> None:
    other = read_forms(book_of(changed(BASE, {"附件1 / 项目支出： / 2023年决算数": 111})))
    assert "附件1!D13 是 111" in str(figures(other).find("项目支出"))
    found = figures(read_forms(book_of(changed(BASE, {"附件1 / 项目支出： / 2023年决算数": "110.00"})))).find(
        "项目支出"
    )
    assert isinstance(found, Field)


def test_only_typed_texts_of_forms_are_filled_in() -> None:
    sheets = changed(BASE, {"自评报告 / A3": "编制{{编制数}}人，｛｛在职人数｝｝人在职，{{没有}}。"})
    sheets["备查"] = [["{{编制数}}"]]
    book = book_of(sheets)
    done = filled(book, read_forms(book))
    texts = {cell.text for grid in done.book.grids for cell in grid.cells.values()}
    assert "编制20人，19人在职，{{没有}}。" in texts
    assert done.forms.narratives[0].paragraphs[1].text == "编制20人，19人在职，{{没有}}。"
    assert [str(problem.place) for problem in done.problems] == ["自评报告!A3"]


def test_a_workbook_without_names_is_left_as_it_is() -> None:
    book = book_of(BASE)
    forms = read_forms(book)
    done = filled(book, forms)
    assert done.book is book
    assert done.forms is forms


def test_braces_without_end_take_no_time() -> None:
    book = book_of(changed(BASE, {"自评报告 / A3": "{{" * 15_000, "自评报告 / A5": "{{a" * 10_000 + "}}"}))
    start = time.process_time()
    filled(book, read_forms(book))
    assert time.process_time() - start < 5


def test_thousands_of_wrong_names_take_no_time() -> None:
    names = "".join(f"{{{{支出{number}}}}}" for number in range(3000))
    book = book_of(changed(BASE, {"自评报告 / A3": names}))
    start = time.process_time()
    assert len(filled(book, read_forms(book)).problems) == 3000
    assert time.process_time() - start < 5
