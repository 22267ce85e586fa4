"""``new``, ``import`` and ``export``: workbooks and papers that are made."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from .ending import OK
from .parsing import Command, Parser
from .saying import UsageError, add_force, expanded, limits_of
from .streams import complain, say

if TYPE_CHECKING:
    from perfeval_xl.runs.importing import Imported
    from perfeval_xl.runs.outputs import Output


def _new_arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("output", metavar="新文件.xlsm|新文件.xlsx", type=Path, help=".xlsx 不带宏，供 WPS 和禁用宏的单位用")
    add(
        "--from", metavar="上年文件", dest="last_year", type=Path,
        help="沿用上年的文件（.xlsx .xlsm .xls .et .docx 等）：上年决算数、项目、指标和分值",
    )  # fmt: skip
    add("--unit", metavar="单位名称", default="", help="预算单位名称（沿用上年时默认不变）")
    add("--year", metavar="年度", help="评价年度，如 2025（沿用上年时默认是上年加一年）")
    add("--policy", metavar="政策", help="评价政策（默认 national-2020；沿用上年时默认不变）")
    add_force(parser)


def _new(options: argparse.Namespace) -> int:
    """A workbook for one unit."""
    from perfeval_xl.policy import DEFAULT_POLICY, load_policy
    from perfeval_xl.runs.new import new_workbook
    from perfeval_xl.runs.outputs import output

    _refuse_new(options)
    year = None if options.year is None else _year(options.year)
    place = output(options.output, [options.last_year] if options.last_year else (), force=options.force)
    if options.last_year is not None:
        return _carry_over(options, year, place)
    data = new_workbook(
        options.output.suffix.lower(), unit=options.unit.strip(), year=year, policy=options.policy
    )
    place.write(data)
    title = load_policy(options.policy or DEFAULT_POLICY).title
    say(f"已新建 {options.output}：打开后先看“填报说明”；评价政策是{title}，别处的请在那里改")
    return OK


def _year(text: str) -> int:
    year = int(text) if text.isdecimal() else 0
    if not 2015 <= year <= 2099:
        raise UsageError(f"评价年度应是 2015 到 2099 之间的年份，不是“{text}”")
    return year


def _carry_over(options: argparse.Namespace, year: int | None, place: Output) -> int:
    """A new year's workbook from last year's file: all that was carried over is listed, and what waits for the clerk."""
    from perfeval_xl.report.plain import harmless
    from perfeval_xl.runs.new import from_last_year

    done = from_last_year(
        options.last_year,
        options.output.suffix.lower(),
        unit=options.unit.strip(),
        year=year,
        policy=options.policy,
        limits=limits_of(options),
    )
    place.write(done.data)
    lines = [f"{what} {line}" for what, line in done.record]
    lines.append(
        f"已新建 {options.output}（{done.unit or '单位待填'}，{done.year}年度）；上面各条也列在“沿用记录”表里"
    )
    say("\n".join(map(harmless, lines)))
    return OK


def _refuse_new(options: argparse.Namespace) -> None:
    """A new workbook has a name Excel opens, and names a policy that is known."""
    from perfeval_xl.policy import bundled
    from perfeval_xl.runs.new import SUFFIXES

    if options.output.suffix.lower() not in SUFFIXES:
        raise UsageError(f"新文件应以 .xlsm 或 .xlsx 结尾：{options.output}")
    if options.policy is not None and options.policy not in bundled():
        raise UsageError(f"没有自带的政策 {options.policy}：可选 {'、'.join(bundled())}")


def _import_arguments(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "sources", nargs="+", metavar="文件", type=Path,
        help="一个或几个文件：.docx .doc .xlsx .xlsm .xls .xlsb .et .ods，如各附件的表格和自评报告",
    )  # fmt: skip
    add(
        "-o", "--output", metavar="新文件.xlsm|新文件.xlsx", type=Path, required=True,
        help="导入成的填报工作簿；.xlsx 不带宏",
    )  # fmt: skip
    add("--policy", metavar="政策", help="评价政策（默认按源文件写明的，否则 national-2020）")
    add("-v", "--verbose", action="store_true", help="没有放进表里的内容全部列出")
    add_force(parser)


def _import(options: argparse.Namespace) -> int:
    """Sources into a copy of the template; what found no place is listed here and in the workbook's 导入记录."""
    from perfeval_xl.runs.importing import import_files
    from perfeval_xl.runs.outputs import output

    _refuse_new(options)
    options.sources = [Path(name) for name in expanded([str(name) for name in options.sources])]
    place = output(options.output, options.sources, force=options.force)
    done = import_files(
        options.sources, options.output.suffix.lower(), policy=options.policy, limits=limits_of(options)
    )
    place.write(done.data)
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
    say("\n".join(map(harmless, lines)))


def _export_arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("file", metavar="文件", type=Path, help="填好的模板或本单位自己的工作簿，原文件不动")
    add(
        "-o", "--output", metavar="文件.docx|文件.pdf", type=Path, required=True,
        help="导出到哪里；.pdf 要先安装 LibreOffice",
    )  # fmt: skip
    add("--redact", action="store_true", help="遮盖手机号、身份证号、银行账号；不加则只列出")
    add_force(parser)


def _export(options: argparse.Namespace) -> int:
    from perfeval_xl.runs.exporting import SUFFIXES, export
    from perfeval_xl.runs.outputs import output

    suffix = options.output.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"导出的文件应以 .docx 或 .pdf 结尾：{options.output}")
    place = output(options.output, [options.file], force=options.force)
    done = export(options.file, suffix, redact=options.redact, limits=limits_of(options))
    place.write(done.data)
    for note in done.notes:
        complain(f"▲ {note}")
    if done.private:
        what = "已遮盖" if options.redact else "公开前请遮盖（加 --redact 可自动遮盖）"
        complain(f"▲ {what}：" + "；".join(map(str, done.private)))
    say(f"已导出：{options.output}")
    return OK


COMMANDS = (
    Command("new", "新建一份填报工作簿（.xlsm，或不带宏的 .xlsx）", _new_arguments, _new),
    Command("import", "把已有的自评表和报告（Word、Excel、WPS）导入填报模板", _import_arguments, _import),
    Command(
        "export", "导出可以公开的自评报告：文字在前、附表在后的 .docx 或 .pdf", _export_arguments, _export
    ),
)
