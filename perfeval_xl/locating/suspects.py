"""From the lightest sets to suspects: the cell, the value, what it mends, who else it may be, how sure that is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal

from perfeval_xl.equations import HUNDRED, Declaration, Equation, Figure, Ratio, Term, main_term, of_text
from perfeval_xl.grid import Place
from perfeval_xl.policy.records import Trust
from perfeval_xl.records import dataclass, replace
from perfeval_xl.typing_errors import LIKELY, TYPICAL, WEAK, TypingError, typing_error

from .search import Contradiction, smallest_sets, union
from .system import System, stated_twice
from .trial import TooHard, attempt

Confidence = Literal["high", "medium", "low"]
#: No other cell would do; it alone would undo a slip; several would do as well; they are of one kind and nothing tells them
#: apart, so that their total is named; no single cell would do, other cells must change along with it; the declarations
#: contradict each other; there was too much to work it out.
Reason = Literal["only", "slip", "several", "alike", "entangled", "contradiction", "unsolved"]

#: How many other candidates a suspect names.
MOST_RIVALS = 9
#: Up to how many wrong cells at once other sets of about the same weight are looked for.
MOST_COMPARED = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A cell that may be the wrong one, in its own unit the value that would mend, and the slip it would undo."""

    term: Term
    value: Decimal
    slip: TypingError | None
    rank: Decimal

    @property
    def place(self) -> Place:
        return self.term.field.place

    @property
    def figure(self) -> Figure:
        return self.term.figure


@dataclass(frozen=True, slots=True)
class Suspect:
    """A cell that is likely wrong.

    ``value`` (in its own unit; None where nothing can be proposed) mends the violated ``mends``; ``jointly`` are those
    that hold once the other suspects are mended too, ``along`` cells that must change with it. ``rivals`` would mend as
    much; ``confidence`` and ``reason`` say how sure the proposal is, and why.
    """

    term: Term
    value: Decimal | None
    mends: tuple[Declaration, ...]
    jointly: tuple[Declaration, ...] = ()
    along: tuple[Candidate, ...] = ()
    rivals: tuple[Candidate, ...] = ()
    slip: TypingError | None = None
    confidence: Confidence = "low"
    reason: Reason = "several"


@dataclass(frozen=True, slots=True)
class Located:
    """What a check of all declarations gives: those off by rounding only, and the suspects for the violated ones."""

    rounding: tuple[Declaration, ...]
    suspects: tuple[Suspect, ...]


def locate(declarations: Iterable[Declaration], trust: Trust) -> Located:
    """Check all declarations and, where some are violated, name the cells that are likely wrong."""
    given = list(declarations)
    outcomes = [declaration.check() for declaration in given]
    rounding = tuple(one for one, outcome in zip(given, outcomes, strict=True) if outcome == "info")
    violated = [number for number, outcome in enumerate(outcomes) if outcome in ("warning", "error")]
    suspects: list[Suspect] = []
    for numbers in _connected(given, violated):
        suspects.extend(_of_a_knot([given[number] for number in numbers], trust))
    order = {id(declaration): number for number, declaration in enumerate(given)}
    suspects.sort(key=lambda suspect: order[id(suspect.mends[0])])
    return Located(rounding, tuple(suspects))


def _connected(given: Sequence[Declaration], violated: Sequence[int]) -> Iterator[list[int]]:
    """The declarations that hang together by their cells, as far as a violated one is among them."""
    if not violated:
        return
    uses: dict[Figure, list[int]] = {}
    for number, declaration in enumerate(given):
        for term in declaration.terms():
            uses.setdefault(term.figure, []).append(number)
    seen: set[int] = set()
    for start in violated:
        if start in seen:
            continue
        found = {start}
        waiting = [start]
        while waiting:
            for term in given[waiting.pop()].terms():
                near = [number for number in uses.pop(term.figure, ()) if number not in found]
                found.update(near)
                waiting.extend(near)
        seen |= found
        yield sorted(found)


def _of_a_knot(declarations: Sequence[Declaration], trust: Trust) -> list[Suspect]:
    """The suspects of declarations that hang together; those that contradict each other are told apart from the rest."""
    system = System(declarations, trust)
    if not system.violated:
        return []
    try:
        return _suspects(system)
    except TooHard:  # hundreds of mistakes: each is told where it shows
        return [
            Suspect(main_term(declarations[number]), None, (declarations[number],), reason="unsolved")
            for number in system.violated
        ]
    except Contradiction as found:
        core = [number for number in system.violated if number in found.declarations] or system.violated
        told = tuple(declarations[number] for number in core)
        rest = [one for number, one in enumerate(declarations) if number not in core]
        contradiction = Suspect(main_term(told[0]), None, told, reason="contradiction")
        return [contradiction, *_of_a_knot(rest, trust)]


def _suspects(system: System) -> list[Suspect]:
    sets = smallest_sets(system, system.violated)
    if 1 < len(sets[0]) <= MOST_COMPARED:
        cheapest = min(variable.weight for variable in system.variables)
        sets = smallest_sets(system, system.violated, margin=cheapest - 1, apart=2)
    ranked = sorted(
        ((_merit(system, settled), settled) for settled in (_settled(system, repair) for repair in sets)),
        key=lambda item: item[0],
    )
    merit, chosen = ranked[0]
    others = [(other - merit, settled) for other, settled in ranked[1:]]
    shares = _shares(system, chosen)
    suspects = []
    for cell in sorted(shares, key=lambda cell: (not shares[cell][0], chosen[cell][0].rank, cell)):
        mends, jointly, along = shares[cell]
        rivals = _rivals(system, cell, chosen, others, mends or jointly) or _texts(system, cell, mends)
        moving = [chosen[other][0] for other in along]
        suspects.append(_suspect(system, chosen[cell][0], rivals, mends, jointly, moving))
    return suspects


def _merit(system: System, settled: Mapping[int, Sequence[Candidate]]) -> Decimal:
    """How unlikely a set is: what its cells cost; one cell that explains several declarations makes it likelier."""
    most = max((len(mends) for mends, _, _ in _shares(system, settled).values()), default=1)
    return sum((options[0].rank for options in settled.values()), Decimal(0)) - LIKELY * (most - 1)


def _settled(system: System, repair: Mapping[int, int]) -> dict[int, list[Candidate]]:
    """For each cell of a set its candidates, best first: itself and those that would do instead, the others mended.

    A better one takes the place of a cell, unless then the rest of the set would no longer do.
    """
    settled: dict[int, list[Candidate]] = {}
    values = dict(repair)
    for cell in sorted(repair, key=lambda cell: (len(system.touching[cell]), cell)):
        options = _options(system, cell, values)
        if not options:
            return {one: _itself_first(system, one, repair) for one in repair}
        best = system.of_figure[options[0].figure]
        settled[best] = options
        del values[cell]
        values[best] = _units(system, options[0])
    return settled


def _options(system: System, cell: int, values: Mapping[int, int]) -> list[Candidate]:
    others = {other: value for other, value in values.items() if other != cell}
    own = system.variables[cell].term.figure
    return sorted(
        _candidates(system, cell, others),
        key=lambda option: (option.rank, option.figure != own, option.place),
    )


def _itself_first(system: System, cell: int, repair: Mapping[int, int]) -> list[Candidate]:
    own = system.variables[cell].term.figure
    return sorted(_options(system, cell, repair), key=lambda option: option.figure != own)


def _place(system: System, cell: int) -> Place:
    return system.variables[cell].term.field.place


def _candidates(system: System, cell: int, others: Mapping[int, int]) -> Iterator[Candidate]:
    """The cells that alone would mend what a cell of the set mends, with their values."""
    kept = {other: system.variables[other].value for other in others}
    for other, value in others.items():
        system.variables[other].value = value
    system.void = frozenset(others)
    broken = [number for number in system.touching[cell] if not _holds(system, number, others)]
    possible = (
        frozenset.intersection(*(system.cells_of(number) for number in broken))
        if broken
        else frozenset((cell,))
    )
    trials = [(one, attempt(system, frozenset((one,)))) for one in sorted(possible - set(others))]
    found = [
        _candidate(system, one, trial.values[one], others)
        for one, trial in trials
        if trial.values is not None
    ]
    for other, value in kept.items():
        system.variables[other].value = value
    system.void = frozenset()
    yield from found


def _holds(system: System, number: int, others: Mapping[int, int]) -> bool:
    """Whether a declaration holds as the cells stand now, rates among the others being settled."""
    return all(row.rate in others or row.holds({}, system.variables) for row in system.rows[number])


def _candidate(system: System, cell: int, units: int, others: Mapping[int, int]) -> Candidate:
    variable = system.variables[cell]
    term = variable.term
    value = _rate_value(system, cell) if variable.rate else variable.figure(units)
    spoken_for = term.hint is not None and term.hint == term.field.number
    slip = None if spoken_for else _slip(system, cell, value, others)
    rank = Decimal(variable.weight) / 100 - (slip.strength if slip is not None else 0)
    if term.hint is not None and term.hint == value:
        rank -= TYPICAL
    if value and value in term.kin:
        rank -= _LIKE_ITS_ROW
    elif term.field.number and term.field.number in term.kin:
        rank += _UNLIKE_ITS_ROW
    if term.usual is not None and term.usual == value:
        rank -= LIKELY
    if term.field.number is None:
        rank -= _FILLED[term.likely_filled(value)]
    elif not term.field.number and term.kin and not any(term.kin):
        rank -= _FILLED[2]  # a row of zeros is as good as an empty one
    return Candidate(term, value, slip, rank)


def _rate_value(system: System, cell: int) -> Decimal:
    """A rate reckoned from its two cells as they stand now, in per cent with at least two decimals."""
    ratio = next(
        declaration
        for number in system.touching[cell]
        if isinstance(declaration := system.declarations[number], Ratio)
        and declaration.rate.figure == system.variables[cell].term.figure
    )
    top, bottom = (
        sum((sign * _as_it_stands(system, term) for sign, term in side), Decimal(0))
        for side in (ratio.top, ratio.bottom)
    )
    return ratio.as_written(top / bottom * HUNDRED) if bottom else Decimal(0)


def _as_it_stands(system: System, term: Term) -> Decimal:
    """A term's value in the common unit, with what is changed."""
    variable = system.variables[system.of_figure[term.figure]]
    return variable.figure(variable.value) * term.factor


def _slip(system: System, cell: int, value: Decimal, others: Mapping[int, int]) -> TypingError | None:
    """What slip would have made the cell hold what it holds: of the hand, or a figure typed one row or column off."""
    emptied = {other for other, units in others.items() if units == 0}
    moved = _moved(system, cell, value, emptied)
    if moved is not None:
        return TypingError(f"填到了{moved[0]}", TYPICAL)
    typed = system.variables[cell].term.field.number
    return (
        typing_error(typed, value, system.variables[cell].term.field.decimals) if typed is not None else None
    )


def _moved(system: System, cell: int, value: Decimal, emptied: Collection[int]) -> tuple[str, int] | None:
    """The neighbour that holds what an empty cell should hold, where it is to be emptied; and how it lies."""
    term = system.variables[cell].term
    place, typed = term.field.place, term.field.number
    if typed or not value or term.quotation is not None:
        return None
    for name, rows, columns in _NEIGHBOURS:
        near = system.at.get(Place(place.sheet, place.row + rows, place.column + columns))
        if near in emptied and near is not None and system.variables[near].term.field.number == value:
            return name, near
    return None


#: Where a figure may have been typed by mistake, seen from where it belongs: words, rows, columns.
_NEIGHBOURS = (("下一行", 1, 0), ("上一行", -1, 0), ("右边一栏", 0, 1), ("左边一栏", 0, -1))
#: That its row holds the very figure in another column speaks a little for a value, and still less for what stands there.
_LIKE_ITS_ROW, _UNLIKE_ITS_ROW = Decimal(2), Decimal("0.5")
#: What speaks for an empty cell: nothing, its whole row is empty, its row holds about as much in another column.
_FILLED = {1: Decimal(0), 2: Decimal("2.5"), 3: Decimal(6)}
_Share = tuple[list[int], list[int], list[int]]


def _shares(system: System, chosen: Mapping[int, Sequence[Candidate]]) -> dict[int, _Share]:
    """For each cell of the set what it mends alone, what only together with others, and which cells move along.

    A cell that mends nothing violated by itself but must change for another's sake moves along with that one.
    """
    units = {cell: _units(system, options[0]) for cell, options in chosen.items()}
    alone: dict[int, int] = {}
    for number in system.violated:
        doing = [cell for cell in units if _mended(system, number, {cell: units[cell]})]
        if doing:
            alone[number] = min(doing, key=lambda cell: (chosen[cell][0].rank, cell))
    shares: dict[int, _Share] = {}
    for cell in units:
        touched = [number for number in system.violated if cell in system.cells_of(number)]
        mends = [number for number in touched if alone.get(number) == cell]
        shares[cell] = (mends, [number for number in touched if number not in alone], [])
    for cell, options in chosen.items():
        moved = _moved(system, cell, options[0].value, [other for other in units if not units[other]])
        if moved is not None and moved[1] in shares:
            mends, jointly, along = shares.pop(moved[1])
            shares[cell][0].extend(mends)
            shares[cell][1].extend(one for one in jointly if one not in shares[cell][1])
            shares[cell][2].extend((moved[1], *along))
    idle = [cell for cell, (mends, jointly, _) in shares.items() if not mends and not jointly]
    for cell in idle:
        near = [other for other in shares if other not in idle and system.together(cell, other)]
        if near:
            shares.pop(cell)
            shares[near[0]][2].append(cell)
    return {cell: share for cell, share in shares.items() if share[0] or share[1]}


def _units(system: System, candidate: Candidate) -> int:
    return int(candidate.value.scaleb(system.variables[system.of_figure[candidate.figure]].decimals))


def _mended(system: System, number: int, values: Mapping[int, int]) -> bool:
    """Whether a declaration holds once the cells have these values."""
    return all(row.rate in values or row.holds(values, system.variables) for row in system.rows[number])


def _rivals(
    system: System,
    cell: int,
    chosen: Mapping[int, Sequence[Candidate]],
    others: Sequence[tuple[Decimal, Mapping[int, Sequence[Candidate]]]],
    numbers: Sequence[int],
) -> list[Candidate]:
    """Who else comes into question: what would do in its stead, and the cells of other sets of the same weight."""
    rivals = list(chosen[cell][1:])
    known = {rival.figure for rival in rivals} | {system.variables[one].term.figure for one in chosen}
    concerned = union(system.cells_of(number) for number in numbers)
    for worse, found in others:
        if cell not in found:
            for other in sorted(concerned & set(found)):
                if system.variables[other].term.figure not in known:
                    known.add(system.variables[other].term.figure)
                    rivals.append(replace(found[other][0], rank=chosen[cell][0].rank + worse))
    rivals.sort(key=lambda rival: rival.rank)
    return rivals[:MOST_RIVALS]


def _texts(system: System, cell: int, numbers: Sequence[int]) -> list[Candidate]:
    """Where nothing but texts speaks against a cell, their figures, each with what this cell's would make it."""
    declarations = [system.declarations[number] for number in numbers]
    if system.variables[cell].term.quotation is not None or not all(map(of_text, declarations)):
        return []
    found: dict[int, Candidate] = {}
    for number in numbers:
        for other in sorted(system.cells_of(number) - found.keys()):
            if system.variables[other].term.quotation is not None:
                units = _implied(system, number, other)
                if units is not None:
                    found[other] = _candidate(system, other, units, {})
    return list(found.values())[:MOST_RIVALS]


def _implied(system: System, number: int, cell: int) -> int | None:
    """What a declaration says of one of its cells, all others as they are; None where it says nothing exactly. A rate is worked out
    from its two cells."""
    aim = system.aims[number]
    if aim is None or cell not in aim.cells:
        return system.variables[cell].value if system.variables[cell].rate else None
    known = sum(factor * system.variables[one].value for one, factor in aim.cells.items() if one != cell)
    return round((aim.value - known) / aim.cells[cell])


def _mere_bounds(system: System, mends: Sequence[int]) -> bool:
    """Whether what is violated only says at least or at most."""
    return all(
        (row.low is None) != (row.high is None) and isinstance(system.declarations[number], Equation)
        for number in mends
        for row in system.rows[number]
    )


def _suspect(
    system: System,
    best: Candidate,
    rivals: Sequence[Candidate],
    mends: Sequence[int],
    jointly: Sequence[int],
    along: Sequence[Candidate],
) -> Suspect:
    declarations = sorted((system.declarations[number] for number in mends), key=lambda one: one.rule)
    together = sorted((system.declarations[number] for number in jointly), key=lambda one: one.rule)
    if not declarations:
        declarations, together = together, []
    confidence, reason = _confidence(system, best, rivals, mends, bool(along))
    if reason == "several" and _nothing_tells_apart(best, rivals, declarations):
        told = main_term(declarations[0])
        parts = tuple(
            one for one in (best, *rivals) if one.figure != told.figure or told.hint != told.field.number
        )
        return Suspect(told, None, tuple(declarations), tuple(together), (), parts, None, "low", "alike")
    return Suspect(
        best.term, best.value, tuple(declarations), tuple(together), tuple(along), tuple(rivals), best.slip,
        confidence, reason,
    )  # fmt: skip


def _nothing_tells_apart(
    best: Candidate, rivals: Sequence[Candidate], declarations: Sequence[Declaration]
) -> bool:
    """Whether the best candidate is one of several parts of one kind, none of which is likelier than the next."""
    alike = all(isinstance(one, Equation) and one.alike for one in declarations)
    mains = {main_term(one).figure for one in declarations}
    likeliest = [one for one in (best, *rivals) if one.rank == best.rank]
    return alike and (len(likeliest) > 1 or best.figure in mains) and best.term.hint != best.value


def _confidence(
    system: System, best: Candidate, rivals: Sequence[Candidate], mends: Sequence[int], entangled: bool
) -> tuple[Confidence, Reason]:
    """How sure a proposal is. High only where no other cell could be it, two declarations or more give the same value
    exactly, and a figure stated elsewhere or a typical slip speaks for it as well."""
    hinted = (best.term.hint is not None and best.term.hint == best.value) or _as_its_row(best)
    telling = hinted or _looks_mistyped(best)
    of_texts = [of_text(system.declarations[number]) for number in mends]
    if all(of_texts) and best.term.quotation is None:
        return "low", "several"  # nothing but texts speaks against it
    if _mere_bounds(system, mends):
        return "low", "several"
    if entangled and not telling:
        return "low", "entangled"
    if not rivals:
        declarations = [system.declarations[number] for number in mends]
        values = {system.of_figure[best.figure]: _units(system, best)}
        exact = all(_exactly(system, number, values) for number in mends)
        stated = any(stated_twice(declaration) for declaration in declarations)
        if len(mends) >= 2 and exact and (stated or telling):
            return "high", "only"
        return "medium", "only"
    if best.rank < rivals[0].rank and telling and (hinted or not any(map(_looks_mistyped, rivals))):
        return "medium", "slip"
    return "low", "several"


def _as_its_row(candidate: Candidate) -> bool:
    """Whether its row holds the value that would mend in every other column, two at least, and in none what stands there."""
    kin = candidate.term.kin
    return len(kin) >= 2 and all(other == candidate.value for other in kin)


def _looks_mistyped(candidate: Candidate) -> bool:
    return candidate.slip is not None and candidate.slip.strength > WEAK


def _exactly(system: System, number: int, values: Mapping[int, int]) -> bool:
    """Whether an equation's two sides are equal to the last unit; a rate only has to fit."""
    if isinstance(system.declarations[number], Ratio):
        return True
    for row in system.rows[number]:
        total = sum(
            factor * values.get(cell, system.variables[cell].value) for cell, factor in row.cells.items()
        )
        if row.low is not None and row.high is not None and total != row.exact:
            return False
    return True
