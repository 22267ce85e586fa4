"""Cells that must hold a figure: what is read of them, and that anything else is unknown, never 0."""

from __future__ import annotations

from decimal import Decimal

import pytest

from perfeval_xl.forms import read_forms
from perfeval_xl.forms.records import Field
from tests.support import TESTS, book_of, changed, read_yaml

BASE = read_yaml(TESTS / "rules" / "base.yaml")


def executed(text: object) -> Field:
    sheets = changed({"附件3-2": BASE["附件3-2"]}, {"附件3-2 / 年度资金总额 / 全年执行数": text})
    field = read_forms(book_of(sheets)).projects[0].amount("executed")
    assert field is not None
    return field


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("20", "20"), ("２０ 万元", "20"), ("￥20.50", "20.5"), ("人民币20元", "0.002"), ("约20", "20"), ("20万元左右", "20"),
        ("20余万元", "20"), ("20（含结转5）", "20"), ("(20.00)", "-20"), ("△20", "-20"), ("1，020.00", "1020"),
        ("200000元", "20"), ("0.2亿元", "2000"), ("20万元整", "20"),
    ],
)  # fmt: skip
def test_what_may_stand_around_a_figure(text: str, number: str) -> None:
    field = executed(text)
    assert (field.state, field.number) == ("number", Decimal(number))


@pytest.mark.parametrize("text", ["—", "/", "无", "不适用", "不涉及", "N/A", "未安排"])
def test_words_for_nothing_are_dashes(text: str) -> None:
    field = executed(text)
    assert (field.state, field.number, field.known) == ("dash", None, True)


@pytest.mark.parametrize(
    "text",
    ["2O", "20亩", "20%", "20,50", "20。5", "2E+01", "15+5", "贰拾", "见附件", "20/25", "20人"],
)
def test_anything_else_is_unknown(text: str) -> None:
    field = executed(text)
    assert (field.state, field.number, field.known, field.blank) == ("misfit", None, False, False)
    assert field.text == text


def test_a_rate_or_a_score_of_a_part_may_be_told_in_words() -> None:
    sheets = changed({"附件3-2": BASE["附件3-2"]}, {"附件3-2 / 上年结转资金 / 得分": "同上"})
    part = read_forms(book_of(sheets)).projects[0].funds
    assert part is not None
    assert [row.cells["score"].state for row in part.parts if "score" in row.cells] == [
        "blank",
        "text",
        "blank",
    ]
