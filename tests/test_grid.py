"""References as text."""

from __future__ import annotations

from perfeval_xl.grid import quoted


def test_quoted_names() -> None:
    assert quoted("O'Brien 的 表") == "'O''Brien 的 表'"
