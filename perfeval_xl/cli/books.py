"""``policy`` and ``rules``: the policies and the rule book, shown."""

from __future__ import annotations

import argparse

from .ending import OK
from .parsing import Command, Parser
from .streams import give, say


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


def _rules_arguments(parser: Parser) -> None:
    parser.add_argument(
        "code", nargs="?", metavar="规则", help="规则的编号、名称或类别，如 PE401、rates.staff、totals、PE1*"
    )
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="输出格式")


def _rules(options: argparse.Namespace) -> int:
    from perfeval_xl.rules.pages import render

    page = render(options.code, options.format)
    if options.format == "json":
        give(f"{page}\n")
    else:
        say(page)
    return OK


COMMANDS = (
    Command("policy", "列出、显示或检验政策文件", _policy_arguments, _policy),
    Command("rules", "列出全部检查规则，或显示一条", _rules_arguments, _rules),
)
