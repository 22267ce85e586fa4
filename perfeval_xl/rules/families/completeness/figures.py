"""PE715, PE716: what stands where a figure is due and is none; weights that are no weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Protocol

from perfeval_xl.forms.misread import QUANTITY_WORD, Misread, Quantity, misread
from perfeval_xl.forms.records import BasicForm, Field, Form, FundBlock, FundTable, IndicatorForm
from perfeval_xl.forms.required import is_void
from perfeval_xl.records import dataclass
from perfeval_xl.rules.cells import COLUMN_NAMES, row_name, short, shown, title_of
from perfeval_xl.rules.context import Context, cell_quantum
from perfeval_xl.rules.registry import Claim, Result, Skip, rule
from perfeval_xl.text import clean, one_line

from .required import FORMS

_FUND_COLUMNS = {**COLUMN_NAMES, "weight": "分值", "rate": "执行率", "score": "得分"}
_QUANTITIES: dict[str, Quantity] = {
    **dict.fromkeys(COLUMN_NAMES, "money"),
    "weight": "points",
    "rate": "rate",
    "score": "points",
}
#: More in one form are told in one finding.
_MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell that must hold a figure: what a clerk calls it, what its figure is; the stated total it is a part of, where it
    is one, and all its parts, which are gone through only for the few cells that are told."""

    field: Field
    name: str
    quantity: Quantity
    total: Field | None = None
    parts: Callable[[], Iterable[Field]] = tuple


class _Row(Protocol):
    """A row of any form, with its cells by column."""

    @property
    def cells(self) -> Mapping[str, Field]: ...


@rule(
    "PE715",
    "completeness.not_a_number",
    "error",
    "应填数的格子里不是数",
    basis="金额、比率、分值、得分、总分应填阿拉伯数字",
    forms=(*FORMS, "gov_fund", "state_capital", "social_insurance"),
)
def not_a_number(form: Form, context: Context) -> Iterator[Result]:
    """金额、比率、分值、得分、总分、人数的格子里填了别的东西，程序和表格都不能拿它计算。

    说明：夹了字母（1OO）、用错小数点（96。00、96,50）、算式（50+50）、科学记数（1E+02）、汉字数字（玖拾陆）、文字（见附件、优秀）、别的单位（96亩）都不是数。这一格先按“不知道”处理：用到它的合计、比率不再核对，也不算错；改成数以后再校验。
    错误示例：全年预算数填“1OO”（字母O）。
    正确示例：全年预算数填100。
    如何改：核对原始资料，用半角阿拉伯数字重新填写，单位写在表头。
    """
    wrong = [cell for cell in _cells(form) if cell.field.state == "misfit"]
    if len(wrong) > _MOST_TOLD:
        yield _together(form, wrong)
        return
    for cell in wrong:
        found = misread(cell.field.text, cell.quantity)
        meant = "或 ".join(f"{figure} " for figure in found.likely).strip()
        yield Claim(
            cell.field.place,
            f"{cell.name}填的“{short(cell.field.text)}”不是数：{found.why}"
            + (f"，可能是 {meant}" if meant else "")
            + "。"
            + _without_it(form, cell, context),
            expected=found.likely[0] if len(found.likely) == 1 else QUANTITY_WORD[cell.quantity],
            actual=short(cell.field.text),
            suggestion=_advice(found, cell.quantity),
            related=() if cell.total is None else (cell.total.place,),
            label=f"{form.caption}/{cell.name}",
            figures=(clean(cell.field.text),),
        )


def _advice(found: Misread, quantity: Quantity) -> str:
    if found.likely:
        return "核对原始资料，用半角阿拉伯数字重新填写这一格。"
    return f"在这一格填{QUANTITY_WORD[quantity]}的数字；要说明的写到说明或偏差原因里。"


def _together(form: Form, wrong: Sequence[_Cell]) -> Claim:
    names = "、".join(f"{cell.name}“{short(cell.field.text, 12)}”" for cell in wrong[:_MOST_TOLD])
    return Claim(
        wrong[0].field.place,
        f"有 {len(wrong)} 个应填数的格子里不是数：{names} 等。",
        actual=short(wrong[0].field.text),
        suggestion="逐格核对原始资料，用半角阿拉伯数字重新填写。",
        related=tuple(cell.field.place for cell in wrong[1:]),
        label=f"{form.caption}/不是数",
        figures=tuple(clean(cell.field.text) for cell in wrong),
    )


def _without_it(form: Form, cell: _Cell, context: Context) -> str:
    """That a total was reckoned without the cell, where it was."""
    whole, others = cell.total, [part for part in cell.parts() if part is not cell.field]
    if whole is None or whole.number is None or not all(other.known for other in others):
        return ""
    numbers = [other.number for other in others if other.number is not None]
    if abs(whole.number - sum(numbers)) > cell_quantum(form, context):
        return ""
    return f"合计 {whole.place.cell}（{shown(whole)}）没有把它算进去。"


def _cells(form: Form) -> Iterator[_Cell]:
    """Every cell of a form that must hold a figure."""
    match form:
        case IndicatorForm():
            yield from _of_funds(form)
            yield from (_Cell(line.amount, line.label, "money") for line in (*form.income, *form.spending))
            yield from _of_points(form)
        case BasicForm():
            yield from _of_basic(form)
        case FundTable():
            yield from _of_table(form)


def _of_funds(form: IndicatorForm) -> Iterator[_Cell]:
    block = form.funds
    for row in block.rows if block is not None else ():
        for column, cell in row.cells.items():
            if block is None or column not in _FUND_COLUMNS:
                continue
            name = f"{row_name(row.label)}的{_FUND_COLUMNS[column]}"
            whole, parts = _points(form, column) if row is block.total else _amounts(block, column)
            yield _Cell(cell, name, _QUANTITIES[column], whole, parts)


def _amounts(block: FundBlock, column: str) -> tuple[Field | None, Callable[[], Iterable[Field]]]:
    """The total of a money column and its parts."""
    if block.total is None or column not in COLUMN_NAMES:
        return None, tuple
    return block.total.cells[column], partial(_column, block.parts, column)


def _points(form: IndicatorForm, column: str) -> tuple[Field | None, Callable[[], Iterable[Field]]]:
    """The total of the weights or of the scores, and its parts; of other columns nothing."""
    if column not in ("weight", "score"):
        return None, tuple
    return getattr(form.total, column, None), partial(_point_cells, form, column)


def _point_cells(form: IndicatorForm, column: str) -> list[Field]:
    cells = (form.amount(column), *(getattr(item, column) for item in form.indicators))
    return [cell for cell in cells if cell is not None]


def _column(rows: Iterable[_Row], column: str) -> list[Field]:
    return [row.cells[column] for row in rows]


def _of_points(form: IndicatorForm) -> Iterator[_Cell]:
    for name, column in (("分值", "weight"), ("得分", "score")):
        whole, parts = _points(form, column)
        for item in form.indicators:
            cell: Field | None = getattr(item, column)
            if cell is not None:
                yield _Cell(cell, f"“{short(item.name.text)}”的{name}", "points", whole, parts)
        if whole is not None:
            yield _Cell(whole, "总分" if column == "score" else "总分的分值", "points")


def _of_basic(form: BasicForm) -> Iterator[_Cell]:
    staff = form.staff
    if staff is not None:
        yield _Cell(staff.quota, "编制数", "persons")
        yield _Cell(staff.actual, "实际在职人数", "persons")
        if staff.rate is not None:
            yield _Cell(staff.rate, "在职人员控制率", "rate")
    for line in form.lines:
        parent = form.lines[line.parent] if line.parent is not None else None
        for column, cell in line.cells.items():
            name = f"{line.name}的{title_of(form, column)}"
            if parent is None or column not in parent.cells:
                yield _Cell(cell, name, "money")
                continue
            parts = partial(_column, form.children(parent), column)
            yield _Cell(cell, name, "money", parent.cells[column], parts)


def _of_table(form: FundTable) -> Iterator[_Cell]:
    whole, parts = form.total, [row for row in form.rows if not row.total]
    for row in form.rows:
        for role, cell in row.cells.items():
            name = f"“{one_line(row.label.text)}”的{one_line(form.columns.get(role, role))}"
            if whole is None or row.total:
                yield _Cell(cell, name, "money")
                continue
            yield _Cell(cell, name, "money", whole.cells[role], partial(_column, parts, role))


@rule(
    "PE716",
    "completeness.no_weight",
    "warning",
    "指标的分值是0或负数",
    basis="每个参加评分的指标应有分值",
    forms=("overall", "project"),
)
def no_weight(form: IndicatorForm, _context: Context) -> Iterator[Result]:
    """有指标值的指标，分值填了0或负数。

    说明：分值为0的指标不参加评分，完成得怎样都不影响总分；分值也不能是负数。写明不适用、取消、不计分的指标不算。
    错误示例：年度指标值≥20口，分值0。
    正确示例：年度指标值≥20口，分值10。
    如何改：按分值结构补填分值；确实不评分的，在这一行写明“不计分”。
    """
    weights = [item.weight for item in form.indicators if item.weight is not None]
    if not any(weight.number for weight in weights):
        yield Skip("没有分值一栏或分值没有填")
        return
    for item in form.indicators:
        weight = item.weight
        if weight is None or weight.number is None or weight.number > 0:
            continue
        if item.name.blank or item.target.blank or is_void(item):
            continue
        yield Claim(
            weight.place,
            f"“{short(item.name.text)}”有年度指标值“{short(item.target_text)}”，分值却是 {shown(weight)}。",
            expected="大于0",
            actual=shown(weight),
            suggestion="按分值结构补填分值；确实不评分的，在这一行写明“不计分”。",
            related=(item.target.place,),
            uses=(weight.place,),
            label=item.name.text,
            figures=(shown(weight), clean(item.target_text)),
        )
