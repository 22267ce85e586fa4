"""PE1xx totals: sums inside one form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from perfeval_xl import patterns as re
from perfeval_xl.equations import Equation, Term, quantum, rounded
from perfeval_xl.findings import Severity
from perfeval_xl.forms.records import (
    BasicForm,
    BudgetLine,
    Field,
    FundRow,
    FundTable,
    FundTableRow,
    IndicatorForm,
)
from perfeval_xl.records import replace
from perfeval_xl.rules.cells import (
    COLUMN_NAMES,
    YEAR_COLUMNS,
    basis_of,
    factor,
    has_number,
    row_name,
    shown,
    title_of,
)
from perfeval_xl.rules.context import Context, cell_quantum
from perfeval_xl.rules.missing import left_out
from perfeval_xl.rules.registry import Claim, Result, Skip, or_skip, rule
from perfeval_xl.text import one_line, plain
from perfeval_xl.typing_errors import LIKELY, typing_error


def line_sum(
    rule_code: str,
    form: BasicForm,
    total: BudgetLine,
    parts: Sequence[BudgetLine],
    context: Context,
    *,
    below: Severity | None = None,
    columns: Sequence[str] = YEAR_COLUMNS,
) -> Iterator[Equation]:
    """The sum of 附件1 lines in each year column that has a figure among the parts."""
    for column in columns:
        if column not in total.cells or all(part.cells[column].blank for part in parts):
            continue
        if all(cell.missing for cell in total.cells.values()):
            continue  # the row is a heading, it states no total
        fields = [total.cells[column], *(part.cells[column] for part in parts)]
        if not all(field.known for field in fields):
            continue
        name = title_of(form, column)
        yield Equation(
            rule=rule_code,
            owner=form.caption,
            total=Term(total.cells[column], f"{total.name}（{name}）"),
            parts=tuple(Term(part.cells[column], part.name, kin=_kin(part, column)) for part in parts),
            signs=(1,) * len(parts),
            what=f"{total.name}（{name}）应等于下列各行之和：" + "、".join(part.name for part in parts),
            decimals=context.decimals(form),
            below=below,
        )


def _kin(line: BudgetLine | FundRow, column: str) -> tuple[Decimal, ...]:
    """The amounts of a line in the other columns: other years, or budget and execution."""
    columns = (*YEAR_COLUMNS, *COLUMN_NAMES)
    return tuple(
        cell.number
        for other, cell in line.cells.items()
        if other != column and other in columns and cell.number is not None
    )


@rule(
    "PE101",
    "totals.sangong",
    "error",
    "三公经费合计不等于分项之和",
    basis="表内勾稽：三公经费＝公务用车购置和维护＋出国＋公务接待",
    forms=("basic",),
    computed=True,
)
def sangong(form: BasicForm, context: Context) -> Iterator[Result]:
    """三公经费与三个分项逐年核对。

    说明：附件1中“三公经费”一行，每一年的数都应等于公务用车购置和维护、出国、公务接待三行之和；空着的分项按0算。
    错误示例：三公经费填3，公务接待填2.58，其余空着。
    正确示例：三公经费填2.58，公务接待填2.58，其余空着。
    如何改：先核对各分项与决算报表，再把合计改为分项之和。
    """
    total = form.line("sangong")
    parts = [line for line in form.lines if line.role in ("vehicles", "abroad", "reception")]
    if total is None or not parts:
        yield Skip("表中没有三公经费或其分项")
        return
    equations = list(line_sum("PE101", form, total, parts, context))
    yield from or_skip(equations, "三公经费的分项都空着")


@rule(
    "PE102",
    "totals.vehicles",
    "error",
    "公务用车购置和维护不等于购置与运行维护之和",
    basis="表内勾稽：公务用车购置和维护＝公车购置＋公车运行维护",
    forms=("basic",),
    computed=True,
)
def vehicles(form: BasicForm, context: Context) -> Iterator[Result]:
    """公务用车购置和维护经费与其两个分项核对。

    说明：“1、公务用车购置和维护经费”应等于“公车购置”加“公车运行维护”。
    错误示例：购置和维护填29.46，公车购置12，公车运行维护9.84。
    正确示例：购置和维护填21.84，公车购置12，公车运行维护9.84。
    如何改：核对两个分项后，把合计改为两项之和。
    """
    total = form.line("vehicles")
    parts = [line for line in form.lines if line.role in ("vehicle_purchase", "vehicle_upkeep")]
    if total is None or not parts:
        yield Skip("表中没有公务用车购置和维护或其分项")
        return
    equations = list(line_sum("PE102", form, total, parts, context))
    yield from or_skip(equations, "公车购置、公车运行维护都空着")


@rule(
    "PE103",
    "totals.projects",
    "error",
    "项目支出合计不等于各类项目之和",
    basis="表内勾稽：项目支出＝业务工作＋运行维护＋各类专项",
    forms=("basic",),
    computed=True,
)
def projects(form: BasicForm, context: Context) -> Iterator[Result]:
    """附件1项目支出与其编号各行核对。

    说明：“项目支出”一行应等于下面编了号的各行（业务工作、运行维护、各级专项……表里有几行算几行）之和。
    错误示例：项目支出填637.65，各行为107.96、101、444.69、20。
    正确示例：项目支出填673.65，各行为107.96、101、444.69、20。
    如何改：逐行核对，数字录反、漏填的改正后，合计改为各行之和。
    """
    total = form.line("projects")
    parts = [line for line in form.lines if line.role == "project_line"]
    if total is None or not parts:
        yield Skip("表中没有项目支出或其编号各行")
        return
    equations = list(line_sum("PE103", form, total, parts, context))
    missing = _lacking_a_line(form, total, context)
    if missing is None:
        yield from or_skip(equations, "项目支出的各行都空着")
    else:
        yield missing
        yield from _not_short(equations)


@rule(
    "PE104",
    "totals.details",
    "error",
    "专项资金与其明细之和不符",
    basis="表内勾稽：专项资金＝其明细各项之和（一个专项一行）",
    forms=("basic",),
)
def details(form: BasicForm, context: Context) -> Iterator[Result]:
    """专项资金一行与下面的明细逐年核对。

    说明：专项资金下面“一个专项一行”的明细，加起来不能超过本行；同一张表另一年的明细正好加满时，少了也要核实。没有明细的年份不查。
    错误示例：区级专项资金填444.69，明细加起来是454.69。
    正确示例：区级专项资金填444.69，明细加起来也是444.69。
    如何改：核对每一个专项的金额，补上漏列的，再把本行改为明细之和。
    """
    parents = [line for line in form.lines if line.role == "project_line" and form.children(line)]
    if not parents:
        yield Skip("专项资金没有列明细")
        return
    for parent in parents:
        children = form.children(parent)
        below: Severity = "warning" if _adds_up_somewhere(form, parent, children, context) else "info"
        equations = list(line_sum("PE104", form, parent, children, context, below=below))
        missing = _lacking_a_line(form, parent, context)
        if missing is None:
            yield from equations
        else:
            yield replace(missing, severity="warning")
            yield from _not_short(equations)


def _lacking_a_line(form: BasicForm, whole: BudgetLine, context: Context) -> Claim | None:
    """What is said of a sum that falls short by just what a project without a line has."""
    entry = next((one for one in left_out(context) if one.whole is whole), None)
    if entry is None:
        return None
    cell, name = whole.cells[entry.column], title_of(form, entry.column)
    projects = "、".join(f"“{one_line(project.name)}”（{project.caption}）" for project in entry.projects)
    heads = [project.head.get("project") for project in entry.projects]
    return Claim(
        cell.place,
        f"{whole.name}（{name}）比下列各行之和多 {plain(entry.gap)}，正好是{projects}的{entry.stated}；附件1没有列这个项目，多半是漏了一行。",
        actual=shown(cell),
        suggestion="在附件1补上漏列的项目，各年的数一并填上；没有漏列的，核对各行。",
        related=tuple(head.place for head in heads if head is not None),
        label=f"{whole.name}/漏列",
        figures=(plain(entry.gap),),
    )


def _not_short(equations: Iterable[Equation]) -> Iterator[Equation]:
    """The equations that a line left out does not explain."""
    return (one for one in equations if one.check() == "holds" or one.sum > one.total.value)


def _adds_up_somewhere(
    form: BasicForm, parent: BudgetLine, children: Sequence[BudgetLine], context: Context
) -> bool:
    """Whether some year's column, with at least two details, adds up: the list is meant to be complete."""
    return any(
        equation.check() == "holds" and sum(1 for part in equation.parts if part.field.number) >= 2
        for equation in line_sum("PE104", form, parent, children, context)
    )


@rule(
    "PE105",
    "totals.partial",
    "error",
    "其中项超过合计",
    basis="表内勾稽：其中项不能大于合计",
    forms=("basic",),
)
def partial(form: BasicForm, context: Context) -> Iterator[Result]:
    """公用经费的“其中”各行不能超过公用经费。

    说明：公用经费下面只列了其中几项，不要求加满，但每一项、各项之和都不能比公用经费大。
    错误示例：公用经费61.05，办公经费66.88。
    正确示例：公用经费61.05，办公经费2，水费、电费、差旅费4.7。
    如何改：核对明细与合计哪个录错，改正后重新校验。
    """
    total = form.line("public")
    parts = [line for line in form.lines if line.role == "public_part"]
    if total is None or not parts:
        yield Skip("公用经费没有列其中项")
        return
    for column in YEAR_COLUMNS:
        whole = total.cells.get(column)
        if whole is None or whole.number is None:
            continue
        figures = [(part, field) for part in parts if (field := part.cells[column]).number is not None]
        limit = whole.number + cell_quantum(form, context)
        name = title_of(form, column)
        over = [(part, field) for part, field in figures if (field.number or 0) > limit]
        total_parts = sum((field.number or Decimal(0) for _, field in figures), Decimal(0))
        if not over and total_parts <= limit:
            continue
        place = over[0][1].place if over else whole.place
        sum_text = " + ".join(field.text for _, field in figures)
        yield Claim(
            place,
            f"公用经费（{name}）填 {shown(whole)}，其中"
            + (
                f"“{over[0][0].name}”一项就填了 {shown(over[0][1])}，比合计还大。"
                if over
                else f"各项之和为 {plain(total_parts)}，比合计还大。"
            ),
            expected=f"≤{shown(whole)}",
            actual=shown(over[0][1]) if over else shown(whole),
            explain=f"{sum_text} = {plain(total_parts)}",
            suggestion="核对公用经费与其中各项，改正录错的一个。",
            related=(whole.place, *(field.place for _, field in figures)),
            uses=(whole.place,),
            label=f"公用经费/{column}",
            figures=(shown(whole), plain(total_parts)),
        )


# -- 附件2 ----------------------------------------------------------------------------------------------------


def _by_nature(code: str, form: IndicatorForm, context: Context, side: str) -> Iterator[Equation]:
    """The head of one side against its parts, and the head (or the parts) against 年度资金总额."""
    lines = form.income if side == "income" else form.spending
    head = next((line for line in lines if line.role == side and not line.amount.blank), None)
    parts = [line for line in lines if line.role != side and not line.amount.blank]
    column = basis_of(form)
    total = form.amount(column)
    side_name = "按收入性质分" if side == "income" else "按支出性质分"
    terms = tuple(Term(line.amount, line.label) for line in parts)
    fields = [line.amount for line in parts]
    both = side == "income" or {line.role for line in parts} >= {"basic", "projects"}
    if head is not None and parts and both and all(field.known for field in (head.amount, *fields)):
        yield Equation(
            code,
            form.caption,
            Term(head.amount, side_name),
            terms,
            (1,) * len(terms),
            f"{side_name}的合计应等于其中各项之和：" + "、".join(line.label for line in parts),
            context.decimals(form),
        )
    if total is None or total.number is None:
        return
    name = f"年度资金总额（{COLUMN_NAMES[column]}）"
    if head is not None and head.amount.known:
        yield Equation(
            code,
            form.caption,
            Term(head.amount, side_name),
            (Term(total, name),),
            (1,),
            f"{side_name}的合计应等于{name}",
            context.decimals(form),
        )
    elif head is None and parts and both and all(field.known for field in fields):
        yield Equation(
            code,
            form.caption,
            Term(total, name),
            terms,
            (1,) * len(terms),
            f"{name}应等于{side_name}各项之和",
            context.decimals(form),
        )


@rule(
    "PE106",
    "totals.income",
    "error",
    "按收入性质分的各项与资金总额不符",
    basis="表内勾稽：年度资金总额＝按收入性质分各项之和",
    forms=("overall",),
    computed=True,
)
def income(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """附件2收入性质各项与年度资金总额核对。

    说明：一般公共预算、政府性基金、专户非税、其他资金加起来，应等于年度资金总额（按各地习惯，可以是全年执行数，也可以是全年预算数，两边一致即可）。
    错误示例：年度资金总额1034.36，按收入性质分1043.36。
    正确示例：年度资金总额1034.36，一般公共预算1034.36，其他为空。
    如何改：核对各项来源的金额，合计与年度资金总额改为一致。
    """
    yield from or_skip(_by_nature("PE106", form, context, "income"), "没有填按收入性质分的金额")


@rule(
    "PE107",
    "totals.spending",
    "error",
    "基本支出与项目支出之和与资金总额不符",
    basis="表内勾稽：年度资金总额＝基本支出＋项目支出",
    forms=("overall",),
    computed=True,
)
def spending(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """附件2基本支出加项目支出与年度资金总额核对。

    说明：按支出性质分，基本支出加项目支出应等于年度资金总额，与收入性质用同一个口径。
    错误示例：年度资金总额1034.36，基本支出360.71，项目支出637.65。
    正确示例：年度资金总额1034.36，基本支出360.71，项目支出673.65。
    如何改：对照附件1项目支出和报告中的基本支出，改正录错的一个。
    """
    yield from or_skip(_by_nature("PE107", form, context, "spending"), "没有填按支出性质分的金额")


@rule(
    "PE108",
    "totals.funds",
    "error",
    "年度资金总额不等于各项来源之和",
    basis="表内勾稽：年度资金总额＝当年财政拨款＋上年结转＋其他资金",
    forms=("project", "overall"),
    computed=True,
)
def funds(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """项目资金各栏合计与来源核对。

    说明：年初预算、全年预算、全年执行三栏，年度资金总额都应等于当年财政拨款、上年结转资金、其他资金之和。
    错误示例：年度资金总额0，当年财政拨款90。
    正确示例：年度资金总额90，当年财政拨款90，其余为空。
    如何改：按指标文件核对各来源金额，再把合计改为各项之和。
    """
    block = form.funds
    if block is None or block.total is None or not block.parts:
        yield Skip("没有资金总额或没有分来源填报")
        return
    equations = []
    for column in ("initial", "budget", "executed"):
        if column not in block.columns:
            continue
        whole = block.total.cells[column]
        parts = [row for row in block.parts if not row.cells[column].blank]
        if not parts or not all(field.known for field in (whole, *(row.cells[column] for row in parts))):
            continue
        if column == "initial" and whole.missing and has_number(form.amount("budget")):
            yield _left_out(whole, [row.cells[column] for row in parts])
            continue
        equations.append(_sum_of_sources(form, block.total, block.parts, column, context))
    for source in block.parts:
        details = block.details(source)
        equations += [
            _sum_of_sources(form, source, details, column, context)
            for column in ("initial", "budget", "executed")
            if column in block.columns and any(row.cells[column].figure for row in details)
        ]
    yield from or_skip(equations, "各项来源都空着")


def _sum_of_sources(
    form: IndicatorForm, whole: FundRow, parts: Sequence[FundRow], column: str, context: Context
) -> Equation:
    name = f"{'年度资金总额' if whole.role == 'total' else row_name(whole.label)}（{COLUMN_NAMES[column]}）"
    return Equation(
        "PE108",
        form.caption,
        Term(whole.cells[column], name, kin=_kin(whole, column)),
        tuple(_part(row, column) for row in parts),
        (1,) * len(parts),
        f"{name}应等于各项来源之和：" + "、".join(row_name(row.label) for row in parts),
        context.decimals(form),
    )


def _left_out(whole: Field, parts: Sequence[Field]) -> Claim:
    """年初 left empty in the row of the whole: no mistake in a figure, since the one that counts, 全年预算, is given."""
    total = sum((field.number or Decimal(0) for field in parts), Decimal(0))
    return Claim(
        whole.place,
        f"年度资金总额的年初预算数空着，各项来源合计 {plain(total)}。",
        expected=plain(total),
        suggestion="补填合计。",
        related=tuple(field.place for field in parts),
        severity="warning",
        label="年度资金总额",
        figures=(plain(total),),
    )


def _part(row: FundRow, column: str) -> Term:
    """A source as a term; of one that is blank in every column there is nothing to be wrong."""
    cell, kin = row.cells[column], _kin(row, column)
    unused = cell.missing and not kin and sum(name in COLUMN_NAMES for name in row.cells) > 1
    return Term(cell, row_name(row.label), kin=kin, constant=unused)


# -- 附件4–6 --------------------------------------------------------------------------------------------------

#: Row equations of 附件4–6: total column, its parts, their signs. They hold where the form has the columns.
TABLE_ROWS: tuple[tuple[str, tuple[str, ...], tuple[int, ...]], ...] = (
    ("spending", ("basic", "projects"), (1, 1)),
    ("carry_out", ("carry_in", "income", "spending"), (1, 1, -1)),
    ("balance", ("income", "spending"), (1, -1)),
    ("rolled_out", ("rolled_in", "balance"), (1, 1)),
)


@rule(
    "PE109",
    "totals.fund_tables",
    "error",
    "基金表的行或列合计不符",
    basis="表内勾稽：小计＝基本＋项目；年末结转＝上年结转＋收入－支出；合计＝各科目之和",
    forms=("gov_fund", "state_capital", "social_insurance"),
    computed=True,
)
def fund_tables(form: FundTable, context: Context) -> Iterator[Result]:
    """附件4、5、6横向和纵向合计核对。

    说明：每行的小计应等于基本支出加项目支出，年末结转应等于上年结转加收入减支出；合计行应等于各科目之和。表里没有的栏不查，全空按0算。
    错误示例：上年结转10，本年收入50，本年支出45，年末结转5。
    正确示例：上年结转10，本年收入50，本年支出45，年末结转15。
    如何改：按决算报表核对该行，改正录错的一栏。
    """
    equations = [*_table_rows(form, context), *_table_columns(form, context)]
    yield from or_skip(equations, "表中没有可以核对的金额")


def _table_rows(form: FundTable, context: Context) -> Iterator[Equation]:
    for row in form.rows:
        for total, parts, signs in TABLE_ROWS:
            if total not in row.cells or not all(part in row.cells for part in parts):
                continue
            fields = [row.cells[total], *(row.cells[part] for part in parts)]
            if all(field.blank for field in fields[1:]) or not all(field.known for field in fields):
                continue
            name = one_line(row.label.text)
            yield Equation(
                "PE109",
                form.caption,
                Term(row.cells[total], f"{name}的{_heading(form, total)}", low=None),
                tuple(Term(row.cells[part], _heading(form, part), low=None) for part in parts),
                signs,
                f"“{name}”的{_heading(form, total)}应等于"
                + "".join(
                    ("＋" if sign > 0 else "－") + _heading(form, part)
                    for sign, part in zip(signs, parts, strict=True)
                ).lstrip("＋"),
                context.decimals(form),
            )


def _heading(form: FundTable, role: str) -> str:
    text = one_line(form.columns.get(role, ""))
    return "本年支出小计" if role == "spending" else text


def _table_columns(form: FundTable, context: Context) -> Iterator[Equation]:
    total = form.total
    items = _leaves([row for row in form.rows if not row.total])
    if total is None or not items:
        return
    for role, field in total.cells.items():
        parts = [row for row in items if not row.cells[role].blank]
        if not parts or not all(cell.known for cell in (field, *(row.cells[role] for row in parts))):
            continue
        if (
            field.number is not None
            and field.number
            and sum(row.cells[role].number or 0 for row in parts) == 2 * field.number
        ):
            continue  # subtotal rows without codes among the items
        yield Equation(
            "PE109",
            form.caption,
            Term(field, f"合计（{_heading(form, role)}）", low=None),
            tuple(Term(row.cells[role], one_line(row.label.text), low=None) for row in parts),
            (1,) * len(parts),
            f"合计行的{_heading(form, role)}应等于各科目之和",
            context.decimals(form),
        )


def _leaves(rows: Sequence[FundTableRow]) -> list[FundTableRow]:
    """The item rows: those whose code is not the beginning of another's (类 and 款 are sums of 项)."""
    codes = sorted({row.code for row in rows if row.code})
    sums = {code for code, following in pairwise(codes) if following.startswith(code)}
    return [row for row in rows if row.code not in sums]


# -- cost rows ------------------------------------------------------------------------------------------------

_PER_UNIT = re.compile("单位成本|人均|每|单价|标准|/|节约|降低")


def _cost_rows(form: IndicatorForm, context: Context, side: str) -> list[tuple[Field, Decimal, int, str]]:
    """The cost rows that state money, each as (cell, 万元, decimals, name); empty if one of them does not."""
    rows = []
    for judged in context.judged(form):
        indicator = judged.indicator
        if "成本" not in indicator.level2 and "成本" not in indicator.level1:
            continue
        measure = judged.judgement.target if side == "target" else judged.judgement.actual
        if _PER_UNIT.search(indicator.name.text + indicator.target_text) or judged.shifted:
            return []
        if judged.judgement.misscaled:
            return []  # PE706 says it
        if measure.value is None or measure.dimension != "money":
            return []
        factor = Decimal(measure.multiplier) / Decimal(10000)
        decimals = max(0, measure.decimals - factor.adjusted()) if factor else measure.decimals
        field = indicator.target if side == "target" else indicator.actual
        rows.append((field, measure.value * factor, decimals, indicator.name.text))
    return rows


def _itemised(form: IndicatorForm, context: Context) -> bool:
    """Whether the cost rows plainly itemise the project's money: their targets add up to about the budget,
    or the only one names the budget itself as its ceiling."""
    budget = form.amount("budget") or form.amount("executed")
    cost = [judged for judged in context.judged(form) if "成本" in judged.indicator.level2]
    if len(cost) == 1 and cost[0].judgement.target.kind == "reference":
        return True  # the whole money, its ceiling given by reference: 不超过预算投入
    targets = _cost_rows(form, context, "target")
    if budget is None or not budget.number or not targets:
        return False
    share = sum((value for _, value, _, _ in targets), Decimal(0)) / (budget.number * factor(form.money_unit))
    return Decimal("0.9") <= share <= Decimal("1.3")


def _cost_sum(
    form: IndicatorForm, context: Context, side: str, column: str, severity: Severity
) -> Iterator[Result]:
    amount = form.amount(column)
    rows = _cost_rows(form, context, side)
    if amount is None or amount.number is None or not rows or not _itemised(form, context):
        yield Skip("成本指标没有逐项列出金额")
        return
    what = "实际完成值" if side == "actual" else "年度指标值"
    total = amount.scaled(factor(form.money_unit))
    assert total.number is not None
    value = sum((value for _, value, _, _ in rows), Decimal(0))
    decimals = min(total.decimals, min(decimals for _, _, decimals, _ in rows))
    coarse = quantum(decimals) if decimals else Decimal("0.5")
    if abs(value - total.number) <= max(Decimal("0.01"), coarse / 2 if decimals else coarse):
        return
    text = " + ".join(plain(value) for _, value, _, _ in rows)
    gap = total.number - value
    suspect = rows[0][:2] if len(rows) == 1 else _single_slip(rows, gap)
    told = rows[0][0] if suspect is None else suspect[0]
    yield Claim(
        told.place,
        f"成本指标{what}合计 {plain(rounded(value, 2))} 万元，与{COLUMN_NAMES[column]} {plain(total.number)} 万元不一致。",
        expected=None if suspect is None else f"{plain(rounded(suspect[1] + gap, 2))}万元",
        actual=shown(told),
        explain=f"{text} = {plain(rounded(value, 2))}",
        suggestion=f"逐项核对成本指标的{what}，使合计与{COLUMN_NAMES[column]}一致；确有差异的在偏差原因中说明。",
        related=(*(field.place for field, _, _, _ in rows), amount.place),
        uses=(amount.place,),
        severity=severity,
        label=f"成本指标/{side}",
        figures=(plain(value), plain(total.number)),
    )


def _single_slip(
    rows: Sequence[tuple[Field, Decimal, int, str]], gap: Decimal
) -> tuple[Field, Decimal] | None:
    """The row, with its value, whose own change by the gap would undo a typing slip, if one stands out."""
    scored = [
        (slip.strength, (field, value))
        for field, value, _, _ in rows
        if value + gap >= 0 and (slip := typing_error(value, value + gap)) is not None
    ]
    best = max((score for score, _ in scored), default=0)
    found = [one for score, one in scored if score == best]
    return found[0] if best >= LIKELY and len(found) == 1 else None


@rule(
    "PE110",
    "totals.cost_actuals",
    "warning",
    "成本指标实际值合计与全年执行数不一致",
    basis="项目成本指标逐项列出资金时，合计应等于全年执行数",
    forms=("project", "overall"),
)
def cost_actuals(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """成本指标的实际完成值与全年执行数核对。

    说明：成本指标把项目资金逐项列出金额时，各项实际完成值之和应等于全年执行数。
    错误示例：全年执行数84.69，成本指标实际值48.24、11.04、52.41万元。
    正确示例：全年执行数84.69，成本指标实际值48.24、11.04、25.41万元。
    如何改：按账面核对各项实际支出；成本指标没有覆盖全部资金的，请补充或说明。
    """
    yield from _cost_sum(form, context, "actual", "executed", "warning")


@rule(
    "PE111",
    "totals.cost_targets",
    "info",
    "成本指标目标值合计与全年预算数不一致",
    basis="项目成本指标逐项列出资金时，目标合计宜与全年预算数一致",
    forms=("project",),
)
def cost_targets(form: IndicatorForm, context: Context) -> Iterator[Result]:
    """成本指标的年度指标值与全年预算数核对。

    说明：成本指标逐项列出金额时，各项目标值之和一般应与全年预算数一致，不一致的请看一下是否调整过预算。
    错误示例：全年预算数107.96，成本指标目标合计117万元。
    正确示例：全年预算数107.96，成本指标目标合计107.96万元。
    如何改：预算调整后同步调整成本指标目标值，或说明原因。
    """
    yield from _cost_sum(form, context, "target", "budget", "info")
