"""PE701: what must be filled in and is empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from perfeval_xl.forms.records import BasicForm, Field, Form, IndicatorForm, Kind
from perfeval_xl.forms.required import Required
from perfeval_xl.forms.required import required as cells_of
from perfeval_xl.rules.cells import row_name, shown
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, rule

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
    """已经填了的表里，必填的格子空着。

    说明：单位名称、年度、合计行金额、分值、年度指标值、实际完成值、得分等必须填。整张表都没填的，只提示“尚未填写”。
    错误示例：年度指标值400人，实际完成值空着，得分2。
    正确示例：年度指标值400人，实际完成值447人，得分2。
    如何改：补填空着的格子；确实没有的填0或“无”。
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
    missing = list(_missing(form))
    if len(missing) > 5:
        names = "、".join(cell.name for cell in missing[:5])
        yield Claim(
            missing[0].field.place,
            f"有 {len(missing)} 个必填的格子空着：{names} 等。",
            suggestion="补填空着的格子。",
            related=tuple(cell.field.place for cell in missing[1:]),
            label=f"{form.caption}/空缺",
            figures=(str(len(missing)),),
        )
        return
    for cell in missing:
        yield Claim(
            cell.field.place,
            f"{cell.name}空着，应当填写。",
            expected="填写",
            actual="（空）",
            suggestion=f"补填{cell.name}。",
            label=f"{form.caption}/{cell.name}",
        )


def _left_out(form: Form) -> Iterator[Claim]:
    """Details that are empty in one column only, while the total of that column is not: filled in elsewhere."""
    for total, details in _details(form):
        for column, whole in total.items():
            parts = [(name, cells) for name, cells in details if column in cells]
            if not whole.number or not parts or not all(cells[column].missing for _, cells in parts):
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
    return (cell for cell in cells_of(form) if cell.field.missing)
