"""Slips of the hand, planted one at a time in the clean example: the checker's recall is measured with them.

Every slip changes cells that arithmetic or a rule ties, by more than rounding. ``python -m tests.slips`` prints recall
by kind and layout and, with -v, every slip that was missed or blamed on another cell.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from perfeval_xl.findings import Report
from perfeval_xl.forms import read_forms
from perfeval_xl.forms.records import BasicForm, Field, Forms, IndicatorForm
from perfeval_xl.grid import Book, Cell, Grid, Place
from perfeval_xl.numberformat import make_cell
from perfeval_xl.rules.matching import match
from perfeval_xl.runs.checking import check_book

LAYOUTS = ("own", "stacked", "text")


@dataclass(frozen=True, slots=True)
class Slip:
    """A planted slip: what kind, where (the cell a clerk would have to mend), and the new texts of cells."""

    kind: str
    place: Place
    changes: tuple[tuple[Place, str | None], ...]

    def __str__(self) -> str:
        return f"{self.kind} {self.place}: " + ", ".join(
            f"{place.cell} → {value}" for place, value in self.changes
        )


@lru_cache(maxsize=8)
def clean_book(layout: str) -> Book:
    """The clean twin of the example in one of its layouts."""
    import tempfile
    from pathlib import Path

    from perfeval_xl.hosts.reading.loading import read_book
    from tests.support import example_builder

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{layout}.xlsx"
        path.write_bytes(example_builder().build(layout, True))
        return read_book(path)


def planted(book: Book, slip: Slip) -> Book:
    """The workbook with the slip's cells changed; numbers stay numbers where they were numbers."""
    grids = {grid.sheet: grid for grid in book.grids}
    for place, value in slip.changes:
        grid = grids[place.sheet]
        cells: dict[tuple[int, int], Cell] = dict(grid.cells)
        key = (place.row, place.column)
        old = cells.pop(key, None)
        if value is not None:
            cells[key] = _typed(place, value, old)
        grids[place.sheet] = Grid(
            grid.sheet, cells, grid.merges, grid.hidden_rows, grid.hidden_columns, grid.state, grid.knows
        )
    return Book.of(book.name, (grids[grid.sheet] for grid in book.grids))


def _typed(place: Place, value: str, old: Cell | None) -> Cell:
    number = old is not None and isinstance(old.value, Decimal)
    if number and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return make_cell(place.row, place.column, Decimal(value), "General")
    if number and re.fullmatch(r"-?\d+(\.\d+)?%", value):
        return make_cell(
            place.row, place.column, Decimal(value[:-1]) / 100, "0.00%" if "." in value else "0%"
        )
    return make_cell(place.row, place.column, value, "General")


# -- making slips ---------------------------------------------------------------------------------------------


def swapped_digits(text: str, dice: random.Random) -> str | None:
    """Two neighbouring, different digits exchanged (no leading zero)."""
    spots = [
        index
        for index in range(len(text) - 1)
        if text[index].isdigit() and text[index + 1].isdigit() and text[index] != text[index + 1]
        and not (text[index + 1] == "0" and (index == 0 or not text[index - 1].isdigit()))
    ]  # fmt: skip
    if not spots:
        return None
    spot = dice.choice(spots)
    return text[:spot] + text[spot + 1] + text[spot] + text[spot + 2 :]


def moved_point(text: str, dice: random.Random) -> str | None:
    number = Decimal(text)
    if number == 0:
        return None
    return format((number * dice.choice((Decimal(10), Decimal("0.1")))).normalize(), "f")


def changed_digit(text: str, dice: random.Random) -> str | None:
    whole = text.partition(".")[0]
    spot = dice.randrange(len(whole))
    digit = dice.choice([digit for digit in "123456789" if digit != text[spot]])
    return text[:spot] + digit + text[spot + 1 :]


FIGURE_SLIPS = {"数字录反": swapped_digits, "小数点移位": moved_point, "录错一位": changed_digit}


def slips(forms: Forms) -> Iterator[Slip]:
    """All slips of every kind, in a fixed order."""
    dice = random.Random(20231231)
    for field in tied_amounts(forms):
        for kind, make in FIGURE_SLIPS.items():
            value = make(field.text, dice)
            if value is not None and Decimal(value) != field.number:
                yield Slip(kind, field.place, ((field.place, value),))
        if field.number:
            yield Slip("清空", field.place, ((field.place, None),))
    yield from wrong_rows(forms)
    for form in (*forms.overall, *forms.projects):
        yield from form_slips(form, dice)
    yield from single_cells(forms, dice)


def single_cells(forms: Forms, dice: random.Random) -> Iterator[Slip]:
    """Cells of their own kind: staff, lines by nature, level-1 weights, 预算调整, the fund tables."""
    basic, overall = forms.basic[0], forms.overall[0]
    assert basic.staff is not None
    assert basic.staff.rate is not None
    for field in (basic.staff.quota, basic.staff.actual):
        yield Slip("人数录错", field.place, ((field.place, swapped_digits(field.text, dice)),))
        yield Slip("清空人数", field.place, ((field.place, None),))
    yield Slip("控制率算错", basic.staff.rate.place, ((basic.staff.rate.place, "96%"),))
    for line in (*overall.income, *overall.spending):
        if line.amount.number:
            wrong = swapped_digits(line.amount.text, dice)
            yield Slip("性质行录反", line.amount.place, ((line.amount.place, f"{line.label}：{wrong}"),))
    adjustment = basic.line("adjustment")
    assert adjustment is not None
    cell = adjustment.cells["final"]
    yield Slip("预算调整录错", cell.place, ((cell.place, "-318.19"),))
    for form in (overall, *forms.projects):
        for level in form.levels:
            if level.weight is not None:
                text = f"{level.name}({level.weight[0] + 5}分)"
                yield Slip("标注分值错", level.label.place, ((level.label.place, text),))
    for table in forms.funds:
        assert table.total is not None
        for role in ("spending", "carry_out", "rolled_out", "balance"):
            if role in table.total.cells:
                place = table.total.cells[role].place
                yield Slip("基金表录错", place, ((place, "12.5"),))


def tied_amounts(forms: Forms) -> Iterator[Field]:
    """Money cells that an equation ties."""
    basic, overall = forms.basic[0], forms.overall[0]
    for line in basic.lines:
        for column, cell in line.cells.items():
            if _line_is_tied(basic, line, column) and cell.number:
                yield cell
    for column in ("initial", "budget", "executed"):
        amount = overall.amount(column)
        if amount is not None:
            yield amount
    for project in forms.projects:
        assert project.funds is not None
        for row in project.funds.rows:
            yield from (
                row.cells[column] for column in ("initial", "budget", "executed") if row.cells[column].number
            )


def _line_is_tied(form: BasicForm, line: Any, column: str) -> bool:
    if line.role == "detail":
        parent = form.lines[line.parent]
        siblings = [child for child in form.children(parent) if child.cells[column].number]
        return len(siblings) >= 2 or column != "last_final"
    return line.role in ("sangong", "reception", "projects", "project_line")


def wrong_rows(forms: Forms) -> Iterator[Slip]:
    """A 附件1 amount typed one row too low, over an empty cell; the row it belongs to is left empty."""
    basic = forms.basic[0]
    matching = match(basic, forms.projects)
    tied = {id(line) for lines in matching.lines for line in lines}
    for line, below in zip(basic.lines, basic.lines[1:], strict=False):
        for column in ("budget", "final"):
            here, there = line.cells[column], below.cells[column]
            if id(line) in tied and here.number and there.missing:
                yield Slip("填错行", here.place, ((here.place, None), (there.place, here.text)))


def form_slips(form: IndicatorForm, dice: random.Random) -> Iterator[Slip]:
    """Slips in rates, weights, scores, targets and totals of 附件2 and 附件3."""
    total = form.funds.total if form.funds is not None else None
    assert total is not None
    rate, score = total.cells["rate"], total.cells["score"]
    yield Slip("执行率算错", rate.place, ((rate.place, f"{dice.randint(40, 97)}%"),))
    yield Slip("执行率得分错", score.place, ((score.place, dice.choice(("8", "7.5", "6"))),))
    for column, name in (
        ("rate", "执行率"),
        ("weight", "分值"),
        ("executed", "执行数"),
        ("budget", "预算数"),
    ):
        yield Slip(f"清空{name}", total.cells[column].place, ((total.cells[column].place, None),))
    for indicator in form.indicators:
        assert indicator.weight is not None
        assert indicator.score is not None
        weight, mark = indicator.weight, indicator.score
        assert weight.number is not None
        yield Slip("分值改动", weight.place, ((weight.place, str(weight.number + dice.choice((1, 2, 5)))),))
        yield Slip("得分超分值", mark.place, ((mark.place, str(weight.number + dice.randint(1, 9))),))
        yield Slip("得分改低", mark.place, ((mark.place, str(weight.number / 2)),))
        yield Slip("清空得分", mark.place, ((mark.place, None),))
        yield Slip("清空完成值", indicator.actual.place, ((indicator.actual.place, None),))
        yield Slip("清空指标值", indicator.target.place, ((indicator.target.place, None),))
        yield from _target_slips(indicator)
    stated = form.total
    if stated is not None and stated.score is not None and stated.score.number is not None:
        lower = str(stated.score.number - dice.randint(1, 20))
        yield Slip("总分未更新", stated.score.place, ((stated.score.place, lower),))


_MEASURED = re.compile(r"^([≥≤]?)(\d+(?:\.\d+)?)(\D*)$")


def _target_slips(indicator: Any) -> Iterator[Slip]:
    """Target missed, unit dropped, sign turned round, answered by a percentage."""
    target = _MEASURED.match(indicator.target_text)
    actual = _MEASURED.match(indicator.actual_text)
    if target is None or actual is None:
        return
    value = Decimal(target[2])
    place = indicator.actual.place
    if target[1] == "≤":
        yield Slip("没完成", place, ((place, f"{value * 2}{actual[3]}"),))
    elif actual[3] not in ("天", "天内", "个月"):  # a shorter time is better
        yield Slip("没完成", place, ((place, f"{(value / 2).quantize(Decimal(1))}{actual[3]}"),))
    if target[3] not in ("%", "") and not target[3].startswith("%"):
        yield Slip("填成完成率", place, ((place, "100%"),))
        yield Slip("漏写单位", place, ((place, actual[2]),))
    if target[1] == "≥" and Decimal(actual[2]) > value:
        turned = f"≤{target[2]}{target[3]}"
        yield Slip("符号写反", indicator.target.place, ((indicator.target.place, turned),))


# -- measuring ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Caught:
    """What became of a slip: any new finding at warning or above, at its cell, at or related to its cell."""

    slip: Slip
    found: bool
    exact: bool
    near: bool
    related: float


def outcome(report: Report, slip: Slip, before: frozenset[str]) -> Caught:
    loud = [
        finding for finding in report.findings
        if finding.severity != "info" and finding.fingerprint not in before
    ]  # fmt: skip
    places = {place for place, _ in slip.changes}
    exact = any(finding.place in places for finding in loud)
    near = exact or any(places.intersection(finding.related) for finding in loud)
    return Caught(
        slip, bool(loud), exact, near, statistics.median([len(f.related) for f in loud]) if loud else 0
    )


def measure(layout: str, policy: str = "hunan-2023", limit: int | None = None) -> list[Caught]:
    book = clean_book(layout)
    chosen = list(slips(read_forms(book)))
    if limit is not None and len(chosen) > limit:
        chosen = random.Random(7).sample(chosen, limit)
    before = frozenset(finding.fingerprint for finding in check_book(book, policy=policy).findings)
    return [outcome(check_book(planted(book, slip), policy=policy), slip, before) for slip in chosen]


def shares(results: Iterable[Caught]) -> Mapping[str, float]:
    rows = list(results)
    return {
        "slips": len(rows),
        "recall": sum(row.found for row in rows) / len(rows),
        "cell": sum(row.exact for row in rows) / len(rows),
        "cell or related": sum(row.near for row in rows) / len(rows),
        "median related": statistics.median(row.related for row in rows),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-v", "--verbose", action="store_true")
    verbose = parser.parse_args().verbose
    every: list[Caught] = []
    for layout in LAYOUTS:
        results = measure(layout)
        every += results
        print(layout, {name: round(value, 4) for name, value in shares(results).items()})
        for row in results if verbose else ():
            if not row.found or not row.near:
                print("  missed" if not row.found else "  elsewhere", row.slip)
    kinds = sorted({row.slip.kind for row in every})
    for kind in kinds:
        print(
            kind,
            {
                name: round(value, 3)
                for name, value in shares(row for row in every if row.slip.kind == kind).items()
            },
        )
    print("all", {name: round(value, 4) for name, value in shares(every).items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
