"""When figures are equal: sums, figures stated twice, rates."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval_xl.equations import Equation, Quotation, Ratio, Term, rounded, same_figure, written_rates
from perfeval_xl.forms.records import Field
from perfeval_xl.grid import Place


def field(text: str, row: int = 1, column: int = 1) -> Field:
    """A figure as written; "" is an empty cell."""
    place = Place("表", row, column)
    if not text:
        return Field(place)
    digits = text.rstrip("%")
    decimals = len(digits.partition(".")[2])
    return Field(
        place, text, "number", Decimal(digits), decimals, "%" if "%" in text else "", text.endswith("%")
    )


def total_of(total: str, *parts: str, row: int = 1, stated_twice: bool = False) -> Equation:
    terms = tuple(Term(field(part, row, column), f"第{column}项") for column, part in enumerate(parts, 2))
    return Equation(
        "PE101", "表", Term(field(total, row), "合计"), terms, (1,) * len(parts), "合计应等于各项之和",
        stated_twice=stated_twice,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("total", "parts", "outcome"),
    [
        ("673.65", ("107.96", "101", "444.69", "20"), "holds"),
        ("673.66", ("107.96", "101", "444.69", "20"), "holds"),  # one unit of the last decimal
        ("673.67", ("107.96", "101", "444.69", "20"), "info"),  # half a unit a term: rounding
        ("673.68", ("107.96", "101", "444.69", "20"), "error"),
        ("100.02", ("30.01", "40", "29.99"), "info"),  # exactly half a unit for each of the four
        ("100.03", ("30.01", "40", "29.99"), "error"),
        ("637.65", ("107.96", "101", "444.69", "20"), "error"),
        ("675", ("108", "101", "445", "20"), "warning"),  # whole numbers, within half of one a term
        ("678", ("108", "101", "445", "20"), "error"),
        ("2.58", ("", "", "2.58"), "holds"),  # blank counts 0
    ],
)
def test_a_sum(total: str, parts: tuple[str, ...], outcome: str) -> None:
    assert total_of(total, *parts).check() == outcome


@pytest.mark.parametrize(
    ("total", "parts", "outcome"),
    [
        ("5372.5833", ("1800", "2192.58", "1380"), "holds"),
        ("5372.5950", ("1800", "2192.58", "1380"), "holds"),  # three parts to 0.01: half of one each
        ("5372.5951", ("1800", "2192.58", "1380"), "error"),
        ("89.97", ("60.0013", "29.974"), "holds"),  # 89.9753: the total carries 0.005, one part 0.0005
        ("89.96", ("60.0013", "29.974"), "error"),
        (
            "180.51",
            ("120.25", "60.2"),
            "error",
        ),  # nothing finer beside them: 0.2 is 0.20, to the form's 0.0001
    ],
)
def test_a_term_coarser_than_the_finest_carries_half_of_its_last_digit(
    total: str, parts: tuple[str, ...], outcome: str
) -> None:
    assert replace(total_of(total, *parts), decimals=4).check() == outcome


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [("673.65", "673.65", True), ("673.65", "673.7", True), ("673.65", "674", True), ("673.65", "673.6", False),
     ("90", "89.974", True), ("90.00", "89.974", False), ("100", "104", False)],
)  # fmt: skip
def test_a_figure_stated_twice(first: str, second: str, same: bool) -> None:
    one, other = field(first), field(second)
    assert one.number is not None
    assert other.number is not None
    assert same_figure(one.number, one.decimals, other.number, other.decimals) is same


@pytest.mark.parametrize(
    ("rate", "numerator", "denominator", "outcome"),
    [
        ("92%", "84.69", "92", "holds"),
        ("92", "84.69", "92", "holds"),
        ("0.92", "84.69", "92", "holds"),
        ("92.05%", "84.69", "92", "holds"),
        ("1", "15", "15", "holds"),
        ("100", "15", "15", "holds"),
        ("102%", "1026", "1000", "info"),  # cut off instead of rounded
        ("100%", "84.69", "92", "error"),
        ("84.69%", "84.69", "92", "error"),
    ],
)
def test_a_rate(rate: str, numerator: str, denominator: str, outcome: str) -> None:
    ratio = Ratio(
        "PE204", "表", Term(field(rate), "执行率"), Term(field(numerator, 1, 2), "执行"),
        Term(field(denominator, 1, 3), "预算"), "执行率",
    )  # fmt: skip
    assert ratio.check() == outcome


def test_what_a_rate_cell_can_mean() -> None:
    assert written_rates(field("92%")) == [(Decimal(92), 0)]
    assert (Decimal(92), 0) in written_rates(field("0.92"))
    assert written_rates(field("")) == []


AMOUNTS = st.decimals(1, 10**7, places=2, allow_nan=False)


@given(parts=st.lists(AMOUNTS, min_size=1, max_size=8))
def test_a_right_sum_is_silent(parts: list[Decimal]) -> None:
    assert total_of(str(sum(parts)), *(str(part) for part in parts)).check() == "holds"


@pytest.mark.parametrize(
    ("leeway", "outcome"),
    [
        ((Decimal(0), Decimal(0)), "warning"),
        ((None, Decimal(0)), "warning"),  # at most the sum
        ((Decimal(0), None), "holds"),  # at least the sum
        ((Decimal(-1), Decimal("0.5")), "holds"),
        ((Decimal(-1), Decimal("0.4")), "warning"),
    ],
)
def test_a_leeway_takes_the_place_of_the_usual_tolerance(
    leeway: tuple[Decimal | None, Decimal | None], outcome: str
) -> None:
    equation = replace(total_of("10.5", "4", "6"), leeway=leeway, severity="warning")
    assert equation.check() == outcome


def test_the_leeway_of_a_rate_is_in_points() -> None:
    terms = (Term(field("112%"), "比例"), Term(field("447", 1, 2), "完成"), Term(field("400", 1, 3), "指标"))
    cut = (Decimal("-0.5"), Decimal("0.9"))
    assert Ratio("PE604", "表", *terms, "比例", leeway=cut).check() == "holds"
    assert Ratio("PE604", "表", *terms, "比例", leeway=(Decimal(0), Decimal(1))).check() == "error"


def test_a_figure_of_a_text_is_restated_with_its_unit_and_as_coarsely() -> None:
    written = Field(Place("报告", 5, 1), "3.4万人次", "number", Decimal("3.4"), 1, "万人次")
    exact = Quotation("3.4万人次", "“3.4万人次”", 0)
    assert Term(written, "", quotation=exact).restated(Decimal("3.3651")) == "3.3651万人次"
    coarse = replace(exact, coarse=True)
    assert Term(written, "", quotation=coarse).restated(Decimal("4.3651")) == "4.4万人次"
    assert Term(written, "", quotation=coarse).restated(Decimal("3.4499")) == "3.4499万人次"
    more = replace(exact, added=Decimal(100))
    rate = Field(Place("报告", 5, 1), "8%", "number", Decimal(108), 0, "%", True)
    assert Term(rate, "", quotation=more).restated(Decimal(112)) == "12%"


@pytest.mark.parametrize("digits", [27, 40, 400, 5000])
def test_a_number_of_any_length_is_rounded(digits: int) -> None:
    nines = Decimal("9" * digits)
    assert rounded(nines, 2) == nines
    assert rounded(nines.scaleb(-digits), 2) == 1
