"""The report as JSON, by the contract ``perfeval-xl/report/2`` (report-2.schema.json beside this file)."""

from __future__ import annotations

import json
from typing import Any

from perfeval_xl.findings import SCHEMA, SEVERITIES, Coverage, Finding, Fix, Report
from perfeval_xl.grid import Place
from perfeval_xl.text import plain


def to_dict(report: Report) -> dict[str, Any]:
    """The contract's object; counts of severities are of open findings."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "perfeval-xl", "version": report.version},
        "policy": {"id": report.policy_id, "title": report.policy_title},
        "rules": [{"id": book.id, "title": book.title, "sha256": book.sha256} for book in report.rules],
        "verdict": report.verdict,
        "reason": report.reason,
        "workbook": report.workbook,
        "files": list(report.files or (report.workbook,)),
        "unit": report.unit,
        "year": report.year,
        "forms": [
            {
                "kind": form.kind,
                "file": form.file,
                "sheet": form.sheet,
                "range": form.range,
                "title": form.title,
            }
            for form in (*report.summaries, *report.papers)
        ],
        "coverage": _coverage(report.coverage, report),
        "summary": {
            **{severity: report.count(severity) for severity in SEVERITIES},
            "checked": report.checked,
            "skipped": len(report.skipped),
            "accepted": report.accepted,
        },
        "findings": [_finding(finding) for finding in report.findings],
        "skipped": [
            {
                "rule": skip.rule,
                "file": skip.file,
                "sheet": skip.sheet,
                "reason": skip.reason,
                "why": skip.why,
            }
            for skip in report.skipped
        ],
        "unread": [
            {"file": unread.file, "sheet": unread.sheet, "reason": unread.reason} for unread in report.unread
        ],
    }


def _coverage(coverage: Coverage, report: Report) -> dict[str, Any]:
    return {
        "due": [
            {
                "form": due.form,
                "name": due.name,
                "state": due.state,
                "file": due.file,
                "sheet": due.sheet,
                "reason": due.reason,
            }
            for due in coverage.due
        ],
        "cells": {
            "due": coverage.cells.due,
            "filled": coverage.cells.filled,
            "read": coverage.cells.read,
        },
        "rules": {"checked": report.checked, "skipped": len(report.skipped)},
        "gaps": [
            {
                "file": gap.file,
                "sheet": gap.sheet,
                "cell": gap.cell,
                "reason": gap.reason,
                "rules": list(gap.rules),
            }
            for gap in coverage.gaps
        ],
    }


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "sheet": place.sheet, "cell": place.cell}


def _fix(fix: Fix) -> dict[str, Any]:
    value = fix.value if isinstance(fix.value, str) else plain(fix.value)
    return {**_place(fix.place), "value": value, "confidence": fix.confidence}


def _finding(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "rule": finding.rule,
        "family": finding.family,
        "severity": finding.severity,
        "file": place.file if place is not None else None,
        "sheet": place.sheet if place is not None else None,
        "cell": place.cell if place is not None else None,
        "related": [_place(other) for other in finding.related],
        "title": finding.title,
        "message": finding.message,
        "expected": finding.expected,
        "actual": finding.actual,
        "difference": finding.difference,
        "explain": finding.explain,
        "basis": finding.basis,
        "suggestion": finding.suggestion,
        "fix": [_fix(fix) for fix in finding.fixes],
        "order": finding.order,
        "group": finding.group,
        "fingerprint": finding.fingerprint,
        "accepted": None if finding.accepted is None else {"reason": finding.accepted},
    }


def to_json(report: Report, indent: int | None = 2) -> str:
    """The object as text; one line where ``indent`` is None."""
    return json.dumps(to_dict(report), ensure_ascii=False, indent=indent)
