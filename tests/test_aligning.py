"""Which row became which: cases as data, and what holds of all sheets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval_xl.aligning import Texts, align

from .support import TESTS, read_yaml

CASES = read_yaml(TESTS / "test_aligning.yaml")


def texts(rows: Sequence[str]) -> Texts:
    return {
        (row, column): text
        for row, line in enumerate(rows, 1)
        for column, text in enumerate(line.split(" | "), 1)
        if text.strip()
    }


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_rows_are_known_by_what_they_say(case: dict[str, Any]) -> None:
    found = align(texts(case["before"]), texts(case["after"]), {}, {})
    assert dict(sorted(found.rows.items())) == case["rows"]
    assert sorted(found.moved) == case.get("moved", [])
    assert list(found.gone) == case.get("gone", [])
    assert list(found.come) == case.get("come", [])


def test_a_row_of_another_name_is_another_row() -> None:
    """Where forms say what rows are called, equal figures do not make them one."""
    before, after = texts(["甲指标 | 完成情况良好 | 5"]), texts(["乙事项 | 完成情况良好 | 5"])
    found = align(before, after, {1: "甲指标"}, {1: "乙事项"})
    assert (found.rows, found.gone, found.come) == ({}, (1,), (1,))


@given(
    st.lists(st.sampled_from(["甲 | 1", "乙 | 2", "丙丁 | 有效提升", "0", "合计 | 3"]), max_size=12),
    st.randoms(),
)
def test_every_row_is_told_once(rows: list[str], random: Any) -> None:
    other = list(rows)
    random.shuffle(other)
    found = align(texts(rows), texts(other), {}, {})
    assert sorted((*found.rows, *found.gone)) == list(range(1, len(rows) + 1))
    assert sorted((*found.rows.values(), *found.come)) == list(range(1, len(rows) + 1))
    assert found.gone == found.come == ()
    stay = [found.rows[row] for row in sorted(found.rows) if row not in found.moved]
    assert stay == sorted(stay)
