"""PE617: the points lost in the forms against the problems that the report tells, and these against its remedies."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from perfeval_xl import patterns as re
from perfeval_xl.forms.records import Field, IndicatorForm, Narrative
from perfeval_xl.prose import core, tables
from perfeval_xl.records import dataclass
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, Skip, rule
from perfeval_xl.text import clean, plain

#: Fewer points lost in a row need no word in the report; so many rows are named.
_LEAST_LOST, _NAMED = Decimal(1), 5


@rule(
    "PE617",
    "narrative.problems",
    "info",
    "表里扣了分，报告的问题部分没有提到",
    basis="报告的问题应与各表扣分、未完成的指标对应，并有改进措施",
    forms=("narrative",),
)
def problems(form: Narrative, context: Context) -> Iterator[Result]:
    """表里扣分的指标，报告“存在的问题”里应提到；写了问题的应有改进措施。

    说明：一项指标（或预算执行率）扣了1分以上，报告的问题部分应提到它；提到指标名称里的词，或写明“部分指标未完成”的就算。只提示。问题写了、改进措施写“无”的也提示。
    错误示例：附件2“接待读者”扣4分，报告的问题部分只写“预算编制不细”。
    正确示例：附件2“接待读者”扣4分，报告写“接待读者人数没有达到目标”。
    如何改：把扣分的指标和原因写进报告的问题部分，并写明改进措施。
    """
    section = _section(form, "存在的问题")
    if not section or (len(section) == 1 and "。" not in section[0].text):
        yield Skip("报告没有问题部分，或只有标题")
        return
    told = "。".join(clean(field.text) for field in section)
    lost = [one for one in _lost(context) if not one.is_named(told)]
    if lost and not _ALL_OF_THEM.search(told):
        yield _unnamed(section[0], lost)
    remedies = _section(form, "改进措施")
    if remedies and not _NOTHING.search(told) and _NOTHING.search(clean(remedies[-1].text)):
        yield Claim(
            remedies[-1].place,
            "报告写了问题，改进措施写的是“无”。",
            suggestion="针对每个问题写明改进措施。",
            related=(section[0].place,),
            label="改进措施",
        )


#: The report says of the indicators at large that some were missed.
_ALL_OF_THEM = re.compile(
    "指标[^。;；]{0,12}(?:未|没有|没|不)(?:能|全部|按时|按期)?(?:完成|达|实现)|扣分|失分"
)
_NOTHING = re.compile("(?:^|[:、。])(?:暂?无|没有|不存在)(?:问题|其他)?[。.]?$")
_MONEY = re.compile("执行|进度|支付|支出|拨付|结余|结转|到位|沉淀")


@dataclass(frozen=True, slots=True)
class _Lost:
    """Points lost in a row: what a clerk calls it, its words, how many, where."""

    label: str
    name: str
    points: Decimal
    field: Field

    def is_named(self, text: str) -> bool:
        """Whether a text has two letters of the name that stand together, or speaks of spending where the row is the funds'."""
        if not self.name:
            return _MONEY.search(text) is not None
        return any(self.name[start : start + 2] in text for start in range(len(self.name) - 1))


def _lost(context: Context) -> Iterator[_Lost]:
    for form in (*context.forms.overall, *context.projects):
        yield from _of_funds(form)
        for judged in context.judged(form):
            weight, score = judged.numbers
            if judged.shifted or weight is None or score is None or weight - score < _LEAST_LOST:
                continue
            indicator = judged.indicator
            if indicator.score is not None:
                name = clean(indicator.name.text)
                yield _Lost(f"{form.caption}“{name}”", core(name), weight - score, indicator.score)


def _of_funds(form: IndicatorForm) -> Iterator[_Lost]:
    weight, score = form.amount("weight"), form.amount("score")
    if weight is None or score is None or weight.number is None or score.number is None:
        return
    if weight.number - score.number >= _LEAST_LOST:
        yield _Lost(f"{form.caption}预算执行率", "", weight.number - score.number, score)


def _unnamed(heading: Field, lost: list[_Lost]) -> Claim:
    named = "、".join(f"{one.label}扣 {plain(one.points)} 分" for one in lost[:_NAMED])
    more = f"等 {len(lost)} 处" if len(lost) > _NAMED else ""
    return Claim(
        heading.place,
        f"{named}{more}，报告的问题部分没有提到。",
        suggestion="把扣分的指标和原因写进问题部分，并写明改进措施。",
        related=tuple(one.field.place for one in lost),
        label="存在的问题",
        figures=tuple(one.label for one in lost),
    )


_TOP = re.compile(r"^(?:[一二三四五六七八九十]+[、.．]|第[一二三四五六七八九十]+部分)")
#: The title of a section is told by its first letters.
_TITLE = 30


def _section(form: Narrative, name: str) -> list[Field]:
    """The paragraphs of a section, its title first; a title of the same depth ends it."""
    words = tables.SECTIONS[name]
    headings = {field.place for field in form.headings}
    found: list[Field] = []
    for field in form.paragraphs:
        text = clean(field.text)
        heading = field.place in headings or _TOP.match(text) is not None
        if not found:
            if heading and any(word in text[:_TITLE] for word in words):
                found.append(field)
            continue
        if _TOP.match(text) or (field.place in headings and not _TOP.match(clean(found[0].text))):
            break
        found.append(field)
    return found
