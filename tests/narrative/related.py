"""How many of the relations that a reader wrote down are told once a figure in them is wrong, whether the program reads them or not.

related_passages.yaml names every relation of its passages. Of each one figure is altered: a digit of the figure that follows
from the others, a digit of another, the word of the direction, the unit. ``python -m tests.narrative.related [mended|held]``
prints the shares by kind and, but for ``held``, what was missed.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.narrative.altered import Altered, far_off, loud, report_of, shares
from tests.support import TESTS, read_yaml

PASSAGES: list[dict[str, Any]] = read_yaml(TESTS / "narrative" / "related_passages.yaml")
_RELATION = re.compile(r"(?P<kind>\w+) (?P<words>.+) = (?P<terms>.+)")
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_OPPOSITE = {"增加": "减少", "增长": "下降", "减少": "增加", "下降": "增长", "上升": "下降"}
_UNITS = {"万元": "亿元", "亿元": "万元"}


@dataclass(frozen=True, slots=True)
class Relation:
    """``words`` of the text hold a figure that follows from ``terms``, figures of the text."""

    kind: str
    words: str
    terms: str


def relations(entry: dict[str, Any]) -> Iterator[Relation]:
    for written in entry.get("relations", ()):
        match = _RELATION.fullmatch(written)
        assert match is not None, written
        yield Relation(match["kind"], match["words"], match["terms"])


def altered(entry: dict[str, Any]) -> Iterator[Altered]:
    """A passage with one figure of a relation altered, for every relation and every way."""
    for relation in relations(entry):
        dice = random.Random(f"{entry['address']}{relation}")
        number = next(place for place, text in enumerate(entry["text"]) if relation.words in text)
        for kind, old, new in _slips(relation, entry["text"], dice):
            place = next((at for at, text in enumerate(entry["text"]) if old in text), number)
            texts = list(entry["text"])
            texts[place] = texts[place].replace(old, new, 1)
            yield Altered(kind, f"{old} → {new} ({relation.words} = {relation.terms})", place, tuple(texts))


def _slips(relation: Relation, texts: list[str], dice: random.Random) -> Iterator[tuple[str, str, str]]:
    figure = _FIGURE.search(relation.words)
    assert figure is not None, relation
    wrong = far_off(figure[0], dice)
    if wrong is not None:
        yield relation.kind, relation.words, relation.words.replace(figure[0], wrong, 1)
    whole = "\n".join(texts)
    terms = [term for term in _FIGURE.findall(relation.terms) if float(term) and _stands_once(term, whole)]
    if terms:
        term = dice.choice(terms)
        wrong = far_off(term, dice)
        if wrong is not None:
            yield f"{relation.kind}, another figure", term, wrong
    word = next((one for one in _OPPOSITE if one in relation.words), None)
    if word is not None:
        yield "direction", relation.words, relation.words.replace(word, _OPPOSITE[word])
    unit = next((one for one in _UNITS if f"{figure[0]}{one}" in whole and relation.kind == "sum"), None)
    if unit is not None and f"{relation.words}{unit}" in whole:
        yield "unit", f"{relation.words}{unit}", f"{relation.words}{_UNITS[unit]}"


def _stands_once(term: str, whole: str) -> bool:
    return len(re.findall(rf"(?<![\d.]){re.escape(term)}(?![\d.])", whole)) == 1 and whole.count(term) == 1


def measure(entries: list[dict[str, Any]]) -> list[tuple[Altered, bool]]:
    """Every alteration, and whether something is told of it that is not told of the passage as published."""
    results = []
    for entry in entries:
        before = set(loud(report_of(entry)))
        results += [(item, bool(set(loud(report_of(entry, item.texts))) - before)) for item in altered(entry)]
    return results


def chosen(which: str) -> list[dict[str, Any]]:
    return [entry for entry in PASSAGES if which in ("all", entry["half"])]


def told_as_labelled(entries: list[dict[str, Any]]) -> tuple[int, int, int, int]:
    """Of the passages with a contradiction, how many are told, and how many there are; of the clean ones, with a false alarm, all."""
    told = [(bool(loud(report_of(entry))), bool(entry.get("contradictions"))) for entry in entries]
    wrong = [found for found, is_wrong in told if is_wrong]
    clean = [found for found, is_wrong in told if not is_wrong]
    return sum(wrong), len(wrong), sum(clean), len(clean)


if __name__ == "__main__":
    part = sys.argv[1] if len(sys.argv) > 1 else "all"
    rows = measure(chosen(part))
    for item, caught in rows:
        if not caught and part == "mended":
            print("missed", item.kind, item.words)
    print(shares(rows))
    print("contradictions told, all; clean with a false alarm, all:", told_as_labelled(chosen(part)))
