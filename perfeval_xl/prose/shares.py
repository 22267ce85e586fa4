"""Shares: that a text says how many per cent of a whole a part is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from .items import BACK, PLAN, Item, Text, bare, is_open, is_told_of, ratio
from .naming import alike, core
from .precision import off
from .records import Assertion, Figure, Quotient, Reading, Ref

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


def _of_one_whole(
    text: Text, group: Sequence[Assertion], figures: Sequence[Sequence[Figure]]
) -> Iterator[Assertion]:
    """Shares that are said to be of the same thing: what one of them bears out is the whole of the others too."""
    borne_out: dict[Ref, set[Ref]] = {}
    for one in group:
        for reading in one.readings:
            quotient = reading[0]
            if isinstance(quotient, Quotient) and off(quotient, figures) == 0 and _tells(quotient, figures):
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
    for other in parts:
        for whole, _ in wholes:
            if other is not part and whole is not other and whole.kind == other.kind:
                readings.append(ratio(item, other, whole))
    firm = bool(wholes) and wholes[0][1] and is_told_of(text, part, item)
    return tuple(readings), firm


def _whole_name(of: str) -> str:
    return re.sub(
        r"的?(?:百分比|比例|比重|比值|比率|份额|比)?(?:分别|各|仅)?(?:为|达到|达|约|是|:)*$", "", of
    ).strip("的")


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
    generic = not name or (_GENERIC_WHOLE.match(name) is not None and not PLAN.search(name))
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


def _is_same_time(one: Item, other: Item) -> bool:
    years = {one.figure.year, other.figure.year} - {None}
    return len(years) < 2 and ("plan" in one.figure.scope) == ("plan" in other.figure.scope)


def _names_whole(name: str, item: Item) -> bool:
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
    shares = [item]
    for one in islice(text.items, item.place + 1, item.place + 1 + BACK):
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
        readings = tuple(ratio(share, part, whole) for whole, _ in wholes if whole.kind == part.kind)
        if readings:
            yield Assertion("share", readings, False, part.ref, share.ref)
