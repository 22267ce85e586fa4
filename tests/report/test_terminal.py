"""The report on a terminal: what an encoding lacks is replaced, what a file holds is only text."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.cells import cell_len

from perfeval_xl.findings import SEVERITY_SYMBOL, Report, Skipped
from perfeval_xl.grid import Place
from perfeval_xl.report.plain import LONGEST, harmless
from perfeval_xl.report.terminal import (
    PLAIN_SYMBOLS,
    WIDTH_OF_A_PIPE,
    make_console,
    print_report,
    symbols_for,
)
from tests.report import samples


class Terminal(io.TextIOWrapper):
    """A stream of some encoding that says it is a terminal."""

    def __init__(self, encoding: str, *, tty: bool = False) -> None:
        self.bytes = io.BytesIO()
        self._tty = tty
        super().__init__(self.bytes, encoding=encoding, newline="\n", write_through=True)

    def isatty(self) -> bool:
        return self._tty

    @property
    def shown(self) -> str:
        return self.bytes.getvalue().decode(self.encoding)


def shown(report: Report, encoding: str = "utf-8", *, tty: bool = False, verbose: bool = False) -> str:
    stream = Terminal(encoding, tty=tty)
    print_report(report, make_console(stream), verbose=verbose)
    return stream.shown


@pytest.mark.parametrize(
    ("encoding", "symbols"),
    [
        ("utf-8", SEVERITY_SYMBOL),
        ("UTF8", SEVERITY_SYMBOL),
        ("utf-16", SEVERITY_SYMBOL),
        ("gb18030", SEVERITY_SYMBOL),
        (None, SEVERITY_SYMBOL),
        ("gbk", SEVERITY_SYMBOL),
        ("cp936", SEVERITY_SYMBOL),
        ("gb2312", SEVERITY_SYMBOL),
        ("ascii", PLAIN_SYMBOLS),
        ("cp1252", PLAIN_SYMBOLS),
        ("no-such-encoding", PLAIN_SYMBOLS),
    ],
)
def test_symbols_that_an_encoding_can_show(encoding: str | None, symbols: dict[str, str]) -> None:
    assert symbols_for(encoding) == symbols


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "cp936", "ascii", "latin-1", "gb18030"])
@pytest.mark.parametrize(
    "make", [samples.example, samples.county, samples.empty, samples.hostile, samples.report]
)
@pytest.mark.parametrize("tty", [True, False])
def test_no_stream_makes_it_fail(encoding: str, make: Any, tty: bool) -> None:
    text = shown(make(), encoding, tty=tty, verbose=True)
    assert len(text) > 20


def test_on_gbk_chinese_and_symbols_are_readable() -> None:
    text = shown(samples.example(), "gbk")
    assert "× 错误" in text
    assert "▲ 核实" in text
    assert "不通过" in text


def test_on_ascii_symbols_still_tell_severities_apart() -> None:
    text = shown(samples.example(), "ascii")
    assert re.search(r"^x \?\? ", text, re.M)
    assert re.search(r"^! \?\? ", text, re.M)
    assert re.search(r"^- \?\? ", text, re.M)


@pytest.mark.parametrize("verbose", [True, False])
def test_control_characters_of_a_file_never_arrive(verbose: bool) -> None:
    text = shown(samples.hostile(), verbose=verbose)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert not re.search("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]", text)


def test_on_a_terminal_only_our_own_styles_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    text = shown(samples.hostile(), tty=True)
    styles = re.sub("\x1b\\[[0-9;]*m", "", text)
    assert styles != text
    assert "\x1b" not in styles
    assert "\x07" not in styles


def test_markup_of_a_file_is_text() -> None:
    text = shown(samples.report(samples.finding(title="[bold red]甲[/] :smile: [link=x]乙[/link]")))
    assert "[bold red]甲[/] :smile: [link=x]乙[/link]" in text


def test_a_pipe_gets_no_styles() -> None:
    assert "\x1b" not in shown(samples.example())


@pytest.mark.parametrize(
    ("findings", "more", "word"),
    [
        ((), {}, "通过"),
        (({"severity": "info"},), {}, "通过"),
        (({"severity": "warning"},), {}, "需核实"),
        (({"severity": "error"}, {"severity": "warning"}), {}, "不通过"),
        (({"severity": "warning", "accepted": "已核"},), {}, "通过"),
        (({"severity": "error", "accepted": "说", "acceptable": False},), {}, "不通过"),
        ((), {"summaries": ()}, "无法检查"),
    ],
)
def test_the_last_line_is_the_verdict(
    findings: tuple[dict[str, Any], ...], more: dict[str, Any], word: str
) -> None:
    report = samples.report(*(samples.finding(**values) for values in findings), **more)
    last = shown(report).rstrip("\n").split("\n")[-1]
    assert last.startswith(f"结论：{word}  × 错误 {report.count('error')}  ▲ 核实 {report.count('warning')}")
    assert ("已说明" in last) == bool(report.accepted)


def test_accepted_findings_are_listed_with_their_reason() -> None:
    report = samples.report(
        samples.finding(Place("附件1", 5, 2), accepted="年中追加"),
        samples.finding(
            Place("附件1", 6, 2), severity="error", title="错", accepted="四舍五入", acceptable=False
        ),
        samples.finding(None, title="文件的", accepted="无妨"),
    )
    text = shown(report)
    settled = text[text.index("【已说明、不再计数的】") :]
    assert "▲ 核实 附件1!B5  合计不符" in settled
    assert "说明：年中追加" in settled
    assert "整个文件  文件的" in settled
    assert "B6" not in settled
    assert "已说明 2" in text


def test_a_finding_tells_everything() -> None:
    related = (*(Place("附件1", row, 3) for row in range(1, 12)), Place("附件2", 1, 1))
    text = shown(
        samples.report(
            samples.finding(
                Place("附件1", 5, 2),
                expected="673.65",
                actual="637.65",
                explain="1 + 2 = 3",
                suggestion="改",
                related=related,
            )
        )
    )
    for part in (
        "【附件1】",
        "B5  合计不符  PE101",
        "应为：673.65；实为：637.65",
        "为什么：1 + 2 = 3",
        "怎么改：改",
    ):
        assert part in text
    assert "相关：C1、C2、C3、C4、C5、C6、C7、C8 等12格" in text


def test_an_error_that_no_reason_settles_stays_among_the_open_ones() -> None:
    found = samples.finding(
        Place("附件1", 6, 2),
        severity="error",
        suggestion="改",
        accepted="四舍五入",
        acceptable=False,
    )
    text = shown(samples.report(found))
    assert "× 错误 B6  合计不符  PE101" in text
    assert "怎么改：改\n    说明：四舍五入（错误，仍然计数）" in text
    assert "不再计数" not in text


def test_one_screen_says_what_to_mend_first_and_what_else_there_is() -> None:
    lines = shown(samples.example()).rstrip("\n").split("\n")
    assert len(lines) <= 40
    assert [line for line in lines if line.startswith("【")] == ["【先改这几处】", "【全部问题，按种类】"]
    infos = [line for line in lines if line.startswith("●")]
    assert len(infos) == 1
    assert "加 -v 逐条列出" in "".join(lines)


def test_few_findings_are_told_in_full() -> None:
    text = shown(samples.report(samples.finding(severity="error", suggestion="改")))
    assert "怎么改：改" in text
    assert "先改这几处" not in text


def test_a_county_report_reads_from_top_to_verdict() -> None:
    lines = shown(samples.county(), verbose=True).rstrip("\n").split("\n")
    assert [line for line in lines if line.startswith("【")] == [
        "【先改这几处】",
        "【整个文件】",
        "【附件1】",
        "【附件2】",
        "【已说明、不再计数的】",
        "【没有当作自评表检查的】",
        "【没有检查的规则】",
    ]
    assert lines[-1] == (
        "结论：不通过  × 错误 5  ▲ 核实 3  ● 提示 2  已说明 2"
        "　检查了 3 张表、86 项，缺数据未检查 3 项　政策 hunan-2023"
    )


@pytest.mark.parametrize("make", [samples.example, samples.county, samples.hostile])
def test_lines_fit_and_end_without_blanks(make: Any) -> None:
    for line in shown(make(), verbose=True).split("\n"):
        assert line == line.rstrip()
        assert cell_len(line) <= WIDTH_OF_A_PIPE


def test_skipped_rules_are_summed_up_and_listed_when_asked() -> None:
    skipped = tuple(Skipped("PE201", f"附件3-{number}", "没有执行数") for number in range(3))
    report = samples.report(skipped=skipped)
    assert "有 3 项因缺少数据没有检查，如：没有执行数（3）" in shown(report)
    assert "PE201 附件3-2：没有执行数" in shown(report, verbose=True)


def test_unread_sheets_are_listed() -> None:
    text = shown(samples.empty())
    assert "Sheet1：空表" in text
    assert "  注" in text


def test_harmless_text() -> None:
    assert harmless("a\r\n\tb\x1b[0m\u202ec\x85d") == "a b [0m c d"
    assert harmless("  ") == ""
    assert harmless("长" * 10_000) == "长" * LONGEST + "…"
    assert harmless("ok") == "ok"
