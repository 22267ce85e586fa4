"""Results into the store: each once, whole, whoever worked it out and however often."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from perfeval_xl import desk
from perfeval_xl.desk import HandedIn, IndicatorRow, Outcome

from .tables import (
    PARTS,
    Acceptance,
    Base,
    Content,
    Due,
    Figure,
    File,
    Finding,
    Form,
    Gap,
    Indicator,
    Result,
)

Row = dict[str, Any]
#: Databases take some thousands of parameters in one statement.
_MOST_KEYS = 500
#: A third of the time of the usual level, and a fifth larger.
_FAST = 1


def final_keys(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Which of these results are there, and need not be worked out again."""
    wanted = sorted(set(keys))
    found: set[str] = set()
    for start in range(0, len(wanted), _MOST_KEYS):
        part = wanted[start : start + _MOST_KEYS]
        found.update(connection.scalars(select(Result.key).where(Result.final, Result.key.in_(part))))
    return found


def save(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """Put results into the store; one that is there under the same key is replaced."""
    newest = {outcome.key: outcome for outcome in outcomes}  # two submissions may be the very same files
    reports = {key: json.loads(outcome.report) for key, outcome in newest.items()}
    everything: tuple[type[Base], ...] = (*PARTS, Result)
    for part in everything:  # what refers to it first
        connection.execute(delete(part).where(part.__table__.c.key.in_(newest)))
    _insert(connection, Result, (_result(outcome, reports[key]) for key, outcome in newest.items()))
    for table, rows in _PARTS.items():
        _insert(
            connection,
            table,
            ({"key": key, **row} for key, outcome in newest.items() for row in rows(outcome, reports[key])),
        )


def _insert(connection: Connection, table: type[Base], rows: Iterable[Row]) -> None:
    listed = list(rows)
    if listed:
        connection.execute(insert(table), listed)


def _result(outcome: Outcome, report: Mapping[str, Any]) -> Row:
    summary, cells = report["summary"], report["coverage"]["cells"]
    return {
        "key": outcome.key,
        "final": outcome.ending == "examined",
        "verdict": outcome.verdict,
        "reason": report["reason"],
        "headline": outcome.headline,
        "unit": report["unit"],
        "year": report["year"],
        "policy_id": report["policy"]["id"],
        "policy_title": report["policy"]["title"],
        "version": report["tool"]["version"],
        "errors": summary["error"],
        "warnings": summary["warning"],
        "infos": summary["info"],
        "accepted": summary["accepted"],
        "rules_checked": summary["checked"],
        "rules_skipped": summary["skipped"],
        "cells_due": cells["due"],
        "cells_filled": cells["filled"],
        "cells_read": cells["read"],
    }


def _numbered(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    return [{"position": position, **row} for position, row in enumerate(rows)]


def _chosen(items: Iterable[Mapping[str, Any]], *names: str) -> list[Row]:
    return _numbered({name: item[name] for name in names} for item in items)


def _records(records: Iterable[object], kind: type[Any]) -> list[Row]:
    """Flat records as rows (``asdict`` would copy every value)."""
    names = [field.name for field in fields(kind)]
    return _numbered({name: getattr(record, name) for name in names} for record in records)


def _content(outcome: Outcome, _report: Mapping[str, Any]) -> list[Row]:
    report = zlib.compress(outcome.report.encode("utf-8", "replace"), _FAST)
    return [{"report": report, "sheets": outcome.sheets}]


def _findings(outcome: Outcome, report: Mapping[str, Any]) -> list[Row]:
    names = (
        "rule", "family", "severity", "file", "sheet", "cell", "title", "message", "expected", "actual", "difference",
        "explain", "basis", "suggestion", "fingerprint",
    )  # fmt: skip
    return _numbered(
        {
            **{name: finding[name] for name in names},
            "working_order": finding["order"],
            "kind": finding["group"],
            "opened": position not in outcome.settled,
            "form": form,
            "row_label": row_label,
        }
        for position, (finding, (form, row_label)) in enumerate(
            zip(report["findings"], outcome.rows, strict=True)
        )
    )


def _acceptances(_outcome: Outcome, report: Mapping[str, Any]) -> list[Row]:
    return [
        {
            "position": position,
            "fingerprint": finding["fingerprint"],
            "reason": finding["accepted"]["reason"],
        }
        for position, finding in enumerate(report["findings"])
        if finding["accepted"] is not None
    ]


_PARTS: Mapping[type[Base], Callable[[Outcome, Mapping[str, Any]], list[Row]]] = {
    Content: _content,
    File: lambda outcome, _: _records(outcome.files, HandedIn),
    Form: lambda _, report: _chosen(report["forms"], "kind", "file", "sheet", "range", "title"),
    Due: lambda _, report: _chosen(
        report["coverage"]["due"], "form", "name", "state", "file", "sheet", "reason"
    ),
    Gap: lambda _, report: _chosen(report["coverage"]["gaps"], "file", "sheet", "cell", "reason"),
    Finding: _findings,
    Acceptance: _acceptances,
    Figure: lambda outcome, _: _records(outcome.figures, desk.Figure),
    Indicator: lambda outcome, _: _records(outcome.indicators, IndicatorRow),
}
