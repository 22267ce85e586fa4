"""The sheet 导入记录 of an imported workbook: first what found no place, then what was taken up and where it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from perfeval_xl.forms.accounting import Left
from perfeval_xl.hosts.package import log_sheet
from perfeval_xl.hosts.package.log_sheet import Log
from perfeval_xl.own_sheets import IMPORT_SHEET
from perfeval_xl.text import clean, one_line, read_number, shortened

from .filling import Move
from .template import Template

LEFT, NOTE, PLACED = "▲ 没有放进表里", "● 提示", "已放入"
HINT = "导入时每个有内容的格子都记在这里，没有放进表里的排在最前面。请逐条核对，需要的填到相应的表里；核对完可以删去这张表。打印只印没有放进去的。"
COLUMNS = (
    ("序号", 6), ("处理", 16), ("来源表", 18), ("来源格", 8), ("原内容", 40), ("放入", 14), ("格子", 8), ("现内容", 30),
    ("所在行、列", 30),
)  # fmt: skip
#: So many cells of a sheet are listed; a sheet with more is no form, and would make the workbook too big to check.
_MOST = 1000
#: So much of a text that was taken up tells which it is; what was left stands in full.
_LONGEST = 60
LOG = Log(IMPORT_SHEET, HINT, COLUMNS)


def write(template: Template, moves: Sequence[Move], left: Sequence[Left], notes: Sequence[str]) -> None:
    """Append the sheet to a filled template; what found no place is all that prints."""
    rows = [(str(ordinal), *texts) for ordinal, texts in enumerate(_rows(moves, left, notes), 1)]
    to_do = sum(row[1] != PLACED for row in rows)
    log_sheet.append(template.workbook, LOG, rows, max(1, to_do))


def _rows(moves: Sequence[Move], left: Sequence[Left], notes: Sequence[str]) -> Iterator[tuple[str, ...]]:
    counts: Counter[str] = Counter(item.place.sheet for item in left)
    listed: Counter[str] = Counter()
    for item in left:
        sheet = item.place.sheet
        listed[sheet] += 1
        if listed[sheet] > _MOST:
            if listed[sheet] == counts[sheet]:
                yield (
                    LEFT,
                    sheet,
                    "",
                    f"这张表另有 {counts[sheet] - _MOST} 格没有放进，请看原文件",
                    "",
                    "",
                    "",
                    "",
                )
            continue
        around = "，".join(filter(None, (item.row_label, item.column_label, item.reason)))
        yield (LEFT, item.place.sheet, item.place.cell, item.text, "", "", "", around)
    for note in notes:
        yield (NOTE, "", "", note, "", "", "", "")
    for move in moves:
        changed = "" if _same(move.text, move.written) else shortened(one_line(move.written), _LONGEST)
        target = (move.target.sheet, move.target.cell, changed)
        yield (
            PLACED, move.source.sheet, move.source.cell, shortened(one_line(move.text), _LONGEST), *target, ""
        )  # fmt: skip


def _same(text: str, written: str) -> bool:
    """Whether a cell holds what the source showed, white space and the zeros at a figure's end aside."""
    one, other = read_number(text), read_number(written)
    if one is not None and other is not None:
        return (one.value / 100 if one.percent else one.value) == other.value or text == written
    return clean(text) == clean(written)
