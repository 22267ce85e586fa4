"""What is said of whole columns at once is what is said of each row by itself."""

from __future__ import annotations

from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval_xl.rules.book.columns import Columns
from perfeval_xl.rules.book.evaluating import Evaluator
from perfeval_xl.rules.book.grammar import parse_relation
from perfeval_xl.rules.book.names import INDICATOR_ROW
from perfeval_xl.rules.book.scene import WorkbookScene
from perfeval_xl.rules.book.tree import WORDED, Node, Relation
from perfeval_xl.rules.book.values import Blank, Lacking

from . import workbooks

#: Texts that the example has, in whole, in part, at the end, and that it has not.
WORDS = (
    "数量指标",
    "数量",
    "率",
    "≥",
    "100%",
    "不会有的",
    "率|数量",
    "培训*人数",
    "*率",
    "人*率",
    "没有*",
    "*",
)
TEXTS = ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "偏差原因")
FIGURES = {"分值": ("5", "10", "10.5"), "得分": ("0", "10"), "完成率": ("100%", "70%", "0.5%")}
SIGNS = ("=", "≠", "≥", "≤", ">", "<")

_WORDED = st.builds(
    lambda column, sign, words: f'本行[{column}] {sign} "{words}"',
    st.sampled_from(TEXTS), st.sampled_from((*WORDED, "=", "≠")), st.sampled_from(WORDS),
)  # fmt: skip
_FIGURES = st.sampled_from(sorted(FIGURES)).flatmap(
    lambda column: st.builds(
        lambda sign, other: f"本行[{column}] {sign} {other}",
        st.sampled_from(SIGNS),
        st.sampled_from((*FIGURES[column], f"本行[{column}]")),
    )
)
_OTHERS = st.sampled_from(
    [
        *(f"{name}(本行[{column}])" for name in ("空", "非空") for column in (*TEXTS, *FIGURES)),
        *(
            f"达标(本行[年度指标值], 本行[实际完成值]) {sign} {answer}"
            for sign in "=≠"
            for answer in ("是", "否")
        ),
        "本行[得分] < 本行[分值]",
        "本行[得分] ≥ 本行[分值]",
    ]
)


@lru_cache(maxsize=1)
def scene() -> WorkbookScene:
    return WorkbookScene.of(workbooks.context_of(workbooks.EXAMPLE))


def of_each(clause: Node, columns: Columns) -> dict[str, set[int]]:
    """What the evaluator says of each row."""
    found: dict[str, set[int]] = {"holds": set(), "fails": set(), "lacks": set()}
    evaluator = Evaluator(columns.scene, columns.blanks)
    for number, at in enumerate(columns.places):
        try:
            found["holds" if evaluator.truth(clause, at).value else "fails"].add(number)
        except Blank:
            worded = isinstance(clause, Relation) and clause.sign in WORDED
            found.setdefault("blank" if worded else "lacks", set()).add(number)
        except Lacking:
            found["lacks"].add(number)
    return found


@given(st.one_of(_WORDED, _FIGURES, _OTHERS), st.booleans())
def test_columns_say_what_the_rows_say(text: str, blanks: bool) -> None:
    columns = Columns.of(scene(), "project", "指标", blanks=blanks)
    clause = parse_relation(text)
    said = columns.said(clause)
    assert said is not None
    each = of_each(clause, columns)
    assert said.fails == each["fails"] - said.unsure
    assert said.blank == each.get("blank", set()) - said.unsure
    assert said.lacks == each["lacks"] - said.unsure


@pytest.mark.parametrize("column", sorted({name for names, _ in INDICATOR_ROW.values() for name in names}))
def test_every_column_of_an_indicator_is_found_for_all_rows_or_none(column: str) -> None:
    columns = Columns.of(scene(), "project", "指标", blanks=False)
    said = columns.said(parse_relation(f"非空(本行[{column}])"))
    assert said is not None
    assert not said.unsure
    for places in columns.numbers.values():
        assert places <= said.lacks or not places & said.lacks or column in ("完成率", "达标")
