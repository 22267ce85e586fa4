"""Reports written from published tables: every figure that a table states, said in sentences; then said wrong.

The true report must be silent; of the wrong ones as many as possible must be told. ``python -m tests.narrative.rendered``
prints both, and what was told or missed wrongly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from perfeval_xl.findings import Report
from perfeval_xl.policy import load_policy
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.families.narrative.stated import Reached, reached
from perfeval_xl.targets import Measure
from perfeval_xl.text import clean
from tests.published.test_published import TABLES
from tests.support import check_rows, read_yaml

#: How a clerk says what was reached.
SENTENCES = (
    "{name}{figure}。",
    "全年{name}达到{figure}，工作有序推进。",
    "一是{name}共{figure}；二是加强管理。",
    "{name}为{figure}（见附件）。",
)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence about an indicator, with its true figure and with a wrong one."""

    true: str
    wrong: str


def sheets_of(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    data = read_yaml(path)
    rows = {sheet["name"]: sheet["rows"] for sheet in data["sheets"]}
    return rows, {sheet["name"]: sheet.get("merges") or () for sheet in data["sheets"]}


def checked(path: Path, lines: list[str]) -> Report:
    rows, merges = sheets_of(path)
    text = [
        ["整体支出绩效自评报告"],
        ["一、绩效情况"],
        *([line] for line in lines),
        ["二、存在的问题。没有大的问题。"],
    ]
    return check_rows({**rows, "自评报告": text}, merges=merges, select=["PE60[1-7]"])


def said(path: Path) -> Iterator[Said]:
    """A sentence for every indicator that is named once in its file."""
    report = checked(path, ["无"])
    found = list(reached(Context(report.forms, load_policy("national-2020"), report.grids)))
    names = Counter(clean(item.name) for item in found)
    for index, item in enumerate(item for item in found if names[clean(item.name)] == 1):
        bare = (
            not item.actual.unit
            or item.actual.dimension == "time"
            or item.actual.multiplier not in (1, 10_000)
        )
        if (
            bare
            or len(clean(item.name)) > 24
            or any(letter.isdigit() or letter == "*" for letter in item.name)
        ):
            continue
        sentence = SENTENCES[index % len(SENTENCES)]
        yield Said(_rendered(sentence, item, item.actual), _rendered(sentence, item, item.actual, slip=True))


def _rendered(sentence: str, item: Reached, actual: Measure, slip: bool = False) -> str:
    value = actual.value or Decimal(0)
    if slip:
        value = value + 7 if actual.dimension != "share" or value <= 90 else value - 7
    unit = actual.unit if actual.multiplier == 1 or actual.dimension == "money" else f"万{actual.unit}"
    return sentence.format(
        name=clean(item.name).replace("(", "（").replace(")", "）"), figure=f"{value.normalize():f}{unit}"
    )


def measure() -> tuple[list[str], list[tuple[str, str, bool]]]:
    """What was told of true reports, and every wrong sentence with whether it was told."""
    false, wrong = [], []
    for path in TABLES:
        sentences = list(said(path))
        report = checked(path, [each.true for each in sentences])
        false += [
            f"{path.stem}: {finding.message}"
            for finding in report.findings
            if finding.place and finding.place.sheet == "自评报告"
        ]
        report = checked(path, [each.wrong for each in sentences])
        told = {
            finding.place.row
            for finding in report.findings
            if finding.place and finding.place.sheet == "自评报告"
        }
        wrong += [(path.stem, each.wrong, row in told) for row, each in enumerate(sentences, 3)]
    return false, wrong


if __name__ == "__main__":
    false, wrong = measure()
    for message in false:
        print("false", message)
    for stem, sentence, caught in wrong:
        if not caught:
            print("missed", stem, sentence)
    print(f"{len(false)} false; {sum(caught for *_, caught in wrong)} of {len(wrong)} told")
