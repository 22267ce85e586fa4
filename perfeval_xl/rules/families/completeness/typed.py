"""PE7xx: what was typed where something else belongs: shifted columns, text for numbers, placeholders."""

from __future__ import annotations

from collections.abc import Iterator

from perfeval_xl import patterns as re
from perfeval_xl.equations import rounded
from perfeval_xl.findings import Severity
from perfeval_xl.forms.records import Field, Form, IndicatorForm
from perfeval_xl.rules.cells import all_cells, money_fields, short, shown
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, Skip, rule
from perfeval_xl.rules.shifted import is_deadline_name, is_value_name
from perfeval_xl.text import awaits, plain

from .computed import computed_cells
from .required import FORMS


@rule(
    "PE702",
    "completeness.shifted",
    "error",
    "填错了栏",
    basis="指标名称、指标值、完成值应各填在自己的栏里",
    forms=("overall", "project"),
)
def shifted(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """指标名称栏里填了指标值或期限，后面各栏跟着错位。

    说明：三级指标栏应填指标名称；填成“≤20万元”说明整行往左错了一栏；只填一个期限的，缺指标名称。
    错误示例：三级指标“≤20万元”，年度指标值“20万元”，实际完成值100%。
    正确示例：三级指标“活动成本”，年度指标值“≤20万元”，实际完成值“20万元”。
    如何改：补上指标名称，把后面各栏依次右移。
    """
    for judged in context.judged(form):
        indicator = judged.indicator
        if is_value_name(indicator):
            severity: Severity = "error"
            message = f"三级指标栏填的是指标值“{indicator.name.text}”，年度指标值、实际完成值也跟着错了一栏。"
            suggestion = f"补上指标名称；年度指标值应为“{indicator.name.text}”，实际完成值应为“{indicator.target_text}”。"
        elif is_deadline_name(indicator):
            severity = "warning"
            message = f"三级指标栏只填了“{indicator.name.text}”，没有写是什么指标。"
            suggestion = f"补上指标名称（如“项目完成时间”），把“{indicator.name.text}”填到年度指标值。"
        else:
            continue
        yield Claim(
            indicator.name.place,
            message,
            expected="指标名称",
            actual=indicator.name.text,
            suggestion=suggestion,
            related=(indicator.target.place, indicator.actual.place),
            severity=severity,
            label=indicator.name.text,
            figures=(indicator.target_text, indicator.actual_text),
        )


@rule(
    "PE703",
    "completeness.text_numbers",
    "info",
    "数字按文本填写，带有单位、空格等",
    basis="金额、分值、得分应填数字",
    forms=FORMS,
)
def text_numbers(form: Form, _context: Context) -> Iterator[Result]:
    """金额、分值、得分栏里的数字带了单位、空格、逗号或全角字符。

    说明：这样的数程序能看懂，但表格不能自动求和，建议改为纯数字。
    错误示例：全年预算数“150万”。
    正确示例：全年预算数150。
    如何改：只填数字，单位写在表头。
    """
    odd = [
        field
        for field in _figure_cells(form)
        if field.as_text and field.number is not None and _odd_text(field)
    ]
    if odd:
        yield Claim(
            odd[0].place,
            f"本表有 {len(odd)} 个数字带了单位、空格或全角字符（如“{shown(odd[0])}”）。",
            suggestion="只填数字，单位写在表头。",
            related=tuple(field.place for field in odd[1:]),
            label=f"{form.caption}/文本数字",
            figures=tuple(field.text for field in odd[:20]),
        )


def _odd_text(field: Field) -> bool:
    return not re.fullmatch(r"-?\d+(\.\d+)?%?", field.text)


def _figure_cells(form: Form) -> list[Field]:
    nature = set()
    cells = money_fields(form)
    if isinstance(form, IndicatorForm):
        nature = {line.amount.place for line in (*form.income, *form.spending)}
        total = form.funds.total if form.funds is not None else None
        cells += [
            total.cells[column]
            for column in ("weight", "score")
            if total is not None and column in total.cells
        ]
        for indicator in form.indicators:
            cells += [field for field in (indicator.weight, indicator.score) if field is not None]
    return [cell for cell in cells if cell.place not in nature]


_PLACEHOLDER = re.compile(
    "某某|某单位|某项目|多少(日|天|人|个|次|万元|元|件|份|场|户|平方米|公里)|[XxＸ×]{2,}(?!光)|示例|此处填写|请填写|待填|填写内容|（待补）|\\(待补\\)"
)


@rule(
    "PE704",
    "completeness.placeholder",
    "warning",
    "还留着占位文字，或有待确认的内容",
    basis="应删除模板提示文字，填写实际内容",
    forms=("overall", "project"),
    on_empty=True,
)
def placeholder(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """指标名称、指标值、完成值、目标、项目名称里留着“某某”“多少日内”等，或者沿用上年的内容还标着“(待确认)”。

    说明：模板里的占位、示例文字应改成本单位的实际内容；沿用上年的目标、指标值、上年结转要逐个确认，确认后删去“(待确认)”。表还没有填的，只提示。签字栏、联系电话里的×××和文件名称里的**不算。
    错误示例：及时支付某某经费，多少日内支付；年度指标值≥100人(待确认)。
    正确示例：防疫经费支付时限；年度指标值≥120人。
    如何改：改成实际的项目、数字；沿用上年的逐个核对后去掉“(待确认)”。
    """
    empty = context.is_empty(form)
    yield from _unconfirmed(form, empty)
    if empty:
        return
    fields = [*form.goal_fields]
    if "project" in form.head:
        fields.append(form.head["project"])
    answers = [field for row in form.indicators for field in (row.target, row.actual)]
    for field in (*fields, *(row.name for row in form.indicators), *answers):
        match = _PLACEHOLDER.search(field.text)
        if match is not None:
            yield Claim(
                field.place,
                f"“{short(field.text)}”里还留着模板文字“{match[0]}”。",
                actual=short(field.text),
                suggestion="改成本单位的实际内容。",
                label=short(field.text),
                cause=field in answers,
            )


def _unconfirmed(form: IndicatorForm, empty: bool) -> Iterator[Claim]:
    """What was carried over from last year and nobody has looked at; one finding a form."""
    fields = [*form.goal_fields, *(indicator.target for indicator in form.indicators)]
    fields += [cell for row in form.funds.rows for cell in row.cells.values()] if form.funds else []
    waiting = [field for field in fields if awaits(field.text)]
    if waiting:
        yield Claim(
            waiting[0].place,
            f"有 {len(waiting)} 处沿用上年的内容还没有确认（如“{short(waiting[0].text)}”）。",
            actual=short(waiting[0].text),
            suggestion="逐个核对：照旧的删去“(待确认)”，有变化的改成今年的；全部核对过的，可用“替换”一次删去。",
            severity="info" if empty else None,
            related=tuple(field.place for field in waiting[1:]),
            label=f"{form.caption}/待确认",
            figures=(str(len(waiting)),),
        )


@rule(
    "PE705",
    "completeness.error_values",
    "error",
    "单元格是错误值",
    basis="错误值不能参加计算",
    forms=(*FORMS, "gov_fund", "state_capital", "social_insurance"),
)
def error_values(form: Form, _context: Context) -> Iterator[Result]:
    """要用的格子里是#DIV/0!、#REF!、#VALUE!等。

    说明：公式出错，格子里没有数，有关的核对都做不了。
    错误示例：执行率显示#DIV/0!。
    正确示例：执行率显示92.05%，分母为0时为空。
    如何改：检查公式引用的格子；分母可能为0的，用IFERROR处理。
    """
    cells = all_cells(form)
    follow = any(field.state == "misfit" for field in cells)
    for field in cells:
        if follow and field.formula and field.text == "#VALUE!":
            continue  # a text in arithmetic: PE715 says which
        if field.state == "error":
            yield Claim(
                field.place,
                f"单元格显示 {field.text}，公式出错了。",
                actual=field.text,
                suggestion="检查公式引用的格子，改正后重新计算。",
                label=field.place.cell,
                figures=(field.text,),
            )


@rule(
    "PE713",
    "completeness.overtyped",
    "warning",
    "自动计算的格子被改成了数",
    basis="模板里灰色的格子由公式计算，改成数以后不再随明细变动",
    forms=(*FORMS, "gov_fund", "state_capital", "social_insurance"),
    needs="formulas",
)
def overtyped(form: Form, context: Context) -> Iterator[Result]:
    """用模板填的表里，公式被改成了数，而且和公式算出来的不一样。

    说明：模板里的比率、合计是公式。直接在上面填数，公式就没有了，明细再改，合计也不会跟着变。填的数和公式结果一样的不报；不是用模板填的工作簿不查。
    错误示例：附件2项目支出原是各附件3执行数之和112，被改成110。
    正确示例：附件2项目支出保留公式，显示112。
    如何改：撤销，或从新模板的同一格把公式复制回来；明细有错的改明细。
    """
    if not context.from_template:
        yield Skip("不是用模板填的工作簿")
        return
    for cell in computed_cells(form, context):
        if cell.differs:
            due = plain(rounded(cell.due, 2))
            yield Claim(
                cell.field.place,
                f"{cell.name}应由公式计算，得 {due}，现在填的是 {shown(cell.field)}。",
                expected=due,
                actual=shown(cell.field),
                suggestion="从新模板的同一格把公式复制回来；明细有错的改明细。",
                related=tuple(part.place for part in cell.parts[:20]),
                uses=(cell.field.place, *(part.place for part in cell.parts)),
                label=f"{form.caption}/{cell.name}",
                figures=(shown(cell.field), due),
                restates=True,
            )
