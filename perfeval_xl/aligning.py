"""Two states of the same sheet, row by row: which row became which, whatever was inserted, taken out or moved.

Rows are known by what they say, never by their numbers: first those that are wholly the same, then those of the same label, then
those that are alike for the most part. Texts only: nothing here knows a file or a form.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise

from . import patterns as re
from .records import dataclass
from .text import clean

#: Texts by 1-based row and column.
Texts = Mapping[tuple[int, int], str]
Labels = Mapping[int, str]
"""What rows are called, by 1-based row, where a form says so."""

#: Rows count as the same where at least so much of what they say is.
_ALIKE = 0.5
#: Of longer texts it counts how much of them is the same.
_LONG = 10
#: A label tells more than a figure does, a long one no more than this many letters.
_HEAVIEST = 20
#: So many pairs of rows are compared letter by letter; beyond it only what is equal counts.
_MOST_PAIRS = 40_000
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Alignment:
    """``rows`` are the new numbers of the old rows that are still there; ``moved`` those of the old that stand before or behind rows
    that they followed or preceded; ``gone`` old rows and ``come`` new ones without a counterpart."""

    rows: Mapping[int, int]
    moved: frozenset[int]
    gone: tuple[int, ...]
    come: tuple[int, ...]


@dataclass(frozen=True)
class _Row:
    """A row that says something: its number, its label where a form has one, its texts by column."""

    number: int
    label: str
    texts: Mapping[int, str]

    @cached_property
    def leading(self) -> tuple[str, ...]:
        """The words before its first figure; nothing where it begins with one."""
        words = []
        for _, text in sorted(self.texts.items()):
            if _DIGIT.search(text):
                break
            words.append(text)
        return tuple(words)

    @cached_property
    def weight(self) -> float:
        return sum(map(_weight, self.texts.values()))

    @cached_property
    def pairs(self) -> Mapping[int, Counter[str]]:
        """The pairs of letters of its long texts."""
        return {
            column: Counter(map("".join, pairwise(text)))
            for column, text in self.texts.items()
            if len(text) > _LONG
        }


def align(old: Texts, new: Texts, old_labels: Labels, new_labels: Labels) -> Alignment:
    """Which row of ``old`` is which row of ``new``."""
    before, after = _rows(old, old_labels), _rows(new, new_labels)
    found: dict[int, int] = {}
    for same in (_whole, _labelled, _worded):
        found |= _equal(_left(before, found), _left(after, found.values()), same)
    found |= _alike(_left(before, found), _left(after, found.values()))
    found |= _between(before, after, found)
    return Alignment(
        rows=found,
        moved=_moved(found),
        gone=tuple(row.number for row in _left(before, found)),
        come=tuple(row.number for row in _left(after, found.values())),
    )


def _rows(texts: Texts, labels: Labels) -> list[_Row]:
    by_row: dict[int, dict[int, str]] = {}
    for (row, column), text in texts.items():
        if cleaned := clean(text):
            by_row.setdefault(row, {})[column] = cleaned
    return [_Row(number, clean(labels.get(number, "")), by_row[number]) for number in sorted(by_row)]


def _left(rows: Iterable[_Row], taken: Iterable[int]) -> list[_Row]:
    used = set(taken)
    return [row for row in rows if row.number not in used]


# -- equal in something ---------------------------------------------------------------------------------------------


def _whole(row: _Row) -> Hashable:
    return tuple(sorted(row.texts.items()))


def _labelled(row: _Row) -> Hashable:
    return row.label or None


def _worded(row: _Row) -> Hashable:
    return row.leading or None


def _equal(
    old: Iterable[_Row], new: Iterable[_Row], same: Callable[[_Row], Hashable | None]
) -> dict[int, int]:
    """Rows that are equal in something; of several of a kind the first is the first, where there are as many of them now."""
    before, after = _by(old, same), _by(new, same)
    return {
        was.number: now.number
        for key, rows in before.items()
        if key is not None and len(rows) == len(after.get(key, ()))
        for was, now in zip(rows, after[key], strict=True)
    }


def _by(rows: Iterable[_Row], same: Callable[[_Row], Hashable | None]) -> dict[Hashable | None, list[_Row]]:
    found: dict[Hashable | None, list[_Row]] = {}
    for row in rows:
        found.setdefault(same(row), []).append(row)
    return found


# -- alike ------------------------------------------------------------------------------------------------------------


def _alike(old: Sequence[_Row], new: Sequence[_Row]) -> dict[int, int]:
    """Rows that say the same for the most part, the likest first, of equally like ones the nearest."""
    if len(old) * len(new) > _MOST_PAIRS:
        return {}
    likes = sorted(
        (-like, abs(was.number - now.number), was.number, now.number)
        for was in old
        for now in new
        if (like := _likeness(was, now)) >= _ALIKE
    )
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, was_number, now_number in likes:
        if was_number not in found and now_number not in taken:
            found[was_number] = now_number
            taken.add(now_number)
    return found


def _likeness(old: _Row, new: _Row) -> float:
    """From 0 to 1: the share of what both say that is the same; a row of another name is another row."""
    if old.label and new.label and not _same_name(old.label, new.label):
        return 0.0
    same = sum(
        _weight(text) * _same(text, other, old.pairs.get(column), new.pairs.get(column))
        for column, text in old.texts.items()
        if (other := new.texts.get(column)) is not None
    )
    return 2 * same / (old.weight + new.weight)


def _same_name(first: str, second: str) -> bool:
    """A name that was mended is the same: most of its letters are."""
    letters, others = Counter(first), Counter(second)
    return 2 * (letters & others).total() >= _ALIKE * (len(first) + len(second))


def _same(first: str, second: str, pairs: Counter[str] | None, others: Counter[str] | None) -> float:
    if first == second:
        return 1.0
    if pairs is None or others is None:
        return 0.0
    return 2 * (pairs & others).total() / (pairs.total() + others.total())


def _weight(text: str) -> float:
    return 1.0 if _DIGIT.search(text) and len(text) <= _LONG else float(min(len(text), _HEAVIEST))


def _between(old: Sequence[_Row], new: Sequence[_Row], found: Mapping[int, int]) -> dict[int, int]:
    """A row of one text, or of a name and a text, that is alone between two rows that are still neighbours: it was written anew."""
    after: dict[int | None, int] = {row.number: index for index, row in enumerate(new)}
    taken = set(found.values())
    made: dict[int, int] = {}
    for index, row in enumerate(old):
        above = -1 if index == 0 else after.get(found.get(old[index - 1].number), -2)
        below = len(new) if index + 1 == len(old) else after.get(found.get(old[index + 1].number), -2)
        if row.number in found or above == -2 or below != above + 2:
            continue
        now = new[above + 1]
        if now.number not in taken and len(row.texts) <= 2 and row.texts.keys() == now.texts.keys():
            made[row.number] = now.number
    return made


# -- order ------------------------------------------------------------------------------------------------------------


def _moved(rows: Mapping[int, int]) -> frozenset[int]:
    """The fewest old rows without which the others stand in the order they had."""
    ordered = sorted(rows)
    ends: list[int] = []  # the smallest end of a rising run of each length, and which row it is
    last: list[int] = []
    before: list[int] = []
    for index, row in enumerate(ordered):
        length = bisect_left(ends, rows[row])
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [rows[row]]
        last[length : length + 1] = [index]
    stay: set[int] = set()
    index = last[-1] if last else -1
    while index >= 0:
        stay.add(ordered[index])
        index = before[index]
    return frozenset(ordered) - stay
