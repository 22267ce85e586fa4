"""A corrected figure is written as the cell was."""

from __future__ import annotations

from decimal import Decimal

import pytest

from perfeval_xl.correct.restating import restated
from perfeval_xl.findings import Fix
from perfeval_xl.grid import Place
from perfeval_xl.numberformat import make_cell

PLACE = Place("表", 1, 1)


@pytest.mark.parametrize(
    ("held", "number_format", "value", "kind", "text", "stored"),
    [
        (Decimal("637.65"), "General", "673.65", "figure", "673.65", Decimal("673.65")),
        (Decimal(20), "General", "20.35", "figure", "20.35", Decimal("20.35")),
        (Decimal("9.5"), "0.00", "9.2", "figure", "9.20", Decimal("9.20")),
        (Decimal("361.71"), "0.00####", "0", "figure", "0.00", Decimal(0)),
        (Decimal("361.71"), "0.00####", "673.654", "figure", "673.654", Decimal("673.654")),
        (Decimal("1234.5"), "#,##0.00", "1243.5", "figure", "1,243.50", Decimal("1243.50")),
        (Decimal("637.65"), '0.00"万元"', "673.65", "figure", "673.65万元", Decimal("673.65")),
        (Decimal(1), "0%", "92.054", "rate", "92%", Decimal("0.92")),
        (Decimal(1), "0.00%", "92.0543", "rate", "92.05%", Decimal("0.9205")),
        (Decimal(1), "0%", "92.5", "rate", "93%", Decimal("0.93")),
        (Decimal(100), "General", "92.054", "rate", "92", Decimal(92)),
        (Decimal(1), "General", "92.0543", "rate", "0.92", Decimal("0.92")),
        ("100%", "General", "92.054", "rate", "92%", "92%"),
        ("637.65万元", "General", "673.65", "figure", "673.65万元", "673.65万元"),
        ("项目支出：637.65", "General", "673.65", "figure", "项目支出：673.65", "项目支出：673.65"),
        ("1,637.65", "General", "1673.65", "figure", "1,673.65", "1,673.65"),
        ("６３７.６５", "General", "673.65", "figure", "673.65", "673.65"),
        ("优", "General", "良", "word", "良", "良"),
    ],
)
def test_as_it_was(
    held: Decimal | str, number_format: str, value: str, kind: str, text: str, stored: Decimal | str
) -> None:
    cell = make_cell(1, 1, held, number_format)
    new = restated(cell, Fix(PLACE, value if kind == "word" else Decimal(value), kind))  # type: ignore[arg-type]
    assert new is not None
    assert (new.text, new.value) == (text, stored)


@pytest.mark.parametrize("held", ["2023年：637.65", "没有数", "1.2至3.4"])
def test_what_is_not_understood_is_left(held: str) -> None:
    assert restated(make_cell(1, 1, held, "General"), Fix(PLACE, Decimal(5))) is None


def test_an_empty_cell_gets_the_plain_figure() -> None:
    new = restated(None, Fix(PLACE, Decimal("35.940")))
    assert new is not None
    assert (new.text, new.value) == ("35.94", Decimal("35.94"))
