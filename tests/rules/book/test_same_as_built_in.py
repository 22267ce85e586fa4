"""Equation rules of the program, written as rows of a book: the same cells, the same proposals, over planted slips.

``python -m tests.rules.book.test_same_as_built_in --slips 1000`` plants as many as are asked for.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache
from itertools import chain
from typing import Literal

import pytest

from perfeval_xl.findings import Finding
from perfeval_xl.forms import read_forms
from perfeval_xl.grid import Book as Workbook
from perfeval_xl.grid import Cell, Place
from perfeval_xl.policy import load_policy
from perfeval_xl.rules.book.compiling import rules_of
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.engine import run
from perfeval_xl.rules.registry import RULES, Rule

from . import workbooks

#: How far a row of a book says the same: every finding alike, with its proposal; the same workbooks at the same cells, where the
#: program goes on to guess (an amount within bounds is a claim, which proposes nothing); a part of what the program says.
Extent = Literal["all", "cells", "part"]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The rows that a bureau would write in place of a rule of the program."""

    rows: tuple[dict[str, str], ...]
    extent: Extent = "all"


#: Three years of 附件1 and three columns of 附件3 are three rules each.
YEARS = ("本年决算数", "预算数", "上年决算数")
MONEY = ("年初预算数", "全年预算数", "全年执行数")
_INCOME = "附件2[一般公共预算] + 附件2[政府性基金拨款] + 附件2[专户资金] + 附件2[按收入性质分, 其他资金]"
_PARTS = ("办公经费", "水费、电费、差旅费", "会议费、培训费")
REWRITTEN: Mapping[str, Rewritten] = {
    "PE101": Rewritten(tuple(
        {
            "公式": f"附件1[三公经费, {year}] = 附件1[公务用车购置和维护经费, {year}] + 附件1[出国经费, {year}] + 附件1[公务接待, {year}]",
            "条件": f"附件1[公务接待, {year}] ≥ 0 且 空=0",
        }
        for year in YEARS
    )),
    "PE102": Rewritten(tuple(
        {
            "公式": f"附件1[公务用车购置和维护经费, {year}] = 附件1[公车购置, {year}] + 附件1[公车运行维护, {year}]",
            "条件": f"非空(附件1[公车运行维护, {year}]) 且 空=0",
        }
        for year in YEARS
    )),
    "PE103": Rewritten(tuple({"公式": f"附件1[项目支出, {year}] = 合计(附件1.项目[{year}], 明细 = 否)"} for year in YEARS)),
    # Details that fall short are a warning of the program: a clerk may not have listed all.
    "PE104": Rewritten(tuple(
        {"公式": f"附件1[区级专项资金, {year}] = 合计(附件1.项目[{year}], 明细 = 是)"} for year in YEARS
    ), "part"),
    "PE105": Rewritten(tuple(
        {"公式": f"附件1[{part}, {year}] ≤ 附件1[公用经费, {year}]", "容差": "0.01"} for part in _PARTS for year in YEARS
    ), "part"),
    # The program holds 附件2's sides against the budget where that is what agrees; a row names one of the two.
    "PE106": Rewritten((
        {"条件": "空=0", "公式": f"附件2[按收入性质分] = {_INCOME}"},
        {"公式": "附件2[按收入性质分] = 附件2[年度资金总额, 全年执行数]"},
    )),
    "PE107": Rewritten((
        {"公式": "附件2[按支出性质分] = 附件2[基本支出] + 附件2[按支出性质分, 项目支出]"},
        {"公式": "附件2[按支出性质分] = 附件2[年度资金总额, 全年执行数]"},
    )),
    "PE108": Rewritten(tuple(
        {
            "范围": form,
            "条件": f"空=0 且 非空(本表[当年财政拨款, {column}])",
            "公式": f"本表[年度资金总额, {column}] = 本表[当年财政拨款, {column}] + 本表[上年结转资金, {column}] + 本表[其他资金, {column}]",
        }
        for form in ("每个附件3",)
        for column in MONEY
    )),
    "PE109": Rewritten(tuple(
        {"范围": "附件4.科目 每行", "公式": formula, "条件": "空=0"}
        for formula in (
            "本行[小计] = 本行[基本支出] + 本行[项目支出]",
            "本行[年末结转] = 本行[上年结转] + 本行[本年收入] − 本行[小计]",
        )
    )),
    "PE204": Rewritten(tuple(
        {"范围": form, "公式": "本表[执行率] = 比率(本表[全年执行数], 本表[全年预算数])", "容差": "取整"} for form in ("每个附件3", "附件2")
    )),
    "PE501": Rewritten(({"公式": "附件2[项目支出] = 附件1[项目支出, 本年决算数]"},)),
    "PE502": Rewritten(({"公式": "附件2[项目支出] = 合计(附件3*[年度资金总额, 全年执行数])"},)),
    "PE503": Rewritten((
        {"范围": "每个附件3", "公式": "本表[全年执行数] = 同名(附件1.项目)[本年决算数]"},
        {"范围": "每个附件3", "公式": "本表[年初预算数] = 同名(附件1.项目)[预算数]"},
    ), "part"),
    "PE504": Rewritten(({"公式": "附件1[项目支出, 预算数] = 合计(附件3*[年度资金总额, 年初预算数])", "容差": "0.01"},)),
    "PE505": Rewritten((
        {"公式": "附件2[全年预算数] ≥ 附件2[基本支出] + 合计(附件3*[年度资金总额, 全年预算数])", "容差": "0.01"},
    ), "cells"),
    "PE509": Rewritten(({"条件": "空=0", "公式": "附件2[政府性基金拨款] = 附件4[合计, 支出]"},)),
    "PE510": Rewritten(({"公式": "附件2[基本支出] ≥ 附件1[公用经费, 本年决算数]", "容差": "0.01"},), "part"),
}  # fmt: skip
#: Rules of arithmetic that no row can say, and why.
NOT_SAID: Mapping[str, str] = {
    "PE110": "which rows itemise a project's money, and in which unit, is read from texts row by row",
    "PE111": "as PE110",
    "PE506": "the same indicator goes by other words in another form, and texts are equal that say the same otherwise",
    "PE507": "names that are only alike",
    "PE508": "names and dates, of which the odd one out among many is told",
    "PE511": "which indicator states which rate is known by many names; a row says it of one name",
}


def context_of(workbook: Workbook) -> Context:
    return Context(read_forms(workbook), load_policy("national-2020"), workbook.grids)


def told(findings: tuple[Finding, ...]) -> list[tuple[str, ...]]:
    """What is the same where two rules say the same: the cell, what it should be, what is proposed, how serious it is."""
    return sorted(
        (
            str(one.place),
            one.severity,
            one.expected or "",
            one.actual or "",
            str([(fix.place, fix.value) for fix in one.fixes]),
        )
        for one in findings
    )


@lru_cache(maxsize=1)
def full() -> Workbook:
    """The clean example with money in the rows that it leaves empty: official cars, and a government fund in 附件4."""
    clean = workbooks.example(clean=True)
    context = context_of(clean)
    basic, overall = context.basic, context.overall
    fund = next(form for form in context.forms.funds if form.kind == "gov_fund")
    assert basic is not None
    assert overall is not None
    assert fund.total is not None
    amounts: dict[Place, str] = {}
    for role, texts in (
        ("sangong", ("11.2", "15.18", "15")), ("vehicles", ("11.2", "12.6", "12")),
        ("vehicle_purchase", ("9.84", "10.25", "9.5")), ("vehicle_upkeep", ("1.36", "2.35", "2.5")),
    ):  # fmt: skip
        line = basic.line(role)
        assert line is not None
        amounts |= {
            line.cells[year].place: text
            for year, text in zip(("final", "last_final", "budget"), texts, strict=True)
        }
    for role, text in (
        ("carry_in", "10.5"), ("income", "50.25"), ("spending", "45.36"), ("basic", "15.12"), ("projects", "30.24"), ("carry_out", "15.39"),
    ):  # fmt: skip
        amounts[fund.total.cells[role].place] = text
    for line_role, text in (("public_budget", "989.00"), ("gov_fund", "45.36")):
        amounts[next(line.amount.place for line in overall.income if line.role == line_role)] = text
    return with_amounts(clean, amounts)


def with_amounts(workbook: Workbook, amounts: Mapping[Place, str]) -> Workbook:
    """The workbook with other figures in some cells, behind their label where they stand in a text."""
    grids = []
    for grid in workbook.grids:
        cells = dict(grid.cells)
        for place, text in amounts.items():
            if place.sheet == grid.sheet:
                cell = cells.get((place.row, place.column)) or Cell(place.row, place.column, None, "")
                head, colon, _ = cell.text.rpartition("：")
                cells[place.row, place.column] = (
                    cell._replace(value=head + colon + text, text=head + colon + text)
                    if colon
                    else cell._replace(value=Decimal(text), text=text, formula=None)
                )
        grids.append(replace(grid, cells=cells))
    return replace(workbook, grids=tuple(grids))


def amount_in(cell: Cell) -> str:
    """The amount that a cell states, alone or behind its label; "" for none, for a formula, and for what is no more than 1."""
    if isinstance(cell.value, Decimal):
        text = str(cell.value) if cell.formula is None else ""
    else:
        match = re.search(r"：(\d+(?:\.\d+)?)$", cell.text)
        text = match[1] if match is not None else ""
    return text if text and Decimal(text) > 1 else ""


def planted(seed: int) -> Workbook:
    """The full example with the digits of one amount interchanged, or a digit of it changed."""
    chosen = random.Random(seed)
    clean = full()
    sheets = [grid for grid in clean.grids if grid.sheet.startswith(("附件1", "附件2", "附件3-", "附件4"))]
    grid = chosen.choice(sheets)
    cell = chosen.choice(sorted(cell for cell in grid.cells.values() if amount_in(cell)))
    digits = list(amount_in(cell))
    place = chosen.choice([index for index, digit in enumerate(digits) if digit.isdigit()])
    digits[place] = str((int(digits[place]) + chosen.randint(1, 9)) % 10)
    return with_amounts(clean, {Place(grid.sheet, cell.row, cell.column): "".join(digits)})


def beyond() -> Workbook:
    """The clean example with 公用经费 above 基本支出, and a part of it above the whole."""
    clean = workbooks.example(clean=True)
    basic = context_of(clean).basic
    assert basic is not None
    lines = {line.role: line.cells["final"].place for line in reversed(basic.lines)}
    return with_amounts(clean, {lines["public"]: "400", lines["public_part"]: "500"})


def mistyped() -> Workbook:
    """The clean example with two digits interchanged in 附件2's 项目支出, which stands in a text."""
    clean = workbooks.example(clean=True)
    grid = next(grid for grid in clean.grids if grid.sheet == "附件2")
    cells = {
        place: cell._replace(value=text, text=text)
        for place, cell in grid.cells.items()
        if (text := cell.text.replace("673.65", "637.65")) != cell.text
    }
    assert cells
    changed = replace(grid, cells={**grid.cells, **cells})
    return replace(clean, grids=tuple(changed if one is grid else one for one in clean.grids))


@cache
def own_rules(code: str) -> tuple[Rule, ...]:
    severity = {"error": "错误", "warning": "核实", "info": "提示"}[RULES[code].severity]
    book = workbooks.book(*({"级别": severity, **row} for row in REWRITTEN[code].rows))
    assert book.usable, [str(remark) for remark in book.remarks]
    return rules_of([book])


def differences(seed: int) -> Iterator[str]:
    """Where a rule of the program and its rows say something different of a workbook."""
    built_in_context = context_of(planted(seed))
    for code, rewritten in REWRITTEN.items():
        own = own_rules(code)
        in_book_context = Context(
            built_in_context.forms, built_in_context.policy, built_in_context.grids, own_rules=own
        )
        built_in = run(built_in_context, [RULES[code]]).findings
        in_book = run(in_book_context, own).findings
        if not agree(built_in, in_book, rewritten.extent):
            yield f"{seed} {code}: {told(built_in)} | {told(in_book)}"


def agree(built_in: tuple[Finding, ...], in_book: tuple[Finding, ...], extent: Extent) -> bool:
    if extent == "all":
        return told(built_in) == told(in_book)
    ours, theirs = named_cells(in_book), named_cells(built_in)
    return bool(ours) == bool(theirs) and ours >= theirs if extent == "cells" else ours <= theirs


def named_cells(findings: tuple[Finding, ...]) -> set[Place]:
    """Every cell that findings are about."""
    return {place for one in findings for place in (one.place, *one.related) if place is not None}


@pytest.mark.parametrize("seed", range(12))
def test_rows_of_a_book_say_what_the_rules_of_the_program_say(seed: int) -> None:
    assert list(differences(seed)) == []


@pytest.mark.parametrize("code", sorted(REWRITTEN))
def test_every_rewritten_rule_finds_a_slip(code: str) -> None:
    """So that both are not silent for want of anything to say."""
    tried = chain([mistyped(), beyond()], map(planted, range(400)))
    own = own_rules(code)
    assert any(run(replace(context_of(workbook), own_rules=own), own).findings for workbook in tried)


def test_every_rule_of_arithmetic_is_rewritten_or_says_why_not() -> None:
    sums = {code for code in RULES if code.startswith("PE1") or "PE501" <= code <= "PE511"}
    assert sums <= {*REWRITTEN, *NOT_SAID}
    assert not REWRITTEN.keys() & NOT_SAID.keys()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--slips", type=int, default=1000)
    slips = parser.parse_args().slips
    found = [line for seed in range(slips) for line in differences(seed)]
    print("\n".join(found[:40]))
    for code, count in sorted(Counter(line.split()[1] for line in found).items()):
        print(code, count)
    print(f"{slips} slips, {len(REWRITTEN)} rules: {len(found)} differences")


if __name__ == "__main__":
    main()
