"""``recalc`` and ``undo``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .saying import OK, write_out

if TYPE_CHECKING:
    from perfeval_xl.runs.correcting import Recalculated


def recalc_arguments(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("file", metavar="FILE", type=Path, help="工作簿：.xlsx 或 .xlsm，原文件不动")
    add("-o", "--output", metavar="OUT", type=Path, required=True, help="更正后的工作簿写到哪里")
    add(
        "--apply", nargs="+", metavar="FINGERPRINT", default=(),
        help="同时采用这些问题的建议（指纹见“校验结果”最后一列），录入的数也改",
    )  # fmt: skip
    add("--policy", metavar="ID|FILE.toml", help="按哪个政策检查（默认按工作簿写明的，否则 national-2020）")


def undo_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", metavar="FILE", type=Path, help="更正过的工作簿，原文件不动")
    command.add_argument(
        "-o", "--output", metavar="OUT", type=Path, required=True, help="撤回后的工作簿写到哪里"
    )


def run_recalc(options: argparse.Namespace) -> int:
    from perfeval_xl.runs.correcting import recalc

    done = recalc(options.file, options.output, apply=options.apply, policy=options.policy)
    _tell_changes(done, "没有需要更正的格子" if not done.notes else "没有可以代为更正的格子")
    write_out(f"已另存：{options.output}\n", sys.stdout)
    return OK


def run_undo(options: argparse.Namespace) -> int:
    from perfeval_xl.runs.correcting import undo

    _tell_changes(undo(options.file, options.output), "没有撤回任何格子")
    write_out(f"已另存：{options.output}\n", sys.stdout)
    return OK


def _tell_changes(done: Recalculated, nothing: str) -> None:
    """Every changed cell on a line: where, from what to what, by which rule and why; then what was left."""
    from perfeval_xl.report.plain import harmless

    own = [change for change in done.changes if not change.follows]
    for change in own:
        why = f"{change.rule} {change.why}".strip()
        line = f"{change.place}：{change.old or '（空）'} → {change.new or '（空）'}（{why}）"
        write_out(harmless(line) + "\n", sys.stdout)
    follow = len(done.changes) - len(own)
    for note in done.notes:
        write_out(harmless(f"▲ {note}") + "\n", sys.stdout)
    counted = f"共改动 {len(own)} 格" + (f"，另有 {follow} 个公式格随之更新" if follow else "")
    write_out((counted if own else nothing) + "\n", sys.stdout)
