"""Slips planted in other bureaus' texts: of the figures that the same report's tables state too, how many are told.

A figure counts where it equals, in the same kind of unit, one that the entry's forms hold; some of these are other measures
that happen to be equal, so the share is a lower bound. ``python -m tests.narrative.slips_in_published`` prints it, and every
slip that was not told.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from perfeval_xl.prose import Figure, read
from perfeval_xl.prose.reading import plain_text
from tests.narrative.published import REPORTS, report_of
from tests.slips import changed_digit

_SIZES = {"万": 10_000, "亿": 100_000_000, "": 1}


def _amounts(entry: dict[str, Any]) -> set[Decimal]:
    cells = [cell for row in entry.get("money", ()) for cell in row[1:]] + list(entry.get("overall") or ())
    return {Decimal(str(cell)) for cell in cells if cell}


def _counts(entry: dict[str, Any]) -> set[Decimal]:
    found = {Decimal(number) for number in entry.get("staff", ())}
    for _, _, actual in entry.get("indicators", ()):
        match = re.search(r"([\d.]+)([万亿]?)", str(actual))
        if match is not None:
            found.add(Decimal(match[1]) * _SIZES[match[2]])
    return found


def _is_stated(figure: Figure, amounts: set[Decimal], counts: set[Decimal]) -> bool:
    if figure.scope & {"change", "other_year", "each"} or len(str(figure.value).strip("0.")) < 2:
        return False
    return figure.base in (amounts if figure.dimension == "money" else counts)


def planted() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Bureau, what was changed to what, and the entry with one figure mistyped."""
    dice = random.Random(20231231)
    for entry in REPORTS:
        amounts, counts = _amounts(entry), _counts(entry)
        for place, paragraph in enumerate(entry["text"]):
            text = plain_text(paragraph)
            for figure in read(text).figures:
                match = re.match(r"[\d.,]+", figure.words)
                new = changed_digit(match[0].replace(",", ""), dice) if match is not None else None
                if match is None or new is None or not _is_stated(figure, amounts, counts):
                    continue
                wrong = text[: figure.start] + new + text[figure.start + match.end() :]
                texts = [*entry["text"][:place], wrong, *entry["text"][place + 1 :]]
                words = f"{text[max(0, figure.start - 20) : figure.end]} → {new}"
                yield str(entry["bureau"]), words, {**entry, "text": texts}


def measure() -> list[tuple[str, bool]]:
    """Every slip, and whether the report says something that it does not say of the text as published."""
    before = {str(entry["bureau"]): _said(entry) for entry in REPORTS}
    return [(f"{bureau}: {words}", _said(wrong) != before[bureau]) for bureau, words, wrong in planted()]


def _said(entry: dict[str, Any]) -> list[str]:
    return [finding.message for finding in report_of(entry).findings]


if __name__ == "__main__":
    rows = measure()
    for slip, told in rows:
        if not told:
            print("missed", slip)
    print(f"{sum(told for _, told in rows)} of {len(rows)} told")
