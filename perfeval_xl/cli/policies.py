"""``policy``: the policies, shown."""

from __future__ import annotations

import argparse

from .ending import OK
from .parsing import Command, Parser
from .streams import say


def _policy_arguments(parser: Parser) -> None:
    parser.add_argument(
        "policy", nargs="?", metavar="政策|文件.toml", help="政策编号或文件；不写则列出自带的"
    )


def _policy(options: argparse.Namespace) -> int:
    from perfeval_xl.policy import bundled, describe, load_policy

    if options.policy is None:
        say("\n".join(f"{name}  {load_policy(name).title}" for name in bundled()))
    else:
        say(describe(load_policy(options.policy)))
    return OK


COMMANDS = (Command("policy", "列出、显示或检验政策文件", _policy_arguments, _policy),)
