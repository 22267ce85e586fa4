"""PE7xx completeness and form: empty required cells, shifted columns, placeholders, magnitudes, dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from perfeval_xl.equations import HUNDRED
from perfeval_xl.findings import Severity
from perfeval_xl.forms.records import BasicForm, Field, Form, FundTable, Indicator, IndicatorForm, Kind
from perfeval_xl.rules.columns import is_deadline_name, is_value_name
from perfeval_xl.rules.context import Context, money_fields
from perfeval_xl.rules.families.totals import row_name, title_of
from perfeval_xl.rules.registry import Claim, Result, Skip, rule, shown
from perfeval_xl.text import awaits, clean, one_line, plain, shortened

from .computed import computed_cells

FORMS: tuple[Kind, ...] = ("basic", "overall", "project")
# -- PE701 ----------------------------------------------------------------------------------------------------

Required = tuple[Field, str]


@rule(
    "PE701",
    "completeness.required",
    "error",
    "必填的单元格空着",
    basis="已填报的表，必填项不应空缺",
    forms=(*FORMS, "narrative"),
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
        names = "、".join(name for _, name in missing[:5])
        yield Claim(
            missing[0][0].place,
            f"有 {len(missing)} 个必填的格子空着：{names} 等。",
            suggestion="补填空着的格子。",
            related=tuple(field.place for field, _ in missing[1:]),
            label=f"{form.caption}/空缺",
            figures=(str(len(missing)),),
        )
        return
    for field, name in missing:
        yield Claim(
            field.place,
            f"{name}空着，应当填写。",
            expected="填写",
            actual="（空）",
            suggestion=f"补填{name}。",
            label=f"{form.caption}/{name}",
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
    for field, name in _required(form):
        if field.missing:
            yield field, name


def _required(form: Form) -> Iterator[Required]:
    if form.unit_name is not None:
        yield form.unit_name, "单位名称"
    if isinstance(form, IndicatorForm):
        yield from _required_head(form)
        yield from _required_funds(form)
        for indicator in form.indicators:
            yield from _required_row(form, indicator)
        yield from _required_total(form)
    elif isinstance(form, BasicForm):
        yield from _required_basic(form)


def _required_head(form: IndicatorForm) -> Iterator[Required]:
    if form.kind == "project" and "project" in form.head:
        yield form.head["project"], "项目名称"
    goals = form.goals
    if len(goals) == 2 and any(field.filled for field in form.goal_fields):
        yield goals["expected"][0], "预期目标"
        yield goals["achieved"][0], "实际完成情况"


def _required_funds(form: IndicatorForm) -> Iterator[Required]:
    total = form.funds.total if form.funds is not None else None
    if total is None:
        return
    names = {
        "initial": "年初预算数",
        "budget": "全年预算数",
        "executed": "全年执行数",
        "weight": "分值",
        "rate": "执行率",
        "score": "得分",
    }
    given = [column for column in names if column in total.cells and not total.cells[column].missing]
    if not given:
        return
    executed, budget = total.cells.get("executed"), total.cells.get("budget")
    nothing = all(field is None or not field.number for field in (executed, budget))
    over = executed is not None and budget is not None and (executed.number or 0) > (budget.number or 0)
    for column, name in names.items():
        if (
            column not in total.cells
            or (column in ("rate", "score") and nothing)
            or (column == "score" and over)
        ):
            continue
        if column == "initial" and _initial_unused(form):
            continue
        yield total.cells[column], f"年度资金总额的{name}"


def _initial_unused(form: IndicatorForm) -> bool:
    """The 年初预算数 column is blank in every row: the project was added during the year."""
    if form.kind != "project":
        return False
    rows = form.funds.rows if form.funds is not None else ()
    return all(row.cells["initial"].blank for row in rows)


def _required_row(form: IndicatorForm, indicator: Indicator) -> Iterator[Required]:
    name = indicator.name.text or "（无名称）"
    weight, score = indicator.weight, indicator.score
    if indicator.name.blank:
        return  # PE707 says it
    unused = (
        indicator.target.blank
        and indicator.actual.blank
        and all(field is None or not field.number for field in (weight, score))
    )
    if unused:
        return
    if "target" in form.columns:
        yield indicator.target, f"“{name}”的年度指标值"
    yield indicator.actual, f"“{name}”的实际完成值"
    if weight is not None and any(row.weight is not None and row.weight.filled for row in form.indicators):
        yield weight, f"“{name}”的分值"
    if score is not None and any(row.score is not None and row.score.filled for row in form.indicators):
        yield score, f"“{name}”的得分"


def _required_total(form: IndicatorForm) -> Iterator[Required]:
    total = form.total
    scored = any(row.score is not None and row.score.filled for row in form.indicators)
    if total is not None and total.score is not None and scored:
        yield total.score, "总分"


def _required_basic(form: BasicForm) -> Iterator[Required]:
    if form.staff is not None:
        yield form.staff.quota, "编制数"
        yield form.staff.actual, "实际在职人数"
        if form.staff.rate is not None and (form.staff.quota.number or not form.staff.quota.blank):
            yield form.staff.rate, "在职人员控制率"
    for role in ("sangong", "projects", "public", "procurement"):
        line = form.line(role)
        if line is not None and any(cell.filled for cell in line.cells.values()):
            for column, cell in line.cells.items():
                yield cell, f"{line.name}的{title_of(form, column)}"


# -- shifted columns, numbers as text, placeholders -----------------------------------------------------------


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
    for indicator in form.indicators:
        fields += [indicator.name, indicator.target, indicator.actual]
    for field in fields:
        match = _PLACEHOLDER.search(field.text)
        if match is not None:
            yield Claim(
                field.place,
                f"“{_short(field.text)}”里还留着模板文字“{match[0]}”。",
                actual=_short(field.text),
                suggestion="改成本单位的实际内容。",
                label=_short(field.text),
            )


def _unconfirmed(form: IndicatorForm, empty: bool) -> Iterator[Claim]:
    """What was carried over from last year and nobody has looked at; one finding a form."""
    fields = [*form.goal_fields, *(indicator.target for indicator in form.indicators)]
    fields += [cell for row in form.funds.rows for cell in row.cells.values()] if form.funds else []
    waiting = [field for field in fields if awaits(field.text)]
    if waiting:
        yield Claim(
            waiting[0].place,
            f"有 {len(waiting)} 处沿用上年的内容还没有确认（如“{_short(waiting[0].text)}”）。",
            actual=_short(waiting[0].text),
            suggestion="逐个核对：照旧的删去“(待确认)”，有变化的改成今年的；全部核对过的，可用“替换”一次删去。",
            severity="info" if empty else None,
            related=tuple(field.place for field in waiting[1:]),
            label=f"{form.caption}/待确认",
            figures=(str(len(waiting)),),
        )


def _short(text: str) -> str:
    return shortened(one_line(text), 30)


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
    for field in all_cells(form):
        if field.state == "error":
            yield Claim(
                field.place,
                f"单元格显示 {field.text}，公式出错了。",
                actual=field.text,
                suggestion="检查公式引用的格子，改正后重新计算。",
                label=field.place.cell,
                figures=(field.text,),
            )


def all_cells(form: Form) -> list[Field]:
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


# -- magnitudes, names, dates ---------------------------------------------------------------------------------


@rule(
    "PE706",
    "completeness.magnitude",
    "warning",
    "金额大小不对劲，可能错了单位或小数点",
    basis="同一行、同一表的金额应在同一数量级",
    forms=FORMS,
)
def magnitude(form: Form, _context: Context) -> Iterator[Result]:
    """一个金额是同类的约一万倍，或只差小数点位置。

    说明：把元填进万元的表，数会大一万倍；小数点点错，会大十倍、百倍。与同一行其他年度、其他栏比出来的，要核实。
    错误示例：政府采购上年183.01，本年3122800。
    正确示例：政府采购上年183.01，本年312.28。
    如何改：核对单位和小数点。
    """
    for row in _kin_rows(form):
        figures = [(field, name) for field, name in row if field.number]
        for field, name in figures:
            others = [other.number for other, _ in figures if other is not field and other.number]
            assert field.number is not None
            if not others or not (factor := _out_of_scale(field.number, others)):
                continue
            yield Claim(
                field.place,
                f"{name}填 {shown(field)}，约是同一行其他数的 {factor} 倍，可能{'把元当成了万元' if factor >= 1000 else '点错了小数点'}。",
                actual=shown(field),
                suggestion="核对单位和小数点。",
                related=tuple(other.place for other, _ in figures if other is not field),
                uses=(field.place,),
                label=name,
                figures=(shown(field),),
            )


def _out_of_scale(value: Decimal, others: Sequence[Decimal]) -> int | None:
    """How many times its kin a figure is: about 10 000, or exactly 10, 100 … with the same digits."""
    ratios = [value / other for other in others if other > 0]
    if not ratios or value <= 0:
        return None
    if all(Decimal(2000) <= ratio <= Decimal(50000) for ratio in ratios) and value >= 1000:
        return 10000
    same_digits = [ratio for ratio in ratios if ratio in (10, 100, 1000)]
    return int(same_digits[0]) if same_digits and all(ratio >= 5 for ratio in ratios) else None


def _kin_rows(form: Form) -> Iterator[list[tuple[Field, str]]]:
    """Rows of figures that are of one kind."""
    if isinstance(form, BasicForm):
        for line in form.lines:
            if line.role in ("sangong", "projects", "public", "procurement"):
                yield [
                    (cell, f"{line.name}的{title_of(form, column)}") for column, cell in line.cells.items()
                ]
    elif isinstance(form, IndicatorForm) and form.funds is not None and form.funds.total is not None:
        total = form.funds.total
        yield [
            (total.cells[column], f"{row_name(total.label)}的{name}")
            for column, name in (
                ("initial", "年初预算数"),
                ("budget", "全年预算数"),
                ("executed", "全年执行数"),
            )
            if column in total.cells
        ]


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


_DATE = re.compile(r"(20\d\d|19\d\d)\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})")


@rule(
    "PE708",
    "completeness.signature",
    "info",
    "签字、联系方式、填报日期缺失或不可能",
    basis="自评表应有负责人签字、填表人、联系电话和填报日期",
    forms=("overall", "project"),
)
def signature(form: IndicatorForm, _context: Context) -> Iterator[Result]:
    """表尾的签字栏。

    说明：填表人、联系电话、填报日期应填；填报日期不能是不存在的日子，也不应早于评价年度结束。
    错误示例：填报日期：2024.2.30。
    正确示例：填报日期：2024.5.30。
    如何改：补填或改正。
    """
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


def _date_problem(text: str, year: int | None) -> str | None:
    match = _DATE.search(text)
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
    "PE709",
    "completeness.negative",
    "error",
    "金额是负数",
    basis="预算、支出金额不应为负（预算调整可以核减）",
    forms=(*FORMS, "gov_fund", "state_capital", "social_insurance"),
)
def negative(form: Form, _context: Context) -> Iterator[Result]:
    """不可能为负的金额填了负数。

    说明：预算数、决算数、执行数不应是负数；“预算调整”一行、收支结余、结转可以是负数。
    错误示例：公务接待决算-2.58。
    正确示例：公务接待决算2.58。
    如何改：去掉负号，或核对金额。
    """
    for field, name in _never_negative(form):
        if field.number is not None and field.number < 0:
            yield Claim(
                field.place,
                f"{name}填了负数 {shown(field)}。",
                expected=plain(abs(field.number)),
                actual=shown(field),
                suggestion="去掉负号，或核对金额。",
                uses=(field.place,),
                label=name,
                figures=(shown(field),),
            )


def _never_negative(form: Form) -> Iterator[tuple[Field, str]]:
    match form:
        case BasicForm():
            yield from _basic_amounts(form)
        case IndicatorForm():
            for row in form.funds.rows if form.funds is not None else ():
                money = [
                    row.cells[column] for column in ("initial", "budget", "executed") if column in row.cells
                ]
                yield from ((cell, row_name(row.label)) for cell in money)
            yield from ((line.amount, line.label) for line in (*form.income, *form.spending))
        case FundTable():
            for item in form.rows:
                name = one_line(item.label.text)
                roles = ("income", "spending", "basic", "projects")
                yield from ((item.cells[role], name) for role in roles if role in item.cells)


def _basic_amounts(form: BasicForm) -> Iterator[tuple[Field, str]]:
    for line in form.lines:
        if line.role != "adjustment":
            yield from (
                (cell, f"{line.name}（{title_of(form, column)}）") for column, cell in line.cells.items()
            )
    if form.staff is not None:
        yield form.staff.quota, "编制数"
        yield form.staff.actual, "实际在职人数"


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


# -- impossible values ----------------------------------------------------------------------------------------

_CAPPED = re.compile(
    "满意度|满意率|合格率|覆盖率|知晓率|及格率|达标率|入学率|参与率|通过率|准确率|正确率|完好率"
)
_PERSONS = ("人", "人次", "名")


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
            due = plain(cell.due.quantize(Decimal("0.01")) if cell.due != int(cell.due) else cell.due)
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
            )


@rule(
    "PE714",
    "completeness.impossible",
    "error",
    "不可能的数",
    basis="满意度、合格率等不能超过100%，人数应为整数",
    forms=("basic", "overall", "project"),
)
def impossible(form: Form, context: Context) -> Iterator[Result]:
    """超过100%的满意度、带小数的人数。

    说明：满意度、合格率、覆盖率等不能超过100%；人数不能有小数；完成日期不能在填报日期之后。
    错误示例：群众满意度120%。
    正确示例：群众满意度98%。
    如何改：核对后改正。
    """
    if isinstance(form, BasicForm):
        staff = form.staff
        for field, name in () if staff is None else ((staff.quota, "编制数"), (staff.actual, "实际在职人数")):
            if field.number is not None and field.number != field.number.to_integral_value():
                yield _impossible(field, f"{name}填 {shown(field)}，人数应为整数。", name)
        return
    assert isinstance(form, IndicatorForm)
    filed = _filing_date(form)
    for judged in context.judged(form):
        actual = judged.judgement.actual
        name = judged.indicator.name.text
        if filed is not None and actual.kind == "date" and not actual.closing and (actual.since or (0,))[0]:
            if actual.since is not None and actual.since > filed:
                text = f"“{name}”的完成日期 {judged.indicator.actual_text} 在填报日期之后。"
                yield _impossible(judged.indicator.actual, text, name)
            continue
        if judged.shifted or actual.value is None:
            continue
        if actual.unit == "%" and actual.value > HUNDRED and _CAPPED.search(name):
            yield _impossible(
                judged.indicator.actual,
                f"“{name}”完成值 {judged.indicator.actual_text}，不可能超过100%。",
                name,
            )
        elif (
            actual.unit in _PERSONS
            and actual.multiplier == 1
            and actual.value != actual.value.to_integral_value()
        ):
            yield _impossible(
                judged.indicator.actual,
                f"“{name}”完成值 {judged.indicator.actual_text}，人数应为整数。",
                name,
            )


def _filing_date(form: IndicatorForm) -> tuple[int, int, int] | None:
    """The day a form was filed, as its signature line says."""
    text = clean(form.signature.parts.get("填报日期", "")) if form.signature is not None else ""
    match = _DATE.search(text)
    return None if match is None else (int(match[1]), int(match[2]), int(match[3]))


def _impossible(field: Field, message: str, label: str) -> Claim:
    return Claim(
        field.place,
        message,
        actual=shown(field),
        suggestion="核对后改正。",
        uses=(field.place,),
        label=label,
        figures=(shown(field),),
    )
