#!/usr/bin/env python3
"""How many distinct judgements a second one core does, beside the same comparisons on plain floats.

Prints figures of one run; nothing here is asserted.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from decimal import Decimal

from perfeval_xl.policy import load_policy
from perfeval_xl.targets import judge

COUNT = 10_000
SHAPES = ("≥{}人", "≤{}万元", "{}%以上", "{}天内", "{}份", "不低于{}次", "≥{}元/人·月", "2023年{}月底前")
ANSWERS = ("{}人", "{}万元", "{}%", "{}天", "{}份", "{}次", "{}元/人·月", "2023年{}月")


def pairs(count: int) -> list[tuple[str, str, int, int]]:
    """Distinct targets and actuals of every shape."""
    dice = random.Random(1)
    made = []
    for index in range(count):
        shape = index % len(SHAPES)
        wanted, done = (
            (dice.randint(1, 12), dice.randint(1, 12))
            if shape == 7
            else (index + 1, dice.randint(1, 2 * index + 2))
        )
        made.append((SHAPES[shape].format(wanted), ANSWERS[shape].format(done), wanted, done))
    return made


def seconds(
    run: Callable[[Sequence[tuple[str, str, int, int]]], object], rows: Sequence[tuple[str, str, int, int]]
) -> float:
    start = time.perf_counter()
    run(rows)
    return time.perf_counter() - start


def main() -> None:
    policy, weight = load_policy("national-2020"), Decimal(5)

    def judged(rows: Sequence[tuple[str, str, int, int]]) -> None:
        for number, (target, actual, _, _) in enumerate(rows):
            judge(target, actual, indicator=f"指标{number}", weight=weight, policy=policy, group="数量指标")

    def plain_floats(rows: Sequence[tuple[str, str, int, int]]) -> list[float]:
        return [5.0 if done >= wanted else 5.0 * done / wanted for _, _, wanted, done in rows]

    judged(pairs(500))
    rows = pairs(COUNT)
    taken, baseline = seconds(judged, rows), seconds(plain_floats, rows)
    print(f"judge          {COUNT / taken:12,.0f} a second   {taken / baseline:8.0f} × baseline")
    print(f"plain floats   {COUNT / baseline:12,.0f} a second          1 × baseline")


if __name__ == "__main__":
    main()
