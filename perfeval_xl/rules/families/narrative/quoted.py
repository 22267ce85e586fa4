"""Figures of a text as terms of the workbook's arithmetic: quoted, compared with what the forms state.

A text is only ever compared with what is certainly the same measure; where it agrees with one of the cells it may mean it
is taken to mean that one, and speaks for it. What it says twice of one measure is one figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from perfeval_xl.equations import Equation, Quotation, Term
from perfeval_xl.findings import Severity
from perfeval_xl.forms.records import Field
from perfeval_xl.grid import Place
from perfeval_xl.prose import Figure, agrees, leeway
from perfeval_xl.rules.cells import shown
from perfeval_xl.rules.registry import Claim
from perfeval_xl.text import clean, shortened
from perfeval_xl.typing_errors import WEAK, typing_error

from .stated import Passage, Statement

#: So many letters of the text are quoted.
QUOTED = 60
_SOURCES = {"report": "报告", "achieved": "目标完成情况", "expected": "预期目标"}


def source(passage: Passage) -> str:
    """What a clerk calls a text."""
    return _SOURCES[passage.kind]


def quoted(passage: Passage, first: Figure, last: Figure | None = None) -> str:
    return f"“{shortened(passage.prose.quote(first, last), QUOTED)}”"


def between(passage: Passage, first: Figure, last: Figure) -> str:
    """The words from the name of one figure to another, the middle left out where they are many."""
    words = passage.prose.quote(first, last)
    if len(words) > QUOTED:
        words = f"{words[: QUOTED // 2]}…{words[-(QUOTED // 2) :]}"
    return f"“{words}”"


def term_of(
    passage: Passage,
    figure: Figure,
    measured: Place | None = None,
    *,
    added: Decimal = Decimal(0),
    quote: str = "",
) -> Term:
    """A figure of a text as a term in 万元, in bare counts or in per cent.

    ``measured`` is the cell it is compared with, ``added`` what it leaves unsaid, ``quote`` what is quoted of the text.
    """
    share = figure.dimension == "share"
    factor = figure.size / 10_000 if figure.dimension == "money" else figure.size
    field = Field(
        passage.field.place,
        figure.words,
        "number",
        figure.value + added,
        figure.decimals,
        figure.unit,
        share,
        formula=passage.field.formula,
    )
    quotation = Quotation(
        figure.words,
        quote or quoted(passage, figure),
        figure.start,
        f"{passage.form.caption} {passage.kind}",
        measured,
        added,
        coarse=bool(figure.bound) or factor > 1 or figure.dimension == "count",
    )
    return Term(field, label_of(figure), Decimal(1) if share else factor, low=None, quotation=quotation)


def label_of(figure: Figure) -> str:
    return clean(figure.name)[-20:] or figure.after[:20]


def meant(figure: Figure, stated: Sequence[Statement]) -> list[Statement]:
    """Which of the cells that a figure may mean it means: those it agrees with; else all, where they hold the same, or
    those that it is a slip of. None where that is not certain."""
    agreeing = [item for item in stated if agrees(figure, item.value, item.decimals)]
    if agreeing or len({item.value for item in stated}) < 2:
        return agreeing or list(stated)
    found = [(typing_error(figure.base, item.value, max(0, figure.base_decimals)), item) for item in stated]
    strengths = [slip.strength if slip is not None else 0 for slip, _ in found]
    most = max(strengths)
    likely = [item for (_, item), strength in zip(found, strengths, strict=True) if strength == most]
    return likely if most > WEAK and len({item.value for item in likely}) == 1 else []


def compared(
    rule: str,
    passage: Passage,
    figure: Figure,
    stated: Sequence[Statement],
    severity: Severity,
    advice: str,
    *,
    verb: str = "填",
) -> Iterator[Equation | Claim]:
    """That a figure of the text states what a cell states; a claim where it is not certain which of several cells."""
    if not stated:
        return
    cells = meant(figure, stated)
    quote = quoted(passage, figure)
    said = f"{source(passage)}写{quote}"
    named = list(dict.fromkeys(f"{item.label}{verb} {shown(item.field)}" for item in cells or stated))
    words = f"{said}，{'、'.join(named)}，{'两处' if len(named) == 1 else '几处'}不一致"
    if not cells:  # they differ among themselves, and nothing tells which one is meant
        yield Claim(
            passage.field.place,
            f"{words}。",
            expected="或".join(dict.fromkeys(shown(item.field) for item in stated)),
            actual=figure.words,
            suggestion=f"对照原始资料，改正写错的一处；{advice}",
            related=tuple(item.field.place for item in stated),
            uses=tuple(item.field.place for item in stated),
            severity=severity,
            label=label_of(figure),
            figures=(figure.words, *(shown(item.field) for item in stated)),
        )
        return
    text = term_of(passage, figure, cells[0].field.place, quote=quote)
    for item in cells:
        yield Equation(
            rule,
            passage.form.caption,
            text,
            (item.term,),
            (1,),
            f"{source(passage)}与{item.label}一致",
            stated_twice=True,
            severity=severity,
            leeway=leeway(figure, item.decimals),
            words=words,
            advice=advice,
        )
