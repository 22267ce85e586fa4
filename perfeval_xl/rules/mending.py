"""What the rules would say of a workbook once the wrong cells that were found are mended: what is gone then is no mistake of
its own."""

from __future__ import annotations

from collections.abc import Iterable

from perfeval_xl.findings import Fix
from perfeval_xl.forms import read_again
from perfeval_xl.forms.records import Form
from perfeval_xl.grid import Book, Grid, Place
from perfeval_xl.records import dataclass, field, replace

from .context import Context
from .registry import Claim, Rule


@dataclass(slots=True)
class Trial:
    """A workbook with proposals put in, and what rules say of it. ``forms`` are its forms by those they stand for."""

    context: Context
    forms: dict[int, Form]
    _said: dict[tuple[str, int], frozenset[Place | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, context: Context, fixes: Iterable[Fix]) -> Trial | None:
        """The workbook with these cells changed; None where it could not be read as the same forms."""
        before = Book("", context.grids)
        changed = Book("", tuple(_with(grid, fixes) for grid in context.grids))
        forms = read_again(changed, before, context.forms)
        if [form.caption for form in forms] != [form.caption for form in context.forms]:
            return None
        twins = {id(old): new for old, new in zip(context.forms, forms, strict=True)}
        return cls(Context(forms, context.policy, changed.grids, context.previous), twins)

    def still_says(self, rule: Rule, form: Form | None, place: Place | None) -> bool:
        """Whether a rule claims something of a place all the same."""
        key = (rule.code, id(form))
        if key not in self._said:
            twin = None if form is None else self.forms[id(form)]
            claims = (result for result in rule.run(twin, self.context) if isinstance(result, Claim))
            self._said[key] = frozenset(claim.place for claim in claims)
        return place in self._said[key]


def _with(grid: Grid, fixes: Iterable[Fix]) -> Grid:
    """A sheet with the fixes that concern it; those whose way of writing is not understood are left out."""
    from perfeval_xl.correct.restating import restated, with_value

    cells = dict(grid.cells)
    for fix in fixes:
        place = (fix.place.row, fix.place.column)
        old = grid.cells.get(place)
        if fix.place.sheet == grid.sheet and (new := restated(old, fix)) is not None:
            cells[place] = with_value(old, *place, new, None)
    return grid if cells == grid.cells else replace(grid, cells=cells)
