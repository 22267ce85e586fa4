"""What clerks type, made comparable: cleaned text, labels without notes, figures with their units.

Everything here is pure, never raises on any text, and takes time linear in its length.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache

from . import patterns as re

_BLANKS = re.compile(r"[\s\u200b-\u200f\u2028-\u202f\u2060\ufeff\u00ad]+")
_NOTE = re.compile(r"\([^()]*\)")
_OPEN_NOTE = re.compile(r"\([^()]*$")
_DASHES = frozenset({"-", "—", "——", "--", "–", "/", "\\", "无", "―", "_", "・", "N/A", "n/a", "NA"})
#: Other ways to write the four signs, longest first.
_SIGNS = (
    (">=", "≥"), ("=>", "≥"), ("≧", "≥"), ("⩾", "≥"), ("<=", "≤"), ("=<", "≤"), ("≦", "≤"), ("⩽", "≤"),
    ("═", "="), ("﹥", ">"), ("﹤", "<"), ("≮", "≥"), ("≯", "≤"), ("＝", "="),
)  # fmt: skip
_WRITTEN = frozenset("".join(written for written, _ in _SIGNS))
#: A figure is not longer than this; a longer text is prose.
_LONGEST_FIGURE = 48
_FIGURE = re.compile(
    r"¥?(?P<sign>[-−+])?¥?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)\.?"
    r"(?P<unit>(?:[^\d.,:;()<>≥≤=~—–-][^\d.,:;()<>≥≤=]{0,11}(?:(?<=m)[23])?)?)"
)
#: What may stand in front of a unit, the longest first, and the units that only look as if it did.
_MULTIPLIERS = (
    ("千万", 10_000_000), ("百万", 1_000_000), ("十万", 100_000), ("亿", 100_000_000), ("万", 10_000), ("千", 1000), ("百", 100),
)  # fmt: skip
_NO_MULTIPLIERS = ("千米", "千克", "千瓦", "百分")


#: Texts up to so many letters are kept, and so many of them: labels come again and again, paragraphs do not.
_SHORT, _KEPT = 200, 8192


class _Cleaned(dict[str, str]):
    """Cleaned texts by what was typed."""

    def __missing__(self, text: str) -> str:
        cleaned = _BLANKS.sub("", unicodedata.normalize("NFKC", text))
        if len(text) <= _SHORT:
            if len(self) >= _KEPT:
                self.clear()
            self[text] = cleaned
        return cleaned


_CLEANED = _Cleaned()


def clean(text: str) -> str:
    """NFKC without any white space, line breaks and zero-width characters."""
    return _CLEANED[text]


def label(text: str) -> str:
    """A label: cleaned, without colons at its end."""
    return clean(text).rstrip(":")


def without_notes(text: str) -> str:
    """A text without what stands in brackets, wherever it stands; an unclosed bracket runs to the end."""
    text = clean(text)
    for _ in range(4):  # brackets in labels are never nested deeper
        text = _NOTE.sub("", text)
    return _OPEN_NOTE.sub("", text)


def is_dash(text: str) -> bool:
    """A cell that says "nothing": —, /, 无."""
    return clean(text) in _DASHES


#: What stands in a cell in place of an answer, besides dashes.
_NO_ANSWER = frozenset(
    {"#N/A", "...", "......", "*", "**", "?", "·", "×", "×××", "略", "暂无", "暂无数据", "无数据", "待统计", "待定", "待填", "未统计"}
)  # fmt: skip


def is_no_answer(text: str) -> bool:
    """A cell in which a mark, or that nothing is known yet, stands for an answer: …, 待统计."""
    return clean(text) in _NO_ANSWER


#: Stands behind what was carried over from last year until the clerk takes it away.
TO_CONFIRM = "(待确认)"


def awaits(text: str) -> bool:
    """Whether a text still waits to be confirmed."""
    return clean(text).endswith(clean(TO_CONFIRM))


def confirmed(text: str) -> str:
    """The text without the words that say it waits to be confirmed."""
    return text.replace(TO_CONFIRM, "").replace("（待确认）", "")


def with_plain_signs(text: str) -> str:
    """The text with every way of writing ≥ ≤ = > < as that one character."""
    if not _WRITTEN.isdisjoint(text):
        for written, sign in _SIGNS:
            text = text.replace(written, sign)
    return text


@dataclass(frozen=True, slots=True)
class Number:
    """A figure as typed: ``value`` as written with ``decimals`` decimals, the unit behind it, and whether that is %.

    ``unit`` is as typed, 万 and 亿 included ("万元"); ``multiplier`` is what they stand for (10 000 for 万), which
    ``value`` does not contain.
    """

    value: Decimal
    decimals: int
    unit: str
    percent: bool
    multiplier: int


def read_number(text: str) -> Number | None:
    """The figure a cell holds and nothing else, with its unit: "1,034.36", "３５００人", "2.38 万元", "102.59%".

    None for everything else: prose, signs ("≥100"), dashes, two figures.
    """
    cleaned = clean(text)
    return _read_number(cleaned) if 0 < len(cleaned) <= _LONGEST_FIGURE else None


@lru_cache(maxsize=8192)
def _read_number(cleaned: str) -> Number | None:
    negative = False
    if (
        cleaned.startswith("(")
        and cleaned.endswith(")")
        and cleaned[1:-1].replace(".", "").replace(",", "").isdigit()
    ):
        cleaned, negative = cleaned[1:-1], True
    match = _FIGURE.fullmatch(cleaned)
    if match is None or not match["digits"].isascii():
        return None
    digits = match["digits"].replace(",", "")
    value = Decimal(digits)
    unit = match["unit"]
    return Number(
        value=-value if negative or match["sign"] in ("-", "−") else value,
        decimals=len(digits.partition(".")[2]),
        unit=unit,
        percent=unit in ("%", "百分比"),
        multiplier=_multiplier(unit),
    )


def _multiplier(unit: str) -> int:
    if not unit or unit.startswith(_NO_MULTIPLIERS):
        return 1
    return next((factor for word, factor in _MULTIPLIERS if unit.startswith(word)), 1)


def one_line(text: str) -> str:
    """A text on one line, its white space folded."""
    return " ".join(text.split())


def shortened(text: str, most: int) -> str:
    """A text of at most so many letters, with … where it was cut."""
    return text if len(text) <= most else text[:most] + "…"


def plain(number: Decimal) -> str:
    """A figure without exponent and without superfluous zeros at its end."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


#: So many digits are the same in every format and after every office.
_DIGITS = Context(prec=12)


def canonical(number: Decimal) -> str:
    """A figure by which equal ones are known again, whatever file they stood in."""
    return plain(_DIGITS.plus(number))


_NUMBERED = re.compile(r"(.*?)([1-9][0-9]{0,3})")


def run_together(names: Iterable[str]) -> str:
    """Names, those that merely count on said by the first and the last: 附件3-1至附件3-7."""
    runs: list[list[str]] = []
    for name in filter(None, names):
        if runs and _counts_on(runs[-1][-1], name):
            runs[-1].append(name)
        else:
            runs.append([name])
    return "、".join(f"{run[0]}至{run[-1]}" if len(run) > 2 else "、".join(run) for run in runs)


def _counts_on(before: str, after: str) -> bool:
    one, two = _NUMBERED.fullmatch(before), _NUMBERED.fullmatch(after)
    return one is not None and two is not None and one[1] == two[1] and int(one[2]) + 1 == int(two[2])


# Control characters, surrogates and non-characters: XML has no way to write them.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """``text`` without the characters XML has no way to write."""
    return _ILLEGAL.sub("", text)


# Excel reads _x000D_ in a text as that character, so the underscore is itself written so.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def cell_text(text: str) -> str:
    """``text`` as a cell may hold it: no characters XML lacks, no Excel escapes, no more than a cell holds."""
    return _ESCAPE.sub("_x005F_", plain_text(text))


_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """What a text of a file stands for: ``_x000D_`` is that character; halves of surrogate pairs stay as written."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(
        lambda m: m[0] if m[1][0] in "dD" and m[1][1] in "89abcdefABCDEF" else chr(int(m[1], 16)), text
    )


_TYPED_FIGURE = re.compile(r"[-+]?[0-9][0-9,]*(?:\.[0-9]+)?%?")
_FORMULA_SIGNS = ("=", "+", "-", "@")


def live(text: str) -> bool:
    """Whether a spreadsheet could take a typed text for a formula, whatever blanks, controls and marks without width stand in
    front, and however its first sign is written (＝, ﹢, ＠). A plain figure is none."""
    if text[:1].isalnum() or _TYPED_FIGURE.fullmatch(text) is not None:
        return False
    first = next((sign for sign in text if unicodedata.category(sign)[0] not in "CMZ"), "")
    return unicodedata.normalize("NFKC", first).startswith(_FORMULA_SIGNS) or text.startswith(
        ("\t", "\r", "\n")
    )


def inert(text: str) -> str:
    """``text`` as a cell that is typed rather than stored (CSV) may hold it: an apostrophe in front of what is ``live``."""
    return f"'{text}" if live(text) else text


_MAX_TEXT = 32767


def plain_text(text: str) -> str:
    """``text`` as a cell may hold it: no characters a file cannot have, no more than a cell holds."""
    clean = legal(text.replace("\r\n", "\n").replace("\r", "\n"))
    return clean if len(clean) <= _MAX_TEXT else clean[: _MAX_TEXT - 1] + "…"
