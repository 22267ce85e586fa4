"""Where a rule of a book holds for the last time, and where it speaks: an example on either side of the line."""

from __future__ import annotations

import pytest

from perfeval_xl.policy import load_policy
from perfeval_xl.rules.book.samples import tried

from .workbooks import book

POLICY = load_policy("national-2020")
SPENT = "附件2[项目支出]"

#: A rule, what the last example holds for which it holds, and the first for which it does not.
LINES: tuple[tuple[dict[str, str], str, str], ...] = (
    ({"公式": f"{SPENT} ≥ 100"}, "项目支出=100", "项目支出=99.99"),
    ({"公式": f"{SPENT} > 100"}, "项目支出=100.01", "项目支出=100"),
    ({"公式": f"{SPENT} ≤ 100"}, "项目支出=100", "项目支出=100.01"),
    ({"公式": f"{SPENT} < 100"}, "项目支出=99.99", "项目支出=100"),
    ({"公式": f"{SPENT} ≠ 100"}, "项目支出=100.01", "项目支出=100.00"),
    ({"公式": f"{SPENT} ≤ 100", "容差": "0.5"}, "项目支出=100.5", "项目支出=100.51"),
    ({"公式": f"{SPENT} ≥ 100", "容差": "0.5"}, "项目支出=99.5", "项目支出=99.49"),
    ({"公式": f"{SPENT} ≤ 100", "容差": "1%"}, "项目支出=101", "项目支出=101.01"),
    ({"公式": f"{SPENT} ≤ 100", "容差": "5000元"}, "项目支出=100.5", "项目支出=100.51"),
    ({"公式": f"{SPENT} ≤ 1000000元"}, "项目支出=100", "项目支出=100.01"),
    (
        {"公式": f"{SPENT} = 附件2[基本支出] + 1", "容差": "0.05"},
        "项目支出=3.05；基本支出=2",
        "项目支出=3.06；基本支出=2",
    ),
    (
        {"范围": "每个附件3", "公式": "本表[执行率] = 比率(本表[全年执行数], 本表[全年预算数])", "容差": "取整"},
        "执行率=66.67%；全年执行数=2；全年预算数=3",
        "执行率=66.69%；全年执行数=2；全年预算数=3",
    ),
    ({"范围": "每个附件3", "公式": "本表[执行率] ≥ 90%"}, "执行率=0.9", "执行率=89.99%"),
    (
        {"范围": "附件3*.指标 每行", "公式": '本行[偏差原因] 匹配 "下一步*加强"'},
        "偏差原因=下一步还要加强",
        "偏差原因=加强是下一步",
    ),
    ({"范围": "附件3*.指标 每行", "公式": '本行[二级指标] 属于 "数量|质量"'}, "二级指标=质量", "二级指标=质量指标"),
    ({"公式": "计数(附件3*[总分]) ≥ 2"}, "总分=90, 91", "总分=90, 空"),
    ({"公式": "平均(附件3*[总分]) ≤ 95"}, "总分=90, 100, 空", "总分=90, 100.01"),
    ({"公式": "最大(附件3*[总分]) ≤ 95"}, "总分=90, 95", "总分=90, 95.01"),
    ({"公式": f"取整({SPENT}, 1) = 0.3"}, "项目支出=0.25", "项目支出=0.24"),
    ({"公式": f"若({SPENT} ≥ 100, 1, 2) = 1"}, "项目支出=100", "项目支出=99.99"),
    ({"公式": f"若({SPENT} < 100, 1, 2) = 2"}, "项目支出=100", "项目支出=99.99"),
    ({"公式": f'等级({SPENT}) = "优"'}, "项目支出=90", "项目支出=89.99"),
)  # fmt: skip


@pytest.mark.parametrize(("rule", "passes", "fails"), LINES)
def test_a_rule_holds_up_to_the_line_and_speaks_beyond_it(
    rule: dict[str, str], passes: str, fails: str
) -> None:
    found = book({**rule, "应过样例": passes, "应错样例": fails})
    assert [str(one) for one in (*found.remarks, *tried(found, POLICY)) if one.serious] == []
