"""Shares: that a text says how many per cent of a whole a part is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from perfeval_xl import patterns as re
from perfeval_xl.records import replace

from .items import BACK, PLAN, Item, Text, bare, called, is_open, is_told_of, ratio
from .naming import alike, core, names_whole
from .precision import Interval, adds_up, implied, off, told
from .records import Assertion, Figure, Quotient, Reading, Ref, Sum

_GENERIC_WHOLE = re.compile(
    r"^(?:的|总|全部|全|合计|总额|总数|总量|总体|比|比重|比例|其|该|本|年度|部门)*(?:支出|收入|经费|资金|项目|人数|数|额|量|投资|预算)?(?:的|总额|总数|总量|总和|合计)*$"
)


def shares(text: Text) -> Iterator[Assertion]:
    found: list[tuple[Item, Assertion]] = []
    for item in text.items:
        if item.role == "share" and not item.adjusted and item.figure.bound != "floor":
            found.extend((item, one) for one in _share(text, item))
    figures = [prose.figures for prose in text.paragraphs]
    groups: dict[tuple[int, str], list[tuple[Item, Assertion]]] = {}
    for item, one in found:
        groups.setdefault((item.ref[0], _whole_name(item.of)), []).append((item, one))
    for group in groups.values():
        yield from _of_one_whole(text, [one for _, one in group], figures)
    yield from _of_unwritten(text, found, figures)


def _of_unwritten(
    text: Text, found: Sequence[tuple[Item, Assertion]], figures: Sequence[Sequence[Figure]]
) -> Iterator[Assertion]:
    """Two shares of one thing that no figure states: what each makes the whole has to be one amount."""
    stated = {one.last for _, one in found if one.firm or told(one, figures) is not None}
    groups: dict[tuple[object, ...], list[tuple[Item, Item]]] = {}
    for item in text.items:
        name = _whole_name(item.of)
        part = text.items[item.place - 1] if item.place else item
        if item.role != "share" or item.ref in stated or item.adjusted or item.figure.bound:
            continue
        if (
            (_is_generic(name) and not _SAYS_ALL.search(name))
            or _OF_ITS_OWN.search(name)
            or PLAN.search(_FISCAL.sub("", name))
        ):
            continue
        if part.role != "level" or part.sentence != item.sentence:
            continue
        if part.kind == "share" or part.figure.bound or len(bare(item.lead[: item.cut])) > 1:
            continue
        key = (name, part.kind, part.figure.year, _SPENT.search(part.words) is not None)
        groups.setdefault(key, []).append((part, item))
    yield from _odd_ones_out(text, {one.last for _, one in found if one.firm})
    for pairs in groups.values():
        for (part, share), (other, its_share) in pairwise(pairs):
            near = its_share.ref[0] - share.ref[0] <= 1
            if near and _lie_apart(
                implied(part.figure, share.figure), implied(other.figure, its_share.figure)
            ):
                yield _two_wholes((part, share), (other, its_share))


def _odd_ones_out(text: Text, stated: set[Ref]) -> Iterator[Assertion]:
    """Of three shares or more that are told of one list (甲X万元，占a%；乙Y万元，占b%…) the one that makes another whole than all
    others make."""
    runs: list[list[tuple[Item, Item]]] = []
    for item in text.items:
        part = text.items[item.place - 1] if item.place else item
        told_of = item.role == "share" and part.role == "level" and part.sentence == item.sentence
        if not told_of or part.figure.bound or item.figure.bound or not _is_generic(_whole_name(item.of)):
            continue
        before = runs[-1][-1] if runs else None
        goes_on = (
            before is not None and before[1].place == part.place - 1 and before[1].sentence == item.sentence
        )
        if goes_on and before is not None and before[0].kind == part.kind:
            runs[-1].append((part, item))
        else:
            runs.append([(part, item)])
    for run in runs:
        if len(run) > len(_ONE_AND_OTHER) and not any(share.ref in stated for _, share in run):
            yield from _odd_one(run)
    for item in text.items:
        if item.role == "share" and ("分别" in item.lead or _in_a_run(text, item)) and item.ref not in stated:
            pairs = _pairs_in_turn(text, item)
            if len({part.kind for part, _ in pairs}) == 1 and not any(
                one.figure.bound or one.adjusted for pair in pairs for one in pair
            ):
                yield from _odd_one(pairs)


def _odd_one(run: Sequence[tuple[Item, Item]]) -> Iterator[Assertion]:
    """The one of several amounts with their shares that makes another whole than the rest; of two, both."""
    if len(run) > 1:
        wholes = [implied(part.figure, share.figure) for part, share in run]
        odd = [
            place
            for place, one in enumerate(wholes)
            if all(_lie_apart(one, other) for at, other in enumerate(wholes) if at != place)
        ]
        rest = [one for place, one in enumerate(wholes) if place not in odd]
        if len(odd) == (1 if len(run) > len(_ONE_AND_OTHER) else len(run)) and not any(
            _lie_apart(one, other) for one, other in pairwise(rest)
        ):
            place = odd[0]
            yield _two_wholes(run[place - 1], run[place]) if place else _two_wholes(run[0], run[1])


def _two_wholes(one: tuple[Item, Item], other: tuple[Item, Item]) -> Assertion:
    """Two amounts and what shares of the same they are said to be."""
    reading = tuple(Quotient(share.ref, ((1, part.ref),), ()) for part, share in (one, other))
    return Assertion("whole", (reading,), True, one[0].ref, other[1].ref)


_ONE_AND_OTHER = ("one", "other")


def _lie_apart(one: Interval | None, other: Interval | None) -> bool:
    return one is not None and other is not None and (one.low > other.high or other.low > one.high)


#: Of what was spent, rather than of a budget.
_SPENT = re.compile("决算|实际|执行|完成")
#: All there is, though no more is said of it.
_SAYS_ALL = re.compile("总(?:支出|收入)|(?:支出|收入)(?:总额|合计|总计)")
#: Of each its own whole: 占同类产品采购规模的90%.
_OF_ITS_OWN = re.compile(
    "同类|各自|相应|对应|同期|同口径|[其该本]|所在|当地|辖区|分别|应|当年|当月|上年|投资|项目|合同|工程"
)


def _of_one_whole(
    text: Text, group: Sequence[Assertion], figures: Sequence[Sequence[Figure]]
) -> Iterator[Assertion]:
    """Shares that are said to be of the same thing: what one of them bears out, or what all parts add up to, is the whole
    of the others too."""
    total = _added_up(text, group)
    if total is not None:
        for one in group:
            yield _of(one, total)
        return
    borne_out: dict[Ref, set[Ref]] = {}
    for one in group:
        for reading in one.readings:
            quotient = reading[0]
            if isinstance(quotient, Quotient) and off(quotient, figures) == 0 and _tells(text, quotient):
                borne_out.setdefault(quotient.bottom[0][1], set()).add(one.last)
    best = max(borne_out, key=lambda whole: len(borne_out[whole]), default=None)
    for one in group:
        certain = best is not None and bool(borne_out[best] - {one.last})
        if one.firm or not certain or best is None or best not in text.at:
            yield one
            continue
        yield _of(one, best)
    if best is not None and len(borne_out[best]) > 1:
        yield from _all_of_it(text, group, best)


def _all_of_it(text: Text, group: Sequence[Assertion], whole: Ref) -> Iterator[Assertion]:
    """Shares that make 100 % are of parts that make the whole; those of one list are added up as a list."""
    parts = list(dict.fromkeys(one.first for one in group))
    everything = sum(text.at[one.last].figure.value for one in group) == _HUNDRED
    if len(parts) != len(group) or whole in parts or not everything:
        return
    if all(text.at[part].whole is None and text.at[part].kind == text.at[whole].kind for part in parts):
        reading = (Sum(whole, tuple((1, part) for part in parts)),)
        yield Assertion("share", (reading,), True, group[0].first, group[-1].last)


_HUNDRED = 100


def _of(one: Assertion, whole: Ref) -> Assertion:
    """A share, taken to be of a certain whole."""
    first = [reading for reading in one.readings if _is_of(reading, whole) and _has_top(reading, one.first)]
    return replace(one, readings=(*first, *one.readings), firm=True) if first and not one.firm else one


def _added_up(text: Text, group: Sequence[Assertion]) -> Ref | None:
    """The figure in front of them that the parts of several shares add up to: 7个项目，优4个，占57%，中3个，占43%."""
    parts = [text.at[one.first] for one in group]
    name = _whole_name(text.at[group[0].last].of)
    if len({part.ref for part in parts}) < 2 or not _is_generic(name):
        return None
    readings = (reading[0] for reading in group[0].readings)
    wholes = [text.at[one.bottom[0][1]] for one in readings if isinstance(one, Quotient)]
    figures = [part.figure for part in parts]
    return next((one.ref for one in wholes if adds_up(one.figure, figures)), None)


def _tells(text: Text, quotient: Quotient) -> bool:
    """A rate of three digits agrees with few quotients by chance, one of two with few that are named; 100 % and 50 % with
    many."""
    rate = text.at[quotient.rate]
    named = not _is_generic(_whole_name(rate.of))
    return len(str(rate.figure.value).replace(".", "").strip("0")) > (1 if named else 2)


def _is_of(reading: Reading, whole: Ref) -> bool:
    return isinstance(reading[0], Quotient) and reading[0].bottom[0][1] == whole


def _has_top(reading: Reading, part: Ref) -> bool:
    return isinstance(reading[0], Quotient) and reading[0].top[0][1] == part


def _share(text: Text, item: Item) -> Iterator[Assertion]:
    if "分别" in item.lead or _in_a_run(text, item):
        yield from _shares_in_turn(text, item)
        return
    words = item.lead[: item.cut]
    clause = re.split("[，,;；]", words)
    told_of_others = len(clause) > 1 and len(bare(clause[-1])) > 1
    parts = [
        one
        for one in text.before(item)
        if one.role in ("level", "change") and one.kind != "share" and is_open(one, item)
    ][:4]
    if told_of_others or not parts or item.opens:
        return
    part = next((one for one in parts if one.role == "level"), parts[0])
    readings, firm = _share_readings(text, item, part, parts)
    if readings:
        yield Assertion("share", readings, firm, part.ref, item.ref)


def _share_readings(
    text: Text, item: Item, part: Item, parts: Sequence[Item]
) -> tuple[tuple[Reading, ...], bool]:
    name = _whole_name(item.of)
    wholes = _wholes_of(text, item, part, name)
    readings: list[Reading] = [ratio(item, part, whole) for whole, _ in wholes]
    firm = bool(wholes) and wholes[0][1] and is_told_of(text, part, item)
    run = _run_up_to(text, part)
    if wholes and len(run) > 1 and "，" in item.lead:
        # 甲783件、乙579件、丙562件，占总量的77%: of all that are told in one breath, or of the last
        readings += [
            (Quotient(item.ref, tuple((1, one.ref) for one in run), ((1, whole.ref),)),)
            for whole, _ in wholes
        ]
        firm = firm and part.whole is not None
    for other in parts if not firm or part.place != item.place - 1 else ():
        for whole, _ in wholes:
            if other is not part and whole is not other and whole.kind == other.kind:
                readings.append(ratio(item, other, whole))
    return tuple(readings), firm


def _run_up_to(text: Text, part: Item) -> list[Item]:
    """A figure and those told in one breath in front of it (甲783件、乙579件、丙562件)."""
    run = [part]
    while run[0].place and run[0].lead.startswith("、"):
        before = text.items[run[0].place - 1]
        if before.kind != part.kind or before.role != "level" or before.ref[0] != part.ref[0]:
            break
        run.insert(0, before)
    return run


def _whole_name(of: str) -> str:
    return (
        re.sub(r"的?(?:百分比|比例|比重|比值|比率|份额|比)?(?:分别|各|仅)?(?:为|达到|达|约|是|:)*$", "", of)
        .strip("的")
        .replace("数量", "量")
    )


def _wholes_of(text: Text, item: Item, part: Item, name: str) -> list[tuple[Item, bool]]:
    """What a share may be of, the likeliest first, and whether that is certain: the whole that is named, else the whole of
    the list the part stands in."""
    levels = [
        one
        for one in text.before(item, sentences=BACK)
        if one.role in ("level", "before")
        and one.kind == part.kind
        and one is not part
        and one.place < part.place
    ]
    listed = [text.at[part.whole]] if part.whole is not None and text.at[part.whole].kind == part.kind else []
    generic = _is_generic(name)
    if generic:
        everything = [one for one in levels if _is_all(name, one, item) and _is_same_time(one, part)]
        larger = [one for one in levels if one.figure.base >= part.figure.base and one not in listed]
        sure = not listed and len({one.figure.base for one in everything}) == 1
        rest = [one for one in larger if one not in everything]
        return [
            *((one, True) for one in listed),
            *((one, sure) for one in everything),
            *((one, False) for one in rest),
        ]
    exact = [
        one
        for one in text.named(name, item)
        if one.kind == part.kind and one is not part and _is_same_time(one, part)
    ]
    if not exact and not any(_names_whole(name, one) for one in levels):
        exact = _told_next(text, item, part, name)
    near = _totals(name, [one for one in levels if one not in exact and _names_whole(name, one)])
    exact = _totals(name, exact)
    certain = bool(exact) and len({one.figure.base for one in exact}) == 1
    nearest = _nearest(name, near, item)
    close = [(one, not exact and one in nearest) for one in near]
    if certain:  # what is named, and nothing else
        return [*((one, True) for one in exact), *close]
    others = [(one, False) for one in (*listed, *levels)]
    return [*((one, False) for one in exact), *close, *others]


def _told_next(text: Text, item: Item, part: Item, name: str) -> list[Item]:
    """The whole that is named in the next words: 占本年支出合计的92.3%。本年支出合计1015.7万元."""
    following = text.items[item.place + 1 : item.place + 3]
    return [
        one
        for one in following
        if one.role == "level"
        and one.kind == part.kind
        and one.ref[0] == item.ref[0]
        and one.sentence <= item.sentence + 1
        and called(one.figure.name) == called(name)
    ][:1]


def _is_generic(name: str) -> bool:
    """占x%, 占总数的x%: which whole is meant is not said."""
    return not name or (_GENERIC_WHOLE.match(name) is not None and not PLAN.search(name))


def _is_all(name: str, one: Item, item: Item) -> bool:
    """占收入总额, 占项目总数: a level that is said to be all income, or all of the things that the sentence is about."""
    noun = _NOUN.search(name)
    if noun is None:
        return False
    if one.kind == "money":
        own = one.figure.name
        return noun[0] in own and names_whole(own, besides=0) and _PART.search(own) is None
    return one.sentence == item.sentence and one.figure.after.endswith((f"{noun[0]}中", f"{noun[0]}里"))


#: What is called like all money and is a part of it.
_PART = re.compile("基本|项目|三公|其中|本级|财政|拨款")
_NOUN = re.compile("支出|收入|预算|投资|项目|人员|人")


def _totals(name: str, wholes: list[Item]) -> list[Item]:
    """Of wholes that a name fits those that are said to be all of it, where it says so: 占项目总投资 is of no 完成投资."""
    if "总" not in name:
        return wholes
    whole = [one for one in wholes if "总" in one.figure.name]
    return whole or [one for one in wholes if one.figure.base == max(two.figure.base for two in wholes)]


def _nearest(name: str, wholes: Sequence[Item], item: Item) -> list[Item]:
    """The wholes of the sentence of a share, else of the one before it, else all, where they are of one amount."""
    for sentence in (item.sentence, item.sentence - 1):
        found = [one for one in wholes if one.sentence == sentence]
        if found:
            return found if len({one.figure.base for one in found}) == 1 else []
    if len({one.figure.base for one in wholes}) != 1:
        return []
    named = core(_OF_ALL.sub("", name)) == core(_called_whole(wholes[0].figure))
    total = name.endswith(("总数", "总量", "总额")) and wholes[0].sentence >= item.sentence - _NOT_FAR
    return list(wholes) if named or total or len(wholes) > 1 else []


#: So many sentences back a total is looked for that is only named by what it is of.
_NOT_FAR = 6


def _is_same_time(one: Item, other: Item) -> bool:
    years = {one.figure.year, other.figure.year} - {None}
    return len(years) < 2 and ("plan" in one.figure.scope) == ("plan" in other.figure.scope)


def _names_whole(name: str, item: Item) -> bool:
    wanted = _OF_ALL.sub("", _WHOSE.sub("", _FISCAL.sub("财政", name.replace("的", ""))))
    own = _OF_ALL.sub("", _FISCAL.sub("财政", _called_whole(item.figure).replace("的", "")))
    if "财政总" in name and "总" not in item.figure.name:
        return False  # 财政总收入 is more than 一般公共预算收入
    if alike(name, item.figure.name) > 0:
        return True
    if item.kind != "money" and "总" in name and len(wanted) > 1 and wanted in own:
        return True  # 占合同总数的, of 技术合同登记320项
    return any(
        min(len(one), len(other)) > 1 and (one.endswith(other) or other.endswith(one))
        for one, other in ((wanted, own), (core(wanted), core(own)))
    )


#: 财政支出 and 一般公共预算支出 are one.
_FISCAL = re.compile("(?:一般)?公共(?:财政)?预算|财政预算|公共财政")
#: Whose whole is meant, where that is clear without it.
_WHOSE = re.compile("^(?:项目|工程|学校|单位|该项目|其)(?=总|全部)")
#: Words that say that a whole is meant, and name nothing.
_OF_ALL = re.compile("^(?:全部|所有)|总(?=[^，,。;；]{2})|总?(?:数量?|量|数|规模|金额|额)(?:为|是|达)?$")


def _called_whole(figure: Figure) -> str:
    """What a figure is of: a count names it behind itself (296个市重点项目中)."""
    behind = figure.after.removesuffix("中") if figure.dimension == "count" else ""
    return behind if len(behind) > 1 and len(core(figure.name)) < 2 else figure.name


def _in_a_run(text: Text, item: Item) -> bool:
    """The next share follows right behind (31.2%、52.9%和15.9%)."""
    following = text.items[item.place + 1] if item.place + 1 < len(text.items) else None
    return (
        following is not None
        and following.kind == "share"
        and re.fullmatch("[、和及,，]", following.lead) is not None
    )


def _shares_in_turn(text: Text, item: Item) -> Iterator[Assertion]:
    """甲、乙分别为X和Y，占总额的a%和b%: each share is of the amount in the same place."""
    name = _whole_name(item.of)
    pairs = _pairs_in_turn(text, item)
    for part, share in pairs:
        wholes = _wholes_of(text, item, pairs[0][0], name)
        readings = tuple(ratio(share, part, whole) for whole, _ in wholes if whole.kind == part.kind)
        if readings:
            yield Assertion("share", readings, False, part.ref, share.ref)


def _pairs_in_turn(text: Text, item: Item) -> list[tuple[Item, Item]]:
    """The amounts told in turn and the shares told in turn behind them, in pairs; none where there are not as many."""
    shares = [item]
    for one in islice(text.items, item.place + 1, item.place + 1 + BACK):
        if one.kind != "share" or not re.fullmatch("[、和及,，]|以及", one.lead):
            break
        shares.append(one)
    parts = [one for one in text.before(item) if one.role == "level"][: len(shares)][::-1]
    if len(parts) != len(shares) or any(
        not re.fullmatch("(?:[、和及,，]|以及)[^，,。;；、]*", one.lead) for one in parts[1:]
    ):
        return []
    return list(zip(parts, shares, strict=True))
