"""Where a formula takes its cells from: a workbook with its forms. ``samples`` has the other scene, an example in words."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from perfeval_xl.forms.records import BudgetLine, Field, Form, Indicator, IndicatorForm
from perfeval_xl.policy import Policy
from perfeval_xl.records import dataclass, replace
from perfeval_xl.rules.cells import factor
from perfeval_xl.rules.context import Context, Judged, real_reason
from perfeval_xl.rules.families.narrative.measures import amount_statements
from perfeval_xl.rules.families.narrative.quoted import term_of
from perfeval_xl.rules.families.narrative.stated import Statement, passages
from perfeval_xl.targets import Judgement
from perfeval_xl.text import clean, plain

from .names import (
    DETAIL,
    Label,
    Named,
    Row,
    RowWord,
    Table,
    cells_of_form,
    columns_of_row,
    keys,
    row_fields,
    row_name_of,
    rows_of,
)
from .records import FORM_KINDS, PAPERS
from .sorts import policy_values
from .tree import Call, Cells, Node, Path, written
from .values import Lacking, Taken, Value, Words

T = TypeVar("T")
#: So many cells the rules of books take together in one check.
MOST_TAKEN = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class At:
    """Where a rule stands: the form that 本表 is and the row that 本行 is; the figure that 报告[…] means this time; in an example
    the ``number`` of the row, which no form has."""

    form: Form | None = None
    row: Row | None = None
    quoted: Taken | None = None
    number: int = 0


#: What a node gave at a place, or what it lacked, with both, so that their identity stays theirs.
Kept = tuple[Value | Lacking, Node, At]


class Scene(Protocol):
    """What formulas ask for. Everything raises ``Lacking`` where it is not there. ``kept`` is what they gave before, None in a
    scene that is asked once."""

    @property
    def kept(self) -> dict[tuple[int, int, bool], Kept] | None: ...

    @property
    def policy(self) -> Policy: ...

    @property
    def year(self) -> int | None: ...

    def cells(self, node: Cells, at: At) -> Sequence[Taken]:
        """The cells of a node: one, or one of each form or row."""

    def rows(self, source: Path, at: At) -> Sequence[At]:
        """The rows of a source, one place each; of a source that is a form, its forms."""

    def column(self, word: str, at: At) -> Taken:
        """A cell of the row at a place, by the word of its column."""

    def report(self) -> Words:
        """The whole text of the report."""

    def present(self, source: Path) -> bool: ...

    def judged(self, at: At) -> Judgement | None:
        """What is made of the target and actual value of the row at a place; None where there is no row."""


class WorkbookScene:
    """The forms of a workbook and of last year's."""

    def __init__(self, context: Context) -> None:
        self.context = context
        #: What formulas gave before, by node, place and whether blanks count: many rules ask for the same.
        self.kept: dict[tuple[int, int, bool], Kept] = {}
        #: What was looked for before: the same cells are taken by many rules.
        self._taken: dict[tuple[int, int, tuple[str, ...]], Taken] = {}
        self._of_rules: dict[int, tuple[Any, object]] = {}
        self._rows: dict[int, Mapping[str, Field]] = {}
        self._spent = 0
        self._judged: dict[int, Judged] = {}

    @classmethod
    def of(cls, context: Context) -> WorkbookScene:
        """The one scene of a run."""
        return context.once("scene of books", lambda: cls(context))

    def place(self, form: Form) -> At:
        """The place that a form is."""
        return self.context.once(("place", id(form)), lambda: At(form))

    def places(self, form: Form, word: RowWord) -> tuple[At, ...]:
        """A place for each row of a form that has a name."""
        return self.context.once(
            ("places", id(form), word),
            lambda: tuple(At(form, row) for row in rows_of(form, word) if row_name_of(row)),
        )

    def of_rule(self, rule: object, work_out: Callable[[], T]) -> T:
        """What is worked out once of a rule, known by its identity."""
        found = self._of_rules.get(id(rule))
        if found is None:
            found = self._of_rules[id(rule)] = (work_out(), rule)
        return found[0]

    @property
    def policy(self) -> Policy:
        return self.context.policy

    @property
    def year(self) -> int | None:
        return self.context.year

    # -- cells --------------------------------------------------------------------------------------------

    def cells(self, node: Cells, at: At) -> Sequence[Taken]:
        source = node.source
        if isinstance(source, Call):
            return [self._in(one, node.labels) for one in self._same_name(source, at)]
        if source.words == ("政策",):
            return [self._of_policy(node.labels)]
        if source.words == ("报告",):
            if at.quoted is None:
                raise Lacking(f"报告里没有读到“{'、'.join(node.labels)}”的数")
            return [at.quoted]
        if source.words == ("本行",):
            return [self._in(at, node.labels)]
        places = self.rows(source, at)
        if len(source.words) > 1:
            self._ready(places, node.labels)
        return [self._in(one, node.labels) for one in places]

    def column(self, word: str, at: At) -> Taken:
        return self._in(at, (word,))

    def rows(self, source: Path, at: At) -> Sequence[At]:
        words = source.words
        context = self.context
        if words[0] == "上年" and len(words) > 1:
            if context.previous is None:
                raise Lacking("没有给出上年的文件", against="previous")
            return WorkbookScene.of(context.previous).rows(Path(words[1:]), At())
        forms = [at.form] if words[0] == "本表" and at.form is not None else self._forms(words[0])
        if len(words) == 1:
            return [self.place(form) for form in forms]
        word: RowWord = words[1]  # type: ignore[assignment]  # the checker refuses others
        found = [place for form in forms for place in self.places(form, word)]
        self._spend(len(found))
        return found

    def _forms(self, word: str) -> list[Form]:
        head, dash, number = word.partition("-")
        kind = FORM_KINDS.get(head.rstrip("*"))
        if kind is None:
            raise Lacking(f"没有{word}")
        forms = [form for form in self.context.forms if form.kind == kind]
        if dash:
            forms = [form for form in forms if clean(form.caption) == f"{head}-{number}"]
        if not forms:
            raise Lacking(f"没有{head.rstrip('*')}{dash}{number}")
        filled = [form for form in forms if not self.context.is_empty(form)]
        if not filled:
            raise Lacking(f"{head.rstrip('*')}{dash}{number}还没有填写", "not_due")
        return filled if kind == "project" else filled[:1]

    def _in(self, at: At, labels: tuple[str, ...]) -> Taken:
        """The one cell that labels mean in a form, or in a row of it."""
        self._spend(1)
        key = (id(at.form), id(at.row), labels)
        taken = self._taken.get(key)
        if taken is None:
            taken = self._taken[key] = self._found(at, labels)
        return taken

    def _found(self, at: At, labels: Sequence[str]) -> Taken:
        form, row = at.form, at.row
        if form is None:
            raise Lacking(f"没有“{'、'.join(labels)}”所在的表")
        if row is not None:
            return self._in_row(at, form, row, labels)
        found = self._table(form).find(labels)
        if len(found) > 1:
            raise Lacking(f"“{'、'.join(labels)}”在{form.caption}有{len(found)}处，看不出是哪一处")
        if not found or found[0].field is None:
            raise Lacking(f"{form.caption}里没有“{'、'.join(labels)}”")
        return _taken(found[0], found[0].field, form, None)

    def _in_row(self, at: At, form: Form, row: Row, labels: Sequence[str]) -> Taken:
        """The cell of a row under a column, or what is worked out of the row, which no cell holds."""
        for named, role in self._columns(form, row, labels):
            cell = self._fields(row).get(role)
            if cell is not None:
                return _taken(named, cell, form, row)
            if named is DETAIL and isinstance(row, BudgetLine):
                label = f"{form.caption}“{row_name_of(row)}”是不是明细"
                return Taken(_said(row.label, row.role == "detail"), label, "truth", form)
            if role in ("completion", "met"):
                return self._worked_out(named, at)
        raise Lacking(f"{form.caption}里没有“{'、'.join(labels)}”")

    def _spend(self, cells: int) -> None:
        """No book takes more cells than this, however it is written and whatever it is held against."""
        self._spent += cells
        if self._spent > MOST_TAKEN:
            raise Lacking("审核公式取的格子太多，超过限度，没有算完", "unread")

    def _table(self, form: Form) -> Table:
        return self.context.once(("cells by name", id(form)), lambda: cells_of_form(form))

    def column_cells(self, places: Sequence[At], labels: tuple[str, ...]) -> list[Taken | None]:
        """The cell of each row under a column; None where a row has none."""
        self._ready(places, labels)

        def cell(at: At) -> Taken | None:
            try:
                return self._in(at, labels)
            except Lacking:
                return None

        return [cell(at) for at in places]

    def _ready(self, places: Sequence[At], labels: tuple[str, ...]) -> None:
        """Take the cells of a column at once, which is the same in all rows that are laid out alike."""
        found: dict[Hashable, tuple[Named, str] | None] = {}
        for at in places:
            key = (id(at.form), id(at.row), labels)
            if at.form is None or at.row is None or key in self._taken:
                continue
            alike = (id(at.form), _layout(at.row))
            if alike not in found:
                found[alike] = next(iter(self._columns(at.form, at.row, labels)), None)
            column = found[alike]
            cell = self._fields(at.row).get(column[1]) if column is not None else None
            if column is not None and cell is not None:
                self._taken[key] = _taken(column[0], cell, at.form, at.row)

    def _columns(self, form: Form, row: Row, labels: Sequence[str]) -> list[tuple[Named, str]]:
        """The column that labels mean in rows like this one, with its role."""
        table, roles = self.context.once(
            ("columns by name", id(form), _layout(row)), lambda: _by_role(columns_of_row(form, row))
        )
        found = table.find(labels)
        return [(found[0], roles[found[0].labels])] if len(found) == 1 else []

    def _fields(self, row: Row) -> Mapping[str, Field]:
        if id(row) not in self._rows:
            self._rows[id(row)] = row_fields(row)
        return self._rows[id(row)]

    def _worked_out(self, named: Named, at: At) -> Taken:
        """完成率 and 达标 of a row, which no cell holds; they stand for the actual value."""
        judgement, row = self.judged(at), at.row
        if judgement is None or not isinstance(row, Indicator):
            raise Lacking("这里没有指标行")
        label = f"“{row_name_of(row)}”的{named.labels[0].names[0]}"
        if named.sort == "truth":
            return Taken(_said(row.actual, met(judgement)), label, "truth", at.form)
        if judgement.ratio is None:
            raise Lacking(f"{label}算不出来（{judgement.explain}）")
        number = judgement.ratio * 100
        cell = replace(
            row.actual, text=f"{plain(number)}%", state="number", number=number, percent=True, unit="%"
        )
        return Taken(cell, label, "rate", at.form)

    def _same_name(self, source: Call, at: At) -> list[At]:
        path = source.arguments[0]
        assert isinstance(path, Path)
        wanted = _names_at(at)
        found = [one for one in self.rows(path, at) if not wanted.isdisjoint(_names_at(one))]
        if len(found) != 1:
            what = "没有" if not found else f"有{len(found)}个"
            name = row_name_of(at.row) if at.row is not None else getattr(at.form, "name", "")
            raise Lacking(f"{written(path)}里{what}与“{name}”同名的")
        return found

    def _of_policy(self, labels: Sequence[str]) -> Taken:
        value, sort = policy_values(self.policy)[clean(labels[0])]
        number = Decimal(str(value))
        where = next(iter(self.context.forms)).title.place
        cell = Field(where, plain(number), "number", number, percent=sort == "rate")
        return Taken(cell, f"政策规定的{labels[0]}", sort)

    # -- texts, papers, rows ------------------------------------------------------------------------------

    def report(self) -> Words:
        narratives = self.context.forms.narratives
        if not narratives:
            raise Lacking("没有自评报告")
        title = narratives[0].title
        return Words(
            self.context.narrative or "", (Taken(title, "自评报告", "text", narratives[0]),), whole=True
        )

    def present(self, source: Path) -> bool:
        word = source.words[0]
        if word == "上年":
            return self.context.previous is not None
        if word == "报告":
            return bool(self.context.forms.narratives)
        if word in PAPERS:
            return False
        try:
            return bool(self._forms(word))
        except Lacking:
            return False

    def judged(self, at: At) -> Judgement | None:
        if not isinstance(at.row, Indicator) or not isinstance(at.form, IndicatorForm):
            return None
        if id(at.row) not in self._judged:
            self._judged |= {id(one.indicator): one for one in self.context.judged(at.form)}
        found = self._judged[id(at.row)]
        if found.shifted:
            raise Lacking("这一行的内容像是错了栏")
        return found.judgement

    def quoted(self, label: str) -> list[Taken]:
        """Every different figure of the report that is certainly the one of a name."""
        return self.context.once(("quoted", label), lambda: self._quoted(label))

    def _quoted(self, label: str) -> list[Taken]:
        found: dict[Decimal, Taken] = {}
        for passage in passages(self.context):
            for index, figure in enumerate(passage.figures if passage.kind == "report" else ()):
                stated = [
                    one for one in amount_statements(passage, index, self.context) if _goes_by(one, label)
                ]
                if stated:
                    term = term_of(passage, figure, stated[0].field.place)
                    taken = Taken(term.field, f"报告的{label}", "money", passage.form, term.factor, term=term)
                    found.setdefault(figure.base, taken)
        return list(found.values())


def _by_role(columns: Mapping[str, Named]) -> tuple[Table, Mapping[tuple[Label, ...], str]]:
    return Table(tuple(columns.values())), {named.labels: role for role, named in columns.items()}


def _goes_by(statement: Statement, label: str) -> bool:
    return bool(set(keys(label)) & set(keys(statement.name))) or label in statement.label


def _names_at(at: At) -> frozenset[str]:
    """What a row is called, or a form by its project, of which what stands in brackets is a part."""
    if at.row is not None:
        return frozenset(keys(row_name_of(at.row)))
    return (
        frozenset(filter(None, (clean(at.form.name),))) if isinstance(at.form, IndicatorForm) else frozenset()
    )


def _layout(row: Row) -> Hashable:
    """What rows have in common whose columns are called alike."""
    return (type(row), () if isinstance(row, Indicator) else tuple(row.cells))


def _taken(named: Named, cell: Field, form: Form, row: Row | None) -> Taken:
    if row is not None:
        label = f"“{row_name_of(row)}”的{named.labels[0].names[0]}"
    else:
        short = named.short
        label = f"“{'、'.join(short)}”" if len(short) > 1 else f"“{short[0]}”"
    if row is not None and named.sort == "text" and "偏差原因" in named.labels[0].names:
        given = real_reason(cell)
        cell = replace(cell, text=given, state="text" if given else "blank")
    scale = factor(form.money_unit) if named.sort == "money" else Decimal(1)
    return Taken(cell, f"{form.caption}{label}", named.sort, form, scale, named.kin)


def met(judgement: Judgement) -> bool:
    """Whether a target was reached; Lacking where that cannot be told."""
    if judgement.outcome in ("met", "exceeded"):
        return True
    if judgement.outcome == "not_met":
        return False
    raise Lacking(f"看不出是否达标（{judgement.explain}）")


def _said(cell: Field, value: bool) -> Field:
    return replace(cell, text="是" if value else "否", state="text")
