"""The 退回通知 of a submission: a letter of a bureau's own template, or of ours, filled in with what a check found."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from perfeval_xl.errors import PackageError, TemplateError
from perfeval_xl.findings import Report
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.reading.loading import open_source
from perfeval_xl.hosts.word import letters
from perfeval_xl.hosts.word.letters import LINES, PARAGRAPHS
from perfeval_xl.hosts.word.pages import Pages
from perfeval_xl.records import dataclass
from perfeval_xl.report.notice import BLANK_DATE, FIELDS, Posting, fields

#: Everything that may stand in {{}}: what is said of each.
KNOWN = {**FIELDS, PARAGRAPHS: "留下的各段的序号：一、二、三", LINES: "列表每一行的号：1、2、3"}
_TITLE = "关于{{单位}}{{年度}}绩效自评材料{{事由}}的通知"
#: Half a letter that stays at the end of a line.
_APART = "\u00a0"
#: Our template: paragraphs with their styles.
_LETTER: tuple[tuple[str, str], ...] = (
    ("Normal", "{{单位}}："),
    (
        "BodyText",
        "你单位报送的{{年度}}部门整体支出绩效自评材料（{{文件}}）收悉。经审核，结论为“{{结论}}”：{{审核情况}}。现将有关事项通知如下：",
    ),
    ("BodyText", "{{序}}、文件无法检查。{{无法检查}}"),
    ("Heading1", "{{序}}、缺少或没有查到的内容（{{缺少项数}}项）"),
    ("BodyText", "{{号}}．{{缺少}}。"),
    ("Heading1", "{{序}}、首先改正的问题（{{先改处数}}处）"),
    ("BodyText", "{{号}}．{{先改}}。"),
    ("Heading1", "{{序}}、其他需要改正的问题（{{其他错误类数}}类）"),
    ("BodyText", "{{号}}．{{其他错误}}。"),
    ("Heading1", "{{序}}、需要核实说明的问题（{{需说明类数}}类）"),
    ("BodyText", "{{号}}．{{需说明}}。"),
    ("Heading1", "{{序}}、有关要求"),
    ("BodyText", "{{要求}}。请于{{期限}}前将改正后的材料重新报送。"),
    ("BodyText", "附件（{{附件数}}件）："),
    ("BodyText", "{{号}}．{{附件}}"),
)


@dataclass(frozen=True)
class Notice:
    """How letters are written: the ``template`` (a .docx with {{fields}}), the deadline in words."""

    template: bytes
    deadline: str = BLANK_DATE

    @cached_property
    def digest(self) -> str:
        """The hash of what letters rest on beside what was found."""
        return hashlib.sha256(self.template + self.deadline.encode()).hexdigest()


def default_template() -> bytes:
    """Our template, for a bureau to make its own of; always the same bytes."""
    pages = Pages("退回通知")
    pages.title(_TITLE)
    for style, text in _LETTER:
        pages.paragraph(text, style)
    pages.paragraph("")
    pages.paragraph(f"（盖章）{_APART * 8}", "Normal", "right")
    pages.paragraph(f"{{{{日期}}}}{_APART * 4}", "Normal", "right")
    return pages.to_bytes()


def load_template(path: Path, limits: Limits = LIMITS) -> bytes:
    """A bureau's own template. Unreadable where the file cannot be read; TemplateError, in one Chinese line, where it is no .docx, has no field, a field that
    is not known (with the nearest one), or a brace without its counterpart."""
    source = open_source(path, limits)
    if source.kind != "docx":
        raise TemplateError(f"{path}：退回通知的模板要是 .docx，请在 Word 或 WPS 里另存为 .docx")
    try:
        found = letters.fields_of(source.data, limits)
    except PackageError as error:
        raise TemplateError(f"{path}：用不了这个模板：{error}") from None
    unknown = [name for name in found.names if name not in KNOWN]
    if unknown:
        raise TemplateError(
            f"{path}：模板里的 {{{{{unknown[0]}}}}} 不认识{_near(unknown[0], KNOWN)}{_more(unknown)}"
        )
    if found.unpaired:
        raise TemplateError(
            f"{path}：模板里“{found.unpaired[0][:20]}”的 {{{{ 或 }}}} 没有成对，应写成 {{{{单位}}}}"
        )
    if not found.names:
        raise TemplateError(f"{path}：模板里没有 {{{{单位}}}} 这样的字段，每个单位的通知会一样")
    return source.data


def _near(name: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(known), 1, 0.4)
    return f"，是不是 {{{{{found[0]}}}}}？" if found else f"；可用的有：{'、'.join(known)}"


def _more(names: list[str]) -> str:
    return f"（另有 {len(names) - 1} 个不认识的）" if len(names) > 1 else ""


def letter(report: Report, posting: Posting, template: bytes, limits: Limits = LIMITS) -> bytes:
    """The letter as a .docx; the same arguments give the same bytes. PackageError for a template that ``load_template`` would refuse."""
    return letters.filled(template, fields(report, posting), limits)
