"""The record of a policy. Percentages and scores are plain numbers (90 is 90 %, or 90 points)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from perfeval_xl.forms.records import Kind

Proof = Literal["seen", "memory", "derived", "convention"]
Severity = Literal["error", "warning", "info", "off"]
_ALL = Decimal(100)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a rule rests on: text for clerks, the document, and how well it is proven."""

    text: str
    document: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class Tolerance:
    """``amount``: the smallest unit of money that is written, in the form's unit; ``score``: points by which a sum
    of scores or weights may be off; ``due``: points by which a score may lie above the due score."""

    amount: Decimal
    score: Decimal
    due: Decimal


@dataclass(frozen=True, slots=True)
class Trust:
    """What changing a cell costs when the wrong one is looked for: cells that are ``computed`` from others, ``typed``
    ones, ``empty`` ones, figures of a text (``narrative``), which is often copied from the tables; ``confirmed`` is added
    where something else in the workbook speaks for the figure."""

    computed: Decimal
    typed: Decimal
    empty: Decimal
    narrative: Decimal
    confirmed: Decimal


@dataclass(frozen=True, slots=True)
class Overshoot:
    """From which completion (per cent) a reason is asked for; counts under 10 only from ``min_gap`` more; beyond
    ``reason_excuses_to`` (per cent) no reason excuses a target that low.

    ``mode``: ``explain`` asks for a reason; ``deduct`` takes off in proportion what lies beyond, ``fixed`` so many ``points``,
    ``zero`` all; ``scope`` are words of the groups that points are taken off in (none: everywhere)."""

    ratio: Decimal
    min_gap: Decimal
    mode: Literal["explain", "deduct", "fixed", "zero"]
    reason_excuses_to: Decimal
    points: Decimal
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missed:
    """What a missed target earns: by ``steps`` (best first; none: in proportion), nothing below ``zero_below`` per cent of
    completion in the groups whose names hold a word of ``scope`` (none: everywhere)."""

    steps: tuple[Step, ...]
    zero_below: Decimal
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scoring:
    """To how many ``decimals`` a score that follows from figures is given, and ``rounding``: half up, cut off, or to the half
    point below. ``reverse`` says what a ceiling that was exceeded earns: target ÷ actual, 2 − actual ÷ target, or nothing.

    ``coefficient``: where a form has a column 得分系数, a score is weight × coefficient; ``row_rule_column``: a row that states
    its own rule (指标赋分规则) is not scored in proportion."""

    decimals: int
    rounding: Literal["round", "cut", "half"]
    reverse: Literal["A/B", "2-B/A", "zero"]
    coefficient: bool
    row_rule_column: bool


@dataclass(frozen=True, slots=True)
class Valid:
    """The years of forms that a policy is for (0: no bound), and its place as forms write it ("" for all)."""

    since: int
    until: int
    region: str

    def covers(self, year: int) -> bool:
        """Whether a year's forms are judged by the policy."""
        return self.since <= year <= (self.until or year)


@dataclass(frozen=True, slots=True)
class Results:
    """Money against results: execution under ``floor`` (per cent) while every output is full does not fit, nor does a share of
    points ``gap`` (points of per cent) above the execution rate."""

    floor: Decimal
    gap: Decimal


@dataclass(frozen=True, slots=True)
class Words:
    """What clerks write in place of something that can be checked; each is matched as a part of what stands in the cell,
    except ``slogans`` and ``no_reason``, which are all of it.

    ``slogans`` for a target (all of it) · ``vague`` words of a name that nobody can measure · ``stock_reasons`` phrases that give no reason · ``no_reason`` answers
    that are none · ``unfinished`` remarks that say that it is not done · ``no_survey`` answers of a satisfaction indicator
    without a survey · ``project_money`` names of a project's own money · ``money_standards`` names of money whose height is an
    achievement.
    """

    slogans: tuple[str, ...]
    vague: tuple[str, ...]
    stock_reasons: tuple[str, ...]
    no_reason: tuple[str, ...]
    unfinished: tuple[str, ...]
    no_survey: tuple[str, ...]
    project_money: tuple[str, ...]
    money_standards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GradeBand:
    """A grade from ``floor`` points on, with other words for it."""

    word: str
    aliases: tuple[str, ...]
    floor: Decimal


@dataclass(frozen=True, slots=True)
class DegreeBand:
    """The share of the weight (per cent) that a stated degree of achievement may earn."""

    words: tuple[str, ...]
    floor: Decimal
    ceiling: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """A missed target completed to ``floor`` per cent or more earns ``share`` per cent of the weight."""

    floor: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class Cap:
    """Of a form whose execution rate is under ``below`` per cent the total is ``most`` points at most."""

    below: Decimal
    most: Decimal


@dataclass(frozen=True, slots=True)
class Execution:
    """How the execution rate is scored: in proportion, by ``steps`` (best first), or ``per_point`` points less for every point
    of per cent under 100. ``weight`` are its points where a form prints none (0: not known)."""

    weight: Decimal
    method: Literal["proportional", "steps", "per_point"]
    steps: tuple[Step, ...]
    per_point: Decimal

    def share(self, rate: Decimal, weight: Decimal) -> Decimal:
        """The per cent of ``weight`` points that a rate (per cent) earns, within 0 and 100."""
        if self.method == "steps":
            return next((step.share for step in self.steps if rate >= step.floor), Decimal(0))
        if self.method == "per_point" and weight > 0:
            rate = _ALL - (_ALL - rate) * self.per_point / weight * _ALL
        return min(max(rate, Decimal(0)), _ALL)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a bureau wants checked and how; percentages are plain (``execution_floor`` 90 is 90 %).

    ``basis`` and ``severity`` go by rule code; ``acceptable`` lists rules whose errors a written 说明 settles.
    ``splits`` are the usual weights of the level-1 groups, ``by_form`` those of one kind of form where they differ, ``weights_total`` what they add up to, ``max_indicator`` the most
    points one indicator may carry; ``strict`` says that ＜ and ＞ exclude the figure itself; ``grades`` stand best first; ``missed`` and ``scoring`` say how a target is
    scored. ``least_groups`` are how many indicators of a kind a form must have, ``in_figures`` the groups whose
    targets must be figures or dates; ``not_applicable`` says whether the points of rows that do not apply count in the total, or
    the total is scaled up without them. ``caps``, the lowest first, bound the total by the execution rate. ``sangong_basis`` says whether
    三公经费 is compared by its budget or its final figures. ``due`` are the kinds of forms that have to be handed in.
    """

    id: str
    title: str
    inherits: str | None
    basis: Mapping[str, Basis]
    severity: Mapping[str, Severity]
    acceptable: frozenset[str]
    splits: tuple[tuple[Decimal, ...], ...]
    by_form: Mapping[Kind, tuple[tuple[Decimal, ...], ...]]
    weights_total: Decimal
    max_indicator: Decimal
    not_applicable: Literal["keep", "rescale"]
    strict: bool
    results: Results
    words: Words
    tolerance: Tolerance
    trust: Trust
    execution_floor: Decimal
    execution: Execution
    caps: tuple[Cap, ...]
    adjustment_threshold: Decimal
    overshoot: Overshoot
    grades: tuple[GradeBand, ...]
    degrees: tuple[DegreeBand, ...]
    missed: Missed
    scoring: Scoring
    valid: Valid
    required_groups: tuple[str, ...]
    least_groups: Mapping[str, Decimal]
    in_figures: tuple[str, ...]
    narrative_required: tuple[str, ...]
    sangong_basis: Literal["budget", "final"]
    due: frozenset[Kind]

    def splits_of(self, kind: Kind) -> tuple[tuple[Decimal, ...], ...]:
        """The usual weights of the groups of a kind of form."""
        return self.by_form.get(kind, self.splits)

    def cap_of(self, rate: Decimal) -> Cap | None:
        """What bounds the total of a form with such an execution rate (per cent); None where nothing does."""
        return next((cap for cap in self.caps if rate < cap.below), None)

    def grade_of(self, score: Decimal) -> GradeBand:
        """The grade of a score out of 100."""
        return next((band for band in self.grades if score >= band.floor), self.grades[-1])
