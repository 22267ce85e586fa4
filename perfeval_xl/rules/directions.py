"""Whether the direction of a target can be meant: a row whose sign contradicts its kind is not judged by it."""

from __future__ import annotations

from perfeval_xl import patterns as re
from perfeval_xl.equations import HUNDRED
from perfeval_xl.policy import Policy
from perfeval_xl.text import clean

from .context import Judged

_MORE_IS_BETTER = re.compile("满意度|满意率|合格率|覆盖率|及时率|结案率|核减率|审减率")
_LESS_IS_BETTER = re.compile("失业率|事故|投诉|发病率")
#: Names in which the sense of those words is turned round, or the one rate is measured by another.
_TURNED = re.compile("节约|降低|减少|下降|压减|不满意|处理|办结|办理|查处|调解|排查|回复|受理|率.*率")
#: Money per something is a standard; what is paid out to others by it does not grow worse by growing.
_PER = re.compile("[/每]|人均|生均|户均|亩均")


def is_doubted(judged: Judged, policy: Policy) -> bool:
    """Whether the row's direction contradicts what it measures, or its units each other, so that nothing follows from its being
    reached or missed."""
    return judged.judgement.misscaled or is_turned_round(judged) or asks_to_spend(judged, policy)


def is_turned_round(judged: Judged) -> bool:
    """≤ of what is better high (but ≤100 %), ≥ of what is better low."""
    target = judged.judgement.target
    name = clean(judged.indicator.name.text)
    if target.value is None or not target.explicit or _TURNED.search(name):
        return False
    if target.direction == "ceiling":
        return _MORE_IS_BETTER.search(name) is not None and target.value != HUNDRED
    return target.direction == "floor" and wants_less(judged) and target.value > 0


def wants_less(judged: Judged) -> bool:
    """Accidents, complaints, unemployment."""
    return _LESS_IS_BETTER.search(clean(judged.indicator.name.text)) is not None


def asks_to_spend(judged: Judged, policy: Policy) -> bool:
    """A 成本指标 in plain money of the project with ≥: the more is spent the better."""
    indicator, target = judged.indicator, judged.judgement.target
    name = clean(indicator.name.text)
    cost = "成本" in indicator.level2 or "成本" in indicator.level1
    if not cost or "效益" in indicator.level2 or target.dimension != "money" or not target.value:
        return False
    if target.direction != "floor" or not target.explicit or target.per or target.growth is not None:
        return False
    standards = any(word in name for word in policy.words.money_standards)
    return not standards and _PER.search(name + target.text) is None
