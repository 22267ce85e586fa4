"""PE415, PE416, PE420, PE422, PE424: what the reason column and the answers say, and whether they say anything."""

from __future__ import annotations

from collections.abc import Iterator

from perfeval_xl import patterns as re
from perfeval_xl.equations import HUNDRED, rounded
from perfeval_xl.forms.records import Field, IndicatorForm
from perfeval_xl.grid import Place
from perfeval_xl.policy import Policy
from perfeval_xl.rules.cells import short, shown
from perfeval_xl.rules.context import Context, Judged, real_reason
from perfeval_xl.rules.directions import is_doubted
from perfeval_xl.rules.phrases import bare, is_stock
from perfeval_xl.rules.reasons import explains_row
from perfeval_xl.rules.registry import Claim, Result, Skip, rule
from perfeval_xl.text import clean, plain

from .rows import BOTH, NO_SCORES, QUOTED, claim, rows_of, scored


@rule(
    "PE415",
    "targets.missed_unexplained",
    "warning",
    "没有完成，没有说明原因（不计分的表）",
    basis="未完成的指标应说明原因",
    forms=BOTH,
)
def missed_unexplained(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """不计分的表里，没有达到指标值而未完成原因为空。

    说明：转移支付等不计分的自评表有“未完成原因和改进措施”一栏，没有达到年度指标值的都要填写。计分的表由其他规则检查。
    错误示例：年度指标值≥10个，实际完成8个，未完成原因为空。
    正确示例：年度指标值≥10个，实际完成8个，未完成原因写明两个项目因征地推迟到下年。
    如何改：填写没有完成的原因和改进措施；没有填对的，改正指标值或完成值。
    """
    if "score" in form.columns:
        yield Skip("本表计分", "not_due")
        return
    if "reason" not in form.columns:
        yield Skip("没有偏差原因一栏")
        return
    for judged in rows_of(form, context):
        reason = judged.indicator.reason
        covered = reason is not None and reason.covered
        if judged.judgement.outcome != "not_met" or covered or explains_row(form, judged, context):
            continue
        if judged.judgement.at_bound or is_doubted(judged, context.policy):
            continue
        yield claim(
            judged,
            f"年度指标值 {judged.indicator.target_text}，实际完成 {judged.indicator.actual_text}，没有完成，也没有说明原因。",
            expected=judged.indicator.target_text,
            explain=judged.judgement.explain,
            suggestion="填写没有完成的原因和改进措施。",
            related=() if reason is None else (reason.place,),
        )


# -- reasons that give none -----------------------------------------------------------------------------------


def _merged(form: IndicatorForm, field: Field, context: Context) -> bool:
    """Whether a cell is merged over several rows: one reason then stands for them all."""
    row, column = field.place.row, field.place.column
    return any(
        area.top <= row <= area.bottom and area.left <= column <= area.right and area.top != area.bottom
        for grid in context.grids
        if grid.sheet == form.sheet
        for area in grid.merges
    )


def _reasons_due(form: IndicatorForm, context: Context) -> Iterator[tuple[Field, str, str]]:
    """Each reason that is asked for: its cell, its text, what of."""
    for judged in rows_of(form, context):
        weight, score = judged.numbers
        lost = weight is not None and score is not None and score < weight
        missed = judged.judgement.outcome == "not_met" and not scored(form)
        far = judged.judgement.outcome == "exceeded" and (judged.full or not scored(form))
        if judged.indicator.reason is not None and judged.reason and (lost or missed or far):
            what = judged.indicator.name.text or "（无名称）"
            yield judged.indicator.reason, judged.reason, f"“{what}”"
    total = form.funds.total if form.funds is not None else None
    executed, budget = form.amount("executed"), form.amount("budget")
    cell = total.cells.get("reason") if total is not None else None
    if cell is None or executed is None or budget is None or executed.number is None or not budget.number:
        return
    if real_reason(cell) and executed.number / budget.number * HUNDRED < context.policy.execution_floor:
        yield cell, real_reason(cell), "执行率"


@rule(
    "PE416",
    "targets.stock_reason",
    "warning",
    "偏差原因是套话，没有说出原因",
    basis="偏差原因应写明具体原因",
    forms=BOTH,
)
def stock_reason(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """应当说明原因的地方只写了“其他”“加强管理”之类。

    说明：扣了分、超额较多、执行率偏低的，要写明具体原因。只写“其他”“客观原因”等于没写；只写“下一步加强管理”是措施不是原因，提示；同一句套话用在三行以上，要核实。
    错误示例：扣了3分，偏差原因写“其他”。
    正确示例：扣了3分，偏差原因写“受疫情影响少办2期，下一步加强管理”。
    如何改：写明具体原因：什么事、差多少、为什么。
    """
    if "reason" not in form.columns and (form.funds is None or "reason" not in form.funds.columns):
        yield Skip("没有偏差原因一栏")
        return
    stock: dict[str, list[tuple[Field, str]]] = {}
    for field, text, what in _reasons_due(form, context):
        if _merged(form, field, context):
            continue
        if bare(text) in context.policy.words.no_reason:
            yield _says_nothing(field, what, "等于没有说明原因。", "写明具体原因：什么事、差多少、为什么。")
        elif is_stock(text, context.policy):
            stock.setdefault(bare(text), []).append((field, what))
    for places in stock.values():
        (field, what), *others = places
        if len(places) >= 3:
            text = f"是套话，同一句还用在另外 {len(others)} 行，没有说出各自的原因。"
            related = tuple(other.place for other, _ in others)
            yield _says_nothing(field, what, text, "逐行写明具体原因。", related=related)
            continue
        for one, name in places:
            yield _says_nothing(
                one, name, "是套话，只有措施，没有原因。", "先写明具体原因，再写措施。", info=True
            )


def _says_nothing(
    field: Field, what: str, text: str, advice: str, *, related: tuple[Place, ...] = (), info: bool = False
) -> Claim:
    return Claim(
        field.place,
        f"{what}的偏差原因“{short(shown(field), QUOTED)}”{text}",
        actual=shown(field),
        suggestion=advice,
        related=related,
        severity="info" if info else None,
        label=what,
        figures=(clean(field.text),),
    )


# -- satisfaction without a survey ----------------------------------------------------------------------------


def answers_without_survey(judged: Judged, policy: Policy) -> bool:
    """A satisfaction indicator answered by the absence of complaints; one that counts complaints is another thing."""
    name, actual = clean(judged.indicator.name.text), clean(judged.indicator.actual_text)
    about = "满意" in name or ("满意" in judged.indicator.level2 and "投诉" not in name)
    if not about or "投诉" in name or "投诉" in judged.indicator.target_text:
        return False
    return any(word in actual for word in policy.words.no_survey)


@rule(
    "PE420",
    "targets.no_survey",
    "warning",
    "满意度没有调查就作答",
    basis="满意度应由调查得出",
    forms=BOTH,
)
def no_survey(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """满意度用“无投诉”“未调查”回答。

    说明：满意度要靠问卷或回访量出来，没有投诉不等于满意。本身就统计投诉的指标除外。
    错误示例：群众满意度≥95%，实际完成值“未收到投诉”。
    正确示例：群众满意度≥95%，实际完成值96.3%（发放问卷300份）。
    如何改：补做调查，填调查得出的满意度，并注明样本数；没有调查的，如实写明并扣分。
    """
    for judged in rows_of(form, context):
        if answers_without_survey(judged, context.policy):
            yield claim(
                judged,
                f"以“{short(clean(judged.indicator.actual_text), QUOTED)}”回答满意度，没有调查得出的数。",
                expected=judged.indicator.target_text,
                suggestion="填调查得出的满意度并注明样本数；没有调查的，如实写明。",
            )


# -- not finished, yet full marks -----------------------------------------------------------------------------

_NOT_UNFINISHED = re.compile("(?:无|没有|不存在|不再|杜绝|避免).{0,3}$")
#: Money held back until later, and stages of what takes several years, are no shortfall of the year's work.
_HELD_BACK = re.compile(
    "尾款|质保金|保证金|余款|质量保证|跨年|跨年度|分年|多年|一期|二期|三期|首期|下期|年度任务已|阶段"
)


def says_unfinished(judged: Judged, policy: Policy) -> bool:
    """Whether the reason or a remark says that it is not finished, accepted or paid."""
    texts = (
        judged.reason,
        *(clean(field.text) for role, field in judged.indicator.extra.items() if role == "remark"),
    )
    for text in texts:
        if _HELD_BACK.search(text):
            continue
        for word in policy.words.unfinished:
            at = text.find(word)
            if at >= 0 and not _NOT_UNFINISHED.search(text[:at]):
                return True
    return False


@rule(
    "PE422",
    "targets.unfinished_full",
    "warning",
    "备注说没有做完，却得满分",
    basis="未完成的指标不应得满分",
    forms=BOTH,
)
def unfinished_full(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """偏差原因或备注写待验收、尚在实施、未完工、未支付，得分却是满分。

    说明：备注说明还没有做完的，数量、质量指标不应得满分。尾款、质保金，跨年度项目的阶段不算；“无未完工项目”不算。
    错误示例：完成值1个，得满分，偏差原因写“待验收”。
    正确示例：完成值1个，得满分，偏差原因为空；或写“待验收”并扣分。
    如何改：没有做完的按完成程度扣分；已经做完的改正偏差原因。
    """
    if not scored(form):
        yield NO_SCORES
        return
    for judged in rows_of(form, context):
        if judged.full and says_unfinished(judged, context.policy):
            yield claim(
                judged,
                f"得了满分，偏差原因却写“{short(judged.reason, QUOTED)}”。",
                at="reason",
                suggestion="没有做完的按完成程度扣分；已经做完的改正偏差原因。",
            )


# -- targets that low -----------------------------------------------------------------------------------------


@rule(
    "PE424",
    "targets.too_low",
    "info",
    "完成值远超指标值，指标值定得过低",
    basis="指标值应参照上年实际确定",
    forms=BOTH,
)
def too_low(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """完成值达到指标值的两倍以上，写了原因也说明目标定低了。

    说明：超额较多写明原因的，不再追问；达到指标值的200%（以政策为准）以上，说明指标值过低，下年应当调高。
    错误示例：年度指标值≥10%，实际115.25%。
    正确示例：年度指标值≥100%，实际115.25%。
    如何改：下年参照本年实际确定指标值。
    """
    for judged in rows_of(form, context):
        ratio = judged.judgement.ratio
        asked = "reason" in form.columns and not judged.reason  # PE405 asks for the reason
        if judged.judgement.outcome != "exceeded" or ratio is None or asked:
            continue
        if ratio * HUNDRED > context.policy.overshoot.reason_excuses_to:
            yield claim(
                judged,
                f"完成了指标值的 {plain(rounded(ratio * HUNDRED, 0))}%（{judged.indicator.target_text} → {judged.indicator.actual_text}），指标值定得过低。",
                explain=judged.judgement.explain,
                suggestion="下年参照本年实际确定指标值。",
            )
