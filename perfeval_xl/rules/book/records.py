"""A rule book as it was read: its rules, and what its author is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from perfeval_xl.findings import SEVERITY_WORD, RuleBook, Severity
from perfeval_xl.forms.records import Kind
from perfeval_xl.records import dataclass

from .names import RowWord
from .tree import Condition, Node

#: The columns of the sheet, in the order in which a new book has them; in a book they may stand in any order.
COLUMNS = (
    "编号", "名称", "范围", "条件", "公式", "容差", "级别", "提示", "怎么改", "依据", "启用", "应过样例", "应错样例",
)  # fmt: skip
#: What the columns are called in TOML.
KEYS: Mapping[str, str] = dict(
    zip(
        COLUMNS,
        (
            "code", "title", "scope", "when", "formula", "tolerance", "level", "message", "advice", "basis", "enabled",
            "passes", "fails",
        ),
        strict=True,
    )
)  # fmt: skip
#: The form that a word stands for, where it is read as one.
FORM_KINDS: Mapping[str, Kind] = {
    "附件1": "basic",
    "附件2": "overall",
    "附件3": "project",
    "附件4": "gov_fund",
    "附件5": "state_capital",
    "附件6": "social_insurance",
}
#: Papers of the cycle: a book may speak of them, and is skipped where they are not there.
PAPERS = ("目标表", "监控表", "复核表")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule goes through: the whole submission (``form`` ""), every form of a word, their rows."""

    text: str
    form: str = ""
    rows: RowWord | None = None

    @property
    def kind(self) -> Kind | None:
        """The kind of form that 本表 is; None for the whole submission and for papers that are not read."""
        return FORM_KINDS.get(self.form.partition("-")[0].rstrip("*"))

    @property
    def number(self) -> str:
        """How the caption of the one form of several ends that is meant: -2 of 附件3-2; "" for all."""
        return "-" + self.form.partition("-")[2] if "-" in self.form else ""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """``auto``: as the product compares; ``rounded``: as a rate is; else an amount in the base unit, or a share (per cent)."""

    kind: Literal["auto", "rounded", "amount", "share"] = "auto"
    value: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sample:
    """What cells hold in an example, by what its author calls them; the values of several forms or rows in their order."""

    text: str
    values: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class BookRule:
    """One rule: its number and name, what it goes through, when it applies, what must hold then, and what is said where it
    does not. ``row`` is where it stands in its book; ``blanks`` says that an empty cell counts 0 (空=0). What the formula is about
    is known from reading it: the cells of one form alone, last year's file, figures of the report."""

    row: int
    code: str
    title: str
    scope: Scope
    condition: Condition | None
    formula: Node
    tolerance: Tolerance = Tolerance()
    severity: Severity = "error"
    acceptable: bool = False
    message: str = ""
    advice: str = ""
    basis: str = ""
    enabled: bool = True
    blanks: bool = False
    passes: Sample | None = None
    fails: Sample | None = None
    within_a_form: bool = False
    of_last_year: bool = False
    quotes: bool = False


def level_word(rule: BookRule) -> str:
    """The severity as a book writes it."""
    return SEVERITY_WORD[rule.severity] + ("（可说明）" if rule.acceptable else "")


@dataclass(frozen=True, slots=True)
class Remark:
    """What the author is told: the row and column, what is wrong, what would be right; ``serious`` where the book cannot be used."""

    row: int
    column: str
    text: str
    serious: bool = True

    def __str__(self) -> str:
        column = f"“{self.column}”" if self.column else ""
        return f"第{self.row}行{column}：{self.text}" if self.row else self.text


@dataclass(frozen=True, slots=True)
class Book:
    """A bureau's rules; ``sha256`` is of the bytes they were read from."""

    id: str
    title: str
    sha256: str
    rules: tuple[BookRule, ...]
    remarks: tuple[Remark, ...] = ()

    @property
    def stamp(self) -> RuleBook:
        """What a report says of it."""
        return RuleBook(self.id, self.title, self.sha256)

    @property
    def usable(self) -> bool:
        return not any(remark.serious for remark in self.remarks)
