"""Values on their way between xlwings' user and Calc."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("xlwings")

from perfeval_xl.calc_engine import values


@given(
    st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(9999, 12, 31)).map(lambda m: m.replace(microsecond=0))
)
def test_a_moment_and_its_serial_number(moment: dt.datetime) -> None:
    assert values.moment(values.serial(moment)) == moment


def test_no_moment_stays_a_number() -> None:
    assert values.moment(1e12) == 1e12


def test_read_values_are_cleaned() -> None:
    raw = [[1.5, "", -2146826281, True, dt.datetime(2023, 5, 1), None]]
    clean = values.clean_read(raw, dt.datetime, None, None, True)
    assert clean == [[1.5, None, "#DIV/0!", True, dt.datetime(2023, 5, 1), None]]
    assert values.clean_read([[2.0, -2146826246]], dt.datetime, None, int, False) == [[2, None]]


@pytest.mark.parametrize(
    ("given_value", "stored"),
    [
        (None, ""),
        (math.nan, ""),
        (3, 3.0),
        (Decimal("0.1"), 0.1),
        (True, True),
        ("≥100人", "≥100人"),
        (dt.date(2023, 5, 1), dt.datetime(2023, 5, 1)),
    ],
)
def test_written_values_are_prepared(given_value: object, stored: object) -> None:
    prepared = values.prepare(given_value)
    assert prepared == stored
    assert type(prepared) is type(stored)


def test_missing_values_of_pandas_and_numpy() -> None:
    numpy, pandas = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    for missing in (numpy.nan, pandas.NA, pandas.NaT):
        assert values.prepare(missing) == ""
    assert values.prepare(numpy.int64(7)) == 7.0
    assert values.prepare(numpy.datetime64("2023-05-01")) == dt.datetime(2023, 5, 1)


def test_date_formats_are_written_small() -> None:
    assert values.excel_format('YYYY"YEAR"MM/DD HH:MM AM/PM', values.DATE) == 'yyyy"YEAR"mm/dd hh:mm AM/PM'
    assert values.excel_format("[HH]:MM", values.TIME) == "[hh]:mm"
    assert values.excel_format("#,##0.00", 16) == "#,##0.00"
