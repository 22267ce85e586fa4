"""What is typed behind a command: read by argparse, told of in Chinese.

argparse words what is wrong in English, so its messages are known here by their wording. One that is not known, from a later
Python, is told in general words: never in English, and never on more than a line.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple, NoReturn

from perfeval_xl import patterns as re

from .ending import UNUSABLE
from .helping import Section, page
from .streams import complain

#: A command is most of all misspelt by a letter or two.
_LONGEST_WORD = 40
#: What argparse takes for a number, not for an option, in every version.
_NEGATIVE = re.compile(r"-\d+|-\d*\.\d+")


class Command(NamedTuple):
    """A command: its name, what it does in one line, what adds its arguments to a parser, and what carries it out and
    gives the exit code."""

    name: str
    text: str
    arguments: Callable[[Parser], None]
    run: Callable[[argparse.Namespace], int]
    #: Files of others are read: time and memory are bounded.
    reads_files: bool = True

    def parser(self) -> Parser:
        """A parser of what stands behind the command's name."""
        parser = Parser(f"perfeval-xl {self.name}", self.text)
        self.arguments(parser)
        if self.reads_files:
            add_limit(parser)
        return parser


def add_limit(parser: Parser) -> None:
    """What a file may ask of the machine."""
    parser.add_argument(
        "--limit", metavar="名称=数", action="append", default=[],
        help="放宽或收紧对文件的限制，如 cells=500000",
    )  # fmt: skip


def no_arguments(_parser: Parser) -> None:
    """For a command that takes nothing."""


class Parser(argparse.ArgumentParser):
    """Reads options and arguments; ``added`` are those it knows, in their order. ``commands`` are only listed in its help."""

    def __init__(self, prog: str, text: str, commands: Iterable[Command] = ()) -> None:
        self.added: list[argparse.Action] = []
        self.commands = tuple(commands)
        more = "一个命令怎么用：perfeval-xl check --help" if self.commands else None
        super().__init__(prog=prog, description=text, epilog=more, add_help=False)
        self.add_argument("-h", "--help", action="help", help="显示这份说明")

    def add_argument(self, *names: Any, **settings: Any) -> argparse.Action:
        """As argparse has it."""
        action = super().add_argument(*names, **settings)
        self.added.append(action)
        return action

    def read(self, arguments: Sequence[str]) -> argparse.Namespace:
        """What was given. SystemExit after the help (0), and after a line about what does not fit (UNUSABLE)."""
        # First of all: a misspelt option is why others seem to be missing.
        for word in takewhile(lambda word: word != "--", arguments):
            if self.is_unknown(word):
                self._refuse_word(word)
        options, more = self.parse_known_args(arguments)
        for word in more:
            if word != "--":
                self._refuse_word(word)
        return options

    # -- help -------------------------------------------------------------------------------------------------

    def format_help(self) -> str:
        """The page of ``--help``."""
        sections = [
            Section("命令", [(command.name, command.text) for command in self.commands]),
            Section("参数", [(shape(action), action.help or "") for action in self.positionals]),
            Section("选项", [(_invocation(action), action.help or "") for action in self.options]),
        ]
        head = f"{self.format_usage()}{self.description}"
        return page(head, [section for section in sections if section.rows], self.epilog or "")

    def format_usage(self) -> str:
        """How it is called, in a line."""
        words = ["命令"] if self.commands else [shape(action) for action in self.positionals]
        words += [f"{action.option_strings[0]} {shape(action)}" for action in self.options if action.required]
        return f"用法：{' '.join([self.prog, *words, '[选项]'])}\n"

    @property
    def positionals(self) -> list[argparse.Action]:
        return [action for action in self.added if not action.option_strings]

    @property
    def options(self) -> list[argparse.Action]:
        return [action for action in self.added if action.option_strings]

    # -- what is wrong ----------------------------------------------------------------------------------------

    def error(self, message: str) -> NoReturn:
        """What argparse found, in Chinese."""
        for pattern, words in _WORDED.items():
            if found := re.fullmatch(pattern, message, re.DOTALL):
                self.refuse(words(self, found.groupdict()))
        self.refuse("参数写得不对")

    def refuse(self, line: str) -> NoReturn:
        """One line: what is wrong, and where to look."""
        complain(f"{line}{'' if line.endswith('？') else '；'}用法见 {self.prog} --help")
        raise SystemExit(UNUSABLE)

    def is_unknown(self, word: str) -> bool:
        """Whether a word can only be an option, and is none. Long ones may be cut short, short ones joined."""
        name = word.partition("=")[0]
        if not word.startswith("-") or word == "-" or " " in name or _NEGATIVE.fullmatch(word):
            return False
        if word.startswith("--"):
            return not any(option.startswith(name) for option in self._names())
        actions = {option: action for action in self.options for option in action.option_strings}
        for letter in word[1:]:
            action = actions.get(f"-{letter}")
            if action is None or action.nargs != 0:  # what follows an option with a value is that
                return action is None
        return False

    def _names(self) -> list[str]:
        return [option for action in self.options for option in action.option_strings]

    def _refuse_word(self, word: str) -> NoReturn:
        if not word.startswith("-"):
            self.refuse(f"多出了“{word}”，请去掉（有空格的文件名要加引号）")
        if word[1:2].isdigit():
            self.refuse(f"“{word}”以减号开头，会当成选项：请在前面加 --，如 {self.prog} -- {word}")
        name = word.partition("=")[0] if word.startswith("--") else word
        self.refuse(f"没有选项 {name}{near(name, self._names())}")

    def named(self, name: str) -> argparse.Action | None:
        """The argument that argparse calls so."""
        known = {"/".join(action.option_strings) or action.metavar: action for action in self.added}
        return known.get(name)


def shape(action: argparse.Action) -> str:
    """What is written for an argument, or behind an option: [文件], 文件..."""
    name = str(action.metavar or "|".join(action.choices or ()))
    return f"[{name}]" if action.nargs == "?" else f"{name}..." if action.nargs == "+" else name


def _invocation(action: argparse.Action) -> str:
    names = ", ".join(action.option_strings)
    return names if action.nargs == 0 else f"{names} {shape(action)}"


def near(word: str, names: Iterable[str]) -> str:
    """The name that was probably meant, as a question; nothing where none is like it."""
    import difflib

    found = difflib.get_close_matches(word[:_LONGEST_WORD].lower(), list(names), n=1)
    return f"，是不是 {found[0]}？" if found else ""


# -- argparse's messages ----------------------------------------------------------------------------------------

Found = Mapping[str, str]


def _no_value(parser: Parser, found: Found) -> str:
    action = parser.named(found["name"])
    return f"{found['name']} 后面要写{f' {shape(action)}' if action is not None else '值'}"


def _bare(value: str) -> str:
    """A value without Python's quotation marks."""
    return value.strip("'\"")


def _no_choice(parser: Parser, found: Found) -> str:
    action = parser.named(found["name"])
    choices = [str(choice) for choice in (action.choices if action is not None else None) or ()]
    given = _bare(found["value"])
    return f"{found['name']} 没有“{given}”，可以写 {'、'.join(choices)}{near(given, choices)}"


#: What argparse says, and what we say instead. Messages of our own types (``ArgumentTypeError``) are Chinese already.
_WORDED: Mapping[str, Callable[[Parser, Found], str]] = {
    r"the following arguments are required: (?P<names>.+)": lambda _, found: (
        f"缺少 {found['names'].replace(', ', '、')}"
    ),
    r"argument (?P<name>.+?): expected .*arguments?": _no_value,
    r"argument (?P<name>.+?): invalid choice: (?P<value>.*?)(?:, maybe you meant .*)? \(choose from .*\)": _no_choice,
    r"argument (?P<name>.+?): invalid \S+ value: (?P<value>.*)": lambda _, found: (
        f"{found['name']} 不能是“{_bare(found['value'])}”"
    ),
    r"argument (?P<name>.+?): ignored explicit argument (?P<value>.*)": lambda _, found: (
        f"{found['name']} 后面不写值，请去掉“{_bare(found['value'])}”"
    ),
    r"ambiguous option: (?P<given>.+) could match (?P<options>.+)": lambda _, found: (
        f"{found['given']} 没有写全，可能是 {found['options'].replace(', ', '、')}"
    ),
    r"argument (?P<name>.+?): (?P<said>[^\x00-\x7f].*)": lambda _, found: f"{found['name']}：{found['said']}",
}
