"""Choosing rules: by code, name, family or pattern, in any case; what fits none is refused with what it is like."""

from __future__ import annotations

import pytest

from perfeval_xl.errors import ChoiceError, PerfevalError
from perfeval_xl.rules.choosing import Words, chosen, fitting
from perfeval_xl.rules.families import load

RULES = load().values()
TOTALS = {rule.code for rule in RULES if rule.code.startswith("PE1")}


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("PE101", {"PE101"}),
        ("pe101", {"PE101"}),
        ("ＰＥ１０１", {"PE101"}),
        ("rates.staff", {"PE201"}),
        ("Rates.Staff", {"PE201"}),
        ("totals", TOTALS),
        ("PE1*", TOTALS),
        ("totals.*", TOTALS),
        ("TOT*", TOTALS),
        ("*.projects", {"PE103", "PE501"}),
        ("PE10[1-3]", {"PE101", "PE102", "PE103"}),
        ("PE101,PE201", {"PE101", "PE201"}),
        (" PE101，rates.staff、PE305 ", {"PE101", "PE201", "PE305"}),
        (["PE101", "rates.staff,PE305"], {"PE101", "PE201", "PE305"}),
        (("PE101", "PE101"), {"PE101"}),
        ("*", {rule.code for rule in RULES}),
        ("", set()),
        (",", set()),
        ("bureau", set()),  # no file is known yet to hold rules of its own
        ("bureau, PE101", {"PE101"}),
    ],
)
def test_words_that_fit(words: Words, codes: set[str]) -> None:
    found = fitting(words, RULES)
    assert {rule.code for rule in found} == codes
    assert found == sorted(found, key=lambda rule: rule.code)


def test_what_is_selected_less_what_is_ignored() -> None:
    everything = {rule.code for rule in RULES}
    assert chosen((), (), RULES) == chosen("", [], RULES) == everything
    assert chosen("totals", "PE102", RULES) == TOTALS - {"PE102"}
    assert chosen([], "totals,PE201", RULES) == everything - TOTALS - {"PE201"}
    assert chosen("totals", "PE1*", RULES) == set()
    assert chosen((word for word in ["PE101", "PE201"]), (word for word in ["PE2*"]), RULES) == {"PE101"}


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("PE112", ["PE111"]),
        ("rate.staff", ["rates.staff"]),
        ("total", ["totals"]),
        ("Completness", ["completeness"]),
        ("rates.stuff*", ["rates.staff"]),
    ],
)
def test_what_fits_none_is_refused_with_what_it_is_like(word: str, near: list[str]) -> None:
    for select, ignore in ((word, ()), ((), ["PE101", word])):
        with pytest.raises(ChoiceError) as caught:
            chosen(select, ignore, RULES)
        said = str(caught.value)
        assert isinstance(caught.value, PerfevalError)
        assert len(said.splitlines()) == 1
        assert f"没有规则“{word}”，相近的有 " in said
        assert all(name in said for name in near)
        assert "perfeval-xl rules" in said


def test_every_word_that_fits_none_is_named_and_nothing_is_invented() -> None:
    with pytest.raises(ChoiceError) as caught:
        fitting("PE101,某某规则,zzzz" + "z" * 100, RULES)
    said = str(caught.value)
    assert "“某某规则”；没有规则“zzzz" in said
    assert "相近" not in said
    assert "PE101" not in said
    assert "z" * 41 not in said
