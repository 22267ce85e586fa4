"""Runs every rule over the forms, checks what they declare, and folds what follows from one mistake into it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from .. import equations
from ..equations import Declaration, Equation, Ratio, Suspect, Term
from ..findings import SEVERITIES, Finding, Place, Severity, Skipped, by_place, fingerprint
from ..forms.records import Form
from ..text import plain
from . import (  # registering imports
    completeness,
    cross,
    last_year,
    narrative,
    narrative_facts,
    privacy,
    rates,
    reading,
    scores,
    target_rules,
    totals,
)
from .context import Context
from .registry import RULES, Claim, Rule, Skip, shown

__all__ = [
    "Outcome",
    "completeness",
    "cross",
    "last_year",
    "narrative",
    "narrative_facts",
    "privacy",
    "rates",
    "reading",
    "run",
    "scores",
    "target_rules",
    "totals",
]

_log = logging.getLogger(__name__)
_EMPTY = "这张表还没有填写"
_UNKNOWN = {"formulas": "公式", "formats": "数字格式", "hidden": "隐藏的行列", "merges": "合并单元格"}
#: What 尚未填写 is said by; it runs on empty forms too.
_ON_EMPTY = frozenset({"PE701"})


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


def run(context: Context, rules: Iterable[Rule] | None = None) -> Outcome:
    """Every rule on every form it is for. A rule that crashes becomes PE903, the others run on."""
    said: list[_Said] = []
    declared: list[Declaration] = []
    skipped: list[Skipped] = []
    checked = 0
    for rule in sorted(RULES.values() if rules is None else rules, key=lambda rule: rule.code):
        if context.policy.severity.get(rule.code) == "off":
            continue
        for form in _forms_of(rule, context):
            results = list(_results(rule, form, context))
            skips = [result for result in results if isinstance(result, Skip)]
            skipped.extend(
                Skipped(rule.code, form.sheet if form is not None else "", skip.reason) for skip in skips
            )
            checked += not skips
            said.extend(_Said(rule, form, result) for result in results if isinstance(result, Claim))
            declared.extend(result for result in results if isinstance(result, Equation | Ratio))
    rounding, suspects = equations.check(declared)
    owners = {form.caption: form for form in context.forms}
    of_suspects = _merged_rows([_said_of_suspect(suspect, owners) for suspect in suspects])
    said = _folded(said, of_suspects, suspects)
    said.extend(_said_of_rounding(declaration, owners) for declaration, _ in rounding)
    findings = [_finding(item, context) for item in said]
    ordered = by_place(_once(findings), (grid.sheet for grid in context.grids))
    return Outcome(tuple(_numbered(ordered)), tuple(skipped), checked)


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
    if form is not None and rule.code not in _ON_EMPTY and context.is_empty(form):
        yield Skip(_EMPTY)
        return
    try:
        yield from rule.run(form, context)
    except Exception as error:  # a rule's own mistake must not hide what the others find
        _log.debug("rule %s failed", rule.code, exc_info=True)
        yield Claim(
            None,
            f"规则 {rule.code}（{rule.title}）运行出错，没有结果：{type(error).__name__}: {error}。其余规则照常检查。",
            suggestion="把文件和这条提示告诉维护人员。",
            label=rule.code,
            figures=("PE903",),
        )


# -- from declarations to claims ------------------------------------------------------------------------------


def _said_of_rounding(declaration: Declaration, owners: dict[str, Form]) -> _Said:
    """A sum that is off by rounding, a rate that was cut off: worth a look only."""
    term = _main_term(declaration)
    if isinstance(declaration, Ratio):
        text = f"{declaration.what}：应为 {declaration.expected}，表中填 {shown(term.field)}，像是截断而不是四舍五入。"
    elif declaration.below is not None and declaration.sum < declaration.total.value:
        text = (
            f"{declaration.what}：明细之和 {declaration.expected}，表中填 {shown(term.field)}，可能没有列全。"
        )
    else:
        text = f"{declaration.what}：各项之和 {declaration.expected}，表中填 {shown(term.field)}，相差在取整范围内。"
    claim = _declared_claim(declaration, term, text, None, severity="info")
    return _Said(RULES[declaration.rule], owners.get(declaration.owner), claim)


def _said_of_suspect(suspect: Suspect, owners: dict[str, Form]) -> _Said:
    """The claim about a suspect cell: the first equation that fails there, and what else it explains."""
    first = suspect.mends[0]
    main = _main_term(first)
    at_main = suspect.term.field.place == main.field.place
    text = f"{first.what}。" + (
        f"按表中数字应为 {first.expected}，{main.label}填的是 {shown(main.field)}。"
        if isinstance(first, Equation)
        else f"复算为 {first.expected}，表中填 {shown(main.field)}。"
    )
    severity = min((_severity_of(declaration) for declaration in suspect.mends), key=SEVERITIES.index)
    proposal = _proposal(suspect, at_main)
    if not at_main and suspect.value is not None:
        name = suspect.term.label if "“" in suspect.term.label else f"“{suspect.term.label}”"
        text += f"最可能是{name}填错了。" if suspect.sure else f"请先核对{name}。"
    claim = _declared_claim(first, suspect.term, text, proposal, severity=severity)
    related = dict.fromkeys(
        term.field.place for declaration in suspect.mends for term in _written_terms(declaration)
    )
    explain = "；".join(dict.fromkeys(declaration.explain() for declaration in suspect.mends[:4]))
    others = dict.fromkeys(declaration.what for declaration in suspect.mends[1:])
    if others:
        text = (
            claim.message
            + f"同一原因还使 {len(suspect.mends) - 1} 处不符："
            + "；".join(list(others)[:3])
            + "。"
        )
        claim = replace(claim, message=text)
    figures = tuple(
        shown(term.field) for declaration in suspect.mends for term in _written_terms(declaration)
    )
    expected = _own_value(suspect) if suspect.value is not None else first.expected
    if at_main and isinstance(first, Ratio):
        expected = first.expected
    claim = replace(
        claim,
        explain=explain,
        expected=expected,
        figures=figures,
        related=tuple(place for place in (*related, *suspect.rivals) if place != claim.place),
    )
    return _Said(RULES[first.rule], owners.get(first.owner), claim)


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
            ),
        )
    return kept + list(merged.values())


def _severity_of(declaration: Declaration) -> Severity:
    outcome = declaration.check()
    return "info" if outcome == "holds" else outcome


def _main_term(declaration: Declaration) -> Term:
    return declaration.rate if isinstance(declaration, Ratio) else declaration.total


def _written_terms(declaration: Declaration) -> Iterator[Term]:
    """The terms of a declaration whose cells say something; blank parts are no place to look."""
    main = _main_term(declaration)
    for term in declaration.terms():
        if term is main or not term.field.blank:
            yield term


def _own_value(suspect: Suspect) -> str:
    assert suspect.value is not None
    return plain(suspect.value / suspect.term.factor)


def _proposal(suspect: Suspect, at_main: bool) -> str:
    if suspect.value is None:
        return "核对这些格子，改正录错的一个。"
    place, count = suspect.term.field.place.cell, len(suspect.mends)
    value = _own_value(suspect)
    if isinstance(suspect.mends[0], Ratio) and at_main:
        value = suspect.mends[0].expected
    mend = f"若把 {place} 改为 {value}，" + (f"{count} 处不符同时消除" if count > 1 else "此处即一致")
    return f"核对原始资料；{mend}。" if suspect.sure else f"核对各个数；{mend}，也可能是其他格子录错。"


def _declared_claim(
    declaration: Declaration, term: Term, message: str, suggestion: str | None, severity: Severity
) -> Claim:
    place = term.field.place
    places = tuple(dict.fromkeys(other.field.place for other in _written_terms(declaration)))
    return Claim(
        place,
        message,
        expected=declaration.expected,
        actual=shown(term.field),
        explain=declaration.explain(),
        suggestion=suggestion,
        related=tuple(other for other in places if other != place),
        severity=severity,
        label=_main_term(declaration).label,
        figures=tuple(shown(other.field) for other in _written_terms(declaration)),
    )


# -- folding and finishing ------------------------------------------------------------------------------------


def _folded(said: Sequence[_Said], of_suspects: Sequence[_Said], suspects: Sequence[Suspect]) -> list[_Said]:
    """One mistake, one finding.

    Where a rule shows by itself that the suspect cell is wrong (a score above its weight), the equations that fail
    for it fold into that claim; what merely rests on a suspect cell folds into the suspect's finding.
    """
    own = {
        item.claim.place: item for item in said if _severity(item) == "error" and item.claim.place is not None
    }
    wrong = {suspect.term.field.place for suspect in suspects if suspect.term.field.number is not None}
    merged = {item.claim.place: item for item in of_suspects if item.claim.place in own}
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
    if claim.figures == ("PE903",):
        rule = RULES["PE903"]
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
    )


def _numbered(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Findings with their fingerprints; equal ones are told apart by their ordinal."""
    seen: dict[str, int] = {}
    for finding in findings:
        key = fingerprint(finding, 0)
        seen[key] = seen.get(key, 0) + 1
        yield replace(finding, fingerprint=fingerprint(finding, seen[key]))
