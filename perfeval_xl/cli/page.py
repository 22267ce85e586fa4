"""``page``: the checker as one web page that needs no installation and no network."""

from __future__ import annotations

import argparse
from pathlib import Path

from .ending import OK
from .parsing import Command, Parser
from .saying import UsageError, add_force
from .streams import say


def _arguments(parser: Parser) -> None:
    parser.add_argument("output", metavar="文件.html", type=Path, help="网页写到哪里，例如 自评检查.html")
    add_force(parser)


def _run(options: argparse.Namespace) -> int:
    """A copy of the page that was built for this version."""
    from perfeval_xl.runs.outputs import output
    from perfeval_xl.runs.paging import built_page

    if options.output.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"网页的文件名应以 .html 结尾：{options.output}")
    page = built_page()
    output(options.output, force=options.force).write(page)
    say(
        f"已写好 {options.output}（{len(page) / 1e6:.0f} MB）：用邮件或共享文件夹发给填表人，双击打开，把工作簿拖进去就能检查，不用安装，不用联网"
    )
    return OK


COMMANDS = (
    Command(
        "page",
        "一个网页，装着整个检查程序：不用安装，不用联网，发给填表人用",
        _arguments,
        _run,
        reads_files=False,
    ),
)
