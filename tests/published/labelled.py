"""How what is said of tables agrees with what a careful reviewer labelled before any run: ``python -m tests.published.labelled``.

An objection is *told* where a finding of its rule stands at its cell, *elsewhere* where the finding stands in its row or names
its cell, *missed* otherwise; a finding that answers no objection is *beyond*: false, or overlooked by the reviewer. Objections
that two reviewers may differ on are counted apart.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from perfeval_xl.findings import Finding
from perfeval_xl.grid import coordinates
from tests.published.test_published import report_of
from tests.support import TESTS, cell_name, read_yaml

FOLDER = TESTS / "published" / "new"
Verdict = Literal["told", "elsewhere", "missed"]


@dataclass(frozen=True, slots=True)
class Compared:
    """One table: its objections with what became of each, the findings beyond them, those at a cell that is right."""

    objections: tuple[tuple[dict[str, Any], Verdict], ...]
    beyond: tuple[Finding, ...]
    at_quiet: tuple[Finding, ...]


def compare(path: Path, labels: dict[str, Any]) -> Compared:
    """What is said of a table beside its labels; an objection no rule says is left out."""
    findings = report_of(path).findings
    objections = [one for one in labels.get("objections", ()) if one["rule"] != "none"]
    told = tuple((one, _verdict(one, findings)) for one in objections)
    beyond = tuple(one for one in findings if not any(_answers(one, objection) for objection in objections))
    quiet = labels.get("quiet", ())
    return Compared(told, beyond, tuple(one for one in beyond if any(_answers(one, cell) for cell in quiet)))


def _verdict(objection: dict[str, Any], findings: tuple[Finding, ...]) -> Verdict:
    answering = [one for one in findings if _answers(one, objection)]
    if any(str(one.place) == objection["cell"] for one in answering):
        return "told"
    return "elsewhere" if answering else "missed"


def _answers(finding: Finding, label: dict[str, Any]) -> bool:
    """Whether a finding is of the label's rule, at its cell, in its row, or naming its cell."""
    if finding.rule != label["rule"] or finding.place is None:
        return False
    sheet, _, cell = label["cell"].rpartition("!")
    row, _ = coordinates(cell)
    places = [finding.place, *finding.related]
    return (finding.place.sheet, finding.place.row) == (sheet, row) or any(
        cell_name((place.sheet, place.row, place.column)) == label["cell"] for place in places
    )


def labelled() -> dict[str, Compared]:
    """Every labelled table, compared."""
    labels = read_yaml(FOLDER / "labels.yaml")
    return {name: compare(FOLDER / f"{name}.yaml", entry) for name, entry in labels.items()}


def main() -> None:
    counts: dict[str, Counter[str]] = {}
    for name, table in labelled().items():
        for objection, verdict in table.objections:
            kind = verdict if objection.get("sure", True) else f"{verdict}?"
            counts.setdefault(objection["rule"], Counter())[kind] += 1
            if verdict != "told":
                print(f"{name}: {kind} {objection['rule']} {objection['cell']} {objection['why']}")
        for finding in table.beyond:
            kind = "quiet!" if finding in table.at_quiet else f"beyond {finding.severity}"
            counts.setdefault(finding.rule, Counter())[kind] += 1
            print(f"{name}: {kind} {finding.rule} {finding.place} {finding.message[:90]}")
    print()
    for rule, found in sorted(counts.items()):
        print(rule, dict(sorted(found.items())))
    total = sum(counts.values(), Counter[str]())
    print("all", dict(sorted(total.items())))


if __name__ == "__main__":
    main()
