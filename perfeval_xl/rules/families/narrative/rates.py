"""PE616, narrative: rates of the text (执行率, 控制率, 满意度) against the cells of the forms that give them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfeval_xl import patterns as re
from perfeval_xl.equations import HALF, Ratio, Term, quantum
from perfeval_xl.forms.records import Field, Form
from perfeval_xl.prose import Figure
from perfeval_xl.records import replace
from perfeval_xl.rules.cells import shown, title_of
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Result, rule
from perfeval_xl.text import clean

from .measures import passages_of, stated_by, text_term, texts_or_skip
from .quoted import compared, quoted, source
from .stated import Passage, reached

_UNIT = "(?:(?:本|我|全)?(?:单位|部门|局|委|办|中心)|全年|年度|本年度?|整体支出|部门整体支出|总|财政|资金)*"
#: Rates by name, and what they are rates of.
_NAMED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(f"{_UNIT}(?:支出)?预算执行率"), "execution"),
    (re.compile(f"{_UNIT}项目(?:支出|资金|经费)?(?:预算)?执行率"), "projects"),
    (re.compile(f"{_UNIT}(?:财政供养|在职)?人员控制率"), "staff"),
    (re.compile(f"{_UNIT}三公经费(?:支出|预算)?(?:控制率|执行率)"), "sangong"),
    (re.compile(f"{_UNIT}公用经费(?:支出|预算)?(?:控制率|执行率)"), "public"),
    (re.compile(f"{_UNIT}政府采购(?:支出|预算)?执行率"), "procurement"),
)
_YEARS = re.compile(r"20\d\d年?度?|[“”\"]")
_VERBS = re.compile("(?:为|是|达到?|达|约|共|总体|已|实际)+$")

#: The cells above and below the line of a rate; more than one each where they add up.
_Pair = tuple[tuple[Term, ...], tuple[Term, ...]]


@rule(
    "PE616",
    "narrative.stated_rates",
    "error",
    "报告写的执行率、控制率、满意度与表不符",
    basis="自评报告中的执行率、控制率应按附件1、附件2、附件3的数字复算",
)
def text_rates(context: Context) -> Iterator[Result]:
    """报告里写的执行率、控制率、满意度与表里的数核对。

    说明：预算执行率按附件2全年执行数除以全年预算数（或年初预算数），项目支出执行率按附件1或附件3，人员控制率、“三公”经费控制率、公用经费控制率、政府采购执行率按附件1复算。满意度只在各表都填同一个数时核对。按写出的位数，差末位不算错。
    错误示例：附件2全年预算935.8万元、执行918.9万元，报告写“全年预算执行率为89.19%”。
    正确示例：附件2全年预算935.8万元、执行918.9万元，报告写“全年预算执行率为98.19%”。
    如何改：按表里的数重算，改正报告；表里的数填错的改表。
    """
    skip = texts_or_skip(context)
    if skip is not None:
        yield skip
        return
    for passage in passages_of(context, "report"):
        for index, figure in enumerate(passage.figures):
            if not _is_rate(passage, index, context):
                continue
            pairs = list(_pairs(_kind(figure), context))
            if pairs:
                yield _ratio(passage, index, pairs, context)
            elif "满意" in figure.name and not stated_by(passage, index, context):
                yield from _satisfaction(passage, figure, context)


def _is_rate(passage: Passage, index: int, context: Context) -> bool:
    """A rate of this year that is neither asked for nor a change."""
    figure, role = passage.figures[index], passage.prose.said[index].role
    this_year = figure.year in (None, context.year) and "other_year" not in figure.scope
    return figure.dimension == "share" and role == "rate" and this_year and not figure.bound


def _kind(figure: Figure) -> str:
    name = _VERBS.sub("", _YEARS.sub("", clean(figure.name)))
    return next((kind for pattern, kind in _NAMED if pattern.fullmatch(name)), "")


def _pairs(kind: str, context: Context) -> Iterator[_Pair]:
    """The cells that a rate may be of, the likeliest first."""
    basic, overall = context.basic, context.overall
    if kind == "execution" and overall is not None:
        done = _cell(overall, overall.amount("executed"), "全年执行数")
        for column, title in (("budget", "全年预算数"), ("initial", "年初预算数")):
            yield from _pair(done, _cell(overall, overall.amount(column), title))
    elif kind == "staff" and basic is not None and basic.staff is not None:
        yield from _pair(
            _cell(basic, basic.staff.actual, "实际在职人数"), _cell(basic, basic.staff.quota, "编制数")
        )
    elif kind and basic is not None:
        line = basic.line(kind)
        if line is not None:
            cells = (
                _cell(basic, line.cells.get(column), f"“{line.name}”{title_of(basic, column)}")
                for column in ("final", "budget")
            )
            yield from _pair(*cells)
    if kind == "projects" and context.projects:
        for column in ("budget", "initial"):
            tops = [_cell(form, form.amount("executed"), "全年执行数") for form in context.projects]
            bottoms = [_cell(form, form.amount(column), "预算数") for form in context.projects]
            if all(tops) and all(bottoms):
                yield tuple(term for term in tops if term), tuple(term for term in bottoms if term)


def _cell(form: Form, field: Field | None, title: str) -> Term | None:
    if field is None or field.number is None:
        return None
    return Term(field, f"{form.caption}{title}")


def _pair(top: Term | None, bottom: Term | None) -> Iterator[_Pair]:
    if top is not None and bottom is not None and bottom.field.number:
        yield (top,), (bottom,)


def _ratio(passage: Passage, index: int, pairs: Sequence[_Pair], context: Context) -> Ratio:
    """That a rate is what one of the pairs gives: the one that it agrees with, else the likeliest."""
    figure = passage.figures[index]
    unit = quantum(figure.decimals)
    found = []
    for tops, bottoms in pairs:
        cells = "、".join(f"{term.label} {shown(term.field)}" for term in (*tops, *bottoms)[:4])
        ratio = Ratio(
            "PE616",
            passage.form.caption,
            text_term(passage, index, context),
            tops[0],
            bottoms[0],
            f"{source(passage)}写的比率与表一致",
            leeway=(-unit * HALF, unit),
            above=tuple((1, term) for term in tops[1:]),
            below=tuple((1, term) for term in bottoms[1:]),
            advice="口径不同的（年初预算、含结转），在报告里写明。",
        )
        found.append((ratio, cells))
    agreeing = next((ratio for ratio, _ in found if ratio.check() in ("holds", "info")), None)
    if agreeing is not None:
        return agreeing
    ratio, cells = found[0]
    return replace(
        ratio,
        words=f"{source(passage)}写{quoted(passage, figure)}，{cells}，复算为 {ratio.expected}，两处不一致",
    )


def _satisfaction(passage: Passage, figure: Figure, context: Context) -> Iterator[Result]:
    """满意度, where every form gives one and the same value."""
    found = [item.reached for item in reached(context) if "满意" in item.name]
    if len({item.value for item in found}) == 1:
        yield from compared(
            "PE616", passage, figure, found[:1], "warning", "不是同一个满意度的，写明是谁的。"
        )
