"""The calls of the page, on CPython."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from perfeval_xl import check
from perfeval_xl.runs.rulebook import as_workbook
from perfeval_xl.web.bridge import Desk, call
from tests.support import ROOT

EXAMPLE = (ROOT / "workbook" / "example-2023.xlsx").read_bytes()
NAME = "示例.xlsx"


class Caller:
    """A desk of its own, and the answers as the page reads them."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.file: bytes | None = None

    def said(self, name: str, files: tuple[bytes, ...] = (), **given: Any) -> Mapping[str, Any]:
        text, self.file = call(name, json.dumps(given), files, self.desk)
        answer: Mapping[str, Any] = json.loads(text)
        return answer

    def ok(self, name: str, files: tuple[bytes, ...] = (), **given: Any) -> Any:
        return self.said(name, files, **given)["ok"]


@pytest.fixture
def page() -> Caller:
    caller = Caller()
    caller.ok("open", (EXAMPLE,), names=[NAME])
    return caller


def test_a_check_is_report_2() -> None:
    assert Caller().ok("check", (EXAMPLE,), names=[NAME]) == check(EXAMPLE, name=NAME).to_dict()


def test_a_rule_book_beside_the_files_is_what_they_are_checked_by(page: Caller, tmp_path: Path) -> None:
    toml = tmp_path / "县.toml"
    toml.write_text(
        'title = "某县"\n[[rule]]\ncode = "县01"\ntitle = "没有项目支出"\nformula = "附件2[项目支出] < 0"\n',
        encoding="utf-8",
    )
    book = as_workbook(toml)
    state = page.ok("open", (EXAMPLE, book), names=[NAME, "审核规则.xlsx"])
    assert "县01" in {finding["rule"] for finding in state["report"]["findings"]}
    assert (state["rules"], len(state["files"]), len(state["report"]["rules"])) == (["某县"], 1, 1)
    report = page.ok("check", (EXAMPLE, book), names=[NAME, "审核规则.xlsx"])
    assert report["findings"] == state["report"]["findings"]
    assert "这是审核规则" in page.said("open", (book,), names=["审核规则.xlsx"])["error"]


def test_a_check_leaves_what_is_open_alone(page: Caller) -> None:
    page.ok("type", sheet="附件2", cell="F33", text="30天")
    page.ok("check", (EXAMPLE,), names=["别的.xlsx"])
    assert page.ok("undo")["undo"] is None


def test_what_there_is_to_choose_from() -> None:
    about = Caller().ok("about")
    assert {policy["id"] for policy in about["policies"]} >= {"national-2020", "hunan-2023"}
    assert set(about["kinds"]) == {"error", "warning", "info", "settled"}


def test_the_state_says_what_comes_first_and_what_can_be_done(page: Caller) -> None:
    state = page.ok("policy", policy="hunan-2023")
    prints = {finding["fingerprint"] for finding in state["report"]["findings"]}
    assert prints == set(state["more"])
    assert all(set(step["findings"]) <= prints for step in state["first"])
    assert 0 < len(state["first"]) <= 5
    takes = {print_ for print_, more in state["more"].items() if more["takes"]}
    assert takes == {finding["fingerprint"] for finding in state["report"]["findings"] if finding["fix"]}
    assert [sheet["name"] for sheet in state["sheets"]][:2] == ["附件1", "附件2"]
    assert state["report"]["policy"]["id"] == "hunan-2023"


def test_what_is_missing_is_said_without_the_verdict() -> None:
    template = (ROOT / "workbook" / "template.xlsx").read_bytes()
    state = Caller().ok("open", (template,), names=["新.xlsx"])
    assert state["verdict"] == "未查全"
    assert state["headline"]
    assert not state["headline"].startswith("未查全")


def test_a_form_is_drawn_with_its_looks_and_findings(page: Caller) -> None:
    drawing = page.ok("sheet", sheet="附件2")
    cells = {cell[0]: cell for row in drawing["rows"] for cell in row["cells"]}
    address, text, rows, columns, _, look, findings, typed = cells["A2"]
    assert (address, text, rows, columns, findings, typed) == (
        "A2",
        "2023 年度预算单位整体支出绩效自评表",
        1,
        9,
        [],
        None,
    )
    assert drawing["looks"][look] == [True, 16, "center", ""]
    assert cells["F33"][6]
    assert drawing["columns"][3] == {"letters": "D", "gap": False, "hidden": False, "width": 149}
    assert drawing["rows"][1]["height"] == 48
    assert drawing["covered"]["2,2"] == [2, 1]
    assert drawing["editable"]


def test_typing_taking_back_and_doing_again(page: Caller) -> None:
    before = page.ok("undo")
    after = page.ok("type", sheet="附件2", cell="F33", text="30天")
    assert after["undo"] == "修改 附件2 F33"
    assert after["changes"] == [{"sheet": "附件2", "cell": "F33", "old": "100%", "new": "30天"}]
    assert len(after["report"]["findings"]) == len(before["report"]["findings"]) - 1
    back = page.ok("undo")
    assert back["report"] == before["report"]
    assert back["redo"] == "修改 附件2 F33"
    assert page.ok("redo")["report"] == after["report"]


def test_downloads_are_named_after_the_file(page: Caller) -> None:
    page.ok("type", sheet="附件2", cell="F33", text="30天")
    names = {
        "corrected": "示例-已修改.xlsx",
        "marked": "示例-已标注.xlsx",
        "html": "示例-校验报告.html",
        "json": "示例-检查结果.json",
    }
    for what, name in names.items():
        assert page.ok("save", what=what, file=NAME)["name"] == name
        assert page.file
    assert json.loads(page.file)["schema"] == "perfeval-xl/report/2"  # type: ignore[arg-type]


def test_where_nothing_was_changed_the_download_is_the_very_file(page: Caller) -> None:
    page.ok("save", what="corrected", file=NAME)
    assert page.file == EXAMPLE


@pytest.mark.parametrize(
    ("name", "given", "line"),
    [
        ("type", {"sheet": "附件2", "cell": "F33", "text": "=1"}, "公式"),
        ("type", {"sheet": "没有", "cell": "F33", "text": "1"}, "没有工作表"),
        ("type", {"sheet": "附件2", "cell": "?", "text": "1"}, "不能在这里改"),
        ("take", {"fingerprint": "none"}, "手工"),
        ("explain", {"fingerprint": "none", "reason": "有"}, "不在了"),
        ("policy", {"policy": "/etc/passwd"}, "没有政策"),
        ("save", {"what": "exe", "file": NAME}, "没有这种下载"),
        ("sheet", {"sheet": "没有"}, "没有工作表"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(
    page: Caller, name: str, given: dict[str, Any], line: str
) -> None:
    before = page.desk.revision
    answer = page.said(name, **given)
    assert line in answer["error"]
    assert "\n" not in answer["error"]
    assert page.desk.revision is before


def test_nothing_open_is_one_line() -> None:
    assert "还没有打开文件" in Caller().said("undo")["error"]


def test_a_file_that_cannot_be_read_is_one_line() -> None:
    assert "损坏" in Caller().said("open", (b"PK\x03\x04 nothing",), names=["坏.xlsx"])["error"]


def test_an_accident_is_one_line_and_the_rest_goes_on(page: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("perfeval_xl.runs.revising.Revision.typed", broken)
    assert "出了意外" in page.said("type", sheet="附件2", cell="F33", text="1")["error"]
    assert page.ok("undo")["report"]["findings"]
