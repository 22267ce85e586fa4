"""Figures altered one at a time in true statements of published passages: how many are told, by kind of statement.

A statement counts where the passage as published bears it out: a change, a share, a rate that follows from the figures beside it,
a list that adds up. Its right-hand figure (the per cent, the amount of the change, the total) gets one digit changed, so that it
no longer holds. ``python -m tests.narrative.altered [even|odd|mended|held|wordings]`` prints what was missed, and the shares:
of passages.yaml, of a half of later_passages.yaml, of wordings.yaml, where every figure is changed in turn.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from perfeval_xl.findings import Report
from perfeval_xl.prose import Quotient, Sum, assertions, read, told
from perfeval_xl.prose.precision import adds_up, off
from perfeval_xl.prose.records import Ref
from tests.slips import changed_digit
from tests.support import TESTS, check_rows, read_yaml

PASSAGES: list[dict[str, Any]] = read_yaml(TESTS / "narrative" / "passages.yaml")
LATER: list[dict[str, Any]] = read_yaml(TESTS / "narrative" / "later_passages.yaml")
WORDINGS: list[dict[str, Any]] = read_yaml(TESTS / "narrative" / "wordings.yaml")
#: So many times another digit is tried, until the figure is off by more than this share of it and two units of its last digit.
_TRIES, _FAR, _UNITS = 20, Decimal("0.03"), 2


@dataclass(frozen=True)
class Altered:
    """A passage with one figure of a true statement changed: the kind of statement, the words, where it stands."""

    kind: str
    words: str
    paragraph: int
    texts: tuple[str, ...]


def report_of(entry: dict[str, Any], texts: tuple[str, ...] | None = None) -> Report:
    rows = [[f"{entry['year'] or 2020}年度某局自评报告"], *([text] for text in texts or entry["text"])]
    return check_rows({"自评报告": rows}, policy="national-2020", select=["PE6*", "PE513"], ignore=["PE608"])


def loud(report: Report) -> list[str]:
    """Errors and warnings, as they are told."""
    return [f"{one.place} {one.message}" for one in report.findings if one.severity in ("error", "warning")]


def altered(entry: dict[str, Any]) -> Iterator[Altered]:
    """Every true statement of a passage with its right-hand figure changed, so that it no longer holds as written."""
    dice = random.Random(f"{entry['unit']}{entry['address']}")
    paragraphs = [read(text) for text in entry["text"]]
    for kind, ref, statement in dict.fromkeys(_statements(entry)):
        paragraph, index = ref
        prose = paragraphs[paragraph]
        figure = prose.figures[index]
        match = re.match(r"-?[\d.,]+", figure.words)
        if match is None:
            continue
        new = changed_digit(match[0].replace(",", ""), dice)
        if new is None:
            continue
        changed = replace(figure, value=Decimal(new))
        figures = [list(one.figures) for one in paragraphs]
        figures[paragraph][index] = changed
        if off(statement, figures) < 2:
            continue  # within what is written, or one unit of the last digit
        start = figure.start
        text = f"{prose.text[:start]}{new}{prose.text[start + match.end() :]}"
        texts = [text if number == paragraph else one for number, one in enumerate(entry["text"])]
        around = f"{prose.text[max(0, start - 30) : figure.end]} → {new}"
        yield Altered(kind, around, paragraph, tuple(texts))


def _statements(entry: dict[str, Any]) -> Iterator[tuple[str, Ref, Sum | Quotient]]:
    paragraphs = [read(text) for text in entry["text"]]
    figures = [prose.figures for prose in paragraphs]
    for one in assertions(paragraphs):
        reading = told(one, figures)
        if one.subject in ("direction", "side", "whole") or reading is None or not reading:
            continue
        for arithmetic in reading:
            if isinstance(arithmetic, Quotient):
                yield one.subject, arithmetic.rate, arithmetic
            elif isinstance(arithmetic, Sum):
                changed = arithmetic.parts[-1][1] if one.subject == "change" else arithmetic.total
                yield one.subject, changed, arithmetic
    for number, prose in enumerate(paragraphs):
        for found in prose.lists:
            total = prose.figures[found.whole]
            parts = [prose.figures[part] for part in found.parts]
            if len(parts) > 1 and adds_up(total, parts):
                whole = Sum((number, found.whole), tuple((1, (number, part)) for part in found.parts))
                yield ("sum" if total.dimension == "money" else "persons"), (number, found.whole), whole


def spoiled(entry: dict[str, Any]) -> Iterator[Altered]:
    """A true sentence with each of its figures changed in turn, far enough to be seen."""
    prose = read(entry["text"])
    dice = random.Random(entry["text"])
    for figure in prose.figures:
        match = re.match(r"[\d.]+", figure.words)
        new = far_off(match[0], dice) if match is not None else None
        if match is None or new is None:
            continue
        text = f"{prose.text[: figure.start]}{new}{prose.text[figure.start + match.end() :]}"
        yield Altered(entry["kind"], f"{figure.words} → {new}: {prose.text}", 0, (text,))


def far_off(written: str, dice: random.Random) -> str | None:
    value = Decimal(written)
    unit = Decimal(1).scaleb(-len(written.partition(".")[2]))
    for _ in range(_TRIES):
        new = changed_digit(written, dice)
        if new is not None and abs(Decimal(new) - value) > max(value * _FAR, unit * _UNITS):
            return new
    return None


def measure(entries: list[dict[str, Any]]) -> list[tuple[Altered, bool]]:
    """Every alteration, and whether something is told of it that is not told of the passage as published."""
    results = []
    for entry in entries:
        before = set(loud(report_of(entry)))
        for item in altered(entry):
            results.append((item, bool(set(loud(report_of(entry, item.texts))) - before)))
    return results


def measure_wordings() -> list[tuple[Altered, bool]]:
    """Every figure of wordings.yaml changed, and whether something is told of the sentence."""
    year: dict[str, Any] = {"year": 2022}
    return [(item, bool(loud(report_of(year, item.texts)))) for entry in WORDINGS for item in spoiled(entry)]


def shares(results: list[tuple[Altered, bool]]) -> dict[str, tuple[int, int]]:
    """Told and all, by kind."""
    found: dict[str, tuple[int, int]] = {}
    for item, caught in results:
        told_, all_ = found.get(item.kind, (0, 0))
        found[item.kind] = (told_ + caught, all_ + 1)
    return found


def chosen(which: str) -> list[dict[str, Any]]:
    """The passages of a part: every second one of passages.yaml, or a half of later_passages.yaml."""
    if which in ("mended", "held"):
        return [entry for entry in LATER if entry["half"] == which]
    return [
        entry
        for number, entry in enumerate(PASSAGES)
        if which == "all" or (number % 2 == 0) == (which == "even")
    ]


if __name__ == "__main__":
    part = sys.argv[1] if len(sys.argv) > 1 else "all"
    rows = measure_wordings() if part == "wordings" else measure(chosen(part))
    for item, caught in rows:
        if not caught and part != "held":
            print("missed", item.kind, item.words)
    print(shares(rows))
