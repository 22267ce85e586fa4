"""Two quantities beside each other: brought to one unit, given a direction, compared.

What cannot be brought to one unit without guessing is said so (``Pair.doubt``), not compared.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from perfeval_xl import patterns as re
from perfeval_xl.policy import Overshoot
from perfeval_xl.records import dataclass, replace

from . import tables
from .measure import Measure
from .tables import Direction

HUNDRED = Decimal(100)
_ZERO, _ONE = Decimal(0), Decimal(1)
#: A bare figure this many times off in the other side's unit was written in another one.
_IMPLAUSIBLE = Decimal(1000)
#: A share from here on may be answered by its fraction (0.98 beside 95 %): no figure below 1 means per cent there.
_FRACTION_FROM = Decimal(10)
#: "As written": a coarse actual (92 %) stands for what rounds to it, but never for more than this much off.
_AS_WRITTEN = Decimal("0.01")
#: And a target without a sign for never more than this.
_ROUNDED_TARGET = Decimal("0.002")


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides in one unit. ``missing`` is the side that left its unit out; ``doubt`` says why they cannot be
    compared (``mismatch``: because the units are of different kinds, ``kin``: of two kinds that are taken for each other);
    ``misscaled`` says that the figures agree and their units of money are a thousand times apart; ``note`` is appended to the explanation."""

    ours: Measure
    theirs: Measure
    missing: Literal["target", "actual"] | None = None
    doubt: str | None = None
    mismatch: bool = False
    kin: bool = False
    misscaled: bool = False
    note: str = ""


# -- one unit -------------------------------------------------------------------------------------------------


def paired(ours: Measure, theirs: Measure, name: str) -> Pair:
    """The two sides in one unit. A bare figure takes the other side's unit; 万 alone is 万元 beside money."""
    missing: Literal["target", "actual"] | None = None
    if ours.dimension is None and theirs.dimension is not None:
        ours, missing = _lent(ours, theirs), "target" if _left_out(ours) else None
    elif theirs.dimension is None and ours.dimension is not None:
        theirs, missing = _lent(theirs, ours), "actual" if _left_out(theirs) else None
    elif ours.dimension is None and ours.multiplier != theirs.multiplier:
        if ours.multiplier == 1:
            ours = _scaled(ours, theirs)
        elif theirs.multiplier == 1:
            theirs = _scaled(theirs, ours)
    pair = Pair(ours, theirs, missing, misscaled=_is_misscaled(ours, theirs))
    doubt = _dimensions(pair) or _magnitude(pair) or _denominators(pair) or _changes(pair, name)
    return doubt or _growing(pair)


def _left_out(bare: Measure) -> bool:
    """Whether a unit is missing: 0 needs none, and 150万 beside 150万元 has one."""
    return bare.multiplier == 1 and bare.value != 0


def _lent(bare: Measure, other: Measure) -> Measure:
    """A figure without unit in the other side's unit; 0.98 beside 95 % is 98 %, 80000 beside 8万亩 is 80000亩."""
    if bare.multiplier > 1 and other.dimension == "share":
        return replace(bare, unit="万" if bare.multiplier == 10_000 else bare.unit)  # 5万 is no share
    per = bare.per or other.per
    bare = replace(bare, per=per)
    if bare.multiplier > 1:
        unit = "万元" if other.dimension == "money" and bare.multiplier == 10_000 else other.unit
        size = Decimal(bare.multiplier) * other.size / other.multiplier
        return replace(bare, unit=unit, dimension=other.dimension, size=size)
    if other.dimension == "share" and other.unit == "%" and _is_fraction(bare, other):
        value = (bare.value or _ZERO) * HUNDRED
        return replace(
            bare, value=value, decimals=max(0, bare.decimals - 2), unit="%", dimension="share", size=_ONE
        )
    return _scaled(replace(bare, unit=other.unit, dimension=other.dimension), other)


def _scaled(bare: Measure, other: Measure) -> Measure:
    """A bare figure times the other's 万, unless only the figure as it stands is of the same magnitude."""
    lent = replace(bare, multiplier=other.multiplier, size=other.size)
    if other.multiplier > 1 and abs(lent.base) >= abs(other.base) * _IMPLAUSIBLE:
        unit = "元" if other.dimension == "money" else other.unit
        return replace(lent, multiplier=1, unit=unit, size=other.size / other.multiplier)
    return lent


def _is_fraction(bare: Measure, other: Measure) -> bool:
    value, beside = bare.value or _ZERO, other.value or _ZERO
    return (_ZERO < value < 1 and beside >= _FRACTION_FROM) or (value == 1 and beside * 2 >= HUNDRED)


def _dimensions(pair: Pair) -> Pair | None:
    """A doubt where the two sides measure different things."""
    ours, theirs = pair.ours, pair.theirs
    if ours.dimension != theirs.dimension:
        nested = (
            ours.unit
            and theirs.unit
            and (ours.unit.startswith(theirs.unit) or theirs.unit.startswith(ours.unit))
        )
        if nested or {ours.dimension, theirs.dimension} in _NEARLY_ALIKE:  # 亩次 beside 亩
            return replace(pair, doubt=f"{ours.text} 与 {theirs.text} 的计量单位不同，请人工核对。")
        units = f"指标值的单位是“{ours.unit or '无'}”，实际完成值的单位是“{theirs.unit or '无'}”，不能比较。"
        return replace(pair, doubt=units, mismatch=True)
    if ours.dimension == "count" and ours.unit != theirs.unit:
        if {_lives(ours.unit), _lives(theirs.unit)} == {"single", "households"}:
            units = f"指标值按“{ours.unit}”计，实际完成值按“{theirs.unit}”计，不是一回事，不能比较。"
            return replace(pair, doubt=units, mismatch=True, kin=True)
        kinds = {_counted(ours.unit), _counted(theirs.unit)}
        if kinds == {"persons", "occasions"}:
            return replace(pair, doubt=f"计量单位不同（{ours.unit}、{theirs.unit}），请人工核对。")
    return None


def _magnitude(pair: Pair) -> Pair | None:
    """A doubt where a figure without a unit is a thousand times off: 16.3 beside 163000人次 leaves out 万."""
    ours, theirs = pair.ours, pair.theirs
    low, high = sorted((abs(ours.base), abs(theirs.base)))
    if pair.missing is None or low == 0 or high < low * _IMPLAUSIBLE:
        return None
    return replace(pair, doubt=f"{ours.text} 与 {theirs.text} 相差千倍以上，可能漏写了单位，请人工核对。")


#: Two figures of money within this factor, in units a thousand times apart, are one figure with a wrong unit.
_ALIKE = Decimal(3)


def _is_misscaled(ours: Measure, theirs: Measure) -> bool:
    """≤42万元 → 41.32元."""
    if ours.dimension != "money" or theirs.dimension != "money" or not ours.value or not theirs.value:
        return False
    alike = max(ours.value, theirs.value) <= min(ours.value, theirs.value) * _ALIKE
    return alike and max(ours.size, theirs.size) >= min(ours.size, theirs.size) * _IMPLAUSIBLE


#: A share of 100 and points out of 100 may be the same thing; so may hours and lessons.
_NEARLY_ALIKE = ({"share", "points"}, {"count", "time"}, {"count", "points"})


def _counted(unit: str) -> Literal["persons", "occasions", "things"]:
    if unit.startswith(tables.PERSONS):
        return "persons"
    return "occasions" if unit.startswith(tables.OCCASIONS) else "things"


def _lives(unit: str) -> Literal["single", "households", ""]:
    """Whether a unit counts single persons or what they live and work in; 人次 is open."""
    if unit.startswith(tables.VISITS):
        return ""
    if unit.startswith(tables.SINGLE_PERSONS):
        return "single"
    return "households" if unit.startswith(tables.HOUSEHOLDS) else ""


def _denominators(pair: Pair) -> Pair | None:
    """A doubt where one side is per month or per person and the other is not: a total cannot be told from a rate."""
    ours, theirs = pair.ours, pair.theirs
    if _essential(ours.per) == _essential(theirs.per) or ours.base == theirs.base:
        return None
    return replace(
        pair,
        doubt=f"{ours.text} 与 {theirs.text} 的口径不同（每{ours.per or '年'}、每{theirs.per or '年'}），请人工核对。",
    )


def _essential(per: str) -> frozenset[str]:
    return frozenset(per.split("·")) - tables.SILENT_PER - {""}


def _changes(pair: Pair, name: str) -> Pair | None:
    """A doubt where one side is a change (增长5%) and the other may be a level or a completion rate (100%)."""
    ours, theirs = pair.ours, pair.theirs
    if (ours.growth is None) == (theirs.growth is None):
        return None
    if ours.growth is None:
        if any(word in name for word in tables.GROWTH):
            return None
    elif theirs.value is not None and (theirs.value != HUNDRED or (ours.value or _ZERO) * 2 >= HUNDRED):
        return None
    return replace(pair, doubt=f"{ours.text} 与 {theirs.text} 一个是变动幅度，一个不是，请人工核对。")


def _growing(pair: Pair) -> Pair:
    """Changes in the target's sense: beside 下降3% an increase of 1 % is -1."""
    ours, theirs, note = pair.ours, pair.theirs, ""
    value = theirs.value or _ZERO
    if (ours.growth and theirs.growth and ours.growth != theirs.growth) or (
        ours.growth == "down" and theirs.growth is None and value < 0
    ):
        theirs = replace(theirs, value=-value)
    if ours.dimension == "count" and ours.unit and theirs.unit and _first(ours.unit) != _first(theirs.unit):
        note = f"（计量单位写法不同：{ours.unit}、{theirs.unit}）"
    return replace(pair, theirs=theirs, note=note) if note or theirs is not pair.theirs else pair


def _first(unit: str) -> str:
    """The classifier: 名 and 位 count persons as 人 does."""
    return "人" if unit[:1] in ("名", "位", "人") else unit[:1]


# -- direction ------------------------------------------------------------------------------------------------

#: "公猪舍(≥**平方米)": the sign and unit of the target printed in the indicator's name.
_SIGN_IN_NAME = re.compile(r"([≥≤<>≧≦]|>=|<=)(?=[*×xX\u4e00-\u9fff])")


def direction_of(ours: Measure, name: str, group: str) -> Direction | None:
    """The written direction, in the target or in the name, else what the indicator's kind wants; None for a bare
    figure under 时效 that may be days as well as a rate, and for money spent outside 成本指标."""
    if ours.direction is not None:
        return ours.direction
    printed = _SIGN_IN_NAME.search(name)
    if printed is not None:
        return "ceiling" if printed[1][0] in "≤<≦" else "floor"
    if ours.growth is not None:
        return "floor"
    turned = any(word in name for word in tables.NOT_CEILING_NAMES)
    if ours.value == 0 or (not turned and _better_small(name)):
        return "ceiling"
    if not turned and _is_cost(ours, name, group):
        return "ceiling"
    if ours.dimension == "time" and not any(word in name for word in tables.FLOOR_TIMES):
        timely = "时效" in group or any(word in name for word in tables.CEILING_TIMES)
        return "ceiling" if timely else "floor"
    if ours.dimension == "money" and not turned and any(word in name for word in tables.SPENDING):
        return None
    if ours.dimension is None and "时效" in group and not name.endswith(("率", "度", "数量", "次数")):
        return "ceiling" if any(word in name for word in ("时限", "天数", "期限", "周期", "工期")) else None
    return "floor"


def _is_cost(ours: Measure, name: str, group: str) -> bool:
    return ("成本" in group or "成本" in name) and ours.dimension in ("money", None)


def _better_small(name: str) -> bool:
    """Whether a name ends in something that is better small: 登记失业率, 安全事故发生起数."""
    for _ in range(4):
        if name.endswith(tables.CEILING_NAMES):
            return True
        tail = next((tail for tail in tables.CEILING_TAILS if name.endswith(tail)), None)
        if tail is None:
            return False
        name = name[: -len(tail)]
    return False


# -- comparing ------------------------------------------------------------------------------------------------


def is_vacuous(ours: Measure, direction: Direction, name: str) -> bool:
    """≥0 of what cannot be negative, ≤100 % of what cannot be more."""
    if not ours.explicit or ours.growth is not None:
        return False
    if direction == "floor" and ours.value == 0 and ours.high is None and not ours.strict:
        return not any(word in name for word in tables.MAY_BE_NEGATIVE)
    if direction == "ceiling" and ours.dimension == "share" and ours.base == HUNDRED:
        capped = any(word in name for word in tables.CAPPED_SHARES)
        return capped and not any(word in name for word in tables.UNCAPPED_SHARES)
    return False


def is_met(ours: Measure, theirs: Measure, direction: Direction) -> bool | None:
    """Whether the actual reaches the target; None where working days beside days leave it open."""
    if _agree(ours, theirs):
        return True
    days = [measure.unit in tables.WORKING_DAYS for measure in (ours, theirs)]
    if ours.dimension == "time" and days[0] != days[1]:
        longer = tables.LONGEST_WORKING_DAY
        shortest = _reaches(ours.base, ours.top, theirs.base, theirs.top, direction)
        stretch = (longer, _ONE) if days[0] else (_ONE, longer)
        longest = _reaches(
            ours.base * stretch[0],
            ours.top * stretch[0],
            theirs.base * stretch[1],
            theirs.top * stretch[1],
            direction,
        )
        return shortest if shortest == longest else None
    return _reaches(ours.base, ours.top, theirs.base, theirs.top, direction)


def at_excluded(ours: Measure, theirs: Measure, direction: Direction) -> bool:
    """Whether the actual stands at the very figure that the target's sign excludes: 5 % for "<5%"."""
    if not ours.strict or ours.high is not None or theirs.high is not None or direction == "equal":
        return False
    return ours.base == theirs.base and ours.unit == theirs.unit


def _reaches(
    low: Decimal, high: Decimal, actual: Decimal, actual_high: Decimal, direction: Direction
) -> bool:
    if direction == "equal":  # 5±1: neither below nor above
        return low <= actual and actual_high <= high
    return actual_high <= high if direction == "ceiling" else actual >= low


def _agree(ours: Measure, theirs: Measure) -> bool:
    """Equal as written: a coarser actual stands for what rounds to it (1034 for 1034.36), about means about, and
    a month is 30 or 31 days."""
    apart, wanted = abs(ours.base - theirs.base), abs(ours.base)
    if apart == 0:
        return True
    if ours.about and apart <= wanted * tables.APPROXIMATELY:
        return True
    if ours.dimension == "time" and ours.unit != theirs.unit:
        units = {ours.unit, theirs.unit}
        calendar = len(units & tables.CALENDAR_UNITS) == 1 and not units & tables.WORKING_DAYS
        if calendar and apart <= wanted * tables.CALENDAR:
            return True
    if apart > wanted * _AS_WRITTEN:
        return False
    coarser = theirs.quantum > ours.quantum or (ours.size != theirs.size and ours.unit != theirs.unit)
    if coarser and apart * 2 < theirs.quantum:
        return True
    # A target without a sign is a rounded statement too (3000吨 for 2999.6吨); a rate of 100 % is not.
    rounded = not ours.explicit and ours.dimension != "share" and theirs.quantum < ours.quantum
    return rounded and apart * 2 < ours.quantum and apart <= wanted * _ROUNDED_TARGET


def ratio_of(ours: Measure, theirs: Measure, direction: Direction) -> Decimal | None:
    """Completion: actual ÷ target, for a ceiling target ÷ actual; None where that says nothing (0, below 0)."""
    above = direction == "equal" and theirs.top > ours.top
    falling = direction == "ceiling" or above
    over, under = (ours.top, theirs.top) if falling else (theirs.base, ours.base)
    if under == 0 or over < 0 > under or (under < 0 and over >= 0):
        return None
    return max(_ZERO, over / under)


def exceeds(
    ours: Measure,
    theirs: Measure,
    ratio: Decimal | None,
    direction: Direction,
    overshoot: Overshoot,
    name: str,
) -> bool:
    """At or beyond the overshoot threshold, where overshoot is judged: never ceilings, durations (使用年限) and shares up to
    100 %, but for growth, that has no such limit."""
    if direction != "floor" or ratio is None or ratio * HUNDRED < overshoot.ratio or ours.dimension == "time":
        return False
    growing = ours.dimension == "share" and is_growth(ours, name)
    if ours.dimension == "share" and theirs.base <= HUNDRED and not growing:
        return False
    if theirs.base * HUNDRED < ours.top * overshoot.ratio:
        return False
    if (growing or ours.dimension in (None, "count")) and ours.base < 10:
        return theirs.base - ours.base >= overshoot.min_gap
    return True


#: Names of amounts that per cent are of growth, if they are few.
_AMOUNT = re.compile("(额|产值|收入|总量|销量|产量|数量|人数|人次)$")
_FEW_PER_CENT = 50


def is_growth(share: Measure, name: str) -> bool:
    """Whether a share says by how much something grew: by its words, its name, or as few per cent of an amount."""
    if share.growth is not None or any(word in name for word in tables.GROWING):
        return True
    return _AMOUNT.search(name) is not None and share.base < _FEW_PER_CENT


# -- dates ----------------------------------------------------------------------------------------------------

#: In a later year's first months a date without a deadline's year may well lie behind it.
_NEW_YEAR_MONTHS = 3


def after(theirs: Measure, ours: Measure) -> bool | None:
    """Whether a date is certainly later than a deadline, certainly not, or open (None).

    A month that is not said to be over ("12月" for "12月15日前") is open, and so is a last day beyond the deadline
    ("2024年6月前"): it may have happened earlier. A year that one side leaves out is taken to be the other's, but
    not where the actual names a year's first months and the deadline its end.
    """
    assert theirs.date is not None
    assert theirs.since is not None
    assert ours.date is not None
    if theirs.date[0] and ours.date[0]:
        if theirs.date <= ours.date:
            return False
        return True if theirs.since > ours.date and not theirs.closing else None
    last, first, limit = theirs.date[1:], theirs.since[1:], ours.date[1:]
    if last <= limit:
        early = theirs.date[0] and theirs.date[1] <= _NEW_YEAR_MONTHS and limit[0] - last[0] >= 6
        return None if early else False
    return True if first > limit and not theirs.closing else None
