"""What a clerk is told where a rule of a book does not hold: the author's words with their numbers, or plain ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from perfeval_xl import patterns as re
from perfeval_xl.equations import per_cent, rounded
from perfeval_xl.text import one_line, plain, shortened

from .evaluating import Evaluator
from .names import row_name_of
from .records import BookRule
from .scene import At
from .tree import Call, Cells, Node, Relation, Text, cells_of, walk, written
from .values import Amount, Lacking, Taken, Value

HOLE = re.compile(r"[{｛]([^{}｛｝]{1,60})[}｝]")
#: Holes that every rule has whose two sides are numbers; those of rules over rows and forms.
SIDES, PLACES = ("左", "右", "差", "比率"), ("行", "表")
_SIGN_WORDS: Mapping[str, str] = {
    "=": "等于", "≠": "不等于", "≥": "不小于", "≤": "不大于", ">": "大于", "<": "小于",
}  # fmt: skip
_LONGEST = 60


def sides_of(rule: BookRule) -> Relation | None:
    """The relation that {左} and {右} are the sides of: of numbers, the formula's before the condition's; where the formula only
    counts rows, the condition's."""
    clauses = rule.condition.clauses if rule.condition is not None else ()
    compared = [one for one in (rule.formula, *clauses) if isinstance(one, Relation) and _is_numeric(one)]
    return next((one for one in compared if not _only_counts(one)), compared[0] if compared else None)


def _is_numeric(node: Relation) -> bool:
    return node.sign in _SIGN_WORDS and not any(isinstance(side, Text) for side in (node.left, node.right))


def _only_counts(node: Relation) -> bool:
    return all(isinstance(side, Call) and side.name == "计数" for side in (node.left, node.right))


def holes_of(rule: BookRule) -> Mapping[str, Cells]:
    """The cells of a rule by what a hole may call them: as the rule writes them, by all their labels, by the last."""
    parts: tuple[Node, ...] = (rule.formula, *(rule.condition.clauses if rule.condition is not None else ()))
    found: dict[str, Cells] = {}
    for node in (one for part in parts for one in cells_of(part)):
        for name in (written(node), ", ".join(node.labels), "、".join(node.labels), node.labels[-1]):
            found.setdefault(name, node)
    return found


def known_holes(rule: BookRule) -> tuple[str, ...]:
    """Every hole that the message of a rule may have."""
    sides = SIDES if sides_of(rule) is not None else ()
    places = () if not rule.scope.form else PLACES if rule.scope.rows else PLACES[1:]
    return (*sides, *places, *holes_of(rule))


def told(rule: BookRule, evaluator: Evaluator, at: At) -> str:
    """The author's message with its holes filled in; "" where there is none."""
    if not rule.message:
        return ""
    cells = holes_of(rule)
    known: dict[str, Callable[[], str]] = {
        "行": lambda: row_name_of(at.row) if at.row is not None else "",
        "表": lambda: at.form.caption if at.form is not None else "",
        **{name: lambda name=name: _side(rule, evaluator, at, name) for name in SIDES},  # type: ignore[misc]
    }

    def fill(match: re.Match[str]) -> str:
        name = one_line(match[1])
        if name in known:
            return known[name]()
        try:
            return _shown(evaluator.value(cells[name], at)) if name in cells else match[0]
        except Lacking:
            return "（空）"

    return HOLE.sub(fill, rule.message).rstrip("。.；; ")


def _shown(value: Value) -> str:
    return shortened(one_line(value.shown), _LONGEST)


def _side(rule: BookRule, evaluator: Evaluator, at: At, name: str) -> str:
    relation = sides_of(rule)
    if relation is None:
        return ""
    try:
        judgement = evaluator.scene.judged(at) if name == "比率" else None
        if judgement is not None and judgement.ratio is not None:
            return f"{plain(rounded(judgement.ratio * 100, 2))}%"
        left, right = evaluator.value(relation.left, at), evaluator.value(relation.right, at)
    except Lacking:
        return "（空）"
    if name in ("左", "右"):
        return _shown(left if name == "左" else right)
    if not isinstance(left, Amount) or not isinstance(right, Amount):
        return ""
    if name == "差":
        sort = left.sort if left.sort == right.sort else "number"
        gap = Amount(abs(left.number - right.number), sort)
        return gap.shown.replace("%", "个百分点")
    return f"{plain(rounded(per_cent(left.number, right.number), 2))}%" if right.number else "（分母是0）"


def plainly(node: Node, left: Value | None, right: Value | None) -> str:
    """What does not hold in plain words, where the author wrote none."""
    match node:
        case Relation(sign=sign) if left is not None and right is not None and sign in _SIGN_WORDS:
            one, other = _named(node.left, left), _named(node.right, right)
            return f"{one}应{_SIGN_WORDS[sign]}{other}"
        case Relation(sign=sign, right=Text(value=words)) if left is not None:
            named = "、".join(word.strip() for word in words.split("|"))
            verb = "不应有" if sign.startswith("不") else "应有"
            return f"{_named(node.left, left)}{verb}“{named}”"
        case Relation(sign=sign, right=Cells()) if left is not None and len(left.cells) > 1:
            verb = "没有写到" if not sign.startswith("不") else "不应写到"
            return (
                f"{left.cells[0].label}里{verb}“{shortened(one_line(left.cells[-1].field.text), _LONGEST)}”"
            )
        case Call(name="非空"):
            return f"{_first_label(left)}没有填" if left is not None else f"{written(node)} 不成立"
        case Call(name="空"):
            return f"{_first_label(left)}应当空着" if left is not None else f"{written(node)} 不成立"
        case _:
            return f"{written(node)} 不成立"


def _first_label(value: Value) -> str:
    return value.cells[0].label if value.cells else "这里"


def _named(node: Node, value: Value) -> str:
    """A side: its cell with what stands in it, else how it is reckoned with the result."""
    shown = _shown(value)
    single = value.single if isinstance(value, Amount) else None
    if single is not None:
        return f"{single.label}（{single.field.text or '空'}）"
    if isinstance(node, Cells) and value.cells:
        return f"{value.cells[0].label}（{shown or '空'}）"
    if not cells_of(node) and not any(isinstance(one, Call) for one in walk(node)):
        return shown
    return f"{written(node)}（{shown}）"


def label_of(cells: tuple[Taken, ...]) -> str:
    """How several cells are called together."""
    names = list(dict.fromkeys(taken.label for taken in cells))
    return "、".join(names[:4]) + (f"等{len(names)}格" if len(names) > 4 else "")
