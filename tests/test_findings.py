"""What the records of a report say by themselves: the verdict, the order to work in, by how much a figure is off."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perfeval_xl.findings import VERDICT_WORD, Coverage, Gap, difference, in_working_order
from tests.report import samples

GAPS = Coverage(gaps=(Gap("附件2", "F6", "空着", ("PE204",)),))
ERROR, WARNING = samples.finding(severity="error"), samples.finding()


@pytest.mark.parametrize(
    ("report", "word"),
    [
        (samples.report(), "通过"),
        (samples.report(WARNING), "需核实"),
        (samples.report(replace(WARNING, accepted="因")), "通过"),
        (samples.report(coverage=GAPS), "未查全"),
        (samples.report(reason="只查了所选规则"), "未查全"),
        (samples.report(WARNING, coverage=GAPS), "未查全"),
        (samples.report(ERROR, coverage=GAPS), "不通过"),
        (samples.report(ERROR, coverage=GAPS, summaries=()), "无法检查"),
    ],
)
def test_the_worst_verdict_that_fits(report: object, word: str) -> None:
    assert VERDICT_WORD[report.verdict] == word  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("expected", "actual", "by"),
    [
        ("673.65", "637.65", "36"),
        ("98.19%", "89.19%", "9%"),
        ("-3", "2.50", "5.5"),
        ("≤3", "3.2", None),
        ("100万元", "100元", None),
        ("填写", "（空）", None),
        (None, "3", None),
    ],
)
def test_by_how_much_a_figure_is_off(expected: str | None, actual: str | None, by: str | None) -> None:
    assert difference(expected, actual) == by


def test_errors_first_and_of_these_what_mends_most() -> None:
    found = in_working_order(
        (WARNING, ERROR, replace(ERROR, rule="PE102", mends=4), replace(WARNING, mends=9))
    )
    assert [finding.order for finding in found] == [4, 2, 1, 3]
    assert [finding.group for finding in found] == [
        "PE101/warning",
        "PE101/error",
        "PE102/error",
        "PE101/warning",
    ]
