"""What each figure of a paragraph is said as: a level, last year's level, a change, a share, a rate, a limit.

"支出9.07万元，比上年的9.78万元减少0.71万元，下降7.26%，占预算的95%" states a level, the level it is compared with, a change, the
change in per cent, and a share.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfeval_xl import patterns as re
from perfeval_xl.records import replace

from .records import Figure, Role, Said

_UP = "增长|增加|增产|增幅|增支|增收|(?<!新)增|上升|提高|提升|上涨|攀升|扩大|多支出|多出|多收|(?<=[比较年期数算同])多"
_DOWN = "负增长|下降|减少|降低|减幅|降幅|减支|减收|压减|压缩|缩减|节减|下滑|下跌|回落|少支出|少收|(?<=[比较年期数算同])少|减产|(?<![核审递调])减|降"
_TAIL = (
    r"(?:额|率|幅|幅度|比例|比率|百分比|支出|收入|投资|数|金额|资金|经费|了|额度|预算|财政拨款|人员|人数|\)|将|近|约)*"
    r"(?:分别|各)?(?:为|是|达到?|约|近|超过?|了|:)*\(?$"
)
_BOTH = re.compile(rf"(?:增减|增\(减\)|增长\(下降\)|变动|变化)(?:率|幅度|额|数)?{_TAIL}")
_CHANGE = re.compile(rf"(?P<down>{_DOWN})\)?{_TAIL}|(?P<up>{_UP})\)?{_TAIL}")
#: Where words begin that compare with another figure.
COMPARING = re.compile(
    r"同比|环比|相比|对比|(?<![占对同环相])比(?![例重率值])|相?较(?![大小多少好高低为])|(?:与|同|和)(?=[^，,。;；]{0,30}?(?:相比|比较|对比|持平|一致))"
)
#: The level that another is compared with, as it stands in front of a figure; and what follows it then.
_STARTS = r"[^，,。;；:]{0,30}?(?:的|为|数|额|预算|决算|总额|\()?$"
_MOVES = "(?:增|减|下降|上升|提|降|多|少|压|缩|节|相比|到|至|扩|涨|调)"
_SLOWLY = r"\)|的|时|有所|大幅|净|实际|已|同比|逐步"
_BEFORE: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (
        re.compile(rf"(?:(?<![占对同环相])比(?![例重率])|较|对比){_STARTS}"),
        re.compile(rf"^(?:{_SLOWLY}|[，,]|相比)*{_MOVES}"),
    ),
    (re.compile(rf"(?:由|从|自){_STARTS}"), re.compile(rf"^(?:{_SLOWLY})*{_MOVES}")),
    (re.compile(rf"(?:与|同|和){_STARTS}"), re.compile(r"^\)?(?:相比|比较|对比)")),
)
_SHARE = re.compile(
    r"(?P<share>占)(?P<of>[^，,。;；]*?)(?:的?(?:百分比|比例|比重|比值|比率|份额|比))?(?:分别|各|仅|只|已|就|也)*(?:为|达到|达|约|是|:|近|超过?|了)*$"
)
#: By how much a plan was surpassed, or is still missed: 超过半任务数180万元, 距目标还差192万元.
_EXCESS = re.compile(
    r"超(?!过$)[^，,。;；\d]{0,10}(?:任务|目标|计划|进度|预算)[数额]?$|(?:还|仍|尚)(?:差|缺|欠)$"
)
_REMOVED = re.compile("同口径|可比口径|剔除|扣除|还原|不变价|可比价|考虑.{0,8}因素")


def roles(text: str, figures: Sequence[Figure]) -> Iterator[Said]:
    """What every figure of a paragraph is said as, in order."""
    sentence, end = -1, 0
    said = Said("other")
    for index, figure in enumerate(figures):
        following = figures[index + 1].start if index + 1 < len(figures) else len(text)
        opened = figure.sentence != sentence
        lead = (_opening(text, end, figure.start) if opened else text[end : figure.start])[-_LONGEST_LEAD:]
        if not opened and said.role in ("change", "growth") and _TOGETHER.fullmatch(lead):
            # 分别减少0.18亿元和0.56亿元: of two things in turn, not of what stands in front
            said = replace(said, lead=lead, cut=0, adjusted=True)
        elif not opened and said.role == "before" and _ARRIVED.search(lead):
            said = Said("level", lead=lead)  # 由48人减少为45人
        else:
            said = _said(lead, figure, text[figure.end : min(following, figure.end + 12)])
        yield said
        sentence, end = figure.sentence, figure.end


_ARRIVED = re.compile(rf"^[^，,。;；]*{_MOVES}[^，,。;；]{{0,2}}(?:到|至|为)$")
_TOGETHER = re.compile("[和、及]|以及")
#: So many letters in front of a figure are looked at.
_LONGEST_LEAD = 160
_SENTENCE_ENDS = "。!?！？\n"


def _opening(text: str, earliest: int, start: int) -> str:
    """The words of a sentence in front of its first figure."""
    found = max(text.rfind(mark, earliest, start) for mark in _SENTENCE_ENDS)
    return text[max(found + 1, earliest) : start]


def _said(lead: str, figure: Figure, after: str) -> Said:
    near = re.split("[，,。;；:]", lead.rstrip(":"))[-1]
    adjusted = _REMOVED.search(lead) is not None
    if figure.unit.endswith(("百分点", "点")) or figure.dimension == "points":
        return Said("other", lead=lead, adjusted=adjusted)
    both = _BOTH.search(near)
    change = _CHANGE.search(near)
    if both is not None:
        return Said("other", lead=lead, adjusted=adjusted)
    if figure.dimension == "share" or figure.unit == "倍":
        if change is not None:
            return Said("growth", _sign(change), lead=lead, adjusted=adjusted, cut=_cut(lead, near, change))
        if figure.bound in ("floor", "ceiling") or figure.unit == "倍":
            return Said("limit", lead=lead, adjusted=adjusted)
        share = _SHARE.search(lead)
        if share is not None:
            return Said("share", lead=lead, of=share["of"], adjusted=adjusted, cut=share.start())
        return Said("rate", lead=lead, of=near, adjusted=adjusted)
    if "each" in figure.scope or re.search(
        "人均|户均|平均|均(?![为是达在])[^，,。]{0,6}$|每|单价|标准", near
    ):
        return Said("each", lead=lead)
    if change is not None:
        return Said("change", _sign(change), lead=lead, adjusted=adjusted, cut=_cut(lead, near, change))
    if any(front.search(near) and behind.match(after) for front, behind in _BEFORE):
        return Said("before", lead=lead)
    if _EXCESS.search(near):
        return Said("other", lead=lead)
    if figure.bound == "ceiling" and not re.search("不足$", near):
        return Said("limit", lead=lead)
    return Said("level", lead=lead)


def _sign(change: re.Match[str]) -> int:
    return -1 if change["down"] else 1


def _cut(lead: str, near: str, change: re.Match[str]) -> int:
    """Where the word of a change begins in the words in front of its figure."""
    return lead.rstrip(":").rfind(near) + change.start()


__all__ = ["COMPARING", "Role", "roles"]
