"""PE614, narrative: what a text states twice, and differently."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from perfeval_xl import patterns as re
from perfeval_xl.prose import Figure, tables
from perfeval_xl.prose.naming import core, kind_of
from perfeval_xl.prose.precision import interval
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, rule
from perfeval_xl.text import clean
from perfeval_xl.typing_errors import LIKELY, typing_error

from .arithmetic import Story, stories
from .measures import texts_or_skip
from .quoted import quoted, source
from .stated import Passage

#: Shorter names are said of many things.
_SHORTEST = 4
_SAVED = re.compile(r"节约(?:财政|采购|预算)?(?:资金|经费|支出)?(?:约|共|达)*$")
_PERIOD = re.compile(r"上半年|下半年|[一二三四]季度|前三季度|20\d\d年|\d{1,2}[-—~至]\d{1,2}月")
_YEARS = re.compile(r"20\d\d年?度?|[“”\"《》]|(?:为|是|共|达|约)+$")
_Mention = tuple[Passage, Figure]


@rule(
    "PE614",
    "narrative.twice",
    "warning",
    "报告里同一件事前后写得不一样",
    basis="报告中同一个数前后应一致",
)
def stated_twice(context: Context) -> Iterator[Result]:
    """报告里同一名称、同一年度、同一口径的数前后写得不一样。

    说明：两处名称完全相同、单位相同、年度和预算（决算）口径相同，数却不同，而且像是录错一个数的，请核实；同一时期的节约额写成两个数的也一样。预算与决算、上年与本年、年初与年末不比。
    错误示例：前面写“古籍修复数量1123册”，后面写“古籍修复数量1132册”。
    正确示例：两处都写“古籍修复数量1132册”。
    如何改：核对台账，把写错的一处改正；口径不同的，在报告里写明。
    """
    skip = texts_or_skip(context)
    if skip is not None:
        yield skip
        return
    for story in stories(context):
        yield from _twice(story, _key)
        yield from _twice(story, _saved_key)


def _twice(story: Story, key_of: Callable[[Passage, int], tuple[object, ...] | None]) -> Iterator[Claim]:
    first: dict[tuple[object, ...], _Mention] = {}
    for passage in story.passages:
        for index, figure in enumerate(passage.figures):
            key = key_of(passage, index)
            if key is None:
                continue
            before = first.setdefault(key, (passage, figure))
            if before[1] is not figure and _differ(before, (passage, figure), saved=key[0] == "saved"):
                yield _claim(before, (passage, figure))


def _key(passage: Passage, index: int) -> tuple[object, ...] | None:
    """What a figure is of, where its name says enough: name, kind, year, plan or not."""
    figure, said = passage.figures[index], passage.prose.said[index]
    name = _YEARS.sub("", clean(figure.name))
    if said.role != "level" or figure.bracket is not None or figure.bound:
        return None
    if (
        len(name) < _SHORTEST
        or core(name) in tables.TOO_GENERAL
        or figure.dimension not in ("money", "count")
    ):
        return None
    kind = kind_of(figure.dimension, figure.unit)
    return (name, kind, figure.unit, figure.year, figure.scope, figure.after[:6])


def _saved_key(passage: Passage, index: int) -> tuple[object, ...] | None:
    """What was saved in a period that the sentence names."""
    figure = passage.figures[index]
    lead = passage.prose.said[index].lead
    if figure.dimension != "money" or not _SAVED.search(lead):
        return None
    text = passage.prose.text
    begins = max(text.rfind(mark, 0, figure.start) for mark in "。;；")
    period = _PERIOD.search(text[begins + 1 : figure.start])
    return None if period is None else ("saved", passage.field.place, period[0])


def _differ(one: _Mention, other: _Mention, *, saved: bool) -> bool:
    """Whether two statements of one thing cannot both be right; by a slip of the hand, unless they are of what was saved."""
    (passage, first), (behind, second) = one, other
    if passage is behind and first.sentence == second.sentence:
        return False
    low, high = sorted((interval(first), interval(second)), key=lambda item: item.low)
    if high.low <= low.high:
        return False
    if saved:
        return True
    slip = typing_error(second.base, first.base, max(0, second.base_decimals))
    digits = len(str(second.value).replace(".", "").strip("0"))
    return slip is not None and slip.strength >= LIKELY and digits > 2


def _claim(one: _Mention, other: _Mention) -> Claim:
    (passage, first), (behind, second) = one, other
    here = "" if passage is behind else f"（{passage.field.place.cell}）"
    return Claim(
        behind.field.place,
        f"{source(behind)}前面{here}写{quoted(passage, first)}，这里写{quoted(behind, second)}，两处不一致。",
        expected=first.words,
        actual=second.words,
        suggestion="核对原始资料，把写错的一处改正；口径不同的，在报告里写明。",
        related=() if passage is behind else (passage.field.place,),
        severity="warning",
        label=second.name,
        figures=(first.words, second.words),
    )
