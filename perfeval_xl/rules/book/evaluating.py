"""What a formula says where a rule stands: amounts, texts, yes or no. Nothing is run: the tree is gone down, bounded by its depth."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from perfeval_xl.equations import HUNDRED, per_cent, rounded
from perfeval_xl.records import dataclass, replace
from perfeval_xl.targets import Judgement, judge, read
from perfeval_xl.text import clean, with_plain_signs

from .scene import At, Scene, met
from .tree import WORDED, Call, Cells, Condition, Node, Number, Path, Present, Product, Relation, Sum, Text
from .values import (
    Amount,
    Blank,
    Lacking,
    Taken,
    Truth,
    Value,
    Words,
    added,
    amount_of,
    divided,
    literal,
    multiplied,
)

_MOST_DECIMALS = 8


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Goes down a formula. ``blanks`` says that an empty cell counts 0; else Lacking is raised for it."""

    scene: Scene
    blanks: bool = False

    # -- yes or no ----------------------------------------------------------------------------------------

    def truth(self, node: Node, at: At) -> Truth:
        """Whether a clause holds."""
        match node:
            case Condition():
                parts = []
                for clause in node.clauses:
                    part = self.truth(clause, at)
                    if not part.value:
                        return part
                    parts.append(part)
                return Truth(True, tuple(taken for part in parts for taken in part.cells))
            case Present():
                return Truth(self.scene.present(node.source))
            case Relation():
                return self._relation(node, at)
            case _:
                value = self.value(node, at)
                if isinstance(value, Words) and value.text in ("是", "否"):
                    return Truth(value.text == "是", value.cells)
                if not isinstance(value, Truth):
                    raise Lacking("这里要的是“是”或“否”")
                return value

    def _relation(self, node: Relation, at: At) -> Truth:
        if node.sign in WORDED:
            left, right = self.words(node.left, at), self.words(node.right, at)
            found = says(node.sign, right.text)(plain_text(left.text))
            return Truth(found != node.sign.startswith("不"), (*left.cells, *right.cells))
        if node.right == Text(""):
            return self._blank(node.left, at, wanted=node.sign == "=")
        left_value, right_value = self.value(node.left, at), self.value(node.right, at)
        return Truth(compared(left_value, node.sign, right_value), (*left_value.cells, *right_value.cells))

    # -- values -------------------------------------------------------------------------------------------

    def value(self, node: Node, at: At) -> Value:
        """What a node gives."""
        kept = self.scene.kept
        if kept is None or at.quoted is not None or not isinstance(node, Cells | Call):
            return self._value(node, at)
        key = (id(node), id(at), self.blanks)
        before = kept.get(key)
        if before is None:
            try:
                before = self._value(node, at), node, at
            except Lacking as lacking:
                before = lacking, node, at
            kept[key] = before
        if isinstance(before[0], Lacking):
            raise before[0].with_traceback(None)
        return before[0]

    def _value(self, node: Node, at: At) -> Value:
        match node:
            case Number():
                return literal(node.value, node.unit)
            case Text():
                return Words(node.value)
            case Sum():
                return added(
                    tuple((1 if sign == "+" else -1, self.amount(one, at)) for sign, one in node.terms)
                )
            case Product():
                product = self.amount(node.factors[0][1], at)
                for sign, one in node.factors[1:]:
                    factor = self.amount(one, at)
                    product = multiplied(product, factor) if sign == "*" else divided(product, factor)
                return product
            case Call():
                return self._call(node, at)
            case Cells():
                return self._cell(self._one(node, at))
            case Path():
                return self._word(node, at)
            case _:
                return self.truth(node, at)

    def amount(self, node: Node, at: At) -> Amount:
        """A node's number; Lacking where it is none."""
        value = self.value(node, at)
        if not isinstance(value, Amount):
            raise Lacking("这里要的是数")
        return value

    def words(self, node: Node, at: At) -> Words:
        """A node as a text: what a cell shows; of an empty one nothing, or Lacking."""
        if isinstance(node, Path) and node.words == ("报告",):
            return self.scene.report()
        if isinstance(node, Cells):
            taken = self._one(node, at)
            return self._text(taken)
        value = self.value(node, at)
        return value if isinstance(value, Words) else Words(value.shown, value.cells)

    def _text(self, taken: Taken) -> Words:
        if taken.field.blank and not self.blanks:
            raise Blank(f"{taken.label}没有填")
        return Words(taken.field.text, (taken,))

    def _one(self, node: Cells, at: At) -> Taken:
        found = self.scene.cells(node, at)
        if len(found) != 1:
            raise Lacking(f"“{'、'.join(node.labels)}”有{len(found)}处")
        return found[0]

    def _cell(self, taken: Taken) -> Value:
        if taken.sort == "truth":
            return Truth(taken.field.text == "是", (taken,))
        if taken.sort == "text":
            return self._text(taken)
        return amount_of(taken, blanks=self.blanks)

    def _word(self, node: Path, at: At) -> Value:
        if node.word in ("是", "否"):
            return Truth(node.word == "是")
        if node.words == ("报告",):
            return self.scene.report()
        return self._cell(self.scene.column(node.word, at))

    # -- functions ----------------------------------------------------------------------------------------

    def _call(self, node: Call, at: At) -> Value:
        first = node.arguments[0]
        match node.name:
            case "合计" | "平均" | "最大" | "最小":
                return _gathered(node.name, self._many(node.arguments, at), blanks=self.blanks)
            case "计数":
                return self._count(node, at)
            case "若":
                chosen = node.arguments[1] if self.truth(first, at).value else node.arguments[2]
                return self.value(chosen, at)
            case "空" | "非空":
                return self._blank(first, at, wanted=node.name == "空")
            case "数":
                return self._number_in(first, at)
            case "日期":
                return self._date_in(first, at)
            case "达标" | "应得分":
                return self._judged(node, at)
            case "比率":
                return self._ratio(node, at)
            case "等级":
                score = self.amount(first, at)
                return Words(self.scene.policy.grade_of(score.number).word, score.cells)
            case "绝对值":
                amount = self.amount(first, at)
                return replace(amount, number=abs(amount.number), terms=None)
            case _:  # 取整: the checker knows no other
                amount = self.amount(first, at)
                places = self.amount(node.arguments[1], at).number if len(node.arguments) > 1 else Decimal(0)
                decimals = max(-_MOST_DECIMALS, min(_MOST_DECIMALS, int(places)))
                return replace(amount, number=rounded(amount.number, decimals), terms=None)

    def _many(self, arguments: Sequence[Node], at: At) -> list[Amount | None]:
        """Every number of 合计 and its like; None for a cell that is empty."""
        found: list[Amount | None] = []
        for place, one in enumerate(arguments):
            if isinstance(one, Relation) or (place and isinstance(one, Path)):
                continue
            if not isinstance(one, Cells):
                found.append(self.amount(one, at))
                continue
            rest = arguments[place + 1 : place + 2]
            given = (
                rest[0] if rest and not isinstance(rest[0], Cells | Number | Sum | Product | Call) else None
            )
            for taken in self._filtered(one, given, at):
                # A list leaves an empty cell out, but where money is added up: there it may be the one that is wrong.
                out = taken.sort != "money" and taken.field.known and taken.field.blank and not self.blanks
                found.append(None if out else amount_of(taken, blanks=True))
        return found

    def _filtered(self, node: Cells, given: Node | None, at: At) -> Sequence[Taken]:
        if given is None or not isinstance(node.source, Path):
            return self.scene.cells(node, at)
        rows = [row for row in self.scene.rows(node.source, at) if self._passes(given, row)]
        return [self.scene.cells(Cells(Path(("本行",)), node.labels), row)[0] for row in rows]

    def _passes(self, given: Node, row: At) -> bool:
        """Whether a row passes a filter; one of which that cannot be told does not."""
        try:
            return self.truth(given, row).value
        except Lacking:
            return False

    def _count(self, node: Call, at: At) -> Amount:
        first = node.arguments[0]
        if isinstance(first, Path):
            rows = self.scene.rows(first, at)
            if len(node.arguments) > 1:
                rows = [row for row in rows if self._passes(node.arguments[1], row)]
            return Amount(Decimal(len(rows)), "count")
        assert isinstance(first, Cells)
        cells = self._filtered(first, node.arguments[1] if len(node.arguments) > 1 else None, at)
        filled = tuple(taken for taken in cells if not taken.field.blank)
        return Amount(Decimal(len(filled)), "count", filled)

    def _blank(self, node: Node, at: At, *, wanted: bool) -> Truth:
        if isinstance(node, Cells):
            taken = self._one(node, at)
            return Truth(taken.field.blank == wanted, (taken,))
        if isinstance(node, Path) and node.words == ("报告",):
            report = self.scene.report()
            return Truth((not report.text.strip()) == wanted, report.cells)
        if isinstance(node, Call) and node.name in ("数", "日期") and isinstance(node.arguments[0], Cells):
            taken = self._one(node.arguments[0], at)
            self._text(taken)  # of an empty cell nothing is said
            try:
                self.value(node, at)
            except Lacking:
                return Truth(any(map(str.isdigit, taken.field.text)) != wanted, (taken,))
            return Truth(not wanted, (taken,))
        value = self.value(node, at)
        return Truth((isinstance(value, Words) and not value.text) == wanted, value.cells)

    def _number_in(self, node: Node, at: At) -> Amount:
        """The figure in a text: ≥5000份 is 5000, 95% is 95."""
        if isinstance(node, Cells):
            taken = self._one(node, at)
            if taken.sort not in ("text", "truth") and taken.field.number is not None:
                return amount_of(taken, blanks=self.blanks)
        words = self.words(node, at)
        measure = read(words.text)
        if measure.kind not in ("number", "range") or measure.value is None:
            raise Lacking(f"“{words.text[:20]}”里没有读到一个数")
        number = measure.value * measure.multiplier
        return Amount(number, "rate" if measure.dimension == "share" else "number", words.cells)

    def _date_in(self, node: Node, at: At) -> Amount:
        """A day as a number that grows with time: 20231231; the year is that of the forms where none is said."""
        words = self.words(node, at)
        measure = read(words.text)
        if measure.kind != "date" or measure.date is None:
            raise Lacking(f"“{words.text[:20]}”里没有读到日期")
        year, month, day = measure.date
        return Amount(
            Decimal((year or self.scene.year or 0) * 10000 + month * 100 + day), "number", words.cells
        )

    def _judged(self, node: Call, at: At) -> Truth | Amount:
        target, actual = (self.words(one, at) for one in node.arguments[:2])
        cells = (*target.cells, *actual.cells)
        judgement = self._judgement(node, at, target, actual)
        if node.name == "达标":
            return Truth(met(judgement), cells)
        weight = self.amount(node.arguments[2], at)
        if judgement.due is None:
            raise Lacking(f"算不出应得分（{judgement.explain}）")
        return Amount(judgement.due, "points", (*cells, *weight.cells))

    def _judgement(self, node: Call, at: At, target: Words, actual: Words) -> Judgement:
        """Of the row's own cells what is made of the row, which knows its name; else of the two texts alone."""
        own = self.scene.judged(at) if all(_is_of_row(one) for one in node.arguments) else None
        if own is not None:
            return own
        weight = self.amount(node.arguments[2], at).number if len(node.arguments) > 2 else None
        return judge(target.text, actual.text, weight=weight, policy=self.scene.policy)

    def _ratio(self, node: Call, at: At) -> Amount:
        top, bottom = (self.amount(one, at) for one in node.arguments)
        if not bottom.number:
            raise Lacking("分母是 0")
        cells = tuple(dict.fromkeys((*top.cells, *bottom.cells)))
        return Amount(per_cent(top.number, bottom.number), "rate", cells, ratio=(top, bottom))


def _is_of_row(node: Node) -> bool:
    return isinstance(node, Cells) and isinstance(node.source, Path) and node.source.words == ("本行",)


def _gathered(name: str, found: Sequence[Amount | None], *, blanks: bool) -> Amount:
    known = [amount for amount in found if amount is not None]
    filled = [
        one for one in known if blanks or not one.cells or any(not taken.field.blank for taken in one.cells)
    ]
    if not filled:
        raise Lacking(f"{name} 里的各格都没有填")
    if name == "合计":
        return added(tuple((1, amount) for amount in known))
    cells = tuple(taken for amount in filled for taken in amount.cells)
    numbers = [amount.number for amount in filled]
    if name == "平均":
        total = added(tuple((1, amount) for amount in filled))
        return Amount(sum(numbers, Decimal(0)) / len(numbers), total.sort, cells)
    number = max(numbers) if name == "最大" else min(numbers)
    extreme = next(amount for amount in filled if amount.number == number)
    return replace(extreme, terms=None)


# -- comparing ------------------------------------------------------------------------------------------------


#: How two numbers stand to each other.
SIGNS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "=": operator.eq, "≠": operator.ne, "≥": operator.ge, "≤": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip


def compared(left: Value, sign: str, right: Value) -> bool:
    """Whether two values stand to each other as a sign says, exactly."""
    if isinstance(left, Amount) and isinstance(right, Amount):
        return SIGNS[sign](*_in_one_unit(left, right))
    if isinstance(left, Amount) or isinstance(right, Amount):
        raise Lacking("一边是数，一边是文字，不能比较")
    same = plain_text(left.shown) == plain_text(right.shown)
    return same if sign == "=" else not same


def _in_one_unit(left: Amount, right: Amount) -> tuple[Decimal, Decimal]:
    """A rate beside a bare number that was worked out (a quotient) is a fraction."""
    if left.sort == "rate" and right.sort == "number" and right.terms is None and abs(right.number) <= 1:
        return left.number, right.number * HUNDRED
    return left.number, right.number


@lru_cache(maxsize=4096)
def plain_text(text: str) -> str:
    """A text as texts are compared."""
    return with_plain_signs(clean(text))


def _contains(text: str, words: Sequence[str]) -> bool:
    return any(map(text.__contains__, words))


def _matches(text: str, words: Sequence[str]) -> bool:
    """Whether some part of a text is like one of the words, * standing for anything."""
    return any(_in_order(text, word.split("*")) for word in words if word.strip("*"))


def _in_order(text: str, parts: Sequence[str]) -> bool:
    place = 0
    for part in parts:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return True


def _is_one_of(text: str, words: Sequence[str]) -> bool:
    return text in words


_WORDED: dict[str, Callable[[str, Sequence[str]], bool]] = {
    "包含": _contains,
    "匹配": _matches,
    "属于": _is_one_of,
}


@lru_cache(maxsize=4096)
def _each(words: str) -> tuple[str, ...]:
    return tuple(plain for word in words.split("|") if (plain := plain_text(word)))


def says(sign: str, words: str) -> Callable[[str], bool]:
    """Whether a text, plain, says one of some words parted by |, as a sign that compares texts means it; its 不 is left to the
    caller."""
    holds, each = _WORDED[sign.removeprefix("不")], _each(words)
    return lambda text: holds(text, each)


def may_say(texts: str, sign: str, words: str) -> bool:
    """Whether any of many texts together can say one of some words: what does not hold the beginning of any says none."""
    wild = sign.endswith("匹配")
    parts = (word.strip("*").partition("*")[0] if wild else word for word in _each(words))
    return any(part in texts for part in parts if part)
