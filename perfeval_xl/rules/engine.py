"""Runs every rule over the forms, checks what they declare, and folds what follows from one mistake into it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from perfeval_xl.equations import Declaration, Equation, Ratio
from perfeval_xl.findings import (
    SEVERITIES,
    Finding,
    Skipped,
    by_place,
    difference,
    former_fingerprint,
    in_working_order,
    keyed,
    rests_on,
)
from perfeval_xl.forms.records import Form
from perfeval_xl.grid import Cell, Place
from perfeval_xl.locating import locate

from . import families
from .context import Context
from .declared import claim_of_rounding, claim_of_suspect
from .folding import Said, Told, folded
from .own import led, merged
from .registry import RULES, Claim, Rule, Skip

families.load()

_log = logging.getLogger(__name__)
_EMPTY = "这张表还没有填写"
_UNKNOWN = {"formulas": "公式", "formats": "数字格式", "hidden": "隐藏的行列", "merges": "合并单元格"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run gives: findings in the workbook's order, skipped rules, and how many rule × form were checked."""

    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    checked: int


@dataclass(slots=True)
class Gathered:
    """What the rules themselves say of a workbook: claims, declared arithmetic, what was skipped, how much was checked."""

    said: list[Said]
    declared: list[Declaration]
    skipped: list[Skipped]
    checked: int = 0


def gather(context: Context, rules: Iterable[Rule] | None = None) -> Gathered:
    """Every rule on every form it is for, a bureau's own first; what they declare is not checked yet."""
    gathered = Gathered([], [], [])
    given = context.rules.values() if rules is None else rules
    for rule in sorted(given, key=lambda rule: (not rule.own_family, rule.code)):
        if context.policy.severity.get(rule.code) == "off":
            continue
        for form in _forms_of(rule, context):
            results = list(_results(rule, form, context))
            skips = [result for result in results if isinstance(result, Skip)]
            gathered.skipped.extend(
                Skipped(rule.code, "" if form is None else form.sheet, skip.reason, skip.why, rule.against)
                for skip in skips
            )
            gathered.checked += not skips
            gathered.said.extend(
                Said(_of_crashes() if result.crashed else rule, form, result)
                for result in results
                if isinstance(result, Claim) and context.misfits.isdisjoint(result.uses)
            )
            gathered.declared.extend(
                result for result in results if isinstance(result, Equation | Ratio) and _is_evidence(result)
            )
    return gathered


def _is_evidence(declaration: Declaration) -> bool:
    """Not where a value is unknown; nor a text that a formula makes of the cells, which says again what they say, right or
    wrong: only where it states a cell's figure otherwise than the cell."""
    terms = list(declaration.terms())
    if not all(term.field.known for term in terms):
        return False
    if not any(term.quotation is not None and term.field.formula for term in terms):
        return True
    return isinstance(declaration, Equation) and len(terms) == 2 and declaration.check() != "holds"


def run(context: Context, rules: Iterable[Rule] | None = None) -> Outcome:
    """Every rule on every form it is for. A rule that crashes is told as a finding, the others run on."""
    gathered = gather(context, rules)
    located = locate(merged(gathered.declared, context.rules), context.policy.trust)
    owners = {form.caption: form for form in context.forms}
    told = [
        Told(
            (suspect,),
            _of_declaration(suspect.mends[0], claim_of_suspect(suspect, context.rules), owners, context),
        )
        for suspect in (led(one, context.rules) for one in located.suspects)
    ]
    said = folded(gathered.said, told, context)
    said.extend(_of_declaration(one, claim_of_rounding(one), owners, context) for one in located.rounding)
    findings = [_finding(item, context) for item in said]
    ordered = by_place(_once(findings), (grid.sheet for grid in context.grids))
    return Outcome(
        in_working_order(tuple(_numbered(ordered, context))), tuple(gathered.skipped), gathered.checked
    )


def _forms_of(rule: Rule, context: Context) -> Iterator[Form | None]:
    if not rule.forms:
        yield None
        return
    for form in context.forms:
        if form.kind in rule.forms:
            yield form


def _results(rule: Rule, form: Form | None, context: Context) -> Iterator[Claim | Skip | Declaration]:
    if rule.needs is not None and not context.knows[rule.needs]:
        yield Skip(f"这种格式的文件读不出{_UNKNOWN[rule.needs]}")
        return
    if form is not None and not rule.on_empty and context.is_empty(form):
        yield Skip(_EMPTY, "not_due")
        return
    try:
        yield from rule.run(form, context)
    except MemoryError:
        raise
    except Exception as error:  # a rule's own mistake must not hide what the others find
        _log.debug("rule %s failed", rule.code, exc_info=True)
        yield Claim(
            None,
            f"规则 {rule.code}（{rule.title}）运行出错，没有结果：{type(error).__name__}: {error}。其余规则照常检查。",
            suggestion="把文件和这条提示告诉维护人员。",
            label=rule.code,
            figures=(_of_crashes().code,),
            crashed=True,
        )


def _of_crashes() -> Rule:
    """The rule that the crash of any rule is told under."""
    return next(rule for rule in RULES.values() if rule.of_crashes)


# -- finishing ------------------------------------------------------------------------------------------------


def _of_declaration(
    declaration: Declaration, claim: Claim, owners: dict[str, Form], context: Context
) -> Said:
    return Said(context.rules[declaration.rule], owners.get(declaration.owner), claim)


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """One finding a cell and rule: what several equations of one rule say of a cell is said once."""
    seen: dict[tuple[str, Place | None, str], Finding] = {}
    for finding in findings:
        key = (finding.rule, finding.place, finding.message)
        seen.setdefault(key, finding)
    return list(seen.values())


def _finding(item: Said, context: Context) -> Finding:
    rule, claim = item.rule, item.claim
    severity = claim.severity or rule.severity
    override = context.policy.severity.get(rule.code)
    if override in SEVERITIES and severity == rule.severity:
        severity = override
    basis = context.policy.basis.get(rule.code)
    return Finding(
        rule=rule.code,
        family=rule.family,
        severity=severity,
        place=claim.place,
        title=rule.title,
        message=claim.message,
        related=tuple(place for place in dict.fromkeys(claim.related) if place != claim.place),
        expected=claim.expected,
        actual=claim.actual,
        explain=claim.explain,
        basis=f"{basis.text}（{basis.document}）"
        if basis is not None and basis.document
        else (basis.text if basis is not None else rule.basis),
        suggestion=claim.suggestion,
        form=item.form.kind + getattr(item.form, "name", "") if item.form is not None else "",
        row_label=claim.label,
        figures=claim.figures,
        acceptable=severity != "error" or rule.acceptable or rule.code in context.policy.acceptable,
        fixes=claim.fixes,
        uncalculated=claim.uncalculated,
        difference=difference(claim.expected, claim.actual),
        mends=claim.mends,
    )


def _numbered(findings: Sequence[Finding], context: Context) -> Iterator[Finding]:
    """Findings with their fingerprints; equal ones are told apart by their ordinal."""
    cells = {grid.sheet: grid.cells for grid in context.grids}
    seen: Counter[tuple[str, ...]] = Counter()
    before: Counter[str] = Counter()

    def look(place: Place) -> Cell | None:
        return cells.get(place.sheet, {}).get((place.row, place.column))

    for finding in findings:
        parts, former = rests_on(finding, look), former_fingerprint(finding, 0)
        seen[parts] += 1
        before[former] += 1
        yield replace(
            finding,
            fingerprint=keyed(parts, seen[parts]),
            former=former_fingerprint(finding, before[former]),
        )
