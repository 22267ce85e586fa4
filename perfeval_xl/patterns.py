"""``re``, but that a pattern is compiled when it is first used: of the hundreds a check may need, one workbook needs a
third, and compiling all takes longer than checking it. Written as ``from perfeval_xl import patterns as re``."""

from __future__ import annotations

import re
from re import (
    DOTALL,
    IGNORECASE,
    VERBOSE,
    Match,
    Pattern,
    escape,
    findall,
    fullmatch,
    match,
    search,
    split,
    sub,
)
from typing import Any, AnyStr, cast

__all__ = [
    "DOTALL",
    "IGNORECASE",
    "VERBOSE",
    "Match",
    "Pattern",
    "compile",
    "escape",
    "findall",
    "fullmatch",
    "match",
    "search",
    "split",
    "sub",
]


class _Compiled:
    """A pattern in use: what it can do stands in it, as cheap to reach as in the pattern itself."""


class _Waiting:
    """A pattern that nobody used yet: its text and its flags."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern, self.flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        compiled: Pattern[Any] = re.compile(self.pattern, self.flags)
        able = {word: getattr(compiled, word) for word in dir(compiled) if not word.startswith("_")}
        self.__dict__.update(able)
        self.__class__ = _Compiled  # type: ignore[assignment]  # without this detour from now on
        return able[name]


def compile(pattern: AnyStr, flags: int = 0) -> Pattern[AnyStr]:
    """What ``re.compile`` gives, compiled when it is first used; what is wrong with a pattern is said only then."""
    return cast("Pattern[AnyStr]", _Waiting(pattern, flags))
