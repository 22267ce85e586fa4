"""Changes: that a text says by how much, and by how many per cent, one level differs from another."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from decimal import Decimal

from perfeval_xl import patterns as re
from perfeval_xl.records import dataclass, replace

from .items import PUNCTUATION, Item, Text, bare, is_open
from .naming import alike, core
from .precision import off
from .records import Assertion, Quotient, Reading, Signed, Sum
from .roles import COMPARING

_SUBJECTS = re.compile("费|支出|收入|资金|经费|预算|项目|人员|人数|投入|补助|拨款|采购")
_UNIT_SUBJECT = re.compile(r"(?P<unit>件|人|户|辆|批次|人次|个|家|次)数")


@dataclass(slots=True)
class Group:
    """A change as it is told in one breath: by how much, by how many per cent."""

    first: Item
    amount: Item | None = None
    growth: Item | None = None
    last: Item | None = None

    def add(self, item: Item) -> None:
        if item.role == "change":
            self.amount = item
        else:
            self.growth = item
        self.last = item

    def lacks(self, item: Item) -> bool:
        return (self.amount if item.role == "change" else self.growth) is None


def _groups(text: Text) -> Iterator[Group]:
    group: Group | None = None
    for item in text.items:
        if item.role not in ("change", "growth"):
            if item.role in ("level", "before") and group is not None:
                yield group
                group = None
            continue
        if group is not None and _goes_on(group, item):
            group.add(item)
            continue
        if group is not None:
            yield group
        group = Group(item)
        group.add(item)
    if group is not None:
        yield group


def _goes_on(group: Group, item: Item) -> bool:
    """A second figure of the same change: 减少0.71万元，下降7.83%."""
    assert group.last is not None
    if not group.lacks(item) or item.place != group.last.place + 1 or item.opens:
        return False
    words = item.lead[: item.cut]
    compared = COMPARING.search(words)
    if compared is not None and not re.match(r"[，,;；]?(?:同比|较上年同期)$", words):
        return False
    return bare(words) == "" and "、" not in words


def _subject(item: Item) -> str:
    """What a change is said to be of, "" where it is of what was named before."""
    words = item.lead[: item.cut]
    compared = COMPARING.search(words)
    if compared is None:
        return _last_named(words.rpartition("，")[2])
    clause = _last_named(re.split("[，,。;；:]", words[: compared.start()])[-1])
    behind = _COMPARED.match(words, compared.start())
    return clause or (_last_named(words[behind.end() :]) if behind is not None else "")


def _last_named(words: str) -> str:
    """The last of the things that words name: of 收、支总计各 the 支总计, as the figure's own name is read."""
    return PUNCTUATION.sub("", _EACH.sub("", words).rpartition("、")[2])


_EACH = re.compile("[各均都]+$")


#: A comparison that stands in front of what changed: 与上年相比，接待费减少2万元.
_COMPARED = re.compile(r"[^，,。;；:]*[，,](?=[^，,。;；:]*$)")


def changes(text: Text) -> Iterator[Assertion]:
    for item in text.items:
        if item.role == "change" and "分别" in item.lead and item.figure.dimension == "money":
            yield from _in_turn(text, item)
        elif item.role == "growth" and "分别" in item.lead and not _REMOVED_FIRST.search(item.lead):
            yield from _against_last_year(text, item)
    for group in _groups(text):
        amount, growth = group.amount, group.growth
        if any(one is not None and one.adjusted for one in (amount, growth)):
            continue
        if any(
            one is not None and ("分别" in one.lead or one.figure.bound in ("floor", "ceiling"))
            for one in (amount, growth)
        ):
            continue
        if amount is not None and growth is not None and _opposite(amount, growth):
            yield Assertion("direction", ((),), True, amount.ref, growth.ref)
            continue
        yield from _change(text, group)


def _in_turn(text: Text, item: Item) -> Iterator[Assertion]:
    """甲X、乙Y，分别减少a和b，下降p%和q%: each change is of the level in the same place."""
    amounts = _run(text, item.place)
    levels = [one for one in text.before(item) if one.role == "level"][: len(amounts)][::-1]
    if len(levels) != len(amounts) or len(amounts) < _PAIR or any(one.kind != item.kind for one in levels):
        return
    growths = _run(text, item.place + len(amounts))
    if len(growths) != len(amounts) or any(one.role != "growth" for one in growths):
        return
    joined = item.place - levels[0].place == len(levels)
    for level, amount, growth in zip(levels, amounts, growths, strict=True):
        told = replace(amount, sign=item.sign)
        reading = _arithmetic(Group(told, told, replace(growth, sign=growths[0].sign)), level, None)
        yield Assertion("change", (reading,), joined, level.ref, growth.ref)


def _against_last_year(text: Text, item: Item) -> Iterator[Assertion]:
    """95件134人，去年同期200件377人，分别下降52.5%、64.46%: each per cent is of the two figures in its place."""
    growths = _run(text, item.place)
    number = len(growths)
    first = item.place - 2 * number
    told = text.items[max(0, first) : item.place]
    if number < _PAIR or len(told) != 2 * number or told[0].sentence != item.sentence:
        return
    levels, before = told[:number], told[number:]
    if any(one.role != "level" or _is_last_years(one) for one in levels):
        return
    if any(not _is_last_years(one) and one.role != "before" for one in before):
        return
    if any(one.kind != other.kind for one, other in zip(levels, before, strict=True)):
        return
    for now, then, growth in zip(levels, before, growths, strict=True):
        top: Signed = ((item.sign, now.ref), (-item.sign, then.ref))
        reading = (Quotient(growth.ref, top, ((1, then.ref),)),)
        yield Assertion("change", (reading,), True, now.ref, growth.ref)


_REMOVED_FIRST = re.compile("同口径|可比")


def _run(text: Text, place: int) -> list[Item]:
    """A figure and those told in one breath with it: 0.18亿元和0.56亿元."""
    found = list(text.items[place : place + 1])
    for one in text.items[place + 1 : place + _LONGEST_RUN]:
        if one.kind != found[0].kind or not re.fullmatch("[和、及]|以及", one.lead):
            break
        found.append(one)
    return found


_PAIR, _LONGEST_RUN = 2, 8


def _opposite(amount: Item, growth: Item) -> bool:
    """The amount and the per cent go opposite ways, or nothing changed by so many per cent."""
    if not amount.figure.value:
        return growth.figure.value != 0
    return amount.sign != growth.sign and amount.figure.value > 0 and growth.figure.value > 0


def _change(text: Text, group: Group) -> Iterator[Assertion]:
    candidates, firm = _levels(text, group, _subject(group.first))
    befores = _befores(text, group, candidates[:1])
    behind = _told_behind(text, group)
    if behind is not None:
        befores, candidates, firm = [behind[0]], [behind[1]], True
    compared = _compared_behind(text, group)
    if compared is not None and not candidates and group.amount is not None and group.growth is not None:
        reading: Reading = (_growth_of(group.growth, group.amount, compared),)
        yield Assertion("change", (reading,), True, group.amount.ref, compared.ref)
        return
    readings: list[Reading] = []
    for number, now in enumerate(candidates):
        for before in befores if befores and not number else (*befores, None):
            if before is not None and (before.place == now.place or before.kind != now.kind):
                continue
            reading = _arithmetic(group, now, before)
            if reading:
                readings.append(reading)
    if not readings:
        return
    first = min((candidates[0] if candidates else group.first).ref, group.first.ref)
    last = group.last or group.first
    yield Assertion("change", tuple(readings), firm and bool(candidates), first, last.ref)


def _told_behind(text: Text, group: Group) -> tuple[Item, Item] | None:
    """The two levels that follow a change: 减少3人，由48人减少为45人."""
    last = group.last or group.first
    following = text.items[last.place + 1 : last.place + 3]
    if len(following) != len(_BOTH_LEVELS):
        return None
    before, now = following
    told = (before.role, now.role) == _BOTH_LEVELS and not before.opens and not now.opens
    fits = before.kind == now.kind and _kind_fits(group, now)
    return (before, now) if told and fits and _FROM.match(before.lead) and _TO.search(now.lead) else None


_BOTH_LEVELS = ("before", "level")


def _compared_behind(text: Text, group: Group) -> Item | None:
    """The level that a change starts from, told behind it: 比2021年减少35万元，下降15%，2021年支出210万元."""
    last = group.last or group.first
    following = text.items[last.place + 1 : last.place + 2]
    year = _YEAR_COMPARED.search(group.first.lead[: group.first.cut])
    if not following or year is None or following[0].role != "level" or not _kind_fits(group, following[0]):
        return None
    words = following[0].lead
    told = not following[0].opens and re.match(f"[，,(]?(?:而)?{year['year']}", words) is not None
    return following[0] if told else None


_YEAR_COMPARED = re.compile("[比较](?P<year>20\\d\\d年|上年|去年)")


def unchanged(text: Text) -> Iterator[Assertion]:
    """决算3.2万元，2022年为2.8万元，与上年持平: the two levels in front are not one."""
    figures = [prose.figures for prose in text.paragraphs]
    for number, prose in enumerate(text.paragraphs):
        items = [text.at[(number, index)] for index in range(len(prose.figures))]
        for match in _UNCHANGED.finditer(prose.text):
            front = [one for one in items if one.figure.end <= match.start()][-2:]
            if len(front) < len(_BOTH_LEVELS) or prose.text[front[-1].figure.end : match.start()]:
                continue
            now, before = front
            if (
                now.kind != before.kind
                or now.sentence != before.sentence
                or now.figure.bracket != before.figure.bracket
            ):
                continue
            if "plan" in match["of"] or _PLANNED.search(match["of"]):
                told = "plan" in now.figure.scope and "plan" not in before.figure.scope
            else:
                told = _years_back(before, now)
            same = Sum(now.ref, ((1, before.ref),))
            if told and {now.role, before.role} <= {"level", "before"} and off(same, figures) > 1:
                yield Assertion("side", ((),), True, now.ref, before.ref, match[0].strip("，,"))


def sides(text: Text) -> Iterator[Assertion]:
    """预算100万元，决算86万元，完成预算的86%，决算数大于预算数: what is said to be more is less."""
    for number, prose in enumerate(text.paragraphs):
        items = [text.at[(number, index)] for index in range(len(prose.figures))]
        ends = [one.figure.end for one in items]
        for match in _SIDE.finditer(prose.text):
            place = bisect_right(ends, match.start()) - 1
            if place < 0:
                continue
            last = items[place]
            if re.search("[。;；:]", prose.text[last.figure.end : match.start()]) or last.figure.bound:
                continue
            wanted = _MORE_OR_LESS[match["side"]]
            first = _other_side(items, place, wanted)
            if first is not None:
                yield Assertion("side", ((),), True, first.ref, last.ref, match[0].strip("，,"))


def _other_side(items: Sequence[Item], place: int, wanted: int) -> Item | None:
    """The figure from which on a text says that more or less of a budget was spent than its words say; None where it does not."""
    last = items[place]
    front = [one for one in items[max(0, place - 2) : place] if one.sentence == last.sentence]
    if last.role in ("rate", "share") and _OF_BUDGET.search(last.lead):
        said = _sign_of(last.figure.value - 100)
        return (front or [last])[0] if said and said != wanted else None
    if not front or last.role != "level" or front[-1].role != "level" or front[-1].kind != last.kind:
        return None
    before = front[-1]
    if "plan" not in before.figure.scope or not _FINAL.search(last.figure.name):
        return None
    said = _sign_of(last.figure.base - before.figure.base)
    return before if said and said != wanted else None


def _sign_of(value: Decimal) -> int:
    return (value > 0) - (value < 0)


_SIDE = re.compile(
    "[，,。](?:支出)?决算数?(?P<side>大于|小于|高于|低于|多于|少于|超过|超出|超)(?:年初|全年|调整|当年)?预算数?"
)
_MORE_OR_LESS = {
    "大于": 1,
    "高于": 1,
    "多于": 1,
    "超过": 1,
    "超出": 1,
    "超": 1,
    "小于": -1,
    "低于": -1,
    "少于": -1,
}
_OF_BUDGET = re.compile("(?:完成|占|为)(?:年初|全年|调整|当年)?预算(?:数|的)*$")
_FINAL = re.compile("决算|实际|支出")


_UNCHANGED = re.compile(
    "[，,](?:与|和|同|较|比)?(?P<of>(?:上年|去年|上一年|20\\d\\d年|年初|全年)?(?:度|同期)?(?:预算|决算|执行)?数?)(?:相比)?[，,]?"
    "(?:保持|完全|相)?(?:持平|没有变化|无变化|未发生变化|没有增减|无增减变化?|一致)"
)
_PLANNED = re.compile("预算|计划")
_FROM = re.compile("[，,(]?(?:由|从)")
_TO = re.compile("(?:到|至|为)$")


def _kind_fits(group: Group, level: Item) -> bool:
    if group.amount is not None:
        return level.kind == group.amount.kind and level.kind != "share"
    return level.kind != "share"


def _levels(text: Text, group: Group, subject: str) -> tuple[list[Item], bool]:
    """What may have changed, the likeliest first, and whether the first is certain."""
    item = group.first
    words = bare(subject)
    near = [
        one
        for one in text.before(item, sentences=2)
        if one.role == "level" and _kind_fits(group, one) and one.place != item.place
    ]
    unit = _UNIT_SUBJECT.search(item.lead[: item.cut])
    if unit is not None:
        near = [one for one in near if one.figure.unit == unit["unit"]]
        words = ""
    if words:
        named = [one for one in text.named(subject, item) if _kind_fits(group, one) and _same_year(one, item)]
        own = [one for one in near if one.sentence == item.sentence and _names(subject, one)]
        found = list({one.place: one for one in (*named, *own)}.values())
        if found:
            return [*found, *(one for one in near if one not in found)], bool(named)
        return near, False
    same = [one for one in near if one.sentence == item.sentence]
    if same:
        nearest = same[0]
        crossed = _SUBJECTS.search(_between_clauses(item))
        inside = nearest.figure.bracket not in (None, item.figure.bracket)
        outer = [one for one in same if one.figure.bracket == item.figure.bracket]
        if inside and outer:
            same = [*outer, *(one for one in same if one not in outer)]
        elif len(same) > 1 and _years_back(same[0], same[1]):
            same = [same[1], same[0], *same[2:]]
        rest = [one for one in near if one not in same]
        if crossed is None:
            return [one for one in (*same, *rest) if _may_be_meant(text, one, same[0], item)], True
        return [*same, *rest], False
    if item.opens and COMPARING.match(item.lead) and near:
        free = [one for one in near if one.whole is None]
        mains = [one for one in free if one.sentence == free[0].sentence]
        return [*mains, *(one for one in near if one not in mains)], len(mains) == 1
    return near, False


def _may_be_meant(text: Text, one: Item, nearest: Item, item: Item) -> bool:
    """Whether a change may be of another level than the nearest: of one told before it in its own clause, or of its whole, not
    of the item of a list in front of it."""
    if one is nearest or one.sentence != item.sentence:
        return True
    if one.place > nearest.place or not re.search("[;；]", text.between(one, nearest)):
        return True
    return one.whole is None


def _years_back(one: Item, other: Item) -> bool:
    """Whether one is the level of a year before the other's, told behind it (2016年8万元，2015年12.5万元，减少…)."""
    if one.kind != other.kind:
        return False
    year, later = one.figure.year, other.figure.year
    earlier = year is not None and later is not None and year < later
    return earlier or (_is_last_years(one) and not _is_last_years(other))


def _is_last_years(item: Item) -> bool:
    """The level of another year; what was carried over from it (上年结转) is this year's."""
    return "other_year" in item.figure.scope and re.search("结转|结余", item.figure.name) is None


def _between_clauses(item: Item) -> str:
    """The clauses between a figure and the change behind it, the last one and what is compared with aside."""
    words = item.lead[: item.cut]
    compared = COMPARING.search(words)
    return (words if compared is None else words[: compared.start()]).rpartition("，")[0]


def _same_year(one: Item, item: Item) -> bool:
    return one.figure.year is None or item.figure.year is None or "other_year" not in one.figure.scope


def _names(name: str, item: Item) -> bool:
    return alike(name, item.figure.name) > 0 or (len(core(name)) >= 2 and core(name) in clean_words(item))


def clean_words(item: Item) -> str:
    return PUNCTUATION.sub("", item.words)


def _befores(text: Text, group: Group, levels: Sequence[Item]) -> list[Item]:
    """The level that a change starts from, where the text writes it."""
    item = group.first
    found = []
    for one in text.before(item):
        if one.role in ("change", "growth") and not item.lead.startswith(("、", "和")):
            break  # what is in front of it is of another comparison
        if levels and (one.kind != levels[0].kind or one is levels[0]):
            continue
        if not is_open(one, item):
            continue
        if one.role == "before":
            found.append(one)
            break
        if one.role == "level" and _is_last_years(one) and _kind_fits(group, one):
            found.append(one)
            break
        if levels and one.place > levels[0].place and one.role == "level" and _years_back(one, levels[0]):
            found.append(one)
            break
        if levels and one.place < levels[0].place:
            year, own = one.figure.year, levels[0].figure.year
            if one.role == "level" and one.kind == levels[0].kind and year and own and year == own - 1:
                found.append(one)
            break
    return found


def _arithmetic(group: Group, now: Item, before: Item | None) -> Reading:
    """What a change says of two levels, as far as they are written."""
    amount, growth = group.amount, group.growth
    found: list[Sum | Quotient] = []
    if before is not None and amount is not None:
        found.append(Sum(now.ref, ((1, before.ref), (amount.sign, amount.ref))))
    if growth is None:
        return tuple(found)
    if before is not None:
        if amount is not None:
            found.append(_growth_of(growth, amount, before))
        else:
            top: Signed = ((growth.sign, now.ref), (-growth.sign, before.ref))
            found.append(Quotient(growth.ref, top, ((1, before.ref),)))
    elif amount is not None:
        found.append(Quotient(growth.ref, ((1, amount.ref),), ((1, now.ref), (-amount.sign, amount.ref))))
    return tuple(found)


def _growth_of(growth: Item, amount: Item, before: Item) -> Quotient:
    return Quotient(growth.ref, ((1, amount.ref),), ((1, before.ref),))
