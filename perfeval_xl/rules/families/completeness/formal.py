"""PE7xx: names, signatures, dates and attachments; tables copied from another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from perfeval_xl import patterns as re
from perfeval_xl.forms.records import IndicatorForm
from perfeval_xl.grid import Place
from perfeval_xl.rules.cells import shown
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, Skip, rule
from perfeval_xl.text import clean


@rule(
    "PE707",
    "completeness.unnamed",
    "warning",
    "指标没有名称",
    basis="每个指标应有名称",
    forms=("overall", "project"),
)
def unnamed(form: IndicatorForm, _context: Context) -> Iterator[Result]:
    """有分值或得分的指标行没有名称。

    说明：指标行填了分值、得分或指标值，三级指标却空着。整行都空的、“……”之类的占位行不算。
    错误示例：三级指标空着，分值5，得分5。
    正确示例：三级指标“培训人数”，分值5，得分5。
    如何改：补填指标名称，或清空这一行。
    """
    for indicator in form.indicators:
        figures = [
            field for field in (indicator.weight, indicator.score) if field is not None and field.number
        ]
        if indicator.name.missing and figures:
            yield Claim(
                indicator.name.place,
                "这一行填了分值或得分，没有指标名称。",
                suggestion="补填指标名称，或清空这一行。",
                related=tuple(field.place for field in figures),
                label=f"{indicator.level2}/无名称",
                figures=tuple(shown(field) for field in figures),
            )


DATE = re.compile(r"(20\d\d|19\d\d)\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})")


@rule(
    "PE708",
    "completeness.signature",
    "info",
    "签字、联系方式、填报日期缺失或不可能",
    basis="自评表应有负责人签字、填表人、联系电话和填报日期",
    forms=("overall", "project"),
)
def signature(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """表尾的签字栏。

    说明：填表人、联系电话、填报日期应填；填报日期不能是不存在的日子，也不应早于评价年度结束。
    错误示例：填报日期：2024.2.30。
    正确示例：填报日期：2024.5.30。
    如何改：补填或改正。
    """
    yield from _undated(form, context)
    signed = form.signature
    if signed is None:
        yield Skip("表尾没有签字栏")
        return
    empty = [
        name
        for name in ("填表人", "联系电话", "填报日期")
        if name in signed.parts and not clean(signed.parts[name])
    ]
    if empty:
        yield Claim(
            signed.place,
            f"{'、'.join(empty)}没有填。",
            suggestion="补填。",
            label=f"{form.caption}/签字",
            figures=tuple(empty),
        )
    problem = _date_problem(clean(signed.parts.get("填报日期", "")), form.year)
    if problem:
        yield Claim(
            signed.place,
            problem,
            actual=signed.parts["填报日期"],
            suggestion="改正填报日期。",
            label=f"{form.caption}/填报日期",
            figures=(signed.parts["填报日期"],),
        )


#: A label of the date with nothing behind it.
_DATE_LABEL = re.compile("^(填报|填表)(日期|时间):?$")


def _undated(form: IndicatorForm, context: Context) -> Iterator[Claim]:
    """The date of filing that a form asks for at its top, left empty."""
    bottom = min((field.place.row for field in form.head.values()), default=0)
    grid = next((grid for grid in context.grids if grid.sheet == form.sheet), None)
    for cell in grid.cells.values() if grid is not None else ():
        if not form.title.place.row < cell.row <= bottom or not _DATE_LABEL.match(clean(cell.text)):
            continue
        after = (
            [one for one in grid.cells.values() if one.row == cell.row and one.column > cell.column]
            if grid is not None
            else []
        )
        if not any(clean(one.text) for one in after):
            place = Place(form.sheet, cell.row, cell.column)
            yield Claim(place, "填报日期没有填。", suggestion="补填。", label=f"{form.caption}/填报日期")


def _date_problem(text: str, year: int | None) -> str | None:
    match = DATE.search(text)
    if match is None:
        return None
    try:
        date = dt.date(*(int(part) for part in match.groups()))
    except ValueError:
        return f"填报日期 {text} 不存在。"
    if year is not None and not dt.date(year, 10, 1) <= date <= dt.date(year + 3, 12, 31):
        return f"填报日期 {text} 与 {year} 年度对不上。"
    return None


@rule(
    "PE711", "completeness.copied", "info", "两个项目的指标完全一样", basis="项目绩效指标应结合项目实际设置"
)
def copied(context: Context) -> Iterator[Result]:
    """两张附件3的指标和数字都相同。

    说明：两个不同项目的指标、指标值、完成值都一样，多半是复制后没有修改。
    错误示例：附件3-3与附件3-7的指标一字不差。
    正确示例：各项目按自己的内容设置指标。
    如何改：结合项目实际修改指标。
    """
    seen: dict[tuple[tuple[str, str, str], ...], IndicatorForm] = {}
    if len(context.projects) < 2:
        yield Skip("不到两张附件3")
        return
    for project in context.projects:
        rows = tuple(
            (clean(row.name.text), clean(row.target_text), clean(row.actual_text))
            for row in project.indicators
        )
        if len(rows) < 3:
            continue
        other = seen.setdefault(rows, project)
        if other is not project:
            yield Claim(
                project.title.place,
                f"与{other.caption}“{clean(other.name)}”的指标和数字完全一样，请确认是否复制后没有修改。",
                suggestion="结合项目实际修改指标。",
                related=(other.title.place,),
                label=project.name,
                figures=(other.name,),
            )


_ATTACHED = re.compile(r"^\d+[、.．](.*表)(\(.*\))?$")


_ATTACHED_KINDS = (
    ("基础数据表", "basic"),
    ("政府性基金", "gov_fund"),
    ("国有资本经营", "state_capital"),
    ("社会保险基金", "social_insurance"),
    ("项目支出绩效自评表", "project"),
    ("整体支出绩效自评表", "overall"),
)


@rule("PE712", "completeness.attachments", "info", "报告列了附件，文件里没有", basis="报告所列附件应齐全")
def attachments(context: Context) -> Iterator[Result]:
    """自评报告末尾列的附件与文件里的表核对。

    说明：报告列出的附件，文件里找不到对应的表。附件可能另外报送，所以只提示。
    错误示例：报告列了“政府性基金预算支出情况表”，文件里没有附件4。
    正确示例：报告列的附件都在文件里。
    如何改：补上缺的表，或从清单中删去。
    """
    if not context.forms.narratives:
        yield Skip("工作簿中没有自评报告")
        return
    present = {form.kind for form in context.forms}
    for narrative in context.forms.narratives:
        for paragraph in narrative.paragraphs:
            match = _ATTACHED.match(clean(paragraph.text))
            kind = next(
                (kind for words, kind in _ATTACHED_KINDS if match is not None and words in match[1]), None
            )
            if match is not None and kind is not None and kind not in present:
                yield Claim(
                    paragraph.place,
                    f"报告列了“{match[1]}”，文件里没有这张表。",
                    suggestion="补上缺的表，或从清单中删去。",
                    label=match[1],
                )
