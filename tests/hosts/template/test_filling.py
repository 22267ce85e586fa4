"""The template as an object: project sheets, values, filling from other workbooks."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfeval_xl.errors import TemplateError
from perfeval_xl.forms import read_forms
from perfeval_xl.forms.records import Field, Forms
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.hosts.template.filling import Filler, fill, fill_in
from perfeval_xl.hosts.template.template import Template, shipped
from perfeval_xl.runs.checking import check
from perfeval_xl.text import clean
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
    assert (total.cells["final"].number, total.cells["final"].formula) == (
        Decimal(110),
        False,
    )  # as the form says


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


# -- whatever a form holds ------------------------------------------------------------------------------------


def content(forms: Forms) -> dict[str, Any]:
    """Every figure and text of forms, wherever they stand; blanks and what a label says by itself left out."""
    kinds: dict[str, Any] = {}
    for form in forms.basic:
        names = [clean(line.name) for line in form.lines]
        kinds.setdefault("basic", []).append(
            {
                "staff": form.staff and figures({"编制": form.staff.quota, "在职": form.staff.actual}),
                "lines": Counter(
                    (line.role, clean(line.name), None if line.parent is None else names[line.parent], cells)
                    for line in form.lines
                    if (cells := figures(line.cells))
                ),
                "buildings": [figures(building.cells) for building in form.buildings],
                "thrift": form.thrift and form.thrift.text,
            }
        )
    for judged in (*forms.overall, *forms.projects):
        funds = judged.funds.rows if judged.funds is not None else ()
        kinds.setdefault(judged.kind, []).append(
            {
                "head": {role: field.text for role, field in judged.head.items() if field.filled},
                "funds": Counter(
                    (row.role, clean(row.label.text) if row.role == "part" else "", cells)
                    for row in funds
                    if (cells := figures(row.cells))
                ),
                "nature": Counter(
                    (line.role, cells)
                    for line in (*judged.income, *judged.spending)
                    if (cells := figures({"": line.amount}))
                ),
                "goals": {
                    role: "\n".join(field.text for field in fields) for role, fields in judged.goals.items()
                },
                "indicators": Counter(
                    (item.level1, item.level2, item.name.text, item.target_text, item.actual_text,
                     figures({"分值": item.weight, "得分": item.score, "原因": item.reason}))
                    for item in judged.indicators
                ),
                "levels": {clean(level.label.text) for level in judged.levels if level.rows},
                "total": judged.total and figures({"分值": judged.total.weight, "得分": judged.total.score}),
            }
        )  # fmt: skip
    for table in forms.funds:
        rows = Counter(
            (clean(row.label.text), row.code, row.total, cells)
            for row in table.rows
            if (cells := figures(row.cells))
        )
        kinds.setdefault(table.kind, []).append(rows)
    for report in forms.narratives:
        kinds.setdefault("narrative", []).append([paragraph.text for paragraph in report.paragraphs])
    return kinds


def figures(cells: Mapping[str, Field | None]) -> tuple[tuple[str, Any], ...]:
    return tuple(
        (role, field.text if field.number is None else field.number / (100 if field.percent else 1))
        for role, field in sorted(cells.items())
        if field is not None and not field.blank
    )


def back(rows: Mapping[str, Sequence[Sequence[Any]]], folder: Path) -> tuple[Forms, Forms, Filler]:
    """Forms, the same read from the filled template, and the account."""
    forms = read_forms(book_of(rows))
    template = Template(shipped(".xlsx"))
    filler = fill_in(template, forms, {}, {})
    return forms, read_forms(read_book(saved(template, folder))), filler


FIGURES = st.one_of(st.decimals(min_value=0, max_value=99999, places=2), st.integers(0, 5000).map(Decimal))
AMOUNTS = st.none() | FIGURES
NAMES = st.text(st.sampled_from("道路养护图书采购培训宣传数据平台维修甲乙丙丁"), min_size=2, max_size=9)
LEVELS = st.sampled_from(
    [("产出指标", "数量指标"), ("产出指标", "安全指标"), ("效益指标(30分)", "生态效益指标"), ("成本指标(20分)", "经济成本指标"),
     ("满意度指标", "服务对象满意度指标"), ("管理指标", "")]
)  # fmt: skip
ROWS = st.tuples(LEVELS, NAMES, st.sampled_from(["≥95%", "3场", "有效提升", "12"]), AMOUNTS)


@st.composite
def filled_in(draw: st.DrawFn) -> dict[str, list[list[Any]]]:
    """The made-up unit's forms with other figures, and any number of lines, groups and projects."""
    sheets = {name: [list(row) for row in rows] for name, rows in BASE.items()}
    for rows in sheets.values():
        for row in rows:
            for column, value in enumerate(row):
                if isinstance(value, Decimal) and draw(st.booleans()):
                    row[column] = draw(FIGURES)
    basic = sheets["附件1"]
    end = next(index for index, row in enumerate(basic) if row[0] == "公用经费")
    for number in range(5, 5 + draw(st.integers(0, 4))):
        basic.insert(end, [f"{number}、{draw(NAMES)}专项", *draw(st.tuples(FIGURES, FIGURES, FIGURES))])
        end += 1
        for _ in range(draw(st.integers(0, 3))):
            basic.insert(end, [draw(NAMES), *draw(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS))])
            end += 1
    for name in ("附件2", "附件3-1"):
        rows = sheets[name]
        header = next(index for index, row in enumerate(rows) if "三级指标" in row)
        given = sorted(draw(st.lists(ROWS, max_size=12)), key=lambda row: row[0])
        total = len(rows) - 1 if name != "附件2" else len(rows) - 2
        if given:
            rows[header + 1 : total] = [
                [None, *levels, f"{text}{index}", target, target, weight, weight, None]
                for index, (levels, text, target, weight) in enumerate(given)
            ]
    fund = sheets["附件3-2"]
    for text in draw(st.lists(NAMES, max_size=3, unique=True)):
        fund.insert(7, [None, f"其中：{text}", *draw(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS))])
    for index in range(draw(st.integers(0, 14))):
        amounts = draw(st.tuples(*[FIGURES] * 6))
        sheets["附件4"].append([f"21208{index:02}", draw(NAMES), *amounts])
    sheets["自评报告"] += [[f"补充说明{index}。"] for index in range(draw(st.integers(0, 60)))]
    return sheets


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sheets=filled_in())
def test_every_figure_and_text_comes_back(sheets: dict[str, list[list[Any]]], tmp_path: Path) -> None:
    before, after, filler = back(sheets, tmp_path)
    expected, found = content(before), content(after)
    for kind, forms in expected.items():
        assert found[kind] == forms
    assert filler.notes == []


def test_the_sum_of_project_lines_knows_the_tenth_and_later_ones(template: Template, tmp_path: Path) -> None:
    numbered = [[f"{number}、专项{number}号", None, None, 1] for number in range(1, 13)]
    rows = [list(row) for row in BASE["附件1"]]
    start = next(index for index, row in enumerate(rows) if str(row[0]).startswith("项目支出"))
    end = next(index for index, row in enumerate(rows) if row[0] == "公用经费")
    rows[start][3] = 12
    rows[start + 1 : end] = numbered
    forms = read_forms(book_of({"附件1": rows}))
    fill(template, forms)
    read = read_forms(read_book(saved(template, tmp_path))).basic[0].line("projects")
    assert read is not None
    assert (read.cells["final"].number, read.cells["final"].formula) == (Decimal(12), True)
