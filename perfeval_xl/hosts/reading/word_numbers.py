"""The numbers Word puts in front of paragraphs by itself: 一、 （二） 3. are in no text, and headings are told by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from perfeval_xl import patterns as re
from perfeval_xl.hosts.limits import Forbidden
from perfeval_xl.hosts.package.tree import Malformed, fromstring
from perfeval_xl.records import dataclass

#: A list has at most so many levels.
LEVELS = 9
_DIGITS = "〇一二三四五六七八九"
_CHINESE = frozenset(
    ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand",
     "ideographDigital", "chineseLegalSimplified")
)  # fmt: skip
_PLACE = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class Level:
    """How a level of a list is numbered: the format, the text around the numbers, the first number."""

    style: str
    text: str
    start: int


class Numbers:
    """Counts through a document's lists. ``levels`` by list and level; ``styles`` are the lists that paragraph styles
    belong to."""

    def __init__(
        self, levels: Mapping[str, Mapping[int, Level]], styles: Mapping[str, tuple[str, int]]
    ) -> None:
        self._levels, self._styles = levels, styles
        self._counts: dict[str, list[int]] = {}

    def label(self, style: str, number: str | None, level: int | None) -> str:
        """What stands in front of the next paragraph of a style, list and level; "" where it is not numbered."""
        of_style = self._styles.get(style)
        number = number if number is not None else (of_style[0] if of_style else None)
        at = level if level is not None else (of_style[1] if of_style else 0)
        levels = self._levels.get(number or "")
        if levels is None or at not in levels:
            return ""
        counts = self._counts.setdefault(number or "", [0] * LEVELS)
        counts[at] = counts[at] + 1 if counts[at] else levels[at].start
        counts[at + 1 :] = [0] * (LEVELS - at - 1)
        if levels[at].style in ("bullet", "none"):
            return ""
        return _PLACE.sub(lambda match: _shown(levels, counts, int(match[1]) - 1), levels[at].text)


def _shown(levels: Mapping[int, Level], counts: list[int], at: int) -> str:
    level = levels.get(at)
    return "" if level is None else formatted(counts[at] or level.start, level.style)


def formatted(number: int, style: str) -> str:
    """A number in one of Word's formats; in digits where the format is not known."""
    if style in _CHINESE and 0 < number < 100:
        tens, ones = divmod(number, 10)
        return ("" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十") + (
            _DIGITS[ones] if ones else ""
        )
    if style == "decimalEnclosedCircle" and 0 < number <= 20:
        return chr(0x2460 + number - 1)
    if style in ("upperLetter", "lowerLetter") and 0 < number <= 26:
        return chr((65 if style == "upperLetter" else 97) + number - 1)
    return str(number)


def read(
    numbering: bytes | None,
    styles: bytes | None,
    word: Callable[[Any], str],
    get: Callable[..., str],
) -> Numbers:
    """The lists of a document from its parts; broken or missing parts number nothing. ``word`` and ``get`` give an
    element's name and attribute."""
    abstract: dict[str, dict[int, Level]] = {}
    levels: dict[str, Mapping[int, Level]] = {}
    for element in _root(numbering):
        if word(element) == "abstractNum":
            abstract[get(element, "abstractNumId")] = {
                at: _level(item, word, get)
                for item in element
                if word(item) == "lvl" and (at := _integer(get(item, "ilvl"))) < LEVELS
            }
        elif word(element) == "num":
            for item in element:
                if word(item) == "abstractNumId":
                    levels[get(element, "numId")] = abstract.get(get(item, "val"), {})
    return Numbers(levels, dict(_styles(styles, word, get)))


def _level(element: Any, word: Callable[[Any], str], get: Callable[..., str]) -> Level:
    values = {word(item): get(item, "val") for item in element}
    return Level(
        values.get("numFmt", "decimal"), values.get("lvlText", ""), _integer(values.get("start", "1")) or 1
    )


def _styles(
    content: bytes | None, word: Callable[[Any], str], get: Callable[..., str]
) -> list[tuple[str, tuple[str, int]]]:
    found = []
    for style in _root(content):
        for properties in style if word(style) == "style" else ():
            for item in properties if word(properties) == "pPr" else ():
                if word(item) == "numPr":
                    values = {word(value): get(value, "val") for value in item}
                    if "numId" in values:
                        found.append(
                            (get(style, "styleId"), (values["numId"], _integer(values.get("ilvl", "0"))))
                        )
    return found


def _root(content: bytes | None) -> Any:
    if content is None:
        return ()
    try:
        return fromstring(content)
    except (Malformed, Forbidden):
        return ()


def _integer(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
