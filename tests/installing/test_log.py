"""One log for buttons, command line and drop program, wherever it can be written."""

from __future__ import annotations

import errno
import io
import logging
import tempfile
from pathlib import Path

import pytest

from perfeval_xl.installing import log as module
from perfeval_xl.installing.log import keep, log, recorded
from perfeval_xl.installing.machine import LOG_NAME


def test_an_error_stands_in_the_log_in_full_and_its_place_is_told(log_folder: Path) -> None:
    try:
        raise ZeroDivisionError("boom")
    except ZeroDivisionError as error:
        advice = recorded(error, gap="\n")
    assert advice == f"请把这份记录发给管理员：\n{log_folder / LOG_NAME}"
    text = (log_folder / LOG_NAME).read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "ZeroDivisionError: boom" in text
    assert "test_log.py" in text


def test_it_is_kept_once(log_folder: Path) -> None:
    assert keep() == keep() == log_folder / LOG_NAME
    assert len(log.handlers) == 1
    log.info("甲")
    assert (log_folder / LOG_NAME).read_text(encoding="utf-8").count("甲") == 1


def test_where_its_place_is_taken_it_goes_to_the_temporary_files(
    log_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_folder.parent.write_bytes(b"a file stands there")
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    assert recorded(ValueError()) == f"请把这份记录发给管理员：{tmp_path / LOG_NAME}"


@pytest.mark.usefixtures("log_folder")
def test_where_it_can_stand_nowhere_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> None:
        raise RuntimeError("Could not determine home directory.")

    def full() -> None:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(module, "this_machine", homeless)
    monkeypatch.setattr(tempfile, "gettempdir", full)
    assert keep() is None
    assert recorded(ValueError()) == "请把这句话告诉管理员（记录写不成）"


class Full(io.StringIO):
    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.usefixtures("log_folder")
def test_a_log_that_cannot_be_written_troubles_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    keep()
    handler = log.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.stream.close()
    handler.stream = Full()
    assert LOG_NAME in recorded(ValueError())
    assert capsys.readouterr() == ("", "")
