"""The functions for cells: what they answer, that they never raise, and how xlwings converts for them."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval_xl.excel import udfs
from perfeval_xl.excel.udfs import (
    PE_CHANGE,
    PE_EXEC_SCORE,
    PE_GRADE,
    PE_GROWTH,
    PE_JUDGE,
    PE_RATE,
    PE_SCORE,
    PE_SUM,
    UDFS,
    WORDS,
)
from perfeval_xl.targets import judge
from tests.support import TESTS, read_yaml

BLANKS = [None, "", "  ", "\u3000", "—", "/", "无"]


def one(answers: list[list[Any]]) -> Any:
    assert len(answers) == 1
    assert len(answers[0]) == 1
    return answers[0][0]


@pytest.mark.parametrize(
    ("num", "den", "rate"),
    [
        (92.05, 100, 0.9205),
        ("920.50", "1,000", 0.9205),
        ("９２人", "１００人", 0.92),
        ("12万元", "150000元", 0.8),
        ("12万元", 15, 0.8),
        ("≥374人", "374", 1.0),
        ("98%", "49%", 2.0),
        (0, 5, 0.0),
        (1, 0, "分母为0，不能计算"),
        (0, 0, "分母为0，不能计算"),
        (1, -2, "分母是负数，请核对"),
        ("30人", "5元", "单位不同（人、元）"),
        ("30人", "5户", "单位不同（人、户）"),
        ("按进度", 5, "“按进度”不是数"),
        ("三成", "50%", 0.6),
        ("#DIV/0!", 5, "引用的格子是错误值 #DIV/0!"),
        (True, 5, "“TRUE”不是数"),
        (1e300, 5, "数太大"),
        (dt.datetime(2023, 5, 1), 5, "“2023/5/1”不是数"),
    ],
)
def test_rate(num: Any, den: Any, rate: Any) -> None:
    assert one(PE_RATE(num, den)) == rate


def test_change() -> None:
    assert one(PE_GROWTH(110, 100)) == one(PE_CHANGE(110, 100)) == 0.1
    assert one(PE_GROWTH("90万元", "100万元")) == -0.1
    assert one(PE_GROWTH(1, 0)) == "上期数为0，不能计算"
    assert one(PE_GROWTH(0.3, 0.1)) == 2.0


def test_sum_is_exact_and_reads_figures_typed_as_text() -> None:
    assert one(PE_SUM([[0.1, 0.2], [107.96, "1,０00.5"]])) == 1108.76
    assert one(PE_SUM([["3万元", None], ["—", "2万元"]])) == 5.0
    assert one(PE_SUM([["3万元", "5元"]])) == "单位不一致（万元、元），请先统一"
    assert one(PE_SUM([[1, 2], [3, "左右"]])) == "第2行第2列：“左右”不是数"
    assert one(PE_SUM([[None, "—"], ["", None]])) == ""


def test_execution_score_is_that_of_the_rule() -> None:
    assert one(PE_EXEC_SCORE(920.5, 1000, 10)) == 9.21
    assert one(PE_EXEC_SCORE(1200, 1000, 10)) == 10.0
    assert one(PE_EXEC_SCORE("600万元", "1000", "10分")) == 6.0
    assert one(PE_EXEC_SCORE(1, 0, 10)) == "预算数为0，不能计算"
    assert one(PE_EXEC_SCORE(-1, 5, 10)) == "执行数和分值不能是负数"


def test_grade() -> None:
    assert [one(PE_GRADE(score)) for score in (100, 90, 89.99, 80, 60, 59.9, 0)] == [
        "优",
        "优",
        "良",
        "良",
        "中",
        "差",
        "差",
    ]
    assert one(PE_GRADE("84.47分")) == "良"
    assert one(PE_GRADE(-1)) == "总分应在0到100之间，现为-1"
    assert one(PE_GRADE(90, "hunan-2023")) == "优"
    assert one(PE_GRADE(90, "/etc/passwd.toml")) == "没有“/etc/passwd.…”这个口径"


ROWS = [row for rows in read_yaml(TESTS / "targets" / "rows.yaml").values() for row in rows]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['target']}|{row['actual']}")
def test_what_is_said_of_an_indicator_is_what_the_checks_say(row: Any) -> None:
    target, actual, weight = str(row["target"]), str(row["actual"]), Decimal(row.get("weight", 2))
    names = str(row.get("indicator", "")), str(row.get("group", ""))
    expected = judge(target, actual, indicator=names[0], group=names[1], weight=weight)
    assert expected.outcome == row["expect"]
    assert one(PE_JUDGE(target, actual, *names)) == WORDS[expected.outcome]
    due = WORDS[expected.outcome] if expected.due is None else float(expected.due)
    assert one(PE_SCORE(target, actual, weight, *names)) == due


def test_direction_follows_the_indicator_and_its_group() -> None:
    assert one(PE_JUDGE("5起", "3起", "投诉次数")) == "达标"
    assert one(PE_JUDGE("30天", "45天", "", "时效指标")) == "未达标"
    assert one(PE_JUDGE("≤30天", "100%")) == "单位不符"


@pytest.mark.parametrize("blank", BLANKS)
def test_blank_gives_blank(blank: Any) -> None:
    assert one(PE_RATE(blank, 5)) == one(PE_RATE(5, blank)) == ""
    assert one(PE_GROWTH(blank, 5)) == one(PE_SUM([[blank]])) == one(PE_GRADE(blank)) == ""
    assert (
        one(PE_EXEC_SCORE(1, blank, 10))
        == one(PE_EXEC_SCORE(blank, 1, 10))
        == one(PE_EXEC_SCORE(1, 1, blank))
        == ""
    )
    assert one(PE_SCORE("≥1", "1", blank)) == ""
    if blank != "无":  # 无 is an answer: none of it happened
        assert one(PE_JUDGE(blank, "1")) == one(PE_JUDGE("≥1", blank)) == one(PE_SCORE("≥1", blank, 2)) == ""


def test_ranges_give_ranges_and_single_cells_count_for_all() -> None:
    assert PE_RATE([[1], [2], [None]], [[4], [0], [3]]) == [[0.25], ["分母为0，不能计算"], [""]]
    assert PE_RATE([[1, 2], [3, 4]], 4) == [[0.25, 0.5], [0.75, 1.0]]
    assert PE_JUDGE((("≥1", "≤1"),), ((1, 2),)) == [["达标", "未达标"]]
    assert PE_RATE([[1, 2]], [[1], [2]]) == [["各参数的行数、列数应相同"]]
    assert PE_GRADE([]) == [[""]]


VALUES = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=60), st.decimals(), st.datetimes(), st.dates(),
    st.sampled_from(["≥100人", "12万元", "９８％", "#REF!", "1e400", "9" * 60, "-0", "优", "2023年12月底前", "100±5"]),
)  # fmt: skip
CELLS = st.one_of(VALUES, st.lists(st.lists(VALUES, max_size=3), max_size=3), st.lists(VALUES, max_size=3))


@pytest.mark.parametrize("name", UDFS)
def test_nothing_typed_makes_a_function_raise(name: str) -> None:
    count = len(UDFS[name].arguments)

    @given(st.lists(CELLS, min_size=count, max_size=count))
    def never_raises(arguments: list[Any]) -> None:
        for row in getattr(udfs, name)(*arguments):
            assert all(isinstance(answer, float | str) for answer in row)

    never_raises()


def test_every_function_and_argument_is_described_for_the_wizard() -> None:
    assert list(UDFS) == [
        "PE_RATE",
        "PE_GROWTH",
        "PE_SUM",
        "PE_SCORE",
        "PE_JUDGE",
        "PE_EXEC_SCORE",
        "PE_GRADE",
    ]
    for record in UDFS.values():
        assert record.doc.endswith("。")
        assert len(record.doc) <= 255
        assert all(argument.doc and argument.name.isascii() for argument in record.arguments)


CONVERSION = Path(__file__).with_name("served_udfs.py")


def test_xlwings_own_server_code_converts_arguments_and_answers() -> None:
    """In a process of its own: the stand-ins for Windows' modules must not leak into other tests."""
    done = subprocess.run([sys.executable, str(CONVERSION)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "all answers as expected"


def test_the_module_works_without_xlwings() -> None:
    code = "import sys; sys.modules['xlwings'] = None\nfrom perfeval_xl.excel.udfs import PE_RATE\nprint(PE_RATE(1, 4))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[[0.25]]"


def test_the_command_line_does_not_import_xlwings() -> None:
    code = "import sys, perfeval_xl.cli.check, perfeval_xl.runs.checking; print('xlwings' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
