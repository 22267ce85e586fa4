"""Workbooks made from the template: their formulas come back, what depends on them is right, live as in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from perfeval_xl import recalc, undo
from perfeval_xl.correct.formulas import NotUnderstood
from perfeval_xl.forms import read_forms
from perfeval_xl.grid import Book, Cell, Place
from perfeval_xl.hosts.corrections.log import read_log
from perfeval_xl.hosts.package.workbook import Workbook
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.hosts.template import formulas as template_formulas
from perfeval_xl.hosts.template.filling import fill
from perfeval_xl.hosts.template.template import Template, shipped
from perfeval_xl.own_sheets import CORRECTIONS_SHEET, OWN_SHEETS
from perfeval_xl.runs.checking import check
from tests.support import ROOT

CLEAN = ROOT / "workbook" / "example" / "clean-2023.xlsx"
#: Computed cells with what a clerk typed over them, and the cell of 附件3-2 that follows.
TYPED = {("附件1", 5, 6): 0.5, ("附件1", 7, 6): 361.71, ("附件3-2", 6, 8): 0.5, ("附件3-2", 6, 9): 5.0}
FOLLOWS = ("附件3-2", 31, 8)


def typed_over(path: Path, insert: int = 0) -> tuple[Path, dict[Place, str | None]]:
    """A filled template with values typed over formulas, and those formulas; rows inserted above 附件1 上级转移支付."""
    template = Template(shipped(path.suffix))
    assert fill(template, read_forms(read_book(CLEAN))) == ()
    part = template.parts["附件1"]
    below = next(row for row, text in part.texts(1).items() if text.startswith("4、"))
    template.insert_rows("附件1", below - 1, insert)
    if insert:
        TOTALS[path] = below - 1
    template.recalculate()
    formulas: dict[Place, str | None] = {}
    for (sheet, row, column), value in TYPED.items():
        stored = template.parts[sheet].stored()[row, column]
        formulas[Place(sheet, row, column)] = f"={stored.formula}"
        template.parts[sheet].set(row, column, value)
    template.recalculate()
    path.write_bytes(template.to_bytes())
    return path, formulas


TOTALS: dict[Path, int] = {}


def cells(book: Book) -> dict[Place, Cell]:
    return {
        Place(grid.sheet, *key): cell
        for grid in book.grids if grid.sheet not in OWN_SHEETS for key, cell in grid.cells.items()
    }  # fmt: skip


def errors(path: Path) -> list[str]:
    return [f"{one.place} {one.title}" for one in check(path).findings if one.severity == "error"]


def wrong_caches(path: Path) -> list[tuple[str, int, int]]:
    """Formula cells of forms that are not stored with what they give; checksums are reckoned when asked for."""
    template = Template(path)
    evaluator = template.evaluator()
    return [
        (name, *place)
        for name, part in template.parts.items() if name not in OWN_SHEETS
        for place, stored in part.stored().items()
        if stored.formula and place[0] > 1 and evaluator.value(name, *place) != (stored.value or "")
        and evaluator.value(name, *place) != stored.value
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", [".xlsx", ".xlsm"])
def test_formulas_come_back_and_what_depends_on_them_is_right(tmp_path: Path, suffix: str) -> None:
    source, formulas = typed_over(tmp_path / f"有错{suffix}")
    out, back = tmp_path / f"出{suffix}", tmp_path / f"回{suffix}"
    assert len(errors(source)) >= 2
    done = recalc(source, out)
    assert done.notes == ()
    assert {change.place: change.formula for change in done.changes if not change.follows} == formulas
    assert {change.place for change in done.changes if change.follows} == {Place(*FOLLOWS)}
    assert errors(out) == []
    assert wrong_caches(out) == []
    assert not recalc(out).changes
    assert not undo(out, back).notes
    assert cells(read_book(back)) == cells(read_book(source))


@pytest.mark.parametrize("suffix", [".xlsx", ".xlsm"])
def test_the_log_stands_in_the_templates_own_sheet(tmp_path: Path, suffix: str) -> None:
    source, formulas = typed_over(tmp_path / f"有错{suffix}")
    out = tmp_path / f"出{suffix}"
    recalc(source, out)
    sheets = [sheet.name for sheet in Workbook(Package.open(source)).sheets]
    assert [sheet.name for sheet in Workbook(Package.open(out)).sheets] == sheets
    assert {entry.place for entry in read_log(read_book(out))} == {*formulas, Place(*FOLLOWS)}
    part = Template(out).parts[CORRECTIONS_SHEET]
    assert b"tabColor" in Package.open(out).read(part.part)
    assert (b'codeName="PELog"' in Package.open(out).read(part.part)) == (suffix == ".xlsm")


def test_a_formula_that_moved_comes_back_where_it_is_now(tmp_path: Path) -> None:
    source, formulas = typed_over(tmp_path / "插行.xlsx", 2)
    book = read_book(source)
    found = template_formulas.known(book, lambda: Workbook(Package.open(source)).own_names)
    assert found is not None
    actual = {
        place: cell.formula
        for place, cell in cells(book).items()
        if cell.formula and place.row > 1 and place.sheet.startswith("附件")
    }
    told = {place: found.formulas.get(place) for place in actual}
    missing = {place.sheet for place, formula in told.items() if formula is None}
    assert {place: actual[place] for place, formula in told.items() if formula} == {
        place: formula for place, formula in told.items() if formula
    }
    assert sum(1 for formula in told.values() if formula) >= 0.95 * len(actual), missing
    assert any(place.row > TOTALS[source] for place, formula in told.items() if formula)
    assert {place: found.formulas[place] for place in formulas} == formulas


def test_only_the_templates_own_wording_is_evaluated(tmp_path: Path) -> None:
    source, _ = typed_over(tmp_path / "有错.xlsx")
    book = read_book(source)
    found = template_formulas.known(book, lambda: Workbook(Package.open(source)).own_names)
    assert found is not None
    reckon = found.language.reckon
    assert reckon('=IF(PE_UNIT="","",PE_UNIT)', "附件1", book) != ""
    for foreign in ("=COUNT(PE_UNIT)", '=TEXT(PE_YEAR,"0")&PE_UNIT', "=ROUND(SUM(项目起:项目止!$F$6),9)"):
        with pytest.raises(NotUnderstood):
            reckon(foreign, "附件1", book)


def test_a_sum_over_the_project_sheets_rests_on_each(tmp_path: Path) -> None:
    source, _ = typed_over(tmp_path / "有错.xlsx")
    book = read_book(source)
    found = template_formulas.known(book, lambda: Workbook(Package.open(source)).own_names)
    assert found is not None
    formula = next(
        cell.formula for place, cell in cells(book).items()
        if place.sheet == "附件2" and cell.formula and "项目起:项目止!" in cell.formula
    )  # fmt: skip
    rests_on = found.language.refer(formula, "附件2", book)
    projects = [grid.sheet for grid in book.grids if grid.sheet.startswith("附件3-")]
    assert projects
    assert rests_on is not None
    for project in projects:
        assert any(Place(project, 6, 6) in one for one in rests_on)
    assert not any(Place("附件1", 6, 6) in one for one in rests_on)
    assert found.language.refer("=SUM(项目起:没有!$F$6)", "附件2", book) is None


def test_another_workbook_is_not_taken_for_the_template() -> None:
    assert template_formulas.known(read_book(CLEAN), dict) is None


def test_live_and_in_a_file_alike(calc: Any, tmp_path: Path) -> None:
    pytest.importorskip("xlwings")
    from perfeval_xl.excel.commands import COMMANDS
    from perfeval_xl.excel.session import Session
    from perfeval_xl.hosts.live.reading import read_open_book

    source, formulas = typed_over(tmp_path / "有错.xlsx")
    out = tmp_path / "出.xlsx"
    book = calc.books.open(source)
    sheets = book.sheet_names
    before = {place: (cell.value, cell.formula) for place, cell in cells(read_open_book(book)).items()}
    asked: list[str] = []

    def ask(question: str) -> bool:
        asked.append(question)
        return True

    outcome = COMMANDS["correct"](Session(book, ask=ask))
    assert outcome.message.startswith("已更正 4 格")
    recalc(source, out)
    live, file = read_open_book(book), read_book(out)
    assert {place: cell.text for place, cell in cells(live).items() if place.row > 1} == {
        place: cell.text for place, cell in cells(file).items() if place.row > 1
    }
    assert [entry.texts[1:-1] for entry in read_log(live)] == [entry.texts[1:-1] for entry in read_log(file)]
    assert {place: cells(live)[place].formula for place in formulas} == formulas
    assert book.sheet_names == sheets
    assert book.sheets["附件1"].impl.protected
    COMMANDS["undo_correct"](Session(book))
    after = {place: (cell.value, cell.formula) for place, cell in cells(read_open_book(book)).items()}
    assert after == before


# -- worked out anew --------------------------------------------------------------------------------------------


def test_what_is_right_already_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "单位.xlsm"
    template = Template(shipped(".xlsm"))
    fill(template, read_forms(read_book(CLEAN)))
    data = template.to_bytes()
    path.write_bytes(data)
    assert template_formulas.refreshed(data, read_book(path)) is data


def test_stale_and_missing_values_are_worked_out_and_a_clerks_own_formulas_kept(tmp_path: Path) -> None:
    path, again = tmp_path / "单位.xlsx", tmp_path / "新.xlsx"
    template = Template(shipped(".xlsx"))
    fill(template, read_forms(read_book(CLEAN)))
    template.parts["附件3-2"].set(7, 6, 50.5)
    template.parts["附件3-2"].set_formula(7, 4, "VLOOKUP(1,A1:B2,2)", 77.0)
    path.write_bytes(template.to_bytes())
    again.write_bytes(template_formulas.refreshed(path.read_bytes(), read_book(path)))
    cells = {grid.sheet: grid.cells for grid in read_book(again).grids}
    assert str(cells["附件3-2"][6, 6].value) == "50.5"
    assert cells["附件3-2"][7, 4].text == "77.00"
    assert cells["附件3-2"][6, 4].text == "77.00"
    assert cells["附件3-2"][6, 6].formula is not None


def test_a_workbook_made_to_keep_the_reader_busy_is_given_up_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template_formulas, "_MOST_LOOKED_AT", 10)
    path = tmp_path / "单位.xlsx"
    template = Template(shipped(".xlsx"))
    fill(template, read_forms(read_book(CLEAN)))
    template.parts["附件3-2"].set(7, 6, 50.5)
    path.write_bytes(template.to_bytes())
    data = path.read_bytes()
    assert template_formulas.refreshed(data, read_book(path))
