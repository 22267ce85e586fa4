"""PE7xx: figures that cannot be: out of scale, negative, above what is possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from perfeval_xl import patterns as re
from perfeval_xl.equations import HUNDRED
from perfeval_xl.forms.records import YUAN, BasicForm, Field, Form, FundTable, IndicatorForm
from perfeval_xl.rules.cells import COLUMN_NAMES, row_name, shown, title_of
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, rule
from perfeval_xl.text import clean, one_line, plain

from .formal import DATE
from .required import FORMS


@rule(
    "PE706",
    "completeness.magnitude",
    "warning",
    "金额大小不对劲，可能错了单位或小数点",
    basis="同一行、同一表的金额应在同一数量级",
    forms=FORMS,
)
def magnitude(form: Form, context: Context) -> Iterator[Result]:
    """一个金额是同类的约一万倍，或只差小数点位置。

    说明：把元填进万元的表，数会大一万倍；小数点点错，会大十倍、百倍。与同一行其他年度、其他栏比出来的，指标值与完成值数相近而单位差一万倍的，要核实。
    错误示例：政府采购上年183.01，本年3122800。
    正确示例：政府采购上年183.01，本年312.28。
    如何改：核对单位和小数点。
    """
    if isinstance(form, IndicatorForm):
        yield from _wrong_units(form, context)
    for row in _kin_rows(form):
        figures = [(field, name) for field, name in row if field.number]
        yield from _unit_of_another(form, figures)
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


#: A figure within this factor of its kin is one of them.
_ALIKE = Decimal(3)


def _unit_of_another(form: Form, figures: Sequence[tuple[Field, str]]) -> Iterator[Claim]:
    """A figure like its kin but for the unit written behind it: 20元 beside 20 in a form of 万元."""
    unit = form.money_unit
    for field, name in figures:
        written = YUAN.get(field.unit)
        if unit is None or written is None or field.number is None or written == YUAN[unit]:
            continue
        face = field.number * YUAN[unit] / written
        others = [other.number for other, _ in figures if other is not field and other.number]
        if others and all(other / _ALIKE <= face <= other * _ALIKE for other in others):
            yield Claim(
                field.place,
                f"{name}填 {shown(field)}，本表以{unit}为单位，同一行其他数与它相近，多半写错了单位。",
                expected=f"{plain(face)}（{unit}）",
                actual=shown(field),
                suggestion="核对单位；单位写在表头，格里只填数。",
                related=tuple(other.place for other, _ in figures if other is not field),
                uses=(field.place,),
                label=name,
                figures=(shown(field),),
            )


def _wrong_units(form: IndicatorForm, context: Context) -> Iterator[Claim]:
    """Targets and actuals in money whose figures agree and whose units do not: ≤42万元 → 41.32元."""
    for judged in context.judged(form):
        indicator, judgement = judged.indicator, judged.judgement
        if judged.shifted or not judgement.misscaled:
            continue
        yield Claim(
            indicator.actual.place,
            f"“{indicator.name.text}”年度指标值 {indicator.target_text}，实际完成值 {indicator.actual_text}，数相近，单位却不同，多半写错了单位。",
            expected=f"以{judgement.target.unit}为单位的数",
            actual=shown(indicator.actual),
            suggestion="核对单位，改成与年度指标值相同的单位。",
            related=(indicator.target.place,),
            uses=(indicator.actual.place,),
            label=indicator.name.text,
            figures=(indicator.target_text, indicator.actual_text),
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
            for column, name in COLUMN_NAMES.items()
            if column in total.cells
        ]


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


_CAPPED = re.compile(
    "满意度|满意率|合格率|覆盖率|知晓率|及格率|达标率|入学率|参与率|通过率|准确率|正确率|完好率"
)


_PERSONS = ("人", "人次", "名")


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
    match = DATE.search(text)
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
        cause=True,
    )
