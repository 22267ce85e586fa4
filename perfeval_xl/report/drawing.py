"""The forms of a checked file as they are drawn, wherever that is: rows of cells with their spans and the findings at them.

What stands in the file is made harmless here; how a page shows it is the page's own.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

from perfeval_xl.findings import SETTLED_WORD, SEVERITIES, SEVERITY_SYMBOL, SEVERITY_WORD, Finding, Report
from perfeval_xl.grid import Area, Cell, Grid, Place, a1, column_letters
from perfeval_xl.records import dataclass

from .plain import harmless, harmless_lines

#: How a finding is drawn: by its severity while it counts, as settled once its 说明 settles it.
Kind = Literal["error", "warning", "info", "settled"]
KINDS: tuple[Kind, ...] = (*SEVERITIES, "settled")
SYMBOLS: Mapping[Kind, str] = {kind: "✓" if kind == "settled" else SEVERITY_SYMBOL[kind] for kind in KINDS}
WORDS: Mapping[Kind, str] = {
    kind: SETTLED_WORD if kind == "settled" else SEVERITY_WORD[kind] for kind in KINDS
}
#: A sheet with more filled rows is drawn only at its head and around its findings.
MOST_ROWS = 2000
HEAD_ROWS = 8
AROUND = 15
MOST_COLUMNS = 60
#: Empty columns up to this many belong to a form's layout; a longer run of them is left out.
LONGEST_GAP = 3
LONGEST_TEXT = 2000
#: A merged cell with a text up to this long is a heading, which forms centre.
LONGEST_HEADING = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding at its cell: where it is listed, how it is drawn, what it is called."""

    finding: int
    kind: Kind
    label: str


@dataclass(frozen=True, slots=True)
class DrawnCell:
    address: str
    text: str
    rowspan: int
    colspan: int
    marks: tuple[Mark, ...]
    classes: str


@dataclass(frozen=True, slots=True)
class DrawnRow:
    row: int
    gap: bool
    hidden: bool
    cells: tuple[DrawnCell, ...]


@dataclass(frozen=True, slots=True)
class DrawnColumn:
    letters: str
    gap: bool
    hidden: bool


@dataclass(frozen=True, slots=True)
class DrawnSheet:
    index: int
    name: str
    columns: tuple[DrawnColumn, ...]
    rows: tuple[DrawnRow, ...]
    notes: tuple[str, ...]
    #: The cell that is drawn for one inside a merge.
    covered: Mapping[tuple[int, int], tuple[int, int]]

    def drawn_for(self, place: Place) -> str:
        return a1(*self.covered.get((place.row, place.column), (place.row, place.column)))


def kind_of(finding: Finding) -> Kind:
    return finding.severity if finding.open else "settled"


def sheets_to_draw(report: Report) -> list[str]:
    """The sheets that are forms or have findings, in the file's order."""
    names = {form.sheet for form in report.summaries}
    names |= {finding.place.sheet for finding in report.findings if finding.place is not None}
    return [grid.sheet for grid in report.grids if grid.sheet in names]


def drawn_sheets(report: Report, only: Collection[str] | None = None) -> list[DrawnSheet]:
    """The sheets of a report as they are drawn, in the file's order; of these ``only`` some."""
    marks = _marks(report.findings)
    related = _related(report.findings)
    names = sheets_to_draw(report)
    grids = {grid.sheet: grid for grid in report.grids}
    return [
        _drawn(grids[name], index, marks.get(name, {}), related.get(name, set()))
        for index, name in enumerate(names)
        if only is None or name in only
    ]


def _marks(findings: Iterable[Finding]) -> dict[str, dict[tuple[int, int], list[Mark]]]:
    """By sheet and cell."""
    marks: dict[str, dict[tuple[int, int], list[Mark]]] = {}
    for index, finding in enumerate(findings):
        if finding.place is not None:
            kind = kind_of(finding)
            mark = Mark(index, kind, harmless(f"{WORDS[kind]} {finding.rule} {finding.title}"))
            of_sheet = marks.setdefault(finding.place.sheet, {})
            of_sheet.setdefault((finding.place.row, finding.place.column), []).append(mark)
    return marks


def _related(findings: Iterable[Finding]) -> dict[str, set[tuple[int, int]]]:
    related: dict[str, set[tuple[int, int]]] = {}
    for finding in findings:
        for place in finding.related:
            related.setdefault(place.sheet, set()).add((place.row, place.column))
    return related


def _drawn(
    grid: Grid,
    index: int,
    flagged: Mapping[tuple[int, int], list[Mark]],
    related: set[tuple[int, int]],
) -> DrawnSheet:
    """One sheet as rows of cells with spans; empty rows and columns between are only hinted at."""
    shown = {key for key, cell in grid.cells.items() if cell.text.strip() or cell.formula} | set(flagged)
    rows, row_note = _rows_to_draw(sorted({row for row, _ in shown}), {row for row, _ in flagged})
    helpers = _helpers(grid, shown, {column for _, column in (*flagged, *related)})
    columns, column_note = _columns_to_draw(sorted({column for _, column in shown} - helpers))
    spans, covered = _spans(grid.merges, rows, columns)
    marks: dict[tuple[int, int], list[Mark]] = {}
    for key, own in flagged.items():
        marks.setdefault(covered.get(key, key), []).extend(own)
    related = {covered.get(key, key) for key in related}
    drawn: list[DrawnRow] = []
    before = 0
    for row in rows:
        cells = tuple(
            _cell(
                grid.cells.get((row, column)),
                a1(row, column) if row > 0 else f"T{1 - row}",  # a line above a text document's table
                spans.get((row, column), (1, 1)),
                marks.get((row, column), []),
                (row, column) in related,
            )
            for column in columns
            if (row, column) not in covered
        )
        drawn.append(DrawnRow(row, bool(drawn) and row - before > 1, row in grid.hidden_rows, cells))
        before = row
    state = "" if grid.state == "visible" else "这张表在文件里是隐藏的。"
    notes = tuple(note for note in (state, row_note, column_note) if note)
    return DrawnSheet(
        index, grid.sheet, _headings(columns, grid.hidden_columns), tuple(drawn), notes, covered
    )


def _helpers(grid: Grid, shown: Collection[tuple[int, int]], needed: Collection[int]) -> set[int]:
    """Hidden columns to the right of all that is seen, with no finding in them: a form's helpers, which nobody fills in."""
    last = max((column for _, column in shown if column not in grid.hidden_columns), default=0)
    return (
        {column for column in grid.hidden_columns if column > last and column not in needed}
        if last
        else set()
    )


def _headings(columns: Sequence[int], hidden: frozenset[int]) -> tuple[DrawnColumn, ...]:
    before = [columns[0] - 1, *columns] if columns else []
    return tuple(
        DrawnColumn(column_letters(column), column - last > 1, column in hidden)
        for last, column in zip(before, columns, strict=False)
    )


def _rows_to_draw(rows: list[int], flagged: set[int]) -> tuple[list[int], str]:
    if len(rows) <= MOST_ROWS:
        return rows, ""
    near = {other for row in flagged for other in range(row - AROUND, row + AROUND + 1)}
    near.update(rows[:HEAD_ROWS])
    kept = [row for row in rows if row in near][:MOST_ROWS]
    return kept, f"这张表有 {len(rows)} 行，只画出表头和有问题的行附近。"


def _columns_to_draw(filled: list[int]) -> tuple[list[int], str]:
    """The filled columns and short gaps between them: one stray cell far right draws no empty sheet."""
    columns: list[int] = []
    before = 0
    for column in filled:
        if column - before <= LONGEST_GAP + 1:
            columns.extend(range(before + 1, column))
        columns.append(column)
        before = column
    if len(columns) <= MOST_COLUMNS:
        return columns, ""
    return columns[:MOST_COLUMNS], f"这张表有 {len(columns)} 列，只画出前 {MOST_COLUMNS} 列。"


def _spans(
    merges: Iterable[Area], rows: Sequence[int], columns: Sequence[int]
) -> tuple[dict[tuple[int, int], tuple[int, int]], dict[tuple[int, int], tuple[int, int]]]:
    """For the first cell of each merge its spans over what is drawn; for each place it covers, that first cell."""
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: dict[tuple[int, int], tuple[int, int]] = {}
    # Merges that do not overlap never hold more cells than are drawn; a broken file's might.
    room = len(rows) * len(columns)
    for area in merges:
        down = rows[bisect_left(rows, area.top) : bisect_right(rows, area.bottom)]
        across = columns[bisect_left(columns, area.left) : bisect_right(columns, area.right)]
        first = (area.top, area.left)
        if not down or not across or (down[0], across[0]) != first or first in covered:
            continue
        room -= len(down) * len(across)
        if room < 0:
            break
        spans[first] = (len(down), len(across))
        for row in down:
            for column in across:
                if (row, column) != first:
                    covered.setdefault((row, column), first)
    return spans, covered


def _cell(
    cell: Cell | None, address: str, span: tuple[int, int], marks: Iterable[Mark], related: bool
) -> DrawnCell:
    marks = tuple(sorted(marks, key=lambda mark: KINDS.index(mark.kind)))
    text = "" if cell is None else (cell.text if not cell.uncached else "（公式未计算）")
    shown = harmless_lines(text[:LONGEST_TEXT]) + ("…" if len(text) > LONGEST_TEXT else "")
    classes: list[str] = [marks[0].kind if marks else "related" if related else ""]
    if cell is not None and cell.value is not None and not isinstance(cell.value, str):
        classes.append("n")
    elif span != (1, 1) and len(text) <= LONGEST_HEADING:
        classes.append("c")
    return DrawnCell(address, shown, *span, marks, " ".join(filter(None, classes)))
