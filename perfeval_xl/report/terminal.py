"""The report on a terminal: by sheet, each finding with where, what, what it should be, why, what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TextIO

from rich.console import Console
from rich.text import Text

from ..findings import SEVERITIES, SEVERITY_WORD, VERDICT_WORD, Finding, Place, Report, Severity
from .plain import harmless

SYMBOLS: Mapping[Severity, str] = {"error": "✖", "warning": "▲", "info": "●"}
#: For consoles whose encoding has no such symbols (Chinese Windows: GBK has ▲ and ●, but not ✖).
SAFE_SYMBOLS: Mapping[Severity, str] = {"error": "×", "warning": "▲", "info": "●"}
PLAIN_SYMBOLS: Mapping[Severity, str] = {"error": "x", "warning": "!", "info": "-"}
STYLES: Mapping[Severity, str] = {"error": "bold red", "warning": "bold yellow", "info": "bold blue"}
VERDICT_STYLES = {"pass": "bold green", "notes": "bold yellow", "fail": "bold red", "unreadable": "bold red"}
MOST_RELATED = 8
WIDTH_OF_A_PIPE = 110


def symbols_for(encoding: str | None) -> Mapping[Severity, str]:
    """The best set of symbols that an encoding can show."""
    for symbols in (SYMBOLS, SAFE_SYMBOLS):
        try:
            "".join(symbols.values()).encode(encoding or "utf-8")
        except (UnicodeEncodeError, LookupError):
            continue
        return symbols
    return PLAIN_SYMBOLS


class _Encodable:
    """A stream that replaces what its encoding cannot show instead of failing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = getattr(stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        return self._stream.write(text.encode(self.encoding, "replace").decode(self.encoding))

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()


def make_console(stream: TextIO) -> Console:
    """A console for a stream: colours on a terminal only, at least 80 columns wide."""
    file: TextIO = _Encodable(stream)  # type: ignore[assignment]
    console = Console(
        file=file, highlight=False, markup=False, emoji=False, soft_wrap=False, legacy_windows=False
    )
    if not stream.isatty():
        console.width = WIDTH_OF_A_PIPE
    elif console.width < 80:
        console.width = 80
    return console


def print_report(report: Report, console: Console, *, verbose: bool = False) -> None:
    """The whole report; ``verbose`` also lists every rule that was skipped."""
    symbols = symbols_for(getattr(console.file, "encoding", None))
    head = f"{harmless(report.workbook)}"
    unit = " ".join(
        part for part in (harmless(report.unit or ""), f"{report.year}年度" if report.year else "") if part
    )
    console.print(Text(head, style="bold"), Text(f"  {unit}") if unit else Text(""))
    open_findings = [finding for finding in report.findings if finding.accepted is None]
    for sheet, findings in _by_sheet(open_findings):
        console.print()
        console.print(Text(f"【{harmless(sheet) or '整个文件'}】", style="bold underline"))
        for finding in findings:
            _print_finding(finding, console, symbols)
    _print_accepted(report, console, symbols)
    _print_unread(report, console)
    _print_skipped(report, console, verbose)
    console.print()
    _print_verdict(report, console, symbols)


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
    console.print(line)
    _print_part(console, "", finding.message)
    if finding.expected is not None or finding.actual is not None:
        parts = [
            f"应为 {finding.expected}" if finding.expected else "",
            f"实为 {finding.actual}" if finding.actual else "",
        ]
        _print_part(console, "", "　".join(part for part in parts if part))
    _print_part(console, "算式", finding.explain)
    _print_part(console, "怎么改", finding.suggestion)
    related = [_near(place, finding) for place in finding.related[:MOST_RELATED]]
    more = len(finding.related) - len(related)
    _print_part(
        console, "相关", "、".join(related) + (f" 等{len(finding.related)}格" if more > 0 else ""), "dim"
    )


def _near(place: Place, finding: Finding) -> str:
    """A related cell, named without its sheet where that is the finding's own."""
    return place.cell if finding.place is not None and place.sheet == finding.place.sheet else str(place)


def _print_part(console: Console, name: str, text: str | None, style: str = "") -> None:
    if text:
        from rich.padding import Padding

        body = Text(f"{name}：" if name else "", style="dim" if name else "")
        body.append(harmless(text), style=style)
        console.print(Padding(body, (0, 0, 0, 4), expand=False))


def _print_accepted(report: Report, console: Console, symbols: Mapping[Severity, str]) -> None:
    accepted = [finding for finding in report.findings if finding.accepted is not None]
    if not accepted:
        return
    console.print()
    console.print(Text("【已写说明】", style="bold underline"))
    for finding in accepted:
        place = str(finding.place) if finding.place is not None else "整个文件"
        counted = "（错误，仍然计数）" if finding.open else ""
        line = Text(
            f"{symbols[finding.severity]} {SEVERITY_WORD[finding.severity]} {harmless(place)}  {harmless(finding.title)}{counted}"
        )
        console.print(line)
        _print_part(console, "说明", finding.accepted)


def _print_unread(report: Report, console: Console) -> None:
    if report.unread:
        console.print()
        console.print(Text("【没有当作自评表检查的】", style="bold underline"))
        for unread in report.unread:
            console.print(
                Text(f"  {harmless(unread.sheet) + '：' if unread.sheet else ''}{harmless(unread.reason)}")
            )


def _print_skipped(report: Report, console: Console, verbose: bool) -> None:
    if not report.skipped:
        return
    console.print()
    if verbose:
        console.print(Text("【没有检查的规则】", style="bold underline"))
        for skip in report.skipped:
            console.print(Text(f"  {skip.rule} {harmless(skip.sheet)}：{harmless(skip.reason)}", style="dim"))
        return
    reasons = Counter(skip.reason for skip in report.skipped)
    most = "；".join(f"{harmless(reason)}（{count}）" for reason, count in reasons.most_common(3))
    console.print(
        Text(f"有 {len(report.skipped)} 项因缺少数据没有检查，如：{most}。加 -v 查看全部。", style="dim")
    )


def _print_verdict(report: Report, console: Console, symbols: Mapping[Severity, str]) -> None:
    line = Text("结论：")
    line.append(VERDICT_WORD[report.verdict], style=VERDICT_STYLES[report.verdict])
    for severity in SEVERITIES:
        line.append(
            f"  {symbols[severity]} {SEVERITY_WORD[severity]} {report.count(severity)}",
            style=STYLES[severity],
        )
    if report.accepted:
        line.append(f"  已核实 {report.accepted}")
    line.append(
        f"　检查了 {len(report.summaries)} 张表、{report.checked} 项　政策 {report.policy_id}", style="dim"
    )
    console.print(line)
