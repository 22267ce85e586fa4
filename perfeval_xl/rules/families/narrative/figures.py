"""PE601–PE605, narrative: the report's text, and the goals cells of 附件2 and 附件3, against the forms.

A figure of the text is compared only with what is certainly the same measure: the same name, the same year, the same
side (done or planned), the same kind of unit. What several cells could be meant by is compared with none. What is compared is
declared as arithmetic, so that the text speaks for the cells it agrees with; a claim is only made where it is not
certain which of several cells a figure contradicts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from perfeval_xl.equations import HALF, HUNDRED, Leeway, Ratio, Term, quantum
from perfeval_xl.findings import Severity
from perfeval_xl.forms.records import IndicatorForm
from perfeval_xl.prose import Figure, core, says_spent, scope_of, tables
from perfeval_xl.prose.naming import kind_of, names_whole, variants
from perfeval_xl.rules.cells import GENERIC
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Result, Skip, rule
from perfeval_xl.text import clean

from .quoted import compared, meant, quoted, source, term_of
from .stated import (
    Passage,
    Reached,
    Statement,
    amount_names,
    amounts,
    indicator_names,
    passages,
    reached,
)

_NO_TEXT = Skip("工作簿中没有自评报告，附件2、附件3的目标栏也没有文字")
FUNDS = {"gov_fund": "政府性基金", "state_capital": "国有资本经营", "social_insurance": "社会保险基金"}
#: So many figures to either side are looked at for a name that is shared.
NEAR = 12


# -- which measure a figure is of -----------------------------------------------------------------------------


def is_current(figure: Figure, context: Context) -> bool:
    """The figure is a level of the forms' year: no change, no share of another, no other year."""
    if figure.scope & {"change", "other_year", "each"}:
        return False
    return figure.year is None or context.year is None or figure.year == context.year


def amount_statements(passage: Passage, index: int, context: Context) -> list[Statement]:
    """The statements that an amount of the text must agree with, one of them at least; none where it is not certain."""
    figure = passage.figures[index]
    names = passage.names[index]
    if figure.dimension != "money" or not is_current(figure, context):
        return []
    if not names:
        return _of_the_unit(passage, index, context)
    side = "plan" if _is_planned(passage, index) or passage.kind == "expected" else "done"
    role = passage.roles[index]
    if role is not None:
        known = [item for item in amounts(context) if item.role == role]
        vague = _is_split(passage, index) or _is_part_of_another(passage, index)
        return [] if vague else _on_side(figure, side, known)
    form = passage.form
    if side == "done" and isinstance(form, IndicatorForm) and _is_own_money(passage, index):
        own = form.amount("executed")
        return [item for item in amounts(context) if item.field is own]
    if core(names[0]) in tables.TOO_GENERAL and figure.bracket is None:
        return []
    index_of_names, by_name = amount_names(context)
    rated = [
        (rate, item) for name, rate in index_of_names.alike(names[0]).items() for item in by_name[name]
    ] or [(1.0, item) for item in _own_lines(passage, names[-1], context)]
    best = max((rate for rate, item in rated if item.side == side), default=0.0)
    chosen = [item for rate, item in rated if rate == best]
    return [] if len({core(item.name) for item in chosen}) > 1 else _on_side(figure, side, chosen)


#: Words that name nothing but which of the unit's own figures is meant.
_OWN_COLUMNS = (
    ("年初", "initial"),
    ("全年预算", "budget"),
    ("调整", "budget"),
    ("支出", "executed"),
    ("执行", "executed"),
)


def _of_the_unit(passage: Passage, index: int, context: Context) -> list[Statement]:
    """The unit's own money where a report begins a paragraph with it and names nothing else: 年初预算…，全年预算…，实际支出…."""
    figure, overall = passage.figures[index], context.overall
    sentence = [other for other in passage.figures if other.sentence == figure.sentence]
    bare = all(
        variants(other.name)[:1] and variants(other.name)[0] in tables.QUALIFIERS for other in sentence
    )
    if passage.kind != "report" or overall is None or figure.sentence or len(sentence) < _SEVERAL or not bare:
        return []
    column = next((column for word, column in _OWN_COLUMNS if word in figure.name), "")
    own = overall.amount(column) if column else None
    return [item for item in amounts(context) if own is not None and item.field is own]


#: So many figures a sentence holds at least that speaks of the unit without naming it.
_SEVERAL = 3


def _is_planned(passage: Passage, index: int) -> bool:
    """A plan, or a part of one that does not say it was spent."""
    figure, whole = passage.figures[index], passage.prose.wholes.get(index)
    inherits = whole is not None and "plan" in passage.figures[whole].scope and not says_spent(figure.clause)
    return "plan" in figure.scope or inherits


def _on_side(figure: Figure, side: str, stated: Sequence[Statement]) -> list[Statement]:
    """The statements of a side; none where the text says no side and means the other one, as the figure shows."""
    own = [item for item in stated if item.side == side]
    equal = {item.side for item in stated if item.value == figure.wan}
    return [] if side == "done" and not says_spent(figure.clause) and equal == {"plan"} else own


def _is_part_of_another(passage: Passage, index: int) -> bool:
    """The amount is listed as a part of something that is not the unit's whole money: 住房公积金5万元，其中基本支出5万元."""
    whole = passage.prose.wholes.get(index)
    if whole is None or passage.roles[whole] is not None:
        return False
    return not names_whole(passage.figures[whole].name)


def _own_lines(passage: Passage, name: str, context: Context) -> list[Statement]:
    """In the goals cell of a project: the one 附件1 line that the project is about and whose name holds this one."""
    form, matching, wanted = passage.form, context.matching, core(name)
    if matching is None or passage.kind != "achieved" or len(wanted) < 2 or wanted in tables.TOO_GENERAL:
        return []
    lines = next(
        (lines for own, lines in zip(matching.projects, matching.lines, strict=True) if own is form), ()
    )
    cells = [line.cells["final"] for line in lines if "final" in line.cells and wanted in core(line.name)]
    return [item for item in amounts(context) if len(cells) == 1 and item.field is cells[0]]


def _is_split(passage: Passage, index: int) -> bool:
    """Another amount of the sentence is called nearly the same: each is a part (机关基本支出, 下属单位基本支出)."""
    return any(_is_like(passage, index, other) for other in _neighbours(passage, index))


def _neighbours(passage: Passage, index: int) -> Iterator[int]:
    """The figures of the same sentence near one, to both sides."""
    first, last = max(0, index - NEAR), min(len(passage.figures), index + NEAR + 1)
    yield from (
        other
        for other in range(first, last)
        if other != index and passage.figures[other].sentence == passage.figures[index].sentence
    )


def _is_like(passage: Passage, index: int, other: int) -> bool:
    """Another amount of the same kind, called alike and not the same; what is listed as a part of one is not like it."""
    figure, near, role = passage.figures[index], passage.figures[other], passage.roles[index]
    if passage.prose.wholes.get(other) == index and passage.roles[other] != role:
        return False
    same_kind = near.dimension == "money" and near.scope == figure.scope and near.year == figure.year
    return same_kind and near.value != figure.value and _holds(passage, other, passage.names[index][-1], role)


def _holds(passage: Passage, index: int, name: str, role: str | None) -> bool:
    text = clean(passage.figures[index].name)
    return passage.roles[index] == role or any(word in text for word in (name, *tables.ROLES[role or ""][:1]))


def _is_own_money(passage: Passage, index: int) -> bool:
    """The only amount in a project's 实际完成情况, named just 经费 or 资金: what the project spent."""
    money = [figure for figure in passage.figures if figure.dimension == "money"]
    own = passage.form.kind == "project" and passage.kind == "achieved" and len(money) == 1 and passage.alone
    return own and any(name in tables.OWN_MONEY for name in variants(passage.figures[index].name)[:2])


def stated_by(passage: Passage, index: int, context: Context) -> tuple[Statement, ...]:
    """The cells that a figure of the text may be compared with: amounts by role or project, else indicators."""
    key = (stated_by, passage.field.place, passage.figures[index].start)
    return context.once(key, lambda: tuple(_stated_by(passage, index, context)))


def _stated_by(passage: Passage, index: int, context: Context) -> Iterable[Statement]:
    return tuple(amount_statements(passage, index, context)) or _reached_by(passage, index, context)


def _reached_by(passage: Passage, index: int, context: Context) -> Iterator[Statement]:
    """What the indicators of a figure's name reached; a goal may also repeat the target."""
    figure = passage.figures[index]
    found = [
        item
        for item in indicators_of(passage.names[index], figure, passage, context)
        if _same_side(figure, item, passage, context)
    ]
    if passage.kind == "expected":
        targets = [item.judged.judgement.target for item in found]
        if any(target is not None and target.value is None for target in targets):
            return  # a goal in words, which a figure does not contradict
        yield from (item.aimed for item in found if item.aimed is not None)
    yield from (item.reached for item in found)


def said(passage: Passage, index: int, context: Context) -> Term:
    """A figure of the text; the same one wherever it is compared with the same cell."""
    figure = passage.figures[index]
    cells = meant(figure, stated_by(passage, index, context))
    return term_of(passage, figure, cells[0].field.place if cells else None)


def family(unit: str) -> str:
    return kind_of("", unit)


def indicators_of(names: Sequence[str], figure: Figure, passage: Passage, context: Context) -> list[Reached]:
    """The indicators a figure of the text is a figure of: those of the most similar name, if it is one name."""
    if not names or figure.dimension in ("points", "other"):
        return []
    kind = kind_of(figure.dimension, figure.unit)
    rated = _visible(_named(names[0], kind, context), passage)
    if not rated and "、" in figure.clause:
        rated = [pair for pair in _visible(_named(figure.clause, kind, context), passage) if pair[0] == 1.0]
    if not rated and figure.dimension == "count" and figure.after:  # 已带动14户贫困户
        rated = _visible(_named(figure.name + figure.after, kind, context), passage)
    if figure.dimension == "share" and names[-1][-1:] not in ("率", "度"):
        rated = [pair for pair in rated if pair[0] == 1.0]
    if not rated:
        return _own_people(names, figure, passage, context)
    best = max(rate for rate, _ in rated)
    chosen = [item for rate, item in rated if rate == best]
    return [] if len({core(item.name) for item in chosen}) > 1 else chosen


def _visible(rated: Iterable[tuple[float, Reached]], passage: Passage) -> list[tuple[float, Reached]]:
    """A goals cell of 附件3 speaks of its own form, one of 附件2 and the report of all."""
    everything = passage.kind == "report" or passage.form.kind == "overall"
    return [(rate, item) for rate, item in rated if everything or item.form is passage.form]


def _named(name: str, kind: str, context: Context) -> Iterator[tuple[float, Reached]]:
    """The indicators of a kind whose names are alike to one, with how sure that is."""
    if kind not in indicator_names(context):
        return
    names, by_name = indicator_names(context)[kind]
    for found, rate in names.alike(name).items():
        if not GENERIC.match(clean(found)) or (rate == 1.0 and _is_only_satisfaction(found, by_name)):
            yield from ((rate, item) for item in by_name[found])


def _is_only_satisfaction(name: str, by_name: Mapping[str, Sequence[Reached]]) -> bool:
    """群众满意度 says which one is meant where the workbook has no other."""
    return "满意" in name and sum(len(items) for other, items in by_name.items() if "满意" in other) == 1


def _own_people(names: Sequence[str], figure: Figure, passage: Passage, context: Context) -> list[Reached]:
    """The one count of persons in the goals cell of a project about these people, and its one indicator of persons."""
    form = passage.form
    if not isinstance(form, IndicatorForm) or form.kind != "project" or family(figure.unit) != "人":
        return []
    people = [other for other in passage.figures if family(other.unit) == "人"]
    own = [item for item in reached(context) if item.form is form and family(item.actual.unit) == "人"]
    if (
        len(people) > 1
        or not passage.alone
        or len(own) != 1
        or len(core(names[0])) < 2
        or core(names[0]) not in core(form.name)
    ):
        return []
    return own


def texts_or_skip(context: Context) -> Skip | None:
    """A skip where the workbook holds no text."""
    return None if passages(context) else _NO_TEXT


def passages_of(context: Context, *kinds: str) -> Iterator[Passage]:
    yield from (passage for passage in passages(context) if passage.kind in kinds and passage.figures)


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
        yield _NO_TEXT
        return
    for passage in passages_of(context, "report", "achieved"):
        for index, figure in enumerate(passage.figures):
            found = amount_statements(passage, index, context)
            if any(item.role in FUNDS and not (figure.value and item.value) for item in found):
                continue
            total = passage.roles[index] == "total"
            severity: Severity = "warning" if total else "error"
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
        yield _NO_TEXT
        return
    for passage in passages_of(context, "report", "achieved"):
        for index, figure in enumerate(passage.figures):
            counted = _counted(passage, index, context) if figure.dimension == "share" else None
            if counted is None or figure.year not in (None, context.year):
                continue
            count, found = counted
            own = said(passage, count, context) if count is not None else None
            first = figure if count is None else passage.figures[count]
            yield from _completed(passage, figure, own, first, found)


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
            for pair in _named(front, kind, context)
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
        yield _NO_TEXT
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


def _same_side(figure: Figure, item: Reached, passage: Passage, context: Context) -> bool:
    """Neither a plan nor a change nor another year's, unless the indicator's own name says so (营养改善计划覆盖率)."""
    own = scope_of(clean(item.name))
    limits = figure.scope - own - ({"plan"} if passage.kind == "expected" else set())
    return not limits and (figure.year is None or context.year is None or figure.year == context.year)
