"""PE717: a submission that finds nothing to deduct, and an indicator that decides alone."""

from __future__ import annotations

from collections.abc import Iterator

from perfeval_xl.equations import HUNDRED
from perfeval_xl.forms.records import IndicatorForm
from perfeval_xl.rules.cells import shown, stated_total
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, Skip, rule
from perfeval_xl.text import plain

#: So many projects, all with full marks, are no coincidence.
_PROJECTS = 3


@rule(
    "PE717",
    "completeness.praise",
    "info",
    "全部项目满分，或一个指标分值过大",
    basis="自评应客观，分值应合理分布",
)
def praise(context: Context) -> Iterator[Result]:
    """每个项目都是满分；一个指标占的分太多。

    说明：三个以上项目全部满分的，提示看一下自评是否客观；一个指标的分值超过政策规定（默认30分）的，这一个指标就左右了总分。
    错误示例：7个项目自评都是100分；一个满意度指标40分。
    正确示例：各项目按完成情况扣分；效益指标30分分给两个指标。
    如何改：核对各项目有没有应扣未扣的分；把分值分到几个指标上。
    """
    forms = [form for form in (*context.forms.overall, *context.projects) if not context.is_empty(form)]
    if not forms:
        yield Skip("没有绩效自评表")
        return
    yield from _all_full(context)
    for form in forms:
        yield from _too_heavy(form, context)


def _all_full(context: Context) -> Iterator[Claim]:
    totals = [stated_total(form) for form in context.projects]
    full = [total for total in totals if total is not None and total.number == HUNDRED]
    if len(full) < _PROJECTS or len(full) < len(totals):
        return
    first, *others = full
    yield Claim(
        first.place,
        f"{len(full)} 个项目自评全部是满分，没有一处扣分。",
        actual=shown(first),
        suggestion="核对各项目有没有应扣未扣的分。",
        related=tuple(total.place for total in others),
        label="全部满分",
        figures=(str(len(full)),),
    )


def _too_heavy(form: IndicatorForm, context: Context) -> Iterator[Claim]:
    for judged in context.judged(form):
        weight, _ = judged.numbers
        cell = judged.indicator.weight
        if cell is None or weight is None or judged.shifted:
            continue
        if context.policy.max_indicator < weight < HUNDRED:
            yield Claim(
                cell.place,
                f"“{judged.indicator.name.text}”一个指标占 {plain(weight)} 分，超过 {plain(context.policy.max_indicator)} 分。",
                actual=plain(weight),
                expected=f"≤{plain(context.policy.max_indicator)}",
                suggestion="把分值分到几个指标上。",
                related=(judged.indicator.name.place,),
                uses=(cell.place,),
                label=judged.indicator.name.text,
                figures=(plain(weight),),
            )
