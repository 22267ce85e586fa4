"""Several values in one cell, fractions, ±; and quantities printed in their plainest writing read the same again."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval_xl.targets import judge, read
from perfeval_xl.targets.judging import printed
from perfeval_xl.targets.measure import QUANTITIES
from perfeval_xl.targets.several import paired
from tests.targets.test_published_rows import ROWS


@pytest.mark.parametrize(
    ("target", "actual", "outcome", "due"),
    [
        ("A类5个；B类3个", "A类6个；B类3个", "met", "6"),
        ("A类5个；B类3个", "A类6个；B类2个", "not_met", "5"),
        ("A类5个；B类3个", "B类3个；A类5个", "met", "6"),  # by name, in another order
        ("5个、3个", "6个、4个", "met", "6"),
        ("A类≥5个；B类≤3个", "A类5个；B类4个", "not_met", "5.25"),
        ("1000人次以上,检测600人次以上", "1200人次,检测300人次", "not_met", "4.5"),
        ("A类5个；B类3个", "8个", "unparseable", None),
        ("A类5个；B类3个", "A类5个；C类3个", "unparseable", None),
        ("A类5个；B类3天", "A类5个；B类100%", "unparseable", None),
        ("≥三分之二", "70%", "met", "6"),
        ("三分之二以上", "60%", "not_met", "5.4"),
        ("≥2/3", "66%", "not_met", "5.94"),
        ("5±1天", "6天", "met", "6"),
        ("5±1天", "7天", "not_met", "5.14"),
        ("5±1天", "3天", "not_met", "4.5"),
    ],
)
def test_a_row(target: str, actual: str, outcome: str, due: str | None) -> None:
    judgement = judge(target, actual, weight=Decimal(6))
    assert judgement.outcome == outcome, judgement.explain
    assert judgement.due == (None if due is None else Decimal(due)), judgement.explain
    assert judgement.explain.endswith("。")
    assert "\n" not in judgement.explain


def test_one_value_is_not_several() -> None:
    assert paired("1,034.36万元", "1,034.36万元") == ()
    assert paired("有效促进，显著提升", "有效促进，显著提升") == ()


def same(text: str) -> None:
    first = read(text)
    if first.kind in QUANTITIES and first.growth is None and not first.about:
        again = read(printed(first))
        assert (again.base, again.top, again.dimension) == (first.base, first.top, first.dimension), printed(
            first
        )
        assert again.direction in (first.direction, None if first.direction == "equal" else first.direction)
        assert printed(again) == printed(first)


@pytest.mark.parametrize(
    "text", sorted({str(row.row[side]) for row in ROWS for side in ("target", "actual") if row.row[side]})
)
def test_what_bureaus_write_prints_and_reads_the_same(text: str) -> None:
    same(text)


@given(
    sign=st.sampled_from(["", "≥", "≤", "不低于", "不超过"]),
    value=st.decimals(0, 10**9, places=2),
    unit=st.sampled_from(
        ["", "人", "万元", "元", "%", "天", "平方米", "人次", "万人次", "元/人·月", "个月", "公里"]
    ),
)
def test_printing_is_stable(sign: str, value: Decimal, unit: str) -> None:
    same(f"{sign}{value}{unit}")
