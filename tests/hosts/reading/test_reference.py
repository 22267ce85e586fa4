"""The fast host against the reference: equal grids on the example and on generated workbooks."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font

from perfeval_xl.grid import Book
from perfeval_xl.hosts.limits import LIMITS
from perfeval_xl.hosts.reading import reference, xlsx
from perfeval_xl.hosts.reading.loading import read_book
from tests.support import example_builder

VALUES = st.one_of(
    st.none(),
    st.integers(-(10**9), 10**9),
    st.floats(-(10**9), 10**9, allow_nan=False, allow_infinity=False).map(lambda value: round(value, 4)),
    st.booleans(),
    st.text("甲乙丙 ≥≤%0123456789.，（）\n", max_size=12),
    st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)),  # before 1900 a date is only a number to Excel
)
FORMATS = ("General", "0", "0.00", "0%", "0.00%", "#,##0.00", '0"人"', "@")


def comparable(book: Book) -> list[Any]:
    return [
        (
            grid.sheet,
            {
                key: (cell.value, cell.text, cell.decimals, cell.percent, cell.error)
                for key, cell in grid.cells.items()
            },
            sorted(map(str, grid.merges)),
            grid.hidden_rows,
            grid.hidden_columns,
            grid.state,
        )
        for grid in book.grids
    ]


def both(data: bytes) -> tuple[list[Any], list[Any]]:
    return comparable(xlsx.read("a.xlsx", data, LIMITS)), comparable(reference.read("a.xlsx", data, LIMITS))


@pytest.mark.parametrize("layout", ["own", "stacked", "text"])
def test_equal_grids_on_the_example(layout: str) -> None:
    fast, reference = both(example_builder().build(layout, False))
    assert fast == reference


def written_by_openpyxl(rows: list[list[Any]], hidden: set[int], merged: bool) -> bytes:
    """Strings in their cells; formulas without results."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row, values in enumerate(rows, 1):
        for column, (value, number_format) in enumerate(values, 1):
            cell = sheet.cell(row, column, value)
            cell.font = Font(bold=True)
            if not hasattr(value, "year"):
                cell.number_format = number_format
    for row in hidden:
        sheet.row_dimensions[row].hidden = True
    if merged:
        sheet.merge_cells("A20:C21")
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def written_by_xlsxwriter(rows: list[list[Any]], hidden: set[int], merged: bool) -> bytes:
    """Shared strings, as Excel and WPS have them; borders, comments, validations, results of formulas."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        sheet = workbook.add_worksheet("附件1")
        for row, values in enumerate(rows):
            for column, (value, number_format) in enumerate(values):
                look = workbook.add_format(
                    {"num_format": "yyyy/m/d" if hasattr(value, "year") else number_format}
                )
                if value is not None:
                    sheet.write(row, column, value, look)
        sheet.write_formula(30, 0, "=1/3", workbook.add_format({"num_format": "0.00%"}), 1 / 3)
        sheet.write_formula(30, 1, "=1/0", None, "#DIV/0!")
        sheet.write_comment(30, 2, "批注")
        sheet.data_validation("A1:A9", {"validate": "list", "source": ["是", "否"]})
        for row in hidden:
            sheet.set_row(row, None, None, {"hidden": True})
        sheet.set_column("B:C", None, None, {"hidden": merged})
        if merged:
            sheet.merge_range("A20:C21", "合计", workbook.add_format({"border": 1}))
        workbook.add_worksheet("附件2").hide()
    return stream.getvalue()


@settings(max_examples=60, deadline=None)
@given(
    write=st.sampled_from([written_by_openpyxl, written_by_xlsxwriter]),
    rows=st.lists(
        st.lists(st.tuples(VALUES, st.sampled_from(FORMATS)), min_size=1, max_size=5), min_size=1, max_size=6
    ),
    hidden=st.sets(st.integers(1, 6), max_size=2),
    merged=st.booleans(),
)
def test_equal_grids_on_generated_workbooks(
    write: Callable[[list[list[Any]], set[int], bool], bytes],
    rows: list[list[Any]],
    hidden: set[int],
    merged: bool,
) -> None:
    fast, reference = both(write(rows, hidden, merged))
    assert fast == reference


def test_a_formula_without_cached_value_is_unknown_to_both() -> None:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0]["A1"] = "=1+1"
    stream = io.BytesIO()
    workbook.save(stream)
    for host in (xlsx, reference):
        cell = host.read("a.xlsx", stream.getvalue(), LIMITS).grids[0].cells[(1, 1)]
        assert cell.uncached
        assert cell.formula == "=1+1"


def test_the_host_is_chosen_by_name(tmp_path: Path) -> None:
    path = tmp_path / "示例.xlsx"
    path.write_bytes(example_builder().build("own", False))
    assert (
        comparable(read_book(path, "openpyxl"))
        == comparable(read_book(path, "xlsx"))
        == comparable(read_book(path))
    )
