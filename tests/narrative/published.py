"""Workbooks made of what published reports state: their text, and the same figures in 附件1 and 附件2."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from perfeval_xl.findings import Report
from tests.support import TESTS, check_rows, read_yaml

REPORTS: list[dict[str, Any]] = read_yaml(TESTS / "narrative" / "published.yaml")


def sheets_of(entry: dict[str, Any]) -> dict[str, list[list[Any]]]:
    year, sheets = entry["year"], {}
    if "staff" in entry or "money" in entry:
        sheets["附件1"] = [
            [f"{year}年度预算单位整体支出绩效评价基础数据表"],
            ["预算单位名称", entry["bureau"]],
            ["财政供养人员情况(人)", "编制数", f"{year}年实际在职人数", "控制率"],
            [None, *entry.get("staff", [None, None]), None],
            ["经费控制情况(万元)", f"{year - 1}年决算数", f"{year}年预算数", f"{year}年决算数"],
            *(entry.get("money") or [["三公经费", None, None, None]]),
        ]
    if "overall" in entry or "indicators" in entry:
        initial, budget, executed, basic, projects = entry.get("overall") or [None] * 5
        indicators = entry.get("indicators") or [["完成工作", "完成", "完成"]]
        each, total = Decimal(90) / len(indicators), entry.get("total", 100)
        sheets["附件2"] = [
            [f"{year}年度预算单位整体支出绩效自评表"],
            ["预算单位名称", entry["bureau"]],
            [
                "年度预算申请（万元）",
                None,
                "年初预算数",
                "全年预算数",
                "全年执行数",
                "分值",
                "执行率",
                "自评得分",
            ],
            [None, "年度资金总额", initial, budget, executed, 10, None, 10],
            [None, f"按收入性质分：{executed or ''}", None, None, f"按支出性质分：{executed or ''}"],
            [None, None, None, None, f"其中：基本支出：{'' if basic is None else basic}"],
            [None, None, None, None, f"项目支出：{'' if projects is None else projects}"],
            ["绩效指标", "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "自评得分"],
            *([None, "产出指标", "数量指标", *row, float(each), float(each)] for row in indicators),
            ["总分", None, None, None, None, None, 100, total],
        ]
    sheets["自评报告"] = [
        [f"{year}年度{entry['bureau']}整体支出绩效自评报告"],
        *([text] for text in entry["text"]),
    ]
    return sheets


def report_of(entry: dict[str, Any]) -> Report:
    return check_rows(sheets_of(entry), policy="national-2020", select=["PE6*"], ignore=["PE608"])


if __name__ == "__main__":
    for entry in REPORTS:
        for finding in report_of(entry).findings:
            print(entry["bureau"], finding.rule, finding.severity, finding.place, finding.message)
