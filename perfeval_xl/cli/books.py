"""``rules`` and ``policy``: the rule book and the policies, shown."""

from __future__ import annotations

import argparse
import sys

from .saying import OK, write_out


def rules_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "code", nargs="?", metavar="CODE", help="规则的编号、名称或类别，如 PE401、rates.staff、totals、PE1*"
    )
    command.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="输出格式")


def policy_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("policy", nargs="?", metavar="ID|FILE.toml", help="政策编号或文件；不写则列出自带的")


def run_rules(options: argparse.Namespace) -> int:
    from perfeval_xl.rules.pages import render

    write_out(render(options.code, options.format) + "\n", sys.stdout)
    return OK


def run_policy(options: argparse.Namespace) -> int:
    from perfeval_xl.policy import bundled, describe, load_policy

    if options.policy is None:
        lines = [f"{name}  {load_policy(name).title}" for name in bundled()]
        write_out("\n".join(lines) + "\n", sys.stdout)
    else:
        write_out(describe(load_policy(options.policy)) + "\n", sys.stdout)
    return OK
