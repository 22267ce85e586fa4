"""Import: the same findings before and after, every cell accounted for, all or nothing."""

from __future__ import annotations

import io
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from perfeval_xl.cli import main
from perfeval_xl.errors import ImportFailure
from perfeval_xl.findings import Report
from perfeval_xl.forms import read_forms
from perfeval_xl.forms.segments import title_kind
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.hosts.template.template import Template
from perfeval_xl.runs.checking import check
from perfeval_xl.runs.importing import Imported, import_files
from perfeval_xl.text import clean, read_number
from tests import word
from tests.published.rendered import rendered
from tests.rules.test_rules import BASE
from tests.support import ROOT

EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
CLEAN = ROOT / "workbook" / "example" / "clean-2023.xlsx"


@pytest.fixture(scope="session")
def layouts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The example and its clean twin in every layout, as workbooks and as Word files."""
    folder = tmp_path_factory.mktemp("layouts")
    builder = ROOT / "workbook" / "build_example.py"
    subprocess.run([sys.executable, str(builder), "--out", str(folder)], check=True, capture_output=True)
    for layout in word.LAYOUTS:
        for which in ("example", "clean"):
            (folder / f"{which}-2023-{layout}.docx").write_bytes(word.build(layout, which == "clean"))
    return {path.name: path for path in folder.iterdir()}


NAMES = [
    f"{which}-2023-{layout}"
    for which in ("example", "clean")
    for layout in ("own.xlsx", "stacked.xlsx", "text.xlsx", *(f"{layout}.docx" for layout in word.LAYOUTS))
]


def said(report: Report) -> Counter[tuple[Any, ...]]:
    return Counter(
        (found.rule, found.severity, found.row_label, found.expected, found.actual)
        for found in report.findings
    )


def imported(folder: Path, *sources: Path, suffix: str = ".xlsx", **options: Any) -> tuple[Imported, Path]:
    done = import_files(sources, suffix, **options)
    path = folder / f"导入{suffix}"
    path.write_bytes(done.data)
    return done, path


# -- parity ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_check_finds_the_same_before_and_after(name: str, layouts: dict[str, Path], tmp_path: Path) -> None:
    done, path = imported(tmp_path, layouts[name])
    before, after = check(layouts[name]), check(path)
    assert said(after) == said(before)
    assert (after.unit, after.year, after.policy_id) == (before.unit, before.year, before.policy_id)
    assert done.unplaced == ()


# -- nothing is dropped ---------------------------------------------------------------------------------------


def test_what_stands_beside_the_forms_is_listed_in_the_workbook_too(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.load_workbook(EXAMPLE)
    book["附件1"]["J9"] = "另有代管资金12.5万元"
    book["附件3-2"]["L12"] = 77
    book.create_sheet("车辆台账").append(["车牌", "里程"])
    source = tmp_path / "单位.xlsx"
    book.save(source)
    done, path = imported(tmp_path, source)
    assert [text.partition("（")[0].partition("　")[0] for text in done.unplaced] == [
        "附件1!J9", "附件3-2!L12", "车辆台账!A1", "车辆台账!B1",
    ]  # fmt: skip
    log = next(grid for grid in read_book(path).grids if grid.sheet == "导入记录")
    kept = [[log.cells[row, column].text for column in (3, 4, 5)] for row in range(4, 8)]
    assert kept == [
        ["附件1", "J9", "另有代管资金12.5万元"],
        ["附件3-2", "L12", "77"],
        ["车辆台账", "A1", "车牌"],
        ["车辆台账", "B1", "里程"],
    ]
    assert said(check(path)) == said(check(EXAMPLE))  # the record is no form


def test_a_big_sheet_that_is_no_form_does_not_swell_the_workbook(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.load_workbook(EXAMPLE)
    page = book.create_sheet("流水账")
    for row in range(300):
        page.append([row * column for column in range(1, 8)])
    source = tmp_path / "单位.xlsx"
    book.save(source)
    done, path = imported(tmp_path, source)
    assert len(done.unplaced) == 2100
    log = next(grid for grid in read_book(path).grids if grid.sheet == "导入记录")
    told = [cell.text for cell in log.cells.values() if "另有" in cell.text]
    assert told == ["这张表另有 1100 格没有放进，请看原文件"]


# -- the command line -----------------------------------------------------------------------------------------


def test_the_command_says_what_went_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "单位.xlsm"
    assert main(["import", str(EXAMPLE), "-o", str(out)]) == 0
    text = capsys.readouterr().out
    assert "附件3-7 → 附件3-7：" in text
    assert "没有遗漏" in text
    assert check(out).policy_id == "national-2020"


@pytest.mark.parametrize(
    ("sources", "out", "line"),
    [
        (["没有.xlsx"], "单位.xlsx", "没有.xlsx：找不到这个文件"),
        (["好.xlsx", "坏.xlsx", "没有.docx"], "单位.xlsx", "（共 2 个文件读不了）没有导入任何内容"),
        (["好.xlsx", "好.xlsx"], "单位.xlsx", "同一个文件写了两次"),
        (["无关.xlsx"], "单位.xlsx", "无关.xlsx：没有找到绩效自评表或自评报告"),
        (["好.xlsx"], "好.xlsx", "被检查的文件从不改动"),
        (["好.xlsx"], "单位.docx", "新文件应以 .xlsm 或 .xlsx 结尾"),
    ],
)
def test_bad_input_gets_one_line_and_nothing_is_written(
    sources: list[str], out: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import openpyxl

    (tmp_path / "好.xlsx").write_bytes(EXAMPLE.read_bytes())
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04")
    openpyxl.Workbook().save(tmp_path / "无关.xlsx")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert main(["import", *(str(tmp_path / name) for name in sources), "-o", str(tmp_path / out)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert line in said.err
    assert said.err.count("\n") == 1
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_several_sources_make_one_workbook(tmp_path: Path) -> None:
    import openpyxl

    tables = openpyxl.load_workbook(EXAMPLE)
    del tables["自评报告"]
    tables.save(tmp_path / "附件.xlsx")
    report = openpyxl.load_workbook(EXAMPLE)
    for name in report.sheetnames:
        if name != "自评报告":
            del report[name]
    report.save(tmp_path / "报告.xlsx")
    done, path = imported(tmp_path, tmp_path / "报告.xlsx", tmp_path / "附件.xlsx")
    assert said(check(path)) == said(check(EXAMPLE))
    assert done.unplaced == ()
    assert {form.source for form in done.forms} >= {"报告.xlsx｜自评报告", "附件.xlsx｜附件1"}


def test_nothing_is_imported_from_an_empty_list_of_forms(tmp_path: Path) -> None:
    import openpyxl

    openpyxl.Workbook().save(tmp_path / "空.xlsx")
    with pytest.raises(ImportFailure, match="没有找到绩效自评表"):
        import_files([tmp_path / "空.xlsx"], ".xlsx")


# -- other bureaus' forms -------------------------------------------------------------------------------------

#: Why a check of the filled template says more than one of the source: the template has forms and cells that the source
#: has not, and says so while they are empty.
_NOT_IN_THE_SOURCE = {"PE701", "PE507", "PE309", "PE608"}
#: Why it says less, and the few other differences, by table.
_EXPLAINED: dict[str, set[str]] = {
    # A figure typed as text is a figure in the template; the empty cell that a form's own label asked for has another name.
    "county_form_2018": {"PE703", "PE701"},
    "ezhou_xzsp": {
        "PE703",
        "PE701",
        "PE301",
        "PE304",
        "PE311",
    },  # the transcript has no total row, the template has
    "lingling_linye": {"PE703", "PE301", "PE302", "PE211", "PE311"},  # likewise
    "huoshan_yibao": {"PE703", "PE405"},  # a form without weights: the template asks for them first
    "chizhou_tangxi": {"PE301", "PE311"},
    "jinzhai_chagu": {"PE301", "PE311"},
    "suixi_minzheng": {"PE301", "PE311"},
    "liuan_yuan_wenlv": {"PE301", "PE311"},
    "jishan_zhaidian_hospital": {"PE301", "PE311"},
    "liangping_forestry": {"PE301", "PE311"},
    "guangshui_transport": {"PE301", "PE302"},  # the transcript ends before the last indicators of the group
    "suining_jkq_market": {"PE424"},  # a form without scores: the template asks for them first
    # A target in percent is written with its sign in the template; a count beside a unit of its own column loses that unit's cell.
    "yongde_minglang_school": {"PE417"},
    "daying_sifa": {"PE701", "PE301"},
    "qingshen_fgj": {"PE701"},  # the template computes the score that was left empty
    "tianchang_water": {"PE701"},
    # A form whose indicator table is missing cannot be read; in the template that table is there, and empty.
    "daying_yibao": {"PE901"},
    "lingling_cdc": {"PE901"},
    "hengshan_guantang": {"PE901", "PE212", "PE509"},
    "fukang_tjj": {"PE212"},
    "huanggang_shuibao": {"PE309"},  # two tables of one form become one
    "yinchuan_liuzhong": {
        "PE302",
        "PE305",
    },  # the transcript ends before the last indicators and has no total row
    "shidian_nongjing": {
        "PE204",
        "PE211",
    },  # its total row has another name; reasons under the table are only listed
    "linhe_jiuye": {"PE713"},  # the typed total stands over the template's formula
}
PUBLISHED = sorted(
    path.stem for path in (ROOT / "tests" / "published").glob("*.yaml") if path.stem != "reviewed"
)


@pytest.mark.parametrize("stem", PUBLISHED)
def test_other_bureaus_findings_stay(stem: str, tmp_path: Path) -> None:
    source = tmp_path / f"{stem}.xlsx"
    source.write_bytes(rendered(stem))
    done, path = imported(tmp_path, source, policy="national-2020")
    before, after = said(check(source, policy="national-2020")), said(check(path))
    explained = _EXPLAINED.get(stem, set())
    assert {key[0] for key in before - after} <= explained
    assert {key[0] for key in after - before} <= explained | _NOT_IN_THE_SOURCE
    assert all(form.target for form in done.forms)


@pytest.mark.parametrize("stem", ["linhe_jiuye", "cq_kexuecheng_media", "county_form_2018"])
def test_every_cell_is_placed_or_listed(stem: str, tmp_path: Path) -> None:
    """Nothing that is neither a figure nor a text of the filled template nor listed, other than what forms print."""
    source = tmp_path / f"{stem}.xlsx"
    source.write_bytes(rendered(stem))
    done, path = imported(tmp_path, source)
    book = read_book(path)
    kept = {clean(cell.text) for grid in book.grids for cell in grid.cells.values()}
    everything = "".join(kept)
    for grid in read_book(source).grids:
        for cell in grid.cells.values():
            number = read_number(cell.text)
            if number is not None and clean(cell.text) not in kept:
                shown = {found.value for text in kept if (found := read_number(text)) is not None}
                assert number.value in shown, cell
            elif number is None and not labels_only(cell.text):
                assert clean(cell.text) in everything or clean(cell.text).split(":")[-1] in everything, cell
    assert done.unplaced


def test_goals_written_a_row_each_come_into_one_cell(tmp_path: Path) -> None:
    source = tmp_path / "目标.xlsx"
    source.write_bytes(rendered("anju_market"))
    done, path = imported(tmp_path, source)
    before, after = (read_forms(read_book(one)).projects[0].goals for one in (source, path))
    for role, fields in before.items():
        assert len(fields) == 4
        assert [field.text for field in after[role]] == ["\n".join(field.text for field in fields)]
    assert not any("目标2" in text for text in done.unplaced)


def labels_only(text: str) -> bool:
    """Short texts and titles are what forms print; the tests of the accounting look for these one by one."""
    return len(clean(text)) <= 12 or title_kind(text) is not None


# -- figures --------------------------------------------------------------------------------------------------


def test_amounts_in_yuan_become_exact_amounts_in_ten_thousands(tmp_path: Path) -> None:
    rows = [list(row) for row in BASE["附件3-1"]]
    rows[4][0] = "项目资金(元)"
    rows[5][2:5] = [Decimal("500000.5"), Decimal("1234567.89"), Decimal("1234567.89")]
    rows[6][2:5] = rows[5][2:5]
    source = tmp_path / "元.xlsx"
    source.write_bytes(workbook_of({"附件3-1": rows}))
    _, path = imported(tmp_path, source)
    fund = read_forms(read_book(path)).projects[0].funds
    assert fund is not None
    assert fund.total is not None
    shown = [fund.total.cells[column].text for column in ("initial", "budget", "executed")]
    assert shown == ["50.00005", "123.456789", "123.456789"]
    assert Template(path).parts["附件3-1"].stored()[6, 4].formula is not None


def test_error_values_and_formulas_never_calculated(tmp_path: Path) -> None:
    rows = {name: [list(row) for row in rows] for name, rows in BASE.items()}
    rows["附件1"][13][1] = "=SUM(B99:B100)"
    source = tmp_path / "公式.xlsx"
    source.write_bytes(workbook_of(rows))
    done, path = imported(tmp_path, source)
    assert [text.partition("（")[0] for text in done.unplaced] == ["附件1!B14"]
    assert "公式没有计算结果" in done.unplaced[0]
    assert read_forms(read_book(path)).basic[0].line("sangong") is not None


def by_rule(path: Path) -> Counter[tuple[str, str]]:
    return Counter((finding.rule, finding.severity) for finding in check(path).findings)


def test_second_forms_of_a_kind_keep_their_findings(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.load_workbook(EXAMPLE)
    for name in ("附件1", "附件2", "附件4", "自评报告"):
        book.copy_worksheet(book[name])
    book["附件1 Copy"]["B9"] = 5.5
    source = tmp_path / "两套.xlsx"
    book.save(source)
    done, path = imported(tmp_path, source)
    # By rule: of a text and a cell that are equally suspect, the first in the workbook is named, and sheets have moved.
    assert by_rule(path) == by_rule(source)
    assert done.unplaced == ()
    assert [grid.sheet for grid in read_book(path).grids if grid.sheet.endswith("(2)")] == [
        "附件1(2)", "附件2(2)", "附件4(2)", "自评报告(2)",
    ]  # fmt: skip


def test_prose_without_a_title_is_the_report(tmp_path: Path) -> None:
    import docx

    document = docx.Document()
    for number in range(4):
        document.add_paragraph(f"第{number}项工作已经完成。")
    document.save(str(tmp_path / "说明.docx"))
    tables = tmp_path / "表.xlsx"
    tables.write_bytes(workbook_of({"附件1": BASE["附件1"]}))
    done, path = imported(tmp_path, tables, tmp_path / "说明.docx")
    texts = [paragraph.text for paragraph in read_forms(read_book(path)).narratives[0].paragraphs]
    assert texts == [f"第{number}项工作已经完成。" for number in range(4)]
    assert done.unplaced == ()


def workbook_of(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
