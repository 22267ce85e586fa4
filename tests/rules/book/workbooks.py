"""The workbooks that books are held against in tests: the example as it is and clean, and all published tables."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from perfeval_xl.forms import read_forms
from perfeval_xl.grid import Book as Workbook
from perfeval_xl.policy import load_policy
from perfeval_xl.rules.book.compiling import Verdict
from perfeval_xl.rules.book.records import Book, BookRule
from perfeval_xl.rules.book.rows import book_of
from perfeval_xl.rules.context import Context
from perfeval_xl.runs.opening import read_book
from perfeval_xl.runs.rulebook import verdicts_in
from tests.slips import LAYOUTS
from tests.support import TESTS, example_builder, read_yaml
from tests.support import book_of as rows_as_book

EXAMPLE, CLEAN = "示例", "示例（改正后）"


@lru_cache(maxsize=4)
def example(clean: bool = False) -> Workbook:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "示例.xlsx"
        path.write_bytes(example_builder().build(LAYOUTS[0], clean))
        return read_book(path)


def published() -> dict[str, Path]:
    return {
        path.stem: path for path in sorted((TESTS / "published").glob("*.yaml")) if path.stem != "reviewed"
    }


def workbook(name: str) -> Workbook:
    """A workbook by its name in the lists."""
    if name in (EXAMPLE, CLEAN):
        return example(name == CLEAN)
    sheets = read_yaml(published()[name])["sheets"]
    merges = {sheet["name"]: sheet.get("merges") or () for sheet in sheets}
    return rows_as_book({sheet["name"]: sheet["rows"] for sheet in sheets}, merges)


def context_of(name: str) -> Context:
    found = workbook(name)
    return Context(read_forms(found), load_policy("national-2020"), found.grids)


def said(book: Book, context: Context) -> Iterator[tuple[BookRule, Verdict]]:
    """What every rule of a book says of a workbook, place after place."""
    return verdicts_in(book.rules, context)


def book(*rules: dict[str, str]) -> Book:
    """A book of rows by their columns; the number is given where a row has none."""
    rows = [(number, {"编号": f"测{number:02}", **rule}) for number, rule in enumerate(rules, 4)]
    return book_of("测试", "测试的规则", "0" * 64, rows)
