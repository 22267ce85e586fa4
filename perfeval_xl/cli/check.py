"""The command line. Everything heavy is imported by the command that needs it, so that --help is instant."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from perfeval_xl.version import __version__

if TYPE_CHECKING:
    from perfeval_xl.findings import Report
    from perfeval_xl.hosts.limits import Limits
    from perfeval_xl.installing.telling import Line
    from perfeval_xl.runs.correcting import Recalculated
    from perfeval_xl.runs.importing import Imported

OK, FOUND, UNUSABLE = 0, 1, 2
FAIL_ON = ("error", "warning", "info", "never")
EXAMPLE = "example-2023.xlsx"
#: Formats of the 审核报告: one file of its own for every checked file.
AUDITS = ("docx", "pdf")


class UsageError(Exception):
    """The call cannot be carried out; one Chinese line says why and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code (0 done, 1 findings, 2 unusable)."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except UsageError as error:
        _complain(str(error))
        return UNUSABLE
    except BrokenPipeError:
        sys.stderr.close()
        return OK
    except KeyboardInterrupt:
        _complain("已中断")
        return 130
    except Exception as error:
        if not isinstance(error, known_errors()):
            raise
        _complain(str(error))
        return UNUSABLE


def known_errors() -> tuple[type[Exception], ...]:
    """The errors that carry one clear line; imported only once something was raised."""
    from perfeval_xl.calc_engine import OfficeError
    from perfeval_xl.correct import CorrectError
    from perfeval_xl.files import OutputError
    from perfeval_xl.hosts.package.zip import PackageError
    from perfeval_xl.hosts.reading.loading import Unreadable
    from perfeval_xl.hosts.template.template import TemplateError
    from perfeval_xl.policy import PolicyError
    from perfeval_xl.runs.accepted import AcceptError
    from perfeval_xl.runs.exporting import ExportError
    from perfeval_xl.runs.importing import ImportFailure
    from perfeval_xl.runs.judge_csv import CsvError
    from perfeval_xl.runs.new import CarryError

    return (
        Unreadable,
        PackageError,
        PolicyError,
        AcceptError,
        CorrectError,
        CsvError,
        ExportError,
        OutputError,
        TemplateError,
        ImportFailure,
        CarryError,
        OfficeError,
    )


def _complain(message: str) -> None:
    """One line on stderr, in whatever the console can show; names from files hold no control characters."""
    from perfeval_xl.report.plain import harmless

    stream = sys.stderr
    encoding = stream.encoding or "utf-8"
    line = harmless(message)
    stream.write(line.encode(encoding, "replace").decode(encoding) + "\n")


# -- parser ---------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="perfeval-xl",
        description="检查部门整体支出绩效自评工作簿：算错的比率、合计，对不上的表，没完成却得满分的指标。",
    )
    parser.add_argument("--version", action="version", version=f"perfeval-xl {__version__}")
    commands = parser.add_subparsers(title="命令", metavar="命令", required=True)
    _check_arguments(_command(commands, "check", _check, "检查一个或几个工作簿或 Word 文件"))
    _recalc_arguments(
        _command(commands, "recalc", _recalc, "重算比率、合计和得分，另存一份，改动都记入“更正记录”")
    )
    _undo_arguments(_command(commands, "undo", _undo, "把“更正记录”里的改动全部撤回，另存一份"))
    _policy_arguments(_command(commands, "policy", _policy, "列出、显示或检验政策文件"))
    _judge_arguments(_command(commands, "judge", _judge, "判断一个指标是否完成、应得几分"))
    _rules_arguments(_command(commands, "rules", _rules, "列出全部检查规则，或显示一条"))
    _new_arguments(_command(commands, "new", _new, "新建一份填报工作簿（.xlsm，或不带宏的 .xlsx）"))
    _import_arguments(
        _command(commands, "import", _import, "把已有的自评表和报告（Word、Excel、WPS）导入填报模板")
    )
    _export_arguments(
        _command(commands, "export", _export, "导出可以公开的自评报告：文字在前、附表在后的 .docx 或 .pdf")
    )
    live = _command(commands, "live", _live, "在 LibreOffice 中打开、检查并标注一个工作簿")
    live.add_argument("file", metavar="FILE", type=Path, help="工作簿：.xlsx .xlsm，也可以是 .xls .ods .et")
    _install_arguments(_command(commands, "install", _install, "装好 Excel 按钮要用的设置、模板和加载项"))
    _command(commands, "uninstall", _uninstall, "去掉 install 放的全部文件和设置")
    _command(commands, "doctor", _doctor, "体检：为什么 Excel 里的按钮不能用，怎么办")
    demo = _command(commands, "demo", _demo, "检查自带的示例，生成网页和标注副本")
    demo.add_argument(
        "--out",
        metavar="文件夹",
        type=Path,
        default=Path("perfeval-demo"),
        help="网页和标注副本放在哪里（默认 perfeval-demo）",
    )
    return parser


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], text: str
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    return command


def _check_arguments(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add(
        "files",
        nargs="+",
        metavar="FILE",
        help="工作簿 .xlsx .xlsm（也可以是 .xls .xlsb .ods .et）或 Word 文件 .docx .doc",
    )
    add("--policy", metavar="ID|FILE.toml", help="按哪个政策检查（默认按工作簿写明的，否则 national-2020）")
    add(
        "--format",
        choices=("text", "json", "jsonl", "html", *AUDITS),
        help="输出格式（默认 text）；docx、pdf 是供签字存档的审核报告",
    )
    add(
        "-o",
        "--output",
        metavar="OUT",
        type=Path,
        help="写到文件，不写到屏幕；几份审核报告写到这个文件夹",
    )
    add("--highlight", metavar="OUT.xlsx|docx", type=Path, help="另存一份标注了问题的副本，原文件不动")
    add("--unmark", metavar="OUT.xlsx", type=Path, help="只去掉标注副本里的标注，另存为 OUT，不检查")
    add("--accept", metavar="FILE.toml", type=Path, help="已核实的问题及说明")
    add("--no-accepted", action="store_true", help="不理会工作簿里已写的说明")
    add("--previous", metavar="FILE", type=Path, help="上年的文件，用来核对上年决算、上年结转（PE512）")
    add("--host", choices=("xlsx", "openpyxl", "calamine"), help="指定读取方式（一般不用）")
    add("--recalculate", action="store_true", help="公式没有保存结果时，用 LibreOffice 重算（要先安装）")
    add(
        "--limit",
        metavar="NAME=N",
        action="append",
        default=[],
        help="放宽或收紧对文件的限制，如 cells=500000",
    )
    add("--fail-on", choices=FAIL_ON, default="error", help="有哪一级的问题时退出码为1（默认 error）")
    add("--select", metavar="CODES", default="", help="只要这些规则，如 PE1*,PE401")
    add("--ignore", metavar="CODES", default="", help="不要这些规则")
    add("-v", "--verbose", action="store_true", help="列出没有检查的规则及原因")


def _recalc_arguments(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("file", metavar="FILE", type=Path, help="工作簿：.xlsx 或 .xlsm，原文件不动")
    add("-o", "--output", metavar="OUT", type=Path, required=True, help="更正后的工作簿写到哪里")
    add(
        "--apply", nargs="+", metavar="FINGERPRINT", default=(),
        help="同时采用这些问题的建议（指纹见“校验结果”最后一列），录入的数也改",
    )  # fmt: skip
    add("--policy", metavar="ID|FILE.toml", help="按哪个政策检查（默认按工作簿写明的，否则 national-2020）")


def _undo_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", metavar="FILE", type=Path, help="更正过的工作簿，原文件不动")
    command.add_argument(
        "-o", "--output", metavar="OUT", type=Path, required=True, help="撤回后的工作簿写到哪里"
    )


def _policy_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("policy", nargs="?", metavar="ID|FILE.toml", help="政策编号或文件；不写则列出自带的")


def _judge_arguments(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("target", nargs="?", metavar="TARGET", help="年度指标值，如 ≥100人")
    add("actual", nargs="?", metavar="ACTUAL", help="实际完成值，如 374人")
    add(
        "--csv",
        type=Path,
        metavar="IN",
        help="判断整张CSV表：要有 target、actual（或年度指标值、实际完成值）两列",
    )
    add("-o", "--output", type=Path, metavar="OUT", help="CSV结果写到文件，不写到屏幕")
    add("--indicator", default="", metavar="NAME", help="指标名称（没有符号时用来判断方向）")
    add("--group", default="", metavar="LEVEL2", help="二级指标，如 成本指标、时效指标")
    add("--weight", metavar="W", help="分值")
    add("--policy", default="national-2020", metavar="ID|FILE.toml", help="按哪个政策")
    add("--format", choices=("text", "json"), default="text", help="输出格式")


def _new_arguments(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add(
        "output", metavar="OUT.xlsm|OUT.xlsx", type=Path, help="新文件；.xlsx 不带宏，供 WPS 和禁用宏的单位用"
    )
    add(
        "--from", metavar="LAST_YEAR", dest="last_year", type=Path,
        help="沿用上年的文件（.xlsx .xlsm .xls .et .docx 等）：上年决算数、项目、指标和分值",
    )  # fmt: skip
    add("--unit", metavar="NAME", default="", help="预算单位名称（沿用上年时默认不变）")
    add("--year", metavar="Y", type=int, help="评价年度，如 2025（沿用上年时默认是上年加一年）")
    add("--policy", metavar="ID", help="评价政策（默认按模板所写）")


def _import_arguments(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add(
        "sources", nargs="+", metavar="SRC", type=Path,
        help="一个或几个文件：.docx .doc .xlsx .xlsm .xls .xlsb .et .ods，如各附件的表格和自评报告",
    )  # fmt: skip
    add(
        "-o", "--output", metavar="OUT.xlsm|OUT.xlsx", type=Path, required=True,
        help="导入成的填报工作簿；.xlsx 不带宏",
    )  # fmt: skip
    add("--policy", metavar="ID", help="评价政策（默认按源文件写明的，否则 national-2020）")
    add("-v", "--verbose", action="store_true", help="没有放进表里的内容全部列出")


def _export_arguments(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("file", metavar="FILE", type=Path, help="填好的模板或本单位自己的工作簿，原文件不动")
    add(
        "-o", "--output", metavar="OUT.docx|OUT.pdf", type=Path, required=True,
        help="导出到哪里；.pdf 要先安装 LibreOffice",
    )  # fmt: skip
    add("--redact", action="store_true", help="遮盖手机号、身份证号、银行账号；不加则只列出")


def _install_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--folder", metavar="文件夹", type=Path, help="模板和检查小程序放在哪里（默认“文档”里的“绩效自评”）"
    )


def _rules_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("code", nargs="?", metavar="CODE", help="规则编号，如 PE401")
    command.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="输出格式")


# -- check ----------------------------------------------------------------------------------------------------


def _check(options: argparse.Namespace) -> int:
    options.format = _format(options)
    _refuse_unusable(options)
    if options.unmark is not None:
        return _unmark(Path(options.files[0]), options)
    targets = _audit_targets(options) if options.format in AUDITS else [None] * len(options.files)
    worst = OK
    texts: list[str] = []
    for name, target in zip(options.files, targets, strict=True):
        try:
            worst = max(worst, _check_one(name, target, options, texts))
        except known_errors() as error:
            if len(options.files) == 1:
                raise
            _complain(str(error))
            worst = UNUSABLE
    if options.output is not None and texts:
        from perfeval_xl.files import write_atomically

        write_atomically(options.output, _encoded("".join(texts)), inputs=_inputs(options))
    return worst


def _check_one(name: str, target: Path | None, options: argparse.Namespace, texts: list[str]) -> int:
    """Check a file and give what was asked for; text for ``-o`` is added to ``texts``. The exit code."""
    report = _report(name, options)
    if not report.summaries:
        _complain(_no_form(report))
        if options.format in ("text", *AUDITS) and not report.forms.unreadable:
            return UNUSABLE
    if options.previous is not None:
        _say_not_compared(report)
    if target is not None:
        _audit(Path(name), report, target, options)
    elif options.output is not None:
        texts.append(_render(report, options))
    else:
        _write_out(_render(report, options), sys.stdout)
    if options.highlight is not None:
        _highlight(Path(name), report, options)
    return _code(report, options.fail_on)


def _say_not_compared(report: Report) -> None:
    """Last year's file was given and could not be used: that is said, whatever the output."""
    for skip in report.skipped:
        if skip.rule == "PE512":
            _complain(f"没有与上年文件核对：{skip.reason}")


def _inputs(options: argparse.Namespace) -> list[Path]:
    """Every file the run reads: none of them is written."""
    given = (*options.files, options.accept, options.policy, options.previous)
    return [Path(name) for name in given if name is not None]


def _audit_targets(options: argparse.Namespace) -> list[Path | None]:
    """Where the 审核报告 of each file goes: to the file of ``-o``, or into its folder under a name of its own."""
    output, suffix = options.output, f".{options.format}"
    if output is None:
        raise UsageError(f"审核报告要写到文件：请加 -o 报告{suffix}")
    if not output.is_dir():
        if len(options.files) > 1:
            raise UsageError(f"几份审核报告要写到一个文件夹：请先建立文件夹，再写 -o 文件夹（{output} 不是）")
        if output.suffix.lower() != suffix:
            raise UsageError(f"--format {options.format} 的审核报告要用扩展名 {suffix}：{output}")
        return [output]
    from perfeval_xl.runs.auditing import file_name

    names: set[str] = set()
    targets: list[Path | None] = []
    for name in options.files:
        file = file_name(name, suffix)
        number = 1
        while file.casefold() in names:
            number += 1
            file = file_name(name, suffix, number)
        names.add(file.casefold())
        targets.append(output / file)
    return targets


def _encoded(text: str) -> bytes:
    """As a file's bytes; a file name that is no text (Linux) has characters that no encoding knows."""
    return text.encode("utf-8", "replace")


def _format(options: argparse.Namespace) -> str:
    """The format that was asked for, also by the suffix of an 审核报告."""
    if options.format is not None:
        return str(options.format)
    suffix = options.output.suffix.lower()[1:] if options.output is not None else ""
    return suffix if suffix in AUDITS else "text"


def _refuse_unusable(options: argparse.Namespace) -> None:
    several = len(options.files) > 1
    if several and options.previous is not None:
        raise UsageError("--previous 是一个单位上年的文件，一次只能检查一个文件")
    if several and options.format in ("json", "html"):
        raise UsageError(f"几个文件不能一起输出为 {options.format}：请用 --format jsonl，或一次检查一个文件")
    for option, one in (("--highlight", options.highlight), ("--unmark", options.unmark)):
        if several and one is not None:
            raise UsageError(f"{option} 一次只能处理一个文件")
    if options.unmark is not None and (options.highlight is not None or options.output is not None):
        raise UsageError("--unmark 只去掉标注，不能和 --highlight、-o 一起用")
    if options.output is not None and options.output == options.highlight:
        raise UsageError(f"-o 和 --highlight 不能是同一个文件：{options.output}")


def _report(name: str, options: argparse.Namespace) -> Report:
    from perfeval_xl.runs import accepted, checking

    return checking.check(
        name,
        policy=options.policy,
        host=options.host,
        limits=_limits(options),
        recalculate=options.recalculate,
        previous=options.previous,
        reasons=accepted.load(options.accept) if options.accept is not None else None,
        own_reasons=not options.no_accepted,
        select=_codes(options.select),
        ignore=_codes(options.ignore),
    )


def _limits(options: argparse.Namespace) -> Limits:
    from perfeval_xl.hosts.limits import LIMITS

    try:
        return LIMITS.changed(options.limit)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _codes(text: str) -> list[str]:
    return [code.strip() for code in text.replace("，", ",").split(",") if code.strip()]


def _no_form(report: Report) -> str:
    missed = [f"{form.title.place.sheet}：{form.reason}" for form in report.forms.unreadable]
    missed += [f"{unread.sheet}：{unread.reason}" for unread in report.unread if unread.sheet]
    reasons = "；".join(missed[:3])
    return f"{report.workbook}：没有找到绩效自评表（{reasons or '没有内容'}）。请确认文件，表头要有三级指标、年度指标值、实际完成值等文字"


def _code(report: Report, fail_on: str) -> int:
    from perfeval_xl.findings import SEVERITIES

    if not report.summaries:
        return UNUSABLE
    if fail_on == "never":
        return OK
    counted = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return FOUND if any(report.count(severity) for severity in counted) else OK


def _render(report: Report, options: argparse.Namespace) -> str:
    """The report as text; the terminal's own goes to the terminal at once, and nothing is returned."""
    if options.format == "html":
        from perfeval_xl.report.html import to_html

        return to_html(report)
    if options.format in ("json", "jsonl"):
        from perfeval_xl.report.json_report import to_json

        return to_json(report, indent=2 if options.format == "json" else None) + "\n"
    from perfeval_xl.report.terminal import make_console, print_report

    if options.output is None:
        print_report(report, make_console(sys.stdout), verbose=options.verbose)
        return ""
    import io

    stream = io.StringIO()
    print_report(report, make_console(stream), verbose=options.verbose)
    return stream.getvalue()


def _write_out(text: str, stream: TextIO) -> None:
    """Text to a stream; where it cannot encode Chinese, what it cannot is replaced rather than fatal."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding))


def _audit(source: Path, report: Report, target: Path, options: argparse.Namespace) -> None:
    import datetime as dt

    from perfeval_xl.files import sha256, write_atomically
    from perfeval_xl.runs.auditing import audit_report

    left_out = [f"只检查规则 {options.select}"] if options.select else []
    left_out += [f"不检查规则 {options.ignore}"] if options.ignore else []
    data = audit_report(
        report,
        target.suffix.lower(),
        when=dt.datetime.now(),
        sha256=sha256(source),
        previous=str(options.previous or ""),
        only="；".join(left_out),
        limits=_limits(options),
    )
    write_atomically(target, data, inputs=_inputs(options))
    _complain(f"已写审核报告：{target}")


def _highlight(source: Path, report: Report, options: argparse.Namespace) -> None:
    from perfeval_xl.files import write_atomically
    from perfeval_xl.runs.marking import marked_copy

    marked = marked_copy(source, report, _limits(options))
    _refuse_suffix(options.highlight, marked.suffix)
    write_atomically(options.highlight, marked.data, inputs=_inputs(options))
    for note in marked.notes:
        _complain(note)
    _complain(f"已另存标注副本：{options.highlight}")


def _refuse_suffix(path: Path, suffix: str) -> None:
    """Office refuses a file whose extension says other than its content about macros."""
    if path.suffix.lower() != suffix and not path.is_dir():
        what = "文件" if suffix.startswith(".doc") else "工作簿"
        macros = "带宏" if suffix.endswith("m") else "不带宏"
        program = "Word" if suffix.startswith(".doc") else "Excel"
        raise UsageError(f"这个{what}{macros}，另存的文件要用扩展名 {suffix}，否则 {program} 打不开：{path}")


def _unmark(source: Path, options: argparse.Namespace) -> int:
    from perfeval_xl.files import write_atomically
    from perfeval_xl.hosts.marks.workbook import NoMarks, unmark
    from perfeval_xl.hosts.reading.loading import kind_of

    limits = _limits(options)
    if kind_of(source, limits) != "xlsx":
        raise UsageError(f"{source.name}：只有 .xlsx/.xlsm 的标注副本可以去掉标注")
    try:
        plain = unmark(source, limits)
    except NoMarks as error:
        raise UsageError(f"{source.name}：{error}") from None
    _refuse_suffix(options.unmark, plain.suffix)
    write_atomically(options.unmark, plain.data, inputs=_inputs(options))
    same = "与标注前的文件逐字节相同" if plain.exact else "标注后所作的修改都保留"
    _complain(f"已去掉标注，另存为：{options.unmark}（{same}）")
    return OK


# -- recalc and undo ------------------------------------------------------------------------------------------


def _recalc(options: argparse.Namespace) -> int:
    from perfeval_xl.runs.correcting import recalc

    done = recalc(options.file, options.output, apply=options.apply, policy=options.policy)
    _tell_changes(done, "没有需要更正的格子" if not done.notes else "没有可以代为更正的格子")
    _write_out(f"已另存：{options.output}\n", sys.stdout)
    return OK


def _undo(options: argparse.Namespace) -> int:
    from perfeval_xl.runs.correcting import undo

    _tell_changes(undo(options.file, options.output), "没有撤回任何格子")
    _write_out(f"已另存：{options.output}\n", sys.stdout)
    return OK


def _tell_changes(done: Recalculated, nothing: str) -> None:
    """Every changed cell on a line: where, from what to what, by which rule and why; then what was left."""
    from perfeval_xl.report.plain import harmless

    own = [change for change in done.changes if not change.follows]
    for change in own:
        why = f"{change.rule} {change.why}".strip()
        line = f"{change.place}：{change.old or '（空）'} → {change.new or '（空）'}（{why}）"
        _write_out(harmless(line) + "\n", sys.stdout)
    follow = len(done.changes) - len(own)
    for note in done.notes:
        _write_out(harmless(f"▲ {note}") + "\n", sys.stdout)
    counted = f"共改动 {len(own)} 格" + (f"，另有 {follow} 个公式格随之更新" if follow else "")
    _write_out((counted if own else nothing) + "\n", sys.stdout)


# -- the other commands ---------------------------------------------------------------------------------------


def _policy(options: argparse.Namespace) -> int:
    from perfeval_xl.policy import bundled, describe, load_policy

    if options.policy is None:
        lines = [f"{name}  {load_policy(name).title}" for name in bundled()]
        _write_out("\n".join(lines) + "\n", sys.stdout)
    else:
        _write_out(describe(load_policy(options.policy)) + "\n", sys.stdout)
    return OK


def _judge(options: argparse.Namespace) -> int:
    from decimal import Decimal, InvalidOperation

    from perfeval_xl.policy import load_policy
    from perfeval_xl.targets import judge

    if options.csv is not None:
        return _judge_table(options)
    if options.target is None or options.actual is None:
        raise UsageError("请给出年度指标值和实际完成值，或用 --csv 判断整张表")
    if options.output is not None:
        raise UsageError("-o 只和 --csv 一起用")
    try:
        weight = Decimal(options.weight) if options.weight is not None else None
    except InvalidOperation:
        weight = Decimal("NaN")
    if weight is not None and not weight.is_finite():
        raise UsageError(f"分值“{options.weight}”不是数字")
    judgement = judge(
        options.target,
        options.actual,
        indicator=options.indicator,
        group=options.group,
        weight=weight,
        policy=load_policy(options.policy),
    )
    if options.format == "json":
        import json

        shown = {
            "outcome": judgement.outcome,
            "ratio": None if judgement.ratio is None else str(judgement.ratio),
            "due": None if judgement.due is None else str(judgement.due),
            "explain": judgement.explain,
        }
        _write_out(json.dumps(shown, ensure_ascii=False) + "\n", sys.stdout)
    else:
        _write_out(judgement.explain + "\n", sys.stdout)
    return OK


def _judge_table(options: argparse.Namespace) -> int:
    """A whole CSV table: to a file in UTF-8 with BOM (Excel reads it as such), or to the screen."""
    import codecs

    from perfeval_xl.files import atomically
    from perfeval_xl.policy import load_policy
    from perfeval_xl.runs.judge_csv import judge_file

    if options.target is not None:
        raise UsageError("--csv 和单个指标不能一起用")
    policy = load_policy(options.policy)
    if options.output is None:
        judge_file(options.csv, lambda text: _write_out(text, sys.stdout), policy)
        return OK
    with atomically(options.output, inputs=[options.csv]) as stream:
        stream.write(codecs.BOM_UTF8)
        judge_file(options.csv, lambda text: stream.write(text.encode()), policy)
    return OK


def _rules(options: argparse.Namespace) -> int:
    from perfeval_xl.rules.book import render

    try:
        _write_out(render(options.code, options.format) + "\n", sys.stdout)
    except KeyError:
        raise UsageError(f"没有规则 {options.code}：用 perfeval-xl rules 查看全部规则") from None
    return OK


def _new(options: argparse.Namespace) -> int:
    """A workbook for one unit; a file that is there already is left alone."""
    from perfeval_xl.files import write_atomically
    from perfeval_xl.runs.new import new_workbook

    _refuse_new(options)
    if options.year is not None and not 2015 <= options.year <= 2099:
        raise UsageError(f"评价年度应是 2015 到 2099 之间的年份，不是 {options.year}")
    if options.last_year is not None:
        return _carry_over(options)
    data = new_workbook(
        options.output.suffix.lower(), unit=options.unit.strip(), year=options.year, policy=options.policy
    )
    write_atomically(options.output, data)
    _write_out(f"已新建 {options.output}：打开后先看“填报说明”\n", sys.stdout)
    return OK


def _carry_over(options: argparse.Namespace) -> int:
    """A new year's workbook from last year's file: all that was carried over is listed, and what waits for the clerk."""
    from perfeval_xl.files import write_atomically
    from perfeval_xl.report.plain import harmless
    from perfeval_xl.runs.new import from_last_year

    done = from_last_year(
        options.last_year,
        options.output.suffix.lower(),
        unit=options.unit.strip(),
        year=options.year,
        policy=options.policy,
    )
    write_atomically(options.output, done.data, inputs=[options.last_year])
    lines = [f"{what} {line}" for what, line in done.record]
    lines.append(
        f"已新建 {options.output}（{done.unit or '单位待填'}，{done.year}年度）；上面各条也列在“沿用记录”表里"
    )
    _write_out("".join(f"{harmless(line)}\n" for line in lines), sys.stdout)
    return OK


def _refuse_new(options: argparse.Namespace) -> None:
    """A new workbook has a name Excel opens, is not there yet, and names a policy that is known."""
    from perfeval_xl.policy import bundled
    from perfeval_xl.runs.new import SUFFIXES

    if options.output.suffix.lower() not in SUFFIXES:
        raise UsageError(f"新文件应以 .xlsm 或 .xlsx 结尾：{options.output}")
    if options.output.exists():
        raise UsageError(f"{options.output} 已经存在，没有覆盖；请换一个文件名")
    if options.policy is not None and options.policy not in bundled():
        raise UsageError(f"没有自带的政策 {options.policy}：可选 {'、'.join(bundled())}")


def _import(options: argparse.Namespace) -> int:
    """Sources into a copy of the template; what found no place is listed here and in the workbook's 导入记录."""
    from perfeval_xl.files import write_atomically
    from perfeval_xl.runs.importing import import_files

    _refuse_new(options)
    done = import_files(options.sources, options.output.suffix.lower(), policy=options.policy)
    write_atomically(options.output, done.data, inputs=options.sources)
    _tell_import(done, options)
    return OK


#: So many lines are told of what found no place; the workbook holds all of them.
_TOLD = 30


def _tell_import(done: Imported, options: argparse.Namespace) -> None:
    """A line a form, then what found no place, then where all of it stands."""
    from perfeval_xl.report.plain import harmless

    lines = [
        f"{form.source if form.caption in form.source else f'{form.source}（{form.caption}）'}"
        f" → {form.target or '没有放进表里'}：{form.cells} 格"
        for form in done.forms
    ]
    lines += [f"● {note}" for note in done.notes]
    told = done.unplaced if options.verbose else done.unplaced[:_TOLD]
    lines += [f"▲ 没有放进表里：{text}" for text in told]
    if len(told) < len(done.unplaced):
        lines.append(f"……没有放进表里的还有 {len(done.unplaced) - len(told)} 格（-v 全部列出）")
    counted = f"没有放进表里 {len(done.unplaced)} 格" if done.unplaced else "没有遗漏"
    lines.append(f"已导入 {options.output}：放入 {len(done.placed)} 格，{counted}；逐格去处见“导入记录”表")
    _write_out("".join(f"{harmless(line)}\n" for line in lines), sys.stdout)


def _export(options: argparse.Namespace) -> int:
    from perfeval_xl.files import write_atomically
    from perfeval_xl.runs.exporting import SUFFIXES, export

    suffix = options.output.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"导出的文件应以 .docx 或 .pdf 结尾：{options.output}")
    done = export(options.file, suffix, redact=options.redact)
    write_atomically(options.output, done.data, inputs=[options.file])
    for note in done.notes:
        _complain(f"▲ {note}")
    if done.private:
        what = "已遮盖" if options.redact else "公开前请遮盖（加 --redact 可自动遮盖）"
        _complain(f"▲ {what}：" + "；".join(map(str, done.private)))
    _write_out(f"已导出：{options.output}\n", sys.stdout)
    return OK


def _live(options: argparse.Namespace) -> int:
    from perfeval_xl.excel.live import live

    live(options.file)
    return OK


def _install(options: argparse.Namespace) -> int:
    from perfeval_xl.installing.install import install
    from perfeval_xl.installing.machine import this_machine

    return _tell_lines(install(this_machine(), options.folder))


def _uninstall(_options: argparse.Namespace) -> int:
    from perfeval_xl.installing.install import uninstall
    from perfeval_xl.installing.machine import this_machine

    return _tell_lines(uninstall(this_machine()))


def _doctor(_options: argparse.Namespace) -> int:
    from perfeval_xl.installing.doctor import examine
    from perfeval_xl.installing.machine import this_machine

    return _tell_lines(examine(this_machine()))


def _tell_lines(lines: Sequence[Line]) -> int:
    """Each on its own line; unusable where one of them has to be mended."""
    from perfeval_xl.installing.telling import rendered

    _write_out(rendered(lines, sys.stdout.encoding), sys.stdout)
    return UNUSABLE if any(line.level == "bad" for line in lines) else OK


def _demo(options: argparse.Namespace) -> int:
    """Check the bundled example in the terminal and leave the page and the marked copy in a folder."""
    from perfeval_xl.files import write_atomically
    from perfeval_xl.hosts.marks.workbook import highlight
    from perfeval_xl.report.html import to_html
    from perfeval_xl.report.terminal import make_console, print_report
    from perfeval_xl.runs.checking import check

    source = example()
    report = check(source, policy="hunan-2023")
    print_report(report, make_console(sys.stdout), verbose=False)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"无法建立文件夹 {options.out}：{error.strerror}，请用 --out 换一个位置") from None
    page, marked = options.out / "校验报告.html", options.out / "示例-已标注.xlsx"
    write_atomically(page, _encoded(to_html(report)), inputs=[source])
    write_atomically(marked, highlight(source, report).data, inputs=[source])
    _write_out(f"\n网页报告：{page}\n标注副本：{marked}\n", sys.stdout)
    return OK


def example() -> Path:
    """The bundled example: inside the installed package, or in a checkout's workbook folder."""
    package = Path(__file__).parent.parent
    for place in (package / "data" / EXAMPLE, package.parent / "workbook" / EXAMPLE):
        if place.is_file():
            return place
    raise UsageError("安装不完整：找不到自带的示例，请重新安装 perfeval-xl")
