"""Every wrong call there is: generated from the parsers themselves, so that a new option is covered by being there.

``python -m tests.cli.walking`` makes them without any library, for a Python that has none (argparse words things anew in every
version), prints each answer, and ends with 1 where one is not as it should be.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from perfeval_xl.cli import COMMANDS, main
from perfeval_xl.cli.parsing import Command, Parser, shape

#: What stands in Latin letters although all around it is Chinese: options, programs, files, codes.
_NAMES = re.compile(
    r"--?[a-z][a-z-]*|perfeval-(?:xl|demo)|(?:example-)?\.[a-z]{2,5}\b|(?:national|hunan)-\d+|PE\d+\*?|cells=\d+"
    r"|\b(?:Excel|Word|WPS|LibreOffice|CSV|SQLite|PostgreSQL|Dask)\b"
)
_LATIN = re.compile(r"[A-Za-z]{2,}")
_NO_FILE = "没有这个文件.xlsx"


class Call(NamedTuple):
    """A wrong call: what is wrong with it, the words, and what its answer says."""

    wrong: str
    words: tuple[str, ...]
    says: tuple[str, ...]


def latin(text: str, allowed: Iterable[str] = ()) -> list[str]:
    """The words in Latin letters that are no name a clerk would type or know."""
    known = {word for name in allowed for word in _LATIN.findall(name)}
    return [word for word in _LATIN.findall(_NAMES.sub(" ", text)) if word not in known]


def choices_of(parser: Parser) -> list[str]:
    """What the options of a command can be, as it is typed."""
    return [str(choice) for action in parser.added for choice in action.choices or ()]


def calls() -> Iterator[Call]:
    """Every wrong call."""
    yield Call("no command", (), ("没有写命令", "perfeval-xl --help"))
    yield Call("dashes alone", ("--",), ("没有写命令",))
    yield Call("unknown command", ("不是命令",), ("没有命令“不是命令”",))
    yield Call(
        "an option before the command", ("--policy", "x", "check", "a"), ("命令写在最前面", "--policy")
    )
    yield Call("unknown option without a command", ("--nonsense",), ("没有选项 --nonsense",))
    for name, command in COMMANDS.items():
        yield Call("misspelt command", (f"{name[:-1]}q",), (f"是不是 {name}？",))
        yield from _of(name, command)


def _of(name: str, command: Command) -> Iterator[Call]:
    parser = command.parser()
    needed = [action for action in parser.added if action.required or action.nargs == "+"]
    fitting = _given(action for action in needed if action.required)
    yield Call(
        "unknown option",
        (name, *fitting, "--nonsense"),
        ("没有选项 --nonsense", f"perfeval-xl {name} --help"),
    )
    yield Call("unknown short option", (name, *fitting, "-q"), ("没有选项 -q",))
    yield Call(
        "what looks like an option",
        (name, *fitting, "-5%"),
        ("“-5%”以减号开头", f"perfeval-xl {name} -- -5%"),
    )
    yield from _ambiguous(name, parser, fitting)
    if all(action.nargs != "+" for action in parser.positionals):
        every = _given([*parser.positionals, *(action for action in parser.options if action.required)])
        yield Call("one too many", (name, *every, "多余的"), ("多出了“多余的”",))
    for action in needed:
        if action.required:
            rest = _given(other for other in needed if other is not action and other.required)
            # Of several files in a row the last is missing, whichever is left out.
            missed = (
                action if action.option_strings else [one for one in needed if not one.option_strings][-1]
            )
            yield Call(
                "missing", (name, *rest), ("缺少", "/".join(missed.option_strings) or str(missed.metavar))
            )
    for action in parser.options:
        for option in action.option_strings:
            yield from _of_option((name, *fitting), action, option)


def _of_option(fitting: tuple[str, ...], action: argparse.Action, option: str) -> Iterator[Call]:
    if option.startswith("--"):
        yield Call("misspelt option", (*fitting, f"{option}q"), (f"没有选项 {option}q，是不是 {option}？",))
    if action.nargs == 0:
        if option.startswith("--"):
            yield Call("a value too many", (*fitting, f"{option}=3"), (option, "后面不写值", "“3”"))
        for value in ("3", "=3", "q") if option[:2] != "--" else ():
            yield Call("joined to a flag", (*fitting, f"{option}{value}"), (option, value))
        return
    yield Call("no value", (*fitting, option), (option, "后面要写", shape(action)))
    yield Call("no value before another option", (*fitting, option, "--help"), (option, "后面要写"))
    for choice in action.choices or ():
        yield Call("misspelt choice", (*fitting, option, f"{choice}q"), (f"“{choice}q”", "是不是"))
    if action.choices:
        yield Call(
            "no such choice", (*fitting, option, "没有的"), (option, "“没有的”", "、".join(action.choices))
        )
    if action.type not in (None, Path):
        yield Call("bad value", (*fitting, option, "没有的"), (option, "“没有的”"))


def _ambiguous(name: str, parser: Parser, fitting: list[str]) -> Iterator[Call]:
    options = [option for action in parser.options for option in action.option_strings if option[:2] == "--"]
    starts = {option[:length] for option in options for length in range(3, len(option))} - set(options)
    for start in sorted(starts):
        fits = [option for option in options if option.startswith(start)]
        if len(fits) > 1:
            yield Call("cut too short", (name, *fitting, start), (f"{start} 没有写全", "、".join(fits)))


def _given(actions: Iterable[argparse.Action]) -> list[str]:
    """Words that fit these arguments."""
    words = []
    for action in sorted(actions, key=lambda action: bool(action.option_strings)):
        words += [*action.option_strings[:1], _NO_FILE]
    return words


def faults(call: Call) -> tuple[str, list[str]]:
    """What a call is answered, and what is wrong with the answer."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code: object = main(call.words)
        except SystemExit as end:
            code = end.code
    answer = err.getvalue()
    command = COMMANDS.get(call.words[0]) if call.words else None
    allowed = [*COMMANDS, *call.words, *(choices_of(command.parser()) if command else ())]
    found = [f"exit code {code}"] * (code != 2)
    found += ["something on standard output"] * bool(out.getvalue())
    found += ["not one line"] * (answer.count("\n") != 1 or not answer.endswith("\n"))
    found += [f"does not say {words}" for words in call.says if words not in answer]
    found += [f"English: {word}" for word in latin(answer, allowed)]
    return answer, found


def walk() -> int:
    """Print every call and its answer; 1 where an answer is not as it should be."""
    wrong = 0
    for call in calls():
        answer, found = faults(call)
        wrong += bool(found)
        print(f"{' '.join(call.words)}\n    {answer.rstrip()}", *(f"\n    !! {one}" for one in found), sep="")
    print(f"{sys.version.split()[0]}: {sum(1 for _ in calls())} calls, {wrong} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(walk())
