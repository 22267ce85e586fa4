"""Real indicator rows of published reports, labelled by hand before the judge was run on them.

``rows.yaml``: the tables of tests/published; ``fresh.yaml``: bureaus that nothing else here has seen. ``or`` names a second
outcome that a reviewer could say as well. ``python -m tests.targets.test_published_rows`` prints the shares.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from perfeval_xl.targets import judge
from tests.support import read_yaml

FOLDER = Path(__file__).with_name("published")
#: What a reviewer would call plainly wrong: a verdict on a figure, the other way round.
COSTLY = {("met", "not_met"), ("exceeded", "not_met"), ("not_met", "met"), ("not_met", "exceeded")}


@dataclass(frozen=True, slots=True)
class Labelled:
    bureau: str
    province: str
    year: int
    split: str
    row: dict[str, Any]

    @property
    def outcome(self) -> str:
        row = self.row
        return judge(
            str(row["target"] or ""),
            str(row["actual"] or ""),
            indicator=row["name"],
            group=row.get("group") or "",
        ).outcome

    @property
    def right(self) -> bool:
        return self.outcome in (self.row["outcome"], self.row.get("or"))

    @property
    def plain(self) -> bool:
        """Target and actual are not the same text, and neither is blank."""
        return bool(self.row["target"] != self.row["actual"] and self.row["outcome"] != "blank")


def labelled() -> Iterator[Labelled]:
    for path in sorted(FOLDER.glob("*.yaml")):
        for entry in read_yaml(path):
            for row in entry["rows"]:
                yield Labelled(entry["bureau"], entry["province"], int(entry["year"]), entry["split"], row)


ROWS = list(labelled())


@pytest.mark.parametrize("split", ["train", "held"])
def test_outcomes_are_right(split: str) -> None:
    rows = [row for row in ROWS if row.split == split]
    wrong = [f"{row.bureau} {row.row} -> {row.outcome}" for row in rows if not row.right]
    assert len(wrong) <= len(rows) * 0.02, wrong
    compared = [row for row in rows if row.plain]
    assert sum(not row.right for row in compared) <= len(compared) * 0.04


def test_no_verdict_is_plainly_wrong() -> None:
    assert [row for row in ROWS if (row.outcome, row.row["outcome"]) in COSTLY and not row.right] == []


def test_enough_rows_bureaus_provinces_and_years() -> None:
    assert len(ROWS) >= 200
    assert len({row.bureau for row in ROWS}) >= 25
    assert len({row.province for row in ROWS}) >= 8
    assert len({row.year for row in ROWS}) >= 4


if __name__ == "__main__":
    for name in ("train", "held"):
        chosen = [row for row in ROWS if row.split == name]
        plain = [row for row in chosen if row.plain]
        print(
            name,
            len(chosen),
            "rows,",
            sum(row.right for row in chosen),
            "right; not the same text:",
            len(plain),
            "rows,",
            sum(row.right for row in plain),
            "right",
        )
    for row in ROWS:
        if not row.right:
            print(row.bureau, row.row, "->", row.outcome)
