"""Judges an indicator: whether the actual value reaches the target, how far, what score is due, and why.

Better "unparseable" than a guess: ``met`` and ``not_met`` are only said of figures of one dimension.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from ..policy import Policy, load_policy
from ..text import clean
from . import tables
from .measure import Measure, read
from .tables import Direction

Outcome = Literal[
    "met", "exceeded", "not_met", "qualitative", "unit_mismatch", "vacuous", "unparseable", "blank"
]
Clash = Literal["words_for_number", "number_for_words"]

HUNDRED = Decimal(100)
DEFAULT_POLICY = "national-2020"
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Judgement:
    """``ratio`` is completion (1 = reached; for ceilings target ÷ actual), ``due`` the score the policy gives for the
    weight. ``missing_unit`` names the side that left out the unit the other side has; ``late`` says that a date
    is certainly after the deadline."""

    outcome: Outcome
    ratio: Decimal | None
    due: Decimal | None
    explain: str
    target: Measure
    actual: Measure
    direction: Direction | None = None
    actual_is_bound: bool = False
    missing_unit: Literal["target", "actual"] | None = None
    clash: Clash | None = None
    late: bool = False


def judge(
    target: str,
    actual: str,
    *,
    indicator: str = "",
    weight: Decimal | None = None,
    policy: Policy | None = None,
    group: str = "",
) -> Judgement:
    """Judge 实际完成值 against 年度指标值. Never raises on any text.

    ``indicator`` is the indicator's name and ``group`` its 二级指标: they tell the direction where no sign does.
    """
    ours, theirs = read(target), read(actual)
    name, group = clean(indicator), clean(group)
    if ours.kind == "blank" or theirs.kind == "blank":
        return _plain("blank", "年度指标值或实际完成值没有填。", ours, theirs)
    chosen = policy or load_policy(DEFAULT_POLICY)
    if ours.kind in ("number", "range") and theirs.kind in ("number", "range"):
        return _quantities(ours, theirs, name, weight, chosen, group)
    if ours.kind == "date":
        return _deadline(ours, theirs, weight)
    return _with_words(ours, theirs, weight, name, group)


def _plain(outcome: Outcome, explain: str, ours: Measure, theirs: Measure, **more: object) -> Judgement:
    bound = theirs.explicit and theirs.kind in ("number", "range")
    return Judgement(outcome, None, None, explain, ours, theirs, actual_is_bound=bound, **more)  # type: ignore[arg-type]


# -- words ----------------------------------------------------------------------------------------------------


def _with_words(ours: Measure, theirs: Measure, weight: Decimal | None, name: str, group: str) -> Judgement:
    if ours.text == theirs.text:
        return _plain("qualitative", "完成情况与指标值的说法相同。", ours, theirs)
    if theirs.kind == "words" and theirs.text in tables.NOT_DONE:
        due = None if weight is None else Decimal(0)
        return replace(_plain("not_met", f"实际完成值写明“{theirs.text}”。", ours, theirs), due=due)
    if ours.kind in ("number", "range"):
        return _number_answered(ours, theirs, name, group)
    if ours.kind == "reference":
        return _plain("qualitative", "指标值以预算、标准等为上限，请与它核对。", ours, theirs)
    if ours.kind == "words":
        return _words_answered(ours, theirs)
    return _plain("unparseable", "指标值不是单一的数量，不能自动比较。", ours, theirs)


def _number_answered(ours: Measure, theirs: Measure, name: str, group: str) -> Judgement:
    """A quantity answered by words, a date or something not understood."""
    if theirs.kind == "date":
        if ours.dimension == "time":
            return _plain("qualitative", "时长以完成日期回答，请人工核对。", ours, theirs)
        return _plain("unit_mismatch", "指标值是数量，实际完成值是日期，不能比较。", ours, theirs)
    if theirs.kind != "words":
        return _plain("unparseable", "实际完成值不是单一的数量，不能自动比较。", ours, theirs)
    timely = ours.dimension == "time" or "时效" in group or "及时" in name
    if theirs.text in tables.ON_TIME or (timely and theirs.text in tables.DONE):
        return _plain("qualitative", "时限要求以“按时”“已完成”回答。", ours, theirs)
    if ours.dimension == "share" and ours.value == HUNDRED and theirs.text in tables.DONE:
        return _plain("qualitative", "100%以“全部完成”回答。", ours, theirs)
    return _plain(
        "unparseable", "指标值是数量，实际完成值是文字，不能比较。", ours, theirs, clash="words_for_number"
    )


def _words_answered(ours: Measure, theirs: Measure) -> Judgement:
    """Words answered by words or by a figure."""
    ranks = [_grade(measure.text) for measure in (ours, theirs)]
    if ranks[0] is not None and ranks[1] is not None and ranks[1] > ranks[0]:
        return _plain("not_met", f"要求“{ours.text}”，实际“{theirs.text}”，低于要求。", ours, theirs)
    if theirs.kind in ("words", "reference"):
        return _plain("qualitative", "定性指标，按完成程度评分。", ours, theirs)
    if theirs.kind == "date":
        return _plain("qualitative", "定性指标以完成日期回答，请人工核对。", ours, theirs)
    if theirs.kind in ("number", "range"):
        whole = theirs.value in (HUNDRED, Decimal(0))
        if whole and any(word in ours.text for word in tables.EVERYTHING):
            return _plain("qualitative", "指标值要求全部做到，以100%或0回答。", ours, theirs)
        return _plain(
            "unparseable",
            "指标值是文字，实际完成值是数字，说明不了完成程度。",
            ours,
            theirs,
            clash="number_for_words",
        )
    return _plain("unparseable", "实际完成值不是单一的说法，不能自动比较。", ours, theirs)


def _grade(text: str) -> int | None:
    return next((rank for rank, words in enumerate(tables.GRADES) if text in words), None)


# -- dates ----------------------------------------------------------------------------------------------------


def _deadline(ours: Measure, theirs: Measure, weight: Decimal | None) -> Judgement:
    if ours.text == theirs.text:
        return _plain("met", "与规定期限相同。", ours, theirs)
    if theirs.kind == "words":
        if theirs.text in tables.NOT_DONE:
            return replace(
                _plain("not_met", f"实际完成值写明“{theirs.text}”。", ours, theirs), due=Decimal(0)
            )
        return _plain("qualitative", "期限以文字回答。", ours, theirs)
    if theirs.kind in ("number", "range"):
        if theirs.dimension == "time":
            return _plain("qualitative", "期限以时长回答，请人工核对。", ours, theirs)
        return _plain(
            "unit_mismatch",
            f"指标值是期限（{ours.text}），实际完成值是 {theirs.text}，不能比较。",
            ours,
            theirs,
        )
    if theirs.kind != "date" or ours.date is None or theirs.date is None:
        return _plain("unparseable", "期限与完成情况不能自动比较。", ours, theirs)
    if _after(theirs, ours):
        return replace(
            _plain("not_met", f"要求 {ours.text}，实际 {theirs.text}，超过了期限。", ours, theirs), late=True
        )
    due = weight
    return Judgement("met", Decimal(1), due, f"在规定期限（{ours.text}）内完成。", ours, theirs, "ceiling")


def _after(theirs: Measure, ours: Measure) -> bool:
    """Whether one date is certainly later than another: compared from the coarsest part both state."""
    assert theirs.date is not None
    assert ours.date is not None
    year, limit = theirs.date[0], ours.date[0]
    if year and limit and year != limit:
        return year > limit
    return theirs.date[1:] > ours.date[1:]


# -- quantities -----------------------------------------------------------------------------------------------


def _quantities(
    ours: Measure, theirs: Measure, name: str, weight: Decimal | None, policy: Policy, group: str
) -> Judgement:
    ours, theirs, missing = _common(ours, theirs)
    if ours.dimension != theirs.dimension:
        text = f"指标值的单位是“{ours.unit or '无'}”，实际完成值的单位是“{theirs.unit or '无'}”，不能比较。"
        return _plain("unit_mismatch", text, ours, theirs)
    direction = _direction(ours, name, group)
    ours = replace(ours, direction=direction)
    bound = theirs.explicit
    if _vacuous(ours, direction, name):
        text = f"{ours.text} 怎么都能完成，起不到约束作用。"
        return Judgement("vacuous", None, weight, text, ours, theirs, direction, bound, missing)
    met = _met(ours, theirs, direction)
    ratio = _ratio(ours, theirs, direction)
    outcome: Outcome = "met" if met else "not_met"
    if met and _exceeds(ours, theirs, ratio, direction, policy):
        outcome = "exceeded"
    due = _due(weight, met, ratio)
    return Judgement(
        outcome,
        ratio,
        due,
        _explained(ours, theirs, direction, met, ratio, due, weight),
        ours,
        theirs,
        direction,
        bound,
        missing,
    )


def _common(ours: Measure, theirs: Measure) -> tuple[Measure, Measure, Literal["target", "actual"] | None]:
    """Both sides with units: a bare figure takes the other side's unit; 万 alone is money beside money."""
    missing: Literal["target", "actual"] | None = None
    if ours.dimension is None and theirs.dimension is None:
        if ours.multiplier != theirs.multiplier and 1 in (ours.multiplier, theirs.multiplier):
            bare, other = (ours, theirs) if ours.multiplier == 1 else (theirs, ours)
            lent = replace(bare, multiplier=other.multiplier, size=other.size)
            return (lent, theirs, None) if bare is ours else (ours, lent, None)
        return ours, theirs, None
    if ours.dimension is None:
        ours, missing = _lend(ours, theirs), "target" if ours.multiplier == 1 else None
    elif theirs.dimension is None:
        theirs, missing = _lend(theirs, ours), "actual" if theirs.multiplier == 1 else None
    return ours, theirs, missing


def _lend(bare: Measure, other: Measure) -> Measure:
    """A figure without unit, read in the other side's unit; 0.98 beside 95% is 98 %."""
    if bare.multiplier > 1:
        unit = "万元" if other.dimension == "money" and bare.multiplier == 10_000 else other.unit
        return replace(bare, unit=unit, dimension=other.dimension)
    value = bare.value
    if other.dimension == "share" and value is not None and value <= 1 < (other.value or 0):
        value = value * HUNDRED
        return replace(
            bare,
            value=value,
            decimals=max(0, bare.decimals - 2),
            unit=other.unit,
            dimension="share",
            size=other.size,
        )
    return replace(
        bare, unit=other.unit, dimension=other.dimension, multiplier=other.multiplier, size=other.size
    )


def _direction(ours: Measure, name: str, group: str) -> Direction:
    """The written direction, else what the indicator's kind wants."""
    if ours.direction in ("floor", "ceiling"):
        return ours.direction
    turned = any(word in name for word in tables.NOT_CEILING_NAMES)
    if ours.value == 0 or (not turned and _better_small(name)):
        return "ceiling"
    cost = "成本" in group or "成本" in name
    if cost and not turned and (ours.dimension in ("money", None) or ours.unit.startswith(("元", "万元"))):
        return "ceiling"
    if ours.dimension == "time" and not any(word in name for word in tables.FLOOR_TIMES):
        timely = "时效" in group or any(word in name for word in tables.CEILING_TIMES)
        return "ceiling" if timely else "floor"
    return "floor"


def _better_small(name: str) -> bool:
    """Whether a name ends in something that is better small: 登记失业率, 安全事故发生起数."""
    for _ in range(3):
        if name.endswith(tables.CEILING_NAMES):
            return True
        tail = next((tail for tail in tables.CEILING_TAILS if name.endswith(tail)), None)
        if tail is None:
            return False
        name = name[: -len(tail)]
    return name.endswith(tables.CEILING_NAMES)


def _vacuous(ours: Measure, direction: Direction, name: str) -> bool:
    if not ours.explicit or ours.text.startswith((">", "大于", "高于", "超过")):
        return False
    if direction == "floor" and ours.value == 0:
        return not any(word in name for word in tables.MAY_BE_NEGATIVE)
    if direction == "ceiling" and ours.dimension == "share" and ours.value == HUNDRED:
        capped = any(word in name for word in tables.CAPPED_SHARES)
        return capped and not any(word in name for word in tables.UNCAPPED_SHARES)
    return False


def _met(ours: Measure, theirs: Measure, direction: Direction) -> bool:
    if _agree(ours, theirs):
        return True
    if direction == "ceiling":
        limit = (ours.high or ours.value or Decimal(0)) * ours.size
        return (theirs.high or theirs.value or Decimal(0)) * theirs.size <= limit
    return theirs.base >= ours.base


def _agree(ours: Measure, theirs: Measure) -> bool:
    """Equal as written: the finer, rounded to the decimals of the coarser, equals it."""
    if ours.value is None or theirs.value is None or ours.size != theirs.size:
        return ours.base == theirs.base
    finer, coarser = (ours, theirs) if ours.decimals >= theirs.decimals else (theirs, ours)
    assert finer.value is not None
    unit = Decimal(1).scaleb(-coarser.decimals)
    return finer.value.quantize(unit, rounding=ROUND_HALF_UP) == coarser.value


def _ratio(ours: Measure, theirs: Measure, direction: Direction) -> Decimal | None:
    """Completion: actual ÷ target, for a ceiling target ÷ actual; None where the divisor is 0."""
    over, under = (ours.base, theirs.base) if direction == "ceiling" else (theirs.base, ours.base)
    return over / under if under else None


def _exceeds(
    ours: Measure, theirs: Measure, ratio: Decimal | None, direction: Direction, policy: Policy
) -> bool:
    """At or beyond the overshoot threshold, where overshoot is judged: never ceilings and capped shares."""
    if direction != "floor" or ratio is None or ratio * HUNDRED < policy.overshoot.ratio:
        return False
    if ours.dimension == "share" and theirs.base <= HUNDRED:
        return False
    if ours.high is not None and theirs.base * HUNDRED < ours.high * ours.size * policy.overshoot.ratio:
        return False
    if ours.dimension in (None, "count") and ours.base < 10:
        return theirs.base - ours.base >= policy.overshoot.min_gap
    return True


def _due(weight: Decimal | None, met: bool, ratio: Decimal | None) -> Decimal | None:
    if weight is None or met:
        return weight
    share = min(Decimal(1), max(Decimal(0), ratio or Decimal(0)))
    return (weight * share).quantize(_CENT, rounding=ROUND_HALF_UP)


def _explained(
    ours: Measure, theirs: Measure, direction: Direction, met: bool, ratio: Decimal | None,
    due: Decimal | None, weight: Decimal | None,
) -> str:  # fmt: skip
    """One sentence: required, actual, reached or not, the score due."""
    rule = "越低越好，不应超过" if direction == "ceiling" else "越高越好，不应低于"
    sentence = f"要求 {ours.text}（{rule} {_shown(ours, direction)}），实际 {theirs.text}，{'达标' if met else '未达标'}"
    if not met and ratio is not None:
        sentence += f"，完成 {(ratio * HUNDRED).quantize(_CENT, rounding=ROUND_HALF_UP)}%"
    if weight is not None and due is not None:
        sentence += f"，应得 {due.normalize():f} 分（分值 {weight.normalize():f}）"
    return sentence + "。"


def _shown(ours: Measure, direction: Direction) -> str:
    value = ours.high if direction == "ceiling" and ours.high is not None else ours.value
    multiplier = (
        ""
        if ours.dimension == "money" or ours.multiplier == 1
        else ("万" if ours.multiplier == 10_000 else "亿")
    )
    return f"{value:f}{multiplier}{ours.unit}"
