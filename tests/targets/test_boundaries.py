"""Where a judgement turns: the last value on one side and the first on the other."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from perfeval_xl.policy import load_policy
from perfeval_xl.policy.records import Step
from perfeval_xl.targets import judge

POLICY = load_policy("national-2020")


@pytest.mark.parametrize(
    ("target", "actual", "outcome"),
    [
        ("≥50%", "1", "met"),  # 1 beside 50 % is 100 %
        ("≥49%", "1", "not_met"),  # beside less it may be 1 %
        ("≥10%", "0.12", "met"),  # a fraction from 10 % on
        ("≥9%", "0.12", "not_met"),
        ("≥1034.5万元", "1034万元", "not_met"),  # half a unit does not round up
        ("≥1034.49万元", "1034万元", "met"),
        ("≥2000分钟", "33小时", "met"),  # a hundredth off: 33 hours may be 33⅓
        ("≥2001分钟", "33小时", "not_met"),
        ("≥1000个", "1299个", "met"),
        ("≥1000个", "1300个", "exceeded"),  # 130 %
        ("≥6场", "8场", "met"),
        ("≥6场", "9场", "exceeded"),  # three more of a small count
        ("≥163001人次", "163", "unparseable"),
        ("≥163000人次", "163", "unparseable"),  # a thousand times off: 万 or 千 may be missing
        ("≥162999人次", "163", "not_met"),
        ("≥10个工作日", "18天", "met"),  # ten working days last 18 days at most
        ("≥10个工作日", "17天", "unparseable"),
        ("≤10个工作日", "18天", "unparseable"),
        ("≤10个工作日", "19天", "not_met"),
        ("≥100人", "100人", "met"),
        ("≥100人", "99人", "not_met"),
        ("≤100人", "100人", "met"),
        ("≤100人", "101人", "not_met"),
    ],
)
def test_an_outcome(target: str, actual: str, outcome: str) -> None:
    judged = judge(target, actual, indicator="培训场次", policy=POLICY)
    assert judged.outcome == outcome, judged.explain


def test_from_ten_on_the_share_alone_says_what_is_much_more() -> None:
    demanding = replace(POLICY, overshoot=replace(POLICY.overshoot, min_gap=Decimal(5)))
    assert judge("≥10场", "14场", policy=demanding).outcome == "exceeded"
    assert judge("≥9场", "13场", policy=demanding).outcome == "met"


def test_a_step_begins_at_its_floor() -> None:
    steps = (Step(Decimal(80), Decimal(60)), Step(Decimal(50), Decimal(30)))
    stepped = replace(POLICY, missed=replace(POLICY.missed, steps=steps))
    due = {
        actual: judge("≥100人", f"{actual}人", weight=Decimal(10), policy=stepped).due
        for actual in (80, 79, 50, 49)
    }
    assert due == {80: 6, 79: 3, 50: 3, 49: 0}


def test_a_list_is_as_far_as_its_worst_value() -> None:
    judged = judge("A类100个；B类100个", "A类50个；B类80个", weight=Decimal(10), policy=POLICY)
    assert (judged.outcome, judged.ratio) == ("not_met", Decimal("0.5"))
