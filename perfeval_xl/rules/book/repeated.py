"""What the program checks already, as it would be written in a book: a rate that a bureau reckons otherwise is told its author."""

from __future__ import annotations

from functools import cache

from perfeval_xl.forms.records import Kind
from perfeval_xl.rules.families.reckoned import RATES

from .grammar import parse_relation
from .names import words_of
from .records import FORM_KINDS, BookRule
from .tree import Call, Cells, Node, Path, Relation, written


def contradicts(rule: BookRule) -> str:
    """What is to be said where a rule reckons a rate of the forms, the same way as the program or another; "" where it does not."""
    found = _rate(rule.formula, rule.scope.kind)
    if found is None:
        return ""
    for code, (kinds, text) in RATES.items():
        for kind in kinds:
            other = _built_in(text, kind)
            if other is None or other[0] != found[0]:
                continue
            if other[1] == found[1]:
                return f"与 {code} 相同，本工具已经自带；留着的话，以本规则的编号和提示报出"
            return f"与 {code} 的口径不同（那里是 {text}），两条都会报"
    return ""


Name = tuple[str, tuple[str, ...]]


@cache
def _built_in(text: str, kind: Kind) -> tuple[Name, tuple[Name, Name]] | None:
    return _rate(parse_relation(text), kind)


def _rate(formula: Node, kind: Kind | None) -> tuple[Name, tuple[Name, Name]] | None:
    """The cell of a rate and the two it is reckoned with, by their usual names; None for any other formula."""
    if not isinstance(formula, Relation) or formula.sign != "=":
        return None
    for stated, reckoned in ((formula.left, formula.right), (formula.right, formula.left)):
        if isinstance(stated, Cells) and isinstance(reckoned, Call) and reckoned.name == "比率":
            names = [_name(one, kind) for one in (stated, *reckoned.arguments)]
            if len(names) == 3 and all(names):
                return names[0], (names[1], names[2])  # type: ignore[return-value]
    return None


def _name(node: Node, kind: Kind | None) -> Name | None:
    if not isinstance(node, Cells) or not isinstance(node.source, Path):
        return None
    form = node.source.words[0]
    own = kind if form == "本表" else FORM_KINDS.get(form)
    found = words_of(own).find(node.labels) if own is not None and len(node.source.words) == 1 else ()
    return (own, found[0].name) if own is not None and len(found) == 1 else (written(node), ())
