"""Simple clauses over whole columns of rows at once: most rows are passed over by their condition, and that should cost little.

What is not simple, and every row that does not plainly hold, is left to the evaluator, which knows why.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from perfeval_xl.forms.records import Form

from .evaluating import SIGNS, plain_text, says
from .names import RowWord
from .scene import At, WorkbookScene
from .tree import WORDED, Call, Cells, Node, Number, Path, Relation, Text
from .values import Lacking, Taken, amount_of, literal

#: For each row whether a clause holds; None where that is not plain.
Holding = Sequence[bool | None]
_ROW = Path(("本行",))


def holding(scene: WorkbookScene, form: Form, word: RowWord, clause: Node) -> Holding | None:
    """For each row of a form whether a clause holds; None for a clause that is not simple."""
    match clause:
        case Relation(Cells(source, labels), sign, Text(words)) if source == _ROW and (
            sign in WORDED or sign in "=≠"
        ):
            texts = _texts(scene, form, word, labels)
            if sign in WORDED:
                wanted, holds = not sign.startswith("不"), says(sign)
                return [None if text is None else holds(text, words) == wanted for text in texts]
            plain = plain_text(words)
            return [None if text is None else (text == plain) == (sign == "=") for text in texts]
        case Relation(Cells(source, labels), sign, Number(value, unit)) if source == _ROW:
            number = literal(value, unit).number
            return [
                None if one is None else SIGNS[sign](one, number)
                for one in _numbers(scene, form, word, labels)
            ]
        case Relation(Cells(source, labels), sign, Cells(other, beside)) if (
            source == other == _ROW and sign not in WORDED
        ):
            pairs = zip(_numbers(scene, form, word, labels), _numbers(scene, form, word, beside), strict=True)
            return [None if one is None or two is None else SIGNS[sign](one, two) for one, two in pairs]
        case Call("空" | "非空" as name, (Cells(source, labels),)) if source == _ROW:
            cells = _cells(scene, form, word, labels)
            return [None if taken is None else taken.field.blank == (name == "空") for taken in cells]
    return None


def _cells(
    scene: WorkbookScene, form: Form, word: RowWord, labels: tuple[str, ...]
) -> Sequence[Taken | None]:
    """The cells of a column; None where a row has none."""

    def cell(at: At) -> Taken | None:
        try:
            return scene.cells(Cells(_ROW, labels), at)[0]
        except Lacking:
            return None

    key = ("cells of a column", id(form), word, labels)
    return scene.context.once(key, lambda: [cell(at) for at in scene.places(form, word)])


def _texts(scene: WorkbookScene, form: Form, word: RowWord, labels: tuple[str, ...]) -> Sequence[str | None]:
    """What a column says, cleaned; None where a cell is empty."""
    key = ("texts of a column", id(form), word, labels)
    cells = _cells(scene, form, word, labels)
    return scene.context.once(
        key,
        lambda: [
            None
            if taken is None or taken.field.blank or taken.sort == "truth"
            else plain_text(taken.field.text)
            for taken in cells
        ],
    )


def _numbers(
    scene: WorkbookScene, form: Form, word: RowWord, labels: tuple[str, ...]
) -> Sequence[Decimal | None]:
    """The numbers of a column; None where a cell holds none."""

    def number(taken: Taken | None) -> Decimal | None:
        try:
            plainly = taken is not None and taken.sort not in ("text", "truth")
            return amount_of(taken, blanks=False).number if taken is not None and plainly else None
        except Lacking:
            return None

    key = ("numbers of a column", id(form), word, labels)
    cells = _cells(scene, form, word, labels)
    return scene.context.once(key, lambda: [number(taken) for taken in cells])
