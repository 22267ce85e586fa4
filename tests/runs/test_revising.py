"""Mending a submission step by step, and taking it back."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import openpyxl
import pytest

from perfeval_xl import Unreadable, check
from perfeval_xl.correct import CorrectError
from perfeval_xl.grid import Place
from perfeval_xl.runs.correcting import undo
from perfeval_xl.runs.revising import TYPED, Revision, opened
from tests.support import ROOT

EXAMPLE = (ROOT / "workbook" / "example-2023.xlsx").read_bytes()
NAME = "示例.xlsx"
WHEN = dt.datetime(2024, 3, 15, 9, 30)
AT = Place("附件2", 33, 6)


def example() -> Revision:
    return opened([(NAME, EXAMPLE)])


def rules_at(revision: Revision, place: Place) -> set[str]:
    return {finding.rule for finding in revision.report.findings if finding.place == place}


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_what_was_opened_is_checked_as_the_library_checks_it() -> None:
    assert example().report.to_dict() == check(EXAMPLE, name=NAME).to_dict()


def test_a_typed_value_is_checked_at_once() -> None:
    before = example()
    after = before.typed(AT, "30天")
    assert "PE403" in rules_at(before, AT)
    assert "PE403" not in rules_at(after, AT)
    assert [(one.place, one.old, one.new, one.why) for one in after.changes] == [(AT, "100%", "30天", TYPED)]


def test_what_was_mended_reads_the_same_from_the_file_that_comes_of_it() -> None:
    after = example().typed(AT, "30天").typed(Place("附件1", 5, 4), "40")
    source, notes = after.mended(NAME, WHEN)
    assert notes == ()
    again = check(source.data, name=NAME)
    assert [one.fingerprint for one in again.findings] == [one.fingerprint for one in after.report.findings]
    assert again.coverage == after.report.coverage


def test_only_what_was_touched_changes() -> None:
    source, _ = example().typed(AT, "30天").mended(NAME, WHEN)
    before, after = parts(EXAMPLE), parts(source.data)
    changed = {name for name in after if before.get(name) != after[name]}
    sheets = {name for name in changed if name.startswith("xl/worksheets/")}
    assert sheets == {"xl/worksheets/sheet2.xml", "xl/worksheets/sheet14.xml"}  # 附件2 and 更正记录
    assert changed - sheets <= {
        "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels",
        "xl/workbook.xml",
        "xl/styles.xml",
    }
    assert set(before) <= set(after)
    assert b'fullCalcOnLoad="1"' in after["xl/workbook.xml"]


def test_the_log_takes_it_back(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / NAME
    file.write_bytes(example().typed(AT, "30天").mended(NAME, WHEN)[0].data)
    assert [(one.place, one.old, one.new) for one in undo(file).changes] == [(AT, "30天", "100%")]


def test_every_step_is_taken_back_and_done_again() -> None:
    start = example()
    typed = start.typed(AT, "30天")
    explained = typed.explained(
        next(one for one in typed.report.findings if one.severity == "warning").fingerprint, "已核实"
    )
    assert explained.report.accepted == 1
    assert explained.back().report.to_dict() == typed.report.to_dict()
    assert explained.back().back().report.to_dict() == start.report.to_dict()
    assert explained.back().back().again().again().report.to_dict() == explained.report.to_dict()
    assert explained.back().back().changes == ()
    assert start.back() == start
    assert start.again() == start


def test_a_new_step_ends_what_could_be_done_again() -> None:
    assert example().typed(AT, "30天").back().typed(AT, "29天").undone == ()


def test_a_cell_that_holds_again_what_it_held_is_no_change() -> None:
    again = example().typed(AT, "30天").typed(AT, "100%")
    assert again.changes == ()
    assert again.mended(NAME, WHEN)[0].data == EXAMPLE


def test_two_values_of_one_cell_are_one_change() -> None:
    change = example().typed(AT, "31天").typed(AT, "30天").changes
    assert [(one.old, one.new) for one in change] == [("100%", "30天")]


def test_a_proposal_is_taken() -> None:
    start = example()
    finding = next(one for one in start.report.findings if one.fixes)
    taken = start.taken(finding.fingerprint)
    assert {fix.place for fix in finding.fixes} <= {one.place for one in taken.changes}
    assert finding.fingerprint not in {one.fingerprint for one in taken.report.findings}


def test_a_finding_without_a_proposal_says_so() -> None:
    finding = next(one for one in example().report.findings if not one.fixes)
    with pytest.raises(CorrectError, match="手工"):
        example().taken(finding.fingerprint)


def arithmetic() -> bytes:
    """附件1 of the example as a workbook of formulas and dates would have it: a total that a formula gives."""
    book = openpyxl.load_workbook(io.BytesIO(EXAMPLE))
    sheet = book["附件1"]
    sheet["A70"], sheet["A71"], sheet["A72"] = 1, 2, "=A70+A71"
    sheet["B70"] = dt.datetime(2024, 1, 2)
    sheet["B70"].number_format = "yyyy-mm-dd"
    held = io.BytesIO()
    book.save(held)
    # What a spreadsheet stores beside a formula.
    made = parts(held.getvalue())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in made.items():
            archive.writestr(
                name,
                data.replace(b"<f>A70+A71</f><v />", b"<f>A70+A71</f><v>3</v>").replace(
                    b"<f>A70+A71</f><v></v>", b"<f>A70+A71</f><v>3</v>"
                ),
            )
    return out.getvalue()


def test_formulas_follow_what_is_typed() -> None:
    revision = opened([(NAME, arithmetic())]).typed(Place("附件1", 70, 1), "5")
    cells = next(grid for grid in revision.book.grids if grid.sheet == "附件1").cells
    assert cells[72, 1].text == "7"
    written = check(revision.mended(NAME, WHEN)[0].data, name=NAME)
    grid = next(grid for grid in written.grids if grid.sheet == "附件1")
    assert grid.cells[72, 1].text == "7"
    assert grid.cells[72, 1].formula == "=A70+A71"


def test_a_day_is_written_as_one() -> None:
    revision = opened([(NAME, arithmetic())]).typed(Place("附件1", 70, 2), "2024年3月15日")
    grid = next(
        grid for grid in check(revision.mended(NAME, WHEN)[0].data, name=NAME).grids if grid.sheet == "附件1"
    )
    assert grid.cells[70, 2].value == dt.date(2024, 3, 15)
    now = next(grid for grid in revision.book.grids if grid.sheet == "附件1")
    assert grid.cells[70, 2] == now.cells[70, 2]


def test_what_a_formula_gives_is_not_typed_over() -> None:
    with pytest.raises(CorrectError, match="公式"):
        opened([(NAME, arithmetic())]).typed(Place("附件1", 72, 1), "5")


def test_correcting_at_once_changes_what_the_command_changes() -> None:
    from perfeval_xl.correct import net
    from perfeval_xl.runs.correcting import planner

    slip = example().typed(Place("附件2", 5, 8), "1")
    corrected, _ = slip.corrected()
    planned = planner(slip.book, None)(())
    assert corrected.changes == net((*slip.changes, *planned.changes), slip.original)


def test_files_of_one_name_are_declined() -> None:
    with pytest.raises(Unreadable, match="同名"):
        opened([(NAME, EXAMPLE), (NAME, EXAMPLE)])


def test_a_word_file_is_not_mended_here(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from perfeval_xl.runs.exporting import export

    file = tmp_path / NAME
    file.write_bytes(EXAMPLE)
    data = export(file, ".docx").data
    revision = opened([("报告.docx", data)])
    sheet = revision.original.grids[0].sheet
    with pytest.raises(CorrectError, match="Word"):
        revision.typed(Place(sheet, 1, 1), "1")
    assert revision.looks(sheet) is None
    assert revision.marked("报告.docx", WHEN).suffix == ".docx"


def test_tables_and_report_are_one_submission(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from perfeval_xl.runs.exporting import export

    file, report = tmp_path / NAME, tmp_path / "报告.docx"
    file.write_bytes(EXAMPLE)
    report.write_bytes(export(file, ".docx").data)
    revision = opened([(NAME, EXAMPLE), (report.name, report.read_bytes())])
    assert revision.report.to_dict()["findings"] == check([file, report]).to_dict()["findings"]
    typed = revision.typed(AT, "30天")
    assert [one.place for one in typed.changes] == [AT]
    assert typed.mended(report.name, WHEN)[0].data == report.read_bytes()
    assert typed.mended(NAME, WHEN)[0].data == example().typed(AT, "30天").mended(NAME, WHEN)[0].data
