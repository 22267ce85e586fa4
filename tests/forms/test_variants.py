"""One clean workbook in other habits of clerks: 元, full-width text, other column orders; silent all the same."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from perfeval_xl.findings import Report
from tests.rules.test_rules import BASE
from tests.support import check_rows

FULL_WIDTH = str.maketrans("0123456789.%()", "０１２３４５６７８９．％（）")
MONEY = (2, 3, 4)
FUND_ROWS = (5, 6)

Sheets = dict[str, list[list[Any]]]


def sheets() -> Sheets:
    return {name: [list(row) for row in rows] for name, rows in BASE.items()}


def loud(report: Report) -> list[str]:
    return [f"{finding.rule} {finding.place}" for finding in report.findings if finding.severity != "info"]


def in_yuan(name: str) -> Sheets:
    """One project form in 元; the other forms stay in 万元."""
    changed = sheets()
    for row in FUND_ROWS:
        for column in MONEY:
            changed[name][row][column] *= 10000
    changed[name][4][0] = "项目资金(元)"
    return changed


def header_row(rows: Sequence[Sequence[Any]]) -> int:
    return next(index for index, row in enumerate(rows) if "三级指标" in row)


def test_a_project_in_yuan() -> None:
    assert loud(check_rows(in_yuan("附件3-1"))) == []


def test_a_slip_in_yuan_is_found_across_the_forms() -> None:
    changed = in_yuan("附件3-1")
    changed["附件3-1"][5][4] = Decimal(50000)
    assert loud(check_rows(changed)) == ["PE108 附件3-1!E6"]


def test_everything_typed_in_full_width() -> None:
    changed = {
        name: [[None if cell is None else str(cell).translate(FULL_WIDTH) for cell in row] for row in rows]
        for name, rows in sheets().items()
    }
    assert loud(check_rows(changed)) == []


def test_the_weight_before_the_target() -> None:
    changed = sheets()
    for name, rows in changed.items():
        if name.startswith("附件3"):
            for row in rows[header_row(rows) :]:
                row.extend([None] * (9 - len(row)))
                row[4], row[6] = row[6], row[4]
    assert loud(check_rows(changed)) == []


def test_columns_that_are_not_ours_between() -> None:
    """上年完成值 and 复核分 are passed over wherever they stand."""
    changed = sheets()
    for name, rows in changed.items():
        if name.startswith("附件3"):
            first = header_row(rows)
            for index, row in enumerate(rows):
                row.extend([None] * (9 - len(row)))
                extra = (
                    ("上年完成值", "复核分")
                    if index == first
                    else ("1人", 3)
                    if index > first and row[3]
                    else (None, None)
                )
                row.insert(6, extra[0])
                row.append(extra[1])
                if index < first and len([cell for cell in row if cell is not None]) > 3:
                    row.pop(6)  # the fund block keeps its columns
    assert loud(check_rows(changed)) == []


def test_rows_and_notes_between() -> None:
    changed = sheets()
    for rows in changed.values():
        rows.insert(1, [])
        rows.append(["注：本表一式三份。"])
    assert loud(check_rows(changed)) == []


def test_all_forms_on_one_sheet() -> None:
    stacked: list[list[Any]] = []
    for rows in sheets().values():
        stacked += [*rows, [], []]
    report = check_rows({"Sheet1": stacked})
    assert loud(report) == []
    assert len(report.summaries) == len(BASE)


def test_goals_a_row_each() -> None:
    """目标1, 目标2 in rows of their own are all compared, and an amount of one goal is not taken for the whole project's."""
    changed = sheets()
    goals = next(index for index, row in enumerate(changed["附件3-1"]) if "预期目标" in row) + 1
    changed["附件3-1"][goals : goals + 1] = [
        [None, "目标1：办证1000个。", None, None, "办证1100个，使用经费12万元。"],
        [None, "目标2：更新图书。", None, None, "图书分编合格率99%。"],
    ]
    assert loud(check_rows(changed)) == []
    changed["附件3-1"][goals + 1][4] = "图书分编合格率91%。"
    found = [finding for finding in check_rows(changed).findings if finding.rule == "PE605"]
    assert [finding.place and finding.place.cell for finding in found] == [f"E{goals + 2}"]
