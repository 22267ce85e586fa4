"""Runs every rule over the forms, checks what they declare, and folds what follows from one mistake into it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from perfeval_xl.equations import Declaration, Equation, Ratio
from perfeval_xl.findings import (
    SEVERITIES,
    Finding,
    Severity,
    Skipped,
    by_place,
    difference,
    fingerprint,
    in_working_order,
)
from perfeval_xl.forms.records import Form
from perfeval_xl.grid import Place
from perfeval_xl.locating import Suspect, locate

from . import families
from .context import Context
from .declared import claim_of_rounding, claim_of_suspect
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


@dataclass(frozen=True, slots=True)
class _Said:
    rule: Rule
    form: Form | None
    claim: Claim


@dataclass(slots=True)
class Gathered:
    """What the rules themselves say of a workbook: claims, declared arithmetic, what was skipped, how much was checked."""

    said: list[_Said]
    declared: list[Declaration]
    skipped: list[Skipped]
    checked: int = 0


def gather(context: Context, rules: Iterable[Rule] | None = None) -> Gathered:
    """Every rule on every form it is for; what they declare is not checked yet."""
    gathered = Gathered([], [], [])
    for rule in sorted(RULES.values() if rules is None else rules, key=lambda rule: rule.code):
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
                _Said(_of_crashes() if result.crashed else rule, form, result)
                for result in results
                if isinstance(result, Claim)
            )
            gathered.declared.extend(
                result
                for result in results
                if isinstance(result, Equation | Ratio) and not _only_repeats(result)
            )
    return gathered


def _only_repeats(declaration: Declaration) -> bool:
    """A text that a formula makes of the cells agrees with them whatever they are: that is no evidence."""
    made = any(term.quotation is not None and term.field.formula for term in declaration.terms())
    return made and declaration.check() == "holds"


def run(context: Context, rules: Iterable[Rule] | None = None) -> Outcome:
    """Every rule on every form it is for. A rule that crashes is told as a finding, the others run on."""
    gathered = gather(context, rules)
    located = locate(gathered.declared, context.policy.trust)
    owners = {form.caption: form for form in context.forms}
    of_suspects = _merged_rows(
        [_of_declaration(suspect.mends[0], claim_of_suspect(suspect), owners) for suspect in located.suspects]
    )
    said = _folded(gathered.said, of_suspects, located.suspects)
    said.extend(_of_declaration(one, claim_of_rounding(one), owners) for one in located.rounding)
    findings = [_finding(item, context) for item in said]
    ordered = by_place(_once(findings), (grid.sheet for grid in context.grids))
    return Outcome(in_working_order(tuple(_numbered(ordered))), tuple(gathered.skipped), gathered.checked)


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


# -- folding and finishing ------------------------------------------------------------------------------------


def _of_declaration(declaration: Declaration, claim: Claim, owners: dict[str, Form]) -> _Said:
    return _Said(RULES[declaration.rule], owners.get(declaration.owner), claim)


def _merged_rows(said: Sequence[_Said]) -> list[_Said]:
    """A total row of zeros over filled parts is one mistake, not one a column."""
    merged: dict[tuple[str, str, int], _Said] = {}
    kept: list[_Said] = []
    for item in said:
        place = item.claim.place
        if place is None or item.claim.actual not in ("0", "（空）"):
            kept.append(item)
            continue
        key = (item.rule.code, place.sheet, place.row)
        first = merged.get(key)
        if first is None:
            merged[key] = item
            continue
        claim = first.claim
        merged[key] = replace(
            first,
            claim=replace(
                claim,
                message=f"{claim.message}{place.cell} 同样不符，应为 {item.claim.expected}。",
                related=tuple(dict.fromkeys((*claim.related, place, *item.claim.related))),
                figures=(*claim.figures, *item.claim.figures),
                fixes=(*claim.fixes, *item.claim.fixes),
            ),
        )
    return kept + list(merged.values())


def _folded(said: Sequence[_Said], of_suspects: Sequence[_Said], suspects: Sequence[Suspect]) -> list[_Said]:
    """One mistake, one finding.

    Where a rule shows by itself that the suspect cell is wrong (a score above its weight), the equations that fail
    for it fold into that claim; what merely rests on a suspect cell folds into the suspect's finding. A paragraph holds many
    figures: that one of them is wrong says nothing of the others.
    """
    own = {
        item.claim.place: item for item in said if _severity(item) == "error" and item.claim.place is not None
    }
    texts = {suspect.term.field.place for suspect in suspects if suspect.term.quotation is not None}
    wrong = {
        suspect.term.field.place for suspect in suspects if suspect.term.field.number is not None
    } - texts
    merged = {item.claim.place: item for item in of_suspects if item.claim.place in own.keys() - texts}
    kept = []
    for item in said:
        place = item.claim.place
        if place in merged and own[place] is item:
            kept.append(replace(item, claim=_with_equations(item.claim, merged[place].claim)))
        elif not wrong.intersection(item.claim.uses):
            kept.append(item)
    return kept + [item for item in of_suspects if item.claim.place not in merged]


def _severity(item: _Said) -> Severity:
    return item.claim.severity or item.rule.severity


def _with_equations(claim: Claim, failed: Claim) -> Claim:
    """A claim with the equations that fail for the same cell."""
    related = dict.fromkeys((*claim.related, *failed.related))
    return replace(
        claim,
        message=f"{claim.message}（同一原因还使：{failed.message}）",
        explain="；".join(text for text in (claim.explain, failed.explain) if text),
        fixes=claim.fixes or failed.fixes,
        related=tuple(place for place in related if place != claim.place),
    )


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """One finding a cell and rule: what several equations of one rule say of a cell is said once."""
    seen: dict[tuple[str, Place | None, str], Finding] = {}
    for finding in findings:
        key = (finding.rule, finding.place, finding.message)
        seen.setdefault(key, finding)
    return list(seen.values())


def _finding(item: _Said, context: Context) -> Finding:
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
        acceptable=severity != "error" or rule.code in context.policy.acceptable,
        fixes=claim.fixes,
        uncalculated=claim.uncalculated,
        difference=difference(claim.expected, claim.actual),
        mends=claim.mends,
    )


def _numbered(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Findings with their fingerprints; equal ones are told apart by their ordinal."""
    seen: dict[str, int] = {}
    for finding in findings:
        key = fingerprint(finding, 0)
        seen[key] = seen.get(key, 0) + 1
        yield replace(finding, fingerprint=fingerprint(finding, seen[key]))
