"""A Windows computer in a temporary folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from perfeval_xl.installing.machine import Machine


def with_registry(machine: Machine, values: dict[tuple[str, str], str | int]) -> Machine:
    """The same computer with these values in its registry."""
    return replace(machine, registry=lambda key, name: values.get((key, name)))


@pytest.fixture
def windows(tmp_path: Path) -> Machine:
    """A Chinese Windows whose user has a Chinese name; Python is installed for that user."""
    home = tmp_path / "用户 王"
    python = home / "AppData" / "Local" / "perfeval" / "Scripts" / "python.exe"
    python.parent.mkdir(parents=True)
    python.touch()
    (home / "Documents").mkdir()
    environ = {"APPDATA": str(home / "AppData/Roaming"), "LOCALAPPDATA": str(home / "AppData/Local")}
    return Machine("win32", environ, home, python, ansi="gbk", oem="gbk")


@pytest.fixture
def mac(tmp_path: Path) -> Machine:
    home = tmp_path / "wang"
    (home / "Documents").mkdir(parents=True)
    return Machine("darwin", {}, home, home / "venv" / "bin" / "python")
