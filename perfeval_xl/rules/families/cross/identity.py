"""PE508: unit, year and dates are the same in all forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from perfeval_xl.forms.records import Field, Form, IndicatorForm
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, Skip, rule
from perfeval_xl.text import clean

from . import texts


@rule(
    "PE508",
    "cross.identity",
    "warning",
    "单位名称、年度或填报日期前后不一致",
    basis="同一套表的单位名称、年度应一致",
)
def identity(context: Context) -> Iterator[Result]:
    """各表的单位名称、年度、填报日期核对，报告标题、目标里的年度和单位也一样。

    说明：同一套表的单位名称（简称、带上级地名都可以）、年度应一致；填报日期的年份应一致，日子不同只提示。报告标题写的年度和单位应与各表一致；目标以别的年度开头的，多半是套用了以前的文字（项目名称里的年度、结转资金的年度、跨年的期限不算）。标题的年度表里一处也没有、处处写的都是差两年以上的另一年的，核对标题。
    错误示例：附件1是2023年度，附件3-2是2022年度；2024年度的表，预期目标写“2021年维修水井20口”。
    正确示例：各表和报告标题都是2023年度。
    如何改：改正写错的一处。
    """
    tables = [form for form in context.forms if form.kind != "narrative"]
    indicators = [form for form in tables if isinstance(form, IndicatorForm)]
    if not indicators and len(tables) + len(context.forms.narratives) < 2:
        yield Skip("只有一张表")
        return
    yield from _years(list(context.forms))
    yield from _unit_names(tables)
    yield from _dates(indicators)
    yield from texts.reports(context.forms.narratives, context, _units(tables))
    yield from texts.goals(indicators, context)
    yield from texts.titles(indicators, context)


def _units(forms: Sequence[Form]) -> list[Field]:
    """The cells of all forms that name the unit, or its superior."""
    heads = [getattr(form, "head", {}) for form in forms]
    cells = [form.unit_name for form in forms if form.unit_name is not None]
    cells += [head[role] for head in heads for role in ("department", "office") if role in head]
    return [cell for cell in dict.fromkeys(cells) if cell.filled]


def _odd_ones(values: Sequence[tuple[Form, str]]) -> Iterator[tuple[Form, str, str, Form]]:
    """Forms whose value differs from what most forms say: form, its value, the usual value, a form with it."""
    counts: dict[str, int] = {}
    for _, value in values:
        counts[value] = counts.get(value, 0) + 1
    if len(counts) < 2:
        return
    usual = max(counts, key=lambda value: counts[value])
    witness = next(form for form, value in values if value == usual)
    for form, value in values:
        if value != usual:
            yield form, value, usual, witness


def _years(forms: Sequence[Form]) -> Iterator[Claim]:
    stated = [(form, str(form.year)) for form in forms if form.year is not None]
    for form, value, usual, witness in _odd_ones(stated):
        yield Claim(
            form.title.place,
            f"{'报告标题' if form.kind == 'narrative' else '本表'}写的是 {value} 年度，其他表（如{witness.caption}）是 {usual} 年度。",
            expected=usual,
            actual=value,
            suggestion="改正年度。",
            related=(witness.title.place,),
            label=f"{form.caption}/年度",
            figures=(value, usual),
        )


def _unit_names(forms: Sequence[Form]) -> Iterator[Claim]:
    stated = [
        (form, form.unit_name) for form in forms if form.unit_name is not None and form.unit_name.filled
    ]
    if len(stated) < 2:
        return
    names = [_unit(field.text) for _, field in stated]
    longest = max(names, key=len)
    for (form, field), name in zip(stated, names, strict=True):
        if form.kind in ("basic", "overall") or (
            form.kind == "project" and "office" not in getattr(form, "head", {})
        ):
            related = [
                other
                for (other_form, other), known in zip(stated, names, strict=True)
                if known != name and other_form is not form and not _short_form(name, known)
            ]
            near = [other for other in related if _misspelt(name, _unit(other.text))]
            if near and len(near) * 2 > len(stated) - 1:
                yield _unit_claim(form, field, near[0])
        elif not _short_form(name, longest) and _misspelt(name, longest):
            other = next(field for (_, field), known in zip(stated, names, strict=True) if known == longest)
            yield _unit_claim(form, field, other)


def _unit_claim(form: Form, field: Field, other: Field) -> Claim:
    return Claim(
        field.place,
        f"单位名称“{_unit(field.text)}”与{other.place}的“{_unit(other.text)}”不一致。",
        expected=_unit(other.text),
        actual=_unit(field.text),
        suggestion="改正写错的单位名称。",
        related=(other.place,),
        label=f"{form.caption}/单位",
        figures=(_unit(field.text), _unit(other.text)),
    )


def _unit(text: str) -> str:
    return re.sub(r"^[\d\-]+", "", clean(text))


def _short_form(first: str, second: str) -> bool:
    """One is the other with less of the place in front, or in letters spread over it (区人社局)."""
    short, long = sorted((first, second), key=len)
    if short in long:
        return True
    letters = iter(long)
    return (
        len(short) < len(long)
        and all(letter in letters for letter in short)
        and long[-1] == short[-1]
        and len(short) * 2 <= len(long) + 4
    )


def _misspelt(first: str, second: str) -> bool:
    """Nearly the same name: one slip of up to three letters in a name of eight or more."""
    from difflib import SequenceMatcher

    if min(len(first), len(second)) < 6:
        return False
    tail = min(len(first), len(second))
    return (
        first[-tail:] != second[-tail:]
        and SequenceMatcher(None, first[-tail:], second[-tail:], autojunk=False).ratio() >= 0.75
    )


def _dates(forms: Sequence[IndicatorForm]) -> Iterator[Claim]:
    stated = [
        (form, date)
        for form in forms
        if form.signature is not None and (date := clean(form.signature.parts.get("填报日期", "")))
    ]
    dates: list[tuple[Form, str]] = [(form, date) for form, date in stated]
    for form, value, usual, witness in _odd_ones(dates):
        assert isinstance(form, IndicatorForm)
        assert isinstance(witness, IndicatorForm)
        assert form.signature is not None
        assert witness.signature is not None
        other_year = value[:4] != usual[:4]
        yield Claim(
            form.signature.place,
            f"填报日期 {value} 与{witness.caption}的 {usual} 不一致。",
            expected=usual,
            actual=value,
            suggestion="改正填报日期。",
            related=(witness.signature.place,),
            severity=None if other_year else "info",
            label=f"{form.caption}/填报日期",
            figures=(value, usual),
        )
