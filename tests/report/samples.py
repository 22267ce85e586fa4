"""Reports that the renderers are tried on: the example's, an empty one, one full of hostile text."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from perfeval_xl.checking import check
from perfeval_xl.findings import Finding, FormSummary, Place, Report, Skipped, Unread
from perfeval_xl.grid import Area, Grid
from tests.support import ROOT, grid_of

EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
HOSTILE = (
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "]]>--><!--",
    "\"'><a href='javascript:alert(1)'>",
    "\u202e倒着写\u2066的\u200f字\u061c",
    "\x1b[31m红\x07\x9b2J\x00\x08",
    "[bold red]不是[/] {{ 7*7 }} {% raw %}",
    "长" * 100_000,
    "两\n行\u2028第三行",
)


@lru_cache(maxsize=1)
def example() -> Report:
    return check(EXAMPLE, policy="hunan-2023")


def finding(place: Place | None = None, **more: Any) -> Finding:
    values: dict[str, Any] = {
        "rule": "PE101",
        "family": "totals",
        "severity": "warning",
        "place": place,
        "title": "合计不符",
        "message": "三项之和不等于合计",
        "fingerprint": "0123456789abcdef",
    }
    return Finding(**{**values, **more})


def report(*findings: Finding, **more: Any) -> Report:
    values: dict[str, Any] = {
        "workbook": "单位.xlsx",
        "version": "0.1.0",
        "policy_id": "national-2020",
        "policy_title": "全国",
        "unit": "某局",
        "year": 2023,
        "summaries": (FormSummary("basic", "附件1", "A1:D9", "基础数据表"),),
        "findings": findings,
        "skipped": (),
        "unread": (),
        "checked": 9,
        "forms": cast(Any, object()),
        "grids": (),
    }
    return Report(**{**values, **more})


def empty() -> Report:
    return report(
        summaries=(), unit=None, year=None, checked=0, unread=(Unread("Sheet1", "空表"), Unread("", "注"))
    )


def hostile() -> Report:
    """Every text that can come from a checked file is hostile, in cells, names, labels and reasons."""
    sheets = [f"表{index}{text[:200]}" for index, text in enumerate(HOSTILE)]
    grids: list[Grid] = []
    findings: list[Finding] = []
    for index, (sheet, text) in enumerate(zip(sheets, HOSTILE, strict=True)):
        grids.append(grid_of(sheet, [[text, 1.5], [None, text], ["并", None, text]], ["A3:B4"]))
        findings += [
            finding(
                Place(sheet, 1 + row, 1),
                severity=("error", "warning", "info")[row],
                title=text,
                message=text,
                related=(Place(sheet, 4, 2), Place(sheet, 900, 900), Place("没有的" + text[:50], 1, 1)),
                expected=text,
                actual=text,
                explain=text,
                basis=text,
                suggestion=text,
                fingerprint=f"{index:08x}{row:08x}",
                accepted=text if row == 2 else None,
            )
            for row in range(3)
        ]
    findings.append(finding(None, title=HOSTILE[0], message=HOSTILE[3]))
    return report(
        *findings,
        workbook="/某处/" + HOSTILE[3] + HOSTILE[4] + HOSTILE[5] + ".xlsx",
        unit="".join(text[:300] for text in HOSTILE),
        policy_title=HOSTILE[0],
        summaries=tuple(
            FormSummary("basic", sheet, "A1:C4", text) for sheet, text in zip(sheets, HOSTILE, strict=True)
        ),
        skipped=tuple(Skipped("PE101", text, text) for text in HOSTILE),
        unread=tuple(Unread(text, text) for text in HOSTILE),
        grids=tuple(grids),
    )


def big(rows: int, flagged: int) -> Report:
    """One tall sheet with one finding far down, whose related cells are near, far above and in a merge."""
    place = Place("附件1", flagged, 2)
    related = (Place("附件1", flagged - 3, 2), Place("附件1", 10, 1), Place("附件1", flagged + 2, 3))
    merge = Area(flagged + 1, 2, flagged + 3, 3)
    grid = grid_of("附件1", [[f"行{row}", row, row] for row in range(1, rows + 1)], [str(merge)])
    return report(finding(place, related=related), grids=(grid,))
