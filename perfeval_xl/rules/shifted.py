"""Indicators whose columns are shifted: a value or a deadline stands where the name belongs."""

from __future__ import annotations

from perfeval_xl import patterns as re
from perfeval_xl.forms.records import Indicator
from perfeval_xl.text import clean

_UNITS = (
    "亿元|万元|元|人次|人|个|件|份|起|次|户|家|场|期|套|台|天|日|工作日|月|年|平方米|㎡|亩|公里|%|％|‰|万"
)
_VALUE_AS_NAME = re.compile(
    rf"^[≥≤><=≧]{{0,2}}\d+(\.\d+)?({_UNITS})(以上|以下|以内|内)?$|^[≥≤><=]\d+(\.\d+)?$"
)
_DEADLINE_AS_NAME = re.compile(
    r"^(20\d\d年)?(\d{1,2}月(\d{1,2}日)?)?(底|末)?(之前|以前|前|之内|以内|内|全年)?(完成)?$"
)


def is_value_name(indicator: Indicator) -> bool:
    """The indicator's name is a value: the columns are shifted."""
    name = clean(indicator.name.text)
    return bool(_VALUE_AS_NAME.match(name)) and not is_deadline_name(indicator)


def is_deadline_name(indicator: Indicator) -> bool:
    """The indicator's name is only a deadline, or its own target once more."""
    name = clean(indicator.name.text)
    if name and name == clean(indicator.target_text) and _VALUE_AS_NAME.match(name):
        return True  # the value again, in the place of the name
    return bool(re.search(r"\d", name)) and bool(_DEADLINE_AS_NAME.match(name))


def is_shifted(indicator: Indicator) -> bool:
    return is_value_name(indicator) or is_deadline_name(indicator)
