"""Judgements against tables of rows labelled by hand, and what must hold of any text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfeval_xl.policy import load_policy
from perfeval_xl.targets import judge, read
from tests.support import read_yaml
from tests.timing import STEEP, growth

FOLDER = Path(__file__).parent / "cases"
KEYS = {
    "target", "actual", "indicator", "group", "weight", "source", "outcome", "ratio", "due", "direction", "bound",
    "missing", "clash", "late",
}  # fmt: skip
OUTCOMES = {"met", "exceeded", "not_met", "qualitative", "unit_mismatch", "vacuous", "unparseable", "blank"}


def rows() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.yaml")):
        for number, row in enumerate(read_yaml(path)["rows"], 1):
            yield pytest.param(row, id=f"{path.stem}-{number}-{row['target']}→{row['actual']}")


@pytest.mark.parametrize("row", list(rows()))
def test_row(row: dict[str, Any]) -> None:
    assert set(row) <= KEYS, set(row) - KEYS
    judgement = judge(
        str(row["target"]),
        str(row["actual"]),
        indicator=row.get("indicator", ""),
        group=row.get("group", ""),
        weight=row.get("weight"),
    )
    found = {
        "outcome": judgement.outcome,
        "ratio": None if judgement.ratio is None else judgement.ratio.quantize(Decimal("0.0001")),
        "due": judgement.due,
        "direction": judgement.direction,
        "bound": judgement.actual_is_bound,
        "missing": judgement.missing_unit,
        "clash": judgement.clash,
        "late": judgement.late,
    }
    wanted = {key: row[key] for key in found if key in row}
    assert {key: found[key] for key in wanted} == wanted, judgement.explain
    assert judgement.clash is None or "clash" in row
    assert judgement.late == row.get("late", False)


def test_every_outcome_has_rows() -> None:
    assert {row.values[0]["outcome"] for row in rows()} == OUTCOMES


# -- what holds of any text -----------------------------------------------------------------------------------

#: Texts of the kind that stand in the forms, and any other.
PIECES = st.sampled_from(
    ["≥", "≤", "<", "=", "不少于", "控制在", "以内", "左右", "100", "3.5", "1,000", "0", "-", "—", "~", "%", "‰", "万", "亿", "元", "人",
     "人次", "个月", "天", "年", "月", "日", "前", "底", "2023", "12", "/", "·", "每", "增长", "下降", "较上年", "三", "百", "完成", "未完成",
     "达成预期指标", "有效提升", "零", "无", "优", "(", ")", "；", "，", "\n", "\u200b", " ", "±", "全年", "季度"]
)  # fmt: skip
TEXTS = st.one_of(st.lists(PIECES, max_size=8).map("".join), st.text(max_size=60))
WEIGHTS = st.one_of(st.none(), st.decimals(min_value=0, max_value=100, places=2))


@settings(max_examples=600, deadline=None)
@given(target=TEXTS, actual=TEXTS, indicator=TEXTS, group=TEXTS, weight=WEIGHTS)
def test_any_text_is_judged(
    target: str, actual: str, indicator: str, group: str, weight: Decimal | None
) -> None:
    judgement = judge(target, actual, indicator=indicator, group=group, weight=weight)
    assert judgement.outcome in OUTCOMES
    assert judgement.explain.endswith("。")
    assert "\n" not in judgement.explain
    if judgement.due is not None:
        assert weight is not None
        assert 0 <= judgement.due <= weight


@settings(max_examples=300, deadline=None)
@given(target=TEXTS, actual=TEXTS)
def test_full_width_reads_as_half_width(target: str, actual: str) -> None:
    wide = judge(_wide(target), _wide(actual), weight=Decimal(5))
    half = judge(
        unicodedata.normalize("NFKC", target), unicodedata.normalize("NFKC", actual), weight=Decimal(5)
    )
    assert (wide.outcome, wide.ratio, wide.due) == (half.outcome, half.ratio, half.due)


def _wide(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


FIGURES = st.decimals(min_value=0, max_value=10**7, places=2, allow_nan=False)


@given(target=FIGURES, first=FIGURES, second=FIGURES)
def test_a_better_actual_never_lowers_the_ratio(target: Decimal, first: Decimal, second: Decimal) -> None:
    low, high = sorted((first, second))
    floors = [judge(f"≥{target}件", f"{actual}件", weight=Decimal(10)) for actual in (low, high)]
    if floors[0].ratio is not None and floors[1].ratio is not None:
        assert floors[0].ratio <= floors[1].ratio
        assert floors[0].due is not None
        assert floors[1].due is not None
        assert floors[0].due <= floors[1].due
    ceilings = [judge(f"≤{target}万元", f"{actual}万元", weight=Decimal(10)) for actual in (low, high)]
    if ceilings[0].ratio is not None and ceilings[1].ratio is not None:
        assert ceilings[0].ratio >= ceilings[1].ratio


@given(
    target=st.integers(1, 10**6),
    actual=st.integers(0, 10**6),
    units=st.sampled_from([("万元", "元", 10_000), ("公里", "米", 1000), ("公顷", "平方米", 10_000), ("吨", "公斤", 1000)]),
    sign=st.sampled_from(["≥", "≤"]),
)  # fmt: skip
def test_the_unit_does_not_change_the_outcome(
    target: int, actual: int, units: tuple[str, str, int], sign: str
) -> None:
    big, small, factor = units
    plain = judge(f"{sign}{target}{big}", f"{actual}{big}", weight=Decimal(10))
    converted = judge(f"{sign}{target}{big}", f"{actual * factor}{small}", weight=Decimal(10))
    assert (plain.outcome, plain.due) == (converted.outcome, converted.due)


@given(target=FIGURES, unit=st.sampled_from(["人", "万元", "%", "平方米", "元/人·月", "次/年", ""]))
def test_a_target_reached_exactly_is_met(target: Decimal, unit: str) -> None:
    for sign in ("≥", "≤", "", "不少于", "不超过"):
        assert judge(f"{sign}{target}{unit}", f"{target}{unit}").outcome in ("met", "vacuous")


@pytest.mark.parametrize(
    "text",
    ["1" * 10**6, "≥" * 10**6, "1-" * 500_000, "(" * 10**6, "1,111" * 200_000, "每" * 10**6, " " * 10**6, "完成" * 500_000,
     "百" * 10**6, "年月日" * 300_000, "\u0301" * 10**6],
    ids=lambda text: repr(text[:4]),
)  # fmt: skip
def test_a_cell_of_a_million_characters_takes_linear_time(text: str) -> None:
    def run(size: int) -> None:
        part = text[:size]
        judge(part, part + "x", indicator=part, group=part, weight=Decimal(5))

    assert growth(run, len(text)) < STEEP


@pytest.mark.parametrize(
    "figure", ["1" * 110, "1" * 90 + ".5", "0." + "0" * 90 + "1", "9" * 30 + ".99", "0" * 50]
)
def test_figures_of_any_length(figure: str) -> None:
    for actual in (figure, "1", f"{figure}万元", "-" + figure):
        assert judge(f"≥{figure}万元", actual, weight=Decimal(5)).outcome in OUTCOMES
        assert judge(f"≤{actual}", f"{figure}亿元", weight=Decimal("NaN")).due is None


def test_a_text_in_blanks_is_read_however_many_there_are() -> None:
    assert read(" " * 10_000 + "≥100人").value == 100


def test_every_further_judgement_takes_as_long_as_the_first() -> None:
    def run(size: int) -> None:
        for number in range(size):
            judge(
                f"≥{size}{number}人", f"{size}{number * 7 % 9973}人", indicator="培训人数", weight=Decimal(5)
            )

    assert growth(run, 4_000, tries=1) < STEEP


def test_a_policy_may_deduct_for_overshoot() -> None:
    policy = load_policy("national-2020")
    from dataclasses import replace

    deducting = replace(policy, overshoot=replace(policy.overshoot, mode="deduct"))
    assert judge("≥100人", "374人", weight=Decimal(2), policy=deducting).due == 0
    assert judge("≥100人", "150人", weight=Decimal(2), policy=deducting).due == Decimal("1.60")
    assert judge("≥100人", "120人", weight=Decimal(2), policy=deducting).due == 2
