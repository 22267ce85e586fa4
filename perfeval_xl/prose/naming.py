"""Whether two names name the same measure: exactly, by known synonyms, else by similarity above a threshold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from perfeval_xl import patterns as re
from perfeval_xl.text import clean

from . import tables

#: From this share of common letters on (Dice, order aside) two names are the same, if no distinguishing word stands in
#: only one of them. Chosen on the example and on published reports: below it other measures of one trade begin
#: (创业培训 and 职业技能培训 share 0.6).
SIMILAR = 0.8
#: Where more names than this are much the same (项目1 … 项目999), likeness says nothing: only equal ones count.
_MOST_ALIKE = 100
#: So many are looked at for it: names of a submission of hundreds of projects take a tenth.
_MOST_COMPARED = 4_000
#: Longer ones are sentences rather than names: they are compared as they stand.
_LONGEST = 100
#: So many words in front of a name, and behind it, are taken for such as change nothing.
_MOST_WORDS = 6
#: Shorter names are compared exactly only.
_SHORTEST = 3

_QUOTES = re.compile(r"[“”\"'‘’《》〈〉()\[\]【】\-—·\s]")
_YEARS = re.compile(r"(20\d\d年?度?|截[至止]?\d*年?\d{1,2}月底?|\d{1,2}月份?底?)")
_DIGITS = re.compile(r"\d+")
_ORDINAL = re.compile(r"^(?:\([\d一二三四五六七八九十]{1,3}\)|[\d一二三四五六七八九十①-⑨]{1,3}[、.．)])")
#: A note behind a name that changes nothing; one that says what is left out or where the money comes from does.
_NOTE = re.compile(r"\((?![^()]*(?:含|除|拨款|部分|本级|机关|下属))[^()]*\)(?=$|[为是共达])")


def _longest_first(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


_LEADS = _longest_first(tables.LEADS)
_TAILS = _longest_first(tables.TAILS)
_FILLERS = re.compile("|".join(_longest_first(tables.FILLERS)))
_SAME = tuple(
    (word, words[0]) for words in tables.SAME_WORDS for word in _longest_first(words[1:])
)  # a longer word before those it holds
_WHOLES = re.compile("|".join(_longest_first((*tables.WHOLES, *tables.LEADS, *tables.TAILS))))
_CANONICAL = frozenset(words[0] for words in tables.SAME_WORDS)


@lru_cache(maxsize=8192)
def variants(name: str) -> tuple[str, ...]:
    """A name as written and with ever less of the words in front and behind that do not change it."""
    fronts = [_YEARS.sub("", _QUOTES.sub("", _ORDINAL.sub("", clean(name)))).strip(":：,，")]
    if len(fronts[0]) > _LONGEST:
        return (fronts[0],)
    while len(fronts) <= _MOST_WORDS and (lead := next(filter(fronts[-1].startswith, _LEADS), None)):
        fronts.append(fronts[-1][len(lead) :])
    found: list[str] = []
    for front in fronts:
        found.append(front)
        for _ in range(_MOST_WORDS):
            if (tail := next(filter(front.endswith, _TAILS), None)) is None:
                break
            front = front[: -len(tail)]
            found.append(front)
    return tuple(dict.fromkeys(name for name in found if name))


def without_note(name: str) -> str:
    """A name without a note in brackets at its end: 基本支出（人员和公用）."""
    return _NOTE.sub("", clean(name))


@lru_cache(maxsize=8192)
def core(name: str) -> str:
    """What a name is about, as it is compared: without leads, tails and words that say nothing, synonyms made one."""
    shortest = variants(name)[-1] if variants(name) else ""
    for word, same in _SAME:
        shortest = shortest.replace(word, same)
    bare = _FILLERS.sub("", shortest)
    return (bare if len(bare) >= 2 else shortest).removesuffix("数")


def names_whole(name: str, besides: int = 2) -> bool:
    """Whether a name says no more than that it is the money of all (支出合计, 一般公共预算拨款支出), few letters aside."""
    whole = next(iter(variants(name)), "")
    return len(_WHOLES.sub("", whole)) <= besides


def similarity(one: str, other: str) -> float:
    """The share of letters that two names have in common, their order aside (Dice's coefficient)."""
    if not one or not other:
        return 0.0
    common = sum((Counter(one) & Counter(other)).values())
    return 2 * common / (len(one) + len(other))


@lru_cache(maxsize=65536)
def alike(one: str, other: str) -> float:
    """How sure two names name the same: 1 for equal ones, the similarity from ``SIMILAR`` on, else 0."""
    if any(_tells(name, one, other) for name in set(variants(one)) & set(variants(other))):
        return 1.0
    first, second = core(one), core(other)
    if first == second and (len(first) >= _SHORTEST or first in _CANONICAL):
        return 1.0
    if min(len(first), len(second)) < _SHORTEST:
        return 0.0
    if _distinguished(first, second):
        return 0.0
    share = similarity(first, second)
    return share if share >= SIMILAR else 0.0


class Names:
    """Many names, of which those alike to another are found without comparing it with each."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_variant: dict[str, list[str]] = {}
        self._by_letter: dict[str, list[str]] = {}
        self._letters: dict[str, frozenset[str]] = {}
        for name in dict.fromkeys(names):
            for variant in variants(name):
                self._by_variant.setdefault(variant, []).append(name)
            self._letters[name] = frozenset(core(name))
            for letter in self._letters[name]:
                self._by_letter.setdefault(letter, []).append(name)

    def alike(self, name: str) -> dict[str, float]:
        """The names alike to one, with how sure that is."""
        exact = [found for variant in variants(name) for found in self._by_variant.get(variant, ())]
        rated = {found: alike(name, found) for found in dict.fromkeys((*exact, *self._near(name)))}
        return {found: rate for found, rate in rated.items() if rate > 0}

    def _near(self, name: str) -> list[str]:
        """The names that hold at least half the letters of one; none where too many do, or too many might."""
        wanted = frozenset(core(name))
        # Who lacks all of the rarer letters, one more than half of them, holds less than half.
        rare = sorted(wanted, key=lambda letter: (len(self._by_letter.get(letter, ())), letter))
        near: dict[str, None] = {}
        left = _MOST_COMPARED
        for found in (
            found for letter in rare[: len(wanted) // 2 + 1] for found in self._by_letter.get(letter, ())
        ):
            left -= 1
            if 2 * len(self._letters[found] & wanted) >= len(wanted):
                near[found] = None
            if not left or len(near) > _MOST_ALIKE:
                return []
        return list(near)


def _tells(name: str, one: str, other: str) -> bool:
    """A name that two have in common says enough: it is long enough, or nothing in front of it was left out."""
    return len(name) >= _SHORTEST or (
        variants(one)[0].startswith(name) or variants(other)[0].startswith(name)
    )


def _distinguished(one: str, other: str) -> bool:
    return _DIGITS.findall(one) != _DIGITS.findall(other) or any(
        (word in one) != (word in other) for word in tables.DISTINGUISHING
    )


def kind_of(dimension: str, unit: str) -> str:
    """share, money, or the first unit of the family that a unit belongs to: persons are 人, cases 件."""
    if dimension in ("share", "money"):
        return dimension
    bare = unit.lstrip("万千百亿") or unit
    return next((family[0] for family in tables.UNIT_FAMILIES if bare in family), bare)
