"""Whatever stands in a file we read, and whatever it is called: nothing of it is a formula, a link, a field or markup in what
we write."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from perfeval_xl import check, recalc, undo
from perfeval_xl.policy import load_policy
from perfeval_xl.report.html import to_html
from perfeval_xl.runs.auditing import audit_report
from perfeval_xl.runs.exporting import export
from perfeval_xl.runs.importing import import_files
from perfeval_xl.runs.judge_csv import judge_table
from perfeval_xl.runs.marking import marked_copy
from perfeval_xl.runs.new import from_last_year, new_workbook
from perfeval_xl.runs.opening import open_source
from perfeval_xl.text import inert, live
from tests.sizes import Sheets, base, packed

HOSTILE = (
    '=HYPERLINK("http://evil.example/","EVIL")', "=cmd|'/C calc'!EVIL0", "＝EVIL()", "＋EVIL", "－EVIL()", "＠EVIL", "\n=EVIL()", "\t=EVIL()",
    " \u3000=EVIL()", "\u200b\u2060\ufeff=EVIL()", "\u202e\u00ad+EVIL", "+EVIL", "-EVIL()", "@EVIL", "'=EVIL()", "<evil onload=EVIL>",
    '"><script>EVIL</script>', "&lt;evil&gt;", "{ HYPERLINK EVIL }", "_x003D_EVIL()", "]]><evil/>", "[EVIL](javascript:EVIL)",
)  # fmt: skip
#: What is replaced: unit, line and project, indicator, target and achievement, goal, paragraph.
PLACES = ("甲县图书馆", "古籍修复", "办证数", "有效提升", "做好阅览和古籍保护。", "预算编制还不够细。")
WHEN = dt.datetime(2024, 5, 30, 14, 3)


def hostile_file(text: str, folder: Path) -> Path:
    """A submission with a text in every place a text can come from, and two wrong totals."""
    name = re.sub(r"[\[\]:*?/\\\x00-\x1f'\"<>|]", "", text)[:20].strip() or "x"
    sheets: Sheets = {}
    for sheet, rows in base().items():
        said = [[text + cell if cell in PLACES else cell for cell in row] for row in rows]
        sheets[f"{name}附件3-1" if sheet == "附件3-1" else sheet] = said
    sheets["附件2"][-2][-1] = Decimal(77)
    sheets["附件1"][12][3] = Decimal("111.11")
    sheets[f"{name}表"] = [[text, text], [text]]
    path = folder / f"{name}.xlsx"
    path.write_bytes(packed(sheets))
    return path


def parts(data: bytes) -> Iterator[tuple[str, ElementTree.Element]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                yield name, ElementTree.fromstring(archive.read(name))


def local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


#: A sheet's name as references write it, which is no text and no call.
_SHEET = re.compile(r"'(?:[^']|'')*'!")


def live_in(data: bytes) -> list[str]:
    """What of a text is live in a package: formulas, names, links, fields, elements and attributes."""
    found = []
    for name, root in parts(data):
        for element in root.iter():
            tag = local(element)
            written = "".join(element.itertext())
            if tag in ("f", "formula", "formula1", "formula2", "definedName", "instrText", "sqref") and (
                "evil" in _SHEET.sub("", written).casefold()
            ):
                found.append(f"{name}: {tag} {written}")
            if "evil" in tag.casefold() or any("evil" in key.casefold() for key in element.attrib):
                found.append(f"{name}: {tag} {element.attrib}")
            if tag == "Relationship" and "evil" in element.get("Target", "").casefold():
                found.append(f"{name}: {element.attrib}")
            if tag in ("fldSimple", "hyperlink") and "evil" in _SHEET.sub("", str(element.attrib)).casefold():
                found.append(f"{name}: {tag} {element.attrib}")
    return found


class _Page(HTMLParser):
    """The elements and links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.script = tag == "script"
        for key, value in attrs:
            if "evil" in key or (key.startswith(("on", "href", "src")) and "javascript:" in (value or "")):
                self.found.append(f"{tag} {key}={value}")
        if "evil" in tag:
            self.found.append(tag)

    def handle_endtag(self, _tag: str) -> None:
        self.script = False

    def handle_data(self, data: str) -> None:
        if self.script and "EVIL" in data:
            self.found.append(f"script {data}")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_of_a_file_is_live_in_what_is_made_of_it(text: str, tmp_path: Path) -> None:
    path = hostile_file(text, tmp_path)
    report = check(path)
    assert report.summaries
    marked = marked_copy(open_source(path), report).data
    corrected = recalc(path, tmp_path / "更正.xlsx", when=WHEN)
    assert corrected.changes
    imported = import_files([path], ".xlsx").data
    (tmp_path / "导入.xlsx").write_bytes(imported)
    made = check(tmp_path / "导入.xlsx")
    packages = {
        "marked": marked,
        "corrected": corrected.data,
        "undone": undo(tmp_path / "更正.xlsx").data,
        "imported": imported,
        "imported and marked": marked_copy(open_source(tmp_path / "导入.xlsx"), made).data,
        "new": new_workbook(".xlsx", unit=text),
        "carried": from_last_year(path, ".xlsx").data,
        "exported": export(path, ".docx").data,
        "audit": audit_report(report, ".docx", when=WHEN, hashes=("0" * 64,)),
    }
    assert {name: found for name, data in packages.items() if (found := live_in(data))} == {}
    page = _Page()
    page.feed(to_html(report))
    assert page.found == []


def test_what_is_live_is_seen() -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet("一").write_formula("A1", '=HYPERLINK("x","EVIL")')
        book.define_name("N", "=EVIL!$A$1")
        book.worksheets()[0].write_url("A2", "http://evil.example/")
    assert len(live_in(stream.getvalue())) == 3
    page = _Page()
    page.feed("<p><evil><script>EVIL</script>")
    assert len(page.found) == 2


@pytest.mark.parametrize("text", HOSTILE[:14], ids=range(14))
def test_nothing_of_a_table_is_live_in_the_table_we_write(text: str) -> None:
    source = io.StringIO()
    csv.writer(source).writerows(
        [["target", "actual", text], [text, text, text], ["≥5人", "6人", f"a\n{text}"]]
    )
    written: list[str] = []
    judge_table(
        io.StringIO(source.getvalue(), newline=""), written.append, load_policy("national-2020"), text
    )
    rows = [*csv.reader(io.StringIO("".join(written), newline=""))]
    assert [cell for row in rows for cell in row if live(cell)] == []
    assert text in rows[0][2]


_SKIPPED = st.text(st.characters(categories=["Cc", "Cf", "Zs", "Zl", "Zp"]))


@given(_SKIPPED, st.sampled_from("=+-@＝＋－＠﹢﹣﹦﹫"), st.text())
def test_what_stands_in_front_of_a_formula_does_not_hide_it(front: str, sign: str, rest: str) -> None:
    if not re.fullmatch(r"[-+]?[0-9][0-9,]*(?:\.[0-9]+)?%?", f"{front}{sign}{rest}"):
        assert live(f"{front}{sign}{rest}")


@given(st.text())
def test_what_was_made_inert_is(text: str) -> None:
    assert not live(inert(text))
    assert inert(text).removeprefix("'") == text.removeprefix("'")
