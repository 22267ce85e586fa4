"""Which cells are recomputed, to what, and what follows from it.

Only cells that state what others give are changed by themselves (rates, totals, scores that follow from figures), only where a
finding objects to them, and only where nothing new comes up afterwards: every change is tried on a copy and checked. A
change may entail others (the execution score after the rate, the total score after that, the grade after the total):
they are made together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from perfeval_xl.errors import CorrectError
from perfeval_xl.findings import SEVERITIES, Finding, Fix
from perfeval_xl.grid import Book, Cell, Grid, Place
from perfeval_xl.own_sheets import OWN_SHEETS
from perfeval_xl.records import dataclass, replace

from .formulas import PLAIN, Language, NotUnderstood, own_formula
from .restating import Restated, restated, with_value

Check = Callable[[Book], Sequence[Finding]]
#: How many rounds of changes one may entail, and how many formula cells are reckoned anew rather than left to Excel.
_ENTAILED, _MOST_RECKONED = 8, 2000
#: More findings about computed cells than this are corrected many at a time.
_MANY = 60
_BY_EXCEL = "随引用的格子重算（打开文件时由 Excel 计算）"
BY_CHOICE = "经选择采用"


@dataclass(frozen=True, slots=True)
class Change:
    """One cell: what it showed and will show and hold, by which rule, and why.

    ``value`` None removes the cached value of a ``formula`` that could not be reckoned; ``formula`` is what the cell keeps
    (or gets back), None for a typed value. ``follows`` says that the cell only follows from others by its own formula.
    """

    place: Place
    old: str
    new: str
    value: Decimal | str | bool | None
    rule: str
    why: str
    formula: str | None = None
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes in the order they were found, what could not be corrected and why, and the book as it will read.

    ``offers`` are the findings left whose proposal for an input figure is sure; ``apply`` takes one by its fingerprint.
    """

    changes: tuple[Change, ...]
    notes: tuple[str, ...]
    book: Book
    offers: tuple[Finding, ...] = ()


def plan(
    book: Book,
    check: Check,
    apply: Iterable[str] = (),
    formulas: Mapping[Place, str] | None = None,
    language: Language = PLAIN,
) -> Plan:
    """What to change in a book. ``check`` gives its findings; ``apply`` are fingerprints of findings whose proposal the
    clerk takes, input figures included; ``formulas`` are those a template has for its computed cells, and ``language`` understands
    them.

    CorrectError for a fingerprint that no finding has, or whose finding proposes nothing.
    """
    planner = _Planner(book, check, {} if formulas is None else formulas, language, check(book))
    for fingerprint in dict.fromkeys(apply):
        planner.take(fingerprint)
    offers = [finding for finding in planner.findings if _is_sure(finding)]
    planner.recompute()
    left = {finding.fingerprint for finding in planner.findings}
    return Plan(
        tuple(planner.changes),
        tuple(planner.notes),
        planner.book,
        tuple(finding for finding in offers if finding.fingerprint in left),
    )


def take(
    book: Book,
    check: Check,
    fingerprint: str,
    formulas: Mapping[Place, str] | None = None,
    language: Language = PLAIN,
) -> tuple[Change, ...]:
    """What the proposal of one finding changes, and nothing else; arguments and errors as for ``plan``."""
    planner = _Planner(book, check, {} if formulas is None else formulas, language, check(book))
    planner.take(fingerprint)
    return tuple(planner.changes)


def followed(book: Book, made: Sequence[Change], language: Language = PLAIN) -> tuple[Change, ...]:
    """Changes of a book, and those of the formula cells that depend on them."""
    return (*made, *_following(book, made, language))


def net(changes: Iterable[Change], book: Book) -> tuple[Change, ...]:
    """One change a cell of all that was made of a book one after the other, in the order cells were first changed; a cell
    that holds again what it held is not among them."""
    found: dict[Place, Change] = {}
    for change in changes:
        first = found.get(change.place)
        found[change.place] = change if first is None else replace(change, old=first.old)
    return tuple(change for change in found.values() if not _is_as_before(change, _cell(book, change.place)))


def _is_as_before(change: Change, cell: Cell | None) -> bool:
    if cell is None:
        return change.value is None and change.formula is None
    return change.formula == cell.formula and change.value == cell.value and change.new == cell.text


class _Planner:
    def __init__(
        self,
        book: Book,
        check: Check,
        formulas: Mapping[Place, str],
        language: Language,
        findings: Sequence[Finding],
    ) -> None:
        self.book = book
        self.check = check
        self.formulas = formulas
        self.language = language
        self.findings = findings
        self.changes: list[Change] = []
        self.notes: list[str] = []
        self.chosen: set[Place] = set()

    def take(self, fingerprint: str) -> None:
        """What the clerk chose."""
        finding = next((one for one in self.findings if fingerprint in (one.fingerprint, one.former)), None)
        if finding is None:
            raise CorrectError(
                f"没有指纹为 {fingerprint} 的问题：指纹见“校验结果”最后一列或 --format json 的输出"
            )
        if not finding.fixes:
            raise CorrectError(
                f"指纹 {fingerprint} 的问题（{finding.place} {finding.title}）没有可以直接采用的更正，请手工修改"
            )
        made = list(self.made(self.book, finding, f"{BY_CHOICE}：{finding.title}"))
        if not made:
            raise CorrectError(f"{finding.place} 的写法看不懂，不能代为更正，请手工修改")
        self.book = changed(self.book, made)
        self.changes += made
        self.chosen |= {fix.place for fix in finding.fixes}
        self.findings = self.check(self.book)

    def recompute(self) -> None:
        """Every finding about a computed cell, one after the other; what was tried in vain is not tried again. Very many are
        corrected at once as long as that goes well, since each trial is a check of the whole book."""
        tried: set[tuple[str, Place | None]] = set()
        together = len(self.findings)
        while waiting := [one for one in self.findings if self.may(one) and _key(one) not in tried]:
            some = waiting[:together] if len(waiting) > _MANY else waiting[:1]
            if len(some) > 1 and not self.correct_at_once(some):
                together = len(some) // 2
                continue
            tried |= {_key(one) for one in some}
            if len(some) == 1:
                self.correct(some[0])
            together *= 2

    def may(self, finding: Finding) -> bool:
        """Whether a finding is about computed cells, none of which the clerk has just decided on."""
        return _is_computed(finding) and self.chosen.isdisjoint(fix.place for fix in finding.fixes)

    def correct_at_once(self, findings: Sequence[Finding]) -> bool:
        """Correct all of these together, if all of them are gone then and nothing new comes up; else nothing is done."""
        fixes = [(one, fix) for one in findings for fix in one.fixes]
        direct = [self.change(self.book, fix, one.rule, one.title) for one, fix in fixes]
        made = [change for change in direct if change is not None]
        if len({change.place for change in made}) < len(fixes):
            return False
        made += _following(self.book, made, self.language)
        trial = changed(self.book, made)
        after, keys = self.check(trial), {_key(one) for one in findings}
        if any(_key(one) in keys for one in after):
            return False
        if not all(_uncached(one, made) for one in _new(self.findings, after)):
            return False
        self.book, self.findings = trial, after
        self.changes += made
        return True

    def correct(self, finding: Finding) -> None:
        """Correct one finding and what it entails, unless a new one comes up that nothing entails."""
        before = self.findings
        made = list(self.made(self.book, finding, finding.title))
        trial = changed(self.book, made)
        after = self.check(trial)
        for _ in range(_ENTAILED):
            entailed = [one for one in _new(before, after) if self.may(one) or _is_word(one)]
            if not entailed:
                break
            more = [
                change for one in entailed for change in self.made(trial, one, f"随前面的更正：{one.title}")
            ]
            made += more
            trial = changed(trial, more)
            after = self.check(trial)
        place = finding.place
        if not made and any(self.is_kept(self.book, fix.place) for fix in finding.fixes):
            self.notes.append(
                f"{place} 没有更正：格子里是模板的公式，不能改成数；请检查它引用的格子是否都是数"
            )
        elif not made or any(_key(one) == _key(finding) for one in after):
            reason = "按格子现有的小数位数写不出正确的数，要先调整数字格式" if made else "格子的写法看不懂"
            self.notes.append(f"{place} 没有更正：{reason}，请人工处理")
        elif new := [one for one in _new(before, after) if not _uncached(one, made)]:
            self.notes.append(
                f"{place} 没有更正：改后会出现新的问题（{new[0].place} {new[0].title}），请人工处理"
            )
        else:
            self.book, self.findings = trial, after
            self.changes += made

    def made(self, book: Book, finding: Finding, why: str) -> Iterator[Change]:
        """The changes that carry out a finding's fixes, with the values that follow from them by formula."""
        made: list[Change] = []
        for fix in finding.fixes:
            change = self.change(book, fix, finding.rule, why)
            if change is None:
                return
            made.append(change)
        yield from made
        yield from _following(book, made, self.language)

    def change(self, book: Book, fix: Fix, rule: str, why: str) -> Change | None:
        cell = _cell(book, fix.place)
        new = restated(cell, fix)
        if new is None:
            return None
        formula, value = self._formula(book, fix.place, cell, new)
        if formula is None and self.is_kept(book, fix.place):
            return None
        return Change(fix.place, _shown(cell), new.text, value, rule, why, formula)

    def is_kept(self, book: Book, place: Place) -> bool:
        """Whether a formula stands where the template has one: what it rests on is wrong then, and no figure takes its place."""
        cell = _cell(book, place)
        return cell is not None and cell.formula is not None and self.formulas.get(place) is not None

    def _formula(
        self, book: Book, place: Place, cell: Cell | None, new: Restated
    ) -> tuple[str | None, Decimal | str | bool]:
        """The formula a cell keeps, or gets from the template, where it gives the right value; and the value."""
        grid = _grid(book, place.sheet)
        own = own_formula(cell, grid.cells) if cell is not None and grid is not None else None
        for formula in filter(None, (own, self.formulas.get(place))):
            try:
                value = self.language.reckon(formula, place.sheet, book)
            except NotUnderstood:
                continue
            if value == new.value or (isinstance(value, Decimal) and _rounds_to(value, new.value)):
                return formula, value
        return None, new.value


def _rounds_to(value: Decimal, new: Decimal | str) -> bool:
    if not isinstance(new, Decimal):
        return False
    return abs(value - new) <= Decimal("0.5").scaleb(min(0, int(new.as_tuple().exponent)))


def _is_computed(finding: Finding) -> bool:
    return (
        finding.severity != "info"
        and finding.accepted is None
        and bool(finding.fixes)
        and all(fix.computed for fix in finding.fixes)
    )


def _is_sure(finding: Finding) -> bool:
    """A proposal for figures that were typed, and no doubt of it."""
    return (
        finding.severity != "info"
        and finding.accepted is None
        and bool(finding.fixes)
        and all(fix.sure for fix in finding.fixes)
        and not all(fix.computed for fix in finding.fixes)
    )


def _is_word(finding: Finding) -> bool:
    """A grade follows from the total, but is not changed on its own account."""
    return bool(finding.fixes) and all(fix.kind == "word" for fix in finding.fixes)


def _key(finding: Finding) -> tuple[str, Place | None]:
    return finding.rule, finding.place


def _new(before: Sequence[Finding], after: Sequence[Finding]) -> list[Finding]:
    """Findings that were not there, or count more now. One whose equation was told before, if at another of its cells, is
    not new; what is only worth a look holds no correction back (that every total is full shows once the last is mended)."""
    known: dict[tuple[str, Place | None], int] = {}
    for finding in before:
        rank = SEVERITIES.index(finding.severity)
        for place in (finding.place, *(finding.related if finding.fixes else ())):
            known[finding.rule, place] = min(rank, known.get((finding.rule, place), rank))
    own = {_key(finding) for finding in before}
    return [
        one
        for one in after
        if one.severity != "info"
        and (
            not (_key(one) in own or (one.fixes and _key(one) in known))
            or SEVERITIES.index(one.severity) < known[_key(one)]
        )
    ]


def _uncached(finding: Finding, made: Sequence[Change]) -> bool:
    """That Excel has yet to calculate a formula which depends on a change is no fault of the change."""
    return finding.uncalculated and any(
        change.place == finding.place and change.value is None for change in made
    )


def _grid(book: Book, sheet: str) -> Grid | None:
    return next((grid for grid in book.grids if grid.sheet == sheet), None)


def _cell(book: Book, place: Place) -> Cell | None:
    grid = _grid(book, place.sheet)
    return grid.cells.get((place.row, place.column)) if grid is not None else None


def _shown(cell: Cell | None) -> str:
    return cell.text if cell is not None else ""


def changed(book: Book, changes: Iterable[Change]) -> Book:
    """The book with its cells changed."""
    by_sheet: dict[str, list[Change]] = {}
    for change in changes:
        by_sheet.setdefault(change.place.sheet, []).append(change)
    return replace(book, grids=tuple(_changed(grid, by_sheet.get(grid.sheet, ())) for grid in book.grids))


def _changed(grid: Grid, changes: Sequence[Change]) -> Grid:
    if not changes:
        return grid
    cells = dict(grid.cells)
    for change in changes:
        place = (change.place.row, change.place.column)
        old = cells.get(place)
        if change.value is None and change.formula is None:
            cells.pop(place, None)
        elif change.value is None or isinstance(change.value, bool):
            cells[place] = Cell(*place, change.value, change.new, formula=change.formula)
        else:
            new = Restated(change.new, change.value)
            cells[place] = with_value(old, *place, new, change.formula)
    return replace(grid, cells=cells)


# -- what follows by formula ----------------------------------------------------------------------------------


def _following(book: Book, made: Sequence[Change], language: Language) -> Iterator[Change]:
    """The formula cells that depend on changed cells, with their new values; cached values that cannot be told go."""
    trial = changed(book, made)
    places = {change.place for change in made}
    found: dict[Place, str | None] = {}
    waiting = places
    while waiting:
        new = {
            place: formula for place, formula in _depending(trial, waiting, language) if place not in places
        }
        found |= new
        places, waiting = places | set(new), set(new)
    if len(found) > _MOST_RECKONED:
        yield from (_left_to_excel(book, place) for place in found)
        return
    for place, formula in _in_order(found.items(), trial, language):
        change = _recalculated(book, trial, place, formula, language)
        trial = changed(trial, [change])
        if change.old != change.new or change.value is None:
            yield change


def _in_order(
    found: Iterable[tuple[Place, str | None]], book: Book, language: Language
) -> Iterator[tuple[Place, str | None]]:
    """Those first that others of them depend on; a circle comes as it stands."""
    left = dict(found)
    while left:
        free = [
            place
            for place, formula in left.items()
            if formula is None
            or not any(
                other in named
                for named in language.refer(formula, place.sheet, book) or ()
                for other in left
                if other != place
            )
        ]
        for place in free or list(left):
            yield place, left.pop(place)


def _depending(
    book: Book, changed_places: Collection[Place], language: Language
) -> Iterator[tuple[Place, str | None]]:
    """The formula cells that depend on changed ones; our own sheets are the office's to calculate."""
    for grid in book.grids:
        if grid.sheet in OWN_SHEETS:
            continue
        for (row, column), cell in grid.cells.items():
            if cell.formula is None:
                continue
            formula = own_formula(cell, grid.cells)
            named = language.refer(formula, grid.sheet, book) if formula is not None else None
            if named is None or any(place in one for one in named for place in changed_places):
                yield Place(grid.sheet, row, column), formula


def _recalculated(book: Book, trial: Book, place: Place, formula: str | None, language: Language) -> Change:
    """A formula cell's new value; only a formula that gave the cached value before is trusted to give the new one."""
    cell = _cell(book, place)
    assert cell is not None
    try:
        if formula is None or not _same(language.reckon(formula, place.sheet, book), cell.value):
            return _left_to_excel(book, place)
        value = language.reckon(formula, place.sheet, trial)
    except NotUnderstood:
        return _left_to_excel(book, place)
    text = _text_of(cell, value)
    return Change(place, cell.text, text, value, "", "随引用的格子重算", cell.formula, follows=True)


def _left_to_excel(book: Book, place: Place) -> Change:
    cell = _cell(book, place)
    assert cell is not None
    return Change(place, cell.text, "", None, "", _BY_EXCEL, cell.formula, follows=True)


def _same(value: Decimal | str | bool, cached: object) -> bool:
    if isinstance(value, Decimal) and isinstance(cached, Decimal):
        return abs(value - cached) <= max(abs(cached), Decimal(1)).scaleb(-9)
    return value == cached


def _text_of(cell: Cell, value: Decimal | str | bool) -> str:
    """What the cell will show, in its own number format."""
    if isinstance(value, Decimal) and isinstance(cell.value, Decimal):
        scale = 100 if cell.percent else 1
        new = restated(cell, Fix(Place("", cell.row, cell.column), value * scale))
        if new is not None:
            return new.text
    return (
        value if isinstance(value, str) else format(value, "f") if isinstance(value, Decimal) else str(value)
    )
