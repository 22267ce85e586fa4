"""Where a form gives reasons, and what counts as one: for money left, for a changed budget, for points lost or far exceeded."""

from __future__ import annotations

from collections.abc import Iterator

from perfeval_xl import patterns as re
from perfeval_xl.forms.records import IndicatorForm
from perfeval_xl.text import clean

from .context import Context, Judged, real_reason
from .phrases import is_stock

#: Words by which a budget was changed during the year.
ADJUSTED = re.compile("追加|调整|调剂|增加指标|新增|核减|压减|调减|上级下达|结转|增减|变动")
#: Words by which money was not spent. That a rate is repeated says nothing of why.
_UNSPENT = re.compile(
    "未执行|未支付|未支出|未拨付|未使用|未付|尾款|结转|结余|跨年|流标|废标|资金未|支付进度|拨付进度|支出进度|"
    "(?:未|尚未|暂未|没有)(?:完成|及时|足额|全部)?(?:支付|拨付|下达|到位|到账|验收|结算|决算|审计|开工|完工)|"
    "(?:执行率|预算执行|支出率)[^。；;]{0,16}(?:原因|由于|因|受)|原因(?:[:：]|是|为)(?!无|没有|/|—|-)[^。；;]{4}|压减|收回|缩减"
)
#: Words that name a cause of anything.
_CAUSE = re.compile(
    "因|由于|受|原因|导致|影响|所致|未能|尚未|不足|延迟|推迟|滞后|较慢|缓慢|调整|变化|政策|未完成|待.{0,12}(?:审|批|验收|确定|通过)"
)
#: In the reason column of a row of its own, words that speak of the money.
_MONEY = re.compile("资金|支付|拨付|经费|预算")
#: Letters of a name from which on it names the indicator in a text.
_SPOKEN_OF = 4
_SENTENCE = re.compile("[。；;\n]")


def explains_unspent(form: IndicatorForm, context: Context) -> bool:
    """Whether the form or the narrative says why money was left: in the reason column of a fund row, of an indicator that
    lost points or speaks of money, of the total row, in 资金管理情况, under the table, among what was achieved, in the report."""
    if any(
        real_reason(row.cells.get("reason")) for row in (form.funds.rows if form.funds is not None else ())
    ):
        return True
    if any(
        _falls_short(judged) or _speaks_of_money(judged.reason)
        for judged in context.judged(form)
        if judged.reason
    ):
        return True
    return _of_total(form) != "" or any(_UNSPENT.search(text) for text in _told(form, context))


def explains_by_stock(form: IndicatorForm, context: Context) -> bool:
    """Whether every reason in a reason column is a stock phrase, and no other text says why money was left."""
    rows = form.funds.rows if form.funds is not None else ()
    texts = [
        *(real_reason(row.cells.get("reason")) for row in rows),
        *(judged.reason for judged in context.judged(form)),
        _of_total(form),
    ]
    stock = all(is_stock(text, context.policy) for text in texts if text)
    return stock and not any(_UNSPENT.search(text) for text in _told(form, context))


def explains_adjusted(form: IndicatorForm, context: Context) -> bool:
    """Whether the form or the narrative has a word for a budget that was changed during the year."""
    reasons = (
        real_reason(row.cells.get("reason")) for row in (form.funds.rows if form.funds is not None else ())
    )
    own = (judged.reason for judged in context.judged(form))
    return any(ADJUSTED.search(text) for text in (*reasons, *own, _of_total(form), *_told(form, context)))


def explains_row(form: IndicatorForm, judged: Judged, context: Context) -> bool:
    """Whether a reason is given for what became of an indicator: in its row, in the total row, or where a text that names it
    names a cause."""
    if judged.reason or _of_total(form):
        return True
    name = clean(judged.indicator.name.text)
    return len(name) >= _SPOKEN_OF and any(
        name in sentence and _CAUSE.search(sentence.replace(name, ""))
        for sentence in _sentences(form, context)
    )


def _falls_short(judged: Judged) -> bool:
    """Whether a row's reason names a cause of something that was not done; what is to be done better names none."""
    weight, score = judged.numbers
    lost = weight is not None and score is not None and score < weight
    return (lost or judged.judgement.outcome == "not_met") and _CAUSE.search(judged.reason) is not None


def _speaks_of_money(reason: str) -> bool:
    return _UNSPENT.search(reason) is not None or _MONEY.search(reason) is not None


def _of_total(form: IndicatorForm) -> str:
    """The reason in the total row; a mere remark is none."""
    reason = real_reason(form.total.reason) if form.total is not None else ""
    return reason if _UNSPENT.search(reason) or _CAUSE.search(reason) else ""


def _sentences(form: IndicatorForm, context: Context) -> list[str]:
    """What is told, sentence by sentence."""
    return context.once(
        ("sentences told", id(form)),
        lambda: [sentence for text in _told(form, context) for sentence in _SENTENCE.split(text)],
    )


def _told(form: IndicatorForm, context: Context) -> Iterator[str]:
    """The texts of the form besides its reason columns, and the narrative."""
    yield from map(real_reason, form.remarks)
    yield from (clean(field.text) for field in form.goals.get("achieved", ()))
    yield context.narrative or ""
