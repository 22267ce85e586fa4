"""Books that are made to hurt: refused in a line, or read and held against a workbook in bounded time; nothing of them is run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perfeval_xl.rules.book import scene
from perfeval_xl.rules.book.rows import MOST_REMARKS, MOST_RULES, book_of
from perfeval_xl.rules.book.toml import read_toml
from perfeval_xl.runs.checking import check_book
from tests.support import grid_of

from . import workbooks
from .workbooks import book

NAUGHTY = (
    "__import__('os').system('x')",
    "=cmd|'/c calc'!A0",
    "附件2[__class__] > 0",
    '本行[得分] 匹配 "(a+)+$"',
    "{0.__class__} > 1",
    "附件2[{{项目支出}}] = 1",
    "合计(" * 19 + "1" + ")" * 19 + " = 1",
    "附件2[项目支出]" + " + 附件2[项目支出]" * 60 + " = 0",
)


@pytest.mark.parametrize("text", NAUGHTY)
def test_whatever_a_formula_says_it_is_refused_or_held_against_a_workbook(text: str) -> None:
    found = book(
        {"公式": text},
        {"公式": "附件2[项目支出] > 0", "条件": text},
        {"公式": "附件2[项目支出] > 0", "提示": text},
    )
    for remark in found.remarks:
        assert "\n" not in str(remark)
    if found.usable:
        list(workbooks.said(found, workbooks.context_of(workbooks.EXAMPLE)))


def test_a_book_of_a_hundred_thousand_rules_is_refused_in_a_line() -> None:
    rows = ((number, {"编号": f"县{number}", "公式": "附件2[项目支出] > 0"}) for number in range(100_000))
    found = book_of("书", "书", "0" * 64, rows)
    assert len(found.rules) == MOST_RULES
    assert [str(one) for one in found.remarks] == [
        f"第{MOST_RULES}行：一本规则最多 {MOST_RULES} 条，后面的没有读；请分成几本"
    ]


def test_of_many_mistakes_some_are_told_and_the_rest_counted() -> None:
    found = book(*({"公式": "附件13[x] > 0"} for _ in range(500)))
    assert len(found.remarks) == MOST_REMARKS + 1
    assert str(found.remarks[-1]) == f"另有 {500 - MOST_REMARKS} 处，改好上面的再看"
    assert not found.usable


def test_toml_that_is_none_is_refused() -> None:
    for text in ("x", "[[rule]]\ncode = 1", "rule = 3", "[" * 2000, 'id = ""\n[[rule]]\ncode="a"', "foo = 1"):
        assert not read_toml(text, "书", "0" * 64).usable


def test_cells_that_are_taken_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene, "MOST_TAKEN", 50)
    found = book({"范围": "附件3*.指标 每行", "公式": "合计(附件3*.指标[分值]) > 本行[分值]"})
    reasons = {
        verdict.reason for _, verdict in workbooks.said(found, workbooks.context_of(workbooks.EXAMPLE))
    }
    assert "审核公式取的格子太多，超过限度，没有算完" in reasons


def test_a_book_inside_a_checked_workbook_can_only_ask_and_never_fail_it() -> None:
    example = workbooks.example(clean=True)
    rows = [["编号", "公式", "级别", "提示"], ["里01", "附件2[项目支出] > 10000", "错误", "太少"]]
    report = check_book(
        replace(example, grids=(*example.grids, grid_of("审核公式", rows))), policy="national-2020"
    )
    assert [(one.rule, one.severity, one.family) for one in report.findings if one.rule == "里01"] == [
        ("里01", "warning", "bureau")
    ]
    assert [one.title for one in report.rules] == ["工作簿里的审核公式"]
    report = check_book(
        replace(example, grids=(*example.grids, grid_of("审核公式", rows))),
        policy="national-2020",
        ignore="bureau",
    )
    assert not any(one.family == "bureau" for one in report.findings)
    wrong = [["编号", "公式"], ["里01", "附件13[x] > 1"]]
    report = check_book(
        replace(example, grids=(*example.grids, grid_of("审核公式", wrong))), policy="national-2020"
    )
    assert report.rules == ()
    assert [one.reason for one in report.unread if one.sheet == "审核公式"] == [
        "第2行“公式”：没有“附件13”。可用：附件1、附件2、附件3…；是不是“附件1”？（这张表里的规则都没有用）"
    ]
