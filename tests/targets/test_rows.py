"""The indicator language: rows.yaml, readable by someone who knows the forms, and properties of what clerks type."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perfeval_xl.targets import Judgement, Outcome, judge
from tests.support import TESTS, read_yaml
from tests.timing import STEEP, growth

ROWS = TESTS / "targets" / "rows.yaml"
KEYS = {
    "target", "actual", "indicator", "group", "weight", "expect", "ratio", "due", "direction", "clash",
    "missing_unit", "late", "bound", "why",
}  # fmt: skip
OUTCOMES = set(get_args(Outcome))
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}


def rows() -> Iterator[Any]:
    for section, entries in read_yaml(ROWS).items():
        for number, row in enumerate(entries, 1):
            yield pytest.param(row, id=f"{section}-{number}-{row['target']}-{row['actual']}")


@pytest.mark.parametrize("row", list(rows()))
def test_row(row: dict[str, Any]) -> None:
    assert set(row) <= KEYS
    names = {key: row[key] for key in ("indicator", "group", "weight") if key in row}
    judgement = judge(row["target"], row["actual"], **names)
    assert judgement.outcome == row["expect"], judgement.explain
    assert judgement.clash == row.get("clash")
    assert judgement.missing_unit == row.get("missing_unit")
    assert judgement.late == row.get("late", False)
    assert judgement.actual_is_bound == row.get("bound", False)
    if "due" in row:
        assert judgement.due == row["due"]
    if "direction" in row:
        assert judgement.direction == row["direction"]
    if "ratio" in row:
        assert judgement.ratio is not None
        assert round(judgement.ratio, 4) == row["ratio"]


def test_rows_are_many_and_say_every_outcome() -> None:
    entries = [row for section in read_yaml(ROWS).values() for row in section]
    assert len(entries) >= 90
    assert {row["expect"] for row in entries} == OUTCOMES


def test_no_row_stands_twice() -> None:
    seen = [
        tuple(row.get(key, "") for key in ("target", "actual", "indicator", "group"))
        for section in read_yaml(ROWS).values()
        for row in section
    ]
    assert sorted(set(seen)) == sorted(seen)


# -- properties -----------------------------------------------------------------------------------------------

#: What clerks type, so that the properties reach the inside and not only "unknown".
PIECES = st.sampled_from((
    "≥", "≤", ">", "<", "=", "不超过", "达到", "约", "至少", "以上", "以内", "左右", "0", "1", "90", "100", "1,034.36", "0.5", ".", ",",
    "/", "-", "~", "%", "‰", "万", "亿", "元", "万元", "人", "人次", "天", "个月", "年", "月", "日", "号", "12", "31", "2023", "2023年",
    "12月", "31日", "底", "前", "内", "完成", "按时", "已", "未", "每", "三", "十", "百", "增长", "下降", "较上年", "无", "零", "优", "(", ")",
    "，", "、", "；",
))  # fmt: skip
TYPED = st.lists(PIECES, max_size=7).map("".join)
TEXTS = st.one_of(st.text(max_size=60), TYPED)
FIGURES = st.decimals(min_value=0, max_value=10**7, allow_nan=False, allow_infinity=False, places=2)
UNITS = st.sampled_from(["%", "人", "万元", "天", "公里", ""])


def checked(judgement: Judgement) -> None:
    """What holds of every judgement."""
    assert judgement.outcome in OUTCOMES
    assert judgement.explain.strip()
    assert len(judgement.explain.splitlines()) == 1
    assert judgement.ratio is None or judgement.ratio >= 0
    if judgement.outcome not in ("met", "exceeded", "not_met"):
        assert judgement.ratio is None


@given(TEXTS, TEXTS)
@example("\x00", "\ud800")
@example("²", "①")
@example("≥" + "9" * 119, "1")
@example("2023年99月", "13月32日")
@example("≥٣人", "三千千人")
@example("有效\x1c提升", "100\x85人")
def test_never_raises(target: str, actual: str) -> None:
    checked(judge(target, actual))


@given(TYPED, TYPED, TEXTS, TEXTS, st.one_of(st.none(), FIGURES))
def test_never_raises_with_names_and_weights(
    target: str, actual: str, indicator: str, group: str, weight: Decimal | None
) -> None:
    judgement = judge(target, actual, indicator=indicator, group=group, weight=weight)
    checked(judgement)
    if judgement.due is not None:
        assert weight is not None
        assert 0 <= judgement.due <= weight


@given(TYPED, TYPED)
def test_full_width_is_half_width(target: str, actual: str) -> None:
    assert judge(target.translate(FULL_WIDTH), actual.translate(FULL_WIDTH)) == judge(target, actual)


@given(TYPED, TYPED)
def test_blanks_change_nothing(target: str, actual: str) -> None:
    assert judge(f" {target}\n", f"\u3000{actual}\xa0") == judge(target, actual)


@given(FIGURES.filter(bool), FIGURES, FIGURES, UNITS.filter(bool))
def test_more_is_never_worse_for_a_floor(target: Decimal, one: Decimal, two: Decimal, unit: str) -> None:
    low, high = sorted((one, two))
    less, more = (judge(f"≥{target}{unit}", f"{value}{unit}", weight=Decimal(10)) for value in (low, high))
    assert less.ratio is not None
    assert more.ratio is not None
    assert less.ratio <= more.ratio
    assert less.due is not None
    assert more.due is not None
    assert less.due <= more.due


@given(FIGURES.filter(bool), FIGURES.filter(bool), FIGURES.filter(bool))
def test_more_is_never_better_for_a_ceiling(target: Decimal, one: Decimal, two: Decimal) -> None:
    low, high = sorted((one, two))
    less, more = (judge(f"≤{target}万元", f"{value}万元", weight=Decimal(10)) for value in (low, high))
    assert less.due is not None
    assert more.due is not None
    assert less.due >= more.due


@given(FIGURES, UNITS, st.sampled_from(["", "≥", "≤", "="]))
def test_equal_is_never_missed(figure: Decimal, unit: str, sign: str) -> None:
    assert judge(f"{sign}{figure}{unit}", f"{figure}{unit}").outcome in ("met", "vacuous")


@pytest.mark.parametrize("text", ["9", "一", "≥1人，", " ", "(", "1,000", "每", "\u200b"])
def test_a_megabyte_is_read_in_linear_time(text: str) -> None:
    def run(size: int) -> None:
        long = text * (size // len(text))
        checked(judge(long, long, indicator="满意度"))

    assert growth(run, 1_000_000) < STEEP
