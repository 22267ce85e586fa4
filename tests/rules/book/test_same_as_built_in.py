"""Equation rules of the program, written as rows of a book: the same cells, the same proposals, over planted slips.

``python -m tests.rules.book.test_same_as_built_in --slips 1000`` plants as many as are asked for.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import chain

import pytest

from perfeval_xl.findings import Finding
from perfeval_xl.forms import read_forms
from perfeval_xl.grid import Book as Workbook
from perfeval_xl.policy import load_policy
from perfeval_xl.rules.book.compiling import rules_of
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.engine import run
from perfeval_xl.rules.registry import RULES

from . import workbooks

#: Rules of the program by what a bureau would write. Three years of 附件1 and three columns of 附件3 are three rules each.
YEARS = ("本年决算数", "预算数", "上年决算数")
MONEY = ("年初预算数", "全年预算数", "全年执行数")
REWRITTEN: Mapping[str, tuple[dict[str, str], ...]] = {
    "PE101": tuple(
        {
            "公式": f"附件1[三公经费, {year}] = 附件1[公务用车购置和维护经费, {year}] + 附件1[出国经费, {year}] + 附件1[公务接待, {year}]",
            "条件": f"附件1[公务接待, {year}] ≥ 0 且 空=0",
        }
        for year in YEARS
    ),
    "PE107": ({"公式": "附件2[按支出性质分] = 附件2[基本支出] + 附件2[按支出性质分, 项目支出]"},),
    "PE108": tuple(
        {
            "范围": "每个附件3",
            "条件": f"空=0 且 非空(本表[当年财政拨款, {column}])",
            "公式": f"本表[年度资金总额, {column}] = 本表[当年财政拨款, {column}] + 本表[上年结转资金, {column}] + 本表[其他资金, {column}]",
        }
        for column in MONEY
    ),
    "PE204": tuple(
        {"范围": form, "公式": "本表[执行率] = 比率(本表[全年执行数], 本表[全年预算数])", "容差": "取整"} for form in ("每个附件3", "附件2")
    ),
    "PE501": ({"公式": "附件2[项目支出] = 附件1[项目支出, 本年决算数]"},),
    "PE502": ({"公式": "附件2[项目支出] = 合计(附件3*[年度资金总额, 全年执行数])"},),
    "PE504": ({"公式": "附件1[项目支出, 预算数] = 合计(附件3*[年度资金总额, 年初预算数])", "容差": "0.01"},),
}  # fmt: skip


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


def planted(seed: int) -> Workbook:
    """The clean example with the digits of one amount interchanged, or a digit of it changed."""
    chosen = random.Random(seed)
    clean = workbooks.example(clean=True)
    sheets = [
        grid for grid in clean.grids if grid.sheet == "附件1" or grid.sheet.startswith(("附件2", "附件3-"))
    ]
    grid = chosen.choice(sheets)
    cells = [
        cell
        for cell in grid.cells.values()
        if isinstance(cell.value, Decimal) and cell.formula is None and cell.value > 1
    ]
    cell = chosen.choice(sorted(cells))
    digits = list(str(cell.value))
    place = chosen.choice([index for index, digit in enumerate(digits) if digit.isdigit()])
    digits[place] = str((int(digits[place]) + chosen.randint(1, 9)) % 10)
    value = Decimal("".join(digits))
    slipped = cell._replace(value=value, text=str(value))
    changed = replace(grid, cells={**grid.cells, (cell.row, cell.column): slipped})
    return replace(clean, grids=tuple(changed if one is grid else one for one in clean.grids))


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


def differences(seed: int) -> Iterator[str]:
    """Where a rule of the program and its rows say something different of a workbook."""
    workbook = planted(seed)
    for code, rows in REWRITTEN.items():
        own = rules_of([workbooks.book(*({"级别": "错误", **row} for row in rows))])
        built_in = context_of(workbook)
        first = told(run(built_in, [RULES[code]]).findings)
        context = replace(context_of(workbook), own_rules=own)
        second = told(run(context, own).findings)
        if first != second:
            yield f"{seed} {code}: {first} | {second}"


@pytest.mark.parametrize("seed", range(12))
def test_rows_of_a_book_say_what_the_rules_of_the_program_say(seed: int) -> None:
    assert list(differences(seed)) == []


@pytest.mark.parametrize("code", sorted(REWRITTEN))
def test_every_rewritten_rule_finds_a_slip(code: str) -> None:
    """So that both are not silent for want of anything to say."""
    tried = chain([mistyped()], map(planted, range(60)))
    assert any(run(context_of(workbook), [RULES[code]]).findings for workbook in tried)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--slips", type=int, default=1000)
    slips = parser.parse_args().slips
    found = [line for seed in range(slips) for line in differences(seed)]
    print("\n".join(found[:20]))
    print(f"{slips} slips, {len(REWRITTEN)} rules: {len(found)} differences")


if __name__ == "__main__":
    main()
