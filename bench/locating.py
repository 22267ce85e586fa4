#!/usr/bin/env python3
"""How long finding the wrong cells takes, beside checking the same declared equations without looking for any.

Prints medians of processor time of one run and their ratios to that baseline; nothing here is asserted. The workbooks: the clean example
(12 forms), with three slips; and made-up ones of 25 to 400 projects with a tenth as many slips.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from decimal import Decimal

import timing

from perfeval_xl.equations import Declaration, Equation, Ratio, Term
from perfeval_xl.forms.records import Field
from perfeval_xl.grid import Place
from perfeval_xl.locating import locate
from perfeval_xl.policy import load_policy
from tests.locate import cases, declared, suspects_of
from tests.slips import clean_book, planted

ROUNDS = 5
TRUST = load_policy("national-2020").trust


def median(run: Callable[[], object]) -> float:
    """In processor time: what else the machine does is not counted."""
    return timing.median(run, ROUNDS, time.process_time)


def cell(sheet: str, row: int, column: int, value: int) -> Term:
    """A figure in 分, as a cell with two decimals."""
    number = Decimal(value).scaleb(-2)
    return Term(Field(Place(sheet, row, column), str(number), "number", number, 2), f"{sheet} {row}")


def workbook(projects: int, slips: int) -> list[Declaration]:
    """The equations of a workbook with so many projects: 附件1 lines under five parents, one 附件3 each."""
    dice = random.Random(projects)
    amounts = [dice.randrange(100_00, 900_00) for _ in range(projects)]
    wrong = {(dice.choice(("line", "executed")), index) for index in dice.sample(range(projects), slips)}
    typed = {name: [value + (dice.randrange(1_00, 90_00) if (name, index) in wrong else 0) for index, value in enumerate(amounts)]
             for name in ("line", "executed")}  # fmt: skip
    lines = [cell("附件1", 20 + index, 4, value) for index, value in enumerate(typed["line"])]
    executed = [cell(f"附件3-{index}", 6, 6, value) for index, value in enumerate(typed["executed"])]
    parents = [cell("附件1", 10 + part, 4, sum(amounts[part::5])) for part in range(5)]
    total = cell("附件1", 9, 4, sum(amounts))
    stated = cell("附件2", 8, 6, sum(amounts))
    made: list[Declaration] = [
        summed("PE103", total, parents), summed("PE502", stated, executed), summed("PE501", stated, [total], True),
        *(summed("PE104", parent, lines[part::5]) for part, parent in enumerate(parents)),
    ]  # fmt: skip
    for index, amount in enumerate(amounts):
        sheet = f"附件3-{index}"
        made.append(summed("PE503", executed[index], [lines[index]], True))
        made.append(summed("PE108", executed[index], [cell(sheet, 7, 6, amount), cell(sheet, 8, 6, 0)]))
        rate = Term(Field(Place(sheet, 6, 8), "100%", "number", Decimal(100), 0, "%", True), "执行率")
        made.append(Ratio("PE204", sheet, rate, executed[index], cell(sheet, 6, 5, amount), "执行率"))
    return made


def summed(rule: str, total: Term, parts: Sequence[Term], twice: bool = False) -> Equation:
    return Equation(rule, "表", total, tuple(parts), (1,) * len(parts), "合计", stated_twice=twice)


def three_slips() -> list[Declaration]:
    """The clean example with three slips in different forms, each of which breaks equations."""
    book = clean_book("own")
    sheets: set[str] = set()
    for case in cases("own"):
        sheet = case.slip.place.sheet
        telling = sheet not in sheets and case.equations >= 2 and case.slip.kind == "数字录反"
        if telling and len(sheets) < 3 and suspects_of(planted(clean_book("own"), case.slip)):
            sheets.add(sheet)
            book = planted(book, case.slip)
    return declared(book)


def main() -> None:
    systems = {
        "example, clean": declared(clean_book("own")),
        "example, 3 slips": three_slips(),
        **{
            f"{count} projects, {count // 10} slips": workbook(count, count // 10)
            for count in (25, 50, 100, 200, 400)
        },
        "200 projects, clean": workbook(200, 0),
    }
    for name, declarations in systems.items():
        checked = median(lambda: [declaration.check() for declaration in declarations])  # noqa: B023
        located = median(lambda: locate(declarations, TRUST))  # noqa: B023
        suspects = len(locate(declarations, TRUST).suspects)
        print(
            f"{name:26} {len(declarations):5} equations   check {checked * 1000:7.1f} ms   "
            f"locate {located * 1000:8.1f} ms   {located / checked:7.1f} × check   {suspects} suspects"
        )


if __name__ == "__main__":
    main()
