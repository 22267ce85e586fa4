"""Reads a formula or a condition. The grammar is data for a parser library; what a clerk types in full width or in another way
of writing a sign means the same. Length and depth are bounded, so that no text takes long or fails otherwise than in one line.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal, get_args

from perfeval_xl import patterns as re
from perfeval_xl.text import shortened, with_plain_signs

from .tree import Call, Cells, Condition, Node, Number, Path, Present, Product, Relation, Sign, Sum, Text

if TYPE_CHECKING:
    from lark import Lark

#: Letters of a formula, and how deep its brackets may be nested.
LONGEST, DEEPEST = 1000, 20

GRAMMAR = r"""
start: clause (JOINT clause)*
clause: HAVE path              -> present
      | sum (SIGN sum)*        -> relation
sum: MINUS? product ((PLUS | MINUS) product)*
product: operand ((TIMES | OVER) operand)*
?operand: NUMBER UNIT?         -> number
        | STRING               -> text
        | path
        | call
        | path "[" labels "]"  -> cells
        | call "[" labels "]"  -> cells
        | "(" sum ")"          -> bracket
path: WORD ("." WORD)*
call: WORD "(" [argument ("," argument)*] ")"
argument: sum (SIGN sum)*      -> relation
labels: (LABEL | STRING) ("," (LABEL | STRING))*

JOINT: "且" | "或"
HAVE.2: /有(?=\s*[上附目监复报本])/
SIGN: "=" | "≠" | "≥" | "≤" | ">" | "<" | "包含" | "不包含" | "匹配" | "不匹配" | "属于" | "不属于"
PLUS: "+"
MINUS: "-"
TIMES: "*"
OVER: "/"
NUMBER: /\d+(\.\d+)?/
UNIT: "%" | "亿元" | "万元" | "千元" | "元" | "人" | "个" | "分" | "天" | "项"
STRING: /"[^"]*"/
LABEL: /[^\[\],"\s][^\[\],"]*/
WORD: /附件\d+(-\d+)?\*?|(?!不?(包含|匹配|属于)|且|或)[^\W\d_]((?!不?(包含|匹配|属于)|且|或)\w)*/
%ignore /\s+/
"""

#: Other ways to type the signs of the grammar, letter by letter.
_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_OTHERS = {
    "\u3000": " ", "【": "[", "】": "]", "〔": "[", "〕": "]", "×": "*", "÷": "/", "−": "-", "–": "-", "—": "-", "﹣": "-", "．": ".",
}  # fmt: skip
_NO_WIDTH = dict.fromkeys("\u200b\u200c\u200d\ufeff", "")
_QUOTES = str.maketrans(dict.fromkeys("“”„「」『』＂‘’'", '"') | _NO_WIDTH)
_TYPED = str.maketrans(_FULL_WIDTH | _OTHERS)
_TWO = (("<>", "≠"), ("!=", "≠"), ("==", "="))


class FormulaError(Exception):
    """A formula that cannot be read; the message says in Chinese what is wrong and what would be right."""


def as_typed(text: str) -> str:
    """A formula with every way of writing a sign as the one that the grammar knows; what stands in quotes stays as it is."""
    parts = text.translate(_QUOTES).replace("\r", " ").replace("\n", " ").split('"')
    return '"'.join(part if number % 2 else _signs(part) for number, part in enumerate(parts)).strip()


#: Signs in words, the longest first, and how the forms are also counted; what stands in brackets is a name and stays.
_IN_WORDS = (
    ("大于或等于", "≥"), ("小于或等于", "≤"), ("大于等于", "≥"), ("小于等于", "≤"), ("不等于", "≠"), ("不大于", "≤"), ("不小于", "≥"),
    ("不超过", "≤"), ("不低于", "≥"), ("不少于", "≥"), ("不高于", "≤"), ("等于", "="), ("大于", ">"), ("小于", "<"), ("超过", ">"),
    ("低于", "<"), ("并且", "且"), ("而且", "且"), ("或者", "或"), ("附件一", "附件1"), ("附件二", "附件2"), ("附件三", "附件3"),
    ("附件四", "附件4"), ("附件五", "附件5"), ("附件六", "附件6"),
)  # fmt: skip
_BRACKETED = re.compile(r"(\[[^\]]*\])")


def _signs(text: str) -> str:
    text = text.translate(_TYPED)
    parts = _BRACKETED.split(text)
    for place in range(0, len(parts), 2):
        for word, sign in _IN_WORDS:
            parts[place] = parts[place].replace(word, sign)
    text = "".join(parts)
    for typed, sign in _TWO:
        text = text.replace(typed, sign)
    return with_plain_signs(text)


@lru_cache(maxsize=4096)
def parse(text: str) -> Condition:
    """A formula or condition as a tree; FormulaError says what is wrong."""
    from lark.exceptions import UnexpectedInput

    plain_text = as_typed(text)
    _refuse_unbounded(plain_text)
    try:
        found: Any = _parser().parse(plain_text)
    except UnexpectedInput as error:
        raise FormulaError(_misread(plain_text, error)) from None
    if isinstance(found, FormulaError):
        raise found
    assert isinstance(found, Condition)
    return found


def parse_relation(text: str) -> Node:
    """A formula: one relation, or one function that says yes or no."""
    clauses = parse(text).clauses
    if len(clauses) > 1:
        raise FormulaError("一条规则只写一个关系；请分成两条（“且”只能用在条件里）")
    return clauses[0]


@cache
def _parser() -> Lark:
    from lark import Lark, Transformer

    # Makes the tree while it is read, so that no depth is ever walked.
    building = type("Building", (Transformer,), {name: _guarded(made) for name, made in _MADE.items()})
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", transformer=building(), start="start")


def _guarded(made: Callable[[list[Any]], Any]) -> Callable[[object, list[Any]], Any]:
    """What makes a node, as a method; what is wrong below is handed on."""

    def method(_self: object, items: list[Any]) -> Any:
        return next((one for one in items if isinstance(one, FormulaError)), None) or _one(made(items))

    return method


@lru_cache(maxsize=8192)
def _one(made: Any) -> Any:
    """The same node for what is written alike, so that what many formulas ask for is known again at once."""
    return made


# -- what the rules of the grammar make of what they read -------------------------------------------------------


def _clauses(items: list[Any]) -> Condition | FormulaError:
    if any(str(item) == "或" for item in items if isinstance(item, str)):
        return FormulaError('没有“或”：请分成两条规则；文字里的“或”用 | 隔开，如 包含 "待验收|未完工"')
    return Condition(tuple(item for item in items if not isinstance(item, str)))


def _relation(items: list[Any]) -> Any:
    if len(items) > 3:
        return FormulaError("一条规则只写一个关系；请分成两条（“且”只能用在条件里）")
    return items[0] if len(items) == 1 else Relation(items[0], _SIGNS[str(items[1])], items[2])


def _call(items: list[Any]) -> Call:
    return Call(str(items[0]), tuple(item for item in items[1:] if item is not None))


_SIGNS: dict[str, Sign] = {sign: sign for sign in get_args(Sign)}
_MADE: dict[str, Callable[[list[Any]], Any]] = {
    "start": _clauses,
    "present": lambda items: Present(items[1]),
    "relation": _relation,
    "sum": lambda items: _folded(items, Sum, "+"),
    "product": lambda items: _folded(items, Product, "*"),
    "number": lambda items: Number(Decimal(str(items[0])), str(items[1]) if len(items) > 1 else ""),
    "text": lambda items: Text(str(items[0])[1:-1]),
    "bracket": lambda items: items[0],
    "path": lambda items: Path(tuple(map(str, items))),
    "call": _call,
    "cells": lambda items: Cells(items[0], items[1]),
    "labels": lambda items: tuple(str(item).strip('"').strip() for item in items),
}


def _folded(items: list[Any], made: type[Sum] | type[Product], first: Literal["+", "*"]) -> Any:
    """Operands with the signs between them; one operand alone stands for itself."""
    parts: list[tuple[str, Node]] = []
    sign: str = first
    for item in items:
        if isinstance(item, str):
            sign = str(item)
        else:
            parts.append((sign, item))
    return parts[0][1] if len(parts) == 1 and parts[0][0] == first else made(tuple(parts))  # type: ignore[arg-type]


def _refuse_unbounded(text: str) -> None:
    if not text:
        raise FormulaError("是空的")
    if text.startswith("="):
        raise FormulaError("成了 Excel 公式，请把这一栏设为文本，不要以 = 开头")
    if len(text) > LONGEST:
        raise FormulaError(f"太长（{len(text)} 个字，最多 {LONGEST}），请分成几条")
    if text.count('"') % 2:
        raise FormulaError("引号没有成对：文字要写在一对引号里")
    _refuse_unpaired("".join(text.split('"')[::2]))


def _refuse_unpaired(text: str) -> None:
    """Brackets, without what stands in quotes."""
    opened: list[str] = []
    for char in text:
        if char in "([":
            opened.append(char)
        elif char in ")]" and (not opened or opened.pop() + char not in ("()", "[]")):
            raise FormulaError(f"“{char}”多了一个，或者和前面的括号不成对")
        if len(opened) > DEEPEST:
            raise FormulaError(f"括号套得太深（最多 {DEEPEST} 层）")
    if opened:
        raise FormulaError(f"“{opened[-1]}”没有对应的“{')' if opened[-1] == '(' else ']'}”")


#: What a newcomer writes instead of what the language has, and what to write.
_HINTS = (
    ("SUM", "求和写 合计(…)"),
    ("IF", "“如果”写在“条件”一栏，或写 若(条件, 甲, 乙)"),
    ("ROUND", "取整写 取整(数, 位数)"),
    ("!", "不用 Excel 的地址，写 附件2[项目支出] 这样的名称"),
    ("&", "“并且”写 且（只能用在条件里）"),
)  # fmt: skip


def _misread(text: str, error: Any) -> str:
    place = getattr(error, "pos_in_stream", None)
    ended = getattr(getattr(error, "token", None), "type", "") == "$END"
    if ended or place is None or not 0 <= place < len(text):
        what = (
            "没有写完：后面还缺东西，要写成“左边 关系 右边”，如 附件2[项目支出] = 附件1[项目支出, 本年决算数]"
        )
        return f"“{shortened(text, 40)}”{what}"
    shown = shortened(text[place:], 12)
    before = shortened(text[:place][-12:].strip(), 12)
    where = f"“{before}”后面的“{shown}”看不懂" if before else f"开头的“{shown}”看不懂"
    if before.endswith(("包含", "匹配", "属于")):
        return f'{where}：{before[-2:]} 后面的文字要加引号，如 {before[-2:]} "待验收|未完工"'
    hint = next((hint for word, hint in _HINTS if word in text.upper()), None)
    return where + (
        f"：{hint}" if hint else "：写法见第二张表“名称表”，文字要加引号，名称写成 附件2[项目支出]"
    )
