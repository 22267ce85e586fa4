"""附件2 or one 附件3 into the template: money, goals, indicators group by group, total, signature."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from perfeval_xl.forms import labels
from perfeval_xl.forms.records import Field, FundRow, Indicator, IndicatorForm, Level, NatureLine
from perfeval_xl.grid import Area
from perfeval_xl.hosts.package.tree import Element
from perfeval_xl.records import dataclass, field
from perfeval_xl.text import clean

from .filler import (
    Filler,
    amount_behind_label,
    date_of,
    first_of_each,
    in_ten_thousands,
    row_number,
    row_of,
    scaled,
    signature_parts,
)

_FUND_COLUMNS = {"initial": 4, "budget": 5, "executed": 6, "weight": 7, "rate": 8, "score": 9}
_MONEY = ("initial", "budget", "executed")
#: What the template gives the execution of the budget.
_EXECUTION_WEIGHT = 10
_SIGNED = {1: "单位负责人签字", 4: "填表人", 5: "联系电话", 7: "填报日期"}
_NAMED = {"填表人": "PE_PERSON", "联系电话": "PE_PHONE", "填报日期": "PE_DATE"}


@dataclass
class _Group:
    """A level-2 group: its name as it is compared and as it is printed, how many rows it has, what goes into it."""

    name: str
    text: str
    rows: int
    indicators: list[Indicator] = field(default_factory=list)


@dataclass
class _Level:
    """A level-1 group with its level-2 groups; ``said`` are the cells of the form that name it."""

    name: str
    groups: list[_Group]
    said: list[Field] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(group.rows for group in self.groups)


class IndicatorWriter:
    """Writes one 附件2 or 附件3."""

    def __init__(self, filler: Filler, sheet: str, form: IndicatorForm) -> None:
        self.filler, self.sheet, self.form = filler, sheet, form
        self.template = filler.template
        self.part = filler.template.parts[sheet]
        self.factor = in_ten_thousands(form)

    def write(self) -> None:
        project = self.form.kind == "project"
        self.filler.heading(self.sheet, self.form, None if project else (3, 3))
        if project:
            self._head()
        self._funds()
        self._nature(2, 5, labels.INCOME_LINES, self.form.income)
        self._nature(6, 9, labels.SPENDING_LINES, self.form.spending)
        self._goals()
        _Structure(self.filler, self.sheet, self.form).write()
        self._total()
        self._signature()

    def _head(self) -> None:
        """The project's name and the two departments; what the template would say of a department by itself and the form
        does not is emptied."""
        head = self.form.head
        self.filler.put(self.sheet, 3, 2, head.get("project"))
        unit = clean(str(self.template.named("PE_UNIT") or ""))
        office = head.get("office")
        if office is None or not office.filled:
            office = head.get("unit")
        for column, value in ((2, head.get("department")), (6, office)):
            if value is None or not value.filled:
                self.part.set(4, column, "")
            elif clean(value.text) == unit:
                self.filler.taken.add(value.place)
            else:
                self.filler.put(self.sheet, 4, column, value)
        named = head.get("unit")
        if named is not None and clean(named.text) == unit:
            self.filler.taken.add(named.place)

    # -- money ------------------------------------------------------------------------------------------------

    def _funds(self) -> None:
        end = row_of(self.part.texts(2), "预期目标" if self.form.kind == "project" else "按收入性质分:")
        rows = first_of_each(
            (role, self.part.rows[row])
            for row, text in self.part.texts(2).items()
            if row < end and (role := labels.role_of(text, labels.FUND_ROWS)) is not None
        )
        total, last = rows["total"], rows.get("other", rows["total"])
        free = dict(rows)
        below = last
        weighted = False
        for fund in () if self.form.funds is None else self.form.funds.rows:
            line = free.pop(fund.role, None)
            if line is None:
                below = line = self._inserted(below, fund, last)
            weighted = weighted or (line is total and "weight" in fund.cells and fund.cells["weight"].filled)
            for role, column in _FUND_COLUMNS.items():
                value = fund.cells.get(role)
                if role in _MONEY:
                    value = scaled(value, self.factor)
                self.filler.write(self.sheet, row_number(line), column, value, role == "rate")
        if not weighted and not self._leaves_ten():
            self.part.set(row_number(total), 7, "")

    def _leaves_ten(self) -> bool:
        """Whether the form's weights leave the ten points that the template gives the execution of the budget."""
        whole = self.form.total.weight if self.form.total is not None else None
        weights = [
            item.weight.number or Decimal(0) for item in self.form.indicators if item.weight is not None
        ]
        total = Decimal(100) if whole is None or whole.number is None else whole.number
        return bool(weights) and total - sum(weights) == _EXECUTION_WEIGHT

    def _inserted(self, below: Element, fund: FundRow, like: Element) -> Element:
        """A row for a fund the template has none for, under the sum and its parts."""
        at = row_number(below) + 1
        block = next(
            area
            for area in self.part.merges
            if area.left == 1 and row_number(below) in range(area.top, area.bottom + 1)
        )
        self.template.insert_rows(self.sheet, at, 1, like=row_number(like))
        if at == block.bottom + 1:
            self.part.merge_anew(
                Area(block.top, 1, block.top, 1), [Area(block.top, 1, block.bottom + 1, block.right)]
            )
        self.filler.text(self.sheet, at, 2, fund.label.text, fund.label)
        return self.part.rows[at]

    def _nature(
        self, label_column: int, column: int, table: labels.Table, lines: Sequence[NatureLine]
    ) -> None:
        """附件2's lines by nature: the figure stands to the right of its label; a second line of a kind, and one the
        template lacks, above the last."""
        rows = first_of_each(
            (role, self.part.rows[row])
            for row, text in self.part.texts(label_column).items()
            if (role := labels.role_of(text, table)) is not None
        )
        last = rows.get("other_income")
        for line in lines:
            row = rows.pop(line.role, None)
            if row is None:
                if last is None:
                    continue
                at = row_number(last)
                self.template.insert_rows(self.sheet, at, 1, like=at)
                row = self.part.rows[at]
                self.part.set(at, label_column, f"{line.label}：")
            amount = scaled(amount_behind_label(line.amount), self.factor)
            self.filler.write(self.sheet, row_number(row), column, amount)

    def _goals(self) -> None:
        row = row_of(self.part.texts(2), "预期目标") + 1
        for role, column in (("expected", 2), ("achieved", 6)):
            fields = [field for field in self.form.goals.get(role, ()) if field.filled]
            if len(fields) == 1:
                self.filler.put(self.sheet, row, column, fields[0])
            elif fields:
                self.filler.text(self.sheet, row, column, "\n".join(field.text for field in fields), *fields)

    # -- the end ----------------------------------------------------------------------------------------------

    def _total(self) -> None:
        total = self.form.total
        if total is None:
            return
        row = row_of(self.part.texts(1), "总分")
        self.filler.write(self.sheet, row, 7, total.weight)
        self.filler.write(self.sheet, row, 8, total.score)
        self.filler.put(self.sheet, row, 9, total.grade)

    def _signature(self) -> None:
        """The signature line follows 填报说明; where a form has none, or says something else, it is typed."""
        row = row_of(self.part.texts(1), "单位负责人签字:")
        signed = self.form.signature
        parts = {} if signed is None else signature_parts(signed)
        for column, label in _SIGNED.items():
            if signed is None:
                self.part.set(row, column, "")
            elif label in parts and not self._same(label, parts[label]):
                self.part.set(row, column, f"{label}：{parts[label]}")
        if signed is not None and len(parts) == len(signed.parts):
            self.filler.taken_rows.add((signed.place.sheet, signed.place.row))

    def _same(self, label: str, text: str) -> bool:
        name = _NAMED.get(label)
        if name is None:
            return not text
        date = date_of(text) if name == "PE_DATE" else None
        return self.template.named(name) == (text if date is None else date)


Item = TypeVar("Item", _Level, _Group)


class _Structure:
    """The indicator rows: the template's groups, each grown to what goes into it, and those that only the form has."""

    def __init__(self, filler: Filler, sheet: str, form: IndicatorForm) -> None:
        self.filler, self.sheet, self.form = filler, sheet, form
        self.template, self.part = filler.template, filler.template.parts[sheet]
        self.top = row_of(self.part.texts(4), "三级指标") + 1
        self.levels = self._shipped()

    @property
    def guard(self) -> int:
        """The thin row that ends the block."""
        return row_of(self.part.texts(1), "总分") - 1

    def _shipped(self) -> list[_Level]:
        level1, level2 = self.part.texts(2), self.part.texts(3)
        tops = [row for row in level2 if self.top <= row < self.guard]
        levels: list[_Level] = []
        for top, below in zip(tops, [*tops[1:], self.guard], strict=True):
            if top in level1:
                levels.append(_Level(labels.plain(level1[top]), []))
            levels[-1].groups.append(_Group(labels.plain(level2[top]), level2[top], below - top))
        return levels

    def write(self) -> None:
        if not self.form.indicators:
            return
        for level in self.form.levels:
            self._take(level)
        level_of = {row: level for level in self.form.levels for row in level.rows}
        for indicator in self.form.indicators:
            self._group_of(indicator, level_of.get(indicator.row)).indicators.append(indicator)
        row = self.top
        for taken in self.levels:
            for group in taken.groups:
                self._grow(row, group)
                row += group.rows
        self._labels()
        self._rows()

    def _take(self, level: Level) -> _Level:
        """The template's group that a form's level-1 group goes into: that of its name, else one that has a level-2 group
        of its; a new one where there is none, or where another already stands there."""
        text = clean(level.label.text)
        known = next((one for one in self.levels if one.said and clean(one.said[0].text) == text), None)
        if known is None:
            free = [one for one in self.levels if not one.said]
            inner = {
                labels.plain(one.group.text)
                for one in self.form.indicators
                if one.row in level.rows and one.group
            }
            known = _named(free, labels.plain(level.name)) or next(
                (one for one in free if any(group.name in inner for group in one.groups)), None
            )
        if known is None:
            known = _Level(labels.plain(level.name), [])
            self.levels.append(known)
        known.said.append(level.label)
        return known

    def _group_of(self, indicator: Indicator, level: Level | None) -> _Group:
        """The group of an indicator; one the template lacks is added behind those it has, without rows as yet."""
        if level is not None:
            taken = next(one for one in self.levels if level.label in one.said)
        elif self.levels[0].name:
            taken = _Level("", [])
            self.levels.insert(0, taken)
        else:
            taken = self.levels[0]
        group = _named(taken.groups, indicator.level2)
        if group is None:
            group = _Group(indicator.level2, "", 0)
            taken.groups.insert(0 if not indicator.level2 else len(taken.groups), group)
        if indicator.group is not None and clean(indicator.group.text) != clean(group.text):
            group.text = indicator.group.text
        return group

    def _grow(self, top: int, group: _Group) -> None:
        """Insert the rows a group lacks: inside it, or where it has none as yet, above what comes next."""
        missing = len(group.indicators) - group.rows
        if missing <= 0:
            return
        # Below the first row and above the guard row, so that the sums count it.
        at = top + group.rows - 1 if group.rows else max(top, self.top + 1)
        like = at
        if at >= self.guard:
            at, like = self.guard, self.guard - 1
        self.template.insert_rows(self.sheet, at, missing, like=like)
        group.rows += missing

    def _labels(self) -> None:
        """Write the names of the groups and merge their cells anew; a level-1 group that the form lacks has none."""
        guard = self.guard
        for row in range(self.top, guard):
            for column in (2, 3):
                if self.part.value(row, column):
                    self.part.set(row, column, "")
        merges: list[Area] = []
        row = self.top
        for level in self.levels:
            ends = level is self.levels[-1]
            merges.append(Area(row, 2, row + level.rows - 1 + ends, 2))
            if level.said:
                self.filler.text(self.sheet, row, 2, level.said[0].text, level.said[0])
                self.filler.taken |= {label.place for label in level.said[1:]}
            for group in level.groups:
                last = ends and group is level.groups[-1]
                merges.append(Area(row, 3, row + group.rows - 1 + last, 3))
                if level.said or group.indicators:
                    self._group_label(row, group)
                row += group.rows
        self.part.merge_anew(
            Area(self.top, 2, guard, 3), [area for area in merges if area.bottom >= area.top]
        )

    def _group_label(self, row: int, group: _Group) -> None:
        self.part.set(row, 3, group.text)
        for indicator in group.indicators:
            cell = indicator.group
            if cell is None or cell.place in self.filler.taken:
                continue
            self.filler.taken.add(cell.place)
            if clean(cell.text) == clean(group.text):
                self.filler.moved(self.sheet, row, 3, cell)

    def _rows(self) -> None:
        row = self.top
        for level in self.levels:
            for group in level.groups:
                for offset, indicator in enumerate(group.indicators):
                    self._indicator(row + offset, indicator)
                row += group.rows

    def _indicator(self, row: int, indicator: Indicator) -> None:
        texts = (
            (4, indicator.name.text, indicator.name),
            (5, indicator.target_text, indicator.target),
            (6, indicator.actual_text, indicator.actual),
        )
        for column, text, source in texts:
            if text:
                self.filler.text(self.sheet, row, column, text, source)
        for column, value in ((7, indicator.weight), (8, indicator.score), (9, indicator.reason)):
            self.filler.put(self.sheet, row, column, value)
        written = clean(indicator.target_text), clean(indicator.actual_text)
        for role in ("sign", "unit"):
            cell = indicator.extra.get(role)
            if cell is not None and any(_holds(text, clean(cell.text)) for text in written):
                self.filler.taken.add(cell.place)


def _holds(text: str, part: str) -> bool:
    """Whether a sign or a unit that stood in a cell of its own was joined to a value."""
    return text.startswith(part) or text.endswith("%" if part in ("百分比", "百分之") else part)


def _same_name(one: str, other: str) -> bool:
    return bool(one) and bool(other) and (one in other or other in one)


def _named(items: Sequence[Item], name: str) -> Item | None:
    """The item of a name, else one whose name holds it or is held in it."""
    exact = next((item for item in items if item.name == name), None)
    return exact or next((item for item in items if _same_name(item.name, name)), None)
