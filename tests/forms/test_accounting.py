"""What counts as left over: content does, what forms print does not."""

from __future__ import annotations

import pytest

from perfeval_xl.forms.accounting import is_label, left_over
from perfeval_xl.grid import Place
from perfeval_xl.numberformat import make_cell
from tests.support import grid_of

WORDS = frozenset({"绩效指标"})


@pytest.mark.parametrize(
    "text",
    [
        "附件3-1", "2023年度项目支出绩效自评表", "(2023年度)", "项目资金\n(万元)", "单位：万元", "2023年决算数", "三级指标",
        "年度资金总额：", "其中：当年财政拨款", "1、公务用车购置和维护经费", "2023年实际在职人数", "绩效\n指标", "年度总体目标完成情况",
        "总分", "序号",
    ],
)  # fmt: skip
def test_what_forms_print_is_no_content(text: str) -> None:
    assert is_label(make_cell(1, 1, text, "General"), WORDS)


@pytest.mark.parametrize(
    "text",
    [
        "完成率", "上年完成值", "佐证资料", "古籍修复", "已完成年度目标任务", "说明：其他资金为捐赠。", "12.5", "市级专项", "项目负责人：张三",
    ],
)  # fmt: skip
def test_content_is_no_label(text: str) -> None:
    assert not is_label(make_cell(1, 1, text, "General"), WORDS)


def test_what_is_left_is_told_with_its_row_and_column() -> None:
    grid = grid_of(
        "附件2",
        [
            ["序号", "三级指标", "实际完成值", "佐证资料"],
            [1, "办证数", "1100个", "台账"],
            [2, "……", "/", None],
        ],
    )
    used = {Place("附件2", 2, 2), Place("附件2", 2, 3)}
    assert [str(left) for left in left_over([grid], used, ["附件2"], ())] == [
        "附件2!D1（行“实际完成值”）　佐证资料",
        "附件2!D2（行“办证数”，列“佐证资料”）　台账",
    ]


def test_a_sheet_without_a_form_has_no_labels() -> None:
    grid = grid_of("台账", [["项目名称", "总分"]])
    assert [left.text for left in left_over([grid], set(), ["附件2"], ())] == ["项目名称", "总分"]


def test_a_formula_never_calculated_is_told() -> None:
    (left,) = left_over([grid_of("附件1", [["=SUM(A2:A3)"]])], set(), ["附件1"], ())
    assert left.reason == "公式没有计算结果"
