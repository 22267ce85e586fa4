"""What reviewers object to most: each is told on an example, or a form cannot show it. docs/objections.md is made of this."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import TESTS, changed, check_rows, read_yaml

OBJECTIONS: list[dict[str, Any]] = read_yaml(TESTS / "rules" / "objections.yaml")
BASE = read_yaml(TESTS / "rules" / "base.yaml")
EXAMPLES = [
    pytest.param(example, id=f"{objection['问题']}-{number}")
    for objection in OBJECTIONS
    for number, example in enumerate(objection.get("例", ()), 1)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_it_is_told(example: dict[str, Any]) -> None:
    report = check_rows(changed(BASE, example["改"]), policy="hunan-2023")
    assert example["规则"] in {finding.rule for finding in report.findings}


def test_every_objection_of_three_sources_is_answered() -> None:
    assert len(OBJECTIONS) == 15
    assert all(objection["来源"] >= 3 for objection in OBJECTIONS)
    assert all(("例" in objection) != ("看不出" in objection) for objection in OBJECTIONS)
    assert sum("看不出" in objection for objection in OBJECTIONS) <= 2
