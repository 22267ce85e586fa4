"""``demo``: the bundled example, checked."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .ending import code_of
from .parsing import Command, Parser
from .saying import UsageError, add_force, encoded
from .streams import say

EXAMPLE = "example-2023.xlsx"


def _arguments(parser: Parser) -> None:
    parser.add_argument(
        "--out",
        metavar="文件夹",
        type=Path,
        default=Path("perfeval-demo"),
        help="网页和标注副本放在哪里（默认 perfeval-demo）",
    )
    add_force(parser)


def _run(options: argparse.Namespace) -> int:
    """Check the bundled example in the terminal and leave the page and the marked copy in a folder."""
    from perfeval_xl.files import why_unwritten
    from perfeval_xl.report.html import to_html
    from perfeval_xl.report.terminal import make_console, print_report
    from perfeval_xl.runs.checking import check
    from perfeval_xl.runs.marking import marked_copy
    from perfeval_xl.runs.opening import open_source
    from perfeval_xl.runs.outputs import output

    path = example()
    source = open_source(path)
    report = check(source, policy="hunan-2023")
    print_report(report, make_console(sys.stdout), verbose=False)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"无法建立文件夹 {options.out}：{why_unwritten(error)}，请用 --out 换一个位置"
        ) from None
    page, marked = options.out / "校验报告.html", options.out / "示例-已标注.xlsx"
    places = [output(place, [path], force=options.force) for place in (page, marked)]
    places[0].write(encoded(to_html(report)))
    places[1].write(marked_copy(source, report).data, as_it_is=True)
    say(f"\n网页报告：{page}\n标注副本：{marked}")
    return code_of(report)


def example() -> Path:
    """The bundled example: inside the installed package, or in a checkout's workbook folder."""
    package = Path(__file__).parent.parent
    for place in (package / "data" / EXAMPLE, package.parent / "workbook" / EXAMPLE):
        if place.is_file():
            return place
    raise UsageError("安装不完整：找不到自带的示例，请重新安装 perfeval-xl")


COMMANDS = (Command("demo", "检查自带的示例，生成网页和标注副本", _arguments, _run),)
