"""What 校验结果 says and what is marked: wording and looks, the same whether a file or an open workbook is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePath

from perfeval_xl.coverage import headline
from perfeval_xl.findings import (
    PART_WORD,
    SETTLED_WORD,
    SEVERITIES,
    SEVERITY_LEVEL,
    SEVERITY_WORD,
    VERDICT_WORD,
    Finding,
    Report,
    Severity,
)
from perfeval_xl.grid import LAST_COLUMN, LAST_ROW, Area, Grid, Place, column_letters, quoted
from perfeval_xl.records import dataclass
from perfeval_xl.widths import columns
from perfeval_xl.worklist import HEADING, in_list, kind_notes, step_line, worklist

TITLE = "绩效自评校验结果"
SHEET_NAME = "PE_MARKS"
MARK_NAME: dict[Severity, str] = {
    "error": "PE_MARK_ERROR",
    "warning": "PE_MARK_WARNING",
    "info": "PE_MARK_INFO",
}
MEANING: dict[Severity, str] = {
    "error": "计算不符或违反固定规则，应当改正（粗体、实线框）",
    "warning": "审核时会要求说明，请核实（斜体、虚线框）",
    "info": "值得看一看（下划线、点线框）",
}
COLUMNS = (
    ("序号", 6),
    ("级别", 9),
    ("规则", 8),
    ("表", 13),
    ("单元格", 9),
    ("问题", 38),
    (PART_WORD["expected"], 12),
    (PART_WORD["actual"], 12),
    (PART_WORD["difference"], 9),
    (PART_WORD["explain"], 30),
    (PART_WORD["basis"], 20),
    (PART_WORD["suggestion"], 26),
    ("状态", 9),
    ("完成", 6),
    ("说明", 22),
    ("指纹", 10),
)
LINK = "单元格"
#: Columns the clerk fills in, short ones that stand in the middle, and those nobody has to read.
TO_FILL, CENTRED = (
    ("完成", "说明"),
    frozenset(("序号", "级别", "规则", "表", LINK, "应为", "实为", "差额", "状态", "完成")),
)
HIDDEN = ("键", "指纹")
TO_FILL_COLOUR, LINE_COLOUR, LINK_COLOUR = "FFF1F8EC", "FFBFBFBF", "FF0563C1"
TICK = "√"
#: How many columns the meaning of each severity takes in the legend.
LEGEND_SPANS = (4, 2, 2)
#: Headings that every version's list has.
_KNOWN_BY = frozenset(("级别", LINK, "问题", "依据", "指纹"))
DELETED = "已删除"


@dataclass(frozen=True, slots=True)
class Look:
    """How a severity looks; distinct in luminance and, for grey prints, in letters and border.

    Colours are ARGB; ``letters`` is one of bold, italic, underline; ``border`` a line style of the file format.
    """

    fill: str
    text: str
    letters: str
    border: str


LOOK: dict[Severity, Look] = {
    "error": Look("FFFF9999", "FF7A0000", "bold", "thin"),
    "warning": Look("FFFFDD80", "FF5C3D00", "italic", "dashed"),
    "info": Look("FFE4F0FB", "FF1F4E79", "underline", "dotted"),
}


def is_header(texts: Iterable[str]) -> bool:
    """Whether the texts of a row are the headings of a list of findings."""
    return _KNOWN_BY.issubset(texts)


# --- the sheet's words ---------------------------------------------------------------------------------------


def status(finding: Finding) -> str:
    if finding.accepted is None:
        return "待处理"
    return "有说明，仍须改正" if finding.open else SETTLED_WORD


def verdict_line(report: Report) -> str:
    counts = "　".join(f"{SEVERITY_LEVEL[severity]} {report.count(severity)}" for severity in SEVERITIES)
    first = headline(report)
    return f"结论：{VERDICT_WORD[report.verdict]}　　{counts}　{SETTLED_WORD} {report.accepted}{'　　' if first else ''}{first}"


def source_line(report: Report, when: dt.datetime | None = None) -> str:
    time = f"　　校验时间：{when:%Y-%m-%d %H:%M}" if when is not None else ""
    unit = f"　　单位：{report.unit}" if report.unit else ""
    year = f"　　年度：{report.year}" if report.year else ""
    return f"被查文件：{PurePath(report.workbook).name}{unit}{year}{time}"


def policy_line(report: Report) -> str:
    policy = f"依据政策：{report.policy_title}（{report.policy_id}）　　工具：perfeval-xl {report.version}"
    books = "".join(f"　　审核公式：{book.title}（{book.sha256[:8]}）" for book in report.rules)
    return f"{policy}{books}　　已检查 {report.checked} 项，未能检查 {len(report.unchecked)} 项"


def first_text(report: Report) -> str:
    """The steps to begin with, one a line under their heading; empty where nothing has to be mended or explained."""
    lines = [f"{number}. {step_line(step)}" for number, step in enumerate(worklist(report).first, 1)]
    if not lines:
        return ""
    infos = report.count("info")
    folded = [f"另有 {infos} 条提示，收起在表的末尾：点左边的“+”展开。"] if infos else []
    return "\n".join([f"{HEADING}（改完一条，在“完成”栏打 {TICK}）：", *lines, *folded])


def nothing_line(report: Report) -> str:
    if not report.summaries:
        return "没有认出任何附件表，未能检查"
    return "已查的部分未发现问题" if report.verdict == "incomplete" else "未发现问题"


def unchecked_lines(report: Report) -> Iterator[tuple[str, str, str, str]]:
    """What was not read or checked: what, rule, sheet, reason."""
    for unread in report.unread:
        yield "未读取", "", unread.sheet, unread.reason
    for skipped in report.unchecked:
        yield "未检查", skipped.rule, skipped.sheet, skipped.reason


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list: its texts by heading; ``finding`` is None for a 说明 that nothing answers to any more. ``folded``
    lines are only worth a look and are shown when asked for."""

    finding: Finding | None
    texts: dict[str, str]
    folded: bool = False


def lines(report: Report, texts_of: Callable[[int, Finding], dict[str, str]]) -> list[Line]:
    """The list, in the order to work in; what is only worth a look is folded where there is more to do."""
    notes, folds = kind_notes(report), bool(worklist(report).first)
    listed = []
    for ordinal, finding in enumerate(in_list(report), 1):
        line = texts_of(ordinal, finding)
        line["问题"] = "\n".join(filter(None, (line["问题"], notes.get(id(finding)))))
        done = not report.done.isdisjoint((finding.fingerprint, finding.former))
        line["完成"] = TICK if done else ""
        listed.append(Line(finding, line, folds and finding.open and finding.severity == "info"))
    return listed + [Line(None, lapsed_texts(*lapsed)) for lapsed in report.lapsed]


def folded_lines(listed: Sequence[Line]) -> tuple[int, int] | None:
    """The first and the last of the folded lines, counted from 0; None where there are none."""
    found = [index for index, line in enumerate(listed) if line.folded]
    return (found[0], found[-1]) if found else None


def texts(ordinal: int, finding: Finding) -> dict[str, str]:
    """A finding's line by the heading of its column."""
    place = finding.place
    related = "、".join(map(str, finding.related))
    explain = [finding.explain or "", f"{PART_WORD['related']}：{related}" if related else ""]
    problem = [finding.title, finding.message if finding.message != finding.title else ""]
    return {
        "序号": str(ordinal),
        "级别": SEVERITY_LEVEL[finding.severity],
        "规则": finding.rule,
        "表": "（整个文件）" if place is None else place.sheet,
        "单元格": "—" if place is None else place.cell,
        "问题": "\n".join(filter(None, problem)),
        PART_WORD["expected"]: finding.expected or "",
        PART_WORD["actual"]: finding.actual or "",
        PART_WORD["difference"]: finding.difference or "",
        PART_WORD["explain"]: "\n".join(filter(None, explain)),
        PART_WORD["basis"]: finding.basis,
        PART_WORD["suggestion"]: finding.suggestion or "",
        "状态": status(finding),
        "完成": "",
        "说明": finding.accepted or "",
        "指纹": finding.fingerprint,
    }


def lapsed_texts(fingerprint: str, reason: str) -> dict[str, str]:
    """A line for a 说明 that nothing answers to any more, so that no word of it is lost; by heading as ``texts``."""
    return dict.fromkeys((heading for heading, _ in COLUMNS), "") | {
        "问题": "以前写过说明的问题：已经改好，或有关的数字改了，这条说明不再算数",
        "状态": "说明已失效",
        "说明": reason,
        "指纹": fingerprint,
    }


#: The template's name of the cell for ``first_text``, and the height in points of its row without it.
FIRST, EMPTY_HEIGHT = "PE_FIRST", 6.0


#: What the column for what to do was called in templates before.
_FORMER_SUGGESTION = "建议"

# --- the template's table ------------------------------------------------------------------------------------


def template_texts(ordinal: int, finding: Finding) -> dict[str, str]:
    """A finding's line in the template's table, which has no columns for rule and explanation."""
    line = texts(ordinal, finding)
    problem = finding.title if finding.message == finding.title else f"{finding.title}：{finding.message}"
    off = f"{PART_WORD['difference']}：{finding.difference}" if finding.difference else None
    line["问题"] = "\n".join(filter(None, (problem, finding.explain, off)))
    line[_FORMER_SUGGESTION] = line[PART_WORD["suggestion"]]
    line["依据"] = f"{finding.rule}　{finding.basis}"
    return line


def link_formula(place: Place) -> str:
    """A link to a cell that moves along with it."""
    return f'=IFERROR(HYPERLINK("#"&CELL("address",{_reference(place)}),{_address(place)}),"{DELETED}")'


def key_formula(form: str, place: Place, severity: Severity) -> str:
    """What the template's formats look up: form id (``form`` refers to its cell), address, severity. It moves along
    with the cell, and names none once that was deleted."""
    return f'=IFERROR({form}&"!"&{_address(place)}&"|{SEVERITY_WORD[severity]}","{DELETED}")'


def _address(place: Place) -> str:
    return f"ADDRESS(ROW({_reference(place)}),COLUMN({_reference(place)}),4)"


def _reference(place: Place) -> str:
    return f"{quoted(place.sheet)}!${column_letters(place.column)}${place.row}"


# --- what is marked ------------------------------------------------------------------------------------------


def exists(place: Place) -> bool:
    """Whether a sheet can have such a cell."""
    return 1 <= place.row <= LAST_ROW and 1 <= place.column <= LAST_COLUMN


def marked_areas(report: Report) -> dict[str, dict[Area, Severity]]:
    """By sheet, the areas to colour, each with the worst severity of the open findings on it."""
    grids = {grid.sheet: grid for grid in report.grids}
    marked: dict[str, dict[Area, Severity]] = {}
    for severity in SEVERITIES:
        for finding in report.findings:
            place = finding.place
            if finding.open and finding.severity == severity and place is not None and exists(place):
                areas = marked.setdefault(place.sheet, {})
                areas.setdefault(_area(place, grids.get(place.sheet)), severity)
    return marked


def _area(place: Place, grid: Grid | None) -> Area:
    """The place, or the merged range it is in."""
    at = (place.row, place.column)
    merges: Sequence[Area] = () if grid is None else grid.merges
    single = Area(place.row, place.column, place.row, place.column)
    return next((merge for merge in merges if at in merge), single)


# --- cells and rows of a file we write ------------------------------------------------------------------------

_LINE_HEIGHT = 14.5
_MAX_HEIGHT = 409.0


def row_height(text: str, room: int, size: int = 10) -> float:
    """The height of a row that shows ``text`` wrapped in ``room`` characters, up to the highest there is."""
    # Wrapping leaves the ends of lines empty, so a line holds a little less than its width.
    usable = max(2, (room - 1) * 10 // size)
    lines = sum(max(1, -(-columns(paragraph) // usable)) for paragraph in text.split("\n"))
    return min(_MAX_HEIGHT, lines * _LINE_HEIGHT * size / 10 + 4)


@dataclass(frozen=True, slots=True)
class Highlighted:
    """A marked copy; ``notes`` say what could not be marked or kept, ``suffix`` is the one Excel wants."""

    data: bytes
    notes: tuple[str, ...]
    suffix: str
