"""Slips planted in computed cells and around them, recomputed and undone: nothing new comes up, twice is as once, and undoing
gives the original.

``python -m tests.recomputed`` does so with every slip of the kinds below, in every layout, and lists what went wrong.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import openpyxl

from perfeval_xl import recalc, undo
from perfeval_xl.findings import Finding
from perfeval_xl.forms import read_forms
from perfeval_xl.grid import Book, Cell, Place
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.own_sheets import CORRECTIONS_SHEET
from perfeval_xl.policy import load_policy
from perfeval_xl.runs.checking import check, check_book
from tests import slips
from tests.support import example_builder

POLICY = load_policy("hunan-2023")
KINDS = {
    "执行率算错", "执行率得分错", "总分未更新", "数字录反", "小数点移位", "控制率算错", "得分改低", "基金表录错",
}  # fmt: skip


def planted(layout: str, folder: Path, *, sample: bool = False) -> Iterator[tuple[Path, slips.Slip]]:
    """The clean example in a layout, with each slip to plant; as a sample always the same one of every kind."""
    clean = folder / f"净-{layout}.xlsx"
    clean.write_bytes(example_builder().build(layout, True))
    chosen = [one for one in slips.slips(read_forms(read_book(clean))) if one.kind in KINDS]
    if sample:
        dice = random.Random(5)
        kinds = sorted({slip.kind for slip in chosen})
        chosen = [dice.choice([slip for slip in chosen if slip.kind == kind]) for kind in kinds]
    for slip in chosen:
        yield clean, slip


def faults(clean: Path, slip: slips.Slip, folder: Path) -> tuple[list[str], bool]:
    """What went wrong with a slip, and whether a cell was corrected because of it."""
    source, out, back = folder / "有错.xlsx", folder / "更正.xlsx", folder / "回.xlsx"
    for path in (out, back):
        path.unlink(missing_ok=True)
    _plant(clean, slip, source)
    original = read_book(source)
    before = check_book(original, policy=POLICY).findings
    done = recalc(source, out, policy=POLICY)
    after = check(out, policy=POLICY).findings
    changed = {change.place for change in done.changes}
    found = []
    if not told(after) <= told(before):
        found.append(f"{slip}: new {told(after) - told(before)}")
    if any(one.place in changed and one.severity == "error" for one in after):
        found.append(f"{slip}: a corrected cell is wrong")
    if recalc(out, policy=POLICY).changes:
        found.append(f"{slip}: twice is not as once")
    if done.changes:
        undo(out, back)
        if cells(read_book(back)) != cells(original):
            found.append(f"{slip}: undoing does not give the original")
    return found, bool(done.changes)


def told(findings: tuple[Finding, ...]) -> set[tuple[str, Place | None]]:
    return {(one.rule, one.place) for one in findings}


def cells(book: Book) -> Mapping[Place, Cell]:
    """All cells of a workbook but those of the log."""
    return {
        Place(grid.sheet, *key): cell
        for grid in book.grids
        if grid.sheet != CORRECTIONS_SHEET
        for key, cell in grid.cells.items()
    }


def _plant(clean: Path, slip: slips.Slip, source: Path) -> None:
    book = openpyxl.load_workbook(clean)
    for place, value in slip.changes:
        target = book[place.sheet].cell(place.row, place.column)
        if value is None or not isinstance(target.value, int | float):
            target.value = value
        else:
            target.value = float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
    book.save(source)


def main() -> int:
    wrong = 0
    for layout in slips.LAYOUTS:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            results = [faults(clean, slip, folder) for clean, slip in planted(layout, folder)]
        print(
            layout, len(results), "slips,", sum(corrected for _, corrected in results), "led to corrections"
        )
        for fault in (fault for found, _ in results for fault in found):
            print("  ", fault)
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
