"""Judges an indicator: whether the actual value reaches the target, how far, what score is due, and why.

Better "unparseable" than a guess: ``met`` and ``not_met`` are only said of figures of one dimension, and of words
that leave no doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple

from perfeval_xl import patterns as re
from perfeval_xl.policy import DEFAULT_POLICY, Policy, Scoring, load_policy
from perfeval_xl.text import clean, plain

from . import comparing, several, tables
from .comparing import HUNDRED, Pair
from .measure import QUANTITIES, WORDY, Measure, denies, read, says_nothing_happened
from .tables import Direction

Outcome = Literal[
    "met", "exceeded", "not_met", "qualitative", "unit_mismatch", "vacuous", "unparseable", "blank"
]
Clash = Literal["words_for_number", "number_for_words"]

_WHOLE = Decimal(10**6)
#: How a completion is told, whatever the policy makes of scores.
_TOLD = Scoring(2, "round", "A/B", coefficient=False, row_rule_column=False)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be said of one indicator.

    ``ratio`` is completion (1 = reached; for ceilings target ÷ actual), None where nothing can be divided. ``due`` is
    the score the policy gives for the weight, None without a weight or where the score is a matter of degree.
    ``target`` and ``actual`` are the two sides in one unit where a bare figure was read in the other's unit;
    ``missing_unit`` names the side that left it out. ``actual_is_bound``: the actual is no measured value ("≤3.5%").
    ``late``: a date certainly after the deadline. ``kin``: the units differ, but are taken for each other (户 for 人).
    ``at_bound``: not met only because the sign excludes the figure itself. ``misscaled``: 元 for 万元. ``explain`` is one Chinese sentence.
    """

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
    kin: bool = False
    at_bound: bool = False
    misscaled: bool = False


class _Row(NamedTuple):
    """One indicator row as the parts below need it."""

    ours: Measure
    theirs: Measure
    name: str
    group: str
    weight: Decimal | None
    policy: Policy


def _typed(value: str | int | Decimal | None) -> str:
    """What stands in a cell, as a text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else plain(Decimal(value))


def judge(
    target: str | int | Decimal | None,
    actual: str | int | Decimal | None,
    *,
    indicator: str = "",
    weight: Decimal | int | None = None,
    policy: Policy | str | None = None,
    group: str = "",
) -> Judgement:
    """Judge 实际完成值 against 年度指标值. Never raises on any text; None is a blank cell, a number what it shows.

    ``policy`` is one that was loaded, the id of a bundled one or a TOML file (PolicyError for a bad one).
    ``indicator`` is the indicator's name and ``group`` its 二级指标: they tell the direction where no sign does.
    """
    chosen = policy if isinstance(policy, Policy) else load_policy(policy or DEFAULT_POLICY)
    target, actual = _typed(target), _typed(actual)
    weight = None if weight is None else Decimal(weight)
    if weight is not None and not weight.is_finite():
        weight = None
    name, level2 = clean(indicator), clean(group)
    timely = "时效" in level2 or any(word in name for word in tables.POINTS_IN_TIME)
    row = _Row(_read(target, timely), _read(actual, timely), name, level2, weight, chosen)
    kinds = row.ours.kind, row.theirs.kind
    if kinds == ("unknown", "unknown") and (listed := several.paired(target, actual)):
        return _listed(row, listed)
    if "blank" in kinds:
        return _said(row, "blank", "年度指标值或实际完成值没有填。")
    if kinds[0] == "unknown" and (said := _sentence(row, timely)):
        return said
    if kinds[0] in QUANTITIES and kinds[1] in QUANTITIES:
        return _quantities(row)
    if kinds[0] == "date":
        return _deadline(row)
    if row.ours.text == row.theirs.text:
        return _said(row, "qualitative", "完成情况与指标值的说法相同。")
    if row.theirs.text in tables.NOT_DONE or (kinds[1] in WORDY and denies(row.theirs.text)):
        return _denied(row)
    if kinds[0] in QUANTITIES:
        return _number_answered(row)
    if kinds[0] == "reference":
        return _said(row, "qualitative", "指标值以预算、标准等为上限，请与它核对。")
    if kinds[0] in WORDY:
        return _words_answered(row)
    return _said(row, "unparseable", "指标值不是单一的数量，不能自动比较。")


def _sentence(row: _Row, timely: bool) -> Judgement | None:
    """A target in a sentence, where the answer leaves no doubt all the same: the same count, or deadlines that were kept."""
    count = several.one_count(row.ours.text)
    if count is not None and count == several.one_count(row.theirs.text):
        return _said(row, "qualitative", "完成情况写的数与指标值相同。")
    if (timely or _MONTHS.search(row.ours.text)) and row.theirs.text in tables.DONE | tables.ON_TIME:
        return _said(row, "qualitative", "期限以文字回答。")
    return None


_MONTHS = re.compile(r"\d{1,2}月(?!\d*个)")


def _read(text: str, timely: bool) -> Measure:
    """One side; where times are asked for, "2023.11" is a month and no figure."""
    measure = read(text)
    if (
        timely
        and measure.kind == "number"
        and measure.dimension is None
        and _YEAR_AND_MONTH.fullmatch(measure.text)
    ):
        return read(measure.text.replace(".", "-"))
    return measure


_YEAR_AND_MONTH = re.compile(r"20\d\d\.(?:0?[1-9]|1[0-2])")


def _said(row: _Row, outcome: Outcome, explain: str, *, clash: Clash | None = None) -> Judgement:
    """A judgement without figures."""
    bound = row.theirs.explicit and row.theirs.kind in QUANTITIES
    return Judgement(outcome, None, None, explain, row.ours, row.theirs, actual_is_bound=bound, clash=clash)


def _missed(row: _Row, explain: str) -> Judgement:
    return replace(_said(row, "not_met", explain), due=None if row.weight is None else Decimal(0))


def _denied(row: _Row) -> Judgement:
    """An answer that says that it was not done. What a target in words earns then is a matter of degree."""
    text = f"实际完成值写明“{row.theirs.text}”，没有完成。"
    return _said(row, "not_met", text) if row.ours.kind in ("words", "degree") else _missed(row, text)


def _reached(row: _Row, explain: str) -> Judgement:
    return replace(_said(row, "met", explain), due=row.weight)


def _listed(row: _Row, listed: Sequence[tuple[str, str, str]]) -> Judgement:
    """Several values in one cell: reached when each is; the score due is the mean of theirs."""
    single = [
        judge(target, actual, indicator=name or row.name, group=row.group, weight=_WHOLE, policy=row.policy)
        for name, target, actual in listed
    ]
    outcomes = {judgement.outcome for judgement in single}
    if not outcomes <= {"met", "exceeded", "not_met"}:
        return _said(row, "unparseable", "一格里写了几个数，有的不能自动比较，请人工核对。")
    outcome: Outcome = "met"
    if "not_met" in outcomes:
        outcome = "not_met"
    elif outcomes == {"exceeded"}:
        outcome = "exceeded"
    ratios = [judgement.ratio for judgement in single if judgement.ratio is not None]
    share = sum((judgement.due or Decimal(0) for judgement in single), Decimal(0)) / len(single) / _WHOLE
    due = None if row.weight is None else _rounded(row.weight * share, row.policy.scoring)
    said = "；".join(
        f"{name}{target} → {actual} {'未达标' if judgement.outcome == 'not_met' else '达标'}"
        for (name, target, actual), judgement in zip(listed, single, strict=True)
    )
    explain = f"一格里有 {len(single)} 个数：{said}{_score(due, row.weight)}。"
    judgement = replace(_said(row, outcome, explain), due=due, direction=single[0].direction)
    return replace(judgement, ratio=min(ratios, default=None))


# -- words ----------------------------------------------------------------------------------------------------


def _number_answered(row: _Row) -> Judgement:
    """A quantity answered by words, a date or something not understood."""
    ours, theirs = row.ours, row.theirs
    if theirs.kind == "date":
        if ours.dimension in ("time", None):
            return _said(row, "qualitative", "时长以完成日期回答，请人工核对。")
        return _said(row, "unit_mismatch", "指标值是数量，实际完成值是日期，不能比较。")
    if theirs.kind not in WORDY:
        return _said(row, "unparseable", "实际完成值不是单一的数量，不能自动比较。")
    if ours.value == 0 and ours.direction != "floor" and says_nothing_happened(theirs.text):
        return _reached(row, f"要求 {ours.text}，实际“{theirs.text}”，达标。")
    timely = ours.dimension == "time" or "时效" in row.group or "及时" in row.name
    if theirs.text in tables.ON_TIME or (timely and theirs.text in tables.DONE):
        return _said(row, "qualitative", "时限要求以“按时”“已完成”回答。")
    if ours.dimension == "share" and ours.value == HUNDRED and theirs.text in tables.DONE:
        return _said(row, "qualitative", "100%以“全部完成”回答。")
    return _said(row, "unparseable", "指标值是数量，实际完成值是文字，不能比较。", clash="words_for_number")


def _words_answered(row: _Row) -> Judgement:
    """Words answered by words, by a date or by a figure."""
    ours, theirs = row.ours, row.theirs
    if _lower(ours.text, theirs.text):
        return _said(row, "not_met", f"要求“{ours.text}”，实际“{theirs.text}”，低于要求。")
    if theirs.text in {f"{no}{_DEGREES.sub('', ours.text)}" for no in ("不", "未", "没有")}:
        return _said(row, "not_met", f"要求“{ours.text}”，实际“{theirs.text}”，没有做到。")
    if _opposite(ours.text, theirs.text, row.name):
        return _said(row, "not_met", f"要求“{ours.text}”，实际“{theirs.text}”，正好相反。")
    if theirs.kind in WORDY or theirs.kind == "reference":
        return _said(row, "qualitative", "定性指标，按完成程度评分。")
    if theirs.kind == "date":
        return _said(row, "qualitative", "定性指标以完成日期回答，请人工核对。")
    if theirs.kind not in QUANTITIES:
        return _said(row, "unparseable", "实际完成值不是单一的说法，不能自动比较。")
    if says_nothing_happened(ours.text) and theirs.dimension == "count":
        if theirs.value == 0:
            return _reached(row, f"要求“{ours.text}”，实际 {theirs.text}，达标。")
        return _missed(row, f"要求“{ours.text}”，实际 {theirs.text}，未达标。")
    if theirs.dimension == "time" or (theirs.growth and any(word in ours.text for word in tables.GROWTH)):
        return _said(row, "qualitative", "定性指标以数量说明，按完成程度评分。")
    if theirs.value in (HUNDRED, Decimal(0)) and any(word in ours.text for word in tables.EVERYTHING):
        return _said(row, "qualitative", "指标值要求全部做到，以100%或0回答。")
    text = "指标值是文字，实际完成值是数字，说明不了完成程度。"
    return _said(row, "unparseable", text, clash="number_for_words")


def _lower(target: str, actual: str) -> bool:
    """Whether an actual stands lower on a scale (优良中差) than the target on the same scale."""
    for scale in tables.GRADES:
        ranks = [
            next((rank for rank, words in enumerate(scale) if text in words), None)
            for text in (target, actual)
        ]
        if ranks[0] is not None and ranks[1] is not None:
            return ranks[1] > ranks[0]
    return False


_NEGATED = re.compile("不|未|无|零|防止|避免|遏制|杜绝")
_CHANGES = {**dict.fromkeys(tables.RISES, "rises"), **dict.fromkeys(tables.FALLS, "falls")}
_DEGREES = re.compile("|".join(sorted(tables.DEGREES, key=len, reverse=True)))


def _opposite(target: str, actual: str, name: str) -> bool:
    """Whether an answer says the other way round what was to change: 提升 → 下降. What changed must be the same thing, said or
    left to the indicator's name."""
    ours, theirs = _change(target), _change(actual)
    if ours is None or theirs is None or ours[0] == theirs[0]:
        return False
    return ours[1] == theirs[1] or not theirs[1] or (not ours[1] and theirs[1] in name)


def _change(text: str) -> tuple[str, str] | None:
    """Which way something changes, and what; None where a text names no change, or several, or denies one."""
    found = [word for word in _CHANGES if word in text]
    if len(found) != 1 or _NEGATED.search(text):
        return None
    return _CHANGES[found[0]], _DEGREES.sub("", text.replace(found[0], ""))


# -- dates ----------------------------------------------------------------------------------------------------


def _deadline(row: _Row) -> Judgement:
    ours, theirs = row.ours, row.theirs
    if ours.text == theirs.text:
        return replace(_reached(row, "与规定期限相同。"), ratio=Decimal(1), direction="ceiling")
    if theirs.kind in WORDY or theirs.kind == "reference":
        if theirs.text in tables.NOT_DONE or denies(theirs.text):
            return _denied(row)
        return _said(row, "qualitative", "期限以文字回答。")
    if theirs.kind in QUANTITIES:
        if theirs.dimension == "time":
            return _said(row, "qualitative", "期限以时长回答，请人工核对。")
        text = f"指标值是期限（{ours.text}），实际完成值是 {theirs.text}，不能比较。"
        return _said(row, "unit_mismatch", text)
    if theirs.kind != "date":
        return _said(row, "unparseable", "期限与完成情况不能自动比较。")
    match comparing.after(theirs, ours):
        case True:
            text = f"要求 {ours.text}，实际 {theirs.text}，超过了期限。"
            return replace(_said(row, "not_met", text), late=True, direction="ceiling")
        case False:
            text = f"要求 {ours.text}，实际 {theirs.text}，在期限内。"
            return replace(_reached(row, text), ratio=Decimal(1), direction="ceiling")
    return _said(row, "qualitative", f"要求 {ours.text}，实际 {theirs.text}，是否超期看不出来，请人工核对。")


# -- quantities -----------------------------------------------------------------------------------------------


def _quantities(row: _Row) -> Judgement:
    pair = comparing.paired(row.ours, row.theirs, row.name)
    ours, theirs = pair.ours, pair.theirs
    row = row._replace(ours=ours, theirs=theirs)
    if pair.doubt is not None:
        outcome: Outcome = "unit_mismatch" if pair.mismatch else "unparseable"
        return replace(_said(row, outcome, pair.doubt), kin=pair.kin)
    direction = comparing.direction_of(ours, row.name, row.group)
    if direction is None:
        if ours.base != theirs.base:
            return _said(row, "unparseable", "指标值没有符号，看不出越大越好还是越小越好，请人工核对。")
        direction = "ceiling"
    if ours.direction != direction:
        ours = replace(ours, direction=direction)
    if comparing.is_vacuous(ours, direction, row.name):
        text = f"{ours.text} 怎么都能完成，起不到约束作用。"
        return _measured(row, pair, "vacuous", None, row.weight, text, ours, direction)
    met = comparing.is_met(ours, theirs, direction)
    if met is None:
        text = f"{ours.text} 与 {theirs.text}：工作日与自然日不能准确换算，请人工核对。"
        return replace(_said(row, "unparseable", text), direction=direction)
    if row.policy.strict and comparing.at_excluded(ours, theirs, direction):
        if ours.value:
            text = f"要求 {ours.text}，不含 {_shown(ours, None)} 本身，实际 {theirs.text}，恰好等于，按字面没有达标。"
            at_bound = _measured(row, pair, "not_met", Decimal(1), None, text, ours, direction)
            return replace(at_bound, at_bound=True)
        met = False
    ratio = comparing.ratio_of(ours, theirs, direction)
    outcome = "not_met"
    if met:
        outcome = (
            "exceeded"
            if comparing.exceeds(ours, theirs, ratio, direction, row.policy.overshoot, row.name)
            else "met"
        )
    due = _due(row, outcome, ratio, direction)
    text = _explained(ours, theirs, direction, outcome, ratio) + _score(due, row.weight) + pair.note + "。"
    return _measured(row, pair, outcome, ratio, due, text, ours, direction)


def _measured(
    row: _Row, pair: Pair, outcome: Outcome, ratio: Decimal | None, due: Decimal | None, text: str, ours: Measure,
    direction: Direction,
) -> Judgement:  # fmt: skip
    bound = row.theirs.explicit
    judgement = Judgement(outcome, ratio, due, text, ours, pair.theirs, direction, bound, pair.missing)
    return replace(judgement, misscaled=pair.misscaled)


def _due(row: _Row, outcome: Outcome, ratio: Decimal | None, direction: Direction | None) -> Decimal | None:
    """The score due: full when met, else as the policy scores a missed target; where the policy takes points off for what lies
    beyond the overshoot threshold, less them (deducting in proportion is our convention, off by default)."""
    if row.weight is None:
        return None
    if outcome == "exceeded" and ratio is not None:
        share = _share_of_exceeded(ratio, row)
    elif outcome == "not_met":
        share = _share_of_missed(ratio or Decimal(0), row, direction)
    else:
        return row.weight
    if outcome == "exceeded" and share >= 1:
        return row.weight
    share = min(Decimal(1), max(Decimal(0), share))
    return _rounded(row.weight * share, row.policy.scoring)


def _share_of_exceeded(ratio: Decimal, row: _Row) -> Decimal:
    """The share of the weight that a target earns that was far exceeded."""
    overshoot = row.policy.overshoot
    if overshoot.mode == "explain" or not _in_scope(row.group, overshoot.scope):
        return Decimal(1)
    if overshoot.mode == "zero":
        return Decimal(0)
    if overshoot.mode == "fixed":
        return Decimal(1) - overshoot.points / row.weight if row.weight else Decimal(1)
    return Decimal(1) - (ratio - overshoot.ratio / HUNDRED)


def _share_of_missed(ratio: Decimal, row: _Row, direction: Direction | None) -> Decimal:
    """The share of the weight that a missed target earns."""
    missed, reverse = row.policy.missed, row.policy.scoring.reverse
    if ratio * HUNDRED < missed.zero_below and _in_scope(row.group, missed.scope):
        return Decimal(0)
    if missed.steps:
        return next(
            (step.share / HUNDRED for step in missed.steps if ratio * HUNDRED >= step.floor), Decimal(0)
        )
    if direction != "ceiling" or reverse == "A/B":
        return ratio
    return Decimal(0) if reverse == "zero" or not ratio else 2 - 1 / ratio


def _in_scope(group: str, words: Sequence[str]) -> bool:
    return not words or any(word in group for word in words)


def _rounded(number: Decimal, scoring: Scoring) -> Decimal:
    """As the policy gives scores; a figure too long for that stays as it is."""
    if abs(number) >= LARGEST:
        return number
    if scoring.rounding == "half":
        return (number * 2).to_integral_value(ROUND_FLOOR) / 2
    rounding = ROUND_DOWN if scoring.rounding == "cut" else ROUND_HALF_UP
    return number.quantize(Decimal(1).scaleb(-scoring.decimals), rounding=rounding)


#: Figures beyond this are typing errors; they are compared, not rounded (Decimal holds 28 digits).
LARGEST = Decimal(10) ** 20


# -- explaining -----------------------------------------------------------------------------------------------

_RULE: dict[Direction, str] = {
    "ceiling": "越低越好，不应超过",
    "floor": "越高越好，不应低于",
    "equal": "应在此范围，即",
}
_GROWN = {"up": "增长 ", "down": "下降 "}


def _explained(
    ours: Measure, theirs: Measure, direction: Direction, outcome: Outcome, ratio: Decimal | None
) -> str:
    """Required, actual, reached or not, how far."""
    limit = _shown(ours, ours.high if direction == "ceiling" else None)
    if direction == "equal":
        limit = printed(ours)
    verdict = "未达标" if outcome == "not_met" else "达标"
    text = f"要求 {ours.text}（{_RULE[direction]} {limit}），实际 {theirs.text}，{verdict}"
    if ratio is None or outcome == "met":
        return text
    share = f"{plain(_rounded(ratio * HUNDRED, _TOLD))}%"
    if outcome == "exceeded":
        return f"{text}，完成 {share}，超出较多"
    return f"{text}，{'指标值÷完成值' if direction == 'ceiling' else '完成'} {share}"


def _score(due: Decimal | None, weight: Decimal | None) -> str:
    return "" if due is None or weight is None else f"，应得 {plain(due)} 分（分值 {plain(weight)}）"


def _shown(measure: Measure, value: Decimal | None) -> str:
    value = measure.value if value is None else value
    factor = {1: "", 10_000: "万", 100_000_000: "亿"}.get(measure.multiplier, "")
    if measure.unit.startswith(("百", "千", "万", "亿", "十")):
        factor = ""
    per = f"/{measure.per}" if measure.per else ""
    return f"{_GROWN.get(measure.growth or '', '')}{plain(value or Decimal(0))}{factor}{measure.unit}{per}"


_SIGN = {"floor": "≥", "ceiling": "≤"}


def printed(measure: Measure) -> str:
    """A quantity in its plainest writing, which reads as the same quantity again."""
    sign = _SIGN.get(measure.direction or "", "") if measure.explicit else ""
    if measure.high is None:
        return sign + _shown(measure, None)
    return f"{sign}{plain(measure.value or Decimal(0))}-{_shown(measure, measure.high)}"
