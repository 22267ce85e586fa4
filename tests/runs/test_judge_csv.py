"""judge --csv: whole tables, in the encodings clerks have, with nothing a spreadsheet would run."""

from __future__ import annotations

import codecs
import csv
import errno
from pathlib import Path

import pytest

from perfeval_xl.cli import main
from perfeval_xl.policy import load_policy
from perfeval_xl.runs.judge_csv import encoding_of, judge_file
from perfeval_xl.text import inert

TABLE = (
    "target,actual,indicator,weight,score,reason\n≥100人,374人,职称评定数,2,2,\n≤55%,100%,通过率,5,5,=1+1\n"
)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_every_encoding_gives_the_same(
    encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "指标.csv"
    source.write_bytes(TABLE.encode(encoding))
    assert main(["judge", "--csv", str(source)]) == 0
    found = rows(capsys.readouterr().out)
    assert [row["outcome"] for row in found] == ["exceeded", "not_met"]
    assert [row["due"] for row in found] == ["2", "2.75"]
    assert found[0]["indicator"] == "职称评定数"


def test_a_file_is_written_in_utf8_with_bom(tmp_path: Path) -> None:
    source, output = tmp_path / "a.csv", tmp_path / "b.csv"
    source.write_text(TABLE, encoding="utf-8")
    assert main(["judge", "--csv", str(source), "-o", str(output)]) == 0
    assert output.read_bytes().startswith(codecs.BOM_UTF8)
    assert len(rows(output.read_text(encoding="utf-8-sig"))) == 2


def test_chinese_column_names_and_short_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.csv"
    source.write_text("年度指标值,实际完成值,三级指标\n≥95%,98%\n\n", encoding="utf-8")
    assert main(["judge", "--csv", str(source)]) == 0
    assert [row["outcome"] for row in rows(capsys.readouterr().out)] == ["met"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "空"),
        (b"\n\n", "空"),
        (b"a,b\n1,2\n", "target"),
        (b"target,actual\n\n", "只有表头"),
        (None, "找不到"),
    ],
    ids=["empty", "blank lines", "no columns", "no rows", "not there"],
)
def test_what_cannot_be_judged_is_one_line(
    content: bytes | None, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, output = tmp_path / "a.csv", tmp_path / "b.csv"
    if content is not None:
        source.write_bytes(content)
    assert main(["judge", "--csv", str(source), "-o", str(output)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert says in error
    assert not output.exists()


def test_the_input_is_never_overwritten(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text(TABLE, encoding="utf-8")
    assert main(["judge", "--csv", str(source), "-o", str(source)]) == 2
    assert source.read_text(encoding="utf-8") == TABLE


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd", "'+cmd"),
        ("@x", "'@x"),
        ("-5", "-5"),
        ("-5%", "-5%"),
        ("≥5", "≥5"),
        ("-甲", "'-甲"),
    ],
)
def test_no_text_becomes_a_formula(text: str, written: str) -> None:
    assert inert(text) == written


@pytest.mark.parametrize(
    "arguments",
    [
        ["judge"],
        ["judge", "≥1"],
        ["judge", "≥1", "2", "--csv", "a.csv"],
        ["judge", "≥1", "2", "-o", "x"],
        ["judge", "--csv", "a.csv", "--weight", "5"],
        ["judge", "--csv", "a.csv", "--indicator", "甲"],
        ["judge", "--csv", "a.csv", "--group", "成本指标"],
        ["judge", "--csv", "a.csv", "--format", "json"],
    ],
)
def test_calls_that_do_not_fit(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_character_cut_at_a_chunks_end_is_still_utf8(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_bytes(b"a" * ((1 << 20) - 1) + "年".encode())
    assert encoding_of(source) == "utf-8-sig"


def test_a_weight_that_cannot_be_used_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.csv"
    source.write_text("target,actual,weight\n≥5,5,-3\n≥5,5,三\n≥5,5,\n≥5,5,3\n", encoding="utf-8")
    assert main(["judge", "--csv", str(source)]) == 0
    found = rows(capsys.readouterr().out)
    assert [row["due"] for row in found] == ["", "", "", "3"]
    assert ["不能用" in row["explain"] for row in found] == [True, True, False, False]
    assert "分值“-3”" in found[0]["explain"]


def test_nothing_is_said_of_a_table_without_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.csv"
    source.write_text("target,actual\n", encoding="utf-8")
    assert main(["judge", "--csv", str(source)]) == 2
    assert capsys.readouterr().out == ""


def test_a_disk_that_fills_up_is_not_blamed_on_the_input(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text(TABLE, encoding="utf-8")

    def full(_text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        judge_file(source, full, load_policy("national-2020"))


@pytest.mark.parametrize(
    "live",
    [
        "-1+calc|a!A",
        "+1+cmd|a!A",
        "＝1+1",
        "\n=1+1",
        " =1+1",
        "\ufeff=1",
        "\u200b＠SUM(A1)",
        "－1+cmd|a!A",
        "\u3000+1+a",
    ],
)
def test_nothing_that_begins_like_a_formula_stays_one(live: str) -> None:
    assert inert(live) == f"'{live}"


@pytest.mark.parametrize("figure", ["-12.5", "+3", "-1,234.50", "-3%", "12", "≥95%", "甲-乙", ""])
def test_figures_and_words_stay_as_they_are(figure: str) -> None:
    assert inert(figure) == figure
