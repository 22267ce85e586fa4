"""What Excel shows of a value: a table of cases, and properties over all numbers."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval_xl.grid import Cell
from perfeval_xl.numberformat import (
    BUILTIN_FORMATS,
    Shown,
    as_decimal,
    as_moment,
    is_date,
    is_duration,
    make_cell,
    shown,
)

ACCOUNTING = BUILTIN_FORMATS[43]

# value, format, text
TEXTS = [
    # General
    ("1234.5", "General", "1234.5"),
    ("1234.50", "", "1234.5"),
    ("0", "General", "0"),
    ("-0.25", "General", "-0.25"),
    ("0.000001", "General", "0.000001"),
    ("123456789012345", "General", "123456789012345"),
    ("1E+21", "General", "1E+21"),
    ("1.5E-12", "General", "1.5E-12"),
    ("3", "G/通用格式", "3"),
    ("3", 'G/通用格式"人"', "3人"),
    ("-3", '[Red]General"人"', "-3人"),
    ("5", "@", "5"),
    # plain numbers, rounded half up
    ("2.5", "0", "3"),
    ("-2.5", "0", "-3"),
    ("0.125", "0.00", "0.13"),
    ("1.005", "0.00", "1.01"),
    ("12", "0.00", "12.00"),
    ("-0.001", "0.00", "-0.00"),
    ("1234567.891", "#,##0.00", "1,234,567.89"),
    ("999.995", "#,##0.00", "1,000.00"),
    ("12", "#,##0", "12"),
    ("1234567", "#,###", "1,234,567"),
    ("1E+15", "#,##0", "1,000,000,000,000,000"),
    ("0.5", ".00", ".50"),
    ("12.5", ".00", "12.50"),
    ("0", "#", ""),
    ("0.5", "#.##", ".5"),
    ("12", "0.##", "12."),
    ("7", "000", "007"),
    ("1234", "0000,000", "0,001,234"),
    ("12345678", "000\\-0000", "1234-5678"),
    # percent
    ("1", "0%", "100%"),
    ("0.985", "0%", "99%"),
    ("0.98765", "0.00%", "98.77%"),
    ("-0.05", "0.0%", "-5.0%"),
    ("1.0909", "0.##%", "109.09%"),
    ("0.99", "0%;[Red]-0%", "99%"),
    # padding, colour, currency, literals
    ("12.345", "0.00_ ", "12.35"),
    ("1234.5", ACCOUNTING, "1,234.50"),
    ("-1234.5", ACCOUNTING, "-1,234.50"),
    ("0", ACCOUNTING, "-"),
    ("5", "[Red]0", "5"),
    ("5", "[$¥-804]#,##0.00", "¥5.00"),
    ("5", "[$-804]0.0", "5.0"),
    ("-5", '"¥"#,##0', "-¥5"),
    ("5", '0"人"', "5人"),
    ("5", '"≥"0', "≥5"),
    ("30", '"≤"0"天"', "≤30天"),
    ("2.25", '0.0"倍"', "2.3倍"),
    ("5", "0\\人", "5人"),
    ("5", "0人", "5人"),
    ("5", '"a;b"0', "a;b5"),
    # sections
    ("-5", "0;(0)", "(5)"),
    ("0", '0;-0;"零"', "零"),
    ("3", ";;;", ""),
    ("-3", '0;"负"0;0;@', "负3"),
    ("150", '[>=100]0"高";[<0]"负"0;0.0', "150高"),
    ("-3", '[>=100]0"高";[<0]"负"0;0.0', "负3"),
    ("50", '[>=100]0"高";[<0]"负"0;0.0', "50.0"),
    ("-1", "[=1]0;0.0", "-1.0"),
    # thousands and the Chinese 万元 trick
    ("12345678", "0.00,,", "12.35"),
    ("12345", "#,##0,", "12"),
    ("12345", "0!.0,", "1.2"),
    ("12345", "0\\.0,", "1.2"),
    # fractions and powers of ten
    ("0.75", "# ?/?", "3/4"),
    ("2.5", "# ?/?", "2 1/2"),
    ("2", "# ?/?", "2"),
    ("0.3333", "# ??/??", "1/3"),
    ("2.5", "?/?", "5/2"),
    ("0.5", "# ?/8", "4/8"),
    ("12345", "0.00E+00", "1.23E+04"),
    ("99999", "0.0E+0", "1.0E+5"),
    ("0.00012", "0.0E-0", "1.2E-4"),
    ("12345", "##0.0E+0", "12.3E+3"),
    ("0", "0.00E+00", "0.00E+00"),
    # dates
    ("45291", "yyyy/m/d", "2023/12/31"),
    ("45291", 'yyyy"年"m"月"d"日"', "2023年12月31日"),
    ("45291", "yyyy年mm月", "2023年12月"),
    ("45291", "[$-F800]dddd, mmmm dd, yyyy", "2023年12月31日"),
    ("45291", "yyyy/m/d;@", "2023/12/31"),
    ("45291", "yy-mm-dd", "23-12-31"),
    ("45291", "d-mmm-yy", "31-Dec-23"),
    ("45291", "aaaa", "星期日"),
    ("45291", "ddd", "Sun"),
    ("45291.354", "yyyy/m/d h:mm", "2023/12/31 8:29"),
    ("0.5", "h:mm", "12:00"),
    ("0.75", "h:mm AM/PM", "6:00 PM"),
    ("0.25", '上午/下午h"时"mm"分"', "上午6时00分"),
    ("1.5", "[h]:mm", "36:00"),
    ("0.5", "[mm]:ss", "720:00"),
    ("0.00001", "mm:ss.00", "00:00.86"),
    ("1", "yyyy/m/d", "1900/1/1"),
    ("-1", "yyyy/m/d", "-1"),
    ("9999999", "yyyy/m/d", "9999999"),
]


@pytest.mark.parametrize(("value", "number_format", "text"), TEXTS)
def test_text(value: str, number_format: str, text: str) -> None:
    assert shown(Decimal(value), number_format).text == text


@pytest.mark.parametrize(
    ("value", "number_format", "decimals", "percent"),
    [
        ("1", "General", None, False),
        ("1", "@", None, False),
        ("1", "0", 0, False),
        ("1", "0.00", 2, False),
        ("1", "#,##0.0_ ", 1, False),
        ("1", "0%", 0, True),
        ("1", "0.00%", 2, True),
        ("1", "0.##", 2, False),
        ("0", ACCOUNTING, 2, False),
        ("1", '0.0"%"', 1, False),
        ("1", "0.00,", None, False),
        ("1", "0.00E+00", None, False),
        ("1", "# ?/?", None, False),
        ("1", "yyyy/m/d", None, False),
        ("1", '"无"', None, False),
    ],
)
def test_declared_decimals(value: str, number_format: str, decimals: int | None, percent: bool) -> None:
    found = shown(Decimal(value), number_format)
    assert (found.decimals, found.percent) == (decimals, percent)


@pytest.mark.parametrize(
    ("number_format", "date", "duration"),
    [
        ("General", False, False),
        ("0.00", False, False),
        ("[Red]0", False, False),
        ('0"day"', False, False),
        ("0.00E+00", False, False),
        ("[DBNum1]0", False, False),
        ("[$-804]0", False, False),
        ("yyyy/m/d", True, False),
        ("[$-804]yyyy年m月", True, False),
        ("[DBNum1][$-804]yyyy年m月", True, False),
        ("h:mm", True, False),
        ("[h]:mm", True, True),
        ("[ss].00", True, True),
        *(
            (BUILTIN_FORMATS[number], True, number == 46)
            for number in (*range(14, 23), *range(27, 37), 46, 57, 58)
        ),
    ],
)
def test_dates_are_known_by_their_format(number_format: str, date: bool, duration: bool) -> None:
    assert (is_date(number_format), is_duration(number_format)) == (date, duration)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (207.36000000000001, "207.36"),
        (0.1 + 0.2, "0.3"),
        (100, "100"),
        (1e20, "100000000000000000000"),
        (123456789012345678, "123456789012346000"),
        (-0.0, "0"),
        (1e-320, "0"),
        (Decimal("1.10"), "1.1"),
    ],
)
def test_fifteen_digits(number: float, text: str) -> None:
    assert str(as_decimal(number)) == text


@pytest.mark.parametrize("number", [float("nan"), float("inf"), Decimal("1E+400"), Decimal("NaN")])
def test_no_number_excel_can_hold(number: float) -> None:
    with pytest.raises(ValueError, match="Excel"):
        as_decimal(number)


NUMBERS = st.decimals(
    min_value=Decimal("-1e12"), max_value=Decimal("1e12"), allow_nan=False, allow_infinity=False, places=6
).map(as_decimal)


@given(NUMBERS, st.integers(0, 6))
def test_fixed_decimals_parse_back_to_the_rounded_value(value: Decimal, decimals: int) -> None:
    number_format = "#,##0" + ("." + "0" * decimals if decimals else "")
    found = shown(value, number_format)
    expected = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert Decimal(found.text.replace(",", "")) == expected
    assert found.decimals == decimals


@given(NUMBERS)
def test_percent_parses_back(value: Decimal) -> None:
    found = shown(value, "0.00%")
    assert Decimal(found.text.removesuffix("%")) == (value * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)


@given(NUMBERS)
def test_general_says_the_whole_value(value: Decimal) -> None:
    assert Decimal(shown(value, "General").text) == value


@given(NUMBERS)
def test_the_usual_way_and_the_digit_by_digit_way_agree(value: Decimal) -> None:
    # A literal between the marks forces the general placement; taking it out again gives the usual text.
    assert shown(value, '#,##"|"0.00').text.replace("|", "") == shown(value, "#,##0.00").text


@given(NUMBERS, st.text('0#?.,;%@"\\[]_*/E+-ymdhsaAPG人 ;>=', max_size=20))
def test_any_format_shows_something_without_an_error(value: Decimal, number_format: str) -> None:
    assert isinstance(shown(value, number_format), Shown)
    make_cell(1, 1, "文字", number_format)


@given(
    st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(sorted(set(BUILTIN_FORMATS.values())))
)
def test_any_number_shows_under_any_builtin_format(value: float, number_format: str) -> None:
    make_cell(1, 1, value, number_format)


def test_hostile_formats() -> None:
    for number_format in (
        "0" * 10_000,
        "%" * 250 + "0",
        "0" + "," * 250,
        "0." + "0" * 250,
        "?" * 100 + "/" + "?" * 100,
    ):
        assert len(shown(Decimal("1e307"), number_format).text) < 2_000


@given(st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(9999, 12, 31)))
def test_serials_come_back_as_their_moment(moment: dt.datetime) -> None:
    moment = moment.replace(microsecond=0)
    serial = Decimal((moment - dt.datetime(1899, 12, 30)) // dt.timedelta(seconds=1)) / 86400
    found = as_moment(serial)
    assert found == (moment if moment.time() != dt.time() else moment.date())


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        (1, "0%", Cell(1, 2, Decimal(1), "100%", 0, True)),
        (0.5, None, Cell(1, 2, Decimal("0.5"), "0.5")),
        (True, "0", Cell(1, 2, True, "TRUE")),
        ("一\r\n二", None, Cell(1, 2, "一\n二", "一\n二")),
        ("职工", "0.00", Cell(1, 2, "职工", "职工")),
        ("职工", '0;0;0;"姓名："@', Cell(1, 2, "职工", "姓名：职工")),
        ("职工", '@"（章）"', Cell(1, 2, "职工", "职工（章）")),
        ("职工", ";;;", Cell(1, 2, "职工", "")),
        (dt.datetime(2023, 12, 31), "yyyy年m月", Cell(1, 2, dt.date(2023, 12, 31), "2023年12月")),
        (
            dt.datetime(2023, 12, 31, 8, 30),
            None,
            Cell(1, 2, dt.datetime(2023, 12, 31, 8, 30), "2023/12/31 8:30"),
        ),
        (dt.time(8, 30, 5), None, Cell(1, 2, dt.time(8, 30, 5), "8:30:05")),
        (dt.timedelta(hours=36), "[h]:mm", Cell(1, 2, dt.timedelta(hours=36), "36:00")),
        (dt.timedelta(hours=-1), None, Cell(1, 2, dt.timedelta(hours=-1), "-1:00:00")),
        (None, "0", Cell(1, 2, None, "")),
    ],
)
def test_cells(value: object, number_format: str | None, expected: Cell) -> None:
    assert make_cell(1, 2, value, number_format) == expected  # type: ignore[arg-type]


def test_error_and_formula_cells() -> None:
    assert make_cell(1, 1, "#DIV/0!", "0.00", "=1/0", True) == Cell(
        1, 1, "#DIV/0!", "#DIV/0!", formula="=1/0", error=True
    )
    assert make_cell(1, 1, None, "0.00", "=A2").uncached
