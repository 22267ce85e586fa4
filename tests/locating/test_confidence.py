"""What makes a proposal sure: each condition with a case on either side of it.

"high" lets a button change a typed figure, so that nothing may slip into it: two declarations or more, the same value to
the last unit, stated elsewhere or a telling slip, no other cell, and no text, bound or entanglement.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from perfeval_xl.equations import Equation, Term
from perfeval_xl.locating import Suspect, locate
from tests.locating.test_suspects import said, same, suspects, told
from tests.support import TRUST
from tests.test_equations import field


def summed(total: str, *parts: Term, row: int, rule: str = "PE103") -> Equation:
    """A sum whose total stands in a column of its own."""
    return Equation(rule, "表", Term(field(total, row, 50), f"合计{row}"), parts, (1,) * len(parts), "和")


def fixed(text: str, row: int) -> Term:
    """What is printed and cannot be wrong."""
    return Term(field(text, row, 60), "印的", constant=True)


def part(text: str, row: int, hint: Decimal | None = None, high: Decimal | None = None) -> Term:
    return Term(field(text, row, 2), f"第{row}行", hint=hint, high=high)


def how_sure(found: Suspect) -> tuple[str, str]:
    return found.confidence, found.reason


def shared(text: str, *others: Equation, hint: Decimal | None = None) -> tuple[Term, tuple[Equation, ...]]:
    """A cell that should be 200 as two sums say, each with a part of its own."""
    cell = part(text, 1) if hint is None else part(text, 1, hint=hint)
    return cell, (
        summed("300", cell, part("100", 2), row=3),
        summed("350", cell, part("150", 4), row=5),
        *others,
    )


def test_two_sums_alone_are_not_sure() -> None:
    """No rival and exact, but neither stated elsewhere nor a telling slip: 137 for 200 is none."""
    cell, sums = shared("137")
    (found,) = suspects(*sums)
    assert (found.term, found.value, found.rivals) == (cell, Decimal(200), ())
    assert how_sure(found) == ("medium", "only")


def test_two_sums_and_a_telling_slip_are_sure() -> None:
    cell, sums = shared("20")
    (found,) = suspects(*sums)
    assert (found.term, found.value, found.rivals) == (cell, Decimal(200), ())
    assert found.slip is not None
    assert how_sure(found) == ("high", "only")


def test_two_sums_and_a_value_its_row_speaks_for_are_sure() -> None:
    _, sums = shared("137", hint=Decimal(200))
    (found,) = suspects(*sums)
    assert how_sure(found) == ("high", "only")


def test_a_sum_and_a_figure_stated_elsewhere_are_sure() -> None:
    cell = part("137", 1)
    (found,) = suspects(
        summed("300", cell, part("100", 2), row=3), same(Term(field("200", 9, 9), "附件3"), cell)
    )
    assert (found.term, found.value) == (cell, Decimal(200))
    assert how_sure(found) == ("high", "only")


def test_one_declaration_is_never_sure() -> None:
    """The other cell agrees with a third: what stands twice is 200, and only one declaration says so of this cell."""
    cell, witness = part("20", 1), Term(field("200", 9, 9), "附件3")
    (found,) = suspects(same(witness, cell), same(witness, Term(field("200", 8, 8), "附件1")))
    assert (found.term, found.value, found.rivals) == (cell, Decimal(200), ())
    assert found.slip is not None
    assert how_sure(found) == ("medium", "only")


def test_two_declarations_that_differ_by_the_last_unit_are_not_sure() -> None:
    """The sum says 200.01, the other form 200.00; each lets the other pass, both are not exact."""
    cell = part("137", 1)
    (found,) = suspects(
        summed("300.01", cell, part("100", 2), row=3), same(Term(field("200.00", 9, 9), "附件3"), cell)
    )
    assert (found.term, len(found.mends), found.rivals) == (cell, 2, ())
    assert how_sure(found) == ("medium", "only")


def test_another_cell_that_would_do_makes_it_unsure() -> None:
    """Both sums hold two cells; undoing a slip speaks for the one, the other would do as well."""
    cells = (part("446.49", 1), part("101", 2))
    (found,) = suspects(
        summed("545.69", *cells, row=3, rule="PE103"),
        summed("645.69", *cells, part("100", 4), row=5, rule="PE104"),
    )
    assert (found.term, found.value) == (cells[0], Decimal("444.69"))
    assert [rival.term for rival in found.rivals] == [cells[1]]
    assert how_sure(found) == ("medium", "slip")


def test_texts_alone_accuse_no_cell_surely() -> None:
    """Two texts say 55, and so does the cell's row; a cell is not changed for what texts say."""
    cell = Term(field("57", 1, 1), "实际完成值", hint=Decimal(55))
    texts = [said("55", 5, cell.field.place, source) for source in ("报告", "目标完成情况")]
    (found,) = suspects(*(told(text, cell) for text in texts))
    assert (found.term, found.value) == (cell, Decimal(55))
    assert how_sure(found) == ("low", "several")


def test_a_bound_is_never_sure() -> None:
    """基本支出 is at least 61.05: that its row speaks for this very value makes it no more than a bound."""
    whole = Term(field("60", 1, 1), "基本支出", hint=Decimal("61.05"))
    bound = Equation("PE510", "表", whole, (fixed("61.05", 2),), (1,), "不大于", leeway=(Decimal(0), None))
    (found,) = suspects(bound)
    assert (found.term, found.value) == (whole, Decimal("61.05"))
    assert how_sure(found) == ("low", "several")


def test_a_cell_that_another_must_change_along_with_is_not_sure() -> None:
    """150 is what is missing; then the cell beside it must become 50 for its own sum."""
    cell, beside = part("100", 1), part("100", 2)
    (found,) = suspects(
        Equation("PE103", "表", fixed("150", 3), (cell,), (1,), "和"),
        Equation("PE104", "表", fixed("200", 4), (cell, beside), (1, 1), "和"),
    )
    assert (found.term, [other.term for other in found.along]) == (cell, [beside])
    assert how_sure(found) == ("low", "entangled")


def test_of_two_that_are_as_likely_none_is_more_than_a_guess() -> None:
    """Both rows speak for the value that would mend: as likely the one as the other."""
    cells = (part("40", 1, hint=Decimal(50)), part("50", 2, hint=Decimal(60)))
    (found,) = suspects(summed("100", *cells, row=3))
    assert found.rivals[0].term in cells
    assert found.rivals[0].rank == min(rival.rank for rival in found.rivals)
    assert how_sure(found) == ("low", "several")


def test_a_rival_with_a_slip_of_its_own_makes_it_a_guess() -> None:
    """321 for 312 is two digits interchanged, 509 for 500 one digit wrong: either may have happened."""
    cells = (part("321", 1), part("509", 2))
    (found,) = suspects(summed("821", *cells, row=3))
    assert (found.term, found.value) == (cells[0], Decimal(312))
    assert found.rivals[0].slip is not None
    assert how_sure(found) == ("low", "several")


def test_a_slip_that_half_of_all_figures_could_be_is_no_evidence() -> None:
    """One digit of two: 10 for 20."""
    equation = summed("205.5", part("10", 1), part("90.3", 2), part("95.2", 4), row=3)
    (found,) = suspects(equation, same(Term(field("205.5", 9, 9), "附件2"), equation.total))
    assert (found.value, found.slip is not None) == (Decimal(20), True)
    assert how_sure(found) == ("low", "several")


def test_a_figure_moves_to_an_empty_cell_only() -> None:
    """The cell above holds a figure of its own: nobody typed 62.64 one row too low."""
    cells = [part(text, row) for row, text in ((1, "50"), (2, "5"), (3, "62.64"))]
    found = suspects(
        summed("112.64", *cells, row=0),
        same(Term(field("62.64", 9, 9), "附件3"), cells[1]),
        same(Term(field("0", 30, 9), "附件3-4"), cells[2]),
    )
    assert {one.term for one in found} == set(cells[1:])
    assert all(one.slip is None or "填到了" not in one.slip.name for one in found)


def test_a_cell_that_is_wrong_by_itself_is_doubted_before_a_total() -> None:
    """12 points of at most 10: the total that is off by them looks innocent."""
    score = part("12", 1, high=Decimal(10))
    sound = replace(score, high=None)
    (found,) = suspects(summed("20", score, part("10", 2), row=3))
    assert (found.term, found.value) == (score, Decimal(10))
    (found,) = suspects(summed("20", sound, part("10", 2), row=3))
    assert found.term.label == "合计3"


def test_three_wrong_cells_are_compared_with_other_sets() -> None:
    """Two figures stand in each other's row, a third total is wrong. Their own rows speak for both, so that they are named
    and not the totals, which would be the lighter set."""
    first, second, third = (
        part("107.96", 1, hint=Decimal("62.46")),
        part("62.46", 2, hint=Decimal("107.96")),
        part("30", 3),
    )
    found = suspects(
        summed("72.46", first, part("10", 11), row=21, rule="PE104"),
        summed("127.96", second, part("20", 12), row=22, rule="PE104"),
        summed("77", third, part("31", 13), row=23, rule="PE104"),
        summed("200.42", first, second, third, row=24, rule="PE103"),
    )
    assert {one.term.label for one in found} == {"第1行", "第2行", "合计23"}


def test_texts_that_are_trusted_more_than_cells_accuse_none_surely_either() -> None:
    """Its row speaks for 55, and texts are hardly doubted: what a policy trusts is no evidence from a second form."""
    cell = Term(field("57", 1, 1), "实际完成值", hint=Decimal(55))
    trusting = replace(TRUST, narrative=Decimal(30))
    (found,) = locate([told(said("55", 5, cell.field.place), cell)], trusting).suspects
    assert (found.term, found.value) == (cell, Decimal(55))
    assert how_sure(found) == ("low", "several")


def test_what_is_spoken_for_is_doubted_later() -> None:
    """Of two parts the first has what its row says; the second is named."""
    sound, other = part("10", 1, hint=Decimal(10)), part("10", 2)
    (found,) = suspects(Equation("PE103", "表", fixed("35", 3), (sound, other), (1, 1), "和"))
    assert (found.term, found.value) == (other, Decimal(25))


def test_a_bound_that_holds_confirms_nothing() -> None:
    """That the first part is at least 5 says nothing of its being 10: it is named as the first of two."""
    first, second = part("10", 1), part("10", 2)
    bound = Equation("PE510", "表", first, (fixed("5", 4),), (1,), "不小于", leeway=(Decimal(0), None))
    (found,) = suspects(bound, Equation("PE103", "表", fixed("35", 3), (first, second), (1, 1), "和"))
    assert (found.term, found.value) == (first, Decimal(25))
