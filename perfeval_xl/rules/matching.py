"""Which 附件1 project lines a 附件3 is about: by name, also several lines in one name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from perfeval_xl import patterns as re
from perfeval_xl.forms.records import BasicForm, BudgetLine, IndicatorForm
from perfeval_xl.records import dataclass
from perfeval_xl.text import clean

THIS_YEAR = ("budget", "final")
_TAIL = re.compile("(专项)?(工作)?(经费|资金|项目|支出|专项资金|专项经费|费用|费)$")
_CODE = re.compile(r"^[\d\-_.、]+")
#: Nobody calls a project by more; what is longer is a text in the wrong cell.
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Matching:
    """``lines`` by project (index in ``projects``); ``unmatched`` are 附件1 lines with money and no 附件3."""

    projects: tuple[IndicatorForm, ...]
    lines: tuple[tuple[BudgetLine, ...], ...]
    unmatched: tuple[BudgetLine, ...]
    partial: bool

    @property
    def complete(self) -> bool:
        """Every 附件1 project line with money this year has its 附件3, and every 附件3 its line."""
        return bool(self.projects) and not self.unmatched and not self.partial and all(self.lines)


@lru_cache(maxsize=8192)
def stem(name: str) -> str:
    """A project's name as it is compared: without code, brackets and 经费/资金/项目 at its end."""
    text = _CODE.sub("", re.sub("^其中:?", "", clean(name)[:_LONGEST_NAME]))
    text = re.sub(r"[()\[\]【】《》“”\"'、,;；]", "", text)
    while (shorter := _TAIL.sub("", text)) != text and len(shorter) >= 2:
        text = shorter
    return text


def _split_brackets(name: str) -> tuple[str, str] | None:
    """Head and content of "区级专项资金（甲、乙）"."""
    text = clean(name)
    opening = text.find("(")
    if opening < 1 or not text.endswith(")"):
        return None
    return text[:opening], text[opening + 1 : -1]


def _listed(text: str) -> list[str]:
    """The items of a 、-list, commas inside brackets aside."""
    items, depth, item = [], 0, ""
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth == 0 and character in "、,;；和及":
            items.append(item)
            item = ""
        else:
            item += character
    return [part for part in (*items, item) if part]


def has_money(line: BudgetLine) -> bool:
    return any(column in line.cells and line.cells[column].number for column in THIS_YEAR)


class _Named:
    """Lines, found by their names as they are compared."""

    def __init__(self, lines: Sequence[BudgetLine]) -> None:
        self._exact: dict[str, BudgetLine] = {}
        self._with_money = [(stem(line.name), line) for line in lines if has_money(line)]
        for line in sorted(lines, key=has_money, reverse=True):  # one with money before all without
            for name in (stem(line.label.text), stem(line.name)):
                self._exact.setdefault(name, line)

    def exactly(self, name: str) -> BudgetLine | None:
        """The first line of this name."""
        return self._exact.get(stem(name))

    def containing(self, name: str) -> tuple[BudgetLine, ...]:
        """The one line whose name holds the project's, or is held by it, if there is only one."""
        wanted = stem(name)
        found = [
            line
            for own, line in self._with_money
            if len(own) >= 4 and (own in wanted or (len(wanted) >= 4 and wanted in own))
        ]
        return (found[0],) if len(found) == 1 else ()


def match(form: BasicForm, projects: Sequence[IndicatorForm]) -> Matching:
    """Match every project form to its 附件1 line or lines."""
    parents = [line for line in form.lines if line.role == "project_line"]
    leaves = [line for line in parents if not any(has_money(child) for child in form.children(line))]
    details = [line for line in form.lines if line.role == "detail"]
    everything = _Named([*details, *leaves, *parents])
    whole, lowest = _Named(leaves), _Named([*details, *leaves])
    lines = tuple(_lines_of(project, everything, whole, lowest) for project in projects)
    used, groups = {id(line) for found in lines for line in found}, {id(line) for line in parents}
    for found in lines:
        for line in found:
            if id(line) in groups:
                used.update(id(child) for child in form.children(line))
    wanted = [line for line in (*leaves, *details) if has_money(line)]
    unmatched = tuple(line for line in wanted if id(line) not in used)
    return Matching(tuple(projects), lines, unmatched, _partial(form, parents, lines))


def _partial(form: BasicForm, parents: Sequence[BudgetLine], lines: Sequence[Sequence[BudgetLine]]) -> bool:
    """Whether some line's details leave part of this year's money unlisted, so that no 附件3 can cover it."""
    for parent in parents:
        children = [child for child in form.children(parent) if has_money(child)]
        if not children or any(parent in found for found in lines):
            continue
        for column in THIS_YEAR:
            cells = [child.cells[column].number for child in children if column in child.cells]
            whole = parent.cells[column].number if column in parent.cells else None
            given = [cell for cell in cells if cell is not None]
            if whole and not given:
                return True
    return False


def _lines_of(
    project: IndicatorForm, everything: _Named, leaves: _Named, lowest: _Named
) -> tuple[BudgetLine, ...]:
    """The lines one project is about: its own name, the items in its brackets, the line they stand under."""
    name = project.name
    if not clean(name):
        return ()
    if (line := everything.exactly(name)) is not None:
        return (line,)
    inside = _split_brackets(name)
    if inside is not None:
        head, content = inside
        if (line := everything.exactly(content)) is not None:
            return (line,)
        found = [everything.exactly(item) for item in _listed(content)]
        known = tuple(line for line in found if line is not None)
        if known and len(known) == len(found):
            return known
        if (line := leaves.exactly(head)) is not None:
            return (line,)
    return lowest.containing(name)
