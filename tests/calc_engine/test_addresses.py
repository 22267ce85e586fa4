"""Addresses and formulas between Excel's way of writing and Calc's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("xlwings")

from perfeval_xl.calc_engine.addresses import (
    LAST_COLUMN,
    LAST_ROW,
    Area,
    area_between,
    letters,
    parse,
    split_sheet,
    to_calc,
    to_excel,
)


@pytest.mark.parametrize(
    ("address", "area"),
    [
        ("A1", Area(1, 1, 1, 1)),
        ("$C$4:b2", Area(2, 2, 3, 2)),
        ("A:C", Area(1, 1, LAST_ROW, 3)),
        ("$2:5", Area(2, 1, 4, LAST_COLUMN)),
        ("XFD1048576", Area(LAST_ROW, LAST_COLUMN, 1, 1)),
        ("某名称", None),
        ("XFE1", None),
        ("A1:", None),
    ],
)
def test_parse(address: str, area: Area | None) -> None:
    assert parse(address) == area


@given(
    st.tuples(st.integers(1, LAST_ROW), st.integers(1, LAST_COLUMN)),
    st.tuples(st.integers(1, LAST_ROW), st.integers(1, LAST_COLUMN)),
)
def test_an_address_names_its_area(first: tuple[int, int], last: tuple[int, int]) -> None:
    area = area_between(first, last)
    assert parse(area.address()) == area
    assert parse(area.address(False, False)) == area


def test_no_such_cell() -> None:
    with pytest.raises(IndexError):
        area_between((0, 1), (1, 1))
    assert letters(703) == "AAA"


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("'O''Brien 的 表'!A1", ("O'Brien 的 表", "A1")),
        ("附件1!B2", ("附件1", "B2")),
        ("B2", (None, "B2")),
    ],
)
def test_sheet_of_a_reference(reference: str, parts: tuple[str | None, str]) -> None:
    assert split_sheet(reference) == parts


FORMULAS = [
    ("=SUM(A1:B2;C1)", "=SUM(A1:B2,C1)"),
    ("=$'附件 2'.A1+$附件1.$B$2:C3", "='附件 2'!A1+附件1!$B$2:C3"),
    ('=IF(A1=";";"a;b~""!";1)', '=IF(A1=";","a;b~""!",1)'),
    ("=SUM({1;2|3;4})", "=SUM({1,2;3,4})"),
    ("=#REF!+1.5", "=#REF!+1.5"),
    ('=IFERROR(A1/B1;"")', '=IFERROR(A1/B1,"")'),
]


@pytest.mark.parametrize(("calc", "excel"), FORMULAS)
def test_formulas_both_ways(calc: str, excel: str) -> None:
    assert to_excel(calc) == excel
    assert to_calc(excel).replace("$'附件 2'", "$'附件 2'") == calc


def test_only_calc_tells_unions_and_intersections_apart() -> None:
    assert to_excel("=SUM(A1~B2)+A1:B2!B2") == "=SUM(A1,B2)+A1:B2 B2"
