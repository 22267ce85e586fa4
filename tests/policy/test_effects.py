"""Every setting of a policy about judging changes what is said: the same forms under two policies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from perfeval_xl.policy import load_policy
from perfeval_xl.runs.desk.figures import figures_of
from perfeval_xl.targets import judge
from tests.support import TESTS, Rows, changed, check_rows, read_yaml

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


# -- how targets are scored ------------------------------------------------------------------------------------


def due(target: str, actual: str, policy: Any, **row: Any) -> str:
    judgement = judge(target, actual, weight=10, policy=policy, **{"indicator": "培训人数", **row})
    return str(judgement.due)


@pytest.mark.parametrize(
    ("setting", "target", "actual", "national", "own"),
    [
        ("[missed]\nzero_below = 70", "≥100人", "60人", "6.00", "0.00"),
        ("[missed]\nzero_below = 70", "≥100人", "70人", "7.00", "7.00"),
        ('[missed]\nzero_below = 70\nscope = ["重点履职"]', "≥100人", "60人", "6.00", "6.00"),
        ('[overshoot]\nmode = "deduct"', "≥100人", "150人", "10", "8.00"),
        ('[overshoot]\nmode = "fixed"\npoints = 2', "≥100人", "150人", "10", "8.00"),
        ('[overshoot]\nmode = "zero"', "≥100人", "150人", "10", "0.00"),
        ('[overshoot]\nmode = "zero"', "≥100人", "129人", "10", "10"),
        ('[overshoot]\nmode = "zero"\nscope = ["重点履职"]', "≥100人", "150人", "10", "10"),
        ('[reverse]\nmethod = "2-B/A"', "≤100人", "125人", "8.00", "7.50"),
        ('[reverse]\nmethod = "zero"', "≤100人", "101人", "9.90", "0.00"),
        ('[score]\ndecimals = 1', "≥300人", "200人", "6.67", "6.7"),
        ('[score]\nrounding = "cut"', "≥300人", "200人", "6.67", "6.66"),
        ('[score]\nrounding = "half"', "≥300人", "200人", "6.67", "6.5"),
    ],
)  # fmt: skip
def test_what_a_target_earns(
    tmp_path: Path, setting: str, target: str, actual: str, national: str, own: str
) -> None:
    assert due(target, actual, "national-2020") == national
    assert due(target, actual, policy_with(tmp_path, setting)) == own


def test_a_scope_is_of_the_group(tmp_path: Path) -> None:
    policy = policy_with(tmp_path, '[missed]\nzero_below = 70\nscope = ["重点履职"]')
    assert due("≥100人", "60人", policy, group="重点履职目标") == "0.00"


FAR = {
    "附件2 / 接待读者人次 / 实际完成值": "300000人次",
    f"附件2 / 接待读者人次 / {REASON}": "新馆开放，读者大增",
}


@pytest.mark.parametrize(("mode", "said_of_it"), [("explain", False), ("deduct", True), ("zero", True)])
def test_points_that_are_to_be_taken_off_for_too_much(tmp_path: Path, mode: str, said_of_it: bool) -> None:
    """A reason is given: what is left to say is that the score is too high."""
    message = said("PE405", FAR, policy_with(tmp_path, f'[overshoot]\nmode = "{mode}"'))
    assert ("按所用政策应扣分" in message) == said_of_it


# -- money, points and groups ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("amount", "told"), [("0.01", True), ("1", False), ("0", True)])
def test_the_smallest_amount_that_counts(tmp_path: Path, amount: str, told: bool) -> None:
    policy = policy_with(tmp_path, f"[tolerance]\namount = {amount}")
    assert (said("PE103", {"附件1 / 项目支出： / 2023年决算数": 111}, policy) != "") == told


def test_no_tolerance_of_points_is_none(tmp_path: Path) -> None:
    off = {"附件3-3 / 修复古籍 / 分值": 30.005, "附件3-3 / 修复古籍 / 得分": 30.005}
    assert "应等于总分" not in said("PE301", off, "national-2020", ALONE)
    assert "应等于总分" in said("PE301", off, policy_with(tmp_path, "[tolerance]\nscore = 0"), ALONE)


def test_what_sangong_is_compared_by(tmp_path: Path) -> None:
    """Less was spent than last year, more was planned."""
    last = {"附件1 / 三公经费 / 2022年决算数": 4.4, "附件1 / 3、公务接待 / 2022年决算数": 1.4}
    without = ["自评报告"]
    assert said("PE207", last, "national-2020", without) == ""
    assert "预算数" in said("PE207", last, policy_with(tmp_path, '[sangong]\nbasis = "budget"'), without)


def test_how_many_indicators_of_a_kind(tmp_path: Path) -> None:
    assert "规定至少" not in said("PE309", {}, "national-2020")
    policy = policy_with(tmp_path, '[groups]\nmin = { "满意度" = 9 }')
    assert "“满意度”的指标有" in said("PE309", {}, policy)


CAPS = "[execution]\ncaps = [{ below = 80, most = 89 }, { below = 70, most = 79 }]"


@pytest.mark.parametrize(("executed", "most"), [("24", ""), ("23.99", "89"), ("17.5", "89"), ("17.49", "79")])
def test_how_much_a_form_earns_at_most_that_spent_little(tmp_path: Path, executed: str, most: str) -> None:
    """The budget is 25: 80 % of another is 24 of 30, 70 % is 21; the total stands at 96."""
    whole = {"24": "30", "23.99": "30", "17.5": "25", "17.49": "25"}[executed]
    spent = HALF_SPENT | {
        "附件3-3 / 年度资金总额 / 全年预算数": whole,
        "附件3-3 / 年度资金总额 / 全年执行数": executed,
        "附件3-3 / 其中：当年财政拨款 / 全年预算数": whole,
        "附件3-3 / 其中：当年财政拨款 / 全年执行数": executed,
    }
    assert "总分最高" not in said("PE305", spent, "national-2020", ALONE)
    message = said("PE305", spent, policy_with(tmp_path, CAPS), ALONE)
    assert (f"总分最高 {most} 分" in message) if most else ("总分最高" not in message)


def test_a_total_at_the_cap_is_none_above_it(tmp_path: Path) -> None:
    assert "总分最高 96 分" not in said(
        "PE305", HALF_SPENT, policy_with(tmp_path, "[execution]\ncaps = [{ below = 80, most = 96 }]"), ALONE
    )


def test_groups_whose_targets_are_to_be_figures(tmp_path: Path) -> None:
    worded = {"附件3-3 / 修复古籍 / 年度指标值": "按计划修复"}
    policy = policy_with(tmp_path, '[groups]\nin_figures = ["产出"]')
    assert "所用政策要求" not in said("PE417", worded, "national-2020", ALONE)
    assert "“按计划修复”是文字，所用政策要求产出指标用数字或日期" in said("PE417", worded, policy, ALONE)
    assert "所用政策要求" not in said("PE417", {}, policy, ALONE)


def test_weights_of_one_kind_of_form(tmp_path: Path) -> None:
    policy = policy_with(tmp_path, "[weights.by_form]\nproject = [[20, 80]]")
    assert "分值结构" not in said("PE301", {}, "national-2020")
    assert "与常用的 20/80 不同" in said("PE301", {}, policy)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("hunan-2023", ""),
        ("hubei-2020", "与常用的 20/80 不同"),
        ("sichuan-2025", ""),
        ("chongqing", ""),
        ("xinjiang", ""),
        ("sichuan-pidu-2025", "与常用的 20/10/40/20/10 不同"),
        ("yunnan-20-80", "与常用的 20/80 不同"),
    ],
)
def test_the_usual_split_is_that_of_the_place(policy: str, expected: str) -> None:
    text = said("PE301", {}, policy)
    assert expected in text
    assert ("分值结构" in text) == bool(expected)


# -- how the execution rate and the rows of a form are scored ---------------------------------------------------


def spent(executed: float, score: float) -> dict[str, Any]:
    """附件3-3, whose budget is 25, as far as its execution score rests on it."""
    return {
        "附件3-3 / 年度资金总额 / 全年执行数": executed,
        "附件3-3 / 其中：当年财政拨款 / 全年执行数": executed,
        "附件3-3 / 年度资金总额 / 执行率": f"{executed * 4:g}%",
        "附件3-3 / 年度资金总额 / 得分": score,
    }


STEPS = '[execution]\nmethod = "steps"\nsteps = [{ floor = 95, share = 100 }, { floor = 80, share = 60 }]'
POINTS = '[execution]\nmethod = "per_point"\nper_point = 0.5'


@pytest.mark.parametrize(
    ("setting", "executed", "due"),
    [
        ("", 20, 8), (STEPS, 23.75, 10), (STEPS, 23.7, 6), (STEPS, 20, 6), (STEPS, 19.9, 0),
        (POINTS, 25, 10), (POINTS, 24, 8), (POINTS, 20, 0), (POINTS, 15, 0),
    ],
)  # fmt: skip
def test_how_the_execution_rate_is_scored(tmp_path: Path, setting: str, executed: float, due: int) -> None:
    policy = policy_with(tmp_path, setting)
    assert said("PE304", spent(executed, due), policy, ALONE) == ""
    off = due - 1.5 if due else 1.5
    assert f"应得 {due} 分" in said("PE304", spent(executed, off), policy, ALONE)


def test_what_a_desk_reckons_is_due_follows_the_policy(tmp_path: Path) -> None:
    """80 % of 10 points: 8 in proportion, none at half a point for every point of per cent."""
    sheets = {name: rows for name, rows in BASE.items() if name not in ALONE}
    report = check_rows(changed(sheets, spent(20, 8)))
    due = [
        figure.value
        for policy in (load_policy("national-2020"), policy_with(tmp_path, POINTS))
        for figure in figures_of(report, policy)[0]
        if figure.kind == "score_due"
    ]
    assert due[0] - due[1] == 8


NO_POINTS = {"附件3-3 / 年度资金总额 / 分值": None}


@pytest.mark.parametrize(("executed", "score", "told"), [(20, 16, ""), (20, 18, "应得 16 分"), (25, 20, "")])
def test_the_points_of_the_execution_rate_where_a_form_prints_none(
    tmp_path: Path, executed: float, score: float, told: str
) -> None:
    rows = spent(executed, score) | NO_POINTS
    assert said("PE304", rows, "national-2020", ALONE) == ""
    message = said("PE304", rows, policy_with(tmp_path, "[execution]\nweight = 20"), ALONE)
    assert told in message
    assert bool(message) == bool(told)
    assert said("PE304", spent(20, 8), "yunnan-20-80", ALONE) == "", "what a form prints goes first"


@pytest.mark.parametrize(
    ("total", "keep", "rescale"), [(70, True, False), (100, False, True), (99, False, True)]
)
def test_what_does_not_apply(tmp_path: Path, total: int, keep: bool, rescale: bool) -> None:
    """30 of 100 points do not apply and the others are full: 70 by the sum, 100 out of those that do."""
    rows = {
        "附件3-3 / 修复古籍 / 实际完成值": "不适用",
        "附件3-3 / 修复古籍 / 得分": None,
        "附件3-3 / 总分 / 得分": total,
    }
    policy = policy_with(tmp_path, '[weights]\nnot_applicable = "rescale"')
    assert ("应等于" not in said("PE305", rows, "national-2020", ALONE)) == keep
    message = said("PE305", rows, policy, ALONE)
    assert (message == "") == (total == 100)
    if message:
        assert "总分应为 100 分" in message
    assert rescale == (total != 70)


def chongqing(coefficient: Any, score: Any, actual: str = "80次") -> Rows:
    head = (
        "绩效指标",
        "指标名称",
        "计量单位",
        "指标性质",
        "年初指标值",
        "调整指标值",
        "全年完成值",
        "得分系数(%)",
        "指标权重(分)",
        "指标得分(分)",
    )
    return [
        ("2022年度部门整体绩效自评表",),
        ("主管部门", "某区融媒体中心"),
        head,
        (None, "宣传活动次数", "次", "定量指标", None, "≥100次", actual, coefficient, 10, score),
        (None, "发布稿件数", "篇", "定量指标", None, "≥100篇", "100篇", "100%", 10, 10),
    ]


@pytest.mark.parametrize(
    ("coefficient", "score", "national", "own"),
    [
        ("60%", 8, False, True), ("60%", 6, False, False), (60, 8, False, True), (0.6, 8, False, True),
        ("90%", 9, True, False), ("100%", 9, True, True), (None, 9, True, True),
    ],
)  # fmt: skip
def test_a_coefficient_of_the_row(coefficient: Any, score: Any, national: bool, own: bool) -> None:
    """80 of 100: 8 points in proportion; what the row's own coefficient leaves goes first, one of 100 % says nothing."""
    told = [told_of("PE402", chongqing(coefficient, score), name) for name in ("national-2020", "chongqing")]
    assert [bool(text) for text in told] == [national, own]
    if own and score == 8:
        assert "得分系数填 60%，应得 6 分" in told[1]


def test_a_coefficient_counts_where_the_target_was_reached() -> None:
    full = chongqing("90%", 10, "100次")
    assert told_of("PE402", full, "national-2020") == ""
    assert "应得 9 分，表中得 10 分" in told_of("PE402", full, "chongqing")


def xinjiang(rule: str | None) -> Rows:
    head = (
        "一级指标",
        "二级指标",
        "三级指标",
        "指标值",
        "指标值设置依据",
        "上年完成值",
        "指标分值权重",
        "指标赋分规则",
        "佐证资料",
        "指标实际完成值",
        "完成率",
        "指标得分",
        "偏差原因分析及改进措施",
    )
    row = (
        "产出指标",
        "数量指标",
        "培训人数",
        "≥100人",
        "计划",
        "90人",
        10,
        rule,
        "签到表",
        "80人",
        "80%",
        9,
        "疫情影响",
    )
    return [("2023年度项目支出绩效自评表",), ("项目名称", "甲项目"), head, row]


def test_a_rule_of_the_row() -> None:
    own = "每少10人扣0.5分"
    assert "按比例应得 8 分" in told_of("PE402", xinjiang(own), "national-2020")
    assert told_of("PE402", xinjiang(own), "xinjiang") == ""
    assert "按比例应得 8 分" in told_of("PE402", xinjiang(None), "xinjiang"), "a row without a rule"


def told_of(rule: str, rows: Rows, policy: str) -> str:
    report = check_rows({"自评表": rows}, policy=policy)
    return "".join(finding.message for finding in report.findings if finding.rule == rule)


# -- where and when --------------------------------------------------------------------------------------------


def notes(policy: Any, title: str | None = None) -> str:
    sheets = {name: [list(row) for row in rows] for name, rows in BASE.items()}
    if title is not None:
        sheets["附件2"][1][0] = title
    report = check_rows(sheets, policy=policy)
    return "".join(one.reason for one in report.unread)


def test_a_policy_of_other_years_is_said(tmp_path: Path) -> None:
    assert "请确认口径" not in notes(policy_with(tmp_path, "[valid]\nfrom = 2020\nuntil = 2023"))
    assert "适用于 2020—2022 年度，这份报送是 2023 年度的" in notes(
        policy_with(tmp_path, "[valid]\nfrom = 2020\nuntil = 2022")
    )


def test_a_policy_of_the_place_is_offered_and_never_taken() -> None:
    title = "湖北省某县2023年度部门整体支出绩效自评表"
    assert "要用请加 --policy hubei-2020" in notes(None, title)
    assert "--policy" not in notes("national-2020", title)
    assert "--policy" not in notes(None)
