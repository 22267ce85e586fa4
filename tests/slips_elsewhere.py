"""Slips of judgement, planted in every published table: what a clerk understood wrongly, not what the hand did.

The kinds: 没完成 (half of what a floor asks for, full marks kept, or no reason given where there are no marks), 单位 (answered in
another unit), 错列 (name, target and actual one column to the left), 互换 (target and actual exchanged), 重复 (a row typed over by
the one above it), 年份 (another year in the title); 套话 (points lost, a stock phrase for the reason), 无调查 (satisfaction answered
by the absence of complaints), 未完工 (full marks beside 待验收), 成本下限 (a cost with ≥), 过低 (three times the target, with a
reason), 口号 (a slogan for a target), 放错 (a count under 质量). ``python -m tests.slips_elsewhere`` prints by kind how many were told (a finding that was not there before), pointed
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
    return row.weight is not None and row.score is not None and row.weight.number == row.score.number


def _in_words(row: Indicator, form: IndicatorForm) -> Iterator[Slip]:
    """What reviewers object to in words: reasons that give none, hollow targets, what stands under the wrong heading."""
    target, group = _FLOOR.match(row.target_text), row.level1 + row.level2
    if "满意" in row.name.text:
        yield Slip("无调查", row.actual.place, ((row.actual.place, "未收到投诉"),))
    elif "效益" in group:
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
    if (
        target is not None
        and target[2]
        and "%" not in target[2]
        and Decimal(target[1]) >= 10
        and "时效" not in group
    ):
        if "成本" not in group:
            far = ((row.actual.place, f"{Decimal(target[1]) * 3}{target[2]}"), (row.reason.place, "需求增加"))
            yield Slip("过低", row.actual.place, far)
    yield from _stock_reason(row, form)


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
        if finding not in near and not any((place.sheet, place.row) in rows for place in _places(finding))
    )  # fmt: skip
    return Told(table, slip, bool(new), bool(near), unrelated)


def said(findings: Sequence[Finding]) -> Counter[str]:
    return Counter(f"{finding.rule} {finding.place}" for finding in findings)


def _new(findings: Sequence[Finding], before: Counter[str]) -> list[Finding]:
    return [finding for finding in findings if f"{finding.rule} {finding.place}" not in before]


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
