"""What a console lacks is shown by the nearest sign it has: a Chinese one knows no ✖ and no −."""

from __future__ import annotations

import io
import sys

import pytest

from perfeval_xl.report.plain import encoding_of, shown_on
from tests.support import ROOT

#: Kinds of files that hold what is said to a user.
SAID = {".py", ".toml", ".j2", ".yaml"}


class Console(io.TextIOWrapper):
    """A stream of some encoding, which may be a terminal."""

    def __init__(self, encoding: str, *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding=encoding)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def lacking(encoding: str) -> dict[str, str]:
    """The signs of the program's sources that an encoding lacks, with a file each."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "perfeval_xl").rglob("*")):
        if path.suffix in SAID:
            for letter in set(path.read_text(encoding="utf-8")):
                if letter.encode(encoding, "ignore") == b"":
                    found.setdefault(letter, path.name)
    return found


def test_every_sign_of_the_program_has_one_that_stands_for_it_on_a_chinese_console() -> None:
    signs = lacking("cp936")
    assert {"−", "✖", "✔", "¥"} <= signs.keys()
    lost = {sign: name for sign, name in signs.items() if shown_on(Console("cp936"), sign) == "?"}
    assert lost == {"\ufffd": "tables.py"}  # itself the sign for what could not be read


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("92.05 − 84.69 = 7.36", "92.05 - 84.69 = 7.36"),
        ("✔ ✖ ¥3 •", "√ × ￥3 ·"),
        ("5m³", "5m3"),
        ("ｱ｡", "ア。"),
        ("𠮷某 😀", "?某 ?"),
        ("没有变", "没有变"),
    ],
)
def test_the_nearest_sign(given: str, shown: str) -> None:
    assert shown_on(Console("gbk"), given) == shown
    assert shown_on(Console("utf-8"), given) == given


@pytest.mark.parametrize(
    ("encoding", "terminal", "session", "shows"),
    [
        ("utf-8", True, "", "gbk"),  # the old console: any text, but the font decides
        ("utf-8", True, "1", "utf-8"),
        ("utf-8", False, "", "utf-8"),
        ("cp1252", True, "", "cp1252"),
    ],
)
def test_windows_old_console_shows_what_its_font_has(
    encoding: str, terminal: bool, session: str, shows: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("WT_SESSION", session)
    console = Console(encoding, terminal=terminal)
    assert encoding_of(console) == shows
    if shows == "gbk":  # a rare name is left to the font, never made a question mark
        assert shown_on(console, "✖ 𠮷") == "× 𠮷"
