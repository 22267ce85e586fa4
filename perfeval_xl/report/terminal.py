"""The report on a terminal: one screen that says what to mend first and what else there is, by kind; each finding with where,
what, what it should be, why and what to do where there are few, or where all are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TextIO

from rich.console import Console
from rich.text import Text

from perfeval_xl.coverage import headline
from perfeval_xl.findings import (
    PART_WORD,
    SETTLED_HEADING,
    SETTLED_WORD,
    SEVERITIES,
    SEVERITY_SYMBOL,
    SEVERITY_WORD,
    STILL_COUNTS,
    UNREAD_HEADING,
    VERDICT_WORD,
    Finding,
    Report,
    Severity,
)
from perfeval_xl.worklist import (
    ALL_KINDS,
    HEADING,
    Step,
    Worklist,
    group_line,
    infos_line,
    step_line,
    worklist,
)

from .plain import encoding_of, harmless, shown_on

#: For consoles whose encoding has not even these, which GBK (Chinese Windows) has.
PLAIN_SYMBOLS: Mapping[Severity, str] = {"error": "x", "warning": "!", "info": "-"}
STYLES: Mapping[Severity, str] = {"error": "bold red", "warning": "bold yellow", "info": "bold blue"}
VERDICT_STYLES = {
    "pass": "bold green",
    "review": "bold yellow",
    "incomplete": "bold magenta",
    "fail": "bold red",
    "unreadable": "bold red",
}
INDENT = " " * 4
MOST_RELATED = 8
#: Up to so many findings are told in full: they fit on a screen.
FEW = 5
WIDTH_OF_A_PIPE = 110


def symbols_for(encoding: str | None) -> Mapping[Severity, str]:
    """The best set of symbols that an encoding can show."""
    try:
        "".join(SEVERITY_SYMBOL.values()).encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return PLAIN_SYMBOLS
    return SEVERITY_SYMBOL


class _Encodable:
    """A stream that shows the nearest sign for one it lacks instead of failing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = encoding_of(stream)

    def write(self, text: str) -> int:
        return self._stream.write(shown_on(self._stream, text))

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()


def make_console(stream: TextIO) -> Console:
    """A console for a stream: colours on a terminal only, at least 80 columns wide."""
    file: TextIO = _Encodable(stream)  # type: ignore[assignment]
    # Whether a Windows console knows escape sequences is for rich to find out: the old one would show them.
    console = Console(file=file, highlight=False, markup=False, emoji=False, soft_wrap=False)
    if not stream.isatty():
        console.width = WIDTH_OF_A_PIPE
    elif console.width < 80:
        console.width = 80
    return console


def print_report(report: Report, console: Console, *, verbose: bool = False) -> None:
    """What to mend first and what else there is; ``verbose`` tells every finding in full and lists every rule that was
    skipped."""
    symbols = symbols_for(getattr(console.file, "encoding", None))
    head = Text(harmless(report.workbook), style="bold")
    unit = " ".join(
        part for part in (harmless(report.unit or ""), f"{report.year}年度" if report.year else "") if part
    )
    _print_wrapped(console, Text.assemble(head, f"  {unit}"))
    if line := harmless(headline(report)):
        _print_wrapped(console, Text(line, style="bold" if report.coverage.gaps else ""))
    if report.policy_title:
        _print_wrapped(console, Text(f"评价政策：{harmless(report.policy_title)}", style="dim"))
    counting = [finding for finding in report.findings if finding.open]
    short = not verbose and len(counting) > FEW
    if len(counting) > FEW:
        _print_worklist(worklist(report), console, symbols, with_groups=short)
    if not short:
        for sheet, findings in _by_sheet(counting):
            _print_heading(console, harmless(sheet) or "整个文件")
            for finding in findings:
                _print_finding(finding, console, symbols)
    _print_accepted(report, console, symbols)
    _print_unread(report, console)
    if short:
        console.print()
        hint = "每一处应为多少、为什么、怎么改：加 -v 逐条列出，或加 --highlight 生成标注副本。"
        _print_wrapped(console, Text(hint, style="dim"))
    _print_skipped(report, console, verbose)
    console.print()
    _print_verdict(report, console, symbols)


def _print_worklist(
    found: Worklist, console: Console, symbols: Mapping[Severity, str], *, with_groups: bool
) -> None:
    """The steps to begin with, and all that is open by kind; what is only worth a look in one line."""
    if found.first:
        _print_heading(console, HEADING)
    for number, step in enumerate(found.first, 1):
        _print_step(number, step, console, symbols)
    if not with_groups:
        return
    if groups := [group for group in found.groups if group.severity != "info"]:
        _print_heading(console, ALL_KINDS)
    for group in groups:
        line = Text(f"{symbols[group.severity]} ", style=STYLES[group.severity])
        _print_hanging(console, line.append(harmless(group_line(group)), style="not bold default"))
    if infos := infos_line([group for group in found.groups if group.severity == "info"]):
        line = Text(f"{symbols['info']} ", style=STYLES["info"])
        _print_hanging(console, line.append(harmless(infos), style="not bold default"))


def _print_step(number: int, step: Step, console: Console, symbols: Mapping[Severity, str]) -> None:
    line = Text(f"{number} {symbols[step.severity]} ", style=STYLES[step.severity])
    _print_hanging(console, line.append(harmless(step_line(step)), style="not bold default"))


def _print_hanging(console: Console, text: Text) -> None:
    """Text whose further lines stand under the first one's words."""
    first, *others = text.wrap(console, console.width - len(INDENT))
    first.rstrip()
    console.print(first)
    for line in others:
        line.rstrip()
        console.print(Text(INDENT) + line)


def _print_heading(console: Console, text: str) -> None:
    console.print()
    _print_wrapped(console, Text(f"【{text}】", style="bold underline"))


def _by_sheet(findings: Iterable[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.place.sheet if finding.place is not None else "", []).append(finding)
    yield from groups.items()


def _print_finding(finding: Finding, console: Console, symbols: Mapping[Severity, str]) -> None:
    line = Text()
    line.append(
        f"{symbols[finding.severity]} {SEVERITY_WORD[finding.severity]} ", style=STYLES[finding.severity]
    )
    line.append(f"{finding.place.cell if finding.place is not None else '—'}  ", style="bold")
    line.append(harmless(finding.title))
    line.append(f"  {finding.rule}", style="dim")
    _print_wrapped(console, line)
    _print_part(console, "", finding.message)
    if finding.expected:
        compared = (
            f"{PART_WORD[part]}：{text}"
            for part, text in (("actual", finding.actual), ("difference", finding.difference))
            if text
        )
        _print_part(console, PART_WORD["expected"], "；".join((finding.expected, *compared)))
    else:
        _print_part(console, PART_WORD["actual"], finding.actual)
    _print_part(console, PART_WORD["explain"], finding.explain)
    _print_part(console, PART_WORD["suggestion"], finding.suggestion)
    if finding.accepted is not None:
        _print_part(console, PART_WORD["accepted"], f"{finding.accepted}{STILL_COUNTS}")
    related = [finding.near(place) for place in finding.related[:MOST_RELATED]]
    more = len(finding.related) - len(related)
    _print_part(
        console,
        PART_WORD["related"],
        "、".join(related) + (f" 等{len(finding.related)}格" if more > 0 else ""),
        "dim",
    )


def _print_part(console: Console, name: str, text: str | None, style: str = "") -> None:
    """A named part of a finding, indented under its first line."""
    if text:
        body = Text()
        body.append(f"{name}：" if name else "", style="dim")
        body.append(harmless(text), style=style)
        _print_wrapped(console, body, INDENT)


def _print_wrapped(console: Console, text: Text, indent: str = "") -> None:
    """Text with every line indented; a pipe gets no blanks behind the lines."""
    for line in text.wrap(console, console.width - len(indent)):
        line.rstrip()
        console.print(Text(indent) + line)


def _print_accepted(report: Report, console: Console, symbols: Mapping[Severity, str]) -> None:
    accepted = [finding for finding in report.findings if not finding.open]
    if not accepted:
        return
    _print_heading(console, SETTLED_HEADING)
    for finding in accepted:
        place = str(finding.place) if finding.place is not None else "整个文件"
        line = Text(f"{symbols[finding.severity]} {SEVERITY_WORD[finding.severity]} ")
        line.append(f"{harmless(place)}  {harmless(finding.title)}").append(f"  {finding.rule}", style="dim")
        _print_wrapped(console, line)
        _print_part(console, PART_WORD["accepted"], finding.accepted)


def _print_unread(report: Report, console: Console) -> None:
    if report.unread:
        _print_heading(console, UNREAD_HEADING)
        for unread in report.unread:
            sheet = f"{harmless(unread.sheet)}：" if unread.sheet else ""
            _print_wrapped(console, Text(f"{sheet}{harmless(unread.reason)}"), "  ")


def _print_skipped(report: Report, console: Console, verbose: bool) -> None:
    skipped = report.unchecked
    if not skipped:
        return
    if verbose:
        _print_heading(console, "没有检查的规则")
        for skip in skipped:
            line = Text(f"{skip.rule} {harmless(skip.sheet)}：{harmless(skip.reason)}", style="dim")
            _print_wrapped(console, line, "  ")
        return
    console.print()
    reasons = Counter(skip.reason for skip in skipped)
    most = "；".join(f"{harmless(reason)}（{count}）" for reason, count in reasons.most_common(3))
    line = Text(f"有 {len(skipped)} 项因缺少数据没有检查，如：{most}。加 -v 查看全部。", style="dim")
    _print_wrapped(console, line)


def _print_verdict(report: Report, console: Console, symbols: Mapping[Severity, str]) -> None:
    line = Text("结论：")
    line.append(VERDICT_WORD[report.verdict], style=VERDICT_STYLES[report.verdict])
    for severity in SEVERITIES:
        line.append(
            f"  {symbols[severity]} {SEVERITY_WORD[severity]} {report.count(severity)}",
            style=STYLES[severity],
        )
    if report.accepted:
        line.append(f"  {SETTLED_WORD} {report.accepted}")
    skipped = f"，缺数据未检查 {len(report.unchecked)} 项" if report.unchecked else ""
    line.append(f"　检查了 {len(report.summaries)} 张表、{report.checked} 项{skipped}", style="dim")
    line.append(f"　政策 {harmless(report.policy_id)}", style="dim")
    for book in report.rules:
        line.append(f"　审核公式 {harmless(book.title)}（{book.sha256[:8]}）", style="dim")
    _print_wrapped(console, line)
