"""Masking of numbers that must not be published: they are gone, all else stays to the letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval_xl.rules.families.completeness.privacy import found_in, masked
from perfeval_xl.text import clean

CASES = [
    ("电话13800001234。", "电话138****1234。"),
    ("电话 138 0000 1234 。", "电话 138****1234 。"),
    ("１３８００００１２３４", "138****1234"),
    ("+86-13800001234", "138****1234"),
    ("13800001234、13900005678", "138****1234、139****5678"),
    ("身份证11010519491231002X", "身份证110105********002X"),
    ("开户行账号 1234 5678 9012 3456", "开户行账号 1234****3456"),
    ("座机0730-8690022，110105194912310021，13800001234.56元", None),
    ("138****1234", None),
    ("支出360.71万元", None),
]


@pytest.mark.parametrize(("text", "wanted"), CASES)
def test_private_numbers_are_masked_and_nothing_else(text: str, wanted: str | None) -> None:
    shown, found = masked(text)
    assert shown == (wanted or text)
    assert bool(found) == (wanted is not None)


@given(st.text("1380 ４-.电话\n，账号X", max_size=60))
def test_what_is_masked_is_what_is_found_and_masking_again_changes_nothing(text: str) -> None:
    shown, found = masked(text)
    assert set(found) == set(found_in(clean(text)))
    assert masked(shown)[0] == shown
    if not found:
        assert shown == text
