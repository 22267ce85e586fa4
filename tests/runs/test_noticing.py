"""退回通知: what a unit reads in its letter, and a bureau's own template."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from pathlib import Path

import docx
import pytest

from perfeval_xl.errors import TemplateError, Unreadable
from perfeval_xl.findings import Gap, Report
from perfeval_xl.hosts.word.letters import fields_of
from perfeval_xl.report.notice import BLANK_DATE, Posting, deadline_in_words, fields, is_due
from perfeval_xl.runs.checking import unreadable
from perfeval_xl.runs.noticing import KNOWN, Notice, default_template, letter, load_template
from tests.cli.test_cli import write_book
from tests.hosts.word.test_letters import document
from tests.report.samples import county, finding, hostile, report

POSTING = Posting("某县图书馆.xlsx", dt.date(2024, 5, 6), "2024年5月20日", ("某县图书馆-已标注.xlsx",))


def lines(given: Report, posting: Posting = POSTING, template: bytes | None = None) -> list[str]:
    made = letter(given, posting, template or default_template())
    return [paragraph.text for paragraph in docx.Document(io.BytesIO(made)).paragraphs]


def test_the_letter_of_a_county() -> None:
    said = lines(county())
    assert said[0] == "关于某县图书馆2023年度绩效自评材料退回改正的通知"
    assert said[1] == "某县图书馆："
    assert "（某县图书馆2023.xlsx）收悉。经审核，结论为“不通过”：错误5处，需要核实说明的问题3处。" in said[2]
    assert said[3] == "一、首先改正的问题（5处）"
    assert said[4].startswith("1．附件1 D5：在职人员控制率算错，100% 应为 106.67%")
    begin = said.index("二、需要核实说明的问题（1类）")
    assert said[begin + 1].startswith("1．")
    assert "三、有关要求" in said
    assert "请于2024年5月20日前将改正后的材料重新报送" in "".join(said)
    assert [text.strip() for text in said[-5:]] == [
        "附件（1件）：", "1．某县图书馆-已标注.xlsx", "", "（盖章）", "2024年5月6日",
    ]  # fmt: skip
    assert not any("{{" in text for text in said)


def test_what_is_missing_comes_first() -> None:
    given = county()
    gaps = (Gap(None, None, "缺附件1"), Gap("附件2", "F6", "空着"))
    said = lines(replace(given, coverage=replace(given.coverage, gaps=gaps)))
    assert said[3:6] == ["一、缺少或没有查到的内容（2项）", "1．缺附件1。", "2．附件2 F6 空着。"]
    assert any(text.startswith("请对照本通知逐项改正，补齐缺少的材料和内容；需要核实说明的") for text in said)


def test_a_file_that_cannot_be_read_is_asked_for_again() -> None:
    given = unreadable("坏.xlsx", str(Unreadable("坏.xlsx", "文件已损坏", "请向填报单位重新索取")), None)
    said = lines(given, Posting("坏.xlsx", dt.date(2024, 5, 6), BLANK_DATE))
    assert said[0] == "关于坏本年度绩效自评材料重新报送的通知"
    assert said[3] == "一、文件无法检查。坏.xlsx：文件已损坏。"
    assert "二、有关要求" in said
    assert not any("附件（" in text for text in said)


def test_who_gets_a_letter() -> None:
    assert [verdict for verdict in ("pass", "review", "incomplete", "fail", "unreadable") if is_due(verdict)] == [
        "review", "incomplete", "fail", "unreadable"
    ]  # fmt: skip


def test_every_field_has_a_text_or_lines_and_is_explained() -> None:
    assert set(fields(county(), POSTING)) == set(KNOWN) - {"序", "号"}
    assert set(fields_of(default_template()).names) <= set(KNOWN)


def test_nothing_of_a_file_becomes_markup_or_a_field() -> None:
    said = "".join(lines(hostile()))
    assert "<script>" in said
    assert "{{ 7*7 }}" in said
    assert "\u202e" not in said
    assert "".join(lines(report(finding(), unit="{{年度}}"))).count("{{年度}}") == 2


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert default_template() == default_template()
    assert letter(county(), POSTING, default_template()) == letter(county(), POSTING, default_template())
    assert Notice(b"x").digest == Notice(b"x").digest != Notice(b"x", "2024年5月20日").digest


def test_a_bureaus_own_template(tmp_path: Path) -> None:
    path = tmp_path / "模板.docx"
    path.write_bytes(document(["某县财政局致{{单位}}"], ["{{号}}）{{先改}}"]))
    said = lines(county(), template=load_template(path))
    assert said[0] == "某县财政局致某县图书馆"
    assert said[1].startswith("1）附件1 D5")
    assert len(said) == 6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{单位名}}", "{{单位名}} 不认识，是不是 {{单位}}？"),
        ("{{Q}}、{{R}}", "{{Q}} 不认识；可用的有：单位、年度"),
        ("{{单位}}、{{年度", "没有成对"),
        ("没有字段", "没有 {{单位}} 这样的字段"),
    ],
)
def test_a_template_that_cannot_be_used_is_told_in_a_line(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "模板.docx"
    path.write_bytes(document([text]))
    with pytest.raises(TemplateError) as caught:
        load_template(path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_workbook_is_no_template(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"要是 \.docx"):
        load_template(write_book(tmp_path / "模板.xlsx", {"表": [["{{单位}}"]]}))


def test_dates_as_a_letter_writes_them() -> None:
    assert [deadline_in_words(text) for text in ("2024-05-20", "2024.5.20", "2024年5月20日")] == [
        "2024年5月20日"
    ] * 3
    for wrong in ("五月", ""):
        with pytest.raises(ValueError, match=wrong or "^$"):
            deadline_in_words(wrong)
