"""Which cell is named, with what value, how sure, and who else it may be."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfeval_xl.equations import Declaration, Equation, Quotation, Ratio, Term
from perfeval_xl.grid import Place
from perfeval_xl.locating import Suspect, locate
from tests import locate as bench
from tests.support import TRUST
from tests.test_equations import AMOUNTS, field, total_of


def suspects(*declarations: Declaration) -> tuple[Suspect, ...]:
    return locate(declarations, TRUST).suspects


def same(total: Term, part: Term) -> Equation:
    return Equation("PE503", "表", total, (part,), (1,), "两处应一致", stated_twice=True)


def test_transposed_digits_point_to_their_cell() -> None:
    """Only one part can be mended by undoing a slip; the total looks innocent."""
    (found,) = suspects(total_of("673.65", "107.96", "101", "446.49", "20"))
    assert (found.term.label, found.value) == ("第4项", Decimal("444.69"))
    assert found.slip is not None
    assert found.slip.name == "相邻两位数字录反"
    assert (found.confidence, found.reason) == ("medium", "slip")


def test_a_cell_in_two_equations_is_the_one() -> None:
    shared = Term(field("62.46", 1, 3), "乙")
    total = Equation(
        "PE103", "表", Term(field("172.64"), "合计"), (Term(field("110", 1, 2), "甲"), shared), (1, 1), "和"
    )
    (found,) = suspects(total, same(Term(field("62.64", 2, 1), "附件3"), shared))
    assert (found.term.field.place, found.value) == (shared.field.place, Decimal("62.64"))
    assert (found.confidence, found.reason, len(found.mends)) == ("high", "only", 2)


def test_a_lone_sum_names_every_cell_and_is_not_sure() -> None:
    (found,) = suspects(total_of("1000", "107.96", "101", "444.69"))
    assert found.term.label == "合计"
    assert found.confidence == "low"
    assert {rival.term.label for rival in found.rivals} == {"第2项", "第3项", "第4项"}


def test_a_figure_that_is_confirmed_elsewhere_is_not_blamed() -> None:
    """附件1 and 附件2 state the same total; the part that is short of it must be wrong, or one that is blank."""
    equation = total_of("673.65", "107.96", "101", "400")
    other = same(Term(field("673.65", 9, 9), "附件2"), equation.total)
    (found,) = suspects(equation, other)
    assert found.term.label != "合计"
    assert all(rival.term.label != "合计" for rival in found.rivals)


def test_a_wrong_rate_is_recomputed() -> None:
    rate = Ratio(
        "PE204", "表", Term(field("100%"), "执行率"), Term(field("84.69", 1, 2), "执行"),
        Term(field("92", 1, 3), "预算"), "执行率", capped=True,
    )  # fmt: skip
    (found,) = suspects(rate)
    assert (found.term.label, found.value) == ("执行率", Decimal("92.05"))


@pytest.mark.parametrize(("written", "leeway"), [("0%", None), ("0.5%", (Decimal("-0.5"), Decimal("0.5")))])
def test_a_rate_of_nothing_leaves_the_denominator_free(
    written: str, leeway: tuple[Decimal, Decimal] | None
) -> None:
    """Nothing spent of 446.49 or of 444.69: the rate says neither, the sum does."""
    equation = total_of("673.65", "107.96", "101", "446.49", "20")
    budget = equation.parts[2]
    rate = Ratio(
        "PE204", "表", Term(field(written, 9, 1), "执行率"), Term(field("0", 9, 2), "执行"), budget, "执行率",
        leeway=leeway,
    )  # fmt: skip
    (found,) = suspects(equation, rate)
    assert (found.term, found.value) == (budget, Decimal("444.69"))


def test_a_figure_typed_one_row_too_low_moves_back() -> None:
    cells = [Term(field(text, row, 2), f"第{row}行") for row, text in ((1, "50"), (2, ""), (3, "62.64"))]
    stated = Term(field("62.64", 9, 9), "附件3")
    below = Term(field("0", 30, 9), "附件3-4")
    (found,) = suspects(
        Equation("PE103", "表", Term(field("112.64", 0, 2), "合计"), tuple(cells), (1, 1, 1), "和"),
        same(stated, cells[1]), same(below, cells[2]),
    )  # fmt: skip
    assert found.term.label == "第2行"
    assert found.slip is not None
    assert found.slip.name == "填到了下一行"


def test_two_mistakes_are_two_suspects() -> None:
    first, second = total_of("673.65", "107.96", "101", "446.49", "20"), total_of("5.5", "2", "5.3", row=5)
    found = suspects(first, second)
    assert {one.mends for one in found} == {(first,), (second,)}


def test_a_contradiction_is_told_apart_from_the_rest() -> None:
    """One cell cannot be 100 and 200; that the total is mistyped is found all the same."""
    cell = Term(field("150", 1, 2), "各项分值")
    printed = [Term(field(text, row, 9), "印的", constant=True) for row, text in ((1, "100"), (2, "200"))]
    impossible = [Equation("PE301", "表", one, (cell,), (1,), "应相等") for one in printed]
    total = Equation(
        "PE103", "表", Term(field("175"), "合计"), (cell, Term(field("7", 2, 2), "乙")), (1, 1), "和"
    )
    wrong, *found = suspects(*impossible, total)
    assert (wrong.value, wrong.reason, wrong.mends) == (None, "contradiction", tuple(impossible))
    assert [one.mends for one in found] == [(total,)]


def test_a_policy_says_what_is_trusted() -> None:
    """Where typed figures are doubted before computed ones, a part is named first."""
    equation = total_of("1000", "107.96", "101", "444.69")
    doubting = replace(TRUST, typed=Decimal(8), computed=Decimal(20))
    assert locate([equation], TRUST).suspects[0].term.label == "合计"
    assert locate([equation], doubting).suspects[0].term.label != "合计"


def test_a_paragraph_holds_several_figures() -> None:
    """The report states the total and one of its parts; only the total is wrong there."""
    paragraph = [Term(field(text, 3, 1), f"报告{text}") for text in ("637.65", "107.96")]
    equation = total_of("673.65", "107.96", "565.69", row=9)
    (found,) = suspects(equation, same(equation.total, paragraph[0]), same(equation.parts[0], paragraph[1]))
    assert (found.term.label, found.value) == ("报告637.65", Decimal("673.65"))


def said(text: str, start: int, measured: Place | None = None, source: str = "报告") -> Term:
    """A figure of one paragraph."""
    quotation = Quotation(text, f"“{text}”", start, source, measured)
    return Term(field(text, 50, 1), "报告的数", low=None, quotation=quotation)


def told(text: Term, cell: Term) -> Equation:
    nothing = (Decimal(0), Decimal(0))
    return Equation("PE601", "报告", text, (cell,), (1,), "一致", stated_twice=True, leeway=nothing)


def test_a_text_that_contradicts_two_cells_is_the_one() -> None:
    first, second = Term(field("673.65", 1, 1), "附件1"), Term(field("673.65", 2, 1), "附件2")
    text = said("673.56", 5, first.field.place)
    (found,) = suspects(same(second, first), told(text, first), told(text, second))
    assert (found.term, found.value, found.confidence) == (text, Decimal("673.65"), "high")


def test_a_text_speaks_for_the_cell_it_agrees_with() -> None:
    """Two cells differ: which one is wrong is anybody's guess until the report says what one of them says."""
    first, second = Term(field("700", 1, 1), "附件1"), Term(field("673.65", 2, 1), "附件2")
    (alone,) = suspects(same(second, first))
    assert alone.confidence == "low"
    (found,) = suspects(same(second, first), told(said("673.65", 5, second.field.place), second))
    assert (found.term, found.value, found.rivals) == (first, Decimal("673.65"), ())


def test_a_text_against_a_lone_cell_is_doubted_first_and_the_cell_named() -> None:
    cell = Term(field("57", 1, 1), "实际完成值")
    (found,) = suspects(told(said("55", 5, cell.field.place), cell))
    assert (found.term.field.number, found.confidence) == (Decimal(55), "low")
    assert [rival.term for rival in found.rivals] == [cell]


def test_what_one_text_repeats_is_one_figure_and_two_texts_are_two() -> None:
    cell = Term(field("57", 1, 1), "实际完成值")
    places = (5, 20, 40)
    (found,) = suspects(*(told(said("55", start, cell.field.place), cell) for start in places))
    assert (found.term.field.number, len(found.mends)) == (Decimal(55), 3)
    texts = [said("55", 5, cell.field.place, source) for source in ("报告", "目标完成情况")]
    (found,) = suspects(*(told(text, cell) for text in texts))
    assert (found.term, found.value, found.confidence) == (cell, Decimal(55), "low")
    assert [rival.term for rival in found.rivals] == texts


def test_a_policy_says_how_far_a_text_is_trusted() -> None:
    cell = Term(field("57", 1, 1), "实际完成值")
    equation = told(said("55", 5, cell.field.place), cell)
    trusting = replace(TRUST, narrative=Decimal(30))
    assert locate([equation], trusting).suspects[0].term == cell


def test_a_rate_of_a_text_is_restated_as_coarsely_as_it_was() -> None:
    reached, aimed = Term(field("447", 1, 1), "完成"), Term(field("400", 1, 2), "指标")
    rate = said("149%", 9)
    half = Decimal("0.5")
    (found,) = suspects(
        Ratio("PE604", "报告", rate, reached, aimed, "完成比例", leeway=(-half, half)),
        same(Term(field("400", 3, 1), "附件3"), aimed),
    )
    assert (found.term, found.value) == (rate, Decimal(112))


def test_a_mere_bound_proposes_nothing_likely() -> None:
    whole, parts = said("63.65", 0), (said("107.96", 9), said("101", 20))
    atleast = Equation("PE602", "报告", whole, parts, (1, 1), "分项", leeway=(Decimal("-0.02"), None))
    (found,) = suspects(atleast)
    assert found.confidence == "low"


def test_hundreds_of_mistakes_are_told_and_not_worked_out() -> None:
    """Bounded time for hostile files: one suspect a violated equation, none proposed."""
    shared = Term(field("1", 1, 1), "总")
    pairs = [same(Term(field(str(row), row, 2), f"第{row}行"), shared) for row in range(2, 402)]
    found = suspects(*pairs)
    assert len(found) == 400
    assert {(one.value, one.reason) for one in found} == {(None, "unsolved")}


@settings(max_examples=150, deadline=None)
@given(
    parts=st.lists(AMOUNTS, min_size=2, max_size=6),
    spoilt=st.integers(0, 6),
    by=st.decimals(1, 10**5, places=2),
)
def test_one_wrong_cell_gives_one_suspect_that_names_its_equation(
    parts: list[Decimal], spoilt: int, by: Decimal
) -> None:
    texts = [str(part) for part in parts]
    total = str(sum(parts))
    if spoilt == 0 or spoilt > len(parts):
        total = str(Decimal(total) + by)
    else:
        texts[spoilt - 1] = str(parts[spoilt - 1] + by)
    equation = total_of(total, *texts)
    found = suspects(equation)
    if equation.check() in ("error", "warning"):
        assert [one.mends for one in found] == [(equation,)]
        assert found[0].confidence != "high"
    else:
        assert not found


@pytest.mark.parametrize("layout", ["own", "text"])
def test_planted_slips_are_located(layout: str) -> None:
    """A sample of what ``python -m tests.locate`` measures in full."""
    results, _ = bench.single(layout, limit=60)
    telling = [row for row in results if row.telling]
    assert sum(row.first for row in telling) / len(telling) >= 0.95
    assert sum(row.named for row in results) / len(results) >= 0.95
    right = [row for row in results if row.first]
    assert sum(row.value for row in right) / len(right) >= 0.95
    assert not any(row.sure_and_wrong for row in results)
