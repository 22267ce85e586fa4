"""PE4xx targets: 年度指标值 against 实际完成值."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import cast

from perfeval_xl import patterns as re
from perfeval_xl.equations import HUNDRED, rounded
from perfeval_xl.findings import Severity
from perfeval_xl.forms.records import IndicatorForm
from perfeval_xl.rules.cells import GENERIC, short
from perfeval_xl.rules.context import Context, Judged
from perfeval_xl.rules.directions import is_doubted, is_turned_round, wants_less
from perfeval_xl.rules.reasons import explains_row
from perfeval_xl.rules.registry import Claim, Result, Skip, rule
from perfeval_xl.rules.shifted import is_value_name
from perfeval_xl.text import clean, plain

from .answers import answers_without_survey, says_unfinished
from .rows import BOTH, NO_SCORES, QUOTED, claim, rows_of, scored, told_as_completion


@rule(
    "PE401",
    "targets.missed_full",
    "error",
    "指标没有完成却得满分",
    basis="未完成指标值的，按完成值与指标值的比例记分",
    forms=BOTH,
)
def missed_full(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """没有达到年度指标值，得分却是满分。

    说明：实际完成值没有达到年度指标值（注意≥、≤的方向），不应得满分。
    错误示例：年度指标值≤55%，实际完成值100%，分值2，得分2。
    正确示例：年度指标值≥55%，实际完成值72.2%，分值2，得分2。
    如何改：先看指标值的符号和实际值有没有录错；确未完成的，按比例扣分并说明原因。
    """
    if not scored(form):
        yield NO_SCORES
        return
    for judged in rows_of(form, context):
        weight, score = judged.numbers
        if (
            judged.judgement.outcome != "not_met"
            or not weight
            or score is None
            or score < weight
            or judged.judgement.late
            or is_doubted(judged, context.policy)
            or answers_without_survey(judged, context.policy)
        ):
            continue
        due = judged.judgement.due
        if judged.judgement.at_bound:
            yield _only_equal(judged, score)
            continue
        if due is not None and due >= weight:
            continue  # missed by so little that the proportional score is full
        yield claim(
            judged,
            f"年度指标值 {judged.indicator.target_text}，实际完成 {judged.indicator.actual_text}，没有完成，却得了满分 {plain(score)} 分。",
            expected=judged.indicator.target_text,
            explain=judged.judgement.explain,
            suggestion="先核对指标值的符号和实际完成值"
            + (
                f"；确未完成的，应得 {plain(due)} 分，并填写偏差原因。"
                if due is not None
                else "；确未完成的应扣分，并填写偏差原因。"
            ),
        )


def _only_equal(judged: Judged, score: Decimal) -> Claim:
    """Full marks for the very figure that the sign of the target excludes."""
    indicator = judged.indicator
    return claim(
        judged,
        f"年度指标值 {indicator.target_text}，不含本数，实际完成 {indicator.actual_text}，恰好等于，按字面没有完成，却得了满分 {plain(score)} 分。",
        expected=indicator.target_text,
        explain=judged.judgement.explain,
        suggestion="本意含本数的，把指标值的符号改为≥或≤；不含本数的，应扣分并填写偏差原因。",
        severity="warning",
    )


@rule(
    "PE402",
    "targets.missed_high",
    "warning",
    "指标没有完成，得分偏高",
    basis="未完成指标值的，按完成值与指标值的比例记分",
    forms=BOTH,
)
def missed_high(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """没有达到年度指标值，得分高于按比例应得的分。

    说明：没完成的指标按完成比例得分，表中得分比应得分高出较多。所用政策规定按得分系数记分的，得分不能高于分值乘得分系数；规定按本行赋分规则记分的，写了规则的不按比例复算。
    错误示例：年度指标值≥100人，实际50人，分值10，得分9。
    正确示例：年度指标值≥100人，实际50人，分值10，得分5。
    如何改：按比例重算得分，或按本地评分办法说明理由。
    """
    if not scored(form):
        yield NO_SCORES
        return
    for judged in rows_of(form, context):
        _, score = judged.numbers
        due = judged.judgement.due
        if is_doubted(judged, context.policy):
            continue
        if _above_due(judged, context) and due is not None and score is not None:
            how = (
                f"没有完成（{judged.indicator.target_text} → {judged.indicator.actual_text}），按比例"
                if judged.coefficient is None
                else f"得分系数填 {plain(judged.coefficient)}%，"
            )
            yield claim(
                judged,
                f"{how}应得 {plain(due)} 分，表中得 {plain(score)} 分。",
                at="score",
                expected=plain(due),
                explain=judged.judgement.explain,
                suggestion=f"把得分改为 {plain(due)}，或在偏差原因中写明评分依据。",
            )


def _above_due(judged: Judged, context: Context) -> bool:
    """Not reached, and the score above the proportional one, at the decimals the score is written with; or the row's own
    coefficient takes more off than the score lost."""
    weight, score = judged.numbers
    due = judged.judgement.due
    missed = judged.judgement.outcome == "not_met"
    if weight is None or score is None or due is None or not (missed or judged.coefficient is not None):
        return False
    if missed and score >= weight:
        return False  # PE401 says it
    assert judged.indicator.score is not None
    fair = max(due, rounded(due, judged.indicator.score.decimals))
    return score > fair + context.policy.tolerance.due


@rule(
    "PE403",
    "targets.units",
    "error",
    "指标值与实际完成值的单位不能比较",
    basis="实际完成值应与年度指标值使用同一计量单位",
    forms=BOTH,
)
def units(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """年度指标值与实际完成值单位不同。

    说明：指标值是天数、人数、金额的，实际完成值也要填天数、人数、金额，不能填完成率。
    错误示例：年度指标值≤30天，实际完成值100%。
    正确示例：年度指标值≤30天，实际完成值25天。
    如何改：把实际完成值改为与指标值同单位的数。
    """
    if not context.knows["formats"]:
        yield Skip("这种格式的文件读不出数字格式，分不清1和100%", "unread")
    rows = [judged for judged in rows_of(form, context) if judged.judgement.outcome != "blank"]
    clashing = [judged for judged in rows if judged.judgement.outcome == "unit_mismatch"]
    told = told_as_completion(form, context)
    if told:
        yield Claim(
            told[0].indicator.actual.place,
            f"本表 {len(told)} 个指标的实际完成值都填了完成率，没有填实际的数。",
            suggestion="改填与年度指标值同单位的实际数。",
            related=tuple(judged.indicator.actual.place for judged in told[1:]),
            severity="warning",
            label=f"{form.name}/完成率",
            figures=(str(len(told)),),
        )
        clashing = [judged for judged in clashing if judged not in told]
    for judged in clashing:
        yield claim(
            judged,
            f"年度指标值填 {judged.indicator.target_text}，实际完成值填 {judged.indicator.actual_text}，单位不同，无法比较。",
            expected="与年度指标值同单位的数",
            explain=judged.judgement.explain,
            suggestion="把实际完成值改为与指标值同单位的实际数。",
            severity="warning" if judged.judgement.kin else None,
        )
    if context.knows["formats"]:
        yield from _missing_units(rows)


def _missing_units(rows: list[Judged]) -> Iterator[Claim]:
    """A figure without its unit, in a form that writes units everywhere else."""
    measured = [
        judged for judged in rows if judged.judgement.outcome in ("met", "exceeded", "not_met", "vacuous")
    ]
    bare = [judged for judged in measured if judged.judgement.missing_unit is not None]
    if not bare or len(measured) - len(bare) < 3 * len(bare):
        return
    for judged in bare:
        side = "target" if judged.judgement.missing_unit == "target" else "actual"
        name = "年度指标值" if side == "target" else "实际完成值"
        yield claim(
            judged,
            f"{name}没有写单位（{judged.indicator.target_text} → {judged.indicator.actual_text}），本表其他指标都写了。",
            at=side,
            suggestion=f"补上{name}的计量单位。",
            severity="warning",
        )


@rule(
    "PE404", "targets.vacuous", "warning", "指标值怎么填都能完成", basis="指标值应可衡量、有约束", forms=BOTH
)
def vacuous(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """任何结果都能达到的年度指标值。

    说明：件数、人数≥0，满意度≤100%之类的指标值，怎么都能完成，起不到约束作用。
    错误示例：劳动仲裁受理案件数 ≥0起。
    正确示例：劳动仲裁受理案件数 ≥500起。
    如何改：参照上年实际定一个有约束的指标值。
    """
    for judged in rows_of(form, context):
        if judged.judgement.outcome == "vacuous":
            yield claim(
                judged,
                f"的年度指标值 {judged.indicator.target_text} 怎么都能完成，没有约束。",
                at="target",
                explain=judged.judgement.explain,
                suggestion="参照上年实际，定一个有约束的指标值。",
            )


@rule(
    "PE405",
    "targets.overshoot",
    "warning",
    "超额完成较多，没有说明原因",
    basis="完成值明显超过指标值的，应分析原因",
    forms=BOTH,
)
def overshoot(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """实际完成值远超年度指标值，没有说明。

    说明：完成值达到指标值的130%（以政策为准）以上、得满分而没有说明原因的，可能是目标定低了；政策规定超额要扣分的，得分高出的也报。
    错误示例：年度指标值≥100人，实际374人，偏差原因为空。
    正确示例：年度指标值≥100人，实际374人，偏差原因写明当年政策放宽、申报人数增加。
    如何改：填写偏差原因，下年调高指标值。
    """
    if "reason" not in form.columns:
        yield Skip("没有偏差原因一栏")
        return
    for judged in rows_of(form, context):
        ratio = judged.judgement.ratio
        explained = explains_row(form, judged, context)
        too_many = _beyond_deduction(judged, context)
        if too_many is not None:
            yield too_many
            continue
        if judged.judgement.outcome != "exceeded" or explained or ratio is None:
            continue
        if scored(form) and not judged.full:
            continue
        yield claim(
            judged,
            f"完成了指标值的 {plain(rounded(ratio * HUNDRED, 0))}%（{judged.indicator.target_text} → {judged.indicator.actual_text}），没有说明原因。",
            explain=judged.judgement.explain,
            suggestion="在偏差原因中说明超额较多的原因；目标定低了的，下年调高。",
            related=() if judged.indicator.reason is None else (judged.indicator.reason.place,),
        )


def _beyond_deduction(judged: Judged, context: Context) -> Claim | None:
    """A score above what the policy leaves of it where a target was far exceeded, whatever the reason."""
    weight, score = judged.numbers
    due, outcome = judged.judgement.due, judged.judgement.outcome
    if outcome != "exceeded" or weight is None or score is None or due is None or due >= weight:
        return None
    if judged.coefficient is not None:
        return None  # PE402 says it
    if score <= due + context.policy.tolerance.due:
        return None
    return claim(
        judged,
        f"超额完成（{judged.indicator.target_text} → {judged.indicator.actual_text}），按所用政策应扣分，应得 {plain(due)} 分，表中得 {plain(score)} 分。",
        at="score",
        expected=plain(due),
        explain=judged.judgement.explain,
        suggestion=f"把得分改为 {plain(due)}，在偏差原因中说明超额较多的原因。",
    )


@rule(
    "PE406",
    "targets.unexplained",
    "warning",
    "扣了分，没有说明原因",
    basis="没有得满分的指标应说明偏差原因及改进措施",
    forms=BOTH,
)
def unexplained(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """得分低于分值而偏差原因为空。

    说明：每个没有得满分的指标都要在偏差原因中写明原因和改进措施，“无”“/”“—”不算。
    错误示例：分值10，得分9，偏差原因为空。
    正确示例：分值10，得分9，偏差原因写明受场地限制、下半年才开展，下年提前安排。
    如何改：填写扣分原因和改进措施；没有理由扣分的，改为满分并改总分。
    """
    if "reason" not in form.columns:
        yield Skip("没有偏差原因一栏")
        return
    if not scored(form):
        yield NO_SCORES
        return
    for judged in rows_of(form, context):
        weight, score = judged.numbers
        if weight is None or score is None or not 0 <= score < weight or explains_row(form, judged, context):
            continue
        if _above_due(judged, context):
            continue  # PE402 says it
        yield claim(
            judged,
            f"分值 {plain(weight)}，得分 {plain(score)}，扣了 {plain(weight - score)} 分，没有说明原因。",
            at="score",
            expected=f"{plain(weight)}，或填写偏差原因",
            suggestion="在偏差原因中写明扣分原因和改进措施。",
            related=() if judged.indicator.reason is None else (judged.indicator.reason.place,),
        )


@rule(
    "PE407",
    "targets.kind",
    "warning",
    "定性与定量混用",
    basis="定性指标用文字、定量指标用数字说明完成情况",
    forms=BOTH,
)
def kind(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """定性的目标用数字回答，或定量的目标用文字回答。

    说明：指标值是文字的，完成值也用文字说明；指标值是数字的，完成值要填数字。按时、已完成可以回答期限。
    错误示例：年度指标值“提升工作效率”，实际完成值100%。
    正确示例：年度指标值“有效提升”，实际完成值“有效提升”。
    如何改：把完成值改为与指标值同类的说法，或把指标改成可量化的。
    """
    told = told_as_completion(form, context)
    for judged in rows_of(form, context):
        clash = judged.judgement.clash
        if clash is None or judged in told or answers_without_survey(judged, context.policy):
            continue
        text = (
            "指标值是文字，实际完成值却是数字"
            if clash == "number_for_words"
            else "指标值是数字，实际完成值却是文字"
        )
        yield claim(
            judged,
            f"{text}（{judged.indicator.target_text} → {judged.indicator.actual_text}）。",
            explain=judged.judgement.explain,
            suggestion="把完成值改为与指标值同类的说法。",
        )


@rule(
    "PE408",
    "targets.bound",
    "info",
    "实际完成值填的是范围，不是实际数",
    basis="实际完成值应填实际数",
    forms=BOTH,
)
def bound(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """实际完成值带≤、≥、以内等。

    说明：实际完成值应是量出来的数，带“≤”“以内”说明没有填实际数。符号写在完成值、指标值反而没有符号的，多半是两格填反了，要核实。
    错误示例：年度指标值≤4.5%，实际完成值≤3.5%。
    正确示例：年度指标值≤4.5%，实际完成值3.5%。
    如何改：填实际完成的数。
    """
    for judged in context.judged(form):
        if is_value_name(judged.indicator):
            continue  # its columns are shifted; where only the name is a deadline, they are not
        if not judged.judgement.actual_is_bound or judged.judgement.outcome == "unit_mismatch":
            continue
        if _exchanged(judged):
            yield claim(
                judged,
                f"的年度指标值填 {judged.indicator.target_text}，没有符号，实际完成值填 {judged.indicator.actual_text}，却带符号，多半是两格填反了。",
                explain="符号是目标的要求，应写在年度指标值里；完成值是量出来的数。",
                suggestion="填反了的，把两格对调；没有填反的，完成值改填实际数。",
                severity="warning",
            )
        else:
            yield claim(
                judged,
                f"的实际完成值 {judged.indicator.actual_text} 是一个范围，不是实际数。",
                suggestion="填实际完成的数。",
            )


#: Signs proper, as a target carries them; 60天内 may well be how a clerk puts what was done.
_SIGNS = re.compile("^(≥|≤|>|<|不低于|不少于|不高于|不超过)")


def _exchanged(judged: Judged) -> bool:
    """Whether the sign stands in the actual and the target is the figure that satisfies it: 62.3% → ≥62%."""
    target, actual = judged.judgement.target, judged.judgement.actual
    if target.kind != "number" or target.explicit or _SIGNS.match(actual.text) is None:
        return False
    if target.dimension != actual.dimension or actual.direction not in ("floor", "ceiling"):
        return False
    return target.base > actual.base if actual.direction == "floor" else target.base < actual.base


@rule(
    "PE409",
    "targets.not_understood",
    "info",
    "指标值或完成值看不懂",
    basis="指标值和完成值应写清符号、数值、单位",
    forms=BOTH,
)
def not_understood(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """不能判断是否完成的写法。

    说明：一边是数量、另一边的写法判断不了，请人工看一下；程序不作判断。
    错误示例：年度指标值“约三成左右到位”，实际完成值“30”。
    正确示例：年度指标值≥30%，实际完成值30%。
    如何改：写清符号、数值和单位。
    """
    told = told_as_completion(form, context)
    for judged in rows_of(form, context):
        judgement = judged.judgement
        if judgement.outcome == "unparseable" and judgement.clash is None and judged not in told:
            target, actual = clean(judged.indicator.target_text), clean(judged.indicator.actual_text)
            yield claim(
                judged,
                f"的指标值“{short(target, QUOTED)}”与完成值“{short(actual, QUOTED)}”不能自动比较，请人工核对。",
                explain=judgement.explain,
                suggestion="写清符号、数值和单位。",
            )


@rule(
    "PE410",
    "targets.direction",
    "warning",
    "指标值的方向与指标性质相反",
    basis="正向指标用≥，反向指标用≤",
    forms=BOTH,
)
def direction(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """≥、≤与指标性质相反。

    说明：满意度、合格率、覆盖率越高越好，应用≥；失业率、事故、投诉、发病率越低越好，应用≤。
    错误示例：群众满意度 ≤95%。
    正确示例：群众满意度 ≥95%。
    如何改：改正符号。
    """
    for judged in rows_of(form, context):
        if is_turned_round(judged):
            wanted = "越低越好，应用“≤”。" if wants_less(judged) else "越高越好，应用“≥”。"
            yield claim(
                judged,
                f"的年度指标值 {judged.indicator.target_text} 方向反了：这类指标{wanted}",
                at="target",
                suggestion="改正指标值的符号。",
            )


@rule(
    "PE411",
    "targets.twice",
    "warning",
    "同一指标在一张表里出现多次",
    basis="同一指标在一张表中应只有一个数",
    forms=BOTH,
)
def twice(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """一张表里同名的指标。

    说明：同一组里名称、指标值、完成值、分值都相同的，是重复填报；指标值相同而完成值不同的，自相矛盾；只是同名多次的，提示看一下名称是否应当分开。
    错误示例：培训人数两行，指标值都是400人，完成值一行447人、一行474人。
    正确示例：培训人数（城镇）、培训人数（农村）分开写。
    如何改：删去重复的，或把名称写具体。
    """
    named: dict[str, list[Judged]] = {}
    for judged in rows_of(form, context):
        name = clean(judged.indicator.name.text)
        if name:
            named.setdefault(name, []).append(judged)
    for name, alike in named.items():
        if len(alike) > 1:
            yield _same_name(name, alike)


def _same_name(name: str, alike: list[Judged]) -> Claim:
    """What is to be said of rows of one name, by what else they have in common."""
    where = alike[0]
    text, severity = "，请确认是不是不同的指标。", "info"
    grouped = [(first, other) for index, first in enumerate(alike) for other in alike[index + 1 :]]
    if not GENERIC.match(name):
        targets = {clean(judged.indicator.target_text) for judged in alike}
        actuals = {clean(judged.indicator.actual_text) for judged in alike}
        copied = next((other for first, other in grouped if _copied(first, other)), None)
        if copied is not None:
            where, severity = copied, "warning"
            text = "，同一组里指标值、完成值、分值都相同，是重复填报。"
        elif len(targets) == 1 and len(actuals) > 1:
            text, severity = "，指标值相同、完成值不同，互相矛盾。", "warning"
    return claim(
        where,
        f"在本表出现 {len(alike)} 次{text}",
        at="name",
        suggestion="删去重复的，或把名称写具体。",
        severity=cast(Severity, severity),
        related=[judged.indicator.name.place for judged in alike if judged is not where],
    )


def _copied(first: Judged, other: Judged) -> bool:
    """Two rows of one level-2 group that say the same in every cell that counts."""
    same = first.indicator.level1, first.indicator.level2, first.numbers[0]
    return (
        same == (other.indicator.level1, other.indicator.level2, other.numbers[0])
        and clean(first.indicator.target_text) == clean(other.indicator.target_text) != ""
        and clean(first.indicator.actual_text) == clean(other.indicator.actual_text) != ""
    )


_PASSED = re.compile(
    r"(?:通过|合格|达标|完成|满意|办结|入学|覆盖)(\d+(?:\.\d+)?)(人次|人|件|户|个|份|起|家|场|次)"
)
#: A clause that claims success and nothing else.
_DONE = re.compile(
    "(?:已|均已|已经|全部|已全部|超额|圆满|按时|按期|如期|顺利)+(?:完成|达标|达到|实现)(?:年度|全年|预期|既定)?(?:目标|任务|指标|计划|工作)*"
)
_CLAUSES = re.compile("[,，.。;；、]")


def _says_done(reason: str) -> bool:
    """Whether a reason claims that all was done, and names nothing that was not."""
    return not _FAILED.search(reason) and any(_DONE.fullmatch(clause) for clause in _CLAUSES.split(reason))


_SHARE_NAME = re.compile("(通过率|合格率|达标率|完成率|满意率|办结率|入学率|覆盖率|率)$")


@rule(
    "PE412",
    "targets.remark_contradicts",
    "warning",
    "偏差原因里的数与完成值对不上",
    basis="比率＝备注中的数÷本表同一事项的总数",
    forms=BOTH,
)
def remark_contradicts(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """偏差原因写明的人数、件数，按本表总数折算与完成值不符；没有完成，偏差原因却写已完成。

    说明：没有达到指标值，偏差原因写“已完成”“超额完成”，两者矛盾。偏差原因里写“通过270人”，本表同一事项的总数是374人，通过率应为72.2%，填100%就自相矛盾。只在同一张表能找到总数时检查。
    错误示例：职称评定数374人，职称评定通过率填100%，偏差原因写“通过270人”。
    正确示例：职称评定数374人，职称评定通过率填72.2%，偏差原因写“通过270人”。
    如何改：核对人数，按实际改正完成值或偏差原因。
    """
    if "reason" not in form.columns:
        yield Skip("没有偏差原因一栏")
        return
    rows = list(rows_of(form, context))
    for judged in rows:
        if (
            judged.judgement.outcome == "not_met"
            and not judged.judgement.at_bound
            and _says_done(judged.reason)
        ):
            yield claim(
                judged,
                f"没有达到指标值（{judged.indicator.target_text} → {judged.indicator.actual_text}），偏差原因却写“{short(judged.reason, QUOTED)}”。",
                at="reason",
                explain=judged.judgement.explain,
                suggestion="核对完成值；确实没有完成的，写明没有完成的原因。",
            )
            continue
        remark = judged.indicator.reason
        actual, passed = judged.judgement.actual, _PASSED.search(clean(remark.text)) if remark else None
        if passed is None or actual.value is None or actual.dimension != "share":
            continue
        stem = _SHARE_NAME.sub("", clean(judged.indicator.name.text))
        wholes = [
            other
            for other in rows
            if other is not judged
            and len(stem) >= 2
            and clean(other.indicator.name.text).startswith(stem)
            and other.judgement.actual.unit == passed[2]
            and other.judgement.actual.value
        ]
        if len(wholes) != 1:
            continue
        whole = wholes[0].judgement.actual.value
        assert whole is not None
        share = Decimal(passed[1]) / whole * HUNDRED
        if share <= HUNDRED and abs(share - actual.value) > 1:
            yield claim(
                judged,
                f"偏差原因写“{passed[0]}”，本表总数是 {wholes[0].indicator.actual_text}，折合 {plain(rounded(share, 1))}%，完成值却填 {judged.indicator.actual_text}。",
                at="reason",
                expected=f"{plain(rounded(share, 1))}%",
                explain=f"{passed[1]} ÷ {plain(whole)} = {plain(rounded(share, 1))}%",
                suggestion="核对人数，按实际改正完成值或偏差原因。",
                related=(wholes[0].indicator.actual.place,),
            )


@rule(
    "PE413",
    "targets.late",
    "error",
    "超过期限才完成，却得满分",
    basis="时效指标应在规定期限内完成",
    forms=BOTH,
)
def late(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """完成日期晚于规定期限，或日期不在本年度。

    说明：完成日期晚于指标规定的期限，不应得满分；指标值、完成值中的年份不是本年度的，提示看一下（跨年项目除外）。
    错误示例：年度指标值2023年10月底前，实际2023年12月完成，得满分。
    正确示例：年度指标值2023年12月底前，实际2023年12月完成。
    如何改：核对日期；确实晚了的，扣分并说明原因。
    """
    for judged in rows_of(form, context):
        if judged.judgement.late and (judged.full or not scored(form)):
            yield claim(
                judged,
                f"要求 {judged.indicator.target_text}，实际 {judged.indicator.actual_text}，超过了期限"
                + ("，却得了满分。" if judged.full else "。"),
                explain=judged.judgement.explain,
                suggestion="核对日期；确实晚了的，扣分并说明原因。",
                severity=None if judged.full else "warning",
            )
        elif form.year is not None and (year := _other_year(judged, form.year)) is not None:
            yield claim(
                judged,
                f"写的是 {year} 年，本表是 {form.year} 年度，请确认。",
                severity="warning" if _done_before(judged, form.year) else "info",
                suggestion="核对年份；跨年项目可以不改。",
                related=(form.title.place,) if str(form.year) in form.title.text else (),
            )


def _done_before(judged: Judged, year: int) -> bool:
    """Whether something was done before the form's year that was to be done in it."""
    target, actual = judged.judgement.target, judged.judgement.actual
    if target.date is None or actual.date is None or target.date[0] not in (0, year):
        return False
    return 0 < actual.date[0] < year


_YEAR = re.compile(r"(20\d\d)年")


def _other_year(judged: Judged, year: int) -> int | None:
    found = [
        int(text)
        for text in _YEAR.findall(clean(judged.indicator.target_text + "；" + judged.indicator.actual_text))
    ]
    if year in found:  # a year beside the form's own is a span, but not a date of completion before it
        return (
            judged.judgement.actual.date[0]
            if judged.judgement.actual.date and _done_before(judged, year)
            else None
        )
    return next(iter(found), None)


_FAILED = re.compile("未完成|没有完成|未达到|未达标|未开展|尚未|未能|未实施|没有开展|滞后")


@rule(
    "PE414",
    "targets.remark_failed",
    "info",
    "指标已完成，偏差原因却说没有完成",
    basis="偏差原因应与完成情况一致",
    forms=BOTH,
)
def remark_failed(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """完成值达到指标值，偏差原因却写没完成。

    说明：完成值已达到指标值，偏差原因又写“未完成”“尚未开展”，两者矛盾。
    错误示例：指标值4个月，完成值4个月，偏差原因写“尚未启动”。
    正确示例：指标值4个月，完成值4个月，偏差原因为空。
    如何改：核对完成值，或改正偏差原因。
    """
    for judged in rows_of(form, context):
        if judged.judgement.outcome in ("met", "exceeded") and judged.full and _FAILED.search(judged.reason):
            if says_unfinished(judged, context.policy):
                continue  # PE422 says it
            yield claim(
                judged,
                f"已达到指标值（{judged.indicator.target_text} → {judged.indicator.actual_text}），偏差原因却写“{short(judged.reason, QUOTED)}”。",
                at="reason",
                suggestion="核对完成值，或改正偏差原因。",
            )
