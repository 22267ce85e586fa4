"""Room for text: two columns for a Chinese character, and lines that break where Chinese may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval_xl.widths import columns, wrapped


@pytest.mark.parametrize(
    ("text", "room"), [("", 0), ("abc", 3), ("甲乙", 4), ("甲a", 3), ("，。", 4), ("ａ", 2), ("≥5", 3)]
)
def test_columns(text: str, room: int) -> None:
    assert columns(text) == room


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("甲乙丙丁", 4, ["甲乙", "丙丁"]),
        ("甲乙丙丁", 5, ["甲乙", "丙丁"]),
        ("甲乙。丙", 4, ["甲", "乙。", "丙"]),  # a stop does not begin a line
        ("甲“乙丙”丁", 4, ["甲", "“乙", "丙”", "丁"]),  # nor does a quotation mark end one
        ("甲 .xlsx .xlsm", 8, ["甲 .xlsx", ".xlsm"]),
        ("甲national-2020", 6, ["甲", "national-2020"]),  # a word is longer than the line
        ("", 6, [""]),
    ],
)
def test_lines(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width) == lines


@given(st.text(st.sampled_from("甲乙，。“”（） ab-."), max_size=60), st.integers(4, 40))
def test_nothing_is_lost_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines:
        assert columns(line) <= width or len(line.split()) == 1
