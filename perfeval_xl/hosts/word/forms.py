"""A workbook's forms as pages of a Word document: each table as its sheet shows it, the report as an official paper.

The tables come from the grid and not from the records read out of it, so that any layout is kept and every figure reads
as in the workbook. What is hidden, what stands beside a form, and rows left empty are not printed.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal

from perfeval_xl import patterns as re
from perfeval_xl.errors import PageError
from perfeval_xl.forms.records import BasicForm, Field, Form, Forms, FundTable, IndicatorForm, Narrative
from perfeval_xl.forms.segments import is_attachment, title_kind
from perfeval_xl.grid import Area, Book, Cell, Grid
from perfeval_xl.hosts.reading.word import belongs_below
from perfeval_xl.own_sheets import is_own_sheet
from perfeval_xl.records import dataclass, replace
from perfeval_xl.text import clean

from .pages import (
    BODY,
    CAPTION,
    LYING_MM,
    MOST_COLUMNS,
    SMALL,
    TABLE_TITLE,
    UPRIGHT_MM,
    Align,
    Box,
    Pages,
    Table,
)

#: Row and column of a form as printed, or of its sheet.
At = tuple[int, int]
#: A table of more cells is no form.
_MOST_CELLS = 500_000


@dataclass(frozen=True, slots=True)
class Region:
    """The rows of one form on its sheet, caption included: what stands there; ``title`` is the title's row, None where
    the form has lost it."""

    grid: Grid
    cells: Sequence[Cell]
    merges: Sequence[Area]
    title: int | None
    form: Form | None


def regions(book: Book, forms: Forms) -> tuple[list[Region], list[str]]:
    """Where the forms stand, those included that could not be read; and in Chinese, which sheets are left out."""
    found: list[Region] = []
    left: list[str] = []
    at: dict[str, list[tuple[int, Form | None]]] = {}
    for form in forms:
        at.setdefault(form.sheet, []).append((form.title.place.row, form))
    for missed in forms.unreadable:
        rows = at.setdefault(missed.title.place.sheet, [])
        if all(row != missed.title.place.row for row, _ in rows):
            rows.append((missed.title.place.row, None))
    for grid in book.grids:
        if is_own_sheet(grid) or not grid.cells:
            continue
        if grid.state != "visible":
            left += [f"工作表“{grid.sheet}”是隐藏的，没有导出"] if grid.sheet in at else []
        elif grid.sheet in at:
            found += _on_sheet(grid, sorted(at[grid.sheet], key=lambda item: item[0]))
        else:
            left.append(f"工作表“{grid.sheet}”没有识别为附表，没有导出")
    return found, left


def _on_sheet(grid: Grid, titles: Sequence[tuple[int, Form | None]]) -> Iterator[Region]:
    rows = dict(grid.rows())
    listed, merges = list(rows), sorted(grid.merges)
    merged = [area.top for area in merges]
    tops = [listed[0], *(_with_caption(rows, row) for row, _ in titles[1:])]
    ends = [*tops[1:], listed[-1] + 1]
    for top, end, (row, form) in zip(tops, ends, titles, strict=True):
        inside = listed[bisect_left(listed, top) : bisect_left(listed, end)]
        titled = title_kind("".join(cell.text for cell in rows.get(row, ()))) is not None
        yield Region(
            grid,
            [cell for at in inside for cell in rows[at]],
            merges[bisect_left(merged, top) : bisect_left(merged, end)],
            row if titled or isinstance(form, Narrative) else None,
            form,
        )


def _with_caption(rows: Mapping[int, Sequence[Cell]], title: int) -> int:
    """The row from which a form begins: that of its 附件N line where it has one."""
    for row in range(title - 1, title - 4, -1):
        if any(is_attachment(cell.text) for cell in rows.get(row, ())):
            return row
    return title


def write(pages: Pages, region: Region, *, spare: bool) -> None:
    """A form on a new page of its own. ``spare`` leaves out groups of indicators in which there is none."""
    if isinstance(region.form, Narrative):
        _report(pages, region.form, region.grid.hidden_rows)
        return
    sheet = _Printed(region, spare=spare)
    above, below, body = sheet.parts()
    if not (above or body):
        return
    table = _laid_out(sheet, body, len(below) * _LINE_BELOW)
    pages.page(lying=_is_lying(table))
    for text, style in above:
        pages.paragraph(text, style, "center" if style == TABLE_TITLE else None)
    for part in _broken(sheet, body, table):
        pages.table(part)
    if isinstance(region.form, FundTable) and not _has_figures(region.form) and _NOTHING not in below:
        pages.paragraph(_NOTHING, SMALL)
    for text in below:
        pages.paragraph(text, SMALL)


#: Under an empty fund table, which is published all the same.
_NOTHING = "注：本表无数据。"


def _has_figures(form: FundTable) -> bool:
    return any(field.filled for row in form.rows for field in row.cells.values())


# -- what is printed --------------------------------------------------------------------------------------------

Above = tuple[str, str]


class _Printed:
    """The rows and columns of a form that are printed, and the texts in them."""

    def __init__(self, region: Region, *, spare: bool) -> None:
        self.region, self.grid, self.merges = region, region.grid, region.merges
        self._spans = {(area.top, area.left): area for area in self.merges}
        texts = {(cell.row, cell.column): cell.text.strip() for cell in region.cells if cell.text.strip()}
        self.columns = self._kept_columns(texts)
        columns = set(self.columns)
        self.texts = {place: text for place, text in texts.items() if place[1] in columns}
        empty = self._spare() if spare else frozenset()
        self.rows = sorted({row for row, _ in self.texts} - self.grid.hidden_rows - empty)
        if len(self.columns) > MOST_COLUMNS:
            raise PageError(
                f"工作表“{self.grid.sheet}”的表有 {len(self.columns)} 列，Word 的表最多 {MOST_COLUMNS} 列"
            )
        if len(self.rows) * len(self.columns) > _MOST_CELLS:
            raise PageError(f"工作表“{self.grid.sheet}”的表太大（{len(self.rows)} 行），不能放进 Word")

    def _kept_columns(self, texts: Mapping[At, str]) -> list[int]:
        """The columns of the table: up to the first gap; what stands beside it is for whoever fills it in."""
        steps: dict[int, int] = {}
        last = max(
            (column for _, column in texts), default=1
        )  # a title may be merged as far as the sheet reaches
        for place in texts:
            area = self._spans.get(place)
            right = place[1] if area is None else min(area.right, last)
            steps[place[1]] = steps.get(place[1], 0) + 1
            steps[right + 1] = steps.get(right + 1, 0) - 1
        title = self.region.title
        start = min((column for row, column in texts if row == title), default=min(steps, default=1))
        open_spans, left = 0, 1
        for column in sorted(steps):
            if open_spans == 0:
                left = column
            open_spans += steps[column]
            if open_spans == 0 and column > start:
                return [at for at in range(left, column) if at not in self.grid.hidden_columns]
        return []

    def _spare(self) -> frozenset[int]:
        """Rows among the indicators in which nothing was filled in, group names aside."""
        form = self.region.form
        if not isinstance(form, IndicatorForm) or not form.indicators:
            return frozenset()
        rows = {indicator.row for indicator in form.indicators}
        column = form.indicators[0].name.place.column
        last = form.total.label.place.row - 1 if form.total is not None else max(rows)
        inside = {row for row, _ in self.texts if min(rows) <= row <= last}
        return frozenset(inside - rows - {row for row, at in self.texts if at >= column})

    def parts(self) -> tuple[list[Above], list[str], list[int]]:
        """Lines above the table with their styles, lines below it, and the rows of the table."""
        lines = {row: [text for _, text in items] for row, items in self._by_row().items()}
        title = self.region.title
        above = [
            (line, _style_above(line))
            for row in self.rows
            if title is not None and row < title
            for line in lines[row]
        ]
        if not any(style == CAPTION for _, style in above) and (name := self._caption()):
            above.insert(0, (name, CAPTION))
        if title is not None:
            above.append(("".join(lines.get(title, ())), TABLE_TITLE))
        body = [row for row in self.rows if title is None or row > title]
        while body and len(lines[body[0]]) == 1 and _is_head_line(lines[body[0]][0]):
            above.append((lines[body.pop(0)][0], SMALL))
        below: list[str] = []
        while body and belongs_below("".join(lines[body[-1]])):
            below.insert(0, "\u3000\u3000".join(lines[body.pop()]))
        return above, below, body

    def _caption(self) -> str:
        form = self.region.form
        names = [form.caption if form is not None else "", self.grid.sheet]
        return next((name for name in names if is_attachment(name)), "")

    def _by_row(self) -> dict[int, list[tuple[int, str]]]:
        rows: dict[int, list[tuple[int, str]]] = {row: [] for row in self.rows}
        for (row, column), text in sorted(self.texts.items()):
            if row in rows:
                rows[row].append((column, text))
        return rows

    def boxes(self, body: Sequence[int]) -> dict[At, Box]:
        """The cells of the table by 0-based row and column of what is printed."""
        taken: set[At] = set()
        boxes: dict[At, Box] = {}
        room = len(body) * len(self.columns)  # merged cells that do not overlap need no more
        for area in self.merges:
            top, bottom = bisect_left(body, area.top), bisect_right(body, area.bottom)
            left, right = bisect_left(self.columns, area.left), bisect_right(self.columns, area.right)
            room -= (bottom - top) * (right - left)
            if room < 0:
                break
            places = {(row, column) for row in range(top, bottom) for column in range(left, right)}
            if places and not places & taken:
                taken |= places
                text = self.texts.get((area.top, area.left), "")
                boxes[top, left] = Box(text, rows=bottom - top, columns=right - left)
        rows = {row: index for index, row in enumerate(body)}
        columns = {column: index for index, column in enumerate(self.columns)}
        for (row, column), text in self.texts.items():
            if row in rows and (place := (rows[row], columns[column])) not in taken:
                boxes[place] = Box(text)
        return boxes


def _style_above(text: str) -> str:
    return CAPTION if is_attachment(text) else SMALL


#: 单位：万元, （2023年度): a line that stands alone between title and table.
_HEAD_LINE = re.compile(r"[^:]{2,12}:.{0,40}|\(?20\d\d年?度?\)?")


def _is_head_line(text: str) -> bool:
    return _HEAD_LINE.fullmatch(clean(text)) is not None


# -- the table --------------------------------------------------------------------------------------------------


def _laid_out(sheet: _Printed, body: Sequence[int], below: float) -> Table:
    """The table of a form, as wide as its page; ``below`` is how much of the page, in mm, the lines under it take."""
    boxes = _with_lines_by_nature(sheet, body, sheet.boxes(body))
    boxes = _with_plain_headings(sheet, body, _without_frame(sheet, body, boxes))
    sizes = _SIZES if len(sheet.columns) <= 9 else _SIZES[1:]
    tried = [
        (table, _pages(table, below)) for table in (_in_size(sheet, body, boxes, size) for size in sizes)
    ]
    fewest = min(pages for _, pages in tried)
    return next(table for table, pages in tried if pages == fewest)


#: Sizes of letters in points, the usual one first; smaller ones where a form then takes fewer pages.
_SIZES = (10.5, 9.0, 8.0, 7.0)
_LINE_BELOW = 9.0


def _pages(table: Table, below: float = 0.0) -> int:
    """About how many pages a form takes with what stands under it."""
    heights = _heights(table.boxes, table.height, table.widths, table.size * _MM_A_POINT)
    return -int(-(sum(heights) + below) // _ROOM[_is_lying(table)])


def _is_lying(table: Table) -> bool:
    return sum(table.widths) > UPRIGHT_MM + 1


def _in_size(sheet: _Printed, body: Sequence[int], boxes: Mapping[At, Box], size: float) -> Table:
    """The table in letters of a size."""
    columns = len(sheet.columns)
    em = size * _MM_A_POINT
    fund = isinstance(sheet.region.form, FundTable)
    wishes = _wishes(boxes, columns, least=5.0 if fund else 2.0)
    dense = sum(min(wish.all, 10.0) for wish in wishes) * em > 1.5 * UPRIGHT_MM
    width = LYING_MM if dense or (fund and columns >= 6) else UPRIGHT_MM
    widths = _widths(wishes, width, em)
    aligned = _aligned(sheet, body, boxes, widths, em)
    heights = _heights(aligned, len(body), widths, em)
    return Table(
        widths, len(body), aligned, size=size, low=_low(em), header=_top_header(sheet, body),
        splitting=frozenset(row for row, height in enumerate(heights) if height > 60),
    )  # fmt: skip


def _without_frame(sheet: _Printed, body: Sequence[int], boxes: Mapping[At, Box]) -> dict[At, Box]:
    """A line between title and table that has several cells (单位 …, 万元) stands in the table without lines around."""
    open_rows: set[int] = set()
    for index, row in enumerate(body[:2]):
        texts = [text for (at, _), text in sheet.texts.items() if at == row]
        if index > len(open_rows) or not all(map(_is_head_line, texts)):
            break
        open_rows.add(index)
    found = dict(boxes)
    for index in open_rows:
        covered: set[int] = set()
        for (row, column), box in boxes.items():
            if row == index:
                covered |= set(range(column, column + box.columns))
                found[row, column] = replace(box, open=("top", "left", "right"))
        for column in set(range(len(sheet.columns))) - covered:
            found[index, column] = Box("", open=("top", "left", "right"))
    return found


def _with_plain_headings(sheet: _Printed, body: Sequence[int], boxes: Mapping[At, Box]) -> dict[At, Box]:
    """Headings of columns are broken where their new width says so; words set from top to bottom stay so."""
    header = _header(sheet, body)
    rows = range(header[0], header[1] + 1) if header is not None else range(0)
    return {
        place: replace(box, text=_joined(str(box.text))) if place[0] in rows else box
        for place, box in boxes.items()
    }


def _joined(heading: str) -> str:
    lines = heading.split("\n")
    upright = len(lines) > 2 and max(map(len, lines)) == 1
    return heading if upright else "".join(map(str.strip, lines))


def _with_lines_by_nature(sheet: _Printed, body: Sequence[int], boxes: Mapping[At, Box]) -> dict[At, Box]:
    """附件2's lines by nature, label and figure in one cell as the form has them ("其中：基本支出：360.71")."""
    form = sheet.region.form
    if not isinstance(form, IndicatorForm):
        return dict(boxes)
    lined = {line.amount.place.row for line in (*form.income, *form.spending)}
    lines: dict[int, list[tuple[int, Box]]] = {}
    for (row, column), box in sorted(boxes.items(), key=lambda item: item[0]):
        if body[row] in lined:
            lines.setdefault(row, []).append((column, box))
    starts = sorted({column for row in lines.values() for column, box in row if ":" in clean(str(box.text))})
    if not starts:
        return dict(boxes)
    own = [(row, column, box) for row, found in lines.items() for column, box in found if column >= starts[0]]
    if any(box.rows > 1 for _, _, box in own):
        return dict(boxes)
    texts: dict[At, str] = {(row, start): "" for row in lines for start in starts}
    for row, column, box in own:
        start = starts[bisect_right(starts, column) - 1]
        texts[row, start] += str(box.text)
    ends = dict(pairwise([*starts, len(sheet.columns)]))
    inside = {(row, column) for row, column, _ in own}
    joined = {place: box for place, box in boxes.items() if place not in inside}
    for (row, start), text in texts.items():
        joined[row, start] = Box(text, "left", columns=ends[start] - start)
    return joined


# -- widths and heights -----------------------------------------------------------------------------------------


def _letters(text: str) -> float:
    """The width of a text in letters: Chinese ones are square, others about half as wide."""
    return sum(
        1.0 if unicodedata.east_asian_width(sign) in "WFA" else 0.85 if sign == "%" else 0.55 for sign in text
    )


#: What is not broken at a line's end: a run of figures and Latin letters.
_RUN = re.compile(r"[^\s\u2e80-\uffef]+")


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a column needs, in letters: at least, for most of its cells to stand on one line, and for all of them."""

    least: float
    most: float
    all: float


#: A longer line is broken whatever room there is.
_LONGEST = 24.0


def _wishes(boxes: Mapping[At, Box], columns: int, least: float) -> list[_Wish]:
    """What the cells that lie in one column alone wish for it."""
    runs = [least] * columns
    lines: list[list[float]] = [[] for _ in range(columns)]
    for (_, column), box in boxes.items():
        text = str(box.text)
        if box.columns > 1 or not text:
            continue
        runs[column] = max(runs[column], min(12.0, max(map(_letters, _RUN.findall(text)), default=0.0)))
        # Words in a cell that is several rows high take their place from the height.
        longest = max(map(_letters, text.split("\n")))
        lines[column].append(min(longest, _LONGEST if box.rows == 1 else 4.0))
    return [
        _Wish(
            run,
            max([run, _at(found, 0.8), *(line for line in found if line <= _SHORT)]),
            max(run, _at(found, 1.0)),
        )
        for run, found in zip(runs, map(sorted, lines), strict=True)
    ]


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[round(share * (len(ordered) - 1))] if ordered else 0.0


_PADDING, _SHORT = 2.4, 4.0


def _widths(wishes: Sequence[_Wish], width: float, em: float) -> list[float]:
    """Widths in mm: every column its least, then what most of its cells need, then what the longest does."""
    least = [wish.least * em + _PADDING for wish in wishes]
    if (room := width - sum(least)) < 0:
        return [part * width / sum(least) for part in least]
    # Short words such as 一级指标 are not broken as long as there is room at all; then long texts share alike.
    small = [(wish.most - wish.least) * em if wish.most <= _SHORT else 0.0 for wish in wishes]
    large = [(wish.most - wish.least) * em if wish.most > _SHORT else 0.0 for wish in wishes]
    more = [0.0] * len(wishes)
    for needs in (small, large):
        share = min(1.0, room / sum(needs)) if any(needs) else 0.0
        more = [part + share * need for part, need in zip(more, needs, strict=True)]
        room -= share * sum(needs)
    spare = [(wish.all - wish.most) * em + 4.0 for wish in wishes]
    return [
        part + need + room * rest / sum(spare) for part, need, rest in zip(least, more, spare, strict=True)
    ]


def _lines(text: str, width: float, em: float) -> int:
    per_line = max(1.0, (width - 2) / em)
    return sum(max(1, -(-int(_letters(line) * 100) // int(per_line * 100))) for line in text.split("\n"))


_MM_A_POINT = 25.4 / 72


def _low(em: float) -> float:
    """The least height of a row in mm."""
    return em * 1.6


def _heights(boxes: Mapping[At, Box], rows: int, widths: Sequence[float], em: float) -> list[float]:
    """About how high every row gets, in mm."""
    heights = [_low(em)] * rows
    for (row, column), box in boxes.items():
        if box.rows == 1 and isinstance(box.text, str):
            width = sum(widths[column : column + box.columns])
            heights[row] = max(heights[row], _lines(box.text, width, em) * em * 1.3 + 1.2)
    return heights


def _aligned(
    sheet: _Printed, body: Sequence[int], boxes: Mapping[At, Box], widths: Sequence[float], em: float
) -> dict[At, Box]:
    """Short texts and figures in the middle, long ones from the left; the names of 附件1 by their depth."""
    names = _names_column(sheet)
    depths = _depths(sheet.region.form)
    aligned = {}
    for (row, column), box in boxes.items():
        if box.align == "left" or not isinstance(box.text, str):
            aligned[row, column] = box
            continue
        width = sum(widths[column : column + box.columns])
        align: Align = "center"
        if box.rows == 1 and _lines(box.text, width, em) > (1 if box.columns > 2 else 3):
            align = "left"
        depth = depths.get((body[row], sheet.columns[column]))
        if depth is not None or ((body[row], sheet.columns[column]) in names):
            align = "left"
        aligned[row, column] = replace(box, align=align, indent=depth or 0)
    return aligned


def _names_column(sheet: _Printed) -> set[At]:
    form = sheet.region.form
    if not isinstance(form, IndicatorForm):
        return set()
    return {(item.name.place.row, item.name.place.column) for item in form.indicators}


def _depths(form: Form | None) -> dict[At, int]:
    """How deep the lines of 附件1 stand under one another."""
    if not isinstance(form, BasicForm):
        return {}
    depths: dict[At, int] = {}
    found: list[int] = []
    for line in form.lines:
        depth = 0 if line.parent is None else found[line.parent] + 1
        found.append(depth)
        depths[line.label.place.row, line.label.place.column] = min(depth, 3)
    return depths


# -- headers ----------------------------------------------------------------------------------------------------

#: How much of a page, in mm, is left for a table under its caption and title.
_ROOM: Mapping[bool, float] = {False: 180.0, True: 110.0}


def _header(sheet: _Printed, body: Sequence[int]) -> tuple[int, int] | None:
    """The first and last row (0-based) of what heads the columns of the list that a form is."""
    form = sheet.region.form
    first: int | None = None
    if isinstance(form, IndicatorForm) and form.indicators:
        first = form.indicators[0].row
    elif isinstance(form, FundTable) and form.rows:
        first = form.rows[0].label.place.row
    elif isinstance(form, BasicForm) and form.lines:
        first = form.lines[0].label.place.row
    if first is None or first not in body or body.index(first) == 0:
        return None
    last = body.index(first) - 1
    if isinstance(form, FundTable):
        return 0, last
    reaching = [area for area in sheet.merges if area.top < body[last] == area.bottom]
    printed = (area.top for area in reaching if area.top in body)  # one may begin above the form
    return body.index(min(printed, default=body[last])), last


def _top_header(sheet: _Printed, body: Sequence[int]) -> int:
    """How many rows at the table's top are its header."""
    header = _header(sheet, body)
    return header[1] + 1 if header is not None and header[0] == 0 else 0


def _broken(sheet: _Printed, body: Sequence[int], table: Table) -> Iterator[Table]:
    """A table longer than its page in two, where its list begins: Word repeats only rows at a table's top."""
    header = _header(sheet, body)
    if header is None or header[0] == 0 or _pages(table) <= 1:
        yield table
        return
    at, end = header[0], header[1]
    if any(row < at < row + box.rows for (row, _), box in table.boxes.items()):
        yield table
        return
    for top, bottom, repeated in ((0, at, 0), (at, table.height, end - at + 1)):
        yield replace(
            table,
            height=bottom - top,
            boxes={
                (row - top, column): box for (row, column), box in table.boxes.items() if top <= row < bottom
            },
            header=repeated,
            splitting=frozenset(row - top for row in table.splitting if top <= row < bottom),
        )


# -- the report -------------------------------------------------------------------------------------------------

Level = Literal[0, 1, 2, 3]
_LEVELS: Sequence[tuple[re.Pattern[str], Level]] = (
    (re.compile(r"[一二三四五六七八九十]+、"), 1),
    (re.compile(r"\([一二三四五六七八九十]+\)"), 2),
    (re.compile(r"\d+[、.．]"), 3),
)
_ATTACHED = re.compile(r"附件:?")
#: The title goes on in a new line before these words where one line does not hold it.
_TITLE_BREAK = re.compile(r"(?<=.)(?=(?:部门|单位|预算单位)?整体(?:支出|绩效))")
_TITLE_YEAR = re.compile(r"20\d\d年度?")
_TITLE_LETTERS = 19.5


def _report(pages: Pages, form: Narrative, hidden: Collection[int]) -> None:
    pages.page()
    pages.title(_title_lines(form.title.text))
    for paragraph, level in _levelled(form):
        text = paragraph.text
        if paragraph.place.row in hidden:
            continue
        if level:
            pages.heading(level, text)
            continue
        for line in filter(None, map(str.strip, text.split("\n"))):
            pages.paragraph(line, BODY)


def _title_lines(title: str) -> str:
    """A title that is longer than a line, broken where its words end."""
    title = "".join(title.split())
    if _letters(title) <= _TITLE_LETTERS or (found := _TITLE_BREAK.search(title)) is None:
        return title
    first, second = title[: found.start()], title[found.start() :]
    if _letters(first) > _TITLE_LETTERS and (year := _TITLE_YEAR.match(first)):
        first = f"{year[0]}\n{first[year.end() :]}"
    return f"{first}\n{second}"


def _levelled(form: Narrative) -> Iterator[tuple[Field, Level]]:
    """Every paragraph with its level as a heading, 0 for none. A chapter numbered "6、" after "五、" is one of those."""
    heads = {field.place for field in form.headings}
    chapter = item = 0
    attached = False
    for paragraph in form.paragraphs:
        text = clean(paragraph.text)
        attached = attached or _ATTACHED.fullmatch(text) is not None
        level: Level = next((level for pattern, level in _LEVELS if pattern.match(text)), 0)
        if paragraph.place not in heads or attached:
            level = 0
        number = int(digits[0]) if (digits := re.match(r"\d+", text)) else 0
        if level == 3 and number == chapter + 1 != item + 1:
            level = 1
        if level == 1:
            chapter, item = chapter + 1, 0
        elif number:
            item = number
        yield paragraph, level
