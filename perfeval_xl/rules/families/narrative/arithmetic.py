"""PE610–PE612, PE615, narrative: the text's own arithmetic, what it says of its figures held against these figures.

What a text asserts is read in ``prose.assertions``; here it becomes declared arithmetic, so that the locator says which
figure is the likely slip, also where several sentences share it, and so that the text votes with the forms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from perfeval_xl.equations import Declaration, Equation, Ratio, Term, rounded
from perfeval_xl.findings import Severity
from perfeval_xl.prose import Assertion, Figure, Quotient, Sum, assertions, room, told
from perfeval_xl.records import dataclass, replace
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, rule
from perfeval_xl.text import plain
from perfeval_xl.typing_errors import LIKELY, typing_error

from . import tables as own_tables
from .measures import text_term, texts_or_skip
from .quoted import between, source
from .stated import Passage, passages


@dataclass(frozen=True, slots=True)
class Story:
    """A text of one or more paragraphs and what it asserts: the report, or one goals cell."""

    passages: tuple[Passage, ...]
    assertions: tuple[Assertion, ...]

    @property
    def figures(self) -> tuple[tuple[Figure, ...], ...]:
        return tuple(passage.figures for passage in self.passages)


def stories(context: Context) -> tuple[Story, ...]:
    """Every text of the workbook with what it asserts of its own figures."""
    return context.once(stories, lambda: tuple(_stories(context)))


def _stories(context: Context) -> Iterator[Story]:
    for _, group in groupby(passages(context), key=_text_of):
        found = tuple(group)
        yield Story(found, assertions([passage.prose for passage in found]))


def _text_of(passage: Passage) -> tuple[object, ...]:
    if passage.kind == "report":
        return (id(passage.form), passage.kind)
    return (id(passage.form), passage.kind, passage.field.place)


@rule(
    "PE610",
    "narrative.changes",
    "error",
    "报告写的增减数与前后两个数不符",
    basis="增减额＝本年数－上年数，增减幅度＝增减额÷上年数",
)
def changes(context: Context) -> Iterator[Result]:
    """报告里“比上年增加×万元，增长×%”与前后两个数核对。

    说明：增减额应等于前后两个数之差，增减幅度应等于增减额除以上年（比较的那个）数；写“减少”的，后一个数应比前一个小；写“持平”的，两个数应相等；写“决算数大于预算数”的，决算应大于预算。按写出的位数四舍五入，只舍不入或末位差1的只提示。写明同口径、剔除某项后的不比。Word 报告里不是附件的表，增减额、增减幅度两栏也这样核对。
    错误示例：支出9.07万元，比上年减少0.71万元，下降7.83%。
    正确示例：支出9.07万元，比上年减少0.71万元，下降7.26%。
    如何改：核对本年数、上年数、增减额和增减幅度，改正写错的一个；口径不同的，在报告里写明。
    """
    yield from _checked(context, "PE610", "change", "direction", "side")
    yield from own_tables.changes(context)


@rule(
    "PE611",
    "narrative.shares",
    "error",
    "报告写的占比与两个数不符",
    basis="占比＝部分÷总数",
)
def shares(context: Context) -> Iterator[Result]:
    """报告里“占…的×%”与部分和总数核对。

    说明：占比应等于部分除以总数。总数是报告点名的那个（占基本支出的…），没有点名的是所在清单的合计；说不准是哪个数的不比。总数没有写出、两处占比倒推的总数差得多的，请核实。按写出的位数四舍五入，只舍不入或末位差1的只提示。Word 报告里不是附件的表，占比一栏也这样核对。
    错误示例：支出合计918.9万元，其中项目支出506.5万元，占51.52%。
    正确示例：支出合计918.9万元，其中项目支出506.5万元，占55.12%。
    如何改：核对部分、总数和占比，改正写错的一个；占的是另一个总数的，写明是什么的占比。
    """
    yield from _checked(context, "PE611", "share", "whole")
    yield from own_tables.shares(context)


@rule(
    "PE612",
    "narrative.rates",
    "error",
    "报告写的完成率、执行率等与两个数不符",
    basis="完成率、执行率、节约率等应与报告写出的两个数一致",
)
def rates(context: Context) -> Iterator[Result]:
    """报告里“完成预算的×%”“执行率×%”“节约率×%”“结案率×%”与写在旁边的两个数核对。

    说明：比率应等于写在旁边的两个数相除：决算除以预算，完成数除以计划数，节约额除以预算。写“不低于”“超过”的是要求，不比；说不准是哪两个数的不比。按写出的位数四舍五入，只舍不入或末位差1的只提示。Word 报告里不是附件的表，执行率、完成率一栏也这样核对。
    错误示例：“三公”经费预算30.8万元，决算25.7万元，完成预算的88.44%。
    正确示例：“三公”经费预算30.8万元，决算25.7万元，完成预算的83.44%。
    如何改：核对两个数和比率，改正写错的一个；按别的数计算的，写明按什么计算。
    """
    yield from _checked(context, "PE612", "rate")
    yield from own_tables.rates(context)


@rule(
    "PE615",
    "narrative.balance",
    "error",
    "报告写的结余、节约数与收支两个数不符",
    basis="结余＝收入（预算）－支出",
)
def balances(context: Context) -> Iterator[Result]:
    """报告里“预算×万元，支出×万元，结余×万元”的差额。

    说明：同一句话里写了预算（或到位资金）、支出和结余（结转、节约）的，前两个数之差应等于第三个。写到收回、上缴、核减、上年结转的不比。
    错误示例：下达资金90万元，支出78.5万元，结余12.5万元。
    正确示例：下达资金90万元，支出78.5万元，结余11.5万元。
    如何改：核对三个数，改正写错的一个；有收回、上缴的，在报告里写明。
    """
    yield from _checked(context, "PE615", "balance")


def _checked(context: Context, code: str, *subjects: str) -> Iterator[Result]:
    skip = texts_or_skip(context)
    if skip is not None:
        yield skip
        return
    for story in stories(context):
        figures = story.figures
        for assertion in story.assertions:
            if assertion.subject not in subjects:
                continue
            if assertion.subject == "direction":
                yield _opposite(story, assertion)
                continue
            if assertion.subject == "side":
                yield _on_the_other_side(story, assertion)
                continue
            if assertion.subject == "whole":
                yield _two_wholes(story, assertion)
                continue
            reading = told(assertion, figures)
            for arithmetic in reading or ():
                yield from _declared(code, story, assertion, arithmetic, context)
            slip = _slip(assertion, figures) if reading is None else None
            if slip is not None:
                yield from _declared(code, story, assertion, slip, context, "warning")


#: Of what a text leaves unsaid the likeliest readings, and a rate of so many digits: a slip of the hand that would bear out one of
#: them is no chance.
_LIKELIEST, _DIGITS = 2, 4


def _slip(assertion: Assertion, figures: Sequence[Sequence[Figure]]) -> Quotient | None:
    """The quotient that a rate was meant to be, where it is not certain which one is said, but one digit mistyped makes it
    one of the likeliest."""
    for reading in assertion.readings[:_LIKELIEST]:
        quotient = reading[0] if len(reading) == 1 else None
        if not isinstance(quotient, Quotient):
            continue
        found = room(quotient, figures)
        rate = figures[quotient.rate[0]][quotient.rate[1]]
        if found is None or len(rate.value.as_tuple().digits) < _DIGITS:
            continue
        meant = rounded(rate.base + found.gap, rate.decimals)
        slip = typing_error(rate.value, meant, rate.decimals)
        if slip is not None and slip.strength >= LIKELY:
            return quotient
    return None


def _place(story: Story, ref: tuple[int, int]) -> tuple[Passage, Figure]:
    passage = story.passages[ref[0]]
    return passage, passage.figures[ref[1]]


def _quote(story: Story, assertion: Assertion) -> str:
    """What is quoted of an assertion: from its first figure on, where that stands in the same paragraph."""
    passage, last = _place(story, assertion.last)
    _, first = _place(story, assertion.first) if assertion.first[0] == assertion.last[0] else (passage, last)
    return between(passage, first, last)


def _opposite(story: Story, assertion: Assertion) -> Claim:
    passage, first = _place(story, assertion.first)
    _, last = _place(story, assertion.last)
    quote = _quote(story, assertion)
    said = "金额和幅度一个说增加、一个说减少，方向相反" if first.value else "数没有变化，幅度却不是0"
    return Claim(
        passage.field.place,
        f"{source(passage)}写{quote}，{said}。",
        actual=last.words,
        suggestion="核对前后两年的数，改正写错的一个。",
        label=first.name or last.name,
        figures=(first.words, last.words),
    )


def _on_the_other_side(story: Story, assertion: Assertion) -> Claim:
    """Figures that say more where the words behind them say less."""
    passage, _ = _place(story, assertion.first)
    _, last = _place(story, assertion.last)
    return Claim(
        passage.field.place,
        f"{source(passage)}写{_quote(story, assertion)}，后面却写“{assertion.words}”，与前面的数不符。",
        actual=assertion.words,
        suggestion="核对原始资料，改正写错的数或后面的说法。",
        label=last.name,
        figures=(last.words, assertion.words),
    )


def _two_wholes(story: Story, assertion: Assertion) -> Claim:
    """Two shares of one whole that is nowhere written, and makes two amounts."""
    (passage, _), (_, its_share) = _place(story, assertion.first), _place(story, assertion.last)
    shares = [one for one in assertion.readings[0] if isinstance(one, Quotient)]
    (share, part), (_, other) = (
        (_place(story, one.rate)[1], _place(story, one.top[0][1])[1]) for one in shares
    )
    quotes = [_quote(story, assertion)]
    if assertion.first[0] != assertion.last[0]:
        quotes = [
            between(_place(story, one.rate)[0], told, _place(story, one.rate)[1])
            for one, told in zip(shares, (part, other), strict=True)
        ]
    amounts = "、".join(
        f"{plain(rounded(of.value / rate.value * 100, of.decimals))}{of.unit}"
        for of, rate in ((part, share), (other, its_share))
    )
    return Claim(
        passage.field.place,
        f"{source(passage)}写{'和'.join(quotes)}，两处占的是同一个总数，倒推出来却是 {amounts}，前后不一致。",
        actual=its_share.words,
        suggestion="核对两个数、两个占比和总数，改正写错的一个；占的不是同一个总数的，写明各是什么的占比。",
        severity="warning",
        label=other.name or part.name,
        figures=(share.words, its_share.words),
    )


def _declared(
    code: str,
    story: Story,
    assertion: Assertion,
    arithmetic: Sum | Quotient,
    context: Context,
    severity: Severity = "error",
) -> Iterator[Declaration]:
    found = room(arithmetic, story.figures)
    passage, _ = _place(story, assertion.last)
    if found is None:
        return
    quote = _quote(story, assertion)

    def term(ref: tuple[int, int]) -> Term:
        own, _ = _place(story, ref)
        return text_term(own, ref[1], context)

    declared: Equation | Ratio
    if isinstance(arithmetic, Sum):
        parts = [(sign, term(ref)) for sign, ref in arithmetic.parts]
        declared = Equation(
            code,
            passage.form.caption,
            term(arithmetic.total),
            tuple(part for _, part in parts),
            tuple(sign for sign, _ in parts),
            f"{source(passage)}写的几个数互相一致",
            severity=severity,
            leeway=(found.least, found.most),
            near=found.near,
            advice=_ADVICE[code],
        )
    else:
        top = [(sign, term(ref)) for sign, ref in arithmetic.top]
        bottom = [(sign, term(ref)) for sign, ref in arithmetic.bottom]
        top.sort(key=lambda item: -item[0])
        declared = Ratio(
            code,
            passage.form.caption,
            term(arithmetic.rate),
            top[0][1],
            bottom[0][1],
            f"{source(passage)}写的比率与两个数一致",
            severity=severity,
            leeway=(found.least, found.most),
            near=found.near,
            above=tuple(top[1:]),
            below=tuple(bottom[1:]),
            advice=_ADVICE[code],
        )
    yield _with_words(declared, f"{source(passage)}写{quote}，")


_ADVICE = {
    "PE610": "口径不同的，在报告里写明。",
    "PE611": "占的是另一个总数的，写明是什么的占比。",
    "PE612": "按别的数计算的，写明按什么计算。",
    "PE615": "有收回、上缴或上年结转的，在报告里写明。",
}


def _with_words(declared: Equation | Ratio, quote: str) -> Declaration:
    main = declared.rate if isinstance(declared, Ratio) else declared.total
    return replace(declared, words=f"{quote}{declared.explain()}，与写的 {main.field.text} 不符")
