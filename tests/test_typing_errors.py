"""What looks like a slip of the hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval_xl.typing_errors import LIKELY, TYPICAL, WEAK, could_have_meant, typing_error


@pytest.mark.parametrize(
    ("typed", "meant", "name", "strength"),
    [
        ("637.65", "673.65", "相邻两位数字录反", TYPICAL),
        ("376.65", "673.65", "两位数字录反", LIKELY),
        ("8.469", "84.69", "小数点移位", TYPICAL),
        ("20", "200", "小数点移位", LIKELY),
        ("846900", "84.69", "按元填写", TYPICAL),
        ("-2.58", "2.58", "正负号填反", TYPICAL),
        ("84.79", "84.69", "录错一位数字", LIKELY),
        ("846.69", "84.69", "重复录了一位数字", LIKELY),
        ("847.69", "84.69", "多录一位数字", LIKELY),
        ("84.6", "84.69", "漏录一位数字", LIKELY),
        ("84.9", "84.69", "漏录一位数字", LIKELY),
        ("15", "14", "录错一位数字", WEAK),
    ],
)  # fmt: skip
def test_named_slips(typed: str, meant: str, name: str, strength: int) -> None:
    found = typing_error(Decimal(typed), Decimal(meant))
    assert found is not None
    assert (found.name, found.strength) == (name, strength)


@pytest.mark.parametrize(
    ("typed", "meant"), [("84.69", "12.34"), ("84.69", "84.69"), ("0", "5"), ("5", "0"), ("-5.12", "5.21")]
)
def test_what_is_no_slip(typed: str, meant: str) -> None:
    assert typing_error(Decimal(typed), Decimal(meant)) is None


@given(cents=st.integers(100, 10**14))
def test_what_a_figure_may_have_been_meant_as_is_a_slip_away(cents: int) -> None:
    typed = Decimal(cents).scaleb(-2)
    for meant in could_have_meant(typed, 2):
        found = typing_error(typed, meant, 2)
        assert meant == typed or meant == 0 or (found is not None and found.strength >= WEAK)
