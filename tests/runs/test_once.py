"""A run opens its file once, judges it once and reads each form once; what it makes is made of just what was read."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from perfeval_xl import forms
from perfeval_xl.cli import main
from perfeval_xl.errors import Unreadable
from perfeval_xl.forms import read_forms
from perfeval_xl.hosts.marks.workbook import unmark
from perfeval_xl.hosts.reading import loading, xlsx
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.hosts.template.filling import fill
from perfeval_xl.hosts.template.template import Template, shipped
from perfeval_xl.runs.checking import check
from perfeval_xl.runs.marking import marked_copy
from perfeval_xl.runs.opening import open_source
from tests.runs.test_correcting import BASE, RATE, TOTAL, written
from tests.support import ROOT, changed

EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
PHONE = "联系电话：13800001234"


@dataclass
class Counts:
    """How often the file was opened, judged by its content and read as a workbook, and each sheet for its forms."""

    opened: int = 0
    judged: int = 0
    read: int = 0
    sheets: Counter[str] = field(default_factory=Counter)

    @property
    def once(self) -> bool:
        return (self.opened, self.judged, self.read) == (1, 1, 1) and set(self.sheets.values()) == {1}


_opened: list[str] = []
#: What Python itself says of every file that is opened, by whatever means.
sys.addaudithook(lambda event, about: _opened.append(str(about[0])) if event == "open" else None)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Counts]:
    """Runs a command on a file and counts."""
    counts = Counts()

    def counting(module: Any, name: str, count: Callable[[Any], None]) -> None:
        real = getattr(module, name)

        def run(*arguments: Any) -> Any:
            count(arguments)
            return real(*arguments)

        monkeypatch.setattr(module, name, run)

    def judged(arguments: Any) -> None:
        counts.judged += not str(arguments[0]).startswith("输出")  # the output, read again for its mark

    def read(arguments: Any) -> None:
        counts.read += not str(arguments[0]).startswith("输出")

    counting(loading, "_kind", judged)
    counting(xlsx, "read", read)
    counting(forms, "_read_sheet", lambda arguments: counts.sheets.update([arguments[0].sheet]))

    def run(path: Path, *arguments: str | Path) -> Counts:
        _opened.clear()
        command, *options = map(str, arguments)
        assert main([command, str(path), *options]) in (0, 1)
        counts.opened = _opened.count(str(path))
        return counts

    return run


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example in the template."""
    path = tmp_path_factory.mktemp("once") / "模板.xlsx"
    made = Template(shipped(".xlsx"))
    fill(made, read_forms(read_book(EXAMPLE)))
    path.write_bytes(made.to_bytes())
    return path


# -- once ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", ["example", "template"])
@pytest.mark.parametrize(
    "command",
    [
        ("check", "-o", "问题.txt"),
        ("check", "-o", "问题.txt", "--highlight", "标注.xlsx"),
        ("check", "-o", "审核报告.docx"),
        ("export", "-o", "报告.docx"),
        ("export", "-o", "报告.docx", "--redact"),
    ],
    ids=" ".join,
)
def test_a_file_is_opened_judged_and_read_once(
    command: tuple[str, ...], of: str, template: Path, tmp_path: Path, counted: Callable[..., Counts]
) -> None:
    outputs = [tmp_path / part if "." in part else part for part in command]
    counts = counted(EXAMPLE if of == "example" else template, *outputs)
    assert counts.once, counts


def test_to_correct_nothing_reads_once(tmp_path: Path, counted: Callable[..., Counts]) -> None:
    path = written(tmp_path / "对.xlsx", BASE)
    assert counted(path, "recalc", "-o", tmp_path / "出.xlsx").once


def test_a_trial_of_a_correction_reads_only_the_sheet_it_changes(
    tmp_path: Path, counted: Callable[..., Counts]
) -> None:
    path = written(tmp_path / "错.xlsx", changed(BASE, {TOTAL: Decimal("111.11"), RATE: "77%"}))
    counts = counted(path, "recalc", "-o", tmp_path / "出.xlsx")
    assert (counts.opened, counts.judged) == (1, 1)
    assert counts.read == 2  # and the copy that was written, for what its cells show
    again = {sheet for sheet, times in counts.sheets.items() if times > 1}
    assert again == {"附件1", "附件3-2"}


def test_only_sheets_with_private_numbers_are_read_again_without_them(
    tmp_path: Path, counted: Callable[..., Counts]
) -> None:
    path = written(tmp_path / "单位.xlsx", changed(BASE, {"自评报告 / A3": PHONE}))
    counts = counted(path, "export", "-o", tmp_path / "报告.docx", "--redact")
    assert (counts.opened, counts.judged, counts.read) == (1, 1, 1)
    assert {sheet: times for sheet, times in counts.sheets.items() if times > 1} == {"自评报告": 2}


@pytest.mark.parametrize("command", ["check", "export"])
def test_only_sheets_with_a_name_in_a_text_are_read_again_with_its_figure(
    command: str, tmp_path: Path, counted: Callable[..., Counts]
) -> None:
    path = written(tmp_path / "单位.xlsx", changed(BASE, {"自评报告 / A3": "三公经费{{三公经费}}万元。"}))
    counts = counted(path, command, "-o", tmp_path / ("报告.docx" if command == "export" else "问题.txt"))
    assert (counts.opened, counts.judged, counts.read) == (1, 1, 1)
    assert {sheet: times for sheet, times in counts.sheets.items() if times > 1} == {"自评报告": 2}


# -- what was judged is what is marked ---------------------------------------------------------------------------


def test_a_file_that_changes_after_it_was_opened_is_marked_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "单位.xlsx"
    path.write_bytes(EXAMPLE.read_bytes())
    source = open_source(path)
    path.write_bytes(written(tmp_path / "别的.xlsx", BASE).read_bytes())
    report = check(source)
    path.unlink()
    assert report.findings == check(EXAMPLE).findings
    assert unmark(marked_copy(source, report).data).data == source.data == EXAMPLE.read_bytes()


def test_nor_does_the_reader_of_other_formats_open_it_again(tmp_path: Path) -> None:
    path = tmp_path / "单位.xlsx"
    path.write_bytes(EXAMPLE.read_bytes())
    source = open_source(path)
    path.unlink()
    assert check(source, host="calamine").summaries == check(EXAMPLE, host="calamine").summaries
    with pytest.raises(Unreadable, match="找不到"):
        check(path)
