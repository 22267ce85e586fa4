"""The report as one self-contained HTML page: the findings, and every form drawn as the clerk knows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePath

from ..findings import SEVERITIES, SEVERITY_WORD, VERDICT_WORD, Finding, Place, Report, Severity
from ..grid import Area, Cell, Grid, column_letters
from .plain import harmless

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
    numbers = {grid.sheet: index for index, grid in enumerate(grids)}
    listed = [_listed(index, finding, numbers) for index, finding in enumerate(report.findings)]
    return environment.from_string(source).render(
        report=report,
        file_name=PurePath(report.workbook).name,
        groups=_groups(listed),
        sheets=[_drawn(grid, numbers[grid.sheet], report.findings) for grid in grids],
        severities=SEVERITIES,
        words=SEVERITY_WORD,
        symbols=SYMBOLS,
        verdict=VERDICT_WORD[report.verdict],
    )


def anchor(numbers: Mapping[str, int], place: Place) -> str | None:
    """The id of a drawn cell."""
    index = numbers.get(place.sheet)
    return None if index is None else f"s{index}-{place.cell}"


def _listed(index: int, finding: Finding, numbers: Mapping[str, int]) -> ListedFinding:
    own = anchor(numbers, finding.place) if finding.place is not None else None
    related = tuple((_near(place, finding), anchor(numbers, place)) for place in finding.related[:12])
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
    return DrawnSheet(index, grid.sheet, columns, tuple(drawn), note)


def _rows_to_draw(rows: list[int], flagged: set[int]) -> tuple[list[int], str]:
    if len(rows) <= MOST_ROWS:
        return rows, ""
    near = {other for row in flagged for other in range(row - AROUND, row + AROUND + 1)}
    kept = [row for row in rows if row in near][:MOST_ROWS] or rows[:50]
    return kept, f"这张表有 {len(rows)} 行，只画出有问题的行附近。"


def _spans(
    merges: Iterable[Area], rows: list[int], right: int
) -> tuple[dict[tuple[int, int], tuple[int, int]], set[tuple[int, int]]]:
    """For the first cell of each merge its spans over drawn rows, and the places it covers."""
    drawn = set(rows)
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    for area in merges:
        if area.bottom - area.top > 5000:
            continue
        here = [row for row in range(area.top, area.bottom + 1) if row in drawn]
        last = min(area.right, right)
        if not here or here[0] != area.top or area.left > right:
            continue
        spans[(area.top, area.left)] = (len(here), last - area.left + 1)
        covered.update(
            (row, column)
            for row in here
            for column in range(area.left, last + 1)
            if (row, column) != (area.top, area.left)
        )
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
        text[:LONGEST_TEXT],
        rowspan,
        colspan,
        tuple(index for index, _ in own),
        severity,
        (row, column) in related,
        number,
    )
