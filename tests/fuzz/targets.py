"""What is fuzzed: for each room a function of bytes, good inputs to start from, and how an input is changed.

A target returns what became of its input, in a word. What it raises is a fault of ours: also where a rule or a reader of forms
tripped and only the one form was lost. ``run`` holds it to a bound of processor time.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from perfeval_xl.errors import NoMarks, PackageError, PerfevalError, Unreadable
from perfeval_xl.findings import Report, to_json
from perfeval_xl.formulas import FormulaError, parse, walk
from perfeval_xl.grid import Book, Grid
from perfeval_xl.hosts import libreoffice
from perfeval_xl.hosts.bounding import bounded_time
from perfeval_xl.hosts.corrections.cells import undo
from perfeval_xl.hosts.limits import LIMITS
from perfeval_xl.hosts.marks import word
from perfeval_xl.hosts.marks.workbook import highlight, unmark
from perfeval_xl.hosts.package.sheets import Stored
from perfeval_xl.hosts.reading.loading import read_source
from perfeval_xl.hosts.template.evaluating import CellError, Evaluator, Unknown
from perfeval_xl.policy import load_policy
from perfeval_xl.prose import assertions, read, told
from perfeval_xl.report.html import to_html
from perfeval_xl.runs import accepted
from perfeval_xl.runs.checking import check, check_book
from perfeval_xl.runs.opening import Source
from perfeval_xl.targets import judge
from tests.support import TESTS, grid_of, read_yaml

from . import breaking

#: So much processor time one input may take before it counts as a hang.
SECONDS = 10

Change = Callable[[bytes, int, int], bytes]


@dataclass(frozen=True, slots=True)
class Target:
    """``seeds`` are good inputs; ``change`` makes another input of one (its bytes, the most there may be, a seed), bytes at
    random where it is None."""

    work: Callable[[bytes], str]
    seeds: Callable[[], Iterable[bytes]]
    change: Change | None = None
    most: int = 4_000


def run(target: Target, data: bytes) -> str:
    """What becomes of an input; Exhausted where that takes too long."""
    with bounded_time(LIMITS.changed([f"cpu_seconds={SECONDS}"])), _nothing_swallowed():
        return target.work(data)


@contextlib.contextmanager
def _nothing_swallowed() -> Iterator[None]:
    """Raise what one rule or one form's reader tripped over, although the rest went on."""
    swallowed: list[BaseException] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info and record.exc_info[1] is not None:
                swallowed.append(record.exc_info[1])

    keeper, logs = Keeper(), [logging.getLogger(f"perfeval_xl.{name}") for name in ("rules.engine", "forms")]
    levels = [log.level for log in logs]
    for log in logs:
        log.addHandler(keeper)
        log.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.removeHandler(keeper)
            log.setLevel(level)
    if swallowed:
        raise swallowed[0]


# --- files ---------------------------------------------------------------------------------------------------------


def workbook(data: bytes) -> str:
    """ "refused", "read", or "marked": then what is unmarked is the file again, byte for byte."""
    try:
        report = _checked(data, "自评表.xlsx")
        undo(data, Book.of("自评表.xlsx", report.grids))
    except Unreadable as error:
        return one_line("refused", error)
    except PerfevalError as error:
        one_line("read", error)
    try:
        marked = highlight(data, report).data
    except PackageError as error:
        return one_line("read", error)
    if expected := _without_marks(data):
        plain = unmark(marked)
        # A record that does not show the same as the copy in every way is not believed: the marks come off all the same.
        assert plain.data == expected or not plain.exact, "unmarking does not give back what was marked"
    return "marked"


def document(data: bytes) -> str:
    """As ``workbook``, for Word: marks do not come off."""
    try:
        report = _checked(data, "自评报告.docx")
        return "marked" if word.highlight(data, report).data else "read"
    except Unreadable as error:
        return one_line("refused", error)
    except PackageError as error:
        return one_line("read", error)


def old_workbook(data: bytes) -> str:
    """.xls, .xlsb and .ods, values only: without LibreOffice."""
    try:
        return f"{len(read_source(Source('自评表.xls', data, 'other')).grids)} sheets"
    except Unreadable as error:
        return one_line("refused", error)


def _checked(data: bytes, name: str) -> Report:
    report = check(data, name=name)
    to_html(report), to_json(report)
    return report


def one_line(what: str, error: Exception) -> str:
    """``what``, if the error is fit to be shown."""
    assert "\n" not in str(error), f"more than one line: {error}"
    return what


def _without_marks(data: bytes) -> bytes | None:
    """What a file is without marks; None for a marked copy that was broken since, of which only the rest is kept."""
    try:
        before = unmark(data)
    except NoMarks:
        return data
    except PackageError:
        return None
    return before.data if before.exact else None


# --- texts ---------------------------------------------------------------------------------------------------------

#: How a workbook is written as text: sheets, rows, cells.
_SHEET, _ROW, _CELL = "\f", "\n", "\t"


def forms(data: bytes) -> str:
    """The sheets that a text stands for, checked."""
    grids: list[Grid] = []
    for number, sheet in enumerate(_text(data).split(_SHEET)):
        name, *rows = sheet.split(_ROW)
        grids.append(
            grid_of(f"{name}{number}", [[_typed(cell) for cell in row.split(_CELL)] for row in rows])
        )
    return check_book(Book.of("自评表.xlsx", grids)).verdict


def _typed(text: str) -> str | float | None:
    with contextlib.suppress(ValueError):
        return float(text) if text.isascii() and text.strip("0123456789.-") == "" else (text or None)
    return text


def _as_text(sheets: dict[str, list[list[object]]]) -> bytes:
    pages = [
        _ROW.join(
            [
                name,
                *(
                    _CELL.join("" if cell is None else str(cell).replace(_ROW, "") for cell in row)
                    for row in rows
                ),
            ]
        )
        for name, rows in sheets.items()
    ]
    return _SHEET.join(pages).encode()


def prose(data: bytes) -> str:
    """A report's paragraphs: their figures and what they say of each other."""
    paragraphs = [read(line) for line in _text(data).split("\n")]
    found = assertions(paragraphs)
    figures = [paragraph.figures for paragraph in paragraphs]
    return f"{sum(told(one, figures) is not None for one in found)} of {len(found)}"


def judgement(data: bytes) -> str:
    """Target, actual value, name and 二级指标 of an indicator, a line each."""
    target, actual, name, group, *_ = (*_text(data).split("\n"), "", "", "", "")
    return judge(target, actual, indicator=name, group=group, weight=Decimal(2)).outcome


def formula(data: bytes) -> str:
    """A formula is parsed, and worked out on a small sheet."""
    try:
        tree = parse(_text(data))
    except FormulaError:
        return "none"
    sum(1 for _ in walk(tree))
    cells = {
        (1, 1): Stored(value=2.5),
        (1, 2): Stored(value="甲"),
        (2, 1): Stored(formula=_text(data).removeprefix("=")),
    }
    try:
        return type(Evaluator({"附件1": cells}, {"PE_YEAR": "附件1!$A$1"}).value("附件1", 2, 1)).__name__
    except (CellError, Unknown) as error:
        return type(error).__name__


def settings(data: bytes) -> str:
    """A policy, and a file of accepted findings."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "its.toml"
        path.write_bytes(data)
        said = []
        for load in (lambda: load_policy(str(path)), lambda: accepted.load(path)):
            try:
                load()
                said.append("good")
            except PerfevalError as error:
                said.append(one_line("refused", error))
        return ", ".join(said)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


# --- good inputs ---------------------------------------------------------------------------------------------------


def _base() -> Iterator[bytes]:
    sheets = read_yaml(TESTS / "rules/base.yaml")
    yield _as_text(sheets)
    for name, rows in sheets.items():
        yield _as_text({name: rows})


def _passages() -> Iterator[bytes]:
    for rows in read_yaml(TESTS / "rules/base.yaml").values():
        yield "\n".join(
            str(cell) for row in rows for cell in row if isinstance(cell, str) and len(cell) > 12
        ).encode()
    yield "全年支出107.96万元，其中人员经费50万元、公用经费57.96万元，较2022年增加7.96万元，增长7.96%。".encode()
    yield "完成率98.5%（计划200场，实际197场）；约三分之二，百分之十二，〔2020〕10号，1,234,567.89元。".encode()


def _judgements() -> Iterator[bytes]:
    for target, actual in (
        ("≥100人", "374人"), ("≤30天", "100%"), ("2023年12月底前", "2023年11月"), ("1/3以上", "三分之一"),
        ("定性：优", "良"), ("90%-95%", "92％"), ("≥12万元", "1.2亿元"), ("100人、20场", "90人、25场"),
    ):  # fmt: skip
        yield f"{target}\n{actual}\n培训人数\n数量指标".encode()


def _formulas() -> Iterator[bytes]:
    for text in (
        "=SUM(A1:B2)", '=IF(A1>0,ROUND(A1/B1,4),"")', "='附 件'!$A$1&\"元\"", "={1,2;3,4}", "=IFERROR(A1%,-2^3)",
        '=TEXT(A1,"0.00%")', "=SUMPRODUCT((A1:A2=1)*B1:B2)", "=PE_YEAR", "=MID(B1,1,2)",
    ):  # fmt: skip
        yield text.encode()


def _settings() -> Iterator[bytes]:
    yield b'id = "its"\ntitle = "T"\ninherits = "national-2020"\n[severity]\nPE101 = "info"\n[grade]\n'
    yield '[[accepted]]\nfingerprint = "0123456789abcdef"\nreason = "已核实"\n'.encode()
    yield b'id = "its"\ntitle = "T"\ninherits = "national-2020"\n[execution]\nfloor = 80\n[overshoot]\nratio = 150\nmode = "deduct"\n'


def _old() -> Iterator[bytes]:
    """What calamine reads: .xlsx always, true .xls and .ods where there is a LibreOffice to write them."""
    yield from breaking.sources()[1:3]
    if libreoffice.program() is not None:
        for suffix in ("xls", "ods"):
            yield libreoffice.convert(breaking.sources()[2], ".xlsx", suffix, LIMITS)


TARGETS: dict[str, Target] = {
    "workbook": Target(workbook, breaking.sources, breaking.broken_more, 200_000),
    "document": Target(document, breaking.documents, breaking.broken_more, 200_000),
    "old": Target(old_workbook, _old, breaking.broken_more, 100_000),
    "forms": Target(forms, _base, None, 40_000),
    "prose": Target(prose, _passages),
    "judgement": Target(judgement, _judgements, None, 400),
    "formula": Target(formula, _formulas, None, 600),
    "settings": Target(settings, _settings),
}
#: Where the inputs are kept that once brought out a fault: a folder a target.
SEEDS = Path(__file__).parent / "seeds"


def kept(name: str) -> list[Path]:
    """The kept inputs of a target."""
    return sorted(path for path in (SEEDS / name).glob("*") if path.is_file())
