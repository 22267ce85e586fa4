"""Which rules a user means: by code, readable name (rates.staff), family (totals) or a pattern with * (rates.*), in any case."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from fnmatch import fnmatchcase
from itertools import takewhile

from perfeval_xl import patterns as re
from perfeval_xl.errors import ChoiceError
from perfeval_xl.text import clean, shortened

from .registry import OWN_FAMILY, Rule

#: One text of words, or several texts.
Words = str | Iterable[str]
_BETWEEN = re.compile(r"[\s,，、;；]+")
#: How many names that may have been meant are looked at and told, and how like they must be (difflib).
_LOOKED_AT, _TOLD, _LIKE = 12, 3, 0.6
#: Letters of a word that are told.
_LONGEST = 40


def chosen(select: Words, ignore: Words, rules: Collection[Rule]) -> frozenset[str]:
    """The codes of the rules that ``select`` means (no word: all of them) less those that ``ignore`` means.

    ChoiceError for a word that fits no rule.
    """
    left_out = {rule.code for rule in fitting(ignore, rules)}
    return frozenset(rule.code for rule in fitting(_words(select) or "*", rules)) - left_out


def fitting(given: Words, rules: Collection[Rule]) -> list[Rule]:
    """The rules that words mean, by code. ChoiceError names every word that fits none, and what it is like."""
    words = _words(given)
    unknown = [
        word
        for word in words
        if word.casefold() != OWN_FAMILY and not any(_fits(rule, word) for rule in rules)
    ]
    if unknown:
        raise ChoiceError("；".join(_refused(word, rules) for word in unknown) + f"。{_ADVICE}")
    return sorted(
        (rule for rule in rules if any(_fits(rule, word) for word in words)), key=lambda rule: rule.code
    )


_ADVICE = "可以写编号、名称或类别，也可以用 *；全部规则用 perfeval-xl rules 查看"


def _words(given: Words) -> list[str]:
    texts = [given] if isinstance(given, str) else given
    return [clean(word) for text in texts for word in _BETWEEN.split(text) if clean(word)]


def _names(rule: Rule) -> tuple[str, str, str]:
    return rule.code, rule.name, rule.family


def _fits(rule: Rule, word: str) -> bool:
    return any(fnmatchcase(name.casefold(), word.casefold()) for name in _names(rule))


def _refused(word: str, rules: Iterable[Rule]) -> str:
    known = {name.casefold(): name for rule in rules for name in _names(rule)}
    near = _nearest(word.casefold().strip("*"), known)
    like = f"，相近的有 {'、'.join(known[name] for name in near)}" if near else ""
    return f"没有规则“{shortened(word, _LONGEST)}”{like}"


def _nearest(word: str, known: Iterable[str]) -> list[str]:
    """The names most like a word; those that begin alike first, since codes of one family do."""
    alike = get_close_matches(word, known, _LOOKED_AT, _LIKE)
    return sorted(alike, key=lambda name: -_shared_beginning(name, word))[:_TOLD]


def _shared_beginning(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
