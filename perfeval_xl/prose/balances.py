"""Balances: that a text says what is left of one amount when another is taken from it, or what it comes to with what was
carried over or added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfeval_xl import patterns as re

from .items import Item, Text, stands_for
from .records import Assertion, Reading, Sum

_REST = re.compile(
    r"(?:结余|结转|节约|剩余|节省|未支出|审减|核减|顺差)(?:结余|资金|金额|财政资金|经费|额|数|下年|下一年|使用|和结余|的|了)*(?:为|是|达|共|约|:)*$"
)
_IN = re.compile("预算|收入|到位|下达|安排|拨款|拨入|送审|报审|申报|计划|资金总额|总资金|控制价|出口")
_OUT = re.compile("支出|使用|执行|(?<!拟)采购|支付|开支|审定|决算|拨付|列支|成交|中标|结算|实际|进口")
_MORE_TERMS = re.compile("收回|上缴|核减|注销|上年结转|年初结转|结余分配|退回|追加|调整|调减|其他|另")
_TAKEN_OFF = re.compile("核减|审减")


#: What a budget comes to when something was added to it, or taken from it; and what there is with what was carried over.
_REVISED = re.compile(
    "(?:全年|调整后?|调整后的|最终)(?:的)?预算(?:数|总额|合计|安排)*(?:为|是|达|共|至|到|:)*$"
)
_INITIAL = re.compile("年初")
_MORE, _LESS = re.compile("追加|调增|增加"), re.compile("调减|核减|压减|调剂减少|减少|收回")
_WITH_CARRIED = re.compile(
    "(?:资金|收入|预算|可用资金)(?:总额|总计|总量|合计|共计)+(?:为|是|达|共|:)*$|可(?:用|使用)资金(?:总额|共|合计)*(?:为|是|达|共|:)*$"
)
_CARRIED = re.compile("(?:上年|年初|以前年度)[^，,。;；\\d]{0,4}(?:结转|结余)")
#: So many terms are told of a budget.
_MOST_TERMS = 4


def balances(text: Text) -> Iterator[Assertion]:
    for item in text.items:
        if item.figure.dimension != "money" or item.role not in ("level", "change") or item.figure.bound:
            continue
        built = _built_up(text, item)
        if built is not None:
            yield built
            continue
        near = re.split("[，,。;；:、]", item.lead)[-1]
        if not _REST.search(near) or re.search("上年|年初|比上|较上|同比", item.lead):
            continue
        before = [
            one
            for one in text.before(item, sentences=1 if item.opens else 0)
            if one.kind == "money"
            and one.role in ("level", "limit")
            and one.figure.bracket == item.figure.bracket
        ][:6]
        pairs = [(one, other) for one in before for other in before if one is not other]
        readings: list[Reading] = [(Sum(item.ref, ((1, one.ref), (-1, other.ref))),) for one, other in pairs]
        if not readings:
            continue
        terms = _right_in_front(text, item, before)
        if terms:
            readings.insert(0, (Sum(item.ref, tuple((sign, one.ref) for sign, one in terms)),))
        elif item.opens or _MORE_TERMS.search(text.between(before[-1], item)[: -len(near) or None]):
            continue
        first = terms[0][1] if terms else before[-1]
        yield Assertion("balance", tuple(dict.fromkeys(readings)), bool(terms), first.ref, item.ref)


def _built_up(text: Text, item: Item) -> Assertion | None:
    """年初预算X万元，追加Y万元，全年预算Z万元; 上年结转X万元，本年下达Y万元，资金总额Z万元: the terms right in front of what they give."""
    near = re.split("[，,。;；:、]", item.lead)[-1]
    revised, carried = _REVISED.search(near) is not None, _WITH_CARRIED.search(near) is not None
    if item.opens or not (revised or carried):
        return None
    first = _INITIAL if revised else _CARRIED
    terms: list[tuple[int, Item]] = []
    for one in text.before(item):
        if one.kind != "money" or one.figure.bound or one.figure.bracket != item.figure.bracket:
            return None
        words = one.figure.name
        if first.search(words):
            terms.append((1, one))
            break
        if not revised:
            sign = 1 if one.role == "level" else 0
        else:
            sign = 1 if _MORE.search(words) else -1 if _LESS.search(words) else 0
        if not sign or len(terms) == _MOST_TERMS:
            return None
        terms.append((sign, one))
    else:
        return None
    in_front = (one for one in text.before(terms[-1][1]) if one.kind == "money" and one.role == "level")
    if len(terms) < len(_PAIR) or next(in_front, None) is not None:
        return None
    reading: Reading = (Sum(item.ref, tuple((sign, one.ref) for sign, one in reversed(terms))),)
    return Assertion("balance", (reading,), True, terms[-1][1].ref, item.ref)


def _right_in_front(text: Text, item: Item, before: Sequence[Item]) -> list[tuple[int, Item]]:
    """What was given and what was spent, where they are the two amounts right in front of what is left (预算X万元，支出Y万元，
    结余Z万元) and no other term is named but what was carried over in front of both; with their signs."""
    if len(before) < len(_PAIR):
        return []
    spent, given = before[:2]
    planned = _PLANNED.search(given.figure.name) is not None and not _PLANNED.search(spent.figure.name)
    if (not planned and stands_for(given, _OUT, _IN) != "bottom") or stands_for(spent, _OUT, _IN) != "top":
        return []
    if len(before) > len(_PAIR) and (spent.place, given.place) != (item.place - 1, item.place - 2):
        return []
    own = _TAKEN_OFF.search(item.lead)
    words = text.between(given, item)
    words = words[: words.rfind(own[0])] if own is not None else words
    if _MORE_TERMS.search(words + given.words):
        return []
    terms = [(1, given), (-1, spent)]
    carried = [one for one in before[2:] if _LEFT.search(one.figure.name)]
    if not carried:
        return terms
    return (
        [(1, carried[0]), *terms]
        if carried == before[2:3] and _CARRIED.search(carried[0].figure.name)
        else []
    )


#: 采购预算执行16.3万元 is the budget of what was bought.
_PLANNED = re.compile("预算|计划")
#: What was left at another time, or of something else.
_LEFT = re.compile("结转|结余")
_PAIR = ("given", "spent")
