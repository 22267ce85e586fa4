"""``recalc`` and ``undo``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from .ending import OK
from .parsing import Command, Parser
from .saying import UsageError, add_force, expanded, limits_of
from .streams import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from perfeval_xl.runs.correcting import Recalculated


def _recalc_arguments(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "files", metavar="文件", nargs="+", type=Path,
        help="工作簿：.xlsx 或 .xlsm，原文件不动；几个文件是同一份报送（可以有 Word 报告），合在一起核对",
    )  # fmt: skip
    add("-o", "--output", metavar="另存文件", type=Path, required=True,
        help="更正后的工作簿写到哪里；几个文件写到这个文件夹")  # fmt: skip
    add(
        "--apply", nargs="+", metavar="指纹", default=(),
        help="同时采用这些问题的建议（指纹见“校验结果”最后一列），录入的数也改",
    )  # fmt: skip
    add("--policy", metavar="政策|文件.toml", help="按哪个政策检查（默认按工作簿写明的，否则 national-2020）")
    add_force(parser)


def _recalc(options: argparse.Namespace) -> int:
    from perfeval_xl.runs.correcting import recalc, recalc_together

    options.files = [Path(name) for name in expanded([str(name) for name in options.files])]
    several = len(options.files) > 1
    if several and not options.output.is_dir():
        raise UsageError(
            f"几个文件的更正稿要写到一个文件夹：请先建立文件夹，再写 -o 文件夹（{options.output} 不是）"
        )
    made: Iterable[tuple[Path, Recalculated]]
    if several:
        made = recalc_together(
            options.files,
            options.output,
            apply=options.apply,
            policy=options.policy,
            force=options.force,
            limits=limits_of(options),
        )
    else:
        done = recalc(
            options.files[0],
            options.output,
            apply=options.apply,
            policy=options.policy,
            force=options.force,
            limits=limits_of(options),
        )
        made = [(options.output, done)]
    for out, done in made:
        _tell_changes(done, "没有需要更正的格子" if not done.notes else "没有可以代为更正的格子")
        say(f"已另存：{out}")
    return OK


def _undo_arguments(parser: Parser) -> None:
    parser.add_argument("file", metavar="文件", type=Path, help="更正过的工作簿，原文件不动")
    parser.add_argument(
        "-o", "--output", metavar="另存文件", type=Path, required=True, help="撤回后的工作簿写到哪里"
    )
    add_force(parser)


def _undo(options: argparse.Namespace) -> int:
    from perfeval_xl.runs.correcting import undo

    done = undo(options.file, options.output, force=options.force, limits=limits_of(options))
    _tell_changes(done, "没有撤回任何格子")
    say(f"已另存：{options.output}")
    return OK


def _tell_changes(done: Recalculated, nothing: str) -> None:
    """Every changed cell on a line: where, from what to what, by which rule and why; then what was left."""
    from perfeval_xl.report.plain import harmless

    own = [change for change in done.changes if not change.follows]
    for change in own:
        why = f"{change.rule} {change.why}".strip()
        say(harmless(f"{change.place}：{change.old or '（空）'} → {change.new or '（空）'}（{why}）"))
    follow = len(done.changes) - len(own)
    for note in done.notes:
        say(harmless(f"▲ {note}"))
    counted = f"共改动 {len(own)} 格" + (f"，另有 {follow} 个公式格随之更新" if follow else "")
    say(counted if own else nothing)


COMMANDS = (
    Command("recalc", "重算比率、合计和得分，另存一份，改动都记入“更正记录”", _recalc_arguments, _recalc),
    Command("undo", "把“更正记录”里的改动全部撤回，另存一份", _undo_arguments, _undo),
)
