"""Corrections in an open workbook: the same cells and the same log as in a file, and back again either way."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

pytest.importorskip("xlwings")

from perfeval_xl import recalc, undo
from perfeval_xl.errors import LiveError
from perfeval_xl.excel.commands import COMMANDS
from perfeval_xl.excel.session import Outcome, Session
from perfeval_xl.grid import Book, Cell, Place
from perfeval_xl.hosts.corrections.log import COLUMNS, DONE, UNDONE, Entry, read_log
from perfeval_xl.hosts.live.reading import read_open_book
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.own_sheets import CORRECTIONS_SHEET, RESULTS_SHEET
from tests.runs.test_correcting import written
from tests.support import TESTS, changed, place_of, read_yaml

BASE = read_yaml(TESTS / "rules" / "base.yaml")
RATE, TOTAL = "附件3-2 / 年度资金总额 / 执行率", "附件1 / 项目支出： / 2023年决算数"
LINE = "附件1 / 2、运行维护经费 / 2023年决算数"
OWN = (CORRECTIONS_SHEET, RESULTS_SHEET)


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A wrong rate in text and a wrong total that another sheet's formula doubles."""
    sheets = {**changed(BASE, {TOTAL: Decimal("111.11"), RATE: "77%"}), "附件9": [["说明", None]]}
    path = written(tmp_path / "有错.xlsx", sheets)
    _, row, column = place_of(BASE, TOTAL)
    book = openpyxl.load_workbook(path)
    book["附件9"]["B1"] = f"=附件1!{get_column_letter(column)}{row}*2"
    book.save(path)
    return path


@pytest.fixture
def book(calc: Any, wrong: Path) -> Any:
    return calc.books.open(wrong)


def act(book: Any, action: str, answers: Sequence[bool] = (True,)) -> tuple[Outcome, list[str]]:
    """What an action told, and what it asked."""
    asked: list[str] = []
    left = iter(answers)

    def ask(question: str) -> bool:
        asked.append(question)
        return next(left)

    return COMMANDS[action](Session(book, ask=ask)), asked


def cells(read: Book) -> dict[Place, Cell]:
    return {
        Place(grid.sheet, *key): cell
        for grid in read.grids if grid.sheet not in OWN for key, cell in grid.cells.items()
    }  # fmt: skip


def shown(read: Book) -> dict[Place, tuple[object, str]]:
    return {place: (cell.value, cell.text) for place, cell in cells(read).items()}


def log(read: Book) -> list[tuple[str, ...]]:
    """What the log tells the clerk, the time left out."""
    return [entry.texts[1:-1] for entry in read_log(read)]


def test_the_same_cells_and_the_same_log_as_in_a_file(book: Any, tmp_path: Path) -> None:
    calculated = tmp_path / "算过.xlsx"
    book.impl.save_copy(str(calculated))
    formats = book.sheets["附件1"].used_range.number_format
    outcome, asked = act(book, "correct")
    out = tmp_path / "出.xlsx"
    done = recalc(calculated, out)
    live, file = read_open_book(book), read_book(out)
    assert shown(live) == shown(file)
    assert log(live) == log(file)
    own = [change for change in done.changes if not change.follows]
    assert outcome.message.startswith(f"已更正 {len(own)} 格")
    assert "现在校验：" in outcome.message
    assert [line for line in asked[0].split("\n") if "77%" in line and "→" in line]
    assert len(asked) == 1
    assert isinstance(cells(live)[Place(*place_of(BASE, RATE))].value, str)
    assert book.sheets["附件1"].used_range.number_format == formats
    assert book.sheets[CORRECTIONS_SHEET].range((1, 10)).columns.hidden
    assert "没有需要更正的格子" in act(book, "correct")[0].message
    assert log(read_open_book(book)) == log(file)


def test_undoing_gives_the_original(book: Any) -> None:
    before = shown(read_open_book(book))
    act(book, "correct")
    assert shown(read_open_book(book)) != before
    outcome, asked = act(book, "undo_correct")
    assert "改回原样" in asked[0]
    assert outcome.message.startswith("已改回 ")
    after = read_open_book(book)
    assert shown(after) == before
    assert {entry.status for entry in read_log(after)} == {UNDONE}
    assert "没有可以撤销" in act(book, "undo_correct")[0].message
    act(book, "correct")
    assert [entry.status for entry in read_log(read_open_book(book))].count(DONE) == len(log(after))


def test_a_sure_proposal_for_a_typed_figure_is_asked_for_by_itself(calc: Any, tmp_path: Path) -> None:
    sheets = changed(BASE, {LINE: Decimal(2), RATE: "77%"})
    book = calc.books.open(written(tmp_path / "录错.xlsx", sheets))
    before = shown(read_open_book(book))
    line = Place(*place_of(BASE, LINE))
    _, asked = act(book, "correct", [False, False])
    assert "改为 20" in asked[0]
    assert "由您决定" in asked[0]
    assert "不改您录入的数" in asked[1]
    assert shown(read_open_book(book)) == before
    outcome, asked = act(book, "correct", [True, True])
    assert "您采用了 1 条建议" in asked[1]
    assert f"{line}：2 → 20" in asked[1]
    assert outcome.message.startswith("已更正 2 格")
    read = cells(read_open_book(book))
    assert (read[line].value, read[Place(*place_of(BASE, RATE))].text) == (20, "100%")
    act(book, "undo_correct")
    assert shown(read_open_book(book)) == before


def test_a_no_changes_nothing(book: Any) -> None:
    before = shown(read_open_book(book))
    names = book.sheet_names
    assert "没有改动" in act(book, "correct", [False])[0].message
    assert (shown(read_open_book(book)), book.sheet_names) == (before, names)
    act(book, "correct")
    corrected = shown(read_open_book(book))
    assert "没有改动" in act(book, "undo_correct", [False])[0].message
    assert shown(read_open_book(book)) == corrected


def test_what_was_changed_since_stays(book: Any) -> None:
    act(book, "correct")
    name, row, column = place_of(BASE, TOTAL)
    book.sheets[name].range((row, column)).value = 5
    outcome, _ = act(book, "undo_correct")
    assert "更正后又改过（现为 5）" in outcome.message
    read = cells(read_open_book(book))
    assert read[Place(name, row, column)].value == 5
    assert read[Place(*place_of(BASE, RATE))].text == "77%"


def test_a_file_takes_back_what_was_corrected_live_and_the_other_way_round(
    calc: Any, book: Any, wrong: Path, tmp_path: Path
) -> None:
    before = shown(read_open_book(book))
    act(book, "correct")
    saved, back, out = tmp_path / "存.xlsx", tmp_path / "回.xlsx", tmp_path / "出.xlsx"
    book.impl.save_copy(str(saved))
    undo(saved, back)
    assert shown(read_book(back)) == before
    book.close()
    recalc(wrong, out)
    again = calc.books.open(out)
    act(again, "undo_correct")
    assert shown(read_open_book(again)) == before


def test_what_the_log_hides_is_what_it_shows(book: Any) -> None:
    """The hidden column is changed in two rows: to another value, and to a formula that stood nowhere."""
    act(book, "correct")
    corrected = [
        (entry, book.sheets[entry.place.sheet][entry.place.cell].value) for entry in entries_of(book)
    ]
    log, hidden = book.sheets[CORRECTIONS_SHEET], len(COLUMNS)
    for (entry, _), held in zip(
        corrected, ('{"v": "12345"}', '{"v": "1", "f": "WEBSERVICE(A1)"}'), strict=False
    ):
        log.range((entry.row, hidden)).value = f"'{held}"
    outcome, _ = act(book, "undo_correct")
    assert "与原值" in str(outcome)
    assert "不能证实" in str(outcome)
    for entry, value in corrected[:2]:
        cell = book.sheets[entry.place.sheet][entry.place.cell]
        assert (cell.value, cell.formula.startswith("=WEB")) == (value, False)


def entries_of(book: Any) -> list[Entry]:
    return [entry for entry in read_log(read_open_book(book)) if entry.status == DONE]


def test_a_protected_sheet_stops_it_before_anything_is_changed(book: Any) -> None:
    before = shown(read_open_book(book))
    book.sheets["附件1"].impl.xl.protect("geheim")
    with pytest.raises(LiveError, match="“附件1”受保护，不能更正，什么都没有改动"):
        act(book, "correct")
    assert shown(read_open_book(book)) == before
    assert CORRECTIONS_SHEET not in book.sheet_names
    assert book.sheets["附件1"].impl.protected


def test_what_goes_wrong_in_the_middle_leaves_the_cells_as_they_were(
    book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from perfeval_xl.hosts.live import corrections as xlwings_correcting

    before = shown(read_open_book(book))

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(xlwings_correcting, "_append", broken)
    with pytest.raises(RuntimeError):
        act(book, "correct")
    assert shown(read_open_book(book)) == before


def test_a_clean_workbook_is_left_alone(calc: Any, tmp_path: Path) -> None:
    book = calc.books.open(written(tmp_path / "对.xlsx", BASE))
    outcome, asked = act(book, "correct")
    assert "没有需要更正的格子" in outcome.message
    assert asked == []
    assert "没有可以撤销" in act(book, "undo_correct")[0].message
    assert set(book.sheet_names) == set(BASE)
