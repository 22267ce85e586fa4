"""PE601, PE604 and PE605: amounts, completion rates and counts of a text, and of the goals cells of 附件2 and 附件3, against the
forms.

What is compared is declared as arithmetic, so that the text speaks for the cells it agrees with; a claim is only made where it
is not certain which of several cells a figure contradicts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from perfeval_xl import patterns as re
from perfeval_xl.equations import HALF, HUNDRED, Leeway, Ratio, Term, quantum
from perfeval_xl.findings import Severity
from perfeval_xl.prose import Figure, core
from perfeval_xl.records import replace
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Result, rule
from perfeval_xl.text import clean

from .measures import (
    FUNDS,
    NO_TEXT,
    amount_statements,
    family,
    indicators_named,
    indicators_of,
    passages_of,
    stated_by,
    text_term,
)
from .quoted import compared, quoted, source, term_of
from .stated import Passage, Reached, Statement, indicator_names, passages

# -- amounts --------------------------------------------------------------------------------------------------


@rule(
    "PE601",
    "narrative.amounts",
    "error",
    "报告写的金额与表不符",
    basis="自评报告中的金额应与附件1、附件2、附件3一致",
)
def text_amounts(context: Context) -> Iterator[Result]:
    """自评报告里的金额与表里的金额核对。

    说明：报告提到的基本支出、公用经费、项目支出、各个项目、“三公”经费、基金等金额，应与表中同名的金额一致。只比较同一年度、同一口径的数：预算与预算比，决算与决算比；上年数、增减数和名称说不准的不比。“约、余、左右”按取整看待。
    错误示例：附件2基本支出360.71，报告写“基本支出306.71万元”。
    正确示例：附件2基本支出360.71，报告写“基本支出360.71万元”。
    如何改：对照决算报表，报告写错的改报告，表填错的改表。
    """
    if not passages(context):
        yield NO_TEXT
        return
    for passage in passages_of(context, "report", "achieved"):
        for index, figure in enumerate(passage.figures):
            found = amount_statements(passage, index, context)
            if any(item.role in FUNDS and not (figure.value and item.value) for item in found):
                continue
            severity: Severity = "warning" if passage.roles[index] == "total" else "error"
            yield from compared("PE601", passage, figure, found, severity, "口径不同的，在报告里写明。")


# -- indicators -----------------------------------------------------------------------------------------------


_TASK = r"(?:(?:超额)?(?:完成|占|达到|达|实现|为|到)|已|共|均|全年|年度|年初|全市|全区|全县|市|区|县|省|上级|下达|既定|预定|计划|总|考核|的|数|值|量|目标|任务|指标|比例|率|比)*"
_COMPLETION = re.compile(
    rf"(?P<front>.*?)(?P<task>(?:完成|占|达|实现|超)?{_TASK}(?:目标|任务|计划|指标|完成率){_TASK})$"
)


#: The task is another body's, and may be another figure than the form's target.
_OTHERS_TASK = re.compile("[省市区县]|上级|下达|考核")


#: A task named by what is done (完成年度开发任务的), as the count in front of it is (开发公益性岗位2272个).
_OWN_TASK = re.compile(r"(?:完成|实现)(?:年度|全年|年)?(?P<own>[^完成]{2,4})$")


def _completion(name: str) -> tuple[str, str] | None:
    """What a share of the task is of: the words in front of "完成目标任务的", "" for the figure before it, and the word that
    a task of its own shares with that figure's name."""
    match = _COMPLETION.match(clean(name))
    if match is None:
        return None
    if re.search("完成|占|达|实现", match["task"]):
        return match["front"], ""
    own = _OWN_TASK.match(match["front"])
    return ("", own["own"]) if own is not None else None


@rule(
    "PE604",
    "narrative.completion",
    "error",
    "报告写的完成比例与表不符",
    basis="完成比例＝实际完成值÷年度指标值",
)
def completions(context: Context) -> Iterator[Result]:
    """报告里“完成目标任务的百分之几”与指标核对。

    说明：报告写某项工作完成目标任务的百分之几，应等于表中该指标的实际完成值除以年度指标值。按写出的位数四舍五入，只舍不入的也算对。
    错误示例：创业培训指标值400人，完成447人，报告写“完成目标任务的149%”。
    正确示例：创业培训指标值400人，完成447人，报告写“完成目标任务的112%”。
    如何改：按表中的指标值重算，改正报告；指标值填错的改表。
    """
    if not passages(context):
        yield NO_TEXT
        return
    for passage in passages_of(context, "report", "achieved"):
        for index, figure in enumerate(passage.figures):
            counted = _counted(passage, index, context) if figure.dimension == "share" else None
            if counted is None or figure.year not in (None, context.year):
                continue
            count, found = counted
            said = text_term(passage, count, context) if count is not None else None
            first = figure if count is None else passage.figures[count]
            yield from _completed(passage, figure, said, first, found)


def _counted(passage: Passage, index: int, context: Context) -> tuple[int | None, list[Reached]] | None:
    """The index of the count that a share of the task stands behind, and the indicators it is a count of."""
    figure = passage.figures[index]
    completion = _completion(figure.name)
    if completion is None or figure.bound == "ceiling":
        return None
    front, own = completion
    if len(core(front)) >= 2:
        named = (
            pair
            for kind in indicator_names(context)
            if kind != "share"
            for pair in indicators_named(front, kind, context)
        )
        return None, [item for rate, item in named if rate == 1.0 and _is_visible(item, passage)]
    for before in range(index - 1, max(-1, index - 3), -1):
        other = passage.figures[before]
        between = passage.prose.text[other.end : figure.start]
        if other.sentence != figure.sentence or re.search("[;；]", between):
            return None
        if other.dimension == "count" and "plan" not in other.scope and own in other.name:
            return before, indicators_of(passage.names[before], other, passage, context)
    return None


def _is_visible(item: Reached, passage: Passage) -> bool:
    return passage.kind == "report" or item.form is passage.form


def _completed(
    passage: Passage, figure: Figure, count: Term | None, first: Figure, found: Sequence[Reached]
) -> Iterator[Ratio]:
    """That a share of the task is what an indicator reached of its target.

    Where the text's own count fits its share and the indicator's does not, the text agrees with itself: its two figures
    are tied to each other, and PE605 says that its count is not the indicator's.
    """
    added = HUNDRED if "超" in figure.name and figure.value < HUNDRED else Decimal(0)
    rate = term_of(passage, figure, added=added, quote=quoted(passage, first, figure))
    leeway = share_leeway(figure)
    ratios: list[Ratio] = []
    for item in found:
        target = _target(item)
        if target is None:
            continue
        ratio = _completion_ratio(passage, figure, item, rate, target, leeway)
        if count is not None and ratio.check() != "holds":
            own = replace(ratio, numerator=count)
            if own.check() == "holds":
                yield own
                return
        ratios.append(ratio)
    holding = [ratio for ratio in ratios if ratio.check() == "holds"]
    yield from holding or [ratio for ratio in ratios if ratio.exact == ratios[0].exact]


def _target(item: Reached) -> Statement | None:
    """What an indicator aims at, where a share of it can be told."""
    target = item.judged.judgement.target
    if target is None or target.kind != "number" or not target.base or target.growth or target.per:
        return None
    return item.aimed if family(target.unit) == family(item.actual.unit) else None


def _completion_ratio(
    passage: Passage, figure: Figure, item: Reached, rate: Term, target: Statement, leeway: Leeway
) -> Ratio:
    assert rate.quotation is not None
    ratio = Ratio(
        "PE604", passage.form.caption, rate, item.reached.term, target.term, "完成比例", leeway=leeway
    )
    return replace(
        ratio,
        severity="warning" if _OTHERS_TASK.search(clean(figure.name)) else "error",
        words=f"{source(passage)}写{rate.quotation.sentence}，{item.label}指标值 {target.field.text}、"
        f"完成 {item.reached.field.text}，完成比例是 {ratio.expected}",
    )


def share_leeway(figure: Figure) -> Leeway:
    """By how many points an exact share may be more than one as written: rounded, cut off, or a bound."""
    unit = quantum(figure.decimals)
    if figure.bound == "floor":
        return -unit * HALF, None
    if figure.bound == "ceiling":
        return None, Decimal(0)
    if figure.bound == "about":
        return Decimal(-10), Decimal(10)
    return -unit * HALF, unit - quantum(figure.decimals + 6)


@rule(
    "PE605",
    "narrative.counts",
    "warning",
    "报告写的完成数与指标的实际完成值不符",
    basis="自评报告、目标完成情况中的数应与指标的实际完成值一致",
)
def counts(context: Context) -> Iterator[Result]:
    """报告和目标完成情况里的数量、比率与同名指标的实际完成值核对。

    说明：报告、预期目标、实际完成情况里写的数，与表中同名、同单位的指标核对。名称说的不是同一件事（就业率与完成率、全部招聘人数与本项目招聘人数）、计划数、上年数、增减数都不比。预期目标里的数等于指标值或完成值都可以。
    错误示例：信访交办件完成55件，报告写“回复各级信访办件57件”。
    正确示例：信访交办件完成55件，报告写“回复各级信访办件55件”。
    如何改：核对工作台账，改正写错的一处；口径不同的，在报告里写明。
    """
    if not passages(context):
        yield NO_TEXT
        return
    for passage in passages_of(context, "report", "achieved", "expected"):
        for index, figure in enumerate(passage.figures):
            if figure.dimension == "money" and amount_statements(passage, index, context):
                continue
            found = stated_by(passage, index, context)
            yield from compared(
                "PE605",
                passage,
                figure,
                found,
                "warning",
                "不是同一个数、口径不同的，在报告里写明。",
                verb="是",
            )
