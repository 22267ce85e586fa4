"""Word pages as Chinese public offices lay them out (GB/T 9704): one writer for every document we make.

``Pages`` takes titles, headings, paragraphs and tables in their order and gives the bytes of a .docx. Texts are written
as plain text whatever stands in them: no field, no link, no markup comes of it. The same calls give the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from xml.sax.saxutils import escape, quoteattr

from perfeval_xl.records import dataclass, field
from perfeval_xl.text import legal

if TYPE_CHECKING:
    from docx.document import Document

Align = Literal["left", "center", "right", "both"]

#: A4 in mm: width and height, then the margins of an upright page; lying, the page is turned with its binding edge on top.
_WIDTH, _HEIGHT = 210, 297
_TOP, _BOTTOM, _LEFT, _RIGHT = 37, 35, 28, 26
#: How wide a text or table may be, in mm, upright and lying.
UPRIGHT_MM, LYING_MM = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
#: From the edge of the page to the page number, in mm: its line is 7 mm below the text.
_FOOTER_UPRIGHT, _FOOTER_LYING = 22, 13
#: 22 lines on an upright page, 28 letters in a line: the grid Word keeps for that (twentieths of a point; 4096ths).
_LINE, _LETTER = 579, -849
#: Points a letter of the body has (三号).
_BODY_SIZE = 16
#: The date of every part: what is made twice is the same twice.
_DATE = (1980, 1, 1, 0, 0, 0)

TITLE_FONT, BODY_FONT, HEI, KAI, SONG, LATIN = (
    "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体", "Times New Roman",
)  # fmt: skip
#: What stands in for a font that a computer does not have.
FALLBACKS: Mapping[str, str] = {
    TITLE_FONT: "方正小标宋_GBK,宋体,SimSun,Noto Serif CJK SC,Source Han Serif SC",
    BODY_FONT: "仿宋,FangSong,STFangsong,Noto Serif CJK SC,Source Han Serif SC",
    KAI: "楷体,KaiTi,STKaiti,Noto Serif CJK SC,Source Han Serif SC",
    HEI: "SimHei,STHeiti,Noto Sans CJK SC,Source Han Sans SC",
    SONG: "SimSun,STSong,Noto Serif CJK SC,Source Han Serif SC",
}

#: A table of Word has no more.
MOST_COLUMNS = 63


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style: its id, Word's own name for it, fonts and sizes in points; ``level`` is its place in the outline.

    ``indent`` is the first line's in letters; ``exact`` the height of a line where it is fixed.
    """

    id: str
    name: str
    font: str
    size: float
    bold: bool = False
    align: Align = "left"
    indent: int = 0
    exact: float | None = _LINE / 20
    before: float = 0
    after: float = 0
    level: int | None = None
    keep: bool = False
    latin: str = LATIN


BODY, TABLE_TEXT, FOOTER = "BodyText", "TableText", "Footer"
#: Above a table: 附件N and the table's title; a small line above or below one.
CAPTION, TABLE_TITLE, SMALL = "Caption", "TableTitle", "SmallLine"
_STYLES = (
    Style("Normal", "Normal", BODY_FONT, _BODY_SIZE, exact=None),
    Style(BODY, "Body Text", BODY_FONT, _BODY_SIZE, align="both", indent=2),
    Style("Title", "Title", TITLE_FONT, 22, align="center", exact=34, after=_LINE / 20, level=0, keep=True),
    Style("Heading1", "heading 1", HEI, _BODY_SIZE, indent=2, level=0, keep=True),
    Style("Heading2", "heading 2", KAI, _BODY_SIZE, indent=2, level=1, keep=True),
    Style("Heading3", "heading 3", BODY_FONT, _BODY_SIZE, bold=True, indent=2, level=2, keep=True),
    Style(CAPTION, "caption", HEI, _BODY_SIZE, level=0, keep=True),
    Style(
        TABLE_TITLE, "附表标题", TITLE_FONT, 18, align="center", exact=None, before=6, after=8, level=1, keep=True
    ),
    Style(SMALL, "表外文字", SONG, 10.5, exact=None, before=3, after=3),
    Style(TABLE_TEXT, "表格文字", SONG, 10.5, exact=None),
    Style(FOOTER, "footer", SONG, 14, exact=None, latin=SONG),
)  # fmt: skip
_TABLE_STYLE = "FormTable"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a paragraph that looks different from the rest."""

    text: str
    bold: bool = False


Text = str | Sequence[Span]


@dataclass(frozen=True, slots=True)
class Box:
    """A cell of a table, over so many rows and columns; ``fill`` is RRGGBB, ``open`` sides have no line, ``indent`` is
    in letters."""

    text: Text
    align: Align = "center"
    bold: bool = False
    rows: int = 1
    columns: int = 1
    fill: str = ""
    indent: int = 0
    open: tuple[Literal["left", "right", "top", "bottom"], ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Boxes by 0-based (row, column) of a grid ``widths`` (mm) wide and ``height`` rows high; the rest is empty cells.

    The first ``header`` rows are repeated on every page. A row stays on one page, those in ``splitting`` aside.
    ``size`` is the letters' in points; ``low`` the least height of a row in mm.
    """

    widths: Sequence[float]
    height: int
    boxes: Mapping[tuple[int, int], Box]
    header: int = 0
    size: float = 10.5
    low: float = 7.0
    splitting: frozenset[int] = field(default_factory=frozenset)


class Pages:
    """A document in the making; what is added stands below what was added before."""

    def __init__(self, title: str, fonts: Mapping[str, str] | None = None) -> None:
        """``title`` is what the file's properties say it is; ``fonts`` are named in the place of the official ones."""
        self._document = _blank(title, fonts or {})
        self._body: Any = self._document.element.body
        self._section: Any = self._document.sections[0]._sectPr
        self._lying = False
        self._break = False
        _orient(self._section, lying=False)

    def title(self, text: Text) -> None:
        self.paragraph(text, "Title")

    def heading(self, level: int, text: Text) -> None:
        """A heading of level 1 ("一、"), 2 ("（一）") or 3 ("1."); its number is part of the text."""
        self.paragraph(text, f"Heading{level}")

    def foot(self, text: str) -> None:
        """Every page ends with this line, its number and how many there are, in the place of the mere number: so that no
        page of a signed document can be taken for another's."""
        section = self._document.sections[0]
        for footer in (section.footer, section.even_page_footer):
            _refill(footer._element, _foot(text))

    def paragraph(
        self, text: Text, style: str = BODY, align: Align | None = None, *, keep: bool = False
    ) -> None:
        """A paragraph; with ``keep`` on the page of what follows it."""
        more = ("<w:keepNext/>" if keep else "") + ("<w:pageBreakBefore/>" if self._break else "")
        self._break = False
        self._add(_paragraph(text, style, more, align))

    def table(self, table: Table) -> None:
        """A table; right behind another one it stands apart from it by a hair."""
        if self._break or _is(self._last(), "tbl"):
            self._thin()
        self._add(_table(table))

    def page(self, *, lying: bool = False) -> None:
        """What follows begins a new page, upright or lying."""
        if self._last() is None:
            _orient(self._section, lying=lying)
        elif lying == self._lying:
            self._break = True
        else:
            self._end_section()
            _orient(self._section, lying=lying)
        self._lying = lying

    def to_bytes(self) -> bytes:
        if _is(self._last(), "tbl"):
            self._thin()
        stream = io.BytesIO()
        self._document.save(stream)
        return _with_fixed_dates(stream.getvalue())

    def _end_section(self) -> None:
        """The section so far ends with its last paragraph, which says how its pages are."""
        if not _is(self._last(), "p") or self._break:
            self._thin()
        self._last().get_or_add_pPr().append(deepcopy(self._section))

    def _thin(self) -> None:
        """A paragraph that is hardly there."""
        more = '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
        first = "<w:pageBreakBefore/>" if self._break else ""
        self._break = False
        self._add(_paragraph("", TABLE_TEXT, first, None, more))

    def _last(self) -> Any:
        return self._section.getprevious()

    def _add(self, xml: str) -> None:
        from docx.oxml import parse_xml

        self._section.addprevious(parse_xml(xml))


# -- XML --------------------------------------------------------------------------------------------------------

_SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NAMES = f'xmlns:w="{_SPACE}"'


def _is(element: Any, name: str) -> bool:
    return element is not None and element.tag == f"{{{_SPACE}}}{name}"


def _paragraph(text: Text, style: str, first: str = "", align: Align | None = None, more: str = "") -> str:
    jc = f'<w:jc w:val="{align}"/>' if align else ""
    return f'<w:p {_NAMES}><w:pPr><w:pStyle w:val="{style}"/>{first}{more}{jc}</w:pPr>{_runs(text)}</w:p>'


def _runs(text: Text, bold: bool = False, size: float | None = None) -> str:
    spans = [Span(text)] if isinstance(text, str) else text
    return "".join(_run(span.text, bold or span.bold, size) for span in spans if span.text)


#: Chinese quotation marks and dashes are those of the Chinese font.
_HINT = '<w:rFonts w:hint="eastAsia"/>'


def _run(text: str, bold: bool = False, size: float | None = None) -> str:
    look = _HINT + ("<w:b/>" if bold else "") + (_size(size) if size else "")
    lines = legal(text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    inner = "<w:br/>".join("<w:tab/>".join(map(_letters, line.split("\t"))) for line in lines)
    return f"<w:r><w:rPr>{look}</w:rPr>{inner}</w:r>"


def _letters(text: str) -> str:
    return f'<w:t xml:space="preserve">{escape(text)}</w:t>' if text else ""


def _size(points: float) -> str:
    half = round(2 * points)
    return f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>'


def _twips(millimetres: float) -> int:
    return round(millimetres * 1440 / 25.4)


# -- tables -----------------------------------------------------------------------------------------------------


def _table(table: Table) -> str:
    widths = [_twips(width) for width in table.widths]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    owners = _owners(table)
    rows = "".join(_table_row(table, row, widths, owners) for row in range(table.height))
    return (
        f'<w:tbl {_NAMES}><w:tblPr><w:tblStyle w:val="{_TABLE_STYLE}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:jc w:val="center"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'
    )


def _owners(table: Table) -> dict[tuple[int, int], tuple[int, int]]:
    """Which box every place under a merged one belongs to."""
    return {
        (row, column): place
        for place, box in table.boxes.items()
        for row in range(place[0], place[0] + box.rows)
        for column in range(place[1], place[1] + box.columns)
    }


_EMPTY = Box("")


def _table_row(
    table: Table, row: int, widths: Sequence[int], owners: Mapping[tuple[int, int], tuple[int, int]]
) -> str:
    whole = "" if row in table.splitting else "<w:cantSplit/>"
    head = "<w:tblHeader/>" if row < table.header else ""
    cells = []
    column = 0
    while column < len(widths):
        top, _ = owners.get((row, column), (row, column))
        box = table.boxes.get(owners.get((row, column), (row, column)), _EMPTY)
        width = sum(widths[column : column + box.columns])
        # Headings never stand alone at the foot of a page.
        cells.append(_table_cell(box, width, continued=top < row, size=table.size, keep=row < table.header))
        column += box.columns
    height = f'<w:trHeight w:val="{_twips(table.low)}" w:hRule="atLeast"/>'
    return f"<w:tr><w:trPr>{whole}{height}{head}</w:trPr>{''.join(cells)}</w:tr>"


def _table_cell(box: Box, width: int, *, continued: bool, size: float, keep: bool) -> str:
    span = f'<w:gridSpan w:val="{box.columns}"/>' if box.columns > 1 else ""
    merge = "" if box.rows == 1 else "<w:vMerge/>" if continued else '<w:vMerge w:val="restart"/>'
    sides = "".join(
        f'<w:{side} w:val="nil"/>' for side in ("top", "left", "bottom", "right") if side in box.open
    )
    lines = f"<w:tcBorders>{sides}</w:tcBorders>" if sides else ""
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill={quoteattr(box.fill)}/>' if box.fill else ""
    properties = f'<w:tcW w:w="{width}" w:type="dxa"/>{span}{merge}{lines}{fill}<w:vAlign w:val="center"/>'
    text = "" if continued else _runs(box.text, box.bold, None if size == 10.5 else size)
    indent = (
        f'<w:ind w:leftChars="{100 * box.indent}" w:left="{round(20 * size * box.indent)}"/>'
        if box.indent
        else ""
    )
    stay = "<w:keepNext/>" if keep else ""
    jc = "" if box.align == "left" else f'<w:jc w:val="{box.align}"/>'
    return f'<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:pPr><w:pStyle w:val="{TABLE_TEXT}"/>{stay}{indent}{jc}</w:pPr>{text}</w:p></w:tc>'


# -- the blank document -----------------------------------------------------------------------------------------


def _blank(title: str, fonts: Mapping[str, str]) -> Document:
    """A document of our styles and page numbers, without anything else the library's own has."""
    import docx
    from docx.opc.constants import RELATIONSHIP_TYPE as RT

    document = docx.Document()
    _only(document.part, (RT.STYLES, RT.SETTINGS, RT.THEME))
    _only(document.part.package, (RT.CORE_PROPERTIES, RT.OFFICE_DOCUMENT))
    _refill(document.styles.element, _with_fonts(_styles(), fonts))
    _refill(document.settings.element, _SETTINGS)
    _font_table(document)
    _footers(document)
    properties = document.core_properties
    properties.title = legal(title)
    properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
    properties.revision = 1
    properties.created = properties.modified = datetime(*_DATE)
    properties.language = "zh-CN"
    return document


def _only(holder: Any, kept: Sequence[str]) -> None:
    for key, relation in list(holder.rels.items()):
        if relation.reltype not in kept:
            del holder.rels[key]


def _refill(element: Any, xml: str) -> None:
    from docx.oxml import parse_xml

    for child in list(element):
        element.remove(child)
    for child in list(parse_xml(f"<w:root {_NAMES}>{xml}</w:root>")):
        element.append(child)


_SETTINGS = (
    '<w:zoom w:percent="100"/><w:removePersonalInformation/><w:defaultTabStop w:val="420"/><w:evenAndOddHeaders/>'
    '<w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:compatSetting w:name="compatibilityMode" '
    'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
    '<w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/>'
)


def stand_ins(installed: Collection[str] | None) -> dict[str, str]:
    """What to call the official fonts for a program that does not read a document's font table: the first of each one's
    stand-ins that is installed, or where that is not known all of them as a list."""
    names = {name: (name, *others.split(",")) for name, others in FALLBACKS.items()}
    if installed is None:
        return {name: ";".join(all_names) for name, all_names in names.items()}
    return {
        name: next((one for one in all_names if one in installed), name) for name, all_names in names.items()
    }


def _with_fonts(styles: str, fonts: Mapping[str, str]) -> str:
    for name, other in fonts.items():
        styles = styles.replace(f'"{name}"', f'"{other}"')
    return styles


def _styles() -> str:
    fonts = _fonts(BODY_FONT)
    defaults = (
        f"<w:docDefaults><w:rPrDefault><w:rPr>{fonts}{_size(_BODY_SIZE)}"
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
    )
    return defaults + "".join(map(_style, _STYLES)) + _TABLE_STYLES


def _fonts(name: str, latin: str = LATIN) -> str:
    return f'<w:rFonts w:ascii="{latin}" w:eastAsia="{name}" w:hAnsi="{latin}" w:cs="{latin}" w:hint="eastAsia"/>'


def _style(style: Style) -> str:
    own = style.name == "Normal"
    default = ' w:default="1"' if own else ""
    custom = "" if style.name.isascii() else ' w:customStyle="1"'
    based = "" if own else '<w:basedOn w:val="Normal"/>'
    line = f' w:line="{round(20 * style.exact)}" w:lineRule="exact"' if style.exact else ""
    paragraph = (
        ("<w:keepNext/>" if style.keep else "")
        + '<w:widowControl w:val="0"/>'
        + ('<w:snapToGrid w:val="0"/>' if style.exact is None else "")
        + f'<w:spacing w:before="{round(20 * style.before)}" w:after="{round(20 * style.after)}"{line}/>'
        + (
            f'<w:ind w:firstLineChars="{100 * style.indent}" w:firstLine="{round(20 * style.size * style.indent)}"/>'
            if style.indent
            else ""
        )
        + f'<w:jc w:val="{style.align}"/>'
        + (f'<w:outlineLvl w:val="{style.level}"/>' if style.level is not None else "")
    )
    letters = _fonts(style.font, style.latin) + ("<w:b/>" if style.bold else "") + _size(style.size)
    return (
        f'<w:style w:type="paragraph"{default}{custom} w:styleId="{style.id}"><w:name w:val="{style.name}"/>{based}'
        f"<w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{letters}</w:rPr></w:style>"
    )


_EDGES = "".join(
    f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_NARROW = "".join(
    f'<w:{side} w:w="{width}" w:type="dxa"/>'
    for side, width in (("top", 28), ("left", 57), ("bottom", 28), ("right", 57))
)
_TABLE_STYLES = (
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr>'
    '<w:tblInd w:w="0" w:type="dxa"/></w:tblPr></w:style>'
    f'<w:style w:type="table" w:customStyle="1" w:styleId="{_TABLE_STYLE}"><w:name w:val="绩效自评附表"/>'
    f'<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>{_EDGES}</w:tblBorders>'
    f"<w:tblCellMar>{_NARROW}</w:tblCellMar></w:tblPr></w:style>"
)


def _font_table(document: Document) -> None:
    """What stands in for a font that is missing."""
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/>'
        f'<w:family w:val="{"modern" if name == HEI else "roman"}"/></w:font>'
        for name, others in FALLBACKS.items()
    )
    xml = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:fonts {_NAMES}>{fonts}</w:fonts>'
    part = Part(
        PackURI("/word/fontTable.xml"), CONTENT_TYPE.WML_FONT_TABLE, xml.encode(), document.part.package
    )
    document.part.relate_to(part, RELATIONSHIP_TYPE.FONT_TABLE)


def _footers(document: Document) -> None:
    """— 1 — at the outer edge: right on odd pages, left on even ones, one letter in from the margin."""
    section = document.sections[0]
    for footer, align, side in (
        (section.footer, "right", "right"),
        (section.even_page_footer, "left", "left"),
    ):
        footer.is_linked_to_previous = False
        number = f'<w:fldSimple w:instr=" PAGE "><w:r><w:rPr>{_HINT}</w:rPr><w:t>1</w:t></w:r></w:fldSimple>'
        dash = f'<w:r><w:rPr>{_HINT}</w:rPr><w:t xml:space="preserve">%s</w:t></w:r>'
        _refill(
            footer._element,
            f'<w:p><w:pPr><w:pStyle w:val="{FOOTER}"/><w:ind w:{side}Chars="100" w:{side}="280"/>'
            f'<w:jc w:val="{align}"/></w:pPr>{dash % "— "}{number}{dash % " —"}</w:p>',
        )


def _foot(text: str) -> str:
    shown = f"{_run(f'{text}　第 ')}{_field('PAGE')}{_run(' 页　共 ')}{_field('NUMPAGES')}{_run(' 页')}"
    return f'<w:p><w:pPr><w:pStyle w:val="{SMALL}"/><w:jc w:val="center"/></w:pPr>{shown}</w:p>'


def _field(name: str) -> str:
    return f'<w:fldSimple w:instr=" {name} ">{_run("1")}</w:fldSimple>'


def _orient(section: Any, *, lying: bool) -> None:
    """Give a section its page: size, margins, grid."""
    from docx.oxml import parse_xml

    for child in list(section):
        if not (_is(child, "footerReference") or _is(child, "headerReference")):
            section.remove(child)
    width, height = (_HEIGHT, _WIDTH) if lying else (_WIDTH, _HEIGHT)
    top, right, bottom, left = (_LEFT, _TOP, _RIGHT, _BOTTOM) if lying else (_TOP, _RIGHT, _BOTTOM, _LEFT)
    orient = ' w:orient="landscape"' if lying else ""
    grid = (
        "" if lying else f'<w:docGrid w:type="linesAndChars" w:linePitch="{_LINE}" w:charSpace="{_LETTER}"/>'
    )
    footer = _FOOTER_LYING if lying else _FOOTER_UPRIGHT
    xml = (
        f'<w:pgSz w:w="{_twips(width)}" w:h="{_twips(height)}"{orient}/>'
        f'<w:pgMar w:top="{_twips(top)}" w:right="{_twips(right)}" w:bottom="{_twips(bottom)}" '
        f'w:left="{_twips(left)}" w:header="{_twips(15)}" w:footer="{_twips(footer)}" w:gutter="0"/>{grid}'
    )
    for child in list(parse_xml(f"<w:root {_NAMES}>{xml}</w:root>")):
        section.append(child)


def _with_fixed_dates(data: bytes) -> bytes:
    """The same package, every member of the same date and without traces of the system that wrote it."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in source.namelist():
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            made.writestr(info, source.read(name))
    return stream.getvalue()
