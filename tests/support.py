"""What tests share: workbooks written as rows, cells named by their labels, checks without a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from perfeval_xl.findings import Report
from perfeval_xl.grid import Area, Book, Cell, Grid, a1, coordinates
from perfeval_xl.numberformat import make_cell
from perfeval_xl.policy import load_policy
from perfeval_xl.text import clean

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
TRUST = load_policy("national-2020").trust

Rows = Sequence[Sequence[Any]]


@lru_cache(maxsize=64)
def read_yaml(path: Path) -> Any:
    """A YAML file with its numbers as written (Decimal, no binary floating point)."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)


class _Loader(yaml.CSafeLoader):
    pass


def _number(loader: Any, node: Any) -> Decimal:
    return Decimal(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:float", _number)
_Loader.add_constructor("tag:yaml.org,2002:int", _number)


def grid_of(name: str, rows: Rows, merges: Iterable[str] = ()) -> Grid:
    """A sheet of typed values: numbers as numbers, everything else as text; "=SUM(…" is an uncalculated formula."""
    cells: dict[tuple[int, int], Cell] = {}
    for row, values in enumerate(rows, 1):
        for column, value in enumerate(values, 1):
            if value is not None:
                cells[(row, column)] = cell_of(row, column, value)
    return Grid(name, cells, tuple(Area.of(merge) for merge in merges))


def cell_of(row: int, column: int, value: Any) -> Cell:
    if isinstance(value, str) and value.startswith("=SUM("):
        return make_cell(row, column, None, "General", formula=value)
    if isinstance(value, str) and value.startswith("#") and value.endswith(("!", "?", "A")):
        return make_cell(row, column, value, "General", error=True)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = Decimal(str(value))
    return make_cell(row, column, value, "General")


def book_of(sheets: Mapping[str, Rows], merges: Mapping[str, Iterable[str]] | None = None) -> Book:
    return Book.of(
        "测试.xlsx", (grid_of(name, rows, (merges or {}).get(name, ())) for name, rows in sheets.items())
    )


def place_of(sheets: Mapping[str, Rows], where: str) -> tuple[str, int, int]:
    """Sheet, row and column of a cell named "表 / 行 / 栏" by its labels, or "表 / C8" by its address.

    行 is the first row that holds a cell of that label ("指标2" style duplicates: "名称#2" is the second);
    栏 the nearest column heading above it.
    """
    parts = [part.strip() for part in where.split(" / ")]
    sheet, rows = parts[0], sheets[parts[0]]
    if len(parts) == 2 and re.fullmatch(r"[A-Z]{1,2}\d+", parts[1]):
        return (sheet, *coordinates(parts[1]))
    label, _, ordinal = parts[1].partition("#")
    matching = [index for index, row in enumerate(rows) if any(_is(cell, label) for cell in row)]
    if not matching:
        raise KeyError(f"{where}: 表里没有“{label}”这一行")
    row = matching[int(ordinal or 1) - 1]
    if len(parts) == 2:
        return sheet, row + 1, next(column for column, cell in enumerate(rows[row], 1) if _is(cell, label))
    for above in range(row - 1, -1, -1):
        for column, cell in enumerate(rows[above], 1):
            if _is(cell, parts[2]):
                return sheet, row + 1, column
    raise KeyError(f"{where}: 上方没有“{parts[2]}”这一栏")


def _is(cell: Any, label: str) -> bool:
    return isinstance(cell, str) and clean(cell).rstrip(":") == clean(label).rstrip(":")


def changed(sheets: Mapping[str, Rows], changes: Mapping[str, Any]) -> dict[str, list[list[Any]]]:
    """A copy of a workbook with cells replaced one after the other, named as ``place_of`` does."""
    copy = {name: [list(row) for row in rows] for name, rows in sheets.items()}
    for where, value in changes.items():
        sheet, row, column = place_of(copy, where)
        rows = copy[sheet]
        while len(rows) < row:
            rows.append([])
        rows[row - 1].extend([None] * (column - len(rows[row - 1])))
        rows[row - 1][column - 1] = value
    return copy


def check_rows(sheets: Mapping[str, Rows], policy: Any = None, **options: Any) -> Report:
    from perfeval_xl.runs.checking import check_book

    return check_book(book_of(sheets, options.pop("merges", None)), policy=policy, **options)


def cell_name(place: tuple[str, int, int]) -> str:
    return f"{place[0]}!{a1(place[1], place[2])}"


@lru_cache(maxsize=1)
def example_builder() -> Any:
    """The module that builds the bundled example (workbook/build_example.py)."""
    import importlib.util
    import sys

    spec = importlib.util.spec_from_file_location("build_example", ROOT / "workbook" / "build_example.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["build_example"] = module
    spec.loader.exec_module(module)
    return module
