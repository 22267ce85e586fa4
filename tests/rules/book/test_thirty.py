"""Two books of thirty rules over the example and all published tables: each speaks and is silent where a list made by hand says so.

``python -m tests.rules.book.test_thirty`` prints what they say of every place, to be read by eye.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest

from perfeval_xl.equations import Equation, Ratio, main_term
from perfeval_xl.rules.book.compiling import Verdict
from perfeval_xl.rules.registry import Claim
from perfeval_xl.runs.rulebook import load_books
from tests.support import read_yaml

from . import workbooks

FOLDER = Path(__file__).parent
BOOKS = ("thirty", "thirty_more")
NAMES = (workbooks.EXAMPLE, workbooks.CLEAN, *workbooks.published())


def place_of(verdict: Verdict) -> str:
    result = verdict.result
    if isinstance(result, Equation | Ratio):
        return str(main_term(result).field.place)
    assert isinstance(result, Claim)
    return str(result.place)


@lru_cache(maxsize=128)
def spoken(book: str, name: str) -> tuple[list[str], Counter[str]]:
    """What a book says of a workbook: its rules with their places, and how often each of them applied."""
    loaded = load_books([FOLDER / f"{book}.toml"])[0]
    found = list(workbooks.said(loaded, workbooks.context_of(name)))
    applied = Counter(rule.code for rule, verdict in found if verdict.state == "applied")
    lines = [f"{rule.code} {place_of(verdict)}" for rule, verdict in found if not verdict.holds]
    return lines, applied


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("book", BOOKS)
def test_each_rule_speaks_where_the_list_says_so_and_nowhere_else(book: str, name: str) -> None:
    listed = read_yaml(FOLDER / f"{book}.yaml")
    assert spoken(book, name)[0] == listed["报"].get(name, [])


@pytest.mark.parametrize("book", BOOKS)
def test_rules_that_are_silent_on_the_example_were_applied_all_the_same(book: str) -> None:
    listed = read_yaml(FOLDER / f"{book}.yaml")
    lines, applied = spoken(book, workbooks.EXAMPLE)
    spoke = {line.partition(" ")[0] for line in lines}
    assert sorted(code for code in applied if code not in spoke) == listed["不报"]


@pytest.mark.parametrize("book", BOOKS)
def test_every_rule_applies_somewhere_or_says_what_it_lacks(book: str) -> None:
    listed = read_yaml(FOLDER / f"{book}.yaml")
    everywhere = Counter[str]()
    for name in NAMES:
        everywhere += spoken(book, name)[1]
    rules = load_books([FOLDER / f"{book}.toml"])[0].rules
    assert [rule.code for rule in rules if not everywhere[rule.code]] == listed["用不上"]


def main() -> None:
    """Print what every book says, as its list has it."""
    for book in BOOKS:
        print(f"# {book}")
        for name in NAMES:
            lines, _ = spoken(book, name)
            if lines:
                print(f"  {name}:\n" + "\n".join(f"    - {line}" for line in lines))


if __name__ == "__main__":
    main()
