"""Word documents: every table a sheet named by its form's caption, all other text one sheet of paragraphs.

Rows and columns count those of the table's own grid, merged cells included; lines above a table (附件3-1, its title)
have the rows 0, -1 … . The body is read block by block, so that memory does not grow with its length. Nothing outside
the file is ever followed: pictures, links and macros are only counted.

One file although it is long: one pass over the body, whose blocks, rows and cells share what the reader has seen so far.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any

from perfeval_xl import patterns as re
from perfeval_xl.errors import PackageError
from perfeval_xl.grid import Area, Book, Cell, Grid
from perfeval_xl.hosts.bounding import without_collection
from perfeval_xl.hosts.limits import Damaged, Forbidden, Limits, TooMuch
from perfeval_xl.hosts.package.parts import Parts
from perfeval_xl.hosts.package.tree import Element, Malformed, events, fromstring, walk
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.numberformat import make_cell
from perfeval_xl.records import dataclass, field, replace
from perfeval_xl.text import clean

from . import word_numbers
from .word_numbers import Numbers
from .word_text import (
    FALLBACK,
    MAIN,
    OBJECT,
    STRICT,
    attribute,
    child,
    children,
    embedded,
    in_contents,
    is_on,
    text_of,
    word,
)

#: Where the text goes that belongs to no table.
TEXT_SHEET = "自评报告"
#: Captions and headers stand in so many rows at most.
_HEADERS = 40
#: A table has at most so many columns (Word allows 63).
_COLUMNS = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph outside tables. ``mark`` is its element where the document is kept as a tree."""

    text: str
    mark: Any = None


@dataclass(slots=True)
class Table:
    """A table on its own grid: texts by row and column, merged areas, the element of every cell that has a text; ``starts``
    are the columns in which the cells of each row begin, ``widths`` those of the grid's columns."""

    columns: int = 0
    height: int = 0
    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    marks: dict[tuple[int, int], Any] = field(default_factory=dict)
    starts: dict[int, list[int]] = field(default_factory=dict)
    widths: tuple[int, ...] = ()

    _top: list[tuple[str, ...]] | None = None

    @property
    def top(self) -> list[tuple[str, ...]]:
        """The texts of the first rows, where captions and headers stand."""
        if self._top is None:
            rows: dict[int, list[tuple[int, str]]] = {}
            for (row, column), text in self.cells.items():
                if row <= _HEADERS:
                    rows.setdefault(row, []).append((column, text))
            self._top = [
                tuple(text for _, text in sorted(rows.get(row, ())))
                for row in range(1, min(self.height, _HEADERS) + 1)
            ]
        return self._top


@dataclass(frozen=True, slots=True)
class Embedded:
    """A paragraph that holds no text but a picture or an embedded table; ``what`` it is, for a clerk."""

    what: str


Block = Line | Table | Embedded


@dataclass(slots=True)
class Part:
    """A sheet in the making: its name, its lines and cells, and where each stands in the document."""

    name: str
    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    marks: dict[tuple[int, int], Any] = field(default_factory=dict)
    last: int = 0
    instead: str = ""
    """What stands in place of cells: a picture, an embedded object."""

    def put(self, row: int, line: Line) -> None:
        self.cells[(row, 1)] = line.text
        self.marks[(row, 1)] = line.mark
        self.last = max(self.last, row)


def read(name: str, data: bytes, limits: Limits) -> Book:
    """The document as a book; Damaged or TooMuch where that cannot be."""
    with Parts(data) as package, without_collection():
        main = _main_part(package)
        numbers = numbers_of(main, lambda part: package.read(part) if part in package else None)
        with package.open(main) as stream:
            found = list(_counted(blocks(events(stream, _WANTED), numbers, most=2 * limits.cells), limits))
        notes = list(_notes(package, main))
        found += _footnotes(package, main)
    grids = [_grid(part) for part in sheets(found)]
    return Book.of(name, grids, notes)


def located(root: Any, numbers: Numbers) -> list[Part]:
    """The sheets of a document kept as a tree, with the element of every line and cell, for marking."""
    return sheets(list(blocks(walk(root, _WANTED), numbers, keep=True)))


def numbers_of(main: str, part: Callable[[str], bytes | None]) -> Numbers:
    """The automatic numbers of a document whose main part is ``main``; ``part`` gives a part's bytes, if it is there."""
    folder = main.rpartition("/")[0]
    return word_numbers.read(part(f"{folder}/numbering.xml"), part(f"{folder}/styles.xml"), word, attribute)


def main_part(package: Package) -> str:
    """The document part of a package that is to be changed; PackageError if there is none."""
    if "word/document.xml" in package:
        return "word/document.xml"
    found = package.related("", "officeDocument")
    if found is None or found not in package:
        raise PackageError("文件里找不到正文，不是 Word 文档或已损坏")
    return found


#: What events are wanted of: paragraphs, tables, rows, cells.
_WANTED = frozenset(f"{{{space}}}{name}" for space in (MAIN, STRICT) for name in ("p", "tbl", "tr", "tc"))
_MANY = 2_000_000


def _main_part(package: Parts) -> str:
    """The document part, wherever the package's relationships say it is."""
    if "word/document.xml" in package:
        return "word/document.xml"
    try:
        root = fromstring(package.read("_rels/.rels"))
    except (KeyError, Malformed):
        raise Damaged("文件里找不到正文") from None
    for element in root:
        if element.get("Type", "").endswith("/officeDocument") and element.get("Target", "") in package:
            return str(element.get("Target"))
    raise Damaged("文件里找不到正文")


def _counted(found: Iterable[Block], limits: Limits) -> Iterator[Block]:
    cells = letters = 0
    for block in found:
        texts = [] if isinstance(block, Embedded) else _texts(block)
        cells += len(texts)
        letters += sum(map(len, texts))
        if cells > limits.cells:
            raise TooMuch(f"表格和段落太多（超过 {limits.cells} 个）")
        if letters > limits.text:
            raise TooMuch("文字太多")
        yield block


def _texts(block: Line | Table) -> list[str]:
    return list(block.cells.values()) if isinstance(block, Table) else [block.text]


# --- blocks --------------------------------------------------------------


def blocks(
    met: Iterable[tuple[str, Element]], numbers: Numbers, keep: bool = False, most: int = _MANY
) -> Iterator[Block]:
    """The paragraphs and tables of a body in order, from the events of a parser; without ``keep`` each is forgotten
    once it is read. TooMuch for more than ``most`` paragraphs, rows and cells."""
    depth = count = 0
    before = ""  # of paragraphs whose marks were deleted: they go on in the next one
    try:
        for event, element in met:
            count += event == "start"
            if count > most:
                raise TooMuch(f"表格和段落太多（超过 {most} 个）")
            if word(element) not in ("p", "tbl"):
                continue
            depth += 1 if event == "start" else -1
            if event == "end" and depth == 0:
                for block in _of(element, numbers, keep):
                    if isinstance(block, Line) and _goes_into_next(element):
                        before += block.text
                    elif isinstance(block, Line) and before:
                        yield replace(block, text=before + block.text)
                        before = ""
                    else:
                        yield block
                if not keep:
                    element.forget()
    except Malformed:
        raise Damaged("正文不是有效的 XML，文件可能没有传完") from None
    if before:
        yield Line(before)


def _goes_into_next(element: Any) -> bool:
    """Whether the mark at a paragraph's end was deleted, so that it is shown in one with the next."""
    return word(element) == "p" and is_on(child(element, "pPr", "rPr", "del"))


def _of(element: Any, numbers: Numbers, keep: bool) -> Iterator[Block]:
    if word(element) == "tbl":
        yield from _table(element, numbers, keep)
        return
    text = _paragraph(element, numbers)
    if in_contents(element, text):
        return
    if text.strip():
        yield Line(text, element if keep else None)
    what = embedded(element)
    if what is not None and (what == OBJECT or not text.strip()):
        yield Embedded(what)
    yield from _boxes(element, numbers, keep)


def _paragraph(element: Any, numbers: Numbers) -> str:
    """The text of a paragraph with the number Word puts in front of it."""
    text = text_of(element)
    if not text.strip():
        return text
    style, listed = child(element, "pPr", "pStyle"), child(element, "pPr", "numPr")
    number, level = child(listed, "numId"), child(listed, "ilvl")
    label = numbers.label(
        "" if style is None else attribute(style, "val"),
        None if number is None else attribute(number, "val"),
        None if level is None else _integer(attribute(level, "val")),
    )
    return label + text


def _boxes(element: Any, numbers: Numbers, keep: bool) -> Iterator[Block]:
    """What stands in the text boxes of a paragraph; the copy for old programs (Fallback) aside."""
    for one in element:
        if not len(one) or one.tag == FALLBACK:
            continue
        if word(one) == "txbxContent":
            for inner in [*children(one, "p"), *children(one, "tbl")]:
                yield from _of(inner, numbers, keep)
        else:
            yield from _boxes(one, numbers, keep)


def _table(element: Any, numbers: Numbers, keep: bool) -> Iterator[Block]:
    """A table, and behind it the tables inside its cells; of one that only lays out text, what its cells hold."""
    rows = [line for line in children(element, "tr") if child(line, "trPr", "del") is None]
    if _lays_out(rows):
        for line in rows:
            for cell in children(line, "tc"):
                for inner in _blocks_in(cell):
                    yield from _of(inner, numbers, keep)
        return
    grid = child(element, "tblGrid")
    widths = () if grid is None else tuple(_integer(attribute(one, "w")) for one in children(grid, "gridCol"))
    table = Table(columns=len(widths), widths=widths)
    inside: list[Any] = []
    open_merges: dict[int, tuple[int, int]] = {}
    for row, line in enumerate(rows, 1):
        inside += _row(table, row, line, open_merges, numbers, keep)
        table.height = row
    for column in list(open_merges):
        _close(table, column, table.height, open_merges)
    yield table
    for nested in inside:
        yield from _table(nested, numbers, keep)


def _blocks_in(cell: Any) -> Iterator[Any]:
    """The paragraphs and tables of a cell in order."""
    for one in cell:
        name = word(one)
        if name in ("p", "tbl"):
            yield one
        elif name in ("sdt", "sdtContent", "ins", "smartTag", "customXml", "moveTo"):
            yield from _blocks_in(one)


#: A cell with so much in it, a sentence among it, holds text and no entry of a form.
_PASSAGE = 25


def _lays_out(rows: Sequence[Any]) -> bool:
    """Whether a table only puts text, or other tables, where they shall stand: of one column, or of a heading and a text."""
    cells = [list(children(row, "tc")) for row in rows]
    if not cells or any(len(row) > 2 for row in cells):
        return False
    if any(child(cell, "tbl") is not None for row in cells for cell in row):
        return all(len(row) == 1 and _frames(row[0]) for row in cells)
    passages = sum(any(map(_is_passage, row)) for row in cells)
    return passages * 2 >= len(cells) if any(len(row) > 1 for row in cells) else passages > 0


def _frames(cell: Any) -> bool:
    """Whether a cell around tables adds nothing, or what stands outside tables elsewhere: text, captions, titles."""
    texts = [text for one in children(cell, "p") if (text := text_of(one)).strip()]
    return not texts or _is_passage(cell) or any(_caption_in(text) or _is_head(text) for text in texts)


def _is_passage(cell: Any) -> bool:
    text = clean("".join(text_of(one) for one in children(cell, "p")))
    return len(text) >= _PASSAGE and re.search("[。；,;]", text) is not None


def _row(
    table: Table, row: int, line: Any, open_merges: dict[int, tuple[int, int]], numbers: Numbers, keep: bool
) -> list[Any]:
    """Put the cells of a row on the table's grid; the tables inside them are given back."""
    inner: list[Any] = []
    before = child(line, "trPr", "gridBefore")
    column = 1 + (_integer(attribute(before, "val")) if before is not None else 0)
    met = set()
    for cell in children(line, "tc"):
        width = _width(cell)
        if column + width > _COLUMNS:
            raise Damaged("表格的列数不合规范")
        met.add(column)
        table.starts.setdefault(row, []).append(column)
        if _merged(table, row, column, width, cell, open_merges):
            text = _cell_text(cell, numbers)
            if text.strip():
                table.cells[(row, column)] = text
        if keep:
            table.marks[(row, column)] = cell
        inner.extend(children(cell, "tbl"))
        column += width
    for gone in [key for key in open_merges if key not in met]:
        _close(table, gone, row - 1, open_merges)
    table.columns = max(table.columns, column - 1)
    return inner


def _width(cell: Any) -> int:
    span = child(cell, "tcPr", "gridSpan")
    return max(1, _integer(attribute(span, "val", "1"))) if span is not None else 1


def _merged(
    table: Table, row: int, column: int, width: int, cell: Any, open_merges: dict[int, tuple[int, int]]
) -> bool:
    """Keep count of merged areas; False for a cell that lies under one from above and shows nothing."""
    merge = child(cell, "tcPr", "vMerge")
    if merge is not None and attribute(merge, "val", "continue") != "restart":
        return column not in open_merges
    _close(table, column, row - 1, open_merges)
    if merge is not None or width > 1:
        open_merges[column] = (row, width)
    if merge is None:
        _close(table, column, row, open_merges)
    return True


def _cell_text(cell: Any, numbers: Numbers) -> str:
    lines: list[str] = []
    before = ""
    for item in children(cell, "p"):
        text = before + _paragraph(item, numbers)
        before = text if _goes_into_next(item) else ""
        lines.append("" if before else text)
        lines += [box.text for box in _boxes(item, numbers, False) if isinstance(box, Line)]
    return "\n".join(line for line in [*lines, before] if line.strip())


def _close(table: Table, column: int, bottom: int, open_merges: dict[int, tuple[int, int]]) -> None:
    if column not in open_merges:
        return
    top, width = open_merges.pop(column)
    if bottom > top or width > 1:
        table.merges.append(Area(top, column, bottom, column + width - 1))


def _integer(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


# --- sheets --------------------------------------------------------------

_CAPTION = re.compile(
    r"^附[件表]?\s*(?:[一二三四五六七八九十]{1,3}|\d{1,2}(?!\d))(?:\s*[-—－–.]\s*\d{1,2}(?!\d))*"
)
_NUMBERED = re.compile(r"^(?:\d{1,2}[、.．)）]|[（(]|[一二三四五六七八九十]{1,3}、)")
_TITLE = re.compile(
    r"(?:自评表|评价表|自评价表|基础数据表|情况表|目标表|明细表|汇总表)(?:[(（].{0,20}[)）])?$"
)
_HEAD = re.compile(
    r"^(?:(?:单位|金额单位|填报单位|填报日期|预算单位|部门|单位名称)[:：].*|\(?20\d\d年?度?\)?)$"
)
_BELOW = re.compile(r"负责人|填表人|填报人|经办人|联系电话|填报日期|制表人|审核人")
_NOTE = re.compile(r"^(?:说明|注|备注)[:：\d]")
_SENTENCE = re.compile(r"[。；;，]")
#: So many lines above a table may belong to it, none longer than this.
_ABOVE, _LONGEST = 6, 60


def sheets(found: Sequence[Block]) -> list[Part]:
    """Tables with the lines that belong to them, one sheet each; all other lines on one sheet, where they begin.

    A picture or an embedded table under a form's caption stands for the form: a sheet without cells says so.
    """
    parts: list[Part] = []
    text = Part(TEXT_SHEET)
    waiting: list[Line] = []
    current: Part | None = None
    table: Table | None = None
    instead = ""
    for block in (*found, None):
        if instead and not isinstance(block, Table | Embedded):
            above = _taken(waiting)
            if above or instead == OBJECT:
                _settle(parts, text, waiting[: len(waiting) - len(above)])
                current, table, waiting = _new_part(above, Table()), None, []
                current.instead = instead
                parts.append(current)
            instead = ""
        if isinstance(block, Embedded):
            instead = block.what if instead != OBJECT else instead
        elif isinstance(block, Line):
            if current is not None and not waiting and belongs_below(block.text):
                current.put(current.last + 1, block)
            else:
                waiting.append(block)
        elif block is not None:
            instead = ""
            goes_on = _continued(parts, waiting, current) if table is not None else None
            if goes_on is None and table is not None and not waiting and _goes_on(table, block):
                goes_on = current
            if goes_on is not None and table is not None and not _begins_own_form(block):
                before = [line for line in waiting if not continues(line.text)]
                _settle(parts, text, [line for line in before if not _is_head(line.text)])
                waiting = []
                _append(goes_on, block, skip=_repeated(table, block), columns=columns_in(table, block))
                continue
            above = _taken(waiting)
            _settle(parts, text, waiting[: len(waiting) - len(above)])
            current, table, waiting = _new_part(above, block), block, []
            parts.append(current)
    _settle(parts, text, waiting)
    _name_apart(parts)
    return parts


_CONTINUED = re.compile(
    r"^\(?(续表|续上表|接上表|续上页|接上页|续前表|上接.{0,8}|续附[件表].{0,8})\)?[:：\d]*$"
    r"|^.{2,50}?(\(续[表上前页\d一二三]*\)|续表|续)$"
)


def continues(text: str) -> bool:
    """Whether a line says that the table under it goes on from before: 续表, （续上表）, 附件2（续）."""
    cleaned = clean(text)
    return len(cleaned) <= _LONGEST and _CONTINUED.match(cleaned) is not None


def _continued(parts: Sequence[Part], waiting: Sequence[Line], current: Part | None) -> Part | None:
    """The sheet that the next table goes on with, where a line right above it says so: the form it names, else the last."""
    near = next((line.text for line in reversed(waiting[-3:]) if continues(line.text)), None)
    if near is None:
        return None
    caption = _caption_in(clean(near).lstrip("(").removeprefix("续"))
    return next((part for part in reversed(parts) if caption is not None and part.name == caption), current)


def _settle(parts: list[Part], text: Part, lines: Sequence[Line]) -> None:
    """Lines that belong to no table go to the text's sheet."""
    for line in lines:
        if not text.cells:
            parts.append(text)
        text.put(text.last + 1, line)


def _taken(lines: Sequence[Line]) -> list[Line]:
    """The short lines right above a table from its caption or title on; none where there is neither."""
    near: list[Line] = []
    for line in reversed(lines[-_ABOVE:]):
        if len(clean(line.text)) > _LONGEST or _SENTENCE.search(line.text):
            break
        near.insert(0, line)
    captions = [index for index, line in enumerate(near) if _caption_in(line.text)]
    heads = [index for index, line in enumerate(near) if _is_head(line.text)]
    first = captions[-1:] or heads[:1]
    return near[first[0] :] if first else []


def _caption_in(text: str) -> str | None:
    """附件3-1 at the beginning of a line, without white space."""
    match = _CAPTION.match(unicodedata.normalize("NFKC", text).strip())
    return None if match is None else clean(match[0])


def _is_head(text: str) -> bool:
    """The title of a form, or a line that belongs to its head; an item of a list of forms is neither."""
    cleaned = clean(text)
    return not _NUMBERED.match(cleaned) and bool(_TITLE.search(cleaned) or _HEAD.match(cleaned))


def belongs_below(text: str) -> bool:
    """Whether a line under a table is the form's own: its signature line or a note."""
    short = len(clean(text)) <= 3 * _LONGEST
    return short and (len(_BELOW.findall(text)) >= 2 or _NOTE.match(clean(text)) is not None)


def _goes_on(table: Table, block: Table) -> bool:
    """Whether a table goes on in the next one, with nothing in between: no caption or title of its own, and the same columns,
    its header again, or the rest of rows that have not come to their total."""
    if _begins_own_form(block):
        return False
    if table.columns == block.columns or _repeated(table, block):
        return True
    headed = any(len(set(map(clean, row)) & _HEADINGS) >= 2 for row in table.top)
    return (
        headed
        and not _has_total(table)
        and not any(set(map(clean, row)) & _HEADINGS for row in block.top[:3])
    )


#: Headings of the columns of indicators, by which a table is known that is not yet at its end.
_HEADINGS = frozenset(
    {"一级指标", "二级指标", "三级指标", "年度指标值", "指标值", "实际完成值", "全年实际值"}
)


def _has_total(table: Table) -> bool:
    return any(
        clean(text).startswith(("总分", "合计", "总计")) for (row, _), text in table.cells.items() if row > 3
    )


def _begins_own_form(block: Table) -> bool:
    first = [text for row in block.top[:3] for text in row if not continues(text)]
    return any(_begins_own(text) for text in first)


def _begins_own(text: str) -> bool:
    cleaned = clean(text)
    return bool(_caption_in(text) or _TITLE.search(cleaned)) or cleaned.startswith(
        ("项目名称", "项目支出名称", "预算单位名称", "专项名称", "专项资金名称")
    )


def _repeated(table: Table, block: Table) -> int:
    """How many rows at the top of a table repeat the header row of the one it goes on from; a row 续表 above it counts."""
    marked = 1 if block.top and len(block.top[0]) == 1 and continues(block.top[0][0]) else 0
    header = block.top[marked] if len(block.top) > marked else ()
    again = len(header) >= 3 and _header_again(table, header) is not None
    return marked + 1 if again else marked


def _header_again(table: Table, header: Sequence[str]) -> int | None:
    """The row of a table that has the texts of a header, in their order."""
    texts = list(map(clean, header))
    for number, row in enumerate(table.top, 1):
        known = [text for text in map(clean, row) if text in texts]
        if known == texts:
            return number
    return None


def columns_in(table: Table, block: Table) -> Callable[[int], int]:
    """Which column of a table a column of its rest is: by the header where it stands again, by how the rows are parted, by the
    widths, else counted from the right."""
    if table.columns == block.columns and table.widths == block.widths:
        return lambda column: column
    steps = _by_header(table, block) or _by_rows(table, block) or _by_widths(table, block)
    shift = table.columns - block.columns
    if not steps:
        return lambda column: max(1, column + shift)
    edges = sorted(steps)

    def column_of(column: int) -> int:
        at = max((edge for edge in edges if edge <= column), default=edges[0])
        return max(
            1,
            steps[at] + column - at if column < at else steps[at] + min(column - at, _room(steps, edges, at)),
        )

    return column_of


def _room(steps: dict[int, int], edges: Sequence[int], at: int) -> int:
    """How many further columns a column takes before the next one begins."""
    after = next((steps[edge] for edge in edges if edge > at), None)
    return 1 << 8 if after is None else max(0, after - steps[at] - 1)


def _by_header(table: Table, block: Table) -> dict[int, int]:
    skip = _repeated(table, block)
    texts = {column: clean(text) for (row, column), text in block.cells.items() if row == skip}
    number = _header_again(table, [texts[column] for column in sorted(texts)]) if len(texts) >= 3 else None
    if number is None:
        return {}
    places = {clean(text): column for (row, column), text in table.cells.items() if row == number}
    return {column: places[text] for column, text in texts.items()}


def _by_rows(table: Table, block: Table) -> dict[int, int]:
    """By the rows that are parted most: where both have as many cells, these stand under each other."""
    ours, theirs = (max(one.starts.values(), key=len, default=[]) for one in (table, block))
    return dict(zip(theirs, ours, strict=True)) if len(ours) == len(theirs) else {}


def _by_widths(table: Table, block: Table) -> dict[int, int]:
    """By where the columns begin on the page, where both grids are as wide."""
    if not all(table.widths) or not all(block.widths) or not table.widths or not block.widths:
        return {}
    ours, theirs = ([0, *accumulate(one.widths)] for one in (table, block))
    if abs(ours[-1] - theirs[-1]) * 20 > ours[-1]:
        return {}
    return {
        column: 1 + min(range(len(ours) - 1), key=lambda at: abs(ours[at] - edge))
        for column, edge in enumerate(theirs[:-1], 1)
    }


def _new_part(above: Sequence[Line], table: Table) -> Part:
    texts = [line.text for line in above] + [text for row in table.top[:2] for text in row[:2]]
    caption = next((found for text in texts if (found := _caption_in(text))), None)
    title = next((clean(text) for text in texts if _TITLE.search(clean(text))), None)
    part = Part((caption or title or (OBJECT if not table.height else "表"))[:40])
    for index, line in enumerate(above):
        part.put(index + 1 - len(above), line)
    part.last = 0
    _append(part, table, skip=0)
    return part


def _append(
    part: Part, table: Table, skip: int, columns: Callable[[int], int] = lambda column: column
) -> None:
    shift = part.last
    for (row, column), text in table.cells.items():
        if row > skip:
            part.cells[(row + shift, columns(column))] = text
    for (row, column), mark in table.marks.items():
        part.marks.setdefault((row + shift, columns(column)), mark)
    part.merges.extend(
        Area(
            area.top + shift,
            columns(area.left),
            area.bottom + shift,
            max(columns(area.left), columns(area.right)),
        )
        for area in table.merges
        if area.top > skip
    )
    part.last = shift + table.height


def _name_apart(parts: Sequence[Part]) -> None:
    """Sheets of one name are told apart by a number."""
    seen: dict[str, int] = {}
    for part in parts:
        seen[part.name] = seen.get(part.name, 0) + 1
        if seen[part.name] > 1 or (part.name == "表" and len(parts) > 1):
            part.name = (
                f"{part.name}{seen[part.name]}" if part.name == "表" else f"{part.name}({seen[part.name]})"
            )


# --- cells ---------------------------------------------------------------

_FIGURE = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?(%?)")
#: A longer figure is a number of something (a card, a code), not an amount.
_LONGEST_FIGURE = 15


def _grid(part: Part) -> Grid:
    cells = {place: _cell(*place, text) for place, text in part.cells.items() if text.strip()}
    return Grid(part.name, cells, tuple(part.merges), instead=part.instead)


def _cell(row: int, column: int, text: str) -> Cell:
    """A figure as the number a workbook would hold, shown as it is written; everything else as text."""
    plain = text.strip()
    match = _FIGURE.fullmatch(plain)
    if match is None or len(plain) > _LONGEST_FIGURE or (plain[0] == "0" and plain[1:2].isdigit()):
        return make_cell(row, column, text, "General")
    decimals = "." + "0" * len(match[1]) if match[1] else ""
    value = Decimal(plain.rstrip("%").replace(",", ""))
    number_format = ("#,##0" if "," in plain else "0") + decimals + match[2]
    return make_cell(row, column, value / 100 if match[2] else value, number_format)


# --- what else is in the package -----------------------------------------


def _notes(package: Parts, main: str) -> Iterator[str]:
    """What a reader of the report should know was not checked."""
    names = list(package.names)
    if any(name.endswith("vbaproject.bin") for name in names):
        yield "文件带有宏，没有运行，只检查文字和表格"
    outside = _external(package, main)
    if outside:
        yield f"文件引用了 {outside} 个外部图片或模板，没有打开"
    pictures = sum(name.startswith("word/media/") for name in names)
    if pictures:
        yield f"文件里有 {pictures} 张图片，图片里的内容没有检查"
    for kind, title in (("header", "页眉"), ("footer", "页脚")):
        texts = dict.fromkeys(
            text
            for name in names
            if re.fullmatch(rf"word/{kind}\d*\.xml", name)
            for text in _part_texts(package, name)
            if re.search(r"[\u4e00-\u9fff]{4}", text)
        )
        if texts:
            yield f"{title}的文字没有检查：{'；'.join(texts)[:60]}"


def _external(package: Parts, main: str) -> int:
    folder, _, name = main.rpartition("/")
    rels = f"{folder}/_rels/{name}.rels"
    try:
        root = fromstring(package.read(rels))
    except (KeyError, Malformed, Forbidden):
        return 0
    return sum(
        element.get("TargetMode") == "External" and not element.get("Type", "").endswith("/hyperlink")
        for element in root
    )


def _part_texts(package: Parts, name: str) -> list[str]:
    """The paragraphs of a small part; a broken one has none."""
    try:
        found = blocks(events(io.BytesIO(package.read(name)), _WANTED), Numbers({}, {}))
        return [clean(block.text) for block in found if isinstance(block, Line)]
    except (Damaged, Forbidden, KeyError):
        return []


def _footnotes(package: Parts, main: str) -> list[Block]:
    """Footnotes and endnotes, as lines of the text."""
    folder = main.rpartition("/")[0]
    names = [f"{folder}/{kind}.xml" for kind in ("footnotes", "endnotes")]
    return [Line(text) for name in names if name in package for text in _part_texts(package, name) if text]
