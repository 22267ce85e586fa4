"""PE2xx rates: 控制率, 执行率, 规模/概算控制率, and figures above what was planned.

One file although it is long: its rules share what a rate is divided by and which reasons excuse it; half of it are their pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from perfeval_xl import patterns as re
from perfeval_xl.equations import HUNDRED, Ratio, Term, quantum, rounded, written_rates
from perfeval_xl.forms.records import BasicForm, Field, FundRow, IndicatorForm
from perfeval_xl.records import replace
from perfeval_xl.rules.cells import row_name, shown, title_of, whole_amount
from perfeval_xl.rules.context import Context, cell_quantum
from perfeval_xl.rules.reasons import explains_adjusted, explains_by_stock, explains_unspent
from perfeval_xl.rules.registry import Claim, Result, Skip, or_skip, rule
from perfeval_xl.text import clean, plain


def _zero(field: Field | None) -> bool:
    return field is None or field.number is None or field.number == 0


def _ratio(
    code: str,
    owner: str,
    rate: tuple[Field | None, str],
    numerator: tuple[Field | None, str],
    denominator: tuple[Field | None, str],
    what: str,
    *,
    capped: bool = False,
    persons: bool = False,
) -> Ratio | None:
    """The declaration of a rate, where all three cells hold figures and the denominator is not 0."""
    cells = (rate[0], numerator[0], denominator[0])
    if any(cell is None or cell.number is None for cell in cells) or _zero(denominator[0]):
        return None
    terms = [
        Term(cell, name, whole=persons and cell is not rate[0])
        for cell, name in (rate, numerator, denominator)
        if cell is not None
    ]
    return Ratio(code, owner, terms[0], terms[1], terms[2], what, capped=capped)


@rule(
    "PE201",
    "rates.staff",
    "error",
    "在职人员控制率算错",
    basis="在职人员控制率＝在职人数÷编制数×100%",
    forms=("basic",),
    computed=True,
)
def staff_rate(form: BasicForm, _context: Context) -> Iterator[Result]:
    """在职人员控制率复算。

    说明：控制率等于实际在职人数除以编制数，按表上保留的位数四舍五入。
    错误示例：编制143人，在职136人，控制率填105.15%。
    正确示例：编制143人，在职136人，控制率填95.10%。
    如何改：核对人数后按公式重算控制率。
    """
    staff = form.staff
    if staff is None or staff.rate is None:
        yield Skip("表中没有在职人员控制率")
        return
    ratio = _ratio(
        "PE201",
        form.caption,
        (staff.rate, "控制率"),
        (staff.actual, "实际在职人数"),
        (staff.quota, "编制数"),
        "控制率应等于实际在职人数÷编制数",
        persons=True,
    )
    yield ratio or Skip("编制数、在职人数或控制率没有填数")


@rule(
    "PE202",
    "rates.overstaffed",
    "warning",
    "在职人数超过编制数",
    basis="在职人员控制率应不超过100%",
    forms=("basic",),
)
def overstaffed(form: BasicForm, _context: Context) -> Iterator[Result]:
    """在职人数与编制数比较。

    说明：在职人数大于编制数属于超编，审核时会要求说明原因。
    错误示例：编制15人，在职16人，没有说明。
    正确示例：编制15人，在职15人。
    如何改：核对人数；确属超编的，在报告中说明原因。
    """
    staff = form.staff
    if staff is None or staff.quota.number is None or staff.actual.number is None:
        yield Skip("编制数或在职人数没有填数")
        return
    if staff.actual.number > staff.quota.number > 0:
        yield _over(
            staff.actual,
            staff.quota,
            "实际在职人数",
            "编制数",
            "核对人数；确属超编的请在报告中说明原因。",
            "人员",
        )


def _over(field: Field, limit: Field, name: str, limit_name: str, suggestion: str, label: str) -> Claim:
    return Claim(
        field.place,
        f"{name} {shown(field)} 大于{limit_name} {shown(limit)}。",
        expected=f"≤{shown(limit)}",
        actual=shown(field),
        explain=f"超出 {plain((field.number or Decimal(0)) - (limit.number or Decimal(0)))}",
        suggestion=suggestion,
        related=(limit.place,),
        uses=(field.place, limit.place),
        label=label,
        figures=(shown(field), shown(limit)),
    )


@rule(
    "PE203",
    "rates.buildings",
    "error",
    "楼堂馆所控制率算错或超过100%",
    basis="规模控制率＝实际规模÷批复规模；投资概算控制率＝实际投资÷预算投资",
    forms=("basic",),
    computed=True,
)
def buildings(form: BasicForm, _context: Context) -> Iterator[Result]:
    """楼堂馆所规模控制率、投资概算控制率复算。

    说明：规模控制率等于实际规模除以批复规模，投资概算控制率等于实际投资除以预算投资；超过100%要说明。没有项目填0或空着都可以。
    错误示例：批复规模1000，实际规模1100，规模控制率填100%。
    正确示例：批复规模1000，实际规模950，规模控制率填95%。
    如何改：按批复文件核对规模和投资，按公式重算。
    """
    found = False
    for building in form.buildings:
        for rate, numerator, denominator, name in (
            ("rate", "actual", "approved", "规模控制率"),
            ("cost_rate", "spent", "budget", "投资概算控制率"),
        ):
            cells = building.cells
            if _zero(cells.get(denominator)):
                continue
            found = True
            top, bottom = cells.get(numerator), cells.get(denominator)
            ratio = _ratio(
                "PE203",
                form.caption,
                (cells.get(rate), name),
                (top, "实际数"),
                (bottom, "批复数"),
                f"{name}应等于实际数÷批复数",
            )
            if ratio is not None:
                yield ratio
            if (
                top is not None
                and bottom is not None
                and top.number is not None
                and bottom.number is not None
                and top.number > bottom.number
            ):
                claim = _over(
                    top,
                    bottom,
                    name.replace("控制率", "实际数"),
                    "批复数",
                    "核对批复文件；确属超规模、超概算的请说明原因。",
                    name,
                )
                yield replace(claim, severity="warning")
    if not found:
        yield Skip("没有楼堂馆所项目")


@rule(
    "PE204",
    "rates.execution",
    "error",
    "执行率算错",
    basis="执行率＝全年执行数÷全年预算数（不是年初预算数）",
    forms=("overall", "project"),
    computed=True,
)
def execution(form: IndicatorForm, _context: Context) -> Iterator[Result]:
    """预算执行率复算。

    说明：执行率等于全年执行数除以全年预算数，不能除以年初预算数；92%代表91.5%到92.5%。
    错误示例：全年预算92，全年执行84.69，执行率填100%。
    正确示例：全年预算92，全年执行84.69，执行率填92.05%。
    如何改：核对预算数和执行数后按公式重算。
    """
    total = form.funds.total if form.funds is not None else None
    if total is None or "rate" not in total.cells:
        yield Skip("没有执行率一栏")
        return
    rate = _fund_rate("PE204", form, total)
    yield rate or Skip("全年预算数、全年执行数或执行率没有填数")


def _fund_rate(code: str, form: IndicatorForm, row: FundRow) -> Ratio | None:
    name = row_name(row.label)
    return _ratio(
        code,
        form.caption,
        (row.cells.get("rate"), f"{name}的执行率"),
        (row.cells.get("executed"), "全年执行数"),
        (row.cells.get("budget"), "全年预算数"),
        f"{name}的执行率应等于全年执行数÷全年预算数",
        capped=True,
    )


@rule(
    "PE205",
    "rates.overspent",
    "warning",
    "全年执行数超过全年预算数",
    basis="支出一般不超过全年（调整后）预算",
    forms=("overall", "project"),
)
def overspent(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """全年执行数与全年预算数比较。

    说明：执行数大于预算数，可能是动用了上年结转，也可能是录错，审核时会要求说明。
    错误示例：全年预算329.77，全年执行338.31。
    正确示例：全年预算338.31，全年执行338.31。
    如何改：核对两个数；动用结转资金的，把结转计入全年预算或加以说明。
    """
    executed, budget = form.amount("executed"), form.amount("budget")
    if executed is None or budget is None or executed.number is None or budget.number is None:
        yield Skip("全年预算数或全年执行数没有填数")
        return
    if executed.number > budget.number + cell_quantum(form, context):
        yield _over(
            executed,
            budget,
            "全年执行数",
            "全年预算数",
            "核对两个数；动用上年结转的，请计入全年预算或在说明中写明。",
            "年度资金总额",
        )


def _exceeding(form: BasicForm, context: Context, role: str, name: str) -> Claim | None:
    """A 附件1 line whose 决算 is above its 预算."""
    line = form.line(role)
    if line is None or "final" not in line.cells or "budget" not in line.cells:
        return None
    final, budget = line.cells["final"], line.cells["budget"]
    if (
        final.number is None
        or budget.number is None
        or final.number <= budget.number + cell_quantum(form, context)
    ):
        return None
    return _over(
        final,
        budget,
        f"{name}{title_of(form, 'final')}",
        title_of(form, "budget"),
        "核对两个数；确属超预算的，请在报告中说明原因。",
        name,
    )


def _has_final_and_budget(form: BasicForm, role: str) -> bool:
    line = form.line(role)
    return line is not None and all(
        column in line.cells and line.cells[column].number is not None for column in ("final", "budget")
    )


@rule(
    "PE206",
    "rates.sangong_budget",
    "warning",
    "三公经费决算超过预算",
    basis="三公经费控制率应不超过100%",
    forms=("basic",),
)
def sangong_budget(form: BasicForm, context: Context) -> Iterator[Result]:
    """三公经费及各分项的决算数与预算数比较。

    说明：三公经费（含每个分项）决算数一般不能超过预算数，超过的要说明原因。
    错误示例：三公经费预算3，决算3.58，没有说明。
    正确示例：三公经费预算3，决算2.58。
    如何改：核对两个数；确属超支的请在报告中说明。
    """
    roles = ("sangong", "vehicles", "vehicle_purchase", "vehicle_upkeep", "abroad", "reception")
    if not any(_has_final_and_budget(form, role) for role in roles):
        yield Skip("三公经费的预算数或决算数没有填数")
        return
    claims = [
        (role, claim) for role in roles if (claim := _exceeding(form, context, role, _line_name(form, role)))
    ]
    parents = {
        "sangong": {"vehicles", "abroad", "reception"},
        "vehicles": {"vehicle_purchase", "vehicle_upkeep"},
    }
    over = {role for role, _ in claims}
    for role, claim in claims:
        if not over & parents.get(role, set()):  # the part that exceeds says it for its total
            yield claim


def _line_name(form: BasicForm, role: str) -> str:
    line = form.line(role)
    return line.name if line is not None else role


@rule(
    "PE207",
    "rates.sangong_growth",
    "info",
    "三公经费比上年增加",
    basis="三公经费变动率应不大于0",
    forms=("basic",),
)
def sangong_growth(form: BasicForm, context: Context) -> Iterator[Result]:
    """三公经费决算数与上年比较。

    说明：三公经费应只减不增（用决算数还是预算数，以政策为准）；比上年增加而报告没有提到原因的，提示看一下。
    错误示例：上年2.58，本年3.1，报告没有说明。
    正确示例：上年3，本年2.58。
    如何改：在报告中说明增加的原因。
    """
    line, basis = form.line("sangong"), context.policy.sangong_basis
    if line is None or any(
        name not in line.cells or line.cells[name].number is None for name in ("last_final", basis)
    ):
        yield Skip(f"三公经费上年决算数或本年{'决算' if basis == 'final' else '预算'}数没有填数")
        return
    last, now = line.cells["last_final"], line.cells[basis]
    grown = (now.number or Decimal(0)) > (last.number or Decimal(0))
    if grown and not re.search("三公.{0,40}(增加|增长|上升|原因)", context.narrative or ""):
        yield _over(
            now,
            last,
            f"三公经费{title_of(form, basis)}",
            title_of(form, "last_final"),
            "在报告中说明比上年增加的原因。",
            "三公经费增长",
        )


@rule(
    "PE208",
    "rates.public_budget",
    "warning",
    "公用经费决算超过预算",
    basis="公用经费控制率应不超过100%",
    forms=("basic",),
)
def public_budget(form: BasicForm, context: Context) -> Iterator[Result]:
    """公用经费决算数与预算数比较。

    说明：公用经费决算数一般不能超过预算数，超过的要说明原因。
    错误示例：公用经费预算64.8，决算81.14。
    正确示例：公用经费预算64.8，决算61.05。
    如何改：核对两个数；确属超支的请在报告中说明。
    """
    if not _has_final_and_budget(form, "public"):
        yield Skip("公用经费的预算数或决算数没有填数")
    elif (claim := _exceeding(form, context, "public", "公用经费")) is not None:
        yield claim


@rule(
    "PE209",
    "rates.procurement_budget",
    "warning",
    "政府采购决算超过预算",
    basis="政府采购执行率应不超过100%",
    forms=("basic",),
)
def procurement_budget(form: BasicForm, context: Context) -> Iterator[Result]:
    """政府采购决算数与预算数比较。

    说明：政府采购金额决算数超过预算数，审核时会要求说明。
    错误示例：政府采购预算284.68，决算312.28。
    正确示例：政府采购预算312.28，决算284.68。
    如何改：核对两个数；年中追加采购预算的请填调整后的数或说明。
    """
    if not _has_final_and_budget(form, "procurement"):
        yield Skip("政府采购的预算数或决算数没有填数")
    elif (claim := _exceeding(form, context, "procurement", "政府采购金额")) is not None:
        yield claim


@rule(
    "PE210",
    "rates.undefined",
    "warning",
    "分母为0，比率却填了数",
    basis="分母为0时比率不适用",
    forms=("basic", "overall", "project"),
)
def undefined(form: BasicForm | IndicatorForm, _context: Context) -> Iterator[Result]:
    """分母为0或空着时的比率。

    说明：编制数、预算数等分母是0或空着时，比率无意义，可以空着、填0、填—或100%，不应是别的数。
    错误示例：全年预算0，全年执行0，执行率85%。
    正确示例：全年预算0，全年执行0，执行率为空。
    如何改：补填分母，或清空比率。
    """
    for rate, denominator, name in _rates(form):
        if rate.number is None or not denominator.known or not _zero(denominator):
            continue
        if any(value in (0, HUNDRED) for value, _ in written_rates(rate)):
            continue
        yield Claim(
            rate.place,
            f"{name}填 {shown(rate)}，但它的分母 {denominator.place.cell} 为 {shown(denominator)}，比率无法计算。",
            expected="空、0、—或100%",
            actual=shown(rate),
            suggestion="补填分母；确实为0的，清空比率。",
            related=(denominator.place,),
            uses=(rate.place, denominator.place),
            label=name,
            figures=(shown(rate), shown(denominator)),
        )


def _rates(form: BasicForm | IndicatorForm) -> Iterator[tuple[Field, Field, str]]:
    """Every stated rate of a form with its denominator."""
    if isinstance(form, IndicatorForm):
        for row in form.funds.rows if form.funds is not None else ():
            if "rate" in row.cells and "budget" in row.cells:
                yield row.cells["rate"], row.cells["budget"], f"{row_name(row.label)}的执行率"
        return
    if form.staff is not None and form.staff.rate is not None:
        yield form.staff.rate, form.staff.quota, "控制率"
    for building in form.buildings:
        for rate, denominator, name in (
            ("rate", "approved", "规模控制率"),
            ("cost_rate", "budget", "投资概算控制率"),
        ):
            if rate in building.cells and denominator in building.cells:
                yield building.cells[rate], building.cells[denominator], name


@rule(
    "PE211",
    "rates.low_execution",
    "warning",
    "执行率偏低，没有说明原因",
    basis="执行率低于规定比例的应说明原因",
    forms=("overall", "project"),
)
def low_execution(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """执行率低于规定下限。

    说明：执行率低于规定比例（默认90%）的，应说明原因：写在偏差原因、总分行、资金管理情况、实际完成情况或报告中都可以；只把执行率再写一遍不算原因。
    错误示例：全年预算200，全年执行66.86，没有任何说明。
    正确示例：全年预算200，全年执行66.86，偏差原因写明项目跨年实施、尾款待验收后支付。
    如何改：在偏差原因或报告中写明未执行完的原因和措施。
    """
    executed, budget = whole_amount(form, "executed"), whole_amount(form, "budget")
    if (
        executed is None
        or budget is None
        or executed.number is None
        or budget.number is None
        or budget.number <= 0
    ):
        yield Skip("全年预算数为0，或预算数、执行数没有填数")
        return
    rate = executed.number / budget.number * HUNDRED
    if rate >= context.policy.execution_floor or explains_unspent(form, context):
        return
    total = form.funds.total if form.funds is not None else None
    stated = total.cells.get("rate") if total is not None else None
    cell = stated if stated is not None and not stated.blank else executed
    yield Claim(
        cell.place,
        f"执行率只有 {plain(rounded(rate, 2))}%，低于 {plain(context.policy.execution_floor)}%，表内和报告中都没有说明原因。"
        + _unlike_results(form, rate, context),
        actual=f"{plain(rounded(rate, 2))}%",
        expected=f"≥{plain(context.policy.execution_floor)}%，或说明原因",
        explain=f"{executed.text} ÷ {budget.text} = {plain(rounded(rate, 2))}%",
        suggestion="在偏差原因或报告中写明没有执行完的原因和下一步措施。",
        related=(executed.place, budget.place),
        uses=(executed.place, budget.place),
        label="执行率",
        figures=(shown(executed), shown(budget)),
    )


def _unlike_results(form: IndicatorForm, rate: Decimal, context: Context) -> str:
    """How the results do not fit the money that was spent, as a sentence; "" where they may."""
    rows = [judged for judged in context.judged(form) if judged.indicator.weight is not None]
    outputs = [judged for judged in rows if "产出" in judged.indicator.level1 and judged.numbers[0]]
    results = context.policy.results
    if rate < results.floor and outputs and all(judged.full for judged in outputs):
        return f"钱只用了 {plain(rounded(rate, 2))}%，产出指标却全部满分，钱和结果对不上。"
    pairs = [pair for pair in (judged.numbers for judged in rows) if pair[0]]
    if not pairs or any(score is None for _, score in pairs):
        return ""
    whole = sum((weight or Decimal(0) for weight, _ in pairs), Decimal(0))
    share = sum((score or Decimal(0) for _, score in pairs), Decimal(0)) / whole * HUNDRED
    if share - rate <= results.gap:
        return ""
    return f"指标得分率 {plain(rounded(share, 2))}%，比执行率高出 {plain(rounded(share - rate, 2))} 个百分点，钱和结果对不上。"


#: Money and results of several years beside each other.
_SEVERAL_YEARS = re.compile(r"跨年|多年|20\d\d年?[-—~至]+20\d\d年|总投资|项目总")


@rule(
    "PE215",
    "rates.results",
    "warning",
    "钱没有花，结果却全部完成",
    basis="预算执行与绩效结果应相衔接",
    forms=("overall", "project"),
)
def results(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """执行率很低而产出全部满分，只有套话作说明。

    说明：执行率低于50%（以政策为准）而产出指标全部满分，或指标得分率比执行率高出50个百分点以上的，要说明钱没花、事怎么做成的。没有写任何原因的由执行率偏低一条一并指出；写了具体原因的不再追问。
    错误示例：全年预算100，执行5，产出指标全部满分，偏差原因只写“加强资金管理”。
    正确示例：全年预算100，执行5，偏差原因写明款项已于下年1月支付。
    如何改：写明没有支付的原因，如欠款、结转、由其他资金支付；没有做完的改正得分。
    """
    executed, budget, initial = (
        whole_amount(form, "executed"),
        whole_amount(form, "budget"),
        whole_amount(form, "initial"),
    )
    if executed is None or budget is None or executed.number is None or not budget.number:
        yield Skip("全年预算数为0，或预算数、执行数没有填数")
        return
    rate = executed.number / budget.number * HUNDRED
    text = _unlike_results(form, rate, context)
    unexplained = rate < context.policy.execution_floor and not explains_unspent(form, context)
    if (
        not text
        or unexplained
        or not explains_by_stock(form, context)
        or (initial is not None and initial.number == 0)
    ):
        return  # PE211 carries it where nothing is said at all
    if _SEVERAL_YEARS.search(clean(form.title.text + form.name)):
        return
    yield Claim(
        executed.place,
        text + "写的原因是套话，没有说出为什么。",
        actual=f"{plain(rounded(rate, 2))}%",
        explain=f"{executed.text} ÷ {budget.text} = {plain(rounded(rate, 2))}%",
        suggestion="写明没有支付的具体原因；没有做完的改正得分。",
        related=(budget.place,),
        uses=(executed.place, budget.place),
        label="执行率与结果",
        figures=(shown(executed), shown(budget)),
    )


@rule(
    "PE212",
    "rates.adjusted",
    "warning",
    "全年预算与年初预算相差较大",
    basis="预算调整率较大的应说明原因",
    forms=("overall", "project"),
)
def adjusted(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """全年预算数与年初预算数比较。

    说明：全年预算比年初预算增减超过规定比例（默认30%），表内和报告中又只字未提预算追加或调整的，要核实；没有自评报告的，看表内有没有说明，调减的只提示。年初为0的是年中追加项目，只提示。
    错误示例：年初预算100，全年预算180，表内和报告都没有提到追加。
    正确示例：年初预算100，全年预算180，报告写明年中追加80万元及原因。
    如何改：在报告中说明预算追加、调剂的情况和原因。
    """
    initial, budget = whole_amount(form, "initial"), whole_amount(form, "budget")
    if initial is None or budget is None or initial.number is None or budget.number is None:
        yield Skip("年初预算数或全年预算数没有填数")
        return
    if initial.number == 0:
        if budget.number > 0:
            yield Claim(
                budget.place,
                f"年初预算为0，全年预算 {shown(budget)}，是年中追加的项目。",
                suggestion="确认属于年中追加；报告中宜说明追加依据。",
                related=(initial.place,),
                uses=(initial.place, budget.place),
                severity="info",
                label="年中追加",
                figures=(shown(budget),),
            )
        return
    change = (budget.number - initial.number) / initial.number * HUNDRED
    if abs(change) <= context.policy.adjustment_threshold:
        return
    if not explains_adjusted(form, context):
        where = "表内和报告中都" if context.narrative is not None else "表内"
        yield Claim(
            budget.place,
            f"全年预算 {shown(budget)} 比年初预算 {shown(initial)} {'增加' if change > 0 else '减少'}了 {plain(abs(rounded(change, 2)))}%，{where}没有说明。",
            explain=f"({budget.text} − {initial.text}) ÷ {initial.text} = {plain(rounded(change, 2))}%",
            suggestion="在表内或报告中说明预算追加、调剂的情况和原因。",
            related=(initial.place,),
            uses=(initial.place, budget.place),
            severity=None if context.narrative is not None or change > 0 else "info",
            label="预算变动",
            figures=(shown(initial), shown(budget)),
        )


@rule(
    "PE213",
    "rates.stated",
    "error",
    "表中填的比率与复算不符",
    basis="比率按表中数字复算",
    forms=("overall", "project"),
    computed=True,
)
def stated(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """各分项执行率、指标完成率复算。

    说明：资金来源各行填了执行率的，指标行填了完成率的，都按本行的数字复算。
    错误示例：财政拨款预算90、执行45，执行率填100%。
    正确示例：财政拨款预算90、执行45，执行率填50%。
    如何改：按本行的数字重算。
    """
    ratios = [
        ratio
        for row in (form.funds.sources if form.funds is not None else ())
        if (ratio := _fund_rate("PE213", form, row)) is not None
    ]
    for judged in context.judged(form):
        completion = judged.indicator.extra.get("completion")
        reached = judged.judgement.ratio
        if (
            completion is None
            or completion.number is None
            or reached is None
            or judged.judgement.direction != "floor"
        ):
            continue
        claim = _completion(
            judged.indicator.name.text,
            completion,
            reached * HUNDRED,
            judged.indicator.target,
            judged.indicator.actual,
        )
        if claim is not None:
            yield claim
    yield from or_skip(ratios, "没有填分项执行率")


def _completion(name: str, completion: Field, exact: Decimal, target: Field, actual: Field) -> Claim | None:
    for value, decimals in written_rates(completion):
        if abs(value - exact) <= quantum(decimals) or (value == HUNDRED and exact > HUNDRED):
            return None
    return Claim(
        completion.place,
        f"“{clean(name)}”的完成率填 {shown(completion)}，按 {shown(actual)} 与 {shown(target)} 复算为 {plain(rounded(exact, 2))}%。",
        expected=f"{plain(rounded(exact, 2))}%",
        actual=shown(completion),
        suggestion="按实际完成值与年度指标值重算完成率。",
        related=(target.place, actual.place),
        label=name,
        figures=(shown(completion), shown(target), shown(actual)),
    )


@rule(
    "PE214",
    "rates.part_overspent",
    "warning",
    "分项执行数超过本项全年预算数",
    basis="各项来源的支出一般不超过本项预算",
    forms=("overall", "project"),
)
def part_overspent(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """每项资金来源的执行数与预算数比较。

    说明：当年财政拨款、上年结转、其他资金各行，执行数一般不能超过本行的全年预算数。
    错误示例：上年结转全年预算10，执行12。
    正确示例：上年结转全年预算12，执行12。
    如何改：核对本行两个数，或说明资金调剂情况。
    """
    rows = form.funds.sources if form.funds is not None else ()
    total, budget = form.amount("executed"), form.amount("budget")
    whole_over = bool(
        total
        and budget
        and total.number is not None
        and budget.number is not None
        and total.number > budget.number
    )
    checked = False
    for row in rows:
        executed, own = row.cells.get("executed"), row.cells.get("budget")
        if executed is None or own is None or executed.number is None:
            continue
        if own.missing and any(other.cells["budget"].number is not None for other in rows):
            own = replace(own, text="0", state="number", number=Decimal(0))  # the money stands in another row
        if own.number is None:
            continue
        checked = True
        if executed.number > own.number + cell_quantum(form, context) and not whole_over:
            name = row_name(row.label)
            yield _over(
                executed,
                own,
                f"{name}的全年执行数",
                "本行全年预算数",
                "核对本行两个数，或说明资金调剂情况。",
                name,
            )
    if not checked:
        yield Skip("各项来源没有填预算数和执行数")
