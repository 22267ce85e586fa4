"""The list of mutants fits the code, so that ``python -m tests.mutants`` says something."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.mutants import Mutant, mutants
from tests.support import ROOT

ALL = mutants()


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.title)
def test_a_mutant_can_still_be_made(mutant: Mutant) -> None:
    reason = mutant.stale(ROOT)
    assert not reason, f"stale mutant “{mutant.title}”: {reason}; give it its new text in tests/mutants.yaml"
    assert mutant.old != mutant.new
    assert mutant.why


def test_mutants_have_names_of_their_own_and_are_of_every_room() -> None:
    assert [title for title, times in Counter(one.title for one in ALL).items() if times > 1] == []
    rooms = Counter(one.room for one in ALL)
    assert set(rooms) == {"rules", "prose", "targets", "locating", "hosts"}
    assert len(ALL) >= 60


def test_a_text_that_went_away_or_stands_twice_is_stale() -> None:
    assert "stands 0 times" in Mutant("r", "n", "tests/mutants.py", "no such " + "text", "", "", "").stale(
        ROOT
    )
    assert "stands 0 times" not in ALL[0].stale(ROOT)
    assert "no such.py" in Mutant("r", "n", "no such.py", "", "", "", "").stale(ROOT)
