"""The report as JSON, by the contract ``perfeval-xl/report/1`` (report-1.schema.json beside this file)."""

from __future__ import annotations

import json
from typing import Any

from perfeval_xl.findings import SCHEMA, SEVERITIES, Finding, Report


def to_dict(report: Report) -> dict[str, Any]:
    """The contract's object; counts of severities are of open findings."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "perfeval-xl", "version": report.version},
        "policy": {"id": report.policy_id, "title": report.policy_title},
        "verdict": report.verdict,
        "workbook": report.workbook,
        "unit": report.unit,
        "year": report.year,
        "forms": [
            {"kind": form.kind, "sheet": form.sheet, "range": form.range, "title": form.title}
            for form in report.summaries
        ],
        "summary": {
            **{severity: report.count(severity) for severity in SEVERITIES},
            "checked": report.checked,
            "skipped": len(report.skipped),
            "accepted": report.accepted,
        },
        "findings": [_finding(finding) for finding in report.findings],
        "skipped": [
            {"rule": skip.rule, "sheet": skip.sheet, "reason": skip.reason} for skip in report.skipped
        ],
        "unread": [{"sheet": unread.sheet, "reason": unread.reason} for unread in report.unread],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "rule": finding.rule,
        "family": finding.family,
        "severity": finding.severity,
        "sheet": place.sheet if place is not None else None,
        "cell": place.cell if place is not None else None,
        "related": [{"sheet": other.sheet, "cell": other.cell} for other in finding.related],
        "title": finding.title,
        "message": finding.message,
        "expected": finding.expected,
        "actual": finding.actual,
        "explain": finding.explain,
        "basis": finding.basis,
        "suggestion": finding.suggestion,
        "fingerprint": finding.fingerprint,
        "accepted": None if finding.accepted is None else {"reason": finding.accepted},
    }


def to_json(report: Report, indent: int | None = 2) -> str:
    """The object as text; one line where ``indent`` is None."""
    return json.dumps(to_dict(report), ensure_ascii=False, indent=indent)
