"""How a sheet looks, as far as a drawing of it needs to know."""

from __future__ import annotations

import io

import openpyxl
import pytest
from openpyxl.styles import Alignment, Font, PatternFill

from perfeval_xl.hosts.limits import LIMITS, TooMuch
from perfeval_xl.hosts.reading.looks import STANDARD_WIDTH, sheet_looks
from tests.support import ROOT


def made() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "表"
    sheet["B2"] = 0.5
    sheet["B2"].number_format = "0.0%"
    sheet["B2"].font = Font(bold=True, size=16)
    sheet["B2"].fill = PatternFill("solid", fgColor="FFFFEE00")
    sheet["B2"].alignment = Alignment(horizontal="center")
    sheet["Z99"] = 1
    sheet["Z99"].number_format = "0.00"
    sheet.column_dimensions["B"].width = 20
    sheet.row_dimensions[2].height = 30
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def test_widths_heights_and_formats_are_those_of_the_file() -> None:
    looks = sheet_looks(made(), "表", (10, 5), LIMITS)
    assert looks.widths == {2: 20}
    assert looks.heights == {2: 30}
    assert looks.standard_width == STANDARD_WIDTH
    look = looks.of(2, 2)
    assert (look.number_format, look.bold, look.size, look.across, look.fill) == (
        "0.0%",
        True,
        16,
        "center",
        "FFEE00",
    )
    assert looks.of(3, 3).number_format == "General"


def test_nothing_beyond_the_last_row_and_column_is_kept() -> None:
    assert set(sheet_looks(made(), "表", (10, 5), LIMITS).cells) == {(2, 2)}
    assert (99, 26) in sheet_looks(made(), "表", (99, 26), LIMITS).cells


def test_the_example_has_its_headings() -> None:
    looks = sheet_looks((ROOT / "workbook" / "example-2023.xlsx").read_bytes(), "附件2", (60, 20), LIMITS)
    assert looks.of(2, 1).bold
    assert looks.of(2, 1).across == "center"
    assert looks.heights[2] == 36


def test_a_sheet_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        sheet_looks(made(), "别的表", (1, 1), LIMITS)


def test_styles_without_end_are_too_much() -> None:
    from dataclasses import replace

    with pytest.raises(TooMuch):
        sheet_looks(made(), "表", (1, 1), replace(LIMITS, styles=1))
