"""``perfeval-xl page``: a copy of the page, or how to build one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from perfeval_xl.cli import main
from perfeval_xl.runs import paging


@pytest.fixture
def carried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    page = tmp_path / "carried.html"
    page.write_bytes(b'<!DOCTYPE html>\n<meta charset="utf-8">\npage')
    monkeypatch.setattr(paging.built_page, "__defaults__", (page,))
    return page


def test_the_page_that_is_carried_is_copied(
    carried: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "自评检查.html"
    assert main(["page", str(out)]) == 0
    assert _unmarked(out.read_bytes()) == carried.read_bytes()
    assert "双击打开" in capsys.readouterr().out
    assert main(["page", str(out)]) == 0  # over our own


def _unmarked(page: bytes) -> bytes:
    return re.sub(rb'<meta name="perfeval-xl"[^>]*>\n', b"", page)


def test_where_none_is_carried_one_line_says_how_to_build_one(
    carried: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    carried.unlink()
    assert main(["page", str(tmp_path / "out.html")]) == 2
    said = capsys.readouterr().err
    assert "web/build_page.py" in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out.html").exists()


@pytest.mark.usefixtures("carried")
def test_a_file_that_is_there_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "自评检查.html"
    out.write_text("mine")
    assert main(["page", str(out)]) == 2
    assert out.read_text() == "mine"
    assert "--force" in capsys.readouterr().err


def test_another_extension_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["page", str(tmp_path / "page.exe")]) == 2
    assert ".html" in capsys.readouterr().err
