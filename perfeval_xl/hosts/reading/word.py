"""Word documents: every table a sheet named by its form's caption, all other text one sheet of paragraphs.

Rows and columns count those of the table's own grid, merged cells included; lines above a table (附件3-1, its title)
have the rows 0, -1 … . The body is read block by block, so that memory does not grow with its length. Nothing outside
the file is ever followed: pictures, links and macros are only counted.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from lxml import etree

from perfeval_xl.errors import PackageError
from perfeval_xl.grid import Area, Book, Cell, Grid
from perfeval_xl.hosts.limits import Damaged, Limits, TooMuch
from perfeval_xl.hosts.package.parts import Parts
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.numberformat import make_cell
from perfeval_xl.text import clean

from . import word_numbers
from .word_numbers import Numbers

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
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
    """A table on its own grid: texts by row and column, merged areas, the element of every cell that has a text."""

    columns: int = 0
    height: int = 0
    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    marks: dict[tuple[int, int], Any] = field(default_factory=dict)

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


Block = Line | Table


@dataclass(slots=True)
class Part:
    """A sheet in the making: its name, its lines and cells, and where each stands in the document."""

    name: str
    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    marks: dict[tuple[int, int], Any] = field(default_factory=dict)
    last: int = 0

    def put(self, row: int, line: Line) -> None:
        self.cells[(row, 1)] = line.text
        self.marks[(row, 1)] = line.mark
        self.last = max(self.last, row)


def read(name: str, data: bytes, limits: Limits) -> Book:
    """The document as a book; Damaged or TooMuch where that cannot be."""
    with Parts(data) as package:
        main = _main_part(package)
        numbers = numbers_of(main, lambda part: package.read(part) if part in package else None)
        with package.open(main) as stream:
            events = etree.iterparse(stream, **_PARSING)
            found = list(_counted(blocks(events, numbers, most=2 * limits.cells), limits))
        notes = list(_notes(package, main))
        found += _footnotes(package, main)
    grids = [_grid(part) for part in sheets(found)]
    return Book.of(name, grids, notes)


def located(root: Any, numbers: Numbers) -> list[Part]:
    """The sheets of a document kept as a tree, with the element of every line and cell, for marking."""
    return sheets(
        list(blocks(etree.iterwalk(root, events=("start", "end"), tag=_WANTED), numbers, keep=True))
    )


def numbers_of(main: str, part: Callable[[str], bytes | None]) -> Numbers:
    """The automatic numbers of a document whose main part is ``main``; ``part`` gives a part's bytes, if it is there."""
    folder = main.rpartition("/")[0]
    return word_numbers.read(part(f"{folder}/numbering.xml"), part(f"{folder}/styles.xml"), _word, _get)


def main_part(package: Package) -> str:
    """The document part of a package that is to be changed; PackageError if there is none."""
    if "word/document.xml" in package:
        return "word/document.xml"
    found = package.related("", "officeDocument")
    if found is None or found not in package:
        raise PackageError("文件里找不到正文，不是 Word 文档或已损坏")
    return found


#: What events are wanted of: paragraphs, tables, rows, cells.
_WANTED = tuple(f"{{{space}}}{name}" for space in (_MAIN, _STRICT) for name in ("p", "tbl", "tr", "tc"))
_MANY = 2_000_000
_PARSING: dict[str, Any] = {
    "tag": _WANTED, "events": ("start", "end"), "resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False,
}  # fmt: skip


def _main_part(package: Parts) -> str:
    """The document part, wherever the package's relationships say it is."""
    if "word/document.xml" in package:
        return "word/document.xml"
    try:
        root = etree.fromstring(package.read("_rels/.rels"))
    except (KeyError, etree.XMLSyntaxError):
        raise Damaged("文件里找不到正文") from None
    for element in root:
        if element.get("Type", "").endswith("/officeDocument") and element.get("Target", "") in package:
            return str(element.get("Target"))
    raise Damaged("文件里找不到正文")


def _counted(found: Iterable[Block], limits: Limits) -> Iterator[Block]:
    cells = letters = 0
    for block in found:
        texts = block.cells.values() if isinstance(block, Table) else (block.text,)
        cells += len(texts)
        letters += sum(map(len, texts))
        if cells > limits.cells:
            raise TooMuch(f"表格和段落太多（超过 {limits.cells} 个）")
        if letters > limits.text:
            raise TooMuch("文字太多")
        yield block


# --- blocks --------------------------------------------------------------


def _word(element: Any) -> str:
    """The element's name in WordprocessingML, "" for anything else."""
    tag = element.tag
    return _name_of(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=1024)
def _name_of(tag: str) -> str:
    space, _, name = tag.rpartition("}")
    return name if space in (f"{{{_MAIN}", f"{{{_STRICT}") else ""


def _get(element: Any, name: str, default: str = "") -> str:
    """An attribute of WordprocessingML."""
    return str(element.get(f"{{{_MAIN}}}{name}", element.get(f"{{{_STRICT}}}{name}", default)))


def _children(element: Any, name: str) -> Iterator[Any]:
    """Children of a name, also those inside content controls and accepted insertions."""
    for child in element:
        word = _word(child)
        if word == name:
            yield child
        elif word in ("sdt", "sdtContent", "ins", "smartTag", "customXml", "moveTo"):
            yield from _children(child, name)


def _child(element: Any, *path: str) -> Any:
    for name in path:
        if element is None:
            return None
        element = next((child for child in element if _word(child) == name), None)
    return element


def blocks(
    events: Iterable[tuple[str, Any]], numbers: Numbers, keep: bool = False, most: int = _MANY
) -> Iterator[Block]:
    """The paragraphs and tables of a body in order, from the events of a parser; without ``keep`` each is forgotten
    once it is read. TooMuch for more than ``most`` paragraphs, rows and cells."""
    depth = met = 0
    try:
        for event, element in events:
            met += event == "start"
            if met > most:
                raise TooMuch(f"表格和段落太多（超过 {most} 个）")
            if _word(element) not in ("p", "tbl"):
                continue
            depth += 1 if event == "start" else -1
            if event == "end" and depth == 0:
                yield from _of(element, numbers, keep)
                if not keep:
                    _forget(element)
    except etree.XMLSyntaxError:
        raise Damaged("正文不是有效的 XML，文件可能没有传完") from None


def _forget(element: Any) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _of(element: Any, numbers: Numbers, keep: bool) -> Iterator[Block]:
    if _word(element) == "tbl":
        yield from _table(element, numbers, keep)
        return
    text = _paragraph(element, numbers)
    if text.strip():
        yield Line(text, element if keep else None)
    yield from _boxes(element, numbers, keep)


def _paragraph(element: Any, numbers: Numbers) -> str:
    """The text of a paragraph with the number Word puts in front of it."""
    text = _text(element)
    if not text.strip():
        return text
    style, listed = _child(element, "pPr", "pStyle"), _child(element, "pPr", "numPr")
    number, level = _child(listed, "numId"), _child(listed, "ilvl")
    label = numbers.label(
        "" if style is None else _get(style, "val"),
        None if number is None else _get(number, "val"),
        None if level is None else _integer(_get(level, "val")),
    )
    return label + text


def _boxes(element: Any, numbers: Numbers, keep: bool) -> Iterator[Block]:
    """What stands in the text boxes of a paragraph; the copy for old programs (Fallback) aside."""
    for child in element:
        if child.tag == _FALLBACK:
            continue
        if _word(child) == "txbxContent":
            for inner in [*_children(child, "p"), *_children(child, "tbl")]:
                yield from _of(inner, numbers, keep)
        else:
            yield from _boxes(child, numbers, keep)


_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
_LEFT_OUT = frozenset({"txbxContent", "del", "moveFrom", "instrText", "delText", "rPr", "pPr", "tbl"})


def _text(element: Any) -> str:
    """The text of a paragraph as shown: deleted text, field codes and text boxes left out."""
    pieces: list[str] = []
    _collect(element, pieces)
    return "".join(pieces)


def _collect(element: Any, pieces: list[str]) -> None:
    for child in element:
        word = _word(child)
        if word == "t":
            pieces.append(child.text or "")
        elif word in _BREAKS:
            pieces.append(_BREAKS[word])
        elif word not in _LEFT_OUT and child.tag != _FALLBACK:
            if word == "r" and _child(child, "rPr", "vanish") is not None:
                continue
            _collect(child, pieces)


def _table(element: Any, numbers: Numbers, keep: bool) -> Iterator[Block]:
    """A table, and behind it the tables inside its cells."""
    grid = _child(element, "tblGrid")
    table = Table(columns=0 if grid is None else sum(1 for _ in _children(grid, "gridCol")))
    inner: list[Any] = []
    open_merges: dict[int, tuple[int, int]] = {}
    lines = (line for line in _children(element, "tr") if _child(line, "trPr", "del") is None)
    for row, line in enumerate(lines, 1):
        inner += _row(table, row, line, open_merges, numbers, keep)
        table.height = row
    for column in list(open_merges):
        _close(table, column, table.height, open_merges)
    yield table
    for nested in inner:
        yield from _table(nested, numbers, keep)


def _row(
    table: Table, row: int, line: Any, open_merges: dict[int, tuple[int, int]], numbers: Numbers, keep: bool
) -> list[Any]:
    """Put the cells of a row on the table's grid; the tables inside them are given back."""
    inner: list[Any] = []
    before = _child(line, "trPr", "gridBefore")
    column = 1 + (_integer(_get(before, "val")) if before is not None else 0)
    met = set()
    for cell in _children(line, "tc"):
        width = _width(cell)
        if column + width > _COLUMNS:
            raise Damaged("表格的列数不合规范")
        met.add(column)
        if _merged(table, row, column, width, cell, open_merges):
            text = _cell_text(cell, numbers)
            if text.strip():
                table.cells[(row, column)] = text
        if keep:
            table.marks[(row, column)] = cell
        inner.extend(_children(cell, "tbl"))
        column += width
    for gone in [key for key in open_merges if key not in met]:
        _close(table, gone, row - 1, open_merges)
    table.columns = max(table.columns, column - 1)
    return inner


def _width(cell: Any) -> int:
    span = _child(cell, "tcPr", "gridSpan")
    return max(1, _integer(_get(span, "val", "1"))) if span is not None else 1


def _merged(
    table: Table, row: int, column: int, width: int, cell: Any, open_merges: dict[int, tuple[int, int]]
) -> bool:
    """Keep count of merged areas; False for a cell that lies under one from above and shows nothing."""
    merge = _child(cell, "tcPr", "vMerge")
    if merge is not None and _get(merge, "val", "continue") != "restart":
        return column not in open_merges
    _close(table, column, row - 1, open_merges)
    if merge is not None or width > 1:
        open_merges[column] = (row, width)
    if merge is None:
        _close(table, column, row, open_merges)
    return True


def _cell_text(cell: Any, numbers: Numbers) -> str:
    lines: list[str] = []
    for item in _children(cell, "p"):
        lines.append(_paragraph(item, numbers))
        lines += [box.text for box in _boxes(item, numbers, False) if isinstance(box, Line)]
    return "\n".join(line for line in lines if line.strip())


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
    """Tables with the lines that belong to them, one sheet each; all other lines on one sheet, where they begin."""
    parts: list[Part] = []
    text = Part(TEXT_SHEET)
    waiting: list[Line] = []
    current: Part | None = None
    table: Table | None = None
    for block in found:
        if isinstance(block, Line):
            if current is not None and not waiting and belongs_below(block.text):
                current.put(current.last + 1, block)
            else:
                waiting.append(block)
            continue
        if table is not None and current is not None and not waiting and _goes_on(table, block):
            _append(current, block, skip=_repeated(table, block))
            continue
        above = _taken(waiting)
        _settle(parts, text, waiting[: len(waiting) - len(above)])
        current, table, waiting = _new_part(above, block), block, []
        parts.append(current)
    _settle(parts, text, waiting)
    _name_apart(parts)
    return parts


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
    """Whether a table goes on in the next one, with nothing in between: same columns, no caption or title of its own."""
    first = [text for row in block.top[:3] for text in row]
    return table.columns == block.columns and not any(_begins_own(text) for text in first)


def _begins_own(text: str) -> bool:
    cleaned = clean(text)
    return bool(_caption_in(text) or _TITLE.search(cleaned)) or cleaned.startswith(
        ("项目名称", "项目支出名称", "预算单位名称", "专项名称", "专项资金名称")
    )


def _repeated(table: Table, block: Table) -> int:
    """How many rows at the top of a table repeat the header row of the one it goes on from."""
    return 1 if block.top and len(block.top[0]) >= 3 and block.top[0] in table.top else 0


def _new_part(above: Sequence[Line], table: Table) -> Part:
    texts = [line.text for line in above] + [text for row in table.top[:2] for text in row[:2]]
    caption = next((found for text in texts if (found := _caption_in(text))), None)
    title = next((clean(text) for text in texts if _TITLE.search(clean(text))), None)
    part = Part((caption or title or "表")[:40])
    for index, line in enumerate(above):
        part.put(index + 1 - len(above), line)
    part.last = 0
    _append(part, table, skip=0)
    return part


def _append(part: Part, table: Table, skip: int) -> None:
    shift = part.last
    for (row, column), text in table.cells.items():
        if row > skip:
            part.cells[(row + shift, column)] = text
    part.marks.update({(row + shift, column): mark for (row, column), mark in table.marks.items()})
    part.merges.extend(
        Area(area.top + shift, area.left, area.bottom + shift, area.right)
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
    return Grid(part.name, cells, tuple(part.merges))


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
        root = etree.fromstring(package.read(rels))
    except (KeyError, etree.XMLSyntaxError):
        return 0
    return sum(
        element.get("TargetMode") == "External" and not element.get("Type", "").endswith("/hyperlink")
        for element in root
    )


def _part_texts(package: Parts, name: str) -> list[str]:
    """The paragraphs of a small part; a broken one has none."""
    try:
        found = blocks(etree.iterparse(io.BytesIO(package.read(name)), **_PARSING), Numbers({}, {}))
        return [clean(block.text) for block in found if isinstance(block, Line)]
    except (Damaged, KeyError):
        return []


def _footnotes(package: Parts, main: str) -> list[Block]:
    """Footnotes and endnotes, as lines of the text."""
    folder = main.rpartition("/")[0]
    names = [f"{folder}/{kind}.xml" for kind in ("footnotes", "endnotes")]
    return [Line(text) for name in names if name in package for text in _part_texts(package, name) if text]
