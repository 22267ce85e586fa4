"""Odd layouts that real bureaus file, each in its smallest shape."""

from __future__ import annotations

from decimal import Decimal

from perfeval_xl.forms import read_forms
from perfeval_xl.forms.records import Forms
from tests.support import TESTS, Rows, book_of, read_yaml

PUBLISHED = TESTS / "published"


def read(rows: Rows, sheet: str = "Sheet1") -> Forms:
    return read_forms(book_of({sheet: rows}))


def published(stem: str) -> Forms:
    data = read_yaml(PUBLISHED / f"{stem}.yaml")
    return read_forms(book_of({sheet["name"]: sheet["rows"] for sheet in data["sheets"]}))


HEAD: Rows = (
    ("2023年度项目支出绩效自评表",),
    ("项目名称", "甲项目"),
    ("项目资金(元)", None, "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"),
    (None, "年度资金总额", 10000, 10000, 9000, 10, "90%", 9),
)


def test_money_in_yuan_is_known() -> None:
    form = read(
        [*HEAD, ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分")]
    ).projects[0]
    assert form.money_unit == "元"
    amount = form.amount("executed")
    assert amount is not None
    assert amount.number == Decimal(9000)


def test_a_target_split_over_three_columns_is_joined() -> None:
    form = published("yongde_minglang_school").projects[0]
    assert form.money_unit == "元"
    assert form.indicators[0].target_text.startswith("≧")
    assert form.indicators[0].actual_text
    assert form.total is not None
    assert form.total.grade is not None
    assert form.total.grade.text == "优"


def test_weight_may_stand_before_the_target() -> None:
    form = published("zhongjiang_water").projects[0]
    first = form.indicators[0]
    assert first.weight is not None
    assert first.weight.number == Decimal(10)
    assert first.target_text == "≥266米"


def test_last_years_value_is_never_taken_for_the_actual() -> None:
    rows = [
        ("2023年度项目支出绩效自评表",),
        ("项目名称", "甲项目"),
        (
            "一级指标",
            "二级指标",
            "三级指标",
            "指标值",
            "上年完成值",
            "指标分值权重",
            "指标实际完成值",
            "完成率",
            "指标得分",
        ),
        ("产出指标", "数量指标", "人数", "≥100人", "90人", 10, "110人", "110%", 10),
    ]
    row = read(rows).projects[0].indicators[0]
    assert row.actual_text == "110人"
    assert row.extra["completion"].text == "110%"


def test_a_second_score_column_is_no_score() -> None:
    rows = [
        ("2023年度项目支出绩效自评表",),
        ("项目名称", "甲项目"),
        (
            "一级指标",
            "二级指标",
            "指标名称(三级指标)",
            "年初指标值",
            "年终完成值",
            "分值",
            "自评分",
            "复核分",
        ),
        ("产出指标", "数量指标", "人数", "≥100人", "110人", 10, 10, 3),
    ]
    row = read(rows).projects[0].indicators[0]
    assert row.score is not None
    assert row.score.number == Decimal(10)


def test_forms_one_under_another_are_told_apart() -> None:
    assert len(published("daying_sifa").projects) == 2


def test_scores_may_be_absent() -> None:
    form = published("hengshan_commerce").projects[0]
    assert not form.columns & {"weight", "score"}
    assert len(form.indicators) >= 10


def test_a_target_form_is_no_self_evaluation() -> None:
    forms = read(
        [
            ("2024年部门整体支出绩效目标表",),
            ("一级指标", "二级指标", "三级指标", "指标值"),
            ("产出", "数量", "人数", "5人"),
        ]
    )
    assert not forms
    assert "目标表" in forms.unread[0].reason


def test_a_title_without_a_table_is_said() -> None:
    rows = [("2023年度项目支出绩效自评表",), ("内容", "情况"), ("甲", "好"), ("乙", "好")]
    forms = read(rows)
    assert len(forms.unreadable) == 1
    assert "三级指标" in forms.unreadable[0].reason


def test_attachments_listed_in_a_report_are_no_forms() -> None:
    rows = [
        ("2023年度甲局整体支出绩效自评报告",),
        ("一、基本情况",),
        ("本单位编制20人。",),
        ("附件：",),
        ("1、单位整体支出绩效评价基础数据表",),
        ("2、单位整体支出绩效自评表",),
    ]
    forms = read(rows)
    assert len(forms.narratives) == 1
    assert not forms.overall
    assert not forms.unreadable


def test_an_adjusted_target_replaces_the_first_one() -> None:
    form = published("cq_kexuecheng_media").overall[0]
    assert any(row.target_text for row in form.indicators)


def test_a_lost_title_is_made_up_for_by_the_header() -> None:
    rows = [
        ("项目名称", "甲项目"),
        ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"),
        ("产出指标", "数量指标", "人数", "≥100人", "110人", 10, 10),
    ]
    form = read(rows, "项目1").projects[0]
    assert form.name == "甲项目"
    assert form.sheet == "项目1"


def test_units_inside_values() -> None:
    form = published("ezhou_xzsp").projects[0]
    amount = form.amount("executed")
    assert amount is not None
    assert amount.number == Decimal("125.25")
