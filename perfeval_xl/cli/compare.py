"""``compare``: a unit's file before and after it was sent back."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .ending import OK
from .parsing import Command, Parser
from .saying import UsageError, add_force, encoded, installed, limits_of
from .streams import complain

if TYPE_CHECKING:
    from perfeval_xl.comparing import Comparison


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("old", metavar="退回前的文件", type=Path, help="单位原来报的文件，能检查的都可以，不动它")
    add("new", metavar="重报的文件", type=Path, help="改正以后又报来的文件，不动它")
    add(
        "-o",
        "--output",
        metavar="对照.html|对照.docx|对照.xlsx|对照.json",
        type=Path,
        help="写到文件，不写到屏幕；扩展名决定写成什么",
    )
    add(
        "--policy",
        metavar="政策|文件.toml",
        help="两份都按这个政策检查（默认按各工作簿写明的，否则 national-2020）",
    )
    add_force(parser)


def _run(options: argparse.Namespace) -> int:
    render = None if options.output is None else _renderer(options.output)
    from perfeval_xl.runs.comparing import compare
    from perfeval_xl.runs.outputs import output

    inputs = [options.old, options.new, *([Path(options.policy)] if options.policy is not None else [])]
    target = None if options.output is None else output(options.output, inputs, force=options.force)
    done = compare(options.old, options.new, policy=options.policy, limits=limits_of(options))
    if target is None or render is None:
        from perfeval_xl.report.comparison import print_comparison
        from perfeval_xl.report.terminal import make_console

        print_comparison(done, make_console(sys.stdout))
        return OK
    from perfeval_xl.report.comparison import summary

    target.write(render(done))
    complain(f"已写：{options.output}；{summary(done)}")
    return OK


def _renderer(path: Path) -> Callable[[Comparison], bytes]:
    """What writes a file of this extension; UsageError where there is none, or where its library is not installed."""
    render = _RENDERERS.get(path.suffix.lower())
    if render is None:
        known = " ".join(_RENDERERS)
        raise UsageError(f"-o 的扩展名决定写成什么格式，可以是 {known}，不能是“{path.suffix}”：{path}")
    if render is _xlsx:
        with installed("写 Excel", "batch", ("xlsxwriter",)):
            import xlsxwriter  # noqa: F401 - is it there at all
    return render


def _html(comparison: Comparison) -> bytes:
    from perfeval_xl.report.comparison import to_html

    return encoded(to_html(comparison))


def _docx(comparison: Comparison) -> bytes:
    from perfeval_xl.runs.comparing import to_docx

    return to_docx(comparison)


def _xlsx(comparison: Comparison) -> bytes:
    from perfeval_xl.report.comparison import to_xlsx

    return to_xlsx(comparison)


def _json(comparison: Comparison) -> bytes:
    import json

    return encoded(json.dumps(comparison.to_dict(), ensure_ascii=False, indent=2) + "\n")


_RENDERERS: Mapping[str, Callable[[Comparison], bytes]] = {
    ".html": _html,
    ".docx": _docx,
    ".xlsx": _xlsx,
    ".json": _json,
}

COMMANDS = (
    Command(
        "compare", "同一单位退回前后的两份文件对照：改好的、没改的、新出现的，改了哪些格", _arguments, _run
    ),
)
