"""Formulas: what is read is printed back, whatever is typed is read or refused in one line, and signs may be typed in any way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval_xl.rules.book.grammar import DEEPEST, LONGEST, FormulaError, parse, parse_relation
from perfeval_xl.rules.book.tree import (
    Call,
    Cells,
    Condition,
    Node,
    Number,
    Path,
    Product,
    Relation,
    Sum,
    Text,
    written,
)

_WORDS = st.sampled_from(
    ["附件1", "附件2", "附件3*", "附件3-2", "本表", "本行", "上年.附件1", "本表.指标", "附件3*.指标"]
)
_LABELS = st.lists(
    st.sampled_from(["项目支出", "三公经费", "全年执行数", "水费、电费", "得分(分)", "a,b", "有[方]括号"]),
    min_size=1,
    max_size=3,
)
_NUMBERS = st.builds(
    Number,
    st.decimals(min_value=0, max_value=10**6, places=2).map(
        lambda value: Decimal(str(value)).normalize() + 0
    ),
    st.sampled_from(["", "%", "万元", "元", "人"]),
)
_CELLS = st.builds(lambda word, labels: Cells(Path(tuple(word.split("."))), tuple(labels)), _WORDS, _LABELS)


def _deeper(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    signs, points = st.sampled_from(["+", "-"]), st.sampled_from(["*", "/"])
    sums = st.lists(st.tuples(signs, inner), min_size=2, max_size=3).map(lambda terms: Sum(tuple(terms)))  # type: ignore[arg-type]
    products = st.lists(st.tuples(points, inner), min_size=1, max_size=2)
    calls = st.builds(
        lambda name, arguments: Call(name, tuple(arguments)),
        st.sampled_from(["合计", "比率", "若"]),
        st.lists(inner, min_size=1, max_size=3),
    )
    return st.one_of(
        sums,
        st.builds(lambda first, rest: Product((("*", first), *rest)), inner, products),
        calls,
    )


_VALUES: st.SearchStrategy[Node] = st.recursive(st.one_of(_NUMBERS, _CELLS), _deeper, max_leaves=8)
_SIGNS = st.sampled_from(["=", "≠", "≥", "≤", ">", "<"])
_RELATIONS = st.one_of(
    st.builds(Relation, _VALUES, _SIGNS, _VALUES),
    st.builds(
        Relation,
        _CELLS,
        st.sampled_from(["包含", "不包含", "匹配", "属于"]),
        st.builds(Text, st.sampled_from(["待验收|未完工", "≥", "*投诉"])),
    ),
)


@given(st.lists(_RELATIONS, min_size=1, max_size=3).map(lambda clauses: Condition(tuple(clauses))))
def test_what_is_written_is_read_again(condition: Condition) -> None:
    text = written(condition)
    if len(text) <= LONGEST:
        assert parse(text) == condition


def assert_read_or_refused(text: str) -> None:
    refusal, found = "", None
    try:
        found = parse(text)
    except FormulaError as error:
        refusal = str(error)
    assert "\n" not in refusal
    assert found is None or parse(written(found)) == found


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    assert_read_or_refused(text)


@given(
    st.lists(st.sampled_from([*'附件123*本表行合计[]()=≠≥+-×/,."且或有不包含匹配%0123 ']), max_size=60).map(
        "".join
    )
)
def test_text_that_looks_like_a_formula_is_read_or_refused(text: str) -> None:
    assert_read_or_refused(text)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (
            "附件２［项目支出］＝附件１［项目支出，本年决算数］",
            "附件2[项目支出] = 附件1[项目支出, 本年决算数]",
        ),
        ("附件2【项目支出】>=0", "附件2[项目支出] ≥ 0"),
        ("附件2[项目支出]<>0", "附件2[项目支出] ≠ 0"),
        ("附件二[项目支出] 不大于 5", "附件2[项目支出] ≤ 5"),
        ("本行[不大于3] 等于 3", "本行[不大于3] = 3"),
        ("附件2[项目支出]×2－1＜＝100", "附件2[项目支出] × 2 − 1 ≤ 100"),
        ("本行[偏差原因]不包含“加强管理”", '本行[偏差原因] 不包含 "加强管理"'),
        ("附件2[项目支出]\n = 附件1[项目支出,决算数]", "附件2[项目支出] = 附件1[项目支出, 决算数]"),
    ],
)
def test_signs_may_be_typed_in_any_way(typed: str, meant: str) -> None:
    assert written(parse_relation(typed)) == meant


def test_what_stands_in_quotes_stays_as_it_is() -> None:
    found = parse_relation("本行[实际完成值] 不包含 “×—（）”")
    assert isinstance(found, Relation)
    assert found.right == Text("×—（）")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "是空的"),
        ("=A1+B1", "不要以 = 开头"),
        ("附件2[项目支出", "没有对应的"),
        ("(1 + 2)) = 3", "多了一个"),
        ('本行[得分] 包含 "未完工', "引号没有成对"),
        ("90% ≤ 本表[执行率] ≤ 100%", "一条规则只写一个关系"),
        ("附件2[项目支出] =", "没有写完"),
        ("附件1!B5 = 3", "不用 Excel 的地址"),
        ("本行[得分] = 0 或 本行[得分] = 1", "没有“或”"),
        ("本行[得分] = 0 且 本行[分值] = 1", "“且”只能用在条件里"),
        ("(" * (DEEPEST + 1) + "1" + ")" * (DEEPEST + 1) + " = 1", "套得太深"),
        ("1 + " * LONGEST + "1 = 2", "太长"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_would_be_right(text: str, said: str) -> None:
    with pytest.raises(FormulaError, match=said.replace("(", r"\(")):
        parse_relation(text)
