"""PE602, PE603 and PE613, narrative: what a text lists as parts of something, added up: amounts, changes, persons, things."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby

from perfeval_xl import patterns as re
from perfeval_xl.equations import HALF, Equation, quantum, rounded
from perfeval_xl.findings import Severity
from perfeval_xl.prose import Figure, Listing, tables
from perfeval_xl.prose.naming import names_whole
from perfeval_xl.prose.precision import is_exact, unit_of
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, rule
from perfeval_xl.text import plain
from perfeval_xl.typing_errors import LIKELY, typing_error

from . import tables as own_tables
from .complete import (
    alike_in_kind,
    apart,
    are_years,
    ends_in_own_money,
    gives_all,
    is_by_nature_all,
    is_vouched_for,
    signs_of,
    told_in_one,
)
from .measures import passages_of, text_term, texts_or_skip
from .quoted import between, quoted, source
from .stated import Passage

_TEXTS = ("report", "achieved", "expected")


@rule(
    "PE602",
    "narrative.sums",
    "error",
    "报告里的分项加起来不等于合计",
    basis="报告中列全的各分项之和应等于合计",
)
def text_sums(context: Context) -> Iterator[Result]:
    """报告里“甲×万元（乙×万元、丙×万元）”的加总。

    说明：括号里列出的各项应加到括号前的数（括号以“其中”“含”开头的，同“其中”）；“其中：”列出的各项不能超过前面的数，列全的应相等；“甲×万元、乙×万元，合计×万元”和各项增减额之和也一样。写了“等”“主要”的不按列全看；没有列全而差额像是录错一个数的，请核实。Word 报告里不是附件的表，“合计”行应等于其余各行之和。
    错误示例：运行维护费101万元（网络20万元、租金87万元、工作经费3万元）。
    正确示例：运行维护费101万元（网络20万元、租金78万元、工作经费3万元）。
    如何改：核对各分项和合计，改正写错的一个。
    """
    yield from listed(context, "PE602")
    yield from own_tables.sums(context)


@rule(
    "PE613",
    "narrative.numbers",
    "error",
    "报告里的人数、个数与列出的各项不符",
    basis="报告中各项人数、个数之和应等于总数，逐一列出的个数应与写的数相同",
)
def text_numbers(context: Context) -> Iterator[Result]:
    """报告里“在职×人，其中…”的加总，和“内设×个股室：甲、乙、丙”的个数。

    说明：互不重叠的各项（专业技术、管理、工勤；行政、事业；男、女）之和不能超过总数，列全的应相等；逐一写出名称的，个数应与写的数相同。写了“等”的、各项可能重叠的不比。
    错误示例：在职81人，其中专业技术人员75人，管理人员1人，工勤人员23人。
    正确示例：在职99人，其中专业技术人员75人，管理人员1人，工勤人员23人。
    如何改：核对人员名册或名单，改正写错的一个数。
    """
    yield from listed(context, "PE613")
    if texts_or_skip(context) is None:
        for passage in passages_of(context, *_TEXTS):
            yield from _named(passage)


def listed(context: Context, code: str) -> Iterator[Result]:
    """The lists of every text that one rule is about: PE602 of amounts, PE513 of projects, offices and forms, PE613 of persons
    and other things."""
    skip = texts_or_skip(context)
    if skip is not None:
        yield skip
        return
    for passage in passages_of(context, *_TEXTS):
        for found in passage.prose.lists:
            if _rule_of(passage.figures[found.whole]) == code:
                yield from _sum(code, passage, found, context)


_OFFICES = re.compile("项目|机构|单位|科室|股室|部门|附表|自评表")


def _rule_of(total: Figure) -> str:
    if total.dimension != "count":
        return "PE602"
    named = total.unit in ("个", "家", "项", "张", "份") and _OFFICES.search(
        total.name[-8:] + total.after[:4]
    )
    return "PE513" if named else "PE613"


# -- lists ----------------------------------------------------------------------------------------------------


def _sum(code: str, passage: Passage, found: Listing, context: Context) -> Iterator[Equation]:
    """That a list gives its whole, as far as it must."""
    if found.nested or _is_basic_split(passage, found):
        return
    total, items = passage.figures[found.whole], [passage.figures[part] for part in found.parts]
    changes = passage.prose.said[found.whole].role == "change"
    years = are_years(passage, found)
    if not (_are_changes(total, items) if changes else _summable(total, items, years)):
        return
    signs = signs_of(passage, found)
    added = sum((sign * item.base for sign, item in zip(signs, items, strict=True)), Decimal(0))
    most = _most(total, items) if not changes else sum(map(_half, (total, *items)), Decimal(0))
    excess = added - total.base
    off = Decimal(0) if abs(excess) <= most else excess
    demanded = _demanded(passage, found, off, signs)
    described = found.bracketed and _is_of_another(total, items)
    if demanded is None or (described and off and not _is_slip(total, items, signs, off)):
        return
    severity, complete, advice = demanded
    quote = quoted(passage, total) if found.bracketed else _quote(passage, found)
    yield Equation(
        code,
        passage.form.caption,
        text_term(passage, found.whole, context),
        tuple(text_term(passage, part, context) for part in found.parts),
        signs,
        "报告里的分项之和等于合计",
        severity=severity,
        leeway=(-most, most if complete else None),
        near=_near(total, items) if severity == "error" else Decimal(0),
        words=f"{source(passage)}写{quote}，列出的 {len(items)} 项加起来是 {_amount(added, total)}，"
        + ("超过合计" if off > 0 and not complete else "与合计不符"),
        advice=advice,
    )


def _quote(passage: Passage, found: Listing) -> str:
    places = (found.whole, *found.parts)
    return between(passage, passage.figures[min(places)], passage.figures[max(places)])


def _amount(base: Decimal, like: Figure) -> str:
    """A sum, said in the unit that another figure is written in."""
    scale = like.size / 10_000 if like.dimension == "money" else like.size
    return f"{plain(round(base / scale, _MOST_DECIMALS))} {like.unit}"


#: 亩 are no round number of the unit that areas are added up in.
_MOST_DECIMALS = 6


def _most(total: Figure, items: Sequence[Figure]) -> Decimal:
    """By how much a total and the sum of its parts may differ as they are written: half of its last digit for each.

    Whole 万元 and 元 among the parts are taken as exact; a total so written stands for what rounds to it.
    """
    finest = max(item.base_decimals for item in (total, *items))
    written = sum((_half(item) for item in items if not _is_whole(item)), Decimal(0))
    if not _is_whole(total) or finest > total.base_decimals:
        written += _half(total)
    return (
        max(written, quantum(max(2, finest)) * HALF * (len(items) + 1))
        if total.dimension == "money"
        else written
    )


def _half(figure: Figure) -> Decimal:
    return Decimal(0) if is_exact(figure) else unit_of(figure) * HALF


def _is_whole(figure: Figure) -> bool:
    return not figure.decimals and figure.unit in ("万元", "元")


def _near(total: Figure, items: Sequence[Figure]) -> Decimal:
    """One unit of the finest digit written; persons and things are exact."""
    everything = (total, *items)
    return Decimal(0) if all(map(is_exact, everything)) else min(map(unit_of, everything))


def _demanded(
    passage: Passage, found: Listing, off: Decimal, signs: Sequence[int]
) -> tuple[Severity, bool, str] | None:
    """How bad it would be if a list did not give its whole, and whether it must give all of it; None where nothing is
    demanded. ``off`` is by how much the parts are above (or below) the whole, 0 where they agree."""
    total, items = passage.figures[found.whole], [passage.figures[part] for part in found.parts]
    changes = passage.prose.said[found.whole].role == "change"
    things = total.dimension == "count"
    alone = len(items) == 1
    doubtful = changes or (things and not apart(passage, found)) or ends_in_own_money(passage, found)
    severity: Severity = "warning" if doubtful else "error"
    loud: Severity = "warning" if total.value < _SURELY_ROUNDED else "info"
    rounds = all(map(_is_whole, (total, *items))) and abs(off) <= unit_of(total) * HALF * (len(items) + 1)
    if (
        is_vouched_for(passage, found)
        or is_by_nature_all(passage, found)
        or (not alone and found.sure and (found.behind or gives_all(passage, found)))
    ):
        return (loud, True, "是取整造成的，写明小数。") if rounds else (severity, True, "")
    if not off:
        return None if alone else (severity, True, "")
    if off > 0 and not changes and found.sure and not (alone and found.bracketed):
        one_above = max(item.base for item in items) > total.base
        if not things or one_above or apart(passage, found) or alike_in_kind(passage, found):
            return loud if rounds else severity, False, ""
    several = found.sure or found.behind or len(items) > _MANY
    breath = len(items) > _MANY and told_in_one(passage, found)
    overlapping = things and off > 0  # 儿童、老人、残疾人 may be the same persons
    telling = alike_in_kind(passage, found) or ((breath or len(items) > _VERY_MANY) and not overlapping)
    if not found.partial and several and _is_slip(total, items, signs, off, telling):
        return "warning", True, "还有没列出的，写明“等”。"
    return None


def _summable(total: Figure, items: Sequence[Figure], years: bool = False) -> bool:
    """All exact figures of one year, or of all ``years`` that the total is of, and of one side, amounts each with a name of its
    own."""
    everything = (total, *items)
    if any(figure.bound or "each" in figure.scope for figure in everything):
        return False
    another = (figure for figure in (items if years else everything) if "other_year" in figure.scope)
    if any(not _CARRIED.search(figure.clause) for figure in another):
        return False
    moved = set(_MOVED.findall(total.clause))
    if any(set(_MOVED.findall(_CARRIED.sub("", item.clause))) - moved for item in items):
        return False
    if (
        _is_of_another(total, items)
        and len({frozenset(_DESCRIBING.findall(item.name)) for item in items}) > 1
    ):
        return False
    if not years and len({figure.year for figure in everything} - {None}) > 1:
        return False
    if total.dimension == "money" and not all(item.name for item in items):
        return False
    planned = "plan" in total.scope
    return _are_paid_and_unpaid(items) or all(_shares_side(item, planned) for item in items)


def _are_paid_and_unpaid(items: Sequence[Figure]) -> bool:
    """Of one budget what is paid and what is not."""
    names = [item.name.removeprefix("其中") for item in items]
    return len(names) == len(_BOTH) and names[0].startswith("已") and names[1] == f"未{names[0][1:]}"


_BOTH = ("paid", "unpaid")


def _is_of_another(total: Figure, items: Sequence[Figure]) -> bool:
    """A word that describes an amount rather than names a part of it stands with the items alone."""
    own = set(_DESCRIBING.findall(total.name))
    return any(set(_DESCRIBING.findall(item.name)) - own for item in items)


def _are_changes(total: Figure, items: Sequence[Figure]) -> bool:
    return not any(figure.bound or "each" in figure.scope for figure in (total, *items))


def _shares_side(part: Figure, planned: bool) -> bool:
    """A part of a plan is one too, unless it says that it was spent."""
    return "plan" in part.scope or not _SPENT.search(part.clause) if planned else "plan" not in part.scope


_SPENT = re.compile("决算|实际|执行|完成|已|发放|支付|花费|用去|列支|使用|投入")


_DESCRIBING = re.compile("|".join(tables.DESCRIBING))
#: What was moved or is left over is no part of what was spent.
_MOVED = re.compile(
    "结余|结转|剩余|追加|调增|调减|核减|核增|收回|上缴|退回|欠|补足|差额|历年|三年|节约|节省|新增"
)


#: What was left of last year is a part of this year's money.
_CARRIED = re.compile("(?:上年|年初|上年度)(?:结转和?结余|结转|结余)")


def _is_basic_split(passage: Passage, found: Listing) -> bool:
    """基本支出 as 人员经费 and 公用经费: PE603 says it."""
    roles = {passage.roles[part] for part in found.parts}
    return passage.roles[found.whole] == "basic" and roles == {"personnel", "public"}


#: Of a list that may be of something else so many parts, and more, are too many to miss its total by a slip only by chance.
_MANY = 2
#: Whoever lists more parts than this, lists them all.
_VERY_MANY = 4
#: From this total on a list in whole 万元 that is off by a few is rounded.
_SURELY_ROUNDED = 100
#: A list that need not give everything is told for a slip only where the figures have so many digits, enough to tell one; a
#: digit more where it leaves more than so much of its whole.
_DIGITS, _LITTLE = 4, Decimal("0.12")


def _is_slip(
    total: Figure, items: Sequence[Figure], signs: Sequence[int], off: Decimal, telling: bool = False
) -> bool:
    """A slip of the hand in one figure explains by how much the parts are off; where the parts are ``telling``, all there
    is by their names or their number, figures of fewer digits will do."""
    if len(items) < 2:
        return False
    options = [(total, total.base + off)]
    options += [(item, item.base - sign * off) for sign, item in zip(signs, items, strict=True)]
    least = _DIGITS if telling or abs(off) <= abs(total.base) * _LITTLE else _DIGITS + 1
    least -= telling
    return any(_mistyped(figure, meant, least) for figure, meant in options)


#: 亿元 written for 万元, 元 for 万元, by how much that is more; so near it must come.
_OTHER_UNITS = tuple(Decimal(10) ** power for power in (4, -4, 8, -8))
_EXACTLY = Decimal("0.0005")


def _mistyped(figure: Figure, meant: Decimal, least: int) -> bool:
    digits = len(str(figure.value.normalize().copy_abs()).replace(".", "").strip("0"))
    if meant <= 0 or not figure.base:
        return False
    wrong_unit = figure.dimension == "money" and any(
        abs(figure.base / meant / times - 1) < _EXACTLY for times in _OTHER_UNITS
    )
    if wrong_unit and digits >= _DIGITS - 1:
        return True
    if digits < least:
        return False
    written = rounded(figure.value * meant / figure.base, figure.decimals)
    slip = typing_error(figure.value, written, figure.decimals)
    return slip is not None and slip.strength >= LIKELY


# -- things named one by one ----------------------------------------------------------------------------------

_COUNTED = ("个", "家", "所", "类", "大类")
_ONE_BY_ONE = re.compile(
    r"^(?:[^，,。;；:、()\d]{0,10})(?:[:]|[，,]?(?:分别(?:是|为)|即|包括[:]?|有[:]|为[:]|\())(?P<names>[^。;；:()\d]{4,300})(?=[。;；)]|$)"
)
_MORE = re.compile("等|主要|其中|以及其他|部分")


def _named(passage: Passage) -> Iterator[Claim]:
    """设9个机构：甲、乙、丙…: as many names as are said."""
    for figure in passage.figures:
        if figure.dimension != "count" or figure.unit not in _COUNTED or figure.bound or figure.decimals:
            continue
        match = _ONE_BY_ONE.match(passage.prose.text[figure.end : figure.end + 320])
        if match is None or _MORE.search(match["names"]) or "、" not in match["names"]:
            continue
        if re.search("[，,]", match["names"]):
            continue
        least = match["names"].count("、") + 1
        most = least + len(re.findall("[和及与]", match["names"]))
        number = int(figure.value)
        if number < 3 or least <= number <= most or abs(number - least) > 2:
            continue
        quote = between(passage, figure, figure)
        yield Claim(
            passage.field.place,
            f"{source(passage)}写{quote}，后面逐一列出的是 {least} {figure.unit}。",
            expected=f"{least}{figure.unit}",
            actual=figure.words,
            suggestion="核对名单，改正个数或补上漏写的。",
            severity="warning",
            label=figure.name or figure.after,
            figures=(figure.words, str(least)),
        )


# -- 基本支出 as 人员经费 and 公用经费 -----------------------------------------------------------------------------


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
    skip = texts_or_skip(context)
    if skip is not None:
        yield skip
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
