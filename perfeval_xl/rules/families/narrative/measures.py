"""Which measure of the forms a figure of a text is of: amounts by role or project, else indicators.

A figure of the text is compared only with what is certainly the same measure: the same name, the same year, the same
side (done or planned), the same kind of unit. What several cells could be meant by is compared with none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from perfeval_xl.equations import Term
from perfeval_xl.forms.records import IndicatorForm
from perfeval_xl.prose import Figure, core, says_spent, scope_of, tables
from perfeval_xl.prose.naming import kind_of, names_whole, variants
from perfeval_xl.rules.cells import GENERIC
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Skip
from perfeval_xl.text import clean

from .quoted import meant, term_of
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

NO_TEXT = Skip("工作簿中没有自评报告，附件2、附件3的目标栏也没有文字")
FUNDS = {"gov_fund": "政府性基金", "state_capital": "国有资本经营", "social_insurance": "社会保险基金"}
#: So many figures to either side are looked at for a name that is shared.
NEAR = 12


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
    if passage.kind != "report" or overall is None or figure.sentence:
        return []
    if not context.once(("begins with its own money", id(passage)), lambda: _begins_with_its_own(passage)):
        return []
    column = next((column for word, column in _OWN_COLUMNS if word in figure.name), "")
    own = overall.amount(column) if column else None
    return [item for item in amounts(context) if own is not None and item.field is own]


#: So many figures a sentence holds at least that speaks of the unit without naming it.
_SEVERAL = 3


def _begins_with_its_own(passage: Passage) -> bool:
    """The first sentence has several figures, and all their names say only which figure it is."""
    first = [figure for figure in passage.figures if not figure.sentence]
    return len(first) >= _SEVERAL and all(
        variants(figure.name)[:1] and variants(figure.name)[0] in tables.QUALIFIERS for figure in first
    )


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
        if is_same_side(figure, item, passage, context)
    ]
    if passage.kind == "expected":
        targets = [item.judged.judgement.target for item in found]
        if any(target is not None and target.value is None for target in targets):
            return  # a goal in words, which a figure does not contradict
        yield from (item.aimed for item in found if item.aimed is not None)
    yield from (item.reached for item in found)


def text_term(passage: Passage, index: int, context: Context) -> Term:
    """A figure of the text; the same one wherever it is compared with the same cell."""
    figure = passage.figures[index]
    cells = meant(figure, stated_by(passage, index, context))
    return term_of(passage, figure, cells[0].field.place if cells else None)


def family(unit: str) -> str:
    """What a unit counts, the same for units of one family (人, 名 …)."""
    return kind_of("", unit)


def indicators_of(names: Sequence[str], figure: Figure, passage: Passage, context: Context) -> list[Reached]:
    """The indicators a figure of the text is a figure of: those of the most similar name, if it is one name."""
    if not names or figure.dimension in ("points", "other"):
        return []
    kind = kind_of(figure.dimension, figure.unit)
    rated = _visible(indicators_named(names[0], kind, context), passage)
    if not rated and "、" in figure.clause:
        rated = [
            pair
            for pair in _visible(indicators_named(figure.clause, kind, context), passage)
            if pair[0] == 1.0
        ]
    if not rated and figure.dimension == "count" and figure.after:  # 已带动14户贫困户
        rated = _visible(indicators_named(figure.name + figure.after, kind, context), passage)
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


def indicators_named(name: str, kind: str, context: Context) -> Iterator[tuple[float, Reached]]:
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
    return None if passages(context) else NO_TEXT


def passages_of(context: Context, *kinds: str) -> Iterator[Passage]:
    yield from (passage for passage in passages(context) if passage.kind in kinds and passage.figures)


def is_same_side(figure: Figure, item: Reached, passage: Passage, context: Context) -> bool:
    """Neither a plan nor a change nor another year's, unless the indicator's own name says so (营养改善计划覆盖率)."""
    own = scope_of(clean(item.name))
    limits = figure.scope - own - ({"plan"} if passage.kind == "expected" else set())
    return not limits and (figure.year is None or context.year is None or figure.year == context.year)
