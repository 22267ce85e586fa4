"""What somebody writes who knows Excel and has not read the manual: understood, or told what to write instead."""

from __future__ import annotations

import pytest

from perfeval_xl.rules.registry import Claim

from . import workbooks
from .workbooks import book, context_of, said

UNDERSTOOD = (
    {"公式": "附件1[公用经费, 本年决算数] / 附件1[实际在职人数] ≤ 5万元"},
    {"范围": "每个项目", "公式": "非空(本表[年初预算数])"},
    {"公式": "附件1[三公经费,决算数]<=附件1[公用经费,决算数]*30%"},
    {"公式": "计数(附件3) <= 10"},
    {"范围": "每个附件3", "公式": "本表[执行率, 得分] = 取整(本表[执行率] * 本表[执行率, 分值], 2)"},
    {"公式": "附件一[三公经费,决算数] 不超过 附件一[三公经费,预算数]"},
    {"范围": "附件3的每个指标", "公式": "本行[得分] 小于等于 本行[分值]"},
    {"范围": "每个附件3", "条件": "如果本表[执行率]<90%", "公式": "本表[偏差原因]<>''"},
    {"公式": "平均(附件3*[总分]) ≥ 60分"},
)


@pytest.mark.parametrize("rule", UNDERSTOOD)
def test_it_is_understood_and_right_of_the_example(rule: dict[str, str]) -> None:
    found = book(rule)
    assert found.usable, found.remarks
    verdicts = [verdict for _, verdict in said(found, context_of(workbooks.EXAMPLE))]
    assert {verdict.state for verdict in verdicts} <= {"applied", "idle"}
    assert all(verdict.holds for verdict in verdicts)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"范围": "每个指标", "公式": "实际完成值 ≠ 100%"}, "这一行的格子写成 本行[实际完成值]"),
        ({"范围": "每个指标", "公式": "本行[年度指标值] 包含 %"}, "包含 后面的文字要加引号"),
        ({"范围": "每个指标", "公式": "本行[二级指标] = 质量指标"}, "是文字就加引号写成"),
        ({"公式": "附件2.项目支出 > 0"}, "格子写成 附件2[项目支出]"),
        ({"公式": "附件2[全年预算数] = SUM(附件3*[全年预算数])"}, "请用 合计"),
        ({"公式": "附件2[项目支出] = 附件1[项目支出]"}, "在附件1有3处"),
        ({"公式": "附件2[项目支出] = 附件3*[全年执行数]"}, "要放在 合计"),
        ({"范围": "附件3每行", "公式": "本行[得分] ≤ 本行[分值]"}, "附件3*.指标 每行"),
    ],
)
def test_it_is_told_what_to_write(rule: dict[str, str], told: str) -> None:
    remarks = [str(remark) for remark in book(rule).remarks]
    assert any(told in remark for remark in remarks), remarks


def test_a_report_that_does_not_name_a_project() -> None:
    found = book({"范围": "每个附件3", "公式": "报告 包含 本表[项目名称]"})
    results = [verdict.result for _, verdict in said(found, context_of(workbooks.EXAMPLE))]
    messages = [result.message for result in results if isinstance(result, Claim)]
    assert "自评报告里没有写到“运行维护经费”。" in messages
