"""``judge``: one indicator, or a table of them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .ending import OK
from .parsing import Command, Parser
from .saying import UsageError, add_force
from .streams import give, say

if TYPE_CHECKING:
    from decimal import Decimal


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("target", nargs="?", metavar="年度指标值", help="如 ≥100人")
    add("actual", nargs="?", metavar="实际完成值", help="如 374人")
    add(
        "--csv",
        type=Path,
        metavar="文件.csv",
        help="判断整张 CSV 表：要有 target、actual（或年度指标值、实际完成值）两列",
    )
    add("-o", "--output", type=Path, metavar="结果.csv", help="CSV 结果写到文件，不写到屏幕")
    add("--indicator", default="", metavar="指标名称", help="没有符号时用来判断方向")
    add("--group", default="", metavar="二级指标", help="如 成本指标、时效指标")
    add("--weight", metavar="分值", help="算出应得几分")
    add(
        "--policy", default="national-2020", metavar="政策|文件.toml", help="按哪个政策（默认 national-2020）"
    )
    add("--format", choices=("text", "json"), default="text", help="输出格式")
    add_force(parser)


def _run(options: argparse.Namespace) -> int:
    from perfeval_xl.policy import load_policy
    from perfeval_xl.targets import judge

    if options.csv is not None:
        return _judge_table(options)
    _refuse_unusable(options)
    judgement = judge(
        options.target,
        options.actual,
        indicator=options.indicator,
        group=options.group,
        weight=_weight(options.weight),
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
        give(json.dumps(shown, ensure_ascii=False) + "\n")
    else:
        say(judgement.explain)
    return OK


def _refuse_unusable(options: argparse.Namespace) -> None:
    if options.target is None or options.actual is None:
        raise UsageError("请给出年度指标值和实际完成值，或用 --csv 判断整张表")
    for name, text in (("年度指标值", options.target), ("实际完成值", options.actual)):
        if not text.strip():
            raise UsageError(f"{name}是空的，没有可以判断的：两个值都要写")
    if options.output is not None:
        raise UsageError("-o 只和 --csv 一起用")


def _weight(text: str | None) -> Decimal | None:
    from decimal import Decimal, InvalidOperation

    if text is None:
        return None
    try:
        weight = Decimal(text)
    except InvalidOperation:
        weight = Decimal("NaN")
    if not weight.is_finite():
        raise UsageError(f"分值“{text}”不是数字")
    if weight < 0:
        raise UsageError(f"分值不能是负数：{text}")
    return weight


def _judge_table(options: argparse.Namespace) -> int:
    """A whole CSV table: to a file in UTF-8 with BOM (Excel reads it as such), or to the screen."""
    import codecs

    from perfeval_xl.files import atomically
    from perfeval_xl.policy import load_policy
    from perfeval_xl.runs.judge_csv import judge_file
    from perfeval_xl.runs.outputs import output

    if options.target is not None or options.weight is not None or options.indicator or options.group:
        raise UsageError("--csv 和单个指标不能一起用：指标名称、二级指标、分值写在表的列里")
    if options.format != "text":
        raise UsageError("--csv 的结果也是 CSV，不能和 --format 一起用")
    policy = load_policy(options.policy)
    if options.output is None:
        judge_file(options.csv, sys.stdout.write, policy)
        return OK
    output(options.output, [options.csv], force=options.force)
    with atomically(options.output, inputs=[options.csv]) as stream:
        stream.write(codecs.BOM_UTF8)
        judge_file(options.csv, lambda text: stream.write(text.encode()), policy)
    return OK


COMMANDS = (Command("judge", "判断一个指标是否完成、应得几分", _arguments, _run),)
