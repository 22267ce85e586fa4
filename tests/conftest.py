"""Fixtures of several rooms. Property tests look elsewhere at every run of a developer's, and at the same examples in CI."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from perfeval_xl.installing.log import log
from tests.live import calc, office
from tests.postgres import postgres, store_url

__all__ = ["calc", "office", "postgres", "store_url"]

settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")


@pytest.fixture
def log_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the program's own state, with a log that nobody writes yet."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "state"))
    monkeypatch.setattr(log, "handlers", [])
    yield tmp_path / "state" / "perfeval-xl"
    for handler in log.handlers:
        handler.close()
