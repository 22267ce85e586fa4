"""The report as one self-contained HTML page: the findings, and every form drawn as the clerk knows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from importlib.resources import files
from pathlib import PurePath

from perfeval_xl.coverage import headline
from perfeval_xl.findings import (
    PART_WORD,
    SETTLED_HEADING,
    SEVERITIES,
    STILL_COUNTS,
    UNREAD_HEADING,
    VERDICT_WORD,
    Finding,
    Report,
)
from perfeval_xl.grid import Place
from perfeval_xl.records import dataclass
from perfeval_xl.worklist import (
    ALL_KINDS,
    HEADING,
    group_line,
    infos_line,
    step_line,
    worklist,
)

from .drawing import KINDS, SYMBOLS, WORDS, DrawnSheet, Kind, drawn_sheets, kind_of
from .plain import harmless

MOST_RELATED = 12


@dataclass(frozen=True, slots=True)
class ListedFinding:
    index: int
    finding: Finding
    kind: Kind
    anchor: str | None
    related: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one sheet (``None``: of the file), and how many of each kind."""

    sheet: str | None
    index: int
    anchor: str | None
    items: tuple[ListedFinding, ...]
    counts: tuple[tuple[Kind, int], ...]

    @property
    def infos(self) -> int:
        return dict(self.counts).get("info", 0)


def to_html(report: Report) -> str:
    """The page. Text of the checked file is escaped; nothing is loaded from anywhere."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["harmless"] = harmless
    source = files("perfeval_xl.report").joinpath("templates/report.html.j2").read_text(encoding="utf-8")
    sheets = drawn_sheets(report)
    anchors = _Anchors(sheets)
    listed = [_listed(index, finding, anchors) for index, finding in enumerate(report.findings)]
    groups = _groups([item for item in listed if item.kind != "settled"], anchors)
    work = worklist(report)
    at = {id(finding): index for index, finding in enumerate(report.findings)}
    return environment.from_string(source).render(
        report=report,
        heading=HEADING,
        first=[(step, at[id(step.finding)]) for step in work.first],
        kinds=[(group, at[id(group.findings[0])]) for group in work.groups if group.severity != "info"],
        infos=infos_line([group for group in work.groups if group.severity == "info"]),
        all_kinds=ALL_KINDS,
        settled_heading=SETTLED_HEADING,
        counts_all_the_same=STILL_COUNTS,
        parts=PART_WORD,
        unread_heading=UNREAD_HEADING,
        step_line=step_line,
        group_line=group_line,
        file_name=PurePath(report.workbook).name,
        groups=groups,
        folds=bool(work.first),
        settled=[item for item in listed if item.kind == "settled"],
        sheets=sheets,
        group_of={group.sheet: group for group in groups},
        severities=SEVERITIES,
        words=WORDS,
        symbols=SYMBOLS,
        verdict=VERDICT_WORD[report.verdict],
        headline=headline(report),
    )


class _Anchors:
    """Ids of drawn cells; a cell that is not drawn has none, so that every link leads somewhere."""

    def __init__(self, sheets: Iterable[DrawnSheet]) -> None:
        self._sheets = {sheet.name: sheet for sheet in sheets}
        self._drawn = {
            (sheet.name, cell.address)
            for sheet in self._sheets.values()
            for row in sheet.rows
            for cell in row.cells
        }

    def of(self, place: Place) -> str | None:
        sheet = self._sheets.get(place.sheet)
        if sheet is None:
            return None
        address = sheet.drawn_for(place)
        return f"s{sheet.index}-{address}" if (place.sheet, address) in self._drawn else None

    def of_sheet(self, name: str | None) -> str | None:
        sheet = self._sheets.get(name) if name is not None else None
        return None if sheet is None else f"s{sheet.index}"


def _listed(index: int, finding: Finding, anchors: _Anchors) -> ListedFinding:
    own = anchors.of(finding.place) if finding.place is not None else None
    related = tuple((finding.near(place), anchors.of(place)) for place in finding.related[:MOST_RELATED])
    return ListedFinding(index, finding, kind_of(finding), own, related)


def _groups(listed: Iterable[ListedFinding], anchors: _Anchors) -> list[Group]:
    by_sheet: dict[str | None, list[ListedFinding]] = {}
    for item in listed:
        sheet = item.finding.place.sheet if item.finding.place is not None else None
        by_sheet.setdefault(sheet, []).append(item)
    groups = []
    for index, (sheet, items) in enumerate(by_sheet.items()):
        found = Counter(item.kind for item in items)
        counts = tuple((kind, found[kind]) for kind in KINDS if found[kind])
        groups.append(Group(sheet, index, anchors.of_sheet(sheet), tuple(items), counts))
    return groups
