"""How long a 说明 holds: through every change of form, and not through one of a figure the finding rests on."""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from perfeval_xl.findings import Finding, Report
from perfeval_xl.grid import Book, Cell
from perfeval_xl.hosts import libreoffice
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.numberformat import make_cell
from perfeval_xl.runs.checking import check_book
from tests.support import TESTS, book_of, changed, read_yaml

POLICY = "national-2020"
BASE = read_yaml(TESTS / "rules" / "base.yaml")
ROW = "附件3-3 / 修复验收合格率"
#: Findings of several kinds: numbers, rates, words, a remark beside two figures, a sentence of the report.
NOTED = changed(
    BASE,
    {
        "附件2 / 读者满意度 / 年度指标值": "较高",
        "附件1 / 政府采购金额 / 2023年决算数": Decimal("75.25"),
        "附件1 / 公用经费 / 2023年决算数": Decimal("28.5"),
        "附件3-3 / D13": "职称评定数",
        "附件3-3 / E13": "≥300人",
        "附件3-3 / F13": "374人",
        "附件3-3 / D14": "职称评定通过率",
        "附件3-3 / I14": "通过270人",
        "附件3-4 / 举办活动 / 实际完成值": "30场",
        "附件3-1 / 年度资金总额 / 全年执行数": Decimal(40),
        "附件3-1 / 其中：当年财政拨款 / 全年执行数": Decimal(40),
        "附件3-1 / 年度资金总额 / 执行率": "80%",
        "附件3-1 / 年度资金总额 / 得分": 8,
        "附件3-1 / 总分 / 得分": 98,
        "附件1 / 1、业务工作经费 / 2023年决算数": Decimal(40),
        "附件1 / 项目支出： / 2023年决算数": 100,
    },
)
Edit = Callable[[Book], Book]


def report_of(book: Book, reasons: Mapping[str, str] | None = None) -> Report:
    return check_book(book, policy=POLICY, reasons=reasons)


def noted(book: Book) -> dict[str, Finding]:
    """Warnings and errors by their fingerprint."""
    return {one.fingerprint: one for one in report_of(book).findings if one.severity != "info"}


BEFORE = book_of(NOTED)


def each(change: Callable[[Cell], Cell], *sheets: str) -> Edit:
    """Every cell of some sheets, of all where none is named."""

    def edit(book: Book) -> Book:
        grids = [
            grid if sheets and grid.sheet not in sheets
            else dataclasses.replace(grid, cells={key: change(cell) for key, cell in grid.cells.items()})
            for grid in book.grids
        ]  # fmt: skip
        return Book.of(book.name, grids)

    return edit


def formatted(number_format: str) -> Callable[[Cell], Cell]:
    return lambda cell: (
        make_cell(cell.row, cell.column, cell.value, number_format)
        if isinstance(cell.value, Decimal)
        else cell
    )


def in_words(change: Callable[[str], str]) -> Callable[[Cell], Cell]:
    return lambda cell: (
        make_cell(cell.row, cell.column, change(cell.value), "General")
        if isinstance(cell.value, str)
        else cell
    )


def as_text(cell: Cell) -> Cell:
    return make_cell(cell.row, cell.column, cell.text, "@") if isinstance(cell.value, Decimal) else cell


def lowered(rows: int) -> Edit:
    def edit(book: Book) -> Book:
        return Book.of(
            book.name,
            (
                dataclasses.replace(
                    grid,
                    cells={
                        (row + rows, column): cell._replace(row=row + rows)
                        for (row, column), cell in grid.cells.items()
                    },
                )
                for grid in book.grids
            ),
        )

    return edit


def turned(book: Book) -> Book:
    return Book.of(book.name, tuple(reversed(book.grids)))


def renamed(book: Book) -> Book:
    names = {
        grid.sheet: f"表{index}" for index, grid in enumerate(book.grids) if grid.sheet.startswith("附件3")
    }
    return Book.of(
        book.name, (dataclasses.replace(grid, sheet=names.get(grid.sheet, grid.sheet)) for grid in book.grids)
    )


def wide(text: str) -> str:
    return text.translate({code: code + 0xFEE0 for code in map(ord, "0123456789%()")})


def edited(changes: Mapping[str, Any]) -> Edit:
    return lambda _: book_of(changed(NOTED, changes))


SHEETS = ("附件1", "附件2", "附件3-1", "附件3-3", "附件3-4")
SAME: dict[str, Edit] = {
    **{f"格式 {one}": each(formatted(one)) for one in ("0.00", "0.000", "#,##0.00", "#,##0.0000", "0.0000", "0.00_ ", "0.00;[Red]-0.00")},
    **{f"{sheet} 两位小数": each(formatted("0.00"), sheet) for sheet in SHEETS},
    **{f"{sheet} 数字按文本": each(as_text, sheet) for sheet in SHEETS},
    **{f"{sheet} 前后空格": each(in_words(lambda text: f" {text}\u3000"), sheet) for sheet in SHEETS},
    **{f"{sheet} 全角数字": each(in_words(wide), sheet) for sheet in SHEETS},
    **{f"下移 {rows} 行": lowered(rows) for rows in (1, 2, 5)},
    "单元格内换行": each(in_words(lambda text: text.replace("（", "\n（"))),
    "表的次序": turned,
    "数字按文本，再加空格": lambda book: each(in_words(lambda text: f"{text} "))(each(as_text)(book)),
    "写成 374.00 人": edited({"附件3-3 / F13": "374.00 人"}),
    "写成 ￥75.25": edited({"附件1 / 政府采购金额 / 2023年决算数": "￥75.25"}),
    "备注换了说法": edited({"附件3-3 / I14": "本年通过270人，其余明年再报。"}),
    "别的指标": edited({"附件2 / 办证数 / 实际完成值": "1101个"}),
    "别的金额": edited({"附件1 / 2、运行维护经费 / 2022年决算数": 21, "附件1 / 项目支出： / 2022年决算数": 91}),
    "目标的说法": edited({"附件3-3 / B10": "修复馆藏古籍，评定职称。"}),
    "保障措施的说法": edited({"附件1 / B26": "控制水电费用。"}),
}  # fmt: skip


def test_there_are_findings_of_many_kinds() -> None:
    found = {one.rule for one in noted(BEFORE).values()}
    assert found >= {"PE407", "PE209", "PE208", "PE405", "PE412", "PE211"}
    assert len(SAME) >= 40


@pytest.mark.parametrize("edit", SAME.values(), ids=SAME)
def test_it_holds_while_the_figures_are_the_same(edit: Edit) -> None:
    reasons = dict.fromkeys(noted(BEFORE), "因")
    after = [one for one in report_of(edit(BEFORE), reasons).findings if one.severity != "info"]
    kept = {one.fingerprint for one in after if one.accepted == "因"}
    assert kept == set(reasons), [str(one.place) for one in after if one.accepted is None]


OTHER: dict[str, tuple[str, dict[str, Any]]] = {
    "采购决算": ("PE209", {"附件1 / 政府采购金额 / 2023年决算数": Decimal("75.26")}),
    "采购预算": ("PE209", {"附件1 / 政府采购金额 / 2023年预算数": Decimal(71)}),
    "公用决算": ("PE208", {"附件1 / 公用经费 / 2023年决算数": Decimal("28.51")}),
    "公用预算": ("PE208", {"附件1 / 公用经费 / 2023年预算数": Decimal("28.1")}),
    "公用决算按文本": ("PE208", {"附件1 / 公用经费 / 2023年决算数": "28.6"}),
    "执行数": ("PE211", {"附件3-1 / 年度资金总额 / 全年执行数": Decimal("40.1")}),
    "预算数": ("PE211", {"附件3-1 / 年度资金总额 / 全年预算数": Decimal("51")}),
    "完成值": ("PE405", {"附件3-4 / 举办活动 / 实际完成值": "31场"}),
    "指标值": ("PE405", {"附件3-4 / 举办活动 / 年度指标值": "≥11场"}),
    "指标值的符号": ("PE405", {"附件3-4 / 举办活动 / 年度指标值": "12场"}),
    "得分": ("PE405", {"附件3-4 / 举办活动 / 得分": 30.0, "附件3-4 / 举办活动 / 分值": 29, "附件3-4 / 举办活动 / 实际完成值": "40场"}),
    "备注的人数": ("PE412", {"附件3-3 / I14": "通过271人"}),
    "备注少一位": ("PE412", {"附件3-3 / I14": "通过27人"}),
    "总数": ("PE412", {"附件3-3 / F13": "375人"}),
    "通过率": ("PE412", {"附件3-3 / F14": "99%"}),
    "通过率的指标值": ("PE412", {"附件3-3 / E14": "99%"}),
    "满意度": ("PE407", {"附件2 / 读者满意度 / 实际完成值": "97%"}),
    "满意度小数": ("PE407", {"附件2 / 读者满意度 / 实际完成值": "98.5%"}),
    "满意度的说法": ("PE407", {"附件2 / 读者满意度 / 年度指标值": "很高"}),
    "满意度得分": ("PE407", {"附件2 / 读者满意度 / 自评得分": 9}),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "changes"), OTHER.values(), ids=OTHER)
def test_it_lapses_with_a_figure_it_rests_on(rule: str, changes: Mapping[str, Any]) -> None:
    assert len(OTHER) >= 20
    old = [one for one in noted(BEFORE).values() if one.rule == rule]
    reasons = {one.fingerprint: "因" for one in old}
    after = [
        one for one in report_of(edited(changes)(BEFORE), reasons).findings
        if one.rule == rule and one.place in {known.place for known in old}
    ]  # fmt: skip
    assert [one.accepted for one in after] in ([None], [])


def test_a_reason_given_under_the_former_fingerprint_holds() -> None:
    before = report_of(BEFORE).findings
    assert all(one.former for one in before)
    assert any(one.former != one.fingerprint for one in before)
    after = report_of(BEFORE, {one.former: "旧的说明" for one in before}).findings
    assert {one.accepted for one in after} == {"旧的说明"}
    assert [one.fingerprint for one in after] == [one.fingerprint for one in before]


@pytest.mark.skipif(libreoffice.program() is None, reason="LibreOffice (soffice) is not installed")
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_it_holds_through_an_office(kind: str, tmp_path: Path) -> None:
    source, folder = tmp_path / "甲.xlsx", tmp_path / "出"
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in NOTED.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append([float(cell) if isinstance(cell, Decimal) else cell for cell in row])
        for row in page.iter_rows():
            for cell in row:
                cell.number_format = "0.00" if isinstance(cell.value, float) else "General"
    book.save(source)
    program = libreoffice.program()
    assert program is not None
    profile = (tmp_path / "profile").as_uri()
    subprocess.run(
        [program, f"-env:UserInstallation={profile}", "--headless", "--convert-to", kind, "--outdir", str(folder), str(source)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    before = noted(read_book(source))
    after = noted(read_book(folder / f"甲.{kind}"))
    assert set(after) == set(before)
