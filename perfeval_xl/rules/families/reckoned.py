"""How the rates of the forms are reckoned, as a bureau would write it in a book of its own: what it reckons otherwise it is told."""

from __future__ import annotations

from collections.abc import Mapping

from perfeval_xl.forms.records import Kind

#: By the rule that checks the rate: the kinds of form it is checked in, and the formula.
RATES: Mapping[str, tuple[tuple[Kind, ...], str]] = {
    "PE201": (("basic",), "本表[控制率] = 比率(本表[实际在职人数], 本表[编制数])"),
    "PE204": (("overall", "project"), "本表[执行率] = 比率(本表[全年执行数], 本表[全年预算数])"),
}
