"""The register: what the machinery has to know of a rule is a flag of the rule, and nothing else names its code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfeval_xl.findings import FAMILY_WORD
from perfeval_xl.rules.families import load
from perfeval_xl.rules.registry import FAMILIES, Result, rule
from tests.support import ROOT

RULES = load()

#: Where a code may stand outside the families: in a text that shows a reader what a code looks like, by module.
EXAMPLES = {
    "perfeval_xl/cli/rules.py": {"PE1*", "PE401"},  # rules CODE, in --help
    "perfeval_xl/cli/check.py": {"PE1*", "PE512"},  # --select and --previous, in --help
    "perfeval_xl/policy/loading.py": {"PE401"},  # what is said of a policy whose code is none
}
CODE = re.compile(r"PE\d(?:\d\d|\*)")


def machinery() -> Iterator[Path]:
    """Every module of the package and of the workbook's builder but the families of rules."""
    for folder in ("perfeval_xl", "workbook"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "families" not in path.parts:
                yield path


def test_the_machinery_names_no_rule() -> None:
    named = {}
    for path in machinery():
        name = path.relative_to(ROOT).as_posix()
        named[name] = set(CODE.findall(path.read_text(encoding="utf-8"))) - EXAMPLES.get(name, set())
    assert {name: codes for name, codes in named.items() if codes} == {}


def test_one_rule_tells_the_crashes_of_all() -> None:
    assert [one.name for one in RULES.values() if one.of_crashes] == ["reading.crashed"]


def test_what_recomputing_may_write() -> None:
    """Totals and rates a form works out from other cells of its own; a figure that is stated twice is nobody's to write."""
    computed = {one.code for one in RULES.values() if one.computed}
    assert computed == {
        *("PE101", "PE102", "PE103", "PE106", "PE107", "PE108", "PE109"),
        *("PE201", "PE203", "PE204", "PE213", "PE305"),
    }


def test_a_rule_is_called_by_its_family_and_by_no_other_rules_name() -> None:
    assert [one.code for one in RULES.values() if not one.name.startswith(f"{one.family}.")] == []
    assert len({one.name for one in RULES.values()}) == len(RULES)
    assert [*FAMILIES.values(), "bureau"] == list(FAMILY_WORD)


def test_a_code_is_used_once() -> None:
    code = next(iter(RULES))
    with pytest.raises(ValueError, match=code):

        @rule(code, "totals.again", "info", "再来一次", basis="")
        def again() -> Iterator[Result]:
            raise AssertionError
