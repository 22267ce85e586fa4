"""Where forms begin on a sheet: by their titles, and where titles were lost by their header rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from perfeval_xl import patterns as re
from perfeval_xl.grid import Cell
from perfeval_xl.text import clean

from . import labels
from .records import Kind
from .sheet import Sheet

#: Titles by kind; the first that fits holds. "target": a table of targets or indicators, decided by its columns.
TITLES: tuple[tuple[re.Pattern[str], Kind | str], ...] = (
    (re.compile("基础数据表"), "basic"),
    (re.compile("政府性基金.*表$"), "gov_fund"),
    (re.compile("国有资本经营.*表$"), "state_capital"),
    (re.compile("社会保险基金.*表$"), "social_insurance"),
    (re.compile("(整体|部门绩效|单位绩效).*(自评表|评价表|自评价表)$"), "overall"),
    (re.compile("(自评表|评价表|自评价表)$"), "project"),
    (re.compile("(复核|抽查|核查|复评|复审)(结果|情况|意见|评分|打分|汇总|记录|底稿)*表$"), "review"),
    (re.compile("(监控|跟踪|监测)(结果|情况|信息|记录|填报|分析|汇总)*表$"), "monitor"),
    (re.compile("(自评报告|自评价报告|评价报告|自我评价报告)$"), "narrative"),
    (re.compile("(目标表|指标表|申报表|目标申报.{0,8}表|目标批复表|目标填报表)$"), "target"),
)
_AFTER_TITLE = re.compile(r"(\(\d{4}年?度?\)|\d{4}年?度?|\(.{0,12}\))$")
_NUMBERED = re.compile(r"^(\(?\d+[)、.．]|[一二三四五六七八九十]+、|目标\d)")
ATTACHMENT = re.compile(r"^附件?表?[一二三四五六七八九十\d]+([-—－–.]\d+)*[:：]?$")
_ATTACHMENT_PREFIX = re.compile(r"^附[件表]?[一二三四五六七八九十\d]*([-—－–.]\d+)*[:：]")
_SENTENCE = re.compile(r"[。；;，,]|\.$")


#: Other papers of the cycle: how a clerk calls them.
PAPERS: Mapping[str, str] = {
    "target": "绩效目标表（没有实际完成值，只列目标）",
    "monitor": "绩效运行监控表",
    "review": "绩效自评复核表",
}
_OVERALL = re.compile("整体|部门绩效|单位绩效")
#: Columns that only a review or a monitoring form has.
_REVIEWED = re.compile(r"^复核(完成值|得分|分|结果|意见|情况|后?得分)|^(抽查|评审|核定)(得分|完成值|结果)$")
_MONITORED = re.compile(
    r"全年预计|预计完成情况|完成目标可能性|目标完成可能性|当前(完成值|执行)"
    r"|(^\d{1,2}[-—–~至]\d{1,2}月份?|截[至止]\d{1,2}月.{0,4})(累计|实际|预算)*(执行|完成|支出|进度|值)|(执行|运行)监控"
)


@dataclass(frozen=True, slots=True)
class Segment:
    """The rows of one form; ``kind`` by its title, or by its columns where a title is wanting or says something else: a kind of
    self-evaluation form, or one of ``PAPERS``. ``titled`` says that it has a title of its own."""

    kind: str
    top: int
    bottom: int
    title: Cell
    caption: str
    titled: bool = True


def title_kind(text: str) -> str | None:
    """The kind of form a text is the title of, or None where it is no title."""
    name = clean(text)
    return _kind_of_title(name) if 3 <= len(name) <= 60 else None


@lru_cache(maxsize=4096)
def _kind_of_title(name: str) -> str | None:
    if _NUMBERED.match(name) or _SENTENCE.search(name):
        return None
    name = _ATTACHMENT_PREFIX.sub("", name)
    while (shorter := _AFTER_TITLE.sub("", name)) != name:
        name = shorter
    for pattern, kind in TITLES:
        if pattern.search(name):
            return kind
    return None


def _title_of(cells: Sequence[Cell]) -> tuple[Cell, str] | None:
    """The title among a row's cells: a title stands (nearly) alone in its row."""
    texts = [cell for cell in cells if isinstance(cell.value, str)]
    if not texts or len(cells) > 4:
        return None
    for cell in texts:
        kind = title_kind(cell.text)
        if kind is not None:
            return cell, kind
    joined = clean("".join(cell.text for cell in texts))
    if len(texts) > 1 and (kind := title_kind(joined)) is not None:
        return texts[0], kind
    return None


def is_indicator_header(cells: Sequence[Cell]) -> bool:
    """A row that names the indicator columns: the name, and the target or the actual value."""
    texts = [cell.text for cell in cells if isinstance(cell.value, str)]
    found = labels.roles(texts, labels.INDICATOR_COLUMNS)
    levels, values = found & {"level1", "level2", "name"}, found & {"target", "actual", "weight", "score"}
    if len(levels) >= 2 and not values:  # columns of other words
        said = {labels.role_by_words(text) for text in texts}
        return len(said & {"target", "actual", "weight", "score"}) >= 2
    return len(levels) >= 1 and len(values) >= 1


def segments(sheet: Sheet) -> list[Segment]:
    """The forms of a sheet from top to bottom."""
    titles = [(row, *found) for row, cells in sheet.rows if (found := _title_of(cells)) is not None]
    titles = _without_cover_titles(titles)
    if not titles:
        return list(_untitled(sheet))
    forms: list[Segment] = []
    last = sheet.rows[-1][0]
    for index, (row, cell, kind) in enumerate(titles):
        bottom = titles[index + 1][0] - 1 if index + 1 < len(titles) else last
        caption, bottom = _caption(sheet, row, cell), _before_attachment(sheet, bottom)
        forms.append(
            Segment(_kind_by_columns(sheet.part(row, bottom), kind, cell), row, bottom, cell, caption)
        )
    if titles[0][0] > sheet.rows[0][0]:
        forms = [*_untitled(sheet.part(sheet.top, titles[0][0] - 1)), *forms]
    return forms


def _kind_by_columns(part: Sheet, kind: str, title: Cell) -> str:
    """The kind of a form whose title says another or none: by the columns of its indicators."""
    header = next((cells for _, cells in part.rows if is_indicator_header(cells)), None)
    if header is None or kind in ("basic", "review", "monitor"):
        return kind
    names = [labels.plain(cell.text) for _, cells in part.rows for cell in cells if len(cell.text) < 30]
    roles = labels.roles((cell.text for cell in header), labels.INDICATOR_COLUMNS)
    scored = "score" in roles and bool(roles & {"actual", "weight"})
    if any(map(_REVIEWED.search, names)) and "自评" not in title.text and kind != "project":
        return "review"
    if any(map(_MONITORED.search, names)) and not scored:
        return "monitor"
    if kind in ("target", "narrative") and (scored or (kind == "narrative" and "actual" in roles)):
        return "overall" if _OVERALL.search(clean(title.text)) else "project"
    return kind


def _without_cover_titles(titles: list[tuple[int, Cell, str]]) -> list[tuple[int, Cell, str]]:
    """Titles less those directly followed by another of the same kind (a title broken over two rows)."""
    return [
        title
        for index, title in enumerate(titles)
        if not (
            index + 1 < len(titles)
            and titles[index + 1][2] == title[2]
            and titles[index + 1][0] - title[0] <= 1
        )
    ]


def is_attachment(text: str) -> bool:
    """Whether a text is the 附件N line of a form and nothing else."""
    return ATTACHMENT.match(clean(text)) is not None


def _caption(sheet: Sheet, row: int, cell: Cell) -> str:
    """How a clerk calls the form: the 附件N line above its title, else the title."""
    for above in range(row - 1, row - 4, -1):
        for text in sheet.labels(above).values():
            if is_attachment(text):
                return clean(text).rstrip(":：")
    return " ".join(cell.text.split())


def _before_attachment(sheet: Sheet, bottom: int) -> int:
    """The last row of a form that ends before the next one's 附件N line."""
    for row in range(bottom, bottom - 4, -1):
        if any(map(is_attachment, sheet.labels(row).values())):
            return row - 1
    return bottom


def _untitled(sheet: Sheet) -> Iterator[Segment]:
    """Forms whose titles were lost, one for each indicator header or budget block."""
    headers = [row for row, cells in sheet.rows if is_indicator_header(cells)]
    if headers:
        tops = [
            sheet.rows[0][0],
            *(_head_above(sheet, row, before) for before, row in pairwise(headers)),
        ]
        for top, after in zip(tops, [*tops[1:], None], strict=True):
            bottom = sheet.rows[-1][0] if after is None else after - 1
            cells = sheet.part(top, bottom).rows
            texts = [cell.text for _, row in cells for cell in row]
            kind = _untitled_kind(sheet, top, bottom, texts)
            yield Segment(kind, top, bottom, cells[0][1][0], sheet.name, titled=False)
        return
    texts = [cell.text for _, row in sheet.rows for cell in row if isinstance(cell.value, str)]
    if "sangong" in labels.roles(texts, labels.BUDGET_LINES) and "projects" in labels.roles(
        texts, labels.BUDGET_LINES
    ):
        yield Segment("basic", sheet.rows[0][0], sheet.rows[-1][0], sheet.rows[0][1][0], sheet.name)


def _untitled_kind(sheet: Sheet, top: int, bottom: int, texts: Sequence[str]) -> str:
    """What a form without a title is: by the sheet's name, else by its labels."""
    named = title_kind(sheet.name)
    if named in PAPERS:
        return named or ""
    names = [labels.plain(text) for text in texts if len(text) < 30]
    if any(map(_REVIEWED.search, names)):
        return "review"
    part = sheet.part(top, bottom)
    header = next(cells for _, cells in part.rows if is_indicator_header(cells))
    roles = labels.roles((cell.text for cell in header), labels.INDICATOR_COLUMNS)
    if any(map(_MONITORED.search, names)) and "score" not in roles:
        return "monitor"
    if not roles & {"actual", "score", "weight"} and not any("完成" in cell.text for cell in header):
        return "target"
    return "project" if "project" in labels.roles(texts, labels.HEAD) else "overall"


def _head_above(sheet: Sheet, header: int, before: int) -> int:
    """The first row of an untitled form: the nearest head label (项目名称 …) above its indicator header."""
    for row in range(header - 1, before, -1):
        if labels.roles(sheet.labels(row).values(), labels.HEAD) & {"project", "unit"}:
            return row
    return header
