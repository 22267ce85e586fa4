"""汇总.html in a real Chromium, with fifty units and with a thousand: no script error, and whatever a reviewer does there.

``python -m tests.web.test_summary FOLDER`` writes both pages and a picture of their first screens.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from perfeval_xl.desk import Change, FindingRow, RoundRow, RoundSummary, RuleCount, UnitChange, UnitRow
from perfeval_xl.findings import Severity, Verdict
from perfeval_xl.report.summary_page import summary_page

from .browser import Screen, browsing

COUNTS = (50, 1000)
_VERDICTS: tuple[Verdict, ...] = ("fail", "review", "fail", "incomplete", "pass")
_RULES: tuple[tuple[str, str, Severity, str], ...] = (
    ("PE103", "totals", "error", "项目支出合计不符"), ("PE204", "rates", "error", "执行率算错"),
    ("PE401", "targets", "error", "指标没有完成却得满分"), ("PE405", "targets", "warning", "超额完成较多，没有说明原因"),
    ("PE507", "cross", "warning", "附件1 的项目没有项目自评表"), ("PE601", "narrative", "warning", "报告的数与表不一致"),
)  # fmt: skip


def unit(number: int) -> UnitRow:
    """The unit of a number, from 1: which it is decides all that is said of it."""
    verdict: Verdict = "unreadable" if number % 25 == 0 else _VERDICTS[number % 5]
    findings = findings_of(number) if verdict in ("fail", "review") else []
    missing = ("附件1", "自评报告") if verdict == "incomplete" else ()
    counts = Counter(one.severity for one in findings)
    name = f"某县第{number}中学" if number % 3 else f"某县{number}号乡镇卫生院（含所属各村卫生室）"
    return UnitRow(
        number, f"{number:04} {name}", name, 2023, f"k{number}", verdict,
        "未查全：缺附件1、自评报告" if missing else "",
        f"{name}.xlsx：文件已损坏或不完整。请向填报单位重新索取。" if verdict == "unreadable" else None,
        "hunan-2023", (f"{name}.xlsx", "自评报告.docx"), ("basic", "overall"), missing, counts["error"], counts["warning"], 0, 0,
        findings[0] if findings else None,
        {"score": Decimal(100 - number % 40), "execution_rate": Decimal(30 + number % 70), "score_due": Decimal(95 - number % 40)},
        3, {"marked": (f"标注/{name}-已标注.xlsx",), "notice": (f"退回通知/{name}-退回通知.docx",)}, (), (),
    )  # fmt: skip


def findings_of(number: int) -> list[FindingRow]:
    """Of a unit: some of each rule."""
    name = unit_name(number)
    return [
        FindingRow(
            name, name, at, rule, family, severity, None, "附件2", f"F{10 + at}", title, title, "92%", "12%", None, None,
            "", "重算", at + 1, rule, f"{number:08}{at:08}", None, True,
        )
        for at, (rule, family, severity, title) in enumerate(_RULES * 4)
        if (number * 7 + at * 5) % 11 < 4
    ]  # fmt: skip


def unit_name(number: int) -> str:
    return f"{number:04} " + (
        f"某县第{number}中学" if number % 3 else f"某县{number}号乡镇卫生院（含所属各村卫生室）"
    )


def round_of(count: int) -> RoundSummary:
    """A second round of so many units, of which some were there before."""
    units = [unit(number) for number in range(1, count + 1)]
    findings = [
        one for number in range(1, count + 1) if units[number - 1].first for one in findings_of(number)
    ]
    by_rule = Counter(one.rule for one in findings)
    return RoundSummary(
        round=RoundRow(7, 2, "2026-01-01T00:00:00+00:00", "", "hunan-2023", "0.1.0"),
        verdicts=Counter(one.verdict for one in units),
        units=units,
        findings=findings,
        rules=tuple(
            RuleCount(
                rule, family, severity, title, by_rule[rule],
                tuple(dict.fromkeys(one.submission for one in findings if one.rule == rule)),
            )
            for rule, family, severity, title in _RULES
        ),
        missing=(),
        indicators=(),
        changes=tuple(
            UnitChange.of(
                one, Change(1, "k", "fail", tuple(findings_of(number)[:2]), tuple(findings_of(number)[2:]), (), ())
            )
            for number, one in enumerate(units, 1)
            if number % 4 == 0
        ),
        not_handed_in=tuple(f"某县第{number}小学" for number in range(1, count // 8 + 1)),
        left_out=(),
    )  # fmt: skip


def written(folder: Path, count: int) -> Path:
    path = folder / f"汇总-{count}.html"
    path.write_text("".join(summary_page(round_of(count))), encoding="utf-8")
    return path


@pytest.fixture(scope="module", params=COUNTS)
def summary(
    request: pytest.FixtureRequest, context: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Screen]:
    page = context.new_page()
    screen = Screen(page)
    page.goto(written(tmp_path_factory.mktemp("summary"), request.param).as_uri())
    yield screen
    assert screen.errors == []
    assert screen.beyond == []
    page.close()


def shown(screen: Screen) -> list[str]:
    """The units whose rows are to be seen, in their order."""
    return list(
        screen.page.evaluate(
            "[...document.querySelectorAll('#units tbody tr[id^=u]:not([hidden]) button.unit')].map(one => one.textContent)"
        )
    )


def count(screen: Screen) -> int:
    return int(screen.page.locator("#units tbody tr[id^=u]").count())


def test_the_first_screen_says_who_lacks_what_and_who_failed(summary: Screen) -> None:
    page = summary.page
    page.evaluate("scrollTo(0, 0)")
    height = page.viewport_size["height"]
    for text in ("还没有报送的", "缺材料、读不了的", "错误最多的"):
        box = page.get_by_role("heading", name=text).bounding_box()
        assert box is not None
        assert box["y"] < height, text
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_search_and_a_filter_leave_the_units_that_fit(summary: Screen) -> None:
    page, everything = summary.page, count(summary)
    page.keyboard.press("/")
    page.keyboard.type("第７ 中学")
    assert shown(summary) == ["某县第7中学"]
    page.keyboard.press("Escape")
    assert len(shown(summary)) == everything
    page.get_by_role("button", name="无法检查", exact=False).first.click()
    found = shown(summary)
    assert len(found) == everything // 25
    assert page.locator("#shown").inner_text() == f"显示 {len(found)} 份"
    page.get_by_role("button", name="全部", exact=True).click()
    page.fill("#find", "没有这个单位")
    assert shown(summary) == []
    page.fill("#find", "")


def test_a_card_shows_the_units_of_its_verdict(summary: Screen) -> None:
    page = summary.page
    page.locator(".cards a[data-show=pass]").click()
    rows = page.locator("#units tbody tr[id^=u]:not([hidden])")
    assert rows.count() == page.locator("#units tr[data-verdict=pass]").count() > 0
    page.get_by_role("button", name="全部", exact=True).click()


def test_a_link_jumps_to_its_unit_although_it_is_filtered_away(summary: Screen) -> None:
    page = summary.page
    page.fill("#find", "第1中学")
    link = page.locator("#kinds + .scroll a").nth(1)
    target = str(link.get_attribute("href"))
    link.click()
    row = page.locator(target)
    assert row.is_visible()
    assert page.input_value("#find") == ""
    assert row.locator("button.unit").get_attribute("aria-expanded") == "true"
    assert page.locator(target.replace("#u", "#d")).is_visible()
    assert page.evaluate("document.activeElement.closest('tr').id") == target[1:]
    top = row.bounding_box()
    nav = page.locator("nav").bounding_box()
    assert top is not None
    assert nav is not None
    assert top["y"] >= nav["y"] + nav["height"] - 4 or top["y"] >= 0
    row.locator("button.unit").press("Enter")


def test_the_keyboard_alone_opens_a_unit_and_sorts(summary: Screen) -> None:
    page = summary.page
    page.focus("#u1 button.unit")
    page.keyboard.press("Enter")
    assert page.locator("#d1").is_visible()
    assert "自评报告.docx" in page.locator("#d1").inner_text()
    page.keyboard.press("Space")
    assert not page.locator("#d1").is_visible()
    page.focus("#units th:nth-child(3) button")
    page.keyboard.press("Enter")
    most = page.evaluate(
        "[...document.querySelectorAll('#units tr[id^=u] td:nth-child(3)')].map(one => +one.textContent)"
    )
    assert most == sorted(most, reverse=True)
    assert page.locator("#units th:nth-child(3)").get_attribute("aria-sort") == "descending"
    page.keyboard.press("Enter")
    least = page.evaluate(
        "[...document.querySelectorAll('#units tr[id^=u] td:nth-child(3)')].map(one => +one.textContent)"
    )
    assert least == sorted(least)
    followed = page.evaluate(
        "[...document.querySelectorAll('#units tr[id^=u]')].every(row => row.nextElementSibling.id === 'd' + row.id.slice(1))"
    )
    assert followed


def test_all_open_and_close_at_once(summary: Screen) -> None:
    page = summary.page
    page.click("#all")
    assert page.locator("tr.detail.open").count() == count(summary)
    page.click("#all")
    assert page.locator("tr.detail.open").count() == 0


def test_an_address_with_a_unit_opens_there(context: Any, tmp_path: Path) -> None:
    page = context.new_page()
    screen = Screen(page)
    page.goto(written(tmp_path, 50).as_uri() + "#u42")
    assert page.locator("#d42").is_visible()
    assert screen.errors == []
    page.close()


def main() -> None:
    folder = Path(sys.argv[1])
    with browsing() as context:
        for number in COUNTS:
            page = context.new_page()
            page.goto(written(folder, number).as_uri())
            page.screenshot(path=folder / f"汇总-{number}.png")
            page.locator("#list").scroll_into_view_if_needed()
            page.locator(".cards a").first.click()
            page.locator("#units button.unit:visible").nth(1).click()
            page.screenshot(path=folder / f"汇总-{number}-表.png")
            page.close()


if __name__ == "__main__":
    main()
