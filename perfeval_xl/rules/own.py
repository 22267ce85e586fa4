"""A bureau's own declarations beside those of the program: what both say is one statement, and counts once as evidence; a
suspect that the bureau's rules name too is told under the bureau's."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from perfeval_xl.equations import Declaration, Equation
from perfeval_xl.findings import SEVERITIES
from perfeval_xl.locating import Suspect
from perfeval_xl.records import replace

from .registry import Rule


def merged(declared: Iterable[Declaration], rules: Mapping[str, Rule]) -> list[Declaration]:
    """The declarations, each statement once. One that the bureau makes too is told as the bureau's, in its words, unless
    the program holds it for more serious; what the program knows of the cells is kept."""
    given = list(declared)
    if not any(rules[one.rule].own_family for one in given):
        return given
    kept: dict[Hashable, Declaration] = {}
    for one in given:
        key = _statement(one)
        first = kept.get(key)
        if first is None:
            kept[key] = one
        elif rules[first.rule].own_family and not rules[one.rule].own_family:
            kept[key] = _together(first, one)
    return list(kept.values())


def led(suspect: Suspect, rules: Mapping[str, Rule]) -> Suspect:
    """A suspect whose first failed declaration, under which it is told, is the bureau's where none is more serious; the others
    of the bureau's name their number."""
    own = [one for one in suspect.mends if rules[one.rule].own_family]
    if not own:
        return suspect
    rank = min(SEVERITIES.index(one.severity) for one in suspect.mends)
    leading = [one for one in own if SEVERITIES.index(one.severity) == rank]
    rest = [one for one in suspect.mends if one not in leading]
    ordered = [*leading, *rest]
    numbered = [
        replace(one, words=f"{one.words or one.what}（{one.rule}）") if rules[one.rule].own_family else one
        for one in ordered[1:]
    ]
    return replace(suspect, mends=(ordered[0], *numbered))


def _together(own: Declaration, built_in: Declaration) -> Declaration:
    if SEVERITIES.index(own.severity) > SEVERITIES.index(built_in.severity):
        return built_in
    return replace(built_in, rule=own.rule, words=own.words, advice=own.advice, severity=own.severity)


def _statement(one: Declaration) -> Hashable:
    """What a declaration says, whichever side its cells stand on; declarations of one rule stay apart."""
    if not isinstance(one, Equation):
        sides = tuple(tuple((sign, term.figure[:2]) for sign, term in side) for side in (one.top, one.bottom))
        return (one.rate.figure[:2], sides, one.leeway)
    cells = [(term.figure[:2], sign * term.factor) for term, sign in zip(one.parts, one.signs, strict=True)]
    cells = [(one.total.figure[:2], -one.total.factor), *cells]
    constants = tuple(term.value for term in one.terms() if term.constant)
    first = min(cells, key=lambda cell: (str(cell[0]), cell[1]))[1]
    return (
        frozenset((figure, factor * (1 if first > 0 else -1)) for figure, factor in cells),
        constants,
        one.leeway,
    )
