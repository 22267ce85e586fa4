"""What a text asserts of its own figures, as arithmetic: changes, shares, rates, balances.

"支出9.07万元，比上年的9.78万元减少0.71万元，下降7.26%" asserts 9.07 = 9.78 − 0.71 and 7.26 % = 0.71 ÷ 9.78. A text leaves much unsaid: what
is compared, what a share is of. Each assertion therefore has *readings*, the likeliest first; it is true if one of them
holds, and told as wrong only where the first is certain (``firm``).

One file although it is long: the four kinds are looked for in the same clauses, and share which figures are still free.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice

from . import tables
from .naming import alike, core, kind_of, variants
from .precision import interval, is_exact, signed_sum, unit_of
from .records import Assertion, Figure, Prose, Quotient, Reading, Ref, Room, Signed, Sum
from .roles import COMPARING

#: So many figures back a level, a whole, a budget is looked for.
_BACK = 30
#: So many figures of the same name are looked at.
_MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class _Item:
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
        self._named: dict[str, list[_Item]] = {}
        self._called: dict[str, list[_Item]] = {}
        for item in self.items:
            if item.role == "level":
                self._called.setdefault(_called(item.figure.name), []).append(item)
                for name in {
                    core(item.figure.name),
                    *(core(name) for name in variants(item.figure.name)[:2]),
                }:
                    self._named.setdefault(name, []).append(item)

    def between(self, one: _Item, other: _Item) -> str:
        """The words between two figures of one paragraph; "" across paragraphs."""
        if one.ref[0] != other.ref[0]:
            return ""
        return self.paragraphs[one.ref[0]].text[one.figure.end : other.figure.start]

    def before(self, item: _Item, sentences: int = 0) -> Iterator[_Item]:
        """The figures in front of one, nearest first, of its sentence and so many sentences before."""
        for place in range(item.place - 1, max(-1, item.place - 1 - _BACK), -1):
            other = self.items[place]
            if other.sentence < item.sentence - sentences:
                return
            yield other

    def named(self, name: str, item: _Item) -> list[_Item]:
        """The levels in front of a figure that a name names, nearest first."""
        called = [one for one in self._called.get(_called(name), ()) if one.place < item.place]
        if called and len(_called(name)) > 2:
            return called[: -_MOST_NAMED - 1 : -1]
        wanted = core(name)
        if len(wanted) < 2:
            return []
        found = [other for other in self._named.get(wanted, ()) if other.place < item.place]
        return found[: -_MOST_NAMED - 1 : -1]


_CALLED = re.compile(
    r"20\d\d年度?|[“”\"《》]|^(?:其中|本级|全市|全县|全区|全省|全州)|(?:为|是|共|达|共计|合计|总计|累计|完成|实现)+$"
)


def _called(name: str) -> str:
    """A name as it is written, without year, quotation marks and verbs at its end."""
    return _CALLED.sub("", _CALLED.sub("", name))


def assertions(paragraphs: Sequence[Prose]) -> tuple[Assertion, ...]:
    """Everything that paragraphs of one text assert of their own figures, in order. Time is linear in their length."""
    text = Text(paragraphs)
    return (*_changes(text), *_shares(text), *_rates(text), *_balances(text))


def _items(paragraphs: Sequence[Prose]) -> Iterator[_Item]:
    place, offset = 0, 0
    for number, prose in enumerate(paragraphs):
        sentence = -1
        for index, (figure, said) in enumerate(zip(prose.figures, prose.said, strict=True)):
            whole = prose.wholes.get(index)
            yield _Item(
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


# -- whether arithmetic holds ---------------------------------------------------------------------------------


def told(assertion: Assertion, figures: Sequence[Sequence[Figure]]) -> Reading | None:
    """The reading that an assertion is taken in: one that holds, else one that is off by the last digit only, else, where
    that is certain, the first; None where it cannot be told."""
    rated = [
        (max((_off(one, figures) for one in reading), default=0), reading) for reading in assertion.readings
    ]
    best = min((off for off, _ in rated), default=2)
    if best < 2:
        return next(reading for off, reading in rated if off == best)
    return assertion.readings[0] if assertion.firm else None


def _off(one: Sum | Quotient, figures: Sequence[Sequence[Figure]]) -> int:
    """0 where arithmetic holds as written, 1 where it is off by one unit of the last digit at most, else 2."""
    found = room(one, figures)
    if found is None:
        return 2
    if found.least <= found.gap <= found.most:
        return 0
    return 1 if found.least - found.near <= found.gap <= found.most + found.near else 2


def room(one: Sum | Quotient, figures: Sequence[Sequence[Figure]]) -> Room | None:
    """How far arithmetic is off and may be; None where it cannot be reckoned (a divisor that may be 0)."""

    def signed(side: Signed) -> list[tuple[int, Figure]]:
        return [(sign, figures[paragraph][place]) for sign, (paragraph, place) in side]

    if isinstance(one, Sum):
        total = figures[one.total[0]][one.total[1]]
        parts = signed(one.parts)
        own, added = interval(total), signed_sum(parts)
        exact = sum((sign * part.base for sign, part in parts), Decimal(0))
        least = -(own.high - total.base) - (exact - added.low)
        most = (total.base - own.low) + (added.high - exact)
        near = Decimal(0) if all(map(is_exact, (total, *(part for _, part in parts)))) else unit_of(total)
        return Room(total.base - exact, least, most, near)
    rate = figures[one.rate[0]][one.rate[1]]
    top, bottom = signed(one.top), signed(one.bottom)
    between = signed_sum(top).over(signed_sum(bottom))
    divisor = sum((sign * part.base for sign, part in bottom), Decimal(0))
    if between is None or divisor <= 0:
        return None
    exact = sum((sign * part.base for sign, part in top), Decimal(0)) / divisor * 100
    own = interval(rate)
    least = -(rate.base - own.low) - (between.high - exact)
    most = (own.high - rate.base) + (exact - between.low)
    return Room(exact - rate.base, least, most, unit_of(rate))


# -- changes --------------------------------------------------------------------------------------------------

_PUNCTUATION = re.compile(r"[，,。;；:、()\s“”\"（）]")
_NOTHING = re.compile(
    r"其中|主要(?:原因)?(?:是|为)?|有所|因此|故|均|也|都|又|净|共|总体|实际|则|并|且|可|约|分别|本年度?|今年|当年|全年|20\d\d年?度?|出现|呈|大幅|略有|小幅|年初|安排"
    r"|总额|总量|总数|金额|数额|决算数?|预算数?|执行数|支出数?|支出总额|经费|资金|累计|合计|数量|数字|规模"
)
_SUBJECTS = re.compile("费|支出|收入|资金|经费|预算|项目|人员|人数|投入|补助|拨款|采购")
_UNIT_SUBJECT = re.compile(r"(?P<unit>件|人|户|辆|批次|人次|个|家|次)数")


@dataclass(slots=True)
class _Group:
    """A change as it is told in one breath: by how much, by how many per cent."""

    first: _Item
    amount: _Item | None = None
    growth: _Item | None = None
    last: _Item | None = None

    def add(self, item: _Item) -> None:
        if item.role == "change":
            self.amount = item
        else:
            self.growth = item
        self.last = item

    def lacks(self, item: _Item) -> bool:
        return (self.amount if item.role == "change" else self.growth) is None


def _groups(text: Text) -> Iterator[_Group]:
    group: _Group | None = None
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
        group = _Group(item)
        group.add(item)
    if group is not None:
        yield group


def _goes_on(group: _Group, item: _Item) -> bool:
    """A second figure of the same change: 减少0.71万元，下降7.83%."""
    assert group.last is not None
    if not group.lacks(item) or item.place != group.last.place + 1 or item.opens:
        return False
    words = item.lead[: item.cut]
    compared = COMPARING.search(words)
    if compared is not None and not re.match(r"[，,;；]?(?:同比|较上年同期)$", words):
        return False
    return _bare(words) == "" and "、" not in words


def _bare(words: str) -> str:
    """What words name, fillers aside."""
    return _PUNCTUATION.sub("", _NOTHING.sub("", COMPARING.sub("", words)))


def _subject(item: _Item) -> str:
    """What a change is said to be of, "" where it is of what was named before."""
    words = item.lead[: item.cut]
    compared = COMPARING.search(words)
    front = words[: compared.start()] if compared is not None else words
    clause = re.split("[，,。;；:]", front)[-1] if compared is not None else front.rpartition("，")[2]
    return _PUNCTUATION.sub("", clause)


def _changes(text: Text) -> Iterator[Assertion]:
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


def _opposite(amount: _Item, growth: _Item) -> bool:
    return amount.sign != growth.sign and amount.figure.value > 0 and growth.figure.value > 0


def _change(text: Text, group: _Group) -> Iterator[Assertion]:
    candidates, firm = _levels(text, group, _subject(group.first))
    befores = _befores(text, group, candidates[:1])
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


def _kind_fits(group: _Group, level: _Item) -> bool:
    if group.amount is not None:
        return level.kind == group.amount.kind and level.kind != "share"
    return level.kind != "share"


def _levels(text: Text, group: _Group, subject: str) -> tuple[list[_Item], bool]:
    """What may have changed, the likeliest first, and whether the first is certain."""
    item = group.first
    bare = _bare(subject)
    near = [
        one
        for one in text.before(item, sentences=2)
        if one.role == "level" and _kind_fits(group, one) and one.place != item.place
    ]
    unit = _UNIT_SUBJECT.search(item.lead[: item.cut])
    if unit is not None:
        near = [one for one in near if one.figure.unit == unit["unit"]]
        bare = ""
    if bare:
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
        return [*same, *(one for one in near if one not in same)], crossed is None
    if item.opens and COMPARING.match(item.lead) and near:
        free = [one for one in near if one.whole is None]
        mains = [one for one in free if one.sentence == free[0].sentence]
        return [*mains, *(one for one in near if one not in mains)], len(mains) == 1
    return near, False


def _years_back(one: _Item, other: _Item) -> bool:
    """Whether one is the level of a year before the other's, told behind it (2016年8万元，2015年12.5万元，减少…)."""
    if one.kind != other.kind:
        return False
    year, later = one.figure.year, other.figure.year
    earlier = year is not None and later is not None and year < later
    return earlier or (_is_last_years(one) and not _is_last_years(other))


def _is_last_years(item: _Item) -> bool:
    """The level of another year; what was carried over from it (上年结转) is this year's."""
    return "other_year" in item.figure.scope and re.search("结转|结余", item.figure.name) is None


def _between_clauses(item: _Item) -> str:
    """The clauses between a figure and the change behind it, the last one aside."""
    words = item.lead[: item.cut]
    return words.rpartition("，")[0]


def _same_year(one: _Item, item: _Item) -> bool:
    return one.figure.year is None or item.figure.year is None or "other_year" not in one.figure.scope


def _names(name: str, item: _Item) -> bool:
    return alike(name, item.figure.name) > 0 or (len(core(name)) >= 2 and core(name) in clean_words(item))


def clean_words(item: _Item) -> str:
    return _PUNCTUATION.sub("", item.words)


def _befores(text: Text, group: _Group, levels: Sequence[_Item]) -> list[_Item]:
    """The level that a change starts from, where the text writes it."""
    item = group.first
    found = []
    for one in text.before(item):
        if one.role in ("change", "growth") and not item.lead.startswith(("、", "和")):
            break  # what is in front of it is of another comparison
        if levels and one.kind != levels[0].kind:
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


def _arithmetic(group: _Group, now: _Item, before: _Item | None) -> Reading:
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


def _growth_of(growth: _Item, amount: _Item, before: _Item) -> Quotient:
    return Quotient(growth.ref, ((1, amount.ref),), ((1, before.ref),))


# -- shares ---------------------------------------------------------------------------------------------------

_GENERIC_WHOLE = re.compile(
    r"^(?:的|总|全部|全|合计|总额|总数|总量|总体|比|比重|比例|其|该|本|年度|部门)*(?:支出|收入|经费|资金|项目|人数|数|额|量|投资|预算)?(?:的|总额|总数|总量|总和|合计)*$"
)
_EMBEDDED = re.compile(
    r"^(?:\([^()]*\))?(?:年度|全年)?(?:目标|任务|计划|预算|指标)*(?:任务|数|额|值)?的?(?:比例|比重|百分比)?(?:为|达|达到|约|是)?(?:近|约|仅|超)?$"
)


def _shares(text: Text) -> Iterator[Assertion]:
    found: list[tuple[_Item, Assertion]] = []
    for item in text.items:
        if item.role == "share" and not item.adjusted and item.figure.bound != "floor":
            found.extend((item, one) for one in _share(text, item))
    figures = [prose.figures for prose in text.paragraphs]
    groups: dict[tuple[int, str], list[tuple[_Item, Assertion]]] = {}
    for item, one in found:
        groups.setdefault((item.ref[0], _whole_name(item.of)), []).append((item, one))
    for group in groups.values():
        yield from _of_one_whole(text, [one for _, one in group], figures)


def _of_one_whole(
    text: Text, group: Sequence[Assertion], figures: Sequence[Sequence[Figure]]
) -> Iterator[Assertion]:
    """Shares that are said to be of the same thing: what one of them bears out is the whole of the others too."""
    borne_out: dict[Ref, set[Ref]] = {}
    for one in group:
        for reading in one.readings:
            quotient = reading[0]
            if isinstance(quotient, Quotient) and _off(quotient, figures) == 0 and _tells(quotient, figures):
                borne_out.setdefault(quotient.bottom[0][1], set()).add(one.last)
    best = max(borne_out, key=lambda whole: len(borne_out[whole]), default=None)
    for one in group:
        certain = best is not None and bool(borne_out[best] - {one.last})
        if one.firm or not certain or best is None or best not in text.at:
            yield one
            continue
        first = [
            reading for reading in one.readings if _is_of(reading, best) and _has_top(reading, one.first)
        ]
        yield replace(one, readings=(*first, *one.readings), firm=True) if first else one


def _tells(quotient: Quotient, figures: Sequence[Sequence[Figure]]) -> bool:
    """A rate of three digits agrees with few quotients by chance; 100 % and 50 % with many."""
    paragraph, place = quotient.rate
    figure = figures[paragraph][place]
    return len(str(figure.value).replace(".", "").strip("0")) > 2


def _is_of(reading: Reading, whole: Ref) -> bool:
    return isinstance(reading[0], Quotient) and reading[0].bottom[0][1] == whole


def _has_top(reading: Reading, part: Ref) -> bool:
    return isinstance(reading[0], Quotient) and reading[0].top[0][1] == part


def _share(text: Text, item: _Item) -> Iterator[Assertion]:
    if "分别" in item.lead or _in_a_run(text, item):
        yield from _shares_in_turn(text, item)
        return
    words = item.lead[: item.cut]
    clause = re.split("[，,;；]", words)
    told_of_others = len(clause) > 1 and len(_bare(clause[-1])) > 1
    parts = [
        one
        for one in text.before(item)
        if one.role in ("level", "change") and one.kind != "share" and _is_open(one, item)
    ][:4]
    if told_of_others or not parts or item.opens:
        return
    part = next((one for one in parts if one.role == "level"), parts[0])
    readings, firm = _share_readings(text, item, part, parts)
    if readings:
        yield Assertion("share", readings, firm, part.ref, item.ref)


def _share_readings(
    text: Text, item: _Item, part: _Item, parts: Sequence[_Item]
) -> tuple[tuple[Reading, ...], bool]:
    name = _whole_name(item.of)
    wholes = _wholes_of(text, item, part, name)
    readings: list[Reading] = [_ratio(item, part, whole) for whole, _ in wholes]
    for other in parts:
        for whole, _ in wholes:
            if other is not part and whole is not other and whole.kind == other.kind:
                readings.append(_ratio(item, other, whole))
    firm = bool(wholes) and wholes[0][1] and _is_told_of(text, part, item)
    return tuple(readings), firm


def _is_open(one: _Item, item: _Item) -> bool:
    """A figure does not stand in brackets that close in front of another."""
    return one.figure.bracket in (None, item.figure.bracket)


def _is_told_of(text: Text, part: _Item, item: _Item) -> bool:
    """Between a part and its share stand only its change, its own last year, or nothing."""
    between = text.items[part.place + 1 : item.place]
    told_between = ("change", "growth", "before", "share", "rate")
    return all(one.role in told_between or not _is_open(one, item) for one in between)


def _ratio(rate: _Item, part: _Item, whole: _Item) -> Reading:
    return (Quotient(rate.ref, ((1, part.ref),), ((1, whole.ref),)),)


def _whole_name(of: str) -> str:
    return re.sub(
        r"的?(?:百分比|比例|比重|比值|比率|份额|比)?(?:分别|各|仅)?(?:为|达到|达|约|是|:)*$", "", of
    ).strip("的")


def _wholes_of(text: Text, item: _Item, part: _Item, name: str) -> list[tuple[_Item, bool]]:
    """What a share may be of, the likeliest first, and whether that is certain: the whole that is named, else the whole of
    the list the part stands in."""
    levels = [
        one
        for one in text.before(item, sentences=_BACK)
        if one.role in ("level", "before")
        and one.kind == part.kind
        and one is not part
        and one.place < part.place
    ]
    listed = [text.at[part.whole]] if part.whole is not None and text.at[part.whole].kind == part.kind else []
    generic = not name or (_GENERIC_WHOLE.match(name) is not None and not _PLAN.search(name))
    if generic:
        larger = [one for one in levels if one.figure.base >= part.figure.base and one not in listed]
        return [*((one, True) for one in listed), *((one, False) for one in larger)]
    exact = [
        one
        for one in text.named(name, item)
        if one.kind == part.kind and one is not part and _is_same_time(one, part)
    ]
    near = [one for one in levels if one not in exact and _names_whole(name, one)]
    certain = bool(exact) and len({one.figure.base for one in exact}) == 1
    close = [(one, len(near) == 1 and not exact and one.sentence >= item.sentence - 1) for one in near]
    if certain:  # what is named, and nothing else
        return [*((one, True) for one in exact), *close]
    others = [(one, False) for one in (*listed, *levels)]
    return [*((one, False) for one in exact), *close, *others]


def _is_same_time(one: _Item, other: _Item) -> bool:
    years = {one.figure.year, other.figure.year} - {None}
    return len(years) < 2 and ("plan" in one.figure.scope) == ("plan" in other.figure.scope)


def _names_whole(name: str, item: _Item) -> bool:
    wanted, own = core(_OF_ALL.sub("", name)), core(_called_whole(item.figure))
    if len(wanted) < 2 or len(own) < 2:
        return False
    return alike(name, item.figure.name) > 0 or own.endswith(wanted) or wanted.endswith(own)


#: Words that say that a whole is meant, and name nothing.
_OF_ALL = re.compile("^(?:全部|所有)|总(?=[^，,。;；]{2})|总?(?:数量?|量|数)$")


def _called_whole(figure: Figure) -> str:
    """What a figure is of: a count names it behind itself (296个市重点项目中)."""
    behind = figure.after.removesuffix("中") if figure.dimension == "count" else ""
    return behind if len(behind) > 1 and len(core(figure.name)) < 2 else figure.name


def _in_a_run(text: Text, item: _Item) -> bool:
    """The next share follows right behind (31.2%、52.9%和15.9%)."""
    following = text.items[item.place + 1] if item.place + 1 < len(text.items) else None
    return (
        following is not None
        and following.kind == "share"
        and re.fullmatch("[、和及,，]", following.lead) is not None
    )


def _shares_in_turn(text: Text, item: _Item) -> Iterator[Assertion]:
    """甲、乙分别为X和Y，占总额的a%和b%: each share is of the amount in the same place."""
    shares = [item]
    for one in islice(text.items, item.place + 1, item.place + 1 + _BACK):
        if one.kind != "share" or not re.fullmatch("[、和及,，]|以及", one.lead):
            break
        shares.append(one)
    parts = [one for one in text.before(item) if one.role == "level"][: len(shares)][::-1]
    if len(parts) != len(shares) or any(
        not re.fullmatch("(?:[、和及,，]|以及)[^，,。;；、]*", one.lead) for one in parts[1:]
    ):
        return
    name = _whole_name(item.of)
    for share, part in zip(shares, parts, strict=True):
        wholes = _wholes_of(text, item, parts[0], name)
        readings = tuple(_ratio(share, part, whole) for whole, _ in wholes if whole.kind == part.kind)
        if readings:
            yield Assertion("share", readings, False, part.ref, share.ref)


# -- rates ----------------------------------------------------------------------------------------------------

_AIM = re.compile("预算|计划|任务|目标|指标")
_PLAN = re.compile("预算|计划|任务|目标|指标|下达|安排|到位|批复|核定|应")
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
        ("开工率", "开工", "计划|项目|应"),
        ("(?:完工|竣工|投产)率", "完工|竣工|投产", "计划|项目|应|下达"),
        ("合格率|优良率|达标率", "(?<!不)合格|优良|达标", "抽检|检查|检测|抽查|监测|检验|验收|参|共"),
        ("(?:回收|收回)率", "回收|收回", "发放|发出|印发"),
        ("(?:就业|通过|参保|参与|覆盖|签约|出勤|录取|整改|调解成功|化解)率", "就业|通过|参保|参与|覆盖|签约|出勤|录取|整改|成功|化解", "应|共|总|参加|毕业|受理|调解|排查|发现|人口"),
        ("控制率", "决算|支出|在职|实有|实际", "预算|编制|核定"),
    )
)  # fmt: skip


def _rates(text: Text) -> Iterator[Assertion]:
    for item in text.items:
        if item.kind == "share" and item.role in ("share", "rate") and not item.adjusted:
            found = _rate(text, item)
            if found is not None:
                yield found


def _rate(text: Text, item: _Item) -> Assertion | None:
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
    return None


def _embedded(text: Text, item: _Item) -> Assertion | None:
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
    readings = tuple(_ratio(item, top, before) for top in tops)
    share = "占" in before.lead and not _PLAN.search(before.lead)
    firm = _is_told_of(text, tops[0], before)
    return Assertion("share" if share else "rate", readings, firm, tops[0].ref, item.ref)


def _completed(text: Text, item: _Item) -> Assertion | None:
    """完成预算的88.44%: of what was planned, as it is written in front."""
    of = item.of
    if not _PLAN.search(of):
        return None
    levels = [
        one
        for one in text.before(item, sentences=1)
        if one.role in ("level", "limit", "before") and one.kind != "share" and _is_open(one, item)
    ]
    done = [one for one in levels if not _is_plan(one)]
    if not done or done[0].sentence != item.sentence or item.opens:
        return None
    own = done[0]
    planned = [one for one in levels if _is_plan(one) and one.kind == own.kind]
    readings = [_ratio(item, own, plan) for plan in planned]
    readings += [
        _ratio(item, one, other)
        for one in levels[:8]
        for other in levels[:8]
        if one is not other and one.kind == other.kind
    ]
    if not readings:
        return None
    same = [one for one in planned if one.sentence == item.sentence]
    firm = len(same) == 1 and _plan_fits(of, same[0]) and _is_told_of(text, own, item) if same else False
    if firm and own.place < same[0].place and same[0].place != own.place + 1:
        firm = False
    return Assertion("rate", tuple(readings), firm, min(own.ref, (same or [own])[0].ref), item.ref)


_NO_PLAN = re.compile(
    "|".join((*tables.NO_PLANS, "预算(?:内)?(?:收入|资金)", "公共财政预算", "完成(?:年度)?(?:投资)?计划的?"))
)


def _is_plan(item: _Item) -> bool:
    """The figure is what was planned: 预算, 计划, 任务."""
    return _AIM.search(_NO_PLAN.sub("", item.words)) is not None and item.role != "change"


def _plan_fits(of: str, plan: _Item) -> bool:
    """The budget that a rate is said to be of is not another one: 年初, 全年, 调整."""
    kinds = [word for word in ("年初", "全年", "调整") if word in of]
    own = [word for word in ("年初", "全年", "调整") if word in plan.words]
    return not kinds or not own or kinds == own


def _named_rate(text: Text, item: _Item, top: re.Pattern[str], bottom: re.Pattern[str]) -> Assertion | None:
    levels = [
        one
        for one in text.before(item, sentences=1)
        if one.role in ("level", "change", "limit", "before") and one.kind != "share"
    ][:10]
    same = [
        one
        for one in levels
        if one.sentence == item.sentence and not re.search("[;；]", text.between(one, item))
    ]
    tops = [one for one in same if _stands_for(one, top, bottom) == "top"]
    own = tops[0].kind if tops else ""
    bottoms = [one for one in same if one.kind == own and _stands_for(one, top, bottom) == "bottom"]
    pair = [one for one in same if one.kind == own]
    outer = [one for one in pair if _is_open(one, item)]
    pair = outer if len(outer) > 1 else pair  # 受理879件(含旧存343件)，结案700件
    rated = any(one.kind == "share" for one in text.items[pair[-1].place : item.place]) if pair else True
    if len(pair) == 2 and not bottoms and not rated:  # two figures: what was done is the smaller
        tops = sorted(pair, key=lambda one: one.figure.base)[:1]
        bottoms = [one for one in pair if one is not tops[0]]
    readings: list[Reading] = [_ratio(item, one, other) for one in tops[:1] for other in bottoms[:1]]
    saved = re.search("节约|节支|节资|结余|审减|核减", item.of) is not None
    firm = bool(readings) and len(pair) <= (3 if saved else 2)
    for one in levels:
        for other in levels:
            if one is other or one.kind != other.kind:
                continue
            readings.append(_ratio(item, one, other))
            if saved:
                difference: Signed = ((1, other.ref), (-1, one.ref))
                readings.append((Quotient(item.ref, difference, ((1, other.ref),)),))
                whole: Signed = ((1, other.ref), (1, one.ref))
                readings.append((Quotient(item.ref, ((1, one.ref),), whole),))
    if not readings:
        return None
    first = min(one.ref for one in (tops[:1] + bottoms[:1] or levels[-1:]))
    return Assertion("rate", tuple(dict.fromkeys(readings)), firm, first, item.ref)


def _stands_for(item: _Item, top: re.Pattern[str], bottom: re.Pattern[str]) -> str:
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


# -- balances -------------------------------------------------------------------------------------------------

_REST = re.compile(
    r"(?:结余|结转|节约|剩余|节省|未支出|审减|核减)(?:结余|资金|金额|财政资金|经费|额|数|下年|下一年|使用|和结余|的|了)*(?:为|是|达|共|约|:)*$"
)
_IN = re.compile("预算|收入|到位|下达|安排|拨款|拨入|送审|申报|计划|资金总额|总资金|控制价")
_OUT = re.compile("支出|使用|执行|采购|支付|开支|审定|决算|拨付|列支|成交|中标|结算|实际")
_MORE_TERMS = re.compile("收回|上缴|核减|注销|上年结转|年初结转|结余分配|退回|追加|调整|调减|其他|另")


def _balances(text: Text) -> Iterator[Assertion]:
    for item in text.items:
        if item.figure.dimension != "money" or item.role not in ("level", "change") or item.figure.bound:
            continue
        near = re.split("[，,。;；:、]", item.lead)[-1]
        if not _REST.search(near) or item.opens or re.search("上年|年初|比上|较上|同比", item.lead):
            continue
        before = [
            one
            for one in text.before(item)
            if one.kind == "money"
            and one.role in ("level", "limit")
            and one.figure.bracket == item.figure.bracket
        ][:6]
        pairs = [(one, other) for one in before for other in before if one is not other]
        readings: list[Reading] = [(Sum(item.ref, ((1, one.ref), (-1, other.ref))),) for one, other in pairs]
        given = [one for one in before if _stands_for(one, _OUT, _IN) == "bottom"]
        spent = [one for one in before if _stands_for(one, _OUT, _IN) == "top"]
        firm = len(given) == 1 and len(spent) == 1 and len(before) == 2 and given[0].place < spent[0].place
        if not readings:
            continue
        if firm:
            readings.insert(0, (Sum(item.ref, ((1, given[0].ref), (-1, spent[0].ref))),))
            words = text.between(given[0], item) + given[0].words
            firm = not _MORE_TERMS.search(words)
        first = before[-1]
        yield Assertion("balance", tuple(dict.fromkeys(readings)), firm, first.ref, item.ref)
