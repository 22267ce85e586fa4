"""A unit's file before and after: the bundled example, changed as clerks change it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from perfeval_xl import check, compare
from perfeval_xl.cli import example, main
from perfeval_xl.comparing import Comparison
from perfeval_xl.comparing import compare as core
from perfeval_xl.report.comparison import excerpts, to_html, to_xlsx
from perfeval_xl.runs.comparing import to_docx
from perfeval_xl.runs.desk.cells import shown


def changed(change: Callable[[Any], None]) -> bytes:
    book = openpyxl.load_workbook(example())
    change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def compared(change: Callable[[Any], None]) -> Comparison:
    return compare(example(), changed(change))


def edit(book: Any) -> None:
    book["附件2"]["F30"] = "50%"  # was not reached
    book["附件2"]["F24"] = "6400人"  # still overshoots
    book["附件3-1"]["E18"] = None  # is told no more, for it is empty
    book["附件1"].insert_rows(3)
    del book["附件5"]


@pytest.fixture(scope="module")
def done() -> Comparison:
    return compared(edit)


def rules(findings: Any) -> list[tuple[str, str]]:
    return [(one.rule, str(one.place)) for one in findings]


def test_the_same_file_twice() -> None:
    same = compare(example(), example())
    lists = same.mended, same.new, same.cells, same.rows, same.unchecked, same.lapsed
    assert [one for one in lists if one] == []
    assert not any(one.changed for one in same.left)


def test_what_was_mended(done: Comparison) -> None:
    assert ("PE401", "附件2!F30") in rules(done.mended)


def test_what_was_changed_and_is_still_wrong(done: Comparison) -> None:
    assert [
        (one.now.rule, str(one.now.place)) for one in done.left if one.changed and one.now.rule == "PE405"
    ] == [("PE405", "附件2!F24")]


def test_emptied_cells_and_lost_sheets_are_no_mending(done: Comparison) -> None:
    assert ("PE111", "附件3-1!E18") in rules(done.unchecked)
    assert not [one for one in done.mended if one.place is not None and one.place.sheet == "附件5"]
    assert done.sheets_gone == ("附件5",)


def test_an_inserted_row_changes_no_cell_and_no_finding(done: Comparison) -> None:
    assert {one.now.sheet for one in done.cells} == {"附件2", "附件3-1"}
    assert [str(one.now.place) for one in done.left if one.now.rule == "PE209"] == ["附件1!F41"]


def test_cells_are_named_as_the_form_names_them(done: Comparison) -> None:
    told = {(str(one.now), one.row, one.column, one.old, one.new) for one in done.cells}
    assert ("附件2!F30", "职称评定通过率", "实际完成值", "100%", "50%") in told


def test_formats_are_no_changes() -> None:
    def format_anew(book: Any) -> None:
        book["附件2"]["F30"] = 1
        book["附件2"]["F30"].number_format = "0.00%"

    assert compared(format_anew).cells == ()


def test_reasons_lapse_with_the_figures() -> None:
    accepted = compare(example(), example())
    one = next(
        left.now for left in accepted.left if left.now.rule == "PE405" and str(left.now.place) == "附件2!F24"
    )
    old = check(example(), reasons={one.fingerprint: "新增了两场招聘会"})
    new = check(changed(edit))
    texts = [tuple(shown(report)) for report in (old, new)]
    assert [(each.finding.rule, each.reason) for each in core(old, new, *texts).lapsed] == [
        ("PE405", "新增了两场招聘会")
    ]


def test_long_texts_are_shown_where_they_differ() -> None:
    assert excerpts("甲" * 80 + "三" + "乙" * 80, "甲" * 80 + "五" + "乙" * 80) == (
        "…" + "甲" * 12 + "三" + "乙" * 12 + "…",
        "…" + "甲" * 12 + "五" + "乙" * 12 + "…",
    )


def test_nothing_in_the_outputs_is_live() -> None:
    def attack(book: Any) -> None:
        book["附件2"]["F30"] = "=HYPERLINK"
        book["附件2"]["F30"].data_type = "s"
        book["附件2"]["F24"] = "<script>alert(1)</script>"

    hostile = compared(attack)
    assert "<script>" not in to_html(hostile)
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(hostile)))
    assert not [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]
    assert to_docx(hostile) == to_docx(hostile)


@pytest.mark.parametrize("suffix", [".html", ".docx", ".xlsx", ".json"])
def test_the_command_writes_every_format(
    tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    new, out = tmp_path / "重报.xlsx", tmp_path / f"对照{suffix}"
    new.write_bytes(changed(edit))
    assert main(["compare", str(example()), str(new), "-o", str(out)]) == 0
    assert "改好" in capsys.readouterr().err
    assert main(["compare", str(example()), str(new), "-o", str(out)]) == 0  # ours is replaced
    if suffix == ".json":
        written = json.loads(out.read_text(encoding="utf-8"))
        assert written["schema"] == "perfeval-xl/comparison/1"
        schema().validate(written)
        assert not schema().is_valid({**written, "more": 1})
        assert not schema().is_valid({**written, "mended": [{"rule": "PE101"}]})


def schema() -> Draft202012Validator:
    """The contract of a comparison, which rests on that of a report."""
    both = {
        name: json.loads(files("perfeval_xl.report").joinpath(name).read_text(encoding="utf-8"))
        for name in ("comparison-1.schema.json", "report-2.schema.json")
    }
    resources = [(name, DRAFT202012.create_resource(one)) for name, one in both.items()]
    return Draft202012Validator(
        both["comparison-1.schema.json"], registry=Registry().with_resources(resources)
    )


def test_the_command_shows_and_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(example()), str(example())]) == 0
    assert "不通过 → 不通过" in capsys.readouterr().out
    assert main(["compare", str(example()), str(example()), "-o", str(tmp_path / "x.pdf")]) == 2
    assert "不能是“.pdf”" in capsys.readouterr().err
