"""The template as an object: project sheets, values, filling from other workbooks."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from perfeval_xl.checking import check
from perfeval_xl.forms import read_forms
from perfeval_xl.hosts.filling import fill
from perfeval_xl.hosts.loading import read_book
from perfeval_xl.hosts.template import Template, TemplateError, shipped
from tests.rules.test_rules import BASE
from tests.support import ROOT, book_of, changed


@pytest.fixture
def template() -> Template:
    return Template(shipped(".xlsx"))


def saved(template: Template, folder: Path) -> Path:
    path = folder / "填好.xlsx"
    path.write_bytes(template.to_bytes())
    return path


def test_project_sheets_stand_between_the_guards(template: Template, tmp_path: Path) -> None:
    assert [template.add_project() for _ in range(2)] == ["附件3-2", "附件3-3"]
    assert template.projects == ["附件3-1", "附件3-2", "附件3-3"]
    for name, amount in zip(template.projects, (1.0, 2.0, 4.0), strict=True):
        template.parts[name].set(7, 6, amount)
    template.recalculate()
    book = read_book(saved(template, tmp_path))
    assert [grid.sheet for grid in book.grids if grid.state == "visible"] == [
        "填报说明", "附件1", "附件2", "附件3-1", "附件3-2", "附件3-3", "附件4", "附件5", "附件6",
        "自评报告", "校验结果", "更正记录",
    ]  # fmt: skip
    overall = next(grid for grid in book.grids if grid.sheet == "附件2")
    assert str(overall.cells[8, 9].value) == "7"
    captions = [grid.cells[1, 1].text for grid in book.grids if grid.sheet.startswith("附件3-")]
    assert captions == template.projects


def test_another_workbook_is_not_taken_for_the_template() -> None:
    with pytest.raises(TemplateError, match="不是本工具的填报模板"):
        Template(ROOT / "workbook" / "example-2023.xlsx")


def test_a_made_up_unit_fills_in_without_a_flaw(template: Template, tmp_path: Path) -> None:
    forms = read_forms(book_of(BASE))
    notes = fill(template, forms)
    assert notes == ()
    report = check(saved(template, tmp_path), policy="national-2020")
    loud = [
        (found.rule, str(found.place), found.message) for found in report.findings if found.severity != "info"
    ]
    assert loud == []
    assert len(report.forms.projects) == len(forms.projects)


def test_what_a_form_says_in_a_computed_cell_is_kept_where_it_differs(
    template: Template, tmp_path: Path
) -> None:
    wrong = {
        "附件1 / 三公经费 / 2023年决算数": 9.9,
        "附件2 / 年度资金总额 / 执行率": "90%",
        "附件2 / 总分 / 自评得分": 98,
    }
    fill(template, read_forms(book_of(changed(BASE, wrong))))
    report = check(saved(template, tmp_path), policy="national-2020")
    assert {found.rule for found in report.findings if found.severity == "error"} == {
        "PE101",
        "PE204",
        "PE305",
    }
    assert template.parts["附件1"].stored()[7, 6].formula is None
    assert template.parts["附件1"].stored()[7, 4].formula is not None


def test_more_lines_than_the_template_has_get_rows_of_their_own(template: Template, tmp_path: Path) -> None:
    rows = [list(row) for row in BASE["附件1"]]
    at = next(index for index, row in enumerate(rows) if row[0] == "公用经费")
    rows[at:at] = [
        ["5、市级专项资金", None, None, 2],
        ["6、省级专项资金", None, None, 7],
        ["其中：省级甲", None, None, 7],
    ]
    forms = read_forms(book_of({"附件1": rows}))
    assert fill(template, forms) == ()
    read = read_forms(read_book(saved(template, tmp_path))).basic[0]
    lines = {
        line.name: line.cells["final"].number
        for line in read.lines
        if line.role in ("project_line", "detail")
    }
    assert lines["省级专项资金"] == lines["省级甲"] == 7
    total = read.line("projects")
    assert total is not None
    assert (total.cells["final"].number, total.cells["final"].formula) == (110, False)  # as the form says


def test_the_report_says_by_itself_what_the_forms_say(template: Template, tmp_path: Path) -> None:
    source = ROOT / "workbook" / "example" / "clean-2023.xlsx"
    forms = dataclasses.replace(read_forms(read_book(source)), narratives=())
    fill(template, forms)
    texts = template.parts["自评报告"].texts(1).values()
    assert "本单位基本支出360.71万元，其中人员经费299.66万元，日常公用经费61.05万元。" in texts
    assert any(text.startswith("2023年项目支出673.65万元，其中：业务工作经费107.96万元、") for text in texts)
    assert "2023年度本单位没有政府性基金预算安排的支出。" in texts
    report = check(saved(template, tmp_path))
    # What formulas cannot write is missing, and nothing else is said of the text.
    assert report.count("error") == 0
    assert [found.rule for found in report.findings if found.family == "narrative"] == ["PE608"]
