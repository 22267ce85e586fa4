"""What a cell holds once a text was typed into it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from perfeval_xl.correct import CorrectError, as_typed, entered
from perfeval_xl.grid import Cell, Place
from perfeval_xl.numberformat import make_cell

AT = Place("附件1", 5, 4)


def cell(value: Decimal | str, number_format: str = "General") -> Cell:
    return make_cell(AT.row, AT.column, value, number_format)


@pytest.mark.parametrize(
    ("typed", "number_format", "stored", "shown"),
    [
        ("673.65", "General", Decimal("673.65"), "673.65"),
        (" 1,034.36 ", "General", Decimal("1034.36"), "1034.36"),
        ("1034.36", "#,##0.00", Decimal("1034.36"), "1,034.36"),
        ("１２．５", "0.00", Decimal("12.5"), "12.50"),
        ("-3", "General", Decimal(-3), "-3"),
        ("+3", "General", Decimal(3), "3"),
        (".5", "General", Decimal("0.5"), "0.5"),
        ("1.005", "0.00", Decimal("1.005"), "1.01"),
        ("92", "0.00%", Decimal("0.92"), "92.00%"),
        ("92%", "0.00%", Decimal("0.92"), "92.00%"),
        ("９２％", "0%", Decimal("0.92"), "92%"),
        ("92%", "General", "92%", "92%"),
        ("≤30天", "General", "≤30天", "≤30天"),
        ("1,03,4", "General", "1,03,4", "1,03,4"),
        ("007", "@", "007", "007"),
        ("'12", "General", "12", "12"),
        ("1e5", "General", "1e5", "1e5"),
        ("第一行\r\n第二行", "General", "第一行\n第二行", "第一行\n第二行"),
    ],
)
def test_a_text_becomes_what_its_cell_can_hold(
    typed: str, number_format: str, stored: Decimal | str, shown: str
) -> None:
    found = entered(typed, AT, None, number_format)
    assert found.stored == stored
    assert type(found.stored) is type(stored)
    assert found.cell is not None
    assert found.cell.text == shown
    assert (found.cell.row, found.cell.column) == (AT.row, AT.column)


def test_a_cell_that_holds_rates_as_fractions_takes_per_cent_as_one() -> None:
    assert entered("112%", AT, cell(Decimal("1.49"))).stored == Decimal("1.12")
    assert (
        entered("112%", AT, cell(Decimal(149))).stored == "112%"
    )  # which a reader takes for a rate all the same


@pytest.mark.parametrize("typed", ["2024-3-15", "2024/03/15", "2024.3.15", "2024年3月15日"])
def test_a_day_is_one_in_a_cell_for_days(typed: str) -> None:
    found = entered(typed, AT, None, "yyyy-mm-dd")
    assert found.stored == Decimal(45366)
    assert found.cell is not None
    assert found.cell.value == dt.date(2024, 3, 15)
    assert found.cell.text == "2024-03-15"
    assert entered(typed, AT, None, "General").stored == typed
    assert entered(typed, AT, None, "yyyy-mm-dd", date1904=True).stored == Decimal(45366 - 1462)


def test_a_day_that_there_is_not_stays_text() -> None:
    assert entered("2024-2-30", AT, None, "yyyy-mm-dd").stored == "2024-2-30"


def test_nothing_empties_a_cell() -> None:
    assert entered("  ", AT, cell(Decimal(3))).cell is None


@pytest.mark.parametrize("typed", ["=1+1", "＝SUM(A1:A3)"])
def test_a_formula_is_declined(typed: str) -> None:
    with pytest.raises(CorrectError, match="只填数或文字"):
        entered(typed, AT, None)


def test_a_cell_that_a_formula_gives_is_not_typed_over() -> None:
    old = cell(Decimal(3))._replace(formula="=A1+A2")
    with pytest.raises(CorrectError, match="公式"):
        entered("4", AT, old)


@pytest.mark.parametrize(
    ("value", "number_format"),
    [
        (Decimal("1034.361"), "#,##0.00"),
        (Decimal("0.92345"), "0.0%"),
        (Decimal("1.12"), "General"),
        ("≤30天", "General"),
        ("12", "General"),
        ("'引号", "General"),
        ("=不是公式", "General"),
        ("第一行\n第二行", "General"),
        (dt.date(2024, 3, 15), "yyyy-mm-dd"),
    ],
)
def test_what_is_typed_again_gives_the_same_cell(value: Decimal | str | dt.date, number_format: str) -> None:
    old = make_cell(AT.row, AT.column, value, number_format)
    assert entered(as_typed(old), AT, old, number_format).cell == old


def test_an_empty_cell_is_nothing_typed() -> None:
    assert as_typed(None) == ""
