"""PE301, PE302, PE311: weights add up, to what labels say and to what the policy asks."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from perfeval_xl.equations import HALF, HUNDRED, Equation, Term, quantum, written_rates
from perfeval_xl.forms.records import Field, IndicatorForm
from perfeval_xl.forms.required import required
from perfeval_xl.grid import Place
from perfeval_xl.rules.cells import has_number, shown
from perfeval_xl.rules.context import Context, Judged
from perfeval_xl.rules.registry import Claim, Result, Skip, rule
from perfeval_xl.text import plain

#: The level-1 groups in the order of the policy's splits.
#: A rate that shows as 100 %.
FULL_RATE = Decimal("99.95")
_GROUPS = ("成本", "产出", "效益", "满意")


def honest_deduction(judged: Judged) -> bool:
    """Points lost for a target that was missed, or with a reason; who met the target does not lose half of them."""
    weight, score = judged.numbers
    if weight is None or score is None or score >= weight:
        return False
    outcome = judged.judgement.outcome
    return outcome == "not_met" or (
        bool(judged.reason) and (outcome not in ("met", "exceeded") or score * 2 > weight)
    )


#: The fewest weighted indicators that a total can be judged by, and where a sum is no total of points.
_ENOUGH, _FEWEST_POINTS, _MOST_POINTS = 4, 50, 200


def weights_of(form: IndicatorForm) -> list[tuple[Field, str, Field | None]]:
    """Weight cells with the row's name and score: the fund row first, then the indicators."""
    rows: list[tuple[Field, str, Field | None]] = []
    fund = form.amount("weight")
    if fund is not None and (fund.number is not None or not fund.known):
        rows.append((fund, "预算执行率", form.amount("score")))
    rows.extend(
        (indicator.weight, indicator.name.text, indicator.score)
        for indicator in form.indicators
        if indicator.weight is not None
    )
    return rows


def summed_weights(form: IndicatorForm) -> Decimal:
    """The weights of the fund row and the indicators together."""
    return sum((weight.number or Decimal(0) for weight, _, _ in weights_of(form)), Decimal(0))


def is_whole_by_labels(form: IndicatorForm) -> bool:
    """Whether the points that the labels of all groups print make 100 with the fund row's: no group is cut off."""
    stated = [level.weight for level in form.levels]
    if not stated or any(points is None or points[0] != points[1] for points in stated):
        return False
    fund = form.amount("weight")
    own = fund.number if fund is not None and fund.number is not None else Decimal(0)
    return own + sum((points[0] for points in stated if points is not None), Decimal(0)) == HUNDRED


def _weight_terms(form: IndicatorForm, context: Context, full: Decimal) -> dict[Place, Term]:
    """Each weight cell as a term, by its place: the score of its row speaks for it, custom says what it might be."""
    fund, terms = form.amount("weight"), {}
    if fund is not None:
        hint = _fund_weight_hint(form, fund, context)
        terms[fund.place] = Term(fund, "预算执行率", hint=hint, constant=fund.printed)
    usual = _usual_weights(form, context, full)
    for judged in context.judged(form):
        weight, score = judged.indicator.weight, judged.indicator.score
        if weight is not None:
            hint = score.number if score is not None and not honest_deduction(judged) else None
            name = judged.indicator.name.text
            terms[weight.place] = Term(
                weight, name, hint=hint, usual=usual.get(weight.place), constant=weight.printed
            )
    return terms


def _fund_weight_hint(form: IndicatorForm, weight: Field, context: Context) -> Decimal | None:
    """What speaks for the weight of the execution rate: that it is the usual one, that the score was reckoned with it; else
    the score, which may be full."""
    score, rate = form.amount("score"), form.amount("rate")
    if weight.number is None or score is None or score.number is None:
        return None
    if weight.number in {split[0] for split in context.policy.splits_of(form.kind)}:
        return weight.number
    reckoned = rate is not None and any(
        score_fits(score, min(value, HUNDRED), weight.number) for value, _ in written_rates(rate)
    )
    return weight.number if reckoned else score.number


def _usual_weights(form: IndicatorForm, context: Context, full: Decimal) -> dict[Place, Decimal]:
    """What the weights of the one group would be each, if it were to have its share of a usual split and the others stayed."""
    groups: dict[str, list[Field]] = {}
    for indicator in form.indicators:
        if indicator.weight is not None and indicator.weight.number is not None:
            word = next((word for word in _GROUPS if word in indicator.level1), "")
            groups.setdefault(word, []).append(indicator.weight)
    fund = form.amount("weight")
    if "" in groups or fund is None or fund.number is None:
        return {}
    ordered = [groups[word] for word in _GROUPS if word in groups]
    sums = [
        fund.number,
        *(sum((cell.number or Decimal(0) for cell in cells), Decimal(0)) for cells in ordered),
    ]
    for split in context.policy.splits_of(form.kind):
        gaps = [usual - own for usual, own in zip(split, sums, strict=False)]
        unusual = [index for index, gap in enumerate(gaps) if gap]
        if len(split) == len(sums) and len(unusual) == 1 and unusual[0] > 0 and sum(split) == full:
            gap = gaps[unusual[0]]
            cells = ordered[unusual[0] - 1]
            return {cell.place: (cell.number or Decimal(0)) + gap for cell in cells}
    return {}


def _left_empty(form: IndicatorForm) -> bool:
    """Whether a weight that must be there is missing, which PE701 says."""
    return any(cell.kind in ("weight", "fund weight") and cell.field.missing for cell in required(form))


@rule(
    "PE301",
    "scores.weights",
    "error",
    "各项分值加起来不等于总分",
    basis="预算执行率与各项指标分值合计应为100分",
    forms=("overall", "project"),
)
def weights(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """分值合计与总分核对。

    说明：预算执行率的分值加上各指标的分值，应等于“总分”行的分值（空着按100分）。分值结构与通行的10/50/30/10不同但加得满的，只提示。
    错误示例：执行率10分，指标合计85分，总分100。
    正确示例：执行率10分，产出50分，效益30分，满意度10分，总分100。
    如何改：核对每项分值，使合计等于总分。
    """
    heading = _unlike_heading(form)
    if heading is not None:
        yield heading
        return
    rows = weights_of(form)
    given = [
        (weight, score)
        for weight, _, score in rows
        if weight.number is not None or (weight.blank and score is not None and score.number)
    ]
    own = [
        indicator
        for indicator in form.indicators
        if indicator.weight is not None and indicator.weight.number is not None
    ]
    if not own or len(given) * 2 < len(rows):
        yield Skip("没有分值一栏或分值没有填")
        return
    if not all(weight.known for weight, _, _ in rows):
        yield Skip("有的分值不是数、是错误值或未计算的公式")
        return
    total = form.total
    if total is not None and total.weight is not None and not total.weight.known:
        yield Skip("总分的分值不是数、是错误值或未计算的公式")
        return
    stated = (
        total.weight
        if total is not None and total.weight is not None and total.weight.number is not None
        else None
    )
    summed = summed_weights(form)
    if total is None and summed <= HUNDRED:
        yield Skip("没有总分行，不能核对分值合计")  # the table may go on elsewhere
        return
    full = stated.number if stated is not None and stated.number is not None else HUNDRED
    if summed < full and _left_empty(form):
        yield Skip("有的分值空着，补填后再核对合计", "missing")
        return
    in_heading = {split[0] for split in context.policy.splits_of(form.kind)}
    if not has_number(form.amount("weight")) and full - summed in in_heading:
        return  # the points of the execution rate stand in a heading: 预算执行情况(10分)
    where = total.label.place if total is not None else form.title.place
    terms = _weight_terms(form, context, full)
    figure = stated or Field(where, text="100", state="number", number=HUNDRED)
    equation = Equation(
        "PE301",
        form.caption,
        Term(figure, "总分", hint=HUNDRED, constant=stated is None),
        tuple(terms[weight.place] for weight, _ in given),
        (1,) * len(given),
        "预算执行率与各项指标的分值合计应等于总分",
        decimals=context.score_decimals,
        rounding=False,
        alike=True,
    )
    yield equation
    if equation.check() == "holds" and abs(summed - context.policy.weights_total) < 1:  # else PE311 speaks
        yield from _split(form, context)


def _unlike_heading(form: IndicatorForm) -> Claim | None:
    """The points printed over all indicators against those of the groups, or of the rows, under it."""
    heading = form.heading
    if heading is None or heading.weight is None or form.total is None:
        return None
    printed = [level.weight for level in form.levels]
    own = [row.weight.number for row in form.indicators if row.weight is not None and not row.weight.printed]
    if printed and all(weight is not None and weight[0] == weight[1] for weight in printed):
        parts = [weight[0] for weight in printed if weight is not None]
    else:
        parts = [number for number in own if number is not None]
        if len(parts) < len(form.indicators):
            return None
    full, summed = heading.weight[0], sum(parts, Decimal(0))
    if not parts or summed == full:
        return None
    return Claim(
        heading.label.place,
        f"“{heading.name}”标注为 {plain(full)} 分，下面各组分值合计 {plain(summed)} 分，对不上。",
        expected=plain(summed),
        actual=plain(full),
        explain=" + ".join(plain(part) for part in parts) + f" = {plain(summed)}",
        suggestion="核对标注的分值和各组分值；各组加起来应等于标注的分值。",
        related=tuple(level.label.place for level in form.levels),
        uses=(heading.label.place,),
        label=heading.name,
        figures=(plain(full), plain(summed)),
    )


def _split(form: IndicatorForm, context: Context) -> Iterator[Claim]:
    """An unusual split of the weights over the level-1 groups; worth a look, no error."""
    groups: dict[str, Decimal] = {}
    for indicator in form.indicators:
        if indicator.weight is not None and indicator.weight.number is not None:
            groups[indicator.level1] = groups.get(indicator.level1, Decimal(0)) + indicator.weight.number
    fund = form.amount("weight")
    if any(weight.printed for weight, _, _ in weights_of(form)):
        return  # the bureau's own form says how the points are split
    named = all(any(word in level for word in ("产出", "效益", "满意", "成本")) for level in groups)
    if fund is None or fund.number is None or not groups or not named:
        return
    split = (fund.number, *groups.values())
    splits = context.policy.splits_of(form.kind)
    usual_ones = {tuple(sorted(known)) for known in splits}
    if tuple(sorted(split)) not in usual_ones and (fund.number, sum(groups.values())) not in splits:
        text = "/".join(plain(part) for part in split)
        usual = "、".join("/".join(plain(part) for part in known) for known in splits)
        yield Claim(
            form.title.place,
            f"分值结构为 {text}，与常用的 {usual} 不同。",
            actual=text,
            suggestion="确认本地通知允许这样设置分值。",
            severity="info",
            label="分值结构",
            figures=(text,),
        )


@rule(
    "PE302",
    "scores.level_weights",
    "error",
    "一级指标的分值与标注不符",
    basis="一级指标下各指标分值之和应等于标注的分值",
    forms=("overall", "project"),
)
def level_weights(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """一级指标内的分值合计与标注核对。

    说明：一级指标标注了分值（如“产出指标（50分）”）的，组内各指标分值之和应等于它；标注为区间的应在区间内。
    错误示例：产出指标（50分），组内分值合计48。
    正确示例：产出指标（50分），组内分值合计50。
    如何改：调整组内分值或改正标注。
    """
    checked = False
    terms = _weight_terms(form, context, HUNDRED)
    whole = form.total is not None or is_whole_by_labels(form)
    for level in form.levels[: None if whole else -1]:  # without a total row the last may be cut
        rows = [
            indicator
            for indicator in form.indicators
            if indicator.row in level.rows and indicator.weight is not None
        ]
        if not all(row.weight.known for row in rows if row.weight is not None):
            continue
        weights_of = [indicator.weight for indicator in rows if indicator.weight is not None]
        if level.weight is None or not any(
            weight.number is not None and not weight.printed for weight in weights_of
        ):
            continue
        checked = True
        if any(row.weight is not None and row.weight.missing for row in rows) and _left_empty(form):
            continue  # PE701 says it
        low, high = level.weight
        total = sum((row.weight.number or Decimal(0) for row in rows if row.weight is not None), Decimal(0))
        if low < high:
            if not low <= total <= high:
                yield _outside_range(form, level.label, level.name, total, low, high)
            continue
        label = level.stated or Field(level.label.place, text=plain(low), state="number", number=low)
        yield Equation(
            "PE302",
            form.caption,
            Term(label, f"“{level.name}”标注的分值"),
            tuple(terms[row.weight.place] for row in rows if row.weight is not None),
            (1,) * len(rows),
            f"“{level.name}”组内各指标分值之和应等于标注的 {plain(low)} 分",
            decimals=context.score_decimals,
            rounding=False,
            alike=True,
        )
    if not checked:
        yield Skip("一级指标没有标注分值，或没有分值一栏")


def _outside_range(
    form: IndicatorForm, label: Field, name: str, total: Decimal, low: Decimal, high: Decimal
) -> Claim:
    return Claim(
        label.place,
        f"“{name}”标注为 {plain(low)}—{plain(high)} 分，组内分值合计 {plain(total)} 分。",
        expected=f"{plain(low)}—{plain(high)}",
        actual=plain(total),
        suggestion="调整组内各指标的分值。",
        label=f"{form.name}/{name}",
        figures=(plain(total),),
    )


@rule(
    "PE311",
    "scores.full_marks",
    "warning",
    "全表分值合计不是规定的总分",
    basis="预算执行率和各项指标的分值合计100分",
    forms=("overall", "project"),
)
def full_marks(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """分值合计与总分行一致，但都不是规定的总分。

    说明：各项分值之和与总分行一致，合起来却不是100分（以政策为准），优、良、中、差就没法比。总分行只合计指标（90分、80分）、加分项、两级权重、得分系数的表不算。
    错误示例：各项分值合计85，总分行的分值也写85。
    正确示例：各项分值合计100，总分行的分值写100。
    如何改：调整各项分值，使合计等于100。
    """
    total = form.total.weight if form.total is not None else None
    rows = [row[0].number for row in weights_of(form) if row[0].number is not None]
    if total is None or total.number is None or len(rows) < _ENOUGH:
        yield Skip("没有总分行，或分值不全")
        return
    summed, full = sum(rows, Decimal(0)), context.policy.weights_total
    fund = form.amount("weight")
    on_top = summed - (fund.number or Decimal(0)) if fund is not None else summed
    without_funds = {full - split[0] for split in context.policy.splits_of(form.kind)} | {full - Decimal(20)}
    if summed != total.number or summed == full or not _FEWEST_POINTS <= summed <= _MOST_POINTS:
        return
    if on_top == full or (not has_number(fund) and summed in without_funds) or _has_extra_points(form):
        return
    yield Claim(
        total.place,
        f"各项分值合计 {plain(summed)} 分，总分行也写 {plain(total.number)} 分，不是规定的 {plain(full)} 分。",
        expected=plain(full),
        actual=shown(total),
        suggestion=f"调整各项分值，使合计等于 {plain(full)} 分。",
        label="总分",
        figures=(shown(total),),
    )


def _has_extra_points(form: IndicatorForm) -> bool:
    return any("加分" in one.name.text + one.level1 + one.level2 for one in form.indicators)


def score_fits(score: Field, rate: Decimal, weight: Decimal) -> bool:
    """Whether points are what a rate (in per cent) gives of a weight, at the decimals they are written with."""
    assert score.number is not None
    due = rate * weight / HUNDRED
    if score.number == weight:
        return rate >= FULL_RATE
    decimals = max(1, score.decimals)
    if abs(score.number - due) <= quantum(decimals) * HALF:
        return True
    whole = score.number == score.number.to_integral_value()
    return whole and due - 1 < score.number <= due + HALF * quantum(1)
