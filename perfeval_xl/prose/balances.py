"""Balances: that a text says what is left of one amount when another is taken from it."""

from __future__ import annotations

from collections.abc import Iterator

from perfeval_xl import patterns as re

from .items import Text, stands_for
from .records import Assertion, Reading, Sum

_REST = re.compile(
    r"(?:结余|结转|节约|剩余|节省|未支出|审减|核减)(?:结余|资金|金额|财政资金|经费|额|数|下年|下一年|使用|和结余|的|了)*(?:为|是|达|共|约|:)*$"
)
_IN = re.compile("预算|收入|到位|下达|安排|拨款|拨入|送审|报审|申报|计划|资金总额|总资金|控制价")
_OUT = re.compile("支出|使用|执行|(?<!拟)采购|支付|开支|审定|决算|拨付|列支|成交|中标|结算|实际")
_MORE_TERMS = re.compile("收回|上缴|核减|注销|上年结转|年初结转|结余分配|退回|追加|调整|调减|其他|另")


def balances(text: Text) -> Iterator[Assertion]:
    for item in text.items:
        if item.figure.dimension != "money" or item.role not in ("level", "change") or item.figure.bound:
            continue
        near = re.split("[，,。;；:、]", item.lead)[-1]
        if not _REST.search(near) or item.opens or re.search("上年|年初|比上|较上|同比", item.lead):
            continue
        before = [
            one
            for one in text.before(item)
            if one.kind == "money"
            and one.role in ("level", "limit")
            and one.figure.bracket == item.figure.bracket
        ][:6]
        pairs = [(one, other) for one in before for other in before if one is not other]
        readings: list[Reading] = [(Sum(item.ref, ((1, one.ref), (-1, other.ref))),) for one, other in pairs]
        given = [one for one in before if stands_for(one, _OUT, _IN) == "bottom"]
        spent = [one for one in before if stands_for(one, _OUT, _IN) == "top"]
        firm = len(given) == 1 and len(spent) == 1 and len(before) == 2 and given[0].place < spent[0].place
        if not readings:
            continue
        if firm:
            readings.insert(0, (Sum(item.ref, ((1, given[0].ref), (-1, spent[0].ref))),))
            words = text.between(given[0], item) + given[0].words
            firm = not _MORE_TERMS.search(words)
        first = before[-1]
        yield Assertion("balance", tuple(dict.fromkeys(readings)), firm, first.ref, item.ref)
