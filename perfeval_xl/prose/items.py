"""The figures of a text in the order of its words, each with where it stands, and what is looked for among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfeval_xl import patterns as re
from perfeval_xl.records import dataclass

from .naming import core, kind_of, variants
from .records import Figure, Prose, Quotient, Reading, Ref
from .roles import COMPARING

#: So many figures back a level, a whole, a budget is looked for.
BACK = 30
#: So many figures of the same name are looked at.
_MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Item:
    """A figure with where it stands: ``ref``, its sentence counted through the text, its kind, its words."""

    place: int
    ref: Ref
    figure: Figure
    sentence: int
    kind: str
    role: str
    sign: int
    of: str
    lead: str
    cut: int
    adjusted: bool
    whole: Ref | None
    opens: bool
    start: int
    after: str

    @property
    def words(self) -> str:
        """What is said around the figure: its clause, the list it stands in, and the words behind it."""
        return f"{self.figure.clause}{self.figure.after}"


class Text:
    """The figures of several paragraphs in order, and the levels among them by name."""

    def __init__(self, paragraphs: Sequence[Prose]) -> None:
        self.paragraphs = paragraphs
        self.items = list(_items(paragraphs))
        self.at = {item.ref: item for item in self.items}
        self._named: dict[str, list[Item]] = {}
        self._called: dict[str, list[Item]] = {}
        for item in self.items:
            if item.role == "level":
                self._called.setdefault(called(item.figure.name), []).append(item)
                for name in {
                    core(item.figure.name),
                    *(core(name) for name in variants(item.figure.name)[:2]),
                }:
                    self._named.setdefault(name, []).append(item)

    def between(self, one: Item, other: Item) -> str:
        """The words between two figures of one paragraph; "" across paragraphs."""
        if one.ref[0] != other.ref[0]:
            return ""
        return self.paragraphs[one.ref[0]].text[one.figure.end : other.figure.start]

    def before(self, item: Item, sentences: int = 0) -> Iterator[Item]:
        """The figures in front of one, nearest first, of its sentence and so many sentences before."""
        for place in range(item.place - 1, max(-1, item.place - 1 - BACK), -1):
            other = self.items[place]
            if other.sentence < item.sentence - sentences:
                return
            yield other

    def named(self, name: str, item: Item) -> list[Item]:
        """The levels in front of a figure that a name names, nearest first."""
        found = [one for one in self._called.get(called(name), ()) if one.place < item.place]
        if found and len(called(name)) > 2:
            return found[: -_MOST_NAMED - 1 : -1]
        wanted = core(name)
        if len(wanted) < 2:
            return []
        found = [other for other in self._named.get(wanted, ()) if other.place < item.place]
        return found[: -_MOST_NAMED - 1 : -1]


_CALLED = re.compile(
    r"20\d\d年度?|[“”\"《》]|^(?:其中|本级|全市|全县|全区|全省|全州)|(?:为|是|均|共|达|共计|合计|总计|累计|完成|实现)+$"
)


def called(name: str) -> str:
    """A name as it is written, without year, quotation marks and verbs at its end."""
    return _CALLED.sub("", _CALLED.sub("", name))


def _items(paragraphs: Sequence[Prose]) -> Iterator[Item]:
    place, offset = 0, 0
    for number, prose in enumerate(paragraphs):
        sentence = -1
        for index, (figure, said) in enumerate(zip(prose.figures, prose.said, strict=True)):
            whole = prose.wholes.get(index)
            yield Item(
                place,
                (number, index),
                figure,
                offset + figure.sentence,
                kind_of(figure.dimension, figure.unit),
                said.role,
                said.sign,
                said.of,
                said.lead,
                said.cut,
                said.adjusted,
                None if whole is None else (number, whole),
                figure.sentence != sentence,
                figure.start,
                prose.text[figure.end : figure.end + 12],
            )
            place, sentence = place + 1, figure.sentence
        offset += (prose.figures[-1].sentence if prose.figures else 0) + 2


# -- what is said of one or between two ------------------------------------------------------------------------

PUNCTUATION = re.compile(r"[，,。;；:、()\s“”\"（）]")
_NOTHING = re.compile(
    r"其中|主要(?:原因)?(?:是|为)?|有所|因此|故|均|也|都|又|净|共|总体|实际|则|并|且|可|约|分别|本年度?|今年|当年|全年|[一二三四五六七八九十]+年(?:来|间)?|20\d\d年?度?|出现|呈|大幅|略有|小幅|年初|安排"
    r"|总额|总量|总数|金额|数额|决算数?|预算数?|执行数|支出数?|支出总额|经费|资金|累计|合计|数量|数字|规模"
)


def bare(words: str) -> str:
    """What words name, fillers aside."""
    return PUNCTUATION.sub("", _NOTHING.sub("", COMPARING.sub("", words)))


def is_open(one: Item, item: Item) -> bool:
    """A figure does not stand in brackets that close in front of another."""
    return one.figure.bracket in (None, item.figure.bracket)


def is_told_of(text: Text, part: Item, item: Item) -> bool:
    """Between a part and its share stand only its change, its own last year, or nothing."""
    between = text.items[part.place + 1 : item.place]
    told_between = ("change", "growth", "before", "share", "rate")
    return all(one.role in told_between or not is_open(one, item) for one in between)


def ratio(rate: Item, part: Item, whole: Item) -> Reading:
    return (Quotient(rate.ref, ((1, part.ref),), ((1, whole.ref),)),)


PLAN = re.compile("预算|计划|任务|目标|指标|下达|安排|到位|批复|核定|应")


def stands_for(item: Item, top: re.Pattern[str], bottom: re.Pattern[str]) -> str:
    """Whether a figure is what was done ("top") or what it is held against, by the word nearest to it: the last in front
    of it, else the first behind it."""
    front, behind = item.figure.name[-8:], item.figure.after[:10]
    for words, nearest in ((front, max), (behind, min)):
        found = [
            (match.end() if nearest is max else match.start(), side)
            for side, pattern in (("top", top), ("bottom", bottom))
            for match in pattern.finditer(words)
        ]
        if found:
            return nearest(found)[1]
    return ""
