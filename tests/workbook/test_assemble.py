"""Sheets become a macro-enabled workbook: reproducibly, and nothing of the sheets is touched."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import build_addin
import macros
import pyopenvba
import pytest
import xlsxwriter
from assemble import AssemblyError, add_texts, code_names, macro_enabled
from lxml import etree
from oletools.olevba import VBA_Parser
from openxml_audit import OpenXmlValidator
from ribbon import NAMESPACE, ribbon_xml

from perfeval_xl.excel.actions import ACTIONS
from perfeval_xl.hosts.package.zip import Package
from tests.workbook.plain_book import plain_sheets
from tests.workbook.repair import repair_causes

EDITIONS: tuple[macros.Edition, ...] = ("template", "addin", "twin")


def parts(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


@pytest.mark.parametrize("edition", EDITIONS)
def test_same_sheets_same_bytes(edition: macros.Edition) -> None:
    assert macro_enabled(plain_sheets(), edition) == macro_enabled(plain_sheets(), edition)


@pytest.mark.parametrize("edition", EDITIONS)
def test_only_the_parts_that_must_change_do(edition: macros.Edition) -> None:
    before, after = parts(plain_sheets()), parts(macro_enabled(plain_sheets(), edition))
    assert after.keys() - before.keys() == {"xl/vbaProject.bin", "customUI/customUI14.xml"}
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"}


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("count", [1, 3, 40])
def test_office_has_nothing_to_repair(edition: macros.Edition, count: int, tmp_path: Path) -> None:
    package = macro_enabled(plain_sheets(count), edition)
    assert repair_causes(package) == []
    path = tmp_path / ("单位.xlam" if edition == "addin" else "单位.xlsm")
    path.write_bytes(package)
    report = pyopenvba.check_file(path)
    assert report.complete
    assert report.issues == ()
    assert OpenXmlValidator().validate(path).errors == []


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_module_is_read_back_equal(edition: macros.Edition) -> None:
    project = parts(macro_enabled(plain_sheets(), edition))["xl/vbaProject.bin"]
    found = {name: code for _, _, name, code in VBA_Parser("vbaProject.bin", data=project).extract_macros()}
    for module in macros.modules(edition):
        ending = "bas" if module.kind == "standard" else "cls"
        assert found[f"{module.name}.{ending}"].splitlines() == module.source.splitlines()
    assert {f"Sheet{number}.cls" for number in (1, 2, 3)} < found.keys()
    # Nothing runs when a workbook is opened: the documents' own modules are empty.
    documents = [
        code for name, code in found.items() if name.startswith(("ThisWorkbook", "Sheet", "PEWords"))
    ]
    assert not [code for code in documents if "Sub " in code]


def test_content_types_say_what_it_is() -> None:
    kinds: dict[macros.Edition, str] = {"template": "sheet", "addin": "addin"}
    for edition, kind in kinds.items():
        package = Package(macro_enabled(plain_sheets(), edition))
        assert (
            package.content_type("xl/workbook.xml")
            == f"application/vnd.ms-excel.{kind}.macroEnabled.main+xml"
        )
        assert package.content_type("xl/vbaProject.bin") == "application/vnd.ms-office.vbaProject"
        assert code_names(package).sheets == ("Sheet1", "Sheet2", "Sheet3", "PEWords")


def test_the_addin_has_no_window() -> None:
    assert b'visibility="hidden"' in parts(build_addin.build())["xl/workbook.xml"]
    assert b"visibility" not in parts(macro_enabled(plain_sheets(), "template"))["xl/workbook.xml"]


def test_sheets_without_code_names_or_with_macros_are_refused() -> None:
    with pytest.raises(AssemblyError, match="附件1 has no code name"):
        macro_enabled(plain_sheets(code_names=False), "template")
    with pytest.raises(AssemblyError, match="already"):
        macro_enabled(macro_enabled(plain_sheets(), "template"), "template")


@pytest.mark.parametrize(
    ("key", "fine"), [("Interpreter_Win", False), ("PYTHONPATH", False), ("Show Console", True)]
)
def test_a_settings_sheet_must_not_name_an_interpreter(key: str, fine: bool) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as workbook:
        workbook.set_vba_name("ThisWorkbook")
        sheet = workbook.add_worksheet("xlwings.conf")
        sheet.set_vba_name("Sheet1")
        sheet.write_row(0, 0, [key, ""])
        add_texts(workbook, "template")
    if fine:
        assert macro_enabled(stream.getvalue(), "template")
        return
    with pytest.raises(AssemblyError, match=key.upper()):
        macro_enabled(stream.getvalue(), "template")


def test_the_committed_addin_is_what_the_sources_build() -> None:
    assert parts(build_addin.COMMITTED.read_bytes()) == parts(build_addin.build())
    assert list(parts(build_addin.COMMITTED.read_bytes())) == list(parts(build_addin.build()))
    assert repair_causes(build_addin.build()) == []


def test_the_addin_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    assert build_addin.main(["--out", str(tmp_path / "a.xlam")]) == 0
    assert (tmp_path / "a.xlam").read_bytes() == build_addin.build()


# --- ribbon --------------------------------------------------------------------------------------------------


def test_the_ribbon_shows_the_table_of_actions() -> None:
    root = etree.fromstring(ribbon_xml(addin=False))
    groups = root.findall(f".//{{{NAMESPACE}}}group")
    assert [group.get("label") for group in groups] == ["审核", "定位", "处理", "填报", "文件", "帮助"]
    shown = [button.get("label") for button in root.iter(f"{{{NAMESPACE}}}button")]
    assert shown == [action.label for action in ACTIONS]
    assert [tab.get("label") for tab in root.iter(f"{{{NAMESPACE}}}tab")] == ["绩效自评"]


def test_the_addins_ribbon_has_what_makes_sense_anywhere_and_says_what_it_is() -> None:
    root = etree.fromstring(ribbon_xml(addin=True))
    shown = {button.get("id") for button in root.iter(f"{{{NAMESPACE}}}button")}
    assert shown == {action.id for action in ACTIONS if action.in_addin}
    assert not shown & {"add_project", "remove_project"}
    tabs = [
        tab
        for addin in (False, True)
        for tab in etree.fromstring(ribbon_xml(addin=addin)).iter(f"{{{NAMESPACE}}}tab")
    ]
    assert len({tab.get("label") for tab in tabs}) == len({tab.get("keytip") for tab in tabs}) == 2
