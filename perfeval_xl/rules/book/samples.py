"""The examples of a book: whether a rule holds where its author says so, and does not where it must not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from perfeval_xl.equations import Equation, Ratio
from perfeval_xl.forms.records import Field
from perfeval_xl.grid import Place
from perfeval_xl.policy import Policy
from perfeval_xl.targets import Judgement, judge
from perfeval_xl.text import clean, is_dash, read_number

from .compiling import Verdict, verdict_at
from .grammar import as_typed
from .records import Book, BookRule, Remark, Sample
from .scene import At
from .sorts import policy_values, sort_of
from .tree import Cells, Path, written
from .values import Lacking, Taken, Words

_NOTHING = ("空", "（空）", "无数", "")
_HERE = Place("样例", 1, 1)


class SampleScene:
    """An example in the place of a workbook: what cells hold, by what the author calls them."""

    kept: None = None

    def __init__(self, rule: BookRule, sample: Sample, policy: Policy) -> None:
        self.rule, self.sample, self._policy = rule, sample, policy

    @property
    def policy(self) -> Policy:
        return self._policy

    @property
    def year(self) -> int | None:
        return None

    @cached_property
    def _values(self) -> Mapping[str, tuple[str, ...]]:
        return {_key(name): values for name, values in self.sample.values}

    def cells(self, node: Cells, at: At) -> Sequence[Taken]:
        if isinstance(node.source, Path) and node.source.words == ("政策",):
            value, sort = policy_values(self._policy)[clean(node.labels[0])]
            return [
                Taken(_field(f"{value}{'%' if sort == 'rate' else ''}"), f"政策规定的{node.labels[0]}", sort)
            ]
        values = self._named(node)
        if isinstance(node.source, Path) and node.source.words in (("本行",), ("本表",)) and len(values) > 1:
            values = values[at.number : at.number + 1]
        sort = sort_of(node, self.rule.scope)
        return [Taken(_field(value), "、".join(node.labels), sort) for value in values]

    def _named(self, node: Cells) -> tuple[str, ...]:
        names = (written(node), ", ".join(node.labels), node.labels[-1], node.labels[0])
        found = next((self._values[key] for key in map(_key, names) if key in self._values), None)
        if found is None and clean(node.labels[-1]) == "完成率":
            return (self._completion(),)
        if found is None:
            raise Lacking(f"样例没有给出 {written(node)}")
        return found

    def _completion(self) -> str:
        """The completion that the target and actual value of the example come to."""
        target, actual = (self._values.get(_key(name)) for name in ("年度指标值", "实际完成值"))
        judgement = judge(target[0], actual[0], policy=self._policy) if target and actual else None
        if judgement is None or judgement.ratio is None:
            raise Lacking("样例没有给出 完成率")
        return f"{judgement.ratio * 100}%"

    def column(self, word: str, at: At) -> Taken:
        values = self._values.get(_key(word))
        if values is None and word == "达标":
            values = tuple(self._values.get(_key("达标"), ()))
        if not values or at.number >= len(values):
            raise Lacking(f"样例没有给出 {word}")
        node = Cells(Path(("本行",)), (word,))
        return Taken(
            _field(values[at.number]),
            word,
            sort_of(node, self.rule.scope) if self.rule.scope.rows else "text",
        )

    def rows(self, source: Path, at: At) -> Sequence[At]:
        del at
        given = self._values.get(_key(written(source)))
        if given is not None and given[0].isdigit():
            return [At(number=number) for number in range(min(int(given[0]), 1000))]
        return [At(number=number) for number in range(max(map(len, self._values.values()), default=0))]

    def report(self) -> Words:
        given = self._values.get(_key("报告"))
        if given is None:
            raise Lacking('样例没有给出 报告（写 报告="…"）')
        return Words("，".join(given), whole=True)

    def present(self, source: Path) -> bool:
        return self._values.get(_key(source.word), ("有",)) != ("无",)

    def judged(self, at: At) -> Judgement | None:
        del at
        return None


def _key(name: str) -> str:
    return clean(as_typed(name))


def _field(text: str) -> Field:
    """What a cell of an example holds."""
    number = read_number(text)
    if text.strip() in _NOTHING or is_dash(text):
        return Field(_HERE, "", "blank")
    if number is None:
        return Field(_HERE, text, "text")
    return Field(
        _HERE,
        text,
        "number",
        number.value,
        number.decimals,
        number.unit,
        number.percent,
        as_text=bool(number.unit),
    )


def tried(book: Book, policy: Policy) -> Iterator[Remark]:
    """What the examples of a book say that its author did not mean."""
    for rule in book.rules:
        found: list[Verdict] = []
        for column, sample in (("应过样例", rule.passes), ("应错样例", rule.fails)):
            if sample is None:
                continue
            try:
                verdict = verdict_at(rule, SampleScene(rule, sample, policy), At())
            except Lacking as lacking:
                yield Remark(rule.row, column, f"没有算成：{lacking}")
                continue
            found.append(verdict)
            if verdict.state == "applied" and verdict.holds != (column == "应过样例"):
                yield Remark(rule.row, column, _unexpected(verdict, column))
        if found and all(verdict.state == "idle" for verdict in found):
            yield Remark(rule.row, "条件", "在样例里从来没有用上（条件恒假）")


def _unexpected(verdict: Verdict, column: str) -> str:
    result = verdict.result
    numbers = ""
    if isinstance(result, Equation | Ratio):
        stated = result.rate if isinstance(result, Ratio) else result.total
        numbers = f"：{result.explain()}，写的是 {stated.field.text}"
    elif result is not None:
        numbers = f"：{getattr(result, 'message', '')}"
    what = "应过样例没有通过" if column == "应过样例" else "应错样例没有报出来"
    return f"{what}{numbers}".rstrip("。")


def count(book: Book) -> int:
    """How many examples a book has."""
    return sum(sample is not None for rule in book.rules for sample in (rule.passes, rule.fails))
