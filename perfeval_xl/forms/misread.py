"""What stands where a figure is due and is none: why not, and which figure was probably meant."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from perfeval_xl import patterns as re
from perfeval_xl.records import dataclass, replace
from perfeval_xl.text import clean, plain, read_number

#: What a cell's figure is: money, a rate, points (weights, scores), persons.
Quantity = Literal["money", "rate", "points", "persons"]

#: The units that may stand behind a figure, by what it is; none always may.
UNITS: Mapping[Quantity, frozenset[str]] = {
    "money": frozenset({"元", "千", "千元", "万", "万元", "百万", "百万元", "千万元", "亿", "亿元"}),
    "rate": frozenset({"%", "百分比"}),
    "points": frozenset({"分", "%"}),
    "persons": frozenset({"人", "名", "个", "位", "人次"}),
}
#: How a clerk calls what is due.
QUANTITY_WORD: Mapping[Quantity, str] = {"money": "金额", "rate": "比率", "points": "分数", "persons": "人数"}
#: What may stand before a figure.
PREFIXES = re.compile(r"^(人民币|RMB|¥|约|近|共计|合计|共)+")

_LETTERS = str.maketrans({"O": "0", "o": "0", "〇": "0", "Q": "0", "l": "1", "I": "1", "|": "1", "i": "1"})
_FIGURE_LIKE = re.compile(r"-?[\dOoQlIi|〇][\dOoQlIi|〇.,]*")
_DIGITS = "零〇一二三四五六七八九"
_CAPITALS = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟萬億兩两圓", "一二三四五六七八九十百千万亿二二元")
_STEPS: Mapping[str, int] = {"十": 10, "百": 100, "千": 1000}
_CHINESE = re.compile(rf"[负]?[{_DIGITS}十百千万亿点]+")
_SUM = re.compile(r"=?-?\d+(?:\.\d+)?(?:[+\-−]\d+(?:\.\d+)?)+=?")
_PRODUCT = re.compile(r"=?\d+(?:\.\d+)?(?:[+\-−*×x/÷]\d+(?:\.\d+)?)+=?")
_POWER = re.compile(r"(\d+(?:\.\d+)?)[Ee]([+-]?\d{1,2})")
_POINTS = re.compile(r"(\d+)[.。、·・﹒｡]+(\d+)")
_COMMAS = re.compile(r"(\d+)((?:,\d+)+)(\.\d+)?")
_MEANT = re.compile(r"[\dOoQlIi|〇Ee.,。、·+\-−*×/÷=%一二三四五六七八九十百千零壹贰叁肆伍陆柒捌玖拾佰仟点]+")

_ANY_DIGIT = "0123456789OoQlI一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾"


@dataclass(frozen=True, slots=True)
class Misread:
    """Why a text is no figure, and the figures it may stand for, the likeliest first."""

    why: str
    likely: tuple[str, ...] = ()


def looks_mistyped(text: str) -> bool:
    """Whether a text looks like a figure, if a mistyped one: none in words."""
    text = clean(text)
    return _MEANT.fullmatch(text) is not None and any(sign in text for sign in _ANY_DIGIT)


def misread(text: str, quantity: Quantity) -> Misread:
    """What is wrong with a text where a figure is due."""
    words = clean(text)
    stem, unit = _without_unit(words, quantity)
    for kind in (_with_letters, _scientific, _reckoned, _with_points, _with_commas, _in_words):
        found = kind(stem)
        if found is not None:
            return replace(found, likely=tuple(f"{figure}{unit}" for figure in found.likely))
    number = read_number(words)
    if number is not None:
        return Misread(f"单位“{number.unit}”不是{QUANTITY_WORD[quantity]}的单位")
    if re.search(r"\d", words):
        return Misread("里面不只是一个数")
    return Misread("是文字")


def _without_unit(words: str, quantity: Quantity) -> tuple[str, str]:
    """A text and the unit behind it; of money the longest that fits."""
    units = sorted(UNITS[quantity] - {"万", "亿", "千", "百万"}, key=len, reverse=True)
    unit = next((unit for unit in units if words.endswith(unit) and len(words) > len(unit)), "")
    return PREFIXES.sub("", words.removesuffix(unit)), unit


def _with_letters(stem: str) -> Misread | None:
    if not _FIGURE_LIKE.fullmatch(stem) or stem == stem.translate(_LETTERS):
        return None
    digits = stem.translate(_LETTERS)
    letters = "、".join(dict.fromkeys(sign for sign in stem if sign != sign.translate(_LETTERS)))
    number = read_number(digits)
    return Misread(f"数字里夹了字母 {letters}", () if number is None else (digits,))


def _scientific(stem: str) -> Misread | None:
    match = _POWER.fullmatch(stem)
    if match is None:
        return None
    return Misread("科学记数是按文本填的", (plain(Decimal(match[1]).scaleb(int(match[2]))),))


def _reckoned(stem: str) -> Misread | None:
    if _SUM.fullmatch(stem):
        terms = re.findall(r"[+\-−]?\d+(?:\.\d+)?", stem)
        total = sum((Decimal(term.replace("−", "-")) for term in terms), Decimal(0))
        return Misread("填的是算式，不会自动算出结果", (plain(total),))
    return Misread("填的是算式，不会自动算出结果") if _PRODUCT.fullmatch(stem) else None


def _with_points(stem: str) -> Misread | None:
    match = _POINTS.fullmatch(stem)
    if match is not None:
        return Misread("小数点写得不对", (f"{match[1]}.{match[2]}",))
    parts = stem.split(".")
    if len(parts) > 2 and all(part.isdigit() for part in parts):
        return Misread("有两个小数点", (f"{''.join(parts[:-1])}.{parts[-1]}",))
    return None


def _with_commas(stem: str) -> Misread | None:
    match = _COMMAS.fullmatch(stem)
    if match is None:
        return None
    joined = stem.replace(",", "")
    if stem.count(",") > 1 or match[3]:
        return Misread("千分位逗号的位置不对", (joined,))
    return Misread("逗号可能是小数点，也可能是千分位", (stem.replace(",", "."), joined))


def _in_words(stem: str) -> Misread | None:
    words = re.sub(r"(元|整|分之)+$", "", stem.translate(_CAPITALS))
    if not _CHINESE.fullmatch(words):
        return None
    value = _of_chinese(words)
    return Misread("填的是汉字数字", () if value is None else (plain(value),))


def _of_chinese(words: str) -> Decimal | None:
    """九十六 is 96; 九六 is 96 too; None for what is no number."""
    whole, _, behind = words.removeprefix("负").partition("点")
    value = _whole(whole)
    decimals = [_digit(sign) for sign in behind]
    if value is None or None in decimals:
        return None
    text = "".join(str(digit) for digit in decimals)
    number = Decimal(f"{value}.{text}") if text else Decimal(value)
    return -number if words.startswith("负") else number


def _digit(sign: str) -> int | None:
    return 0 if sign == "零" else _DIGITS.index(sign) - 1 if sign in _DIGITS else None


def _whole(words: str) -> int | None:
    if not words:
        return None
    if all(sign in _DIGITS for sign in words):
        return int("".join(str(_digit(sign)) for sign in words))
    total = section = digit = 0
    for sign in words:
        if sign in _STEPS:
            section += (digit or 1) * _STEPS[sign]
            digit = 0
        elif sign == "万":
            total += (section + digit) * 10_000
            section = digit = 0
        elif sign == "亿":
            total = (total + section + digit) * 100_000_000
            section = digit = 0
        else:
            digit = _digit(sign) or 0
    return total + section + digit
