"""The register of rules, and what a rule may yield.

A rule is one function, registered under its code. It gets the forms it asks for and a context, and yields
claims (something is wrong here), declarations (these cells must agree) or skips (the data are lacking). It
formats no report, touches no host and raises nothing for bad data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from perfeval_xl.equations import Declaration
from perfeval_xl.findings import Against, Fix, Severity, Why
from perfeval_xl.forms.records import Form, Kind
from perfeval_xl.grid import Place
from perfeval_xl.records import dataclass

if TYPE_CHECKING:
    from .context import Context

#: The family of a bureau's own rules, also where there are none, or where only the checked workbook holds some.
OWN_FAMILY = "bureau"
FAMILIES: Mapping[str, str] = {
    "1": "totals",
    "2": "rates",
    "3": "scores",
    "4": "targets",
    "5": "cross",
    "6": "narrative",
    "7": "completeness",
    "9": "reading",
}
#: The parts that every rule's page has, in this order.
PAGE = ("说明", "错误示例", "正确示例", "如何改")


@dataclass(frozen=True, slots=True)
class Skip:
    """The rule could not be checked, wholly or in part, and the reason; ``why`` as of ``Skipped``."""

    reason: str
    why: Why = "absent"


@dataclass(frozen=True, slots=True)
class Claim:
    """Something is wrong at a place. ``uses`` are the cells whose figures the claim rests on: where one of them is found to be
    the wrong one of an equation, and the claim would be gone were it mended, it is folded in; ``follows`` are stated rates that
    its figure was reckoned with, so that it is one mistake with theirs. ``cause`` says that what stands at ``place`` cannot be:
    whatever rests on it is folded into this claim; ``restates`` that it says of ``place`` what an equation that fails for that
    cell says too. ``fixes`` are the cells to change, where it is known what would mend it. ``uncalculated`` says that nothing
    is wrong but that formulas have no stored result yet; ``crashed`` that the rule itself failed, which is told under the rule of crashes; ``mends`` is
    how many failures would be gone with it."""

    place: Place | None
    message: str
    expected: str | None = None
    actual: str | None = None
    explain: str | None = None
    suggestion: str | None = None
    related: tuple[Place, ...] = ()
    uses: tuple[Place, ...] = ()
    follows: tuple[Place, ...] = ()
    severity: Severity | None = None
    label: str = ""
    figures: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    uncalculated: bool = False
    crashed: bool = False
    cause: bool = False
    restates: bool = False
    mends: int = 1


Result = Claim | Skip | Declaration
Check = Callable[..., Iterable[Result]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A registered rule. ``forms`` are the kinds of form it is run on, one by one; none: on all at once.

    What the machinery has to know of a rule is said here, so that nothing else names its code:

    * ``needs``: what the host must be able to tell ("hidden", "formulas"), else the rule is skipped;
    * ``computed``: the totals and rates it declares are worked out by a form from other cells of its own, so that recomputing
      may write them (the rest state a figure twice);
    * ``on_empty``: it runs on forms in which nothing was typed, too;
    * ``against``: the other file it compares with, where the file that is checked is not enough;
    * ``of_crashes``: the crash of any rule is told under this one; exactly one has it;
    * ``own_family``: the family of a rule that a bureau wrote itself, whose code does not say it;
    * ``acceptable``: a 说明 settles its errors, whatever the policy says.
    """

    code: str
    name: str
    severity: Severity
    title: str
    basis: str
    forms: tuple[Kind, ...]
    check: Check
    needs: str | None = None
    computed: bool = False
    on_empty: bool = False
    against: Against | None = None
    of_crashes: bool = False
    own_family: str = ""
    acceptable: bool = False

    @property
    def family(self) -> str:
        return self.own_family or FAMILIES[self.code[2]]

    @property
    def page(self) -> Mapping[str, str]:
        """The rule's page for clerks, from its docstring: 说明, 错误示例, 正确示例, 如何改."""
        return page_of(self.check.__doc__ or "")

    def run(self, form: Form | None, context: Context) -> Iterator[Result]:
        arguments: tuple[Any, ...] = (context,) if form is None else (form, context)
        yield from self.check(*arguments)


RULES: dict[str, Rule] = {}


def or_skip(results: Iterable[Result], reason: str) -> Iterator[Result]:
    """The results, or, where there are none, a skip with its reason."""
    found = list(results)
    yield from found or [Skip(reason)]


def rule(
    code: str,
    name: str,
    severity: Severity,
    title: str,
    *,
    basis: str,
    forms: tuple[Kind, ...] = (),
    needs: str | None = None,
    computed: bool = False,
    on_empty: bool = False,
    against: Against | None = None,
    of_crashes: bool = False,
) -> Callable[[Check], Check]:
    """Register a rule; ``Rule`` says what the flags mean."""

    def register(check: Check) -> Check:
        if code in RULES:
            raise ValueError(f"rule code used twice: {code}")
        RULES[code] = Rule(
            code, name, severity, title, basis, forms, check, needs, computed, on_empty, against, of_crashes
        )
        return check

    return register


def page_of(docstring: str) -> dict[str, str]:
    """The parts of a rule's docstring by their headings (说明：…)."""
    parts: dict[str, str] = {}
    for block in re.split(rf"\n\s*(?=(?:{'|'.join(PAGE)})：)", "\n" + docstring.strip()):
        head, separator, text = block.strip().partition("：")
        if separator and head in PAGE:
            parts[head] = "".join(line.strip() for line in text.splitlines())
    return parts
