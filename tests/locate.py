"""How well the wrong cell is found: slips planted in every figure that arithmetic ties, one or two at a time.

``python -m tests.locate`` prints, for the clean example in its three layouts: how often the planted cell is the first
suspect where it stands in two equations or more or the slip alone gives it away; how often it is among the named
candidates else; how often the proposed value is the original; how many wrong proposals were called sure. With -v every
case that went wrong is listed.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from perfeval_xl.equations import Declaration, Term
from perfeval_xl.findings import Place
from perfeval_xl.forms import read_forms
from perfeval_xl.grid import Book
from perfeval_xl.locating import Suspect, locate
from perfeval_xl.policy import load_policy
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.engine import gather
from perfeval_xl.typing_errors import typing_error
from tests.slips import FIGURE_SLIPS, LAYOUTS, Slip, clean_book, planted

POLICY = load_policy("hunan-2023")


def doubled_digit(text: str, dice: random.Random) -> str | None:
    spots = [index for index, character in enumerate(text) if character.isdigit() and character != "0"]
    if not spots:
        return None
    spot = dice.choice(spots)
    return text[: spot + 1] + text[spot:]


def missing_digit(text: str, dice: random.Random) -> str | None:
    spots = [index for index, character in enumerate(text) if character.isdigit()]
    if len(spots) < 3:
        return None
    spot = dice.choice(spots[1:])
    left = text[:spot] + text[spot + 1 :]
    return left.removesuffix(".") if not left.endswith("..") else None


def another_figure(text: str, dice: random.Random) -> str | None:
    """A figure that has nothing to do with the right one."""
    decimals = len(text.partition(".")[2])
    value = (Decimal(text) * Decimal(dice.uniform(0.3, 2.7))).quantize(Decimal(1).scaleb(-decimals))
    return str(value) if typing_error(value, Decimal(text)) is None else None


SLIPS: Mapping[str, Callable[[str, random.Random], str | None]] = {
    **FIGURE_SLIPS,
    "重复一位": doubled_digit,
    "漏录一位": missing_digit,
    "别的数": another_figure,
}


@dataclass(frozen=True, slots=True)
class Case:
    """A planted slip, what stood there, and in how many equations its cell stands in the clean workbook."""

    slip: Slip
    right: Decimal
    equations: int


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a case. ``first``: the first suspect; ``named``: among the candidates; ``value``: right proposal."""

    case: Case
    suspects: tuple[Suspect, ...]
    first: bool
    named: bool
    value: bool
    telling: bool

    @property
    def sure_and_wrong(self) -> bool:
        return any(suspect.confidence == "high" for suspect in self.suspects) and not (
            self.first and self.value
        )

    @property
    def likely_and_wrong(self) -> bool:
        return self.suspects[0].confidence == "medium" and not (self.first and self.value)


def declared(book: Book) -> list[Declaration]:
    return gather(Context(read_forms(book), POLICY, book.grids)).declared


@lru_cache(maxsize=8)
def figures(layout: str) -> tuple[tuple[Term, int], ...]:
    """Every figure that declared arithmetic ties, with the number of its equations."""
    found: dict[Place, tuple[Term, int]] = {}
    for declaration in declared(clean_book(layout)):
        for term in declaration.terms():
            if term.field.number and not term.constant and term.field.text[-1:] != "）":
                known = found.get(term.field.place)
                found[term.field.place] = (term, known[1] + 1 if known else 1)
    return tuple(found[place] for place in sorted(found))


def cases(layout: str) -> Iterator[Case]:
    dice = random.Random(20240530)
    cells = {
        (grid.sheet, *key): cell for grid in clean_book(layout).grids for key, cell in grid.cells.items()
    }
    for term, equations in figures(layout):
        place = term.field.place
        shown = cells[place.sheet, place.row, place.column].text
        text = str(term.field.number.normalize().__format__("f")) if term.field.number is not None else ""
        if not _plain_figure(shown):
            continue  # 性质 lines, level headings: a figure inside a text
        for kind, make in SLIPS.items():
            value = make(text, dice)
            if value is None or Decimal(value) == term.field.number:
                continue
            planted_text = value + ("%" if term.field.percent else "")
            slip = Slip(kind, place, ((place, planted_text),))
            yield Case(slip, term.field.number or Decimal(0), equations)


def _plain_figure(text: str) -> bool:
    return text.removesuffix("%").replace(".", "", 1).isdigit()


def suspects_of(book: Book) -> tuple[Suspect, ...]:
    return locate(declared(book), POLICY.trust).suspects


def judge(case: Case, suspects: Sequence[Suspect]) -> Result:
    place = case.slip.place
    main = suspects[0]
    first = main.term.field.place == place
    named = any(
        place == suspect.term.field.place or any(place == rival.place for rival in suspect.rivals)
        for suspect in suspects
    )
    proposed = next((suspect for suspect in suspects if suspect.term.field.place == place), None)
    value = proposed is not None and proposed.value is not None and _same(case, proposed.value)
    return Result(
        case, tuple(suspects), first, named, value, case.equations >= 2 or _gives_itself_away(case, main)
    )


def _same(case: Case, value: Decimal) -> bool:
    return abs(value - case.right) <= Decimal("0.005")


def _gives_itself_away(case: Case, main: Suspect) -> bool:
    """A typical slip, and no other cell that would mend as much looks like one."""
    typed = Decimal(case.slip.changes[0][1].removesuffix("%") if case.slip.changes[0][1] else 0)
    own = typing_error(typed, case.right)
    alike = [
        one
        for one in (main, *main.rivals)
        if one.slip is not None and one.term.field.place != case.slip.place
    ]
    return own is not None and not alike


def share(rows: Sequence[Result], told: Callable[[Result], bool]) -> str:
    if not rows:
        return "—"
    count = sum(1 for row in rows if told(row))
    return f"{count}/{len(rows)} = {count / len(rows):.1%}"


def single(layout: str, limit: int | None = None) -> tuple[list[Result], list[Case]]:
    """All cases of one slip (or so many of them); and those that break no equation (within rounding)."""
    book = clean_book(layout)
    results, silent = [], []
    chosen = list(cases(layout))
    for case in chosen if limit is None else random.Random(11).sample(chosen, limit):
        suspects = suspects_of(planted(book, case.slip))
        if suspects:
            results.append(judge(case, suspects))
        else:
            silent.append(case)
    return results, silent


def double(
    layout: str, usable: Sequence[Case], count: int = 200
) -> Iterator[tuple[tuple[Case, Case], tuple[Suspect, ...]]]:
    """Two independent slips, each of which breaks equations by itself, in cells of two or more equations."""
    dice = random.Random(7)
    book = clean_book(layout)
    while count:
        one, other = dice.sample(usable, 2)
        if one.slip.place != other.slip.place:
            count -= 1
            yield (one, other), suspects_of(planted(planted(book, one.slip), other.slip))


def both_found(pair: tuple[Case, Case], suspects: Sequence[Suspect]) -> bool:
    found = {suspect.term.field.place for suspect in suspects}
    found |= {one.place for suspect in suspects for one in suspect.along}
    return all(case.slip.place in found for case in pair)


def report(results: Sequence[Result]) -> Mapping[str, str]:
    telling = [row for row in results if row.telling]
    rest = [row for row in results if not row.telling]
    right = [row for row in results if row.first]
    return {
        "cases": str(len(results)),
        "in two equations, or given away: first suspect": share(telling, lambda row: row.first),
        "the rest: among the candidates": share(rest, lambda row: row.named),
        "right suspect: right value": share(right, lambda row: row.value),
        "called sure": share(results, lambda row: any(one.confidence == "high" for one in row.suspects)),
        "called sure and wrong": share(results, lambda row: row.sure_and_wrong),
        "called likely (medium)": share(results, lambda row: row.suspects[0].confidence == "medium"),
        "called likely and wrong": share(results, lambda row: row.likely_and_wrong),
        "the rest: called sure": share(
            rest, lambda row: any(one.confidence == "high" for one in row.suspects)
        ),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-v", "--verbose", action="store_true")
    verbose = parser.parse_args().verbose
    every: list[Result] = []
    pairs: list[tuple[tuple[Case, Case], tuple[Suspect, ...]]] = []
    for layout in LAYOUTS:
        start = time.perf_counter()
        results, silent = single(layout)
        every += results
        pairs += double(layout, [row.case for row in results if row.case.equations >= 2])
        print(
            f"{layout}: {len(results)} cases, {len(silent)} within rounding, {time.perf_counter() - start:.0f} s"
        )
        for row in results if verbose else ():
            if (
                (row.telling and not row.first)
                or (row.first and not row.value)
                or row.sure_and_wrong
                or not row.named
            ):
                _tell(row)
    for name, value in report(every).items():
        print(f"{name}: {value}")
    for kind in SLIPS:
        rows = [row for row in every if row.case.slip.kind == kind]
        print(
            f"  {kind}: first {share(rows, lambda row: row.first)}, named {share(rows, lambda row: row.named)}"
        )
    count = sum(both_found(pair, suspects) for pair, suspects in pairs)
    print(f"two slips: both found {count}/{len(pairs)} = {count / len(pairs):.1%}")
    for pair, suspects in pairs if verbose else ():
        if not both_found(pair, suspects):
            print("  not both:", *(str(case.slip) for case in pair), "→", _told(suspects))
    print(Counter(suspect.confidence for row in every for suspect in row.suspects))
    return 0


def _tell(row: Result) -> None:
    marks = "".join(
        mark for mark, told in (("t", row.telling), ("F", row.first), ("N", row.named), ("V", row.value), ("!", row.sure_and_wrong)) if told
    )  # fmt: skip
    print(
        f"  [{marks}] {row.case.slip} (was {row.case.right}, {row.case.equations} equations) →",
        _told(row.suspects),
    )


def _told(suspects: Sequence[Suspect]) -> str:
    return "; ".join(
        f"{one.term.field.place} = {one.value} {one.confidence} mends {len(one.mends)}+{len(one.jointly)} rivals {len(one.rivals)}"
        for one in suspects
    )


if __name__ == "__main__":
    sys.exit(main())
