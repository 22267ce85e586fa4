"""What to mend first: the findings of a report as steps, in the order in which they mend most, and as kinds.

A *step* is one thing to put right: a cell with all that is said of it, or one indicator of which several forms say the same
wrong thing. What a finding says goes with it (``Finding.mends``) was tried when the workbook was checked. A *kind* are the findings that one
sentence can say. Only what still counts is listed; everything here is pure, and every output says it in these words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .findings import SEVERITIES, SEVERITY_WORD, Finding, Report, Severity
from .grid import Place

#: So many steps are named before all else.
FIRST = 5
HEADING = "先改这几处"
ALL_KINDS = "全部问题，按种类"
#: So many cells of a sheet are named in a line.
_MOST_CELLS, _MOST_SHEETS = 6, 8


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to put right: the finding to look at first, and the others that are the same mistake."""

    finding: Finding
    others: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        return (self.finding, *self.others)

    @property
    def severity(self) -> Severity:
        return self.finding.severity

    @property
    def mends(self) -> int:
        """How many failures are gone once it is put right, this one among them."""
        return sum(one.mends for one in self.findings)

    @property
    def places(self) -> tuple[Place, ...]:
        """The cells to look at, the first one first, and those to be changed with them; none where it is about the file."""
        looked_at = [one.place for one in self.findings if one.place is not None]
        along = [fix.place for one in self.findings if one.place in _changed(one) for fix in one.fixes]
        return tuple(dict.fromkeys((*looked_at, *along)))


def _changed(finding: Finding) -> tuple[Place, ...]:
    return tuple(fix.place for fix in finding.fixes)


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one kind: equal in ``Finding.group``."""

    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity:
        return self.findings[0].severity

    @property
    def title(self) -> str:
        return self.findings[0].title

    @property
    def rule(self) -> str:
        return self.findings[0].rule


@dataclass(frozen=True, slots=True)
class Worklist:
    """``first`` are the steps to begin with, ``groups`` all that is open by kind, errors before warnings before infos,
    the largest first."""

    first: tuple[Step, ...]
    groups: tuple[Group, ...]


def worklist(report: Report) -> Worklist:
    """The steps of errors, and where nothing is wrong those of what has to be explained."""
    counting = [finding for finding in by_order(report.findings) if finding.open]
    worst = next(
        (severity for severity in SEVERITIES if any(one.severity == severity for one in counting)), None
    )
    first = (
        ()
        if worst in (None, "info")
        else tuple(steps([one for one in counting if one.severity == worst])[:FIRST])
    )
    return Worklist(first, groups(counting))


def by_order(findings: Iterable[Finding]) -> list[Finding]:
    """In the order to work in."""
    return sorted(findings, key=lambda finding: finding.order)


def steps(findings: Sequence[Finding]) -> list[Step]:
    """Findings, in working order, as steps: what mends most first."""
    found: list[list[Finding]] = []
    at: dict[object, list[Finding]] = {}
    for finding in findings:
        keys = _keys(finding)
        same = next((at[key] for key in keys if key in at), None)
        if same is None:
            found.append(same := [])
        same.append(finding)
        at.update(dict.fromkeys(keys, same))
    made = [Step(first, tuple(others)) for first, *others in found]
    return sorted(made, key=lambda step: (SEVERITIES.index(step.severity), -step.mends))


def _keys(finding: Finding) -> list[object]:
    """What makes findings one mistake: the cell, or that one rule says the same of the same name in several forms."""
    keys: list[object] = [] if finding.place is None else [finding.place]
    if finding.row_label and finding.actual is not None and finding.expected is not None:
        keys.append((finding.rule, finding.row_label, finding.expected, finding.actual))
    return keys


def groups(findings: Iterable[Finding]) -> tuple[Group, ...]:
    """Findings by kind."""
    found: dict[str, list[Finding]] = {}
    for finding in by_order(findings):
        found.setdefault(finding.group, []).append(finding)
    made = [Group(tuple(same)) for same in found.values()]
    return tuple(sorted(made, key=lambda group: (SEVERITIES.index(group.severity), -len(group.findings))))


def in_list(report: Report) -> list[Finding]:
    """All findings as a list shows them: those of the steps to begin with, the rest that is open kind by kind, and last what
    was explained."""
    found = worklist(report)
    first = [one for step in found.first for one in step.findings]
    named = {id(one) for one in first}
    rest = [one for group in found.groups for one in group.findings if id(one) not in named]
    return [*first, *rest, *(one for one in by_order(report.findings) if not one.open)]


# -- in words -------------------------------------------------------------------------------------------------


def step_line(step: Step) -> str:
    """ "附件2 F30（职称评定通过率）：指标没有完成却得满分，100% 应为 ≤55%；附件3-1 F16 同改，另外 2 处核对随之对上"."""
    finding = step.finding
    label = f"（{finding.row_label}）" if 0 < len(finding.row_label) <= _SHORT_LABEL else ""
    told: dict[str, list[str]] = {}
    for one in step.findings:
        if one.place == finding.place:
            told.setdefault(one.title, []).extend(_instead(one))
    text = f"{places_in_one_line(step.places[:1]) or '整个文件'}{label}：" + "；".join(
        "，".join([title, *dict.fromkeys(figures)]) for title, figures in told.items()
    )
    if len(step.places) > 1:
        text += f"；{places_in_one_line(step.places[1:])} 同改"
    along = step.mends - len(step.findings)
    return text + (f"，另外 {along} 处核对随之对上" if along else "")


_SHORT_LABEL, _SHORT_FIGURE = 24, 16


def _instead(finding: Finding) -> list[str]:
    """ "100% 应为 ≤55%", where both are short enough for a line."""
    if (
        not finding.expected
        or len(finding.expected) > _SHORT_FIGURE
        or len(finding.actual or "") > _SHORT_FIGURE
    ):
        return []
    return [f"{finding.actual or '现在'} 应为 {finding.expected}"]


def group_line(group: Group) -> str:
    """ "核实 4 处 超额完成较多，没有说明原因（规则号）：附件2 F15、F23、F24；附件3-1 F14"."""
    places = places_of(group)
    count = len(group.findings)
    return f"{SEVERITY_WORD[group.severity]} {count} 处 {group.title}（{group.rule}）" + (
        f"：{places}" if places else ""
    )


def kind_notes(report: Report) -> dict[int, str]:
    """By the id of the finding that a list shows first of its kind: in how many cells that kind is, and where."""
    notes: dict[int, str] = {}
    groups = {id(one): group for group in worklist(report).groups for one in group.findings}
    told: set[int] = set()
    for finding in in_list(report):
        group = groups.get(id(finding))
        if group is not None and len(group.findings) > 1 and id(group) not in told:
            told.add(id(group))
            places = dict.fromkeys(one.place for one in group.findings if one.place is not None)
            if len(places) > 1:
                notes[id(finding)] = f"同一种问题共 {len(places)} 格：{places_in_one_line(places)}"
    return notes


def kind_lines(report: Report) -> list[str]:
    """All that is open, a line a kind; what is only worth a look in one line."""
    found = worklist(report).groups
    infos = infos_line([group for group in found if group.severity == "info"])
    return [*(group_line(group) for group in found if group.severity != "info"), *([infos] if infos else [])]


def infos_line(infos: Sequence[Group]) -> str:
    """ "提示 3 处：年中追加 2；日期不同 1", folded into one line; empty where there are none."""
    count = sum(len(group.findings) for group in infos)
    named = "；".join(f"{group.title} {len(group.findings)}" for group in infos)
    return f"{SEVERITY_WORD['info']} {count} 处：{named}" if infos else ""


def places_of(group: Group) -> str:
    """The cells of a kind in one line; "" where it is about the file."""
    return places_in_one_line(one.place for one in group.findings if one.place is not None)


def places_in_one_line(places: Iterable[Place]) -> str:
    """ "附件2 F15、F23；附件3-3、3-4 的 E6": cells by sheet, sheets with equal cells together, of many the number."""
    cells: dict[tuple[str, str], list[str]] = {}
    for place in dict.fromkeys(places):
        cells.setdefault((place.file or "", place.sheet), []).append(place.cell)
    sheets: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for file, sheet in list(cells)[:_MOST_SHEETS]:
        sheets.setdefault((file, tuple(cells[file, sheet])), []).append(sheet)
    named = [
        (f"{file}：" if file else "") + _sheets(names) + "、".join(where[:_MOST_CELLS])
        + (f" 等 {len(where)} 格" if len(where) > _MOST_CELLS else "")
        for (file, where), names in sheets.items()
    ]  # fmt: skip
    return "；".join(named) + (f" 等 {len(cells)} 张表" if len(cells) > _MOST_SHEETS else "")


_ANNEX = "附件"


def _sheets(names: Sequence[str]) -> str:
    """ "附件2 ", "附件3-3、3-4 的 "."""
    if len(names) == 1:
        return f"{names[0]} "
    short = all(name.startswith(_ANNEX) for name in names)
    return (
        "、".join([names[0], *(name.removeprefix(_ANNEX) if short else name for name in names[1:])]) + " 的 "
    )
