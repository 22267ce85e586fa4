"""Simple clauses over whole columns of rows at once: most rows are passed over by their condition, and that should cost little.

What is not simple, and every row that does not plainly hold, is left to the evaluator, which knows why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Generic, TypeVar

from perfeval_xl.forms.records import Kind
from perfeval_xl.records import dataclass, field

from .evaluating import SIGNS, may_say, plain_text, says
from .names import RowWord
from .scene import At, WorkbookScene, met
from .tree import WORDED, Call, Cells, Node, Number, Path, Relation, Sign, Text
from .values import Lacking, Taken, amount_of, literal


class Unsaid(Enum):
    """Why nothing is said of a row: what it needs is not there or no number; the text asked about is empty; it is not plain."""

    LACKS, BLANK, UNSURE = range(3)


Rows = frozenset[int]


@dataclass(frozen=True, slots=True)
class Said:
    """What a clause says of rows, by their numbers: where it fails, and where nothing is said; it holds in all others."""

    fails: Rows
    blank: Rows
    lacks: Rows
    unsure: Rows


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """What stands in a column by the numbers of the rows, and the rows where nothing does that could be compared. ``joined`` is
    all of it, where it is text."""

    values: Mapping[int, T]
    blank: Rows
    lacks: Rows
    unsure: Rows
    joined: str = ""

    def said(self, fails: Iterable[int]) -> Said:
        """Of the rows that have a value, where it fails is given."""
        return Said(frozenset(fails), self.blank, self.lacks, self.unsure)


def _column(items: Sequence[T | Unsaid]) -> Column[T]:
    values = {number: one for number, one in enumerate(items) if not isinstance(one, Unsaid)}
    texts = [one for one in values.values() if isinstance(one, str)]
    of = {what: frozenset(number for number, one in enumerate(items) if one is what) for what in Unsaid}
    return Column(values, of[Unsaid.BLANK], of[Unsaid.LACKS], of[Unsaid.UNSURE], "\n".join(texts))


_ROW = Path(("本行",))
_ANSWERS = {Path(("是",)): True, Path(("否",)): False}


@dataclass(frozen=True, slots=True)
class Columns:
    """The rows that have a name of all forms of a kind (``numbers``: those of each form, by its identity), and what was worked out
    of their columns, ``blanks`` saying that an empty cell counts 0. Nodes are asked for by what they are, since equal ones are one (``grammar``)."""

    scene: WorkbookScene
    blanks: bool
    places: tuple[At, ...]
    numbers: Mapping[int, Rows]
    _kept: dict[tuple[str, int], tuple[object, Node]] = field(default_factory=dict)

    @classmethod
    def of(cls, scene: WorkbookScene, kind: Kind, word: RowWord, *, blanks: bool) -> Columns:
        """The one record of such rows in a run."""
        context = scene.context

        def made() -> Columns:
            forms = [form for form in context.forms if form.kind == kind and not context.is_empty(form)]
            places = tuple(at for form in forms for at in scene.places(form, word))
            numbers: dict[int, list[int]] = defaultdict(list)
            for number, at in enumerate(places):
                numbers[id(at.form)].append(number)
            return cls(scene, blanks, places, {form: frozenset(found) for form, found in numbers.items()})

        return context.once(("columns", kind, word, blanks), made)

    def said(self, clause: Node) -> Said | None:
        """What a clause says of the rows; None for a clause that is not simple."""
        return self._once("said", clause, self._said)

    def _once(self, what: str, node: Node, work_out: Callable[[Node], T]) -> T:
        key = (what, id(node))
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = (work_out(node), node)
        return found[0]  # type: ignore[return-value]

    def _said(self, clause: Node) -> Said | None:
        match clause:
            case Relation(Cells(source=source) as cells, sign, Text(words)) if source == _ROW:
                return self._of_texts(self._once("texts", cells, self._texts), sign, words)
            case Relation(Cells(source=source) as cells, sign, Number(value, unit)) if source == _ROW:
                number, stands = literal(value, unit).number, SIGNS[sign]
                column = self._once("figures", cells, self._figures)
                return column.said(row for row, one in column.values.items() if not stands(one, number))
            case Relation(Cells(source=source) as cells, sign, Cells(source=other) as beside) if (
                source == other == _ROW and sign not in WORDED
            ):
                return self._of_figures(cells, sign, beside)
            case Relation(Call("达标", arguments) as call, "=" | "≠" as sign, Path() as answer) if (
                answer in _ANSWERS and all(isinstance(one, Cells) and one.source == _ROW for one in arguments)
            ):
                wanted = _ANSWERS[answer] == (sign == "=")
                reached = self._once("reached", call, self._reached)
                return reached.said(row for row, one in reached.values.items() if one != wanted)
            case Call("空" | "非空" as name, (Cells(source=source) as cells,)) if source == _ROW:
                blanks = self._once("blanks", cells, self._blanks)
                return blanks.said(row for row, one in blanks.values.items() if one != (name == "空"))
        return None

    def _of_texts(self, texts: Column[str], sign: Sign, words: str) -> Said | None:
        """A column against words."""
        if sign in WORDED:
            wanted, holds = not sign.startswith("不"), says(sign, words)
            if not may_say(texts.joined, sign, words):
                return texts.said(texts.values if wanted else ())
            return texts.said(row for row, one in texts.values.items() if holds(one) != wanted)
        plain = plain_text(words)
        if not plain or sign not in ("=", "≠"):
            return None
        fails = frozenset(row for row, one in texts.values.items() if (one == plain) != (sign == "="))
        return Said(fails, frozenset(), texts.lacks | texts.blank, texts.unsure)

    def _of_figures(self, cells: Cells, sign: Sign, beside: Cells) -> Said:
        """A column against another."""
        one, other = (self._once("figures", node, self._figures) for node in (cells, beside))
        both, stands = one.values.keys() & other.values.keys(), SIGNS[sign]
        unsure = one.unsure | other.unsure
        lacks = (one.lacks | other.lacks) - unsure
        fails = frozenset(row for row in both if not stands(one.values[row], other.values[row]))
        return Said(fails, frozenset(), lacks, unsure)

    def _cells(self, node: Node) -> Sequence[Taken | None]:
        """The cells of a column; None where a row has none."""
        assert isinstance(node, Cells)

        return self.scene.column_cells(self.places, node.labels)

    def _blanks(self, node: Node) -> Column[bool]:
        """Whether the cells of a column are empty."""
        cells = self._once("cells", node, self._cells)
        return _column([Unsaid.LACKS if taken is None else taken.field.blank for taken in cells])

    def _texts(self, node: Node) -> Column[str]:
        """What a column says, plain."""

        def text(taken: Taken | None) -> str | Unsaid:
            if taken is None:
                return Unsaid.LACKS
            if taken.sort == "truth":
                return Unsaid.UNSURE
            if taken.field.blank and not self.blanks:
                return Unsaid.BLANK
            return plain_text(taken.field.text)

        return _column([text(taken) for taken in self._once("cells", node, self._cells)])

    def _figures(self, node: Node) -> Column[Decimal]:
        """The numbers of a column."""

        def number(taken: Taken | None) -> Decimal | Unsaid:
            if taken is not None and taken.sort in ("text", "truth"):
                return Unsaid.UNSURE
            try:
                return Unsaid.LACKS if taken is None else amount_of(taken, blanks=self.blanks).number
            except Lacking:
                return Unsaid.LACKS

        return _column([number(taken) for taken in self._once("cells", node, self._cells)])

    def _reached(self, node: Node) -> Column[bool]:
        """Whether each row's target was reached."""
        assert isinstance(node, Call)
        columns = [self._once("cells", one, self._cells) for one in node.arguments]

        def reached(at: At, *cells: Taken | None) -> bool | Unsaid:
            if any(taken is None or taken.field.blank for taken in cells):
                return Unsaid.UNSURE
            try:
                judgement = self.scene.judged(at)
                return Unsaid.UNSURE if judgement is None else met(judgement)
            except Lacking:
                return Unsaid.LACKS

        return _column(list(map(reached, self.places, *columns)))
