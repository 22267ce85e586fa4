"""What the shells a clerk may have make of a line: the words the program gets, or why the line means something else there."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Sequence


class Misread(ValueError):
    """A shell would do something else with the line; the message says which sign of it."""


#: What the prompt acts upon outside quotation marks; ``%`` inside them too.
_PROMPT = re.compile(r"[&|<>^()]")
_VARIABLE = re.compile(r"%\w+%|!\w+!")
#: What PowerShell acts upon outside quotation marks. A word may not begin with a few signs more.
_POWERSHELL = re.compile(r"[&|<>;`$(){}']|^[@#,~]|,")
_WORD = re.compile(r'(?:[^\s"]|"[^"]*")+')


def in_prompt(line: str) -> list[str]:
    """The words for Windows' command prompt: only double quotation marks quote."""
    bare = re.sub(r'"[^"]*"', "", line)
    if found := _PROMPT.search(bare) or _VARIABLE.search(line):
        raise Misread(f"the command prompt acts upon {found[0]}")
    return _words(line)


def in_powershell(line: str) -> list[str]:
    """The words for PowerShell 5.1."""
    for word in _WORD.findall(line):
        if found := _POWERSHELL.search(re.sub(r'"[^"]*"', "", word)):
            raise Misread(f"PowerShell acts upon {found[0]}")
        if found := re.search(r"[$`]", word):
            raise Misread(f"PowerShell fills in {found[0]}")
    return _words(line)


def _words(line: str) -> list[str]:
    if line.count('"') % 2:
        raise Misread("a quotation mark is left open")
    return [word.replace('"', "") for word in _WORD.findall(line)]


def in_bash(lines: Sequence[str]) -> list[list[str]]:
    """The words of each line in a bash, in a folder where no pattern fits a file."""
    script = "set -f\n" + "".join(f"words {line}\n" for line in lines)
    told = 'words() { for word in "$@"; do printf "%s\\0" "$word"; done; printf "\\0\\0"; }\n'
    done = subprocess.run(["bash", "-c", told + script], capture_output=True, check=False)
    if done.returncode or done.stderr:
        raise Misread(done.stderr.decode())
    return [one.split("\0") for one in done.stdout.decode().split("\0\0\0")[:-1]]


def agreed(line: str) -> list[str]:
    """The words on which prompt and PowerShell agree with bash's quoting; Misread where one does not."""
    words = in_prompt(line)
    if in_powershell(line) != words or shlex.split(line) != words:
        raise Misread(f"not the same words in every shell: {line}")
    return words
