"""Wrong calls and ``--help``: every command and option there is, in Chinese."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from perfeval_xl.cli import COMMANDS, main
from perfeval_xl.cli.parsing import Parser, near
from perfeval_xl.policy import DEFAULT_POLICY, load_policy
from tests.cli.walking import Call, calls, choices_of, faults, latin
from tests.support import ROOT

EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize("call", list(calls()), ids=lambda call: f"{call.wrong}: {' '.join(call.words)}")
def test_every_wrong_call_is_one_chinese_line(call: Call) -> None:
    assert faults(call)[1] == []


def test_every_command_and_option_is_walked() -> None:
    words = [call.words for call in calls()]
    for name, command in COMMANDS.items():
        assert [name] in [list(given[:1]) for given in words]
        for action in command.parser().options:
            for option in action.option_strings:
                assert any(
                    given[:1] == (name,) and any(word.startswith(option) for word in given) for given in words
                )


def page_of(arguments: list[str], capsys: Capture) -> str:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--help"])
    out, err = capsys.readouterr()
    assert (ended.value.code, err) == (0, "")
    return out


@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_of_help_has_no_english(name: str, capsys: Capture) -> None:
    parser = COMMANDS[name].parser()
    page = page_of([name], capsys)
    # "install" stands in the page of uninstall; target and actual are the columns of a CSV table; rates and totals are
    # families of rules, by which rules can be chosen.
    known = ["install", "target", "actual", "rates", "totals"]
    assert latin(page, [name, *known, *choices_of(parser)]) == []
    assert page.startswith(f"用法：perfeval-xl {name} ")
    assert "-h, --help" in page
    assert "显示这份说明" in page
    for action in parser.added:
        assert action.help, action.dest
        assert all(option in page for option in action.option_strings)
        assert action.nargs == 0 or action.metavar or action.choices, action.dest


def test_the_page_of_all_commands(capsys: Capture) -> None:
    page = page_of([], capsys)
    assert latin(page, COMMANDS) == []
    listed = [
        line.split()[0] for line in page.splitlines() if line.startswith("  ") and line.split()[0] in COMMANDS
    ]
    assert listed == list(COMMANDS)
    assert "--version   显示版本" in page
    for command in COMMANDS.values():
        assert command.text in page.replace("\n" + " " * 14, "")


@pytest.mark.parametrize("width", ["40", "80", "200"])
@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_the_window(
    name: str, width: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from perfeval_xl.widths import columns

    monkeypatch.setenv("COLUMNS", width)
    for line in page_of([name], capsys).splitlines():
        # What is written on the left is never broken, nor is a list of extensions.
        assert columns(line) <= max(60, min(int(width) - 1, 110)) or "|" in line, line


def test_a_message_nobody_knows_is_told_in_general_words(capsys: Capture) -> None:
    parser = Parser("perfeval-xl check", "检查")
    with pytest.raises(SystemExit) as ended:
        parser.error("argument --new: a message of a later Python")
    assert ended.value.code == 2
    assert capsys.readouterr().err == "参数写得不对；用法见 perfeval-xl check --help\n"


def test_a_type_words_its_own_refusal(capsys: Capture) -> None:
    import argparse

    def even(text: str) -> int:
        if int(text) % 2:
            raise argparse.ArgumentTypeError(f"应是双数，不是“{text}”")
        return int(text)

    parser = Parser("perfeval-xl check", "检查")
    parser.add_argument("--pairs", metavar="数", type=even, help="几双")
    assert parser.read(["--pairs", "4"]).pairs == 4
    for given, line in (("3", "--pairs：应是双数，不是“3”"), ("x", "--pairs 不能是“x”")):
        with pytest.raises(SystemExit):
            parser.read(["--pairs", given])
        assert capsys.readouterr().err == f"{line}；用法见 perfeval-xl check --help\n"


def test_words_that_begin_with_a_dash_can_be_given(capsys: Capture) -> None:
    assert main(["judge", "--", "-5%", "-3%"]) == 0
    assert "-5%" in capsys.readouterr().out
    assert main(["judge", "-5", "-3"]) == 0


def test_an_option_may_be_cut_short_and_joined(capsys: Capture) -> None:
    assert main(["judge", "≥5", "5", "--wei", "3", "--form=json"]) == 0
    assert '"due": "3"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("word", "meant"), [("chek", "check"), ("Check", "check"), ("recalculate", "recalc"), ("不像", "")]
)
def test_the_nearest_name(word: str, meant: str) -> None:
    assert near(word, COMMANDS) == (f"，是不是 {meant}？" if meant else "")


def test_a_very_long_word_is_answered_at_once(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["检" * 100_000])
    assert len(capsys.readouterr().err) < 1000


@pytest.mark.parametrize(
    "words", [["check", "a\x1b[2J\nb", "--fo\x1brmat"], ["x\ny"], ["check", "a", "--limi\nt"]]
)
def test_what_was_typed_cannot_break_the_line(words: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(words)
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "\x1b" not in line


def test_usage_and_help_need_nothing_but_python() -> None:
    """What another Python words differently is tried there without our libraries; so they must do without any."""
    import subprocess

    code = (
        "import sys; sys.path[:] = [path for path in sys.path if 'site-packages' not in path]\n"
        "from tests.cli.walking import walk\nsys.exit(walk())"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=ROOT,
        capture_output=True,
        timeout=120,
        env={"PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stdout.decode()[-2000:] + done.stderr.decode()


def test_a_pattern_is_expanded_and_lock_files_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("甲.xlsx", "乙.xlsx"):
        (tmp_path / name).write_bytes(EXAMPLE.read_bytes())
    (tmp_path / "~$甲.xlsx").write_bytes(b"lock")
    assert main(["check", "*.xlsx", "--format", "jsonl"]) == 1
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 2
    assert said.err.splitlines() == ["跳过 1 个打开工作簿时产生的临时锁文件，如 ~$甲.xlsx"]
    assert main(["check", "*.et"]) == 2
    assert capsys.readouterr().err.splitlines() == ["没有符合 *.et 的文件，请检查文件夹和扩展名"]


def test_one_policy_is_the_usual_one_and_is_told(tmp_path: Path, capsys: Capture) -> None:
    new, made = tmp_path / "甲.xlsx", tmp_path / "乙.xlsx"
    title = load_policy(DEFAULT_POLICY).title
    for call in (["new", str(new)], ["import", str(EXAMPLE), "-o", str(made), "-v"]):
        assert main(call) == 0
        assert title in capsys.readouterr().out
    for file in (new, made, EXAMPLE):
        main(["check", str(file)])
        assert f"评价政策：{title}" in capsys.readouterr().out


def test_last_years_file_is_another_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "甲.xlsx"
    own.write_bytes(EXAMPLE.read_bytes())
    assert main(["check", str(own), "--previous", str(own)]) == 2
    assert "正在检查的这一个" in capsys.readouterr().err
