"""What rules of several families say of cells: titles, rows, bases, which cells a form has, texts as they are quoted."""

from __future__ import annotations

from decimal import Decimal

from perfeval_xl import patterns as re
from perfeval_xl.forms.records import YUAN, BasicForm, Field, Form, IndicatorForm, MoneyUnit
from perfeval_xl.forms.required import amounts
from perfeval_xl.text import clean, one_line, shortened

#: The columns of 附件1 that hold amounts.
YEAR_COLUMNS = ("last_final", "budget", "final")
#: The columns of 附件2 and 附件3 that hold amounts, as every form heads them.
COLUMN_NAMES = {"initial": "年初预算数", "budget": "全年预算数", "executed": "全年执行数"}


def title_of(form: BasicForm, column: str) -> str:
    """How the form heads a year column."""
    return one_line(form.columns.get(column, column))


def basis_of(form: IndicatorForm) -> str:
    """Which amount the lines by 性质 state: ``executed`` or ``budget`` (county custom), the same for both.

    The expenditure side decides, then the income side; where both columns are equal it is ``executed``.
    """
    sums = [
        [line.amount.number for line in form.spending if line.role in ("basic", "projects")],
        [line.amount.number for line in form.spending if line.role == "spending"],
        [line.amount.number for line in form.income if line.role == "income"],
    ]
    for figures in sums:
        known = [figure for figure in figures if figure is not None]
        if not known:
            continue
        for column in ("executed", "budget"):
            total = form.amount(column)
            if (
                total is not None
                and total.number is not None
                and abs(sum(known) - total.number) <= Decimal("0.015")
            ):
                return column
    return "executed"


def row_name(label: Field) -> str:
    """A fund row's label on one line, without 其中."""
    return re.sub(r"^其中[:：]?", "", clean(label.text)).strip(":：")


def all_cells(form: Form) -> list[Field]:
    """Every cell of a form that is read: money, weights and scores, indicators with their texts, staff, buildings."""
    cells = money_fields(form)
    if isinstance(form, IndicatorForm):
        total = form.funds.total if form.funds is not None else None
        cells += [
            total.cells[column]
            for column in ("weight", "rate", "score")
            if total is not None and column in total.cells
        ]
        for indicator in form.indicators:
            cells += list(indicator.fields())
        if form.total is not None:
            cells += [field for field in (form.total.weight, form.total.score) if field is not None]
    elif isinstance(form, BasicForm):
        if form.staff is not None:
            cells += [
                field for field in (form.staff.quota, form.staff.actual, form.staff.rate) if field is not None
            ]
        cells += [field for building in form.buildings for field in building.cells.values()]
    return cells


#: Names that only say the kind of an indicator: two of them in one form need not be the same one.
GENERIC = re.compile(
    "^(服务对象|群众|社会公众|受益对象|受益群众|公众|职工|人民群众)?(满意度|满意率|满意度指标)$"
    "|^(项目|预算|总)?(成本|预算|经费|资金)?(成本|预算)?(控制|控制数|控制率|控制情况)$"
    "|^(项目)?(及时率|完成率|合格率|验收合格率|完成及时率|覆盖率|达标率|质量达标率|资金到位率|资金使用率|完成时间|完成时限)$"
    "|^(总成本|项目成本|成本|数量|质量|时效|资金支付|资金支付及时率|经费支出|预算执行率)$"
)


def shown(field: Field) -> str:
    """What stands in a field, for a message; an empty one is named as such."""
    if field.state == "unknown":
        return "（公式未计算）"
    return one_line(field.text) or "（空）"


def short(text: str, most: int = 30) -> str:
    """What a clerk wrote, as a message quotes it: on one line and not longer than a glance takes."""
    return shortened(one_line(text), most)


def has_number(field: Field | None) -> bool:
    """The form has the cell and a figure stands in it."""
    return field is not None and field.number is not None


def money_fields(form: Form) -> list[Field]:
    """Every money cell of a form."""
    return list(amounts(form))


def stated_total(form: IndicatorForm) -> Field | None:
    """The total score a form states: in its total row, else in its head (自评总分)."""
    total = form.total
    if total is not None and total.score is not None and total.score.number is not None:
        return total.score
    head = form.head.get("score")
    return head if head is not None and head.number is not None else None


def whole_amount(form: IndicatorForm, column: str) -> Field | None:
    """What a form has of an amount in all: its 年度资金总额, or, where nothing but 0 stands there, the one source that has any."""
    stated = form.amount(column)
    if form.funds is None or (stated is not None and (stated.number or not stated.known)):
        return stated
    given = [row.cells[column] for row in form.funds.parts if column in row.cells]
    given = [cell for cell in given if cell.number]
    return given[0] if len(given) == 1 else stated


def factor(unit: MoneyUnit | None) -> Decimal:
    """The factor from a form's money unit to 万元, the unit that forms are compared in."""
    return YUAN[unit or "万元"] / YUAN["万元"]
