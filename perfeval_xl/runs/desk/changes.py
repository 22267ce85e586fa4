"""What became of a unit's findings between two rounds."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from perfeval_xl.desk import FindingRow

Pair = tuple[FindingRow, FindingRow]


def paired(
    old: Sequence[FindingRow], new: Sequence[FindingRow]
) -> tuple[list[Pair], list[FindingRow], list[FindingRow]]:
    """Old findings with the new ones they still are, the old ones that are gone, and the new ones that were not there.

    The same finding has the same fingerprint; where the figures it rests on were changed and are still wrong, the same rule
    speaks of the same cell.
    """
    pairs: list[Pair] = []
    for same in (_by_fingerprint, _by_place):
        more, old, new = _matched(old, new, same)
        pairs += more
    return pairs, list(old), list(new)


def _by_fingerprint(finding: FindingRow) -> Hashable:
    return finding.fingerprint


def _by_place(finding: FindingRow) -> Hashable:
    return finding.rule, finding.file, finding.sheet, finding.cell


def _matched(
    old: Sequence[FindingRow], new: Sequence[FindingRow], same: Callable[[FindingRow], Hashable]
) -> tuple[list[Pair], list[FindingRow], list[FindingRow]]:
    waiting: dict[Hashable, list[FindingRow]] = {}
    for finding in old:
        waiting.setdefault(same(finding), []).append(finding)
    pairs, come = [], []
    for finding in new:
        kept = waiting.get(same(finding))
        if kept:
            pairs.append((kept.pop(0), finding))
        else:
            come.append(finding)
    gone = {id(finding) for kept in waiting.values() for finding in kept}
    return pairs, [finding for finding in old if id(finding) in gone], come
