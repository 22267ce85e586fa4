"""``judge``: one indicator, or a table of them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .saying import OK, UsageError, write_out


def judge_arguments(command: argparse.ArgumentParser) -> None:
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


def run_judge(options: argparse.Namespace) -> int:
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
        write_out(json.dumps(shown, ensure_ascii=False) + "\n", sys.stdout)
    else:
        write_out(judgement.explain + "\n", sys.stdout)
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
        judge_file(options.csv, lambda text: write_out(text, sys.stdout), policy)
        return OK
    with atomically(options.output, inputs=[options.csv]) as stream:
        stream.write(codecs.BOM_UTF8)
        judge_file(options.csv, lambda text: stream.write(text.encode()), policy)
    return OK
