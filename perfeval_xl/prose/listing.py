"""Which amounts of a paragraph are listed as parts of another: in the brackets behind it, or behind 其中.

"运行费101万元（租金78万元、网络23万元）" and "总支出320万元，其中基本支出210万元，项目支出110万元". Also where 其中 begins the next
sentence, as long as the one before it states a single amount that the parts can be of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from .records import Figure, Listing

#: A list in brackets is not longer than this.
_LONGEST = 2000
#: So many letters behind the last part may say that there are more (等).
_WORDS_BEHIND = 2
#: So many figures in front are looked at for the sum of a list.
_NEAR = 100
#: Words of a list that does not give everything.
_PARTIAL = re.compile("等|主要|部分|包括但|其余|剩余|含|其中")
_OF_WHICH = re.compile("其中")
_NEXT_SENTENCE = re.compile("[。;；]其中")
#: Figures that are no level of their own and so have no parts.
_NO_WHOLE = frozenset(("change", "other_year", "each"))


def listings(text: str, figures: Sequence[Figure], brackets: Mapping[int, int]) -> Iterator[Listing]:
    """Every list of a paragraph, those in brackets first."""
    yield from _in_brackets(text, figures, brackets)
    yield from _behind_of_which(text, figures)


def _in_brackets(text: str, figures: Sequence[Figure], brackets: Mapping[int, int]) -> Iterator[Listing]:
    owners = {figure.end: index for index, figure in enumerate(figures) if figure.dimension == "money"}
    inside: dict[int, list[int]] = {}
    for index, figure in enumerate(figures):
        if figure.bracket is not None and figure.dimension == "money":
            inside.setdefault(figure.bracket, []).append(index)
    for opening, closing in brackets.items():
        if opening in owners and opening in inside and closing - opening <= _LONGEST:
            around = re.sub(r"\([^()]*\)", "", text[opening + 1 : closing])
            yield Listing(owners[opening], tuple(inside[opening]), True, bool(_PARTIAL.search(around)))


def _behind_of_which(text: str, figures: Sequence[Figure]) -> Iterator[Listing]:
    starts = [
        index
        for index, figure in enumerate(figures)
        if index and figure.dimension == "money" and _introduced(text, figures[index - 1], figure)
    ]
    for number, start in enumerate(starts):
        following = starts[number + 1] if number + 1 < len(starts) else len(figures)
        whole = _whole(figures, start)
        if whole is not None:
            nested = following < len(figures) and figures[following].sentence == figures[start].sentence
            parts = _parts(text, figures, start, following)
            words = text[figures[start - 1].end : figures[parts[-1]].end + _WORDS_BEHIND].replace(
                "其中", "", 1
            )
            yield Listing(whole, parts, False, bool(_PARTIAL.search(words)), nested)


def _introduced(text: str, before: Figure, figure: Figure) -> bool:
    """其中 stands between two figures, in the sentence of the second."""
    between = text[before.end : figure.start]
    if before.sentence == figure.sentence:
        return _OF_WHICH.search(between) is not None
    return before.sentence + 1 == figure.sentence and _NEXT_SENTENCE.search(between) is not None


def _whole(figures: Sequence[Figure], start: int) -> int | None:
    """The amount that 其中 belongs to: the last one of its own depth in front of it that can have parts."""
    part = figures[start]
    if figures[start - 1].sentence == part.sentence:
        own = [
            index for index in _before(figures, start, part.sentence) if not figures[index].scope & _NO_WHOLE
        ]
        return next(iter(own), None)
    own = [
        index
        for index in _before(figures, start, part.sentence - 1)
        if not figures[index].scope & _NO_WHOLE and figures[index].year in (None, part.year)
    ]
    return own[0] if len(own) == 1 else None


def _before(figures: Sequence[Figure], start: int, sentence: int) -> Iterator[int]:
    """The amounts of a sentence in front of a figure, outside brackets it does not stand in, nearest first."""
    for index in range(start - 1, max(-1, start - 1 - _NEAR), -1):
        figure = figures[index]
        if figure.sentence < sentence:
            return
        if (
            figure.sentence == sentence
            and figure.bracket == figures[start].bracket
            and figure.dimension == "money"
        ):
            yield index


def _parts(text: str, figures: Sequence[Figure], start: int, following: int) -> tuple[int, ...]:
    """The amounts of a list: to the end of the sentence behind 其中:, else to the first semicolon."""
    first = figures[start]
    colon = re.search("其中[::]", text[figures[start - 1].end : first.start]) is not None
    parts: list[int] = []
    for index in range(start, following):
        figure = figures[index]
        if figure.sentence != first.sentence:
            break
        if figure.bracket != first.bracket or figure.dimension != "money":
            continue
        if parts and not colon and re.search("[;；]", text[figures[parts[-1]].end : figure.start]):
            break
        parts.append(index)
    return tuple(parts)
