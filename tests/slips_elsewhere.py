"""Slips of judgement, planted in every published table: what a clerk understood wrongly, not what the hand did.

The kinds: 没完成 (half of what a floor asks for, full marks kept, or no reason given where there are no marks), 单位 (answered in
another unit), 错列 (name, target and actual one column to the left), 互换 (target and actual exchanged), 重复 (a row typed over by
the one above it), 年份 (another year in the title); 套话 (points lost, a stock phrase for the reason), 无调查 (satisfaction answered
by the absence of complaints), 未完工 (full marks beside 待验收), 成本下限 (a cost with ≥), 过低 (three times the target, with a
reason), 口号 (a slogan for a target), 放错 (a count under 质量), 钱没花 (a tenth spent, all done, no reason), 少5分 (a row, and the
total, with five points less), 填分值 (points for targets and actuals), 颠倒 (主管部门 and 实施单位 exchanged). ``python -m tests.slips_elsewhere`` prints by kind how many were told (a finding that was not there before), pointed
at (at a changed cell, or naming one) and how many new findings had nothing to do with what was changed; ``--pairs N`` plants N
pairs as well, of which both are to be pointed at; -v lists what was missed.
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from perfeval_xl.findings import Finding
from perfeval_xl.forms import read_forms
from perfeval_xl.forms.records import Indicator, IndicatorForm
from perfeval_xl.grid import Book, Place
from perfeval_xl.runs.checking import check_book
from tests.slips import Slip, planted
from tests.support import TESTS, book_of, read_yaml

KINDS = (
    "没完成", "单位", "错列", "互换", "重复", "年份", "套话", "无调查", "未完工", "成本下限", "过低", "口号", "放错",
    "钱没花", "少5分", "填分值", "颠倒",
)  # fmt: skip
_FLOOR = re.compile(r"^(?:≥|>=|≧|＞=)?(\d+(?:\.\d+)?)(\D*)$")
_YEAR = re.compile(r"20\d\d")


def books() -> Iterator[tuple[str, Book]]:
    """The published tables as workbooks, by the names of their files."""
    for path in sorted((TESTS / "published").rglob("*.yaml")):
        if path.stem not in ("reviewed", "labels"):
            yield path.stem, _book(path)


def _book(path: Path) -> Book:
    sheets = read_yaml(path)["sheets"]
    return book_of(
        {sheet["name"]: sheet["rows"] for sheet in sheets},
        {sheet["name"]: sheet.get("merges") or () for sheet in sheets},
    )


def slips(book: Book) -> Iterator[Slip]:
    """Every slip of judgement that a table has room for, in a fixed order."""
    forms = read_forms(book)
    for form in (*forms.overall, *forms.projects):
        rows = [row for row in form.indicators if row.name.filled and row.target.filled and row.actual.filled]
        for row in rows:
            yield from _of_row(row, form)
            yield from _in_words(row, form)
        for above, below in itertools.pairwise(rows):
            if above.level2 == below.level2 and above.name.text != below.name.text:
                yield _duplicate(above, below)
        yield from _year(form, book)
        yield from _of_form(form, rows)


def _of_row(row: Indicator, form: IndicatorForm) -> Iterator[Slip]:
    target, actual = _FLOOR.match(row.target_text), _FLOOR.match(row.actual_text)
    full = _is_full(row)
    silent = "score" not in form.columns and row.reason is not None and not row.reason.filled
    if target is not None and actual is not None and Decimal(actual[1]) >= Decimal(target[1]) > 0:
        lasting = (
            any(word in row.name.text for word in ("时间", "成本", "时限", "率"))
            and "满意" not in row.name.text
        )
        if (full or silent) and not lasting:
            half = (Decimal(target[1]) / 2).quantize(Decimal(1).scaleb(-row.actual.decimals))
            yield Slip("没完成", row.actual.place, ((row.actual.place, f"{half}{actual[2]}"),))
        if actual[2] and not actual[2].startswith("%"):
            yield Slip("单位", row.actual.place, ((row.actual.place, "100%"),))
    if actual is not None and row.target.text[:1] in ("≥", "≤") and row.target_text != row.actual_text:
        exchanged = ((row.target.place, row.actual_text), (row.actual.place, row.target_text))
        yield Slip("互换", row.actual.place, exchanged)
    if any(character.isdigit() for character in row.target_text + row.actual_text):
        moved = (
            (row.name.place, row.target_text),
            (row.target.place, row.actual_text),
            (row.actual.place, None),
        )
        yield Slip("错列", row.name.place, moved)


def _is_full(row: Indicator) -> bool:
    weight, score = row.weight, row.score
    return (
        weight is not None
        and score is not None
        and weight.number is not None
        and weight.number == score.number
    )


def _in_words(row: Indicator, form: IndicatorForm) -> Iterator[Slip]:
    """What reviewers object to in words: reasons that give none, hollow targets, what stands under the wrong heading."""
    target, group = _FLOOR.match(row.target_text), row.level1 + row.level2
    if "满意" in row.name.text:
        yield Slip("无调查", row.actual.place, ((row.actual.place, "未收到投诉"),))
    elif "效益" in group and "%" not in row.target_text:
        yield Slip("口号", row.target.place, ((row.target.place, "不断提高"), (row.actual.place, "不断提高")))
    if "质量" in row.level2:
        count = ((row.name.place, "培训人数"), (row.target.place, "≥50人"), (row.actual.place, "52人"))
        yield Slip("放错", row.name.place, count)
    money = re.match(r"^(?:≤|<=|=)?(\d+(?:\.\d+)?)(万元|元)$", row.target_text)
    if "成本" in row.level2 and money is not None and not re.search("标准|每|均", row.name.text):
        yield Slip("成本下限", row.target.place, ((row.target.place, f"≥{money[1]}{money[2]}"),))
    if row.reason is None or row.reason.filled or row.reason.covered or not _is_full(row):
        return
    yield Slip("未完工", row.reason.place, ((row.reason.place, "待验收"),))
    counted = target is not None and target[2] and "%" not in target[2] and Decimal(target[1]) >= 10
    if target is not None and counted and not re.search("时效|成本", group):
        far = ((row.actual.place, f"{Decimal(target[1]) * 3}{target[2]}"), (row.reason.place, "需求增加"))
        yield Slip("过低", row.actual.place, far)
    yield from _stock_reason(row, form)


def _of_form(form: IndicatorForm, rows: Sequence[Indicator]) -> Iterator[Slip]:
    """What reviewers object to in a form as a whole."""
    yield from _unspent(form, rows)
    total = form.total
    scored = [row for row in rows if _is_full(row) and row.weight is not None and not row.weight.printed]
    many = [row for row in scored if row.weight is not None and (row.weight.number or 0) > 5]
    if many and total is not None and total.weight is not None and total.weight.number == 100:
        cells = [many[0].weight, many[0].score, total.weight, total.score]
        less = [
            (one.place, str(one.number - 5)) for one in cells if one is not None and one.number is not None
        ]
        yield Slip("少5分", total.weight.place, tuple(less))
    scored = [row for row in scored if not re.search("[≥≤(（]", row.name.text)]
    if len(scored) >= 4 and not any("unit" in row.extra for row in scored):
        points = [(row, row.weight.text) for row in scored[:4] if row.weight is not None]
        cells_of = [(cell.place, text) for row, text in points for cell in (row.target, row.actual)]
        yield Slip("填分值", scored[0].target.place, tuple(cells_of))
    department, office = form.head.get("department"), form.head.get("office")
    if department is None or office is None or not (department.filled and office.filled):
        return
    if len(department.text) < len(office.text) and office.text.startswith(department.text):
        swapped = ((department.place, office.text), (office.place, department.text))
        yield Slip("颠倒", department.place, swapped)


def _unspent(form: IndicatorForm, rows: Sequence[Indicator]) -> Iterator[Slip]:
    """A tenth of the money spent: the total, its one source, the rate and its points say so alike, no cell says why."""
    whole = form.funds.total if form.funds is not None else None
    said = any(row.reason is not None and row.reason.filled for row in rows) or bool(form.remarks)
    budget = whole.cells.get("budget") if whole is not None else None
    if form.funds is None or whole is None or budget is None or not budget.number or said:
        return
    lines = [
        row for row in form.funds.parts if (cell := row.cells.get("executed")) is not None and cell.number
    ]
    tenth = str(budget.number / 10)
    changes = [(row.cells["executed"].place, tenth) for row in (whole, *lines) if "executed" in row.cells]
    changes += [
        (row.cells["rate"].place, "10.00%")
        for row in (whole, *lines)
        if (cell := row.cells.get("rate")) and cell.filled
    ]
    weight, score = whole.cells.get("weight"), whole.cells.get("score")
    if weight is not None and weight.number is not None and score is not None and score.number is not None:
        changes.append((score.place, str(weight.number / 10)))
        if form.total is not None and form.total.score is not None and form.total.score.number is not None:
            changes.append((form.total.score.place, str(form.total.score.number - weight.number * 9 / 10)))
    if len(lines) < 2:
        yield Slip("钱没花", whole.label.place, tuple(changes))


def _stock_reason(row: Indicator, form: IndicatorForm) -> Iterator[Slip]:
    """A point less for a row, carried into the total, with a reason that gives none."""
    assert row.weight is not None
    assert row.score is not None
    assert row.reason is not None
    total = form.total.score if form.total is not None else None
    if not row.score.number or row.score.printed:
        return
    changes = [(row.score.place, str(row.score.number * 9 / 10)), (row.reason.place, "加强管理")]
    if total is not None and total.number is not None:
        changes.append((total.place, str(total.number - row.score.number / 10)))
    yield Slip("套话", row.reason.place, tuple(changes))


def _duplicate(above: Indicator, below: Indicator) -> Slip:
    pairs = ((above.name, below.name), (above.target, below.target), (above.actual, below.actual))
    return Slip("重复", below.name.place, tuple((old.place, new.text) for new, old in pairs))


def _year(form: IndicatorForm, book: Book) -> Iterator[Slip]:
    """The title's year, where another cell of the sheet says the year too and so contradicts."""
    found = _YEAR.search(form.title.text)
    cells = next(grid.cells for grid in book.grids if grid.sheet == form.sheet)
    title = (form.title.place.row, form.title.place.column)
    if found is not None and any(found[0] in cell.text for key, cell in cells.items() if key != title):
        other = form.title.text.replace(found[0], str(int(found[0]) - 2))
        yield Slip("年份", form.title.place, ((form.title.place, other),))


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a slip: whether anything new was said, whether it points there, and what has nothing to do with it."""

    table: str
    slip: Slip
    told: bool
    pointed: bool
    unrelated: tuple[Finding, ...]


def outcome(table: str, book: Book, slip: Slip, before: Counter[str]) -> Told:
    """Check a table with a slip in it; ``before`` is what the table says by itself."""
    new = _new(check_book(planted(book, slip), policy="national-2020").findings, before)
    rows = {(place.sheet, place.row) for place, _ in slip.changes}
    near = [finding for finding in new if _touches(finding, slip)]
    unrelated = tuple(
        finding for finding in new
        if finding not in near and _at(finding) not in before and not any((place.sheet, place.row) in rows for place in _places(finding))
    )  # fmt: skip
    return Told(table, slip, bool(new), bool(near), unrelated)


def said(findings: Sequence[Finding]) -> Counter[str]:
    """What is said, by rule and place, and with the cells that are named beside: one finding may speak for several rows."""
    return Counter(key for finding in findings for key in (_key(finding), _at(finding)))


def _at(finding: Finding) -> str:
    return f"{finding.rule} {finding.place}"


def _key(finding: Finding) -> str:
    return f"{_at(finding)} {sorted(map(str, finding.related))}"


def _new(findings: Sequence[Finding], before: Counter[str]) -> list[Finding]:
    return [finding for finding in findings if _key(finding) not in before]


def _places(finding: Finding) -> tuple[Place, ...]:
    return (*((finding.place,) if finding.place is not None else ()), *finding.related)


def _touches(finding: Finding, slip: Slip) -> bool:
    return not {place for place, _ in slip.changes}.isdisjoint(_places(finding))


def pairs(book: Book, count: int, dice: random.Random) -> Iterator[tuple[Slip, Slip, bool]]:
    """Pairs of slips of different kinds, rows apart so that none undoes the other, and whether both are pointed at."""
    every, before = list(slips(book)), said(check_book(book, policy="national-2020").findings)
    for _ in range(count if len(every) > 1 else 0):
        one, other = dice.sample(every, 2)
        if one.kind == other.kind or abs(one.place.row - other.place.row) < 2:
            continue
        both = Slip("两处", one.place, (*one.changes, *other.changes))
        new = _new(check_book(planted(book, both), policy="national-2020").findings, before)
        yield one, other, all(any(_touches(finding, slip) for finding in new) for slip in (one, other))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--pairs", type=int, default=0, metavar="N", help="so many pairs a table")
    options = parser.parse_args()
    every: list[Told] = []
    twice: list[tuple[Slip, Slip, bool]] = []
    for table, book in books():
        before = said(check_book(book, policy="national-2020").findings)
        every += [outcome(table, book, slip, before) for slip in slips(book)]
        twice += pairs(book, options.pairs, random.Random(table))
    for kind in (*KINDS, ""):
        rows = [row for row in every if kind in ("", row.slip.kind)]
        count = max(1, len(rows))
        print(
            f"{kind or '合计'}: {len(rows)} slips, told {sum(row.told for row in rows) / count:.1%}, "
            f"pointed at {sum(row.pointed for row in rows) / count:.1%}, "
            f"unrelated {sum(len(row.unrelated) for row in rows) / count:.1%}"
        )
    if twice:
        print(f"pairs: {len(twice)}, both pointed at {sum(both for _, _, both in twice) / len(twice):.1%}")
    for row in every if options.verbose else ():
        if not row.pointed or row.unrelated:
            print(
                "  told elsewhere" if row.told else "  missed",
                row.table,
                row.slip,
                *(f"{one.rule} {one.place}" for one in row.unrelated),
            )
    for one, other, both in twice if options.verbose else ():
        if not both:
            print("  not both", one, "|", other)
    return 0


if __name__ == "__main__":
    sys.exit(main())
