"""`perfeval-xl new`: a copy of the template for one unit and year, empty or with what last year's file says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from perfeval_xl.errors import CarryError, YearUnknown
from perfeval_xl.forms import particulars, read_forms
from perfeval_xl.forms.next_year import NextYear, next_year, year_of
from perfeval_xl.grid import Book
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.package import log_sheet
from perfeval_xl.hosts.package.log_sheet import Log
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.hosts.template.filling import fill_in
from perfeval_xl.hosts.template.template import Template, shipped
from perfeval_xl.own_sheets import CARRIED_SHEET, GUIDE_SHEET, is_own_sheet
from perfeval_xl.records import dataclass, replace

SUFFIXES = (".xlsm", ".xlsx")
#: What 填报说明 of last year's file says that holds for this year too.
_LASTING = ("PE_POLICY", "PE_FORMS", "PE_PERSON", "PE_PHONE")
RECORD = Log(
    CARRIED_SHEET,
    "从上年的文件沿用了什么、哪些要您核对、哪些没有沿用，都列在这里。逐条核对完可以删去这张表。",
    (("序号", 6), ("处理", 12), ("内容", 120)),
)
CARRIED, WAITING, LEFT = "已沿用", "● 请核对", "▲ 没有沿用"


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """A new year's workbook. Lines a clerk reads: what was ``carried``, what is ``waiting`` for them, what was ``left``."""

    data: bytes
    unit: str
    year: int
    carried: tuple[str, ...]
    waiting: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def record(self) -> tuple[tuple[str, str], ...]:
        """All lines, each with what is said of it."""
        return (
            *((WAITING, line) for line in self.waiting),
            *((LEFT, line) for line in self.left),
            *((CARRIED, line) for line in self.carried),
        )


def new_workbook(suffix: str, *, unit: str = "", year: int | None = None, policy: str | None = None) -> bytes:
    """The template with unit, year and policy filled in; all titles and headings say so already.

    ``suffix`` is ``.xlsm`` or ``.xlsx`` (without macros). Raises ``TemplateError`` where the template is missing.
    """
    template = Template(shipped(suffix))
    if unit:
        template.set_name("PE_UNIT", unit)
    if year is not None:
        template.set_name("PE_YEAR", year)
    if policy is not None:
        template.set_name("PE_POLICY", policy)
    template.recalculate()
    return template.to_bytes()


def from_last_year(
    path: Path,
    suffix: str,
    *,
    unit: str = "",
    year: int | None = None,
    policy: str | None = None,
    limits: Limits = LIMITS,
) -> CarriedOver:
    """A new year's workbook from last year's file of any readable kind; ``year`` is by default the one after it.

    CarryError where the file holds no form; YearUnknown where it does not say its year and none is given; Unreadable as
    ``check``.
    """
    book = read_book(path, None, limits)
    forms = read_forms(Book.of(book.name, [grid for grid in book.grids if not is_own_sheet(grid)]), limits)
    if forms.beyond is not None:
        raise CarryError(f"{path.name}：没有沿用任何内容：{forms.beyond}")
    if not (forms.basic or forms.overall or forms.projects):
        raise CarryError(f"{path.name}：没有找到上年的基础数据表或绩效自评表，没有可以沿用的内容")
    last = year_of(forms) or (year - 1 if year is not None else None)
    if last is None:
        raise YearUnknown(f"{path.name}：看不出是哪一年的，请写明今年的年度（--year）")
    now = last + 1 if year is None else year
    if now <= last:
        raise CarryError(f"{path.name} 是{last}年度的，新表的年度应在它之后，不是{now}")
    rolled = next_year(forms, last, now, unit)
    template = Template(shipped(suffix))
    given = {name: value for name, value in particulars(book).items() if name in _LASTING and value.filled}
    filler = fill_in(template, rolled.forms, given, {})
    if policy is not None:
        template.set_name("PE_POLICY", policy)
        template.recalculate()
    named = str(template.named("PE_UNIT") or "")
    told = _told(rolled, last, now, named)
    done = CarriedOver(b"", named, now, rolled.carried, (*told, *filler.notes), (*book.notes, *rolled.left))
    rows = [(str(ordinal), *line) for ordinal, line in enumerate(done.record, 1)]
    log_sheet.append(template.workbook, RECORD, rows, len(rows))
    return replace(done, data=template.to_bytes())


def _told(rolled: NextYear, last: int, now: int, unit: str) -> Iterator[str]:
    """What waits for the clerk, that of the whole workbook first."""
    if not unit:
        yield f"{GUIDE_SHEET}：上年的文件没有写预算单位名称，请填"
    yield f"{GUIDE_SHEET}：填报日期空着，请填；填表人、联系电话照上年，有变化的请改"
    if now > last + 1:
        yield f"上年的文件是{last}年度的，新表是{now}年度的，中间隔了{now - last}年：附件1的上年决算数是{last}年的，请改"
    yield from rolled.waiting
