"""The report as one self-contained HTML page: the findings, and every form drawn as the clerk knows it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePath

from ..findings import SEVERITIES, SEVERITY_WORD, VERDICT_WORD, Finding, Place, Report, Severity
from ..grid import Area, Cell, Grid, a1, column_letters
from .plain import harmless, harmless_lines

SYMBOLS: Mapping[Severity, str] = {"error": "✖", "warning": "▲", "info": "●"}
#: A sheet with more filled rows is drawn only around its findings.
MOST_ROWS = 2000
AROUND = 15
MOST_COLUMNS = 60
LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class DrawnCell:
    column: int
    text: str
    rowspan: int
    colspan: int
    findings: tuple[int, ...]
    severity: Severity | None
    related: bool
    number: bool


@dataclass(frozen=True, slots=True)
class DrawnRow:
    row: int
    gap: bool
    hidden: bool
    cells: tuple[DrawnCell, ...]


@dataclass(frozen=True, slots=True)
class DrawnSheet:
    index: int
    name: str
    columns: tuple[str, ...]
    rows: tuple[DrawnRow, ...]
    note: str
    #: The cell that is drawn for one inside a merge.
    covered: Mapping[tuple[int, int], tuple[int, int]]

    def drawn_for(self, place: Place) -> tuple[int, int]:
        return self.covered.get((place.row, place.column), (place.row, place.column))


@dataclass(frozen=True, slots=True)
class ListedFinding:
    index: int
    finding: Finding
    anchor: str | None
    related: tuple[tuple[str, str | None], ...]


def to_html(report: Report) -> str:
    """The page. Text of the checked file is escaped; nothing is loaded from anywhere."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["harmless"] = harmless
    source = files("perfeval_xl.report").joinpath("templates/report.html.j2").read_text(encoding="utf-8")
    drawn_sheets = {form.sheet for form in report.summaries} | {
        finding.place.sheet for finding in report.findings if finding.place is not None
    }
    grids = [grid for grid in report.grids if grid.sheet in drawn_sheets]
    sheets = [_drawn(grid, index, report.findings) for index, grid in enumerate(grids)]
    anchors = _Anchors(sheets)
    listed = [_listed(index, finding, anchors) for index, finding in enumerate(report.findings)]
    return environment.from_string(source).render(
        report=report,
        file_name=PurePath(report.workbook).name,
        groups=_groups(listed),
        sheets=sheets,
        severities=SEVERITIES,
        words=SEVERITY_WORD,
        symbols=SYMBOLS,
        verdict=VERDICT_WORD[report.verdict],
    )


class _Anchors:
    """Ids of drawn cells; a cell that is not drawn has none, so that every link leads somewhere."""

    def __init__(self, sheets: Iterable[DrawnSheet]) -> None:
        self._sheets = {sheet.name: sheet for sheet in sheets}
        self._drawn = {
            (sheet.name, row.row, cell.column)
            for sheet in self._sheets.values()
            for row in sheet.rows
            for cell in row.cells
        }

    def of(self, place: Place) -> str | None:
        sheet = self._sheets.get(place.sheet)
        if sheet is None:
            return None
        row, column = sheet.drawn_for(place)
        return f"s{sheet.index}-{a1(row, column)}" if (place.sheet, row, column) in self._drawn else None


def _listed(index: int, finding: Finding, anchors: _Anchors) -> ListedFinding:
    own = anchors.of(finding.place) if finding.place is not None else None
    related = tuple((_near(place, finding), anchors.of(place)) for place in finding.related[:12])
    return ListedFinding(index, finding, own, related)


def _near(place: Place, finding: Finding) -> str:
    return place.cell if finding.place is not None and place.sheet == finding.place.sheet else str(place)


def _groups(listed: Iterable[ListedFinding]) -> list[tuple[str, list[ListedFinding]]]:
    groups: dict[str, list[ListedFinding]] = {}
    for item in listed:
        sheet = item.finding.place.sheet if item.finding.place is not None else "整个文件"
        groups.setdefault(sheet, []).append(item)
    return list(groups.items())


def _drawn(grid: Grid, index: int, findings: Iterable[Finding]) -> DrawnSheet:
    """One sheet as rows of cells with spans; empty rows between are only hinted at."""
    flagged: dict[tuple[int, int], list[tuple[int, Severity]]] = {}
    related: set[tuple[int, int]] = set()
    for number, finding in enumerate(findings):
        if finding.place is not None and finding.place.sheet == grid.sheet:
            flagged.setdefault((finding.place.row, finding.place.column), []).append(
                (number, finding.severity)
            )
        related.update((place.row, place.column) for place in finding.related if place.sheet == grid.sheet)
    shown = {key for key, cell in grid.cells.items() if cell.text.strip() or cell.formula} | set(flagged)
    rows, note = _rows_to_draw(sorted({row for row, _ in shown}), {row for row, _ in flagged})
    right = min(MOST_COLUMNS, max((column for _, column in shown), default=1))
    spans, covered = _spans(grid.merges, rows, right)
    for key in [key for key in flagged if key in covered]:
        flagged.setdefault(covered[key], []).extend(flagged.pop(key))
    related = {covered.get(key, key) for key in related}
    drawn: list[DrawnRow] = []
    before = rows[0] - 1 if rows else 0
    for row in rows:
        cells = tuple(
            _cell(grid.cells.get((row, column)), row, column, spans, flagged, related)
            for column in range(1, right + 1)
            if (row, column) not in covered
        )
        drawn.append(DrawnRow(row, row - before > 1, row in grid.hidden_rows, cells))
        before = row
    columns = tuple(column_letters(column) for column in range(1, right + 1))
    return DrawnSheet(index, grid.sheet, columns, tuple(drawn), note, covered)


def _rows_to_draw(rows: list[int], flagged: set[int]) -> tuple[list[int], str]:
    if len(rows) <= MOST_ROWS:
        return rows, ""
    near = {other for row in flagged for other in range(row - AROUND, row + AROUND + 1)}
    kept = [row for row in rows if row in near][:MOST_ROWS] or rows[:50]
    return kept, f"这张表有 {len(rows)} 行，只画出有问题的行附近。"


def _spans(
    merges: Iterable[Area], rows: list[int], right: int
) -> tuple[dict[tuple[int, int], tuple[int, int]], dict[tuple[int, int], tuple[int, int]]]:
    """For the first cell of each merge its spans over drawn rows; for each place it covers, that first cell."""
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: dict[tuple[int, int], tuple[int, int]] = {}
    # Merges that do not overlap never hold more cells than are drawn; a broken file's might.
    room = len(rows) * right
    for area in merges:
        here = rows[bisect_left(rows, area.top) : bisect_right(rows, area.bottom)]
        first, last = (area.top, area.left), min(area.right, right)
        if not here or here[0] != area.top or area.left > right or first in covered:
            continue
        room -= len(here) * (last - area.left + 1)
        if room < 0:
            break
        spans[first] = (len(here), last - area.left + 1)
        for row in here:
            for column in range(area.left, last + 1):
                if (row, column) != first:
                    covered.setdefault((row, column), first)
    return spans, covered


def _cell(
    cell: Cell | None,
    row: int,
    column: int,
    spans: Mapping[tuple[int, int], tuple[int, int]],
    flagged: Mapping[tuple[int, int], list[tuple[int, Severity]]],
    related: set[tuple[int, int]],
) -> DrawnCell:
    rowspan, colspan = spans.get((row, column), (1, 1))
    own = flagged.get((row, column), [])
    severity = min((severity for _, severity in own), key=SEVERITIES.index, default=None)
    text = "" if cell is None else (cell.text if not cell.uncached else "（公式未计算）")
    number = cell is not None and not isinstance(cell.value, str) and cell.value is not None
    return DrawnCell(
        column,
        harmless_lines(text[:LONGEST_TEXT]),
        rowspan,
        colspan,
        tuple(index for index, _ in own),
        severity,
        (row, column) in related,
        number,
    )
