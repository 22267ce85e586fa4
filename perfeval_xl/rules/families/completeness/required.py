"""PE701: what must be filled in and is empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from perfeval_xl import patterns as re
from perfeval_xl.forms.records import BasicForm, Field, Form, IndicatorForm, Kind
from perfeval_xl.forms.required import Content, Required, is_mark
from perfeval_xl.forms.required import required as cells_of
from perfeval_xl.grid import Place
from perfeval_xl.rules.cells import row_name, shown
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, rule
from perfeval_xl.text import clean

FORMS: tuple[Kind, ...] = ("basic", "overall", "project")


@rule(
    "PE701",
    "completeness.required",
    "error",
    "必填的单元格空着",
    basis="已填报的表，必填项不应空缺",
    forms=(*FORMS, "narrative"),
    on_empty=True,
)
def required(form: Form, context: Context) -> Iterator[Result]:
    """已经填了的表里，必填的格子空着，或者只写了“/”“—”“无”。

    说明：单位名称、项目名称、目标及完成情况、合计行金额、分值、年度指标值、实际完成值、得分等必须填，写“/”“—”“无”“N/A”等于没有填；写明不适用、取消、不计分的行，以及指标值为0、≤n、无的指标填“无”“没有”的不算。整张表都没填的，只提示“尚未填写”。
    错误示例：年度指标值400人，实际完成值空着，得分2。
    正确示例：年度指标值400人，实际完成值447人，得分2。
    如何改：补填空着的格子；数确实没有的填0。
    """
    if context.is_empty(form):
        yield Claim(
            form.title.place,
            "这张表还没有填写。",
            suggestion="填写后再校验；用不着的表可以不填。",
            severity="info",
            label="尚未填写",
        )
        return
    yield from _left_out(form)
    yield from _year_left_blank(form, context)
    missing = list(_missing(form))
    if len(missing) > 5:
        names = "、".join(cell.name for cell in missing[:5])
        yield Claim(
            missing[0].field.place,
            f"有 {len(missing)} 个必填的格子空着或只写了“/”“—”“无”之类：{names} 等。"
            if any(not cell.field.missing for cell in missing)
            else f"有 {len(missing)} 个必填的格子空着：{names} 等。",
            suggestion="补填空着的格子。",
            related=tuple(cell.field.place for cell in missing[1:]),
            label=f"{form.caption}/空缺",
            figures=(str(len(missing)),),
        )
        return
    for cell in missing:
        yield Claim(
            cell.field.place,
            f"{cell.name}空着，应当填写。"
            if cell.field.missing
            else f"{cell.name}只写了“{shown(cell.field)}”，等于没有填{_though_full(cell, form)}。",
            expected="填写",
            actual=shown(cell.field),
            suggestion=f"补填{cell.name}。" if cell.field.missing else _ADVICE[cell.content],
            label=f"{form.caption}/{cell.name}",
        )


def _left_out(form: Form) -> Iterator[Claim]:
    """Details that are empty in one column only, while the total of that column is not: filled in elsewhere."""
    for total, details in _details(form):
        for column, whole in total.items():
            parts = [(name, cells) for name, cells in details if column in cells]
            if not whole.number or not parts or not all(cells[column].blank for _, cells in parts):
                continue
            used = [(name, cells) for name, cells in parts if any(cell.number for cell in cells.values())]
            if not used:
                continue
            name, cells = used[0]
            yield Claim(
                cells[column].place,
                f"合计填了 {shown(whole)}，下面的分项都空着，“{name}”在别的栏里有数，这一栏可能漏填。",
                expected="填写",
                actual="（空）",
                suggestion=f"补填“{name}”等分项。",
                severity="warning",
                related=(whole.place, *(cells[column].place for _, cells in used[1:])),
                label=f"{form.caption}/{name}/{column}",
                figures=(shown(whole),),
            )


#: The year of a form as it is printed, with nothing filled in: （    年度）, ____年度.
_NO_YEAR = re.compile(r"\([\s_]*年度?\)|^[_\s]*年度?(?=$|(项目|部门|预算|整体|财政).*表$)|_{2,}年")
#: So far below its title a form's year stands.
_YEAR_BELOW = 2


def _year_left_blank(form: Form, context: Context) -> Iterator[Claim]:
    if form.year is not None or not isinstance(form, BasicForm | IndicatorForm):
        return
    top = form.title.place.row
    for grid in context.grids:
        for (row, column), cell in grid.cells.items() if grid.sheet == form.sheet else ():
            if not top <= row <= top + _YEAR_BELOW or not isinstance(cell.value, str):
                continue
            if _NO_YEAR.search(clean(cell.text)):
                yield Claim(
                    Place(form.sheet, row, column),
                    "年度空着，应当填写。",
                    expected="填写",
                    actual=shown(form.title),
                    suggestion="补填年度。",
                    label=f"{form.caption}/年度",
                )
                return


Details = tuple[Mapping[str, Field], list[tuple[str, Mapping[str, Field]]]]


def _details(form: Form) -> Iterator[Details]:
    """Totals with the rows they are made of, by column."""
    if isinstance(form, BasicForm):
        for role in ("sangong", "vehicles", "projects"):
            line = form.line(role)
            if line is not None:
                yield line.cells, [(child.name, child.cells) for child in form.children(line)]
    elif isinstance(form, IndicatorForm) and form.funds is not None and form.funds.total is not None:
        money = ("initial", "budget", "executed")
        yield (
            {column: cell for column, cell in form.funds.total.cells.items() if column in money},
            [
                (row_name(row.label), {column: cell for column, cell in row.cells.items() if column in money})
                for row in form.funds.parts
            ],
        )


def _missing(form: Form) -> Iterator[Required]:
    return (cell for cell in cells_of(form) if cell.field.missing or is_mark(cell, form))


#: What to do where a mark stands for nothing, by what belongs there.
_ADVICE: Mapping[Content, str] = {
    "figure": "填实际的数，确实没有的填0。",
    "answer": "填实际情况；这一行确实不评的，写明“不适用”并说明原因。",
    "text": "填实际内容。",
}


def _though_full(cell: Required, form: Form) -> str:
    """That the row has its points all the same, where it has."""
    rows = form.indicators if isinstance(form, IndicatorForm) else ()
    row = next((row for row in rows if cell.field in (row.actual, row.target)), None)
    if row is None or row.weight is None or row.score is None:
        return ""
    weight, score = row.weight.number, row.score.number
    return f"，却得了 {shown(row.score)} 分" if weight and score and score >= weight else ""
