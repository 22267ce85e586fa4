"""How well the wrong cell is found: slips planted in every figure that arithmetic ties, one or two at a time.

``python -m tests.locate`` prints, for the clean example in its three layouts: how often the planted cell is the first
suspect where it stands in two equations or more or the slip alone gives it away; how often it is among the named
candidates else; how often the proposed value is the original; how many wrong proposals were called sure. Figures of the
report and of the goals cells are figures like any other; they are also told apart, and so are the cells of forms that a
text states. With -v every case that went wrong is listed.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from perfeval_xl.equations import Declaration, Term, of_text
from perfeval_xl.forms import read_forms
from perfeval_xl.grid import Book, Place
from perfeval_xl.locating import Suspect, locate
from perfeval_xl.locating.suspects import Candidate
from perfeval_xl.policy import load_policy
from perfeval_xl.prose.reading import plain_text
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
    """A planted slip, what stood there, and in how many equations its figure stands in the clean workbook.

    ``start`` is where in its text the figure stands, None for a cell; ``told`` that a text states what the cell does.
    """

    slip: Slip
    typed: Decimal
    right: Decimal
    equations: int
    start: int | None = None
    told: bool = False

    def hit(self, term: Term) -> bool:
        """Whether a term is the planted figure."""
        start = term.quotation.start if term.quotation is not None else None
        return term.field.place == self.slip.place and start == self.start


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


@dataclass(frozen=True, slots=True)
class Tied:
    """A figure that declared arithmetic ties, in how many equations, and whether one of these is about a text."""

    term: Term
    equations: int
    told: bool


@lru_cache(maxsize=8)
def figures(layout: str) -> tuple[Tied, ...]:
    """Every figure that declared arithmetic ties, with the number of its equations."""
    found: dict[tuple[Place, str], list[Declaration]] = {}
    terms: dict[tuple[Place, str], Term] = {}
    for declaration in declared(clean_book(layout)):
        for term in declaration.terms():
            if term.field.number and not term.constant and term.field.text[-1:] != "）":
                start = str(term.quotation.start) if term.quotation is not None else ""
                terms[term.field.place, start] = term
                found.setdefault((term.field.place, start), []).append(declaration)
    return tuple(Tied(terms[key], len(found[key]), any(map(of_text, found[key]))) for key in sorted(terms))


def cases(layout: str) -> Iterator[Case]:
    dice = random.Random(20240530)
    cells = {
        (grid.sheet, *key): cell for grid in clean_book(layout).grids for key, cell in grid.cells.items()
    }
    for tied in figures(layout):
        place = tied.term.field.place
        split = _split(cells[place.sheet, place.row, place.column].text, tied.term)
        if split is None:
            continue  # 性质 lines, level headings, words: a figure inside a text
        before, text, behind = split
        for kind, make in SLIPS.items():
            value = make(text, dice)
            if value is None or Decimal(value) == Decimal(text):
                continue
            slip = Slip(kind, place, ((place, before + value + behind),))
            start = tied.term.quotation.start if tied.term.quotation is not None else None
            added = tied.term.quotation.added if tied.term.quotation is not None else 0
            told = tied.told and start is None
            right, typed = Decimal(text) + added, Decimal(value)
            yield Case(slip, typed, right, tied.equations, start, told)


def _split(shown: str, term: Term) -> tuple[str, str, str] | None:
    """What stands before a figure of a cell or a text, its digits, and what stands behind."""
    if term.quotation is not None:
        text, start = plain_text(shown), term.quotation.start
        match = re.match(r"\d+(\.\d+)?", text[start:])
        return (text[:start], match[0], text[start + match.end() :]) if match is not None else None
    match = re.fullmatch(r"([≥≤]?)(\d+(?:\.\d+)?)(\D{0,3})", shown)
    if match is None or Decimal(match[2]) != term.field.number:
        return None
    return match[1], match[2], match[3]


def suspects_of(book: Book) -> tuple[Suspect, ...]:
    return locate(declared(book), POLICY.trust).suspects


def judge(case: Case, suspects: Sequence[Suspect]) -> Result:
    main = suspects[0]
    first = case.hit(main.term)
    named = any(
        case.hit(suspect.term) or any(case.hit(rival.term) for rival in suspect.rivals)
        for suspect in suspects
    )
    proposed = next((suspect for suspect in suspects if case.hit(suspect.term)), None)
    value = proposed is not None and proposed.value is not None and _same(case, proposed.value)
    return Result(
        case, tuple(suspects), first, named, value, case.equations >= 2 or _gives_itself_away(case, main)
    )


def _same(case: Case, value: Decimal) -> bool:
    """A text may cut decimals off; then the rounded figure is as right."""
    digits = max(0, -int(case.right.as_tuple().exponent))
    most = Decimal("0.005") if case.start is None else Decimal(1).scaleb(-digits)
    return abs(value - case.right) <= most


def _gives_itself_away(case: Case, main: Suspect) -> bool:
    """A typical slip, and no other cell that would mend as much looks like one."""
    own = typing_error(case.typed, case.right)
    others: tuple[Suspect | Candidate, ...] = (main, *main.rivals)
    alike = [one for one in others if one.slip is not None and not case.hit(one.term)]
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
    found = [suspect.term for suspect in suspects] + [
        one.term for suspect in suspects for one in suspect.along
    ]
    return all(any(map(case.hit, found)) for case in pair)


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
    groups = {
        "every figure": every,
        "figures of a text": [row for row in every if row.case.start is not None],
        "cells that a text states": [row for row in every if row.case.told],
        "cells that no text states": [row for row in every if row.case.start is None and not row.case.told],
    }
    for group, rows in groups.items():
        print(group)
        for name, value in report(rows).items():
            print(f"  {name}: {value}")
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
