"""Claims about declared arithmetic: which cell is likely wrong, what it should be, how sure that is, and the equations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from perfeval_xl import patterns as re
from perfeval_xl.equations import Declaration, Ratio, Term, main_term, of_text
from perfeval_xl.findings import SEVERITIES, Fix, Severity
from perfeval_xl.grid import Place
from perfeval_xl.locating import Candidate, Suspect
from perfeval_xl.typing_errors import WEAK

from .cells import shown
from .registry import Claim, Rule

#: How many equations a message spells out, and how many other candidates a suggestion names.
_SPELT_OUT, _NAMED = 3, 9
#: A rate further above 100 % is no result of reckoning but of a figure that is wrong; in per cent.
_FAR = 200
_QUOTED = re.compile(r"“([^“”]*)”")


def claim_of_rounding(declaration: Declaration) -> Claim:
    """A sum that is off by rounding, a rate that was cut off: worth a look only."""
    term = main_term(declaration)
    if declaration.words:
        text = f"{declaration.words}，只差末位，像是截断或者取整不同。"
    elif isinstance(declaration, Ratio):
        text = f"{declaration.what}：应为 {declaration.expected}，表中填 {shown(term.field)}，像是截断而不是四舍五入。"
    elif declaration.below is not None and declaration.sum < declaration.total.value:
        text = (
            f"{declaration.what}：明细之和 {declaration.expected}，表中填 {shown(term.field)}，可能没有列全。"
        )
    else:
        text = f"{declaration.what}：各项之和 {declaration.expected}，表中填 {shown(term.field)}，相差在取整范围内。"
    return _claim((declaration,), term, text, severity="info")


def claim_of_suspect(suspect: Suspect, rules: Mapping[str, Rule]) -> Claim:
    """The suspect cell first, then the equations that fail for it with their numbers, and how sure the proposal is; ``rules``
    are those that declared them, by code."""
    failed = (*suspect.mends, *suspect.jointly)
    if suspect.reason == "unsolved":
        advice = "错处太多，推算不出是哪一格填错：逐个核对这些格子，改正后再检查。"
        return _claim(failed, suspect.term, _wrong(failed[0]) + "。", suggestion=advice)
    if suspect.reason == "alike":
        return _of_alike(suspect, failed)
    if suspect.value is None:
        text = "；".join(_wrong(declaration) for declaration in failed[:_SPELT_OUT])
        return _claim(
            failed, suspect.term, f"这几处的关系互相矛盾，改哪一格都不能同时满足：{text}。",
            suggestion="逐处核对这些格子；表中有两个以上错误，或表内公式本身有矛盾。",
        )  # fmt: skip
    sure = suspect.confidence != "low"
    return _claim(
        failed,
        main_term(failed[0]) if suspect.reason == "entangled" else suspect.term,
        (_accused(suspect) if sure else "") + _equations(suspect),
        suggestion=_advice(suspect),
        expected=failed[0].expected if suspect.reason == "entangled" else _proposed(suspect),
        rivals=suspect.rivals,
        fixes=_fixes(suspect, rules),
        mends=len(suspect.mends),
    )


def _of_alike(suspect: Suspect, failed: Sequence[Declaration]) -> Claim:
    """A sum of parts of one kind, told at its total: what it comes to, and each part with what would mend. What the total row
    itself should hold is not known to be another figure."""
    named = [_named(one, suspect.term) for one in suspect.rivals]
    usual = [one for one in suspect.rivals if one.term.usual is not None and one.term.usual == one.value]
    first = "、".join(_where(one, suspect.term) for one in usual)
    advice = f"改对其中一个即可：{'、'.join(named[:_NAMED])}。把握小：改哪一个都能一致。"
    return _claim(
        failed,
        suspect.term,
        "；".join(dict.fromkeys(map(_wrong, failed[:_SPELT_OUT]))) + "。",
        suggestion="逐项核对" + (f"，按常用的分值结构先核对 {first}" if first else "") + f"；{advice}",
        expected="",
        rivals=suspect.rivals,
        mends=len(suspect.mends),
    )


def _accused(suspect: Suspect) -> str:
    """附件3-5 E6（全年预算数）最可能填错：把 92 改为 84.69，4 处不符同时消除。"""
    term = suspect.term
    place, label = term.field.place, _bare(term.label)
    name = f"（{label}）" if term.quotation is None else f" {term.quotation.sentence}"
    along = "".join(f"，{_where(one, term)} 改为 {_figure(one)}" for one in suspect.along)
    count = len(suspect.mends)
    outcome = f"{count} 处不符同时消除" if count > 1 else "此处即一致"
    slip = f"（像是{suspect.slip.name}）" if suspect.slip is not None else ""
    return (
        f"{place.sheet} {place.cell}{name}最可能{'填' if term.quotation is None else '写'}错：把 {shown(term.field)} 改为 {_proposed(suspect)}"
        f"{slip}{along}，{outcome}。"
    )


def _bare(label: str) -> str:
    """A label that is nothing but a quoted name, without its quotation marks."""
    match = _QUOTED.fullmatch(label)
    return label if match is None else match[1]


def _equations(suspect: Suspect) -> str:
    """What fails, in the words of the declarations; the rest is counted."""
    spelt = [_wrong(declaration) for declaration in suspect.mends[:_SPELT_OUT]]
    text = "；".join(dict.fromkeys(spelt)) + "。"
    more = len(suspect.mends) - _SPELT_OUT
    if more > 0:
        text += f"另有 {more} 处不符出于同一原因。"
    if suspect.jointly:
        text += f"其他嫌疑格也改正后，{'、'.join(dict.fromkeys(one.what for one in suspect.jointly[:_SPELT_OUT]))}。"
    if suspect.reason == "several" and suspect.term is not main_term(suspect.mends[0]):
        label = _bare(suspect.term.label)
        text += f"请先核对{label}。" if "“" in label else f"请先核对“{label}”。"
    return text


def _wrong(declaration: Declaration) -> str:
    main = main_term(declaration)
    if declaration.words:
        return declaration.words
    if isinstance(declaration, Ratio):
        return f"{declaration.what}，复算为 {declaration.expected}，表中填 {shown(main.field)}"
    return (
        f"{declaration.what}，按表中数字应为 {declaration.expected}，{main.label}填的是 {shown(main.field)}"
    )


def _advice(suspect: Suspect) -> str:
    """What to do, how sure the proposal is, and why; and what else may be the cause."""
    advice = dict.fromkeys(one.advice for one in (*suspect.mends, *suspect.jointly) if one.advice)
    return _proposal(suspect) + "".join(advice)


def _proposal(suspect: Suspect) -> str:
    place = _cell(suspect.term)
    spot = "这一格" if suspect.term.quotation is None else "这个数"
    if suspect.reason == "entangled":
        along = "".join(f"、{_where(one, suspect.term)} 改为 {_figure(one)}" for one in suspect.along)
        return (
            "逐一核对这些数。把握小：只改一个会使别处不符，至少有两个要一起改，"
            f"例如 {place} 改为 {_proposed(suspect)}{along}。"
        )
    if suspect.confidence == "low":
        others = "、".join(_named(rival, suspect.term) for rival in suspect.rivals[:_NAMED])
        here = "此处即一致" if len(suspect.mends) == 1 else f"{len(suspect.mends)} 处即一致"
        text = f"核对各个数；若把 {place} 改为 {_proposed(suspect)}，{here}"
        if not others:
            return text + "。"
        if suspect.term.quotation is None and all(map(of_text, suspect.mends)):
            return f"{text}；也可能是文字写错：{others}。把握小：与这一格不符的只有文字。"
        return f"{text}，也可能是 {others} 录错。把握小：这 {len(suspect.rivals) + 1} 个数改哪一个都能一致。"
    text = f"核对原始资料，确认后把 {place} 改为 {_proposed(suspect)}。"
    if suspect.confidence == "high":
        return text + f"把握大：只有改{spot}，这 {len(suspect.mends)} 处才能同时一致。"
    if suspect.reason == "only":
        if len(suspect.mends) == 1:
            return text + "把握中等：单改别的任何一个数，都不能处处一致。"
        return text + f"把握较大：只有改{spot}，这 {len(suspect.mends)} 处才能同时一致。"
    reason = suspect.slip.name if suspect.slip is not None else "改后与同一行的数相合"
    others = "、".join(_named(rival, suspect.term) for rival in suspect.rivals[:_SPELT_OUT])
    return text + f"把握中等：只有{spot}像是录入失误（{reason}）；改 {others} 也能一致。"


def _named(candidate: Candidate, term: Term) -> str:
    """Another candidate with its value: F7（改为 20）."""
    return f"{_where(candidate, term)}（改为 {_figure(candidate)}）"


def _where(candidate: Candidate, term: Term) -> str:
    sheet = candidate.place.sheet
    cell = _cell(candidate.term)
    return cell if sheet == term.field.place.sheet else f"{sheet} {cell}"


def _cell(term: Term) -> str:
    """Where a term stands: C5, of a text A5 的“299.66万元”."""
    cell = term.field.place.cell
    return cell if term.quotation is None else f"{cell} 的“{term.quotation.words}”"


def _figure(candidate: Candidate) -> str:
    return candidate.term.restated(candidate.value)


def _proposed(suspect: Suspect) -> str:
    assert suspect.value is not None
    first = suspect.mends[0]
    if isinstance(first, Ratio) and suspect.term is first.rate:
        return first.expected
    return suspect.term.restated(suspect.value)


def _fixes(suspect: Suspect, rules: Mapping[str, Rule]) -> tuple[Fix, ...]:
    """The cells to change and their new values; none where several must change and nothing tells which. A text is
    nobody's to rewrite but its author's."""
    if suspect.value is None or suspect.reason == "entangled" or suspect.term.quotation is not None:
        return ()
    place, first = suspect.term.field.place, suspect.mends[0]
    computed = _is_recomputed(suspect, rules)
    if isinstance(first, Ratio) and suspect.term is first.rate:
        likely = computed and abs(first.exact) <= _FAR
        return (Fix(place, first.exact, "rate", likely, confidence=suspect.confidence),)
    cells = [one for one in suspect.along if one.term.quotation is None]
    sure = suspect.confidence == "high" and len(cells) == len(suspect.along)
    fixes = [Fix(place, suspect.value, "figure", computed, sure, suspect.confidence)]
    along = (Fix(one.place, one.value, sure=sure, confidence=suspect.confidence) for one in cells)
    return (*fixes, *along)


def _is_recomputed(suspect: Suspect, rules: Mapping[str, Rule]) -> bool:
    """Whether the suspect is a total or a rate, and no cell it is worked out from looks mistyped instead."""
    stated = [
        one
        for one in suspect.mends
        if rules[one.rule].computed and main_term(one).field.place == suspect.term.field.place
    ]
    summed = [one for one in stated if isinstance(one, Ratio) or len(one.parts) > 1]
    own = suspect.slip.strength if suspect.slip is not None else 0
    mistyped = any(
        rival.slip is not None and rival.slip.strength > max(own, WEAK) for rival in suspect.rivals
    )
    return bool(summed) and not suspect.along and not mistyped


def _claim(
    failed: Sequence[Declaration],
    term: Term,
    message: str,
    *,
    severity: Severity | None = None,
    suggestion: str | None = None,
    expected: str | None = None,
    rivals: Iterable[Candidate] = (),
    fixes: tuple[Fix, ...] = (),
    mends: int = 1,
) -> Claim:
    """A claim at a term's cell about declarations; their written cells and the rivals are related. ``expected`` is what the
    first of them gives, "" where it is not known what the cell should hold."""
    place = term.field.place
    written = [other for declaration in failed for other in _written(declaration)]
    related: dict[Place, None] = dict.fromkeys(rival.place for rival in rivals)
    related |= dict.fromkeys(other.field.place for other in written)
    return Claim(
        place,
        message,
        expected=failed[0].expected if expected is None else expected or None,
        actual=shown(term.field),
        explain="；".join(dict.fromkeys(declaration.explain() for declaration in failed[:4])),
        suggestion=suggestion,
        related=tuple(other for other in related if other != place),
        severity=severity or min((_severity(declaration) for declaration in failed), key=SEVERITIES.index),
        label=main_term(failed[0]).label,
        figures=tuple(shown(other.field) for other in written),
        fixes=fixes,
        mends=mends,
    )


def _severity(declaration: Declaration) -> Severity:
    outcome = declaration.check()
    return "info" if outcome == "holds" else outcome


def _written(declaration: Declaration) -> Iterator[Term]:
    """The terms of a declaration whose cells say something; blank parts are no place to look."""
    main = main_term(declaration)
    for term in declaration.terms():
        if term is main or not term.field.blank:
            yield term
