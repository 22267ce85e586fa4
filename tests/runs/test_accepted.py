"""Accepted findings: where reasons come from, what they settle, and how long they hold."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from perfeval_xl.cli import main
from perfeval_xl.errors import AcceptError
from perfeval_xl.findings import Finding, Report
from perfeval_xl.grid import Book
from perfeval_xl.hosts.marks.workbook import highlight
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.own_sheets import RESULTS_SHEET
from perfeval_xl.policy import load_policy
from perfeval_xl.runs import accepted
from perfeval_xl.runs.checking import check
from tests.support import ROOT, TESTS, Rows, book_of, changed, check_rows, read_yaml

BASE = read_yaml(TESTS / "rules" / "base.yaml")
EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
#: 附件1's 项目支出 is no longer the sum of its parts: an error.
WRONG = changed(BASE, {"附件1 / 项目支出： / 2023年决算数": 111})
#: A target in words, done in figures: a warning.
NOTED = changed(BASE, {"附件2 / 读者满意度 / 年度指标值": "较高"})


def first(report: Report, severity: str) -> Finding:
    return next(finding for finding in report.findings if finding.severity == severity)


def prints(report: Report) -> set[str]:
    return {finding.fingerprint for finding in report.findings}


def lowered(sheets: Mapping[str, Rows], rows: int) -> dict[str, list[Any]]:
    return {
        name: [[] for _ in range(rows)] + [list(row) for row in values] for name, values in sheets.items()
    }


# -- the TOML file --------------------------------------------------------------------------------------------


def toml(folder: Path, text: str | bytes) -> Path:
    path = folder / "说明.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_reasons_are_read(tmp_path: Path) -> None:
    text = '[[accepted]]\nfingerprint = " 0a "\nreason = " 年中追加 "\n[[accepted]]\nfingerprint="1b"\nreason="因"\n'
    wanted = {"0a": "年中追加", "1b": "因"}
    assert accepted.load(toml(tmp_path, text)) == wanted
    assert accepted.load(toml(tmp_path, b"\xef\xbb\xbf" + text.encode())) == wanted
    assert accepted.load(toml(tmp_path, text.replace("\n", "\r\n"))) == wanted
    assert accepted.load(toml(tmp_path, "")) == {}


BAD = {
    "no TOML": "[[accepted]\n甲",
    "another key": 'version = 1\n[[accepted]]\nfingerprint = "0a"\nreason = "因"',
    "no list": 'accepted = "0a"',
    "a table": '[accepted]\nfingerprint = "0a"\nreason = "因"',
    "texts": 'accepted = ["0a"]',
    "no reason": '[[accepted]]\nfingerprint = "0a"',
    "an empty reason": '[[accepted]]\nfingerprint = "0a"\nreason = "  "',
    "an empty fingerprint": '[[accepted]]\nfingerprint = ""\nreason = "因"',
    "a number": "[[accepted]]\nfingerprint = 12\nreason = 3",
    "another entry key": '[[accepted]]\nfingerprint = "0a"\nreason = "因"\nby = "甲"',
    "GBK": "# 说明\n".encode("gbk"),
    "a workbook": b"PK\x03\x04\x00\x00\x00",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_bad_file_is_one_line(
    text: str | bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = toml(tmp_path, text)
    with pytest.raises(AcceptError) as caught:
        accepted.load(path)
    assert str(path) in str(caught.value)
    assert main(["check", str(EXAMPLE), "--accept", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "说明.toml" in err


@pytest.mark.parametrize("name", ["没有.toml", "."])
def test_a_file_that_is_not_there(name: str, tmp_path: Path) -> None:
    with pytest.raises(AcceptError, match="读不了"):
        accepted.load(tmp_path / name)


# -- what a reason settles ------------------------------------------------------------------------------------


def test_an_accepted_warning_no_longer_counts() -> None:
    before = check_rows(NOTED)
    assert before.verdict == "review"
    warnings = [finding for finding in before.findings if finding.severity == "warning"]
    after = check_rows(NOTED, reasons={finding.fingerprint: "已核" for finding in warnings})
    assert after.verdict == "pass"
    assert after.count("warning") == 0
    assert after.accepted == len(warnings)
    assert [finding.accepted for finding in after.findings if finding.severity == "warning"] == [
        "已核"
    ] * len(warnings)
    assert prints(after) == prints(before)


def test_an_accepted_error_is_shown_and_still_counts() -> None:
    before = check_rows(WRONG)
    error = first(before, "error")
    after = check_rows(WRONG, reasons={error.fingerprint: "就是这样"})
    assert first(after, "error").accepted == "就是这样"
    assert after.verdict == "fail"
    assert after.count("error") == before.count("error")
    assert after.accepted == 0


def test_an_error_that_the_policy_lists_is_settled(tmp_path: Path) -> None:
    before = check_rows(WRONG)
    errors = [finding for finding in before.findings if finding.severity == "error"]
    codes = sorted({finding.rule for finding in errors})
    path = tmp_path / "甲县.toml"
    path.write_text(
        f'id = "jia-2023"\ntitle = "甲县"\ninherits = "national-2020"\nacceptable = {codes}\n'.replace(
            "'", '"'
        ),
        encoding="utf-8",
    )
    policy = load_policy(str(path))
    after = check_rows(WRONG, policy=policy, reasons={finding.fingerprint: "批准" for finding in errors})
    assert after.count("error") == 0
    assert after.accepted == len(errors)
    assert after.verdict != "fail"
    assert check_rows(WRONG, policy=policy).count("error") == len(errors)


def test_a_reason_for_nothing_changes_nothing() -> None:
    assert check_rows(NOTED, reasons={"0" * 16: "因"}).findings == check_rows(NOTED).findings


def test_exit_code_with_accepted_warnings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = check(EXAMPLE, select=["PE704"])
    assert {finding.severity for finding in report.findings} == {"warning"}
    entries = [
        f'[[accepted]]\nfingerprint = "{finding.fingerprint}"\nreason = "模板如此"\n'
        for finding in report.findings
    ]
    common = ["check", str(EXAMPLE), "--select", "PE704", "--fail-on", "warning"]
    assert main(common) == 1
    assert main([*common, "--accept", str(toml(tmp_path, "".join(entries[1:])))]) == 1
    assert main([*common, "--accept", str(toml(tmp_path, "".join(entries)))]) == 0
    out = capsys.readouterr().out
    assert "说明：模板如此" in out


# -- how long it holds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sheets", [WRONG, NOTED], ids=["wrong", "noted"])
@pytest.mark.parametrize("rows", [1, 7])
def test_inserted_rows_change_no_fingerprint(sheets: Mapping[str, Rows], rows: int) -> None:
    before, after = check_rows(sheets), check_rows(lowered(sheets, rows))
    assert [finding.fingerprint for finding in after.findings] == [
        finding.fingerprint for finding in before.findings
    ]
    assert [finding.place for finding in after.findings] != [finding.place for finding in before.findings]


def test_a_blank_row_inside_a_form_changes_no_fingerprint() -> None:
    rows = list(WRONG["附件1"])
    assert prints(check_rows({**WRONG, "附件1": [*rows[:10], [], *rows[10:]]})) == prints(check_rows(WRONG))


def test_the_example_keeps_its_fingerprints(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(EXAMPLE)
    path = tmp_path / "改名 了.xlsx"
    book.save(path)
    assert prints(check(path)) == prints(check(EXAMPLE))


def test_a_reason_lapses_when_the_figure_changes() -> None:
    error = first(check_rows(WRONG), "error")
    reasons = {error.fingerprint: "因"}
    assert first(check_rows(WRONG, reasons=reasons), "error").accepted == "因"
    other = changed(BASE, {"附件1 / 项目支出： / 2023年决算数": 112})
    assert first(check_rows(other, reasons=reasons), "error").accepted is None


def test_a_reason_lapses_when_a_word_changes() -> None:
    warning = first(check_rows(NOTED), "warning")
    other = changed(NOTED, {"附件2 / 读者满意度 / 实际完成值": "97%"})
    after = check_rows(other, reasons={warning.fingerprint: "因"})
    assert first(after, "warning").rule == warning.rule
    assert first(after, "warning").accepted is None


def test_another_figure_elsewhere_lapses_nothing() -> None:
    warning = first(check_rows(NOTED), "warning")
    other = changed(NOTED, {"附件3-4 / 举办活动 / 实际完成值": "13场"})
    assert first(check_rows(other, reasons={warning.fingerprint: "因"}), "warning").accepted == "因"


def test_two_equal_rows_have_two_fingerprints() -> None:
    rows = [list(row) for row in BASE["附件3-4"]]
    index = next(number for number, row in enumerate(rows) if "举办活动" in row)
    weight = list(rows[index])
    weight[4], weight[5], weight[6], weight[7] = "≥12场", "较多", 15, 15
    rows[index : index + 1] = [list(weight), list(weight)]
    report = check_rows({**BASE, "附件3-4": rows})
    places = [
        finding
        for finding in report.findings
        if finding.place is not None and finding.place.sheet == "附件3-4"
    ]
    pairs: dict[tuple[str, str], set[str]] = {}
    for finding in places:
        pairs.setdefault((finding.rule, finding.row_label), set()).add(finding.fingerprint)
    assert any(len(found) == 2 for found in pairs.values()), places
    everything = [finding.fingerprint for finding in report.findings]
    assert len(set(everything)) == len(everything)


# -- 校验结果 of a marked copy --------------------------------------------------------------------------------


def marked(folder: Path, source: Path = EXAMPLE, *, policy: str = "hunan-2023") -> Path:
    path = folder / "标注.xlsx"
    path.write_bytes(highlight(source, check(source, policy=policy)).data)
    return path


def explain(path: Path, reasons: Mapping[str, str], column: str = "说明") -> Path:
    """A clerk types reasons (or ticks) into a column, beside the fingerprints."""
    book = openpyxl.load_workbook(path)
    sheet = book[RESULTS_SHEET]
    heads = {cell.value: cell for row in sheet.iter_rows() for cell in row if cell.value in (column, "指纹")}
    for row in range(heads["指纹"].row + 1, sheet.max_row + 1):
        reason = reasons.get(str(sheet.cell(row, heads["指纹"].column).value))
        if reason is not None:
            sheet.cell(row, heads[column].column).value = reason
    book.save(path)
    return path


def test_reasons_in_the_marked_copy_are_read_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = check(EXAMPLE, policy="hunan-2023")
    warning, error = first(before, "warning"), first(before, "error")
    copy = marked(tmp_path)
    explain(copy, {warning.fingerprint: "经核实无误 ", error.fingerprint: "四舍五入"})
    after = check(copy, policy="hunan-2023")
    assert {finding.fingerprint: finding.accepted for finding in after.findings if finding.accepted} == {
        warning.fingerprint: "经核实无误",
        error.fingerprint: "四舍五入",
    }
    assert after.count("warning") == before.count("warning") - 1
    assert after.count("error") == before.count("error")
    assert after.accepted == 1
    assert prints(after) == prints(before)
    assert len(after.summaries) == len(before.summaries)

    common = ["check", str(copy), "--policy", "hunan-2023"]
    main(common)
    assert "经核实无误" in capsys.readouterr().out
    main([*common, "--no-accepted"])
    assert "经核实无误" not in capsys.readouterr().out
    assert check(copy, policy="hunan-2023", own_reasons=False).accepted == 0


def test_reasons_survive_being_marked_again(tmp_path: Path) -> None:
    warning = first(check(EXAMPLE, policy="hunan-2023"), "warning")
    copy = explain(marked(tmp_path), {warning.fingerprint: "经核实无误"})
    again = tmp_path / "再标.xlsx"
    again.write_bytes(highlight(copy, check(copy, policy="hunan-2023")).data)
    assert openpyxl.load_workbook(again).sheetnames.count(RESULTS_SHEET) == 1
    report = check(again, policy="hunan-2023")
    assert next(finding for finding in report.findings if finding.accepted).accepted == "经核实无误"


@pytest.mark.parametrize("reason", ["说明", "指纹", "=1+1", "见 说明", "1"])
def test_any_text_is_a_reason(reason: str, tmp_path: Path) -> None:
    found = [
        finding for finding in check(EXAMPLE, policy="hunan-2023").findings if finding.severity == "warning"
    ]
    typed = reason if not reason.startswith("=") else "'" + reason
    copy = explain(marked(tmp_path), {finding.fingerprint: typed for finding in found[:3]})
    assert check(copy, policy="hunan-2023").accepted == 3


def test_a_given_file_beats_the_workbook(tmp_path: Path) -> None:
    warning = first(check(EXAMPLE, policy="hunan-2023"), "warning")
    copy = explain(marked(tmp_path), {warning.fingerprint: "旧"})
    report = check(copy, policy="hunan-2023", reasons={warning.fingerprint: "新"})
    assert [finding.accepted for finding in report.findings if finding.accepted] == ["新"]


def results(rows: Rows) -> Book:
    return book_of({RESULTS_SHEET: rows})


def test_what_is_read_from_the_sheet() -> None:
    def read(*rows: list[Any]) -> tuple[dict[str, str], set[str]]:
        found = accepted.in_workbook(results(list(rows)))
        return dict(found.reasons), set(found.done)

    assert accepted.in_workbook(book_of({"附件1": [["说明", "指纹"], ["因", "0a"]]})) == accepted.NOTHING
    assert read(["校验结果"], ["说明", "指纹"], ["因", "0a"], [None, "1b"], [" ", "2c"]) == (
        {"0a": "因"},
        set(),
    )
    assert read(["指纹", "位置", "说 明"], ["0a", "B5", "因"], [], ["1b", "B6", 3]) == (
        {"0a": "因", "1b": "3"},
        set(),
    )
    assert read(["完成", "说明", "指纹"], ["√", None, "0a"], [" ", "因", "1b"]) == ({"1b": "因"}, {"0a"})
    assert read(["说明"], ["指纹"], ["0a"]) == read(["说明", "别的"], ["因", "0a"]) == read() == ({}, set())


def test_what_is_ticked_stays_ticked_while_the_figures_do(tmp_path: Path) -> None:
    copy = marked(tmp_path)
    listed = check(copy, policy="hunan-2023").findings[0].fingerprint
    ticked = explain(copy, {listed: "√"}, column="完成")
    report = check(ticked, policy="hunan-2023")
    assert report.done == {listed}
    again = tmp_path / "再标注.xlsx"
    again.write_bytes(highlight(EXAMPLE, report).data)
    assert accepted.in_workbook(read_book(again)).done == {listed}


def test_the_copy_says_what_was_accepted() -> None:
    warning = first(check(EXAMPLE, policy="hunan-2023"), "warning")
    report = check(EXAMPLE, policy="hunan-2023", reasons={warning.fingerprint: "=HYPERLINK(1)"})
    book = openpyxl.load_workbook(io.BytesIO(highlight(EXAMPLE, report).data))
    cells = [cell for row in book[RESULTS_SHEET].iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if "HYPERLINK" in str(cell.value)] == ["s"]
    assert any(cell.value == "已说明" for cell in cells)
