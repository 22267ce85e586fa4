"""Findings in a workbook made from the template: its own table, its own formats, nothing added."""

from __future__ import annotations

import datetime as dt
import re
from copy import deepcopy
from pathlib import Path

import pytest

from perfeval_xl.errors import NoMarks, PackageError
from perfeval_xl.forms import read_forms
from perfeval_xl.hosts.marks.template import is_template
from perfeval_xl.hosts.marks.workbook import highlight, unmark
from perfeval_xl.hosts.package.workbook import Workbook
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.hosts.template.filling import fill
from perfeval_xl.hosts.template.template import Template, shipped
from perfeval_xl.runs.checking import check
from perfeval_xl.worklist import in_list
from tests.support import ROOT

EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
HEADER = 8


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "填好.xlsx"
    template = Template(shipped(".xlsx"))
    fill(template, read_forms(read_book(EXAMPLE)))
    path.write_bytes(template.to_bytes())
    return path


def saved(data: bytes, folder: Path, name: str = "标注.xlsx") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_only_the_table_changes(filled: Path) -> None:
    before, after = Package.open(filled), Package.open(highlight(filled, check(filled)).data)
    assert after.names == before.names
    different = {name for name in before.names if before.read(name) != after.read(name)}
    results = Template(filled).parts["校验结果"].part
    table = before.related(results, "table")
    assert different == {results, table, "xl/workbook.xml"}  # where the mark stands


def test_every_finding_stands_in_the_table_with_link_and_key(filled: Path) -> None:
    report = check(filled)
    marked = highlight(filled, report, when=dt.datetime(2024, 5, 30, 9, 5))
    part = Template(marked.data).parts["校验结果"]
    assert marked.notes == ()
    assert [part.value(HEADER, column) for column in (1, 4, 11, 12, 14)] == [
        "序号",
        "单元格",
        "完成",
        "说明",
        "指纹",
    ]
    assert f"结论：不通过　　× 错误 {report.count('error')}" in str(part.value(2, 1))
    assert "校验时间：2024-05-30 09:05" in str(part.value(3, 1))
    assert part.value(5, 1) == "校验后没有改动"
    rows = range(HEADER + 1, HEADER + 1 + len(report.findings))
    assert [part.value(row, 14) for row in rows] == [finding.fingerprint for finding in in_list(report)]
    for row, finding in zip(rows, in_list(report), strict=True):
        assert finding.place is not None
        link, key = part.stored()[row, 4], part.stored()[row, 13]
        assert link.value == finding.place.cell
        assert str(key.value).partition("!")[2].partition("|")[0] == finding.place.cell
        assert f"'{finding.place.sheet}'!$" in (link.formula or "")
        assert f"'{finding.place.sheet}'!$" in (key.formula or "")


def test_marking_twice_is_as_once_and_a_clean_workbook_empties_the_table(
    filled: Path, tmp_path: Path
) -> None:
    report = check(filled)
    once = highlight(filled, report).data
    twice = highlight(once, report).data
    assert _texts(once) == _texts(twice)
    template = Template(shipped(".xlsx"))
    few = check(saved(template.to_bytes(), tmp_path))
    emptied = highlight(once, few)
    assert Template(emptied.data).parts["校验结果"].value(HEADER + len(few.findings) + 1, 1) is None


def _texts(data: bytes) -> dict[tuple[int, int], object]:
    return dict(Template(data).parts["校验结果"].stored())


def test_a_reason_typed_there_is_read_back_and_takes_the_colour_off(filled: Path, tmp_path: Path) -> None:
    report = check(filled)
    template = Template(highlight(filled, report).data)
    part = template.parts["校验结果"]
    row = next(row for row, text in part.texts(2).items() if row > HEADER and "核实" in text)
    part.set(row, 12, "已核对，文件在案")
    explained = saved(template.to_bytes(), tmp_path)
    again = check(explained)
    assert [finding.accepted for finding in again.findings if finding.accepted] == ["已核对，文件在案"]
    assert again.accepted == 1
    part = Template(highlight(explained, again).data).parts["校验结果"]
    row = next(row for row, text in part.texts(10).items() if text == "已说明")
    assert row == HEADER + len(again.findings)  # the last of all
    assert part.value(row, 12) == "已核对，文件在案"
    assert part.value(row, 13) in ("", None)


def test_a_sheet_copied_by_hand_gets_an_id_of_its_own(filled: Path, tmp_path: Path) -> None:
    template = Template(filled)
    name = template.add_project()
    copied = template.parts[name]
    row, column = next(place for place, stored in copied.stored().items() if stored.value == "FJ3-8")
    copied.set(row, column, "FJ3-1")
    path = saved(template.to_bytes(), tmp_path)
    marked = Template(highlight(path, check(path)).data)
    ids = [marked.parts[sheet].value(row, column) for sheet in marked.projects]
    assert len(set(ids)) == len(ids)


def test_names_of_a_sheet_copied_by_hand_are_not_the_table_s(filled: Path, tmp_path: Path) -> None:
    """Excel gives the copy names of its own, called as the workbook's; which stand first is Excel's affair."""
    template = Template(filled)
    for element in list(template.workbook.names()):
        if element.get("name") in ("PE_KEYS", "PE_CHECKED", "PE_CHECKSUM", "PE_STATE", "PE_RESULTS_TOP"):
            copy = deepcopy(element)
            copy.set("localSheetId", "3")
            copy.text = "'校验结果'!$B$20"
            element.addprevious(copy)
    copied = saved(template.to_bytes(), tmp_path)
    report = check(filled)
    marked, usual = (Template(highlight(path, report).data) for path in (copied, filled))
    assert marked.parts["校验结果"].stored() == usual.parts["校验结果"].stored()


def test_a_stranger_is_marked_as_strangers_are() -> None:
    marked = highlight(EXAMPLE, check(EXAMPLE, policy="hunan-2023"))
    assert b"PE_MARKS" in Package.open(marked.data).read("xl/workbook.xml")


def test_clearing_empties_the_table_and_touches_no_form(filled: Path) -> None:
    cleared = unmark(highlight(filled, check(filled)).data)
    assert not cleared.exact
    part = Template(cleared.data).parts["校验结果"]
    assert part.value(5, 1) == "尚未校验"
    assert not any(part.texts(column) for column in (2, 4) if set(part.texts(column)) - {6, HEADER})
    before, after = Package.open(filled), Package.open(cleared.data)
    different = {name for name in before.names if before.read(name) != after.read(name)}
    assert different - {"xl/workbook.xml"} == {Template(filled).parts["校验结果"].part}
    assert Workbook(after).own_names == Workbook(before).own_names
    with pytest.raises(NoMarks, match="还没有校验过"):
        unmark(cleared.data)


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/worksheets/sheet2.xml", rb"\$A\$1:\$A\$\d+", b"$A$1:$A$999999"),
        ("xl/worksheets/sheet2.xml", rb'REPT\(" ",64\)', b'REPT(" ",999999999)'),
        ("xl/worksheets/sheet2.xml", rb'<c r="A1"', b'<c r="?"'),
        ("xl/worksheets/sheet2.xml", rb'(<c r="A1" [^>]*><v>)', rb"\g<1>99999"),
        ("xl/worksheets/sheet11.xml", rb"(?s)<sheetData>.*</sheetData>", b""),
        ("xl/worksheets/sheet11.xml", rb'<row r="9"', b'<row r="900"'),
    ],
)
def test_what_only_looks_like_the_template_is_refused_in_one_line(
    filled: Path, tmp_path: Path, part: str, old: bytes, new: bytes
) -> None:
    package = Package.open(shipped(".xlsx"))
    content = package.read(part)
    assert re.search(old, content)
    package.put(part, re.sub(old, new, content))
    with pytest.raises(PackageError, match="模板的工作表已损坏"):
        highlight(saved(package.to_bytes(), tmp_path), check(filled))


@pytest.mark.parametrize("text", ["1+1", "'校验结果'!#REF!", "[1]校验结果!$A$8", "'校验结果'!$A$99999999"])
def test_names_that_point_elsewhere_make_no_template(text: str) -> None:
    template = Template(shipped(".xlsx"))
    for element in template.workbook.names():
        if element.get("name") == "PE_RESULTS_TOP":
            element.text = text
    assert not is_template(template.workbook)
