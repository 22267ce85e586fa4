"""The page in a real Chromium: the same findings as on CPython, mended by clicks and typing, whatever the file."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from perfeval_xl import check
from perfeval_xl.hosts.libreoffice import convert
from perfeval_xl.hosts.limits import LIMITS
from perfeval_xl.runs.exporting import export
from tests.hosts.reading.hostile import HOSTILE
from tests.published.test_published import TABLES
from tests.support import ROOT

from .browser import Screen
from .published import parts, workbook_of

EXAMPLE = (ROOT / "workbook" / "example-2023.xlsx").read_bytes()
NAME = "示例.xlsx"
#: Every so manieth of the published tables here; all of them by ``python -m tests.web.published``.
EVERY = 9
HURTS = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>'


def test_the_page_asks_nothing_of_the_network(screen: Screen) -> None:
    screen.check(NAME, EXAMPLE)
    assert screen.beyond == []
    assert screen.errors == []


@pytest.mark.parametrize(
    "path", ["workbook/example-2023.xlsx", "workbook/template.xlsx", "workbook/template.xlsm"]
)
def test_our_workbooks_are_judged_as_on_cpython(screen: Screen, path: str) -> None:
    data = (ROOT / path).read_bytes()
    assert screen.check(NAME, data) == {"ok": check(data, name=NAME).to_dict()}


@pytest.mark.parametrize("path", TABLES[::EVERY], ids=lambda path: path.stem)
def test_published_tables_are_judged_as_on_cpython(screen: Screen, path: Path) -> None:
    data = workbook_of(path)
    assert screen.check(NAME, data) == {"ok": check(data, name=NAME).to_dict()}


def test_a_word_report_is_judged_as_on_cpython(screen: Screen, tmp_path: Path) -> None:
    file = tmp_path / NAME
    file.write_bytes(EXAMPLE)
    data = export(file, ".docx").data
    assert screen.check("报告.docx", data) == {"ok": check(data, name="报告.docx").to_dict()}


def test_old_formats_are_read_and_the_verdict_says_what_is_not_known(screen: Screen) -> None:
    """Through calamine, since a page has no office beside it: number formats are unknown."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice writes the .xls")
    data = convert(EXAMPLE, ".xlsx", "xls", LIMITS)
    found = screen.check("表.xls", data)["ok"]
    assert [one["rule"] for one in found["findings"]] == [
        one.rule for one in check(data, name="表.xls", host="calamine").findings
    ]
    assert any("数字格式" in one["reason"] for one in found["unread"])


# -- the walk -------------------------------------------------------------------------------------------------


@pytest.fixture
def fresh(context: Any, page_file: Path) -> Iterator[Screen]:
    page = context.new_page()
    yield Screen(page).start(page_file)
    page.close()


def test_the_example_is_mended_by_clicks_and_typing(fresh: Screen, tmp_path: Path) -> None:
    """The first five things, the download, and what the command line says of it."""
    page = fresh.page
    fresh.open([(NAME, EXAMPLE)])
    first = page.locator(".first li button").all_inner_texts()
    assert len(first) == 5
    typed = [
        ("附件2", "F30", "55%"),
        ("附件2", "F33", "30天"),
        ("附件3-1", "E13", "≥5500份"),
        ("附件3-1", "F15", "99%"),
        ("附件3-1", "F16", "55%"),
    ]
    for sheet, cell, text in typed:
        page.click(f".tabs button:has-text('{sheet}')")
        page.wait_for_selector(f".sheet table[aria-label^='{sheet}，']")
        fresh.type(cell, text)
    assert page.locator(".vanished summary").inner_text().startswith("✓ 改好了")
    data = fresh.download("改好的工作簿")
    file = tmp_path / NAME
    file.write_bytes(data)
    before, after = check(EXAMPLE, name=NAME), check(file)
    mended = {(sheet, cell) for sheet, cell, _ in typed}
    gone = {(one.rule, one.place) for one in before.findings} - {
        (one.rule, one.place) for one in after.findings
    }
    assert len(gone) >= len(mended)
    assert {
        (one.place.sheet, one.place.cell) for one in after.findings if one.place and one.severity == "error"
    }.isdisjoint(mended)
    done = subprocess.run(
        [sys.executable, "-m", "perfeval_xl", "check", str(file)], capture_output=True, text=True
    )
    assert done.returncode == 1
    old, new = parts(EXAMPLE), parts(data)
    changed = {name for name in new if old.get(name) != new[name]}
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert {name for name in changed if "worksheets" in name} == {
        "xl/worksheets/sheet2.xml",
        "xl/worksheets/sheet3.xml",
        f"xl/worksheets/sheet{len(book.sheetnames)}.xml",
    }
    assert set(old) <= set(new)
    log = [
        [cell.value for cell in row[2:6]]
        for row in book["更正记录"].iter_rows()
        if row[1].value and row[2].value in dict.fromkeys(one[0] for one in typed)
    ]
    assert [(sheet, cell, new) for sheet, cell, _, new in log] == typed
    assert fresh.beyond == []
    if shutil.which("soffice") is not None:
        assert convert(data, ".xlsx", "ods", LIMITS)


def test_undo_redo_and_a_reload_keep_what_was_done(fresh: Screen) -> None:
    page = fresh.page
    fresh.open([(NAME, EXAMPLE)])
    page.click(".tabs button:has-text('附件2')")
    page.wait_for_selector(".sheet table[aria-label^='附件2，']")
    fresh.type("F33", "30天")
    assert page.locator("td[data-cell=F33]").inner_text() == "30天"
    page.keyboard.press("Control+z")
    fresh.toasted("已撤销：修改 附件2 F33")
    assert "100%" in page.locator("td[data-cell=F33]").inner_text()
    page.keyboard.press("Control+y")
    fresh.toasted("已重做")
    page.reload()
    page.wait_for_selector("td[data-cell]")
    assert page.locator("text=↶ 撤销").first.get_attribute("title") == "撤销：修改 附件2 F33"
    assert page.evaluate("localStorage.length") == 0  # nothing is kept for days unless asked for


def test_a_proposal_a_reason_and_the_list(fresh: Screen) -> None:
    page = fresh.page
    fresh.open([(NAME, EXAMPLE)])
    page.click(".chips button:has-text('核实')")
    page.click(".finding.warning >> nth=0")
    page.click("text=写说明…")
    page.fill(".detail textarea", "已核实，批复文号见附件")
    page.click("text=保存说明")
    fresh.toasted("说明已保存")
    assert page.locator(".chips button:has-text('已说明')").count() == 1
    page.click(".chips button:has-text('全部')")
    page.fill(".seek input", "没有这样的文字")
    assert "这样筛选没有问题" in page.locator(".empty").inner_text()
    page.fill(".seek input", "")
    page.click(".finding >> nth=0")
    page.click("text=标为已处理")
    assert page.locator(".finding.finished").count() == 1
    page.click("text=↓ 下一条")
    assert page.locator(".finding.picked").count() == 1


def test_the_keyboard_is_enough(fresh: Screen) -> None:
    page = fresh.page
    fresh.open([(NAME, EXAMPLE)])
    page.keyboard.press("j")
    picked = page.locator(".finding.picked")
    assert picked.count() == 1
    page.click(".tabs button:has-text('附件2')")
    page.wait_for_selector(".sheet table[aria-label^='附件2，']")
    page.locator("td[data-cell=F32]").focus()
    page.click("td[data-cell=F32]")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.cell") == "F33"
    page.keyboard.press("F2")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.cell") == "F33"


def test_both_files_are_one_submission(fresh: Screen, tmp_path: Path) -> None:
    file, report = tmp_path / NAME, tmp_path / "报告.docx"
    file.write_bytes(EXAMPLE)
    report.write_bytes(export(file, ".docx").data)
    fresh.open([(NAME, EXAMPLE), (report.name, report.read_bytes())])
    together = check([file, report])
    assert fresh.page.locator(".chips button >> nth=0").inner_text() == f"全部 {len(together.findings)}"
    marked = fresh.download(f"标注副本：{report.name}")
    assert "word/comments.xml" in parts(marked)


# -- files that are made to hurt ------------------------------------------------------------------------------


def hurting() -> bytes:
    """The example with markup wherever a text can come from."""
    book = openpyxl.load_workbook(io.BytesIO(EXAMPLE))
    book["附件2"].title = "<b onclick=1>&'\"附件2"[:31]
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and len(cell.value) < 200 and cell.row > 8:
                    cell.value += HURTS
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def test_no_text_of_a_file_becomes_markup(fresh: Screen) -> None:
    page = fresh.page
    fresh.open([(f"{HURTS.replace('/', '')}.xlsx", hurting())])
    for tab in range(page.locator(".tabs button").count()):
        page.click(f".tabs button >> nth={tab}")
        page.wait_for_timeout(100)
    for finding in range(min(10, page.locator(".finding").count())):
        page.click(f".finding >> nth={finding}")
    page.click("text=下载…")
    assert page.evaluate("window.hurt") is None
    assert page.locator("#work img, #work script, #work [onclick], dialog img").count() == 0
    assert fresh.errors == []


@pytest.mark.parametrize("name", sorted(HOSTILE)[::4])
def test_files_made_to_hurt_are_one_line_and_the_page_lives(screen: Screen, name: str) -> None:
    make, line = HOSTILE[name]
    found = screen.check("坏.xlsx", make())
    if line:
        assert line in found["error"]
        assert "\n" not in found["error"]
    assert screen.check(NAME, EXAMPLE)["ok"]["findings"]


def test_a_file_that_cannot_be_read_says_so_on_the_screen(fresh: Screen) -> None:
    fresh.open([("坏.xlsx", b"PK\x03\x04" + bytes(100))])
    assert "损坏" in fresh.page.locator("#sorry").inner_text()
    fresh.open([(NAME, EXAMPLE)])
    assert fresh.page.locator("td[data-cell]").count() > 30


def test_two_hundred_sheets_do_not_freeze_the_page(fresh: Screen) -> None:
    book = openpyxl.load_workbook(io.BytesIO(EXAMPLE))
    for number in range(187):
        book.copy_worksheet(book["附件3-2"]).title = f"附件3-{number + 10}"
    held = io.BytesIO()
    book.save(held)
    page = fresh.page
    page.evaluate("""() => { window.longest = 0; let last = performance.now();
      setInterval(() => { const now = performance.now(); window.longest = Math.max(window.longest, now - last - 50); last = now; }, 50); }""")
    fresh.open([(NAME, held.getvalue())])
    assert page.locator(".tabs button").count() == 200
    assert page.evaluate("window.longest") < 3000


def test_an_old_browser_is_told_what_to_do(context: Any, page_file: Path) -> None:
    page = context.new_page()
    page.add_init_script("delete WebAssembly.validate; WebAssembly.validate = () => false;")
    page.goto(page_file.as_uri())
    assert "Chromium 102" in page.locator("#cannot").inner_text()
    page.close()
    page = context.new_page()
    page.add_init_script("delete window.WebAssembly")
    page.goto(page_file.as_uri())
    assert "WebAssembly" in page.locator("#cannot").inner_text()
    page.close()
