"""`perfeval-xl new`: a workbook for one unit, ready to be filled in."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from perfeval_xl.cli import main
from perfeval_xl.errors import CarryError
from perfeval_xl.forms import particulars, read_forms
from perfeval_xl.forms.records import Forms
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.hosts.template.template import Template, shipped
from perfeval_xl.policy import load_policy
from perfeval_xl.runs.checking import check
from perfeval_xl.runs.importing import import_files
from perfeval_xl.runs.new import SUFFIXES, CarriedOver, from_last_year
from tests.published.rendered import rendered
from tests.support import ROOT
from tests.word import build


def test_unit_and_year_stand_in_every_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "新 单位.xlsx"
    assert (
        main(["new", str(path), "--unit", "甲县图书馆", "--year", "2025", "--policy", "national-2020"]) == 0
    )
    assert str(path) in capsys.readouterr().out
    report = check(path)
    assert (report.unit, report.year, report.policy_id, report.verdict) == (
        "甲县图书馆",
        2025,
        "national-2020",
        "incomplete",
    )
    assert {(found.rule, found.severity, found.row_label) for found in report.findings} == {
        ("PE701", "info", "尚未填写")
    }
    assert all(form.year == 2025 for form in report.forms)
    assert all(
        form.unit_name is not None and "图书馆" in form.unit_name.text
        for form in report.forms
        if form.kind != "narrative"
    )
    texts = {cell.text for grid in read_book(path).grids for cell in grid.cells.values()}
    assert {
        "2024年决算数",
        "2025年预算数",
        "2025年实际在职人数",
        "2025年度甲县图书馆整体支出绩效自评报告",
    } <= texts


def shown_policy(path: Path) -> str:
    return particulars(read_book(path))["PE_POLICY"].text


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_policy_stands_there_by_its_chinese_name(suffix: str, tmp_path: Path) -> None:
    empty, hunan, next_one = (tmp_path / f"{name}{suffix}" for name in ("空", "湖南", "下一年"))
    main(["new", str(empty)])
    assert shown_policy(empty) == load_policy("national-2020").title
    main(["new", str(hunan), "--unit", "甲局", "--year", "2024", "--policy", "hunan-2023"])
    assert shown_policy(hunan) == load_policy("hunan-2023").title
    assert check(hunan).policy_id == "hunan-2023"
    main(["new", str(next_one), "--from", str(hunan)])
    assert check(next_one).policy_id == "hunan-2023"
    main(["new", str(next_one), "--from", str(hunan), "--policy", "hubei-2020"])
    assert shown_policy(next_one) == load_policy("hubei-2020").title


@pytest.mark.parametrize(("asked", "shown"), [(None, "hunan-2023"), ("hubei-2020", "hubei-2020")])
def test_an_id_of_an_older_workbook_is_read_and_becomes_a_name(
    asked: str | None, shown: str, tmp_path: Path
) -> None:
    template = Template(shipped(".xlsx"))
    template.set_name("PE_POLICY", "hunan-2023")
    old, new = tmp_path / "旧.xlsx", tmp_path / "新.xlsx"
    old.write_bytes(template.to_bytes())
    assert check(old).policy_id == "hunan-2023"
    new.write_bytes(import_files([old], ".xlsx", policy=asked).data)
    assert shown_policy(new) == load_policy(shown).title


def test_the_macro_variant_keeps_its_macros_and_ribbon(tmp_path: Path) -> None:
    path = tmp_path / "新单位.xlsm"
    assert main(["new", str(path), "--unit", "甲县图书馆", "--year", "2025"]) == 0
    before, after = Package.open(shipped(".xlsm")), Package.open(path)
    assert after.names == before.names
    for name in (
        "xl/vbaProject.bin",
        "customUI/customUI14.xml",
        "[Content_Types].xml",
        "xl/drawings/vmlDrawing1.vml",
    ):
        assert after.read(name) == before.read(name)
    report = check(path)
    assert (report.unit, report.year, report.verdict) == ("甲县图书馆", 2025, "incomplete")
    assert {found.row_label for found in report.findings} == {"尚未填写"}


def test_without_options_it_is_the_template(tmp_path: Path) -> None:
    path = tmp_path / "空.xlsx"
    assert main(["new", str(path)]) == 0
    written, template = Template(path), Template(shipped(".xlsx"))
    for name, part in template.parts.items():
        ours = {place: stored for place, stored in written.parts[name].stored().items() if place[0] > 1}
        theirs = {place: stored for place, stored in part.stored().items() if place[0] > 1}
        if name != "校验结果":
            assert ours == theirs, name


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["坏.docx"], "应以 .xlsm 或 .xlsx 结尾"),
        (["有.xlsx"], "没有写入 有.xlsx：那里已有一个文件"),
        (["新.xlsx", "--year", "25"], "评价年度应是"),
        (["新.xlsx", "--policy", "没有"], "没有自带的政策"),
        (["没有的文件夹/新.xlsx"], "文件夹不存在"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "有.xlsx").write_bytes(b"another")
    assert main(["new", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "新.xlsx"
    assert main(["new", str(path), "--unit", "=HYPERLINK(1)", "--year", "2025"]) == 0
    cells = [
        cell for grid in read_book(path).grids for cell in grid.cells.values() if "HYPERLINK" in cell.text
    ]
    assert cells
    assert all(cell.formula is None or not cell.formula.startswith("=HYPERLINK") for cell in cells)


# -- last year carried over -----------------------------------------------------------------------------------

EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
CLEAN = ROOT / "workbook" / "example" / "clean-2023.xlsx"


def forms_of(path: Path) -> Forms:
    return read_forms(read_book(path))


def carried(source: Path, folder: Path, **options: object) -> tuple[Path, CarriedOver]:
    done = from_last_year(source, ".xlsx", **options)  # type: ignore[arg-type]
    path = folder / "今年.xlsx"
    path.write_bytes(done.data)
    return path, done


def published(name: str, folder: Path) -> Path:
    """Tables of another bureau as a workbook."""
    path = folder / f"{name}.xlsx"
    path.write_bytes(rendered(name))
    return path


def test_last_years_workbook_becomes_this_years(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "2024.xlsx"
    before = EXAMPLE.read_bytes()
    assert main(["new", str(path), "--from", str(EXAMPLE)]) == 0
    said = capsys.readouterr().out
    assert EXAMPLE.read_bytes() == before
    for text in (
        "已沿用 附件1：2023年决算数 20 个，成为“2023年决算数”一栏",
        "● 请核对 附件1：编制数 15、实际在职人数 15照上年",
        "2023年剩 7.31 万元，写在上年结转资金的全年预算数",
        "这些指标写着2023年，请改：组织2023年四海揽才",
        "可能是一次性项目",
        "▲ 没有沿用 自评报告",
        "▲ 没有沿用 附件1：2023年没有预算也没有决算的明细没有沿用：2021年绩效奖励、",
        "2024年度）",
    ):
        assert text in said
    last, now = forms_of(EXAMPLE), forms_of(path)
    finals = {line.name: line.cells["final"].number for line in last.basic[0].lines if "final" in line.cells}
    lines = {line.name: line.cells for line in now.basic[0].lines}
    assert lines["项目支出"]["last_final"].number == finals["项目支出"]
    assert lines["四海揽才"]["last_final"].number == finals["四海揽才"]
    assert all(cells["budget"].missing and cells["final"].missing for cells in lines.values())
    staff = now.basic[0].staff
    assert staff is not None
    assert (staff.quota.text, staff.actual.text) == ("15", "15")
    assert all(not cell.filled for row in now.basic[0].buildings for cell in row.cells.values())
    assert [form.name for form in now.projects] == [form.name for form in last.projects]
    assert {form.year for form in now} == {2024}
    for old, new in zip((*last.overall, *last.projects), (*now.overall, *now.projects), strict=True):
        assert [(row.name.text, row.target_text) for row in new.indicators if row.name.text] == [
            (row.name.text, f"{row.target_text}(待确认)") for row in old.indicators
        ]
        assert [str(row.weight and row.weight.number) for row in new.indicators if row.name.text] == [
            str(row.weight and row.weight.number) for row in old.indicators
        ]
        assert all(row.actual.blank and (row.score is None or row.score.blank) for row in new.indicators)
        assert all(row.reason is None or row.reason.blank for row in new.indicators)


@pytest.mark.parametrize("kind", ["xlsx", "docx", "clean"])
def test_check_straight_after_says_only_what_is_still_to_do(kind: str, tmp_path: Path) -> None:
    source = {"xlsx": EXAMPLE, "clean": CLEAN, "docx": tmp_path / "去年.docx"}[kind]
    if kind == "docx":
        source.write_bytes(build("own", False))
    path, _ = carried(source, tmp_path)
    report = check(path, previous=source)
    assert report.verdict == "incomplete"
    assert {(found.rule, found.severity) for found in report.findings} == {
        ("PE701", "info"),
        ("PE704", "info"),
    }
    assert "PE512" not in {skip.rule for skip in report.skipped}


@pytest.mark.parametrize(
    ("name", "year", "left"),
    [
        ("yongde_minglang_school", 2023, ""),
        ("ezhou_xzsp", 2022, "24.75"),
        ("county_form_2018", 2019, ""),
        ("daying_yibao", 2024, ""),
        ("chizhou_tangxi", 2023, ""),
    ],
)
def test_other_bureaus_layouts(name: str, year: int, left: str, tmp_path: Path) -> None:
    source = published(name, tmp_path)
    path, done = carried(source, tmp_path)
    report = check(path, previous=source)
    assert (done.year, report.year, report.count("error"), report.count("warning")) == (year, year, 0, 0)
    assert not [found for found in report.findings if found.rule == "PE512"]
    assert bool(left) == any(f"剩 {left} 万元" in line for line in done.waiting)


def test_what_is_offered_counts_once_it_is_confirmed(tmp_path: Path) -> None:
    path, _ = carried(EXAMPLE, tmp_path)
    template = Template(path)
    sheet = "附件3-5"
    row = next(row for row, text in template.parts[sheet].texts(2).items() if text == "上年结转资金")
    assert template.parts[sheet].value(row, 5) == "7.31(待确认)"
    template.parts[sheet].set(row - 1, 5, 10.0)
    template.parts[sheet].set(row - 1, 6, 9.0)
    template.recalculate()
    path.write_bytes(template.to_bytes())
    form = next(form for form in forms_of(path).projects if form.sheet == sheet)
    budget = form.amount("budget")
    assert budget is not None
    assert str(budget.number) == "10.00"
    findings = [found for found in check(path).findings if found.place and found.place.sheet == sheet]
    assert ("PE704", "warning") in {(found.rule, found.severity) for found in findings}
    assert not [found for found in findings if found.family in ("totals", "rates")]
    template.parts[sheet].set(row, 5, 7.31)
    template.recalculate()
    path.write_bytes(template.to_bytes())
    form = next(form for form in forms_of(path).projects if form.sheet == sheet)
    budget = form.amount("budget")
    assert budget is not None
    assert str(budget.number) == "17.31"


def test_unit_and_year_can_be_said(tmp_path: Path) -> None:
    path, done = carried(EXAMPLE, tmp_path, unit="新的单位", year=2026)
    assert any("隔了3年" in line for line in done.waiting)
    report = check(path)
    assert (report.unit, report.year) == ("新的单位", 2026)
    assert {form.unit_name.text for form in report.forms if form.unit_name and form.kind != "project"} == {
        "新的单位"
    }


def test_a_year_carried_over_can_be_carried_over_again(tmp_path: Path) -> None:
    path, _ = carried(EXAMPLE, tmp_path)
    again = from_last_year(path, ".xlsm")
    assert again.year == 2025
    marks = [row.target_text for form in forms_of(path).projects for row in form.indicators]
    assert all(text.count("待确认") <= 1 for text in marks)


@pytest.mark.parametrize(
    ("rows", "options", "said"),
    [
        ([["随便"]], {}, "没有可以沿用的内容"),
        ([["项目支出绩效自评表"], ["项目名称", "甲"]], {}, "看不出是哪一年的|没有可以沿用的内容"),
    ],
)
def test_what_cannot_be_carried_over_is_one_line(
    rows: list[list[str]], options: dict[str, int], said: str, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(tmp_path / "去年.xlsx")
    with pytest.raises(CarryError, match=said):
        carried(tmp_path / "去年.xlsx", tmp_path, **options)


def test_the_new_year_comes_after_the_old(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "新.xlsx"
    assert main(["new", str(path), "--from", str(EXAMPLE), "--year", "2023"]) == 2
    assert "应在它之后" in capsys.readouterr().err
    assert not path.exists()


def test_what_is_not_confirmed_is_told_before_it_is_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = carried(CLEAN, tmp_path)
    assert main(["export", str(path), "-o", str(tmp_path / "报告.docx")]) == 0
    said = "".join(capsys.readouterr())
    assert "处沿用上年的内容标着“(待确认)”" in said
    assert "附件2!B12" in said
