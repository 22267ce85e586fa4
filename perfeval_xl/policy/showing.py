"""A policy in plain Chinese, for ``perfeval-xl policy``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from perfeval_xl.forms.records import FORM_WORD
from perfeval_xl.text import plain

from .records import Execution, Policy

_PROOF = {
    "seen": "已见公开引用",
    "memory": "凭公开文件记忆，未逐字核对",
    "derived": "由算术得出",
    "convention": "本工具约定",
}
_SEVERITY = {"error": "错误", "warning": "核实", "info": "提示", "off": "不检查"}

_WORDS = {
    "口号式的指标值": "slogans",
    "说不清的词": "vague",
    "套话": "stock_reasons",
    "不成其为原因": "no_reason",
    "没有做完": "unfinished",
    "没有调查": "no_survey",
    "项目自己花的钱": "project_money",
    "钱多是好事的名目": "money_standards",
}


_OVERSHOOT = {"explain": "要说明原因", "deduct": "按比例扣分", "fixed": "扣 {} 分", "zero": "不得分"}
_ROUNDING = {"round": "四舍五入", "cut": "截断", "half": "退到半分"}
_REVERSE = {"A/B": "得指标值÷完成值", "2-B/A": "得 2－完成值÷指标值", "zero": "不得分"}


def _splits(splits: Iterable[Iterable[Decimal]]) -> str:
    return "；".join("/".join(plain(part) for part in split) for split in splits)


def _execution(execution: Execution) -> str:
    steps = "，".join(f"{plain(step.floor)}%以上得{plain(step.share)}%" for step in execution.steps)
    said = {
        "proportional": "执行率×分值",
        "steps": steps,
        "per_point": f"低于100%的，每个百分点扣 {plain(execution.per_point)} 分",
    }[execution.method]
    return said + (f"；表上没有分值的按 {plain(execution.weight)} 分" if execution.weight else "")


def _earned(policy: Policy) -> Iterator[str]:
    """How a target is scored."""
    missed, scoring = policy.missed, policy.scoring
    steps = "，".join(f"完成{plain(step.floor)}%以上得{plain(step.share)}%" for step in missed.steps)
    none = f"，完成不到{plain(missed.zero_below)}%不得分" if missed.zero_below else ""
    only = f"（只管{'、'.join(missed.scope)}）" if missed.zero_below and missed.scope else ""
    yield "没完成的指标：" + (steps or "按完成比例记分") + none + only
    yield f"算出的得分：{scoring.decimals} 位小数，{_ROUNDING[scoring.rounding]}；越小越好的超了：{_REVERSE[scoring.reverse]}"
    if scoring.coefficient:
        yield "表上有得分系数的：得分＝分值×得分系数"
    if scoring.row_rule_column:
        yield "表上写了指标赋分规则的：按本行的规则记分，不按比例复算"
    if policy.not_applicable == "rescale":
        yield "有不适用指标的：总分＝得分合计÷（全表分值－不适用的分值）×全表分值"


def describe(policy: Policy) -> str:
    """All settings of a policy, one a line, with what they rest on."""
    return "\n".join(_lines(policy))


def _lines(policy: Policy) -> Iterator[str]:
    yield f"{policy.id}  {policy.title}" + (f"（沿用 {policy.inherits}）" if policy.inherits else "")
    valid = policy.valid
    if valid.since or valid.until or valid.region:
        years = f"{valid.since or '…'}—{valid.until or '…'}年度" if valid.since or valid.until else "不限年度"
        yield f"适用：{valid.region or '全国'}，{years}"
    yield "分值结构：" + _splits(policy.splits)
    for kind, splits in policy.by_form.items():
        yield f"{FORM_WORD[kind]}的分值结构：" + _splits(splits)
    yield (
        f"容差：金额 {plain(policy.tolerance.amount)}（按表的单位），分数合计 {plain(policy.tolerance.score)} 分，"
        f"得分高于应得分 {plain(policy.tolerance.due)} 分"
    )
    trust = policy.trust
    yield (
        f"找错时改动的代价：算出的数 {plain(trust.computed)}，录入的数 {plain(trust.typed)}，空格 {plain(trust.empty)}，文字里的数 {plain(trust.narrative)}，"
        f"另有依据的再加 {plain(trust.confirmed)}"
    )
    yield f"执行率下限：{plain(policy.execution_floor)}%"
    yield "执行率得分：" + _execution(policy.execution)
    for cap in reversed(policy.caps):
        yield f"执行率低于 {plain(cap.below)}% 的，总分最高 {plain(cap.most)} 分"
    yield f"预算变动超过 {plain(policy.adjustment_threshold)}% 要说明"
    mode = _OVERSHOOT[policy.overshoot.mode].format(plain(policy.overshoot.points))
    if policy.overshoot.scope and policy.overshoot.mode != "explain":
        mode += f"（只管{'、'.join(policy.overshoot.scope)}）"
    yield f"完成值达到指标值 {plain(policy.overshoot.ratio)}% 的{mode}（十以内的数至少多 {plain(policy.overshoot.min_gap)}）"
    yield f"写了原因的，完成值超过指标值 {plain(policy.overshoot.reason_excuses_to)}% 仍提示"
    yield f"全表分值合计：{plain(policy.weights_total)} 分，一个指标最多 {plain(policy.max_indicator)} 分"
    yield "＜、＞、不含本数：" + ("恰好等于的算没有达到（核实）" if policy.strict else "不区分")
    yield (
        f"钱和结果：执行率低于 {plain(policy.results.floor)}% 而产出全满分，或得分率高出 {plain(policy.results.gap)} 个百分点的要核实"
    )
    for name, words in _WORDS.items():
        yield f"{name}：" + "、".join(getattr(policy.words, words))
    yield "等级：" + "，".join(f"{band.word} ≥{plain(band.floor)}" for band in policy.grades)
    yield "定性档次：" + "，".join(
        f"{band.words[0]} {plain(band.floor)}%—{plain(band.ceiling)}%" for band in policy.degrees
    )
    yield from _earned(policy)
    yield f"三公经费按{'决算数' if policy.sangong_basis == 'final' else '预算数'}比较"
    due = [word for kind, word in FORM_WORD.items() if kind in policy.due]
    yield "必须上报的表：" + ("、".join(due) or "不规定，填了的都检查")
    yield "报告必须有：" + "、".join(policy.narrative_required)
    for group, least in policy.least_groups.items():
        yield f"{group}指标至少 {plain(least)} 个"
    if policy.in_figures:
        yield "指标值要用数字或日期的：" + "、".join(policy.in_figures)
    if policy.required_groups:
        yield "必设指标：" + "、".join(policy.required_groups)
    for code, severity in sorted(policy.severity.items()):
        yield f"{code} 级别改为：{_SEVERITY[severity]}"
    if policy.acceptable:
        yield "写了说明即不计的错误：" + "、".join(sorted(policy.acceptable))
    for code, basis in sorted(policy.basis.items()):
        document = f"，{basis.document}" if basis.document else ""
        yield f"{code} 依据：{basis.text}{document}（{_PROOF[basis.proof]}）"
