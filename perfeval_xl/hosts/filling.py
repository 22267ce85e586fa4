"""Writes forms that were read elsewhere into the template: by labels, rows inserted and project sheets added.

Nothing is lost silently: what finds no place is told in a note. Figures go where a clerk would type them; a
computed cell keeps its formula unless what the form says there is something else, which then stands typed over
it, for the checks to find.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from lxml import etree

from ..findings import Place
from ..forms import labels
from ..forms.records import (
    BasicForm,
    BudgetLine,
    Field,
    Forms,
    FundTable,
    Indicator,
    IndicatorForm,
    Narrative,
    Signature,
)
from ..grid import coordinates
from ..text import clean
from .evaluating import EPOCH, Scalar
from .package import child, children
from .sheet_editing import SheetPart
from .template import PROJECT, Template, excel_date

BASIC, OVERALL, REPORT = "附件1", "附件2", "自评报告"
FUND_SHEETS = {"gov_fund": "附件4", "state_capital": "附件5", "social_insurance": "附件6"}
_YEARS = {"last_final": 2, "budget": 4, "final": 6}
_DATE = re.compile(r"(20\d\d)[.年/-](\d{1,2})[.月/-](\d{1,2})日?")


@dataclass(frozen=True, slots=True)
class Move:
    """What was written where: a cell of the source, what it showed, and the cell of the template that took it up."""

    source: Place
    text: str
    target: Place
    written: str


def fill(template: Template, forms: Forms) -> tuple[str, ...]:
    """Write the forms into the template and work out every formula; what found no place is returned."""
    filler = Filler(template)
    filler.fill(forms)
    return tuple(filler.notes)


_ComputedCell = tuple[SheetPart, int, int, Field]


@dataclass
class Filler:
    """What the writers of the forms share: the template, what was moved where, the computed cells to compare, notes."""

    template: Template
    notes: list[str] = field(default_factory=list)
    computed: list[_ComputedCell] = field(default_factory=list)
    written: set[tuple[str, int]] = field(default_factory=set)
    #: Cells of the source that say what the template says by itself.
    taken: set[Place] = field(default_factory=set)
    #: Rows of the source that were taken up as a whole, by sheet and row.
    taken_rows: set[tuple[str, int]] = field(default_factory=set)
    _moved: list[tuple[Place, str, str, etree._Element]] = field(default_factory=list)

    def fill(self, forms: Forms, given: Mapping[str, Field] | None = None) -> None:
        """Write the forms, and work out every formula; ``given`` are the particulars that the source's own 填报说明 states,
        by the names of the template's cells."""
        self.particulars(forms, given or {})
        for basic in forms.basic[:1]:
            _Basic(self, basic).write()
        for overall in forms.overall[:1]:
            _Indicators(self, OVERALL, overall).write()
        sheets = [PROJECT.format(1)]
        sheets += [self.template.add_project() for _ in forms.projects[1:]]
        for name, project in zip(sheets, forms.projects, strict=False):
            _Indicators(self, name, project).write()
        for table in forms.funds:
            _fund_table(self, FUND_SHEETS[table.kind], table)
        for narrative in forms.narratives[:1]:
            _narrative(self, narrative)
        self.notes += [f"多出的{form.caption}没有写入" for form in (*forms.basic[1:], *forms.overall[1:])]
        self.settle()

    @property
    def moves(self) -> tuple[Move, ...]:
        """What was written where, by the cells as they stand now."""
        found = []
        for source, text, sheet, cell in self._moved:
            row, column = coordinates(cell.get("r", "A1"))
            value = self.template.parts[sheet].value(row, column)
            found.append(Move(source, text, Place(sheet, row, column), cell_shown(value)))
        return tuple(found)

    def moved(self, sheet: str, row: int, column: int, source: Field) -> None:
        """Remember that a cell takes up a field of the source, wherever later insertions move it."""
        cell = self.template.parts[sheet].cells[row, column]
        self._moved.append((source.place, source.text, sheet, cell))

    def particulars(self, forms: Forms, given: Mapping[str, Field]) -> None:
        """Unit, year and who filled it in, as 填报说明 asks for them."""
        self._read_particulars(forms)
        for name, value in given.items():
            if value.filled:
                date = _date(value.text) if name == "PE_DATE" else None
                sheet, row, column = self.template.place(name)
                self.template.set_name(name, _typed(value) if date is None else excel_date(date))
                self.moved(sheet, row, column, value)

    def _read_particulars(self, forms: Forms) -> None:
        units = [form.unit_name for form in forms if form.unit_name is not None and form.unit_name.filled]
        year = next((form.year for form in forms if form.year is not None), None)
        for unit in units[:1]:
            self.template.set_name("PE_UNIT", unit.text)
            self.moved(*self.template.place("PE_UNIT"), unit)
        self.taken |= {unit.place for unit in units if unit.text == units[0].text}
        if year is not None:
            self.template.set_name("PE_YEAR", float(year))
        signed = next((form.signature for form in forms.overall if form.signature is not None), None)
        if signed is None:
            return
        parts = signature_parts(signed)
        for name, label in (("PE_PERSON", "填表人"), ("PE_PHONE", "联系电话")):
            self.template.set_name(name, parts.get(label, ""))
        date = _date(parts.get("填报日期", ""))
        if date is not None:
            self.template.set_name("PE_DATE", excel_date(date))

    def text(self, sheet: str, row: int, column: int, text: str, source: Field) -> None:
        self.template.parts[sheet].set(row, column, text)
        self.written.add((sheet, row))
        self.moved(sheet, row, column, source)

    def put(self, sheet: str, row: int, column: int, value: Field | None) -> None:
        """Type a form's field into a cell; blank fields leave the cell alone."""
        if value is None or value.state in ("blank", "unknown"):
            return
        part = self.template.parts[sheet]
        if value.number is not None and not value.percent:
            part.set(row, column, float(value.number))
        else:
            part.set(row, column, value.text)
            self.written.add((sheet, row))
        self.moved(sheet, row, column, value)

    def compute(self, sheet: str, row: int, column: int, value: Field | None) -> None:
        """Remember what a form says in a cell that the template computes."""
        if value is not None and value.state not in ("blank", "unknown"):
            self.computed.append((self.template.parts[sheet], row, column, value))
            self.moved(sheet, row, column, value)

    def settle(self) -> None:
        """Work out all formulas; then type over those that give something else than the form says.

        One at a time and the deepest first: once it is typed over, what rests on it may agree.
        """
        while differing := self._differing():
            part, row, column, value = differing
            part.set(row, column, _typed(value))
            self.computed.remove(differing)
        self._fit_rows()
        self.template.recalculate()

    def _differing(self) -> _ComputedCell | None:
        """A computed cell that gives something else than its form says, and rests on no other such cell."""
        evaluator = self.template.evaluator()
        sheet_of = {id(part): name for name, part in self.template.parts.items()}
        places = {(sheet_of[id(item[0])], item[1], item[2]): item for item in self.computed}
        wrong = {place for place, item in places.items() if not _agrees(evaluator.value(*place), item[3])}
        return next(
            (places[place] for place in sorted(wrong) if not wrong & evaluator.precedents(*place)), None
        )

    def _fit_rows(self) -> None:
        for name, part in self.template.parts.items():
            rows = sorted(row for sheet, row in self.written if sheet == name)
            if rows:
                fit_rows(part, rows)


def _agrees(computed: Scalar, value: Field) -> bool:
    """Whether a form's figure is what the formula gives, as far as the form's figure shows it."""
    if value.number is None:
        return computed in ("", None) and value.state != "text"
    if not isinstance(computed, float | int):
        return value.number == 0
    exact = Decimal(f"{computed:.15g}") * (100 if value.percent else 1)
    return exact.quantize(Decimal(1).scaleb(-value.decimals), ROUND_HALF_UP) == value.number


def _typed(value: Field) -> Scalar:
    """A field as a clerk would type it into a computed cell."""
    if value.number is None or value.as_text:
        return value.text
    return float(value.number / 100 if value.percent else value.number)


def cell_shown(value: Scalar) -> str:
    """A stored value as a text, for a log."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return value if isinstance(value, str) else "" if value is None else f"{value:.15g}"


#: Other words for those who sign.
_SIGNED_AS = {"单位负责人": "单位负责人签字", "填报人": "填表人", "经办人": "填表人", "填表日期": "填报日期"}


def signature_parts(signed: Signature) -> dict[str, str]:
    """Who signed and when, by the template's labels; of two that are the same label the first."""
    parts: dict[str, str] = {}
    for label, text in signed.parts.items():
        parts.setdefault(_SIGNED_AS.get(label, label), text)
    return parts


def _date(text: str) -> dt.date | None:
    match = _DATE.fullmatch(clean(text))
    try:
        return dt.date(*(int(part) for part in match.groups())) if match is not None else None
    except ValueError:
        return None


# -- finding places -------------------------------------------------------------------------------------------


def _row_of(texts: Mapping[int, str], wanted: str) -> int:
    return next(row for row, text in texts.items() if clean(text) == wanted)


# -- 附件1 ----------------------------------------------------------------------------------------------------


class _Basic:
    """附件1: lines by role, a row inserted for every detail beyond those that are shipped."""

    def __init__(self, filler: Filler, form: BasicForm) -> None:
        self.filler, self.form = filler, form
        self.template = filler.template
        self.part = filler.template.parts[BASIC]

    def write(self) -> None:
        self._staff()
        for line in self.form.lines:
            if line.role in ("project_line", "detail", "public_part", "other"):
                continue
            row = self._row(line.role)
            if row is None:
                self.filler.notes.append(f"附件1“{line.name}”没有写入：模板没有这一行")
            else:
                self._figures(row, line)
        self._parts_of_public()
        self._projects()
        self._below()

    def _row(self, role: str) -> int | None:
        """The template's row of a role, by its label."""
        for row, text in self.part.texts(1).items():
            name = re.sub(r"^\d、", "", labels.plain(text))
            if labels.role_of(name, labels.BUDGET_LINES) == role:
                return row
        return None

    def _figures(self, row: int, line: BudgetLine) -> None:
        for year, column in _YEARS.items():
            value = line.cells.get(year)
            if self._has_formula(row, column):
                self.filler.compute(BASIC, row, column, value)
            else:
                self.filler.put(BASIC, row, column, value)

    def _has_formula(self, row: int, column: int) -> bool:
        cell = self.part.cells.get((row, column))
        return cell is not None and child(cell, "f") is not None

    def _staff(self) -> None:
        staff = self.form.staff
        if staff is None:
            return
        row = _row_of(self.part.texts(2), "编制数") + 1
        self.filler.put(BASIC, row, 2, staff.quota)
        self.filler.put(BASIC, row, 4, staff.actual)
        self.filler.compute(BASIC, row, 6, staff.rate)

    def _parts_of_public(self) -> None:
        """其中 of 公用经费: by name, others in rows of their own under them."""
        for line in self.form.lines:
            if line.role not in ("public_part", "other"):
                continue
            texts = self.part.texts(1)
            row = next(
                (row for row, text in texts.items() if labels.plain(text) == labels.plain(line.name)), None
            )
            if row is None:
                row = self._row("procurement")
                assert row is not None
                self.template.insert_rows(BASIC, row, 1, like=row - 1)
                self.filler.text(BASIC, row, 1, line.label.text, line.label)
            self._figures(row, line)

    def _projects(self) -> None:
        lines = [line for line in self.form.lines if line.role == "project_line"]
        for index, line in enumerate(lines):
            rows = self._numbered()
            if index < len(rows):
                row = rows[index]
            else:
                # Above the last guard row, so that 项目支出 counts it.
                row = self._section_end() - 1
                self.template.insert_rows(BASIC, row, 1, like=rows[0])
            self.filler.text(BASIC, row, 1, line.label.text, line.label)
            self._details(index, row, self.form.children(line))
            self._figures(row, line)

    def _numbered(self) -> list[int]:
        """The rows of the numbered lines under 项目支出."""
        top, end = self._row("projects") or 0, self._section_end()
        return [
            row for row, text in self.part.texts(1).items() if top < row < end and re.match(r"\d、", text)
        ]

    def _section_end(self) -> int:
        return self._row("public") or 0

    def _details(self, index: int, row: int, details: Sequence[BudgetLine]) -> None:
        rows = self._numbered()
        below = rows[index + 1] if index + 1 < len(rows) else self._section_end()
        shipped = below - row - 2  # less the guard row
        if shipped < 1:  # a line without a list
            self.template.insert_rows(BASIC, row + 1, len(details), like=self._detail_row())
        else:
            self.template.insert_rows(BASIC, row + shipped, len(details) - shipped)
        for offset, detail in enumerate(details, 1):
            self.filler.text(BASIC, row + offset, 1, detail.label.text.strip(), detail.label)
            self._figures(row + offset, detail)

    def _detail_row(self) -> int:
        """A row of the first list."""
        rows = self._numbered()
        return next(above + 1 for above, below in pairwise(rows) if below - above > 2)

    def _below(self) -> None:
        """楼堂馆所 and 厉行节约."""
        if self.form.buildings:
            row = _row_of(self.part.texts(2), "批复规模(m2)") + 1
            cells = self.form.buildings[0].cells
            for column, role in enumerate(("approved", "actual", "rate", "budget", "spent", "cost_rate"), 2):
                write = self.filler.compute if role.endswith("rate") else self.filler.put
                write(BASIC, row, column, cells.get(role))
        if self.form.thrift is not None:
            sheet, row, column = self.template.place("PE_THRIFT")
            self.filler.put(sheet, row, column, self.form.thrift)


# -- 附件2 and 附件3 ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Block:
    """A level-2 group of the template: where its label stands and how many rows it has."""

    level1: str
    level2: str
    top: int
    rows: int


class _Indicators:
    """附件2 or one 附件3."""

    def __init__(self, filler: Filler, sheet: str, form: IndicatorForm) -> None:
        self.filler, self.sheet, self.form = filler, sheet, form
        self.template = filler.template
        self.part = filler.template.parts[sheet]

    def write(self) -> None:
        self._head()
        self._funds()
        self._nature()
        self._goals()
        self._groups()
        self._total()
        self._signature()

    def _head(self) -> None:
        if self.form.kind != "project":
            return
        self.filler.put(self.sheet, 3, 2, self.form.head.get("project"))
        for role, column in (("department", 2), ("office", 6)):
            self.filler.put(self.sheet, 4, column, self.form.head.get(role))

    def _funds(self) -> None:
        if self.form.funds is None:
            return
        rows = {labels.role_of(text, labels.FUND_ROWS): row for row, text in self.part.texts(2).items()}
        for fund in self.form.funds.rows:
            row = rows.get(fund.role)
            if row is None:
                self.filler.notes.append(f"{self.sheet}“{fund.label.text}”没有写入：模板没有这一行")
                continue
            for role, column in (("initial", 4), ("budget", 5), ("executed", 6)):
                write = self.filler.compute if self._formula(row, column) else self.filler.put
                write(self.sheet, row, column, fund.cells.get(role))
            if fund.role == "total":
                self.filler.put(self.sheet, row, 7, fund.cells.get("weight"))
                self.filler.compute(self.sheet, row, 8, fund.cells.get("rate"))
                self.filler.compute(self.sheet, row, 9, fund.cells.get("score"))

    def _formula(self, row: int, column: int) -> bool:
        return child(self.part.cells[row, column], "f") is not None

    def _nature(self) -> None:
        """附件2's lines by nature: the figure stands to the right of its label."""
        sides = (
            (2, 5, labels.INCOME_LINES, self.form.income),
            (6, 9, labels.SPENDING_LINES, self.form.spending),
        )
        for label_column, column, table, lines in sides:
            rows = {labels.role_of(text, table): row for row, text in self.part.texts(label_column).items()}
            for line in lines:
                row = rows.get(line.role)
                if row is None:
                    self.filler.notes.append(f"{self.sheet}“{line.label}”没有写入：模板没有这一行")
                else:
                    write = self.filler.compute if self._formula(row, column) else self.filler.put
                    write(self.sheet, row, column, _amount(line.amount))

    def _goals(self) -> None:
        row = _row_of(self.part.texts(2), "预期目标") + 1
        for role, column in (("expected", 2), ("achieved", 6)):
            self.filler.put(self.sheet, row, column, self.form.goals.get(role))

    def _blocks(self) -> list[_Block]:
        header = _row_of(self.part.texts(4), "三级指标")
        total = _row_of(self.part.texts(1), "总分")
        level1, level2 = self.part.texts(2), self.part.texts(3)
        tops = [row for row in level2 if header < row < total]
        blocks = []
        for top, below in zip(tops, [*tops[1:], total - 1], strict=True):
            above = max(row for row in level1 if row <= top)
            blocks.append(_Block(labels.plain(level1[above]), labels.plain(level2[top]), top, below - top))
        return blocks

    def _groups(self) -> None:
        for row, text in [(row, text) for row, text in self.part.texts(2).items()]:
            level = next((level for level in self.form.levels if level.name == labels.plain(text)), None)
            if level is not None:
                self.filler.text(self.sheet, row, 2, level.label.text, level.label)
        for block, group in self._placed():
            # Rows above have moved since: the block is found anew by its label.
            top = next(
                found.top
                for found in self._blocks()
                if (found.level1, found.level2) == (block.level1, block.level2)
            )
            self.template.insert_rows(self.sheet, top + block.rows - 1, len(group) - block.rows)
            for row, indicator in enumerate(group, top):
                self._indicator(row, indicator)

    def _placed(self) -> list[tuple[_Block, list[Indicator]]]:
        """Which block each level-2 group of the form goes into; a group the template lacks, into the last of its kind."""
        blocks = self._blocks()
        placed: dict[int, list[Indicator]] = {}
        for indicator in self.form.indicators:
            index = _block_for(indicator, blocks)
            if blocks[index].level2 != indicator.level2 and indicator.level2:
                self.filler.notes.append(
                    f"{self.sheet}“{indicator.name.text}”放在“{blocks[index].level2}”下：模板没有“{indicator.level2}”"
                )
            placed.setdefault(index, []).append(indicator)
        return [(blocks[index], group) for index, group in placed.items()]

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

    def _total(self) -> None:
        total = self.form.total
        if total is None:
            return
        row = _row_of(self.part.texts(1), "总分")
        self.filler.compute(self.sheet, row, 7, total.weight)
        self.filler.compute(self.sheet, row, 8, total.score)
        self.filler.put(self.sheet, row, 9, total.grade)

    def _signature(self) -> None:
        """The signature line follows 填报说明; where a form has none, or says something else, it is typed."""
        row = _row_of(self.part.texts(1), "单位负责人签字:")
        signed = self.form.signature
        parts = {} if signed is None else signature_parts(signed)
        for column, label in ((1, "单位负责人签字"), (4, "填表人"), (5, "联系电话"), (7, "填报日期")):
            if signed is None:
                self.part.set(row, column, "")
            elif label in parts and not self._same(label, parts[label]):
                self.part.set(row, column, f"{label}：{parts[label]}")
        if signed is not None and len(parts) == len(signed.parts):
            self.filler.taken_rows.add((signed.place.sheet, signed.place.row))

    def _same(self, label: str, text: str) -> bool:
        name = {"填表人": "PE_PERSON", "联系电话": "PE_PHONE", "填报日期": "PE_DATE"}.get(label)
        if name is None:
            return not text
        sheet, row, column = self.template.place(name)
        value = self.template.parts[sheet].value(row, column)
        date = _date(text) if name == "PE_DATE" else None
        return value == (float((date - EPOCH).days) if date is not None else text)


def _amount(value: Field) -> Field:
    """A figure that stood behind a label, as a figure of its own."""
    return (
        value
        if not value.as_text
        else Field(value.place, value.text, value.state, value.number, value.decimals)
    )


def _block_for(indicator: Indicator, blocks: Sequence[_Block]) -> int:
    """The block of an indicator: of its level-2 name under its level-1 name, else by the name alone, else the
    last of its level 1."""
    tests = (
        lambda block: (block.level1, block.level2) == (indicator.level1, indicator.level2),
        lambda block: (
            bool(indicator.level2) and (block.level2 in indicator.level2 or indicator.level2 in block.level2)
        ),
        lambda block: block.level1 == indicator.level1,
        lambda _block: True,
    )
    for test in tests:
        found = [index for index, block in enumerate(blocks) if test(block)]
        if found:
            return found[-1]
    raise AssertionError("the template has groups")


# -- 附件4 to 6 and the report --------------------------------------------------------------------------------


def _fund_table(filler: Filler, sheet: str, table: FundTable) -> None:
    part = filler.template.parts[sheet]
    header = {
        labels.role_of(stored.value, labels.FUND_TABLE_COLUMNS): column
        for (row, column), stored in sorted(part.stored().items())
        if row in (4, 5) and isinstance(stored.value, str)
    }
    top = _row_of(part.texts(1), "合计")
    first = min((row for row, _ in _guarded(part, top)), default=top + 1)
    lines = [row for row in table.rows if not row.total]
    shipped = len(_guarded(part, top))
    filler.template.insert_rows(sheet, first + shipped - 1, len(lines) - shipped)
    for row, line in [*enumerate(lines, first), *((top, row) for row in table.rows if row.total)]:
        if not line.total:
            name_column = header.get("name") or 1
            filler.text(sheet, row, name_column, line.label.text, line.label)
            if line.code and header.get("code"):
                filler.text(sheet, row, header["code"], line.code, line.label)
        for role, value in line.cells.items():
            column = header.get(role)
            if column is None:
                filler.notes.append(f"{sheet}“{role}”没有写入：模板没有这一栏")
            elif child(part.cells[row, column], "f") is not None:
                filler.compute(sheet, row, column, value)
            else:
                filler.put(sheet, row, column, value)


def _guarded(part: SheetPart, top: int) -> list[tuple[int, float]]:
    """The rows between 合计 and the thin guard row."""
    rows = []
    for row in sorted(part.rows):
        if row <= top:
            continue
        height = float(part.rows[row].get("ht", "24"))
        if height < 10:
            break
        rows.append((row, height))
    return rows


def _narrative(filler: Filler, narrative: Narrative) -> None:
    """The report as it was, paragraph by paragraph; the template's own sentences make room for it."""
    part = filler.template.parts[REPORT]
    texts = part.texts(1)
    heading = next(row for row, text in texts.items() if text.startswith("一、"))
    styles = {True: part.cells[heading, 1].get("s", "0"), False: part.cells[heading + 2, 1].get("s", "0")}
    rows = [row for row in sorted(part.rows) if row > 1]
    filler.template.insert_rows(REPORT, rows[1], len(narrative.paragraphs) - len(rows), like=rows[1])
    headings = {paragraph.place for paragraph in narrative.headings}
    last = 1
    for last, paragraph in enumerate(narrative.paragraphs, 2):
        filler.text(REPORT, last, 1, paragraph.text, paragraph)
        part.style(last, 1, styles[paragraph.place in headings])
    for row in [row for row in sorted(part.rows) if row > last]:
        part.set(row, 1, "")


# -- heights --------------------------------------------------------------------------------------------------

_POINTS_PER_WIDTH = 6.0
_LINE_SPACING = 1.35
_HIGHEST = 409.0
#: A first column wider than this is the report's, which is set larger.
_REPORT_WIDTH = 60.0


def fit_rows(part: SheetPart, rows: Iterable[int]) -> None:
    """Give rows the height their wrapped texts need: Excel does not fit merged cells, and nobody else fits any."""
    widths = _widths(part)
    spans = {(area.top, area.left): area for area in part.merges}
    wanted = set(rows)
    needed: dict[int, float] = {}
    for (row, column), stored in part.stored().items():
        area = spans.get((row, column))
        if (
            row not in wanted
            or not isinstance(stored.value, str)
            or (area is not None and area.bottom > area.top)
        ):
            continue
        right = area.right if area is not None else column
        size = 14.0 if widths.get(1, 0) > _REPORT_WIDTH else 10.5
        room = sum(widths.get(at, 9.0) for at in range(column, right + 1)) * _POINTS_PER_WIDTH - 8
        lines = sum(max(1, -(-int(_width(piece, size)) // int(room))) for piece in stored.value.split("\n"))
        needed[row] = max(needed.get(row, 0.0), lines * size * _LINE_SPACING + 6)
    for row, points in needed.items():
        if points > float(part.rows[row].get("ht", "18")):
            part.height(row, min(_HIGHEST, points))


def _widths(part: SheetPart) -> dict[int, float]:
    holder = child(part.root, "cols")
    widths = {}
    for column in [] if holder is None else children(holder, "col"):
        for at in range(int(column.get("min", "1")), int(column.get("max", "1")) + 1):
            widths[at] = float(column.get("width", "9"))
    return widths


def _width(text: str, size: float) -> float:
    """Points a text takes: full-width characters are square, others about half."""
    return sum(size if unicodedata.east_asian_width(sign) in "WFA" else 0.55 * size for sign in text)
