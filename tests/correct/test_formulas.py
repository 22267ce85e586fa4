"""What a workbook's formulas give, where they are plain arithmetic."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval_xl.correct.formulas import NotUnderstood, own_formula, reckoned, references
from perfeval_xl.grid import Place
from perfeval_xl.numberformat import make_cell
from tests.support import book_of

BOOK = book_of({"表": [[Decimal("84.69"), 92, None, "文字"], [1, 2, 3, 4]], "附件 2": [[Decimal("0.5")]]})


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=A1/B1", Decimal("0.920543478260870")),
        ("=ROUND(A1/B1*100,2)", Decimal("92.05")),
        ("=ROUND(-A1,0)", Decimal(-85)),
        ("=SUM(A2:D2)", Decimal(10)),
        ("=SUM(A1:D1,5)", Decimal("181.69")),
        ("=-A2+B2*(C2-1)", Decimal(3)),
        ("='附件 2'!A1*10%", Decimal("0.05")),
        ("=C1", Decimal(0)),
        ('=IF(B1=0,"",A1/B1)', Decimal("0.920543478260870")),
        ('=IF(C1=0,"",A1/C1)', ""),
        ('=IFERROR(A1/C1,"")', ""),
        ("=IFERROR(A1/C1,0)", Decimal(0)),
        ("=MAX(A2:D2)-MIN(A2:D2)", Decimal(3)),
        ("=$A$2&B2", "12"),
        ("=B2^C2%", Decimal("1.02101212570719")),
        ("=2^-C2", Decimal("0.125")),
        ('=IF(C1="","",A1/C1)', ""),
        ('=IF(D1="文字",C1,VLOOKUP(A1,A1:D2,2))', Decimal(0)),
        ("=C1&D1&(A2=1)", "文字TRUE"),
        ("=SUM((A2:C2))", Decimal(6)),
    ],
)
def test_plain_arithmetic(formula: str, value: Decimal | str) -> None:
    assert reckoned(formula, "表", BOOK) == value


@pytest.mark.parametrize(
    "formula",
    ["=VLOOKUP(A1,A1:D2,2)", "=A1/C1", "=A1+D1", "=INDIRECT(\"A1\")", "=没有的名字", "=SUM(", "=[1]表!A1", "=别的表!A1",
     '="a"<"b"', "=0^0", "=C1^-1", "=(-8)^0.5", "=10^309", "=#N/A", "=SUM(表:表!A1)", "=A1:INDEX(A1:D2,1)", "=SUM(A1 A1:D1)",
     "=ROUND(A1)", "=" + "(" * 200 + "1" + ")" * 200],
)  # fmt: skip
def test_everything_else_is_not_understood(formula: str) -> None:
    with pytest.raises(NotUnderstood):
        reckoned(formula, "表", BOOK)


def test_what_a_formula_refers_to() -> None:
    named = references("=SUM(A1:A3)+'附件 2'!$B$2", "表")
    assert named is not None
    assert [place in one for one in named for place in (Place("表", 2, 1), Place("附件 2", 2, 2))] == [
        True, False, False, True,
    ]  # fmt: skip
    assert references('=INDIRECT("A1")', "表") is None
    assert references("=某个名称+1", "表") is None
    for formula in (
        "=A1:INDEX(A1:A9,3)",
        "=SUM(一:三!A1)",
        "=[1]表!A1",
        "=T[列]",
        "=A1:OFFSET(A1,1,1)",
        "=SUM(",
    ):
        assert references(formula, "表") is None
    assert references("=SUM((A1,B2:C3)*{1;2})", "表") == references("=A1+B2:C3&A1", "表")


def test_a_shared_formula_moves_with_its_cell() -> None:
    cells = {
        (1, 3): make_cell(1, 3, Decimal(3), "General", "=A1+B1"),
        (2, 3): make_cell(2, 3, Decimal(3), "General", "=…（与 C1 同一公式）"),
    }
    assert own_formula(cells[2, 3], cells) == "=A2+B2"
    assert own_formula(make_cell(5, 5, Decimal(1), "General", "=…"), cells) is None


@given(st.text(alphabet="A1+-*/(),:SUMIFROD\"'!&<>=% .", max_size=30))
def test_no_formula_makes_it_fall_over(text: str) -> None:
    with contextlib.suppress(NotUnderstood):
        reckoned("=" + text, "表", BOOK)
