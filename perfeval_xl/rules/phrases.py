"""Reasons that give none: stock phrases, by the policy's lists."""

from __future__ import annotations

from perfeval_xl import patterns as re
from perfeval_xl.policy import Policy

_MARKS = re.compile(r"[,，.。;；、:：!！\s]")
#: What may stand around a stock phrase without making it a reason.
_AROUND = re.compile(
    "改进措施|整改措施|偏差原因|原因分析|原因|措施|下一步|下步|今后|以后|将会|将|会|并|和|以及|的|要|我局|我单位|本单位|单位|我们|工作|相关|努力|更好|更加|更|力度|水平|管理|不断|继续|进一步|认真|积极"
)
#: A cause, a figure or a date makes a reason of any sentence.
_CAUSE = re.compile(
    r"\d|因|由于|受|影响|导致|所致|造成|原因是|未能|尚未|没有|不足|较少|减少|增加|推迟|延期|滞后|调整|政策|疫情|结余|结转|资金|项目变更"
)


def bare(text: str) -> str:
    """A text without its marks."""
    return _MARKS.sub("", text)


def is_stock(text: str, policy: Policy) -> bool:
    """Stock phrases and nothing else."""
    rest = bare(text)
    said = False
    for phrase in sorted(policy.words.stock_reasons, key=len, reverse=True):
        said = said or phrase in rest
        rest = rest.replace(phrase, "")
    return said and not _CAUSE.search(rest) and len(_AROUND.sub("", rest)) <= 2
