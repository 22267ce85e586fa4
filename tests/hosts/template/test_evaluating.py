"""The formula language of the template, against what Excel gives."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval_xl.hosts.package.sheets import Stored
from perfeval_xl.hosts.template.evaluating import CellError, Evaluator, Unknown, rounded

CELLS: dict[tuple[int, int], Stored] = {
    (1, 1): Stored("1、业务工作经费"),
    (2, 1): Stored("2021年绩效奖励"),
    (3, 1): Stored("水费、电费"),
    (1, 2): Stored(107.96),
    (2, 2): Stored(5.0),
    (3, 2): Stored(""),
    (4, 2): Stored(None),
    (5, 2): Stored(formula="SUM(B1:B4)"),
    (6, 2): Stored(formula='IF(COUNT(B3:B4)=0,"",SUM(B3:B4))'),
    (1, 3): Stored("甲"),
}
SHEETS = {"表": CELLS, "起": {}, "一": {(1, 2): Stored(2.0)}, "二": {(1, 2): Stored(3.0)}, "止": {}}


def value(formula: str) -> Any:
    sheets = {**SHEETS, "表": {**CELLS, (9, 9): Stored(formula=formula)}}
    return Evaluator(sheets, {"PE_YEAR": "'表'!$B$4", "PE_UNIT": "'表'!$C$1"}).value("表", 9, 9)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("1+2*3", 7.0),
        ("(1+2)*3", 9.0),
        ("-2+5", 3.0),
        ("7-2-1", 4.0),
        ("8/4/2", 1.0),
        ("-B2^2", 25.0),
        ("2^3^2", 64.0),
        ("B2*10%", 0.5),
        ("SUMPRODUCT(-B1:B2*50%)", -56.48),
        ("IFERROR(#N/A,5)", 5.0),
        ("SUM(止:起!$B$1)", 5.0),
        ('"a"&1&"b"', "a1b"),
        ('"a"&"b"="AB"', True),
        ("B5", 112.96),
        ("B6", ""),
        ("B4", 0.0),
        ('B4=""', True),
        ('B6=""', True),
        ("N(B6)+1", 1.0),
        ("COUNT(B1:B4)", 2.0),
        ("COUNT(B3,B4,B1)", 1.0),
        ("SUM(起:止!$B$1)", 5.0),
        ("ROUND(2.675,2)", 2.68),
        ("ROUND(-0.5,0)", -1.0),
        ("MIN(1,B1/B2)", 1.0),
        ('IF(PE_YEAR="","本",PE_YEAR)&"年"', "本年"),
        ('PE_UNIT&"报告"', "甲报告"),
        ("IFERROR(1/0,5)", 5.0),
        ("AND(1,2>1)", True),
        ("OR(1=2,B4)", False),
        ("MID(A1,2,1)", "、"),
        ('TEXT(101,"0.00####")', "101.00"),
        ('TEXT(89.974,"0.00####")', "89.974"),
        ('TEXT(0.9205,"0.00%")', "92.05%"),
        ('TEXT(45442,"yyyy.m.d")', "2024.5.30"),
        ('SUMPRODUCT(ISNUMBER(-LEFT(A1:A3,1))*(MID(A1:A3,2,1)="、"),B1:B3)', 107.96),
    ],
)
def test_as_excel_gives_it(formula: str, expected: Any) -> None:
    assert value(formula) == expected


@pytest.mark.parametrize("formula", ["1/0", '"a"+1', "B1/B4", "A1^2", "0^0", "B4^-1", "B1^B1^9", "#N/A"])
def test_an_error_is_an_error(formula: str) -> None:
    with pytest.raises(CellError):
        value(formula)


@pytest.mark.parametrize(
    "formula", ["INDIRECT(A1)", "WEBSERVICE(A1)", "NOSUCH", "OTHER!A1", "B1 B2", "A:A", "(-8)^0.5", "1+"]
)
def test_what_the_template_does_not_use_is_not_worked_out(formula: str) -> None:
    with pytest.raises(Unknown):
        value(formula)


def test_a_circle_ends() -> None:
    cells = {(1, 1): Stored(formula="N(B1)+1"), (1, 2): Stored(formula="A1")}
    assert Evaluator({"表": cells}, {}).value("表", 1, 1) == 1.0


@given(st.decimals(-(10**6), 10**6, places=4))
def test_rounding_is_half_away_from_zero(figure: Decimal) -> None:
    assert rounded(float(figure), 2) == float(figure.quantize(Decimal("0.01"), ROUND_HALF_UP))
