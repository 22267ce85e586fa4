"""附件1 into the template: lines by what they are, a row inserted for every one beyond those that are shipped."""

from __future__ import annotations

from collections.abc import Sequence

from perfeval_xl import patterns as re
from perfeval_xl.forms import labels
from perfeval_xl.forms.basic_form import YEAR_COLUMN
from perfeval_xl.forms.records import BasicForm, BudgetLine
from perfeval_xl.hosts.package.tree import Element
from perfeval_xl.records import dataclass, field
from perfeval_xl.text import clean

from .filler import Filler, in_ten_thousands, row_number, row_of, scaled

SHEET = "附件1"
_YEARS = {"last_final": 2, "budget": 4, "final": 6}
#: How many years before the one that is evaluated each column is about.
_BACK = {"last_final": 1, "budget": 0, "final": 0}
_SHIPPED_NUMBER = re.compile(r"\d、")
#: How a clerk numbers lines: "1、", "2.", "(3)", "四、".
_ANY_NUMBER = re.compile(r"^\s*[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,2}|[①-⑨])[)）]?[、.．]?\s*")
_OWN_PLACE = ("project_line", "detail", "public_part", "other", "basic")


@dataclass
class _Slot:
    """A numbered line under 项目支出 as shipped: its row, the rows for its details, and the thin row that ends them."""

    line: Element
    name: str
    details: list[Element] = field(default_factory=list)
    guard: Element | None = None


class BasicWriter:
    """Writes one 附件1. Rows are held by their elements, which keep their numbers up to date."""

    def __init__(self, filler: Filler, form: BasicForm) -> None:
        self.filler, self.form = filler, form
        self.template = filler.template
        self.part = filler.template.parts[SHEET]
        self.factor = in_ten_thousands(form)
        self.rows: dict[str, Element] = {}
        for row, text in self.part.texts(1).items():
            role = labels.role_of(_SHIPPED_NUMBER.sub("", labels.plain(text), count=1), labels.BUDGET_LINES)
            if role is not None:
                self.rows.setdefault(role, self.part.rows[row])

    def write(self) -> None:
        self.filler.heading(SHEET, self.form, (3, 2))
        self._years()
        self._staff()
        for role, line in {line.role: line for line in reversed(self.form.lines)}.items():
            if role not in _OWN_PLACE and role in self.rows:
                self._figures(self.rows[role], line)
        self._parts_of_public()
        self._projects()
        self._other_lines()
        self._below()

    def _years(self) -> None:
        """The headings of the years, where they are about others than the template's would be."""
        row = row_number(self.rows["sangong"]) - 1
        year = self.template.named("PE_YEAR")
        for role, column in _YEARS.items():
            match = YEAR_COLUMN.match(clean(self.form.columns.get(role, "")))
            named = int(match[1]) if match is not None and match[1] else None
            if named is not None and isinstance(year, float) and named != int(year) - _BACK[role]:
                self.part.set(row, column, self.form.columns[role])

    def _figures(self, line: Element, budget: BudgetLine) -> None:
        for year, column in _YEARS.items():
            self.filler.write(SHEET, row_number(line), column, scaled(budget.cells.get(year), self.factor))

    def _staff(self) -> None:
        staff = self.form.staff
        if staff is not None:
            row = row_of(self.part.texts(2), "编制数") + 1
            for column, value in ((2, staff.quota), (4, staff.actual), (6, staff.rate)):
                self.filler.write(SHEET, row, column, value, column == 6)

    def _insert(self, at: int, like: Element, line: BudgetLine | None = None) -> Element:
        """A new row above row ``at``, like another, with a line's name and figures."""
        self.template.insert_rows(SHEET, at, 1, like=row_number(like))
        row = self.part.rows[at]
        if line is not None:
            self.filler.text(SHEET, at, 1, line.label.text.strip(), line.label)
            self._figures(row, line)
        return row

    def _parts_of_public(self) -> None:
        """其中 of 公用经费: by name, others in rows of their own under them."""
        top, end = row_number(self.rows["public"]), row_number(self.rows["procurement"])
        shipped = {
            labels.plain(text): self.part.rows[row]
            for row, text in self.part.texts(1).items()
            if top < row < end
        }
        last = self.part.rows[end - 1]
        for line in self.form.lines:
            if line.role != "public_part":
                continue
            row = shipped.pop(labels.plain(line.name), None)
            if row is None:
                self._insert(row_number(self.rows["procurement"]), last, line)
            else:
                self._figures(row, line)

    def _other_lines(self) -> None:
        """Lines that the template has no row for, below all others, where they are part of nothing."""
        for line in reversed(self.form.lines):
            if line.role in ("other", "basic"):
                below = self.rows["adjustment"]
                self._insert(row_number(below) + 1, below, line)

    # -- 项目支出 ---------------------------------------------------------------------------------------------

    def _slots(self) -> list[_Slot]:
        top, end = row_number(self.rows["projects"]), row_number(self.rows["public"])
        texts = self.part.texts(1)
        slots: list[_Slot] = []
        for row in range(top + 1, end):
            line = self.part.rows[row]
            if _SHIPPED_NUMBER.match(texts.get(row, "")):
                slots.append(_Slot(line, labels.plain(texts[row])[2:]))
            elif float(line.get("ht", "24")) < 10:
                slots[-1].guard = line
            else:
                slots[-1].details.append(line)
        return slots

    def _projects(self) -> None:
        lines = [line for line in self.form.lines if line.role == "project_line"]
        slots = self._slots()
        detail = next(slot.details[0] for slot in slots if slot.details)
        chosen = _chosen([line.name for line in lines], [slot.name for slot in slots])
        for index, (line, at) in enumerate(zip(lines, chosen, strict=True)):
            later = next((slots[other] for other in chosen[index + 1 :] if other is not None), None)
            slot = slots[at] if at is not None else self._new_slot(slots, later)
            self._line(slot, line, index, detail)

    def _new_slot(self, slots: Sequence[_Slot], before: _Slot | None) -> _Slot:
        """A row for one more line: above the slot that comes next, else below all, where the sum is made to reach it."""
        if before is not None:
            return _Slot(self._insert(row_number(before.line), slots[0].line), "")
        old = row_number(self.rows["public"]) - 1
        guard = self._insert(old + 1, self.part.rows[old])
        line = self._insert(old + 1, slots[0].line)
        self._reach(old, guard)
        return _Slot(line, "", [], guard)

    def _reach(self, old: int, last: Element) -> None:
        """Let the sum and the name of the project lines end in row ``last`` instead of ``old``."""
        end = re.compile(rf"(?<=[A-Z$]){old}(?!\d)")
        for column in _YEARS.values():
            cell = self.part.cells[row_number(self.rows["projects"]), column]
            for formula in cell:
                if formula.text and formula.tag.endswith("}f"):
                    formula.text = end.sub(str(row_number(last)), formula.text)
        for element in self.template.workbook.names():
            if element.get("name") == "PE_PROJECT_NAMES":
                element.text = end.sub(str(row_number(last)), element.text or "")

    def _line(self, slot: _Slot, line: BudgetLine, index: int, detail: Element) -> None:
        row = row_number(slot.line)
        self.filler.text(SHEET, row, 1, _numbered(line, index + 1), line.label)
        details = self.form.children(line)
        missing = len(details) - len(slot.details)
        if missing > 0:
            last = row_number(slot.details[-1]) if slot.details else row + 1
            like = last if slot.details else row_number(detail)
            self.template.insert_rows(SHEET, last, missing, like=like)
        for offset, part in enumerate(details, 1):
            self.filler.text(SHEET, row + offset, 1, part.label.text.strip(), part.label)
            self._figures(self.part.rows[row + offset], part)
        self._figures(slot.line, line)

    def _below(self) -> None:
        """楼堂馆所, a row each, and 厉行节约."""
        if self.form.buildings:
            row = row_of(self.part.texts(2), "批复规模(m2)") + 1
            self.template.insert_rows(SHEET, row, len(self.form.buildings) - 1)
            for offset, building in enumerate(self.form.buildings):
                for column, role in enumerate(
                    ("approved", "actual", "rate", "budget", "spent", "cost_rate"), 2
                ):
                    value = building.cells.get(role)
                    if role in ("budget", "spent"):
                        value = scaled(value, self.factor)
                    self.filler.write(SHEET, row + offset, column, value, role.endswith("rate"))
        if self.form.thrift is not None:
            self.filler.put(*self.template.place("PE_THRIFT"), self.form.thrift)


def _numbered(line: BudgetLine, ordinal: int) -> str:
    """A line's label with a number the template's sum knows it by: one or two digits and 、."""
    text = line.label.text.strip()
    if _SHIPPED_NUMBER.match(text):
        return text
    name = _ANY_NUMBER.sub("", text, count=1) if line.number else text
    given = line.number.strip("()")
    number = given if given.isascii() and given.isdigit() else str(ordinal)
    return f"{number}、{name}"


def _chosen(names: Sequence[str], shipped: Sequence[str]) -> list[int | None]:
    """Which shipped line each line takes: those of the same name, the others what is free between them, in order; None
    for a row of its own. Where no name is the same, one after the other."""
    matched: list[int | None] = []
    last = -1
    for name in names:
        found = next(
            (at for at in range(last + 1, len(shipped)) if shipped[at] in name or name in shipped[at]), None
        )
        matched.append(found)
        last = found if found is not None else last
    result: list[int | None] = []
    last = -1
    for index, found in enumerate(matched):
        if found is None:
            following = next((at for at in matched[index:] if at is not None), len(shipped))
            found = last + 1 if last + 1 < following else None
        result.append(found)
        last = found if found is not None else last
    return result
