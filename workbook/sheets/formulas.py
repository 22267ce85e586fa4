"""The native formulas of the template. All give a blank, never 0 or an error, where there is nothing to reckon."""

from __future__ import annotations

from collections.abc import Sequence

from .model import letters

TEXT_WIDTH = 64
LONG_TEXT = 1000
#: How figures stand in a text.
MONEY = '"0.00####"'


def total(cells: str) -> str:
    """The sum of a range or of several; blank while nothing is filled in."""
    return f'IF(COUNT({cells})=0,"",ROUND(SUM({cells}),6))'


def ratio(part: str, whole: str) -> str:
    """A rate as it is shown, to a hundredth of a percent; blank where the denominator is 0 or either is missing."""
    return f'IF(OR(COUNT({part},{whole})<2,N({whole})=0),"",ROUND({part}/{whole},4))'


def execution_score(executed: str, budget: str, weight: str) -> str:
    """执行率 × 分值, at most the weight, to two decimals."""
    return (
        f'IF(OR(COUNT({executed},{budget},{weight})<3,N({budget})=0),"",'
        f"ROUND(MIN(1,{executed}/{budget})*{weight},2))"
    )


def numbered_total(names: str, figures: str) -> str:
    """The sum of the rows whose label is numbered ("1、业务工作经费" … "99、"), wherever a row is inserted."""
    two_digits = f'ISNUMBER(-LEFT({names},2))*(MID({names},3,1)="、")'
    numbered = f'ISNUMBER(-LEFT({names},1))*((MID({names},2,1)="、")+{two_digits})'
    return f'IF(COUNT({figures})=0,"",ROUND(SUMPRODUCT({numbered},{figures}),6))'


def difference(plus: Sequence[str], minus: str) -> str:
    """The sum of some cells less another; blank while all are."""
    cells = ",".join((*plus, minus))
    sum_of = "+".join(f"N({cell})" for cell in plus)
    return f'IF(COUNT({cells})=0,"",ROUND({sum_of}-N({minus}),6))'


def dated(text: str, without: str, offset: int = 0, year: str = "PE_YEAR") -> str:
    """A label with the year in front, or with a word in its place while no year is chosen."""
    shown = f"({year}+({offset}))" if offset else year
    return f'IF({year}="","{without}",{shown}&"年")&"{text}"'


def money_text(cell: str) -> str:
    """An amount as a text has it."""
    return f"TEXT(N({cell}),{MONEY})"


def checksum(top: int, bottom: int, last_col: int, long_texts: Sequence[str]) -> str:
    """A number that changes with whatever is typed in a form: figures and letters, each weighed by its place.

    `perfeval_xl.hosts.marks.template` works out the same from the cells; the ranges are read from this formula.
    """
    first, last = top + 1, bottom + 1
    block = f"$A${first}:${letters(last_col)}${last}"
    terms = [f"SUMPRODUCT(ROW({block})*31+COLUMN({block}),{block})"]
    terms += [
        _text_term(f"${letters(col)}${first}:${letters(col)}${last}", TEXT_WIDTH)
        for col in range(last_col + 1)
    ]
    terms += [_text_term(cells, LONG_TEXT) for cells in long_texts]
    return f"IFERROR({'+'.join(terms)},0)"


def _text_term(cells: str, width: int) -> str:
    places = f"COLUMN($A$1:${letters(width - 1)}$1)"
    return (
        f'SUMPRODUCT(ISTEXT({cells})*_xlfn.UNICODE(MID({cells}&REPT(" ",{width}),{places},1))'
        f"*({places}+ROW({cells})*3+COLUMN({cells})))"
    )
