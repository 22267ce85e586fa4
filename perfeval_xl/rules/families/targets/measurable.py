"""PE417, PE418, PE419, PE421, PE423: what a target measures, whether that can be measured, and where it belongs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from perfeval_xl import patterns as re
from perfeval_xl.equations import HUNDRED
from perfeval_xl.forms.records import YUAN, IndicatorForm
from perfeval_xl.policy import Policy
from perfeval_xl.rules.cells import factor, short, whole_amount
from perfeval_xl.rules.context import Context, Judged
from perfeval_xl.rules.directions import asks_to_spend
from perfeval_xl.rules.registry import Claim, Result, Skip, rule
from perfeval_xl.targets import Measure, read, tables
from perfeval_xl.text import clean, plain, without_notes

from .rows import BOTH, QUOTED, claim, rows_of, scored

# -- hollow targets -------------------------------------------------------------------------------------------

#: A round percentage from here on, of something that is no rate, measures nothing.
_ROUND_FROM = 80
#: Names that say what is measured.
_MEASURED_NAME = re.compile("(率|度|比|比例|占比|比重|百分比|数|量|次|额)$|有效期|有效专利|有效发明")
#: Words that can be checked as well as a figure can.
_CHECKABLE = re.compile(
    "合格|达标|通过|验收|及时|按时|按期|如期|准时|年内|当年|月|季度|年底|年末|全年|上半年|下半年|不超|控制在|预算|零|无|不发生|标准|足额|符合|合规"
)
#: So many output targets in words make a form that cannot be measured.
_IN_WORDS = 3


def _hollow(judged: Judged, policy: Policy) -> bool:
    """A slogan for a target; or a round percentage of something vague."""
    name, target = clean(judged.indicator.name.text), judged.judgement.target
    own = clean(judged.indicator.target.text)  # without the sign and the unit of columns of their own
    if {own, target.text} & set(policy.words.slogans) or _repeats_name(name, target):
        return True
    if target.kind != "number" or target.dimension != "share" or _MEASURED_NAME.search(name):
        return False
    share = target.base
    vague = any(word in name for word in policy.words.vague)
    return vague and _ROUND_FROM <= share <= HUNDRED and share % 5 == 0


#: A name of so many letters that comes again as the target names no yardstick.
_REPEATED_FROM = 10


def _repeats_name(name: str, target: Measure) -> bool:
    """Whether the target says the indicator's name again, with a word or two more."""
    if target.kind != "words" or len(name) < _REPEATED_FROM or len(target.text) > len(name) * 3 // 2:
        return False
    letters = iter(target.text)
    return name != target.text and all(letter in letters for letter in name)


def _in_words(judged: Judged) -> bool:
    """An output whose target is neither a figure nor a deadline nor a word that can be checked."""
    target = judged.judgement.target
    return (
        "产出" in judged.indicator.level1
        and target.kind in ("words", "degree", "yes_no")
        and not _CHECKABLE.search(target.text)
    )


def _must_be_figures(judged: Judged, policy: Policy) -> bool:
    """A target in words in a group of which the policy wants figures."""
    group = clean(judged.indicator.level1) + clean(judged.indicator.level2)
    wanted = any(word in group for word in policy.in_figures)
    return wanted and judged.judgement.target.kind in ("words", "degree", "yes_no")


@rule(
    "PE417",
    "targets.hollow",
    "info",
    "指标值无法衡量",
    basis="绩效指标应细化量化、可衡量",
    forms=BOTH,
)
def hollow(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """口号式的指标值，或产出指标都是文字。

    说明：“不断提高”“加强”之类谁也量不出来；“社会效益明显≥95%”没有口径。一张表只提示一次。产出指标有三个以上没有数字的，要核实（期限、合格不算没有数字）。效益、可持续影响指标填“持续改善”“有效提升”是通常写法。
    错误示例：服务能力，年度指标值“不断提高”；社会效益明显，年度指标值≥95%。
    正确示例：窗口平均等候时间≤10分钟；群众满意度≥95%。
    如何改：换成能数出来、量出来的指标值，或写明怎样衡量。
    """
    found = [judged for judged in rows_of(form, context) if _hollow(judged, context.policy)]
    worded = [judged for judged in rows_of(form, context) if _in_words(judged)]
    for judged in rows_of(form, context):
        if _must_be_figures(judged, context.policy):
            target = short(clean(judged.indicator.target_text), QUOTED)
            yield claim(
                judged,
                f"的年度指标值“{target}”是文字，所用政策要求{'、'.join(context.policy.in_figures)}指标用数字或日期。",
                at="target",
                suggestion="换成数量、比率、期限等能衡量的指标值。",
                severity="warning",
            )
    if len(worded) >= _IN_WORDS:
        first = worded[0]
        others = [judged for judged in (*worded[1:], *found) if judged is not first]
        yield claim(
            first,
            f"等 {len(worded)} 个产出指标的年度指标值都是文字，没有数字，无法衡量。",
            at="target",
            suggestion="产出指标换成数量、比率、期限等能衡量的指标值。",
            severity="warning",
            related=tuple(judged.indicator.target.place for judged in others),
        )
    elif found:
        first, *more = found
        yield claim(
            first,
            f"的年度指标值“{short(clean(first.indicator.target_text), QUOTED)}”无法衡量"
            + (f"，本表这样的还有 {len(more)} 个。" if more else "。"),
            at="target",
            suggestion="换成能数出来、量出来的指标值，或写明怎样衡量。",
            related=tuple(judged.indicator.target.place for judged in more),
        )


# -- the wrong heading ----------------------------------------------------------------------------------------

_COUNTS = re.compile("(期数|人数|人次|场次|次数|数量|户数|件数|个数|批次)$")
_GOOD_COUNTS = re.compile(
    "合格|达标|优秀|持证|通过|获奖|优质|完好|有效|优良|满意|录取|就业|事故|投诉|差错|违规"
)
_TIMES = re.compile("(时间|时限|期限|日期)$")
_LASTING = re.compile("年限|保质|质保|寿命|响应|使用|持续|等候|等待|运行|学习|培训|服务|工作|开放")
_PAYING = re.compile("(资金|预算|经费).{0,4}(支付|拨付|支出|执行|使用)(进度|完成)?率$|(支付|拨付)率$")


def _misplaced(judged: Judged, policy: Policy, budget: Decimal | None) -> str:
    """The heading an indicator belongs under; "" where it stands right or that is open. ``budget`` is the form's, in 元."""
    indicator, target = judged.indicator, judged.judgement.target
    name, group = without_notes(clean(indicator.name.text)), clean(indicator.level2)
    here = group + clean(indicator.level1)
    if not group or not name:
        return ""
    if name.endswith(("满意度", "满意率")) and "满意" not in here:
        return "满意度指标"
    if "质量" in group:
        if _COUNTS.search(name) and not _GOOD_COUNTS.search(name) and target.dimension in ("count", None):
            return "数量指标"
        if (
            _TIMES.search(name)
            and not _LASTING.search(name)
            and (target.kind == "date" or target.dimension == "time")
        ):
            return "时效指标"
    if ("数量" in group or "质量" in group) and _PAYING.search(name):
        return "时效指标，或不再单列（预算执行率已经计分）"
    if "数量" in group and _is_own_money(name, target, policy, budget):
        return "成本指标"
    return ""


def _is_own_money(name: str, target: Measure, policy: Policy, budget: Decimal | None) -> bool:
    """Money put in, as a thing achieved: by its name, or because it is the whole budget (in 元)."""
    words = policy.words
    if target.dimension != "money" or target.per or any(word in name for word in words.money_standards):
        return False
    return name.endswith(words.project_money) or target.base == budget


@rule(
    "PE418",
    "targets.misplaced",
    "info",
    "指标放错了二级指标",
    basis="三级指标应与所属二级指标的性质一致",
    forms=BOTH,
)
def misplaced(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """三级指标与所在的二级指标不是一类。

    说明：满意度放在数量指标下，期数、人数放在质量指标下，完成时间放在质量指标下，支付率放在数量指标下，投入的钱当作产出，都放错了地方。合格人数、使用年限、保质期可以是质量指标。
    错误示例：质量指标“培训期数”≥10期。
    正确示例：数量指标“培训期数”≥10期；质量指标“培训合格率”≥95%。
    如何改：移到相应的二级指标下，或换成与本组性质一致的指标。
    """
    amount = whole_amount(form, "budget")
    budget = amount.number * factor(form.money_unit) * YUAN["万元"] if amount and amount.number else None
    yield from _wrong_levels(form)
    for judged in rows_of(form, context):
        belongs = _misplaced(judged, context.policy, budget)
        if belongs:
            yield claim(
                judged,
                f"放在“{clean(judged.indicator.level2)}”下，按性质应属{belongs}。",
                at="name",
                suggestion="移到相应的二级指标下，或换成与本组性质一致的指标。",
                related=() if judged.indicator.group is None else (judged.indicator.group.place,),
            )


#: Level-2 headings by the level-1 heading they belong under.
_LEVEL_OF = (
    (re.compile("(经济|社会|生态)效益"), "效益"),
    (re.compile("^(数量|质量|时效)指标"), "产出"),
)


def _wrong_levels(form: IndicatorForm) -> Iterator[Claim]:
    """Level-2 headings under the level-1 heading of others: 经济效益指标 under 产出指标."""
    for place, indicator in {
        one.group.place: one for one in reversed(form.indicators) if one.group is not None
    }.items():
        group, level = clean(indicator.level2), clean(indicator.level1)
        found = [word for pattern, word in _LEVEL_OF if pattern.search(group)]
        others = [word for _, word in _LEVEL_OF if word not in found]
        if found and found[0] not in level and any(word in level for word in others):
            yield Claim(
                place,
                f"“{group}”放在“{level}”下，按性质应属{found[0]}指标。",
                suggestion="移到相应的一级指标下，或改正二级指标的名称。",
                related=(indicator.name.place,),
                label=f"{level}/{group}",
            )


# -- the more is spent the better -----------------------------------------------------------------------------


@rule(
    "PE419",
    "targets.cost_floor",
    "warning",
    "成本指标用了≥，花得越多越好",
    basis="成本指标用≤",
    forms=BOTH,
)
def cost_floor(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """成本指标的指标值带≥。

    说明：项目自己花的钱应有上限，用≥等于花得越多越好。发给别人的标准（补助标准≥670元/人）、人均、节约、配套、到位、收入、产值、投资拉动不算。
    错误示例：成本指标“设备购置成本”≥50万元。
    正确示例：成本指标“设备购置成本”≤50万元。
    如何改：把≥改为≤。
    """
    for judged in rows_of(form, context):
        if asks_to_spend(judged, context.policy):
            yield claim(
                judged,
                f"是成本指标，年度指标值 {judged.indicator.target_text} 用了下限，花得越多越好。",
                at="target",
                suggestion="成本应有上限，把符号改为“≤”。",
            )


# -- points typed as values -----------------------------------------------------------------------------------

_MANY_POINTS = 4
#: A unit printed in the name: 培训人数(人), 拌合机(≥台).
_UNIT_IN_NAME = re.compile(
    rf"[(（](?:单位[:：])?[*＊x×/]{{0,3}}(?:{'|'.join(map(re.escape, (*tables.COUNTS, '%', '元', '万元')))})[)）]|[≥≤]"
)


def _points_for_value(judged: Judged) -> bool:
    """Target, actual and points are one bare figure; in a form without points, target and actual alone."""
    target, actual = judged.judgement.target, judged.judgement.actual
    bare = all(
        side.kind == "number" and side.dimension is None and not side.explicit for side in (target, actual)
    )
    if not bare or target.value != actual.value or _UNIT_IN_NAME.search(judged.indicator.name.text):
        return False
    return judged.numbers == (None, None) or target.value in judged.numbers


@rule(
    "PE421",
    "targets.points_as_values",
    "warning",
    "把分值填成了指标值和完成值",
    basis="年度指标值、实际完成值应填指标本身的数",
    forms=BOTH,
)
def points_as_values(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """指标值、完成值都等于分值，没有单位。

    说明：四行以上的指标值、完成值和分值是同一个数，又都没有单位，是把分数填进了指标值。不计分的表里，这样的指标值合起来正好是总分（100）的，也是分数。
    错误示例：培训人数，年度指标值10，实际完成值10，分值10（四行以上都这样）。
    正确示例：培训人数，年度指标值≥300人，实际完成值312人，分值10。
    如何改：填指标本身的数和单位。
    """
    found = [judged for judged in rows_of(form, context) if _points_for_value(judged)]
    in_all = sum((judged.judgement.target.value or Decimal(0) for judged in found), Decimal(0))
    if len(found) >= _MANY_POINTS and (scored(form) or in_all == context.policy.weights_total):
        first, *others = found
        yield claim(
            first,
            f"等 {len(found)} 行的年度指标值、实际完成值都等于分值，没有单位，像是把分数填进了指标值。",
            at="target",
            suggestion="填指标本身的数和单位。",
            related=tuple(judged.indicator.target.place for judged in others),
        )


# -- breakdowns of an indicator -------------------------------------------------------------------------------


def _sum(rows: Sequence[Measure], like: Measure) -> Decimal | None:
    """The sum of figures of one unit; None where one of them is something else."""
    if any(
        row.kind != "number" or (row.dimension, row.unit, row.per) != (like.dimension, like.unit, like.per)
        for row in rows
    ):
        return None
    return sum((row.base for row in rows), Decimal(0))


@rule(
    "PE423",
    "targets.breakdown",
    "warning",
    "其中各项之和与指标不符",
    basis="其中项之和不大于所属指标（算术）",
    forms=BOTH,
)
def breakdown(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """指标下面“其中”各行的合计。

    说明：指标下面不计分的“其中”各行，合计不能大于指标；指标值正好等于各行之和的，完成值也应等于。
    错误示例：修建水库10座→10座，其中：小型6座→6座，微型4座→5座。
    正确示例：修建水库10座→10座，其中：小型6座→6座，微型4座→4座。
    如何改：核对各行的数。
    """
    checked = False
    for whole in rows_of(form, context):
        ours, theirs = whole.judgement.target, whole.judgement.actual
        parts = whole.indicator.parts
        if not parts or theirs.kind != "number":
            continue
        actuals = _sum([read(part.actual_text) for part in parts], theirs)
        if actuals is None:
            continue
        checked = True
        targets = _sum([read(part.target_text) for part in parts], ours) if ours.kind == "number" else None
        listed = len(parts) > 1 and targets is not None and targets == ours.base
        if actuals > theirs.base or (listed and actuals != theirs.base):
            yield _does_not_add_up(whole, actuals / theirs.size)
    if not checked:
        yield Skip("没有不计分的其中项")


def _does_not_add_up(whole: Judged, total: Decimal) -> Claim:
    parts = whole.indicator.parts
    return claim(
        whole,
        f"完成值 {whole.indicator.actual_text}，其中各项合计 {plain(total)}，对不上。",
        expected=plain(total),
        explain=" + ".join(clean(part.actual_text) for part in parts) + f" = {plain(total)}",
        suggestion="核对各行的数。",
        related=tuple(part.actual.place for part in parts),
    )
