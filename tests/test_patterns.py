"""Patterns that are compiled when they are first used: the same as those of ``re``, and each of ours compiles."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import perfeval_xl
from perfeval_xl import patterns


def test_a_pattern_does_what_the_compiled_one_does() -> None:
    text = "2023年度，2024年度"
    ours, theirs = (make.compile(r"(?P<year>20\d\d)年", re.IGNORECASE) for make in (patterns, re))
    assert ours.pattern == theirs.pattern
    assert ours.flags in (theirs.flags, re.IGNORECASE)
    assert ours.findall(text) == theirs.findall(text)
    assert ours.sub(r"\g<year>", text) == theirs.sub(r"\g<year>", text)
    assert [found["year"] for found in ours.finditer(text)] == ["2023", "2024"]
    assert ours.fullmatch(text) is None
    assert ours.flags == theirs.flags
    assert (ours.groups, dict(ours.groupindex)) == (theirs.groups, dict(theirs.groupindex))
    assert patterns.compile(rb"\d+").match(b"12") is not None


def _own() -> Iterator[tuple[str, Any]]:
    """Every pattern that stands in one of our modules, alone or in a table."""
    for info in pkgutil.walk_packages(perfeval_xl.__path__, "perfeval_xl."):
        if info.name.endswith(("__main__", "migrations.env")) or ".calc_engine" in info.name:
            continue
        for name, value in vars(importlib.import_module(info.name)).items():
            inside = (
                value.values() if isinstance(value, dict) else value if type(value) in (tuple, list) else ()
            )
            yield from ((f"{info.name}.{name}", one) for one in (value, *inside))


def test_every_pattern_of_ours_compiles() -> None:
    waiting = [(name, one) for name, one in _own() if type(one).__module__ == patterns.__name__]
    assert len(waiting) > 200
    for name, one in waiting:
        assert re.compile(one.pattern, one.flags), name


def test_no_pattern_of_ours_is_compiled_by_loading_its_module() -> None:
    """``from perfeval_xl import patterns as re`` is forgotten easily."""
    assert [name for name, one in _own() if isinstance(one, re.Pattern)] == []
