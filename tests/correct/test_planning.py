"""What is planned: a change is made with what it entails, or not at all. The checks here are made up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal

import pytest

from perfeval_xl.correct import CorrectError, plan
from perfeval_xl.findings import Finding, Fix, Severity
from perfeval_xl.grid import Book, Place
from tests.support import book_of

RATE, SCORE, TOTAL, GRADE, INPUT = (Place("表", 1, column) for column in range(1, 6))


def held(book: Book, place: Place) -> object:
    cell = book.grids[0].cells.get((place.row, place.column))
    return cell.value if cell is not None else None


def finding(
    rule: str, place: Place, value: Decimal | str, *, computed: bool = True, severity: Severity = "error"
) -> Finding:
    kind: Literal["figure", "word"] = "word" if isinstance(value, str) else "figure"
    return Finding(
        rule, "", severity, place, f"{rule}不符", "", fingerprint=f"{rule}-{place.column}",
        fixes=(Fix(place, value, kind, computed),),
    )  # fmt: skip


def score_follows(book: Book) -> Sequence[Finding]:
    """The rate must be 92, the score a tenth of it, the total ten times the score less one, the grade from 90 on 优."""
    rate, score, total = (held(book, place) for place in (RATE, SCORE, TOTAL))
    assert isinstance(rate, Decimal)
    assert isinstance(score, Decimal)
    assert isinstance(total, Decimal)
    found = [] if rate == 92 else [finding("PE204", RATE, Decimal(92))]
    if rate == 92 and score != rate / 10:
        found.append(finding("PE304", SCORE, rate / 10))
    if total != score * 10 - 3:
        found.append(finding("PE305", TOTAL, score * 10 - 3))
    if held(book, GRADE) != ("优" if total >= 90 else "良"):
        found.append(finding("PE306", GRADE, "良", computed=False))
    return found


def test_a_change_is_made_with_all_it_entails() -> None:
    book = book_of({"表": [[100, 10, 97, "优"]]})
    planned = plan(book, score_follows)
    assert [(change.place, change.old, change.new) for change in planned.changes] == [
        (RATE, "100", "92"), (SCORE, "10", "9.2"), (TOTAL, "97", "89"), (GRADE, "优", "良"),
    ]  # fmt: skip
    assert planned.changes[0].why == "PE204不符"
    assert planned.changes[1].why.startswith("随前面的更正")
    assert not planned.notes
    assert not score_follows(planned.book)
    assert not plan(planned.book, score_follows).changes


def test_a_wrong_grade_alone_is_left_to_the_clerk() -> None:
    book = book_of({"表": [[92, Decimal("9.2"), 89, "优"]]})
    assert [one.rule for one in score_follows(book)] == ["PE306"]
    assert not plan(book, score_follows).changes


def test_what_would_bring_up_something_new_is_not_changed() -> None:
    def check(book: Book) -> Sequence[Finding]:
        if held(book, RATE) != 92:
            return [finding("PE204", RATE, Decimal(92))]
        return [finding("PE205", INPUT, Decimal(1), computed=False)]

    planned = plan(book_of({"表": [[100, 10, 97, "优", 5]]}), check)
    assert not planned.changes
    assert "会出现新的问题" in planned.notes[0]
    assert "表!E1" in planned.notes[0]


def test_what_would_count_more_afterwards_is_not_changed() -> None:
    def check(book: Book) -> Sequence[Finding]:
        if held(book, RATE) != 92:
            return [
                finding("PE204", RATE, Decimal(92)),
                finding("PE205", INPUT, "", computed=False, severity="info"),
            ]
        return [finding("PE205", INPUT, "", computed=False)]

    assert not plan(book_of({"表": [[100, 10, 97, "优", 5]]}), check).changes


def test_a_formula_of_the_template_stays_a_formula() -> None:
    """It gives what its cells hold: where that is wrong, it is they that are."""

    def check(_: Book) -> Sequence[Finding]:
        return [finding("PE108", RATE, Decimal(92))]

    book = book_of({"表": [["=SUM(B1:C1)", 10, 5]]})
    planned = plan(book, check, formulas={RATE: "=SUM(B1:C1)"})
    assert not planned.changes
    assert "模板的公式" in planned.notes[0]
    assert [
        change.new
        for change in plan(
            book_of({"表": [[7, 10, 82]]}), score_of_parts, formulas={RATE: "=SUM(B1:C1)"}
        ).changes
    ] == ["92"]


def score_of_parts(book: Book) -> Sequence[Finding]:
    return [] if held(book, RATE) == 92 else [finding("PE108", RATE, Decimal(92))]


def test_what_stays_wrong_is_not_changed() -> None:
    """The number format has no room for the right figure."""
    planned = plan(book_of({"表": [[100]]}), lambda _: [finding("PE204", RATE, Decimal(92))])
    assert not planned.changes
    assert "小数位数" in planned.notes[0]


@pytest.mark.parametrize(("severity", "accepted"), [("info", None), ("error", "已核实")])
def test_infos_and_accepted_findings_are_left(severity: Severity, accepted: str | None) -> None:
    import dataclasses

    one = dataclasses.replace(finding("PE204", RATE, Decimal(92), severity=severity), accepted=accepted)
    assert not plan(book_of({"表": [[100]]}), lambda _: [one]).changes


def test_an_input_changes_by_choice() -> None:
    def check(book: Book) -> Sequence[Finding]:
        return [] if held(book, INPUT) == 6 else [finding("PE503", INPUT, Decimal(6), computed=False)]

    book = book_of({"表": [[1, 1, 1, "优", 5]]})
    assert not plan(book, check).changes
    (change,) = plan(book, check, apply=["PE503-5"]).changes
    assert (change.old, change.new, change.why) == ("5", "6", "经选择采用：PE503不符")
    with pytest.raises(CorrectError, match="没有指纹"):
        plan(book, check, apply=["别的"])


def test_what_is_sure_is_offered_and_taken_only_by_choice() -> None:
    import dataclasses

    def check(book: Book) -> Sequence[Finding]:
        if held(book, INPUT) == 6:
            return []
        one = finding("PE503", INPUT, Decimal(6), computed=False)
        return [
            dataclasses.replace(one, fixes=tuple(dataclasses.replace(fix, sure=True) for fix in one.fixes))
        ]

    book = book_of({"表": [[1, 1, 1, "优", 5]]})
    planned = plan(book, check)
    assert (planned.changes, [offer.fingerprint for offer in planned.offers]) == ((), ["PE503-5"])
    taken = plan(book, check, apply=["PE503-5"])
    assert ([change.new for change in taken.changes], taken.offers) == (["6"], ())


def test_what_the_clerk_chose_is_not_recomputed_away() -> None:
    """The choice breaks a total that recomputing would mend by taking the choice back."""

    def check(book: Book) -> Sequence[Finding]:
        chosen = held(book, TOTAL) == 84
        return [
            finding("PE108", TOTAL, Decimal(92))
            if chosen
            else finding("PE505", TOTAL, Decimal(84), computed=False)
        ]

    planned = plan(book_of({"表": [[1, 1, 92]]}), check, apply=["PE505-3"])
    assert [(change.place, change.new) for change in planned.changes] == [(TOTAL, "84")]


def test_a_finding_without_a_proposal_cannot_be_applied() -> None:
    import dataclasses

    one = dataclasses.replace(finding("PE503", INPUT, Decimal(6)), fixes=())
    with pytest.raises(CorrectError, match="没有可以直接采用的更正"):
        plan(book_of({"表": [[1]]}), lambda _: [one], apply=["PE503-5"])


class Costly(Mapping[Place, str]):
    """Formulas that are worked out when one is asked for: to list them all would take longer than all else."""

    def __getitem__(self, place: Place) -> str:
        raise KeyError(place)

    def __iter__(self) -> Iterator[Place]:
        raise AssertionError("all of them were asked for")

    def __len__(self) -> int:
        raise AssertionError("all of them were counted")


def test_formulas_are_asked_for_one_by_one() -> None:
    book = book_of({"表": [[100, 10, 97, "优"]]})
    assert plan(book, score_follows, formulas=Costly()).changes


class Many:
    """Every cell of a row of so many must be 1; whoever mends the one at ``bad`` is told something new."""

    def __init__(self, bad: int = 0) -> None:
        self.bad, self.checks = bad, 0

    def __call__(self, book: Book) -> Sequence[Finding]:
        self.checks += 1
        places = [Place("表", 1, column) for column in range(1, 201)]
        found = [finding("PE204", place, Decimal(1)) for place in places if held(book, place) != 1]
        if self.bad and held(book, places[self.bad - 1]) == 1:
            found.append(finding("PE101", Place("表", 2, 1), Decimal(5), computed=False))
        return found


def test_very_many_are_corrected_at_once() -> None:
    check = Many()
    planned = plan(book_of({"表": [[2] * 200]}), check)
    assert [change.place.column for change in planned.changes] == list(range(1, 201))
    assert check.checks == 2


@pytest.mark.parametrize("bad", [1, 77, 200])
def test_one_of_very_many_that_cannot_be_corrected_is_left(bad: int) -> None:
    check = Many(bad)
    planned = plan(book_of({"表": [[2] * 200]}), check)
    assert {change.place.column for change in planned.changes} == set(range(1, 201)) - {bad}
    (note,) = planned.notes
    assert "改后会出现新的问题" in note
    assert check.checks < 100
