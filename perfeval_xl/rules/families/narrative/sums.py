"""PE602 and PE603: sums inside one text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby

from perfeval_xl.equations import HALF, HUNDRED, Equation, quantum
from perfeval_xl.prose import Figure, Listing, says_spent, tables
from perfeval_xl.prose.naming import names_whole
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Result, rule
from perfeval_xl.text import clean, plain
from perfeval_xl.typing_errors import LIKELY, typing_error

from .measures import NO_TEXT, passages_of, text_term
from .quoted import quoted, source
from .stated import Passage, passages


@rule(
    "PE602",
    "narrative.sums",
    "error",
    "报告里的分项加起来不等于合计",
    basis="报告中列全的各分项之和应等于合计",
)
def text_sums(context: Context) -> Iterator[Result]:
    """报告里“甲×万元（乙×万元、丙×万元）”的加总。

    说明：括号里列出的各项应加到括号前的数；“其中：”列出的各项不能超过前面的数，列全的应相等。写了“等”“主要”的不按列全看。
    错误示例：运行维护费101万元（网络20万元、租金87万元、工作经费3万元）。
    正确示例：运行维护费101万元（网络20万元、租金78万元、工作经费3万元）。
    如何改：核对各分项和合计，改正写错的一个。
    """
    if not passages(context):
        yield NO_TEXT
        return
    for passage in passages_of(context, "report", "achieved", "expected"):
        for found, complete in _sums(passage):
            yield from _sum(passage, found, complete, context)


def _sums(passage: Passage) -> Iterator[tuple[Listing, bool]]:
    """The lists of a text that can be added up, and whether they give everything."""
    for found in passage.prose.lists:
        if len(found.parts) < 2 or found.nested:
            continue
        complete = not found.partial if found.bracketed else _gives_all(passage, found)
        yield found, complete


def _gives_all(passage: Passage, found: Listing) -> bool:
    """A list behind 其中 gives everything: by the nature of its parts, by ending in 其他, or by shares that make 100 %."""
    if _pair_of_all(passage, found.whole, found.parts):
        return True
    names = [clean(passage.figures[part].name) for part in found.parts]
    if len(names) == len(_KINDS) and all(any(kind in name for name in names) for kind in _KINDS):
        return True
    if names[-1].startswith(("其他", "其它")) and not found.partial:
        return True
    shares = [_share_behind(passage, part) for part in found.parts]
    return all(shares) and abs(sum(share for share in shares if share) - HUNDRED) <= HALF


def _share_behind(passage: Passage, index: int) -> Decimal | None:
    """The share in per cent that is said right behind an amount: 20.1万元，占88.86%."""
    share = passage.figures[index + 1] if index + 1 < len(passage.figures) else None
    if share is None or share.dimension != "share" or not share.name.startswith("占"):
        return None
    return share.value


#: What is bought.
_KINDS = ("货物", "工程", "服务")
_WHOLES: tuple[tuple[str, frozenset[str]], ...] = (
    ("total", frozenset({"basic", "projects"})),
    ("sangong", frozenset({"vehicles", "abroad", "reception"})),
    ("vehicles", frozenset({"vehicle_purchase", "vehicle_upkeep"})),
)


def _pair_of_all(passage: Passage, whole: int, parts: Sequence[int]) -> bool:
    """The parts named are by their nature all there are."""
    owner = passage.roles[whole]
    roles = {passage.roles[part] for part in parts}
    return any(owner == role and roles == members for role, members in _WHOLES)


def _sum(passage: Passage, found: Listing, complete: bool, context: Context) -> Iterator[Equation]:
    total, items = passage.figures[found.whole], [passage.figures[part] for part in found.parts]
    if _is_basic_split(passage, found.whole, found.parts) or not _summable(total, items):
        return
    added = sum((item.wan for item in items), Decimal(0))
    gap = added - total.wan
    if gap > 0 and not complete and _cut_adds_up(total, items):
        return
    decimals = max(item.wan_decimals for item in (total, *items))
    most = quantum(max(2, decimals)) * HALF * (len(items) + 1)
    may_be_rounded = decimals <= 0 and abs(gap) <= HALF * (len(items) + 1)
    leaves_little = not complete and not found.partial and _leaves_little(total, items)
    yield Equation(
        "PE602",
        passage.form.caption,
        text_term(passage, found.whole, context),
        tuple(text_term(passage, part, context) for part in found.parts),
        (1,) * len(items),
        "报告里的分项之和等于合计",
        severity="warning" if may_be_rounded or leaves_little else "error",
        leeway=(-most, most if complete or leaves_little else None),
        words=f"{source(passage)}写{quoted(passage, total)}，列出的 {len(items)} 项加起来是 {_amount(added, total)}，"
        + ("超过合计" if gap > 0 and not complete else "与合计不符"),
        advice="是取整造成的，写明小数。"
        if may_be_rounded
        else "还有没列出的，写明“等”。"
        if leaves_little
        else "",
    )


def _amount(wan: Decimal, like: Figure) -> str:
    """An amount in 万元, said in the unit that another is written in where that is 元."""
    return f"{plain(wan * 10_000)} 元" if like.unit == "元" else f"{plain(wan)} 万元"


#: A list of parts that is meant to give everything has so many at least, and leaves no more than so much of its sum.
_MANY, _LITTLE = 3, Decimal("0.02")


def _leaves_little(total: Figure, items: Sequence[Figure]) -> bool:
    """What the parts leave of the sum is less than a part is worth naming, and a slip of the hand explains it."""
    added = sum((item.wan for item in items), Decimal(0))
    if len(items) < _MANY or not 0 < total.wan - added <= total.wan * _LITTLE:
        return False
    slip = typing_error(total.wan, added, max(0, total.wan_decimals))
    return slip is not None and slip.strength >= LIKELY


def _summable(total: Figure, items: Sequence[Figure]) -> bool:
    """All exact amounts of one year and side, each with a name of its own."""
    everything = (total, *items)
    if any(figure.bound or figure.scope & {"change", "other_year", "each"} for figure in everything):
        return False
    if any(set(_DESCRIBING.findall(item.name)) - set(_DESCRIBING.findall(total.name)) for item in items):
        return False
    if len({figure.year for figure in everything} - {None}) > 1 or not all(item.name for item in items):
        return False
    planned = "plan" in total.scope
    return all(_shares_side(item, planned) for item in items)


def _shares_side(part: Figure, planned: bool) -> bool:
    """A part of a plan is one too, unless it says that it was spent."""
    return "plan" in part.scope or not says_spent(part.clause) if planned else "plan" not in part.scope


_DESCRIBING = re.compile("|".join(tables.DESCRIBING))


def _cut_adds_up(total: Figure, items: Sequence[Figure]) -> bool:
    """The first so many items give the sum: what follows is another list."""
    added = Decimal(0)
    for item in items[:-1]:
        added += item.wan
        if abs(added - total.wan) <= quantum(max(total.wan_decimals, item.wan_decimals)):
            return True
    return False


def _is_basic_split(passage: Passage, whole: int, parts: Sequence[int]) -> bool:
    """基本支出 as 人员经费 and 公用经费: PE603 says it."""
    return passage.roles[whole] == "basic" and {passage.roles[part] for part in parts} == {
        "personnel",
        "public",
    }


@rule(
    "PE603",
    "narrative.basic",
    "error",
    "报告里人员经费与公用经费之和不等于基本支出",
    basis="基本支出＝人员经费＋公用经费",
)
def basic_split(context: Context) -> Iterator[Result]:
    """报告里基本支出＝人员经费＋公用经费。

    说明：同一句话里写了基本支出、人员经费和公用经费的，后两项之和应等于基本支出。
    错误示例：基本支出360.71万元，其中人员经费296.99万元，日常公用经费61.05万元。
    正确示例：基本支出360.71万元，其中人员经费299.66万元，日常公用经费61.05万元。
    如何改：核对三个数，改正写错的一个。
    """
    if not passages(context):
        yield NO_TEXT
        return
    for found in _basic_splits(list(passages_of(context, "report", "achieved"))):
        whole, people, public = (_figure(mention) for mention in found)
        passage = found[0][0]
        added = people.wan + public.wan
        unit = quantum(max(figure.wan_decimals for figure in (whole, people, public)))
        quote = quoted(passage, whole, _last_of(found))
        yield Equation(
            "PE603",
            passage.form.caption,
            text_term(*found[0], context),
            tuple(text_term(*mention, context) for mention in found[1:]),
            (1, 1),
            "报告里人员经费加公用经费等于基本支出",
            leeway=(-unit, unit),
            words=f"{source(passage)}写{quote}，人员经费加公用经费是 {_amount(added, whole)}，与基本支出不符",
        )


_SPLIT = ("basic", "personnel", "public")
#: So many paragraphs may follow one that ends in 其中: as its list.
_LISTED_BELOW = 2
#: A figure of a text: its passage and its place among the passage's figures.
Mention = tuple[Passage, int]


def _basic_splits(passages: Sequence[Passage]) -> Iterator[tuple[Mention, ...]]:
    """基本支出, 人员经费 and 公用经费, each named once in a sentence, else in a paragraph with the list that follows it."""
    for number, passage in enumerate(passages):
        own = list(_split_of(passage))
        sentences = [list(found) for _, found in groupby(own, key=lambda mention: _figure(mention).sentence)]
        listed = [*own, *_listed_below(passage, passages[number + 1 : number + 1 + _LISTED_BELOW])]
        for group in [found for found in sentences if _is_split_once(found)] or [listed]:
            found = sorted(group, key=lambda mention: _SPLIT.index(_role(mention)))
            if _is_split_once(group) and _summable(
                _figure(found[0]), [_figure(mention) for mention in found[1:]]
            ):
                yield tuple(found)


def _figure(mention: Mention) -> Figure:
    return mention[0].figures[mention[1]]


def _last_of(mentions: Sequence[Mention]) -> Figure | None:
    """The figure that stands last, where all stand in one paragraph."""
    if len({passage.field.place for passage, _ in mentions}) > 1:
        return None
    return max((_figure(mention) for mention in mentions), key=lambda figure: figure.end)


def _split_of(passage: Passage) -> Iterator[Mention]:
    yield from (
        mention for index in range(len(passage.figures)) if _role(mention := (passage, index)) in _SPLIT
    )


def _role(mention: Mention) -> str:
    """The role of a figure; also 基本支出 of one kind of money, which splits up as all of it does."""
    passage, index = mention
    role, figure = passage.roles[index], passage.figures[index]
    if (
        role is None
        and figure.dimension == "money"
        and "基本支出" in figure.name
        and names_whole(figure.name)
    ):
        return "basic"
    return role or ""


def _is_split_once(group: Sequence[Mention]) -> bool:
    return len(group) == len(_SPLIT) and {_role(mention) for mention in group} == set(_SPLIT)


def _listed_below(passage: Passage, following: Sequence[Passage]) -> Iterator[Mention]:
    """人员经费 and 公用经费 of the paragraphs that begin with one of them, under one that ends in a colon."""
    if not passage.prose.text.endswith(":"):
        return
    for below in following:
        if below.form is not passage.form or below.roles[0] not in _SPLIT[1:]:
            return
        yield from _split_of(below)
