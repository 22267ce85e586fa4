"""The 审核报告: what one check found, as a bureau signs and files it. Only what is said, and in which order.

The first page stands for itself (what was checked, the verdict, counts, room for the reviewer's own opinion and the
signatures); the lists follow, every finding with a number of its own; what was not checked ends it. Nothing here knows a
clock, a file or a page: the time of the check and the file's hash are given.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath

from perfeval_xl.coverage import headline
from perfeval_xl.findings import (
    FAMILY_WORD,
    PART_WORD,
    SETTLED_WORD,
    SEVERITIES,
    SEVERITY_LEVEL,
    STILL_COUNTS,
    UNREAD_HEADING,
    VERDICT_WORD,
    Finding,
    Report,
    Severity,
)
from perfeval_xl.records import dataclass, replace
from perfeval_xl.text import run_together
from perfeval_xl.worklist import HEADING, groups, places_in_one_line, step_line, worklist

from .plain import harmless

TITLE = "部门整体支出绩效自评审核报告"
FACTS, CONCLUSION, OPINION = "一、基本情况", "二、审核结论", "三、审核意见"
NAMELESS = "（未读到单位名称）"
WHOLE_FILE = "整个文件"
SIGNATURES = (("审核人", ""), ("复核人", ""), ("单位负责人", ""), ("日期", "年　　月　　日"))
OPINIONS = "意见：□ 通过　　□ 补充说明后通过　　□ 退回改正"
#: What was not wholly checked cannot be passed.
OPINIONS_INCOMPLETE = "意见：□ 补齐后再审　　□ 退回"
DISCLAIMER = "本报告由程序核对数字和填法得出，不代替对原始资料的审核"
ONE_FILE = "；只适用于校验码相同的文件"
NO_HASH = "工作簿没有保存，没有校验码（存盘后重新生成即有）"
MOST_RELATED = 8
_LONGEST_FOOT = 30
_MOST_NUMBERS = 3
_NONE = "没有。"
_DASH = "—"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the report does not know of the check itself.

    ``when`` is local time; ``hashes`` the SHA-256 of each file in hexadecimal, in the order of the report's files; none where
    what was checked is in no file (an open workbook that was not saved); ``previous`` the name of last year's file; ``only`` says in Chinese that a
    part of the rules was left out; ``titles`` are the rules' titles by code.
    """

    when: dt.datetime
    hashes: tuple[str, ...] = ()
    previous: str = ""
    only: str = ""
    titles: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table's cell: its plain text, and whether it stands out."""

    text: str
    strong: bool = False


Cell = tuple[Line, ...]
Fact = tuple[str, str]
"""A name and its value."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its width in mm, and whether its texts are centred."""

    heading: str
    width: int
    centred: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part: its heading, a sentence, and a table where there is something to list."""

    heading: str
    lead: str
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """The whole report. ``facts`` are rows of one or two names with their values; ``verdict`` is the word,
    ``conclusion`` its sentences,
    ``signatures`` who signs, and what stands where they do."""

    title: str
    facts: tuple[tuple[Fact, ...], ...]
    verdict: str
    conclusion: str
    counts: Table
    opinions: str
    signatures: tuple[Fact, ...]
    disclaimer: str
    sections: tuple[Section, ...]
    footer: str


def audit(report: Report, given: Circumstances) -> Audit:
    """What the 审核报告 says of a check. Text of the checked file is made harmless and cut where it is very long."""
    unit = harmless(report.unit or "") or NAMELESS
    year = f"{report.year}年度" if report.year else ""
    errors, warnings, infos, settled = _sorted(report.findings)
    numbers = _Numbers((*errors, *warnings, *settled))
    listed = (
        *_gaps(report),
        *_first_steps(report, numbers),
        _listed("错误", "计算不符或违反固定规则，应当改正。", errors, numbers),
        _listed("核实", "应当改正，或书面说明原因。", warnings, numbers),
        _kinds(infos),
        _settled(settled, numbers),
    )
    sections = (
        *(
            replace(section, heading=f"{number}、{section.heading}")
            for number, section in zip("四五六七八九", listed, strict=False)
        ),
        _forms(report),
        _unchecked(report, given.titles or {}),
        _unread(report),
    )
    return Audit(
        title=TITLE,
        facts=tuple(_facts(report, given, unit, year)),
        verdict=VERDICT_WORD[report.verdict],
        conclusion="".join(_conclusion(report)),
        counts=_counts(report),
        opinions=OPINIONS_INCOMPLETE if _is_incomplete(report) else OPINIONS,
        signatures=SIGNATURES,
        disclaimer=f"{DISCLAIMER}{ONE_FILE if given.hashes else ''}。",
        sections=sections,
        footer="　".join(
            filter(
                None,
                (
                    unit[:_LONGEST_FOOT],
                    year,
                    f"校验码 {'、'.join(one[:12] for one in given.hashes)}" if given.hashes else "",
                ),
            )
        ),
    )


# --- the first page ------------------------------------------------------------------------------------------------


def _facts(report: Report, given: Circumstances, unit: str, year: str) -> Iterator[tuple[Fact, ...]]:
    yield (("单位", unit),)
    yield ("年度", year or "（未读到年度）"), ("审核时间", _moment(given.when))
    for index, file in enumerate(report.files or (PurePath(report.workbook).name,)):
        yield (("审核的文件", harmless(file)),)
        yield (("SHA-256校验码", given.hashes[index] if given.hashes else NO_HASH),)
    if given.previous:
        yield (("对照的上年文件", harmless(PurePath(given.previous).name)),)
    yield (("依据政策", harmless(f"{report.policy_title}（{report.policy_id}）")),)
    for book in report.rules:
        yield ((FAMILY_WORD["bureau"], harmless(f"{book.title}（SHA-256 {book.sha256}）")),)
    yield (("审核范围", _scope(report, given)),)
    yield (("审核工具", f"perfeval-xl {report.version}"),)


def _moment(when: dt.datetime) -> str:
    return f"{when.year}年{when.month}月{when.day}日 {when:%H:%M}"


def _scope(report: Report, given: Circumstances) -> str:
    left = f"；另有 {len(report.unchecked)} 项因缺少数据没有检查（见附录二）" if report.unchecked else ""
    only = f"；{harmless(given.only)}" if given.only else ""
    return f"{len(report.summaries)} 张表，{report.checked} 项检查{left}{only}"


def _conclusion(report: Report) -> Iterator[str]:
    """The verdict in words."""
    if report.verdict == "unreadable":
        yield "文件里没有认出绩效自评表，没有检查。请确认报送的文件。"
        return
    error, warning, info = (report.count(severity) for severity in SEVERITIES)
    if _is_incomplete(report):
        yield f"{harmless(headline(report))}。没有查到的不能当作没有问题，补齐后再审。"
    if error:
        yield f"有 {error} 处错误，应当改正后重新报送。"
    if warning:
        yield f"{'' if error else '没有错误；'}有 {warning} 处需要核实，应当改正，或书面说明原因。"
    if not error and not warning:
        part = "已查的部分" if _is_incomplete(report) else ""
        yield f"{part}没有发现错误，也没有需要核实的问题。"
    if info:
        yield f"有 {info} 处提示，供参考。"
    if report.accepted:
        yield f"另有 {report.accepted} 处已说明，不再计数。"


def _is_incomplete(report: Report) -> bool:
    return bool(report.coverage.gaps) or (report.reason is not None and bool(report.summaries))


def _gaps(report: Report) -> Iterator[Section]:
    """What was due and was not checked, before anything else."""
    gaps = report.coverage.gaps
    if not gaps:
        return
    columns = (
        Column("表", 30),
        Column("单元格", 20, centred=True),
        Column("缺什么", 56),
        Column("因此没有查的规则", 50),
    )
    rows = [
        (
            _plain(gap.sheet or _DASH),
            _plain(gap.cell or _DASH),
            _plain(gap.reason),
            _plain(
                "、".join(gap.rules[:MOST_RELATED])
                + (f" 等{len(gap.rules)}条" if len(gap.rules) > MOST_RELATED else "")
            ),
        )
        for gap in gaps
    ]
    yield Section(
        f"没有查到的（{len(gaps)} 处）",
        "应当上报的没有上报、没有填或读不出来，补齐后再审。",
        Table(columns, tuple(rows)),
    )


def _first_steps(report: Report, numbers: _Numbers) -> Iterator[Section]:
    """Where to begin, for whoever has to mend it."""
    steps = worklist(report).first
    if len(report.findings) > len(steps) > 0:
        rows = [
            (
                _plain(str(place)),
                _plain(step_line(step)),
                _plain(_few_numbers([numbers.of(one) for one in step.findings])),
            )
            for place, step in enumerate(steps, 1)
        ]
        columns = (
            Column("先后", 13, centred=True),
            Column("哪一处，怎样不符", 123),
            Column("见第几条", 20, centred=True),
        )
        yield Section(HEADING, "按改好一处能消除的问题多少排列。", Table(columns, tuple(rows)))


def _few_numbers(numbers: Sequence[int]) -> str:
    return "、".join(map(str, numbers[:_MOST_NUMBERS])) + ("等" if len(numbers) > _MOST_NUMBERS else "")


def _counts(report: Report) -> Table:
    """Open findings by family and severity, and those settled by a 说明."""
    severities: Counter[tuple[str, Severity]] = Counter()
    settled: Counter[str] = Counter()
    for finding in report.findings:
        if finding.open:
            severities[finding.family, finding.severity] += 1
        else:
            settled[finding.family] += 1
    of_program = (family for family in FAMILY_WORD if family != "bureau" or report.rules)
    families = dict.fromkeys((*of_program, *settled, *(family for family, _ in severities)))
    rows = [
        (FAMILY_WORD.get(family, family), *(severities[family, each] for each in SEVERITIES), settled[family])
        for family in families
    ]
    total = ("合计", *(report.count(severity) for severity in SEVERITIES), report.accepted)
    columns = (
        Column("类别", 40),
        *(Column(SEVERITY_LEVEL[severity], 29, centred=True) for severity in SEVERITIES),
        Column(SETTLED_WORD, 29, centred=True),
    )
    shown = [tuple(_plain(str(value) if value else _DASH) for value in row) for row in rows]
    return Table(columns, (*shown, tuple((Line(str(value), strong=True),) for value in total)))


# --- the lists -----------------------------------------------------------------------------------------------------


def _sorted(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Open errors, warnings, infos; what its 说明 settled. Each in the order it came."""
    found = list(findings)
    of_severities = ([one for one in found if one.open and one.severity == each] for each in SEVERITIES)
    return [*of_severities, [one for one in found if not one.open]]


class _Numbers:
    """One number a finding through the whole report; and where a finding's basis was said before."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self._of = {id(finding): number for number, finding in enumerate(findings, 1)}
        self._first: dict[str, int] = {}
        for number, finding in enumerate(findings, 1):
            self._first.setdefault(finding.basis, number)

    def of(self, finding: Finding) -> int:
        return self._of[id(finding)]

    def first_with(self, finding: Finding) -> int | None:
        """The finding above it that says the same basis; None if it is the first, or has none."""
        number = self._first[finding.basis]
        return number if finding.basis and number < self.of(finding) else None


_FIRST = (Column("序号", 13, centred=True), Column("位置", 18, centred=True))


def _listed(name: str, lead: str, findings: Sequence[Finding], numbers: _Numbers) -> Section:
    if not findings:
        return Section(name, _NONE)
    rows = [
        (*_first(finding, numbers), _problem(finding, numbers), _plain(finding.suggestion or _DASH))
        for finding in findings
    ]
    columns = (*_FIRST, Column("问题", 83), Column(PART_WORD["suggestion"], 42))
    return Section(f"{name}（{len(findings)} 条）", lead, Table(columns, tuple(rows)))


def _kinds(infos: Sequence[Finding]) -> Section:
    """What is only worth a look, by kind."""
    if not infos:
        return Section("提示", _NONE)
    rows = [
        (
            _plain(str(len(group.findings))),
            _plain(f"{group.title}（{group.rule}）"),
            _plain(places_in_one_line(one.place for one in group.findings if one.place) or WHOLE_FILE),
        )
        for group in groups(infos)
    ]
    columns = (Column("条数", 13, centred=True), Column("问题", 78), Column("位置", 65))
    return Section(f"提示（{len(infos)} 条）", "供参考，按种类列出。", Table(columns, tuple(rows)))


def _settled(findings: Sequence[Finding], numbers: _Numbers) -> Section:
    name = "已说明的"
    if not findings:
        return Section(name, _NONE)
    rows = [
        (*_first(finding, numbers), _problem(finding, numbers), _plain(finding.accepted or ""))
        for finding in findings
    ]
    lead = "单位已写明原因，不再计数；是否成立由审核人判断。"
    columns = (*_FIRST, Column("问题", 83), Column("单位的说明", 42))
    return Section(f"{name}（{len(findings)} 条）", lead, Table(columns, tuple(rows)))


def _first(finding: Finding, numbers: _Numbers) -> tuple[Cell, Cell]:
    """Number and severity; sheet and cell."""
    number = Line(str(numbers.of(finding))), Line(SEVERITY_LEVEL[finding.severity])
    if finding.place is None:
        return number, _plain(WHOLE_FILE)
    return number, (Line(harmless(finding.place.sheet)), Line(finding.place.cell, strong=True))


def _problem(finding: Finding, numbers: _Numbers) -> Cell:
    """Title and rule, the message; under it what it should be, why, what is related, and by what it is judged."""
    first = numbers.first_with(finding)
    still = f"{finding.accepted}{STILL_COUNTS}" if finding.open and finding.accepted else ""
    compared = _parts(expected=finding.expected, actual=finding.actual, difference=finding.difference)
    notes = (
        _parts(explain=finding.explain),
        _parts(related=_related(finding), basis=f"同第 {first} 条" if first else None),
        _parts(basis=None if first else finding.basis),
        _parts(accepted=still),
    )
    return (
        Line(f"{harmless(finding.title)}（{finding.rule}）", strong=True),
        *_plain(finding.message if finding.message != finding.title else ""),
        *((Line(compared, strong=True),) if compared else ()),
        *(Line(note) for note in notes if note),
    )


def _related(finding: Finding) -> str:
    shown = "、".join(finding.near(place) for place in finding.related[:MOST_RELATED])
    return f"{shown} 等{len(finding.related)}格" if len(finding.related) > MOST_RELATED else shown


def _parts(**parts: str | None) -> str:
    """Parts of a finding behind their names, on one line; nothing for one that is missing."""
    return "　".join(f"{PART_WORD[part]}：{harmless(text)}" for part, text in parts.items() if text)


def _plain(text: str) -> Cell:
    return (Line(harmless(text)),) if text else ()


# --- the appendix --------------------------------------------------------------------------------------------------


def _forms(report: Report) -> Section:
    """The forms that were read, with the open findings of each."""
    name = "附录一　审核的表"
    if not report.summaries:
        return Section(name, _NONE)
    counts: Counter[tuple[str, Severity]] = Counter(
        (finding.place.sheet, finding.severity)
        for finding in report.findings
        if finding.open and finding.place
    )
    columns = (
        Column("表", 24),
        Column("标题", 64),
        Column("区域", 23, centred=True),
        *(Column(SEVERITY_LEVEL[severity], 15, centred=True) for severity in SEVERITIES),
    )
    rows = [
        (
            _plain(form.sheet),
            _plain(form.title or _DASH),
            _plain(form.range),
            *(_plain(str(counts[form.sheet, severity] or _DASH)) for severity in SEVERITIES),
        )
        for form in report.summaries
    ]
    return Section(name, "", Table(columns, tuple(rows)))


def _unchecked(report: Report, titles: Mapping[str, str]) -> Section:
    """Rules that could not be checked: one line for a rule and a reason, with the forms it holds for."""
    name = "附录二　因缺少数据没有检查的"
    if not report.unchecked:
        return Section(name, _NONE)
    sheets: dict[tuple[str, str], list[str]] = {}
    for skip in report.unchecked:
        sheets.setdefault((skip.rule, harmless(skip.reason)), []).append(harmless(skip.sheet))
    columns = (Column("规则", 64), Column("原因", 46), Column("表", 46))
    rows = [
        (_plain(f"{rule} {titles.get(rule, '')}"), _plain(reason), _plain(run_together(where) or WHOLE_FILE))
        for (rule, reason), where in sheets.items()
    ]  # fmt: skip
    return Section(name, "", Table(columns, tuple(rows)))


def _unread(report: Report) -> Section:
    """Sheets and parts that were not read as forms."""
    name = f"附录三　{UNREAD_HEADING}"
    if not report.unread:
        return Section(name, _NONE)
    columns = (Column("表", 46), Column("原因", 110))
    rows = [(_plain(unread.sheet or WHOLE_FILE), _plain(unread.reason)) for unread in report.unread]
    return Section(name, "", Table(columns, tuple(rows)))
