"""汇总.xlsx and 汇总.html of a round: what stands there is text or a figure, never a formula or markup."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import openpyxl
import pytest

from perfeval_xl import scratch
from perfeval_xl.desk import (
    Change,
    FindingRow,
    IndicatorRow,
    LeftOut,
    MissingForm,
    RoundRow,
    RoundSummary,
    RuleCount,
    UnitChange,
    UnitIndicator,
    UnitRow,
)
from perfeval_xl.report.summary_page import overview, summary_page
from perfeval_xl.report.summary_workbook import summary_workbook


class Page(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


HOSTILE = '=HYPERLINK("x")<script>alert(1)</script>"\u202e\x01&'
FINDING = FindingRow(
    "甲.xlsx", "甲局", 0, "PE204", "rates", "error", None, "附件2", "G6", "执行率算错", "执行率应为 92%", "92%", "12%", "80%",
    None, "", "重算", 1, "PE204/error", "f" * 16, None, True,
)  # fmt: skip
UNIT = UnitRow(
    1, "甲.xlsx", "甲局", 2023, "k", "fail", "未查全：缺附件1", None, "hunan-2023", ("甲.xlsx",), ("overall",), ("附件1",), 1, 2, 3, 0,
    FINDING, {"score": Decimal(100), "execution_rate": Decimal(40), "score_due": Decimal("91.2")}, 2, {"marked": ("标注/甲-已标注.xlsx",)}, (), (),
)  # fmt: skip


def summary(*units: UnitRow, **more: Any) -> RoundSummary:
    plain = RoundSummary(
        round=RoundRow(7, 2, "2026-01-01T00:00:00+00:00", "", "", "0.1.0"),
        verdicts=Counter(unit.verdict for unit in units or (UNIT,)),
        units=units or (UNIT,),
        findings=(FINDING, replace(FINDING, open=False, accepted="县里批准")),
        rules=(RuleCount("PE204", "rates", "error", "执行率算错", 1, ("甲.xlsx",)),),
        missing=(MissingForm("甲.xlsx", "甲局", "basic", None, "missing", "缺附件1"),),
        indicators=(),
        changes=(UnitChange.of(UNIT, Change(6, "k0", "fail", (FINDING,), (FINDING,), (), ())),),
        not_handed_in=("乙局",),
        left_out=(LeftOut("~$甲.xlsx", "锁定文件"),),
    )
    return replace(plain, **more)


def book(given: RoundSummary) -> openpyxl.Workbook:
    stream = io.BytesIO()
    with scratch.folder() as place:
        summary_workbook(given, stream, place)
    return openpyxl.load_workbook(stream)


def rows(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]


def test_the_sheets_of_the_workbook() -> None:
    made = book(summary())
    assert made.sheetnames == ["单位汇总", "问题清单", "规则频次", "缺表", "未能读取", "已说明", "差异"]
    heads = [cell.value for cell in made["单位汇总"][2]]
    line = dict(zip(heads, rows(made["单位汇总"])[0], strict=True))
    assert (line["单位"], line["结论"], line["错误"], line["自评得分"], line["应得分"]) == (
        "甲局",
        "不通过",
        1,
        100,
        91.2,
    )
    assert line["先改什么"] == "附件2 G6：执行率算错，应为 92%"
    link = made["单位汇总"].cell(3, heads.index("标注副本") + 1).hyperlink
    assert link is not None
    assert str(link.target).replace("\\", "/") == "标注/甲-已标注.xlsx"
    assert [row[0] for row in rows(made["缺表"])] == ["乙局", "甲局"]
    assert rows(made["未能读取"]) == [["~$甲.xlsx", "锁定文件"]]
    assert "县里批准" in rows(made["已说明"])[0]
    assert rows(made["差异"])[0][3:8] == [1, 1, 0, 0, 0]
    assert all(sheet.freeze_panes and sheet.auto_filter.ref for sheet in made)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "\t=", "http://", "mailto:"])
def test_nothing_of_a_file_becomes_a_formula_or_a_link(start: str) -> None:
    text = start + HOSTILE
    finding = replace(FINDING, unit=text, message=text, expected=text, sheet=text)
    unit = replace(UNIT, unit=text, submission=text, reason=text, missing=(text,), first=finding)
    made = book(summary(unit, findings=(finding,)))
    for sheet in made:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
            assert all(
                cell.hyperlink is None or str(cell.hyperlink.target).startswith("标注") for cell in row
            )


def test_nothing_of_a_file_becomes_markup() -> None:
    finding = replace(
        FINDING, unit=HOSTILE, message=HOSTILE, title=HOSTILE, sheet=HOSTILE, submission=HOSTILE
    )
    unit = replace(
        UNIT,
        unit=HOSTILE,
        submission=HOSTILE,
        files=(HOSTILE,),
        headline=HOSTILE,
        first=finding,
        made={"marked": (HOSTILE,)},
    )
    text = "".join(summary_page(summary(unit, findings=(finding,), not_handed_in=(HOSTILE,))))
    page = Page(text)
    assert sum(tag == "script" for tag, _ in page.tags) == 2
    assert not any(name.startswith("on") for _, found in page.tags for name in found)
    assert "\u202e" not in text
    assert not {"src", "action", "srcset"} & {name for _, found in page.tags for name in found}


def test_every_link_of_the_page_leads_somewhere() -> None:
    others = replace(UNIT, position=2, submission="丙.xlsx", unit="丙局")
    page = Page("".join(summary_page(summary(UNIT, others))))
    ids = [found["id"] for _, found in page.tags if "id" in found]
    links = [found["href"] or "" for _, found in page.tags if "href" in found]
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)


def test_a_link_leads_to_a_file_whatever_its_name() -> None:
    made = book(summary(replace(UNIT, made={"marked": ("标注/甲局#1 50%-已标注.xlsx",)})))
    heads = [cell.value for cell in made["单位汇总"][2]]
    link = made["单位汇总"].cell(3, heads.index("标注副本") + 1).hyperlink
    assert link is not None
    assert str(link.target).replace("\\", "/") == "标注/甲局%231 50%25-已标注.xlsx"


def test_a_row_is_as_high_as_its_longest_text() -> None:
    long = replace(FINDING, message="执行率算错：" + "很长的说明" * 30)
    heights = book(summary(findings=(FINDING, long)))["问题清单"].row_dimensions
    assert heights[4].height > 3 * heights[3].height


def test_more_rows_than_a_sheet_has_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perfeval_xl.report.summary_workbook._LAST_ROW", 4)
    findings = [replace(FINDING, message=str(number)) for number in range(9)]
    found = rows(book(summary(findings=findings))["问题清单"])
    assert len(found) == 4
    assert found[-1][0] == "表格只有这么多行，其余的见 结果.jsonl"


def test_how_figures_are_spread() -> None:
    other = replace(
        UNIT, position=2, submission="乙", figures={"score": Decimal("89.9"), "execution_rate": Decimal(130)}
    )
    scores, rates = overview(summary(UNIT, other)).distributions
    assert [bar.count for bar in scores.bars] == [0, 0, 0, 0, 0, 0, 0, 0, 1, 1]
    assert [bar.count for bar in rates.bars] == [0, 0, 0, 0, 1, 0, 0, 0, 0, 1]


def test_what_stands_out() -> None:
    told = [one.why for one in overview(summary()).outliers]
    assert told == ["自评 100 分，预算只执行了 40%", "自评 100 分，按填报的数应得 91.2 分"]
    units = tuple(replace(UNIT, position=at, submission=f"{at}", figures={}) for at in range(1, 6))
    row = IndicatorRow("overall", "", "产出", "数量", "培训场次", "10", "10", None, None, None, Decimal(1))
    indicators = tuple(
        UnitIndicator(f"{at}", f"{at}", replace(row, ratio=Decimal(5 if at == 5 else 1)))
        for at in range(1, 6)
    )
    found = overview(summary(*units, indicators=indicators))
    (only,) = found.outliers
    assert (only.submission, only.why) == ("5", "“培训场次”完成 500%，5 处同名指标的中位数是 100%")
    assert found.named["5"].position == 5
    assert overview(summary(*units, indicators=indicators[:4])).outliers == []


def test_what_stands_first_are_the_few_that_need_a_hand() -> None:
    units = [
        replace(
            UNIT,
            position=at,
            submission=f"{at}",
            unit=f"单位{at}",
            errors=at % 50,
            missing=("附件1",) if at % 2 else (),
        )
        for at in range(1, 201)
    ]
    found = overview(summary(*units))
    assert (found.lack, len(found.lacking), found.lacking[0].unit) == (100, 10, "单位1")
    assert [unit.errors for unit in found.worst] == [49, 49, 49, 49, 48, 48, 48, 48, 47, 47]
    assert found.worst[0].unit == "单位49"
    text = "".join(summary_page(summary(*units)))
    assert text.index("缺材料、读不了的（100 份）") < text.index("错误最多的") < text.index('id="list"')
    assert "另有 90 份" in text
