"""What the 审核报告 says, and in which order; whatever was checked."""

from __future__ import annotations

import dataclasses
import datetime as dt
import unicodedata
from collections.abc import Iterator

import pytest

from perfeval_xl.findings import Report, Skipped
from perfeval_xl.grid import Place
from perfeval_xl.report.audit import NO_HASH, Audit, Circumstances, Section, audit
from tests.report import samples

WHEN = dt.datetime(2024, 5, 3, 9, 7)
HASH = "0123456789abcdef" * 4


def said(report: Report, **more: object) -> Audit:
    given = Circumstances(WHEN, (HASH,), titles={"PE102": "公务用车不等于分项之和"})
    return audit(report, dataclasses.replace(given, **more))  # type: ignore[arg-type]


def part(made: Audit, name: str) -> Section:
    return next(section for section in made.sections if name in section.heading)


def rows(section: Section) -> list[list[str]]:
    """Every row as the texts of its cells."""
    if section.table is None:
        return []
    return [["\n".join(line.text for line in cell) for cell in row] for row in section.table.rows]


def texts(made: Audit) -> Iterator[str]:
    yield from (made.title, made.verdict, made.conclusion, made.footer)
    for facts in made.facts:
        for fact in facts:
            yield from fact
    for section in made.sections:
        yield from (section.heading, section.lead)
        for row in rows(section):
            yield from row


def test_the_first_page_says_what_was_checked_and_by_what() -> None:
    facts = {name: value for row in said(samples.county()).facts for name, value in row}
    assert facts == {
        "单位": "某县图书馆",
        "年度": "2023年度",
        "审核时间": "2024年5月3日 09:07",
        "审核的文件": "某县图书馆2023.xlsx",
        "SHA-256校验码": HASH,
        "依据政策": "湖南省部门整体支出绩效自评（2023年度）（hunan-2023）",
        "审核范围": "3 张表，86 项检查；另有 3 项因缺少数据没有检查（见附录二）",
        "审核工具": "perfeval-xl 0.1.0",
    }
    assert said(samples.county()).footer == "某县图书馆　2023年度　校验码 0123456789ab"


def test_each_file_of_a_submission_has_its_hash() -> None:
    report = dataclasses.replace(samples.county(), files=("表.xlsx", "报告.docx"))
    made = said(report, hashes=(HASH, "f" * 64))
    named = [value for row in made.facts for name, value in row if name in ("审核的文件", "SHA-256校验码")]
    assert named == ["表.xlsx", HASH, "报告.docx", "f" * 64]
    assert made.footer.endswith("校验码 0123456789ab、ffffffffffff")


def test_what_narrows_the_check_is_said() -> None:
    made = said(samples.county(), hashes=(), previous="C:/去年/2022.xlsx", only="只检查规则 PE1*")
    facts = {name: value for row in made.facts for name, value in row}
    assert facts["SHA-256校验码"] == NO_HASH
    assert facts["对照的上年文件"] == "2022.xlsx"
    assert facts["审核范围"].endswith("；只检查规则 PE1*")
    assert "校验码" not in made.footer + made.disclaimer
    assert "校验码相同的文件" in said(samples.county()).disclaimer


@pytest.mark.parametrize(
    ("severities", "verdict", "conclusion"),
    [
        ((), "通过", "没有发现错误，也没有需要核实的问题。"),
        (("info",), "通过", "没有发现错误，也没有需要核实的问题。有 1 处提示，供参考。"),
        (("warning",), "需核实", "没有错误；有 1 处需要核实，应当改正，或书面说明原因。"),
        (
            ("error", "error", "warning"),
            "不通过",
            "有 2 处错误，应当改正后重新报送。有 1 处需要核实，应当改正，或书面说明原因。",
        ),
    ],
)
def test_the_verdict_in_words(severities: tuple[str, ...], verdict: str, conclusion: str) -> None:
    made = said(samples.report(*(samples.finding(severity=severity) for severity in severities)))
    assert (made.verdict, made.conclusion) == (verdict, conclusion)


def test_where_no_form_was_read() -> None:
    made = said(samples.empty())
    assert made.verdict == "无法检查"
    assert "没有认出" in made.conclusion
    assert rows(part(made, "附录三")) == [["Sheet1", "空表"], ["整个文件", "注"]]


def test_counts_by_family_and_severity_add_up() -> None:
    report = samples.example()
    counts = [[cell[0].text for cell in row] for row in said(report).counts.rows]
    totals = counts.pop()
    assert totals == ["合计", *(str(report.count(each)) for each in ("error", "warning", "info")), "0"]
    for column in range(1, 5):
        assert sum(int(row[column]) for row in counts if row[column] != "—") == int(totals[column])
    assert len(counts) == 8
    assert ["分值与得分", "—", "—", "—", "—"] in counts


def test_errors_come_first_and_every_finding_has_a_number_of_its_own() -> None:
    made = said(samples.county())
    headings = [section.heading for section in made.sections]
    assert headings == [
        "四、先改这几处",
        "五、错误（5 条）",
        "六、核实（3 条）",
        "七、提示（2 条）",
        "八、已说明的（2 条）",
        "附录一　审核的表",
        "附录二　因缺少数据没有检查的",
        "附录三　没有当作自评表检查的",
    ]
    first = rows(made.sections[0])
    assert [row[0] for row in first] == [str(place) for place in range(1, len(first) + 1)]
    assert {number for row in first for number in row[2].split("、")} == {
        str(number) for number in range(1, 6)
    }
    listed = [row for at in (1, 2, 4) for row in rows(made.sections[at])]
    assert [row[0].split("\n")[0] for row in listed] == [str(number) for number in range(1, 11)]
    assert [row[0].split("\n")[1] for row in listed[:8]] == ["× 错误"] * 5 + ["▲ 核实"] * 3
    kinds = rows(made.sections[3])
    assert sum(int(row[0]) for row in kinds) == 2
    assert [row[2] for row in kinds] == ["附件2 F8"]


def test_an_error_says_where_what_what_it_should_be_why_and_what_to_do() -> None:
    row = rows(part(said(samples.county()), "错误"))[1]
    assert row == [
        "2\n× 错误",
        "附件1\nD8",
        "项目支出合计不符（PE103）\n"
        "“项目支出”2023年决算数填 637.65，四行之和是 673.65，可能是两个数字写颠倒了。\n"
        "应为：673.65　实为：637.65\n"
        "为什么：107.96 + 101 + 444.69 + 20 = 673.65\n"
        "相关：D9、D10、D11、D12、附件2!F4\n"
        "依据：项目支出等于各专项之和（表内勾稽）",
        "把 D8 改为 673.65，附件2 的 3 处不符同时消除。",
    ]


def test_a_written_reason_stands_in_its_own_list_or_with_the_error_it_does_not_settle() -> None:
    made = said(samples.county())
    assert [row[3] for row in rows(part(made, "已说明"))] == [
        "军转干部1人带编下达，文件〔2023〕8号",
        "历年如此",
    ]
    settled_not = next(row for row in rows(part(made, "错误")) if "PE204" in row[2])
    assert settled_not[2].endswith("说明：系统自动生成（错误，仍然计数）")


def test_a_basis_is_said_once_and_then_referred_to() -> None:
    same = [
        samples.finding(Place("附件1", row, 1), severity="error", basis="财预〔2020〕10号") for row in (3, 4)
    ]
    problems = [row[2] for row in rows(part(said(samples.report(*same)), "错误"))]
    assert problems[0].endswith("依据：财预〔2020〕10号")
    assert problems[1].endswith("依据：同第 1 条")


def test_many_related_cells_are_counted() -> None:
    related = tuple(Place("附件1", row, 4) for row in range(10, 22))
    made = said(samples.report(samples.finding(Place("附件1", 9, 4), severity="error", related=related)))
    assert "相关：D10、D11、D12、D13、D14、D15、D16、D17 等12格" in rows(part(made, "错误"))[0][2]


def test_what_was_not_checked_is_one_line_for_a_rule_and_a_reason() -> None:
    skipped = [Skipped("PE102", sheet, "公车两行都空着") for sheet in ("附件1", "附件2")]
    made = said(samples.report(skipped=(*skipped, Skipped("PE512", "", "没有给出上年的文件"))))
    assert rows(part(made, "附录二")) == [
        ["PE102 公务用车不等于分项之和", "公车两行都空着", "附件1、附件2"],
        ["PE512", "没有给出上年的文件", "整个文件"],
    ]


@pytest.mark.parametrize(
    ("sheets", "shown"),
    [
        (
            ["附件1", "附件2", "附件3-1", "附件3-2", "附件3-3", "附件4"],
            "附件1、附件2、附件3-1至附件3-3、附件4",
        ),
        (["附件9", "附件10", "附件11"], "附件9至附件11"),
        (["附件3-1", "附件3-3", "附件3-4"], "附件3-1、附件3-3、附件3-4"),
        (["附件一", "2023", "2024", "表²", "表0"], "附件一、2023、2024、表²、表0"),
    ],
)
def test_sheets_that_count_on_are_said_by_their_ends(sheets: list[str], shown: str) -> None:
    made = said(samples.report(skipped=tuple(Skipped("PE102", sheet, "没有填") for sheet in sheets)))
    assert rows(part(made, "附录二"))[0][2] == shown


def test_forms_with_their_open_findings() -> None:
    made = said(samples.county())
    assert [row[0] for row in rows(part(made, "附录一"))] == ["附件1", "附件2", "附件3-1"]
    assert rows(part(made, "附录一"))[0][2:] == ["A1:I15", "2", "1", "—"]


def test_a_report_with_nothing_to_say_has_the_same_parts() -> None:
    made = said(samples.report())
    assert [(section.lead, section.table is None) for section in made.sections] == [
        ("没有。", True), ("没有。", True), ("没有。", True), ("没有。", True), ("", False), ("没有。", True), ("没有。", True),
    ]  # fmt: skip


def test_text_of_the_checked_file_holds_no_control_and_no_end() -> None:
    for text in texts(said(samples.hostile(), previous=samples.HOSTILE[4])):
        lines = text.split("\n")
        assert not any(unicodedata.category(sign) in ("Cc", "Cf") for line in lines for sign in line)
        assert all(len(line) < 2000 for line in lines)


def test_the_footer_stays_one_line() -> None:
    assert len(said(samples.report(unit="长" * 500)).footer) < 70
