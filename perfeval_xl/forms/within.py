"""Forms within their bounds: texts too long to be read are put aside, forms too large are not read, and both are said."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from perfeval_xl import patterns as re
from perfeval_xl.bounds import Bounds
from perfeval_xl.errors import Unreadable
from perfeval_xl.grid import Cell, Place

from .records import Form, Unread
from .segments import Segment
from .sheet import Sheet

#: What is read in the place of a text that is too long: something was typed here, no figure and no name.
PUT_ASIDE = "（文字太长，没有读）"
#: Where a text has a figure: digits, Chinese numerals of two letters or more, a share in words.
_FIGURE = re.compile(r"\d[\d,.，．]*|百分之|[零〇一二两三四五六七八九十百千万亿]{2,}")
#: So many cells are named.
_NAMED = 3


@cache
def _digits(least: int) -> re.Pattern[str]:
    """So many digits in a row, or more."""
    return re.compile(rf"\d{{{least},}}")


def readable(part: Sheet, segment: Segment, bounds: Bounds) -> tuple[Sheet, list[Unread]]:
    """A form's rows with the texts put aside that are too long, and what is to be said of these."""
    most = bounds.paragraph_letters if segment.kind == "narrative" else bounds.name_letters
    run = _digits(bounds.digits + 1)
    texts = [cell for _, cells in part.rows for cell in cells if len(cell.text) > min(most, bounds.digits)]
    long = [cell for cell in texts if len(cell.text) > most]
    digits = [cell for cell in texts if len(cell.text) <= most and run.search(cell.text)]
    limit = "paragraph_letters" if segment.kind == "narrative" else "name_letters"
    longest = max((len(cell.text) for cell in long), default=0)
    run_on = max((len(match[0]) for cell in digits for match in run.finditer(cell.text)), default=0)
    said = [
        *_said(part, long, f"超过 {most} 个字", _to_do("请写短或分成几段", limit, longest), limit),
        *_said(
            part,
            digits,
            f"有一串超过 {bounds.digits} 位的数字",
            _to_do("请核对这串数字", "digits", run_on),
            "digits",
        ),
    ]
    return (part.with_cells([_put_aside(cell) for cell in (*long, *digits)]), said) if said else (part, said)


def _put_aside(cell: Cell) -> Cell:
    return cell._replace(value=PUT_ASIDE, text=PUT_ASIDE)


def _said(part: Sheet, cells: Sequence[Cell], what: str, advice: str, limit: str) -> list[Unread]:
    if not cells:
        return []
    places = "、".join(Place(part.name, cell.row, cell.column).cell for cell in cells[:_NAMED])
    more = f"等 {len(cells)} 格" if len(cells) > _NAMED else ""
    return [Unread(part.name, f"{places}{more}的文字{what}，没有读。{advice}", hides=True, limit=limit)]


def too_large(part: Sheet, segment: Segment, bounds: Bounds) -> Unread | None:
    """Why a form is not read at all; None for one within its bounds."""
    texts = [cell.text for _, cells in part.rows for cell in cells]
    rows, letters = len(part.rows), sum(map(len, texts))
    if segment.kind != "narrative" and rows > bounds.form_rows:
        limit, most, needed = "form_rows", bounds.form_rows, rows
        what, advice = f"有 {rows} 行，一张表最多查 {most} 行", "请删去无关的行，或分成几张表"
    elif letters > bounds.form_letters:
        limit, most, needed = "form_letters", bounds.form_letters, letters
        what, advice = f"有 {letters} 个字，一张表或一份报告最多查 {most} 个字", "请删去无关的内容"
    elif segment.kind == "narrative" and (figures := _figures(texts, bounds.figures)) > bounds.figures:
        limit, most, needed = "figures", bounds.figures, figures
        what, advice = f"有 {figures} 个数字，一份报告最多查 {most} 个", "请删去无关的内容"
    else:
        return None
    reason = f"“{segment.caption}”{what}，整张没有检查。{_to_do(advice, limit, needed)}"
    return Unread(part.name, reason, hides=True, limit=limit)


def _figures(texts: Sequence[str], most: int) -> int:
    """The figures of a report; 0 without a look where its letters cannot hold more than ``most``."""
    if sum(map(len, texts)) < 2 * most:
        return 0
    return sum(1 for text in texts for _ in _FIGURE.finditer(text))


def refuse_many(name: str, forms: Sequence[Form], bounds: Bounds) -> None:
    """Unreadable for a submission of too many forms: what is summed over some of them would be wrong."""
    sheets: dict[str, int] = {}
    for form in forms:
        sheets[form.sheet] = sheets.get(form.sheet, 0) + 1
    full = next((sheet for sheet, number in sheets.items() if number > bounds.sheet_forms), None)
    if full is not None:
        problem = f"工作表“{full}”里有 {sheets[full]} 张表，一张工作表最多查 {bounds.sheet_forms} 张"
        raise Unreadable(name, problem, _to_do("请分到几张工作表里", "sheet_forms", sheets[full]))
    if len(forms) > bounds.forms:
        problem = f"共有 {len(forms)} 张表，一次最多查 {bounds.forms} 张"
        raise Unreadable(name, problem, _to_do("请分成几个文件，一个单位一个", "forms", len(forms)))


def _to_do(advice: str, limit: str, needed: int) -> str:
    return f"{advice}；确实需要的，放宽限制：--limit {limit}={needed}"
