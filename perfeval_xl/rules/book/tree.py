"""What a formula says, as a small tree, and the tree as it is written again."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from perfeval_xl.records import dataclass
from perfeval_xl.text import plain

Sign = Literal["=", "≠", "≥", "≤", ">", "<", "包含", "不包含", "匹配", "不匹配", "属于", "不属于"]
#: The signs that compare texts with words.
WORDED: tuple[Sign, ...] = ("包含", "不包含", "匹配", "不匹配", "属于", "不属于")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written, with its unit ("" for none)."""

    value: Decimal
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Path:
    """A form, or its rows: 附件3*, 上年.附件1, 本表.指标, 本行, 报告; also a bare word (是, 达标, a column's name)."""

    words: tuple[str, ...]

    @property
    def word(self) -> str:
        return ".".join(self.words)


@dataclass(frozen=True, slots=True)
class Call:
    """A function with what it is given."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """One cell, or one of each form or row: 附件2[项目支出], 附件3*[年度资金总额, 全年执行数], 本行[得分]."""

    source: Path | Call
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms with + or − in front of each."""

    terms: tuple[tuple[Literal["+", "-"], Node], ...]


@dataclass(frozen=True, slots=True)
class Product:
    """Factors with × or ÷ in front of each; the first is multiplied."""

    factors: tuple[tuple[Literal["*", "/"], Node], ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """Two sides and the sign between them."""

    left: Node
    sign: Sign
    right: Node


@dataclass(frozen=True, slots=True)
class Present:
    """有 目标表: the paper is there."""

    source: Path


@dataclass(frozen=True, slots=True)
class Condition:
    """Clauses that must all hold."""

    clauses: tuple[Node, ...]


Node = Number | Text | Path | Call | Cells | Sum | Product | Relation | Present | Condition


def children(node: Node) -> Iterator[Node]:
    """The nodes right below one."""
    match node:
        case Call():
            yield from node.arguments
        case Cells():
            yield node.source
        case Sum():
            yield from (term for _, term in node.terms)
        case Product():
            yield from (factor for _, factor in node.factors)
        case Relation():
            yield node.left
            yield node.right
        case Present():
            yield node.source
        case Condition():
            yield from node.clauses
        case _:
            return


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, as they are written."""
    yield node
    for child in children(node):
        yield from walk(child)


def cells_of(node: Node) -> tuple[Cells, ...]:
    """Every cell that a node takes, once, in the order of writing."""
    return tuple(dict.fromkeys(one for one in walk(node) if isinstance(one, Cells)))


def written(node: Node) -> str:
    """The node as it is written in a book; reading that gives the node again."""
    match node:
        case Number():
            return plain(node.value) + node.unit
        case Text():
            return f'"{node.value}"'
        case Path():
            return node.word
        case Call():
            return f"{node.name}({', '.join(map(written, node.arguments))})"
        case Cells():
            return f"{written(node.source)}[{', '.join(map(_label, node.labels))}]"
        case Sum():
            text = "".join(f" {'+' if sign == '+' else '−'} {_operand(term)}" for sign, term in node.terms)
            return text[3:] if text.startswith(" + ") else f"−{text[3:]}"
        case Product():
            text = "".join(f" {'×' if sign == '*' else '÷'} {_factor(one)}" for sign, one in node.factors)
            return text[3:]
        case Relation():
            return f"{written(node.left)} {node.sign} {written(node.right)}"
        case Present():
            return f"有 {written(node.source)}"
        case Condition():
            return " 且 ".join(map(written, node.clauses))


def _label(label: str) -> str:
    return f'"{label}"' if any(char in label for char in ",[]") or label != label.strip() else label


def _operand(node: Node) -> str:
    return f"({written(node)})" if isinstance(node, Sum) else written(node)


def _factor(node: Node) -> str:
    return f"({written(node)})" if isinstance(node, Sum | Product) else written(node)
