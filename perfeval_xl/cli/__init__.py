"""The command line. Everything heavy is imported by the command that needs it, so that --help is instant."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

from perfeval_xl.version import __version__

from . import batch, check, compare, computer, correct, demo, documents, judge, page, policies, rules
from .demo import example as example
from .ending import ended
from .parsing import Command, Parser, near
from .saying import limits_of

#: The files of commands, in the order of the help.
_FILES = (check, batch, compare, correct, judge, policies, rules, documents, page, computer, demo)
COMMANDS: dict[str, Command] = {command.name: command for file in _FILES for command in file.COMMANDS}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit code (``ending``). SystemExit with one where only help was wanted, or where what was typed
    does not fit."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    return ended(lambda: _run(given, own=arguments is None))


def _run(given: Sequence[str], *, own: bool) -> int:
    if not given or given[0] not in COMMANDS:
        _without_command(given)
    command = COMMANDS[given[0]]
    options = command.parser().read(given[1:])
    if not command.reads_files:
        return command.run(options)
    from perfeval_xl.runs.bounding import bound_memory, bounded_time

    limits = limits_of(options)
    if own:  # the process is the program's, not that of who called it
        bound_memory(limits.memory_bytes)
    with bounded_time(limits):
        return command.run(options)


def _without_command(given: Sequence[str]) -> NoReturn:
    """The help or the version, or that there is no such command."""
    parser = Parser(
        "perfeval-xl",
        "检查部门整体支出绩效自评工作簿：算错的比率、合计，对不上的表，没完成却得满分的指标。",
        COMMANDS.values(),
    )
    parser.add_argument("--version", action="version", version=f"perfeval-xl {__version__}", help="显示版本")
    if given and not given[0].startswith("-"):
        parser.refuse(f"没有命令“{given[0]}”{near(given[0], COMMANDS)}")
    late = next((word for word in given if word in COMMANDS), None)
    if late is not None and parser.is_unknown(given[0]):
        parser.refuse(f"命令写在最前面，选项跟在后面：perfeval-xl {late} ... {given[0]}")
    parser.read(given)
    parser.refuse("没有写命令，如 perfeval-xl check 单位.xlsx")
