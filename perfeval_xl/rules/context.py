"""What rules share in one run: the forms, the policy, and what several rules would otherwise work out twice."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from perfeval_xl import patterns as re
from perfeval_xl.equations import HUNDRED, quantum, rounded
from perfeval_xl.forms.records import (
    BasicForm,
    Field,
    Form,
    Forms,
    Indicator,
    IndicatorForm,
    Narrative,
)
from perfeval_xl.grid import Grid, Place
from perfeval_xl.own_sheets import GUIDE_SHEET, is_own_sheet
from perfeval_xl.policy import Policy
from perfeval_xl.targets import Judgement, judge, read
from perfeval_xl.text import awaits, clean, plain

from .cells import all_cells, money_fields
from .matching import Matching, match
from .registry import RULES, Rule
from .shifted import is_shifted

_LONGEST_TITLE = 40
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Judged:
    """An indicator with its judgement; ``shifted`` where its columns are shifted, so that nothing
    else is said of it. ``coefficient`` (per cent, below 100) is what its own row says that it earns, where the policy has it so."""

    indicator: Indicator
    judgement: Judgement
    shifted: bool
    coefficient: Decimal | None = None

    @property
    def full(self) -> bool:
        """Full marks."""
        weight, score = self.numbers
        return weight is not None and score is not None and score >= weight

    @property
    def numbers(self) -> tuple[Decimal | None, Decimal | None]:
        weight, score = self.indicator.weight, self.indicator.score
        return (weight.number if weight is not None else None, score.number if score is not None else None)

    @property
    def points(self) -> tuple[Place, ...]:
        """The cells of the row's weight and score."""
        cells = (self.indicator.weight, self.indicator.score)
        return tuple(cell.place for cell in cells if cell is not None)

    @property
    def reason(self) -> str:
        """The text of the reason column, or "" where it holds none ("无", "/", "—")."""
        return real_reason(self.indicator.reason)


_NO_REASON = {
    "无",
    "没有",
    "无偏差",
    "/",
    "\\",
    "—",
    "——",
    "-",
    "--",
    "无原因",
    "暂无",
    "0",
    "不适用",
    "无。",
}


#: A count is a remark, no reason: "通过270人".
_ONLY_A_COUNT = re.compile(
    r"^(通过|合格|达标|完成|共|计|已|实际)*\d+(\.\d+)?(人次|人|件|户|个|份|起|家|场|次|项|%)?[。.]?$"
)


#: A rate that is repeated, and what a form prints to ask for a reason, give none.
_ONLY_A_RATE = re.compile(
    r"^(?:(?:全年|年度|本年)?(?:预算|资金)?(?:执行率|完成率|支出率|执行进度)(?:只有|为|是|达到|达|[:=])*\d+(?:\.\d+)?%[。.,;]?)+$"
)
_PRINTED = re.compile("(?:需|需要|应|应当|请)说明(?:原因|理由)|请(?:填写|说明)")


def real_reason(reason: Field | None) -> str:
    """The text of a reason cell that gives a reason; "" for none, "无", "/", "—", a mere count, a repeated rate, what the form
    prints there."""
    if reason is None or reason.state not in ("text", "number"):
        return ""
    text = clean(reason.text)
    empty = text in _NO_REASON or any(one.match(text) for one in (_ONLY_A_COUNT, _ONLY_A_RATE))
    return "" if empty or _PRINTED.search(text) else text


@dataclass
class Context:
    """One run over one workbook; ``previous`` is last year's, where it was given; ``own_rules`` are a bureau's own."""

    forms: Forms
    policy: Policy
    grids: tuple[Grid, ...] = ()
    previous: Context | None = None
    own_rules: tuple[Rule, ...] = ()
    _kept: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """What is worked out by the first who asks under a key, and kept for the others."""
        if key not in self._kept:
            self._kept[key] = work_out()
        found: T = self._kept[key]
        return found

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """Every rule of the run by its code, a bureau's own first."""
        return {rule.code: rule for rule in self.own_rules} | RULES

    @cached_property
    def basic(self) -> BasicForm | None:
        return self.forms.basic[0] if self.forms.basic else None

    @cached_property
    def overall(self) -> IndicatorForm | None:
        return self.forms.overall[0] if self.forms.overall else None

    @cached_property
    def projects(self) -> tuple[IndicatorForm, ...]:
        """The project forms that are filled in."""
        return tuple(form for form in self.forms.projects if not self.is_empty(form))

    @cached_property
    def matching(self) -> Matching | None:
        """Which 附件1 lines the filled project forms are about; None without 附件1."""
        return match(self.basic, self.projects) if self.basic is not None else None

    @property
    def complete(self) -> bool:
        """Whether the 附件3 cover all project money: matched by name to 附件1, line by line."""
        return self.matching is not None and self.matching.complete

    @cached_property
    def narrative(self) -> str | None:
        """The text of the narrative without white space, None where the workbook has none."""
        if not self.forms.narratives:
            return None
        return clean("".join(narrative.text for narrative in self.forms.narratives))

    @cached_property
    def from_template(self) -> bool:
        """Whether the workbook was made from our template, which says its version on 填报说明."""
        return any(
            clean(cell.text).startswith("模板版本:")
            for grid in self.grids
            if grid.sheet == GUIDE_SHEET
            for cell in grid.cells.values()
        )

    @cached_property
    def knows(self) -> Mapping[str, bool]:
        """What the host can tell of the whole workbook."""
        names = ("formulas", "formats", "hidden", "merges")
        return {name: all(getattr(grid.knows, name) for grid in self.grids) for name in names}

    @cached_property
    def misfits(self) -> frozenset[Place]:
        """The cells that must hold a figure and hold something else."""
        return frozenset(
            field.place for form in self.forms for field in all_cells(form) if field.state == "misfit"
        )

    @cached_property
    def year(self) -> int | None:
        """The year most forms state."""
        years = [form.year for form in self.forms if form.year is not None]
        return max(set(years), key=years.count) if years else None

    @property
    def form_grids(self) -> tuple[Grid, ...]:
        """The sheets of the workbook less those that are ours."""
        return tuple(grid for grid in self.grids if not is_own_sheet(grid))

    def judged(self, form: IndicatorForm) -> tuple[Judged, ...]:
        """Every indicator of a form with its judgement."""
        return self.once(("judged", id(form)), lambda: tuple(map(self._judge, form.indicators)))

    def _judge(self, indicator: Indicator) -> Judged:
        scoring = self.policy.scoring
        weight = indicator.weight.number if indicator.weight is not None else None
        coefficient = _coefficient(indicator) if scoring.coefficient else None
        rule = indicator.extra.get("row_rule") if scoring.row_rule_column else None
        own = coefficient is not None or (rule is not None and rule.filled)
        judgement = judge(
            indicator.target_text,
            "" if self._may_be_share(indicator) else indicator.actual_text,
            indicator=indicator.name.text,
            weight=None if own else weight,
            policy=self.policy,
            group=indicator.level2 or indicator.level1,
        )
        if coefficient is not None and weight is not None:
            due = rounded(weight * coefficient / HUNDRED, scoring.decimals)
            told = f"得分系数 {plain(coefficient)}% × 分值 {plain(weight)} = {plain(due)}。"
            judgement = replace(judgement, due=due, explain=judgement.explain + told)
        return Judged(indicator, judgement, is_shifted(indicator), coefficient)

    def _may_be_share(self, indicator: Indicator) -> bool:
        """An actual value of 1 in a file without number formats may be 100 %: nothing is concluded from it."""
        actual = indicator.actual
        if self.knows["formats"] or actual.number is None or actual.as_text or actual.unit:
            return False
        return actual.number <= Decimal("1.5") and read(indicator.target_text).dimension not in (
            None,
            "share",
        )

    def decimals(self, form: Form) -> int:
        """The finest decimals written in a form's money cells, at least those of the policy's unit; only these where the policy
        calls a coarser unit than a hundredth the smallest that counts."""
        return self.once(("decimals", id(form)), lambda: self._finest(form))

    def _finest(self, form: Form) -> int:
        if self._coarsest < _HUNDREDTHS:
            return self._coarsest
        written = (cell.decimals for cell in money_fields(form) if cell.number is not None)
        return min(6, max((self._coarsest, *written)))

    @property
    def score_decimals(self) -> int:
        """To how many decimals sums of scores and weights must agree."""
        return _decimals_of(self.policy.tolerance.score)

    @property
    def _coarsest(self) -> int:
        """Decimals of the coarsest unit of money that the policy lets count (0.01: two)."""
        return _decimals_of(self.policy.tolerance.amount)

    def is_empty(self, form: Form) -> bool:
        """Nothing of this year typed in a form yet: no amount, no actual value, no score; in a report nothing but titles.

        What the template's formulas bring from other forms was not typed; what was carried over from last year, its
        决算, the staff, what waits to be confirmed, is not of this year.
        """
        return self.once(("empty", id(form)), lambda: self._is_empty(form))

    def _is_empty(self, form: Form) -> bool:
        if isinstance(form, IndicatorForm):
            cells = [cell for cell in money_fields(form) if not awaits(cell.text)]
            for indicator in form.indicators:
                cells.append(indicator.actual)
                if indicator.score is not None:
                    cells.append(indicator.score)
            return not any(self._is_typed(cell) for cell in cells)
        if isinstance(form, BasicForm):
            columns = [
                cell for line in form.lines for role, cell in line.cells.items() if role != "last_final"
            ]
            return not any(self._is_typed(cell) for cell in columns)
        if isinstance(form, Narrative):
            return not any(
                _is_sentence(paragraph.text) and not (paragraph.formula and self._untouched)
                for paragraph in form.paragraphs
            )
        return False

    def _is_typed(self, cell: Field) -> bool:
        return (cell.filled or not cell.known) and not (cell.formula and self.from_template)

    @cached_property
    def _untouched(self) -> bool:
        """Whether no form has anything of this year yet: what the report says by formulas is of last year then."""
        return all(
            self.is_empty(form) for form in (*self.forms.basic, *self.forms.overall, *self.forms.projects)
        )


#: Decimals of a hundredth, and those that stand for no tolerance at all.
_HUNDREDTHS, _EXACT = 2, 6


def _decimals_of(tolerance: Decimal) -> int:
    """Decimals by whose last unit sums may be off; 0 tolerates nothing."""
    return max(0, -tolerance.adjusted()) if tolerance else _EXACT


def _coefficient(indicator: Indicator) -> Decimal | None:
    """The 得分系数 of a row in per cent (0.9, 90 and 90% alike), where it takes something off; 100 % says what a target that was
    reached earns anyway."""
    cell = indicator.extra.get("coefficient")
    if cell is None or cell.number is None:
        return None
    share = cell.number if cell.percent or cell.number > 1 else cell.number * HUNDRED
    return share if 0 <= share < HUNDRED else None


def _is_sentence(text: str) -> bool:
    return "。" in text or len(clean(text)) > _LONGEST_TITLE


def cell_quantum(form: Form, context: Context) -> Decimal:
    """One unit of the finest decimals of a form's money cells."""
    return quantum(context.decimals(form))
