"""The page stands alone, its links lead somewhere, and text of the checked file stays text."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
from collections import Counter
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from perfeval_xl.grid import Grid, Place
from perfeval_xl.report.drawing import MOST_COLUMNS
from perfeval_xl.report.html import to_html
from tests.report import samples
from tests.support import grid_of

MAKERS = [samples.example, samples.county, samples.empty, samples.hostile, samples.report]
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


class Page(HTMLParser):
    """Tags with their attributes, and the text of each table cell by its id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.cells: dict[str, str] = {}
        self.attributes: dict[str, dict[str, str | None]] = {}
        self._cell: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag == "td":
            self._cell = found["id"] or ""
            self.cells[self._cell] = ""
            self.attributes[self._cell] = found

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self.cells[self._cell] += data

    @property
    def ids(self) -> Counter[str]:
        return Counter(found["id"] or "" for _, found in self.tags if "id" in found)

    @property
    def links(self) -> list[str]:
        return [found["href"] or "" for _, found in self.tags if "href" in found]


@lru_cache(maxsize=8)
def text_of(make: Any) -> str:
    return to_html(make())


@pytest.mark.parametrize("make", MAKERS)
def test_nothing_is_loaded_from_anywhere(make: Any) -> None:
    text = text_of(make)
    page = Page(text)
    for tag, found in page.tags:
        assert not {"src", "srcset", "action", "data", "background", "poster"} & set(found), tag
        assert tag not in ("link", "iframe", "img", "object", "embed", "base", "form")
    style = re.search(r"<style>(.*?)</style>", text, re.S)
    assert style is not None
    assert "@import" not in style[1]
    assert "url(" not in style[1]
    policies = [found for _, found in page.tags if found.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    assert "default-src 'none'" in (policies[0]["content"] or "")


def test_the_example_names_no_address() -> None:
    text = text_of(samples.example)
    assert "http:" not in text
    assert "https:" not in text
    assert "src=" not in text


@pytest.mark.parametrize(
    "make", [*MAKERS, lambda: samples.big(5000, 4000), lambda: samples.big(100, 50)], ids=range(7)
)
def test_every_link_leads_to_one_place(make: Any) -> None:
    page = Page(to_html(make()))
    ids = page.ids
    assert [name for name, count in ids.items() if count > 1] == []
    assert [link for link in page.links if not link.startswith("#") or ids[link[1:]] != 1] == []


def test_every_finding_of_the_example_is_linked_both_ways() -> None:
    report = samples.example()
    page = Page(text_of(samples.example))
    links = set(page.links)
    marked = {found["id"] for found in page.attributes.values() if found.get("title")}
    for index, finding in enumerate(report.findings):
        assert page.ids[f"f{index}"] == 1
        assert finding.place is not None
        assert any(link.endswith(f"-{finding.place.cell}") for link in links)
    assert len(marked) == len({finding.place for finding in report.findings})


@pytest.mark.parametrize("make", MAKERS)
def test_text_never_becomes_markup(make: Any) -> None:
    text = text_of(make)
    page = Page(text)
    assert sum(1 for tag, _ in page.tags if tag == "script") == 1
    assert sum(1 for tag, _ in page.tags if tag == "style") == 1
    assert not any(name.startswith("on") for _, found in page.tags for name in found)
    assert "javascript:" not in " ".join(page.links)
    assert "<!--" not in text
    known = (
        "html head meta title style body header h1 h2 h3 div p span strong main nav button a section article"
    )
    known += " i b dl dt dd ol ul li table thead tbody tr th td details summary footer script"
    assert {tag for tag, _ in page.tags} <= set(known.split())


@pytest.mark.parametrize("make", MAKERS)
def test_no_control_or_direction_marks(make: Any) -> None:
    text = text_of(make)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)
    assert not set(BIDI) & set(text)


def test_hostile_text_is_shown_as_text() -> None:
    page = Page(text_of(samples.hostile))
    assert samples.HOSTILE[0] in page.cells["s0-A1"]
    assert "{{ 7*7 }}" in page.cells["s6-A1"]
    assert "49" not in page.cells["s6-A1"]


def test_very_long_text_is_cut() -> None:
    assert len(text_of(samples.hostile)) < 200_000
    text = to_html(samples.report(samples.finding(message="长" * 100_000)))
    assert text.count("长") < 1000


def test_line_breaks_in_cells_are_kept() -> None:
    grid = grid_of("附件1", [["第一行\r\n第二行"]])
    page = Page(to_html(samples.report(grids=(grid,))))
    assert page.cells["s0-A1"] == "第一行\n第二行"


def test_merged_cells_span() -> None:
    rows: list[list[Any]] = [["标题", None, None], ["指标", "甲", 1], [None, "乙", 2], [None, "丙", 3]]
    grid = grid_of("附件1", rows, ["A1:C1", "A2:A4"])
    page = Page(to_html(samples.report(grids=(grid,))))
    assert page.attributes["s0-A1"]["colspan"] == "3"
    assert "rowspan" not in page.attributes["s0-A1"]
    assert page.attributes["s0-A2"]["rowspan"] == "3"
    assert not {"s0-B1", "s0-C1", "s0-A3", "s0-A4"} & set(page.cells)
    assert page.cells["s0-C4"] == "3"
    assert page.attributes["s0-C4"]["class"] == "n"


def test_a_finding_inside_a_merge_marks_the_cell_that_is_drawn() -> None:
    grid = grid_of("附件1", [["甲", 1, None], [None, None, 2]], ["B1:B2"])
    finding = samples.finding(Place("附件1", 2, 2), related=(Place("附件1", 2, 3),))
    page = Page(to_html(samples.report(finding, grids=(grid,))))
    assert "#s0-B1" in page.links
    assert "warning" in (page.attributes["s0-B1"]["class"] or "")
    assert page.attributes["s0-C2"]["class"] == "related n"


def test_severity_is_a_word_and_a_symbol_not_only_a_colour() -> None:
    grid = grid_of("附件1", [["甲", 1], ["乙", 2], ["丙", 3]])
    severities = ("error", "warning", "info")
    found = [
        samples.finding(Place("附件1", row, 2), severity=severity)
        for row, severity in enumerate(severities, 1)
    ]
    page = Page(to_html(samples.report(*found, grids=(grid,))))
    assert [page.cells[f"s0-B{row}"] for row in (1, 2, 3)] == ["×1", "▲2", "●3"]
    assert [page.attributes[f"s0-B{row}"]["title"] for row in (1, 2, 3)] == [
        "错误 PE101 合计不符",
        "核实 PE101 合计不符",
        "提示 PE101 合计不符",
    ]


def test_every_finding_of_a_cell_is_marked_and_the_worst_colours_it() -> None:
    grid = grid_of("附件1", [["甲", 1]])
    found = [samples.finding(Place("附件1", 1, 2), severity=severity) for severity in ("info", "error")]
    page = Page(to_html(samples.report(*found, grids=(grid,))))
    assert page.cells["s0-B1"] == "×●1"
    assert page.attributes["s0-B1"]["class"] == "error n"
    assert {"#f0", "#f1"} <= set(page.links)
    assert page.attributes["s0-B1"]["title"] == "错误 PE101 合计不符；提示 PE101 合计不符"


def test_a_clean_workbook_says_so() -> None:
    text = to_html(samples.report(grids=(grid_of("附件1", [["甲"]]),)))
    assert "未发现问题" in text
    assert '<span class="verdict pass">通过</span>' in text
    assert "未发现问题" not in text_of(samples.example)


def test_no_form_is_not_a_clean_workbook() -> None:
    text = text_of(samples.empty)
    assert "无法检查" in text
    assert "未发现问题" not in text
    assert "Sheet1：空表" in text


def test_a_tall_sheet_is_drawn_around_its_findings() -> None:
    text = to_html(samples.big(5000, 4000))
    page = Page(text)
    rows = {int(re.sub(r".*-[A-Z]+", "", name)) for name in page.cells}
    assert {1, 8, 3990, 4000, 4010} <= rows
    assert not {9, 100, 4100} & rows
    assert len(rows) < 100
    assert "5000 行" in text
    assert len(text) < 60_000
    small = Page(to_html(samples.big(100, 50)))
    assert {"s0-A1", "s0-A100"} <= set(small.cells)


def test_a_very_wide_sheet_is_cut() -> None:
    grid = grid_of("附件1", [["甲"] * 300])
    finding = samples.finding(Place("附件1", 1, 300))
    text = to_html(samples.report(finding, grids=(grid,)))
    page = Page(text)
    assert len(page.cells) == MOST_COLUMNS
    assert f"这张表有 300 列，只画出前 {MOST_COLUMNS} 列。" in text
    assert all(page.ids[link[1:]] == 1 for link in page.links)


def test_a_stray_cell_far_right_draws_no_empty_columns() -> None:
    grid = grid_of("附件1", [["甲", None, "丙"] + [None] * 300 + ["远"]])
    page = Page(to_html(samples.report(samples.finding(Place("附件1", 1, 304)), grids=(grid,))))
    assert list(page.cells) == ["s0-A1", "s0-B1", "s0-C1", "s0-KR1"]
    assert "#s0-KR1" in page.links


def test_a_merge_over_columns_that_are_left_out_spans_what_is_drawn() -> None:
    grid = grid_of("附件1", [["题"], ["甲"] + [None] * 20 + ["乙"]], ["A1:V1"])
    page = Page(to_html(samples.report(grids=(grid,))))
    assert page.attributes["s0-A1"]["colspan"] == "2"
    assert list(page.cells) == ["s0-A1", "s0-A2", "s0-V2"]


def test_accepted_findings_stay_listed_with_their_reason() -> None:
    grid = grid_of("附件1", [["甲", 1]])
    settled = samples.finding(Place("附件1", 1, 2), accepted="年中追加<b>")
    counted = samples.finding(Place("附件1", 1, 2), severity="error", accepted="四舍五入", acceptable=False)
    text = to_html(samples.report(settled, counted, grids=(grid,)))
    page = Page(text)
    assert text.index("四舍五入") < text.index("已说明、不再计数的") < text.index("年中追加")
    assert page.cells["s0-B1"] == "×✓1"
    assert 'class="finding settled" id="f0"' in text
    assert 'class="finding error" id="f1"' in text
    assert "原为核实" in text
    assert "年中追加&lt;b&gt;" in text
    assert "四舍五入（错误，仍然计数）" in text
    assert "✓ 已说明 1" in text


def test_a_cell_with_nothing_open_is_not_drawn_as_wrong() -> None:
    grid = grid_of("附件1", [["甲", 1]])
    text = to_html(samples.report(samples.finding(Place("附件1", 1, 2), accepted="已核"), grids=(grid,)))
    assert Page(text).attributes["s0-B1"]["class"] == "settled n"
    assert "没有未处理的问题。" in text
    assert "通过" in text


def test_only_sheets_with_forms_or_findings_are_drawn() -> None:
    grids = (grid_of("附件1", [["甲"]]), grid_of("别的", [["不画"]]))
    text = to_html(samples.report(grids=grids))
    assert "不画" not in text


def test_hidden_rows_are_said_to_be_hidden() -> None:
    grid = dataclasses.replace(grid_of("附件1", [["甲"], ["乙"]]), hidden_rows=frozenset({2}))
    assert isinstance(grid, Grid)
    text = to_html(samples.report(grids=(grid,)))
    assert "2（隐藏）" in text


def test_hidden_columns_and_sheets_are_said_to_be_hidden() -> None:
    grid = grid_of("附件1", [["甲", "乙", "丙"]])
    grid = dataclasses.replace(grid, hidden_columns=frozenset({2}), state="hidden")
    text = to_html(samples.report(grids=(grid,)))
    assert "B（隐藏）" in text
    assert "这张表在文件里是隐藏的。" in text


def test_hidden_helper_columns_beside_a_form_are_not_drawn() -> None:
    grid = grid_of("附件1", [["甲", "乙", None, "辅助"], ["丙", 1, None, 2]])
    hidden = dataclasses.replace(grid, hidden_columns=frozenset({4}))
    assert "辅助" in to_html(samples.report(grids=(grid,)))
    assert "辅助" not in to_html(samples.report(grids=(hidden,)))


def test_a_county_report_shows_what_the_clerk_needs() -> None:
    text = text_of(samples.county)
    page = Page(text)
    assert '<html lang="zh-CN">' in text
    assert '<span class="verdict fail">不通过</span>' in text
    for part in (
        "某县图书馆",
        "2023年度",
        "hunan-2023",
        "某县图书馆2023.xlsx",
        "检查了 3 张表、86 项，缺数据未检查 3 项",
    ):
        assert part in text
    assert "C:/自评" not in text
    assert "附件3-1　无问题" in text
    assert page.attributes["s0-A4"]["rowspan"] == "2"
    assert page.attributes["s1-A5"]["rowspan"] == "6"
    assert "s0-A13" not in page.cells
    assert "12（隐藏）" in text
    assert {"#s0-D5", "#f1", "#g1", "#s2"} <= set(page.links)


CHROMIUM = shutil.which("chromium")
SWITCHES = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --virtual-time-budget=4000 --dump-dom"
)
#: Clicks as a clerk does and writes what happened where the dumped page shows it.
CLICKS = """<script>
(async function () {
  var seen = [], wait = function () { return new Promise(function (done) { setTimeout(done, 50); }); };
  function note(name, value) { seen.push(name + "=" + value); }
  async function click(selector) { document.querySelector(selector).click(); await wait(); }
  await click("nav button[data-kind=info]");
  note("infos", document.querySelectorAll(".finding:not([hidden])").length);
  note("groups", document.querySelectorAll(".group:not([hidden])").length);
  await click("td a[href='#f1']");
  note("shown", !document.getElementById("f1").closest("[hidden]"));
  note("focus", document.activeElement.id);
  await click("#f1 a.cell");
  note("hash", location.hash);
  note("flash", document.getElementById("s0-D5").classList.contains("flash"));
  var box = document.getElementById("s0-D5").getBoundingClientRect();
  note("visible", box.top >= 0 && box.bottom <= innerHeight);
  document.title = seen.join(" ");
})();
</script></body>"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_clicking_in_a_browser(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(text_of(samples.county).replace("</body>", CLICKS), encoding="utf-8")
    done = subprocess.run(
        [str(CHROMIUM), *SWITCHES.split(), f"--user-data-dir={tmp_path / 'profile'}", page.as_uri()],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    title = re.search("<title>(.*?)</title>", done.stdout)
    assert title is not None
    assert title[1] == "infos=2 groups=2 shown=true focus=f1 hash=#s0-D5 flash=true visible=true"
