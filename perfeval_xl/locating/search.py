"""The lightest sets of cells that explain all violated declarations, proven by what each failed trial teaches."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from perfeval_xl.records import dataclass, field

from .system import System
from .trial import TooHard, attempt

#: How many sets are looked for at most; over how many violated declarations that hang together; in how many trials;
#: and how many clauses one search, and all together, may look at. Beyond that the search is given up, not the check.
MOST_SETS, MOST_VIOLATED, MOST_ROUNDS, MOST_LOOKS, MOST_LOOKS_IN_ALL = 6, 250, 200, 200_000, 2_000_000


class Contradiction(Exception):
    """No change of cells lets these declarations hold."""

    def __init__(self, declarations: frozenset[int]) -> None:
        super().__init__(declarations)
        self.declarations = declarations


#: A clause of more cells counts as several.
_LONG = 16


def _rank(clause: frozenset[int]) -> tuple[int, list[int]]:
    return len(clause), sorted(clause)


def union(sets: Iterable[frozenset[int]]) -> frozenset[int]:
    return frozenset(cell for one in sets for cell in one)


@dataclass(slots=True)
class _Search:
    """What was learned: of each clause at least one cell is wrong. Sets are found lightest first."""

    system: System
    clauses: list[frozenset[int]]
    apart: int = 1
    refused: list[frozenset[int]] = field(default_factory=list)
    looks: int = 0
    looks_in_all: int = 0
    best: tuple[int, frozenset[int]] | None = None
    counts: dict[int, int] = field(default_factory=dict)
    excluded: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        given, self.clauses = self.clauses, []
        for clause in given:
            self.learn(clause)

    def learn(self, clause: frozenset[int]) -> None:
        """Of these cells at least one is wrong. Clauses are kept in order, shortest first, each once."""
        place = bisect_left(self.clauses, _rank(clause), key=_rank)
        if place < len(self.clauses) and self.clauses[place] == clause:
            return
        self.clauses.insert(place, clause)
        for cell in clause:
            self.counts[cell] = self.counts.get(cell, 0) + 1

    def lightest(self) -> frozenset[int] | None:
        """The lightest set that hits every clause and is unlike the refused sets, or None."""
        self.looks = 0
        self.best = None
        self._descend(self.clauses, frozenset(), 0)
        self.looks_in_all += self.looks
        if self.looks_in_all > MOST_LOOKS_IN_ALL or (self.best is None and self.looks > MOST_LOOKS):
            raise TooHard
        return None if self.best is None else self.best[1]

    def _descend(self, clauses: Sequence[frozenset[int]], chosen: frozenset[int], cost: int) -> None:
        self.looks += 1 + max(len(clauses), sum(map(len, clauses)) // _LONG)
        if (self.apart == 1 or not clauses) and not self._is_new(chosen):
            return
        if not clauses:
            if self.best is None or cost < self.best[0]:
                self.best = (cost, chosen)
            return
        if self.best is not None and cost + self._least(clauses) >= self.best[0]:
            return
        if self.looks > MOST_LOOKS:
            return
        clause = min(clauses, key=lambda clause: len(clause - self.excluded))
        cells = sorted(clause - self.excluded, key=self._promise)
        for cell in cells:
            if self.best is None or cost + self._weight(cell) < self.best[0]:
                left = [other for other in clauses if cell not in other]
                self._descend(left, chosen | {cell}, cost + self._weight(cell))
            self.excluded.add(cell)
        self.looks += len(cells) // _LONG
        self.excluded.difference_update(cells)

    def _is_new(self, chosen: frozenset[int]) -> bool:
        return all(len(known - chosen) >= min(self.apart, len(known)) for known in self.refused)

    def _promise(self, cell: int) -> tuple[float, int]:
        """What comes first: a light cell that stands in many clauses. (No figure: two small integers, so quotients that are
        equal are equal as floats too.)"""
        return self._weight(cell) / self.counts[cell], cell

    def _weight(self, cell: int) -> int:
        return self.system.variables[cell].weight

    def _least(self, clauses: Sequence[frozenset[int]]) -> int:
        """What hitting the clauses costs at least: clauses without a common cell each cost their cheapest."""
        seen: set[int] = set()
        total = 0
        for clause in clauses:
            if seen.isdisjoint(clause):
                free = clause - self.excluded
                if not free:
                    return 1 << 60
                total += min(self._weight(cell) for cell in free)
                seen |= clause
        return total


def smallest_sets(
    system: System, violated: Sequence[int], most: int = MOST_SETS, *, margin: int = 0, apart: int = 1
) -> list[dict[int, int]]:
    """The lightest sets of cells, with values, whose change lets every row hold, lightest first, at most so many.

    Those within ``margin`` of the lightest weight are taken, each different from those before in at least ``apart`` of
    their cells. Contradiction where no change of cells can do, TooHard where none was found within bounds.
    """
    if len(violated) > MOST_VIOLATED:
        raise TooHard
    for number in violated:
        if not system.cells_of(number):
            raise Contradiction(frozenset((number,)))
    search = _Search(system, [system.cells_of(number) for number in violated], apart)
    found: list[dict[int, int]] = []
    lightest: int | None = None
    for _ in range(MOST_ROUNDS):
        try:
            cells = search.lightest()
        except TooHard:
            break
        if cells is None or len(found) >= most:
            return found
        cost = sum(system.variables[cell].weight for cell in cells)
        if lightest is not None and cost > lightest + margin:
            return found
        trial = attempt(system, cells)
        if trial.values is not None:
            found.append(dict(trial.values))
            search.refused.append(cells)
            lightest = cost if lightest is None else lightest
            continue
        for core in trial.cores:
            clause = union(system.cells_of(number) for number in core) - cells
            if not clause:
                raise Contradiction(core)
            search.learn(clause)
    if not found:
        raise TooHard
    return found
