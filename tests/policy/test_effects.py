"""Every setting of a policy about judging changes what is said: the same forms under two policies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from perfeval_xl.policy import load_policy
from perfeval_xl.targets import judge
from tests.support import TESTS, changed, check_rows, read_yaml

BASE = read_yaml(TESTS / "rules" / "base.yaml")
REASON = "偏差原因分析及改进措施"
LOST = {"附件3-3 / 修复古籍 / 得分": 27}
HALF_SPENT = {
    "附件3-3 / 年度资金总额 / 全年执行数": 15,
    "附件3-3 / 其中：当年财政拨款 / 全年执行数": 15,
    "附件3-3 / 年度资金总额 / 执行率": "60%",
    "附件3-3 / 年度资金总额 / 得分": 6,
    "附件3-3 / 总分 / 得分": 96,
}
ALONE = ["附件1", "附件2", "附件3-1", "附件3-2", "附件3-4", "附件4", "自评报告"]


def policy_with(tmp_path: Path, text: str) -> Any:
    path = tmp_path / "bureau.toml"
    path.write_text(f'id = "test"\ntitle = "试用"\ninherits = "national-2020"\n{text}', encoding="utf-8")
    return load_policy(str(path))


def said(rule: str, changes: dict[str, Any], policy: Any, without: list[str] | None = None) -> str:
    sheets = {name: rows for name, rows in BASE.items() if name not in (without or ())}
    report = check_rows(changed(sheets, changes), policy=policy)
    return "".join(finding.message for finding in report.findings if finding.rule == rule)


@pytest.mark.parametrize(
    ("setting", "rule", "changes"),
    [
        ("[weights]\nmax_indicator = 50", "PE717", {
            "附件3-3 / 修复古籍 / 分值": 45, "附件3-3 / 修复古籍 / 得分": 45, "附件3-3 / 修复验收合格率 / 分值": 5,
            "附件3-3 / 修复验收合格率 / 得分": 5, "附件3-1 / 总分 / 得分": 98,
        }),
        ("[overshoot]\nreason_excuses_to = 500", "PE424", {
            "附件2 / 接待读者人次 / 实际完成值": "300000人次", f"附件2 / 接待读者人次 / {REASON}": "新馆开放，读者大增",
        }),
        ('[words]\nslogans = ["空话"]', "PE417", {"附件2 / 全民阅读氛围 / 年度指标值": "不断提高"}),
        ('[words]\nvague = ["空泛"]', "PE417", {
            "附件2 / 全民阅读氛围 / 三级指标": "社会效益明显", "附件2 / 社会效益明显 / 年度指标值": "≥95%",
        }),
        ('[words]\nno_reason = ["不详"]', "PE416", LOST | {f"附件3-3 / 修复古籍 / {REASON}": "其他"}),
        ('[words]\nstock_reasons = ["套话"]', "PE416", LOST | {f"附件3-3 / 修复古籍 / {REASON}": "下一步加强管理"}),
        ('[words]\nunfinished = ["没做完"]', "PE422", {f"附件3-3 / 修复古籍 / {REASON}": "待验收"}),
        ('[words]\nno_survey = ["没问过"]', "PE420", {"附件2 / 读者满意度 / 实际完成值": "未收到投诉"}),
        ('[words]\nproject_money = ["花销"]', "PE418", {
            "附件3-3 / 修复古籍 / 三级指标": "修复经费", "附件3-3 / 修复经费 / 年度指标值": "24万元",
            "附件3-3 / 修复经费 / 实际完成值": "24万元",
        }),
        ('[words]\nmoney_standards = ["购置"]', "PE419", {"附件3-1 / 图书购置成本 / 年度指标值": "≥30万元"}),
    ],
)  # fmt: skip
def test_a_setting_decides(tmp_path: Path, setting: str, rule: str, changes: dict[str, Any]) -> None:
    assert said(rule, changes, "national-2020") != ""
    assert said(rule, changes, policy_with(tmp_path, setting)) == ""


@pytest.mark.parametrize("setting", ["[results]\nfloor = 70\ngap = 100", "[results]\nfloor = 0\ngap = 30"])
def test_money_against_results(tmp_path: Path, setting: str) -> None:
    """60 % spent and every output full: no contradiction by the national policy."""
    assert "对不上" not in said("PE211", HALF_SPENT, "national-2020", ALONE)
    assert "对不上" in said("PE211", HALF_SPENT, policy_with(tmp_path, setting), ALONE)


def test_strict_signs(tmp_path: Path) -> None:
    lenient = policy_with(tmp_path, "[compare]\nstrict = false")
    assert judge("＜5%", "5%", indicator="出错率").outcome == "not_met"
    assert judge("＜5%", "5%", indicator="出错率", policy=lenient).outcome == "met"
    assert judge("＜5%", "5.1%", indicator="出错率", policy=lenient).outcome == "not_met"


def test_the_total_of_the_weights(tmp_path: Path) -> None:
    """85 points are a mistake where 100 are wanted, and right where 85 are."""
    weights = {
        "附件3-3 / 古籍存藏条件 / 分值": 15,
        "附件3-3 / 古籍存藏条件 / 得分": 15,
        "附件3-3 / 总分 / 分值": 85,
        "附件3-3 / 总分 / 得分": 85,
    }
    other = policy_with(tmp_path, "[weights]\ntotal = 85")
    assert "不是规定的 100 分" in said("PE311", weights, "national-2020", ALONE)
    assert said("PE311", weights, other, ALONE) == ""
    assert "不是规定的 85 分" in said("PE311", {}, other, ALONE)
