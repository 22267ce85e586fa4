"""Recomputing a workbook and taking it back: only computed cells, nothing new, and the original again."""

from __future__ import annotations

import datetime as dt
import random
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils import get_column_letter

from perfeval_xl import recalc, undo
from perfeval_xl.cli import main
from perfeval_xl.correct import CorrectError
from perfeval_xl.findings import Finding
from perfeval_xl.forms import read_forms
from perfeval_xl.grid import Book, Cell, Place
from perfeval_xl.hosts.corrections.log import DONE, UNDONE, read_log
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.own_sheets import CORRECTIONS_SHEET
from perfeval_xl.policy import load_policy
from perfeval_xl.runs.checking import check, check_book
from tests import slips
from tests.support import TESTS, Rows, changed, example_builder, place_of, read_yaml

BASE = read_yaml(TESTS / "rules" / "base.yaml")
POLICY = "national-2020"
WHEN = dt.datetime(2024, 5, 30, 14, 3, 22)
RATE, SCORE = "附件3-2 / 年度资金总额 / 执行率", "附件3-2 / 年度资金总额 / 得分"
EXECUTED, TOTAL = "附件3-2 / 年度资金总额 / 全年执行数", "附件1 / 项目支出： / 2023年决算数"


def written(
    path: Path, sheets: Mapping[str, Rows], formulas: Mapping[str, tuple[str, float]] | None = None
) -> Path:
    """A workbook of rows; ``formulas`` by cell name with the value they are saved with."""
    book = xlsxwriter.Workbook(str(path))
    known = {place_of(sheets, name): formula for name, formula in (formulas or {}).items()}
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for row, values in enumerate(rows, 1):
            for column, value in enumerate(values, 1):
                if (name, row, column) in known:
                    text, cached = known[name, row, column]
                    sheet.write_formula(row - 1, column - 1, text, None, cached)
                elif isinstance(value, str):
                    sheet.write_string(row - 1, column - 1, value)
                elif value is not None:
                    sheet.write_number(row - 1, column - 1, float(value))
    book.close()
    return path


def cells(book: Book) -> dict[Place, Cell]:
    return {
        Place(grid.sheet, *key): cell
        for grid in book.grids if grid.sheet != CORRECTIONS_SHEET for key, cell in grid.cells.items()
    }  # fmt: skip


def cell(path: Path, where: str) -> Cell:
    found = cells(read_book(path))
    return found[Place(*place_of(BASE, where))]


def loud(path: Path) -> set[tuple[str, Place | None]]:
    return {(one.rule, one.place) for one in check(path, policy=POLICY).findings if one.severity != "info"}


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A wrong rate with its score and total after it, and a wrong total."""
    mended = changed(BASE, {TOTAL: Decimal("111.11"), RATE: "77%"})
    return written(tmp_path / "有错.xlsx", mended)


def test_computed_cells_are_corrected_and_logged(wrong: Path, tmp_path: Path) -> None:
    out = tmp_path / "更正.xlsx"
    right = cell(written(tmp_path / "对.xlsx", BASE), TOTAL)
    done = recalc(wrong, out, policy=POLICY, when=WHEN)
    assert not done.notes
    assert cell(out, TOTAL).value == right.value
    assert not loud(out)
    entries = list(read_log(read_book(out)))
    assert {entry.place for entry in entries} == {Place(*place_of(BASE, name)) for name in (TOTAL, RATE)}
    first = next(entry for entry in entries if entry.place == Place(*place_of(BASE, TOTAL)))
    assert (first.when, first.old, first.rule, first.status) == (
        "2024-05-30 14:03:22",
        "111.11",
        "PE103",
        DONE,
    )
    assert first.new == cell(out, TOTAL).text


def test_twice_is_as_once_and_undone_is_as_never(wrong: Path, tmp_path: Path) -> None:
    before, original = wrong.read_bytes(), cells(read_book(wrong))
    once, again, back = tmp_path / "一.xlsx", tmp_path / "二.xlsx", tmp_path / "回.xlsx"
    assert recalc(wrong, once, policy=POLICY).changes
    assert not recalc(once, again, policy=POLICY).changes
    assert again.read_bytes() == once.read_bytes()
    assert undo(once, back).changes
    assert cells(read_book(back)) == original
    assert {entry.status for entry in read_log(read_book(back))} == {UNDONE}
    with pytest.raises(CorrectError, match="没有可以撤销"):
        undo(back)
    assert wrong.read_bytes() == before


def test_a_right_workbook_stays_byte_for_byte(tmp_path: Path) -> None:
    source = written(tmp_path / "对.xlsx", BASE)
    assert recalc(source, tmp_path / "出.xlsx", policy=POLICY).data == source.read_bytes()


def test_text_stays_text_with_its_unit(tmp_path: Path) -> None:
    source = written(tmp_path / "文字.xlsx", changed(BASE, {TOTAL: "111.11万元"}))
    recalc(source, tmp_path / "出.xlsx", policy=POLICY)
    corrected = cell(tmp_path / "出.xlsx", TOTAL)
    assert isinstance(corrected.value, str)
    assert corrected.value.endswith("万元")
    assert not loud(tmp_path / "出.xlsx")


def test_inputs_change_by_choice_only(tmp_path: Path) -> None:
    """附件1's line disagrees with 附件3, its total and the sum: an input, plainly wrong, and yet left."""
    line = "附件1 / 2、运行维护经费 / 2023年决算数"
    source = written(tmp_path / "录错.xlsx", changed(BASE, {line: Decimal("91.5")}))
    (finding,) = (one for one in check(source, policy=POLICY).findings if one.severity == "error")
    assert finding.place == Place(*place_of(BASE, line))
    assert not recalc(source, policy=POLICY).changes
    out = tmp_path / "采用.xlsx"
    done = recalc(source, out, apply=[finding.fingerprint], policy=POLICY)
    assert [change.place for change in done.changes] == [finding.place]
    assert done.changes[0].why.startswith("经选择采用")
    assert not loud(out)
    with pytest.raises(CorrectError, match="没有指纹"):
        recalc(source, apply=["0123456789abcdef"], policy=POLICY)


# -- formulas -------------------------------------------------------------------------------------------------


def address(name: str) -> str:
    _, row, column = place_of(BASE, name)
    return f"{get_column_letter(column)}{row}"


def test_a_formula_that_gives_the_right_value_is_recalculated_and_stays(tmp_path: Path) -> None:
    """Its cached value is stale: a clerk changed figures in a program that does not calculate."""
    right = cell(written(tmp_path / "对.xlsx", BASE), TOTAL).value
    row = int(address(TOTAL)[1:])
    column = address(TOTAL)[0]
    formula = f"=SUM({column}{row + 1}:{column}{row + 3})"
    source = written(tmp_path / "旧值.xlsx", BASE, {TOTAL: (formula, 111.11)})
    out = tmp_path / "出.xlsx"
    done = recalc(source, out, policy=POLICY)
    assert [change.formula for change in done.changes] == [formula]
    assert cell(out, TOTAL).formula == formula
    assert cell(out, TOTAL).value == right
    back = tmp_path / "回.xlsx"
    undo(out, back)
    assert cells(read_book(back)) == cells(read_book(source))


def test_a_wrong_formula_gives_way_and_comes_back(tmp_path: Path) -> None:
    source = written(tmp_path / "错.xlsx", BASE, {TOTAL: ("=100+11.11", 111.11)})
    out, back = tmp_path / "出.xlsx", tmp_path / "回.xlsx"
    recalc(source, out, policy=POLICY)
    assert cell(out, TOTAL).formula is None
    assert not loud(out)
    undo(out, back)
    assert cell(back, TOTAL).formula == "=100+11.11"
    assert cells(read_book(back)) == cells(read_book(source))


@pytest.mark.parametrize("formula", ["=" + "-" * 1000 + "111.11", "=" + "(" * 1000 + "111.11" + ")" * 1000])
def test_a_formula_without_bottom_gives_way(formula: str, tmp_path: Path) -> None:
    source = written(tmp_path / "错.xlsx", BASE, {TOTAL: (formula, 111.11)})
    out, back = tmp_path / "出.xlsx", tmp_path / "回.xlsx"
    recalc(source, out, policy=POLICY)
    assert cell(out, TOTAL).formula is None
    assert not loud(out)
    undone = undo(out, back)
    assert cells(read_book(back)) == cells(read_book(out)), "what nobody can work out is not written back"
    assert "不能证实" in undone.notes[0]
    assert undone.changes == ()


def test_values_that_depend_on_a_corrected_cell_follow(tmp_path: Path) -> None:
    elsewhere = {"附件9": [["说明", None, None]]}
    total = f"附件1!{address(TOTAL)}"
    sheets = {**changed(BASE, {TOTAL: Decimal("111.11")}), **elsewhere}
    source = tmp_path / "引用.xlsx"
    written(source, sheets)
    book = openpyxl.load_workbook(source)
    book["附件9"]["B1"] = f"={total}*2"
    book["附件9"]["C1"] = f"=VLOOKUP({total},A1:B1,1)"
    book.save(source)
    _cache(source, "附件9", {"B1": "222.22", "C1": "5"})
    out = tmp_path / "出.xlsx"
    done = recalc(source, out, policy=POLICY)
    found = cells(read_book(out))
    right = found[Place(*place_of(BASE, TOTAL))].value
    assert isinstance(right, Decimal)
    assert found[Place("附件9", 1, 2)].value == right * 2
    assert found[Place("附件9", 1, 3)].uncached  # not reckoned here: Excel will, on opening
    assert {change.follows for change in done.changes} == {True, False}
    with zipfile.ZipFile(out) as archive:
        assert b'fullCalcOnLoad="1"' in archive.read("xl/workbook.xml")
    back = tmp_path / "回.xlsx"
    undo(out, back)
    assert cells(read_book(back)) == cells(read_book(source))


def _cache(path: Path, sheet: str, values: Mapping[str, str]) -> None:
    """Give formula cells the values a program would have saved."""
    from perfeval_xl.hosts.package.workbook import Workbook
    from perfeval_xl.hosts.package.xml import append_new, child, children
    from perfeval_xl.hosts.package.zip import Package

    package = Package.open(path)
    part = next(one.part for one in Workbook(package).sheets if one.name == sheet) or ""
    document = package.document(part)
    data = child(document.root, "sheetData")
    assert data is not None
    for row in children(data, "row"):
        for element in children(row, "c"):
            if element.get("r") in values:
                held = child(element, "v")
                value = held if held is not None else append_new(element, "v")
                value.text = values[element.get("r", "")]
    package.put(part, document)
    path.write_bytes(package.to_bytes())


def test_a_template_formula_comes_back_over_a_typed_value(wrong: Path, tmp_path: Path) -> None:
    place = Place(*place_of(BASE, TOTAL))
    row, column = place.row, address(TOTAL)[0]
    formula = f"=SUM({column}{row + 1}:{column}{row + 3})"
    recalc(wrong, tmp_path / "出.xlsx", policy=POLICY, formulas={place: formula})
    assert cell(tmp_path / "出.xlsx", TOTAL).formula == formula
    assert not loud(tmp_path / "出.xlsx")


def test_what_was_changed_since_is_not_taken_back(wrong: Path, tmp_path: Path) -> None:
    out = tmp_path / "出.xlsx"
    recalc(wrong, out, policy=POLICY)
    book = openpyxl.load_workbook(out)
    book["附件1"][address(TOTAL)] = 5
    book.save(out)
    done = undo(out, tmp_path / "回.xlsx")
    assert len(done.notes) == 1
    assert "更正后又改过" in done.notes[0]
    assert cell(tmp_path / "回.xlsx", TOTAL).value == 5
    assert cell(tmp_path / "回.xlsx", RATE).text == "77%"


# -- planted slips --------------------------------------------------------------------------------------------


def told(findings: tuple[Finding, ...]) -> set[tuple[str, Place | None]]:
    return {(one.rule, one.place) for one in findings}


KINDS = {
    "执行率算错", "执行率得分错", "总分未更新", "数字录反", "小数点移位", "控制率算错", "得分改低", "基金表录错",
}  # fmt: skip


@pytest.mark.parametrize("layout", ["own", "stacked"])
def test_planted_slips_recomputed(layout: str, tmp_path: Path) -> None:
    """One slip of every kind, through files: nothing new comes up, twice is as once, undoing gives the original.
    ``python -m tests.recalc`` recomputes all."""
    policy = load_policy("hunan-2023")
    clean = tmp_path / "净.xlsx"
    clean.write_bytes(example_builder().build(layout, True))
    unharmed = check(clean, policy=policy).findings
    of_kind: dict[str, list[slips.Slip]] = {}
    for one in slips.slips(read_forms(read_book(clean))):
        if one.kind in KINDS:
            of_kind.setdefault(one.kind, []).append(one)
    assert of_kind.keys() == KINDS
    dice, corrected = random.Random(5), 0
    for number, kind in enumerate(sorted(of_kind)):
        slip = dice.choice(of_kind[kind])
        source = tmp_path / f"{number}.xlsx"
        _plant(clean, slip, source)
        original = read_book(source)
        before = check_book(original, policy=policy).findings
        out = tmp_path / f"{number}-出.xlsx"
        done = recalc(source, out, policy=policy)
        after = check(out, policy=policy).findings
        changed_places = {change.place for change in done.changes}
        assert told(after) <= told(before) | told(unharmed), slip  # what the slip hid may come back
        assert not any(one.place in changed_places and one.severity == "error" for one in after), slip
        assert not recalc(out, policy=policy).changes, slip
        if done.changes:
            corrected += 1
            undo(out, tmp_path / "回.xlsx")
            assert cells(read_book(tmp_path / "回.xlsx")) == cells(original), slip
    assert corrected >= 3


def _plant(clean: Path, slip: slips.Slip, source: Path) -> None:
    book = openpyxl.load_workbook(clean)
    for place, value in slip.changes:
        target = book[place.sheet].cell(place.row, place.column)
        if value is None or not isinstance(target.value, int | float):
            target.value = value
        else:
            target.value = float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
    book.save(source)


# -- the command line -----------------------------------------------------------------------------------------

Capture = pytest.CaptureFixture[str]


def run(*arguments: Any) -> int:
    return main([str(argument) for argument in arguments])


def test_the_commands_tell_every_change(wrong: Path, tmp_path: Path, capsys: Capture) -> None:
    out, back = tmp_path / "出.xlsx", tmp_path / "回.xlsx"
    assert run("recalc", wrong, "-o", out) == 0
    told_lines = capsys.readouterr().out
    assert f"附件1!{address(TOTAL)}：111.11 → " in told_lines
    assert "共改动 2 格" in told_lines
    assert run("undo", out, "-o", back) == 0
    assert "→ 111.11" in capsys.readouterr().out


def test_what_cannot_be_corrected_is_one_line(wrong: Path, tmp_path: Path, capsys: Capture) -> None:
    word = tmp_path / "报告.docx"
    with zipfile.ZipFile(word, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    old = tmp_path / "旧.xls"
    entry = "Workbook\0".encode("utf-16-le")
    directory = entry.ljust(64, b"\0") + bytes([len(entry), 0]).ljust(64, b"\0")
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + directory + b"\0" * 2000)
    for arguments, words in (
        (("recalc", word, "-o", tmp_path / "a.docx"), "Word 文件"),
        (("recalc", old, "-o", tmp_path / "a.xlsx"), "另存为"),
        (("recalc", tmp_path / "没有.xlsx", "-o", tmp_path / "a.xlsx"), "没有.xlsx"),
        (("recalc", wrong, "-o", wrong), "从不改动"),
        (("recalc", wrong, "-o", tmp_path / "a.xlsx", "--apply", "0" * 16), "没有指纹"),
        (("undo", wrong, "-o", tmp_path / "a.xlsx"), "没有可以撤销"),
    ):
        assert run(*arguments) == 2
        complaint = capsys.readouterr().err
        assert words in complaint
        assert complaint.count("\n") == 1
    assert not list(tmp_path.glob("a.*"))
