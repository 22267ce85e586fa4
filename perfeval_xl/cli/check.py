"""``check``: one or several files, judged, shown and marked."""

from __future__ import annotations

import argparse
import sys
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from perfeval_xl.errors import Exhausted

from .ending import OK, UNUSABLE, code_of, told, worst
from .parsing import Command, Parser
from .saying import UsageError, add_force, add_rules, encoded, expanded, inputs_of, limits_of, refuse_suffix
from .streams import Unheard, complain, give

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perfeval_xl.findings import Report
    from perfeval_xl.runs.accepted import Remarks
    from perfeval_xl.runs.opening import Source
    from perfeval_xl.runs.outputs import Output

FAIL_ON = ("error", "warning", "info", "never")
#: The extensions of each format, the usual one first.
EXTENSIONS = {
    "text": (".txt", ".log"),
    "html": (".html", ".htm"),
    "json": (".json",),
    "jsonl": (".jsonl", ".ndjson"),
    "docx": (".docx",),
    "pdf": (".pdf",),
}
#: Formats of the 审核报告: one file of its own for every checked file.
AUDITS = ("docx", "pdf")


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "files",
        nargs="+",
        metavar="文件",
        help="工作簿 .xlsx .xlsm（也可以是 .xls .xlsb .ods .et）或 Word 文件 .docx .doc",
    )
    add("--policy", metavar="政策|文件.toml", help="按哪个政策检查（默认按工作簿写明的，否则 national-2020）")
    add_rules(parser)
    add(
        "--format",
        choices=("text", "json", "jsonl", "html", *AUDITS),
        help="输出格式（默认 text）；docx、pdf 是供签字存档的审核报告",
    )
    add(
        "-o",
        "--output",
        metavar="文件",
        type=Path,
        help="写到文件，不写到屏幕；几份审核报告写到这个文件夹",
    )
    add("--highlight", metavar="副本.xlsx|副本.docx", type=Path, help="另存一份标注了问题的副本，原文件不动")
    add("--unmark", metavar="文件.xlsx", type=Path, help="只去掉标注副本里的标注，另存为这个文件，不检查")
    add("--accept", metavar="说明.toml", type=Path, help="已说明的问题及其说明")
    add("--no-accepted", action="store_true", help="不理会工作簿里已写的说明")
    add("--partial", action="store_true", help="只报了一部分：有哪些表就查哪些，缺的表不算")
    add(
        "--together",
        action="store_true",
        help="几个文件是同一份报送（表格在 Excel，报告在 Word），合在一起核对",
    )
    add("--previous", metavar="上年文件", type=Path, help="上年的文件，用来核对上年决算、上年结转（PE512）")
    add("--host", choices=("xlsx", "openpyxl", "calamine"), help="指定读取方式（一般不用）")
    add("--recalculate", action="store_true", help="公式没有保存结果时，用 LibreOffice 重算（要先安装）")
    add(
        "--fail-on",
        choices=FAIL_ON,
        default="error",
        help="有哪一级的问题时退出码为1（默认 error）；没有这样的问题而没有查全时为3",
    )
    add(
        "--select",
        metavar="规则",
        default="",
        help="只要这些规则：编号、名称或类别，如 PE1*,rates.staff,totals",
    )
    add("--ignore", metavar="规则", default="", help="不要这些规则")
    add("-v", "--verbose", action="store_true", help="逐条列出问题，并列出没有检查的规则及原因")
    add_force(parser)


def _run(options: argparse.Namespace) -> int:
    options.files = expanded(options.files)
    options.format = _format(options)
    _refuse_unusable(options)
    if options.unmark is not None:
        return _unmark(Path(options.files[0]), options)
    if options.together:
        return _together(options)
    from perfeval_xl.runs.bounding import bounded_time

    limits = limits_of(options)
    audits: list[Output | None] = [None] * len(options.files)
    if options.format in AUDITS:
        audits = [_output(path, options) for path in _audit_targets(options)]
    text, marked = _text_output(options), _marked_output(options)
    found: list[int] = []
    texts: list[_Text] = []
    for name, audit in zip(options.files, audits, strict=True):
        try:
            with bounded_time(limits, Path(name).name):
                found.append(_check_one(name, audit, marked, options, texts))
        except Unheard:
            raise
        except (Exception, Exhausted) as error:  # the other files are checked all the same
            complain(line := told(error))
            found.append(UNUSABLE)
            if options.format == "jsonl":
                _unreadable(name, line, options, texts)
    _write_text(texts, text, options)
    return worst(found)


class _Text(NamedTuple):
    """What ``-o`` gets of a submission, and its verdict in words."""

    text: str
    verdict: str


def _write_text(texts: Sequence[_Text], place: Output | None, options: argparse.Namespace) -> None:
    if place is not None and texts:
        place.write(encoded("".join(one.text for one in texts)))
        # Of one submission; of many it stands in what is written.
        single = len(options.files) == 1 or options.together
        complain(f"已写：{options.output}{texts[0].verdict if single else ''}")


def _output(path: Path, options: argparse.Namespace) -> Output:
    from perfeval_xl.runs.outputs import output

    return output(path, inputs_of(options), force=options.force)


def _text_output(options: argparse.Namespace) -> Output | None:
    """Where ``-o`` goes, looked at before the work; an 审核报告 has a place of its own."""
    if options.output is None or options.format in AUDITS:
        return None
    return _output(options.output, options)


def _marked_output(options: argparse.Namespace) -> Output | None:
    """Where the marked copy of the one file goes, looked at before the work."""
    if options.highlight is None:
        return None
    _adapt_highlight(options)
    return _output(options.highlight, options)


def _adapt_highlight(options: argparse.Namespace) -> None:
    """A copy of a workbook with macros has macros, one of a workbook without has none: Excel opens it under that name only."""
    of, wanted = Path(options.files[0]).suffix.lower(), options.highlight.suffix.lower()
    if {of, wanted} == {".xlsx", ".xlsm"}:
        options.highlight = options.highlight.with_suffix(of)
        what = "带宏" if of == ".xlsm" else "不带宏"
        complain(f"原文件{what}，标注副本改用扩展名 {of}：{options.highlight}")


def _check_one(
    name: str, audit: Output | None, marked: Output | None, options: argparse.Namespace, texts: list[_Text]
) -> int:
    """Check a file and give what was asked for; text for ``-o`` is added to ``texts``. The exit code."""
    from perfeval_xl.runs.accepted import NOTHING
    from perfeval_xl.runs.opening import open_source

    # The file as it was opened: all else is made of it.
    source = open_source(name, limits_of(options))
    report = _report(source, options, NOTHING if marked is None else marked.written)
    if not report.summaries:
        complain(_no_form(report))
        if options.format in ("text", *AUDITS) and not report.forms.unreadable:
            return UNUSABLE
    if options.previous is not None:
        _say_not_compared(report)
    if audit is not None:
        _audit([source], report, audit, options)
    else:
        _give(report, options, texts)
    if marked is not None:
        _write_copy(source, report, marked, options)
    return code_of(report, options.fail_on)


def _together(options: argparse.Namespace) -> int:
    """The files as one submission: one report, a marked copy of each file."""
    from perfeval_xl.runs.accepted import NOTHING, Remarks
    from perfeval_xl.runs.opening import open_source
    from perfeval_xl.runs.submission import of_file

    limits = limits_of(options)
    audit = _output(_audit_target(options), options) if options.format in AUDITS else None
    text = _text_output(options)
    sources = [open_source(name, limits) for name in options.files]
    copies = _copies(sources, options) if options.highlight is not None else []
    report = _report(sources, options, reduce(Remarks.__or__, (copy.written for copy in copies), NOTHING))
    if not report.summaries:
        complain(_no_form(report))
        return UNUSABLE
    texts: list[_Text] = []
    if audit is not None:
        _audit(sources, report, audit, options)
    else:
        _give(report, options, texts)
    _write_text(texts, text, options)
    for source, copy in zip(sources, copies, strict=False):
        _write_copy(source, of_file(report, source.file_name), copy, options, of=report)
    return code_of(report, options.fail_on)


def _copies(sources: Sequence[Source], options: argparse.Namespace) -> list[Output]:
    """Where the marked copies of a submission's files go."""
    from perfeval_xl.runs.marking import suffix_of

    return [
        _output(options.highlight / f"{Path(source.file_name).stem}-已标注{suffix_of(source)}", options)
        for source in sources
    ]


def _verdict(report: Report) -> str:
    """ "；结论：不通过（错误 2、核实 3）", behind what was written."""
    from perfeval_xl.findings import SEVERITIES, SEVERITY_WORD, VERDICT_WORD

    counted = "、".join(
        f"{SEVERITY_WORD[one]} {report.count(one)}" for one in SEVERITIES if report.count(one)
    )
    return f"；结论：{VERDICT_WORD[report.verdict]}" + (f"（{counted}）" if counted else "")


def _give(report: Report, options: argparse.Namespace, texts: list[_Text]) -> None:
    if options.output is not None:
        texts.append(_Text(_render(report, options), _verdict(report)))
    else:
        give(_render(report, options))


def _unreadable(name: str, reason: str, options: argparse.Namespace, texts: list[_Text]) -> None:
    """A line for a file that could not be read, so that none is missing from the list."""
    from perfeval_xl.runs.checking import unreadable

    _give(unreadable(name, reason, options.policy), options, texts)


def _say_not_compared(report: Report) -> None:
    """Last year's file was given and could not be used: that is said, whatever the output."""
    for skip in report.skipped:
        if skip.against == "previous":
            complain(f"没有与上年文件核对：{skip.reason}")


def _audit_target(options: argparse.Namespace) -> Path:
    """Where the one 审核报告 of all files goes: to the file of ``-o``, or into its folder."""
    from perfeval_xl.runs.auditing import file_name

    output, suffix = options.output, f".{options.format}"
    if output is None:
        raise UsageError(f"审核报告要写到文件：请加 -o 报告{suffix}")
    if output.is_dir():
        return Path(output / file_name(options.files[0], suffix))
    if output.suffix.lower() != suffix:
        raise UsageError(f"--format {options.format} 的审核报告要用扩展名 {suffix}：{output}")
    return Path(output)


def _audit_targets(options: argparse.Namespace) -> list[Path]:
    """Where the 审核报告 of each file goes: to the file of ``-o``, or into its folder under a name of its own."""
    output, suffix = options.output, f".{options.format}"
    if len(options.files) == 1 or output is None:
        return [_audit_target(options)]
    if not output.is_dir():
        raise UsageError(f"几份审核报告要写到一个文件夹：请先建立文件夹，再写 -o 文件夹（{output} 不是）")
    from perfeval_xl.runs.auditing import file_name

    names: set[str] = set()
    targets: list[Path] = []
    for name in options.files:
        file = file_name(name, suffix)
        number = 1
        while file.casefold() in names:
            number += 1
            file = file_name(name, suffix, number)
        names.add(file.casefold())
        targets.append(output / file)
    return targets


def _format(options: argparse.Namespace) -> str:
    """The format that was asked for, by name or by the extension of ``-o``; what contradicts itself is refused."""
    if options.output is None or options.output.is_dir():
        return str(options.format or "text")
    suffix = options.output.suffix.lower()
    fits = next((name for name, endings in EXTENSIONS.items() if suffix in endings), None)
    if fits is None and (suffix or options.format is None):
        known = " ".join(endings[0] for endings in EXTENSIONS.values())
        raise UsageError(f"-o 的扩展名决定写成什么格式，可以是 {known}，不能是“{suffix}”：{options.output}")
    if options.format is not None and fits is not None and fits != options.format:
        raise UsageError(
            f"--format {options.format} 的文件要用扩展名 {EXTENSIONS[options.format][0]}：{options.output}"
        )
    return str(options.format or fits)


def _refuse_unusable(options: argparse.Namespace) -> None:
    several = len(options.files) > 1 and not options.together
    if options.together:
        _refuse_unusable_together(options)
    if several and options.previous is not None:
        raise UsageError("--previous 是一个单位上年的文件，一次只能检查一个文件")
    if options.previous is not None and _same_file(options.files[0], options.previous):
        raise UsageError(f"--previous 要的是上年的文件，给的却是正在检查的这一个：{options.previous}")
    if several and options.format in ("json", "html"):
        raise UsageError(f"几个文件不能一起输出为 {options.format}：请用 --format jsonl，或一次检查一个文件")
    for option, one in (("--highlight", options.highlight), ("--unmark", options.unmark)):
        if several and one is not None:
            raise UsageError(f"{option} 一次只能处理一个文件")
    if options.unmark is not None and (options.highlight is not None or options.output is not None):
        raise UsageError("--unmark 只去掉标注，不能和 --highlight、-o 一起用")
    if options.output is not None and options.output == options.highlight:
        raise UsageError(f"-o 和 --highlight 不能是同一个文件：{options.output}")
    _refuse_unknown_rules(options)


def _same_file(one: str, other: Path) -> bool:
    try:
        return other.samefile(one)
    except (OSError, ValueError):  # said when it is opened
        return False


def _refuse_unusable_together(options: argparse.Namespace) -> None:
    if options.unmark is not None:
        raise UsageError("--unmark 一次只能处理一个文件，不能和 --together 一起用")
    if len({Path(name).name.casefold() for name in options.files}) < len(options.files):
        raise UsageError("--together 的文件不能同名：请改名后再检查")
    if options.highlight is not None and not options.highlight.is_dir():
        raise UsageError(
            f"几份标注副本要写到一个文件夹：请先建立文件夹，再写 --highlight 文件夹（{options.highlight} 不是）"
        )


def _refuse_unknown_rules(options: argparse.Namespace) -> None:
    """Said once, before any of the files is read; the books are read here, for all of them."""
    from perfeval_xl.rules import families
    from perfeval_xl.rules.choosing import chosen

    known = list(families.load().values())
    options.books = options.rules = tuple(options.rules)
    if options.books:
        from perfeval_xl.rules.book.compiling import rules_of
        from perfeval_xl.runs.rulebook import load_books

        options.rules = load_books(options.books, limits_of(options))
        known += rules_of(options.rules)
    chosen(options.select, options.ignore, known)


def _report(given: Source | list[Source], options: argparse.Namespace, carried: Remarks) -> Report:
    """What a check says; ``carried`` is what was written into marked copies that are replaced."""
    from perfeval_xl.runs import accepted, checking

    limits = limits_of(options)
    reasons = accepted.load(options.accept) if options.accept is not None else None
    return checking.check(
        given,
        policy=options.policy,
        host=options.host,
        limits=limits,
        recalculate=options.recalculate,
        previous=options.previous,
        reasons=reasons,
        own_reasons=not options.no_accepted,
        select=options.select,
        ignore=options.ignore,
        partial=options.partial,
        rules=options.rules,
        carried=carried,
    )


def _no_form(report: Report) -> str:
    return f"{report.workbook}：{report.reason}。请确认文件，表头要有三级指标、年度指标值、实际完成值等文字"


def _render(report: Report, options: argparse.Namespace) -> str:
    """The report as text; the terminal's own goes to the terminal at once, and nothing is returned."""
    if options.format == "html":
        from perfeval_xl.report.html import to_html

        return to_html(report)
    if options.format in ("json", "jsonl"):
        from perfeval_xl.findings import to_json

        return to_json(report, indent=2 if options.format == "json" else None) + "\n"
    from perfeval_xl.report.terminal import make_console, print_report

    if options.output is None:
        print_report(report, make_console(sys.stdout), verbose=options.verbose)
        return ""
    import io

    stream = io.StringIO()
    print_report(report, make_console(stream), verbose=options.verbose)
    return stream.getvalue()


def _audit(sources: Sequence[Source], report: Report, target: Output, options: argparse.Namespace) -> None:
    import datetime as dt

    from perfeval_xl.runs.auditing import audit_report

    left_out = [f"只检查规则 {options.select}"] if options.select else []
    left_out += [f"不检查规则 {options.ignore}"] if options.ignore else []
    data = audit_report(
        report,
        target.path.suffix.lower(),
        when=dt.datetime.now(),
        hashes=[source.sha256 for source in sources],
        previous=str(options.previous or ""),
        only="；".join(left_out),
        limits=limits_of(options),
    )
    target.write(data)
    complain(f"已写审核报告：{target.path}{_verdict(report)}")


def _write_copy(
    source: Source, report: Report, place: Output, options: argparse.Namespace, of: Report | None = None
) -> None:
    """The marked copy of a file; ``of`` is the report of the whole submission, where ``report`` is of this file alone."""
    from perfeval_xl.runs.marking import marked_copy

    marked = marked_copy(source, report, limits_of(options))
    refuse_suffix(place.path, marked.suffix)
    place.write(marked.data, as_it_is=True)
    for note in marked.notes:
        complain(note)
    complain(f"已另存标注副本：{place.path}{_verdict(report if of is None else of)}")


def _unmark(source: Path, options: argparse.Namespace) -> int:
    from perfeval_xl.errors import NoMarks
    from perfeval_xl.runs.marking import unmarked
    from perfeval_xl.runs.outputs import restore

    try:
        plain = unmarked(source, limits_of(options))
    except NoMarks as error:
        raise UsageError(f"{source.name}：{error}") from None
    refuse_suffix(options.unmark, plain.suffix)
    restore(options.unmark, plain.data, inputs_of(options), force=options.force)
    for note in plain.notes:
        complain(note)
    same = "与标注前的文件逐字节相同" if plain.exact else "标注后所作的修改都保留"
    complain(f"已去掉标注，另存为：{options.unmark}（{same}）")
    return OK


COMMANDS = (Command("check", "检查一个或几个工作簿或 Word 文件", _arguments, _run),)
