"""Rates: that a text holds what was done against what was planned, or any two figures under a name (结案率)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from perfeval_xl import patterns as re

from . import tables
from .items import PLAN, Item, Text, is_open, is_told_of, ratio, stands_for
from .precision import adds_up
from .records import Assertion, Quotient, Reading, Signed

_EMBEDDED = re.compile(
    r"^(?:\([^()]*\))?(?:年度|全年)?(?:目标|任务|计划|预算|指标)*(?:任务|数|额|值)?的?(?:比例|比重|百分比)?(?:为|达|达到|约|是)?(?:近|约|仅|超)?$"
)
_AIM = re.compile("预算|计划|任务|目标|指标")
_COMPLETED = re.compile(
    r"(?:完成|达到|达|实现|占|为|是|相当于)?[^，,。;；]*?(?:预算|计划|任务|目标|指标)[^，,。;；]{0,6}?的?(?:比例)?(?:为|达)?$"
)
#: Rates by name, what is above the line and what below.
_RATES: tuple[tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(name), re.compile(top), re.compile(bottom))
    for name, top, bottom in (
        ("(?:节约|节支|节资|结余|审减|核减|资金节约)率", "节约|节支|结余|审减|核减|节省", "预算|送审|报审|控制价|下达|安排|到位"),
        ("(?:执行|支出|支付|使用|拨付|支用)(?:进度|率|比例)", "支出|执行|支付|使用|完成|拨付|列支", "预算|下达|到位|安排|指标|资金总额|拨入"),
        ("到位率", "到位", "预算|计划|批复|下达|应|总投资|安排"),
        ("(?:投资|任务|计划|目标|项目)?完成率", "完成|建成|实际|达到", "计划|任务|目标|年初|应|总数|下达|安排"),
        ("结案率|办结率|审结率", "结案|办结|审结", "受理|收案|立案|接收|收到|承办|交办"),
        ("破案率", "破", "发生|立案|发案"),
        ("(?:答复|办复|回复|面商|见面)率", "答复|办复|回复|面商|见面|办理", "收到|承办|建议|提案|交办|受理"),
        ("开工率", "开工", "计划|项目(?!已|均|全|实现)|应"),
        ("(?:完工|竣工|投产)率", "完工|竣工|投产", "计划|项目(?!已|均|全|实现)|应|下达"),
        ("(?<!不)(?:合格率|优良率|达标率)", "(?<!不)合格|优良|达标", "抽检|检查|检测|抽查|监测|检验|验收|参|共"),
        ("(?:回收|收回)率", "回收|收回", "发放|发出|印发"),
        ("(?:就业|通过|参保|参与|覆盖|签约|出勤|录取|整改|调解成功|化解)率", "就业|通过|参保|参与|覆盖|签约|出勤|录取|整改|成功|化解", "应|共|总|参加|毕业|受理|调解|排查|发现|人口"),
        ("控制率", "决算|支出|在职|实有|实际", "预算|编制|核定"),
    )
)  # fmt: skip


def rates(text: Text) -> Iterator[Assertion]:
    for item in text.items:
        if item.kind == "share" and item.role in ("share", "rate") and not item.adjusted:
            found = _rate(text, item)
            if found is not None:
                yield found


def _rate(text: Text, item: Item) -> Assertion | None:
    embedded = _embedded(text, item)
    if embedded is not None:
        return embedded
    if item.role != "rate":
        return _completed(text, item)
    if _COMPLETED.search(item.of) and item.of.rstrip("为达").endswith(("的", "比例")):
        return _completed(text, item)
    for name, top, bottom in _RATES:
        if name.search(item.of):
            return _named_rate(text, item, top, bottom)
    if _SATISFIED.search(item.of):
        return _of_the_satisfied(text, item)
    return _rate_of_what_it_names(text, item)


def _of_the_satisfied(text: Text, item: Item) -> Assertion | None:
    """满意率95.9%, of those who are satisfied, more or less, among those who answered: any of them, any of these."""
    near = [
        one
        for one in text.before(item)
        if one.role == "level" and one.figure.dimension == "count" and not one.figure.bound
    ]
    names = {one.place: _named_by(one) for one in near}
    answered = [
        one for one in near if "满意" not in names[one.place] and not _BETWEEN.search(names[one.place])
    ]
    satisfied = [one for one in near if "满意" in names[one.place] and "不满意" not in names[one.place]]
    between = [one for one in near if _BETWEEN.search(names[one.place])]
    satisfied.sort(key=lambda one: one.place)
    if (
        not satisfied
        or not answered
        or item.figure.bound
        or any(one.place > satisfied[0].place for one in answered)
    ):
        return None
    graded = len(satisfied) + len(between) > 1
    runs = [tuple(satisfied[:count]) for count in range(1, len(satisfied) + 1)]
    runs += [(*satisfied, *between)] if between else []
    readings: list[Reading] = [
        (Quotient(item.ref, tuple((1, one.ref) for one in run), ((1, other.ref),)),)
        for run in reversed(runs)
        for other in answered
    ]
    firm = "率" in item.of or not graded  # 满意度 of several grades may be an average of points
    return Assertion("rate", tuple(readings), firm, min(one.ref for one in near), item.ref)


def _named_by(one: Item) -> str:
    """What a count is of: the words in front, else those behind (93人满意)."""
    return one.figure.name if len(one.figure.name) > 1 else f"{one.figure.name}{one.figure.after}"


_SATISFIED = re.compile("满意[率度](?:为|达到?|是|约|:)*$")
#: Neither one nor the other.
_BETWEEN = re.compile("一般|不满意|较差|不了解")


def _rate_of_what_it_names(text: Text, item: Item) -> Assertion | None:
    """A rate named after one of two figures in front of it (抽检6563388批次，不合格样品187572批次，不合格率2.86%) is of the other."""
    named = _OF_VERB.search(item.of)
    if named is None or _OTHER_RATES.search(named[0]) or item.figure.bound:
        return None
    near = [one for one in text.before(item) if one.role == "level" and one.kind != "share"]
    for end in (r"[;；]|其中", "[;；]"):  # in its own part of the sentence, else in all of it
        beside = [one for one in near if not re.search(end, text.between(one, item))]
        found = _of_the_other(item, named["verb"], beside)
        if found is not None:
            return found
    return None


def _of_the_other(item: Item, verb: str, near: Sequence[Item]) -> Assertion | None:
    words = {one.place: f"{one.figure.name}{one.figure.after}" for one in near}
    verb = verb if any(verb in one for one in words.values()) else verb[-_SHORT:]
    tops = [one for one in near if verb in words[one.place]]
    if len(tops) != 1:
        return None
    top = tops[0]
    others = [
        one
        for one in near
        if one.kind == top.kind
        and one is not top
        and is_open(one, item)
        and not _OF_WHICH.match(one.figure.name)
    ]
    if not others:
        return None
    readings = [ratio(item, top, other) for other in others]
    # 批准逮捕134件187人: of the cases or of the persons
    beside = [one for one in near if not one.figure.name and one.place == top.place + 1]
    readings += [
        ratio(item, one, other)
        for one in beside
        for other in near
        if other.kind == one.kind and other is not one
    ]
    alone = len(others) == 1 and not beside
    firm = alone and others[0].figure.base >= top.figure.base and others[0].place < top.place
    return Assertion("rate", tuple(readings), firm, min(top.ref, others[0].ref), item.ref)


#: What a rate is named after: 解决率, 不合格率.
_OF_VERB = re.compile(r"(?P<verb>[^，,。;；、\d]?[^，,。;；、\d]{2})率(?:为|达到?|是|约|:)*$")
_SHORT = 2
_OF_WHICH = re.compile("其中|含")
#: Rates that are no part of a number of things.
_OTHER_RATES = re.compile(
    "增长|下降|失业|利率|税率|汇率|费率|效率|概率|频率|死亡|发生|出生|自然|毛利|利润|收益|回报|年化|贡献|负债|周转|同比|百分|满意|知晓"
)


def _embedded(text: Text, item: Item) -> Assertion | None:
    """占年度投资计划16亿元的32.3%: the figure right in front is what the share is of."""
    before = text.items[item.place - 1] if item.place else None
    if (
        before is None
        or item.opens
        or before.kind == "share"
        or before.role not in ("level", "before", "limit")
    ):
        return None
    if not _EMBEDDED.match(item.lead) or "的" not in item.lead:
        return None
    tops = [
        one
        for one in text.before(before)
        if one.kind == before.kind and one.role in ("level", "change") and one.sentence == item.sentence
    ]
    if not tops or not re.search("占|完成|达|为|是|相当于|实现", before.lead):
        return None
    readings = tuple(ratio(item, top, before) for top in tops)
    share = "占" in before.lead and not PLAN.search(before.lead)
    firm = is_told_of(text, tops[0], before)
    return Assertion("share" if share else "rate", readings, firm, tops[0].ref, item.ref)


def _completed(text: Text, item: Item) -> Assertion | None:
    """完成预算的88.44%: of what was planned, as it is written in front."""
    of = item.of
    if not PLAN.search(of):
        return None
    levels = [
        one
        for one in text.before(item, sentences=1)
        if one.role in ("level", "limit", "before") and one.kind != "share" and is_open(one, item)
    ]
    done = [one for one in levels if not _is_plan(one)]
    if not done or done[0].sentence != item.sentence or item.opens:
        return None
    own = done[0]
    planned = [one for one in levels if _is_plan(one) and one.kind == own.kind]
    readings = [ratio(item, own, plan) for plan in planned]
    readings += [
        ratio(item, one, other)
        for one in levels[:8]
        for other in levels[:8]
        if one is not other and one.kind == other.kind
    ]
    if not readings:
        return None
    same = [one for one in planned if one.sentence == item.sentence]
    if "总" in of:  # 占总计划的 is of no plan of a year
        same = [one for one in same if "总" in one.words]
    firm = len(same) == 1 and _plan_fits(of, same[0]) and is_told_of(text, own, item) if same else False
    if firm and own.place < same[0].place and same[0].place != own.place + 1:
        firm = False
    return Assertion("rate", tuple(readings), firm, min(own.ref, (same or [own])[0].ref), item.ref)


_NO_PLAN = re.compile(
    "|".join((*tables.NO_PLANS, "预算(?:内)?(?:收入|资金)", "公共财政预算", "完成(?:年度)?(?:投资)?计划的?"))
)


def _is_plan(item: Item) -> bool:
    """The figure is what was planned: 预算, 计划, 任务."""
    return _AIM.search(_NO_PLAN.sub("", item.words)) is not None and item.role != "change"


def _plan_fits(of: str, plan: Item) -> bool:
    """The budget that a rate is said to be of is not another one: 年初, 全年, 调整."""
    kinds = [word for word in ("年初", "全年", "调整") if word in of]
    own = [word for word in ("年初", "全年", "调整") if word in plan.words]
    return not kinds or not own or kinds == own


def _named_rate(text: Text, item: Item, top: re.Pattern[str], bottom: re.Pattern[str]) -> Assertion | None:
    levels = [
        one
        for one in text.before(item, sentences=1)
        if one.role in ("level", "change", "limit", "before") and one.kind != "share"
    ][:_NEAR]
    saved = _SAVED.search(item.of) is not None
    tops, bottoms, certain = _top_and_bottom(text, item, levels, top, bottom)
    readings: list[Reading] = [ratio(item, one, other) for one in tops for other in bottoms]
    if saved and tops and not bottoms:
        tops, bottoms, readings, certain = _of_what_was_bought(item, tops[0], levels)
        less = _of_difference(text, tops[0]) if not certain else None
        if less is not None:
            bottoms, readings, certain = [less], [ratio(item, tops[0], less)], True
    beside = [one for one in levels if not certain or _is_beside(text, one, item)]
    for one, other in permutations(beside, 2):
        if one.kind != other.kind:
            continue
        readings.append(ratio(item, one, other))
        if saved:
            difference: Signed = ((1, other.ref), (-1, one.ref))
            readings.append((Quotient(item.ref, difference, ((1, other.ref),)),))
            readings.append(_of_both(item, one, other))
    if not readings:
        return None
    first = min(one.ref for one in (*tops, *bottoms)) if tops or bottoms else levels[-1].ref
    firm = certain and bool(tops) and bool(bottoms)
    return Assertion("rate", tuple(dict.fromkeys(readings)), firm, first, item.ref)


def _is_beside(text: Text, one: Item, item: Item) -> bool:
    """Told in the same part of a sentence: by what stands elsewhere a certain rate is not excused."""
    return one.sentence == item.sentence and re.search("[;；]|其中", text.between(one, item)) is None


#: So many figures in front of a rate are looked at.
_NEAR = 10
_SAVED = re.compile("节约|节支|节资|结余|审减|核减")


def _top_and_bottom(
    text: Text, item: Item, levels: Sequence[Item], top: re.Pattern[str], bottom: re.Pattern[str]
) -> tuple[list[Item], list[Item], bool]:
    """What is above the line of a rate and what below, none or one each, and whether that is certain."""
    sentence = [one for one in levels if one.sentence == item.sentence]
    near = [one for one in sentence if not re.search("[;；]|其中", text.between(one, item))]
    tops = [one for one in near if stands_for(one, top, bottom) == "top"][:1]
    if not tops:
        return _of_two(text, item, near)
    pair = [one for one in near if one.kind == tops[0].kind]
    outer = [one for one in pair if is_open(one, item)]
    pair = outer if len(outer) > 1 else pair  # 受理879件(含旧存343件)，结案700件
    bottoms = [one for one in pair if stands_for(one, top, bottom) == "bottom"]
    if bottoms:
        most = len(bottoms[:1]) + (2 if _SAVED.search(item.of) else 1)
        alike = len({one.figure.base for one in pair if one is not tops[0]}) == 1  # 下达350万元，到位350万元
        return tops, bottoms[:1], len(pair) <= most or alike
    found = _of_two(text, item, near)
    if found[2]:
        return found
    return tops, *_earlier(text, item, tops[0], levels, top, bottom)


def _earlier(
    text: Text, item: Item, own: Item, levels: Sequence[Item], top: re.Pattern[str], bottom: re.Pattern[str]
) -> tuple[list[Item], bool]:
    """What is below the line of a rate in the sentence before, as long as nothing was held against it there: 下达资金200万元。
    实际支出200万元，执行率100%."""
    earlier = [one for one in levels if one.sentence != item.sentence and one.kind == own.kind]
    given = [one for one in earlier if stands_for(one, top, bottom) == "bottom" or "plan" in one.figure.scope]
    if len(given) != 1:
        return [], False
    between = text.items[given[0].place + 1 : item.place]
    listed = _LISTED.match(text.items[own.place].lead) is not None
    used = [
        one for one in between if one is not own and one.kind in (own.kind, "share") and one.role != "limit"
    ]
    return given, not listed and not used


_LISTED = re.compile(r"\(?(?:\d|[一二三四五六七八九十])[)、.．]|其中|其他")


def _of_two(text: Text, item: Item, near: Sequence[Item]) -> tuple[list[Item], list[Item], bool]:
    """Two figures of one kind and no other rate between them: what was done is the smaller."""
    pair = [one for one in near if near and one.kind == near[0].kind and is_open(one, item)]
    if len(pair) != len(_TWO) or any(one.kind == "share" for one in text.items[pair[-1].place : item.place]):
        return [], [], False
    smaller, larger = sorted(pair, key=lambda one: one.figure.base)
    if _NOT.search(smaller.figure.name):
        return [], [], False
    return [smaller], [larger], True


_TWO = ("above", "below")
#: What was not done, or not good.
_NOT = re.compile("[不未]")


def _of_what_was_bought(
    item: Item, saved: Item, levels: Sequence[Item]
) -> tuple[list[Item], list[Item], list[Reading], bool]:
    """What was saved of the one amount beside it: of both together where that is what was paid (采购金额, 中标价)."""
    beside = [
        one
        for one in levels
        if one is not saved
        and one.kind == saved.kind
        and one.role == "level"
        and one.sentence == item.sentence
    ]
    paid = [one for one in beside if _PAID.search(one.figure.name) and not PLAN.search(one.figure.name)]
    readings = [_of_both(item, saved, one) for one in paid]
    return [saved], paid[:1], readings, len(beside) == 1 and len(paid) == 1


def _of_difference(text: Text, saved: Item) -> Item | None:
    """The budget of which less was spent by just what is said to be saved."""
    levels = [
        one
        for one in text.before(saved, sentences=_FAR_BACK)
        if one.role == "level" and one.kind == saved.kind and one.figure.base > saved.figure.base
    ]
    for planned, paid in permutations(levels, 2):
        if planned.place < paid.place and adds_up(planned.figure, [paid.figure, saved.figure]):
            return planned
    return None


#: So many sentences back the budget of what was saved is looked for.
_FAR_BACK = 3
_PAID = re.compile("采购|成交|中标|合同|实际|规模")


def _of_both(item: Item, part: Item, other: Item) -> Reading:
    return (Quotient(item.ref, ((1, part.ref),), ((1, other.ref), (1, part.ref))),)
