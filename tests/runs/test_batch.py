"""A batch, whole: what it gives, what it keeps, what it leaves alone. On SQLite and PostgreSQL alike."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from sqlalchemy import Connection

from perfeval_xl.desk import UnitRow
from perfeval_xl.errors import BatchError, OutputError
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.policy import load_policy
from perfeval_xl.runs.accepted import in_workbook
from perfeval_xl.runs.batch import Job, Summary, batch
from perfeval_xl.runs.checking import check
from perfeval_xl.runs.comparing import compare
from perfeval_xl.runs.desk import queries
from perfeval_xl.runs.desk.terms import Terms
from perfeval_xl.runs.noticing import Notice, default_template
from perfeval_xl.runs.outputs import output
from perfeval_xl.runs.rulebook import load_books
from perfeval_xl.store.opening import open_store
from tests.cli.test_cli import write_book
from tests.runs.desk.intake import EXECUTED, desk, workbook

TERMS = Terms(load_policy("hunan-2023"))


@pytest.fixture
def job(tmp_path: Path, store_url: str) -> Job:
    """Four submissions, the second of two files, on a desk in a database of its own."""
    return Job([desk(tmp_path / "收件")], tmp_path / "结果", TERMS, jobs=2, store=store_url)


def lines(job: Job) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (job.out / "结果.jsonl").read_text(encoding="utf-8").splitlines()]


def asked(job: Job, question: Any) -> Any:
    """An answer of the store about the last round."""
    assert job.store is not None
    store = open_store(job.store)
    name = str(job.out.resolve())
    with store.reading() as connection:
        last = queries.rounds(connection, name)[-1]
        answer = question(connection, last.id, name)
    store.close()
    return answer


def rows(job: Job) -> dict[str, UnitRow]:
    def units(connection: Connection, round_id: int, name: str) -> list[UnitRow]:
        return list(queries.units(connection, round_id, name))

    return {row.submission: row for row in asked(job, units)}


def counted(summary: Summary) -> tuple[int, int, int]:
    return summary.round, summary.submissions, summary.examined


def test_a_batch_gives_what_check_gives(job: Job) -> None:
    summary = batch(job)
    assert counted(summary) == (1, 4, 4)
    assert [line["workbook"] for line in lines(job)] == ["单位1.xlsx", "单位2", "单位3.xlsx", "单位4.xlsx"]
    folder = job.given[0]
    alone = check(folder / "单位1.xlsx", name="单位1.xlsx", policy=TERMS.policy).to_dict()
    together = check(
        [folder / "单位2" / "报告.xlsx", folder / "单位2" / "表.xlsx"], name="单位2", policy=TERMS.policy
    ).to_dict()
    first, second, *_ = lines(job)
    assert first == alone
    assert {**second, "workbook": ""} == {**together, "workbook": ""}
    row = rows(job)["单位1.xlsx"]
    assert (row.verdict, row.errors, row.year) == (alone["verdict"], alone["summary"]["error"], alone["year"])
    assert row.first is not None
    assert row.first.order == min(finding["order"] for finding in alone["findings"])
    assert {kind: str(value) for kind, value in row.figures.items()}["executed"] == "301"


def test_every_finding_figure_and_form_is_in_the_store(job: Job) -> None:
    batch(job)
    reported = [finding for line in lines(job) for finding in line["findings"]]
    kept = asked(job, lambda connection, round_id, _: list(queries.findings(connection, round_id)))
    names = ("rule", "severity", "file", "sheet", "cell", "message", "expected", "fingerprint")
    assert sorted(str([getattr(one, name) for name in names]) for one in kept) == sorted(
        str([one[name] for name in names]) for one in reported
    )
    counts = asked(job, lambda connection, round_id, _: queries.rule_counts(connection, round_id))
    assert sum(one.findings for one in counts) == len(reported)
    indicators = asked(job, lambda connection, round_id, _: list(queries.indicators(connection, round_id)))
    assert {one.submission for one in indicators} == set(rows(job))
    sheets = asked(job, lambda connection, *_: queries.sheets(connection, rows(job)["单位2"].key))
    assert {sheet.file for sheet in sheets} == {"表.xlsx", "报告.xlsx"}


def test_a_second_run_does_only_what_changed(job: Job) -> None:
    batch(job)
    before = {path: path.read_bytes() for path in job.out.iterdir()}
    times = {path: path.stat().st_mtime_ns for path in job.out.iterdir()}
    summary = batch(job)
    assert counted(summary) == (1, 4, 0)
    assert summary.unchanged
    assert {path: path.read_bytes() for path in job.out.iterdir()} == before
    assert {path: path.stat().st_mtime_ns for path in job.out.iterdir()} == times
    workbook(job.given[0] / "单位3.xlsx", {EXECUTED: 350})
    summary = batch(job)
    assert counted(summary) == (2, 4, 1)
    assert not summary.unchanged


def test_another_policy_or_limit_is_another_result(job: Job) -> None:
    batch(job)
    assert batch(replace(job, terms=Terms(load_policy("national-2020")))).examined == 4
    assert batch(replace(job, terms=Terms(TERMS.policy, TERMS.limits.changed(["cells=1000"])))).examined == 4
    assert batch(job).examined == 0  # the first results are still there
    assert batch(replace(job, again=True)).examined == 4


def test_a_bureaus_own_rules_take_part_and_make_another_result(job: Job, tmp_path: Path) -> None:
    batch(job)
    path = tmp_path / "县.toml"
    path.write_text(
        'title = "某县"\n[[rule]]\ncode = "县01"\ntitle = "没有项目支出"\nformula = "附件2[项目支出] < 0"\n',
        encoding="utf-8",
    )
    books = load_books([path])
    with_rules = replace(job, terms=replace(job.terms, rules=books))
    summary = batch(with_rules)
    assert summary.examined == summary.submissions
    found = {finding["rule"] for line in lines(with_rules) for finding in line["findings"]}
    assert "县01" in found
    assert {rule["sha256"] for line in lines(with_rules) for rule in line["rules"]} == {books[0].sha256}
    assert batch(with_rules).examined == 0


def test_rounds_are_compared_unit_by_unit(job: Job) -> None:
    batch(job)
    first = rows(job)
    # 单位3 is mended as 单位1 is, 单位4 sends another file.
    (job.given[0] / "单位3.xlsx").write_bytes((job.given[0] / "单位1.xlsx").read_bytes())
    workbook(job.given[0] / "单位4.xlsx", {EXECUTED: 304, "附件2 / 年度资金总额 / 自评得分": 3})
    assert batch(job).round == 2
    found = asked(job, lambda connection, round_id, name: list(queries.changes(connection, round_id, name)))
    changes = {unit.submission: change for unit, change in found}
    assert {change.round for change in changes.values()} == {1}
    assert changes["单位1.xlsx"].key == first["单位1.xlsx"].key
    assert not changes["单位1.xlsx"].mended
    assert not changes["单位1.xlsx"].new
    assert (
        len(changes["单位1.xlsx"].left)
        == first["单位1.xlsx"].errors + first["单位1.xlsx"].warnings + first["单位1.xlsx"].infos
    )
    assert "PE304" in {finding.rule for finding in changes["单位4.xlsx"].new}


def test_a_row_that_was_put_in_moves_no_finding(job: Job) -> None:
    """Rounds and ``compare`` pair findings in one way."""
    folder = job.given[0]
    workbook(folder / "单位4.xlsx", {EXECUTED: 304, "附件2 / 年度资金总额 / 自评得分": 3})
    batch(job)
    before = (folder / "单位4.xlsx").read_bytes()
    book = openpyxl.load_workbook(folder / "单位4.xlsx")
    book["附件2"].insert_rows(1, 3)
    book["附件2"]["A1"] = "（补报）"
    for row in book["附件2"].iter_rows():  # the figure is another one, and still wrong
        for cell in row:
            cell.value = 4 if cell.value == 3 else cell.value
    book.save(folder / "单位4.xlsx")
    batch(job)
    ((_, change),) = [
        one
        for one in asked(
            job, lambda connection, round_id, name: list(queries.changes(connection, round_id, name))
        )
        if one[0].submission == "单位4.xlsx"
    ]
    alone = compare(before, folder / "单位4.xlsx", policy=TERMS.policy)
    assert "PE304" in {one.rule for one in change.left}
    assert sorted(one.fingerprint for one in change.left) == sorted(one.now.fingerprint for one in alone.left)
    assert sorted(one.fingerprint for one in change.mended) == sorted(one.fingerprint for one in alone.mended)
    assert sorted(one.fingerprint for one in change.new) == sorted(one.fingerprint for one in alone.new)
    book.remove(book["附件2"])
    book.save(folder / "单位4.xlsx")
    batch(job)
    found = asked(job, lambda connection, round_id, name: list(queries.changes(connection, round_id, name)))
    (gone,) = [one.unchecked for unit, one in found if unit.submission == "单位4.xlsx"]
    assert "PE304" in {one.rule for one in gone}  # taken away is not mended


def test_the_same_unit_twice_and_who_is_missing(job: Job, tmp_path: Path) -> None:
    names = [row.unit for row in rows_after(job).values()]
    assert len(set(names)) == 1  # all were made of one unit's workbook
    listed = write_book(
        tmp_path / "名单.xlsx",
        {"名单": [["序号", "单位名称"], [1, names[0]], [2, "甲县气象局"], [None, "合计"]]},
    )
    summary = batch(replace(job, units=listed))
    assert summary.not_handed_in == ("甲县气象局",)
    assert summary.not_expected == ()
    assert summary.same_unit == (("单位1.xlsx", "单位2", "单位3.xlsx", "单位4.xlsx"),)
    assert summary.round == 2  # another list, another question


def rows_after(job: Job) -> dict[str, UnitRow]:
    batch(job)
    return rows(job)


def test_a_list_without_units_is_refused(job: Job, tmp_path: Path) -> None:
    listed = write_book(tmp_path / "名单.xlsx", {"名单": [["序号", "姓名"], [1, "甲"]]})
    with pytest.raises(BatchError, match="没有找到单位名单"):
        batch(replace(job, units=listed))


def test_what_cannot_be_read_is_a_row_and_harms_nobody(job: Job) -> None:
    batch(job)
    before = lines(job)
    folder = job.given[0]
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04 cut off")
    (folder / "扫描.pdf").write_bytes(b"%PDF-1.7")
    (folder / "单位5").mkdir()
    (folder / "单位5" / "坏.docx").write_bytes(b"PK\x03\x04 cut off")
    write_book(folder / "单位5" / "表.xlsx", {"表": [["没有表"]]})
    (folder / "单位2" / "坏.docx").write_bytes(b"PK\x03\x04 cut off")
    summary = batch(job)
    assert summary.verdicts["unreadable"] == 3
    kept = {line["workbook"]: line for line in lines(job)}
    assert [kept[line["workbook"]] for line in before if line["workbook"] != "单位2"] == [
        line for line in before if line["workbook"] != "单位2"
    ]
    assert "损坏" in kept["坏.xlsx"]["reason"]
    assert "PDF" in kept["扫描.pdf"]["reason"]
    gaps = [gap for gap in kept["单位2"]["coverage"]["gaps"] if gap["file"] == "坏.docx"]
    assert len(gaps) == 1
    assert kept["单位2"]["findings"] == before[1]["findings"]


def test_marked_copies_are_made_once_and_replaced(job: Job) -> None:
    batch(job)
    marked = replace(job, terms=replace(TERMS, marked=True))
    assert batch(marked).examined == 4
    paths = sorted(path.relative_to(job.out).as_posix() for path in (job.out / "标注").rglob("*.xlsx"))
    assert paths == [
        "标注/单位1-已标注.xlsx",
        "标注/单位2/报告-已标注.xlsx",
        "标注/单位2/表-已标注.xlsx",
        "标注/单位3-已标注.xlsx",
        "标注/单位4-已标注.xlsx",
    ]
    assert rows(job)["单位2"].made["marked"] == ("标注/单位2/报告-已标注.xlsx", "标注/单位2/表-已标注.xlsx")
    assert batch(marked).examined == 0
    (job.out / "标注" / "单位1-已标注.xlsx").unlink()
    assert batch(marked).examined == 1
    (job.given[0] / "单位2" / "报告.xlsx").rename(job.given[0] / "单位2" / "自评报告.xlsx")
    batch(marked)
    assert sorted(path.name for path in (job.out / "标注" / "单位2").iterdir()) == [
        "自评报告-已标注.xlsx",
        "表-已标注.xlsx",
    ]


def test_every_submission_gets_its_audit_report(job: Job) -> None:
    batch(replace(job, terms=replace(TERMS, audit=True)))
    names = [f"单位{number}-审核报告.docx" for number in (1, 2, 3, 4)]
    assert sorted(path.name for path in (job.out / "审核报告").iterdir()) == names
    assert [row.made["audit"] for row in rows(job).values()] == [(f"审核报告/{name}",) for name in names]


def letters(job: Job) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (job.out / "退回通知").iterdir()}


def test_a_letter_to_each_unit_whose_submission_goes_back(job: Job) -> None:
    (job.given[0] / "坏.xlsx").write_bytes(b"PK\x03\x04 cut off")
    noticed = replace(job, terms=replace(TERMS, notice=Notice(default_template())))
    assert batch(noticed).examined == 5
    made = letters(job)
    assert sorted(made) == sorted(
        f"{name}-退回通知.docx" for name in ("单位1", "单位2", "单位3", "单位4", "坏")
    )
    assert rows(job)["坏.xlsx"].made["notice"] == ("退回通知/坏-退回通知.docx",)
    assert batch(noticed).unchanged
    assert letters(job) == made
    later = replace(noticed, terms=replace(TERMS, notice=Notice(default_template(), "2024年5月20日")))
    assert batch(later).examined == 5
    assert all(letters(job)[name] != made[name] for name in made)
    assert batch(later).unchanged


def test_a_letter_goes_with_its_reason_and_a_changed_one_stays(job: Job) -> None:
    noticed = replace(job, terms=replace(TERMS, notice=Notice(default_template())))
    batch(noticed)
    letter = job.out / "退回通知" / "单位3-退回通知.docx"
    document = docx.Document(str(letter))
    document.add_paragraph("另请局长签字。")
    document.save(str(letter))
    changed = letter.read_bytes()
    for number in (3, 4):
        workbook(job.given[0] / f"单位{number}.xlsx", {EXECUTED: 350 + number})
    summary = batch(noticed)
    assert letter.read_bytes() == changed
    assert [note for note in summary.notes if str(letter) in note]
    assert "notice" not in rows(job)["单位3.xlsx"].made
    (job.given[0] / "单位4.xlsx").unlink()
    assert [note for note in batch(noticed).notes if "没有再报" in note] == [
        "这一轮没有再报的，以前生成的 1 份文件还在，如 退回通知/单位4-退回通知.docx"
    ]


def test_reasons_written_into_marked_copies_are_handed_on(job: Job) -> None:
    marked = replace(job, terms=replace(TERMS, marked=True))
    batch(marked)
    copy = job.out / "标注" / "单位3-已标注.xlsx"
    key = reason_written(copy, "按批复执行")
    workbook(job.given[0] / "单位3.xlsx", {EXECUTED: 303, "附件2 / 年度资金总额 / 自评得分": 3})
    assert batch(marked).notes == ()
    assert in_workbook(read_book(copy)).reasons == {key: "按批复执行"}
    assert rows(job)["单位3.xlsx"].accepted == 0  # what was handed in says no such thing


def reason_written(copy: Path, reason: str) -> str:
    """Write a 说明 beside a finding about the report, as an office does; its fingerprint."""
    book = openpyxl.load_workbook(copy)
    sheet = book["校验结果"]
    head = next(row for row in sheet.iter_rows() if {"说明", "指纹"} <= {cell.value for cell in row})
    columns = {cell.value: int(cell.column or 0) for cell in head}
    row = next(
        row
        for row in range(int(head[0].row or 0) + 1, sheet.max_row)
        if sheet.cell(row, columns["表"]).value == "自评报告"
    )
    sheet.cell(row, columns["说明"]).value = reason
    book.save(copy)
    return str(sheet.cell(row, columns["指纹"]).value)


def test_files_of_others_are_not_replaced(job: Job) -> None:
    job.out.mkdir()
    (job.out / "结果.jsonl").write_text("mine\n")
    with pytest.raises(OutputError, match="不是本程序写的"):
        batch(job)
    copy = job.out / "标注" / "单位1-已标注.xlsx"
    copy.parent.mkdir()
    copy.write_text("mine")
    marked = replace(job, terms=replace(TERMS, marked=True))
    batch(replace(marked, force=True))
    assert copy.read_bytes()[:2] == b"PK"
    assert len(lines(job)) == 4


def test_a_copy_of_somebody_elses_stays_and_one_of_ours_is_replaced(job: Job) -> None:
    copy = job.out / "标注" / "单位1-已标注.xlsx"
    copy.parent.mkdir(parents=True)
    copy.write_text("mine")
    marked = replace(job, terms=replace(TERMS, marked=True))
    summary = batch(marked)
    assert [note for note in summary.notes if "--force" in note] == [
        f"没有写入 {copy}：那里已有一个文件，不是本程序写的，或写出以后又改过；请换一个文件名，确实不要它了再加 --force"
    ]
    assert copy.read_text() == "mine"
    copy.unlink()
    batch(marked)
    assert output(copy).path == copy  # it bears our mark
