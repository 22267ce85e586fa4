"""What a copy says of itself is what anybody can write into it: no record, no name makes it show what was not judged."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from perfeval_xl.errors import PackageError
from perfeval_xl.hosts.limits import LIMITS
from perfeval_xl.hosts.marks import template
from perfeval_xl.hosts.marks.results import SHEET_NAME
from perfeval_xl.hosts.marks.workbook import highlight, unmark
from perfeval_xl.hosts.package.workbook import Workbook
from perfeval_xl.hosts.package.xml import Document, append_new, new_root
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.reading import xlsx
from perfeval_xl.runs.checking import check
from tests.hosts.marks.test_workbook import NAMES, USUAL, office_file, report

RECORD = "customXml/item9.xml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET = "xl/worksheets/sheet1.xml"


def forged(data: bytes, pieces: Sequence[str | bytes]) -> bytes:
    """A file with a record that says it was made of these pieces; its checksum is right."""
    package = Package(data)
    workbook = Workbook(package)
    package.relate(workbook.part, f"{OFFICE}/customXml", RECORD)
    package.put(RECORD, b"<original/>", "application/xml")
    root = new_root("original", "urn:perfeval-xl:original:1")
    root.set("marked", Package(package.to_bytes()).digest(RECORD))
    for piece in pieces:
        if isinstance(piece, str):
            append_new(root, "member", name=piece)
        else:
            append_new(root, "bytes").text = base64.b64encode(piece).decode()
    package.put(RECORD, Document.new(root))
    return package.to_bytes()


def altered(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    package = Package(data)
    content = package.read(part)
    assert old in content
    package.put(part, content.replace(old, new))
    return package.to_bytes()


def shown(data: bytes) -> list[object]:
    """What the sheets show, the list of findings aside."""
    return [grid for grid in xlsx.read("", data, LIMITS).grids if grid.sheet in NAMES]


def told(notes: Sequence[str]) -> bool:
    return any("与副本现在的内容不符" in note for note in notes)


def with_macros(data: bytes) -> bytes:
    package = Package(data)
    package.put("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0", "application/vnd.ms-office.vbaProject")
    package.relate(
        "xl/workbook.xml",
        "http://schemas.microsoft.com/office/2006/relationships/vbaProject",
        "xl/vbaProject.bin",
    )
    return package.to_bytes()


def with_link(data: bytes) -> bytes:
    link = f'<Relationship Id="rId99" Type="{OFFICE}/attachedToolbars" Target="http://example.org/x" TargetMode="External"/>'
    end = b"</Relationships>"
    return altered(data, "xl/_rels/workbook.xml.rels", end, link.encode() + end)


def with_name(data: bytes) -> bytes:
    package = Package(data)
    workbook = Workbook(package)
    workbook.add_name("Auto_Open", "'附件1'!$A$1")
    workbook.save()
    return package.to_bytes()


OTHERS: dict[str, Callable[[bytes], bytes]] = {
    "a figure": lambda data: altered(data, SHEET, b"<v>673.65</v>", b"<v>1</v>"),
    "a formula": lambda data: altered(data, SHEET, b"<f>B8+C8</f>", b"<f>B9+C9</f>"),
    "a hidden sheet": lambda data: altered(data, "xl/workbook.xml", b"<sheet ", b'<sheet state="hidden" '),
    "macros": with_macros,
    "a link": with_link,
    "a name": with_name,
    "no workbook": lambda _: b"PK\x05\x06" + bytes(18),
    "no zip": lambda data: b"MZ" + data,
    "nothing": lambda _: b"",
}


@pytest.mark.parametrize("other", OTHERS)
def test_a_record_of_another_file_changes_nothing(other: str) -> None:
    source = office_file()
    lying = forged(source, [OTHERS[other](source)])
    marked = highlight(lying, USUAL)
    assert shown(marked.data) == shown(source)
    assert told(marked.notes)
    plain = unmark(lying)
    assert (plain.exact, shown(plain.data)) == (False, shown(source))
    assert told(plain.notes)
    assert not {"xl/vbaProject.bin", RECORD} & {*Package(plain.data).names}


def test_a_record_that_tells_the_truth_is_believed() -> None:
    source = office_file()
    marked = highlight(forged(source, [source]), USUAL)
    assert not told(marked.notes)
    assert unmark(marked.data).data == source


@pytest.mark.parametrize("pieces", [["xl/styles.xml"] * 50_000, [b""] * 50_000], ids=["members", "bytes"])
def test_a_record_of_many_pieces_is_not_put_together(pieces: list[str | bytes]) -> None:
    assert told(highlight(forged(office_file(), pieces), USUAL).notes)


def test_the_directory_of_a_record_is_not_taken_at_its_word() -> None:
    """A member that both are said to share is another one by the directory of the file that is given back."""
    source = with_macros(office_file())
    other = altered(source, "xl/vbaProject.bin", b"\xd0", b"\xd1")
    assert told(highlight(forged(source, ["xl/vbaProject.bin", other]), USUAL).notes)


def test_a_name_of_ours_over_a_form_does_not_let_it_be_replaced() -> None:
    package = Package(office_file())
    workbook = Workbook(package)
    workbook.add_name(SHEET_NAME, f"'{NAMES[0]}'!$A$1")
    workbook.save()
    source = package.to_bytes()
    marked = highlight(source, USUAL).data
    assert shown(marked) == shown(source)
    assert [sheet.name for sheet in Workbook(Package(marked)).sheets] == [*NAMES, "校验结果"]
    assert shown(unmark(source).data) == shown(source)


def test_a_list_that_holds_a_form_is_a_form(tmp_path: Path) -> None:
    """Under another name than ours it is read and judged: headings of ours in it do not let it vanish."""
    rows = "".join(
        f'<row r="{row}">'
        + "".join(
            f'<c r="{letter}{row}" t="inlineStr"><is><t>{text}</t></is></c>'
            for letter, text in zip("ABCDEFG", line, strict=False)
        )
        + "</row>"
        for row, line in enumerate(
            (
                ["级别", "单元格", "问题", "依据", "指纹"],
                ["附件3 项目支出绩效自评表"],
                ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"],
                ["产出指标", "数量指标", "培训人数", "≥100人", "90人", "10", "10"],
                ["总分", "", "", "", "", "100", "10"],
            ),
            1,
        )
    )
    package = Package(office_file(("附件3-1", "表")))
    part = package.read(SHEET)
    start, end = part.index(b"<sheetData>"), part.index(b"</sheetData>")
    package.put(SHEET, part[:start] + b"<sheetData>" + rows.encode() + part[end:])
    workbook = Workbook(package)
    workbook.add_name(SHEET_NAME, "'附件3-1'!$A$1")
    workbook.save()
    path = tmp_path / "一.xlsx"
    path.write_bytes(package.to_bytes())
    judged = check(path)
    assert judged.summaries
    names = [sheet.name for sheet in Workbook(Package(highlight(path, judged).data)).sheets]
    assert names == ["附件3-1", "表", "校验结果"]
    assert [sheet.name for sheet in Workbook(Package(unmark(path).data)).sheets] == ["附件3-1", "表"]


def test_a_template_whose_names_lie_outside_every_sheet_is_refused() -> None:
    package = Package(office_file(("附件1", "校验结果", "附件3空白表", "项目起", "项目止")))
    workbook = Workbook(package)
    for name in ("PE_KEYS", "PE_STATE", "PE_RESULTS_TOP"):
        workbook.add_name(name, "'校验结果'!$A$7")
    workbook.add_name("PE_CHECKED", "'校验结果'!$ZZZ$999999")
    workbook.save()
    assert template.is_template(Workbook(package))
    with pytest.raises(PackageError, match="模板的工作表已损坏"):
        highlight(package.to_bytes(), report())
