"""One table of words: every output says the same of the same thing."""

from __future__ import annotations

import dataclasses
import html
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import openpyxl
import pytest

from perfeval_xl.findings import (
    PART_WORD,
    SETTLED_WORD,
    SEVERITIES,
    SEVERITY_LEVEL,
    STILL_COUNTS,
    UNREAD_HEADING,
    VERDICT_WORD,
    Finding,
    Report,
)
from perfeval_xl.forms.records import Unread
from perfeval_xl.hosts.marks.results import texts
from perfeval_xl.hosts.marks.workbook import highlight
from perfeval_xl.report.audit import Circumstances, audit
from perfeval_xl.report.html import to_html
from perfeval_xl.report.terminal import make_console, print_report
from perfeval_xl.worklist import HEADING, group_line, step_line, worklist
from tests.report import samples
from tests.report.test_audit import WHEN

#: What used to be said in one output or another instead.
_OTHER_WORDS = (
    "✖",
    "建议：",
    "现在：",
    "计算：",
    "相关单元格",
    "计算/说明",
    "仍须改正）",
    "已接受",
    "已豁免",
)


def every_kind() -> Report:
    """The example with an accepted warning, an error that counts although it is explained, and a figure that is off by one."""
    report = samples.example()
    found = list(report.findings)
    of = {one.severity: index for index, one in reversed(list(enumerate(found)))}
    found[of["warning"]] = replace(found[of["warning"]], accepted="县里批准过")
    found[of["error"]] = replace(
        found[of["error"]],
        accepted="四舍五入",
        acceptable=False,
        expected="2",
        actual="1",
        difference="1",
        explain="1 + 1 = 2",
    )
    return replace(report, findings=tuple(found), unread=(Unread("杂项", "不是附件"),))


def on_the_screen(report: Report) -> str:
    stream = io.StringIO()
    print_report(report, make_console(stream))
    print_report(report, make_console(stream), verbose=True)
    return stream.getvalue()


def as_html(report: Report) -> str:
    return html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", "", to_html(report), flags=re.S))


def as_audit(report: Report) -> str:
    return "\n".join(_texts(audit(report, Circumstances(WHEN))))


def _texts(thing: Any) -> Iterator[str]:
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from _texts(part)
    elif is_dataclass(thing):
        for one in fields(thing):
            yield from _texts(getattr(thing, one.name))


def as_list(report: Report) -> str:
    book = openpyxl.load_workbook(io.BytesIO(highlight(samples.EXAMPLE, report).data))
    return "\n".join(str(cell.value) for row in book["校验结果"].iter_rows() for cell in row if cell.value)


OUTPUTS: dict[str, Callable[[Report], str]] = {
    "terminal": on_the_screen, "HTML": as_html, "审核报告": as_audit, "校验结果": as_list,
}  # fmt: skip


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_same_words_everywhere(output: str) -> None:
    report = every_kind()
    said = OUTPUTS[output](report)
    joined = re.sub(r"\s", "", said)
    wanted = [VERDICT_WORD[report.verdict], SETTLED_WORD, HEADING, *PART_WORD.values()]
    wanted += [SEVERITY_LEVEL[one] for one in SEVERITIES]
    wanted += [] if output == "校验结果" else [STILL_COUNTS, UNREAD_HEADING]
    wanted += [step_line(step) for step in worklist(report).first]
    assert [one for one in wanted if re.sub(r"\s", "", one) not in joined] == []
    assert [one for one in _OTHER_WORDS if one in said] == []


@pytest.mark.parametrize("output", ["terminal", "HTML"])
def test_one_kind_is_one_sentence(output: str) -> None:
    report = every_kind()
    joined = re.sub(r"\s", "", OUTPUTS[output](report))
    lines = [group_line(group) for group in worklist(report).groups if group.severity != "info"]
    assert [line for line in lines if re.sub(r"\s", "", line) not in joined] == []


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("verdict", ["pass", "review", "incomplete", "fail"])
def test_every_verdict_has_its_word(output: str, verdict: str) -> None:
    found: dict[str, tuple[Finding, ...]] = {
        "review": (samples.finding(),),
        "fail": (samples.finding(severity="error"),),
    }
    report = dataclasses.replace(
        samples.example(), findings=found.get(verdict, ()), coverage=samples.report().coverage,
        reason="只查了所选规则" if verdict == "incomplete" else None,
    )  # fmt: skip
    assert report.verdict == verdict
    assert VERDICT_WORD[report.verdict] in OUTPUTS[output](report)


def test_the_list_has_a_column_for_every_part() -> None:
    assert set(PART_WORD.values()) - set(texts(1, samples.finding())) == {PART_WORD["related"]}
