"""The labelled tables: what was told when they were last mended stays told, and nothing more is said of what is right."""

from __future__ import annotations

from tests.published.labelled import labelled

#: Objections that no two reviewers differ on: told at their cell, of all. What is not told yet is listed by the command.
TOLD, SURE = 63, 70
#: Findings at cells that look wrong and are right.
AT_QUIET = 0


def test_what_was_told_stays_told() -> None:
    verdicts = [
        verdict
        for table in labelled().values()
        for objection, verdict in table.objections
        if objection.get("sure", True)
    ]
    assert len(verdicts) == SURE
    assert verdicts.count("told") >= TOLD


def test_no_more_is_said_of_what_is_right() -> None:
    assert sum(len(table.at_quiet) for table in labelled().values()) <= AT_QUIET
