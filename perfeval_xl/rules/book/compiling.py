"""Rules of a book as rules of the register: equalities of cells become declared arithmetic, everything else a claim."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import repeat
from typing import Literal, NamedTuple

from perfeval_xl.equations import Declaration, Equation, Leeway, Ratio, Term, quantum, rounded
from perfeval_xl.findings import SEVERITIES, Severity, Why
from perfeval_xl.forms.records import Field, Form, IndicatorForm
from perfeval_xl.grid import Place
from perfeval_xl.records import dataclass, replace
from perfeval_xl.rules.cells import shown
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import OWN_FAMILY, Claim, Result, Rule, Skip
from perfeval_xl.text import plain

from .columns import Columns
from .evaluating import Evaluator, compared
from .names import row_name_of
from .records import Book, BookRule
from .saying import label_of, plainly, told
from .scene import At, Scene, WorkbookScene
from .tree import WORDED, Call, Cells, Node, Path, Present, Relation, walk, written
from .values import Amount, Blank, Lacking, Taken, Value

#: How many cells beside the one that is named a finding lists.
_RELATED = 24
_INCOMPLETE = "附件3不齐全，或与附件1的项目对不上，不能核对合计"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says where it stands: it applied (with what it declares or claims, and whether it held), its condition did
    not hold, or it lacked something. Of rows that are plain together the place is their form."""

    state: Literal["applied", "idle", "lacking"]
    at: At
    result: Result | None = None
    holds: bool = True
    reason: str = ""
    why: Why = "absent"


def rules_of(books: Iterable[Book], most: Severity | None = None) -> tuple[Rule, ...]:
    """The rules of books that are switched on; ``most`` is the highest severity they may have."""
    return tuple(_rule(one, most) for book in books for one in book.rules if one.enabled)


def _rule(rule: BookRule, most: Severity | None) -> Rule:
    kind = rule.scope.kind
    severity = rule.severity if most is None else max(rule.severity, most, key=SEVERITIES.index)
    checked = replace(rule, severity=severity)

    def of_form(form: Form, context: Context) -> Iterator[Result]:
        yield from _results(checked, WorkbookScene.of(context), form)

    def of_all(context: Context) -> Iterator[Result]:
        yield from _results(checked, WorkbookScene.of(context), None)

    check: Callable[..., Iterable[Result]] = of_form if kind is not None else of_all
    return Rule(
        rule.code,
        f"{OWN_FAMILY}.{rule.code}",
        severity,
        rule.title or written(rule.formula),
        rule.basis,
        () if kind is None else (kind,),
        check,
        computed=rule.within_a_form,
        against="previous" if rule.of_last_year else None,
        own_family=OWN_FAMILY,
        acceptable=rule.acceptable,
    )


def _results(rule: BookRule, scene: WorkbookScene, form: Form | None) -> Iterator[Result]:
    """What the register asks of a rule. One that goes through rows is skipped only where it could be told of none."""
    standing = _standing(rule, scene, form)
    spoke = bool(standing.idle or standing.held)
    lacking: Verdict | None = None
    for at in standing.left:
        verdict = _verdict(rule, scene, at)
        if verdict.state != "lacking":
            spoke = True
            if verdict.result is not None:
                yield verdict.result
        elif lacking is None:
            lacking = verdict
    if lacking is None and standing.lacking and not spoke:
        lacking = _verdict(rule, scene, standing.lacking[0])
    if lacking is not None and not spoke:
        yield Skip(lacking.reason, lacking.why)


def verdicts_of(rule: BookRule, scene: WorkbookScene, form: Form | None) -> Iterator[Verdict]:
    """What a rule says of a form, or of the submission, place after place."""
    standing = _standing(rule, scene, form)
    here = _EVERYWHERE if form is None else scene.place(form)
    yield from repeat(Verdict("idle", here), standing.idle)
    yield from repeat(Verdict("applied", here), standing.held)
    yield from (_verdict(rule, scene, at) for at in (*standing.lacking, *standing.left))


def _verdict(rule: BookRule, scene: WorkbookScene, at: At) -> Verdict:
    try:
        if at is _NOWHERE:
            raise Lacking(f"没有{rule.scope.form}")
        return verdict_at(rule, scene, at)
    except Lacking as lacking:
        return Verdict("lacking", at, reason=str(lacking), why=lacking.why)


class Standing(NamedTuple):
    """Where a rule stands in a form: the places that are left to be worked out, those where something is plainly lacking, how many
    there are where its condition plainly does not hold, and where its formula plainly does."""

    left: Sequence[At]
    lacking: Sequence[At] = ()
    idle: int = 0
    held: int = 0


def _standing(rule: BookRule, scene: WorkbookScene, form: Form | None) -> Standing:
    scope, kind = rule.scope, rule.scope.kind
    if form is None:
        standing = Standing([_NOWHERE if scope.form else _EVERYWHERE])
    elif scope.number and not form.caption.endswith(scope.number):
        return _NO_PLACE
    elif scope.rows is None or kind is None:
        standing = Standing([scene.place(form)])
    else:
        standing = _of_form(rule, Columns.of(scene, kind, scope.rows, blanks=rule.blanks), form)
    if not rule.quotes:
        return standing
    quoted = _quoted(rule, scene)
    left = [replace(at, quoted=taken) for at in standing.left for taken in quoted]
    return standing._replace(left=left or standing.left)


#: The whole submission; a paper that is not read.
_EVERYWHERE, _NOWHERE = At(), At()
_NO_PLACE = Standing(())


class Rows(NamedTuple):
    """The same of the rows of all forms, by their numbers in the columns."""

    left: frozenset[int]
    lacking: frozenset[int]
    idle: frozenset[int]
    held: frozenset[int]


def _of_form(rule: BookRule, columns: Columns, form: Form) -> Standing:
    rows = columns.scene.of_rule(rule, lambda: _of_rows(rule, columns))
    numbers = columns.numbers.get(id(form), frozenset())
    left, lacking = rows.left & numbers, rows.lacking & numbers
    return Standing(
        [columns.places[number] for number in sorted(left)],
        [columns.places[number] for number in sorted(lacking)],
        len(rows.idle & numbers),
        len(rows.held & numbers),
    )


def _of_rows(rule: BookRule, columns: Columns) -> Rows:
    """What can be said of rows by their columns alone, and the rows that are left."""
    every = met = frozenset(range(len(columns.places)))
    lacking: frozenset[int] = frozenset()
    unsure: frozenset[int] = frozenset()
    for clause in rule.condition.clauses if rule.condition is not None else ():
        said = columns.said(clause)
        if said is None:
            unsure |= met
            continue
        met = met - said.fails - said.blank  # an empty text is not what a condition asks for
        lacking |= said.lacks
        unsure |= said.unsure
    lacking = (lacking & met) - unsure
    plain = None if not met or _declares(rule.formula) else columns.said(rule.formula)
    held: frozenset[int] = frozenset()
    if plain is not None:
        sure = met - unsure - lacking
        lacking |= sure & (plain.lacks | plain.blank)
        held = sure - lacking - plain.fails - plain.unsure
    return Rows(met - held - lacking, lacking, every - met, held)


def _declares(formula: Node) -> bool:
    """Whether a formula may become declared arithmetic, which is evidence where it holds, too."""
    return isinstance(formula, Relation) and formula.sign == "=" and isinstance(formula.right, Cells)


def _quoted(rule: BookRule, scene: WorkbookScene) -> list[Taken]:
    """Every figure of the report that the rule may mean."""
    if not rule.quotes:
        return []
    source = Path(("报告",))
    node = next((one for one in walk(rule.formula) if isinstance(one, Cells) and one.source == source), None)
    return scene.quoted(node.labels[-1]) if node is not None else []


def verdict_at(rule: BookRule, scene: Scene, at: At) -> Verdict:
    """What a rule says at one place; Lacking where it needs what is not there."""
    evaluator = Evaluator(scene, rule.blanks)
    for clause in rule.condition.clauses if rule.condition is not None else ():
        if isinstance(clause, Present) and not scene.present(clause.source):
            raise Lacking(f"没有{clause.source.word}")
        if not _is_met(clause, evaluator, at):
            return Verdict("idle", at)
    if isinstance(rule.formula, Relation) and rule.formula.sign not in WORDED:
        left, right = evaluator.value(rule.formula.left, at), evaluator.value(rule.formula.right, at)
        declared = None
        if rule.formula.sign == "=" and isinstance(left, Amount) and isinstance(right, Amount):
            declared = _declared(rule, scene, at, left, right)
        if declared is not None:
            return _of_declaration(rule, evaluator, at, declared)
        holds = _holds(rule, left, right, scene)
        claim = None if holds else _claim(rule, evaluator, at, left, right)
        return Verdict("applied", at, claim, holds)
    truth = evaluator.truth(rule.formula, at)
    claim = None if truth.value else _claim(rule, evaluator, at, truth, None)
    return Verdict("applied", at, claim, truth.value)


def _is_met(clause: Node, evaluator: Evaluator, at: At) -> bool:
    """Whether a clause of a condition holds; an empty text is not what it asks for."""
    try:
        return evaluator.truth(clause, at).value
    except Blank:
        if isinstance(clause, Relation) and clause.sign in WORDED:
            return False
        raise


# -- declared arithmetic --------------------------------------------------------------------------------------


def _of_declaration(rule: BookRule, evaluator: Evaluator, at: At, declared: Declaration) -> Verdict:
    holds = declared.check() in ("holds", "info")
    if not holds:
        declared = replace(declared, words=told(rule, evaluator, at), advice=rule.advice)
    return Verdict("applied", at, declared, holds)


def _declared(rule: BookRule, scene: Scene, at: At, left: Amount, right: Amount) -> Declaration | None:
    """An equality as a declaration: a rate of two cells, or a signed sum of cells; None where it is neither."""
    if left.ratio is not None and right.single is not None:
        left, right = right, left
    if right.ratio is not None and left.single is not None and left.single.sort == "rate":
        return _ratio(rule, at, left.single, right.ratio)
    if left.single is None and (right.single is not None or not right.terms):
        left, right = right, left
    if not _is_sum(left) or not _is_sum(right) or len((*(left.terms or ()), *(right.terms or ()))) < 2:
        return None  # one cell alone is no arithmetic: there is nothing to look for
    if not isinstance(scene, WorkbookScene):
        return _equation(rule, None, at, left, right)
    money = any(taken.sort == "money" for _, taken in (*(left.terms or ()), *(right.terms or ())))
    if money and _adds_projects(rule.formula) and not scene.context.complete:
        raise Lacking(_INCOMPLETE)
    return _equation(rule, scene.context, at, left, right)


def _is_sum(amount: Amount) -> bool:
    return (
        amount.terms is not None
        and amount.sort != "rate"
        and all(abs(factor) == 1 for factor, _ in amount.terms)
    )


def _adds_projects(node: Node) -> bool:
    """Whether amounts of all projects are added up, which says nothing where a project's form is missing."""
    calls = (one for one in walk(node) if isinstance(one, Call) and one.name == "合计")
    sources = (one.source for call in calls for one in call.arguments if isinstance(one, Cells))
    return any(isinstance(source, Path) and source.words == ("附件3*",) for source in sources)


def _ratio(rule: BookRule, at: At, rate: Taken, sides: tuple[Amount, Amount]) -> Ratio | None:
    top, bottom = (side.single for side in sides)
    if top is None or bottom is None:
        return None
    terms = [replace(taken.as_term(), kin=()) for taken in (rate, top, bottom)]  # as the program's own rates
    leeway: Leeway | None = None
    if rule.tolerance.kind in ("amount", "share"):
        leeway = -rule.tolerance.value, rule.tolerance.value
    return Ratio(
        rule.code,
        _owner(at, rate),
        terms[0],
        terms[1],
        terms[2],
        f"{rate.label}应等于{top.label}÷{bottom.label}",
        severity=rule.severity,
        capped=True,  # a rate above 100 % may be stated as 100 %, as everywhere
        leeway=leeway,
    )


def _equation(rule: BookRule, context: Context | None, at: At, left: Amount, right: Amount) -> Equation:
    """``left`` is the one cell, or the number, or what comes first of a sum; what is beside it goes to the other side."""
    first = left.terms[0] if left.terms else None
    moved = [(-factor, taken) for factor, taken in (left.terms or ())[1:]]
    parts = [*(right.terms or ()), *moved]
    constant = right.constant - left.constant
    if first is not None and first[0] < 0:
        parts = [(-factor, taken) for factor, taken in parts]
        constant = -constant
    where = first[1].field.place if first is not None else _total_place(at, parts[0][1])
    total = first[1].as_term() if first is not None else _constant(left.constant, where)
    if first is None:
        constant = right.constant
    terms = [taken.as_term() for _, taken in parts]
    signs = [1 if factor > 0 else -1 for factor, _ in parts]
    if constant or not terms:
        terms.append(_constant(abs(constant), where))
        signs.append(1 if constant >= 0 else -1)
    cells = tuple(taken for _, taken in (*([first] if first is not None else []), *parts))
    money = any(taken.sort == "money" for taken in cells)
    forms = [taken.form for taken in cells if taken.form is not None]
    label = first[1].label if first is not None else plain(left.constant)
    one_form = len({id(form) for form in forms}) == 1
    if not one_form:  # as the program: what else stands in a row speaks only for sums within its form
        total, terms = replace(total, kin=()), [replace(term, kin=()) for term in terms]
    equation = Equation(
        rule.code,
        _owner(at, cells[0]),
        total,
        tuple(terms),
        tuple(signs),
        f"{label}应等于{label_of(tuple(taken for _, taken in parts)) or plain(constant)}{'之和' if len(terms) > 1 else ''}",
        _decimals(cells, forms, money, context),
        stated_twice=len(terms) == 1 and not terms[0].constant,
        severity=rule.severity,
        rounding=money and (one_form or total.field.decimals < 2),
        alike=not money and len(terms) > 2,
    )
    return _tolerant(equation, rule)


def _tolerant(equation: Equation, rule: BookRule) -> Equation:
    tolerance = rule.tolerance
    if tolerance.kind == "amount":
        return replace(equation, leeway=(-tolerance.value, tolerance.value))
    if tolerance.kind == "share":
        most = abs(equation.sum) * tolerance.value / 100
        return replace(equation, leeway=(-most, most))
    return equation


def _constant(number: Decimal, place: Place) -> Term:
    decimals = max(0, -int(number.normalize().as_tuple().exponent)) if number else 0
    field = Field(place, plain(number), "number", number, decimals)
    return Term(field, plain(number), constant=True)


def _decimals(cells: tuple[Taken, ...], forms: list[Form], money: bool, context: Context | None) -> int:
    if money and context is not None:
        return max((context.decimals(form) for form in forms), default=2)
    points = any(taken.sort == "points" for taken in cells)
    if points and context is not None:
        return context.score_decimals
    return max([2 if money or points else 0, *(taken.field.decimals for taken in cells)])


def _total_place(at: At, cell: Taken) -> Place:
    form = at.form or cell.form
    if isinstance(form, IndicatorForm) and form.total is not None:
        return form.total.label.place
    return form.title.place if form is not None else cell.field.place


def _owner(at: At, cell: Taken) -> str:
    form = at.form or cell.form
    return form.caption if form is not None else ""


# -- claims ---------------------------------------------------------------------------------------------------


def _holds(rule: BookRule, left: Value, right: Value, scene: Scene) -> bool:
    """Whether a relation that is no declaration holds, its tolerance counted in."""
    assert isinstance(rule.formula, Relation)
    sign = rule.formula.sign
    if not isinstance(left, Amount) or not isinstance(right, Amount):
        return compared(left, sign, right)
    if compared(left, sign, right):
        return True
    slack = _slack(rule, left, right, scene)
    gap = left.number - right.number
    return {"=": abs(gap) <= slack, "≤": gap <= slack, "≥": -gap <= slack}.get(sign, False)


def _slack(rule: BookRule, left: Amount, right: Amount, scene: Scene) -> Decimal:
    tolerance = rule.tolerance
    if tolerance.kind == "amount":
        return tolerance.value
    if tolerance.kind == "share":
        return abs(right.number) * tolerance.value / 100
    sort = left.sort if left.sort != "number" else right.sort
    equal = isinstance(rule.formula, Relation) and rule.formula.sign == "="
    if equal or tolerance.kind == "rounded":
        return max(_half(left), _half(right))
    forms = [taken.form for taken in (*left.cells, *right.cells) if taken.form is not None]
    if sort == "money" and isinstance(scene, WorkbookScene) and forms:
        return max(quantum(scene.context.decimals(form)) for form in forms)
    return Decimal(0)


def _half(amount: Amount) -> Decimal:
    """Half of the last digit that a single cell states; nothing for what is reckoned."""
    taken = amount.single
    return quantum(taken.field.decimals) * taken.factor / 2 if taken is not None else Decimal(0)


def _claim(rule: BookRule, evaluator: Evaluator, at: At, left: Value, right: Value | None) -> Claim:
    """What is said where a rule does not hold: at the first cell of the formula, else of the condition, else at the form."""
    cells = [*left.cells, *(right.cells if right is not None else ())]
    given = _cells_of_condition(rule, evaluator, at)
    own = [taken for taken in cells if not _is_whole(taken)]
    places = list(dict.fromkeys(taken.field.place for taken in (*own, *given, *cells)))
    place = places[0] if places else (at.form.title.place if at.form is not None else _any_place(evaluator))
    message = told(rule, evaluator, at) or plainly(rule.formula, left, right)
    row = row_name_of(at.row) if at.row is not None else ""
    where = f"“{row}”：" if row and row not in message else ""
    numeric = isinstance(left, Amount) and isinstance(right, Amount)
    first = next((taken for taken in (*own, *given, *cells) if taken.field.place == place), None)
    return Claim(
        place,
        f"{where}{message}。",
        expected=_expected(rule, left, right),
        actual=shown(first.field) if first is not None and first in own and numeric else None,
        explain=_not_so(rule.formula, left, right) if numeric and right is not None else None,
        suggestion=rule.advice or "核对这里提到的各格，改正填错的；没有填错的，写明原因。",
        related=tuple(other for other in places if other != place)[:_RELATED],
        uses=tuple(taken.field.place for taken in (*own, *given) if taken.field.number is not None),
        severity=rule.severity,
        label=f"{rule.title}/{row}",
        figures=tuple(shown(taken.field) for taken in own[:_RELATED] if taken.field.number is not None),
    )


def _not_so(formula: Node, left: Value, right: Value) -> str:
    """The two sides with the sign that does not hold between them."""
    sign = formula.sign if isinstance(formula, Relation) else "="
    return f"{left.shown} {sign} {right.shown} 不成立"


def _is_whole(taken: Taken) -> bool:
    """The report as a whole, where no cell is the wrong one."""
    return taken.label == "自评报告"


def _cells_of_condition(rule: BookRule, evaluator: Evaluator, at: At) -> list[Taken]:
    found: list[Taken] = []
    for clause in rule.condition.clauses if rule.condition is not None else ():
        if not isinstance(clause, Present):
            found += [
                taken for taken in evaluator.truth(clause, at).cells if not taken.label.startswith("政策规定")
            ]
    return found


def _any_place(evaluator: Evaluator) -> Place | None:
    scene = evaluator.scene
    if not isinstance(scene, WorkbookScene):
        return None
    return next((form.title.place for form in scene.context.forms), None)


_KEEPS: Mapping[str, str] = {"≤": "≤", "≥": "≥", "<": "<", ">": ">", "=": "", "≠": "≠"}


def _expected(rule: BookRule, left: Value, right: Value | None) -> str | None:
    """What the first cell should be, where it alone is one side."""
    if (
        not isinstance(rule.formula, Relation)
        or not isinstance(left, Amount)
        or not isinstance(right, Amount)
    ):
        return None
    if left.single is None or rule.formula.sign not in _KEEPS:
        return None
    taken = left.single
    number = right.number / taken.factor
    rate = "%" if left.sort == "rate" else ""
    return f"{_KEEPS[rule.formula.sign]}{plain(rounded(number, max(2, taken.field.decimals)))}{rate}"
