"""The prose reader: figures written in many ways are read back; what is no figure is none."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval_xl.prose import Figure, agrees, alike, read
from perfeval_xl.prose.naming import SIMILAR

NAMES = (
    "基本支出",
    "人员经费",
    "日常公用经费",
    "项目支出",
    "公务接待费",
    "重大公共卫生服务（防疫经费）",
    "古籍修复",
)
BEFORE = ("", "本单位", "其中", "其中：", "2023年", "全年", "（一）")
LINKS = ("", "为", "是", "共", "共计", "达", "支出", "决算数为", " ", "：")
BEHIND = ("。", "，", "；", "、其他见附表", "（见附件1）", "")
DIGITS = "零一二三四五六七八九"


def amounts() -> st.SearchStrategy[Decimal]:
    return st.decimals(min_value=0, max_value=99_999, places=2)


def written(value: Decimal, style: str) -> tuple[str, Decimal]:
    """A figure of 万元 as a clerk may type it, and its value in 万元 as written."""
    plain = f"{value.normalize():f}"
    if style == "grouped":
        return f"{value:,f}万元", value
    if style == "yuan":
        return f"{(value * 10000).to_integral_value()}元", value
    if style == "hundred million":
        shown = (value / 10000).quantize(Decimal("0.0001"))
        return f"{shown}亿元", shown * 10000
    if style == "wide":
        return f"{plain}万元".translate(str.maketrans("0123456789.", "０１２３４５６７８９．")), value
    if style == "spaced":
        return f" {plain} 万元", value
    return f"{plain}万元", value


STYLES = ("plain", "grouped", "yuan", "hundred million", "wide", "spaced")


@given(
    value=amounts(),
    style=st.sampled_from(STYLES),
    name=st.sampled_from(NAMES),
    before=st.sampled_from(BEFORE),
    link=st.sampled_from(LINKS),
    behind=st.sampled_from(BEHIND),
)
def test_an_amount_in_any_phrasing_is_read_back(
    value: Decimal, style: str, name: str, before: str, link: str, behind: str
) -> None:
    words, stands_for = written(value, style)
    figures = [
        figure
        for figure in read(f"{before}{name}{link}{words}{behind}").figures
        if figure.dimension == "money"
    ]
    assert len(figures) == 1
    (figure,) = figures
    assert figure.wan == stands_for
    assert alike(figure.name, name) == 1.0
    assert agrees(figure, stands_for, 2 if style != "hundred million" else 0)
    assert not figure.scope


@given(
    parts=st.lists(st.tuples(st.sampled_from(NAMES), amounts()), min_size=2, max_size=6),
    comma=st.sampled_from("、；，"),
)
def test_a_list_keeps_each_name_with_its_figure(parts: list[tuple[str, Decimal]], comma: str) -> None:
    inside = comma.join(f"{name}{value}万元" for name, value in parts)
    for text in (
        f"全年支出9万元，其中：{inside}。",
        f"全年支出9万元（{inside}）。",
        f"全年支出9万元。{inside}。",
    ):
        found = read(text).figures[1:]
        assert [
            (figure.wan, alike(figure.name, name)) for figure, (name, _) in zip(found, parts, strict=True)
        ] == [(value, 1.0) for _, value in parts]


def in_words(number: int) -> str:
    """三百二十 for 320, up to 9999."""
    text, gap = "", False
    for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            text += ("零" if gap else "") + DIGITS[digit] + unit
            gap = False
        elif text and number:
            gap = True
    return text


@given(
    number=st.integers(min_value=10, max_value=9999),
    unit=st.sampled_from(("人", "件", "册", "人次", "万元", "平方米")),
)
def test_chinese_numerals(number: int, unit: str) -> None:
    figures = read(f"全年完成{in_words(number)}{unit}，").figures
    assert [(figure.value, figure.unit) for figure in figures] == [(Decimal(number), unit)]


@given(st.text(alphabet="支出0123456789.,，。；：（）()其中万元人%年月约余、同比一二十百\n ", max_size=200))
def test_any_text_is_read_without_error(text: str) -> None:
    prose = read(text)
    for figure in prose.figures:
        assert prose.text[figure.start : figure.end] == figure.words
        assert prose.quote(figure).endswith(figure.words)


@pytest.mark.parametrize(
    "text",
    [
        "2023年12月31日前完成，〔2020〕10号文件第5条，附件3-1",
        "一是加强领导，二是一批干部下沉，一个不少",
        "二十大精神，三区两通道，一级指标",
        "截至2023年底，十四五期间，第三季度",
    ],
)
def test_what_is_no_figure_is_none(text: str) -> None:
    assert [figure.words for figure in read(text).figures if figure.dimension != "other"] == []


def one(text: str) -> Figure:
    return read(text).figures[-1]


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("上年基本支出180万元", {"other_year"}),
        ("基本支出比上年增加30万元", {"change", "other_year"}),
        ("同比下降12%", {"change"}),
        ("年初预算基本支出200万元", {"plan"}),
        ("三公经费预算数为3万元", {"plan"}),
        ("上年决算2.58万元，本年决算3万元", set()),
        ("一般公共预算支出1034.36万元", set()),
        ("预算执行数1034.36万元", set()),
    ],
)
def test_what_limits_a_figure_stays_with_it(text: str, scope: set[str]) -> None:
    assert one(text).scope == scope


def test_the_year_named_last_holds() -> None:
    assert [figure.year for figure in read("基本支出1万元。2022年2万元，2023年3万元").figures] == [
        None,
        2022,
        2023,
    ]


@pytest.mark.parametrize(
    ("text", "value", "agreeing"),
    [
        ("追回工资900余万元", "936", True), ("追回工资900余万元", "1200", False), ("约360万元", "360.71", True),
        ("近400万元", "391", True), ("360万元左右", "420", False), ("超过300万元", "360.71", True),
        ("不超过300万元", "360.71", False), ("360.7万元", "360.71", True), ("360.71万元", "360.7", True),
        ("360.71万元", "360.17", False), ("361万元", "360.71", True), ("0.036亿元", "360.71", True), ("3607100元", "360.71", True),
    ],
)  # fmt: skip
def test_rounded_figures_agree_within_their_rounding(text: str, value: str, agreeing: bool) -> None:
    stated = Decimal(value)
    assert agrees(one(text), stated, len(value.partition(".")[2])) is agreeing


@pytest.mark.parametrize(
    ("one_name", "other", "same"),
    [
        ("职业技能培训", "职业技能培训参与人数", True), ("创业培训", "职业技能培训参与人数", False),
        ("临聘人员工资", "编外用工人员经费", True), ("运行维护费", "运行维护经费", True), ("农村新增就业", "城镇新增就业", False),
        ("市级重点民生实事", "省级重点民生实事", False), ("就业率", "就业人数", False), ("失业人员再就业率", "失业人员再就业人数", False),
        ("教师培训", "学生培训", False), ("全年回复各级信访办件", "2023年度信访交办件", True), ("各类人才", "人才档案", False),
    ],
)  # fmt: skip
def test_names(one_name: str, other: str, same: bool) -> None:
    assert (alike(one_name, other) >= SIMILAR) is same


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("节约1.2万元", ""),
        ("签约20家", ""),
        ("预约服务300人次", ""),
        ("约1.2万元", "about"),
        ("支出约1.2万元", "about"),
        ("附近20个村", ""),
    ],
)
def test_a_word_that_ends_like_about_does_not_round(text: str, bound: str) -> None:
    assert one(text).bound == bound


def test_a_run_of_digits_takes_time_in_proportion_to_its_length() -> None:
    start = time.process_time()
    assert read("9" * 300_000).figures == ()
    # A try from every digit would take minutes.
    assert time.process_time() - start < 5
