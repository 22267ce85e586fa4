"""What a written figure may stand for, at the edge of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from perfeval_xl.prose import Figure, read
from perfeval_xl.prose.precision import Interval, adds_up, gap, interval, is_exact, prefixes_that_add_up


def figures(text: str) -> tuple[Figure, ...]:
    return tuple(read(text).figures)


def between(low: str, high: str) -> Interval:
    return Interval(Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("支出10.5万元", "10.45", "10.55"),  # half a unit of the last digit
        ("支出10万元", "9.5", "10.5"),
        ("支出约10.5万元", "10.4", "10.6"),  # a whole unit of it
        ("培训81人", "81", "81"),  # persons are counted
        ("接待1.5万人次", "14500", "15500"),  # many of them are rounded
    ],
)
def test_a_figure_stands_for_what_rounds_to_it(text: str, low: str, high: str) -> None:
    (figure,) = figures(text)
    assert interval(figure) == between(low, high)


@pytest.mark.parametrize(
    ("text", "exact"),
    [("培训81人", True), ("接待8万人次", False), ("培训约81人", False), ("支出81万元", False)],
)
def test_only_what_was_counted_one_by_one_is_exact(text: str, exact: bool) -> None:
    (figure,) = figures(text)
    assert is_exact(figure) is exact


def test_nothing_is_divided_by_what_may_be_nothing() -> None:
    assert between("1", "2").over(between("0", "4")) is None
    assert between("1", "2").over(between("0.5", "4")) == between("25", "400")


@pytest.mark.parametrize(
    ("added", "apart"),
    [(("3", "5"), "0"), (("5.1", "6"), "0.1"), (("2", "3.9"), "-0.1"), (("5", "9"), "0"), (("1", "4"), "0")],
)
def test_how_far_a_sum_lies_from_its_total(added: tuple[str, str], apart: str) -> None:
    assert gap(between("4", "5"), between(*added)) == Decimal(apart)


def test_parts_add_up_as_far_as_they_are_written() -> None:
    total, *parts = figures("支出10.0万元，讲座3.3万元，展览3.3万元，比赛3.3万元")
    assert adds_up(total, parts)  # half a unit four times: 0.2
    total, *parts = figures("支出10.2万元，讲座3.3万元，展览3.3万元，比赛3.3万元")
    assert not adds_up(total, parts)
    total, *parts = figures("支出6.6万元，讲座3.3万元，展览3.3万元，比赛3.3万元")
    assert prefixes_that_add_up(total, parts, (1, 1, 1)) == [2]
