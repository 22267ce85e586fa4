"""Reports that the renderers are tried on: the example's, an empty one, one full of hostile text."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from typing import Any, cast

from perfeval_xl.findings import Finding, Report, Skipped
from perfeval_xl.forms.records import FormSummary, Unread
from perfeval_xl.grid import Area, Grid, Place
from perfeval_xl.runs.checking import check
from tests.support import ROOT, grid_of

EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
HOSTILE = (
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "]]>--><!--",
    "\"'><a href='javascript:alert(1)'>",
    "\u202e倒着写\u2066的\u200f字\u061c",
    "\x1b[31m红\x07\x9b2J\x00\x08",
    "[bold red]不是[/] {{ 7*7 }} {% raw %}",
    "长" * 100_000,
    "两\n行\u2028第三行",
)


@lru_cache(maxsize=1)
def example() -> Report:
    return check(EXAMPLE, policy="hunan-2023")


def finding(place: Place | None = None, **more: Any) -> Finding:
    values: dict[str, Any] = {
        "rule": "PE101",
        "family": "totals",
        "severity": "warning",
        "place": place,
        "title": "合计不符",
        "message": "三项之和不等于合计",
        "fingerprint": "0123456789abcdef",
        "order": 1,
        "group": "PE101/warning",
    }
    return Finding(**{**values, **more})


def report(*findings: Finding, **more: Any) -> Report:
    values: dict[str, Any] = {
        "workbook": "单位.xlsx",
        "version": "0.1.0",
        "policy_id": "national-2020",
        "policy_title": "全国",
        "unit": "某局",
        "year": 2023,
        "summaries": (FormSummary("basic", "附件1", "A1:D9", "基础数据表"),),
        "findings": findings,
        "skipped": (),
        "unread": (),
        "checked": 9,
        "forms": cast(Any, object()),
        "grids": (),
    }
    return Report(**{**values, **more})


def empty() -> Report:
    return report(
        summaries=(), unit=None, year=None, checked=0, unread=(Unread("Sheet1", "空表"), Unread("", "注"))
    )


def hostile() -> Report:
    """Every text that can come from a checked file is hostile, in cells, names, labels and reasons."""
    sheets = [f"表{index}{text[:200]}" for index, text in enumerate(HOSTILE)]
    grids: list[Grid] = []
    findings: list[Finding] = []
    for index, (sheet, text) in enumerate(zip(sheets, HOSTILE, strict=True)):
        grids.append(grid_of(sheet, [[text, 1.5], [None, text], ["并", None, text]], ["A3:B4"]))
        findings += [
            finding(
                Place(sheet, 1 + row, 1),
                severity=("error", "warning", "info")[row],
                title=text,
                message=text,
                related=(Place(sheet, 4, 2), Place(sheet, 900, 900), Place("没有的" + text[:50], 1, 1)),
                expected=text,
                actual=text,
                explain=text,
                basis=text,
                suggestion=text,
                fingerprint=f"{index:08x}{row:08x}",
                accepted=text if row == 2 else None,
            )
            for row in range(3)
        ]
    findings.append(finding(None, title=HOSTILE[0], message=HOSTILE[3]))
    return report(
        *findings,
        workbook="/某处/" + HOSTILE[3] + HOSTILE[4] + HOSTILE[5] + ".xlsx",
        unit="".join(text[:300] for text in HOSTILE),
        policy_title=HOSTILE[0],
        summaries=tuple(
            FormSummary("basic", sheet, "A1:C4", text) for sheet, text in zip(sheets, HOSTILE, strict=True)
        ),
        skipped=tuple(Skipped("PE101", text, text) for text in HOSTILE),
        unread=tuple(Unread(text, text) for text in HOSTILE),
        grids=tuple(grids),
    )


def big(rows: int, flagged: int) -> Report:
    """One tall sheet with one finding far down, whose related cells are near, far above and in a merge."""
    place = Place("附件1", flagged, 2)
    related = (Place("附件1", flagged - 3, 2), Place("附件1", 10, 1), Place("附件1", flagged + 2, 3))
    merge = Area(flagged + 1, 2, flagged + 3, 3)
    grid = grid_of("附件1", [[f"行{row}", row, row] for row in range(1, rows + 1)], [str(merge)])
    return report(finding(place, related=related), grids=(grid,))


BASIC: list[list[Any]] = [
    ["附件1", None, None, None],
    ["2023年度预算单位整体支出绩效评价基础数据表"],
    ["预算单位名称", "某县图书馆"],
    ["财政供养人员情况(人)", "编制数", "2023年实际在职人数", "控制率"],
    [None, 15, 16, "100%"],
    ["经费控制情况(万元)", "2022年决算数", "2023年预算数", "2023年决算数"],
    ["三公经费", 2.58, 3, 3.2],
    ["项目支出：", 564.91, 321, 637.65],
    ["  1、业务工作经费", 80.19, 130, 107.96],
    ["  2、运行维护经费", 99, 101, 101],
    ["  3、县级专项资金（一个专项一行）", 385.72, 90, 444.69],
    ["  4、市级专项资金", None, None, 20],
    [],
    [],
    [
        "厉行节约保障措施",
        "1、提倡节约型机关，减少水电的使用成本；\n2、减少不必要的接待支出，接待须有接待函；\n3、严格控制固定资产购销管理。",
    ],
]
OVERALL: list[list[Any]] = [
    ["附件2"],
    ["2023年度预算单位整体支出绩效自评表"],
    ["年度预算申请（万元）", None, None, "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分", None],
    [None, "年度资金总额", None, 993.6, 1034.36, 1034.36, 10, "98%", 10, None],
    ["绩效指标", "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施"],
    [None, "产出指标\n(50分)", "数量指标", "职称评定数", "≥100人", "374人", 10, 10],
    [None, None, None, "劳动仲裁受理案件数", "≥0起", "509起", 10, 10],
    [None, None, "质量指标", "职称评定通过率", "≤55%", "100%", 10, 10, "通过270人"],
    [None, None, "时效指标", "资金给付及时性", "≤30天内", "100%", 20, 20],
    [None, "满意度指标\n(10分)", "服务对象满意度指标", "服务对象满意率", "≥95%", "98%", 10, 9],
    ["总分", None, None, None, None, None, 100, 97],
]  # fmt: skip
PROJECT: list[list[Any]] = [
    ["附件3-1"],
    ["2023年度项目支出绩效自评表"],
    ["项目支出名称", "业务工作经费"],
    ["项目资金（万元）", "年初预算数", "全年预算数", "全年执行数", "执行率"],
    ["年度资金总额", 130, 107.96, 107.96, "100%"],
    ["总分", 100, 100],
]


def county() -> Report:
    """A report as a county's clerk meets it: merged heads, twelve findings of every kind, what was not checked."""

    def found(rule: str, family: str, severity: str, place: Place | None, title: str, message: str, **more: Any) -> Finding:  # fmt: skip
        return finding(
            place, rule=rule, family=family, severity=severity, title=title, message=message, **more
        )  # fmt: skip

    one, two, three = "附件1", "附件2", "附件3-1"
    findings: tuple[Finding, ...] = (
        found("PE712", "completeness", "info", None, "报告提到的附件不在文件里", "自评报告提到“附件4”，文件里没有这张表。", suggestion="补上附件4，或改正报告的文字。"),
        found("PE201", "rates", "error", Place(one, 5, 4), "在职人员控制率算错", "在职人员控制率填 100%，按人数算是 106.67%。", expected="106.67%", actual="100%", explain="16 ÷ 15 = 106.67%", suggestion="把 D5 改为 106.67%；人数填错的，先改人数。", basis="在职人员控制率＝在职人员数÷编制数（财预〔2013〕53号）", related=(Place(one, 5, 2), Place(one, 5, 3))),
        found("PE202", "rates", "warning", Place(one, 5, 3), "在职人数超过编制数", "在职 16 人，编制 15 人，超编 1 人。", suggestion="核对人数；确属超编的，在报告中说明。", accepted="军转干部1人带编下达，文件〔2023〕8号"),
        found("PE206", "rates", "warning", Place(one, 7, 4), "三公经费决算超过预算", "三公经费决算 3.2 万元，预算 3 万元。", expected="≤3", actual="3.2", explain="3.2 − 3 = 0.2", suggestion="核对两个数；确属超支的，请说明原因。", related=(Place(one, 7, 3),)),
        found("PE103", "totals", "error", Place(one, 8, 4), "项目支出合计不符", "“项目支出”2023年决算数填 637.65，四行之和是 673.65，可能是两个数字写颠倒了。", expected="673.65", actual="637.65", explain="107.96 + 101 + 444.69 + 20 = 673.65", suggestion="把 D8 改为 673.65，附件2 的 3 处不符同时消除。", basis="项目支出等于各专项之和（表内勾稽）", related=(*(Place(one, row, 4) for row in range(9, 13)), Place(two, 4, 6))),
        found("PE703", "completeness", "info", Place(one, 8, 4), "数字按文字填写", "“637.65”是文字格式，已按数字理解。", accepted="历年如此"),
        found("PE204", "rates", "error", Place(two, 4, 8), "执行率算错", "执行率填 98%，按执行数算是 100%。", expected="100%", actual="98%", explain="1034.36 ÷ 1034.36 = 100%", suggestion="把 H4 改为 100%。", accepted="系统自动生成", acceptable=False, related=(Place(two, 4, 5), Place(two, 4, 6))),
        found("PE405", "targets", "warning", Place(two, 6, 6), "超额完成较多，没有说明原因", "“职称评定数”完成了指标值的 374%。", actual="374人", explain="374 ÷ 100 = 374%，超过 130%", suggestion="在偏差原因中说明；目标定低了的，下年调高。", related=(Place(two, 6, 5), Place(two, 6, 9))),
        found("PE404", "targets", "warning", Place(two, 7, 5), "指标值怎么填都能完成", "“劳动仲裁受理案件数”的年度指标值 ≥0起 没有约束。", suggestion="参照上年实际，定一个有约束的指标值。"),
        found("PE401", "targets", "error", Place(two, 8, 6), "指标没有完成却得满分", "“职称评定通过率”指标值 ≤55%，实际 100%，没有完成，却得了满分 10 分。", expected="≤55%", actual="100%", explain="55 ÷ 100 × 10 = 5.5", suggestion="先核对符号和完成值；确未完成的，应得 5.5 分，并填写偏差原因。", related=(Place(two, 8, 5), Place(two, 8, 8))),
        found("PE412", "targets", "info", Place(two, 8, 6), "备注与完成值不一致", "备注“通过270人”与 100% 对不上：270 ÷ 374 = 72.19%。", related=(Place(two, 8, 9),)),
        found("PE403", "targets", "error", Place(two, 9, 6), "指标值与实际完成值的单位不能比较", "“资金给付及时性”指标值 ≤30天内，实际完成值 100%，单位不同。", expected="天数，如 25天", actual="100%", suggestion="填实际用了多少天。", related=(Place(two, 9, 5),)),
    )  # fmt: skip
    findings = tuple(
        dataclasses.replace(item, fingerprint=f"{number:016x}") for number, item in enumerate(findings)
    )
    basic = grid_of(one, BASIC, ["A2:D2", "B3:D3", "A4:A5", "B15:D15"])
    basic = dataclasses.replace(basic, hidden_rows=frozenset({12}))
    overall = grid_of(two, OVERALL, [
        "A2:I2", "A3:A4", "B3:C3", "B4:C4", "A5:A10", "B6:B9", "C6:C7", "A11:F11", "H11:I11",
    ])  # fmt: skip
    project = grid_of(three, PROJECT, ["A2:E2", "B3:E3"])
    kinds = (("basic", one), ("overall", two), ("project", three))
    return report(
        *findings,
        workbook="C:/自评/某县图书馆2023.xlsx",
        unit="某县图书馆",
        policy_id="hunan-2023",
        policy_title="湖南省部门整体支出绩效自评（2023年度）",
        summaries=tuple(FormSummary(kind, sheet, "A1:I15", sheet) for kind, sheet in kinds),
        skipped=(
            Skipped("PE102", one, "公车两行都空着"),
            Skipped("PE306", two, "没有填等级"),
            Skipped("PE306", three, "没有填等级"),
        ),
        unread=(Unread("Sheet3", "没有自评表的标题和栏目"), Unread("封面", "没有自评表的标题和栏目")),
        checked=86,
        grids=(basic, overall, project),
    )
