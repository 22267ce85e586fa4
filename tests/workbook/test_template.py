"""The template as built: reproducible, read without a flaw, sound as a package, formulas blank where nothing is filled."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from pathlib import Path

import build_template
import openpyxl
import pytest
from lxml import etree
from openxml_audit import OpenXmlValidator

from perfeval_xl.forms import read_forms
from perfeval_xl.grid import Area, coordinates
from perfeval_xl.hosts.marks.workbook import highlight
from perfeval_xl.hosts.package import seal
from perfeval_xl.hosts.package.tree import Element
from perfeval_xl.hosts.package.workbook import Workbook
from perfeval_xl.hosts.package.xml import WORKBOOK_ORDER, WORKSHEET_ORDER, child, children, local_name
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.hosts.template.filling import fill
from perfeval_xl.hosts.template.template import Template
from perfeval_xl.policy import DEFAULT_POLICY
from perfeval_xl.runs.checking import check
from tests.support import ROOT
from tests.workbook.template_builder import WORKBOOK, build, built

VARIANTS = pytest.mark.parametrize("macros", [False, True], ids=["xlsx", "xlsm"])
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
FORM_SHEETS = ("附件1", "附件2", "附件3-1", "附件4", "附件5", "附件6", "自评报告")


def saved(data: bytes, folder: Path, name: str = "模板.xlsx") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


# -- the build ------------------------------------------------------------------------------------------------


@VARIANTS
def test_two_builds_are_the_same_bytes(macros: bool) -> None:
    assert build(macros) == built(macros)


def test_the_committed_templates_are_what_the_sources_build() -> None:
    files = dict(build_template.built())
    assert sorted(path.name for path in files) == ["template.xlsm", "template.xlsx"]
    for path, data in files.items():
        assert path.read_bytes() == data, path.name


def test_the_macro_template_is_the_plain_one_with_macros() -> None:
    package = Package.open(WORKBOOK / "template.xlsm")
    assert {"xl/vbaProject.bin", "customUI/customUI14.xml"} <= set(package.names)
    assert [sheet.name for sheet in Workbook(package).sheets] == [
        *(sheet.name for sheet in Workbook(Package.open(WORKBOOK / "template.xlsx")).sheets), "xlwings.conf", "PE_Texts"
    ]  # fmt: skip


# -- what a reader sees ---------------------------------------------------------------------------------------


@VARIANTS
def test_the_empty_template_says_only_that_it_is_not_filled_in(macros: bool, tmp_path: Path) -> None:
    report = check(saved(built(macros), tmp_path))
    assert [(found.rule, found.severity, found.row_label) for found in report.findings] == [
        ("PE701", "info", "尚未填写")
    ] * 4
    assert report.verdict == "incomplete"
    assert tuple(form.sheet for form in report.summaries) == FORM_SHEETS
    assert (report.unread, report.forms.unreadable) == ((), ())
    assert (report.unit, report.year, report.policy_id) == (None, None, DEFAULT_POLICY)


@VARIANTS
def test_no_formula_lacks_its_value_and_none_is_zero_while_nothing_is_filled(
    macros: bool, tmp_path: Path
) -> None:
    book = read_book(saved(built(macros), tmp_path))
    formulas = [(grid.sheet, cell) for grid in book.grids for cell in grid.cells.values() if cell.formula]
    assert len(formulas) > 140
    assert [where for where, cell in formulas if cell.uncached or cell.error] == []
    figures = {cell.formula or "" for _, cell in formulas if not isinstance(cell.value, str)}
    assert all("UNICODE(" in formula or formula.count("!$") > 4 for formula in figures)


def test_shipped_values_are_what_the_formulas_give() -> None:
    before = Template(built(False)).parts
    template = Template(built(False))
    template.recalculate()
    for name, part in template.parts.items():
        for place, stored in part.stored().items():
            if stored.formula and "UNICODE(" not in stored.formula and "PE_CHECKSUM" not in stored.formula:
                shipped = before[name].stored()[place].value
                assert shipped == stored.value or (name == "校验结果" and place[1] > 11), (name, place)


@VARIANTS
def test_all_forms_filled_in_are_read_as_the_example_is(macros: bool, tmp_path: Path) -> None:
    for source in (
        ROOT / "workbook" / "example-2023.xlsx",
        ROOT / "workbook" / "example" / "clean-2023.xlsx",
    ):
        template = Template(built(macros))
        assert fill(template, read_forms(read_book(source))) == ()
        filled = check(saved(template.to_bytes(), tmp_path))
        original = check(source, policy="hunan-2023")
        said = [
            sorted((f.rule, f.severity, f.form, f.row_label) for f in report.findings)
            for report in (filled, original)
        ]
        assert said[0] == said[1]
        assert (filled.verdict, filled.unit, filled.year) == (original.verdict, original.unit, original.year)
        assert len(filled.summaries) == len(original.summaries)


# -- 核对, protection, prompts ---------------------------------------------------------------------------------


def test_the_checking_column_is_in_the_macro_variant_only_and_does_not_print() -> None:
    with zipfile.ZipFile(io.BytesIO(built(False))) as plain:
        parts = [plain.read(name).decode() for name in plain.namelist() if "worksheets/sheet" in name]
    assert not any(re.search(r"PE_(JUDGE|RATE|SUM|SCORE|EXEC_SCORE|GRADE)\(", part) for part in parts)
    template = Template(built(True))
    areas = {
        (element.text or "").rpartition("!")[0].strip("'"): Area.of(
            (element.text or "").rpartition("!")[2].replace("$", "")
        )
        for element in template.workbook.names()
        if element.get("name") == "_xlnm.Print_Area"
    }
    found = 0
    for name, part in template.parts.items():
        for (row, column), stored in part.stored().items():
            if stored.formula and "PE_" in stored.formula and re.search(r"PE_[A-Z_]+\(", stored.formula):
                assert stored.formula.startswith("IFERROR(")
                assert stored.value == ""
                assert (row, column) not in areas[name]
                found += 1
    assert found > 100


@VARIANTS
def test_every_sheet_with_macros_has_a_code_name_of_its_own(macros: bool) -> None:
    names = []
    for part in Template(built(macros)).parts.values():
        properties = child(part.root, "sheetPr")
        names.append(None if properties is None else properties.get("codeName"))
    if macros:
        assert all(name and name.isascii() for name in names)
        assert len(set(names)) == len(names)
    else:
        assert set(names) == {None}


def test_protection_leaves_inputs_rows_and_formats_open() -> None:
    template = Template(built(False))
    styles = child(template.package.document("xl/styles.xml").root, "cellXfs")
    assert styles is not None

    def locked(part: str, row: int, column: int) -> bool:
        cell = template.parts[part].cells[row, column]
        protection = child(styles[int(cell.get("s", "0"))], "protection")
        return protection is None or protection.get("locked") != "0"

    for name in ("附件1", "附件2", "附件3-1", "附件4", "自评报告"):
        protection = child(template.parts[name].root, "sheetProtection")
        assert protection is not None
        assert protection.get("password") is None
        open_for = ("insertRows", "deleteRows", "formatCells", "formatColumns", "formatRows")
        assert [protection.get(key) for key in open_for] == ["0"] * 5
        prompted = [
            place
            for element in template.parts[name].root.iter(f"{MAIN}dataValidation")
            for area in (element.get("sqref") or "").split()
            for place in [coordinates(area.partition(":")[0])]
        ]
        assert prompted
        assert not any(locked(name, *place) for place in prompted)
    assert locked("附件1", 5, 6)  # 控制率
    assert locked("附件2", 5, 8)  # 执行率


def test_every_input_says_in_chinese_what_belongs_in_it() -> None:
    for name, part in Template(built(False)).parts.items():
        for element in part.root.iter(f"{MAIN}dataValidation"):
            title, text = element.get("promptTitle", ""), element.get("prompt", "")
            assert re.search("[\u4e00-\u9fff]", title + text), name
            assert 0 < len(title) <= 32
            assert 0 < len(text) <= 255
            lists = [child.text or "" for child in element if local_name(child) == "formula1"]
            assert all(len(text) <= 257 for text in lists)


# -- the package ----------------------------------------------------------------------------------------------


def packages(tmp_path: Path) -> list[bytes]:
    """Every state that leaves our hands: built, new, filled, marked, marked twice."""
    template = Template(built(False))
    fill(template, read_forms(read_book(ROOT / "workbook" / "example-2023.xlsx")))
    filled = saved(template.to_bytes(), tmp_path)
    marked = highlight(filled, check(filled)).data
    again = highlight(marked, check(saved(marked, tmp_path, "标注.xlsx"))).data
    return [built(False), (WORKBOOK / "template.xlsm").read_bytes(), filled.read_bytes(), marked, again]


def test_every_part_is_sound(tmp_path: Path) -> None:
    for data in packages(tmp_path):
        _sound_package(data)


def test_the_open_xml_schemas_have_nothing_to_say(tmp_path: Path) -> None:
    for number, data in enumerate(packages(tmp_path)):
        macros = "xl/vbaProject.bin" in Package.open(data)
        path = saved(data, tmp_path, f"{number}.xlsm" if macros else f"{number}.xlsx")
        assert [str(error) for error in OpenXmlValidator().validate(path).errors] == []


def test_a_strict_reader_takes_every_state_without_a_word(tmp_path: Path) -> None:
    for data in packages(tmp_path):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            book = openpyxl.load_workbook(io.BytesIO(data))
        assert book["附件1"].data_validations.count > 3
        assert len(book["附件2"].conditional_formatting) == 1
        assert list(book["校验结果"].tables) == ["PE_Results"]


def _sound_package(data: bytes) -> None:
    package = Package.open(data)
    assert len({name.lower() for name in package.names}) == len(package.names)
    for name in package.names:
        if name.endswith((".xml", ".rels", ".vml")):
            etree.fromstring(package.read(name))
            assert package.content_type(name), name
    for name in package.names:
        found = package.relationships(name)
        assert len({item.id for item in found}) == len(found)
        assert all(item.external or item.target in package for item in found)
    workbook = Workbook(package)
    _in_order(workbook.document.root, WORKBOOK_ORDER)
    assert len({sheet.name.casefold() for sheet in workbook.sheets}) == len(workbook.sheets)
    assert len({sheet.sheet_id for sheet in workbook.sheets}) == len(workbook.sheets)
    names = [
        (element.get("name", "").casefold(), element.get("localSheetId")) for element in workbook.names()
    ]
    assert len(set(names)) == len(names)
    for element in workbook.names():
        if element.get("name") == seal.NAME:  # what was written, as a constant: it refers to no sheet
            continue
        name = (element.text or "").rpartition("!")[0].strip("'")
        assert name in {sheet.name for sheet in workbook.sheets}
        local = element.get("localSheetId")
        assert local is None or workbook.sheets[int(local)].name == name
    for sheet in workbook.sheets:
        _sound_sheet(package, sheet.part or "")


def _in_order(root: Element, order: tuple[str, ...]) -> None:
    ranks = [order.index(local_name(element)) for element in root]
    assert ranks == sorted(ranks)


def _sound_sheet(package: Package, part: str) -> None:
    root = package.document(part).root
    _in_order(root, WORKSHEET_ORDER)
    rows = [int(row.get("r", "0")) for row in root.iter(f"{MAIN}row")]
    assert rows == sorted(set(rows))
    for row in root.iter(f"{MAIN}row"):
        places = [coordinates(cell.get("r", "")) for cell in children(row, "c")]
        assert places == sorted(set(places))
        assert all(place[0] == int(row.get("r", "0")) for place in places)
    merges = [Area.of(merge.get("ref", "")) for merge in root.iter(f"{MAIN}mergeCell")]
    covered = [(row, column) for area in merges for row in range(area.top, area.bottom + 1)
               for column in range(area.left, area.right + 1)]  # fmt: skip
    assert len(set(covered)) == len(covered)
    priorities = [rule.get("priority") for rule in root.iter(f"{MAIN}cfRule")]
    assert len(set(priorities)) == len(priorities)
    for element in (*root.iter(f"{MAIN}conditionalFormatting"), *root.iter(f"{MAIN}dataValidation")):
        assert element.get("sqref")
        assert all(str(Area.of(area)) == area for area in element.get("sqref", "").split())
    targets = {item.id for item in package.relationships(part)}
    used = [element.get(RID) for element in root.iter() if element.get(RID)]
    assert set(used) <= targets
    table = package.related(part, "table")
    if table is not None:
        _sound_table(package, table, root)


def _sound_table(package: Package, part: str, root: Element) -> None:
    table = package.document(part).root
    area = Area.of(table.get("ref", ""))
    columns = [column.get("name") for column in table.iter(f"{MAIN}tableColumn")]
    assert len(columns) == area.right - area.left + 1
    assert len(set(columns)) == len(columns)
    assert area.bottom > area.top
    filtered = child(table, "autoFilter")
    assert filtered is not None
    assert filtered.get("ref") == table.get("ref")
    rows = {int(row.get("r", "0")) for row in root.iter(f"{MAIN}row")}
    assert area.bottom in rows
