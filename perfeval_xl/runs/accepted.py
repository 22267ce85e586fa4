"""Accepted findings: a written 说明 for a fingerprint, from a TOML file or from the 校验结果 sheet."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from perfeval_xl.errors import AcceptError
from perfeval_xl.files import TooLarge, settings_of, why_unread
from perfeval_xl.findings import Finding, Report
from perfeval_xl.grid import Book
from perfeval_xl.own_sheets import RESULTS_SHEET
from perfeval_xl.records import replace
from perfeval_xl.text import clean


def load(path: Path) -> dict[str, str]:
    """Reasons by fingerprint from a TOML file of ``[[accepted]]`` entries (fingerprint, reason)."""
    try:
        data = tomllib.loads(settings_of(path).decode("utf-8-sig"))
    except OSError as error:
        raise AcceptError(f"{path}：读不了说明文件（{why_unread(error)}）") from None
    except TooLarge as error:
        raise AcceptError(f"{path}：{error}") from None
    except RecursionError:
        raise AcceptError(f"{path}：不是正确的TOML文件：嵌套太深") from None
    except ValueError as error:  # no TOML, no UTF-8, a number of thousands of digits
        raise AcceptError(f"{path}：不是正确的TOML文件：{error}") from None
    entries = data.get("accepted", [])
    unknown = sorted(set(data) - {"accepted"})
    if unknown or not isinstance(entries, list):
        raise AcceptError(f"{path}：只应有[[accepted]]，多了 {'、'.join(unknown) or 'accepted 的写法不对'}")
    reasons = {}
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict) or set(entry) != {"fingerprint", "reason"}:
            raise AcceptError(f"{path}：第 {number} 个[[accepted]]应有且只有 fingerprint 和 reason")
        if not all(isinstance(value, str) and value.strip() for value in entry.values()):
            raise AcceptError(f"{path}：第 {number} 个[[accepted]]的 fingerprint 和 reason 都要填文字")
        reasons[entry["fingerprint"].strip()] = entry["reason"].strip()
    return reasons


def in_workbook(book: Book) -> dict[str, str]:
    """Reasons by fingerprint from the 校验结果 sheet of a marked workbook: its 说明 and 指纹 columns."""
    grid = next((grid for grid in book.grids if grid.sheet == RESULTS_SHEET), None)
    if grid is None:
        return {}
    # The first row with both headings; below it 说明 may itself be what a clerk typed.
    headings = (
        (row, {clean(cell.text): cell.column for cell in reversed(cells)}) for row, cells in grid.rows()
    )
    head, columns = next(
        ((row, names) for row, names in headings if {"说明", "指纹"} <= names.keys()), (0, {})
    )
    if not columns:
        return {}
    reasons = {}
    for (row, column), cell in grid.cells.items():
        reason = grid.cells.get((row, columns["说明"]))
        if column == columns["指纹"] and row > head and reason is not None and reason.text.strip():
            reasons[cell.text.strip()] = reason.text.strip()
    return reasons


def handed_on(report: Report, carried: Mapping[str, str]) -> Report:
    """A report with the 说明 of a marked copy that it is to replace, where it has none of its own; those that no finding answers to any
    more are lapsed."""
    own = {
        finding.fingerprint: finding.accepted for finding in report.findings if finding.accepted is not None
    }
    answering = {key for finding in report.findings for key in (finding.fingerprint, finding.former)}
    told = {key for key, _ in report.lapsed}
    lapsed = ((key, reason) for key, reason in carried.items() if key not in answering and key not in told)
    return replace(
        report, findings=accept(report.findings, {**carried, **own}), lapsed=(*report.lapsed, *lapsed)
    )


def accept(findings: Iterable[Finding], reasons: Mapping[str, str]) -> tuple[Finding, ...]:
    """The findings with their reasons, where one was given for their fingerprint, or the one they had before."""
    return tuple(
        finding if reason is None else replace(finding, accepted=reason)
        for finding in findings
        for reason in (reasons.get(finding.fingerprint, reasons.get(finding.former)),)
    )
