"""Cleaned text, labels and figures: tables of what clerks type, and properties over all texts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perfeval_xl.text import clean, is_dash, label, read_number, with_plain_signs, without_notes
from tests.timing import STEEP, growth

FULL_WIDTH = str.maketrans("0123456789,.%-()", "０１２３４５６７８９，．％－（）")

# text, value, decimals, unit, multiplier
FIGURES = [
    ("0", "0", 0, "", 1),
    ("1034.36", "1034.36", 2, "", 1),
    ("1,034.36", "1034.36", 2, "", 1),
    ("12,345,678", "12345678", 0, "", 1),
    ("１，０３４．３６", "1034.36", 2, "", 1),
    ("３５００人", "3500", 0, "人", 1),
    ("9.20", "9.20", 2, "", 1),
    (".5", "0.5", 1, "", 1),
    ("007", "7", 0, "", 1),
    ("12.", "12", 0, "", 1),  # a full stop typed behind the figure
    (" 1 034.36 ", "1034.36", 2, "", 1),
    ("207.36\n万元", "207.36", 2, "万元", 10_000),
    ("2.38 万元", "2.38", 2, "万元", 10_000),
    ("11.04万", "11.04", 2, "万", 10_000),
    ("1.5亿元", "1.5", 1, "亿元", 100_000_000),
    ("100元", "100", 0, "元", 1),
    ("¥1,200.00", "1200.00", 2, "", 1),
    ("￥1200元", "1200", 0, "元", 1),
    ("-5.2", "-5.2", 1, "", 1),
    ("－5.2", "-5.2", 1, "", 1),
    ("−5.2万元", "-5.2", 1, "万元", 10_000),
    ("(123.4)", "-123.4", 1, "", 1),  # accountants' negative
    ("（1,234）", "-1234", 0, "", 1),
    ("102.59%", "102.59", 2, "%", 1),
    ("９２％", "92", 0, "%", 1),
    ("92 %", "92", 0, "%", 1),
    ("4012㎡", "4012", 0, "m2", 1),
    ("4012平方米", "4012", 0, "平方米", 1),
    ("470人/天", "470", 0, "人/天", 1),
    ("\ufeff86人\u200b", "86", 0, "人", 1),
    ("30\xa0天", "30", 0, "天", 1),
    ("4012m3", "4012", 0, "m3", 1),
    ("25km²", "25", 0, "km2", 1),
    ("+5%", "5", 0, "%", 1),
    ("¥-5", "-5", 0, "", 1),
    ("3千元", "3", 0, "千元", 1000),
    ("5百万元", "5", 0, "百万元", 1_000_000),
    ("2千米", "2", 0, "千米", 1),  # 千 belongs to the unit
    ("2千克", "2", 0, "千克", 1),
    ("5百分点", "5", 0, "百分点", 1),
]

NO_FIGURES = [
    "5-7", "5~7人", "5—7", "5m4", "m2", "2m22", "2人2",
    "", " ", "—", "/", "无", "人", "万元", "≥100", "100人以上≥", "1=2", "3月5日", "2024.5.30", "1.2.3", "1,23", "1,2345", "12,34,567",
    "100人,20场", "100(人)", "(100人)", "()", "(.)", "(,)", "约100人", "第3季度", "10:30", "1;2", "1e5万2", "--5", "%", "...",
    "一百", "٣", "3٣", "100人次以上的集中培训与专题讲座", "9" * 60,
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "decimals", "unit", "multiplier"), FIGURES)
def test_figures(text: str, value: str, decimals: int, unit: str, multiplier: int) -> None:
    number = read_number(text)
    assert number is not None
    assert str(number.value) == value
    assert (number.decimals, number.unit, number.multiplier) == (decimals, unit, multiplier)
    assert number.percent == (unit == "%")


@pytest.mark.parametrize("text", NO_FIGURES)
def test_no_figures(text: str) -> None:
    assert read_number(text) is None


def test_percent_in_words() -> None:
    number = read_number("92百分比")
    assert number is not None
    assert number.percent


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("", ""),
        ("单位 名称\n（盖章）", "单位名称(盖章)"),
        ("\u3000年初\xa0预算数\t", "年初预算数"),
        ("指标１：", "指标1:"),
        ("\ufeff职\u200b称\u2060评\u00ad定数\r\n", "职称评定数"),
        ("≥９５％", "≥95%"),
        ("㎡", "m2"),
        ("……", "......"),
        ("ＡＢＣ", "ABC"),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("填报日期：", "填报日期"),
        ("总 分::", "总分"),
        ("指标1：名称", "指标1:名称"),
        ("：", ""),
        ("分值", "分值"),
    ],
)
def test_label(text: str, cleaned: str) -> None:
    assert label(text) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("项目资金（万元）", "项目资金"),
        ("产出指标\n(50 分)", "产出指标"),
        ("结余率(结余数/预算数)≤", "结余率≤"),
        ("甲（乙（丙）丁）戊", "甲戊"),
        ("甲(乙)丙（丁）", "甲丙"),
        ("效益指标（30分", "效益指标"),
        ("甲）乙", "甲)乙"),
        ("（全是说明）", ""),
        ("没有括号", "没有括号"),
    ],
)
def test_without_notes(text: str, cleaned: str) -> None:
    assert without_notes(text) == cleaned


@pytest.mark.parametrize(
    "text", ["-", "—", "——", "－", "/", "／", "\\", "无", " — ", "–", "--", "_", "\u3000/\n"]
)
def test_dashes(text: str) -> None:
    assert is_dash(text)


@pytest.mark.parametrize("text", ["", " ", "0", "无挪用", "—无", "-5", "1/2", "否"])
def test_no_dashes(text: str) -> None:
    assert not is_dash(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [(">=5", "≥5"), ("=>5", "≥5"), ("≧5", "≥5"), ("⩾5", "≥5"), ("<=5", "≤5"), ("=<5", "≤5"), ("≦5", "≤5"),
     ("⩽5", "≤5"), ("≯5", "≤5"), ("≮5", "≥5"), ("＝5", "=5"), ("﹥5", ">5"), ("≥5", "≥5"), (">5", ">5"), ("", "")],
)  # fmt: skip
def test_plain_signs(text: str, plain: str) -> None:
    assert with_plain_signs(text) == plain


# -- properties -----------------------------------------------------------------------------------------------

TYPED = st.text(
    alphabet="0123456789０９٣²①,，.．%％-－−+¥￥()（）:： \u3000\u200b万亿元人天/≥=eE", max_size=30
)
NUMBERS = st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, allow_infinity=False, places=4)
UNITS = st.sampled_from(["", "人", "%", "万元", "亿元", "平方米", "元/亩", "个工作日"])


@given(st.one_of(st.text(), TYPED))
@example("(²)")
@example("(٣)")
@example("(..)")
@example("(1.2.3)")
@example("\ud800")
def test_never_raises(text: str) -> None:
    number = read_number(text)
    if number is not None:
        assert number.value.is_finite()
        assert number.decimals >= 0
    is_dash(text)
    with_plain_signs(text)
    without_notes(text)
    assert not label(text).endswith(":")


@given(st.one_of(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)), TYPED))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert without_notes(clean(text)) == without_notes(text)
    assert not any(letter.isspace() for letter in clean(text))


@given(NUMBERS, st.integers(0, 4), UNITS)
def test_a_plain_figure_is_given_back(number: Decimal, places: int, unit: str) -> None:
    number = round(number, places) if places else Decimal(int(number))
    for text in (f"{number:f}{unit}", f"{number:,f}{unit}", f" {number:f} {unit}\n"):
        read = read_number(text)
        assert read is not None
        assert read.value == number
        assert read.decimals == places
        assert read.unit == unit


@given(st.one_of(TYPED, NUMBERS.map(lambda number: f"{number:,f}人")))
def test_full_width_figures_are_half_width(text: str) -> None:
    assert read_number(text.translate(FULL_WIDTH)) == read_number(text)
    assert clean(text.translate(FULL_WIDTH)) == clean(text)


@given(NUMBERS.filter(lambda number: number > 0))
def test_brackets_are_negative(number: Decimal) -> None:
    read = read_number(f"（{number:,f}）")
    assert read is not None
    assert read.value == -number


@pytest.mark.parametrize(
    "text", ["9", "9,", " ", "(", ")", "()", "(一)", ":", "\u200b", "１", "＞＝", "é", "e\u0301"]
)
def test_a_megabyte_takes_linear_time(text: str) -> None:
    for function in (clean, label, without_notes, is_dash, read_number, with_plain_signs):

        def run(size: int, function: Callable[[str], object] = function) -> None:
            function(text * (size // len(text)))

        assert growth(run, 1_000_000) < STEEP, function
