"""What a clerk wrote to findings: a 说明 for a fingerprint, from a TOML file or from the 校验结果 sheet, and there the ticks
of what is done."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from perfeval_xl.errors import AcceptError
from perfeval_xl.files import TooLarge, settings_of, why_unread
from perfeval_xl.findings import Finding, Report
from perfeval_xl.grid import Book
from perfeval_xl.own_sheets import RESULTS_SHEET
from perfeval_xl.records import dataclass, field, replace
from perfeval_xl.text import clean


@dataclass(frozen=True, slots=True)
class Remarks:
    """What stands in a list 校验结果: 说明 by fingerprint, and the fingerprints that are ticked in its column 完成."""

    reasons: Mapping[str, str] = field(default_factory=dict)
    done: frozenset[str] = frozenset()

    def __or__(self, other: Remarks) -> Remarks:
        """Both; of two 说明 the other's."""
        return Remarks({**self.reasons, **other.reasons}, self.done | other.done)


NOTHING = Remarks()


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


def in_workbook(book: Book) -> Remarks:
    """What a clerk wrote into the list 校验结果 of a marked workbook."""
    grid = next((grid for grid in book.grids if grid.sheet == RESULTS_SHEET), None)
    if grid is None:
        return NOTHING
    # The first row with both headings; below it 说明 may itself be what a clerk typed.
    headings = (
        (row, {clean(cell.text): cell.column for cell in reversed(cells)}) for row, cells in grid.rows()
    )
    head, columns = next(
        ((row, names) for row, names in headings if {"说明", "指纹"} <= names.keys()), (0, {})
    )
    if not columns:
        return NOTHING
    keys = {
        row: cell.text.strip()
        for (row, column), cell in grid.cells.items()
        if column == columns["指纹"] and row > head
    }

    def typed(heading: str) -> dict[str, str]:
        cells = ((key, grid.cells.get((row, columns.get(heading, 0)))) for row, key in keys.items())
        return {key: text for key, cell in cells if cell is not None and (text := cell.text.strip())}

    return Remarks(typed("说明"), frozenset(typed("完成")))


def handed_on(report: Report, carried: Remarks) -> Report:
    """A report with what was written into a marked copy that it is to replace, its own 说明 first; those that no finding answers to
    any more are lapsed."""
    own = {
        finding.fingerprint: finding.accepted for finding in report.findings if finding.accepted is not None
    }
    answering = {key for finding in report.findings for key in (finding.fingerprint, finding.former)}
    told = {key for key, _ in report.lapsed}
    lapsed = ((key, reason) for key, reason in carried.reasons.items() if key not in answering | told)
    return replace(
        report,
        findings=accept(report.findings, {**carried.reasons, **own}),
        lapsed=(*report.lapsed, *lapsed),
        done=report.done | (carried.done & answering),
    )


def accept(findings: Iterable[Finding], reasons: Mapping[str, str]) -> tuple[Finding, ...]:
    """The findings with their reasons, where one was given for their fingerprint, or the one they had before."""
    return tuple(
        finding if reason is None else replace(finding, accepted=reason)
        for finding in findings
        for reason in (reasons.get(finding.fingerprint, reasons.get(finding.former)),)
    )
