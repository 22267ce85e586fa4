"""Judges a whole CSV table of indicators, row by row, in memory that does not grow with the table."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from pathlib import Path

from perfeval_xl.errors import CsvError
from perfeval_xl.files import reading, why_unread
from perfeval_xl.policy import Policy
from perfeval_xl.records import dataclass
from perfeval_xl.targets import judge
from perfeval_xl.text import clean, inert, plain, read_number

RESULTS = ("outcome", "ratio", "due", "explain")
#: Column names that are understood, English and Chinese.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "target": ("target", "年度指标值", "指标值", "目标值"),
    "actual": ("actual", "实际完成值", "完成值"),
    "indicator": ("indicator", "三级指标", "指标名称"),
    "group": ("group", "二级指标"),
    "weight": ("weight", "分值", "权重"),
}
_CHUNK = 1 << 20


Write = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class _Sink:
    """What csv.writer wants: something with a write."""

    write: Write


def encoding_of(path: Path) -> str:
    """UTF-8 (with or without BOM) where the whole file is that, else GB18030."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with reading(path) as stream:
        try:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8-sig"


def judge_file(path: Path, write: Write, policy: Policy) -> int:
    """Judge the table in a file and write it, with the results behind its own columns; the number of rows. CsvError for
    what cannot be read; what ``write`` raises passes through."""
    try:
        encoding, source = encoding_of(path), reading(path)
    except OSError as error:
        raise CsvError(f"{path}：读不了CSV文件（{why_unread(error)}）") from None
    with io.TextIOWrapper(source, encoding, errors="replace", newline="") as stream:
        try:
            return judge_table(stream, write, policy, path.name)
        except csv.Error as error:
            raise CsvError(f"{path}：不是正确的CSV文件（{error}）") from None


def judge_table(lines: Iterable[str], write: Write, policy: Policy, name: str) -> int:
    """Judge the rows of a CSV text; their number. CsvError where it has no header that names a target and an actual
    value, or no row."""
    reader = csv.reader(lines)
    header = next(reader, None)
    if not header:
        raise CsvError(f"{name}：文件是空的")
    places = {role: _place(header, names) for role, names in COLUMNS.items()}
    missing = [role for role in ("target", "actual") if places[role] is None]
    if missing:
        raise CsvError(f"{name}：第一行没有 {'、'.join(missing)} 列（也可以写年度指标值、实际完成值）")
    writer = csv.writer(_Sink(write), lineterminator="\n")
    count = 0
    for row in filter(None, reader):
        if not count:
            writer.writerow([*map(inert, header), *RESULTS])
        row += [""] * (len(header) - len(row))
        writer.writerow([*map(inert, row), *_results(row, places, policy)])
        count += 1
    if not count:
        raise CsvError(f"{name}：只有表头，没有要判断的行")
    return count


def _place(header: Iterable[str], names: tuple[str, ...]) -> int | None:
    return next((index for index, text in enumerate(header) if clean(text).lower() in names), None)


def _results(row: list[str], places: Mapping[str, int | None], policy: Policy) -> Iterator[str]:
    cell = {role: row[place] if place is not None else "" for role, place in places.items()}
    weight = _weight(cell["weight"])
    judgement = judge(
        cell["target"],
        cell["actual"],
        indicator=cell["indicator"],
        group=cell["group"],
        weight=weight,
        policy=policy,
    )
    yield judgement.outcome
    for figure in (judgement.ratio, judgement.due):
        yield "" if figure is None else _figure(figure)
    unweighed = weight is None and cell["weight"].strip()
    yield inert(judgement.explain) + (
        f"（分值“{cell['weight'].strip()}”不能用，没有算得分）" if unweighed else ""
    )


def _weight(text: str) -> Decimal | None:
    number = read_number(text)
    return number.value if number is not None and number.value >= 0 else None


def _figure(figure: Decimal) -> str:
    """Four decimals at most, no exponent."""
    with suppress(InvalidOperation):  # a figure too large for so many decimals is shown as it is
        figure = figure.quantize(Decimal("0.0001"))
    return plain(figure)
