"""Several values in one cell: "A类5个；B类3个" answered by "A类6个；B类3个", value by value; and the one count that a sentence states."""

from __future__ import annotations

from typing import NamedTuple

from perfeval_xl import patterns as re
from perfeval_xl.text import clean, with_plain_signs

from . import tables

#: A comma between digits in groups of three belongs to the figure.
_BETWEEN = re.compile(r"[;；、，\n]+|,(?!\d{3}(?!\d))")
#: A name, then the value with its sign; the name holds no figure.
_PART = re.compile(r"(?P<name>[^\d≥≤><=]{0,20}?)(?P<value>(?:[≥≤><=]|不少于|不低于|不超过|至少)?\d[^;；]*)")
#: More values than this in one cell are prose.
MOST = 8


class Value(NamedTuple):
    """One value of the cell, with the name in front of it ("" where there is none)."""

    name: str
    text: str


def values(text: str) -> tuple[Value, ...]:
    """The values a cell lists, each with its name; none where it lists fewer than two."""
    if len(text) > 400:
        return ()
    pieces = [piece for piece in _BETWEEN.split(with_plain_signs(clean(text))) if piece]
    matches = [_PART.fullmatch(piece) for piece in pieces]
    if not 2 <= len(pieces) <= MOST or not all(matches):
        return ()
    return tuple(Value(match["name"].strip(":"), match["value"]) for match in matches if match is not None)


def paired(target: str, actual: str) -> tuple[tuple[str, str, str], ...]:
    """Name, target and actual of every value that two cells list alike; none where they do not match.

    Values go together by their names where both cells name them all, else by their order.
    """
    ours, theirs = values(target), values(actual)
    if not ours or len(ours) != len(theirs):
        return ()
    if [value.name for value in ours] == [value.name for value in theirs]:
        return tuple((one.name, one.text, other.text) for one, other in zip(ours, theirs, strict=True))
    named = {value.name: value.text for value in theirs if value.name}
    if len(named) == len(theirs) and len({value.name for value in ours}) == len(ours):
        if set(named) != {value.name for value in ours}:
            return ()
        return tuple((value.name, value.text, named[value.name]) for value in ours)
    if any(value.name for value in theirs):
        return ()
    return tuple((one.name, one.text, other.text) for one, other in zip(ours, theirs, strict=True))


_FIGURE = re.compile(r"\d+(?:\.\d+)?")


def one_count(text: str) -> tuple[str, str] | None:
    """The figure and classifier of a sentence that holds one figure and counts things with it: 本年度已完成37个机构补助."""
    plain = clean(text)
    figures = list(_FIGURE.finditer(plain))
    if len(figures) != 1:
        return None
    behind = plain[figures[0].end() :]
    unit = next((word for word in _COUNTS if behind.startswith(word)), None)
    return None if unit is None else (figures[0][0], unit)


_COUNTS = sorted(tables.COUNTS, key=len, reverse=True)
