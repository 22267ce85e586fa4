"""One mistake, one finding: what merely follows from another is folded into it, and named there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from perfeval_xl.equations import Ratio
from perfeval_xl.findings import Fix, Severity
from perfeval_xl.forms.records import Form
from perfeval_xl.grid import Place
from perfeval_xl.locating import Candidate, Suspect
from perfeval_xl.records import dataclass, replace

from .context import Context
from .mending import Trial
from .registry import Claim, Rule

#: How many of the effects of a cause its finding names; the rest is counted.
_NAMED = 4
_NOTHING = ("0", "（空）")


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule says of a form."""

    rule: Rule
    form: Form | None
    claim: Claim

    @property
    def severity(self) -> Severity:
        return self.claim.severity or self.rule.severity


@dataclass(frozen=True, slots=True)
class Told:
    """Suspect cells with what is said of them: one, or several of one row that are one mistake."""

    suspects: tuple[Suspect, ...]
    item: Said

    @property
    def sure(self) -> list[Place]:
        """The cells named surely enough that what rests on them may be folded in: no guess of several, no text; a whole row
        that fails in several columns is no guess."""
        several = len(self.suspects) > 1
        figures = [one for one in self.suspects if _is_figure(one)]
        return [one.term.field.place for one in figures if several or one.confidence != "low"]

    @property
    def rates(self) -> list[Place]:
        """The stated rates that are not what their two cells give."""
        failed = (declaration for one in self.suspects for declaration in (*one.mends, *one.jointly))
        return [one.rate.field.place for one in failed if isinstance(one, Ratio)]


def folded(said: Sequence[Said], told: Sequence[Told], context: Context) -> list[Said]:
    """What is left to say, each with what was folded into it.

    Where a rule shows by itself that a cell is wrong (a score above its weight, words in place of a figure), the equations
    that fail for it fold into that claim, and so does what rests on a figure that cannot be. A suspect cell takes in what
    would be gone were it mended, which is tried; one of low confidence is a guess and takes in nothing. A paragraph holds
    many figures: that one of them is wrong says nothing of the others.
    """
    told = list(_one_a_row(told))
    homes = _homes(said, told)
    heads = _heads(said, told)
    heads |= _gone_when_mended(
        [item for item in said if id(item) not in heads.keys() | homes.values()], told, context
    )
    kept = []
    for item in said:
        if id(item) not in heads:
            failed = [one.item.claim for one in told if homes.get(id(one.item)) == id(item)]
            kept.append(
                _naming(
                    _with_equations(item, failed), [one for one in said if heads.get(id(one)) == id(item)]
                )
            )
    for one in told:
        if id(one.item) not in homes:
            kept.append(
                _naming(one.item, [effect for effect in said if heads.get(id(effect)) == id(one.item)])
            )
    return kept


def _one_a_row(told: Sequence[Told]) -> Iterator[Told]:
    """A row of zeros that do not add up is one mistake, not one a column."""
    merged: dict[tuple[str, str, int], Told] = {}
    for one in told:
        claim = one.item.claim
        if claim.place is None or not (claim.actual in _NOTHING or claim.expected == "0"):
            yield one
            continue
        key = (one.item.rule.code, claim.place.sheet, claim.place.row)
        merged[key] = _joined(merged[key], one) if key in merged else one
    yield from merged.values()


def _joined(first: Told, other: Told) -> Told:
    claim, more = first.item.claim, other.item.claim
    assert more.place is not None
    joined = replace(
        claim,
        message=f"{claim.message}{more.place.cell} 同样不符，应为 {more.expected}。",
        related=tuple(dict.fromkeys((*claim.related, more.place, *more.related))),
        figures=(*claim.figures, *more.figures),
        fixes=(*claim.fixes, *more.fixes),
    )
    return Told((*first.suspects, *other.suspects), replace(first.item, claim=joined))


# -- causes ---------------------------------------------------------------------------------------------------


def _homes(said: Sequence[Said], told: Sequence[Told]) -> dict[int, int]:
    """For what is told of suspects the claim (both by identity) that shows by itself that the cell is wrong: the suspect's, or,
    where that is a guess, one of its candidates'."""
    own: dict[Place, Said] = {}
    for item in said:
        if item.claim.place is not None and item.severity == "error":
            own[item.claim.place] = item
    homes = {}
    for one in told:
        if one.item.claim.place in own and all(map(_is_figure, one.suspects)):
            homes[id(one.item)] = id(own[one.item.claim.place])
            continue
        guesses = [
            rival for suspect in one.suspects if suspect.confidence == "low" for rival in suspect.rivals
        ]
        home = next(
            (own[rival.place] for rival in guesses if rival.place in own and _mends(own[rival.place], rival)),
            None,
        )
        if home is not None:
            homes[id(one.item)] = id(home)
    return homes


def _is_figure(suspect: Suspect) -> bool:
    return suspect.term.quotation is None and suspect.term.field.number is not None


def _mends(item: Said, rival: Candidate) -> bool:
    """Whether what a claim proposes for its cell is what would mend the equations; a claim that proposes nothing does not
    speak against it."""
    if rival.term.quotation is not None:
        return False
    proposed = [
        fix.value for fix in item.claim.fixes if fix.place == rival.place and isinstance(fix.value, Decimal)
    ]
    return all(value == rival.value for value in proposed)


def _heads(said: Sequence[Said], told: Sequence[Told]) -> dict[int, int]:
    """What rests on a figure that cannot be, was reckoned with a rate that is not what it should be, or says again that the
    suspect is not what its cells give: by identity its cause."""
    causes = {item.claim.place: item for item in said if item.claim.cause and item.claim.place is not None}
    rates = {place: one.item for one in told for place in one.rates}
    at = {one.item.claim.place: one.item for one in told}
    heads = {}
    for item in said:
        found = [rates[place] for place in item.claim.follows if place in rates]
        if item.claim.restates and item.claim.place in at:
            found.append(at[item.claim.place])
        if not item.claim.cause:
            found = [causes[use] for use in item.claim.uses if use in causes] + found
        if found:
            heads[id(item)] = id(found[0])
    return heads


def _gone_when_mended(items: Sequence[Said], told: Sequence[Told], context: Context) -> dict[int, int]:
    """Claims that rest on a suspect cell and would be gone were it mended: by identity the suspect's finding."""
    suspects = {place: one.item for one in told for place in one.sure}
    resting = [
        (item, next(suspects[use] for use in item.claim.uses if use in suspects))
        for item in items
        if not item.claim.crashed and not suspects.keys().isdisjoint(item.claim.uses)
    ]
    fixes: list[Fix] = [fix for one in told if one.sure for fix in one.item.claim.fixes]
    trial = Trial.of(context, fixes) if resting else None
    if trial is None:
        return {}
    return {
        id(item): id(head)
        for item, head in resting
        if not trial.still_says(item.rule, item.form, item.claim.place)
    }


# -- saying it ------------------------------------------------------------------------------------------------


def _with_equations(item: Said, failed: Sequence[Claim]) -> Said:
    """A claim with the equations that fail for the same cell."""
    for other in failed:
        claim = item.claim
        related = dict.fromkeys((*claim.related, *other.related, *([other.place] if other.place else ())))
        item = replace(
            item,
            claim=replace(
                claim,
                message=f"{claim.message}（同一原因还使：{other.message}）",
                explain="；".join(text for text in (claim.explain, other.explain) if text),
                fixes=claim.fixes or tuple(fix for fix in other.fixes if fix.place == claim.place),
                related=tuple(place for place in related if place != claim.place),
                mends=claim.mends + other.mends,
            ),
        )
    return item


def _naming(item: Said, effects: Sequence[Said]) -> Said:
    """A claim that names what was folded into it."""
    if not effects:
        return item
    claim = item.claim
    named = list(dict.fromkeys(_name(effect, claim.place) for effect in effects))
    text = "、".join(named[:_NAMED]) + (f"等 {len(named)} 处" if len(named) > _NAMED else "")
    places = [effect.claim.place for effect in effects if effect.claim.place is not None]
    related = tuple(place for place in dict.fromkeys((*claim.related, *places)) if place != claim.place)
    return replace(
        item,
        claim=replace(
            claim,
            message=f"{claim.message}（同一原因还使：{text}。）",
            related=related,
            mends=claim.mends + len(effects),
        ),
    )


def _name(effect: Said, cause: Place | None) -> str:
    """The effect as its cause names it: where, and under which title."""
    place = effect.claim.place
    if place is None:
        return effect.rule.title
    cell = place.cell if cause is not None and place.sheet == cause.sheet else f"{place.sheet} {place.cell}"
    return f"{cell} {effect.rule.title}"
