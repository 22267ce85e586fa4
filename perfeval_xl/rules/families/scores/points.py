"""PE303 to PE310: scores stay within weights and follow from rates and targets; grades, groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from perfeval_xl import patterns as re
from perfeval_xl.equations import (
    HALF,
    HUNDRED,
    Equation,
    Term,
    execution_due,
    per_cent,
    quantum,
    rounded,
    written_rates,
)
from perfeval_xl.findings import Fix
from perfeval_xl.forms import labels
from perfeval_xl.forms.records import Field, FundRow, Indicator, IndicatorForm
from perfeval_xl.grid import Place
from perfeval_xl.policy import DegreeBand, Execution, Policy
from perfeval_xl.rules.cells import has_number, row_name, shown, stated_total, whole_amount
from perfeval_xl.rules.context import Context, Judged, real_reason
from perfeval_xl.rules.directions import is_doubted
from perfeval_xl.rules.registry import Claim, Result, Skip, rule
from perfeval_xl.targets import degree
from perfeval_xl.text import clean, plain

from .weights import honest_deduction, is_whole_by_labels, score_fits, summed_weights, weights_of


@rule(
    "PE303",
    "scores.range",
    "error",
    "得分超出分值范围",
    basis="得分最高不能超过该指标分值，也不能小于0",
    forms=("overall", "project"),
)
def score_range(form: IndicatorForm, _context: Context) -> Iterator[Result]:
    """得分与分值比较。

    说明：每一行得分不能大于本行分值，也不能小于0。
    错误示例：分值10，得分99。
    正确示例：分值10，得分9.9。
    如何改：改正得分或分值中录错的一个。
    """
    rows = weights_of(form)
    total = form.total
    if total is not None and total.weight is not None and total.score is not None:
        rows.append((total.weight, "总分", total.score))
    pairs = [(weight, name, score) for weight, name, score in rows if score is not None]
    if not pairs:
        yield Skip("没有分值或得分一栏")
        return
    yield from _more_than_printed(form)
    for weight, name, score in pairs:
        if score.number is None or (weight.number is None and score.number >= 0):
            continue
        if score.number < 0 or (weight.number is not None and score.number > weight.number):
            yield Claim(
                score.place,
                f"“{clean(name)}”得分 {shown(score)}，"
                + ("小于0。" if score.number < 0 else f"超过了分值 {shown(weight)}。"),
                expected=f"0—{shown(weight)}",
                actual=shown(score),
                suggestion="核对本行分值和得分，改正录错的一个。",
                related=(weight.place,),
                uses=(weight.place, score.place),
                label=name,
                figures=(shown(weight), shown(score)),
            )


def _more_than_printed(form: IndicatorForm) -> Iterator[Claim]:
    """Groups whose rows have more points together than their label gives, where no row has a weight of its own."""
    for level in form.levels:
        rows = [row for row in form.indicators if row.row in level.rows and row.weight is not None]
        scores = [row.score for row in rows if row.score is not None and row.score.number is not None]
        summed = sum((score.number or Decimal(0) for score in scores), Decimal(0))
        own = any(
            row.weight is not None and (row.weight.number is not None or not row.weight.printed)
            for row in rows
        )
        if level.weight is None or own or summed <= level.weight[1]:
            continue
        most = plain(level.weight[1])
        yield Claim(
            scores[0].place,
            f"“{level.name}”标注为 {most} 分，组内各行得分合计 {plain(summed)} 分，超过了标注的分值。",
            expected=f"0—{most}",
            actual=plain(summed),
            suggestion="核对组内各行得分，改正录错的一个。",
            related=tuple(score.place for score in scores[1:]),
            uses=tuple(score.place for score in scores),
            label=level.name,
            figures=(most, plain(summed)),
        )


@rule(
    "PE304",
    "scores.execution",
    "error",
    "执行率得分算错",
    basis="执行率得分＝执行率×分值，最高不超过分值",
    forms=("overall", "project"),
)
def execution_score(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """预算执行率的得分复算。

    说明：执行率得分等于执行率乘分值，用准确的或表上四舍五入后的执行率都可以；填整数的可以偏低、不能偏高；执行率不到99.95%不能得满分。所用政策规定分档、按百分点扣分的，照规定复算；表上没有分值的，按政策的分值。
    错误示例：执行率92.05%，分值10，得分10。
    正确示例：执行率92.05%，分值10，得分9.21（或9.20）。
    如何改：按执行率乘分值重算得分，再改总分。
    """
    total = form.funds.total if form.funds is not None else None
    yield from _reckoned(total.cells if total is not None else {}, context.policy.execution)
    own = _points_of(total)
    for row in form.funds.parts if form.funds is not None else ():
        if own == _points_of(row) or not all(has_number(row.cells.get(role)) for role in _RECKONED_WITH):
            continue
        if total is not None and own[:-1] == _points_of(row)[:-1] and own[-1] is not None:
            yield _unlike_whole(row, total)
        else:
            yield from _reckoned(row.cells, context.policy.execution)


#: The cells an execution score is reckoned with, and itself.
_RECKONED_WITH = ("budget", "executed", "weight", "score")


def _points_of(row: FundRow | None) -> list[Decimal | None]:
    """What a row of funds has of these; a source that repeats the whole repeats its mistake, too."""
    cells = [row.cells.get(role) for role in _RECKONED_WITH] if row is not None else []
    return [cell.number if cell is not None else None for cell in cells]


def _unlike_whole(row: FundRow, total: FundRow) -> Claim:
    """A source with the money and the points of the whole, and another score."""
    score, whole = row.cells["score"], total.cells["score"]
    return Claim(
        score.place,
        f"预算数、执行数、分值与年度资金总额相同，得分却填 {shown(score)}，年度资金总额填 {shown(whole)}，两处对不上。",
        expected=shown(whole),
        actual=shown(score),
        suggestion="按执行率乘分值重算，两处填一样的得分。",
        related=(whole.place,),
        uses=(whole.place,),
        label=row_name(row.label),
        figures=(shown(score), shown(whole)),
    )


def _reckoned(cells: Mapping[str, Field], execution: Execution) -> Iterator[Result]:
    """A row of funds whose score does not follow from its rate as the policy scores it."""
    budget, executed = cells.get("budget"), cells.get("executed")
    weight, score, rate = cells.get("weight"), cells.get("score"), cells.get("rate")
    if (
        budget is None
        or executed is None
        or budget.number is None
        or executed.number is None
        or budget.number <= 0
    ):
        yield Skip("全年预算数为0，或预算数、执行数没有填数")
        return
    printed = weight is not None and not weight.blank
    points = weight.number if weight is not None and printed else execution.weight or None
    if score is None or points is None or score.number is None:
        yield Skip("执行率没有分值或得分")
        return
    exact = per_cent(executed.number, budget.number)
    rates = [exact, *_right_rates(rate, exact)]
    if any(score_fits(score, execution.share(value, points), points) for value in rates):
        return
    if printed and (score.number > points or score.number < 0):
        return  # PE303 says it
    share = execution.share(exact, points)
    due = execution_due(share, points, max(2, score.decimals))
    words = plain(points)
    told = f"分值 {words}" if printed else f"表上没有分值，按所用政策 {words} 分"
    cells_used = (executed.place, budget.place, *((weight.place,) if weight is not None and printed else ()))
    yield Claim(
        score.place,
        f"执行率为 {plain(rounded(exact, 2))}%，{told}，应得 {plain(due)} 分，表中填 {shown(score)}。",
        expected=plain(due),
        actual=shown(score),
        explain=(
            f"{executed.text} ÷ {budget.text} × {words} = {plain(due)}"
            if execution.method == "proportional"
            else f"{executed.text} ÷ {budget.text} = {plain(rounded(exact, 2))}%，按所用政策得分值的 {plain(rounded(share, 2))}%：{plain(due)}"
        ),
        suggestion=f"把得分改为 {plain(due)}，并相应改正总分。",
        related=cells_used,
        uses=cells_used,
        follows=_followed(rate, score, points, execution),
        label="执行率得分",
        figures=(shown(score), shown(executed), shown(budget), words),
        fixes=(Fix(score.place, due, computed=True),),
    )


def _followed(rate: Field | None, score: Field, points: Decimal, execution: Execution) -> tuple[Place, ...]:
    """The stated rate, where the score follows from it: then a wrong rate explains the score."""
    if rate is None:
        return ()
    shares = (execution.share(value, points) for value, _ in written_rates(rate))
    return (rate.place,) if any(score_fits(score, share, points) for share in shares) else ()


def _right_rates(rate: Field | None, exact: Decimal) -> list[Decimal]:
    """The shown rate, where it is itself right."""
    if rate is None:
        return []
    return [
        value for value, decimals in written_rates(rate) if abs(value - exact) <= quantum(decimals) * HALF
    ]


@rule(
    "PE305",
    "scores.total",
    "error",
    "总分不等于各项得分之和",
    basis="总分＝执行率得分＋各指标得分",
    forms=("overall", "project"),
    computed=True,
)
def total_score(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """总分复算。

    说明：“总分”行的得分应等于执行率得分加各指标得分；所用政策按执行率规定了总分上限的，不能超过上限；规定不适用的指标折算的，总分＝得分合计÷（全表分值－不适用的分值）×全表分值。
    错误示例：各项得分合计97，总分填79。
    正确示例：各项得分合计97，总分填97。
    如何改：核对各项得分后，把总分改为合计。
    """
    stated = stated_total(form)
    if stated is None:
        yield Skip("没有填总分")
        return
    yield from _above_the_cap(form, stated, context)
    if form.total is None and summed_weights(form) != HUNDRED and not is_whole_by_labels(form):
        yield Skip("没有总分行，分值合计也不是100，各项得分可能不全")
        return
    unfit = _not_applicable(form, context)
    rows: list[tuple[Field, Term]] = []
    fund_score = form.amount("score")
    if fund_score is not None:
        rows.append((fund_score, _fund_score_term(form, fund_score)))
    for judged in context.judged(form):
        if judged.indicator in unfit:
            continue
        score, weight = judged.indicator.score, judged.indicator.weight
        if score is not None and not (score.blank and weight is not None and weight.blank):
            rows.append((score, _score_term(score, judged)))
    if not any(field.number is not None for field, _ in rows):
        yield Skip("没有填各项得分")
        return
    if not all(field.known for field, _ in rows):
        yield Skip("有的得分不是数、是错误值或未计算的公式")
        return
    if unfit:
        yield from _scaled_up(stated, [field for field, _ in rows], unfit, context)
        return
    decimals = max(context.score_decimals, *(field.decimals for field, _ in rows))
    yield Equation(
        "PE305",
        form.caption,
        Term(stated, "总分", high=_full_marks(form)),
        tuple(term for _, term in rows),
        (1,) * len(rows),
        "总分应等于预算执行率得分与各指标得分之和",
        decimals=decimals,
        rounding=False,
    )


_UNFIT = re.compile("(本单位|本项目|该指标)?(不适用|不涉及)(本单位|本项目|该指标)?")


def _not_applicable(form: IndicatorForm, context: Context) -> list[Indicator]:
    """Rows that do not apply and so earn nothing, where the policy scales the total up without their points."""
    if context.policy.not_applicable == "keep":
        return []
    return [one for one in form.indicators if has_number(one.weight) and _is_unfit(one)]


def _is_unfit(indicator: Indicator) -> bool:
    score = indicator.score
    texts = (indicator.actual_text, score.text if score is not None else "")
    return not (score is not None and score.number) and any(_UNFIT.fullmatch(clean(text)) for text in texts)


def _scaled_up(
    stated: Field, scores: list[Field], unfit: list[Indicator], context: Context
) -> Iterator[Claim]:
    """A total that is not what the rows that apply earn of their points, out of the whole."""
    whole = context.policy.weights_total
    lost = sum((one.weight.number or Decimal(0) for one in unfit if one.weight is not None), Decimal(0))
    earned = sum((score.number or Decimal(0) for score in scores), Decimal(0))
    if lost >= whole or stated.number is None:
        return
    exact = earned / (whole - lost) * whole
    if abs(exact - stated.number) <= max(quantum(max(1, stated.decimals)), context.policy.tolerance.score):
        return
    due = plain(rounded(exact, max(2, stated.decimals)))
    names = "、".join(f"“{clean(one.name.text)}”" for one in unfit)
    weights = tuple(one.weight.place for one in unfit if one.weight is not None)
    yield Claim(
        stated.place,
        f"{names}不适用，按所用政策折算，总分应为 {due} 分，填了 {shown(stated)} 分。",
        expected=due,
        actual=shown(stated),
        explain=f"{plain(earned)} ÷ （{plain(whole)} － {plain(lost)}） × {plain(whole)} = {due}",
        suggestion=f"把总分改为 {due}；指标并非不适用的，补填完成值和得分。",
        related=weights,
        uses=(stated.place, *weights, *(score.place for score in scores)),
        label="总分",
        figures=(shown(stated), due),
    )


def _above_the_cap(form: IndicatorForm, stated: Field, context: Context) -> Iterator[Claim]:
    """A total above what the policy allows where so little was spent."""
    executed, budget = whole_amount(form, "executed"), whole_amount(form, "budget")
    if executed is None or budget is None or executed.number is None or not budget.number:
        return
    rate = per_cent(executed.number, budget.number)
    cap = context.policy.cap_of(rate)
    if cap is None or stated.number is None or stated.number <= cap.most:
        return
    yield Claim(
        stated.place,
        f"执行率 {plain(rounded(rate, 2))}%，低于 {plain(cap.below)}%，按所用政策总分最高 {plain(cap.most)} 分，填了 {shown(stated)} 分。",
        expected=f"≤{plain(cap.most)}",
        actual=shown(stated),
        explain=f"{executed.text} ÷ {budget.text} = {plain(rounded(rate, 2))}%",
        suggestion=f"核对预算数、执行数；没有填错的，总分按 {plain(cap.most)} 分计。",
        related=(executed.place, budget.place),
        uses=(stated.place, executed.place, budget.place),
        label="总分上限",
        figures=(shown(stated), plain(cap.most)),
    )


def _full_marks(form: IndicatorForm) -> Decimal:
    """The most a total can be: its stated weight, else the sum of the weights, never under 100."""
    stated = form.total.weight if form.total is not None else None
    return max(HUNDRED, summed_weights(form), (stated.number if stated is not None else None) or Decimal(0))


def _score_term(score: Field, judged: Judged) -> Term:
    """A score, and what speaks for it: full marks where the target was met; where it was missed, or a reason is given, what
    stands there, or what is due."""
    weight = judged.indicator.weight
    limit = weight.number if weight is not None else None
    hint = (score.number if limit is None else limit) if _reached(judged) else None
    if honest_deduction(judged):
        hint = score.number
    elif judged.judgement.outcome == "not_met":
        hint = judged.judgement.due
    return Term(score, judged.indicator.name.text, high=limit, hint=hint)


#: From this share of its weight on (per cent) the score of a target in words is an honest one: 9 of 10 for 有效促进.
_HONEST_IN_WORDS = Decimal(80)
_NOT_WHOLLY = re.compile("部分|基本|未|没有|尚|不")


def _reached(judged: Judged) -> bool:
    """Whether a target was met so that full marks are due: in figures; in words that say so, where what is lost is more than
    such answers usually lose."""
    indicator, (weight, score) = judged.indicator, judged.numbers
    if judged.judgement.outcome in ("met", "exceeded"):
        return True
    words, answer = clean(indicator.target_text), clean(indicator.actual_text)
    legal = weight and score is not None and weight > score >= weight * _HONEST_IN_WORDS / HUNDRED
    said = words == answer or (
        judged.judgement.outcome == "qualitative" and _NOT_WHOLLY.search(answer) is None
    )
    return bool(words and answer) and said and not legal


def _fund_score_term(form: IndicatorForm, score: Field) -> Term:
    """The execution score; full marks only speak for themselves where everything was spent."""
    weight, executed, budget = form.amount("weight"), form.amount("executed"), form.amount("budget")
    full = (
        executed is not None
        and budget is not None
        and executed.number is not None
        and budget.number is not None
        and executed.number >= budget.number
    )
    limit = weight.number if weight is not None else None
    return Term(score, "预算执行率", high=limit, hint=limit if full else None)


@rule(
    "PE306",
    "scores.grade",
    "error",
    "评价等级与总分不符",
    basis="90分（含）以上为优，80分（含）以上为良，60分（含）以上为中，60分以下为差",
    forms=("overall", "project"),
)
def grade(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """总分与评价等级核对。

    说明：优、良、中、差应与总分所在的分数段一致，分数段由所用政策规定。
    错误示例：总分84.47，等级填“优”。
    正确示例：总分84.47，等级填“良”。
    如何改：按总分改正等级。
    """
    stated = stated_total(form)
    written = form.total.grade if form.total is not None else None
    if stated is None or written is None or stated.number is None:
        yield Skip("没有填总分或等级")
        return
    weight = form.total.weight if form.total is not None else None
    full = weight.number if weight is not None and weight.number else HUNDRED
    band = context.policy.grade_of(stated.number / full * HUNDRED)
    if clean(written.text) in (band.word, *band.aliases):
        return
    yield Claim(
        written.place,
        f"总分 {shown(stated)} 对应的等级是“{band.word}”，表中填“{shown(written)}”。",
        expected=band.word,
        actual=shown(written),
        suggestion=f"把等级改为“{band.word}”。",
        related=(stated.place,),
        uses=(stated.place,),
        label="等级",
        figures=(shown(stated), shown(written)),
        fixes=(Fix(written.place, band.word, "word"),),
    )


def _quantitative(judged: Judged) -> bool:
    return judged.judgement.outcome in ("met", "exceeded", "not_met") and not judged.shifted


@rule(
    "PE307",
    "scores.due",
    "info",
    "得分与按完成情况应得的分不同",
    basis="定量指标完成的得满分，未完成的按完成比例得分",
    forms=("overall", "project"),
)
def due_score(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """定量指标的得分与应得分比较。

    说明：定量指标完成的应得满分；没完成的按完成比例得分。得分比应得分低的，提示看一下是否填错。
    错误示例：目标5662，完成4044，分值2，得分0.5。
    正确示例：目标5662，完成4044，分值2，得分1.43。
    如何改：按完成比例重算得分，或写明扣分的依据。
    """
    if not {"weight", "score"} <= form.columns:
        yield Skip("没有分值或得分一栏")
        return
    for judged in context.judged(form):
        weight, score = judged.numbers
        due = judged.judgement.due
        if not _quantitative(judged) or weight is None or score is None or due is None:
            continue
        if is_doubted(judged, context.policy):
            continue
        if "reason" in form.columns and not judged.reason:
            continue  # PE406 asks for the reason
        if judged.judgement.outcome == "not_met" and score < due - context.policy.tolerance.due:
            indicator = judged.indicator
            assert indicator.score is not None
            yield Claim(
                indicator.score.place,
                f"“{indicator.name.text}”按完成比例应得 {plain(due)} 分，表中填 {shown(indicator.score)}。",
                expected=plain(due),
                actual=shown(indicator.score),
                explain=judged.judgement.explain,
                suggestion="按完成比例重算得分，或写明扣分原因。",
                related=(indicator.target.place, indicator.actual.place),
                uses=judged.points,
                label=indicator.name.text,
                figures=(shown(indicator.score), indicator.target_text, indicator.actual_text),
            )


@rule(
    "PE308",
    "scores.degree",
    "warning",
    "定性指标得分与完成程度不符",
    basis="定性指标：达成100%—80%、部分达成80%—60%、未达成60%—0%",
    forms=("overall", "project"),
)
def degree_score(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """定性指标得分与所填达成程度核对。

    说明：实际完成值写明“达成”“部分达成”“未达成”的，得分占分值的比例应在规定的档内；“有效促进”得9分（满分10分）是允许的。
    错误示例：实际完成值“部分达成预期指标”，分值10，得分10。
    正确示例：实际完成值“部分达成预期指标”，分值10，得分7。
    如何改：按达成程度所在的档调整得分。
    """
    if not {"weight", "score"} <= form.columns:
        yield Skip("没有分值或得分一栏")
        return
    for judged in context.judged(form):
        weight, score = judged.numbers
        if judged.shifted or not weight or score is None or score > weight:
            continue
        indicator = judged.indicator
        text = clean(indicator.actual_text)
        band = _band_of(text, context.policy)
        if band is None or (judged.judgement.outcome == "not_met" and score >= weight):
            continue  # full marks for what was not done: PE401 says it
        share = score / weight * HUNDRED
        if band.floor <= share <= band.ceiling:
            continue
        assert indicator.score is not None
        yield Claim(
            indicator.score.place,
            f"“{indicator.name.text}”完成情况为“{text}”，得分应在分值的 {plain(band.floor)}%—{plain(band.ceiling)}% 之间，表中得 {shown(indicator.score)} 分，占 {plain(rounded(share, 1))}%。",
            expected=f"{plain(band.floor * weight / HUNDRED)}—{plain(band.ceiling * weight / HUNDRED)}",
            actual=shown(indicator.score),
            suggestion="按达成程度所在的档调整得分。",
            related=(indicator.actual.place,),
            uses=judged.points,
            label=indicator.name.text,
            figures=(shown(indicator.score), text),
        )


def _band_of(text: str, policy: Policy) -> DegreeBand | None:
    """The band of a stated degree, in whatever official wording: 部分达成(年度指标)(并具有一定效果)."""
    core = degree(text)
    return next((band for band in policy.degrees if core in {degree(word) for word in band.words}), None)


@rule(
    "PE309",
    "scores.groups",
    "info",
    "缺少必设的二级指标或指标组为空",
    basis="按所用政策要求设置二级指标",
    forms=("overall", "project"),
)
def groups(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """一级、二级指标是否设齐。

    说明：政策要求必设的指标没有设的（通行的自评表要有效益指标、满意度指标）、某一类少于规定个数的，以及一级指标、产出的二级指标下面一个指标也没有的，提示看一下。没有总分行的表可能不全，不查缺少的组。
    错误示例：一级指标“满意度指标”下面没有任何指标。
    正确示例：满意度指标下设“服务对象满意度”。
    如何改：补设指标，或删除空的指标组。
    """
    missing = _missing_groups(form, context)
    if missing and form.levels:
        names = "、".join(f"“{group}”" for group in missing)
        yield Claim(
            form.levels[-1].label.place,
            f"没有设置{names}类的指标。",
            suggestion=f"补设{names}类的指标；确实不适用的，说明理由。",
            label="、".join(missing),
        )
    empty = [group for level in form.levels if level.rows for group in level.empty if _is_output(group)]
    if empty and form.total is not None:
        yield Claim(
            empty[0].place,
            "、".join(f"“{labels.plain(group.text)}”" for group in empty) + "下面没有指标。",
            suggestion="补设指标，或删除这一组。",
            related=tuple(group.place for group in empty[1:]),
            label="产出指标",
            figures=tuple(clean(group.text) for group in empty),
        )
    for group, least in context.policy.least_groups.items():
        named = ((one.level1, one.level2, one.name.text) for one in form.indicators)
        count = sum(any(group in text for text in texts) for texts in named)
        if form.indicators and count < least:
            yield Claim(
                form.title.place,
                f"“{group}”的指标有 {count} 个，规定至少 {plain(least)} 个。",
                expected=f"≥{plain(least)}",
                actual=str(count),
                suggestion=f"补设“{group}”的指标。",
                label=group,
            )
    for level in form.levels:
        if not level.rows and clean(level.label.text).strip(".…"):
            yield Claim(
                level.label.place,
                f"“{level.name}”下面没有指标。",
                suggestion="补设指标，或删除这一组。",
                label=level.name,
            )


#: Says why there was no money: taken back, not passed on, not concerned.
_NO_MONEY = re.compile(
    "收回|未下达|没有下达|未拨|未安排|不涉及|不需|无需|无资金|无预算|没有资金|上缴|统筹|核减|调减|取消|终止|已完工|本单位自筹"
)


def _is_output(group: Field) -> bool:
    """数量, 质量, 时效 or 成本: every project has these; of the kinds of benefit each may be wanting."""
    return re.match("(产出)?(数量|质量|时效|成本)", labels.plain(group.text)) is not None


def _missing_groups(form: IndicatorForm, context: Context) -> list[str]:
    """The groups a policy asks for that no level, name or label of a whole form speaks of."""
    if form.total is None or len(form.indicators) < _FEWEST_INDICATORS:
        return []
    names = [one.level1 + one.level2 + clean(one.name.text) for one in form.indicators]
    names += [clean(level.label.text) for level in form.levels]
    words = {group: (group, *_SAME_GROUP.get(group, ())) for group in context.policy.required_groups}
    return [
        group for group, same in words.items() if not any(word in name for word in same for name in names)
    ]


#: A form of fewer indicators is not one that groups are asked of.
_FEWEST_INDICATORS = 3
#: Other words by which forms call a group.
_SAME_GROUP = {"效益": ("效果", "影响", "成效"), "满意": ("认可", "投诉")}


@rule(
    "PE310",
    "scores.no_money",
    "warning",
    "没有预算也没有支出，执行率却得了分",
    basis="执行率＝全年执行数÷全年预算数，预算为0时无从计算",
    forms=("overall", "project"),
)
def no_money(form: IndicatorForm, _context: Context) -> Iterator[Result]:
    """全年预算数、全年执行数都填0，预算执行率却有得分。

    说明：没有预算就没有执行率。有的地方这一项记0分，有的记满分，都要在表里写明资金为什么是0（收回、未下达、不涉及等）。两格都空着的按必填项检查，分来源填了数的按合计检查，这里不重复。
    错误示例：全年预算0，全年执行0，执行率0.00%，分值10，得分10，表内没有任何说明。
    正确示例：全年预算0，全年执行0，得分10，偏差原因写明“资金年底由财政统一收回”。
    如何改：核对预算数和执行数；确实为0的，在偏差原因中写明原因，得分按本地规定填。
    """
    budget, executed, score = form.amount("budget"), form.amount("executed"), form.amount("score")
    if budget is None or executed is None or budget.number != 0 or executed.number != 0:
        yield Skip("全年预算数和全年执行数不都是0")
        return
    if score is None or not score.number:
        yield Skip("执行率没有得分")
        return
    assert form.funds is not None
    money = [
        row.cells[column]
        for row in form.funds.parts
        for column in ("budget", "executed")
        if column in row.cells
    ]
    if any(cell.number or not cell.known for cell in money) or _says_why(form):
        return
    yield Claim(
        score.place,
        f"全年预算数和全年执行数都是0，算不出执行率，得分却填了 {shown(score)}，表内没有说明资金为什么是0。",
        actual=shown(score),
        suggestion="核对预算数和执行数；确实为0的，在偏差原因中写明原因，得分按本地规定填。",
        related=(budget.place, executed.place),
        uses=(budget.place, executed.place, score.place),
        label="执行率得分",
        figures=(shown(budget), shown(executed), shown(score)),
    )


def _says_why(form: IndicatorForm) -> bool:
    """Whether any reason, goal or remark of a form says why there was no money."""
    reasons = [indicator.reason for indicator in form.indicators]
    rows = form.funds.rows if form.funds is not None else ()
    reasons += [row.cells.get("reason") for row in rows]
    texts = [*map(real_reason, reasons), *(clean(field.text) for field in (*form.goal_fields, *form.remarks))]
    return any(_NO_MONEY.search(text) for text in texts)
